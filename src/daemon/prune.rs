//! Once a day, figures past their retention go.

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::config::Config;
use crate::domain::id::ActivityId;
use crate::domain::time::{Mono, Now, Period, Wall};
use crate::store::retention::cutoff;

/// Retention is stated in days or longer; once a day keeps the promise to the day.
const EVERY: Duration = Duration::from_secs(24 * 3600);

/// Knows when figures are due to be deleted.
pub(super) struct Pruner {
    retentions: Vec<(ActivityId, Period)>,
    zone: TimeZone,
    next: Mono,
}

impl Pruner {
    pub(super) fn new(config: &Config) -> Self {
        let retentions = config.activities.iter().map(|a| (a.id.clone(), a.retention)).collect();
        Self { retentions, zone: config.shop.time_zone.clone(), next: Mono(i64::MIN) }
    }

    /// What to delete now, if it is time; never by a clock that cannot be believed.
    pub(super) fn due(&mut self, now: &Now) -> Option<Vec<(ActivityId, Wall)>> {
        if now.mono < self.next || !now.trusted {
            return None;
        }
        self.next = now.mono + EVERY;
        Some(self.retentions.iter().map(|(id, period)| (id.clone(), cutoff(*period, now.wall, &self.zone))).collect())
    }
}
