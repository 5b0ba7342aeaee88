//! Where one run of an expression puts what it makes, and what it may still use.
//!
//! Everything that an expression makes is paid for with steps, so that their number bounds the memory of a run as well as its
//! time. All of it is given back at once, when the message is decoded.

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::fmt::Write as _;

use typed_arena::Arena;

use super::value::{Entry, Error, Limited, MADE_MAX_BYTES, Value, Wrong, print};

/// Bytes of text, and entries of an object, that are gone through for the price of one step.
const PER_STEP: usize = 8;

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

    /// Keeps entries of which no key stands twice.
    pub(super) fn keep_entries(&self, entries: impl IntoIterator<Item = Entry<'v>>) -> &'v [Entry<'v>] {
        self.ground.entries.alloc_extend(entries)
    }

    /// Keeps the entries from number `start` on as an object and takes them away.
    pub(super) fn keep_object(&self, entries: &mut Vec<Entry<'v>>, start: usize) -> &'v [Entry<'v>] {
        unique(entries, start);
        self.keep_entries(entries.drain(start..))
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

#[cfg(test)]
mod tests {
    use super::super::value::words;
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
}
