//! The edge towards the broker: [`session`] hears sensors and holds acknowledgements, [`publish`] speaks, [`listen`] looks around.
//!
//! Two connections, because acknowledgements and publishes share one queue in the client library and an unanswered publish
//! would hold up the acknowledgements behind it.

use std::time::Duration;

use rumqttc::{MqttOptions, TlsConfiguration, Transport};

pub mod listen;
pub mod publish;
pub mod session;

/// How often an idle connection is checked: a dead broker is noticed within a minute and a half, an idle box wakes once a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(60);

/// Largest packet taken off the wire. What a profile does not want is dropped after receipt; refusing it on the wire would make
/// the broker send it again for ever. Beyond this the session is given up instead of the memory.
pub(crate) const PACKET_MAX_BYTES: usize = 16 * 1024 * 1024;

/// First pause before connecting again; doubles up to [`RETRY_MAX`].
const RETRY_MIN: Duration = Duration::from_millis(250);

/// Longest pause between attempts: counting is to go on within five seconds after the broker is back.
const RETRY_MAX: Duration = Duration::from_secs(2);

/// How to reach the broker.
#[derive(Clone)]
pub struct Endpoint {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// PEM certificate of the authority to trust; `None` for plain TCP.
    pub ca: Option<Vec<u8>>,
    /// User name and password.
    pub login: Option<(String, String)>,
}

impl Endpoint {
    fn options(&self, client_id: &str) -> MqttOptions {
        let mut options = MqttOptions::new(client_id, &self.host, self.port);
        options.set_keep_alive(KEEP_ALIVE).set_max_packet_size(PACKET_MAX_BYTES, PACKET_MAX_BYTES);
        if let Some((user, password)) = &self.login {
            options.set_credentials(user, password);
        }
        if let Some(ca) = &self.ca {
            let tls = TlsConfiguration::Simple { ca: ca.clone(), alpn: None, client_auth: None };
            options.set_transport(Transport::tls_with_config(tls));
        }
        options
    }
}

/// The pause before attempt `failures + 1`, doubling.
fn pause(failures: u32) -> Duration {
    RETRY_MIN.saturating_mul(1 << failures.min(8)).min(RETRY_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_limit() {
        assert_eq!(pause(0), Duration::from_millis(250));
        assert_eq!(pause(2), Duration::from_secs(1));
        assert_eq!(pause(1_000), RETRY_MAX);
    }
}
