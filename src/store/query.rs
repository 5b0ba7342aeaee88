//! Reading figures while the daemon runs: sums of buckets by local hour, day, week or month.
//!
//! Every row says which span it speaks of and how much of it was covered; nothing is extrapolated, and a field that the sensor
//! cannot know is `None`, not 0.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _, Zoned};
use rusqlite::Connection;
use serde::{Serialize, Serializer};

use super::key::StoreKey;
use super::open::{self, OpenError};
use crate::domain::activity::ActivityKind;
use crate::domain::aggregate::{Occupancy, Tally};
use crate::domain::commit::TallyRow;
use crate::domain::id::{ActivityId, SensorId, ZoneId};
use crate::domain::time::{Bucket, Wall};

/// What the rows of a report stand for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// Buckets as they are kept.
    Bucket,
    /// Full hours.
    Hour,
    /// Calendar days.
    Day,
    /// Weeks from Monday (ISO 8601).
    Week,
    /// Calendar months.
    Month,
}

impl By {
    /// Every value with the word for it on the command line and in the API.
    pub const WORDS: &[(&str, Self)] = &[
        ("bucket", Self::Bucket),
        ("hour", Self::Hour),
        ("day", Self::Day),
        ("week", Self::Week),
        ("month", Self::Month),
    ];
}

impl FromStr for By {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let found = Self::WORDS.iter().find(|(known, _)| *known == word);
        found.map(|(_, by)| *by).ok_or_else(|| format!("'{word}' is none of bucket, hour, day, week, month"))
    }
}

/// What is known of a sensor that stands in the configuration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SensorInfo {
    /// Sensor.
    pub id: SensorId,
    /// What its activity does, which decides what it can know.
    pub kind: ActivityKind,
}

/// Which figures are asked for.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// First moment asked for; a bucket that this moment lies in belongs to the answer as a whole.
    pub from: Option<Wall>,
    /// First moment no longer asked for; a bucket that it cuts belongs to the answer as a whole.
    pub to: Option<Wall>,
    /// What a row stands for.
    pub by: By,
    /// The only zone asked for.
    pub zone: Option<&'a ZoneId>,
    /// Zone of hours, days, weeks and months.
    pub time_zone: &'a TimeZone,
    /// Every sensor of the configuration. Of others that the store still knows, a figure is shown if it is not 0.
    pub sensors: &'a [SensorInfo],
}

/// One line of the answer. Serialised it is one object of `{"rows":[…]}`, in the names of the report's contract.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Row {
    /// First moment of the span; RFC 3339 with the shop's offset.
    #[serde(serialize_with = "rfc3339")]
    pub from: Zoned,
    /// First moment after the span.
    #[serde(serialize_with = "rfc3339")]
    pub to: Zoned,
    /// Zone.
    pub zone: String,
    /// Activity.
    pub activity: String,
    /// What the activity does, if the sensor is still in the configuration.
    #[serde(skip)]
    pub kind: Option<ActivityKind>,
    /// Sensor.
    pub sensor: String,
    /// People inward.
    #[serde(rename = "in")]
    pub inward: Option<u64>,
    /// People outward.
    #[serde(rename = "out")]
    pub outward: Option<u64>,
    /// Time with presence, rounded down.
    pub presence_seconds: Option<u64>,
    /// Most people at once.
    pub occupancy_max: Option<u32>,
    /// Time during which counting was open and the sensor heard, rounded down.
    pub covered_seconds: u64,
    /// Length of the span, rounded down.
    pub seconds: u64,
    /// Time during which a confirmed notice covered the zone, rounded down.
    pub noticed_seconds: u64,
    /// Whether people may be missing.
    pub may_be_low: bool,
}

