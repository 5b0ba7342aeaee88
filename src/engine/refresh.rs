//! How soon every sign shall come back: soon while something is under way, at its pace while nothing is, and for the opening when
//! the shop is closed.

use std::time::Duration;

use super::Engine;
use super::glass::{DRIFT_SHARE, Proof};
use super::interlock::Phase;
use super::sign::{REDRAW_AFTER, Sign};
use crate::domain::notice::{Evidence, SignState};
use crate::domain::sign::LEASE_MAX;
use crate::domain::time::{Mono, Now};

/// How long after the opening a sign is told to come back: by then the notice that counting begins is drawn and kept.
const OPENING_MARGIN: Duration = Duration::from_secs(5);

/// Up to this length a sleep is told exactly. A longer one is told shorter by what the display's clock may drift, so that one more wake
/// shortly before the opening sets it right.
const EXACT_SLEEP_MAX: Duration = Duration::from_secs(3600);

/// How long after its expected poll a sign that is late is told anew how long it is until the opening.
const LATE_STEP: Duration = Duration::from_secs(30);

impl Engine {
    /// Pace of sign `index` while nothing happens: half as often while its battery is nearly empty, as far as a lease allows.
    /// Transitions stay as they are: they are short, and each of their minutes is one that is not counted.
    pub(super) fn rest(&self, index: usize) -> Duration {
        let sign = &self.signs[index];
        let refresh = sign.glass.plan.refresh;
        if !sign.condition.is_battery_low() {
            return refresh;
        }
        (refresh * 2).min(LEASE_MAX.saturating_sub(sign.glass.plan.grace)).max(refresh)
    }

    /// How soon sign `index`, which is to say `wanted`, shall come back, in seconds.
    pub(super) fn wanted_refresh(&self, index: usize, wanted: &SignState, now: &Now) -> u32 {
        let sign = &self.signs[index];
        let pace = if sign.glass.is_paper() {
            sign.glass.plan.refresh
        } else if !sign.is_known_to_say(wanted, now) {
            sign.glass.plan.transition_refresh
        } else if !self.is_moving(sign) {
            let told = self.until_opening(sign, now).or_else(|| self.until_resumed(index, now));
            told.unwrap_or_else(|| self.rest(index))
        } else if self.hours.closed().is_none() {
            sign.glass.plan.transition_refresh
        } else {
            // A sensor that went off with the lights will not say before the morning that it is off: until then the sign errs to the right side.
            self.rest(index)
        };
        u32::try_from(pace.as_secs()).unwrap_or(u32::MAX).max(1)
    }

    /// When what sign `index` is told changes although nothing happens: a sign that is late has less time left until the opening.
    pub(super) fn refresh_change_at(&self, index: usize, now: &Now) -> Option<Mono> {
        let sign = &self.signs[index];
        self.hours.closed().filter(|_| sign.sleeps_until_told())?;
        let awaited = sign.glass.overdue_since(now.mono).is_none() && sign.glass.ends(now).is_some();
        awaited.then(|| sign.glass.due().unwrap_or(now.mono).max(now.mono) + LATE_STEP)
    }

    /// Whether counting opens or closes in its zones.
    pub(super) fn is_moving(&self, sign: &Sign) -> bool {
        let settled = |l: &super::Lock| matches!(l.state.phase, Phase::Open | Phase::Closed(_));
        self.interlocks.iter().any(|l| sign.covers_zone(&l.state.zone) && !settled(l))
    }

    /// Outside opening hours: how long a sign may sleep that polls when it was told to.
    fn until_opening(&self, sign: &Sign, now: &Now) -> Option<Duration> {
        let closed = self.hours.closed().filter(|_| now.trusted && sign.sleeps_until_told())?;
        let margin = OPENING_MARGIN.min(sign.glass.plan.transition_refresh / 2);
        let opening = now.mono_at(closed.end) + margin;
        // It will be told at its next poll, which is not now.
        let next_poll = sign.glass.due().filter(|due| now.mono < *due && *due < opening).unwrap_or(now.mono);
        let left = opening.since(next_poll);
        if left <= EXACT_SLEEP_MAX {
            return Some(left);
        }
        // Once a day it wakes to draw its picture afresh.
        Some((left / DRIFT_SHARE * (DRIFT_SHARE - 1)).min(REDRAW_AFTER))
    }
}

impl Sign {
    /// Whether its board says `wanted`, and it is known to show it, in whatever turn: nobody waits for another language.
    fn is_known_to_say(&self, wanted: &SignState, now: &Now) -> bool {
        let Some(board) = self.board.as_ref().filter(|board| board.state == *wanted) else { return false };
        let in_any_turn = self.glass.is_leased(now.mono) && self.glass.turns(wanted).is_some();
        in_any_turn || self.glass.evidence(Some(board.notice), now) >= Evidence::Confirmed
    }

    /// Whether it wakes when it was told to. A page has no reason to sleep, and a label listens to its access point.
    fn sleeps_until_told(&self) -> bool {
        matches!(self.glass.plan.proof, Proof::NextPoll | Proof::Word)
    }
}
