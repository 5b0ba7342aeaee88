//! What a packet turned out to be: readings, nothing, or a refusal with its reason.
//!
//! Takes from the values that an expression yields only the fields of the readings known to the house; anything else in them is
//! an error of the profile, not passed on.

use std::str::FromStr as _;

use super::functions::{EXACT, flag, number_of};
use super::value::Value;
use crate::domain::reading::{CameraState, Fact, LinkScope, Reading};
use crate::domain::time::Wall;

/// Outcome of one packet.
#[derive(Clone, PartialEq, Debug)]
pub enum Decoded {
    /// What it says; never empty.
    Readings(Vec<Reading>),
    /// Recognised or foreign, with nothing to store.
    Nothing,
    /// Not accepted.
    Refused(Refusal),
}

/// Why a packet was not accepted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Refusal {
    /// Its topic is on the profile's reject list; the payload was not looked at.
    Privacy,
    /// It is not what the profile expects.
    Malformed,
    /// It is longer than the profile's limit.
    TooLarge,
    /// It repeats an event that may have been counted long ago (a retained message at subscription).
    Replay,
    /// It holds more values or readings than any device sends.
    TooMany,
    /// Its sensor says more than any device has to say ([`super::budget`]); the payload was not looked at.
    Flood,
}

impl Refusal {
    /// The word under which it is counted.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Privacy => "privacy",
            Self::Malformed => "malformed",
            Self::TooLarge => "too-large",
            Self::Replay => "replay",
            Self::TooMany => "too-many",
            Self::Flood => "flood",
        }
    }
}

/// Most readings in one message: a device with eight lines sends three for each.
pub(super) const MAX_READINGS: usize = 64;

/// Longest name of a stream, in bytes; a UUID has 36. Names of streams reach the store, so they are no place for free text.
const STREAM_MAX_BYTES: usize = 64;

/// What a total means that a message leaves out or gives as null.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Omitted {
    /// The device leaves out what is zero.
    Zero,
    /// Nothing: the message says nothing of this counter.
    #[default]
    Unknown,
}

/// Turns one value that an expression yielded into a reading; nothing where the device said null.
pub(super) fn reading(value: Value<'_>, omitted: Omitted) -> Result<Option<Reading>, Refusal> {
    let Value::Object(entries) = value else {
        return if let Value::Null = value { Ok(None) } else { Err(Refusal::Malformed) };
    };
    let (mut name, mut sequence, mut dedupe, mut since, mut at, mut fact) = ("", None, None, None, None, None);
    for (key, value) in entries.iter().copied() {
        match key {
            "stream" => name = stream(value)?,
            "sequence" => sequence = optional(value, count)?,
            "dedupe" => dedupe = optional(value, fingerprint)?,
            "since" => since = optional(value, fingerprint)?,
            "at" => at = optional(value, moment)?,
            _ if fact.is_some() => return Err(Refusal::Malformed),
            kind => fact = Some(fact_of(kind, value, omitted)?),
        }
    }
    let fact = fact.ok_or(Refusal::Malformed)?;
    Ok(fact.map(|fact| Reading { stream: name.into(), sequence, dedupe, since, at, ..Reading::of(fact) }))
}

/// Longest name of a message or of a reset, in bytes; a UUID has 36.
const NAME_MAX_BYTES: usize = 256;

/// A number for a text or number that is only ever compared, which stays the same from version to version because it is stored.
/// Neither text nor number is kept.
fn fingerprint(value: Value<'_>) -> Option<u64> {
    let number = matches!(value, Value::Int(_) | Value::Float(_)).then(|| value.to_string());
    let text = number.as_deref().or_else(|| value.as_text()).filter(|text| text.len() <= NAME_MAX_BYTES)?;
    Some(fnv(text.bytes()))
}

