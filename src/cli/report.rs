//! `noticed report`: figures as a table for people, CSV for spreadsheets, JSON for programs.
//!
//! Reads the store beside the running daemon.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::figures::Of;
use super::pauses::write_pauses;
use super::{Format, stays};
use crate::domain::time::Wall;
use crate::store::key::StoreKey;
use crate::store::open::OpenError;
use crate::store::query::{Figures, QueryError, Question, Reader, Row, rfc3339_text};

/// Prints the figures that `question` asks for from the store at `path`.
pub fn report(
    path: &Path,
    key: &StoreKey,
    question: &Question<'_>,
    (of, format): (Of, Format),
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    let reader = Reader::open(path, key).map_err(ReportError::Open)?;
    if of == Of::Pauses {
        let pauses = reader.pauses(question).map_err(ReportError::Query)?;
        return write_pauses(&pauses, format, out).map_err(ReportError::Write);
    }
    let figures = reader.figures(question).map_err(ReportError::Query)?;
    write_figures(&figures, of, format, out).map_err(ReportError::Write)
}

/// Prints figures: those of one kind for people and spreadsheets, all of them for programs.
pub fn write_figures(figures: &Figures, of: Of, format: Format, out: &mut dyn Write) -> io::Result<()> {
    match (format, of) {
        (_, Of::Pauses) => Ok(()),
        (Format::Table, Of::Counts) => table(COLUMNS, figures.rows.iter().map(cells), out),
        (Format::Table, Of::Occupancy) => table(stays::COLUMNS, figures.occupancy.iter().map(stays::cells), out),
        (Format::Csv, Of::Counts) => csv(&figures.rows, out),
        (Format::Csv, Of::Occupancy) => stays::csv(&figures.occupancy, out),
        (Format::Json, _) => {
            serde_json::to_writer(&mut *out, figures)?;
            writeln!(out)
        }
    }
}

/// Reads a moment as people write it: RFC 3339 (`2026-11-23T10:00:00+01:00`), or in the time of the shop a date (its first moment) or a
/// date with a time (`2026-11-23 10:00`).
pub fn parse_moment(text: &str, tz: &TimeZone) -> Result<Wall, MomentError> {
    let wall = |timestamp: Timestamp| Wall(timestamp.as_millisecond());
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(wall(moment));
    }
    let unreadable = |_| MomentError::Unreadable(text.to_owned());
    if text.len() == "2026-11-23".len() {
        let date = text.parse::<Date>().map_err(unreadable)?;
        let midnight = date.to_zoned(tz.clone()).and_then(|z| z.start_of_day()).map_err(unreadable)?;
        return Ok(wall(midnight.timestamp()));
    }
    let local = text.parse::<DateTime>().map_err(unreadable)?;
    let moment = tz.to_ambiguous_timestamp(local).unambiguous();
    moment.map(wall).map_err(|_| MomentError::ClocksChange(text.to_owned()))
}

const CSV_HEADER: &str = "from,to,zone,activity,sensor,in,out,presence_seconds,occupancy_max,covered_seconds,seconds,\
                          noticed_seconds,may_be_low";

fn csv(rows: &[Row], out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{CSV_HEADER}\r\n")?;
    for row in rows {
        let cells = [
            rfc3339_text(&row.from),
            rfc3339_text(&row.to),
            row.zone.clone(),
            row.activity.clone(),
            row.sensor.clone(),
            number(row.inward, ""),
            number(row.outward, ""),
            number(row.presence_seconds, ""),
            number(row.occupancy_max, ""),
            row.covered_seconds.to_string(),
            row.seconds.to_string(),
            row.noticed_seconds.to_string(),
            row.may_be_low.to_string(),
        ];
        csv_line(cells, out)?;
    }
    Ok(())
}

pub(super) fn csv_line<const N: usize>(cells: [String; N], out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{}\r\n", cells.map(|cell| csv_cell(&cell)).join(","))
}

/// Quotes where RFC 4180 asks for it, and disarms what a spreadsheet would take for a formula (OWASP, CSV injection).
fn csv_cell(text: &str) -> String {
    let armed = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let disarmed = if armed { format!("'{text}") } else { text.to_owned() };
    if disarmed.contains([',', '"', '\r', '\n']) { format!("\"{}\"", disarmed.replace('"', "\"\"")) } else { disarmed }
}

/// Header of a column, and whether it holds numbers, which are aligned to the right.
pub(super) type Column = (&'static str, bool);

const COLUMNS: [Column; 11] = [
    ("date", false),
    ("monitoring", false),
    ("customers", true),
    ("zone", false),
    ("sensor", false),
    ("in", true),
    ("out", true),
    ("present", true),
    ("at once", true),
    ("coverage", true),
    ("note", false),
];

pub(super) fn table<const N: usize>(
    columns: [Column; N],
    rows: impl Iterator<Item = [String; N]>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let header = columns.map(|(name, _)| name.to_owned());
    let lines: Vec<[String; N]> = std::iter::once(header).chain(rows).collect();
    if lines.len() == 1 {
        return writeln!(out, "no figures in this span");
    }
    let mut widths = [0; N];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.chars().count().max(*width);
        }
    }
    for line in &lines {
        let padded = line.iter().zip(widths).zip(columns).map(|((cell, width), (_, is_number))| {
            if is_number { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
        });
        let text = padded.collect::<Vec<_>>().join("  ");
        writeln!(out, "{}", text.trim_end())?;
    }
    Ok(())
}

