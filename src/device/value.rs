//! The values that expressions work on: null, yes or no, numbers, texts, lists, objects.
//!
//! A value is a copy of three words. Its text, list or object is borrowed: from the payload, from the expression, or from the
//! [`Space`] of one run, which is given back as a whole when the message is decoded. Everything that an expression makes is
//! paid for with steps, so that their number bounds the memory of a run as well as its time.

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::fmt::{self, Write as _};

use typed_arena::Arena;

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

/// Bytes of text, and entries of an object, that are gone through for the price of one step.
const PER_STEP: usize = 8;

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

fn print(value: Value<'_>, to: &mut impl fmt::Write) -> fmt::Result {
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
struct Limited(String);

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

/// Where the texts, lists and objects of one run lie.
pub(super) struct Ground<'v> {
    values: Arena<Value<'v>>,
    entries: Arena<Entry<'v>>,
    texts: Arena<u8>,
}

impl Ground<'_> {
    /// Room for a small message; it grows.
    pub(super) fn new() -> Self {
        Self { values: Arena::with_capacity(32), entries: Arena::with_capacity(32), texts: Arena::with_capacity(64) }
    }
}

/// What one run may still use.
pub(super) struct Space<'v> {
    ground: &'v Ground<'v>,
    left: Cell<usize>,
    /// Elements of lists that are not complete yet, the innermost last.
    pub(super) values: RefCell<Vec<Value<'v>>>,
    /// Entries of objects that are not complete yet, the innermost last.
    pub(super) entries: RefCell<Vec<Entry<'v>>>,
}

impl<'v> Space<'v> {
    /// A run on `ground` of at most so many steps.
    pub(super) fn new(ground: &'v Ground<'v>, steps: usize) -> Self {
        Self { ground, left: Cell::new(steps), values: RefCell::default(), entries: RefCell::default() }
    }

