//! The shop of the demonstration: its configuration, and sensors that publish what real devices of four families publish.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::mqtt::publish::Publisher;

/// The simulated displays: sign and MAC address, as in `shop.toml`.
pub(super) const DISPLAYS: [(&str, &str); 2] = [("door", "02:00:00:C0:FF:EE"), ("till", "02:00:00:C0:FF:EF")];

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
    1 + u64::from(round % 4 == 1) + 2 * u64::from(round.is_multiple_of(3))
}

/// What the devices publish in one round: shapes as real devices send them, identifiers made up.
fn messages(round: u64) -> Vec<(String, String)> {
    let occupied = !(round / 9).is_multiple_of(2);
    let crossing = format!(
        r#"{{"device_info":{{"device_mac":"24:E1:24:00:00:01","device_name":"People Counter","firmware_version":"V_125-LW.1.0.3-r2"}},"line_trigger_data":[{{"line":1,"line_name":"Line1","line_uuid":"fb798b5f-2c15-4360-8713-ba0d213169c7","total":{{"in":1,"out":{}}}}}]}}"#,
        round % 2
    );
    let radar = format!(r#"{{"presence":{occupied},"target_distance":1.8,"illuminance":120,"linkquality":98}}"#);
    let mut messages = vec![("milesight/front-door", crossing), ("zigbee2mqtt/till-radar", radar)];
    if round.is_multiple_of(3) {
        messages.push(("counters/yard-door", format!(r#"{{"n":{},"people":{{"in":2,"out":0}}}}"#, round / 3)));
    }
    match round % 4 {
        1 => messages.push(("roode32/sensor/roode32_last_direction/state", "Entry".to_owned())),
        3 => messages.push(("roode32/sensor/roode32_last_direction/state", "Exit".to_owned())),
        _ => {}
    }
    if round % 6 == 1 {
        messages.push(("frigate/available", "online".to_owned()));
        messages.push(("frigate/till/person", ((round / 6) % 4).to_string()));
    }
    messages.into_iter().map(|(topic, payload)| (topic.to_owned(), payload)).collect()
}
