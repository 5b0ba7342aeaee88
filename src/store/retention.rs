//! How long figures are kept, and how they go.
//!
//! The period printed on the sign is the period enforced here (GDPR Art. 5(1)(e)). What goes is overwritten (`secure_delete`), and
//! its pages are used again, so that the file stops growing once the first figures have reached their age.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use rusqlite::{Connection, Error, Result, Transaction, TransactionBehavior, params};

use crate::domain::id::ActivityId;
use crate::domain::time::{Period, PeriodUnit, Wall};
use crate::ledger::book::Day;
use crate::ledger::entry;
use crate::ledger::state::{LEDGER_DAYS, Standing};
use crate::ledger::tree::{Hash, covering, leaf};

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

/// A day this long after the one before it is doubtful: what is folded cannot be had back, so the clock must stand for a day first.
const FAR_DAYS: Day = 7;

/// Folds each day of the ledger that is [`LEDGER_DAYS`] old at `today` into hashes, unless `today` is far from the day `before` it. What was in force at its end stays, for later entries
/// build on it; it goes in the same way once it is in force no more.
pub(super) fn fold(transaction: &Transaction<'_>, before: Day, today: Day) -> Result<()> {
    if !(before..=before + FAR_DAYS).contains(&today) {
        return Ok(());
    }
    let mut days = transaction.prepare_cached(
        "SELECT from_seq, to_seq FROM ledger_day
         WHERE day <= ?1 AND to_seq > (SELECT coalesce(max(to_seq), 0) FROM ledger_fold) ORDER BY from_seq",
    )?;
    let old = days.query_map([today - LEDGER_DAYS], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (from, to) in old.collect::<Result<Vec<(i64, i64)>>>()? {
        fold_day(transaction, from, to)?;
    }
    Ok(())
}

fn fold_day(transaction: &Transaction<'_>, from: i64, to: i64) -> Result<()> {
    let mut standing = Standing::default();
    let mut leaves: Vec<(i64, Hash)> = Vec::new();
    let mut statement = transaction.prepare_cached("SELECT seq, line FROM ledger_entry WHERE seq < ?1 ORDER BY seq")?;
    let mut rows = statement.query([to])?;
    while let Some(row) = rows.next()? {
        let line = row.get_ref(1)?.as_str()?;
        let record = entry::parse(line).map_err(|malformed| Error::ToSqlConversionFailure(malformed.into()))?;
        standing.take(&record);
        leaves.push((row.get(0)?, leaf(line.as_bytes())));
    }
    let in_force = standing.in_force();
    leaves.retain(|(seq, _)| !in_force.contains(&seq.cast_unsigned()));
    // No span reaches over the end of a day, so that the tree at that moment can still be put together.
    for run in leaves.chunk_by(|(a, _), (b, _)| a + 1 == *b && *a >= from) {
        let first = run[0].0;
        let after = first + run.len() as i64;
        let hashes: Vec<Hash> = run.iter().map(|(_, hash)| *hash).collect();
        transaction
            .prepare_cached("INSERT INTO ledger_fold (from_seq, to_seq, hashes) VALUES (?1, ?2, ?3)")?
            .execute(params![first, after, covering(first.cast_unsigned(), &hashes).concat()])?;
        transaction.prepare_cached("DELETE FROM ledger_entry WHERE seq >= ?1 AND seq < ?2")?.execute([first, after])?;
    }
    Ok(())
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
