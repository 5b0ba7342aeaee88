//! When to commit: seldom at a shop's pace, in time before the broker's in-flight window chokes the stream.
//!
//! A broker stops sending when its window of unacknowledged packets is full, and MQTT 3.1.1 cannot ask how large it is. So the
//! pace is learnt: when packets are held and none arrives for a moment, and a burst follows the acknowledgements, the window was
//! full.

use std::time::Duration;

use crate::domain::time::Mono;

/// Smallest in-flight window that a broker is commonly configured with (mosquitto's default); with fewer packets held a pause in
/// arrivals says nothing.
const WINDOW_MIN: usize = 20;

/// Most packets held before a commit, whatever the window: bounds memory and what a power cut makes the broker repeat.
pub const HELD_MAX: usize = 500;

/// How long arrivals must pause, with packets held, to conclude that the window is full.
const STALL: Duration = Duration::from_millis(20);

/// How soon after the acknowledgements a broker with a full window sends more: a round trip on the same box or network.
const REPLY: Duration = Duration::from_millis(10);

/// Packets within [`REPLY`] that are a burst and not the next of a steady stream.
const BURST: usize = 3;

/// First wait after a failed commit; doubles up to [`RETRY_MAX`].
const RETRY_MIN: Duration = Duration::from_secs(1);

/// Longest wait between attempts to write to a store that refuses: a freed disk is noticed within half a minute.
const RETRY_MAX: Duration = Duration::from_secs(30);

/// How long time sums (presence, coverage) may wait for a commit when no person was counted: a radar that repeats itself every
/// second must not cost a write every second.
const TIME_SUMS_WAIT: Duration = Duration::from_secs(60);

/// Decides when the next commit is due.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, Hash))]
pub struct Pace {
    interval: Duration,
    dirty_since: Option<Mono>,
    lazy_since: Option<Mono>,
    held_since: Option<Mono>,
    last_arrival: Mono,
    held: usize,
    unacknowledged: usize,
    threshold: usize,
    /// Held packets from which on a pause in arrivals may mean a full window.
    suspicious: usize,
    /// A commit was cut because arrivals paused at so many held packets; what comes next tells whether rightly.
    suspected: Option<usize>,
    acknowledged_at: Mono,
    retry: Option<(Mono, Duration)>,
    urgent: bool,
}

impl Pace {
    /// Commits at latest `interval` after the first change.
    #[must_use]
    pub fn new(interval: Duration) -> Self {
        Self {
            interval,
            dirty_since: None,
            lazy_since: None,
            held_since: None,
            last_arrival: Mono(0),
            held: 0,
            unacknowledged: 0,
            threshold: HELD_MAX,
            suspicious: WINDOW_MIN,
            suspected: None,
            acknowledged_at: Mono(0),
            retry: None,
            urgent: false,
        }
    }

    /// Sums of time grew; nothing is lost that a person did if they are lost.
    pub fn lazy(&mut self, now: Mono) {
        self.lazy_since.get_or_insert(now);
    }

    /// Something changed that the store should know.
    pub fn dirty(&mut self, now: Mono) {
        self.dirty_since.get_or_insert(now);
    }

    /// Something changed that must be durable before anything follows from it.
    pub fn urge(&mut self, now: Mono) {
        self.dirty(now);
        self.urgent = true;
    }

    /// A packet is held until the next commit, or, if it changed nothing, until its acknowledgement is due.
    pub fn hold(&mut self, now: Mono) {
        self.held_since.get_or_insert(now);
        self.last_arrival = now;
        self.held += 1;
        self.unacknowledged += 1;
        self.learn(now);
        // Half a window per commit, so that the other half flows while the disk works.
        self.threshold = self.threshold.max((self.unacknowledged / 2).min(HELD_MAX));
    }

    /// Finds out whether the pause that led to the last commit was a full window: then a burst follows the acknowledgements.
    fn learn(&mut self, now: Mono) {
        let Some(held) = self.suspected else { return };
        if now.since(self.acknowledged_at) > REPLY {
            self.suspected = None;
            self.suspicious = (held * 2).min(HELD_MAX);
        } else if self.held >= BURST {
            self.suspected = None;
            self.threshold = held.div_ceil(2);
        }
    }

    /// When a commit is due, if one is.
    #[must_use]
    pub fn due(&self) -> Option<Mono> {
        if let Some((at, _)) = self.retry {
            return Some(at);
        }
        let first = [self.dirty_since, self.held_since].into_iter().flatten().min();
        if self.urgent || self.held >= self.threshold {
            return first;
        }
        let stalled = (self.held >= self.suspicious).then(|| self.last_arrival + STALL);
        let lazy = self.lazy_since.map(|since| since + TIME_SUMS_WAIT);
        [first.map(|at| at + self.interval), stalled, lazy].into_iter().flatten().min()
    }

    /// Whether what is due is a commit, and not only acknowledgements of packets that changed nothing.
    #[must_use]
    pub fn must_write(&self, now: Mono) -> bool {
        self.dirty_since.is_some() || self.lazy_since.is_some_and(|since| since + TIME_SUMS_WAIT <= now)
    }

