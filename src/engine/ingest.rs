//! Readings in, sums out: each reading is judged by the interlock of the time it speaks of, then folded into its bucket.

use super::interlock::LATENESS_MAX;
use super::sensor::{Link, STREAMS_MAX, Sensor, Stream};
use super::{Engine, Packet};
use crate::device::baseline::{Baseline, Counted};
use crate::device::decode::{Decoded, Refusal};
use crate::domain::reading::{Fact, Reading};
use crate::domain::time::{Mono, Now, Wall};
use std::time::Duration;

/// How far a device's clock may run ahead before its dates are ignored.
const FUTURE_MAX: Duration = Duration::from_secs(2 * 60);

/// Longest interval that a device may report in one piece and still be dated by its own clock.
const INTERVAL_MAX: Duration = Duration::from_secs(24 * 3600);

/// Last words are cut to full minutes, so that no single passing can be dated by them.
const HEARD_GRID_MS: i64 = 60_000;

/// Whether a device's date can be believed: neither ahead of us nor older than late readings are accepted.
fn believable(at: Wall, now: &Now) -> bool {
    now.wall - LATENESS_MAX <= at && at <= now.wall + FUTURE_MAX
}

/// What became of a reading.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Folded {
    /// A count that is kept, even if it adds nothing (a repetition, a first total).
    Counted,
    /// A count that the interlock refused.
    Refused,
    /// Anything else.
    State,
}

/// The time that a reading speaks of, and where it is dated.
struct Spoken {
    from: Mono,
    to: Mono,
    dated: Wall,
}

impl Engine {
    pub(super) fn packet(&mut self, packet: Packet, now: &Now) {
        let acknowledged = packet.mark.id != 0;
        if acknowledged {
            self.keep.held.push((packet.epoch, packet.mark.id));
            self.pace.hold(now.mono);
            if self.packets.is_repetition(packet.dup, packet.mark) {
                return;
            }
        }
        let mut kept = false;
        for (sensor, decoded) in packet.heard {
            kept |= match sensor.checked_sub(self.sensors.len()) {
                Some(button) => self.press(button, &decoded, packet.replayed, now),
                None => self.hear(sensor, decoded, packet.replayed, now),
            };
        }
        // Only counts are harmed by being heard twice.
        if kept && acknowledged {
            self.packets.account(packet.mark);
        } else if acknowledged {
            self.packets.refuse(packet.mark);
            self.release_if_idle(now);
        }
    }

    /// Takes in one sensor's part of a message. Returns whether a count was kept.
    fn hear(&mut self, index: usize, decoded: Decoded, replayed: bool, now: &Now) -> bool {
        match decoded {
            Decoded::Readings(readings) => {
                self.accrue(index, now);
                let goes = readings.iter().any(|r| matches!(r.fact, Fact::Link { online: false, .. }));
                // That presence is unknown while a link is gone follows from the link, and waits for what becomes of it.
                let follows = |r: &&Reading| goes && matches!(r.fact, Fact::Presence { occupied: None, count: None });
                let links_only = readings.iter().all(|r| matches!(r.fact, Fact::Link { .. }) || follows(&r));
                if !links_only {
                    self.prove(index, now, |sensor| sensor.hear(now.mono));
                }
                let said = readings.iter().filter(|r| !follows(r));
                let folded: Vec<Folded> = said.map(|r| self.reading(index, r, replayed, now)).collect();
                // While counting is closed not even a number of messages is kept: for a door counter it would be a count; and
                // when it was heard is told no finer than figures are dated.
                let refused = folded.contains(&Folded::Refused);
                let full_minute = Wall(now.wall.0.div_euclid(HEARD_GRID_MS) * HEARD_GRID_MS);
                let heard = if refused { self.buckets.at(now.wall).start } else { full_minute };
                let sensor = &mut self.sensors[index];
                if !links_only {
                    sensor.last_heard = sensor.last_heard.max(Some(heard));
                }
                sensor.accepted += u64::from(!refused);
                folded.contains(&Folded::Counted)
            }
            Decoded::Nothing => false,
            Decoded::Refused(refusal) => {
                self.sensors[index].refuse(refusal.word());
                if refusal == Refusal::Flood {
                    self.mark_flood(index, now);
                }
                false
            }
        }
    }

