//! The TRMNL protocol as firmware 1.4 to 1.8 and the Go, Android and Kindle clients speak it.
//!
//! Fields, types and status numbers are those of trmnl-firmware `lib/trmnl/src/parse_response_api_*.cpp`: real booleans
//! (the text "false" resets a device), a whole positive `refresh_rate` (0 empties its battery in hours), HTTP 200 for
//! every known device (anything else ends in an error screen in place of the notice).

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use serde_json::Value;

use super::image::{Delivery, seconds_of};
use super::signs::{Query, SignsState, header};
use super::{Picture, Request, Shown, Sign, Speaks, stranger};
use crate::domain::sign::{Board, SignEvent};

/// Pace while there is nothing to show yet, in seconds: soon, but no fast poll.
const NOTHING_YET_REFRESH_SECONDS: u32 = 60;

/// Pace after a wake by button or power, in seconds: what is on the glass then is known only once the display comes back by its own timer.
const WOKEN_REFRESH_SECONDS: u32 = 60;

/// Where the picture is that a setup needs.
pub(super) const SETUP_PICTURE: &str = "/api/setup.bmp";

/// Longest message that firmware keeps, in bytes.
#[cfg(test)]
const MESSAGE_MAX_BYTES: usize = 127;

const UNKNOWN_MESSAGE: &str = "Not known here. Check the MAC address in the configuration, or run: noticed sign pair";

#[derive(Serialize)]
struct Setup {
    status: u16,
    api_key: String,
    friendly_id: String,
    image_url: String,
    message: &'static str,
}

#[derive(Serialize)]
struct Display {
    status: u16,
    image_url: String,
    filename: String,
    refresh_rate: u32,
    reset_firmware: bool,
    update_firmware: bool,
    firmware_url: Option<String>,
    special_function: &'static str,
    maximum_compatibility: bool,
    image_url_timeout: u32,
}

#[derive(Serialize)]
struct Unknown {
    status: u16,
    message: &'static str,
}

/// `GET /api/setup`: hands the credential to a configured display, if the engine says that it may have it now.
///
/// Everyone else gets one and the same answer, so that nobody learns which addresses are configured: HTTP 200 with a
/// JSON status of 404. Firmware takes the body of no other HTTP code, and so shows the technician our sentence; with
/// either kind of 404 it draws its "not registered" screen and asks again after 15 minutes.
pub(super) async fn setup(State(state): State<Arc<SignsState>>, headers: HeaderMap) -> Response {
    let shown = state.shown();
    let Some(sign) = by_mac(&shown, &headers) else { return not_ours(&state, &headers, StatusCode::OK) };
    let granted = state.engine.ask(|granted| Request::Setup { sign: sign.id.clone(), granted }).await;
    if granted != Some(true) {
        return unknown(StatusCode::OK);
    }
    Json(Setup {
        status: 200,
        api_key: state.credentials.sign(&sign.id),
        friendly_id: state.credentials.friendly_id(&sign.id),
        image_url: format!("{}{SETUP_PICTURE}", state.base(&headers)),
        message: "This sign belongs to noticed now.",
    })
    .into_response()
}

/// `GET /api/setup.bmp`: a white picture, which says nothing.
///
/// Firmware to 1.6.0 keeps the picture of its setup and draws it behind each of its own messages and at each press of its button
/// (trmnl-firmware v1.6.0 `src/bl.cpp`, `storedLogoOrDefault`): a notice there would be shown long after it ceased to be true. It takes
/// only a BMP of 800x480 pixels, whatever its panel is.
pub(super) async fn setup_picture() -> Response {
    ([(CONTENT_TYPE, "image/bmp")], white_bmp()).into_response()
}

/// Byte for byte what firmware checks for (trmnl-firmware `lib/trmnl/src/bmp.cpp`).
fn white_bmp() -> Vec<u8> {
    const HEADER_BYTES: u32 = 62;
    const PIXEL_BYTES: u32 = 800 * 480 / 8;
    let mut bytes = b"BM".to_vec();
    for field in [HEADER_BYTES + PIXEL_BYTES, 0, HEADER_BYTES, 40, 800, 480, 1 | 1 << 16, 0, PIXEL_BYTES, 0, 0, 2, 2] {
        bytes.extend(field.to_le_bytes());
    }
    bytes.extend([0, 0, 0, 0, 0xff, 0xff, 0xff, 0]);
    bytes.resize((HEADER_BYTES + PIXEL_BYTES) as usize, 0xff);
    bytes
}

