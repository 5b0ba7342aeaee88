//! A contact sheet: many pictures small beside each other, to look at them all before customers do.

use crate::domain::text::Language;

use super::canvas::{Canvas, Tint};
use super::font::{Faces, Fonts, Weight};
use super::text::{Measure, Paragraph, Span};

/// Between pictures, and at the edges.
const GAP: u32 = 12;

/// Type of labels and headings, in pixels per em.
const TYPE: u32 = 15;

/// Height of the line with headings, and width of the column with labels.
const HEADINGS: u32 = 28;
const LABELS: u32 = 190;

/// The ground, so that the edges of white pictures are seen.
const GROUND: [u8; 3] = [0xb4, 0xb4, 0xb4];

/// One row: what it is, and its pictures from left to right; a gap where there is none.
pub struct Row {
    /// Printed to the left.
    pub label: String,
    /// Pictures, upright.
    pub pictures: Vec<Option<Canvas>>,
}

/// The sheet: red, green and blue of each pixel, rows from the top.
pub struct Sheet {
    width: u32,
    height: u32,
    pixels: Vec<[u8; 3]>,
}

/// Puts `rows` below each other under `headings`, each picture shrunk to at most `cell` pixels of width.
#[must_use]
pub fn sheet(headings: &[String], rows: &[Row], cell: u32, fonts: &Fonts) -> Sheet {
    let columns = rows.iter().map(|row| row.pictures.len()).max().unwrap_or(0).max(headings.len()) as u32;
    let shrunk: Vec<Vec<Option<Shrunk>>> = rows
        .iter()
        .map(|row| {
            row.pictures.iter().map(|picture| picture.as_ref().map(|canvas| Shrunk::new(canvas, cell))).collect()
        })
        .collect();
    let heights: Vec<u32> =
        shrunk.iter().map(|row| row.iter().flatten().map(|p| p.height).max().unwrap_or(TYPE)).collect();
    let width = LABELS + columns * (cell + GAP) + GAP;
    let height = HEADINGS + heights.iter().map(|height| height + GAP).sum::<u32>();
    let mut sheet = Sheet { width, height, pixels: vec![GROUND; width as usize * height as usize] };
    for (column, heading) in headings.iter().enumerate() {
        sheet.write(heading, LABELS + column as u32 * (cell + GAP), 5, fonts);
    }
    let mut y = HEADINGS;
    for ((row, pictures), height) in rows.iter().zip(&shrunk).zip(&heights) {
        sheet.write(&row.label, GAP, y, fonts);
        for (column, picture) in pictures.iter().enumerate() {
            if let Some(picture) = picture {
                sheet.put(picture, LABELS + column as u32 * (cell + GAP), y);
            }
        }
        y += height + GAP;
    }
    sheet
}

