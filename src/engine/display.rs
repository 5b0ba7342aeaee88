//! A model of a TRMNL display for scenarios, as its firmware behaves (facts §1.1, §1.4, §1.5): it wakes when it was told to, asks,
//! draws a name that it does not show, from its own memory if it knows the name, else after fetching it, and sleeps.

use std::collections::BTreeSet;

use super::Input;
use super::scenario::Shop;
use crate::domain::id::SignId;
use crate::domain::sign::SignEvent;

pub(super) struct Display {
    /// Names in its flash.
    memory: BTreeSet<String>,
    shown: Option<String>,
    drew_from_memory: bool,
    /// Whether its firmware says that it drew from its own memory (since 1.8.5).
    pub(super) says_so: bool,
    /// From its wake to its question, in seconds.
    pub(super) latency: f64,
    /// How much longer it sleeps than it was told, as a share.
    pub(super) drift: f64,
    pub(super) wakes_at: f64,
    /// Every question: when.
    pub(super) polls: Vec<f64>,
    /// Every drawing: when, and what the picture says.
    pub(super) drawings: Vec<(f64, &'static str)>,
    /// The turn of every drawing.
    turns: Vec<u8>,
    /// A turn whose pictures it neither fetches nor draws.
    pub(super) refuses: Option<u8>,
}

impl Display {
    /// One that wakes for the first time at second 0.
    pub(super) fn new() -> Self {
        Self {
            memory: BTreeSet::new(),
            shown: None,
            drew_from_memory: false,
            says_so: true,
            latency: 4.0,
            drift: 0.0,
            wakes_at: 0.0,
            polls: Vec::new(),
            drawings: Vec::new(),
            turns: Vec::new(),
            refuses: None,
        }
    }

    /// Lives, and the shop with it, until `seconds`.
    pub(super) fn live(&mut self, shop: &mut Shop, seconds: f64) {
        while self.wakes_at + self.latency <= seconds {
            shop.at(self.wakes_at + self.latency);
            self.ask(shop, true);
        }
        // A fetch may have ended a second later.
        let until = shop.seconds.max(seconds);
        shop.at(until);
    }

    /// Somebody presses its button now: it draws its logo, forgets what it showed, and asks.
    pub(super) fn press(&mut self, shop: &mut Shop) {
        self.shown = None;
        self.ask(shop, false);
    }

    fn ask(&mut self, shop: &mut Shop, timer: bool) {
        let (sign, board) = (SignId::new("sign"), shop.board());
        let (offered, refresh_seconds) = (board.notice, board.refresh_seconds);
        let cached = self.says_so && self.drew_from_memory;
        self.polls.push(shop.seconds);
        shop.input(Input::Sign(SignEvent::Polled { sign: sign.clone(), offered, refresh_seconds, timer, cached }));
        self.wakes_at = shop.seconds + f64::from(refresh_seconds) * (1.0 + self.drift);
        let name = format!("{}-{}", board.notice.short(), board.stamped.seconds());
        self.drew_from_memory = false;
        if self.shown.as_ref() == Some(&name) || self.refuses == Some(board.turn) {
            return;
        }
        if self.memory.insert(name.clone()) {
            let after_a_second = shop.seconds + 1.0;
            shop.at(after_a_second).input(Input::Sign(SignEvent::Fetched { sign, notice: offered }));
        } else {
            self.drew_from_memory = true;
        }
        self.shown = Some(name);
        self.drawings.push((shop.seconds, board.state.word()));
        self.turns.push(board.turn);
    }

    /// What it drew from `from` on.
    pub(super) fn drawn_since(&self, from: f64) -> Vec<&'static str> {
        self.drawings.iter().filter(|(at, _)| *at >= from).map(|(_, word)| *word).collect()
    }

    /// The turn of everything that it drew.
    pub(super) fn turns(&self) -> Vec<u8> {
        self.turns.clone()
    }

    /// When it asked from `from` to `to`.
    pub(super) fn asked(&self, from: f64, to: f64) -> Vec<f64> {
        self.polls.iter().copied().filter(|at| (from..to).contains(at)).collect()
    }
}
