//! The speaking connection: availability with a last will, switch commands, and the marker that separates old messages from new.
//!
//! Nothing sent here is worth keeping across a lost connection except the last word, so the queue is small; what does
//! not fit is dropped and logged, and the caller never waits.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rumqttc::{AsyncClient, Event, EventLoop, LastWill, Outgoing, Packet, QoS};
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
    /// How many messages were queued so far; the broker acknowledges each.
    queued: Arc<AtomicU64>,
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
        let publisher = Publisher { client, availability, queued: Arc::default() };
        (Self { events, publisher: publisher.clone() }, publisher)
    }

    /// Keeps the connection until `stop` turns true and everything queued, the goodbye last, has reached the broker. The caller
    /// bounds how long that may take.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let (mut failures, mut taken, mut leaving) = (0, 0, false);
        loop {
            // Giving up a poll half-way could cut a packet in two: whoever stops us only adds the last word to what is sent.
            let polled = {
                let mut poll = pin!(self.events.poll());
                if leaving {
                    poll.await
                } else {
                    tokio::select! {
                        polled = &mut poll => polled,
                        () = stopped(&mut stop) => {
                            leaving = true;
                            self.publisher.send(&self.publisher.availability, OFFLINE.as_bytes(), true);
                            poll.await
                        }
                    }
                }
            };
            match polled {
                Ok(Event::Incoming(Packet::ConnAck(_))) => {
                    failures = 0;
                    if !leaving {
                        self.publisher.send(&self.publisher.availability, ONLINE.as_bytes(), true);
                    }
                }
                Ok(Event::Incoming(Packet::PubAck(_))) => taken += 1,
                Ok(Event::Outgoing(Outgoing::Disconnect)) => return,
                Ok(_) => {}
                Err(error) if leaving => {
                    let lost = self.publisher.queued.load(Ordering::Relaxed).saturating_sub(taken);
                    tracing::warn!(lost, %error, "the last messages did not reach the broker; switched sensors may be on");
                    return;
                }
                Err(_) => {
                    // The listening connection reports the same broker; one report is enough.
                    tokio::time::sleep(pause(failures)).await;
                    failures += 1;
                }
            }
            if leaving && taken >= self.publisher.queued.load(Ordering::Relaxed) {
                let _ = self.publisher.client.try_disconnect();
            }
        }
    }
}

#[cfg(test)]
impl Speaker {
    /// Everything that was to be published since the last look, for tests that play the broker themselves.
    pub(crate) fn said(&mut self) -> Vec<(String, bytes::Bytes)> {
        self.events.clean();
        let requests = self.events.pending.drain(..);
        let said = requests.filter_map(|request| {
            if let rumqttc::Request::Publish(publish) = request { Some((publish.topic, publish.payload)) } else { None }
        });
        said.collect()
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
        if self.client.try_publish(topic, QoS::AtLeastOnce, retain, payload).is_ok() {
            self.queued.fetch_add(1, Ordering::Relaxed);
        } else {
            tracing::warn!("a message to the broker was not queued: the connection is down or slow");
        }
    }
}
