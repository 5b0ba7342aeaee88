//! The band: pictograms, what goes on, and where. What is read from across the street.

use tiny_skia::Transform;

use crate::domain::activity::ActivityKind;
use crate::notice::copy::{Copy, Tone};
use crate::sign::canvas::Tint;
use crate::sign::colours::Colours;
use crate::sign::font::{UNITS_PER_EM, Weight};
use crate::sign::icon;
use crate::sign::panel::Ink;
use crate::sign::text::NoGlyph;

use super::face::Faces;
use super::measures::Measures;
use super::page::{Area, Operation, Role};
use super::paragraph::{Copyfit, Measure, Paragraph};

/// Largest headline, alone and among others, on A4.
const LARGEST: (f64, f64) = (23.0, 14.0);
/// Smallest headline: 18 pt.
const SMALLEST: f64 = 6.4;
/// A headline in two lines is worth it if it gets larger by this factor.
const WORTH_TWO_LINES: f64 = 1.3;
/// Least white space above and below the words of the first band, of which a frame covers a part, and of others.
const PADDING_LEAST: (f64, f64) = (8.0, 4.5);
/// Largest and smallest type of the place, on A4.
const PLACE: (f64, f64) = (7.4, 4.6);

/// The words of a band, before they have a size.
pub(super) struct BandCopy {
    kinds: Vec<ActivityKind>,
    headlines: Vec<Copyfit>,
    place: Copyfit,
}

/// A band with its lines broken.
pub(super) struct Band {
    kinds: Vec<ActivityKind>,
    headlines: Vec<Paragraph>,
    place: Paragraph,
    icon: f64,
    /// From one headline to the next, where there are several.
    pitch: f64,
    words_x: f64,
    padding: f64,
    /// Between the headlines and the place.
    gap: f64,
    pub(super) height: f64,
}

impl BandCopy {
    pub(super) fn new(faces: &Faces<'_>, copy: &Copy) -> Result<Self, NoGlyph> {
        let fit = |text: &String, weight| Copyfit::new(faces, text, weight, copy.language);
        Ok(Self {
            kinds: copy.icons.clone(),
            headlines: copy.headline.iter().map(|text| fit(text, Weight::Bold)).collect::<Result<_, _>>()?,
            place: fit(&copy.place.text, Weight::Regular)?,
        })
    }

    /// The band, if its longest words fit beside the pictograms.
    pub(super) fn set(&self, measures: &Measures, is_first: bool) -> Option<Band> {
        let of = |mm: f64| mm * measures.scale * measures.ease;
        let is_alone = self.headlines.len() == 1;
        let icon = of(if is_alone { 46.0 } else { 22.0 });
        let words_x = measures.margin() + icon + of(9.0);
        let width = measures.paper.width() - measures.margin() - words_x;
        let size = self.size(width, of(if is_alone { LARGEST.0 } else { LARGEST.1 }));
        let headlines: Vec<Paragraph> = self
            .headlines
            .iter()
            .map(|headline| headline.paragraph(size, width, Measure::Even))
            .collect::<Option<_>>()?;
        let place_size = (size * 0.45).clamp(PLACE.1.min(of(PLACE.0)), of(PLACE.0)).max(measures.body);
        let place = self.place.paragraph(place_size, width, Measure::Full)?;
        let tallest = headlines.iter().map(Paragraph::height).fold(icon, f64::max);
        let pitch = tallest + of(5.0);
        let gap = place_size * if is_alone { 1.1 } else { 1.0 };
        let padding = of(11.0).max(if is_first { PADDING_LEAST.0 } else { PADDING_LEAST.1 });
        let mut band =
            Band { kinds: self.kinds.clone(), headlines, place, icon, pitch, words_x, padding, gap, height: 0.0 };
        band.height = band.content() + 2.0 * padding;
        Some(band)
    }

