//! What holds for the smallest panel of all that are sold widely: whatever goes on and in whatever language, nothing is refused.

use std::collections::BTreeSet;

use crate::domain::activity::ActivityKind;
use crate::domain::id::ActivityId;
use crate::domain::notice::SignState;
use crate::domain::text::Language;
use crate::notice::copy::{Copy, copy};
use crate::notice::facts::{ActivityFacts, Facts};
use crate::notice::piece::Piece;
use crate::notice::samples::{cctv, facts, footfall, polish, presence, wall};
use crate::notice::wording::Wordings;

use super::font::{Faces, Fonts};
use super::laws::fault;
use super::layout::{Found, arrange, compose};
use super::measures::Measures;
use super::panel::{Ink, Panel};
use super::qr::Qr;
use super::sheet::Shape;
use super::text::bare;

const SMALL: (u32, u32) = (296, 128);

fn panel() -> Panel {
    Panel::new(SMALL.0, SMALL.1, Ink::BlackWhite)
}

/// Every set of activities that a shop can have.
fn sets() -> Vec<Vec<ActivityFacts>> {
    let all = [footfall(), presence(), cctv()];
    (1..8).map(|set| (0..3).filter(|bit| set >> bit & 1 == 1).map(|bit| all[bit].clone()).collect()).collect()
}

fn ids(activities: &[ActivityFacts]) -> Vec<ActivityId> {
    activities.iter().map(|activity| activity.id.clone()).collect()
}

fn recorders(activities: &[ActivityFacts]) -> Vec<ActivityId> {
    ids(&activities.iter().filter(|a| a.kind == ActivityKind::Cctv).cloned().collect::<Vec<_>>())
}

/// Every state that a sign of a shop with `activities` can be asked to show, with the end in each month.
fn states(activities: &[ActivityFacts]) -> Vec<SignState> {
    let all: BTreeSet<_> = ids(activities).into_iter().collect();
    let subsets = sets().into_iter().map(|set| ids(&set)).filter(|set| set.iter().all(|id| all.contains(id)));
    let mut states: Vec<_> = subsets.map(SignState::Active).chain([SignState::Unknown]).collect();
    for month in 1..=12 {
        let valid_until = wall(&format!("2026-{month:02}-28T19:30:00Z"));
        states.push(SignState::Inactive { valid_until });
        states.push(SignState::Paused { valid_until, beside: recorders(activities) });
    }
    states
}

/// Every notice of every such shop in `language`, with a code to pause by and without.
fn notices(wordings: &Wordings, language: Language) -> Vec<(SignState, Copy)> {
    let mut notices: Vec<(SignState, Copy)> = Vec::new();
    for activities in sets() {
        for code in [None, Some("ABCDEFGHIJ".to_owned())] {
            let facts = Facts { code, ..facts(activities.clone()) };
            for state in states(&activities) {
                let words = copy(wordings, &facts, &state, language);
                if !notices.iter().any(|(_, known)| *known == words) {
                    notices.push((state, words));
                }
            }
        }
    }
    notices
}

#[test]
fn in_every_language_and_state_with_whatever_goes_on_a_notice_is_drawn_and_says_what_must_be_on_the_glass() {
    let (fonts, wordings, panel) = (Fonts::embedded(), Wordings::builtin(), panel());
    let least = Measures::new(&panel, SMALL).smallest;
    for language in wordings.languages() {
        for (state, words) in notices(&wordings, language) {
            let found = arrange(&mut Faces::new(&fonts, language), &panel, SMALL, &words);
            let found = found.unwrap_or_else(|error| panic!("{language} {state:?}: {error}"));
            assert_eq!(fault(&found), None, "{language} {state:?}");
            assert!(found.sheet.body >= least, "{language} {state:?}: type of {} pixels", found.sheet.body);
            let said = said(&found);
            assert!(says_what_it_must(&words, &said), "{language} {state:?}: {said}");
        }
    }
}

/// All words of a page, without spaces and hyphens.
fn said(found: &Found<'_>) -> String {
    let below = found.sheet.placed.iter().map(|placed| placed.paragraph.letters());
    std::iter::once(found.setting.band.letters()).chain(below).collect()
}

/// What goes on, until when that holds, and the right to object, each in one of its forms.
fn says_what_it_must(words: &Copy, said: &str) -> bool {
    let any = |texts: &[&str]| texts.iter().any(|text| said.contains(&bare(text)));
    let mut leads = words.leads.iter().filter(|lead| lead.piece.is_none());
    words.headline.iter().all(|line| any(&[line]))
        && leads.all(|lead| any(&[&lead.text, &lead.brief]))
        && words.objection.iter().all(|o| any(&[&o.answer, &o.brief, &o.briefest]))
}

#[test]
fn three_activities_and_a_pause_beside_a_recorder_leave_to_a_frame_what_check_names() {
    let facts = facts(vec![footfall(), presence(), cctv()]);
    let paused = SignState::Paused { valid_until: wall("2026-11-24T17:30:00Z"), beside: recorders(&facts.activities) };
    for state in [SignState::Active(ids(&facts.activities)), paused] {
        let words = copy(&Wordings::builtin(), &facts, &state, polish());
        let left_out = compose(&panel(), &words, &Fonts::embedded()).unwrap().left_out;
        for piece in [Piece::Controller, Piece::Purpose, Piece::Rights] {
            assert!(left_out.contains(&piece), "{state:?}: {left_out:?}");
        }
    }
}

#[test]
fn the_code_keeps_its_size_and_its_quiet_zone_beside_the_fewest_words() {
    let facts = facts(vec![footfall(), presence(), cctv()]);
    let words = copy(&Wordings::builtin(), &facts, &SignState::Active(ids(&facts.activities)), polish());
    let fonts = Fonts::embedded();
    let found = arrange(&mut Faces::new(&fonts, polish()), &panel(), SMALL, &words).unwrap();
    let plain = Qr::new(&words.qr, &panel(), 44, 113).unwrap();
    assert_eq!((found.setting.qr.pixels(), found.setting.qr.quiet()), (plain.pixels(), plain.quiet()));
    assert_eq!(found.setting.arrangement.shape, Shape::Terse);
}
