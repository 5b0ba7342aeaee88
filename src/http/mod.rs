//! Two small HTTP servers: one that displays and visitors' phones reach over the shop's network, one for the operator.
//!
//! Everything that is answered comes from an immutable snapshot ([`Shown`]) or from the engine's own words
//! ([`Request::Status`]); no lock, no database and no rendering is on the way of a poll. What signs do with their own
//! credential is told to the engine as evidence; what anybody does without one is answered and forgotten.

pub mod credential;
pub mod engine;
mod generic;
mod image;
mod metrics;
mod operator;
mod operator_page;
mod public;
pub mod queue;
mod serve;
mod signs;
#[cfg(test)]
mod test_shop;
mod trmnl;
mod when;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Request as HttpRequest;
use axum::http::header::{REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::uri::{PathAndQuery, Uri};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware;
use axum::response::Response;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use tokio::sync::oneshot;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::domain::id::SignId;
use crate::domain::notice::NoticeHash;
use crate::domain::sign::{Board, Order, SignEvent, Stranger};
use crate::domain::status::Status;
use crate::domain::text::Language;

pub use operator::{OperatorState, operator_router};
pub use serve::serve;
pub use signs::{SignsState, signs_router};

/// Largest request body, in bytes. A TRMNL log report of ten notes is about 10 kB; nothing else that we take is larger.
pub const BODY_MAX_BYTES: usize = 64 * 1024;

/// Longest time from the end of the request head to the beginning of the answer. TRMNL devices give up after 15 s.
pub const REQUEST_TIME: Duration = Duration::from_secs(15);

/// One rendered notice, kept in memory for as long as a sign may ask for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Picture {
    /// Identity of its pixels.
    pub notice: NoticeHash,
    /// PNG of exactly the panel's size.
    pub png: Bytes,
    /// BMP of the same pixels; 48 062 bytes for 800x480, the only one that old TRMNL firmware takes at setup.
    pub bmp: Bytes,
    /// JPEG of the same pixels.
    pub jpeg: Bytes,
    /// The same pixels as the panel's driver takes them.
    pub raw: Bytes,
}

/// One configured sign and what it is to show.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sign {
    /// Its name in URLs.
    pub id: SignId,
    /// MAC address, upper case with colons, of a display that speaks TRMNL; `None` for every other protocol.
    pub trmnl_mac: Option<String>,
    /// What it is to show.
    pub board: Option<Board>,
    /// Why it says so, and why nothing is counted if nothing is; in words that a technician understands.
    pub reason: String,
    /// The rendered board.
    pub picture: Option<Arc<Picture>>,
    /// The picture before this one: a sign that was told of it a moment ago can still fetch it.
    pub previous: Option<Arc<Picture>>,
}

impl Sign {
    /// Board and picture, if they belong together.
    ///
    /// A picture that lags behind its board is not handed out: it would be stored in the sign under the wrong name.
    #[must_use]
    pub fn current(&self) -> Option<(&Board, &Arc<Picture>)> {
        let (board, picture) = (self.board.as_ref()?, self.picture.as_ref()?);
        (board.notice == picture.notice).then_some((board, picture))
    }
}

/// Everything that the listener for signs and visitors answers with; immutable, replaced as a whole.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Shown {
    /// Every configured sign.
    pub signs: Vec<Sign>,
    /// The full notice as an HTML page in each of the shop's languages; the first is the local one.
    pub pages: Vec<(Language, Arc<str>)>,
}

/// What the listeners say to and ask of the engine.
#[derive(Debug)]
pub enum Request {
    /// A sign did something with its own credential.
    Event(SignEvent),
    /// A configured display asks for its credential; whether it may have it now.
    Setup {
        /// Which sign.
        sign: SignId,
        /// Where the answer goes; dropping it means no.
        granted: oneshot::Sender<bool>,
    },
    /// One look at everything.
    Status(oneshot::Sender<Status>),
    /// A display that is no sign of ours asked for its picture.
    Stranger(Stranger),
    /// The operator orders; the answer says in words why not.
    Order(Order, oneshot::Sender<Result<(), String>>),
}

/// Puts the limits and headers that every answer has around `routes`, and accepts sloppy paths.
fn guarded(routes: Router) -> Router {
    let routes = routes
        .layer(RequestBodyLimitLayer::new(BODY_MAX_BYTES))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST_TIME))
        .layer(middleware::map_response(plain_headers));
    let routes = TowerToHyperService::new(routes);
    // The path is tidied before routing, hence a router around the router.
    Router::new().fallback(move |request: HttpRequest| {
        let routes = routes.clone();
        async move { routes.call(tidy(request)).await }
    })
}

async fn plain_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// `//api//display/` means `/api/display`: people type base URLs with a trailing slash into displays, and
/// TRMNL firmware appends its paths to them as they are.
fn tidy(mut request: HttpRequest) -> HttpRequest {
    if let Some(tidied) = tidied(request.uri()) {
        *request.uri_mut() = tidied;
    }
    request
}

fn tidied(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    if path == "/" || !(path.contains("//") || path.ends_with('/')) {
        return None;
    }
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let tidied = format!("/{}{query}", segments.join("/"));
    PathAndQuery::try_from(tidied).ok().map(Uri::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sloppy_paths_are_tidied_and_good_ones_left_alone() {
        let tidied = |text: &'static str| tidied(&Uri::from_static(text)).map(|uri| uri.to_string());
        assert_eq!(tidied("//api/display"), Some("/api/display".to_owned()));
        assert_eq!(tidied("/api//display/"), Some("/api/display".to_owned()));
        assert_eq!(tidied("///"), Some("/".to_owned()));
        assert_eq!(tidied("/signs/door/image.png/?n=a//b"), Some("/signs/door/image.png?n=a//b".to_owned()));
        assert_eq!(tidied("/signs/door?token=//"), None);
        assert_eq!(tidied("/"), None);
    }
}
