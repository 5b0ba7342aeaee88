//! White space and sizes of type on paper.

use super::paper::Paper;

/// Smallest type that is read, in millimetres per em: 11 pt, with capitals of 2.7 mm, read from 70 cm by most people.
pub(super) const SMALLEST: f64 = 3.88;

/// Type of this size, on A4, is large enough to leave the rest to band and code: 14 pt.
const COMFORTABLE: f64 = 5.0;

/// Largest type of texts on A4: 17 pt. Larger, it takes the headline's part.
const LARGEST: f64 = 6.0;

/// Size of the mark at the foot, of which nobody needs more than to compare it: 7 pt.
pub(super) const MARK: f64 = 2.5;

/// What a picture frame may cover at each edge.
pub(super) const FRAME: f64 = 10.0;

/// Width of the sheet that all other measures are written for.
const DRAWN_FOR: f64 = 210.0;

/// How large band and code are, from as wanted to as small as is good: where there is much to say, they give way to type.
pub(super) const EASES: [f64; 9] = [1.0, 0.92, 0.84, 0.76, 0.68, 0.6, 0.52, 0.46, 0.42];

/// White space of a page.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Measures {
    pub(super) paper: Paper,
    /// How much larger than A4 the sheet is.
    pub(super) scale: f64,
    /// One of [`EASES`].
    pub(super) ease: f64,
    /// Size of the type of texts.
    pub(super) body: f64,
}

impl Measures {
    pub(super) fn new(paper: Paper, ease: f64, body: f64) -> Self {
        Self { paper, scale: paper.width() / DRAWN_FOR, ease, body }
    }

    /// Sizes of type of texts on `paper`, largest first, in steps of a quarter of a point.
    pub(super) fn bodies(paper: Paper) -> Vec<f64> {
        const STEP: f64 = 25.4 / 72.0 / 4.0;
        let largest = LARGEST * paper.width() / DRAWN_FOR;
        let steps = ((largest - SMALLEST) / STEP).floor() as u32;
        (0..=steps).rev().map(|step| SMALLEST + f64::from(step) * STEP).collect()
    }

    pub(super) fn is_comfortable(&self) -> bool {
        self.body >= COMFORTABLE * self.scale.sqrt()
    }

    /// Between the edge of the paper and the ground of the band: printers leave 5 mm white.
    pub(super) fn edge(&self) -> f64 {
        6.0 * self.scale
    }

    /// Between the edge of the paper and words.
    pub(super) fn margin(&self) -> f64 {
        18.0 * self.scale
    }

    /// Width between the margins.
    pub(super) fn width(&self) -> f64 {
        self.paper.width() - 2.0 * self.margin()
    }

    /// Between the band and what stands below, and between blocks, at least.
    pub(super) fn block_gap(&self) -> f64 {
        (9.0 * self.ease).max(5.5) * self.scale
    }

    /// Between what is said in one language and the band of the next.
    pub(super) fn section_gap(&self) -> f64 {
        self.block_gap().max(self.body * 1.4)
    }

    /// Between the rule above and below a row and its text, at least.
    pub(super) fn row_gap(&self) -> f64 {
        self.body * 0.55
    }

    /// Between columns.
    pub(super) fn gutter(&self) -> f64 {
        7.0 * self.scale
    }

    /// Thickness of the rules between rows.
    pub(super) fn rule(&self) -> f64 {
        0.2 * self.scale
    }

    /// Lowest edge of everything but the mark.
    pub(super) fn bottom(&self) -> f64 {
        self.mark() - MARK - 7.5 * self.scale
    }

    /// Baseline of the mark.
    pub(super) fn mark(&self) -> f64 {
        self.paper.height() - FRAME - 1.2 * MARK
    }
}
