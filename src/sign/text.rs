//! Paragraphs: words into lines, lines into pixels.
//!
//! A line breaks at spaces, so "8:00–14:00" and "sp. z o.o." written with no-break spaces stay whole. Where a long word would leave
//! a gap it is parted between syllables; one longer than the line also behind a mark that addresses are built with. Nothing
//! is ever cut: a paragraph that would need it says that it is overfull.

use super::canvas::{Canvas, Tint};
use super::font::{Faces, Weight};
use super::hyphen;

/// A last line shorter than this share of the measure (in percent) looks forgotten: the lines are evened out.
const SHORT_LAST_LINE: i32 = 22;

/// A gap at the end of a line larger than this share of it (in percent) is worth a hyphen.
const LARGE_GAP: i32 = 28;

/// Text of one weight within a paragraph.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span<'t> {
    pub(super) text: &'t str,
    pub(super) weight: Weight,
}

/// How a paragraph fills its width.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Measure {
    /// Lines as long as they get; the last one not forgotten.
    Full,
    /// Lines of about the same length.
    Even,
}

/// A paragraph with its lines broken.
#[derive(Clone, Debug)]
pub(super) struct Paragraph {
    lines: Vec<Row>,
    size: u32,
    line_height: i32,
    /// Pixels that a line may have.
    measure: i32,
}

/// A letter that no font has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct NoGlyph(pub(super) char);

type Letter = (char, Weight);

#[derive(Clone, Debug)]
struct Row {
    letters: Vec<Letter>,
    width: i32,
}

impl Paragraph {
    /// Breaks `spans` into lines of at most `width` pixels at `size` pixels per em.
    pub(super) fn new(
        faces: &mut Faces<'_>,
        spans: &[Span<'_>],
        size: u32,
        width: i32,
        measure: Measure,
    ) -> Result<Self, NoGlyph> {
        let words = words(faces, spans, size)?;
        let full = wrap(faces, &words, size, width, measure);
        let lines = match measure {
            Measure::Full if !ends_forgotten(&full, width) => full,
            Measure::Full | Measure::Even => even_out(faces, &words, size, width, full, measure),
        };
        Ok(Self { lines, size, line_height: line_height(size), measure: width })
    }

    /// The same with its lines as close as letters with accents and letters that hang down allow.
    pub(super) fn dense(self) -> Self {
        Self { line_height: (self.size * 9).div_ceil(8) as i32, ..self }
    }

    /// Pixels from the top of the first line to the bottom of the last.
    pub(super) fn height(&self) -> i32 {
        self.lines.len() as i32 * self.line_height
    }

    /// Whether a word is longer than a line and may not be parted.
    pub(super) fn is_overfull(&self) -> bool {
        self.width() > self.measure
    }

    /// Pixels of the longest line.
    pub(super) fn width(&self) -> i32 {
        self.lines.iter().map(|line| line.width).max().unwrap_or(0)
    }

    /// Pixels that its lines need at least: capitals with their accents.
    pub(super) fn needs(&self) -> i32 {
        (self.lines.len() as i32 - 1) * self.line_height + Faces::cap_height(self.size) * 5 / 4
    }

    /// Pixels from the top to the capitals of the first line.
    pub(super) fn headroom(&self) -> i32 {
        (self.line_height - Faces::cap_height(self.size)) / 2
    }

    /// Its letters without spaces and hyphens, wherever its lines break.
    #[cfg(test)]
    pub(super) fn letters(&self) -> String {
        bare(&self.lines.iter().flat_map(|line| &line.letters).map(|(letter, _)| *letter).collect::<String>())
    }

    pub(super) fn lines(&self) -> usize {
        self.lines.len()
    }

    /// Draws it with its upper left corner at `x`, `y`. Capitals stand in the middle of their line.
    pub(super) fn draw(&self, on: &mut Canvas, faces: &mut Faces<'_>, x: i32, y: i32, tint: Tint) {
        let cap_height = Faces::cap_height(self.size);
        for (row, line) in self.lines.iter().enumerate() {
            let baseline = y + row as i32 * self.line_height + i32::midpoint(self.line_height, cap_height);
            line.draw(on, faces, self.size, x, baseline, tint);
        }
    }
}

impl Row {
    fn append(&mut self, word: &Word, space: i32) {
        let weight = self.letters.last().map_or(Weight::Regular, |(_, weight)| *weight);
        self.letters.push((' ', weight));
        self.letters.extend(&word.letters);
        self.width += space + word.width;
    }

    fn draw(&self, on: &mut Canvas, faces: &mut Faces<'_>, size: u32, x: i32, baseline: i32, tint: Tint) {
        let mut pen = x;
        for (index, (letter, weight)) in self.letters.iter().enumerate() {
            let previous = index.checked_sub(1).map(|i| self.letters[i]);
            pen += kerning(faces, previous, (*letter, *weight), size);
            if let Some(glyph) = faces.get(*weight, size).glyph(*letter) {
                if let Some(stamp) = glyph.stamp() {
                    on.stamp(stamp, pen, baseline, tint);
                }
                pen += glyph.advance;
            }
        }
    }
}

/// Pixels from one baseline to the next: a fifth more than the size; of large type, which is never long, a tenth.
fn line_height(size: u32) -> i32 {
    if size > 40 { (size * 11 / 10) as i32 } else { (size * 6).div_ceil(5) as i32 }
}

/// `text` without spaces and hyphens.
#[cfg(test)]
pub(super) fn bare(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).collect()
}

