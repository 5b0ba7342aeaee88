//! A simulated display that speaks TRMNL as its firmware does: it sets itself up, asks what to show, fetches a picture only
//! when the file name is new, draws after it has hung up, and sleeps as long as it was told.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;

use crate::cli::client::{Answer, ask};

/// How long the firmware sleeps after a failed wake, with the picture kept (signage facts §1.7: 15, 30, 60 s).
const AFTER_FAILURE: Duration = Duration::from_secs(15);

/// A display.
#[derive(Debug)]
pub struct Display {
    server: SocketAddr,
    mac: String,
    token: Option<String>,
    file_name: String,
    glass: Vec<u8>,
}

impl Display {
    /// A display fresh from the box, pointed at `server`.
    #[must_use]
    pub fn new(server: SocketAddr, mac: &str) -> Self {
        Self { server, mac: mac.to_owned(), token: None, file_name: String::new(), glass: Vec::new() }
    }

    /// A display that was set up before.
    #[must_use]
    pub fn with_token(server: SocketAddr, mac: &str, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..Self::new(server, mac) }
    }

    /// The picture on the glass as PNG; empty before the first one.
    #[must_use]
    pub fn glass(&self) -> &[u8] {
        &self.glass
    }

    /// Wakes by its timer, does its round, and says how long it sleeps now.
    pub fn wake(&mut self) -> Duration {
        self.round().unwrap_or(AFTER_FAILURE)
    }

    /// One wake cycle; an error means that the picture stays.
    pub fn round(&mut self) -> io::Result<Duration> {
        if self.token.is_none() {
            let answer = self.get("/api/setup", &[])?;
            let setup = json(&answer)?;
            self.token = setup["api_key"].as_str().map(str::to_owned);
        }
        let token = self.token.clone().unwrap_or_default();
        let headers = [
            format!("Access-Token: {token}"),
            "Refresh-Rate: 900".to_owned(),
            "Battery-Voltage: 4.07".to_owned(),
            "FW-Version: 1.8.14".to_owned(),
            "RSSI: -61".to_owned(),
            "Update-Source: timer".to_owned(),
        ];
        let told = json(&self.get("/api/display", &headers)?)?;
        let (name, url) = (text(&told, "filename")?, text(&told, "image_url")?);
        if name != self.file_name {
            let path = url.splitn(4, '/').nth(3).map_or_else(String::new, |path| format!("/{path}"));
            let picture = self.get(&path, &[])?;
            if picture.code != 200 {
                return Err(io::Error::other("no picture"));
            }
            self.glass = picture.body;
            self.file_name = name;
        }
        Ok(Duration::from_secs(told["refresh_rate"].as_u64().unwrap_or(900)))
    }

    fn get(&self, path: &str, headers: &[String]) -> io::Result<Answer> {
        let mut all = vec![format!("ID: {}", self.mac), "Content-Type: application/json".to_owned()];
        all.extend_from_slice(headers);
        ask(self.server, "GET", path, &all, "")
    }
}

fn json(answer: &Answer) -> io::Result<Value> {
    serde_json::from_slice(&answer.body).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

fn text(value: &Value, field: &str) -> io::Result<String> {
    value[field].as_str().map(str::to_owned).ok_or_else(|| io::Error::other(format!("the answer lacks {field}")))
}
