//! The world around the engine, and the little that happens in it by itself: what is not held back arrives at once.

use std::collections::{BTreeMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::display::Display;
use super::promise::{Books, Broken, weight};
use crate::device::decode::Decoded;
use crate::domain::commit::{Commit, PacketMark, Restored};
use crate::domain::id::SignId;
use crate::domain::ledger::Entry;
use crate::domain::notice::SignState;
use crate::domain::reading::{CameraState, Fact, Reading};
use crate::domain::sign::{Board, SignEvent};
use crate::domain::time::{Mono, Now, Wall};
use crate::engine::scenario::{OPENING, picture};
use crate::engine::{Effect, Engine, Input, Packet, Plan};

/// Milliseconds since the world began.
pub(super) type Millis = i64;

/// How long a display takes to draw what it was given, or to report that it could not.
pub(super) const DRAWING: Millis = 5_000;

/// A message in the broker, on its way to the daemon.
#[derive(Clone, Hash, Debug)]
pub(super) enum Message {
    /// One person passed sensor `sensor`; `serial` tells them apart.
    Passing { sensor: usize, serial: u32 },
    /// The camera says whether it is on.
    Camera(bool),
    /// A marker that the daemon sent to itself.
    Marker(u64),
}

/// A line that the adversary can hold back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Line {
    /// Answers of the store.
    Store,
    /// Pictures that are being drawn.
    Pictures,
    /// What displays did, on its way to the core.
    Events,
    /// Messages of the broker.
    Messages,
    /// Commands to the camera.
    Commands,
}

/// What the adversary holds back.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Held([bool; 5]);

impl Held {
    pub(super) fn is(self, line: Line) -> bool {
        self.0[line as usize]
    }

    pub(super) fn set(&mut self, line: Line, held: bool) {
        self.0[line as usize] = held;
    }
}

/// The store, and what waits for it.
#[derive(Clone, Debug, Default)]
pub(super) struct Store {
    records: BTreeMap<Arc<str>, Arc<[u8]>>,
    marks: Arc<Vec<PacketMark>>,
    last_commit: Option<Wall>,
    pub(super) ledger: Arc<Vec<Entry>>,
    /// A commit that it has not answered yet.
    pub(super) awaited: Option<Commit>,
}

/// The broker.
#[derive(Clone, Hash, Debug, Default)]
pub(super) struct Broker {
    pub(super) connected: bool,
    epoch: u64,
    next_id: u16,
    /// Not handed on yet; those handed on before, and perhaps not acknowledged, with their packet id.
    pub(super) queue: VecDeque<(Option<u16>, Message)>,
    /// Handed on and not acknowledged.
    unacknowledged: VecDeque<(u16, Message)>,
    /// Acknowledged on this connection, as far as the broker may not know it.
    settled: VecDeque<(u16, Message)>,
}

/// The camera.
#[derive(Clone, Hash, Debug, Default)]
pub(super) struct Camera {
    pub(super) on: bool,
    pub(super) commands: VecDeque<bool>,
    pub(super) last: Option<bool>,
    /// It was switched on by a command that was repeated or overtaken on its way, after it had been switched off.
    pub(super) ghost: bool,
}

/// Everything.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) plan: Arc<Plan>,
    pub(super) engine: Engine,
    pub(super) at: Millis,
    /// How far the daemon's wall clock is ahead of the true one.
    pub(super) skew: Millis,
    pub(super) trusted: bool,
    pub(super) held: Held,
    pub(super) store: Store,
    pub(super) broker: Broker,
    pub(super) camera: Camera,
    pub(super) displays: [Display; 2],
    /// What displays did, on its way to the core.
    pub(super) events: VecDeque<SignEvent>,
    pictures: VecDeque<(SignId, SignState, u8)>,
    /// The last poll that each display made, for whoever repeats it, and for how long it is believed.
    pub(super) last_poll: [Option<(SignEvent, Millis)>; 2],
    pub(super) books: Books,
    pub(super) faults_left: u8,
    /// The first promise that was broken.
    pub(super) broken: Option<Broken>,
}