    /// Held packets have been acknowledged without a commit.
    pub fn released(&mut self, packets: usize, now: Mono) {
        self.acknowledged_at = now;
        self.held = 0;
        self.held_since = None;
        self.unacknowledged = self.unacknowledged.saturating_sub(packets);
    }

    /// The changes so far are on their way to the store.
    pub fn cut(&mut self, now: Mono) {
        if self.held >= self.suspicious && self.held < self.threshold && now >= self.last_arrival + STALL {
            self.suspected = Some(self.held);
        }
        self.dirty_since = None;
        self.lazy_since = None;
        self.held_since = None;
        self.urgent = false;
        self.held = 0;
        self.retry = None;
    }

    /// The refused commit is on its way again; what changed since then still waits.
    pub fn retrying(&mut self) {
        self.retry = None;
    }

    /// A cut commit has been written and `packets` are being acknowledged.
    pub fn committed(&mut self, packets: usize, now: Mono) {
        self.acknowledged_at = now;
        self.unacknowledged = self.unacknowledged.saturating_sub(packets);
        self.retry = None;
    }

    /// A cut commit was refused; it will be tried again.
    pub fn failed(&mut self, now: Mono, previous_wait: Option<Duration>) -> Duration {
        let wait = previous_wait.map_or(RETRY_MIN, |w| (w * 2).min(RETRY_MAX));
        self.dirty(now);
        self.retry = Some((now + wait, wait));
        wait
    }

    /// The connection is gone: its unacknowledged packets will come again.
    pub fn disconnected(&mut self) {
        self.unacknowledged = 0;
        self.threshold = HELD_MAX;
        self.suspicious = WINDOW_MIN;
        self.suspected = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace() -> Pace {
        Pace::new(Duration::from_secs(1))
    }

    #[test]
    fn at_a_shops_pace_one_commit_a_second_is_enough() {
        let mut pace = pace();
        assert_eq!(pace.due(), None, "nothing changed, no wake-up");
        pace.hold(Mono(5_000));
        pace.dirty(Mono(5_000));
        pace.hold(Mono(5_400));
        assert_eq!(pace.due(), Some(Mono(6_000)));
        pace.cut(Mono(6_000));
        assert_eq!(pace.due(), None);
    }

    #[test]
    fn packets_that_change_nothing_are_acknowledged_without_a_write() {
        let mut pace = pace();
        pace.hold(Mono(0));
        pace.lazy(Mono(0));
        assert_eq!(pace.due(), Some(Mono(1_000)));
        assert!(!pace.must_write(Mono(1_000)));
        pace.released(1, Mono(1_000));
        assert_eq!(pace.due(), Some(Mono(60_000)), "sums of time are written once a minute");
        assert!(pace.must_write(Mono(60_000)));
    }

    #[test]
    fn a_full_window_of_twenty_is_noticed_and_then_anticipated() {
        let mut pace = pace();
        (0..20).for_each(|_| pace.hold(Mono(100)));
        assert_eq!(pace.due(), Some(Mono(120)), "arrivals stalled: the window is full");
        pace.cut(Mono(120));
        pace.committed(20, Mono(125));
        (0..10).for_each(|_| pace.hold(Mono(126)));
        assert_eq!(pace.due(), Some(Mono(126)), "half a window is committed at once from now on");
    }

    #[test]
    fn a_steady_stream_with_gaps_is_not_mistaken_for_a_full_window() {
        let mut pace = pace();
        let mut commits = 0;
        for at in (0..10_000).step_by(21) {
            if pace.due().is_some_and(|due| due <= Mono(at)) {
                let held = pace.held;
                pace.cut(Mono(at - 1));
                pace.committed(held, Mono(at - 1 - 9));
                commits += 1;
            }
            pace.hold(Mono(at));
            pace.dirty(Mono(at));
        }
        assert!(commits <= 13, "one a second, and a few to learn: {commits}");
    }

    #[test]
    fn a_wider_window_raises_the_threshold_again() {
        let mut pace = pace();
        (0..20).for_each(|_| pace.hold(Mono(100)));
        pace.cut(Mono(120));
        pace.committed(20, Mono(125));
        for at in 0..300 {
            pace.hold(Mono(130 + at));
        }
        assert_eq!(pace.threshold, 150);
        (0..2_000).for_each(|_| pace.hold(Mono(900)));
        assert_eq!(pace.threshold, HELD_MAX, "memory stays bounded");
    }

    #[test]
    fn a_store_that_refuses_is_asked_again_with_growing_pauses() {
        let mut pace = pace();
        pace.hold(Mono(0));
        pace.cut(Mono(1_000));
        let mut wait = pace.failed(Mono(1_000), None);
        assert_eq!(pace.due(), Some(Mono(2_000)));
        for _ in 0..10 {
            wait = pace.failed(Mono(2_000), Some(wait));
        }
        assert_eq!(wait, RETRY_MAX);
    }
}
