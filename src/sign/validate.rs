//! What sign firmware accepts, held against the bytes that are about to be offered.
//!
//! A TRMNL device that cannot draw a picture says nothing and counts it as shown (trmnl-firmware 1.8.14,
//! `src/bl.cpp:1844-1999`), so a wrong picture would silently become wrong evidence. These rules are stricter than the
//! firmware's: exactly the one form of each format that every version draws right.

use std::io::Cursor;

use super::panel::Panel;
use super::picture::PictureError;

/// Largest body that OG-class firmware from 1.6.1 on takes (`include/config.h:49-53`); older take 48 062 bytes.
pub const MAX_TRMNL_BYTES: usize = 90_000;

const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// Checks a PNG for a TRMNL device: panel size, greyscale of depth 1, not interlaced, only IHDR, IDAT and IEND, whole.
pub fn png_for_trmnl(bytes: &[u8], panel: Panel) -> Result<(), PictureError> {
    if bytes.len() > MAX_TRMNL_BYTES {
        return Err(PictureError::TooBig { bytes: bytes.len(), most: MAX_TRMNL_BYTES });
    }
    expect("PNG signature", bytes.get(..8), &SIGNATURE)?;
    expect("PNG header chunk", bytes.get(8..16), b"\0\0\0\x0dIHDR")?;
    expect("PNG width", bytes.get(16..20), &panel.width.to_be_bytes())?;
    expect("PNG height", bytes.get(20..24), &panel.height.to_be_bytes())?;
    let depth = 1;
    expect("PNG depth, colour type, compression, filter and interlace", bytes.get(24..29), &[depth, 0, 0, 0, 0])?;
    only_plain_chunks(bytes)?;
    decodes(bytes)
}

/// Checks a BMP for a TRMNL device: 800x480, one bit, rows from the bottom, black first, exactly 48 062 bytes.
pub fn bmp_for_trmnl(bytes: &[u8], panel: Panel) -> Result<(), PictureError> {
    let row = panel.width.div_ceil(32) * 4;
    let pixels = row * panel.height;
    expect("BMP signature", bytes.get(..2), b"BM")?;
    expect("BMP pixel offset", bytes.get(10..14), &62u32.to_le_bytes())?;
    expect("BMP header size", bytes.get(14..18), &40u32.to_le_bytes())?;
    expect("BMP width", bytes.get(18..22), &panel.width.to_le_bytes())?;
    expect("BMP height", bytes.get(22..26), &panel.height.to_le_bytes())?;
    expect("BMP planes and depth", bytes.get(26..30), &[1, 0, 1, 0])?;
    expect("BMP compression", bytes.get(30..34), &[0; 4])?;
    expect("BMP image size", bytes.get(34..38), &pixels.to_le_bytes())?;
    expect("BMP colours used", bytes.get(46..50), &2u32.to_le_bytes())?;
    expect("BMP palette", bytes.get(54..62), &[0, 0, 0, 0, 0xff, 0xff, 0xff, 0])?;
    expect("BMP length", Some(&(bytes.len() as u64).to_le_bytes()), &(62 + u64::from(pixels)).to_le_bytes())
}

fn expect(what: &'static str, found: Option<&[u8]>, wanted: &[u8]) -> Result<(), PictureError> {
    match found {
        Some(found) if found == wanted => Ok(()),
        found => {
            Err(PictureError::Refused { what, found: found.unwrap_or_default().to_vec(), wanted: wanted.to_vec() })
        }
    }
}

/// Walks the chunks: IHDR, then IDAT, then IEND as the last bytes of the file.
fn only_plain_chunks(bytes: &[u8]) -> Result<(), PictureError> {
    let mut at = SIGNATURE.len();
    loop {
        let length = bytes
            .get(at..at + 4)
            .and_then(|b| b.try_into().ok())
            .map_or(usize::MAX, |b| u32::from_be_bytes(b) as usize);
        let kind = bytes.get(at + 4..at + 8);
        let end = at.saturating_add(12).saturating_add(length);
        if end > bytes.len() {
            return Err(PictureError::Broken("it ends within a chunk".to_owned()));
        }
        match kind {
            Some(b"IHDR" | b"IDAT") => at = end,
            Some(b"IEND") if end == bytes.len() => return Ok(()),
            Some(b"IEND") => return Err(PictureError::Broken("bytes follow its end".to_owned())),
            _ => return expect("PNG chunk", kind, b"IDAT"),
        }
    }
}

