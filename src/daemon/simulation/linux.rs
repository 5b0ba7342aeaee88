//! trmnl-display, the client for small Linux computers (§1.3, §1.7 E): it never sets itself up and never reports, fetches and draws in
//! every cycle whatever the name is, waits a minute after any error, and never shows an error.

use super::display::Face;
use super::glass::{Glass, Print};
use super::line::{BASE, Street, get};
use super::told::{self, Told};
use crate::domain::time::Mono;

const AFTER_ERROR: u64 = 60;
const EXCHANGE_MS: i64 = 300;
const DRAW_MS: i64 = 2_000;

enum Doing {
    Asking,
    Fetching(Told),
    Drawing(Told, bytes::Bytes),
}

pub(super) struct Linux {
    pub(super) face: Face,
    mac: &'static str,
    token: String,
    doing: Doing,
    next: Mono,
}

impl Linux {
    pub(super) fn new(mac: &'static str, token: String, now_ms: i64) -> Self {
        Self { face: Face::new(), mac, token, doing: Doing::Asking, next: Mono(now_ms) }
    }

    pub(super) fn next(&self) -> Mono {
        self.next
    }

    /// It starts again in half a minute; the panel keeps what it shows.
    pub(super) fn cut_power(&mut self, now: Mono) {
        (self.doing, self.next) = (Doing::Asking, Mono(now.0 + 30_000));
        self.face.due = None;
    }

    pub(super) async fn act(&mut self, street: &Street) {
        let now = street.now.mono;
        match std::mem::replace(&mut self.doing, Doing::Asking) {
            Doing::Asking => self.ask(street).await,
            Doing::Fetching(told) => self.fetch(street, told).await,
            Doing::Drawing(told, picture) => {
                self.face.draw(Glass::Picture(Print::of(&picture)), now);
                self.face.due = told.notice();
                self.next = self.face.asleep_until(now, told.refresh);
            }
        }
    }

    async fn ask(&mut self, street: &Street) {
        let now = street.now.mono;
        let url = format!("{BASE}/api/display");
        let ask = get(&url)
            .with("access-token", self.token.clone())
            .with("battery-voltage", "100.00")
            .with("rssi", "0")
            .with("ID", self.mac)
            .with("User-Agent", "trmnl-display/0.1.1");
        let answer = if self.face.wifi { ask.ask(street).await.ok() } else { None };
        let told = answer.map(|answer| Told::read(&answer));
        if told.is_some() {
            self.face.polled(now);
        }
        match told {
            Some(Ok(Some(told))) => (self.doing, self.next) = (Doing::Fetching(told), Mono(now.0 + EXCHANGE_MS)),
            Some(Err(why)) => self.face.complain(why),
            Some(Ok(None)) | None => self.give_up(now),
        }
    }

    async fn fetch(&mut self, street: &Street, told: Told) {
        let now = street.now.mono;
        self.face.due = None;
        let breaks = self.face.breaks();
        let fetched = if self.face.wifi { get(&told.url).broken(breaks).ask(street).await.ok() } else { None };
        let Some(answer) = fetched else { return self.give_up(now) };
        if let Err(why) = told::picture(&answer, (400, 300)) {
            self.face.complain(why);
        }
        (self.doing, self.next) = (Doing::Drawing(told, answer.body), Mono(now.0 + DRAW_MS));
    }

    fn give_up(&mut self, now: Mono) {
        self.next = self.face.asleep_until(now, AFTER_ERROR);
    }
}
