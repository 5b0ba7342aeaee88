//! What a visitor can do: the right to object in a frame of its own, the code beside it, and where else to read below.

use crate::notice::copy::Copy;
use crate::sign::canvas::Tint;
use crate::sign::font::Weight;
use crate::sign::text::NoGlyph;

use super::PrintError;
use super::code::Code;
use super::face::Faces;
use super::measures::Measures;
use super::page::{Area, Operation, Role, readable};
use super::paragraph::{Copyfit, Measure, Paragraph};

/// How much larger than texts the question before the right to object is.
const QUESTION: f64 = 1.3;

/// Between the frame's outer edge and its words, beside and above them, on A4.
const PADDING: (f64, f64) = (7.0, 6.0);

/// Of the frame, on A4.
const THICKNESS: f64 = 1.1;

/// How far accents rise above capitals, and tails below the baseline, in sizes.
const REACH: f64 = 0.25;

/// How much smaller than wanted a code may become for an address, the least first.
const SMALLER: [f64; 4] = [0.9, 0.8, 0.7, 0.6];

/// Tries at making code and frame equally high: a larger code leaves the frame less width, and so may make it higher.
const TRIES: usize = 4;

/// The words of the foot, before they have a size.
pub(super) struct FootCopy {
    objection: Option<(Copyfit, Copyfit)>,
    more: Copyfit,
    /// The address in letters, for whoever has no camera.
    written: Copyfit,
    address: String,
}

/// The foot with its lines broken.
#[derive(Clone)]
pub(super) struct Foot {
    /// Question and answer.
    objection: Option<(Paragraph, Paragraph)>,
    more: Paragraph,
    written: Paragraph,
    code: Code,
    /// Height of frame and code.
    block: f64,
    /// Width of the column beside the code.
    beside: f64,
}

impl FootCopy {
    pub(super) fn new(faces: &Faces<'_>, copy: &Copy) -> Result<Self, NoGlyph> {
        let fit = |text: &str, weight| Copyfit::new(faces, text, weight, copy.language);
        let objection = match &copy.objection {
            Some(objection) => {
                Some((fit(&objection.question.text, Weight::Bold)?, fit(&objection.answer, Weight::Regular)?))
            }
            None => None,
        };
        let written = fit(&readable(&copy.qr), Weight::Regular)?;
        Ok(Self { objection, more: fit(&copy.more.text, Weight::Regular)?, written, address: copy.qr.clone() })
    }

    /// The foot, if no word is too long for its column. The code gives way where the address to write to would else be parted, and becomes as high
    /// as the frame where that costs nothing.
    pub(super) fn set(&self, measures: &Measures) -> Result<Option<Foot>, PrintError> {
        let wanted = Code::new(&self.address, measures)?;
        let Some(first) = self.beside(measures, wanted.clone()) else { return Ok(None) };
        let smaller = SMALLER.iter().filter_map(|share| self.beside(measures, wanted.smaller(*share)?));
        let whole = std::iter::once(first.clone()).chain(smaller).find(|foot| !foot.is_parted());
        Ok(Some(self.level(measures, whole.unwrap_or(first))))
    }

    /// The same with frame and code of one height, if the code may become as high as that.
    fn level(&self, measures: &Measures, mut foot: Foot) -> Foot {
        for _ in 0..TRIES {
            let larger = foot.code.grown(foot.block, measures).and_then(|code| self.beside(measures, code));
            match larger.filter(|larger| foot.is_parted() || !larger.is_parted()) {
                Some(larger) => foot = larger,
                None => break,
            }
        }
        foot
    }

