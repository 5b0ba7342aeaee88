//! Payload bytes to the value that expressions see.
//!
//! JSON is read by serde_json, which is strict. Texts without escapes are not copied.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::decode::Refusal;
use super::needed::Needed;
use super::space::Space;
use super::value::{Entry, Value};

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

/// Reads what is needed of `payload`.
pub(super) fn read<'v>(
    kind: PayloadKind,
    payload: &'v [u8],
    needed: &'v Needed,
    space: &Space<'v>,
) -> Result<Value<'v>, Refusal> {
    match kind {
        PayloadKind::Json => json(payload, needed, space),
        PayloadKind::Either if payload.trim_ascii_start().starts_with(b"{") => json(payload, needed, space),
        PayloadKind::Text | PayloadKind::Either => Ok(Value::Text(text(payload)?)),
        PayloadKind::Bytes if payload.len() > MAX_VALUES => Err(Refusal::TooMany),
        PayloadKind::Bytes => {
            let bytes = payload.iter().map(|byte| Value::Int(i64::from(*byte)));
            Ok(Value::List(space.keep_list(bytes)))
        }
    }
}

/// A payload that is text, without blanks around it.
pub(super) fn text(payload: &[u8]) -> Result<&str, Refusal> {
    std::str::from_utf8(payload).map(str::trim).map_err(|_| Refusal::Malformed)
}

fn json<'v>(payload: &'v [u8], needed: &'v Needed, space: &Space<'v>) -> Result<Value<'v>, Refusal> {
    // Once for the whole, which is cheaper than text by text.
    let payload = std::str::from_utf8(payload).map_err(|_| Refusal::Malformed)?;
    let mut parts = Parts { space, left: MAX_VALUES, items: Vec::new(), entries: Vec::new() };
    let mut reader = serde_json::Deserializer::from_str(payload);
    let value = Values { parts: &mut parts, needed, depth: 0 }.deserialize(&mut reader);
    match value.and_then(|value| reader.end().map(|()| value)) {
        Ok(value) => Ok(value),
        Err(_) if parts.left == 0 => Err(Refusal::TooMany),
        Err(_) => Err(Refusal::Malformed),
    }
}

/// What is being put together, the innermost list and object last.
struct Parts<'s, 'v> {
    space: &'s Space<'v>,
    left: usize,
    items: Vec<Value<'v>>,
    entries: Vec<Entry<'v>>,
}

struct Values<'p, 's, 'v> {
    parts: &'p mut Parts<'s, 'v>,
    needed: &'v Needed,
    depth: u32,
}

impl<'s, 'v> Values<'_, 's, 'v> {
    fn within(&mut self, needed: &'v Needed) -> Values<'_, 's, 'v> {
        Values { parts: self.parts, needed, depth: self.depth + 1 }
    }
}

