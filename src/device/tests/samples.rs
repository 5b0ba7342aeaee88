//! The collected field samples, where they lie beside the repository; they are not part of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::super::baseline::{Baseline, Counted, CounterPolicy};
use super::super::binding::{Binding, OptionValue};
use super::super::decode::Decoded;
use super::{CATALOGUE, bind, said};

fn samples() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples");
    if folder.join("INDEX.tsv").is_file() {
        return Some(folder);
    }
    println!("no field samples beside the repository: nothing to compare");
    None
}

/// A file of `tests/samples`: which sensor each sample belongs to.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mapping {
    sample: Vec<Sample>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    file: String,
    profile: String,
    sensor: String,
    #[serde(default)]
    options: BTreeMap<String, toml::Value>,
    /// Where the index names none, because the device sends its messages by HTTP.
    topic: Option<String>,
    /// What the profile rightly says instead of what the index expects.
    otherwise: Option<String>,
    #[serde(default)]
    why: String,
}

fn mappings() -> Vec<Sample> {
    let mut samples = Vec::new();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples")).unwrap() {
        let path = entry.unwrap().path();
        let mapping: Mapping = toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        samples.extend(mapping.sample);
    }
    samples
}

/// A reading as words that can be compared: its kind, and each `name=value`.
#[derive(PartialEq, Eq, Debug)]
struct Said {
    kind: String,
    values: BTreeMap<String, String>,
}

impl Said {
    /// What the index says: prose may follow, and times are written as epoch numbers. A part without a kind continues the one
    /// before. Parts that are no readings give nothing.
    fn parse(part: &str, kind_before: &str) -> Option<Self> {
        const KINDS: [&str; 13] = [
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
            "fault",
            "switch",
            "none",
        ];
        let mut words = words(part).into_iter().peekable();
        let kind = match words.peek() {
            Some(word) if KINDS.contains(&word.as_str()) => words.next()?,
            Some(word) if word.contains('=') && !kind_before.is_empty() => kind_before.to_owned(),
            _ => return None,
        };
        let values: BTreeMap<_, _> = words
            .map_while(|word| word.split_once('=').map(|(name, value)| (name.to_owned(), instant(value))))
            .collect();
        (kind == "none" || !values.is_empty()).then_some(Self { kind, values })
    }

    /// Whether `got` says at least this much. What the index tells of the reason or of reset rules is no part of a reading.
    fn is_said_by(&self, got: &Self) -> bool {
        const PROSE: [&str; 4] = ["reason", "reset", "from_server", "external"];
        let same = |name: &str, value: &str| match got.values.get(name) {
            Some(said) => said == value,
            // A sensor that has only one stream does not name it.
            None => PROSE.contains(&name) || name == "key",
        };
        self.kind == got.kind && self.values.iter().all(|(name, value)| same(name, value))
    }
}

/// Words, of which one may have blanks within quotes.
fn words(text: &str) -> Vec<String> {
    let mut quoted = false;
    let split = text.split(|c: char| {
        quoted ^= c == '"';
        c == ' ' && !quoted
    });
    split.filter(|word| !word.is_empty()).map(|word| word.replace('"', "")).collect()
}

/// Epoch seconds and milliseconds as what they mean.
fn instant(value: &str) -> String {
    let digits = value.bytes().all(|b| b.is_ascii_digit());
    let millis = match (digits, value.len()) {
        (true, 10) => value.parse::<i64>().ok().map(|s| s * 1000),
        (true, 13) => value.parse().ok(),
        _ => None,
    };
    millis.map_or_else(|| value.to_owned(), |ms| jiff::Timestamp::from_millisecond(ms).unwrap().to_string())
}

fn expected(column: &str) -> Vec<Said> {
    let mut said: Vec<Said> = Vec::new();
    // What stands in parentheses is a remark.
    let mut depth = 0;
    let plain: String = column
        .chars()
        .filter(|c| {
            depth += i32::from(*c == '(');
            let keep = depth == 0;
            depth -= i32::from(*c == ')');
            keep
        })
        .collect();
    for part in plain.split(';') {
        let before = said.last().map_or(String::new(), |said| said.kind.clone());
        said.extend(Said::parse(part.trim(), &before));
    }
    said
}

