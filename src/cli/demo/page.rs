//! The one page of the demonstration: the glass of the sign, what is known of it, and the figures as they rise.

use std::fmt::Write;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Redirect};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

use crate::store::query::Row;

/// Figures shown: enough to see them rise.
const ROWS_SHOWN: usize = 24;

/// A picture that is handed on.
pub(super) type Glass = Arc<Vec<u8>>;

/// What the page shows.
#[derive(Clone, Debug, Default)]
pub(super) struct View {
    /// What is on the glass of each sign, as PNG.
    pub(super) glasses: Vec<(&'static str, Glass)>,
    /// `/api/v1/status` of the daemon; `null` while it does not answer.
    pub(super) status: serde_json::Value,
    /// Rows of the report.
    pub(super) rows: Vec<Row>,
    /// People that the simulated sensors have let in.
    pub(super) people_sent: u64,
    /// What happened so far.
    pub(super) steps: Vec<String>,
}

#[derive(Clone)]
struct Page {
    view: watch::Receiver<View>,
    orders: mpsc::Sender<&'static str>,
}

/// Serves the page until the task is dropped.
pub(super) async fn serve(listener: TcpListener, view: watch::Receiver<View>, orders: mpsc::Sender<&'static str>) {
    let routes = Router::new()
        .route("/", get(page))
        .route("/glass/{sign}", get(glass))
        .route("/stop", post(stop))
        .route("/start", post(start))
        .with_state(Page { view, orders });
    if let Err(error) = axum::serve(listener, routes).await {
        tracing::error!(%error, "the page cannot be served");
    }
}

/// The address to print.
#[must_use]
pub(super) fn url(address: SocketAddr) -> String {
    format!("http://{address}/")
}

async fn glass(State(page): State<Page>, Path(sign): Path<String>) -> impl IntoResponse {
    let view = page.view.borrow();
    let glass = view
        .glasses
        .iter()
        .find(|(name, _)| *name == sign)
        .map(|(_, glass)| glass.as_ref().clone())
        .unwrap_or_default();
    ([(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "no-store")], glass)
}

async fn stop(State(page): State<Page>) -> Redirect {
    let _ = page.orders.send("stop").await;
    Redirect::to("/")
}

async fn start(State(page): State<Page>) -> Redirect {
    let _ = page.orders.send("start").await;
    Redirect::to("/")
}

async fn page(State(page): State<Page>) -> Html<String> {
    let view = page.view.borrow().clone();
    Html(document(&view))
}

fn document(view: &View) -> String {
    format!(
        r#"<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="2">
<meta name="viewport" content="width=device-width"><title>noticed: no notice, no counting</title><style>
:root{{color-scheme:light dark;font:16px/1.45 system-ui,sans-serif}}body{{max-width:64rem;margin:1.5rem auto;padding:0 1rem}}
h1{{font-size:1.4rem;margin:0}}h2{{font-size:1.05rem;margin:1.4rem 0 .4rem}}p.lead{{margin:.2rem 0 1rem;opacity:.75}}
.sign{{max-width:800px;aspect-ratio:5/3;background:#e9e7e1;border:14px solid #2b2b2b;border-radius:10px}}.sign img{{width:100%;display:block;mix-blend-mode:multiply}}
table{{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}}th,td{{text-align:left;padding:.25rem .7rem .25rem 0;border-bottom:1px solid #8884}}
td.n,th.n{{text-align:right}}.open{{color:#178a3d;font-weight:600}}.closed,.opening,.closing{{color:#b3541e;font-weight:600}}
ol{{margin:.2rem 0;padding-left:1.4rem}}form{{display:inline}}button{{font:inherit;padding:.3rem .9rem;margin-right:.5rem}}
</style></head><body><h1>noticed</h1><p class="lead">No notice, no counting: the sign below is what customers see.</p>
{signs}
<h2>Interlock</h2>{interlocks}
<p><form method="post" action="/stop"><button>Stop counting</button></form><form method="post" action="/start"><button>Start counting</button></form></p>
<h2>What happened</h2><ol>{steps}</ol>
<h2>Figures</h2><p>{sent} people have passed the simulated counters; those who passed while no sign was confirmed are in no figure.</p>{figures}
</body></html>"#,
        signs = signs(&view.glasses),
        interlocks = interlocks(&view.status),
        steps = view.steps.iter().fold(String::new(), |list, step| list + "<li>" + &escape(step) + "</li>"),
        sent = view.people_sent,
        figures = figures(&view.rows),
    )
}

fn signs(glasses: &[(&'static str, Glass)]) -> String {
    glasses.iter().fold(String::new(), |html, (name, glass)| {
        let picture = if glass.is_empty() { String::new() } else { format!(r#"<img src="/glass/{name}" alt="">"#) };
        html + &format!(r#"<h2>Sign "{name}"</h2><div class="sign">{picture}</div>"#)
    })
}

fn interlocks(status: &serde_json::Value) -> String {
    let mut table = "<table><tr><th>Zone<th>Activity<th>Interlock<th>Why</tr>".to_owned();
    for zone in status["zones"].as_array().into_iter().flatten() {
        for activity in zone["activities"].as_array().into_iter().flatten() {
            let word = escape(activity["interlock"].as_str().unwrap_or_default());
            let _ = write!(
                table,
                "<tr><td>{}<td>{}<td class=\"{word}\">{word}<td>{}</tr>",
                escape(zone["id"].as_str().unwrap_or_default()),
                escape(activity["id"].as_str().unwrap_or_default()),
                escape(activity["reason"].as_str().unwrap_or_default()),
            );
        }
    }
    table + "</table>"
}

fn figures(rows: &[Row]) -> String {
    let mut table = "<table><tr><th>From<th>Zone<th>Sensor<th class=n>In<th class=n>Out<th class=n>Presence<th class=n>Covered</tr>"
        .to_owned();
    let number = |n: Option<u64>| n.map_or_else(|| "–".to_owned(), |n| n.to_string());
    for row in rows.iter().rev().take(ROWS_SHOWN) {
        let _ = write!(
            table,
            "<tr><td>{}<td>{}<td>{}<td class=n>{}<td class=n>{}<td class=n>{}<td class=n>{} of {} s</tr>",
            row.from.strftime("%H:%M:%S"),
            escape(&row.zone),
            escape(&row.sensor),
            number(row.inward),
            number(row.outward),
            row.presence_seconds.map_or_else(|| "–".to_owned(), |s| format!("{s} s")),
            row.covered_seconds,
            row.seconds,
        );
    }
    table + "</table>"
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
