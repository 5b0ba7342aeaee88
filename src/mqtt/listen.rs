//! Listening for a while to whatever filters a caller names: a session of its own at QoS 0 that leaves nothing in the broker.

use std::time::Duration;

use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, Event, Packet, QoS, SubscribeFilter, SubscribeReasonCode,
};

use super::Endpoint;

/// Subscriptions on their way to the broker.
const REQUESTS_QUEUED: usize = 64;

/// Most filters in one SUBSCRIBE packet, so that it stays within the limit that brokers set for a packet.
const FILTERS_AT_ONCE: usize = 100;

/// How long the broker has to let us in.
const CONNECT_TIME: Duration = Duration::from_secs(10);

/// Listens until the returned future is dropped, and tells `hear` topic, payload and whether the message was retained; what it
/// gives back is listened to as well. Ends only with the reason why the broker cannot be heard.
pub async fn listen(
    endpoint: &Endpoint,
    client_id: &str,
    filters: Vec<String>,
    mut hear: impl FnMut(&str, &[u8], bool) -> Vec<String>,
) -> String {
    let mut options = endpoint.options(client_id);
    options.set_clean_session(true);
    let (client, mut events) = AsyncClient::new(options, REQUESTS_QUEUED);
    events.network_options.set_connection_timeout(CONNECT_TIME.as_secs());
    loop {
        match events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) => subscribe(&client, &filters),
            Ok(Event::Incoming(Packet::Publish(publish))) => {
                let more = hear(&publish.topic, &publish.payload, publish.retain);
                subscribe(&client, &more);
            }
            Ok(Event::Incoming(Packet::SubAck(ack))) => {
                let refused = ack.return_codes.iter().filter(|code| **code == SubscribeReasonCode::Failure).count();
                if refused > 0 {
                    tracing::warn!(
                        refused,
                        "the broker does not let this user subscribe to some filters; see its access list"
                    );
                }
            }
            Ok(Event::Incoming(_) | Event::Outgoing(_)) => {}
            Err(ConnectionError::ConnectionRefused(
                ConnectReturnCode::BadUserNamePassword | ConnectReturnCode::NotAuthorized,
            )) => {
                return "the broker refuses user name or password; see [broker] username and password-file".to_owned();
            }
            Err(error) => return format!("the broker at {}:{} cannot be heard: {error}", endpoint.host, endpoint.port),
        }
    }
}

fn subscribe(client: &AsyncClient, filters: &[String]) {
    for some in filters.chunks(FILTERS_AT_ONCE) {
        let some = some.iter().map(|filter| SubscribeFilter::new(filter.clone(), QoS::AtMostOnce));
        if client.try_subscribe_many(some).is_err() {
            tracing::warn!("some filters were not subscribed: the connection is slow");
        }
    }
}
