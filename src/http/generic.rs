//! Signs that speak plain HTTP: ESPHome, Inkplate, scripts, and people who want to know what a sign says and why.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query as FromQuery, State};
use axum::http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::Sign;
use super::signs::{Query, SignsState, unknown_sign};
use super::when::to_the_second;
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
    valid_until: Option<String>,
    refresh_seconds: u32,
    image: Images,
}

#[derive(Serialize)]
struct Images {
    png: String,
    bmp: String,
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
/// With the credential of a sign that speaks plain HTTP it counts as its poll. Of a TRMNL display it does not: that one
/// polls elsewhere, so whoever asks here with its credential is a technician.
pub(super) async fn sign(
    State(state): State<Arc<SignsState>>,
    Path(id): Path<String>,
    FromQuery(query): FromQuery<Query>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let shown = state.shown();
    let Some(sign) = shown.signs.iter().find(|sign| sign.id.as_str() == id) else { return unknown_sign() };
    let authentic = state.is_sign(sign, &headers, &query);
    if authentic && method == Method::GET && sign.trmnl_mac.is_none() {
        tell_poll(&state, sign);
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
    let Some(sign) = shown.signs.iter().find(|sign| sign.id.as_str() == id) else { return unknown_sign() };
    if !state.is_sign(sign, &headers, &query) {
        let hint = "send the sign's credential, as `noticed sign token` prints it, in Authorization: Bearer\n";
        return (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Bearer")], hint).into_response();
    }
    let Ok(report) = serde_json::from_slice::<ShownReport>(&body) else {
        return (StatusCode::BAD_REQUEST, "expected JSON: {\"notice\":\"<hash>\"}\n").into_response();
    };
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
    SignAnswer {
        id: sign.id.as_str(),
        state: board.map_or("unknown", |board| board.state.word()),
        reason: &sign.reason,
        notice: board.map(|board| board.notice.to_string()),
        valid_until: board.and_then(|board| to_the_second(board.state.valid_until()?, &state.time_zone)),
        refresh_seconds: board.map_or(NOTHING_YET_REFRESH_SECONDS, |board| board.refresh_seconds.max(1)),
        image: Images { png: image("png"), bmp: image("bmp") },
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
                 \"notice\":\"{NOW}\",\"valid_until\":\"2026-07-29T11:06:29+02:00\",\"refresh_seconds\":900,\
                 \"image\":{{\"png\":\"http://192.168.1.10:8080/signs/till/image.png?n=a9a9a9a9a9a9a9a9\",\
                 \"bmp\":\"http://192.168.1.10:8080/signs/till/image.bmp?n=a9a9a9a9a9a9a9a9\"}}}}"
            )
        );
        assert_eq!(shop.events(), []);
    }

    #[tokio::test]
    async fn a_sign_without_a_picture_is_unknown_and_still_says_why() {
        let shop = Shop::open();
        let answer = shop.get("/signs/dark", &[]).await;
        let start = "{\"id\":\"dark\",\"state\":\"unknown\",\"reason\":\"the sign has not been seen yet\",\"notice\":null,\
                     \"valid_until\":null,\"refresh_seconds\":60,";
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
    async fn a_look_at_a_trmnl_sign_is_not_its_poll() {
        let mut shop = Shop::open();
        let answer = shop.get(&format!("/signs/door?token={}", token("door")), &[]).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(shop.events(), []);
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
