//! Whatever comes in, something sensible comes out, and nothing that no profile names.

use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::super::binding::Binding;
use super::super::cases::Cases;
use super::super::decode::Decoded;
use super::{CATALOGUE, bind, said};

/// Every sensor of the cases of every shipped profile: each way in which they can be used.
pub(super) fn bindings() -> &'static [Binding] {
    static BINDINGS: LazyLock<Vec<Binding>> = LazyLock::new(|| {
        let sensors = |name: &str| {
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/profiles/{name}.toml"));
            let cases = Cases::parse(&std::fs::read_to_string(file).unwrap()).unwrap();
            cases.sensors(CATALOGUE.get(name).unwrap())
        };
        CATALOGUE.names().into_iter().flat_map(sensors).collect()
    });
    &BINDINGS
}

fn arbitrary_json() -> impl Strategy<Value = serde_json::Value> {
    let keys = [
        "in",
        "out",
        "n",
        "line",
        "t",
        "p",
        "c",
        "from",
        "to",
        "total",
        "in_counted",
        "occupancy",
        "presence",
        "contact",
        "battery",
        "tamper",
        "state",
        "line_trigger_data",
        "line_periodic_data",
        "line_total_data",
        "region_data",
        "numbering_regions",
        "current_counted",
        "time_info",
        "start_time",
        "time_zone",
        "isRetransmission",
        "line_uuid",
    ];
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<u64>().prop_map(serde_json::Value::from),
        any::<f64>().prop_map(serde_json::Value::from),
        (0u8..5).prop_map(serde_json::Value::from),
        ".{0,12}".prop_map(serde_json::Value::from),
        Just(serde_json::Value::from("2026-07-31T09:00:00+02:00")),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
            proptest::collection::vec((proptest::sample::select(keys.to_vec()), inner), 0..6).prop_map(|entries| {
                serde_json::Value::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
            }),
        ]
    })
}

proptest! {
    // There are well over a hundred sensors, and each case goes to all of them.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_bytes_make_a_profile_panic(payload in proptest::collection::vec(any::<u8>(), 0..80), topic in ".{0,20}", replayed: bool) {
        for binding in bindings() {
            for filter in binding.subscriptions() {
                let _ = binding.decode(filter, &payload, replayed);
            }
            let _ = binding.decode(&topic, &payload, replayed);
            let _ = binding.matches(&topic);
        }
    }

    #[test]
    fn no_json_makes_a_profile_panic(value in arbitrary_json(), replayed: bool) {
        let payload = value.to_string();
        for binding in bindings() {
            for filter in binding.subscriptions() {
                let _ = binding.decode(filter, payload.as_bytes(), replayed);
            }
        }
    }
}

#[test]
fn a_marker_in_fields_that_no_profile_names_never_comes_out() {
    let payload = r#"{"in":1,"out":2,"occupancy":true,"name":"MARKER","MARKER":{"x":"MARKER"},"person":"MARKER",
        "device_info":{"device_name":"MARKER"},"isRetransmission":"MARKER","time_info":{"time":"MARKER"},
        "from":1,"to":2,"p":true,"sub_label":["MARKER",0.9],
        "line_trigger_data":[{"line":1,"line_uuid":"u","gender":"MARKER","total":{"in":1,"staff":"MARKER"}}]}"#;
    let mut heard = 0;
    for binding in bindings() {
        for filter in binding.subscriptions() {
            let decoded = binding.decode(filter, payload.as_bytes(), false);
            assert!(!format!("{decoded:?} {binding:?}").contains("MARKER"), "{binding:?} {filter}");
            heard += usize::from(matches!(decoded, Decoded::Readings(_)));
        }
    }
    assert!(heard >= 6, "the payload must be understood for the test to mean anything: {heard}");
}

#[test]
fn hostile_sizes_are_refused() {
    let binding = bind("milesight", "ms/door", "");
    let decode = |payload: &str| said(&binding.decode("ms/door", payload.as_bytes(), false));
    assert_eq!(decode(&"[".repeat(30_000)), "refused malformed");
    assert_eq!(decode(&"x".repeat(40_000)), "refused too-large");
    assert_eq!(decode(&format!(r#"{{"line_total_data":[{}0]}}"#, "0,".repeat(10_000))), "refused too-many");
    let line = r#"{"line":1,"total":{"in":1}}"#;
    let lines = |n: usize| format!(r#"{{"line_trigger_data":[{}]}}"#, vec![line; n].join(","));
    assert!(decode(&lines(64)).starts_with("crossing"));
    assert_eq!(decode(&lines(65)), "refused too-many");
}

#[test]
fn a_bound_sensor_prints_in_one_short_line() {
    assert!(format!("{:?}", bind("milesight", "ms/door", "")).len() < 100);
}
