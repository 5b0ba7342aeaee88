//! Numbers of messages: the sliding window of IPsec's replay protection (RFC 4303 §3.4.3), for sequences and for `LoRaWAN`'s fCnt.

use serde::{Deserialize, Serialize};

/// Where a sequence number stands among those seen.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub(super) struct Window {
    /// The highest number seen.
    #[serde(rename = "h")]
    highest: u64,
    /// Bit n: `highest - n` was seen.
    #[serde(rename = "b")]
    seen: u64,
}

/// A number among those before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// Higher than all before; so many between never came.
    Next { missed: u64 },
    /// Lower than the highest, and new; so many numbers lower.
    Late { behind: u64 },
    /// The highest, again.
    Newest,
    /// Lower than the highest, and seen.
    Seen,
}

impl Window {
    /// A window in which only `sequence` was seen.
    pub(super) fn starting_at(sequence: u64) -> Self {
        Self { highest: sequence, seen: 1 }
    }

    /// Takes note of a number. One that falls back by 64 or more comes from a device that started anew.
    pub(super) fn place(window: &mut Option<Self>, sequence: u64) -> Place {
        let Some(known) = window else {
            *window = Some(Self::starting_at(sequence));
            return Place::Next { missed: 0 };
        };
        if let Some(ahead) = sequence.checked_sub(known.highest).filter(|ahead| *ahead > 0) {
            let shifted = u32::try_from(ahead).ok().and_then(|ahead| known.seen.checked_shl(ahead)).unwrap_or(0);
            *known = Self { highest: sequence, seen: shifted | 1 };
            return Place::Next { missed: ahead - 1 };
        }
        let behind = known.highest - sequence;
        if behind >= u64::from(u64::BITS) {
            *known = Self::starting_at(sequence);
            return Place::Next { missed: 0 };
        }
        let bit = 1 << behind;
        match (behind, known.seen & bit) {
            (0, _) => Place::Newest,
            (_, 0) => {
                known.seen |= bit;
                Place::Late { behind }
            }
            _ => Place::Seen,
        }
    }
}
