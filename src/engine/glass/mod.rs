//! What may be on the glass of one sign, and how well that is known.
//!
//! E-ink keeps its last picture, and a display draws after it has hung up, so the daemon never *sees* the glass. It keeps the
//! set of pictures that may be on it and narrows the set by what the display does.

use std::time::Duration;

use super::attest::Attestation;
use super::reason::Reason;
use crate::domain::id::SignId;
use crate::domain::notice::{NoticeHash, SignState};
use crate::domain::sign::{LEASE_MAX, SignEvent};
use crate::domain::time::{Mono, Now, Wall};

mod judgement;
#[cfg(test)]
mod tests;

/// Most pictures kept in mind per sign. More than the current and the previous one only happens when the notice changes faster
/// than the sign polls; then the set collapses into "anything".
const POSSIBLE_MAX: usize = 4;

/// After so many polls without a fetch the picture is offered under another name.
const UNFETCHED_MAX: u8 = 3;

/// By what share of a long sleep a display may be late: its sleep is timed by an oscillator that drifts with the temperature, and
/// five in a hundred is a generous bound.
pub(super) const DRIFT_SHARE: u32 = 20;

/// How a sign proves that it shows what it was given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(test, derive(Hash))]
pub enum Proof {
    /// TRMNL: the whole picture was sent, then the next timer poll came, with no error in between; or that poll says that the
    /// picture came from the display's own memory (facts: there is no positive acknowledgement in that protocol).
    NextPoll,
    /// Plain HTTP: it says so, or asks again with an ETag of the picture, or fetches again in time.
    Word,
    /// Only what it says itself. An access point fetches on behalf of its labels, and a page has drawn only when it says so.
    WordOnly,
    /// A board on paper: only what a member of staff says.
    Attested,
}

/// What the engine needs to know of a sign.
#[derive(Clone, Debug)]
#[cfg_attr(test, derive(Hash))]
pub struct SignPlan {
    /// Its name.
    pub id: SignId,
    /// How it proves what it shows.
    pub proof: Proof,
    /// Normal pace.
    pub refresh: Duration,
    /// Pace while counting opens or closes.
    pub transition_refresh: Duration,
    /// How long after a missed poll its picture is still believed.
    pub grace: Duration,
    /// How long the word of a member of staff is believed.
    pub attested_for: Duration,
    /// Below this voltage its battery is nearly empty, in millivolts.
    pub battery_low_mv: u32,
    /// How many languages it shows in turn besides the local one, fewer than [`TURNS_MAX`](crate::domain::sign::TURNS_MAX).
    pub alternates: u8,
}

/// A picture known under the present configuration.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(test, derive(Hash))]
pub struct Drawn {
    /// Its identity.
    pub notice: NoticeHash,
    /// What it says.
    pub state: SignState,
    /// In which of the sign's languages: 0 is the local one alone.
    pub turn: u8,
    /// How far the wall clock was set ahead since it was drawn, in milliseconds. Whoever reads it by a watch that nobody set believes
    /// it for so much longer.
    pub ahead_ms: i64,
}

/// One sign's glass.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, Hash))]
pub struct Glass {
    /// The sign.
    pub plan: SignPlan,
    /// Pace at which it is to come back while nothing happens.
    pub rest: Duration,
    /// Pictures drawn under the present configuration, newest last, at most [`POSSIBLE_MAX`].
    known: Vec<Drawn>,
    /// What may be on the glass; `None` is anything.
    possible: Option<Vec<NoticeHash>>,
    /// Until when the set is believed without another poll.
    lease: Option<Mono>,
    /// When it is to speak next, by what it was told last.
    due: Option<Mono>,
    /// Pace that it was told together with the picture on offer.
    told: Duration,
    /// Picture sent whole and not yet confirmed.
    fetched: Option<NoticeHash>,
    /// When it was first sent.
    fetched_at: Mono,
    /// Polls in a row that were offered a picture which was then not fetched.
    unfetched: u8,
    /// Picture named in the last answer.
    offered: Option<NoticeHash>,
    /// Picture confirmed last, if nothing else was offered since.
    confirmed: Option<NoticeHash>,
    /// What a member of staff said of it, unless something contradicted that since.
    attested: Option<Attestation>,
    /// Latest end of validity of a "not counting" that may still be on the glass.
    pub denies_until: Option<Wall>,
    /// The next offer must be drawn afresh: the display drew something of its own.
    pub redraw: bool,
    /// What is believed of it is still what an earlier run knew, and this one has neither seen it borne out nor contradicted.
    pub restored: bool,
    /// It woke otherwise than by its timer, and draws the picture afresh by itself; its next poll may say so.
    rewoken: bool,
    /// When it last polled with its credential.
    pub last_poll: Option<Wall>,
    /// Why evidence was lost last.
    lost: Option<Reason>,
}

