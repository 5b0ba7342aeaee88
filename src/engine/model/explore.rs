//! Every order of moves within bounds: depth first, each state once, and what is found told as the moves that lead to it.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::moves::{MOVES, Move, Outcome};
use super::promise::{Broken, PASSINGS_MAX};
use super::shop;
use super::world::{Held, World};
use crate::domain::ledger::Event;
use crate::domain::sign::Order;
use crate::engine::Input;
use crate::ledger::entry::Record;
use crate::ledger::evidence::{Question, account};

/// How far the search goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Moves after the beginning.
    pub(super) depth: u8,
    /// Moves of the adversary among them.
    pub(super) faults: u8,
    /// Passings.
    pub(super) passings: usize,
    /// From every how many-th state it is tried whether counting opens again.
    pub(super) probe_every: u64,
}

/// What was found.
#[derive(Debug)]
pub(super) struct Found {
    /// Different states.
    pub(super) states: u64,
    /// Moves tried.
    pub(super) moves: u64,
    /// States from which it was tried whether counting opens again.
    pub(super) probes: u64,
    /// The first broken promise, and how it was broken.
    pub(super) broken: Option<(Broken, Vec<Move>, bool)>,
}

struct Search {
    bounds: Bounds,
    /// States by fingerprint, with how many moves were left there.
    seen: Vec<Mutex<HashMap<u64, u8>>>,
    states: AtomicU64,
    moves: AtomicU64,
    probes: AtomicU64,
    broken: Mutex<Option<(Broken, Vec<Move>, bool)>>,
}

/// Explores everything that can follow `world`.
pub(super) fn explore(world: &World, bounds: Bounds) -> Found {
    const SHARDS: usize = 64;
    let search = Search {
        bounds,
        seen: (0..SHARDS).map(|_| Mutex::default()).collect(),
        states: AtomicU64::new(0),
        moves: AtomicU64::new(0),
        probes: AtomicU64::new(0),
        broken: Mutex::default(),
    };
    let mut begin = world.clone();
    begin.faults_left = bounds.faults;
    search.visit(&begin, bounds.depth, &[]);
    let firsts = search.branches(&begin, bounds.depth, &mut Vec::new(), 2);
    let queue = Mutex::new(firsts);
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let next = || queue.lock().expect("no worker panics while it holds this").pop();
                while let Some((world, left, mut path)) = next() {
                    search.descend(&world, left, &mut path);
                }
            });
        }
    });
    Found {
        states: search.states.into_inner(),
        moves: search.moves.into_inner(),
        probes: search.probes.into_inner(),
        broken: search.broken.into_inner().expect("no worker panics while it holds this"),
    }
}

impl Search {
    /// The states `levels` moves on, each seen for the first time.
    fn branches(&self, world: &World, left: u8, path: &mut Vec<Move>, levels: u8) -> Vec<(World, u8, Vec<Move>)> {
        if levels == 0 || left == 0 {
            return vec![(world.clone(), left, path.clone())];
        }
        let mut found = Vec::new();
        for step in MOVES {
            path.push(*step);
            if let Some(next) = self.step(world, *step, left, path) {
                found.extend(self.branches(&next, left - 1, path, levels - 1));
            }
            path.pop();
        }
        found
    }

    fn descend(&self, world: &World, left: u8, path: &mut Vec<Move>) {
        if left == 0 || self.is_over() {
            return;
        }
        for step in MOVES {
            path.push(*step);
            if let Some(next) = self.step(world, *step, left, path) {
                self.descend(&next, left - 1, path);
            }
            path.pop();
        }
    }

    /// The state after `step`, unless it was seen with as many moves left.
    fn step(&self, world: &World, step: Move, left: u8, path: &[Move]) -> Option<World> {
        let next = world.after(step, self.bounds.passings)?;
        self.moves.fetch_add(1, Ordering::Relaxed);
        self.visit(&next, left - 1, path).then_some(next)
    }

    fn visit(&self, world: &World, left: u8, path: &[Move]) -> bool {
        if let Some(broken) = &world.broken {
            self.tell(broken.clone(), path, false);
            return false;
        }
        let fingerprint = world.fingerprint();
        let shard = &self.seen[(fingerprint % self.seen.len() as u64) as usize];
        let before = {
            let mut seen = shard.lock().expect("no worker panics while it holds this");
            let before = seen.get(&fingerprint).copied();
            if before.is_none_or(|before| before < left) {
                seen.insert(fingerprint, left);
            }
            before
        };
        if before.is_none() {
            self.states.fetch_add(1, Ordering::Relaxed);
            if (fingerprint >> 8).is_multiple_of(self.bounds.probe_every) {
                self.probes.fetch_add(1, Ordering::Relaxed);
                if let Some(broken) = recover(world.clone()) {
                    self.tell(broken, path, true);
                }
            }
        }
        before.is_none_or(|before| before < left)
    }

    fn tell(&self, broken: Broken, path: &[Move], recovering: bool) {
        let mut first = self.broken.lock().expect("no worker panics while it holds this");
        if first.as_ref().is_none_or(|(_, known, _)| path.len() < known.len()) {
            *first = Some((broken, path.to_vec(), recovering));
        }
    }

    fn is_over(&self) -> bool {
        self.broken.lock().expect("no worker panics while it holds this").is_some()
    }
}

