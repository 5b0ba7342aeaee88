//! The shop that is checked: the hall is covered by two signs and counted at its door, the till by the second sign alone and watched by a
//! camera that can be switched.

use std::time::Duration;

use crate::domain::activity::InterlockMode;
use crate::domain::id::{ActivityId, SensorId, SignId, ZoneId};
use crate::engine::Plan;
use crate::engine::glass::{Proof, SignPlan};
use crate::engine::interlock::LockPlan;
use crate::engine::objection::ObjectionPlan;
use crate::engine::scenario::{binding, plan};
use crate::engine::sensor::SensorPlan;

/// Pace of a sign while nothing happens.
pub(super) const REFRESH: Duration = Duration::from_secs(900);

/// Pace while counting opens or closes.
pub(super) const TRANSITION: Duration = Duration::from_secs(60);

/// How long after a missed poll a picture is still believed.
pub(super) const GRACE: Duration = Duration::from_secs(90);

/// Zones and activities by number, in the order of the interlocks.
pub(super) const PLACES: [(&str, &str); 2] = [("hall", "footfall"), ("till", "presence")];

/// Which signs cover which place.
pub(super) const COVERS: [&[usize]; 2] = [&[0, 1], &[1]];

pub(super) fn zone(place: usize) -> ZoneId {
    ZoneId::new(PLACES[place].0)
}

pub(super) fn activity(place: usize) -> ActivityId {
    ActivityId::new(PLACES[place].1)
}

pub(super) fn sign(index: usize) -> SignId {
    SignId::new(["north", "south"][index])
}

/// The shop; the hall waits for `quorum` signs.
pub(super) fn two_zones(quorum: usize) -> Plan {
    let sensor = |place: usize, profile: &str, topic: &str, options: &[(&str, &str)], control| SensorPlan {
        id: SensorId::new(["door", "camera"][place]),
        zone: zone(place),
        activity: activity(place),
        binding: binding(profile, topic, options),
        control,
        presence: false,
    };
    let sign_plan = |index: usize| SignPlan {
        id: sign(index),
        proof: Proof::NextPoll,
        refresh: REFRESH,
        transition_refresh: TRANSITION,
        grace: GRACE,
        attested_for: Duration::from_secs(86_400),
        battery_low_mv: 0,
        alternates: 0,
    };
    let lock = |place: usize| LockPlan {
        quorum: if place == 0 { quorum } else { 1 },
        ..LockPlan::new(zone(place), activity(place), InterlockMode::Enforce)
    };
    Plan {
        interlocks: vec![lock(0), lock(1)],
        sensors: vec![
            sensor(0, "json", "topic/door", &[("mode", "crossing"), ("in", "/in"), ("out", "/out")], false),
            sensor(1, "frigate", "frigate/till", &[], true),
        ],
        doors: vec![],
        objections: ObjectionPlan {
            pause: Duration::from_secs(1200),
            per_hour: 2,
            activities: vec![activity(0), activity(1)],
            buttons: vec![],
        },
        signs: vec![(sign_plan(0), vec![zone(0)]), (sign_plan(1), vec![zone(0), zone(1)])],
        ..plan(InterlockMode::Enforce)
    }
}
