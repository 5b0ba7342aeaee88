//! Counting rules against sequences of readings.

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
