//! Where everything stands on a board, and how large it is.
//!
//! From above, for each language: the band; the texts; the right to object beside the code. Band and code are as large as wanted if the texts
//! then still have a comfortable size; else they give way step by step. White space that is left goes evenly between rows and blocks.

use crate::notice::copy::Copy;
use crate::sign::canvas::Tint;
use crate::sign::font::{Fonts, Weight};
use crate::sign::text::NoGlyph;

use super::band::{Band, BandCopy};
use super::face::Faces;
use super::foot::{Foot, FootCopy};
use super::measures::{EASES, MARK, Measures};
use super::page::{Operation, Page, Role};
use super::paper::Paper;
use super::paragraph::{Copyfit, Measure};
use super::table::{Table, TableCopy};
use super::{Board, PrintError};

/// Most white space that a gap gets beyond the least, in sizes of texts: above it, rows fall apart.
const STRETCH: f64 = 1.4;

/// How much higher than it needs to be a band gets, on A4.
const BAND_STRETCH: f64 = 16.0;

/// The words in one language, before they have a size.
struct SectionCopy {
    band: BandCopy,
    table: TableCopy,
    foot: FootCopy,
}

/// The same with its lines broken.
struct Section {
    band: Band,
    table: Table,
    foot: Foot,
}

/// Everything on the page, with the height that is left.
struct Setting {
    measures: Measures,
    sections: Vec<Section>,
    spare: f64,
}

/// White space beyond the least.
struct Spread {
    /// In each gap between rows and blocks.
    gap: f64,
    /// In each band.
    band: f64,
    /// Before each foot, besides its gap.
    foot: f64,
}

pub(super) fn compose(board: &Board<'_>, copies: &[&Copy], paper: Paper, fonts: &Fonts) -> Result<Page, PrintError> {
    let faces = Faces::new(fonts);
    let sections: Vec<SectionCopy> =
        copies.iter().map(|copy| SectionCopy::new(&faces, copy)).collect::<Result<_, _>>()?;
    let setting = largest(&sections, paper)?.ok_or_else(|| PrintError::too_long(copies, paper))?;
    let language = board.copy.language;
    let mark = Copyfit::new(&faces, board.mark, Weight::Regular, language)?;
    let mark = mark.paragraph(MARK, setting.measures.width(), Measure::Full);
    let mark = mark.ok_or_else(|| PrintError::too_long(copies, paper))?;
    let mut operations = setting.draw(board);
    let y = setting.measures.mark() - mark.height();
    operations.push(mark.draw((setting.measures.margin(), y), Role::Mark, Tint::Ink));
    let title = format!("{} – {}", board.copy.headline.join(", "), board.copy.place.text);
    Ok(Page { paper, title, language, body: setting.measures.body, operations })
}

/// The setting with a comfortable size of type and the largest band and code; else the one with the largest type.
fn largest(sections: &[SectionCopy], paper: Paper) -> Result<Option<Setting>, PrintError> {
    let bodies = Measures::bodies(paper);
    let mut best: Option<Setting> = None;
    let mut no_code = None;
    for ease in EASES {
        // Found by halving: what does not fit, does not fit in larger type either.
        let (mut fits, mut too_large) = (bodies.len(), 0);
        while too_large < fits {
            let middle = usize::midpoint(too_large, fits);
            match Setting::new(sections, Measures::new(paper, ease, bodies[middle])) {
                Ok(Some(setting)) => {
                    fits = middle;
                    if best.as_ref().is_none_or(|best| setting.measures.body > best.measures.body) {
                        best = Some(setting);
                    }
                }
                Ok(None) => too_large = middle + 1,
                Err(error) => {
                    no_code = Some(error);
                    break;
                }
            }
        }
        if best.as_ref().is_some_and(|best| best.measures.is_comfortable()) {
            return Ok(best);
        }
    }
    match (best, no_code) {
        (None, Some(error)) => Err(error),
        (best, _) => Ok(best),
    }
}

impl SectionCopy {
    fn new(faces: &Faces<'_>, copy: &Copy) -> Result<Self, NoGlyph> {
        Ok(Self {
            band: BandCopy::new(faces, copy)?,
            table: TableCopy::new(faces, copy)?,
            foot: FootCopy::new(faces, copy)?,
        })
    }

    fn set(&self, measures: &Measures, labels: f64, is_first: bool) -> Result<Option<Section>, PrintError> {
        let Some(foot) = self.foot.set(measures)? else { return Ok(None) };
        let set = self.band.set(measures, is_first).zip(self.table.set(measures, labels));
        Ok(set.map(|(band, table)| Section { band, table, foot }))
    }
}

impl Section {
    fn height(&self, measures: &Measures) -> f64 {
        let gaps = measures.block_gap() + self.foot.gap(measures);
        self.band.height + self.table.height(measures) + self.foot.height(measures) + gaps
    }

    /// Gaps that may grow.
    fn gaps(&self) -> usize {
        self.table.gaps() + 2
    }
}

impl Setting {
    /// The sections below each other, if they fit on the page.
    fn new(sections: &[SectionCopy], measures: Measures) -> Result<Option<Self>, PrintError> {
        // All languages share their columns.
        let labels = sections.iter().map(|section| section.table.labels(&measures));
        let Some(labels) = labels.reduce(|one, other| Some(one?.max(other?))).flatten() else { return Ok(None) };
        let mut set = Vec::new();
        for section in sections {
            let Some(section) = section.set(&measures, labels, set.is_empty())? else { return Ok(None) };
            set.push(section);
        }
        let between = set.len().saturating_sub(1) as f64 * measures.section_gap();
        let heights: f64 = set.iter().map(|section| section.height(&measures)).sum();
        let spare = measures.bottom() - measures.edge() - heights - between;
        Ok((spare >= 0.0).then_some(Self { measures, sections: set, spare }))
    }

    /// Gaps first, then bands; what is left after that stands before the feet.
    fn spread(&self) -> Spread {
        let sections = self.sections.len().max(1) as f64;
        let gaps = self.sections.iter().map(Section::gaps).sum::<usize>().max(1) as f64;
        let gap = (self.spare / gaps).min(STRETCH * self.measures.body);
        let left = (self.spare - gap * gaps) / sections;
        let band = left.min(BAND_STRETCH * self.measures.scale);
        Spread { gap, band, foot: left - band }
    }

    fn draw(&self, board: &Board<'_>) -> Vec<Operation> {
        let measures = &self.measures;
        let spread = self.spread();
        let mut y = measures.edge();
        let mut drawn = Vec::new();
        for section in &self.sections {
            drawn.extend(section.band.draw(measures, board.ink, y, spread.band));
            y += section.band.height + spread.band + measures.block_gap() + spread.gap;
            drawn.extend(section.table.draw(measures, y, spread.gap));
            y += section.table.height(measures) + section.table.gaps() as f64 * spread.gap;
            y += section.foot.gap(measures) + spread.gap + spread.foot;
            drawn.extend(section.foot.draw(measures, y));
            y += section.foot.height(measures) + measures.section_gap();
        }
        drawn
    }
}