    /// Takes so many steps.
    pub(super) fn spend(&self, steps: usize) -> Result<(), Error<'v>> {
        let left = self.left.get().checked_sub(steps);
        self.left.set(left.unwrap_or(0));
        left.map(|_| ()).ok_or(Error::Exhausted)
    }

    /// Steps for going through so many bytes or entries.
    pub(super) fn pass(&self, length: usize) -> Result<(), Error<'v>> {
        self.spend(length / PER_STEP)
    }

    /// A text that was made.
    pub(super) fn text(&self, text: &str) -> Result<Value<'v>, Error<'v>> {
        if text.len() > MADE_MAX_BYTES {
            return Err(Error::said("the text is too long"));
        }
        self.pass(text.len())?;
        Ok(Value::Text(self.keep_text(text)))
    }

    /// A value as text: a text as it is, anything else as JSON.
    pub(super) fn to_text(&self, value: Value<'v>) -> Result<Value<'v>, Error<'v>> {
        if let Value::Text(_) = value { Ok(value) } else { self.joined([value]) }
    }

    /// What a `catch` sees of what went wrong.
    pub(super) fn caught(&self, wrong: &Wrong<'v>) -> Value<'v> {
        Value::Text(match wrong {
            Wrong::Said(what) => what,
            Wrong::Index(..) | Wrong::Kind(..) | Wrong::Calculation(..) => self.keep_text(&wrong.to_string()),
        })
    }

    /// Values as one text.
    pub(super) fn joined(&self, values: impl IntoIterator<Item = Value<'v>>) -> Result<Value<'v>, Error<'v>> {
        let mut joined = Limited(String::with_capacity(32));
        for value in values {
            let written =
                if let Value::Text(text) = value { joined.write_str(text) } else { print(value, &mut joined) };
            written.map_err(|_| Error::said("the text is too long"))?;
        }
        self.text(&joined.0)
    }

    /// A list that was made.
    pub(super) fn list(&self, items: impl IntoIterator<Item = Value<'v>>) -> Result<Value<'v>, Error<'v>> {
        let list = self.ground.values.alloc_extend(items);
        self.spend(list.len())?;
        Ok(Value::List(list))
    }

    /// The elements from number `start` on of those that are not complete yet, as a list.
    pub(super) fn collected(&self, start: usize) -> Result<Value<'v>, Error<'v>> {
        self.list(self.values.borrow_mut().drain(start..))
    }

    /// An object that was made; of a key that stands twice the last value holds, in the place of the first.
    pub(super) fn object(&self, entries: &mut Vec<Entry<'v>>, start: usize) -> Result<Value<'v>, Error<'v>> {
        self.spend(entries.len() - start)?;
        Ok(Value::Object(self.keep_object(entries, start)))
    }

    /// Keeps a text of the payload.
    pub(super) fn keep_text(&self, text: &str) -> &'v str {
        self.ground.texts.alloc_str(text)
    }

    /// Keeps a list of the payload.
    pub(super) fn keep_list(&self, items: impl IntoIterator<Item = Value<'v>>) -> &'v [Value<'v>] {
        self.ground.values.alloc_extend(items)
    }

    /// Keeps the entries from number `start` on as an object and takes them away.
    pub(super) fn keep_object(&self, entries: &mut Vec<Entry<'v>>, start: usize) -> &'v [Entry<'v>] {
        unique(entries, start);
        self.ground.entries.alloc_extend(entries.drain(start..))
    }

    /// Whether two values are the same: numbers by their value, objects in any order.
    pub(super) fn equal(&self, a: Value<'v>, b: Value<'v>) -> Result<bool, Error<'v>> {
        Ok(match (a, b) {
            (Value::List(a), Value::List(b)) => {
                if a.len() != b.len() {
                    return Ok(false);
                }
                self.spend(a.len())?;
                for (a, b) in a.iter().zip(b) {
                    if !self.equal(*a, *b)? {
                        return Ok(false);
                    }
                }
                true
            }
            (Value::Object(entries), Value::Object(others)) => {
                if entries.len() != others.len() {
                    return Ok(false);
                }
                for (key, value) in entries {
                    self.spend(1 + others.len() / PER_STEP)?;
                    match b.field(key) {
                        Some(other) if self.equal(*value, other)? => {}
                        Some(_) | None => return Ok(false),
                    }
                }
                true
            }
            (Value::Text(a), Value::Text(b)) => a == b,
            (Value::Int(whole), Value::Float(n)) | (Value::Float(n), Value::Int(whole)) => {
                n.is_finite() && order_of(whole as f64, n).is_eq()
            }
            _ => rank(a) == rank(b) && self.order(a, b)?.is_eq(),
        })
    }

    /// The order of jq: null, false, true, numbers, texts, lists, objects.
    pub(super) fn order(&self, a: Value<'v>, b: Value<'v>) -> Result<Ordering, Error<'v>> {
        Ok(match (a, b) {
            (Value::Bool(a), Value::Bool(b)) => a.cmp(&b),
            (Value::Int(a), Value::Int(b)) => a.cmp(&b),
            (Value::Int(a), Value::Float(b)) => order_of(a as f64, b),
            (Value::Float(a), Value::Int(b)) => order_of(a, b as f64),
            (Value::Float(a), Value::Float(b)) => order_of(a, b),
            (Value::Text(a), Value::Text(b)) => a.cmp(b),
            (Value::List(a), Value::List(b)) => {
                self.spend(a.len().min(b.len()))?;
                for (a, b) in a.iter().zip(b) {
                    let order = self.order(*a, *b)?;
                    if order.is_ne() {
                        return Ok(order);
                    }
                }
                a.len().cmp(&b.len())
            }
            (Value::Object(a), Value::Object(b)) => self.order_of_objects(a, b)?,
            _ => rank(a).cmp(&rank(b)),
        })
    }

    /// By their sorted keys, then by the values of these.
    fn order_of_objects(&self, a: &'v [Entry<'v>], b: &'v [Entry<'v>]) -> Result<Ordering, Error<'v>> {
        self.spend(a.len() + b.len())?;
        let sorted = |entries: &'v [Entry<'v>]| {
            let mut entries = entries.to_vec();
            entries.sort_unstable_by_key(|(key, _)| *key);
            entries
        };
        // The empty object comes before all others.
        if a.is_empty() || b.is_empty() {
            return Ok(a.len().cmp(&b.len()));
        }
        let (a, b) = (sorted(a), sorted(b));
        let keys = a.iter().map(|(key, _)| key).cmp(b.iter().map(|(key, _)| key));
        if keys.is_ne() {
            return Ok(keys);
        }
        for ((_, a), (_, b)) in a.iter().zip(&b) {
            let order = self.order(*a, *b)?;
            if order.is_ne() {
                return Ok(order);
            }
        }
        Ok(Ordering::Equal)
    }
}

