//! The collected field samples, where they lie beside the repository; they are not part of it.

use std::path::{Path, PathBuf};

use super::super::baseline::{Baseline, Counted, CounterPolicy};
use super::super::binding::Binding;
use super::super::decode::Decoded;
use super::{bind, said};

fn samples() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples");
    if folder.join("INDEX.tsv").is_file() {
        return Some(folder);
    }
    println!("no field samples beside the repository: nothing to compare");
    None
}

/// The sensor that a sample's topic belongs to.
fn sensor(family: &str, topic: &str) -> Option<Binding> {
    let levels: Vec<_> = topic.split('/').collect();
    Some(match (family, levels.as_slice()) {
        ("frigate", _) => bind("frigate", "frigate/front_door", ""),
        ("zigbee2mqtt", [base, "bridge", ..]) => bind("zigbee2mqtt", &format!("{base}/any"), ""),
        ("zigbee2mqtt", [device @ .., "availability"]) => bind("zigbee2mqtt", &device.join("/"), ""),
        ("zigbee2mqtt", _) => bind("zigbee2mqtt", topic, ""),
        ("esphome" | "esphome_roode", [prefix, _, "battery_level", _]) => {
            bind("esphome", prefix, "entity=other battery=battery_level")
        }
        ("esphome" | "esphome_roode", [prefix, _, entity, _]) => {
            let reads = if *entity == "front_door" { "contact" } else { "auto" };
            bind("esphome", prefix, &format!("entity={entity} reads={reads}"))
        }
        ("esphome" | "esphome_roode", [prefix, ..]) => bind("esphome", prefix, "entity=any"),
        ("milesight_mqtt", _) => bind("milesight", topic, ""),
        _ => return None,
    })
}

/// Samples where the shipped profiles decide otherwise than the index, and why.
const OTHERWISE: &[(&str, &str)] = &[
    // Carries names of faces, so it is on the reject list rather than filtered.
    ("frigate/camera_activity.json", "refused privacy"),
    // Not subscribed: the state of a camera is known from its own topics.
    ("frigate/stats_v0_10.json", "none"),
];

/// The words of the index that speak of readings, in the notation of [`said`].
fn wanted(expected: &str) -> Vec<String> {
    if expected.starts_with("none") {
        return vec!["none".to_owned()];
    }
    if expected.starts_with("reject(privacy)") {
        return vec!["refused privacy".to_owned()];
    }
    if expected.starts_with("error(malformed)") {
        return vec!["refused malformed".to_owned()];
    }
    let kinds = [
        "crossing",
        "totals",
        "interval",
        "presence",
        "contact",
        "motion",
        "camera_state",
        "link",
        "battery",
        "tamper",
    ];
    let statement = |part: &str| {
        let mut words: Vec<_> = part
            .split_whitespace()
            .enumerate()
            .take_while(|(n, word)| *n == 0 || word.contains('='))
            .map(|(_, word)| word)
            .filter(|word| !["scope=", "reason=", "key=front_door"].iter().any(|skip| word.starts_with(skip)))
            .collect();
        words.sort_unstable();
        words.join(" ")
    };
    let plain = expected.split(" (").next().unwrap_or_default();
    plain
        .split(';')
        .map(str::trim)
        .filter(|part| kinds.iter().any(|kind| part.starts_with(kind)) && part.contains('='))
        .map(statement)
        .collect()
}

fn contains_words(got: &str, wanted: &str) -> bool {
    wanted.split_whitespace().all(|word| got.split_whitespace().any(|have| have == word))
}

#[test]
fn field_samples_say_what_their_index_says() {
    let Some(folder) = samples() else { return };
    let index = std::fs::read_to_string(folder.join("INDEX.tsv")).unwrap();
    let mut compared = 0;
    for line in index.lines().skip(1) {
        let columns: Vec<_> = line.split('\t').collect();
        let [file, family, topic, _, expected, ..] = columns.as_slice() else { continue };
        let Some(binding) = sensor(family, topic) else { continue };
        let payload = std::fs::read(folder.join(file)).unwrap();
        let got = said(&binding.decode(topic, &payload, false));
        compared += 1;
        if let Some((_, otherwise)) = OTHERWISE.iter().find(|(name, _)| name == file) {
            assert_eq!(got, *otherwise, "{file}");
            continue;
        }
        let wanted = wanted(expected);
        let mut parts: Vec<_> = got.split("; ").filter(|part| *part != "presence unknown").collect();
        for want in &wanted {
            let found = parts.iter().position(|part| contains_words(part, want));
            let Some(found) = found else { panic!("{file}: wanted \"{want}\" in \"{got}\"") };
            parts.remove(found);
        }
        // The rest may only be what the index says in passing: a camera's link, or the totals beside an interval.
        assert!(
            parts.is_empty() || file.contains("frozen_clock") && parts.iter().all(|p| p.starts_with("totals")),
            "{file}: beyond \"{expected}\" came \"{parts:?}\""
        );
    }
    assert!(compared >= 40, "{compared}");
}