/// 64-bit FNV-1a.
pub(super) fn fnv(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn stream(value: Value<'_>) -> Result<&str, Refusal> {
    let name = if let Value::Null = value { "" } else { value.as_text().ok_or(Refusal::Malformed)? };
    let fits = name.len() <= STREAM_MAX_BYTES && !name.chars().any(char::is_control);
    if fits { Ok(name) } else { Err(Refusal::Malformed) }
}

/// The fields that each kind of reading may have.
const FIELDS: &[(&str, &[&str])] = &[
    ("crossing", &["in", "out"]),
    ("totals", &["in", "out"]),
    ("interval", &["in", "out", "from", "to"]),
    ("presence", &["occupied", "count"]),
    ("contact", &["open"]),
    ("motion", &["active"]),
    ("tamper", &["active"]),
    ("fault", &["active"]),
    ("press", &["now"]),
    ("switch", &["on"]),
    ("link", &["online", "scope"]),
    ("battery", &["percent"]),
    ("camera", &["enabled", "detect_enabled", "record_enabled", "online", "detecting", "recording"]),
];

/// A mistyped name of a field would otherwise pass for one that the device left out.
fn has_known_fields(kind: &str, value: Value<'_>) -> bool {
    let Value::Object(entries) = value else { return false };
    let known = FIELDS.iter().find(|(known, _)| *known == kind).map_or(&[][..], |(_, fields)| fields);
    entries.iter().all(|(name, _)| known.contains(name))
}

fn fact_of(kind: &str, value: Value<'_>, omitted: Omitted) -> Result<Option<Fact>, Refusal> {
    if !has_known_fields(kind, value) {
        return Err(Refusal::Malformed);
    }
    let field = |name: &str| value.field(name);
    let state = |name: &str| optional(field(name).unwrap_or_default(), flag);
    Ok(match kind {
        "crossing" => {
            let (inward, outward) = people(value)?;
            Some(Fact::Crossing { inward, outward })
        }
        "totals" => totals(value, omitted)?,
        "interval" => {
            let (inward, outward) = people(value)?;
            let at = |name| field(name).and_then(moment).ok_or(Refusal::Malformed);
            let (from, to) = (at("from")?, at("to")?);
            if from >= to {
                return Err(Refusal::Malformed);
            }
            Some(Fact::Interval { inward, outward, from, to })
        }
        "presence" => {
            let count = optional(field("count").unwrap_or_default(), small_count)?;
            Some(Fact::Presence { occupied: state("occupied")?.or(count.map(|count| count > 0)), count })
        }
        "contact" => state("open")?.map(|open| Fact::Contact { open }),
        "motion" => state("active")?.map(|active| Fact::Motion { active }),
        "tamper" => state("active")?.map(|active| Fact::Tamper { active }),
        "press" => state("now")?.filter(|now| *now).map(|_| Fact::Pressed),
        "fault" => state("active")?.map(|active| Fact::Fault { active }),
        "switch" => state("on")?.map(|on| Fact::Switch { on }),
        "link" => {
            let scope = optional(field("scope").unwrap_or_default(), scope)?.unwrap_or_default();
            state("online")?.map(|online| Fact::Link { online, scope })
        }
        "battery" => battery(field("percent").unwrap_or_default())?,
        "camera" => Some(Fact::Camera(CameraState {
            enabled: state("enabled")?,
            detect_enabled: state("detect_enabled")?,
            record_enabled: state("record_enabled")?,
            online: state("online")?,
            detecting: state("detecting")?,
            recording: state("recording")?,
        })),
        _ => return Err(Refusal::Malformed),
    })
}

fn scope(value: Value<'_>) -> Option<LinkScope> {
    let word = value.as_text()?;
    LinkScope::WORDS.iter().find(|(known, _)| *known == word).map(|(_, scope)| *scope)
}

/// Null is no statement; anything else must be readable.
fn optional<T>(value: Value<'_>, read: impl Fn(Value<'_>) -> Option<T>) -> Result<Option<T>, Refusal> {
    if let Value::Null = value { Ok(None) } else { read(value).map(Some).ok_or(Refusal::Malformed) }
}

/// People in and out since the last message: what is left out is nobody, but something must be said.
fn people(value: Value<'_>) -> Result<(u32, u32), Refusal> {
    let read = |name| optional(value.field(name).unwrap_or_default(), small_count);
    match (read("in")?, read("out")?) {
        (None, None) => Err(Refusal::Malformed),
        (inward, outward) => Ok((inward.unwrap_or(0), outward.unwrap_or(0))),
    }
}

