//! The core's own records in the store: small, named, versioned by their field names.
//!
//! Times are kept on the steady clock together with the boot they belong to; only after a reboot are they translated through the
//! wall clock.

use serde::{Deserialize, Serialize};

use crate::device::baseline::Baseline;
use crate::domain::notice::NoticeHash;
use crate::domain::objection::PAUSES;
use crate::domain::time::{Mono, Now, Wall};

/// Name of [`RunRecord`].
pub const RUN: &str = "run";

/// What binds the records of one run together.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RunRecord {
    /// Boot that the steady times of all records belong to.
    pub boot: String,
    /// Wall clock minus steady clock, in milliseconds, when written.
    pub offset_ms: i64,
    /// Moment after which everything heard was published.
    pub marker_since: i64,
    /// Whether the broker has ever kept a session for us.
    pub session: bool,
    /// Filters that the session carries.
    pub subscriptions: Vec<String>,
}

/// One interlock.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct InterlockRecord {
    /// Open spans, steady milliseconds, `null` while open.
    pub spans: Vec<(i64, Option<i64>)>,
    /// Operator's off switch.
    pub stopped: bool,
}

/// One sign.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct SignRecord {
    /// Whether its credential has been issued.
    pub paired: bool,
    /// Picture it was confirmed to show, in hexadecimal.
    pub confirmed: Option<String>,
    /// End of the lease, steady milliseconds.
    pub lease: i64,
    /// Picture offered, in hexadecimal, and since when (wall milliseconds): the display's file name hangs on it.
    pub offered: Option<(String, i64)>,
    /// End of validity of a "not counting" that may still be on the glass, wall milliseconds.
    pub denies_until: Option<i64>,
    /// When it is to speak next, steady milliseconds; older versions did not say.
    #[serde(default)]
    pub due: Option<i64>,
    /// Of a sign that takes turns: pictures that may be on its glass and say the same, in hexadecimal, with the turn of each, the one on
    /// offer last; older versions took none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub turns: Vec<(String, u8)>,
    /// What a member of staff said of it; older versions did not ask.
    #[serde(default)]
    pub attested: Option<AttestedRecord>,
}

/// That a member of staff saw a sign show a notice.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AttestedRecord {
    /// Picture seen, in hexadecimal.
    pub notice: String,
    /// Until when that is believed, wall milliseconds: it outlasts reboots.
    pub until: i64,
    /// Role of the person who saw it.
    pub role: String,
}

/// One stream of one sensor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StreamRecord {
    /// Where its counter stood.
    pub baseline: Baseline,
    /// Moment of the marker after which that was published, steady milliseconds.
    pub since: i64,
    /// Identity of the binding that heard it; older versions did not say.
    #[serde(default)]
    pub of: Option<u64>,
}

/// Start of the name of a [`PauseRecord`]; the zone follows.
pub const PAUSE: &str = "pause/";

/// Start of the name of how often a button says that it was pressed; the button follows.
pub const BUTTON: &str = "button/";

/// A pause that lasts. It says nothing of when it began, and is removed when it ends.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PauseRecord {
    /// Its end, wall milliseconds.
    pub until: i64,
}

/// Name of [`OccupancyRecord`].
pub const OCCUPANCY: &str = "occupancy";

/// How many people are where. It says nothing of when anybody came or left.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OccupancyRecord {
    /// The reset since which they are counted, wall milliseconds.
    pub day: i64,
    /// Every place with doors.
    pub places: Vec<PlaceRecord>,
}

/// One zone or the shop.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PlaceRecord {
    /// Zone; `null` is the whole shop.
    pub zone: Option<String>,
    /// People in it.
    pub people: u32,
    /// Whether people may have come or gone uncounted since the reset.
    pub may_be_off: bool,
}

/// Name of an interlock's record.
#[must_use]
pub fn interlock_key(zone: &str, activity: &str) -> String {
    format!("interlock/{zone}/{activity}")
}

/// Name of a sign's record.
#[must_use]
pub fn sign_key(sign: &str) -> String {
    format!("sign/{sign}")
}

/// Name of a stream's record.
#[must_use]
pub fn stream_key(sensor: &str, stream: &str) -> String {
    format!("stream/{sensor}/{stream}")
}

/// Name of the record of the pause of a zone.
#[must_use]
pub fn pause_key(zone: &str) -> String {
    format!("{PAUSE}{zone}")
}

/// Name of the record of how often a zone was paused on a day.
#[must_use]
pub fn pauses_key(day: &str, zone: &str) -> String {
    format!("{PAUSES}{day}/{zone}")
}

/// Name of the record of how often a button says that it was pressed.
#[must_use]
pub fn button_key(button: &str) -> String {
    format!("{BUTTON}{button}")
}

/// Translates steady times of an earlier run into those of this one.
#[derive(Clone, Copy, Debug)]
pub struct Translation {
    shift_ms: i64,
}

impl Translation {
    /// Within one boot times stay; across boots the wall clock joins them.
    #[must_use]
    pub fn between(record: &RunRecord, boot: &str, now: &Now) -> Self {
        let shift_ms = if record.boot == boot { 0 } else { record.offset_ms - (now.wall.0 - now.mono.0) };
        Self { shift_ms }
    }

    /// The moment in this run's steady time.
    #[must_use]
    pub fn mono(self, saved: i64) -> Mono {
        Mono(saved.saturating_add(self.shift_ms))
    }
}

/// Reads a record; one that cannot be read (another version wrote it) counts as absent, which can only lose evidence.
#[must_use]
pub fn read<T: for<'a> Deserialize<'a>>(state: &[(String, Vec<u8>)], key: &str) -> Option<T> {
    let (_, bytes) = state.iter().find(|(k, _)| k == key)?;
    serde_json::from_slice(bytes).ok()
}

/// Writes a record.
pub fn write<T: Serialize>(value: &T) -> Option<Vec<u8>> {
    serde_json::to_vec(value).ok()
}

/// Milliseconds of a wall time that may be absent.
#[must_use]
pub fn wall_ms(wall: Option<Wall>) -> Option<i64> {
    wall.map(|w| w.0)
}

/// A picture's identity as it stands in records.
#[must_use]
pub fn parse_hash(text: &str) -> Option<NoticeHash> {
    let mut hash = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (byte, digits) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(NoticeHash(hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> RunRecord {
        RunRecord { boot: "a".into(), offset_ms: 1_000, marker_since: 0, session: true, subscriptions: vec![] }
    }

    #[test]
    fn within_one_boot_a_moved_wall_clock_does_not_move_leases() {
        let now = Now { mono: Mono(500), wall: Wall(999_999), trusted: true };
        assert_eq!(Translation::between(&record(), "a", &now).mono(400), Mono(400));
    }

    #[test]
    fn across_a_reboot_times_are_joined_by_the_wall_clock() {
        // Saved at steady 400 = wall 1 400; the new boot shows steady 10 at wall 2 010.
        let now = Now { mono: Mono(10), wall: Wall(2_010), trusted: true };
        assert_eq!(Translation::between(&record(), "b", &now).mono(400), Mono(-600));
    }
}
