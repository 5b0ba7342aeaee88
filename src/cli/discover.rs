//! `noticed discover`: who speaks on the broker, as TOML to paste.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::{Failure, Format, configuration};
use crate::config::Config;
use crate::config::open::{load_profiles, profiles_beside};
use crate::config::problem::Problems;
use crate::daemon::discover::look_around;
use crate::device::binding::OptionValue;
use crate::device::catalog::Catalogue;
use crate::device::discover::{Discovery, FOUND_MAX, Found, Spared};
use crate::domain::activity::ActivityKind;
use crate::domain::id::ID_MAX_BYTES;

/// What `noticed discover` is asked.
#[derive(Args, Debug)]
pub struct Asked {
    /// The configuration.
    #[arg(long, default_value = "/etc/noticed/noticed.toml", value_name = "FILE")]
    config: PathBuf,
    /// How long to listen. Retained messages come at once, many counters report every five to fifteen minutes.
    #[arg(long, default_value_t = 60, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: u64,
    /// Further topic filters to listen to, for devices whose topic you chose yourself, such as "shop/counters/+".
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Listens, and prints what was found.
pub fn discover(asked: &Asked, out: &mut impl Write, err: &mut impl Write) -> Result<(), Failure> {
    let config = configuration(&asked.config)?;
    let catalogue = catalogue(&asked.config)?;
    let mut discovery = Discovery::new(&catalogue);
    for filter in &asked.filters {
        discovery.point(filter);
    }
    // What the broker refuses to let us hear is told by the listening edge, as a warning.
    crate::process::log::init();
    let filters = discovery.filters().len();
    let _ = writeln!(err, "listening to {filters} filters at {} for {} s …", config.broker.host, asked.seconds);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::because)?;
    let time = Duration::from_secs(asked.seconds);
    runtime.block_on(look_around(&config, &mut discovery, time)).map_err(Failure::because)?;
    let (found, spared) = discovery.finish();
    let proposals = proposals(&found, &config);
    let told = match asked.format {
        Format::Json => json(&found, &spared),
        Format::Table | Format::Csv => text(&proposals, &spared),
    };
    out.write_all(told.as_bytes()).map_err(Failure::because)
}

fn catalogue(config: &Path) -> Result<Catalogue, Failure> {
    let mut catalogue = Catalogue::builtin();
    let problems = load_profiles(&profiles_beside(config), &mut catalogue);
    if problems.is_empty() { Ok(catalogue) } else { Err(Failure::Configuration(Problems::new(problems))) }
}

/// A found sensor with what the configuration makes of it.
struct Proposal<'f> {
    found: &'f Found,
    id: String,
    zone: String,
    activity: String,
    /// Whether the activity is of the kind that the sensor can serve.
    fits: bool,
    /// The sensor of the configuration that it is already.
    known: Option<String>,
}

fn proposals<'f>(found: &'f [Found], config: &Config) -> Vec<Proposal<'f>> {
    let mut ids: BTreeSet<String> = config.sensors.iter().map(|sensor| sensor.id.to_string()).collect();
    let covered = config.signs.iter().flat_map(|sign| &sign.zones).next();
    let zone = covered.or(config.zones.first().map(|zone| &zone.id)).map_or_else(String::new, ToString::to_string);
    let propose = |found: &'f Found| {
        let of_kind = |kind: ActivityKind| config.activities.iter().find(|activity| activity.kind == kind);
        let fitting = of_kind(found.activity);
        let counted = config.activities.iter().find(|activity| activity.kind != ActivityKind::Cctv);
        let activity = fitting.or(counted).map_or_else(String::new, |activity| activity.id.to_string());
        let known = config.sensors.iter().find(|sensor| sensor.binding.is(&found.profile, &found.topic));
        let id = free_id(&found.topic, &mut ids);
        Proposal {
            found,
            id,
            zone: zone.clone(),
            activity,
            fits: fitting.is_some(),
            known: known.map(|sensor| sensor.id.to_string()),
        }
    };
    found.iter().map(propose).collect()
}

/// An id made of the last parts of a topic that no other sensor has.
fn free_id(topic: &str, taken: &mut BTreeSet<String>) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let all: String = topic.chars().map(plain).collect();
    let words: Vec<&str> = all.split('-').filter(|word| !word.is_empty()).collect();
    let last = words.iter().rev().take(3).rev().copied().collect::<Vec<_>>().join("-");
    let start = last.len().saturating_sub(ID_MAX_BYTES - 4);
    let base = last[start..].trim_start_matches('-');
    let base = if base.is_empty() { "sensor" } else { base };
    let numbered = (2..FOUND_MAX * 2).map(|n| format!("{base}-{n}"));
    let free = std::iter::once(base.to_owned()).chain(numbered).find(|id| !taken.contains(id));
    let id = free.unwrap_or_else(|| base.to_owned());
    taken.insert(id.clone());
    id
}

