//! Displays that ask and are not in the configuration. They are told nothing but that; the operator is told of them.

use axum::http::HeaderMap;

use super::health::health;
use super::signs::{Query, SignsState, header};
use crate::domain::id::is_valid_id;
use crate::domain::sign::Stranger;
use crate::domain::time::Wall;

/// Most pixels on a side that are believed.
const SIDE_MAX: u32 = 10_000;

/// Says who asked, if it can be the name of a display; what cannot is no display.
pub(super) fn tell(state: &SignsState, name: Option<String>, protocol: &'static str, headers: &HeaderMap) {
    let Some(name) = name else { return };
    let pixels = |of: &str| header(headers, of)?.trim().parse().ok().filter(|pixels| (1..=SIDE_MAX).contains(pixels));
    let size = pixels("width").zip(pixels("height"));
    // The clock is the core's.
    let asked = Wall(0);
    state.engine.tell_stranger(Stranger { name, protocol, size, health: health(headers, &Query::default()), asked });
}

/// The MAC address of a display, upper case with colons.
pub(super) fn mac(text: &str) -> Option<String> {
    pairs(text, 12)
}

/// The MAC address of an electronic label, likewise.
pub(super) fn label_mac(text: &str) -> Option<String> {
    pairs(text, 16)
}

/// The id in an address, if a sign could have it.
pub(super) fn id(text: &str) -> Option<String> {
    is_valid_id(text).then(|| text.to_owned())
}

fn pairs(text: &str, digits: usize) -> Option<String> {
    /// Of the longest address that is written with a sign between all digits.
    const WRITTEN_MAX_BYTES: usize = 31;
    if text.len() > WRITTEN_MAX_BYTES {
        return None;
    }
    let plain: Vec<char> = text.trim().chars().filter(|letter| !matches!(letter, ':' | '-')).collect();
    if plain.len() != digits || !plain.iter().all(char::is_ascii_hexdigit) {
        return None;
    }
    let pair = |two: &[char]| two.iter().map(char::to_ascii_uppercase).collect::<String>();
    Some(plain.chunks(2).map(pair).collect::<Vec<_>>().join(":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mac_address_is_written_one_way_however_it_came() {
        for written in ["aa:bb:cc:dd:ee:0f", "AA-BB-CC-DD-EE-0F", "aabbccddee0f", " AA:BB:CC:DD:EE:0F "] {
            assert_eq!(mac(written).as_deref(), Some("AA:BB:CC:DD:EE:0F"), "{written}");
        }
        assert_eq!(label_mac("0000021ac7b53b1a").as_deref(), Some("00:00:02:1A:C7:B5:3B:1A"));
    }

    #[test]
    fn what_is_no_name_of_a_display_is_nobody() {
        let long = "a".repeat(1000);
        for other in ["", "AA:BB:CC:DD:EE", "AA:BB:CC:DD:EE:GG", "0000021AC7B53B1A", "<b>", &long] {
            assert_eq!(mac(other), None, "{other}");
        }
        for other in ["", "Door", "../door", "a b", &long] {
            assert_eq!(id(other), None, "{other}");
        }
        assert_eq!(id("till-2").as_deref(), Some("till-2"));
    }
}