    /// A message that was not looked at may have told of people.
    fn mark_flood(&mut self, index: usize, now: &Now) {
        if self.sensors[index].interlock.is_some_and(|lock| self.interlocks[lock].state.counts()) {
            let bucket = self.buckets.at(now.wall);
            self.tallies.of(bucket, index).may_be_low = true;
            self.pace.lazy(now.mono);
        }
    }

    /// Lets `proof` say that the sensor is there, or that a link of it is or is not: what was in doubt until now is accounted for as
    /// far as it no longer is.
    fn prove(&mut self, index: usize, now: &Now, proof: impl FnOnce(&mut Sensor)) {
        let sensor = &mut self.sensors[index];
        let was_in_doubt = matches!(sensor.link_at(now.mono), Link::InDoubt(_)) && sensor.has_spoken(sensor.accrued_to);
        proof(sensor);
        if was_in_doubt {
            self.accrue(index, now);
        } else {
            sensor.accrued_to = sensor.accrued_to.max(now.mono);
        }
    }

    fn reading(&mut self, index: usize, reading: &Reading, replayed: bool, now: &Now) -> Folded {
        if let Some(on) = self.sensors[index].plan.binding.switched(reading)
            && self.sensors[index].switched_on.replace(on) != Some(on)
        {
            self.control(now);
        }
        match &reading.fact {
            Fact::Crossing { .. } | Fact::Totals { .. } | Fact::Interval { .. } => {
                return self.count(index, reading, replayed, now);
            }
            Fact::Presence { occupied, count } => {
                return self.presence(index, reading, *occupied, *count, now);
            }
            Fact::Link { online, scope } => {
                self.prove(index, now, |sensor| sensor.link(*online, *scope, now.mono));
            }
            // No figure comes of them, but somebody opened the door, or moved.
            Fact::Contact { .. } | Fact::Motion { .. } => {
                let counts = self.sensors[index].interlock.is_some_and(|lock| self.interlocks[lock].state.counts());
                return if counts { Folded::State } else { Folded::Refused };
            }
            // Its time up to now is accounted for already.
            Fact::Camera(said) => self.sensors[index].look(said),
            Fact::Fault { active } => self.sensors[index].fail(*active),
            // A visitor presses what is configured as a button; a sensor with one pauses nothing.
            Fact::Switch { .. } | Fact::Battery { .. } | Fact::Tamper { .. } | Fact::Pressed => {}
        }
        Folded::State
    }

    /// Keeps what is said of presence in memory; figures of it only grow while counting is open.
    fn presence(
        &mut self,
        index: usize,
        reading: &Reading,
        occupied: Option<bool>,
        count: Option<u32>,
        now: &Now,
    ) -> Folded {
        let sensor = &mut self.sensors[index];
        if !sensor.is_settled(now.mono) {
            // A copy begins nothing; that nobody is there any more is taken, or presence held through a flapping link could stay.
            if occupied != Some(true) && count.unwrap_or(0) == 0 {
                sensor.see(&reading.stream, None, None, now.mono);
            }
            let counts = sensor.interlock.is_some_and(|lock| self.interlocks[lock].state.counts());
            return if counts { Folded::State } else { Folded::Refused };
        }
        sensor.see(&reading.stream, occupied.or(count.map(|c| c > 0)), reading.holds, now.mono);
        let counts = sensor.interlock.is_some_and(|lock| self.interlocks[lock].state.counts());
        if counts && let Some(people) = count {
            let bucket = self.buckets.at(now.wall);
            let tally = self.tallies.of(bucket, index);
            tally.occupancy_max = tally.occupancy_max.max(Some(people));
            self.pace.lazy(now.mono);
        }
        if counts { Folded::State } else { Folded::Refused }
    }

