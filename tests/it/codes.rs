//! The code on every sign, read by a decoder that is not ours (zbar), from the very pixels that a panel gets.

use std::process::{Command, Stdio};

use noticed::domain::activity::ActivityKind;
use noticed::domain::id::ActivityId;
use noticed::domain::notice::SignState;
use noticed::domain::text::Language;
use noticed::domain::time::Wall;
use noticed::notice::copy::{Copy, copy, copy_in_turn};
use noticed::notice::facts::{ActivityFacts, Facts};
use noticed::notice::wording::Wordings;
use noticed::sign::encode;
use noticed::sign::font::Fonts;
use noticed::sign::layout::compose;
use noticed::sign::panel::{Ink, Panel, Rotation};
use tempfile::TempDir;

use crate::facts::facts;

fn states() -> [SignState; 4] {
    let valid_until = Wall(1_795_541_400_000);
    [
        SignState::Active(vec![ActivityId::new("footfall")]),
        SignState::Inactive { valid_until },
        SignState::Paused { valid_until, beside: vec![] },
        SignState::Unknown,
    ]
}

struct Tools {
    wordings: Wordings,
    fonts: Fonts,
    folder: TempDir,
}

impl Tools {
    fn new() -> Self {
        Self { wordings: Wordings::builtin(), fonts: Fonts::embedded(), folder: tempfile::tempdir().unwrap() }
    }

    /// Draws `state` for `panel` as PNG and has it read; gives what went wrong.
    fn fault(&self, panel: Panel, state: &SignState, language: Language) -> Option<String> {
        let words = copy(&self.wordings, &facts(), state, language);
        self.fault_of(panel, &words, &format!("{panel}-{}-{language}", state.word()))
    }

    fn fault_of(&self, panel: Panel, words: &Copy, name: &str) -> Option<String> {
        let canvas = match compose(&panel, words, &self.fonts) {
            Ok(composed) => composed.canvas.turned(panel.rotation),
            Err(error) => return Some(format!("{name}: {error}")),
        };
        let file = self.folder.path().join(format!("{name}.png"));
        std::fs::write(&file, encode::png::file(&canvas, panel.ink)).unwrap();
        let only_qr = ["--quiet", "--raw", "--nodbus", "-Sdisable", "-Sqrcode.enable"];
        let zbar = Command::new("zbarimg").args(only_qr).arg(&file).stderr(Stdio::null()).output();
        let said = zbar.expect("zbarimg runs; Debian's package is zbar-tools").stdout;
        let said = String::from_utf8_lossy(&said);
        (said.trim_end() != words.qr).then(|| format!("{name}: read \"{said}\" instead of {}", words.qr))
    }
}

fn polish() -> Language {
    Language::parse("pl").unwrap()
}

fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_code_is_read_from_every_size_of_panel_in_every_state_however_it_hangs() {
    let tools = Tools::new();
    let mut faults = Vec::new();
    for (width, height) in Panel::SIZES {
        let panel = Panel::new(width, height, Ink::BlackWhite);
        faults.extend(states().iter().filter_map(|state| tools.fault(panel, state, polish())));
    }
    for (_, rotation) in Rotation::DEGREES {
        faults.extend(tools.fault(Panel { rotation, ..Panel::TRMNL }, &states()[0], polish()));
    }
    assert_none(&faults);
}

#[test]
fn the_code_is_read_in_every_language() {
    let tools = Tools::new();
    let panels = [(296, 128), (800, 480)].map(|(width, height)| Panel::new(width, height, Ink::BlackWhite));
    let all = tools.wordings.languages().into_iter().flat_map(|language| panels.map(|panel| (panel, language)));
    assert_none(&all.filter_map(|(panel, language)| tools.fault(panel, &states()[0], language)).collect::<Vec<_>>());
}

#[test]
fn the_code_is_read_in_every_language_beside_the_fewest_words() {
    let tools = Tools::new();
    let panel = Panel::new(296, 128, Ink::BlackWhite);
    let all = three_activities();
    let beside = vec![ActivityId::new("cctv")];
    let states = [
        SignState::Active(all.activities.iter().map(|activity| activity.id.clone()).collect()),
        SignState::Inactive { valid_until: Wall(1_795_541_400_000) },
        SignState::Paused { valid_until: Wall(1_795_541_400_000), beside },
    ];
    let each =
        tools.wordings.languages().into_iter().flat_map(|language| states.iter().map(move |state| (state, language)));
    let fault = |(state, language): (&SignState, Language)| {
        let words = copy(&tools.wordings, &all, state, language);
        tools.fault_of(panel, &words, &format!("{panel}-three-{}-{language}", state.word()))
    };
    assert_none(&each.filter_map(fault).collect::<Vec<_>>());
}

/// A shop that counts, senses presence and records.
fn three_activities() -> Facts {
    let mut facts = facts();
    for (id, kind) in [("queue", ActivityKind::Presence), ("cctv", ActivityKind::Cctv)] {
        let like = facts.activities[0].clone();
        facts.activities.push(ActivityFacts {
            id: ActivityId::new(id),
            kind,
            objection: kind != ActivityKind::Cctv,
            ..like
        });
    }
    facts
}

#[test]
fn the_code_is_read_whichever_language_has_its_turn() {
    let tools = Tools::new();
    let panels = [(296, 128), (400, 300), (800, 480)].map(|(width, height)| Panel::new(width, height, Ink::BlackWhite));
    let others = tools.wordings.languages().into_iter().filter(|language| *language != polish());
    let all = others.flat_map(|other| panels.map(|panel| (panel, other)));
    let fault = |(panel, other)| {
        let words = copy_in_turn(&tools.wordings, &facts(), &states()[0], polish(), other);
        tools.fault_of(panel, &words, &format!("{panel}-pl-{other}"))
    };
    assert_none(&all.filter_map(fault).collect::<Vec<_>>());
}

#[test]
fn the_code_is_read_whatever_the_inks() {
    let tools = Tools::new();
    let panels =
        Ink::NAMES.into_iter().flat_map(|(_, ink)| [(296, 128), (800, 480)].map(|(w, h)| Panel::new(w, h, ink)));
    let all: Vec<_> = panels.flat_map(|panel| states().map(|state| (panel, state))).collect();
    assert_none(&all.iter().filter_map(|(panel, state)| tools.fault(*panel, state, polish())).collect::<Vec<_>>());
}

#[test]
fn type_and_code_stay_what_they_are_when_a_sign_is_drawn_again() {
    let tools = Tools::new();
    let words = copy(&tools.wordings, &facts(), &states()[0], polish());
    let once = compose(&Panel::TRMNL, &words, &tools.fonts).unwrap();
    assert_eq!(once, compose(&Panel::TRMNL, &words, &Fonts::embedded()).unwrap());
}
