//! The store as the daemon and the report see it.

mod ledger;
mod occupancy;
mod pictures;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::time::SystemTime;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use tempfile::TempDir;

use super::key::{MasterKey, StoreKey, write_new};
use super::ledger::Keeper;
use super::open::OpenError;
use super::query::{By, Question, Reader, Row, SensorInfo, rfc3339_text};
use super::{CommitError, JOBS_WAITING_MAX, Job, Store, Writer, commit, open};
use crate::domain::activity::ActivityKind;
use crate::domain::aggregate::Tally;
use crate::domain::commit::{Commit, PacketMark, Restored, TallyRow};
use crate::domain::id::{ActivityId, SensorId, ZoneId};
use crate::domain::time::{Bucket, Wall};

const QUARTER_MS: i64 = 900_000;

/// A folder with a key and the place of a store.
struct Place {
    folder: TempDir,
    path: PathBuf,
    key: StoreKey,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sto%re?.db");
    let key = new_key(folder.path(), "key");
    Place { folder, path, key }
}

fn new_key(folder: &Path, name: &str) -> StoreKey {
    write_new(&folder.join(name)).unwrap();
    MasterKey::read(&folder.join(name)).unwrap().store_key()
}

impl Place {
    fn open(&self) -> (Store, Restored) {
        Store::open(&self.path, &self.key, keeper()).unwrap()
    }

    fn writer(&self) -> Writer {
        let (conn, lock) = open::writer(&self.path, &self.key).unwrap();
        Writer { conn, path: self.path.clone(), key: self.key.clone(), keeper: keeper(), _lock: lock }
    }

    fn rows(&self, by: By) -> Vec<Row> {
        let tz = warsaw();
        let question = Question { from: None, to: None, by, zone: None, time_zone: &tz, sensors: &sensors() };
        Reader::open(&self.path, &self.key).unwrap().rows(&question).unwrap()
    }

    /// Name, content and time of every file but the lock, which only says who is in.
    fn files(&self) -> Vec<(PathBuf, Vec<u8>, SystemTime)> {
        let mut files: Vec<_> = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_none_or(|e| e != "lock"))
            .map(|path| (path.clone(), fs::read(&path).unwrap(), fs::metadata(&path).unwrap().modified().unwrap()))
            .collect();
        files.sort();
        files
    }
}

fn keeper() -> Keeper {
    Keeper { shop: "poznan-1".to_owned(), time_zone: warsaw() }
}

fn warsaw() -> TimeZone {
    TimeZone::get("Europe/Warsaw").unwrap()
}

fn sensors() -> Vec<SensorInfo> {
    let info = |id: &str, kind| SensorInfo { id: SensorId::new(id), kind };
    vec![info("door", ActivityKind::PeopleCounting), info("aisle", ActivityKind::Presence)]
}

fn wall(text: &str) -> Wall {
    Wall(text.parse::<Timestamp>().unwrap().as_millisecond())
}

fn tally_row(sensor: &str, start: Wall, tally: Tally) -> TallyRow {
    let activity = if sensor == "aisle" { "browsing" } else { "footfall" };
    TallyRow {
        bucket: Bucket { start, end: Wall(start.0 + QUARTER_MS) },
        zone: ZoneId::new("entrance"),
        activity: ActivityId::new(activity),
        sensor: SensorId::new(sensor),
        tally,
    }
}

fn people(inward: u64) -> Tally {
    Tally { inward, outward: 1, covered_ms: 899_999, noticed_ms: 899_999, ..Tally::default() }
}

fn tallies(rows: Vec<TallyRow>) -> Commit {
    Commit { tallies: rows, ..Commit::default() }
}

fn write(store: &Store, commit: Commit) -> Result<(), CommitError> {
    let (tell, told) = channel();
    store.commit(commit, Box::new(move |outcome| tell.send(outcome).expect("the test waits for it")));
    told.recv().unwrap_or(Err(CommitError::Stopped)).map(drop)
}

fn prune(store: &Store, before: &[(&str, Wall)]) -> u64 {
    let (tell, told) = channel();
    let before = before.iter().map(|(activity, moment)| (ActivityId::new(activity), *moment)).collect();
    store.prune(before, Box::new(move |outcome| tell.send(outcome).unwrap()));
    told.recv().unwrap().unwrap()
}

