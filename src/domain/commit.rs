//! What the core asks the store to keep, in one transaction, and what it gets back at the next start.

use super::aggregate::Tally;
use super::id::{ActivityId, SensorId, ZoneId};
use super::time::{Bucket, Wall};

/// Identity of one MQTT packet: its packet id and a hash over topic and payload. Neither can be turned back into content.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct PacketMark {
    /// MQTT packet identifier; wraps at 65 535.
    pub id: u16,
    /// First eight bytes of the hash over topic and payload, keyed with the store's key.
    pub hash: u64,
}

/// Sums of one sensor within one bucket, with the zone and activity that it served then: a sensor that is moved later takes
/// nothing of its past along.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TallyRow {
    /// Span of wall time that the sums belong to.
    pub bucket: Bucket,
    /// Zone that the sensor watched.
    pub zone: ZoneId,
    /// Activity that it served.
    pub activity: ActivityId,
    /// Sensor.
    pub sensor: SensorId,
    /// The sums.
    pub tally: Tally,
}

/// One transaction.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Commit {
    /// Sums to *add* to what the store has of that bucket, zone, activity and sensor.
    pub tallies: Vec<TallyRow>,
    /// Small records that the core keeps for itself (baselines, leases, interlocks): written over, or removed if `None`.
    pub state: Vec<(String, Option<Vec<u8>>)>,
    /// Whether all packet marks kept so far are to be dropped first (the broker lost our session, so its ids start anew).
    pub forget_packets: bool,
    /// Packets that this transaction accounts for; the store keeps the last [`PACKETS_KEPT`].
    pub packets: Vec<PacketMark>,
    /// Wall time at which the commit was cut.
    pub cut_at: Wall,
}

/// How many packet marks are kept: more than any in-flight window that a broker is configured with here (ours: 200), so that
/// whatever was committed but not yet acknowledged when the power failed is recognised when it comes again.
pub const PACKETS_KEPT: usize = 1024;

impl Commit {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tallies.is_empty() && self.state.is_empty() && self.packets.is_empty() && !self.forget_packets
    }
}

/// What the store knew when it was opened.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Restored {
    /// The core's own records, by name.
    pub state: Vec<(String, Vec<u8>)>,
    /// Marks of the last packets, oldest first.
    pub packets: Vec<PacketMark>,
    /// When the last commit was cut, if there ever was one.
    pub last_commit: Option<Wall>,
}
