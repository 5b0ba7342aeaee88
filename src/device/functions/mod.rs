//! The functions that expressions may call. All of them end, none of them looks outside its input.
//!
//! They stand instead of jq's standard library, which has loops, `env`, `now`, `halt` and functions that panic on odd numbers.

use std::str::FromStr as _;

use jaq_core::native::{Fun, bome, run, v};
use jaq_core::{Cv, Error, ValR, data};
use jaq_json::{Num, Val};

use super::needed::Needed;
use super::payload::{self, PayloadKind};

mod bytes;
mod lists;
mod times;

/// What expressions run on.
pub(super) type Data = data::JustLut<Val>;

/// Filters written in jq itself.
pub(super) const PRELUDE: &str = "def true: 0 == 0; def false: 0 != 0; def null: [][0]; def empty: {}[] as $x | .;
def not: if . then false else true end; def select(f): if f then . else empty end;
def values: select(. != null); def map(f): [.[] | f]; def tonumber: number;";

/// Those that go through a list or an object, so that they cost as much as an iteration.
pub(super) const OVER_LISTS: &[&str] =
    &["add", "all", "among", "any", "from_entries", "join", "keys", "max", "min", "split", "to_entries", "transpose"];

/// Every function with the number of its arguments.
pub(super) const ALLOWED: &[(&str, usize)] = &[
    ("true", 0),
    ("false", 0),
    ("null", 0),
    ("empty", 0),
    ("not", 0),
    ("select", 1),
    ("values", 0),
    ("map", 1),
    ("length", 0),
    ("type", 0),
    ("number", 0),
    ("flag", 0),
    ("tostring", 0),
    ("ascii_downcase", 0),
    ("startswith", 1),
    ("endswith", 1),
    ("split", 1),
    ("has", 1),
    ("transpose", 0),
    ("pointer", 1),
    ("local_time", 2),
    ("strptime", 2),
    ("tonumber", 0),
    ("floor", 0),
    ("round", 0),
    ("abs", 0),
    ("scale", 1),
    ("ascii_upcase", 0),
    ("ltrimstr", 1),
    ("rtrimstr", 1),
    ("join", 1),
    ("fromjson", 0),
    ("keys", 0),
    ("to_entries", 0),
    ("from_entries", 0),
    ("first", 0),
    ("last", 0),
    ("add", 0),
    ("any", 0),
    ("all", 0),
    ("min", 0),
    ("max", 0),
    ("among", 1),
    ("bytes", 0),
    ("le", 2),
    ("be", 2),
];

