//! Why a message becomes what it becomes, step by step, for the technician who writes a profile.
//!
//! Only here are payloads put into words; nothing of this runs in the daemon.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::binding::{Binding, Bound, OptionProblem, OptionValue, Route};
use super::decode::{self, Decoded, Refusal};
use super::file::Retain;
use super::payload::{self, PayloadKind};
use super::profile::{Profile, variable};
use super::space::{Ground, Space};
use super::template::{Part, Template};
use super::value;

/// One step: a word for it and what happened.
pub type Step = (&'static str, String);

/// The way of one message through a profile.
pub struct Trace {
    /// Every step, in order.
    pub steps: Vec<Step>,
    /// What came out.
    pub decoded: Decoded,
}

/// The sensor's topic that `topic` most likely belongs to, with the options under which it does: the profile's example, or what
/// the topics of the profile leave open when they are laid over `topic`. Gives back the problems of the options if none fits.
pub fn sensor_of(
    profile: &Arc<Profile>,
    topic: &str,
    given: &BTreeMap<String, OptionValue>,
) -> Result<Binding, Vec<OptionProblem>> {
    let example = profile.example.as_ref();
    let with_example = |mut options: BTreeMap<String, OptionValue>| {
        for (name, value) in example.iter().flat_map(|example| &example.options) {
            options.entry(name.clone()).or_insert_with(|| value.clone());
        }
        options
    };
    let templates = profile.rules.iter().map(|rule| &rule.topic).chain(profile.links.iter().map(|link| &link.topic));
    let guesses = templates.filter_map(|template| guess(profile, template, topic));
    let above =
        topic.char_indices().rev().filter(|(_, c)| *c == '/').map(|(at, _)| (topic[..at].to_owned(), BTreeMap::new()));
    let example_topic = example.map(|example| (example.topic.clone(), BTreeMap::new()));
    let candidates: Vec<(String, BTreeMap<String, OptionValue>)> =
        example_topic.into_iter().chain(guesses).chain(above).collect();
    let mut problems = None;
    for (candidate, captured) in &candidates {
        let mut options = given.clone();
        for (name, value) in captured {
            options.entry(name.clone()).or_insert_with(|| value.clone());
        }
        for options in [options.clone(), with_example(options)] {
            match Binding::new(profile, candidate, &options) {
                Ok(binding) if binding.0.speaks(topic) => return Ok(binding),
                Ok(_) => {}
                Err(wrong) => _ = problems.get_or_insert(wrong),
            }
        }
    }
    let any = candidates.get(1).or(candidates.first()).map_or(topic, |(candidate, _)| candidate);
    match Binding::new(profile, any, &with_example(given.clone())) {
        Ok(binding) => Ok(binding),
        Err(wrong) => Err(problems.unwrap_or(wrong)),
    }
}

/// The sensor's topic for which `template` becomes `topic`, with the options whose places it fills.
fn guess(profile: &Profile, template: &Template, topic: &str) -> Option<(String, BTreeMap<String, OptionValue>)> {
    let mut places = BTreeMap::new();
    if !lay(template.parts(), topic, &mut places) {
        return None;
    }
    let get = |name: &str| places.get(name).copied();
    let sensor = get("topic").map(str::to_owned).or_else(|| {
        let before = get("parent").or_else(|| get("first"))?;
        Some(format!("{before}/{}", get("name").unwrap_or("any")))
    })?;
    let options = places.iter().filter(|(name, _)| profile.options.contains_key(**name));
    Some((sensor, options.map(|(name, value)| ((*name).to_owned(), OptionValue::Text((*value).to_owned()))).collect()))
}

/// Lays the parts of a template over a text; the longest way comes first.
fn lay<'t>(parts: &'t [Part], text: &'t str, places: &mut BTreeMap<&'t str, &'t str>) -> bool {
    let Some((part, rest)) = parts.split_first() else { return text.is_empty() };
    match part {
        Part::Text(fixed) => text.strip_prefix(fixed.as_str()).is_some_and(|text| lay(rest, text, places)),
        Part::Place(name) | Part::Tail(name) => {
            let many = matches!(part, Part::Tail(_)) || name == "topic" || name == "parent";
            let ends = text.char_indices().map(|(at, c)| at + c.len_utf8()).collect::<Vec<_>>();
            ends.into_iter().rev().any(|end| {
                let (value, after) = text.split_at(end);
                if !many && value.contains('/') {
                    return false;
                }
                let fits = lay(rest, after, places);
                if fits {
                    places.insert(name, value);
                }
                fits
            })
        }
    }
}

/// Follows one message.
#[must_use]
pub fn trace(binding: &Binding, topic: &str, payload: &[u8], replayed: bool) -> Trace {
    let bound = &*binding.0;
    let mut steps = bound.sensor();
    steps.extend(bound.way(topic, payload, replayed));
    Trace { steps, decoded: binding.decode(topic, payload, replayed) }
}

impl Bound {
    /// Whether a rule, a link or a rejection concerns the topic.
    fn speaks(&self, topic: &str) -> bool {
        self.rejection(topic).is_some() || self.link(topic).is_some() || self.route(topic).is_some()
    }

    fn sensor(&self) -> Vec<Step> {
        vec![
            ("profile", format!("{}: {}", self.profile.name, self.profile.title)),
            ("sensor", self.topic.clone()),
            ("listens to", self.subscriptions.join(", ")),
        ]
    }

