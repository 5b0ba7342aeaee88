//! One commit as one transaction, and what the core gets back of all of them at the next start.

use rusqlite::{Connection, OptionalExtension as _, Result, Transaction, TransactionBehavior, params};

use super::ledger::{self, Keeper};
use super::pictures;
use crate::domain::commit::{Commit, OccupancyRow, PACKETS_KEPT, PacketMark, Restored, TallyRow};
use crate::domain::id::ZoneId;
use crate::domain::time::Wall;

/// Packet id (two bytes) and hash (eight), both little-endian.
const MARK_BYTES: usize = 10;

/// No honest sum comes near it (a person a millisecond for 285 000 years), every JSON reader holds it exactly, and a thousand of
/// them still fit SQLite's integers.
const SUM_MAX: u64 = 1 << 53;

/// Writes all of `commit` or, with an error, nothing of it. Gives the ledger's new head if the commit has entries.
pub(super) fn apply(conn: &mut Connection, keeper: &Keeper, commit: &Commit) -> Result<Option<String>> {
    let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for row in &commit.tallies {
        add_tally(&transaction, row)?;
    }
    for row in &commit.occupancies {
        add_occupancy(&transaction, row)?;
    }
    for (name, value) in &commit.state {
        set_state(&transaction, name, value.as_deref())?;
    }
    remember_packets(&transaction, commit)?;
    if let Some(cut_at) = commit.cut_at {
        transaction
            .prepare_cached(
                "INSERT INTO moment (id, last_commit_ms) VALUES (1, ?1)
                 ON CONFLICT DO UPDATE SET last_commit_ms = ?1 WHERE last_commit_ms < ?1",
            )?
            .execute([cut_at.0])?;
    }
    let appended = ledger::append(&transaction, keeper, &commit.ledger)?;
    pictures::keep(&transaction, commit)?;
    transaction.commit()?;
    if appended.has_old_key {
        ledger::forget_old_key(conn);
    }
    Ok(appended.checkpoint)
}

/// What all commits so far left for the core.
pub(super) fn restore(conn: &Connection) -> Result<Restored> {
    let state = conn
        .prepare("SELECT name, value FROM state ORDER BY name")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_>>()?;
    let last_commit = conn.query_row("SELECT last_commit_ms FROM moment", [], |row| row.get(0)).optional()?.map(Wall);
    let mut packets = Vec::new();
    let mut statement = conn.prepare("SELECT marks FROM packet ORDER BY accounted")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        packets.extend(unpack(row.get_ref(0)?.as_blob()?));
    }
    packets.drain(..packets.len().saturating_sub(PACKETS_KEPT));
    Ok(Restored { state, packets, last_commit })
}

fn add_tally(transaction: &Transaction<'_>, row: &TallyRow) -> Result<()> {
    let tally = &row.tally;
    let names = [row.sensor.as_str(), row.zone.as_str(), row.activity.as_str()];
    transaction
        .prepare_cached(
            "INSERT INTO aggregate (start_ms, end_ms, series, inward, outward, presence_ms, occupancy_max, covered_ms,
                 noticed_ms, may_be_low)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT DO UPDATE SET
                 inward = inward + excluded.inward,
                 outward = outward + excluded.outward,
                 presence_ms = presence_ms + excluded.presence_ms,
                 occupancy_max = coalesce(max(occupancy_max, excluded.occupancy_max), occupancy_max, excluded.occupancy_max),
                 covered_ms = covered_ms + excluded.covered_ms,
                 noticed_ms = noticed_ms + excluded.noticed_ms,
                 may_be_low = may_be_low OR excluded.may_be_low",
        )?
        .execute(params![
            row.bucket.start.0,
            row.bucket.end.0,
            series(transaction, names)?,
            sum(tally.inward),
            sum(tally.outward),
            sum(tally.presence_ms),
            tally.occupancy_max,
            sum(tally.covered_ms),
            sum(tally.noticed_ms),
            tally.may_be_low,
        ])?;
    Ok(())
}

