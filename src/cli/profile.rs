//! `noticed profile`: the device profiles, and what they make of a message.

use std::collections::BTreeMap;
use std::io::{Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::{Failure, Format};
use crate::config::open::{load_profiles, profiles_beside};
use crate::config::problem::Problems;
use crate::device::binding::{Binding, OptionValue};
use crate::device::cases::{self, Cases};
use crate::device::catalog::Catalogue;
use crate::device::decode::Decoded;
use crate::device::profile::Profile;
use crate::device::trace::{self, Trace};
use crate::device::words;

/// Longest payload that is taken from standard input, in bytes: more than any profile accepts.
const INPUT_MAX_BYTES: u64 = 1 << 20;

/// What `noticed profile test` is asked.
#[derive(Args, Debug)]
pub struct Asked {
    /// A profile's file, or the name of one inside the program.
    profile: String,
    /// The topic of the message.
    #[arg(required_unless_present = "cases")]
    topic: Option<String>,
    /// Its payload; left out, it is read from standard input.
    payload: Option<String>,
    /// The sensor's topic; left out, it is guessed from the message's.
    #[arg(long, value_name = "TOPIC")]
    sensor: Option<String>,
    /// An option of the sensor; may be given several times.
    #[arg(long = "option", value_name = "NAME=VALUE", value_parser = pair)]
    options: Vec<(String, OptionValue)>,
    /// The message is a retained copy that the broker sent because of the subscription.
    #[arg(long)]
    replayed: bool,
    /// The payload is written in hexadecimal digits.
    #[arg(long)]
    hex: bool,
    /// A file of messages and what must come of them, instead of one message.
    #[arg(long, value_name = "FILE", conflicts_with = "topic")]
    cases: Option<PathBuf>,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

fn pair(text: &str) -> Result<(String, OptionValue), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), OptionValue::Text(value.to_owned())))
}

/// Tries a message, or a file of them.
pub fn test(asked: &Asked, out: &mut impl Write) -> Result<(), Failure> {
    let profile = profile(&asked.profile)?;
    match (&asked.cases, &asked.topic) {
        (Some(file), _) => compare(&profile, file, out),
        (None, Some(topic)) => follow(&profile, topic, asked, out),
        (None, None) => Err(Failure::usage("name a topic, or a file of --cases")),
    }
}

/// Lists the profiles: those inside the program and those beside the configuration.
pub fn list(config: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let mut catalogue = Catalogue::builtin();
    let problems = load_profiles(&profiles_beside(config), &mut catalogue);
    for name in catalogue.names() {
        let Some(profile) = catalogue.get(name) else { continue };
        writeln!(out, "{name:<18} {}\n{:<18} topic: {}", profile.title(), "", profile.topic_help())
            .map_err(Failure::because)?;
    }
    if problems.is_empty() { Ok(()) } else { Err(Failure::Configuration(Problems::new(problems))) }
}

/// Prints the file of a profile inside the program, as a start for one's own.
pub fn show(name: &str, out: &mut impl Write) -> Result<(), Failure> {
    let text = Catalogue::source(name).ok_or_else(|| unknown(name))?;
    out.write_all(text.as_bytes()).map_err(Failure::because)
}

fn unknown(name: &str) -> Failure {
    let names = Catalogue::builtin().names().join(", ");
    Failure::usage(format!("\"{name}\" is neither a file nor a profile inside the program: {names}"))
}

/// The profile of a file or of a name.
fn profile(name: &str) -> Result<Arc<Profile>, Failure> {
    if let Some(profile) = Catalogue::builtin().get(name) {
        return Ok(Arc::clone(profile));
    }
    let text = std::fs::read_to_string(name).map_err(|error| {
        let is_name = error.kind() == std::io::ErrorKind::NotFound && !name.contains(['/', '.']);
        if is_name { unknown(name) } else { Failure::because(format!("{name} cannot be read: {error}")) }
    })?;
    let mut catalogue = Catalogue::empty();
    catalogue.add(name, &text).map_err(Failure::wrong_profile)?;
    let profile = catalogue.names().first().and_then(|name| catalogue.get(name));
    profile.cloned().ok_or_else(|| unknown(name))
}

