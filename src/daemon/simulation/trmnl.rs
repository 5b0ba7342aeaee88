//! A display with TRMNL firmware (§1.1–§1.9), in the generations that behave differently.
//!
//! Awake it does one thing after another: joins the Wi-Fi, sets itself up, sends its notes of errors, asks, fetches, switches the
//! Wi-Fi off, draws, sleeps. A wake otherwise than by its timer draws a loading screen first and forgets what the panel
//! showed. An error screen does not make it forget: told the same name again it leaves the error screen where it is (trmnl-firmware
//! `src/bl.cpp`, where only a wake that is not the timer's clears `DisplayedImage`).

use bytes::Bytes;

use super::display::Face;
use super::firmware::{Firmware, Kept, Patience, key_of};
use super::glass::{Glass, Print};
use super::line::{Answer, Ask, BASE, Street, get, post};
use super::told::{self, Told};
use crate::domain::time::Mono;

const JOIN_MS: i64 = 3_000;
/// Three attempts of 15 s, pauses of 2 and 4 s, and a scan.
const JOIN_FAILS_MS: i64 = 54_000;
const EXCHANGE_MS: i64 = 700;
const RETRY_MS: i64 = 2_000;
const DRAW_MS: i64 = 3_000;
const TRIES: u32 = 5;
const DEFAULT_REFRESH: u64 = 900;
/// Length of the picture that a setup needs: 800x480 as BMP.
const SETUP_BYTES: usize = 48_062;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Cause {
    Timer,
    Button,
    Power,
}

#[derive(Debug)]
enum Doing {
    Sleeping,
    Joining,
    FailingToJoin,
    SettingUp,
    FetchingSetup(String),
    Reporting(Box<Doing>),
    Asking(u32),
    Fetching(Told, u32),
    Drawing(Told, Bytes),
    /// After this it sleeps for so many seconds.
    Ending(u64),
}

pub(super) struct Trmnl {
    firmware: Firmware,
    mac: &'static str,
    panel: (u32, u32),
    pub(super) face: Face,
    key: Option<String>,
    setup_picture: Option<Print>,
    kept: Kept,
    shown: Option<String>,
    from_memory: bool,
    notes: u32,
    refresh: u64,
    failures: u32,
    wifi_failures: u32,
    failing_since: Option<Mono>,
    cause: Cause,
    doing: Doing,
    next: Option<Mono>,
}

impl Trmnl {
    /// One from its box, whose owner has just typed in the shop's address.
    pub(super) fn new(firmware: Firmware, mac: &'static str, now_ms: i64) -> Self {
        Self {
            firmware,
            mac,
            panel: (400, 300),
            face: Face::new(),
            key: None,
            setup_picture: None,
            kept: Kept::default(),
            shown: None,
            from_memory: false,
            notes: 0,
            refresh: DEFAULT_REFRESH,
            failures: 0,
            wifi_failures: 0,
            failing_since: None,
            cause: Cause::Power,
            doing: Doing::Sleeping,
            next: Some(Mono(now_ms)),
        }
    }

    /// One with the panel of the original display.
    pub(super) fn original(mut self) -> Self {
        self.panel = (800, 480);
        self
    }

    pub(super) fn next(&self) -> Option<Mono> {
        self.next
    }

    /// Whether it sleeps until somebody presses its button.
    pub(super) fn is_dark(&self) -> bool {
        self.next.is_none()
    }

    pub(super) fn press(&mut self, now: Mono) {
        // Awake, it does not notice.
        if matches!(self.doing, Doing::Sleeping) {
            (self.cause, self.next) = (Cause::Button, Some(now));
        }
    }

    pub(super) fn cut_power(&mut self, now: Mono) {
        (self.cause, self.doing, self.next) = (Cause::Power, Doing::Sleeping, Some(now));
        (self.from_memory, self.face.due) = (false, None);
    }

