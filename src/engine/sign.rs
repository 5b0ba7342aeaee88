//! One sign: its glass, the board published for it, how it is, and its pairing.

use std::time::Duration;

use jiff::civil::Date;

use super::glass::{Glass, SignPlan};
use super::health::Condition;
use super::turns::Turns;
use crate::domain::id::ZoneId;
use crate::domain::notice::{NoticeHash, SignState};
use crate::domain::sign::Board;
use crate::domain::time::{Mono, Now, Wall};

/// A picture that stays is offered anew once a day: e-paper wants a refresh every 24 hours (facts §5).
pub(super) const REDRAW_AFTER: Duration = Duration::from_secs(24 * 3600);

/// Shortest time between two drawings of the same picture: e-paper wears when it is refreshed more often (facts §5). A new
/// state is never held back by it.
pub(super) const REDRAW_MIN: Duration = Duration::from_secs(180);

/// A sign's state.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, Hash))]
pub(super) struct Sign {
    /// What may be on its glass.
    pub(super) glass: Glass,
    /// Zones it covers.
    pub(super) zones: Vec<ZoneId>,
    /// How it says that it is.
    pub(super) condition: Condition,
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
    /// What is being drawn for it, and for which turn.
    pub(super) drawing: Option<(SignState, u8)>,
    /// The day whose code its picture carries.
    pub(super) code_day: Option<Date>,
    /// What could not be drawn for it in the local language.
    pub(super) undrawable: Option<SignState>,
    /// Its languages, and what may be on its glass in them.
    pub(super) turns: Turns,
    /// Whether its credential has been issued.
    pub(super) paired: bool,
    /// Until when it may be issued again.
    pub(super) pairing_until: Option<Mono>,
    /// Number of the commit that carries its last change.
    pub(super) changed_in: u64,
    /// The picture that it was last known to show, with the time that its name carries.
    pub(super) named: Option<(NoticeHash, Wall)>,
    /// When it was last given a picture to draw.
    pub(super) stamped_at: Option<Mono>,
}

impl Sign {
    pub(super) fn new(plan: SignPlan, zones: Vec<ZoneId>) -> Self {
        Self {
            glass: Glass::new(plan),
            zones,
            condition: Condition::default(),
            board: None,
            next: None,
            next_in: 0,
            told: false,
            denied_before: None,
            drawing: None,
            code_day: None,
            undrawable: None,
            turns: Turns::default(),
            paired: false,
            pairing_until: None,
            changed_in: 0,
            named: None,
            stamped_at: None,
        }
    }

    /// The board of a picture just drawn. A picture that is known to be on the glass keeps its name, so that the display need
    /// not draw it again; any other must be fetched afresh where nothing else proves anything.
    pub(super) fn board_of(&mut self, (state, turn): (SignState, u8), notice: NoticeHash, now: &Now) -> Board {
        let is_known = self.glass.confirmed() == Some(notice) || !self.glass.proves_by_fetching();
        let shown = self.named.filter(|(named, _)| *named == notice && is_known);
        if shown.is_none() {
            self.stamped_at = Some(now.mono);
        }
        let stamped = shown.map_or(now.wall, |(_, stamped)| stamped);
        Board { sign: self.glass.plan.id.clone(), state, turn, notice, stamped, refresh_seconds: 0 }
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

    /// Notes under which name the glass shows what it is known to show.
    pub(super) fn note_name(&mut self, now: &Now) {
        if let Some(board) = self.board.as_ref().filter(|board| self.glass.confirmed() == Some(board.notice)) {
            let name = Some((board.notice, board.stamped));
            if std::mem::replace(&mut self.named, name) != name {
                self.turns.begin(now.mono);
            }
        }
    }

    /// When its picture is to be offered under another name, so that it is drawn again: once a day, and when nobody knows any more what is on
    /// the glass of a display that proves it by fetching only. Paper is not drawn again.
    pub(super) fn redraw_at(&self, now: &Now) -> Option<Mono> {
        let board = self.board.as_ref().filter(|_| !self.glass.is_paper())?;
        let aged = now.mono_at(board.stamped + REDRAW_AFTER);
        let lost = self.glass.redraw && self.glass.proves_by_fetching();
        let again = lost.then(|| self.stamped_at.map_or(now.mono, |at| at + REDRAW_MIN));
        Some(again.map_or(aged, |again| again.min(aged)))
    }

    /// Gives its picture another name if the time for that has come; says whether it did.
    pub(super) fn rename(&mut self, now: &Now) -> bool {
        let is_due = self.redraw_at(now).is_some_and(|at| at <= now.mono);
        let Some(board) = self.board.as_mut().filter(|_| is_due) else { return false };
        // At least a second later than the last: names count seconds.
        board.stamped = now.wall.max(board.stamped + Duration::from_secs(1));
        self.stamped_at = Some(now.mono);
        self.glass.redraw = false;
        true
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
