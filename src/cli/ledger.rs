//! `noticed ledger verify`: the judgement of a stranger over an export. Needs no configuration and no store.

use std::fs::{self, File};
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use jiff::tz::TimeZone;
use serde_json::json;

use super::account::Source;
use super::{FAILED, FINE, Failure, account};
use crate::ledger::export::EXPORT_MAX_BYTES;
use crate::ledger::note::NOTE_MAX_BYTES;
use crate::ledger::page::html;
use crate::ledger::verify::{Circumstances, Fault, Seen, Verdict, verify as judge};

/// What to verify.
#[derive(Args, Debug)]
pub struct Asked {
    /// The export, as `noticed evidence --export` writes it.
    file: PathBuf,
    /// A checkpoint that was kept from the same log, as a file; may be given several times.
    #[arg(long, value_name = "SEEN")]
    checkpoint: Vec<PathBuf>,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: How,
}

/// How evidence is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum How {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
}

/// Judges the file, and gives the exit code. People read what is wrong on `err`, programs on `out`.
pub fn verify(asked: &Asked, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let verdict = match verdict(asked) {
        Ok(verdict) => verdict,
        Err(unread) => {
            let _ = writeln!(err, "noticed: {unread}");
            return FAILED;
        }
    };
    let code = if verdict.is_ok() { FINE } else { FAILED };
    if write(&verdict, asked, out, err).is_ok() { code } else { FAILED }
}

/// Writes the page that does the same in a browser.
pub fn page(file: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    fs::write(file, html()).map_err(|error| Failure::because(format!("cannot write {}: {error}", file.display())))?;
    writeln!(out, "{}: open it in a browser, and choose an export", file.display()).map_err(Failure::because)
}

fn verdict(asked: &Asked) -> Result<Result<Verdict, Fault>, String> {
    let text = read(&asked.file, EXPORT_MAX_BYTES)?;
    let seen = |path: &PathBuf| {
        let note = read(path, NOTE_MAX_BYTES as u64)?;
        // Kept by hand, it may have lost its last line end, or have those of another system.
        let note = format!("{}\n", note.replace("\r\n", "\n").trim_end_matches('\n'));
        Ok(Seen { name: path.display().to_string(), note })
    };
    let seen = asked.checkpoint.iter().map(seen).collect::<Result<_, String>>()?;
    Ok(judge(&text, &Circumstances { seen, ..Circumstances::default() }))
}

fn write(verdict: &Result<Verdict, Fault>, asked: &Asked, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<()> {
    match (asked.format, verdict) {
        (How::Table, Ok(verdict)) => account::write(verdict, &TimeZone::UTC, Source::File, out),
        (How::Table, Err(fault)) => writeln!(err, "noticed: {}: {fault}", asked.file.display()),
        (How::Json, Ok(verdict)) => writeln!(out, "{}", account::json(verdict, &TimeZone::UTC)),
        (How::Json, Err(Fault { place, what })) => {
            writeln!(out, "{}", json!({ "whole": false, "place": place.to_string(), "what": what }))
        }
    }
}

fn read(path: &Path, most: u64) -> Result<String, String> {
    let unreadable = |error: io::Error| format!("{}: {error}", path.display());
    let mut text = String::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(most + 1).read_to_string(&mut text).map_err(unreadable)?;
    if text.len() as u64 > most {
        return Err(format!("{}: it has more than {most} bytes, and is not what it is taken for", path.display()));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::tests::year::days;

    /// Exit code and what was said, in a folder with an export and a checkpoint kept of it.
    fn answer(spoil: impl Fn(String) -> String, seen: &[&str], format: How) -> (u8, String, String) {
        let folder = tempfile::tempdir().unwrap();
        let shop = days(1, 3);
        let put = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        let file = put("evidence.json", &spoil(shop.log.export().text()));
        put("seen", &shop.log.closed[1].checkpoint);
        put("pasted", shop.log.closed[1].checkpoint.replace('\n', "\r\n").trim_end());
        put("later", &days(1, 4).log.book.checkpoint);
        put("big", &"x".repeat(NOTE_MAX_BYTES + 1));
        let asked = Asked { file, checkpoint: seen.iter().map(|name| folder.path().join(name)).collect(), format };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let code = verify(&asked, &mut out, &mut err);
        (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
    }

    #[test]
    fn a_whole_file_is_fine_and_says_what_it_proves() {
        let (code, out, err) = answer(|text| text, &["seen", "pasted"], How::Table);
        assert_eq!((code, err.as_str()), (0, ""));
        for part in [
            "whole       yes",
            "first key   noticed/poznan-1+",
            "3 keys",
            "2 checkpoint(s) given",
            "never",
            "outside-hours",
        ] {
            assert!(out.contains(part), "{part} in {out}");
        }
        assert!(out.contains("not open:\n  entrance browsing: no-notice"), "{out}");
        assert!(out.trim_end().lines().next_back().unwrap().starts_with("— noticed/poznan-1 "), "{out}");
    }

    #[test]
    fn programs_read_the_same() {
        let (code, out, _) = answer(|text| text, &[], How::Json);
        let json: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!((code, &json["whole"], json["zones"].as_array().unwrap().len()), (0, &true.into(), 4));
        let zone = &json["zones"][0];
        assert_eq!((&zone["zone"], &zone["activity"]), (&"entrance".into(), &"browsing".into()));
        assert!(zone["open_seconds"].as_u64() <= zone["noticed_seconds"].as_u64());
        assert!(zone["gaps"][0]["from"].as_str().unwrap().starts_with("2026-01-01T00:00:00"), "{zone}");
        assert!(json["checkpoint"].as_str().unwrap().starts_with("noticed/poznan-1\n"));
    }

    #[test]
    fn the_first_wrong_thing_is_named_and_the_exit_code_tells() {
        let spoil = |text: String| text.replacen("\\\"cause\\\":\\\"overdue\\\"", "\\\"cause\\\":\\\"stopped\\\"", 1);
        let (code, out, err) = answer(spoil, &[], How::Table);
        assert_eq!((code, out.as_str()), (1, ""));
        assert!(err.contains("evidence.json: entries 0 to "), "{err}");
        let (code, out, _) = answer(spoil, &[], How::Json);
        let json: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!((code, &json["whole"]), (1, &false.into()));
        assert!(json["place"].as_str().unwrap().starts_with("entries 0 to "), "{json}");
        let (code, _, err) = answer(|text| text, &["seen", "later"], How::Table);
        assert!(code == 1 && err.contains("the kept checkpoint"), "{err}");
    }

    #[test]
    fn what_cannot_be_read_is_no_verdict() {
        for (seen, why) in [("none", "No such file"), ("big", "more than 16384 bytes")] {
            let (code, out, err) = answer(|text| text, &[seen], How::Json);
            assert_eq!((code, out.as_str()), (1, ""));
            assert!(err.contains(why), "{err}");
        }
    }
}
