//! Where everything stands on a sign.
//!
//! From above: a band with pictogram and headline that tells the state from afar; sentences in large type; labelled lines
//! in two columns; the block on objection; to the right the QR code and where else to read. One size of type governs all
//! others; the largest at which everything fits is taken, and below the smallest legible one optional pieces are left out.

use std::fmt;

use crate::notice::copy::{Copy, LAST_DROP, Lead, Line};

use super::band::Band;
use super::canvas::{Area, Canvas, Tint};
use super::font::{Faces, Fonts, Weight};
use super::panel::Panel;
use super::qr::{Qr, QrError};
use super::text::{Measure, NoGlyph, Paragraph, Span};

/// White space at the edges, in pixels: 4 mm at 124 pixels per inch, more than frames cover.
pub const MARGIN: i32 = 20;

/// Sizes of type for labelled lines, in pixels per em. At the smallest, capitals of 2.1 mm at 124 pixels per inch are
/// legible at arm's length; above the largest, long lines look coarse beside the headline. At 17, regular and bold stems
/// are both two pixels thick, so that size is left out.
const BODY: [u32; 9] = [15, 16, 18, 19, 20, 21, 22, 23, 24];

/// Room for the QR code with its quiet zone.
const QR_ROOM: i32 = 168;

/// Between columns.
pub(super) const GUTTER: i32 = 24;

/// Between a label and its text.
const LABEL_GAP: i32 = 16;

/// Inside the frame of the objection block, and around what stands in the band.
pub(super) const PADDING: i32 = 11;

/// Draws `copy` for `panel`.
pub fn compose(panel: Panel, copy: &Copy, fonts: &Fonts) -> Result<Canvas, LayoutError> {
    let mut faces = Faces::new(fonts);
    let (width, height) = panel.page();
    let page = Area { x: 0, y: 0, width: width as i32, height: height as i32 };
    let qr = Qr::new(&copy.qr, QR_ROOM).map_err(LayoutError::Qr)?;
    let band = Band::new(&mut faces, copy, page.width)?;
    let setting = Setting { copy, page, band, qr };
    for drop in 0..=LAST_DROP {
        if let Some(sheet) = setting.largest(&mut faces, drop)? {
            let mut bitmap = Canvas::new(width, height);
            setting.draw(&mut bitmap, &mut faces, &sheet);
            return Ok(bitmap);
        }
    }
    Err(LayoutError::TooLong { text: setting.longest(), panel })
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

/// What is to be set, and where.
struct Setting<'c> {
    copy: &'c Copy,
    page: Area,
    band: Band,
    qr: Qr,
}

/// Everything with its lines broken, at sizes at which it fits.
struct Sheet {
    leads: Vec<Paragraph>,
    rows: Vec<(Paragraph, Paragraph)>,
    label_width: i32,
    objection: Vec<Paragraph>,
    caption: Paragraph,
    body: u32,
    /// First row below the band that may carry ink.
    top: i32,
    /// First row that may not: of the margin, or of the space above the objection block.
    bottom: i32,
    /// Rows between the two that the columns leave.
    spare: i32,
}