fn decodes(bytes: &[u8]) -> Result<(), PictureError> {
    let broken = |error: png::DecodingError| PictureError::Broken(error.to_string());
    let mut reader = png::Decoder::new(Cursor::new(bytes)).read_info().map_err(broken)?;
    let size = reader.output_buffer_size().ok_or_else(|| PictureError::Broken("its size overflows".to_owned()))?;
    reader.next_frame(&mut vec![0; size]).map_err(broken)?;
    reader.finish().map_err(broken)
}

#[cfg(test)]
mod tests {
    use super::super::canvas::{Area, Canvas, Tint};
    use super::super::encode;
    use super::super::panel::Ink;
    use super::*;

    fn bitmap() -> Canvas {
        let mut bitmap = Canvas::new(800, 480);
        bitmap.fill(Area { x: 10, y: 20, width: 300, height: 30 }, Tint::Ink);
        bitmap
    }

    fn refusal(bytes: &[u8]) -> String {
        png_for_trmnl(bytes, Panel::TRMNL).unwrap_err().to_string()
    }

    fn encoded(color: png::ColorType, depth: png::BitDepth, bytes_per_row: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 800, 480);
        encoder.set_color(color);
        encoder.set_depth(depth);
        if color == png::ColorType::Indexed {
            encoder.set_palette(vec![0, 0, 0, 255, 255, 255]);
        }
        encoder.write_header().unwrap().write_image_data(&vec![0; bytes_per_row * 480]).unwrap();
        bytes
    }

    #[test]
    fn our_own_files_pass() {
        assert_eq!(png_for_trmnl(&encode::png(&bitmap(), Ink::BlackWhite), Panel::TRMNL), Ok(()));
        assert_eq!(bmp_for_trmnl(&encode::bmp(&bitmap(), Ink::BlackWhite), Panel::TRMNL), Ok(()));
    }

    #[test]
    fn forms_that_the_firmware_draws_wrong_are_refused() {
        let indexed = encoded(png::ColorType::Indexed, png::BitDepth::One, 100);
        let deep = encoded(png::ColorType::Grayscale, png::BitDepth::Eight, 800);
        assert!(refusal(&indexed).contains("colour type"));
        assert!(refusal(&deep).contains("colour type"));
        assert!(refusal(&encode::png(&Canvas::new(480, 800), Ink::BlackWhite)).contains("width"));
    }

    #[test]
    fn a_cut_flipped_or_lengthened_png_is_refused() {
        let whole = encode::png(&bitmap(), Ink::BlackWhite);
        for cut in [0, 8, 30, whole.len() / 2, whole.len() - 1] {
            assert!(png_for_trmnl(&whole[..cut], Panel::TRMNL).is_err(), "cut at {cut}");
        }
        let mut flipped = whole.clone();
        let middle = whole.len() / 2;
        flipped[middle] ^= 0x10;
        assert!(png_for_trmnl(&flipped, Panel::TRMNL).is_err());
        assert!(refusal(&[whole, vec![0]].concat()).contains("follow its end"));
    }

    #[test]
    fn a_bmp_with_any_header_byte_changed_is_refused() {
        let whole = encode::bmp(&bitmap(), Ink::BlackWhite);
        // Bytes 2-9 and 38-45 and 50-53 (file size, reserved, resolution, important colours) are read by nobody.
        for at in (0..2).chain(10..38).chain(46..50).chain(54..62) {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            assert!(bmp_for_trmnl(&changed, Panel::TRMNL).is_err(), "byte {at}");
        }
        assert!(bmp_for_trmnl(&whole[..48_061], Panel::TRMNL).is_err());
    }
}
