//! Whether entries can have been written in the order in which they stand.
//!
//! An entry is written when it happens or later, never before. So a box that dates something back over what it wrote before is found
//! here, wherever an honest one has no reason to.

use std::collections::{BTreeMap, BTreeSet};

use super::Contradiction;
use crate::domain::id::{ActivityId, SignId, ZoneId};
use crate::domain::ledger::Event;
use crate::domain::time::Mono;
use crate::ledger::entry::Record;

/// What an entry speaks of.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Sign(SignId),
    Place(ZoneId, ActivityId),
}

/// Looks at all entries in their order. From `whole_from` on there are all of them.
pub(super) fn check(records: &[Record], whole_from: u64) -> Result<(), Contradiction> {
    let mut boots = BTreeSet::new();
    let first_is_start = records.first().is_none_or(|record| whole_from > 0 || is_start(record));
    if !first_is_start {
        return wrong(&records[0], "the first entry is not that the daemon started".to_owned());
    }
    for (index, boot) in records.chunk_by(|a, b| a.boot == b.boot).enumerate() {
        let first = &boot[0];
        let is_whole = first.seq >= whole_from;
        if index > 0 && is_whole && !is_start(first) {
            return wrong(first, format!("the boot {} begins without a start of the daemon", first.boot));
        }
        if !boots.insert(&first.boot) {
            return wrong(first, format!("the boot {} had ended, and a boot does not come back", first.boot));
        }
        check_boot(boot, is_whole)?;
    }
    Ok(())
}

fn check_boot(records: &[Record], is_whole: bool) -> Result<(), Contradiction> {
    let begin = records[0].entry.mono;
    let mut latest = Mono(i64::MIN);
    let mut last = BTreeMap::new();
    for record in records {
        let mono = record.entry.mono;
        if is_whole && mono < begin {
            return wrong(record, "it is dated before the first start of the daemon in that boot".to_owned());
        }
        if is_told_at_once(record) && mono < latest {
            let late = latest.0 - mono.0;
            return wrong(record, format!("it is dated back by {late} ms over what was written before"));
        }
        latest = latest.max(mono);
        if let Some(subject) = subject(record) {
            let before = last.insert(subject, mono);
            if before.is_some_and(|before| mono < before) {
                return wrong(record, "it is dated before the last entry about the same sign or place".to_owned());
            }
        }
    }
    Ok(())
}

fn wrong(record: &Record, what: String) -> Result<(), Contradiction> {
    Err(Contradiction { seq: record.seq, what })
}

fn is_start(record: &Record) -> bool {
    matches!(record.entry.event, Event::Started { .. })
}

/// What a sign shows is written when it is known. Only what ended, and a beginning that was marked, may be written later.
fn is_told_at_once(record: &Record) -> bool {
    matches!(record.entry.event, Event::Started { .. } | Event::Configured { .. } | Event::Shown { .. })
}

fn subject(record: &Record) -> Option<Subject> {
    match &record.entry.event {
        Event::Started { .. } | Event::Configured { .. } => None,
        Event::Shown { sign, .. } | Event::Gone { sign, .. } => Some(Subject::Sign(sign.clone())),
        Event::Opened { zone, activity } | Event::Closed { zone, activity, .. } => {
            Some(Subject::Place(zone.clone(), activity.clone()))
        }
    }
}
