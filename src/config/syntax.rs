//! Reads past mistakes in the TOML itself: the hurt lines are blanked, so that everything else is still checked.
//!
//! Blanking keeps every byte in its place, so that later problems still point into the real file.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use toml::de::{DeTable, Error};

/// Mistakes after which a file is given up: it is probably not a configuration at all.
const MISTAKES_MAX: usize = 50;

/// A text that parses, and what was wrong with the one it came from.
pub(super) struct Mended {
    /// As long as the original, hurt lines blanked. Empty if there were too many.
    pub(super) text: String,
    /// Keys and tables that stood on blanked lines.
    pub(super) torn: BTreeSet<String>,
    /// In no particular order.
    pub(super) mistakes: Vec<Mistake>,
    /// Whether the file was given up.
    pub(super) given_up: bool,
}

/// One mistake in the syntax.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Mistake {
    pub(super) at: usize,
    pub(super) what: String,
    pub(super) help: &'static str,
}

/// Blanks hurt lines until the rest parses.
pub(super) fn mend(original: &str) -> Mended {
    let mut mended = Mended { text: original.to_owned(), torn: BTreeSet::new(), mistakes: Vec::new(), given_up: false };
    for _ in 0..MISTAKES_MAX {
        let errors = DeTable::parse_recoverable(&mended.text).1;
        let Some(worst) = errors.iter().filter(|e| breaks_structure(e)).min_by_key(|e| start(e)) else {
            mended.mistakes.extend(errors.iter().map(|e| Mistake::new(start(e), e)));
            return mended;
        };
        let lines = Lines::of(&mended.text);
        let Some((mistake, hurt)) = lines.locate(worst, &errors) else { break };
        mended.torn.extend(lines.words(*hurt.start()));
        mended.mistakes.push(mistake);
        mended.text = lines.blank(&hurt);
    }
    mended.given_up = true;
    mended.text.clear();
    mended
}

/// Duplicate keys and forgotten quotes leave a tree in which everything else has its place.
fn breaks_structure(error: &Error) -> bool {
    let unquoted = is_unquoted(error) && error.span().is_some_and(|span| !span.is_empty());
    error.message() != "duplicate key" && !unquoted
}

fn is_unquoted(error: &Error) -> bool {
    error.message().starts_with("string values must be quoted")
}

fn start(error: &Error) -> usize {
    error.span().map_or(0, |span| span.start)
}

impl Mistake {
    fn new(at: usize, error: &Error) -> Self {
        let message = error.message();
        if message == "duplicate key" {
            let what = "this key or table already stands above".to_owned();
            return Self { at, what, help: "keep one of the two; what may occur several times is written [[name]]" };
        }
        let help = if is_unquoted(error) {
            "write the value in double quotes"
        } else {
            "one key = value on each line, texts in double quotes; lines that are only remarks start with #"
        };
        Self { at, what: format!("not TOML: {message}"), help }
    }

    fn not_closed(at: usize) -> Self {
        let what = "not TOML: what opens here is not closed".to_owned();
        Self { at, what, help: "close it with the same sign: ] for [, } for {, three quotes for three quotes" }
    }
}

