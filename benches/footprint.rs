//! What the daemon costs a small box: memory with 100 sensors and 5 signs, wake-ups while nothing happens, bytes written at 50
//! messages a second. Prints figures read from /proc (proc(5)); judges nothing. The daemon runs with the allocator's settings of the unit.
//!
//! `cargo bench --bench footprint` runs it; it takes two minutes.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints, and ends where it cannot go on")]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use noticed::cli::demo::display::Display;

#[path = "../tests/it/shop.rs"]
#[expect(dead_code, reason = "the harness of the tests has more than a benchmark needs")]
mod shop;

use shop::{Daemon, MAC, Publisher, Shop};

/// How long nothing happens.
const IDLE: Duration = Duration::from_secs(60);

/// Messages of the paced part, and how long lies between two of them.
const MESSAGES: u64 = 2_000;
const PACE: Duration = Duration::from_millis(20);

fn main() {
    let shop = Shop::new(&hundred_sensors_and_five_signs());
    let _broker = shop.start_broker();
    let daemon = shop.start_daemon();
    shop::wait_until("the broker is connected", || shop.status()["broker"] == "connected");
    confirm_signs(&shop);
    shop.wait_until_open();
    println!("resident, five signs confirmed    {:>7} kB", daemon.resident_kb());

    std::thread::sleep(Duration::from_secs(3));
    let (switches, written) = (switches(&daemon), written(&daemon));
    std::thread::sleep(IDLE);
    println!("resident, idle                    {:>7} kB", daemon.resident_kb());
    // A thread that ended meanwhile was idle: it waited for work that did not come.
    let since = self::switches(&daemon).into_iter().map(|(task, n)| n - switches.get(&task).copied().unwrap_or(0));
    println!("context switches in {IDLE:?} idle    {:>7}", since.sum::<u64>());
    println!("bytes written in {IDLE:?} idle       {:>7}", self::written(&daemon) - written);

    let written = self::written(&daemon);
    publish_at_pace(&shop);
    shop::wait_until("all are in the report", || shop.people() == MESSAGES);
    let per_message = (self::written(&daemon) - written) / MESSAGES;
    println!("bytes written per message at 50/s {per_message:>7}");
    println!("resident, after {MESSAGES} messages     {:>7} kB", daemon.resident_kb());
}

fn hundred_sensors_and_five_signs() -> String {
    let mut toml = String::new();
    for n in 0..99 {
        let (profile, options) = match n % 3 {
            0 => ("json", "options = { in = \"/in\", mode = \"crossing\" }"),
            1 => ("milesight", ""),
            _ => ("esphome", "options = { entity = \"last_direction\" }"),
        };
        let _ = write!(
            toml,
            "[[sensor]]\nid = \"s{n}\"\nzone = \"entrance\"\nactivity = \"footfall\"\nclass = \"tof\"\nprofile = \"{profile}\"\n\
             topic = \"device/{n}\"\n{options}\n"
        );
    }
    for n in 0..4 {
        let _ = write!(
            toml,
            "[[sign]]\nid = \"sign{n}\"\nzones = [\"entrance\"]\nprotocol = \"trmnl\"\npanel = \"800x480-bw\"\n\
             address = \"AA:BB:CC:DD:EE:0{n}\"\nlanguage = \"en\"\nrefresh = \"15 min\"\ntransition-refresh = \"1 s\"\n"
        );
    }
    toml
}

/// Every sign comes back until it may sleep long: then it is confirmed, and its lease outlasts the benchmark.
fn confirm_signs(shop: &Shop) {
    let macs = (0..4).map(|n| format!("AA:BB:CC:DD:EE:0{n}")).chain([MAC.to_owned()]);
    let mut displays: Vec<Display> = macs.map(|mac| Display::new(shop.signage, &mac)).collect();
    shop::wait_until("every sign may sleep long", || {
        displays.iter_mut().all(|display| display.round().unwrap() >= Duration::from_secs(60))
    });
}

fn publish_at_pace(shop: &Shop) {
    let mut publisher = Publisher::new(shop.broker);
    for n in 0..MESSAGES {
        publisher
            .publish(&format!("device/{}", n % 8 * 3), r#"{"in":1,"filler":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}"#);
        publisher.finish();
        std::thread::sleep(PACE);
    }
}

fn field(daemon: &Daemon, file: &str, name: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{}/{file}", daemon.0.id())).unwrap();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn written(daemon: &Daemon) -> u64 {
    field(daemon, "io", "write_bytes:")
}

/// Voluntary context switches of each thread so far.
fn switches(daemon: &Daemon) -> BTreeMap<String, u64> {
    let tasks = std::fs::read_dir(format!("/proc/{}/task", daemon.0.id())).unwrap();
    let of = |task: std::fs::DirEntry| {
        let task = task.file_name().to_string_lossy().into_owned();
        let switches = field(daemon, &format!("task/{task}/status"), "voluntary_ctxt");
        (task, switches)
    };
    tasks.flatten().map(of).collect()
}
