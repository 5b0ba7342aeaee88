//! `noticed check`: every problem of the configuration at once.

use std::io::{self, Write};
use std::path::Path;

use super::{FAILED, FINE, Format, WRONG_CONFIGURATION, examine};
use crate::config::Config;
use crate::config::problem::Problems;
use crate::daemon::remarks;

/// Checks the configuration at `path` with the device profiles beside it; gives the exit code.
///
/// People read problems on `err`; programs read them on `out`.
pub fn check(path: &Path, format: Format, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let verdict = examine(path);
    let code = if verdict.is_ok() { FINE } else { WRONG_CONFIGURATION };
    let remarks = verdict.as_ref().map(remarks).unwrap_or_default();
    let written = match (format, &verdict) {
        (Format::Table, Ok(config)) => write_fine(path, config, &remarks, out),
        (Format::Table, Err(problems)) => writeln!(err, "{problems}"),
        (Format::Json, verdict) => write_json(verdict.as_ref().err(), &remarks, out),
        (Format::Csv, verdict) => write_csv(verdict.as_ref().err(), out),
    };
    if written.is_ok() { code } else { FAILED }
}

fn summary(config: &Config) -> String {
    let counts = [(config.zones.len(), "zone"), (config.sensors.len(), "sensor"), (config.signs.len(), "sign")];
    counts.map(|(count, noun)| format!("{count} {noun}{}", if count == 1 { "" } else { "s" })).join(", ")
}

fn write_fine(path: &Path, config: &Config, remarks: &[String], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}: fine: {}", path.display(), summary(config))?;
    remarks.iter().try_for_each(|remark| writeln!(out, "    note: {remark}"))
}

/// `{"problems":[…],"remarks":[…]}`.
fn write_json(problems: Option<&Problems>, remarks: &[String], out: &mut dyn Write) -> io::Result<()> {
    let problems = problems.map(|problems| problems.problems.as_slice()).unwrap_or_default();
    serde_json::to_writer(&mut *out, &serde_json::json!({ "problems": problems, "remarks": remarks }))?;
    writeln!(out)
}

fn write_csv(problems: Option<&Problems>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "file,line,column,what,help")?;
    for problem in problems.iter().flat_map(|problems| &problems.problems) {
        let help = problem.help.as_deref().unwrap_or_default();
        let [file, what, help] = [&problem.file, &problem.what, help].map(cell);
        writeln!(out, "{file},{},{},{what},{help}", problem.line, problem.column)?;
    }
    Ok(())
}

/// A cell in quotes (RFC 4180).
fn cell(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::config::open::profiles_beside;

    const SAMPLE: &str = include_str!("../../config/noticed.toml");

    /// Exit code, what went to `out` and what to `err`, with the folder of the file cut away.
    fn answer(text: &str, format: Format) -> (u8, String, String) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("noticed.toml");
        fs::write(&path, text).unwrap();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let code = check(&path, format, &mut out, &mut err);
        let shorten = |bytes| String::from_utf8(bytes).unwrap().replace(&format!("{}/", dir.path().display()), "");
        (code, shorten(out), shorten(err))
    }

    #[test]
    fn a_good_file_is_fine_in_one_line() {
        let expected = "noticed.toml: fine: 1 zone, 1 sensor, 1 sign\n";
        assert_eq!(answer(SAMPLE, Format::Table), (0, expected.to_owned(), String::new()));
        assert_eq!(answer(SAMPLE, Format::Json), (0, "{\"problems\":[],\"remarks\":[]}\n".to_owned(), String::new()));
    }

    #[test]
    fn what_a_small_panel_has_no_room_for_is_a_note_and_no_problem() {
        let small = SAMPLE.replace("panel = \"800x480-bw\"", "panel = \"296x128-bw\"");
        let (code, out, err) = answer(&small, Format::Table);
        assert_eq!((code, err.as_str(), out.lines().count()), (0, "", 2), "{out}");
        assert!(out.lines().nth(1).unwrap().starts_with("    note: sign \"door\" has no room"), "{out}");
        let (_, json, _) = answer(&small, Format::Json);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["remarks"].as_array().map(Vec::len), Some(1), "{json}");
    }

    #[test]
    fn a_wrong_file_ends_with_78_and_all_its_problems() {
        let (code, out, err) = answer(&SAMPLE.replace("\"13 months\"", "\"13\""), Format::Table);
        assert_eq!((code, out.as_str()), (78, ""));
        assert!(err.starts_with("noticed.toml:"), "{err}");
        assert!(err.ends_with("\n1 problem in noticed.toml\n"), "{err}");
    }

    #[test]
    fn programs_read_the_same_problems() {
        let wrong = SAMPLE.replace("\"13 months\"", "\"13\"");
        let (code, json, err) = answer(&wrong, Format::Json);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!((code, err.as_str()), (78, ""));
        let line = SAMPLE.lines().position(|l| l.starts_with("retention")).unwrap() + 1;
        assert_eq!(json["problems"][0]["line"], line);

        let (code, csv, _) = answer(&wrong, Format::Csv);
        let row = format!("\"noticed.toml\",{line},13,\"activity \"\"footfall\"\" retention: ");
        assert_eq!(code, 78);
        assert!(csv.lines().nth(1).unwrap().starts_with(&row), "{csv}");
    }

    #[test]
    fn a_bad_profile_beside_a_good_file_is_wrong_as_well() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("noticed.toml");
        fs::write(&path, SAMPLE).unwrap();
        fs::create_dir(profiles_beside(&path)).unwrap();
        fs::write(profiles_beside(&path).join("own.toml"), "x").unwrap();
        let mut err = Vec::new();
        let code = check(&path, Format::Table, &mut Vec::new(), &mut err);
        assert_eq!(code, 78);
        assert!(String::from_utf8(err).unwrap().contains("profiles/own.toml:1:"));
    }
}
