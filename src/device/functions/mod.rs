//! The functions that expressions may call. All of them end, none of them looks outside its input.
//!
//! They stand instead of jq's standard library, which has loops, `env`, `now` and `halt`. What takes expressions as arguments
//! (`select`, `map`) is part of the language and stands with it.

use std::str::FromStr as _;

use super::needed::Needed;
use super::payload::{self, PayloadKind};
use super::space::Space;
use super::value::{Error, Value};

mod bytes;
mod lists;
mod times;

/// A function: of its input and up to two arguments, it makes one value.
pub(super) type Function = for<'v> fn(&Space<'v>, Value<'v>, [Value<'v>; 2]) -> Result<Value<'v>, Error<'v>>;

/// Every function with the number of its arguments.
pub(super) const FUNCTIONS: &[(&str, usize, Function)] = &[
    ("length", 0, |_, value, _| length(value)),
    ("type", 0, |_, value, _| Ok(Value::Text(type_name(value)))),
    ("number", 0, |_, value, _| Ok(number(value))),
    ("tonumber", 0, |_, value, _| Ok(number(value))),
    ("flag", 0, |_, value, _| Ok(flag(value).map_or(Value::Null, Value::Bool))),
    ("tostring", 0, |space, value, _| to_text(space, value)),
    ("ascii_downcase", 0, |space, value, _| downcase(space, text(value)?)),
    ("ascii_upcase", 0, |space, value, _| space.text(&text(value)?.to_ascii_uppercase())),
    ("startswith", 1, |_, value, [start, _]| Ok(Value::Bool(text(value)?.starts_with(text(start)?)))),
    ("endswith", 1, |_, value, [end, _]| Ok(Value::Bool(text(value)?.ends_with(text(end)?)))),
    ("split", 1, |space, value, [by, _]| split(space, text(value)?, text(by)?)),
    ("has", 1, |_, value, [key, _]| Ok(Value::Bool(key.as_text().is_some_and(|key| value.field(key).is_some())))),
    ("transpose", 0, |space, value, _| transpose(space, value)),
    ("pointer", 1, |space, value, [path, _]| pointer(space, value, path)),
    ("local_time", 2, |space, value, [zone, summer]| times::local_time(space, value, zone, summer)),
    ("strptime", 2, |space, value, [format, zone]| times::strptime(space, value, format, zone)),
    ("floor", 0, |_, value, _| Ok(arithmetic(value, f64::floor))),
    ("round", 0, |_, value, _| Ok(arithmetic(value, f64::round))),
    ("abs", 0, |_, value, _| Ok(arithmetic(value, f64::abs))),
    ("scale", 1, |_, value, [factor, _]| Ok(scale(value, factor))),
    ("ltrimstr", 1, |_, value, [start, _]| {
        let value = text(value)?;
        Ok(Value::Text(value.strip_prefix(text(start)?).unwrap_or(value)))
    }),
    ("rtrimstr", 1, |_, value, [end, _]| {
        let value = text(value)?;
        Ok(Value::Text(value.strip_suffix(text(end)?).unwrap_or(value)))
    }),
    ("join", 1, |space, value, [between, _]| lists::join(space, value, between)),
    ("fromjson", 0, |space, value, _| from_json(space, value)),
    ("keys", 0, |space, value, _| lists::keys(space, value)),
    ("to_entries", 0, |space, value, _| lists::to_entries(space, value)),
    ("from_entries", 0, |space, value, _| lists::from_entries(space, value)),
    ("first", 0, |_, value, _| Ok(lists::list(value)?.first().copied().unwrap_or_default())),
    ("last", 0, |_, value, _| Ok(lists::list(value)?.last().copied().unwrap_or_default())),
    ("add", 0, |space, value, _| lists::fold(space, value, |a, b| a + b)),
    ("min", 0, |space, value, _| lists::fold(space, value, f64::min)),
    ("max", 0, |space, value, _| lists::fold(space, value, f64::max)),
    ("any", 0, |space, value, _| lists::any(space, value)),
    ("all", 0, |space, value, _| lists::all(space, value)),
    ("among", 1, |space, value, [list, _]| lists::among(space, value, list)),
    ("bytes", 0, |space, value, _| bytes::read(space, value)),
    ("le", 2, |_, value, [at, length]| Ok(bytes::unsigned(value, at, length, false))),
    ("be", 2, |_, value, [at, length]| Ok(bytes::unsigned(value, at, length, true))),
];

/// What devices say for yes and no: a boolean, 1 and 0, or the words on/off, true/false, yes/no in any case.
pub(super) fn flag(value: Value<'_>) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(flag),
        Value::Int(_) | Value::Float(_) => match number_of(value)? {
            0.0 => Some(false),
            1.0 => Some(true),
            _ => None,
        },
        Value::Text(text) => {
            let word = text.trim();
            let is = |words: [&str; 4]| words.iter().any(|w| w.eq_ignore_ascii_case(word));
            if is(["on", "true", "1", "yes"]) { Some(true) } else { is(["off", "false", "0", "no"]).then_some(false) }
        }
        Value::Null | Value::List(_) | Value::Object(_) => None,
    }
}

