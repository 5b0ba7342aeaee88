//! What the ledger is told: which notices signs were known to show, and when counting was open, so that a third person can
//! recompute that nothing was counted without notice.
//!
//! No count, no time of a reading, nothing about a visitor. A pause at a visitor's request is told with the same word as a stop by
//! the operator, and pictures that deny counting are not told at all: either would say that somebody stood there at that moment.

use super::activity::InterlockMode;
use super::id::{ActivityId, SignId, ZoneId};
use super::notice::{Evidence, NoticeHash};
use super::time::{Mono, Wall};

/// One thing that happened, and when it took effect.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Entry {
    /// When it took effect on the steady clock. It may lie before the entry is written: a lease is found to have ended later, and
    /// counting begins with a marker that was sent earlier.
    pub mono: Mono,
    /// The same moment by the wall clock.
    pub wall: Wall,
    /// Whether the wall clock was believed when the entry was made.
    pub trusted: bool,
    /// What happened.
    pub event: Event,
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Event {
    /// The daemon started. Within the same boot, what was shown and open before goes on until something ends it; a new boot ends
    /// everything.
    Started {
        /// Random identity of this boot of the machine.
        boot: String,
        /// Version of the program.
        version: String,
    },
    /// From now on these rules hold. Written at a start if they differ from those written last.
    Configured {
        /// One for every zone and activity that figures are taken of.
        rules: Vec<Rule>,
    },
    /// A sign is known to show a notice that names these activities. Replaces what it was known to show.
    Shown {
        /// Which sign.
        sign: SignId,
        /// Identity of the picture.
        notice: NoticeHash,
        /// Activities that it names, sorted.
        activities: Vec<ActivityId>,
        /// How well that is known: [`Evidence::Confirmed`] or [`Evidence::Sighted`].
        evidence: Evidence,
    },
    /// From now on it is not known, or not so, what a sign shows.
    Gone {
        /// Which sign.
        sign: SignId,
        /// Why.
        cause: Cause,
    },
    /// Counting is open.
    Opened {
        /// Where.
        zone: ZoneId,
        /// What is counted.
        activity: ActivityId,
    },
    /// Counting is closed.
    Closed {
        /// Where.
        zone: ZoneId,
        /// What is not counted any more.
        activity: ActivityId,
        /// Why.
        cause: Cause,
    },
}

/// When an activity may be counted in a zone.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Rule {
    /// Where.
    pub zone: ZoneId,
    /// What is counted.
    pub activity: ActivityId,
    /// Whether counting waits for the notice.
    pub mode: InterlockMode,
    /// How many covering signs must be known to show the notice.
    pub quorum: u32,
    /// How well that must be known.
    pub evidence: Evidence,
    /// Signs that cover the zone, sorted.
    pub signs: Vec<SignId>,
}

/// Why something ended, in as many words as an officer needs and no visitor can be found in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Cause {
    /// The shop is closed.
    OutsideHours,
    /// Somebody stopped it: the operator, or a visitor.
    Stopped,
    /// Too few signs are known to show the notice.
    NoNotice,
    /// A sign did not ask when it should have.
    Overdue,
    /// A sign was given something else to show.
    Replaced,
    /// A sign reported an error, or drew something by itself.
    Redrawn,
    /// The broker cannot be reached.
    Broker,
    /// The wall clock cannot be believed.
    Clock,
    /// The store cannot be used.
    Store,
    /// The daemon was stopped, or died.
    Shutdown,
    /// The configuration changed.
    Configuration,
}

impl Cause {
    /// Every cause with the word that the ledger uses for it.
    pub const WORDS: &[(&str, Self)] = &[
        ("outside-hours", Self::OutsideHours),
        ("stopped", Self::Stopped),
        ("no-notice", Self::NoNotice),
        ("overdue", Self::Overdue),
        ("replaced", Self::Replaced),
        ("redrawn", Self::Redrawn),
        ("broker", Self::Broker),
        ("clock", Self::Clock),
        ("store", Self::Store),
        ("shutdown", Self::Shutdown),
        ("configuration", Self::Configuration),
    ];

    /// The word that the ledger and the evidence use for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, cause)| *cause == self).map_or("", |(word, _)| word)
    }
}