impl World {
    pub(super) fn new(plan: Plan, faults: u8) -> Self {
        let plan = Arc::new(plan);
        let now = Now { mono: Mono(0), wall: Wall(OPENING), trusted: true };
        let engine = Engine::new(Arc::clone(&plan), Restored::default(), &now);
        let mut world = Self {
            plan,
            engine,
            at: 0,
            skew: 0,
            trusted: true,
            held: Held::default(),
            store: Store::default(),
            broker: Broker::default(),
            camera: Camera::default(),
            displays: [Display::new(), Display::new()],
            events: VecDeque::new(),
            pictures: VecDeque::new(),
            last_poll: [None, None],
            books: Books::default(),
            faults_left: faults,
            broken: None,
        };
        world.settle();
        world
    }

    pub(super) fn now(&self) -> Now {
        Now { mono: Mono(self.at), wall: Wall(OPENING + self.at + self.skew), trusted: self.trusted }
    }

    /// The time that a reader's watch shows.
    pub(super) fn true_wall(&self) -> Wall {
        Wall(OPENING + self.at)
    }

    pub(super) fn board(&self, sign: usize) -> Option<&Board> {
        self.engine.boards().nth(sign).flatten()
    }

    pub(super) fn tell(&mut self, input: Input) {
        self.engine.handle(input, &self.now());
        self.effects();
        self.look();
    }

    /// Lets everything arrive that is not held back.
    pub(super) fn settle(&mut self) {
        self.effects();
        loop {
            if !self.held.is(Line::Store) && self.store.awaited.is_some() {
                self.answer_commit(true);
            } else if !self.held.is(Line::Pictures)
                && let Some((sign, state, turn)) = self.pictures.pop_front()
            {
                let notice = Some(picture(&state));
                self.tell(Input::Drawn { sign, state, turn, notice });
            } else if !self.held.is(Line::Events)
                && let Some(event) = self.events.pop_front()
            {
                self.tell(Input::Sign(event));
            } else if !self.held.is(Line::Commands)
                && let Some(on) = self.camera.commands.pop_front()
            {
                self.obey(on);
            } else if !self.events.is_empty() {
                // The core takes what displays did before messages, orders and time (`Core::take`).
                return;
            } else if !self.held.is(Line::Messages) && self.broker.connected && !self.broker.queue.is_empty() {
                self.hand_on(0);
            } else if self.engine.next_wake().is_some_and(|wake| wake.0 <= self.at) {
                self.tell(Input::Time);
            } else {
                return;
            }
        }
    }

    fn effects(&mut self) {
        while let Some(effect) = self.engine.next_effect() {
            match effect {
                Effect::Commit(commit) => self.store.awaited = Some(commit),
                Effect::Acknowledge(packets) => self.acknowledge(&packets),
                Effect::Marker(number) if self.broker.connected => {
                    self.broker.queue.push_back((None, Message::Marker(number)));
                }
                Effect::Marker(_) => {}
                Effect::Draw { sign, state, turn } => self.pictures.push_back((sign, state, turn)),
                Effect::Switch(command) => {
                    let on = command.payload == "ON";
                    self.check_command(on);
                    if self.broker.connected {
                        self.camera.commands.push_back(on);
                    }
                }
            }
        }
    }

    /// The store answers the commit that waits.
    pub(super) fn answer_commit(&mut self, ok: bool) {
        let Some(commit) = self.store.awaited.take() else { return };
        if ok {
            self.keep(commit);
        }
        self.tell(Input::Committed { ok });
    }

    /// The store has made `commit` durable.
    pub(super) fn keep(&mut self, commit: Commit) {
        self.books.keep(&commit);
        for (key, value) in commit.state {
            match value {
                Some(value) => self.store.records.insert(key.into(), value.into()),
                None => self.store.records.remove(key.as_str()),
            };
        }
        if commit.forget_packets {
            self.store.marks = Arc::default();
        }
        if !commit.packets.is_empty() {
            Arc::make_mut(&mut self.store.marks).extend(commit.packets);
        }
        if !commit.ledger.is_empty() {
            Arc::make_mut(&mut self.store.ledger).extend(commit.ledger);
        }
        self.store.last_commit = self.store.last_commit.max(commit.cut_at);
    }

