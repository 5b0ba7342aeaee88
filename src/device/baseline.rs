//! Totals to differences, and each person once, for one stream of one sensor. Pure, and small enough to be stored at each commit.
//!
//! A device may tell of the same people three times: as they cross, per period, and as a total. The best kind seen wins for
//! good (crossing over interval over totals); the others are only a cross-check from then on.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::domain::reading::{Fact, Reading};

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
        /// Messages that the device numbered and that never came, so that people may be missing.
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

/// How many interval periods are remembered to recognise a repeated one: at the usual 5 to 15 minutes, some hours.
const INTERVALS_KEPT: usize = 32;

/// How many totals are remembered to recognise a redelivered one: as many as a small device keeps in flight.
const TOTALS_KEPT: usize = 8;

/// A wrapped counter is believed up to so many people between two reports; beyond, it is likelier that the device started anew.
const WRAP_MAX: u64 = 4096;

/// Memory of one stream of one sensor. As JSON under 1.5 kB.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Baseline {
    #[serde(rename = "k")]
    kind: Kind,
    #[serde(rename = "n", skip_serializing_if = "Option::is_none")]
    window: Option<Window>,
    /// The last totals, newest last.
    #[serde(rename = "t", skip_serializing_if = "VecDeque::is_empty")]
    totals: VecDeque<(u64, u64)>,
    /// Whether totals have counted anybody.
    #[serde(rename = "c", skip_serializing_if = "std::ops::Not::not")]
    totals_counted: bool,
    /// The last periods in milliseconds, newest last.
    #[serde(rename = "i", skip_serializing_if = "VecDeque::is_empty")]
    intervals: VecDeque<(i64, i64)>,
}

/// The best kind of reading seen; ordered.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
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

impl Baseline {
    /// What `reading` adds to what was counted before. Readings that are not about people passing change nothing.
    ///
    /// An interval is recognised by its sequence, else by its period. The caller judges the device's clock: it hands in an interval
    /// that it does not believe with times of arrival, or all periods of a clock that stands still would look the same.
    pub fn apply(&mut self, reading: &Reading, policy: CounterPolicy) -> Counted {
        let kind = kind_of(&reading.fact);
        if kind == Kind::None {
            return Counted::Nothing;
        }
        if kind < self.kind {
            return Counted::CrossCheck;
        }
        let before = self.kind;
        if kind > before {
            self.kind = kind;
            self.window = None;
        }
        let order = match reading.sequence {
            None => Order::Unknown,
            Some(sequence) => Window::place(&mut self.window, sequence),
        };
        if order == Order::Seen {
            return Counted::Duplicate;
        }
        match reading.fact {
            Fact::Crossing { inward, outward } => people(inward.into(), outward.into(), order),
            Fact::Interval { inward, outward, from, to } => {
                if !self.is_new_interval((from.0, to.0), order) {
                    return Counted::Duplicate;
                }
                // The first period may hold people whom the totals have counted.
                if before == Kind::Totals && self.totals_counted {
                    return Counted::CrossCheck;
                }
                people(inward.into(), outward.into(), order)
            }
            Fact::Totals { inward, outward } => self.totals((inward, outward), order, policy),
            Fact::Presence { .. }
            | Fact::Contact { .. }
            | Fact::Motion { .. }
            | Fact::Camera(_)
            | Fact::Link { .. }
            | Fact::Switch { .. }
            | Fact::Battery { .. }
            | Fact::Tamper { .. }
            | Fact::Fault { .. } => Counted::Nothing,
        }
    }

    fn is_new_interval(&mut self, period: (i64, i64), order: Order) -> bool {
        if order == Order::Unknown && self.intervals.contains(&period) {
            return false;
        }
        keep(&mut self.intervals, period, INTERVALS_KEPT);
        true
    }

