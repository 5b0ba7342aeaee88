//! `noticed evidence`: what the ledger in the store proves, and the file by which others can check it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::account::Source;
use super::period::Period;
use super::{Failure, account, configuration};
use crate::config::Config;
use crate::daemon::master_key;
use crate::domain::text::Language;
use crate::domain::time::{Bucket, Wall};
use crate::ledger::page::Words;
use crate::ledger::verify::{Circumstances, Verdict, verify_export};
use crate::sign::font::Fonts;
use crate::sign::print::paper::Paper;
use crate::sign::print::pdf::pdf;
use crate::sign::print::report::report as print;
use crate::store::ledger::Kept;
use crate::store::query::Reader;

mod html;
mod officer;

use html::html;
use officer::Officer;

/// What the user asks for.
#[derive(Args, Debug)]
pub struct Asked {
    #[command(flatten)]
    period: Period,
    /// Write the whole ledger into one file that `noticed ledger verify` judges anywhere.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from", "to", "format"])]
    export: Option<PathBuf>,
    /// How to print; html and pdf are one page in plain words, written with --out.
    #[arg(long, value_enum, default_value_t)]
    format: Written,
    /// Language of the page; without it the shop's first that there is.
    #[arg(long, value_name = "XX")]
    lang: Option<String>,
    /// Where to write the page.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// How evidence is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum Written {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
    /// One page for browsers.
    Html,
    /// One page for printers.
    Pdf,
}

/// Checks the store's own ledger as a stranger would, and prints what it adds up to, or writes the export.
pub fn evidence(path: &Path, asked: &Asked, out: &mut dyn Write) -> Result<(), Failure> {
    let config = configuration(path)?;
    let window = window(&config, asked)?;
    let page = OnPage::asked(&config, asked)?;
    let kept = kept(&config)?;
    let circumstances = match asked.export {
        Some(_) => Circumstances::default(),
        None => Circumstances { window, alive_until: kept.alive_until, ..Circumstances::default() },
    };
    if let Some(file) = &asked.export {
        fs::write(file, kept.export.text())
            .map_err(|error| Failure::because(format!("{}: {error}", file.display())))?;
    }
    let verdict = verify_export(&kept.export, &circumstances)
        .map_err(|fault| Failure::because(format!("the ledger in the store is not whole: {fault}")))?;
    if let Some(page) = page {
        return page.write(&config, &verdict, out);
    }
    let written = match (&asked.export, asked.format) {
        (Some(file), _) => writeln!(
            out,
            "wrote {} entries to {}\nfirst key: {}\nCheck it with: noticed ledger verify {}",
            verdict.entries,
            file.display(),
            verdict.first_key,
            file.display()
        ),
        (None, Written::Table | Written::Html | Written::Pdf) => {
            account::write(&verdict, &config.shop.time_zone, Source::Store, out)
        }
        (None, Written::Json) => writeln!(out, "{}", account::json(&verdict, &config.shop.time_zone)),
    };
    written.map_err(Failure::because)
}

/// A report that is written as a page.
struct OnPage<'a> {
    file: &'a Path,
    format: Written,
    words: Words,
    language: Language,
}

impl<'a> OnPage<'a> {
    fn asked(config: &Config, asked: &'a Asked) -> Result<Option<Self>, Failure> {
        let is_page = matches!(asked.format, Written::Html | Written::Pdf);
        let file = match (&asked.out, is_page) {
            (Some(file), true) => file,
            (None, false) if asked.lang.is_none() => return Ok(None),
            (None, true) => return Err(Failure::usage("--format html and pdf write a file: add --out FILE")),
            (_, false) => return Err(Failure::usage("--out and --lang are for --format html or pdf")),
        };
        let known = |language: &Language| Words::of(*language).is_some();
        let language = match &asked.lang {
            Some(code) => Language::parse(code).filter(known).ok_or_else(|| {
                Failure::usage(format!(
                    "\"{code}\" is no language of the report; there are: {}",
                    Words::languages().join(", ")
                ))
            })?,
            None => config.shop.languages.iter().copied().find(known).unwrap_or(Language::ENGLISH),
        };
        let words = Words::of(language).expect("it is one that there is");
        Ok(Some(Self { file, format: asked.format, words, language }))
    }

