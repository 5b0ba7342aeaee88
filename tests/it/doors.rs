//! Who comes to the door: displays that nobody configured, and displays that were reset.

use std::fs;

use noticed::cli::client::ask;
use serde_json::{Value, json};

use crate::shop::{MAC, Shop, wait_until};

const STRANGER: &str = "0A:1B:2C:3D:4E:5F";

/// What a display is told that asks for its credential; `null` while nobody answers.
fn set_up(shop: &Shop, mac: &str) -> Value {
    let headers = [format!("ID: {mac}"), "Model: og".to_owned(), "FW-Version: 1.8.14".to_owned()];
    let answer = ask(shop.signage, "GET", "/api/setup", &headers, "").ok().filter(|answer| answer.code == 200);
    answer.and_then(|answer| serde_json::from_slice(&answer.body).ok()).unwrap_or_default()
}

#[test]
fn a_display_is_hung_up_by_pasting_what_the_daemon_says_of_it() {
    let shop = Shop::new("");
    let daemon = shop.start_daemon();
    wait_until("the daemon answers", || !shop.status().is_null());
    let nobody = shop.noticed(&["sign", "pending"]);
    assert!(String::from_utf8_lossy(&nobody.stdout).starts_with("no display waits"));

    assert_eq!(set_up(&shop, &STRANGER.to_lowercase())["status"], 404);
    assert_eq!(ask(shop.signage, "GET", "/signs/hall/image.png", &[], "").unwrap().code, 404);
    let pending = shop.status()["pending"].clone();
    assert_eq!((&pending[0]["name"], &pending[1]["name"]), (&json!("hall"), &json!(STRANGER)));
    assert_eq!((&pending[1]["protocol"], &pending[1]["health"]["model"]), (&json!("trmnl"), &json!("og")));

    let blocks = shop.noticed(&["sign", "pending"]);
    assert!(blocks.status.success(), "{}", String::from_utf8_lossy(&blocks.stderr));
    let text = fs::read_to_string(shop.config()).unwrap() + &String::from_utf8_lossy(&blocks.stdout);
    fs::write(shop.config(), &text).unwrap();
    let check = shop.noticed(&["check"]);
    assert!(check.status.success(), "{}\n{text}", String::from_utf8_lossy(&check.stderr));
    assert!(String::from_utf8_lossy(&shop.noticed(&["sign", "pending"]).stdout).starts_with("no display waits"));

    daemon.signal(rustix::process::Signal::HUP);
    wait_until("the display gets its credential", || set_up(&shop, STRANGER)["status"] == 200);
    wait_until("the other one is known as well", || {
        ask(shop.signage, "GET", "/signs/hall", &[], "").is_ok_and(|answer| answer.code == 200)
    });
    let log = shop.log();
    assert!(!log.contains(STRANGER) && !log.contains(&STRANGER.to_lowercase()) && !log.contains("hall"), "{log}");
}

#[test]
fn a_display_that_was_reset_is_told_of_until_it_is_let_in_again() {
    let shop = Shop::new("");
    let _daemon = shop.start_daemon();
    wait_until("the daemon answers", || !shop.status().is_null());
    assert_eq!(set_up(&shop, MAC)["status"], 200);
    let told = || shop.status()["signs"][0]["alerts"].to_string().contains("noticed sign pair sign");
    assert!(!told());
    assert_eq!(set_up(&shop, MAC)["status"], 404);
    assert!(told(), "{}", shop.status());
    let page = ask(shop.operator, "GET", "/", &[], "").unwrap().text();
    assert!(page.contains("asked for its credential and was refused"), "{page}");
    assert!(shop.noticed(&["sign", "pair", "sign"]).status.success());
    assert_eq!(set_up(&shop, MAC)["status"], 200);
    assert!(!told());
}

#[test]
fn a_member_of_staff_attests_by_role_and_not_by_name() {
    let board = "[[sign]]\nid = \"board\"\nzones = [\"entrance\"]\nprotocol = \"printed\"\nlanguage = \"en\"\n";
    let shop = Shop::new(board);
    let _daemon = shop.start_daemon();
    wait_until("the daemon answers", || !shop.status().is_null());
    let attest = |sign: &str, role: &str| shop.noticed(&["sign", "attest", sign, "--by", role]).status.code();
    // A display that has not confirmed its notice is vouched for by nobody's word, a board on paper is.
    assert_eq!(attest("sign", "shift-lead"), Some(1));
    wait_until("the board on paper is attested", || attest("board", "shift-lead") == Some(0));
    assert_eq!(attest("sign", "Anna Nowak"), Some(2));
    assert_eq!(attest("nowhere", "shift-lead"), Some(2));
}
