//! How the parts of the file fit together: names that refer to each other, what counts twice, what could never be counted.

use std::collections::BTreeMap;

use super::duration::write_duration;
use super::entry::{ActivitySaid, Options, SensorSaid};
use super::file::Said;
use super::findings::{Findings, Placed, quoted};
use super::nearest::suggest;
use super::sign::SignSaid;
use crate::device::binding::{Binding, OptionProblem, OptionValue};
use crate::device::catalog::Catalogue;
use crate::domain::activity::{ActivityKind, InterlockMode, SensorClass};
use crate::domain::sign::LEASE_MAX;

/// Tells everything that does not fit. Gives the sensors' bindings, in their order, where they could be made.
pub(super) fn cross_check(said: &Said, findings: &Findings, catalogue: &Catalogue) -> Vec<Option<Binding>> {
    at_least_one(said, findings);
    unique_names(said, findings);
    references(said, findings);
    activities(said, findings);
    uncovered_zones(said, findings);
    quorums(said, findings);
    for sign in &said.signs {
        paces(sign, findings);
    }
    for sensor in &said.sensors {
        door_between(sensor, said, findings);
    }
    counted_twice(&said.sensors, findings);
    said.sensors.iter().map(|sensor| bind_sensor(sensor, findings, catalogue)).collect()
}

fn at_least_one(said: &Said, findings: &Findings) {
    let lists = [("activity", said.activities.is_empty()), ("zone", said.zones.is_empty())];
    for (name, is_empty) in lists {
        if is_empty && !findings.is_torn(name) {
            let help = format!("add at least one [[{name}]]; the sample noticed.toml shows one");
            findings.tell(0, format!("there is no [[{name}]]"), Some(help));
        }
    }
}

fn unique_names(said: &Said, findings: &Findings) {
    unique("activity", "id", said.activities.iter().map(|a| a.id.as_ref()), findings);
    unique("zone", "id", said.zones.iter().map(|z| z.id.as_ref()), findings);
    unique("sensor", "id", said.sensors.iter().map(|s| s.id.as_ref()), findings);
    unique("button", "id", said.buttons.iter().map(|b| b.id.as_ref()), findings);
    unique("sign", "id", said.signs.iter().map(|s| s.id.as_ref()), findings);
    unique("sign", "address", said.signs.iter().map(|s| s.address.as_ref()), findings);
}

fn unique<'s>(table: &str, key: &str, values: impl Iterator<Item = Option<&'s Placed<String>>>, findings: &Findings) {
    let mut seen: Vec<&str> = Vec::new();
    for value in values.flatten() {
        if seen.contains(&value.value.as_str()) {
            let what = format!("another {table} above has the {key} {}", quoted(&value.value));
            findings.tell(value.at, what, Some(format!("give each {table} its own {key}")));
        }
        seen.push(&value.value);
    }
}

/// Ids that a table gives, or `None` if some could not be read: then no reference to it can be called wrong.
fn ids<'s>(
    table: &str,
    ids: impl Iterator<Item = Option<&'s Placed<String>>>,
    findings: &Findings,
) -> Option<Vec<&'s str>> {
    if findings.is_torn(table) {
        return None;
    }
    ids.map(|id| id.map(|id| id.value.as_str())).collect()
}

fn zone_ids<'s>(said: &'s Said, findings: &Findings) -> Option<Vec<&'s str>> {
    ids("zone", said.zones.iter().map(|zone| zone.id.as_ref()), findings)
}

