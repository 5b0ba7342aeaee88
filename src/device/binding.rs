//! A profile bound to one sensor's topic and options: what to subscribe, and what a packet says.
//!
//! Everything that depends on the options is worked out once, so that a packet costs one look at its topic, one reading of its
//! payload and one run of one expression.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::baseline::CounterPolicy;
use super::decode::{self, Decoded, MAX_READINGS, Refusal};
use super::file::{Retain, SwitchField};
use super::link::{Link, links};
use super::options::{self, Settled};
use super::profile::{self, LinkRule, Profile, Rule, Setting};
use super::template::{Asked, Filled, Pattern};
use super::value::{Fixed, Variable};
use crate::domain::reading::{Fact, Reading};

/// What a technician writes as the value of an option.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum OptionValue {
    /// `"…"`
    Text(String),
    /// `true` or `false`
    Bool(bool),
    /// A whole number.
    Integer(i64),
}

impl OptionValue {
    pub(super) fn of_toml(value: &toml::Value) -> Option<Self> {
        match value {
            toml::Value::String(text) => Some(Self::Text(text.clone())),
            toml::Value::Boolean(flag) => Some(Self::Bool(*flag)),
            toml::Value::Integer(number) => Some(Self::Integer(*number)),
            toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Array(_) | toml::Value::Table(_) => None,
        }
    }
}

/// What is wrong with a sensor's topic or options.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OptionProblem {
    /// Which option; `None` for the topic.
    pub option: Option<String>,
    /// What is wrong.
    pub what: String,
    /// What would be right.
    pub help: String,
}

impl OptionProblem {
    pub(super) fn of(option: &str, what: String, help: &str) -> Self {
        Self { option: Some(option.to_owned()), what, help: help.to_owned() }
    }
}

/// A message that switches detection; never to be retained, because it would switch again at every reconnect of the device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SwitchCommand {
    /// Where to publish it.
    pub topic: String,
    /// What to publish.
    pub payload: String,
}

/// A profile bound to one sensor. Cheap to clone.
#[derive(Clone)]
pub struct Binding(pub(super) Arc<Bound>);

pub(super) struct Bound {
    pub(super) profile: Arc<Profile>,
    pub(super) topic: String,
    identity: u64,
    pub(super) subscriptions: Vec<String>,
    pub(super) filters: Vec<Pattern>,
    /// What is refused unread, each as it was written, with its places filled.
    pub(super) reject: Vec<(String, Pattern)>,
    pub(super) links: Vec<Link>,
    pub(super) routes: Vec<Route>,
    pub(super) invert: bool,
    pub(super) policy: CounterPolicy,
    pub(super) stale_after: Option<Duration>,
    pub(super) switch: Option<Switch>,
}

/// One concrete topic pattern of one rule.
pub(super) struct Route {
    rule: usize,
    pattern: Pattern,
    /// How long a state holds that it says.
    holds: Option<Duration>,
    /// Where the values of the expression's variables come from.
    variables: Vec<Source>,
}

enum Source {
    Fixed(Fixed),
    /// Which captured part of the topic.
    Captured(usize),
}

pub(super) struct Switch {
    topic: String,
    on: String,
    off: String,
    confirmed_by: SwitchField,
}

impl Binding {
    /// Binds `profile` to a sensor's topic and options, or says everything that is wrong with them.
    pub fn new(
        profile: &Arc<Profile>,
        topic: &str,
        options: &BTreeMap<String, OptionValue>,
    ) -> Result<Self, Vec<OptionProblem>> {
        let settled = Settled::new(profile, topic, options)?;
        let policy = setting(&profile.reset, &settled, CounterPolicy::parse)?.unwrap_or_default();
        let stale_after = match &profile.stale_after {
            None => None,
            Some(stale_after) => setting(stale_after, &settled, profile::duration)?,
        };
        let filled = |templates: &[super::template::Template]| -> Vec<Filled> {
            templates.iter().flat_map(|template| template.fill(&settled.fillings)).collect()
        };
        let mut subscriptions: Vec<_> = filled(&profile.subscribe).into_iter().map(Filled::into_text).collect();
        subscriptions.sort_unstable();
        subscriptions.dedup();
        let switch = profile.switch.as_ref().and_then(|spec| {
            let topic = spec.topic.fill(&settled.fillings).into_iter().next()?.into_text();
            Some(Switch { topic, on: spec.on.clone(), off: spec.off.clone(), confirmed_by: spec.confirmed_by })
        });
        let reject: Vec<_> = filled(&profile.reject).into_iter().map(|f| (f.filter(), f.rejection())).collect();
        for filter in &subscriptions {
            let asked = Asked::of(filter);
            if let Some((private, _)) = reject.iter().find(|(_, pattern)| pattern.is_asked_for(&asked)) {
                let what = format!(
                    "with this topic and these options, \"{filter}\" would be subscribed, which asks for \"{private}\""
                );
                let help = format!(
                    "the profile never listens to that, because of what it carries; the topic is {}",
                    profile.topic_help
                );
                return Err(vec![OptionProblem { option: None, what, help }]);
            }
        }
        Ok(Self(Arc::new(Bound {
            profile: Arc::clone(profile),
            topic: topic.to_owned(),
            identity: identity(&profile.name, topic, options),
            filters: subscriptions.iter().map(|filter| Pattern::of(filter)).collect(),
            subscriptions,
            reject,
            links: links(profile, &settled),
            routes: routes(profile, &settled)?,
            invert: settled.get("invert") == Some("true"),
            policy,
            stale_after,
            switch,
        })))
    }