struct Lines<'t> {
    lines: Vec<&'t str>,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        Self { lines: text.split('\n').collect() }
    }

    /// What is wrong, and which lines to blank. `None` if nothing is left to blank.
    fn locate(&self, error: &Error, all: &[Error]) -> Option<(Mistake, RangeInclusive<usize>)> {
        let line = self.line_of(start(error))?;
        let message = error.message();
        let of_value = ["in array", "array elements", "unclosed array,", "inline table", "key-value pairs"];
        if message.contains("multi-line")
            && let Some((open, column)) = self.opening_quotes(line)
        {
            return Some((Mistake::not_closed(self.offset(open) + column), open..=open));
        }
        if of_value.iter().any(|part| message.contains(part))
            && let Some((open, column)) = self.opening_bracket(line)
        {
            if open < line && is_whole(self.lines[line]) {
                return Some((Mistake::not_closed(self.offset(open) + column), open..=line - 1));
            }
            return Some((Mistake::new(start(error), error), open..=self.end_of_value(line)));
        }
        // Of several mistakes on the line, the first explains the others: a text without quotes may hold a comma.
        let is_here = |other: &&Error| self.line_of(start(other)) == Some(line);
        let error = all.iter().filter(is_here).min_by_key(|other| start(other)).unwrap_or(error);
        let at = start(error).clamp(self.offset(line), self.offset(line) + self.lines[line].len());
        let end = if self.is_header(line) { self.end_of_section(line) } else { line };
        Some((Mistake::new(at, error), line..=end))
    }

    /// The line that holds byte `at`, or the nearest line before it that says something.
    fn line_of(&self, at: usize) -> Option<usize> {
        let mut offset = 0;
        let mut found = None;
        for (index, line) in self.lines.iter().enumerate() {
            if offset > at && found.is_some() {
                break;
            }
            if !line.trim().is_empty() {
                found = Some(index);
            }
            offset += line.len() + 1;
        }
        found
    }

    fn offset(&self, line: usize) -> usize {
        self.lines[..line].iter().map(|l| l.len() + 1).sum()
    }

    /// The line at or above `line` on which a list or inline table starts and does not end.
    fn opening_bracket(&self, line: usize) -> Option<(usize, usize)> {
        (0..=line).rev().find_map(|index| {
            let text = self.lines[index];
            let equals = text.find('=')?;
            let value = text[equals + 1..].trim_start();
            (value.starts_with(['[', '{']) && !is_whole(text)).then_some((index, text.len() - value.len()))
        })
    }

    /// The line at or above `line` on which a multi-line text starts and does not end.
    fn opening_quotes(&self, line: usize) -> Option<(usize, usize)> {
        let odd = |text: &str, quotes: &str| text.matches(quotes).count() % 2 == 1;
        (0..=line).rev().find_map(|index| {
            let text = self.lines[index];
            let quotes = ["\"\"\"", "'''"].into_iter().find(|quotes| odd(text, quotes))?;
            Some((index, text.find(quotes)?))
        })
    }

    /// Last line of a value that is hurt on `line`: what follows cannot start a key or a table.
    fn end_of_value(&self, line: usize) -> usize {
        let belongs = |text: &&&str| text.trim_start().starts_with(['"', '\'', ']', '}', ',', '{']);
        line + self.lines[line + 1..].iter().take_while(belongs).count()
    }

    fn is_header(&self, line: usize) -> bool {
        self.lines[line].trim_start().starts_with('[')
    }

    /// Last line before the next header, so that keys of a table without a name do not fall into the one before it.
    fn end_of_section(&self, line: usize) -> usize {
        let next = (line + 1..self.lines.len()).find(|index| self.is_header(*index));
        next.unwrap_or(self.lines.len()) - 1
    }

    /// Names of the key or table on a line; a table inside another one has several.
    fn words(&self, line: usize) -> Vec<String> {
        let name = self.lines[line].split(['=', ']', '#']).find(|part| !part.trim().is_empty()).unwrap_or_default();
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        name.split(|c| !is_name(c)).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    fn blank(&self, hurt: &RangeInclusive<usize>) -> String {
        let blanked = self
            .lines
            .iter()
            .enumerate()
            .map(|(index, line)| if hurt.contains(&index) { " ".repeat(line.len()) } else { (*line).to_owned() });
        blanked.collect::<Vec<_>>().join("\n")
    }
}

/// Whether a line is TOML by itself.
fn is_whole(line: &str) -> bool {
    DeTable::parse_recoverable(line).1.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines with a mistake, from 1.
    fn hurt(text: &str) -> Vec<usize> {
        let mended = mend(text);
        assert!(!mended.given_up, "{text}");
        assert_eq!(mended.text.len(), text.len());
        let mut lines: Vec<usize> =
            mended.mistakes.iter().map(|m| text[..m.at.min(text.len())].matches('\n').count() + 1).collect();
        lines.sort_unstable();
        lines
    }

    #[test]
    fn each_hurt_line_is_told_once_and_the_rest_still_parses() {
        for (text, lines) in [
            ("a = 1\nretention 13\nb = 2\nfoo\n[t]\nx = 1\n", vec![2, 4]),
            ("[[s\nid = 1\n[z]\nq = 1\nq = 2\n", vec![1, 5]),
            ("a =\nb = 2\n", vec![1]),
            ("a = \"x\nb = 'y\nc = 1\n", vec![1, 2]),
            ("a = [1,\nb = 2\n[z]\nc = 1\n", vec![1]),
            ("a = [\n 1,\n 2\nb = 2\nc\n", vec![1, 5]),
            ("a = [\n \"x\"\n \"y\"\n]\nb = 2\n", vec![3]),
            ("a = { pl = \"x\"\nb = 2\n[z]\nc = 1\n", vec![1]),
            ("a = \"\"\"x\nb = 2\n[z]\nc = 1\n", vec![1]),
            ("a = hello\n[z]\nb = 15 min\nb = 3\n", vec![1, 3, 4]),
            ("= 1\nb = 2\n", vec![1]),
            ("[sen sor]\nd = 1\n[z]\nb = }\n", vec![1, 4]),
            ("x = 1 y = 2\nz = 1\n", vec![1]),
        ] {
            assert_eq!(hurt(text), lines, "{text}");
        }
    }

    #[test]
    fn what_could_not_be_read_is_remembered_by_name() {
        let mended = mend("retention 13\n[[sensor\nid = 1\n[shop]\nname = \"x\n");
        let torn: Vec<&str> = mended.torn.iter().map(String::as_str).collect();
        assert_eq!(torn, ["13", "name", "retention", "sensor"]);
    }

    #[test]
    fn a_file_of_another_kind_is_given_up() {
        assert!(mend(&"<p>\n".repeat(60)).given_up);
    }
}
