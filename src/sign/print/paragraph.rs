//! Words into lines, all of a paragraph at once.
//!
//! Of all ways to break a text into lines the one is taken in which the fewest lines are the most even at their right edge, with a hyphen only
//! where it closes a gap. Nothing is cut: a text with a word that is longer than its line and may not be parted has no lines.

use crate::domain::text::Language;
use crate::sign::canvas::Tint;
use crate::sign::font::Weight;
use crate::sign::hyphen;
use crate::sign::text::NoGlyph;

use super::face::{Face, Faces, Glyph, cap_height, millimetres, units, width};
use super::page::{Joint, Operation, PlacedLine, Role, Text};

/// From one baseline to the next, in sizes: of text that is read standing, and of headlines, which are never long.
const LEADING: (f64, f64) = (1.3, 1.12);
/// From this size on, bold text is a headline: 30 pt.
const HEADLINE: f64 = 10.5;

/// What a line more costs, against the square of the share of a line that stays empty, which is 1 for an empty line.
const LINE_COST: f64 = 1.0;
/// What a hyphen costs: as much as a third of a line that stays empty.
const HYPHEN_COST: f64 = 0.11;
/// What parting an address costs: more than any other way.
const MARK_COST: f64 = 50.0;
/// A last line shorter than this share of the width looks forgotten, and costs as much as three hyphens.
const SHORT_LAST_LINE: f64 = 0.2;
const FORGOTTEN_COST: f64 = 0.33;

/// A text that knows how wide it is, and no size yet.
pub(super) struct Copyfit {
    glyphs: Vec<Glyph>,
    /// Units from the beginning of the text to that of each glyph, kerning included; one more than there are glyphs.
    starts: Vec<i32>,
    breaks: Vec<Break>,
    weight: Weight,
    language: Language,
    hyphen: Option<Glyph>,
    /// Kerning of each letter before a hyphen is looked up in it.
    hyphen_kerning: Vec<i32>,
}

/// A place where a line may end.
#[derive(Clone, Copy, Debug)]
struct Break {
    /// Glyphs up to the end of the line.
    end: usize,
    /// First glyph of the next one.
    next: usize,
    cost: f64,
    hyphen: bool,
}

impl Break {
    fn joint(&self) -> Joint {
        match (self.hyphen, self.next > self.end) {
            (true, _) => Joint::Hyphen,
            (false, true) => Joint::Space,
            (false, false) => Joint::Nothing,
        }
    }
}

/// How a paragraph fills its width.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Measure {
    /// Lines as long as they get; the last one as it falls.
    Full,
    /// Lines of about the same length.
    Even,
}

/// A paragraph with its lines broken, at its size.
#[derive(Clone, Debug)]
pub(super) struct Paragraph {
    lines: Vec<Line>,
    pub(super) size: f64,
    weight: Weight,
    language: Language,
    leading: f64,
}

#[derive(Clone, Debug)]
struct Line {
    letters: String,
    width: f64,
    joint: Joint,
}

impl Copyfit {
    pub(super) fn new(faces: &Faces<'_>, text: &str, weight: Weight, language: Language) -> Result<Self, NoGlyph> {
        let face = faces.get(weight);
        let is_space = |letter: char| letter.is_whitespace() && !matches!(letter, '\u{a0}' | '\u{202f}');
        let words: Vec<&str> = text.split(is_space).filter(|word| !word.is_empty()).collect();
        let glyphs = face.shape(&words.join(" "))?;
        let starts = std::iter::once(0).chain(glyphs.iter().scan(0, |x, glyph| {
            *x += glyph.kerning + glyph.advance;
            Some(*x)
        }));
        let (hyphen, starts) = (face.glyph('-'), starts.collect());
        let hyphen_kerning = kernings_before(face, &glyphs, hyphen.as_ref());
        let breaks = breaks(&glyphs, language);
        Ok(Self { glyphs, starts, breaks, weight, language, hyphen, hyphen_kerning })
    }

    /// Units of the whole text in one line.
    pub(super) fn width(&self) -> i32 {
        width(&self.glyphs)
    }

    /// Units of the longer line where the text stands in two, broken between words as evenly as it can be; `None` of a single word.
    pub(super) fn width_in_two(&self) -> Option<i32> {
        let between = self.breaks.iter().filter(|at| at.next == at.end + 1);
        between.map(|at| self.between(0, at).max(self.between(at.next, self.last()))).min()
    }

