//! Fonts inside a PDF: only the glyphs that a page uses, addressed by number, with the letters that they stand for (ISO 32000-1 §9.7 and §9.10.3).

use std::collections::BTreeMap;

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Finish, Name, Pdf, Rect, Ref, Str};
use ring::digest;
use skrifa::instance::{LocationRef, Size};
use skrifa::{GlyphId, MetadataProvider};
use subsetter::GlyphRemapper;

use crate::sign::font::{UNITS_PER_EM, Weight};

use super::face::{Face, Faces};
use super::page::Page;

/// Glyph numbers are what a string in a content stream consists of, two bytes each.
const ENCODING: Name<'static> = Name(b"Identity-H");

const SYSTEM: SystemInfo<'static> = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// A font with the glyphs of one page.
pub(super) struct Embedded<'f> {
    pub(super) weight: Weight,
    face: &'f Face<'f>,
    remapper: GlyphRemapper,
    /// Letter and width of each glyph, by its number in the subset.
    glyphs: BTreeMap<u16, (char, f32)>,
}

impl<'f> Embedded<'f> {
    /// The font of `weight` with what `page` sets in it; `None` if that is nothing.
    pub(super) fn new(faces: &'f Faces<'_>, weight: Weight, page: &Page) -> Option<Self> {
        let face = faces.get(weight);
        let mut used: BTreeMap<GlyphId, (char, i32)> = BTreeMap::new();
        let texts = page.texts().filter(|text| text.weight == weight);
        // Lines are joined by a space even if none is in them.
        let letters = texts.flat_map(|text| &text.lines).flat_map(|line| line.letters.chars().chain([' ']));
        for letter in letters {
            if let Some(glyph) = face.glyph(letter) {
                let letter = if letter.is_whitespace() { ' ' } else { letter };
                used.entry(glyph.id).or_insert((letter, glyph.advance));
            }
        }
        let mut remapper = GlyphRemapper::new();
        let mut glyphs = BTreeMap::new();
        for (id, (letter, advance)) in &used {
            glyphs.insert(remapper.remap(id.to_u32() as u16), (*letter, thousandths(*advance)));
        }
        (!glyphs.is_empty()).then_some(Self { weight, face, remapper, glyphs })
    }

    /// Its name in content streams.
    pub(super) fn resource(&self) -> Name<'static> {
        match self.weight {
            Weight::Regular => Name(b"R"),
            Weight::Bold => Name(b"B"),
        }
    }

    /// The number of a glyph of the font in the subset; `None` if it is not in it.
    pub(super) fn number(&self, id: GlyphId) -> Option<u16> {
        self.remapper.get(id.to_u32() as u16)
    }

    /// Writes it as `id`, with numbers for its parts from `next`.
    pub(super) fn write(&self, pdf: &mut Pdf, id: Ref, next: &mut impl FnMut() -> Ref) {
        let subset = subsetter::subset(self.face.file.data().as_bytes(), 0, &self.remapper)
            .expect("the embedded fonts can be cut down, as a test shows");
        let name = self.name(&subset);
        let name = Name(name.as_bytes());
        let (descendant, descriptor, to_unicode, file) = (next(), next(), next(), next());
        pdf.type0_font(id)
            .base_font(name)
            .encoding_predefined(ENCODING)
            .descendant_font(descendant)
            .to_unicode(to_unicode);
        let mut font = pdf.cid_font(descendant);
        font.subtype(CidFontType::Type2).base_font(name).system_info(SYSTEM).font_descriptor(descriptor);
        font.default_width(0.0).cid_to_gid_map_predefined(Name(b"Identity"));
        // A gap in the numbers is the part of an accented letter: nothing is set with it.
        let mut widths = font.widths();
        for (number, (_, width)) in &self.glyphs {
            widths.consecutive(*number, [*width]);
        }
        widths.finish();
        font.finish();
        self.descriptor(pdf, descriptor, name, file);
        let mut letters = UnicodeCmap::new(Name(b"Letters"), SYSTEM);
        for (number, (letter, _)) in &self.glyphs {
            letters.pair(*number, *letter);
        }
        let letters = deflate(letters.finish().as_slice());
        pdf.cmap(to_unicode, &letters).filter(Filter::FlateDecode);
        let compressed = deflate(&subset);
        let mut stream = pdf.stream(file, &compressed);
        stream.filter(Filter::FlateDecode);
        stream.pair(Name(b"Length1"), subset.len() as i32);
    }

    fn descriptor(&self, pdf: &mut Pdf, id: Ref, name: Name<'_>, file: Ref) {
        let metrics = self.face.file.metrics(Size::unscaled(), LocationRef::default());
        let of = |units: f32| units * 1000.0 / UNITS_PER_EM;
        let bounds = metrics.bounds.unwrap_or_default();
        let stem = match self.weight {
            Weight::Regular => 84.0,
            Weight::Bold => 140.0,
        };
        pdf.font_descriptor(id)
            .name(name)
            .flags(FontFlags::SYMBOLIC)
            .bbox(Rect::new(of(bounds.x_min), of(bounds.y_min), of(bounds.x_max), of(bounds.y_max)))
            .italic_angle(0.0)
            .ascent(of(metrics.ascent))
            .descent(of(metrics.descent))
            .cap_height(of(metrics.cap_height.unwrap_or(metrics.ascent)))
            .stem_v(stem)
            .font_file2(file);
    }

    /// The font's name behind six capitals that differ from subset to subset (ISO 32000-1 §9.6.4): they follow from its bytes.
    fn name(&self, subset: &[u8]) -> String {
        let hash = digest::digest(&digest::SHA256, subset);
        let tag: String = hash.as_ref().iter().take(6).map(|byte| char::from(b'A' + byte % 26)).collect();
        let name = match self.weight {
            Weight::Regular => "LiberationSans",
            Weight::Bold => "LiberationSans-Bold",
        };
        format!("{tag}+{name}")
    }
}

/// Thousandths of the em, PDF's unit of widths.
pub(super) fn thousandths(units: i32) -> f32 {
    units as f32 * 1000.0 / UNITS_PER_EM
}

/// `bytes` for [`Filter::FlateDecode`].
pub(super) fn deflate(bytes: &[u8]) -> Vec<u8> {
    /// As small as it gets: a page is written once and kept.
    const LEVEL: u8 = 9;
    miniz_oxide::deflate::compress_to_vec_zlib(bytes, LEVEL)
}
