//! The core: inputs in, effects out. No socket, no clock, no task, no randomness of its own.
//!
//! [`Engine::handle`] takes what happened and when; [`Engine::next_effect`] says what is to be done; [`Engine::next_wake`] says
//! when to come back if nothing happens. The interlock decides (`control`), signs are told what to show (`boards`) and when to come
//! back (`refresh`), readings are folded in (`ingest`), and everything that must survive is put into one commit (`keep`).

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::device::binding::SwitchCommand;
use crate::device::decode::Decoded;
use crate::domain::commit::{Commit, PacketMark, Restored};
use crate::domain::id::{ActivityId, SignId, ZoneId};
use crate::domain::notice::{NoticeHash, SignState};
use crate::domain::sign::{Board, Order, SignEvent};
use crate::domain::time::{Mono, Now, Wall};

use chronicle::Chronicle;
use glass::SignPlan;
use hours::{Hours, Opening};
use interlock::{Interlock, LockPlan};
use keep::Keep;
use marker::Marker;
#[cfg(test)]
use model::Seeded;
use objection::{ObjectionPlan, Objections};
use occupancy::{Days, Door, Occupancies};
use pace::Pace;
use packets::Packets;
use sensor::{Sensor, SensorPlan};
use sign::Sign;
use tally::{Buckets, Tallies};

mod account;
pub mod attest;
mod boards;
mod chronicle;
mod control;
pub mod glass;
mod health;
pub mod hours;
mod ingest;
pub mod interlock;
mod keep;
mod marker;
pub mod objection;
pub mod occupancy;
pub mod pace;
mod packets;
pub mod reason;
pub mod record;
mod refresh;
pub mod sensor;
mod sign;
mod status;
pub mod tally;
mod turns;

#[cfg(test)]
mod account_book;
#[cfg(test)]
mod counting;
#[cfg(test)]
mod display;
#[cfg(test)]
mod evidence;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod model;
#[cfg(test)]
mod nights;
#[cfg(test)]
mod pauses;
#[cfg(test)]
mod quorum;
#[cfg(test)]
mod redraws;
#[cfg(test)]
mod scenario;
#[cfg(test)]
mod staff;
#[cfg(test)]
mod turning;

/// How long a sign goes on saying "active" after the broker was lost. A broker restarts within seconds; five minutes later
/// nobody can say what waits in it.
pub const BROKER_GRACE: Duration = Duration::from_secs(5 * 60);

/// How long after a start the broker is expected to answer: until then a sign is told what will hold in a moment, not that nobody
/// counts. Several attempts to connect fit into it.
pub const START_GRACE: Duration = Duration::from_secs(3);

/// How long after `noticed sign pair` a sign may ask for its credential.
pub const PAIRING_WINDOW: Duration = Duration::from_secs(10 * 60);

/// How long a wall clock that jumped far ahead must stand before it becomes the floor of later clocks.
pub const CLOCK_SETTLED: Duration = Duration::from_secs(24 * 3600);

/// A start so long after the last commit may be a clock that is wrong.
const START_FAR: Duration = Duration::from_secs(7 * 24 * 3600);

/// What the core needs to know of the configuration.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Length of a bucket.
    pub bucket: Duration,
    /// Longest wait for a commit.
    pub commit_interval: Duration,
    /// The shop's time zone.
    pub time_zone: TimeZone,
    /// Every (zone, activity) that figures are taken of.
    pub interlocks: Vec<LockPlan>,
    /// Activities that others carry out and signs announce (a security recorder).
    pub announced: Vec<(ZoneId, ActivityId)>,
    /// Sensors.
    pub sensors: Vec<SensorPlan>,
    /// Sensors that count people through doors, those whose figures are kept shortest first.
    pub doors: Vec<Door>,
    /// When, by the shop's clocks, everybody is taken to have left.
    pub occupancy_reset: jiff::civil::Time,
    /// When the shop is open, by its clocks; always if there is none.
    pub opening_hours: Vec<Opening>,
    /// What visitors may pause.
    pub objections: ObjectionPlan,
    /// Signs with the zones they cover.
    pub signs: Vec<(SignPlan, Vec<ZoneId>)>,
    /// Filters that the broker session carries.
    pub subscriptions: Vec<String>,
    /// Why the store cannot be used, if it cannot.
    pub store_fault: Option<String>,
    /// Identity of this boot of the machine.
    pub boot: String,
    /// Where the numbers of markers begin; random, so that markers of an earlier run are not taken for ours.
    pub first_marker: u64,
}

