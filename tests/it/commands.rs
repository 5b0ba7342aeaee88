//! Commands as a technician gives them: what they say, how they end, what they leave alone.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::shop::{Shop, noticed, wait_until};

/// A shop whose store exists, with the daemon stopped.
fn shop_with_store() -> Shop {
    let shop = Shop::new("");
    let daemon = shop.start_daemon();
    wait_until("the daemon answers", || !shop.status().is_null());
    assert_eq!(daemon.stop(), Some(0));
    shop
}

/// Reading and running leave the store byte for byte as it is, say what to do, and fail; signs go on with "unknown".
fn store_is_refused(shop: &Shop, expected: &str) {
    let before = fs::read(shop.path("store.db")).unwrap();
    let report = shop.noticed(&["report"]);
    let said = String::from_utf8_lossy(&report.stderr);
    assert_eq!(report.status.code(), Some(1), "{said}");
    assert!(said.contains(expected), "{said}");
    let daemon = shop.start_daemon();
    wait_until("the sign is served", || {
        noticed::cli::client::ask(shop.signage, "GET", "/signs/sign", &[], "")
            .is_ok_and(|answer| answer.text().contains(r#""state":"unknown""#))
    });
    assert!(shop.log().contains(expected), "{}", shop.log());
    assert!(shop.status()["store"].as_str().unwrap().contains(expected));
    assert_eq!(daemon.stop(), Some(1), "the exit code says that it did not work");
    assert!(fs::read(shop.path("store.db")).unwrap() == before, "the store is untouched");
}

#[test]
fn a_store_without_its_key_is_left_alone() {
    let shop = shop_with_store();
    fs::remove_file(shop.path("store.key")).unwrap();
    store_is_refused(&shop, "store.key");
}

#[test]
fn a_store_with_another_key_is_left_alone() {
    let shop = shop_with_store();
    fs::remove_file(shop.path("store.key")).unwrap();
    assert!(noticed(&["key", "new", "--file", &shop.path("store.key").to_string_lossy()]).status.success());
    store_is_refused(&shop, "put back the key that was in use");
}

#[test]
fn a_truncated_store_is_left_alone() {
    let shop = shop_with_store();
    let bytes = fs::read(shop.path("store.db")).unwrap();
    fs::write(shop.path("store.db"), &bytes[..bytes.len() / 2]).unwrap();
    store_is_refused(&shop, "damaged");
}

#[test]
fn a_key_that_anybody_can_read_is_refused() {
    let shop = shop_with_store();
    fs::set_permissions(shop.path("store.key"), fs::Permissions::from_mode(0o644)).unwrap();
    let report = shop.noticed(&["report"]);
    assert_eq!(report.status.code(), Some(78), "{}", String::from_utf8_lossy(&report.stderr));
}

#[test]
fn without_a_key_and_without_a_store_the_daemon_says_how_to_make_one() {
    let shop = Shop::new("");
    fs::remove_file(shop.path("store.key")).unwrap();
    let run = shop.noticed(&["run"]);
    assert_eq!(run.status.code(), Some(78));
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(said.contains("noticed key new"), "{said}");
    assert!(!shop.path("store.db").exists());
}

#[test]
fn twelve_mistakes_are_twelve_problems_with_their_lines() {
    let shop = Shop::new("");
    let text = fs::read_to_string(shop.config()).unwrap();
    let wrong = [
        ("time-zone = \"Europe/Warsaw\"", "time-zone = \"Europe/Warszawa\""),
        ("contact = \"rodo@example.pl\"", "contact = \"\""),
        ("dpo = \"iod@example.pl\"", "dpoo = \"iod@example.pl\""),
        ("url = \"mqtt://", "url = \"http://"),
        ("key-file =", "key-fiel ="),
        ("kind = \"people-counting\"", "kind = \"people-countin\""),
        ("retention = \"13 months\"", "retention = \"13 moons\""),
        ("class = \"tof\"", "class = 5"),
        ("profile = \"json\"", "profile = \"jason\""),
        ("zones = [\"entrance\"]", "zones = [\"entrence\"]"),
        ("address = \"AA:BB:CC:DD:EE:FF\"", "address = \"AA:BB:CC\""),
        ("refresh = \"60 s\"", "refresh = \"3 h\""),
    ];
    let mut text_wrong = text.clone();
    let mut lines = Vec::new();
    for (right, wrong) in wrong {
        let at = text.find(right).unwrap_or_else(|| panic!("{right}"));
        lines.push(text[..at].lines().count() + usize::from(text[..at].ends_with('\n')));
        text_wrong = text_wrong.replacen(right, wrong, 1);
    }
    fs::write(shop.config(), text_wrong).unwrap();
    let check = shop.noticed(&["check", "--format", "json"]);
    assert_eq!(check.status.code(), Some(78));
    let found: serde_json::Value = serde_json::from_slice(&check.stdout).unwrap();
    let found: Vec<u64> = found["problems"].as_array().unwrap().iter().map(|p| p["line"].as_u64().unwrap()).collect();
    lines.sort_unstable();
    let expected: Vec<u64> = lines.into_iter().map(|line| line as u64).collect();
    assert_eq!(found, expected, "{}", String::from_utf8_lossy(&shop.noticed(&["check"]).stderr));
}

#[test]
fn the_demonstration_tells_its_story_and_leaves_nothing_behind() {
    let temporary = tempfile::tempdir().unwrap();
    let output = std::process::Command::new(crate::shop::program())
        .args(["demo", "--seconds", "25"])
        .env("TMPDIR", temporary.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    for step in ["not counting", "sensors appear", "offered", "fetched", "confirmed. Counting is open"] {
        assert!(said.contains(step), "{step} is missing: {said}");
    }
    let people = said.lines().find_map(|l| l.strip_suffix(" people are in the figures. Nothing is left behind."));
    assert!(people.unwrap().parse::<u64>().unwrap() > 0, "{said}");
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0);
}
