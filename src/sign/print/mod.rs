//! The notice of a sign on paper: one page, drawn as vectors, as PDF, SVG or plain text.
//!
//! A board that staff hang up and attest, or the frame beside a panel that is too small for every word. [`board`] sets the words of
//! [`struct@Copy`] on a sheet of [`Paper`] and leaves none out: `compose` finds the largest type that fits, `band`, `table` and `foot` set the three
//! parts of a notice, `paragraph` breaks lines with the fonts' own widths (`face`). What comes out is a [`Page`] of drawing operations, which
//! [`pdf`] and [`svg`] write; [`plain`] writes the same words without drawing. [`report`] sets a page
//! of facts and tables in the same way. All lengths are millimetres from the upper left corner.

use std::fmt;

use crate::notice::copy::{Copy, Tone};

use super::font::Fonts;
use super::layout::{LayoutError, longest};
use super::panel::Ink;
use super::text::NoGlyph;

mod band;
mod code;
mod compose;
mod content;
mod embed;
mod face;
mod foot;
mod measures;
pub mod page;
pub mod paper;
mod paragraph;
pub mod pdf;
pub mod plain;
pub mod report;
pub mod svg;
mod table;

#[cfg(test)]
mod tests;

use page::{Page, points};
use paper::Paper;

/// What a board says besides the words of the notice.
#[derive(Clone, Copy, Debug)]
pub struct Board<'b> {
    /// The words. Where they have a second language, it stands below on the same page.
    pub copy: &'b Copy,
    /// Inks that the board may use: those of the sign's panel.
    pub ink: Ink,
    /// Small at the foot: which sign, which notice, from when.
    pub mark: &'b str,
}

/// Sets a board on one page, with type as large as fits.
///
/// Only what goes on is printed: a state that ends cannot be taken back from paper.
pub fn board(board: &Board<'_>, paper: Paper, fonts: &Fonts) -> Result<Page, PrintError> {
    let copies: Vec<&Copy> = std::iter::successors(Some(board.copy), |copy| copy.below.as_deref()).collect();
    if copies.iter().any(|copy| copy.tone != Tone::Active) {
        return Err(PrintError::NothingGoesOn);
    }
    compose::compose(board, &copies, paper, fonts)
}

/// Why a board cannot be printed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PrintError {
    /// The notice is not one of something that goes on.
    NothingGoesOn,
    /// The words do not fit at the smallest size.
    TooLong {
        /// The longest of the texts.
        text: String,
        /// The sheet.
        paper: Paper,
        /// How many languages stand below each other.
        languages: usize,
    },
    /// A report does not fit at the smallest size.
    TooMuch {
        /// The sheet.
        paper: Paper,
    },
    /// The font has no such letter.
    NoGlyph(char),
    /// The address of the notice gives no readable code.
    NoCode {
        /// Bytes of the address.
        length: usize,
    },
}

impl PrintError {
    fn too_long(copies: &[&Copy], paper: Paper) -> Self {
        let texts = copies.iter().map(|copy| longest(copy));
        Self::TooLong {
            text: texts.max_by_key(|text| text.chars().count()).unwrap_or_default(),
            paper,
            languages: copies.len(),
        }
    }
}

impl fmt::Display for PrintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingGoesOn => f.write_str(
                "only a notice of what goes on can be printed, and no sensor serves an activity in the zones of this sign; \
                 add the sensor, or the zone that it watches",
            ),
            Self::TooLong { text, paper, languages } => write!(
                f,
                "the notice does not fit on {paper} in type of {:.0} pt, the smallest that is read standing; {}{}shorten its longest text, which \
                 has {} letters, or give one of several activities a sign of its own: \"{text}\"",
                points(measures::SMALLEST),
                if *languages > 1 { "print each language on a sheet of its own with --lang, " } else { "" },
                if *paper == Paper::A4 { "print it with --paper a3, " } else { "" },
                text.chars().count(),
            ),
            Self::TooMuch { paper } => {
                write!(f, "the report does not fit on one page of {paper}; ask for a shorter span of time, or write it with --format html")
            }
            Self::NoGlyph(letter) => LayoutError::NoGlyph { letter: *letter }.fmt(f),
            Self::NoCode { length } => write!(
                f,
                "the address of the notice has {length} bytes, too many for a QR code that is read from a metre; shorten signage.public-url"
            ),
        }
    }
}

impl std::error::Error for PrintError {}

impl From<NoGlyph> for PrintError {
    fn from(NoGlyph(letter): NoGlyph) -> Self {
        Self::NoGlyph(letter)
    }
}
