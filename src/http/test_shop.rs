//! A small shop for the tests of this room: a sign of each kind, and one whose picture is not drawn yet.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Method, Request as HttpRequest, StatusCode};
use jiff::tz::TimeZone;
use tokio::sync::{mpsc, watch};
use tower::ServiceExt;

use super::credential::Credentials;
use super::engine::EngineLine;
use super::image::Delivery;
use super::pause::{Pausing, Place};
use super::{Checkpoint, Kiosk, Label, Picture, Request, Shown, Sign, SignsState, Speaks, signs_router};
use crate::domain::id::{ActivityId, SignId};
use crate::domain::notice::{NoticeHash, SignState};
use crate::domain::objection::PausePage;
use crate::domain::sign::{Board, SignEvent, Stranger};
use crate::domain::text::Language;
use crate::domain::time::Wall;

pub(super) const MAC: &str = "AA:BB:CC:DD:EE:FF";
pub(super) const DARK_MAC: &str = "AA:BB:CC:DD:EE:00";
pub(super) const LABEL: &str = "0000021AC7B53B1A";
pub(super) const NOW: NoticeHash = NoticeHash([0xA9; 32]);
pub(super) const BEFORE: NoticeHash = NoticeHash([0x5B; 32]);
pub(super) const CHECKPOINT: &str = "noticed/test\n24\nAAAA=\n\n— noticed/test BBBB=\n";
pub(super) const STAMPED: Wall = Wall(1_785_312_389_250);

pub(super) fn credentials() -> Credentials {
    Credentials::new([7; 32])
}

pub(super) fn door() -> SignId {
    SignId::new("door")
}

pub(super) fn token(sign: &str) -> String {
    credentials().sign(&SignId::new(sign))
}

pub(super) struct Shop {
    pub(super) router: Router,
    pub(super) line: EngineLine,
    pub(super) engine: mpsc::Receiver<Request>,
    pub(super) shown: watch::Sender<Arc<Shown>>,
}

/// Which picture of which sign went away, and whether to the sign itself.
type Given = (SignId, NoticeHash, bool);

pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) carried: Option<(SignId, NoticeHash)>,
}

impl Answer {
    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

impl Shop {
    /// Shows the fixture, with pictures of `bytes` bytes.
    pub(super) fn with_pictures_of(bytes: usize) -> Self {
        let (requests, engine) = mpsc::channel(64);
        let (shown, receiver) = watch::channel(Arc::new(fixture(bytes)));
        let line = EngineLine::new(requests);
        let router = signs_router(SignsState {
            shown: receiver,
            engine: line.clone(),
            credentials: credentials(),
            public_url: "http://shop.example:8080".to_owned(),
            time_zone: TimeZone::get("Europe/Warsaw").unwrap(),
        });
        Self { router, line, engine, shown }
    }

    pub(super) fn open() -> Self {
        Self::with_pictures_of(100)
    }

    pub(super) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        ask(&self.router, Method::GET, path, headers, "").await
    }

    pub(super) async fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        ask(&self.router, Method::POST, path, headers, body).await
    }

    /// Everything that the engine was told so far.
    pub(super) fn events(&mut self) -> Vec<SignEvent> {
        let (events, strangers, given) = self.told();
        assert_eq!((strangers, given), (vec![], vec![]));
        events
    }

    /// Every stranger that the engine was told of so far.
    pub(super) fn strangers(&mut self) -> Vec<Stranger> {
        let (events, strangers, given) = self.told();
        assert_eq!((events, given), (vec![], vec![]));
        strangers
    }

    /// Every picture of a label that the engine was told of as given away.
    pub(super) fn given(&mut self) -> Vec<Given> {
        self.told().2
    }

    /// Everything that the engine was told so far, by kind.
    pub(super) fn told(&mut self) -> (Vec<SignEvent>, Vec<Stranger>, Vec<Given>) {
        let (mut events, mut strangers, mut given) = (Vec::new(), Vec::new(), Vec::new());
        while let Ok(request) = self.engine.try_recv() {
            match request {
                Request::Event(event) => events.push(event),
                Request::Stranger(stranger) => strangers.push(stranger),
                Request::Given { sign, notice, ours } => given.push((sign, notice, ours)),
                other @ (Request::Setup { .. }
                | Request::Objection { .. }
                | Request::Status(_)
                | Request::Order(..)) => panic!("{other:?}"),
            }
        }
        (events, strangers, given)
    }

    /// Has the sign say that nothing is counted.
    pub(super) fn deny(&self, sign: &str) {
        self.shown.send_modify(|shown| {
            let mut new = (**shown).clone();
            let sign = new.signs.iter_mut().find(|s| s.id.as_str() == sign).unwrap();
            sign.board.as_mut().unwrap().state = SignState::Inactive { valid_until: Wall(STAMPED.0 + 3_600_000) };
            *shown = Arc::new(new);
        });
    }
}

