//! What the core asks the store to keep, in one transaction, and what it gets back at the next start.

use super::aggregate::{Occupancy, Tally};
use super::id::{ActivityId, SensorId, ZoneId};
use super::ledger::Entry;
use super::notice::NoticeHash;
use super::time::{Bucket, Wall};

/// Identity of one MQTT packet: its packet id and a hash over topic and payload. Neither can be turned back into content.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct PacketMark {
    /// MQTT packet identifier; wraps at 65 535.
    pub id: u16,
    /// First eight bytes of a keyed hash over topic and payload.
    pub hash: u64,
}

/// Sums of one sensor in one bucket, with the zone and activity that it served at the time.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TallyRow {
    /// Bucket.
    pub bucket: Bucket,
    /// Zone.
    pub zone: ZoneId,
    /// Activity.
    pub activity: ActivityId,
    /// Sensor.
    pub sensor: SensorId,
    /// Sums.
    pub tally: Tally,
}

/// Sums of the people in one zone in one bucket.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct OccupancyRow {
    /// Bucket.
    pub bucket: Bucket,
    /// Zone; `None` is the whole shop.
    pub zone: Option<ZoneId>,
    /// Activity by whose retention the sums go.
    pub activity: ActivityId,
    /// Sums.
    pub occupancy: Occupancy,
}

/// What a sign is known to show, to be looked at by whoever checks the ledger.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ShownPicture {
    /// Identity of its pixels.
    pub notice: NoticeHash,
    /// The panel that it was drawn for, as the configuration writes it.
    pub panel: String,
    /// The picture as PNG.
    pub png: Vec<u8>,
}

/// One transaction.
#[derive(Clone, PartialEq, Hash, Debug, Default)]
pub struct Commit {
    /// Sums to *add* to what the store has.
    pub tallies: Vec<TallyRow>,
    /// Sums of people in zones, to *add* in the same way.
    pub occupancies: Vec<OccupancyRow>,
    /// Small records that the core keeps for itself (baselines, leases, interlocks): written over, or removed if `None`.
    pub state: Vec<(String, Option<Vec<u8>>)>,
    /// Whether all packet marks kept so far are to be dropped first (the broker lost our session, so its ids start anew).
    pub forget_packets: bool,
    /// Packets that this transaction accounts for; the store keeps the last [`PACKETS_KEPT`].
    pub packets: Vec<PacketMark>,
    /// What the ledger is told, in this order.
    pub ledger: Vec<Entry>,
    /// Pictures that those entries speak of, as far as they are at hand. The core knows none: the daemon puts them here.
    pub pictures: Vec<ShownPicture>,
    /// Start of the bucket in which the commit was cut, by a clock that is believed; anything finer would be the time of the last
    /// passing.
    pub cut_at: Option<Wall>,
}

/// How many packet marks are kept: half of all packet ids, so that whatever was committed but not acknowledged is recognised when
/// it comes again, and nothing is taken for a packet that had the same id a round before. A broker's window of unacknowledged
/// packets (ours: 200) says little of how many that may be: mosquitto 2.0 opens a fresh window at every connection beside
/// what it resends, so that a client that is killed again and again has thousands on their way.
pub const PACKETS_KEPT: usize = 32_767;

impl Commit {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tallies.is_empty()
            && self.occupancies.is_empty()
            && self.state.is_empty()
            && self.packets.is_empty()
            && self.ledger.is_empty()
            && !self.forget_packets
    }
}

/// What the store knew when it was opened.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Restored {
    /// The core's own records, by name.
    pub state: Vec<(String, Vec<u8>)>,
    /// Marks of the last packets, oldest first.
    pub packets: Vec<PacketMark>,
    /// Start of the bucket in which the last commit was cut, if there ever was one.
    pub last_commit: Option<Wall>,
}