/// A direction whose key is missing does not exist on this device and stays zero; one that is null was left out of this message.
fn totals(value: Value<'_>, omitted: Omitted) -> Result<Option<Fact>, Refusal> {
    let read = |name| match (value.field(name), omitted) {
        (None, _) | (Some(Value::Null), Omitted::Zero) => Ok(Some(0)),
        (Some(value), _) => optional(value, count),
    };
    let said = |name| value.field(name).is_some_and(|value| !matches!(value, Value::Null));
    if !said("in") && !said("out") && omitted == Omitted::Unknown {
        return Err(Refusal::Malformed);
    }
    Ok(match (read("in")?, read("out")?) {
        (Some(inward), Some(outward)) => Some(Fact::Totals { inward, outward }),
        _ => None,
    })
}

/// A whole number from zero on: a number or a text of one. Fractions and negative numbers are none.
fn count(value: Value<'_>) -> Option<u64> {
    match value {
        Value::Int(n) => u64::try_from(n).ok(),
        Value::Text(text) => u64::from_str(text.trim()).ok(),
        Value::Float(n) => Some(n).filter(|n| n.fract() == 0.0 && (0.0..EXACT).contains(n)).map(|n| n as u64),
        Value::Null | Value::Bool(_) | Value::List(_) | Value::Object(_) => None,
    }
}

fn small_count(value: Value<'_>) -> Option<u32> {
    count(value).and_then(|n| u32::try_from(n).ok())
}

/// Epoch seconds, epoch milliseconds, or RFC 3339 with an offset.
fn moment(value: Value<'_>) -> Option<Wall> {
    if let Some(number) = number_of(value) {
        let millis = if number.abs() < SECONDS_BELOW { number * 1000.0 } else { number };
        return (millis.abs() < EXACT).then_some(Wall(millis as i64));
    }
    let at = jiff::Timestamp::from_str(value.as_text()?.trim()).ok()?;
    Some(Wall(at.as_millisecond()))
}

/// Seconds until the year 5138; as milliseconds the same number is March 1973, when no device had a clock.
const SECONDS_BELOW: f64 = 1e11;

/// Values outside 0 to 100 are codes of the device (255 for "not measured"), not charges.
fn battery(value: Value<'_>) -> Result<Option<Fact>, Refusal> {
    let percent = optional(value, number_of)?.filter(|percent| (0.0..=100.0).contains(percent));
    Ok(percent.map(|percent| Fact::Battery { percent: percent as f32 }))
}

/// The same reading from a device that was mounted the other way round.
pub(super) fn inverted(mut reading: Reading) -> Reading {
    match &mut reading.fact {
        Fact::Crossing { inward, outward } | Fact::Interval { inward, outward, .. } => std::mem::swap(inward, outward),
        Fact::Totals { inward, outward } => std::mem::swap(inward, outward),
        Fact::Presence { .. }
        | Fact::Contact { .. }
        | Fact::Motion { .. }
        | Fact::Camera(_)
        | Fact::Link { .. }
        | Fact::Switch { .. }
        | Fact::Battery { .. }
        | Fact::Tamper { .. }
        | Fact::Fault { .. }
        | Fact::Pressed => {}
    }
    reading
}

#[cfg(test)]
mod tests {
    use super::super::needed::Needed;
    use super::super::payload::{self, PayloadKind};
    use super::super::space::{Ground, Space};
    use super::*;

    fn reading_of(json: &str, omitted: Omitted) -> Result<Option<Reading>, Refusal> {
        let (ground, needed) = (Ground::new(), Needed::everything());
        let value = payload::read(PayloadKind::Json, json.as_bytes(), &needed, &Space::new(&ground, 0))?;
        reading(value, omitted)
    }

    fn read(json: &str) -> Result<Option<Fact>, Refusal> {
        reading_of(json, Omitted::Unknown).map(|reading| reading.map(|reading| reading.fact))
    }

