//! The loop that hands everything to the engine and does what the engine says. It never waits for anything but the next thing.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use super::Call;
use super::access_point::{Answered, Labels};
use super::album::Album;
use super::callers::Callers;
use super::draw::{Drawer, Drawn};
use super::pages::Pages;
use super::pausing::{Doors, Said};
use super::prune::Pruner;
use super::route::Router;
use super::witness::checkpoint;
use crate::domain::commit::Commit;
use crate::domain::id::SignId;
use crate::domain::sign::Order;
use crate::domain::time::Now;
use crate::engine::{Effect, Engine, Input};
use crate::http::engine::EngineLine;
use crate::http::{Checkpoint, Look, Request, Shown, Sign, Speaks};
use crate::mqtt::publish::Publisher;
use crate::mqtt::session::{Acknowledger, Heard};
use crate::process::clock::Clock;
use crate::process::service;
use crate::store::Store;

/// Messages taken from the queue in one go, before anything else gets its turn.
const BATCH_MAX: usize = 64;

/// How long a stop waits for the store's last word. The unit allows 20 s; a disk that takes longer will not take it at all.
const STOP_WAIT: Duration = Duration::from_secs(10);

/// Most visitors who wait for their pause to be kept. Each has a connection, of which there are not many more.
const PROMISED_MAX: usize = 64;

/// Longest sleep without a wake-up of the engine's own.
const SLEEP_MAX: Duration = Duration::from_secs(3600);

/// What came of a commit.
pub(super) struct Committed {
    /// Whether it is durable.
    ok: bool,
    /// The head that was signed with it, if it had entries of the ledger.
    checkpoint: Option<String>,
}

/// Everything that talks to the core.
pub(super) struct Inlets {
    pub(super) heard: mpsc::Receiver<Heard>,
    pub(super) requests: mpsc::Receiver<Request>,
    pub(super) committed: mpsc::Receiver<Committed>,
    pub(super) drawn: mpsc::Receiver<Drawn>,
    pub(super) labels: mpsc::Receiver<Answered>,
}

/// Everything that the core talks to.
pub(super) struct Core {
    pub(super) engine: Engine,
    pub(super) clock: Clock,
    pub(super) store: Option<Store>,
    pub(super) committed: mpsc::Sender<Committed>,
    /// The newest head of the ledger that is durable.
    pub(super) checkpoint: Option<Arc<Checkpoint>>,
    pub(super) acknowledger: Acknowledger,
    pub(super) publisher: Publisher,
    pub(super) marker_topic: String,
    pub(super) drawer: Drawer,
    pub(super) router: Router,
    pub(super) signs: Vec<(SignId, Speaks)>,
    /// What the access points of electronic labels tell of them.
    pub(super) labels: Labels,
    /// Who asked and was not let in.
    pub(super) callers: Callers,
    pub(super) album: Album,
    pub(super) pages: Pages,
    /// Who may pause what from where.
    pub(super) doors: Doors,
    /// Who waits for a pause to be kept, and what they will be told.
    pub(super) promised: Vec<(oneshot::Sender<Said>, Said)>,
    pub(super) pruner: Pruner,
    /// Whether the log already says that the broker cannot be reached.
    pub(super) broker_missed: bool,
    pub(super) shown: watch::Sender<Arc<Shown>>,
    pub(super) line: EngineLine,
    /// How many events of signs were lost as far as the engine knows.
    pub(super) lost: u64,
}

impl Core {
    /// Draws the first boards, so that signs get a true picture from the first poll on.
    pub(super) async fn prepare(&mut self, inlets: &mut Inlets) {
        self.work();
        while self.engine.is_drawing() {
            tokio::select! {
                Some(drawn) = inlets.drawn.recv() => self.drawn(drawn),
                Some(committed) = inlets.committed.recv() => {
                    if !self.committed(committed) {
                        break;
                    }
                }
            }
            self.work();
        }
        self.publish();
    }

    /// Runs until a signal says otherwise.
    pub(super) async fn run(&mut self, inlets: &mut Inlets, calls: &mut mpsc::Receiver<Call>) -> Call {
        let watchdog = service::watchdog_interval();
        let mut alive = tokio::time::interval(watchdog.unwrap_or(SLEEP_MAX));
        let mut batch = Vec::with_capacity(BATCH_MAX);
        loop {
            let now = self.clock.now();
            let wake = self.engine.next_wake().map_or(SLEEP_MAX, |at| at.since(now.mono).min(SLEEP_MAX));
            tokio::select! {
                biased;
                call = calls.recv() => return call.unwrap_or(Call::Stop),
                _ = alive.tick() => if watchdog.is_some() { service::alive() },
                more = self.take(inlets, &mut batch) => if !more { return Call::Stop },
                () = tokio::time::sleep(wake.max(Duration::from_millis(1))) => self.wake(),
            }
            self.follow_up();
        }
    }

