//! The only clock of the house, and how far it can be believed.
//!
//! Steady time is `CLOCK_BOOTTIME`: it counts suspended time and goes on across our own restarts, so leases that were kept
//! in the store still mean something. It starts anew with the box, which [`boot_id`] tells.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};

use crate::domain::time::{Mono, Now, Wall};

/// No box that runs this code lives before 2025-01-01T00:00:00Z: a wall clock below it was never set (no clock chip, empty
/// battery). It is deliberately well before the release date; the newest commit in the store is the sharper floor.
pub const EARLIEST: Wall = Wall(1_735_689_600_000);

/// Reads both clocks.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    floor: Wall,
    /// Where a test has put the hands of both clocks.
    #[cfg(test)]
    hands: Option<(Mono, Wall)>,
}

impl Clock {
    /// A clock that believes the wall only from the later of [`EARLIEST`] and `floor` on; `floor` is the newest commit in
    /// the store, or `Wall(0)` if there is none.
    #[must_use]
    pub fn new(floor: Wall) -> Self {
        Self {
            floor: floor.max(EARLIEST),
            #[cfg(test)]
            hands: None,
        }
    }

    /// Stops both clocks and has them show this until they are put somewhere else.
    #[cfg(test)]
    pub(crate) fn put(&mut self, mono: Mono, wall: Wall) {
        self.hands = Some((mono, wall));
    }

    /// What both clocks show.
    #[must_use]
    pub fn now(&self) -> Now {
        #[cfg(test)]
        if let Some((mono, wall)) = self.hands {
            return sample(mono, wall, self.floor);
        }
        sample(steady(), wall(), self.floor)
    }

    /// The moment from which on the wall clock is believed; for the sentence that tells a technician why it is not.
    #[must_use]
    pub fn floor(&self) -> Wall {
        self.floor
    }
}

/// One look at both clocks: the wall is believed unless it shows a time that is known to be past.
#[must_use]
pub fn sample(mono: Mono, wall: Wall, floor: Wall) -> Now {
    Now { mono, wall, trusted: wall >= floor }
}

/// 32 hexadecimal digits that change with every start of the box; steady times of the same boot can be compared.
///
/// Under our unit `/proc/sys` is hidden, so systemd hands the id over as `NOTICED_BOOT_ID=%b`. `None` if neither is there:
/// then nothing that was kept by steady time may be carried over, as after a reboot.
#[must_use]
pub fn boot_id() -> Option<String> {
    let handed_over = std::env::var("NOTICED_BOOT_ID").ok();
    let kernel = || fs::read_to_string("/proc/sys/kernel/random/boot_id").ok();
    handed_over.as_deref().and_then(plain_id).or_else(|| plain_id(&kernel()?))
}

/// The id without dashes: systemd writes it plain, the kernel as a UUID.
fn plain_id(text: &str) -> Option<String> {
    let digits: String = text.trim().chars().filter(|&c| c != '-').collect();
    (digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit())).then(|| digits.to_ascii_lowercase())
}

fn steady() -> Mono {
    let time = clock_gettime(ClockId::Boottime);
    Mono(time.tv_sec * 1_000 + time.tv_nsec / 1_000_000)
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the wall clock")]
fn wall() -> Wall {
    since_1970(SystemTime::now())
}

/// Milliseconds since 1970; negative before, which a box with a broken clock chip can show.
fn since_1970(time: SystemTime) -> Wall {
    let ms = |span: std::time::Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    Wall(match time.duration_since(UNIX_EPOCH) {
        Ok(after) => ms(after),
        Err(before) => -ms(before.duration()),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const FLOOR: Wall = Wall(EARLIEST.0 + 5_000);

    #[test]
    fn the_wall_is_trusted_from_the_floor_on() {
        assert!(!sample(Mono(1), Wall(FLOOR.0 - 1), FLOOR).trusted);
        assert!(sample(Mono(1), FLOOR, FLOOR).trusted);
    }

    #[test]
    fn a_store_without_commits_leaves_the_built_in_floor() {
        assert_eq!(Clock::new(Wall(0)).floor(), EARLIEST);
        assert_eq!(Clock::new(FLOOR).floor(), FLOOR);
    }

    #[test]
    fn the_built_in_floor_is_new_year_2025() {
        assert_eq!(EARLIEST.seconds(), jiff::civil::date(2025, 1, 1).in_tz("UTC").unwrap().timestamp().as_second());
    }

    #[test]
    fn both_clocks_count_forward_and_tell_their_time() {
        let clock = Clock::new(Wall(0));
        let (first, second) = (clock.now(), clock.now());
        assert!(first.mono > Mono(0) && second.mono >= first.mono);
    }

    #[test]
    fn a_boot_id_is_the_same_whether_systemd_or_the_kernel_says_it() {
        let kernel = plain_id("0B6A6B0E-5a4c-4b0f-9d57-6f1f1d3c2b1a\n");
        assert_eq!(kernel, plain_id("0b6a6b0e5a4c4b0f9d576f1f1d3c2b1a"));
        assert!(kernel.is_some());
    }

    #[test]
    fn something_else_than_a_boot_id_is_none() {
        for odd in ["", "%b", "0b6a", "zb6a6b0e5a4c4b0f9d576f1f1d3c2b1a"] {
            assert_eq!(plain_id(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_clock_before_1970_is_negative() {
        assert_eq!(since_1970(UNIX_EPOCH - Duration::from_millis(1_500)), Wall(-1_500));
        assert_eq!(since_1970(UNIX_EPOCH + Duration::from_millis(1_500)), Wall(1_500));
    }
}