    pub(super) async fn act(&mut self, street: &Street) {
        let now = street.now.mono;
        match std::mem::replace(&mut self.doing, Doing::Sleeping) {
            Doing::Sleeping => self.wake(now),
            Doing::Joining if !self.face.wifi => self.go_on(now, JOIN_FAILS_MS, Doing::FailingToJoin),
            Doing::Joining => self.joined(now),
            Doing::FailingToJoin => self.without_wifi(now),
            Doing::SettingUp => self.set_up(street).await,
            Doing::FetchingSetup(url) => self.fetch_setup(street, &url).await,
            Doing::Reporting(then) => self.report(street, *then).await,
            Doing::Asking(attempt) => self.ask(street, attempt).await,
            Doing::Fetching(told, attempt) => self.fetch(street, told, attempt).await,
            Doing::Drawing(told, picture) => self.draw(street, &told, &picture),
            Doing::Ending(seconds) => self.sleep(now, seconds),
        }
    }

    fn go_on(&mut self, now: Mono, in_ms: i64, doing: Doing) {
        (self.doing, self.next) = (doing, Some(Mono(now.0 + in_ms)));
    }

    fn sleep(&mut self, now: Mono, seconds: u64) {
        (self.cause, self.doing) = (Cause::Timer, Doing::Sleeping);
        self.next = Some(self.face.asleep_until(now, seconds));
    }

    fn wake(&mut self, now: Mono) {
        if self.cause != Cause::Timer {
            self.own_screen("loading", now);
            self.face.unsaid = true;
            self.shown = None;
            if !self.firmware.has_flash() {
                self.kept.forget();
            }
        }
        self.go_on(now, JOIN_MS, Doing::Joining);
    }

    fn joined(&mut self, now: Mono) {
        self.wifi_failures = 0;
        let ask = Doing::Asking(1);
        let next = match (self.key.is_some(), self.notes) {
            (false, _) => Doing::SettingUp,
            (true, 0) => ask,
            (true, _) => Doing::Reporting(Box::new(ask)),
        };
        self.go_on(now, EXCHANGE_MS, next);
    }

    /// Notes of errors are kept until they can be sent (§1.8).
    fn without_wifi(&mut self, now: Mono) {
        self.wifi_failures += 1;
        self.notes += 1;
        let patience = self.firmware.patience();
        if patience == Patience::Hour {
            return self.fail_patiently(now, "WiFi failed");
        }
        self.own_screen("WiFi failed", now);
        self.face.unsaid = true;
        match (self.wifi_failures, patience) {
            (1, _) => self.sleep(now, 60),
            (2, _) => self.sleep(now, 180),
            (3, _) => self.sleep(now, 300),
            (_, Patience::UntilPressed) => {
                self.own_screen("retry limit", now);
                self.wifi_failures = 0;
                self.next = None;
            }
            _ => self.sleep(now, DEFAULT_REFRESH),
        }
    }

    /// A wake that came to nothing, with Wi-Fi.
    fn fail(&mut self, now: Mono, screen: Option<&'static str>) {
        self.failures += 1;
        self.face.due = None;
        if self.firmware.patience() == Patience::Hour {
            return self.fail_patiently(now, screen.unwrap_or("unable to connect"));
        }
        match self.failures {
            1 => self.sleep(now, 15),
            2 => self.sleep(now, 30),
            3 => self.sleep(now, 60),
            _ => {
                if let Some(words) = screen {
                    self.own_screen(words, now);
                }
                self.sleep(now, DEFAULT_REFRESH);
            }
        }
    }

    fn fail_patiently(&mut self, now: Mono, words: &'static str) {
        const HOUR_MS: i64 = 3_600_000;
        let since = *self.failing_since.get_or_insert(now);
        let is_long = now.0 - since.0 >= HOUR_MS;
        if is_long || self.cause != Cause::Timer {
            self.own_screen(words, now);
        }
        self.sleep(now, if is_long && self.wifi_failures > 0 { 900 } else { 300 });
    }

    fn own_screen(&mut self, words: &'static str, now: Mono) {
        self.face.draw(self.own(words), now);
        self.face.due = None;
    }

