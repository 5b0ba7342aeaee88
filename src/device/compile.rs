//! From the TOML of a profile to a [`Profile`]: every name known, every topic allowed, every expression compiled, or the place
//! of the first mistake.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;

use super::baseline::CounterPolicy;
use super::binding::OptionValue;
use super::decode::Omitted;
use super::expression::{Expression, Flaw};
use super::file::{DiscoverFile, LinkFile, OptionKind, ProfileFile, RuleFile, SwitchFile, WhenFile};
use super::options::{self, OptionSpec};
use super::profile::{
    DURATIONS, Discover, Example, LinkRule, PAYLOAD_MAX_BYTES, Profile, ProfileError, Require, Rule, Setting,
    SwitchSpec, duration, variable,
};
use super::template::Template;
use crate::domain::reading::LinkScope;

const POLICIES: &str = "write \"zero\", \"rollback\", \"modulo16\" or \"modulo32\"";
const TOPICS: &str = "write a topic such as \"{topic}/state\"";

/// Compiles the profile `name` of what was read from `text`.
pub(super) fn compile(name: &str, file_name: &str, text: &str, file: ProfileFile) -> Result<Profile, ProfileError> {
    let mut source = Source { file_name, text, options: BTreeMap::new() };
    source.options = source.options(&file)?;
    source.profile(name, file)
}

/// A mistake at `span` of `text`.
pub(super) fn error(file_name: &str, text: &str, span: &Range<usize>, what: String, help: &str) -> ProfileError {
    let before = text.get(..span.start).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    ProfileError {
        file: file_name.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
        what,
        help: help.to_owned(),
    }
}

struct Source<'s> {
    file_name: &'s str,
    text: &'s str,
    options: BTreeMap<String, OptionSpec>,
}

