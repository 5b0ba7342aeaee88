//! Periods: repeated, late, out of order, and told twice in pieces of different length.
//!
//! What counts is the time that was not counted yet. A period that repeats a counted one, or lies inside the time counted, adds
//! nothing. One that covers whole counted periods adds what it says beyond them. One that only touches counted time comes from a
//! clock that was set, and counts; if half of it or more is counted already, its people cannot be told from those, and it does not.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::{Counted, Order, people};
use crate::domain::time::Wall;

/// How many periods are remembered with their people: as many as a finer report has within a coarser one (minutes in a quarter).
pub(super) const PERIODS_KEPT: usize = 16;

/// How many stretches of older counted time are remembered. Reports without a gap make one stretch, however many they are.
pub(super) const RUNS_KEPT: usize = 12;

/// The counted time of one stream.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Intervals {
    /// The last periods in the order in which they came.
    pub(super) recent: VecDeque<Period>,
    /// Older ones, joined where they meet, in the order of time.
    pub(super) runs: Vec<Run>,
}

/// A counted period: from and to in milliseconds, people inward and outward.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub(super) struct Period(i64, i64, #[serde(default = "unknown")] u64, #[serde(default = "unknown")] u64);

/// A stretch of counted time, from and to in milliseconds.
pub(super) type Run = (i64, i64);

/// People of a period that was stored without them: so many that nothing is counted beyond them.
fn unknown() -> u64 {
    u64::MAX
}

impl Period {
    pub(super) fn new((from, to): (Wall, Wall), (inward, outward): (u32, u32)) -> Self {
        Self(from.0, to.0, inward.into(), outward.into())
    }

    fn run(self) -> Run {
        (self.0, self.1)
    }

    fn people(self) -> (u64, u64) {
        (self.2, self.3)
    }
}

impl Intervals {
    /// What a period adds. An empty one (its place in time is not known) adds all it says.
    pub(super) fn apply(&mut self, period: Period, order: Order) -> Counted {
        let run = period.run();
        if length(run) == 0 {
            return people(period.people(), order);
        }
        if let (Order::Next { .. }, Some(last)) = (order, self.recent.back_mut().filter(|last| last.run() == run)) {
            // A clock that stands still: a message of its own for the same period as the one before.
            *last = Period(run.0, run.1, last.2.saturating_add(period.2), last.3.saturating_add(period.3));
            return people(period.people(), order);
        }
        let covered = self.covered(run);
        if covered == 0 {
            self.keep(period);
            return people(period.people(), order);
        }
        if let Some(inside) = self.inside(run) {
            return self.beyond(period, inside, order);
        }
        if covered == length(run) {
            return nobody_new(order);
        }
        if covered >= length(run).div_ceil(2) {
            return Counted::People { inward: 0, outward: 0, missed: 1 };
        }
        self.keep(period);
        people(period.people(), order)
    }

    /// Counts what `period` says beyond the periods inside it, which it takes the place of.
    fn beyond(&mut self, period: Period, inside: (u64, u64), order: Order) -> Counted {
        let repeated = self.recent.iter().any(|known| known.run() == period.run());
        let all = (period.2.max(inside.0), period.3.max(inside.1));
        self.recent.retain(|known| !contains(period.run(), known.run()));
        self.keep(Period(period.0, period.1, all.0, all.1));
        let more = (all.0 - inside.0, all.1 - inside.1);
        match (repeated, more) {
            (_, (0, 0)) => nobody_new(order),
            // Told otherwise than before: either corrected, or of another time by a clock that stands still.
            (true, (inward, outward)) => Counted::People { inward, outward, missed: 1 },
            (false, more) => people(more, order),
        }
    }

    /// People of the counted periods inside `run`, if no other counted time touches it.
    fn inside(&self, run: Run) -> Option<(u64, u64)> {
        let mut sum = (0u64, 0u64);
        for known in self.recent.iter().filter(|known| overlap(known.run(), run) > 0) {
            if !contains(run, known.run()) {
                return None;
            }
            sum = (sum.0.saturating_add(known.2), sum.1.saturating_add(known.3));
        }
        self.runs.iter().all(|known| overlap(*known, run) == 0).then_some(sum)
    }

    /// How much of `run` is counted time.
    fn covered(&self, run: Run) -> u64 {
        let known = self.recent.iter().map(|period| period.run()).chain(self.runs.iter().copied());
        let mut parts: Vec<Run> = known
            .filter(|known| overlap(*known, run) > 0)
            .map(|known| (known.0.max(run.0), known.1.min(run.1)))
            .collect();
        parts.sort_unstable();
        let (mut covered, mut reached) = (0, run.0);
        for (from, to) in parts {
            covered += length((from.max(reached), to));
            reached = reached.max(to);
        }
        covered
    }

    fn keep(&mut self, period: Period) {
        self.recent.push_back(period);
        while self.recent.len() > PERIODS_KEPT {
            let oldest = self.recent.pop_front();
            self.runs.extend(oldest.map(Period::run));
            self.join();
        }
    }

    /// Joins the older stretches where they meet, and forgets the earliest if there are too many.
    fn join(&mut self) {
        self.runs.sort_unstable();
        let mut joined: Vec<Run> = Vec::with_capacity(self.runs.len());
        for run in self.runs.drain(..) {
            match joined.last_mut().filter(|last| run.0 <= last.1) {
                Some(last) => last.1 = last.1.max(run.1),
                None => joined.push(run),
            }
        }
        joined.drain(..joined.len().saturating_sub(RUNS_KEPT));
        self.runs = joined;
    }
}

/// A double; but messages that were missed before it are missed all the same.
fn nobody_new(order: Order) -> Counted {
    let counted = people((0, 0), order);
    if counted == Counted::Nothing { Counted::Duplicate } else { counted }
}

fn length((from, to): Run) -> u64 {
    if to > from { to.abs_diff(from) } else { 0 }
}

fn overlap(a: Run, b: Run) -> u64 {
    length((a.0.max(b.0), a.1.min(b.1)))
}

fn contains(outer: Run, inner: Run) -> bool {
    outer.0 <= inner.0 && inner.1 <= outer.1
}
