//! Time as the core sees it: handed in, never read.
//!
//! Two clocks. [`Mono`] runs evenly while the box is on and decides leases and interlocks; [`Wall`] dates
//! figures. Both count milliseconds, so that spans add up exactly.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

/// Milliseconds on the clock that never jumps: time since boot, suspended time included.
///
/// Negative values are moments before this boot, which history restored from the store can name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Mono(pub i64);

/// Milliseconds since 1970-01-01T00:00:00Z by the box's wall clock.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Wall(pub i64);

/// The moment that an input speaks of, on both clocks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Now {
    /// Steady clock.
    pub mono: Mono,
    /// Wall clock.
    pub wall: Wall,
    /// Whether the wall clock can be believed (a box without a clock chip boots in the past).
    pub trusted: bool,
}

impl Now {
    /// What the wall clock showed, or will show, at `mono` if it is not set in between.
    #[must_use]
    pub fn wall_at(&self, mono: Mono) -> Wall {
        Wall(self.wall.0 + (mono.0 - self.mono.0))
    }

    /// The steady time at which the wall clock showed, or will show, `wall` if it is not set in between.
    #[must_use]
    pub fn mono_at(&self, wall: Wall) -> Mono {
        Mono(self.mono.0 + (wall.0 - self.wall.0))
    }
}

macro_rules! arithmetic {
    ($name:ident) => {
        impl Add<Duration> for $name {
            type Output = Self;
            fn add(self, d: Duration) -> Self {
                Self(self.0.saturating_add(millis(d)))
            }
        }

        impl Sub<Duration> for $name {
            type Output = Self;
            fn sub(self, d: Duration) -> Self {
                Self(self.0.saturating_sub(millis(d)))
            }
        }

        impl $name {
            /// Time from `earlier` to `self`; zero if `earlier` is later.
            #[must_use]
            pub fn since(self, earlier: Self) -> Duration {
                Duration::from_millis(self.0.saturating_sub(earlier.0).max(0) as u64)
            }
        }
    };
}

arithmetic!(Mono);
arithmetic!(Wall);

fn millis(d: Duration) -> i64 {
    i64::try_from(d.as_millis()).unwrap_or(i64::MAX)
}

impl Wall {
    /// Whole seconds since 1970.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }
}

/// Half-open span of wall time `[start, end)`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Bucket {
    /// First millisecond of the bucket.
    pub start: Wall,
    /// First millisecond after it.
    pub end: Wall,
}

impl Bucket {
    /// Whether `at` lies in the bucket.
    #[must_use]
    pub fn contains(&self, at: Wall) -> bool {
        self.start <= at && at < self.end
    }
}

/// A calendar period, as a shop states how long it keeps figures ("13 months").
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Period {
    /// How many units, at least 1.
    pub count: u32,
    /// Which unit.
    pub unit: PeriodUnit,
}

/// Unit of a [`Period`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PeriodUnit {
    /// 24 hours of 60 minutes, whatever the clocks do.
    Day,
    /// Seven days.
    Week,
    /// Calendar month.
    Month,
    /// Twelve calendar months.
    Year,
}

impl Period {
    /// About how many days it has, to tell shorter periods from longer ones.
    #[must_use]
    pub fn days(self) -> u64 {
        let unit = match self.unit {
            PeriodUnit::Day => 1,
            PeriodUnit::Week => 7,
            PeriodUnit::Month => 30,
            PeriodUnit::Year => 365,
        };
        u64::from(self.count) * unit
    }
}

impl fmt::Display for Period {
    /// The form accepted in the configuration: `13 months`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            PeriodUnit::Day => "day",
            PeriodUnit::Week => "week",
            PeriodUnit::Month => "month",
            PeriodUnit::Year => "year",
        };
        write!(f, "{} {unit}{}", self.count, if self.count == 1 { "" } else { "s" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_clocks_translate_into_each_other() {
        let now = Now { mono: Mono(5_000), wall: Wall(1_000_000), trusted: true };
        assert_eq!(now.wall_at(Mono(4_000)), Wall(999_000));
        assert_eq!(now.mono_at(Wall(999_000)), Mono(4_000));
        assert_eq!(now.mono_at(Wall(0)), Mono(-995_000));
    }

    #[test]
    fn time_since_a_later_moment_is_zero() {
        assert_eq!(Mono(3).since(Mono(5)), Duration::ZERO);
        assert_eq!(Mono(5_250).since(Mono(250)), Duration::from_secs(5));
    }
}