/// The finite number that a number or a numeric text stands for.
pub(super) fn number_of(value: Value<'_>) -> Option<f64> {
    match value {
        Value::Int(n) => Some(n as f64),
        Value::Float(n) => Some(n).filter(|n| n.is_finite()),
        Value::Text(text) => f64::from_str(text.trim()).ok().filter(|n| n.is_finite()),
        Value::Null | Value::Bool(_) | Value::List(_) | Value::Object(_) => None,
    }
}

fn number(value: Value<'_>) -> Value<'_> {
    if let Value::Text(text) = value
        && let Ok(whole) = i64::from_str(text.trim())
    {
        return Value::Int(whole);
    }
    match (value, number_of(value)) {
        (Value::Int(_) | Value::Float(_), Some(_)) => value,
        (_, Some(n)) => Value::Float(n),
        (_, None) => Value::Null,
    }
}

fn to_text<'v>(space: &Space<'v>, value: Value<'v>) -> Result<Value<'v>, Error<'v>> {
    match value {
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => space.to_text(value),
        Value::Text(_) => Ok(value),
        Value::Null | Value::List(_) | Value::Object(_) => Ok(Value::Null),
    }
}

fn text(value: Value<'_>) -> Result<&str, Error<'_>> {
    value.as_text().ok_or_else(|| Error::said("not a text"))
}

fn downcase<'v>(space: &Space<'v>, text: &'v str) -> Result<Value<'v>, Error<'v>> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        space.text(&text.to_ascii_lowercase())
    } else {
        Ok(Value::Text(text))
    }
}

fn split<'v>(space: &Space<'v>, text: &'v str, by: &'v str) -> Result<Value<'v>, Error<'v>> {
    space.pass(text.len())?;
    space.list(text.split(by).map(Value::Text))
}

fn type_name(value: Value<'_>) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Int(_) | Value::Float(_) => "number",
        Value::Text(_) => "string",
        Value::List(_) => "array",
        Value::Object(_) => "object",
    }
}

fn length(value: Value<'_>) -> Result<Value<'_>, Error<'_>> {
    let length = match value {
        Value::Null => 0,
        Value::Text(text) => text.chars().count(),
        Value::List(list) => list.len(),
        Value::Object(entries) => entries.len(),
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => return Err(Error::said("no length")),
    };
    Ok(Value::Int(length as i64))
}

/// Rows to columns, as long as the shortest row: parallel lists that are not parallel say nothing about their rest.
fn transpose<'v>(space: &Space<'v>, value: Value<'v>) -> Result<Value<'v>, Error<'v>> {
    let Value::List(rows) = value else { return Err(Error::said("not a list")) };
    let mut lists = Vec::with_capacity(rows.len());
    for row in rows {
        let Value::List(list) = row else { return Err(Error::said("not a list of lists")) };
        lists.push(*list);
    }
    let columns = lists.iter().map(|list| list.len()).min().unwrap_or(0);
    let mut transposed = Vec::new();
    for n in 0..columns {
        transposed.push(space.list(lists.iter().map(|list| list[n]))?);
    }
    space.list(transposed)
}

/// Looks up a JSON Pointer (RFC 6901); null if there is none.
fn pointer<'v>(space: &Space<'v>, value: Value<'v>, path: Value<'v>) -> Result<Value<'v>, Error<'v>> {
    let Value::Text(path) = path else { return Ok(Value::Null) };
    if path.is_empty() {
        return Ok(value);
    }
    let Some(steps) = path.strip_prefix('/') else { return Ok(Value::Null) };
    let mut here = Some(value);
    for step in steps.split('/') {
        here = match here {
            Some(value @ Value::Object(entries)) => {
                space.pass(entries.len())?;
                if step.contains('~') {
                    value.field(&step.replace("~1", "/").replace("~0", "~"))
                } else {
                    value.field(step)
                }
            }
            Some(Value::List(list)) => list_index(step).and_then(|n| list.get(n)).copied(),
            Some(_) | None => None,
        };
    }
    Ok(here.unwrap_or_default())
}

/// RFC 6901 §4: digits without leading zeros.
fn list_index(step: &str) -> Option<usize> {
    let plain = step.bytes().all(|b| b.is_ascii_digit()) && (step == "0" || !step.starts_with('0'));
    if plain { step.parse().ok() } else { None }
}

static EVERYTHING: std::sync::LazyLock<Needed> = std::sync::LazyLock::new(Needed::everything);

/// The value of a text that holds JSON, within the limits of a payload; a device may wrap one in the other.
fn from_json<'v>(space: &Space<'v>, value: Value<'v>) -> Result<Value<'v>, Error<'v>> {
    let Value::Text(text) = value else { return Ok(Value::Null) };
    // Each value takes two bytes at least.
    space.spend(text.len() / 2)?;
    Ok(payload::read(PayloadKind::Json, text.as_bytes(), &EVERYTHING, space).unwrap_or_default())
}

/// A whole result is given as a whole number, so that it can be a count, an index or a text without a point.
fn from_number(n: f64) -> Value<'static> {
    if n.fract() == 0.0 && n.abs() < EXACT { Value::Int(n as i64) } else { Value::Float(n) }
}

