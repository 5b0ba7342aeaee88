//! What must hold of every wording that the program carries, and of those that shops make of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use skrifa::{FontRef, MetadataProvider};

use super::sentences::{Outline, Sentences};
use super::*;
use crate::domain::time::{Period, PeriodUnit, Wall};

fn language(code: &str) -> Language {
    Language::parse(code).unwrap()
}

fn with(code: &str, check: impl FnOnce(&Wording)) {
    check(Wordings::builtin().get(language(code)));
}

/// Without no-break spaces, which other tests look at.
fn plain(text: &str) -> String {
    text.replace('\u{a0}', " ")
}

#[test]
fn every_language_passes_the_check() {
    for (code, _) in BUILTIN {
        let faults = check(language(code), &Sentences::builtin(language(code)).unwrap());
        assert!(faults.is_empty(), "{code}: {faults:#?}");
    }
}

#[test]
fn every_file_of_the_folder_is_built_in_under_its_own_code() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/wordings");
    let found: BTreeSet<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let built_in: BTreeSet<String> = BUILTIN.iter().map(|(code, _)| (*code).to_owned()).collect();
    assert_eq!(found, built_in, "left: the folder; right: BUILTIN");
    let wordings = Wordings::builtin();
    for language in wordings.languages() {
        assert_eq!(wordings.get(language).language, language);
    }
}

#[test]
fn both_fonts_of_signs_have_every_letter_of_every_wording() {
    for font in ["LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"] {
        let file = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("config/fonts").join(font)).unwrap();
        let charmap = FontRef::new(&file).unwrap().charmap();
        for (code, _) in BUILTIN {
            for (key, text) in &Sentences::builtin(language(code)).unwrap().0 {
                let lacking = text.chars().find(|c| !c.is_whitespace() && charmap.map(*c).is_none());
                assert_eq!(lacking, None, "{font}: {code}, {key}");
            }
        }
    }
}

#[test]
fn languages_are_listed_in_one_order() {
    let codes: Vec<String> = Wordings::builtin().languages().iter().map(Language::to_string).collect();
    assert_eq!(codes[..4], ["pl", "en", "de", "uk"]);
    assert!(codes[4..].is_sorted(), "{codes:?}");
}

#[test]
fn a_language_that_a_shop_adds_is_listed_last_and_one_that_it_changes_stays_in_its_place() {
    let mut wordings = Wordings::builtin();
    let before = wordings.languages();
    let english = Sentences::builtin(language("en")).unwrap();
    wordings.put(language("nb"), &english).unwrap();
    wordings.put(language("en"), &english).unwrap();
    wordings.reserve(language("is"));
    assert_eq!(wordings.languages(), [before, vec![language("is"), language("nb")]].concat());
}

#[test]
fn a_sentence_put_over_ours_is_the_one_that_is_said() {
    let mut polish = Sentences::builtin(language("pl")).unwrap();
    polish.0.insert("page.title".to_owned(), "Liczniki w {shop}".to_owned());
    let mut wordings = Wordings::builtin();
    wordings.put(language("pl"), &polish).unwrap();
    assert_eq!(wordings.get(language("pl")).page.title, "Liczniki w {shop}");
    assert_eq!(wordings.get(language("pl")).page.contact, "Kontakt");
}

#[test]
fn a_wording_with_faults_is_not_taken() {
    let mut polish = Sentences::builtin(language("pl")).unwrap();
    polish.0.remove("page.title");
    let mut wordings = Wordings::builtin();
    assert_eq!(wordings.put(language("pl"), &polish).unwrap_err().len(), 1);
    assert!(wordings.get(language("pl")).page.title.contains("{shop}"));
}

/// What the check says of English with one text changed.
fn told(key: &str, text: &str) -> Vec<String> {
    let mut english = Sentences::builtin(language("en")).unwrap();
    english.0.insert(key.to_owned(), text.to_owned());
    let faults = check(language("en"), &english);
    faults.into_iter().map(|fault| format!("{}: {}; {}", fault.key, fault.what, fault.help)).collect()
}

