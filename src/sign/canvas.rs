//! A picture before it is a file: one tint per pixel, rows from the top.

use std::fmt;

use tiny_skia::{FillRule, Mask, Path, Transform};

use super::panel::Rotation;

/// What a pixel is. Which of them a panel has, [`super::panel::Ink::tints`] says.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum Tint {
    /// Black.
    Ink,
    /// White.
    Paper,
    /// Red.
    Red,
    /// Yellow.
    Yellow,
    /// Green.
    Green,
    /// Blue.
    Blue,
    /// Orange.
    Orange,
    /// A third of the light of paper.
    DarkGrey,
    /// Two thirds of the light of paper.
    LightGrey,
}

/// Pixels of a rectangle: left, top, width, height.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Area {
    /// First column.
    pub x: i32,
    /// First row.
    pub y: i32,
    /// Columns.
    pub width: i32,
    /// Rows.
    pub height: i32,
}

/// The picture. Drawing beyond its edges is cut off.
#[derive(Clone, PartialEq, Eq)]
pub struct Canvas {
    width: u32,
    height: u32,
    pixels: Vec<Tint>,
}

impl Canvas {
    /// A white picture.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        Self { width, height, pixels: vec![Tint::Paper; width as usize * height as usize] }
    }

    /// Pixels from left to right.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Pixels from top to bottom.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Every row from the top, each from the left.
    #[must_use = "it only looks"]
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &[Tint]> {
        self.pixels.chunks_exact((self.width as usize).max(1))
    }

    /// The pixel's tint; beyond the edges all is paper.
    #[must_use]
    pub fn get(&self, x: i32, y: i32) -> Tint {
        self.place(x, y).map_or(Tint::Paper, |place| self.pixels[place])
    }

    /// Whether the pixel carries any tint but paper.
    #[must_use]
    pub fn is_ink(&self, x: i32, y: i32) -> bool {
        self.get(x, y) != Tint::Paper
    }

    /// Sets one pixel.
    pub fn set(&mut self, x: i32, y: i32, tint: Tint) {
        if let Some(place) = self.place(x, y) {
            self.pixels[place] = tint;
        }
    }

    /// Fills a rectangle.
    pub fn fill(&mut self, area: Area, tint: Tint) {
        let clip = |from: i32, length: i32, most: u32| {
            let end = from.saturating_add(length).clamp(0, most as i32);
            from.clamp(0, end) as usize..end as usize
        };
        let columns = clip(area.x, area.width, self.width);
        for row in clip(area.y, area.height, self.height) {
            let start = row * self.width as usize;
            self.pixels[start + columns.start..start + columns.end].fill(tint);
        }
    }

    /// Fills the inside of `path` (non-zero winding, pixel centres, no grey), moved by whole pixels.
    pub fn fill_path(&mut self, path: &Path, x: i32, y: i32, tint: Tint) {
        self.stamp(&Stamp::new(path), x, y, tint);
    }

    /// Sets the pixels of `stamp`, moved by whole pixels.
    pub fn stamp(&mut self, stamp: &Stamp, x: i32, y: i32, tint: Tint) {
        for (dx, dy, length) in &stamp.runs {
            self.fill(Area { x: x + dx, y: y + dy, width: *length, height: 1 }, tint);
        }
    }

    /// Puts `other` upon this one with its upper left corner at `x`, `y`.
    pub fn paste(&mut self, other: &Self, x: i32, y: i32) {
        for (row, pixels) in other.rows().enumerate() {
            for (column, tint) in pixels.iter().enumerate() {
                self.set(x + column as i32, y + row as i32, *tint);
            }
        }
    }

    /// The same picture for a panel that hangs turned by `rotation`: whoever stands before it sees it upright.
    #[must_use]
    pub fn turned(&self, rotation: Rotation) -> Self {
        let (width, height) = match rotation {
            Rotation::Upright | Rotation::Half => (self.width, self.height),
            Rotation::Right | Rotation::Left => (self.height, self.width),
        };
        let (last_x, last_y) = (self.width as i32 - 1, self.height as i32 - 1);
        let mut turned = Self::new(width, height);
        for y in 0..height as i32 {
            for x in 0..width as i32 {
                let from = match rotation {
                    Rotation::Upright => (x, y),
                    Rotation::Right => (last_x - y, x),
                    Rotation::Half => (last_x - x, last_y - y),
                    Rotation::Left => (y, last_y - x),
                };
                turned.set(x, y, self.get(from.0, from.1));
            }
        }
        turned
    }

    fn place(&self, x: i32, y: i32) -> Option<usize> {
        let (x, y) = (u32::try_from(x).ok()?, u32::try_from(y).ok()?);
        (x < self.width && y < self.height).then(|| y as usize * self.width as usize + x as usize)
    }
}

