//! What one message of a sensor says, after its device profile has taken from it the numbers and states that it names.

use std::time::Duration;

use super::time::Wall;

/// One statement of one message.
#[derive(Clone, PartialEq, Debug)]
pub struct Reading {
    /// Which line, rule, zone or register of the device speaks; empty where it has only one.
    pub stream: Box<str>,
    /// Position of the message in the device's own numbering, if the payload carries one.
    pub sequence: Option<u64>,
    /// Hash of the name by which the device or its network tells this message from all others, if the payload carries one.
    pub dedupe: Option<u64>,
    /// Hash of what the device says of its counter's last reset (a start time, a boot number): a new one means a new start at zero.
    pub since: Option<u64>,
    /// When it happened, by the device's clock, if the payload says so.
    pub at: Option<Wall>,
    /// How long a state holds without a further message, where its rule says something else than the profile.
    pub holds: Option<Duration>,
    /// What is said.
    pub fact: Fact,
}

impl Reading {
    /// What a device says that names, numbers and dates nothing.
    #[must_use]
    pub fn of(fact: Fact) -> Self {
        Self { stream: "".into(), sequence: None, dedupe: None, since: None, at: None, holds: None, fact }
    }
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
    /// Whether the device, or something on the way to it, can be heard.
    Link {
        /// It can.
        online: bool,
        /// What of it.
        scope: LinkScope,
    },
    /// The switch by which counting or detection is turned on and off.
    Switch {
        /// It is on.
        on: bool,
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
    /// Somebody pressed it.
    Pressed,
    /// The device says that its figures cannot be used.
    Fault {
        /// Fault stands.
        active: bool,
    },
}

/// State of a camera. A record switch that is on does not mean that it records.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
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

/// What a statement about a link speaks of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum LinkScope {
    /// The device itself.
    #[default]
    Device,
    /// A camera.
    Camera,
    /// One entity of a device or of a home automation.
    Entity,
    /// The bridge between the device's radio and the broker.
    Bridge,
    /// The server that speaks for many devices.
    Server,
}

impl LinkScope {
    /// Every scope with its word.
    pub const WORDS: &[(&str, Self)] = &[
        ("device", Self::Device),
        ("camera", Self::Camera),
        ("entity", Self::Entity),
        ("bridge", Self::Bridge),
        ("server", Self::Server),
    ];

    /// The word for it in profiles.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, scope)| *scope == self).map_or("device", |(word, _)| word)
    }
}