    fn way(&self, topic: &str, payload: &[u8], replayed: bool) -> Vec<Step> {
        if let Some(n) = self.rejection(topic) {
            return vec![("topic", format!("fits number {} of the reject list; the payload is not looked at", n + 1))];
        }
        let mut steps = Vec::new();
        if !self.filters.iter().any(|filter| filter.matches(topic)) {
            steps.push(("topic", "is not subscribed: the daemon would never receive it".to_owned()));
        }
        let limit = self.profile.payload_limit;
        let too_large = (payload.len() > limit)
            .then(|| ("payload", format!("has {} bytes, and payload-limit is {limit}", payload.len())));
        match (self.link(topic), self.route(topic)) {
            _ if payload.is_empty() => steps.push(("payload", "is empty, which says nothing".to_owned())),
            (Some(link), _) => {
                steps.push((
                    "link",
                    format!("online: {}; offline: {}", link.online.join(", "), link.offline.join(", ")),
                ));
                steps.extend(too_large);
            }
            (None, Some(route)) => {
                steps.extend(self.rule_step(route, topic));
                match too_large {
                    Some(step) => steps.push(step),
                    None => steps.extend(self.run_steps(route, topic, payload, replayed)),
                }
            }
            (None, None) => {
                steps.push(("topic", format!("fits none of the {} rules under these options", self.routes.len())));
            }
        }
        steps
    }

    fn rule_step(&self, route: &Route, topic: &str) -> Vec<Step> {
        let rule = self.rule(route);
        let number = self.profile.rules.iter().position(|known| std::ptr::eq(known, rule)).map_or(0, |n| n + 1);
        let retain = if rule.retain == Retain::State { "state" } else { "event" };
        let values = Self::variables(route, topic);
        let named = rule.readings.variables().iter().zip(values);
        let all = variable(super::options::ALL);
        let named: Vec<_> =
            named.filter(|(name, _)| **name != all).map(|(name, value)| format!("{name} = {value}")).collect();
        let rule = ("rule", format!("number {number}, {}, {retain}", rule.topic));
        if named.is_empty() { vec![rule] } else { vec![rule, ("with", named.join(", "))] }
    }

    fn run_steps(&self, route: &Route, topic: &str, payload: &[u8], replayed: bool) -> Vec<Step> {
        let rule = self.rule(route);
        if replayed && rule.retain == Retain::Event {
            return vec![("retained", "a retained copy of an event is refused: it happened long ago".to_owned())];
        }
        if let Err(what) = readable(rule.payload, payload) {
            return vec![("payload", what)];
        }
        let mut steps = Vec::new();
        let ran = rule.readings.run(rule.payload, payload, &Self::variables(route, topic), &mut |output| {
            steps.push(match output {
                Err(error) => ("failed", error.to_string()),
                Ok(value) => {
                    let what = match decode::reading(value, self.profile.omitted) {
                        Ok(Some(_)) => "yields",
                        Ok(None) => "says nothing",
                        Err(_) => "no reading",
                    };
                    (what, value::words(value))
                }
            });
            if steps.len() > decode::MAX_READINGS { Err(Refusal::TooMany) } else { Ok(()) }
        });
        if let Err(refusal) = ran {
            steps.push(("refused", format!("{}: more values or steps than any device needs", refusal.word())));
        }
        if steps.is_empty() {
            steps.push(("yields", "nothing".to_owned()));
        }
        if self.invert {
            steps.push(("invert", "in and out change places".to_owned()));
        }
        steps
    }
}

/// What is wrong with a payload that is not of its kind.
fn readable(kind: PayloadKind, payload: &[u8]) -> Result<(), String> {
    let all = &super::needed::Needed::everything();
    let ground = Ground::new();
    match payload::read(kind, payload, all, &Space::new(&ground, 0)) {
        Err(Refusal::Malformed) => Err(match serde_json::from_slice::<serde_json::Value>(payload) {
            _ if std::str::from_utf8(payload).is_err() => "is no UTF-8 text".to_owned(),
            Err(error) if kind != PayloadKind::Text => format!("is no JSON: {error}"),
            Ok(_) | Err(_) => "nests too deeply".to_owned(),
        }),
        Ok(_) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::catalog::Catalogue;
    use super::super::words;
    use super::*;

    #[test]
    fn a_message_is_tried_on_the_sensor_that_it_most_likely_belongs_to() {
        let catalogue = Catalogue::builtin();
        for (profile, topic, payload, said) in [
            ("frigate", "frigate/yard/person", "2", "presence count=2"),
            ("tasmota", "tele/radar/SENSOR", r#"{"LD2410S":{"People":2}}"#, "presence occupied=true"),
            ("zigbee2mqtt", "zb6/h6/T1", r#"{"contact":false}"#, "contact open=true"),
            ("viseron", "cams/binary_sensor/porch_motion_detected/state", r#"{"state":"on"}"#, "motion active=true"),
            ("esphome", "till/sensor/battery_level/state", "87", "battery pct=87"),
            ("irisys", "irisys/1/targets", "x", "refused privacy"),
        ] {
            let profile = catalogue.get(profile).unwrap();
            let binding = sensor_of(profile, topic, &BTreeMap::new()).unwrap();
            assert_eq!(words::of(&trace(&binding, topic, payload.as_bytes(), false).decoded), said, "{topic}");
        }
    }
}
