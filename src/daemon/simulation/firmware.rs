//! What generations of TRMNL firmware do in their own way, and how they keep pictures.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;

use super::told::PICTURE_MAX_BYTES;

/// A version, by which all the rest is decided.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Firmware([u8; 3]);

pub(super) const V1_6_0: Firmware = Firmware([1, 6, 0]);
pub(super) const V1_7_7: Firmware = Firmware([1, 7, 7]);
pub(super) const V1_7_8: Firmware = Firmware([1, 7, 8]);
pub(super) const V1_8_0: Firmware = Firmware([1, 8, 0]);
pub(super) const V1_8_14: Firmware = Firmware([1, 8, 14]);
/// The first that contains pull request 635, under a number of our own.
pub(super) const PATIENT: Firmware = Firmware([1, 9, 0]);

/// One of each generation.
pub(super) const GENERATIONS: [Firmware; 6] = [V1_6_0, V1_7_7, V1_7_8, V1_8_0, V1_8_14, PATIENT];

/// How long it keeps the picture when it finds nobody (§1.7).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Patience {
    /// Three failed wakes after 15, 30 and 60 s, then an error screen; without Wi-Fi at once, and then for ever every quarter of an hour.
    Short,
    /// The same, but after four wakes without Wi-Fi it sleeps until somebody presses its button.
    UntilPressed,
    /// An hour, trying every five minutes.
    Hour,
}

impl Firmware {
    /// It keeps every picture under its name, not only the last name.
    pub(super) fn has_flash(self) -> bool {
        self >= V1_7_8
    }

    /// It says what woke it.
    pub(super) fn says_source(self) -> bool {
        self >= V1_8_0
    }

    /// It says whether its last picture came from its own memory.
    pub(super) fn says_cached(self) -> bool {
        self >= Self([1, 8, 5])
    }

    /// It keeps the picture of its setup, and shows it behind every message and at each press (`storedLogoOrDefault` in its
    /// `src/bl.cpp`, commented out in 1.6.1).
    pub(super) fn keeps_setup(self) -> bool {
        self <= V1_6_0
    }

    pub(super) fn patience(self) -> Patience {
        match self {
            version if version >= PATIENT => Patience::Hour,
            version if version >= Self([1, 8, 3]) => Patience::UntilPressed,
            _ => Patience::Short,
        }
    }

    pub(super) fn picture_max_bytes(self) -> usize {
        if self >= Self([1, 6, 1]) { PICTURE_MAX_BYTES } else { 48_062 }
    }
}

impl fmt::Display for Firmware {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

impl fmt::Debug for Firmware {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Pictures by their names; without flash only the last.
#[derive(Default)]
pub(super) struct Kept(BTreeMap<String, Bytes>);

impl Kept {
    pub(super) fn get(&self, key: &str) -> Option<Bytes> {
        self.0.get(key).cloned()
    }

    pub(super) fn forget(&mut self) {
        self.0.clear();
    }

    /// Throws away older pictures of the same screen and those of yesterday, and keeps this one (§1.5).
    pub(super) fn keep(&mut self, name: &str, picture: Bytes, clock_seconds: i64) {
        let key = key_of(name);
        self.0.retain(|kept, _| !is_replaced(kept, &key) && !is_old(kept, clock_seconds));
        self.0.insert(key, picture);
    }
}

/// Under which name the flash keeps it: a long one loses its middle.
pub(super) fn key_of(name: &str) -> String {
    if name.len() > 31 { format!("/{}{}", &name[..7], &name[name.len() - 17..]) } else { format!("/{name}") }
}

fn is_replaced(kept: &str, key: &str) -> bool {
    kept[..kept.len().min(14)] == key[..key.len().min(14)]
}

/// By the time in its last ten characters; without one it is as old as can be.
fn is_old(kept: &str, clock_seconds: i64) -> bool {
    const DAY: i64 = 24 * 3600;
    let digits = kept.get(kept.len().saturating_sub(10)..).unwrap_or_default();
    digits.parse::<i64>().unwrap_or(0) + DAY < clock_seconds
}
