//! Whatever is written means the same to whoever else reads it; and the bytes that devices compare.

use std::io::Cursor;

use proptest::prelude::*;

use super::samples::{any_picture, inks, nearest, patches, shown_by_jpeg};
use super::{bmp, jpeg, png, raw};
use crate::sign::canvas::{Canvas, Tint};
use crate::sign::panel::Ink;
use crate::sign::validate;

proptest! {
    #[test]
    fn a_png_shows_the_picture_to_another_decoder((ink, canvas) in any_picture(40)) {
        let bytes = png::file(&canvas, ink);
        prop_assert_eq!(&shown_by_png(&bytes, ink), &canvas);
        prop_assert_eq!(validate::png::check(&bytes, &canvas, ink), Ok(()));
    }

    #[test]
    fn a_bmp_shows_the_picture_to_another_decoder((ink, canvas) in any_picture(40)) {
        let bytes = bmp::file(&canvas, ink);
        prop_assert_eq!(&shown_by_bmp(&bytes, ink), &canvas);
        prop_assert_eq!(validate::bmp::check(&bytes, &canvas, ink), Ok(()));
    }

    #[test]
    fn a_jpeg_shows_the_picture_to_another_decoder((ink, canvas) in any_picture(40)) {
        let bytes = jpeg::file(&canvas);
        prop_assert_eq!(&shown_by_jpeg(&bytes, ink), &canvas);
        prop_assert_eq!(validate::jpeg::check(&bytes, &canvas), Ok(()));
    }

    #[test]
    fn raw_bytes_are_the_picture_to_a_driver((ink, canvas) in any_picture(40)) {
        let bytes = raw::bytes(&canvas, ink);
        prop_assert_eq!(&shown_by_driver(&bytes, canvas.width(), canvas.height(), ink), &canvas);
        prop_assert_eq!(validate::raw::check(&bytes, &canvas, ink), Ok(()));
    }
}

#[test]
fn a_large_picture_passes_in_every_ink_and_format() {
    for ink in inks() {
        let canvas = patches(801, 123, ink);
        assert_eq!(shown_by_png(&png::file(&canvas, ink), ink), canvas);
        assert_eq!(shown_by_bmp(&bmp::file(&canvas, ink), ink), canvas);
        assert_eq!(shown_by_jpeg(&jpeg::file(&canvas), ink), canvas);
    }
}