/// Those that are written in Rust.
pub(super) fn natives() -> Vec<Fun<Data>> {
    vec![
        run(("length", v(0), |cv| bome(length(&cv.1)))),
        run(("type", v(0), |cv| bome(Ok(text(type_name(&cv.1)))))),
        run(("number", v(0), |cv| bome(Ok(number(&cv.1))))),
        run(("flag", v(0), |cv| bome(Ok(flag(&cv.1).map_or(Val::Null, Val::Bool))))),
        run(("tostring", v(0), |cv| bome(Ok(to_text(cv.1))))),
        run(("ascii_downcase", v(0), |cv| bome(string(&cv.1).map(|s| text(&s.to_ascii_lowercase()))))),
        run(("startswith", v(1), |cv| bome(two_strings(cv, |a, b| Val::Bool(a.starts_with(b)))))),
        run(("endswith", v(1), |cv| bome(two_strings(cv, |a, b| Val::Bool(a.ends_with(b)))))),
        run(("split", v(1), |cv| bome(two_strings(cv, |a, b| a.split(b).map(text).collect())))),
        run(("has", v(1), |mut cv| {
            let key = cv.0.pop_var();
            bome(Ok(Val::Bool(matches!(&cv.1, Val::Obj(map) if map.contains_key(&key)))))
        })),
        run(("transpose", v(0), |cv| bome(transpose(&cv.1)))),
        run(("pointer", v(1), |mut cv| {
            let path = cv.0.pop_var();
            bome(Ok(as_str(&path).and_then(|path| pointer(&cv.1, path)).unwrap_or_default()))
        })),
        run(("local_time", v(2), |mut cv| {
            let summer = cv.0.pop_var();
            let zone = cv.0.pop_var();
            bome(Ok(times::local_time(&cv.1, &zone, &summer)))
        })),
        run(("strptime", v(2), |mut cv| {
            let zone = cv.0.pop_var();
            let format = cv.0.pop_var();
            bome(Ok(times::strptime(&cv.1, &format, &zone)))
        })),
        run(("floor", v(0), |cv| bome(Ok(arithmetic(&cv.1, f64::floor))))),
        run(("round", v(0), |cv| bome(Ok(arithmetic(&cv.1, f64::round))))),
        run(("abs", v(0), |cv| bome(Ok(arithmetic(&cv.1, f64::abs))))),
        run(("scale", v(1), |mut cv| {
            let factor = number_of(&cv.0.pop_var());
            bome(Ok(factor.map_or(Val::Null, |factor| arithmetic(&cv.1, |n| n * factor))))
        })),
        run(("ascii_upcase", v(0), |cv| bome(string(&cv.1).map(|s| text(&s.to_ascii_uppercase()))))),
        run(("ltrimstr", v(1), |cv| bome(two_strings(cv, |a, b| text(a.strip_prefix(b).unwrap_or(a)))))),
        run(("rtrimstr", v(1), |cv| bome(two_strings(cv, |a, b| text(a.strip_suffix(b).unwrap_or(a)))))),
        run(("join", v(1), |mut cv| {
            let between = cv.0.pop_var();
            bome(lists::join(&cv.1, &between))
        })),
        run(("fromjson", v(0), |cv| bome(Ok(from_json(&cv.1))))),
        run(("keys", v(0), |cv| bome(lists::keys(&cv.1)))),
        run(("to_entries", v(0), |cv| bome(lists::to_entries(&cv.1)))),
        run(("from_entries", v(0), |cv| bome(lists::from_entries(&cv.1)))),
        run(("first", v(0), |cv| bome(lists::end(&cv.1, <[Val]>::first)))),
        run(("last", v(0), |cv| bome(lists::end(&cv.1, <[Val]>::last)))),
        run(("add", v(0), |cv| bome(lists::fold(&cv.1, |a, b| a + b)))),
        run(("min", v(0), |cv| bome(lists::fold(&cv.1, f64::min)))),
        run(("max", v(0), |cv| bome(lists::fold(&cv.1, f64::max)))),
        run(("any", v(0), |cv| bome(lists::any(&cv.1)))),
        run(("all", v(0), |cv| bome(lists::all(&cv.1)))),
        run(("among", v(1), |mut cv| {
            let list = cv.0.pop_var();
            bome(Ok(Val::Bool(matches!(&list, Val::Arr(list) if list.contains(&cv.1)))))
        })),
        run(("bytes", v(0), |cv| bome(Ok(bytes::read(&cv.1))))),
        run(("le", v(2), |cv| bome(Ok(bytes::unsigned(cv, false))))),
        run(("be", v(2), |cv| bome(Ok(bytes::unsigned(cv, true))))),
    ]
}

/// The text of a text value.
pub(super) fn as_str(value: &Val) -> Option<&str> {
    match value {
        Val::TStr(bytes) => std::str::from_utf8(bytes).ok(),
        Val::Null | Val::Bool(_) | Val::Num(_) | Val::BStr(_) | Val::Arr(_) | Val::Obj(_) => None,
    }
}

/// What devices say for yes and no: a boolean, 1 and 0, or the words on/off, true/false, yes/no in any case.
pub(super) fn flag(value: &Val) -> Option<bool> {
    match value {
        Val::Bool(flag) => Some(*flag),
        Val::Num(_) => match number_of(value)? {
            0.0 => Some(false),
            1.0 => Some(true),
            _ => None,
        },
        Val::TStr(_) => {
            let word = as_str(value)?.trim();
            let is = |words: [&str; 4]| words.iter().any(|w| w.eq_ignore_ascii_case(word));
            if is(["on", "true", "1", "yes"]) { Some(true) } else { is(["off", "false", "0", "no"]).then_some(false) }
        }
        Val::Null | Val::BStr(_) | Val::Arr(_) | Val::Obj(_) => None,
    }
}

