//! An electronic label and its OpenEPaperLink access point (§2.4): the access point fetches the picture every few minutes and keeps it
//! until the label, which sleeps by itself, asks; the label takes it and draws. Of all that the access point tells only what
//! `GET /get_db` shows.
//!
//! The access point tells pictures apart by a hash of its own conversion, and sends the label nothing that it already has.

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::display::Face;
use super::glass::{Glass, Print};
use super::line::{BASE, Street, get};
use crate::domain::time::{Mono, Now, Wall};

pub(super) const MAC: &str = "0000021AC7B53B1A";

/// How often the access point fetches, as its page was told.
const INTERVAL_MS: i64 = 3 * 60_000;
/// When it tries again after anything but 200 and 304.
const AGAIN_MS: i64 = 5 * 60_000;
/// How long the label sleeps.
const CHECK_IN_MS: i64 = 40_000;
const DRAW_MS: i64 = 16_000;

pub(super) struct Label {
    pub(super) face: Face,
    token: String,
    fetched: Option<Wall>,
    /// What waits for the label.
    waiting: Option<Bytes>,
    /// What the label took last, by the access point's hash.
    hash: String,
    updates: u64,
    seen: Wall,
    drawing: Option<(Bytes, Mono)>,
    fetches_at: Mono,
    checks_in_at: Mono,
}

impl Label {
    pub(super) fn new(token: String, now_ms: i64) -> Self {
        Self {
            face: Face::new(),
            token,
            fetched: None,
            waiting: None,
            hash: "0".repeat(32),
            updates: 0,
            seen: Wall(0),
            drawing: None,
            fetches_at: Mono(now_ms),
            checks_in_at: Mono(now_ms + 1_000),
        }
    }

    pub(super) fn next(&self) -> Mono {
        let next = self.fetches_at.min(self.checks_in_at);
        self.drawing.as_ref().map_or(next, |(_, at)| next.min(*at))
    }

    /// Somebody changes its battery: it shows that it starts, and the access point learns so when it asks.
    pub(super) fn cut_power(&mut self, now: Mono) {
        self.face.draw(Glass::Own("starting", None), now);
        self.face.unsaid = true;
        self.drawing = None;
        self.checks_in_at = Mono(now.0 + 5_000);
    }

    pub(super) async fn act(&mut self, street: &Street) {
        let now = street.now.mono;
        match self.drawing.take() {
            Some((picture, at)) if at <= now => self.face.draw(Glass::Picture(Print::of(&picture)), now),
            drawing => {
                self.drawing = drawing;
                if self.checks_in_at <= now {
                    self.check_in(street);
                } else {
                    self.fetch(street).await;
                }
            }
        }
    }

    /// The label asks its access point, and takes what waits.
    fn check_in(&mut self, street: &Street) {
        let now = street.now.mono;
        self.checks_in_at = self.face.asleep_until(now, CHECK_IN_MS as u64 / 1000);
        self.seen = street.now.wall;
        if matches!(self.face.glass(), Glass::Own(..)) && self.drawing.is_none() {
            self.hash = "0".repeat(32);
        }
        if let Some(picture) = self.waiting.take() {
            (self.hash, self.updates) = (hash(&picture), self.updates + 1);
            self.drawing = Some((picture, Mono(now.0 + DRAW_MS)));
        }
    }

    /// The access point fetches.
    async fn fetch(&mut self, street: &Street) {
        let now = street.now.mono;
        let url = format!("{BASE}/oepl/{MAC}.jpg?token={}", self.token);
        let since = self.fetched.map_or_else(|| "Thu, 01 Jan 1970 00:00:00 GMT".to_owned(), http_date);
        let breaks = self.face.breaks();
        let ask = get(&url).with("If-Modified-Since", since).with("X-ESL-MAC", MAC).broken(breaks);
        let answer = if self.face.wifi { ask.ask(street).await.ok() } else { None };
        let answered = answer.as_ref().map(|answer| answer.code);
        if answered.is_some() {
            self.face.polls.push(now);
        }
        self.fetches_at = Mono(now.0 + if matches!(answered, Some(200 | 304)) { INTERVAL_MS } else { AGAIN_MS });
        let Some(answer) = answer.filter(|answer| answer.code == 200) else { return };
        if answer.header("content-type") != Some("image/jpeg") {
            return self.face.complain(format!("type {:?}", answer.header("content-type")));
        }
        self.fetched = Some(street.now.wall);
        // What the label has is not sent again.
        if hash(&answer.body) != self.hash {
            self.waiting = Some(answer.body);
        }
    }

    /// The access point has told that the label started anew.
    pub(super) fn was_told_of(&mut self) {
        if self.hash.bytes().all(|digit| digit == b'0') {
            self.face.unsaid = false;
        }
    }

    fn database(&self, now: &Now) -> String {
        format!(
            "{{\"tags\":[{{\"mac\":\"{MAC}\",\"hash\":\"{}\",\"lastseen\":{},\"nextupdate\":{},\"nextcheckin\":{},\"pending\":{},\
             \"alias\":\"\",\"contentMode\":7,\"LQI\":176,\"RSSI\":-58,\"temperature\":21,\"batteryMv\":2943,\"hwType\":2,\
             \"wakeupReason\":0,\"capabilities\":0,\"modecfgjson\":\"{{\\\"url\\\":\\\"{BASE}/oepl/{MAC}.jpg\\\",\
             \\\"interval\\\":\\\"3\\\"}}\",\"isexternal\":false,\"apip\":\"0.0.0.0\",\"rotate\":0,\"lut\":0,\"invert\":0,\
             \"updatecount\":{},\"updatelast\":0,\"ch\":11,\"ver\":39}}]}}",
            self.hash,
            self.seen.seconds(),
            now.wall.seconds(),
            now.wall.seconds(),
            u32::from(self.waiting.is_some()),
            self.updates,
        )
    }
}

/// Answers one question to the access point; it closes without a word where there is no label.
pub(super) async fn answer_one(listener: &TcpListener, label: Option<&Label>, now: &Now) {
    let (mut stream, _) = listener.accept().await.expect("it is being asked");
    let Some(label) = label.filter(|label| label.face.wifi) else { return };
    let mut asked = vec![0; 1024];
    let length = stream.read(&mut asked).await.expect("the question arrives");
    assert!(asked[..length].starts_with(format!("GET /get_db?mac={MAC} HTTP/1.1\r\n").as_bytes()));
    let body = label.database(now);
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    stream.write_all((head + &body).as_bytes()).await.expect("the answer is taken");
    // Whoever asked closes first, and then nothing of the connection stays in the kernel.
    while stream.read(&mut asked).await.is_ok_and(|length| length > 0) {}
    let _ = stream.set_zero_linger();
}

/// As the access point writes it: sixteen digits of the picture, then zeros.
fn hash(picture: &Bytes) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, picture);
    let first = digest.as_ref().first_chunk().expect("SHA-256 has 32 bytes");
    format!("{:016x}{}", u64::from_be_bytes(*first), "0".repeat(16))
}

fn http_date(at: Wall) -> String {
    let stamp = jiff::Timestamp::from_second(at.seconds()).expect("a time of our days");
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&stamp).expect("a time of our days")
}
