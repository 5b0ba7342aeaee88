//! What a wording must keep, in whatever words: every text and every place, what the law asks for, and headlines that no
//! customer takes for each other.

use super::plural::Plurals;
use super::sentences::{Outline, Sentences, called, counted_noun};
use crate::domain::text::Language;

/// Longest headline, in characters: it stands in large letters on a panel of 400 pixels.
const HEADLINE_MAX_CHARS: usize = 24;
/// Longest heading of a line; the text stands beside it.
const LABEL_MAX_CHARS: usize = 16;
/// Longest text, in characters: a sign has room for far less, and a page for no more in one sentence.
const TEXT_MAX_CHARS: usize = 500;

/// One thing that is wrong with a wording.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Key of the text, as in [`Sentences`].
    pub key: String,
    /// What is wrong with it; the sentence begins with the key.
    pub what: String,
    /// What would be right.
    pub help: String,
}

/// What notices are bound to say: key or start of keys, the place that must stay, and why. Where no place is named any words
/// will do, but none will not.
const DUTIES: &[(&str, &str, &str)] = &[
    ("labels.controller", "", "GDPR Art. 13(1)(a) asks for it"),
    ("labels.dpo", "", "GDPR Art. 13(1)(b) asks for it"),
    ("labels.purpose", "", "GDPR Art. 13(1)(c) asks for it"),
    ("labels.kept", "", "GDPR Art. 13(2)(a) asks for it"),
    ("labels.rights", "", "GDPR Art. 13(2)(b) asks for it"),
    ("people-counting.kept", "retention", "GDPR Art. 13(2)(a) asks for it"),
    ("presence.kept", "retention", "GDPR Art. 13(2)(a) asks for it"),
    ("cctv.kept", "retention", "GDPR Art. 13(2)(a) asks for it"),
    ("basis.interest", "interest", "GDPR Art. 13(1)(d) asks for it"),
    ("basis.stated", "basis", "GDPR Art. 13(1)(c) asks for it"),
    ("active.rights", "", "GDPR Art. 13(2)(b) asks for it"),
    ("active.complaint", "", "GDPR Art. 13(2)(d) asks for it"),
    ("active.more", "offline-notice", "EDPB 3/2019 para 117 asks for it"),
    ("objection.right", "contact", "GDPR Art. 21(4) asks for it"),
    ("objection.by-code", "contact", "GDPR Art. 21(4) asks for it"),
    ("page.pause-done", "time", "who objects has to know until when nobody counts"),
    ("page.pause-limit", "contact", "GDPR Art. 21 does not end with a limit of ours"),
    ("objection.", "", "GDPR Art. 21(4) asks for it"),
    ("brief.objection", "contact", "GDPR Art. 21(4) asks for it"),
    ("brief.right", "", "GDPR Art. 21(4) asks for it"),
    ("inactive.validity", "time", STAYS),
    ("inactive.validity", "day", STAYS),
    ("inactive.validity", "month", STAYS),
    ("paused.validity", "time", STAYS),
    ("paused.validity", "day", STAYS),
    ("paused.validity", "month", STAYS),
    ("page.recipients", "", "GDPR Art. 13(1)(e) asks for it"),
    ("page.rights-objection", "contact", "GDPR Art. 21(4) asks for it"),
    ("page.rights-identity", "", "GDPR Art. 11(2) asks for it"),
    ("page.rights", "", "GDPR Art. 13(2)(b) asks for it"),
    ("page.complaint", "", "GDPR Art. 13(2)(d) asks for it"),
    ("page.decisions", "", "GDPR Art. 13(2)(e) and (f) ask for it"),
];

/// Why a picture that denies carries its whole end.
const STAYS: &str = "a sign without power keeps its picture for weeks";

/// Everything that is wrong with `sentences` as the wording of `language`, in the order of the keys.
#[must_use]
pub fn check(language: Language, sentences: &Sentences) -> Vec<Fault> {
    let (judge, outline) = (Judge::new(language), Outline::of(language));
    let missing = outline.keys().filter(|key| !sentences.0.contains_key(*key));
    let mut faults: Vec<Fault> = missing.map(|key| judge.missing(key)).collect();
    for (key, text) in &sentences.0 {
        if outline.is_text(key) {
            faults.extend(judge.first_fault(key, text));
        } else {
            faults.push(fault(key, "is no text of a notice", "remove it"));
        }
    }
    faults.extend(twins(sentences));
    faults.sort_by(|a, b| a.key.cmp(&b.key));
    faults
}