/// The finite number that a number or a numeric text stands for.
pub(super) fn number_of(value: &Val) -> Option<f64> {
    match value {
        Val::Num(Num::Int(n)) => Some(*n as f64),
        Val::Num(Num::Float(n)) => n.is_finite().then_some(*n),
        Val::Num(Num::Dec(text)) => f64::from_str(text).ok().filter(|n| n.is_finite()),
        Val::TStr(_) => f64::from_str(as_str(value)?.trim()).ok().filter(|n| n.is_finite()),
        Val::Num(Num::BigInt(_)) | Val::Null | Val::Bool(_) | Val::BStr(_) | Val::Arr(_) | Val::Obj(_) => None,
    }
}

fn number(value: &Val) -> Val {
    if let Val::TStr(_) = value
        && let Some(whole) = as_str(value).and_then(|s| isize::from_str(s.trim()).ok())
    {
        return Val::from(whole);
    }
    match (value, number_of(value)) {
        (Val::Num(_), Some(_)) => value.clone(),
        (_, Some(n)) => Val::from(n),
        (_, None) => Val::Null,
    }
}

fn text(text: &str) -> Val {
    Val::from(text.to_owned())
}

fn to_text(value: Val) -> Val {
    match &value {
        Val::Num(n) => Val::from(n.to_string()),
        Val::Bool(flag) => text(if *flag { "true" } else { "false" }),
        Val::TStr(_) => value,
        Val::Null | Val::BStr(_) | Val::Arr(_) | Val::Obj(_) => Val::Null,
    }
}

fn string(value: &Val) -> Result<&str, Error<Val>> {
    as_str(value).ok_or_else(|| Error::str("not a text"))
}

fn two_strings(mut cv: Cv<'_, Data>, f: impl Fn(&str, &str) -> Val) -> ValR<Val> {
    let other = cv.0.pop_var();
    Ok(f(string(&cv.1)?, string(&other)?))
}

fn type_name(value: &Val) -> &'static str {
    match value {
        Val::Null => "null",
        Val::Bool(_) => "boolean",
        Val::Num(_) => "number",
        Val::BStr(_) | Val::TStr(_) => "string",
        Val::Arr(_) => "array",
        Val::Obj(_) => "object",
    }
}

fn length(value: &Val) -> ValR<Val> {
    match value {
        Val::Null => Ok(Val::from(0usize)),
        Val::TStr(_) => Ok(Val::from(string(value)?.chars().count())),
        Val::Arr(list) => Ok(Val::from(list.len())),
        Val::Obj(map) => Ok(Val::from(map.len())),
        Val::Bool(_) | Val::Num(_) | Val::BStr(_) => Err(Error::str("no length")),
    }
}

/// Rows to columns, as long as the shortest row: parallel lists that are not parallel say nothing about their rest.
fn transpose(value: &Val) -> ValR<Val> {
    let Val::Arr(rows) = value else { return Err(Error::str("not a list")) };
    let mut lists = Vec::new();
    for row in rows.iter() {
        let Val::Arr(list) = row else { return Err(Error::str("not a list of lists")) };
        lists.push(list);
    }
    let columns = lists.iter().map(|list| list.len()).min().unwrap_or(0);
    Ok((0..columns).map(|i| lists.iter().map(|list| list[i].clone()).collect::<Val>()).collect())
}

/// Looks up a JSON Pointer (RFC 6901).
fn pointer(value: &Val, path: &str) -> Option<Val> {
    if path.is_empty() {
        return Some(value.clone());
    }
    let mut here = value;
    for step in path.strip_prefix('/')?.split('/') {
        here = match here {
            Val::Obj(map) if step.contains('~') => map.get(&Val::from(step.replace("~1", "/").replace("~0", "~")))?,
            Val::Obj(map) => map.get(&text(step))?,
            Val::Arr(list) => list.get(list_index(step)?)?,
            Val::Null | Val::Bool(_) | Val::Num(_) | Val::BStr(_) | Val::TStr(_) => return None,
        };
    }
    Some(here.clone())
}