/// The people inward of each row.
fn inward(rows: &[Row]) -> Vec<u64> {
    rows.iter().filter_map(|row| row.inward).collect()
}

#[test]
fn what_is_committed_is_there_after_opening_again() {
    let place = place();
    let (store, restored) = place.open();
    assert_eq!(restored, Restored::default());
    let mark = PacketMark { id: 7, hash: u64::MAX };
    let start = wall("2026-11-23T10:00:00+01:00");
    let commit = Commit {
        tallies: vec![tally_row("door", start, people(3))],
        state: vec![("baseline/door".to_owned(), Some(vec![1, 2]))],
        packets: vec![mark],
        cut_at: Some(Wall(42)),
        ..Commit::default()
    };
    write(&store, commit).unwrap();
    store.close();

    let (store, restored) = place.open();
    assert_eq!(restored.state, [("baseline/door".to_owned(), vec![1, 2])]);
    assert_eq!((restored.packets, restored.last_commit), (vec![mark], Some(Wall(42))));
    assert_eq!(inward(&place.rows(By::Bucket)), [3]);
    store.close();
}

#[test]
fn closing_finishes_what_waits() {
    let place = place();
    let (store, _) = place.open();
    let (tell, told) = channel();
    for _ in 0..JOBS_WAITING_MAX {
        let tell = tell.clone();
        let row = tally_row("door", Wall(0), people(1));
        store.commit(tallies(vec![row]), Box::new(move |outcome| tell.send(outcome.is_ok()).unwrap()));
    }
    store.close();
    assert_eq!(told.try_iter().collect::<Vec<_>>(), [true; JOBS_WAITING_MAX]);
    assert_eq!(inward(&place.rows(By::Bucket)), [JOBS_WAITING_MAX as u64]);
}

#[test]
fn a_writer_that_stands_still_refuses_more_than_its_queue_holds_without_blocking() {
    let place = place();
    let (store, _) = place.open();
    let (release, held) = channel::<()>();
    let (entered, inside) = channel();
    store.commit(
        Commit::default(),
        Box::new(move |_| {
            entered.send(()).unwrap();
            held.recv().unwrap();
        }),
    );
    inside.recv().unwrap();
    let (tell, told) = channel();
    for _ in 0..=JOBS_WAITING_MAX {
        let tell = tell.clone();
        store
            .commit(Commit::default(), Box::new(move |outcome| tell.send(outcome.map_err(|e| e.to_string())).unwrap()));
    }
    assert!(told.recv().unwrap().unwrap_err().contains("4 jobs waiting"));
    release.send(()).unwrap();
    store.close();
    assert_eq!(told.try_iter().flatten().count(), JOBS_WAITING_MAX);
}

#[test]
fn reports_read_beside_the_writer_and_see_every_commit_at_once() {
    let place = place();
    let (store, _) = place.open();
    let reader = Reader::open(&place.path, &place.key).unwrap();
    let tz = warsaw();
    let question = Question { from: None, to: None, by: By::Bucket, zone: None, time_zone: &tz, sensors: &sensors() };
    for expected in 1..=20 {
        write(&store, tallies(vec![tally_row("door", Wall(0), people(1))])).unwrap();
        assert_eq!(inward(&reader.rows(&question).unwrap()), [expected]);
    }
    store.close();
}

