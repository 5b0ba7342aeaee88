//! Who asked and was not let in: displays that are not configured, and configured ones that were refused their credential. Kept in
//! memory for a day, so that the operator can see who waits at the door; never written down.

use std::time::Duration;

use crate::domain::id::SignId;
use crate::domain::sign::Stranger;
use crate::domain::time::{Mono, Now};

/// Most strangers that are kept: more than are ever hung up in one day; whoever makes up names only pushes out others.
const STRANGERS_MAX: usize = 16;

/// After this time it is forgotten who asked: a display that is still there asks again.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(24 * 3600);

/// Who asked.
#[derive(Default)]
pub(super) struct Callers {
    /// Newest first, one of each name.
    strangers: Vec<(Mono, Stranger)>,
    refused: Vec<(Mono, SignId)>,
}

impl Callers {
    /// A display that is not configured asked just now.
    pub(super) fn stranger(&mut self, stranger: Stranger, now: &Now) {
        self.forget(now.mono);
        self.strangers.retain(|(_, known)| known.name != stranger.name);
        self.strangers.truncate(STRANGERS_MAX - 1);
        self.strangers.insert(0, (now.mono, Stranger { asked: now.wall, ..stranger }));
    }

    /// A configured display asked for its credential just now.
    pub(super) fn asked_for_credential(&mut self, sign: &SignId, granted: bool, now: &Now) {
        self.refused.retain(|(_, refused)| refused != sign);
        if !granted {
            self.refused.push((now.mono, sign.clone()));
        }
    }

    /// Strangers of the last day, newest first.
    pub(super) fn waiting(&mut self, now: &Now) -> Vec<Stranger> {
        self.forget(now.mono);
        self.strangers.iter().map(|(_, stranger)| stranger.clone()).collect()
    }

    /// What the operator should know of a sign that was refused within the last day.
    pub(super) fn refusal(&mut self, sign: &SignId, now: &Now) -> Option<String> {
        self.forget(now.mono);
        let refused = self.refused.iter().any(|(_, refused)| refused == sign);
        refused.then(|| {
            format!("sign {sign} asked for its credential and was refused; if it was reset: noticed sign pair {sign}")
        })
    }

    fn forget(&mut self, now: Mono) {
        let fresh = |at: Mono| now.since(at) < FORGOTTEN_AFTER;
        self.strangers.retain(|(at, _)| fresh(*at));
        self.refused.retain(|(at, _)| fresh(*at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sign::Health;
    use crate::domain::time::Wall;

    fn at(seconds: i64) -> Now {
        Now { mono: Mono(seconds * 1000), wall: Wall(1_000_000 + seconds * 1000), trusted: true }
    }

    fn stranger(name: &str) -> Stranger {
        Stranger { name: name.to_owned(), protocol: "http", size: None, health: Health::default(), asked: Wall(0) }
    }

    fn names(callers: &mut Callers, now: &Now) -> Vec<String> {
        callers.waiting(now).into_iter().map(|stranger| stranger.name).collect()
    }

    #[test]
    fn the_newest_strangers_are_kept_each_once() {
        let mut callers = Callers::default();
        for n in 0..40 {
            callers.stranger(stranger(&format!("s{n}")), &at(n));
        }
        callers.stranger(stranger("s30"), &at(50));
        let kept = names(&mut callers, &at(50));
        assert_eq!((kept.len(), kept[0].as_str(), kept[1].as_str()), (STRANGERS_MAX, "s30", "s39"));
        assert_eq!(kept.iter().filter(|name| *name == "s30").count(), 1);
        assert_eq!(callers.waiting(&at(50))[0].asked, at(50).wall);
    }

    #[test]
    fn after_a_day_nobody_is_remembered() {
        let mut callers = Callers::default();
        callers.stranger(stranger("a"), &at(0));
        callers.stranger(stranger("b"), &at(10));
        callers.asked_for_credential(&SignId::new("door"), false, &at(0));
        assert_eq!(names(&mut callers, &at(24 * 3600)), ["b"]);
        assert_eq!(callers.refusal(&SignId::new("door"), &at(24 * 3600)), None);
    }

    #[test]
    fn a_refused_sign_is_told_of_until_it_gets_its_credential() {
        let mut callers = Callers::default();
        let door = SignId::new("door");
        callers.asked_for_credential(&door, false, &at(0));
        let told = callers.refusal(&door, &at(1)).unwrap();
        assert!(told.ends_with("if it was reset: noticed sign pair door"), "{told}");
        assert_eq!(callers.refusal(&SignId::new("till"), &at(1)), None);
        callers.asked_for_credential(&door, true, &at(2));
        assert_eq!(callers.refusal(&door, &at(3)), None);
    }
}
