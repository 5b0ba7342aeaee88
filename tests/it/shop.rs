//! A shop in a temporary folder: a real broker, the real daemon as a process of its own, a sign that polls.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use noticed::cli::client::ask;
use noticed::cli::demo::display::Display;
use noticed::cli::demo::parts::{Part, free_address, mosquitto};
use rumqttc::{Client, Connection, Event, MqttOptions, Packet, QoS};
use serde_json::Value;
use tempfile::TempDir;

/// Address of the sign.
pub(crate) const MAC: &str = "AA:BB:CC:DD:EE:FF";

/// How long anything may take before a test gives up on it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Where everything of one test is.
pub(crate) struct Shop {
    /// The folder; goes away with the shop.
    pub(crate) folder: TempDir,
    /// The broker's address.
    pub(crate) broker: SocketAddr,
    /// The listener for signs.
    pub(crate) signage: SocketAddr,
    /// The listener for the operator.
    pub(crate) operator: SocketAddr,
}

impl Shop {
    /// A shop with one door whose counter names its people by `{"in":n}` on `counters/door`; `more` is appended to its TOML.
    pub(crate) fn new(more: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("noticed-it-").tempdir().unwrap();
        let [broker, signage, operator] = [(); 3].map(|()| free_address().unwrap());
        let shop = Self { folder, broker, signage, operator };
        fs::write(shop.config(), shop.toml() + more).unwrap();
        let made = noticed(&["key", "new", "--file", &shop.path("store.key").to_string_lossy()]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        shop
    }

    /// A file of the shop.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Its configuration.
    pub(crate) fn config(&self) -> PathBuf {
        self.path("noticed.toml")
    }

    fn toml(&self) -> String {
        include_str!("shop.toml")
            .replace("@FOLDER@", &self.folder.path().to_string_lossy())
            .replace("@BROKER@", &self.broker.to_string())
            .replace("@SIGNAGE@", &self.signage.to_string())
            .replace("@OPERATOR@", &self.operator.to_string())
    }

    /// Starts the broker; it keeps its sessions when stopped in order, and forgets them when killed without having saved.
    pub(crate) fn start_broker(&self) -> Part {
        let file = self.path("mosquitto.conf");
        let text = format!(
            "listener {} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location {}/\nmax_inflight_messages 200\n\
             max_queued_messages 0\nautosave_interval 1\nuser root\nlog_type all\n",
            self.broker.port(),
            self.folder.path().display(),
        );
        fs::write(&file, text).unwrap();
        let broker = Part::start(&mosquitto(), &["-c", &file.to_string_lossy()], &self.path("mosquitto.log")).unwrap();
        wait_until("the broker listens", || std::net::TcpStream::connect(self.broker).is_ok());
        broker
    }

    /// Starts the daemon, with its allocator set as the unit sets it; its log goes to `noticed.log` (one file per start would hide nothing,
    /// but fill the folder).
    pub(crate) fn start_daemon(&self) -> Daemon {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.path("noticed.log")).unwrap();
        let child = Command::new(program())
            .args(["run", "--config", &self.config().to_string_lossy()])
            .envs(allocator())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        Daemon(child)
    }

    /// Runs a command on the shop's configuration.
    pub(crate) fn noticed(&self, arguments: &[&str]) -> Output {
        let config = self.config();
        noticed(&[arguments, &["--config", &config.to_string_lossy()]].concat())
    }

    /// `/api/v1/status`; `null` while nobody answers.
    pub(crate) fn status(&self) -> Value {
        ask(self.operator, "GET", "/api/v1/status", &[], "")
            .ok()
            .and_then(|answer| serde_json::from_slice(&answer.body).ok())
            .unwrap_or_default()
    }

    /// The first interlock: `closed`, `opening`, `open`, `closing`, or empty while nobody answers.
    pub(crate) fn interlock(&self) -> String {
        self.status()["zones"][0]["activities"][0]["interlock"].as_str().unwrap_or_default().to_owned()
    }

