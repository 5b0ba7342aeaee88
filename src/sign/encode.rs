//! Pictures as files.

use super::canvas::{Canvas, Tint};
use super::panel::Ink;

/// Bytes before the pixels of a BMP: file header 14, information header 40, palette of two colours 8.
const BMP_HEADER: usize = 62;

/// PNG: greyscale of bit depth 1, not interlaced. TRMNL firmware draws indexed pictures inverted, and flashes at more depth.
#[must_use]
pub fn png(canvas: &Canvas, _ink: Ink) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, canvas.width(), canvas.height());
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header().expect("writing to memory does not fail, and the header is valid");
    writer.write_image_data(&bits(canvas)).expect("the bytes are as many as width and height ask for");
    writer.finish().expect("writing to memory does not fail");
    bytes
}

/// BMP: one bit, rows from the bottom, black first in the palette. For 800x480 the 48 062 bytes that every TRMNL firmware
/// takes (trmnl-firmware `lib/trmnl/src/bmp.cpp`).
#[must_use]
pub fn bmp(canvas: &Canvas, _ink: Ink) -> Vec<u8> {
    let packed = canvas.width().div_ceil(8) as usize;
    let row = packed.next_multiple_of(4);
    let pixels = row * canvas.height() as usize;
    let mut bytes = Vec::with_capacity(BMP_HEADER + pixels);
    bytes.extend(b"BM");
    for field in [(BMP_HEADER + pixels) as u32, 0, BMP_HEADER as u32, 40, canvas.width(), canvas.height()] {
        bytes.extend(field.to_le_bytes());
    }
    bytes.extend(1u16.to_le_bytes());
    bytes.extend(1u16.to_le_bytes());
    for field in [0, pixels as u32, 0, 0, 2, 2] {
        bytes.extend(u32::to_le_bytes(field));
    }
    bytes.extend([0, 0, 0, 0, 0xff, 0xff, 0xff, 0]);
    for line in bits(canvas).chunks_exact(packed).rev() {
        bytes.extend(line);
        bytes.resize(bytes.len() + row - line.len(), 0);
    }
    bytes
}

/// JPEG.
#[must_use]
pub fn jpeg(_canvas: &Canvas, _ink: Ink) -> Vec<u8> {
    Vec::new()
}

/// The bytes that a driver hands to the panel.
#[must_use]
pub fn raw(_canvas: &Canvas, _ink: Ink) -> Vec<u8> {
    Vec::new()
}

/// One bit per pixel, most significant bit left, 1 = paper; padding bits are 1.
fn bits(canvas: &Canvas) -> Vec<u8> {
    let byte = |eight: &[Tint]| {
        eight
            .iter()
            .enumerate()
            .fold(0xff, |byte, (i, tint)| if *tint == Tint::Paper { byte } else { byte & !(0x80 >> i) })
    };
    canvas.rows().flat_map(|row| row.chunks(8).map(byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_png_decodes_to_the_same_pixels() {
        let mut bitmap = Canvas::new(16, 3);
        bitmap.set(0, 0, Tint::Ink);
        bitmap.set(15, 2, Tint::Ink);
        let mut reader = png::Decoder::new(std::io::Cursor::new(png(&bitmap, Ink::BlackWhite))).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Grayscale, png::BitDepth::One));
        assert_eq!(pixels, bits(&bitmap));
    }

    #[test]
    fn a_bmp_for_trmnl_has_the_layout_that_the_firmware_compares() {
        let mut bitmap = Canvas::new(800, 480);
        bitmap.set(0, 479, Tint::Ink);
        let bytes = bmp(&bitmap, Ink::BlackWhite);
        assert_eq!(bytes.len(), 48_062);
        assert_eq!(bytes[..2], *b"BM");
        assert_eq!(bytes[10..14], [62, 0, 0, 0]);
        assert_eq!(bytes[14..30], [40, 0, 0, 0, 0x20, 3, 0, 0, 0xe0, 1, 0, 0, 1, 0, 1, 0]);
        assert_eq!(bytes[34..38], 48_000u32.to_le_bytes());
        assert_eq!(bytes[54..62], [0, 0, 0, 0, 0xff, 0xff, 0xff, 0]);
        assert_eq!(bytes[62], 0x7f, "the first row of the file is the last of the picture");
    }

    #[test]
    fn rows_of_a_bmp_are_padded_to_four_bytes() {
        assert_eq!(bmp(&Canvas::new(9, 2), Ink::BlackWhite).len(), 62 + 8);
    }
}
