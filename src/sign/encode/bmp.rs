//! BMP, uncompressed, rows from the bottom: one bit for black and white, else eight bits and a palette.
//!
//! ESPHome reads 1, 8 and 24 bits (esphome 2026.6.5, `components/runtime_image/bmp_decoder.cpp`), Inkplate every depth
//! (Inkplate-Arduino-library ba4a93ac, `src/include/ImageBMP.cpp`), TRMNL only one bit of 800x480 (trmnl-firmware
//! 74f7b18, `lib/trmnl/src/bmp.cpp:11-67`).

use super::code::{Codes, palette};
use crate::sign::canvas::Canvas;
use crate::sign::panel::Ink;

/// Bytes of file header and information header; the palette follows.
const HEADERS: usize = 14 + 40;

/// Rows are as long as a multiple of this many bytes.
const ROW_STEP: u32 = 4;

/// The picture as BMP: for 800x480 in black and white the 48 062 bytes that every TRMNL firmware takes.
#[must_use]
pub fn file(canvas: &Canvas, ink: Ink) -> Vec<u8> {
    // Both kinds of grey draw the same four.
    let ink = if ink == Ink::Grey16 { Ink::Grey4 } else { ink };
    let bits = if ink == Ink::BlackWhite { 1 } else { 8 };
    let codes = Codes::of(ink).in_bits(bits);
    let row = (canvas.width() * bits).div_ceil(8).next_multiple_of(ROW_STEP) as usize;
    let mut bytes = head(canvas, bits, row, &palette(ink));
    for tints in canvas.rows().rev() {
        let end = bytes.len() + row;
        codes.pack_row(tints, &mut bytes);
        bytes.resize(end, 0);
    }
    bytes
}

fn head(canvas: &Canvas, bits: u32, row: usize, palette: &[[u8; 3]]) -> Vec<u8> {
    let start = HEADERS + palette.len() * 4;
    let pixels = row * canvas.height() as usize;
    let mut bytes = Vec::with_capacity(start + pixels);
    bytes.extend(b"BM");
    for field in [(start + pixels) as u32, 0, start as u32, 40, canvas.width(), canvas.height()] {
        bytes.extend(field.to_le_bytes());
    }
    for field in [1, bits as u16] {
        bytes.extend(field.to_le_bytes());
    }
    let colours = palette.len() as u32;
    for field in [0, pixels as u32, 0, 0, colours, colours] {
        bytes.extend(field.to_le_bytes());
    }
    bytes.extend(palette.iter().flat_map(|[red, green, blue]| [*blue, *green, *red, 0]));
    bytes
}
