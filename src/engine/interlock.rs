//! The interlock of one activity in one zone: its phase, why, and since when it was open.
//!
//! Judging a reading needs more than the present: a reading speaks of a span of time, and it is counted iff the interlock was
//! open throughout that span.

use std::collections::VecDeque;
use std::time::Duration;

use super::reason::Reason;
use crate::domain::activity::InterlockMode;
use crate::domain::id::{ActivityId, ZoneId};
use crate::domain::notice::Evidence;
use crate::domain::time::Mono;

/// How long late readings are accepted, and so how long interlock history is kept: a device that buffered through a night and a
/// morning still delivers, and a day of history stays small.
pub const LATENESS_MAX: Duration = Duration::from_secs(24 * 3600);

/// Most open spans remembered per interlock. A sign that flaps every three minutes all day stays below it; beyond it the oldest
/// span is forgotten, which can only refuse readings, never count them.
pub const SPANS_MAX: usize = 512;

/// How long a sensor may take to confirm that it is switched off before the command is repeated.
pub const SWITCH_RETRY: Duration = Duration::from_secs(30);

/// What an interlock waits for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LockPlan {
    /// Its zone.
    pub zone: ZoneId,
    /// Its activity.
    pub activity: ActivityId,
    /// Whether counting waits for it.
    pub mode: InterlockMode,
    /// How many covering signs must be known to show the notice, at least 1.
    pub quorum: usize,
    /// How well that must be known: [`Evidence::Confirmed`] or [`Evidence::Sighted`].
    pub evidence: Evidence,
}

impl LockPlan {
    /// An interlock that waits for one confirmed sign.
    #[must_use]
    pub fn new(zone: ZoneId, activity: ActivityId, mode: InterlockMode) -> Self {
        Self { zone, activity, mode, quorum: 1, evidence: Evidence::Confirmed }
    }
}

/// The phase of an interlock.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(test, derive(Hash))]
pub enum Phase {
    /// Nothing is counted and nothing is being prepared.
    Closed(Reason),
    /// Counting is wanted; a sign has still to be confirmed.
    Opening(Reason),
    /// Counting.
    Open,
    /// Counting has stopped; switched sensors have still to confirm it.
    Closing(Reason),
}

impl Phase {
    /// The word of the API.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Closed(_) => "closed",
            Self::Opening(_) => "opening",
            Self::Open => "open",
            Self::Closing(_) => "closing",
        }
    }
}

/// A span in which the interlock was open; `to: None` while it still is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(test, derive(Hash))]
pub struct OpenSpan {
    /// First moment.
    pub from: Mono,
    /// First moment after it.
    pub to: Option<Mono>,
}

/// One interlock.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, Hash))]
pub struct Interlock {
    /// Its zone.
    pub zone: ZoneId,
    /// Its activity.
    pub activity: ActivityId,
    /// Whether counting waits for it.
    pub mode: InterlockMode,
    /// How many covering signs must be known to show the notice.
    pub quorum: usize,
    /// How well that must be known.
    pub evidence: Evidence,
    /// Where it stands.
    pub phase: Phase,
    /// Operator's off switch.
    pub stopped: bool,
    /// Nothing but a notice is missing: store, clock and broker are in order, and nobody has stopped it.
    pub unblocked: bool,
    spans: VecDeque<OpenSpan>,
}

impl Interlock {
    /// An interlock that was never open.
    #[must_use]
    pub fn new(plan: &LockPlan) -> Self {
        Self {
            zone: plan.zone.clone(),
            activity: plan.activity.clone(),
            mode: plan.mode,
            quorum: plan.quorum,
            evidence: plan.evidence,
            phase: Phase::Closed(Reason::Starting),
            stopped: false,
            unblocked: false,
            spans: VecDeque::new(),
        }
    }

    /// Puts back history from before a restart.
    pub fn restore(&mut self, spans: impl IntoIterator<Item = OpenSpan>, stopped: bool) {
        self.spans = spans.into_iter().collect();
        self.stopped = stopped;
    }

    /// The remembered open spans, oldest first.
    pub fn spans(&self) -> impl Iterator<Item = &OpenSpan> {
        self.spans.iter()
    }

    /// Whether a notice confirmed now allows counting now.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.phase == Phase::Open
    }

    /// Whether figures are taken at all: open, or only observed.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.is_open() || self.observes()
    }

    /// Whether it counts without waiting for the notice (and says so in every figure).
    #[must_use]
    pub fn observes(&self) -> bool {
        self.mode == InterlockMode::Observe && self.unblocked
    }

    /// When the span that is open now began, even if the phase has yet to be found out after a restart.
    #[must_use]
    pub fn open_since(&self) -> Option<Mono> {
        self.spans.back().filter(|span| span.to.is_none()).map(|span| span.from)
    }

    /// Opens, counting from `since`; goes on with a span that is still open.
    pub fn open(&mut self, since: Mono) {
        if self.open_since().is_none() {
            self.spans.push_back(OpenSpan { from: since, to: None });
            if self.spans.len() > SPANS_MAX {
                self.spans.pop_front();
            }
        }
        self.phase = Phase::Open;
    }

    /// Stops counting at `at` (or at the start of the span, whichever is later) and enters `phase`.
    pub fn stop(&mut self, at: Mono, phase: Phase) {
        if let Some(span) = self.spans.back_mut().filter(|span| span.to.is_none()) {
            span.to = Some(at.max(span.from));
        }
        self.phase = phase;
    }

    /// Whether the interlock was open throughout `[from, to]`.
    #[must_use]
    pub fn was_open(&self, from: Mono, to: Mono) -> bool {
        self.spans.iter().rev().any(|span| span.from <= from && span.to.is_none_or(|end| to < end))
    }

    /// Forgets spans that no reading accepted now can speak of.
    pub fn forget_before(&mut self, horizon: Mono) {
        while self.spans.front().is_some_and(|span| span.to.is_some_and(|to| to < horizon)) {
            self.spans.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interlock() -> Interlock {
        let (zone, activity) = (ZoneId::new("entrance"), ActivityId::new("footfall"));
        Interlock::new(&LockPlan::new(zone, activity, InterlockMode::Enforce))
    }

    #[test]
    fn a_span_counts_only_if_open_throughout() {
        let mut i = interlock();
        i.open(Mono(100));
        i.stop(Mono(200), Phase::Closed(Reason::Starting));
        i.open(Mono(300));
        assert!(i.was_open(Mono(100), Mono(199)));
        assert!(!i.was_open(Mono(99), Mono(150)), "begins before");
        assert!(!i.was_open(Mono(150), Mono(200)), "the end is not part of the span");
        assert!(!i.was_open(Mono(150), Mono(350)), "closed in between");
        assert!(i.was_open(Mono(300), Mono(9_999)));
    }

    #[test]
    fn opening_again_while_open_keeps_the_first_moment() {
        let mut i = interlock();
        i.open(Mono(100));
        i.open(Mono(150));
        assert_eq!(i.open_since(), Some(Mono(100)));
        assert_eq!(i.spans().count(), 1);
    }

    #[test]
    fn history_is_bounded_and_forgets_only_what_ended() {
        let mut i = interlock();
        for k in 0..(SPANS_MAX as i64 + 10) {
            i.open(Mono(k * 10));
            i.stop(Mono(k * 10 + 5), Phase::Closed(Reason::Starting));
        }
        assert_eq!(i.spans().count(), SPANS_MAX);
        i.open(Mono(100_000));
        i.forget_before(Mono(200_000));
        assert_eq!(i.spans().count(), 1, "the span that is open stays");
    }
}
