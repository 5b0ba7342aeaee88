//! Lengths of time as technicians write them: `15 min`, `500 ms`, `13 months`.

use std::time::Duration;

use crate::domain::time::{Period, PeriodUnit};

/// Longest number of digits of a length; more would overflow the arithmetic behind it.
const DIGITS_MAX: usize = 6;

/// Reads `500 ms`, `1 s`, `15 min`, `2 h`, `1 day`.
pub(super) fn parse_duration(text: &str) -> Option<Duration> {
    let (count, unit) = split(text)?;
    let unit_millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        "day" | "days" => 86_400_000,
        _ => return None,
    };
    Some(Duration::from_millis(u64::from(count) * unit_millis))
}

/// Reads `90 days`, `8 weeks`, `13 months`, `2 years`; at least 1.
pub(super) fn parse_period(text: &str) -> Option<Period> {
    let (count, unit) = split(text)?;
    let unit = match unit {
        "day" | "days" => PeriodUnit::Day,
        "week" | "weeks" => PeriodUnit::Week,
        "month" | "months" => PeriodUnit::Month,
        "year" | "years" => PeriodUnit::Year,
        _ => return None,
    };
    (count > 0).then_some(Period { count, unit })
}

/// A duration in the form that [`parse_duration`] reads, for sentences about it.
pub(super) fn write_duration(duration: Duration) -> String {
    let millis = duration.as_millis();
    for (unit_millis, unit) in [(86_400_000, "day"), (3_600_000, "h"), (60_000, "min"), (1_000, "s")] {
        if millis >= unit_millis && millis.is_multiple_of(unit_millis) {
            let count = millis / unit_millis;
            return format!("{count} {unit}{}", if unit == "day" && count > 1 { "s" } else { "" });
        }
    }
    format!("{millis} ms")
}

fn split(text: &str) -> Option<(u32, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits > DIGITS_MAX {
        return None;
    }
    let (count, unit) = text.split_at(digits);
    Some((count.parse().ok()?, unit.trim_start_matches(' ')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_a_number_and_a_unit() {
        for (text, millis) in [
            ("500 ms", 500),
            ("1 s", 1_000),
            ("15 min", 900_000),
            ("15min", 900_000),
            ("2 h", 7_200_000),
            ("1 day", 86_400_000),
        ] {
            assert_eq!(parse_duration(text), Some(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "15", "min", "-1 s", "1.5 s", "15 m", "15 minutes ago", "9999999 s", " 1 s", "1 s ", "١ s"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn a_written_duration_reads_back() {
        for text in ["500 ms", "90 s", "15 min", "36 h", "2 days", "1 day"] {
            assert_eq!(write_duration(parse_duration(text).unwrap()), text);
        }
    }

    #[test]
    fn a_period_reads_back_as_it_prints() {
        for text in ["1 day", "90 days", "8 weeks", "13 months", "2 years"] {
            assert_eq!(parse_period(text).unwrap().to_string(), text);
        }
        for text in ["0 days", "13", "months", "13 moons", "1 h", "-1 day"] {
            assert_eq!(parse_period(text), None, "{text}");
        }
    }
}
