//! Whatever happens in whatever order: a sign covers only while a genuine confirmation lies within its lease.
//!
//! The law is stated here a second time and in another way: not as a state that follows events, but as a search through all that
//! happened for a confirmation that nothing after it takes back.

#![expect(clippy::wildcard_enum_match_arm, reason = "a search looks for a few of the steps")]

use std::time::Duration;

use proptest::prelude::*;

use super::attest::Attestation;
use super::glass::{Drawn, Glass, Proof, SignPlan};
use super::reason::Reason;
use crate::domain::id::{ActivityId, SignId};
use crate::domain::notice::{Evidence, NoticeHash, SignState};
use crate::domain::sign::{Health, SignEvent};
use crate::domain::time::{Mono, Now, Wall};

/// Pictures 0 and 1 name the activity, 2 names another, 3 denies.
const PICTURES: u8 = 4;
const NAMING: u8 = 2;
const REFRESH: i64 = 900;
const TRANSITION: i64 = 60;
const GRACE: i64 = 90;
const ATTESTED_FOR: i64 = 3_000;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    Poll {
        offered: u8,
        told: i64,
        timer: bool,
        cached: bool,
    },
    Fetch(u8),
    Abort(u8),
    Shown(u8),
    Trouble,
    EventsLost,
    Reported,
    Attest(u8),
    /// The board is to say this from now on.
    Board(u8),
    Restart,
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    // Mostly pictures that cover, or nothing would ever do so for long.
    let picture = || prop_oneof![6 => 0..NAMING, 1 => NAMING..PICTURES];
    let told = prop_oneof![Just(TRANSITION), Just(REFRESH)];
    prop_oneof![
        8 => (picture(), told, prop::bool::weighted(0.9), prop::bool::weighted(0.2))
            .prop_map(|(offered, told, timer, cached)| Step::Poll { offered, told, timer, cached }),
        6 => picture().prop_map(Step::Fetch),
        1 => picture().prop_map(Step::Abort),
        3 => picture().prop_map(Step::Shown),
        1 => Just(Step::Trouble),
        1 => Just(Step::EventsLost),
        2 => Just(Step::Reported),
        3 => picture().prop_map(Step::Attest),
        1 => picture().prop_map(Step::Board),
        2 => Just(Step::Restart),
        6 => prop_oneof![1i64..100, 1i64..1_100].prop_map(Step::Wait),
    ]
}

fn footfall() -> ActivityId {
    ActivityId::new("footfall")
}

fn notice(picture: u8) -> NoticeHash {
    NoticeHash([picture; 32])
}

fn seconds(count: i64) -> Duration {
    Duration::from_secs(count as u64)
}

fn at(second: i64) -> Now {
    Now { mono: Mono(second * 1000), wall: Wall(second * 1000), trusted: true }
}

fn glass(proof: Proof) -> Glass {
    let mut glass = Glass::new(SignPlan {
        id: SignId::new("sign"),
        proof,
        refresh: seconds(REFRESH),
        transition_refresh: seconds(TRANSITION),
        grace: seconds(GRACE),
        attested_for: seconds(ATTESTED_FOR),
        battery_low_mv: 3_500,
        alternates: 0,
    });
    for picture in 0..PICTURES {
        let state = match picture {
            0 => SignState::Active(vec![footfall()]),
            1 => SignState::Active(vec![footfall(), ActivityId::new("other")]),
            2 => SignState::Active(vec![ActivityId::new("other")]),
            _ => SignState::Inactive { valid_until: Wall(3_600_000) },
        };
        glass.learn(Drawn { notice: notice(picture), state, turn: 0, ahead_ms: 0 });
    }
    glass
}

/// One glass through everything, and all that happened to it.
struct Play {
    glass: Glass,
    board: u8,
    second: i64,
    log: Vec<(i64, Step)>,
}

impl Play {
    fn new(proof: Proof) -> Self {
        Self { glass: glass(proof), board: 0, second: 0, log: Vec::new() }
    }

    fn take(&mut self, step: Step) {
        let (now, sign) = (at(self.second), || SignId::new("sign"));
        let mut tell = |event: SignEvent| self.glass.handle(&event, &now);
        match step {
            Step::Poll { offered, told, timer, cached } => {
                let (offered, refresh_seconds) = (notice(offered), told as u32);
                tell(SignEvent::Polled { sign: sign(), offered, refresh_seconds, timer, cached });
            }
            Step::Fetch(picture) => tell(SignEvent::Fetched { sign: sign(), notice: notice(picture) }),
            Step::Abort(picture) => tell(SignEvent::FetchAborted { sign: sign(), notice: notice(picture) }),
            Step::Shown(picture) => tell(SignEvent::Shown { sign: sign(), notice: notice(picture) }),
            Step::Trouble => tell(SignEvent::Trouble { sign: sign() }),
            Step::Reported => tell(SignEvent::Reported { sign: sign(), health: Health::default() }),
            Step::EventsLost => self.glass.lose(Reason::Redrawn(sign())),
            Step::Board(picture) => {
                self.board = picture;
                self.glass.replace_paper(notice(picture));
            }
            // The engine takes it for the present board only, and of a display only if it is confirmed to show that.
            Step::Attest(picture) => {
                let bears = self.glass.is_paper() || self.glass.confirmed() == Some(notice(picture));
                if picture == self.board && bears {
                    let until = now.wall + seconds(ATTESTED_FOR);
                    self.glass.attest(Attestation { notice: notice(picture), until, role: "manager".into() });
                }
            }
            Step::Restart => {
                let mut fresh = glass(self.glass.plan.proof);
                if let Some(record) = self.glass.record() {
                    fresh.restore(&record);
                }
                fresh.restore_attestation(self.glass.attested().cloned());
                self.glass = fresh;
            }
            Step::Wait(length) => self.second += length,
        }
        self.log.push((now.wall.seconds(), step));
        self.glass.expire(at(self.second).mono);
    }