/// What is kept of a glass across a restart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GlassRecord {
    /// The picture it was confirmed to show.
    pub confirmed: NoticeHash,
    /// End of the lease.
    pub lease: Mono,
    /// When it is to speak next; older versions did not say.
    pub due: Option<Mono>,
}

impl Glass {
    /// A glass of which nothing is known.
    #[must_use]
    pub fn new(plan: SignPlan) -> Self {
        Self {
            rest: plan.refresh,
            told: plan.refresh,
            plan,
            known: Vec::new(),
            possible: None,
            lease: None,
            due: None,
            fetched: None,
            fetched_at: Mono(i64::MIN),
            unfetched: 0,
            offered: None,
            confirmed: None,
            attested: None,
            denies_until: None,
            redraw: false,
            restored: false,
            rewoken: false,
            last_poll: None,
            lost: None,
        }
    }

    /// Believes the record of an earlier run, if its lease still lasts.
    pub fn restore(&mut self, record: &GlassRecord) {
        self.possible = Some(vec![record.confirmed]);
        self.offered = Some(record.confirmed);
        self.confirmed = Some(record.confirmed);
        (self.lease, self.due, self.restored) = (Some(record.lease), record.due, true);
    }

    /// Believes that one of `pictures` is on the glass, all of which an earlier run knew to say the same, if that lease still lasts.
    pub fn restore_any(&mut self, pictures: Vec<NoticeHash>, lease: Mono, due: Option<Mono>) {
        (self.possible, self.offered, self.confirmed) = (Some(pictures), None, None);
        (self.lease, self.due, self.restored) = (Some(lease), due, true);
    }

    /// What a restart may believe of a sign that takes no turns: only a single, confirmed picture.
    #[must_use]
    pub fn record(&self) -> Option<GlassRecord> {
        let confirmed = self.confirmed.filter(|c| self.possible.as_deref() == Some(&[*c]))?;
        Some(GlassRecord { confirmed, lease: self.lease?, due: self.due })
    }

    /// A picture has been drawn for this sign.
    pub fn learn(&mut self, drawn: Drawn) {
        self.known.retain(|k| k.notice != drawn.notice);
        self.known.push(drawn);
        if self.known.len() > POSSIBLE_MAX {
            self.known.remove(0);
        }
    }

    /// The sign did something with its credential. Of a board on paper only a person can say anything.
    pub fn handle(&mut self, event: &SignEvent, now: &Now) {
        if self.is_paper() {
            return;
        }
        match *event {
            SignEvent::Polled { offered, refresh_seconds, timer, cached, .. } => {
                self.polled(offered, Duration::from_secs(u64::from(refresh_seconds)), timer, cached, now);
            }
            SignEvent::Fetched { notice, .. } => self.sent(notice, now),
            SignEvent::FetchAborted { notice, .. } => {
                // Even if it was confirmed meanwhile: what never arrived is not on the glass.
                if self.fetched == Some(notice) || self.possible.as_ref().is_some_and(|p| p.contains(&notice)) {
                    self.lose(Reason::Redrawn(self.plan.id.clone()));
                }
            }
            SignEvent::Shown { notice, .. } => self.said(notice, now),
            SignEvent::Handed { notice, .. } => self.may_now_deny(notice),
            SignEvent::Reported { .. } => {}
            SignEvent::Trouble { .. } => self.lose(Reason::Redrawn(self.plan.id.clone())),
        }
    }