/// The pixels inside a path, to be set again and again.
#[derive(Clone, Debug)]
pub struct Stamp {
    /// Column, row and length of each run from left to right.
    runs: Vec<(i32, i32, i32)>,
}

impl Stamp {
    /// The pixels whose centres lie inside `path` (non-zero winding).
    #[must_use]
    pub fn new(path: &Path) -> Self {
        let bounds = path.bounds();
        let (left, top) = (bounds.left().floor() as i32, bounds.top().floor() as i32);
        let (right, bottom) = (bounds.right().ceil() as i32, bounds.bottom().ceil() as i32);
        let size = ((right - left).max(1) as u32, (bottom - top).max(1) as u32);
        let Some(mut mask) = Mask::new(size.0, size.1) else { return Self { runs: Vec::new() } };
        mask.fill_path(path, FillRule::Winding, false, Transform::from_translate(-left as f32, -top as f32));
        let mut runs = Vec::new();
        for (row, cells) in mask.data().chunks_exact(size.0 as usize).enumerate() {
            let mut column = 0;
            for inside in cells.chunk_by(|a, b| (*a > 127) == (*b > 127)) {
                if inside[0] > 127 {
                    runs.push((left + column, top + row as i32, inside.len() as i32));
                }
                column += inside.len() as i32;
            }
        }
        Self { runs }
    }
}

impl Tint {
    /// Red, green and blue of it, as pure as a screen shows it.
    #[must_use]
    pub fn rgb(self) -> [u8; 3] {
        match self {
            Self::Ink => [0, 0, 0],
            Self::Paper => [0xff, 0xff, 0xff],
            Self::Red => [0xff, 0, 0],
            Self::Yellow => [0xff, 0xff, 0],
            Self::Green => [0, 0xff, 0],
            Self::Blue => [0, 0, 0xff],
            Self::Orange => [0xff, 0xa5, 0],
            Self::DarkGrey => [0x55, 0x55, 0x55],
            Self::LightGrey => [0xaa, 0xaa, 0xaa],
        }
    }

    /// One letter for each tint, as [`Canvas`] prints them.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Ink => '#',
            Self::Paper => '.',
            Self::Red => 'r',
            Self::Yellow => 'y',
            Self::Green => 'g',
            Self::Blue => 'b',
            Self::Orange => 'o',
            Self::DarkGrey => 'd',
            Self::LightGrey => 'l',
        }
    }
}

/// One letter per pixel, so that a failing test shows the picture.
impl fmt::Display for Canvas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rows().try_for_each(|row| writeln!(f, "{}", row.iter().map(|tint| tint.letter()).collect::<String>()))
    }
}

impl fmt::Debug for Canvas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Canvas {}x{}\n{self}", self.width, self.height)
    }
}

#[cfg(test)]
mod tests {
    use tiny_skia::{PathBuilder, Rect};

    use super::*;

    #[test]
    fn drawing_beyond_the_edges_is_cut_off() {
        let mut picture = Canvas::new(3, 2);
        picture.fill(Area { x: -5, y: 1, width: 7, height: 9 }, Tint::Ink);
        picture.set(3, 0, Tint::Ink);
        picture.fill(Area { x: 2, y: 0, width: -2, height: 1 }, Tint::Ink);
        assert_eq!(picture.to_string(), "...\n##.\n");
    }

    #[test]
    fn a_path_on_whole_pixels_fills_exactly_these_pixels() {
        let mut picture = Canvas::new(5, 4);
        let path = PathBuilder::from_rect(Rect::from_xywh(0.0, 0.0, 3.0, 2.0).unwrap());
        picture.fill_path(&path, 1, 1, Tint::Red);
        assert_eq!(picture.to_string(), ".....\n.rrr.\n.rrr.\n.....\n");
    }

    #[test]
    fn a_picture_is_turned_against_the_way_its_panel_hangs() {
        let mut picture = Canvas::new(3, 2);
        picture.set(0, 0, Tint::Ink);
        picture.set(2, 0, Tint::Red);
        assert_eq!(picture.turned(Rotation::Upright), picture);
        // A panel that hangs turned clockwise by a quarter has its left edge on top: what is on top goes to its left edge.
        assert_eq!(picture.turned(Rotation::Right).to_string(), "r.\n..\n#.\n");
        assert_eq!(picture.turned(Rotation::Half).to_string(), "...\nr.#\n");
        assert_eq!(picture.turned(Rotation::Left).to_string(), ".#\n..\n.r\n");
    }

    #[test]
    fn two_turns_by_a_half_change_nothing() {
        let mut picture = Canvas::new(4, 3);
        picture.fill(Area { x: 1, y: 0, width: 2, height: 1 }, Tint::Yellow);
        assert_eq!(picture.turned(Rotation::Half).turned(Rotation::Half), picture);
        assert_eq!(picture.turned(Rotation::Right).turned(Rotation::Left), picture);
    }
}
