//! Which packets have been accounted for, so that a redelivery is not counted again.
//!
//! The packet id alone does not tell: it wraps, and a broker reuses it. A packet is a repetition iff the broker marked it as one
//! (`DUP`) *and* a packet of the same id and content is among the last ones seen. MQTT 3.1.1 §4.4 has the broker resend
//! unacknowledged packets under their old ids, so those are always among the last.

use std::collections::VecDeque;

use crate::domain::commit::{PACKETS_KEPT, PacketMark};

/// The last packets, oldest first.
#[derive(Debug, Default)]
pub(super) struct Packets {
    ring: VecDeque<PacketMark>,
    new: Vec<PacketMark>,
    refused: VecDeque<PacketMark>,
    forget: bool,
}

impl Packets {
    /// Starts with what the store kept.
    #[must_use]
    pub(super) fn restored(marks: Vec<PacketMark>) -> Self {
        Self { ring: marks.into(), ..Self::default() }
    }

    /// Whether this packet has been accounted for.
    #[must_use]
    pub(super) fn is_repetition(&self, dup: bool, mark: PacketMark) -> bool {
        dup && self.ring.contains(&mark)
    }

    /// Accounts for a packet; it goes to the store with the next commit.
    pub(super) fn account(&mut self, mark: PacketMark) {
        self.ring.push_back(mark);
        if self.ring.len() > PACKETS_KEPT {
            self.ring.pop_front();
        }
        self.new.push(mark);
    }

    /// Remembers, in memory, a packet that was not counted.
    pub(super) fn refuse(&mut self, mark: PacketMark) {
        self.refused.push_back(mark);
        if self.refused.len() > PACKETS_KEPT {
            self.refused.pop_front();
        }
    }

    /// Accounts for the packets refused so far: from now on messages are taken to be newer than they are, so that one of these, if
    /// the broker sends it again, would be judged as new.
    pub(super) fn account_refused(&mut self) {
        for mark in std::mem::take(&mut self.refused) {
            self.account(mark);
        }
    }

    /// The broker lost our session: its ids start anew and none of the old ones will come again.
    pub(super) fn forget(&mut self) {
        self.ring.clear();
        self.new.clear();
        self.refused.clear();
        self.forget = true;
    }

    /// What the next commit has to write: whether to forget the old marks, and the new ones.
    pub(super) fn take(&mut self) -> (bool, Vec<PacketMark>) {
        (std::mem::take(&mut self.forget), std::mem::take(&mut self.new))
    }

    /// Whether the next commit would have nothing to write.
    #[must_use]
    pub(super) fn is_clean(&self) -> bool {
        self.new.is_empty() && !self.forget
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(id: u16, hash: u64) -> PacketMark {
        PacketMark { id, hash }
    }

    #[test]
    fn only_a_marked_repetition_of_the_same_content_is_skipped() {
        let mut packets = Packets::restored(vec![mark(7, 1)]);
        assert!(packets.is_repetition(true, mark(7, 1)), "committed before the restart");
        assert!(!packets.is_repetition(false, mark(7, 1)), "the id has wrapped: a new person with the same payload");
        assert!(!packets.is_repetition(true, mark(7, 2)), "another message under a reused id");
        packets.account(mark(8, 1));
        assert!(packets.is_repetition(true, mark(8, 1)), "seen, not yet committed");
    }

    #[test]
    fn a_lost_session_forgets_everything_and_says_so_once() {
        let mut packets = Packets::restored(vec![mark(7, 1)]);
        packets.account(mark(8, 1));
        packets.forget();
        assert!(!packets.is_repetition(true, mark(7, 1)));
        packets.account(mark(1, 9));
        assert_eq!(packets.take(), (true, vec![mark(1, 9)]));
        assert_eq!(packets.take(), (false, vec![]));
        assert!(packets.is_clean());
    }

    #[test]
    fn the_ring_is_bounded() {
        let mut packets = Packets::default();
        for n in 0..3 * PACKETS_KEPT {
            packets.account(mark(n as u16, 0));
        }
        assert_eq!(packets.ring.len(), PACKETS_KEPT);
    }
}
