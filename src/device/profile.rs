//! One device profile: read from TOML, checked, its expressions compiled.
//!
//! Nothing here knows a vendor; whatever is peculiar to a device family stands in its file.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::baseline::CounterPolicy;
use super::binding::OptionValue;
use super::compile;
use super::decode::Omitted;
use super::expression::Expression;
use super::file::{ProfileFile, Retain, SwitchField, WhenFile};
use super::options::OptionSpec;
use super::payload::PayloadKind;
use super::template::Template;
use crate::domain::reading::LinkScope;

/// A profile as it is used: data and compiled expressions.
pub struct Profile {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) topic_help: String,
    pub(super) subscribe: Vec<Template>,
    pub(super) reject: Vec<Template>,
    pub(super) payload_limit: usize,
    pub(super) stale_after: Option<Setting<Duration>>,
    pub(super) settle_after_link: Option<Duration>,
    pub(super) options: BTreeMap<String, OptionSpec>,
    pub(super) requires: Vec<Require>,
    pub(super) reset: Setting<CounterPolicy>,
    pub(super) omitted: Omitted,
    pub(super) switch: Option<SwitchSpec>,
    pub(super) button: Option<BTreeMap<String, OptionValue>>,
    pub(super) example: Option<Example>,
    pub(super) links: Vec<LinkRule>,
    pub(super) rules: Vec<Rule>,
    pub(super) discover: Vec<Discover>,
}

/// One sensor as a technician would name it.
#[derive(Clone, Debug)]
pub struct Example {
    /// The sensor's topic.
    pub topic: String,
    /// Its options.
    pub options: BTreeMap<String, OptionValue>,
}

/// A value that the profile gives, or leaves to one of its options.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Setting<T> {
    /// Given.
    Fixed(T),
    /// Name of the option.
    Option(String),
}

/// Options of which at least one must be set.
pub(super) struct Require {
    pub(super) one_of: Vec<String>,
    pub(super) when: WhenFile,
}

/// How detection is switched.
pub(super) struct SwitchSpec {
    pub(super) topic: Template,
    pub(super) on: String,
    pub(super) off: String,
    pub(super) confirmed_by: SwitchField,
}

/// What one kind of topic says.
pub(super) struct Rule {
    pub(super) topic: Template,
    pub(super) when: WhenFile,
    pub(super) retain: Retain,
    pub(super) payload: PayloadKind,
    pub(super) holds: Option<Setting<Duration>>,
    pub(super) readings: Expression,
}

/// Words by which something says that it is there or gone.
pub(super) struct LinkRule {
    pub(super) topic: Template,
    pub(super) when: WhenFile,
    /// In lower case.
    pub(super) online: Vec<String>,
    /// In lower case.
    pub(super) offline: Vec<String>,
    pub(super) field: Option<String>,
    pub(super) scope: LinkScope,
}

/// By what a device of the family is recognised.
pub(super) struct Discover {
    pub(super) listen: Template,
    pub(super) payload: PayloadKind,
    pub(super) topic: Template,
    pub(super) found: Expression,
}

/// Largest payload limit that a profile may ask for, in bytes: no counter or presence message comes near it, pictures do.
pub(super) const PAYLOAD_MAX_BYTES: usize = 65_536;

/// Largest profile file, in bytes.
const FILE_MAX_BYTES: usize = 65_536;

impl Profile {
    /// Reads and compiles the profile that `file_name` holds.
    pub(super) fn parse(name: &str, file_name: &str, text: &str) -> Result<Self, ProfileError> {
        if text.len() > FILE_MAX_BYTES {
            let what = format!("the file is longer than {FILE_MAX_BYTES} bytes");
            return Err(compile::error(file_name, text, &(0..0), what, "a profile is a few kilobytes of TOML"));
        }
        let file: ProfileFile = toml::from_str(text).map_err(|error| {
            let what = error.message().lines().next().unwrap_or_default().to_owned();
            let help = "docs/device-profiles.md explains every key of a profile";
            compile::error(file_name, text, &error.span().unwrap_or(0..0), what, help)
        })?;
        compile::compile(name, file_name, text, file)
    }

    /// Its name, as configurations use it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The device family in words.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What a sensor's `topic` is for this family.
    #[must_use]
    pub fn topic_help(&self) -> &str {
        &self.topic_help
    }