    /// The daemon dies and starts anew on what the store kept.
    pub(super) fn restart(&mut self) {
        self.store.awaited = None;
        self.events.clear();
        self.pictures.clear();
        self.broker.lose(false);
        let restored = Restored {
            state: self.store.records.iter().map(|(key, value)| (key.to_string(), value.to_vec())).collect(),
            packets: self.store.marks.to_vec(),
            last_commit: self.store.last_commit,
        };
        let seeded = self.engine.seeded;
        self.engine = Engine::new(Arc::clone(&self.plan), restored, &self.now());
        self.engine.seeded = seeded;
        self.look();
    }

    /// The camera gets a command, and says what it is now.
    pub(super) fn obey(&mut self, on: bool) {
        (self.camera.on, self.camera.last) = (on, Some(on));
        self.camera.ghost &= on;
        self.broker.publish(Message::Camera(on));
    }

    /// The broker hands on the message at `place`.
    pub(super) fn hand_on(&mut self, place: usize) {
        let Some((known, message)) = self.broker.queue.remove(place) else { return };
        let (sensor, fact, hash) = match message {
            Message::Passing { sensor, serial } => {
                (sensor, Fact::Crossing { inward: weight(serial), outward: 0 }, u64::from(serial))
            }
            Message::Camera(on) => {
                let state = CameraState { enabled: Some(on), ..CameraState::default() };
                (1, Fact::Camera(state), 1_000 + u64::from(on))
            }
            Message::Marker(number) => return self.tell(Input::Marker(number)),
        };
        let id = known.unwrap_or_else(|| self.broker.new_id());
        self.broker.unacknowledged.push_back((id, message));
        let heard = vec![(sensor, Decoded::Readings(vec![Reading::of(fact)]))];
        let mark = PacketMark { id, hash };
        let packet = Packet { epoch: self.broker.epoch, mark, dup: known.is_some(), replayed: false, heard };
        self.tell(Input::Packet(packet));
    }

    fn acknowledge(&mut self, packets: &[(u64, u16)]) {
        for (epoch, id) in packets {
            if *epoch != self.broker.epoch {
                continue;
            }
            let Some(place) = self.broker.unacknowledged.iter().position(|(known, _)| known == id) else { continue };
            let Some(packet) = self.broker.unacknowledged.remove(place) else { continue };
            self.check_acknowledged(&packet.1);
            self.broker.settled.push_back(packet);
        }
    }

    /// What of the past may matter for the future.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        let into = &mut hasher;
        self.engine.hash_state(into);
        (self.at, self.skew, self.trusted, self.held, self.faults_left).hash(into);
        (&self.broker, &self.camera, &self.displays, &self.pictures).hash(into);
        (&self.events, &self.last_poll).hash(into);
        (&self.store.records, &self.store.marks, self.store.last_commit, self.store.awaited.is_some()).hash(into);
        self.books.hash(into);
        hasher.finish()
    }
}

impl Broker {
    /// A message for the daemon. A session is kept while it is away.
    pub(super) fn publish(&mut self, message: Message) {
        self.queue.push_back((None, message));
    }

    fn new_id(&mut self) -> u16 {
        self.next_id += 1;
        self.next_id
    }

    /// Whether the broker may not know of acknowledgements.
    pub(super) fn has_settled(&self) -> bool {
        !self.settled.is_empty()
    }

    /// The connection is gone. What was not acknowledged will come again; with `unheard`, so will what was acknowledged last.
    pub(super) fn lose(&mut self, unheard: bool) {
        self.connected = false;
        // A marker is sent at QoS 0 and not kept.
        self.queue.retain(|(_, message)| !matches!(message, Message::Marker(_)));
        let again = if unheard { std::mem::take(&mut self.settled) } else { VecDeque::new() };
        self.settled.clear();
        let open = std::mem::take(&mut self.unacknowledged);
        for (id, message) in again.into_iter().chain(open).rev() {
            self.queue.push_front((Some(id), message));
        }
    }

    pub(super) fn connect(&mut self, keeps_session: bool) {
        self.connected = true;
        self.epoch += 1;
        if !keeps_session {
            self.queue.clear();
            self.next_id = 0;
        }
    }
}