    #[test]
    fn a_message_is_told_from_others_by_the_same_number_for_ever() {
        let named = |json: &str| reading_of(json, Omitted::Unknown).map(|reading| reading.unwrap().dedupe);
        assert_eq!(named(r#"{"dedupe":"a","motion":{"active":true}}"#), Ok(Some(0xaf63_dc4c_8601_ec8c)));
        assert_eq!(
            named(r#"{"dedupe":7,"motion":{"active":true}}"#),
            named(r#"{"dedupe":"7","motion":{"active":true}}"#)
        );
        assert_eq!(named(r#"{"dedupe":null,"motion":{"active":true}}"#), Ok(None));
        assert_eq!(named(r#"{"dedupe":[1],"motion":{"active":true}}"#), Err(Refusal::Malformed));
    }

    #[test]
    fn counts_are_whole_numbers_from_zero_on() {
        for good in ["1", "\"1\"", "1.0", "\" 1 \""] {
            let crossing = read(&format!(r#"{{"crossing":{{"in":{good}}}}}"#));
            assert_eq!(crossing, Ok(Some(Fact::Crossing { inward: 1, outward: 0 })), "{good}");
        }
        for bad in ["-1", "1.5", "\"one\"", "\"\"", "true", "[1]", "{}", "4294967296", "1e300", "\"1.5\""] {
            assert_eq!(read(&format!(r#"{{"crossing":{{"in":{bad}}}}}"#)), Err(Refusal::Malformed), "{bad}");
        }
    }

    #[test]
    fn a_crossing_says_at_least_one_direction() {
        assert_eq!(read(r#"{"crossing":{"in":null,"out":null}}"#), Err(Refusal::Malformed));
        assert_eq!(read(r#"{"crossing":{"in":null,"out":2}}"#), Ok(Some(Fact::Crossing { inward: 0, outward: 2 })));
    }

    #[test]
    fn a_total_left_out_is_not_zero_unless_the_profile_says_so() {
        assert_eq!(read(r#"{"totals":{"in":5}}"#), Ok(Some(Fact::Totals { inward: 5, outward: 0 })));
        assert_eq!(read(r#"{"totals":{"in":5,"out":null}}"#), Ok(None));
        let fact = reading_of(r#"{"totals":{"in":5,"out":null}}"#, Omitted::Zero).unwrap().unwrap().fact;
        assert_eq!(fact, Fact::Totals { inward: 5, outward: 0 });
    }

    #[test]
    fn times_come_in_three_forms() {
        for from in ["1785535860", "1785535860000", "\"1785535860\"", "\"2026-07-31T23:11:00+01:00\""] {
            let json = format!(r#"{{"interval":{{"in":1,"out":0,"from":{from},"to":1785600000}}}}"#);
            assert!(matches!(read(&json), Ok(Some(Fact::Interval { .. }))), "{from}");
        }
        for from in ["null", "\"yesterday\"", "\"2026-07-31T23:11:00\"", "1785600000", "1e300"] {
            let json = format!(r#"{{"interval":{{"in":1,"out":0,"from":{from},"to":1785600000}}}}"#);
            assert_eq!(read(&json), Err(Refusal::Malformed), "{from}");
        }
        let json =
            r#"{"interval":{"in":1,"out":0,"from":"2026-07-31T23:11:00-00:00","to":"2026-08-01T01:12:00+02:00"}}"#;
        let Ok(Some(Fact::Interval { from, to, .. })) = read(json) else { panic!("no interval") };
        assert_eq!((from, to), (Wall(1_785_539_460_000), Wall(1_785_539_520_000)));
    }

    #[test]
    fn null_is_no_reading() {
        for none in ["{\"contact\":{\"open\":null}}", "{\"battery\":{}}", "{\"battery\":{\"percent\":255}}", "null"] {
            assert_eq!(read(none), Ok(None), "{none}");
        }
        let unknown = Fact::Presence { occupied: None, count: None };
        assert_eq!(read(r#"{"presence":{"occupied":null}}"#), Ok(Some(unknown)));
    }

    #[test]
    fn what_the_house_does_not_know_is_not_passed_on() {
        for odd in [
            r#"{"crossing":{"in":1,"outt":2}}"#,
            r#"{"motion":true}"#,
            r#"{"person":{"name":"x"}}"#,
            r#"{"stream":"1"}"#,
            r#"{"motion":{"active":1},"contact":{"open":1}}"#,
        ] {
            assert_eq!(read(odd), Err(Refusal::Malformed), "{odd}");
        }
        let long = format!(r#"{{"stream":"{}","motion":{{"active":true}}}}"#, "x".repeat(65));
        assert_eq!(read(&long), Err(Refusal::Malformed));
    }
}