/// What happened.
#[derive(Debug)]
pub enum Input {
    /// The broker answered.
    Connected {
        /// Whether it had kept our session.
        session_present: bool,
    },
    /// The broker is gone.
    Disconnected,
    /// A message arrived.
    Packet(Packet),
    /// One of our markers came back.
    Marker(u64),
    /// A sign did something with its credential.
    Sign(SignEvent),
    /// Something that a sign did went past us.
    EventsLost,
    /// A picture was drawn, or could not be.
    Drawn {
        /// For which sign.
        sign: SignId,
        /// What it says.
        state: SignState,
        /// In which turn of its languages.
        turn: u8,
        /// Its identity; `None` if it could not be drawn.
        notice: Option<NoticeHash>,
    },
    /// The store answered the last commit.
    Committed {
        /// Whether it is durable.
        ok: bool,
    },
    /// The operator ordered something.
    Order(Order),
    /// The time named by [`Engine::next_wake`] has come.
    Time,
    /// Make everything so far durable; counting goes on.
    Flush,
    /// Stop counting; the process is going down.
    Stop,
}

/// One message, decoded.
#[derive(Debug)]
pub struct Packet {
    /// Connection it came on.
    pub epoch: u64,
    /// Identity; id 0 is QoS 0, which the broker never repeats and nobody acknowledges.
    pub mark: PacketMark,
    /// The broker says that it sent this before.
    pub dup: bool,
    /// It was retained: what was, not what is.
    pub replayed: bool,
    /// What it means to which sensors (by index in the plan).
    pub heard: Vec<(usize, Decoded)>,
}

/// What is to be done.
#[derive(Clone, PartialEq, Debug)]
pub enum Effect {
    /// Write this in one transaction and answer with [`Input::Committed`].
    Commit(Commit),
    /// Acknowledge these packets (connection, id), in this order.
    Acknowledge(Vec<(u64, u16)>),
    /// Publish a marker with this number.
    Marker(u64),
    /// Draw this picture and answer with [`Input::Drawn`].
    Draw {
        /// For which sign.
        sign: SignId,
        /// What it shall say.
        state: SignState,
        /// In which turn of its languages.
        turn: u8,
    },
    /// Switch a sensor.
    Switch(SwitchCommand),
}

/// The core.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub struct Engine {
    plan: Arc<Plan>,
    interlocks: Vec<Lock>,
    sensors: Vec<Sensor>,
    signs: Vec<Sign>,
    marker: Marker,
    packets: Packets,
    pace: Pace,
    buckets: Buckets,
    tallies: Tallies,
    occupancies: Occupancies,
    objections: Objections,
    keep: Keep,
    chronicle: Chronicle,
    hours: Hours,
    broker: Broker,
    effects: VecDeque<Effect>,
    /// When control has to look again by itself.
    control_due: Option<Mono>,
    stopping: bool,
    offset_ms: i64,
    code_day: jiff::civil::Date,
    /// A fault that the model check must find.
    #[cfg(test)]
    seeded: Option<Seeded>,
}

/// An interlock with what the core remembers about it.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, Hash))]
struct Lock {
    state: Interlock,
    /// Since when signs have covered without interruption.
    covered_since: Option<Mono>,
    /// Number of the commit that carries its last change.
    changed_in: u64,
    /// It was open when the last run ended, and whether that goes on is not decided yet.
    resuming: bool,
    /// When switched sensors were last told to switch off.
    told_off: Option<Mono>,
    /// The lease under which it was open has ended, at this moment.
    cover_ended: Option<Mono>,
    /// It was last closed for a visitor, of which no log tells the time.
    quiet: bool,
}

/// The connection to the broker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(test, derive(Hash))]
enum Broker {
    /// Never reached since the start.
    Awaited {
        since: Mono,
    },
    Connected,
    Lost {
        since: Mono,
    },
}

