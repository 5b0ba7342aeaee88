//! The arithmetic of the promise: of the time during which counting was open, how much was noticed, recomputed from entries alone.
//!
//! All on the steady clock, to the millisecond, within one boot; the wall clock only says on which day that was.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::entry::Record;
use crate::domain::activity::InterlockMode;
use crate::domain::id::{ActivityId, SignId, ZoneId};
use crate::domain::ledger::{Cause, Event, Rule};
use crate::domain::notice::Evidence;
use crate::domain::time::{Bucket, Mono, Wall};

mod order;

/// Where something is counted, and what.
pub type Place = (ZoneId, ActivityId);

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Question {
    /// The first entry from which on there are all. What stands before it says what held then, and is not accounted for.
    pub whole_from: u64,
    /// The only span asked for.
    pub window: Option<Bucket>,
    /// The daemon is known to have run until then.
    pub alive_until: Option<Wall>,
}

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Account {
    /// First and last moment that it speaks of; nothing if it speaks of none.
    pub period: Option<Bucket>,
    /// Each zone and activity.
    pub places: BTreeMap<Place, Sums>,
    /// When the wall clock was not believed. These are dated by the first entry after that was.
    pub untrusted: Vec<Bucket>,
}

/// One zone and activity.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sums {
    /// Whether counting waited for the notice, all the time.
    pub enforced: bool,
    /// Time that is accounted for.
    pub ms: u64,
    /// Of it, time during which counting was open.
    pub open_ms: u64,
    /// Time during which enough signs were known to say so, whether counting was open or not.
    pub noticed_ms: u64,
    /// Of that, time during which displays alone would not prove it: at least one sign is needed that a member of staff saw.
    pub attested_ms: u64,
    /// Time during which counting was open without that, as the configuration allows.
    pub unnoticed_ms: u64,
    /// When counting was not open.
    pub gaps: Vec<Gap>,
}

/// Some time during which counting was not open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gap {
    /// When and how long.
    pub span: Bucket,
    /// Why; nothing if no entry says it.
    pub cause: Option<Cause>,
}

impl Gap {
    /// The word for why.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        self.cause.map_or("not-told", Cause::word)
    }
}

/// Entries that contradict each other, or the promise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contradiction {
    /// The entry with which it begins.
    pub seq: u64,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry {}: {}", self.seq, self.what)
    }
}

impl std::error::Error for Contradiction {}

/// Adds up what the entries tell, or says where they contradict each other or tell of counting without notice.
pub fn account(records: &[Record], question: &Question) -> Result<Account, Contradiction> {
    order::check(records, question.whole_from)?;
    let boots: Vec<&[Record]> = records.chunk_by(|a, b| a.boot == b.boot).collect();
    let mut ledger = Reckoning { question: *question, ..Reckoning::default() };
    for (index, boot) in boots.iter().enumerate() {
        ledger.boot(boot, index + 1 == boots.len())?;
    }
    Ok(ledger.account)
}

/// How well something is known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Not,
    /// Only with a member of staff's word.
    Attested,
    ByDevices,
}

#[derive(Default)]
struct Reckoning {
    question: Question,
    rules: BTreeMap<Place, Rule>,
    shown: BTreeMap<SignId, (BTreeSet<ActivityId>, Evidence)>,
    open: BTreeSet<Place>,
    causes: BTreeMap<Place, Cause>,
    /// Where the account of the boot before ended.
    ended: Option<Wall>,
    account: Account,
}

