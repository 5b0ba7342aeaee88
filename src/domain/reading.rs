//! What one message of a sensor says, after its device profile has taken from it the numbers and states that it names.

use super::time::Wall;

/// One statement of one message.
#[derive(Clone, PartialEq, Debug)]
pub struct Reading {
    /// Which line, rule, zone or register of the device speaks; empty where it has only one.
    pub stream: Box<str>,
    /// Position of the message in the device's own numbering, if the payload carries one.
    pub sequence: Option<u64>,
    /// When it happened, by the device's clock, if the payload says so.
    pub at: Option<Wall>,
    /// What is said.
    pub fact: Fact,
}

/// The kinds of statement; facts/sensors.md §0 has the notation they come from.
#[derive(Clone, PartialEq, Debug)]
pub enum Fact {
    /// That many *more* people passed.
    Crossing {
        /// Inward.
        inward: u32,
        /// Outward.
        outward: u32,
    },
    /// People since some reset of the device.
    Totals {
        /// Inward.
        inward: u64,
        /// Outward.
        outward: u64,
    },
    /// People within a closed period, by the device's clock.
    Interval {
        /// Inward.
        inward: u32,
        /// Outward.
        outward: u32,
        /// First moment of the period.
        from: Wall,
        /// First moment after it.
        to: Wall,
    },
    /// Whether people are there; `occupied: None` means that the device no longer knows.
    Presence {
        /// Somebody is there.
        occupied: Option<bool>,
        /// How many, where the device can tell.
        count: Option<u32>,
    },
    /// A door or window.
    Contact {
        /// It stands open.
        open: bool,
    },
    /// Something moves, not necessarily a person.
    Motion {
        /// Motion now.
        active: bool,
    },
    /// Switches (what was asked of a camera) and facts (what it does); each only if the message says so.
    Camera(CameraState),
    /// Whether the device, its bridge or its server can be heard.
    Link {
        /// It can.
        online: bool,
    },
    /// Charge.
    Battery {
        /// Per cent, 0 to 100.
        percent: f32,
    },
    /// The housing was opened or the view covered.
    Tamper {
        /// Alarm stands.
        active: bool,
    },
    /// The device says that its figures cannot be used.
    Fault {
        /// Fault stands.
        active: bool,
    },
}

/// State of a camera. A record switch that is on does not mean that it records.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CameraState {
    /// Switch: camera processed at all.
    pub enabled: Option<bool>,
    /// Switch: object detection wanted.
    pub detect_enabled: Option<bool>,
    /// Switch: recording wanted.
    pub record_enabled: Option<bool>,
    /// Fact: pictures arrive.
    pub online: Option<bool>,
    /// Fact: detection runs.
    pub detecting: Option<bool>,
    /// Fact: recording runs.
    pub recording: Option<bool>,
}
