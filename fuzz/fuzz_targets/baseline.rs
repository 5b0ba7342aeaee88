//! Any sequence of readings of one stream: nobody is counted twice, nobody is made up, and what is stored restores to the same.
//!
//! Input: one byte chooses the policy of the counter, then eight bytes make a reading.

#![no_main]

use std::collections::VecDeque;

use libfuzzer_sys::fuzz_target;
use noticed::device::baseline::{Baseline, Counted, CounterPolicy, STORED_MAX_BYTES};
use noticed::domain::reading::{Fact, Reading};
use noticed::domain::time::Wall;

const POLICIES: [CounterPolicy; 4] =
    [CounterPolicy::Zero, CounterPolicy::Rollback, CounterPolicy::Modulo16, CounterPolicy::Modulo32];

/// How far back a name is known, as documented.
const NAMES: usize = 64;

fuzz_target!(|data: &[u8]| {
    let [policy, rest @ ..] = data else { return };
    let policy = POLICIES[usize::from(policy % 4)];
    let (mut baseline, mut best, mut names) = (Baseline::default(), 0, VecDeque::new());
    for bytes in rest.as_chunks().0 {
        let reading = reading(bytes);
        let (kind, said) = people(&reading.fact);
        if kind > best {
            (best, names) = (kind, VecDeque::new());
        }
        let counted = baseline.apply(&reading, policy);
        let stored = serde_json::to_string(&baseline).expect("it is made to be stored");
        assert!(stored.len() <= STORED_MAX_BYTES, "{stored}");
        let mut restored: Baseline = serde_json::from_str(&stored).expect("what was stored is read");
        assert_eq!(restored, baseline, "{stored}");
        if let Counted::People { inward, outward, .. } = counted {
            assert!(kind >= best, "{reading:?} was counted although a better kind was heard");
            let made_up = inward > said.0 || outward > said.1;
            assert!(!made_up || (kind == 1 && policy != CounterPolicy::Zero), "{reading:?} made {counted:?}");
        }
        let is_known = kind > 1 || matches!(reading.fact, Fact::Totals { .. });
        if let Some(name) = reading.dedupe.filter(|_| kind == best && is_known) {
            let name = (name, period(&reading.fact));
            assert!(!(names.contains(&name) && has_people(counted)), "{reading:?} was counted before by its name");
            if !names.contains(&name) {
                names.push_back(name);
                names.drain(..names.len().saturating_sub(NAMES));
            }
        }
        let tells_itself = match reading.fact {
            Fact::Crossing { .. } => reading.dedupe.is_some() || reading.sequence.is_some(),
            Fact::Interval { from, to, .. } => from < to || reading.dedupe.is_some() || reading.sequence.is_some(),
            _ => true,
        };
        let again = restored.apply(&reading, policy);
        assert!(!(tells_itself && has_people(again)), "{reading:?} came twice and made {again:?}");
    }
});

fn has_people(counted: Counted) -> bool {
    matches!(counted, Counted::People { inward, outward, .. } if inward + outward > 0)
}

/// Small numbers meet each other; large ones stand where counters overflow.
fn number(byte: u8) -> u64 {
    let around = [1 << 16, 1 << 32, 1 << 53, u64::MAX];
    if byte < 192 { byte.into() } else { u64::wrapping_sub(around[usize::from(byte % 4)], u64::from(byte % 64)) }
}

fn reading(&[kind, flags, inward, outward, sequence, name, since, from]: &[u8; 8]) -> Reading {
    let (inward, outward) = (number(inward), number(outward));
    let (few_in, few_out) = (inward as u32, outward as u32);
    let from = i64::from(from) * 60_000;
    let fact = match kind % 4 {
        0 => Fact::Crossing { inward: few_in, outward: few_out },
        1 => Fact::Interval {
            inward: few_in,
            outward: few_out,
            from: Wall(from),
            to: Wall(from + i64::from(flags >> 4) * 30_000),
        },
        2 => Fact::Totals { inward, outward },
        _ => Fact::Presence { occupied: None, count: None },
    };
    let given = |bit: u8, value: u64| (flags & bit != 0).then_some(value);
    Reading {
        sequence: given(1, number(sequence)),
        dedupe: given(2, name.into()),
        since: given(4, since.into()),
        ..Reading::of(fact)
    }
}

/// How good a kind of reading is, and what it says of people.
fn people(fact: &Fact) -> (u8, (u64, u64)) {
    match *fact {
        Fact::Crossing { inward, outward } => (3, (inward.into(), outward.into())),
        Fact::Interval { inward, outward, .. } => (2, (inward.into(), outward.into())),
        Fact::Totals { inward, outward } => (1, (inward, outward)),
        _ => (0, (0, 0)),
    }
}

fn period(fact: &Fact) -> Option<(Wall, Wall)> {
    if let Fact::Interval { from, to, .. } = fact { Some((*from, *to)) } else { None }
}
