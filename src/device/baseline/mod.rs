//! Totals to differences, and each person once, for one stream of one sensor. Pure, and small enough to be stored at each commit.
//!
//! A device may tell of the same people three times: as they cross, per period, and as a total. The best kind seen wins for
//! good (crossing over interval over totals); the others are only a cross-check from then on. Doubles are told by the name of a
//! message (`seen`), else by its number (`window`), and by what it says of time (`interval`) or of a counter (`totals`).

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::domain::reading::{Fact, Reading};
use interval::{Intervals, Period};
use seen::Seen;
use stored::Stored;
use totals::{Start, Totals};
use window::{Place, Window};

mod interval;
mod seen;
mod stored;
#[cfg(test)]
mod tests;
mod totals;
mod window;

pub use totals::CounterPolicy;

/// What one reading adds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Counted {
    /// It is not about people passing, or nobody passed.
    Nothing,
    /// New people; for an interval, within it.
    People {
        /// Inward.
        inward: u64,
        /// Outward.
        outward: u64,
        /// Messages that the device numbered and that never came, or whose people cannot be told from those counted, so that
        /// people may be missing.
        missed: u64,
    },
    /// A total to count from: the first one, or one that fell back. People before it cannot be counted.
    Baseline {
        /// Whether there was an earlier total, so that people between the two may be missing.
        may_miss: bool,
    },
    /// Counted already.
    Duplicate,
    /// The same people are counted by a better kind of reading.
    CrossCheck,
}

/// Memory of one stream of one sensor. As JSON at most [`STORED_MAX_BYTES`].
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Baseline {
    kind: Kind,
    window: Option<Window>,
    seen: Seen,
    totals: Totals,
    intervals: Intervals,
}

/// Most bytes of a [`Baseline`] as JSON, so that a shop of hundreds of streams still commits within a page or two each.
pub const STORED_MAX_BYTES: usize = 2560;

/// The best kind of reading seen; ordered.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
enum Kind {
    #[default]
    #[serde(rename = "-")]
    None,
    #[serde(rename = "t")]
    Totals,
    #[serde(rename = "i")]
    Interval,
    #[serde(rename = "c")]
    Crossing,
}

/// By so many numbers a message may be overtaken by others; one with a name of its own and a lower number comes from a device that
/// numbers anew. Radio networks deliver a few messages late, not a dozen.
const OVERTAKEN_MAX: u64 = 16;

/// What is known of a reading's place among the others of its stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Order {
    /// Nothing tells whether it came before.
    Unknown,
    /// It has a name or number of its own, and is newer than all before; so many numbers between never came.
    Next { missed: u64 },
    /// Its own too, but something newer overtook it.
    Late,
}

impl Baseline {
    /// What `reading` adds to what was counted before. Readings that are not about people passing change nothing.
    ///
    /// A message with a name (`dedupe`) is a double iff the name came before; without one, iff its number did. The caller judges
    /// the device's clock: an interval that it does not believe is handed in as an empty period, which no other one overlaps.
    pub fn apply(&mut self, reading: &Reading, policy: CounterPolicy) -> Counted {
        let kind = kind_of(&reading.fact);
        if kind == Kind::None {
            return Counted::Nothing;
        }
        if kind < self.kind {
            return Counted::CrossCheck;
        }
        // The first period may hold people whom the totals have counted.
        let told = kind > self.kind && self.totals.have_counted();
        if kind > self.kind {
            *self = Self { kind, ..Self::default() };
        }
        if kind == Kind::Totals && self.totals.start(reading.since) == Start::Anew {
            // So does its numbering, if it is the device that did.
            self.window = None;
        }
        let Some(order) = self.place(reading) else { return Counted::Duplicate };
        match reading.fact {
            Fact::Crossing { inward, outward } => people((inward.into(), outward.into()), order),
            Fact::Interval { inward, outward, from, to } => {
                let counted = self.intervals.apply(Period::new((from, to), (inward, outward)), order);
                if told { Counted::CrossCheck } else { counted }
            }
            Fact::Totals { inward, outward } => self.totals.apply((inward, outward), reading.since, order, policy),
            Fact::Presence { .. }
            | Fact::Contact { .. }
            | Fact::Motion { .. }
            | Fact::Camera(_)
            | Fact::Link { .. }
            | Fact::Switch { .. }
            | Fact::Battery { .. }
            | Fact::Tamper { .. }
            | Fact::Fault { .. }
            | Fact::Pressed => Counted::Nothing,
        }
    }

    /// Takes note of a reading's name and number; nothing if it is a double.
    fn place(&mut self, reading: &Reading) -> Option<Order> {
        let name = reading.dedupe.map(|name| {
            // One message may hold many periods.
            if let Fact::Interval { from, to, .. } = reading.fact { seen::of_part(name, [from.0, to.0]) } else { name }
        });
        if name.is_some_and(|name| !self.seen.note(name)) {
            return None;
        }
        let named = reading.dedupe.is_some();
        let Some(sequence) = reading.sequence else {
            return Some(if named { Order::Next { missed: 0 } } else { Order::Unknown });
        };
        match Window::place(&mut self.window, sequence) {
            Place::Next { missed } => Some(Order::Next { missed }),
            Place::Late { behind } if !named || behind < OVERTAKEN_MAX => Some(Order::Late),
            Place::Newest | Place::Seen if !named => None,
            // A copy that the network took for another message (another gateway heard the same transmission late).
            Place::Newest if matches!(reading.fact, Fact::Crossing { .. }) => None,
            // Or one of several periods or lines of one message: what it says tells them apart.
            Place::Newest => Some(Order::Unknown),
            // Another message under an old or a much lower number: the device numbers anew.
            Place::Late { .. } | Place::Seen => {
                self.window = Some(Window::starting_at(sequence));
                Some(Order::Next { missed: 0 })
            }
        }
    }
}

fn kind_of(fact: &Fact) -> Kind {
    match fact {
        Fact::Crossing { .. } => Kind::Crossing,
        Fact::Interval { .. } => Kind::Interval,
        Fact::Totals { .. } => Kind::Totals,
        Fact::Presence { .. }
        | Fact::Contact { .. }
        | Fact::Motion { .. }
        | Fact::Camera(_)
        | Fact::Link { .. }
        | Fact::Switch { .. }
        | Fact::Battery { .. }
        | Fact::Tamper { .. }
        | Fact::Fault { .. }
        | Fact::Pressed => Kind::None,
    }
}

fn people((inward, outward): (u64, u64), order: Order) -> Counted {
    let missed = if let Order::Next { missed } = order { missed } else { 0 };
    if (inward, outward, missed) == (0, 0, 0) { Counted::Nothing } else { Counted::People { inward, outward, missed } }
}

fn keep<T>(kept: &mut VecDeque<T>, new: T, most: usize) {
    kept.push_back(new);
    while kept.len() > most {
        kept.pop_front();
    }
}
