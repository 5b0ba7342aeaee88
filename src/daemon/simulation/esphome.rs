//! An ESPHome display as docs/signs/esphome.md writes it (§2.1): by its own interval it asks what the sign says, fetches the picture
//! with the tag of the last one that came whole, draws a new one, and then says so. The tag is in memory only.

use bytes::Bytes;

use super::display::Face;
use super::glass::{Glass, Print};
use super::line::{BASE, Street, get, post};
use crate::domain::time::Mono;

const EXCHANGE_MS: i64 = 500;
const DRAW_MS: i64 = 4_500;

/// How it lives between two rounds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Rest {
    /// On mains power, with its memory.
    Awake,
    /// In deep sleep: it forgets the tag, takes the whole picture and draws each time.
    Asleep,
    /// In deep sleep, and does nothing but fetch and draw: it neither asks nor says anything.
    Dumb,
}

enum Doing {
    Asking,
    Fetching,
    Drawing(Bytes),
    Saying,
}

pub(super) struct Esphome {
    pub(super) face: Face,
    id: &'static str,
    token: String,
    interval: u64,
    rest: Rest,
    tag: Option<String>,
    notice: String,
    began: Mono,
    doing: Doing,
    next: Mono,
}

impl Esphome {
    pub(super) fn new(id: &'static str, token: String, interval: u64, rest: Rest, now_ms: i64) -> Self {
        let next = Mono(now_ms);
        Self {
            face: Face::new(),
            id,
            token,
            interval,
            rest,
            tag: None,
            notice: String::new(),
            began: next,
            doing: Doing::Asking,
            next,
        }
    }

    pub(super) fn next(&self) -> Mono {
        self.next
    }

    pub(super) fn cut_power(&mut self, now: Mono) {
        (self.tag, self.notice) = (None, String::new());
        (self.doing, self.next) = (Doing::Asking, Mono(now.0 + 5_000));
        self.face.due = None;
    }

    pub(super) async fn act(&mut self, street: &Street) {
        let now = street.now.mono;
        match std::mem::replace(&mut self.doing, Doing::Asking) {
            Doing::Asking => self.ask(street).await,
            Doing::Fetching => self.fetch(street).await,
            Doing::Drawing(picture) => {
                self.face.draw(Glass::Picture(Print::of(&picture)), now);
                if self.rest == Rest::Dumb { self.wait() } else { self.go_on(now, EXCHANGE_MS, Doing::Saying) }
            }
            Doing::Saying => self.say(street).await,
        }
    }

    fn go_on(&mut self, now: Mono, in_ms: i64, doing: Doing) {
        (self.doing, self.next) = (doing, Mono(now.0 + in_ms));
    }

    /// The interval goes from the beginning of a round to the beginning of the next.
    fn wait(&mut self) {
        self.next = self.face.asleep_until(self.began, self.interval);
        if self.rest != Rest::Awake {
            self.tag = None;
        }
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    async fn ask(&mut self, street: &Street) {
        self.began = street.now.mono;
        if self.rest == Rest::Dumb {
            return self.go_on(self.began, 0, Doing::Fetching);
        }
        let url = format!("{BASE}/signs/{}", self.id);
        let ask =
            get(&url).with("Authorization", self.bearer()).with("User-Agent", "ESPHome/2026.6.5 (https://esphome.io)");
        let answer = if self.face.wifi { ask.ask(street).await.ok() } else { None };
        let Some(answer) = answer else { return self.wait() };
        self.face.polled(street.now.mono);
        // The answer calls for the picture whatever it says, and leaves what it knows if it says nothing.
        if let Some(notice) = answer.json().and_then(|value| Some(value["notice"].as_str()?.to_owned())) {
            self.notice = notice;
        }
        self.go_on(street.now.mono, EXCHANGE_MS, Doing::Fetching);
    }

    async fn fetch(&mut self, street: &Street) {
        let now = street.now.mono;
        let url = format!("{BASE}/signs/{}/image.png", self.id);
        let breaks = self.face.breaks();
        let mut ask =
            get(&url).with("Authorization", self.bearer()).with("Accept", "image/png,*/*;q=0.8").broken(breaks);
        if let Some(tag) = &self.tag {
            ask = ask.with("if-none-match", tag.clone());
        }
        let answer = if self.face.wifi { ask.ask(street).await.ok() } else { None };
        if self.rest == Rest::Dumb && answer.is_some() {
            self.face.polled(now);
        }
        match answer {
            Some(answer) if answer.code == 304 => {
                self.face.due = self.tag.as_ref().and_then(|tag| Some(tag.get(1..17)?.to_owned()));
                self.wait();
            }
            Some(answer) if answer.code == 200 => {
                self.tag = answer.header("etag").map(str::to_owned);
                self.face.due = None;
                self.go_on(now, DRAW_MS, Doing::Drawing(answer.body));
            }
            // The old picture stays.
            _ => self.wait(),
        }
    }

    async fn say(&mut self, street: &Street) {
        let url = format!("{BASE}/signs/{}/shown", self.id);
        let body = format!("{{\"notice\":\"{}\"}}", self.notice);
        let ask = post(&url, body).with("Authorization", self.bearer()).with("Content-Type", "application/json");
        if self.face.wifi {
            match ask.ask(street).await {
                // It named a notice that is no longer the right one; its next round puts that right.
                Ok(answer) if [204, 409].contains(&answer.code) => {}
                Ok(answer) => self.face.complain(format!("its word is answered with {}", answer.code)),
                Err(_) => {}
            }
        }
        self.wait();
    }
}
