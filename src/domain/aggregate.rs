//! What is kept of one bucket: of one sensor, and of the people in one zone.

/// Sums of one sensor within one bucket. All of them only ever grow while the bucket is filled.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Tally {
    /// People inward.
    pub inward: u64,
    /// People outward.
    pub outward: u64,
    /// Time during which presence was known and positive, in milliseconds.
    pub presence_ms: u64,
    /// Most people present at once, where the sensor can count them.
    pub occupancy_max: Option<u32>,
    /// Time during which counting was open and the sensor was heard, in milliseconds.
    pub covered_ms: u64,
    /// Time during which a confirmed notice covered the sensor's zone, in milliseconds.
    pub noticed_ms: u64,
    /// Whether people may be missing that nobody can count any more (the broker lost its queue, a device skipped numbers).
    pub may_be_low: bool,
}

impl Tally {
    /// Adds `other`, field by field; the greater maximum wins.
    pub fn add(&mut self, other: &Self) {
        self.inward = self.inward.saturating_add(other.inward);
        self.outward = self.outward.saturating_add(other.outward);
        self.presence_ms = self.presence_ms.saturating_add(other.presence_ms);
        self.occupancy_max = self.occupancy_max.max(other.occupancy_max);
        self.covered_ms = self.covered_ms.saturating_add(other.covered_ms);
        self.noticed_ms = self.noticed_ms.saturating_add(other.noticed_ms);
        self.may_be_low |= other.may_be_low;
    }

    /// Whether nothing has been folded in.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Sums of the people in one zone, or in the whole shop, within one bucket.
///
/// Occupancy follows from counts at the doors alone: nobody is followed. All time in it is time during which every door of the zone
/// was being counted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Occupancy {
    /// People times the milliseconds for which they were there. Negative where a late word takes back what was added before.
    pub person_ms: i64,
    /// People who left.
    pub exits: u64,
    /// Most people at once.
    pub max: u32,
    /// Time during which every door was being counted, in milliseconds.
    pub covered_ms: u64,
    /// Whether people may have come or gone uncounted since the number last went back to zero.
    pub may_be_off: bool,
}

impl Occupancy {
    /// Adds `other`, field by field; the greater maximum wins, and no sum of people falls below zero.
    pub fn add(&mut self, other: &Self) {
        self.person_ms = self.person_ms.saturating_add(other.person_ms).max(0);
        self.exits = self.exits.saturating_add(other.exits);
        self.max = self.max.max(other.max);
        self.covered_ms = self.covered_ms.saturating_add(other.covered_ms);
        self.may_be_off |= other.may_be_off;
    }

    /// Whether nothing has been folded in.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