impl Engine {
    /// Starts with what the store kept. Nothing is counted before a broker, a sign and a marker say so.
    #[must_use]
    pub fn new(plan: impl Into<Arc<Plan>>, mut restored: Restored, now: &Now) -> Self {
        let plan = plan.into();
        let lock = |plan: &LockPlan| Lock {
            state: Interlock::new(plan),
            covered_since: None,
            changed_in: 0,
            resuming: false,
            told_off: None,
            cover_ended: None,
            quiet: false,
        };
        let interlocks: Vec<Lock> = plan.interlocks.iter().map(lock).collect();
        let index =
            |s: &SensorPlan| interlocks.iter().position(|l| l.state.zone == s.zone && l.state.activity == s.activity);
        let sensors = plan.sensors.iter().map(|s| Sensor::new(s.clone(), index(s), now.mono)).collect();
        let signs = plan.signs.iter().map(|(s, zones)| Sign::new(s.clone(), zones.clone())).collect();
        let locks: Vec<_> = plan.interlocks.iter().map(|lock| (lock.zone.clone(), lock.activity.clone())).collect();
        let days = Days::new(plan.occupancy_reset, plan.time_zone.clone());
        let mut engine = Self {
            occupancies: Occupancies::new(&plan.doors, &locks, days, now),
            marker: Marker::new(now.mono, plan.first_marker),
            packets: Packets::restored(&std::mem::take(&mut restored.packets)),
            pace: Pace::new(plan.commit_interval),
            buckets: Buckets::new(plan.bucket, plan.time_zone.clone()),
            tallies: Tallies::default(),
            objections: Objections::restored(&restored.state, now),
            keep: Keep::default(),
            chronicle: Chronicle::default(),
            hours: Hours::new(plan.opening_hours.clone(), plan.time_zone.clone()),
            broker: Broker::Awaited { since: now.mono },
            effects: VecDeque::new(),
            control_due: None,
            stopping: false,
            offset_ms: now.wall.0 - now.mono.0,
            code_day: objection::code_day(now.wall, &plan.time_zone),
            #[cfg(test)]
            seeded: None,
            interlocks,
            sensors,
            signs,
            plan,
        };
        engine.restore(&restored, now);
        engine.begin_chronicle(&restored.state, now);
        engine.control(now);
        engine
    }

    /// Takes in what happened at `now`.
    pub fn handle(&mut self, input: Input, now: &Now) {
        let now = &self.believed(now);
        self.follow_clock(now);
        if self.control_due.is_some_and(|at| at <= now.mono) {
            self.control(now);
        }
        match input {
            Input::Packet(packet) => self.packet(packet, now),
            Input::Connected { session_present } => self.connected(session_present, now),
            Input::Disconnected => self.disconnected(now),
            Input::Marker(number) => {
                if self.marker.returned(number) {
                    if self.interlocks.iter().any(|l| l.covered_since.is_some()) {
                        self.packets.account_refused();
                    }
                    self.keep.run_changed = true;
                    self.pace.dirty(now.mono);
                    self.control(now);
                }
            }
            Input::Sign(event) => self.sign_event(&event, now),
            Input::EventsLost => self.events_lost(now),
            Input::Drawn { sign, state, turn, notice } => self.drawn(&sign, (state, turn), notice, now),
            Input::Committed { ok } => self.committed(ok, now),
            Input::Order(order) => self.order(&order, now),
            Input::Time => self.control(now),
            Input::Flush => {
                self.accrue_all(now);
                self.pace.urge(now.mono);
                self.cut(now);
            }
            Input::Stop => {
                self.stopping = true;
                self.control(now);
                self.pace.urge(now.mono);
                self.cut(now);
            }
        }
        self.cut_if_due(now);
    }

    fn cut_if_due(&mut self, now: &Now) {
        if self.pace.due().is_some_and(|at| at <= now.mono) {
            self.cut(now);
        }
    }

    /// The next thing to be done, in order.
    pub fn next_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When to hand in [`Input::Time`] if nothing else happens; `None` if nothing is waited for.
    #[must_use]
    pub fn next_wake(&self) -> Option<Mono> {
        let commit = if self.keep.is_under_way() { None } else { self.pace.due() };
        [commit, self.control_due].into_iter().flatten().min()
    }

    /// What every sign is to show.
    pub fn boards(&self) -> impl Iterator<Item = Option<&Board>> {
        self.signs.iter().map(|s| s.board.as_ref())
    }

    /// Whether `sign` may be given its credential now; if so, it may not be given again.
    pub fn grant_credential(&mut self, sign: &SignId, now: &Now) -> bool {
        let commit = self.keep.number();
        let Some(sign) = self.signs.iter_mut().find(|s| s.glass.plan.id == *sign) else { return false };
        let granted = self.plan.store_fault.is_none() && sign.may_pair(now.mono);
        if granted {
            sign.paired = true;
            sign.pairing_until = None;
            sign.changed_in = commit;
            self.pace.urge(now.mono);
        }
        granted
    }

