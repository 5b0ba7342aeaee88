//! A profile bound to one sensor's topic and options: what to subscribe, and what a packet says.
//!
//! Everything that depends on the options is worked out once, so that a packet costs one look at its topic, one reading of its
//! payload and one run of one expression.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jaq_json::Val;

use super::baseline::CounterPolicy;
use super::decode::{self, Decoded, MAX_READINGS, Refusal};
use super::file::{Retain, SwitchField};
use super::options::{self, Settled};
use super::payload;
use super::profile::{self, Profile, Rule, Setting};
use super::template::{Filled, Pattern};
use crate::domain::reading::{Fact, Reading};

/// What a technician writes as the value of an option.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OptionValue {
    /// `"…"`
    Text(String),
    /// `true` or `false`
    Bool(bool),
    /// A whole number.
    Integer(i64),
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
pub struct Binding(Arc<Bound>);

struct Bound {
    profile: Arc<Profile>,
    topic: String,
    subscriptions: Vec<String>,
    filters: Vec<Pattern>,
    reject: Vec<Pattern>,
    routes: Vec<Route>,
    invert: bool,
    policy: CounterPolicy,
    stale_after: Option<Duration>,
    switch: Option<Switch>,
}

/// One concrete topic pattern of one rule.
struct Route {
    rule: usize,
    pattern: Pattern,
    /// Where the values of the expression's variables come from.
    variables: Vec<Source>,
}

enum Source {
    Fixed(Val),
    /// Which captured part of the topic.
    Captured(usize),
}

struct Switch {
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
        Ok(Self(Arc::new(Bound {
            profile: Arc::clone(profile),
            topic: topic.to_owned(),
            filters: subscriptions.iter().map(|filter| Pattern::of(filter)).collect(),
            subscriptions,
            reject: filled(&profile.reject).iter().map(Filled::pattern).collect(),
            routes: routes(profile, &settled),
            invert: settled.get("invert") == Some("true"),
            policy,
            stale_after,
            switch,
        })))
    }

    /// MQTT topic filters to subscribe to: an allow list, never `#`.
    #[must_use]
    pub fn subscriptions(&self) -> &[String] {
        &self.0.subscriptions
    }

    /// Whether `topic` may concern this sensor: subscribed for it, or to be refused and counted for it.
    #[must_use]
    pub fn matches(&self, topic: &str) -> bool {
        self.0.filters.iter().chain(&self.0.reject).any(|pattern| pattern.matches(topic))
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
        let Fact::Camera(state) = reading.fact else { return None };
        match self.0.switch.as_ref()?.confirmed_by {
            SwitchField::Enabled => state.enabled,
            SwitchField::DetectEnabled => state.detect_enabled,
            SwitchField::RecordEnabled => state.record_enabled,
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
        if bound.reject.iter().any(|pattern| pattern.matches(topic)) {
            return Err(Refusal::Privacy);
        }
        // An empty retained message deletes the one before and says nothing else (MQTT 3.1.1 §3.3.1.3).
        let Some((rule, variables)) = bound.route(topic).filter(|_| !payload.is_empty()) else { return Ok(Vec::new()) };
        if payload.len() > bound.profile.payload_limit {
            return Err(Refusal::TooLarge);
        }
        if replayed && rule.retain == Retain::Event {
            return Err(Refusal::Replay);
        }
        let input = payload::read(rule.payload, payload)?;
        let mut readings = Vec::new();
        for (n, value) in rule.readings.run(input, variables).enumerate() {
            if n == MAX_READINGS {
                return Err(Refusal::TooMany);
            }
            let value = value.ok_or(Refusal::Malformed)?;
            readings.extend(decode::reading(&value, bound.profile.omitted)?);
        }
        // Whatever the rule says of its topic: a crossing that is replayed happened long ago.
        if replayed && readings.iter().any(|reading| matches!(reading.fact, Fact::Crossing { .. })) {
            return Err(Refusal::Replay);
        }
        Ok(if bound.invert { readings.into_iter().map(decode::inverted).collect() } else { readings })
    }
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
    /// The first rule whose topic fits, with the values of its variables.
    fn route(&self, topic: &str) -> Option<(&Rule, Vec<Val>)> {
        let route = self.routes.iter().find(|route| route.pattern.matches(topic))?;
        let mut captured = Vec::new();
        route.pattern.capture(topic, |text| captured.push(text));
        let value = |source: &Source| match source {
            Source::Fixed(value) => value.clone(),
            Source::Captured(n) => captured.get(*n).map_or(Val::Null, |text: &&str| Val::from((*text).to_owned())),
        };
        let variables = route.variables.iter().map(value).collect();
        Some((&self.profile.rules[route.rule], variables))
    }
}

fn routes(profile: &Profile, settled: &Settled) -> Vec<Route> {
    let options = settled.object(profile);
    let mut routes = Vec::new();
    for (n, rule) in profile.rules.iter().enumerate().filter(|(_, rule)| settled.holds(&rule.when)) {
        for filled in rule.topic.fill(&settled.fillings) {
            let source = |name: &String| source(name, &filled, &options, profile, settled);
            let variables = rule.readings.variables().iter().map(source).collect();
            routes.push(Route { rule: n, pattern: filled.pattern(), variables });
        }
    }
    routes
}

/// The value of a variable: a part of the rule's topic, else an option.
fn source(variable: &str, filled: &Filled, options: &Val, profile: &Profile, settled: &Settled) -> Source {
    let is = |name: &str| profile::variable(name) == variable;
    let mut captures = filled.places.iter().filter(|(_, value)| value.is_none());
    if let Some(n) = captures.position(|(name, _)| is(name)) {
        return Source::Captured(n);
    }
    if let Some((_, Some(value))) = filled.places.iter().find(|(name, _)| is(name)) {
        return Source::Fixed(Val::from(value.clone()));
    }
    if is(options::ALL) {
        return Source::Fixed(options.clone());
    }
    let option = profile.options.keys().find(|name| is(name));
    Source::Fixed(option.map_or(Val::Null, |name| settled.value(profile, name)))
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
