//! The page of HTML that checks an export, in a real browser without a network, held against the verifier of the program: both must say
//! the same of the same file, the figures of one that is whole and the first wrong thing of one that is not.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use noticed::domain::id::{SignId, ZoneId};
use noticed::domain::ledger::{Entry, Event};
use noticed::domain::notice::Evidence;
use noticed::domain::time::{Mono, Wall};
use noticed::ledger::checkpoint::Checkpoint;
use noticed::ledger::entry::{Record, parse};
use noticed::ledger::export::{Export, Folded, Picture};
use noticed::ledger::note::Note;
use noticed::ledger::state::Standing;
use noticed::ledger::tree::{Hash, covering, leaf};
use noticed::ledger::verify::{Circumstances, Fault, Seen, verify};
use noticed::sign::canvas::{Canvas, Tint};
use noticed::sign::encode::png;
use noticed::sign::panel::{Ink, Panel};
use noticed::sign::picture::identity;
use noticed::{domain, ledger};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::browser::Browser;
use crate::shop::{noticed, wait_until};
use year::{Log, days};

#[path = "../../src/ledger/tests/year.rs"]
mod year;

/// Files that are judged in one go: more would be a long answer of the browser's driver.
const AT_ONCE: usize = 40;

/// A line of a witness as c2sp.org/tlog-cosignature writes it: a time of eight bytes stands before the signature.
pub(crate) const COSIGNATURE: &str = "— witness.example/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe/mbIUBkBIfZ+qnA==\n";

/// A file, and a checkpoint that somebody kept.
struct Case {
    what: &'static str,
    text: String,
    seen: Option<String>,
}

impl Case {
    fn new(what: &'static str, export: &Export) -> Self {
        Self { what, text: export.text(), seen: None }
    }

    fn beside(self, seen: &str) -> Self {
        Self { seen: Some(seen.to_owned()), ..self }
    }

    fn judged(&self) -> Result<(), Fault> {
        let seen = self.seen.iter().map(|note| Seen { name: "kept".to_owned(), note: note.clone() }).collect();
        verify(&self.text, &Circumstances { seen, ..Circumstances::default() }).map(drop)
    }
}

/// Always the same numbers (Knuth's constants).
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most
    }
}

/// The page in a browser.
struct Page {
    folder: TempDir,
    browser: Browser,
}

