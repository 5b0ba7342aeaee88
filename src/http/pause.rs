//! The address on a sign's code: the full notice with one button above it, and what the button does.
//!
//! Only a form that is sent pauses; whoever follows a link or loads the page again changes nothing. Nothing is asked of the
//! visitor and nothing about them is kept: no cookie, no script, no line in a log.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, VARY,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;

use super::public::languages;
use super::signs::{SignsState, header};
use super::{Request, Shown};
use crate::domain::id::SignId;
use crate::domain::objection::{Answer, PausePage};
use crate::domain::text::Language;

/// Largest form that the button sends, in bytes: it holds a code and a language.
pub(super) const FORM_MAX_BYTES: usize = 256;

/// As [`super::public::PAGE_POLICY`], and the page may send its form to us.
pub(super) const FORM_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
                      form-action 'self'; frame-ancestors 'none'";

/// Pausing, as the listener sees it; immutable.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Pausing {
    /// Days whose codes are taken: the present one, and the one before, so that a sign has time to change.
    pub days: Vec<Date>,
    /// Signs that carry a code.
    pub places: Vec<Place>,
    /// The page in each of the shop's languages; the first is the local one.
    pub pages: Arc<Vec<PausePage>>,
}

/// A sign that carries a code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// Which sign.
    pub sign: SignId,
    /// Its language.
    pub language: Language,
    /// Time of day until which everything that visitors can pause there is paused, if it is.
    pub until: Option<String>,
}

impl Pausing {
    fn page(&self, wanted: impl Iterator<Item = Language>, own: Option<Language>) -> Option<&PausePage> {
        let in_language = |language| self.pages.iter().find(|page| page.language == language);
        wanted.chain(own).find_map(in_language).or_else(|| self.pages.first())
    }
}

/// The sign whose code `code` is, today or yesterday.
fn place<'s>(state: &SignsState, shown: &'s Shown, code: &str) -> Option<&'s Place> {
    let code = code.to_ascii_uppercase();
    let is_code = |place: &Place, day: &Date| {
        state.credentials.same(&code, &state.credentials.pause_code(&place.sign, &day.to_string()))
    };
    shown.pausing.places.iter().find(|place| shown.pausing.days.iter().any(|day| is_code(place, day)))
}

/// `GET /n/{code}`: leads on to the page in the first of the visitor's languages that the shop speaks, else in the sign's.
pub(super) async fn scanned(
    State(state): State<Arc<SignsState>>,
    Path(code): Path<String>,
    headers: HeaderMap,
) -> Response {
    let shown = state.shown();
    let wanted = languages(header(&headers, ACCEPT_LANGUAGE.as_str()).unwrap_or_default());
    let own = place(&state, &shown, &code).map(|place| place.language);
    match shown.pausing.page(wanted, own) {
        Some(page) if is_plain(&code) => lead(&code, page.language),
        _ => to_notice(),
    }
}

/// `GET /n/{code}/{language}`.
pub(super) async fn page(
    State(state): State<Arc<SignsState>>,
    Path((code, language)): Path<(String, String)>,
) -> Response {
    let shown = state.shown();
    let Some(page) = shown.pausing.page(Language::parse(&language).into_iter(), None) else { return to_notice() };
    match place(&state, &shown, &code) {
        Some(place) => {
            let paused = place.until.as_ref().map(|until| page.paused.join(until)).unwrap_or_default();
            let form = page.form.join(&code.to_ascii_uppercase());
            html(StatusCode::OK, page, &page.links, &format!("{paused}{form}"))
        }
        None => html(StatusCode::GONE, page, "", &page.expired),
    }
}

