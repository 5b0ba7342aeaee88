//! How many people are in a zone: in the status, over a crash, and in the report.

use serde_json::{Value, json};

use crate::shop::{Shop, wait_until};

/// A second door, which tells both directions.
const GATE: &str = r#"[[sensor]]
id = "gate"
zone = "entrance"
activity = "footfall"
class = "tof"
profile = "json"
topic = "counters/gate"
options = { in = "/in", out = "/out", mode = "crossing" }
"#;

fn count(shop: &Shop) -> Value {
    shop.status()["zones"][0]["occupancy"]["count"].clone()
}

#[test]
fn the_number_of_people_survives_a_crash_and_stands_in_the_report() {
    let shop = Shop::new(GATE);
    let _broker = shop.start_broker();
    let daemon = shop.start_daemon();
    wait_until("the zone is known, without a number", || {
        shop.status()["zones"][0].as_object().is_some_and(|zone| zone["occupancy"].is_null())
    });
    let _sign = shop.hang_up_sign();
    shop.wait_until_open();
    shop.publish(&[("counters/door", r#"{"in":1}"#), ("counters/gate", r#"{"in":4,"out":2}"#)]);
    wait_until("they are in the report", || shop.people() == 5);
    assert_eq!(count(&shop), 3);

    daemon.kill();
    let _daemon = shop.start_daemon();
    shop.wait_until_open();
    assert_eq!(count(&shop), 3, "they did not leave because the daemon died");
    shop.publish(&[("counters/door", r#"{"in":0}"#), ("counters/gate", r#"{"in":0,"out":1}"#)]);
    wait_until("one more has left", || count(&shop) == 2);

    let report = || -> Value {
        serde_json::from_slice(&shop.noticed(&["report", "--by", "month", "--format", "json"]).stdout).unwrap()
    };
    wait_until("that is in the report", || report()["occupancy"][1]["exits"] == 3);
    let report = report();
    let names: Vec<&Value> = report["occupancy"].as_array().unwrap().iter().map(|row| &row["zone"]).collect();
    assert_eq!(names, [&json!("entrance"), &Value::Null], "the zone, then the shop");
    let row = &report["occupancy"][0];
    assert!(row["max"] == 3 && row["mean_stay_seconds"].is_number() && row["covered_seconds"].is_u64(), "{row}");
    let csv = shop.noticed(&["report", "--of", "occupancy", "--by", "month", "--format", "csv"]);
    assert!(csv.stdout.starts_with(b"from,to,zone,mean,max,person_seconds,exits,mean_stay_seconds"));
}
