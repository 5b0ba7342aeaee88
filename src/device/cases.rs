//! Fixtures of a profile: messages and what must come of them, as data.
//!
//! Shipped profiles are tested by them, and technicians can test their own with `noticed profile test PROFILE --cases FILE`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Deserialize;

use super::binding::{Binding, OptionValue};
use super::profile::Profile;
use super::words;

/// A file of cases; docs/device-profiles.md explains it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Cases {
    sensor: Vec<SensorCases>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct SensorCases {
    topic: String,
    #[serde(default)]
    options: BTreeMap<String, toml::Value>,
    #[serde(default)]
    messages: Vec<Case>,
    #[serde(default)]
    replayed: Vec<Case>,
    #[serde(default)]
    hex: Vec<Case>,
    subscriptions: Option<Vec<String>>,
    switch: Option<(String, String, String)>,
}

/// Topic, payload, what comes of it.
type Case = (String, String, String);

/// A case that came out otherwise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mismatch {
    /// The sensor's topic.
    pub sensor: String,
    /// What was tried: a topic and its payload, or a property of the sensor.
    pub tried: String,
    /// What the file says.
    pub expected: String,
    /// What came.
    pub got: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sensor, tried, expected, got } = self;
        write!(f, "sensor {sensor}: {tried}\n  expected  {expected}\n  got       {got}")
    }
}

/// What came of a file of cases.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Outcome {
    /// How many things were compared.
    pub compared: usize,
    /// Those that came out otherwise.
    pub mismatches: Vec<Mismatch>,
}

impl Cases {
    /// Reads a file of cases; the error is a sentence with its place.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    /// Compares every case with what `profile` makes of it.
    #[must_use]
    pub fn run(&self, profile: &Arc<Profile>) -> Outcome {
        let mut outcome = Outcome::default();
        for sensor in &self.sensor {
            sensor.run(profile, &mut outcome);
        }
        outcome
    }

    /// Every sensor that can be bound.
    #[must_use]
    pub fn sensors(&self, profile: &Arc<Profile>) -> Vec<Binding> {
        self.sensor.iter().filter_map(|sensor| sensor.bind(profile).ok()).collect()
    }

    /// Every message that is sent live, with the sensor that hears it: for measuring.
    #[must_use]
    pub fn messages(&self, profile: &Arc<Profile>) -> Vec<(Binding, &str, &str)> {
        let mut messages = Vec::new();
        for sensor in &self.sensor {
            let Ok(binding) = sensor.bind(profile) else { continue };
            let heard = sensor.messages.iter().map(|(topic, payload, _)| (binding.clone(), &**topic, &**payload));
            messages.extend(heard);
        }
        messages
    }
}

impl SensorCases {
    fn bind(&self, profile: &Arc<Profile>) -> Result<Binding, String> {
        let mut options = BTreeMap::new();
        for (name, value) in &self.options {
            let value =
                OptionValue::of_toml(value).ok_or_else(|| format!("the option {name} is of no possible kind"))?;
            options.insert(name.clone(), value);
        }
        Binding::new(profile, &self.topic, &options).map_err(|problems| {
            let told = problems.iter().map(|p| format!("{}: {}", p.option.as_deref().unwrap_or("topic"), p.what));
            told.collect::<Vec<_>>().join("; ")
        })
    }

    fn run(&self, profile: &Arc<Profile>, outcome: &mut Outcome) {
        let mut compare = |tried: String, expected: String, got: String| {
            outcome.compared += 1;
            if got != expected {
                outcome.mismatches.push(Mismatch { sensor: self.topic.clone(), tried, expected, got });
            }
        };
        let binding = match self.bind(profile) {
            Ok(binding) => binding,
            Err(got) => return compare("topic and options".to_owned(), "accepted".to_owned(), got),
        };
        for (cases, replayed) in [(&self.messages, false), (&self.replayed, true)] {
            for (topic, payload, expected) in cases {
                let got = words::of(&binding.decode(topic, payload.as_bytes(), replayed));
                compare(format!("{topic} {payload}"), expected.clone(), got);
            }
        }
        for (topic, digits, expected) in &self.hex {
            let got = bytes(digits).map_or_else(
                || "an even number of hexadecimal digits is needed".to_owned(),
                |payload| words::of(&binding.decode(topic, &payload, false)),
            );
            compare(format!("{topic} 0x{digits}"), expected.clone(), got);
        }
        if let Some(expected) = &self.subscriptions {
            let mut expected = expected.clone();
            expected.sort_unstable();
            compare("subscriptions".to_owned(), expected.join(" "), binding.subscriptions().join(" "));
        }
        if let Some((topic, on, off)) = &self.switch {
            let command =
                |on| binding.switch(on).map_or_else(|| "none".to_owned(), |c| format!("{} {}", c.topic, c.payload));
            compare("switched on by".to_owned(), format!("{topic} {on}"), command(true));
            compare("switched off by".to_owned(), format!("{topic} {off}"), command(false));
        }
    }
}

/// Bytes of hexadecimal digits.
#[must_use]
pub fn bytes(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok().filter(|_| pair.len() == 2)).collect()
}