    /// Takes in the next thing that arrives; `false` if the listening connection has ended. `batch` is empty before and after.
    pub(super) async fn take(&mut self, inlets: &mut Inlets, batch: &mut Vec<Heard>) -> bool {
        tokio::select! {
            biased;
            Some(committed) = inlets.committed.recv() => drop(self.committed(committed)),
            Some(drawn) = inlets.drawn.recv() => self.drawn(drawn),
            Some(request) = inlets.requests.recv() => self.request(request),
            Some(answered) = inlets.labels.recv() => self.answered(answered),
            n = inlets.heard.recv_many(batch, BATCH_MAX) => {
                if n == 0 { return false }
                batch.drain(..).for_each(|heard| self.heard(heard));
            }
        }
        true
    }

    /// The time has come that the engine asked to be woken at.
    pub(super) fn wake(&mut self) {
        self.handle(Input::Time);
    }

    /// Does what follows from whatever was taken in.
    pub(super) fn follow_up(&mut self) {
        self.admit_lost_events();
        self.work();
        self.keep_promises();
        self.publish();
        self.prune();
    }

    fn admit_lost_events(&mut self) {
        let lost = self.line.lost();
        if std::mem::replace(&mut self.lost, lost) != lost {
            tracing::warn!(
                lost,
                "requests of signs came faster than they can be taken; every sign must be confirmed again"
            );
            self.labels.events_lost(self.clock.now().mono);
            self.handle(Input::EventsLost);
        }
    }

    fn answered(&mut self, answered: Answered) {
        let now = self.clock.now();
        for event in self.labels.answered(answered, now.mono) {
            self.engine.handle(Input::Sign(event), &now);
        }
    }

    /// Makes everything durable: with `stop` also that counting has ended.
    pub(super) async fn settle(&mut self, inlets: &mut Inlets, stop: bool) {
        self.handle(if stop { Input::Stop } else { Input::Flush });
        self.work();
        let settled = async {
            while !self.engine.is_settled() {
                tokio::select! {
                    Some(committed) = inlets.committed.recv() => {
                        if !self.committed(committed) {
                            break;
                        }
                    }
                    Some(request) = inlets.requests.recv() => self.request(request),
                    else => break,
                }
                self.work();
            }
        };
        if tokio::time::timeout(STOP_WAIT, settled).await.is_err() {
            tracing::error!("the store did not answer; the broker will send the last messages again");
        }
        self.work();
    }

    /// Closes the store, after everything handed to it is written.
    pub(super) fn close(&mut self) {
        if let Some(store) = self.store.take() {
            store.close();
        }
    }

    fn prune(&mut self) {
        let now = self.clock.now();
        if let (Some(store), Some(before)) = (&self.store, self.pruner.due(&now)) {
            let done = |result: Result<u64, crate::store::CommitError>| match result {
                Ok(0) => {}
                Ok(rows) => tracing::info!(rows, "figures past their retention are deleted"),
                Err(error) => {
                    tracing::error!(%error, "figures past their retention are not deleted; trying again tomorrow");
                }
            };
            store.prune(before, Box::new(done));
            let done = |result: Result<u64, crate::store::CommitError>| {
                if let Err(error) = result {
                    tracing::error!(%error, "old pictures of notices are not deleted; trying again tomorrow");
                }
            };
            store.forget_pictures(now.wall, self.album.in_use(), Box::new(done));
        }
    }

    fn handle(&mut self, input: Input) {
        let now = self.clock.now();
        self.engine.handle(input, &now);
    }

    /// Says whether it is durable.
    fn committed(&mut self, committed: Committed) -> bool {
        let Committed { ok, checkpoint: head } = committed;
        if let Some(head) = head {
            self.checkpoint = Some(checkpoint(head));
        }
        self.handle(Input::Committed { ok });
        ok
    }

    fn heard(&mut self, heard: Heard) {
        match heard {
            Heard::Connected { session_present, .. } => {
                self.broker_missed = false;
                tracing::info!(session_present, "connected to the broker");
                self.handle(Input::Connected { session_present });
            }
            Heard::Disconnected { why } => {
                if !std::mem::replace(&mut self.broker_missed, true) {
                    tracing::warn!(%why, "not connected to the broker; trying until it is back");
                }
                self.handle(Input::Disconnected);
            }
            Heard::Message(message) => {
                let (marker, packet) = self.router.inputs(&message, self.clock.now().mono);
                if let Some(marker) = marker {
                    self.handle(marker);
                }
                self.handle(packet);
            }
        }
    }

    fn request(&mut self, request: Request) {
        let now = self.clock.now();
        match request {
            Request::Event(event) => {
                self.labels.heard(&event);
                self.engine.handle(Input::Sign(event), &now);
            }
            Request::Given { sign, notice, ours } => self.labels.given(&sign, notice, ours, now.mono),
            Request::Setup { sign, granted } => {
                let grant = self.engine.grant_credential(&sign, &now);
                self.callers.asked_for_credential(&sign, grant, &now);
                let _ = granted.send(grant);
            }
            Request::Status(answer) => {
                let _ = answer.send(self.look(&now));
            }
            Request::Objection { sign, answer } => {
                let said = self.doors.object(&sign, &mut self.engine, &now);
                if self.promised.len() < PROMISED_MAX {
                    self.promised.push((answer, said));
                }
                self.keep_promises();
            }
            Request::Stranger(stranger) => self.callers.stranger(stranger, &now),
            Request::Order(order, answer) => {
                let _ = answer.send(self.order(order, &now));
            }
        }
    }

