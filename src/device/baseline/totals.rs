//! Totals: what a counter says since some reset, and what it means that it says less than before.

use std::collections::VecDeque;

use super::{Counted, Order, keep, people};

/// What it means that a total is lower than the one before.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum CounterPolicy {
    /// The device starts again at zero (restart, daily reset): the new value is what passed since.
    #[default]
    Zero,
    /// The device falls back to an older value after a power cut (Tasmota saves at midnight): nothing can be said of the people
    /// between, so nothing is counted.
    Rollback,
    /// The counter overflows after 65 535.
    Modulo16,
    /// The counter overflows after 4 294 967 295.
    Modulo32,
}

impl CounterPolicy {
    /// The policy of a profile's word for it.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "zero" => Some(Self::Zero),
            "rollback" => Some(Self::Rollback),
            "modulo16" => Some(Self::Modulo16),
            "modulo32" => Some(Self::Modulo32),
            _ => None,
        }
    }
}

/// How many totals are remembered to recognise a redelivered one: as many as a small device keeps in flight.
pub(super) const TOTALS_KEPT: usize = 8;

/// How many starts of a counter are remembered, so that a message from before a reset that comes after it is not taken for another
/// reset. A counter that starts anew at every restart and every midnight stays below it for as long as a broker keeps messages.
pub(super) const STARTS_KEPT: usize = 4;

/// A wrapped counter is believed up to so many people between two reports; beyond, it is likelier that the device started anew.
const WRAP_MAX: u64 = 4096;

/// The totals of one stream.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Totals {
    /// The last totals, newest last.
    pub(super) last: VecDeque<(u64, u64)>,
    /// What the device said of its counter's last starts, newest last.
    pub(super) starts: VecDeque<u64>,
    /// Whether they have counted anybody.
    pub(super) counted: bool,
}

/// What a total says of its counter's start.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Start {
    /// Nothing, or the same as the total before, or it is the first that says anything.
    Same,
    /// The counter started anew at zero.
    Anew,
    /// A former start: something newer overtook it.
    Former,
}

impl Totals {
    /// Whether they have counted anybody.
    pub(super) fn have_counted(&self) -> bool {
        self.counted
    }

    /// What a reset marker says, if the message carries one.
    pub(super) fn start(&self, since: Option<u64>) -> Start {
        match since {
            Some(since) if self.starts.back().is_some_and(|start| *start != since) => {
                if self.starts.contains(&since) {
                    Start::Former
                } else {
                    Start::Anew
                }
            }
            _ => Start::Same,
        }
    }

    /// People between the total before and `now`.
    pub(super) fn apply(
        &mut self,
        now: (u64, u64),
        since: Option<u64>,
        order: Order,
        policy: CounterPolicy,
    ) -> Counted {
        let start = self.start(since);
        if start == Start::Former {
            return Counted::Duplicate;
        }
        if let Some(since) = since.filter(|since| self.starts.back() != Some(since)) {
            keep(&mut self.starts, since, STARTS_KEPT);
        }
        if start == Start::Anew {
            self.last.clear();
            return self.count(now, now);
        }
        self.follow(now, order, policy)
    }

    fn follow(&mut self, now: (u64, u64), order: Order, policy: CounterPolicy) -> Counted {
        let Some(&last) = self.last.back() else {
            keep(&mut self.last, now, TOTALS_KEPT);
            return Counted::Baseline { may_miss: false };
        };
        if now == last {
            return Counted::Nothing;
        }
        let forward = now.0 >= last.0 && now.1 >= last.1;
        // A total that was overtaken by a newer one holds nobody new; nor does one that was here a moment ago and comes again.
        let repeated = order == Order::Unknown && is_near(now, last) && self.last.contains(&now);
        if !forward && (order == Order::Late || repeated) {
            return Counted::Duplicate;
        }
        let step = if forward { Some((now.0 - last.0, now.1 - last.1)) } else { step_back(last, now, policy) };
        if let Some(step) = step {
            return self.count(now, step);
        }
        keep(&mut self.last, now, TOTALS_KEPT);
        Counted::Baseline { may_miss: true }
    }

    fn count(&mut self, now: (u64, u64), step: (u64, u64)) -> Counted {
        keep(&mut self.last, now, TOTALS_KEPT);
        self.counted |= step != (0, 0);
        // A total says everything that messages lost before it would have said.
        people(step, Order::Unknown)
    }
}

/// Whether a lower total is so near the last one that it is likelier a redelivery than the first steps of a counter that started
/// anew: those are one, two, three, also where the counter had not come far before.
fn is_near(now: (u64, u64), last: (u64, u64)) -> bool {
    let sum = |(inward, outward): (u64, u64)| inward.saturating_add(outward);
    sum(now) > sum(last) / 2
}

/// People since `last`, where one of the two counters went down.
fn step_back(last: (u64, u64), now: (u64, u64), policy: CounterPolicy) -> Option<(u64, u64)> {
    match policy {
        CounterPolicy::Zero => Some(now),
        CounterPolicy::Rollback => None,
        CounterPolicy::Modulo16 => Some((wrapped(last.0, now.0, 1 << 16)?, wrapped(last.1, now.1, 1 << 16)?)),
        CounterPolicy::Modulo32 => Some((wrapped(last.0, now.0, 1 << 32)?, wrapped(last.1, now.1, 1 << 32)?)),
    }
}

fn wrapped(last: u64, now: u64, modulus: u64) -> Option<u64> {
    if now >= last {
        return Some(now - last);
    }
    now.checked_add(modulus)?.checked_sub(last).filter(|step| *step <= WRAP_MAX)
}
