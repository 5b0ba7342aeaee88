//! `[objection]` and `[[button]]`: how visitors pause counting, and what they press.

use std::time::Duration;

use toml::de::DeValue;

use super::check::{Device, bind, called};
use super::entry::{Options, integer, options};
use super::file::{Said, id};
use super::findings::{Findings, Placed};
use super::read::Table;
use super::rule::{self, Fault, Ruled};
use super::{Button, ObjectionRules};
use crate::device::binding::Binding;
use crate::device::catalog::Catalogue;
use crate::domain::id::ZoneId;
use crate::domain::objection::PAUSE_MAX;

/// Shorter than the way through most shops no pause is worth a press, and the sign could not tell of it; a longer one outlasts the visit.
const PAUSE: std::ops::RangeInclusive<Duration> = Duration::from_secs(5 * 60)..=PAUSE_MAX;

/// As long as most visits, and longer than most signs sleep.
const PAUSE_DEFAULT: Duration = Duration::from_secs(20 * 60);

/// Most pauses of a zone within an hour that can be allowed: more are as good as no limit.
const PER_HOUR_MAX: u32 = 12;

/// With pauses of twenty minutes, ends on full five minutes, at least ten minutes of each hour are counted whoever plays with the button.
const PER_HOUR_DEFAULT: u32 = 2;

impl ObjectionRules {
    /// `[objection]`, which may be left away.
    pub(super) fn read(root: &Table<'_>) -> Option<Self> {
        let default = Self { pause: PAUSE_DEFAULT, per_hour: PER_HOUR_DEFAULT };
        if root.raw("objection").is_none() {
            return Some(default);
        }
        let table = root.one("objection", &["pause", "per-hour"])?;
        let pause = table.or("pause", default.pause, rule::duration(PAUSE));
        let per_hour = table.or("per-hour", default.per_hour, per_hour);
        Some(Self { pause: pause?, per_hour: per_hour? })
    }
}

fn per_hour(value: &DeValue<'_>) -> Ruled<u32> {
    let number = if let DeValue::Integer(number) = value { integer(number) } else { None };
    let fits = number.and_then(|number| u32::try_from(number).ok()).filter(|n| (1..=PER_HOUR_MAX).contains(n));
    let help = format!("write a whole number from 1 to {PER_HOUR_MAX}");
    fits.ok_or_else(|| Fault::new("is no number of pauses within an hour", help))
}

/// `[[button]]` as written.
pub(super) struct ButtonSaid {
    pub(super) id: Option<Placed<String>>,
    pub(super) zone: Option<Placed<String>>,
    profile: Option<Placed<String>>,
    topic: Option<Placed<String>>,
    options: Option<Options>,
    options_at: usize,
}

impl ButtonSaid {
    pub(super) fn read_each(root: &Table<'_>) -> Vec<Self> {
        let read = |table: &Table<'_>| Self {
            id: id(table),
            zone: table.required("zone", "\"entrance\" (the id of a [[zone]])", rule::name),
            profile: table.required("profile", "\"zigbee2mqtt\" (the name of a device profile)", rule::name),
            topic: table.required("topic", "\"zigbee2mqtt/button\"", rule::topic),
            options: options(table),
            options_at: table.raw("options").map_or(table.at, |(_, at)| at),
        };
        root.each("button", &["id", "zone", "profile", "topic", "options"]).iter().map(read).collect()
    }

    /// What holds, with the binding that the check made.
    pub(super) fn build(self, binding: Binding) -> Option<Button> {
        Some(Button { id: self.id?.value, zone: ZoneId::new(&self.zone?.value), binding })
    }
}

/// Tells what does not fit of every button. Gives their bindings, in their order, where they could be made.
pub(super) fn check(said: &Said, findings: &Findings, catalogue: &Catalogue) -> Vec<Option<Binding>> {
    for button in &said.buttons {
        pauses_nothing(button, said, findings);
    }
    said.buttons.iter().map(|button| bound(button, findings, catalogue)).collect()
}

fn bound(button: &ButtonSaid, findings: &Findings, catalogue: &Catalogue) -> Option<Binding> {
    let who = called("button", button.id.as_ref());
    let mut given = button.options.clone();
    if let (Some(name), Some(options)) = (&button.profile, &mut given)
        && let Some(profile) = catalogue.get(&name.value)
    {
        let Some(preset) = profile.button() else {
            let what = format!("{who}: profile \"{}\" knows no button", name.value);
            let known =
                catalogue.names().into_iter().filter(|n| catalogue.get(n).is_some_and(|p| p.button().is_some()));
            let help = format!("profiles that do: {}", known.collect::<Vec<_>>().join(", "));
            findings.tell(name.at, what, Some(help));
            return None;
        };
        for (option, value) in preset {
            let value = Placed { value: value.clone(), at: button.options_at };
            options.entry(option.clone()).or_insert(value);
        }
    }
    let device = Device {
        who,
        profile: button.profile.as_ref(),
        topic: button.topic.as_ref(),
        options: given.as_ref(),
        options_at: button.options_at,
    };
    bind(&device, findings, catalogue)
}

