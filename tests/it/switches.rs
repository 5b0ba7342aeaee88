//! Sensors that are switched with counting, by the real program over a real broker.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rumqttc::{Client, Event, MqttOptions, Packet, QoS};

use crate::shop::{Shop, wait_until};

/// Cameras that the daemon may switch; more than a client sends in one go.
const CAMERAS: usize = 12;

/// Commands as they came: topic, payload, whether they were retained.
type Commands = Arc<Mutex<Vec<(String, String, bool)>>>;

/// Writes down every command that any camera is given; answers none, as a camera that is slow to obey.
fn watch(shop: &Shop) -> Commands {
    let mut options = MqttOptions::new("watcher", shop.broker.ip().to_string(), shop.broker.port());
    options.set_keep_alive(Duration::from_secs(5));
    let (client, mut connection) = Client::new(options, 16);
    client.subscribe("frigate/+/enabled/set", QoS::AtLeastOnce).unwrap();
    let commands = Commands::default();
    let heard = Arc::clone(&commands);
    std::thread::spawn(move || {
        let _client = client;
        for event in connection.iter() {
            match event {
                Ok(Event::Incoming(Packet::Publish(publish))) => {
                    let payload = String::from_utf8(publish.payload.to_vec()).unwrap();
                    heard.lock().unwrap().push((publish.topic, payload, publish.retain));
                }
                Ok(_) => {}
                Err(_) => return,
            }
        }
    });
    commands
}

fn told(commands: &Commands, word: &str) -> usize {
    let commands = commands.lock().unwrap();
    let mut topics: Vec<_> = commands.iter().filter(|(_, said, _)| said == word).map(|(topic, ..)| topic).collect();
    topics.sort();
    topics.dedup();
    topics.len()
}

#[test]
fn every_camera_is_told_off_before_the_daemon_goes_also_those_that_never_answered() {
    let mut more = String::new();
    for n in 0..CAMERAS {
        let _ = write!(
            more,
            "[[sensor]]\nid = \"camera-{n}\"\nzone = \"entrance\"\nactivity = \"footfall\"\nclass = \"edge-camera\"\n\
             profile = \"frigate\"\ntopic = \"frigate/c{n}\"\ncontrol = true\n"
        );
    }
    let shop = Shop::new(&more);
    let _broker = shop.start_broker();
    let commands = watch(&shop);
    // What every camera said last is that it is off.
    let topics: Vec<_> = (0..CAMERAS).map(|n| format!("frigate/c{n}/enabled/state")).collect();
    let daemon = shop.start_daemon();
    wait_until("the daemon hears the broker", || shop.status()["broker"] == "connected");
    shop.publish(&topics.iter().map(|topic| (topic.as_str(), "OFF")).collect::<Vec<_>>());
    let _sign = shop.hang_up_sign();
    shop.wait_until_open();
    wait_until("every camera is told on", || told(&commands, "ON") == CAMERAS);
    commands.lock().unwrap().clear();
    assert_eq!(daemon.stop(), Some(0));
    wait_until("every camera is told off", || told(&commands, "OFF") == CAMERAS);
    assert!(commands.lock().unwrap().iter().all(|(_, _, retained)| !retained), "a retained command is obeyed for ever");
}
