//! The values that expressions work on: null, yes or no, numbers, texts, lists, objects.
//!
//! A value is a copy of three words. Its text, list or object is borrowed: from the payload, from the expression, or from the
//! [`Space`] of one run.

use std::fmt;

use super::space::{Ground, Space};

/// A value.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Value<'v> {
    #[default]
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'v str),
    List(&'v [Value<'v>]),
    /// In the order of the payload; no key stands twice.
    Object(&'v [Entry<'v>]),
}

/// One entry of an object.
pub(super) type Entry<'v> = (&'v str, Value<'v>);

/// Longest text that an expression puts together, in bytes: names of streams have 64, those of messages 256.
pub(super) const MADE_MAX_BYTES: usize = 4096;

impl<'v> Value<'v> {
    /// Everything but null and false counts as yes.
    pub(super) fn truthy(self) -> bool {
        !matches!(self, Self::Null | Self::Bool(false))
    }

    pub(super) fn as_text(self) -> Option<&'v str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// Bytes of a text, elements of a list, entries of an object.
    pub(super) fn extent(self) -> usize {
        match self {
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Float(_) => 0,
            Self::Text(text) => text.len(),
            Self::List(list) => list.len(),
            Self::Object(entries) => entries.len(),
        }
    }

    /// The value of a key of an object.
    pub(super) fn field(self, key: &str) -> Option<Value<'v>> {
        let Self::Object(entries) = self else { return None };
        entries.iter().find(|(known, _)| *known == key).map(|(_, value)| *value)
    }
}

/// As compact JSON.
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print(*self, f)
    }
}

pub(super) fn print(value: Value<'_>, to: &mut impl fmt::Write) -> fmt::Result {
    match value {
        Value::Null => to.write_str("null"),
        Value::Bool(flag) => write!(to, "{flag}"),
        Value::Int(number) => write!(to, "{number}"),
        Value::Float(number) if number.is_infinite() => {
            to.write_str(if number > 0.0 { "Infinity" } else { "-Infinity" })
        }
        // Up to where jq writes no exponent, so that numbers in names stay as they were stored.
        Value::Float(number) if (1e-5..1e-4).contains(&number.abs()) => write!(to, "{number}"),
        Value::Float(number) => write!(to, "{number:?}"),
        Value::Text(text) => quote(text, to),
        Value::List(list) => {
            let mut before = '[';
            for item in list {
                to.write_char(before)?;
                print(*item, to)?;
                before = ',';
            }
            to.write_str(if list.is_empty() { "[]" } else { "]" })
        }
        Value::Object(entries) => {
            let mut before = '{';
            for (key, item) in entries {
                to.write_char(before)?;
                quote(key, to)?;
                to.write_char(':')?;
                print(*item, to)?;
                before = ',';
            }
            to.write_str(if entries.is_empty() { "{}" } else { "}" })
        }
    }
}

fn quote(text: &str, to: &mut impl fmt::Write) -> fmt::Result {
    to.write_char('"')?;
    for character in text.chars() {
        match character {
            '"' | '\\' | '\n' | '\r' | '\t' => write!(to, "{}", character.escape_default())?,
            '\u{8}' => to.write_str("\\b")?,
            '\u{c}' => to.write_str("\\f")?,
            '\0'..='\x1f' | '\x7f' => write!(to, "\\u{:04x}", u32::from(character))?,
            plain => to.write_char(plain)?,
        }
    }
    to.write_char('"')
}

/// A text that grows no longer than expressions may make one.
#[derive(Default)]
pub(super) struct Limited(pub(super) String);

impl fmt::Write for Limited {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        if self.0.len() + part.len() > MADE_MAX_BYTES {
            return Err(fmt::Error);
        }
        self.0.push_str(part);
        Ok(())
    }
}

/// A value in words, cut off where it is too long: what shares its parts can be much longer in print than in memory.
pub(super) fn words(value: Value<'_>) -> String {
    let mut words = Limited::default();
    let whole = print(value, &mut words).is_ok();
    words.0 + if whole { "" } else { "…" }
}

/// Why a run or a part of it failed.
#[derive(Clone, Debug)]
pub(super) enum Error<'v> {
    /// The run has taken as many steps as it may; nothing catches that.
    Exhausted,
    /// A value is not what it would have to be.
    Wrong(Box<Wrong<'v>>),
}

/// What a value is not.
#[derive(Clone, Debug)]
pub(super) enum Wrong<'v> {
    Index(Value<'v>, Value<'v>),
    Kind(Value<'v>, &'static str),
    Calculation(Value<'v>, &'static str, Value<'v>),
    Said(&'static str),
}

impl<'v> Error<'v> {
    pub(super) fn said(what: &'static str) -> Self {
        Self::Wrong(Box::new(Wrong::Said(what)))
    }

    pub(super) fn kind(value: Value<'v>, expected: &'static str) -> Self {
        Self::Wrong(Box::new(Wrong::Kind(value, expected)))
    }
}

impl fmt::Display for Wrong<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(value, index) => write!(f, "cannot index {} with {}", words(*value), words(*index)),
            Self::Kind(value, expected) => write!(f, "cannot use {} as {expected}", words(*value)),
            Self::Calculation(left, sign, right) => {
                write!(f, "cannot calculate {} {sign} {}", words(*left), words(*right))
            }
            Self::Said(what) => f.write_str(what),
        }
    }
}

impl fmt::Display for Error<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exhausted => f.write_str("the expression takes too many steps"),
            Self::Wrong(wrong) => wrong.fmt(f),
        }
    }
}

/// A value that outlives the messages: what an option is set to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) enum Fixed {
    #[default]
    Null,
    Bool(bool),
    Text(String),
    List(Vec<String>),
    Object(Vec<(String, Fixed)>),
}

/// What an expression is handed for one of its variables.
#[derive(Clone, Copy)]
pub(super) enum Variable<'v> {
    /// The value of an option, or of all.
    Fixed(&'v Fixed),
    /// A part of the topic.
    Captured(&'v str),
}

impl Fixed {
    /// The value as expressions see it.
    pub(super) fn value<'v>(&'v self, space: &Space<'v>) -> Value<'v> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(flag) => Value::Bool(*flag),
            Self::Text(text) => Value::Text(text),
            Self::List(items) => Value::List(space.keep_list(items.iter().map(|item| Value::Text(item)))),
            Self::Object(entries) => {
                // Names of options are told apart already.
                let entries = entries.iter().map(|(key, value)| (key.as_str(), value.value(space)));
                Value::Object(space.keep_entries(entries))
            }
        }
    }
}

impl<'v> Variable<'v> {
    /// The value as expressions see it.
    pub(super) fn value(self, space: &Space<'v>) -> Value<'v> {
        match self {
            Self::Fixed(fixed) => fixed.value(space),
            Self::Captured(text) => Value::Text(text),
        }
    }
}

/// As compact JSON.
impl fmt::Display for Variable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ground = Ground::new();
        let value = self.value(&Space::new(&ground, 0));
        value.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_print_as_json() {
        let ground = Ground::new();
        let space = Space::new(&ground, 100);
        let texts = space.list([Value::Text("a\"\n\u{7f}\u{1}ß"), Value::Float(1.0), Value::Float(f64::NAN)]).unwrap();
        let object = [("k", texts), ("", Value::Object(&[])), ("l", Value::List(&[]))];
        assert_eq!(Value::Object(&object).to_string(), r#"{"k":["a\"\n\u007f\u0001ß",1.0,NaN],"":{},"l":[]}"#);
    }
}
