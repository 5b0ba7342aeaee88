//! No notice, no counting, as a display and a door see it.

use noticed::cli::client::ask;
use serde_json::{Value, json};

use crate::shop::{MAC, Shop, wait_until};

fn get(shop: &Shop, path: &str, headers: &[&str]) -> (u16, Vec<u8>) {
    let headers: Vec<String> = headers.iter().map(|h| (*h).to_owned()).collect();
    let answer = ask(shop.signage, "GET", path, &headers, "").unwrap();
    (answer.code, answer.body)
}

fn get_json(shop: &Shop, path: &str, headers: &[&str]) -> Value {
    let (code, body) = get(shop, path, headers);
    assert_eq!(code, 200, "{path}: {}", String::from_utf8_lossy(&body));
    serde_json::from_slice(&body).unwrap()
}

fn path_of(url: &str) -> String {
    format!("/{}", url.splitn(4, '/').nth(3).unwrap())
}

#[test]
fn people_count_from_the_poll_after_the_picture_and_not_before() {
    let shop = Shop::new("");
    let _broker = shop.start_broker();
    let _daemon = shop.start_daemon();
    wait_until("the broker is connected", || shop.status()["broker"] == "connected");
    shop.publish(&[("counters/door", r#"{"in":1}"#)]);

    let mac = format!("ID: {MAC}");
    let setup = get_json(&shop, "/api/setup", &[&mac]);
    assert_eq!(setup["status"], 200);
    let token = format!("Access-Token: {}", setup["api_key"].as_str().unwrap());
    let timer = "Update-Source: timer";
    let told = get_json(&shop, "/api/display", &[&mac, &token, timer]);
    assert_eq!((&told["status"], &told["reset_firmware"]), (&json!(0), &json!(false)));
    shop.publish(&[("counters/door", r#"{"in":1}"#)]);
    let (code, picture) = get(&shop, &path_of(told["image_url"].as_str().unwrap()), &[]);
    assert_eq!((code, &picture[1..4]), (200, &b"PNG"[..]));
    shop.publish(&[("counters/door", r#"{"in":1}"#)]);
    wait_until("the fetch is known", || shop.status()["signs"][0]["evidence"] == "fetched");
    assert_eq!(shop.interlock(), "opening");
    get_json(&shop, "//api/display", &[&mac, &token, timer]);
    shop.wait_until_open();
    shop.publish(&[("counters/door", r#"{"in":1}"#), ("counters/door", r#"{"in":2}"#)]);
    wait_until("three people are in the report", || shop.people() == 3);
    let row = &shop.report()[0];
    assert_eq!(
        (&row["zone"], &row["activity"], &row["sensor"]),
        (&json!("entrance"), &json!("footfall"), &json!("door"))
    );
    assert_eq!(row["presence_seconds"], Value::Null, "a door counter cannot know it");
}

#[test]
fn while_no_sign_polls_every_figure_is_zero_and_everybody_says_why() {
    let shop = Shop::new("");
    let _broker = shop.start_broker();
    let daemon = shop.start_daemon();
    wait_until("the broker is connected", || shop.status()["broker"] == "connected");
    let many: Vec<(&str, &str)> = (0..500).map(|_| ("counters/door", r#"{"in":1}"#)).collect();
    shop.publish(&many);
    wait_until("the sensor was heard", || shop.status()["sensors"][0]["last_heard"].is_string());
    assert_eq!(daemon.stop(), Some(0));
    let sum: u64 = shop.report().iter().filter_map(|row| row["in"].as_u64()).sum();
    assert_eq!(sum, 0);

    let _daemon = shop.start_daemon();
    let why = "sign sign has not yet asked for its notice with its credential";
    wait_until("the status says why", || {
        shop.status()["zones"][0]["activities"][0]["reason"].as_str().is_some_and(|reason| reason == why)
    });
    let sign = get_json(&shop, "/signs/sign", &[]);
    assert_eq!(sign["state"], "active");
    assert!(sign["reason"].as_str().unwrap().contains(why), "{sign}");
}

#[test]
fn a_strangers_polls_and_fetches_open_nothing() {
    let shop = Shop::new("");
    let _broker = shop.start_broker();
    let _daemon = shop.start_daemon();
    wait_until("the broker is connected", || shop.status()["broker"] == "connected");
    let mac = format!("ID: {MAC}");
    for _ in 0..3 {
        let told = get_json(&shop, "/api/display", &[&mac, "Access-Token: guessed", "Update-Source: timer"]);
        let (code, _) = get(&shop, &path_of(told["image_url"].as_str().unwrap()), &[]);
        assert_eq!(code, 200, "the notice itself is public");
    }
    assert_eq!(shop.status()["signs"][0]["evidence"], "none");
    assert_eq!(shop.interlock(), "opening");
}

#[test]
fn a_credential_is_issued_once() {
    let shop = Shop::new("");
    let _daemon = shop.start_daemon();
    wait_until("the daemon answers", || !shop.status().is_null());
    let mac = format!("ID: {}", MAC.to_lowercase());
    assert_eq!(get_json(&shop, "/api/setup", &[&mac])["status"], 200);
    assert_eq!(get_json(&shop, "/api/setup", &[&mac])["status"], 404, "paired already");
    let paired = shop.noticed(&["sign", "pair", "sign"]);
    assert!(paired.status.success(), "{}", String::from_utf8_lossy(&paired.stderr));
    let again = get_json(&shop, "/api/setup", &[&mac]);
    let token = shop.noticed(&["sign", "token", "sign"]);
    assert_eq!(again["api_key"].as_str().unwrap(), String::from_utf8_lossy(&token.stdout).trim());
}

#[test]
fn the_operator_stops_counting_and_the_sign_says_so() {
    let shop = Shop::new("");
    let _broker = shop.start_broker();
    let _daemon = shop.start_daemon();
    let _sign = shop.hang_up_sign();
    shop.wait_until_open();
    let stopped = shop.noticed(&["stop", "entrance", "footfall"]);
    assert!(stopped.status.success(), "{}", String::from_utf8_lossy(&stopped.stderr));
    wait_until("the sign is confirmed to say \"not counting\"", || {
        let status = shop.status();
        status["signs"][0]["state"] == "inactive" && status["signs"][0]["evidence"] == "confirmed"
    });
    let many: Vec<(&str, &str)> = (0..50).map(|_| ("counters/door", r#"{"in":1}"#)).collect();
    shop.publish(&many);
    assert!(shop.noticed(&["start", "entrance", "footfall"]).status.success());
    shop.wait_until_open();
    shop.publish(&[("counters/door", r#"{"in":7}"#)]);
    wait_until("only those after the start are counted", || shop.people() == 7);
}

#[test]
fn four_families_are_counted_from_their_real_payloads() {
    let shop = Shop::new(include_str!("families.toml"));
    let _broker = shop.start_broker();
    let _daemon = shop.start_daemon();
    let _sign = shop.hang_up_sign();
    shop.wait_until_open();
    let trigger = r#"{"device_info":{"device_mac":"24:E1:24:00:00:01","device_name":"People Counter","firmware_version":"V_125-LW.1.0.3-r2"},"time_info":{"dst_status":false,"enable_dst":false,"time":"2026-07-31T23:11:17-00:00","time_zone":"UTC-0:00"},"line_trigger_data":[{"line":1,"line_name":"Line1","line_uuid":"fb798b5f-2c15-4360-8713-ba0d213169c7","total":{"in":1,"out":2}}]}"#;
    shop.publish(&[
        ("milesight/front-door", trigger),
        ("milesight/front-door", trigger),
        ("frigate/available", "online"),
        ("frigate/till/person", "3"),
        ("zigbee2mqtt/radar", r#"{"presence":true,"illuminance":120,"linkquality":98}"#),
        ("hallway/status", "online"),
        ("hallway/binary_sensor/ld2410_presence/state", "ON"),
    ]);
    let figure = |sensor: &str, field: &str| -> u64 {
        shop.report().iter().filter(|row| row["sensor"] == sensor).filter_map(|row| row[field].as_u64()).sum()
    };
    wait_until("two crossings of the Milesight line are counted", || {
        (figure("front-door", "in"), figure("front-door", "out")) == (2, 4)
    });
    shop.publish(&[
        ("frigate/till/person", "0"),
        ("zigbee2mqtt/radar", r#"{"presence":false,"illuminance":120,"linkquality":98}"#),
        ("hallway/binary_sensor/ld2410_presence/state", "OFF"),
    ]);
    wait_until("all are heard", || {
        shop.status()["sensors"].as_array().unwrap().iter().all(|s| s["id"] == "door" || s["last_heard"].is_string())
    });
    shop.noticed(&["stop", "entrance", "footfall"]);
    wait_until("Frigate's three people are the most at once", || figure("till-camera", "occupancy_max") == 3);
}