    /// What has to be set for a device of the family that visitors press, beside what its technician sets; `None` where the profile
    /// knows no button.
    #[must_use]
    pub fn button(&self) -> Option<&BTreeMap<String, OptionValue>> {
        self.button.as_ref()
    }

    /// One sensor of the family as a technician would name it.
    #[must_use]
    pub fn example(&self) -> Option<&Example> {
        self.example.as_ref()
    }

    /// Names and explanations of its options.
    pub fn options(&self) -> impl Iterator<Item = (&str, &str)> {
        self.options.iter().map(|(name, option)| (name.as_str(), option.help.as_str()))
    }
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Why a profile file cannot be used, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProfileError {
    /// Name of the file as it was given.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub what: String,
    /// What would be right.
    pub help: String,
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}; {}", self.file, self.line, self.column, self.what, self.help)
    }
}

impl std::error::Error for ProfileError {}

/// The variable under which an expression sees an option or a part of the topic.
pub(super) fn variable(name: &str) -> String {
    format!("${}", name.replace('-', "_"))
}

pub(super) const DURATIONS: &str = "write a whole number and a unit: \"30 s\", \"10 min\", \"25 h\", \"2 days\"";

/// `30 s`, `10 min`, `25 h`, `2 days`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = text.trim().split_once(' ')?;
    let seconds = match unit.trim() {
        "s" => 1,
        "min" => 60,
        "h" => 3600,
        "day" | "days" => 86_400,
        _ => return None,
    };
    let number = number.parse::<u32>().ok().filter(|number| *number > 0)?;
    Some(Duration::from_secs(u64::from(number) * seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"title = "Test"
topic = "the topic"
subscribe = ["{topic}"]
payload-limit = 100
[option.line]
kind = "text"
help = "which"
[[rule]]
topic = "{topic}"
retain = "state"
payload = "json"
readings = '''
  .lines[]
  | {totals: {in: .in}}
'''
"#;

    fn error(text: &str) -> ProfileError {
        Profile::parse("test", "test.toml", text).map(|_| ()).unwrap_err()
    }

    #[test]
    fn a_flaw_in_an_expression_has_the_place_it_has_in_the_file() {
        let found = error(&GOOD.replace("{in: .in}", "{in: env}"));
        assert_eq!((found.line, found.column), (14, 19), "{found}");
        assert!(found.to_string().starts_with("test.toml:14:19: the expression uses the function env/0; "), "{found}");
    }

    #[test]
    fn every_mistake_is_told_with_its_line() {
        assert!(Profile::parse("test", "test.toml", GOOD).is_ok());
        for (from, to, line) in [
            ("title =", "titel =", 1),
            ("\"{topic}\"]", "\"#\"]", 3),
            ("\"{topic}\"]", "\"+/x\"]", 3),
            ("\"{topic}\"]", "\"{topic}/#\"]", 3),
            ("\"{topic}\"]", "\"{tropic}\"]", 3),
            ("[\"{topic}\"]", "[]", 3),
            ("payload-limit = 100", "payload-limit = 0", 4),
            ("payload-limit = 100", "payload-limit = 10000000", 4),
            ("payload-limit = 100", "payload-limit = 100\nstale-after = \"soon\"", 5),
            ("\"text\"", "\"choice\"", 6),
            ("\"text\"", "\"bool\"\ndefault = \"yes\"", 7),
            ("[option.line]", "[option.topic]", 6),
            ("topic = \"{topic}\"\nretain", "topic = \"{rest...}/x\"\nretain", 9),
            ("retain = \"state\"", "retain = \"maybe\"", 10),
            ("retain = \"state\"", "when = { color = [\"red\"] }\nretain = \"state\"", 9),
            (".lines[]", ".lines[]]", 13),
        ] {
            let text = GOOD.replacen(from, to, 1);
            assert_ne!(text, GOOD, "{from}");
            let found = error(&text);
            assert_eq!(found.line, line, "{to}: {found}");
        }
    }

    #[test]
    fn any_text_is_an_error_and_no_panic() {
        for text in ["", "\u{0}", "rule = 1", "title = \"\u{1F600}", "[[rule]]", &"a".repeat(70_000)] {
            assert!(!error(text).what.is_empty());
        }
    }

    #[test]
    fn durations_have_a_number_and_a_unit() {
        assert_eq!(duration("10 min"), Some(Duration::from_secs(600)));
        for bad in ["10", "min", "0 s", "-1 s", "1 week", "1.5 h"] {
            assert_eq!(duration(bad), None, "{bad}");
        }
    }
}
