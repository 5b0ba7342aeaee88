//! Any text as a device profile: it is refused with a place and a sentence, or it compiles, and then it can be bound and decodes
//! any message within the documented bounds.
//!
//! Input: a profile; after a line of `=====`, payloads with that line between them.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use noticed::device::binding::{Binding, OptionValue};
use noticed::device::catalog::Catalogue;
use noticed::device::discover::Discovery;
use noticed::device::profile::Profile;
use noticed_fuzz::{CATALOGUE, SAMPLES, decode_within_bounds, files, plant};

const BETWEEN: &str = "\n=====\n";

fuzz_target!(init: plant("profile", seeds()), |text: &str| {
    let mut parts = text.split(BETWEEN);
    let profile = parts.next().unwrap_or_default();
    let mut catalogue = Catalogue::empty();
    if let Err(error) = catalogue.add("x.toml", profile) {
        assert!(error.line >= 1 && error.column >= 1 && !error.what.is_empty(), "{error}");
        assert!(error.line <= profile.lines().count() + 1, "{error}");
        return;
    }
    let profile = catalogue.get("x").expect("it was added");
    let payloads: Vec<_> = parts.chain(["", "1", "ON", "{\"in\":1}", "[[1,2],{\"a\":\"b\"}]"]).take(16).collect();
    for binding in bindings(profile) {
        for filter in binding.subscriptions() {
            assert!(!filter.contains('#') && !filter.starts_with('+'), "{filter}");
            for payload in &payloads {
                decode_within_bounds(&binding, &filter.replace('+', "x"), payload.as_bytes(), false);
            }
        }
    }
    let mut discovery = Discovery::new(&catalogue);
    for payload in payloads {
        let filters = discovery.filters();
        assert!(filters.iter().all(|filter| !filter.contains('#')), "{filters:?}");
        for filter in filters.iter().take(8) {
            discovery.hear(&filter.replace('+', "x"), payload.as_bytes(), false);
        }
    }
});

/// As its own example says, and with a text for each option.
fn bindings(profile: &std::sync::Arc<Profile>) -> Vec<Binding> {
    let example = profile.example().and_then(|e| Binding::new(profile, &e.topic, &e.options).ok());
    let filled: BTreeMap<_, _> =
        profile.options().map(|(name, _)| (name.to_owned(), OptionValue::Text("a".to_owned()))).collect();
    let with = |options| Binding::new(profile, "a/b", options).ok();
    [example, with(&BTreeMap::new()), with(&filled)].into_iter().flatten().collect()
}

fn seeds() -> Vec<Vec<u8>> {
    assert!(!CATALOGUE.names().is_empty());
    let seed = |(file, text): (String, String)| {
        let name = file.trim_end_matches(".toml");
        let payloads = SAMPLES.iter().filter(|sample| sample.profile == name).map(|sample| sample.payload.clone());
        std::iter::once(text).chain(payloads.take(4)).collect::<Vec<_>>().join(BETWEEN).into_bytes()
    };
    files("config/profiles").into_iter().map(seed).collect()
}
