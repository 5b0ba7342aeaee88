//! The kiosk page, doing what its script src/notice/kiosk.js does: it polls, loads a new picture, puts it on the screen, and says so two
//! frames later. What it was told holds from when it was asked, for as long as it was told, and then it says "unknown" by itself.

use super::display::Face;
use super::glass::{Glass, Print};
use super::line::{Answer, BASE, Street, get, post};
use crate::domain::time::Mono;

const FRESH_MS: i64 = 8_000;
const LOST_MS: i64 = 5_000;
const TICK_MS: i64 = 500;
const EXCHANGE_MS: i64 = 100;
const TWO_FRAMES_MS: i64 = 34;

const UNKNOWN: Glass = Glass::Own("unknown", None);

/// A picture on its way to the screen.
struct Wanted {
    notice: String,
    url: String,
    heard: Mono,
    hold_ms: i64,
}

pub(super) struct Page {
    pub(super) face: Face,
    id: &'static str,
    token: String,
    /// What is on the screen, when we were last told that it holds, and for how long.
    shown: Option<(String, Mono, i64)>,
    wanted: Option<Wanted>,
    loads_at: Option<Mono>,
    says_at: Option<Mono>,
    polls_at: Mono,
}

impl Page {
    pub(super) fn new(id: &'static str, token: String, now_ms: i64) -> Self {
        let mut page = Self {
            face: Face::new(),
            id,
            token,
            shown: None,
            wanted: None,
            loads_at: None,
            says_at: None,
            polls_at: Mono(now_ms),
        };
        page.face.draw(UNKNOWN, Mono(now_ms));
        page
    }

    pub(super) fn next(&self) -> Mono {
        [self.loads_at, self.says_at, self.stale_at()].into_iter().flatten().fold(self.polls_at, Mono::min)
    }

    /// Somebody loads it anew: until it is told otherwise, it says that nothing is known.
    pub(super) fn load(&mut self, now: Mono) {
        self.hide(now);
        self.face.unsaid = true;
        self.polls_at = Mono(now.0 + 1_000);
    }

    pub(super) fn cut_power(&mut self, now: Mono) {
        self.load(now);
        self.polls_at = Mono(now.0 + 45_000);
    }

    pub(super) async fn act(&mut self, street: &Street) {
        let now = street.now.mono;
        if self.stale_at().is_some_and(|at| at <= now) {
            self.hide(now);
            self.polls_at = now;
        } else if self.says_at.is_some_and(|at| at <= now) {
            self.says_at = None;
            self.say(street).await;
        } else if self.loads_at.is_some_and(|at| at <= now) {
            self.loads_at = None;
            self.load_picture(street).await;
        } else {
            self.poll(street).await;
        }
    }

    /// The first tick after its time is over.
    fn stale_at(&self) -> Option<Mono> {
        let (_, heard, hold_ms) = self.shown.as_ref()?;
        Some(Mono(heard.0 + hold_ms + TICK_MS))
    }

    fn hide(&mut self, now: Mono) {
        if *self.face.glass() != UNKNOWN {
            self.face.draw(UNKNOWN, now);
        }
        (self.shown, self.wanted, self.loads_at, self.says_at) = (None, None, None, None);
        self.face.due = None;
    }

    async fn poll(&mut self, street: &Street) {
        let now = street.now.mono;
        let url = format!("{BASE}/signs/{}?token={}", self.id, self.token);
        let answer = if self.face.wifi { get(&url).ask(street).await.ok() } else { None };
        self.polls_at = Mono(now.0 + LOST_MS);
        // Nobody there: what is shown stays until its time is over.
        let Some(answer) = answer else { return };
        self.face.polls.push(now);
        match answer.json().filter(|_| answer.code == 200) {
            Some(told) => self.follow(&answer, &told, street),
            None => self.hide(now),
        }
    }

    fn follow(&mut self, answer: &Answer, told: &serde_json::Value, street: &Street) {
        let now = street.now.mono;
        let promised_ms = told["hold_seconds"].as_i64().unwrap_or(0) * 1000;
        let hold_ms = promised_ms.min(validity_ms(answer, told, street));
        let refresh = told["refresh_seconds"].as_i64().unwrap_or(0);
        self.polls_at = Mono(now.0 + refresh * 1000);
        let (Some(notice), Some(url)) = (told["notice"].as_str(), told["image"]["png"].as_str()) else {
            return self.hide(now);
        };
        if !url.contains("&k=") || hold_ms <= 0 {
            return self.hide(now);
        }
        match &mut self.shown {
            Some((shown, heard, hold)) if shown == notice => {
                (*heard, *hold) = (now, hold_ms);
                self.says_at = Some(Mono(now.0 + TWO_FRAMES_MS));
            }
            _ if self.wanted.as_ref().is_some_and(|wanted| wanted.notice == notice) => {}
            _ => {
                let (notice, url) = (notice.to_owned(), url.to_owned());
                self.wanted = Some(Wanted { notice, url, heard: now, hold_ms });
                self.loads_at = Some(Mono(now.0 + EXCHANGE_MS));
            }
        }
    }

    async fn load_picture(&mut self, street: &Street) {
        let now = street.now.mono;
        let Some(Wanted { notice, url, heard, hold_ms }) = self.wanted.take() else { return };
        let breaks = self.face.breaks();
        let answer = if self.face.wifi { get(&url).broken(breaks).ask(street).await.ok() } else { None };
        let Some(answer) = answer.filter(|answer| answer.code == 200) else {
            self.hide(now);
            self.polls_at = Mono(now.0 + LOST_MS);
            return;
        };
        self.face.draw(Glass::Picture(Print::of(&answer.body)), now);
        self.face.due = notice.get(..16).map(str::to_owned);
        self.shown = Some((notice, heard, hold_ms));
        self.says_at = Some(Mono(now.0 + TWO_FRAMES_MS));
    }

    async fn say(&mut self, street: &Street) {
        let now = street.now.mono;
        let Some((notice, heard, _)) = &self.shown else { return };
        if now.since(*heard).as_millis() as i64 > FRESH_MS {
            return;
        }
        let url = format!("{BASE}/signs/{}/shown?token={}", self.id, self.token);
        let ask = post(&url, format!("{{\"notice\":\"{notice}\"}}")).with("Content-Type", "application/json");
        let answer = if self.face.wifi { ask.ask(street).await.ok() } else { None };
        match answer.map(|answer| answer.code) {
            Some(204) => self.face.unsaid = false,
            Some(409) => self.polls_at = now,
            Some(_) => self.hide(now),
            None => {}
        }
    }
}

/// How long the picture may be shown by what it says itself, by the clock of who says so. `Date` is written by the server's library
/// from the clock of the machine that runs this test, which nobody can put; so the shop's clock stands for it.
fn validity_ms(answer: &Answer, told: &serde_json::Value, street: &Street) -> i64 {
    let Some(until) = told["valid_until"].as_str() else { return i64::MAX };
    let until: Option<jiff::Timestamp> = until.parse().ok();
    match (answer.header("date"), until) {
        (Some(_), Some(until)) => until.as_millisecond() - street.now.wall.0 / 1000 * 1000,
        _ => 0,
    }
}
