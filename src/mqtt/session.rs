//! The listening connection: a persistent session at QoS 1 whose packets are acknowledged only when told so.
//!
//! The task that polls does nothing slow and never waits for the core while the network waits for it: when the packet queue is
//! full it stops polling, which pushes back on the broker, and acknowledgements go around it through the client's own queue.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use rumqttc::{AsyncClient, ConnectionError, Event, EventLoop, Packet, Publish, QoS, StateError, SubscribeFilter};
use tokio::sync::mpsc;

use super::{Endpoint, pause};

/// Packets on their way to the core. More than one in-flight window, so that the core always finds work; small enough that a
/// flood is held back in the broker and not in our memory.
pub const PACKETS_QUEUED: usize = 512;

/// Room in the client's request queue. Packet ids end at 65 535, so there can never be more acknowledgements than this.
const REQUESTS_QUEUED: usize = 70_000;

/// Topics remembered per connection, by hash, to tell a replay from a live message that a bridge marked as retained; beyond it every
/// retained message counts as a replay.
const TOPICS_SEEN_MAX: usize = 4096;

/// Bytes of a payload that are handed on: one more than any device profile takes, so that a longer one is still refused as too
/// large, and a full queue of the longest packets holds 32 MiB instead of 8 GiB.
const PAYLOAD_KEPT_BYTES: usize = 64 * 1024 + 1;

/// What the listening connection reports.
#[derive(Debug)]
pub enum Heard {
    /// Connected; the broker has, or has not, kept our session.
    Connected {
        /// Number of this connection, counted from 1.
        epoch: u64,
        /// Whether the session survived.
        session_present: bool,
    },
    /// A message.
    Message(Message),
    /// The connection is gone; it will be tried again.
    Disconnected {
        /// Why, for the log.
        why: String,
    },
}

/// One PUBLISH packet.
#[derive(Debug)]
pub struct Message {
    /// Connection it came on.
    pub epoch: u64,
    /// Topic.
    pub topic: String,
    /// Payload; of one that no device profile takes only the beginning.
    pub payload: Bytes,
    /// Packet id; 0 for QoS 0, which is not acknowledged.
    pub id: u16,
    /// The broker says that it sent this before.
    pub dup: bool,
    /// The first retained message of its topic since we subscribed, or one for each filter that fits it: what was, not what is.
    /// Later ones are live: some bridges deliver live messages with the retain flag set.
    pub replayed: bool,
}

/// Acknowledges packets of the present connection.
#[derive(Clone)]
pub struct Acknowledger {
    client: AsyncClient,
    epoch: Arc<AtomicU64>,
}

impl Acknowledger {
    /// Acknowledges in the order received (MQTT 3.1.1 §4.6). Packets of an earlier connection are left alone: the broker sends
    /// them again and would take the old acknowledgement for another packet.
    pub fn acknowledge(&self, packets: &[(u64, u16)]) {
        let current = self.epoch.load(Ordering::Relaxed);
        for (_, id) in packets.iter().filter(|(epoch, id)| *epoch == current && *id != 0) {
            let mut publish = Publish::new("", QoS::AtLeastOnce, Vec::new());
            publish.pkid = *id;
            if self.client.try_ack(&publish).is_err() {
                tracing::warn!("acknowledgement not queued; the broker will send the packet again");
            }
        }
    }
}

/// What to listen to.
pub struct Subscription {
    /// Client id; the same at every start, because the broker keeps the session under it.
    pub client_id: String,
    /// Filters to subscribe.
    pub filters: Vec<String>,
    /// Filters of an earlier configuration that the kept session may still carry.
    pub obsolete: Vec<String>,
}

/// The listening connection, not yet started.
pub struct Session {
    events: EventLoop,
    client: AsyncClient,
    subscription: Subscription,
    epoch: Arc<AtomicU64>,
    /// How many retained copies came, by hashes of topics under a key of this process: a topic may have 64 kB, and nobody can make up two of one hash.
    seen: HashMap<u64, usize>,
    hashes: RandomState,
}

impl Session {
    /// Prepares the connection; nothing is sent before [`Session::run`].
    #[must_use]
    pub fn new(endpoint: &Endpoint, subscription: Subscription) -> (Self, Acknowledger) {
        let mut options = endpoint.options(&subscription.client_id);
        options.set_clean_session(false).set_manual_acks(true);
        let (client, events) = AsyncClient::new(options, REQUESTS_QUEUED);
        let epoch = Arc::new(AtomicU64::new(0));
        let acknowledger = Acknowledger { client: client.clone(), epoch: epoch.clone() };
        (Self { events, client, subscription, epoch, seen: HashMap::new(), hashes: RandomState::new() }, acknowledger)
    }

    /// Listens until the receiver is dropped.
    pub async fn run(mut self, heard: mpsc::Sender<Heard>) {
        let mut failures = 0;
        while !heard.is_closed() {
            // A place in the queue first: a packet that was read must never be dropped for want of room.
            let Ok(place) = heard.reserve().await else { return };
            match self.events.poll().await {
                Ok(Event::Incoming(Packet::ConnAck(ack))) => {
                    failures = 0;
                    place.send(self.connected(ack.session_present));
                }
                Ok(Event::Incoming(Packet::Publish(publish))) => place.send(Heard::Message(self.message(publish))),
                Ok(Event::Incoming(_) | Event::Outgoing(_)) => {}
                Err(error) => {
                    self.give_up_poisoned_session(&error);
                    place.send(Heard::Disconnected { why: error.to_string() });
                    tokio::time::sleep(pause(failures)).await;
                    failures += 1;
                }
            }
        }
    }

