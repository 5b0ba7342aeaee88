//! `noticed demo`: a whole shop on one machine, with the real daemon, a real broker and a display that behaves like the real one.
//!
//! Everything lives in a temporary folder and on loopback; Ctrl-C leaves nothing behind.

use std::fs;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

use super::client::ask;
use super::{Failure, configuration, operator};
use crate::config::Config;
use crate::daemon::master_key;
use crate::domain::activity::ActivityKind;
use crate::mqtt::Endpoint;
use crate::mqtt::publish::Speaker;
use crate::process::signal;
use crate::store::key::write_new;
use crate::store::query::{By, Question, Reader, Row, SensorInfo};
use display::Display;
use page::{Glass, View};
use parts::{Folder, Part, broker_configuration, free_address, mosquitto};
use shop::Sent;

pub mod display;
mod page;
pub mod parts;
mod shop;

/// How often the page's content is renewed.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How long the shop stands with its broker off, so that "not counting" can be read.
const BEFORE_SENSORS: Duration = Duration::from_secs(6);

/// How long the daemon has to open its listeners.
const START_WAIT: Duration = Duration::from_secs(20);

/// Runs the demonstration until Ctrl-C, or for `seconds`.
pub fn demo(seconds: Option<u64>, out: &mut dyn Write) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::because)?;
    runtime.block_on(show(seconds, out))
}

async fn show(seconds: Option<u64>, out: &mut dyn Write) -> Result<(), Failure> {
    let mut signals = signal::listen().map_err(Failure::because)?;
    let mut demo = Demo::set_up().map_err(Failure::because)?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(Failure::because)?;
    let url = page::url(listener.local_addr().map_err(Failure::because)?);
    demo.wait_for_daemon().await?;
    say(out, &format!("\n  {url}\n\nOpen it and watch. Ctrl-C ends everything.\n"));
    let mut steps = Steps { out, told: Vec::new(), followed: "" };
    steps.tell("The shop opens without its broker: nothing can be counted, and the sign says so.");

    let (orders_in, mut orders) = mpsc::channel(4);
    let (view_in, view) = watch::channel(View::default());
    tokio::spawn(page::serve(listener, view, orders_in));
    demo.wait_for_denial().await?;
    let glasses = demo.hang_up_signs();
    let sent = Sent::default();
    let mut look = tokio::time::interval(LOOK_EVERY);
    let end = tokio::time::sleep(seconds.map_or(Duration::MAX / 4, Duration::from_secs));
    let sensors_due = tokio::time::sleep(BEFORE_SENSORS);
    tokio::pin!(end, sensors_due);
    loop {
        tokio::select! {
            _ = signals.recv() => break,
            () = &mut end => break,
            () = &mut sensors_due, if demo.broker.is_none() => {
                demo.start_broker().map_err(Failure::because)?;
                demo.start_sensors(sent.clone());
                steps.tell("Broker and sensors appear: three door counters, a radar and a camera publish what real ones publish.");
            }
            Some(order) = orders.recv() => demo.order(order, &mut steps),
            _ = look.tick() => {
                let glasses = glasses.iter().map(|(name, glass)| (*name, glass.borrow().clone())).collect();
                let mut view = demo.look(glasses, sent.people());
                steps.follow(&view.status);
                view.steps.clone_from(&steps.told);
                view_in.send_replace(view);
            }
        }
        if demo.daemon.has_ended() {
            return Err(Failure::because(demo.last_words()));
        }
    }
    steps.tell("Stopping.");
    demo.finish(out)
}

fn say(out: &mut dyn Write, text: &str) {
    // A closed terminal is no reason to leave a broker behind.
    let _ = writeln!(out, "{text}");
    let _ = out.flush();
}

const OFFERED: &str = "The notice is offered to the sign.";
const FETCHED: &str = "The sign has fetched the notice; nothing is counted yet.";

/// Tells each turn of the story once.
struct Steps<'a> {
    out: &'a mut dyn Write,
    told: Vec<String>,
    /// The last turn that came from the daemon's own status.
    followed: &'static str,
}

impl Steps<'_> {
    fn tell(&mut self, step: &str) {
        say(self.out, &format!("* {step}"));
        self.told.push(step.to_owned());
    }

    fn follow(&mut self, status: &serde_json::Value) {
        let activity = &status["zones"][0]["activities"][0];
        let evidence = status["signs"][0]["evidence"].as_str().unwrap_or_default();
        let shown = status["signs"][0]["state"].as_str().unwrap_or_default();
        let step = match (activity["interlock"].as_str().unwrap_or_default(), shown, evidence) {
            ("opening", "active", "offered") => OFFERED,
            ("opening", "active", "fetched") => {
                // Nobody fetches what was not offered, however short the moment between was.
                if ![OFFERED, FETCHED].contains(&self.followed) {
                    self.tell(OFFERED);
                }
                FETCHED
            }
            ("open", ..) => "The sign came back after showing the notice: confirmed. Counting is open.",
            ("closing", ..) => "Counting has stopped; the stop is being kept before the sign may say so.",
            ("closed", "inactive", "confirmed") => "The sign is confirmed to say \"not counting\".",
            _ => return,
        };
        if step != self.followed {
            self.followed = step;
            self.tell(step);
        }
    }
}

struct Demo {
    daemon: Part,
    broker: Option<Part>,
    config: Config,
    broker_address: SocketAddr,
    /// Last, so that it goes when nobody uses it any more.
    folder: Folder,
}