fn references(said: &Said, findings: &Findings) {
    let zones = zone_ids(said, findings);
    let activities = ids("activity", said.activities.iter().map(|activity| activity.id.as_ref()), findings);
    for sensor in &said.sensors {
        let who = called("sensor", sensor.id.as_ref());
        refer(&who, sensor.zone.as_ref(), "zone", zones.as_deref(), findings);
        refer(&who, sensor.from.as_ref(), "zone", zones.as_deref(), findings);
        refer(&who, sensor.activity.as_ref(), "activity", activities.as_deref(), findings);
    }
    for button in &said.buttons {
        refer(&called("button", button.id.as_ref()), button.zone.as_ref(), "zone", zones.as_deref(), findings);
    }
    for sign in &said.signs {
        let who = called("sign", sign.id.as_ref());
        let covered = sign.zones.as_deref().unwrap_or_default();
        for (index, zone) in covered.iter().enumerate() {
            refer(&who, Some(zone), "zone", zones.as_deref(), findings);
            if covered[..index].iter().any(|earlier| earlier.value == zone.value) {
                let what = format!("{who} names zone {} twice", quoted(&zone.value));
                findings.tell(zone.at, what, Some("name it once".to_owned()));
            }
        }
    }
}

pub(super) fn called(table: &str, id: Option<&Placed<String>>) -> String {
    id.map_or_else(|| format!("this {table}"), |id| format!("{table} {}", quoted(&id.value)))
}

fn refer(who: &str, name: Option<&Placed<String>>, table: &str, known: Option<&[&str]>, findings: &Findings) {
    let (Some(name), Some(known)) = (name, known) else { return };
    if !known.contains(&name.value.as_str()) {
        let what = format!("{who} names {table} {}, which is not configured", quoted(&name.value));
        let plural = if table == "activity" { "activities" } else { "zones" };
        findings.tell(name.at, what, Some(suggest(&name.value, known, &format!("configured {plural}"))));
    }
}

fn activities(said: &Said, findings: &Findings) {
    for activity in &said.activities {
        let Some(id) = &activity.id else { continue };
        let serves = |sensor: &&SensorSaid| sensor.activity.as_ref().is_some_and(|name| name.value == id.value);
        for sensor in said.sensors.iter().filter(serves) {
            recorder_for_counting(activity, sensor, findings);
        }
        if activity.interlock == Some(InterlockMode::Observe) {
            observed(activity, said.sensors.iter().filter(serves), findings);
        }
    }
}

/// A camera whose pictures are recorded is told to customers as such; as a "counter" the sign would hide the recording.
fn recorder_for_counting(activity: &ActivitySaid, sensor: &SensorSaid, findings: &Findings) {
    let (Some(kind), Some(class)) = (&activity.kind, &sensor.class) else { return };
    if (kind.value, class.value) == (ActivityKind::PeopleCounting, SensorClass::Cctv) {
        let who = called("sensor", sensor.id.as_ref());
        let what =
            format!("{who} has class \"cctv\" and serves people counting: the sign would not say that it records");
        let help = "use class \"edge-camera\" if no picture is kept, or an activity of kind \"cctv\" or \"presence\"";
        findings.tell(class.at, what, Some(help.to_owned()));
    }
}

/// `from` says where people come from who are counted as in.
fn door_between(sensor: &SensorSaid, said: &Said, findings: &Findings) {
    let Some(from) = &sensor.from else { return };
    let who = called("sensor", sensor.id.as_ref());
    if sensor.zone.as_ref().is_some_and(|zone| zone.value == from.value) {
        let what = format!("{who} leads from zone {} into itself", quoted(&from.value));
        let help = "from is the zone on the other side of the door; leave it out if that is the street";
        findings.tell(from.at, what, Some(help.to_owned()));
    }
    let of_sensor = |activity: &&ActivitySaid| {
        sensor.activity.as_ref().zip(activity.id.as_ref()).is_some_and(|(name, id)| name.value == id.value)
    };
    let kind = said.activities.iter().find(of_sensor).and_then(|activity| activity.kind.as_ref());
    if let Some(kind) = kind.filter(|kind| kind.value != ActivityKind::PeopleCounting) {
        let what = format!(
            "{who} says from = {}, but its activity is of kind \"{}\", which counts nobody through a door",
            quoted(&from.value),
            kind.value.word()
        );
        let help = "remove from, or let the sensor serve an activity of kind \"people-counting\"";
        findings.tell(from.at, what, Some(help.to_owned()));
    }
}

