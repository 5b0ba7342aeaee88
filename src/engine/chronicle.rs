//! What the ledger is told: each change of what signs are known to show and of what is counted, with the moment of the change.
//!
//! Told by comparison with what was told last, so that nothing can be told twice or forgotten, and kept in the transaction of the
//! figures that it explains.

use serde::{Deserialize, Serialize};

use super::glass::Glass;
use super::reason::Reason;
use super::record::{self, parse_hash};
use super::{Engine, Lock};
use crate::domain::activity::InterlockMode;
use crate::domain::id::ActivityId;
use crate::domain::ledger::{Cause, Entry, Event, Rule};
use crate::domain::notice::{Evidence, NoticeHash};
use crate::domain::time::{Mono, Now};

/// Name of [`ChronicleRecord`].
const CHRONICLE: &str = "chronicle";

/// Most entries that wait for the store. A store that refused to write for so long that signs and interlocks changed a thousand times
/// keeps nothing else either; nothing new is shown or opened for the ledger until it writes again.
const WAITING_MAX: usize = 1024;

/// What the ledger was told, and what it is to be told next.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone, Hash))]
pub(super) struct Chronicle {
    /// What it is to be told with the next commit.
    waiting: Vec<Entry>,
    /// What each sign was told to show last, by its index.
    signs: Vec<Option<Told>>,
    /// Since when each interlock was told to count, by its index.
    open: Vec<Option<Mono>>,
    /// The rules told last, in one line each.
    rules: Vec<String>,
    /// When this run began.
    started: Mono,
    /// The latest moment told of, at which the daemon surely ran.
    latest: Mono,
}

/// What a sign was told to show, and since when.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(test, derive(Hash))]
struct Told {
    since: Mono,
    notice: NoticeHash,
    activities: Vec<ActivityId>,
    evidence: Evidence,
}

/// What the ledger was told last, as it is kept across a restart.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
struct ChronicleRecord {
    /// Boot that the steady times belong to.
    boot: String,
    rules: Vec<String>,
    signs: Vec<SignRecord>,
    open: Vec<OpenRecord>,
    latest: i64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct SignRecord {
    sign: String,
    since: i64,
    notice: String,
    activities: Vec<String>,
    sighted: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct OpenRecord {
    zone: String,
    activity: String,
    since: i64,
}

impl Chronicle {
    /// Whether so much waits for the store that nothing new may begin.
    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() >= WAITING_MAX
    }

    pub(super) fn take(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.waiting)
    }

    fn tell(&mut self, mono: Mono, event: Event, now: &Now) {
        self.latest = self.latest.max(mono);
        self.waiting.push(Entry { mono, wall: now.wall_at(mono), trusted: now.trusted, event });
    }
}

impl Engine {
    /// Goes on from what an earlier run told, and tells that this one has begun.
    pub(super) fn begin_chronicle(&mut self, state: &[(String, Vec<u8>)], now: &Now) {
        let kept = record::read::<ChronicleRecord>(state, CHRONICLE).unwrap_or_default();
        let same_boot = kept.boot == self.plan.boot;
        let told = |sign: &super::Sign| {
            let kept = kept.signs.iter().find(|s| s.sign == sign.glass.plan.id.as_str()).filter(|_| same_boot)?;
            Some(Told {
                since: Mono(kept.since),
                notice: parse_hash(&kept.notice)?,
                activities: kept.activities.iter().map(|id| ActivityId::new(id)).collect(),
                evidence: if kept.sighted { Evidence::Sighted } else { Evidence::Confirmed },
            })
        };
        let open = |lock: &Lock| {
            let this =
                |o: &&OpenRecord| o.zone == lock.state.zone.as_str() && o.activity == lock.state.activity.as_str();
            kept.open.iter().find(this).filter(|_| same_boot).map(|o| Mono(o.since))
        };
        self.chronicle = Chronicle {
            waiting: Vec::new(),
            signs: self.signs.iter().map(told).collect(),
            open: self.interlocks.iter().map(open).collect(),
            rules: kept.rules.clone(),
            started: now.mono,
            latest: now.mono,
        };
        if same_boot {
            self.keep.earlier_cut = self.keep.earlier_cut.max(Mono(kept.latest));
        }
        let version = env!("CARGO_PKG_VERSION").to_owned();
        self.chronicle.tell(now.mono, Event::Started { boot: self.plan.boot.clone(), version }, now);
        self.forget_removed(&kept, same_boot, now);
        let rules = self.rules();
        let lines: Vec<String> = rules.iter().map(in_one_line).collect();
        if lines != self.chronicle.rules {
            self.chronicle.rules = lines;
            self.chronicle.tell(now.mono, Event::Configured { rules }, now);
        }
        self.pace.dirty(now.mono);
    }