impl Setting<'_> {
    /// The largest type at which everything fits without the pieces up to `drop`; found by halving, because more type does
    /// not fit where less does not.
    fn largest(&self, faces: &mut Faces<'_>, drop: u8) -> Result<Option<Sheet>, LayoutError> {
        let Some(mut best) = self.sheet(faces, BODY[0], drop)? else { return Ok(None) };
        let (mut fits, mut too_large) = (0, BODY.len());
        while too_large - fits > 1 {
            let middle = usize::midpoint(fits, too_large);
            if let Some(sheet) = self.sheet(faces, BODY[middle], drop)? {
                (best, fits) = (sheet, middle);
            } else {
                too_large = middle;
            }
        }
        Ok(Some(best))
    }

    fn sheet(&self, faces: &mut Faces<'_>, body: u32, drop: u8) -> Result<Option<Sheet>, LayoutError> {
        let column = self.page.width - 2 * MARGIN - GUTTER - self.code();
        let leads = self.leads(faces, body, column)?;
        let (rows, label_width) = self.rows(faces, body, drop, column)?;
        let objection = self.objection(faces, body)?;
        let caption = self.caption(faces)?;
        let top = self.band.height + MARGIN;
        let bottom = self.page.height - MARGIN - if objection.is_empty() { 0 } else { framed(&objection) + PADDING };
        let spare = bottom - top - column_height(&leads, &rows, body);
        let fits = spare >= 0 && bottom - top >= self.code() + PADDING + caption.height();
        Ok(fits.then_some(Sheet { leads, rows, label_width, objection, caption, body, top, bottom, spare }))
    }

    /// Pixels of the QR code on each side, without its quiet zone.
    fn code(&self) -> i32 {
        self.qr.pixels() - 2 * self.qr.quiet()
    }

    /// Large type: half as large again as the body.
    fn leads(&self, faces: &mut Faces<'_>, body: u32, column: i32) -> Result<Vec<Paragraph>, LayoutError> {
        let set = |lead: &Lead| {
            let weight = if lead.strong { Weight::Bold } else { Weight::Regular };
            Paragraph::new(faces, &[Span { text: &lead.text, weight }], body * 3 / 2, column, Measure::Even)
        };
        Ok(self.copy.leads.iter().map(set).collect::<Result<_, _>>()?)
    }

    /// Labelled lines, and the width of the label column.
    fn rows(
        &self,
        faces: &mut Faces<'_>,
        body: u32,
        drop: u8,
        column: i32,
    ) -> Result<(Vec<(Paragraph, Paragraph)>, i32), LayoutError> {
        let mut labels = Vec::new();
        for line in &self.copy.lines {
            labels.push(Paragraph::new(faces, &[bold(&line.label)], body, column / 3, Measure::Full)?);
        }
        let label_width = labels.iter().map(Paragraph::width).max().unwrap_or(0);
        let mut rows = Vec::new();
        for (label, line) in labels.into_iter().zip(&self.copy.lines) {
            let text = without(line, drop);
            let width = column - label_width - LABEL_GAP;
            rows.push((label, Paragraph::new(faces, &[regular(&text)], body, width, Measure::Full)?));
        }
        Ok((rows, label_width))
    }

    /// The question on lines of its own, then what to do.
    fn objection(&self, faces: &mut Faces<'_>, body: u32) -> Result<Vec<Paragraph>, LayoutError> {
        let Some(objection) = &self.copy.objection else { return Ok(Vec::new()) };
        let width = self.page.width - 2 * MARGIN - 2 * PADDING;
        let mut set = |span| Paragraph::new(faces, &[span], body, width, Measure::Full);
        let question = set(bold(&objection.question))?;
        Ok(vec![question, set(regular(&objection.answer))?])
    }

    fn caption(&self, faces: &mut Faces<'_>) -> Result<Paragraph, LayoutError> {
        Ok(Paragraph::new(faces, &[regular(&self.copy.more)], BODY[0], self.code(), Measure::Even)?)
    }

    /// The longest text that the shop wrote.
    fn longest(&self) -> String {
        let lines = self.copy.lines.iter().map(|line| without(line, LAST_DROP));
        let others = [self.copy.place.clone(), self.copy.more.clone()];
        let objection = self.copy.objection.iter().map(|objection| objection.answer.clone());
        lines.chain(others).chain(objection).max_by_key(|text| text.chars().count()).unwrap_or_default()
    }

    fn draw(&self, on: &mut Canvas, faces: &mut Faces<'_>, sheet: &Sheet) {
        self.band.draw(on, faces);
        draw_column(on, faces, sheet);
        self.draw_more(on, faces, sheet);
        if !sheet.objection.is_empty() {
            self.draw_objection(on, faces, &sheet.objection);
        }
    }

    /// The quiet zone may lie in the margin and the gutter, which are as white.
    fn draw_more(&self, on: &mut Canvas, faces: &mut Faces<'_>, sheet: &Sheet) {
        let x = self.page.width - MARGIN - self.code();
        self.qr.draw(on, x - self.qr.quiet(), sheet.top - self.qr.quiet());
        sheet.caption.draw(on, faces, x, sheet.top + self.code() + PADDING, Tint::Ink);
    }

    fn draw_objection(&self, on: &mut Canvas, faces: &mut Faces<'_>, paragraphs: &[Paragraph]) {
        const FRAME: i32 = 3;
        let height = framed(paragraphs);
        let mut y = self.page.height - MARGIN - height;
        let width = self.page.width - 2 * MARGIN;
        on.fill(Area { x: MARGIN, y, width, height }, Tint::Ink);
        let inside = Area { x: MARGIN + FRAME, y: y + FRAME, width: width - 2 * FRAME, height: height - 2 * FRAME };
        on.fill(inside, Tint::Paper);
        y += PADDING;
        for paragraph in paragraphs {
            paragraph.draw(on, faces, MARGIN + PADDING, y, Tint::Ink);
            y += paragraph.height();
        }
    }
}

