//! What may be on the glass of one sign, and how well that is known.
//!
//! E-ink keeps its last picture, and a display draws after it has hung up, so the daemon never *sees* the glass. It keeps the
//! set of pictures that may be on it and narrows the set by what the display does.

use std::time::Duration;

use super::reason::Reason;
use crate::domain::id::{ActivityId, SignId};
use crate::domain::notice::{Evidence, NoticeHash, SignState};
use crate::domain::sign::SignEvent;
use crate::domain::time::{Mono, Now, Wall};

/// Most pictures kept in mind per sign. More than the current and the previous one only happens when the notice changes faster
/// than the sign polls; then the set collapses into "anything".
const POSSIBLE_MAX: usize = 4;

/// After so many polls without a fetch the picture is offered under another name.
const UNFETCHED_MAX: u8 = 3;

/// How a sign proves that it shows what it fetched.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Proof {
    /// TRMNL: the whole picture was sent, then the next timer poll came, with no error in between (facts: there is no
    /// positive acknowledgement in that protocol).
    NextPoll,
    /// Plain HTTP: it says so, or asks again with the picture's own ETag, or fetches again in time.
    Word,
}

/// What the engine needs to know of a sign.
#[derive(Clone, Debug)]
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
}

/// A picture known under the present configuration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Drawn {
    /// Its identity.
    pub notice: NoticeHash,
    /// What it says.
    pub state: SignState,
}

/// One sign's glass.
#[derive(Debug)]
pub struct Glass {
    /// The sign.
    pub plan: SignPlan,
    /// Pictures drawn under the present configuration, newest last, at most [`POSSIBLE_MAX`].
    known: Vec<Drawn>,
    /// What may be on the glass; `None` is anything.
    possible: Option<Vec<NoticeHash>>,
    /// Until when the set is believed without another poll.
    lease: Mono,
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
    /// Latest end of validity of a "not counting" that may still be on the glass.
    pub denies_until: Option<Wall>,
    /// The next offer must be drawn afresh: the display drew something of its own.
    pub redraw: bool,
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
}

impl Glass {
    /// A glass of which nothing is known.
    #[must_use]
    pub fn new(plan: SignPlan) -> Self {
        Self {
            plan,
            known: Vec::new(),
            possible: None,
            lease: Mono(i64::MIN),
            fetched: None,
            fetched_at: Mono(i64::MIN),
            unfetched: 0,
            offered: None,
            confirmed: None,
            denies_until: None,
            redraw: false,
            last_poll: None,
            lost: None,
        }
    }

    /// Believes the record of an earlier run, if its lease still lasts.
    pub fn restore(&mut self, record: &GlassRecord) {
        self.possible = Some(vec![record.confirmed]);
        self.offered = Some(record.confirmed);
        self.confirmed = Some(record.confirmed);
        self.lease = record.lease;
    }

    /// What a restart may believe: only a single, confirmed picture.
    #[must_use]
    pub fn record(&self) -> Option<GlassRecord> {
        let confirmed = self.confirmed.filter(|c| self.possible.as_deref() == Some(&[*c]))?;
        Some(GlassRecord { confirmed, lease: self.lease })
    }

    /// A picture has been drawn for this sign.
    pub fn learn(&mut self, drawn: Drawn) {
        self.known.retain(|k| k.notice != drawn.notice);
        self.known.push(drawn);
        if self.known.len() > POSSIBLE_MAX {
            self.known.remove(0);
        }
    }

    /// The sign did something with its credential.
    pub fn handle(&mut self, event: &SignEvent, now: &Now) {
        match *event {
            SignEvent::Polled { offered, refresh_seconds, timer, cached, .. } => {
                self.polled(offered, Duration::from_secs(u64::from(refresh_seconds)), timer, cached, now);
            }
            SignEvent::Fetched { notice, .. } => self.sent(notice, now),
            SignEvent::FetchAborted { notice, .. } => {
                // Even if it was confirmed meanwhile: what never arrived is not on the glass.
                if [self.fetched, self.confirmed].contains(&Some(notice)) {
                    self.lose(Reason::Redrawn(self.plan.id.clone()));
                }
            }
            SignEvent::Shown { notice, .. } => {
                if self.offered == Some(notice) || self.known.iter().any(|k| k.notice == notice) {
                    self.last_poll = Some(now.wall);
                    self.confirm(notice);
                    self.lease = now.mono + self.plan.refresh + self.plan.grace;
                }
            }
            SignEvent::Handed { notice, .. } => self.may_now_deny(notice),
            SignEvent::Reported { .. } => {}
            SignEvent::Trouble { .. } => self.lose(Reason::Redrawn(self.plan.id.clone())),
        }
    }

