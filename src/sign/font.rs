//! Glyphs for one bit per pixel: Liberation Sans, hinted for monochrome, advances in whole pixels.
//!
//! Hinting is automatic: the font's own instructions are made for smoothed edges and give an "H" of two pixels beside an
//! "I" of one, as a test would show. The advances are those of the hinted glyphs, not the scaled ones that layout engines
//! use: only then are stems and the gaps between them even.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{
    DrawSettings, Engine, GlyphStyles, HintingInstance, HintingOptions, OutlineGlyphCollection, OutlinePen, Target,
};
use skrifa::raw::TableProvider;
use skrifa::raw::tables::kern::SubtableKind;
use skrifa::{FontRef, GlyphId, MetadataProvider};
use tiny_skia::{Path, PathBuilder};

use crate::domain::text::Language;

use super::canvas::Stamp;

const REGULAR: &[u8] = include_bytes!("../../config/fonts/LiberationSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../config/fonts/LiberationSans-Bold.ttf");

/// Both fonts are drawn on a grid of this many units.
pub(super) const UNITS_PER_EM: f32 = 2048.0;

/// Marks that have no width and no shape here: soft hyphen, zero-width space, word joiner, byte-order mark.
pub(super) const INVISIBLE: [char; 4] = ['\u{ad}', '\u{200b}', '\u{2060}', '\u{feff}'];

/// Thickness of strokes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Weight {
    /// For reading.
    Regular,
    /// For headings and what matters most.
    Bold,
}

/// The fonts of signs. Opening them examines every glyph (some milliseconds): do it once.
pub struct Fonts {
    regular: Font,
    bold: Font,
}

/// One font, with what hinting needs to know of it at every size.
struct Font {
    file: FontRef<'static>,
    outlines: OutlineGlyphCollection<'static>,
    styles: GlyphStyles,
}

impl Font {
    fn open(bytes: &'static [u8]) -> Self {
        let file = FontRef::new(bytes).expect("the embedded font is a font");
        let outlines = file.outline_glyphs();
        let styles = GlyphStyles::new(&outlines);
        Self { file, outlines, styles }
    }
}

impl Fonts {
    /// The fonts that the program carries.
    #[must_use]
    pub fn embedded() -> Self {
        Self { regular: Font::open(REGULAR), bold: Font::open(BOLD) }
    }

    /// The file of one weight, for whoever measures and draws without pixels.
    pub(super) fn file(&self, weight: Weight) -> &FontRef<'static> {
        &self.get(weight).file
    }

    fn get(&self, weight: Weight) -> &Font {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }
}

/// Glyphs at the sizes used so far, and the language that is set with them.
pub(super) struct Faces<'f> {
    fonts: &'f Fonts,
    used: BTreeMap<(Weight, u32), Face<'f>>,
    pub(super) language: Language,
}

impl<'f> Faces<'f> {
    pub(super) fn new(fonts: &'f Fonts, language: Language) -> Self {
        Self { fonts, used: BTreeMap::new(), language }
    }

    /// The face of `weight` at `size` pixels per em.
    pub(super) fn get(&mut self, weight: Weight, size: u32) -> &mut Face<'f> {
        let fonts = self.fonts;
        self.used.entry((weight, size)).or_insert_with(|| Face::new(fonts.get(weight), size))
    }

    /// Pixels from the baseline to the top of capitals.
    pub(super) fn cap_height(size: u32) -> i32 {
        (size * 1409 + 1024) as i32 / 2048
    }
}

/// One font at one size.
pub(super) struct Face<'f> {
    font: &'f Font,
    size: u32,
    hinting: HintingInstance,
    glyphs: BTreeMap<char, Option<Glyph>>,
    kernings: BTreeMap<(char, char), i32>,
}

/// One glyph at one size.
pub(super) struct Glyph {
    id: GlyphId,
    /// Pixels to the next glyph.
    pub(super) advance: i32,
    /// Outline with the origin on the baseline and y downwards; `None` for spaces.
    outline: Option<Path>,
    /// The pixels inside the outline, once they were needed.
    stamp: OnceCell<Stamp>,
}

impl Glyph {
    fn new(id: GlyphId, advance: i32, outline: Option<Path>) -> Self {
        Self { id, advance, outline, stamp: OnceCell::new() }
    }

    /// Its pixels, with the origin on the baseline; most text is only measured.
    pub(super) fn stamp(&self) -> Option<&Stamp> {
        self.outline.as_ref().map(|outline| self.stamp.get_or_init(|| Stamp::new(outline)))
    }
}

impl<'f> Face<'f> {
    fn new(font: &'f Font, size: u32) -> Self {
        let options = HintingOptions { engine: Engine::Auto(Some(font.styles.clone())), target: Target::Mono };
        let hinting = HintingInstance::new(&font.outlines, Size::new(size as f32), LocationRef::default(), options)
            .expect("the embedded font can be hinted at every size, as a test shows");
        Self { font, size, hinting, glyphs: BTreeMap::new(), kernings: BTreeMap::new() }
    }

    /// The glyph for `letter`; `None` if the font has none.
    pub(super) fn glyph(&mut self, letter: char) -> Option<&Glyph> {
        if !self.glyphs.contains_key(&letter) {
            let glyph = self.load(letter);
            self.glyphs.insert(letter, glyph);
        }
        self.glyphs.get(&letter).and_then(Option::as_ref)
    }

