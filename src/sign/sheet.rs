//! One page with its lines broken at one size of type: what stands where, and how it is drawn.

use crate::notice::copy::{Copy, Lead, Line, Part};
use crate::notice::piece::Piece;

use super::band::{Band, Room};
use super::canvas::{Area, Canvas, Tint};
use super::font::{Faces, Weight};
use super::layout::LayoutError;
use super::measures::Measures;
use super::panel::Panel;
use super::qr::Qr;
use super::text::{Measure, Paragraph, Span};

/// Share of the shorter side that the code takes where nothing asks for more (in percent).
const CODE_SHARE: i32 = 35;

/// How the parts of a page stand to each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shape {
    /// The code to the right below the band, the objection in a block across the foot.
    Wide,
    /// The code at the foot above the block, lines across the page.
    Tall,
    /// The code in the lower right corner, everything else around it, as much as fits.
    Tight,
    /// The same in the fewest words and with the least between lines; of three things at once the band only has the pictograms.
    Terse,
}

impl Shape {
    /// Whether nothing has a place of its own but the code.
    pub(super) fn is_close(self) -> bool {
        matches!(self, Self::Tight | Self::Terse)
    }
}

/// Most lines of a headline that a low band holds.
const LOW_BAND_LINES: usize = 2;

/// A way to set a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Arrangement {
    pub(super) shape: Shape,
    /// Whether labels stand in a column of their own, or in bold before their text.
    pub(super) columns: bool,
}

/// What is to be set, and where.
pub(super) struct Setting<'c> {
    pub(super) copy: &'c Copy,
    pub(super) measures: Measures,
    pub(super) arrangement: Arrangement,
    pub(super) page: (i32, i32),
    pub(super) band: Band,
    pub(super) qr: Qr,
}

/// A page on which everything fits.
pub(super) struct Sheet {
    pub(super) body: u32,
    pub(super) placed: Vec<Placed>,
    /// Upper left corner of the code, without its quiet zone.
    pub(super) code: (i32, i32),
    /// The block on objection: a frame around it, or a bar beside it.
    pub(super) block: Option<Block>,
}

/// A paragraph with its upper left corner.
pub(super) struct Placed {
    pub(super) paragraph: Paragraph,
    pub(super) x: i32,
    pub(super) y: i32,
}

/// What sets the objection apart (GDPR Art. 21(4)).
pub(super) enum Block {
    Frame(Area),
    Bar(Area),
}

impl<'c> Setting<'c> {
    pub(super) fn new(
        faces: &mut Faces<'_>,
        panel: &Panel,
        page: (u32, u32),
        copy: &'c Copy,
        arrangement: Arrangement,
    ) -> Result<Self, LayoutError> {
        let measures = Measures::new(panel, page);
        let (width, height) = (page.0 as i32, page.1 as i32);
        let wanted = width.min(height) * CODE_SHARE / 100;
        let code = |most: i32| Qr::new(&copy.qr, panel, wanted, most.min(width / 2)).map_err(LayoutError::Qr);
        let qr = code(height - measures.icon_min)?;
        let room = match arrangement.shape {
            Shape::Wide | Shape::Tall => Room::Ample,
            Shape::Tight | Shape::Terse => Room::Scarce { height: height - qr.pixels() },
        };
        faces.language = copy.heading;
        let headline = if is_told_below(arrangement.shape, copy) { &[] } else { copy.headline.as_slice() };
        let band = Band::new(faces, (copy, headline), (panel.ink, &measures), width, room);
        faces.language = copy.language;
        let band = band?;
        Ok(Self { copy, measures, arrangement, page: (width, height), band, qr })
    }

    /// The page at `body` pixels per em without the first `dropped` pieces, if everything fits.
    pub(super) fn sheet(&self, faces: &mut Faces<'_>, body: u32, dropped: usize) -> Result<Option<Sheet>, LayoutError> {
        let pieces = self.copy.pieces();
        let mut typesetter = Typesetter { setting: self, faces, body, gone: &pieces[..dropped] };
        let sheet = match self.arrangement.shape {
            Shape::Wide | Shape::Tall => typesetter.spread()?,
            Shape::Tight | Shape::Terse => typesetter.tight()?,
        };
        let whole = |sheet: &Sheet| sheet.placed.iter().all(|placed| !placed.paragraph.is_overfull());
        Ok(sheet.filter(|sheet| whole(sheet) && !self.band.is_overfull()))
    }

