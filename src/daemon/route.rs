//! From a message to what it means for which sensors.

use ring::hmac;

use super::topics::Topics;
use crate::config::Config;
use crate::device::binding::Binding;
use crate::device::budget::Budget;
use crate::device::decode::{Decoded, Refusal};
use crate::domain::commit::PacketMark;
use crate::domain::time::Mono;
use crate::engine::{Input, Packet};
use crate::mqtt::session::Message;

/// Knows which sensor listens to which topic; buttons are numbered after the sensors.
pub(super) struct Router {
    bindings: Vec<Binding>,
    budgets: Vec<Budget>,
    marker: String,
    topics: Topics,
    marks: hmac::Key,
}

impl Router {
    /// `secret` keys the marks of packets, so that a mark in a leaked store cannot be tried against guessed payloads.
    pub(super) fn new(config: &Config, secret: &[u8; 32]) -> Self {
        let buttons = config.buttons.iter().map(|b| b.binding.clone());
        let bindings = config.sensors.iter().map(|s| s.binding.clone()).chain(buttons).collect();
        Self::of(bindings, super::plan::marker_topic(&config.shop.id), secret)
    }

    fn of(bindings: Vec<Binding>, marker: String, secret: &[u8; 32]) -> Self {
        Self {
            budgets: vec![Budget::new(Mono::default()); bindings.len()],
            bindings,
            marker,
            topics: Topics::default(),
            marks: hmac::Key::new(hmac::HMAC_SHA256, secret),
        }
    }

    /// Decodes a message. A marker is two inputs: the marker, and a packet that means nothing and waits for its acknowledgement
    /// like every other.
    pub(super) fn inputs(&mut self, message: &Message, now: Mono) -> (Option<Input>, Input) {
        let marker = (message.topic == self.marker)
            .then(|| std::str::from_utf8(&message.payload).ok()?.parse().ok().map(Input::Marker))
            .flatten();
        let heard = if marker.is_some() { Vec::new() } else { self.decode(message, now) };
        let packet = Packet {
            epoch: message.epoch,
            mark: self.mark(message),
            dup: message.dup,
            replayed: message.replayed,
            heard,
        };
        (marker, Input::Packet(packet))
    }

    fn decode(&mut self, message: &Message, now: Mono) -> Vec<(usize, Decoded)> {
        let Self { bindings, budgets, topics, .. } = self;
        let find = || {
            let listens = |(index, b): (usize, &Binding)| b.matches(&message.topic).then_some(index);
            bindings.iter().enumerate().filter_map(listens).collect()
        };
        let decode = |&index: &usize| {
            let decoded = if budgets[index].spend(message.payload.len(), now) {
                bindings[index].decode(&message.topic, &message.payload, message.replayed)
            } else {
                Decoded::Refused(Refusal::Flood)
            };
            (index, decoded)
        };
        topics.listening(&message.topic, find).iter().map(decode).collect()
    }

    /// One mark is compared for each id, so that eight bytes make a wrong match a matter of one in 2^64.
    fn mark(&self, message: &Message) -> PacketMark {
        let mut context = hmac::Context::with_key(&self.marks);
        context.update(message.topic.as_bytes());
        context.update(&[0]);
        context.update(&message.payload);
        let tag = context.sign();
        let eight = tag.as_ref().first_chunk().expect("HMAC-SHA256 has 32 bytes");
        PacketMark { id: message.id, hash: u64::from_be_bytes(*eight) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::device::binding::OptionValue;
    use crate::device::budget::{BURST, REFILL_PER_SECOND};
    use crate::device::catalog::Catalogue;

    fn bind(profile: &str, topic: &str, options: &[(&str, &str)]) -> Binding {
        let options: BTreeMap<String, OptionValue> =
            options.iter().map(|(name, value)| ((*name).to_owned(), OptionValue::Text((*value).to_owned()))).collect();
        Binding::new(Catalogue::builtin().get(profile).unwrap(), topic, &options).unwrap()
    }

    fn router() -> Router {
        let door = |topic| bind("json", topic, &[("mode", "crossing"), ("in", "/in")]);
        Router::of(
            vec![door("front"), door("back"), bind("esphome", "node", &[("entity", "e")])],
            "marker".into(),
            &[1; 32],
        )
    }

    fn message(topic: &str, payload: &str) -> Message {
        let payload = payload.to_owned().into();
        Message { epoch: 1, topic: topic.to_owned(), payload, id: 0, dup: false, replayed: false }
    }

    fn heard(router: &mut Router, message: &Message, now: Mono) -> Vec<(usize, Decoded)> {
        let (None, Input::Packet(packet)) = router.inputs(message, now) else { panic!("not a packet") };
        packet.heard
    }

    #[test]
    fn a_sensor_that_floods_is_refused_and_the_others_are_heard() {
        let mut router = router();
        let (flood, other) = (message("front", r#"{"in":1}"#), message("back", r#"{"in":1}"#));
        let mut taken = 0;
        for n in 0..(BURST + 20_000) {
            // Ten messages a millisecond.
            let now = Mono(1_000_000 + (n / 10) as i64);
            let heard = heard(&mut router, &flood, now);
            taken += u64::from(heard[0].1 != Decoded::Refused(Refusal::Flood));
        }
        let refilled = (BURST + 20_000) / 10 * REFILL_PER_SECOND / 1000;
        assert!(taken < BURST + refilled + 1 && taken >= BURST, "{taken}");
        let heard = heard(&mut router, &other, Mono(1_020_000));
        assert!(matches!(heard[..], [(1, Decoded::Readings(_))]), "{heard:?}");
    }

    #[test]
    fn a_hundred_thousand_topics_leave_nothing_behind() {
        let mut router = router();
        for n in 0..100_000 {
            let made_up = message(&format!("stranger/{n}/state"), "ON");
            assert!(heard(&mut router, &made_up, Mono(n)).is_empty());
        }
        assert_eq!(router.topics.remembered(), 0);
        let known = message("node/status", "online");
        assert_eq!(heard(&mut router, &known, Mono(100_000)).len(), 1);
        assert_eq!(router.topics.remembered(), 1);
    }
}
