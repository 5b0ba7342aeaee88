//! What every sign is to show: which notice, until when it holds, and under which name.

use std::time::Duration;

use jiff::civil::Date;

use super::glass::Drawn;
use super::interlock::Phase;
use super::reason::Reason;
use super::sign::Sign;
use super::{Effect, Engine};
use crate::domain::id::{ActivityId, SignId};
use crate::domain::notice::{NoticeHash, SignState};
use crate::domain::sign::{Board, LEASE_MAX};
use crate::domain::time::{Mono, Now, Wall};

/// Ends of validity are printed as full quarters of an hour, which a person reads easily.
const VALIDITY_GRID_MS: i64 = 15 * 60 * 1000;

/// How long a "not counting" holds within opening hours. Each renewal makes the display draw, so it is as long as harm allows. It
/// does not delay the end of a stop: a sign learns of that at its next poll and takes its denial back. But a sign that died under its
/// denial holds counting back in its zones until that runs out, so it must not outlast the better part of a trading day. Twice the longest
/// lease lets every sign learn of a renewal before its picture runs out.
const VALIDITY: Duration = LEASE_MAX.saturating_mul(2);

impl Engine {
    pub(super) fn drawn(&mut self, sign: &SignId, face: (SignState, u8), notice: Option<NoticeHash>, now: &Now) {
        let number = self.keep.number();
        let Some(sign) = self.signs.iter_mut().find(|s| s.glass.plan.id == *sign) else { return };
        if sign.drawing.as_ref() == Some(&face) {
            sign.drawing = None;
            let is_recalled = sign.turns.recall(face.1);
            match notice {
                Some(notice) => {
                    sign.glass.learn(Drawn { notice, state: face.0.clone(), turn: face.1, ahead_ms: 0 });
                    sign.glass.replace_paper(notice);
                    if !is_recalled {
                        let board = sign.board_of(face, notice, now);
                        sign.publish(board, number);
                        self.pace.urge(now.mono);
                    }
                }
                None if face.1 > 0 => sign.turns.skip(face.1),
                None => sign.undrawable = Some(face.0),
            }
        }
        self.control(now);
    }

    pub(super) fn set_boards(&mut self, now: &Now) {
        let number = self.keep.number();
        for index in 0..self.signs.len() {
            let state = self.wanted_state(index, now);
            self.signs[index].glass.rest = self.rest(index);
            let turn = self.wanted_turn(index, &state, now);
            let refresh_seconds = self.wanted_refresh(index, &state, now);
            let day = self.code_day_of(index);
            let sign = &mut self.signs[index];
            if sign.rename(now) {
                sign.changed_in = number;
                self.pace.dirty(now.mono);
            }
            if let Some(board) = &mut sign.board {
                board.refresh_seconds = refresh_seconds;
            }
            if let Some((state, turn)) = sign.begin_drawing((state, turn), day) {
                self.effects.push_back(Effect::Draw { sign: sign.glass.plan.id.clone(), state, turn });
            }
        }
    }

    /// The day whose code sign `index` shall carry. It changes while the shop is open only, because with the opening a sign is drawn
    /// anyway; and codes of the day before are still taken, so no sign is hurried for it.
    fn code_day_of(&self, index: usize) -> Date {
        let sign = &self.signs[index];
        let stays = self.plan.objections.activities.is_empty()
            || self.hours.closed().is_some()
            || sign.drawing.is_some()
            || sign.glass.is_paper();
        sign.code_day.filter(|_| stays).unwrap_or(self.code_day)
    }

