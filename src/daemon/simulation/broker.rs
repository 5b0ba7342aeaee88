//! A real broker, and what hangs on it: the sensors' side of the line, and a camera that can be switched.

use std::collections::VecDeque;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::chance::Chance;
use super::daemon::PATIENCE;
use crate::domain::time::Mono;

/// How often it is looked whether a program has come up.
const LOOK: Duration = Duration::from_millis(10);

const CAMERA: &str = "frigate/till";

/// Mosquitto on a port of its own, with its sessions on disk.
pub(super) struct Broker {
    folder: TempDir,
    port: u16,
    running: Option<Child>,
    client: AsyncClient,
    taken: mpsc::UnboundedReceiver<()>,
    commands: mpsc::UnboundedReceiver<bool>,
    camera: Camera,
}

/// A camera that does what it is told, sooner or later, or not.
#[derive(Default)]
struct Camera {
    on: bool,
    /// What it was told, and when it will do it.
    told: VecDeque<(bool, Mono)>,
}

impl Broker {
    /// One that has not been started yet.
    pub(super) fn new() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let port = free.local_addr().expect("it is bound").port();
        let mut options = MqttOptions::new("field", "127.0.0.1", port);
        options.set_clean_session(false).set_keep_alive(Duration::from_secs(60));
        let (client, mut events) = AsyncClient::new(options, 64);
        let (took, taken) = mpsc::unbounded_channel();
        let (command, commands) = mpsc::unbounded_channel();
        let subscriber = client.clone();
        tokio::spawn(async move {
            loop {
                match events.poll().await {
                    Ok(Event::Incoming(Packet::ConnAck(_))) => {
                        let _ = subscriber.try_subscribe(format!("{CAMERA}/enabled/set"), QoS::AtLeastOnce);
                    }
                    Ok(Event::Incoming(Packet::Publish(publish))) => {
                        let _ = command.send(publish.payload.as_ref() == b"ON");
                    }
                    Ok(Event::Incoming(Packet::PubAck(_) | Packet::SubAck(_))) => {
                        let _ = took.send(());
                    }
                    Ok(_) => {}
                    Err(_) => sleep(LOOK).await,
                }
                if command.is_closed() {
                    return;
                }
            }
        });
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder, port, running: None, client, taken, commands, camera: Camera::default() }
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Starts it, and waits until the sensors have their line again.
    pub(super) async fn start(&mut self) {
        let file = self.folder.path().join("mosquitto.conf");
        let text = format!(
            "listener {} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location {}/\nautosave_interval 1\nuser root\n",
            self.port,
            self.folder.path().display(),
        );
        std::fs::write(&file, text).expect("the folder takes a file");
        while self.taken.try_recv().is_ok() {}
        let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default());
        let mosquitto = Command::new("mosquitto").arg("-c").arg(&file).env("PATH", path).stderr(Stdio::null()).spawn();
        self.running =
            Some(mosquitto.expect("mosquitto is installed: `deploy/prerequisites test` names what is missing"));
        let up = async {
            while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
                sleep(LOOK).await;
            }
            // Its subscription is acknowledged.
            self.taken.recv().await
        };
        timeout(PATIENCE, up).await.expect("mosquitto listens");
    }

    /// Ends it. In order, it saves its sessions.
    pub(super) fn stop(&mut self) {
        if let Some(mut running) = self.running.take() {
            let _ = Command::new("kill").arg(running.id().to_string()).status();
            let _ = running.wait();
        }
    }

    /// Something that a sensor says. It is in the broker when this returns.
    pub(super) async fn publish(&mut self, topic: &str, payload: &str, retain: bool) {
        if !self.is_running() {
            return;
        }
        self.client.publish(topic, QoS::AtLeastOnce, retain, payload).await.expect("the line is there");
        timeout(PATIENCE, self.taken.recv()).await.expect("mosquitto takes it").expect("the line is there");
    }

    /// The camera takes what it is told, and does it when its time has come.
    pub(super) async fn follow(&mut self, now: Mono, chance: &mut Chance) {
        while let Ok(on) = self.commands.try_recv() {
            let wait = match chance.between(0, 6) {
                0 => continue,
                1 => chance.between(1, 200_000),
                _ => 0,
            };
            let last = self.camera.told.back().map_or(now, |(_, at)| *at);
            self.camera.told.push_back((on, last.max(now + Duration::from_millis(wait as u64))));
        }
        while self.is_running()
            && let Some((on, _)) = self.camera.told.pop_front_if(|(_, at)| *at <= now)
        {
            self.camera.on = on;
            self.publish(&format!("{CAMERA}/enabled/state"), if on { "ON" } else { "OFF" }, true).await;
        }
    }

    /// Whether the camera is on.
    pub(super) fn watches(&self) -> bool {
        self.camera.on
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.stop();
    }
}
