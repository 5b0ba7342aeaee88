//! What can happen next: what displays, visitors, the operator and time do by themselves, and what the adversary does to them.

use super::shop::{self, GRACE};
use super::world::{Line, Message, Millis, World};
use crate::domain::id::ZoneId;
use crate::domain::sign::{Order, SignEvent};
use crate::engine::Input;

/// Longest time for which the core stands still while it has still to hear what displays did: both are one process, which the service manager restarts if
/// they stop speaking.
const LINE_DELAY: Millis = 6_000;

/// How a display's wake by its timer goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    /// It is answered, and gets the picture if it needs one.
    Fine,
    /// Its question does not arrive.
    Unheard,
    /// Its question arrives, the answer does not.
    Unanswered,
    /// The transfer of the picture breaks off.
    Broken,
}

/// One step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Move {
    /// Time passes, and the daemon wakes when it wanted to.
    Wait(Millis),
    /// A display wakes by its timer.
    Wake(usize, Outcome),
    /// Somebody presses a display's button; whether it then reaches the daemon.
    Press(usize, bool),
    /// Somebody passes a sensor.
    Pass(usize),
    /// The operator stops or starts counting at a place.
    Stop(usize),
    Start(usize),
    /// A visitor of the hall objects.
    Object,
    /// The camera says again whether it is on.
    Report,
    /// The broker comes back; whether it kept the session.
    Connect(bool),
    /// What was held back arrives.
    Release(Line),
    /// Something is held back from now on.
    Hold(Line),
    /// A display cannot draw what it was given, and says so.
    DrawFails(usize),
    /// Somebody repeats the last question of a display.
    Repeat(usize),
    /// What displays did is lost on its way to the core.
    LoseEvents,
    /// The second message of the broker comes before the first.
    Overtake,
    /// The next command to the camera is lost, comes after the one behind it, or comes again.
    LoseCommand,
    OvertakeCommand,
    RepeatCommand,
    /// The store refuses a commit.
    Refuse,
    /// The daemon is killed and starts anew; whether the commit under way was durable.
    Kill(bool),
    /// The broker goes away; whether it missed the last acknowledgements.
    Disconnect(bool),
    /// The daemon stands still.
    Freeze(Millis),
    /// The wall clock is set by so much, or is believed no more, or again.
    SetClock(Millis),
    Distrust,
    Trust,
}

/// Every step there is.
pub(super) const MOVES: &[Move] = &[
    Move::Wait(6_000),
    Move::Wait(61_000),
    Move::Wait(1_000_000),
    Move::Wake(0, Outcome::Fine),
    Move::Wake(1, Outcome::Fine),
    Move::Pass(0),
    Move::Pass(1),
    Move::Stop(0),
    Move::Start(0),
    Move::Stop(1),
    Move::Start(1),
    Move::Object,
    Move::Report,
    Move::Press(0, true),
    Move::Press(1, true),
    Move::Connect(true),
    Move::Connect(false),
    Move::Trust,
    Move::Release(Line::Store),
    Move::Release(Line::Pictures),
    Move::Release(Line::Events),
    Move::Release(Line::Messages),
    Move::Release(Line::Commands),
    Move::Wake(0, Outcome::Unheard),
    Move::Wake(1, Outcome::Unheard),
    Move::Wake(0, Outcome::Unanswered),
    Move::Wake(1, Outcome::Unanswered),
    Move::Wake(0, Outcome::Broken),
    Move::Wake(1, Outcome::Broken),
    Move::Press(0, false),
    Move::Press(1, false),
    Move::Hold(Line::Store),
    Move::Hold(Line::Pictures),
    Move::Hold(Line::Events),
    Move::Hold(Line::Messages),
    Move::Hold(Line::Commands),
    Move::DrawFails(0),
    Move::DrawFails(1),
    Move::Repeat(0),
    Move::Repeat(1),
    Move::LoseEvents,
    Move::Overtake,
    Move::LoseCommand,
    Move::OvertakeCommand,
    Move::RepeatCommand,
    Move::Refuse,
    Move::Kill(false),
    Move::Kill(true),
    Move::Disconnect(false),
    Move::Disconnect(true),
    Move::Freeze(61_000),
    Move::Freeze(1_000_000),
    Move::SetClock(6 * 3_600_000),
    Move::SetClock(-3_600_000),
    Move::Distrust,
];