impl Reckoning {
    fn boot(&mut self, records: &[Record], is_last: bool) -> Result<(), Contradiction> {
        self.end_everything();
        let Some(first_whole) = records.iter().find(|record| record.seq >= self.question.whole_from) else {
            // Nothing of this boot is accounted for; what it configured holds on.
            records.iter().try_for_each(|record| self.apply(record))?;
            return Ok(());
        };
        // What held when the last folded entry was written is only known from then on.
        let told_before = records.iter().filter(|record| record.seq < self.question.whole_from);
        let begin = told_before.map(|record| record.entry.mono).fold(first_whole.entry.mono, Mono::max);
        let mut in_time: Vec<&Record> = records.iter().collect();
        in_time.sort_by_key(|record| record.entry.mono);
        let walls = dated(&in_time);
        let (last, last_wall) = in_time.last().zip(walls.last()).expect("a boot has an entry");
        let alive = self.question.alive_until.filter(|_| is_last && last.entry.trusted);
        let end = Mono(last.entry.mono.0 + alive.map_or(0, |alive| (alive.0 - last_wall.0).max(0)));
        self.bridge(walls[0]);
        for (index, record) in in_time.iter().enumerate() {
            self.apply(record)?;
            let until = in_time.get(index + 1).map_or(end, |next| next.entry.mono);
            let from = record.entry.mono.max(begin);
            if from < until {
                let wall = Wall(walls[index].0 + (from.0 - record.entry.mono.0));
                self.span(record, Bucket { start: wall, end: Wall(wall.0 + (until.0 - from.0)) })?;
            }
        }
        self.ended = Some(Wall(last_wall.0 + (end.0 - last.entry.mono.0)));
        Ok(())
    }

    /// A new boot: nobody knows what signs show, and nothing is counted.
    fn end_everything(&mut self) {
        self.shown.clear();
        for place in std::mem::take(&mut self.open) {
            self.causes.insert(place, Cause::Shutdown);
        }
    }

    /// The time between two boots: nothing was counted.
    fn bridge(&mut self, until: Wall) {
        let Some(from) = self.ended.filter(|from| *from < until) else { return };
        let span = Bucket { start: from, end: until };
        let places: Vec<Place> = self.rules.keys().cloned().collect();
        for place in places {
            self.closed(&place, span, Some(Cause::Shutdown));
        }
    }

    fn apply(&mut self, record: &Record) -> Result<(), Contradiction> {
        let wrong = |what: String| Err(Contradiction { seq: record.seq, what });
        match &record.entry.event {
            Event::Started { .. } => {}
            Event::Configured { rules } => {
                let waits = |rule: &&Rule| rule.mode == InterlockMode::Enforce && rule.quorum == 0;
                if let Some(Rule { zone, activity, .. }) = rules.iter().find(waits) {
                    return wrong(format!("the rule for {activity} in {zone} waits for the notice of no sign"));
                }
                self.rules =
                    rules.iter().map(|rule| ((rule.zone.clone(), rule.activity.clone()), rule.clone())).collect();
            }
            Event::Shown { sign, activities, evidence, .. } => {
                self.shown.insert(sign.clone(), (activities.iter().cloned().collect(), *evidence));
            }
            Event::Gone { sign, .. } => {
                self.shown.remove(sign);
            }
            Event::Opened { zone, activity } => {
                self.open.insert((zone.clone(), activity.clone()));
            }
            Event::Closed { zone, activity, cause } => {
                let place = (zone.clone(), activity.clone());
                self.open.remove(&place);
                self.causes.insert(place, *cause);
            }
        }
        Ok(())
    }

