//! The marker that separates messages published before a moment from those published after it.
//!
//! A message without its own time says nothing about when it was published: it may have waited in the broker. The daemon
//! therefore publishes a marker of its own and subscribes to it. Brokers queue the messages of one session in the order in which
//! they came (MQTT 3.1.1 §4.6 promises it per topic; mosquitto keeps one queue), so whatever arrives after the marker was published
//! after the marker was.

use std::collections::VecDeque;
use std::time::Duration;

use crate::domain::time::Mono;

/// First wait for the marker before another is sent; doubles up to [`RETRY_MAX`].
const RETRY_MIN: Duration = Duration::from_secs(5);

/// Longest wait: a broker whose access list forbids the marker is not pestered.
const RETRY_MAX: Duration = Duration::from_secs(60);

/// Markers that may be under way at once: a broker with a backlog returns them late, and any of them will do.
const UNDER_WAY_MAX: usize = 4;

/// The last marker that came back, and the one under way.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, Hash))]
pub(super) struct Marker {
    /// Everything that arrives now was published at or after this moment.
    pub(super) since: Mono,
    /// Markers under way, oldest first, at most [`UNDER_WAY_MAX`].
    pending: VecDeque<Pending>,
    next: u64,
}

#[derive(Debug)]
#[cfg_attr(test, derive(Clone, Hash))]
struct Pending {
    number: u64,
    sent: Mono,
    wait: Duration,
}

impl Marker {
    /// Starts with the moment known from an earlier run. `first` makes markers of different runs differ.
    #[must_use]
    pub(super) fn new(since: Mono, first: u64) -> Self {
        Self { since, pending: VecDeque::new(), next: first }
    }

    /// A marker to be published now, unless one younger than `not_before` is under way.
    pub(super) fn send(&mut self, now: Mono, not_before: Mono) -> Option<u64> {
        if self.pending.back().is_some_and(|p| p.sent >= not_before) {
            return None;
        }
        Some(self.issue(now, RETRY_MIN))
    }

    fn issue(&mut self, now: Mono, wait: Duration) -> u64 {
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        self.pending.push_back(Pending { number, sent: now, wait });
        if self.pending.len() > UNDER_WAY_MAX {
            self.pending.pop_front();
        }
        number
    }

    /// A marker came back. Returns whether it was one of those under way; older ones are settled by it.
    pub(super) fn returned(&mut self, number: u64) -> bool {
        let Some(place) = self.pending.iter().position(|p| p.number == number) else { return false };
        self.since = self.since.max(self.pending[place].sent);
        self.pending.drain(..=place);
        true
    }

    /// The connection is gone, and the markers under way with it.
    pub(super) fn disconnected(&mut self) {
        self.pending.clear();
    }

    /// When the marker under way counts as lost.
    #[must_use]
    pub(super) fn retry_at(&self) -> Option<Mono> {
        self.pending.back().map(|p| p.sent + p.wait)
    }

    /// Another marker, if the one under way counts as lost.
    pub(super) fn retry(&mut self, now: Mono) -> Option<u64> {
        let pending = self.pending.back().filter(|p| p.sent + p.wait <= now)?;
        let wait = (pending.wait * 2).min(RETRY_MAX);
        Some(self.issue(now, wait))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_marker_under_way_moves_the_moment() {
        let mut marker = Marker::new(Mono(5), 100);
        assert_eq!(marker.send(Mono(50), Mono(50)), Some(100));
        assert!(!marker.returned(99), "from an earlier run");
        assert_eq!(marker.since, Mono(5));
        assert!(marker.returned(100));
        assert_eq!(marker.since, Mono(50));
        assert!(!marker.returned(100), "a redelivery of it");
    }

    #[test]
    fn a_marker_sent_before_the_moment_asked_for_does_not_do() {
        let mut marker = Marker::new(Mono(0), 1);
        assert_eq!(marker.send(Mono(10), Mono(10)), Some(1));
        assert_eq!(marker.send(Mono(12), Mono(10)), None, "one is under way that will do");
        assert_eq!(marker.send(Mono(20), Mono(20)), Some(2));
        assert!(marker.returned(1));
        assert_eq!(marker.since, Mono(10), "the older one says less");
        assert!(marker.returned(2));
        assert_eq!(marker.since, Mono(20));
    }

    #[test]
    fn a_late_marker_will_do_even_after_another_was_sent() {
        let mut marker = Marker::new(Mono(0), 1);
        marker.send(Mono(0), Mono(0));
        marker.retry(Mono(5_000));
        assert!(marker.returned(1), "a broker with a backlog is slower than our patience");
    }

    #[test]
    fn a_lost_marker_is_sent_again_with_growing_pauses() {
        let mut marker = Marker::new(Mono(0), 1);
        marker.send(Mono(0), Mono(0));
        assert_eq!(marker.retry(Mono(4_999)), None);
        assert_eq!(marker.retry(Mono(5_000)), Some(2));
        assert_eq!(marker.retry_at(), Some(Mono(15_000)));
    }
}
