//! Any text as a configuration: it is taken, or refused with problems that each have a place and a sentence.

#![no_main]

use libfuzzer_sys::fuzz_target;
use noticed::config::open;
use noticed_fuzz::{CATALOGUE, files, plant};

fuzz_target!(
    init: plant("config", ["config", "tests/it"].into_iter().flat_map(files).map(|(_, text)| text.into_bytes())),
    |text: &str| {
        if let Err(problems) = open::parse("noticed.toml", text, &CATALOGUE) {
            assert!(problems.to_string().contains("noticed.toml"), "{problems}");
        }
    }
);
