//! The operator's listener, on loopback only: what is going on, whether it is well, and orders.
//!
//! Reading needs no token: of people it says only how many are in a zone, and whoever is on the box may know whether it works.
//! Orders need one, also by the form on which staff say that they have seen a sign (`attest`). Every request must name the box by address or as `localhost`: a web page in the operator's browser
//! can point a name of its own at 127.0.0.1 (DNS rebinding), but not an address.

mod attest;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request as HttpRequest, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::tz::TimeZone;
use serde::Deserialize;
use tokio::sync::watch;

use super::credential::Credentials;
use super::engine::EngineLine;
use super::public::PAGE_POLICY;
use super::signs::{bearer, not_found};
use super::status::said;
use super::{Look, Request, Shown, guarded, metrics, operator_page};
use crate::domain::id::{ActivityId, SignId, ZoneId, is_valid_id};
use crate::domain::sign::{Order, ROLE_MAX_BYTES};
use crate::domain::status::Status;

/// What the listener needs; the daemon makes it once.
#[derive(Clone)]
pub struct OperatorState {
    /// What signs show, replaced as a whole whenever it changes.
    pub shown: watch::Receiver<Arc<Shown>>,
    /// Whom to ask.
    pub engine: EngineLine,
    /// Who may order.
    pub credentials: Credentials,
    /// Zone of the times in answers.
    pub time_zone: TimeZone,
}

impl OperatorState {
    fn shown(&self) -> Arc<Shown> {
        Arc::clone(&self.shown.borrow())
    }
}

/// All addresses of the listener.
pub fn operator_router(state: OperatorState) -> Router {
    let routes = Router::new()
        .route("/", get(page))
        .route(
            "/attest/{sign}",
            get(attest::page).post(attest::attest).layer(DefaultBodyLimit::max(attest::FORM_MAX_BYTES)),
        )
        .route("/api/v1/status", get(status))
        .route("/api/v1/orders", post(order))
        .route("/metrics", get(figures))
        .route("/livez", get(livez))
        .route("/readyz", get(readyz))
        .fallback(not_found)
        .with_state(Arc::new(state))
        .layer(from_fn(by_address_only));
    guarded(routes)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OrderRequest {
    order: String,
    zone: Option<String>,
    activity: Option<String>,
    sign: Option<String>,
    by: Option<String>,
}

async fn page(State(state): State<Arc<OperatorState>>) -> Response {
    match state.engine.ask(Request::Status).await {
        Some(Look { status, at }) => {
            let headers = [
                (CONTENT_TYPE, "text/html; charset=utf-8"),
                (CONTENT_SECURITY_POLICY, PAGE_POLICY),
                (CACHE_CONTROL, "no-store"),
            ];
            let checkpoint = state.shown().checkpoint.clone();
            (headers, operator_page::html(&status, at, &state.time_zone, checkpoint.as_deref())).into_response()
        }
        None => silent(),
    }
}

async fn status(State(state): State<Arc<OperatorState>>) -> Response {
    match state.engine.ask(Request::Status).await {
        Some(look) => ([(CACHE_CONTROL, "no-store")], Json(said(look.status, &state.time_zone))).into_response(),
        None => silent(),
    }
}

async fn figures(State(state): State<Arc<OperatorState>>) -> Response {
    match state.engine.ask(Request::Status).await {
        Some(look) => {
            ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], metrics::text(&look, state.engine.lost())).into_response()
        }
        None => silent(),
    }
}

async fn livez(State(state): State<Arc<OperatorState>>) -> Response {
    match state.engine.ask(Request::Status).await {
        Some(_) => "alive\n".into_response(),
        None => silent(),
    }
}

async fn readyz(State(state): State<Arc<OperatorState>>) -> Response {
    match state.engine.ask(Request::Status).await {
        Some(look) if look.status.ready => "ready\n".into_response(),
        Some(Look { status: Status { broker, store, clock, .. }, .. }) => {
            let reason = format!("not ready: broker {broker}; store {store}; clock {clock}\n");
            (StatusCode::SERVICE_UNAVAILABLE, reason).into_response()
        }
        None => silent(),
    }
}

/// `POST /api/v1/orders`: 204 when the engine took it, 409 with its reason when not.
async fn order(State(state): State<Arc<OperatorState>>, headers: HeaderMap, body: Bytes) -> Response {
    let expected = state.credentials.operator();
    if !bearer(&headers).is_some_and(|given| state.credentials.same(given, &expected)) {
        let hint = "orders need the operator's token in Authorization: Bearer\n";
        return (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Bearer")], hint).into_response();
    }
    let Some(order) = serde_json::from_slice(&body).ok().and_then(understood) else {
        let forms = "expected {\"order\":\"stop\",\"zone\":…,\"activity\":…}, the same with \"start\", \
                     {\"order\":\"pair\",\"sign\":…}, or {\"order\":\"attest\",\"sign\":…,\"by\":…}, with ids from the \
                     configuration and a role of up to 32 lower-case letters, digits and dashes\n";
        return (StatusCode::BAD_REQUEST, forms).into_response();
    };
    match state.engine.ask(|answer| Request::Order(order, answer)).await {
        Some(Ok(())) => StatusCode::NO_CONTENT.into_response(),
        Some(Err(reason)) => (StatusCode::CONFLICT, format!("{reason}\n")).into_response(),
        None => silent(),
    }
}

fn understood(request: OrderRequest) -> Option<Order> {
    let OrderRequest { order, zone, activity, sign, by } = request;
    if [&zone, &activity, &sign, &by].into_iter().flatten().any(|id| !is_valid_id(id)) {
        return None;
    }
    match (order.as_str(), zone, activity, sign, by) {
        ("stop", Some(zone), Some(activity), None, None) => {
            Some(Order::Stop(ZoneId::new(&zone), ActivityId::new(&activity)))
        }
        ("start", Some(zone), Some(activity), None, None) => {
            Some(Order::Start(ZoneId::new(&zone), ActivityId::new(&activity)))
        }
        ("pair", None, None, Some(sign), None) => Some(Order::Pair(SignId::new(&sign))),
        ("attest", None, None, Some(sign), Some(role)) if role.len() <= ROLE_MAX_BYTES => {
            Some(Order::Attest(SignId::new(&sign), role))
        }
        _ => None,
    }
}

fn silent() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, "the engine does not answer\n").into_response()
}

async fn by_address_only(request: HttpRequest, next: Next) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    if host.is_some_and(is_address_or_localhost) {
        return next.run(request).await;
    }
    (StatusCode::FORBIDDEN, "use the address or localhost, not another name\n").into_response()
}

fn is_address_or_localhost(host: &str) -> bool {
    let (name, port) = match host.rfind(':') {
        Some(colon) if !host.ends_with(']') => (&host[..colon], Some(&host[colon + 1..])),
        _ => (host, None),
    };
    let bracketed = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    let address = match bracketed {
        Some(name) => name.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv6()),
        None => name.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv4()) || name.eq_ignore_ascii_case("localhost"),
    };
    address && port.is_none_or(|port| port.parse::<u16>().is_ok())
}
