//! Every notice that a sign can be asked to show, drawn before the day begins: whether it fits, and what is missing from the glass.

use jiff::civil::date;

use super::draw::Placard;
use crate::config::{Config, Protocol};
use crate::domain::activity::ActivityKind;
use crate::domain::notice::SignState;
use crate::domain::time::Wall;
use crate::notice::copy::Copy;
use crate::notice::facts::Facts;
use crate::notice::piece::Piece;
use crate::notice::wording::Wordings;
use crate::sign::font::Fonts;
use crate::sign::layout::compose;
use crate::sign::picture::picture;

/// A sentence for each notice that a sign can be asked to show and that does not fit its panel.
pub(crate) fn rehearse(config: &Config) -> Vec<String> {
    let (wordings, fonts) = (&config.wordings, Fonts::embedded());
    let mut faults = Vec::new();
    for placard in config.signs.iter().map(|sign| Placard::new(config, sign)) {
        for turn in placard.turns() {
            for (state, copy) in every_notice(&placard, wordings, turn) {
                if let Err(error) = picture(placard.panel, &copy, &fonts) {
                    let (sign, state, language) = (&placard.sign, state.word(), in_turn(&placard, turn));
                    faults.push(format!("sign \"{sign}\" cannot show its {state} notice{language}: {error}"));
                }
            }
        }
    }
    faults
}

/// A sentence for each sign whose panel has no room for everything: what is missing, and what to do about it.
pub(crate) fn remarks(config: &Config) -> Vec<String> {
    let (wordings, fonts) = (&config.wordings, Fonts::embedded());
    let drawn = config.signs.iter().filter(|sign| sign.protocol != Protocol::Printed);
    let remark = |(placard, turn): (&Placard, u8)| {
        let composed = every_notice(placard, wordings, turn)
            .into_iter()
            .filter_map(|(_, copy)| compose(&placard.panel, &copy, &fonts).ok());
        let mut missing: Vec<Piece> = composed.flat_map(|composed| composed.left_out).collect();
        missing.sort_unstable();
        missing.dedup();
        (!missing.is_empty()).then(|| said(placard, turn, &missing))
    };
    let placards: Vec<Placard> = drawn.map(|sign| Placard::new(config, sign)).collect();
    let turns = placards.iter().flat_map(|placard| placard.turns().map(move |turn| (placard, turn)));
    turns.filter_map(remark).collect()
}

/// In which language, where it is not the local one.
fn in_turn(placard: &Placard, turn: u8) -> String {
    placard.language_of(turn).map_or_else(String::new, |language| format!(" in \"{language}\""))
}

fn said(placard: &Placard, turn: u8, missing: &[Piece]) -> String {
    let words =
        |pieces: &mut dyn Iterator<Item = &Piece>| pieces.map(|piece| piece.words()).collect::<Vec<_>>().join(", ");
    let sign = &placard.sign;
    let all = words(&mut missing.iter());
    let language = in_turn(placard, turn);
    let beginning = format!("sign \"{sign}\" has no room{language} on its panel of {} for {all}", placard.panel);
    let first = words(&mut missing.iter().filter(|piece| piece.is_first_layer()));
    if first.is_empty() {
        return format!("{beginning}; the full notice behind its code says it");
    }
    let option = placard.language_of(turn).map_or_else(String::new, |language| format!(" --lang {language}"));
    format!(
        "{beginning}; {first} must be read before entering (GDPR Art. 13; EDPB 3/2019 para 114): hang a printed frame beside it, \
         `noticed notice --sign {sign}{option} --out FILE` makes one"
    )
}

