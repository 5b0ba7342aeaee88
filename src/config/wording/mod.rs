//! A shop's own words: files `XX.toml` of the folder `wordings` beside the configuration, put over those of the program.
//!
//! For a language that the program carries a file holds what it changes, for any other every text.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::findings::{Findings, Placed, quoted};
use super::nearest::{nearest, suggest};
use super::open::{read_text, toml_files};
use super::problem::Problem;
use super::rule::kind;
use super::syntax::mend;
use crate::domain::text::Language;
use crate::notice::wording::Wordings;
use crate::notice::wording::check::Fault;
use crate::notice::wording::sentences::{Outline, Sentences, called, numbered};

/// Largest wording: ours have 10 KiB.
const WORDING_MAX_BYTES: u64 = 64 * 1024;
/// Most wordings of a shop's own: a folder with more is the wrong folder.
const WORDINGS_MAX: usize = 50;
/// Missing texts are told one by one up to this many; where more are missing, the file is not what its name says.
const MISSING_TOLD_MAX: usize = 20;

/// Where a shop's own words stand: the folder `wordings` beside the configuration.
#[must_use]
pub fn wordings_beside(config: &Path) -> PathBuf {
    config.with_file_name("wordings")
}

/// Puts every `XX.toml` of the folder `dir` over the wordings of the program. No folder means that those hold.
pub fn load_wordings(dir: &Path, wordings: &mut Wordings) -> Vec<Problem> {
    let (paths, mut problems) = toml_files(dir, "wordings", WORDINGS_MAX);
    for path in &paths {
        problems.extend(load_wording(path, wordings).err().into_iter().flatten());
    }
    problems
}

fn load_wording(path: &Path, wordings: &mut Wordings) -> Result<(), Vec<Problem>> {
    let file = path.display().to_string();
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let Some(language) = Language::parse(&name) else {
        let what = format!("{} is no code of a language", quoted(&name));
        let help = "name the file after its language in two small letters, as in \"de.toml\"".to_owned();
        return Err(vec![Problem::of_file(&file, what, Some(help))]);
    };
    wordings.reserve(language);
    let text = read_text(path, WORDING_MAX_BYTES).map_err(|problem| vec![problem])?;
    put_over(wordings, language, &file, &text)
}

/// Puts the texts of `text`, which stands in `file`, over the wording of `language`.
pub(super) fn put_over(
    wordings: &mut Wordings,
    language: Language,
    file: &str,
    text: &str,
) -> Result<(), Vec<Problem>> {
    let mended = mend(text);
    let findings = Findings::new(file, text, mended.torn);
    for mistake in mended.mistakes {
        findings.tell(mistake.at, mistake.what, Some(mistake.help.to_owned()));
        findings.settle(mistake.at);
    }
    if mended.given_up {
        findings.tell(text.len(), "too many mistakes in the TOML; nothing else was checked".to_owned(), None);
    } else {
        let tree = DeTable::parse_recoverable(&mended.text).0;
        let mut reader = Reader::new(&findings, language);
        reader.table("", tree.get_ref());
        reader.put_into(wordings);
    }
    let problems = findings.into_problems();
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// What stands in a file, as far as it could be read.
struct Reader<'f> {
    findings: &'f Findings,
    language: Language,
    outline: Outline,
    texts: BTreeMap<String, Placed<String>>,
    /// Where tables begin.
    tables: BTreeMap<String, usize>,
    /// Keys that stand in the file and could not be read: nothing in them is missing.
    hurt: BTreeSet<String>,
}

impl<'f> Reader<'f> {
    fn new(findings: &'f Findings, language: Language) -> Self {
        let (texts, tables, hurt) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        Self { findings, language, outline: Outline::of(language), texts, tables, hurt }
    }

    fn table(&mut self, key: &str, table: &DeTable<'_>) {
        let names: Vec<String> = self.outline.inside(key).into_iter().map(str::to_owned).collect();
        let mut strangers = Vec::new();
        for (name, value) in table {
            if key.is_empty() && name.get_ref() == "language" {
                self.own_code(value);
            } else if names.iter().any(|known| known == name.get_ref()) {
                self.value(&joined(key, name.get_ref()), value);
            } else {
                strangers.push((name.get_ref(), name.span().start, value));
            }
        }
        for (name, at, value) in strangers {
            self.stranger(key, name, at, &names);
            // Read as it was meant, so that one mistake is one problem.
            let absent =
                names.iter().map(String::as_str).filter(|known| !table.iter().any(|(n, _)| n.get_ref() == known));
            if let Some(meant) = nearest(name, absent) {
                self.value(&joined(key, meant), value);
            }
        }
    }

