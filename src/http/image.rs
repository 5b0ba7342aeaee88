//! Pictures for signs, with everything that lets a client keep what it has (RFC 9110 §13).
//!
//! Content types are exact, without a charset: TRMNL firmware compares the whole text and silently draws nothing else.
//!
//! One address is one format, so one tag per notice is a strong validator of each (RFC 9110 §8.8.3.3): the same notice always gives
//! the same bytes in the same format. The tag also says since when the picture is offered, because e-paper is to be drawn anew once a day:
//! a display that names an earlier time proves that it holds these pixels, and is sent them once more.

use std::sync::{Arc, OnceLock};

use axum::body::Bytes;
use axum::extract::{Extension, Path, Query as FromQuery, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, RETRY_AFTER,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::signs::{Query, SignsState, header, unknown_sign};
use super::when::{http_date, parse_http_date};
use super::{Picture, Sign, Speaks};
use crate::domain::id::SignId;
use crate::domain::notice::NoticeHash;
use crate::domain::sign::{Board, SignEvent};

/// What the answer on this connection is to a sign that showed its credential. The handler writes it, the connection reads it once
/// the last byte has left.
#[derive(Clone, Debug, Default)]
pub(super) struct Delivery {
    picture: Arc<OnceLock<(SignId, NoticeHash)>>,
    answer: Arc<OnceLock<SignId>>,
}

impl Delivery {
    pub(super) fn carries(&self, sign: &SignId, notice: NoticeHash) {
        // One connection answers one request, so nothing can be there yet.
        self.picture.get_or_init(|| (sign.clone(), notice));
    }

    /// The answer is to a poll that is told as one already.
    pub(super) fn answers(&self, sign: &SignId) {
        self.answer.get_or_init(|| sign.clone());
    }

    /// The picture that the connection carried whole.
    pub(super) fn carried(&self) -> Option<&(SignId, NoticeHash)> {
        self.picture.get()
    }

    /// The sign whose poll it answered.
    pub(super) fn answered(&self) -> Option<&SignId> {
        self.answer.get()
    }
}

#[derive(Clone, Copy)]
enum Format {
    Png,
    Bmp,
    Jpeg,
    Raw,
}

impl Format {
    fn of(self, picture: &Picture) -> (&'static str, &Bytes) {
        match self {
            Self::Png => ("image/png", &picture.png),
            Self::Bmp => ("image/bmp", &picture.bmp),
            Self::Jpeg => (JPEG, &picture.jpeg),
            Self::Raw => ("application/octet-stream", &picture.raw),
        }
    }
}

/// The type of a JPEG, exactly.
pub(super) const JPEG: &str = "image/jpeg";

type Caller = (Method, HeaderMap, FromQuery<Query>, Option<Extension<Delivery>>);

/// `GET /signs/{id}/image.png`.
pub(super) async fn png(State(state): State<Arc<SignsState>>, Path(id): Path<String>, caller: Caller) -> Response {
    answer(&state, &id, Format::Png, &caller)
}

/// `GET /signs/{id}/image.bmp`.
pub(super) async fn bmp(State(state): State<Arc<SignsState>>, Path(id): Path<String>, caller: Caller) -> Response {
    answer(&state, &id, Format::Bmp, &caller)
}

/// `GET /signs/{id}/image.jpg`.
pub(super) async fn jpeg(State(state): State<Arc<SignsState>>, Path(id): Path<String>, caller: Caller) -> Response {
    answer(&state, &id, Format::Jpeg, &caller)
}

/// `GET /signs/{id}/image.raw`: the bytes that the panel's driver takes.
pub(super) async fn raw(State(state): State<Arc<SignsState>>, Path(id): Path<String>, caller: Caller) -> Response {
    answer(&state, &id, Format::Raw, &caller)
}

fn answer(state: &SignsState, id: &str, format: Format, caller: &Caller) -> Response {
    let (method, headers, FromQuery(query), delivery) = caller;
    let shown = state.shown();
    let Some(sign) = shown.sign(id) else { return unknown_sign(state, id, "http", headers) };
    let Some(Chosen { picture, name, modified }) = chosen(sign, query) else { return nothing_yet() };
    let evident = *method == Method::GET && believes_fetches(&sign.speaks) && is_evidence(state, sign, headers, query);
    if evident {
        state.report(sign, headers, query);
    }
    let etag = format!("\"{name}\"");
    let held = held(headers, picture.notice, &etag, modified.as_deref());
    if held.proves() && evident && proves_by_name(&sign.speaks) {
        state.engine.tell(SignEvent::Shown { sign: sign.id.clone(), notice: picture.notice });
    }
    let mut response = if held.suffices() {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        if *method == Method::GET {
            hand(state, sign, picture);
        }
        if let (true, Some(Extension(delivery))) = (evident, delivery) {
            delivery.carries(&sign.id, picture.notice);
        }
        whole(format.of(picture))
    };
    validators(&mut response, &etag, modified.as_deref());
    response
}

/// Whether fetching from here says anything about the sign: a label is sent its picture by an access point, which has an address of
/// its own, and paper fetches nothing; whoever does so for them is a technician.
fn believes_fetches(speaks: &Speaks) -> bool {
    match speaks {
        Speaks::Trmnl { .. } | Speaks::Http | Speaks::Kiosk(_) => true,
        Speaks::Label(_) | Speaks::Paper => false,
    }
}

/// Whether naming a picture proves that it is shown. A browser names what is in its cache, before it shows it.
fn proves_by_name(speaks: &Speaks) -> bool {
    matches!(speaks, Speaks::Trmnl { .. } | Speaks::Http)
}

/// Says that the picture is given away, if somebody could read "not counting" on it from now on.
pub(super) fn hand(state: &SignsState, sign: &Sign, picture: &Picture) {
    // Other boards deny nothing; of the picture before the current one nobody here knows what it said.
    let denies = |board: &Board| board.state.valid_until().is_some();
    if sign.board.as_ref().is_none_or(|board| board.notice != picture.notice || denies(board)) {
        state.engine.tell(SignEvent::Handed { sign: sign.id.clone(), notice: picture.notice });
    }
}

/// What lets the caller ask more cheaply the next time.
pub(super) fn validators(response: &mut Response, etag: &str, modified: Option<&str>) {
    let headers = response.headers_mut();
    headers.insert(ETAG, etag.parse().expect("hexadecimal digits and quotes are header text"));
    if let Some(modified) = modified {
        headers.insert(LAST_MODIFIED, modified.parse().expect("an HTTP date is header text"));
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
}

/// The name of the picture on `board`: its notice, and since when it is offered. Another name asks for a drawing, of the same pixels as well.
pub(super) fn name_of(board: &Board) -> String {
    format!("{}-{}", board.notice, seconds_of(board))
}

/// Since when the picture on `board` is offered, in ten digits: seconds since 1970.
pub(super) fn seconds_of(board: &Board) -> String {
    format!("{:010}", board.stamped.seconds().clamp(0, 9_999_999_999))
}

struct Chosen<'a> {
    picture: &'a Arc<Picture>,
    name: String,
    modified: Option<String>,
}

/// The picture that `n` names, if it is the one before the current one; else the current one, with its time.
fn chosen<'a>(sign: &'a Sign, query: &Query) -> Option<Chosen<'a>> {
    let (board, current) = sign.current()?;
    let named = |picture: &&Arc<Picture>| query.n.as_deref() == Some(picture.notice.short().as_str());
    Some(match sign.previous.as_ref().filter(named) {
        Some(previous) if previous.notice != current.notice => {
            Chosen { picture: previous, name: previous.notice.to_string(), modified: None }
        }
        Some(_) | None => Chosen { picture: current, name: name_of(board), modified: http_date(board.stamped) },
    })
}

