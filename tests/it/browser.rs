//! A real browser without a window, driven through chromedriver as W3C WebDriver says, over plain HTTP.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use noticed::cli::demo::parts::free_address;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::shop::wait_until;

/// Starting a browser takes seconds on a small machine.
const ANSWER_TIME: Duration = Duration::from_secs(60);

/// A browser with one page; gone when dropped.
pub(crate) struct Browser {
    driver: Child,
    address: SocketAddr,
    session: String,
    profile: TempDir,
}

impl Browser {
    /// Starts it with a profile of its own, as wide as the smallest panel for which it is asked.
    pub(crate) fn start() -> Self {
        Self::with(&["--window-size=800,480"], &Value::Null)
    }

    /// A phone in somebody's hand, whose browser calls itself `agent`.
    pub(crate) fn phone(agent: &str) -> Self {
        let size = json!({ "width": 390, "height": 844, "pixelRatio": 2.0, "touch": true });
        let emulation = json!({ "deviceMetrics": size, "userAgent": agent });
        Self::with(&["--accept-lang=en-GB,en"], &emulation)
    }

    fn with(own: &[&str], emulation: &Value) -> Self {
        let address = free_address().unwrap();
        let profile = tempfile::Builder::new().prefix("noticed-browser-").tempdir().unwrap();
        let driver = Command::new("chromedriver")
            .arg(format!("--port={}", address.port()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed: deploy/prerequisites test");
        wait_until("chromedriver listens", || TcpStream::connect(address).is_ok());
        let mut browser = Self { driver, address, session: String::new(), profile };
        let flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ];
        let folder = format!("--user-data-dir={}", browser.profile.path().display());
        let flags: Vec<&str> = flags.into_iter().chain([folder.as_str()]).chain(own.iter().copied()).collect();
        let mut options = json!({ "args": flags });
        if !emulation.is_null() {
            options["mobileEmulation"] = emulation.clone();
        }
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": options,
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        } } });
        let started = browser.ask("POST", "/session", &wanted);
        browser.session = format!("/session/{}", started["sessionId"].as_str().unwrap());
        browser
    }

    /// Opens a page, and forgets what the browser did before, which comes with a page of its own.
    pub(crate) fn open(&self, url: &str) {
        self.requests();
        self.ask("POST", &format!("{}/url", self.session), &json!({ "url": url }));
    }

    /// What a script in the page returns.
    pub(crate) fn run(&self, script: &str) -> Value {
        self.ask("POST", &format!("{}/execute/sync", self.session), &json!({ "script": script, "args": [] }))
    }

    /// Chooses a file in the field that `selector` finds.
    pub(crate) fn choose(&self, selector: &str, file: &Path) {
        let element = self.find(selector);
        let text = json!({ "text": file.to_str().unwrap() });
        self.ask("POST", &format!("{}/element/{element}/value", self.session), &text);
    }

    /// Presses the first thing that `selector` finds, as a finger does, and waits for the page that comes of it.
    pub(crate) fn press(&self, selector: &str) {
        let element = self.find(selector);
        self.ask("POST", &format!("{}/element/{element}/click", self.session), &json!({}));
    }

    fn find(&self, selector: &str) -> String {
        let wanted = json!({ "using": "css selector", "value": selector });
        let found = self.ask("POST", &format!("{}/element", self.session), &wanted);
        found.as_object().and_then(|found| found.values().next()?.as_str()).unwrap().to_owned()
    }

    /// The page as it is printed on A4, a file of PDF.
    pub(crate) fn print(&self) -> Vec<u8> {
        let sheet = json!({ "page": { "width": 21.0, "height": 29.7 }, "shrinkToFit": false });
        let printed = self.ask("POST", &format!("{}/print", self.session), &sheet);
        STANDARD.decode(printed.as_str().unwrap()).unwrap()
    }

    /// What the page wrote to its console, and what the browser did (`browser`, `performance`), since the last look.
    pub(crate) fn log(&self, kind: &str) -> Vec<Value> {
        let log = self.ask("POST", &format!("{}/se/log", self.session), &json!({ "type": kind }));
        log.as_array().unwrap().clone()
    }

    /// Addresses that were asked for since the last look.
    pub(crate) fn requests(&self) -> Vec<String> {
        let requested = |entry: &Value| {
            let message: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            let sent = message["message"]["method"] == "Network.requestWillBeSent";
            sent.then(|| message["message"]["params"]["request"]["url"].as_str().map(str::to_owned))?
        };
        self.log("performance").iter().filter_map(requested).collect()
    }

    /// What is on the screen, as a PNG.
    pub(crate) fn screenshot(&self) -> Vec<u8> {
        let taken = self.ask("GET", &format!("{}/screenshot", self.session), &Value::Null);
        base64::Engine::decode(&base64::engine::general_purpose::STANDARD, taken.as_str().unwrap()).unwrap()
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = exchange(self.address, method, path, &body).unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert!(answer["value"]["error"].is_null(), "{path}: {answer}");
        answer["value"].clone()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            // The browser is the driver's child, and goes with its session.
            let _ = exchange(self.address, "DELETE", &self.session, "");
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// Asks, and reads as much as the answer says that it has: chromedriver keeps its connections open.
fn exchange(to: SocketAddr, method: &str, path: &str, body: &str) -> io::Result<Vec<u8>> {
    let stream = TcpStream::connect(to)?;
    stream.set_read_timeout(Some(ANSWER_TIME))?;
    let kind = "Content-Type: application/json";
    let head = format!("{method} {path} HTTP/1.1\r\nHost: {to}\r\n{kind}\r\nContent-Length: {}\r\n\r\n", body.len());
    (&stream).write_all((head + body).as_bytes())?;
    let mut answer = BufReader::new(&stream);
    let mut length = 0;
    for line in answer.by_ref().lines() {
        let line = line?.to_ascii_lowercase();
        if let Some(said) = line.strip_prefix("content-length:") {
            length = said.trim().parse().unwrap_or(0);
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    answer.read_exact(&mut body)?;
    Ok(body)
}
