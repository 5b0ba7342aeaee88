//! Whoever has no credential of a sign, or that of another, or only repeats what the sign once asked, opens nothing: for every way in
//! which signs speak, against the real daemon over real sockets.

use noticed::cli::client::{Answer, ask};
use noticed::http::credential::Credentials;
use noticed::store::key::MasterKey;
use serde_json::Value;

use crate::shop::{MAC, Shop, Sign, wait_until};

/// A label's address.
const LABEL: &str = "0000021AC7B53B1A";

/// Every way in which a sign speaks, each with a zone and a counter of its own; "other" is the one whose credential the forger has.
const SIGNS: [(&str, &str, &str); 6] = [
    ("sign", "trmnl", ""),
    ("plain", "http", "panel = \"296x128-bw\"\n"),
    ("window", "kiosk", "panel = \"296x128-bw\"\n"),
    ("shelf", "openepaperlink", "panel = \"296x128-bw\"\naddress = \"0000021AC7B53B1A\"\n"),
    ("board", "printed", ""),
    ("other", "http", "panel = \"296x128-bw\"\n"),
];

/// A shop with these signs beside the one that every shop has.
fn shop(signs: &[(&str, &str, &str)]) -> Shop {
    let more = signs.iter().map(|(id, protocol, own)| {
        format!(
            "[[zone]]\nid = \"{id}\"\nname = {{ pl = \"{id}\", en = \"{id}\" }}\n[[sensor]]\nid = \"counter-{id}\"\nzone = \"{id}\"\n\
             activity = \"footfall\"\nclass = \"tof\"\nprofile = \"json\"\ntopic = \"counters/{id}\"\n\
             options = {{ in = \"/in\", mode = \"crossing\" }}\n[[sign]]\nid = \"{id}\"\nzones = [\"{id}\"]\nprotocol = \"{protocol}\"\n\
             language = \"pl\"\n{own}"
        )
    });
    Shop::new(&more.collect::<String>())
}

fn credentials(shop: &Shop) -> Credentials {
    let key = MasterKey::read(&shop.path("store.key")).unwrap();
    Credentials::new(key.derive("credentials of signs and operator, version 1"))
}

fn token(shop: &Shop, sign: &str) -> String {
    credentials(shop).sign(&id(sign))
}

fn get(shop: &Shop, path: &str, headers: &[String]) -> Answer {
    ask(shop.signage, "GET", path, headers, "").unwrap()
}

