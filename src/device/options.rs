//! What an installer may set for one sensor: kinds, defaults and every problem at once.

use std::collections::BTreeMap;

use super::binding::{OptionProblem, OptionValue};
use super::file::{OptionFile, OptionKind, WhenFile};
use super::profile::Profile;
use super::template::{Fillings, Template, is_topic_text};
use super::value::Fixed;

/// Places of topics that come of the sensor's topic: all of it, all but its last level, its last level, its first level.
pub(super) const DERIVED: &[&str] = &["topic", "parent", "name", "first"];

/// The variable under which expressions see all options; no option may be called so.
pub(super) const ALL: &str = "options";

/// Longest value of an option, in bytes.
const VALUE_MAX_BYTES: usize = 256;

/// Most values in a list.
const LIST_MAX: usize = 16;

/// One option of a profile.
pub(super) struct OptionSpec {
    pub(super) kind: OptionKind,
    pub(super) default: Option<String>,
    pub(super) required: bool,
    pub(super) choices: Vec<String>,
    pub(super) help: String,
}

impl OptionSpec {
    /// Takes what the file says; the error says what is wrong with the default.
    pub(super) fn new(file: &OptionFile) -> Result<Self, String> {
        let mut spec = Self {
            kind: *file.kind.get_ref(),
            default: None,
            required: file.required,
            choices: file.choices.clone(),
            help: file.help.clone(),
        };
        let Some(default) = &file.default else { return Ok(spec) };
        let default = OptionValue::of_toml(default.get_ref()).ok_or_else(|| format!("expected {}", spec.expected()))?;
        let text = spec.accept(&default)?;
        if Template::parse(&text).is_ok_and(|template| template.places().any(|place| !DERIVED.contains(&place))) {
            return Err(format!("expected no places but {}", DERIVED.join(", ")));
        }
        spec.default = Some(text);
        Ok(spec)
    }

    /// The value as text, if it is of the right kind.
    fn accept(&self, value: &OptionValue) -> Result<String, String> {
        let wrong = || format!("expected {}", self.expected());
        let text = match (self.kind, value) {
            (OptionKind::Bool, OptionValue::Bool(flag)) => return Ok(flag.to_string()),
            (OptionKind::Bool, OptionValue::Text(word)) if word == "true" || word == "false" => return Ok(word.clone()),
            (OptionKind::Text | OptionKind::List | OptionKind::Choice, OptionValue::Integer(number)) => {
                number.to_string()
            }
            (OptionKind::Bool, _) | (_, OptionValue::Bool(_) | OptionValue::Integer(_)) => return Err(wrong()),
            (_, OptionValue::Text(text)) => text.clone(),
        };
        let fits = match self.kind {
            OptionKind::Text | OptionKind::Bool => !text.is_empty(),
            OptionKind::Choice => self.choices.contains(&text),
            OptionKind::List => (1..=LIST_MAX).contains(&items(&text).count()),
            OptionKind::Pointer => is_pointer(&text),
            OptionKind::TimeZone => jiff::tz::TimeZone::get(&text).is_ok(),
        };
        let plain = text.len() <= VALUE_MAX_BYTES && !text.chars().any(char::is_control);
        if fits && plain { Ok(text) } else { Err(wrong()) }
    }

    fn expected(&self) -> String {
        match self.kind {
            OptionKind::Text => format!("a text of 1 to {VALUE_MAX_BYTES} bytes"),
            OptionKind::Bool => "true or false".to_owned(),
            OptionKind::Choice => format!("one of: {}", self.choices.join(", ")),
            OptionKind::List => format!("1 to {LIST_MAX} names with commas between them"),
            OptionKind::Pointer => "a JSON Pointer such as \"/people/in\"".to_owned(),
            OptionKind::TimeZone => "a time zone such as \"Europe/Warsaw\"".to_owned(),
        }
    }

    fn value(&self, text: &str) -> Fixed {
        match self.kind {
            OptionKind::Bool => Fixed::Bool(text == "true"),
            OptionKind::List => Fixed::List(items(text).map(str::to_owned).collect()),
            OptionKind::Text | OptionKind::Choice | OptionKind::Pointer | OptionKind::TimeZone => {
                Fixed::Text(text.to_owned())
            }
        }
    }
}

fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|item| !item.is_empty())
}

/// RFC 6901 §3: empty, or levels that start with `/`, with `~` only as `~0` and `~1`.
pub(super) fn is_pointer(text: &str) -> bool {
    let escapes = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    (text.is_empty() || text.starts_with('/')) && escapes
}

/// What holds for one sensor: the values of all options, with defaults.
pub(super) struct Settled {
    values: BTreeMap<String, String>,
    /// Values for the places of topics.
    pub(super) fillings: Fillings,
}

impl Settled {
    /// Checks topic and options against the profile.
    pub(super) fn new(
        profile: &Profile,
        topic: &str,
        given: &BTreeMap<String, OptionValue>,
    ) -> Result<Self, Vec<OptionProblem>> {
        let mut problems = topic_problems(profile, topic);
        problems.extend(
            given.keys().filter(|name| !profile.options.contains_key(*name)).map(|name| unknown(profile, name)),
        );
        let mut settled = Self { values: BTreeMap::new(), fillings: derived(topic) };
        for (name, option) in &profile.options {
            match given.get(name).map(|value| option.accept(value)) {
                Some(Ok(value)) => _ = settled.values.insert(name.clone(), value),
                Some(Err(what)) => problems.push(OptionProblem::of(name, what, &option.help)),
                None if option.required => {
                    problems.push(OptionProblem::of(name, "it must be set".to_owned(), &option.help));
                }
                None => {
                    let default = option.default.as_ref().and_then(|text| settled.filled(text));
                    settled.values.extend(default.map(|value| (name.clone(), value)));
                }
            }
        }
        settled.fill(profile, given, &mut problems);
        for require in profile.requires.iter().filter(|require| settled.holds(&require.when)) {
            let wrong = |name: &String| problems.iter().any(|problem| problem.option.as_ref() == Some(name));
            if !require.one_of.iter().any(|name| settled.values.contains_key(name) || wrong(name)) {
                let name = require.one_of.first().map_or("", String::as_str);
                let what = format!("with these options, one of them must be set: {}", require.one_of.join(", "));
                problems.push(OptionProblem::of(name, what, profile.options.get(name).map_or("", |o| &o.help)));
            }
        }
        if problems.is_empty() { Ok(settled) } else { Err(problems) }
    }

