//! Bytes that devices send as text, and numbers in them.

use super::number_of;
use crate::device::space::Space;
use crate::device::value::{Error, Value};

/// Most bytes of one text: a LoRaWAN message has 242, a few devices send more over MQTT.
const MAX_BYTES: usize = 1024;

/// Longest number, in bytes: up to here every value is exact.
const MAX_NUMBER_BYTES: usize = 6;

/// Hexadecimal or Base64 (RFC 4648, with or without padding) as a list of numbers from 0 to 255; null if it is neither. A
/// text that could be both is taken for hexadecimal.
pub(super) fn read<'v>(space: &Space<'v>, value: Value<'v>) -> Result<Value<'v>, Error<'v>> {
    let text = value.as_text().filter(|text| text.len() <= MAX_BYTES * 2);
    let Some(bytes) = text.and_then(|text| hexadecimal(text).or_else(|| base64(text))) else { return Ok(Value::Null) };
    space.list(bytes.into_iter().map(|byte| Value::Int(i64::from(byte))))
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some((digit(*high)? * 16 + digit(*low)?) as u8),
        _ => None,
    };
    text.as_bytes().chunks(2).map(pair).collect()
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0u32, 0u32);
    for character in text.trim_end_matches('=').bytes() {
        let six = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        held = (held << 6 | u32::from(six)) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
        }
    }
    Some(bytes)
}

/// The unsigned number of so many bytes at a position of a list of bytes; null if it is not all there.
pub(super) fn unsigned<'v>(value: Value<'v>, at: Value<'v>, length: Value<'v>, big_endian: bool) -> Value<'v> {
    let (Value::List(list), Some(length), Some(at)) = (value, whole(length), whole(at)) else { return Value::Null };
    let Some(part) = list.get(at..at.saturating_add(length)).filter(|_| (1..=MAX_NUMBER_BYTES).contains(&length))
    else {
        return Value::Null;
    };
    let add = |number: Option<i64>, byte: &Value<'v>| {
        let byte = whole(*byte).filter(|byte| *byte < 256)?;
        Some(number? << 8 | byte as i64)
    };
    let number = if big_endian { part.iter().fold(Some(0), add) } else { part.iter().rev().fold(Some(0), add) };
    number.map_or(Value::Null, Value::Int)
}

fn whole(value: Value<'_>) -> Option<usize> {
    number_of(value).filter(|n| n.fract() == 0.0 && (0.0..1e15).contains(n)).map(|n| n as usize)
}

#[cfg(test)]
mod tests {
    use super::super::tests::call;
    use super::*;

    #[test]
    fn base64_and_hexadecimal_are_bytes() {
        for (written, bytes) in [
            ("BMwSABYABcwTABQA", "[4,204,18,0,22,0,5,204,19,0,20,0]"),
            ("04CC1200", "[4,204,18,0]"),
            ("qg==", "[170]"),
            ("qg", "[170]"),
            ("", "[]"),
            ("_-8", "[255,239]"),
            ("not bytes!", "null"),
        ] {
            assert_eq!(call("bytes", &format!("\"{written}\""), &[]).unwrap(), bytes, "{written}");
        }
        assert_eq!(call("bytes", &format!("\"{}\"", "A".repeat(MAX_BYTES * 2 + 1)), &[]).unwrap(), "null");
    }

    #[test]
    fn numbers_stand_at_a_position_in_either_order() {
        for (name, at, length, number) in [
            ("le", "1", "2", "770"),
            ("be", "1", "2", "515"),
            ("be", "0", "6", "null"),
            ("be", "0", "0", "null"),
            ("be", "-1", "1", "null"),
        ] {
            assert_eq!(call(name, "[1,2,3]", &[at, length]).unwrap(), number, "{name} {at} {length}");
        }
        assert_eq!(call("be", "[256]", &["0", "1"]).unwrap(), "null");
    }
}