fn json(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

/// The path of an address that the daemon told.
fn path(url: &Value) -> String {
    let url = url.as_str().unwrap_or_default();
    url.splitn(4, '/').nth(3).map_or_else(String::new, |path| format!("/{path}"))
}

/// The evidence of a sign, when everything that was sent before has been taken in.
fn evidence(shop: &Shop, sign: &str) -> String {
    let status = shop.status();
    let found = status["signs"].as_array().unwrap().iter().find(|known| known["id"] == sign).unwrap();
    found["evidence"].as_str().unwrap().to_owned()
}

/// The interlock of the zone of a sign.
fn interlock(shop: &Shop, sign: &str) -> String {
    let zone = if sign == "sign" { "entrance" } else { sign };
    let status = shop.status();
    let found = status["zones"].as_array().unwrap().iter().find(|known| known["id"] == zone).unwrap();
    found["activities"][0]["interlock"].as_str().unwrap().to_owned()
}

/// Nothing is open, and of no sign more is known than `most`.
fn nothing_is_open(shop: &Shop, most: &[&str], after: &str) {
    for (sign, ..) in SIGNS {
        assert!(most.contains(&evidence(shop, sign).as_str()), "{sign} after {after}: {}", shop.status());
        assert_ne!(interlock(shop, sign), "open", "{sign} after {after}");
    }
}

/// Does everything that a display of any kind does, with this credential in every place that is looked at, and reads each picture to
/// its end.
fn play_every_sign(shop: &Shop, forged: Option<&str>) {
    let forged_headers: Vec<String> = forged
        .iter()
        .flat_map(|token| [format!("Authorization: Bearer {token}"), format!("Access-Token: {token}")])
        .collect();
    let query = forged.map_or_else(String::new, |token| format!("&token={token}"));
    for _ in 0..3 {
        let own = [format!("ID: {MAC}"), "Update-Source: timer".to_owned()];
        let told = json(&get(shop, "/api/display", &[&own[..], &forged_headers].concat()));
        let picture = path(&told["image_url"]);
        assert!(picture.contains("?n=") && !picture.contains("&k="), "no key is told: {told}");
        assert_eq!(get(shop, &picture, &forged_headers).code, 200, "anybody may see it");
        get(shop, &format!("{picture}&k=00000000000000000000000000000000"), &forged_headers);
        let setup = json(&get(shop, "/api/setup", &own));
        assert!(setup["api_key"].is_null(), "the credential was given out before: {setup}");

        for (sign, ..) in SIGNS.iter().filter(|(sign, ..)| *sign != "other") {
            let told = json(&get(shop, &format!("/signs/{sign}?{query}"), &forged_headers));
            for kind in ["png", "bmp", "jpg", "raw"] {
                let picture = path(&told["image"][kind]);
                assert!(!picture.contains("k="), "{told}");
                get(shop, &format!("{picture}{query}"), &forged_headers);
            }
            let etag = format!("If-None-Match: \"{}\"", told["notice"].as_str().unwrap());
            get(shop, &format!("/signs/{sign}/image.png?{query}"), &[&forged_headers[..], &[etag]].concat());
            let shown = format!("{{\"notice\":{}}}", told["notice"]);
            let answer =
                ask(shop.signage, "POST", &format!("/signs/{sign}/shown?{query}"), &forged_headers, &shown).unwrap();
            assert_eq!(answer.code, 401, "{sign}: {}", answer.text());
        }
        get(shop, &format!("/signs/window/kiosk?{query}"), &forged_headers);
        get(shop, &format!("/oepl/{LABEL}.jpg?{query}"), &forged_headers);
    }
}

/// Orders and forms without the operator's token.
fn attest_everything(shop: &Shop, forged: Option<&str>) {
    for (sign, ..) in SIGNS {
        let order = format!("{{\"order\":\"attest\",\"sign\":\"{sign}\",\"by\":\"shift-lead\"}}");
        let bearer: Vec<String> = forged.iter().map(|token| format!("Authorization: Bearer {token}")).collect();
        assert_eq!(ask(shop.operator, "POST", "/api/v1/orders", &bearer, &order).unwrap().code, 401);
        assert_eq!(
            ask(shop.signage, "POST", "/api/v1/orders", &bearer, &order).unwrap().code,
            404,
            "nor on the other listener"
        );
        let seen = notice(shop, sign)[..16].to_owned();
        let body = format!("notice={seen}&by=shift-lead&token={}", forged.unwrap_or_default());
        for origin in [format!("http://{}", shop.operator), "http://evil.example".to_owned()] {
            let answer =
                ask(shop.operator, "POST", &format!("/attest/{sign}"), &[format!("Origin: {origin}")], &body).unwrap();
            assert_eq!(answer.code, 403, "{}", answer.text());
        }
    }
}

/// Says in the name of a sign, with its own credential, what it shows.
fn say_shown(shop: &Shop, sign: &str, notice: &str) -> u16 {
    let path = format!("/signs/{sign}/shown?token={}", token(shop, sign));
    ask(shop.signage, "POST", &path, &[], &format!("{{\"notice\":\"{notice}\"}}")).unwrap().code
}

/// The notice that a sign is to show.
fn notice(shop: &Shop, sign: &str) -> String {
    json(&get(shop, &format!("/signs/{sign}"), &[]))["notice"].as_str().unwrap().to_owned()
}

/// Polls of the signs themselves, repeated without a fetch between: they asked, and got nothing to show. Of a page, a label and paper not even
/// a fetch tells anything.
fn repeat_polls(shop: &Shop) {
    let trmnl =
        [format!("ID: {MAC}"), format!("Access-Token: {}", token(shop, "sign")), "Update-Source: timer".to_owned()];
    let own = |sign: &str| format!("token={}", token(shop, sign));
    for _ in 0..5 {
        get(shop, "/api/display", &trmnl);
        get(shop, &format!("/signs/plain?{}", own("plain")), &[]);
        for sign in ["window", "shelf", "board"] {
            let told = json(&get(shop, &format!("/signs/{sign}?{}", own(sign)), &[]));
            let picture = path(&told["image"]["png"]);
            assert!(picture.contains("&k="), "{told}");
            get(shop, &picture, &[]);
        }
        get(shop, &format!("/oepl/{LABEL}.jpg?{}", own("shelf")), &[]);
    }
    for sign in ["plain", "window", "shelf"] {
        assert_eq!(say_shown(shop, sign, &"7".repeat(64)), 409, "{sign} says that it shows another picture");
    }
    assert_eq!(say_shown(shop, "board", &notice(shop, "board")), 403, "paper does not speak");
}

#[test]
fn nobody_without_the_signs_own_credential_opens_anything_and_the_sign_itself_does() {
    let shop = shop(&SIGNS[1..]);
    let _broker = shop.start_broker();
    let _daemon = shop.start_daemon();
    wait_until("the broker is connected", || shop.status()["broker"] == "connected");
    wait_until("every picture is drawn", || {
        SIGNS.iter().all(|(sign, ..)| json(&get(&shop, &format!("/signs/{sign}"), &[]))["notice"].is_string())
    });
    wait_until("every sign is to say that it is counted", || {
        SIGNS.iter().all(|(sign, ..)| interlock(&shop, sign) == "opening")
    });
    assert_eq!(token(&shop, "plain").as_bytes(), shop.noticed(&["sign", "token", "plain"]).stdout.trim_ascii_end());
    // The display was set up once, as it is when it is hung up.
    let given = json(&get(&shop, "/api/setup", &[format!("ID: {MAC}")]));
    assert_eq!(given["api_key"], token(&shop, "sign").as_str());

    let (wrong, other, pause) =
        ("0".repeat(32), token(&shop, "other"), credentials(&shop).pause_code(&id("sign"), "2026-11-24"));
    let swapped = token(&shop, "sign").to_uppercase();
    for (forged, what) in [
        (None, "no credential"),
        (Some(&wrong), "a wrong credential"),
        (Some(&other), "the credential of another sign"),
        (Some(&pause), "a code for a pause"),
        (Some(&swapped), "the credential in capitals"),
    ] {
        play_every_sign(&shop, forged.map(String::as_str));
        attest_everything(&shop, forged.map(String::as_str));
        nothing_is_open(&shop, &["none", "offered"], what);
    }
    // The other sign's keys of pictures are for its pictures only.
    let told = json(&get(&shop, &format!("/signs/other?token={other}"), &[]));
    let key = path(&told["image"]["png"]).split_once("&k=").unwrap().1.to_owned();
    for (sign, ..) in SIGNS.iter().filter(|(sign, ..)| *sign != "other") {
        let seen = notice(&shop, sign)[..16].to_owned();
        get(&shop, &format!("/signs/{sign}/image.png?n={seen}&k={key}"), &[]);
        get(&shop, &format!("/signs/{sign}/image.png?n={seen}&k={key}"), &[]);
    }
    nothing_is_open(&shop, &["none", "offered"], "the key of another sign's picture");

    repeat_polls(&shop);
    nothing_is_open(&shop, &["none", "offered", "fetched"], "polls without a fetch between");

    // All this could have opened something: with what it takes, it does.
    let _sign = Sign::with_token(&shop);
    for sign in ["plain", "window"] {
        assert_eq!(say_shown(&shop, sign, &notice(&shop, sign)), 204);
    }
    assert!(shop.noticed(&["sign", "attest", "board", "--by", "shift-lead"]).status.success());
    for sign in ["sign", "plain", "window", "board"] {
        wait_until(&format!("{sign} opens its zone"), || interlock(&shop, sign) == "open");
    }
    for sign in ["shelf", "other"] {
        assert_ne!(interlock(&shop, sign), "open", "{sign}");
    }
}

fn id(sign: &str) -> noticed::domain::id::SignId {
    noticed::domain::id::SignId::new(sign)
}

#[test]
fn a_code_pauses_where_its_own_sign_hangs_and_on_its_own_day() {
    let shop = shop(&SIGNS[1..2]);
    let _broker = shop.start_broker();
    let _daemon = shop.start_daemon();
    wait_until("the broker is connected", || shop.status()["broker"] == "connected");
    let _sign = shop.hang_up_sign();
    wait_until("the entrance is open", || interlock(&shop, "sign") == "open");
    let credentials = credentials(&shop);
    #[expect(clippy::disallowed_methods, reason = "the daemon lives in real time")]
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::get("Europe/Warsaw").unwrap()).date();
    let code =
        |sign: &str, days: i64| credentials.pause_code(&id(sign), &(today + jiff::Span::new().days(days)).to_string());
    let post = |code: &str| ask(shop.signage, "POST", "/pause", &[], &format!("lang=en&code={code}")).unwrap().code;

    for wrong in [
        code("sign", -2),
        code("sign", 1),
        code("sign", -400),
        code("nowhere", 0),
        "ABCDEFGHIJ".to_owned(),
        String::new(),
    ] {
        assert_eq!(post(&wrong), 410, "{wrong}");
    }
    let token = token(&shop, "sign");
    assert_eq!(post(&token), 410, "a sign's credential is no code");
    assert_eq!(post(&code("plain", 0)), 303, "the code of another sign pauses where that one hangs");
    let reason = |zone: &str| {
        let status = shop.status();
        let found = status["zones"].as_array().unwrap().iter().find(|known| known["id"] == zone).unwrap();
        found["activities"][0]["reason"].as_str().unwrap().to_owned()
    };
    wait_until("the other zone is paused", || reason("plain").starts_with("paused"));
    assert_eq!(interlock(&shop, "sign"), "open", "and nowhere else");
    // Yesterday's code is taken until a display that sleeps has had the time to change it, and pauses; it opens nothing.
    assert_eq!(post(&code("sign", -1)), 303);
    wait_until("the entrance is paused", || reason("entrance").starts_with("paused"));
}