impl Demo {
    fn set_up() -> io::Result<Self> {
        let folder = Folder::new()?;
        let (broker, signage, operator) = (free_address()?, free_address()?, free_address()?);
        let file = folder.path().join("noticed.toml");
        fs::write(&file, shop::configuration(folder.path(), broker, signage, operator))?;
        write_new(&folder.path().join("store.key")).map_err(io::Error::other)?;
        let config = configuration(&file).map_err(|failure| io::Error::other(failure.to_string()))?;
        let program = std::env::current_exe()?;
        let arguments = ["run", "--config", &file.to_string_lossy()];
        let daemon = Part::start(&program, &arguments, &folder.path().join("noticed.log"))?;
        Ok(Self { daemon, broker: None, config, broker_address: broker, folder })
    }

    async fn wait_for_daemon(&mut self) -> Result<(), Failure> {
        let ready = async {
            while ask(self.config.operator.listen, "GET", "/livez", &[], "").is_err() && !self.daemon.has_ended() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let _ = tokio::time::timeout(START_WAIT, ready).await;
        if self.daemon.has_ended() { Err(Failure::because(self.last_words())) } else { Ok(()) }
    }

    /// The daemon gives the broker a moment before it lets signs say that nobody counts.
    async fn wait_for_denial(&mut self) -> Result<(), Failure> {
        let told = async {
            while self.status()["signs"][0]["state"] != "inactive" && !self.daemon.has_ended() {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        let _ = tokio::time::timeout(START_WAIT, told).await;
        if self.daemon.has_ended() { Err(Failure::because(self.last_words())) } else { Ok(()) }
    }

    /// `/api/v1/status`; `null` while nobody answers.
    fn status(&self) -> serde_json::Value {
        ask(self.config.operator.listen, "GET", "/api/v1/status", &[], "")
            .ok()
            .and_then(|answer| serde_json::from_slice(&answer.body).ok())
            .unwrap_or_default()
    }

    fn last_words(&self) -> String {
        let log = fs::read_to_string(self.folder.path().join("noticed.log")).unwrap_or_default();
        format!("the daemon ended by itself. Its log:\n{log}")
    }

    fn start_broker(&mut self) -> io::Result<()> {
        let file = broker_configuration(self.folder.path(), self.broker_address)?;
        let log = self.folder.path().join("mosquitto.log");
        self.broker = Some(Part::start(&mosquitto(), &["-c", &file.to_string_lossy()], &log)?);
        Ok(())
    }

    fn start_sensors(&self, sent: Sent) {
        let endpoint = Endpoint {
            host: self.broker_address.ip().to_string(),
            port: self.broker_address.port(),
            ca: None,
            login: None,
        };
        let (speaker, publisher) = Speaker::new(&endpoint, "demo-sensors");
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(async move {
            // Kept until the runtime ends: a dropped sender would end the connection.
            let _stop = stop;
            speaker.run(stopped).await;
        });
        tokio::spawn(shop::sensors(publisher, sent));
    }

    /// Hangs up the simulated displays; gives what their glasses show.
    fn hang_up_signs(&self) -> Vec<(&'static str, watch::Receiver<Glass>)> {
        let hang_up = |(name, mac): (&'static str, &str)| {
            let (glass_in, glass) = watch::channel(Arc::default());
            let mut display = Display::new(self.config.signage.listen, mac);
            std::thread::spawn(move || {
                while !glass_in.is_closed() {
                    let sleep = display.wake();
                    glass_in.send_replace(Arc::new(display.glass().to_vec()));
                    std::thread::sleep(sleep);
                }
            });
            (name, glass)
        };
        shop::DISPLAYS.map(hang_up).into()
    }

    fn order(&self, order: &str, steps: &mut Steps<'_>) {
        for sensor in &self.config.sensors {
            let (zone, activity) = (sensor.zone.as_str(), sensor.activity.as_str());
            let order = serde_json::json!({ "order": order, "zone": zone, "activity": activity });
            if let Err(failure) = operator::order(&self.config, &order) {
                steps.tell(&failure.to_string());
            }
        }
        steps.tell(match order {
            "stop" => "The operator stops counting.",
            _ => "The operator lets counting start again.",
        });
    }

    fn look(&self, glasses: Vec<(&'static str, Glass)>, people_sent: u64) -> View {
        View {
            glasses,
            status: self.status(),
            rows: self.figures().unwrap_or_default(),
            people_sent,
            steps: Vec::new(),
        }
    }

    fn figures(&self) -> Result<Vec<Row>, Failure> {
        let key = master_key(&self.config).map_err(Failure::because)?.store_key();
        let kind = |s: &crate::config::Sensor| {
            let kind =
                if s.activity.as_str() == "queue" { ActivityKind::Presence } else { ActivityKind::PeopleCounting };
            SensorInfo { id: s.id.clone(), kind }
        };
        let sensors: Vec<SensorInfo> = self.config.sensors.iter().map(kind).collect();
        let time_zone = &self.config.shop.time_zone;
        let question = Question { from: None, to: None, by: By::Bucket, zone: None, time_zone, sensors: &sensors };
        let path: &Path = &self.config.store.path;
        Reader::open(path, &key).map_err(Failure::because)?.rows(&question).map_err(Failure::because)
    }

    fn finish(&mut self, out: &mut dyn Write) -> Result<(), Failure> {
        self.daemon.stop();
        let rows = self.figures()?;
        let people: u64 = rows.iter().filter_map(|row| row.inward).sum();
        if let Some(broker) = &mut self.broker {
            broker.stop();
        }
        say(out, &format!("{people} people are in the figures. Nothing is left behind."));
        Ok(())
    }
}
