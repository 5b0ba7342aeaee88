//! Time in: how long each sensor was heard while counting was open, and how long somebody was there, bucket by bucket.

use super::sensor::Link;
use super::{Broker, Engine};
use crate::domain::aggregate::Tally;
use crate::domain::time::{Mono, Now, Wall};

/// Most buckets that one stretch of time is spread over; a stretch of one day at the shortest bucket of the demonstration.
const SPREAD_MAX: usize = 100_000;

/// Most buckets marked when the broker lost our session; a day of quarters of an hour.
const MARKED_MAX: usize = 96;

impl Engine {
    /// Accounts for the time of one sensor up to `now`, or up to where it is in doubt whether it was there.
    pub(super) fn accrue(&mut self, index: usize, now: &Now) {
        self.accrue_places(index, now);
        let at = |mono: Mono| Now { mono, wall: now.wall_at(mono), trusted: now.trusted };
        match self.sensors[index].link_at(now.mono) {
            Link::There => self.account(index, now),
            Link::InDoubt(since) => self.account(index, &at(since)),
            Link::Gone(since) => {
                self.account(index, &at(since));
                let sensor = &mut self.sensors[index];
                sensor.forget_presence();
                sensor.accrued_to = sensor.accrued_to.max(now.mono);
            }
        }
    }

    /// Accounts for the time of one sensor up to `now` as time in which its links were there.
    fn account(&mut self, index: usize, now: &Now) {
        let from = self.sensors[index].accrued_to;
        if from >= now.mono {
            return;
        }
        let sensor = &self.sensors[index];
        let lock = sensor.interlock.map(|lock| &self.interlocks[lock].state);
        let counting = lock.is_some_and(super::interlock::Interlock::counts) && self.broker == Broker::Connected;
        let heard = sensor.has_spoken(from);
        let noticed = lock.is_some_and(super::interlock::Interlock::is_open);
        let occupied_until = sensor.occupied_until(now.mono).map(|until| now.wall_at(until));
        // A presence that is not known is no absence.
        let known_until = if sensor.plan.presence { sensor.known_until(now.mono) } else { Some(now.mono) };
        let covered_until = known_until.map(|until| now.wall_at(until));
        self.sensors[index].accrued_to = now.mono;
        if !counting || !heard {
            return;
        }
        let add = |tally: &mut Tally, from: Wall, until: Wall| {
            let ms = until.since(from).as_millis() as u64;
            tally.covered_ms += covered_until.map_or(0, |end| until.min(end).since(from).as_millis() as u64);
            tally.noticed_ms += if noticed { ms } else { 0 };
            tally.presence_ms += occupied_until.map_or(0, |end| until.min(end).since(from).as_millis() as u64);
        };
        self.pace.lazy(now.mono);
        let mut at = now.wall_at(from);
        for _ in 0..SPREAD_MAX {
            let bucket = self.buckets.at(at);
            let until = bucket.end.min(now.wall);
            add(self.tallies.of(bucket, index), at, until);
            at = until;
            if at >= now.wall {
                break;
            }
        }
    }

    pub(super) fn accrue_all(&mut self, now: &Now) {
        (0..self.sensors.len()).for_each(|sensor| self.accrue(sensor, now));
    }

    /// Accounts for the time of all sensors before what counts as covered changes. What is in doubt then stays unaccounted for: it
    /// would be judged by what holds afterwards.
    pub(super) fn draw_line(&mut self, now: &Now) {
        (0..self.sensors.len()).for_each(|sensor| self.draw_line_of(sensor, now));
    }

    fn draw_line_of(&mut self, index: usize, now: &Now) {
        self.accrue(index, now);
        let sensor = &mut self.sensors[index];
        sensor.accrued_to = sensor.accrued_to.max(now.mono);
    }

    /// The same for the sensors of one interlock.
    pub(super) fn accrue_lock(&mut self, lock: usize, now: &Now) {
        self.accrue_places_of_lock(lock, now);
        for sensor in 0..self.sensors.len() {
            if self.sensors[sensor].interlock == Some(lock) {
                self.draw_line_of(sensor, now);
            }
        }
    }

    /// Notices that a sensor has fallen silent, having accounted for the time before.
    pub(super) fn expire_sensor(&mut self, index: usize, now: &Now) {
        if let Some(silent) = self.sensors[index].falls_silent().filter(|at| *at <= now.mono) {
            let then = Now { mono: silent, wall: now.wall_at(silent), trusted: now.trusted };
            self.accrue(index, &then);
            self.sensors[index].expire(now.mono);
        }
    }

    /// When the present bucket ends, if time is running in it.
    pub(super) fn bucket_end(&self, now: &Now) -> Option<Mono> {
        let running = |s: &&super::sensor::Sensor| {
            s.interlock.is_some_and(|lock| self.interlocks[lock].state.counts()) && s.is_heard(now.mono)
        };
        if self.broker != Broker::Connected {
            return None;
        }
        let earliest = self.sensors.iter().filter(running).map(|s| s.accrued_to).min()?;
        let bucket = self.buckets.clone().at(now.wall_at(earliest));
        Some(now.mono_at(bucket.end))
    }

    /// Marks the figures since `lost_at` of everything that was being counted.
    pub(super) fn mark_low(&mut self, lost_at: Mono, now: &Now) {
        for index in 0..self.sensors.len() {
            let lock = self.sensors[index].interlock.map(|lock| &self.interlocks[lock].state);
            if !lock.is_some_and(|l| l.open_since().is_some() || l.observes()) {
                continue;
            }
            let mut at = now.wall_at(lost_at).min(now.wall);
            for _ in 0..MARKED_MAX {
                let bucket = self.buckets.at(at);
                self.tallies.of(bucket, index).may_be_low = true;
                at = bucket.end;
                if at > now.wall {
                    break;
                }
            }
        }
    }
}