    /// Answers visitors who object, as soon as nothing of it can be forgotten any more.
    fn keep_promises(&mut self) {
        if self.engine.keeps_pauses() {
            for (answer, said) in self.promised.drain(..) {
                let _ = answer.send(said);
            }
        }
        // Who has waited for too long has been told that nobody answers.
        self.promised.retain(|(answer, _)| !answer.is_closed());
    }

    /// What the engine sees, and what only the doors know.
    fn look(&mut self, now: &Now) -> Look {
        let mut status = self.engine.status(now);
        status.pending = self.callers.waiting(now);
        for sign in &mut status.signs {
            sign.alerts.extend(self.callers.refusal(&sign.id, now));
            sign.alerts.extend(self.labels.fault(&sign.id).map(str::to_owned));
            let blind = |(id, speaks): &(SignId, Speaks)| {
                *id == sign.id && matches!(speaks, Speaks::Label(label) if !label.tracked)
            };
            if self.signs.iter().any(blind) {
                sign.alerts.push("no access-point is configured for it, so nobody knows what it shows".to_owned());
            }
        }
        Look { status, at: now.wall }
    }

    fn order(&mut self, order: Order, now: &Now) -> Result<(), String> {
        if !self.engine.knows(&order) {
            return Err(match order {
                Order::Pair(sign) | Order::Attest(sign, _) => format!("no sign {sign} is configured"),
                Order::Stop(zone, activity) | Order::Start(zone, activity) => {
                    format!("no sensor serves activity {activity} in zone {zone}")
                }
            });
        }
        if let Some(why) = self.engine.refusal(&order, now) {
            return Err(why);
        }
        self.engine.handle(Input::Order(order), now);
        Ok(())
    }

    fn drawn(&mut self, drawn: Drawn) {
        let notice = drawn.picture.as_ref().map(|p| p.notice);
        self.album.put(drawn.sign.clone(), drawn.picture);
        self.handle(Input::Drawn { sign: drawn.sign, state: drawn.state, turn: drawn.turn, notice });
    }

    fn work(&mut self) {
        while let Some(effect) = self.engine.next_effect() {
            match effect {
                Effect::Commit(commit) => self.commit(commit),
                Effect::Acknowledge(packets) => self.acknowledger.acknowledge(&packets),
                Effect::Marker(number) => self.publisher.command(&self.marker_topic, number.to_string().as_bytes()),
                Effect::Draw { sign, state, turn } => self.drawer.draw(sign, (state, turn), self.engine.code_day()),
                Effect::Switch(command) => self.publisher.command(&command.topic, command.payload.as_bytes()),
            }
        }
    }

    fn commit(&self, mut commit: Commit) {
        let Some(store) = &self.store else { return };
        self.album.illustrate(&mut commit);
        let committed = self.committed.clone();
        let done = move |result: Result<Option<String>, crate::store::CommitError>| {
            if let Err(error) = &result {
                tracing::error!(%error, "figures cannot be kept; nothing is acknowledged to the broker until they can");
            }
            // One commit is under way at a time, so there is room; the receiver is gone only when the daemon is going down.
            let _ = committed.try_send(Committed { ok: result.is_ok(), checkpoint: result.ok().flatten() });
        };
        store.commit(commit, Box::new(done));
    }

    /// Hands the listeners a new snapshot if anything in it changed.
    fn publish(&mut self) {
        let mut signs = Vec::with_capacity(self.signs.len());
        for (index, ((id, speaks), board)) in self.signs.iter().zip(self.engine.boards()).enumerate() {
            let pictures = self.album.follow(id, board.map(|b| b.notice));
            if let Some(board) = board {
                self.labels.offer(board);
            }
            signs.push(Sign {
                id: id.clone(),
                speaks: self.labels.followed(id, speaks),
                board: board.cloned(),
                reason: self.engine.sign_reason(index),
                picture: pictures.shown.clone(),
                previous: pictures.previous.clone(),
            });
        }
        let boards: Vec<_> = signs.iter().map(|s| s.board.clone()).collect();
        let pages = self.pages.current(&boards, &self.engine, self.checkpoint.as_ref());
        let pausing = self.doors.pausing(&self.engine, self.pages.pausing());
        let next = Shown { signs, pages, pausing, checkpoint: self.checkpoint.clone() };
        self.shown.send_if_modified(|shown| {
            let changed = **shown != next;
            if changed {
                *shown = Arc::new(next);
            }
            changed
        });
    }
}
