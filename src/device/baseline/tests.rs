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

fn named(name: u64, reading: Reading) -> Reading {
    Reading { dedupe: Some(name), ..reading }
}

/// A total with a reset marker.
fn marked(since: u64, inward: u64) -> Reading {
    Reading { since: Some(since), ..totals(inward, 0) }
}

/// People within minutes of a day.
fn minutes(from: i64, to: i64, inward: u32) -> Reading {
    let (from, to) = (Wall(from * 60_000), Wall(to * 60_000));
    Reading::of(Fact::Interval { inward, outward: 0, from, to })
}

fn counted(readings: &[Reading]) -> Vec<Counted> {
    let mut baseline = Baseline::default();
    readings.iter().map(|reading| baseline.apply(reading, CounterPolicy::Zero)).collect()
}

fn people_in(inward: u64) -> Counted {
    Counted::People { inward, outward: 0, missed: 0 }
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
fn a_counter_that_had_not_come_far_and_starts_anew_loses_nobody() {
    let values = [1, 2, 3, 4, 5, 1, 2, 3].map(|inward| totals(inward, 0));
    assert_eq!(sum(&values, CounterPolicy::Zero), (4 + 3, 0));
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
fn a_name_seen_is_a_double_whatever_the_message_says() {
    for reading in [crossing(1), totals(7, 0), minutes(0, 15, 2)] {
        let unnumbered = Reading { sequence: None, ..reading };
        let mut baseline = Baseline::default();
        let _ = baseline.apply(&named(1, unnumbered.clone()), CounterPolicy::Zero);
        assert_eq!(baseline.apply(&named(1, unnumbered), CounterPolicy::Zero), Counted::Duplicate);
        let restored: Baseline = serde_json::from_str(&serde_json::to_string(&baseline).unwrap()).unwrap();
        assert_eq!(restored, baseline, "a double is one after a restart too");
    }
    let other_content = [named(5, totals(10, 0)), named(6, totals(12, 0)), named(5, totals(20, 0))];
    assert_eq!(counted(&other_content)[2], Counted::Duplicate);
}

#[test]
fn with_a_name_a_numbering_that_starts_anew_loses_nobody_and_gaps_are_told() {
    let numbers = [55, 56, 57, 0, 1, 2, 5];
    let readings: Vec<_> =
        (0..).zip(numbers).map(|(name, number)| named(name, crossing(number))).chain([named(3, crossing(0))]).collect();
    let expected = [0, 0, 0, 0, 0, 0, 2].map(|missed| Counted::People { inward: 1, outward: 0, missed });
    assert_eq!(counted(&readings), [&expected[..], &[Counted::Duplicate]].concat());
}

#[test]
fn without_a_name_a_low_number_is_a_double_for_as_long_as_it_may_be_one() {
    let readings: Vec<_> = (0..58).chain([0, 1]).map(crossing).collect();
    assert_eq!(counted(&readings)[58..], [Counted::Duplicate, Counted::Duplicate]);
}

#[test]
fn one_transmission_under_two_names_is_one_person() {
    assert_eq!(counted(&[named(1, crossing(9)), named(2, crossing(9))]), [people_in(1), Counted::Duplicate]);
    let period = |name| Reading { sequence: Some(9), ..named(name, minutes(0, 15, 2)) };
    assert_eq!(counted(&[period(1), period(2)]), [people_in(2), Counted::Duplicate]);
}

#[test]
fn several_periods_of_one_message_all_count() {
    let period = |from| Reading { sequence: Some(9), ..named(1, minutes(from, from + 1, 2)) };
    let counted = counted(&[period(0), period(1), period(2), period(1)]);
    assert_eq!((&counted[..3], counted[3]), (&[people_in(2); 3][..], Counted::Duplicate));
}

#[test]
fn a_changed_marker_is_a_new_start_at_zero_under_every_policy() {
    for policy in [CounterPolicy::Zero, CounterPolicy::Rollback, CounterPolicy::Modulo16, CounterPolicy::Modulo32] {
        assert_eq!(sum(&[marked(1, 40), marked(1, 43), marked(2, 4)], policy), (7, 0), "{policy:?}");
        assert_eq!(sum(&[marked(1, 2), marked(2, 5), marked(2, 6)], policy), (6, 0), "more than before the reset");
    }
    let mut baseline = Baseline::default();
    let _ = baseline.apply(&marked(1, 40), CounterPolicy::Rollback);
    assert_eq!(baseline.apply(&marked(2, 4), CounterPolicy::Rollback), people_in(4), "nobody may be missing");
}

#[test]
fn the_first_marker_after_totals_without_one_is_only_noted() {
    assert_eq!(counted(&[totals(40, 0), marked(1, 43), totals(44, 0), marked(2, 1)])[1..], [3, 1, 1].map(people_in));
}

#[test]
fn a_total_from_before_a_reset_is_not_another_reset() {
    let readings = [marked(1, 43), marked(2, 4), marked(1, 43), marked(1, 42), marked(2, 5)];
    assert_eq!(counted(&readings)[1..], [people_in(4), Counted::Duplicate, Counted::Duplicate, people_in(1)]);
}

#[test]
fn a_new_start_is_a_new_numbering() {
    let numbered = |since, sequence, inward| Reading { sequence: Some(sequence), ..marked(since, inward) };
    let readings = [numbered(1, 0, 5), numbered(1, 1, 6), numbered(2, 0, 2), numbered(2, 0, 2), numbered(2, 1, 3)];
    assert_eq!(counted(&readings)[1..], [people_in(1), people_in(2), Counted::Duplicate, people_in(1)]);
}

#[test]
fn a_period_inside_counted_time_adds_nobody() {
    let readings = [minutes(0, 15, 9), minutes(15, 30, 9), minutes(3, 4, 1), minutes(10, 20, 4), minutes(0, 15, 9)];
    assert_eq!(counted(&readings)[2..], [Counted::Duplicate; 3]);
}

#[test]
fn a_period_that_covers_counted_ones_adds_what_it_says_beyond_them() {
    let readings = [minutes(0, 1, 2), minutes(4, 5, 1), minutes(0, 15, 8), minutes(7, 8, 1), minutes(0, 15, 8)];
    let expected = [people_in(2), people_in(1), people_in(5), Counted::Duplicate, Counted::Duplicate];
    assert_eq!(counted(&readings), expected);
    let less = [minutes(0, 1, 2), minutes(0, 15, 1), minutes(0, 60, 3)];
    assert_eq!(counted(&less), [people_in(2), Counted::Duplicate, people_in(1)], "what was counted stays counted");
}

#[test]
fn a_backfill_that_knows_only_the_end_repeats_nobody() {
    assert_eq!(counted(&[minutes(10, 15, 3), minutes(5, 15, 3), minutes(0, 15, 3)])[1..], [Counted::Duplicate; 2]);
}

#[test]
fn a_period_that_says_otherwise_than_before_is_marked() {
    let otherwise = Counted::People { inward: 2, outward: 0, missed: 1 };
    assert_eq!(counted(&[minutes(0, 15, 3), minutes(0, 15, 5)])[1], otherwise);
}

#[test]
fn a_clock_set_back_a_little_loses_nobody_and_one_set_back_much_is_marked() {
    let back = |by: i64| counted(&[minutes(0, 15, 3), minutes(15 - by, 30 - by, 5)])[1];
    assert_eq!((back(1), back(7)), (people_in(5), people_in(5)));
    assert_eq!(back(8), Counted::People { inward: 0, outward: 0, missed: 1 });
}

#[test]
fn late_periods_before_those_kept_count_and_repetitions_of_a_whole_day_do_not() {
    let quarter = |n: i64| minutes(1440 + n * 15, 1455 + n * 15, 1);
    let day: Vec<_> = (0..96).chain(0..96).map(quarter).chain([minutes(0, 15, 4), minutes(0, 15, 4)]).collect();
    let counted = counted(&day);
    assert_eq!((&counted[..96], &counted[96..192]), (&[people_in(1); 96][..], &[Counted::Duplicate; 96][..]));
    assert_eq!(counted[192..], [people_in(4), Counted::Duplicate]);
}

#[test]
fn periods_whose_place_in_time_is_unknown_are_told_apart_by_name_alone() {
    let unplaced = minutes(7, 7, 2);
    assert_eq!(counted(&[minutes(0, 15, 9), unplaced.clone(), unplaced])[1..], [people_in(2); 2]);
    let pushed_out = [minutes(0, 1, 1)].into_iter().chain((0..40).map(|n| minutes(n, n, 2))).chain([minutes(0, 15, 6)]);
    assert_eq!(counted(&pushed_out.collect::<Vec<_>>())[41], people_in(5), "they take no other period's place");
    let unplaced = named(4, minutes(7, 7, 2));
    assert_eq!(counted(&[unplaced.clone(), unplaced])[1], Counted::Duplicate);
}

#[test]
fn a_gap_is_told_even_by_a_period_that_adds_nobody() {
    let numbered = |sequence, reading| Reading { sequence: Some(sequence), ..reading };
    let readings = [numbered(1, minutes(0, 15, 9)), numbered(4, minutes(3, 4, 1))];
    assert_eq!(counted(&readings)[1], Counted::People { inward: 0, outward: 0, missed: 2 });
}

/// Records as the first release wrote them.
const OF_THE_FIRST_RELEASE: [&str; 3] = [
    r#"{"k":"c","n":{"h":57,"b":3}}"#,
    r#"{"k":"t","t":[[100,50],[103,50]],"c":true}"#,
    r#"{"k":"i","n":{"h":8,"b":1},"i":[[0,60000],[60000,120000]]}"#,
];

#[test]
fn records_of_the_first_release_go_on_where_they_stood() {
    let [mut crossings, mut totals_, mut intervals] =
        OF_THE_FIRST_RELEASE.map(|json| serde_json::from_str::<Baseline>(json).unwrap());
    assert_eq!(crossings.apply(&crossing(57), CounterPolicy::Zero), Counted::Duplicate);
    assert_eq!(crossings.apply(&crossing(58), CounterPolicy::Zero), people_in(1));
    assert_eq!(totals_.apply(&totals(105, 50), CounterPolicy::Zero), people_in(2));
    assert_eq!(totals_.apply(&minutes(0, 15, 3), CounterPolicy::Zero), Counted::CrossCheck, "totals have counted them");
    assert_eq!(intervals.apply(&minutes(1, 2, 7), CounterPolicy::Zero), Counted::Duplicate);
    assert_eq!(intervals.apply(&minutes(0, 15, 7), CounterPolicy::Zero), Counted::Duplicate, "nobody knows how many");
    assert_eq!(intervals.apply(&minutes(15, 16, 7), CounterPolicy::Zero), people_in(7));
}

#[test]
fn what_has_not_changed_is_stored_as_before() {
    for json in &OF_THE_FIRST_RELEASE[..2] {
        let baseline: Baseline = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&baseline).unwrap(), *json);
    }
}

