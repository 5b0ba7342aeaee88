//! What it costs to decode one message, family by family: every message of the cases in `tests/profiles`, many times over.
//! Prints the median and the dearest message of each kind of payload; judges nothing.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints, and ends where it cannot go on")]

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use noticed::device::cases::Cases;
use noticed::device::catalog::Catalogue;

/// Times each message is decoded in one measurement, so that the clock's own cost does not show.
const DECODED: u32 = 200;

/// Measurements of each message; their median is what it costs.
const MEASURED: usize = 25;

fn main() {
    let catalogue = Catalogue::builtin();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/profiles");
    println!(
        "{:<20} {:>8} {:>12} {:>12}   {:>8} {:>12} {:>12}",
        "family", "JSON", "median µs", "dearest µs", "text", "median µs", "dearest µs"
    );
    for name in catalogue.names() {
        let text = std::fs::read_to_string(folder.join(format!("{name}.toml"))).unwrap();
        let cases = Cases::parse(&text).unwrap();
        let (mut json, mut plain) = (Vec::new(), Vec::new());
        for (binding, topic, payload) in cases.messages(catalogue.get(name).unwrap()) {
            let cost = median((0..MEASURED).map(|_| {
                let started = now();
                for _ in 0..DECODED {
                    black_box(binding.decode(black_box(topic), black_box(payload.as_bytes()), false));
                }
                started.elapsed() / DECODED
            }));
            let kind = if payload.starts_with(['{', '[']) { &mut json } else { &mut plain };
            kind.push(cost);
        }
        println!("{name:<20} {}   {}", summary(&json), summary(&plain));
    }
}

fn median(costs: impl IntoIterator<Item = Duration>) -> Duration {
    let mut costs: Vec<_> = costs.into_iter().collect();
    costs.sort_unstable();
    costs[costs.len() / 2]
}

fn summary(costs: &[Duration]) -> String {
    let Some(dearest) = costs.iter().max().copied() else { return format!("{:>8} {:>12} {:>12}", 0, "", "") };
    let micros = |cost: Duration| cost.as_secs_f64() * 1e6;
    format!("{:>8} {:>12.2} {:>12.2}", costs.len(), micros(median(costs.iter().copied())), micros(dearest))
}

/// The clock that this benchmark reads.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn now() -> Instant {
    Instant::now()
}
