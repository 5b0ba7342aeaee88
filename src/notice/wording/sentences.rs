//! A wording as texts by key, for whoever reads, changes or checks it; `parts` is what notices are made from.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::parts::Wording;
use super::plural::Plurals;
use super::{ENGLISH, builtin_text};
use crate::domain::text::Language;

/// Tables of which each entry is a noun with its plural forms.
const COUNTED: [&str; 2] = ["retention", "interval"];

/// The texts of one language by key, tables and keys joined with dots: `page.title`, `retention.day.few`. Texts of a list are
/// numbered from 01: `calendar.months.03`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sentences(pub BTreeMap<String, String>);

impl Sentences {
    /// The texts that the program carries in `language`.
    #[must_use]
    pub fn builtin(language: Language) -> Option<Self> {
        builtin_text(language).map(Self::read)
    }

    pub(super) fn english() -> Self {
        Self::read(ENGLISH)
    }

    fn read(text: &str) -> Self {
        let mut sentences = Self::default();
        let tree: Table = toml::from_str(text).expect("a test parses every built-in wording");
        for (key, value) in tree.iter().filter(|(key, _)| *key != "language") {
            sentences.gather(key, value);
        }
        sentences
    }

    fn gather(&mut self, key: &str, value: &Value) {
        match value {
            Value::Table(table) => table.iter().for_each(|(name, value)| self.gather(&format!("{key}.{name}"), value)),
            Value::Array(list) => {
                (1..).zip(list).for_each(|(number, value)| self.gather(&numbered(key, number), value));
            }
            Value::String(text) => drop(self.0.insert(key.to_owned(), text.clone())),
            Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {}
        }
    }

    /// What notices are made from; `None` if a key is missing or unknown.
    pub(super) fn wording(&self, language: Language) -> Option<Wording> {
        let mut tree = Table::new();
        tree.insert("language".to_owned(), Value::String(language.code().to_owned()));
        for (key, text) in &self.0 {
            plant(&mut tree, key, text);
        }
        tree.try_into().ok()
    }
}

/// The key of an entry of a list.
#[must_use]
pub fn numbered(key: &str, number: usize) -> String {
    format!("{key}.{number:02}")
}

/// Puts a text into the tree; texts of a list come in their order, because their keys are sorted.
fn plant(tree: &mut Table, key: &str, text: &str) {
    let text = Value::String(text.to_owned());
    let Some((head, rest)) = key.split_once('.') else { return drop(tree.insert(key.to_owned(), text)) };
    if is_number(rest) {
        let list = tree.entry(head).or_insert_with(|| Value::Array(Vec::new()));
        return list.as_array_mut().into_iter().for_each(|list| list.push(text.clone()));
    }
    let inner = tree.entry(head).or_insert_with(|| Value::Table(Table::new()));
    if let (Some(inner), Value::String(text)) = (inner.as_table_mut(), text) {
        plant(inner, rest, &text);
    }
}

fn is_number(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_digit())
}

/// Which keys a wording has; the same in every language but for the forms of counted nouns.
#[derive(Clone, Debug)]
pub struct Outline(BTreeSet<String>);

impl Outline {
    /// The keys of a wording in `language`.
    #[must_use]
    pub fn of(language: Language) -> Self {
        let forms = Plurals::of(language).forms();
        let mut keys = BTreeSet::new();
        for key in Sentences::english().0.into_keys() {
            match counted_noun(&key) {
                Some((noun, _)) => keys.extend(forms.iter().map(|form| format!("{noun}.{form}"))),
                None => drop(keys.insert(key)),
            }
        }
        Self(keys)
    }

    /// All keys, sorted.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether `key` is that of a text.
    #[must_use]
    pub fn is_text(&self, key: &str) -> bool {
        self.0.contains(key)
    }

    /// Whether `key` is that of a list of texts.
    #[must_use]
    pub fn is_list(&self, key: &str) -> bool {
        self.inside(key).first().is_some_and(|name| is_number(name))
    }

    /// Names that stand in the table or list `key`; those of all tables where it is empty.
    #[must_use]
    pub fn inside(&self, key: &str) -> Vec<&str> {
        let inside = |whole: &'_ String| -> Option<usize> {
            let rest = if key.is_empty() { whole.as_str() } else { whole.strip_prefix(key)?.strip_prefix('.')? };
            Some(whole.len() - rest.len())
        };
        let names = self.0.iter().filter_map(|whole| {
            let rest = &whole[inside(whole)?..];
            Some(rest.split('.').next().unwrap_or(rest))
        });
        let mut names: Vec<&str> = names.collect();
        names.dedup();
        names
    }
}

/// The noun of a key such as `retention.day.few`, and the form.
pub(super) fn counted_noun(key: &str) -> Option<(&str, &str)> {
    let (noun, form) = key.rsplit_once('.')?;
    let table = noun.split_once('.')?.0;
    COUNTED.contains(&table).then_some((noun, form))
}

/// `key` as a technician finds it in the file: `[retention] day.few`, `[calendar] months`.
#[must_use]
pub fn called(key: &str) -> String {
    let Some((table, rest)) = key.split_once('.') else { return format!("[{key}]") };
    let rest = rest.rsplit_once('.').filter(|(_, last)| is_number(last)).map_or(rest, |(list, _)| list);
    format!("[{table}] {rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(code: &str) -> Language {
        Language::parse(code).unwrap()
    }

    #[test]
    fn texts_taken_apart_and_put_together_are_the_same_wording() {
        let polish = Sentences::builtin(language("pl")).unwrap();
        let wording = polish.wording(language("pl")).unwrap();
        assert_eq!(wording.page.title, polish.0["page.title"]);
        assert_eq!(wording.calendar.months[9], "października");
        assert_eq!(polish.0["calendar.months.10"], "października");
    }

    #[test]
    fn a_wording_that_lacks_a_text_is_none() {
        let mut polish = Sentences::builtin(language("pl")).unwrap();
        polish.0.remove("page.title");
        assert!(polish.wording(language("pl")).is_none());
    }

    #[test]
    fn the_outline_asks_for_the_forms_of_the_language() {
        let outline = Outline::of(language("sl"));
        assert_eq!(outline.inside("retention.day"), ["few", "one", "other", "two"]);
        assert_eq!(outline.inside("brief"), ["afterwards", "more", "not-cctv", "objection", "right"]);
        assert!(outline.inside("").contains(&"page") && outline.is_list("calendar.months"));
        assert!(outline.is_text("page.title") && !outline.is_text("page") && !outline.is_list("page"));
    }

    #[test]
    fn a_key_is_called_as_it_stands_in_the_file() {
        assert_eq!(called("retention.day.few"), "[retention] day.few");
        assert_eq!(called("calendar.months.03"), "[calendar] months");
    }
}