    fn connected(&mut self, session_present: bool) -> Heard {
        let epoch = self.epoch.fetch_add(1, Ordering::Relaxed) + 1;
        self.seen.clear();
        self.events.mqtt_options.set_clean_session(false);
        if session_present {
            for filter in std::mem::take(&mut self.subscription.obsolete) {
                let _ = self.client.try_unsubscribe(filter);
            }
        }
        // Subscribing again to a kept session is allowed (MQTT 3.1.1 §3.8.4) and brings the retained states once more.
        let filters = self.subscription.filters.iter().map(|f| SubscribeFilter::new(f.clone(), QoS::AtLeastOnce));
        if !self.subscription.filters.is_empty() && self.client.try_subscribe_many(filters).is_err() {
            tracing::error!("subscriptions not queued");
        }
        Heard::Connected { epoch, session_present }
    }

    fn message(&mut self, publish: Publish) -> Message {
        let replayed = publish.retain && (publish.dup || self.is_first(&publish.topic));
        Message {
            epoch: self.epoch.load(Ordering::Relaxed),
            replayed,
            topic: publish.topic,
            payload: kept(publish.payload),
            id: publish.pkid,
            dup: publish.dup,
        }
    }

    /// Whether a retained message is the copy that a subscription brings. Each filter that fits a topic brings one of its own, also
    /// where they overlap (MQTT 3.1.1 §3.8.4; mosquitto does).
    fn is_first(&mut self, topic: &str) -> bool {
        if self.seen.len() >= TOPICS_SEEN_MAX {
            return true;
        }
        let fitting = self.subscription.filters.iter().filter(|filter| rumqttc::matches(topic, filter)).count();
        let copies = self.seen.entry(self.hashes.hash_one(topic)).or_default();
        *copies = copies.saturating_add(1);
        *copies <= fitting.max(1)
    }

    /// A packet beyond [`super::PACKET_MAX_BYTES`] would come again with every connection. Starting the session anew is the only
    /// way past it; what waited beside it is lost, and the hour is marked because the broker then reports no session.
    fn give_up_poisoned_session(&mut self, error: &ConnectionError) {
        if let ConnectionError::MqttState(StateError::Deserialization(_)) = error {
            tracing::error!("the broker sent a packet that cannot be taken; the session is started anew");
            self.events.mqtt_options.set_clean_session(true);
        }
    }
}

/// Copied where it is cut, or the rest would be kept as well.
fn kept(mut payload: Bytes) -> Bytes {
    if payload.len() > PAYLOAD_KEPT_BYTES {
        payload = Bytes::copy_from_slice(&payload[..PAYLOAD_KEPT_BYTES]);
    }
    payload
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        let endpoint = Endpoint { host: "broker".to_owned(), port: 1883, ca: None, login: None };
        let subscription = Subscription { client_id: "c".to_owned(), filters: Vec::new(), obsolete: Vec::new() };
        Session::new(&endpoint, subscription).0
    }

    fn is_replayed(session: &mut Session, topic: &str, retain: bool, dup: bool) -> bool {
        let mut publish = Publish::new(topic, QoS::AtLeastOnce, Vec::new());
        (publish.retain, publish.dup) = (retain, dup);
        session.message(publish).replayed
    }

    #[test]
    fn only_the_first_retained_message_of_a_topic_is_a_replay() {
        let mut session = session();
        assert!(!is_replayed(&mut session, "door", false, false));
        assert!(is_replayed(&mut session, "door", true, false));
        assert!(!is_replayed(&mut session, "door", true, false), "live, through a bridge that marks everything");
        assert!(is_replayed(&mut session, "door", true, true), "the broker repeats the replay");
        assert!(is_replayed(&mut session, "other", true, false), "each topic for itself");
        session.connected(true);
        assert!(is_replayed(&mut session, "door", true, false), "and each connection");
    }

    #[test]
    fn each_filter_that_fits_a_topic_brings_a_copy_of_its_own() {
        let mut session = session();
        session.subscription.filters = ["door/+", "door/count", "window/+"].map(str::to_owned).to_vec();
        assert!(is_replayed(&mut session, "door/count", true, false));
        assert!(is_replayed(&mut session, "door/count", true, false), "of the other filter");
        assert!(!is_replayed(&mut session, "door/count", true, false), "live");
        assert!(is_replayed(&mut session, "door/other", true, false));
        assert!(!is_replayed(&mut session, "door/other", true, false), "live");
    }

    #[test]
    fn a_hundred_thousand_retained_topics_are_replays_and_take_little_room() {
        let mut session = session();
        assert!((0..100_000).all(|n| is_replayed(&mut session, &format!("made/up/{n}"), true, false)));
        assert!(session.seen.len() <= TOPICS_SEEN_MAX);
    }

    #[test]
    fn of_a_payload_that_nobody_takes_only_the_beginning_waits_in_the_queue() {
        let sent = Bytes::from(vec![b'x'; 10_000_000]);
        let waiting = kept(sent.clone());
        assert_eq!(waiting.len(), PAYLOAD_KEPT_BYTES);
        assert!(sent.is_unique(), "the rest is not held on to");
        let short = Bytes::from(vec![b'x'; PAYLOAD_KEPT_BYTES]);
        assert_eq!(kept(short.clone()), short);
    }
}