/// Every state that it says in this turn with its longest copy: each activity alone, all at once, and in the local language what stands for none.
fn every_notice(placard: &Placard, wordings: &Wordings, turn: u8) -> Vec<(SignState, Copy)> {
    let all: Vec<_> = placard.facts.activities.iter().map(|activity| activity.id.clone()).collect();
    let mut states: Vec<SignState> = all.iter().map(|activity| SignState::Active(vec![activity.clone()])).collect();
    if all.len() > 1 {
        states.push(SignState::Active(all));
    }
    let copied = |state: SignState| (state.clone(), placard.copy(wordings, &state, turn));
    if turn > 0 {
        return states.into_iter().map(copied).collect();
    }
    states.push(SignState::Unknown);
    let mut notices: Vec<_> = states.into_iter().map(copied).collect();
    let ends = evenings(&placard.facts);
    let recorders = placard.facts.activities.iter().filter(|activity| activity.kind == ActivityKind::Cctv);
    let beside: Vec<_> = recorders.map(|activity| activity.id.clone()).collect();
    let inactive = |valid_until| SignState::Inactive { valid_until };
    let paused = |valid_until| SignState::Paused { valid_until, beside: beside.clone() };
    for stopped in [&inactive as &dyn Fn(Wall) -> SignState, &paused] {
        let of_each_month = ends.iter().map(|end| copied(stopped(*end)));
        notices.extend(
            of_each_month
                .max_by_key(|(_, copy)| copy.leads.iter().map(|lead| lead.text.chars().count()).sum::<usize>()),
        );
    }
    notices
}

/// Half past eight in the evening of a late day in each month, for some of them have long names.
fn evenings(facts: &Facts) -> Vec<Wall> {
    let evening = |month| date(2026, month, 28).at(20, 30, 0, 0).to_zoned(facts.time_zone.clone()).ok();
    (1..=12).filter_map(evening).map(|end| Wall(end.timestamp().as_millisecond())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::open::parse;
    use crate::device::catalog::Catalogue;

    fn on(panel: &str) -> Config {
        let sample = include_str!("../../config/noticed.toml")
            .replace("800x480-bw\"\n# Diagonal", &format!("{panel}\"\n# Diagonal"));
        parse("F", &sample, &Catalogue::builtin()).unwrap_or_else(|problems| panic!("{problems:?}"))
    }

    #[test]
    fn a_panel_with_room_for_everything_needs_no_remark() {
        assert_eq!((rehearse(&on("800x480-bw")), remarks(&on("800x480-bw"))), (Vec::new(), Vec::new()));
    }

    #[test]
    fn every_language_that_takes_its_turn_is_rehearsed_and_told_with_its_own_frame() {
        let mut config = on("400x300-bw");
        config.signs[0].alternate_languages = config.shop.languages[1..].to_vec();
        let remarks = remarks(&config);
        assert_eq!((rehearse(&config), remarks.len()), (Vec::new(), 2), "{remarks:?}");
        assert!(
            remarks[1].starts_with("sign \"door\" has no room in \"en\" on its panel of 400x300-bw for "),
            "{remarks:?}"
        );
        assert!(remarks[1].contains("`noticed notice --sign door --lang en --out FILE`"), "{remarks:?}");
        config.controller.contact = format!("{}@example.pl", "bramka".repeat(200));
        let faults = rehearse(&config);
        assert!(faults.iter().any(|fault| fault.contains("cannot show its active notice in \"en\": ")), "{faults:?}");
    }

    #[test]
    fn a_small_panel_is_told_what_is_missing_from_its_glass_and_what_to_do() {
        let remarks = remarks(&on("400x300-bw"));
        let start = "sign \"door\" has no room on its panel of 400x300-bw for the right to complain, the controller's address, ";
        assert!(remarks.len() == 1 && remarks[0].starts_with(start), "{remarks:?}");
        assert!(
            remarks[0].contains("; the other rights, the data protection officer, the legitimate interest"),
            "{remarks:?}"
        );
        assert!(
            remarks[0].ends_with("hang a printed frame beside it, `noticed notice --sign door --out FILE` makes one"),
            "{remarks:?}"
        );
    }

    #[test]
    fn a_notice_is_rehearsed_with_its_longest_date() {
        let placard = Placard::new(&on("800x480-bw"), &on("800x480-bw").signs[0]);
        let notices = every_notice(&placard, &Wordings::builtin(), 0);
        let inactive = notices.iter().find(|(state, _)| state.word() == "inactive").unwrap();
        assert!(inactive.1.leads[1].text.contains("października"), "{:?}", inactive.1.leads);
    }
}
