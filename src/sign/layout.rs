//! Where everything stands on a sign.
//!
//! From above: a band with pictogram and headline that tells the state from afar; sentences in large type; labelled lines
//! in two columns; the block on objection; to the right the QR code and where else to read. One size of type governs all
//! others; the largest at which everything fits is taken, and below the smallest legible one optional pieces are left out.

use std::fmt;

use crate::notice::copy::{Copy, LAST_DROP, Line, Tone};

use super::bitmap::{Area, Bitmap, Tint};
use super::font::{Faces, Fonts, Weight};
use super::icon::Pictogram;
use super::panel::Panel;
use super::qr::{Qr, QrError};
use super::text::{Measure, NoGlyph, Paragraph, Span};

/// White space at the edges, in pixels: 5 mm at 124 pixels per inch, more than frames cover.
pub const MARGIN: i32 = 24;

/// Largest type for labelled lines, in pixels per em; above it long lines look coarse beside the headline.
const LARGEST_BODY: u32 = 24;

/// Smallest type, in pixels per em: capitals of 2.3 mm at 124 pixels per inch, legible at arm's length.
const SMALLEST_BODY: u32 = 16;

/// Largest and smallest headline.
const HEADLINE: (u32, u32) = (60, 26);

/// Room for the QR code with its quiet zone.
const QR_ROOM: i32 = 168;

/// Between columns.
const GUTTER: i32 = 28;

/// Inside the frame of the objection block, and above and below the words of the band.
const PADDING: i32 = 14;

