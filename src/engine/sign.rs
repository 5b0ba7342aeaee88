//! One sign: its glass, the board published for it, and its pairing.

use super::glass::{Glass, SignPlan};
use crate::domain::id::ZoneId;
use crate::domain::notice::SignState;
use crate::domain::sign::Board;
use crate::domain::time::{Mono, Wall};

/// A sign's state.
#[derive(Debug)]
pub(super) struct Sign {
    /// What may be on its glass.
    pub(super) glass: Glass,
    /// Zones it covers.
    pub(super) zones: Vec<ZoneId>,
    /// What it is to show, once drawn.
    pub(super) board: Option<Board>,
    /// What it is to show next, once that is kept for good.
    pub(super) next: Option<Board>,
    /// Number of the commit that keeps it.
    pub(super) next_in: u64,
    /// Whether anybody has been told anything since the present denial was published.
    told: bool,
    /// What the glass may have denied before that.
    denied_before: Option<Wall>,
    /// What is being drawn for it.
    pub(super) drawing: Option<SignState>,
    /// What could not be drawn for it.
    pub(super) undrawable: Option<SignState>,
    /// Whether its credential has been issued.
    pub(super) paired: bool,
    /// Until when it may be issued again.
    pub(super) pairing_until: Option<Mono>,
    /// Number of the commit that carries its last change.
    pub(super) changed_in: u64,
    /// Picture and file name time of an earlier run, in hexadecimal.
    pub(super) offered_before: Option<(String, Wall)>,
}

impl Sign {
    pub(super) fn new(plan: SignPlan, zones: Vec<ZoneId>) -> Self {
        Self {
            glass: Glass::new(plan),
            zones,
            board: None,
            next: None,
            next_in: 0,
            told: false,
            denied_before: None,
            drawing: None,
            undrawable: None,
            paired: false,
            pairing_until: None,
            changed_in: 0,
            offered_before: None,
        }
    }

    /// Has `board` shown once the commit `number` is durable. Whoever is told "not counting", by whatever way, may show it until it
    /// runs out: that is known for good before anybody is told.
    pub(super) fn publish(&mut self, board: Board, number: u64) {
        if let Some(until) = board.state.valid_until() {
            if self.told || self.board.as_ref().is_none_or(|b| b.state.valid_until().is_none()) {
                self.denied_before = self.glass.denies_until;
            }
            self.told = false;
            self.glass.denies_until = self.glass.denies_until.max(Some(until));
        }
        self.next = Some(board);
        (self.changed_in, self.next_in) = (number, number);
    }

    /// Shows what was to be shown next. A denial of which nobody was told is taken back; says whether that happened.
    pub(super) fn promote(&mut self) -> bool {
        let Some(next) = self.next.take() else { return false };
        let denied = self.board.as_ref().is_some_and(|b| b.state.valid_until().is_some());
        let take_back = denied && next.state.valid_until().is_none() && !self.told;
        if take_back {
            self.glass.denies_until = self.denied_before;
        }
        self.board = Some(next);
        take_back
    }

    /// Somebody was told something.
    pub(super) fn tell(&mut self) {
        self.told = true;
    }

    pub(super) fn covers_zone(&self, zone: &ZoneId) -> bool {
        self.zones.contains(zone)
    }

    pub(super) fn may_pair(&self, now: Mono) -> bool {
        !self.paired || self.pairing_until.is_some_and(|until| now < until)
    }

    /// Whether the picture that it shall show is still to be drawn.
    pub(super) fn is_drawing(&self) -> bool {
        self.drawing.is_some() || (self.board.is_none() && self.next.is_none() && self.undrawable.is_none())
    }
}