fn arithmetic(value: Value<'_>, f: impl Fn(f64) -> f64) -> Value<'static> {
    number_of(value).map(f).filter(|n| n.is_finite()).map_or(Value::Null, from_number)
}

fn scale(value: Value<'_>, factor: Value<'_>) -> Value<'static> {
    number_of(factor).map_or(Value::Null, |factor| arithmetic(value, |n| n * factor))
}

/// 2^53: up to here a floating-point number is a whole number exactly.
pub(super) const EXACT: f64 = 9_007_199_254_740_992.0;

#[cfg(test)]
mod tests {
    use super::super::space::Ground;
    use super::*;

    fn function(name: &str, arguments: usize) -> &'static (&'static str, usize, Function) {
        FUNCTIONS.iter().find(|(known, n, _)| (*known, *n) == (name, arguments)).unwrap()
    }

    /// What a function makes of a JSON value and JSON arguments, as JSON; nothing where it fails.
    pub(super) fn call(name: &str, input: &str, arguments: &[&str]) -> Option<String> {
        let ground = Ground::new();
        let space = Space::new(&ground, 100_000);
        let read = |text| payload::read(PayloadKind::Json, str::as_bytes(text), &EVERYTHING, &space).unwrap();
        let (_, _, function) = function(name, arguments.len());
        let argument = |n: usize| arguments.get(n).map(|text| read(text)).unwrap_or_default();
        function(&space, read(input), [argument(0), argument(1)]).ok().map(|value| value.to_string())
    }

    #[test]
    fn arithmetic_keeps_whole_numbers_whole() {
        for (got, expected) in [
            (call("floor", "2.5", &[]), "2"),
            (call("round", "\"2.5\"", &[]), "3"),
            (call("abs", "-7", &[]), "7"),
            (call("scale", "0.5", &["100"]), "50"),
            (call("scale", "1e308", &["100"]), "null"),
            (call("abs", "\"x\"", &[]), "null"),
        ] {
            assert_eq!(got.unwrap(), expected);
        }
    }

    #[test]
    fn json_in_a_text_is_read_or_null() {
        let json = |text: &str| call("fromjson", text, &[]).unwrap();
        assert_eq!(json(r#""{\"in\":1}""#), r#"{"in":1}"#);
        assert_eq!(json("\"{\""), "null");
        assert_eq!(json("1"), "null");
    }

    #[test]
    fn pointers_are_looked_up_as_rfc_6901_says() {
        let document = r#"{"foo":["bar","baz"],"":0,"a/b":1,"m~n":8," ":7,"~1":9}"#;
        for (path, found) in [
            ("/foo/0", "\"bar\""),
            ("/foo/00", "null"),
            ("/foo/-", "null"),
            ("/foo/2", "null"),
            ("/", "0"),
            ("/a~1b", "1"),
            ("/m~0n", "8"),
            ("/ ", "7"),
            ("/~01", "9"),
            ("foo", "null"),
            ("/foo/0/x", "null"),
            ("", document),
        ] {
            assert_eq!(call("pointer", document, &[&format!("\"{path}\"")]).unwrap(), found, "{path}");
        }
    }

    #[test]
    fn yes_and_no_have_many_spellings() {
        for yes in ["true", "1", "\"ON\"", "\"on\"", "\"1\"", "\"True\"", "1.0"] {
            assert_eq!(call("flag", yes, &[]).unwrap(), "true", "{yes}");
        }
        for no in ["false", "0", "\"OFF\"", "\"no\"", "\"0\""] {
            assert_eq!(call("flag", no, &[]).unwrap(), "false", "{no}");
        }
        for neither in ["null", "2", "\"\"", "\"unknown\"", "[]", "{}", "-1"] {
            assert_eq!(call("flag", neither, &[]).unwrap(), "null", "{neither}");
        }
    }

    #[test]
    fn odd_numbers_do_not_panic() {
        for odd in ["-9223372036854775808", "9223372036854775807", "18446744073709551615", "1e308", "-0.0"] {
            for (name, arguments, _) in FUNCTIONS {
                let _ = call(name, odd, &[odd, odd][..*arguments]);
                let _ = call(name, &format!("[{odd}]"), &[odd, odd][..*arguments]);
            }
        }
        for (text, number) in [("\"nan\"", "null"), ("\" 2 \"", "2"), ("\"2.0\"", "2.0")] {
            assert_eq!(call("number", text, &[]).unwrap(), number);
        }
    }

    #[test]
    fn texts_are_cut_without_being_copied() {
        assert_eq!(call("split", "\"a,b,\"", &["\",\""]).unwrap(), r#"["a","b",""]"#);
        assert_eq!(call("ltrimstr", "\"line_1\"", &["\"line_\""]).unwrap(), "\"1\"");
        assert_eq!(call("rtrimstr", "\"line_1\"", &["\"x\""]).unwrap(), "\"line_1\"");
        assert_eq!(call("ascii_downcase", "\"ON ß\"", &[]).unwrap(), "\"on ß\"");
        assert_eq!(call("split", "1", &["\",\""]), None);
    }
}
