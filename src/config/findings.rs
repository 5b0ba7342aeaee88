//! Where problems are gathered while a file is read, with the place of each.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::problem::Problem;

/// A value and the byte of the file where it starts.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Placed<T> {
    pub(super) value: T,
    pub(super) at: usize,
}

/// The problems of one file so far.
pub(super) struct Findings {
    file: String,
    text: String,
    /// First byte of every line.
    line_starts: Vec<usize>,
    problems: RefCell<Vec<Problem>>,
    /// Lines whose problem is already told; what follows from it is not told again.
    settled: RefCell<BTreeSet<usize>>,
    /// Keys and tables that could not be read at all; they are not missing.
    torn: BTreeSet<String>,
}

impl Findings {
    pub(super) fn new(file: &str, text: &str, torn: BTreeSet<String>) -> Self {
        let newlines = text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
        let line_starts = std::iter::once(0).chain(newlines.map(|(at, _)| at + 1)).collect();
        let (problems, settled) = (RefCell::default(), RefCell::default());
        Self { file: file.to_owned(), text: text.to_owned(), line_starts, problems, settled, torn }
    }

    /// Notes a problem, unless another one on the same line explains it.
    pub(super) fn tell(&self, at: usize, what: String, help: Option<String>) {
        if !self.settled.borrow().contains(&self.place(at).0) {
            self.tell_anyway(at, what, help);
        }
    }

    /// Notes a problem, whatever else is wrong with its line.
    pub(super) fn tell_anyway(&self, at: usize, what: String, help: Option<String>) {
        let (line, column) = self.place(at);
        self.problems.borrow_mut().push(Problem { file: self.file.clone(), line, column, what, help });
    }

    /// Notes a problem, unless any other one stands on the same line.
    pub(super) fn tell_first(&self, at: usize, what: String, help: Option<String>) {
        let line = self.place(at).0;
        if !self.problems.borrow().iter().any(|problem| problem.line == line) {
            self.tell(at, what, help);
        }
    }

    /// Takes the line of `at` as explained.
    pub(super) fn settle(&self, at: usize) {
        let line = self.place(at).0;
        self.settled.borrow_mut().insert(line);
    }

    /// Whether a key or table of this name stands somewhere that could not be read.
    pub(super) fn is_torn(&self, name: &str) -> bool {
        self.torn.contains(name)
    }

    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems.into_inner()
    }

    /// Line and column, both from 1; the column counts characters.
    fn place(&self, at: usize) -> (usize, usize) {
        let at = at.min(self.text.len());
        let line = self.line_starts.partition_point(|start| *start <= at);
        let before = &self.text.as_bytes()[self.line_starts[line - 1]..at];
        let is_first_byte = |b: &&u8| (**b & 0xC0) != 0x80;
        (line, before.iter().filter(is_first_byte).count() + 1)
    }
}

/// `text` in quotes, short and without control characters, so that a hostile file cannot speak to the terminal.
pub(super) fn quoted(text: &str) -> String {
    const SHOWN_MAX_CHARS: usize = 60;
    if text.chars().count() <= SHOWN_MAX_CHARS {
        return format!("{text:?}");
    }
    let start: String = text.chars().take(SHOWN_MAX_CHARS).collect();
    format!("{start:?}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_count_from_one() {
        let findings = Findings::new("F", "a\nżółw = 1\n", BTreeSet::new());
        let equals = "a\nżółw ".len();
        assert_eq!(findings.place(0), (1, 1));
        assert_eq!(findings.place(equals), (2, 6));
        assert_eq!(findings.place(usize::MAX), (3, 1));
    }

    #[test]
    fn a_settled_line_is_told_once() {
        let findings = Findings::new("F", "a\nb\n", BTreeSet::new());
        findings.tell(2, "first".to_owned(), None);
        findings.settle(2);
        findings.tell(2, "second".to_owned(), None);
        findings.tell(0, "other line".to_owned(), None);
        let told: Vec<String> = findings.into_problems().into_iter().map(|p| p.what).collect();
        assert_eq!(told, ["first", "other line"]);
    }

    #[test]
    fn quoted_text_is_short_and_cannot_move_the_cursor() {
        assert_eq!(quoted("\u{1b}[2J"), r#""\u{1b}[2J""#);
        assert_eq!(quoted(&"x".repeat(61)), format!("\"{}\"…", "x".repeat(60)));
    }
}