/// One line about the people in a zone. Serialised it is one object of `{"occupancy":[…]}`.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct OccupancyLine {
    /// First moment of the span; RFC 3339 with the shop's offset.
    #[serde(serialize_with = "rfc3339")]
    pub from: Zoned,
    /// First moment after the span.
    #[serde(serialize_with = "rfc3339")]
    pub to: Zoned,
    /// Zone; `null` is the whole shop.
    pub zone: Option<String>,
    /// People at a time, on average of the covered time, to a thousandth.
    pub mean: Option<f64>,
    /// Most people at once, if any of the time was covered.
    pub max: Option<u32>,
    /// Time that people spent there together, rounded down.
    pub person_seconds: u64,
    /// People who left.
    pub exits: u64,
    /// Mean length of stay, person-time by exits (Little's law), to a millisecond; `null` if nobody left or nothing was covered.
    pub mean_stay_seconds: Option<f64>,
    /// Time during which every door was being counted, rounded down.
    pub covered_seconds: u64,
    /// Length of the span, rounded down.
    pub seconds: u64,
    /// Whether people may have come or gone uncounted since the number last went back to zero.
    pub may_be_off: bool,
}

/// All that a report shows, of one moment of the store.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Figures {
    /// What sensors counted.
    pub rows: Vec<Row>,
    /// How many people were in the zones and how long they stayed.
    pub occupancy: Vec<OccupancyLine>,
}

/// RFC 3339 with a numeric offset, to the second.
#[must_use]
pub fn rfc3339_text(moment: &Zoned) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

fn rfc3339<S: Serializer>(moment: &Zoned, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc3339_text(moment))
}

/// A connection that only reads.
#[derive(Debug)]
pub struct Reader(pub(super) Connection);

impl Reader {
    /// Opens the store beside the daemon, whether that runs or not. Changes nothing in it.
    pub fn open(path: &Path, key: &StoreKey) -> Result<Self, OpenError> {
        open::reader(path, key).map(Self)
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.0
    }

    /// What sensors counted, in the order of time, zone, sensor and activity. A row exists where the store has data.
    pub fn rows(&self, question: &Question<'_>) -> Result<Vec<Row>, QueryError> {
        self.figures(question).map(|figures| figures.rows)
    }

    /// Everything that answers `question`.
    pub fn figures(&self, question: &Question<'_>) -> Result<Figures, QueryError> {
        // All reads see the same commits.
        let snapshot = self.0.unchecked_transaction()?;
        Ok(Figures { rows: rows(&snapshot, question)?, occupancy: occupancy(&snapshot, question)? })
    }
}

fn rows(snapshot: &Connection, question: &Question<'_>) -> Result<Vec<Row>, QueryError> {
    let mut spans = Spans::new(window(snapshot, "aggregate", question)?, question);
    let mut sums = BTreeMap::<_, Tally>::new();
    each_kept(snapshot, question, |kept| {
        let key = (spans.of(kept.bucket), kept.zone, kept.sensor, kept.activity);
        sums.entry(key).or_default().add(&kept.tally);
    })?;
    Ok(sums
        .into_iter()
        .map(|((span, zone, sensor, activity), tally)| {
            row(question, &TallyRow { bucket: span, zone, activity, sensor, tally })
        })
        .collect())
}

/// The zones first, in the order of their names, then the shop.
fn occupancy(snapshot: &Connection, question: &Question<'_>) -> Result<Vec<OccupancyLine>, QueryError> {
    let mut spans = Spans::new(window(snapshot, "occupancy", question)?, question);
    let mut sums = BTreeMap::<_, Occupancy>::new();
    each_occupancy(snapshot, question, |bucket, zone, kept| {
        sums.entry((spans.of(bucket), zone.is_empty(), zone)).or_default().add(&kept);
    })?;
    let line = |((span, is_shop, zone), kept): ((Bucket, bool, String), Occupancy)| {
        occupancy_line(question, span, Some(zone).filter(|_| !is_shop), &kept)
    };
    Ok(sums.into_iter().map(line).collect())
}

/// Finds the row that a bucket is added to. Buckets come in the order of time, so the last answer is often the next.
struct Spans<'a> {
    window: Bucket,
    question: &'a Question<'a>,
    last: Option<Bucket>,
}

