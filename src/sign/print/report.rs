//! A page of facts and tables, for whoever wants to know and not to be told from three metres: one sheet, in the largest type that fits.

use crate::domain::text::Language;
use crate::sign::canvas::Tint;
use crate::sign::font::{Fonts, Weight};
use crate::sign::text::NoGlyph;

use super::PrintError;
use super::face::{Faces, millimetres};
use super::page::{Area, Operation, Page, Role};
use super::paper::Paper;
use super::paragraph::{Copyfit, Measure, Paragraph};

/// Sizes of type that are tried, in millimetres per em: from 10 pt down to 6.5 pt, which is read at a desk.
const BODIES: [f64; 8] = [3.53, 3.35, 3.18, 3.0, 2.82, 2.65, 2.47, 2.29];

/// White space at the edges, in millimetres: printers leave 5, and a punch takes 12.
const MARGIN: f64 = 14.0;

/// Size of type in tables, in those of the body.
const TABLE: f64 = 0.92;

/// What a page says, in the order in which it is read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// Its headline.
    pub title: String,
    /// Language of its words.
    pub language: Language,
    /// What it says.
    pub parts: Vec<Part>,
    /// Small at the foot: who made it.
    pub mark: String,
}

/// One thing that a page says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part {
    /// What matters most, in a frame: a sentence, and what it means.
    Verdict(String, Vec<String>),
    /// What follows is about this.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// Names of facts, and what they are.
    Facts(Vec<(String, String)>),
    /// Rows below the names of their columns.
    Table {
        /// Name of each column, and whether numbers stand in it.
        columns: Vec<(String, bool)>,
        /// Rows; one with a single cell reaches over all columns.
        rows: Vec<Vec<String>>,
    },
    /// Lines that are copied as they are.
    Fixed(Vec<String>),
}

/// Sets a report on one page, in the largest type that fits.
pub fn report(said: &Report, paper: Paper, fonts: &Fonts) -> Result<Page, PrintError> {
    let faces = Faces::new(fonts);
    for body in BODIES {
        let mut setter = Setter { faces: &faces, language: said.language, paper, body, y: MARGIN, drawn: Vec::new() };
        let fits = setter.all(said)?;
        if fits && setter.y <= paper.height() - MARGIN - 2.0 * body {
            setter.mark(&said.mark)?;
            let (title, language, operations) = (said.title.clone(), said.language, setter.drawn);
            return Ok(Page { paper, title, language, body, operations });
        }
    }
    Err(PrintError::TooMuch { paper })
}

struct Setter<'f> {
    faces: &'f Faces<'f>,
    language: Language,
    paper: Paper,
    body: f64,
    /// Where the next thing begins.
    y: f64,
    drawn: Vec<Operation>,
}

/// A text, how it is set, and where.
struct Line<'t> {
    text: &'t str,
    weight: Weight,
    /// Its size in those of the body.
    scale: f64,
    x: f64,
    width: f64,
}

