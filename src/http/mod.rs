//! Two small HTTP servers: one that displays and visitors' phones reach over the shop's network, one for the operator.
//!
//! Everything that is answered comes from an immutable snapshot ([`Shown`]) or from the engine's own words
//! ([`Request::Status`]); no lock, no database and no rendering is on the way of a poll. What signs do with their own
//! credential is told to the engine as evidence; what anybody does without one is answered and forgotten.

pub mod client;
pub mod credential;
pub mod engine;
mod generic;
mod health;
mod image;
mod kiosk;
mod label;
mod metrics;
mod operator;
mod operator_page;
mod path;
pub mod pause;
mod public;
pub mod queue;
mod serve;
mod signs;
mod status;
mod stranger;
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
use crate::domain::objection::Answer;
use crate::domain::sign::{Board, Order, SignEvent, Stranger};
use crate::domain::status::Status;
use crate::domain::text::Language;
use crate::domain::time::Wall;

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
    /// BMP of the same pixels.
    pub bmp: Bytes,
    /// JPEG of the same pixels.
    pub jpeg: Bytes,
    /// The JPEG again with a dot in a corner, for a sign that is an electronic label: its access point tells a picture from the one
    /// before by their bytes alone, so that the label's having taken a picture twice can be seen only if it looks different.
    pub marked_jpeg: Option<Bytes>,
    /// The same pixels as the panel's driver takes them.
    pub raw: Bytes,
}

/// How a sign asks for its picture, and what belongs to that way of asking.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Speaks {
    /// As TRMNL firmware does.
    Trmnl {
        /// Its MAC address, upper case with colons.
        mac: String,
    },
    /// As anything does that fetches pictures.
    Http,
    /// Through the access point of electronic labels.
    Label(Label),
    /// As our own page in a browser does.
    Kiosk(Kiosk),
    /// Not at all: it is a board on paper.
    Paper,
}

/// An electronic label behind an access point.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// Its MAC address: sixteen digits, upper case.
    pub mac: String,
    /// Whether its access point is asked what the label has taken.
    pub tracked: bool,
    /// Whether it is to get the marked picture.
    pub marked: bool,
    /// What it is known to have taken.
    pub holds: Option<NoticeHash>,
}

/// A page that shows the sign in a browser.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kiosk {
    /// The page.
    pub page: Arc<str>,
    /// What the page may do, as `Content-Security-Policy` says it.
    pub policy: &'static str,
    /// Longest time between two of its polls, in seconds.
    pub pace_seconds: u32,
    /// How long it may go on showing a picture without an answer of ours, in seconds. Longer than it is believed to, so that what
    /// is believed is there.
    pub hold_seconds: u32,
}

/// One configured sign and what it is to show.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sign {
    /// Its name in URLs.
    pub id: SignId,
    /// How it asks for its picture.
    pub speaks: Speaks,
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

/// The newest signed head of the ledger, for whoever wants to keep it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// As the text that it is (c2sp.org/tlog-checkpoint).
    pub text: String,
    /// The same as a QR code, an SVG to stand in a page; empty if it is too long for one.
    pub code: String,
}

/// Everything that the listener for signs and visitors answers with; immutable, replaced as a whole.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Shown {
    /// Every configured sign.
    pub signs: Vec<Sign>,
    /// The full notice as an HTML page in each of the shop's languages; the first is the local one.
    pub pages: Vec<(Language, Arc<str>)>,
    /// What visitors can pause.
    pub pausing: pause::Pausing,
    /// The newest head of the ledger that is durable.
    pub checkpoint: Option<Arc<Checkpoint>>,
}

impl Shown {
    fn sign(&self, id: &str) -> Option<&Sign> {
        self.signs.iter().find(|sign| sign.id.as_str() == id)
    }
}

/// One look at the daemon.
#[derive(Clone, PartialEq, Debug)]
pub struct Look {
    /// What there is to see.
    pub status: Status,
    /// When it was seen.
    pub at: Wall,
}

/// What the listeners say to and ask of the engine.
#[derive(Debug)]
pub enum Request {
    /// A sign did something with its own credential.
    Event(SignEvent),
    /// The picture of an electronic label was sent, to its access point or to somebody else.
    Given {
        /// Which sign.
        sign: SignId,
        /// Picture sent.
        notice: NoticeHash,
        /// Whether it was asked for with the sign's credential.
        ours: bool,
    },
    /// A configured display asks for its credential; whether it may have it now.
    Setup {
        /// Which sign.
        sign: SignId,
        /// Where the answer goes; dropping it means no.
        granted: oneshot::Sender<bool>,
    },
    /// A visitor in front of a sign objects to being counted; the answer, and the time of day until which counting is paused there
    /// if it is.
    Objection {
        /// Which sign.
        sign: SignId,
        /// Where the answer goes.
        answer: oneshot::Sender<(Answer, Option<String>)>,
    },
    /// One look at everything.
    Status(oneshot::Sender<Look>),
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
        async move { routes.call(path::tidy(request)).await }
    })
}

async fn plain_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
