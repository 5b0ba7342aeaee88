//! What each room needs of the configuration. Nobody below gets the whole of it.

use crate::config::{Activity, Config, Protocol, Sensor, Sign};
use crate::domain::activity::ActivityKind;
use crate::domain::id::ZoneId;
use crate::domain::notice::SignState;
use crate::domain::sign::{Board, TURNS_MAX};
use crate::engine::Plan;
use crate::engine::glass::{Proof, SignPlan};
use crate::engine::hours::Opening;
use crate::engine::interlock::LockPlan;
use crate::engine::objection::{Button, ObjectionPlan};
use crate::engine::occupancy::Door;
use crate::engine::sensor::SensorPlan;
use crate::notice::facts::{ActivityFacts, Facts};

/// A lithium cell below this voltage has a tenth of its charge left, or less.
const BATTERY_LOW_MV: u32 = 3_500;

/// The coin cells of an electronic label are nearly empty below this voltage; OpenEPaperLink's tag firmware takes the same for low
/// (`batLowVoltage` in its settings).
const LABEL_BATTERY_LOW_MV: u32 = 2_450;

/// Topic of the marker that separates old messages from new ones.
pub(super) fn marker_topic(shop: &str) -> String {
    format!("noticed/{shop}/marker")
}

/// Every filter that the session shall carry, each once.
pub(super) fn subscriptions(config: &Config) -> Vec<String> {
    let bindings = config.sensors.iter().map(|s| &s.binding).chain(config.buttons.iter().map(|b| &b.binding));
    let heard = bindings.flat_map(|binding| binding.subscriptions().iter().cloned());
    let mut filters: Vec<String> = heard.chain([marker_topic(&config.shop.id)]).collect();
    filters.sort();
    filters.dedup();
    filters
}

/// The core's view.
pub(super) fn plan(config: &Config, store_fault: Option<String>, boot: String, first_marker: u64) -> Plan {
    let mut interlocks = Vec::new();
    let mut announced = Vec::new();
    for sensor in &config.sensors {
        let Some(activity) = config.activities.iter().find(|a| a.id == sensor.activity) else { continue };
        // People who are counted at a door between two zones leave the one beyond, so its signs have to say so as well.
        for zone in std::iter::once(&sensor.zone).chain(&sensor.from) {
            if activity.kind == ActivityKind::Cctv {
                announced.push((zone.clone(), activity.id.clone()));
            } else {
                interlocks.push(lock(zone, activity, config));
            }
        }
    }
    interlocks.sort_by(|a, b| (&a.zone, &a.activity).cmp(&(&b.zone, &b.activity)));
    interlocks.dedup_by(|a, b| a.zone == b.zone && a.activity == b.activity);
    announced.sort();
    announced.dedup();
    Plan {
        bucket: config.store.bucket,
        commit_interval: config.store.commit_interval,
        time_zone: config.shop.time_zone.clone(),
        interlocks,
        announced,
        sensors: config.sensors.iter().map(|s| sensor(s, config)).collect(),
        doors: doors(config),
        occupancy_reset: config.shop.occupancy_reset,
        opening_hours: config.shop.opening_hours.iter().map(opening).collect(),
        objections: objections(config),
        signs: config.signs.iter().map(|s| (sign(s), s.zones.clone())).collect(),
        subscriptions: subscriptions(config),
        store_fault,
        boot,
        first_marker,
    }
}

/// What counting an activity in a zone waits for.
fn lock(zone: &ZoneId, activity: &Activity, config: &Config) -> LockPlan {
    let plan = LockPlan::new(zone.clone(), activity.id.clone(), activity.interlock);
    match config.zones.iter().find(|z| z.id == *zone) {
        Some(said) => LockPlan { quorum: said.quorum, evidence: said.evidence, ..plan },
        None => plan,
    }
}

/// Sensors that count people through doors, those whose figures are kept shortest first.
fn doors(config: &Config) -> Vec<Door> {
    let counting = |sensor: usize| {
        let said = config.sensors.get(sensor)?;
        let activity = config.activities.iter().find(|a| a.id == said.activity)?;
        let door = Door { sensor, zone: said.zone.clone(), from: said.from.clone(), activity: said.activity.clone() };
        (activity.kind == ActivityKind::PeopleCounting).then_some((activity.retention.days(), door))
    };
    let mut doors: Vec<_> = (0..config.sensors.len()).filter_map(counting).collect();
    doors.sort_by_key(|(kept, _)| *kept);
    doors.into_iter().map(|(_, door)| door).collect()
}

fn sensor(sensor: &Sensor, config: &Config) -> SensorPlan {
    let kind = config.activities.iter().find(|a| a.id == sensor.activity).map(|a| a.kind);
    SensorPlan {
        id: sensor.id.clone(),
        zone: sensor.zone.clone(),
        activity: sensor.activity.clone(),
        binding: sensor.binding.clone(),
        control: sensor.control,
        presence: kind == Some(ActivityKind::Presence),
    }
}