    fn polled(&mut self, offered: NoticeHash, refresh: Duration, timer: bool, cached: bool, now: &Now) {
        self.expire(now.mono);
        self.last_poll = Some(now.wall);
        if timer {
            self.came_back(cached);
        } else {
            self.lose(Reason::Redrawn(self.plan.id.clone()));
            // Firmware has forgotten what the panel shows and draws it again (facts §1.1, §1.5): another name would make it draw twice.
            (self.redraw, self.rewoken) = (false, true);
        }
        self.offer(offered);
        // It may have been given a denial some other way since it was confirmed, and asking again does not take that back. Firmware
        // that knows the name says no more than this; a picture under another name is fetched and proves something.
        self.redraw |= self.confirmed == Some(offered) && self.may_deny(now.wall) && !self.denies(offered);
        self.told = refresh;
        // A poll says nothing for a label behind an access point; it keeps up what is known only while nothing is believed.
        if self.plan.proof != Proof::WordOnly || self.possible.is_none() {
            self.believe_for(refresh, now.mono);
        }
        // A device that already has the file under this name never asks for it again; another name makes it.
        self.unfetched = if self.confirmed == Some(offered) { 0 } else { self.unfetched + 1 };
        if self.unfetched >= UNFETCHED_MAX {
            (self.unfetched, self.redraw) = (0, true);
        }
    }

    /// It polled by its own timer: what it was given last is on the glass, if its protocol means that by coming back.
    fn came_back(&mut self, cached: bool) {
        let from_memory = self.offered.filter(|_| cached);
        let drawn = match self.plan.proof {
            Proof::NextPoll => self.fetched.or(from_memory),
            Proof::Word => from_memory,
            Proof::WordOnly | Proof::Attested => None,
        };
        let rewoken = std::mem::take(&mut self.rewoken);
        match drawn {
            Some(notice) => self.confirm(notice),
            // Older firmware does not say that it drew from its own memory: only a picture under another name proves anything.
            None => self.redraw |= rewoken,
        }
    }

    fn sent(&mut self, notice: NoticeHash, now: &Now) {
        self.expire(now.mono);
        if matches!(self.plan.proof, Proof::Word | Proof::WordOnly) {
            self.last_poll = Some(now.wall);
        }
        // Coming back for the same picture after the time it was told is what a display does that shows it; a retry is not.
        let came_back = self.fetched == Some(notice) && self.fetched_at + self.plan.transition_refresh <= now.mono;
        if self.plan.proof == Proof::Word && came_back {
            self.confirm(notice);
        }
        if self.confirmed != Some(notice) {
            self.offer(notice);
        }
        if self.fetched != Some(notice) {
            self.fetched_at = now.mono;
        }
        self.fetched = Some(notice);
        // A display fetches what it is about to draw, so it need not be given another name for that.
        self.redraw = false;
        self.unfetched = 0;
        let renews = match self.plan.proof {
            Proof::Word => true,
            Proof::WordOnly => self.possible.is_none(),
            Proof::NextPoll | Proof::Attested => false,
        };
        if renews || !self.is_leased(now.mono) {
            self.believe_for(self.told.max(self.rest), now.mono);
        }
    }

    /// It says that it shows `notice`.
    fn said(&mut self, notice: NoticeHash, now: &Now) {
        if self.offered == Some(notice) || self.known.iter().any(|k| k.notice == notice) {
            self.last_poll = Some(now.wall);
            self.confirm(notice);
            self.believe_for(self.told.max(self.rest), now.mono);
        }
    }

    /// Believes the set until the sign is late by more than its grace. Only outside opening hours is it told to sleep longer than
    /// [`LEASE_MAX`], and so long a sleep is measured by its own imprecise clock.
    fn believe_for(&mut self, pace: Duration, now: Mono) {
        let drift = if pace > LEASE_MAX { pace / DRIFT_SHARE } else { Duration::ZERO };
        (self.due, self.lease) = (Some(now + pace), Some(now + pace + self.plan.grace + drift));
    }

    fn offer(&mut self, notice: NoticeHash) {
        self.name(notice);
        if self.confirmed != Some(notice) {
            self.confirmed = None;
        }
        if let Some(possible) = &mut self.possible
            && !possible.contains(&notice)
        {
            possible.push(notice);
            if possible.len() > POSSIBLE_MAX {
                self.possible = None;
            }
        }
        self.may_now_deny(notice);
    }