#[test]
fn the_stored_form_is_small() {
    let longest = |readings: &mut dyn Iterator<Item = Reading>| {
        let mut baseline = Baseline::default();
        readings
            .map(|reading| {
                let _ = baseline.apply(&reading, CounterPolicy::Zero);
                serde_json::to_string(&baseline).unwrap().len()
            })
            .max()
    };
    let full = |n: u64, reading| Reading { sequence: Some(u64::MAX - 1000 + n), dedupe: Some(u64::MAX - n), ..reading };
    let totals = &mut (0..1000).map(|n| {
        let fact = Fact::Totals { inward: u64::MAX - 1000 + n, outward: u64::MAX };
        Reading { since: Some(u64::MAX - n % 7), ..full(n, Reading::of(fact)) }
    });
    let intervals = &mut (0..1000).map(|n| {
        let from = 1_785_539_460_000 + n as i64 * 60_001;
        let (from, to) = (Wall(from), Wall(from + 60_000));
        full(n, Reading::of(Fact::Interval { inward: u32::MAX, outward: u32::MAX, from, to }))
    });
    let (totals, intervals) = (longest(totals), longest(intervals));
    assert!(totals < Some(STORED_MAX_BYTES) && intervals < Some(STORED_MAX_BYTES), "{totals:?} {intervals:?}");
    assert!(intervals > Some(STORED_MAX_BYTES * 3 / 4), "the bound is near what can come: {intervals:?}");
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
    fn any_order_and_repetition_of_named_crossings_counts_each_once(
        steps in proptest::collection::vec((0u64..20, any::<u8>()), 1..400)
    ) {
        let mut sent = std::collections::BTreeSet::new();
        let readings: Vec<_> = steps.iter().enumerate().map(|(n, (jitter, number))| {
            let name = n as u64 / 2 + jitter;
            sent.insert(name);
            // Numbers that jump about as they like, but never twice the same in a row.
            named(name, crossing(u64::from(*number) * 1000 + n as u64))
        }).collect();
        prop_assert_eq!(sum(&readings, CounterPolicy::Zero), (sent.len() as u64, 0));
    }

    #[test]
    fn periods_in_any_order_with_repetitions_add_up_exactly(
        order in Just((0..28).collect::<Vec<i64>>()).prop_shuffle(),
        again in proptest::collection::vec((0usize..28, 0usize..28), 0..40),
        gap in 0i64..3,
    ) {
        let mut order = order;
        for (what, after) in again {
            let what = order[what];
            let first = order.iter().position(|n| *n == what).unwrap_or_default();
            order.insert((first + 1).max(after).min(order.len()), what);
        }
        let readings: Vec<_> = order.iter().map(|n| minutes(n * 15, n * 15 + 15 - gap, 1 + *n as u32)).collect();
        prop_assert_eq!(sum(&readings, CounterPolicy::Zero), ((1..=28).sum(), 0));
    }

    #[test]
    fn a_day_of_periods_somewhat_out_of_order_with_old_ones_repeated_adds_up_exactly(
        keys in proptest::collection::vec((0i64..8, any::<proptest::sample::Index>(), any::<bool>()), 96)
    ) {
        let mut order: Vec<_> = (0..96i64).zip(&keys).map(|(n, (jitter, ..))| (n + jitter, n)).collect();
        order.sort_unstable();
        let mut readings = Vec::new();
        for ((_, n), (_, earlier, repeats)) in order.iter().zip(&keys) {
            readings.push(minutes(n * 15, n * 15 + 15, 1));
            if *repeats {
                let earlier: Reading = earlier.get(&readings).clone();
                readings.push(earlier);
            }
        }
        prop_assert_eq!(sum(&readings, CounterPolicy::Zero), (96, 0));
    }

    #[test]
    fn minutes_and_quarters_of_the_same_people_add_up_to_them_in_any_order(
        quarters in proptest::collection::vec(
            (proptest::collection::vec(0u32..4, 15), Just((0..16).collect::<Vec<i64>>()).prop_shuffle()), 1..8
        )
    ) {
        let mut readings = Vec::new();
        let mut passed = 0;
        for (quarter, (people, order)) in (0i64..).zip(&quarters) {
            passed += people.iter().map(|n| u64::from(*n)).sum::<u64>();
            let start = quarter * 15;
            readings.extend(order.iter().map(|n| match people.get(*n as usize) {
                Some(inward) => minutes(start + n, start + n + 1, *inward),
                None => minutes(start, start + 15, people.iter().sum()),
            }));
        }
        prop_assert_eq!(sum(&readings, CounterPolicy::Zero), (passed, 0));
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
        values in proptest::collection::vec((any::<u64>(), any::<u64>(), any::<Option<u64>>(), any::<Option<u8>>(), 0u8..3), 0..60)
    ) {
        let mut baselines: [Baseline; 4] = Default::default();
        let policies = [CounterPolicy::Zero, CounterPolicy::Rollback, CounterPolicy::Modulo16, CounterPolicy::Modulo32];
        for (a, b, sequence, name, kind) in values {
            let fact = match kind {
                0 => Fact::Totals { inward: a, outward: b },
                1 => Fact::Crossing { inward: a as u32, outward: b as u32 },
                _ => Fact::Interval { inward: a as u32, outward: b as u32, from: Wall(a as i64), to: Wall(b as i64) },
            };
            for (baseline, policy) in baselines.iter_mut().zip(policies) {
                let reading = Reading { dedupe: name.map(u64::from), since: name.map(u64::from), ..reading(sequence, fact.clone()) };
                let _ = baseline.apply(&reading, policy);
            }
        }
    }
}
