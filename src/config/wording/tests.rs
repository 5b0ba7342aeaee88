//! A shop's own words as whoever words them meets it: whole files in, problems with their places out.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::config::Config;
use crate::config::open::load;
use crate::daemon::facts;
use crate::device::catalog::Catalogue;
use crate::domain::id::ActivityId;
use crate::domain::notice::SignState;
use crate::domain::time::Wall;
use crate::notice::copy::copy;

const SAMPLE: &str = include_str!("../../../config/noticed.toml");
const ENGLISH: &str = include_str!("../../../config/wordings/en.toml");

fn language(code: &str) -> Language {
    Language::parse(code).unwrap()
}

/// What is said of `text` as the file of a language, as it is printed.
fn printed(code: &str, text: &str) -> Vec<String> {
    let problems = put_over(&mut Wordings::builtin(), language(code), &format!("{code}.toml"), text);
    problems.err().unwrap_or_default().iter().map(ToString::to_string).collect()
}

#[test]
fn a_file_holds_only_what_it_changes() {
    for text in ["", "[page]\ntitle = \"W {shop}\"\n", "language = \"pl\"\n[labels]\ncontroller = \"Kto\"\n"] {
        assert_eq!(printed("pl", text), [""; 0], "{text}");
    }
    assert_eq!(printed("en", ENGLISH), [""; 0], "our own file is one as well");
}

