//! Signs that speak plain HTTP: ESPHome, Inkplate, scripts, and people who want to know what a sign says and why.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query as FromQuery, State};
use axum::http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::image::name_of;
use super::signs::{Query, SignsState, unknown_sign};
use super::when::to_the_second;
use super::{Sign, Speaks};
use crate::domain::notice::NoticeHash;
use crate::domain::sign::SignEvent;

/// Pace while there is nothing to show yet, in seconds.
const NOTHING_YET_REFRESH_SECONDS: u32 = 60;

#[derive(Serialize)]
struct SignAnswer<'a> {
    id: &'a str,
    state: &'static str,
    reason: &'a str,
    notice: Option<String>,
    /// Another one asks for a drawing, of the same notice as well.
    picture: Option<String>,
    valid_until: Option<String>,
    refresh_seconds: u32,
    /// For a page: how long it may show a picture without an answer of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    hold_seconds: Option<u32>,
    image: Images,
}

#[derive(Serialize)]
struct Images {
    png: String,
    bmp: String,
    jpg: String,
    raw: String,
}

#[derive(Deserialize)]
struct ShownReport {
    notice: String,
}

#[derive(Serialize)]
struct OtherNotice {
    error: &'static str,
    expected: Option<String>,
}

/// `GET /signs/{id}`: what the sign says, why, until when, and where its pictures are.
///
/// With the credential of a sign that speaks plain HTTP it counts as its poll. Of other signs it does not: a page says what
/// it has painted, and displays with protocols of their own poll elsewhere, so whoever asks here with their credential is a
/// technician.
pub(super) async fn sign(
    State(state): State<Arc<SignsState>>,
    Path(id): Path<String>,
    FromQuery(query): FromQuery<Query>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let shown = state.shown();
    let Some(sign) = shown.sign(&id) else { return unknown_sign(&state, &id, "http", &headers) };
    let authentic = state.is_sign(sign, &headers, &query);
    if authentic && method == Method::GET {
        match sign.speaks {
            Speaks::Http => {
                state.report(sign, &headers, &query);
                tell_poll(&state, sign);
            }
            Speaks::Kiosk(_) => state.report(sign, &headers, &query),
            Speaks::Trmnl { .. } | Speaks::Label(_) | Speaks::Paper => {}
        }
    }
    ([(CACHE_CONTROL, "no-cache")], Json(said(&state, &headers, sign, authentic))).into_response()
}

/// `POST /signs/{id}/shown`: firmware that knows when it has drawn says so.
pub(super) async fn shown(
    State(state): State<Arc<SignsState>>,
    Path(id): Path<String>,
    FromQuery(query): FromQuery<Query>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let shown = state.shown();
    let Some(sign) = shown.sign(&id) else { return unknown_sign(&state, &id, "http", &headers) };
    if !state.is_sign(sign, &headers, &query) {
        let hint = "send the sign's credential, as `noticed sign token` prints it, in Authorization: Bearer\n";
        return (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Bearer")], hint).into_response();
    }
    let Ok(report) = serde_json::from_slice::<ShownReport>(&body) else {
        return (StatusCode::BAD_REQUEST, "expected JSON: {\"notice\":\"<hash>\"}\n").into_response();
    };
    if sign.speaks == Speaks::Paper {
        let hint = "paper says nothing of itself; who has seen it says so with `noticed sign attest`\n";
        return (StatusCode::FORBIDDEN, hint).into_response();
    }
    state.report(sign, &headers, &query);
    match sign.current().filter(|(board, _)| names(&report.notice, &board.notice)) {
        Some((board, _)) => {
            state.engine.tell(SignEvent::Shown { sign: sign.id.clone(), notice: board.notice });
            StatusCode::NO_CONTENT.into_response()
        }
        None => other_notice(sign),
    }
}

fn tell_poll(state: &SignsState, sign: &Sign) {
    let Some((board, picture)) = sign.current() else { return };
    state.engine.tell(SignEvent::Polled {
        sign: sign.id.clone(),
        offered: picture.notice,
        refresh_seconds: board.refresh_seconds.max(1),
        timer: true,
        cached: false,
    });
}

fn said<'a>(state: &SignsState, headers: &HeaderMap, sign: &'a Sign, authentic: bool) -> SignAnswer<'a> {
    let board = sign.current().map(|(board, _)| board);
    let query = board.map_or_else(String::new, |board| {
        let key = || format!("&k={}", state.credentials.picture_of(&sign.id, &board.notice));
        format!("?n={}{}", board.notice.short(), if authentic { key() } else { String::new() })
    });
    let image = |kind: &str| format!("{}/signs/{}/image.{kind}{query}", state.base(headers), sign.id);
    let (pace_seconds, hold_seconds) = match &sign.speaks {
        Speaks::Kiosk(kiosk) => (kiosk.pace_seconds, Some(kiosk.hold_seconds)),
        Speaks::Trmnl { .. } | Speaks::Http | Speaks::Label(_) | Speaks::Paper => (u32::MAX, None),
    };
    let refresh_seconds = board.map_or(NOTHING_YET_REFRESH_SECONDS, |board| board.refresh_seconds.max(1));
    SignAnswer {
        id: sign.id.as_str(),
        state: board.map_or("unknown", |board| board.state.word()),
        reason: &sign.reason,
        notice: board.map(|board| board.notice.to_string()),
        picture: board.map(name_of),
        valid_until: board.and_then(|board| to_the_second(board.state.valid_until()?, &state.time_zone)),
        refresh_seconds: refresh_seconds.min(pace_seconds),
        hold_seconds,
        image: Images { png: image("png"), bmp: image("bmp"), jpg: image("jpg"), raw: image("raw") },
    }
}