    pub(super) fn draw(&self, on: &mut Canvas, faces: &mut Faces<'_>, sheet: &Sheet) {
        match sheet.block {
            Some(Block::Frame(area)) => frame(on, area, self.measures.frame),
            Some(Block::Bar(area)) => on.fill(area, Tint::Ink),
            None => {}
        }
        self.qr.draw(on, sheet.code.0 - self.qr.quiet(), sheet.code.1 - self.qr.quiet());
        for placed in &sheet.placed {
            placed.paragraph.draw(on, faces, placed.x, placed.y, Tint::Ink);
        }
        self.band.draw(on, faces);
    }

    /// Pixels of the code on each side, without its quiet zone.
    pub(super) fn code(&self) -> i32 {
        self.qr.pixels() - 2 * self.qr.quiet()
    }

    /// Between the code and the edge of the page: the margin is white as well.
    pub(super) fn code_margin(&self) -> i32 {
        self.measures.margin.max(self.qr.quiet())
    }

    /// Between the code and the text beside it.
    pub(super) fn code_gutter(&self) -> i32 {
        self.measures.gutter.max(self.qr.quiet())
    }
}

/// Breaks lines at one size, without what has to go.
pub(super) struct Typesetter<'t, 'f, 'c> {
    pub(super) setting: &'t Setting<'c>,
    pub(super) faces: &'t mut Faces<'f>,
    pub(super) body: u32,
    gone: &'t [Piece],
}

impl Typesetter<'_, '_, '_> {
    /// Parts that stay, joined.
    pub(super) fn text(&self, parts: &[Part]) -> String {
        let stays = |part: &&Part| part.piece.is_none_or(|piece| !self.gone.contains(&piece));
        parts.iter().filter(stays).map(|part| part.text.as_str()).collect()
    }

    /// Labels and texts of lines of which something stays.
    pub(super) fn lines(&self) -> Vec<(String, String)> {
        let lines = self.setting.copy.lines.iter();
        let lines = lines.map(|line: &Line| (line.label.clone(), self.text(&line.parts)));
        lines.filter(|(_, text)| !text.is_empty()).collect()
    }

    /// Sentences in large type that stay.
    pub(super) fn leads(&self) -> Vec<Lead> {
        let stays = |lead: &&Lead| lead.piece.is_none_or(|piece| !self.gone.contains(&piece));
        let said = |lead: &Lead| {
            if self.is_terse() { Lead { text: lead.brief.clone(), ..lead.clone() } } else { lead.clone() }
        };
        self.setting.copy.leads.iter().filter(stays).map(said).collect()
    }

    /// The headline, where it does not stand in the band.
    pub(super) fn headline_below(&self) -> &[String] {
        let Setting { copy, arrangement, .. } = self.setting;
        if is_told_below(arrangement.shape, copy) { &copy.headline } else { &[] }
    }

    /// The question and the answer on objection, where there is a right to object; in fewer words where the question has to go.
    pub(super) fn objection(&self) -> Option<(String, String)> {
        let objection = self.setting.copy.objection.as_ref()?;
        let answer = match (self.is_terse() && self.gone.contains(&Piece::Contact), self.is_brief()) {
            (true, _) => &objection.briefest,
            (false, true) => &objection.brief,
            (false, false) => &objection.answer,
        };
        Some((self.text(std::slice::from_ref(&objection.question)), answer.clone()))
    }

    /// Where else to read.
    pub(super) fn more(&self) -> String {
        let copy = self.setting.copy;
        self.text(std::slice::from_ref(if self.is_brief() { &copy.brief_more } else { &copy.more }))
    }

    pub(super) fn is_terse(&self) -> bool {
        self.setting.arrangement.shape == Shape::Terse
    }

    fn is_brief(&self) -> bool {
        self.is_terse() || self.gone.contains(&Piece::What) || self.gone.contains(&Piece::Question)
    }

    pub(super) fn paragraph(
        &mut self,
        spans: &[(&str, Weight)],
        size: u32,
        width: i32,
        measure: Measure,
    ) -> Result<Paragraph, LayoutError> {
        let spans: Vec<Span<'_>> = spans.iter().map(|(text, weight)| Span { text, weight: *weight }).collect();
        let paragraph = Paragraph::new(self.faces, &spans, size, width, measure)?;
        Ok(if self.is_terse() { paragraph.dense() } else { paragraph })
    }
}

/// Whether the headline has more lines than its band, and stands in the text.
fn is_told_below(shape: Shape, copy: &Copy) -> bool {
    shape == Shape::Terse && copy.headline.len() > LOW_BAND_LINES
}

fn frame(on: &mut Canvas, outer: Area, thickness: i32) {
    on.fill(outer, Tint::Ink);
    let inside = Area {
        x: outer.x + thickness,
        y: outer.y + thickness,
        width: outer.width - 2 * thickness,
        height: outer.height - 2 * thickness,
    };
    on.fill(inside, Tint::Paper);
}
