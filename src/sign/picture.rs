//! From words to checked bytes in one call.

use std::fmt;

use ring::digest;

use crate::domain::notice::NoticeHash;
use crate::notice::copy::Copy;
use crate::notice::piece::LeftOut;

use super::canvas::{Canvas, Tint};
use super::encode;
use super::font::Fonts;
use super::layout::{Composed, LayoutError, compose};
use super::panel::Panel;
use super::validate;

/// A sign's picture, ready to be offered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Picture {
    /// Identity of the pixels.
    pub notice: NoticeHash,
    /// The picture as PNG, `image/png`.
    pub png: Vec<u8>,
    /// The picture as BMP, `image/bmp`.
    pub bmp: Vec<u8>,
    /// The picture as JPEG, `image/jpeg`.
    pub jpeg: Vec<u8>,
    /// The panel's own bytes, `application/octet-stream`.
    pub raw: Vec<u8>,
    /// The pixels, as the panel has them.
    pub canvas: Canvas,
    /// What is not on the glass for want of room.
    pub left_out: LeftOut,
}

/// Draws `copy` for `panel`, and checks the files against what sign firmware accepts. The same inputs give the same bytes.
pub fn picture(panel: Panel, copy: &Copy, fonts: &Fonts) -> Result<Picture, PictureError> {
    let Composed { canvas, left_out } = compose(&panel, copy, fonts).map_err(PictureError::Layout)?;
    checked(panel, canvas.turned(panel.rotation), left_out)
}

/// The files of a picture, each held against it.
fn checked(panel: Panel, canvas: Canvas, left_out: LeftOut) -> Result<Picture, PictureError> {
    let ink = panel.ink;
    validate::canvas(&canvas, panel)?;
    let (png, bmp) = (encode::png::file(&canvas, ink), encode::bmp::file(&canvas, ink));
    let (jpeg, raw) = (encode::jpeg::file(&canvas), encode::raw::bytes(&canvas, ink));
    validate::png::check(&png, &canvas, ink)?;
    validate::bmp::check(&bmp, &canvas, ink)?;
    validate::jpeg::check(&jpeg, &canvas)?;
    validate::raw::check(&raw, &canvas, ink)?;
    Ok(Picture { notice: identity(&canvas), png, bmp, jpeg, raw, canvas, left_out })
}

/// SHA-256 over width, height (both as four bytes, big end first) and the letter of each pixel's tint ([`Tint::letter`]).
#[must_use]
pub fn identity(canvas: &Canvas) -> NoticeHash {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(&canvas.width().to_be_bytes());
    context.update(&canvas.height().to_be_bytes());
    for row in canvas.rows() {
        let letters: Vec<u8> = row.iter().map(|tint| tint.letter() as u8).collect();
        context.update(&letters);
    }
    NoticeHash(context.finish().as_ref().try_into().expect("SHA-256 has 32 bytes"))
}

/// Why there is no picture.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PictureError {
    /// The words cannot be set.
    Layout(LayoutError),
    /// What was drawn is nothing that the panel can show.
    Canvas {
        /// What is wrong with it.
        found: String,
        /// What it was drawn for.
        panel: Panel,
    },
    /// The file is longer than the firmware's memory.
    TooBig {
        /// Length of the file.
        bytes: usize,
        /// What the firmware takes.
        most: usize,
    },
    /// The file has a form that firmware refuses or draws wrong.
    Refused {
        /// Which part of the file.
        what: &'static str,
        /// Its bytes.
        found: Vec<u8>,
        /// The bytes that firmware wants.
        wanted: Vec<u8>,
    },
    /// A device would draw a pixel of the file in another tint.
    Pixel {
        /// Which file.
        format: &'static str,
        /// Column of the pixel.
        x: usize,
        /// Row of the pixel.
        y: usize,
        /// What it was meant to be.
        wanted: Tint,
    },
    /// The file does not decode.
    Broken(String),
}

impl fmt::Display for PictureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Layout(error) => error.fmt(f),
            Self::Canvas { found, panel } => {
                write!(f, "the picture has {found}; expected what a panel {panel} can show")
            }
            Self::TooBig { bytes, most } => write!(f, "the picture has {bytes} bytes; signs take at most {most}"),
            Self::Refused { what, found, wanted } => {
                write!(f, "the picture's {what} is {found:?}; signs take only {wanted:?}")
            }
            Self::Pixel { format, x, y, wanted } => {
                write!(f, "the picture's {format} would be drawn wrong at column {x}, row {y}; expected {wanted:?}")
            }
            Self::Broken(why) => write!(f, "the picture does not decode ({why}); expected a whole file"),
        }
    }
}

impl std::error::Error for PictureError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_pictures_are_the_same_notice_iff_size_and_pixels_are() {
        let white = Canvas::new(16, 8);
        let mut dotted = white.clone();
        dotted.set(3, 3, Tint::Ink);
        assert_eq!(identity(&white), identity(&Canvas::new(16, 8)));
        assert_ne!(identity(&white), identity(&dotted));
        assert_ne!(identity(&white), identity(&Canvas::new(8, 16)));
    }
}
