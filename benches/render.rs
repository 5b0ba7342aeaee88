//! What it costs to draw a sign: time from words to checked files for each size of panel, and how much memory that takes for a moment and
//! for good. Prints figures (memory from /proc/self/status, proc(5)); judges nothing.
//!
//! `cargo bench --bench render` runs it.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints, and ends where it cannot go on")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use noticed::domain::id::ActivityId;
use noticed::domain::notice::SignState;
use noticed::domain::text::Language;
use noticed::notice::copy::copy;
use noticed::notice::wording::Wordings;
use noticed::sign::font::Fonts;
use noticed::sign::panel::{Ink, Panel};
use noticed::sign::picture::picture;

#[path = "../tests/it/facts.rs"]
mod facts;

/// Pictures of each kind; their median is told.
const DRAWN: usize = 15;

fn main() {
    let facts = facts::facts();
    let state = SignState::Active(vec![ActivityId::new("footfall")]);
    let polish = Language::parse("pl").unwrap();
    let before = kb("VmRSS:");
    let (wordings, fonts) = (Wordings::builtin(), Fonts::embedded());
    let words = copy(&wordings, &facts, &state, polish);
    println!("fonts and wordings, kept            {:>8} kB", kb("VmRSS:") - before);

    let before = kb("VmRSS:");
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let started = now();
    let first = picture(Panel::TRMNL, &words, &fonts).unwrap();
    println!("first 800x480-bw                    {:>8.2} ms", millis(started.elapsed()));
    println!("  memory at the most                {:>8} kB more", kb("VmHWM:") - before);
    let files = first.png.len() + first.bmp.len() + first.jpeg.len() + first.raw.len();
    drop(first);
    println!("  memory when it is dropped         {:>8} kB more ({files} bytes of files)", kb("VmRSS:") - before);

    for (width, height) in Panel::SIZES {
        for ink in [Ink::BlackWhite, Ink::Grey16, Ink::Spectra6] {
            let panel = Panel::new(width, height, ink);
            let mut times: Vec<Duration> = (0..DRAWN)
                .map(|_| {
                    let started = now();
                    black_box(picture(panel, &words, &fonts).unwrap());
                    started.elapsed()
                })
                .collect();
            times.sort_unstable();
            let drawn = picture(panel, &words, &fonts).unwrap();
            let [png, bmp, jpeg, raw] = [drawn.png, drawn.bmp, drawn.jpeg, drawn.raw].map(|file| file.len());
            println!(
                "{:<20} {:>8.2} ms   png {png:>7}  bmp {bmp:>7}  jpeg {jpeg:>7}  raw {raw:>7} bytes",
                panel.to_string(),
                millis(times[DRAWN / 2])
            );
        }
    }
}

fn kb(name: &str) -> i64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The clock that this benchmark reads.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn now() -> Instant {
    Instant::now()
}
