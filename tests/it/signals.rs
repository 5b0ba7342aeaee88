//! Stop and reload.

use std::fs;

use noticed::cli::client::ask;
use rustix::process::Signal;

use crate::shop::{Shop, wait_until};

#[test]
fn a_stop_keeps_everything_and_ends_with_zero() {
    let shop = Shop::new("");
    let _broker = shop.start_broker();
    let daemon = shop.start_daemon();
    let _sign = shop.hang_up_sign();
    shop.wait_until_open();
    shop.publish(&[("counters/door", r#"{"in":1}"#); 25]);
    wait_until("some are counted", || shop.people() > 0);
    assert_eq!(daemon.stop(), Some(0));
    let _daemon = shop.start_daemon();
    wait_until("all are counted", || shop.people() == 25);
}

#[test]
fn a_reload_with_a_bad_file_changes_nothing_and_says_so() {
    let shop = Shop::new("");
    let _broker = shop.start_broker();
    let daemon = shop.start_daemon();
    let _sign = shop.hang_up_sign();
    shop.wait_until_open();
    let good = fs::read_to_string(shop.config()).unwrap();
    fs::write(shop.config(), good.replace("zone = \"entrance\"", "zone = \"entrence\"")).unwrap();
    daemon.signal(Signal::HUP);
    wait_until("the log says what is wrong", || shop.log().contains("entrence"));
    fs::write(shop.config(), good).unwrap();
    assert_eq!(shop.interlock(), "open");
    shop.publish(&[("counters/door", r#"{"in":1}"#)]);
    wait_until("counting goes on", || shop.people() == 1);
}

#[test]
fn a_reload_that_changes_the_notice_counts_again_only_after_the_new_one_is_confirmed() {
    let shop = Shop::new("");
    let _broker = shop.start_broker();
    let daemon = shop.start_daemon();
    let sign = shop.hang_up_sign();
    shop.wait_until_open();
    let before = shop.status()["signs"][0]["state"].clone();
    drop(sign);
    let changed = fs::read_to_string(shop.config()).unwrap().replace("planowanie obsady", "planowanie grafiku");
    fs::write(shop.config(), changed).unwrap();
    daemon.signal(Signal::HUP);
    wait_until("counting waits for the new notice", || shop.interlock() == "opening");
    assert_eq!(shop.status()["signs"][0]["state"], before);
    shop.publish(&[("counters/door", r#"{"in":1}"#)]);
    let _sign = crate::shop::Sign::with_token(&shop);
    shop.wait_until_open();
    shop.publish(&[("counters/door", r#"{"in":1}"#)]);
    wait_until("only the second is counted", || shop.people() == 1);
}

#[test]
fn a_reload_takes_the_shop_s_own_words_and_refuses_wrong_ones() {
    let shop = Shop::new("");
    let daemon = shop.start_daemon();
    let page = || ask(shop.signage, "GET", "/notice/pl", &[], "").map(|answer| answer.text()).unwrap_or_default();
    wait_until("the notice is served", || page().contains("Co mierzymy"));
    fs::create_dir(shop.path("wordings")).unwrap();
    fs::write(shop.path("wordings/pl.toml"), "[page]\ntitle = \"Liczniki w {sklep}\"\n").unwrap();
    daemon.signal(Signal::HUP);
    wait_until("the log says what is wrong", || {
        shop.log().contains("wordings/pl.toml:2:9: [page] title: holds {sklep}")
    });
    assert!(page().contains("Co mierzymy"));
    fs::write(shop.path("wordings/pl.toml"), "[page]\ntitle = \"Liczniki w {shop}\"\n").unwrap();
    daemon.signal(Signal::HUP);
    wait_until("the notice says it in the shop's words", || page().contains("Liczniki w\u{a0}Sklep Zielony"));
}
