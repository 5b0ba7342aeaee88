//! One question over a socket, as a display puts it: the bytes are written and read here, so that nothing of our own server's
//! library is between them.

use std::io;
use std::net::SocketAddr;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

use crate::domain::time::Now;

/// What a display sees of the world when it does something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Street {
    pub(super) now: Now,
    /// Where the shop's address leads to; nobody listens there while the daemon is away.
    pub(super) door: SocketAddr,
}

/// The shop's address, as people have typed it into displays.
pub(super) const BASE: &str = "http://192.168.1.10:8080";
const HOST: &str = "192.168.1.10:8080";

/// Room for what was received and not read, of a display that breaks off: less than any picture, so that its end stays with the server.
const NARROW_BYTES: u32 = 1024;

/// What came back, whole.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) code: u16,
    headers: Vec<(String, String)>,
    pub(super) body: Bytes,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(super) fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// A question.
pub(super) struct Ask<'a> {
    method: &'static str,
    /// After the host's name; a whole address is cut.
    path: &'a str,
    headers: Vec<(&'static str, String)>,
    body: String,
    broken: bool,
}

pub(super) fn get(url: &str) -> Ask<'_> {
    Ask { method: "GET", path: path_of(url), headers: Vec::new(), body: String::new(), broken: false }
}

pub(super) fn post(url: &str, body: String) -> Ask<'_> {
    Ask { method: "POST", body, ..get(url) }
}

impl Ask<'_> {
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn with_all(mut self, headers: Vec<(&'static str, String)>) -> Self {
        self.headers.extend(headers);
        self
    }

    /// Breaks off in the middle of the answer, if `broken`.
    pub(super) fn broken(mut self, broken: bool) -> Self {
        self.broken = broken;
        self
    }

    pub(super) async fn ask(self, street: &Street) -> io::Result<Answer> {
        let socket = TcpSocket::new_v4()?;
        if self.broken {
            socket.set_recv_buffer_size(NARROW_BYTES)?;
        }
        let mut stream = socket.connect(street.door).await?;
        stream.write_all(self.text().as_bytes()).await?;
        let mut all = Vec::new();
        if self.broken {
            stream.read_buf(&mut all).await?;
            return Err(io::Error::new(io::ErrorKind::ConnectionAborted, "the line broke in the middle"));
        }
        stream.read_to_end(&mut all).await?;
        let answer = understood(all)?;
        let is_picture = answer.header("content-type").is_some_and(|kind| kind.starts_with("image/"));
        if !is_picture {
            // Without TCP's farewell the kernel forgets the connection at once. It would else remember thousands for a minute, and
            // the server looks through all of them for each picture that it sends.
            stream.set_zero_linger()?;
        }
        Ok(answer)
    }

    fn text(&self) -> String {
        let Self { method, path, headers, body, .. } = self;
        let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n");
        for (name, value) in headers {
            text.extend([*name, ": ", value, "\r\n"]);
        }
        if *method == "POST" {
            text.extend(["Content-Length: ", &body.len().to_string(), "\r\n"]);
        }
        text + "\r\n" + body
    }
}

/// What stands in an address after the host.
fn path_of(url: &str) -> &str {
    let Some((_, rest)) = url.split_once("://") else { return url };
    rest.find('/').map_or("/", |at| &rest[at..])
}

fn understood(all: Vec<u8>) -> io::Result<Answer> {
    let broken = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let end = all.windows(4).position(|w| w == b"\r\n\r\n").ok_or_else(|| broken("no head"))?;
    let head = std::str::from_utf8(&all[..end]).map_err(|_| broken("the head is no text"))?;
    let mut lines = head.split("\r\n");
    let code = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).ok_or_else(|| broken("no code"))?;
    let headers: Vec<_> =
        lines.filter_map(|line| line.split_once(": ")).map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
    let body = Bytes::from(all).slice(end + 4..);
    let answer = Answer { code, headers, body };
    let announced = answer.header("content-length").and_then(|length| length.parse::<usize>().ok());
    match announced {
        Some(length) if length != answer.body.len() && code != 304 => Err(broken("cut short")),
        _ => Ok(answer),
    }
}
