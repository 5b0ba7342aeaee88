//! Times that devices write without an offset, or in an order of their own.

use std::str::FromStr as _;

use jiff::civil::DateTime;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::{Offset, TimeZone};

use super::{flag, number_of};
use crate::device::space::Space;
use crate::device::value::{Error, Value};

/// A time as RFC 3339: with its own offset as it is; without one, by `zone`: an IANA name, or the first `±H:MM` in the text that
/// names the zone, an hour more in summer. Nothing if that cannot be known.
pub(super) fn local_time<'v>(
    space: &Space<'v>,
    time: Value<'v>,
    zone: Value<'v>,
    summer: Value<'v>,
) -> Result<Value<'v>, Error<'v>> {
    space.spend(COST)?;
    let Value::Text(written) = time else { return Ok(time) };
    if jiff::Timestamp::from_str(written).is_ok() {
        return Ok(time);
    }
    let local = DateTime::from_str(&written.replace('/', "-")).ok();
    told(space, local.and_then(|local| instant(local, zone, summer)))
}

/// A time read by the directives of strptime: with its own offset, or as a local time of `zone`.
pub(super) fn strptime<'v>(
    space: &Space<'v>,
    time: Value<'v>,
    format: Value<'v>,
    zone: Value<'v>,
) -> Result<Value<'v>, Error<'v>> {
    space.spend(COST)?;
    let written = match time {
        Value::Int(_) | Value::Float(_) => number_of(time).map(|n| format!("{n}")),
        Value::Text(text) => Some(text.to_owned()),
        Value::Null | Value::Bool(_) | Value::List(_) | Value::Object(_) => None,
    };
    let (Some(written), Some(format)) = (written, format.as_text()) else { return Ok(Value::Null) };
    let Ok(read) = BrokenDownTime::parse(format, written.trim()) else { return Ok(Value::Null) };
    if let Ok(at) = read.to_timestamp() {
        return told(space, Some(at));
    }
    told(space, read.to_datetime().ok().and_then(|local| instant(local, zone, Value::Null)))
}

/// Steps that a time costs: reading one, and looking its zone up, takes as long as a hundred other terms.
const COST: usize = 100;

fn told<'v>(space: &Space<'v>, at: Option<jiff::Timestamp>) -> Result<Value<'v>, Error<'v>> {
    at.map_or(Ok(Value::Null), |at| space.text(&at.to_string()))
}

fn instant(local: DateTime, zone: Value<'_>, summer: Value<'_>) -> Option<jiff::Timestamp> {
    let zone = zone.as_text()?;
    let zone = if let Ok(zone) = TimeZone::get(zone) {
        zone
    } else {
        let minutes = offset_minutes(zone)? + if flag(summer) == Some(true) { 60 } else { 0 };
        TimeZone::fixed(Offset::from_seconds(minutes * 60).ok()?)
    };
    // The hour that comes twice in autumn is taken the first time, as RFC 5545 says; such a figure is off by an hour at most.
    zone.to_ambiguous_timestamp(local).compatible().ok()
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
    use super::super::tests::call;

    fn quoted(text: &str) -> String {
        format!("\"{text}\"")
    }

    #[test]
    fn local_times_need_a_zone_that_is_written_out() {
        for (time, zone, summer, meant) in [
            ("2026-07-31T23:11:00-00:00", "null", "null", Some("2026-07-31T23:11:00-00:00")),
            ("2022/12/20 18:15:52", "\"UTC+8:00\"", "null", Some("2022-12-20T10:15:52Z")),
            ("2026-07-31T09:00:00", "\"UTC+1:00 CET\"", "1", Some("2026-07-31T07:00:00Z")),
            ("2026-07-31T09:00:00", "\"UTC-3:30 NST\"", "false", Some("2026-07-31T12:30:00Z")),
            ("2026-07-31T09:00:00", "\"Europe/Warsaw\"", "null", Some("2026-07-31T07:00:00Z")),
            ("2026-01-31 09:00:00", "\"Europe/Warsaw\"", "null", Some("2026-01-31T08:00:00Z")),
            ("2026-07-31T09:00:00", "\"Somewhere\"", "true", None),
            ("noon", "\"UTC+1:00\"", "true", None),
        ] {
            let expected = meant.map_or("null".to_owned(), quoted);
            assert_eq!(call("local_time", &quoted(time), &[zone, summer]).unwrap(), expected, "{time} {zone}");
        }
    }

    #[test]
    fn times_in_any_order_are_read_by_their_format() {
        for (time, format, zone, meant) in [
            ("\"31.07.2026 09:05\"", "%d.%m.%Y %H:%M", "\"Europe/Warsaw\"", Some("2026-07-31T07:05:00Z")),
            ("\"2026-07-31 09:05:01 +0200\"", "%Y-%m-%d %H:%M:%S %z", "null", Some("2026-07-31T07:05:01Z")),
            ("20260731", "%Y%m%d", "\"+02:00\"", Some("2026-07-30T22:00:00Z")),
            ("\"31.07.2026 09:05\"", "%d.%m.%Y %H:%M", "null", None),
            ("\"soon\"", "%d.%m.%Y", "\"Europe/Warsaw\"", None),
            ("null", "%d.%m.%Y", "\"Europe/Warsaw\"", None),
        ] {
            let expected = meant.map_or("null".to_owned(), quoted);
            assert_eq!(call("strptime", time, &[&quoted(format), zone]).unwrap(), expected, "{time} {format}");
        }
    }
}
