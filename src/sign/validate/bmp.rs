//! BMP: one bit for black and white, else eight; not compressed; rows from the bottom; a palette as long as it says.
//!
//! TRMNL firmware compares most fields with the one value that it knows (trmnl-firmware 74f7b18,
//! `lib/trmnl/src/bmp.cpp:11-67`: black first, image size filled in, height positive); ESPHome takes the pixels from where
//! the offset says and the palette from behind the header (esphome 2026.6.5, `components/runtime_image/bmp_decoder.cpp`).

use super::{Meaning, expect};
use crate::sign::canvas::{Canvas, Tint};
use crate::sign::panel::Ink;
use crate::sign::picture::PictureError;

/// Where the palette begins.
const PALETTE: usize = 54;

/// Checks a BMP: every byte of its head, and every pixel. Both kinds of grey have the same four in the palette.
///
/// One of 800x480 in black and white has exactly 48 062 bytes.
pub fn check(bytes: &[u8], canvas: &Canvas, ink: Ink) -> Result<(), PictureError> {
    let meaning = Meaning::of(if ink == Ink::Grey16 { Ink::Grey4 } else { ink });
    let palette = meaning.palette();
    let bits: u16 = if ink == Ink::BlackWhite { 1 } else { 8 };
    let start = PALETTE + 4 * palette.len();
    let stride = (canvas.width() * u32::from(bits)).div_ceil(32) as usize * 4;
    let pixels = stride * canvas.height() as usize;
    let field = |what, at: usize, wanted: u32| expect(what, bytes.get(at..at + 4), &wanted.to_le_bytes());
    expect("BMP signature", bytes.get(..2), b"BM")?;
    field("BMP file size", 2, (start + pixels) as u32)?;
    field("BMP reserved bytes", 6, 0)?;
    field("BMP pixel offset", 10, start as u32)?;
    field("BMP header size", 14, 40)?;
    field("BMP width", 18, canvas.width())?;
    field("BMP height", 22, canvas.height())?;
    expect("BMP planes", bytes.get(26..28), &[1, 0])?;
    expect("BMP depth", bytes.get(28..30), &bits.to_le_bytes())?;
    field("BMP compression", 30, 0)?;
    field("BMP image size", 34, pixels as u32)?;
    expect("BMP resolution", bytes.get(38..46), &[0; 8])?;
    field("BMP colours used", 46, palette.len() as u32)?;
    field("BMP important colours", 50, palette.len() as u32)?;
    let wanted: Vec<u8> = palette.iter().flat_map(|[red, green, blue]| [*blue, *green, *red, 0]).collect();
    expect("BMP palette", bytes.get(PALETTE..start), &wanted)?;
    expect("BMP length", Some(&(bytes.len() as u64).to_be_bytes()), &((start + pixels) as u64).to_be_bytes())?;
    let shown = |tints: &[Tint], row: &[u8]| match bits {
        1 => meaning.first_wrong(row, tints),
        _ => (0..tints.len())
            .find(|x| meaning.tints.get(usize::from(row[*x])) != Some(&Some(tints[*x])))
            .map(|x| (x, tints[x])),
    };
    for ((y, tints), row) in canvas.rows().enumerate().zip(bytes[start..].rchunks_exact(stride)) {
        if let Some((x, wanted)) = shown(tints, row) {
            return Err(PictureError::Pixel { format: "BMP", x, y, wanted });
        }
        let used = (tints.len() * usize::from(bits)).div_ceil(8);
        expect("BMP row filling", Some(&row[used..]), &[0; 4][..stride - used])?;
    }
    Ok(())
}
