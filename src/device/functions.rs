//! The functions that expressions may call. All of them end, none of them looks outside its input.
//!
//! They stand instead of jq's standard library, which has loops, `env`, `now`, `halt` and functions that panic on odd numbers.

use std::str::FromStr as _;

use jaq_core::native::{Fun, bome, run, v};
use jaq_core::{Cv, Error, ValR, data};
use jaq_json::{Num, Val};
use jiff::civil;

/// What expressions run on.
pub(super) type Data = data::JustLut<Val>;

/// Filters written in jq itself.
pub(super) const PRELUDE: &str = "def true: 0 == 0; def false: 0 != 0; def null: [][0]; def empty: {}[] as $x | .;
def not: if . then false else true end; def select(f): if f then . else empty end;
def values: select(. != null); def map(f): [.[] | f];";

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
            bome(Ok(local_time(&cv.1, &zone, &summer)))
        })),
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

/// A time as RFC 3339: with its own offset as it is; without one, by the first `±H:MM` in the text that names the zone, an hour
/// more in summer. Nothing if that cannot be known.
fn local_time(time: &Val, zone: &Val, summer: &Val) -> Val {
    let Some(written) = as_str(time) else { return time.clone() };
    if jiff::Timestamp::from_str(written).is_ok() {
        return time.clone();
    }
    let local = civil::DateTime::from_str(&written.replace('/', "-"));
    let (Ok(local), Some(offset)) = (local, as_str(zone).and_then(offset_minutes)) else { return Val::Null };
    let offset = offset + if flag(summer) == Some(true) { 60 } else { 0 };
    let seconds = jiff::tz::Offset::from_seconds(offset * 60).and_then(|offset| offset.to_timestamp(local));
    seconds.map_or(Val::Null, |at| Val::from(at.to_string()))
}

fn offset_minutes(zone: &str) -> Option<i32> {
    let rest = &zone[zone.find(['+', '-'])?..];
    let digits: String = rest[1..].chars().take_while(|c| c.is_ascii_digit() || *c == ':').collect();
    let (hours, minutes) = digits.split_once(':')?;
    let minutes =
        hours.parse::<i32>().ok().filter(|h| *h <= 14)? * 60 + minutes.parse::<i32>().ok().filter(|m| *m < 60)?;
    Some(if rest.starts_with('-') { -minutes } else { minutes })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Val {
        super::super::payload::read(super::super::payload::PayloadKind::Json, text.as_bytes()).unwrap()
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
    fn local_times_need_a_zone_that_is_written_out() {
        for (time, zone, summer, meant) in [
            ("2026-07-31T23:11:00-00:00", "null", "null", Some("2026-07-31T23:11:00-00:00")),
            ("2022/12/20 18:15:52", "\"UTC+8:00\"", "null", Some("2022-12-20T10:15:52Z")),
            ("2026-07-31T09:00:00", "\"UTC+1:00 CET\"", "1", Some("2026-07-31T07:00:00Z")),
            ("2026-07-31T09:00:00", "\"UTC-3:30 NST\"", "false", Some("2026-07-31T12:30:00Z")),
            ("2026-07-31T09:00:00", "\"CET\"", "true", None),
            ("noon", "\"UTC+1:00\"", "true", None),
        ] {
            let expected = meant.map_or(Val::Null, text);
            assert_eq!(local_time(&text(time), &json(zone), &json(summer)), expected, "{time} {zone}");
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