/// Where a kind of value stands in the order of all.
fn rank(value: Value<'_>) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Int(_) | Value::Float(_) => 2,
        Value::Text(_) => 3,
        Value::List(_) => 4,
        Value::Object(_) => 5,
    }
}

/// Both zeros are one; what is no number is less than everything, itself included.
fn order_of(a: f64, b: f64) -> Ordering {
    match (a.is_nan(), b.is_nan()) {
        (true, _) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
    }
}

/// Entries up to which comparing each key with each is cheaper than a list of them.
const FEW_ENTRIES: usize = 24;

/// Of a key that stands twice from number `start` on, the last value holds, in the place of the first.
fn unique(entries: &mut Vec<Entry<'_>>, start: usize) {
    let mut places = std::collections::BTreeMap::new();
    let many = entries.len() - start > FEW_ENTRIES;
    let mut end = start;
    for n in start..entries.len() {
        let (key, value) = entries[n];
        let known = if many {
            places.insert(key, end).inspect(|first| _ = places.insert(key, *first))
        } else {
            entries[start..end].iter().position(|(known, _)| *known == key).map(|n| start + n)
        };
        if let Some(first) = known {
            entries[first].1 = value;
        } else {
            entries[end] = (key, value);
            end += 1;
        }
    }
    entries.truncate(end);
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
                Value::Object(space.ground.entries.alloc_extend(entries))
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
    fn of_a_key_that_stands_twice_the_last_value_holds_in_the_first_place() {
        for others in [1, FEW_ENTRIES + 1] {
            let names: Vec<_> = (0..others).map(|n| format!("k{n}")).collect();
            let ground = Ground::new();
            let space = Space::new(&ground, 0);
            let mut entries = vec![("before", Value::Null), ("a", Value::Int(1))];
            entries.extend(names.iter().map(|name| (name.as_str(), Value::Null)));
            entries.push(("a", Value::Int(2)));
            let object = space.keep_object(&mut entries, 1);
            assert_eq!((entries.len(), object.len()), (1, others + 1));
            assert!(matches!(object[0], ("a", Value::Int(2))), "{object:?}");
        }
    }

    #[test]
    fn what_shares_its_parts_is_cut_off_in_print_and_costs_steps_to_compare() {
        let ground = Ground::new();
        let space = Space::new(&ground, 10_000);
        let mut value = Value::Null;
        for _ in 0..40 {
            value = space.list([value, value]).unwrap();
        }
        assert!(words(value).len() <= MADE_MAX_BYTES + '…'.len_utf8());
        assert!(space.to_text(value).is_err());
        assert!(matches!(space.equal(value, value), Err(Error::Exhausted)));
    }

    #[test]
    fn values_print_as_json() {
        let ground = Ground::new();
        let space = Space::new(&ground, 100);
        let texts = space.list([Value::Text("a\"\n\u{7f}\u{1}ß"), Value::Float(1.0), Value::Float(f64::NAN)]).unwrap();
        let object = [("k", texts), ("", Value::Object(&[])), ("l", Value::List(&[]))];
        assert_eq!(Value::Object(&object).to_string(), r#"{"k":["a\"\n\u007f\u0001ß",1.0,NaN],"":{},"l":[]}"#);
    }
}