fn cells(row: &Row) -> [String; 11] {
    [
        span(&row.from, &row.to),
        row.kind.map_or_else(|| row.activity.clone(), |kind| kind.word().to_owned()),
        number(row.inward, "-"),
        row.zone.clone(),
        row.sensor.clone(),
        number(row.inward, "-"),
        number(row.outward, "-"),
        row.presence_seconds.map_or_else(|| "-".to_owned(), |s| format!("{} min", s / 60)),
        number(row.occupancy_max, "-"),
        coverage(row.covered_seconds, row.seconds),
        note(row),
    ]
}

pub(super) fn number(value: Option<impl fmt::Display>, absent: &str) -> String {
    value.map_or_else(|| absent.to_owned(), |v| v.to_string())
}

/// Rounded down, so that only a span without any gap reads 100 %.
pub(super) fn coverage(covered_seconds: u64, seconds: u64) -> String {
    let percent = (covered_seconds * 100).checked_div(seconds);
    percent.map_or_else(|| "-".to_owned(), |percent| format!("{percent} %"))
}

fn note(row: &Row) -> String {
    let mut notes = Vec::new();
    if row.noticed_seconds < row.covered_seconds {
        notes.push(format!("counted {} s without a notice", row.covered_seconds - row.noticed_seconds));
    }
    if row.may_be_low {
        notes.push("may be low".to_owned());
    }
    notes.join("; ")
}

/// The span as briefly as it can be told: `2026-11`, `2026-11-23`, `2026-11-23 10:00–10:15`.
pub(super) fn span(from: &Zoned, to: &Zoned) -> String {
    let (first, after) = (from.date(), to.date());
    if from.time() == Time::midnight() && to.time() == Time::midnight() {
        let last = after.yesterday().unwrap_or(after);
        return match last {
            _ if first == first.first_of_month() && last == first.last_of_month() => {
                first.strftime("%Y-%m").to_string()
            }
            _ if first == last => first.to_string(),
            _ => format!("{first} – {last}"),
        };
    }
    let (start, end) = (from.strftime("%F %H:%M"), to.strftime("%F %H:%M"));
    if first == after || (to.time() == Time::midnight() && first.tomorrow().is_ok_and(|next| next == after)) {
        format!("{start}–{}", to.strftime("%H:%M"))
    } else {
        format!("{start} – {end}")
    }
}

/// Why a moment cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MomentError {
    /// It is in no form that is known here.
    Unreadable(String),
    /// The clocks were changed then, so it came twice or not at all.
    ClocksChange(String),
}

impl fmt::Display for MomentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(text) => {
                write!(f, "'{text}' is no moment: write 2026-11-23, \"2026-11-23 10:00\" or 2026-11-23T10:00:00+01:00")
            }
            Self::ClocksChange(text) => write!(
                f,
                "'{text}' came twice or not at all when the clocks were changed: add the offset, as in 2026-10-25T02:30:00+01:00"
            ),
        }
    }
}

impl std::error::Error for MomentError {}

/// Why there is no report.
#[derive(Debug)]
pub enum ReportError {
    /// The store does not open.
    Open(OpenError),
    /// The figures cannot be read.
    Query(QueryError),
    /// The report cannot be written.
    Write(io::Error),
}

impl fmt::Display for ReportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(e) => e.fmt(f),
            Self::Query(e) => e.fmt(f),
            Self::Write(e) => write!(f, "cannot write the report: {e}"),
        }
    }
}

