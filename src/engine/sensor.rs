//! One sensor as the core sees it: whether it is heard, what it last said, where its counters stand.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::device::baseline::Baseline;
use crate::device::binding::Binding;
use crate::domain::id::{ActivityId, SensorId, ZoneId};
use crate::domain::time::{Mono, Wall};

/// Most streams (lines, rules, zones) of one sensor that are followed. The largest device known names eight lines.
pub const STREAMS_MAX: usize = 64;

/// What the engine needs to know of a sensor.
#[derive(Clone, Debug)]
pub struct SensorPlan {
    /// Its name.
    pub id: SensorId,
    /// Zone it watches.
    pub zone: ZoneId,
    /// Activity it serves.
    pub activity: ActivityId,
    /// Its profile, bound.
    pub binding: Binding,
    /// Whether it is switched with the interlock.
    pub control: bool,
}

/// One counter of a sensor.
#[derive(Debug)]
pub struct Stream {
    /// Where it stood last.
    pub baseline: Baseline,
    /// When it was published at the earliest: a difference speaks of the time since then.
    pub since: Mono,
}

/// A sensor's state.
#[derive(Debug)]
pub struct Sensor {
    /// The plan.
    pub plan: SensorPlan,
    /// Its interlock's index; `None` if the daemon takes no figures of its activity.
    pub interlock: Option<usize>,
    /// Counters by stream.
    pub streams: BTreeMap<Box<str>, Stream>,
    /// Whether somebody is there, by stream, as far as known. Streams overlap, so somebody in one is somebody.
    pub presence: BTreeMap<Box<str>, bool>,
    /// Switch position last confirmed.
    pub switched_on: Option<bool>,
    /// Up to when its time has been accounted for.
    pub accrued_to: Mono,
    /// Messages understood.
    pub accepted: u64,
    /// Messages refused, by reason.
    pub refused: BTreeMap<&'static str, u64>,
    /// Last message.
    pub last_heard: Option<Wall>,
    heard_at: Option<Mono>,
    link_down: bool,
    settled_at: Mono,
}

impl Sensor {
    /// A sensor not heard yet.
    #[must_use]
    pub fn new(plan: SensorPlan, interlock: Option<usize>, now: Mono) -> Self {
        Self {
            plan,
            interlock,
            streams: BTreeMap::new(),
            presence: BTreeMap::new(),
            switched_on: None,
            accrued_to: now,
            accepted: 0,
            refused: BTreeMap::new(),
            last_heard: None,
            heard_at: None,
            link_down: false,
            settled_at: now,
        }
    }

    /// A message came: the sensor can be heard.
    pub fn hear(&mut self, now: Mono) {
        self.heard_at = Some(now);
        self.link_down = false;
    }

    /// It, its bridge or its server says that it is gone, or comes back. A bridge that comes back first repeats what it
    /// remembers, which says nothing of now.
    pub fn link(&mut self, online: bool, now: Mono) {
        if online {
            if self.link_down {
                self.settled_at = now + self.plan.binding.settle_after_link().unwrap_or_default();
            }
            self.hear(now);
        } else {
            self.link_down = true;
            self.presence.clear();
        }
    }

    /// What one stream says of presence; `None` where it no longer knows.
    pub fn see(&mut self, stream: &str, occupied: Option<bool>) {
        match occupied {
            Some(occupied) if self.presence.len() < STREAMS_MAX || self.presence.contains_key(stream) => {
                self.presence.insert(stream.into(), occupied);
            }
            Some(_) => self.refuse("too-many"),
            None => drop(self.presence.remove(stream)),
        }
    }

    /// Whether somebody is known to be there.
    #[must_use]
    pub fn is_occupied(&self) -> bool {
        self.presence.values().any(|occupied| *occupied)
    }

    /// Whether what it says now is of now.
    #[must_use]
    pub fn is_settled(&self, now: Mono) -> bool {
        self.settled_at <= now
    }

    /// Nothing is known any more: the broker is gone or kept nothing for us.
    pub fn unhear(&mut self) {
        self.heard_at = None;
        self.presence.clear();
    }

    /// Whether it can be heard at `now`: it spoke within its profile's staleness limit and nobody said that it is gone.
    #[must_use]
    pub fn is_heard(&self, now: Mono) -> bool {
        !self.link_down && self.heard_at.is_some_and(|at| self.stale_at(at).is_none_or(|stale| now < stale))
    }

    /// When it falls silent, unless it speaks before.
    #[must_use]
    pub fn falls_silent(&self) -> Option<Mono> {
        if self.link_down { None } else { self.heard_at.and_then(|at| self.stale_at(at)) }
    }

    /// Forgets what a sensor said that has been silent for too long.
    pub fn expire(&mut self, now: Mono) {
        if self.falls_silent().is_some_and(|at| at <= now) {
            self.unhear();
        }
    }

    fn stale_at(&self, heard: Mono) -> Option<Mono> {
        self.plan.binding.stale_after().map(|limit: Duration| heard + limit)
    }

    /// Counts a refusal.
    pub fn refuse(&mut self, word: &'static str) {
        *self.refused.entry(word).or_default() += 1;
    }
}
