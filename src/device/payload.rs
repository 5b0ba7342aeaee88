//! Payload bytes to the value that expressions see.
//!
//! JSON is read by serde_json, which is strict and bounds nesting at 128 levels; jaq's own reader does neither.

use std::fmt;

use jaq_json::{Map, Num, Val};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::decode::Refusal;

/// How a payload is to be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum PayloadKind {
    /// One JSON value.
    Json,
    /// UTF-8 text, without blanks around it.
    Text,
    /// JSON object if it is one, else text.
    Either,
}

/// Most values (numbers, words, lists, objects) in one payload: a message of eight lines has under 400, and the cost of an
/// expression grows with their number.
const MAX_VALUES: usize = 2048;

/// Reads `payload`.
pub(super) fn read(kind: PayloadKind, payload: &[u8]) -> Result<Val, Refusal> {
    match kind {
        PayloadKind::Json => json(payload),
        PayloadKind::Either if payload.trim_ascii_start().starts_with(b"{") => json(payload),
        PayloadKind::Text | PayloadKind::Either => text(payload),
    }
}

fn text(payload: &[u8]) -> Result<Val, Refusal> {
    let text = std::str::from_utf8(payload).map_err(|_| Refusal::Malformed)?;
    Ok(Val::from(text.trim().to_owned()))
}

fn json(payload: &[u8]) -> Result<Val, Refusal> {
    let mut left = MAX_VALUES;
    let mut reader = serde_json::Deserializer::from_slice(payload);
    let value = Values { left: &mut left }.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    value.map_err(|_| if left == 0 { Refusal::TooMany } else { Refusal::Malformed })
}

struct Values<'l> {
    left: &'l mut usize,
}

impl<'de> DeserializeSeed<'de> for Values<'_> {
    type Value = Val;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Val, D::Error> {
        *self.left = self.left.saturating_sub(1);
        if *self.left == 0 {
            return Err(D::Error::custom("too many values"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Values<'_> {
    type Value = Val;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Val, E> {
        Ok(Val::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Val, E> {
        Ok(Val::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Val, E> {
        Ok(Val::Num(Num::from_integral(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Val, E> {
        Ok(Val::Num(Num::from_integral(value)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Val, E> {
        Ok(Val::Num(Num::Float(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Val, E> {
        Ok(Val::from(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Val, E> {
        Ok(Val::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Val, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Values { left: &mut *self.left })? {
            list.push(item);
        }
        Ok(list.into_iter().collect())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Val, A::Error> {
        let mut map = Map::default();
        while let Some(key) = entries.next_key::<String>()? {
            map.insert(Val::from(key), entries.next_value_seed(Values { left: &mut *self.left })?);
        }
        Ok(Val::obj(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_json_is_malformed() {
        for bad in ["", "{", "{a:1}", "[1,]", "1 2", "NaN", "{\"a\":1}x", "'a'", "# comment", "+1"] {
            assert_eq!(read(PayloadKind::Json, bad.as_bytes()), Err(Refusal::Malformed), "{bad}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = "[".repeat(200_000);
        assert_eq!(read(PayloadKind::Json, deep.as_bytes()), Err(Refusal::Malformed));
    }

    #[test]
    fn the_number_of_values_is_bounded() {
        let many = format!("[{}0]", "0,".repeat(MAX_VALUES));
        assert_eq!(read(PayloadKind::Json, many.as_bytes()), Err(Refusal::TooMany));
    }

    #[test]
    fn text_loses_the_blanks_around_it() {
        assert_eq!(read(PayloadKind::Text, b" ON\n"), Ok(Val::from("ON".to_owned())));
        assert_eq!(read(PayloadKind::Text, &[0xff]), Err(Refusal::Malformed));
        assert_eq!(read(PayloadKind::Either, b"offline"), Ok(Val::from("offline".to_owned())));
    }
}
