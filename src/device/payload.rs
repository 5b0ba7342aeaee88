//! Payload bytes to the value that expressions see.
//!
//! JSON is read by serde_json, which is strict; jaq's own reader is not.

use std::fmt;
use std::sync::LazyLock;

use jaq_json::{Map, Num, Val};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::decode::Refusal;
use super::needed::Needed;

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
    /// A list of numbers from 0 to 255.
    Bytes,
}

/// Most values (numbers, words, lists, objects) that are read of one payload: a message of eight lines has under 400.
const MAX_VALUES: usize = 2048;

/// Deepest nesting of lists and objects in JSON: real messages have about eight levels.
const MAX_DEPTH: u32 = 32;

/// What is read of a payload.
#[derive(PartialEq, Debug)]
pub(super) struct Payload {
    pub(super) value: Val,
    /// Length of the longest list or object in it.
    pub(super) longest: usize,
}

/// Reads what is needed of `payload`.
pub(super) fn read(kind: PayloadKind, payload: &[u8], needed: &Needed) -> Result<Payload, Refusal> {
    match kind {
        PayloadKind::Json => json(payload, needed),
        PayloadKind::Either if payload.trim_ascii_start().starts_with(b"{") => json(payload, needed),
        PayloadKind::Text | PayloadKind::Either => {
            Ok(Payload { value: Val::from(text(payload)?.to_owned()), longest: 1 })
        }
        PayloadKind::Bytes if payload.len() > MAX_VALUES => Err(Refusal::TooMany),
        PayloadKind::Bytes => {
            let value = payload.iter().map(|byte| Val::from(usize::from(*byte))).collect();
            Ok(Payload { value, longest: payload.len() })
        }
    }
}

/// A payload that is text, without blanks around it.
pub(super) fn text(payload: &[u8]) -> Result<&str, Refusal> {
    std::str::from_utf8(payload).map(str::trim).map_err(|_| Refusal::Malformed)
}

fn json(payload: &[u8], needed: &Needed) -> Result<Payload, Refusal> {
    let mut size = Size { left: MAX_VALUES, longest: 1 };
    let mut reader = serde_json::Deserializer::from_slice(payload);
    let values = Values { size: &mut size, needed, depth: 0 };
    let value = values.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    match value {
        Ok(value) => Ok(Payload { value, longest: size.longest }),
        Err(_) if size.left == 0 => Err(Refusal::TooMany),
        Err(_) => Err(Refusal::Malformed),
    }
}

struct Size {
    left: usize,
    longest: usize,
}

struct Values<'s> {
    size: &'s mut Size,
    needed: &'s Needed,
    depth: u32,
}

impl Values<'_> {
    fn within<'a>(&'a mut self, needed: &'a Needed) -> Values<'a> {
        Values { size: self.size, needed, depth: self.depth + 1 }
    }
}

impl<'de> DeserializeSeed<'de> for Values<'_> {
    type Value = Val;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Val, D::Error> {
        self.size.left = self.size.left.saturating_sub(1);
        if self.size.left == 0 || self.depth > MAX_DEPTH {
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

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Val, A::Error> {
        // A list that is not needed as a whole is needed for being there: keys of a list are an error of the expression.
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.within(&EVERYTHING))? {
            list.push(item);
        }
        self.size.longest = self.size.longest.max(list.len());
        Ok(list.into_iter().collect())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<Val, A::Error> {
        let mut map = Map::default();
        while let Some(key) = entries.next_key_seed(Key(self.needed))? {
            match key {
                None => _ = entries.next_value_seed(Skipped { depth: self.depth + 1 })?,
                Some((key, needed)) => _ = map.insert(key, entries.next_value_seed(self.within(needed))?),
            }
        }
        self.size.longest = self.size.longest.max(map.len());
        Ok(Val::obj(map))
    }
}

static EVERYTHING: LazyLock<Needed> = LazyLock::new(Needed::everything);

/// A key of an object, if what stands under it is needed.
struct Key<'n>(&'n Needed);

impl<'de, 'n> DeserializeSeed<'de> for Key<'n> {
    type Value = Option<(Val, &'n Needed)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'n> Visitor<'_> for Key<'n> {
    type Value = Option<(Val, &'n Needed)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        let needed = if self.0.whole { Some(self.0) } else { self.0.keys.get(key) };
        Ok(needed.map(|needed| (Val::from(key.to_owned()), needed)))
    }
}

/// A value that nobody looks at; it must be JSON of the same depth all the same.
struct Skipped {
    depth: u32,
}

impl<'de> DeserializeSeed<'de> for Skipped {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.depth > MAX_DEPTH {
            return Err(D::Error::custom("too deep"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Skipped {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Skipped { depth: self.depth + 1 })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while entries.next_key::<IgnoredAny>()?.is_some() {
            entries.next_value_seed(Skipped { depth: self.depth + 1 })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: PayloadKind, payload: &[u8]) -> Result<Val, Refusal> {
        super::read(kind, payload, &EVERYTHING).map(|read| read.value)
    }

    #[test]
    fn what_nobody_needs_is_not_read_but_must_be_json() {
        let needed = |key: &str| Needed { whole: false, keys: [(key.to_owned(), Needed::everything())].into() };
        let read = |text: &str| super::read(PayloadKind::Json, text.as_bytes(), &needed("n"));
        let value = read(r#"{"name":"x","n":{"a":[1,2,3]},"list":[[{"b":null}]],"t":true}"#).unwrap();
        assert_eq!((value.value.to_string().as_str(), value.longest), (r#"{"n":{"a":[1,2,3]}}"#, 3));
        assert_eq!(read(r#"{"name":x,"n":1}"#), Err(Refusal::Malformed));
        assert_eq!(read(&format!(r#"{{"name":{}{},"n":1}}"#, "[".repeat(40), "]".repeat(40))), Err(Refusal::Malformed));
        let many = format!(r#"{{"name":[{}0],"n":1}}"#, "0,".repeat(MAX_VALUES));
        assert!(read(&many).is_ok(), "what is not read costs no place");
    }

    #[test]
    fn bytes_are_numbers() {
        assert_eq!(read(PayloadKind::Bytes, &[0, 255]).unwrap().to_string(), "[0,255]");
        assert_eq!(read(PayloadKind::Bytes, &[0; MAX_VALUES + 1]), Err(Refusal::TooMany));
    }

    #[test]
    fn what_is_no_json_is_malformed() {
        for bad in ["", "{", "{a:1}", "[1,]", "1 2", "NaN", "{\"a\":1}x", "'a'", "# comment", "+1"] {
            assert_eq!(read(PayloadKind::Json, bad.as_bytes()), Err(Refusal::Malformed), "{bad}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(read(PayloadKind::Json, deep(32).as_bytes()).is_ok());
        for n in [34, 50, 200_000] {
            assert_eq!(read(PayloadKind::Json, deep(n).as_bytes()), Err(Refusal::Malformed), "{n}");
        }
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