/// `GET /api/display`: what to show and when to come back.
///
/// Every configured display gets the picture; only one with its credential is evidence, and only its answer carries
/// the key that makes the fetch of the picture evidence too.
pub(super) async fn display(
    State(state): State<Arc<SignsState>>,
    delivery: Option<Extension<Delivery>>,
    headers: HeaderMap,
) -> Response {
    let shown = state.shown();
    let Some(sign) = by_mac(&shown, &headers) else { return not_ours(&state, &headers, StatusCode::NOT_FOUND) };
    let Some((board, picture)) = sign.current() else { return Json(nothing_yet()).into_response() };
    let authentic = state.is_sign(sign, &headers, &Query::default());
    let timer = header(&headers, "update-source").is_none_or(|source| source == "timer");
    let refresh_rate = board.refresh_seconds.min(if timer { u32::MAX } else { WOKEN_REFRESH_SECONDS }).max(1);
    if authentic {
        state.report(sign, &headers, &Query::default());
        if let Some(Extension(delivery)) = delivery {
            delivery.answers(&sign.id);
        }
        state.engine.tell(SignEvent::Polled {
            sign: sign.id.clone(),
            offered: picture.notice,
            refresh_seconds: refresh_rate,
            timer,
            cached: header(&headers, "image-cached") == Some("true"),
        });
    }
    Json(Display {
        status: 0,
        image_url: image_url(&state, &headers, sign, picture, authentic),
        filename: filename(board),
        refresh_rate,
        reset_firmware: false,
        update_firmware: false,
        firmware_url: None,
        special_function: "none",
        maximum_compatibility: false,
        image_url_timeout: 0,
    })
    .into_response()
}

/// `POST /api/log`: a display's own error notes. Only whether there is an error is taken; the text is never kept.
///
/// Anything is answered with 204, because firmware sends what was refused again and again.
pub(super) async fn log(State(state): State<Arc<SignsState>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let shown = state.shown();
    if let Some(sign) = by_mac(&shown, &headers)
        && state.is_sign(sign, &headers, &Query::default())
        && tells_of_trouble(&body)
    {
        state.engine.tell(SignEvent::Trouble { sign: sign.id.clone() });
    }
    StatusCode::NO_CONTENT
}

/// The answer while there is no picture: an empty address and name. Firmware takes that as a failed wake, keeps what it
/// shows for the next three (about two minutes) and then draws its own error screen, which claims nothing about counting.
/// A made-up name would be worse: the sign would keep whatever it fetches under it, and draw that again much later.
/// The daemon publishes boards with their pictures, so this is answered only while rendering lags or fails.
fn nothing_yet() -> Display {
    Display {
        status: 0,
        image_url: String::new(),
        filename: String::new(),
        refresh_rate: NOTHING_YET_REFRESH_SECONDS,
        reset_firmware: false,
        update_firmware: false,
        firmware_url: None,
        special_function: "none",
        maximum_compatibility: false,
        image_url_timeout: 0,
    }
}

fn not_ours(state: &SignsState, headers: &HeaderMap, code: StatusCode) -> Response {
    stranger::tell(state, header(headers, "id").and_then(stranger::mac), "trmnl", headers);
    unknown(code)
}

fn unknown(code: StatusCode) -> Response {
    (code, Json(Unknown { status: 404, message: UNKNOWN_MESSAGE })).into_response()
}

fn by_mac<'a>(shown: &'a Shown, headers: &HeaderMap) -> Option<&'a Sign> {
    let mac = header(headers, "id")?.trim();
    let is = |sign: &&Sign| matches!(&sign.speaks, Speaks::Trmnl { mac: own } if own.eq_ignore_ascii_case(mac));
    shown.signs.iter().find(is)
}

fn image_url(state: &SignsState, headers: &HeaderMap, sign: &Sign, picture: &Picture, authentic: bool) -> String {
    let notice = picture.notice.short();
    let key = if authentic { format!("&k={}", state.credentials.picture(&sign.id, &notice)) } else { String::new() };
    format!("{}/signs/{}/image.png?n={notice}{key}", state.base(headers), sign.id)
}

/// The name under which a device keeps the picture in its flash: it never fetches a name again, so a name means one
/// picture for ever. 24 characters, because names are cut beyond 31; the last ten digits are the time that firmware's
/// clean-up looks for (trmnl-firmware `src/filesystem.cpp`).
fn filename(board: &Board) -> String {
    format!("screen-{}-{}", &board.notice.short()[..6], seconds_of(board))
}

/// Whether a log report tells of an error. What is not understood is taken as one: better to ask the sign again than
/// to believe that it shows the notice.
fn tells_of_trouble(body: &[u8]) -> bool {
    let Ok(report) = serde_json::from_slice::<Value>(body) else { return true };
    let notes = report.get("logs").or_else(|| report.pointer("/log/logs_array"));
    let Some(notes) = notes.and_then(Value::as_array) else { return true };
    let harmless = ["debug", "info", "warn"];
    notes.iter().any(|note| !note.get("level").and_then(Value::as_str).is_some_and(|level| harmless.contains(&level)))
}