    /// Pixels by which two neighbours are moved together (negative) or apart.
    pub(super) fn kerning(&mut self, left: char, right: char) -> i32 {
        if let Some(known) = self.kernings.get(&(left, right)) {
            return *known;
        }
        let ids = (self.glyph(left).map(|g| g.id), self.glyph(right).map(|g| g.id));
        let units = if let (Some(left), Some(right)) = ids { kern_units(&self.font.file, left, right) } else { None };
        let pixels = (units.unwrap_or(0) as f32 * self.size as f32 / UNITS_PER_EM).round() as i32;
        self.kernings.insert((left, right), pixels);
        pixels
    }

    fn load(&self, letter: char) -> Option<Glyph> {
        if INVISIBLE.contains(&letter) {
            return Some(Glyph::new(GlyphId::NOTDEF, 0, None));
        }
        // A space that does not break is as wide as one that does, in every font.
        let letter = if matches!(letter, '\u{a0}' | '\u{202f}') { ' ' } else { letter };
        let id = self.font.file.charmap().map(letter)?;
        let outline = self.font.outlines.get(id)?;
        let mut pen = Pen(PathBuilder::new());
        let metrics = outline.draw(DrawSettings::hinted(&self.hinting, false), &mut pen).ok()?;
        Some(Glyph::new(id, metrics.advance_width?.round() as i32, pen.0.finish()))
    }
}

pub(super) fn kern_units(font: &FontRef<'_>, left: GlyphId, right: GlyphId) -> Option<i32> {
    let table = font.kern().ok()?;
    let kinds = table.subtables().filter_map(Result::ok).filter_map(|subtable| subtable.kind().ok());
    kinds.into_iter().find_map(|kind| match kind {
        SubtableKind::Format0(pairs) => pairs.kerning(left, right),
        SubtableKind::Format1(_) | SubtableKind::Format2(_) | SubtableKind::Format3(_) => None,
    })
}

/// Takes an outline over, with y turned downwards.
pub(super) struct Pen(pub(super) PathBuilder);

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to(x, -y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to(x, -y);
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.0.quad_to(cx, -cy, x, -y);
    }

    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        self.0.cubic_to(ax, -ay, bx, -by, x, -y);
    }

    fn close(&mut self) {
        self.0.close();
    }
}

#[cfg(test)]
mod tests {
    use super::super::canvas::{Canvas, Tint};
    use super::*;

    #[test]
    fn both_weights_have_every_letter_of_the_languages_at_every_size_in_use() {
        let letters = "AaĄąĆćĘęŁłŃńÓóŚśŹźŻż ÄäÖöÜüß ІіЇїЄєҐґЖжЩщ 0123456789 .,:;–—…„”’()/@+-&?!%§©";
        let fonts = Fonts::embedded();
        for (weight, size) in [Weight::Regular, Weight::Bold].into_iter().flat_map(|w| (12..=64).map(move |s| (w, s))) {
            let mut face = Face::new(fonts.get(weight), size);
            for letter in letters.chars() {
                let advance = face.glyph(letter).map(|glyph| glyph.advance);
                assert!(advance.is_some_and(|a| a > 0), "{letter:?} at {size}");
            }
        }
    }

    #[test]
    fn a_letter_that_the_font_lacks_is_not_replaced_in_silence() {
        let fonts = Fonts::embedded();
        assert!(Faces::new(&fonts, crate::notice::samples::polish()).get(Weight::Regular, 20).glyph('漢').is_none());
    }

    /// Pixels that the stem of `letter` is thick: the shorter half of its rows begins with no more ink than that.
    fn stem(face: &mut Face<'_>, letter: char) -> usize {
        let mut bitmap = Canvas::new(60, 60);
        bitmap.stamp(face.glyph(letter).and_then(Glyph::stamp).unwrap(), 5, 45, Tint::Ink);
        let mut runs: Vec<usize> = (0..60)
            .filter_map(|y| {
                let from = (0..60).find(|x| bitmap.is_ink(*x, y))?;
                Some((from..60).take_while(|x| bitmap.is_ink(*x, y)).count())
            })
            .collect();
        runs.sort_unstable();
        runs[runs.len() / 2]
    }

    #[test]
    fn all_stems_of_a_size_are_equally_thick() {
        let fonts = Fonts::embedded();
        for (weight, size) in [Weight::Regular, Weight::Bold].into_iter().flat_map(|w| (15..=24).map(move |s| (w, s))) {
            let mut face = Face::new(fonts.get(weight), size);
            let thickness = stem(&mut face, 'I');
            for letter in "Hlifhnmrpbdtł".chars() {
                assert_eq!(stem(&mut face, letter), thickness, "{letter} in {weight:?} {size}");
            }
        }
    }

    #[test]
    fn capitals_that_lean_are_kerned() {
        let fonts = Fonts::embedded();
        let mut faces = Faces::new(&fonts, crate::notice::samples::polish());
        assert!(faces.get(Weight::Bold, 60).kerning('T', 'A') < 0);
        assert_eq!(faces.get(Weight::Bold, 60).kerning('N', 'I'), 0);
    }
}
