//! What every sign is to show: which notice, until when it holds, under which name, and how soon the sign shall come back.

use std::time::Duration;

use super::glass::Drawn;
use super::interlock::Phase;
use super::reason::Reason;
use super::{Effect, Engine};
use crate::domain::id::{ActivityId, SignId};
use crate::domain::notice::{Evidence, NoticeHash, SignState};
use crate::domain::sign::Board;
use crate::domain::time::{Now, Wall};

/// Ends of validity are printed as full quarters of an hour: a person reads them, and the picture changes seldom.
const VALIDITY_GRID_MS: i64 = 15 * 60 * 1000;

/// A picture that stays is offered anew once a day: e-paper wants a refresh every 24 hours (signage facts §5).
const REDRAW_AFTER: Duration = Duration::from_secs(24 * 3600);

impl Engine {
    pub(super) fn drawn(&mut self, sign: &SignId, state: SignState, notice: Option<NoticeHash>, now: &Now) {
        let number = self.keep.number();
        let Some(sign) = self.signs.iter_mut().find(|s| s.glass.plan.id == *sign) else { return };
        if sign.drawing.as_ref() == Some(&state) {
            sign.drawing = None;
            match notice {
                Some(notice) => {
                    sign.glass.learn(Drawn { notice, state: state.clone() });
                    // Only a picture that is still believed keeps its file name; any other must be fetched afresh.
                    let believed = sign.glass.evidence(Some(notice), now.mono) == Evidence::Confirmed;
                    let stamped = match sign.offered_before.take() {
                        Some((before, stamped)) if believed && before == notice.to_string() => stamped,
                        _ => now.wall,
                    };
                    let id = sign.glass.plan.id.clone();
                    sign.publish(Board { sign: id, state, notice, stamped, refresh_seconds: 0 }, number);
                    self.pace.urge(now.mono);
                }
                None => sign.undrawable = Some(state),
            }
        }
        self.control(now);
    }

    pub(super) fn set_boards(&mut self, now: &Now) {
        for index in 0..self.signs.len() {
            let state = self.wanted_state(index, now);
            let refresh_seconds = self.wanted_refresh(index, now);
            let sign = &mut self.signs[index];
            let shown = sign.next.as_ref().or(sign.board.as_ref()).map(|b| &b.state);
            if shown == Some(&state) {
                sign.drawing = None;
            } else if sign.drawing.as_ref() != Some(&state) && sign.undrawable.as_ref() != Some(&state) {
                sign.drawing = Some(state.clone());
                sign.undrawable = None;
                self.effects.push_back(Effect::Draw { sign: sign.glass.plan.id.clone(), state });
            }
            if let Some(board) = &mut sign.board {
                let aged = now.wall.since(board.stamped) >= REDRAW_AFTER;
                if std::mem::take(&mut sign.glass.redraw) || aged {
                    // At least a second later than the last: the file name counts seconds.
                    board.stamped = now.wall.max(board.stamped + Duration::from_secs(1));
                    sign.changed_in = self.keep.number();
                }
                board.refresh_seconds = refresh_seconds;
            }
        }
    }

    fn wanted_state(&self, index: usize, now: &Now) -> SignState {
        if self.plan.store_fault.is_some() || !now.trusted {
            return SignState::Unknown;
        }
        let sign = &self.signs[index];
        let mut lost = false;
        let mut active: Vec<ActivityId> = Vec::new();
        for lock in self.interlocks.iter().filter(|l| sign.covers_zone(&l.state.zone)) {
            match &lock.state.phase {
                Phase::Closed(Reason::BrokerLost) => lost = true,
                Phase::Closed(_) if !lock.state.observes() => {}
                Phase::Closed(_) | Phase::Opening(_) | Phase::Open | Phase::Closing(_) => {
                    active.push(lock.state.activity.clone());
                }
            }
        }
        active.extend(self.plan.announced.iter().filter(|(zone, _)| sign.covers_zone(zone)).map(|(_, a)| a.clone()));
        active.sort();
        active.dedup();
        if lost {
            SignState::Unknown
        } else if active.is_empty() {
            SignState::Inactive { valid_until: self.validity(index, now) }
        } else {
            SignState::Active(active)
        }
    }

    /// End of validity of a "not counting": far enough to be renewed before it ends, and kept until that is due.
    fn validity(&self, index: usize, now: &Now) -> Wall {
        let sign = &self.signs[index];
        let lead = sign.glass.plan.refresh + sign.glass.plan.grace;
        let board = sign.next.as_ref().or(sign.board.as_ref());
        let standing = sign.drawing.as_ref().or(board.map(|b| &b.state));
        match standing {
            Some(SignState::Inactive { valid_until }) if now.wall + lead < *valid_until => *valid_until,
            _ => {
                let at_least = (now.wall + lead * 2).0;
                Wall((at_least.div_euclid(VALIDITY_GRID_MS) + 1) * VALIDITY_GRID_MS)
            }
        }
    }

    fn wanted_refresh(&self, index: usize, now: &Now) -> u32 {
        let sign = &self.signs[index];
        let settled = |l: &&super::Lock| matches!(l.state.phase, Phase::Open | Phase::Closed(_));
        let moving = self.interlocks.iter().filter(|l| sign.covers_zone(&l.state.zone)).any(|l| !settled(&l));
        let board = sign.board.as_ref().map(|b| b.notice);
        let confirmed = sign.glass.evidence(board, now.mono) >= Evidence::Confirmed;
        let pace = if moving || !confirmed { sign.glass.plan.transition_refresh } else { sign.glass.plan.refresh };
        u32::try_from(pace.as_secs()).unwrap_or(u32::MAX).max(1)
    }
}