/// A language, a file, and what is said of it.
const REFUSED: &[(&str, &str, &str)] = &[
    (
        "pl",
        "[page]\ntitel = \"W {shop}\"\n",
        "pl.toml:2:1: [page] \"titel\": there is no such key\n    help: did you mean \"title\"? valid keys: address, checkpoint, \
         checkpoint-text, complaint, complaint-elsewhere, complaint-uodo, contact, decisions, decisions-text, kept, language-name, never, no-dpo, now, \
         now-active, now-inactive, now-paused, now-unknown, paper, pause-button, pause-done, pause-expired, pause-explained, pause-limit, protection, protection-text, recipients, recipients-none, \
         rights, rights-identity, rights-objection, rights-text, title, what, who, why",
    ),
    (
        "pl",
        "[lables]\nzone = \"Miejsce\"\n",
        "pl.toml:1:2: top level \"lables\": there is no such table\n    help: did you mean \"labels\"? valid tables: active, \
         afterwards, basis, brief, calendar, cctv, counting-and-presence, defaults, inactive, interval, labels, objection, page, \
         paused, people-counting, presence, retention, unknown",
    ),
    (
        "pl",
        "[retention]\nday.dwa = \"{n} dni\"\n",
        "pl.toml:2:5: [retention] day \"dwa\": there is no such key\n    help: valid keys: few, many, one, other",
    ),
    (
        "en",
        "[retention]\nday = { few = \"{n} days\" }\n",
        "en.toml:2:9: [retention] day \"few\": there is no such key\n    help: valid keys: one, other",
    ),
    (
        "en",
        "language = \"de\"\n",
        "en.toml:1:12: language: is not \"en\", after which the file is named\n    help: write language = \"en\", or remove the line",
    ),
    (
        "en",
        "[labels]\nzone = 1\n",
        "en.toml:2:8: [labels] zone: is a whole number, where a text belongs\n    help: write it in double quotes",
    ),
    (
        "en",
        "labels = \"x\"\n",
        "en.toml:1:10: [labels]: is a text, where a table belongs\n    help: keys that stand in it: controller, dpo, if-on, kept, \
         purpose, rights, what, zone, zones",
    ),
    (
        "en",
        "[inactive]\nheadline = \"NOTHING\"\n",
        "en.toml:2:12: [inactive] headline: is a text, where a table belongs\n    help: keys that stand in it: counting, \
         measuring, recording",
    ),
    (
        "en",
        "[calendar]\nmonths = [\"Jan\", \"Feb\"]\n",
        "en.toml:2:10: [calendar] months: holds 2 texts, where 12 belong\n    help: write one for each month, January first",
    ),
    (
        "en",
        "[calendar]\nmonths = \"January\"\n",
        "en.toml:2:10: [calendar] months: is a text, where a list of texts belongs\n    help: write it in square brackets",
    ),
    (
        "en",
        "[objection]\nright = \"Tell the staff.\"\n",
        "en.toml:2:9: [objection] right: lacks {contact}, and GDPR Art. 21(4) asks for it\n    help: write it as in \"You have \
         the right to object: tell the staff or write to {contact}\"",
    ),
    (
        "de",
        "[people-counting]\nkept = \"Wir behalten Summen {interval}.\"\n",
        "de.toml:2:8: [people-counting] kept: lacks {retention}, and GDPR Art. 13(2)(a) asks for it\n    help: write it as in \
         \"Aus der Zählung behalten wir nur Summen {interval}, für {retention}.\"",
    ),
    (
        "uk",
        "[inactive]\nvalidity = \"Дійсно до {time}.\"\n",
        "uk.toml:2:12: [inactive] validity: lacks {day}, and a sign without power keeps its picture for weeks\n    help: write it \
         as in \"Дійсно до {time}, {day} {month}.\"",
    ),
    (
        "pl",
        "[page]\ntitle = \"W {sklep}\"\n",
        "pl.toml:2:9: [page] title: holds {sklep}, which nothing fills here\n    help: places of this text: {shop}",
    ),
    (
        "pl",
        "[page]\ntitle = \"W {shop\"\n",
        "pl.toml:2:9: [page] title: holds a brace that belongs to no {place}\n    help: a place is written in braces, as in \"Co \
         mierzymy w sklepie {shop}\"; other braces cannot be printed",
    ),
    (
        "pl",
        "[labels]\ncontroller = \" \"\n",
        "pl.toml:2:14: [labels] controller: is empty, and GDPR Art. 13(1)(a) asks for it\n    help: write the text, or remove the \
         line to keep \"Administrator\"",
    ),
    (
        "pl",
        "[objection]\ncounting = \"?\"\n",
        "pl.toml:2:12: [objection] counting: says nothing, and GDPR Art. 21(4) asks for it\n    help: write the text, or remove \
         the line to keep \"Nie chcesz, żebyśmy Cię liczyli?\"",
    ),
    (
        "pl",
        "[presence]\nheadline = \"Ktoś tu jest\"\n",
        "pl.toml:2:12: [presence] headline: is not all capitals\n    help: write \"KTOŚ TU JEST\"",
    ),
    (
        "pl",
        "[unknown]\nheadline = \"LICZYMY WEJŚCIA\"\n",
        "pl.toml:2:12: [unknown] headline: says the same as [people-counting] headline\n    help: a sign must not look the same in \
         two states: word them differently",
    ),
    (
        "uk",
        "[interval]\nhour.one = \"за годину\"\n",
        "uk.toml:2:12: [interval] hour.one: lacks {n}, and this form stands for 1, 21, 31 and others\n    help: write it as in \
         \"за {n} години\"",
    ),
    (
        "pl",
        "[page]\ntitle \"W {shop}\"\n",
        "pl.toml:2:7: not TOML: key with no value, expected `=`\n    help: one key = value on each line, texts in double quotes; lines \
         that are only remarks start with #",
    ),
];

#[test]
fn each_refusal_names_the_place_the_fault_and_the_way_out() {
    for (code, text, expected) in REFUSED {
        assert_eq!(printed(code, text), [*expected]);
    }
}

#[test]
fn a_file_named_after_no_language_of_the_program_is_not_told_a_hundred_times_what_it_lacks() {
    let missing = Outline::of(language("ua")).keys().count() - 1;
    let expected = format!(
        "ua.toml:1:1: the program has no wording in \"ua\", so this file must hold every text; {missing} are missing\n    help: to \
         change a wording of the program, name the file after its language: {}",
        languages()
    );
    assert_eq!(printed("ua", "[page]\ntitle = \"У {shop}\"\n"), [expected]);
}

