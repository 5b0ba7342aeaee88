//! Counted exactly once, whatever is killed and when.

use std::time::Duration;

use crate::shop::{Publisher, Shop, wait_until};

/// A small generator, so that the moments of death differ from run to run of the loop but not of the test.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

/// Publishes `messages` crossings of identical payload while the daemon is killed `kills` times, and compares.
fn counted_exactly_once(messages: u64, kills: u64) {
    let shop = Shop::new("");
    let _broker = shop.start_broker();
    let mut daemon = shop.start_daemon();
    let _sign = shop.hang_up_sign();
    shop.wait_until_open();

    let broker = shop.broker;
    let publishing = std::thread::spawn(move || {
        let mut publisher = Publisher::new(broker);
        for round in 0..messages.div_ceil(50) {
            (0..50.min(messages - round * 50)).for_each(|_| publisher.publish("counters/door", r#"{"in":1}"#));
            publisher.finish();
            std::thread::sleep(Duration::from_millis(10));
        }
    });
    let mut dice = Dice(messages ^ kills);
    let mut killed = 0;
    while killed < kills || !publishing.is_finished() {
        std::thread::sleep(Duration::from_millis(20 + dice.roll(250)));
        daemon.kill();
        daemon = shop.start_daemon();
        killed += 1;
    }
    publishing.join().unwrap();

    wait_until("everything sent is in the report", || shop.people() >= messages);
    daemon.signal(rustix::process::Signal::TERM);
    wait_until("the daemon has stopped", || std::net::TcpStream::connect(shop.operator).is_err());
    assert_eq!(shop.people(), messages, "after {killed} kills");
}

#[test]
fn twenty_thousand_identical_crossings_survive_a_hundred_kills_exactly() {
    counted_exactly_once(20_000, 100);
}

#[test]
#[ignore = "takes several minutes; `make crash-test` runs it: the packet id wraps on the way"]
fn seventy_thousand_identical_crossings_survive_kills_exactly() {
    counted_exactly_once(70_000, 300);
}
