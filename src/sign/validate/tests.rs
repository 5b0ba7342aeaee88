//! What is refused: every form but one, every bit that is not as it must be, and every other picture.

use proptest::prelude::*;

use super::{bmp, jpeg, png, raw};
use crate::sign::canvas::{Canvas, Tint};
use crate::sign::encode;
use crate::sign::encode::samples::{any_picture, inks, patches};
use crate::sign::panel::{Ink, Panel};
use crate::sign::picture::PictureError;

type Refusal = Result<(), PictureError>;

/// Every format as it is written and as it is checked.
#[derive(Clone, Copy, Debug)]
enum Format {
    Png,
    Bmp,
    Jpeg,
    Raw,
}

impl Format {
    const ALL: [Self; 4] = [Self::Png, Self::Bmp, Self::Jpeg, Self::Raw];

    fn write(self, canvas: &Canvas, ink: Ink) -> Vec<u8> {
        match self {
            Self::Png => encode::png::file(canvas, ink),
            Self::Bmp => encode::bmp::file(canvas, ink),
            Self::Jpeg => encode::jpeg::file(canvas),
            Self::Raw => encode::raw::bytes(canvas, ink),
        }
    }

    fn check(self, bytes: &[u8], canvas: &Canvas, ink: Ink) -> Refusal {
        match self {
            Self::Png => png::check(bytes, canvas, ink),
            Self::Bmp => bmp::check(bytes, canvas, ink),
            Self::Jpeg => jpeg::check(bytes, canvas),
            Self::Raw => raw::check(bytes, canvas, ink),
        }
    }

    /// How many of its first bytes must be exactly as they are. In a JPEG, pixels may be a little off.
    fn fixed(self, bytes: &[u8]) -> usize {
        match self {
            Self::Jpeg => bytes.windows(2).position(|marker| marker == [0xff, 0xda]).unwrap() + 14,
            Self::Png | Self::Bmp | Self::Raw => bytes.len(),
        }
    }
}

#[test]
fn a_file_with_any_bit_of_its_head_or_pixels_changed_is_refused() {
    for (ink, format) in inks().flat_map(|ink| Format::ALL.map(|format| (ink, format))) {
        let canvas = patches(21, 9, ink);
        let whole = format.write(&canvas, ink);
        assert_eq!(format.check(&whole, &canvas, ink), Ok(()));
        for (at, bit) in (0..format.fixed(&whole)).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
            let mut changed = whole.clone();
            changed[at] ^= 1 << bit;
            assert!(format.check(&changed, &canvas, ink).is_err(), "{format:?} {} byte {at} bit {bit}", ink.name());
        }
    }
}

#[test]
fn a_file_that_is_cut_off_or_goes_on_is_refused() {
    for (ink, format) in inks().flat_map(|ink| Format::ALL.map(|format| (ink, format))) {
        let canvas = patches(21, 9, ink);
        let whole = format.write(&canvas, ink);
        for cut in 0..whole.len() {
            assert!(format.check(&whole[..cut], &canvas, ink).is_err(), "{format:?} {} cut at {cut}", ink.name());
        }
        for more in [&[0][..], &[0xff], &[0xff, 0xd9], &whole] {
            assert!(format.check(&[&whole, more].concat(), &canvas, ink).is_err(), "{format:?} {}", ink.name());
        }
    }
}

proptest! {
    #[test]
    fn a_file_of_a_picture_with_one_pixel_changed_is_refused(
        (ink, canvas) in any_picture(24),
        place in any::<(u32, u32)>(),
        tint in any::<prop::sample::Index>(),
    ) {
        let (x, y) = ((place.0 % canvas.width()) as i32, (place.1 % canvas.height()) as i32);
        let mut other = canvas.clone();
        other.set(x, y, ink.tints()[tint.index(ink.tints().len())]);
        prop_assume!(other != canvas);
        for format in Format::ALL {
            let refusal = format.check(&format.write(&other, ink), &canvas, ink);
            // Where the change makes greys count or not, the form of a PNG is wrong, not its pixels.
            let is_form = matches!(format, Format::Png) && matches!(refusal, Err(PictureError::Refused { .. }));
            prop_assert!(is_form || matches!(refusal, Err(PictureError::Pixel { .. })), "{:?} {:?}", format, refusal);
        }
    }

    #[test]
    fn whatever_happens_to_a_scan_is_refused_or_makes_no_difference(
        (ink, canvas) in any_picture(24),
        at in any::<prop::sample::Index>(),
        with in any::<u8>(),
    ) {
        let mut bytes = encode::jpeg::file(&canvas);
        let scan = Format::Jpeg.fixed(&bytes)..bytes.len() - 2;
        let at = scan.start + at.index(scan.len());
        bytes[at] = with;
        if jpeg::check(&bytes, &canvas).is_ok() {
            prop_assert_eq!(encode::samples::shown_by_jpeg(&bytes, ink), canvas);
        }
    }
}

