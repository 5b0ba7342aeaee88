//! From a message to what it means for which sensors.

use std::collections::HashMap;

use ring::hmac;

use crate::config::Config;
use crate::device::binding::Binding;
use crate::device::decode::Decoded;
use crate::domain::commit::PacketMark;
use crate::engine::{Input, Packet};
use crate::mqtt::session::Message;

/// Topics whose sensors are remembered. A shop has a few hundred; a flood of made-up topics only costs the lookup each time.
const TOPICS_REMEMBERED: usize = 1024;

/// Knows which sensor listens to which topic.
pub(super) struct Router {
    bindings: Vec<Binding>,
    marker: String,
    topics: HashMap<String, Vec<usize>>,
    marks: hmac::Key,
}

impl Router {
    /// `secret` keys the marks of packets, so that a mark in a leaked store cannot be tried against guessed payloads.
    pub(super) fn new(config: &Config, secret: &[u8; 32]) -> Self {
        Self {
            bindings: config.sensors.iter().map(|s| s.binding.clone()).collect(),
            marker: super::plan::marker_topic(&config.shop.id),
            topics: HashMap::new(),
            marks: hmac::Key::new(hmac::HMAC_SHA256, secret),
        }
    }

    /// Decodes a message. A marker is two inputs: the marker, and a packet that means nothing and waits for its acknowledgement
    /// like every other.
    pub(super) fn inputs(&mut self, message: &Message) -> (Option<Input>, Input) {
        let marker = (message.topic == self.marker)
            .then(|| std::str::from_utf8(&message.payload).ok()?.parse().ok().map(Input::Marker))
            .flatten();
        let heard = if marker.is_some() { Vec::new() } else { self.decode(message) };
        let packet = Packet {
            epoch: message.epoch,
            mark: self.mark(message),
            dup: message.dup,
            replayed: message.replayed,
            heard,
        };
        (marker, Input::Packet(packet))
    }

    fn decode(&mut self, message: &Message) -> Vec<(usize, Decoded)> {
        if self.topics.len() >= TOPICS_REMEMBERED && !self.topics.contains_key(&message.topic) {
            self.topics.clear();
        }
        let listening = self.topics.entry(message.topic.clone()).or_insert_with(|| {
            let listens = |(index, b): (usize, &Binding)| b.matches(&message.topic).then_some(index);
            self.bindings.iter().enumerate().filter_map(listens).collect()
        });
        let decode =
            |&index: &usize| (index, self.bindings[index].decode(&message.topic, &message.payload, message.replayed));
        listening.iter().map(decode).collect()
    }

    /// Eight bytes among a thousand packets of the same id make a wrong match a matter of one in 2^64.
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