    /// What is not configured any more ended when the last run did.
    fn forget_removed(&mut self, kept: &ChronicleRecord, same_boot: bool, now: &Now) {
        if !same_boot {
            return;
        }
        let ended = |since: i64| self.keep.earlier_cut.max(Mono(since));
        let mut gone = Vec::new();
        for open in &kept.open {
            let known = |l: &Lock| l.state.zone.as_str() == open.zone && l.state.activity.as_str() == open.activity;
            if !self.interlocks.iter().any(known) {
                let (zone, activity) = (super::ZoneId::new(&open.zone), ActivityId::new(&open.activity));
                gone.push((ended(open.since), Event::Closed { zone, activity, cause: Cause::Configuration }));
            }
        }
        for told in &kept.signs {
            if !self.signs.iter().any(|s| s.glass.plan.id.as_str() == told.sign) {
                let sign = super::SignId::new(&told.sign);
                gone.push((ended(told.since), Event::Gone { sign, cause: Cause::Configuration }));
            }
        }
        for (at, event) in gone {
            self.chronicle.tell(at, event, now);
        }
    }

    fn rules(&self) -> Vec<Rule> {
        let rule = |lock: &Lock| {
            let covering = self.signs.iter().filter(|s| s.covers_zone(&lock.state.zone));
            let mut signs: Vec<_> = covering.map(|s| s.glass.plan.id.clone()).collect();
            signs.sort();
            Rule {
                zone: lock.state.zone.clone(),
                activity: lock.state.activity.clone(),
                mode: lock.state.mode,
                quorum: u32::try_from(lock.state.quorum).unwrap_or(u32::MAX),
                evidence: lock.state.evidence,
                signs,
            }
        };
        self.interlocks.iter().map(rule).collect()
    }

    /// Tells what has changed: first what ended, then what began.
    pub(super) fn tell_ledger(&mut self, now: &Now) {
        if self.plan.store_fault.is_some() {
            return;
        }
        let before = self.chronicle.waiting.len();
        for index in 0..self.interlocks.len() {
            self.tell_closed(index, now);
        }
        for index in 0..self.signs.len() {
            self.tell_sign(index, now);
        }
        for index in 0..self.interlocks.len() {
            self.tell_opened(index, now);
        }
        if self.chronicle.waiting.len() > before {
            self.pace.urge(now.mono);
        }
    }

    fn tell_closed(&mut self, index: usize, now: &Now) {
        let Some(since) = self.chronicle.open[index] else { return };
        let lock = &self.interlocks[index];
        // After a restart it is not decided yet whether counting goes on.
        if lock.resuming || lock.counts() {
            return;
        }
        let ended = match lock.state.mode {
            InterlockMode::Enforce => lock.state.spans().last().and_then(|span| span.to),
            InterlockMode::Observe => self.closed_since(now),
        };
        let at = ended.unwrap_or(now.mono).clamp(since, now.mono.max(since));
        let cause = self.blocked(index, now).map_or(Cause::NoNotice, |reason| cause(&reason));
        let (zone, activity) = (lock.state.zone.clone(), lock.state.activity.clone());
        self.chronicle.open[index] = None;
        self.chronicle.tell(at, Event::Closed { zone, activity, cause }, now);
    }

    fn tell_opened(&mut self, index: usize, now: &Now) {
        let lock = &self.interlocks[index];
        if self.chronicle.open[index].is_some() || lock.resuming || !lock.counts() {
            return;
        }
        // What this run took over without having told of it begins, for the ledger, now.
        let from = lock.state.open_since().filter(|_| lock.state.mode == InterlockMode::Enforce);
        let at = from.filter(|from| self.chronicle.started <= *from).unwrap_or(now.mono);
        let (zone, activity) = (lock.state.zone.clone(), lock.state.activity.clone());
        self.chronicle.open[index] = Some(at);
        self.chronicle.tell(at, Event::Opened { zone, activity }, now);
    }

    fn tell_sign(&mut self, index: usize, now: &Now) {
        let sign = &self.signs[index];
        let told = self.chronicle.signs[index].as_ref();
        // What was on the glass before a restart is known again as soon as it has been drawn again.
        if sign.is_drawing() && told.is_some_and(|told| sign.glass.confirmed() == Some(told.notice)) {
            return;
        }
        let shown = shown(&sign.glass, now);
        let same = |told: &&Told| {
            shown.as_ref().is_some_and(|(notice, activities, evidence)| {
                told.notice == *notice && told.activities == *activities && told.evidence == *evidence
            })
        };
        if told.as_ref().is_some_and(same) || (shown.is_none() && told.is_none()) {
            return;
        }
        let id = sign.glass.plan.id.clone();
        match shown {
            Some((notice, activities, evidence)) if !self.chronicle.is_full() => {
                let told = Told { since: now.mono, notice, activities: activities.clone(), evidence };
                self.chronicle.signs[index] = Some(told);
                self.chronicle.tell(now.mono, Event::Shown { sign: id, notice, activities, evidence }, now);
            }
            Some(_) | None => {
                let Some(told) = self.chronicle.signs[index].take() else { return };
                let (at, cause) = self.gone(index, now);
                let at = at.clamp(told.since, now.mono.max(told.since));
                self.chronicle.tell(at, Event::Gone { sign: id, cause }, now);
            }
        }
    }

