//! Only aggregates at rest: what nobody asked for is found nowhere.

use std::fs;
use std::path::Path;

use crate::shop::{Publisher, Shop, wait_until};

/// Planted wherever a device could put something about a person.
const MARKER: &str = "Zx9Qmarkerp7";

fn holds(path: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        // What the broker keeps is not ours.
        if entry.path().is_file() && !name.starts_with("mosquitto") {
            let bytes = fs::read(entry.path()).unwrap();
            if bytes.windows(MARKER.len()).any(|window| window == MARKER.as_bytes()) {
                found.push(name);
            }
        }
    }
    found
}

#[test]
fn a_marker_in_payloads_topics_and_client_ids_is_found_in_no_file_and_no_log() {
    let shop = Shop::new(include_str!("families.toml"));
    let _broker = shop.start_broker();
    let daemon = shop.start_daemon();
    let _sign = shop.hang_up_sign();
    shop.wait_until_open();
    let mut device = Publisher::named(shop.broker, &format!("client-{MARKER}"));
    let person = format!(
        r#"{{"in":1,"name":"{MARKER}","plate":"{MARKER}","face":{{"id":"{MARKER}"}},"at":"{MARKER}","tracks":["{MARKER}"]}}"#
    );
    device.publish("counters/door", person);
    device.publish("counters/door", MARKER);
    device.publish("counters/door", format!(r#"{{"in":"{MARKER}"}}"#));
    device.publish("counters/door", vec![b'x'; 100_000]);
    device.publish(&format!("frigate/till/{MARKER}"), MARKER);
    device.publish("frigate/till/person", MARKER);
    device.publish("frigate/events", format!(r#"{{"after":{{"sub_label":"{MARKER}"}}}}"#));
    device.publish("zigbee2mqtt/radar", format!(r#"{{"presence":true,"action":"{MARKER}","update":"{MARKER}"}}"#));
    device.publish("hallway/binary_sensor/ld2410_presence/state", MARKER);
    device.publish(
        "milesight/front-door",
        format!(
            r#"{{"device_info":{{"device_name":"{MARKER}"}},"line_trigger_data":[{{"line":1,"line_name":"Line1","total":{{"in":1,"out":0}},"person":"{MARKER}"}}]}}"#
        ),
    );
    device.finish();
    wait_until("the good ones are counted", || shop.people() == 2);
    let door = shop.status()["sensors"].as_array().unwrap().iter().find(|s| s["id"] == "door").unwrap().clone();
    assert!(door["refused"].as_u64().unwrap() >= 3, "refusals are counted and visible: {door}");
    assert_eq!(holds(shop.folder.path()), Vec::<String>::new(), "while it runs, write-ahead log included");
    assert_eq!(daemon.stop(), Some(0));
    assert_eq!(holds(shop.folder.path()), Vec::<String>::new(), "after it stopped");
    assert!(!shop.log().is_empty(), "there is a log to look through");
}
