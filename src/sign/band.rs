//! The band at the top of a sign: pictogram, headline and place. What tells the state from three metres.
//!
//! Solid for active, white above a rule for inactive, with a solid field for paused, between stripes for unknown.

use crate::notice::copy::{Copy, Tone};

use super::canvas::{Area, Canvas, Tint};
use super::colours::Colours;
use super::font::{Faces, Weight};
use super::icon::Pictogram;
use super::layout::LayoutError;
use super::measures::Measures;
use super::panel::Ink;
use super::text::{Measure, Paragraph, Span};

/// A headline in two lines is worth it if it gets larger by this share (in percent).
const WORTH_TWO_LINES: u32 = 135;

/// The band with its lines broken.
pub(super) struct Band {
    tone: Tone,
    colours: Colours,
    page_width: i32,
    pictograms: Vec<Pictogram>,
    headline: Vec<Paragraph>,
    place: Vec<Paragraph>,
    /// Pixels of one pictogram on each side.
    icon: i32,
    /// Where the first pictogram begins, and where the words do.
    icon_x: i32,
    words_x: i32,
    /// Width of the field below the pictogram of a pause.
    field: i32,
    /// Between pictograms in a row.
    spacing: i32,
    /// Height of the rules or stripes at its upper and lower edge.
    edges: (i32, i32),
    /// Least height of a line, where each has its own pictogram.
    row: i32,
    /// Height of all lines.
    words: i32,
    is_scarce: bool,
    /// Pixels from its upper to its lower edge.
    pub(super) height: i32,
}

/// How much a band holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Room {
    /// Headline and place, with a large pictogram.
    Ample,
    /// The headline only, no higher than its words, in at most so many pixels.
    Scarce {
        /// Pixels.
        height: i32,
    },
}

impl Band {
    /// The band of a page of `page_width` pixels, with its words as large as fit; without a `headline` it has the pictograms only.
    pub(super) fn new(
        faces: &mut Faces<'_>,
        (copy, told): (&Copy, &[String]),
        (ink, measures): (Ink, &Measures),
        page_width: i32,
        room: Room,
    ) -> Result<Self, LayoutError> {
        let pictograms = pictograms(copy);
        let lines = told.len() as i32;
        let padding = if room == Room::Ample { measures.padding } else { measures.padding / 4 };
        let edges = edges(copy.tone, measures, room);
        let icon = match room {
            Room::Ample if lines > 1 => (measures.icon / lines).max(measures.icon_min),
            Room::Ample => measures.icon,
            Room::Scarce { height } => {
                ((height - edges.0 - edges.1 - 2 * padding) / lines.max(1)).min(measures.icon / lines.clamp(1, 2))
            }
        };
        let icons = if lines > 1 { 1 } else { pictograms.len() as i32 };
        let icons_width = icons * icon + (icons - 1).max(0) * measures.padding;
        // Where they stand for the headline, each is to be seen by itself.
        let spacing = if told.is_empty() { icon / 2 } else { padding };
        let icon_x = measures.margin;
        let field = if copy.tone == Tone::Paused { icon_x + icons_width + measures.margin } else { 0 };
        let gap = if copy.tone == Tone::Paused { measures.margin + measures.gutter * 3 / 4 } else { measures.gutter };
        let words_x = icon_x + icons_width + gap;
        let width = page_width - words_x - measures.margin;
        let is_scarce = room != Room::Ample;
        // Capitals need less than a line of text, and nothing hangs below them.
        let fits_icon = (icon.max(0).unsigned_abs() * 6).div_ceil(if is_scarce { 5 } else { 6 });
        let largest = if lines > 1 || is_scarce { fits_icon.min(measures.headline) } else { measures.headline };
        let smallest = if is_scarce { measures.smallest } else { measures.smallest + 2 };
        let headline = headline(faces, told, (largest, smallest), width)?;
        let place = if room == Room::Ample {
            let sizes = (measures.largest.max(measures.smallest + 3), measures.smallest);
            one_size(faces, std::slice::from_ref(&copy.place.text), Weight::Regular, sizes, width, 1)?.1
        } else {
            Vec::new()
        };
        let row = match room {
            Room::Ample if lines > 1 => icon + measures.padding / 2,
            Room::Ample => 0,
            Room::Scarce { .. } => icon,
        };
        let height = |lines: &[Paragraph], least: i32| -> i32 {
            lines.iter().map(|line| if is_scarce && line.lines() == 1 { least } else { line.height().max(least) }).sum()
        };
        let words = height(&headline, row) + height(&place, 0);
        let height = words.max(icon) + 2 * padding + edges.0 + edges.1;
        Ok(Self {
            tone: copy.tone,
            colours: Colours::new(ink, copy.tone),
            page_width,
            pictograms,
            headline,
            place,
            icon,
            icon_x,
            words_x,
            field,
            spacing,
            edges,
            row,
            words,
            is_scarce,
            height,
        })
    }

    /// Whether a word of it is longer than its line.
    pub(super) fn is_overfull(&self) -> bool {
        let squeezed = |line: &Paragraph| self.row > 0 && line.needs() > self.row.max(self.words);
        let stacked = self.headline.len() > 1 && self.headline.iter().any(|line| line.needs() > self.row);
        stacked
            || self.headline.iter().any(squeezed)
            || self.headline.iter().chain(&self.place).any(Paragraph::is_overfull)
    }

