//! Electronic labels, whose OpenEPaperLink access point fetches their pictures (its content "Image URL").
//!
//! The access point (OpenEPaperLink `ESP32_AP-Flasher/src/contentmanager.cpp`, `getImgURL`) takes a JPEG with 200, keeps what it has
//! with 304, and tries again after five minutes with anything else. Its `If-Modified-Since` is not our `Last-Modified` but the moment
//! of its last fetch by its own clock, so it proves nothing of what the label has: an access point whose clock is ahead, or
//! whose conversion failed, would never fetch a changed notice again. Where the access point is asked what the label holds
//! ([`Label::tracked`]), 304 is answered only if it holds this very picture.

use std::sync::Arc;

use axum::extract::{Extension, Path, Query as FromQuery, State};
use axum::http::header::IF_MODIFIED_SINCE;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::image::{Delivery, JPEG, hand, name_of, named, nothing_yet, validators, whole};
use super::signs::{Query, SignsState, header, not_found};
use super::when::{http_date, parse_http_date};
use super::{Label, Picture, Shown, Sign, Speaks, stranger};
use crate::domain::notice::NoticeHash;

/// Names the label beside the address, so that an address copied from label to label is noticed.
const LABEL_HEADER: &str = "x-esl-mac";

/// `GET /oepl/{mac}.jpg`: the picture of the label with that address.
///
/// With the sign's credential it is told as sent. It never counts as shown: what the label has taken is for its access
/// point to say.
pub(super) async fn picture(
    State(state): State<Arc<SignsState>>,
    Path(file): Path<String>,
    FromQuery(query): FromQuery<Query>,
    method: Method,
    headers: HeaderMap,
    delivery: Option<Extension<Delivery>>,
) -> Response {
    let Some(mac) = label_in(&file) else { return not_found().await };
    let shown = state.shown();
    if let Some(named) = header(&headers, LABEL_HEADER)
        && stranger::label_mac(named).as_ref() != Some(&mac)
    {
        return another(&state, &shown, named, &headers);
    }
    let Some((sign, label)) = find(&shown, &mac) else { return unknown(&state, &mac, &headers) };
    let Some((board, current)) = sign.current() else { return nothing_yet() };
    let evident = method == Method::GET && state.is_sign(sign, &headers, &query);
    if evident {
        state.report(sign, &headers, &query);
    }
    let (bytes, etag) = match &current.marked_jpeg {
        Some(marked) if evident && label.marked => (marked, format!("\"{}-marked\"", name_of(board))),
        Some(_) | None => (&current.jpeg, format!("\"{}\"", name_of(board))),
    };
    let modified = http_date(board.stamped);
    let trusting = !(evident && label.tracked) || label.holds == Some(current.notice);
    let mut response = if is_held(&headers, current.notice, &etag, modified.as_deref().filter(|_| trusting)) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        send(&state, sign, current, (&method, evident), delivery.as_deref());
        whole((JPEG, bytes))
    };
    validators(&mut response, &etag, modified.as_deref());
    response
}

fn label_in(file: &str) -> Option<String> {
    let (name, kind) = file.rsplit_once('.')?;
    kind.eq_ignore_ascii_case("jpg").then(|| stranger::label_mac(name))?
}

fn find<'a>(shown: &'a Shown, mac: &str) -> Option<(&'a Sign, &'a Label)> {
    let is = |label: &&Label| stranger::label_mac(&label.mac).as_deref() == Some(mac);
    shown.signs.iter().find_map(|sign| match &sign.speaks {
        Speaks::Label(label) => Some((sign, label)).filter(|(_, label)| is(label)),
        Speaks::Trmnl { .. } | Speaks::Http | Speaks::Kiosk(_) | Speaks::Paper => None,
    })
}

fn send(
    state: &SignsState,
    sign: &Sign,
    picture: &Picture,
    (method, evident): (&Method, bool),
    delivery: Option<&Delivery>,
) {
    if *method == Method::GET {
        state.engine.given(&sign.id, picture.notice, evident);
        hand(state, sign, picture);
    }
    if let (true, Some(delivery)) = (evident, delivery) {
        delivery.carries(&sign.id, picture.notice);
    }
}

