//! The operations of a page as a PDF content stream (ISO 32000-1 §8 and §9), each marked with what it is to the reader (§14.7).

use pdf_writer::types::StructRole;
use pdf_writer::{Buf, Content, Name, Str};
use tiny_skia::{Path, PathSegment, Point};

use crate::domain::text::Language;
use crate::sign::canvas::Tint;

use super::embed::{Embedded, thousandths};
use super::face::Faces;
use super::page::{Area, Joint, Operation, Page, PlacedLine, Role, Text, colour, points, readable};

/// A part of the page that is read.
pub(super) struct Marked {
    pub(super) role: StructRole,
    /// Its language, where it is not the page's.
    pub(super) language: Option<Language>,
    /// What stands for it where it is heard instead of seen.
    pub(super) alternative: Option<String>,
}

/// The stream, and what is read in it; the place of each in the list is its number in the stream.
pub(super) fn content(page: &Page, faces: &Faces<'_>, fonts: &[Embedded<'_>]) -> (Buf, Vec<Marked>) {
    let mut stream = Stream { content: Content::new(), height: page.paper.height(), faces, fonts };
    let mut marked = Vec::new();
    for operation in &page.operations {
        let number = marked.len() as i32;
        match marking(operation, page.language) {
            Some(marking) => {
                let tag = marking.role.to_name();
                let mut begin = stream.content.begin_marked_content_with_properties(tag);
                begin.properties().identify(number);
                drop(begin);
                marked.push(marking);
            }
            None => {
                stream.content.begin_marked_content(Name(b"Artifact"));
            }
        }
        stream.draw(operation);
        stream.content.end_marked_content();
    }
    (stream.content.finish(), marked)
}

/// What an operation is to the reader; `None` of what only decorates.
fn marking(operation: &Operation, page: Language) -> Option<Marked> {
    match operation {
        Operation::Fill(..) | Operation::Frame { .. } | Operation::Shape(..) => None,
        Operation::Code { address, .. } => {
            Some(Marked { role: StructRole::Figure, language: None, alternative: Some(readable(address)) })
        }
        Operation::Text(text) => Some(Marked {
            role: match text.role {
                Role::Headline => StructRole::H1,
                Role::Label | Role::Text | Role::Mark => StructRole::P,
            },
            language: (text.language != page).then_some(text.language),
            alternative: None,
        }),
    }
}

struct Stream<'s, 'f> {
    content: Content,
    /// Of the page, in millimetres: PDF counts from below.
    height: f64,
    faces: &'s Faces<'f>,
    fonts: &'s [Embedded<'s>],
}

impl Stream<'_, '_> {
    fn draw(&mut self, operation: &Operation) {
        match operation {
            Operation::Fill(area, tint) => {
                self.fill(*tint);
                self.rectangle(area);
                self.content.fill_nonzero();
            }
            Operation::Frame { area, thickness, tint } => self.frame(area, *thickness, *tint),
            Operation::Shape(path, tint) => {
                self.fill(*tint);
                self.path(path);
                self.content.fill_nonzero();
            }
            Operation::Code { modules, .. } => {
                self.fill(Tint::Ink);
                for module in modules {
                    self.rectangle(module);
                }
                self.content.fill_nonzero();
            }
            Operation::Text(text) => self.text(text),
        }
    }

    /// Black is black ink alone, or four inks would blur small type.
    fn fill(&mut self, tint: Tint) {
        let light = |part: u8| rounded(f64::from(part) / 255.0);
        match colour(tint) {
            [red, green, blue] if red == green && green == blue => self.content.set_fill_gray(light(red)),
            [red, green, blue] => self.content.set_fill_rgb(light(red), light(green), light(blue)),
        };
    }

    fn rectangle(&mut self, area: &Area) {
        let (x, y) = self.at(area.x, area.bottom());
        self.content.rect(x, y, length(area.width), length(area.height));
    }

    /// Two rectangles, of which the inner one is left out.
    fn frame(&mut self, area: &Area, thickness: f64, tint: Tint) {
        self.fill(tint);
        self.rectangle(area);
        self.rectangle(&Area {
            x: area.x + thickness,
            y: area.y + thickness,
            width: area.width - 2.0 * thickness,
            height: area.height - 2.0 * thickness,
        });
        self.content.fill_even_odd();
    }