    /// The letters of its words.
    #[cfg(test)]
    pub(super) fn letters(&self) -> String {
        self.headline.iter().map(Paragraph::letters).collect()
    }

    /// Draws it at the top of the page.
    pub(super) fn draw(&self, on: &mut Canvas, faces: &mut Faces<'_>) {
        self.draw_ground(on);
        let ground = self.height - self.edges.0 - self.edges.1;
        let mut y = self.edges.0 + (ground - self.words) / 2;
        let tints = (self.colours.pictogram, self.colours.field);
        for (index, pictogram) in self.pictograms.iter().enumerate() {
            let index = index as i32;
            let place = if self.headline.len() > 1 {
                (self.icon_x, y + index * self.row + (self.row - self.icon) / 2)
            } else {
                (self.icon_x + index * (self.icon + self.spacing), self.edges.0 + (ground - self.icon) / 2)
            };
            pictogram.draw(on, place, self.icon, tints);
        }
        let lines = self.headline.iter().map(|line| (line, self.row)).chain(self.place.iter().map(|line| (line, 0)));
        for (line, least) in lines {
            let height = if least > 0 && line.lines() == 1 { least } else { line.height().max(least) };
            line.draw(on, faces, self.words_x, y + (height - line.height()) / 2, self.colours.words);
            y += height;
        }
    }

    fn draw_ground(&self, on: &mut Canvas) {
        let Colours { ground, field, rule, between, .. } = self.colours;
        let full = |y, height| Area { x: 0, y, width: self.page_width, height };
        on.fill(full(0, self.height), ground);
        let (upper, lower) = self.edges;
        match self.tone {
            Tone::Active | Tone::Inactive => on.fill(full(self.height - lower, lower), rule),
            Tone::Paused => {
                on.fill(Area { x: 0, y: 0, width: self.field, height: self.height - lower }, field);
                on.fill(full(self.height - lower, lower), rule);
                on.fill(full(self.height - lower * 2 / 3, lower / 3), Tint::Paper);
            }
            Tone::Unknown => {
                stripes(on, full(0, self.height), upper, (rule, between));
                let words = self.headline.iter().chain(&self.place).map(Paragraph::width).max().unwrap_or(0);
                let width = if self.is_scarce { self.words_x + words + self.icon_x } else { self.page_width };
                on.fill(Area { x: 0, y: upper, width, height: self.height - upper - lower }, ground);
            }
        }
    }
}

/// Heights of the rules or stripes at the upper and lower edge.
fn edges(tone: Tone, measures: &Measures, room: Room) -> (i32, i32) {
    let unit = if room == Room::Ample { (measures.frame * 2).max(3) } else { (measures.frame * 3 / 2).max(2) };
    match tone {
        Tone::Active | Tone::Inactive => (0, unit),
        Tone::Paused => (0, unit * 2),
        Tone::Unknown => (unit * 2 + unit / 3, unit * 2 + unit / 3),
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

/// The headline in one line, or, if it stands alone and gets much larger by that, in two.
fn headline(
    faces: &mut Faces<'_>,
    lines: &[String],
    sizes: (u32, u32),
    width: i32,
) -> Result<Vec<Paragraph>, LayoutError> {
    let (size, one) = one_size(faces, lines, Weight::Bold, sizes, width, 1)?;
    if lines.len() == 1 {
        let (larger, two) = one_size(faces, lines, Weight::Bold, (sizes.0 * 3 / 4, sizes.1), width, 2)?;
        let parted = two.iter().any(Paragraph::is_overfull);
        if !parted && larger * 100 >= size * WORTH_TWO_LINES {
            return Ok(two);
        }
    }
    Ok(one)
}

/// All of `lines` in the one size, between `sizes`, at which each takes `most` lines; else as many as it takes.
fn one_size(
    faces: &mut Faces<'_>,
    lines: &[String],
    weight: Weight,
    sizes: (u32, u32),
    width: i32,
    most: usize,
) -> Result<(u32, Vec<Paragraph>), LayoutError> {
    let mut size = sizes.0.max(sizes.1);
    loop {
        let mut set = |text: &String| Paragraph::new(faces, &[Span { text, weight }], size, width, Measure::Even);
        let set = lines.iter().map(&mut set).collect::<Result<Vec<_>, _>>()?;
        let fits = |line: &Paragraph| line.lines() <= most && !line.is_overfull();
        if size <= sizes.1 || set.iter().all(fits) {
            return Ok((size, set));
        }
        size = (size - (size / 24).max(1)).max(sizes.1);
    }
}

/// Slanted stripes, as wide as their gaps; narrower than six pixels they would be grey.
fn stripes(on: &mut Canvas, area: Area, width: i32, (tint, between): (Tint, Tint)) {
    let width = width.max(6);
    for y in area.y..area.y + area.height {
        for x in area.x..area.x + area.width {
            let is_stripe = (x + y - area.y).rem_euclid(2 * width) < width;
            on.set(x, y, if is_stripe { tint } else { between });
        }
    }
}