fn fault(key: &str, what: impl Into<String>, help: impl Into<String>) -> Fault {
    Fault { key: key.to_owned(), what: what.into(), help: help.into() }
}

/// What a text is held against.
struct Judge {
    language: Language,
    plurals: Plurals,
    /// Which places a text has is said by the English ones.
    english: Sentences,
    /// What the program says in this language, if it knows it.
    builtin: Option<Sentences>,
}

impl Judge {
    fn new(language: Language) -> Self {
        let (english, builtin) = (Sentences::english(), Sentences::builtin(language));
        Self { language, plurals: Plurals::of(language), english, builtin }
    }

    /// How the program says it.
    fn example(&self, key: &str) -> String {
        let texts = &self.builtin.as_ref().unwrap_or(&self.english).0;
        texts.get(key).map(|text| format!("{:?}", text.replace('\u{a0}', " "))).unwrap_or_default()
    }

    fn missing(&self, key: &str) -> Fault {
        let name = key.rsplit('.').next().unwrap_or(key);
        let example = counted_noun(key).map_or(key.to_owned(), |(noun, _)| format!("{noun}.other"));
        fault(key, "is missing", format!("add it, as in {name} = {}", self.example(&example)))
    }

    fn first_fault(&self, key: &str, text: &str) -> Option<Fault> {
        self.shape(key, text)
            .or_else(|| self.words(key, text))
            .or_else(|| self.places(key, text))
            .or_else(|| self.headline(key, text))
            .or_else(|| label(key, text))
    }

    fn shape(&self, key: &str, text: &str) -> Option<Fault> {
        if text.chars().any(char::is_control) {
            return Some(fault(key, "holds a line break or another control character", "write it as one line"));
        }
        if text.chars().count() > TEXT_MAX_CHARS {
            return Some(fault(key, format!("is longer than {TEXT_MAX_CHARS} characters"), "say it shorter"));
        }
        places(text).is_none().then(|| {
            let help =
                format!("a place is written in braces, as in {}; other braces cannot be printed", self.example(key));
            fault(key, "holds a brace that belongs to no {place}", help)
        })
    }

    /// A text says something beside its places.
    fn words(&self, key: &str, text: &str) -> Option<Fault> {
        if outside(text).chars().any(char::is_alphanumeric) {
            return None;
        }
        let what = if text.trim().is_empty() { "is empty" } else { "says nothing" };
        let duty = DUTIES.iter().find(|(start, ..)| key.starts_with(start));
        let what = duty.map_or(what.to_owned(), |(.., why)| format!("{what}, and {why}"));
        let help = match &self.builtin {
            Some(_) => format!("write the text, or remove the line to keep {}", self.example(key)),
            None => format!("write the text, as in {}", self.example(key)),
        };
        Some(fault(key, what, help))
    }

    fn places(&self, key: &str, text: &str) -> Option<Fault> {
        let (said, needed) = (places(text)?, self.needed(key));
        if let Some(stranger) = said.iter().find(|place| !needed.contains(place)) {
            let known: Vec<String> = needed.iter().map(|place| format!("{{{place}}}")).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            let what = format!("holds {{{stranger}}}, which nothing fills here");
            return Some(fault(key, what, format!("places of this text: {known}")));
        }
        let lost = needed.iter().find(|place| !said.contains(place))?;
        if let Some((noun, form)) = counted_noun(key) {
            return self.number(key, noun, form);
        }
        let duty = DUTIES.iter().find(|(start, place, _)| key.starts_with(start) && place == lost);
        let what = duty.map_or(format!("lacks {{{lost}}}"), |(.., why)| format!("lacks {{{lost}}}, and {why}"));
        Some(fault(key, what, format!("write it as in {}", self.example(key))))
    }