/// A sum of people that a late word takes back stops at zero, as it does in the core.
fn add_occupancy(transaction: &Transaction<'_>, row: &OccupancyRow) -> Result<()> {
    let sums = &row.occupancy;
    let names = ["", row.zone.as_ref().map_or("", ZoneId::as_str), row.activity.as_str()];
    let limit = SUM_MAX as i64;
    transaction
        .prepare_cached(
            "INSERT INTO occupancy (start_ms, end_ms, series, person_ms, exits, most, covered_ms, may_be_off)
             VALUES (?1, ?2, ?3, max(0, ?4), ?5, ?6, ?7, ?8)
             ON CONFLICT DO UPDATE SET
                 person_ms = max(0, person_ms + ?4),
                 exits = exits + excluded.exits,
                 most = max(most, excluded.most),
                 covered_ms = covered_ms + excluded.covered_ms,
                 may_be_off = may_be_off OR excluded.may_be_off",
        )?
        .execute(params![
            row.bucket.start.0,
            row.bucket.end.0,
            series(transaction, names)?,
            sums.person_ms.clamp(-limit, limit),
            sum(sums.exits),
            sums.max,
            sum(sums.covered_ms),
            sums.may_be_off,
        ])?;
    Ok(())
}

fn sum(value: u64) -> i64 {
    value.min(SUM_MAX) as i64
}

/// The number that stands for a sensor in a zone serving an activity.
fn series(transaction: &Transaction<'_>, names: [&str; 3]) -> Result<i64> {
    let known = transaction
        .prepare_cached("SELECT id FROM series WHERE sensor = ?1 AND zone = ?2 AND activity = ?3")?
        .query_row(names, |found| found.get(0))
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    transaction.prepare_cached("INSERT INTO series (sensor, zone, activity) VALUES (?1, ?2, ?3)")?.insert(names)
}

fn set_state(transaction: &Transaction<'_>, name: &str, value: Option<&[u8]>) -> Result<usize> {
    match value {
        Some(value) => transaction
            .prepare_cached(
                "INSERT INTO state (name, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value",
            )?
            .execute(params![name, value]),
        None => transaction.prepare_cached("DELETE FROM state WHERE name = ?1")?.execute([name]),
    }
}

/// Appends one row with the new marks and lets go of the rows that only hold marks past the last [`PACKETS_KEPT`]: two pages,
/// however many marks are kept.
fn remember_packets(transaction: &Transaction<'_>, commit: &Commit) -> Result<()> {
    let before = transaction
        .prepare_cached("SELECT max(accounted) FROM packet")?
        .query_row([], |row| row.get::<_, Option<i64>>(0))?;
    if commit.forget_packets {
        transaction.prepare_cached("DELETE FROM packet")?.execute([])?;
    }
    if commit.packets.is_empty() {
        return Ok(());
    }
    let after = before.unwrap_or(0) + commit.packets.len() as i64;
    let kept = &commit.packets[commit.packets.len().saturating_sub(PACKETS_KEPT)..];
    transaction
        .prepare_cached("INSERT INTO packet (accounted, marks) VALUES (?1, ?2)")?
        .execute(params![after, pack(kept)])?;
    transaction
        .prepare_cached("DELETE FROM packet WHERE accounted <= ?1 AND accounted < ?2")?
        .execute(params![after - PACKETS_KEPT as i64, after])?;
    Ok(())
}

fn pack(marks: &[PacketMark]) -> Vec<u8> {
    marks.iter().flat_map(|mark| mark.id.to_le_bytes().into_iter().chain(mark.hash.to_le_bytes())).collect()
}

