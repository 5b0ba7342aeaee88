//! The state of everything at a glance, for the operator and for `/api/v1/status`. Of people it
//! holds only how many are in a zone just now.

use super::id::{ActivityId, SensorId, SignId, ZoneId};
use super::notice::Evidence;
use super::reading::LinkScope;
use super::sign::{Health, Stranger};
use super::time::Wall;

/// One look at the daemon.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Status {
    /// Every (zone, activity) with its interlock.
    pub interlocks: Vec<InterlockStatus>,
    /// Every zone with counted doors: how many people are in it, while counting is open at all of them.
    pub occupancies: Vec<(ZoneId, Option<OccupancyStatus>)>,
    /// Every sign.
    pub signs: Vec<SignStatus>,
    /// Displays that asked and are not configured.
    pub pending: Vec<Stranger>,
    /// Every sensor.
    pub sensors: Vec<SensorStatus>,
    /// Whether the broker is connected, in words.
    pub broker: String,
    /// Whether the store accepts commits, in words.
    pub store: String,
    /// Whether the clock is trusted, in words.
    pub clock: String,
    /// Whether counting could work at all: broker subscribed, store writing, clock trusted.
    pub ready: bool,
}

/// One interlock.
#[derive(Clone, PartialEq, Debug)]
pub struct InterlockStatus {
    /// Zone.
    pub zone: ZoneId,
    /// Activity.
    pub activity: ActivityId,
    /// `closed`, `opening`, `open` or `closing`.
    pub interlock: &'static str,
    /// Why, in words that a technician understands.
    pub reason: String,
}

/// How many people are in a zone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OccupancyStatus {
    /// People.
    pub count: u32,
    /// Whether people may have come or gone uncounted since the last reset.
    pub may_be_off: bool,
}

/// One sign.
#[derive(Clone, PartialEq, Debug)]
pub struct SignStatus {
    /// Sign.
    pub id: SignId,
    /// State that it is told to show: `active`, `paused`, `inactive` or `unknown`.
    pub state: &'static str,
    /// How well it is known that it shows it.
    pub evidence: Evidence,
    /// Last poll with its credential.
    pub last_poll: Option<Wall>,
    /// How it is, as far as it told.
    pub health: Health,
    /// The role that saw it last, and until when that holds; only while it does.
    pub attested: Option<(String, Wall)>,
    /// What somebody should see to, in words that a technician understands.
    pub alerts: Vec<String>,
}

/// One sensor.
#[derive(Clone, PartialEq, Debug)]
pub struct SensorStatus {
    /// Sensor.
    pub id: SensorId,
    /// Last message, cut to the full minute so that no single passing can be dated by it.
    pub last_heard: Option<Wall>,
    /// What of it, or of what stands between it and us, is offline.
    pub offline: Option<LinkScope>,
    /// Messages understood since the start.
    pub accepted: u64,
    /// Messages or readings refused since the start, by reason (`privacy`, `malformed`, `too-large`, `interlock`, …).
    pub refused: Vec<(&'static str, u64)>,
}