/// Whether `given` is the whole hash or the 16 digits that addresses carry.
fn names(given: &str, notice: &NoticeHash) -> bool {
    given.eq_ignore_ascii_case(&notice.to_string()) || given.eq_ignore_ascii_case(&notice.short())
}

fn other_notice(sign: &Sign) -> Response {
    let expected = sign.current().map(|(board, _)| board.notice.to_string());
    let error = "this is not the notice that the sign is to show; fetch the picture again";
    (StatusCode::CONFLICT, Json(OtherNotice { error, expected })).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::SignId;
    use crate::domain::sign::Health;
    use crate::http::test_shop::{BEFORE, NOW, Shop, credentials, token};

    fn till() -> SignId {
        SignId::new("till")
    }

    #[tokio::test]
    async fn a_sign_says_its_state_its_reason_and_where_its_pictures_are() {
        let mut shop = Shop::open();
        let answer = shop.get("/signs/till", &[]).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(
            answer.text(),
            format!(
                "{{\"id\":\"till\",\"state\":\"inactive\",\"reason\":\"the sign has not been seen yet\",\
                 \"notice\":\"{NOW}\",\"picture\":\"{NOW}-1785312389\",\"valid_until\":\"2026-07-29T11:06:29+02:00\",\"refresh_seconds\":900,\
                 \"image\":{{\"png\":\"http://192.168.1.10:8080/signs/till/image.png?n=a9a9a9a9a9a9a9a9\",\
                 \"bmp\":\"http://192.168.1.10:8080/signs/till/image.bmp?n=a9a9a9a9a9a9a9a9\",\
                 \"jpg\":\"http://192.168.1.10:8080/signs/till/image.jpg?n=a9a9a9a9a9a9a9a9\",\
                 \"raw\":\"http://192.168.1.10:8080/signs/till/image.raw?n=a9a9a9a9a9a9a9a9\"}}}}"
            )
        );
        assert_eq!(shop.events(), []);
    }

    #[tokio::test]
    async fn a_sign_without_a_picture_is_unknown_and_still_says_why() {
        let shop = Shop::open();
        let answer = shop.get("/signs/dark", &[]).await;
        let start = "{\"id\":\"dark\",\"state\":\"unknown\",\"reason\":\"the sign has not been seen yet\",\"notice\":null,\
                     \"picture\":null,\"valid_until\":null,\"refresh_seconds\":60,";
        assert!(answer.text().starts_with(start), "{}", answer.text());
        assert_eq!(shop.get("/signs/none", &[]).await.status, StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn with_its_credential_a_plain_sign_polls_and_gets_keys() {
        let mut shop = Shop::open();
        let answer = shop.get(&format!("/signs/till?token={}", token("till")), &[]).await;
        let key = credentials().picture(&till(), "a9a9a9a9a9a9a9a9");
        assert!(answer.text().contains(&format!("image.png?n=a9a9a9a9a9a9a9a9&k={key}\"")), "{}", answer.text());
        let polled = SignEvent::Polled { sign: till(), offered: NOW, refresh_seconds: 900, timer: true, cached: false };
        assert_eq!(shop.events(), [polled]);
    }

    #[tokio::test]
    async fn a_look_at_a_sign_that_polls_elsewhere_or_never_is_not_its_poll() {
        let mut shop = Shop::open();
        for sign in ["door", "shelf", "board", "window"] {
            let answer = shop.get(&format!("/signs/{sign}?token={}", token(sign)), &[]).await;
            assert_eq!(answer.status, StatusCode::OK);
            assert_eq!(shop.events(), [], "{sign}");
        }
    }

    #[tokio::test]
    async fn a_fetch_for_a_label_or_for_paper_is_a_technicians() {
        let mut shop = Shop::open();
        for sign in ["shelf", "board"] {
            let path = format!("/signs/{sign}/image.jpg?token={}", token(sign));
            assert_eq!(shop.get(&path, &[]).await.carried, None, "{sign}");
            shop.get(&path, &[("If-None-Match", &format!("\"{NOW}\""))]).await;
        }
        assert_eq!(shop.events(), []);
    }

    #[tokio::test]
    async fn paper_says_nothing_of_itself() {
        let mut shop = Shop::open();
        let path = format!("/signs/board/shown?token={}", token("board"));
        let answer = shop.post(&path, &[], &format!("{{\"notice\":\"{NOW}\"}}")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.text().contains("noticed sign attest"), "{}", answer.text());
        assert_eq!(shop.events(), []);
    }

    #[tokio::test]
    async fn a_plain_sign_tells_how_it_is_with_its_credential_only() {
        let mut shop = Shop::open();
        let telling = "battery-percent=55&rssi=-70&firmware=2026.6&battery-voltage=3.7";
        shop.get(&format!("/signs/till?{telling}"), &[]).await;
        assert_eq!(shop.events(), []);
        let health = Health {
            battery_mv: Some(3_700),
            battery_percent: Some(55),
            signal_dbm: Some(-70),
            firmware: Some("2026.6".to_owned()),
            ..Health::default()
        };
        let reported = SignEvent::Reported { sign: till(), health };
        for path in ["/signs/till", "/signs/till/image.png"] {
            shop.get(&format!("{path}?token={}&{telling}", token("till")), &[]).await;
            assert!(shop.events().contains(&reported), "{path}");
        }
    }

    #[tokio::test]
    async fn a_sign_that_is_not_configured_is_told_of_and_told_nothing() {
        let mut shop = Shop::open();
        for path in ["/signs/hall", "/signs/hall/image.png", "/signs/hall/image.raw"] {
            let answer = shop.get(path, &[]).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND);
            assert!(!answer.text().contains("till") && !answer.text().contains("Sklep"), "{}", answer.text());
            let told = shop.strangers();
            assert_eq!((told[0].name.as_str(), told[0].protocol), ("hall", "http"), "{path}");
        }
        for path in
            ["/signs/Hall!", "/signs/%2e%2e", "/signs/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"]
        {
            assert_eq!(shop.get(path, &[]).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(shop.strangers(), [], "what cannot be an id is no display");
    }

    #[tokio::test]
    async fn a_sign_that_says_what_it_shows_is_believed_with_its_credential_only() {
        let mut shop = Shop::open();
        let bearer = format!("Bearer {}", token("till"));
        for notice in [NOW.to_string(), NOW.short()] {
            let body = format!("{{\"notice\":\"{notice}\"}}");
            let refused = shop.post("/signs/till/shown", &[], &body).await;
            assert_eq!(
                (refused.status, refused.header("www-authenticate")),
                (StatusCode::UNAUTHORIZED, Some("Bearer"))
            );
            assert_eq!(shop.events(), []);
            let answer = shop.post("/signs/till/shown", &[("Authorization", &bearer)], &body).await;
            assert_eq!((answer.status, answer.body.len()), (StatusCode::NO_CONTENT, 0));
            assert_eq!(shop.events(), [SignEvent::Shown { sign: till(), notice: NOW }]);
        }
    }

    #[tokio::test]
    async fn a_sign_that_shows_something_else_is_told_what_is_expected() {
        let mut shop = Shop::open();
        let path = format!("/signs/till/shown?token={}", token("till"));
        for notice in [BEFORE.to_string(), String::new(), NOW.to_string()[..15].to_owned()] {
            let answer = shop.post(&path, &[], &format!("{{\"notice\":\"{notice}\"}}")).await;
            assert_eq!(answer.status, StatusCode::CONFLICT);
            assert!(answer.text().ends_with(&format!("\"expected\":\"{NOW}\"}}")), "{}", answer.text());
        }
        for body in ["", "{}", "[]", "{\"notice\":7}"] {
            assert_eq!(shop.post(&path, &[], body).await.status, StatusCode::BAD_REQUEST, "{body}");
        }
        assert_eq!(shop.events(), []);
    }
}