    fn totals(&mut self, now: (u64, u64), order: Order, policy: CounterPolicy) -> Counted {
        let Some(&last) = self.totals.back() else {
            keep(&mut self.totals, now, TOTALS_KEPT);
            return Counted::Baseline { may_miss: false };
        };
        if now == last {
            return Counted::Nothing;
        }
        let forward = now.0 >= last.0 && now.1 >= last.1;
        // A total that was overtaken by a newer one holds nobody new; nor does one that was here a moment ago and comes again.
        let repeated = order == Order::Unknown && now != (0, 0) && self.totals.contains(&now);
        if !forward && (order == Order::Late || repeated) {
            return Counted::Duplicate;
        }
        keep(&mut self.totals, now, TOTALS_KEPT);
        let step = if forward { Some((now.0 - last.0, now.1 - last.1)) } else { step_back(last, now, policy) };
        let Some((inward, outward)) = step else { return Counted::Baseline { may_miss: true } };
        self.totals_counted |= inward > 0 || outward > 0;
        // A total says everything that messages lost before it would have said.
        people(inward, outward, Order::Unknown)
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
        | Fact::Fault { .. } => Kind::None,
    }
}

fn people(inward: u64, outward: u64, order: Order) -> Counted {
    let missed = if let Order::Next { missed } = order { missed } else { 0 };
    if (inward, outward, missed) == (0, 0, 0) { Counted::Nothing } else { Counted::People { inward, outward, missed } }
}