/// Whether the caller needs no picture, with a name before a date (RFC 9110 §13.2.2).
fn is_held(headers: &HeaderMap, notice: NoticeHash, etag: &str, modified: Option<&str>) -> bool {
    if let Some(named) = named(headers, notice, etag) {
        return named.suffices();
    }
    let since = header(headers, IF_MODIFIED_SINCE.as_str()).and_then(parse_http_date);
    since.zip(modified.and_then(parse_http_date)).is_some_and(|(since, modified)| modified <= since)
}

fn unknown(state: &SignsState, mac: &str, headers: &HeaderMap) -> Response {
    stranger::tell(state, Some(mac.to_owned()), "openepaperlink", headers);
    (StatusCode::NOT_FOUND, "no label of this address is configured\n").into_response()
}

/// The address is one label's and the access point fetches it for another, which would show a notice for somewhere else.
fn another(state: &SignsState, shown: &Shown, named: &str, headers: &HeaderMap) -> Response {
    if let Some(mac) = stranger::label_mac(named).filter(|mac| find(shown, mac).is_none()) {
        stranger::tell(state, Some(mac), "openepaperlink", headers);
    }
    let hint =
        "the access point fetches this for another label than the address names; give each label its own address\n";
    (StatusCode::NOT_FOUND, hint).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::SignId;
    use crate::domain::sign::SignEvent;
    use crate::http::test_shop::{BEFORE, LABEL, NOW, Shop, ask, picture, token};

    const DATE: &str = "Wed, 29 Jul 2026 08:06:29 GMT";
    const LATER: &str = "Wed, 29 Jul 2026 09:00:00 GMT";
    const EARLIER: &str = "Thu, 01 Jan 1970 00:00:00 GMT";

    fn shelf() -> SignId {
        SignId::new("shelf")
    }

    fn path() -> String {
        format!("/oepl/{LABEL}.jpg?token={}", token("shelf"))
    }

    fn set(shop: &Shop, change: impl Fn(&mut Label)) {
        shop.shown.send_modify(|shown| {
            let mut new = (**shown).clone();
            for sign in &mut new.signs {
                if let Speaks::Label(label) = &mut sign.speaks {
                    change(label);
                }
            }
            *shown = Arc::new(new);
        });
    }

    #[tokio::test]
    async fn an_access_point_gets_the_jpeg_in_whatever_case_it_writes_the_address() {
        let shop = Shop::open();
        for path in [format!("/oepl/{LABEL}.jpg"), format!("/oepl/{}.jpg", LABEL.to_lowercase())] {
            let answer = shop.get(&path, &[("If-Modified-Since", EARLIER), ("X-ESL-MAC", LABEL)]).await;
            assert_eq!((answer.status, &answer.body), (StatusCode::OK, &picture(NOW, 100).jpeg), "{path}");
            assert_eq!(answer.header("content-type"), Some("image/jpeg"));
            assert_eq!(answer.header("content-length"), Some("100"));
            assert_eq!(answer.header("last-modified"), Some(DATE));
            assert_eq!(answer.carried, None);
        }
    }

    #[tokio::test]
    async fn only_with_the_credential_of_the_sign_a_fetch_is_told() {
        let mut shop = Shop::open();
        let wrong = format!("/oepl/{LABEL}.jpg?token={}", token("door"));
        assert_eq!(shop.get(&wrong, &[]).await.carried, None);
        assert_eq!(shop.given(), [(shelf(), NOW, false)]);
        assert_eq!(shop.get(&path(), &[]).await.carried, Some((shelf(), NOW)));
        assert_eq!(shop.given(), [(shelf(), NOW, true)]);
        let head = ask(&shop.router, Method::HEAD, &path(), &[], "").await;
        assert_eq!((head.status, head.body.len(), &head.carried), (StatusCode::OK, 0, &None));
        assert_eq!(head.header("content-length"), Some("100"));
        assert_eq!((shop.given(), shop.events()), (vec![], vec![]));
    }

    #[tokio::test]
    async fn a_fetch_since_the_picture_is_answered_with_304_where_nobody_knows_better() {
        let shop = Shop::open();
        let open = format!("/oepl/{LABEL}.jpg");
        for (since, status) in
            [(EARLIER, 200), ("Wed, 29 Jul 2026 08:06:28 GMT", 200), (DATE, 304), (LATER, 304), ("yesterday", 200)]
        {
            for path in [&open, &path()] {
                let answer = shop.get(path, &[("If-Modified-Since", since)]).await;
                assert_eq!(answer.status, status, "{since} {path}");
                assert_eq!(answer.header("last-modified"), Some(DATE));
            }
        }
    }

    #[tokio::test]
    async fn where_the_access_point_is_asked_only_what_the_label_holds_is_answered_with_304() {
        let shop = Shop::open();
        for (holds, status) in [(None, 200), (Some(BEFORE), 200), (Some(NOW), 304)] {
            set(&shop, |label| (label.tracked, label.holds) = (true, holds));
            assert_eq!(shop.get(&path(), &[("If-Modified-Since", LATER)]).await.status, status, "{holds:?}");
        }
        let mut shop = shop;
        shop.given();
        assert_eq!(shop.get(&path(), &[("If-Modified-Since", LATER)]).await.status, StatusCode::NOT_MODIFIED);
        assert_eq!(shop.given(), [], "nothing was sent");
        assert_eq!(shop.get(&path(), &[("If-Modified-Since", EARLIER)]).await.status, StatusCode::OK);
    }

    #[tokio::test]
    async fn the_marked_picture_goes_to_the_access_point_that_is_ours_and_has_a_name_of_its_own() {
        let shop = Shop::open();
        set(&shop, |label| label.marked = true);
        let marked = shop.get(&path(), &[]).await;
        assert_eq!(Some(&marked.body), picture(NOW, 100).marked_jpeg.as_ref());
        let plain = shop.get(&format!("/oepl/{LABEL}.jpg"), &[]).await;
        assert_eq!(plain.body, picture(NOW, 100).jpeg);
        assert_ne!(marked.header("etag"), plain.header("etag"));
        let held = [("If-None-Match", marked.header("etag").unwrap())];
        assert_eq!(shop.get(&path(), &held).await.status, StatusCode::NOT_MODIFIED);
        set(&shop, |label| label.marked = false);
        assert_eq!(shop.get(&path(), &held).await.status, StatusCode::OK);
    }

    #[tokio::test]
    async fn a_denial_is_told_as_handed_out_to_whomever_it_goes() {
        let mut shop = Shop::open();
        shop.deny("shelf");
        shop.get(&format!("/oepl/{LABEL}.jpg"), &[]).await;
        assert_eq!(shop.told().0, [SignEvent::Handed { sign: shelf(), notice: NOW }]);
    }

    #[tokio::test]
    async fn a_label_that_is_not_configured_gets_nothing_and_is_told_of() {
        let mut shop = Shop::open();
        for path in ["/oepl/0000021ac7b53b1b.jpg", "/oepl/0000021AC7B53B1B.jpg?token=x"] {
            let answer = shop.get(path, &[("X-ESL-MAC", "0000021AC7B53B1B")]).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND);
            assert!(!answer.text().contains("Sklep"), "{}", answer.text());
            let told = shop.strangers();
            assert_eq!((told[0].name.as_str(), told[0].protocol), ("00:00:02:1A:C7:B5:3B:1B", "openepaperlink"));
        }
        for path in ["/oepl/door.jpg", "/oepl/0000021AC7B53B1A.png", "/oepl/0000021AC7B53B1A", "/oepl/.jpg"] {
            assert_eq!(shop.get(path, &[]).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(shop.strangers(), []);
    }

    #[tokio::test]
    async fn an_address_that_was_copied_from_another_label_is_refused() {
        let mut shop = Shop::open();
        let answer = shop.get(&path(), &[("X-ESL-MAC", "0000021AC7B53B1B")]).await;
        assert_eq!((answer.status, answer.carried), (StatusCode::NOT_FOUND, None));
        assert_eq!(shop.strangers()[0].name, "00:00:02:1A:C7:B5:3B:1B");
        assert_eq!(shop.get(&path(), &[("X-ESL-MAC", "nonsense")]).await.status, StatusCode::NOT_FOUND);
        assert_eq!(shop.strangers(), []);
    }
}
