//! Readings in words, as fixtures, `noticed profile test` and people compare them.

use std::fmt::Write as _;

use super::decode::Decoded;
use crate::domain::reading::{CameraState, Fact, Reading};
use crate::domain::time::Wall;

/// What a packet turned out to be: `crossing in=1 out=0 key=1; link online=false scope=device`, `none` or `refused malformed`.
#[must_use]
pub fn of(decoded: &Decoded) -> String {
    match decoded {
        Decoded::Nothing => "none".to_owned(),
        Decoded::Refused(refusal) => format!("refused {}", refusal.word()),
        Decoded::Readings(readings) => readings.iter().map(reading).collect::<Vec<_>>().join("; "),
    }
}

/// One reading.
#[must_use]
pub fn reading(reading: &Reading) -> String {
    let mut words = fact(&reading.fact);
    let mut add = |word: String| {
        words.push(' ');
        words.push_str(&word);
    };
    if let Some(sequence) = reading.sequence {
        add(format!("seq={sequence}"));
    }
    if reading.dedupe.is_some() {
        add("dedupe".to_owned());
    }
    if reading.since.is_some() {
        add("since".to_owned());
    }
    if let Some(at) = reading.at {
        add(format!("at={}", time(at)));
    }
    if !reading.stream.is_empty() {
        add(format!("key={}", reading.stream));
    }
    words
}

fn fact(fact: &Fact) -> String {
    match fact {
        Fact::Crossing { inward, outward } => format!("crossing in={inward} out={outward}"),
        Fact::Totals { inward, outward } => format!("totals in={inward} out={outward}"),
        Fact::Interval { inward, outward, from, to } => {
            format!("interval in={inward} out={outward} from={} to={}", time(*from), time(*to))
        }
        Fact::Presence { occupied: None, .. } => "presence unknown".to_owned(),
        Fact::Presence { count: Some(count), .. } => format!("presence count={count}"),
        Fact::Presence { occupied: Some(occupied), .. } => format!("presence occupied={occupied}"),
        Fact::Contact { open } => format!("contact open={open}"),
        Fact::Motion { active } => format!("motion active={active}"),
        Fact::Link { online, scope } => format!("link online={online} scope={}", scope.word()),
        Fact::Switch { on } => format!("switch on={on}"),
        Fact::Battery { percent } => format!("battery pct={percent}"),
        Fact::Tamper { active } => format!("tamper active={active}"),
        Fact::Pressed => "press".to_owned(),
        Fact::Fault { active } => format!("fault active={active}"),
        Fact::Camera(state) => camera(*state),
    }
}

fn camera(state: CameraState) -> String {
    let fields = [
        ("enabled", state.enabled),
        ("detect_enabled", state.detect_enabled),
        ("record_enabled", state.record_enabled),
        ("online", state.online),
        ("detecting", state.detecting),
        ("recording", state.recording),
    ];
    let mut words = "camera_state".to_owned();
    for (name, value) in fields.iter().filter_map(|(name, value)| value.map(|value| (name, value))) {
        let _ = write!(words, " {name}={value}");
    }
    words
}

fn time(at: Wall) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(|_| format!("{} ms", at.0), |at| at.to_string())
}
