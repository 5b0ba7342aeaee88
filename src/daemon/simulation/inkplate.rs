//! An Inkplate sketch (§2.2): the library fetches and draws, knows no tag and says nothing, so the sketch asks what the sign says,
//! fetches a picture of another name than the one that it drew and draws it, says at each wake what it shows, and sleeps as long as it was
//! told. Which picture it drew is in memory that deep sleep leaves alone.

use bytes::Bytes;

use super::display::Face;
use super::glass::{Glass, Print};
use super::line::{BASE, Street, get, post};
use crate::domain::time::Mono;

const EXCHANGE_MS: i64 = 500;
const DRAW_MS: i64 = 1_500;
const AFTER_ERROR: u64 = 60;

enum Doing {
    Asking,
    Fetching(String),
    Drawing(Bytes),
    Saying,
}

pub(super) struct Inkplate {
    pub(super) face: Face,
    id: &'static str,
    token: String,
    notice: String,
    /// Name of the picture that it was told of.
    picture: String,
    drawn: String,
    refresh: u64,
    doing: Doing,
    next: Mono,
}

impl Inkplate {
    pub(super) fn new(id: &'static str, token: String, now_ms: i64) -> Self {
        Self {
            face: Face::new(),
            id,
            token,
            notice: String::new(),
            picture: String::new(),
            drawn: String::new(),
            refresh: AFTER_ERROR,
            doing: Doing::Asking,
            next: Mono(now_ms),
        }
    }

    pub(super) fn next(&self) -> Mono {
        self.next
    }

    pub(super) fn cut_power(&mut self, now: Mono) {
        self.drawn.clear();
        (self.doing, self.next) = (Doing::Asking, Mono(now.0 + 5_000));
        self.face.due = None;
    }

    pub(super) async fn act(&mut self, street: &Street) {
        let now = street.now.mono;
        match std::mem::replace(&mut self.doing, Doing::Asking) {
            Doing::Asking => self.ask(street).await,
            Doing::Fetching(url) => self.fetch(street, &url).await,
            Doing::Drawing(picture) => {
                self.face.draw(Glass::Picture(Print::of(&picture)), now);
                self.drawn.clone_from(&self.picture);
                self.face.due = self.notice.get(..16).map(str::to_owned);
                self.go_on(now, EXCHANGE_MS, Doing::Saying);
            }
            Doing::Saying => self.say(street).await,
        }
    }

    fn go_on(&mut self, now: Mono, in_ms: i64, doing: Doing) {
        (self.doing, self.next) = (doing, Mono(now.0 + in_ms));
    }

    fn sleep(&mut self, now: Mono, seconds: u64) {
        self.next = self.face.asleep_until(now, seconds);
    }

    async fn ask(&mut self, street: &Street) {
        let now = street.now.mono;
        let url = format!("{BASE}/signs/{}?token={}&battery-voltage=3.91&rssi=-58", self.id, self.token);
        let answer = if self.face.wifi { get(&url).ask(street).await.ok() } else { None };
        let Some(told) = answer.and_then(|answer| answer.json()) else { return self.sleep(now, AFTER_ERROR) };
        self.face.polled(now);
        self.refresh = told["refresh_seconds"].as_u64().unwrap_or(AFTER_ERROR);
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        let (notice, picture, url) = (text(&told["notice"]), text(&told["picture"]), text(&told["image"]["png"]));
        let (Some(notice), Some(picture), Some(url)) = (notice, picture, url) else {
            return self.sleep(now, self.refresh);
        };
        (self.notice, self.picture) = (notice, picture);
        let is_drawn = self.drawn == self.picture;
        self.go_on(now, EXCHANGE_MS, if is_drawn { Doing::Saying } else { Doing::Fetching(url) });
    }

    async fn fetch(&mut self, street: &Street, url: &str) {
        let now = street.now.mono;
        self.face.due = None;
        let breaks = self.face.breaks();
        let answer = if self.face.wifi { get(url).broken(breaks).ask(street).await.ok() } else { None };
        match answer.filter(|answer| answer.code == 200) {
            // It has room for as much as was announced, and takes it whole or not at all.
            Some(answer) => self.go_on(now, DRAW_MS, Doing::Drawing(answer.body)),
            None => self.sleep(now, AFTER_ERROR),
        }
    }

    async fn say(&mut self, street: &Street) {
        let url = format!("{BASE}/signs/{}/shown?token={}", self.id, self.token);
        let ask = post(&url, format!("{{\"notice\":\"{}\"}}", self.notice)).with("Content-Type", "application/json");
        if self.face.wifi {
            match ask.ask(street).await {
                // Told meanwhile to show something else, it asks again when it wakes.
                Ok(answer) if [204, 409].contains(&answer.code) => {}
                Ok(answer) => self.face.complain(format!("its word is answered with {}", answer.code)),
                Err(_) => {}
            }
        }
        self.sleep(street.now.mono, self.refresh);
    }
}