/// Whether the caller shows the sign's credential, or the key that only the sign was told for the picture `n`.
fn is_evidence(state: &SignsState, sign: &Sign, headers: &HeaderMap, query: &Query) -> bool {
    let keyed = match (&query.n, &query.k) {
        (Some(n), Some(k)) => state.credentials.same(k, &state.credentials.picture(&sign.id, n)),
        _ => false,
    };
    keyed || state.is_sign(sign, headers, query)
}

/// What the client holds; the later, the more it says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Held {
    /// The client does not have this picture.
    No,
    /// It has something that makes sending needless, but did not prove what.
    Assumed,
    /// It named exactly these pixels, as they were offered at another time: it once had them whole, and is to draw them anew.
    Aged,
    /// It named exactly this picture, which proves that it once had it whole.
    Named,
}

impl Held {
    fn proves(self) -> bool {
        matches!(self, Self::Aged | Self::Named)
    }

    /// Whether nothing needs to be sent.
    pub(super) fn suffices(self) -> bool {
        matches!(self, Self::Assumed | Self::Named)
    }
}

/// What the client holds. `If-None-Match` goes before `If-Modified-Since` (RFC 9110 §13.2.2), and a date counts only if
/// it is exactly ours: after a jump of the clock, "not later" would leave an old notice on the glass.
fn held(headers: &HeaderMap, notice: NoticeHash, etag: &str, modified: Option<&str>) -> Held {
    if let Some(named) = named(headers, notice, etag) {
        return named;
    }
    let since = header(headers, IF_MODIFIED_SINCE.as_str()).and_then(parse_http_date);
    match (since, modified.and_then(parse_http_date)) {
        (Some(since), Some(modified)) if since == modified => Held::Assumed,
        _ => Held::No,
    }
}

