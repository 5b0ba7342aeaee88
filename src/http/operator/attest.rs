//! A page for each sign on which a member of staff says that they have seen it, as `noticed sign attest` does.
//!
//! A page of its own, because the operator's page loads itself again and would take away what is being typed. Works without a script.
//! The operator's token is asked for in the form and kept nowhere, so that no page of somebody else's can send the form in the
//! operator's name; that the form comes from here is looked at as well.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, LOCATION, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::OperatorState;
use crate::domain::id::is_valid_id;
use crate::domain::sign::{Order, ROLE_MAX_BYTES};
use crate::http::operator_page::{escaped, head};
use crate::http::pause::{FORM_POLICY, field};
use crate::http::signs::{header, not_found};
use crate::http::{Request, Sign};

/// Largest form, in bytes: it holds a role, the operator's token of 64 digits and the start of a hash.
pub(super) const FORM_MAX_BYTES: usize = 512;

/// `GET /attest/{sign}`: what the sign is to show, and the form.
pub(super) async fn page(State(state): State<Arc<OperatorState>>, Path(id): Path<String>) -> Response {
    match state.shown().sign(&id) {
        Some(sign) => html(StatusCode::OK, sign, ""),
        None => not_found().await,
    }
}

/// `POST /attest/{sign}`: leads back to the operator's page where the word is taken, or shows the form again with what is wrong.
pub(super) async fn attest(
    State(state): State<Arc<OperatorState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    form: Bytes,
) -> Response {
    let shown = state.shown();
    let Some(sign) = shown.sign(&id) else { return not_found().await };
    let form = std::str::from_utf8(&form).unwrap_or_default();
    match take(&state, sign, &headers, form).await {
        Ok(()) => (StatusCode::SEE_OTHER, [(LOCATION, "/"), (CACHE_CONTROL, "no-store")]).into_response(),
        Err((code, why)) => html(code, sign, &why),
    }
}

async fn take(state: &OperatorState, sign: &Sign, headers: &HeaderMap, form: &str) -> Result<(), (StatusCode, String)> {
    let refused = |code, why: &str| Err((code, why.to_owned()));
    if !is_from_here(headers) {
        return refused(
            StatusCode::FORBIDDEN,
            "This form was not sent from this page. Open the page again and send it from there.",
        );
    }
    // A token is pasted with what stands around it; a space is a plus in a form.
    let token = field(form, "token").trim_matches('+');
    if !state.credentials.same(token, &state.credentials.operator()) {
        return refused(
            StatusCode::FORBIDDEN,
            "That is not the operator's token. `sudo noticed operator token` prints it.",
        );
    }
    let role = field(form, "by");
    if !is_valid_id(role) || role.len() > ROLE_MAX_BYTES {
        let form =
            format!("Write a role of up to {ROLE_MAX_BYTES} lower-case letters, digits and dashes, as in shift-lead.");
        return Err((StatusCode::BAD_REQUEST, format!("{form} Never write the name of a person.")));
    }
    let present = sign.current().map(|(board, _)| board.notice.short());
    if present.as_deref() != Some(field(form, "notice")) {
        return refused(
            StatusCode::CONFLICT,
            "The sign has been given another notice since. Look at it again: this is what it is to show now.",
        );
    }
    let order = Order::Attest(sign.id.clone(), role.to_owned());
    match state.engine.ask(|answer| Request::Order(order, answer)).await {
        Some(Ok(())) => Ok(()),
        Some(Err(why)) => Err((StatusCode::CONFLICT, why)),
        None => refused(StatusCode::SERVICE_UNAVAILABLE, "The engine does not answer. Nothing was noted down."),
    }
}

/// Whether a browser says that the form was sent by a page of this listener. Older ones name the origin only.
fn is_from_here(headers: &HeaderMap) -> bool {
    if let Some(site) = header(headers, "sec-fetch-site") {
        return site == "same-origin";
    }
    let origin = header(headers, ORIGIN.as_str()).and_then(|origin| origin.strip_prefix("http://"));
    origin.is_some() && origin == header(headers, HOST.as_str())
}

fn html(code: StatusCode, sign: &Sign, wrong: &str) -> Response {
    let id = escaped(sign.id.as_str());
    let wrong = if wrong.is_empty() {
        String::new()
    } else {
        format!("<p class=\"bad\" role=\"alert\">{}</p>\n", escaped(wrong))
    };
    // Where a page lets nothing be said of where it is, browsers do not say either that its forms come from it.
    let top = head("<meta name=\"referrer\" content=\"same-origin\">");
    let body = match sign.current() {
        Some((board, picture)) => form(&id, &board.notice.short(), &STANDARD.encode(&picture.png)),
        None => "<p>What it is to show is still being drawn. Load this page again in a moment.</p>\n".to_owned(),
    };
    let text = format!(
        "{top}<h1>Have you seen the sign {id}?</h1>\n{wrong}{body}<p><a href=\"/\">Back, without having seen it</a></p>\n\
         </body></html>\n"
    );
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, FORM_POLICY),
        (CACHE_CONTROL, "no-store"),
    ];
    (code, headers, text).into_response()
}

fn form(id: &str, notice: &str, png: &str) -> String {
    format!(
        "<p>This is what it is to show. Go and look: is exactly this on it, and can customers read it?</p>\n\
         <img src=\"data:image/png;base64,{png}\" alt=\"the notice of the sign {id}\">\n\
         <form method=\"post\" action=\"/attest/{id}\">\n<input type=\"hidden\" name=\"notice\" value=\"{notice}\">\n\
         <p><label>Your role, never your name<br><input name=\"by\" required maxlength=\"{ROLE_MAX_BYTES}\" \
         pattern=\"[a-z0-9][a-z0-9_\\-]*\" placeholder=\"shift-lead\" autocapitalize=\"none\" autocomplete=\"off\"></label></p>\n\
         <p><label>The operator’s token<br><input name=\"token\" type=\"password\" required \
         autocomplete=\"current-password\"></label></p>\n<p><button>I have just seen it</button></p>\n</form>\n"
    )
}