    fn write(&self, config: &Config, verdict: &Verdict, out: &mut dyn Write) -> Result<(), Failure> {
        let report = Officer { words: &self.words, language: self.language, shop: &config.shop }.report(verdict);
        let bytes = if self.format == Written::Html {
            html(&report).into_bytes()
        } else {
            let fonts = Fonts::embedded();
            pdf(&print(&report, Paper::A4, &fonts).map_err(Failure::because)?, &fonts)
        };
        fs::write(self.file, bytes)
            .map_err(|error| Failure::because(format!("cannot write {}: {error}", self.file.display())))?;
        writeln!(out, "{}: the report, on one page", self.file.display()).map_err(Failure::because)
    }
}

fn window(config: &Config, asked: &Asked) -> Result<Option<Bucket>, Failure> {
    let (from, to) = asked.period.ends(&config.shop.time_zone)?;
    let window = Bucket { start: from.unwrap_or(Wall(i64::MIN)), end: to.unwrap_or(Wall(i64::MAX)) };
    Ok((from.is_some() || to.is_some()).then_some(window))
}

fn kept(config: &Config) -> Result<Kept, Failure> {
    let master = master_key(config).map_err(Failure::because)?;
    let reader = Reader::open(&config.store.path, &master.store_key()).map_err(Failure::because)?;
    let kept = reader.ledger().map_err(Failure::because)?;
    kept.ok_or_else(|| Failure::because("the store has no ledger yet: `noticed run` begins one when it starts"))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;
    use crate::domain::commit::Commit;
    use crate::ledger::tests::year::{Shop, days};
    use crate::ledger::verify::verify;
    use crate::sign::print::report::Part;
    use crate::store::Store;
    use crate::store::key::write_new;
    use crate::store::ledger::Keeper;

    const SAMPLE: &str = include_str!("../../../config/noticed.toml");

    /// A folder with a configuration whose store has this ledger.
    fn place(shop: Option<&Shop>) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let (key, store) = (folder.path().join("store.key"), folder.path().join("store.db"));
        write_new(&key).unwrap();
        let own = |line: &str| match line.split_once(" = ").map(|(name, _)| name.trim_start_matches("# ")) {
            Some("path") => format!("path = \"{}\"", store.display()),
            Some("key-file") => format!("key-file = \"{}\"", key.display()),
            _ => line.to_owned(),
        };
        let text: Vec<String> = SAMPLE.lines().map(own).collect();
        fs::write(folder.path().join("noticed.toml"), text.join("\n")).unwrap();
        let config = configuration(&folder.path().join("noticed.toml")).unwrap();
        let keeper = Keeper { shop: config.shop.id.clone(), time_zone: config.shop.time_zone.clone() };
        let (opened, _) = Store::open(&store, &master_key(&config).unwrap().store_key(), keeper).unwrap();
        for entries in shop.iter().flat_map(|shop| &shop.log.told) {
            let (tell, told) = channel();
            let commit = Commit { ledger: entries.clone(), ..Commit::default() };
            opened.commit(commit, Box::new(move |outcome| tell.send(outcome).unwrap()));
            told.recv().unwrap().unwrap();
        }
        opened.close();
        folder
    }

    fn asked() -> Asked {
        Asked { period: Period { from: None, to: None }, export: None, format: Written::Json, lang: None, out: None }
    }

    fn span(from: &str, to: &str) -> Period {
        Period { from: Some(from.to_owned()), to: Some(to.to_owned()) }
    }

    fn answer(folder: &tempfile::TempDir, asked: &Asked) -> Result<String, Failure> {
        let mut out = Vec::new();
        evidence(&folder.path().join("noticed.toml"), asked, &mut out)?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    }

    #[test]
    fn evidence_of_a_day_is_printed_and_the_export_of_all_is_whole() {
        let folder = place(Some(&days(1, 3)));
        let day = Asked { period: span("2026-01-02", "2026-01-03"), ..asked() };
        let json: serde_json::Value = serde_json::from_str(&answer(&folder, &day).unwrap()).unwrap();
        let zone = &json["zones"][0];
        assert_eq!(zone["seconds"], 86_400, "{json}");
        assert!(zone["open_seconds"].as_u64().unwrap() > 30_000);
        assert!(zone["gaps"][0]["from"].as_str().unwrap().starts_with("2026-01-02T00:00:00+01:00"), "{zone}");

        let file = folder.path().join("evidence.json");
        let said = answer(&folder, &Asked { export: Some(file.clone()), ..asked() }).unwrap();
        let verdict = verify(&fs::read_to_string(&file).unwrap(), &Circumstances::default()).unwrap();
        assert!(
            said.contains(&verdict.first_key) && said.contains(&format!("wrote {} entries", verdict.entries)),
            "{said}"
        );
        assert_eq!(verdict.checkpoint, json["checkpoint"].as_str().unwrap());
    }

    #[test]
    fn without_a_ledger_and_with_a_span_that_ends_before_it_begins_there_is_no_evidence() {
        let folder = place(None);
        assert!(answer(&folder, &asked()).unwrap_err().to_string().contains("no ledger yet"));
        let backwards = Asked { period: span("2026-01-02", "2026-01-02"), ..asked() };
        assert!(matches!(answer(&folder, &backwards), Err(Failure::Usage(_))));
    }

    #[test]
    fn the_report_says_the_same_on_paper_and_on_the_screen_in_either_language() {
        let folder = place(Some(&days(1, 40)));
        for (lang, parts) in [
            ("en", ["This ledger is whole.", "outside opening hours", "entrance", "by the clocks of Europe/Warsaw"]),
            (
                "pl",
                [
                    "Ten dziennik jest nienaruszony.",
                    "poza godzinami otwarcia",
                    "entrance",
                    "według zegara Europe/Warsaw",
                ],
            ),
        ] {
            let file = folder.path().join("report.html");
            let page = |format| Asked { format, lang: Some(lang.to_owned()), out: Some(file.clone()), ..asked() };
            answer(&folder, &page(Written::Html)).unwrap();
            let text = fs::read_to_string(&file).unwrap();
            for part in parts {
                assert!(text.contains(part), "{part} in {text}");
            }
            answer(&folder, &page(Written::Pdf)).unwrap();
            assert!(fs::read(&file).unwrap().starts_with(b"%PDF-"));
        }
        let said = |asked: &Asked| answer(&folder, asked).unwrap_err().to_string();
        assert!(said(&Asked { format: Written::Pdf, ..asked() }).contains("--out"));
        assert!(said(&Asked { lang: Some("pl".to_owned()), ..asked() }).contains("--format html or pdf"));
        let german =
            Asked { format: Written::Pdf, lang: Some("de".to_owned()), out: Some(PathBuf::from("x")), ..asked() };
        assert!(said(&german).contains("there are: en, pl"));
    }

    #[test]
    fn the_longest_report_is_one_page_with_every_word_of_it() {
        let config = configuration(&place(None).path().join("noticed.toml")).unwrap();
        let fonts = Fonts::embedded();
        let verdict = verify_export(&days(1, 60).log.export(), &Circumstances::default()).unwrap();
        for code in Words::languages() {
            let language = Language::parse(&code).unwrap();
            let words = Words::of(language).unwrap();
            let mut report = Officer { words: &words, language, shop: &config.shop }.report(&verdict);
            for part in &mut report.parts {
                if let Part::Table { rows, .. } = part {
                    let most = if rows[0].len() == 8 { 9 } else { 13 };
                    rows.resize(most, rows[0].clone());
                }
            }
            let page = print(&report, Paper::A4, &fonts).unwrap();
            let squashed = |text: &str| text.split_whitespace().collect::<String>();
            let set: String = page.texts().map(|text| squashed(&text.words())).collect();
            for text in html(&report).split('>').filter_map(|after| after.split('<').next()).skip(3) {
                let text = squashed(&text.replace("&quot;", "\""));
                assert!(text.contains('{') || set.contains(&text), "{text} is not on paper: {set}");
            }
            for area in page.operations.iter().map(crate::sign::print::page::Operation::area) {
                assert!(area.x > 10.0 && area.right() < 200.0 && area.bottom() < 290.0, "{area:?}");
            }
        }
    }
}
