//! Which packets have been accounted for, so that a redelivery is not counted again.
//!
//! The packet id alone does not tell: it wraps, and a broker reuses it. A packet is a repetition iff the broker marked it as one
//! (`DUP`) *and* the last packet of the same id had the same content and is among the last ones accounted for. MQTT 3.1.1 §4.4 has the broker resend
//! unacknowledged packets under their old ids, so those are always among the last.

use std::collections::VecDeque;

use crate::domain::commit::{PACKETS_KEPT, PacketMark};

/// Packet identifiers of MQTT: 0 to 65 535.
const IDS: usize = 1 << 16;

/// The last packets.
#[derive(Debug)]
pub(super) struct Packets {
    /// By id, the content of the last packet that had it. Pages of it that no packet touched take no memory.
    hashes: Vec<u64>,
    /// By id, which packet that was, counted from 1; 0 for none.
    serials: Vec<u64>,
    accounted: u64,
    new: Vec<PacketMark>,
    refused: VecDeque<PacketMark>,
    forget: bool,
}

impl Packets {
    /// Starts with what the store kept, oldest first.
    #[must_use]
    pub(super) fn restored(marks: &[PacketMark]) -> Self {
        let mut packets = Self {
            hashes: vec![0; IDS],
            serials: vec![0; IDS],
            accounted: 0,
            new: Vec::new(),
            refused: VecDeque::new(),
            forget: false,
        };
        for mark in marks {
            packets.remember(*mark);
        }
        packets
    }

    /// Whether this packet has been accounted for.
    #[must_use]
    pub(super) fn is_repetition(&self, dup: bool, mark: PacketMark) -> bool {
        let (id, serial) = (usize::from(mark.id), self.serials[usize::from(mark.id)]);
        let is_known = serial > 0 && self.accounted - serial < PACKETS_KEPT as u64;
        dup && is_known && self.hashes[id] == mark.hash
    }

    /// Accounts for a packet; it goes to the store with the next commit.
    pub(super) fn account(&mut self, mark: PacketMark) {
        self.remember(mark);
        self.new.push(mark);
    }

    fn remember(&mut self, mark: PacketMark) {
        self.accounted += 1;
        self.hashes[usize::from(mark.id)] = mark.hash;
        self.serials[usize::from(mark.id)] = self.accounted;
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
        // Anew rather than filled: what no packet touched takes no memory.
        self.serials = vec![0; IDS];
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
        let mut packets = Packets::restored(&[mark(7, 1)]);
        assert!(packets.is_repetition(true, mark(7, 1)), "committed before the restart");
        assert!(!packets.is_repetition(false, mark(7, 1)), "the id has wrapped: a new person with the same payload");
        assert!(!packets.is_repetition(true, mark(7, 2)), "another message under a reused id");
        packets.account(mark(8, 1));
        assert!(packets.is_repetition(true, mark(8, 1)), "seen, not yet committed");
    }

    #[test]
    fn a_lost_session_forgets_everything_and_says_so_once() {
        let mut packets = Packets::restored(&[mark(7, 1)]);
        packets.account(mark(8, 1));
        packets.forget();
        assert!(!packets.is_repetition(true, mark(7, 1)));
        packets.account(mark(1, 9));
        assert_eq!(packets.take(), (true, vec![mark(1, 9)]));
        assert_eq!(packets.take(), (false, vec![]));
        assert!(packets.is_clean());
    }

    #[test]
    fn every_packet_that_a_broker_may_still_resend_is_known_and_none_of_the_round_before() {
        let mut packets = Packets::restored(&[]);
        for n in 0..IDS + 100 {
            packets.account(mark(n as u16, 5));
        }
        assert!(packets.is_repetition(true, mark(99, 5)), "the newest");
        let oldest = (IDS + 100 - PACKETS_KEPT) as u16;
        assert!(packets.is_repetition(true, mark(oldest, 5)), "the oldest that is kept");
        assert!(!packets.is_repetition(true, mark(oldest - 1, 5)), "one that the broker has reused before it comes");
        assert!(!packets.is_repetition(true, mark(100, 5)), "the same id a round ago");
    }
}
