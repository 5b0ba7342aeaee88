//! What a wording says of numbers and times.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::parts::{Doing, Wording};
use super::plural::{Forms, Plurals};
use super::typeset::typeset;
use crate::domain::activity::ActivityKind;
use crate::domain::time::{Period, PeriodUnit, Wall};

impl Wording {
    /// What is said of `kind`.
    pub(in crate::notice) fn doing(&self, kind: ActivityKind) -> &Doing {
        match kind {
            ActivityKind::PeopleCounting => &self.people_counting,
            ActivityKind::Presence => &self.presence,
            ActivityKind::Cctv => &self.cctv,
        }
    }

    /// "13 months", in the case that follows "for".
    pub(in crate::notice) fn retention(&self, period: Period) -> String {
        let forms = match period.unit {
            PeriodUnit::Day => &self.retention.day,
            PeriodUnit::Week => &self.retention.week,
            PeriodUnit::Month => &self.retention.month,
            PeriodUnit::Year => &self.retention.year,
        };
        self.counted(u64::from(period.count), forms)
    }

    /// "15-minute": how far apart totals are, in the greatest unit that divides `bucket`.
    pub(in crate::notice) fn interval(&self, bucket: Duration) -> String {
        let seconds = bucket.as_secs();
        let (unit_seconds, forms) = match seconds {
            s if s > 0 && s % 86_400 == 0 => (86_400, &self.interval.day),
            s if s > 0 && s % 3_600 == 0 => (3_600, &self.interval.hour),
            s if s > 0 && s % 60 == 0 => (60, &self.interval.minute),
            _ => (1, &self.interval.second),
        };
        self.counted(seconds / unit_seconds, forms)
    }

    fn counted(&self, n: u64, forms: &Forms) -> String {
        fill(forms.get(&Plurals::of(self.language), n), &[("n", &n.to_string())])
    }

    /// Fills `{time}`, `{day}` and `{month}` of `template`. The minute is cut, not rounded: a sign may end early, never late.
    pub(in crate::notice) fn dated(&self, template: &str, at: Wall, zone: &TimeZone) -> String {
        // A time beyond the calendar becomes 1970: a validity that has passed makes the reader assume that we count.
        let local = Timestamp::from_millisecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(zone.clone());
        let month = &self.calendar.months[usize::from(local.month().unsigned_abs() - 1)];
        let time = format!("{}:{:02}", local.hour(), local.minute());
        fill(template, &[("time", &time), ("day", &local.day().to_string()), ("month", month)])
    }

    /// Keeps together what a good typesetter of this language does not part.
    pub(in crate::notice) fn typeset(&self, text: &str) -> String {
        typeset(self.language, text)
    }
}

/// Puts `values` into the places of `template`. A value is never searched for places itself.
pub(in crate::notice) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').expect("a checked wording closes every place");
        let value = values.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| *value);
        out.push_str(before);
        out.push_str(value);
        rest = behind;
    }
    out.push_str(rest);
    out
}
