//! What operators make of two values.

use jaq_core::ops::{Cmp, Math};

use crate::device::space::Space;
use crate::device::value::{Error, Value, Wrong};

/// `value[index]`; null where there is nothing.
pub(super) fn index<'v>(space: &Space<'v>, value: Value<'v>, index: Value<'v>) -> Result<Value<'v>, Error<'v>> {
    Ok(match (value, index) {
        (Value::Object(entries), Value::Text(key)) => {
            space.pass(entries.len())?;
            value.field(key).unwrap_or_default()
        }
        (Value::Null | Value::Object(_), _) => Value::Null,
        (Value::List(list), Value::Int(n)) => {
            let place = if n < 0 { (list.len() as i64).checked_add(n) } else { Some(n) };
            let place = place.and_then(|place| usize::try_from(place).ok());
            place.and_then(|place| list.get(place)).copied().unwrap_or_default()
        }
        (Value::List(list), Value::List(part)) => return places(space, list, part),
        _ => return Err(Error::Wrong(Box::new(Wrong::Index(value, index)))),
    })
}

/// Where a list stands within another.
fn places<'v>(space: &Space<'v>, list: &'v [Value<'v>], part: &'v [Value<'v>]) -> Result<Value<'v>, Error<'v>> {
    if part.is_empty() {
        return Ok(Value::List(&[]));
    }
    let mut places = Vec::new();
    for (n, window) in list.windows(part.len()).enumerate() {
        space.spend(1)?;
        if space.equal(Value::List(window), Value::List(part))? {
            places.push(Value::Int(n as i64));
        }
    }
    space.list(places)
}

/// The elements of a list, or the values of an object.
pub(super) fn elements(value: Value<'_>) -> Result<impl Iterator<Item = Value<'_>>, Error<'_>> {
    let (list, entries): (&[_], &[_]) = match value {
        Value::List(list) => (list, &[]),
        Value::Object(entries) => (&[], entries),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Text(_) => {
            return Err(Error::kind(value, "iterable (array or object)"));
        }
    };
    Ok(list.iter().copied().chain(entries.iter().map(|(_, value)| *value)))
}

/// `-value`
pub(super) fn negate(value: Value<'_>) -> Result<Value<'_>, Error<'_>> {
    match value {
        Value::Int(n) => Ok(n.checked_neg().map_or(Value::Float(-(n as f64)), Value::Int)),
        Value::Float(n) => Ok(Value::Float(-n)),
        Value::Null | Value::Bool(_) | Value::Text(_) | Value::List(_) | Value::Object(_) => {
            Err(Error::kind(value, "number"))
        }
    }
}

pub(super) fn compare<'v>(
    space: &Space<'v>,
    operator: Cmp,
    left: Value<'v>,
    right: Value<'v>,
) -> Result<Value<'v>, Error<'v>> {
    if let (Value::Text(left), Value::Text(right)) = (left, right) {
        space.pass(left.len().min(right.len()))?;
    }
    let order = |holds: fn(std::cmp::Ordering) -> bool| space.order(left, right).map(holds);
    Ok(Value::Bool(match operator {
        Cmp::Eq => space.equal(left, right)?,
        Cmp::Ne => !space.equal(left, right)?,
        Cmp::Lt => order(std::cmp::Ordering::is_lt)?,
        Cmp::Le => order(std::cmp::Ordering::is_le)?,
        Cmp::Gt => order(std::cmp::Ordering::is_gt)?,
        Cmp::Ge => order(std::cmp::Ordering::is_ge)?,
    }))
}

pub(super) fn calculate<'v>(
    space: &Space<'v>,
    operator: Math,
    left: Value<'v>,
    right: Value<'v>,
) -> Result<Value<'v>, Error<'v>> {
    match (operator, left, right) {
        (Math::Add, Value::Null, other) | (Math::Add, other, Value::Null) => Ok(other),
        (Math::Add | Math::Sub | Math::Div, Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
            Ok(numbers(operator, left, right))
        }
        (Math::Add, Value::Text(_), Value::Text(_)) => space.joined([left, right]),
        (Math::Add, Value::List(list), Value::List(more)) => space.list(list.iter().chain(more).copied()),
        (Math::Add, Value::Object(entries), Value::Object(more)) => space.object(&mut [entries, more].concat(), 0),
        (Math::Sub, Value::List(list), Value::List(less)) => {
            let mut rest = Vec::new();
            for item in list {
                if !contains(space, less, *item)? {
                    rest.push(*item);
                }
            }
            space.list(rest)
        }
        (Math::Div, Value::Text(text), Value::Text(by)) => split(space, text, by),
        _ => Err(Error::Wrong(Box::new(Wrong::Calculation(left, operator.as_str(), right)))),
    }
}

/// Sums and differences of whole numbers stay whole numbers as long as they fit; a quotient never is one.
fn numbers(operator: Math, left: Value<'_>, right: Value<'_>) -> Value<'static> {
    let float = |value| match value {
        Value::Int(n) => n as f64,
        Value::Float(n) => n,
        Value::Null | Value::Bool(_) | Value::Text(_) | Value::List(_) | Value::Object(_) => f64::NAN,
    };
    let whole = match (operator, left, right) {
        (Math::Add, Value::Int(a), Value::Int(b)) => a.checked_add(b),
        (Math::Sub, Value::Int(a), Value::Int(b)) => a.checked_sub(b),
        _ => None,
    };
    let (a, b) = (float(left), float(right));
    whole.map_or_else(
        || {
            Value::Float(match operator {
                Math::Sub => a - b,
                Math::Div => a / b,
                Math::Add | Math::Mul | Math::Rem => a + b,
            })
        },
        Value::Int,
    )
}

fn contains<'v>(space: &Space<'v>, list: &'v [Value<'v>], wanted: Value<'v>) -> Result<bool, Error<'v>> {
    space.spend(1 + list.len())?;
    for item in list {
        if space.order(*item, wanted)?.is_eq() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// As jq: nothing of nothing, and single characters where there is nothing to split by.
fn split<'v>(space: &Space<'v>, text: &'v str, by: &'v str) -> Result<Value<'v>, Error<'v>> {
    space.pass(text.len())?;
    if text.is_empty() {
        Ok(Value::List(&[]))
    } else if by.is_empty() {
        space.list(text.char_indices().map(|(at, c)| Value::Text(&text[at..at + c.len_utf8()])))
    } else {
        space.list(text.split(by).map(Value::Text))
    }
}
