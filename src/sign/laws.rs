//! What holds for signs with any words on any panel.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::domain::id::ActivityId;
use crate::domain::notice::SignState;
use crate::domain::text::{Language, Texts};
use crate::notice::copy::{Copy, copy, copy_in_turn};
use crate::notice::facts::{ActivityFacts, Facts};
use crate::notice::piece::Piece;
use crate::notice::samples::{cctv, facts, footfall, polish, presence, wall};
use crate::notice::wording::Wordings;

use super::canvas::{Area, Canvas, Tint};
use super::font::{Faces, Fonts};
use super::layout::{Found, LayoutError, arrange, compose};
use super::panel::{Ink, Panel, Rotation};
use super::sheet::Block;

fn states() -> [SignState; 4] {
    let valid_until = wall("2026-11-24T17:30:00Z");
    [
        SignState::Active(vec![ActivityId::new("footfall")]),
        SignState::Inactive { valid_until },
        SignState::Paused { valid_until, beside: vec![] },
        SignState::Unknown,
    ]
}

fn say(state: &SignState, language: Language) -> Copy {
    copy(&Wordings::builtin(), &facts(vec![footfall()]), state, language)
}

/// Everything on the page but the band, as rectangles that must keep apart.
fn rectangles(found: &Found<'_>) -> Vec<Area> {
    let setting = &found.setting;
    let quiet = setting.qr.quiet();
    let (x, y) = found.sheet.code;
    let code = Area { x: x - quiet, y: y - quiet, width: setting.qr.pixels(), height: setting.qr.pixels() };
    let band = Area { x: 0, y: 0, width: setting.page.0, height: setting.band.height };
    let words = found.sheet.placed.iter().map(|placed| {
        // The upper and lower eighths of a line carry only the rare accent or descender.
        let trim = placed.paragraph.headroom() / 2;
        Area {
            x: placed.x,
            y: placed.y + trim,
            width: placed.paragraph.width(),
            height: placed.paragraph.height() - 2 * trim,
        }
    });
    words.chain([code, band]).collect()
}

