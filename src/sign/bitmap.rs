//! A picture of one bit per pixel, as panels take it: rows from the top, most significant bit left, 1 = white.

use std::fmt;

use tiny_skia::{FillRule, Mask, Path, Transform};

/// What a pixel is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tint {
    /// Black.
    Ink,
    /// White.
    Paper,
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
pub struct Bitmap {
    width: u32,
    height: u32,
    bytes: Vec<u8>,
}

impl Bitmap {
    /// A white picture.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        Self { width, height, bytes: vec![0xff; width.div_ceil(8) as usize * height as usize] }
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

    /// Bytes of one row, with padding bits on the right that are 1.
    #[must_use]
    pub fn row_bytes(&self) -> usize {
        self.width.div_ceil(8) as usize
    }

    /// All rows, top first.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether the pixel is black; pixels beyond the edges are white.
    #[must_use]
    pub fn is_ink(&self, x: i32, y: i32) -> bool {
        self.place(x, y).is_some_and(|(byte, bit)| self.bytes[byte] & bit == 0)
    }

    /// Sets one pixel.
    pub fn set(&mut self, x: i32, y: i32, tint: Tint) {
        if let Some((byte, bit)) = self.place(x, y) {
            match tint {
                Tint::Ink => self.bytes[byte] &= !bit,
                Tint::Paper => self.bytes[byte] |= bit,
            }
        }
    }

    /// Fills a rectangle.
    pub fn fill(&mut self, area: Area, tint: Tint) {
        for y in area.y..area.y + area.height {
            for x in area.x..area.x + area.width {
                self.set(x, y, tint);
            }
        }
    }

    /// Fills the inside of `path` (non-zero winding, pixel centres, no grey), moved by whole pixels.
    pub fn fill_path(&mut self, path: &Path, x: i32, y: i32, tint: Tint) {
        let bounds = path.bounds();
        let (left, top) = (bounds.left().floor() as i32, bounds.top().floor() as i32);
        let (right, bottom) = (bounds.right().ceil() as i32, bounds.bottom().ceil() as i32);
        let Some(mut mask) = Mask::new((right - left).max(1) as u32, (bottom - top).max(1) as u32) else { return };
        mask.fill_path(path, FillRule::Winding, false, Transform::from_translate(-left as f32, -top as f32));
        let width = mask.width() as usize;
        for (row, cells) in mask.data().chunks_exact(width).enumerate() {
            for (column, _) in cells.iter().enumerate().filter(|(_, cell)| **cell > 127) {
                self.set(x + left + column as i32, y + top + row as i32, tint);
            }
        }
    }

    fn place(&self, x: i32, y: i32) -> Option<(usize, u8)> {
        let (x, y) = (u32::try_from(x).ok()?, u32::try_from(y).ok()?);
        (x < self.width && y < self.height).then(|| (y as usize * self.row_bytes() + x as usize / 8, 0x80 >> (x % 8)))
    }
}

/// One letter per pixel, `#` black and `.` white, so that a failing test shows the picture.
impl fmt::Display for Bitmap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for y in 0..self.height as i32 {
            let row: String = (0..self.width as i32).map(|x| if self.is_ink(x, y) { '#' } else { '.' }).collect();
            writeln!(f, "{row}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Bitmap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bitmap {}x{}\n{self}", self.width, self.height)
    }
}

#[cfg(test)]
mod tests {
    use tiny_skia::{PathBuilder, Rect};

    use super::*;

    #[test]
    fn the_leftmost_pixel_is_the_highest_bit_and_black_is_zero() {
        let mut picture = Bitmap::new(9, 2);
        picture.set(0, 0, Tint::Ink);
        picture.set(8, 1, Tint::Ink);
        assert_eq!(picture.bytes(), [0x7f, 0xff, 0xff, 0x7f]);
        assert_eq!(picture.to_string(), "#........\n........#\n");
    }

    #[test]
    fn drawing_beyond_the_edges_is_cut_off() {
        let mut picture = Bitmap::new(3, 2);
        picture.fill(Area { x: -5, y: 1, width: 7, height: 9 }, Tint::Ink);
        assert_eq!(picture.to_string(), "...\n##.\n");
    }

    #[test]
    fn a_path_on_whole_pixels_fills_exactly_these_pixels() {
        let mut picture = Bitmap::new(5, 4);
        let path = PathBuilder::from_rect(Rect::from_xywh(0.0, 0.0, 3.0, 2.0).unwrap());
        picture.fill_path(&path, 1, 1, Tint::Ink);
        assert_eq!(picture.to_string(), ".....\n.###.\n.###.\n.....\n");
    }
}
