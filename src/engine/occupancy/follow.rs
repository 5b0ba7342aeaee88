//! What the core tells of its doors: when they are counted, who passes, what survives.

use super::{Passing, Place, Way};
use crate::domain::activity::InterlockMode;
use crate::domain::id::ZoneId;
use crate::domain::status::OccupancyStatus;
use crate::domain::time::{Mono, Now, Wall};
use crate::engine::record::{self, OccupancyRecord};
use crate::engine::{Broker, Engine, Lock};

impl Engine {
    /// Accounts for the time of every place that `sensor` counts for, before anything about the sensor changes.
    pub(in crate::engine) fn accrue_places(&mut self, sensor: usize, now: &Now) {
        self.accrue_where(|place| place.way(sensor).is_some(), now);
    }

    /// Accounts for the time of every place that needs interlock `lock`, before that changes.
    pub(in crate::engine) fn accrue_places_of_lock(&mut self, lock: usize, now: &Now) {
        self.accrue_where(|place| place.locks.contains(&lock), now);
    }

    fn accrue_where(&mut self, concerned: impl Fn(&Place) -> bool, now: &Now) {
        let now = &self.believed(now);
        for index in 0..self.occupancies.places.len() {
            let place = &self.occupancies.places[index];
            if concerned(place) {
                let covered_to = self.covered_to(index, place.accrued_to);
                self.occupancies.accrue(index, covered_to, &mut self.buckets, now);
            }
        }
    }

    /// People who may be counted went through the door of `sensor` within `[from, to]`. They are figures of every place beside the
    /// door, so each place's interlocks are asked as the sensor's own was.
    pub(in crate::engine) fn people_passed(
        &mut self,
        sensor: usize,
        (inward, outward): (u64, u64),
        (from, to, dated): (Mono, Mono, Wall),
        now: &Now,
    ) {
        for index in 0..self.occupancies.places.len() {
            let place = &self.occupancies.places[index];
            let Some(way) = place.way(sensor) else { continue };
            let allows = |l: &Lock| l.state.observes() || (!l.resuming && l.state.was_open(from, to));
            if place.locks.iter().all(|lock| allows(&self.interlocks[*lock])) {
                let (came, left) = if way == Way::In { (inward, outward) } else { (outward, inward) };
                let covered = self.covered_to(index, now.mono).is_some_and(|until| until > now.mono);
                let passing = Passing { came, left, dated, covered };
                self.occupancies.pass(index, passing, &mut self.buckets, now);
            }
        }
    }

    /// Until when every door of place `index` is counted if nothing happens, provided that all are at `at`.
    fn covered_to(&self, index: usize, at: Mono) -> Option<Mono> {
        let place = &self.occupancies.places[index];
        let locks = || place.locks.iter().map(|lock| &self.interlocks[*lock]);
        let sensors = || place.doors.iter().map(|(sensor, _)| &self.sensors[*sensor]);
        let counting = self.broker == Broker::Connected && locks().all(|l| l.state.counts());
        if !counting || !sensors().all(|s| s.is_heard(at)) {
            return None;
        }
        // A lease or a sensor's word that has run out by now is known here before its own account is closed.
        let leases = locks().filter(|l| !l.state.observes()).filter_map(|l| l.cover_ended);
        let silences = sensors().filter_map(super::super::sensor::Sensor::falls_silent);
        Some(leases.chain(silences).min().unwrap_or(Mono(i64::MAX)))
    }

    /// How many people are in each zone with doors, where counting is open at all of them.
    pub(in crate::engine) fn people_now(&self, now: &Now) -> Vec<(ZoneId, Option<OccupancyStatus>)> {
        let zones = self.occupancies.places.iter().enumerate();
        zones.filter_map(|(index, place)| Some((place.zone.clone()?, self.people_in(index, now)))).collect()
    }

    fn people_in(&self, index: usize, now: &Now) -> Option<OccupancyStatus> {
        let place = &self.occupancies.places[index];
        if !place.locks.iter().all(|lock| self.interlocks[*lock].state.counts()) {
            return None;
        }
        let uncounted = self.covered_to(index, now.mono).is_none();
        let gap = place.gap(place.accrued_to, now.wall_at(place.accrued_to)) > super::GAP_BORNE;
        let today = now.wall < place.day.end;
        Some(OccupancyStatus {
            count: if today { place.people } else { 0 },
            may_be_off: uncounted || gap || (today && place.may_be_off),
        })
    }

    /// Takes over the numbers of an earlier run, once its interlocks are known. Who passed while nobody ran is counted from what
    /// waited in the broker, wherever an interlock goes on; where it does not, the gap began when its last span ended.
    pub(in crate::engine) fn restore_people(&mut self, state: &[(String, Vec<u8>)], now: &Now) {
        let Some(saved) = record::read::<OccupancyRecord>(state, record::OCCUPANCY) else { return };
        self.occupancies.restore(&saved);
        for index in 0..self.occupancies.places.len() {
            let place = &self.occupancies.places[index];
            let covered_to = place.locks.iter().map(|lock| counted_to(&self.interlocks[*lock], now.mono)).min();
            self.occupancies.places[index].covered_to = covered_to.unwrap_or(Mono(i64::MIN));
        }
    }
}

/// Up to when a lock that has just been restored let people be counted.
fn counted_to(lock: &Lock, now: Mono) -> Mono {
    if lock.resuming || lock.state.mode == InterlockMode::Observe {
        return now;
    }
    lock.state.spans().last().and_then(|span| span.to).unwrap_or(Mono(i64::MIN))
}
