//! Hostile input through the real broker: refused within its limit, the daemon's memory flat, and honest sensors unaffected.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use noticed::cli::client::ask;

use crate::shop::{Daemon, Publisher, Shop, Sign, wait_until};
use noticed::cli::demo::parts::Part;

/// Planted in every payload that is refused.
const MARKER: &str = "Zx9Qhostilep7";

/// By how much the daemon's memory may have grown after an attack. Nothing of it is kept, but the connection keeps the room of one
/// packet.
const GROWTH_MAX_KB: u64 = 24 * 1024;

/// By how much it may grow during one: a few packets of the largest kind on their way through the connection.
const PEAK_MAX_KB: u64 = 48 * 1024;

/// How long an honest message may take while somebody floods.
const IN_TIME: Duration = Duration::from_secs(5);

/// A shop in which counting is open.
struct Open {
    shop: Shop,
    daemon: Daemon,
    _broker: Part,
    _sign: Sign,
    resident_kb: u64,
}

impl Open {
    fn new(shop: Shop) -> Self {
        let broker = shop.start_broker();
        let daemon = shop.start_daemon();
        let sign = shop.hang_up_sign();
        shop.wait_until_open();
        shop.publish(&[("counters/door", r#"{"in":1}"#)]);
        wait_until("the first is counted", || shop.people() == 1);
        let resident_kb = daemon.resident_kb();
        Self { shop, daemon, _broker: broker, _sign: sign, resident_kb }
    }

    fn sensor(&self, id: &str) -> serde_json::Value {
        let status = self.shop.status();
        status["sensors"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|sensor| sensor["id"] == id)
            .cloned()
            .unwrap_or_default()
    }

    fn refused(&self, id: &str) -> u64 {
        self.sensor(id)["refused"].as_u64().unwrap_or_default()
    }

    fn accepted(&self, id: &str) -> u64 {
        self.sensor(id)["accepted"].as_u64().unwrap_or_default()
    }

    /// An honest crossing is still counted, and memory is as it was.
    fn goes_on(&self, people: u64) {
        self.shop.publish(&[("counters/door", r#"{"in":1}"#)]);
        wait_until("the honest one is counted", || self.shop.people() == people);
        let (resident_kb, peak_kb) = (self.daemon.resident_kb(), self.daemon.peak_kb());
        assert!(resident_kb < self.resident_kb + GROWTH_MAX_KB, "{} kB grew to {resident_kb} kB", self.resident_kb);
        assert!(peak_kb < self.resident_kb + PEAK_MAX_KB, "{} kB grew to {peak_kb} kB", self.resident_kb);
    }

    /// Nothing of a refused payload is in the log, in the store or among the figures.
    fn keeps_nothing_of_it(&self) {
        assert!(!self.shop.log().contains(MARKER), "{}", self.shop.log());
        for name in ["store.db", "store.db-wal", "store.db-shm"] {
            let bytes = fs::read(self.shop.path(name)).unwrap_or_default();
            assert!(!bytes.windows(MARKER.len()).any(|window| window == MARKER.as_bytes()), "{name}");
        }
        for path in ["/metrics", "/api/v1/status", "/"] {
            let answer = ask(self.shop.operator, "GET", path, &[], "").unwrap();
            assert!(!answer.text().contains(MARKER), "{path}: {}", answer.text());
        }
    }
}

#[test]
fn nested_binary_and_malformed_payloads_are_counted_as_refused_and_leave_nothing_behind() {
    let open = Open::new(Shop::new(""));
    let deep = |n: usize| format!("{}\"{MARKER}\"{}", "[".repeat(n), "]".repeat(n));
    let hostile: Vec<Vec<u8>> = vec![
        format!(r#"{{"in":{}}}"#, deep(50)).into_bytes(),
        format!(r#"{{"in":1,"elsewhere":{}}}"#, deep(50)).into_bytes(),
        format!(r#"{{"in":1,"elsewhere":{}}}"#, deep(7_000)).into_bytes(),
        format!(r#"{{"in":1,"many":[{}"{MARKER}"]}}"#, "0,".repeat(7_000)).into_bytes(),
        [b"{\"in\":1,\"name\":\"\xff\xfe", MARKER.as_bytes(), b"\"}"].concat(),
        [&[0, 159, 146, 150, 255], MARKER.as_bytes(), &[0, 1, 2, 3]].concat(),
        format!(r#"{{"in":"{MARKER}"}}"#).into_bytes(),
        format!(r#"{{"in":1e999,"name":"{MARKER}"}}"#).into_bytes(),
        format!(r#"{{"in":-1,"name":"{MARKER}"}}"#).into_bytes(),
        format!(r#"{{"in":1,"name":"{MARKER}""#).into_bytes(),
        [MARKER.as_bytes(), &vec![b' '; 16_385]].concat(),
    ];
    let expected = hostile.len() as u64;
    let mut attacker = Publisher::named(open.shop.broker, "attacker");
    for payload in hostile {
        attacker.publish("counters/door", payload);
    }
    attacker.finish();
    wait_until("all are refused", || open.refused("door") == expected);
    open.goes_on(2);
    assert_eq!(open.accepted("door"), 2);
    open.keeps_nothing_of_it();
    let metrics = ask(open.shop.operator, "GET", "/metrics", &[], "").unwrap().text();
    assert!(
        metrics.contains(r#"noticed_sensor_refused_messages_total{sensor="door",reason="malformed"}"#),
        "{metrics}"
    );
}

#[test]
fn payloads_of_ten_megabytes_are_refused_and_memory_stays_flat() {
    const PAYLOADS: u64 = 12;
    let open = Open::new(Shop::new(""));
    let payload = [br#"{"in":1,"name":""#, MARKER.repeat(10_000_000 / MARKER.len()).as_bytes(), b"\"}"].concat();
    let mut attacker = Publisher::named(open.shop.broker, "attacker");
    (0..PAYLOADS).for_each(|_| attacker.publish("counters/door", payload.clone()));
    attacker.finish();
    wait_until("all are refused", || open.refused("door") == PAYLOADS);
    open.goes_on(2);
    open.keeps_nothing_of_it();
}

/// A counter that is known by a level of its topics, and names its streams after it.
const GATES: &str = r#"
title = "Gates"
topic = "the site"
subscribe = ["{topic}/+/count"]
payload-limit = 1024
[example]
topic = "site"
[[rule]]
topic = "{topic}/{gate}/count"
retain = "event"
payload = "json"
"#;

/// A shop with that counter, whose `readings` are these.
fn with_gates(readings: &str) -> Shop {
    let shop = Shop::new(&second("gates", "gates", "site"));
    fs::create_dir(shop.path("profiles")).unwrap();
    fs::write(shop.path("profiles/gates.toml"), format!("{GATES}readings = '''{readings}'''\n")).unwrap();
    shop
}

/// A second sensor of the shop.
fn second(id: &str, profile: &str, topic: &str) -> String {
    format!(
        "[[sensor]]\nid = \"{id}\"\nzone = \"entrance\"\nactivity = \"footfall\"\nclass = \"tof\"\n\
         profile = \"{profile}\"\ntopic = \"{topic}\"\n"
    )
}

#[test]
fn a_hundred_thousand_topics_of_one_sensor_become_neither_streams_nor_memory() {
    const TOPICS: u64 = 100_000;
    const STREAMS: u64 = 64;
    let open = Open::new(with_gates("{stream: $gate, crossing: {in: .in}}"));
    let mut attacker = Publisher::named(open.shop.broker, "attacker");
    for n in 0..TOPICS {
        attacker.publish(&format!("site/{MARKER}-{n}/count"), r#"{"in":1}"#);
    }
    attacker.finish();
    // Each message is understood; the readings of those beyond the last stream are refused.
    wait_until("all are taken or refused", || {
        (open.accepted("gates"), open.refused("gates")) == (TOPICS, TOPICS - STREAMS)
    });
    open.goes_on(2 + STREAMS);
    // Names of streams are kept, encrypted; they are told nowhere.
    open.keeps_nothing_of_it();
}

#[test]
fn an_expression_that_never_ends_is_refused_by_check_with_its_place() {
    for (endless, why) in [
        ("def f: f; f", "def"),
        ("[recurse]", "recurse"),
        ("[range(0; 1e18)]", "range"),
        ("last(repeat(1))", "last"),
        ("[limit(9; .[])]", "limit"),
    ] {
        let shop = with_gates(&format!("\n.\n| {endless}"));
        let check = shop.noticed(&["check"]);
        let said = String::from_utf8_lossy(&check.stderr).into_owned();
        assert_eq!(check.status.code(), Some(78), "{said}");
        assert!(said.contains("gates.toml:14:"), "the line of {endless:?}: {said}");
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn an_expression_that_would_run_for_hours_is_cut_off_and_its_message_refused() {
    const MESSAGES: u64 = 200;
    let loops = "[.[] as $a | .[] as $b | .[] as $c | .[] as $d | .[] as $e | 1] | {crossing: {in: length}}";
    let open = Open::new(with_gates(loops));
    let many = format!(r#"["{MARKER}"{}]"#, ",0".repeat(450));
    let mut attacker = Publisher::named(open.shop.broker, "attacker");
    (0..MESSAGES).for_each(|_| attacker.publish("site/a/count", many.as_str()));
    attacker.publish("site/a/count", "[0]");
    attacker.finish();
    wait_until("all are refused, and the short one is not", || {
        (open.refused("gates"), open.accepted("gates")) == (MESSAGES, 1)
    });
    open.goes_on(3);
    open.keeps_nothing_of_it();
}

#[test]
fn a_flooding_sensor_delays_no_honest_one() {
    /// Fewest honest crossings, and the time between two of them.
    const HONEST_MIN: u64 = 40;
    const PACE: Duration = Duration::from_millis(50);
    let open = Open::new(Shop::new(&second("flood", "json", "counters/flood").replace(
        "topic = \"counters/flood\"\n",
        "topic = \"counters/flood\"\noptions = { mode = \"crossing\", in = \"/in\" }\n",
    )));
    let stop = Arc::new(AtomicBool::new(false));
    let flooders: Vec<_> = (0..2)
        .map(|n| {
            let (stop, broker) = (stop.clone(), open.shop.broker);
            let payload = format!(r#"{{"in":0,"filler":"{}"}}"#, "x".repeat(4_000));
            std::thread::spawn(move || {
                let (mut flooder, mut sent) = (Publisher::named(broker, &format!("flooder-{n}")), 0u64);
                while !stop.load(Ordering::Relaxed) {
                    (0..500).for_each(|_| flooder.publish("counters/flood", payload.as_str()));
                    flooder.finish();
                    sent += 500;
                }
                sent
            })
        })
        .collect();
    let (mut door, mut honest) = (Publisher::named(open.shop.broker, "door"), 0);
    wait_until("the flood is refused", || {
        door.publish("counters/door", r#"{"in":1}"#);
        door.finish();
        honest += 1;
        std::thread::sleep(PACE);
        honest >= HONEST_MIN && open.refused("flood") > 0
    });
    let last = now();
    wait_until("every honest one is understood", || open.accepted("door") == honest + 1);
    let waited = last.elapsed();
    stop.store(true, Ordering::Relaxed);
    let sent: u64 = flooders.into_iter().map(|flooder| flooder.join().unwrap()).sum();
    assert!(waited < IN_TIME, "{waited:?}, while {sent} were sent by the flooders");
    wait_until("the flood is over", || open.accepted("flood") + open.refused("flood") == sent);
    open.goes_on(honest + 2);
}

#[expect(clippy::disallowed_methods, reason = "how long it takes is the question")]
fn now() -> Instant {
    Instant::now()
}