fn got(decoded: &Decoded) -> Vec<Said> {
    let Decoded::Readings(readings) = decoded else { return Vec::new() };
    let quoted = |words: String| match words.split_once(" key=") {
        Some((before, key)) => format!("{before} key=\"{key}\""),
        None => words,
    };
    let parse =
        |reading| Said::parse(&quoted(super::words::reading(reading)).replace("unknown", "occupied=unknown"), "");
    readings.iter().filter_map(parse).collect()
}

/// What is wrong with what came, if anything.
fn compare(column: &str, decoded: &Decoded) -> Result<(), String> {
    let words = said(decoded);
    let complain = |what: &str| Err(format!("{what}: expected \"{column}\", came \"{words}\""));
    if let Some(reason) = column.strip_prefix("reject(").or_else(|| column.strip_prefix("error(")) {
        let reason = reason.split(')').next().unwrap_or_default();
        return if words == format!("refused {reason}") { Ok(()) } else { complain("not refused") };
    }
    let mut got = got(decoded);
    // Whoever says that the link is gone, or that detection is off, says that nobody knows who is there.
    got.retain(|said| said.values.get("occupied").is_none_or(|value| value != "unknown"));
    for want in expected(column).iter().filter(|want| want.kind != "none") {
        let Some(found) = got.iter().position(|got| want.is_said_by(got)) else { return complain("missing") };
        got.remove(found);
    }
    if got.is_empty() { Ok(()) } else { complain("more than expected") }
}

#[test]
fn field_samples_say_what_their_index_says() {
    let Some(folder) = samples() else { return };
    let index = std::fs::read_to_string(folder.join("INDEX.tsv")).unwrap();
    let mappings = mappings();
    let mut told = Vec::new();
    for line in index.lines().skip(1) {
        let columns: Vec<_> = line.split('\t').collect();
        let [file, _, topic, _, expected, ..] = columns.as_slice() else { continue };
        let Some(sample) = mappings.iter().find(|sample| sample.file == *file) else {
            told.push(format!("{file}: no profile is named for it"));
            continue;
        };
        let options = sample.options.iter().map(|(name, value)| (name.clone(), OptionValue::of_toml(value).unwrap()));
        let profile = CATALOGUE.get(&sample.profile).unwrap_or_else(|| panic!("{file}: {}", sample.profile));
        let binding =
            Binding::new(profile, &sample.sensor, &options.collect()).unwrap_or_else(|p| panic!("{file}: {p:?}"));
        let payload = std::fs::read(folder.join(file)).unwrap();
        let decoded = binding.decode(sample.topic.as_deref().unwrap_or(topic), &payload, false);
        let compared = match &sample.otherwise {
            Some(otherwise) if said(&decoded) == *otherwise && !sample.why.is_empty() => Ok(()),
            Some(otherwise) => Err(format!("otherwise \"{otherwise}\", came \"{}\"", said(&decoded))),
            None => compare(expected, &decoded),
        };
        told.extend(compared.err().map(|what| format!("{file}: {what}")));
    }
    assert!(told.is_empty(), "{} samples:\n{}", told.len(), told.join("\n"));
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
            "link online=true scope=server",
            "presence count=2",
            "link online=false scope=server; presence unknown",
            "link online=true scope=server",
            "presence count=0"
        ]
    );
}

#[test]
fn a_zigbee2mqtt_cache_comes_within_the_time_in_which_states_say_nothing() {
    let Some(folder) = samples() else { return };
    let binding = bind("zigbee2mqtt", "zigbee2mqtt/motion_1", "");
    let played: Vec<_> = play(&folder, "z2m_restart_replay.jsonl", &binding).iter().map(said).collect();
    assert_eq!(played[..2], ["link online=false scope=bridge; presence unknown", "link online=true scope=bridge"]);
    assert_eq!(played[2], "presence occupied=true; battery pct=97");
    // The cached copy comes half a second after the link.
    assert!(binding.settle_after_link().is_some_and(|settle| settle.as_millis() > 500));
}
