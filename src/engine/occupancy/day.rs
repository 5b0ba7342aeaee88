//! The day of a shop as occupancy sees it: from one reset to the next, by local time.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use crate::domain::time::{Bucket, Wall};

/// Cuts wall time at the moment of each day at which everybody is taken to have left.
#[derive(Clone, Debug)]
pub struct Days {
    reset: Time,
    zone: TimeZone,
}

impl Days {
    /// Days that begin at `reset` by the clocks of `zone`.
    #[must_use]
    pub fn new(reset: Time, zone: TimeZone) -> Self {
        Self { reset, zone }
    }

    /// The day that `at` lies in; 23 or 25 hours long when the clocks change in it. A reset that the clocks skip comes an hour
    /// later, and of one that they show twice the first counts (RFC 5545 §3.3.5). Beyond the years of a calendar there is no reset.
    #[must_use]
    pub fn at(&self, at: Wall) -> Bucket {
        let forever = Bucket { start: Wall(i64::MIN), end: Wall(i64::MAX) };
        let Ok(instant) = Timestamp::from_millisecond(at.0) else { return forever };
        let date = instant.to_zoned(self.zone.clone()).date();
        let reset = |days: i64| {
            let moment =
                date.checked_add(days.days()).ok()?.to_datetime(self.reset).to_zoned(self.zone.clone()).ok()?;
            Some(Wall(moment.timestamp().as_millisecond()))
        };
        // A reset stands at most a day from its date, however a zone moves its clocks.
        (-2..=2).filter_map(reset).fold(forever, |day, reset| {
            if reset <= at {
                Bucket { start: day.start.max(reset), ..day }
            } else {
                Bucket { end: day.end.min(reset), ..day }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall(text: &str) -> Wall {
        Wall(text.parse::<Timestamp>().expect("a moment").as_millisecond())
    }

    fn day(reset: &str, zone: &str, at: &str) -> (String, String, u64) {
        let zone = TimeZone::get(zone).expect("bundled");
        let day = Days::new(reset.parse().expect("a time"), zone).at(wall(at));
        let text = |w: Wall| Timestamp::from_millisecond(w.0).expect("in range").to_string();
        (text(day.start), text(day.end), day.end.since(day.start).as_secs() / 3600)
    }

    #[test]
    fn a_day_lasts_from_reset_to_reset_by_local_time() {
        for (reset, at, start, end, hours) in [
            ("04:00", "2026-11-23T12:00:00Z", "2026-11-23T03:00:00Z", "2026-11-24T03:00:00Z", 24),
            ("04:00", "2026-11-23T03:00:00Z", "2026-11-23T03:00:00Z", "2026-11-24T03:00:00Z", 24),
            ("04:00", "2026-11-23T02:59:59.999Z", "2026-11-22T03:00:00Z", "2026-11-23T03:00:00Z", 24),
            // Clocks go forward on 29 March and back on 25 October.
            ("04:00", "2026-03-28T23:00:00Z", "2026-03-28T03:00:00Z", "2026-03-29T02:00:00Z", 23),
            ("04:00", "2026-10-25T00:30:00Z", "2026-10-24T02:00:00Z", "2026-10-25T03:00:00Z", 25),
            // 02:30 is skipped in March and comes twice in October.
            ("02:30", "2026-03-29T00:59:00Z", "2026-03-28T01:30:00Z", "2026-03-29T01:30:00Z", 24),
            ("02:30", "2026-03-29T02:00:00Z", "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z", 23),
            ("02:30", "2026-10-25T01:00:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z", 25),
        ] {
            assert_eq!(day(reset, "Europe/Warsaw", at), (start.to_owned(), end.to_owned(), hours), "{reset} at {at}");
        }
    }

    #[test]
    fn a_zone_that_skipped_a_whole_day_still_resets() {
        // Samoa had no 30 December 2011.
        assert_eq!(
            day("04:00", "Pacific/Apia", "2011-12-30T12:00:00Z"),
            ("2011-12-29T14:00:00Z".to_owned(), "2011-12-30T14:00:00Z".to_owned(), 24)
        );
    }
}
