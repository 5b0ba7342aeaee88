//! The promises, looked at from outside: from what is truly on the glass, what the camera truly does, and what is counted.

use std::hash::{Hash, Hasher};

use super::shop::{self, COVERS};
use super::world::{Message, World};
use crate::domain::commit::Commit;
use crate::engine::Engine;

/// People are told apart by their weight: each serial number has a digit of its own, to this base, in every sum.
const BASE: u32 = 4;

/// Most passings in one run, so that their digits fit.
pub(super) const PASSINGS_MAX: u32 = 8;

/// How many people the passing `serial` is.
pub(super) fn weight(serial: u32) -> u32 {
    BASE.pow(serial)
}

fn digit(sum: u64, serial: u32) -> u64 {
    sum / u64::from(weight(serial)) % u64::from(BASE)
}

/// What the world knows of passings and figures.
#[derive(Clone, Hash, Debug, Default)]
pub(super) struct Books {
    /// Sums in the store by sensor.
    pub(super) stored: [u64; 2],
    /// Whether each passing may be counted, by serial number.
    pub(super) lawful: Vec<bool>,
}

impl Books {
    pub(super) fn keep(&mut self, commit: &Commit) {
        for row in &commit.tallies {
            let sensor = usize::from(row.zone == shop::zone(1));
            self.stored[sensor] += row.tally.inward;
        }
    }
}

/// A promise that was broken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Broken {
    /// Counting is open at this place, and too few signs say so.
    OpenWithoutNotice(usize),
    /// The camera is told to switch on while counting is not open.
    SwitchedOnWithoutNotice,
    /// A sign says that nobody counts, and somebody does.
    DeniedWhileOpen { sign: usize, place: usize },
    /// A sign says that nobody watches, and the camera is on.
    DeniedWhileOn,
    /// Somebody was counted who passed without notice, or while it was stopped.
    CountedWithoutNotice(u32),
    /// Somebody was counted twice.
    CountedTwice(u32),
    /// Somebody was acknowledged who is in memory alone.
    AcknowledgedTooEarly(u32),
    /// Signs poll and sensors answer, and counting does not open.
    NeverOpens(String),
    /// Somebody who passed under the notice was not counted.
    NotCounted(u32),
    /// A stranger who recomputes the ledger finds time without notice.
    LedgerDisagrees(String),
}

impl World {
    /// Looks whether every promise holds now.
    pub(super) fn look(&mut self) {
        if self.broken.is_none() {
            self.broken = self.unlawful();
        }
    }

    fn unlawful(&self) -> Option<Broken> {
        for (place, signs) in COVERS.iter().enumerate() {
            let open = self.is_open(place);
            if open && !self.is_told(place) {
                return Some(Broken::OpenWithoutNotice(place));
            }
            for sign in *signs {
                let denies = self.displays[*sign].denies_until().is_some_and(|until| self.true_wall() < until);
                if denies && open {
                    return Some(Broken::DeniedWhileOpen { sign: *sign, place });
                }
                if denies && place == 1 && self.camera.on && !self.camera.ghost {
                    return Some(Broken::DeniedWhileOn);
                }
            }
        }
        for sensor in 0..2 {
            let sum = self.books.stored[sensor] + self.engine.in_memory(sensor);
            for (serial, lawful) in (0..).zip(&self.books.lawful) {
                match digit(sum, serial) {
                    0 => {}
                    1 if *lawful => {}
                    1 => return Some(Broken::CountedWithoutNotice(serial)),
                    _ => return Some(Broken::CountedTwice(serial)),
                }
            }
        }
        None
    }

    /// Whether figures are taken at `place`.
    pub(super) fn is_open(&self, place: usize) -> bool {
        self.engine.interlocks[place].state.is_open()
    }

    /// Whether as many signs as have to tell a visitor of `place` that it is counted.
    fn is_told(&self, place: usize) -> bool {
        let activity = shop::activity(place);
        let telling = COVERS[place].iter().filter(|sign| self.displays[**sign].tells(&activity, self.at));
        telling.count() >= self.plan.interlocks[place].quorum
    }

    /// Somebody passes sensor `sensor`.
    pub(super) fn pass(&mut self, sensor: usize) {
        let place = sensor;
        let lock = &self.engine.interlocks[place].state;
        // What the store has not confirmed is forgotten with the daemon, and binds only as long as that runs.
        let kept = self.store.awaited.is_none();
        let stopped = kept && (lock.stopped || self.engine.paused(&lock.zone, &lock.activity).is_some());
        let serial = u32::try_from(self.books.lawful.len()).unwrap_or(u32::MAX);
        self.books.lawful.push(self.is_told(place) && !stopped);
        self.broker.publish(Message::Passing { sensor, serial });
    }

    /// The daemon switches the camera.
    pub(super) fn check_command(&mut self, on: bool) {
        if on && !self.is_open(1) && self.broken.is_none() {
            self.broken = Some(Broken::SwitchedOnWithoutNotice);
        }
    }

    /// The daemon has acknowledged `message`.
    pub(super) fn check_acknowledged(&mut self, message: &Message) {
        if let Message::Passing { sensor, serial } = message
            && digit(self.engine.in_memory(*sensor), *serial) > 0
            && self.broken.is_none()
        {
            self.broken = Some(Broken::AcknowledgedTooEarly(*serial));
        }
    }
}

impl Engine {
    /// People that `sensor` counted and that are not known to be in the store.
    fn in_memory(&self, sensor: usize) -> u64 {
        let id = &self.sensors[sensor].plan.id;
        let rows = self.keep.under_way().map_or(&[][..], |commit| &commit.tallies);
        let on_their_way: u64 = rows.iter().filter(|row| row.sensor == *id).map(|row| row.tally.inward).sum();
        self.tallies.inward(sensor) + on_their_way
    }

    /// Everything that may matter for what it does next. The shop has no doors with an inside and is always open, so people in zones and
    /// opening hours never change.
    pub(super) fn hash_state(&self, into: &mut impl Hasher) {
        (&self.interlocks, &self.sensors, &self.signs, &self.marker, &self.packets).hash(into);
        (&self.pace, &self.tallies, &self.objections, &self.keep, &self.chronicle).hash(into);
        (&self.broker, self.control_due, self.stopping, self.offset_ms).hash(into);
    }
}