/// What the client says that it holds by name; `None` if it says nothing of the kind.
pub(super) fn named(headers: &HeaderMap, notice: NoticeHash, etag: &str) -> Option<Held> {
    if !headers.contains_key(IF_NONE_MATCH) {
        return None;
    }
    let given = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let tags = given.flat_map(|list| list.split(',')).map(str::trim);
    let of = |tag: &str| match tag.strip_prefix("W/").unwrap_or(tag) {
        "*" => Held::Assumed,
        tag if tag == etag => Held::Named,
        tag if is_of(tag, notice) => Held::Aged,
        _ => Held::No,
    };
    Some(tags.map(of).max().unwrap_or(Held::No))
}

/// Whether `tag` is one that the picture of `notice` is or was given out with: without a time, if it was no longer the current one.
fn is_of(tag: &str, notice: NoticeHash) -> bool {
    let name = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).unwrap_or_default();
    let (digits, seconds) = name.split_once('-').unwrap_or((name, ""));
    digits == notice.to_string() && seconds.bytes().all(|byte| byte.is_ascii_digit())
}

/// The whole picture.
pub(super) fn whole((kind, bytes): (&'static str, &Bytes)) -> Response {
    let headers = [(CONTENT_TYPE, HeaderValue::from_static(kind)), (CONTENT_LENGTH, bytes.len().into())];
    (headers, bytes.clone()).into_response()
}

/// New TRMNL firmware asks again on a 503 within the same wake; every other client keeps what it shows.
pub(super) fn nothing_yet() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "2")], "no picture has been drawn yet\n").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::test_shop::{BEFORE, NOW, STAMPED, Shop, ask, credentials, door, picture, token};

    const DATE: &str = "Wed, 29 Jul 2026 08:06:29 GMT";

    fn etag(notice: NoticeHash) -> String {
        format!("\"{notice}-1785312389\"")
    }

    #[tokio::test]
    async fn the_picture_comes_with_exact_type_length_and_validators() {
        let shop = Shop::open();
        for (path, kind, bytes) in [
            ("/signs/door/image.png", "image/png", picture(NOW, 100).png.clone()),
            ("/signs/door/image.bmp", "image/bmp", picture(NOW, 100).bmp.clone()),
            ("/signs/door/image.jpg", "image/jpeg", picture(NOW, 100).jpeg.clone()),
            ("/signs/door/image.raw", "application/octet-stream", picture(NOW, 100).raw.clone()),
        ] {
            let answer = shop.get(path, &[]).await;
            assert_eq!((answer.status, &answer.body), (StatusCode::OK, &bytes));
            assert_eq!(answer.header("content-type"), Some(kind));
            assert_eq!(answer.header("content-length"), Some("100"));
            assert_eq!(answer.header("etag"), Some(etag(NOW).as_str()));
            assert_eq!(answer.header("last-modified"), Some(DATE));
            assert_eq!(answer.header("cache-control"), Some("no-cache"));
            assert_eq!(answer.carried, None);
        }
        assert_eq!(parse_http_date(DATE), Some(STAMPED.seconds()));
    }

    #[tokio::test]
    async fn a_fetch_with_any_form_of_the_credential_carries_evidence() {
        let mut shop = Shop::open();
        let token = token("door");
        let key = credentials().picture(&door(), "a9a9a9a9a9a9a9a9");
        let bearer = format!("Bearer {token}");
        let forms: [(String, Vec<(&str, &str)>); 4] = [
            (format!("/signs/door/image.png?token={token}"), vec![]),
            (format!("/signs/door/image.png?n=a9a9a9a9a9a9a9a9&k={key}"), vec![]),
            ("/signs/door/image.png".to_owned(), vec![("Authorization", &bearer)]),
            ("/signs/door/image.png".to_owned(), vec![("Access-Token", &token)]),
        ];
        for (path, headers) in forms {
            let answer = shop.get(&path, &headers).await;
            assert_eq!(answer.carried, Some((door(), NOW)), "{path}");
        }
        // What was only prepared is not told: that is for the connection to do when the last byte has left.
        assert_eq!(shop.events(), []);
    }

    #[tokio::test]
    async fn wrong_keys_get_the_same_picture_without_evidence() {
        let shop = Shop::open();
        let key = credentials().picture(&door(), "a9a9a9a9a9a9a9a9");
        let till = token("till");
        for path in [
            format!("/signs/door/image.png?n=5b5b5b5b5b5b5b5b&k={key}"),
            format!("/signs/door/image.png?k={key}"),
            format!("/signs/till/image.png?n=a9a9a9a9a9a9a9a9&k={key}"),
            format!("/signs/door/image.png?token={till}"),
            "/signs/door/image.png?token=".to_owned(),
        ] {
            let answer = shop.get(&path, &[]).await;
            assert_eq!((answer.status, answer.carried), (StatusCode::OK, None), "{path}");
        }
    }

    #[tokio::test]
    async fn the_picture_before_is_still_there_and_anything_else_is_the_current_one() {
        let shop = Shop::open();
        let token = token("door");
        let before = shop.get(&format!("/signs/door/image.png?n=5b5b5b5b5b5b5b5b&token={token}"), &[]).await;
        assert_eq!(before.body, picture(BEFORE, 100).png);
        assert_eq!(before.carried, Some((door(), BEFORE)));
        assert_eq!(before.header("etag"), Some(format!("\"{BEFORE}\"").as_str()));
        assert_eq!(before.header("last-modified"), None);
        let unknown = shop.get(&format!("/signs/door/image.png?n=0000000000000000&token={token}"), &[]).await;
        assert_eq!(unknown.body, picture(NOW, 100).png);
        assert_eq!(unknown.carried, Some((door(), NOW)));
    }

    #[tokio::test]
    async fn a_client_that_names_the_picture_keeps_it_and_proves_that_it_holds_it() {
        let mut shop = Shop::open();
        let path = format!("/signs/door/image.png?token={}", token("door"));
        for held in
            [etag(NOW), format!("W/{}", etag(NOW)), format!("\"x\" , {}", etag(NOW)), format!("*, {}", etag(NOW))]
        {
            let answer = shop.get(&path, &[("If-None-Match", &held)]).await;
            assert_eq!((answer.status, answer.body.len()), (StatusCode::NOT_MODIFIED, 0), "{held}");
            assert_eq!(answer.header("etag"), Some(etag(NOW).as_str()));
            assert_eq!(answer.carried, None);
            assert_eq!(shop.events(), [SignEvent::Shown { sign: door(), notice: NOW }], "{held}");
        }
    }

    #[tokio::test]
    async fn a_client_that_names_these_pixels_of_another_time_proves_the_same_and_is_sent_them_anew() {
        let mut shop = Shop::open();
        let path = format!("/signs/door/image.png?token={}", token("door"));
        let aged = format!("\"{NOW}-1785225989\"");
        for held in [aged.clone(), format!("W/{aged}"), format!("\"{NOW}\""), format!("*, {aged}")] {
            let answer = shop.get(&path, &[("If-None-Match", &held), ("If-Modified-Since", DATE)]).await;
            assert_eq!((answer.status, &answer.body), (StatusCode::OK, &picture(NOW, 100).png), "{held}");
            assert_eq!(answer.header("etag"), Some(etag(NOW).as_str()));
            assert_eq!(answer.carried, Some((door(), NOW)));
            assert_eq!(shop.events(), [SignEvent::Shown { sign: door(), notice: NOW }], "{held}");
        }
        let anonymous = shop.get("/signs/door/image.png", &[("If-None-Match", &aged)]).await;
        assert_eq!((anonymous.status, anonymous.carried), (StatusCode::OK, None));
        assert_eq!(shop.events(), []);
    }

    #[tokio::test]
    async fn a_tag_that_only_resembles_one_of_this_picture_proves_nothing() {
        let mut shop = Shop::open();
        let path = format!("/signs/door/image.png?token={}", token("door"));
        for held in [
            format!("{NOW}-1785312389"),
            format!("\"{NOW}-1785312389"),
            format!("\"{NOW}-marked\""),
            format!("\"{NOW}-1785225989-marked\""),
            format!("\"{}-1785225989\"", NOW.short()),
            format!("\"-{NOW}\""),
            "\"".to_owned(),
        ] {
            assert_eq!(shop.get(&path, &[("If-None-Match", &held)]).await.status, StatusCode::OK, "{held}");
            assert_eq!(shop.events(), [], "{held}");
        }
    }

    #[tokio::test]
    async fn what_proves_nothing_is_no_evidence() {
        let mut shop = Shop::open();
        let path = format!("/signs/door/image.png?token={}", token("door"));
        for header in [("If-None-Match", "*"), ("If-Modified-Since", DATE)] {
            assert_eq!(shop.get(&path, &[header]).await.status, StatusCode::NOT_MODIFIED, "{header:?}");
        }
        let anonymous = shop.get("/signs/door/image.png", &[("If-None-Match", &etag(NOW))]).await;
        assert_eq!(anonymous.status, StatusCode::NOT_MODIFIED);
        let head = ask(&shop.router, Method::HEAD, &path, &[("If-None-Match", &etag(NOW))], "").await;
        assert_eq!(head.status, StatusCode::NOT_MODIFIED);
        assert_eq!(shop.events(), []);
    }

    #[tokio::test]
    async fn a_client_with_something_else_gets_the_picture() {
        let shop = Shop::open();
        for headers in [
            vec![("If-None-Match", etag(BEFORE))],
            vec![("If-None-Match", etag(BEFORE)), ("If-Modified-Since", DATE.to_owned())],
            vec![("If-Modified-Since", "Wed, 29 Jul 2026 08:06:28 GMT".to_owned())],
            vec![("If-Modified-Since", "Wed, 29 Jul 2026 08:06:30 GMT".to_owned())],
            vec![("If-Modified-Since", "now".to_owned())],
        ] {
            let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            assert_eq!(shop.get("/signs/door/image.png", &headers).await.status, StatusCode::OK, "{headers:?}");
        }
    }

    #[tokio::test]
    async fn head_tells_all_but_the_picture_and_is_no_evidence() {
        let shop = Shop::open();
        let path = format!("/signs/door/image.png?token={}", token("door"));
        let answer = ask(&shop.router, Method::HEAD, &path, &[], "").await;
        assert_eq!((answer.status, answer.body.len()), (StatusCode::OK, 0));
        assert_eq!(answer.header("content-length"), Some("100"));
        assert_eq!(answer.carried, None);
    }

    #[tokio::test]
    async fn unknown_signs_pictures_and_methods_have_their_own_answers() {
        let shop = Shop::open();
        assert_eq!(shop.get("/signs/none/image.png", &[]).await.status, StatusCode::NOT_FOUND);
        assert_eq!(shop.get("/signs/door/image.gif", &[]).await.status, StatusCode::NOT_FOUND);
        let answer = shop.get("/signs/dark/image.png", &[]).await;
        assert_eq!((answer.status, answer.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, Some("2")));
        let answer = shop.post("/signs/door/image.png", &[], "").await;
        assert_eq!((answer.status, answer.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, Some("GET,HEAD")));
    }
}
