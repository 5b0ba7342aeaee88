//! The speaking connection: availability with a last will, switch commands, and the marker that separates old messages from new.
//!
//! Nothing sent here is worth keeping across a lost connection except the last word, so the queue is small; what does
//! not fit is dropped and logged, and the caller never waits.

use rumqttc::{AsyncClient, Event, EventLoop, LastWill, Packet, QoS};
use tokio::sync::watch;

use super::{Endpoint, pause};

/// Publishes waiting for the connection.
const REQUESTS_QUEUED: usize = 64;

/// Payload of the availability topic while we run.
const ONLINE: &str = "online";

/// Payload of the availability topic otherwise; also our last will.
const OFFLINE: &str = "offline";

/// Speaks to the broker.
#[derive(Clone)]
pub struct Publisher {
    client: AsyncClient,
    availability: String,
}

/// The speaking connection, not yet started.
pub struct Speaker {
    events: EventLoop,
    publisher: Publisher,
}

impl Speaker {
    /// Prepares the connection for shop `shop`; nothing is sent before [`Speaker::run`].
    #[must_use]
    pub fn new(endpoint: &Endpoint, shop: &str) -> (Self, Publisher) {
        let availability = format!("noticed/{shop}/availability");
        let mut options = endpoint.options(&format!("noticed-{shop}-speaker"));
        options.set_clean_session(true).set_last_will(LastWill::new(&availability, OFFLINE, QoS::AtLeastOnce, true));
        let (client, events) = AsyncClient::new(options, REQUESTS_QUEUED);
        let publisher = Publisher { client, availability };
        (Self { events, publisher: publisher.clone() }, publisher)
    }

    /// Keeps the connection until `stop` turns true and the goodbye has been sent.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut failures = 0;
        loop {
            let polled = tokio::select! {
                polled = self.events.poll() => polled,
                () = stopped(&mut stop) => return self.goodbye().await,
            };
            match polled {
                Ok(Event::Incoming(Packet::ConnAck(_))) => {
                    failures = 0;
                    self.publisher.send(&self.publisher.availability, ONLINE.as_bytes(), true);
                }
                Ok(_) => {}
                Err(_) => {
                    // The listening connection reports the same broker; one report is enough.
                    tokio::time::sleep(pause(failures)).await;
                    failures += 1;
                }
            }
        }
    }

    /// Says the last word, if anybody listens.
    async fn goodbye(&mut self) {
        if self.events.network.is_none() {
            return;
        }
        self.publisher.send(&self.publisher.availability, OFFLINE.as_bytes(), true);
        let _ = self.publisher.client.try_disconnect();
        while let Ok(event) = self.events.poll().await {
            if matches!(event, Event::Outgoing(rumqttc::Outgoing::Disconnect)) {
                return;
            }
        }
    }
}

/// Returns when the stop is given, or nobody is left who could give it.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

impl Publisher {
    /// Publishes at QoS 1. Commands are never retained: a retained command would be obeyed again at every reconnect of the device.
    pub fn command(&self, topic: &str, payload: &[u8]) {
        self.send(topic, payload, false);
    }

    fn send(&self, topic: &str, payload: &[u8], retain: bool) {
        if self.client.try_publish(topic, QoS::AtLeastOnce, retain, payload).is_err() {
            tracing::warn!("a message to the broker was not queued: the connection is down or slow");
        }
    }
}
