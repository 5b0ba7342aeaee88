//! PNG. Black, white and greys are greyscale, of the least depth that holds them; colours are indexed, the index being
//! the panel's own code for the ink ([`super::raw`]), so that who unpacks the picture has the panel's bytes.

use png::{BitDepth, ColorType, Compression, Encoder, Filter};

use super::code::{Codes, palette};
use crate::sign::canvas::Canvas;
use crate::sign::panel::Ink;
use crate::sign::validate::trmnl::hides_greys;

/// The picture as PNG.
///
/// Not filtered: on flat colours below eight bits, filters make files larger (measured: 7.8 kB instead of 8.3 to 8.8 kB
/// for a notice of 800x480).
#[must_use]
pub fn file(canvas: &Canvas, ink: Ink) -> Vec<u8> {
    let codes = Codes::of(held_by(canvas, ink));
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, canvas.width(), canvas.height());
    encoder.set_depth(match codes.bits {
        1 => BitDepth::One,
        2 => BitDepth::Two,
        _ => BitDepth::Four,
    });
    match ink {
        Ink::BlackWhite | Ink::Grey4 | Ink::Grey16 => encoder.set_color(ColorType::Grayscale),
        Ink::BlackWhiteRed | Ink::BlackWhiteYellow | Ink::BlackWhiteYellowRed | Ink::Spectra6 | Ink::Acep7 => {
            encoder.set_color(ColorType::Indexed);
            encoder.set_palette(palette(ink).concat());
        }
    }
    encoder.set_compression(Compression::Balanced);
    encoder.set_filter(Filter::NoFilter);
    let mut writer = encoder.write_header().expect("writing to memory does not fail, and the header is valid");
    writer.write_image_data(&codes.pack(canvas)).expect("the bytes are as many as width and height ask for");
    writer.finish().expect("writing to memory does not fail");
    bytes
}

/// The ink whose codes hold the picture: four greys go as four of sixteen where TRMNL firmware would else drop some.
fn held_by(canvas: &Canvas, ink: Ink) -> Ink {
    if ink == Ink::Grey4 && hides_greys(canvas) { Ink::Grey16 } else { ink }
}