    /// A form without its number, unless there is but one that it can mean.
    fn number(&self, key: &str, noun: &str, form: &str) -> Option<Fault> {
        let numbers: Vec<String> = self.plurals.first_numbers(form).iter().map(u64::to_string).collect();
        let meant = match numbers.as_slice() {
            [_] => return None,
            [] => String::new(),
            several => format!(", and this form stands for {} and others", several.join(", ")),
        };
        Some(fault(
            key,
            format!("lacks {{n}}{meant}"),
            format!("write it as in {}", self.example(&format!("{noun}.other"))),
        ))
    }

    /// The places that the program fills in a text.
    fn needed(&self, key: &str) -> Vec<String> {
        if counted_noun(key).is_some() {
            return vec!["n".to_owned()];
        }
        self.english.0.get(key).and_then(|text| places(text)).unwrap_or_default()
    }

    fn headline(&self, key: &str, text: &str) -> Option<Fault> {
        if !is_headline(key) {
            return None;
        }
        let count = text.chars().count();
        if count > HEADLINE_MAX_CHARS {
            let what = format!("has {count} characters, and a headline at most {HEADLINE_MAX_CHARS}");
            return Some(fault(key, what, "say it shorter: it stands in large letters on a small panel"));
        }
        let capitals = capitals(self.language, text);
        (capitals != text).then(|| fault(key, "is not all capitals", format!("write {capitals:?}")))
    }
}

fn label(key: &str, text: &str) -> Option<Fault> {
    let count = text.chars().count();
    let is_long = key.starts_with("labels.") && count > LABEL_MAX_CHARS;
    let what = || format!("has {count} characters, and a label at most {LABEL_MAX_CHARS}");
    is_long.then(|| fault(key, what(), "say it shorter: the text stands beside it"))
}

/// Places of a text, each once; `None` if a brace has no partner.
fn places(text: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}')?;
        if before.contains('}') || name.contains('{') {
            return None;
        }
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
        rest = behind;
    }
    (!rest.contains('}')).then_some(names)
}

/// A text without its places.
fn outside(text: &str) -> String {
    text.split('{')
        .enumerate()
        .map(|(index, part)| if index == 0 { part } else { part.split_once('}').map_or("", |(_, behind)| behind) })
        .collect()
}

fn is_headline(key: &str) -> bool {
    key.split('.').nth(1) == Some("headline")
}

/// Two headlines that say the same, unless both are of one state whose voices need no different words.
fn twins(sentences: &Sentences) -> Vec<Fault> {
    let headlines: Vec<(&String, &String)> = sentences.0.iter().filter(|(key, _)| is_headline(key)).collect();
    let state = |key: &str| key.split('.').next().unwrap_or_default().to_owned();
    let look =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let twin = |(key, text): &(&String, &String)| {
        let other = headlines.iter().find(|(other, said)| state(other) != state(key) && look(said) == look(text))?;
        let what = format!("says the same as {}", called(other.0));
        Some(fault(key, what, "a sign must not look the same in two states: word them differently"))
    };
    headlines.iter().filter_map(twin).collect()
}

/// `text` in the capitals of `language`. Greek ones carry no tonos; Irish ones keep the small letters that grammar puts before
/// a word (*gCOMHAIREAMH*, *tSIOPA*).
fn capitals(language: Language, text: &str) -> String {
    match language.code() {
        "el" => text.to_uppercase().chars().map(without_tonos).collect(),
        "ga" => text.split(' ').map(irish_capitals).collect::<Vec<_>>().join(" "),
        _ => text.to_uppercase(),
    }
}

fn without_tonos(letter: char) -> char {
    const MARKED: [(char, char); 7] =
        [('Ά', 'Α'), ('Έ', 'Ε'), ('Ή', 'Η'), ('Ί', 'Ι'), ('Ό', 'Ο'), ('Ύ', 'Υ'), ('Ώ', 'Ω')];
    MARKED.iter().find(|(marked, _)| *marked == letter).map_or(letter, |(_, plain)| *plain)
}

fn irish_capitals(word: &str) -> String {
    const SMALL: [&str; 8] = ["bh", "b", "d", "g", "h", "m", "n", "t"];
    let stem = |small: &&str| word.strip_prefix(*small).filter(|stem| stem.starts_with(char::is_uppercase));
    match SMALL.iter().find_map(|small| Some((*small, stem(small)?))) {
        Some((small, stem)) => format!("{small}{}", stem.to_uppercase()),
        None => word.to_uppercase(),
    }
}