    fn beside(&self, measures: &Measures, code: Code) -> Option<Foot> {
        let beside = measures.width() - code.side() - measures.gutter().max(code.quiet());
        let Some((question, answer)) = &self.objection else {
            let more = self.more.paragraph(measures.body * QUESTION, beside, Measure::Even)?;
            let written = self.written.paragraph(measures.body, beside, Measure::Full)?;
            let block = code.side().max(more.height() + below(measures) + written.height());
            return Some(Foot { objection: None, more, written, code, block, beside });
        };
        let inside = beside - 2.0 * PADDING.0 * measures.scale;
        let question = question.paragraph(measures.body * QUESTION, inside, Measure::Even)?;
        let answer = answer.paragraph(measures.body, inside, Measure::Full)?;
        let more = self.more.paragraph(measures.body, measures.width(), Measure::Full)?;
        let written = self.written.paragraph(measures.body, measures.width(), Measure::Full)?;
        let mut foot = Foot { objection: Some((question, answer)), more, written, code, block: 0.0, beside };
        foot.block = foot.code.side().max(foot.words(measures) + 2.0 * PADDING.1 * measures.scale);
        Some(foot)
    }
}

impl Foot {
    /// Whether an address in the frame does not stand in one line.
    fn is_parted(&self) -> bool {
        self.objection.as_ref().is_some_and(|(_, answer)| answer.parts_an_address())
    }

    /// Height of question and answer.
    fn words(&self, measures: &Measures) -> f64 {
        let Some((question, answer)) = &self.objection else { return 0.0 };
        let gap = if question.lines() > 0 { below(measures) } else { 0.0 };
        question.height() + gap + answer.height()
    }

    /// Between the code and the lines above and below it, whose accents and tails may not reach into its quiet zone.
    fn quiet(&self, measures: &Measures) -> f64 {
        self.code.quiet() + measures.body * REACH
    }

    /// What stays white above it, at least.
    pub(super) fn gap(&self, measures: &Measures) -> f64 {
        measures.block_gap().max(self.quiet(measures))
    }

    /// Whether the address stands in the line of what is said before it.
    fn is_one_line(&self, measures: &Measures) -> bool {
        let width = self.more.width() + measures.gutter() + self.written.width();
        self.more.lines() == 1 && self.written.lines() == 1 && width <= measures.width()
    }

    pub(super) fn height(&self, measures: &Measures) -> f64 {
        match self.objection {
            None => self.block,
            Some(_) if self.is_one_line(measures) => self.block + self.quiet(measures) + self.more.height(),
            Some(_) => self.block + self.quiet(measures) + self.more.height() + below(measures) + self.written.height(),
        }
    }

    pub(super) fn draw(&self, measures: &Measures, top: f64) -> Vec<Operation> {
        let margin = measures.margin();
        let code = self.code.draw(margin + measures.width() - self.code.side(), top);
        let Some((question, answer)) = &self.objection else {
            let more = self.more.draw((margin, top), Role::Text, Tint::Ink);
            let y = top + self.more.height() + below(measures);
            return vec![more, self.written.draw((margin, y), Role::Text, Tint::Ink), code];
        };
        let area = Area { x: margin, y: top, width: self.beside, height: self.block };
        let mut drawn = vec![Operation::Frame {
            area,
            thickness: THICKNESS * measures.scale * measures.ease.max(0.7),
            tint: Tint::Ink,
        }];
        let x = margin + PADDING.0 * measures.scale;
        let mut y = top + (self.block - self.words(measures)) / 2.0;
        if question.lines() > 0 {
            drawn.push(question.draw((x, y), Role::Text, Tint::Ink));
            y += question.height() + below(measures);
        }
        drawn.push(answer.draw((x, y), Role::Text, Tint::Ink));
        drawn.push(code);
        drawn.extend(self.draw_more(measures, top + self.block + self.quiet(measures)));
        drawn
    }

    /// Where else to read, and the address at the other end of the line or in one of its own.
    fn draw_more(&self, measures: &Measures, y: f64) -> [Operation; 2] {
        let margin = measures.margin();
        let written = if self.is_one_line(measures) {
            (margin + measures.width() - self.written.width(), y)
        } else {
            (margin, y + self.more.height() + below(measures))
        };
        [(&self.more, (margin, y)), (&self.written, written)].map(|(text, at)| text.draw(at, Role::Text, Tint::Ink))
    }
}

/// Between a paragraph and one that belongs to it.
fn below(measures: &Measures) -> f64 {
    measures.body
}
