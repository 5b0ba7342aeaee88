//! Once a day, figures past their retention go.

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::config::Config;
use crate::domain::id::ActivityId;
use crate::domain::time::{Mono, Now, Period, Wall};
use crate::store::retention::cutoff;

/// Retention is stated in days or longer; once a day keeps the promise to the day.
const EVERY: Duration = Duration::from_secs(24 * 3600);

/// A clock that is this far from where figures or it itself stood is doubtful: what it deletes cannot be had back, so it must stand
/// for a day first.
const FAR: Duration = Duration::from_secs(7 * 24 * 3600);

/// Knows when figures are due to be deleted.
pub(super) struct Pruner {
    retentions: Vec<(ActivityId, Period)>,
    zone: TimeZone,
    next: Mono,
    offset_ms: Option<i64>,
    last_commit: Option<Wall>,
}

impl Pruner {
    pub(super) fn new(config: &Config, last_commit: Option<Wall>) -> Self {
        let retentions = config.activities.iter().map(|a| (a.id.clone(), a.retention)).collect();
        Self { retentions, zone: config.shop.time_zone.clone(), next: Mono(i64::MIN), offset_ms: None, last_commit }
    }

    /// What to delete now, if it is time; never by a clock that cannot be believed.
    pub(super) fn due(&mut self, now: &Now) -> Option<Vec<(ActivityId, Wall)>> {
        if self.is_doubtful(now) {
            self.next = now.mono + EVERY;
        }
        if now.mono < self.next || !now.trusted {
            return None;
        }
        self.next = now.mono + EVERY;
        Some(self.retentions.iter().map(|(id, period)| (id.clone(), cutoff(*period, now.wall, &self.zone))).collect())
    }

    /// Whether the clock has just moved far, against the last run or against itself.
    fn is_doubtful(&mut self, now: &Now) -> bool {
        let offset = now.wall.0 - now.mono.0;
        let moved = self.offset_ms.replace(offset).map_or(0, |before| offset.abs_diff(before));
        let away = self.last_commit.take().map_or(Duration::ZERO, |last| now.wall.since(last));
        Duration::from_millis(moved) >= FAR || away >= FAR
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pruner(last_commit: Option<Wall>) -> Pruner {
        Pruner { retentions: vec![], zone: TimeZone::UTC, next: Mono(i64::MIN), offset_ms: None, last_commit }
    }

    fn at(hour: i64, wall_day: i64) -> Now {
        let ms = hour * 3_600_000;
        Now { mono: Mono(ms), wall: Wall(wall_day * 86_400_000 + ms), trusted: true }
    }

    #[test]
    fn figures_are_deleted_once_a_day() {
        let mut pruner = pruner(Some(at(0, 100).wall));
        assert!(pruner.due(&at(1, 100)).is_some());
        assert!(pruner.due(&at(24, 100)).is_none());
        assert!(pruner.due(&at(25, 100)).is_some());
    }

    #[test]
    fn a_clock_set_far_ahead_deletes_nothing_before_it_has_stood_for_a_day() {
        let mut pruner = pruner(Some(at(0, 100).wall));
        assert!(pruner.due(&at(1, 100)).is_some());
        assert!(pruner.due(&at(26, 500)).is_none(), "four hundred days ahead");
        assert!(pruner.due(&at(30, 100)).is_none(), "and back again");
        assert!(pruner.due(&at(54, 100)).is_some());
    }

    #[test]
    fn a_start_long_after_the_last_figures_waits_for_a_day() {
        let mut pruner = pruner(Some(at(0, 100).wall));
        assert!(pruner.due(&at(0, 500)).is_none());
        assert!(pruner.due(&at(24, 500)).is_some());
    }
}
