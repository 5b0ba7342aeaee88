//! The ledger of a shop that really ran, judged by the same program as a stranger would run it: with nothing but the file.

use std::fs;

use serde_json::Value;

use crate::shop::{Shop, noticed, wait_until};
use crate::verifier::page_says;

/// The verdict on an export: its exit code and what it says.
fn verdict(file: &str, more: &[&str]) -> (Option<i32>, Value) {
    let output = noticed(&[&["ledger", "verify", file, "--format", "json"], more].concat());
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or_default())
}

#[test]
fn what_a_shop_counted_a_stranger_finds_noticed_across_a_kill_and_a_stop() {
    let shop = Shop::new("");
    let _broker = shop.start_broker();
    let daemon = shop.start_daemon();
    wait_until("the broker is connected", || shop.status()["broker"] == "connected");
    let _sign = shop.hang_up_sign();
    shop.wait_until_open();
    shop.publish(&[("counters/door", r#"{"in":1}"#), ("counters/door", r#"{"in":2}"#)]);
    wait_until("three people are in the report", || shop.people() == 3);
    daemon.kill();
    let daemon = shop.start_daemon();
    shop.wait_until_open();
    assert_eq!(daemon.stop(), Some(0));

    let (config, file) = (shop.config(), shop.path("evidence.json"));
    let (config, file) = (config.to_str().unwrap(), file.to_str().unwrap());
    let exported = noticed(&["evidence", "--config", config, "--export", file]);
    assert_eq!(exported.status.code(), Some(0), "{}", String::from_utf8_lossy(&exported.stderr));
    let (code, told) = verdict(file, &[]);
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(
        (&told["missing_notices"], told["notices"].as_u64()),
        (&Value::Array(vec![]), Some(1)),
        "its picture is there"
    );
    let text = fs::read_to_string(file).unwrap();
    assert_eq!(page_says(&text), told, "a browser says the same");
    for event in ["started", "configured", "shown", "opened", "closed"] {
        assert!(text.contains(&format!("\\\"event\\\":\\\"{event}\\\"")), "{event} in {text}");
    }
    assert_eq!(text.matches("\\\"event\\\":\\\"opened\\\"").count(), 1, "a kill under a lease ends nothing: {text}");
    assert!(text.contains("\\\"cause\\\":\\\"shutdown\\\""), "{text}");

    let seen = shop.path("seen");
    fs::write(&seen, told["checkpoint"].as_str().unwrap()).unwrap();
    assert_eq!(verdict(file, &["--checkpoint", seen.to_str().unwrap()]).0, Some(0));
    let forged = shop.path("forged.json");
    fs::write(&forged, text.replacen("shutdown", "stopped", 1)).unwrap();
    assert_eq!(verdict(forged.to_str().unwrap(), &[]).0, Some(1), "a changed word is found");

    let account = noticed(&["evidence", "--config", config, "--format", "json"]);
    let account: Value = serde_json::from_slice(&account.stdout).unwrap();
    let zone = &account["zones"][0];
    assert_eq!((&zone["zone"], &zone["activity"]), (&"entrance".into(), &"footfall".into()));
    let seconds = |field: &str| zone[field].as_f64().unwrap();
    assert!(seconds("open_seconds") <= seconds("noticed_seconds"), "{account}");
}