/// Space that is left goes between the lines, up to two gaps each; below large type the labelled lines stand at the foot.
fn draw_column(on: &mut Canvas, faces: &mut Faces<'_>, sheet: &Sheet) {
    let count = (sheet.leads.len() + sheet.rows.len()) as i32;
    let extra = (sheet.spare / count.max(1)).min(2 * gap(sheet.body));
    let step = gap(sheet.body) + extra;
    // Capitals, not their line's upper edge, stand level with the QR code.
    let mut y = sheet.top - sheet.leads.first().or(sheet.rows.first().map(|row| &row.0)).map_or(0, Paragraph::headroom);
    for lead in &sheet.leads {
        lead.draw(on, faces, MARGIN, y, Tint::Ink);
        y += lead.height() + step;
    }
    if !sheet.leads.is_empty() {
        y = sheet.bottom - column_height(&[], &sheet.rows, sheet.body) - extra * (sheet.rows.len() as i32 - 1).max(0);
    }
    let text_x = MARGIN + sheet.label_width + LABEL_GAP;
    for row in &sheet.rows {
        row.0.draw(on, faces, MARGIN, y, Tint::Ink);
        row.1.draw(on, faces, text_x, y, Tint::Ink);
        y += row_height(row) + step;
    }
}

fn column_height(leads: &[Paragraph], rows: &[(Paragraph, Paragraph)], body: u32) -> i32 {
    let heights = leads.iter().map(Paragraph::height).chain(rows.iter().map(row_height));
    let gaps = (leads.len() + rows.len()).saturating_sub(1) as i32;
    let before_rows = if leads.is_empty() || rows.is_empty() { 0 } else { body as i32 };
    heights.sum::<i32>() + gaps * gap(body) + before_rows
}

/// Height of the objection block with its frame.
fn framed(paragraphs: &[Paragraph]) -> i32 {
    paragraphs.iter().map(Paragraph::height).sum::<i32>() + 2 * PADDING
}

/// Space between lines of the columns.
fn gap(body: u32) -> i32 {
    (body / 4) as i32
}

fn row_height((label, text): &(Paragraph, Paragraph)) -> i32 {
    label.height().max(text.height())
}

fn without(line: &Line, drop: u8) -> String {
    line.parts.iter().filter(|part| part.drop.is_none_or(|order| order > drop)).map(|part| part.text.as_str()).collect()
}

fn bold(text: &str) -> Span<'_> {
    Span { text, weight: Weight::Bold }
}

fn regular(text: &str) -> Span<'_> {
    Span { text, weight: Weight::Regular }
}