    /// Notes which picture is on offer. A pace belongs to the picture that it was told with, and a person's word to the words seen.
    fn name(&mut self, notice: NoticeHash) {
        if self.offered.replace(notice) != Some(notice) {
            self.told = self.rest;
        }
        self.attested = self.attested.take().and_then(|attested| {
            let holds = attested.notice == notice || self.says_the_same(attested.notice, notice);
            holds.then_some(Attestation { notice, ..attested })
        });
    }

    /// Whether the words of two pictures are the same, and only the code of the day is another.
    fn says_the_same(&self, one: NoticeHash, other: NoticeHash) -> bool {
        let state = |notice| self.known.iter().find(|known| known.notice == notice).map(|known| &known.state);
        state(one).is_some_and(|said| state(other) == Some(said))
    }

    fn may_now_deny(&mut self, notice: NoticeHash) {
        self.denies_until = self.denies_until.max(self.denial(notice));
    }

    fn denies(&self, notice: NoticeHash) -> bool {
        self.denial(notice).is_some()
    }

    /// Until when `notice` says that nobody counts, if it does.
    fn denial(&self, notice: NoticeHash) -> Option<Wall> {
        let known = self.known.iter().find(|k| k.notice == notice)?;
        Some(known.state.valid_until()? + Duration::from_millis(known.ahead_ms.unsigned_abs()))
    }

    /// The wall clock, which showed `before`, was set by so much. Nobody knows which of the two is right, so a denial that had not run out by
    /// the old one holds for as long as it would have.
    pub fn clock_moved(&mut self, by_ms: i64, before: Wall) {
        for known in &mut self.known {
            known.ahead_ms = (known.ahead_ms + by_ms).max(0);
        }
        if let Some(until) = self.denies_until.filter(|until| before < *until) {
            self.denies_until = Some(Wall(until.0 + by_ms.max(0)));
        }
    }

    fn confirm(&mut self, notice: NoticeHash) {
        self.name(notice);
        self.possible = Some(vec![notice]);
        self.confirmed = Some(notice);
        self.fetched = None;
        self.restored = false;
        (self.redraw, self.rewoken) = (false, false);
        self.lost = None;
        // A picture of which nothing is known any more takes nothing back.
        if self.known.iter().any(|k| k.notice == notice) {
            self.denies_until = self.denial(notice);
        }
    }

    /// Nothing is known of the glass any more. Paper stays as it is.
    pub fn lose(&mut self, why: Reason) {
        if self.is_paper() {
            return;
        }
        self.possible = None;
        self.confirmed = None;
        self.attested = None;
        self.fetched = None;
        self.offered = None;
        self.restored = false;
        (self.redraw, self.rewoken) = (true, false);
        self.lost = Some(why);
    }

    /// Notices that the lease has ended. A display whose firmware found no server replaces the picture by an error screen.
    pub fn expire(&mut self, now: Mono) {
        if !self.is_leased(now) && (self.possible.is_some() || self.fetched.is_some()) {
            self.lose(Reason::Overdue(self.plan.id.clone()));
        }
    }

    pub(super) fn is_leased(&self, now: Mono) -> bool {
        self.lease.is_some_and(|lease| now < lease)
    }

    /// Puts back what a member of staff said before a restart. Time and pictures decide what it is worth.
    pub fn restore_attestation(&mut self, attested: Option<Attestation>) {
        // Of a display it holds only as long as what the display did itself, which a restart may not remember.
        self.attested = attested.filter(|a| self.is_paper() || self.confirmed == Some(a.notice));
    }

    /// A member of staff saw it show what it is to show.
    pub fn attest(&mut self, attested: Attestation) {
        self.attested = Some(attested);
        if self.is_paper() {
            self.lost = None;
        }
    }

    /// A board on paper is to say `notice` from now on: whatever was seen on it before is not that.
    pub fn replace_paper(&mut self, notice: NoticeHash) {
        if self.is_paper() && self.attested.as_ref().is_some_and(|attested| attested.notice != notice) {
            self.attested = None;
            self.lost = Some(Reason::NoticeChanged(self.plan.id.clone()));
        }
    }
}
