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
            drawing: None,
            undrawable: None,
            paired: false,
            pairing_until: None,
            changed_in: 0,
            offered_before: None,
        }
    }

    pub(super) fn covers_zone(&self, zone: &ZoneId) -> bool {
        self.zones.contains(zone)
    }

    pub(super) fn may_pair(&self, now: Mono) -> bool {
        !self.paired || self.pairing_until.is_some_and(|until| now < until)
    }

    /// Whether the picture that it shall show is still to be drawn.
    pub(super) fn is_drawing(&self) -> bool {
        self.drawing.is_some() || (self.board.is_none() && self.undrawable.is_none())
    }
}