    /// Lines of at most `width` millimetres at `size` millimetres per em; `None` where a word is too long.
    pub(super) fn paragraph(&self, size: f64, width: f64, measure: Measure) -> Option<Paragraph> {
        let ends = self.break_lines(units(width, size), measure)?;
        let mut begin = 0;
        let lines = ends.iter().map(|end| {
            let mut letters: String = self.glyphs[begin..end.end].iter().map(|glyph| glyph.letter).collect();
            if end.hyphen {
                letters.push('-');
            }
            let width = millimetres(self.between(begin, end), size);
            begin = end.next;
            Line { letters, width, joint: end.joint() }
        });
        let leading = if self.weight == Weight::Bold && size >= HEADLINE { LEADING.1 } else { LEADING.0 };
        Some(Paragraph {
            lines: lines.collect(),
            size,
            weight: self.weight,
            language: self.language,
            leading: size * leading,
        })
    }

    fn last(&self) -> &Break {
        self.breaks.last().expect("the end of the text is the last of its breaks")
    }

    /// Units of a line from glyph `begin` to a break.
    fn between(&self, begin: usize, end: &Break) -> i32 {
        let Some(first) = self.glyphs.get(begin).filter(|_| begin < end.end) else { return 0 };
        let hyphen = if end.hyphen {
            self.hyphen.map_or(0, |hyphen| hyphen.advance) + self.hyphen_kerning[end.end - 1]
        } else {
            0
        };
        self.starts[end.end] - self.starts[begin] - first.kerning + hyphen
    }

    /// The ends of lines that cost least together.
    fn break_lines(&self, limit: i32, measure: Measure) -> Option<Vec<Break>> {
        if self.glyphs.is_empty() {
            return Some(Vec::new());
        }
        // For each break the least cost of lines up to it, and the break before it.
        let mut best: Vec<Option<(f64, Option<usize>)>> = vec![None; self.breaks.len()];
        for (at, end) in self.breaks.iter().enumerate() {
            for before in (0..at).rev().map(Some).chain([None]) {
                let begin = before.map_or(0, |before| self.breaks[before].next);
                let width = self.between(begin, end);
                if width > limit {
                    break;
                }
                let Some(so_far) = before.map_or(Some(0.0), |before| best[before].map(|(cost, _)| cost)) else {
                    continue;
                };
                let is_last = at + 1 == self.breaks.len();
                let cost = so_far + end.cost + line_cost(width, limit, measure, is_last, before.is_none());
                if best[at].is_none_or(|(least, _)| cost < least) {
                    best[at] = Some((cost, before));
                }
            }
        }
        let mut ends = Vec::new();
        let mut at = Some(self.breaks.len() - 1);
        while let Some(end) = at {
            ends.push(self.breaks[end]);
            at = best[end]?.1;
        }
        ends.reverse();
        Some(ends)
    }
}

fn line_cost(width: i32, limit: i32, measure: Measure, is_last: bool, is_first: bool) -> f64 {
    let filled = f64::from(width) / f64::from(limit.max(1));
    let gap = 1.0 - filled;
    let uneven = match (measure, is_last) {
        (Measure::Full, true) if filled < SHORT_LAST_LINE && !is_first => FORGOTTEN_COST,
        (Measure::Full, true) => 0.0,
        (Measure::Full, false) | (Measure::Even, _) => gap * gap,
    };
    LINE_COST + uneven
}

fn kernings_before(face: &Face<'_>, glyphs: &[Glyph], hyphen: Option<&Glyph>) -> Vec<i32> {
    glyphs.iter().map(|glyph| hyphen.map_or(0, |hyphen| face.kerning(glyph, hyphen))).collect()
}

/// Between words, between syllables, and behind the marks of addresses; last the end of the text.
fn breaks(glyphs: &[Glyph], language: Language) -> Vec<Break> {
    let mut breaks = Vec::new();
    let mut at = 0;
    for word in glyphs.split(|glyph| glyph.letter == ' ') {
        let text: String = word.iter().map(|glyph| glyph.letter).collect();
        let mut cuts = hyphen::syllables(&text, language);
        cuts.extend(hyphen::marks(&text));
        cuts.sort_by_key(|cut| cut.before);
        breaks.extend(cuts.iter().map(|cut| {
            let cost = if cut.hyphen { HYPHEN_COST } else { MARK_COST };
            Break { end: at + cut.before, next: at + cut.before, cost, hyphen: cut.hyphen }
        }));
        at += word.len();
        let next = (at + 1).min(glyphs.len());
        breaks.push(Break { end: at, next, cost: 0.0, hyphen: false });
        at = next;
    }
    breaks
}

