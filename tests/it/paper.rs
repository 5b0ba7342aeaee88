//! The notice on paper, as printers, readers and telephones take it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use noticed::cli::client::ask;

use crate::shop::{Shop, wait_until};

/// A board on paper.
const BOARD: &str = r#"
[[sign]]
id = "board"
zones = ["entrance"]
protocol = "printed"
"#;

/// Everything that can go on.
const ALL: &str = r#"
[[activity]]
id = "queue"
kind = "presence"
purpose = { pl = "otwieranie kolejnych kas", en = "opening more tills" }
legal-basis = "legitimate-interest"
interest = { pl = "krótkie kolejki", en = "short queues" }
balancing-test = "LIA-2, 2026-03-02"
retention = "30 days"
[[activity]]
id = "cctv"
kind = "cctv"
purpose = { pl = "ochrona mienia przed kradzieżą", en = "protecting goods against theft" }
legal-basis = "legitimate-interest"
interest = { pl = "mniej strat", en = "fewer losses" }
balancing-test = "LIA-3, 2026-03-02"
retention = "7 days"
objection = false
[[sensor]]
id = "till"
zone = "entrance"
activity = "queue"
class = "edge-camera"
profile = "json"
topic = "counters/till"
options = { present = "/present", mode = "presence" }
[[sensor]]
id = "recorder"
zone = "entrance"
activity = "cctv"
class = "cctv"
profile = "json"
topic = "counters/recorder"
options = { present = "/present", mode = "presence" }
"#;

/// What a program of another package says.
fn output(program: &str, package: &str, arguments: &[&str]) -> Output {
    let output = Command::new(program).args(arguments).output();
    output.unwrap_or_else(|error| panic!("{program} is missing ({error}): apt-get install {package}"))
}

fn said(program: &str, package: &str, arguments: &[&str]) -> String {
    let output = output(program, package, arguments);
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn poppler(program: &str, arguments: &[&str]) -> String {
    said(program, "poppler-utils", arguments)
}

/// Prints the board of `sign` with more arguments, and gives its path.
fn print(shop: &Shop, sign: &str, name: &str, more: &[&str]) -> String {
    let file = shop.path(name).to_string_lossy().into_owned();
    let done = shop.noticed(&[&["notice", "--sign", sign, "--out", &file], more].concat());
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    file
}

/// Letters without what line breaks add.
fn squashed(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace() && *letter != '-').collect()
}

/// What a telephone reads on the page.
fn code_on(page: &str) -> String {
    let picture = page.trim_end_matches(".pdf");
    // About what a telephone sees from a metre and a half: three pixels for each module of 2 mm.
    poppler("pdftoppm", &["-r", "40", "-gray", "-singlefile", page, picture]);
    said("zbarimg", "zbar-tools", &["--quiet", "--raw", &format!("{picture}.pgm")]).trim().to_owned()
}

#[test]
fn a_board_is_one_page_that_printers_readers_and_telephones_understand() {
    let shop = Shop::new(&format!("{BOARD}{ALL}"));
    let a4 = ("a4", "595.276 x 841.89 pts (A4)", "pl");
    for (paper, size, language) in [a4, ("a3", "841.89 x 1190.55 pts (A3)", "en")] {
        let asked = ["--paper", paper, "--lang", language];
        let page = print(&shop, "board", "page.pdf", &asked);
        is_one_page_of(size, &page);
        carries_its_fonts(&page);
        let words = print(&shop, "board", "page.txt", &[&asked[..], &["--format", "text"]].concat());
        has_every_word(&fs::read_to_string(words).unwrap(), &page);
        assert_eq!(code_on(&page), format!("HTTP://{}/NOTICE/{}", shop.signage, language.to_uppercase()));
    }
}

fn is_one_page_of(size: &str, page: &str) {
    let about = poppler("pdfinfo", &[page]);
    let line = |key: &str| about.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default().trim();
    assert_eq!((line("Pages:"), line("Page size:"), line("Tagged:")), ("1", size, "yes"), "{about}");
    assert!(!line("Title:").is_empty() && line("CreationDate:").is_empty(), "{about}");
}

fn carries_its_fonts(page: &str) {
    let fonts = poppler("pdffonts", &[page]);
    let fonts: Vec<Vec<&str>> = fonts.lines().skip(2).map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(fonts.len(), 2, "{fonts:?}");
    for font in fonts {
        assert!(font[0].contains("+LiberationSans"), "{font:?}");
        // Kind of two words, encoding; embedded, a subset, with its letters.
        assert_eq!(font[1..7], ["CID", "TrueType", "Identity-H", "yes", "yes", "yes"], "{font:?}");
    }
}

fn has_every_word(words: &str, page: &str) {
    let found = squashed(&poppler("pdftotext", &["-raw", page, "-"]));
    assert!(words.lines().count() > 20, "{words}");
    for line in words.lines() {
        assert!(found.contains(&squashed(line)), "{line} is missing in {found}");
    }
}

#[test]
fn the_mark_at_the_foot_names_the_notice_that_the_board_is_to_show() {
    let shop = Shop::new(BOARD);
    let _broker = shop.start_broker();
    let _daemon = shop.start_daemon();
    let board = || ask(shop.signage, "GET", "/signs/board", &[], "").map(|answer| answer.text()).unwrap_or_default();
    wait_until("the sign is told what goes on", || board().contains(r#""state":"active""#));
    let told: serde_json::Value = serde_json::from_str(&board()).unwrap();
    let notice = told["notice"].as_str().unwrap();
    for language in ["pl", "en"] {
        let text = fs::read_to_string(print(&shop, "board", "board.txt", &["--lang", language, "--format", "text"]));
        let text = text.unwrap();
        let mark = text.lines().last().unwrap();
        let parts: Vec<&str> = mark.split(" · ").collect();
        assert_eq!(parts[0], "board");
        assert!(notice.starts_with(parts[parts.len() - 2]), "{mark}: {notice}");
    }
}

#[test]
fn the_same_configuration_prints_the_same_bytes_and_says_what_comes_next() {
    let shop = Shop::new(BOARD);
    let file = shop.path("board.pdf");
    let [one, other] = [(); 2].map(|()| {
        let done = shop.noticed(&["notice", "--sign", "board", "--out", &file.to_string_lossy()]);
        let told = String::from_utf8_lossy(&done.stdout);
        assert!(told.contains("A4 in type of ") && told.contains("noticed sign attest board --by ROLE"), "{told}");
        fs::read(&file).unwrap()
    });
    assert!(one == other);
}

#[test]
fn what_cannot_be_printed_is_refused_with_what_to_do() {
    let shop = Shop::new(BOARD);
    let refused = |arguments: &[&str]| {
        let file = shop.path("none.pdf").to_string_lossy().into_owned();
        let done = shop.noticed(&[&["notice", "--out", &file], arguments].concat());
        assert!(!Path::new(&file).exists());
        (done.status.code(), String::from_utf8_lossy(&done.stderr).into_owned())
    };
    let (code, why) = refused(&["--sign", "window"]);
    assert_eq!(code, Some(2));
    assert!(why.contains("there are: sign, board"), "{why}");
    let (code, why) = refused(&["--sign", "board", "--lang", "fr"]);
    assert_eq!(code, Some(2));
    assert!(why.contains("\"fr\" is none of the shop's languages; there are: pl, en"), "{why}");
    let nowhere = shop.noticed(&["notice", "--sign", "board", "--out", "/nowhere/board.pdf"]);
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("cannot write /nowhere/board.pdf"));
}
