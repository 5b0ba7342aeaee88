//! The shipped profiles against payloads of real shape.

mod families;
mod robust;
mod samples;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::binding::{Binding, OptionProblem, OptionValue};
use super::catalog::Catalogue;
use super::decode::Decoded;
use crate::domain::reading::{Fact, Reading};

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

/// What came out, in the notation of facts: `crossing in=1 out=0 key=1; link online=false`.
fn said(decoded: &Decoded) -> String {
    match decoded {
        Decoded::Nothing => "none".to_owned(),
        Decoded::Refused(refusal) => format!("refused {}", refusal.word()),
        Decoded::Readings(readings) => readings.iter().map(in_words).collect::<Vec<_>>().join("; "),
    }
}

fn in_words(reading: &Reading) -> String {
    let mut words = match &reading.fact {
        Fact::Crossing { inward, outward } => format!("crossing in={inward} out={outward}"),
        Fact::Totals { inward, outward } => format!("totals in={inward} out={outward}"),
        Fact::Interval { inward, outward, from, to } => {
            let time = |at: i64| jiff::Timestamp::from_millisecond(at).unwrap();
            format!("interval in={inward} out={outward} from={} to={}", time(from.0), time(to.0))
        }
        Fact::Presence { occupied: None, .. } => "presence unknown".to_owned(),
        Fact::Presence { count: Some(count), .. } => format!("presence count={count}"),
        Fact::Presence { occupied: Some(occupied), .. } => format!("presence occupied={occupied}"),
        Fact::Contact { open } => format!("contact open={open}"),
        Fact::Motion { active } => format!("motion active={active}"),
        Fact::Link { online, .. } => format!("link online={online}"),
        Fact::Switch { on } => format!("switch on={on}"),
        Fact::Battery { percent } => format!("battery pct={percent}"),
        Fact::Tamper { active } => format!("tamper active={active}"),
        Fact::Fault { active } => format!("fault active={active}"),
        Fact::Camera(state) => {
            let fields = [
                ("enabled", state.enabled),
                ("detect_enabled", state.detect_enabled),
                ("record_enabled", state.record_enabled),
                ("online", state.online),
                ("detecting", state.detecting),
                ("recording", state.recording),
            ];
            let said = fields.iter().filter_map(|(name, value)| value.map(|value| format!(" {name}={value}")));
            format!("camera_state{}", said.collect::<String>())
        }
    };
    if let Some(sequence) = reading.sequence {
        words = format!("{words} seq={sequence}");
    }
    if !reading.stream.is_empty() {
        words = format!("{words} key={}", reading.stream);
    }
    words
}
