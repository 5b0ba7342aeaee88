//! The listener that displays and visitors reach: its state, its routes, and how a caller is recognised.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::tz::TimeZone;
use serde::Deserialize;
use tokio::sync::watch;

use super::credential::Credentials;
use super::engine::EngineLine;
use super::health::health;
use super::{Shown, Sign, generic, guarded, image, kiosk, label, pause, public, stranger, trmnl};
use crate::domain::sign::{Health, SignEvent};

/// Longest `Host` header that we repeat in addresses: the longest DNS name plus a port. TRMNL firmware overruns its
/// buffer at image addresses of 1024 characters, so this also bounds those.
const HOST_MAX_BYTES: usize = 255;

/// What the listener needs; the daemon makes it once.
#[derive(Clone)]
pub struct SignsState {
    /// What to show, replaced as a whole whenever it changes.
    pub shown: watch::Receiver<Arc<Shown>>,
    /// Where evidence goes.
    pub engine: EngineLine,
    /// Who is who.
    pub credentials: Credentials,
    /// Base URL for callers whose `Host` header is unusable; without a trailing slash.
    pub public_url: String,
    /// Zone of the times in answers.
    pub time_zone: TimeZone,
}

impl SignsState {
    pub(super) fn shown(&self) -> Arc<Shown> {
        Arc::clone(&self.shown.borrow())
    }

    /// Base URL under which this caller reached us, so that addresses in answers work for it too.
    pub(super) fn base(&self, headers: &HeaderMap) -> String {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok()).filter(|host| is_host(host));
        host.map_or_else(|| self.public_url.clone(), |host| format!("http://{host}"))
    }

    /// Whether the caller shows the credential of `sign`.
    pub(super) fn is_sign(&self, sign: &Sign, headers: &HeaderMap, query: &Query) -> bool {
        let expected = self.credentials.sign(&sign.id);
        [bearer(headers), header(headers, "access-token"), query.token.as_deref()]
            .into_iter()
            .flatten()
            .any(|given| self.credentials.same(given, &expected))
    }

    /// Tells how `sign` says that it is, if it says anything. Only for callers that are the sign.
    pub(super) fn report(&self, sign: &Sign, headers: &HeaderMap, query: &Query) {
        let health = health(headers, query);
        if health != Health::default() {
            self.engine.tell(SignEvent::Reported { sign: sign.id.clone(), health });
        }
    }
}

/// What may follow the `?` of an address of ours. Other names are ignored.
#[derive(Deserialize, Default)]
pub(super) struct Query {
    /// Credential of the sign, for clients that cannot send headers.
    pub(super) token: Option<String>,
    /// Which picture, by the first 16 digits of its hash.
    pub(super) n: Option<String>,
    /// Key of that picture.
    pub(super) k: Option<String>,
    /// Charge of its battery in percent, where it can send no header.
    #[serde(rename = "battery-percent")]
    pub(super) battery_percent: Option<String>,
    /// Voltage of its battery.
    #[serde(rename = "battery-voltage")]
    pub(super) battery_voltage: Option<String>,
    /// Strength of its signal in dBm.
    pub(super) rssi: Option<String>,
    /// Version of its firmware.
    pub(super) firmware: Option<String>,
}

/// All addresses of the listener.
pub fn signs_router(state: SignsState) -> Router {
    let routes = Router::new()
        .route("/api/setup", get(trmnl::setup))
        .route(trmnl::SETUP_PICTURE, get(trmnl::setup_picture))
        .route("/api/display", get(trmnl::display))
        .route("/api/log", post(trmnl::log))
        .route("/signs/{id}", get(generic::sign))
        .route("/signs/{id}/shown", post(generic::shown))
        .route("/signs/{id}/image.png", get(image::png))
        .route("/signs/{id}/image.bmp", get(image::bmp))
        .route("/signs/{id}/image.jpg", get(image::jpeg))
        .route("/signs/{id}/image.raw", get(image::raw))
        .route("/signs/{id}/kiosk", get(kiosk::page))
        .route("/oepl/{file}", get(label::picture))
        .route("/", get(public::home))
        .route("/notice", get(public::notice))
        .route("/notice/{language}", get(public::notice_in))
        .route("/checkpoint", get(public::checkpoint))
        .route("/n/{code}", get(pause::scanned))
        .route("/n/{code}/{language}", get(pause::page))
        .route("/pause", post(pause::pause).layer(DefaultBodyLimit::max(pause::FORM_MAX_BYTES)))
        .fallback(not_found)
        .with_state(Arc::new(state));
    guarded(routes)
}

/// A header's text, if it is text.
pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The credential of an `Authorization: Bearer` header (RFC 6750; the scheme's case does not matter).
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, credential) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| credential.trim())
}

pub(super) async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "not found\n").into_response()
}

/// The answer to whoever asks for a sign that is not configured; the operator is told of it.
pub(super) fn unknown_sign(state: &SignsState, id: &str, protocol: &'static str, headers: &HeaderMap) -> Response {
    stranger::tell(state, stranger::id(id), protocol, headers);
    (StatusCode::NOT_FOUND, "no sign of this name is configured; `noticed check` lists the names\n").into_response()
}

/// Whether `host` can stand in an address: the characters of names, IPv4 and bracketed IPv6 addresses, and ports.
fn is_host(host: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte);
    !host.is_empty() && host.len() <= HOST_MAX_BYTES && host.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_hosts_are_repeated_in_addresses() {
        for good in ["192.168.1.10:8080", "box.local", "[fe80::1]:8080"] {
            assert!(is_host(good), "{good}");
        }
        for bad in ["", "evil.example/path", "a@b", "a b", "\"><script>", &"a".repeat(256)] {
            assert!(!is_host(bad), "{bad}");
        }
    }

    #[test]
    fn a_bearer_credential_is_found_whatever_the_case_of_its_scheme() {
        let with = |value: &'static str| HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())]);
        assert_eq!(bearer(&with("Bearer abc")), Some("abc"));
        assert_eq!(bearer(&with("bearer  abc ")), Some("abc"));
        assert_eq!(bearer(&with("Basic abc")), None);
        assert_eq!(bearer(&with("abc")), None);
    }
}