fn objections(config: &Config) -> ObjectionPlan {
    let offered = config.activities.iter().filter(|activity| activity.objection);
    let button = |button: &crate::config::Button| Button { id: button.id.clone(), zone: button.zone.clone() };
    ObjectionPlan {
        pause: config.objection.pause,
        per_hour: usize::try_from(config.objection.per_hour).unwrap_or(usize::MAX),
        activities: offered.map(|activity| activity.id.clone()).collect(),
        buttons: config.buttons.iter().map(button).collect(),
    }
}

fn opening(said: &crate::config::Opening) -> Opening {
    Opening { day: said.day, from: said.from, to: said.to }
}

fn sign(sign: &Sign) -> SignPlan {
    SignPlan {
        id: sign.id.clone(),
        proof: match sign.protocol {
            Protocol::Trmnl => Proof::NextPoll,
            Protocol::Http => Proof::Word,
            Protocol::OpenEPaperLink | Protocol::Kiosk => Proof::WordOnly,
            Protocol::Printed => Proof::Attested,
        },
        refresh: sign.refresh,
        transition_refresh: sign.transition_refresh,
        grace: sign.grace,
        attested_for: sign.attested_for,
        battery_low_mv: match sign.protocol {
            Protocol::OpenEPaperLink => LABEL_BATTERY_LOW_MV,
            Protocol::Trmnl | Protocol::Http | Protocol::Kiosk | Protocol::Printed => BATTERY_LOW_MV,
        },
        alternates: u8::try_from(sign.alternate_languages.len()).unwrap_or(0).min(TURNS_MAX - 1),
    }
}

/// Whether a visitor in front of `sign` can pause anything, and the sign can carry a code that changes every day. Paper cannot: the page
/// behind its code tells whom to ask.
pub(super) fn carries_code(config: &Config, sign: &Sign) -> bool {
    let offered = |facts: &ActivityFacts| facts.objection && facts.kind != ActivityKind::Cctv;
    sign.protocol != Protocol::Printed && facts(config, &sign.zones).activities.iter().any(offered)
}

/// What a notice on `sign` says. Where it carries a code, a sample stands in its place, which is as long and leads to nothing.
pub(crate) fn sign_facts(config: &Config, sign: &Sign) -> Facts {
    const SAMPLE: &str = "SAMPLESAMP";
    let code = carries_code(config, sign).then(|| SAMPLE.to_owned());
    Facts { code, ..facts(config, &sign.zones) }
}

/// What a notice over `zones` says.
pub(crate) fn facts(config: &Config, zones: &[ZoneId]) -> Facts {
    let covered = |zone: &&crate::config::Zone| zones.contains(&zone.id);
    Facts {
        shop: config.shop.name.clone(),
        controller: config.controller.name.clone(),
        address: config.controller.address.clone(),
        contact: config.controller.contact.clone(),
        dpo: config.controller.dpo.clone(),
        zones: config.zones.iter().filter(covered).map(|z| z.name.clone()).collect(),
        activities: config.activities.iter().filter_map(|a| activity(config, a, zones)).collect(),
        code: None,
        public_url: config.signage.public_url.clone(),
        offline_notice: config.controller.offline_notice.clone(),
        bucket: config.store.bucket,
        time_zone: config.shop.time_zone.clone(),
    }
}

/// An activity as far as sensors carry it out in `zones`.
fn activity(config: &Config, activity: &Activity, zones: &[ZoneId]) -> Option<ActivityFacts> {
    let beside = |s: &&Sensor| zones.contains(&s.zone) || s.from.as_ref().is_some_and(|from| zones.contains(from));
    let serving = config.sensors.iter().filter(|s| s.activity == activity.id).filter(beside);
    let mut classes: Vec<_> = serving.map(|s| s.class).collect();
    classes.sort();
    classes.dedup();
    (!classes.is_empty()).then(|| ActivityFacts {
        id: activity.id.clone(),
        kind: activity.kind,
        classes,
        purpose: activity.purpose.clone(),
        legal_basis: activity.legal_basis,
        interest: activity.interest.clone(),
        retention: activity.retention,
        objection: activity.objection,
    })
}