/// Counting without a confirmed notice is only for sensors that cannot see a person.
fn observed<'s>(activity: &ActivitySaid, sensors: impl Iterator<Item = &'s SensorSaid>, findings: &Findings) {
    for sensor in sensors {
        let Some(class) = sensor.class.as_ref().map(|class| class.value) else { continue };
        if class != SensorClass::Beam {
            let who = called("sensor", sensor.id.as_ref());
            let what = format!("interlock \"observe\" counts without a notice, but {who} has class \"{class}\"");
            let help =
                "write interlock = \"enforce\"; \"observe\" is only for class \"beam\", which cannot see a person";
            return findings.tell(activity.interlock_at, what, Some(help.to_owned()));
        }
    }
}

fn uncovered_zones(said: &Said, findings: &Findings) {
    let unsure = findings.is_torn("sign") || said.signs.iter().any(|sign| sign.zones.is_none());
    if unsure {
        return;
    }
    for zone in &said.zones {
        let Some(id) = &zone.id else { continue };
        let covers =
            |sign: &SignSaid| sign.zones.iter().flatten().any(|covered| is_meant(&covered.value, &id.value, said));
        if !said.signs.iter().any(covers) {
            let what = format!("zone {} has no sign, so nothing in it could ever be counted", quoted(&id.value));
            let help = "add it to the zones of a [[sign]] that stands at its entrance";
            findings.tell(id.at, what, Some(help.to_owned()));
        }
    }
}

/// A zone that waits for more signs than cover it waits for ever.
fn quorums(said: &Said, findings: &Findings) {
    if findings.is_torn("sign") || said.signs.iter().any(|sign| sign.zones.is_none()) {
        return;
    }
    for zone in &said.zones {
        let (Some(id), Some(quorum)) = (&zone.id, &zone.quorum) else { continue };
        let covers =
            |sign: &&SignSaid| sign.zones.iter().flatten().any(|covered| is_meant(&covered.value, &id.value, said));
        let signs = said.signs.iter().filter(covers).count();
        if signs > 0 && quorum.value > signs {
            let (who, have) = (called("zone", Some(id)), if signs == 1 { "one sign covers" } else { "signs cover" });
            let number = if signs == 1 { String::new() } else { format!("{signs} ") };
            let what = format!("{who} waits for {} signs, but only {number}{have} it", quorum.value);
            let help = format!("write quorum = {signs}, or less, or name the zone in the zones of more signs");
            findings.tell(quorum.at, what, Some(help));
        }
    }
}

/// Whether a sign's zone is this one, or a mistyped name of it (which is told at the sign).
fn is_meant(named: &str, id: &str, said: &Said) -> bool {
    let known = || said.zones.iter().filter_map(|zone| zone.id.as_ref()).map(|id| id.value.as_str());
    named == id || (!known().any(|k| k == named) && super::nearest::nearest(named, known()) == Some(id))
}

fn paces(sign: &SignSaid, findings: &Findings) {
    let who = called("sign", sign.id.as_ref());
    let Some(refresh) = sign.refresh else { return };
    if let (Some(transition), Some(at)) = (sign.transition_refresh, sign.transition_refresh_at)
        && transition > refresh
    {
        let what = format!("{who} would come back later while counting opens or closes than at rest");
        let help = format!("transition-refresh may be at most refresh, {}", write_duration(refresh));
        findings.tell(at, what, Some(help));
    }
    if let Some(grace) = sign.grace
        && refresh + grace > LEASE_MAX
    {
        let most = write_duration(LEASE_MAX);
        let what = format!("{who} may be silent for {} (refresh + grace)", write_duration(refresh + grace));
        let help = format!(
            "at most {most} together: a picture that nobody confirmed for {most} is no notice (TRMNL firmware replaces \
             it by an error screen after about two minutes of failed wakes)"
        );
        findings.tell(sign.refresh_at, what, Some(help));
    }
}