    /// The value of an option, as text.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Whether the options have the values that something depends on.
    pub(super) fn holds(&self, when: &WhenFile) -> bool {
        when.iter().all(|(name, words)| self.get(name).is_some_and(|value| words.iter().any(|word| word == value)))
    }

    /// What expressions see as `$options`; null where nothing is set.
    pub(super) fn object(&self, profile: &Profile) -> Fixed {
        Fixed::Object(profile.options.keys().map(|name| (name.clone(), self.value(profile, name))).collect())
    }

    /// What expressions see as the value of one option.
    pub(super) fn value(&self, profile: &Profile, name: &str) -> Fixed {
        let set = self.get(name).zip(profile.options.get(name));
        set.map_or(Fixed::Null, |(text, option)| option.value(text))
    }

    /// A default may be made of the topic.
    fn filled(&self, text: &str) -> Option<String> {
        let template = Template::parse(text).ok().filter(|template| template.places().next().is_some());
        match template {
            None => Some(text.to_owned()),
            Some(template) => template.fill(&self.fillings).into_iter().next().map(super::template::Filled::into_text),
        }
    }

    fn fill(&mut self, profile: &Profile, given: &BTreeMap<String, OptionValue>, problems: &mut Vec<OptionProblem>) {
        // A default that is made of a wrong topic is wrong for the same reason, and would be told twice.
        let topic_is_wrong = problems.iter().any(|problem| problem.option.is_none());
        for (name, option) in &profile.options {
            let values: Vec<String> = match (option.kind, self.get(name)) {
                (_, None) => Vec::new(),
                (OptionKind::List, Some(list)) => items(list).map(str::to_owned).collect(),
                (_, Some(text)) => {
                    vec![text.to_owned()]
                }
            };
            let checked = used(profile, name) && (given.contains_key(name) || !topic_is_wrong);
            if let Some(bad) = values.iter().find(|value| checked && !is_topic_text(value)) {
                let what = format!("\"{}\" cannot stand in a topic: it is empty or has + or #", bad.escape_debug());
                problems.push(OptionProblem::of(name, what, &option.help));
            }
            self.fillings.insert(name.clone(), values);
        }
    }
}

/// Places that come of a sensor's topic.
pub(super) fn derived(topic: &str) -> Fillings {
    let (parent, name) = topic.rsplit_once('/').unwrap_or(("", topic));
    let first = topic.split('/').next().unwrap_or_default();
    let entries = [("topic", topic), ("parent", parent), ("name", name), ("first", first)];
    entries.into_iter().map(|(place, text)| (place.to_owned(), vec![text.to_owned()])).collect()
}

fn topic_problems(profile: &Profile, topic: &str) -> Vec<OptionProblem> {
    let mut what = Vec::new();
    if !is_topic_text(topic) || topic.ends_with('/') {
        what.push(format!("\"{}\" is no topic: it is empty, has + or #, or ends in /", topic.escape_debug()));
    } else if !topic.contains('/') && used(profile, "parent") {
        what.push(format!("\"{topic}\" has only one level"));
    }
    let help = format!("for this profile the topic is {}", profile.topic_help);
    what.into_iter().map(|what| OptionProblem { option: None, what, help: help.clone() }).collect()
}

fn used(profile: &Profile, place: &str) -> bool {
    let templates = profile.subscribe.iter().chain(&profile.reject).chain(profile.rules.iter().map(|rule| &rule.topic));
    templates
        .chain(profile.switch.iter().map(|switch| &switch.topic))
        .any(|template| template.places().any(|p| p == place))
}

fn unknown(profile: &Profile, name: &str) -> OptionProblem {
    let known: Vec<_> = profile.options.keys().map(String::as_str).collect();
    let nearest = known.iter().min_by_key(|known| distance(name, known)).filter(|known| distance(name, known) <= 3);
    let help = match (nearest, known.is_empty()) {
        (Some(nearest), _) => format!("did you mean \"{nearest}\"? options: {}", known.join(", ")),
        (None, false) => format!("options: {}", known.join(", ")),
        (None, true) => "this profile has no options".to_owned(),
    };
    let what = format!("the profile \"{}\" has no option \"{}\"", profile.name, name.escape_debug());
    OptionProblem { option: Some(name.to_owned()), what, help }
}

/// Edits between two names (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.chars().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.chars().count()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_of_names_is_the_number_of_edits() {
        for (a, b, edits) in [("line", "line", 0), ("lnie", "line", 2), ("", "abc", 3), ("inverted", "invert", 2)] {
            assert_eq!(distance(a, b), edits, "{a} {b}");
        }
    }

    #[test]
    fn pointers_start_with_a_slash() {
        for good in ["", "/", "/a/0", "/a~1b~0"] {
            assert!(is_pointer(good), "{good}");
        }
        for bad in ["a", "a/b", "/a~", "/a~2"] {
            assert!(!is_pointer(bad), "{bad}");
        }
    }
}
