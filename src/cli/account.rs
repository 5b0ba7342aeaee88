//! What the ledger adds up to, for people and for programs.

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::report::{Column, coverage, table};
use crate::domain::time::{Bucket, Wall};
use crate::ledger::evidence::{Account, Gap, Sums};
use crate::ledger::state::LEDGER_DAYS;
use crate::ledger::verify::Verdict;
use crate::store::query::rfc3339_text;

/// More gaps than this are only summed up for people: a year has thousands.
const GAPS_LISTED_MAX: usize = 40;

/// The verdict as programs read it; the command `evidence` promises `zones` and `checkpoint`.
pub(super) fn json(verdict: &Verdict, tz: &TimeZone) -> Value {
    let period = verdict.account.period;
    let span = |span: &Bucket| json!({ "from": text(span.start, tz), "to": text(span.end, tz) });
    json!({
        "whole": true,
        "shop": verdict.shop,
        "key": verdict.first_key,
        "keys": verdict.keys,
        "entries": verdict.entries,
        "whole_from": verdict.whole_from,
        "folded_early": verdict.folded_early,
        "seen": verdict.seen,
        "notices": verdict.notices,
        "missing_notices": verdict.missing.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "from": period.map(|period| text(period.start, tz)),
        "to": period.map(|period| text(period.end, tz)),
        "untrusted": verdict.account.untrusted.iter().map(span).collect::<Vec<_>>(),
        "zones": zones(&verdict.account, tz),
        "checkpoint": verdict.checkpoint,
    })
}

fn zones(account: &Account, tz: &TimeZone) -> Vec<Value> {
    let gap =
        |gap: &Gap| json!({ "from": text(gap.span.start, tz), "to": text(gap.span.end, tz), "reason": gap.reason() });
    let zone = |((zone, activity), sums): (&(_, _), &Sums)| {
        let (zone, activity): (&crate::domain::id::ZoneId, &crate::domain::id::ActivityId) = (zone, activity);
        json!({
            "zone": zone.as_str(),
            "activity": activity.as_str(),
            "enforced": sums.enforced,
            "seconds": sums.ms / 1000,
            "open_seconds": sums.open_ms / 1000,
            "noticed_seconds": sums.noticed_ms / 1000,
            "attested_seconds": sums.attested_ms / 1000,
            "unnoticed_seconds": sums.unnoticed_ms / 1000,
            "gaps": sums.gaps.iter().map(gap).collect::<Vec<_>>(),
        })
    };
    account.places.iter().map(zone).collect()
}

/// Where the entries come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Source {
    /// The box's own store, which has the newest.
    Store,
    /// A file, which may be old.
    File,
}

/// The verdict for people.
pub(super) fn write(verdict: &Verdict, tz: &TimeZone, source: Source, out: &mut dyn Write) -> io::Result<()> {
    let Verdict { shop, first_key, keys, entries, whole_from, account, .. } = verdict;
    writeln!(out, "whole       yes: every entry is as it was written, in its place, and signed")?;
    writeln!(out, "shop        {shop}")?;
    writeln!(out, "first key   {first_key}")?;
    writeln!(out, "entries     {entries}, {keys} keys of a day each")?;
    if *whole_from > 0 {
        writeln!(
            out,
            "folded      of entries 0 to {} only hashes are left; the account begins behind them",
            whole_from - 1
        )?;
    }
    if verdict.folded_early {
        writeln!(
            out,
            "            and a box does that after {LEDGER_DAYS} days only: ask the shop why it was earlier"
        )?;
    }
    match (source, verdict.seen) {
        (Source::Store, _) => {}
        (Source::File, 0) => {
            writeln!(out, "kept        no checkpoint was given: whether this is the newest file, nobody can say")?;
        }
        (Source::File, seen) => writeln!(out, "kept        {seen} checkpoint(s) given, and the log goes on from each")?,
    }
    let there = verdict.notices - verdict.missing.len();
    writeln!(
        out,
        "pictures    {there} of {} notices are there as a picture, and each is what it is said to be",
        verdict.notices
    )?;
    if let Some(first) = verdict.missing.first() {
        writeln!(out, "            the others are named by their hash only, among them {}", first.short())?;
    }
    match account.period {
        Some(Bucket { start, end }) => writeln!(out, "period      {} to {}", text(start, tz), text(end, tz))?,
        None => writeln!(out, "period      none: no entry speaks of a span")?,
    }
    writeln!(out)?;
    table(
        COLUMNS,
        account.places.iter().map(|((zone, activity), sums)| cells(zone.as_str(), activity.as_str(), sums)),
        out,
    )?;
    write_gaps(account, tz, out)?;
    write!(out, "\nthe last checkpoint; keep it, and any later file can be held against it:\n\n{}", verdict.checkpoint)
}

const COLUMNS: [Column; 7] = [
    ("zone", false),
    ("activity", false),
    ("open s", true),
    ("noticed s", true),
    ("of s", true),
    ("coverage", true),
    ("counted without a notice", false),
];

fn cells(zone: &str, activity: &str, sums: &Sums) -> [String; 7] {
    let [ms, open, noticed, unnoticed] =
        [sums.ms, sums.open_ms, sums.noticed_ms, sums.unnoticed_ms].map(|ms| ms / 1000);
    let without = match (sums.enforced, sums.unnoticed_ms) {
        (true, _) => "never".to_owned(),
        (false, 0) => "never, though the configuration allows it".to_owned(),
        (false, _) => format!("{unnoticed} s, as the configuration allows"),
    };
    let numbers = [open, noticed, ms].map(|seconds| seconds.to_string());
    let [open_cell, noticed_cell, ms_cell] = numbers;
    [zone.to_owned(), activity.to_owned(), open_cell, noticed_cell, ms_cell, coverage(open, ms), without]
}

fn write_gaps(account: &Account, tz: &TimeZone, out: &mut dyn Write) -> io::Result<()> {
    let all: usize = account.places.values().map(|sums| sums.gaps.len()).sum();
    if all == 0 {
        return Ok(());
    }
    writeln!(out, "\nnot open:")?;
    for ((zone, activity), sums) in &account.places {
        let mut reasons: BTreeMap<&str, (usize, i64)> = BTreeMap::new();
        for gap in &sums.gaps {
            let (times, ms) = reasons.entry(gap.reason()).or_default();
            *times += 1;
            *ms += gap.span.end.0 - gap.span.start.0;
        }
        for (reason, (times, ms)) in reasons {
            writeln!(out, "  {zone} {activity}: {reason}, {times} times, {} s", ms / 1000)?;
        }
    }
    if all > GAPS_LISTED_MAX {
        return writeln!(out, "  --format json lists all {all}");
    }
    for ((zone, activity), sums) in &account.places {
        for gap in &sums.gaps {
            let (from, to) = (text(gap.span.start, tz), text(gap.span.end, tz));
            writeln!(out, "  {from} to {to}  {zone} {activity}: {}", gap.reason())?;
        }
    }
    Ok(())
}

fn text(at: Wall, tz: &TimeZone) -> String {
    // Only a box whose clock is beyond repair dates an entry past the calendar's ends.
    let end = if at.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
    rfc3339_text(&Timestamp::from_millisecond(at.0).unwrap_or(end).to_zoned(tz.clone()))
}
