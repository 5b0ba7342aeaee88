//! Where everything stands on a sign.
//!
//! From above: a band with pictogram and headline that tells the state from afar; sentences in large type; labelled lines; the block on
//! objection; the code, and where else to read. One size of type governs all others. Of the ways to arrange them the one is taken that
//! leaves out least, then the one with the largest type; pieces are left out in the order of [`Piece`] and only where nothing smaller fits.

use std::fmt;

use crate::notice::copy::Copy;
use crate::notice::piece::{LeftOut, Piece};

use super::canvas::Canvas;
use super::font::{Faces, Fonts};
use super::panel::Panel;
use super::qr::QrError;
use super::sheet::{Arrangement, Setting, Shape, Sheet};
use super::text::NoGlyph;

/// A page lower than this many times its smallest type has no room for columns and a block of their own.
const LOW_PAGE: u32 = 14;

/// Labels in a column of their own are worth type that is smaller by this share (in percent).
const COLUMNS_WORTH: u32 = 110;

/// A notice set on a page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Composed {
    /// What a person sees, upright.
    pub canvas: Canvas,
    /// What is not on the glass for want of room.
    pub left_out: LeftOut,
}

/// Draws `copy` for `panel` as a person sees it.
pub fn compose(panel: &Panel, copy: &Copy, fonts: &Fonts) -> Result<Composed, LayoutError> {
    let page = panel.page();
    let Some(below) = &copy.below else { return one(panel, page, copy, fonts) };
    let upper = page.1 / 2;
    let mut composed = one(panel, (page.0, upper), copy, fonts)?;
    let second = one(panel, (page.0, page.1 - upper), below, fonts)?;
    if let Some(piece) = composed.left_out.iter().chain(&second.left_out).find(|piece| piece.is_first_layer()) {
        return Err(LayoutError::NoTwoLanguages { piece: *piece, panel: *panel });
    }
    let mut canvas = Canvas::new(page.0, page.1);
    canvas.paste(&composed.canvas, 0, 0);
    canvas.paste(&second.canvas, 0, upper as i32);
    composed.canvas = canvas;
    composed.left_out.extend(second.left_out);
    Ok(composed)
}

/// Why the words cannot be set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LayoutError {
    /// They do not fit at the smallest size, whatever is left out.
    TooLong {
        /// The longest of the texts.
        text: String,
        /// The panel.
        panel: Panel,
    },
    /// Two languages do not fit below each other without leaving out what has to be read before entering.
    NoTwoLanguages {
        /// What would be missing.
        piece: Piece,
        /// The panel.
        panel: Panel,
    },
    /// The font has no such letter.
    NoGlyph {
        /// The letter.
        letter: char,
    },
    /// The address of the notice gives no readable code.
    Qr(QrError),
}

impl fmt::Display for LayoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { text, panel } => {
                let letters = text.chars().count();
                write!(
                    f,
                    "the notice does not fit on a panel of {panel}; its longest text has {letters} letters, shorten it, or give one \
                     of several activities a sign of its own: \"{text}\""
                )
            }
            Self::NoTwoLanguages { piece, panel } => write!(
                f,
                "two languages do not fit below each other on a panel of {panel}: {} would be missing; remove second-language, or give \
                 each language a sign of its own",
                piece.words()
            ),
            Self::NoGlyph { letter } => write!(
                f,
                "the sign's font has no '{}' (U+{:04X}); write the text without it",
                letter.escape_debug(),
                u32::from(*letter)
            ),
            Self::Qr(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for LayoutError {}

impl From<NoGlyph> for LayoutError {
    fn from(NoGlyph(letter): NoGlyph) -> Self {
        Self::NoGlyph { letter }
    }
}

fn one(panel: &Panel, page: (u32, u32), copy: &Copy, fonts: &Fonts) -> Result<Composed, LayoutError> {
    let mut faces = Faces::new(fonts, copy.language);
    let found = arrange(&mut faces, panel, page, copy)?;
    let mut canvas = Canvas::new(page.0, page.1);
    found.setting.draw(&mut canvas, &mut faces, &found.sheet);
    Ok(Composed { canvas, left_out: copy.pieces()[..found.dropped].to_vec() })
}

/// Finds the best way to set `copy` on a page.
pub(super) fn arrange<'c>(
    faces: &mut Faces<'_>,
    panel: &Panel,
    page: (u32, u32),
    copy: &'c Copy,
) -> Result<Found<'c>, LayoutError> {
    let mut best: Option<Found<'_>> = None;
    let mut no_code = None;
    for arrangement in arrangements(panel, page) {
        // Fewer words are for pages that hold no others.
        if arrangement.shape == Shape::Terse && best.is_some() {
            break;
        }
        let setting = match Setting::new(faces, panel, page, copy, arrangement) {
            Ok(setting) => setting,
            Err(LayoutError::Qr(error)) => {
                no_code = Some(error);
                continue;
            }
            Err(other) => return Err(other),
        };
        if let Some(found) = setting.best(faces)? {
            let better = best.as_ref().is_none_or(|best| found.rank() < best.rank());
            if better {
                best = Some(found);
            }
        }
    }
    let too_long = || LayoutError::TooLong { text: longest(copy), panel: *panel };
    best.ok_or_else(|| no_code.map_or_else(too_long, LayoutError::Qr))
}

