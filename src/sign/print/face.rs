//! The fonts as their makers measured them: widths and kerning in units of the em, outlines without hinting.

use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::outline::DrawSettings;
use skrifa::{FontRef, GlyphId, MetadataProvider};
use tiny_skia::{Path, PathBuilder};

use crate::sign::font::{Fonts, INVISIBLE, Pen, UNITS_PER_EM, Weight, kern_units};
use crate::sign::text::NoGlyph;

/// Units from the baseline to the top of capitals, of both fonts.
const CAP_HEIGHT: f64 = 1409.0;

/// Both fonts.
pub(super) struct Faces<'f> {
    regular: Face<'f>,
    bold: Face<'f>,
}

/// One font.
pub(super) struct Face<'f> {
    pub(super) file: &'f FontRef<'static>,
    metrics: GlyphMetrics<'f>,
}

/// One letter of a line; lengths in units.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Glyph {
    pub(super) letter: char,
    /// Its number in the font.
    pub(super) id: GlyphId,
    /// By how much it is moved away from the letter before it, or towards it (negative).
    pub(super) kerning: i32,
    /// How far the next one begins behind it.
    pub(super) advance: i32,
}

impl<'f> Faces<'f> {
    pub(super) fn new(fonts: &'f Fonts) -> Self {
        Self { regular: Face::new(fonts.file(Weight::Regular)), bold: Face::new(fonts.file(Weight::Bold)) }
    }

    pub(super) fn get(&self, weight: Weight) -> &Face<'f> {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }
}

impl<'f> Face<'f> {
    fn new(file: &'f FontRef<'static>) -> Self {
        Self { file, metrics: file.glyph_metrics(Size::unscaled(), LocationRef::default()) }
    }

    /// The letters of `text` as they stand side by side.
    pub(super) fn shape(&self, text: &str) -> Result<Vec<Glyph>, NoGlyph> {
        let mut glyphs: Vec<Glyph> = Vec::new();
        for letter in text.chars().filter(|letter| !INVISIBLE.contains(letter)) {
            let glyph = self.glyph(letter).ok_or(NoGlyph(letter))?;
            let kerning = glyphs.last().map_or(0, |before| self.kerning(before, &glyph));
            glyphs.push(Glyph { kerning, ..glyph });
        }
        Ok(glyphs)
    }

    pub(super) fn glyph(&self, letter: char) -> Option<Glyph> {
        // A space that does not break is as wide as one that does, in every font.
        let shape = if matches!(letter, '\u{a0}' | '\u{202f}') { ' ' } else { letter };
        let id = self.file.charmap().map(shape)?;
        Some(Glyph { letter, id, kerning: 0, advance: self.metrics.advance_width(id)?.round() as i32 })
    }

    pub(super) fn kerning(&self, left: &Glyph, right: &Glyph) -> i32 {
        kern_units(self.file, left.id, right.id).unwrap_or(0)
    }

    /// The outline of a glyph in units, with the origin on the baseline and y downwards; `None` of spaces.
    pub(super) fn outline(&self, id: GlyphId) -> Option<Path> {
        let mut pen = Pen(PathBuilder::new());
        let settings = DrawSettings::unhinted(Size::unscaled(), LocationRef::default());
        self.file.outline_glyphs().get(id)?.draw(settings, &mut pen).ok()?;
        pen.0.finish()
    }
}

/// Units from the first to the last letter.
pub(super) fn width(glyphs: &[Glyph]) -> i32 {
    let first = glyphs.first().map_or(0, |glyph| glyph.kerning);
    glyphs.iter().map(|glyph| glyph.kerning + glyph.advance).sum::<i32>() - first
}

/// Millimetres of `units` at `size` millimetres per em.
pub(super) fn millimetres(units: i32, size: f64) -> f64 {
    f64::from(units) * size / f64::from(UNITS_PER_EM)
}

/// Units of `mm` millimetres at `size` millimetres per em, rounded down.
pub(super) fn units(mm: f64, size: f64) -> i32 {
    (mm * f64::from(UNITS_PER_EM) / size).floor() as i32
}

/// Millimetres from the baseline to the top of capitals.
pub(super) fn cap_height(size: f64) -> f64 {
    size * CAP_HEIGHT / f64::from(UNITS_PER_EM)
}