#[test]
fn files_of_the_store_are_for_its_owner_only() {
    let place = place();
    let (store, _) = place.open();
    write(&store, tallies(vec![tally_row("door", Wall(0), people(1))])).unwrap();
    for suffix in ["", "-wal", "-shm", ".lock"] {
        let mode = fs::metadata(open::beside(&place.path, suffix)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{suffix}");
    }
    store.close();
}

#[test]
fn nothing_in_the_folder_shows_what_is_kept() {
    const MARKER: &str = "xmarkerx";
    let place = place();
    let (store, _) = place.open();
    let commit = Commit {
        tallies: vec![tally_row(MARKER, Wall(0), people(1))],
        state: vec![(MARKER.to_owned(), Some(MARKER.repeat(2000).into_bytes()))],
        ..Commit::default()
    };
    let look = |when: &str| {
        for (path, bytes, _) in place.files() {
            assert!(!bytes.windows(MARKER.len()).any(|w| w == MARKER.as_bytes()), "{when}: {}", path.display());
            assert!(!bytes.starts_with(b"SQLite format 3"), "{when}: {}", path.display());
        }
    };
    write(&store, commit).unwrap();
    assert_eq!(place.rows(By::Month)[0].sensor, MARKER);
    look("open");
    store.close();
    look("closed");
}

#[test]
fn two_writers_are_refused() {
    let place = place();
    let (store, _) = place.open();
    let error = Store::open(&place.path, &place.key, keeper()).unwrap_err();
    assert!(matches!(error, OpenError::InUse(_)), "{error}");
    store.close();
    place.open().0.close();
}

/// Opens for writing and for reading, and holds that both say `expected` and leave every byte and every time of change alone.
fn check_refused(place: &Place, key: &StoreKey, expected: &str) {
    let before = place.files();
    let error = Store::open(&place.path, key, keeper()).unwrap_err().to_string();
    assert!(error.contains(expected), "writer: {error}");
    assert!(place.files() == before, "the writer changed something: {error}");
    let error = Reader::open(&place.path, key).unwrap_err().to_string();
    assert!(error.contains(expected), "reader: {error}");
    let without_index = |files: Vec<(PathBuf, Vec<u8>, SystemTime)>| -> Vec<_> {
        files
            .into_iter()
            .filter(|(path, bytes, _)| !bytes.is_empty() && !path.to_string_lossy().ends_with("-shm"))
            .collect()
    };
    assert!(without_index(place.files()) == without_index(before), "the reader changed something: {error}");
}

/// A store with some content, closed in good order.
fn filled() -> Place {
    let place = place();
    let (store, _) = place.open();
    for i in 0..200 {
        write(&store, tallies(vec![tally_row("door", Wall(i * QUARTER_MS), people(1))])).unwrap();
    }
    store.close();
    place
}

/// A store as a power cut leaves it: the log holds what the database does not.
fn cut_off() -> Place {
    let living = place();
    let (store, _) = living.open();
    for i in 0..200 {
        write(&store, tallies(vec![tally_row("door", Wall(i * QUARTER_MS), people(1))])).unwrap();
    }
    let dead = place();
    for suffix in ["", "-wal"] {
        fs::copy(open::beside(&living.path, suffix), open::beside(&dead.path, suffix)).unwrap();
    }
    store.close();
    Place { key: living.key.clone(), ..dead }
}

#[test]
fn a_wrong_key_is_told_and_changes_nothing() {
    let place = filled();
    check_refused(&place, &new_key(place.folder.path(), "other"), "put back the key that was in use");
    assert_eq!(place.rows(By::Bucket).len(), 200);
}

#[test]
fn a_wrong_key_changes_nothing_after_a_power_cut_either() {
    let place = cut_off();
    let other = new_key(place.folder.path(), "other");
    let kept = |place: &Place| ["", "-wal"].map(|suffix| fs::read(open::beside(&place.path, suffix)).unwrap());
    let before = kept(&place);
    let error = Store::open(&place.path, &other, keeper()).unwrap_err();
    assert!(matches!(error, OpenError::WrongKey(_)), "{error}");
    assert!(kept(&place) == before);
    place.open().0.close();
    assert_eq!(place.rows(By::Bucket).len(), 200);
}

#[test]
fn a_store_that_only_its_log_makes_whole_is_opened() {
    let place = cut_off();
    // Moving the log into the database was cut short: its first page is torn.
    let mut bytes = fs::read(&place.path).unwrap();
    bytes[100..open::PAGE_BYTES as usize].fill(0);
    fs::write(&place.path, bytes).unwrap();
    let log = fs::read(open::beside(&place.path, "-wal")).unwrap();
    assert!(log.len() > 100_000);
    let opened = Store::open(&place.path, &place.key, keeper());
    // The log holds the first page only if a commit wrote it; the tables grew, so one did.
    opened.unwrap().0.close();
    assert_eq!(place.rows(By::Bucket).len(), 200);
}

#[test]
fn stumps_are_told_and_left_alone() {
    for (bytes, expected) in [(0, "only 0 bytes"), (100, "only 100 bytes"), (open::PAGE_BYTES - 1, " bytes")] {
        let place = filled();
        fs::File::options().write(true).open(&place.path).unwrap().set_len(bytes).unwrap();
        check_refused(&place, &place.key, expected);
    }
}

#[test]
fn a_store_cut_short_is_told_and_left_alone() {
    let place = filled();
    let length = fs::metadata(&place.path).unwrap().len();
    fs::File::options().write(true).open(&place.path).unwrap().set_len(length / 2).unwrap();
    check_refused(&place, &place.key, "is damaged");
}

#[test]
fn what_is_no_store_is_told_and_left_alone() {
    let place = place();
    fs::write(&place.path, "Dear diary, ".repeat(1000)).unwrap();
    check_refused(&place, &place.key, "put back the key that was in use");
}

#[test]
fn a_store_from_the_future_is_told_and_left_alone() {
    let place = filled();
    let writer = place.writer();
    writer.conn.execute_batch("PRAGMA user_version = 99").unwrap();
    drop(writer);
    check_refused(&place, &place.key, "has version 99");
}

#[test]
fn a_log_without_its_store_is_never_taken_in() {
    let place = cut_off();
    fs::remove_file(&place.path).unwrap();
    let before = place.files();
    let error = Store::open(&place.path, &place.key, keeper()).unwrap_err();
    assert!(matches!(error, OpenError::StrayLog(_)), "{error}");
    assert!(place.files() == before);
}

#[test]
fn a_missing_folder_and_a_missing_store_are_told() {
    let place = place();
    let nowhere = place.folder.path().join("no/store.db");
    assert!(matches!(Store::open(&nowhere, &place.key, keeper()), Err(OpenError::NoFolder(_))));
    assert!(matches!(Reader::open(&place.path, &place.key), Err(OpenError::Missing(_))));
    assert_eq!(place.files().len(), 1, "only the key");
}

#[test]
fn half_a_new_store_left_by_a_power_cut_does_not_stand_in_the_way() {
    let place = place();
    fs::write(open::beside(&place.path, ".new"), "half").unwrap();
    place.open().0.close();
    assert!(!open::beside(&place.path, ".new").exists());
}

#[test]
fn a_commit_without_room_leaves_nothing_and_can_be_handed_in_again() {
    let place = place();
    let mut writer = place.writer();
    let row = tally_row("door", Wall(0), people(5));
    let big = Commit { state: vec![("big".to_owned(), Some(vec![7; 100_000]))], ..tallies(vec![row]) };
    writer.conn.execute_batch("PRAGMA max_page_count = 20").unwrap();
    let error = writer.attempt(|conn| commit::apply(conn, &keeper(), &big)).unwrap_err();
    assert!(matches!(error, CommitError::DiskFull(_)), "{error}");
    assert_eq!(place.rows(By::Bucket), []);
    writer.attempt(|conn| commit::apply(conn, &keeper(), &big)).unwrap();
    assert_eq!(inward(&place.rows(By::Bucket)), [5]);
}

#[test]
fn a_damaged_page_is_told_by_commits_and_does_not_end_the_thread() {
    let place = filled();
    let (store, _) = place.open();
    let mut bytes = fs::read(&place.path).unwrap();
    bytes[open::PAGE_BYTES as usize..].fill(0x55);
    fs::write(&place.path, bytes).unwrap();
    for _ in 0..2 {
        let error = write(&store, tallies(vec![tally_row("new", Wall(0), people(1))])).unwrap_err();
        assert!(matches!(error, CommitError::Damaged(_)), "{error}");
    }
    store.close();
}

#[test]
fn jobs_for_a_writer_that_is_gone_are_refused() {
    let (tell, told) = channel();
    Job::Prune(vec![], Box::new(move |outcome| tell.send(outcome.is_err()).unwrap())).refuse(CommitError::Stopped);
    assert!(told.recv().unwrap());
}

#[test]
fn figures_go_by_the_age_of_their_activity() {
    let place = place();
    let (store, _) = place.open();
    let at = |i: i64| Wall(i * QUARTER_MS);
    for i in 0..8 {
        let other = TallyRow { activity: ActivityId::new("gone"), ..tally_row("old", at(i), people(1)) };
        write(&store, tallies(vec![tally_row("door", at(i), people(1)), tally_row("aisle", at(i), people(1)), other]))
            .unwrap();
    }
    // A bucket that ends at the moment goes; an activity that nobody names is held to the longest age.
    let gone = prune(&store, &[("footfall", at(6)), ("browsing", at(2))]);
    assert_eq!(gone, 6 + 2 + 2);
    let rows = place.rows(By::Bucket);
    let left = |sensor: &str| rows.iter().filter(|row| row.sensor == sensor).count();
    assert_eq!((left("door"), left("aisle"), left("old")), (2, 6, 6));
    assert_eq!(prune(&store, &[]), 0);
    store.close();
}

#[test]
fn pages_of_figures_that_went_are_used_again() {
    let place = place();
    let (store, _) = place.open();
    // Moments of one length: small numbers take fewer bytes than great ones.
    let at = |i: i64| Wall(wall("2026-01-01T00:00:00Z").0 + i * QUARTER_MS);
    let fill = |from: i64| {
        let rows = (from..from + 3000).map(|i| tally_row("door", at(i), people(1))).collect();
        write(&store, tallies(rows)).unwrap();
    };
    fill(0);
    fill(3000);
    let reader = open::connect_writer(&place.path, &place.key).unwrap();
    let pages = || -> i64 { reader.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap() };
    let before = pages();
    for age in 1..6 {
        assert_eq!(prune(&store, &[("footfall", at(age * 3000))]), 3000);
        fill((age + 1) * 3000);
    }
    assert!(pages() <= before + 8, "{} pages grew to {}", before, pages());
    drop(reader);
    store.close();
}

#[test]
fn a_day_of_25_hours_is_one_row_of_90000_seconds_and_weeks_and_months_add_up() {
    let place = place();
    let (store, _) = place.open();
    // From Monday 19 October to Sunday 1 November 2026, local time.
    let (from, to) = (wall("2026-10-19T00:00:00+02:00"), wall("2026-11-02T00:00:00+01:00"));
    let quarters = (to.0 - from.0) / QUARTER_MS;
    let rows = (0..quarters).map(|i| tally_row("door", Wall(from.0 + i * QUARTER_MS), people(1))).collect();
    write(&store, tallies(rows)).unwrap();
    store.close();

    let days = place.rows(By::Day);
    assert_eq!(days.len(), 14);
    let long = days.iter().find(|day| day.seconds == 90_000).unwrap();
    assert_eq!(rfc3339_text(&long.from), "2026-10-25T00:00:00+02:00");
    assert_eq!((long.inward, long.covered_seconds), (Some(100), 100 * 899_999 / 1000));
    let sum = |by| inward(&place.rows(by)).iter().sum::<u64>();
    for by in [By::Bucket, By::Hour, By::Day, By::Week, By::Month] {
        assert_eq!(sum(by), quarters as u64, "{by:?}");
    }
    assert_eq!(place.rows(By::Hour).len(), 14 * 24 + 1);
    assert_eq!(inward(&place.rows(By::Week)), [7 * 96 + 4, 7 * 96]);
    assert_eq!(inward(&place.rows(By::Month)), [13 * 96 + 4, 96]);
}

#[test]
fn a_report_of_part_of_a_day_says_which_part_and_takes_cut_buckets_whole() {
    let place = place();
    let (store, _) = place.open();
    let start = wall("2026-11-23T10:00:00+01:00");
    let rows = (0..8).map(|i| tally_row("door", Wall(start.0 + i * QUARTER_MS), people(1))).collect();
    write(&store, tallies(rows)).unwrap();
    store.close();
    let tz = warsaw();
    let ask = |from: &str, to: &str| {
        let question = Question {
            from: Some(wall(from)),
            to: Some(wall(to)),
            by: By::Day,
            zone: None,
            time_zone: &tz,
            sensors: &sensors(),
        };
        let rows = Reader::open(&place.path, &place.key).unwrap().rows(&question).unwrap();
        rows.iter().map(|row| (rfc3339_text(&row.from), row.seconds, row.inward.unwrap())).collect::<Vec<_>>()
    };
    let at = |text: &str| format!("2026-11-23T{text}:00+01:00");
    assert_eq!(ask(&at("10:15"), &at("11:00")), [(at("10:15"), 2700, 3)]);
    assert_eq!(ask(&at("10:20"), &at("10:50")), [(at("10:15"), 2700, 3)]);
    assert_eq!(ask(&at("09:00"), &at("12:00")), [(at("09:00"), 10_800, 8)]);
    assert_eq!(ask(&at("12:00"), &at("13:00")), []);
}

#[test]
fn a_bucket_longer_than_the_hour_stands_for_itself() {
    let place = place();
    let (store, _) = place.open();
    let start = wall("2026-11-23T08:00:00+01:00");
    let mut row = tally_row("door", start, people(4));
    row.bucket.end = Wall(start.0 + 16 * QUARTER_MS);
    write(&store, tallies(vec![row])).unwrap();
    store.close();
    assert_eq!(place.rows(By::Hour)[0].seconds, 14_400);
    assert_eq!(place.rows(By::Day)[0].seconds, 86_400);
}

#[test]
fn what_a_sensor_cannot_know_is_absent_and_a_sensor_that_left_shows_what_it_counted() {
    let place = place();
    let (store, _) = place.open();
    let seen = Tally { presence_ms: 5_999, occupancy_max: Some(3), inward: 1, ..Tally::default() };
    let nobody = Tally { covered_ms: 1, ..Tally::default() };
    let rows = [("door", seen), ("aisle", seen), ("left", people(2))].map(|(s, t)| tally_row(s, Wall(0), t));
    write(&store, tallies(rows.to_vec())).unwrap();
    write(&store, tallies(vec![tally_row("door", Wall(QUARTER_MS), nobody)])).unwrap();
    store.close();
    let fields: Vec<_> = place
        .rows(By::Bucket)
        .into_iter()
        .map(|row| (row.sensor, row.inward, row.outward, row.presence_seconds, row.occupancy_max))
        .collect();
    assert_eq!(
        fields,
        [
            ("aisle".to_owned(), None, None, Some(5), Some(3)),
            ("door".to_owned(), Some(1), Some(0), None, None),
            ("left".to_owned(), Some(2), Some(1), None, None),
            ("door".to_owned(), Some(0), Some(0), None, None),
        ]
    );
}

#[test]
fn a_sensor_that_moved_leaves_its_past_where_it_was() {
    let place = place();
    let (store, _) = place.open();
    let moved = TallyRow { zone: ZoneId::new("till"), ..tally_row("door", Wall(0), people(4)) };
    write(&store, tallies(vec![tally_row("door", Wall(0), people(3)), moved])).unwrap();
    store.close();
    let tz = warsaw();
    for (zone, expected) in [("entrance", vec![3]), ("till", vec![4]), ("roof", vec![])] {
        let zone = ZoneId::new(zone);
        let question =
            Question { from: None, to: None, by: By::Day, zone: Some(&zone), time_zone: &tz, sensors: &sensors() };
        let rows = Reader::open(&place.path, &place.key).unwrap().rows(&question).unwrap();
        assert_eq!(inward(&rows), expected, "{zone}");
    }
}

fn any_tally() -> impl Strategy<Value = Tally> {
    let counts = (0..1_000u64, 0..1_000u64, 0..900_000u64, 0..900_000u64, 0..900_000u64);
    (counts, proptest::option::of(0..50u32), any::<bool>()).prop_map(|(counts, occupancy_max, may_be_low)| {
        let (inward, outward, presence_ms, covered_ms, noticed_ms) = counts;
        Tally { inward, outward, presence_ms, occupancy_max, covered_ms, noticed_ms, may_be_low }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_store_adds_up_to_what_was_committed_however_it_was_split(
        parts in proptest::collection::vec((0..3i64, any_tally(), any::<bool>()), 1..40),
    ) {
        let place = place();
        let mut writer = place.writer();
        let mut sums = [Tally::default(); 3];
        let mut waiting = vec![];
        for (bucket, tally, cut) in parts {
            sums[bucket as usize].add(&tally);
            waiting.push(tally_row("left", Wall(bucket * QUARTER_MS), tally));
            if cut {
                commit::apply(&mut writer.conn, &keeper(), &tallies(std::mem::take(&mut waiting))).unwrap();
            }
        }
        commit::apply(&mut writer.conn, &keeper(), &tallies(waiting)).unwrap();
        let mut rows = place.rows(By::Bucket).into_iter();
        for sum in sums.iter().filter(|sum| !sum.is_empty()) {
            let row = rows.next().unwrap();
            prop_assert_eq!((row.inward.unwrap_or(0), row.outward.unwrap_or(0)), (sum.inward, sum.outward));
            prop_assert_eq!(row.presence_seconds.unwrap_or(0), sum.presence_ms / 1000);
            prop_assert_eq!(row.occupancy_max, sum.occupancy_max);
            prop_assert_eq!((row.covered_seconds, row.noticed_seconds), (sum.covered_ms / 1000, sum.noticed_ms / 1000));
            prop_assert_eq!(row.may_be_low, sum.may_be_low);
        }
    }
}