impl<'a> Spans<'a> {
    fn new(window: Bucket, question: &'a Question<'a>) -> Self {
        Self { window, question, last: None }
    }

    fn of(&mut self, bucket: Bucket) -> Bucket {
        let last = self.last.filter(|span| fits(*span, bucket));
        let span = *self.last.insert(last.unwrap_or_else(|| span_of(bucket, self.question)));
        within(span, bucket, self.window)
    }
}

/// Everything kept, as it was handed to the writer.
fn each_kept(conn: &Connection, question: &Question<'_>, mut take: impl FnMut(TallyRow)) -> Result<(), QueryError> {
    let mut statement = conn.prepare_cached(
        "SELECT start_ms, end_ms, zone, activity, sensor, inward, outward, presence_ms, occupancy_max, covered_ms, noticed_ms,
             may_be_low
         FROM aggregate JOIN series ON series.id = aggregate.series
         WHERE start_ms < ?2 AND end_ms > ?1 AND (?3 IS NULL OR zone = ?3)
         ORDER BY start_ms, end_ms",
    )?;
    let mut rows = statement.query(bounds(question))?;
    while let Some(row) = rows.next()? {
        let name = |i| row.get_ref(i)?.as_str().map_err(rusqlite::Error::from);
        let sum = |i| row.get::<_, i64>(i).map(|v| v.max(0) as u64);
        take(TallyRow {
            bucket: Bucket { start: Wall(row.get(0)?), end: Wall(row.get(1)?) },
            zone: ZoneId::new(name(2)?),
            activity: ActivityId::new(name(3)?),
            sensor: SensorId::new(name(4)?),
            tally: Tally {
                inward: sum(5)?,
                outward: sum(6)?,
                presence_ms: sum(7)?,
                occupancy_max: row.get(8)?,
                covered_ms: sum(9)?,
                noticed_ms: sum(10)?,
                may_be_low: row.get(11)?,
            },
        });
    }
    Ok(())
}

/// Everything kept of people in zones, by bucket and zone; no name is the whole shop.
fn each_occupancy(
    conn: &Connection,
    question: &Question<'_>,
    mut take: impl FnMut(Bucket, String, Occupancy),
) -> Result<(), QueryError> {
    let mut statement = conn.prepare_cached(
        "SELECT start_ms, end_ms, zone, person_ms, exits, most, covered_ms, may_be_off
         FROM occupancy JOIN series ON series.id = occupancy.series
         WHERE start_ms < ?2 AND end_ms > ?1 AND (?3 IS NULL OR zone = ?3)
         ORDER BY start_ms, end_ms",
    )?;
    let mut rows = statement.query(bounds(question))?;
    while let Some(row) = rows.next()? {
        let sum = |i| row.get::<_, i64>(i).map(|v| v.max(0) as u64);
        let kept = Occupancy {
            person_ms: row.get(3)?,
            exits: sum(4)?,
            max: row.get(5)?,
            covered_ms: sum(6)?,
            may_be_off: row.get(7)?,
        };
        take(Bucket { start: Wall(row.get(0)?), end: Wall(row.get(1)?) }, row.get(2)?, kept);
    }
    Ok(())
}

/// The span asked for, widened to the ends of the buckets that it cuts, so that no row holds more than its span says.
fn window(conn: &Connection, table: &str, question: &Question<'_>) -> Result<Bucket, QueryError> {
    let kept = conn
        .prepare_cached(&format!(
            "SELECT min(start_ms), max(end_ms) FROM {table} JOIN series ON series.id = {table}.series
             WHERE start_ms < ?2 AND end_ms > ?1 AND (?3 IS NULL OR zone = ?3)"
        ))?
        .query_row(bounds(question), |row| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?)))?;
    let (from, to, _) = bounds(question);
    Ok(Bucket { start: Wall(kept.0.map_or(from, |k| k.min(from))), end: Wall(kept.1.map_or(to, |k| k.max(to))) })
}

