//! Labelled texts in two columns, with rules between them.

use crate::notice::copy::Copy;
use crate::sign::canvas::Tint;
use crate::sign::font::Weight;
use crate::sign::text::NoGlyph;

use super::face::Faces;
use super::measures::Measures;
use super::page::{Area, Operation, Role};
use super::paragraph::{Copyfit, Measure, Paragraph};

/// Most of the width that labels take.
const LABELS_MOST: f64 = 0.3;

/// The words of a table, before they have a size.
pub(super) struct TableCopy {
    rows: Vec<(Copyfit, Copyfit)>,
}

/// A table with its lines broken.
pub(super) struct Table {
    rows: Vec<(Paragraph, Paragraph)>,
    text_x: f64,
}

impl TableCopy {
    pub(super) fn new(faces: &Faces<'_>, copy: &Copy) -> Result<Self, NoGlyph> {
        let mut rows = Vec::new();
        for line in &copy.lines {
            let text: String = line.parts.iter().map(|part| part.text.as_str()).collect();
            rows.push((
                Copyfit::new(faces, &line.label, Weight::Bold, copy.language)?,
                Copyfit::new(faces, &text, Weight::Regular, copy.language)?,
            ));
        }
        Ok(Self { rows })
    }

    /// Width of the widest label, if none is too long.
    pub(super) fn labels(&self, measures: &Measures) -> Option<f64> {
        let labels = self.rows.iter().map(|(label, _)| Some(Self::label(label, measures)?.width()));
        labels.collect::<Option<Vec<_>>>().map(|widths| widths.into_iter().fold(0.0, f64::max))
    }

    /// The table with its labels in a column of at least their width, if no word is too long for its column.
    pub(super) fn set(&self, measures: &Measures, labels: f64) -> Option<Table> {
        let beside = labels + measures.gutter();
        let text = |text: &Copyfit| text.paragraph(measures.body, measures.width() - beside, Measure::Full);
        let rows = self.rows.iter().map(|(label, words)| Some((Self::label(label, measures)?, text(words)?)));
        Some(Table { rows: rows.collect::<Option<_>>()?, text_x: measures.margin() + beside })
    }

    fn label(label: &Copyfit, measures: &Measures) -> Option<Paragraph> {
        label.paragraph(measures.body, measures.width() * LABELS_MOST, Measure::Full)
    }
}

impl Table {
    /// Gaps between rows, each of which takes the white space above and below a rule.
    pub(super) fn gaps(&self) -> usize {
        self.rows.len().saturating_sub(1)
    }

    /// Height with the least white space.
    pub(super) fn height(&self, measures: &Measures) -> f64 {
        self.rows.iter().map(row_height).sum::<f64>() + self.gaps() as f64 * 2.0 * measures.row_gap()
    }

    /// Draws it from `top` on, with `extra` more white space in each gap.
    pub(super) fn draw(&self, measures: &Measures, top: f64, extra: f64) -> Vec<Operation> {
        let mut drawn = Vec::new();
        let gap = 2.0 * measures.row_gap() + extra;
        let descent = measures.body * 0.1;
        let mut y = top;
        for (index, row) in self.rows.iter().enumerate() {
            if index > 0 {
                // Below the baseline there is ink of a few letters only: the rule stands a little lower than in the middle.
                let rule = y - gap / 2.0 + descent;
                let area = Area { x: measures.margin(), y: rule, width: measures.width(), height: measures.rule() };
                drawn.push(Operation::Fill(area, Tint::Ink));
            }
            drawn.push(row.0.draw((measures.margin(), y), Role::Label, Tint::Ink));
            drawn.push(row.1.draw((self.text_x, y), Role::Text, Tint::Ink));
            y += row_height(row) + gap;
        }
        drawn
    }
}

fn row_height((label, text): &(Paragraph, Paragraph)) -> f64 {
    label.height().max(text.height())
}