    fn polled(&mut self, offered: NoticeHash, refresh: Duration, timer: bool, cached: bool, now: &Now) {
        self.expire(now.mono);
        self.last_poll = Some(now.wall);
        if timer {
            if self.plan.proof == Proof::NextPoll
                && let Some(notice) = self.fetched
            {
                self.confirm(notice);
            } else if let Some(notice) = self.offered.filter(|_| cached) {
                self.confirm(notice);
            }
        } else {
            self.lose(Reason::Redrawn(self.plan.id.clone()));
        }
        self.offer(offered);
        self.lease = now.mono + refresh + self.plan.grace;
        // A device that already has the file under this name never asks for it again; another name makes it.
        self.unfetched = if self.confirmed == Some(offered) { 0 } else { self.unfetched + 1 };
        if self.unfetched >= UNFETCHED_MAX {
            (self.unfetched, self.redraw) = (0, true);
        }
    }

    fn sent(&mut self, notice: NoticeHash, now: &Now) {
        self.expire(now.mono);
        if self.plan.proof == Proof::Word {
            self.last_poll = Some(now.wall);
            // Coming back for the same picture after the time it was told is what a display does that shows it; a retry is not.
            let came_back = self.fetched_at + self.plan.transition_refresh <= now.mono;
            if self.fetched == Some(notice) && came_back {
                self.confirm(notice);
            }
            self.lease = now.mono + self.plan.refresh + self.plan.grace;
        }
        if self.confirmed != Some(notice) {
            self.offer(notice);
        }
        if self.fetched != Some(notice) {
            self.fetched_at = now.mono;
        }
        self.fetched = Some(notice);
        self.unfetched = 0;
        if self.lease <= now.mono {
            self.lease = now.mono + self.plan.refresh + self.plan.grace;
        }
    }

    fn offer(&mut self, notice: NoticeHash) {
        self.offered = Some(notice);
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

    fn may_now_deny(&mut self, notice: NoticeHash) {
        if let Some(until) = self.known.iter().find(|k| k.notice == notice).and_then(|k| k.state.valid_until()) {
            self.denies_until = self.denies_until.max(Some(until));
        }
    }

    fn confirm(&mut self, notice: NoticeHash) {
        self.possible = Some(vec![notice]);
        self.offered = Some(notice);
        self.confirmed = Some(notice);
        self.fetched = None;
        self.redraw = false;
        self.lost = None;
        // A picture of which nothing is known any more takes nothing back.
        if let Some(known) = self.known.iter().find(|k| k.notice == notice) {
            self.denies_until = known.state.valid_until();
        }
    }

    /// Nothing is known of the glass any more.
    pub fn lose(&mut self, why: Reason) {
        self.possible = None;
        self.confirmed = None;
        self.fetched = None;
        self.offered = None;
        self.redraw = true;
        self.lost = Some(why);
    }

    /// Notices that the lease has ended. A display whose firmware found no server replaces the picture by an error screen.
    pub fn expire(&mut self, now: Mono) {
        if self.lease <= now && (self.possible.is_some() || self.fetched.is_some()) {
            self.lose(Reason::Overdue(self.plan.id.clone()));
        }
    }

    /// When the lease ends, if something hangs on it.
    #[must_use]
    pub fn lease_end(&self) -> Option<Mono> {
        (self.possible.is_some() || self.fetched.is_some()).then_some(self.lease)
    }

    /// Whether every picture that may be on the glass tells the reader that `activity` goes on.
    #[must_use]
    pub fn covers(&self, activity: &ActivityId, now: Mono) -> bool {
        let named = |notice: &NoticeHash| self.known.iter().any(|k| k.notice == *notice && k.state.names(activity));
        self.lease > now && self.possible.as_ref().is_some_and(|p| !p.is_empty() && p.iter().all(named))
    }

    /// Until when the glass is believed to tell the reader that `activity` goes on, if it is.
    #[must_use]
    pub fn covered_until(&self, activity: &ActivityId) -> Option<Mono> {
        self.covers(activity, Mono(i64::MIN)).then_some(self.lease)
    }

    /// Whether a "not counting" whose validity has not ended may be on the glass.
    #[must_use]
    pub fn may_deny(&self, now: Wall) -> bool {
        self.denies_until.is_some_and(|until| now < until)
    }

    /// How well it is known that the glass shows `board`.
    #[must_use]
    pub fn evidence(&self, board: Option<NoticeHash>, now: Mono) -> Evidence {
        match board {
            Some(notice) if self.lease > now => {
                if self.confirmed == Some(notice) {
                    Evidence::Confirmed
                } else if self.fetched == Some(notice) {
                    Evidence::Fetched
                } else if self.offered == Some(notice) {
                    Evidence::Offered
                } else {
                    Evidence::None
                }
            }
            _ => Evidence::None,
        }
    }

    /// What is still missing before the glass covers.
    #[must_use]
    pub fn missing(&self, board: Option<NoticeHash>, now: Mono) -> Reason {
        let sign = self.plan.id.clone();
        match self.evidence(board, now) {
            Evidence::Fetched => Reason::NotReturned(sign),
            Evidence::Offered => self.lost.clone().unwrap_or(Reason::NotFetched(sign)),
            Evidence::None | Evidence::Confirmed | Evidence::Sighted => {
                self.lost.clone().unwrap_or(Reason::NotPolled(sign))
            }
        }
    }
}

#[cfg(test)]
mod tests;
