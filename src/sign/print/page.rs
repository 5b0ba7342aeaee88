//! A page as a list of drawing operations: what is drawn, before anybody says in which format.

use tiny_skia::Path;

use crate::domain::text::Language;
use crate::sign::canvas::Tint;
use crate::sign::font::Weight;

use super::paper::Paper;

/// A page, ready to be written.
#[derive(Clone, PartialEq, Debug)]
pub struct Page {
    /// Its sheet.
    pub paper: Paper,
    /// What it is, for lists of files and for people who hear instead of see.
    pub title: String,
    /// Language of its words, as far as an operation does not say otherwise.
    pub language: Language,
    /// Size of the type that most of it is set in, in millimetres per em.
    pub body: f64,
    /// What is drawn, in the order in which it is read; what comes later covers what came before.
    pub operations: Vec<Operation>,
}

/// One thing that is drawn.
#[derive(Clone, PartialEq, Debug)]
pub enum Operation {
    /// A filled rectangle: a ground or a rule.
    Fill(Area, Tint),
    /// The four sides of a rectangle, inside it.
    Frame {
        /// Its outer edge.
        area: Area,
        /// Thickness of its sides.
        thickness: f64,
        /// Their tint.
        tint: Tint,
    },
    /// The inside of a path (non-zero winding) in the page's millimetres: a part of a pictogram.
    Shape(Path, Tint),
    /// A code, as rectangles of its dark modules.
    Code {
        /// Where it stands, without its quiet zone.
        area: Area,
        /// Its dark modules.
        modules: Vec<Area>,
        /// Width of one module.
        module: f64,
        /// The address that it carries.
        address: String,
    },
    /// A paragraph.
    Text(Text),
}

/// A paragraph with its lines where they stand.
#[derive(Clone, PartialEq, Debug)]
pub struct Text {
    /// What it is to the reader.
    pub role: Role,
    /// Its language.
    pub language: Language,
    /// Thickness of its strokes.
    pub weight: Weight,
    /// Millimetres per em.
    pub size: f64,
    /// Its tint.
    pub tint: Tint,
    /// Its lines.
    pub lines: Vec<PlacedLine>,
}

/// One line of a paragraph.
#[derive(Clone, PartialEq, Debug)]
pub struct PlacedLine {
    /// Where its first letter begins.
    pub x: f64,
    /// Where its letters stand.
    pub baseline: f64,
    /// From its first to its last letter.
    pub width: f64,
    /// Its letters, with a hyphen where a word is parted.
    pub letters: String,
    /// What joins it to the next one.
    pub joint: Joint,
}

/// What stood between two lines before they were parted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Joint {
    /// A space.
    Space,
    /// Nothing; the line ends with a hyphen that was not in the word.
    Hyphen,
    /// Nothing, as behind the marks of an address, or at the end.
    Nothing,
}

/// What a paragraph is to the reader.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// What goes on.
    Headline,
    /// What a text is about.
    Label,
    /// Words to be read.
    Text,
    /// The mark at the foot.
    Mark,
}

/// A rectangle.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Area {
    /// Its left edge.
    pub x: f64,
    /// Its upper edge.
    pub y: f64,
    /// From left to right.
    pub width: f64,
    /// From top to bottom.
    pub height: f64,
}

impl Page {
    /// Its paragraphs, in the order in which they are read.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        self.operations.iter().filter_map(|operation| match operation {
            Operation::Text(text) => Some(text),
            Operation::Fill(..) | Operation::Frame { .. } | Operation::Shape(..) | Operation::Code { .. } => None,
        })
    }

    /// Its codes, each with its area and address.
    pub fn codes(&self) -> impl Iterator<Item = (Area, &str)> {
        self.operations.iter().filter_map(|operation| match operation {
            Operation::Code { area, address, .. } => Some((*area, address.as_str())),
            Operation::Fill(..) | Operation::Frame { .. } | Operation::Shape(..) | Operation::Text(_) => None,
        })
    }
}

impl Area {
    /// Its right edge.
    #[must_use]
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    /// Its lower edge.
    #[must_use]
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }
}

impl Operation {
    /// The least rectangle that holds what is drawn; of text with what reaches above capitals and below the baseline.
    #[must_use]
    pub fn area(&self) -> Area {
        match self {
            Self::Fill(area, _) | Self::Frame { area, .. } | Self::Code { area, .. } => *area,
            Self::Shape(path, _) => {
                let bounds = path.bounds();
                let [x, y, width, height] =
                    [bounds.left(), bounds.top(), bounds.width(), bounds.height()].map(f64::from);
                Area { x, y, width, height }
            }
            Self::Text(text) => text.area(),
        }
    }
}

impl Text {
    /// Share of the size that accents of capitals rise above the baseline, and that letters reach below it.
    const REACH: (f64, f64) = (0.92, 0.22);

    /// Its letters without line breaks; hyphens at the end of lines are gone.
    #[must_use]
    pub fn words(&self) -> String {
        let mut words = String::new();
        for line in &self.lines {
            words += &line.letters;
            match line.joint {
                Joint::Space => words.push(' '),
                Joint::Hyphen => {
                    words.pop();
                }
                Joint::Nothing => {}
            }
        }
        words
    }

    fn area(&self) -> Area {
        let over = |value: fn(&PlacedLine) -> f64, join: fn(f64, f64) -> f64| {
            self.lines.iter().map(value).reduce(join).unwrap_or_default()
        };
        let (x, right) = (over(|line| line.x, f64::min), over(|line| line.x + line.width, f64::max));
        let y = over(|line| line.baseline, f64::min) - self.size * Self::REACH.0;
        let bottom = over(|line| line.baseline, f64::max) + self.size * Self::REACH.1;
        Area { x, y, width: right - x, height: bottom - y }
    }
}

/// Red, green and blue of a tint, 0 to 255: full tones that printers keep apart.
#[must_use]
pub fn colour(tint: Tint) -> [u8; 3] {
    match tint {
        Tint::Ink => [0, 0, 0],
        Tint::Paper => [255, 255, 255],
        Tint::Red => [200, 16, 30],
        Tint::Yellow => [255, 205, 0],
        Tint::Green => [0, 120, 60],
        Tint::Blue => [0, 75, 160],
        Tint::Orange => [240, 120, 0],
        Tint::DarkGrey => [85, 85, 85],
        Tint::LightGrey => [170, 170, 170],
    }
}

/// Printer's points of `mm` millimetres.
#[must_use]
pub fn points(mm: f64) -> f64 {
    mm * 72.0 / 25.4
}

/// An address as people write it: what a code carries in capitals only to have fewer modules ([`crate::notice::facts::Facts::code_url`]) means the
/// same in small letters.
#[must_use]
pub fn readable(address: &str) -> String {
    let is_small = address.contains(|letter: char| letter.is_ascii_lowercase());
    if is_small { address.to_owned() } else { address.to_ascii_lowercase() }
}