impl Setter<'_> {
    /// Everything from the top; `false` if a word is longer than its column.
    fn all(&mut self, said: &Report) -> Result<bool, NoGlyph> {
        let title = Line { weight: Weight::Bold, scale: 1.7, ..self.full(&said.title) };
        let mut fits = self.draw(&title, Role::Headline, 0.9)?;
        for part in &said.parts {
            fits &= match part {
                Part::Verdict(verdict, more) => self.verdict(verdict, more)?,
                Part::Heading(text) => {
                    self.y += 0.7 * self.body;
                    let line = Line { weight: Weight::Bold, scale: 1.1, ..self.full(text) };
                    self.draw(&line, Role::Label, 0.75)?
                }
                Part::Text(text) => {
                    let line = self.full(text);
                    self.draw(&line, Role::Text, 0.55)?
                }
                Part::Facts(facts) => self.facts(facts)?,
                Part::Table { columns, rows } => self.table(columns, rows)?,
                Part::Fixed(lines) => self.fixed(lines)?,
            };
        }
        Ok(fits)
    }

    fn width(&self) -> f64 {
        self.paper.width() - 2.0 * MARGIN
    }

    fn full<'t>(&self, text: &'t str) -> Line<'t> {
        Line { text, weight: Weight::Regular, scale: 1.0, x: MARGIN, width: self.width() }
    }

    fn set(&self, line: &Line<'_>) -> Result<Option<Paragraph>, NoGlyph> {
        let fit = Copyfit::new(self.faces, line.text, line.weight, self.language)?;
        Ok(fit.paragraph(self.body * line.scale, line.width, Measure::Full))
    }

    /// Draws a text where the page has got to, with white space of so many sizes below it.
    fn draw(&mut self, line: &Line<'_>, role: Role, below: f64) -> Result<bool, NoGlyph> {
        let Some(set) = self.set(line)? else { return Ok(false) };
        if set.lines() == 0 {
            self.y += self.body;
            return Ok(true);
        }
        self.drawn.push(set.draw((line.x, self.y), role, Tint::Ink));
        self.y += set.height() + below * self.body;
        Ok(true)
    }

    fn verdict(&mut self, verdict: &str, more: &[String]) -> Result<bool, NoGlyph> {
        let (top, inside) = (self.y, 0.9 * self.body);
        self.y += 1.1 * inside;
        let (x, width) = (MARGIN + inside, self.width() - 2.0 * inside);
        let mut fits =
            self.draw(&Line { text: verdict, weight: Weight::Bold, scale: 1.4, x, width }, Role::Headline, 0.7)?;
        for text in more {
            fits &= self.draw(&Line { text, weight: Weight::Regular, scale: 1.0, x, width }, Role::Text, 0.6)?;
        }
        self.y += 0.5 * inside;
        let area = Area { x: MARGIN, y: top, width: self.width(), height: self.y - top };
        self.drawn.push(Operation::Frame { area, thickness: 0.6, tint: Tint::Ink });
        self.y += self.body;
        Ok(fits)
    }

    fn facts(&mut self, facts: &[(String, String)]) -> Result<bool, NoGlyph> {
        let names = self.width() * 0.2;
        let (x, width) = (MARGIN + names + self.body, self.width() - names - self.body);
        let mut fits = true;
        for (name, fact) in facts {
            let top = self.y;
            let name = Line { weight: Weight::Bold, width: names, ..self.full(name) };
            fits &= self.draw(&name, Role::Label, 0.7)?;
            let below = self.y;
            self.y = top;
            let fact = Line { text: fact, weight: Weight::Regular, scale: 1.0, x, width };
            fits &= self.draw(&fact, Role::Text, 0.7)?;
            self.y = self.y.max(below);
        }
        Ok(fits)
    }

    fn table(&mut self, columns: &[(String, bool)], rows: &[Vec<String>]) -> Result<bool, NoGlyph> {
        let widths = self.columns(columns, rows)?;
        let names: Vec<String> = columns.iter().map(|(name, _)| name.clone()).collect();
        let mut fits = self.row(columns, &widths, &names, Weight::Bold)?;
        for row in rows {
            fits &= self.row(columns, &widths, row, Weight::Regular)?;
        }
        self.y += 0.4 * self.body;
        Ok(fits)
    }

    /// Width of each column: numbers stay in one line, and the widest column of words takes what is left.
    fn columns(&self, columns: &[(String, bool)], rows: &[Vec<String>]) -> Result<Vec<f64>, NoGlyph> {
        let millimetres = |units| millimetres(units, self.body * TABLE) + 0.1;
        let fit = |text: &str, weight| Copyfit::new(self.faces, text, weight, self.language);
        let mut widths = Vec::new();
        for (index, (name, _)) in columns.iter().enumerate() {
            let name = fit(name, Weight::Bold)?;
            let mut width = millimetres(name.width_in_two().unwrap_or(name.width()));
            for cell in rows.iter().filter(|row| row.len() > 1).filter_map(|row| row.get(index)) {
                width = width.max(millimetres(fit(cell, Weight::Regular)?.width()));
            }
            widths.push(width);
        }
        let gutters = columns.len().saturating_sub(1) as f64 * self.body;
        let spare = self.width() - gutters - widths.iter().sum::<f64>();
        let words = columns.iter().enumerate().filter(|(_, (_, numeric))| !numeric).map(|(index, _)| index);
        if let Some(widest) = words.max_by(|a, b| widths[*a].total_cmp(&widths[*b])) {
            widths[widest] += spare;
        }
        Ok(widths)
    }

    fn row(
        &mut self,
        columns: &[(String, bool)],
        widths: &[f64],
        cells: &[String],
        weight: Weight,
    ) -> Result<bool, NoGlyph> {
        let (mut x, mut height) = (MARGIN, 0.0_f64);
        for ((cell, (_, numeric)), width) in cells.iter().zip(columns).zip(widths) {
            let width = if cells.len() == 1 { self.width() } else { *width };
            let Some(set) = self.set(&Line { text: cell, weight, scale: TABLE, x, width })? else { return Ok(false) };
            let left = if *numeric { x + width - set.width() } else { x };
            self.drawn.push(set.draw((left, self.y), Role::Text, Tint::Ink));
            height = height.max(set.height());
            x += width + self.body;
        }
        self.y += height + 0.45 * self.body;
        let thickness = if weight == Weight::Bold { 0.3 } else { 0.1 };
        let area = Area { x: MARGIN, y: self.y, width: self.width(), height: thickness };
        self.drawn.push(Operation::Fill(area, Tint::Ink));
        self.y += 0.45 * self.body;
        Ok(true)
    }

    fn fixed(&mut self, lines: &[String]) -> Result<bool, NoGlyph> {
        let mut fits = true;
        self.y += 0.4 * self.body;
        for text in lines {
            fits &= self.draw(&Line { scale: 0.85, ..self.full(text) }, Role::Text, 0.45)?;
        }
        Ok(fits)
    }

    fn mark(&mut self, text: &str) -> Result<bool, NoGlyph> {
        self.y = self.paper.height() - MARGIN - self.body;
        self.draw(&Line { scale: 0.85, ..self.full(text) }, Role::Mark, 0.0)
    }
}