/// What visitors of each zone are being told, by the first sign that covers it; by a board on paper, which always says the same,
/// only where there is no other.
pub(super) fn zone_states(config: &Config, boards: &[Option<Board>]) -> Vec<(crate::domain::text::Texts, SignState)> {
    let told = |zone: &ZoneId| {
        let covering = config.signs.iter().zip(boards).filter(|(sign, _)| sign.zones.contains(zone));
        let nearest = covering.min_by_key(|(sign, _)| sign.protocol == Protocol::Printed);
        nearest.and_then(|(_, board)| board.as_ref()).map_or(SignState::Unknown, |board| board.state.clone())
    };
    config.zones.iter().map(|zone| (zone.name.clone(), told(&zone.id))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::open::parse;
    use crate::device::catalog::Catalogue;
    use crate::domain::id::SignId;
    use crate::domain::time::Wall;

    /// The sample with a hall behind the entrance, whose door serves an activity that is kept for a shorter time, and a radar.
    fn config() -> Config {
        let sample = include_str!("../../config/noticed.toml");
        let start = sample.find("\n[[activity]]\n").expect("the sample has one");
        let end = start + sample[start..].find("# ---- Zones").expect("zones follow");
        let activity = |id: &str, kind: &str| {
            let text = sample[start..end].replace("\"footfall\"", &format!("{id:?}"));
            text.replace("\"people-counting\"\n", &format!("{kind:?}\n")).replace("13 months", "6 weeks")
        };
        let sensor = |id: &str, zone: &str, activity: &str, more: &str| {
            format!(
                "[[sensor]]\nid = {id:?}\nzone = {zone:?}\nactivity = {activity:?}\nclass = \"tof\"\nprofile = \"milesight\"\n\
                 topic = \"milesight/{id}\"\n{more}\n"
            )
        };
        let text = sample.replace("zones = [\"entrance\"]", "zones = [\"entrance\", \"hall\"]")
            + &activity("passage", "people-counting")
            + &activity("browsing", "presence")
            + "[[zone]]\nid = \"hall\"\nname = { pl = \"Hala\", en = \"Hall\" }\n"
            + &sensor("radar", "hall", "browsing", "")
            + &sensor("inner-door", "hall", "passage", "from = \"entrance\"");
        parse("F", &text, &Catalogue::builtin()).unwrap_or_else(|problems| panic!("{problems:?}"))
    }

    #[test]
    fn doors_are_the_sensors_that_count_people_those_kept_shortest_first() {
        let plan = plan(&config(), None, "boot".to_owned(), 1);
        let doors: Vec<_> = plan.doors.iter().map(|d| (d.sensor, d.zone.as_str(), d.from.is_some())).collect();
        assert_eq!(doors, [(2, "hall", true), (0, "entrance", false)]);
    }

    #[test]
    fn a_door_between_two_zones_is_announced_on_both_sides() {
        let config = config();
        let plan = plan(&config, None, "boot".to_owned(), 1);
        let locks: Vec<_> = plan.interlocks.iter().map(|lock| format!("{}/{}", lock.zone, lock.activity)).collect();
        assert_eq!(locks, ["entrance/footfall", "entrance/passage", "hall/browsing", "hall/passage"]);
        let told = facts(&config, &[ZoneId::new("entrance")]).activities;
        assert_eq!(told.iter().map(|a| a.id.as_str()).collect::<Vec<_>>(), ["footfall", "passage"]);
    }

    #[test]
    fn every_protocol_has_its_proof() {
        let mut config = config();
        let proofs = [
            (Protocol::Trmnl, Proof::NextPoll, 3_500),
            (Protocol::Http, Proof::Word, 3_500),
            (Protocol::Kiosk, Proof::WordOnly, 3_500),
            (Protocol::OpenEPaperLink, Proof::WordOnly, 2_450),
            (Protocol::Printed, Proof::Attested, 3_500),
        ];
        assert_eq!(proofs.len(), Protocol::WORDS.len());
        for (protocol, proof, battery_low_mv) in proofs {
            config.signs[0].protocol = protocol;
            let (sign, _) = plan(&config, None, "boot".to_owned(), 1).signs[0].clone();
            assert_eq!((sign.proof, sign.battery_low_mv), (proof, battery_low_mv), "{protocol:?}");
        }
    }

    #[test]
    fn a_page_says_what_a_display_says_rather_than_what_paper_says() {
        let mut config = config();
        let mut paper = config.signs[0].clone();
        (paper.id, paper.protocol) = (SignId::new("paper"), Protocol::Printed);
        let (display, unknown) = (config.signs[0].id.clone(), SignState::Unknown);
        config.signs.insert(0, paper);
        let board = |sign: &SignId, state: SignState| {
            let notice = crate::domain::notice::NoticeHash([0; 32]);
            Some(Board { sign: sign.clone(), state, turn: 0, notice, stamped: Wall(0), refresh_seconds: 60 })
        };
        let active = SignState::Active(vec![crate::domain::id::ActivityId::new("footfall")]);
        let boards = [board(&SignId::new("paper"), active.clone()), board(&display, unknown.clone())];
        let told = |config: &Config, boards: &[Option<Board>]| zone_states(config, boards)[0].1.clone();
        assert_eq!(told(&config, &boards), unknown);
        config.signs.remove(1);
        assert_eq!(told(&config, &boards[..1]), active);
    }
}