    /// Whether it is a sensor of that profile and topic.
    #[must_use]
    pub fn is(&self, profile: &str, topic: &str) -> bool {
        self.0.profile.name == profile && self.0.topic == topic
    }

    /// A number that changes with the profile's name, the topic and what the technician set. What was counted under another one
    /// says nothing of what this one hears: another device, another line, or in and out exchanged. It is stored.
    #[must_use]
    pub fn identity(&self) -> u64 {
        self.0.identity
    }

    /// MQTT topic filters to subscribe to: an allow list, never `#`.
    #[must_use]
    pub fn subscriptions(&self) -> &[String] {
        &self.0.subscriptions
    }

    /// What carries pictures, names, plates or passwords and is never subscribed.
    pub(super) fn rejections(&self) -> impl Iterator<Item = (&str, &Pattern)> {
        self.0.reject.iter().map(|(filter, pattern)| (filter.as_str(), pattern))
    }

    /// Whether `topic` may concern this sensor: subscribed for it, or to be refused and counted for it.
    #[must_use]
    pub fn matches(&self, topic: &str) -> bool {
        let rejected = self.0.reject.iter().map(|(_, pattern)| pattern);
        self.0.filters.iter().chain(rejected).any(|pattern| pattern.matches(topic))
    }

    /// What a packet says. `replayed` marks a message that the broker sent because of a subscription, not because it happened now.
    #[must_use]
    pub fn decode(&self, topic: &str, payload: &[u8], replayed: bool) -> Decoded {
        match self.readings(topic, payload, replayed) {
            Err(refusal) => Decoded::Refused(refusal),
            Ok(readings) if readings.is_empty() => Decoded::Nothing,
            Ok(readings) => Decoded::Readings(readings),
        }
    }

    /// The command that switches detection on or off, where the family has one.
    #[must_use]
    pub fn switch(&self, on: bool) -> Option<SwitchCommand> {
        let switch = self.0.switch.as_ref()?;
        let payload = if on { &switch.on } else { &switch.off };
        Some(SwitchCommand { topic: switch.topic.clone(), payload: payload.clone() })
    }

    /// The position of the switch that `reading` confirms, if it speaks of it.
    #[must_use]
    pub fn switched(&self, reading: &Reading) -> Option<bool> {
        match (self.0.switch.as_ref()?.confirmed_by, &reading.fact) {
            (SwitchField::Enabled, Fact::Camera(state)) => state.enabled,
            (SwitchField::DetectEnabled, Fact::Camera(state)) => state.detect_enabled,
            (SwitchField::RecordEnabled, Fact::Camera(state)) => state.record_enabled,
            (SwitchField::Switch, Fact::Switch { on }) => Some(*on),
            _ => None,
        }
    }

    /// How long a state holds without a further message; `None` where the family only speaks on change.
    #[must_use]
    pub fn stale_after(&self) -> Option<Duration> {
        self.0.stale_after
    }

    /// How long after a link came back states are copies from the bridge's memory, which say nothing of now.
    #[must_use]
    pub fn settle_after_link(&self) -> Option<Duration> {
        self.0.profile.settle_after_link
    }

    /// What a total means that is lower than the one before.
    #[must_use]
    pub fn counter_policy(&self) -> CounterPolicy {
        self.0.policy
    }

    fn readings(&self, topic: &str, payload: &[u8], replayed: bool) -> Result<Vec<Reading>, Refusal> {
        let bound = &*self.0;
        if bound.rejection(topic).is_some() {
            return Err(Refusal::Privacy);
        }
        let link = bound.link(topic);
        let route = if link.is_none() { bound.route(topic) } else { None };
        // An empty retained message deletes the one before and says nothing else (MQTT 3.1.1 §3.3.1.3).
        if (link.is_none() && route.is_none()) || payload.is_empty() {
            return Ok(Vec::new());
        }
        if payload.len() > bound.profile.payload_limit {
            return Err(Refusal::TooLarge);
        }
        match (link, route) {
            (Some(link), _) => link.readings(payload),
            (None, Some(route)) => bound.said(route, topic, payload, replayed),
            (None, None) => Ok(Vec::new()),
        }
    }
}

fn identity(profile: &str, topic: &str, options: &BTreeMap<String, OptionValue>) -> u64 {
    let options = options.iter().map(|(name, value)| match value {
        OptionValue::Text(text) => format!("{name}={text}"),
        OptionValue::Bool(flag) => format!("{name}={flag}"),
        OptionValue::Integer(number) => format!("{name}={number}"),
    });
    let parts = [profile.to_owned(), topic.to_owned()].into_iter().chain(options);
    // Neither names nor values hold control characters.
    decode::fnv(parts.collect::<Vec<_>>().join("\0").bytes())
}