/// RFC 6901 §4: digits without leading zeros.
fn list_index(step: &str) -> Option<usize> {
    let plain = step.bytes().all(|b| b.is_ascii_digit()) && (step == "0" || !step.starts_with('0'));
    if plain { step.parse().ok() } else { None }
}

/// The value of a text that holds JSON, within the limits of a payload; a device may wrap one in the other.
fn from_json(value: &Val) -> Val {
    let read = |text: &str| payload::read(PayloadKind::Json, text.as_bytes(), &Needed::everything()).ok();
    as_str(value).and_then(read).map_or(Val::Null, |read| read.value)
}

/// A whole result is given as a whole number, so that it can be a count, an index or a text without a point.
pub(super) fn from_number(n: f64) -> Val {
    if n.fract() == 0.0 && n.abs() < EXACT { Val::from(n as isize) } else { Val::from(n) }
}

fn arithmetic(value: &Val, f: impl Fn(f64) -> f64) -> Val {
    number_of(value).map(f).filter(|n| n.is_finite()).map_or(Val::Null, from_number)
}

/// 2^53: up to here a floating-point number is a whole number exactly.
pub(super) const EXACT: f64 = 9_007_199_254_740_992.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Val {
        from_json(&Val::from(text.to_owned()))
    }

    #[test]
    fn arithmetic_keeps_whole_numbers_whole() {
        for (got, expected) in [
            (arithmetic(&json("2.5"), f64::floor), "2"),
            (arithmetic(&json("\"2.5\""), f64::round), "3"),
            (arithmetic(&json("-7"), f64::abs), "7"),
            (arithmetic(&json("0.5"), |n| n * 100.0), "50"),
            (arithmetic(&json("1e308"), |n| n * 100.0), "null"),
            (arithmetic(&json("\"x\""), f64::abs), "null"),
        ] {
            assert_eq!(got.to_string(), expected);
        }
    }

    #[test]
    fn json_in_a_text_is_read_or_null() {
        assert_eq!(json(r#"{"in":1}"#).to_string(), r#"{"in":1}"#);
        assert_eq!(json("{"), Val::Null);
        assert_eq!(from_json(&Val::from(1usize)), Val::Null);
    }

    #[test]
    fn pointers_are_looked_up_as_rfc_6901_says() {
        let document = json(r#"{"foo":["bar","baz"],"":0,"a/b":1,"m~n":8," ":7,"~1":9}"#);
        for (path, found) in [
            ("/foo/0", Some("\"bar\"")),
            ("/foo/00", None),
            ("/foo/-", None),
            ("/foo/2", None),
            ("/", Some("0")),
            ("/a~1b", Some("1")),
            ("/m~0n", Some("8")),
            ("/ ", Some("7")),
            ("/~01", Some("9")),
            ("foo", None),
            ("/foo/0/x", None),
        ] {
            assert_eq!(pointer(&document, path), found.map(json), "{path}");
        }
        assert_eq!(pointer(&document, ""), Some(document.clone()));
    }

    #[test]
    fn yes_and_no_have_many_spellings() {
        for yes in ["true", "1", "\"ON\"", "\"on\"", "\"1\"", "\"True\"", "1.0"] {
            assert_eq!(flag(&json(yes)), Some(true), "{yes}");
        }
        for no in ["false", "0", "\"OFF\"", "\"no\"", "\"0\""] {
            assert_eq!(flag(&json(no)), Some(false), "{no}");
        }
        for neither in ["null", "2", "\"\"", "\"unknown\"", "[]", "{}", "-1"] {
            assert_eq!(flag(&json(neither)), None, "{neither}");
        }
    }

    #[test]
    fn odd_numbers_do_not_panic() {
        for odd in ["-9223372036854775808", "9223372036854775807", "18446744073709551615", "1e308", "-0.0"] {
            let value = json(odd);
            let _ = (number(&value), flag(&value), length(&value).is_err(), to_text(value));
        }
        assert_eq!(number(&text("nan")), Val::Null);
        assert_eq!(number(&text(" 2 ")), Val::from(2isize));
        assert_eq!(number(&text("2.0")), Val::from(2.0));
    }
}
