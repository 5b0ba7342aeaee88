//! The sentences of notices, one data file per language, and what each language does with numbers, dates and spaces.
//!
//! The files are `config/wordings/XX.toml`; a shop may put its own words over them. [`sentences`] has them as texts by key,
//! [`check()`] says what is wrong with them; notices are made from `parts`, in which every key is a field without a default.

use std::sync::OnceLock;

use crate::domain::text::Language;

pub mod check;
mod parts;
mod plural;
mod say;
pub mod sentences;
#[cfg(test)]
mod tests;
mod typeset;

use self::check::{Fault, check};
use self::sentences::Sentences;

pub(super) use self::parts::{Page, Voice, Wording};
pub(super) use self::say::fill;

/// The wording that the keys and places of all others follow.
const ENGLISH: &str = include_str!("../../../config/wordings/en.toml");

/// The files that the program carries. In this order languages are listed: first those of the first shops, then by code.
const BUILTIN: &[(&str, &str)] = &[
    ("pl", include_str!("../../../config/wordings/pl.toml")),
    ("en", ENGLISH),
    ("de", include_str!("../../../config/wordings/de.toml")),
    ("uk", include_str!("../../../config/wordings/uk.toml")),
    ("bg", include_str!("../../../config/wordings/bg.toml")),
    ("cs", include_str!("../../../config/wordings/cs.toml")),
    ("da", include_str!("../../../config/wordings/da.toml")),
    ("el", include_str!("../../../config/wordings/el.toml")),
    ("es", include_str!("../../../config/wordings/es.toml")),
    ("et", include_str!("../../../config/wordings/et.toml")),
    ("fi", include_str!("../../../config/wordings/fi.toml")),
    ("fr", include_str!("../../../config/wordings/fr.toml")),
    ("ga", include_str!("../../../config/wordings/ga.toml")),
    ("hr", include_str!("../../../config/wordings/hr.toml")),
    ("hu", include_str!("../../../config/wordings/hu.toml")),
    ("it", include_str!("../../../config/wordings/it.toml")),
    ("lt", include_str!("../../../config/wordings/lt.toml")),
    ("lv", include_str!("../../../config/wordings/lv.toml")),
    ("mt", include_str!("../../../config/wordings/mt.toml")),
    ("nl", include_str!("../../../config/wordings/nl.toml")),
    ("pt", include_str!("../../../config/wordings/pt.toml")),
    ("ro", include_str!("../../../config/wordings/ro.toml")),
    ("sk", include_str!("../../../config/wordings/sk.toml")),
    ("sl", include_str!("../../../config/wordings/sl.toml")),
    ("sv", include_str!("../../../config/wordings/sv.toml")),
];

/// The file that the program carries for `language`.
fn builtin_text(language: Language) -> Option<&'static str> {
    BUILTIN.iter().find(|(code, _)| *code == language.code()).map(|(_, text)| *text)
}

/// The wordings in force, by language. A wording is read when it is first asked for, and takes memory only then: a shop speaks a few of them.
#[derive(Debug)]
pub struct Wordings(Vec<(Language, OnceLock<Box<Wording>>)>);

impl Wordings {
    /// The wordings that the program carries.
    #[must_use]
    pub fn builtin() -> Self {
        let language = |code| Language::parse(code).expect("a test reads every built-in language code");
        Self(BUILTIN.iter().map(|(code, _)| (language(code), OnceLock::new())).collect())
    }

    /// Languages that notices can be written in: those of the program, then those that a shop added.
    #[must_use]
    pub fn languages(&self) -> Vec<Language> {
        self.0.iter().map(|(language, _)| *language).collect()
    }

    /// Takes `sentences` as the wording of `language`, or says all that is wrong with them.
    pub fn put(&mut self, language: Language, sentences: &Sentences) -> Result<(), Vec<Fault>> {
        let faults = check(language, sentences);
        if !faults.is_empty() {
            return Err(faults);
        }
        let wording = sentences.wording(language).expect("a wording without faults has every key");
        self.0.retain(|(other, _)| *other != language);
        self.0.push((language, OnceLock::from(Box::new(wording))));
        self.sort();
        Ok(())
    }

    /// Lists `language` although its wording could not be read, so that what names it is not called wrong as well.
    pub fn reserve(&mut self, language: Language) {
        if !self.0.iter().any(|(other, _)| *other == language) {
            self.0.push((language, OnceLock::new()));
            self.sort();
        }
    }

    fn sort(&mut self) {
        let place = |language: &Language| BUILTIN.iter().position(|(code, _)| *code == language.code());
        self.0.sort_by_key(|(language, _)| (place(language).unwrap_or(BUILTIN.len()), *language));
    }

    /// What `language` says where the shop does not say where the notice lies on paper.
    #[must_use]
    pub fn offline_notice(&self, language: Language) -> &str {
        &self.get(language).defaults.offline_notice
    }

    /// The wording of `language`; English where there is none, which a checked configuration never asks for.
    pub(super) fn get(&self, language: Language) -> &Wording {
        let of = |wanted: &str| self.0.iter().find(|(language, _)| language.code() == wanted);
        let (language, wording) = of(language.code()).or_else(|| of("en")).expect("English is built in");
        let read = || toml::from_str(builtin_text(*language).unwrap_or(ENGLISH)).map(Box::new);
        wording.get_or_init(|| read().expect("a test parses every built-in wording"))
    }
}
