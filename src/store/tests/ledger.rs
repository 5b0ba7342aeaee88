//! The ledger in the store: written with what it explains, signed at once, its keys gone after their day, its old days folded.

use super::*;
use crate::domain::ledger::{Cause, Entry, Event};
use crate::domain::time::Mono;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::export::Export;
use crate::ledger::note::Note;
use crate::ledger::state::LEDGER_DAYS;
use crate::ledger::tests::year::{self, DAY_MS, Shop, days};
use crate::ledger::verify::{Circumstances, Seen, Verdict, verify_export};
use crate::store::ledger::Kept;
use crate::store::schema;

fn told(entries: Vec<Entry>) -> Commit {
    Commit { ledger: entries, ..Commit::default() }
}

fn kept(place: &Place) -> Kept {
    Reader::open(&place.path, &place.key).unwrap().ledger().unwrap().unwrap()
}

fn judge(export: &Export, seen: &[String]) -> Verdict {
    let seen = seen.iter().map(|note| Seen { name: "kept".to_owned(), note: note.clone() }).collect();
    verify_export(export, &Circumstances { seen, ..Circumstances::default() }).unwrap()
}

fn size(note: &str) -> u64 {
    Checkpoint::parse(Note::parse(note).unwrap().text).unwrap().size
}

fn count(conn: &rusqlite::Connection, table: &str) -> i64 {
    conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

/// Writes what a shop told, in one commit for each of these days.
fn write_days(place: &Place, shop: &Shop) {
    let (store, _) = place.open();
    let entries: Vec<Entry> = shop.log.told.concat();
    for day in entries.chunk_by(|a, b| a.wall.0.div_euclid(DAY_MS) == b.wall.0.div_euclid(DAY_MS)) {
        write(&store, told(day.to_vec())).unwrap();
    }
    store.close();
}

#[test]
fn a_ledger_survives_restarts_and_is_whole_beside_every_head_that_it_ever_had() {
    let place = place();
    let shop = days(1, 3);
    let mut heads = Vec::new();
    for part in shop.log.told.chunks(5) {
        let (store, _) = place.open();
        for entries in part {
            write(&store, told(entries.clone())).unwrap();
            heads.push(kept(&place).export.checkpoints.pop().unwrap());
        }
        store.close();
    }
    let export = kept(&place).export;
    assert_eq!(export.entries, shop.log.lines);
    assert_eq!(export.checkpoints.len(), 3, "one for each day, by Warsaw's clocks");
    assert_eq!(judge(&export, &heads).seen, heads.len());
    let keys: std::collections::BTreeSet<_> =
        heads.iter().map(|head| Note::parse(head).unwrap().signers().next().unwrap().1).collect();
    assert_eq!(keys.len(), 3);
}

#[test]
fn without_an_entry_there_is_no_ledger_and_nothing_is_written_for_it() {
    let place = place();
    let (store, _) = place.open();
    write(&store, tallies(vec![tally_row("door", Wall(0), people(1))])).unwrap();
    store.close();
    assert_eq!(Reader::open(&place.path, &place.key).unwrap().ledger().unwrap(), None);
    let conn = open::connect_writer(&place.path, &place.key).unwrap();
    for table in ["ledger_entry", "ledger_day", "ledger_fold", "ledger_book"] {
        assert_eq!(count(&conn, table), 0, "{table}");
    }
}

#[test]
fn entries_are_written_with_the_figures_they_explain_or_not_at_all() {
    let place = place();
    let mut writer = place.writer();
    let shop = days(1, 1);
    let first = told(shop.log.told[0].clone());
    writer.attempt(|conn| commit::apply(conn, &keeper(), &first)).unwrap();
    let before = kept(&place);
    let row = tally_row("door", Wall(0), people(5));
    let commit = Commit {
        state: vec![("big".to_owned(), Some(vec![7; 100_000]))],
        ledger: shop.log.told[1].clone(),
        ..tallies(vec![row])
    };
    writer.conn.execute_batch("PRAGMA max_page_count = 40").unwrap();
    assert!(writer.attempt(|conn| commit::apply(conn, &keeper(), &commit)).is_err());
    assert_eq!((kept(&place), place.rows(By::Bucket).len()), (before, 0));
    writer.attempt(|conn| commit::apply(conn, &keeper(), &commit)).unwrap();
    let after = kept(&place);
    assert_eq!((after.export.entries.len(), place.rows(By::Bucket).len()), (2, 1));
    judge(&after.export, &[]);
}

#[test]
fn an_entry_that_cannot_be_said_is_refused_in_words_and_nothing_of_its_commit_is_kept() {
    let place = place();
    let (store, _) = place.open();
    let shop = days(1, 1);
    let orphan = year::shown("door", 7);
    let error = write(&store, told(vec![shop.entry(orphan)])).unwrap_err().to_string();
    assert!(error.contains("boot"), "{error}");
    assert_eq!(Reader::open(&place.path, &place.key).unwrap().ledger().unwrap(), None);
    store.close();
}

#[test]
fn a_key_is_gone_when_its_day_is_over_from_the_database_and_from_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plain.db");
    // Without a key the pages can be looked through; all else is as the writer has it.
    let mut conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute_batch("PRAGMA journal_mode = WAL; PRAGMA secure_delete = ON").unwrap();
    schema::upgrade(&mut conn, schema::STEPS).unwrap();
    let shop = days(1, 3);
    let mut seeds: Vec<Vec<u8>> = Vec::new();
    for entries in &shop.log.told {
        commit::apply(&mut conn, &keeper(), &told(entries.clone())).unwrap();
        seeds.push(conn.query_row("SELECT seed FROM ledger_book", [], |row| row.get(0)).unwrap());
    }
    seeds.dedup();
    assert_eq!(seeds.len(), 3);
    let bytes = [fs::read(&path).unwrap(), fs::read(open::beside(&path, "-wal")).unwrap()].concat();
    let holds = |seed: &Vec<u8>| bytes.windows(seed.len()).any(|window| window == seed);
    assert_eq!(seeds.iter().map(holds).collect::<Vec<_>>(), [false, false, true]);
}

