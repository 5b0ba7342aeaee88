//! Signs that are a page in a browser: an old tablet, or a screen with a small computer behind it.
//!
//! The page comes ready made. It polls `GET /signs/{id}`, fetches pictures by their addresses, and says with
//! `POST /signs/{id}/shown` what it has painted; only that is evidence.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::Speaks;
use super::signs::{SignsState, unknown_sign};

/// `GET /signs/{id}/kiosk`.
pub(super) async fn page(State(state): State<Arc<SignsState>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let shown = state.shown();
    let Some(sign) = shown.sign(&id) else { return unknown_sign(&state, &id, "kiosk", &headers) };
    let Speaks::Kiosk(kiosk) = &sign.speaks else {
        return (StatusCode::NOT_FOUND, "this sign is no page: its protocol is not \"kiosk\"\n").into_response();
    };
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, kiosk.policy),
        // A page of an earlier version would not know what this one promises.
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, kiosk.page.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::SignId;
    use crate::domain::sign::SignEvent;
    use crate::http::test_shop::{NOW, Shop, token};

    #[tokio::test]
    async fn the_page_of_a_kiosk_comes_with_its_policy_and_leaves_nothing_behind() {
        let mut shop = Shop::open();
        let answer = shop.get(&format!("/signs/window/kiosk?token={}", token("window")), &[]).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::OK, "<!doctype html><title>kiosk</title>"));
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(answer.header("content-security-policy"), Some("default-src 'none'"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("set-cookie"), None);
        assert_eq!(shop.events(), []);
    }

    #[tokio::test]
    async fn no_other_sign_is_a_page() {
        let mut shop = Shop::open();
        assert_eq!(shop.get("/signs/door/kiosk", &[]).await.status, StatusCode::NOT_FOUND);
        assert_eq!(shop.strangers(), []);
        assert_eq!(shop.get("/signs/none/kiosk", &[]).await.status, StatusCode::NOT_FOUND);
        let told = shop.strangers();
        assert_eq!((told[0].name.as_str(), told[0].protocol), ("none", "kiosk"));
    }

    #[tokio::test]
    async fn a_kiosk_is_hurried_and_told_how_long_it_may_go_on_alone() {
        let shop = Shop::open();
        let answer = shop.get("/signs/window", &[]).await;
        assert!(answer.text().contains("\"refresh_seconds\":15,\"hold_seconds\":90,"), "{}", answer.text());
    }

    #[tokio::test]
    async fn asking_and_fetching_is_no_evidence_of_a_page_and_only_its_word_is() {
        let mut shop = Shop::open();
        let token = token("window");
        shop.get(&format!("/signs/window?token={token}"), &[]).await;
        for etag in [format!("\"{NOW}\""), format!("\"{NOW}-1785312389\"")] {
            shop.get(&format!("/signs/window/image.png?token={token}"), &[("If-None-Match", &etag)]).await;
        }
        assert_eq!(shop.events(), []);
        shop.post(&format!("/signs/window/shown?token={token}"), &[], &format!("{{\"notice\":\"{NOW}\"}}")).await;
        assert_eq!(shop.events(), [SignEvent::Shown { sign: SignId::new("window"), notice: NOW }]);
    }
}
