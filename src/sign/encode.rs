//! Pictures as files.

use super::bitmap::Bitmap;

/// Bytes before the pixels of a BMP: file header 14, information header 40, palette of two colours 8.
const BMP_HEADER: usize = 62;

/// PNG: greyscale of bit depth 1, not interlaced. TRMNL firmware draws indexed pictures inverted, and flashes at more depth.
#[must_use]
pub fn png(bitmap: &Bitmap) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, bitmap.width(), bitmap.height());
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header().expect("writing to memory does not fail, and the header is valid");
    writer.write_image_data(bitmap.bytes()).expect("the bytes are as many as width and height ask for");
    writer.finish().expect("writing to memory does not fail");
    bytes
}

/// BMP: one bit, rows from the bottom, black first in the palette. For 800x480 the 48 062 bytes that every TRMNL firmware
/// takes (trmnl-firmware `lib/trmnl/src/bmp.cpp`).
#[must_use]
pub fn bmp(bitmap: &Bitmap) -> Vec<u8> {
    let row = bitmap.row_bytes().next_multiple_of(4);
    let pixels = row * bitmap.height() as usize;
    let mut bytes = Vec::with_capacity(BMP_HEADER + pixels);
    bytes.extend(b"BM");
    for field in [(BMP_HEADER + pixels) as u32, 0, BMP_HEADER as u32, 40, bitmap.width(), bitmap.height()] {
        bytes.extend(field.to_le_bytes());
    }
    bytes.extend(1u16.to_le_bytes());
    bytes.extend(1u16.to_le_bytes());
    for field in [0, pixels as u32, 0, 0, 2, 2] {
        bytes.extend(u32::to_le_bytes(field));
    }
    bytes.extend([0, 0, 0, 0, 0xff, 0xff, 0xff, 0]);
    for line in bitmap.bytes().chunks_exact(bitmap.row_bytes()).rev() {
        bytes.extend(line);
        bytes.resize(bytes.len() + row - line.len(), 0);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::super::bitmap::Tint;
    use super::*;

    #[test]
    fn a_png_decodes_to_the_same_pixels() {
        let mut bitmap = Bitmap::new(16, 3);
        bitmap.set(0, 0, Tint::Ink);
        bitmap.set(15, 2, Tint::Ink);
        let mut reader = png::Decoder::new(std::io::Cursor::new(png(&bitmap))).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Grayscale, png::BitDepth::One));
        assert_eq!(pixels, bitmap.bytes());
    }

    #[test]
    fn a_bmp_for_trmnl_has_the_layout_that_the_firmware_compares() {
        let mut bitmap = Bitmap::new(800, 480);
        bitmap.set(0, 479, Tint::Ink);
        let bytes = bmp(&bitmap);
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
        assert_eq!(bmp(&Bitmap::new(9, 2)).len(), 62 + 8);
    }
}