fn unpack(blob: &[u8]) -> impl Iterator<Item = PacketMark> + '_ {
    blob.chunks_exact(MARK_BYTES).map(|mark| {
        let (id, hash) = mark.split_first_chunk().expect("a mark has more than two bytes");
        let hash = hash.first_chunk().expect("a mark has ten bytes");
        PacketMark { id: u16::from_le_bytes(*id), hash: u64::from_le_bytes(*hash) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::schema::{STEPS, upgrade};

    fn keeper() -> Keeper {
        Keeper { shop: "poznan-1".to_owned(), time_zone: jiff::tz::TimeZone::UTC }
    }

    fn store() -> Connection {
        let mut conn = Connection::open_in_memory().unwrap();
        upgrade(&mut conn, STEPS).unwrap();
        conn
    }

    fn marks(ids: std::ops::Range<u16>) -> Vec<PacketMark> {
        ids.map(|id| PacketMark { id, hash: u64::from(id) << 40 | 7 }).collect()
    }

    fn packets(ids: std::ops::Range<u16>, cut_at: i64) -> Commit {
        Commit { packets: marks(ids), cut_at: Some(Wall(cut_at)), ..Commit::default() }
    }

    const KEPT: u16 = PACKETS_KEPT as u16;

    fn rows(conn: &Connection) -> i64 {
        conn.query_row("SELECT count(*) FROM packet", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn nothing_committed_restores_nothing() {
        assert_eq!(restore(&store()).unwrap(), Restored::default());
    }

    #[test]
    fn state_is_written_over_and_removed_by_name() {
        let mut conn = store();
        let state = |name: &str, value: Option<&[u8]>| (name.to_owned(), value.map(<[u8]>::to_vec));
        let first = Commit { state: vec![state("a", Some(b"1")), state("b", Some(b"2"))], ..Commit::default() };
        let second =
            Commit { state: vec![state("a", Some(b"3")), state("b", None), state("c", None)], ..Commit::default() };
        apply(&mut conn, &keeper(), &first).unwrap();
        apply(&mut conn, &keeper(), &second).unwrap();
        assert_eq!(restore(&conn).unwrap().state, [("a".to_owned(), b"3".to_vec())]);
    }

    #[test]
    fn the_last_marks_come_back_in_order_and_older_rows_go() {
        let mut conn = store();
        for i in 0..90 {
            apply(&mut conn, &keeper(), &packets(i * 500..(i + 1) * 500, i64::from(i))).unwrap();
        }
        let restored = restore(&conn).unwrap();
        assert!(restored.packets == marks(45_000 - KEPT..45_000));
        assert_eq!(restored.last_commit, Some(Wall(89)));
        assert_eq!(rows(&conn), 66, "32 767 marks lie in 66 commits of 500");
    }

    #[test]
    fn one_commit_with_more_marks_than_are_kept_keeps_its_last() {
        let mut conn = store();
        apply(&mut conn, &keeper(), &packets(0..40_000, 1)).unwrap();
        assert!(restore(&conn).unwrap().packets == marks(40_000 - KEPT..40_000));
        apply(&mut conn, &keeper(), &packets(40_000..40_001, 2)).unwrap();
        assert!(restore(&conn).unwrap().packets == marks(40_001 - KEPT..40_001));
    }

    #[test]
    fn commits_without_packets_tell_the_time_and_keep_the_marks() {
        let mut conn = store();
        apply(&mut conn, &keeper(), &packets(0..0, 1)).unwrap();
        apply(&mut conn, &keeper(), &packets(0..5, 2)).unwrap();
        for time in 3..2000 {
            apply(&mut conn, &keeper(), &packets(0..0, time)).unwrap();
        }
        let restored = restore(&conn).unwrap();
        assert_eq!((restored.packets, restored.last_commit), (marks(0..5), Some(Wall(1999))));
        assert_eq!(rows(&conn), 1);
    }

    #[test]
    fn only_a_commit_with_entries_of_the_ledger_gives_a_new_head_and_that_is_what_is_kept() {
        use crate::domain::ledger::{Entry, Event};
        use crate::domain::time::Mono;
        let mut conn = store();
        let started = |mono: i64| Entry {
            mono: Mono(mono),
            wall: Wall(mono),
            trusted: true,
            event: Event::Started { boot: "b".to_owned(), version: "1".to_owned() },
        };
        assert_eq!(apply(&mut conn, &keeper(), &packets(0..5, 1)).unwrap(), None);
        assert_eq!(ledger::checkpoint(&conn).unwrap(), None);
        let entries = |mono| Commit { ledger: vec![started(mono)], ..Commit::default() };
        let first = apply(&mut conn, &keeper(), &entries(1)).unwrap().unwrap();
        let second = apply(&mut conn, &keeper(), &entries(2)).unwrap().unwrap();
        assert!(
            first.starts_with("noticed/poznan-1\n1\n") && second.starts_with("noticed/poznan-1\n2\n"),
            "{first}{second}"
        );
        assert_eq!(apply(&mut conn, &keeper(), &packets(5..6, 3)).unwrap(), None);
        assert_eq!(ledger::checkpoint(&conn).unwrap(), Some(second));
    }

    #[test]
    fn forgetting_drops_what_was_kept_but_not_what_comes_with_it() {
        let mut conn = store();
        apply(&mut conn, &keeper(), &packets(0..500, 1)).unwrap();
        apply(&mut conn, &keeper(), &Commit { forget_packets: true, ..packets(7..9, 2) }).unwrap();
        assert_eq!(restore(&conn).unwrap().packets, marks(7..9));
        apply(&mut conn, &keeper(), &Commit { forget_packets: true, ..packets(0..0, 3) }).unwrap();
        let restored = restore(&conn).unwrap();
        assert_eq!((restored.packets, restored.last_commit), (vec![], Some(Wall(3))));
    }
}
