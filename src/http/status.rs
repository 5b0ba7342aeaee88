//! The status as `/api/v1/status` says it.

use jiff::tz::TimeZone;
use serde::Serialize;

use super::when::to_the_minute;
use crate::domain::id::ZoneId;
use crate::domain::sign::Health;
use crate::domain::status::{InterlockStatus, OccupancyStatus, Status};

#[derive(Serialize)]
pub(super) struct StatusAnswer {
    zones: Vec<ZoneAnswer>,
    signs: Vec<SignAnswer>,
    /// Displays that asked and are not configured.
    pending: Vec<StrangerAnswer>,
    sensors: Vec<SensorAnswer>,
    broker: String,
    store: String,
    clock: String,
    ready: bool,
}

#[derive(Serialize)]
struct ZoneAnswer {
    id: String,
    activities: Vec<ActivityAnswer>,
    /// `null` unless counting is open at every door of the zone.
    occupancy: Option<OccupancyAnswer>,
}

#[derive(Serialize)]
struct OccupancyAnswer {
    count: u32,
    may_be_off: bool,
}

#[derive(Serialize)]
struct ActivityAnswer {
    id: String,
    interlock: &'static str,
    reason: String,
}

#[derive(Serialize)]
struct SignAnswer {
    id: String,
    state: &'static str,
    evidence: &'static str,
    last_poll: Option<String>,
    health: HealthAnswer,
    attested: Option<AttestedAnswer>,
    alerts: Vec<String>,
}

/// What is not known is `null`.
#[derive(Serialize)]
struct HealthAnswer {
    battery_mv: Option<u32>,
    battery_percent: Option<u8>,
    powered: Option<bool>,
    signal_dbm: Option<i16>,
    firmware: Option<String>,
    model: Option<String>,
}

#[derive(Serialize)]
struct AttestedAnswer {
    by: String,
    until: Option<String>,
}

#[derive(Serialize)]
struct StrangerAnswer {
    name: String,
    protocol: &'static str,
    width: Option<u32>,
    height: Option<u32>,
    asked: Option<String>,
    health: HealthAnswer,
}

#[derive(Serialize)]
struct SensorAnswer {
    id: String,
    last_heard: Option<String>,
    link: Option<String>,
    accepted: u64,
    refused: u64,
    refusals: serde_json::Map<String, serde_json::Value>,
}

/// The answer, with times in `zone`.
pub(super) fn said(status: Status, zone: &TimeZone) -> StatusAnswer {
    let signs = status.signs.into_iter().map(|sign| SignAnswer {
        id: sign.id.to_string(),
        state: sign.state,
        evidence: sign.evidence.word(),
        last_poll: sign.last_poll.and_then(|at| to_the_minute(at, zone)),
        health: health(sign.health),
        attested: sign.attested.map(|(by, until)| AttestedAnswer { by, until: to_the_minute(until, zone) }),
        alerts: sign.alerts,
    });
    let pending = status.pending.into_iter().map(|stranger| StrangerAnswer {
        name: stranger.name,
        protocol: stranger.protocol,
        width: stranger.size.map(|(width, _)| width),
        height: stranger.size.map(|(_, height)| height),
        asked: to_the_minute(stranger.asked, zone),
        health: health(stranger.health),
    });
    let sensors = status.sensors.into_iter().map(|sensor| SensorAnswer {
        id: sensor.id.to_string(),
        last_heard: sensor.last_heard.and_then(|at| to_the_minute(at, zone)),
        link: sensor.offline.map(|scope| format!("{} offline", scope.word())),
        accepted: sensor.accepted,
        refused: sensor.refused.iter().map(|(_, count)| count).sum(),
        refusals: sensor.refused.iter().map(|(reason, count)| ((*reason).to_owned(), (*count).into())).collect(),
    });
    StatusAnswer {
        zones: by_zone(status.interlocks, &status.occupancies),
        signs: signs.collect(),
        pending: pending.collect(),
        sensors: sensors.collect(),
        broker: status.broker,
        store: status.store,
        clock: status.clock,
        ready: status.ready,
    }
}

fn health(health: Health) -> HealthAnswer {
    let Health { battery_mv, battery_percent, powered, signal_dbm, firmware, model } = health;
    HealthAnswer { battery_mv, battery_percent, powered, signal_dbm, firmware, model }
}

fn by_zone(interlocks: Vec<InterlockStatus>, occupancies: &[(ZoneId, Option<OccupancyStatus>)]) -> Vec<ZoneAnswer> {
    let occupancy = |zone: &ZoneId| {
        let (_, now) = occupancies.iter().find(|(known, _)| known == zone)?;
        now.map(|OccupancyStatus { count, may_be_off }| OccupancyAnswer { count, may_be_off })
    };
    let mut zones: Vec<ZoneAnswer> = Vec::new();
    for InterlockStatus { zone, activity, interlock, reason } in interlocks {
        let activity = ActivityAnswer { id: activity.to_string(), interlock, reason };
        match zones.iter_mut().find(|known| known.id == zone.as_str()) {
            Some(known) => known.activities.push(activity),
            None => {
                zones.push(ZoneAnswer {
                    id: zone.to_string(),
                    activities: vec![activity],
                    occupancy: occupancy(&zone),
                });
            }
        }
    }
    zones
}
