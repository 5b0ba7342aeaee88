//! PNG: greyscale or indexed of the ink's depth, not interlaced, no chunk that can be done without.
//!
//! PNGdec, which TRMNL boards draw with, takes less than the standard allows (PNGdec ced4e87, `src/png.inl`): no more than 8
//! bits, no interlacing, and a palette is copied without a look at its length. pngle (ESPHome, Inkplate) takes every PNG.

use std::io::Cursor;

use png::Decoder;

use super::{Meaning, broken, expect, trmnl};
use crate::sign::canvas::Canvas;
use crate::sign::panel::Ink;
use crate::sign::picture::PictureError;

const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

const GREYSCALE: u8 = 0;
const INDEXED: u8 = 3;

/// Checks a PNG: form, checksums, and every pixel.
pub fn check(bytes: &[u8], canvas: &Canvas, ink: Ink) -> Result<(), PictureError> {
    let held_by = if ink == Ink::Grey4 && trmnl::hides_greys(canvas) { Ink::Grey16 } else { ink };
    let meaning = Meaning::of(held_by);
    let palette = match ink {
        Ink::BlackWhite | Ink::Grey4 | Ink::Grey16 => None,
        Ink::BlackWhiteRed | Ink::BlackWhiteYellow | Ink::BlackWhiteYellowRed | Ink::Spectra6 | Ink::Acep7 => {
            Some(meaning.palette().concat())
        }
    };
    trmnl::fits(bytes.len(), canvas)?;
    expect("PNG signature", bytes.get(..8), &SIGNATURE)?;
    expect("PNG header chunk", bytes.get(8..16), b"\0\0\0\x0dIHDR")?;
    expect("PNG width", bytes.get(16..20), &canvas.width().to_be_bytes())?;
    expect("PNG height", bytes.get(20..24), &canvas.height().to_be_bytes())?;
    let form = [meaning.bits as u8, if palette.is_some() { INDEXED } else { GREYSCALE }, 0, 0, 0];
    expect("PNG depth, colour type, compression, filter and interlace", bytes.get(24..29), &form)?;
    only_plain_chunks(bytes, palette.as_deref())?;
    every_pixel(bytes, canvas, &meaning)
}

/// Walks the chunks behind the header: the palette, if there is one, then IDAT, then IEND as the last bytes of the file.
fn only_plain_chunks(bytes: &[u8], mut palette: Option<&[u8]>) -> Result<(), PictureError> {
    let mut at = SIGNATURE.len() + 25;
    loop {
        let length = bytes
            .get(at..at + 4)
            .and_then(|b| b.try_into().ok())
            .map_or(usize::MAX, |b| u32::from_be_bytes(b) as usize);
        let end = at.saturating_add(12).saturating_add(length);
        if end > bytes.len() {
            return Err(broken("it ends within a chunk"));
        }
        let (kind, data) = (&bytes[at + 4..at + 8], &bytes[at + 8..end - 4]);
        match (kind, palette.take()) {
            (kind, Some(palette)) => {
                expect("PNG chunk before the pixels", Some(kind), b"PLTE")?;
                expect("PNG palette", Some(data), palette)?;
            }
            (b"IDAT", None) => {}
            (b"IEND", None) if end == bytes.len() => return expect("PNG end", Some(data), b""),
            (b"IEND", None) => return Err(broken("bytes follow its end")),
            (kind, None) => return expect("PNG chunk", Some(kind), b"IDAT"),
        }
        at = end;
    }
}

fn every_pixel(bytes: &[u8], canvas: &Canvas, meaning: &Meaning) -> Result<(), PictureError> {
    let mut decoder = Decoder::new(Cursor::new(bytes));
    // Both the chunks' and the pixels' own: devices that check either would draw nothing.
    decoder.ignore_checksums(false);
    let mut reader = decoder.read_info().map_err(broken)?;
    for (y, tints) in canvas.rows().enumerate() {
        let row = reader.next_row().map_err(broken)?.ok_or_else(|| broken("rows are missing"))?;
        if let Some((x, wanted)) = meaning.first_wrong(row.data(), tints) {
            return Err(PictureError::Pixel { format: "PNG", x, y, wanted });
        }
    }
    reader.finish().map_err(broken)
}