impl fmt::Debug for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Binding")
            .field("profile", &self.0.profile.name)
            .field("topic", &self.0.topic)
            .finish_non_exhaustive()
    }
}

impl Bound {
    /// The place in the reject list that `topic` is on.
    pub(super) fn rejection(&self, topic: &str) -> Option<usize> {
        self.reject.iter().position(|(_, pattern)| pattern.matches(topic))
    }

    pub(super) fn link(&self, topic: &str) -> Option<&LinkRule> {
        let link = self.links.iter().find(|link| link.pattern.matches(topic))?;
        Some(&self.profile.links[link.rule])
    }

    /// The first rule whose topic fits.
    pub(super) fn route(&self, topic: &str) -> Option<&Route> {
        self.routes.iter().find(|route| route.pattern.matches(topic))
    }

    pub(super) fn rule(&self, route: &Route) -> &Rule {
        &self.profile.rules[route.rule]
    }

    /// The values of the variables of a rule's expression.
    pub(super) fn variables<'v>(route: &'v Route, topic: &'v str) -> Vec<Variable<'v>> {
        let mut captured = Vec::new();
        route.pattern.capture(topic, |text| captured.push(text));
        let value = |source: &'v Source| match source {
            Source::Fixed(value) => Variable::Fixed(value),
            Source::Captured(n) => {
                captured.get(*n).map_or(Variable::Fixed(&Fixed::Null), |text| Variable::Captured(text))
            }
        };
        route.variables.iter().map(value).collect()
    }

    fn said(&self, route: &Route, topic: &str, payload: &[u8], replayed: bool) -> Result<Vec<Reading>, Refusal> {
        let rule = self.rule(route);
        if replayed && rule.retain == Retain::Event {
            return Err(Refusal::Replay);
        }
        let (mut readings, mut yielded) = (Vec::new(), 0);
        rule.readings.run(rule.payload, payload, &Self::variables(route, topic), &mut |output| {
            if yielded == MAX_READINGS {
                return Err(Refusal::TooMany);
            }
            yielded += 1;
            let value = output.map_err(|_| Refusal::Malformed)?;
            readings.extend(decode::reading(value, self.profile.omitted)?.map(|mut reading| {
                reading.holds = route.holds;
                if self.invert { decode::inverted(reading) } else { reading }
            }));
            Ok(())
        })?;
        // Whatever the rule says of its topic: a crossing that is replayed happened long ago.
        if replayed && readings.iter().any(|reading| matches!(reading.fact, Fact::Crossing { .. })) {
            return Err(Refusal::Replay);
        }
        Ok(readings)
    }
}

fn routes(profile: &Profile, settled: &Settled) -> Result<Vec<Route>, Vec<OptionProblem>> {
    let options = settled.object(profile);
    let mut routes = Vec::new();
    for (n, rule) in profile.rules.iter().enumerate().filter(|(_, rule)| settled.holds(&rule.when)) {
        let holds = match &rule.holds {
            None => None,
            Some(holds) => setting(holds, settled, profile::duration)?,
        };
        for filled in rule.topic.fill(&settled.fillings) {
            let source = |name: &String| source(name, &filled, &options, profile, settled);
            let variables = rule.readings.variables().iter().map(source).collect();
            routes.push(Route { rule: n, pattern: filled.pattern(), holds, variables });
        }
    }
    Ok(routes)
}

/// The value of a variable: a part of the rule's topic, else an option.
fn source(variable: &str, filled: &Filled, options: &Fixed, profile: &Profile, settled: &Settled) -> Source {
    let is = |name: &str| profile::variable(name) == variable;
    let mut captures = filled.places.iter().filter(|(_, value)| value.is_none());
    if let Some(n) = captures.position(|(name, _)| is(name)) {
        return Source::Captured(n);
    }
    if let Some((_, Some(value))) = filled.places.iter().find(|(name, _)| is(name)) {
        return Source::Fixed(Fixed::Text(value.clone()));
    }
    if is(options::ALL) {
        return Source::Fixed(options.clone());
    }
    if let Some(name) = options::DERIVED.iter().find(|name| is(name)) {
        let text = settled.fillings.get(*name).and_then(|values| values.first());
        return Source::Fixed(text.map_or(Fixed::Null, |text| Fixed::Text(text.clone())));
    }
    let option = profile.options.keys().find(|name| is(name));
    Source::Fixed(option.map_or(Fixed::Null, |name| settled.value(profile, name)))
}

fn setting<T: Copy>(
    setting: &Setting<T>,
    settled: &Settled,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Vec<OptionProblem>> {
    match setting {
        Setting::Fixed(value) => Ok(Some(*value)),
        Setting::Option(name) => match settled.get(name) {
            None => Ok(None),
            Some(text) => parse(text).map(Some).ok_or_else(|| {
                let what = format!("\"{text}\" cannot be read");
                vec![OptionProblem::of(name, what, "write a whole number and a unit, such as \"10 min\"")]
            }),
        },
    }
}