    /// The day whose codes signs that are drawn now carry.
    #[must_use]
    pub fn code_day(&self) -> jiff::civil::Date {
        self.code_day
    }

    /// Whether a sign still waits for its picture, or for the commit that lets it be shown.
    #[must_use]
    pub fn is_drawing(&self) -> bool {
        self.signs.iter().any(|s| s.is_drawing() || s.next.is_some())
    }

    /// Whether everything handed over so far is durable.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        !self.keep.is_under_way() && self.nothing_to_write()
    }

    /// Whether the store has still to answer a commit.
    #[cfg(test)]
    pub(crate) fn awaits_store(&self) -> bool {
        self.keep.is_under_way()
    }

    /// Every zone and activity, and since when it is counted if it is.
    #[cfg(test)]
    pub(crate) fn counted(&self) -> impl Iterator<Item = (&ZoneId, &ActivityId, Option<Mono>)> {
        let counts = |lock: &Lock| lock.state.open_since().filter(|_| lock.state.is_open());
        self.interlocks.iter().map(move |lock| (&lock.state.zone, &lock.state.activity, counts(lock)))
    }

    fn order(&mut self, order: &Order, now: &Now) {
        match order {
            Order::Stop(zone, activity) => self.set_stopped(zone, activity, true, now),
            Order::Start(zone, activity) => self.set_stopped(zone, activity, false, now),
            Order::Pair(sign) => {
                if let Some(sign) = self.signs.iter_mut().find(|s| s.glass.plan.id == *sign) {
                    sign.pairing_until = Some(now.mono + PAIRING_WINDOW);
                }
            }
            Order::Attest(sign, role) => self.attest(sign, role, now),
        }
    }

    /// Whether an order names something that exists.
    #[must_use]
    pub fn knows(&self, order: &Order) -> bool {
        match order {
            Order::Stop(zone, activity) | Order::Start(zone, activity) => {
                self.interlocks.iter().any(|l| l.state.zone == *zone && l.state.activity == *activity)
            }
            Order::Pair(sign) | Order::Attest(sign, _) => self.signs.iter().any(|s| s.glass.plan.id == *sign),
        }
    }

    fn set_stopped(&mut self, zone: &ZoneId, activity: &ActivityId, stopped: bool, now: &Now) {
        let number = self.keep.number();
        for lock in &mut self.interlocks {
            if lock.state.zone == *zone && lock.state.activity == *activity {
                lock.state.stopped = stopped;
                lock.changed_in = number;
            }
        }
        self.pace.urge(now.mono);
        self.control(now);
    }

    /// A clock that shows a time before the newest figures kept is not believed.
    fn believed(&self, now: &Now) -> Now {
        Now { trusted: now.trusted && now.wall >= self.keep.newest, ..*now }
    }

    /// The wall clock was set: time so far is accounted for by the old one before the new one dates anything.
    fn follow_clock(&mut self, now: &Now) {
        /// Smaller moves are the clock being disciplined, and dates are not affected by them.
        const JUMP_MS: i64 = 2_000;
        /// A jump as far as this is no correction of a clock that was about right.
        const FAR: Duration = Duration::from_secs(120);
        let offset = now.wall.0 - now.mono.0;
        if (offset - self.offset_ms).abs() < JUMP_MS {
            self.offset_ms = offset;
            return;
        }
        let before = Now { mono: now.mono, wall: Wall(now.mono.0 + self.offset_ms), trusted: now.trusted };
        self.draw_line(&before);
        self.offset_ms = offset;
        self.keep.run_changed = true;
        self.objections.clock_moved(self.keep.number(), now);
        let number = self.keep.number();
        for sign in &mut self.signs {
            sign.glass.clock_moved(now.wall.0 - before.wall.0, before.wall);
            sign.changed_in = number;
        }
        if now.wall.since(before.wall) >= FAR {
            // It may be wrong, and be set back: until it has stood for a day it does not become the floor of later clocks.
            self.keep.dated_from = now.mono + CLOCK_SETTLED;
        }
        tracing::warn!(moved_ms = offset - before.wall.0 + before.mono.0, "the wall clock was set");
        self.control(now);
    }
}
