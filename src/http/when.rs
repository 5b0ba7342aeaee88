//! Wall time as HTTP and the API write it.

use jiff::Timestamp;
use jiff::fmt::rfc2822::{DateTimeParser, DateTimePrinter};
use jiff::tz::TimeZone;

use crate::domain::time::Wall;

/// RFC 3339 with the offset of `zone`, to the second.
pub(super) fn to_the_second(at: Wall, zone: &TimeZone) -> Option<String> {
    written(at, zone, "%Y-%m-%dT%H:%M:%S%:z")
}

/// RFC 3339 with the offset of `zone`, cut to the full minute so that no single passing can be dated by it.
pub(super) fn to_the_minute(at: Wall, zone: &TimeZone) -> Option<String> {
    written(at, zone, "%Y-%m-%dT%H:%M:00%:z")
}

/// The form of `Last-Modified` (RFC 9110 §5.6.7).
pub(super) fn http_date(at: Wall) -> Option<String> {
    DateTimePrinter::new().timestamp_to_rfc9110_string(&Timestamp::from_second(at.seconds()).ok()?).ok()
}

/// Seconds since 1970 of a date in a request.
pub(super) fn parse_http_date(text: &str) -> Option<i64> {
    DateTimeParser::new().parse_timestamp(text).ok().map(Timestamp::as_second)
}

fn written(at: Wall, zone: &TimeZone, form: &str) -> Option<String> {
    let zoned = Timestamp::from_millisecond(at.0).ok()?.to_zoned(zone.clone());
    Some(zoned.strftime(form).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_the_shops_zone_and_in_the_form_of_http() {
        let warsaw = TimeZone::get("Europe/Warsaw").unwrap();
        let at = Wall(1_767_225_599_999);
        assert_eq!(to_the_second(at, &warsaw).unwrap(), "2026-01-01T00:59:59+01:00");
        assert_eq!(to_the_minute(at, &warsaw).unwrap(), "2026-01-01T00:59:00+01:00");
        assert_eq!(http_date(at).unwrap(), "Wed, 31 Dec 2025 23:59:59 GMT");
        assert_eq!(parse_http_date("Wed, 31 Dec 2025 23:59:59 GMT"), Some(1_767_225_599));
        assert_eq!(parse_http_date("yesterday"), None);
    }

    #[test]
    fn a_time_that_no_calendar_has_is_left_out() {
        assert_eq!(to_the_second(Wall(i64::MAX), &TimeZone::UTC), None);
        assert_eq!(http_date(Wall(i64::MIN)), None);
    }
}
