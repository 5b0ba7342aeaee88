//! `noticed report --of occupancy`: how many people were in each zone and in the shop, and how long they stayed.

use std::io::{self, Write};

use super::report::{Column, coverage, csv_line, number, span};
use crate::store::query::{OccupancyLine, rfc3339_text};

pub(super) const COLUMNS: [Column; 8] = [
    ("date", false),
    ("zone", false),
    ("mean", true),
    ("at once", true),
    ("mean stay", true),
    ("left", true),
    ("coverage", true),
    ("note", false),
];

pub(super) fn cells(line: &OccupancyLine) -> [String; 8] {
    [
        span(&line.from, &line.to),
        line.zone.clone().unwrap_or_else(|| "(whole shop)".to_owned()),
        line.mean.map_or_else(|| "-".to_owned(), |mean| format!("{mean:.1}")),
        number(line.max, "-"),
        line.mean_stay_seconds.map_or_else(|| "-".to_owned(), minutes),
        line.exits.to_string(),
        coverage(line.covered_seconds, line.seconds),
        if line.may_be_off { "may be off".to_owned() } else { String::new() },
    ]
}

fn minutes(seconds: f64) -> String {
    format!("{:.1} min", seconds / 60.0)
}

const CSV_HEADER: &str =
    "from,to,zone,mean,max,person_seconds,exits,mean_stay_seconds,covered_seconds,seconds,may_be_off";

/// The zone of the whole shop is an empty cell.
pub(super) fn csv(lines: &[OccupancyLine], out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{CSV_HEADER}\r\n")?;
    for line in lines {
        let cells = [
            rfc3339_text(&line.from),
            rfc3339_text(&line.to),
            line.zone.clone().unwrap_or_default(),
            number(line.mean, ""),
            number(line.max, ""),
            line.person_seconds.to_string(),
            line.exits.to_string(),
            number(line.mean_stay_seconds, ""),
            line.covered_seconds.to_string(),
            line.seconds.to_string(),
            line.may_be_off.to_string(),
        ];
        csv_line(cells, out)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Format;
    use crate::cli::figures::Of;
    use crate::cli::report::write_figures;
    use crate::store::query::Figures;

    fn line(zone: Option<&str>) -> OccupancyLine {
        let local = |text: &str| text.parse().expect("a moment with its zone");
        OccupancyLine {
            from: local("2026-11-23T10:00:00+01:00[Europe/Warsaw]"),
            to: local("2026-11-23T11:00:00+01:00[Europe/Warsaw]"),
            zone: zone.map(str::to_owned),
            mean: Some(2.55),
            max: Some(7),
            person_seconds: 9_180,
            exits: 12,
            mean_stay_seconds: Some(765.0),
            covered_seconds: 3_599,
            seconds: 3_600,
            may_be_off: false,
        }
    }

    fn unknown() -> OccupancyLine {
        OccupancyLine {
            mean: None,
            max: None,
            person_seconds: 0,
            exits: 0,
            mean_stay_seconds: None,
            covered_seconds: 0,
            may_be_off: true,
            ..line(None)
        }
    }

    fn printed(format: Format) -> String {
        let figures = Figures { rows: vec![], occupancy: vec![line(Some("entrance")), unknown()] };
        let mut out = Vec::new();
        write_figures(&figures, Of::Occupancy, format, &mut out).expect("a vector takes it");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn the_table_says_how_many_were_there_how_long_and_what_is_uncertain() {
        assert_eq!(
            printed(Format::Table),
            "\
date                    zone          mean  at once  mean stay  left  coverage  note
2026-11-23 10:00–11:00  entrance       2.5        7   12.8 min    12      99 %
2026-11-23 10:00–11:00  (whole shop)     -        -          -     0       0 %  may be off
"
        );
    }

    #[test]
    fn json_has_the_names_of_the_contract_and_null_for_the_shop_and_for_what_is_not_known() {
        let json: serde_json::Value = serde_json::from_str(&printed(Format::Json)).expect("JSON");
        let (from, to) = ("2026-11-23T10:00:00+01:00", "2026-11-23T11:00:00+01:00");
        let expected = serde_json::json!({"rows": [], "occupancy": [
            {"from": from, "to": to, "zone": "entrance", "mean": 2.55, "max": 7, "person_seconds": 9180, "exits": 12,
             "mean_stay_seconds": 765.0, "covered_seconds": 3599, "seconds": 3600, "may_be_off": false},
            {"from": from, "to": to, "zone": null, "mean": null, "max": null, "person_seconds": 0, "exits": 0,
             "mean_stay_seconds": null, "covered_seconds": 0, "seconds": 3600, "may_be_off": true},
        ]});
        assert_eq!(json, expected);
    }

    #[test]
    fn csv_has_the_same_names_and_empty_cells_for_the_shop_and_for_what_is_not_known() {
        let span = "2026-11-23T10:00:00+01:00,2026-11-23T11:00:00+01:00";
        let expected = format!(
            "{CSV_HEADER}\r\n{span},entrance,2.55,7,9180,12,765,3599,3600,false\r\n{span},,,,0,0,,0,3600,true\r\n"
        );
        assert_eq!(printed(Format::Csv), expected);
        let json = serde_json::to_value(line(None)).expect("JSON");
        let mut names: Vec<&str> = json.as_object().expect("an object").keys().map(String::as_str).collect();
        let mut header: Vec<&str> = CSV_HEADER.split(',').collect();
        names.sort_unstable();
        header.sort_unstable();
        assert_eq!(names, header);
    }
}
