//! The full notice (its second layer, GDPR Art. 13) for phones in the shop. No cookie, no script, nothing recorded.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY,
};
use axum::response::{IntoResponse, Redirect, Response};

use super::signs::{SignsState, header, not_found};
use crate::domain::text::Language;

/// The page brings its own style and pictures, loads nothing and sends nothing.
pub(super) const PAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
                                      form-action 'none'; frame-ancestors 'none'";

/// `GET /`: whoever types the address wants the notice.
pub(super) async fn home() -> Redirect {
    Redirect::temporary("/notice")
}

/// `GET /notice`: in the first of the visitor's languages that the shop speaks, else in the local one.
pub(super) async fn notice(State(state): State<Arc<SignsState>>, headers: HeaderMap) -> Response {
    let pages = &state.shown().pages;
    let wanted = header(&headers, ACCEPT_LANGUAGE.as_str()).unwrap_or_default();
    let chosen = languages(wanted).find_map(|language| pages.iter().find(|(own, _)| *own == language));
    chosen.or_else(|| pages.first()).map_or_else(no_page, |(language, page)| html(*language, page))
}

/// `GET /notice/{language}`.
pub(super) async fn notice_in(State(state): State<Arc<SignsState>>, Path(code): Path<String>) -> Response {
    let pages = &state.shown().pages;
    let chosen = pages.iter().find(|(language, _)| language.code() == code);
    match chosen {
        Some((language, page)) => html(*language, page),
        None => not_found().await,
    }
}

/// `GET /checkpoint`: the newest signed head of the ledger, to be kept by whoever does not want to trust the shop.
pub(super) async fn checkpoint(State(state): State<Arc<SignsState>>) -> Response {
    match &state.shown().checkpoint {
        Some(checkpoint) => {
            let headers = [(CONTENT_TYPE, "text/plain; charset=utf-8"), (CACHE_CONTROL, "no-store")];
            (headers, checkpoint.text.clone()).into_response()
        }
        None => (axum::http::StatusCode::NOT_FOUND, "the ledger has no entry yet\n").into_response(),
    }
}

/// The languages of an `Accept-Language` header in the order in which browsers write them: best first.
pub(super) fn languages(header: &str) -> impl Iterator<Item = Language> {
    header.split(',').filter_map(|range| {
        let primary = range.trim().split(['-', ';']).next()?;
        Language::parse(&primary.to_ascii_lowercase())
    })
}

fn html(language: Language, page: &Arc<str>) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_LANGUAGE, language.code()),
        (CONTENT_SECURITY_POLICY, PAGE_POLICY),
        (CACHE_CONTROL, "no-cache"),
        (VARY, "accept-language"),
    ];
    (headers, page.to_string()).into_response()
}

fn no_page() -> Response {
    (axum::http::StatusCode::NOT_FOUND, "no notice has been written yet\n").into_response()
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;
    use crate::http::Shown;
    use crate::http::test_shop::{CHECKPOINT, Shop};

    #[tokio::test]
    async fn the_notice_comes_in_the_visitors_language_or_the_local_one() {
        let shop = Shop::open();
        for (wanted, title) in [
            ("", "Informacja"),
            ("de", "Informacja"),
            ("de-DE,en-GB;q=0.8,pl;q=0.5", "Notice"),
            ("PL", "Informacja"),
            ("*", "Informacja"),
        ] {
            let answer = shop.get("/notice", &[("Accept-Language", wanted)]).await;
            assert!(answer.text().contains(title), "{wanted}");
        }
        assert!(shop.get("/notice/en", &[]).await.text().contains("Notice"));
        assert_eq!(shop.get("/notice/de", &[]).await.status, StatusCode::NOT_FOUND);
        for shouted in ["/NOTICE/EN", "/Notice/en", "//NOTICE//EN/"] {
            assert!(shop.get(shouted, &[]).await.text().contains("Notice"), "{shouted}");
        }
        assert!(shop.get("/NOTICE", &[]).await.text().contains("Informacja"));
    }

    #[tokio::test]
    async fn the_page_can_load_nothing_and_leaves_nothing_behind() {
        let answer = Shop::open().get("/notice", &[]).await;
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(answer.header("content-language"), Some("pl"));
        assert!(answer.header("content-security-policy").unwrap().starts_with("default-src 'none'; "));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("set-cookie"), None);
    }

    #[tokio::test]
    async fn the_newest_checkpoint_is_handed_out_as_it_is_to_whoever_asks() {
        let shop = Shop::open();
        let answer = shop.get("/checkpoint", &[]).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::OK, CHECKPOINT));
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        shop.shown.send_replace(Arc::new(Shown::default()));
        assert_eq!(shop.get("/checkpoint", &[]).await.status, StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn the_root_leads_to_the_notice_and_nowhere_is_nowhere() {
        let shop = Shop::open();
        let home = shop.get("/", &[]).await;
        assert_eq!((home.status, home.header("location")), (StatusCode::TEMPORARY_REDIRECT, Some("/notice")));
        assert_eq!(shop.get("/wp-admin", &[]).await.status, StatusCode::NOT_FOUND);
        shop.shown.send_replace(Arc::new(Shown::default()));
        assert_eq!(shop.get("/notice", &[]).await.status, StatusCode::NOT_FOUND);
    }
}