/// `POST /pause`: pauses what is counted where the sign with this code hangs.
pub(super) async fn pause(State(state): State<Arc<SignsState>>, headers: HeaderMap, form: Bytes) -> Response {
    let form = std::str::from_utf8(&form).unwrap_or_default();
    let (code, language) = (field(form, "code"), Language::parse(field(form, "lang")));
    let shown = state.shown();
    let accepted = languages(header(&headers, ACCEPT_LANGUAGE.as_str()).unwrap_or_default());
    let Some(page) = shown.pausing.page(language.into_iter().chain(accepted), None) else { return to_notice() };
    let Some(place) = place(&state, &shown, code) else {
        return html(StatusCode::GONE, page, "", &page.expired);
    };
    let sign = place.sign.clone();
    match state.engine.ask(|answer| Request::Objection { sign, answer }).await {
        // Led away from the form, a phone that loads the page again does not send it again.
        Some((Answer::Paused { .. }, _)) => lead(code, page.language),
        Some((Answer::Limit { .. }, until)) => {
            let paused = until.map(|until| page.paused.join(&until)).unwrap_or_default();
            html(StatusCode::TOO_MANY_REQUESTS, page, "", &format!("{paused}{}", page.limit))
        }
        Some((Answer::Nothing, _)) => html(StatusCode::OK, page, "", &page.nothing),
        // Nobody answered, so nothing is claimed; the button is there to be pressed again.
        None => html(StatusCode::SERVICE_UNAVAILABLE, page, "", &page.form.join(&code.to_ascii_uppercase())),
    }
}

/// A field of a form. What our forms hold are letters, digits and dashes, which forms do not encode.
pub(super) fn field<'f>(form: &'f str, name: &str) -> &'f str {
    let fields = form.split('&').filter_map(|field| field.split_once('='));
    fields.into_iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value)
}

/// Whether it can be repeated in an address.
fn is_plain(code: &str) -> bool {
    code.len() <= 32 && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn lead(code: &str, language: Language) -> Response {
    let to = format!("/n/{}/{language}", code.to_ascii_uppercase());
    let headers = [(LOCATION, to), (CACHE_CONTROL, "no-store".to_owned()), (VARY, "accept-language".to_owned())];
    (StatusCode::SEE_OTHER, headers).into_response()
}

fn to_notice() -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, "/notice"), (CACHE_CONTROL, "no-store")]).into_response()
}

