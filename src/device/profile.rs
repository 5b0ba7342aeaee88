//! One device profile: read from TOML, checked, its expressions compiled.
//!
//! Nothing here knows a vendor; whatever is peculiar to a device family stands in its file.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::time::Duration;

use toml::Spanned;

use super::baseline::CounterPolicy;
use super::decode::Omitted;
use super::expression::{Expression, Flaw};
use super::file::{OptionKind, ProfileFile, Retain, RuleFile, SwitchField, SwitchFile, WhenFile};
use super::options::{self, OptionSpec};
use super::payload::PayloadKind;
use super::template::Template;

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
    pub(super) rules: Vec<Rule>,
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
    pub(super) readings: Expression,
}

/// Largest payload limit that a profile may ask for, in bytes: no counter or presence message comes near it, pictures do.
const PAYLOAD_MAX_BYTES: usize = 65_536;

/// Largest profile file, in bytes.
const FILE_MAX_BYTES: usize = 65_536;

impl Profile {
    /// Reads and compiles the profile that `file_name` holds.
    pub(super) fn parse(name: &str, file_name: &str, text: &str) -> Result<Self, ProfileError> {
        let source = Source { file_name, text };
        if text.len() > FILE_MAX_BYTES {
            let what = format!("the file is longer than {FILE_MAX_BYTES} bytes");
            return Err(source.error(0..0, what, "a profile is a few kilobytes of TOML"));
        }
        let file: ProfileFile = toml::from_str(text).map_err(|error| {
            let what = error.message().lines().next().unwrap_or_default().to_owned();
            source.error(error.span().unwrap_or(0..0), what, "docs/device-profiles.md explains every key of a profile")
        })?;
        source.compile(name, file)
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

struct Source<'s> {
    file_name: &'s str,
    text: &'s str,
}

impl Source<'_> {
    fn compile(&self, name: &str, file: ProfileFile) -> Result<Profile, ProfileError> {
        let options = self.options(&file)?;
        let template = |text: &Spanned<String>| self.template(text, &options);
        let subscribe = file.subscribe.get_ref().iter().map(|filter| {
            self.filter(filter)?;
            template(filter)
        });
        let subscribe = subscribe.collect::<Result<Vec<_>, _>>()?;
        if subscribe.is_empty() {
            return Err(self.error(
                file.subscribe.span(),
                "no topic is subscribed",
                "name at least one, such as \"{topic}\"",
            ));
        }
        let reject = file.reject.iter().map(template).collect::<Result<_, _>>()?;
        let limit = *file.payload_limit.get_ref();
        let Some(payload_limit) = usize::try_from(limit).ok().filter(|limit| (1..=PAYLOAD_MAX_BYTES).contains(limit))
        else {
            let what = format!("payload-limit {limit} is out of range");
            return Err(self.error(file.payload_limit.span(), what, &format!("1 to {PAYLOAD_MAX_BYTES} bytes")));
        };
        for require in &file.require {
            self.when(&require.when, &require.one_of.span(), &options)?;
            for name in require.one_of.get_ref() {
                self.known_option(name, &require.one_of.span(), &options)?;
            }
        }
        let requires = file.require.into_iter().map(|r| Require { one_of: r.one_of.into_inner(), when: r.when });
        let settle = file.settle_after_link.as_ref();
        let rules = file.rule.iter().map(|rule| self.rule(rule, &options)).collect::<Result<Vec<_>, _>>()?;
        if rules.is_empty() {
            return Err(self.error(0..0, "the profile has no [[rule]]", "add one for each topic that says something"));
        }
        Ok(Profile {
            name: name.to_owned(),
            title: file.title.into_inner(),
            topic_help: file.topic,
            subscribe,
            reject,
            payload_limit,
            stale_after: file
                .stale_after
                .as_ref()
                .map(|s| self.setting(s, &options, duration, DURATIONS))
                .transpose()?,
            settle_after_link: settle
                .map(|s| duration(s.get_ref()).ok_or_else(|| self.error(s.span(), "no duration", DURATIONS)))
                .transpose()?,
            reset: match &file.counter {
                None => Setting::Fixed(CounterPolicy::Zero),
                Some(counter) => self.setting(&counter.reset, &options, CounterPolicy::parse, POLICIES)?,
            },
            omitted: file.counter.as_ref().map_or(Omitted::Unknown, |counter| counter.omitted),
            switch: file.switch.as_ref().map(|switch| self.switch(switch, &options)).transpose()?,
            requires: requires.collect(),
            options,
            rules,
        })
    }