fn bounds<'a>(question: &Question<'a>) -> (i64, i64, Option<&'a str>) {
    let from = question.from.map_or(i64::MIN, |w| w.0);
    let to = question.to.map_or(i64::MAX, |w| w.0);
    (from, to, question.zone.map(ZoneId::as_str))
}

fn fits(span: Bucket, bucket: Bucket) -> bool {
    span.start <= bucket.start && bucket.end <= span.end
}

/// What a bucket is added up under: the calendar span that it lies in, or itself if it is longer than that.
fn span_of(bucket: Bucket, question: &Question<'_>) -> Bucket {
    calendar_span(bucket.start, question.by, question.time_zone).filter(|span| fits(*span, bucket)).unwrap_or(bucket)
}

/// The part of `span` that was asked for; buckets stand for themselves.
fn within(span: Bucket, bucket: Bucket, window: Bucket) -> Bucket {
    if span == bucket {
        return bucket;
    }
    Bucket { start: span.start.max(window.start), end: span.end.min(window.end) }
}

/// The hour, day, week or month that holds `at`; nothing for [`By::Bucket`] and for moments past the calendar's ends. A day begins when the
/// clocks of `tz` first show its date, so it has 23 or 25 hours when they change.
fn calendar_span(at: Wall, by: By, tz: &TimeZone) -> Option<Bucket> {
    let local = Timestamp::from_millisecond(at.0).ok()?.to_zoned(tz.clone());
    let date = local.date();
    let (first, next): (Date, Date) = match by {
        By::Bucket => return None,
        By::Hour => return Some(hour(at, &local)),
        By::Day => (date, date.tomorrow().ok()?),
        By::Week => {
            let monday = date.checked_sub(i64::from(date.weekday().since(Weekday::Monday)).days()).ok()?;
            (monday, monday.checked_add(1.week()).ok()?)
        }
        By::Month => (date.first_of_month(), date.last_of_month().tomorrow().ok()?),
    };
    Some(Bucket { start: midnight(first, tz)?, end: midnight(next, tz)? })
}

fn midnight(date: Date, tz: &TimeZone) -> Option<Wall> {
    let start = date.to_zoned(tz.clone()).ok()?.start_of_day().ok()?;
    Some(Wall(start.timestamp().as_millisecond()))
}

/// Counted from the offset in force, so that the hour that comes twice in autumn is two hours.
fn hour(at: Wall, local: &Zoned) -> Bucket {
    const HOUR_MS: i64 = 3_600_000;
    let offset_ms = i64::from(local.offset().seconds()) * 1000;
    let start = (at.0 + offset_ms).div_euclid(HOUR_MS) * HOUR_MS - offset_ms;
    Bucket { start: Wall(start), end: Wall(start + HOUR_MS) }
}

fn row(question: &Question<'_>, sum: &TallyRow) -> Row {
    let tally = &sum.tally;
    let kind = question.sensors.iter().find(|s| s.id == sum.sensor).map(|s| s.kind);
    // Of a sensor that left the configuration nobody says what it could know; it knew whatever it counted.
    let counts = kind.map(|k| k == ActivityKind::PeopleCounting);
    let passing = |n: u64| counts.unwrap_or(n > 0).then_some(n);
    let sees = kind.map(|k| k == ActivityKind::Presence);
    Row {
        from: zoned(sum.bucket.start, question.time_zone),
        to: zoned(sum.bucket.end, question.time_zone),
        zone: sum.zone.to_string(),
        activity: sum.activity.to_string(),
        kind,
        sensor: sum.sensor.to_string(),
        inward: passing(tally.inward),
        outward: passing(tally.outward),
        presence_seconds: sees.unwrap_or(tally.presence_ms > 0).then_some(tally.presence_ms / 1000),
        occupancy_max: tally.occupancy_max.filter(|_| sees.unwrap_or(true)),
        covered_seconds: tally.covered_ms / 1000,
        seconds: sum.bucket.end.since(sum.bucket.start).as_secs(),
        noticed_seconds: tally.noticed_ms / 1000,
        may_be_low: tally.may_be_low,
    }
}

