//! One sensor as the core sees it: whether it is heard, what it last said, where its counters stand.
//!
//! A link that is said to be gone is in doubt for [`FLAP_MAX`]: last wills are published when a device merely reconnects. While in
//! doubt nothing is accounted for. If the link or any message comes back in time there was no outage; if not, nothing is known since
//! the moment it went. Nothing here wakes anybody: what time has decided is found out when somebody asks.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::device::baseline::Baseline;
use crate::device::binding::Binding;
use crate::domain::id::{ActivityId, SensorId, ZoneId};
use crate::domain::reading::{CameraState, LinkScope};
use crate::domain::time::{Mono, Wall};

/// A link that comes back within this time was not gone: a device, bridge or broker that reconnects leaves its last will behind and
/// says a moment later that it is there (facts of the field: wills flap at every change of a Wi-Fi access point).
pub const FLAP_MAX: Duration = Duration::from_secs(10);

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
    /// Whether its figures are of presence: then time is covered only while it is known whether somebody is there.
    pub presence: bool,
}

#[cfg(test)]
impl std::hash::Hash for SensorPlan {
    fn hash<H: std::hash::Hasher>(&self, into: &mut H) {
        self.id.hash(into);
    }
}

/// One counter of a sensor.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, Hash))]
pub struct Stream {
    /// Where it stood last.
    pub baseline: Baseline,
    /// When it was published at the earliest: a difference speaks of the time since then.
    pub since: Mono,
}

/// A sensor's state.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, Hash))]
pub struct Sensor {
    /// The plan.
    pub plan: SensorPlan,
    /// Its interlock's index; `None` if the daemon takes no figures of its activity.
    pub interlock: Option<usize>,
    /// Counters by stream.
    pub streams: BTreeMap<Box<str>, Stream>,
    /// Whether somebody is there, by stream, as far as known. Streams overlap, so somebody in one is somebody.
    presence: BTreeMap<Box<str>, Presence>,
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
    /// What was said to be gone, and when; at most one entry for each scope.
    gone: Vec<(LinkScope, Mono)>,
    settled_at: Mono,
    /// What was last said of a camera's switches and of what it does.
    camera: CameraState,
    /// The device says that its figures cannot be used.
    fault: bool,
}

/// What one stream said of presence.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(test, derive(Hash))]
struct Presence {
    occupied: bool,
    /// Until when that holds without another word; `None` until it is changed.
    until: Option<Mono>,
}

/// Whether a sensor's links are there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Link {
    /// Nobody said otherwise.
    There,
    /// Said to be gone since then, and perhaps only for a moment.
    InDoubt(Mono),
    /// Gone since then.
    Gone(Mono),
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
            gone: Vec::new(),
            settled_at: now,
            camera: CameraState::default(),
            fault: false,
        }
    }

    /// A camera says what it is asked to do, or does.
    pub fn look(&mut self, said: &CameraState) {
        let known = &mut self.camera;
        known.enabled = said.enabled.or(known.enabled);
        known.detect_enabled = said.detect_enabled.or(known.detect_enabled);
        // What detects or records has pictures.
        let at_work = [said.detecting, said.recording].contains(&Some(true)).then_some(true);
        known.online = said.online.or(at_work).or(known.online);
        known.detecting = said.detecting.or(known.detecting);
    }

    /// It says whether its figures can be used.
    pub fn fail(&mut self, fault: bool) {
        self.fault = fault;
    }

    /// Whether nothing says that it could not notice anybody.
    fn sees(&self) -> bool {
        let CameraState { enabled, detect_enabled, online, detecting, .. } = self.camera;
        !self.fault && ![enabled, detect_enabled, online, detecting].contains(&Some(false))
    }

    /// A message came: the sensor can be heard, whatever was said of its links.
    pub fn hear(&mut self, now: Mono) {
        self.heard_at = Some(now);
        self.gone.clear();
    }

    /// It, its bridge or its server says that it is gone, or comes back. A bridge that comes back first repeats what it
    /// remembers, which says nothing of now.
    pub fn link(&mut self, online: bool, scope: LinkScope, now: Mono) {
        let known = self.gone.iter().position(|(gone, _)| *gone == scope);
        match (online, known) {
            (true, Some(place)) => {
                self.gone.remove(place);
                self.settled_at = now + self.plan.binding.settle_after_link().unwrap_or_default();
            }
            (false, None) => self.gone.push((scope, now)),
            (true, None) | (false, Some(_)) => {}
        }
        if online && self.gone.is_empty() {
            self.heard_at = Some(now);
        }
    }

    /// How its links stand at `now`.
    #[must_use]
    pub fn link_at(&self, now: Mono) -> Link {
        match self.gone.iter().map(|(_, since)| *since).min() {
            None => Link::There,
            Some(since) if now.since(since) < FLAP_MAX => Link::InDoubt(since),
            Some(since) => Link::Gone(since),
        }
    }

    /// What of it is gone for good at `now`, the nearest to the broker first; nothing while that is in doubt.
    #[must_use]
    pub fn gone(&self, now: Mono) -> Option<LinkScope> {
        let gone = self.gone.iter().filter(|(_, since)| now.since(*since) >= FLAP_MAX);
        gone.map(|(scope, _)| *scope).max_by_key(|scope| LinkScope::WORDS.iter().position(|(_, known)| known == scope))
    }

    /// What one stream says of presence; `None` where it no longer knows. It holds for `holds`, else as long as the profile says.
    pub fn see(&mut self, stream: &str, occupied: Option<bool>, holds: Option<Duration>, now: Mono) {
        let until = holds.or(self.plan.binding.stale_after()).map(|holds| now + holds);
        match occupied {
            Some(occupied) if self.presence.len() < STREAMS_MAX || self.presence.contains_key(stream) => {
                self.presence.insert(stream.into(), Presence { occupied, until });
            }
            Some(_) => self.refuse("too-many"),
            None => drop(self.presence.remove(stream)),
        }
    }

    /// Until when somebody is known to be there if nothing else is said, as far as `now`; `None` if nobody is.
    #[must_use]
    pub fn occupied_until(&self, now: Mono) -> Option<Mono> {
        let occupied = self.presence.values().filter(|presence| presence.occupied);
        occupied.map(|presence| presence.until.map_or(now, |until| until.min(now))).max()
    }

    /// Until when it is known whether somebody is there if nothing else is said, as far as `now`; `None` if it is not.
    #[must_use]
    pub fn known_until(&self, now: Mono) -> Option<Mono> {
        self.presence.values().map(|presence| presence.until.map_or(now, |until| until.min(now))).max()
    }

    /// Nothing is known of presence any more.
    pub fn forget_presence(&mut self) {
        self.presence.clear();
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
        (self.camera, self.fault) = (CameraState::default(), false);
    }

    /// Whether it can be heard at `now`: it spoke within its profile's staleness limit and nobody said that it is gone.
    #[must_use]
    pub fn is_heard(&self, now: Mono) -> bool {
        self.gone.is_empty() && self.has_spoken(now)
    }

    /// Whether it spoke within its profile's staleness limit, and not of being blind.
    #[must_use]
    pub fn has_spoken(&self, now: Mono) -> bool {
        self.sees() && self.heard_at.is_some_and(|at| self.stale_at(at).is_none_or(|stale| now < stale))
    }

    /// When it falls silent, unless it speaks before.
    #[must_use]
    pub fn falls_silent(&self) -> Option<Mono> {
        if self.gone.is_empty() { self.heard_at.and_then(|at| self.stale_at(at)) } else { None }
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
