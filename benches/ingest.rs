//! How fast messages are taken, against a subscriber that does nothing with them: the same broker, the same messages, one after
//! the other, several rounds. Prints messages per second, processor time per message and the ratio; judges nothing.
//!
//! `cargo bench` runs it; `INGEST_MESSAGES` says how many messages a round has.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints, and ends where it cannot go on")]

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rumqttc::{Client, Event, MqttOptions, Packet, QoS};

#[path = "../tests/it/shop.rs"]
#[expect(dead_code, reason = "the harness of the tests has more than a benchmark needs")]
mod shop;

use shop::{Shop, wait_until};

/// Devices that publish at the same time.
const DOORS: usize = 8;

/// Rounds; the median is quoted.
const ROUNDS: usize = 5;

fn main() {
    if let Some(address) = std::env::args().skip_while(|a| a != "--null-subscriber").nth(1) {
        return subscribe_and_do_nothing(&address);
    }
    let messages = std::env::var("INGEST_MESSAGES").ok().and_then(|n| n.parse().ok()).unwrap_or(50_000);
    let mut ratios = Vec::new();
    println!("round  null msg/s  noticed msg/s  ratio   null µs CPU/msg  noticed µs CPU/msg");
    for round in 1..=ROUNDS {
        let (null, ours) = (null_round(messages), noticed_round(messages));
        let ratio = ours.rate / null.rate;
        println!(
            "{round:>5}  {:>10.0}  {:>13.0}  {ratio:>5.2}  {:>15.1}  {:>18.1}",
            null.rate, ours.rate, null.cpu_us, ours.cpu_us
        );
        ratios.push(ratio);
    }
    ratios.sort_by(f64::total_cmp);
    println!("median ratio {:.2} ({messages} messages of QoS 1 a round, {DOORS} publishers)", ratios[ROUNDS / 2]);
}

struct Figures {
    rate: f64,
    cpu_us: f64,
}

fn null_round(messages: u64) -> Figures {
    let shop = Shop::new("");
    let _broker = shop.start_broker();
    let program = std::env::current_exe().unwrap();
    let arguments = ["--null-subscriber".to_owned(), format!("{} {messages}", shop.broker)];
    let mut child = Command::new(program).args(arguments).stdin(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(500));
    let started = now();
    let cpu = cpu_seconds(&child);
    publish(&shop, messages);
    // It ends its count by closing its own standard streams, and waits for us so that its processor time can be read.
    wait_until("the null subscriber has them all", || {
        std::path::Path::new(&done_file(&shop.broker.to_string())).exists()
    });
    let figures = figures(messages, started, cpu_seconds(&child) - cpu);
    let _ = std::fs::remove_file(done_file(&shop.broker.to_string()));
    let _ = child.kill();
    let _ = child.wait();
    figures
}

fn noticed_round(messages: u64) -> Figures {
    let shop = Shop::new("");
    let _broker = shop.start_broker();
    let daemon = shop.start_daemon();
    let _sign = shop.hang_up_sign();
    shop.wait_until_open();
    let started = now();
    let cpu = cpu_seconds(&daemon.0);
    publish(&shop, messages);
    wait_until("all are understood", || shop.status()["sensors"][0]["accepted"].as_u64() == Some(messages));
    let figures = figures(messages, started, cpu_seconds(&daemon.0) - cpu);
    wait_until("all are in the report", || shop.people() == messages);
    figures
}

fn figures(messages: u64, started: Instant, cpu: f64) -> Figures {
    let messages = messages as f64;
    Figures { rate: messages / started.elapsed().as_secs_f64(), cpu_us: cpu * 1e6 / messages }
}

fn publish(shop: &Shop, messages: u64) {
    let payload = format!(r#"{{"in":1,"filler":"{}"}}"#, "x".repeat(40));
    let publishers: Vec<_> = (0..DOORS as u64)
        .map(|door| {
            let (broker, payload) = (shop.broker, payload.clone());
            let share = messages / DOORS as u64 + u64::from(door < messages % DOORS as u64);
            std::thread::spawn(move || {
                let mut publisher = shop::Publisher::named(broker, &format!("door-{door}"));
                (0..share).for_each(|_| publisher.publish("counters/door", payload.as_str()));
                publisher.finish();
            })
        })
        .collect();
    for publisher in publishers {
        publisher.join().unwrap();
    }
}

fn subscribe_and_do_nothing(address_and_messages: &str) {
    let (address, messages) = address_and_messages.split_once(' ').unwrap();
    let (host, port) = address.split_once(':').unwrap();
    let mut options = MqttOptions::new("null", host, port.parse().unwrap());
    options.set_clean_session(false);
    let (client, mut connection) = Client::new(options, 10);
    client.subscribe("counters/#", QoS::AtLeastOnce).unwrap();
    let messages: u64 = messages.parse().unwrap();
    let mut heard = 0;
    for event in connection.iter() {
        if let Ok(Event::Incoming(Packet::Publish(_))) = event {
            heard += 1;
            if heard == messages {
                std::fs::write(done_file(address), "").unwrap();
            }
        }
    }
}

fn done_file(address: &str) -> String {
    std::env::temp_dir().join(format!("noticed-bench-{address}")).to_string_lossy().into_owned()
}

/// Processor time of a child so far, from /proc/PID/stat (proc(5): fields 14 and 15, in ticks of 10 ms).
fn cpu_seconds(child: &Child) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    fields[11..13].iter().map(|ticks| ticks.parse::<f64>().unwrap() / 100.0).sum()
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn now() -> Instant {
    Instant::now()
}