    fn count(&mut self, index: usize, reading: &Reading, replayed: bool, now: &Now) -> Folded {
        let Some(lock) = self.sensors[index].interlock else { return Folded::State };
        let (spoken, reading) = &self.spoken(index, reading, now);
        let open = !self.interlocks[lock].resuming && self.interlocks[lock].state.was_open(spoken.from, spoken.to);
        let counts = open || self.interlocks[lock].state.observes();
        let Some(counted) = self.difference(index, reading, replayed) else {
            self.sensors[index].refuse("too-many");
            return Folded::State;
        };
        if !counts {
            let tells_of_people = matches!(counted, Counted::People { .. } | Counted::Baseline { may_miss: true });
            if tells_of_people && self.interlocks[lock].state.is_open() {
                // It speaks, in part, of a time when counting was closed: people of the open part are missing now.
                let bucket = self.buckets.at(now.wall);
                self.tallies.of(bucket, index).may_be_low = true;
                self.pace.dirty(now.mono);
            }
            return Folded::Refused;
        }
        self.keep.streams.insert((index, reading.stream.clone()));
        self.pace.dirty(now.mono);
        let bucket = self.buckets.at(spoken.dated);
        match counted {
            Counted::People { inward, outward, missed } => {
                let tally = self.tallies.of(bucket, index);
                // A device may say anything up to 2^64.
                tally.inward = tally.inward.saturating_add(inward);
                tally.outward = tally.outward.saturating_add(outward);
                tally.may_be_low |= missed > 0;
                self.people_passed(index, (inward, outward), (spoken.from, spoken.to, spoken.dated), now);
            }
            Counted::Baseline { may_miss: true } => self.tallies.of(bucket, index).may_be_low = true,
            Counted::Baseline { may_miss: false } | Counted::Nothing | Counted::Duplicate | Counted::CrossCheck => {}
        }
        Folded::Counted
    }

    /// Moves the stream's counter on, whether or not the difference may be counted: what passed while counting was closed must
    /// not turn up in a later difference. What is moved while closed stays in memory.
    ///
    /// The next total speaks of the time since this one was *published*, at the earliest when the marker was. A replayed one may be
    /// as old as the one before.
    fn difference(&mut self, index: usize, reading: &Reading, replayed: bool) -> Option<Counted> {
        let since = self.marker.since;
        let sensor = &mut self.sensors[index];
        let policy = sensor.plan.binding.counter_policy();
        if !sensor.streams.contains_key(&reading.stream) && sensor.streams.len() >= STREAMS_MAX {
            return None;
        }
        let stream = sensor
            .streams
            .entry(reading.stream.clone())
            .or_insert_with(|| Stream { baseline: Baseline::default(), since: Mono(i64::MIN) });
        let counted = stream.baseline.apply(reading, policy);
        if matches!(reading.fact, Fact::Totals { .. }) && !replayed {
            stream.since = since;
        }
        Some(counted)
    }

    /// The time that a reading speaks of, and the reading as far as its device's clock can be believed.
    fn spoken(&self, index: usize, reading: &Reading, now: &Now) -> (Spoken, Reading) {
        let arrived = Spoken { from: self.marker.since, to: now.mono, dated: now.wall };
        let mut believed = reading.clone();
        let spoken = match &mut believed.fact {
            Fact::Totals { .. } => match self.sensors[index].streams.get(&reading.stream) {
                Some(stream) => Spoken { from: stream.since.min(arrived.from), ..arrived },
                None => arrived,
            },
            // A device that kept a passing until it was connected again says when it was, and that is the time that counts.
            Fact::Crossing { .. } => match reading.at.filter(|at| believable(*at, now)) {
                Some(at) => {
                    let at = at.min(now.wall);
                    Spoken { from: now.mono_at(at), to: now.mono_at(at), dated: at }
                }
                None => arrived,
            },
            Fact::Interval { from, to, .. } => {
                let sane =
                    from < to && believable(*from, now) && believable(*to, now) && to.since(*from) <= INTERVAL_MAX;
                if sane {
                    // Dated by its last moment, so that an hour's figure belongs to that hour however short the buckets are.
                    let last = (*to - Duration::from_millis(1)).min(now.wall);
                    Spoken { from: now.mono_at(*from), to: now.mono_at(last).min(now.mono), dated: last }
                } else {
                    // A clock that stands still would make every period look like the one before: where it lies is not known.
                    let length = to.since(*from).min(INTERVAL_MAX);
                    *to = *from;
                    Spoken { from: arrived.from.min(now.mono - length), ..arrived }
                }
            }
            Fact::Presence { .. }
            | Fact::Contact { .. }
            | Fact::Motion { .. }
            | Fact::Camera(_)
            | Fact::Link { .. }
            | Fact::Switch { .. }
            | Fact::Battery { .. }
            | Fact::Tamper { .. }
            | Fact::Fault { .. }
            | Fact::Pressed => arrived,
        };
        (spoken, believed)
    }
}