fn text(proposals: &[Proposal<'_>], spared: &[Spared]) -> String {
    let mut text = String::new();
    let new: Vec<_> = proposals.iter().filter(|proposal| proposal.known.is_none()).collect();
    let _ = writeln!(
        text,
        "# {} found. Paste what you want into the configuration, set zone and activity, and run: noticed check",
        count(new.len(), "new sensor")
    );
    for proposal in proposals {
        match &proposal.known {
            Some(id) => {
                let _ = writeln!(
                    text,
                    "\n# {}: {} is the sensor \"{id}\" already",
                    proposal.found.title, proposal.found.topic
                );
            }
            None => block(proposal, &mut text),
        }
    }
    left_alone(spared, &mut text);
    text
}

/// What was not listened to, by family.
fn left_alone(spared: &[Spared], text: &mut String) {
    let mut private: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for spared in spared {
        if let Spared::Private { profile, filter } = spared {
            private.entry(profile).or_default().push(filter);
        }
    }
    if !private.is_empty() {
        text.push_str("\n# Never subscribed, because they carry pictures, names, plates, traces, passwords or everybody else's messages:\n");
    }
    for (profile, filters) in private {
        let _ = writeln!(text, "# - {profile}: {}", filters.join(", "));
    }
    for spared in spared.iter().filter(|spared| !matches!(spared, Spared::Private { .. })) {
        let _ = writeln!(text, "# {}", in_words(spared));
    }
}

fn block(proposal: &Proposal<'_>, text: &mut String) {
    let Found { profile, title, topic, options, class, note, activity, .. } = proposal.found;
    let _ = writeln!(text, "\n# {title}: {}", heard(proposal.found));
    if let Some(note) = note {
        let _ = writeln!(text, "# {note}");
    }
    if !proposal.fits {
        let _ = writeln!(text, "# It tells of {activity}, for which the configuration has no [[activity]] yet.");
    }
    let _ = writeln!(text, "[[sensor]]\nid = {}\nzone = {}", quoted(&proposal.id), quoted(&proposal.zone));
    let _ = writeln!(text, "activity = {}\nclass = {}", quoted(&proposal.activity), quoted(class.word()));
    let _ = writeln!(text, "profile = {}\ntopic = {}", quoted(profile), quoted(topic));
    if !options.is_empty() {
        let entries: Vec<_> = options.iter().map(|(name, value)| format!("{name} = {}", toml_of(value))).collect();
        let _ = writeln!(text, "options = {{ {} }}", entries.join(", "));
    }
}

fn heard(found: &Found) -> String {
    let mut words = format!("{} understood", count(found.heard as usize, "message"));
    for (word, number) in &found.refused {
        let _ = write!(words, ", {number} refused ({word})");
    }
    words
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

fn in_words(spared: &Spared) -> String {
    match spared {
        Spared::Private { profile, filter } => {
            format!(
                "{filter} ({profile}) is never subscribed: it carries pictures, names, plates, traces, passwords or everybody else's messages"
            )
        }
        Spared::NotListened { profile, filter, because } => {
            let who = profile.as_ref().map_or_else(|| "as you asked".to_owned(), |profile| format!("for {profile}"));
            format!("Not listened to {who}: {filter}, because it could bring {because}")
        }
        Spared::NoFilter { filter } => {
            format!(
                "Not listened to: \"{filter}\" is no topic filter; + and # stand alone between slashes, # at the end"
            )
        }
        Spared::Dropped { filter } => format!("A message on {filter} came all the same and was dropped unread"),
        Spared::TooMany => format!("More than {FOUND_MAX} sensors; the rest is not shown"),
    }
}

fn toml_of(value: &OptionValue) -> String {
    match value {
        OptionValue::Text(text) => quoted(text),
        OptionValue::Bool(flag) => flag.to_string(),
        OptionValue::Integer(number) => number.to_string(),
    }
}

/// A TOML basic string; what JSON escapes, TOML escapes alike, and neither topics nor options hold control characters.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn json(found: &[Found], spared: &[Spared]) -> String {
    let option = |value: &OptionValue| match value {
        OptionValue::Text(text) => serde_json::Value::from(text.clone()),
        OptionValue::Bool(flag) => serde_json::Value::from(*flag),
        OptionValue::Integer(number) => serde_json::Value::from(*number),
    };
    let found: Vec<_> = found
        .iter()
        .map(|found| {
            let options: BTreeMap<_, _> = found.options.iter().map(|(name, value)| (name, option(value))).collect();
            serde_json::json!({
                "profile": found.profile, "topic": found.topic, "options": options,
                "activity": found.activity.word(), "class": found.class.word(), "note": found.note,
                "heard": found.heard, "refused": found.refused,
            })
        })
        .collect();
    let spared: Vec<_> = spared.iter().map(in_words).collect();
    format!("{}\n", serde_json::json!({"found": found, "left_alone": spared}))
}
