//! Looking around for devices: no store, no sign, no core.

use std::time::Duration;

use super::endpoint;
use crate::config::Config;
use crate::device::discover::Discovery;
use crate::mqtt::listen::listen;

/// Lets `discovery` listen to the configuration's broker for `time`. The error is a sentence.
pub async fn look_around(config: &Config, discovery: &mut Discovery, time: Duration) -> Result<(), String> {
    let endpoint = endpoint(config).map_err(|error| error.to_string())?;
    // A name of its own, so that neither the daemon nor another look around is thrown out of the broker.
    let client_id = format!("noticed-{}-discover-{}", config.shop.id, std::process::id());
    let filters = discovery.filters();
    let hear = |topic: &str, payload: &[u8], retained: bool| discovery.hear(topic, payload, retained);
    match tokio::time::timeout(time, listen(&endpoint, &client_id, filters, hear)).await {
        Ok(why) => Err(why),
        Err(_elapsed) => Ok(()),
    }
}