fn occupancy_line(question: &Question<'_>, span: Bucket, zone: Option<String>, kept: &Occupancy) -> OccupancyLine {
    let person_ms = kept.person_ms.max(0) as u64;
    let covered = kept.covered_ms > 0;
    OccupancyLine {
        from: zoned(span.start, question.time_zone),
        to: zoned(span.end, question.time_zone),
        zone,
        mean: covered.then(|| thousandths(person_ms, kept.covered_ms, 1)),
        max: covered.then_some(kept.max),
        person_seconds: person_ms / 1000,
        exits: kept.exits,
        mean_stay_seconds: (covered && kept.exits > 0).then(|| thousandths(person_ms, kept.exits, 1000)),
        covered_seconds: kept.covered_ms / 1000,
        seconds: span.end.since(span.start).as_secs(),
        may_be_off: kept.may_be_off,
    }
}

/// `sum / (count * unit)`, to the nearest thousandth.
fn thousandths(sum: u64, count: u64, unit: u64) -> f64 {
    let divisor = u128::from(count) * u128::from(unit);
    let rounded = (u128::from(sum) * 1000 + divisor / 2) / divisor;
    rounded as f64 / 1000.0
}

fn zoned(at: Wall, tz: &TimeZone) -> Zoned {
    // Only a box whose clock is beyond repair dates a bucket past the calendar's ends.
    let end = if at.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_millisecond(at.0).unwrap_or(end).to_zoned(tz.clone())
}

/// Why the figures cannot be read.
#[derive(Debug)]
pub struct QueryError {
    reason: String,
}

impl From<rusqlite::Error> for QueryError {
    fn from(error: rusqlite::Error) -> Self {
        Self { reason: open::reason(&error) }
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "cannot read the figures in the store: {}; if that stays so, the file is damaged: stop noticed and put back a copy",
            self.reason
        )
    }
}

impl std::error::Error for QueryError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn warsaw() -> TimeZone {
        TimeZone::get("Europe/Warsaw").unwrap()
    }

    fn wall(text: &str) -> Wall {
        Wall(text.parse::<Timestamp>().unwrap().as_millisecond())
    }

    fn span(at: &str, by: By) -> (String, String, u64) {
        let span = calendar_span(wall(at), by, &warsaw()).unwrap();
        let text = |at| rfc3339_text(&zoned(at, &warsaw()));
        (text(span.start), text(span.end), span.end.since(span.start).as_secs())
    }

    #[test]
    fn spans_follow_local_time_across_clock_changes() {
        for (at, by, start, end, seconds) in [
            ("2026-10-25T12:00:00+01:00", By::Day, "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00", 90_000),
            ("2026-03-29T12:00:00+02:00", By::Day, "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00", 82_800),
            ("2026-10-25T02:15:00+02:00", By::Hour, "2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00", 3_600),
            ("2026-10-25T02:15:00+01:00", By::Hour, "2026-10-25T02:00:00+01:00", "2026-10-25T03:00:00+01:00", 3_600),
            ("2026-11-22T23:59:59+01:00", By::Week, "2026-11-16T00:00:00+01:00", "2026-11-23T00:00:00+01:00", 604_800),
            ("2026-11-23T00:00:00+01:00", By::Week, "2026-11-23T00:00:00+01:00", "2026-11-30T00:00:00+01:00", 604_800),
            (
                "2026-10-01T00:00:00+02:00",
                By::Month,
                "2026-10-01T00:00:00+02:00",
                "2026-11-01T00:00:00+01:00",
                2_682_000,
            ),
        ] {
            assert_eq!(span(at, by), (start.to_owned(), end.to_owned(), seconds), "{at} by {by:?}");
        }
    }

    #[test]
    fn words_of_spans_are_read_and_others_answered_with_the_choice() {
        for (word, by) in By::WORDS {
            assert_eq!(word.parse::<By>().unwrap(), *by);
        }
        assert_eq!("year".parse::<By>().unwrap_err(), "'year' is none of bucket, hour, day, week, month");
    }
}
