//! Whether a label shows the picture that its access point fetched, decided from what the access point says again and again.
//!
//! The access point never says which picture a label has: it says that something was taken, and names it by a hash of its own
//! conversion, which we cannot compute. So a picture is believed to be taken only if it is the only thing that can have been: it
//! was fetched whole, nothing else was fetched or queued since the access point was last idle, and then exactly one more
//! thing was taken. Everything else is "not known". A label that already has the picture takes nothing, which looks the same as a
//! conversion that failed; it is offered the picture with a dot in a corner then, and takes that. The same makes it draw once a day.
//!
//! What this cannot see: somebody who, on the access point's page and between two of our questions, cancels a transfer and has the label
//! take something else, or sends it a picture of his own and sets it back to ours while that is on its way.

use std::time::Duration;

use super::answer::Answer;
use crate::domain::notice::NoticeHash;
use crate::domain::sign::Health;
use crate::domain::time::{Mono, Wall};

#[cfg(test)]
mod tests;

/// How long a label may draw after it has taken a picture: panels with colours need 20 to 40 s (signage facts §5).
const DRAW_TIME: Duration = Duration::from_secs(40);

/// After this time without a queue, the access point has done what it wanted to do with a picture: it decodes and converts within
/// seconds, and one after another.
const SETTLED: Duration = Duration::from_secs(60);

/// Pictures given away and not settled that are told apart. More only come together if the notice changes faster than labels ask.
const GIVEN_MAX: usize = 4;

/// Pace of questions just after a picture was fetched: labels that are awake take it within seconds.
const SOON: Duration = Duration::from_secs(5);

/// Pace while something is on its way: a label sleeps for up to ten minutes.
const WAITING: Duration = Duration::from_secs(15);

/// Pace otherwise. Labels ask every 40 s to ten minutes; the lease of the sign hangs on seeing that.
const USUAL: Duration = Duration::from_secs(30);

/// What is to be told of the label.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Word {
    /// It shows this.
    Shows(NoticeHash),
    /// Nobody knows what it shows.
    Lost,
    /// How it is.
    Is(Health),
}

/// A picture given to the access point.
#[derive(Clone, Debug)]
struct Given {
    notice: NoticeHash,
    /// How many times with the sign's credential; what was only given to others counts as well, as something that can have been taken.
    times: u32,
    /// How many times of them it arrived whole.
    whole: u32,
}

/// A picture that the label has taken.
#[derive(Clone, Debug)]
struct Taken {
    notice: NoticeHash,
    hash: String,
    updates: u64,
    /// When we learned of it.
    at: Mono,
    /// Whether it has had the time to draw it.
    drawn: bool,
}

/// What is known of one label.
#[derive(Debug)]
pub(super) struct Tracker {
    last: Option<Answer>,
    /// Since the access point was last known to be idle.
    given: Vec<Given>,
    given_at: Mono,
    /// Whether more has happened since then than can be told apart.
    muddled: bool,
    taken: Option<Taken>,
    seen: i64,
    health: Health,
    /// What the label is to show, and since when it is offered that.
    offered: Option<(NoticeHash, Wall)>,
    /// Whether the label is to be offered the marked picture.
    pub(super) marked: bool,
}

impl Tracker {
    /// A label of which nothing is known. Until its access point was seen idle for a while, what it takes may have been given to it
    /// before we were there.
    pub(super) fn new(now: Mono) -> Self {
        Self {
            last: None,
            given: Vec::new(),
            given_at: now,
            muddled: true,
            taken: None,
            seen: i64::MIN,
            health: Health::default(),
            offered: None,
            marked: false,
        }
    }

    /// What the label has taken.
    pub(super) fn holds(&self) -> Option<NoticeHash> {
        self.taken.as_ref().map(|taken| taken.notice)
    }

    /// The label is to show `notice`, offered since `stamped`. If that is what it has taken, and only the time is another, it is to draw it
    /// anew: its access point sends nothing that is the same, so the picture loses or gets its dot.
    pub(super) fn offer(&mut self, notice: NoticeHash, stamped: Wall) {
        let before = self.offered.replace((notice, stamped));
        let again = before.is_some_and(|(offered, since)| offered == notice && since != stamped);
        self.marked ^= again && self.holds() == Some(notice);
    }