impl Sheet {
    /// The sheet as PNG: four greys where nothing has a colour, else true colour.
    #[must_use]
    pub fn png(&self) -> Vec<u8> {
        let is_grey = self.pixels.iter().all(|[r, g, b]| r == g && g == b);
        let (colour, depth, data) = if is_grey {
            (png::ColorType::Grayscale, png::BitDepth::Two, self.packed())
        } else {
            (png::ColorType::Rgb, png::BitDepth::Eight, self.pixels.as_flattened().to_vec())
        };
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width, self.height);
        encoder.set_color(colour);
        encoder.set_depth(depth);
        encoder.set_compression(png::Compression::High);
        let mut writer = encoder.write_header().expect("writing to memory does not fail, and the header is valid");
        writer.write_image_data(&data).expect("the bytes are as many as width, height and depth ask for");
        writer.finish().expect("writing to memory does not fail");
        bytes
    }

    fn packed(&self) -> Vec<u8> {
        let level = |pixel: &[u8; 3]| (u16::from(pixel[0]) * 3 + 127) / 255;
        let byte = |four: &[[u8; 3]]| {
            four.iter().enumerate().fold(0, |byte, (at, pixel)| byte | (level(pixel) as u8) << (6 - 2 * at))
        };
        self.pixels.chunks_exact(self.width as usize).flat_map(|row| row.chunks(4).map(byte)).collect()
    }

    fn put(&mut self, picture: &Shrunk, x: u32, y: u32) {
        for (row, line) in picture.pixels.chunks_exact(picture.width as usize).enumerate() {
            let start = (y as usize + row) * self.width as usize + x as usize;
            self.pixels[start..start + line.len()].copy_from_slice(line);
        }
    }

    /// Letters that no font has are left out: this is a label.
    fn write(&mut self, text: &str, x: u32, y: u32, fonts: &Fonts) {
        let mut faces = Faces::new(fonts, Language::ENGLISH);
        let span = Span { text, weight: Weight::Bold };
        let Ok(line) = Paragraph::new(&mut faces, &[span], TYPE, 10_000, Measure::Full) else { return };
        let mut canvas = Canvas::new(line.width().unsigned_abs().max(1), line.height().unsigned_abs().max(1));
        line.draw(&mut canvas, &mut faces, 0, 0, Tint::Ink);
        for (row, tints) in canvas.rows().enumerate() {
            for (column, _) in tints.iter().enumerate().filter(|(_, tint)| **tint != Tint::Paper) {
                let (x, y) = (x as usize + column, y as usize + row);
                if x < self.width as usize && y < self.height as usize {
                    self.pixels[y * self.width as usize + x] = [0; 3];
                }
            }
        }
    }
}

/// A picture made smaller: each pixel is the mean of those that it stands for.
struct Shrunk {
    width: u32,
    height: u32,
    pixels: Vec<[u8; 3]>,
}

impl Shrunk {
    fn new(canvas: &Canvas, cell: u32) -> Self {
        let width = cell.min(canvas.width());
        let height = (canvas.height() * width / canvas.width()).max(1);
        let part = |at: u32, of: u32, from: u32| (at * from / of) as i32..((at + 1) * from).div_ceil(of) as i32;
        let mut pixels = Vec::with_capacity(width as usize * height as usize);
        for y in 0..height {
            for x in 0..width {
                let (mut sum, mut count) = ([0u32; 3], 0);
                for from_y in part(y, height, canvas.height()) {
                    for from_x in part(x, width, canvas.width()) {
                        let light = canvas.get(from_x, from_y).rgb();
                        sum.iter_mut().zip(light).for_each(|(sum, light)| *sum += u32::from(light));
                        count += 1;
                    }
                }
                pixels.push(sum.map(|sum| (sum / count.max(1)) as u8));
            }
        }
        Self { width, height, pixels }
    }
}

#[cfg(test)]
mod tests {
    use super::super::canvas::Area;
    use super::*;

    #[test]
    fn a_shrunk_picture_keeps_its_shape_and_its_mean() {
        let mut canvas = Canvas::new(8, 4);
        canvas.fill(Area { x: 0, y: 0, width: 1, height: 4 }, Tint::Ink);
        let shrunk = Shrunk::new(&canvas, 4);
        assert_eq!((shrunk.width, shrunk.height), (4, 2));
        assert_eq!(shrunk.pixels[..2], [[127; 3], [255; 3]]);
    }

    #[test]
    fn a_sheet_of_black_and_white_pictures_is_grey_and_of_coloured_ones_true() {
        let fonts = Fonts::embedded();
        let mut canvas = Canvas::new(40, 20);
        let of = |canvas: &Canvas| {
            let rows = [Row { label: "pl".to_owned(), pictures: vec![Some(canvas.clone()), None] }];
            let png = sheet(&["active".to_owned(), "paused".to_owned()], &rows, 40, &fonts).png();
            png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap().info().color_type
        };
        assert_eq!(of(&canvas), png::ColorType::Grayscale);
        canvas.set(0, 0, Tint::Red);
        assert_eq!(of(&canvas), png::ColorType::Rgb);
    }
}
