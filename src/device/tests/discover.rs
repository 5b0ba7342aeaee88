//! Devices are recognised by the messages of the shipped profiles' own cases.

use std::collections::BTreeSet;
use std::path::Path;

use super::super::binding::Binding;
use super::super::cases::Cases;
use super::super::decode::{Decoded, Refusal};
use super::super::discover::Discovery;
use super::super::template::Pattern;
use super::CATALOGUE;

/// Profiles whose topics and payloads are whatever an installer says, so that nothing in a message tells them from others; and
/// the gateway whose topics hold the addresses of customers' telephones.
const UNRECOGNISED: &[&str] = &["json", "text", "theengs"];

/// Every live message of a profile's cases: who hears it, its topic, its payload.
fn messages(name: &str) -> Vec<(Binding, String, String)> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/profiles/{name}.toml"));
    let cases = Cases::parse(&std::fs::read_to_string(file).unwrap()).unwrap();
    let messages = cases.messages(CATALOGUE.get(name).unwrap());
    messages.into_iter().map(|(binding, topic, payload)| (binding, topic.to_owned(), payload.to_owned())).collect()
}

/// Sends what a broker would: only topics that are listened to. Twice, because some topics are known only then.
fn play(discovery: &mut Discovery, messages: &[(Binding, String, String)]) {
    for _ in 0..2 {
        for (_, topic, payload) in messages {
            if discovery.filters().iter().any(|filter| Pattern::of(filter).matches(topic)) {
                discovery.hear(topic, payload.as_bytes(), false);
            }
        }
    }
}

#[test]
fn every_family_is_recognised_by_its_own_messages() {
    let mut missed = Vec::new();
    for name in CATALOGUE.names() {
        let mut discovery = Discovery::new(&CATALOGUE);
        let messages = messages(name);
        // Where a family's topics are free, a technician points at them.
        for topic in messages.iter().map(|(_, topic, _)| topic).collect::<BTreeSet<_>>() {
            if discovery.point(topic) {
                for (_, _, payload) in messages.iter().filter(|(_, t, _)| t == topic) {
                    discovery.hear(topic, payload.as_bytes(), false);
                }
            }
        }
        play(&mut discovery, &messages);
        let recognised = discovery.finish().0.iter().any(|found| found.profile == name);
        if recognised == UNRECOGNISED.contains(&name) {
            missed.push(name);
        }
    }
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn no_family_listens_to_what_another_refuses_for_privacy() {
    let all: Vec<_> = CATALOGUE.names().into_iter().flat_map(messages).collect();
    let mut discovery = Discovery::new(&CATALOGUE);
    play(&mut discovery, &all);
    let filters = discovery.filters();
    let refused = |(binding, topic, payload): &&(Binding, String, String)| {
        binding.decode(topic, payload.as_bytes(), false) == Decoded::Refused(Refusal::Privacy)
    };
    let mut private = 0;
    for (_, topic, _) in all.iter().filter(refused) {
        private += 1;
        let listening = filters.iter().find(|filter| Pattern::of(filter).matches(topic));
        assert!(listening.is_none(), "{topic} would come by {}", listening.unwrap());
    }
    assert!(private > 50, "{private}");
}

#[test]
fn a_technician_is_kept_from_the_pictures_of_every_device_not_only_of_the_example() {
    let mut discovery = Discovery::new(&CATALOGUE);
    for filter in [
        "neolink/backyard/+/preview",
        "neolink/backyard/#",
        "ring/4711/camera/0815/snapshot/image",
        "BlueIris/garage/+",
        "axis/00408C000001/event/tnsaxis/CameraApplicationPlatform/+",
    ] {
        assert!(!discovery.point(filter), "{filter}");
    }
    for filter in ["shop/counters/+", "neolink/backyard/status", "milesight/door"] {
        assert!(discovery.point(filter), "{filter}");
    }
}