    fn wanted_state(&self, index: usize, now: &Now) -> SignState {
        let sign = &self.signs[index];
        if sign.glass.is_paper() {
            return self.everything(sign);
        }
        if self.plan.store_fault.is_some() || !now.trusted {
            return SignState::Unknown;
        }
        let mut lost = false;
        let mut active: Vec<ActivityId> = Vec::new();
        let mut paused: Option<Wall> = None;
        for lock in self.interlocks.iter().filter(|l| sign.covers_zone(&l.state.zone)) {
            match &lock.state.phase {
                Phase::Closed(Reason::BrokerLost) => lost = true,
                Phase::Closed(Reason::Paused(_)) => {
                    let until = self.paused(&lock.state.zone, &lock.state.activity);
                    paused = paused.into_iter().chain(until).min();
                }
                Phase::Closed(_) if !lock.state.observes() => {}
                Phase::Closed(_) | Phase::Opening(_) | Phase::Open | Phase::Closing(_) => {
                    active.push(lock.state.activity.clone());
                }
            }
        }
        // A recorder goes on whatever a visitor pauses; the sign says both.
        if let (Some(valid_until), true, false) = (paused, active.is_empty(), lost) {
            return SignState::Paused { valid_until, beside: sorted(self.announced(sign).collect()) };
        }
        active.extend(self.announced(sign));
        if lost {
            SignState::Unknown
        } else if active.is_empty() {
            SignState::Inactive { valid_until: self.validity(index, now) }
        } else {
            SignState::Active(sorted(active))
        }
    }

    /// What paper says: everything that is ever done in its zones, because it cannot change.
    fn everything(&self, sign: &Sign) -> SignState {
        let counted = self.interlocks.iter().filter(|l| sign.covers_zone(&l.state.zone));
        let all: Vec<_> = counted.map(|l| l.state.activity.clone()).chain(self.announced(sign)).collect();
        // Nothing is done in its zones, and paper never denies.
        if all.is_empty() { SignState::Unknown } else { SignState::Active(sorted(all)) }
    }

    fn announced(&self, sign: &Sign) -> impl Iterator<Item = ActivityId> {
        self.plan.announced.iter().filter(|(zone, _)| sign.covers_zone(zone)).map(|(_, activity)| activity.clone())
    }

    /// End of validity of a "not counting". Outside opening hours it is the opening: nothing opens before, and one picture serves
    /// the whole night. Within them it is renewed before it ends.
    fn validity(&self, index: usize, now: &Now) -> Wall {
        if let Some(closed) = self.hours.closed() {
            return closed.end;
        }
        match self.signs[index].standing().and_then(|(state, _)| state.valid_until()) {
            Some(until) if now.wall < self.renewal(index, until) => until,
            _ => {
                let at_least = (now.wall + VALIDITY).0;
                Wall((at_least.div_euclid(VALIDITY_GRID_MS) + 1) * VALIDITY_GRID_MS)
            }
        }
    }

    /// When a "not counting" that holds until `until` is renewed: in time for the sign's next poll.
    fn renewal(&self, index: usize, until: Wall) -> Wall {
        until - (self.rest(index) + self.signs[index].glass.plan.grace)
    }

    /// When the next "not counting" of sign `index` has to be renewed, if it says so.
    pub(super) fn renewal_at(&self, index: usize, now: &Now) -> Option<Mono> {
        let until = self.signs[index].board.as_ref()?.state.valid_until()?;
        Some(now.mono_at(if self.hours.closed().is_some() { until } else { self.renewal(index, until) }))
    }
}

impl Sign {
    /// What it says and in which turn, or will as soon as that is drawn and kept.
    pub(super) fn standing(&self) -> Option<(&SignState, u8)> {
        let board = self.next.as_ref().or(self.board.as_ref());
        self.drawing.as_ref().map(|(state, turn)| (state, *turn)).or(board.map(|b| (&b.state, b.turn)))
    }

    /// Notes what it shall say, in which turn and with the code of which day; gives it back if that has to be drawn.
    fn begin_drawing(&mut self, face: (SignState, u8), day: Date) -> Option<(SignState, u8)> {
        let renews = self.code_day.replace(day).is_some_and(|drawn| drawn != day);
        let says = |board: &Board| (&board.state, board.turn) == (&face.0, face.1);
        if !renews && self.next.as_ref().or(self.board.as_ref()).is_some_and(says) {
            self.drawing = None;
            return None;
        }
        if !renews && (self.drawing.as_ref() == Some(&face) || self.undrawable.as_ref() == Some(&face.0)) {
            return None;
        }
        self.undrawable = None;
        self.drawing = Some(face.clone());
        Some(face)
    }
}

fn sorted(mut activities: Vec<ActivityId>) -> Vec<ActivityId> {
    activities.sort();
    activities.dedup();
    activities
}