fn languages() -> String {
    Wordings::builtin().languages().iter().map(Language::to_string).collect::<Vec<_>>().join(", ")
}

#[test]
fn the_sample_names_every_language_of_the_program() {
    let line = format!("# Worded are: {}.", languages());
    assert!(SAMPLE.lines().any(|told| told == line), "write into the sample: {line}");
}

#[test]
fn every_key_mistyped_is_one_problem_with_the_key_that_was_meant() {
    for line in ENGLISH.lines().filter(|line| line.contains(" = ") && !line.starts_with(['#', '['])) {
        let key = line.split(" = ").next().unwrap();
        if key == "language" {
            continue;
        }
        let text = ENGLISH.replacen(&format!("\n{line}\n"), &format!("\n{key}q{}\n", &line[key.len()..]), 1);
        let told = printed("en", &text);
        assert_eq!(told.len(), 1, "{key}: {told:#?}");
        assert!(told[0].contains(&format!("help: did you mean {key:?}?")), "{told:?}");
    }
}

#[test]
fn several_mistakes_are_several_problems() {
    let text = "[labels]\nzone = \"\"\nwhat = 1\n[page]\nnow = \"{n}\"\nnowhere = \"x\"\n";
    let lines: Vec<usize> = put_over(&mut Wordings::builtin(), language("en"), "F", text)
        .unwrap_err()
        .iter()
        .map(|problem| problem.line)
        .collect();
    assert_eq!(lines.len(), 4);
    assert!([2, 3, 5, 6].iter().all(|line| lines.contains(line)), "{lines:?}");
}

#[test]
fn a_new_language_holds_every_text() {
    let norwegian = ENGLISH.replace("language = \"en\"", "language = \"nb\"");
    assert_eq!(printed("nb", &norwegian), [""; 0]);
    let lacking = norwegian.replace("title = \"What we measure at {shop}\"\n", "").replace("[brief]\n", "[brieq]\n");
    assert_eq!(
        printed("nb", &lacking)[..2],
        [
            "nb.toml:79:2: top level \"brieq\": there is no such table\n    help: did you mean \"brief\"? valid tables: active, \
             afterwards, basis, brief, calendar, cctv, counting-and-presence, defaults, inactive, interval, labels, objection, \
             page, paused, people-counting, presence, retention, unknown",
            "nb.toml:122:1: [page] title: is missing, and the program has no wording in \"nb\"\n    help: add it, as in title = \
             \"What we measure at {shop}\""
        ]
    );
}

#[test]
fn what_could_not_be_read_of_a_new_language_is_not_missing_as_well() {
    let icelandic = ENGLISH
        .replace("language = \"en\"\n", "")
        .replace("months = [\"January\", ", "months = [")
        .replace("zone = \"Zone\"", "zone = 1")
        .replace("paper = \"", "paper \"");
    let told: Vec<String> = printed("is", &icelandic).into_iter().filter(|told| !told.contains("lacks {n}")).collect();
    assert_eq!(told.len(), 3, "{told:#?}");
}

/// A shop's folder with these wordings.
fn shop(languages: &str, wordings: &[(&str, &str)]) -> (tempfile::TempDir, Result<Config, String>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("noticed.toml");
    fs::write(&path, SAMPLE.replace("languages = [\"pl\", \"en\"]", languages)).unwrap();
    fs::create_dir(wordings_beside(&path)).unwrap();
    for (name, text) in wordings {
        fs::write(wordings_beside(&path).join(name), text).unwrap();
    }
    let loaded = loaded(&path);
    (dir, loaded)
}

fn loaded(path: &Path) -> Result<Config, String> {
    let folder = format!("{}/", path.parent().unwrap().display());
    load(path, &Catalogue::builtin()).map_err(|problems| problems.to_string().replace(&folder, ""))
}

/// The sign's copy of the sample shop, in Polish.
fn said(config: &Config, state: &SignState) -> String {
    format!("{:?}", copy(&config.wordings, &facts(config, &config.signs[0].zones), state, language("pl")))
}

