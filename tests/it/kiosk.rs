//! A sign that is a page, in a real browser: what customers would see on an old tablet.

use crate::browser::Browser;
use crate::shop::{Shop, wait_until};

const WINDOW: &str = r#"
[[sign]]
id = "window"
zones = ["entrance"]
protocol = "kiosk"
panel = "800x480-bw"
language = "pl"
refresh = "1 s"
transition-refresh = "1 s"
grace = "1 s"
"#;

/// `shown` or `unknown`.
fn says(browser: &Browser) -> String {
    browser.run("return document.body.className").as_str().unwrap().to_owned()
}

/// The picture on the screen, by the start of its hash; empty if there is none.
fn on_the_screen(browser: &Browser) -> String {
    let script = "var picture = document.querySelector('#notice img');\
                  return picture && picture.naturalWidth === 800 && picture.offsetWidth > 0 ? picture.src : ''";
    let source = browser.run(script).as_str().unwrap().to_owned();
    source.split("?n=").nth(1).and_then(|rest| rest.get(..16)).unwrap_or_default().to_owned()
}

/// State and picture that the daemon wants there; empty while it does not answer.
fn wanted(shop: &Shop) -> (String, String) {
    let answer = noticed::cli::client::ask(shop.signage, "GET", "/signs/window", &[], "");
    let told: serde_json::Value =
        answer.ok().and_then(|answer| serde_json::from_slice(&answer.body).ok()).unwrap_or_default();
    let notice = told["notice"].as_str().unwrap_or_default();
    (told["state"].as_str().unwrap_or_default().to_owned(), notice.get(..16).unwrap_or_default().to_owned())
}

fn page(shop: &Shop) -> String {
    let token = String::from_utf8(shop.noticed(&["sign", "token", "window"]).stdout).unwrap();
    format!("http://{}/signs/window/kiosk?token={}", shop.signage, token.trim())
}

fn wait_until_shown(shop: &Shop, browser: &Browser, state: &str) {
    wait_until(&format!("the screen shows \"{state}\""), || {
        let wanted = wanted(shop);
        wanted.0 == state && wanted.1 == on_the_screen(browser)
    });
}

#[test]
fn a_page_opens_counting_by_what_it_paints_and_takes_back_what_nobody_confirms() {
    let shop = Shop::new(WINDOW);
    let _broker = shop.start_broker();
    let daemon = shop.start_daemon();
    wait_until("the broker is connected", || shop.status()["broker"] == "connected");
    let browser = Browser::start();
    browser.open(&page(&shop));
    shop.wait_until_open();
    wait_until_shown(&shop, &browser, "active");
    assert_eq!(says(&browser), "shown");

    assert!(shop.noticed(&["stop", "entrance", "footfall"]).status.success());
    wait_until("the change is published", || wanted(&shop).0 == "inactive");
    wait_until_shown(&shop, &browser, "inactive");
    wait_until("the page said so", || {
        let status = shop.status();
        let window = status["signs"].as_array().unwrap().iter().find(|sign| sign["id"] == "window").unwrap();
        window["evidence"] == "confirmed"
    });
    assert!(shop.noticed(&["start", "entrance", "footfall"]).status.success());
    wait_until_shown(&shop, &browser, "active");
    let ours = format!("http://{}/", shop.signage);
    let elsewhere: Vec<String> =
        browser.requests().into_iter().filter(|url| !url.starts_with(&ours) && !url.starts_with("data:")).collect();
    assert_eq!(elsewhere, [] as [&str; 0]);
    let console = browser.log("browser");
    assert!(console.is_empty(), "{console:?}");

    daemon.kill();
    wait_until("the page takes back what it shows", || says(&browser) == "unknown");
    let text = browser.run("return document.getElementById('unknown').innerText");
    assert!(text.as_str().unwrap().contains("STAN NIEZNANY"), "{text}");
    assert_eq!(on_the_screen(&browser), "", "nothing of it is left");
    let _daemon = shop.start_daemon();
    wait_until_shown(&shop, &browser, "active");
}

#[test]
fn a_page_that_slept_or_is_out_of_sight_shows_nothing_old() {
    let shop = Shop::new(WINDOW);
    let _broker = shop.start_broker();
    let _daemon = shop.start_daemon();
    let browser = Browser::start();
    browser.open(&page(&shop));
    shop.wait_until_open();
    wait_until_shown(&shop, &browser, "active");

    let hidden = |hidden: bool| {
        let script = "Object.defineProperty(document, 'hidden', { value: arguments[0], configurable: true });\
                      document.dispatchEvent(new Event('visibilitychange')); return document.body.className";
        browser.run(&script.replace("arguments[0]", if hidden { "true" } else { "false" }))
    };
    assert_eq!(hidden(true), "unknown", "at once");
    wait_until("out of sight it is no evidence", || shop.interlock() != "open");
    hidden(false);
    shop.wait_until_open();
    wait_until_shown(&shop, &browser, "active");

    // The tablet slept for an hour: its timers did not run, its clock did. What it says next is counted.
    browser.run(
        "var said = window.said = []; new MutationObserver(function () { said.push(document.body.className); })\
         .observe(document.body, { attributes: true });\
         var time = Date.prototype.getTime; Date.prototype.getTime = function () { return time.call(this) + 3600000; };",
    );
    wait_until_shown(&shop, &browser, "active");
    wait_until("it said \"unknown\" before it asked again", || {
        browser.run("return window.said.slice(0, 2)") == serde_json::json!(["unknown", "shown"])
    });
}

#[test]
fn a_page_without_the_credential_shows_no_notice_as_confirmed() {
    let shop = Shop::new(WINDOW);
    let _broker = shop.start_broker();
    let _daemon = shop.start_daemon();
    wait_until("the daemon answers", || !shop.status().is_null());
    let browser = Browser::start();
    browser.open(&format!("http://{}/signs/window/kiosk", shop.signage));
    wait_until("it says why", || browser.run("return document.getElementById('why').textContent") == "token?");
    assert_eq!(says(&browser), "unknown");
    assert_ne!(shop.interlock(), "open");
}