/// A button that does nothing would break its promise to whoever presses it.
fn pauses_nothing(button: &ButtonSaid, said: &Said, findings: &Findings) {
    let Some(zone) = &button.zone else { return };
    let is_known = said.zones.iter().flat_map(|zone| &zone.id).any(|id| id.value == zone.value);
    let unsure = findings.is_torn("sensor") || findings.is_torn("activity");
    let objectable = |name: &Placed<String>| {
        let own = said.activities.iter().find(|a| a.id.as_ref().is_some_and(|id| id.value == name.value));
        own.is_none_or(|activity| activity.objection != Some(false))
    };
    let beside = |name: &Option<Placed<String>>| name.as_ref().is_none_or(|name| name.value == zone.value);
    let watches = |sensor: &super::entry::SensorSaid| {
        (beside(&sensor.zone) || sensor.from.is_some() && beside(&sensor.from))
            && sensor.activity.as_ref().is_none_or(objectable)
    };
    if is_known && !unsure && !said.sensors.iter().any(watches) {
        let what = format!(
            "{} would pause nothing: no sensor in zone \"{}\" serves an activity with objection = true",
            called("button", button.id.as_ref()),
            zone.value
        );
        findings.tell(zone.at, what, Some("name the zone where visitors who press it are counted".to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::config::open::parse;

    const SAMPLE: &str = include_str!("../../config/noticed.toml");

    const BUTTON: &str = r#"[[button]]
id = "stop-counting"
zone = "entrance"
profile = "zigbee2mqtt"
topic = "zigbee2mqtt/stop_counting"
options = { stale-after = "30 h" }
"#;

    fn read(text: &str) -> Result<Config, Vec<String>> {
        parse("F", text, &Catalogue::builtin())
            .map_err(|problems| problems.problems.iter().map(ToString::to_string).collect())
    }

    /// The sample with a button, and `from` replaced.
    fn with(from: &str, to: &str) -> String {
        let text = format!("{SAMPLE}{BUTTON}");
        assert_eq!(text.matches(from).count(), 1, "{from} stands once");
        text.replace(from, to)
    }

    fn pressed(config: &Config, topic: &str, payload: &str) -> bool {
        let decoded = config.buttons[0].binding.decode(topic, payload.as_bytes(), false);
        format!("{decoded:?}").contains("Pressed")
    }

    #[test]
    fn the_sample_names_every_key_of_a_button() {
        for line in BUTTON.lines() {
            let key = line.split(" = ").next().unwrap();
            assert!(SAMPLE.lines().any(|l| l.starts_with(&format!("# {key}"))), "{key}");
        }
    }

    #[test]
    fn a_button_is_bound_as_its_profile_says_unless_the_technician_says_otherwise() {
        let config = read(&with("30 h", "31 h")).unwrap();
        assert_eq!((config.buttons[0].id.as_str(), config.buttons[0].zone.as_str()), ("stop-counting", "entrance"));
        assert!(pressed(&config, "zigbee2mqtt/stop_counting", r#"{"action":"single"}"#));
        let text = with("profile = \"zigbee2mqtt\"\ntopic", "profile = \"shelly-gen2\"\ntopic");
        let config = read(&text.replace("stale-after = \"30 h\"", "button = \"input:1\"")).unwrap();
        for (input, is_pressed) in [("input:0", false), ("input:1", true)] {
            let event = format!(r#"{{"component":"{input}","event":"single_push"}}"#);
            let payload = format!(r#"{{"method":"NotifyEvent","params":{{"events":[{event}]}}}}"#);
            assert_eq!(pressed(&config, "zigbee2mqtt/stop_counting/events/rpc", &payload), is_pressed, "{input}");
        }
    }

    #[test]
    fn every_profile_that_knows_buttons_can_be_one_with_what_it_sets() {
        let catalogue = Catalogue::builtin();
        let knows = |name: &&str| catalogue.get(name).unwrap().button().is_some();
        let names: Vec<&str> = catalogue.names().into_iter().filter(knows).collect();
        assert_eq!(names, ["json", "shelly-gen1", "shelly-gen2", "text", "zigbee2mqtt"], "the sample names them");
        for name in names {
            let options = if name == "json" { "state = \"/action\"" } else { "" };
            let text = with("stale-after = \"30 h\"", options);
            let text = text.replace("profile = \"zigbee2mqtt\"\ntopic", &format!("profile = {name:?}\ntopic"));
            assert_eq!(read(&text).err(), None, "{name}");
        }
    }

    #[test]
    fn a_button_that_could_pause_nothing_is_refused() {
        for (from, to, what) in [
            ("profile = \"zigbee2mqtt\"\ntopic", "profile = \"frigate\"\ntopic", "profile \"frigate\" knows no button"),
            ("id = \"stop-counting\"\nzone = \"entrance\"", "id = \"stop-counting\"\nzone = \"x\"", "not configured"),
            ("\nobjection = true", "\nobjection = false", "button \"stop-counting\" would pause nothing"),
        ] {
            let told = read(&with(from, to)).err().unwrap_or_default();
            assert!(told.len() == 1 && told[0].contains(what), "{what}: {told:?}");
        }
        let twice = read(&format!("{SAMPLE}{BUTTON}{BUTTON}")).err().unwrap_or_default();
        assert!(twice.len() == 1 && twice[0].contains("another button above"), "{twice:?}");
    }

    #[test]
    fn pauses_have_bounds() {
        for (pause, is_good) in [("5 min", true), ("2 h", true), ("4 min", false), ("121 min", false)] {
            assert_eq!(read(&with("pause = \"20 min\"", &format!("pause = {pause:?}"))).is_ok(), is_good, "{pause}");
        }
        for (number, is_good) in [("1", true), ("12", true), ("0", false), ("13", false), ("\"2\"", false)] {
            let text = with("\nper-hour = 2", &format!("\nper-hour = {number}"));
            assert_eq!(read(&text).is_ok(), is_good, "{number}");
        }
        let default =
            read(&with("[objection]\n", "").replace("\npause = \"20 min\"", "").replace("\nper-hour = 2", ""));
        let default = default.unwrap().objection;
        assert_eq!((default.pause, default.per_hour), (PAUSE_DEFAULT, PER_HOUR_DEFAULT));
    }
}
