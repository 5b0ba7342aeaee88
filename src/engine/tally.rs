//! Buckets and what is folded into them since the last commit.
//!
//! Buckets are aligned to the shop's local midnight and never straddle a change of the local offset, so that a day of 23 or
//! 25 hours still falls apart into whole hours.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::aggregate::Tally;
use crate::domain::time::{Bucket, Wall};

/// Cuts wall time into buckets.
#[derive(Clone, Debug)]
pub struct Buckets {
    length_ms: i64,
    zone: TimeZone,
    last: Option<Bucket>,
}

impl Buckets {
    /// Buckets of `length`, which divides a day, in the shop's time zone.
    #[must_use]
    pub fn new(length: Duration, zone: TimeZone) -> Self {
        Self { length_ms: (length.as_millis() as i64).max(1), zone, last: None }
    }

    /// The bucket that `at` lies in.
    pub fn at(&mut self, at: Wall) -> Bucket {
        match self.last {
            Some(bucket) if bucket.contains(at) => bucket,
            _ => {
                let bucket = cut(&self.zone, self.length_ms, at);
                self.last = Some(bucket);
                bucket
            }
        }
    }
}

fn cut(zone: &TimeZone, length_ms: i64, at: Wall) -> Bucket {
    let Ok(instant) = Timestamp::from_millisecond(at.0) else {
        // Beyond the years that a calendar covers there is no local time; whole spans since 1970 still add up.
        let start = at.0.div_euclid(length_ms) * length_ms;
        return Bucket { start: Wall(start), end: Wall(start.saturating_add(length_ms)) };
    };
    let offset_ms = i64::from(zone.to_offset(instant).seconds()) * 1000;
    let start = (at.0 + offset_ms).div_euclid(length_ms) * length_ms - offset_ms;
    let after = zone.preceding(instant_after(instant)).next().map(|t| t.timestamp().as_millisecond());
    let before = zone.following(instant).next().map(|t| t.timestamp().as_millisecond());
    Bucket {
        start: Wall(start.max(after.filter(|t| *t <= at.0).unwrap_or(i64::MIN))),
        end: Wall((start + length_ms).min(before.unwrap_or(i64::MAX))),
    }
}

/// `preceding` excludes its own instant; a bucket that starts exactly at a transition must see it.
fn instant_after(instant: Timestamp) -> Timestamp {
    instant.checked_add(jiff::SignedDuration::from_millis(1)).unwrap_or(instant)
}

/// Sums since the last commit, by bucket and sensor (the sensor's index in the plan).
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone, Hash))]
pub struct Tallies {
    open: BTreeMap<(Bucket, usize), Tally>,
}

impl Tallies {
    /// How many people `sensor` has counted inward.
    #[cfg(test)]
    pub(super) fn inward(&self, sensor: usize) -> u64 {
        self.open.iter().filter(|((_, of), _)| *of == sensor).map(|(_, tally)| tally.inward).sum()
    }

    /// The sums of `sensor` in `bucket`, to be added to.
    pub fn of(&mut self, bucket: Bucket, sensor: usize) -> &mut Tally {
        self.open.entry((bucket, sensor)).or_default()
    }

    /// Whether anything waits for a commit.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.open.values().all(Tally::is_empty)
    }

    /// Sensors with anything that waits for a commit.
    #[must_use]
    pub fn sensors(&self) -> Vec<usize> {
        let mut sensors: Vec<usize> = self.open.keys().map(|(_, sensor)| *sensor).collect();
        sensors.sort_unstable();
        sensors.dedup();
        sensors
    }

    /// Hands over all sums and starts from zero.
    pub fn take(&mut self) -> impl Iterator<Item = (Bucket, usize, Tally)> + use<> {
        std::mem::take(&mut self.open)
            .into_iter()
            .filter(|(_, tally)| !tally.is_empty())
            .map(|((bucket, sensor), tally)| (bucket, sensor, tally))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warsaw() -> TimeZone {
        TimeZone::get("Europe/Warsaw").expect("the zone is bundled")
    }

    fn wall(text: &str) -> Wall {
        Wall(text.parse::<Timestamp>().expect("a fixed time").as_millisecond())
    }

    fn bucket(length_minutes: u64, zone: TimeZone, at: &str) -> (String, String) {
        let b = Buckets::new(Duration::from_secs(length_minutes * 60), zone).at(wall(at));
        let text = |w: Wall| Timestamp::from_millisecond(w.0).expect("in range").to_string();
        (text(b.start), text(b.end))
    }

    #[test]
    fn buckets_are_aligned_to_local_time() {
        assert_eq!(
            bucket(15, warsaw(), "2026-11-23T13:44:59Z"),
            ("2026-11-23T13:30:00Z".into(), "2026-11-23T13:45:00Z".into())
        );
        let kathmandu = TimeZone::get("Asia/Kathmandu").expect("the zone is bundled");
        assert_eq!(
            bucket(60, kathmandu, "2026-11-23T13:30:00Z"),
            ("2026-11-23T13:15:00Z".into(), "2026-11-23T14:15:00Z".into()),
            "UTC+05:45: local hours start at a quarter past"
        );
    }

    #[test]
    fn a_bucket_never_straddles_a_change_of_the_clocks() {
        // In spring 02:00 is followed by 03:00 in Warsaw (01:00 UTC): the six-hour bucket from midnight has only two hours left.
        assert_eq!(
            bucket(360, warsaw(), "2026-03-29T00:30:00Z"),
            ("2026-03-28T23:00:00Z".into(), "2026-03-29T01:00:00Z".into())
        );
        assert_eq!(
            bucket(360, warsaw(), "2026-03-29T01:00:00Z"),
            ("2026-03-29T01:00:00Z".into(), "2026-03-29T04:00:00Z".into())
        );
    }

    #[test]
    fn consecutive_buckets_leave_no_gap_and_do_not_overlap_on_both_changes_of_the_year() {
        for (from, to) in
            [("2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z"), ("2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z")]
        {
            for minutes in [15, 60, 240] {
                let mut buckets = Buckets::new(Duration::from_secs(minutes * 60), warsaw());
                let mut at = wall(from);
                while at < wall(to) {
                    let bucket = buckets.at(at);
                    let next = buckets.at(bucket.end);
                    assert_eq!(next.start, bucket.end, "{minutes} min at {at:?}");
                    at = bucket.end;
                }
            }
        }
    }

    #[test]
    fn taking_the_sums_leaves_nothing_behind() {
        let bucket = Bucket { start: Wall(0), end: Wall(1000) };
        let mut tallies = Tallies::default();
        tallies.of(bucket, 3).inward += 2;
        tallies.of(bucket, 4);
        let taken: Vec<_> = tallies.take().collect();
        assert_eq!(taken.len(), 1, "empty sums are not worth a row");
        assert_eq!((taken[0].1, taken[0].2.inward), (3, 2));
        assert!(tallies.is_empty());
    }
}
