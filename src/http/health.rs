//! How a display is, from what it tells beside its question.
//!
//! The headers are those of TRMNL firmware (trmnl-firmware `lib/trmnl/src/api-client/request_headers.cpp`, most of them since 1.8.5). Other
//! displays may send the same ones, with `_` for `-` if their tools know no other, or say it after the `?` of an address.

use axum::http::HeaderMap;

use super::signs::Query;
use crate::domain::sign::{Health, WORD_MAX_BYTES};

/// What boards without a gauge always say (trmnl-firmware `src/battery/fake_battery.cpp`). A broken gauge says -1.00 and the client
/// for Linux 100.00; both are out of [`BATTERY_MV`].
const NOT_MEASURED_MV: u32 = 4_200;

/// No display runs on less or on more than this, in millivolts: one button cell that is empty, and six lithium cells.
const BATTERY_MV: std::ops::RangeInclusive<u32> = 800..=26_000;

/// A Wi-Fi signal is weaker than a milliwatt; 0 is what clients without Wi-Fi send.
const SIGNAL_DBM: std::ops::RangeInclusive<i16> = -127..=-1;

/// What the caller tells of itself; a value that it cannot have measured is not known.
pub(super) fn health(headers: &HeaderMap, query: &Query) -> Health {
    let told = |names: &[&str], asked: Option<&String>| -> Option<String> {
        let header = names.iter().find_map(|name| headers.get(*name));
        header.and_then(|value| word(value.as_bytes())).or_else(|| word(asked?.as_bytes()))
    };
    Health {
        battery_mv: told(&["battery-voltage", "battery_voltage"], query.battery_voltage.as_ref())
            .and_then(|volts| millivolts(&volts)),
        battery_percent: told(
            &["percent-charged", "percent_charged", "battery-percent", "battery_percent"],
            query.battery_percent.as_ref(),
        )
        .and_then(|percent| percentage(&percent)),
        powered: powered(
            told(&["usb-connected", "usb_connected"], None),
            told(&["battery-charging", "battery_charging"], None),
        ),
        signal_dbm: told(&["rssi"], query.rssi.as_ref())
            .and_then(|dbm| dbm.parse().ok())
            .filter(|dbm| SIGNAL_DBM.contains(dbm)),
        firmware: told(&["fw-version", "fw_version", "firmware"], query.firmware.as_ref()),
        model: told(&["model"], None),
    }
}

/// What can be kept of a text that a stranger wrote: printable ASCII, and not much of it.
pub(super) fn word(text: &[u8]) -> Option<String> {
    let printable = text.iter().copied().filter(|byte| matches!(byte, b' '..=b'~')).map(char::from);
    let word: String = printable.take(WORD_MAX_BYTES).collect();
    let word = word.trim();
    (!word.is_empty()).then(|| word.to_owned())
}

fn millivolts(volts: &str) -> Option<u32> {
    let volts: f64 = volts.parse().ok()?;
    let millivolts = (volts * 1000.0).round() as u32;
    (BATTERY_MV.contains(&millivolts) && millivolts != NOT_MEASURED_MV).then_some(millivolts)
}

fn percentage(percent: &str) -> Option<u8> {
    let percent: f64 = percent.trim_end_matches('%').parse().ok()?;
    (0.0..=100.0).contains(&percent).then(|| percent.round() as u8)
}

/// On mains power if either says so; on battery only if one says so and the other does not say otherwise.
fn powered(connected: Option<String>, charging: Option<String>) -> Option<bool> {
    let said = |text: String| match text.as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    };
    let said = [connected.and_then(said), charging.and_then(said)];
    said.contains(&Some(true)).then_some(true).or_else(|| said.contains(&Some(false)).then_some(false))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(headers: &[(&str, &str)]) -> Health {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        health(&headers.collect(), &Query::default())
    }

    #[test]
    fn a_display_tells_how_it_is_in_headers_of_any_spelling() {
        let expected = Health {
            battery_mv: Some(4_070),
            battery_percent: Some(87),
            powered: Some(true),
            signal_dbm: Some(-61),
            firmware: Some("1.8.14".to_owned()),
            model: Some("og".to_owned()),
        };
        let dashes = [
            ("Battery-Voltage", "4.07"),
            ("Percent-Charged", "87.2"),
            ("USB-Connected", "true"),
            ("Battery-Charging", "0"),
            ("RSSI", "-61"),
            ("FW-Version", "1.8.14"),
            ("Model", "og"),
        ];
        let underscores = dashes.map(|(name, value)| (name.to_lowercase().replace('-', "_"), value));
        assert_eq!(of(&dashes), expected);
        assert_eq!(of(&underscores.each_ref().map(|(name, value)| (name.as_str(), *value))), expected);
    }

    #[test]
    fn a_display_that_cannot_send_headers_tells_it_after_the_question_mark() {
        let query = Query {
            battery_percent: Some("55".to_owned()),
            battery_voltage: Some("3.71".to_owned()),
            rssi: Some("-70".to_owned()),
            firmware: Some("2026.6".to_owned()),
            ..Query::default()
        };
        let expected = Health {
            battery_mv: Some(3_710),
            battery_percent: Some(55),
            signal_dbm: Some(-70),
            firmware: Some("2026.6".to_owned()),
            ..Health::default()
        };
        assert_eq!(health(&HeaderMap::new(), &query), expected);
    }

    #[test]
    fn what_was_not_measured_is_not_known() {
        for volts in ["-1.00", "4.20", "4.2", "100.00", "0", "0.00", "nan", "inf", "-inf", "", "full", "1e300"] {
            assert_eq!(of(&[("Battery-Voltage", volts)]), Health::default(), "{volts}");
        }
        for percent in ["-1", "101", "nan", "", "?"] {
            assert_eq!(of(&[("Percent-Charged", percent)]), Health::default(), "{percent}");
        }
        for dbm in ["0", "1", "-128", "99999", "-61.5", ""] {
            assert_eq!(of(&[("RSSI", dbm)]), Health::default(), "{dbm}");
        }
        assert_eq!(of(&[("USB-Connected", "maybe")]), Health::default());
        assert_eq!(of(&[("USB-Connected", "false")]).powered, Some(false));
        assert_eq!(of(&[("USB-Connected", "false"), ("Battery-Charging", "1")]).powered, Some(true));
    }

    proptest! {
        #[test]
        fn a_word_is_short_and_printable_whatever_was_sent(text: Vec<u8>) {
            if let Some(word) = word(&text) {
                prop_assert!(!word.is_empty() && word.len() <= WORD_MAX_BYTES);
                prop_assert!(word.bytes().all(|byte| matches!(byte, b' '..=b'~')));
            }
        }
    }
}
