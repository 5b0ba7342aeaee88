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