    fn options(&self, file: &ProfileFile) -> Result<BTreeMap<String, OptionSpec>, ProfileError> {
        let mut options = BTreeMap::new();
        for (name, option) in &file.option {
            let span = option.default.as_ref().map_or(option.kind.span(), Spanned::span);
            if options::DERIVED.contains(&name.as_str()) || name == options::ALL {
                let what = format!("the option \"{name}\" has a name that topics already use");
                return Err(self.error(option.kind.span(), what, "give it another name"));
            }
            if (*option.kind.get_ref() == OptionKind::Choice) == option.choices.is_empty() {
                let what = format!("the option \"{name}\" needs choices if and only if its kind is \"choice\"");
                return Err(self.error(option.kind.span(), what, "list the words in choices = [\"…\"]"));
            }
            let spec = OptionSpec::new(option).map_err(|what| {
                self.error(span, format!("the default of \"{name}\" is wrong: {what}"), "see the kind of the option")
            })?;
            options.insert(name.clone(), spec);
        }
        Ok(options)
    }

    fn rule(&self, rule: &RuleFile, options: &BTreeMap<String, OptionSpec>) -> Result<Rule, ProfileError> {
        let topic = Template::parse(rule.topic.get_ref())
            .map_err(|what| self.error(rule.topic.span(), what, "write a topic such as \"{topic}/state\""))?;
        if topic.has_tail() && !rule.topic.get_ref().ends_with("...}") {
            return Err(self.error(rule.topic.span(), "a {name...} takes the whole rest of a topic", "put it last"));
        }
        self.when(&rule.when, &rule.topic.span(), options)?;
        let names = options.keys().map(String::as_str).chain(topic.places());
        let mut variables: Vec<_> = std::iter::once(options::ALL).chain(names).map(variable).collect();
        variables.sort_unstable();
        variables.dedup();
        let readings =
            Expression::compile(rule.readings.get_ref(), &variables).map_err(|flaw| self.flaw(rule, flaw))?;
        let RuleFile { retain, payload, .. } = *rule;
        Ok(Rule { topic, when: rule.when.clone(), retain, payload, readings })
    }

    fn switch(&self, s: &SwitchFile, options: &BTreeMap<String, OptionSpec>) -> Result<SwitchSpec, ProfileError> {
        let topic = self.template(&s.topic, options)?;
        let lists = topic.places().any(|place| options.get(place).is_some_and(|o| o.kind == OptionKind::List));
        if lists {
            return Err(self.error(
                s.topic.span(),
                "a switch has one topic, and a list makes several",
                "use a text option",
            ));
        }
        Ok(SwitchSpec { topic, on: s.on.clone(), off: s.off.clone(), confirmed_by: s.confirmed_by })
    }

    /// A topic whose places are all known.
    fn template(
        &self,
        text: &Spanned<String>,
        options: &BTreeMap<String, OptionSpec>,
    ) -> Result<Template, ProfileError> {
        let template = Template::parse(text.get_ref())
            .map_err(|what| self.error(text.span(), what, "write a topic such as \"{topic}/state\""))?;
        for place in template.places() {
            if !options::DERIVED.contains(&place) {
                self.known_option(place, &text.span(), options)?;
            }
        }
        if template.has_tail() {
            return Err(self.error(text.span(), "a {name...} can only stand in a rule", "name the topics"));
        }
        Ok(template)
    }