/// A word, or a piece of a parted one, with its width.
#[derive(Clone, Debug)]
struct Word {
    letters: Vec<Letter>,
    width: i32,
}

impl Word {
    fn new(faces: &mut Faces<'_>, letters: &[Letter], size: u32) -> Self {
        Self { letters: letters.to_vec(), width: advance_of(faces, letters, size) }
    }
}

fn words(faces: &mut Faces<'_>, spans: &[Span<'_>], size: u32) -> Result<Vec<Word>, NoGlyph> {
    let breaks = |letter: char| !is_fixed_space(letter) && letter.is_whitespace();
    let mut words: Vec<Vec<Letter>> = vec![Vec::new()];
    for span in spans {
        for letter in span.text.chars() {
            if breaks(letter) {
                words.push(Vec::new());
            } else if faces.get(span.weight, size).glyph(letter).is_none() {
                return Err(NoGlyph(letter));
            } else if let Some(word) = words.last_mut() {
                word.push((letter, span.weight));
            }
        }
    }
    Ok(words.iter().filter(|word| !word.is_empty()).map(|word| Word::new(faces, word, size)).collect())
}

/// Breaks words into lines. A word that is longer than a line is parted; with [`Measure::Full`] also one that would leave a
/// gap, between its syllables.
fn wrap(faces: &mut Faces<'_>, words: &[Word], size: u32, width: i32, measure: Measure) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for word in words {
        let mut rest = word.clone();
        let mut begins = true;
        loop {
            let space = if begins { space_after(faces, rows.last(), size) } else { 0 };
            let room = if begins { rows.last().map_or(0, |row| width - row.width - space) } else { 0 };
            if begins && rest.width <= room {
                if let Some(row) = rows.last_mut() {
                    row.append(&rest, space);
                }
                break;
            }
            let gaps = measure == Measure::Full && room * 100 > width * LARGE_GAP;
            if gaps
                && begins
                && let Some((head, tail)) = part(faces, &rest, size, room, Parting::Syllables)
            {
                if let Some(row) = rows.last_mut() {
                    row.append(&head, space);
                }
                (rest, begins) = (tail, false);
                continue;
            }
            if rest.width > width
                && let Some((head, tail)) = part(faces, &rest, size, width, Parting::Anywhere)
            {
                rows.push(Row { letters: head.letters, width: head.width });
                (rest, begins) = (tail, false);
                continue;
            }
            rows.push(Row { letters: rest.letters, width: rest.width });
            break;
        }
    }
    rows
}

fn space_after(faces: &mut Faces<'_>, row: Option<&Row>, size: u32) -> i32 {
    let weight = row.and_then(|row| row.letters.last()).map_or(Weight::Regular, |(_, weight)| *weight);
    faces.get(weight, size).glyph(' ').map_or(0, |glyph| glyph.advance)
}

/// Where a word may be parted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parting {
    /// Only between syllables.
    Syllables,
    /// Also behind the marks of addresses.
    Anywhere,
}

/// The longest beginning of `word` that fits into `room`, with its hyphen, and the rest; `None` where no beginning does.
fn part(faces: &mut Faces<'_>, word: &Word, size: u32, room: i32, parting: Parting) -> Option<(Word, Word)> {
    let text: String = word.letters.iter().map(|(letter, _)| *letter).collect();
    let mut cuts = hyphen::syllables(&text, faces.language);
    if parting == Parting::Anywhere {
        cuts.extend(hyphen::marks(&text));
    }
    cuts.sort_by_key(|cut| std::cmp::Reverse(cut.before));
    cuts.into_iter().find_map(|cut| {
        let (before, after) = word.letters.split_at(cut.before);
        let mut head = before.to_vec();
        if cut.hyphen
            && let Some((_, weight)) = before.last()
        {
            head.push(('-', *weight));
        }
        let head = Word::new(faces, &head, size);
        (head.width <= room).then(|| (head, Word::new(faces, after, size)))
    })
}

fn ends_forgotten(rows: &[Row], width: i32) -> bool {
    rows.len() > 1 && rows.last().is_some_and(|row| row.width * 100 < width * SHORT_LAST_LINE)
}