#[test]
fn a_shop_s_own_sentence_is_what_its_signs_say() {
    let own =
        "[objection]\ncounting = \"Wolisz, żeby Cię nie liczyć?\"\n[inactive]\nheadline.counting = \"LICZNIK STOI\"\n";
    let (_dir, config) = shop("languages = [\"pl\", \"en\"]", &[("pl.toml", own), ("readme.txt", "x")]);
    let config = config.unwrap();
    let active = SignState::Active(vec![ActivityId::new("footfall")]);
    assert!(said(&config, &active).contains("Wolisz, żeby Cię nie liczyć?"));
    assert!(said(&config, &active).contains("LICZYMY WEJŚCIA"), "the rest stays");
    assert!(said(&config, &SignState::Inactive { valid_until: Wall(0) }).contains("LICZNIK STOI"));
}

#[test]
fn a_shop_may_speak_a_language_of_its_own() {
    let norwegian = ENGLISH.replace("\"en\"", "\"nb\"").replace("\"from the staff\"", "\"hos de ansatte\"");
    let text = SAMPLE.replace(" en = \"", " nb = \"");
    let text: String = text.split_inclusive('\n').filter(|line| !line.starts_with("offline-notice")).collect();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("noticed.toml");
    fs::write(&path, text.replace("[\"pl\", \"en\"]", "[\"pl\", \"nb\"]")).unwrap();
    fs::create_dir(wordings_beside(&path)).unwrap();
    fs::write(wordings_beside(&path).join("nb.toml"), &norwegian).unwrap();
    let config = loaded(&path).unwrap();
    assert_eq!(config.controller.offline_notice.get(language("nb")), Some("hos de ansatte"));

    fs::write(wordings_beside(&path).join("nb.toml"), norwegian.replace("zone = \"Zone\"\n", "")).unwrap();
    assert_eq!(
        loaded(&path).unwrap_err(),
        "wordings/nb.toml:6:1: [labels] zone: is missing, and the program has no wording in \"nb\"\n    help: add it, as in zone = \
         \"Zone\"\n1 problem in wordings/nb.toml"
    );
}

#[test]
fn files_that_cannot_be_wordings_are_named() {
    let huge = "#".repeat(64 * 1024 + 1);
    let (_dir, refused) = shop(
        "languages = [\"pl\", \"xx\"]",
        &[("polski.toml", ""), ("PL.toml", ""), ("de.toml", &huge), ("en.toml", "language = \"pl\"\n")],
    );
    let refused = refused.unwrap_err();
    for told in [
        "wordings/PL.toml:1:1: \"PL\" is no code of a language\n    help: name the file after its language in two small letters, as \
         in \"de.toml\"",
        "wordings/polski.toml:1:1: \"polski\" is no code of a language",
        "wordings/de.toml:1:1: is larger than 64 KiB",
        "wordings/en.toml:1:12: language: is not \"en\", after which the file is named",
        &format!(
            "there is no wording of the notice in \"xx\"\n    help: languages are two letters; worded are: {}",
            languages()
        ),
    ] {
        assert!(refused.contains(told), "{told}\n\n{refused}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_text_makes_the_reader_panic(
        at in 0..ENGLISH.len(), cut in 0..200usize, piece in "[\\[\\]{}=.\"a-z0-9ż\n ]{0,30}", code in "(en|pl|nb)",
    ) {
        let boundary = |mut i: usize| { while !ENGLISH.is_char_boundary(i) { i -= 1; } i };
        let (start, end) = (boundary(at), boundary((at + cut).min(ENGLISH.len())));
        let text = format!("{}{piece}{}", &ENGLISH[..start], &ENGLISH[end..]);
        let lines = text.matches('\n').count() + 1;
        let problems = put_over(&mut Wordings::builtin(), language(&code), "F", &text).err().unwrap_or_default();
        prop_assert!(problems.iter().all(|p| (1..=lines).contains(&p.line) && p.column >= 1), "{problems:?}");
    }
}