/// Ways to arrange a page of this shape, the most legible first.
fn arrangements(panel: &Panel, page: (u32, u32)) -> Vec<Arrangement> {
    use Shape::{Tall, Terse, Tight, Wide};
    let low = page.1 < LOW_PAGE * panel.pixels(3.0).unsigned_abs().max(13);
    let of = |shape, columns| Arrangement { shape, columns };
    match (page.1 > page.0, low) {
        (true, _) => vec![of(Tall, true), of(Tall, false), of(Tight, false)],
        (false, false) => vec![of(Wide, true), of(Wide, false), of(Tight, false)],
        (false, true) => vec![of(Wide, false), of(Tight, false), of(Terse, false)],
    }
}

/// A page on which everything fits.
pub(super) struct Found<'c> {
    pub(super) setting: Setting<'c>,
    pub(super) sheet: Sheet,
    /// How many of the copy's pieces are left out.
    pub(super) dropped: usize,
}

impl Found<'_> {
    /// Less is better: first what is left out of the first layer, then whether there are no blocks, then what else is left out, then how small
    /// the type is.
    fn rank(&self) -> (usize, bool, usize, std::cmp::Reverse<u32>) {
        let worth = if self.setting.arrangement.columns { COLUMNS_WORTH } else { 100 };
        let first_layer =
            self.setting.copy.pieces()[..self.dropped].iter().filter(|piece| piece.is_first_layer()).count();
        let is_tight = self.setting.arrangement.shape.is_close();
        (first_layer, is_tight, self.dropped, std::cmp::Reverse(self.sheet.body * worth))
    }
}

impl<'c> Setting<'c> {
    /// The page that leaves out least, at the largest type at which that fits. Found by halving: what does not fit, does not fit with more pieces
    /// or larger type either.
    fn best(self, faces: &mut Faces<'_>) -> Result<Option<Found<'c>>, LayoutError> {
        let sizes = self.measures.sizes(self.arrangement.shape.is_close());
        let most = self.copy.pieces().len();
        let Some(mut sheet) = self.sheet(faces, sizes[0], most)? else { return Ok(None) };
        let (mut too_many, mut dropped) = (None, most);
        while too_many.map_or(0, |few| few + 1) < dropped {
            let middle = usize::midpoint(too_many.map_or(0, |few: usize| few + 1), dropped - 1);
            match self.sheet(faces, sizes[0], middle)? {
                Some(fitting) => (sheet, dropped) = (fitting, middle),
                None => too_many = Some(middle),
            }
        }
        let (mut fits, mut too_large) = (0, sizes.len());
        while too_large - fits > 1 {
            let middle = usize::midpoint(fits, too_large);
            match self.sheet(faces, sizes[middle], dropped)? {
                Some(larger) => (sheet, fits) = (larger, middle),
                None => too_large = middle,
            }
        }
        Ok(Some(Found { setting: self, sheet, dropped }))
    }
}

/// The longest text that the shop wrote.
pub(super) fn longest(copy: &Copy) -> String {
    let lines = copy.lines.iter().map(|line| line.parts.iter().map(|part| part.text.as_str()).collect::<String>());
    let others = [copy.place.text.clone(), copy.more.text.clone()];
    let objection = copy.objection.iter().map(|objection| objection.answer.clone());
    lines.chain(others).chain(objection).max_by_key(|text| text.chars().count()).unwrap_or_default()
}