/// Draws `copy` for `panel`.
pub fn compose(panel: Panel, copy: &Copy, fonts: &Fonts) -> Result<Bitmap, LayoutError> {
    let mut faces = Faces::new(fonts);
    let page = Area { x: 0, y: 0, width: panel.width as i32, height: panel.height as i32 };
    let qr = Qr::new(&copy.qr, QR_ROOM).map_err(LayoutError::Qr)?;
    let setting = Setting { copy, page, qr };
    for drop in 0..=LAST_DROP {
        if let Some(sheet) = setting.largest(&mut faces, drop)? {
            let mut bitmap = Bitmap::new(panel.width, panel.height);
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
                write!(f, "the notice does not fit on a panel of {panel}; its longest text has {letters} letters, shorten it: \"{text}\"")
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
    qr: Qr,
}

/// Everything with its lines broken, at sizes at which it fits.
struct Sheet {
    band: Band,
    leads: Vec<Paragraph>,
    rows: Vec<(Paragraph, Paragraph)>,
    label_width: i32,
    objection: Option<Paragraph>,
    caption: Paragraph,
    body: u32,
    /// Pixels left over between band and objection block.
    spare: i32,
}

struct Band {
    headline: Vec<Paragraph>,
    place: Paragraph,
    icon: i32,
    icons_width: i32,
    height: i32,
}

impl Setting<'_> {
    /// The largest type at which everything fits without the pieces up to `drop`. More type never fits where less does not,
    /// but for a few lines that happen to break better; so the sizes are tried one by one.
    fn largest(&self, faces: &mut Faces<'_>, drop: u8) -> Result<Option<Sheet>, LayoutError> {
        for body in (SMALLEST_BODY..=LARGEST_BODY).rev() {
            if let Some(sheet) = self.sheet(faces, body, drop)? {
                return Ok(Some(sheet));
            }
        }
        Ok(None)
    }

    fn sheet(&self, faces: &mut Faces<'_>, body: u32, drop: u8) -> Result<Option<Sheet>, LayoutError> {
        let column = self.page.width - 2 * MARGIN - GUTTER - (self.qr.pixels() - 2 * self.qr.quiet());
        let band = self.band(faces)?;
        let leads = self.leads(faces, body, column)?;
        let (rows, label_width) = self.rows(faces, body, drop, column)?;
        let objection = self.objection(faces, body)?;
        let caption = self.caption(faces, body)?;
        let objection_height = objection.as_ref().map_or(0, |p| p.height() + 2 * PADDING + gap(body));
        let room = self.page.height - MARGIN - band.height - objection_height;
        let left = self.column_height(&leads, &rows, body);
        let right = MARGIN + self.qr.pixels() - 2 * self.qr.quiet() + PADDING + caption.height();
        let spare = room - MARGIN - left;
        let fits = spare >= 0 && room >= right;
        Ok(fits.then_some(Sheet { band, leads, rows, label_width, objection, caption, body, spare }))
    }

    fn band(&self, faces: &mut Faces<'_>) -> Result<Band, LayoutError> {
        let lines = self.copy.headline.len().max(1) as i32;
        let icons = if self.copy.tone == Tone::Active { 1 } else { self.pictograms().len() as i32 };
        let icon = match lines {
            1 => 84,
            2 => 50,
            _ => 40,
        };
        let icons_width = icons * icon + (icons - 1) * PADDING;
        let width = self.page.width - 2 * MARGIN - icons_width - GUTTER + PADDING / 2;
        let largest = if lines == 1 { HEADLINE.0 } else { icon as u32 - 4 };
        let headline = self.headline(faces, largest, width)?;
        let place = Paragraph::new(faces, &[regular(&self.copy.place)], 24, width, Measure::Even)?;
        let words = headline.iter().map(|line| line.height().max(if lines > 1 { icon + 6 } else { 0 })).sum::<i32>();
        let height = (words + place.height()).max(icon) + 2 * PADDING + self.edge();
        Ok(Band { headline, place, icon, icons_width, height })
    }

    /// All lines of the headline in the one size at which the longest fits on a line.
    fn headline(&self, faces: &mut Faces<'_>, largest: u32, width: i32) -> Result<Vec<Paragraph>, LayoutError> {
        let mut size = largest;
        loop {
            let set = |text: &String| Paragraph::new(faces, &[bold(text)], size, width, Measure::Full);
            let lines = self.copy.headline.iter().map(set).collect::<Result<Vec<_>, _>>()?;
            if size <= HEADLINE.1 || lines.iter().all(|line| line.lines() == 1) {
                return Ok(lines);
            }
            size -= 1;
        }
    }

    /// Large type: at most 5/3 of the body.
    fn leads(&self, faces: &mut Faces<'_>, body: u32, column: i32) -> Result<Vec<Paragraph>, LayoutError> {
        let set = |lead: &crate::notice::copy::Lead| {
            let weight = if lead.strong { Weight::Bold } else { Weight::Regular };
            Paragraph::new(faces, &[Span { text: &lead.text, weight }], body * 5 / 3, column, Measure::Full)
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
            let width = column - label_width - GUTTER / 2 - PADDING / 2;
            rows.push((label, Paragraph::new(faces, &[regular(&text)], body, width, Measure::Full)?));
        }
        Ok((rows, label_width))
    }

    fn objection(&self, faces: &mut Faces<'_>, body: u32) -> Result<Option<Paragraph>, LayoutError> {
        let Some(objection) = &self.copy.objection else { return Ok(None) };
        let space = if objection.question.is_empty() { "" } else { " " };
        let spans = [bold(&objection.question), regular(space), regular(&objection.answer)];
        let width = self.page.width - 2 * MARGIN - 2 * PADDING;
        Ok(Some(Paragraph::new(faces, &spans, body + 1, width, Measure::Even)?))
    }

    fn caption(&self, faces: &mut Faces<'_>, body: u32) -> Result<Paragraph, LayoutError> {
        let width = self.qr.pixels() - 2 * self.qr.quiet();
        let size = body.clamp(SMALLEST_BODY, 18);
        Ok(Paragraph::new(faces, &[regular(&self.copy.more)], size, width, Measure::Full)?)
    }

    fn column_height(&self, leads: &[Paragraph], rows: &[(Paragraph, Paragraph)], body: u32) -> i32 {
        let heights = leads.iter().map(Paragraph::height).chain(rows.iter().map(row_height));
        let gaps = (leads.len() + rows.len()).saturating_sub(1) as i32;
        heights.sum::<i32>() + gaps * gap(body)
    }

    /// The longest text that the shop wrote.
    fn longest(&self) -> String {
        let lines = self.copy.lines.iter().map(|line| without(line, LAST_DROP));
        let others = [self.copy.place.clone(), self.copy.more.clone()];
        let objection = self.copy.objection.iter().map(|objection| objection.answer.clone());
        lines.chain(others).chain(objection).max_by_key(|text| text.chars().count()).unwrap_or_default()
    }

    /// Height of the rule or stripes that close the band.
    fn edge(&self) -> i32 {
        match self.copy.tone {
            Tone::Active => 0,
            Tone::Inactive => 6,
            Tone::Paused => 12,
            Tone::Unknown => 2 * STRIPES,
        }
    }

    fn pictograms(&self) -> Vec<Pictogram> {
        match self.copy.tone {
            Tone::Active => self.copy.icons.iter().copied().map(Pictogram::On).collect(),
            Tone::Inactive => self.copy.icons.iter().copied().map(Pictogram::Off).collect(),
            Tone::Paused => vec![Pictogram::Paused],
            Tone::Unknown => vec![Pictogram::Unknown],
        }
    }

    fn draw(&self, on: &mut Bitmap, faces: &mut Faces<'_>, sheet: &Sheet) {
        self.draw_band(on, faces, &sheet.band);
        self.draw_column(on, faces, sheet);
        self.draw_more(on, faces, sheet);
        if let Some(objection) = &sheet.objection {
            self.draw_objection(on, faces, objection);
        }
    }

    fn draw_band(&self, on: &mut Bitmap, faces: &mut Faces<'_>, band: &Band) {
        let tint = self.draw_ground(on, band.height);
        let inner_top = if self.copy.tone == Tone::Unknown { STRIPES } else { 0 };
        let inner = band.height - self.edge();
        let text_x = MARGIN + band.icons_width + GUTTER - PADDING / 2;
        let rows: Vec<i32> = band.headline.iter().map(|line| self.headline_row(band, line)).collect();
        let words = rows.iter().sum::<i32>() + band.place.height();
        let mut y = inner_top + (inner - words) / 2;
        let single = band.headline.len() == 1;
        for (index, pictogram) in self.pictograms().into_iter().enumerate() {
            let step = index as i32;
            let (x, top) = if single {
                (MARGIN + step * (band.icon + PADDING), inner_top + (inner - band.icon) / 2)
            } else {
                (MARGIN, y + rows[..index].iter().sum::<i32>() + (rows[index] - band.icon) / 2)
            };
            pictogram.draw(on, x, top, band.icon, tint);
        }
        for (line, height) in band.headline.iter().zip(rows) {
            line.draw(on, faces, text_x, y + (height - line.height()) / 2, tint);
            y += height;
        }
        band.place.draw(on, faces, text_x, y, tint);
    }

    fn headline_row(&self, band: &Band, line: &Paragraph) -> i32 {
        if band.headline.len() > 1 { line.height().max(band.icon + 6) } else { line.height() }
    }

    /// Paints the ground of the band and returns the tint of what stands on it.
    fn draw_ground(&self, on: &mut Bitmap, height: i32) -> Tint {
        let full = |y, height| Area { x: 0, y, width: self.page.width, height };
        match self.copy.tone {
            Tone::Active => {
                on.fill(full(0, height), Tint::Ink);
                return Tint::Paper;
            }
            Tone::Inactive => on.fill(full(height - 6, 6), Tint::Ink),
            Tone::Paused => {
                on.fill(full(height - 12, 4), Tint::Ink);
                on.fill(full(height - 4, 4), Tint::Ink);
            }
            Tone::Unknown => {
                stripes(on, full(0, STRIPES));
                stripes(on, full(height - STRIPES, STRIPES));
            }
        }
        Tint::Ink
    }

    /// Space that is left goes between the lines, up to half a line each; the rest below.
    fn draw_column(&self, on: &mut Bitmap, faces: &mut Faces<'_>, sheet: &Sheet) {
        let count = (sheet.leads.len() + sheet.rows.len()) as i32;
        let extra = (sheet.spare / count.max(1)).min(gap(sheet.body));
        let step = gap(sheet.body) + extra;
        let mut y = sheet.band.height + MARGIN + extra / 2;
        for lead in &sheet.leads {
            lead.draw(on, faces, MARGIN, y, Tint::Ink);
            y += lead.height() + step;
        }
        let text_x = MARGIN + sheet.label_width + GUTTER / 2 + PADDING / 2;
        for row in &sheet.rows {
            row.0.draw(on, faces, MARGIN, y, Tint::Ink);
            row.1.draw(on, faces, text_x, y, Tint::Ink);
            y += row_height(row) + step;
        }
    }

    /// The quiet zone may lie in the margin and the gutter, which are as white.
    fn draw_more(&self, on: &mut Bitmap, faces: &mut Faces<'_>, sheet: &Sheet) {
        let code = self.qr.pixels() - 2 * self.qr.quiet();
        let x = self.page.width - MARGIN - code;
        let y = sheet.band.height + MARGIN;
        self.qr.draw(on, x - self.qr.quiet(), y - self.qr.quiet());
        sheet.caption.draw(on, faces, x, y + code + PADDING, Tint::Ink);
    }

    fn draw_objection(&self, on: &mut Bitmap, faces: &mut Faces<'_>, text: &Paragraph) {
        const FRAME: i32 = 3;
        let height = text.height() + 2 * PADDING;
        let y = self.page.height - MARGIN - height;
        let width = self.page.width - 2 * MARGIN;
        on.fill(Area { x: MARGIN, y, width, height }, Tint::Ink);
        let inside = Area { x: MARGIN + FRAME, y: y + FRAME, width: width - 2 * FRAME, height: height - 2 * FRAME };
        on.fill(inside, Tint::Paper);
        text.draw(on, faces, MARGIN + PADDING, y + PADDING, Tint::Ink);
    }
}

/// Height of one striped edge of the "unknown" band.
const STRIPES: i32 = 18;

/// Slanted stripes, as wide as their gaps.
fn stripes(on: &mut Bitmap, area: Area) {
    for y in area.y..area.y + area.height {
        for x in (area.x..area.x + area.width).filter(|x| (x + y - area.y).rem_euclid(2 * STRIPES) < STRIPES) {
            on.set(x, y, Tint::Ink);
        }
    }
}

/// Space between lines of the columns.
fn gap(body: u32) -> i32 {
    (body / 3) as i32
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
