//! The broker dies and comes back.

use std::time::Duration;

use crate::shop::{Shop, wait_until};

#[test]
fn a_broker_that_kept_its_state_costs_nobody() {
    let shop = Shop::new("");
    let mut broker = shop.start_broker();
    let _daemon = shop.start_daemon();
    let _sign = shop.hang_up_sign();
    shop.wait_until_open();
    shop.publish(&[("counters/door", r#"{"in":1}"#); 10]);
    wait_until("ten are counted", || shop.people() == 10);
    // In order: the broker saves its sessions.
    broker.stop();
    wait_until("the daemon knows", || shop.status()["broker"] != "connected");
    let _broker = shop.start_broker();
    shop.publish(&[("counters/door", r#"{"in":1}"#); 10]);
    wait_until("twenty are counted", || shop.people() == 20);
    assert!(shop.report().iter().all(|row| row["may_be_low"] == false), "{:?}", shop.report());
}

#[test]
fn a_broker_that_lost_its_state_is_counted_with_again_within_five_seconds_and_the_figures_are_marked() {
    let shop = Shop::new("");
    let mut broker = shop.start_broker();
    let _daemon = shop.start_daemon();
    let _sign = shop.hang_up_sign();
    shop.wait_until_open();
    shop.publish(&[("counters/door", r#"{"in":1}"#)]);
    wait_until("one is counted", || shop.people() == 1);
    broker.kill();
    std::fs::remove_file(shop.path("mosquitto.db")).ok();
    wait_until("the daemon knows", || shop.status()["broker"] != "connected");
    let _broker = shop.start_broker();
    #[expect(clippy::disallowed_methods, reason = "how fast it is back is the question")]
    let back = std::time::Instant::now();
    wait_until("the daemon has subscribed again", || shop.status()["broker"] == "connected");
    assert!(back.elapsed() < Duration::from_secs(5), "{:?}", back.elapsed());
    shop.publish(&[("counters/door", r#"{"in":1}"#)]);
    wait_until("two are counted", || shop.people() == 2);
    assert!(back.elapsed() < Duration::from_secs(5), "{:?}", back.elapsed());
    assert!(shop.report().iter().any(|row| row["may_be_low"] == true), "{:?}", shop.report());
}