    fn covers(&self) -> bool {
        self.glass.covers(&footfall(), Evidence::Confirmed, &at(self.second))
    }

    /// Whether some confirmation among all that happened still stands.
    fn may_cover(&self) -> bool {
        let proof = self.glass.plan.proof;
        (0..self.log.len()).any(|index| match genuine(&self.log[..=index], proof) {
            Some(picture) if picture < NAMING => stands(&self.log[index..], picture, proof, self.second),
            _ => false,
        })
    }
}

/// Which picture the last step of `log` proves to be on the glass.
fn genuine(log: &[(i64, Step)], proof: Proof) -> Option<u8> {
    let (&(second, last), before) = log.split_last()?;
    let offered_last = || {
        before.iter().rev().find_map(|(_, step)| match step {
            Step::Poll { offered, .. } => Some(Some(*offered)),
            Step::Fetch(picture) | Step::Shown(picture) => Some(Some(*picture)),
            Step::Trouble | Step::EventsLost => Some(None),
            _ => None,
        })?
    };
    let fetched_undisturbed = || {
        let broken = |place: usize, picture| before[place..].iter().any(|(_, step)| *step == Step::Abort(picture));
        before.iter().enumerate().rev().find_map(|(place, (at, step))| match step {
            Step::Fetch(picture) => Some((!broken(place, *picture)).then_some((*at, *picture))),
            Step::Trouble | Step::EventsLost | Step::Poll { timer: false, .. } => Some(None),
            // The poll that proves it is the next one.
            Step::Poll { .. } if proof == Proof::NextPoll => Some(None),
            _ => None,
        })?
    };
    match (proof, last) {
        (Proof::NextPoll, Step::Poll { timer: true, cached, .. }) => {
            fetched_undisturbed().map(|(_, picture)| picture).or_else(|| offered_last().filter(|_| cached))
        }
        (Proof::Word, Step::Poll { timer: true, cached: true, .. }) => offered_last(),
        (Proof::Word, Step::Fetch(picture)) => {
            let earlier = before.iter().rev().take_while(|(_, step)| !matches!(step, Step::Fetch(p) if *p != picture));
            let first = earlier.filter(|(_, step)| *step == Step::Fetch(picture)).last()?;
            (fetched_undisturbed()?.1 == picture && first.0 + TRANSITION <= second).then_some(picture)
        }
        (Proof::NextPoll | Proof::Word | Proof::WordOnly, Step::Shown(picture)) => Some(picture),
        (Proof::Attested, Step::Attest(picture)) => {
            let board = before.iter().rev().find_map(|(_, step)| match step {
                Step::Board(picture) => Some(*picture),
                _ => None,
            });
            (board.unwrap_or(0) == picture).then_some(picture)
        }
        _ => None,
    }
}

/// Whether nothing in `log`, whose first step proves `picture`, takes that back until `now`, and no lease ran out.
fn stands(log: &[(i64, Step)], picture: u8, proof: Proof, now: i64) -> bool {
    if proof == Proof::Attested {
        let replaced = log.iter().any(|(_, step)| matches!(step, Step::Board(other) if *other != picture));
        return !replaced && now < log[0].0 + ATTESTED_FOR;
    }
    let usual = REFRESH + GRACE;
    let mut ends = log[0].0 + usual;
    for (index, (second, step)) in log.iter().enumerate() {
        if *second >= ends {
            return false;
        }
        match *step {
            Step::Trouble | Step::EventsLost => return false,
            Step::Poll { timer: false, .. } if index > 0 => return false,
            Step::Abort(broken) if broken == picture => return false,
            Step::Poll { offered, told, .. } => {
                if offered >= NAMING {
                    return false;
                }
                if proof != Proof::WordOnly {
                    ends = second + told + GRACE;
                }
            }
            Step::Fetch(given) | Step::Shown(given) if given >= NAMING => return false,
            Step::Fetch(_) if proof == Proof::Word => ends = second + usual,
            Step::Shown(_) => ends = second + usual,
            _ => {}
        }
    }
    now < ends
}

const PROOFS: [Proof; 4] = [Proof::NextPoll, Proof::Word, Proof::WordOnly, Proof::Attested];

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn a_sign_covers_only_while_a_genuine_confirmation_stands(steps in prop::collection::vec(step(), 1..40)) {
        for proof in PROOFS {
            let mut play = Play::new(proof);
            for step in &steps {
                play.take(*step);
                prop_assert!(!play.covers() || play.may_cover(), "{proof:?}: {:?}", play.log);
            }
        }
    }
}

#[test]
fn every_kind_of_sign_covers_after_what_proves_it() {
    let poll = |told| Step::Poll { offered: 0, told, timer: true, cached: false };
    for (proof, steps) in [
        (Proof::NextPoll, vec![poll(60), Step::Fetch(0), Step::Wait(60), poll(900)]),
        (Proof::Word, vec![Step::Fetch(0), Step::Wait(60), Step::Fetch(0)]),
        (Proof::WordOnly, vec![poll(60), Step::Fetch(0), Step::Shown(0)]),
        (Proof::Attested, vec![Step::Attest(0)]),
    ] {
        let mut play = Play::new(proof);
        for step in steps {
            assert!(!play.covers(), "{proof:?} before {step:?}");
            play.take(step);
        }
        assert!(play.covers() && play.may_cover(), "{proof:?}");
    }
}