#[test]
fn a_png_begins_with_the_form_of_its_ink() {
    // Width 9, height 2, then depth, colour type, compression, filter, interlace.
    let header = |form: [u8; 5]| [b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x09\0\0\0\x02", &form[..]].concat();
    let palettes: [(Ink, [u8; 5], &[u8]); 8] = [
        (Ink::BlackWhite, [1, 0, 0, 0, 0], b""),
        (Ink::Grey4, [2, 0, 0, 0, 0], b""),
        (Ink::Grey16, [4, 0, 0, 0, 0], b""),
        (Ink::BlackWhiteRed, [2, 3, 0, 0, 0], b"\0\0\0\xff\xff\xff\xff\0\0"),
        (Ink::BlackWhiteYellow, [2, 3, 0, 0, 0], b"\0\0\0\xff\xff\xff\xff\xff\0"),
        (Ink::BlackWhiteYellowRed, [2, 3, 0, 0, 0], b"\0\0\0\xff\xff\xff\xff\xff\0\xff\0\0"),
        (Ink::Spectra6, [4, 3, 0, 0, 0], b"\0\0\0\xff\xff\xff\xff\xff\0\xff\0\0\xff\xff\xff\0\0\xff\0\xff\0"),
        (Ink::Acep7, [4, 3, 0, 0, 0], b"\0\0\0\xff\xff\xff\0\xff\0\0\0\xff\xff\0\0\xff\xff\0\xff\xa5\0"),
    ];
    for (ink, form, palette) in palettes {
        let bytes = png::file(&patches(9, 2, ink), ink);
        assert_eq!(bytes[..29], header(form), "{}", ink.name());
        if !palette.is_empty() {
            assert_eq!(bytes[33..41], [&[0, 0, 0, palette.len() as u8], &b"PLTE"[..]].concat(), "{}", ink.name());
            assert_eq!(&bytes[41..41 + palette.len()], palette, "{}", ink.name());
        }
    }
}

#[test]
fn four_greys_take_four_bits_where_two_would_be_drawn_as_black_and_white() {
    let mut canvas = Canvas::new(16, 2);
    canvas.set(0, 0, Tint::DarkGrey);
    let bytes = png::file(&canvas, Ink::Grey4);
    assert_eq!(bytes[24..26], [4, 0]);
    assert_eq!(validate::png::check(&bytes, &canvas, Ink::Grey4), Ok(()));
    canvas.set(1, 0, Tint::Ink);
    assert_eq!(png::file(&canvas, Ink::Grey4)[24..26], [2, 0]);
}

#[test]
fn a_bmp_for_trmnl_has_the_layout_that_the_firmware_compares() {
    let mut canvas = Canvas::new(800, 480);
    canvas.set(0, 479, Tint::Ink);
    let bytes = bmp::file(&canvas, Ink::BlackWhite);
    assert_eq!(bytes.len(), 48_062);
    assert_eq!(bytes[..14], *b"BM\xbe\xbb\0\0\0\0\0\0\x3e\0\0\0");
    assert_eq!(bytes[14..30], [40, 0, 0, 0, 0x20, 3, 0, 0, 0xe0, 1, 0, 0, 1, 0, 1, 0]);
    assert_eq!(bytes[30..38], [0, 0, 0, 0, 0x80, 0xbb, 0, 0]);
    assert_eq!(bytes[38..54], [0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0]);
    assert_eq!(bytes[54..62], [0, 0, 0, 0, 0xff, 0xff, 0xff, 0]);
    assert_eq!(bytes[62], 0x7f, "the first row of the file is the last of the picture");
    assert!(bytes[63..].iter().all(|byte| *byte == 0xff));
}

#[test]
fn a_bmp_in_colours_has_a_byte_for_each_pixel_and_a_palette() {
    let mut canvas = Canvas::new(5, 2);
    canvas.set(4, 0, Tint::Red);
    let bytes = bmp::file(&canvas, Ink::BlackWhiteYellowRed);
    assert_eq!(bytes[10..14], [54 + 16, 0, 0, 0]);
    assert_eq!(bytes[28..38], [8, 0, 0, 0, 0, 0, 16, 0, 0, 0]);
    // Blue, green, red, nothing.
    assert_eq!(bytes[54..70], *b"\0\0\0\0\xff\xff\xff\0\0\xff\xff\0\0\0\xff\0");
    assert_eq!(bytes[70..], [1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 3, 0, 0, 0]);
}

#[test]
fn a_jpeg_is_baseline_with_three_components_that_are_not_subsampled() {
    let bytes = jpeg::file(&Canvas::new(800, 480));
    assert_eq!(bytes[..20], *b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    assert_eq!(bytes[20..25], [0xff, 0xdb, 0, 67, 0]);
    let frame = [0xff, 0xc0, 0, 17, 8, 1, 0xe0, 3, 0x20, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0];
    assert_eq!(bytes[89..108], frame);
    assert_eq!(bytes[bytes.len() - 2..], [0xff, 0xd9]);
}

#[test]
fn a_jpeg_of_one_tint_is_that_tint_exactly() {
    for tint in Ink::Acep7.tints() {
        let mut canvas = Canvas::new(16, 16);
        (0..256).for_each(|i| canvas.set(i % 16, i / 16, *tint));
        let pixels = zune_jpeg::JpegDecoder::new(Cursor::new(jpeg::file(&canvas))).decode().unwrap();
        let off = |i: usize| i32::from(pixels[i]) - i32::from(super::code::rgb(*tint)[i % 3]);
        assert!((0..pixels.len()).all(|i| off(i).abs() <= 1), "{tint:?} {:?}", &pixels[..3]);
    }
}

#[test]
fn raw_bytes_have_the_codes_of_the_panel() {
    use Tint::{Blue, DarkGrey, Green, Ink as Black, LightGrey, Orange, Paper, Red, Yellow};
    let row = |ink: Ink, tints: &[Tint]| {
        let mut canvas = Canvas::new(tints.len() as u32, 1);
        tints.iter().enumerate().for_each(|(x, tint)| canvas.set(x as i32, 0, *tint));
        raw::bytes(&canvas, ink)
    };
    assert_eq!(row(Ink::BlackWhite, &[Black, Paper, Paper, Black, Paper, Paper, Paper, Paper, Black]), [0x6f, 0x7f]);
    assert_eq!(row(Ink::BlackWhiteRed, &[Black, Paper, Red]), [0b0111_1111, 0b1101_1111]);
    assert_eq!(row(Ink::BlackWhiteYellow, &[Yellow, Black]), [0b1011_1111, 0b0111_1111]);
    assert_eq!(row(Ink::BlackWhiteYellowRed, &[Black, Paper, Yellow, Red, Black]), [0b0001_1011, 0b0001_0101]);
    assert_eq!(row(Ink::Grey4, &[Black, DarkGrey, LightGrey, Paper, Black]), [0b0001_1011, 0b0011_1111]);
    assert_eq!(row(Ink::Grey16, &[Black, DarkGrey, LightGrey, Paper, Black]), [0x05, 0xaf, 0x0f]);
    assert_eq!(row(Ink::Spectra6, &[Black, Paper, Yellow, Red, Blue, Green, Red]), [0x01, 0x23, 0x56, 0x31]);
    assert_eq!(row(Ink::Acep7, &[Black, Paper, Green, Blue, Red, Yellow, Orange]), [0x01, 0x23, 0x45, 0x61]);
}

#[test]
fn raw_pictures_of_panels_that_are_sold_have_the_length_that_their_drivers_read() {
    let length = |width, height, ink| raw::bytes(&Canvas::new(width, height), ink).len();
    assert_eq!(length(800, 480, Ink::BlackWhite), 48_000);
    assert_eq!(length(400, 300, Ink::BlackWhite), 15_000);
    assert_eq!(length(648, 480, Ink::BlackWhite), 38_880);
    assert_eq!(length(296, 128, Ink::BlackWhite), 4_736);
    assert_eq!(length(800, 480, Ink::BlackWhiteRed), 96_000);
    assert_eq!(length(800, 480, Ink::BlackWhiteYellowRed), 96_000);
    assert_eq!(length(800, 480, Ink::Grey4), 96_000);
    assert_eq!(length(600, 448, Ink::Acep7), 134_400);
    assert_eq!(length(800, 480, Ink::Spectra6), 192_000);
}

fn shown_by_png(bytes: &[u8], ink: Ink) -> Canvas {
    let mut decoder = ::png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(::png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let colours: Vec<[u8; 3]> = if info.color_type == ::png::ColorType::Grayscale {
        pixels.iter().map(|grey| [*grey; 3]).collect()
    } else {
        assert_eq!(info.color_type, ::png::ColorType::Rgb);
        pixels.chunks_exact(3).map(|c| [c[0], c[1], c[2]]).collect()
    };
    nearest(info.width, &colours, ink)
}

fn shown_by_bmp(bytes: &[u8], ink: Ink) -> Canvas {
    let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let (start, width, height, bits) = (number(10), number(18), number(22), usize::from(bytes[28]));
    let stride = (width * bits).div_ceil(32) * 4;
    let colour = |x: usize, y: usize| {
        let row = start + (height - 1 - y) * stride;
        let index = match bits {
            1 => usize::from(bytes[row + x / 8] >> (7 - x % 8) & 1),
            _ => usize::from(bytes[row + x]),
        };
        let entry = &bytes[54 + index * 4..][..3];
        [entry[2], entry[1], entry[0]]
    };
    let colours: Vec<_> =
        (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| colour(x, y)).collect();
    nearest(width as u32, &colours, ink)
}

/// Reads one pixel after the other as a driver would.
fn shown_by_driver(bytes: &[u8], width: u32, height: u32, ink: Ink) -> Canvas {
    use Tint::{Blue, DarkGrey, Green, Ink as Black, LightGrey, Orange, Paper, Red, Yellow};
    let mut canvas = Canvas::new(width, height);
    let bits = match ink {
        Ink::BlackWhite | Ink::BlackWhiteRed | Ink::BlackWhiteYellow => 1,
        Ink::BlackWhiteYellowRed | Ink::Grey4 => 2,
        Ink::Grey16 | Ink::Spectra6 | Ink::Acep7 => 4,
    };
    let stride = (width * bits).div_ceil(8);
    let code = |plane: u32, x: u32, y: u32| {
        let byte = bytes[((plane * height + y) * stride + x * bits / 8) as usize];
        byte << (x * bits % 8) >> (8 - bits)
    };
    for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
        let first = code(0, x, y);
        let tint = match ink {
            Ink::BlackWhiteRed if code(1, x, y) == 0 => Red,
            Ink::BlackWhiteYellow if code(1, x, y) == 0 => Yellow,
            Ink::BlackWhite | Ink::BlackWhiteRed | Ink::BlackWhiteYellow => [Black, Paper][usize::from(first)],
            Ink::BlackWhiteYellowRed => [Black, Paper, Yellow, Red][usize::from(first)],
            Ink::Grey4 => [Black, DarkGrey, LightGrey, Paper][usize::from(first)],
            Ink::Grey16 => [Black, DarkGrey, LightGrey, Paper][usize::from(first / 5)],
            Ink::Spectra6 => [Black, Paper, Yellow, Red, Orange, Blue, Green][usize::from(first)],
            Ink::Acep7 => [Black, Paper, Green, Blue, Red, Yellow, Orange][usize::from(first)],
        };
        canvas.set(x as i32, y as i32, tint);
    }
    canvas
}
