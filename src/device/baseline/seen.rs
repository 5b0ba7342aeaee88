//! Names of messages: a message whose name came before is a double, whatever it says and however late it comes.

use std::collections::VecDeque;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::keep;

/// How many names are remembered: as many as numbers ([`super::window`]), and more than any broker keeps in flight for one device.
pub(super) const NAMES_KEPT: usize = 64;

/// Digits of one name in the stored form.
const DIGITS: usize = 16;

/// The last names, newest last. Stored as one text of hexadecimal digits, which is shorter than numbers.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Seen(VecDeque<u64>);

impl Seen {
    /// Takes note of a name. Returns whether it is new.
    pub(super) fn note(&mut self, name: u64) -> bool {
        let is_new = !self.0.contains(&name);
        if is_new {
            keep(&mut self.0, name, NAMES_KEPT);
        }
        is_new
    }

    /// Whether no name came yet.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The name of that part of a message that speaks of `what`.
pub(super) fn of_part(message: u64, what: [i64; 2]) -> u64 {
    /// 2^64 divided by the golden ratio: odd, so that no two parts of one message come out the same by multiplying.
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    what.iter().fold(message, |name, part| {
        let name = (name ^ part.cast_unsigned()).wrapping_mul(SPREAD);
        name ^ (name >> 32)
    })
}

impl From<Seen> for String {
    fn from(seen: Seen) -> Self {
        let mut text = Self::with_capacity(seen.0.len() * DIGITS);
        for name in &seen.0 {
            // Writing to a text cannot fail.
            let _ = write!(text, "{name:016x}");
        }
        text
    }
}

impl TryFrom<String> for Seen {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let names = text.as_bytes().chunks(DIGITS).map(|digits| {
            let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.len() == DIGITS)?;
            u64::from_str_radix(digits, 16).ok()
        });
        let names: Option<VecDeque<u64>> = names.collect();
        names.map(Self).ok_or_else(|| "names of messages are not 16 hexadecimal digits each".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_sixty_four_names_are_known() {
        let mut seen = Seen::default();
        assert!((0..65).all(|name| seen.note(name)));
        assert!((1..65).all(|name| !seen.note(name)), "a double does not push others out");
        assert!(seen.note(0), "forgotten");
    }

    #[test]
    fn names_are_stored_as_they_are_and_nothing_else_is_read() {
        let mut seen = Seen::default();
        seen.note(u64::MAX);
        seen.note(1);
        let text = String::from(seen.clone());
        assert_eq!(text, "ffffffffffffffff0000000000000001");
        assert_eq!(Seen::try_from(text), Ok(seen));
        for bad in ["1", "000000000000000g", "00000000000000001", "żżżżżżżż"] {
            assert!(Seen::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