impl Page {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("verify.html");
        let written = noticed(&["ledger", "page", "--out", file.to_str().unwrap()]);
        assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
        let browser = Browser::start();
        browser.open(&format!("file://{}", file.display()));
        Self { folder, browser }
    }

    fn put(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// What the page says of each.
    fn judge(&self, cases: &[Case]) -> Vec<Value> {
        let asked = |case: &Case| {
            let seen: Vec<Value> = case.seen.iter().map(|note| json!({ "name": "kept", "note": note })).collect();
            json!([case.text, seen])
        };
        let mut told = Vec::new();
        for some in cases.chunks(AT_ONCE) {
            let asked: Vec<Value> = some.iter().map(asked).collect();
            let script = format!(
                "return (async () => {{ const told = []; for (const [text, seen] of {}) told.push(await noticed.judge(text, seen)); return told; }})()",
                Value::Array(asked)
            );
            told.extend(self.browser.run(&script).as_array().unwrap().iter().cloned());
        }
        told
    }

    /// What the program says, in the same words.
    fn command(&self, case: &Case) -> Value {
        let file = self.put("case.json", &case.text);
        let seen = case.seen.as_ref().map(|note| self.put("kept", note));
        let seen: Vec<&str> = seen.iter().flat_map(|path| ["--checkpoint", path.to_str().unwrap()]).collect();
        let output = noticed(&[&["ledger", "verify", file.to_str().unwrap(), "--format", "json"], &seen[..]].concat());
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Both judge every case, and say the same. Gives how many were whole.
    fn agree(&self, cases: &[Case]) -> usize {
        let mut whole = 0;
        for (case, told) in cases.iter().zip(self.judge(cases)) {
            match case.judged() {
                Ok(()) => {
                    whole += 1;
                    assert_eq!(told, self.command(case), "{}", case.what);
                }
                Err(Fault { place, what }) => {
                    assert_eq!(
                        told["whole"], false,
                        "{}: the page takes for whole what is wrong at {place}: {what}",
                        case.what
                    );
                    let said = told["place"].as_str().unwrap();
                    assert_eq!(of_file(said), of_file(&place.to_string()), "{}: {what}; the page: {told}", case.what);
                }
            }
        }
        whole
    }
}

/// What a browser says of an export.
pub(crate) fn page_says(text: &str) -> Value {
    let case = Case { what: "an export", text: text.to_owned(), seen: None };
    Page::open().judge(&[case]).remove(0)
}

/// Where a file stops being JSON, two readers count differently.
fn of_file(place: &str) -> &str {
    if place.starts_with("the file, ") { "the file" } else { place }
}

fn whole(count: i64) -> Export {
    days(1, count).log.export()
}

/// Puts `with` in place of one character that is one byte.
fn spoil(text: &mut String, random: &mut Random) {
    let places: Vec<usize> = text.char_indices().filter(|(_, c)| c.is_ascii()).map(|(at, _)| at).collect();
    let at = places[random.below(places.len())];
    let with = char::from(b' ' + random.below(95) as u8);
    text.replace_range(at..=at, &with.to_string());
}

fn tampered(random: &mut Random) -> Case {
    let mut export = whole(2 + random.below(3) as i64);
    let last = export.entries.len() - 1;
    let (seq, to) = (random.below(last), random.below(last));
    let checkpoint = random.below(export.checkpoints.len());
    let what = match random.below(12) {
        0 => {
            spoil(&mut export.entries[seq], random);
            "a changed entry"
        }
        1 => {
            let mut record = parse(&export.entries[seq]).unwrap();
            record.entry.mono = Mono(record.entry.mono.0 + 1);
            export.entries[seq] = record.line().unwrap();
            "an entry with another meaning"
        }
        2 => {
            export.entries.remove(seq);
            "a deleted entry"
        }
        3 => {
            let line = export.entries[seq].clone();
            export.entries.insert(to, line);
            "an inserted entry"
        }
        4 => {
            let line = export.entries.remove(seq);
            export.entries.insert(to, line);
            "a moved entry"
        }
        5 => {
            export.entries.truncate(seq);
            "a truncated log"
        }
        6 => {
            export.entries.remove(seq);
            for (at, line) in export.entries.iter_mut().enumerate().skip(seq) {
                *line = Record { seq: at as u64, ..parse(line).unwrap() }.line().unwrap();
            }
            "a deletion that is renumbered"
        }
        7 => {
            spoil(&mut export.checkpoints[checkpoint], random);
            "a changed checkpoint"
        }
        8 => {
            export.checkpoints.truncate(checkpoint);
            "missing checkpoints"
        }
        9 => {
            export.checkpoints.swap(0, checkpoint);
            "swapped checkpoints"
        }
        10 => {
            export.keys = days(2, 1).log.export().keys;
            "a swapped key"
        }
        _ => {
            let mut text = export.text();
            spoil(&mut text, random);
            return Case { what: "a changed character of the file", text, seen: None };
        }
    };
    Case::new(what, &export)
}

#[test]
fn the_page_finds_in_tampered_files_what_the_program_finds() {
    let page = Page::open();
    let mut random = Random(7);
    let cases: Vec<Case> = (0..400).map(|_| tampered(&mut random)).collect();
    let whole = page.agree(&cases);
    assert!(whole < 40, "{whole} of 400 were left as they were");
}

/// A log that its box wrote and signed, whatever it says.
fn lie(random: &mut Random) -> Case {
    let mut told: Vec<Entry> = days(1, 1 + random.below(3) as i64).log.told.concat();
    for _ in 0..random.below(4) {
        // The first says which boot it is.
        let at = 1 + random.below(told.len() - 1);
        let entry = &mut told[at];
        match random.below(7) {
            0 => {
                told.remove(at);
            }
            1 => entry.mono = Mono(entry.mono.0 + 1000 - random.below(2000) as i64),
            2 => {
                let to = 1 + random.below(told.len() - 1);
                told.swap(at, to);
            }
            3 => told[at..].iter_mut().take(9).for_each(|entry| entry.trusted = false),
            4 => entry.wall = Wall(entry.wall.0 - 500_000_000),
            5 => {
                if let Event::Shown { evidence, .. } = &mut entry.event {
                    *evidence = Evidence::Sighted;
                }
            }
            _ => match &mut entry.event {
                Event::Configured { rules } => rules[0].quorum = random.below(4) as u32,
                Event::Opened { zone, .. } | Event::Closed { zone, .. } => *zone = ZoneId::new("cellar"),
                Event::Gone { sign, .. } | Event::Shown { sign, .. } => *sign = SignId::new("roof"),
                Event::Started { version, .. } => "9".clone_into(version),
            },
        }
    }
    let mut log = Log::new(3);
    log.write(&told);
    Case::new("a log that its box wrote so", &log.export())
}

#[test]
fn the_page_recomputes_what_entries_say_as_the_program_does() {
    let page = Page::open();
    let mut random = Random(11);
    let cases: Vec<Case> = (0..200).map(|_| lie(&mut random)).collect();
    let whole = page.agree(&cases);
    assert!((20..180).contains(&whole), "{whole} of 200 are whole");
}

fn said(note: &str) -> Checkpoint {
    Checkpoint::parse(Note::parse(note).unwrap().text).unwrap()
}

/// Folds the first `count` days as the store does.
fn folded(export: &Export, count: usize) -> Export {
    let records: Vec<Record> = export.entries.iter().map(|line| parse(line).unwrap()).collect();
    let end = said(&export.checkpoints[count - 1]).size;
    let mut standing = Standing::default();
    records.iter().take(end as usize).for_each(|record| standing.take(record));
    let kept = standing.in_force();
    let leaves: Vec<Hash> = export.entries.iter().map(|line| leaf(line.as_bytes())).collect();
    let mut spans = Vec::new();
    let mut from = 0;
    for checkpoint in &export.checkpoints[..count] {
        let to = said(checkpoint).size;
        let gone: Vec<u64> = (from..to).filter(|seq| !kept.contains(seq)).collect();
        for run in gone.chunk_by(|a, b| a + 1 == *b) {
            let (first, after) = (run[0], run[0] + run.len() as u64);
            spans.push(Folded::new(first, after, &covering(first, &leaves[first as usize..after as usize])));
        }
        from = to;
    }
    let is_left = |seq: &u64| *seq >= end || kept.contains(seq);
    let entries = (0..).zip(&export.entries).filter(|(seq, _)| is_left(seq)).map(|(_, line)| line.clone()).collect();
    Export { folded: spans, entries, ..export.clone() }
}

/// A file with a picture of one of its notices.
fn illustrated() -> (Export, Canvas) {
    let mut canvas = Canvas::new(400, 300);
    (0..300).for_each(|y| canvas.set(y, y, Tint::Ink));
    let mut shop = days(1, 1);
    let mut event = year::shown("door", 0);
    if let Event::Shown { notice, .. } = &mut event {
        *notice = identity(&canvas);
    }
    shop.tell(vec![event]);
    let panel = Panel::new(400, 300, Ink::BlackWhite);
    let picture = Picture::new(identity(&canvas).to_string(), panel.to_string(), &png::file(&canvas, panel.ink));
    (Export { notices: vec![picture], ..shop.log.export() }, canvas)
}

/// The same file, or nearly, as other JSON: some readers of JSON take what others refuse.
fn other_forms(fold: &Export) -> Vec<Case> {
    let span = &fold.folded[0];
    let object = serde_json::to_string(span).unwrap();
    let list = json!([span.from, span.to, span.hashes]).to_string();
    let forms = [
        ("a span as a list", object.as_str(), list.as_str()),
        ("a span of half an entry", r#""from":2,"#, r#""from":2.0,"#),
        ("a span with a second beginning", r#""from":2,"#, r#""from":2,"from":2,"#),
        ("a file with something more", r#""shop":"#, r#""more":1,"shop":"#),
        ("a file that says its shop with an escape", r#""shop":"p"#, r#""shop":"\u0070"#),
        ("a file with half a letter", r#""shop":"p"#, r#""shop":"\ud800p"#),
        ("a file with white space", r#""shop":"#, " \t\r\n\"shop\" : "),
        ("a file with a mark in front", r#"{"format"#, "\u{feff}{\"format"),
    ];
    let case = |(what, from, to): (_, &str, &str)| {
        let text = fold.text();
        assert!(text.contains(from), "{what}: {}", &text[..300]);
        Case { what, text: text.replacen(from, to, 1), seen: None }
    };
    forms.into_iter().map(case).collect()
}

#[test]
fn lines_of_witnesses_change_no_verdict_and_stand_for_none() {
    let export = days(1, 4).log.export();
    let mut witnessed = export.clone();
    witnessed.checkpoints.iter_mut().for_each(|note| note.push_str(COSIGNATURE));
    let note = &export.checkpoints[1];
    let (text, own) = note.split_once("\n\n").unwrap();
    let beside = |signatures: &str| Case::new("a log", &export).beside(&format!("{text}\n\n{signatures}"));
    let whole = [
        Case::new("a log that a witness has signed", &witnessed),
        Case::new("a log that a witness has signed", &witnessed).beside(note),
        beside(&format!("{own}{COSIGNATURE}")),
        beside(&format!("{COSIGNATURE}{own}")),
        beside(&format!("{}{own}", COSIGNATURE.repeat(31))),
    ];
    let forged = own.replace(" noticed/poznan-1 ", " noticed/poznan-2 ");
    let refused = [
        beside(COSIGNATURE),
        beside(&format!("{forged}{COSIGNATURE}")),
        beside(&format!("{}{own}", COSIGNATURE.repeat(32))),
        beside(&format!("{own}{}", &export.checkpoints[1 + 1].split_once("\n\n").unwrap().1.replace(' ', "  "))),
    ];
    let page = Page::open();
    assert_eq!((page.agree(&whole), page.agree(&refused)), (whole.len(), 0));
}

#[test]
fn the_page_agrees_about_folded_days_kept_checkpoints_and_pictures() {
    let page = Page::open();
    let mut shop = days(1, 5);
    let old = shop.log.export();
    shop.day(5);
    let export = shop.log.export();
    let fold = folded(&export, 3);
    let mut cases = vec![Case::new("a folded log", &fold), Case::new("a log", &export)];
    for note in export.checkpoints.iter().chain(&old.checkpoints) {
        cases.push(Case::new("a log beside a checkpoint", &export).beside(note));
        cases.push(Case::new("a folded log beside a checkpoint", &fold).beside(note));
        cases.push(Case::new("an old log beside a checkpoint", &old).beside(note));
        cases.push(Case::new("a forged log beside a checkpoint", &days(2, 5).log.export()).beside(note));
        cases.push(Case::new("a log beside what is no checkpoint", &export).beside(&note[1..]));
    }
    cases.extend(other_forms(&fold));
    let mut random = Random(13);
    for _ in 0..60 {
        let mut bad = fold.clone();
        let (at, span) = (random.below(bad.folded.len()), random.below(bad.folded.len()));
        match random.below(6) {
            0 => bad.folded[at].to += 1,
            1 => bad.folded[at].from = bad.folded[at].to,
            2 => drop(bad.folded[at].hashes.pop()),
            3 => spoil(&mut bad.folded[at].hashes[0], &mut random),
            4 => bad.folded.swap(at, span),
            _ => bad.folded[at].to = u64::MAX - at as u64,
        }
        cases.push(Case::new("a tampered span", &bad));
    }
    let (illustrated, mut canvas) = illustrated();
    cases.push(Case::new("a log with a picture", &illustrated));
    canvas.set(7, 3, Tint::Ink);
    let file = png::file(&canvas, Ink::BlackWhite);
    let mut more = vec![
        Picture::new(illustrated.notices[0].hash.clone(), "400x300-bw".to_owned(), &file),
        Picture::new(illustrated.notices[0].hash.clone(), "400x300-bw".to_owned(), &file[..60]),
        Picture { panel: "400x300-bwr".to_owned(), ..illustrated.notices[0].clone() },
        Picture { panel: "300x400-bw".to_owned(), ..illustrated.notices[0].clone() },
        Picture { hash: "0".repeat(63), ..illustrated.notices[0].clone() },
    ];
    for _ in 0..20 {
        let mut bad = illustrated.notices[0].clone();
        spoil(&mut bad.png, &mut random);
        more.push(bad);
    }
    // Every ink, which brings every form of our PNG.
    for (_, ink) in Ink::NAMES {
        let mut canvas = Canvas::new(400, 300);
        for (x, tint) in (0..).zip(ink.tints()) {
            (0..300).for_each(|y| canvas.set(x * 9 + y % 7, y, *tint));
        }
        let panel = Panel::new(400, 300, ink);
        more.push(Picture::new(identity(&canvas).to_string(), panel.to_string(), &png::file(&canvas, ink)));
    }
    cases.extend(more.into_iter().map(|picture| {
        let notices = vec![illustrated.notices[0].clone(), picture];
        Case::new("a log with a picture more", &Export { notices, ..illustrated.clone() })
    }));
    assert!(page.agree(&cases) > 20);
}

/// What stands in the box of the verdict, and its class.
fn verdict(browser: &Browser) -> (String, String) {
    let told = browser.run("const box = document.getElementById('verdict'); return [box.className, box.innerText]");
    (told[0].as_str().unwrap().to_owned(), told[1].as_str().unwrap().to_owned())
}

fn check(browser: &Browser, file: &Path, seen: &str) -> (String, String) {
    browser.choose("#file", file);
    browser.run(&format!("document.getElementById('seen').value = {}", json!(seen)));
    browser.press("button[type=submit]");
    wait_until("the page has judged", || !["", "working"].contains(&verdict(browser).0.as_str()));
    verdict(browser)
}

#[test]
fn an_officer_chooses_a_file_and_reads_the_verdict_in_either_language_without_a_network() {
    let page = Page::open();
    let browser = &page.browser;
    let (good, _) = illustrated();
    let file = page.put("evidence.json", &good.text());
    let (class, said) = check(browser, &file, "");
    assert_eq!(class, "good", "{said}");
    assert!(said.contains("This ledger is whole."), "{said}");
    let report = browser.run("return document.getElementById('report').innerText");
    let report = report.as_str().unwrap();
    for part in ["poznan-1", &good.keys[0], "outside opening hours", "entrance", "1 of 2 notices", "nobody can say"] {
        assert!(report.contains(part), "{part} in {report}");
    }
    browser.run("document.querySelector('details').open = true");
    wait_until("the picture is on the page", || {
        browser.run("return document.querySelector('figure img')?.naturalWidth") == 400
    });

    // A year, the most that there is to print on one page.
    let year = page.put("year.json", &whole(366).text());
    assert_eq!(check(browser, &year, "").0, "good");
    is_one_page(&page);
    browser.press("#language");
    assert!(verdict(browser).1.contains("Ten dziennik jest nienaruszony."));
    assert_eq!(browser.run("return document.documentElement.lang"), "pl");
    is_one_page(&page);
    // A checkpoint that was pasted from an e-mail.
    let kept = good.checkpoints.last().unwrap().replace('\n', "\r\n");
    assert_eq!(check(browser, &file, kept.trim_end()).0, "good");
    let later = days(1, 2).log.book.checkpoint;
    let (class, said) = check(browser, &file, &later);
    assert_eq!(class, "bad");
    assert!(said.contains("zachowany punkt kontrolny"), "{said}");
    let forged =
        page.put("forged.json", &good.text().replacen("stopped", "overdue", 1).replacen("no-notice", "replaced", 1));
    let (class, said) = check(browser, &forged, "");
    assert_eq!(class, "bad");
    assert!(said.contains("wpisy od 0 do"), "{said}");

    let asked = browser.requests();
    assert!(asked.iter().all(|url| !url.starts_with("http") && !url.starts_with("ws")), "{asked:?}");
    let problems = browser.log("browser");
    assert!(problems.is_empty(), "{problems:?}");
}

fn is_one_page(page: &Page) {
    let sheet = page.folder.path().join("printed.pdf");
    fs::write(&sheet, page.browser.print()).unwrap();
    let about = Command::new("pdfinfo").arg(&sheet).output().expect("pdfinfo is installed: deploy/prerequisites test");
    let about = String::from_utf8_lossy(&about.stdout).into_owned();
    assert!(about.lines().any(|line| line.split_whitespace().eq(["Pages:", "1"])), "{about}");
}

#[test]
fn a_browser_that_cannot_verify_signatures_says_so_and_gives_no_verdict() {
    let page = Page::open();
    let file = page.put("evidence.json", &whole(1).text());
    page.browser.run("crypto.subtle.verify = async () => true");
    let (class, said) = check(&page.browser, &file, "");
    assert_eq!(class, "unable", "one that says yes to everything: {said}");
    page.browser.run("crypto.subtle.importKey = () => Promise.reject(new Error('NotSupportedError'))");
    let (class, said) = check(&page.browser, &file, "");
    assert_eq!(class, "unable", "{said}");
    assert!(said.contains("Nothing is said about the file"), "{said}");
}