impl Paragraph {
    /// From the top of the capitals of the first line to the baseline of the last.
    pub(super) fn height(&self) -> f64 {
        match self.lines.len() {
            0 => 0.0,
            lines => self.cap_height() + (lines - 1) as f64 * self.leading,
        }
    }

    pub(super) fn cap_height(&self) -> f64 {
        cap_height(self.size)
    }

    /// Millimetres of the longest line.
    pub(super) fn width(&self) -> f64 {
        self.lines.iter().map(|line| line.width).fold(0.0, f64::max)
    }

    /// Whether a word is parted without a hyphen.
    pub(super) fn parts_an_address(&self) -> bool {
        self.lines.iter().rev().skip(1).any(|line| line.joint == Joint::Nothing)
    }

    pub(super) fn lines(&self) -> usize {
        self.lines.len()
    }

    /// Draws it with the top of its capitals at `y`.
    pub(super) fn draw(&self, (x, y): (f64, f64), role: Role, tint: Tint) -> Operation {
        let first = y + self.cap_height();
        let lines = self.lines.iter().enumerate().map(|(row, line)| PlacedLine {
            x,
            baseline: first + row as f64 * self.leading,
            width: line.width,
            letters: line.letters.clone(),
            joint: line.joint,
        });
        Operation::Text(Text {
            role,
            language: self.language,
            weight: self.weight,
            size: self.size,
            tint,
            lines: lines.collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::samples::polish;
    use crate::sign::font::Fonts;

    /// Lines of `text` in type of 5 mm.
    fn lines(text: &str, width: f64, measure: Measure) -> Option<Vec<String>> {
        let fonts = Fonts::embedded();
        let fit = Copyfit::new(&Faces::new(&fonts), text, Weight::Regular, polish()).unwrap();
        let set = fit.paragraph(5.0, width, measure)?;
        assert!(set.width() <= width, "{} mm in {width}", set.width());
        Some(set.lines.into_iter().map(|line| line.letters).collect())
    }

    #[test]
    fn lines_break_between_words_and_keep_every_letter() {
        let text = "Czujnik liczy przejścia. Nie nagrywa obrazu i\u{a0}nikogo nie rozpoznaje.";
        for width in 30..120 {
            let lines = lines(text, f64::from(width), Measure::Full).unwrap();
            let joined = lines.iter().fold(String::new(), |joined, line| match joined.strip_suffix('-') {
                Some(parted) => parted.to_owned() + line,
                None => joined + if line.is_empty() { "" } else { " " } + line,
            });
            assert_eq!(joined.trim(), text, "at {width} mm");
            assert!(!lines.iter().any(|line| line.ends_with('i')), "{lines:?}");
        }
    }

    #[test]
    fn a_hyphen_is_worth_a_gap_or_a_line_only() {
        let text = "Zapis przechowywania";
        assert_eq!(lines(text, 30.0, Measure::Full).unwrap(), ["Zapis prze-", "chowywania"]);
        let little = lines("Liczymy teraz przechowywania", 40.0, Measure::Full);
        assert_eq!(little.unwrap(), ["Liczymy teraz", "przechowywania"]);
        assert_eq!(lines(text, 60.0, Measure::Full).unwrap(), [text]);
    }

    #[test]
    fn an_address_stays_whole_as_long_as_it_fits() {
        let text = "Napisz do inspektora: inspektor.ochrony.danych@zielony.example.pl";
        let whole = lines(text, 112.0, Measure::Full).unwrap();
        assert!(whole.iter().any(|line| line.ends_with("inspektor.ochrony.danych@zielony.example.pl")), "{whole:?}");
        let parted = lines(text, 50.0, Measure::Full).unwrap();
        assert!(parted.len() > 2 && parted[1].ends_with(['.', '@']), "{parted:?}");
    }

    #[test]
    fn a_word_that_may_not_be_parted_has_no_lines() {
        assert_eq!(lines("XXXXXXXXXXXXXXXXXXXXXXXX", 30.0, Measure::Full), None);
        assert_eq!(lines("", 30.0, Measure::Full), Some(Vec::new()));
    }

    #[test]
    fn even_lines_are_of_about_one_length() {
        let text = "Nie chcesz, żeby czujniki Cię liczyły w tym sklepie?";
        let even = lines(text, 100.0, Measure::Even).unwrap();
        assert_eq!(even.len(), 2);
        assert!(even[0].chars().count().abs_diff(even[1].chars().count()) < 8, "{even:?}");
    }
}
