//! Signs as they must look, pixel by pixel.

use std::fs;
use std::path::{Path, PathBuf};

use crate::domain::activity::SensorClass;
use crate::domain::id::ActivityId;
use crate::domain::notice::SignState;
use crate::domain::text::Language;
use crate::notice::copy::{copy, copy_in_two};
use crate::notice::facts::{ActivityFacts, Facts};
use crate::notice::samples::{cctv, english, facts, footfall, polish, presence, texts, wall};
use crate::notice::wording::Wordings;

use super::font::Fonts;
use super::layout::{LayoutError, compose};
use super::panel::{Ink, Panel};
use super::picture::{Picture, picture};

/// Set this variable to take what is drawn now as what must be drawn.
const ACCEPT: &str = "NOTICED_ACCEPT_GOLDEN";

fn active(ids: &[&str]) -> SignState {
    SignState::Active(ids.iter().map(|id| ActivityId::new(id)).collect())
}

fn inactive() -> SignState {
    SignState::Inactive { valid_until: wall("2026-11-24T17:30:00Z") }
}

fn paused() -> SignState {
    SignState::Paused { valid_until: wall("2026-11-24T17:30:00Z"), beside: vec![] }
}

fn draw(facts: &Facts, state: &SignState, language: Language) -> Picture {
    picture(Panel::TRMNL, &copy(&Wordings::builtin(), facts, state, language), &Fonts::embedded()).unwrap()
}

fn must_look_as_before(name: &str, facts: &Facts, state: &SignState) {
    for language in [polish(), english()] {
        compare(&format!("{name}-{language}.png"), &draw(facts, state, language));
    }
}

/// Holds every pixel against the golden picture; `make golden` takes what is drawn now as golden.
fn compare(file: &str, drawn: &Picture) {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(file);
    if std::env::var_os(ACCEPT).is_some() {
        fs::create_dir_all(golden.parent().unwrap()).unwrap();
        fs::write(&golden, &drawn.png).unwrap();
    }
    let wanted = fs::read(&golden).map(|bytes| pixels(&bytes)).unwrap_or_default();
    if wanted != pixels(&drawn.png) {
        let actual = actual_path(file);
        fs::write(&actual, &drawn.png).unwrap();
        panic!(
            "{} differs from {}; look at both, and if the new one is right run `make golden`",
            actual.display(),
            golden.display()
        );
    }
}

#[test]
fn every_size_of_panel_looks_as_before() {
    for (width, height) in Panel::SIZES.into_iter().chain([(480, 800)]).filter(|size| *size != (800, 480)) {
        let panel = Panel::new(width, height, Ink::BlackWhite);
        let words = copy(&Wordings::builtin(), &facts(vec![footfall()]), &active(&["footfall"]), polish());
        compare(&format!("panel-{width}x{height}.png"), &picture(panel, &words, &Fonts::embedded()).unwrap());
    }
}

#[test]
fn every_ink_looks_as_before_in_every_state() {
    for (name, ink) in Ink::NAMES {
        for state in [active(&["footfall"]), inactive(), paused(), SignState::Unknown] {
            let words = copy(&Wordings::builtin(), &facts(vec![footfall()]), &state, english());
            let drawn = picture(Panel::new(400, 300, ink), &words, &Fonts::embedded()).unwrap();
            compare(&format!("ink-{name}-{}.png", state.word()), &drawn);
        }
    }
}

#[test]
fn two_languages_below_each_other_look_as_before() {
    let panel = Panel::new(1200, 825, Ink::BlackWhite);
    let facts = facts(vec![footfall()]);
    let words = copy_in_two(&Wordings::builtin(), &facts, &active(&["footfall"]), polish(), Some(english()));
    compare("two-languages.png", &picture(panel, &words, &Fonts::embedded()).unwrap());
}