#[test]
fn each_fault_is_told_with_what_would_be_right() {
    for (key, text, expected) in [
        ("page.now", " ", "is empty; write the text, or remove the line to keep \"What is going on now\""),
        (
            "labels.controller",
            "",
            "is empty, and GDPR Art. 13(1)(a) asks for it; write the text, or remove the line to keep \"Controller\"",
        ),
        (
            "active.rights",
            "–",
            "says nothing, and GDPR Art. 13(2)(b) asks for it; write the text, or remove the line to keep \"Access, erasure, \
             objection and more\"",
        ),
        (
            "objection.right",
            "Tell the staff.",
            "lacks {contact}, and GDPR Art. 21(4) asks for it; write it as in \"You have the right to object: tell the staff or \
             write to {contact}\"",
        ),
        (
            "cctv.kept",
            "We keep recordings.",
            "lacks {retention}, and GDPR Art. 13(2)(a) asks for it; write it as in \"We keep recordings for {retention}.\"",
        ),
        (
            "inactive.validity",
            "Valid until {time}, {day}.",
            "lacks {month}, and a sign without power keeps its picture for weeks; write it as in \"Valid until {time} on {day} \
             {month}.\"",
        ),
        ("page.title", "What we measure", "lacks {shop}; write it as in \"What we measure at {shop}\""),
        (
            "page.title",
            "At {shop}: {contact}",
            "holds {contact}, which nothing fills here; places of this text: {shop}",
        ),
        ("page.now", "Now, {shop}", "holds {shop}, which nothing fills here; places of this text: none"),
        (
            "page.title",
            "What we measure at {shop",
            "holds a brace that belongs to no {place}; a place is written in braces, as in \"What we measure at {shop}\"; other \
             braces cannot be printed",
        ),
        ("page.now", "a\nb", "holds a line break or another control character; write it as one line"),
        (
            "retention.month.other",
            "months",
            "lacks {n}, and this form stands for 2, 3, 4 and others; write it as in \"{n} months\"",
        ),
        (
            "presence.headline",
            "SENSORS SEE THAT YOU ARE HERE",
            "has 29 characters, and a headline at most 24; say it shorter: it stands in large letters on a small panel",
        ),
        ("presence.headline", "We detect you", "is not all capitals; write \"WE DETECT YOU\""),
        (
            "labels.rights",
            "The rights you have",
            "has 19 characters, and a label at most 16; say it shorter: the text stands beside it",
        ),
        ("page.colour", "red", "is no text of a notice; remove it"),
        ("retention.month.few", "{n} months", "is no text of a notice; remove it"),
    ] {
        assert_eq!(told(key, text), [format!("{key}: {expected}")]);
    }
    let long = "long ".repeat(101);
    assert_eq!(told("page.now", &long), ["page.now: is longer than 500 characters; say it shorter"]);
}

#[test]
fn headlines_of_two_states_that_look_the_same_are_told_at_both() {
    let twins = [
        "people-counting.headline: says the same as [unknown] headline; a sign must not look the same in two states: word \
         them differently",
        "unknown.headline: says the same as [people-counting] headline; a sign must not look the same in two states: word \
         them differently",
    ];
    assert_eq!(told("unknown.headline", "WE COUNT ENTRIES!"), twins);
    assert_eq!(told("paused.headline.measuring", "COUNTING PAUSED"), [""; 0], "two voices of one state may agree");
}

#[test]
fn a_form_for_one_number_may_say_it_as_a_word() {
    assert_eq!(told("retention.year.one", "a year"), [""; 0]);
}

#[test]
fn what_is_missing_is_told_with_the_line_to_write() {
    let mut english = Sentences::builtin(language("en")).unwrap();
    english.0.remove("page.title");
    let faults = check(language("nb"), &english);
    assert_eq!(faults.len(), 1);
    assert_eq!((faults[0].key.as_str(), faults[0].what.as_str()), ("page.title", "is missing"));
    assert_eq!(faults[0].help, "add it, as in title = \"What we measure at {shop}\"");
}

#[test]
fn a_language_with_other_forms_than_the_example_is_shown_the_general_one() {
    let mut english = Sentences::builtin(language("en")).unwrap();
    english.0.remove("interval.day.other");
    let faults = check(language("is"), &english);
    let told = |key: &str| {
        faults.iter().find(|fault| fault.key == key).map(|fault| format!("{}; {}", fault.what, fault.help)).unwrap()
    };
    assert_eq!(told("interval.day.other"), "is missing; add it, as in other = \"{n}-day\"");
    assert_eq!(
        told("interval.hour.one"),
        "lacks {n}, and this form stands for 1, 21, 31 and others; write it as in \"{n}-hour\""
    );
}

