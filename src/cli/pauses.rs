//! `noticed report --of pauses`: how often visitors paused counting, by zone and day.

use std::io::{self, Write};

use super::Format;
use super::report::{Column, csv_line, table};
use crate::store::pauses::PausesOfDay;

const COLUMNS: [Column; 3] = [("date", false), ("zone", false), ("pauses", true)];

const CSV_HEADER: &str = "date,zone,pauses";

/// Prints them.
pub(super) fn write_pauses(lines: &[PausesOfDay], format: Format, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Table => table(COLUMNS, lines.iter().map(cells), out),
        Format::Csv => {
            write!(out, "{CSV_HEADER}\r\n")?;
            lines.iter().try_for_each(|line| csv_line(cells(line), out))
        }
        Format::Json => {
            serde_json::to_writer(&mut *out, &serde_json::json!({ "pauses": lines }))?;
            writeln!(out)
        }
    }
}

fn cells(line: &PausesOfDay) -> [String; 3] {
    [line.date.to_string(), line.zone.clone(), line.pauses.to_string()]
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn printed(format: Format) -> String {
        let line = |day, pauses| PausesOfDay { date: date(2026, 11, day), zone: "entrance".to_owned(), pauses };
        let mut out = Vec::new();
        write_pauses(&[line(23, 2), line(24, 11)], format, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_day_has_a_number_and_no_time() {
        assert_eq!(
            printed(Format::Table),
            "date        zone      pauses\n2026-11-23  entrance       2\n2026-11-24  entrance      11\n"
        );
        assert_eq!(printed(Format::Csv), "date,zone,pauses\r\n2026-11-23,entrance,2\r\n2026-11-24,entrance,11\r\n");
        let told: serde_json::Value = serde_json::from_str(&printed(Format::Json)).unwrap();
        assert_eq!(told["pauses"][1], serde_json::json!({"date": "2026-11-24", "zone": "entrance", "pauses": 11}));
    }
}
