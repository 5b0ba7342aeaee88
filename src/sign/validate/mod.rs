//! What devices accept, held against the bytes that are about to be offered, one module for each format.
//!
//! A device that cannot draw a picture often says nothing: TRMNL firmware counts it as shown (trmnl-firmware 74f7b18,
//! `src/bl.cpp:1844-1999`), and a driver that is handed raw bytes shows whatever they are. So a wrong picture would
//! silently become wrong evidence. These rules are therefore stricter than any device's: exactly the one form of each
//! format that all of them draw right, and every pixel as it was meant. They read the files by themselves and share
//! nothing with [`super::encode`] but JPEG's standard tables, so that a mistake there is found here.

use std::fmt;

use crate::sign::canvas::{Canvas, Tint};
use crate::sign::panel::{Ink, Panel};
use crate::sign::picture::PictureError;

pub mod bmp;
pub mod jpeg;
pub mod png;
pub mod raw;
pub mod trmnl;

/// Checks that a picture has the panel's size and no tint that the panel lacks.
pub fn canvas(canvas: &Canvas, panel: Panel) -> Result<(), PictureError> {
    let refuse = |found: String| Err(PictureError::Canvas { found, panel });
    if (canvas.width(), canvas.height()) != (panel.width, panel.height) {
        return refuse(format!("{}x{} pixels", canvas.width(), canvas.height()));
    }
    let shown = panel.ink.tints().iter().fold(0u32, |shown, tint| shown | 1 << *tint as u8);
    for (y, row) in canvas.rows().enumerate() {
        if let Some(x) = row.iter().position(|tint| shown >> *tint as u8 & 1 == 0) {
            return refuse(format!("{:?} at column {x}, row {y}", row[x]));
        }
    }
    Ok(())
}

/// What devices draw for each number that a pixel can have.
struct Meaning {
    /// Bits of the number.
    bits: u32,
    tints: &'static [Option<Tint>],
    /// By byte, the tints of its pixels from the left, as numbers of their own; [`NOTHING`] where there is none.
    bytes: Vec<[u8; 8]>,
}

/// No tint has this number.
const NOTHING: u8 = u8::MAX;

impl Meaning {
    /// Of the numbers that a panel, and the palette of a picture for it, has. Panels of two planes count as their palette.
    fn of(ink: Ink) -> Self {
        const BLACK: Option<Tint> = Some(Tint::Ink);
        const WHITE: Option<Tint> = Some(Tint::Paper);
        const RED: Option<Tint> = Some(Tint::Red);
        const YELLOW: Option<Tint> = Some(Tint::Yellow);
        const GREEN: Option<Tint> = Some(Tint::Green);
        const BLUE: Option<Tint> = Some(Tint::Blue);
        const ORANGE: Option<Tint> = Some(Tint::Orange);
        const DARK: Option<Tint> = Some(Tint::DarkGrey);
        const LIGHT: Option<Tint> = Some(Tint::LightGrey);
        const NO: Option<Tint> = None;
        let (bits, tints): (_, &[_]) = match ink {
            Ink::BlackWhite => (1, &[BLACK, WHITE]),
            Ink::BlackWhiteRed => (2, &[BLACK, WHITE, RED]),
            Ink::BlackWhiteYellow => (2, &[BLACK, WHITE, YELLOW]),
            Ink::BlackWhiteYellowRed => (2, &[BLACK, WHITE, YELLOW, RED]),
            Ink::Grey4 => (2, &[BLACK, DARK, LIGHT, WHITE]),
            Ink::Grey16 => (4, &[BLACK, NO, NO, NO, NO, DARK, NO, NO, NO, NO, LIGHT, NO, NO, NO, NO, WHITE]),
            Ink::Spectra6 => (4, &[BLACK, WHITE, YELLOW, RED, NO, BLUE, GREEN]),
            Ink::Acep7 => (4, &[BLACK, WHITE, GREEN, BLUE, RED, YELLOW, ORANGE]),
        };
        Self { bits, tints, bytes: (0..=u8::MAX).map(|byte| drawn(byte, bits, tints)).collect() }
    }

    /// The first column whose number, in bytes with the most significant bits left, does not mean the row's tint, and that
    /// tint. What is left of the last byte has to be paper.
    fn first_wrong(&self, packed: &[u8], row: &[Tint]) -> Option<(usize, Tint)> {
        let per_byte = (8 / self.bits) as usize;
        let wrong = |i: usize, tints: &[Tint]| {
            let drawn = packed.get(i).map_or([NOTHING; 8], |byte| self.bytes[usize::from(*byte)]);
            let at = tints.iter().zip(drawn).position(|(tint, drawn)| *tint as u8 != drawn)?;
            Some((i * per_byte + at, tints[at]))
        };
        let (whole, rest) = row.split_at(row.len() - row.len() % per_byte);
        let mut filled = [Tint::Paper; 8];
        filled[..rest.len()].copy_from_slice(rest);
        let filled = if rest.is_empty() { &[] } else { &filled[..per_byte] };
        let mut bytes = whole.chunks_exact(per_byte).chain(filled.chunks_exact(per_byte)).enumerate();
        bytes.find_map(|(i, tints)| wrong(i, tints))
    }

    /// The colours of a palette, by number; white where a number means nothing.
    fn palette(&self) -> Vec<[u8; 3]> {
        self.tints.iter().map(|tint| colour(tint.unwrap_or(Tint::Paper))).collect()
    }
}

fn drawn(byte: u8, bits: u32, tints: &[Option<Tint>]) -> [u8; 8] {
    std::array::from_fn(|i| {
        let from_right = 8u32.saturating_sub(bits * (i as u32 + 1));
        let code = byte >> from_right & ((1 << bits) - 1);
        tints.get(usize::from(code)).copied().flatten().map_or(NOTHING, |tint| tint as u8)
    })
}

/// The colour that clients take for a tint.
pub(super) fn colour(tint: Tint) -> [u8; 3] {
    match tint {
        Tint::Ink => *b"\x00\x00\x00",
        Tint::DarkGrey => *b"\x55\x55\x55",
        Tint::LightGrey => *b"\xaa\xaa\xaa",
        Tint::Paper => *b"\xff\xff\xff",
        Tint::Red => *b"\xff\x00\x00",
        Tint::Yellow => *b"\xff\xff\x00",
        Tint::Green => *b"\x00\xff\x00",
        Tint::Blue => *b"\x00\x00\xff",
        Tint::Orange => *b"\xff\xa5\x00",
    }
}

fn expect(what: &'static str, found: Option<&[u8]>, wanted: &[u8]) -> Result<(), PictureError> {
    match found {
        Some(found) if found == wanted => Ok(()),
        found => {
            Err(PictureError::Refused { what, found: found.unwrap_or_default().to_vec(), wanted: wanted.to_vec() })
        }
    }
}

pub(super) fn broken(why: impl fmt::Display) -> PictureError {
    PictureError::Broken(why.to_string())
}

#[cfg(test)]
mod tests;
