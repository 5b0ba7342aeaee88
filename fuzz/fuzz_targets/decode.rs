//! Any message to any sensor of the cases: decoding never panics, never takes long, and never yields more than is documented.
//!
//! Input: two bytes choose a sensor with a topic, one the topic (bits 0–1) and whether the message is replayed (bit 2); the rest
//! is the payload, before which a topic of its own may stand in a line.

#![no_main]

use libfuzzer_sys::fuzz_target;
use noticed::device::decode::{Decoded, Refusal};
use noticed_fuzz::{SAMPLES, decode_within_bounds, plant};

fuzz_target!(
    init: plant("decode", SAMPLES.iter().enumerate().map(|(n, sample)| {
        [&(n as u16).to_le_bytes(), &[0][..], sample.payload.as_bytes()].concat()
    })),
    |data: &[u8]| {
        let [low, high, how, payload @ ..] = data else { return };
        let sample = &SAMPLES[usize::from(u16::from_le_bytes([*low, *high])) % SAMPLES.len()];
        let (topic, payload) = match how % 4 {
            0 | 1 => (sample.topic.clone(), payload),
            2 => {
                let filters = sample.binding.subscriptions();
                (filters[usize::from(how / 8) % filters.len()].replace('+', "x"), payload)
            }
            _ => {
                let end = payload.iter().position(|byte| *byte == b'\n').unwrap_or(payload.len());
                (String::from_utf8_lossy(&payload[..end]).into_owned(), payload.get(end + 1..).unwrap_or_default())
            }
        };
        let replayed = how & 4 != 0;
        let decoded = decode_within_bounds(&sample.binding, &topic, payload, replayed);
        assert_eq!(decoded, sample.binding.decode(&topic, payload, replayed), "the same message says the same");
        if matches!(decoded, Decoded::Readings(_)) {
            assert!(sample.binding.matches(&topic), "{} heard {topic}, to which it does not listen", sample.profile);
        }
        // What is private is refused whatever it holds.
        let private = |payload: &[u8]| sample.binding.decode(&topic, payload, replayed) == Decoded::Refused(Refusal::Privacy);
        assert_eq!(private(payload), private(b""));
    }
);