    fn stranger(&self, key: &str, name: &str, at: usize, names: &[String]) {
        let (place, noun) = if key.is_empty() { ("top level".to_owned(), "table") } else { (called(key), "key") };
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let what = format!("{place} {}: there is no such {noun}", quoted(name));
        self.findings.tell(at, what, Some(suggest(name, &names, &format!("valid {noun}s"))));
        if !key.is_empty() {
            self.findings.settle(at);
        }
    }

    /// The file may repeat its language, as those of the program do.
    fn own_code(&self, value: &Spanned<DeValue<'_>>) {
        if value.get_ref().as_str() != Some(self.language.code()) {
            let what = format!("language: is not \"{}\", after which the file is named", self.language);
            let help = format!("write language = \"{}\", or remove the line", self.language);
            self.findings.tell(value.span().start, what, Some(help));
        }
    }

    fn value(&mut self, key: &str, value: &Spanned<DeValue<'_>>) {
        let (found, at) = (value.get_ref(), value.span().start);
        if self.outline.is_text(key) {
            match found.as_str() {
                Some(text) => drop(self.texts.insert(key.to_owned(), Placed { value: text.to_owned(), at })),
                None => self.wrong_kind(key, at, found, "a text", "write it in double quotes"),
            }
        } else if self.outline.is_list(key) {
            match found.as_array() {
                Some(list) => self.list(key, at, &list.iter().collect::<Vec<_>>()),
                None => self.wrong_kind(key, at, found, "a list of texts", "write it in square brackets"),
            }
        } else if let Some(table) = found.as_table() {
            self.tables.insert(key.to_owned(), at);
            self.table(key, table);
        } else {
            let help = format!("keys that stand in it: {}", self.outline.inside(key).join(", "));
            self.wrong_kind(key, at, found, "a table", &help);
        }
    }

    fn list(&mut self, key: &str, at: usize, values: &[&Spanned<DeValue<'_>>]) {
        let wanted = self.outline.inside(key).len();
        if values.len() == wanted {
            return (1..).zip(values).for_each(|(number, value)| self.value(&numbered(key, number), value));
        }
        let what = format!("{}: holds {} texts, where {wanted} belong", called(key), values.len());
        self.findings.tell(at, what, Some("write one for each month, January first".to_owned()));
        self.hurt.insert(key.to_owned());
    }

    fn wrong_kind(&mut self, key: &str, at: usize, found: &DeValue<'_>, wanted: &str, help: &str) {
        let what = format!("{}: is {}, where {wanted} belongs", called(key), kind(found));
        self.findings.tell(at, what, Some(help.to_owned()));
        self.hurt.insert(key.to_owned());
    }

    /// Puts what was read over the wording of the program, and tells what is wrong with the whole.
    fn put_into(self, wordings: &mut Wordings) {
        let builtin = Sentences::builtin(self.language);
        let is_new = builtin.is_none();
        let mut sentences = builtin.unwrap_or_default();
        sentences.0.extend(self.texts.iter().map(|(key, text)| (key.clone(), text.value.clone())));
        let faults = wordings.put(self.language, &sentences).err().unwrap_or_default();
        let (said, unsaid): (Vec<Fault>, Vec<Fault>) =
            faults.into_iter().partition(|fault| self.texts.contains_key(&fault.key));
        for fault in said {
            self.findings.tell(self.texts[&fault.key].at, told(&fault), Some(fault.help));
        }
        if is_new {
            self.missing(unsaid.into_iter().filter(|fault| !self.is_hurt(&fault.key)).collect());
        }
    }

    fn is_hurt(&self, key: &str) -> bool {
        let is_in = |hurt: &String| key.strip_prefix(hurt).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        self.hurt.iter().any(is_in) || key.split('.').any(|name| self.findings.is_torn(name))
    }

    fn missing(&self, faults: Vec<Fault>) {
        if faults.len() > MISSING_TOLD_MAX {
            let codes: Vec<String> = Wordings::builtin().languages().iter().map(Language::to_string).collect();
            let what = format!(
                "the program has no wording in \"{}\", so this file must hold every text; {} are missing",
                self.language,
                faults.len()
            );
            let help =
                format!("to change a wording of the program, name the file after its language: {}", codes.join(", "));
            return self.findings.tell(0, what, Some(help));
        }
        for fault in faults {
            let tables = fault.key.match_indices('.').rev().filter_map(|(end, _)| self.tables.get(&fault.key[..end]));
            let at = tables.copied().next().unwrap_or(0);
            let what = format!("{}, and the program has no wording in \"{}\"", told(&fault), self.language);
            self.findings.tell(at, what, Some(fault.help));
        }
    }
}

fn told(fault: &Fault) -> String {
    format!("{}: {}", called(&fault.key), fault.what)
}

fn joined(key: &str, name: &str) -> String {
    if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") }
}
