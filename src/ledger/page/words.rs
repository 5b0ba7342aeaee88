//! What the page and the printed report say, in the languages that officers are written to.

use std::collections::BTreeMap;

use crate::domain::text::Language;

/// Every sentence by language and key; `{0}`, `{1}` … are places that are filled.
pub(super) const JSON: &str = include_str!("words.json");

/// The sentences of one language.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Words(BTreeMap<String, String>);

impl Words {
    /// Those of `language`; nothing if there are none.
    #[must_use]
    pub fn of(language: Language) -> Option<Self> {
        all().remove(language.code()).map(Self)
    }

    /// Codes of the languages that there are.
    #[must_use]
    pub fn languages() -> Vec<String> {
        all().into_keys().collect()
    }

    /// The sentence `key` with its places filled.
    #[must_use]
    pub fn say(&self, key: &str, about: &[&str]) -> String {
        let mut said = self.0.get(key).cloned().unwrap_or_default();
        for (index, with) in about.iter().enumerate() {
            said = said.replace(&format!("{{{index}}}"), with);
        }
        said
    }
}

fn all() -> BTreeMap<String, BTreeMap<String, String>> {
    serde_json::from_str(JSON).expect("the sentences are texts by language and key, as a test shows")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ledger::Cause;

    #[test]
    fn both_languages_say_the_same_things_about_the_same_places() {
        let all = all();
        assert_eq!(all.keys().collect::<Vec<_>>(), ["en", "pl"]);
        let places = |text: &String| (0..9).filter(|place| text.contains(&format!("{{{place}}}"))).collect::<Vec<_>>();
        let form =
            |language: &str| all[language].iter().map(|(key, text)| (key.clone(), places(text))).collect::<Vec<_>>();
        assert_eq!(form("en"), form("pl"));
        for (_, text) in all.values().flatten() {
            assert!(!text.is_empty() && !text.contains("</"), "{text}");
        }
    }

    #[test]
    fn every_cause_is_said_in_words() {
        for language in Words::languages() {
            let words = Words::of(Language::parse(&language).unwrap()).unwrap();
            for word in Cause::WORDS.iter().map(|(word, _)| *word).chain(["not-told"]) {
                assert!(!words.say(&format!("why {word}"), &[]).is_empty(), "{word} in {language}");
            }
        }
    }
}