fn keep<T>(kept: &mut VecDeque<T>, new: T, most: usize) {
    if kept.len() >= most {
        kept.pop_front();
    }
    kept.push_back(new);
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

/// Where a sequence number stands among those seen: the sliding window of IPsec's replay protection (RFC 4303 §3.4.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Window {
    /// The highest number seen.
    #[serde(rename = "h")]
    highest: u64,
    /// Bit n: `highest - n` was seen.
    #[serde(rename = "b")]
    seen: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Order {
    /// The message has no number.
    Unknown,
    /// Newer than all before; so many numbers between never came.
    Next { missed: u64 },
    /// Older than the newest, and new.
    Late,
    /// Seen before.
    Seen,
}

impl Window {
    /// Takes note of a number. One that falls back by 64 or more comes from a device that started anew.
    fn place(window: &mut Option<Self>, sequence: u64) -> Order {
        let anew = Self { highest: sequence, seen: 1 };
        let Some(known) = window else {
            *window = Some(anew);
            return Order::Next { missed: 0 };
        };
        if let Some(ahead) = sequence.checked_sub(known.highest).filter(|ahead| *ahead > 0) {
            let shifted = u32::try_from(ahead).ok().and_then(|ahead| known.seen.checked_shl(ahead)).unwrap_or(0);
            *known = Self { highest: sequence, seen: shifted | 1 };
            return Order::Next { missed: ahead - 1 };
        }
        let behind = known.highest - sequence;
        if behind >= u64::from(u64::BITS) {
            *known = anew;
            return Order::Next { missed: 0 };
        }
        let bit = 1 << behind;
        if known.seen & bit != 0 {
            return Order::Seen;
        }
        known.seen |= bit;
        Order::Late
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::reading::LinkScope;
    use crate::domain::time::Wall;

    fn reading(sequence: Option<u64>, fact: Fact) -> Reading {
        Reading { sequence, ..Reading::of(fact) }
    }

    fn totals(inward: u64, outward: u64) -> Reading {
        reading(None, Fact::Totals { inward, outward })
    }

    fn crossing(sequence: u64) -> Reading {
        reading(Some(sequence), Fact::Crossing { inward: 1, outward: 0 })
    }

    fn interval(from: i64, sequence: Option<u64>) -> Reading {
        let (from, to) = (Wall(from), Wall(from + 60_000));
        reading(sequence, Fact::Interval { inward: 2, outward: 1, from, to })
    }

    fn sum(readings: &[Reading], policy: CounterPolicy) -> (u64, u64) {
        let mut baseline = Baseline::default();
        readings.iter().fold((0, 0), |(all_in, all_out), reading| match baseline.apply(reading, policy) {
            Counted::People { inward, outward, .. } => (all_in + inward, all_out + outward),
            Counted::Nothing | Counted::Baseline { .. } | Counted::Duplicate | Counted::CrossCheck => (all_in, all_out),
        })
    }

    #[test]
    fn totals_are_counted_by_the_policy_of_their_counter() {
        for (policy, sequence, counted) in [
            (CounterPolicy::Zero, &[(100, 50), (103, 50), (104, 52)][..], (4, 2)),
            (CounterPolicy::Zero, &[(100, 50), (3, 7)], (3, 7)),
            (CounterPolicy::Zero, &[(100, 50), (0, 0), (1, 0)], (1, 0)),
            (CounterPolicy::Rollback, &[(10, 0), (22, 0), (4, 0), (9, 0)], (17, 0)),
            (CounterPolicy::Modulo16, &[(65_534, 100), (2, 101)], (4, 1)),
            (CounterPolicy::Modulo16, &[(30_000, 100), (2, 1)], (0, 0)),
            (CounterPolicy::Modulo32, &[(4_294_967_295, 4_294_967_290), (0, 1)], (1, 7)),
            (CounterPolicy::Zero, &[(137, 0), (137, 0), (137, 0), (138, 0)], (1, 0)),
        ] {
            let readings: Vec<_> = sequence.iter().map(|(inward, outward)| totals(*inward, *outward)).collect();
            assert_eq!(sum(&readings, policy), counted, "{policy:?} {sequence:?}");
        }
    }

    #[test]
    fn the_first_total_is_a_baseline_also_across_a_restart() {
        let mut baseline = Baseline::default();
        assert_eq!(baseline.apply(&totals(18_000, 17_000), CounterPolicy::Zero), Counted::Baseline { may_miss: false });
        let stored = serde_json::to_string(&baseline).unwrap();
        let mut restored: Baseline = serde_json::from_str(&stored).unwrap();
        assert_eq!(
            restored.apply(&totals(18_001, 17_000), CounterPolicy::Zero),
            Counted::People { inward: 1, outward: 0, missed: 0 }
        );
    }

    #[test]
    fn redelivered_totals_are_no_reset() {
        for policy in [CounterPolicy::Zero, CounterPolicy::Rollback, CounterPolicy::Modulo16] {
            let values = [100, 101, 102, 103, 101, 102, 103, 104].map(|inward| totals(inward, 0));
            assert_eq!(sum(&values, policy), (4, 0), "{policy:?}");
        }
    }

    #[test]
    fn an_overtaken_total_is_no_reset() {
        let numbered = |sequence, inward| reading(Some(sequence), Fact::Totals { inward, outward: 0 });
        assert_eq!(
            sum(&[numbered(1, 100), numbered(3, 110), numbered(2, 105), numbered(4, 111)], CounterPolicy::Zero),
            (11, 0)
        );
    }

    #[test]
    fn a_fall_back_says_that_people_may_be_missing() {
        let mut baseline = Baseline::default();
        let _ = baseline.apply(&totals(22, 0), CounterPolicy::Rollback);
        assert_eq!(baseline.apply(&totals(4, 0), CounterPolicy::Rollback), Counted::Baseline { may_miss: true });
    }

    #[test]
    fn a_sequence_seen_is_a_duplicate_and_a_gap_is_told() {
        let mut baseline = Baseline::default();
        let one = |missed| Counted::People { inward: 1, outward: 0, missed };
        for (sequence, expected) in [
            (10, one(0)),
            (10, Counted::Duplicate),
            (11, one(0)),
            (15, one(3)),
            (13, one(0)),
            (13, Counted::Duplicate),
            (11, Counted::Duplicate),
            (100, one(84)),
            (37, one(0)),
            (36, one(0)),
            (36, Counted::Duplicate),
            (u64::MAX, one(u64::MAX - 37)),
            (0, one(0)),
            (1, one(0)),
        ] {
            assert_eq!(baseline.apply(&crossing(sequence), CounterPolicy::Zero), expected, "{sequence}");
        }
    }

    #[test]
    fn a_period_is_counted_once() {
        assert_eq!(sum(&[interval(0, None), interval(0, None), interval(60_000, None)], CounterPolicy::Zero), (4, 2));
    }

    #[test]
    fn with_a_sequence_a_clock_that_stands_still_loses_nobody() {
        let frozen = [interval(0, Some(1)), interval(0, Some(2)), interval(0, Some(2)), interval(0, Some(3))];
        assert_eq!(sum(&frozen, CounterPolicy::Zero), (6, 3));
    }

    #[test]
    fn the_same_people_are_counted_by_the_best_kind_alone() {
        let trigger = reading(None, Fact::Crossing { inward: 1, outward: 0 });
        let told_thrice = [trigger.clone(), trigger, interval(0, None), totals(8444, 1), totals(8500, 1)];
        assert_eq!(sum(&told_thrice, CounterPolicy::Zero), (2, 0));
        assert_eq!(sum(&[interval(0, None), totals(5, 5), totals(9, 9)], CounterPolicy::Zero), (2, 1));
        assert_eq!(sum(&[totals(5, 5), interval(0, None)], CounterPolicy::Zero), (2, 1));
        assert_eq!(
            sum(&[totals(5, 5), totals(7, 6), interval(0, None), interval(60_000, None)], CounterPolicy::Zero),
            (4, 2)
        );
    }

    #[test]
    fn what_is_not_about_people_changes_nothing() {
        let mut baseline = Baseline::default();
        let link = reading(Some(4), Fact::Link { online: true, scope: LinkScope::Device });
        assert_eq!(baseline.apply(&link, CounterPolicy::Zero), Counted::Nothing);
        assert_eq!(baseline, Baseline::default());
    }

    #[test]
    fn the_stored_form_is_small() {
        let mut baseline = Baseline::default();
        for n in 0..1000 {
            let _ = baseline.apply(
                &reading(None, Fact::Totals { inward: u64::MAX - 1000 + n, outward: u64::MAX }),
                CounterPolicy::Zero,
            );
        }
        for n in 0..1000 {
            let _ = baseline.apply(&interval(1_785_539_460_000 + n * 60_000, Some(n as u64)), CounterPolicy::Zero);
        }
        let stored = serde_json::to_string(&baseline).unwrap();
        assert!(stored.len() < 1536, "{}", stored.len());
    }

    proptest! {
        #[test]
        fn any_order_and_repetition_of_numbered_crossings_counts_each_once(
            steps in proptest::collection::vec(0u64..40, 1..400)
        ) {
            let mut sent = std::collections::BTreeSet::new();
            let readings: Vec<_> = steps.iter().enumerate().map(|(n, jitter)| {
                let sequence = 100 + (n as u64 / 2) + jitter;
                sent.insert(sequence);
                crossing(sequence)
            }).collect();
            prop_assert_eq!(sum(&readings, CounterPolicy::Zero), (sent.len() as u64, 0));
        }

        #[test]
        fn growing_totals_add_up_to_the_last_minus_the_first(
            start in 0u64..1000, steps in proptest::collection::vec((0u64..9, 0u64..9), 0..50)
        ) {
            let (mut now, mut readings) = ((start, start), vec![totals(start, start)]);
            for (inward, outward) in steps {
                now = (now.0 + inward, now.1 + outward);
                readings.push(totals(now.0, now.1));
            }
            for policy in [CounterPolicy::Zero, CounterPolicy::Rollback, CounterPolicy::Modulo16, CounterPolicy::Modulo32] {
                prop_assert_eq!(sum(&readings, policy), (now.0 - start, now.1 - start));
            }
        }

        #[test]
        fn no_reading_makes_a_baseline_panic(
            values in proptest::collection::vec((any::<u64>(), any::<u64>(), any::<Option<u64>>(), 0u8..3), 0..40)
        ) {
            let mut baselines: [Baseline; 4] = Default::default();
            let policies = [CounterPolicy::Zero, CounterPolicy::Rollback, CounterPolicy::Modulo16, CounterPolicy::Modulo32];
            for (a, b, sequence, kind) in values {
                let fact = match kind {
                    0 => Fact::Totals { inward: a, outward: b },
                    1 => Fact::Crossing { inward: a as u32, outward: b as u32 },
                    _ => Fact::Interval { inward: a as u32, outward: b as u32, from: Wall(a as i64), to: Wall(b as i64) },
                };
                for (baseline, policy) in baselines.iter_mut().zip(policies) {
                    let _ = baseline.apply(&reading(sequence, fact.clone()), policy);
                }
            }
        }
    }
}