fn overlap(a: &Area, b: &Area) -> bool {
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

/// Why a page is wrong, if it is.
pub(super) fn fault(found: &Found<'_>) -> Option<String> {
    let (width, height) = found.setting.page;
    let all = rectangles(found);
    for (index, area) in all.iter().enumerate() {
        if area.x < 0 || area.y < 0 || area.x + area.width > width || area.y + area.height > height {
            return Some(format!("{area:?} leaves the page of {width}x{height}"));
        }
        if let Some(other) = all[index + 1..].iter().find(|other| overlap(area, other)) {
            return Some(format!("{area:?} and {other:?} overlap"));
        }
    }
    let (Some(Block::Frame(area) | Block::Bar(area)), code) = (&found.sheet.block, &all[all.len() - 2]) else {
        return None;
    };
    overlap(area, code).then(|| format!("the block {area:?} reaches into the code {code:?}"))
}

#[test]
fn in_every_language_nothing_overlaps_or_leaves_the_page_and_panels_wider_than_a_hand_say_the_whole_first_layer() {
    let fonts = Fonts::embedded();
    let wordings = Wordings::builtin();
    let facts = facts(vec![footfall()]);
    for (state, language) in states().iter().flat_map(|s| wordings.languages().into_iter().map(move |l| (s, l))) {
        let copy = copy(&wordings, &facts, state, language);
        let pieces = copy.pieces();
        for (width, height) in Panel::SIZES {
            let panel = Panel::new(width, height, Ink::BlackWhite);
            let found = arrange(&mut Faces::new(&fonts, language), &panel, panel.page(), &copy);
            let found = found.unwrap_or_else(|error| panic!("{panel} {} {language}: {error}", state.word()));
            assert_eq!(fault(&found), None, "{panel} {} {language}", state.word());
            let mm = width as f32 * 25.4 / panel.ppi as f32;
            let missing: Vec<&Piece> = pieces[..found.dropped].iter().filter(|piece| piece.is_first_layer()).collect();
            assert!(mm < 118.0 || missing.is_empty(), "{panel} {} {language}: {missing:?}", state.word());
        }
    }
}

#[test]
fn every_other_language_fits_in_its_turn_below_the_very_band_of_the_local_one() {
    let (fonts, wordings, facts) = (Fonts::embedded(), Wordings::builtin(), facts(vec![footfall()]));
    let state = &states()[0];
    for other in wordings.languages().into_iter().filter(|language| *language != polish()) {
        let copy = copy_in_turn(&wordings, &facts, state, polish(), other);
        for (width, height) in Panel::SIZES {
            let panel = Panel::new(width, height, Ink::BlackWhite);
            let found = arrange(&mut Faces::new(&fonts, other), &panel, panel.page(), &copy);
            let found = found.unwrap_or_else(|error| panic!("{panel} {other}: {error}"));
            assert_eq!(fault(&found), None, "{panel} {other}");
        }
        let band = |copy: &Copy| {
            let canvas = compose(&Panel::TRMNL, copy, &fonts).unwrap().canvas;
            canvas.rows().take(120).map(<[Tint]>::to_vec).collect::<Vec<_>>()
        };
        assert_eq!(band(&copy), band(&say(state, polish())), "{other}");
    }
}

#[test]
fn in_every_language_a_code_to_pause_with_and_a_pause_beside_a_recorder_fit_as_well() {
    let fonts = Fonts::embedded();
    let wordings = Wordings::builtin();
    let code = Some("ABCDEFGHIJ".to_owned());
    let by_code = Facts { code: code.clone(), ..facts(vec![footfall()]) };
    let recorded = Facts { code, ..facts(vec![footfall(), cctv()]) };
    let beside = vec![ActivityId::new("cctv")];
    let paused = SignState::Paused { valid_until: wall("2026-11-24T17:30:00Z"), beside };
    for language in wordings.languages() {
        for (facts, state) in [(&by_code, &states()[0]), (&recorded, &paused)] {
            let copy = copy(&wordings, facts, state, language);
            let pieces = copy.pieces();
            for (width, height) in Panel::SIZES {
                let panel = Panel::new(width, height, Ink::BlackWhite);
                let found = arrange(&mut Faces::new(&fonts, language), &panel, panel.page(), &copy);
                let found = found.unwrap_or_else(|error| panic!("{panel} {} {language}: {error}", state.word()));
                assert_eq!(fault(&found), None, "{panel} {} {language}", state.word());
                let mm = width as f32 * 25.4 / panel.ppi as f32;
                let missing: Vec<_> = pieces[..found.dropped].iter().filter(|piece| piece.is_first_layer()).collect();
                // Beside a pause some of it has to go on panels of a hand's width, and `noticed check` says so.
                let least = if state.word() == "paused" { 160.0 } else { 118.0 };
                assert!(mm < least || missing.is_empty(), "{panel} {} {language}: {missing:?}", state.word());
            }
        }
    }
}

#[test]
fn a_panel_on_its_side_is_set_as_well_as_a_wide_one() {
    let fonts = Fonts::embedded();
    for (width, height) in Panel::SIZES {
        let panel = Panel::new(height, width, Ink::BlackWhite);
        for copy in states().iter().map(|state| say(state, polish())) {
            match arrange(&mut Faces::new(&fonts, polish()), &panel, panel.page(), &copy) {
                Ok(found) => assert_eq!(fault(&found), None, "{panel}"),
                Err(error) => assert!(height < 300, "{panel}: {error}"),
            }
        }
    }
}

#[test]
fn a_panel_on_its_side_shows_the_same_page_turned() {
    let fonts = Fonts::embedded();
    let words = say(&states()[0], polish());
    let upright = compose(&Panel::new(480, 800, Ink::BlackWhite), &words, &fonts).unwrap();
    let turned = Panel { rotation: Rotation::Right, ..Panel::TRMNL };
    let picture = super::picture::picture(turned, &words, &fonts).unwrap();
    assert_eq!(picture.canvas, upright.canvas.turned(Rotation::Right));
    assert_eq!((picture.canvas.width(), picture.canvas.height()), (800, 480));
}

#[test]
fn inks_change_the_band_and_nothing_else() {
    let fonts = Fonts::embedded();
    for state in states() {
        let words = say(&state, polish());
        let black = compose(&Panel::TRMNL, &words, &fonts).unwrap().canvas;
        for (_, ink) in Ink::NAMES {
            let inked = compose(&Panel::new(800, 480, ink), &words, &fonts).unwrap().canvas;
            let foreign = inked.rows().flatten().find(|tint| !ink.has(**tint));
            assert_eq!(foreign, None, "{ink:?} {}", state.word());
            let differs = |(_, (a, b)): &(usize, (&[Tint], &[Tint]))| a != b;
            let band = black.rows().zip(inked.rows()).enumerate().filter(differs).last().map_or(0, |(row, _)| row);
            assert!(band < 160, "{ink:?} differs down to row {band}");
        }
    }
}

/// Millimetres that an eye of half the normal sharpness tells apart at three metres (two minutes of arc).
const BLUR_MM: f32 = 1.75;

/// How dark each cell of the picture is, as seen from three metres: 0 to 255.
fn from_three_metres(canvas: &Canvas, panel: &Panel) -> Vec<i32> {
    let cell = panel.pixels(BLUR_MM).max(1);
    let (columns, rows) = (canvas.width() as i32 / cell, canvas.height() as i32 / cell);
    let dark = |column: i32, row: i32| {
        let inked =
            (0..cell * cell).filter(|at| canvas.get(column * cell + at % cell, row * cell + at / cell) != Tint::Paper);
        inked.count() as i32 * 255 / (cell * cell)
    };
    (0..rows).flat_map(|row| (0..columns).map(move |column| (column, row))).map(|(c, r)| dark(c, r)).collect()
}

#[test]
fn no_state_looks_like_another_from_three_metres() {
    let fonts = Fonts::embedded();
    for (width, height) in Panel::SIZES {
        let panel = Panel::new(width, height, Ink::BlackWhite);
        let all = [footfall(), presence(), cctv()];
        let everything = SignState::Active(all.iter().map(|activity| activity.id.clone()).collect());
        let of_all = copy(&Wordings::builtin(), &facts(all.to_vec()), &everything, polish());
        let [_, inactive, paused, unknown] = states();
        let said = [&inactive, &paused, &unknown].map(|state| (state.word(), say(state, polish())));
        let one = ("active", say(&states()[0], polish()));
        for active in [one, ("active, all of it", of_all)] {
            let seen: Vec<_> = said
                .iter()
                .cloned()
                .chain([active])
                .map(|(word, words)| {
                    let canvas = compose(&panel, &words, &fonts).unwrap().canvas;
                    // Text is grey from there; what tells is the band with its pictogram.
                    let mut band = Canvas::new(width, height / 4);
                    band.paste(&canvas, 0, 0);
                    (word, from_three_metres(&band, &panel))
                })
                .collect();
            for (index, (word, one)) in seen.iter().enumerate() {
                for (other_word, other) in &seen[index + 1..] {
                    let far = one.iter().zip(other).filter(|(a, b)| (*a - *b).abs() > 96).count();
                    let share = far * 100 / one.len();
                    assert!(share >= 10, "{panel}: {word} and {other_word} differ in {share} % of what is seen");
                }
            }
        }
    }
}

#[test]
fn several_activities_at_once_are_all_named_on_every_panel() {
    let fonts = Fonts::embedded();
    let all = [footfall(), presence(), cctv()];
    for set in 1..8 {
        let some: Vec<_> = (0..3).filter(|bit| set >> bit & 1 == 1).map(|bit| all[bit].clone()).collect();
        let state = SignState::Active(some.iter().map(|activity| activity.id.clone()).collect());
        let copy = copy(&Wordings::builtin(), &facts(some.clone()), &state, polish());
        assert_eq!(copy.headline.len(), some.len());
        for (width, height) in Panel::SIZES {
            let panel = Panel::new(width, height, Ink::BlackWhite);
            let found = arrange(&mut Faces::new(&fonts, polish()), &panel, panel.page(), &copy);
            assert_eq!(
                fault(&found.unwrap_or_else(|error| panic!("{panel}: {error}"))),
                None,
                "{panel} with {set:03b}"
            );
        }
    }
}

fn words() -> impl Strategy<Value = String> {
    let word = prop_oneof![4 => "[a-ząćęłńóśźżA-ZŁŚ0-9]{1,14}", 1 => "[a-zżółć@./-]{15,120}"];
    proptest::collection::vec(word, 1..14).prop_map(|words| words.join(" ").chars().take(120).collect::<String>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_words_keep_apart_on_the_page_or_are_refused(
        names in proptest::collection::vec(words(), 6),
        state in 0usize..4,
        size in (264u32..1300, 122u32..900),
        ppi in 80u32..240,
    ) {
        let in_both = |text: &str| Texts(BTreeMap::from([(polish(), text.to_owned())]));
        let activity = ActivityFacts { purpose: in_both(&names[0]), interest: in_both(&names[1]), ..footfall() };
        let facts = Facts {
            controller: names[2].clone(),
            contact: names[3].clone(),
            zones: vec![in_both(&names[4])],
            offline_notice: in_both(&names[5]),
            ..facts(vec![activity])
        };
        let words = copy(&Wordings::builtin(), &facts, &states()[state], polish());
        let panel = Panel { ppi, ..Panel::new(size.0, size.1, Ink::BlackWhite) };
        match arrange(&mut Faces::new(&Fonts::embedded(), polish()), &panel, size, &words) {
            Ok(found) => prop_assert_eq!(fault(&found), None),
            Err(error) => prop_assert!(matches!(error, LayoutError::TooLong { .. } | LayoutError::Qr(_)), "{}", error),
        }
    }
}