#[test]
fn one_pixel_makes_another_picture() {
    let drawn = draw(&facts(vec![footfall()]), &active(&["footfall"]), polish());
    let mut dotted = drawn.canvas.clone();
    dotted.set(799, 479, super::canvas::Tint::Ink);
    let files = [&drawn.canvas, &dotted].map(|canvas| pixels(&super::encode::png::file(canvas, Ink::BlackWhite)));
    assert_ne!(files[0], files[1]);
    assert_ne!(drawn.notice, super::picture::identity(&dotted));
}

fn actual_path(file: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/golden");
    fs::create_dir_all(&folder).unwrap();
    folder.join(file)
}

fn pixels(png: &[u8]) -> Vec<u8> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    pixels
}

#[test]
fn the_active_sign_looks_as_before() {
    must_look_as_before("active", &facts(vec![footfall()]), &active(&["footfall"]));
}

#[test]
fn the_inactive_sign_looks_as_before() {
    must_look_as_before("inactive", &facts(vec![footfall()]), &inactive());
}

#[test]
fn the_paused_sign_looks_as_before() {
    must_look_as_before("paused", &facts(vec![footfall()]), &paused());
}

#[test]
fn the_unknown_sign_looks_as_before() {
    must_look_as_before("unknown", &facts(vec![footfall()]), &SignState::Unknown);
}

#[test]
fn a_sign_for_presence_looks_as_before() {
    must_look_as_before("presence", &facts(vec![presence()]), &active(&["queue"]));
}

#[test]
fn a_sign_for_a_recorder_looks_as_before() {
    must_look_as_before("cctv", &facts(vec![cctv()]), &active(&["cctv"]));
}

#[test]
fn a_sign_for_two_activities_looks_as_before() {
    must_look_as_before("two-activities", &facts(vec![footfall(), presence()]), &active(&["footfall", "queue"]));
}

#[test]
fn an_inactive_sign_beside_a_recorder_looks_as_before() {
    must_look_as_before("inactive-beside-cctv", &facts(vec![footfall(), presence(), cctv()]), &inactive());
}

#[test]
fn a_paused_sign_beside_a_recorder_looks_as_before() {
    let paused = SignState::Paused { valid_until: wall("2026-11-24T17:30:00Z"), beside: vec![ActivityId::new("cctv")] };
    must_look_as_before("paused-beside-cctv", &facts(vec![footfall(), cctv()]), &paused);
}

#[test]
fn a_sign_with_long_names_looks_as_before() {
    must_look_as_before("long-names", &long_names(), &active(&["footfall"]));
}

#[test]
fn one_or_two_activities_fit_in_every_state_and_language() {
    let all = [footfall(), presence(), cctv()];
    for set in 1..7 {
        let some: Vec<_> = (0..3).filter(|bit| set >> bit & 1 == 1).map(|bit| all[bit].clone()).collect();
        let ids: Vec<_> = some.iter().map(|activity| activity.id.as_str()).collect();
        for state in [active(&ids), inactive(), paused(), SignState::Unknown] {
            for language in [polish(), english()] {
                let words = copy(&Wordings::builtin(), &facts(some.clone()), &state, language);
                let drawn = picture(Panel::TRMNL, &words, &Fonts::embedded());
                assert!(drawn.is_ok(), "{ids:?} {} {language}: {:?}", state.word(), drawn.err());
            }
        }
    }
}

#[test]
fn several_activities_on_the_smallest_panel_look_as_before() {
    let facts = facts(vec![footfall(), presence(), cctv()]);
    let tiny = Panel::new(296, 128, Ink::BlackWhite);
    let beside = vec![ActivityId::new("cctv")];
    let paused = SignState::Paused { valid_until: wall("2026-11-24T17:30:00Z"), beside };
    let told =
        [("three", active(&["cctv", "footfall", "queue"])), ("inactive-beside", inactive()), ("paused-beside", paused)];
    for (name, state) in told {
        for language in [polish(), english()] {
            let words = copy(&Wordings::builtin(), &facts, &state, language);
            let drawn = picture(tiny, &words, &Fonts::embedded()).unwrap();
            compare(&format!("296x128-{name}-{language}.png"), &drawn);
        }
    }
}