/// The same device twice for the same figure would count every passing twice.
fn counted_twice(sensors: &[SensorSaid], findings: &Findings) {
    for (index, sensor) in sensors.iter().enumerate() {
        let Some(source) = source(sensor) else { continue };
        let Some(earlier) = sensors[..index].iter().find(|earlier| self::source(earlier) == Some(source.clone()))
        else {
            continue;
        };
        let (who, other) = (called("sensor", sensor.id.as_ref()), called("sensor", earlier.id.as_ref()));
        let what = format!(
            "{who} hears the same device as {other} for the same zone and activity: each passing would count twice"
        );
        let help = "remove one of them, or tell them apart by options (another line or region)";
        findings.tell(sensor.topic.as_ref().map_or(sensor.options_at, |t| t.at), what, Some(help.to_owned()));
    }
}

type Source<'s> = ([&'s str; 4], BTreeMap<&'s str, &'s OptionValue>);

fn source(sensor: &SensorSaid) -> Option<Source<'_>> {
    let names = [&sensor.zone, &sensor.activity, &sensor.profile, &sensor.topic];
    let [Some(zone), Some(activity), Some(profile), Some(topic)] = names else { return None };
    let options = sensor.options.as_ref()?.iter().map(|(name, option)| (name.as_str(), &option.value)).collect();
    Some(([&zone.value, &activity.value, &profile.value, &topic.value], options))
}

fn bind_sensor(sensor: &SensorSaid, findings: &Findings, catalogue: &Catalogue) -> Option<Binding> {
    let device = Device {
        who: called("sensor", sensor.id.as_ref()),
        profile: sensor.profile.as_ref(),
        topic: sensor.topic.as_ref(),
        options: sensor.options.as_ref(),
        options_at: sensor.options_at,
    };
    let binding = bind(&device, findings, catalogue)?;
    if sensor.control == Some(true) && binding.switch(false).is_none() {
        let name = sensor.profile.as_ref().map_or("", |name| &name.value);
        let what = format!("{}: profile {} knows no way to switch the device", device.who, quoted(name));
        let help = "write control = false; the daemon then refuses its readings while counting is closed";
        findings.tell(sensor.control_at, what, Some(help.to_owned()));
    }
    Some(binding)
}

/// What is said of something that is heard over MQTT.
pub(super) struct Device<'s> {
    /// As problems call it: `sensor "front-door"`.
    pub(super) who: String,
    pub(super) profile: Option<&'s Placed<String>>,
    pub(super) topic: Option<&'s Placed<String>>,
    pub(super) options: Option<&'s Options>,
    /// Where the options, or else the device itself, begin.
    pub(super) options_at: usize,
}

/// Binds the profile to the device's topic and options.
pub(super) fn bind(device: &Device<'_>, findings: &Findings, catalogue: &Catalogue) -> Option<Binding> {
    let (profile_name, who) = (device.profile?, &device.who);
    let Some(profile) = catalogue.get(&profile_name.value) else {
        let what = format!("{who} names profile {}, which does not exist", quoted(&profile_name.value));
        findings.tell(profile_name.at, what, Some(suggest(&profile_name.value, &catalogue.names(), "profiles")));
        return None;
    };
    let (topic, options) = (device.topic?, device.options?);
    let values = options.iter().map(|(name, option)| (name.clone(), option.value.clone())).collect();
    match Binding::new(profile, &topic.value, &values) {
        Ok(binding) => {
            if let Some((filter, private, family)) = catalogue.asks_for_private(&binding) {
                let what = format!("{who} would listen to {}, which asks for {}", quoted(&filter), quoted(&private));
                let help =
                    format!("{family} sends pictures, names, plates or passwords there; name the topic of the figures");
                findings.tell(topic.at, what, Some(help));
            }
            Some(binding)
        }
        Err(problems) => {
            for problem in problems {
                tell_option(problem, device, topic.at, findings);
            }
            None
        }
    }
}

/// At the option if it was given, where options stand if it is missing, at the topic if it is about that.
fn tell_option(problem: OptionProblem, device: &Device<'_>, topic_at: usize, findings: &Findings) {
    let given = |name: &String| device.options?.get(name).map(|option| option.at);
    let at = match &problem.option {
        Some(name) => given(name).unwrap_or(device.options_at),
        None => topic_at,
    };
    findings.tell(at, format!("{}: {}", device.who, problem.what), Some(problem.help));
}
