//! Raw bytes: nothing but length and pixels, so every bit of them is looked at. The codes are in [`crate::sign::encode::raw`].

use super::{Meaning, expect};
use crate::sign::canvas::{Canvas, Tint};
use crate::sign::panel::Ink;
use crate::sign::picture::PictureError;

/// Checks the panel's bytes: how many, every pixel, and that what fills a row's last byte is white.
pub fn check(bytes: &[u8], canvas: &Canvas, ink: Ink) -> Result<(), PictureError> {
    match ink {
        Ink::BlackWhiteRed => two_planes(bytes, canvas, Tint::Red),
        Ink::BlackWhiteYellow => two_planes(bytes, canvas, Tint::Yellow),
        Ink::BlackWhite | Ink::BlackWhiteYellowRed | Ink::Grey4 | Ink::Grey16 | Ink::Spectra6 | Ink::Acep7 => {
            one_plane(bytes, canvas, &Meaning::of(ink))
        }
    }
}

fn one_plane(bytes: &[u8], canvas: &Canvas, meaning: &Meaning) -> Result<(), PictureError> {
    let per_byte = (8 / meaning.bits) as usize;
    let stride = (canvas.width() as usize).div_ceil(per_byte);
    length(bytes, stride * canvas.height() as usize)?;
    for (y, (packed, tints)) in bytes.chunks_exact(stride).zip(canvas.rows()).enumerate() {
        if let Some((x, wanted)) = meaning.first_wrong(packed, tints) {
            return Err(PictureError::Pixel { format: "raw bytes", x, y, wanted });
        }
    }
    Ok(())
}

fn two_planes(bytes: &[u8], canvas: &Canvas, colour: Tint) -> Result<(), PictureError> {
    let stride = canvas.width().div_ceil(8) as usize;
    let plane = stride * canvas.height() as usize;
    length(bytes, 2 * plane)?;
    let (black, coloured) = bytes.split_at(plane);
    let rows = black.chunks_exact(stride).zip(coloured.chunks_exact(stride)).zip(canvas.rows());
    for (y, ((black, coloured), tints)) in rows.enumerate() {
        for x in 0..stride * 8 {
            let bit = |plane: &[u8]| plane[x / 8] >> (7 - x % 8) & 1;
            let wanted = tints.get(x).copied().unwrap_or(Tint::Paper);
            let found = match (bit(black), bit(coloured)) {
                (0, 1) => Some(Tint::Ink),
                (1, 1) => Some(Tint::Paper),
                (1, 0) => Some(colour),
                _ => None,
            };
            if found != Some(wanted) {
                return Err(PictureError::Pixel { format: "raw bytes", x, y, wanted });
            }
        }
    }
    Ok(())
}

fn length(bytes: &[u8], wanted: usize) -> Result<(), PictureError> {
    expect("raw length", Some(&(bytes.len() as u64).to_be_bytes()), &(wanted as u64).to_be_bytes())
}
