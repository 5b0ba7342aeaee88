//! The TRMNL protocol as firmware 1.4 to 1.8 and the Go, Android and Kindle clients speak it.
//!
//! Fields, types and status numbers are those of trmnl-firmware `lib/trmnl/src/parse_response_api_*.cpp`: real booleans
//! (the text "false" resets a device), a whole positive `refresh_rate` (0 empties its battery in hours), HTTP 200 for
//! every known device (anything else ends in an error screen in place of the notice).

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;

use super::signs::{Query, SignsState, header};
use super::{Picture, Request, Shown, Sign, Speaks, stranger};
use crate::domain::sign::{Board, SignEvent};

/// Pace while there is nothing to show yet, in seconds: soon, but no fast poll.
const NOTHING_YET_REFRESH_SECONDS: u32 = 60;

/// Longest message that firmware keeps, in bytes.
#[cfg(test)]
const MESSAGE_MAX_BYTES: usize = 127;

/// Where the picture is that a setup needs.
pub(super) const SETUP_PICTURE: &str = "/api/setup.bmp";

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
pub(super) async fn display(State(state): State<Arc<SignsState>>, headers: HeaderMap) -> Response {
    let shown = state.shown();
    let Some(sign) = by_mac(&shown, &headers) else { return not_ours(&state, &headers, StatusCode::NOT_FOUND) };
    let Some((board, picture)) = sign.current() else { return Json(nothing_yet()).into_response() };
    let authentic = state.is_sign(sign, &headers, &Query::default());
    let refresh_rate = board.refresh_seconds.max(1);
    if authentic {
        state.report(sign, &headers, &Query::default());
        state.engine.tell(SignEvent::Polled {
            sign: sign.id.clone(),
            offered: picture.notice,
            refresh_seconds: refresh_rate,
            timer: header(&headers, "update-source").is_none_or(|source| source == "timer"),
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
    format!("screen-{}-{:010}", &board.notice.short()[..6], board.stamped.seconds().clamp(0, 9_999_999_999))
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::sign::Health;
    use crate::http::test_shop::{
        Answer, BEFORE, DARK_MAC, MAC, NOW, STAMPED, Shop, credentials, door, fixture, token,
    };

    fn polled(timer: bool, cached: bool) -> SignEvent {
        SignEvent::Polled { sign: door(), offered: NOW, refresh_seconds: 900, timer, cached }
    }

    #[tokio::test]
    async fn a_sign_with_its_credential_gets_exactly_the_fields_of_the_protocol() {
        let mut shop = Shop::open();
        let answer = shop.get("/api/display", &[("ID", MAC), ("Access-Token", &token("door"))]).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let key = credentials().picture(&door(), "a9a9a9a9a9a9a9a9");
        assert_eq!(
            answer.text(),
            format!(
                "{{\"status\":0,\"image_url\":\"http://192.168.1.10:8080/signs/door/image.png?n=a9a9a9a9a9a9a9a9&k={key}\",\
                 \"filename\":\"screen-a9a9a9-1785312389\",\"refresh_rate\":900,\"reset_firmware\":false,\
                 \"update_firmware\":false,\"firmware_url\":null,\"special_function\":\"none\",\
                 \"maximum_compatibility\":false,\"image_url_timeout\":0}}"
            )
        );
        assert_eq!(shop.events(), [polled(true, false)]);
    }

    #[tokio::test]
    async fn without_the_right_credential_there_is_a_picture_but_no_evidence_and_no_key() {
        let mut shop = Shop::open();
        let till = token("till");
        for wrong in [vec![], vec![("Access-Token", "")], vec![("Access-Token", till.as_str())]] {
            let answer = shop.get("/api/display", &[&[("ID", MAC)], wrong.as_slice()].concat()).await;
            assert_eq!(answer.status, StatusCode::OK);
            assert!(answer.text().contains("\"status\":0,"), "{}", answer.text());
            assert!(answer.text().contains("/signs/door/image.png?n=a9a9a9a9a9a9a9a9\""), "{}", answer.text());
        }
        assert_eq!(shop.events(), []);
    }

    #[tokio::test]
    async fn names_of_headers_and_the_mac_come_in_any_case() {
        let mut shop = Shop::open();
        let token = token("door");
        for headers in
            [[("id", "aa:bb:cc:dd:ee:ff"), ("access-token", &token)], [("ID", MAC), ("ACCESS-TOKEN", &token)]]
        {
            assert_eq!(shop.get("/api/display", &headers).await.status, StatusCode::OK);
        }
        assert_eq!(shop.events().len(), 2);
    }

    #[tokio::test]
    async fn sloppy_base_urls_reach_the_same_address() {
        let mut shop = Shop::open();
        for path in ["//api/display", "/api/display/", "//api//display"] {
            let answer = shop.get(path, &[("ID", MAC), ("Access-Token", &token("door"))]).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
        }
        assert_eq!(shop.events().len(), 3);
    }

    #[tokio::test]
    async fn a_wake_by_button_is_not_a_timer_wake_and_the_flash_cache_is_reported() {
        let mut shop = Shop::open();
        let token = token("door");
        let wakes = [("timer", "true"), ("button", "false"), ("Timer", "True"), ("powercycle", ""), ("", "1")];
        for (source, cached) in wakes {
            let headers = [("ID", MAC), ("Access-Token", &token), ("Update-Source", source), ("Image-Cached", cached)];
            shop.get("/api/display", &headers).await;
        }
        let off = polled(false, false);
        assert_eq!(shop.events(), [polled(true, true), off.clone(), off.clone(), off.clone(), off]);
    }

    #[tokio::test]
    async fn an_unknown_display_is_told_so_with_404() {
        let mut shop = Shop::open();
        for headers in [vec![], vec![("ID", "till")], vec![("ID", "")]] {
            let answer = shop.get("/api/display", &headers).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND);
            assert!(answer.text().starts_with("{\"status\":404,\"message\":\""), "{}", answer.text());
        }
        assert_eq!(shop.strangers(), [], "what has no address is no display");
    }

    #[tokio::test]
    async fn a_stranger_is_told_of_with_all_that_it_says_of_itself() {
        let mut shop = Shop::open();
        let headers = [
            ("ID", "aa:aa:aa:aa:aa:0f"),
            ("Width", "800"),
            ("Height", "480"),
            ("Model", "og"),
            ("Battery-Voltage", "4.01"),
            ("Access-Token", "x"),
        ];
        let health = Health { battery_mv: Some(4_010), model: Some("og".to_owned()), ..Health::default() };
        for path in ["/api/setup", "/api/display"] {
            let answer = shop.get(path, &headers).await;
            assert!(answer.text().contains(UNKNOWN_MESSAGE) && !answer.text().contains("signs"), "{}", answer.text());
            let stranger = shop.strangers().remove(0);
            assert_eq!((stranger.name.as_str(), stranger.protocol), ("AA:AA:AA:AA:AA:0F", "trmnl"), "{path}");
            assert_eq!((stranger.size, &stranger.health), (Some((800, 480)), &health));
        }
    }

    #[tokio::test]
    async fn how_a_display_is_counts_with_its_credential_only() {
        let mut shop = Shop::open();
        let token = token("door");
        let telling = [("ID", MAC), ("RSSI", "-61"), ("FW-Version", "1.8.14"), ("Battery-Voltage", "4.20")];
        shop.get("/api/display", &telling).await;
        assert_eq!(shop.events(), []);
        shop.get("/api/display", &[telling.as_slice(), &[("Access-Token", &token)]].concat()).await;
        let health = Health { signal_dbm: Some(-61), firmware: Some("1.8.14".to_owned()), ..Health::default() };
        assert_eq!(shop.events(), [SignEvent::Reported { sign: door(), health }, polled(true, false)]);
    }

    #[tokio::test]
    async fn a_picture_that_is_not_drawn_yet_is_neither_named_nor_counted() {
        let mut shop = Shop::open();
        let answer = shop.get("/api/display", &[("ID", DARK_MAC), ("Access-Token", &token("dark"))]).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(
            answer.text().starts_with("{\"status\":0,\"image_url\":\"\",\"filename\":\"\",\"refresh_rate\":60,"),
            "{}",
            answer.text()
        );
        assert_eq!(shop.events(), []);
    }

    #[tokio::test]
    async fn a_picture_that_lags_behind_its_board_is_not_handed_out_under_the_new_name() {
        let shop = Shop::open();
        shop.shown.send_modify(|shown| {
            let mut new = (**shown).clone();
            new.signs[0].board.as_mut().unwrap().notice = BEFORE;
            *shown = Arc::new(new);
        });
        let answer = shop.get("/api/display", &[("ID", MAC), ("Access-Token", &token("door"))]).await;
        assert!(answer.text().contains("\"filename\":\"\""), "{}", answer.text());
        assert_eq!(shop.get("/signs/door/image.png", &[]).await.status, StatusCode::SERVICE_UNAVAILABLE);
    }

    #[tokio::test]
    async fn a_sign_is_never_told_to_come_back_after_zero_seconds() {
        let shop = Shop::open();
        shop.shown.send_modify(|shown| {
            let mut new = (**shown).clone();
            new.signs[0].board.as_mut().unwrap().refresh_seconds = 0;
            *shown = Arc::new(new);
        });
        let answer = shop.get("/api/display", &[("ID", MAC)]).await;
        assert!(answer.text().contains("\"refresh_rate\":1,"), "{}", answer.text());
    }

    #[tokio::test]
    async fn a_strange_host_is_replaced_by_the_configured_address() {
        let shop = Shop::open();
        let answer = shop.get("/api/display", &[("ID", MAC), ("Host", "evil/\"><b>")]).await;
        assert!(answer.text().contains("\"image_url\":\"http://shop.example:8080/signs/door/"), "{}", answer.text());
    }

    #[tokio::test]
    async fn the_longest_image_address_fits_the_firmwares_buffer() {
        let shop = Shop::open();
        let host = "h".repeat(255);
        let answer = shop.get("/api/display", &[("ID", MAC), ("Access-Token", &token("door")), ("Host", &host)]).await;
        let json: Value = serde_json::from_slice(&answer.body).unwrap();
        let longest_id = crate::domain::id::ID_MAX_BYTES - "door".len();
        assert!(json["image_url"].as_str().unwrap().len() + longest_id < 1024);
    }

    async fn set_up(shop: &mut Shop, mac: &str, granted: Option<bool>) -> Answer {
        let router = shop.router.clone();
        let headers = [("ID", mac)];
        let asked = crate::http::test_shop::ask(&router, axum::http::Method::GET, "/api/setup", &headers, "");
        let engine = async {
            if let Some(granted) = granted {
                match shop.engine.recv().await.unwrap() {
                    Request::Setup { sign, granted: answer } => {
                        assert_eq!(sign, door());
                        answer.send(granted).unwrap();
                    }
                    other => panic!("{other:?}"),
                }
            }
        };
        tokio::join!(asked, engine).0
    }

    #[tokio::test]
    async fn a_granted_setup_hands_out_the_credential_and_a_bmp() {
        let mut shop = Shop::open();
        let answer = set_up(&mut shop, "aa:bb:cc:dd:ee:ff", Some(true)).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(
            answer.text(),
            format!(
                "{{\"status\":200,\"api_key\":\"{}\",\"friendly_id\":\"{}\",\
                 \"image_url\":\"http://192.168.1.10:8080/api/setup.bmp\",\
                 \"message\":\"This sign belongs to noticed now.\"}}",
                token("door"),
                credentials().friendly_id(&door())
            )
        );
    }

    #[tokio::test]
    async fn the_picture_of_a_setup_is_white_and_one_that_every_firmware_takes() {
        let mut shop = Shop::open();
        let answer = shop.get(SETUP_PICTURE, &[]).await;
        assert_eq!((answer.status, answer.header("content-length")), (StatusCode::OK, Some("48062")));
        assert_eq!(crate::sign::validate::bmp_for_trmnl(&answer.body, crate::sign::panel::Panel::TRMNL), Ok(()));
        assert!(answer.body[62..].iter().all(|byte| *byte == 0xff));
        assert_eq!((shop.events(), answer.carried), (vec![], None));
    }

    #[tokio::test]
    async fn a_refused_setup_cannot_be_told_from_an_unknown_display() {
        let mut shop = Shop::open();
        let refused = set_up(&mut shop, MAC, Some(false)).await;
        let unknown = set_up(&mut shop, "AA:AA:AA:AA:AA:AA", None).await;
        assert_eq!((refused.status, &refused.headers), (unknown.status, &unknown.headers));
        assert_eq!(refused.body, unknown.body);
        assert_eq!(refused.text(), format!("{{\"status\":404,\"message\":\"{UNKNOWN_MESSAGE}\"}}"));
        assert!(UNKNOWN_MESSAGE.len() <= MESSAGE_MAX_BYTES);
    }

    #[tokio::test]
    async fn a_dead_engine_refuses_setups_and_still_serves_the_picture() {
        let mut shop = Shop::open();
        shop.engine.close();
        assert!(set_up(&mut shop, MAC, None).await.text().contains("404"));
        let answer = shop.get("/api/display", &[("ID", MAC), ("Access-Token", &token("door"))]).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(shop.line.lost(), 1);
    }

    #[tokio::test]
    async fn logs_are_taken_whatever_they_say_and_only_errors_with_the_credential_are_trouble() {
        let mut shop = Shop::open();
        let token = token("door");
        let bodies = [
            ("{\"logs\":[{\"level\":\"error\",\"message\":\"x\"}]}", 1),
            ("{\"logs\":[{\"level\":\"info\"},{\"level\":\"fatal\"}]}", 1),
            ("{\"log\":{\"logs_array\":[{\"level\":\"error\"}]}}", 1),
            ("{\"logs\":[{\"level\":\"info\"},{\"level\":\"warn\"}]}", 0),
            ("{\"log\":{\"logs_array\":[]}}", 0),
            ("{\"logs\":[{\"message\":\"no level\"}]}", 1),
            ("{\"notes\":1}", 1),
            ("not json", 1),
            ("", 1),
        ];
        for (body, trouble) in bodies {
            let path = "/api/log";
            assert_eq!(shop.post(path, &[("ID", MAC)], body).await.status, StatusCode::NO_CONTENT, "{body}");
            assert_eq!(shop.events(), [], "{body}");
            let answer = shop.post(path, &[("ID", MAC), ("Access-Token", &token)], body).await;
            assert_eq!(answer.status, StatusCode::NO_CONTENT, "{body}");
            assert_eq!(shop.events(), vec![SignEvent::Trouble { sign: door() }; trouble], "{body}");
        }
    }

    #[tokio::test]
    async fn a_log_of_more_than_64_kib_is_refused() {
        let shop = Shop::open();
        let limit = crate::http::BODY_MAX_BYTES;
        let answer = shop.post("/api/log", &[("ID", MAC)], &"x".repeat(limit)).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        let answer = shop.post("/api/log", &[("ID", MAC)], &"x".repeat(limit + 1)).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[test]
    fn the_name_of_a_picture_changes_with_its_pixels_and_its_stamp() {
        let board = fixture(1).signs[0].board.clone().unwrap();
        assert_eq!(filename(&board), "screen-a9a9a9-1785312389");
        assert_eq!(filename(&Board { notice: BEFORE, ..board.clone() }), "screen-5b5b5b-1785312389");
        let before_1970 = Board { stamped: crate::domain::time::Wall(-1), ..board.clone() };
        assert_eq!(filename(&before_1970), "screen-a9a9a9-0000000000");
        let later = Board { stamped: crate::domain::time::Wall(STAMPED.0 + 1000), ..board };
        assert_eq!(filename(&later), "screen-a9a9a9-1785312390");
    }

    proptest! {
        #[test]
        fn a_known_display_is_answered_with_200_whatever_else_it_sends(
            names in prop::collection::vec("[A-Za-z][A-Za-z_-]{0,20}|Host|Access-Token|Update-Source|Image-Cached", 0..8),
            values in prop::collection::vec(prop::collection::vec(prop_oneof![0x20u8..0x7f, 0x80u8..=0xff], 0..300), 8),
        ) {
            let shop = Shop::open();
            let mut request = axum::http::Request::builder().uri("/api/display").header("ID", MAC);
            for (name, value) in names.iter().zip(&values).filter(|(name, _)| !name.eq_ignore_ascii_case("content-length")) {
                request = request.header(name, axum::http::HeaderValue::from_bytes(value).unwrap());
            }
            let request = request.body(axum::body::Body::empty()).unwrap();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let response = runtime.block_on(tower::ServiceExt::oneshot(shop.router.clone(), request)).unwrap();
            prop_assert_eq!(response.status(), StatusCode::OK);
        }

        #[test]
        fn no_path_makes_the_server_fail(path in "/[ -~]{0,60}") {
            let Ok(uri) = path.parse::<axum::http::Uri>() else { return Ok(()) };
            let shop = Shop::open();
            let request = axum::http::Request::builder().uri(uri).header("ID", MAC);
            let request = request.body(axum::body::Body::empty()).unwrap();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let response = runtime.block_on(tower::ServiceExt::oneshot(shop.router.clone(), request)).unwrap();
            prop_assert!(!response.status().is_server_error(), "{}", response.status());
        }
    }
}
