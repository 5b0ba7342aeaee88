//! The shipped profiles against payloads of real shape.

mod discover;
mod families;
mod oracle;
mod robust;
mod samples;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::binding::{Binding, OptionProblem, OptionValue};
use super::catalog::Catalogue;
use super::decode::Decoded;
use super::words;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::builtin);

/// Options as a test writes them: `line=1 invert=true`.
fn options(text: &str) -> BTreeMap<String, OptionValue> {
    let pairs = text.split_whitespace().filter_map(|pair| pair.split_once('='));
    let value = |value: &str| match value {
        "true" => OptionValue::Bool(true),
        "false" => OptionValue::Bool(false),
        text => OptionValue::Text(text.to_owned()),
    };
    pairs.map(|(name, text)| (name.to_owned(), value(text))).collect()
}

fn try_bind(profile: &str, topic: &str, given: &str) -> Result<Binding, Vec<OptionProblem>> {
    Binding::new(CATALOGUE.get(profile).expect("the tests name shipped profiles"), topic, &options(given))
}

fn bind(profile: &str, topic: &str, given: &str) -> Binding {
    try_bind(profile, topic, given).unwrap()
}

/// What came out, in words.
fn said(decoded: &Decoded) -> String {
    words::of(decoded)
}
