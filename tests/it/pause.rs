//! Visitors pause counting: by a button over a real broker, by the code on the sign and a real browser of a phone's size.

use std::fs;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::process::{Command, Stdio};

use noticed::cli::client::ask;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::shop::{Publisher, Shop, wait_until};

/// Planted wherever a phone or a button says something of itself.
const MARKER: &str = "Zx9Qvisitorp7";

/// Where the visitor comes from, which is nobody else's address.
const VISITOR: &str = "127.0.0.77";

const BUTTON: &str = r#"
[objection]
pause = "5 min"
per-hour = 2
[[button]]
id = "stop-counting"
zone = "entrance"
profile = "zigbee2mqtt"
topic = "zigbee2mqtt/stop_counting"
"#;

const ONE: (&str, &str) = ("counters/door", r#"{"in":1}"#);

fn sign_is(shop: &Shop, state: &str) -> bool {
    let status = shop.status();
    status["signs"][0]["state"] == state && status["signs"][0]["evidence"] == "confirmed"
}

/// Whether everything published on the door's topic has been taken in: nonsense comes last, and is counted as refused.
fn wait_until_heard(shop: &Shop) {
    let refused = || shop.status()["sensors"][0]["refused"].as_u64().unwrap_or_default();
    let before = refused();
    shop.publish(&[("counters/door", "nonsense")]);
    wait_until("the door was heard to the end", || refused() > before);
}

fn pauses(shop: &Shop) -> Value {
    let output = shop.noticed(&["report", "--of", "pauses", "--format", "json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice::<Value>(&output.stdout).unwrap()["pauses"].clone()
}

/// Names of files that hold `text`. What the broker keeps is not ours.
fn holding(shop: &Shop, text: &str) -> Vec<String> {
    let files = fs::read_dir(shop.folder.path()).unwrap().flatten().filter(|entry| entry.path().is_file());
    let holds = |entry: &fs::DirEntry| {
        let bytes = fs::read(entry.path()).unwrap();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    };
    let ours = files.filter(|entry| !entry.file_name().to_string_lossy().starts_with("mosquitto"));
    ours.filter(holds).map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// What the code on the sign says, read from the picture that the display gets, by a decoder that is not ours.
fn scan(shop: &Shop) -> String {
    let picture = ask(shop.signage, "GET", "/signs/sign/image.png", &[], "").unwrap().body;
    let file = shop.path("mosquitto-scanned.png");
    fs::write(&file, picture).unwrap();
    let only_qr = ["--quiet", "--raw", "--nodbus", "-Sdisable", "-Sqrcode.enable"];
    let zbar = Command::new("zbarimg").args(only_qr).arg(&file).stderr(Stdio::null()).output();
    let said = zbar.expect("zbarimg runs; Debian's package is zbar-tools").stdout;
    String::from_utf8(said).unwrap().trim().to_owned()
}

/// Sends a form as a phone would, from an address of its own; gives the answer.
fn send(to: SocketAddr, code: &str, language: &str) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let stream = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(format!("{VISITOR}:0").parse().unwrap()).unwrap();
        socket.connect(to).await.unwrap().into_std().unwrap()
    });
    stream.set_nonblocking(false).unwrap();
    let body = format!("lang={language}&code={code}");
    let request = format!(
        "POST /pause HTTP/1.1\r\nHost: {to}\r\nUser-Agent: {MARKER}\r\nReferer: http://{MARKER}/\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    (&stream).write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    (&stream).read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_button_pauses_counting_and_the_sign_says_so_at_its_next_poll() {
    let shop = Shop::new(BUTTON);
    let _broker = shop.start_broker();
    // What was pressed long ago and kept by the broker pauses nothing.
    let mut button = Publisher::named(shop.broker, "button");
    button.retain("zigbee2mqtt/stop_counting", r#"{"action":"single"}"#);
    button.finish();
    let daemon = shop.start_daemon();
    let sign = shop.hang_up_sign();
    shop.wait_until_open();
    shop.publish(&[ONE, ONE, ONE]);
    wait_until("three people are counted", || shop.people() == 3);
    drop(sign);

    button.publish("zigbee2mqtt/stop_counting", format!(r#"{{"action":"single","battery":100,"note":"{MARKER}"}}"#));
    button.finish();
    wait_until("counting is closed", || shop.interlock() == "closed");
    wait_until("whoever polls now gets the picture", || {
        let polled = ask(shop.signage, "GET", "/signs/sign", &[], "").unwrap().body;
        let polled: Value = serde_json::from_slice(&polled).unwrap();
        polled["state"] == "paused" && polled["valid_until"].is_string()
    });
    let many: Vec<(&str, &str)> = (0..50).map(|_| ONE).collect();
    shop.publish(&many);
    wait_until_heard(&shop);
    let _sign = crate::shop::Sign::with_token(&shop);
    wait_until("the sign is confirmed to say so", || sign_is(&shop, "paused"));
    shop.publish(&many);
    wait_until_heard(&shop);
    assert_eq!((shop.interlock().as_str(), shop.people()), ("closed", 3));

    daemon.kill();
    let daemon = shop.start_daemon();
    wait_until("the pause is known after a power cut", || {
        shop.status()["zones"][0]["activities"][0]["reason"].as_str().is_some_and(|reason| reason.starts_with("paused"))
    });
    shop.publish(&many);
    wait_until_heard(&shop);
    assert_eq!(daemon.stop(), Some(0));
    assert_eq!(shop.people(), 3);
    assert_eq!(pauses(&shop).as_array().unwrap().len(), 1);
    assert_eq!((&pauses(&shop)[0]["zone"], &pauses(&shop)[0]["pauses"]), (&json!("entrance"), &json!(1)));
    assert_eq!(holding(&shop, MARKER), [] as [&str; 0]);
    let log = shop.log();
    let told: Vec<&str> = log.lines().filter(|line| line.contains("paus") || line.contains("has stopped")).collect();
    assert_eq!(told, [] as [&str; 0], "no line of the log is of the moment at which somebody pressed");
}

#[test]
fn a_phone_scans_the_code_presses_the_one_button_and_leaves_no_trace() {
    let shop = Shop::new(BUTTON);
    let _broker = shop.start_broker();
    let daemon = shop.start_daemon();
    let _sign = shop.hang_up_sign();
    shop.wait_until_open();
    shop.publish(&[ONE]);
    wait_until("one person is counted", || shop.people() == 1);

    let address = scan(&shop);
    let phone = Browser::phone(MARKER);
    phone.open(&address);
    let text = |what: &str| {
        let script = format!("var found = document.querySelector('{what}'); return found ? found.innerText : ''");
        phone.run(&script).as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(phone.run("return document.querySelectorAll('button').length"), json!(1));
    assert_eq!(text("button"), "Pause it here", "in the language of the phone");
    let measured = "var button = document.querySelector('button').getBoundingClientRect();\
                    return [document.documentElement.scrollWidth <= window.innerWidth, button.bottom < window.innerHeight,\
                    button.height >= 44, window.innerWidth <= 400]";
    assert_eq!(phone.run(measured), json!([true, true, true, true]), "it fits, and a thumb finds it without scrolling");
    assert_eq!(shop.interlock(), "open", "to look changes nothing");

    phone.press("button");
    wait_until("the page says until when", || text("[role=status]").starts_with("Paused until "));
    assert!(text("main").contains("Entrance: paused at a visitor’s request"), "{}", text("main"));
    wait_until("counting is closed", || shop.interlock() == "closed");
    wait_until("the sign is confirmed to say so", || sign_is(&shop, "paused"));
    let many: Vec<(&str, &str)> = (0..50).map(|_| ONE).collect();
    shop.publish(&many);
    wait_until_heard(&shop);
    assert_eq!(shop.people(), 1, "nobody is counted");
    phone.run("location.reload()");
    wait_until("the page is there again", || text("[role=status]").starts_with("Paused until "));
    assert_eq!(pauses(&shop)[0]["pauses"], 1, "to load it again pauses nothing again");
    let ours = format!("http://{}/", shop.signage);
    let asked = phone.requests().into_iter().filter(|url| url.starts_with("http"));
    let elsewhere: Vec<String> = asked.filter(|url| !url.starts_with(&ours)).collect();
    assert_eq!(elsewhere, [] as [&str; 0]);
    assert_eq!(phone.run("return document.cookie"), "");

    let code = address.rsplit('/').next().unwrap();
    let answer = send(shop.signage, code, "pl");
    assert!(answer.starts_with("HTTP/1.1 303 "), "{answer}");
    let answer = send(shop.signage, "ABCDEFGHIJ", "en");
    assert!(answer.starts_with("HTTP/1.1 410 ") && answer.contains("This code is no longer valid"), "{answer}");
    assert_eq!(holding(&shop, MARKER), [] as [&str; 0], "while it runs, write-ahead log included");
    assert_eq!(daemon.stop(), Some(0));
    for trace in [MARKER, VISITOR, code] {
        assert_eq!(holding(&shop, trace), [] as [&str; 0], "{trace}");
    }
    assert!(!shop.log().is_empty(), "there is a log to look through");
}