    /// Rows of `noticed report`.
    pub(crate) fn report(&self) -> Vec<Value> {
        let output = self.noticed(&["report", "--by", "bucket", "--format", "json"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        report["rows"].as_array().unwrap().clone()
    }

    /// People inward in the whole report.
    pub(crate) fn people(&self) -> u64 {
        self.report().iter().filter_map(|row| row["in"].as_u64()).sum()
    }

    /// The daemon's log so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("noticed.log")).unwrap_or_default()
    }

    /// Hangs up a sign that polls at its own pace, whatever happens to the daemon.
    pub(crate) fn hang_up_sign(&self) -> Sign {
        Sign::new(Display::new(self.signage, MAC))
    }

    /// Waits until counting is open.
    pub(crate) fn wait_until_open(&self) {
        wait_until(&format!("counting is open; {}", self.status()), || self.interlock() == "open");
    }

    /// Publishes messages at QoS 1 and waits until the broker has them all.
    pub(crate) fn publish(&self, messages: &[(&str, &str)]) {
        let mut publisher = Publisher::new(self.broker);
        for (topic, payload) in messages {
            publisher.publish(topic, *payload);
        }
        publisher.finish();
    }
}

/// How the unit has the allocator keep memory (malloc(3)).
fn allocator() -> impl Iterator<Item = (&'static str, &'static str)> {
    let unit = include_str!("../../systemd/noticed.service").lines();
    let settings = unit.filter_map(|line| line.strip_prefix("Environment=")).flat_map(str::split_whitespace);
    let allocators = |setting: &&str| setting.starts_with("MALLOC_") || setting.starts_with("GLIBC_TUNABLES=");
    settings.filter(allocators).filter_map(|setting| setting.split_once('='))
}

/// The daemon as a process; killed when dropped.
pub(crate) struct Daemon(pub(crate) std::process::Child);

impl Daemon {
    /// SIGKILL: as a power cut for the process.
    pub(crate) fn kill(mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_raw(i32::try_from(self.0.id()).unwrap()).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Memory that it holds at this moment (proc(5)).
    pub(crate) fn resident_kb(&self) -> u64 {
        self.memory_kb("VmRSS:")
    }

    /// The most memory that it ever held (proc(5)).
    pub(crate) fn peak_kb(&self) -> u64 {
        self.memory_kb("VmHWM:")
    }

    fn memory_kb(&self, field: &str) -> u64 {
        let text = fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = text.lines().find(|line| line.starts_with(field)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// SIGTERM, and the exit code.
    pub(crate) fn stop(mut self) -> Option<i32> {
        self.signal(rustix::process::Signal::TERM);
        self.0.wait().unwrap().code()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A simulated TRMNL display that polls from a thread of its own.
pub(crate) struct Sign {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Sign {
    /// The display of a shop that has had its credential before.
    pub(crate) fn with_token(shop: &Shop) -> Self {
        let token = String::from_utf8(shop.noticed(&["sign", "token", "sign"]).stdout).unwrap();
        Self::new(Display::with_token(shop.signage, MAC, token.trim()))
    }

    fn new(mut display: Display) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                // A display that finds nobody sleeps and comes back; here it sleeps shortly, so that its lease covers the gaps.
                let _ = display.round();
                std::thread::sleep(Duration::from_millis(200));
            }
        });
        Self { stop, thread: Some(thread) }
    }
}

impl Drop for Sign {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A device that publishes at QoS 1 and knows what the broker has taken.
pub(crate) struct Publisher {
    client: Client,
    connection: Connection,
    acknowledged: u64,
    sent: u64,
}

impl Publisher {
    /// Connects to the broker.
    pub(crate) fn new(broker: SocketAddr) -> Self {
        Self::named(broker, "a-device")
    }

    /// Connects under a client id of its own.
    pub(crate) fn named(broker: SocketAddr, client_id: &str) -> Self {
        let mut options = MqttOptions::new(client_id, broker.ip().to_string(), broker.port());
        options.set_keep_alive(Duration::from_secs(5)).set_inflight(100).set_max_packet_size(16 << 20, 16 << 20);
        let (client, connection) = Client::new(options, 100_000);
        Self { client, connection, acknowledged: 0, sent: 0 }
    }

    /// Queues a message.
    pub(crate) fn publish(&mut self, topic: &str, payload: impl Into<Vec<u8>>) {
        self.client.publish(topic, QoS::AtLeastOnce, false, payload).unwrap();
        self.sent += 1;
    }

    /// Queues a message that the broker keeps for whoever subscribes later.
    pub(crate) fn retain(&mut self, topic: &str, payload: impl Into<Vec<u8>>) {
        self.client.publish(topic, QoS::AtLeastOnce, true, payload).unwrap();
        self.sent += 1;
    }

    /// Sends until the broker has acknowledged everything queued so far.
    pub(crate) fn finish(&mut self) {
        for event in self.connection.iter() {
            match event.unwrap() {
                Event::Incoming(Packet::PubAck(_)) => self.acknowledged += 1,
                Event::Incoming(_) | Event::Outgoing(_) => {}
            }
            if self.acknowledged == self.sent {
                return;
            }
        }
    }
}

/// The program under test.
pub(crate) fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_noticed"))
}

/// Runs it.
pub(crate) fn noticed(arguments: &[&str]) -> Output {
    Command::new(program()).args(arguments).output().unwrap()
}

/// Waits for something outside of this process.
#[expect(clippy::disallowed_methods, reason = "other processes live in real time")]
pub(crate) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