#[test]
fn capitals_are_those_of_the_language() {
    let headline = |code: &str, text: &str| {
        let mut sentences = Sentences::builtin(language(code)).or_else(|| Sentences::builtin(language("en"))).unwrap();
        sentences.0.insert("presence.headline".to_owned(), text.to_owned());
        let faults = check(language(code), &sentences);
        faults.into_iter().find(|fault| fault.key == "presence.headline").map(|fault| fault.help)
    };
    assert_eq!(headline("el", "ΑΝΙΧΝΕΥΣΗ ΠΑΡΟΥΣΙΑΣ"), None);
    assert_eq!(headline("el", "ΑΝΊΧΝΕΥΣΗ"), Some("write \"ΑΝΙΧΝΕΥΣΗ\"".to_owned()));
    assert_eq!(
        headline("ga", "AG COMHAIREAMH gCUSTAIMÉIRÍ"),
        Some("say it shorter: it stands in large letters on a small panel".to_owned())
    );
    assert_eq!(headline("ga", "LÁITHREACHT sa tSIOPA"), Some("write \"LÁITHREACHT SA tSIOPA\"".to_owned()));
    assert_eq!(headline("ga", "I bhFIANAISE"), None);
    assert_eq!(headline("de", "GROß"), Some("write \"GROSS\"".to_owned()));
    assert_eq!(headline("uk", "ПРИСУТНІСТЬ"), None);
}

#[test]
fn the_forms_that_a_wording_has_are_those_of_its_language() {
    let inside = |code| Outline::of(language(code)).inside("interval.hour").join(" ");
    assert_eq!((inside("en"), inside("pl")), ("one other".to_owned(), "few many one other".to_owned()));
}

#[test]
fn nouns_take_the_form_of_their_number() {
    let months = |code: &str, count: u32| {
        plain(&Wordings::builtin().get(language(code)).retention(Period { count, unit: PeriodUnit::Month }))
    };
    for (code, count, expected) in [
        ("pl", 1, "1 miesiąc"),
        ("pl", 2, "2 miesiące"),
        ("pl", 5, "5 miesięcy"),
        ("pl", 12, "12 miesięcy"),
        ("pl", 13, "13 miesięcy"),
        ("pl", 22, "22 miesiące"),
        ("pl", 25, "25 miesięcy"),
        ("en", 1, "1 month"),
        ("en", 13, "13 months"),
        ("de", 1, "1 Monat"),
        ("de", 13, "13 Monate"),
        ("uk", 1, "1 місяця"),
        ("uk", 21, "21 місяця"),
        ("uk", 13, "13 місяців"),
    ] {
        assert_eq!(months(code, count), expected);
    }
}

#[test]
fn the_interval_is_said_in_the_greatest_unit_that_divides_it() {
    for (seconds, said) in [
        (2, ["co 2 sekundy", "2-second", "je 2 Sekunden", "за 2 секунди"]),
        (900, ["co 15 minut", "15-minute", "je 15 Minuten", "за 15 хвилин"]),
        (3_600, ["co godzinę", "hourly", "je Stunde", "за 1 годину"]),
        (5_400, ["co 90 minut", "90-minute", "je 90 Minuten", "за 90 хвилин"]),
        (86_400, ["co dzień", "daily", "je Tag", "за 1 день"]),
    ] {
        for (code, expected) in ["pl", "en", "de", "uk"].into_iter().zip(said) {
            with(code, |words| assert_eq!(plain(&words.interval(Duration::from_secs(seconds))), expected));
        }
    }
}

#[test]
fn a_validity_is_said_in_local_time_with_its_day_and_cut_to_the_minute() {
    let zone = TimeZone::get("Europe/Warsaw").unwrap();
    let at: Timestamp = "2026-11-24T17:30:59Z".parse().unwrap();
    for (code, expected) in [
        ("pl", "Ważne do 18:30, 24 listopada."),
        ("en", "Valid until 18:30 on 24 November."),
        ("de", "Gültig bis 24. November, 18:30 Uhr."),
        ("uk", "Дійсно до 18:30, 24 листопада."),
    ] {
        with(code, |words| {
            assert_eq!(plain(&words.dated(&words.inactive.validity, Wall(at.as_millisecond()), &zone)), expected);
        });
    }
}

#[test]
fn a_validity_beyond_the_calendar_has_already_passed() {
    with("en", |words| assert_eq!(words.dated("{day} {month}", Wall(i64::MAX), &TimeZone::UTC), "1 January"));
}

#[test]
fn a_wording_is_set_by_the_custom_of_its_language() {
    with("pl", |words| assert_eq!(words.typeset("kot w worku"), "kot w\u{a0}worku"));
    with("en", |words| assert_eq!(words.typeset("a cat"), "a cat"));
}

#[test]
fn a_value_with_braces_is_printed_as_it_stands() {
    assert_eq!(fill("write to {contact}", &[("contact", "{n}@x")]), "write to {n}@x");
}