pub(super) async fn ask(router: &Router, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let delivery = Delivery::default();
    let mut request = HttpRequest::builder().method(method).uri(path);
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        request = request.header("host", "192.168.1.10:8080");
    }
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let request = request.extension(delivery.clone()).body(Body::from(body.to_owned())).unwrap();
    let (head, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    Answer { status: head.status, headers: head.headers, body, carried: delivery.carried().cloned() }
}

pub(super) fn fixture(bytes: usize) -> Shown {
    let (now, before) = (picture(NOW, bytes), picture(BEFORE, bytes));
    let sign = |id: &str, speaks: Speaks, state: SignState| Sign {
        id: SignId::new(id),
        speaks,
        board: Some(Board {
            sign: SignId::new(id),
            state,
            turn: 0,
            notice: NOW,
            stamped: STAMPED,
            refresh_seconds: 900,
        }),
        reason: "the sign has not been seen yet".to_owned(),
        picture: Some(Arc::clone(&now)),
        previous: Some(Arc::clone(&before)),
    };
    let active = SignState::Active(vec![ActivityId::new("footfall")]);
    let trmnl = |mac: &str| Speaks::Trmnl { mac: mac.to_owned() };
    let label = Label { mac: LABEL.to_owned(), tracked: false, marked: false, holds: None };
    let kiosk = Kiosk {
        page: Arc::from("<!doctype html><title>kiosk</title>"),
        policy: "default-src 'none'",
        pace_seconds: 15,
        hold_seconds: 90,
    };
    let mut dark = sign("dark", trmnl(DARK_MAC), active.clone());
    dark.picture = None;
    Shown {
        signs: vec![
            sign("door", trmnl(MAC), active.clone()),
            sign("till", Speaks::Http, SignState::Inactive { valid_until: Wall(STAMPED.0 + 3_600_000) }),
            dark,
            sign("shelf", Speaks::Label(label), active.clone()),
            sign("window", Speaks::Kiosk(kiosk), active.clone()),
            sign("board", Speaks::Paper, active),
        ],
        pages: vec![
            (Language::parse("pl").unwrap(), Arc::from("<!doctype html><title>Informacja</title>")),
            (Language::parse("en").unwrap(), Arc::from("<!doctype html><title>Notice</title>")),
        ],
        pausing: Pausing {
            days: vec![jiff::civil::date(2026, 11, 24), jiff::civil::date(2026, 11, 23)],
            places: vec![Place { sign: door(), language: Language::parse("pl").unwrap(), until: None }],
            pages: Arc::new(vec![pause_page("pl"), pause_page("en")]),
        },
        checkpoint: Some(Arc::new(Checkpoint { text: CHECKPOINT.to_owned(), code: "<svg></svg>".to_owned() })),
    }
}

fn pause_page(language: &str) -> PausePage {
    let text = |text: &str| format!("[{text} {language}]");
    PausePage {
        language: Language::parse(language).unwrap(),
        top: text("top"),
        links: text("links"),
        rest: text("rest"),
        form: ["[form ".to_owned(), "]".to_owned()],
        paused: ["[paused until ".to_owned(), "]".to_owned()],
        limit: text("limit"),
        expired: text("expired"),
        nothing: text("nothing"),
    }
}

pub(super) fn picture(notice: NoticeHash, bytes: usize) -> Arc<Picture> {
    let first = notice.0[0];
    let [png, bmp, jpeg, marked_jpeg, raw] =
        [first, !first, first ^ 1, first ^ 2, first ^ 4].map(|byte| Bytes::from(vec![byte; bytes]));
    Arc::new(Picture { notice, png, bmp, jpeg, marked_jpeg: Some(marked_jpeg), raw })
}