#[test]
fn pictures_of_another_size_or_ink_are_refused() {
    let canvas = patches(40, 20, Ink::BlackWhite);
    let turned = patches(20, 40, Ink::BlackWhite);
    for format in Format::ALL {
        assert!(format.check(&format.write(&turned, Ink::BlackWhite), &canvas, Ink::BlackWhite).is_err(), "{format:?}");
    }
    for (ink, other) in inks().flat_map(|ink| inks().map(move |other| (ink, other))).filter(|(ink, other)| ink != other)
    {
        let same = |format: Format| format.write(&canvas, ink) == format.write(&canvas, other);
        for format in [Format::Png, Format::Bmp, Format::Raw] {
            assert!(
                same(format) || format.check(&format.write(&canvas, other), &canvas, ink).is_err(),
                "{format:?}: {} for {}",
                other.name(),
                ink.name()
            );
        }
    }
}

#[test]
fn a_canvas_that_the_panel_cannot_show_is_refused_before_there_are_files() {
    let panel = Panel::new(400, 300, Ink::BlackWhiteRed);
    let mut canvas = patches(400, 300, Ink::BlackWhiteRed);
    assert_eq!(super::canvas(&canvas, panel), Ok(()));
    canvas.set(7, 211, Tint::Yellow);
    let error = super::canvas(&canvas, panel).unwrap_err().to_string();
    assert!(error.contains("Yellow at column 7, row 211") && error.contains("400x300-bwr"), "{error}");
    let error = super::canvas(&Canvas::new(300, 400), panel).unwrap_err().to_string();
    assert!(error.contains("300x400 pixels"), "{error}");
}

/// Forms of PNG that are sound and yet drawn wrong somewhere.
mod sound_but_wrong {
    use super::*;

    fn written(set: impl Fn(&mut ::png::Encoder<'_, &mut Vec<u8>>), row: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = ::png::Encoder::new(&mut bytes, 16, 4);
        set(&mut encoder);
        encoder.write_header().unwrap().write_image_data(&vec![0xff; row * 4]).unwrap();
        bytes
    }

    fn refusal(bytes: &[u8]) -> String {
        png::check(bytes, &Canvas::new(16, 4), Ink::BlackWhite).unwrap_err().to_string()
    }

    #[test]
    fn a_palette_of_one_bit_is_refused_because_trmnl_draws_it_inverted() {
        let indexed = written(
            |encoder| {
                encoder.set_color(::png::ColorType::Indexed);
                encoder.set_depth(::png::BitDepth::One);
                encoder.set_palette(vec![0, 0, 0, 255, 255, 255]);
            },
            2,
        );
        assert!(refusal(&indexed).contains("colour type"));
    }

    #[test]
    fn more_depth_than_the_ink_needs_is_refused_because_trmnl_flashes() {
        let deep = written(|encoder| encoder.set_color(::png::ColorType::Grayscale), 16);
        assert!(refusal(&deep).contains("colour type"));
    }

    #[test]
    fn a_chunk_that_can_be_done_without_is_refused() {
        let chatty = written(
            |encoder| {
                encoder.set_color(::png::ColorType::Grayscale);
                encoder.set_depth(::png::BitDepth::One);
                encoder.add_text_chunk("Software".to_owned(), "x".to_owned()).unwrap();
            },
            2,
        );
        assert!(refusal(&chatty).contains("PNG chunk"));
    }

    #[test]
    fn wrong_checksums_of_the_pixels_are_refused() {
        let mut bytes = encode::png::file(&Canvas::new(16, 4), Ink::BlackWhite);
        // The last four bytes of the pixels' data are their own checksum; the chunk's is made right again.
        let end = bytes.len() - 12;
        let start = bytes.windows(4).position(|kind| kind == b"IDAT").unwrap();
        bytes[end - 5] ^= 1;
        let checksum = crc32(&bytes[start..end - 4]);
        bytes[end - 4..end].copy_from_slice(&checksum.to_be_bytes());
        let error = refusal(&bytes);
        assert!(error.contains("does not decode"), "{error}");
    }

    /// The checksum of a chunk (PNG specification, annex D).
    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
        })
    }
}