/// Narrows the measure as far as the number of lines allows; for [`Measure::Full`] only until the last line is no longer
/// forgotten.
fn even_out(
    faces: &mut Faces<'_>,
    words: &[Word],
    size: u32,
    width: i32,
    full: Vec<Row>,
    measure: Measure,
) -> Vec<Row> {
    // Narrower than the longest word would part it.
    let narrowest = words.iter().map(|word| word.width).max().unwrap_or(0).max(width / 2);
    let mut best = full;
    let mut narrower = width - (width / 50).max(1);
    while narrower >= narrowest {
        let rows = wrap(faces, words, size, narrower, measure);
        if rows.len() > best.len() {
            break;
        }
        best = rows;
        if measure == Measure::Full && !ends_forgotten(&best, width) {
            break;
        }
        narrower -= (width / 50).max(1);
    }
    best
}

/// Spaces that hold their neighbours together.
fn is_fixed_space(letter: char) -> bool {
    letter == '\u{a0}' || letter == '\u{202f}'
}

fn advance_of(faces: &mut Faces<'_>, letters: &[Letter], size: u32) -> i32 {
    let mut width = 0;
    for (index, (letter, weight)) in letters.iter().enumerate() {
        let previous = index.checked_sub(1).map(|i| letters[i]);
        width += kerning(faces, previous, (*letter, *weight), size);
        width += faces.get(*weight, size).glyph(*letter).map_or(0, |glyph| glyph.advance);
    }
    width
}

/// Words are measured one by one, so nothing is kerned with a space.
fn kerning(faces: &mut Faces<'_>, previous: Option<Letter>, (letter, weight): Letter, size: u32) -> i32 {
    let is_space = |letter: char| letter == ' ' || is_fixed_space(letter);
    match previous {
        Some((before, same)) if same == weight && !is_space(before) && !is_space(letter) => {
            faces.get(weight, size).kerning(before, letter)
        }
        Some(_) | None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::font::Fonts;
    use super::*;

    fn set(text: &str, width: i32, measure: Measure) -> Vec<String> {
        let fonts = Fonts::embedded();
        let spans = [Span { text, weight: Weight::Regular }];
        let paragraph =
            Paragraph::new(&mut Faces::new(&fonts, crate::notice::samples::polish()), &spans, 20, width, measure)
                .unwrap();
        assert!(!paragraph.is_overfull(), "{} > {width}", paragraph.width());
        paragraph.lines.iter().map(|row| row.letters.iter().map(|(letter, _)| *letter).collect()).collect()
    }

    #[test]
    fn lines_break_at_spaces_and_keep_every_word() {
        let text = "Czujnik liczy przejścia. Nie nagrywa obrazu i\u{a0}nikogo nie rozpoznaje.";
        let lines = set(text, 200, Measure::Even);
        assert!(lines.len() > 2);
        assert_eq!(lines.join(" "), text);
    }

    #[test]
    fn opening_hours_and_no_break_spaces_are_never_parted() {
        for width in 120..300 {
            let text = set("Czynne w\u{a0}godzinach 8:00–14:00 lub 15:00–20:00", width, Measure::Full).join("\n");
            assert!(
                text.contains("8:00–14:00") && text.contains("15:00–20:00") && text.contains("w\u{a0}godzinach"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_word_longer_than_the_line_is_parted_and_loses_no_letter() {
        let address = "inspektor.ochrony.danych@bardzo-dluga-nazwa.example.pl";
        let lines = set(address, 150, Measure::Full);
        assert!(lines.len() > 2);
        assert_eq!(lines.concat(), address);
        assert!(lines[0].ends_with(['.', '@', '-']), "{lines:?}");
    }

    #[test]
    fn a_long_word_is_parted_between_syllables_where_it_would_leave_a_gap() {
        let lines = set("Zapis przechowywania", 120, Measure::Full);
        assert_eq!(lines, ["Zapis prze-", "chowywania"]);
        assert_eq!(set("Zapis przechowywania", 160, Measure::Even).concat(), "Zapisprzechowywania");
    }

    #[test]
    fn a_word_that_may_not_be_parted_makes_the_paragraph_overfull() {
        let fonts = Fonts::embedded();
        let mut faces = Faces::new(&fonts, crate::notice::samples::polish());
        let spans = [Span { text: "XXXXXXXXXXXXXXXXXXXXXXXX", weight: Weight::Regular }];
        assert!(Paragraph::new(&mut faces, &spans, 20, 100, Measure::Full).unwrap().is_overfull());
    }

    #[test]
    fn no_short_word_is_left_alone_on_the_last_line() {
        let text = "aaaa bbbb cccc dddd eeee ffff gggg h";
        let fonts = Fonts::embedded();
        let letters: Vec<Letter> = text.chars().map(|letter| (letter, Weight::Regular)).collect();
        let width = advance_of(&mut Faces::new(&fonts, crate::notice::samples::polish()), &letters, 20);
        assert_eq!(set(text, width, Measure::Full).len(), 1);
        let lines = set(text, width - 1, Measure::Full);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].ends_with("ffff gggg h"), "{lines:?}");
    }

    #[test]
    fn even_lines_differ_little() {
        let lines = set("Pełna informacja: kod QR albo kartka przy kasie", 250, Measure::Even);
        assert_eq!(lines.len(), 2);
        assert!(lines[0].chars().count().abs_diff(lines[1].chars().count()) < 8, "{lines:?}");
    }
}