impl Move {
    /// Whether the core hears of it in the same queue as of displays, or after that.
    fn waits_for_events(self) -> bool {
        matches!(
            self,
            Self::Wait(_)
                | Self::Stop(_)
                | Self::Start(_)
                | Self::Object
                | Self::Connect(_)
                | Self::Disconnect(_)
                | Self::Overtake
        )
    }

    /// Whether it is the adversary's.
    pub(super) fn is_fault(self) -> bool {
        match self {
            Self::Wait(_)
            | Self::Wake(_, Outcome::Fine)
            | Self::Press(_, true)
            | Self::Pass(_)
            | Self::Stop(_)
            | Self::Start(_)
            | Self::Object
            | Self::Report
            | Self::Connect(_)
            | Self::Release(_)
            | Self::Trust => false,
            Self::Wake(_, Outcome::Unheard | Outcome::Unanswered | Outcome::Broken)
            | Self::Press(_, false)
            | Self::Hold(_)
            | Self::DrawFails(_)
            | Self::Repeat(_)
            | Self::LoseEvents
            | Self::Overtake
            | Self::LoseCommand
            | Self::OvertakeCommand
            | Self::RepeatCommand
            | Self::Refuse
            | Self::Kill(_)
            | Self::Disconnect(_)
            | Self::Freeze(_)
            | Self::SetClock(_)
            | Self::Distrust => true,
        }
    }
}

impl World {
    /// The world after `step`; `None` if that cannot happen or changes nothing.
    pub(super) fn after(&self, step: Move, passings: usize) -> Option<Self> {
        if step.is_fault() && self.faults_left == 0
            || step.waits_for_events() && !self.events.is_empty()
            || !self.can(step, passings)
        {
            return None;
        }
        let mut world = self.clone();
        world.faults_left -= u8::from(step.is_fault());
        world.take(step);
        Some(world)
    }

    fn can(&self, step: Move, passings: usize) -> bool {
        let stopped = |place: usize| self.engine.interlocks[place].state.stopped;
        match step {
            Move::Wake(sign, _) | Move::Press(sign, _) => self.displays[sign].arrived.is_none(),
            Move::Pass(_) => self.books.lawful.len() < passings,
            Move::Stop(place) => !stopped(place),
            Move::Start(place) => stopped(place),
            Move::Object => self.engine.objections.until(&shop::zone(0)).is_none(),
            Move::Connect(_) => !self.broker.connected,
            Move::Disconnect(unheard) => self.broker.connected && (!unheard || self.broker.has_settled()),
            Move::Release(line) => self.held.is(line),
            Move::Hold(line) => !self.held.is(line),
            Move::DrawFails(sign) => self.displays[sign].arrived.is_some(),
            Move::Repeat(sign) => {
                let display = &self.displays[sign];
                self.last_poll[sign].is_some() && display.arrived.is_none() && display.undisturbed
            }
            Move::LoseEvents => !self.events.is_empty(),
            Move::Overtake => self.overtaking().is_some(),
            Move::LoseCommand => !self.camera.commands.is_empty(),
            Move::OvertakeCommand => self.camera.commands.len() > 1,
            Move::RepeatCommand => self.camera.last.is_some(),
            Move::Refuse => self.held.is(Line::Store) && self.store.awaited.is_some(),
            Move::Kill(durable) => !durable || self.store.awaited.is_some(),
            Move::Distrust => self.trusted,
            Move::Trust => !self.trusted,
            Move::Freeze(length) => length <= LINE_DELAY || self.events.is_empty(),
            Move::Wait(_) | Move::SetClock(_) | Move::Report => true,
        }
    }

    /// The message that can come before one that was sent earlier on another topic.
    fn overtaking(&self) -> Option<usize> {
        let topic = |message: &Message| match message {
            Message::Passing { sensor, .. } => Some(*sensor),
            Message::Camera(_) => Some(2),
            Message::Marker(_) => None,
        };
        let [(_, first), (_, second)] = [self.broker.queue.front()?, self.broker.queue.get(1)?];
        let [first, second] = [topic(first)?, topic(second)?];
        (self.broker.connected && first != second).then_some(1)
    }

