//! What it costs to check the ledger of a year: a shop with four signs, polled every quarter of an hour, and a key for each of 366
//! days. Prints figures; judges nothing.
//!
//! `cargo bench --bench verify` runs it.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints, and ends where it cannot go on")]

use std::hint::black_box;
use std::time::Instant;

use noticed::ledger::verify::{Circumstances, Seen, verify};
use noticed::{domain, ledger};

#[path = "../src/ledger/tests/year.rs"]
mod year;

/// Runs of each kind; their median is told.
const RUNS: usize = 9;

fn main() {
    let shop = year::days(1, 366);
    let export = shop.log.export();
    let text = export.text();
    let kept = |note: &String| Seen { name: "kept".to_owned(), note: note.clone() };
    let monthly =
        Circumstances { seen: export.checkpoints.iter().step_by(30).map(kept).collect(), ..Circumstances::default() };
    println!("entries                             {:>8}", export.entries.len());
    println!("checkpoints, each by its own key    {:>8}", export.checkpoints.len());
    println!("file                                {:>8} kB", text.len() / 1000);
    println!("verified                            {:>8.1} ms", millis(&text, &Circumstances::default()));
    println!("  beside {:>2} kept checkpoints        {:>8.1} ms", monthly.seen.len(), millis(&text, &monthly));
}

fn millis(text: &str, circumstances: &Circumstances) -> f64 {
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let started = now();
            black_box(verify(text, circumstances).unwrap());
            started.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}

/// The clock that this benchmark reads.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn now() -> Instant {
    Instant::now()
}
