//! Any sequence of messages to discovery: whatever it hears, it never asks for a filter that could bring what is private.
//!
//! Input: messages with a byte 0x1e between them, each a topic, a byte 0x1f and a payload. A topic that begins with `?` is a
//! filter that a technician points at.

#![no_main]

use std::collections::BTreeSet;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use noticed::device::binding::Binding;
use noticed::device::decode::{Decoded, Refusal};
use noticed::device::discover::{Discovery, FOUND_MAX};
use noticed_fuzz::{CATALOGUE, SAMPLES, plant};

/// Topics of the cases that are refused unread.
static PRIVATE: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    let private =
        |binding: &Binding, topic: &str| binding.decode(topic, b"x", false) == Decoded::Refused(Refusal::Privacy);
    SAMPLES.iter().filter(|s| private(&s.binding, &s.topic)).map(|s| s.topic.as_str()).collect()
});

fuzz_target!(init: plant("discover", seeds()), |data: &[u8]| {
    let mut discovery = Discovery::new(&CATALOGUE);
    let mut filters: BTreeSet<String> = discovery.filters().into_iter().collect();
    for message in data.split(|byte| *byte == 0x1e).take(24) {
        let end = message.iter().position(|byte| *byte == 0x1f).unwrap_or(message.len());
        let Ok(topic) = std::str::from_utf8(&message[..end]) else { continue };
        let payload = message.get(end + 1..).unwrap_or_default();
        if let Some(filter) = topic.strip_prefix('?') {
            if discovery.point(filter) {
                filters.insert(filter.to_owned());
            }
            continue;
        }
        filters.extend(discovery.hear(topic, payload, payload.len() % 2 == 1));
    }
    for filter in &filters {
        let brought = PRIVATE.iter().find(|topic| matches(filter, topic));
        assert!(brought.is_none(), "{filter} brings {brought:?}");
    }
    let (found, _) = discovery.finish();
    assert!(found.len() <= FOUND_MAX);
    for sensor in found {
        let profile = CATALOGUE.get(&sensor.profile).expect("what is proposed is known");
        let bound = Binding::new(profile, &sensor.topic, &sensor.options);
        assert!(bound.is_ok(), "what is proposed is accepted: {bound:?}");
    }
});

/// MQTT 3.1.1 §4.7.
fn matches(filter: &str, topic: &str) -> bool {
    let (mut filter, mut topic) = (filter.split('/'), topic.split('/'));
    loop {
        match (filter.next(), topic.next()) {
            (None, None) | (Some("#"), _) => return true,
            (Some(asked), Some(level)) if asked == "+" || asked == level => {}
            _ => return false,
        }
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let all: Vec<_> = SAMPLES.iter().map(|s| [s.topic.as_bytes(), &[0x1f], s.payload.as_bytes()].concat()).collect();
    let few = all.chunks(4).map(|messages| messages.join(&0x1e));
    let many = all.chunks(24).map(|messages| [&b"?site/+/state\x1e"[..], &messages.join(&0x1e)].concat());
    few.chain(many).collect()
}