    /// The picture was sent to somebody; `ours` if it showed the sign's credential.
    pub(super) fn give(&mut self, notice: NoticeHash, ours: bool, now: Mono) {
        if ours {
            self.given_at = now;
        }
        let full = self.given.len() == GIVEN_MAX;
        match self.given.iter_mut().find(|given| given.notice == notice) {
            // Others than the access point look at pictures too, and must not make its fetches doubtful.
            Some(given) => given.times += u32::from(ours),
            None if full => self.muddled = true,
            None => self.given.push(Given { notice, times: u32::from(ours), whole: 0 }),
        }
    }

    /// What was given to the access point arrived whole.
    pub(super) fn arrived(&mut self, notice: NoticeHash) {
        if let Some(given) = self.given.iter_mut().find(|given| given.notice == notice) {
            given.whole += 1;
        }
    }

    /// Something may have been given away that we do not know of.
    pub(super) fn muddle(&mut self, now: Mono) {
        self.muddled = true;
        self.given_at = now;
    }

    /// The access point answered; `None` if it does not know the label.
    pub(super) fn answered(&mut self, answer: Option<Answer>, now: Mono) -> Vec<Word> {
        let Some(answer) = answer else {
            let known = self.last.take().is_some();
            self.muddle(now);
            return if known { self.lose() } else { Vec::new() };
        };
        let mut words = self.told_of_health(&answer.health);
        words.extend(match self.last.take() {
            None if answer.is_blank() => self.lose(),
            None => Vec::new(),
            Some(before) if before.updates == answer.updates && before.hash == answer.hash => {
                self.unchanged(&answer, now)
            }
            Some(before) => self.changed(&before, &answer, now),
        });
        self.seen = self.seen.max(answer.seen);
        self.last = Some(answer);
        words
    }

    /// How long to wait before the next question.
    pub(super) fn pace(&self, now: Mono) -> Duration {
        let drawing = self.taken.as_ref().is_some_and(|taken| !taken.drawn);
        if self.given.is_empty() && !drawing {
            USUAL
        } else if now.since(self.given_at) < SETTLED {
            SOON
        } else {
            WAITING
        }
    }

    fn told_of_health(&mut self, health: &Health) -> Vec<Word> {
        if *health == self.health {
            return Vec::new();
        }
        self.health = health.clone();
        vec![Word::Is(health.clone())]
    }

    /// Something was taken, or forgotten.
    fn changed(&mut self, before: &Answer, answer: &Answer, now: Mono) -> Vec<Word> {
        if answer.pending > 0 {
            // Which of several things was taken first is not said.
            self.muddled = true;
            return self.lose();
        }
        let given = std::mem::take(&mut self.given);
        let alone = match given.as_slice() {
            [only] if !std::mem::take(&mut self.muddled) && only.times > 0 && only.times == only.whole => {
                Some(only.notice)
            }
            _ => None,
        };
        self.muddled = false;
        let one_more = answer.updates == before.updates + 1;
        match alone.filter(|_| one_more && answer.ours && !answer.is_blank()) {
            Some(notice) => {
                let hash = answer.hash.clone();
                self.taken = Some(Taken { notice, hash, updates: answer.updates, at: now, drawn: false });
                Vec::new()
            }
            None => self.lose(),
        }
    }

    fn unchanged(&mut self, answer: &Answer, now: Mono) -> Vec<Word> {
        if !answer.ours {
            return if self.taken.is_some() { self.lose() } else { Vec::new() };
        }
        if answer.pending == 0 && now.since(self.given_at) >= SETTLED {
            let nothing_came_of_it = !self.given.is_empty() && self.taken.is_none();
            self.given.clear();
            self.muddled = false;
            self.marked ^= nothing_came_of_it;
        }
        self.still_there(answer, now)
    }

    /// The label asked again, and has what it had.
    fn still_there(&mut self, answer: &Answer, now: Mono) -> Vec<Word> {
        let asked = answer.seen > self.seen;
        let Some(taken) = &mut self.taken else { return Vec::new() };
        let may_change = answer.pending > 0 || self.given.iter().any(|given| given.notice != taken.notice);
        if may_change || self.muddled || taken.hash != answer.hash || taken.updates != answer.updates {
            return Vec::new();
        }
        let ready = !taken.drawn && now.since(taken.at) >= DRAW_TIME;
        taken.drawn |= ready;
        if ready || (taken.drawn && asked) { vec![Word::Shows(taken.notice)] } else { Vec::new() }
    }

    fn lose(&mut self) -> Vec<Word> {
        self.taken = None;
        vec![Word::Lost]
    }
}
