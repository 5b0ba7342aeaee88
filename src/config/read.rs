//! A cursor over one TOML table that gathers problems instead of stopping at the first.
//!
//! A mistyped key is told once, with the name that was meant, and then read as if it had been written right: so one mistake
//! is one problem. Missing keys point at the table's header, wrong values at the value.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::findings::{Findings, Placed, quoted};
use super::nearest::{nearest, suggest};
use super::rule::{Fault, Ruled, kind};

type Entry<'t> = (usize, &'t toml::Spanned<DeValue<'t>>);

/// One table of the file, or one entry of a list of tables.
pub(super) struct Table<'t> {
    pub(super) findings: &'t Findings,
    /// As problems call it: `[store]`, `sensor "front-door"`.
    pub(super) name: String,
    /// First byte of its header.
    pub(super) at: usize,
    entries: BTreeMap<&'static str, Entry<'t>>,
}

impl<'t> Table<'t> {
    /// Takes a table whose valid keys are known; every other key is a problem.
    pub(super) fn new(
        findings: &'t Findings,
        name: String,
        at: usize,
        keys: &'t DeTable<'t>,
        valid: &[&'static str],
    ) -> Self {
        let mut table = Self { findings, name, at, entries: BTreeMap::new() };
        let mut strangers = Vec::new();
        for (key, value) in keys {
            match valid.iter().find(|name| **name == key.get_ref().as_ref()) {
                Some(name) => {
                    table.entries.insert(name, (key.span().start, value));
                }
                None => strangers.push((key, value)),
            }
        }
        strangers.sort_by_key(|(key, _)| key.span().start);
        for (key, value) in strangers {
            table.meet_stranger(key.get_ref(), key.span().start, value, valid);
        }
        table
    }

    fn meet_stranger(&mut self, key: &str, at: usize, value: &'t toml::Spanned<DeValue<'t>>, valid: &[&'static str]) {
        let name = &self.name;
        if is_secret(key, valid) {
            let what = format!("{name} {}: secrets do not live in this file", quoted(key));
            self.findings.tell_anyway(at, what, Some(SECRET_HELP.to_owned()));
            return self.findings.settle(at);
        }
        let noun = if valid.contains(&"shop") { "table" } else { "key" };
        let what = format!("{name} {}: there is no such {noun}", quoted(key));
        self.findings.tell(at, what, Some(suggest(key, valid, &format!("valid {noun}s"))));
        let missing = valid.iter().filter(|name| !self.entries.contains_key(**name)).copied();
        if let Some(meant) = nearest(key, missing) {
            let meant = valid.iter().find(|name| **name == meant).expect("the nearest name is one of the valid ones");
            self.entries.insert(meant, (at, value));
        }
        if !is_tables(value.get_ref()) {
            self.findings.settle(at);
        }
    }

    /// Where the key itself stands, if it is there.
    pub(super) fn key_at(&self, key: &str) -> Option<usize> {
        self.entries.get(key).map(|(at, _)| *at)
    }

    /// The value of `key` by `rule`; `None` if it is absent or wrong (then told).
    pub(super) fn optional<T>(&self, key: &str, rule: impl FnOnce(&DeValue<'_>) -> Ruled<T>) -> Option<Placed<T>> {
        let (_, value) = self.entries.get(key)?;
        let at = value.span().start;
        match rule(value.get_ref()) {
            Ok(value) => Some(Placed { value, at }),
            Err(fault) => {
                self.tell(at, key, fault);
                None
            }
        }
    }

    /// As [`Self::optional`], and its absence is a problem, answered with `example`.
    pub(super) fn required<T>(
        &self,
        key: &str,
        example: &str,
        rule: impl FnOnce(&DeValue<'_>) -> Ruled<T>,
    ) -> Option<Placed<T>> {
        if !self.entries.contains_key(key) {
            self.missing(key, example);
        }
        self.optional(key, rule)
    }

    /// The value of `key`, `default` where it is absent, nothing where it is wrong.
    pub(super) fn or<T>(&self, key: &str, default: T, rule: impl FnOnce(&DeValue<'_>) -> Ruled<T>) -> Option<T> {
        if self.entries.contains_key(key) { self.optional(key, rule).map(|v| v.value) } else { Some(default) }
    }

    /// The raw value of `key` and where it starts.
    pub(super) fn raw(&self, key: &str) -> Option<(&'t DeValue<'t>, usize)> {
        self.entries.get(key).map(|(_, value)| (value.get_ref(), value.span().start))
    }

    /// A table that stands once, such as `[store]`.
    pub(super) fn one(&self, key: &'static str, valid: &[&'static str]) -> Option<Table<'t>> {
        let name = format!("[{key}]");
        let Some((value, at)) = self.raw(key) else {
            if !self.findings.is_torn(key) {
                self.findings.tell(0, format!("the table {name} is missing"), Some(help_table(&name)));
            }
            return None;
        };
        if let Some(table) = value.as_table() {
            return Some(Self::new(self.findings, name, at, table, valid));
        }
        let Some(list) = value.as_array() else { return self.no_table(at, key, value, &name) };
        let what = format!("[[{key}]]: this table stands only once");
        self.findings.tell(at, what, Some(format!("write {name}")));
        let (first, at) = list.iter().find_map(|v| Some((v.get_ref().as_table()?, v.span().start)))?;
        Some(Self::new(self.findings, name, at, first, valid))
    }

    /// Every entry of a list of tables, such as `[[zone]]`.
    pub(super) fn each(&self, key: &'static str, valid: &[&'static str]) -> Vec<Table<'t>> {
        let header = format!("[[{key}]]");
        let Some((value, at)) = self.raw(key) else { return Vec::new() };
        let entry = |table: &'t DeTable<'t>, at| {
            let id = table.iter().find(|(name, _)| name.get_ref() == "id").and_then(|(_, id)| id.get_ref().as_str());
            let name = id.map_or_else(|| header.clone(), |id| format!("{key} {}", quoted(id)));
            Self::new(self.findings, name, at, table, valid)
        };
        if let Some(table) = value.as_table() {
            let what = format!("[{key}]: there may be several of these");
            self.findings.tell(at, what, Some(format!("write {header}, with double brackets")));
            return vec![entry(table, at)];
        }
        let Some(list) = value.as_array() else {
            return self.no_table(at, key, value, &header).into_iter().collect();
        };
        let tables = list.iter().filter_map(|value| match value.get_ref().as_table() {
            Some(table) => Some(entry(table, value.span().start)),
            None => self.no_table(value.span().start, key, value.get_ref(), &header),
        });
        tables.collect()
    }

    fn no_table(&self, at: usize, key: &str, found: &DeValue<'_>, header: &str) -> Option<Table<'t>> {
        self.findings.tell(at, format!("{key}: is {}, where a table belongs", kind(found)), Some(help_table(header)));
        None
    }

    /// Tells that `key` is missing, at the header.
    pub(super) fn missing(&self, key: &str, example: &str) {
        if !self.findings.is_torn(key) {
            let help = format!("add {key} = {example}");
            self.findings.tell(self.at, format!("{}: {key:?} is missing", self.name), Some(help));
        }
    }

    /// Tells what is wrong with the value of `key`.
    pub(super) fn tell(&self, at: usize, key: &str, fault: Fault) {
        self.findings.tell(at, format!("{} {key}: {}", self.name, fault.what), fault.help);
    }
}

fn help_table(header: &str) -> String {
    format!("add the line {header} and below it its keys; the sample noticed.toml shows each")
}

fn is_tables(value: &DeValue<'_>) -> bool {
    match value {
        DeValue::Table(_) => true,
        DeValue::Array(list) => list.iter().any(|value| value.get_ref().is_table()),
        DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
            false
        }
    }
}

const SECRET_HELP: &str = "remove it, and change it if this file was ever copied; the broker's password goes into the \
    file named by [broker] password-file or the systemd credential \"broker-password\", the store's key into the file \
    named by [store] key-file or the credential \"store-key\"";

/// Whether somebody typed a secret here. A misspelt name of a valid key (`password_file`) is none.
fn is_secret(key: &str, valid: &[&'static str]) -> bool {
    const WORDS: [&str; 9] =
        ["password", "passwd", "passphrase", "secret", "token", "credential", "api-key", "apikey", "hasło"];
    const WHOLE: [&str; 5] = ["key", "pass", "pin", "pwd", "psk"];
    let key = key.to_lowercase().replace('_', "-");
    let names_a_file =
        key.ends_with("file") || nearest(&key, valid.iter().copied()).is_some_and(|n| n.ends_with("-file"));
    !names_a_file && (WHOLE.contains(&key.as_str()) || WORDS.iter().any(|word| key.contains(word)))
}
