//! The core at a glance.

use jiff::tz::TimeZone;

use super::{Broker, Engine};
use crate::domain::notice::SignState;
use crate::domain::status::{InterlockStatus, SensorStatus, SignStatus, Status};
use crate::domain::time::Now;
use crate::engine::interlock::Phase;

impl Engine {
    /// What everything is at `now`.
    #[must_use]
    pub fn status(&self, now: &Now) -> Status {
        let now = &self.believed(now);
        let connected = self.broker == Broker::Connected;
        Status {
            interlocks: self.interlocks.iter().map(|l| interlock(&l.state)).collect(),
            occupancies: self.people_now(now),
            signs: self.signs.iter().map(|s| sign(s, now, &self.plan.time_zone)).collect(),
            pending: Vec::new(),
            sensors: self.sensors.iter().map(|s| sensor(s, now)).collect(),
            broker: match self.broker {
                Broker::Connected => "connected",
                Broker::Awaited { .. } => "not reached since the start",
                Broker::Lost { .. } => "connection lost; trying again",
            }
            .to_owned(),
            store: self.store_in_words(),
            clock: if now.trusted { "trusted" } else { "behind the last kept figures; waiting until it is set" }
                .to_owned(),
            ready: connected && now.trusted && self.plan.store_fault.is_none() && !self.keep.refused,
        }
    }

    /// Why nothing is counted in the zones of sign `index`, or that it is.
    #[must_use]
    pub fn sign_reason(&self, index: usize) -> String {
        let sign = &self.signs[index];
        let mut reasons: Vec<String> = self
            .interlocks
            .iter()
            .filter(|l| sign.covers_zone(&l.state.zone))
            .map(|l| format!("{}/{}: {}", l.state.zone, l.state.activity, reason(&l.state.phase)))
            .collect();
        if reasons.is_empty() {
            reasons.push("no sensor watches the zones of this sign".to_owned());
        }
        reasons.join("; ")
    }

    fn store_in_words(&self) -> String {
        match (&self.plan.store_fault, self.keep.refused) {
            (Some(fault), _) => fault.clone(),
            (None, true) => "refuses to write; trying again, nothing is acknowledged to the broker".to_owned(),
            (None, false) => "writing".to_owned(),
        }
    }
}

fn interlock(lock: &super::Interlock) -> InterlockStatus {
    InterlockStatus {
        zone: lock.zone.clone(),
        activity: lock.activity.clone(),
        interlock: lock.phase.word(),
        reason: reason(&lock.phase),
    }
}

fn reason(phase: &Phase) -> String {
    match phase {
        Phase::Open => "a sign is confirmed to say so".to_owned(),
        Phase::Closed(reason) | Phase::Opening(reason) | Phase::Closing(reason) => reason.to_string(),
    }
}

fn sign(sign: &super::Sign, now: &Now, zone: &TimeZone) -> SignStatus {
    let board = sign.board.as_ref();
    SignStatus {
        id: sign.glass.plan.id.clone(),
        state: board.map_or(SignState::Unknown.word(), |b| b.state.word()),
        evidence: sign.glass.evidence(board.map(|b| b.notice), now),
        last_poll: sign.glass.last_poll,
        health: sign.condition.health().clone(),
        attested: sign.glass.attestation(now).map(|attested| (attested.role.clone(), attested.until)),
        alerts: sign.condition.alerts(now, zone),
    }
}

fn sensor(sensor: &super::Sensor, now: &Now) -> SensorStatus {
    SensorStatus {
        id: sensor.plan.id.clone(),
        last_heard: sensor.last_heard,
        offline: sensor.gone(now.mono),
        accepted: sensor.accepted,
        refused: sensor.refused.iter().map(|(word, n)| (*word, *n)).collect(),
    }
}