impl Source<'_> {
    fn profile(self, name: &str, file: ProfileFile) -> Result<Profile, ProfileError> {
        let subscribe = file.subscribe.get_ref().iter().map(|filter| self.subscription(filter));
        let subscribe = subscribe.collect::<Result<Vec<_>, _>>()?;
        if subscribe.is_empty() {
            return Err(self.error(
                file.subscribe.span(),
                "no topic is subscribed",
                "name at least one, such as \"{topic}\"",
            ));
        }
        if file.rule.is_empty() {
            return Err(self.error(0..0, "the profile has no [[rule]]", "add one for each topic that says something"));
        }
        let settle = file.settle_after_link.as_ref();
        let settle =
            settle.map(|s| duration(s.get_ref()).ok_or_else(|| self.error(s.span(), "no duration", DURATIONS)));
        Ok(Profile {
            name: name.to_owned(),
            subscribe,
            reject: file.reject.iter().map(|topic| self.template(topic)).collect::<Result<_, _>>()?,
            payload_limit: self.payload_limit(&file.payload_limit)?,
            stale_after: file.stale_after.as_ref().map(|s| self.setting(s, duration, DURATIONS)).transpose()?,
            settle_after_link: settle.transpose()?,
            requires: self.requires(&file)?,
            reset: match &file.counter {
                None => Setting::Fixed(CounterPolicy::Zero),
                Some(counter) => self.setting(&counter.reset, CounterPolicy::parse, POLICIES)?,
            },
            omitted: file.counter.as_ref().map_or(Omitted::Unknown, |counter| counter.omitted),
            switch: file.switch.as_ref().map(|switch| self.switch(switch)).transpose()?,
            button: self.button(&file)?,
            example: self.example(&file)?,
            links: file.link.iter().map(|link| self.link(link)).collect::<Result<_, _>>()?,
            rules: file.rule.iter().map(|rule| self.rule(rule)).collect::<Result<_, _>>()?,
            discover: file.discover.iter().map(|entry| self.discover(entry)).collect::<Result<_, _>>()?,
            title: file.title.into_inner(),
            topic_help: file.topic,
            options: self.options,
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

    fn payload_limit(&self, limit: &Spanned<i64>) -> Result<usize, ProfileError> {
        let fits = usize::try_from(*limit.get_ref()).ok().filter(|limit| (1..=PAYLOAD_MAX_BYTES).contains(limit));
        fits.ok_or_else(|| {
            let what = format!("payload-limit {} is out of range", limit.get_ref());
            self.error(limit.span(), what, &format!("1 to {PAYLOAD_MAX_BYTES} bytes"))
        })
    }

    fn requires(&self, file: &ProfileFile) -> Result<Vec<Require>, ProfileError> {
        let require = |require: &super::file::RequireFile| {
            let span = require.one_of.span();
            self.when(&require.when, &span)?;
            for name in require.one_of.get_ref() {
                self.known_option(name, &span)?;
            }
            Ok(Require { one_of: require.one_of.get_ref().clone(), when: require.when.clone() })
        };
        file.require.iter().map(require).collect()
    }

    fn example(&self, file: &ProfileFile) -> Result<Option<Example>, ProfileError> {
        let Some(example) = &file.example else { return Ok(None) };
        Ok(Some(Example { topic: example.topic.clone(), options: self.values(&example.options)? }))
    }

    fn button(&self, file: &ProfileFile) -> Result<Option<BTreeMap<String, OptionValue>>, ProfileError> {
        let Some(button) = &file.button else { return Ok(None) };
        for name in button.get_ref().keys() {
            self.known_option(name, &button.span())?;
        }
        self.values(button.get_ref()).map(Some)
    }

    fn values(
        &self,
        options: &BTreeMap<String, Spanned<toml::Value>>,
    ) -> Result<BTreeMap<String, OptionValue>, ProfileError> {
        let value = |(name, value): (&String, &Spanned<toml::Value>)| {
            let given = OptionValue::of_toml(value.get_ref()).ok_or_else(|| {
                let what = format!("the option \"{name}\" cannot be of this kind");
                self.error(value.span(), what, "write a text, a whole number, true or false")
            })?;
            Ok((name.clone(), given))
        };
        options.iter().map(value).collect()
    }

    fn link(&self, link: &LinkFile) -> Result<LinkRule, ProfileError> {
        self.when(&link.when, &link.topic.span())?;
        if link.online.get_ref().is_empty() && link.offline.is_empty() {
            return Err(self.error(
                link.online.span(),
                "the link has no words",
                "write online = [\"online\"], offline = [\"offline\"]",
            ));
        }
        let bad_field = link.field.as_ref().filter(|field| !options::is_pointer(field.get_ref()));
        if let Some(field) = bad_field {
            let what = format!("\"{}\" is no JSON Pointer", field.get_ref());
            return Err(self.error(field.span(), what, "write one such as \"/state\""));
        }
        let lower = |words: &[String]| words.iter().map(|word| word.to_lowercase()).collect();
        Ok(LinkRule {
            topic: self.template(&link.topic)?,
            when: link.when.clone(),
            online: lower(link.online.get_ref()),
            offline: lower(&link.offline),
            field: link.field.as_ref().map(|field| field.get_ref().clone()),
            scope: link.scope.as_ref().map_or(Ok(LinkScope::Device), |scope| self.scope(scope))?,
        })
    }

    fn scope(&self, scope: &Spanned<String>) -> Result<LinkScope, ProfileError> {
        let known = LinkScope::WORDS.iter().find(|(word, _)| word == scope.get_ref());
        known.map(|(_, scope)| *scope).ok_or_else(|| {
            let words: Vec<_> = LinkScope::WORDS.iter().map(|(word, _)| *word).collect();
            let what = format!("\"{}\" is no scope of a link", scope.get_ref());
            self.error(scope.span(), what, &format!("write one of: {}", words.join(", ")))
        })
    }

    fn rule(&self, rule: &RuleFile) -> Result<Rule, ProfileError> {
        let topic = self.pattern(&rule.topic)?;
        if topic.has_tail() && !rule.topic.get_ref().ends_with("...}") {
            return Err(self.error(rule.topic.span(), "a {name...} takes the whole rest of a topic", "put it last"));
        }
        self.when(&rule.when, &rule.topic.span())?;
        let known = self.options.keys().map(String::as_str).chain(options::DERIVED.iter().copied());
        let readings = self.expression(&rule.readings, known.chain(topic.places()))?;
        Ok(Rule {
            readings,
            when: rule.when.clone(),
            retain: rule.retain,
            payload: rule.payload,
            holds: rule.holds.as_ref().map(|holds| self.setting(holds, duration, DURATIONS)).transpose()?,
            topic,
        })
    }

    fn discover(&self, entry: &DiscoverFile) -> Result<Discover, ProfileError> {
        let listen = self.pattern(&entry.listen)?;
        let span = entry.listen.span();
        let text = entry.listen.get_ref();
        let open = |level: &str| {
            level == "+" || is_place(level) && !options::DERIVED.contains(&level.trim_matches(['{', '}']))
        };
        if listen.has_tail() || text.contains('#') || text.split('/').all(open) {
            let what = format!("\"{text}\" would listen to topics that nobody named");
            return Err(self.error(span, what, "name at least one level, and no #"));
        }
        let topic =
            Template::parse(entry.topic.get_ref()).map_err(|what| self.error(entry.topic.span(), what, TOPICS))?;
        if let Some(place) = topic.places().find(|place| !listen.places().any(|known| known == *place)) {
            let what = format!("\"{place}\" is no place of the topic listened to");
            return Err(self.error(entry.topic.span(), what, "use the places of listen"));
        }
        let found = self.expression(&entry.found, listen.places())?;
        Ok(Discover { listen, payload: entry.payload, topic, found })
    }

    fn switch(&self, s: &SwitchFile) -> Result<SwitchSpec, ProfileError> {
        let topic = self.template(&s.topic)?;
        if topic.places().any(|place| self.options.get(place).is_some_and(|o| o.kind == OptionKind::List)) {
            let what = "a switch has one topic, and a list makes several";
            return Err(self.error(s.topic.span(), what, "use a text option"));
        }
        Ok(SwitchSpec { topic, on: s.on.clone(), off: s.off.clone(), confirmed_by: s.confirmed_by })
    }

    /// An expression in which each of `names` is a variable.
    fn expression<'n>(
        &self,
        code: &Spanned<String>,
        names: impl Iterator<Item = &'n str>,
    ) -> Result<Expression, ProfileError> {
        let mut variables: Vec<_> = std::iter::once(options::ALL).chain(names).map(variable).collect();
        variables.sort_unstable();
        variables.dedup();
        Expression::compile(code.get_ref(), &variables).map_err(|flaw| self.flaw(code, flaw))
    }

    fn subscription(&self, filter: &Spanned<String>) -> Result<Template, ProfileError> {
        let text = filter.get_ref();
        if text.contains('#') || text.starts_with('+') {
            let what = format!("the subscription \"{text}\" would take in topics that nobody named");
            return Err(self.error(filter.span(), what, "name the topics; + may stand for one level after the first"));
        }
        self.template(filter)
    }

    /// A topic whose places may capture, one in each level.
    fn pattern(&self, text: &Spanned<String>) -> Result<Template, ProfileError> {
        let topic = Template::parse(text.get_ref()).map_err(|what| self.error(text.span(), what, TOPICS))?;
        let captures = |level: &str| {
            let places = Template::parse(level).ok();
            places.map_or(0, |places| places.places().filter(|place| !self.is_filled(place)).count())
        };
        if let Some(level) = text.get_ref().split('/').find(|level| captures(level) > 1) {
            let what = format!("\"{level}\" has two places that capture within one level");
            return Err(self.error(text.span(), what, "one place in each level"));
        }
        Ok(topic)
    }

    /// A topic whose places are all known.
    fn template(&self, text: &Spanned<String>) -> Result<Template, ProfileError> {
        let template = Template::parse(text.get_ref()).map_err(|what| self.error(text.span(), what, TOPICS))?;
        for place in template.places().filter(|place| !options::DERIVED.contains(place)) {
            self.known_option(place, &text.span())?;
        }
        if template.has_tail() {
            return Err(self.error(text.span(), "a {name...} can only stand in a rule", "name the topics"));
        }
        Ok(template)
    }

    fn is_filled(&self, place: &str) -> bool {
        options::DERIVED.contains(&place) || self.options.contains_key(place)
    }

    fn when(&self, when: &WhenFile, span: &Range<usize>) -> Result<(), ProfileError> {
        for (name, words) in when {
            let option = self.known_option(name, span)?;
            let unknown = words.iter().find(|word| option.kind == OptionKind::Choice && !option.choices.contains(word));
            if let Some(word) = unknown {
                let what = format!("\"{word}\" is no choice of the option \"{name}\"");
                return Err(self.error(span.clone(), what, &format!("choices: {}", option.choices.join(", "))));
            }
        }
        Ok(())
    }

    fn known_option(&self, name: &str, span: &Range<usize>) -> Result<&OptionSpec, ProfileError> {
        self.options.get(name).ok_or_else(|| {
            let what = format!("\"{name}\" is neither an option of this profile nor a part of the topic");
            let known = self.options.keys().map(String::as_str).chain(options::DERIVED.iter().copied());
            self.error(span.clone(), what, &format!("known names: {}", known.collect::<Vec<_>>().join(", ")))
        })
    }

    fn setting<T>(
        &self,
        text: &Spanned<String>,
        parse: impl Fn(&str) -> Option<T>,
        help: &str,
    ) -> Result<Setting<T>, ProfileError> {
        if let Some(name) = text.get_ref().strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            let option = self.known_option(name, &text.span())?;
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
    fn flaw(&self, code: &Spanned<String>, flaw: Flaw) -> ProfileError {
        let span = code.span();
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
        error(self.file_name, self.text, &span, what.into(), help)
    }
}

/// Whether a level is nothing but a place.
fn is_place(level: &str) -> bool {
    level.starts_with('{') && level.ends_with('}') && level.matches('{').count() == 1
}