    fn own(&self, words: &'static str) -> Glass {
        Glass::Own(words, self.setup_picture.filter(|_| self.firmware.keeps_setup()))
    }

    async fn set_up(&mut self, street: &Street) {
        let now = street.now.mono;
        let ask = get(&format!("{BASE}/api/setup"))
            .with_all(vec![
                ("ID", self.mac.to_owned()),
                ("Content-Type", "application/json".to_owned()),
                ("FW-Version", self.firmware.to_string()),
            ])
            .ask(street)
            .await;
        let Some(value) = ask.ok().filter(|answer| answer.code == 200).and_then(|answer| answer.json()) else {
            return self.go_on(now, EXCHANGE_MS, Doing::Asking(1));
        };
        match (value["status"].as_u64(), value["api_key"].as_str(), value["image_url"].as_str()) {
            (Some(200), Some(key), Some(url)) if value["friendly_id"].is_string() => {
                self.key = Some(key.to_owned());
                self.go_on(now, EXCHANGE_MS, Doing::FetchingSetup(url.to_owned()));
            }
            (Some(404), ..) => {
                self.own_screen("MAC not registered", now);
                self.sleep(now, DEFAULT_REFRESH);
            }
            other => self.face.complain(format!("setup: {other:?}")),
        }
    }

    /// It must be a BMP of exactly that length; newer firmware takes a PNG as well (§1.2).
    async fn fetch_setup(&mut self, street: &Street, url: &str) {
        match get(url).ask(street).await {
            Ok(answer) if answer.code == 200 && answer.body.len() == SETUP_BYTES && answer.body.starts_with(b"BM") => {
                self.setup_picture = Some(Print::of(&answer.body));
                self.own_screen("friendly id", street.now.mono);
            }
            Ok(answer) => self.face.complain(format!("setup picture: {} {}", answer.code, answer.body.len())),
            Err(_) => self.own_screen("setup failed", street.now.mono),
        }
        self.go_on(street.now.mono, EXCHANGE_MS, Doing::Asking(1));
    }

    async fn report(&mut self, street: &Street, then: Doing) {
        let note = "{\"logs\":[{\"created_at\":0,\"id\":7,\"message\":\"Error fetching API display\",\"level\":\"error\",\
                    \"source_line\":1537,\"source_path\":\"src/bl.cpp\",\"wake_reason\":\"timer\",\"retry\":1}]}";
        let url = format!("{BASE}/api/log");
        let ask = post(&url, note.to_owned())
            .with("ID", self.mac)
            .with("Accept", "application/json, */*")
            .with("Access-Token", self.key.clone().unwrap_or_default())
            .with("Content-Type", "application/json");
        match self.over_wifi(ask, street).await {
            Some(answer) if [200, 204, 301].contains(&answer.code) => self.notes = 0,
            Some(answer) => self.face.complain(format!("its notes are answered with {}", answer.code)),
            None => {}
        }
        self.go_on(street.now.mono, EXCHANGE_MS, then);
    }

    /// `None` without Wi-Fi, and where nobody answers.
    async fn over_wifi(&self, ask: Ask<'_>, street: &Street) -> Option<Answer> {
        if self.face.wifi { ask.ask(street).await.ok() } else { None }
    }