    /// Subscriptions are an allow list: no `#`, and no wildcard before the first level is known.
    fn filter(&self, filter: &Spanned<String>) -> Result<(), ProfileError> {
        let text = filter.get_ref();
        if text.contains('#') || text.starts_with('+') {
            let what = format!("the subscription \"{text}\" would take in topics that nobody named");
            return Err(self.error(filter.span(), what, "name the topics; + may stand for one level after the first"));
        }
        Ok(())
    }

    fn when(
        &self,
        when: &WhenFile,
        span: &Range<usize>,
        options: &BTreeMap<String, OptionSpec>,
    ) -> Result<(), ProfileError> {
        for (name, words) in when {
            let option = self.known_option(name, span, options)?;
            let unknown = words.iter().find(|word| option.kind == OptionKind::Choice && !option.choices.contains(word));
            if let Some(word) = unknown {
                let what = format!("\"{word}\" is no choice of the option \"{name}\"");
                return Err(self.error(span.clone(), what, &format!("choices: {}", option.choices.join(", "))));
            }
        }
        Ok(())
    }

    fn known_option<'o>(
        &self,
        name: &str,
        span: &Range<usize>,
        options: &'o BTreeMap<String, OptionSpec>,
    ) -> Result<&'o OptionSpec, ProfileError> {
        options.get(name).ok_or_else(|| {
            let what = format!("\"{name}\" is neither an option of this profile nor a part of the topic");
            let known = options.keys().map(String::as_str).chain(options::DERIVED.iter().copied());
            self.error(span.clone(), what, &format!("known names: {}", known.collect::<Vec<_>>().join(", ")))
        })
    }

    fn setting<T>(
        &self,
        text: &Spanned<String>,
        options: &BTreeMap<String, OptionSpec>,
        parse: impl Fn(&str) -> Option<T>,
        help: &str,
    ) -> Result<Setting<T>, ProfileError> {
        if let Some(name) = text.get_ref().strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            let option = self.known_option(name, &text.span(), options)?;
            let wrong = option.choices.iter().find(|choice| parse(choice).is_none());
            return match wrong {
                None => Ok(Setting::Option(name.to_owned())),
                Some(choice) => {
                    Err(self.error(text.span(), format!("the choice \"{choice}\" does not fit here"), help))
                }
            };
        }
        let wrong = || self.error(text.span(), format!("\"{}\" does not fit here", text.get_ref()), help);
        parse(text.get_ref()).map(Setting::Fixed).ok_or_else(wrong)
    }

    /// The place of a flaw in an expression: exact in a literal string ('…' or '''…'''), else that of the string.
    fn flaw(&self, rule: &RuleFile, flaw: Flaw) -> ProfileError {
        let span = rule.readings.span();
        let raw = self.text.get(span.clone()).unwrap_or_default();
        let content = match raw.strip_prefix("'''") {
            Some(rest) if rest.starts_with("\r\n") => Some(5),
            Some(rest) if rest.starts_with('\n') => Some(4),
            Some(_) => Some(3),
            None => raw.starts_with('\'').then_some(1),
        };
        let at = content.map_or(span.start, |skip| span.start + skip + flaw.at);
        self.error(at..at, flaw.what, &flaw.help)
    }

    fn error(&self, span: Range<usize>, what: impl Into<String>, help: &str) -> ProfileError {
        let before = self.text.get(..span.start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        ProfileError {
            file: self.file_name.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            what: what.into(),
            help: help.to_owned(),
        }
    }
}

/// The variable under which an expression sees an option or a part of the topic.
pub(super) fn variable(name: &str) -> String {
    format!("${}", name.replace('-', "_"))
}

const DURATIONS: &str = "write a whole number and a unit: \"30 s\", \"10 min\", \"25 h\", \"2 days\"";
const POLICIES: &str = "write \"zero\", \"rollback\", \"modulo16\" or \"modulo32\"";

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