impl<'v> DeserializeSeed<'v> for Values<'_, '_, 'v> {
    type Value = Value<'v>;

    fn deserialize<D: Deserializer<'v>>(self, deserializer: D) -> Result<Value<'v>, D::Error> {
        self.parts.left = self.parts.left.saturating_sub(1);
        if self.parts.left == 0 || self.depth > MAX_DEPTH {
            return Err(D::Error::custom("too many values"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'v> Visitor<'v> for Values<'_, '_, 'v> {
    type Value = Value<'v>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value<'v>, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value<'v>, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value<'v>, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value<'v>, E> {
        Ok(i64::try_from(value).map_or(Value::Float(value as f64), Value::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value<'v>, E> {
        Ok(Value::Float(value))
    }

    fn visit_borrowed_str<E>(self, value: &'v str) -> Result<Value<'v>, E> {
        Ok(Value::Text(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value<'v>, E> {
        Ok(Value::Text(self.parts.space.keep_text(value)))
    }

    fn visit_seq<A: SeqAccess<'v>>(mut self, mut items: A) -> Result<Value<'v>, A::Error> {
        let start = self.parts.items.len();
        if let Some(needed) = self.needed.of_elements() {
            while let Some(item) = items.next_element_seed(self.within(needed))? {
                self.parts.items.push(item);
            }
        } else {
            // The list is needed for being there, or by keys, which is an error of the expression whatever stands in it.
            while items.next_element_seed(Skipped { depth: self.depth + 1 })?.is_some() {}
        }
        let Parts { space, items, .. } = self.parts;
        Ok(Value::List(space.keep_list(items.drain(start..))))
    }

    fn visit_map<A: MapAccess<'v>>(mut self, mut entries: A) -> Result<Value<'v>, A::Error> {
        let start = self.parts.entries.len();
        while let Some(key) = entries.next_key_seed(Key { space: self.parts.space, needed: self.needed })? {
            match key {
                None => entries.next_value_seed(Skipped { depth: self.depth + 1 })?,
                Some((key, needed)) => {
                    let value = entries.next_value_seed(self.within(needed))?;
                    self.parts.entries.push((key, value));
                }
            }
        }
        let Parts { space, entries, .. } = self.parts;
        Ok(Value::Object(space.keep_object(entries, start)))
    }
}

/// A key of an object, if what stands under it is needed.
struct Key<'s, 'v> {
    space: &'s Space<'v>,
    needed: &'v Needed,
}

impl<'v> Key<'_, 'v> {
    /// What is needed under a key, with the key as the profile has it if it names it.
    fn needed(&self, key: &str) -> Option<(Option<&'v str>, &'v Needed)> {
        let named = self.needed.keys.get_key_value(key).map(|(key, needed)| (Some(key.as_str()), needed));
        if self.needed.whole {
            Some((None, self.needed))
        } else {
            named.or(self.needed.of_elements().map(|n| (None, n)))
        }
    }
}

impl<'v> DeserializeSeed<'v> for Key<'_, 'v> {
    type Value = Option<(&'v str, &'v Needed)>;

    fn deserialize<D: Deserializer<'v>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'v> Visitor<'v> for Key<'_, 'v> {
    type Value = Option<(&'v str, &'v Needed)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'v str) -> Result<Self::Value, E> {
        Ok(self.needed(key).map(|(_, needed)| (key, needed)))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.needed(key).map(|(named, needed)| (named.unwrap_or_else(|| self.space.keep_text(key)), needed)))
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
    use super::super::space::Ground;
    use std::sync::LazyLock;

    use super::*;

    static EVERYTHING: LazyLock<Needed> = LazyLock::new(Needed::everything);

    fn read_of(kind: PayloadKind, payload: &[u8], needed: &Needed) -> Result<String, Refusal> {
        let ground = Ground::new();
        super::read(kind, payload, needed, &Space::new(&ground, 0)).map(|value| value.to_string())
    }

    fn read(kind: PayloadKind, payload: &[u8]) -> Result<String, Refusal> {
        read_of(kind, payload, &EVERYTHING)
    }

    #[test]
    fn what_nobody_needs_is_not_read_but_must_be_json() {
        let needed = |key: &str| Needed { keys: [(key.to_owned(), Needed::everything())].into(), ..Needed::default() };
        let read = |text: &str| read_of(PayloadKind::Json, text.as_bytes(), &needed("n"));
        let value = read(r#"{"name":"x","n":{"a":[1,2,3]},"list":[[{"b":null}]],"t":true}"#).unwrap();
        assert_eq!(value, r#"{"n":{"a":[1,2,3]}}"#);
        assert_eq!(read(r#"{"\u006e":1}"#).unwrap(), r#"{"n":1}"#);
        assert_eq!(read(r#"{"name":x,"n":1}"#), Err(Refusal::Malformed));
        assert_eq!(read(&format!(r#"{{"name":{}{},"n":1}}"#, "[".repeat(40), "]".repeat(40))), Err(Refusal::Malformed));
        let many = format!(r#"{{"name":[{}0],"n":1}}"#, "0,".repeat(MAX_VALUES));
        assert!(read(&many).is_ok(), "what is not read costs no place");
    }

    #[test]
    fn of_the_elements_of_a_list_only_what_is_needed_is_read() {
        let element = Needed { keys: [("in".to_owned(), Needed::everything())].into(), ..Needed::default() };
        let needed = Needed { each: Some(Box::new(element)), ..Needed::default() };
        let read = |text: &str| read_of(PayloadKind::Json, text.as_bytes(), &needed).unwrap();
        assert_eq!(read(r#"[{"in":1,"name":"x"},{"name":"y"},2]"#), r#"[{"in":1},{},2]"#);
        assert_eq!(read(r#"{"a":{"in":1,"name":"x"},"b":[{"in":2}]}"#), r#"{"a":{"in":1},"b":[]}"#);
    }

    #[test]
    fn bytes_are_numbers() {
        assert_eq!(read(PayloadKind::Bytes, &[0, 255]).unwrap(), "[0,255]");
        assert_eq!(read(PayloadKind::Bytes, &[0; MAX_VALUES + 1]), Err(Refusal::TooMany));
    }

    #[test]
    fn what_is_no_json_is_malformed() {
        for bad in ["", "{", "{a:1}", "[1,]", "1 2", "NaN", "{\"a\":1}x", "'a'", "# comment", "+1"] {
            assert_eq!(read(PayloadKind::Json, bad.as_bytes()), Err(Refusal::Malformed), "{bad}");
        }
    }

    #[test]
    fn escapes_are_resolved_and_large_numbers_lose_their_last_digits() {
        let read = |text: &str| read(PayloadKind::Json, text.as_bytes());
        assert_eq!(read(r#"{"a\n":"\u00df"}"#).unwrap(), "{\"a\\n\":\"ß\"}");
        assert_eq!(
            read("[9223372036854775807,9223372036854775808]").unwrap(),
            "[9223372036854775807,9.223372036854776e18]"
        );
        assert_eq!(read(r#"{"a":1,"b":2,"a":3}"#).unwrap(), r#"{"a":3,"b":2}"#);
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
        assert_eq!(read(PayloadKind::Text, b" ON\n"), Ok("\"ON\"".to_owned()));
        assert_eq!(read(PayloadKind::Text, &[0xff]), Err(Refusal::Malformed));
        assert_eq!(read(PayloadKind::Either, b"offline"), Ok("\"offline\"".to_owned()));
    }
}