/// Lets the adversary go home: everything arrives, signs poll when they were told to, the camera obeys and nobody stops anything. Counting
/// has to open, somebody who passes has to be counted once, and a stranger has to find nothing wrong in the ledger.
pub(super) fn recover(mut world: World) -> Option<Broken> {
    /// By then every pause, every denial and every clock that was set ahead has run out.
    const PATIENCE: i64 = 12 * 3600 * 1000;
    world.held = Held::default();
    (world.skew, world.trusted) = (0, true);
    if !world.broker.connected {
        world.broker.connect(true);
        world.tell(Input::Connected { session_present: true });
    }
    for place in 0..2 {
        world.tell(Input::Order(Order::Start(shop::zone(place), shop::activity(place))));
    }
    world.settle();
    let (until, mut due) = (world.at + PATIENCE, [world.at; 2]);
    while !(world.is_open(0) && world.is_open(1)) {
        if world.broken.is_some() {
            return world.broken;
        }
        let sign = usize::from(due[1] < due[0]);
        if due[sign] > until {
            let why = world.engine.status(&world.now()).interlocks.into_iter().map(|lock| lock.reason);
            return Some(Broken::NeverOpens(why.collect::<Vec<_>>().join("; ")));
        }
        world.wait((due[sign] - world.at).max(0));
        let told = world.board(sign).map_or(15, |board| i64::from(board.refresh_seconds));
        if world.displays[sign].arrived.is_none() {
            world.wake(sign, true, Outcome::Fine);
        }
        world.settle();
        world.wait(super::world::DRAWING);
        due[sign] = world.at + told * 1000;
    }
    if world.books.lawful.len() < PASSINGS_MAX as usize {
        let serial = world.books.lawful.len();
        world.pass(0);
        world.settle();
        world.wait(6_000);
        if world.books.stored[0] / u64::from(super::promise::weight(serial as u32)) % 4 != 1 {
            return Some(Broken::NotCounted(serial as u32));
        }
    }
    world.broken.take().or_else(|| recompute(&world))
}

/// What a stranger makes of the ledger.
fn recompute(world: &World) -> Option<Broken> {
    let mut boot = String::new();
    let record = |(seq, entry): (usize, &crate::domain::ledger::Entry)| {
        if let Event::Started { boot: begun, .. } = &entry.event {
            boot.clone_from(begun);
        }
        Record::new(seq as u64, &boot, entry.clone())
    };
    let records: Vec<_> = world.store.ledger.iter().enumerate().map(record).collect();
    match account(&records, &Question { whole_from: 0, window: None, alive_until: None }) {
        Ok(account) if account.places.values().all(|sums| sums.unnoticed_ms == 0) => None,
        Ok(account) => Some(Broken::LedgerDisagrees(format!("{account:?}"))),
        Err(why) => Some(Broken::LedgerDisagrees(format!("{why:?}"))),
    }
}

/// A shop in which counting is open everywhere.
pub(super) fn open_world(quorum: usize) -> World {
    let mut world = World::new(shop::two_zones(quorum), 0);
    world.broker.connect(true);
    world.tell(Input::Connected { session_present: true });
    world.settle();
    confirm(&mut world);
    assert!(world.is_open(0) && world.is_open(1), "{:?}", world.engine.status(&world.now()).interlocks);
    assert!(world.camera.on);
    world
}

/// One in which nothing is counted because the operator stopped it, and both signs say so.
pub(super) fn stopped_world() -> World {
    let mut world = open_world(1);
    world.take(Move::Stop(0));
    world.take(Move::Stop(1));
    confirm(&mut world);
    assert!(world.displays.iter().all(|display| display.denies_until().is_some()) && !world.camera.on);
    world
}

/// One in which the hall is paused for a visitor, as the first sign says.
pub(super) fn paused_world() -> World {
    let mut world = open_world(2);
    world.take(Move::Object);
    confirm(&mut world);
    assert!(world.displays[0].denies_until().is_some() && world.is_open(1));
    world
}

/// Every sign fetches what it shall show, draws it, and comes back a minute later.
fn confirm(world: &mut World) {
    for _ in 0..2 {
        for sign in 0..2 {
            world.wake(sign, true, Outcome::Fine);
            world.settle();
        }
        world.wait(61_000);
    }
}

/// Explores from every beginning; returns the number of states.
fn check(bounds: Bounds) -> u64 {
    let beginnings = [
        ("the first start", World::new(shop::two_zones(1), 0)),
        ("open", open_world(1)),
        ("open under two signs", open_world(2)),
        ("stopped", stopped_world()),
        ("paused", paused_world()),
    ];
    println!("{bounds:?}");
    let mut all = 0;
    for (name, world) in beginnings {
        let Found { states, moves, probes, broken } = explore(&world, bounds);
        println!("from {name}: {states} states, {moves} moves, {probes} recoveries");
        if let Some((broken, path, recovering)) = broken {
            let then = if recovering { ", when the adversary has gone home" } else { "" };
            panic!("from {name}: {broken:?} after {path:?}{then}");
        }
        all += states;
    }
    println!("{all} states");
    all
}

#[test]
fn no_order_of_events_breaks_a_promise() {
    check(Bounds { depth: 4, faults: 1, passings: 2, probe_every: 64 });
}

#[test]
#[ignore = "takes long: `make model-check`"]
fn no_long_order_of_events_breaks_a_promise() {
    let number = |name: &str, usual: u64| std::env::var(name).map_or(usual, |text| text.parse().expect("a number"));
    check(Bounds {
        depth: number("MODEL_DEPTH", 6) as u8,
        faults: number("MODEL_FAULTS", 2) as u8,
        passings: number("MODEL_PASSINGS", 2) as usize,
        probe_every: 4096,
    });
}