    pub(super) fn take(&mut self, step: Move) {
        match step {
            Move::Wait(length) => self.wait(length),
            Move::Freeze(length) => {
                self.displays.iter_mut().for_each(super::display::Display::draw);
                self.at += length;
                return;
            }
            Move::Wake(sign, outcome) => self.wake(sign, true, outcome),
            Move::Press(sign, heard) => {
                self.displays[sign].disturb();
                self.wake(sign, false, if heard { Outcome::Fine } else { Outcome::Unheard });
            }
            Move::Pass(sensor) => self.pass(sensor),
            Move::Stop(place) => self.tell(Input::Order(Order::Stop(shop::zone(place), shop::activity(place)))),
            Move::Start(place) => self.tell(Input::Order(Order::Start(shop::zone(place), shop::activity(place)))),
            Move::Object => self.object(&shop::zone(0)),
            Move::Report => self.broker.publish(Message::Camera(self.camera.on)),
            Move::Connect(session_present) => {
                self.broker.connect(session_present);
                self.tell(Input::Connected { session_present });
            }
            Move::Disconnect(unheard) => {
                self.broker.lose(unheard);
                self.tell(Input::Disconnected);
            }
            Move::Release(line) => self.held.set(line, false),
            Move::Hold(line) => self.held.set(line, true),
            Move::DrawFails(sign) => {
                self.displays[sign].disturb();
                self.events.push_back(SignEvent::Trouble { sign: shop::sign(sign) });
            }
            Move::Repeat(sign) => {
                if let Some((poll, lease)) = self.last_poll[sign].clone() {
                    self.displays[sign].was_heard(self.at, self.at + lease);
                    self.events.push_back(poll);
                }
            }
            Move::LoseEvents => {
                self.events.clear();
                self.tell(Input::EventsLost);
            }
            Move::Overtake => {
                if let Some(place) = self.overtaking() {
                    self.hand_on(place);
                }
            }
            Move::LoseCommand => drop(self.camera.commands.pop_front()),
            Move::OvertakeCommand => {
                self.camera.commands.swap(0, 1);
                self.camera.ghost = true;
            }
            Move::RepeatCommand => {
                if let Some(on) = self.camera.last {
                    self.camera.ghost |= on && !self.camera.on;
                    self.obey(on);
                }
            }
            Move::Refuse => self.answer_commit(false),
            Move::Kill(durable) => {
                if let Some(commit) = self.store.awaited.take().filter(|_| durable) {
                    self.keep(commit);
                }
                self.restart();
            }
            Move::SetClock(by) => self.skew += by,
            Move::Distrust => self.trusted = false,
            Move::Trust => self.trusted = true,
        }
        self.settle();
    }

    fn object(&mut self, zone: &ZoneId) {
        let now = self.now();
        self.engine.object(std::slice::from_ref(zone), &now);
        self.settle();
    }

    /// Time passes; the daemon wakes whenever it asked for it.
    pub(super) fn wait(&mut self, length: Millis) {
        let until = self.at + length;
        self.wake_engine(self.at);
        self.settle();
        self.displays.iter_mut().for_each(super::display::Display::draw);
        self.look();
        self.wake_engine(until);
        self.at = until;
        self.look();
    }

    fn wake_engine(&mut self, until: Millis) {
        self.settle();
        while let Some(wake) = self.engine.next_wake().filter(|wake| wake.0 <= until) {
            self.at = self.at.max(wake.0);
            self.tell(Input::Time);
            self.settle();
        }
    }

    /// A display wakes, asks, and fetches what it needs.
    pub(super) fn wake(&mut self, sign: usize, timer: bool, outcome: Outcome) {
        let display = &mut self.displays[sign];
        let board = self.engine.boards().nth(sign).flatten().cloned().filter(|_| outcome != Outcome::Unheard);
        let Some(board) = board else { return display.failed() };
        let id = || shop::sign(sign);
        let (offered, refresh_seconds) = (board.notice, board.refresh_seconds);
        let polled = SignEvent::Polled { sign: id(), offered, refresh_seconds, timer, cached: false };
        self.events.push_back(polled.clone());
        let lease = i64::from(refresh_seconds) * 1000 + GRACE.as_millis() as Millis;
        self.last_poll[sign] = Some((polled, lease));
        display.was_heard(self.at, self.at + lease);
        match outcome {
            Outcome::Unanswered => {
                display.failed();
                self.events.push_back(SignEvent::Trouble { sign: id() });
            }
            _ if !display.needs(&board) => display.was_answered(),
            Outcome::Fine => {
                display.was_answered();
                self.events.push_back(SignEvent::Fetched { sign: id(), notice: board.notice });
                display.arrived = Some(board);
            }
            Outcome::Broken | Outcome::Unheard => {
                display.failed();
                self.events.push_back(SignEvent::Fetched { sign: id(), notice: board.notice });
                self.events.push_back(SignEvent::FetchAborted { sign: id(), notice: board.notice });
            }
        }
    }
}
