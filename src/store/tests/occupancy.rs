//! Sums of people in zones: kept, added up, reported and deleted like those of sensors; and the step that brought them.

use super::*;
use crate::domain::aggregate::Occupancy;
use crate::domain::commit::OccupancyRow;
use crate::store::query::OccupancyLine;

/// What the first release made, as it stands in stores out there.
const VERSION_1: &str = "
    CREATE TABLE series (
        id INTEGER PRIMARY KEY,
        sensor TEXT NOT NULL,
        zone TEXT NOT NULL,
        activity TEXT NOT NULL,
        UNIQUE (sensor, zone, activity)
    ) STRICT;
    CREATE TABLE aggregate (
        start_ms INTEGER NOT NULL,
        end_ms INTEGER NOT NULL,
        series INTEGER NOT NULL REFERENCES series (id),
        inward INTEGER NOT NULL,
        outward INTEGER NOT NULL,
        presence_ms INTEGER NOT NULL,
        occupancy_max INTEGER,
        covered_ms INTEGER NOT NULL,
        noticed_ms INTEGER NOT NULL,
        may_be_low INTEGER NOT NULL,
        PRIMARY KEY (start_ms, end_ms, series)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE state (
        name TEXT NOT NULL PRIMARY KEY,
        value BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE packet (
        accounted INTEGER PRIMARY KEY,
        marks BLOB NOT NULL
    ) STRICT;
    CREATE TABLE moment (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        last_commit_ms INTEGER NOT NULL
    ) STRICT;
    INSERT INTO series VALUES (1, 'door', 'entrance', 'footfall'), (2, 'aisle', 'entrance', 'browsing');
    INSERT INTO aggregate VALUES (0, 900000, 1, 12, 9, 0, NULL, 899000, 899000, 0);
    INSERT INTO aggregate VALUES (900000, 1800000, 2, 0, 0, 61000, 4, 900000, 900000, 1);
    INSERT INTO state VALUES ('stream/door/', x'01');
    INSERT INTO packet VALUES (1, x'07000800000000000000');
    INSERT INTO moment VALUES (1, 900000);
    PRAGMA user_version = 1;
    PRAGMA journal_mode = WAL;
";

fn row(zone: Option<&str>, start: Wall, occupancy: Occupancy) -> OccupancyRow {
    let bucket = Bucket { start, end: Wall(start.0 + QUARTER_MS) };
    OccupancyRow { bucket, zone: zone.map(ZoneId::new), activity: ActivityId::new("footfall"), occupancy }
}

fn stays(rows: Vec<OccupancyRow>) -> Commit {
    Commit { occupancies: rows, ..Commit::default() }
}

fn quarter_of(people: i64) -> Occupancy {
    let person_ms = people * QUARTER_MS;
    Occupancy { person_ms, exits: 1, max: people as u32, covered_ms: QUARTER_MS as u64, may_be_off: false }
}

fn ask(place: &Place, by: By, zone: Option<&str>, from: Option<Wall>) -> Vec<OccupancyLine> {
    let (tz, zone) = (warsaw(), zone.map(ZoneId::new));
    let question = Question { from, to: None, by, zone: zone.as_ref(), time_zone: &tz, sensors: &sensors() };
    Reader::open(&place.path, &place.key).unwrap().figures(&question).unwrap().occupancy
}

#[test]
fn a_store_of_the_first_release_is_upgraded_and_keeps_everything() {
    let place = place();
    fs::File::create(&place.path).unwrap();
    open::connect_writer(&place.path, &place.key).unwrap().execute_batch(VERSION_1).unwrap();
    let error = Reader::open(&place.path, &place.key).unwrap_err();
    assert!(matches!(error, OpenError::Older { found: 1, known: 4, .. }), "a reader changes nothing: {error}");

    let (store, restored) = place.open();
    assert_eq!(restored.state, [("stream/door/".to_owned(), vec![1])]);
    assert_eq!(restored.packets, [PacketMark { id: 7, hash: 8 }]);
    assert_eq!(restored.last_commit, Some(Wall(900_000)));
    let rows = place.rows(By::Bucket);
    assert_eq!((rows[0].inward, rows[0].outward, rows[0].covered_seconds), (Some(12), Some(9), 899));
    assert_eq!((rows[1].presence_seconds, rows[1].occupancy_max, rows[1].may_be_low), (Some(61), Some(4), true));
    assert_eq!(ask(&place, By::Bucket, None, None), []);
    write(&store, stays(vec![row(None, Wall(0), quarter_of(2))])).unwrap();
    assert_eq!(ask(&place, By::Bucket, None, None)[0].person_seconds, 1_800);
    store.close();
    place.open().0.close();
    assert_eq!(place.rows(By::Bucket).len(), 2);
}

#[test]
fn sums_of_people_are_added_up_and_never_fall_below_zero() {
    let place = place();
    let (store, _) = place.open();
    let part = |person_ms, exits, max, covered_ms, may_be_off| {
        let sums = Occupancy { person_ms, exits, max, covered_ms, may_be_off };
        vec![row(Some("entrance"), Wall(0), sums)]
    };
    for rows in [part(-5_000, 0, 0, 0, false), part(60_000, 2, 3, 30_000, true), part(30_000, 1, 1, 20_000, false)] {
        write(&store, stays(rows)).unwrap();
    }
    let told = &ask(&place, By::Bucket, None, None)[0];
    assert_eq!((told.person_seconds, told.exits, told.max, told.covered_seconds), (90, 3, Some(3), 50));
    assert_eq!((told.mean, told.mean_stay_seconds, told.may_be_off), (Some(1.8), Some(30.0), true));
    write(&store, stays(part(-91_000, 0, 0, 0, false))).unwrap();
    assert_eq!(ask(&place, By::Bucket, None, None)[0].person_seconds, 0);
    write(&store, stays(part(5_000, 0, 0, 0, false))).unwrap();
    assert_eq!(ask(&place, By::Bucket, None, None)[0].person_seconds, 5, "no debt");
    store.close();
}

#[test]
fn a_commit_that_fails_leaves_no_sums_of_people_either() {
    let place = place();
    let mut writer = place.writer();
    let big = vec![("big".to_owned(), Some(vec![7; 100_000]))];
    let commit = Commit { state: big, ..stays(vec![row(None, Wall(0), quarter_of(1))]) };
    writer.conn.execute_batch("PRAGMA max_page_count = 22").unwrap();
    assert!(writer.attempt(|conn| commit::apply(conn, &keeper(), &commit)).is_err());
    assert_eq!(ask(&place, By::Bucket, None, None), []);
    writer.attempt(|conn| commit::apply(conn, &keeper(), &commit)).unwrap();
    assert_eq!(ask(&place, By::Bucket, None, None)[0].person_seconds, 900);
}

#[test]
fn hours_days_and_months_of_people_add_up_also_on_a_day_of_25_hours() {
    let place = place();
    let (store, _) = place.open();
    let (from, to) = (wall("2026-10-24T00:00:00+02:00"), wall("2026-10-27T00:00:00+01:00"));
    let quarters = (to.0 - from.0) / QUARTER_MS;
    let rows = (0..quarters).map(|i| row(Some("entrance"), Wall(from.0 + i * QUARTER_MS), quarter_of(i % 4)));
    write(&store, stays(rows.collect())).unwrap();
    store.close();
    for by in [By::Bucket, By::Hour, By::Day, By::Week, By::Month] {
        let lines = ask(&place, by, None, None);
        let sum = |of: fn(&OccupancyLine) -> u64| lines.iter().map(of).sum::<u64>();
        assert_eq!(sum(|l| l.person_seconds), quarters as u64 / 4 * 6 * 900, "{by:?}");
        assert_eq!((sum(|l| l.exits), sum(|l| l.covered_seconds)), (quarters as u64, quarters as u64 * 900), "{by:?}");
    }
    let days = ask(&place, By::Day, None, None);
    let figures: Vec<_> = days.iter().map(|d| (d.seconds, d.mean, d.mean_stay_seconds, d.max)).collect();
    let day = |hours: u64| (hours * 3600, Some(1.5), Some(1_350.0), Some(3));
    assert_eq!(figures, [day(24), day(25), day(24)]);
}

#[test]
fn zones_come_before_the_shop_and_one_zone_can_be_asked_for() {
    let place = place();
    let (store, _) = place.open();
    let start = wall("2026-11-23T10:00:00+01:00");
    let zones = [None, Some("hall"), Some("entrance")];
    write(&store, stays(zones.map(|zone| row(zone, start, quarter_of(1))).to_vec())).unwrap();
    write(&store, stays(vec![row(None, Wall(start.0 + QUARTER_MS), quarter_of(1))])).unwrap();
    store.close();
    let names =
        |by, zone, from| ask(&place, by, zone, from).into_iter().map(|l| (l.zone, l.seconds)).collect::<Vec<_>>();
    let of_zone = |zone: &str, seconds| (Some(zone.to_owned()), seconds);
    assert_eq!(names(By::Hour, None, None), [of_zone("entrance", 3600), of_zone("hall", 3600), (None, 3600)]);
    assert_eq!(names(By::Bucket, Some("hall"), None), [of_zone("hall", 900)]);
    let later = Some(Wall(start.0 + QUARTER_MS + 1));
    assert_eq!(names(By::Hour, None, later), [(None, 2700)], "a bucket that is cut belongs to the answer as a whole");
}

#[test]
fn what_nobody_left_or_nothing_covered_has_no_mean() {
    let place = place();
    let (store, _) = place.open();
    let sums = |exits, covered_ms| Occupancy { person_ms: 60_000, exits, max: 1, covered_ms, may_be_off: false };
    let rows = [(0, 60_000), (2, 0)].iter().enumerate();
    let rows = rows.map(|(i, (exits, covered))| row(None, Wall(i as i64 * QUARTER_MS), sums(*exits, *covered)));
    write(&store, stays(rows.collect())).unwrap();
    store.close();
    let told: Vec<_> =
        ask(&place, By::Bucket, None, None).iter().map(|l| (l.mean, l.max, l.mean_stay_seconds)).collect();
    assert_eq!(told, [(Some(1.0), Some(1), None), (None, None, None)]);
}

#[test]
fn sums_of_people_go_by_the_age_of_their_activity_and_their_names_with_them() {
    let place = place();
    let (store, _) = place.open();
    let at = |i: i64| Wall(i * QUARTER_MS);
    for i in 0..4 {
        let other = OccupancyRow { activity: ActivityId::new("gone"), ..row(Some("till"), at(i), quarter_of(1)) };
        let both = Commit {
            tallies: vec![tally_row("aisle", at(i), people(1))],
            ..stays(vec![row(None, at(i), quarter_of(1)), other])
        };
        write(&store, both).unwrap();
    }
    let gone = prune(&store, &[("footfall", at(3)), ("browsing", at(1))]);
    assert_eq!(gone, 3 + 1 + 1, "a shop's, an activity's that left the configuration, and the aisle's");
    let left = |zone| ask(&place, By::Bucket, None, None).iter().filter(|l| l.zone.as_deref() == zone).count();
    assert_eq!((left(None), left(Some("till"))), (1, 3));
    prune(&store, &[("footfall", at(4)), ("browsing", at(4))]);
    assert_eq!(ask(&place, By::Bucket, None, None), []);
    let conn = open::connect_writer(&place.path, &place.key).unwrap();
    let names: i64 = conn.query_row("SELECT count(*) FROM series", [], |row| row.get(0)).unwrap();
    assert_eq!(names, 0);
    drop(conn);
    store.close();
}
