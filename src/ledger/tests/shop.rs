//! Entries to try things on.

use proptest::prelude::*;

use crate::domain::activity::InterlockMode;
use crate::domain::id::{ActivityId, SignId, ZoneId};
use crate::domain::ledger::{Cause, Entry, Event, Rule};
use crate::domain::notice::{Evidence, NoticeHash};
use crate::domain::time::{Mono, Wall};
use crate::ledger::entry::Record;

const BOOT: &str = "3f1c9a0b2d4e5f60";

/// The lines of one small story.
pub(super) fn one_of_each() -> Vec<String> {
    let start: i64 = 1_764_570_000_000;
    let (zone, activity) = (ZoneId::new("entrance"), ActivityId::new("footfall"));
    let rule = Rule {
        zone: zone.clone(),
        activity: activity.clone(),
        mode: InterlockMode::Enforce,
        quorum: 1,
        evidence: Evidence::Confirmed,
        signs: vec![SignId::new("window"), SignId::new("door")],
    };
    let door = SignId::new("door");
    let shown = Event::Shown {
        sign: door.clone(),
        notice: NoticeHash([7; 32]),
        activities: vec![activity.clone()],
        evidence: Evidence::Confirmed,
    };
    let events: [(i64, Event); 6] = [
        (0, Event::Started { boot: BOOT.to_owned(), version: "0.1.0".to_owned() }),
        (0, Event::Configured { rules: vec![rule] }),
        (31_000, shown),
        (31_005, Event::Opened { zone: zone.clone(), activity: activity.clone() }),
        (58_000, Event::Closed { zone, activity, cause: Cause::OutsideHours }),
        (58_000, Event::Gone { sign: door, cause: Cause::Replaced }),
    ];
    let line = |(seq, (after, event))| {
        let entry = Entry { mono: Mono(41_000 + after), wall: Wall(start + after), trusted: seq > 0, event };
        Record::new(seq, BOOT, entry).line().unwrap()
    };
    (0..).zip(events).map(line).collect()
}

fn name() -> impl Strategy<Value = String> {
    "[a-z0-9][a-z0-9_-]{0,9}"
}

fn names() -> impl Strategy<Value = Vec<String>> {
    prop::collection::btree_set(name(), 0..4).prop_map(|names| names.into_iter().collect())
}

fn cause() -> impl Strategy<Value = Cause> {
    prop::sample::select(Cause::WORDS.iter().map(|(_, cause)| *cause).collect::<Vec<_>>())
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let grades = vec![Evidence::None, Evidence::Offered, Evidence::Fetched, Evidence::Confirmed, Evidence::Sighted];
    (name(), name(), any::<bool>(), 0u32..9, prop::sample::select(grades), names()).prop_map(
        |(zone, activity, enforce, quorum, evidence, signs)| Rule {
            zone: ZoneId::new(&zone),
            activity: ActivityId::new(&activity),
            mode: if enforce { InterlockMode::Enforce } else { InterlockMode::Observe },
            quorum,
            evidence,
            signs: signs.iter().map(|sign| SignId::new(sign)).collect(),
        },
    )
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        "[0-9A-Za-z.+_-]{1,12}".prop_map(|version| Event::Started { boot: String::new(), version }),
        prop::collection::vec(any_rule(), 0..4).prop_map(|mut rules| {
            rules.sort_by_key(|rule| (rule.zone.clone(), rule.activity.clone()));
            rules.dedup_by_key(|rule| (rule.zone.clone(), rule.activity.clone()));
            Event::Configured { rules }
        }),
        (name(), any::<[u8; 32]>(), names(), any::<bool>()).prop_map(|(sign, notice, activities, sighted)| {
            Event::Shown {
                sign: SignId::new(&sign),
                notice: NoticeHash(notice),
                activities: activities.iter().map(|activity| ActivityId::new(activity)).collect(),
                evidence: if sighted { Evidence::Sighted } else { Evidence::Confirmed },
            }
        }),
        (name(), cause()).prop_map(|(sign, cause)| Event::Gone { sign: SignId::new(&sign), cause }),
        (name(), name()).prop_map(|(zone, activity)| Event::Opened {
            zone: ZoneId::new(&zone),
            activity: ActivityId::new(&activity)
        }),
        (name(), name(), cause()).prop_map(|(zone, activity, cause)| Event::Closed {
            zone: ZoneId::new(&zone),
            activity: ActivityId::new(&activity),
            cause
        }),
    ]
}

/// Any entry that can be written.
pub(super) fn any_record() -> impl Strategy<Value = Record> {
    const MOST: i64 = (1 << 53) - 1;
    (0..=MOST as u64, "[0-9a-z]{1,16}", -MOST..=MOST, -MOST..=MOST, any::<bool>(), any_event()).prop_map(
        |(seq, boot, mono, wall, trusted, event)| {
            Record::new(seq, &boot, Entry { mono: Mono(mono), wall: Wall(wall), trusted, event })
        },
    )
}