#[test]
fn a_notice_too_long_for_a_small_sign_is_refused_with_a_way_out() {
    let mut facts = facts(vec![footfall(), presence(), cctv()]);
    facts.contact = "ochrona-danych-osobowych".repeat(12);
    let words = copy(&Wordings::builtin(), &facts, &SignState::Unknown, polish());
    let tiny = Panel { ppi: 220, ..Panel::new(296, 128, Ink::BlackWhite) };
    let error = compose(&tiny, &words, &Fonts::embedded()).unwrap_err().to_string();
    assert!(error.contains("a sign of its own") || error.contains("public-url"), "{error}");
}

fn long_names() -> Facts {
    let walk = ActivityFacts {
        classes: vec![SensorClass::EdgeCamera],
        purpose: texts(
            "planowanie obsady kas i stoisk oraz godzin otwarcia w dni przedświąteczne",
            "planning staff at tills and counters, and opening hours before public holidays",
        ),
        interest: texts(
            "krótsze kolejki i dobra obsługa także w godzinach największego ruchu",
            "shorter queues and good service even at the busiest hours of the day",
        ),
        ..footfall()
    };
    Facts {
        controller: "Przedsiębiorstwo Handlowo-Usługowe „Źdźbło” Grzegorz Brzęczyszczykiewicz i Wspólnicy sp.j."
            .to_owned(),
        address: "ul. Generała Władysława Sikorskiego 128A/17, 34-500 Zakopane".to_owned(),
        contact: "ochrona-danych@zdzblo-brzeczyszczykiewicz.example.pl".to_owned(),
        dpo: Some("inspektor@zdzblo-brzeczyszczykiewicz.example.pl".to_owned()),
        zones: vec![
            texts("Wejście główne od ulicy Krupówki", "Main entrance from Krupówki Street"),
            texts("Wejście z parkingu", "Entrance from the car park"),
        ],
        ..facts(vec![walk])
    }
}

#[test]
fn the_picture_of_an_active_sign_never_changes_by_itself() {
    let facts = facts(vec![footfall()]);
    let first = draw(&facts, &active(&["footfall"]), polish());
    let second = draw(&facts, &active(&["footfall"]), polish());
    assert_eq!((first.notice, &first.png), (second.notice, &second.png));
    assert_ne!(first.notice, draw(&facts, &inactive(), polish()).notice);
}

#[test]
fn pieces_of_the_second_layer_are_left_out_before_those_of_the_first_and_all_before_a_sign_is_refused() {
    let generous = copy(&Wordings::builtin(), &long_names(), &active(&["footfall"]), polish());
    let small = Panel::new(600, 448, Ink::BlackWhite);
    let left_out = compose(&small, &generous, &Fonts::embedded()).unwrap().left_out;
    assert!(!left_out.is_empty() && left_out.is_sorted(), "{left_out:?}");
    let mut endless = facts(vec![footfall()]);
    endless.contact = "bardzo długi adres ".repeat(300);
    let words = copy(&Wordings::builtin(), &endless, &active(&["footfall"]), polish());
    let error = compose(&Panel::TRMNL, &words, &Fonts::embedded()).unwrap_err();
    assert!(matches!(&error, LayoutError::TooLong { text, .. } if text.contains("bardzo długi")), "{error}");
}

#[test]
fn a_letter_without_a_glyph_is_refused_by_name() {
    let mut facts = facts(vec![footfall()]);
    facts.controller = "漢 sp. z o.o.".to_owned();
    let words = copy(&Wordings::builtin(), &facts, &active(&["footfall"]), polish());
    let error = compose(&Panel::TRMNL, &words, &Fonts::embedded()).unwrap_err();
    assert!(error.to_string().contains("U+6F22"), "{error}");
}