fn compare(profile: &Arc<Profile>, file: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::because(format!("{} cannot be read: {error}", file.display())))?;
    let cases = Cases::parse(&text).map_err(|what| Failure::because(format!("{}: {what}", file.display())))?;
    let outcome = cases.run(profile);
    for mismatch in &outcome.mismatches {
        writeln!(out, "{mismatch}").map_err(Failure::because)?;
    }
    let wrong = outcome.mismatches.len();
    writeln!(out, "{} compared, {wrong} otherwise than expected", outcome.compared).map_err(Failure::because)?;
    if wrong == 0 {
        Ok(())
    } else {
        Err(Failure::because(format!("{wrong} of {} came out otherwise", outcome.compared)))
    }
}

fn follow(profile: &Arc<Profile>, topic: &str, asked: &Asked, out: &mut impl Write) -> Result<(), Failure> {
    let options: BTreeMap<_, _> = asked.options.iter().cloned().collect();
    let bound = match &asked.sensor {
        Some(sensor) => Binding::new(profile, sensor, &options),
        None => trace::sensor_of(profile, topic, &options),
    };
    let binding = bound.map_err(|problems| {
        let told = problems.iter().map(|p| match &p.option {
            Some(option) => format!("--option {option}: {}; {}", p.what, p.help),
            None => format!("--sensor: {}; {}", p.what, p.help),
        });
        Failure::usage(told.collect::<Vec<_>>().join("\n"))
    })?;
    let payload = payload(asked)?;
    let mut trace = trace::trace(&binding, topic, &payload, asked.replayed);
    if asked.sensor.is_none() {
        trace.steps.insert(1, ("assumed", assumed(profile)));
    }
    match asked.format {
        Format::Json => json(&trace, out),
        Format::Table | Format::Csv => table(&trace, out),
    }
    .map_err(Failure::because)
}

/// What was filled in for the technician, and how to say otherwise.
fn assumed(profile: &Profile) -> String {
    let options: Vec<_> = profile.options().map(|(name, _)| name).collect();
    let others = if options.is_empty() { String::new() } else { format!("; options: {}", options.join(", ")) };
    format!(
        "the sensor, and options as in the profile's example; --sensor TOPIC and --option NAME=VALUE say others{others}"
    )
}

fn payload(asked: &Asked) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    if let Some(payload) = &asked.payload {
        bytes.extend(payload.bytes());
    } else {
        std::io::stdin().lock().take(INPUT_MAX_BYTES).read_to_end(&mut bytes).map_err(Failure::because)?;
    }
    if !asked.hex {
        return Ok(bytes);
    }
    let digits: String = String::from_utf8_lossy(&bytes).split_whitespace().collect();
    cases::bytes(&digits).ok_or_else(|| Failure::usage("--hex needs an even number of hexadecimal digits"))
}

fn table(trace: &Trace, out: &mut impl Write) -> std::io::Result<()> {
    for (word, what) in &trace.steps {
        writeln!(out, "{word:<13} {what}")?;
    }
    match &trace.decoded {
        Decoded::Readings(readings) => {
            for reading in readings {
                writeln!(out, "{:<13} {}", "reading", words::reading(reading))?;
            }
            Ok(())
        }
        Decoded::Nothing => writeln!(out, "{:<13} none", "reading"),
        Decoded::Refused(refusal) => writeln!(out, "{:<13} {}", "refused", refusal.word()),
    }
}

fn json(trace: &Trace, out: &mut impl Write) -> std::io::Result<()> {
    let (readings, refused) = match &trace.decoded {
        Decoded::Readings(readings) => (readings.iter().map(words::reading).collect(), None),
        Decoded::Nothing => (Vec::new(), None),
        Decoded::Refused(refusal) => (Vec::new(), Some(refusal.word())),
    };
    let steps: Vec<_> =
        trace.steps.iter().map(|(word, what)| serde_json::json!({"step": word, "what": what})).collect();
    let told = serde_json::json!({"readings": readings, "refused": refused, "steps": steps});
    writeln!(out, "{told}")
}
