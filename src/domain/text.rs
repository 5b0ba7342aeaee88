//! Languages and texts that exist in several of them.

use std::collections::BTreeMap;
use std::fmt;

/// An ISO 639-1 language code, such as `pl`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language([u8; 2]);

impl Language {
    /// English, which every wording and label of ours has.
    pub const ENGLISH: Self = Self(*b"en");

    /// Takes two lower-case ASCII letters.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        match code.as_bytes() {
            [a, b] if a.is_ascii_lowercase() && b.is_ascii_lowercase() => Some(Self([*a, *b])),
            _ => None,
        }
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("two ASCII letters were checked on construction")
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// One sentence in the shop's languages.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Texts(pub BTreeMap<Language, String>);

impl Texts {
    /// The text in `language`, if the shop wrote one.
    #[must_use]
    pub fn get(&self, language: Language) -> Option<&str> {
        self.0.get(&language).map(String::as_str)
    }

    /// The text in `language`, else in any language the shop wrote, else nothing.
    #[must_use]
    pub fn best(&self, language: Language) -> &str {
        self.get(language).or_else(|| self.0.values().next().map(String::as_str)).unwrap_or_default()
    }
}
