//! A page as SVG 1.1.
//!
//! Letters are outlines, not text: a file that only names its font is set in another one wherever that font is missing, in other widths, and then
//! lines run over the edge of the board. As outlines it looks the same on every machine. The words stand beside the drawing, in `title` and
//! `desc`, for search and for people who hear instead of see.

use std::collections::BTreeMap;
use std::fmt::Write;

use skrifa::GlyphId;
use tiny_skia::{Path, PathSegment};

use crate::sign::canvas::Tint;
use crate::sign::font::{Fonts, UNITS_PER_EM, Weight};

use super::face::Faces;
use super::page::{Area, Operation, Page, Text, colour};

/// The text of the file.
#[must_use]
pub fn svg(page: &Page, fonts: &Fonts) -> String {
    let mut drawing = Drawing { faces: Faces::new(fonts), shapes: BTreeMap::new(), body: String::new() };
    for operation in &page.operations {
        drawing.draw(operation);
    }
    let (width, height) = (page.paper.width(), page.paper.height());
    let (title, words, language) = (escaped(&page.title), words(page), page.language.code());
    let shapes: String = drawing.shapes.into_values().collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"{width}mm\" height=\"{height}mm\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"title words\" xml:lang=\"{language}\">\n\
         <title id=\"title\">{title}</title>\n<desc id=\"words\">{words}</desc>\n<defs>\n{shapes}</defs>\n\
         <path fill=\"#fff\" d=\"M0 0h{width}v{height}h-{width}z\"/>\n{}</svg>\n",
        drawing.body
    )
}

struct Drawing<'f> {
    faces: Faces<'f>,
    /// Outlines of letters that are used, by font and glyph.
    shapes: BTreeMap<(Weight, GlyphId), String>,
    body: String,
}

impl Drawing<'_> {
    fn draw(&mut self, operation: &Operation) {
        match operation {
            Operation::Fill(area, tint) => self.path(*tint, &rectangle(area)),
            Operation::Frame { area, thickness, tint } => self.frame(area, *thickness, *tint),
            Operation::Shape(path, tint) => self.path(*tint, &outline(path, 1000.0)),
            Operation::Code { modules, address, .. } => {
                let _ = writeln!(self.body, "<a xlink:href=\"{}\">", escaped(address));
                self.path(Tint::Ink, &modules.iter().map(rectangle).collect::<String>());
                self.body += "</a>\n";
            }
            Operation::Text(text) => self.text(text),
        }
    }

    fn path(&mut self, tint: Tint, path: &str) {
        let _ = writeln!(self.body, "<path fill=\"{}\" d=\"{path}\"/>", hexadecimal(tint));
    }

    fn frame(&mut self, area: &Area, thickness: f64, tint: Tint) {
        let inside = Area {
            x: area.x + thickness,
            y: area.y + thickness,
            width: area.width - 2.0 * thickness,
            height: area.height - 2.0 * thickness,
        };
        let path = rectangle(area) + &rectangle(&inside);
        let _ = writeln!(self.body, "<path fill=\"{}\" fill-rule=\"evenodd\" d=\"{path}\"/>", hexadecimal(tint));
    }

    fn text(&mut self, text: &Text) {
        let scale = text.size / f64::from(UNITS_PER_EM);
        for line in &text.lines {
            let glyphs = self.faces.get(text.weight).shape(&line.letters).unwrap_or_default();
            let _ = write!(
                self.body,
                "<g fill=\"{}\" transform=\"translate({} {}) scale({:.6})\">",
                hexadecimal(text.tint),
                number(line.x, 1000.0),
                number(line.baseline, 1000.0),
                scale
            );
            let mut x = 0;
            for (index, glyph) in glyphs.iter().enumerate() {
                x += if index > 0 { glyph.kerning } else { 0 };
                if self.remember(text.weight, glyph.id) {
                    let _ = write!(self.body, "<use xlink:href=\"#{}\" x=\"{x}\"/>", name(text.weight, glyph.id));
                }
                x += glyph.advance;
            }
            self.body += "</g>\n";
        }
    }

    /// Keeps the outline of a glyph; whether it has one.
    fn remember(&mut self, weight: Weight, id: GlyphId) -> bool {
        if self.shapes.contains_key(&(weight, id)) {
            return true;
        }
        let Some(path) = self.faces.get(weight).outline(id) else { return false };
        let shape = format!("<path id=\"{}\" d=\"{}\"/>\n", name(weight, id), outline(&path, 1.0));
        self.shapes.insert((weight, id), shape);
        true
    }
}

fn name(weight: Weight, id: GlyphId) -> String {
    let letter = match weight {
        Weight::Regular => 'r',
        Weight::Bold => 'b',
    };
    format!("{letter}{}", id.to_u32())
}

/// Everything that is read, one paragraph a line. The address of the code is among it in letters.
fn words(page: &Page) -> String {
    escaped(&page.texts().map(Text::words).collect::<Vec<_>>().join("\n"))
}

fn rectangle(area: &Area) -> String {
    let [x, y, width, height] = [area.x, area.y, area.width, area.height].map(|mm| number(mm, 1000.0));
    format!("M{x} {y}h{width}v{height}h-{width}z")
}

/// A path with its numbers rounded to one in `parts`.
fn outline(path: &Path, parts: f64) -> String {
    let mut text = String::new();
    for segment in path.segments() {
        let (letter, points) = match segment {
            PathSegment::MoveTo(to) => ('M', vec![to]),
            PathSegment::LineTo(to) => ('L', vec![to]),
            PathSegment::QuadTo(control, to) => ('Q', vec![control, to]),
            PathSegment::CubicTo(first, second, to) => ('C', vec![first, second, to]),
            PathSegment::Close => ('Z', Vec::new()),
        };
        let numbers = points.iter().flat_map(|point| [point.x, point.y]);
        let numbers = numbers.map(|part| number(part.into(), parts).to_string());
        text.push(letter);
        text += &numbers.collect::<Vec<_>>().join(" ");
    }
    text
}

fn number(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}

fn hexadecimal(tint: Tint) -> String {
    let [red, green, blue] = colour(tint);
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
