//! The shop of the demonstration: its configuration, and sensors that publish what real devices of four families publish.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::mqtt::publish::Publisher;

/// MAC address of the simulated display, as in `shop.toml`.
pub(super) const DISPLAY_MAC: &str = "02:00:00:C0:FF:EE";

/// How long the sensors wait between two rounds.
const ROUND: Duration = Duration::from_millis(700);

/// The configuration of the shop, everything in `folder` and on loopback.
pub(super) fn configuration(folder: &Path, broker: SocketAddr, signage: SocketAddr, operator: SocketAddr) -> String {
    include_str!("shop.toml")
        .replace("@FOLDER@", &folder.display().to_string())
        .replace("@BROKER@", &broker.to_string())
        .replace("@SIGNAGE@", &signage.to_string())
        .replace("@OPERATOR@", &operator.to_string())
}

/// How many people the simulated counters have let through.
#[derive(Clone, Debug, Default)]
pub(super) struct Sent(Arc<AtomicU64>);

impl Sent {
    /// People so far.
    #[must_use]
    pub(super) fn people(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Publishes until the task is dropped.
pub(super) async fn sensors(publisher: Publisher, sent: Sent) {
    let mut round: u64 = 0;
    loop {
        round += 1;
        for (topic, payload) in messages(round) {
            publisher.command(&topic, payload.as_bytes());
        }
        sent.0.fetch_add(people(round), Ordering::Relaxed);
        tokio::time::sleep(ROUND).await;
    }
}

/// People that the counters report inward in one round.
fn people(round: u64) -> u64 {
    1 + 2 * u64::from(round.is_multiple_of(3))
}

/// What the devices publish in one round: shapes as real devices send them, identifiers made up.
fn messages(round: u64) -> Vec<(String, String)> {
    let occupied = !(round / 9).is_multiple_of(2);
    let mut messages = vec![
        (
            "milesight/front-door".to_owned(),
            format!(
                r#"{{"event":"Line Crossing","device_info":{{"device_name":"People Counter","device_sn":"6537F00000000001"}},"line_trigger_data":[{{"line":1,"line_name":"Line1","line_uuid":"fb798b5f-2c15-4360-8713-ba0d213169c7","total":{{"in":1,"out":{}}}}}]}}"#,
                round % 2
            ),
        ),
        (
            "zigbee2mqtt/till-radar".to_owned(),
            format!(r#"{{"presence":{occupied},"target_distance":1.8,"illuminance":120,"linkquality":98}}"#),
        ),
    ];
    if round.is_multiple_of(3) {
        let payload = format!(r#"{{"n":{},"people":{{"in":2,"out":0}}}}"#, round / 3);
        messages.push(("counters/side-door".to_owned(), payload));
    }
    if round % 6 == 1 {
        messages.push(("frigate/available".to_owned(), "online".to_owned()));
        messages.push(("frigate/till/person".to_owned(), ((round / 6) % 4).to_string()));
    }
    messages
}