    /// When and why it ceased to be known what sign `index` shows.
    fn gone(&self, index: usize, now: &Now) -> (Mono, Cause) {
        let glass = &self.signs[index].glass;
        let ended = glass.ends(now).filter(|end| *end <= now.mono);
        match (ended, glass.lost()) {
            (Some(end), _) => (end, Cause::Overdue),
            (None, Some(Reason::NoticeChanged(_))) => (now.mono, Cause::Configuration),
            (None, Some(_)) => (now.mono, Cause::Redrawn),
            // Nothing is known of it but what an earlier run told.
            (None, None) if glass.ends(now).is_none() => (self.keep.earlier_cut, Cause::Shutdown),
            (None, None) => (now.mono, Cause::Replaced),
        }
    }

    /// What was told so far, to go on from after a restart.
    pub(super) fn chronicle_record(&self) -> (String, Option<Vec<u8>>) {
        let signs = self.signs.iter().zip(&self.chronicle.signs).filter_map(|(sign, told)| {
            let told = told.as_ref()?;
            Some(SignRecord {
                sign: sign.glass.plan.id.as_str().to_owned(),
                since: told.since.0,
                notice: told.notice.to_string(),
                activities: told.activities.iter().map(|id| id.as_str().to_owned()).collect(),
                sighted: told.evidence == Evidence::Sighted,
            })
        });
        let open = self.interlocks.iter().zip(&self.chronicle.open).filter_map(|(lock, since)| {
            Some(OpenRecord {
                zone: lock.state.zone.as_str().to_owned(),
                activity: lock.state.activity.as_str().to_owned(),
                since: since.as_ref()?.0,
            })
        });
        let record = ChronicleRecord {
            boot: self.plan.boot.clone(),
            rules: self.chronicle.rules.clone(),
            signs: signs.collect(),
            open: open.collect(),
            latest: self.chronicle.latest.0,
        };
        (CHRONICLE.to_owned(), record::write(&record))
    }
}

impl Lock {
    /// Whether figures are taken, as far as that is decided.
    fn counts(&self) -> bool {
        match self.state.mode {
            InterlockMode::Enforce => self.state.open_since().is_some(),
            InterlockMode::Observe => self.state.counts(),
        }
    }
}

/// What a glass is known to tell its reader, and how well.
fn shown(glass: &Glass, now: &Now) -> Option<(NoticeHash, Vec<ActivityId>, Evidence)> {
    let (notice, mut activities) = glass.shown(now)?;
    activities.sort();
    let seen = glass.attestation(now).is_some_and(|attested| attested.notice == notice);
    Some((notice, activities, if seen { Evidence::Sighted } else { Evidence::Confirmed }))
}

fn in_one_line(rule: &Rule) -> String {
    let signs: Vec<_> = rule.signs.iter().map(super::SignId::as_str).collect();
    let (mode, evidence) = (rule.mode.word(), rule.evidence.word());
    format!("{} {} {mode} {} {evidence} {}", rule.zone, rule.activity, rule.quorum, signs.join(","))
}

/// The ledger's word for a reason. What a visitor asked for and what the operator ordered is one word.
fn cause(reason: &Reason) -> Cause {
    match reason {
        Reason::StoppedByOperator | Reason::Paused(_) => Cause::Stopped,
        Reason::OutsideHours(_) => Cause::OutsideHours,
        Reason::Stopping | Reason::Starting => Cause::Shutdown,
        Reason::StoreUnusable(_) => Cause::Store,
        Reason::ClockUntrusted => Cause::Clock,
        Reason::BrokerNotReached | Reason::BrokerLost | Reason::AwaitingMarker => Cause::Broker,
        Reason::NoSign
        | Reason::Drawing(_)
        | Reason::CannotDraw(_)
        | Reason::NotPolled(_)
        | Reason::NotFetched(_)
        | Reason::NotReturned(_)
        | Reason::NotSaid(_)
        | Reason::NotAttested(_)
        | Reason::AttestationEnded(_)
        | Reason::NoticeChanged(_)
        | Reason::NotSighted(_)
        | Reason::TooFewSigns(..)
        | Reason::Overdue(_)
        | Reason::Redrawn(_)
        | Reason::StillDenies(_)
        | Reason::SensorStillOn(_) => Cause::NoNotice,
    }
}