    /// The size at which every headline fits into a line, or the only one into two if it gets much larger.
    fn size(&self, width: f64, largest: f64) -> f64 {
        let fitting = |units: i32| width * f64::from(UNITS_PER_EM) / f64::from(units.max(1));
        let one = self.headlines.iter().map(|line| fitting(line.width())).fold(largest, f64::min);
        let two = match &self.headlines[..] {
            [alone] => alone.width_in_two().map_or(0.0, |units| fitting(units).min(largest)),
            _ => 0.0,
        };
        // A hair less, or rounding breaks the line once more.
        (if two >= one * WORTH_TWO_LINES { two } else { one }).max(SMALLEST) * 0.999
    }
}

impl Band {
    fn is_alone(&self) -> bool {
        self.headlines.len() == 1
    }

    /// Height of headlines and place.
    fn words(&self) -> f64 {
        let headlines = match &self.headlines[..] {
            [] => 0.0,
            [alone] => alone.height(),
            several => (several.len() - 1) as f64 * self.pitch + self.icon.max(self.tallest()),
        };
        headlines + self.gap + self.place.height()
    }

    fn tallest(&self) -> f64 {
        self.headlines.iter().map(Paragraph::height).fold(0.0, f64::max)
    }

    fn content(&self) -> f64 {
        if self.is_alone() { self.words().max(self.icon) } else { self.words() }
    }

    /// Draws it from `top` on, `extra` higher than it needs to be.
    pub(super) fn draw(&self, measures: &Measures, ink: Ink, top: f64, extra: f64) -> Vec<Operation> {
        let colours = Colours::new(ink, Tone::Active);
        let (x, width) = (measures.edge(), measures.paper.width() - 2.0 * measures.edge());
        let height = self.height + extra;
        let mut drawn = vec![Operation::Fill(Area { x, y: top, width, height }, colours.ground)];
        if colours.rule != colours.ground {
            let rule = 2.0 * measures.scale;
            drawn.push(Operation::Fill(Area { x, y: top + height - rule, width, height: rule }, colours.rule));
        }
        let content = top + self.padding + extra / 2.0;
        let (words, end) = if self.is_alone() {
            self.draw_alone(measures, colours, content)
        } else {
            self.draw_rows(measures, colours, content)
        };
        drawn.extend(words);
        drawn.push(self.place.draw((self.words_x, end + self.gap), Role::Text, colours.words));
        drawn
    }

    /// One headline beside its pictogram, both in the middle of the band; and where the headline ends.
    fn draw_alone(&self, measures: &Measures, colours: Colours, top: f64) -> (Vec<Operation>, f64) {
        let middle = |height: f64| top + (self.content() - height) / 2.0;
        let (y, icon_y) = (middle(self.words()), middle(self.icon));
        let kind = self.kinds.first().into_iter();
        let mut drawn: Vec<_> =
            kind.flat_map(|kind| self.pictogram(*kind, measures, icon_y, colours.pictogram)).collect();
        let headlines = self.headlines.iter();
        drawn.extend(headlines.map(|headline| headline.draw((self.words_x, y), Role::Headline, colours.words)));
        (drawn, y + self.tallest())
    }

    /// Each headline level with its pictogram; and where the last row ends.
    fn draw_rows(&self, measures: &Measures, colours: Colours, top: f64) -> (Vec<Operation>, f64) {
        let row = self.icon.max(self.tallest());
        let mut drawn = Vec::new();
        let mut y = top;
        for (kind, headline) in self.kinds.iter().zip(&self.headlines) {
            drawn.extend(self.pictogram(*kind, measures, y + (row - self.icon) / 2.0, colours.pictogram));
            let at = (self.words_x, y + (row - headline.height()) / 2.0);
            drawn.push(headline.draw(at, Role::Headline, colours.words));
            y += self.pitch;
        }
        (drawn, y - self.pitch + row)
    }

    fn pictogram(&self, kind: ActivityKind, measures: &Measures, y: f64, tint: Tint) -> Vec<Operation> {
        let scale = self.icon as f32 / icon::UNITS;
        let place = Transform::from_row(scale, 0.0, 0.0, scale, measures.margin() as f32, y as f32);
        let paths = icon::figure(kind).into_iter().filter_map(|path| path.transform(place));
        paths.map(|path| Operation::Shape(path, tint)).collect()
    }
}
