//! The band at the top of a sign: pictogram, headline and place. What tells the state from three metres.
//!
//! Black for active, white above a rule for inactive, above two rules for paused, between stripes for unknown.

use crate::notice::copy::{Copy, Tone};

use super::canvas::{Area, Canvas, Tint};
use super::font::{Faces, Weight};
use super::icon::Pictogram;
use super::layout::{GUTTER, LayoutError, MARGIN, PADDING};
use super::text::{Measure, Paragraph, Span};

/// Largest and smallest headline.
const HEADLINE: (u32, u32) = (58, 26);

/// Largest and smallest type for the names of zones.
const PLACE: (u32, u32) = (24, 18);

/// Height of one striped edge of the "unknown" band.
const STRIPES: i32 = 14;

/// The band with its lines broken.
pub(super) struct Band {
    tone: Tone,
    page_width: i32,
    pictograms: Vec<Pictogram>,
    headline: Vec<Paragraph>,
    place: Vec<Paragraph>,
    /// Pixels of one pictogram on each side.
    icon: i32,
    icons_width: i32,
    /// Least height of a line, where each has its own pictogram.
    row: i32,
    /// Height of all lines.
    words: i32,
    /// Pixels from its upper to its lower edge.
    pub(super) height: i32,
}

impl Band {
    /// The band of a page of `width` pixels, with its words as large as fit.
    pub(super) fn new(faces: &mut Faces<'_>, copy: &Copy, page_width: i32) -> Result<Self, LayoutError> {
        let pictograms = pictograms(copy);
        let several = copy.headline.len() > 1;
        let icons = if several { 1 } else { pictograms.len() as i32 };
        let icon = match copy.headline.len() {
            0 | 1 => 84,
            2 => 42,
            _ => 34,
        };
        let icons_width = icons * icon + (icons - 1).max(0) * PADDING;
        let width = page_width - 2 * MARGIN - icons_width - GUTTER;
        let largest = if several { icon as u32 } else { HEADLINE.0 };
        let headline = on_one_line(faces, &copy.headline, Weight::Bold, (largest, HEADLINE.1), width)?;
        let place = on_one_line(faces, std::slice::from_ref(&copy.place), Weight::Regular, PLACE, width)?;
        let row = if several { icon + 6 } else { 0 };
        let height = |lines: &[Paragraph], least: i32| lines.iter().map(|line| line.height().max(least)).sum::<i32>();
        let words = height(&headline, row) + height(&place, 0);
        let height = words.max(icon) + 2 * PADDING + edges(copy.tone);
        Ok(Self { tone: copy.tone, page_width, pictograms, headline, place, icon, icons_width, row, words, height })
    }

    /// Draws it at the top of the page.
    pub(super) fn draw(&self, on: &mut Canvas, faces: &mut Faces<'_>) {
        let tint = self.draw_ground(on);
        let ground_top = if self.tone == Tone::Unknown { STRIPES } else { 0 };
        let ground = self.height - edges(self.tone);
        let several = self.headline.len() > 1;
        let x = MARGIN + self.icons_width + GUTTER;
        let mut y = ground_top + (ground - self.words) / 2;
        for (index, pictogram) in self.pictograms.iter().enumerate() {
            let index = index as i32;
            let (left, top) = if several {
                (MARGIN, y + index * self.row + (self.row - self.icon) / 2)
            } else {
                (MARGIN + index * (self.icon + PADDING), ground_top + (ground - self.icon) / 2)
            };
            let ground = if self.tone == Tone::Active { Tint::Ink } else { Tint::Paper };
            pictogram.draw(on, (left, top), self.icon, (tint, ground));
        }
        let lines = self.headline.iter().map(|line| (line, self.row)).chain(self.place.iter().map(|line| (line, 0)));
        for (line, least) in lines {
            let height = line.height().max(least);
            line.draw(on, faces, x, y + (height - line.height()) / 2, tint);
            y += height;
        }
    }

    /// Paints the ground of the band and returns the tint of what stands on it.
    fn draw_ground(&self, on: &mut Canvas) -> Tint {
        let height = self.height;
        let full = |y, height| Area { x: 0, y, width: self.page_width, height };
        match self.tone {
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
}

/// Height of the rules or stripes at the edges of the band.
fn edges(tone: Tone) -> i32 {
    match tone {
        Tone::Active => 0,
        Tone::Inactive => 6,
        Tone::Paused => 12,
        Tone::Unknown => 2 * STRIPES,
    }
}

fn pictograms(copy: &Copy) -> Vec<Pictogram> {
    match copy.tone {
        Tone::Active => copy.icons.iter().copied().map(Pictogram::On).collect(),
        Tone::Inactive => copy.icons.iter().copied().map(Pictogram::Off).collect(),
        Tone::Paused => vec![Pictogram::Paused],
        Tone::Unknown => vec![Pictogram::Unknown],
    }
}

/// All of `lines` in the one size, between `sizes`, at which the longest of them fits on a line; else several lines.
fn on_one_line(
    faces: &mut Faces<'_>,
    lines: &[String],
    weight: Weight,
    sizes: (u32, u32),
    width: i32,
) -> Result<Vec<Paragraph>, LayoutError> {
    let mut size = sizes.0;
    loop {
        let mut set = |text: &String| Paragraph::new(faces, &[Span { text, weight }], size, width, Measure::Even);
        let set = lines.iter().map(&mut set).collect::<Result<Vec<_>, _>>()?;
        if size <= sizes.1 || set.iter().all(|line| line.lines() <= 1) {
            return Ok(set);
        }
        size -= 2;
    }
}

/// Slanted stripes, as wide as their gaps.
fn stripes(on: &mut Canvas, area: Area) {
    for y in area.y..area.y + area.height {
        for x in (area.x..area.x + area.width).filter(|x| (x + y - area.y).rem_euclid(2 * STRIPES) < STRIPES) {
            on.set(x, y, Tint::Ink);
        }
    }
}
