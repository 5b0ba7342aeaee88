//! How long figures are kept, and how they go.
//!
//! The period printed on the sign is the period enforced here (GDPR Art. 5(1)(e)). What goes is overwritten (`secure_delete`), and
//! its pages are used again, so that the file stops growing once the first figures have reached their age.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use rusqlite::{Connection, Result, TransactionBehavior, params};

use crate::domain::id::ActivityId;
use crate::domain::time::{Period, PeriodUnit, Wall};

const DAY_MS: i64 = 86_400_000;

/// The moment before which figures have reached the age `period` at `now`. Months and years are those of the calendar in `tz`; a day that
/// the earlier month does not have becomes its last (31 March less one month is 28 or 29 February).
#[must_use]
pub fn cutoff(period: Period, now: Wall, tz: &TimeZone) -> Wall {
    let count = i64::from(period.count);
    match period.unit {
        PeriodUnit::Day => Wall(now.0.saturating_sub(count * DAY_MS)),
        PeriodUnit::Week => Wall(now.0.saturating_sub(count * 7 * DAY_MS)),
        PeriodUnit::Month => months_before(now, count, tz),
        PeriodUnit::Year => months_before(now, count * 12, tz),
    }
}

fn months_before(now: Wall, months: i64, tz: &TimeZone) -> Wall {
    let cut = || {
        let local = Timestamp::from_millisecond(now.0).ok()?.to_zoned(tz.clone());
        local.checked_sub(Span::new().try_months(months).ok()?).ok()
    };
    // A period that reaches past the calendar's beginning ends for no figure.
    cut().map_or(Wall(i64::MIN), |zoned| Wall(zoned.timestamp().as_millisecond()))
}

/// Deletes the figures of each activity whose bucket ended at or before its moment. Figures of an activity that is not named, because it
/// left the configuration, go when they are older than every moment named. Returns how many rows went.
pub(super) fn prune(conn: &mut Connection, before: &[(ActivityId, Wall)]) -> Result<u64> {
    let Some(oldest) = before.iter().map(|(_, moment)| moment.0).min() else { return Ok(0) };
    let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut gone = 0;
    for table in ["aggregate", "occupancy"] {
        let old = format!("DELETE FROM {table} WHERE start_ms < ?1 AND end_ms <= ?1");
        gone += transaction.execute(&old, [oldest])?;
        let of_activity = format!("{old} AND series IN (SELECT id FROM series WHERE activity = ?2)");
        for (activity, moment) in before {
            gone += transaction.execute(&of_activity, params![moment.0, activity.as_str()])?;
        }
    }
    if gone > 0 {
        transaction.execute(
            "DELETE FROM series
             WHERE id NOT IN (SELECT series FROM aggregate) AND id NOT IN (SELECT series FROM occupancy)",
            [],
        )?;
    }
    transaction.commit()?;
    Ok(gone as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall(text: &str) -> Wall {
        Wall(text.parse::<Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn periods_follow_the_calendar_of_the_shop() {
        let warsaw = TimeZone::get("Europe/Warsaw").unwrap();
        for (count, unit, now, expected) in [
            // Clocks went forward on 29 March: a day is still 24 hours, a month is not.
            (1, PeriodUnit::Day, "2026-03-29T12:00:00+02:00", "2026-03-28T11:00:00+01:00"),
            (1, PeriodUnit::Week, "2026-03-31T12:00:00+02:00", "2026-03-24T11:00:00+01:00"),
            (1, PeriodUnit::Month, "2026-04-15T12:00:00+02:00", "2026-03-15T12:00:00+01:00"),
            (1, PeriodUnit::Month, "2026-03-31T12:00:00+02:00", "2026-02-28T12:00:00+01:00"),
            (13, PeriodUnit::Month, "2026-11-23T00:00:00+01:00", "2025-10-23T00:00:00+02:00"),
            (2, PeriodUnit::Year, "2028-02-29T00:00:00+01:00", "2026-02-28T00:00:00+01:00"),
        ] {
            assert_eq!(
                cutoff(Period { count, unit }, wall(now), &warsaw),
                wall(expected),
                "{count} {unit:?} before {now}"
            );
        }
    }

    #[test]
    fn a_period_longer_than_the_calendar_ends_for_nothing() {
        let now = wall("2026-11-23T00:00:00Z");
        for unit in [PeriodUnit::Month, PeriodUnit::Year] {
            assert_eq!(cutoff(Period { count: u32::MAX, unit }, now, &TimeZone::UTC), Wall(i64::MIN));
        }
    }
}