#[test]
fn without_a_clock_to_be_believed_a_key_goes_on_and_a_late_word_of_yesterday_does_not_turn_the_day_back() {
    let place = place();
    let (store, _) = place.open();
    let noon = wall("2026-11-23T12:00:00+01:00").0;
    let entry = |wall: i64, trusted, event| Entry { mono: Mono(wall - noon), wall: Wall(wall), trusted, event };
    let started = || Event::Started { boot: "b".to_owned(), version: "1".to_owned() };
    let gone = || year::gone("door", Cause::Overdue);
    let days = || kept(&place).export.checkpoints.len();
    for (at, trusted, expected) in [
        (noon - 400 * DAY_MS, false, 1),
        (noon, true, 1),
        // 23:59:59 and 00:00:00 by Warsaw's clocks, which are an hour before the others.
        (noon + DAY_MS / 2 - 1000, true, 1),
        (noon + DAY_MS / 2, true, 2),
        (noon + DAY_MS / 2 - 60_000, true, 2),
        (noon + 30 * DAY_MS, false, 2),
        (noon + 30 * DAY_MS, true, 3),
        (noon + DAY_MS, true, 4),
    ] {
        let event = if at < noon { started() } else { gone() };
        write(&store, told(vec![entry(at, trusted, event)])).unwrap();
        assert_eq!(days(), expected, "{at}");
    }
    store.close();
}