fn html(status: StatusCode, page: &PausePage, links: &str, said: &str) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_LANGUAGE, page.language.code()),
        (CONTENT_SECURITY_POLICY, FORM_POLICY),
        // The browser keeps nothing that says where its owner was, and shows no old answer.
        (CACHE_CONTROL, "no-store"),
    ];
    (status, headers, [&page.top, links, said, &page.rest].concat()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Wall;
    use crate::http::test_shop::{Answer as Told, Shop, credentials, door};

    fn code(day: &str) -> String {
        credentials().pause_code(&door(), day)
    }

    /// What comes of the button, if the engine answers `said` when it is asked.
    async fn press(shop: &mut Shop, body: &str, said: Option<(Answer, Option<String>)>) -> Told {
        let (requests, mut engine) = tokio::sync::mpsc::channel(4);
        let state = SignsState {
            shown: shop.shown.subscribe(),
            engine: crate::http::engine::EngineLine::new(requests),
            credentials: credentials(),
            public_url: "http://shop.example:8080".to_owned(),
            time_zone: jiff::tz::TimeZone::UTC,
        };
        let router = crate::http::signs_router(state);
        let answering = async {
            let Some(said) = said else { return assert!(engine.try_recv().is_err(), "nothing is asked") };
            let asked = engine.recv().await.unwrap();
            let Request::Objection { sign, answer } = asked else { panic!("{asked:?}") };
            assert_eq!(sign, door());
            answer.send(said).unwrap();
        };
        let asked = crate::http::test_shop::ask(&router, axum::http::Method::POST, "/pause", &[], body);
        tokio::join!(asked, answering).0
    }

    fn paused() -> (Answer, Option<String>) {
        (Answer::Paused { until: Wall(0) }, Some("12:25".to_owned()))
    }

    #[tokio::test]
    async fn the_code_leads_to_the_button_in_the_visitors_language() {
        let shop = Shop::open();
        let code = code("2026-11-24");
        for (path, wanted, leads_to) in [
            (format!("/N/{code}"), "de", format!("/n/{code}/pl")),
            (format!("/n/{}", code.to_lowercase()), "en-GB,pl;q=0.5", format!("/n/{code}/en")),
        ] {
            let answer = shop.get(&path, &[("Accept-Language", wanted)]).await;
            assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, Some(&*leads_to)));
        }
        let page = shop.get(&format!("/n/{code}/en"), &[]).await;
        assert_eq!(page.text(), format!("[top en][links en][form {code}][rest en]"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert_eq!(page.header("set-cookie"), None);
        assert!(page.header("content-security-policy").unwrap().contains("form-action 'self'"));
    }

    #[tokio::test]
    async fn only_a_form_that_is_sent_pauses() {
        let mut shop = Shop::open();
        let code = code("2026-11-23");
        for path in
            [format!("/n/{code}"), format!("/n/{code}/pl"), format!("/n/{code}/pl?code={code}"), "/pause".into()]
        {
            shop.get(&path, &[]).await;
            crate::http::test_shop::ask(&shop.router, axum::http::Method::HEAD, &path, &[], "").await;
        }
        assert!(shop.events().is_empty(), "the engine is told nothing");
        let answer = press(&mut shop, &format!("lang=pl&code={code}"), Some(paused())).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert_eq!(answer.header("location"), Some(&*format!("/n/{code}/pl")), "a reload is a GET");
    }

    #[tokio::test]
    async fn the_page_says_until_when_and_when_no_further_pause_can_be_had() {
        let mut shop = Shop::open();
        let code = code("2026-11-24");
        let body = format!("code={code}&lang=en");
        let limit = (Answer::Limit { until: None }, None);
        let answer = press(&mut shop, &body, Some(limit)).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::TOO_MANY_REQUESTS, "[top en][limit en][rest en]"));
        let standing = (Answer::Limit { until: Some(Wall(0)) }, Some("12:25".to_owned()));
        let answer = press(&mut shop, &body, Some(standing)).await;
        assert_eq!(answer.text(), "[top en][paused until 12:25][limit en][rest en]");
        let answer = press(&mut shop, &body, Some((Answer::Nothing, None))).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::OK, "[top en][nothing en][rest en]"));
        shop.shown.send_modify(|shown| {
            let mut new = (**shown).clone();
            new.pausing.places[0].until = Some("12:25".to_owned());
            *shown = Arc::new(new);
        });
        let page = shop.get(&format!("/n/{code}/en"), &[]).await;
        assert_eq!(page.text(), format!("[top en][links en][paused until 12:25][form {code}][rest en]"));
    }

    #[tokio::test]
    async fn a_code_of_another_day_sign_or_shop_pauses_nothing_and_says_so() {
        let mut shop = Shop::open();
        let other = crate::http::credential::Credentials::new([8; 32]);
        for wrong in [
            code("2026-11-22"),
            code("2026-11-25"),
            credentials().pause_code(&SignId::new("till"), "2026-11-24"),
            other.pause_code(&door(), "2026-11-24"),
            code("2026-11-24")[..9].to_owned(),
            String::new(),
        ] {
            let answer = press(&mut shop, &format!("code={wrong}&lang=en"), None).await;
            assert_eq!((answer.status, answer.text()), (StatusCode::GONE, "[top en][expired en][rest en]"), "{wrong}");
        }
        let page = shop.get(&format!("/n/{}/pl", code("2026-11-22")), &[]).await;
        assert_eq!((page.status, page.text()), (StatusCode::GONE, "[top pl][expired pl][rest pl]"));
    }

    #[tokio::test]
    async fn whatever_is_sent_is_answered_and_nothing_of_it_is_repeated() {
        let mut shop = Shop::open();
        for body in ["", "code", "code=%00&lang=%", "lang=xx&code=\u{17c}\u{f3}\u{142}", "=&&=&code=<script>"] {
            let answer = press(&mut shop, body, None).await;
            assert_eq!(answer.status, StatusCode::GONE, "{body}");
        }
        let answer = press(&mut shop, &format!("code={}", "A".repeat(FORM_MAX_BYTES)), None).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
        let odd = shop.get("/n/..%2F..%2Fetc/pl", &[]).await;
        assert!(!odd.text().contains(".."), "{}", odd.text());
        let answer = shop.get("/n/%0d%0aSet-Cookie:x", &[]).await;
        assert_eq!((answer.header("location"), answer.header("set-cookie")), (Some("/notice"), None));
    }
}