impl std::error::Error for ReportError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::activity::ActivityKind;

    fn warsaw() -> TimeZone {
        TimeZone::get("Europe/Warsaw").unwrap()
    }

    fn local(text: &str) -> Zoned {
        text.parse::<Timestamp>().unwrap().to_zoned(warsaw())
    }

    fn door() -> Row {
        Row {
            from: local("2026-11-23T10:00:00+01:00"),
            to: local("2026-11-23T10:15:00+01:00"),
            zone: "entrance".to_owned(),
            activity: "footfall".to_owned(),
            kind: Some(ActivityKind::PeopleCounting),
            sensor: "front-door".to_owned(),
            inward: Some(12),
            outward: Some(9),
            presence_seconds: None,
            occupancy_max: None,
            covered_seconds: 899,
            seconds: 900,
            noticed_seconds: 899,
            may_be_low: false,
        }
    }

    fn printed(rows: &[Row], format: Format) -> String {
        let mut out = Vec::new();
        let figures = Figures { rows: rows.to_vec(), occupancy: vec![] };
        write_figures(&figures, Of::Counts, format, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_table_begins_with_date_monitoring_and_customers_and_tells_what_is_wrong() {
        let aisle = Row {
            sensor: "aisle".to_owned(),
            kind: Some(ActivityKind::Presence),
            inward: None,
            outward: None,
            presence_seconds: Some(185),
            occupancy_max: Some(4),
            noticed_seconds: 300,
            may_be_low: true,
            ..door()
        };
        assert_eq!(
            printed(&[door(), aisle], Format::Table),
            "\
date                    monitoring       customers  zone      sensor      in  out  present  at once  coverage  note
2026-11-23 10:00–10:15  people-counting         12  entrance  front-door  12    9        -        -      99 %
2026-11-23 10:00–10:15  presence                 -  entrance  aisle        -    -    3 min        4      99 %  \
counted 599 s without a notice; may be low
"
        );
        assert_eq!(printed(&[], Format::Table), "no figures in this span\n");
    }

    #[test]
    fn json_has_the_names_of_the_contract_and_null_for_what_cannot_be_known() {
        let json: serde_json::Value = serde_json::from_str(&printed(&[door()], Format::Json)).unwrap();
        let expected = serde_json::json!({"rows": [{
            "from": "2026-11-23T10:00:00+01:00", "to": "2026-11-23T10:15:00+01:00", "zone": "entrance", "activity": "footfall",
            "sensor": "front-door", "in": 12, "out": 9, "presence_seconds": null, "occupancy_max": null, "covered_seconds": 899,
            "seconds": 900, "noticed_seconds": 899, "may_be_low": false
        }], "occupancy": []});
        assert_eq!(json, expected);
        assert_eq!(printed(&[], Format::Json), "{\"rows\":[],\"occupancy\":[]}\n");
    }

    #[test]
    fn csv_has_the_same_names_and_empty_cells_for_what_cannot_be_known() {
        let header = printed(&[], Format::Csv);
        let json: serde_json::Value = serde_json::to_value(door()).unwrap();
        let mut names: Vec<_> = header.trim_end().split(',').map(str::to_owned).collect();
        names.sort();
        let mut fields: Vec<_> = json.as_object().unwrap().keys().cloned().collect();
        fields.sort();
        assert_eq!(names, fields);
        assert_eq!(
            printed(&[door()], Format::Csv).split("\r\n").nth(1).unwrap(),
            "2026-11-23T10:00:00+01:00,2026-11-23T10:15:00+01:00,entrance,footfall,front-door,12,9,,,899,900,899,false"
        );
    }

    #[test]
    fn csv_cells_are_quoted_and_never_a_formula() {
        for (text, cell) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=1+1", "'=1+1"),
            ("@x", "'@x"),
            ("-2,5", "\"'-2,5\""),
        ] {
            assert_eq!(csv_cell(text), cell);
        }
    }

    #[test]
    fn spans_are_told_briefly() {
        for (from, to, told) in [
            ("2026-11-23T00:00:00+01:00", "2026-11-24T00:00:00+01:00", "2026-11-23"),
            ("2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00", "2026-10-25"),
            ("2026-11-16T00:00:00+01:00", "2026-11-23T00:00:00+01:00", "2026-11-16 – 2026-11-22"),
            ("2026-10-01T00:00:00+02:00", "2026-11-01T00:00:00+01:00", "2026-10"),
            ("2026-11-23T23:45:00+01:00", "2026-11-24T00:00:00+01:00", "2026-11-23 23:45–00:00"),
            ("2026-11-23T10:00:00+01:00", "2026-11-24T11:00:00+01:00", "2026-11-23 10:00 – 2026-11-24 11:00"),
        ] {
            assert_eq!(span(&local(from), &local(to)), told);
        }
    }

    #[test]
    fn moments_are_read_as_people_write_them() {
        for (text, expected) in [
            ("2026-11-23T10:00:00+01:00", "2026-11-23T10:00:00+01:00"),
            ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z"),
            ("2026-11-23", "2026-11-23T00:00:00+01:00"),
            ("2026-07-01", "2026-07-01T00:00:00+02:00"),
            ("2026-11-23 10:00", "2026-11-23T10:00:00+01:00"),
            ("2026-11-23T10:00:30", "2026-11-23T10:00:30+01:00"),
        ] {
            let moment = parse_moment(text, &warsaw()).unwrap();
            assert_eq!(moment.0, expected.parse::<Timestamp>().unwrap().as_millisecond(), "{text}");
        }
    }

    #[test]
    fn moments_that_cannot_be_meant_are_refused_with_what_to_write() {
        for text in ["", "yesterday", "2026-13-01", "2026-11-23T25:00", "23.11.2026"] {
            let error = parse_moment(text, &warsaw()).unwrap_err();
            assert_eq!(error, MomentError::Unreadable(text.to_owned()));
        }
        for text in ["2026-10-25 02:30", "2026-03-29 02:30"] {
            assert_eq!(parse_moment(text, &warsaw()).unwrap_err(), MomentError::ClocksChange(text.to_owned()));
        }
    }
}