    /// Accounts for a span in which nothing changes.
    fn span(&mut self, record: &Record, span: Bucket) -> Result<(), Contradiction> {
        let seq = record.seq;
        if let Some((zone, activity)) = self.open.iter().find(|place| !self.rules.contains_key(*place)) {
            return Err(Contradiction {
                seq,
                what: format!("{activity} is counted in {zone}, and no rule names that"),
            });
        }
        let states: Vec<(Place, bool, Known)> = self
            .rules
            .iter()
            .map(|(place, rule)| (place.clone(), self.open.contains(place), self.known(rule)))
            .collect();
        for (place, is_open, known) in states {
            let is_noticed = known != Known::Not;
            let enforced = self.rules[&place].mode == InterlockMode::Enforce;
            if is_open && !is_noticed && enforced {
                let (zone, activity) = place;
                let ms = span.end.0 - span.start.0;
                let what = format!("from here on, for {ms} ms, {activity} is counted in {zone} without a notice");
                return Err(Contradiction { seq, what });
            }
            let Some(span) = self.asked(span) else { continue };
            if !is_open {
                let cause = self.causes.get(&place).copied();
                self.closed(&place, span, cause);
            }
            let ms = (span.end.0 - span.start.0) as u64;
            let sums = self.sums(&place);
            sums.enforced &= enforced;
            if is_open {
                sums.ms += ms;
                sums.open_ms += ms;
            }
            if is_noticed {
                sums.noticed_ms += ms;
                if known == Known::Attested {
                    sums.attested_ms += ms;
                }
            } else if is_open {
                sums.unnoticed_ms += ms;
            }
        }
        self.widen(span);
        if let Some(span) = self.asked(span).filter(|_| !record.entry.trusted) {
            match self.account.untrusted.last_mut() {
                Some(last) if last.end == span.start => last.end = span.end,
                _ => self.account.untrusted.push(span),
            }
        }
        Ok(())
    }

    /// How well it is known that enough signs say that this is counted.
    fn known(&self, rule: &Rule) -> Known {
        let shown = rule.signs.iter().filter_map(|sign| self.shown.get(sign));
        let saying = shown.filter(|(activities, known)| *known >= rule.evidence && activities.contains(&rule.activity));
        let (all, confirmed) = saying.fold((0, 0), |(all, confirmed), (_, known)| {
            (all + 1, confirmed + u32::from(*known == Evidence::Confirmed))
        });
        match rule.quorum {
            quorum if confirmed >= quorum => Known::ByDevices,
            quorum if all >= quorum => Known::Attested,
            _ => Known::Not,
        }
    }

    fn closed(&mut self, place: &Place, span: Bucket, cause: Option<Cause>) {
        self.widen(span);
        let Some(span) = self.asked(span) else { return };
        let sums = self.sums(place);
        sums.ms += (span.end.0 - span.start.0) as u64;
        match sums.gaps.last_mut() {
            Some(last) if last.span.end == span.start && last.cause == cause => last.span.end = span.end,
            _ => sums.gaps.push(Gap { span, cause }),
        }
    }

    fn sums(&mut self, place: &Place) -> &mut Sums {
        let anew = || Sums { enforced: true, ..Sums::default() };
        self.account.places.entry(place.clone()).or_insert_with(anew)
    }

    /// The part of `span` that was asked for.
    fn asked(&self, span: Bucket) -> Option<Bucket> {
        let Some(window) = self.question.window else { return Some(span) };
        let cut = Bucket { start: span.start.max(window.start), end: span.end.min(window.end) };
        (cut.start < cut.end).then_some(cut)
    }

    fn widen(&mut self, span: Bucket) {
        let Some(span) = self.asked(span) else { return };
        let period = self.account.period.get_or_insert(span);
        *period = Bucket { start: period.start.min(span.start), end: period.end.max(span.end) };
    }
}

/// The wall time of each entry. What was written before the clock could be believed is dated by the first that it was believed for, as
/// steady time tells.
fn dated(in_time: &[&Record]) -> Vec<Wall> {
    let offset = |record: &Record| record.entry.wall.0 - record.entry.mono.0;
    let mut next = in_time.iter().rev().find(|record| record.entry.trusted).map(|record| offset(record));
    let mut walls: Vec<Wall> = Vec::with_capacity(in_time.len());
    for record in in_time.iter().rev() {
        if record.entry.trusted {
            next = Some(offset(record));
        }
        walls.push(Wall(record.entry.mono.0 + next.unwrap_or_else(|| offset(record))));
    }
    walls.reverse();
    walls
}