/// Plays a sequence; the first message of each topic counts as replayed if it is retained.
fn play(folder: &Path, name: &str, binding: &Binding) -> Vec<Decoded> {
    let text = std::fs::read_to_string(folder.join("sequences").join(name)).unwrap();
    let mut heard = std::collections::BTreeSet::new();
    let message = |line: &str| {
        let message: serde_json::Value = serde_json::from_str(line).unwrap();
        let topic = message["topic"].as_str().unwrap();
        let replayed = heard.insert(topic.to_owned()) && message["retain"] == true;
        binding.decode(topic, message["payload"].as_str().unwrap().as_bytes(), replayed)
    };
    text.lines().map(message).collect()
}

fn people(messages: &[Decoded], policy: CounterPolicy) -> (u64, u64) {
    let mut baselines = std::collections::BTreeMap::<Box<str>, Baseline>::new();
    let mut sum = (0, 0);
    for message in messages {
        let Decoded::Readings(readings) = message else { continue };
        for reading in readings {
            let counted = baselines.entry(reading.stream.clone()).or_default().apply(reading, policy);
            if let Counted::People { inward, outward, .. } = counted {
                sum = (sum.0 + inward, sum.1 + outward);
            }
        }
    }
    sum
}

#[test]
fn field_sequences_add_up() {
    let Some(folder) = samples() else { return };
    let tasmota = "mode=totals in=/COUNTER/C1 reset=rollback";
    let chirpstack = "application/17c82e96-be03-4f38-aef3-f83d48582d97/device/0101010101010101/event/up";
    let totals = "mode=totals in=/object/total_in out=/object/total_out";
    let overflow = format!("{totals} reset=modulo16 sequence=/fCnt");
    for (name, profile, topic, options, sum) in [
        ("roode_retained_replay.jsonl", "esphome", "roode32", "entity=roode32_last_direction", (2, 0)),
        ("milesight_trigger_and_periodic.jsonl", "milesight", "bus/001/door2/telemetry", "", (2, 1)),
        ("tasmota_counter_rollback.jsonl", "json", "tele/d/SENSOR", tasmota, (17, 0)),
        ("first_total_is_baseline.jsonl", "json", chirpstack, totals, (1, 0)),
        ("vs350_uint16_overflow.jsonl", "json", chirpstack, &overflow, (4, 1)),
    ] {
        let binding = bind(profile, topic, options);
        assert_eq!(people(&play(&folder, name, &binding), binding.counter_policy()), sum, "{name}");
    }
    let numbered = "mode=crossing in=/object/people_in out=/object/people_out sequence=/fCnt";
    let binding = bind("json", chirpstack, numbered);
    let played = play(&folder, "chirpstack_duplicate_dedup_id.jsonl", &binding);
    assert_eq!(people(&played, CounterPolicy::Zero), (2, 1));
}

#[test]
fn a_frigate_count_is_unknown_from_the_stop_to_the_next_change() {
    let Some(folder) = samples() else { return };
    let binding = bind("frigate", "frigate/front_door", "");
    let played: Vec<_> = play(&folder, "frigate_restart_stuck_count.jsonl", &binding).iter().map(said).collect();
    assert_eq!(
        played,
        [
            "link online=true scope=device",
            "presence count=2",
            "link online=false scope=device; presence unknown",
            "link online=true scope=device",
            "presence count=0"
        ]
    );
}

#[test]
fn a_zigbee2mqtt_cache_comes_within_the_time_in_which_states_say_nothing() {
    let Some(folder) = samples() else { return };
    let binding = bind("zigbee2mqtt", "zigbee2mqtt/motion_1", "");
    let played: Vec<_> = play(&folder, "z2m_restart_replay.jsonl", &binding).iter().map(said).collect();
    assert_eq!(played[..2], ["link online=false scope=device; presence unknown", "link online=true scope=device"]);
    assert_eq!(played[2], "presence occupied=true; battery pct=97");
    // The cached copy comes half a second after the link.
    assert!(binding.settle_after_link().is_some_and(|settle| settle.as_millis() > 500));
}
