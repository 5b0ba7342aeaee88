//! Reading a line that may have one form only.

use std::fmt;

/// Every JSON reader holds whole numbers exactly up to this (RFC 8259 §6).
pub(super) const INTEGER_MAX: i64 = (1 << 53) - 1;

/// Characters of a wrong line that are quoted.
const QUOTED: usize = 24;

/// Where a line leaves the one form that it may have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Malformed {
    /// Byte of the line, from 1.
    pub column: usize,
    /// What should stand there.
    pub expected: String,
    /// What stands there.
    pub found: String,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}: expected {}, found {}", self.column, self.expected, self.found)
    }
}

impl std::error::Error for Malformed {}

/// A place in a line.
pub(super) struct Cursor<'a> {
    line: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(line: &'a str) -> Self {
        Self { line, at: 0 }
    }

    fn rest(&self) -> &'a str {
        &self.line[self.at..]
    }

    pub(super) fn wrong<T>(&self, expected: impl Into<String>) -> Result<T, Malformed> {
        self.wrong_at(self.at, expected)
    }

    fn wrong_at<T>(&self, at: usize, expected: impl Into<String>) -> Result<T, Malformed> {
        let begin: String = self.line[at..].chars().take(QUOTED).flat_map(char::escape_debug).collect();
        let found = if begin.is_empty() { "the end of the line".to_owned() } else { format!("`{begin}`") };
        Err(Malformed { column: at + 1, expected: expected.into(), found })
    }

    pub(super) fn next_is(&self, text: &str) -> bool {
        self.rest().starts_with(text)
    }

    /// Steps over `text`, which must stand here.
    pub(super) fn expect(&mut self, text: &str) -> Result<(), Malformed> {
        if !self.next_is(text) {
            return self.wrong(format!("`{text}`"));
        }
        self.at += text.len();
        Ok(())
    }

    /// Steps over one of these texts.
    pub(super) fn choice<T: Copy>(&mut self, choices: &[(&str, T)]) -> Result<T, Malformed> {
        // A text that begins another is the shorter one.
        let found = choices.iter().filter(|(text, _)| self.next_is(text)).max_by_key(|(text, _)| text.len());
        let Some((text, value)) = found else {
            let known: Vec<&str> = choices.iter().map(|(text, _)| *text).collect();
            return self.wrong(format!("one of {}", known.join(", ")));
        };
        self.at += text.len();
        Ok(*value)
    }

    /// A whole number in its shortest form.
    pub(super) fn integer(&mut self, range: std::ops::RangeInclusive<i64>) -> Result<i64, Malformed> {
        let start = self.at;
        let digits = self.rest().trim_start_matches('-');
        let length = digits.bytes().take_while(u8::is_ascii_digit).count();
        let end = self.line.len() - digits.len() + length;
        let text = &self.line[start..end];
        match text.parse::<i64>() {
            Ok(value) if range.contains(&value) && value.to_string() == text => {
                self.at = end;
                Ok(value)
            }
            _ => self.wrong_at(start, format!("a whole number from {} to {}", range.start(), range.end())),
        }
    }

    /// A text in quotes that needs no escapes and that `is_good`.
    pub(super) fn text(&mut self, what: &str, is_good: impl Fn(&str) -> bool) -> Result<&'a str, Malformed> {
        let start = self.at;
        let inside = self.rest().strip_prefix('"').and_then(|rest| rest.split_once('"'));
        match inside {
            Some((text, _)) if is_good(text) => {
                self.at += text.len() + 2;
                Ok(text)
            }
            _ => self.wrong_at(start, format!("{what} in quotes")),
        }
    }

    /// A list whose members stand in strictly ascending order.
    pub(super) fn list<T: Clone, K: Ord>(
        &mut self,
        mut member: impl FnMut(&mut Self) -> Result<T, Malformed>,
        key: impl Fn(&T) -> K,
    ) -> Result<Vec<T>, Malformed> {
        self.expect("[")?;
        let mut members: Vec<T> = Vec::new();
        if !self.next_is("]") {
            loop {
                let start = self.at;
                let next = member(self)?;
                if members.last().is_some_and(|last| key(last) >= key(&next)) {
                    return self.wrong_at(start, "a member that comes after the one before in the order of letters");
                }
                members.push(next);
                if !self.next_is(",") {
                    break;
                }
                self.expect(",")?;
            }
        }
        self.expect("]")?;
        Ok(members)
    }

    pub(super) fn end(&self) -> Result<(), Malformed> {
        if self.rest().is_empty() { Ok(()) } else { self.wrong("the end of the line") }
    }
}