#[test]
fn old_days_are_folded_into_hashes_and_every_head_that_was_kept_at_the_end_of_a_day_still_fits() {
    let place = place();
    let shop = days(1, LEDGER_DAYS + 6);
    write_days(&place, &shop);
    let export = kept(&place).export;
    let verdict = judge(&export, &export.checkpoints);
    assert_eq!(verdict.entries, shop.log.lines.len() as u64);
    assert_eq!(verdict.whole_from, size(&export.checkpoints[5]), "six days are 400 days old, or older");
    assert_eq!(verdict.seen as i64, LEDGER_DAYS + 6);
    assert!(!verdict.folded_early);
    let before = export.entries.iter().filter(|line| verdict_seq(line) < verdict.whole_from).count();
    assert_eq!(before, 2, "the last start and the last rules are still in force: {:?}", &export.entries[..3]);
    let bytes = fs::metadata(&place.path).unwrap().len();
    let of_a_year = bytes * 366 / (LEDGER_DAYS as u64 + 6);
    println!("{bytes} bytes of store in {} days", LEDGER_DAYS + 6);
    assert!(of_a_year < 2_000_000, "a year takes {of_a_year} bytes of the store");
    // It never saw that it was folded: the account of what is left is the account of the same days of all.
    let from = verdict.account.period.unwrap().start;
    let window = Some(Bucket { start: from, end: verdict.account.period.unwrap().end });
    let whole = verify_export(&shop.log.export(), &Circumstances { window, ..Circumstances::default() }).unwrap();
    let open = |verdict: &Verdict| verdict.account.places.values().map(|sums| sums.open_ms).collect::<Vec<_>>();
    assert_eq!(open(&verdict), open(&whole));
}

#[test]
fn what_was_in_force_over_the_end_of_a_day_is_folded_later_without_blurring_that_end() {
    let place = place();
    let mut shop = Shop::new(1);
    shop.boot();
    shop.tell(vec![Event::Configured { rules: year::rules() }, year::shown("door", 7)]);
    shop.pass(DAY_MS);
    shop.tell(vec![year::shown("window", 7)]);
    shop.pass(DAY_MS);
    shop.tell(vec![year::gone("door", Cause::Replaced), year::gone("window", Cause::Replaced)]);
    for _ in 0..=LEDGER_DAYS {
        shop.pass(DAY_MS);
        shop.tell(vec![year::gone("till", Cause::Overdue)]);
    }
    write_days(&place, &shop);
    let export = kept(&place).export;
    let spans: Vec<(u64, u64)> = export.folded.iter().map(|span| (span.from, span.to)).collect();
    assert_eq!(spans, [(2, 3), (3, 4), (4, 6), (6, 7)]);
    judge(&export, &export.checkpoints);
}

fn verdict_seq(line: &str) -> u64 {
    crate::ledger::entry::parse(line).unwrap().seq
}

#[test]
fn a_store_without_a_ledger_is_upgraded_and_begins_one() {
    let place = place();
    fs::File::create(&place.path).unwrap();
    let mut conn = open::connect_writer(&place.path, &place.key).unwrap();
    schema::upgrade(&mut conn, &schema::STEPS[..2]).unwrap();
    conn.execute_batch("INSERT INTO state VALUES ('stream/door/', x'01'); PRAGMA journal_mode = WAL").unwrap();
    drop(conn);
    let error = Reader::open(&place.path, &place.key).unwrap_err();
    assert!(matches!(error, OpenError::Older { found: 2, .. }), "{error}");
    let (store, restored) = place.open();
    assert_eq!(restored.state, [("stream/door/".to_owned(), vec![1])]);
    write(&store, told(days(1, 1).log.told.concat())).unwrap();
    store.close();
    judge(&kept(&place).export, &[]);
}

#[test]
fn a_clock_that_jumps_far_ahead_folds_nothing_before_it_has_stood_for_a_day() {
    let place = place();
    let mut shop = days(1, 3);
    shop.wall += 500 * DAY_MS;
    shop.day(3);
    write_days(&place, &shop);
    assert_eq!(kept(&place).export.folded, []);
    shop.log.told.clear();
    shop.day(4);
    write_days(&place, &shop);
    let export = kept(&place).export;
    assert_eq!(judge(&export, &export.checkpoints).whole_from, size(&export.checkpoints[2]));
}
