//! What is known of a glass: whether it covers, how well that is known, and what is missing.

use super::{Glass, Proof};
use crate::domain::id::ActivityId;
use crate::domain::notice::{Evidence, NoticeHash, SignState};
use crate::domain::time::{Mono, Now, Wall};
use crate::engine::attest::Attestation;
use crate::engine::reason::Reason;

impl Glass {
    /// Whether only a picture that it fetches afresh can prove what it shows. Other displays say so, or name what they hold.
    #[must_use]
    pub fn proves_by_fetching(&self) -> bool {
        self.plan.proof == Proof::NextPoll
    }

    /// Whether it is a board on paper.
    #[must_use]
    pub fn is_paper(&self) -> bool {
        self.plan.proof == Proof::Attested
    }

    /// When what is believed of it changes if it does nothing.
    #[must_use]
    pub fn ends(&self, now: &Now) -> Option<Mono> {
        if self.is_paper() { self.attested.as_ref().map(|attested| now.mono_at(attested.until)) } else { self.lease }
    }

    /// When it is to speak next, if it was told.
    #[must_use]
    pub fn due(&self) -> Option<Mono> {
        self.due
    }

    /// Until when what is known of it is believed, if anything ever was.
    #[must_use]
    pub fn leased_until(&self) -> Option<Mono> {
        self.lease
    }

    /// Since when it has been silent for longer than its lease, if it has.
    #[must_use]
    pub fn overdue_since(&self, now: Mono) -> Option<Mono> {
        self.lease.filter(|lease| *lease <= now)
    }

    /// Whether every picture that may be on the glass tells the reader that `activity` goes on, and that is known as well as `required`.
    #[must_use]
    pub fn covers(&self, activity: &ActivityId, required: Evidence, now: &Now) -> bool {
        let seen = self.attestation(now).is_some();
        let lasts = if self.is_paper() { seen } else { self.is_leased(now.mono) };
        lasts && (seen || required < Evidence::Sighted) && self.names(activity)
    }

    /// Whether counting may open under it if it covers: it speaks the local language alone, or hung there before a restart.
    #[must_use]
    pub fn opens(&self) -> bool {
        let possible = |notice: &NoticeHash| self.possible.iter().flatten().any(|p| p == notice);
        self.restored || !self.known.iter().any(|k| k.turn > 0 && possible(&k.notice))
    }

    /// The pictures that may be on the glass with the turn of each, if all of them are known to say `state`.
    #[must_use]
    pub fn turns(&self, state: &SignState) -> Option<Vec<(NoticeHash, u8)>> {
        let known = |notice: &NoticeHash| self.known.iter().find(|k| k.notice == *notice && k.state == *state);
        let possible = self.possible.as_ref().filter(|possible| !possible.is_empty())?;
        possible.iter().map(|notice| known(notice).map(|k| (k.notice, k.turn))).collect()
    }

    /// Until when the glass is believed to tell the reader that `activity` goes on, if it is known as well as `required`; that may be
    /// over.
    #[must_use]
    pub fn covered_until(&self, activity: &ActivityId, required: Evidence, now: &Now) -> Option<Mono> {
        let seen_until = self.attested.as_ref().map(|attested| now.mono_at(attested.until));
        let ends = self.ends(now).filter(|_| self.names(activity))?;
        if required < Evidence::Sighted { Some(ends) } else { seen_until.map(|until| until.min(ends)) }
    }

    /// Whether every picture that may be on the glass, as long as that is believed, names `activity`.
    fn names(&self, activity: &ActivityId) -> bool {
        let named = |notice: &NoticeHash| self.known.iter().any(|k| k.notice == *notice && k.state.names(activity));
        if self.is_paper() {
            return self.attested.as_ref().is_some_and(|attested| named(&attested.notice));
        }
        self.possible.as_ref().is_some_and(|p| !p.is_empty() && p.iter().all(named))
    }

    /// The picture that is known to be on the glass, or was before another was given to it, and the activities that every picture that
    /// may be on it names; nothing while there are none.
    #[must_use]
    pub fn shown(&self, now: &Now) -> Option<(NoticeHash, Vec<ActivityId>)> {
        let possible = if self.is_paper() {
            vec![self.attestation(now)?.notice]
        } else {
            self.possible.clone().filter(|_| self.is_leased(now.mono))?
        };
        let first = *possible.first()?;
        let notice = self.confirmed.filter(|_| !self.is_paper()).unwrap_or(first);
        let known = self.known.iter().find(|k| k.notice == first)?;
        let SignState::Active(activities) = &known.state else { return None };
        let named: Vec<_> = activities.iter().filter(|activity| self.names(activity)).cloned().collect();
        (!named.is_empty()).then_some((notice, named))
    }

    /// Why evidence was lost last, if nothing has proved anything since.
    #[must_use]
    pub fn lost(&self) -> Option<&Reason> {
        self.lost.as_ref()
    }

    /// Whether a "not counting" whose validity has not ended may be on the glass.
    #[must_use]
    pub fn may_deny(&self, now: Wall) -> bool {
        self.denies_until.is_some_and(|until| now < until)
    }

    /// The word of a member of staff as it was given, whether or not it still holds.
    #[must_use]
    pub fn attested(&self) -> Option<&Attestation> {
        self.attested.as_ref()
    }

    /// The word of a member of staff, while it holds: for its time, by a clock that is believed, and of a display only beside what
    /// the display does itself.
    #[must_use]
    pub fn attestation(&self, now: &Now) -> Option<&Attestation> {
        let borne_out = |attested: &Attestation| {
            self.is_paper() || (self.confirmed == Some(attested.notice) && self.is_leased(now.mono))
        };
        self.attested.as_ref().filter(|a| now.trusted && now.wall < a.until && borne_out(a))
    }

    /// How well it is known that the glass shows `board`.
    #[must_use]
    pub fn evidence(&self, board: Option<NoticeHash>, now: &Now) -> Evidence {
        let Some(notice) = board else { return Evidence::None };
        if self.attestation(now).is_some_and(|attested| attested.notice == notice) {
            Evidence::Sighted
        } else if !self.is_leased(now.mono) {
            Evidence::None
        } else if self.confirmed == Some(notice) {
            Evidence::Confirmed
        } else if self.fetched == Some(notice) {
            Evidence::Fetched
        } else if self.offered == Some(notice) {
            Evidence::Offered
        } else {
            Evidence::None
        }
    }

    /// What is still missing before the glass covers.
    #[must_use]
    pub fn missing(&self, board: Option<NoticeHash>, required: Evidence, now: &Now) -> Reason {
        let sign = self.plan.id.clone();
        let first = match (self.plan.proof, self.evidence(board, now)) {
            (_, Evidence::Confirmed) if required > Evidence::Confirmed => return Reason::NotSighted(sign),
            (Proof::Attested, _) if self.attested.is_some() => Reason::AttestationEnded(sign),
            (Proof::Attested, _) => Reason::NotAttested(sign),
            (Proof::WordOnly, Evidence::Fetched) => return Reason::NotSaid(sign),
            (_, Evidence::Fetched) => return Reason::NotReturned(sign),
            (_, Evidence::Offered) => Reason::NotFetched(sign),
            (_, Evidence::None | Evidence::Confirmed | Evidence::Sighted) => Reason::NotPolled(sign),
        };
        self.lost.clone().unwrap_or(first)
    }

    /// The picture that it was confirmed to show, if nothing else was offered since.
    #[must_use]
    pub fn confirmed(&self) -> Option<NoticeHash> {
        self.confirmed
    }
}