    async fn ask(&mut self, street: &Street, attempt: u32) {
        let now = street.now.mono;
        let url = format!("{BASE}/api/display");
        let Some(answer) = self.over_wifi(get(&url).with_all(self.headers()), street).await else {
            if attempt < TRIES {
                return self.go_on(now, RETRY_MS, Doing::Asking(attempt + 1));
            }
            self.notes += 1;
            return self.fail(now, Some("unable to connect"));
        };
        self.face.polled(now);
        // Older firmware does not say what woke it, so its question says nothing of the loading screen.
        self.face.unsaid = !self.firmware.says_source() && *self.face.glass() == self.own("loading");
        match Told::read(&answer) {
            Ok(Some(told)) => self.decide(now, told),
            Ok(None) => self.fail(now, Some("unable to connect")),
            Err(why) => {
                self.face.complain(why);
                self.fail(now, None);
            }
        }
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        let source = match self.cause {
            Cause::Timer => "timer",
            Cause::Button => "button",
            Cause::Power => "powercycle",
        };
        let mut headers = vec![
            ("ID", self.mac.to_owned()),
            ("Content-Type", "application/json".to_owned()),
            ("Access-Token", self.key.clone().unwrap_or_default()),
            ("Refresh-Rate", self.refresh.to_string()),
            ("Battery-Voltage", "4.07".to_owned()),
            ("FW-Version", self.firmware.to_string()),
            ("RSSI", "-61".to_owned()),
            ("Width", self.panel.0.to_string()),
            ("Height", self.panel.1.to_string()),
            ("User-Agent", "ESP32HTTPClient".to_owned()),
        ];
        if self.firmware.says_source() {
            headers.extend([("Update-Source", source.to_owned()), ("Model", "og".to_owned())]);
        }
        if self.firmware.says_cached() {
            headers.extend([("Image-Cached", self.from_memory.to_string()), ("Wake-Time", "9800".to_owned())]);
        }
        headers
    }

    /// The name decides (§1.5): what is shown is not drawn again, what is known is drawn from memory.
    fn decide(&mut self, now: Mono, told: Told) {
        self.refresh = told.refresh;
        self.face.due = None;
        let key = key_of(&told.name);
        let known = self.kept.get(&key);
        self.from_memory = known.is_some() && self.firmware.has_flash();
        match known {
            Some(_) if self.shown.as_ref() == Some(&key) => {
                self.face.due = told.notice();
                self.go_on(now, EXCHANGE_MS, Doing::Ending(told.refresh));
                self.succeed();
            }
            Some(picture) if self.firmware.has_flash() => self.go_on(now, DRAW_MS, Doing::Drawing(told, picture)),
            _ => self.go_on(now, EXCHANGE_MS, Doing::Fetching(told, 1)),
        }
    }

    fn succeed(&mut self) {
        (self.failures, self.failing_since) = (0, None);
    }

    async fn fetch(&mut self, street: &Street, told: Told, attempt: u32) {
        let now = street.now.mono;
        let breaks = self.face.breaks();
        // Only where the address begins with the one that it was given.
        let ask = get(&told.url).with("ID", self.mac).with("Access-Token", self.key.clone().unwrap_or_default());
        let Some(answer) = self.over_wifi(ask.broken(breaks), street).await else {
            if self.firmware.patience() == Patience::Hour && attempt < TRIES {
                return self.go_on(now, RETRY_MS, Doing::Fetching(told, attempt + 1));
            }
            self.notes += 1;
            self.fail(now, Some("image timeout"));
            let seconds = self.next.map_or(0, |next| (next.0 - now.0) as u64 / 1000);
            // It tries to send its note at once.
            return self.go_on(now, EXCHANGE_MS, Doing::Reporting(Box::new(Doing::Ending(seconds))));
        };
        let wrong = told::picture(&answer, self.panel).err();
        let too_big = answer.body.len() > self.firmware.picture_max_bytes();
        if let Some(why) = wrong.or_else(|| too_big.then(|| "too big".to_owned())) {
            self.face.complain(why);
            return self.go_on(now, EXCHANGE_MS, Doing::Ending(told.refresh));
        }
        if !self.firmware.has_flash() {
            self.kept.forget();
        }
        self.kept.keep(&told.name, answer.body.clone(), street.now.wall.seconds());
        self.go_on(now, DRAW_MS, Doing::Drawing(told, answer.body));
    }

    fn draw(&mut self, street: &Street, told: &Told, picture: &Bytes) {
        self.face.draw(Glass::Picture(Print::of(picture)), street.now.mono);
        self.face.due = told.notice();
        self.shown = Some(key_of(&told.name));
        self.succeed();
        self.sleep(street.now.mono, told.refresh);
    }
}
