//! Signs that show several languages in turn.
//!
//! Turn 0 is the notice in the local language alone. Every other turn names the same activities and keeps the local headline, so that
//! whichever of them is on the glass, counting goes on. Counting opens under turn 0 only, and any change of what is said goes back to it.

use super::interlock::Phase;
use super::record::{SignRecord, parse_hash};
use super::sign::{REDRAW_MIN, Sign};
use super::{Engine, Lock};
use crate::domain::notice::{NoticeHash, SignState};
use crate::domain::sign::TURNS_MAX;
use crate::domain::time::{Mono, Now};

/// What a sign has to remember of its turns.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone, Hash))]
pub(super) struct Turns {
    /// Since when its picture has been confirmed.
    since: Option<Mono>,
    /// Turns that the notice cannot be set in.
    skipped: Vec<u8>,
    /// After a restart: turns that may be on the glass and have to be drawn to be known again, the one on offer last.
    to_recall: Vec<u8>,
}

impl Turns {
    /// What is on offer was confirmed, under the name that it has now.
    pub(super) fn begin(&mut self, now: Mono) {
        self.since = Some(now);
    }

    /// The notice cannot be set in this turn.
    pub(super) fn skip(&mut self, turn: u8) {
        self.skipped.push(turn);
    }

    /// Notes that `turn` was drawn; says whether that was only to know it again, because others come after it.
    pub(super) fn recall(&mut self, turn: u8) -> bool {
        let is_awaited = self.to_recall.first() == Some(&turn);
        if is_awaited {
            self.to_recall.remove(0);
        }
        is_awaited && !self.to_recall.is_empty()
    }
}

impl Engine {
    /// The turn in which sign `index` is to say `state`.
    pub(super) fn wanted_turn(&mut self, index: usize, state: &SignState, now: &Now) -> u8 {
        let (may_turn, is_moving) = (self.may_turn(&self.signs[index], state), self.is_moving(&self.signs[index]));
        let sign = &mut self.signs[index];
        if !may_turn {
            sign.turns.to_recall.clear();
            return 0;
        }
        let Some((standing, turn)) = sign.standing() else {
            return sign.turns.to_recall.first().copied().unwrap_or(0);
        };
        if standing != state {
            sign.turns = Turns::default();
            sign.glass.restored = false;
            return 0;
        }
        let is_settled = sign.drawing.is_none() && sign.next.is_none() && !is_moving;
        if is_settled && sign.next_turn_at(now).is_some_and(|at| at <= now.mono) { sign.turn_after(turn) } else { turn }
    }

    /// When the next turn of sign `index` begins if nothing happens.
    pub(super) fn turn_at(&self, index: usize, now: &Now) -> Option<Mono> {
        let sign = &self.signs[index];
        let board = sign.board.as_ref()?;
        if self.may_turn(sign, &board.state) && !self.is_moving(sign) { sign.next_turn_at(now) } else { None }
    }

    /// Whether a sign that says `state` may say it in another language than the local one: not while counting has still to open, unless all it
    /// did was to hang there during a restart.
    fn may_turn(&self, sign: &Sign, state: &SignState) -> bool {
        let opens = |l: &Lock| !l.resuming && !sign.glass.restored && matches!(l.state.phase, Phase::Opening(_));
        sign.glass.plan.alternates > 0
            && matches!(state, SignState::Active(_))
            && self.hours.closed().is_none()
            && !self.interlocks.iter().any(|l| sign.covers_zone(&l.state.zone) && opens(l))
    }
}

impl Sign {
    /// When the turn of its board is over: it was on offer for as long as the sign rests, and confirmed for as long as a drawing is to last.
    fn next_turn_at(&self, now: &Now) -> Option<Mono> {
        let shows = |notice| self.glass.confirmed() == Some(notice) && self.glass.is_leased(now.mono);
        let board = self.board.as_ref().filter(|board| shows(board.notice))?;
        let offered = self.stamped_at.unwrap_or_else(|| now.mono_at(board.stamped)) + self.glass.rest.max(REDRAW_MIN);
        let over = self.turns.since.map_or(offered, |since| offered.max(since + REDRAW_MIN));
        (self.turn_after(board.turn) != board.turn).then_some(over)
    }

    /// The turn after `turn`, without those that cannot be set.
    fn turn_after(&self, turn: u8) -> u8 {
        let count = u16::from(self.glass.plan.alternates) + 1;
        let after = |step: u16| u8::try_from((u16::from(turn) + step) % count).unwrap_or(0);
        (1..count).map(after).find(|next| !self.turns.skipped.contains(next)).unwrap_or(turn)
    }

    /// The pictures that may be on its glass now or soon, with their turns, if it takes turns and all of them are known to say what is on
    /// offer. The one to be on offer comes last.
    pub(super) fn may_show(&self) -> Vec<(NoticeHash, u8)> {
        let boards = || [&self.board, &self.next].into_iter().flatten();
        let Some(last) = boards().last().filter(|_| self.glass.plan.alternates > 0) else { return Vec::new() };
        let Some(mut shown) = self.glass.turns(&last.state) else { return Vec::new() };
        if boards().any(|board| board.state != last.state) {
            return Vec::new();
        }
        for board in boards() {
            shown.retain(|(notice, _)| *notice != board.notice);
            shown.push((board.notice, board.turn));
        }
        shown
    }

    /// Believes what an earlier run of the same boot knew of its turns: each of them is drawn again, and so known.
    pub(super) fn restore_turns(&mut self, saved: &SignRecord, now: &Now) {
        let turns: Vec<u8> = saved.turns.iter().map(|(_, turn)| *turn).collect();
        let pictures: Option<Vec<NoticeHash>> = saved.turns.iter().map(|(notice, _)| parse_hash(notice)).collect();
        let Some(pictures) = pictures.filter(|p| (1..=usize::from(TURNS_MAX)).contains(&p.len())) else { return };
        if turns.iter().any(|turn| *turn > self.glass.plan.alternates) {
            return;
        }
        if pictures.len() > 1 {
            self.glass.restore_any(pictures, Mono(saved.lease), saved.due.map(Mono));
        }
        self.turns = Turns { since: Some(now.mono), to_recall: turns, ..Turns::default() };
    }
}