    fn path(&mut self, path: &Path) {
        let mut last = Point::zero();
        for segment in path.segments() {
            match segment {
                PathSegment::MoveTo(to) => {
                    let (x, y) = self.point(to);
                    self.content.move_to(x, y);
                    last = to;
                }
                PathSegment::LineTo(to) => {
                    let (x, y) = self.point(to);
                    self.content.line_to(x, y);
                    last = to;
                }
                PathSegment::QuadTo(control, to) => {
                    let third = |end: Point| Point {
                        x: end.x + (control.x - end.x) * 2.0 / 3.0,
                        y: end.y + (control.y - end.y) * 2.0 / 3.0,
                    };
                    self.curve(third(last), third(to), to);
                    last = to;
                }
                PathSegment::CubicTo(first, second, to) => {
                    self.curve(first, second, to);
                    last = to;
                }
                PathSegment::Close => {
                    self.content.close_path();
                }
            }
        }
    }

    fn curve(&mut self, first: Point, second: Point, to: Point) {
        let [first, second, to] = [first, second, to].map(|point| self.point(point));
        self.content.cubic_to(first.0, first.1, second.0, second.1, to.0, to.1);
    }

    fn text(&mut self, text: &Text) {
        let Some(font) = self.fonts.iter().find(|font| font.weight == text.weight) else { return };
        self.fill(text.tint);
        self.content.begin_text().set_font(font.resource(), length(text.size));
        for line in &text.lines {
            self.line(line, text, font);
        }
        self.content.end_text();
    }

    fn line(&mut self, line: &PlacedLine, text: &Text, font: &Embedded<'_>) {
        let (x, y) = self.at(line.x, line.baseline);
        self.content.set_text_matrix([1.0, 0.0, 0.0, 1.0, x, y]);
        let glyphs = self.faces.get(text.weight).shape(&line.letters).unwrap_or_default();
        let mut showing = self.content.show_positioned();
        let mut items = showing.items();
        let mut run: Vec<u8> = Vec::new();
        for (index, glyph) in glyphs.iter().enumerate() {
            if index > 0 && glyph.kerning != 0 {
                items.show(Str(&run)).adjust(-rounded(thousandths(glyph.kerning).into()));
                run.clear();
            }
            run.extend(font.number(glyph.id).unwrap_or(0).to_be_bytes());
        }
        // Without it, whoever hears the words would hear the last of a line and the first of the next as one.
        let space = self.faces.get(text.weight).glyph(' ').and_then(|space| font.number(space.id));
        if line.joint == Joint::Space {
            run.extend(space.unwrap_or(0).to_be_bytes());
        }
        items.show(Str(&run));
    }

    fn point(&self, point: Point) -> (f32, f32) {
        self.at(point.x.into(), point.y.into())
    }

    fn at(&self, x: f64, y: f64) -> (f32, f32) {
        (length(x), length(self.height - y))
    }
}

/// Points of `mm` millimetres, as exact as any printer is.
pub(super) fn length(mm: f64) -> f32 {
    rounded(points(mm))
}

fn rounded(number: f64) -> f32 {
    ((number * 1000.0).round() / 1000.0) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::samples::polish;
    use crate::sign::font::{Fonts, Weight};
    use crate::sign::print::paper::Paper;

    /// The stream of a page that says `letters` in type of 20 mm from (10, 30) on.
    fn stream(letters: &str, joint: Joint) -> String {
        let line = PlacedLine { x: 10.0, baseline: 30.0, width: 0.0, letters: letters.to_owned(), joint };
        let text = Text {
            role: Role::Text,
            language: polish(),
            weight: Weight::Regular,
            size: 20.0,
            tint: Tint::Ink,
            lines: vec![line],
        };
        let operations = vec![Operation::Text(text)];
        let page = Page { paper: Paper::A4, title: String::new(), language: polish(), body: 20.0, operations };
        let fonts = Fonts::embedded();
        let faces = Faces::new(&fonts);
        let embedded = [Embedded::new(&faces, Weight::Regular, &page).unwrap()];
        let (bytes, marked) = content(&page, &faces, &embedded);
        assert_eq!(marked.len(), 1);
        String::from_utf8_lossy(bytes.as_slice()).into_owned()
    }

    #[test]
    fn letters_stand_where_the_page_has_them_and_are_kerned_together() {
        let stream = stream("AV", Joint::Nothing);
        // 20 mm are 56.693 pt; 10 mm from the left 28.346 pt; 267 mm from below 756.85 pt. A and V are 152 units of 2048 closer.
        for part in ["/R 56.693 Tf", "1 0 0 1 28.346 756.85 Tm", " 74.219 "] {
            assert!(stream.contains(part), "{part} is missing in {stream}");
        }
    }

    #[test]
    fn lines_of_a_paragraph_are_joined_by_a_space_for_whoever_hears_them() {
        let length = |joint| stream("ab", joint).len();
        assert!(length(Joint::Space) > length(Joint::Hyphen));
    }
}
