//! The shop: a daemon, a broker, displays on the wall, and time, which goes from one thing that happens to the next.

use std::net::SocketAddr;
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::{TcpListener, TcpSocket};

use super::broker::Broker;
use super::chance::Chance;
use super::daemon::{Daemon, PATIENCE};
use super::display::{Display, Face};
use super::glass::Gallery;
use super::label::{Label, answer_one};
use super::line::Street;
use super::truth::Truth;
use crate::config::Config;
use crate::config::open::parse;
use crate::device::catalog::Catalogue;
use crate::domain::id::SignId;
use crate::domain::time::{Mono, Now, Wall};

/// Monday 2026-11-23, 09:00 in Warsaw.
const MONDAY: i64 = 1_795_420_800_000;
/// The box has been running for an hour.
pub(super) const BOOTED: i64 = 3_600_000;
pub(super) const HOUR: i64 = 3600;
/// Monday 20:00, in seconds since the shop was furnished.
pub(super) const CLOSES: i64 = 11 * HOUR;
/// Tuesday 08:00.
pub(super) const OPENS: i64 = 23 * HOUR;

/// From 08:00 to 20:00 on working days.
pub(super) const OPEN_BY_DAY: &str = "opening-hours = [\"Mon-Fri 08:00-20:00\", \"Sat 09:00-14:00\"]";
pub(super) const ALWAYS_OPEN: &str = "";

const SHOP: &str = r#"
languages = ["pl", "en"]
[controller]
name = "Zielony sp. z o.o."
address = "ul. Polna 1, 60-001 Poznań"
contact = "rodo@example.pl"
dpo = "iod@example.pl"
[broker]
url = "mqtt://127.0.0.1:@BROKER@"
[store]
path = "@FOLDER@/store.db"
key-file = "@FOLDER@/store.key"
[signage]
listen = "127.0.0.1:0"
public-url = "http://192.168.1.10:8080"
[operator]
listen = "127.0.0.1:0"
[[activity]]
id = "footfall"
kind = "people-counting"
purpose = { pl = "planowanie obsady i godzin otwarcia", en = "planning staff and opening hours" }
legal-basis = "legitimate-interest"
interest = { pl = "dobra obsługa w godzinach szczytu", en = "good service at busy hours" }
balancing-test = "LIA-1, 2026-03-02"
retention = "13 months"
[[zone]]
id = "entrance"
name = { pl = "Wejście", en = "Entrance" }
[[sensor]]
id = "door"
zone = "entrance"
activity = "footfall"
class = "tof"
profile = "json"
topic = "counters/door"
options = { in = "/in", mode = "crossing" }
"#;

/// A sign of the configuration, over the entrance.
pub(super) fn sign(id: &str, protocol: &str, more: &str) -> String {
    format!("[[sign]]\nid = {id:?}\nzones = [\"entrance\"]\nprotocol = {protocol:?}\nlanguage = \"pl\"\n{more}\n")
}

/// A display and the sign that it is.
pub(super) struct Hung {
    sign: SignId,
    display: Display,
    is_dead: bool,
}

pub(super) struct Shop {
    pub(super) config: Config,
    _folder: TempDir,
    pub(super) mono: Mono,
    /// What the box's wall clock shows beside the steady one.
    ahead_ms: i64,
    boots: u32,
    is_cut_off: bool,
    pub(super) daemon: Option<Box<Daemon>>,
    /// The real broker, if it has one.
    pub(super) broker: Option<Broker>,
    /// How well the camera obeys.
    pub(super) luck: Chance,
    /// A port that nobody listens on, and nobody else can.
    nowhere: TcpSocket,
    pub(super) hung: Vec<Hung>,
    access_point: Option<TcpListener>,
    pub(super) gallery: Gallery,
    pub(super) truth: Truth,
    /// How many people came in who could read that they are counted.
    pub(super) told_customers: u64,
    /// What happened last, for whoever has to find out why.
    story: Vec<String>,
}

/// Who does something next.
#[derive(Clone, Copy)]
enum Next {
    Engine,
    Display(usize),
    Question(usize),
}

impl Shop {
    /// A shop with these signs, whose daemon has not been started yet.
    pub(super) async fn furnish(hours: &str, signs: &[String]) -> Self {
        Self::furnish_with(hours, signs, None).await
    }

    /// One whose messages go through a real broker.
    pub(super) async fn furnish_with(hours: &str, signs: &[String], broker: Option<Broker>) -> Self {
        // The store syncs at each commit, and a disk would take most of the time of a test.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder");
        let access_point = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let head = format!("[shop]\nid = \"test\"\nname = \"Sklep Zielony\"\ntime-zone = \"Europe/Warsaw\"\n{hours}");
        let text = [head.as_str(), SHOP, &signs.concat()]
            .concat()
            .replace("@FOLDER@", &folder.path().display().to_string())
            .replace("@BROKER@", &broker.as_ref().map_or(1, Broker::port).to_string())
            .replace("@ACCESS_POINT@", &format!("http://{}", access_point.local_addr().expect("it is bound")));
        let config = parse("F", &text, &Catalogue::builtin()).unwrap_or_else(|problems| panic!("{problems:?}"));
        let key = config.store.key_file.as_ref().expect("a key file is named");
        crate::store::key::write_new(key).expect("a new folder takes a key");
        let nowhere = TcpSocket::new_v4().expect("a socket");
        nowhere.bind("127.0.0.1:0".parse().expect("an address")).expect("loopback has a free port");
        Self {
            truth: Truth::new(&config),
            config,
            _folder: folder,
            mono: Mono(BOOTED),
            ahead_ms: MONDAY - BOOTED,
            boots: 1,
            is_cut_off: false,
            told_customers: 0,
            daemon: None,
            broker,
            luck: Chance::new(0),
            nowhere,
            hung: Vec::new(),
            access_point: Some(access_point),
            gallery: Gallery::default(),
            story: Vec::new(),
        }
    }

    pub(super) fn hang(&mut self, sign: &str, display: Display) {
        self.hung.push(Hung { sign: SignId::new(sign), display, is_dead: false });
    }

    pub(super) async fn start(&mut self) {
        assert!(self.daemon.is_none(), "one at a time");
        let boot = format!("boot-{}", self.boots);
        let (now, is_real) = (self.now(), self.broker.is_some());
        self.daemon = Some(Box::new(Daemon::start(&self.config, &now, boot, &mut self.gallery, is_real).await));
        self.settle("the daemon starts").await;
    }

    pub(super) async fn end(&mut self, orderly: bool) {
        self.daemon.take().expect("it runs").end(orderly).await;
        self.settle("the daemon ends").await;
    }

    /// The daemon ends and is started again, with its broker, `seconds` later.
    pub(super) async fn restart(&mut self, orderly: bool, seconds: i64) {
        self.end(orderly).await;
        self.pass(seconds).await;
        self.start().await;
        self.connect().await;
    }

    /// The box was switched off and on: the steady clock begins anew.
    pub(super) fn reboot(&mut self) {
        assert!(self.daemon.is_none(), "it cannot run while the box is off");
        self.boots += 1;
    }

    pub(super) async fn connect(&mut self) {
        if let Some(broker) = &mut self.broker {
            if !broker.is_running() {
                broker.start().await;
            }
            self.until_daemon(true).await;
        } else if let Some(daemon) = &mut self.daemon {
            daemon.connect();
        }
        self.settle("the broker is there").await;
    }

    pub(super) async fn disconnect(&mut self) {
        if let Some(broker) = &mut self.broker {
            broker.stop();
            self.until_daemon(false).await;
        } else if let Some(daemon) = &mut self.daemon {
            daemon.disconnect();
        }
        self.settle("the broker is gone").await;
    }

    /// Lets the daemon find out that the real broker is there, or is not.
    async fn until_daemon(&mut self, hears: bool) {
        let Self { daemon: Some(daemon), gallery, .. } = self else { return };
        let found_out = async {
            while daemon.hears() != hears {
                daemon.settle(gallery).await;
            }
        };
        tokio::time::timeout(PATIENCE, found_out).await.expect("the session speaks to the broker");
    }

    /// The box's wall clock is set by so many seconds.
    pub(super) async fn set_clock(&mut self, by_seconds: i64) {
        self.ahead_ms += by_seconds * 1000;
        self.put_clock();
        if let Some(daemon) = &mut self.daemon {
            daemon.core.wake();
        }
        self.settle("the clock is set").await;
    }

    pub(super) fn press(&mut self, index: usize) {
        let now = self.mono;
        self.tell(&format!("display {index} is pressed"));
        self.hung[index].display.press(now);
    }

    pub(super) fn cut_power(&mut self, index: usize) {
        let now = self.mono;
        self.tell(&format!("display {index} loses its power for a moment"));
        self.hung[index].display.cut_power(now);
    }

    pub(super) fn face(&self, index: usize) -> &Face {
        self.hung[index].display.face()
    }

    pub(super) fn face_mut(&mut self, index: usize) -> &mut Face {
        self.hung[index].display.face_mut()
    }

    pub(super) fn display(&mut self, index: usize) -> &mut Display {
        &mut self.hung[index].display
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.mono.0
    }

    pub(super) fn seconds(&self) -> i64 {
        (self.mono.0 - BOOTED).div_euclid(1000)
    }

    pub(super) async fn pass(&mut self, seconds: i64) {
        self.until_ms(self.mono.0 + seconds * 1000).await;
    }

    pub(super) async fn pass_ms(&mut self, ms: i64) {
        self.until_ms(self.mono.0 + ms).await;
    }

    /// What the box's wall clock shows.
    pub(super) fn wall(&self) -> Wall {
        self.now().wall
    }

    /// The battery of display `index` is empty: it never does anything again, and its glass stays.
    pub(super) fn bury(&mut self, index: usize) {
        self.hung[index].is_dead = true;
    }

    /// Lets everything happen until so many seconds after the shop was furnished.
    pub(super) async fn until(&mut self, seconds: i64) {
        self.until_ms(BOOTED + seconds * 1000).await;
    }

    async fn until_ms(&mut self, end: i64) {
        while let Some((at, next)) = self.next().filter(|(at, _)| at.0 <= end) {
            self.go_to(at.max(self.mono));
            self.step(next).await;
        }
        self.go_to(Mono(end));
    }

    pub(super) fn now(&self) -> Now {
        Now { mono: self.mono, wall: Wall(self.mono.0 + self.ahead_ms), trusted: true }
    }

    fn go_to(&mut self, at: Mono) {
        self.mono = at;
        self.put_clock();
        self.truth.elapse(at);
    }

    fn put_clock(&mut self) {
        let now = self.now();
        if let Some(daemon) = &mut self.daemon {
            daemon.put(now.mono, now.wall);
        }
    }

    /// What happens next. Whoever is due first; of several, the display, so that the engine is seen to be late.
    fn next(&self) -> Option<(Mono, Next)> {
        let alive = self.hung.iter().enumerate().filter(|(_, h)| !h.is_dead);
        let displays = alive.filter_map(|(i, h)| Some((h.display.next()?, Next::Display(i))));
        let questions = self
            .daemon
            .iter()
            .flat_map(|daemon| daemon.questions.iter().enumerate().map(|(i, (_, at))| (*at, Next::Question(i))));
        let engine = self.daemon.iter().filter_map(|daemon| Some((daemon.core.engine.next_wake()?, Next::Engine)));
        // The loop sleeps for at least a millisecond.
        let engine = engine.map(|(at, next)| (at.max(self.mono + Duration::from_millis(1)), next));
        displays.chain(questions).chain(engine).min_by_key(|(at, _)| *at)
    }

    async fn step(&mut self, next: Next) {
        let story = match next {
            Next::Engine => {
                self.daemon.as_mut().expect("it asked to be woken").core.wake();
                "the engine wakes".to_owned()
            }
            Next::Display(index) => {
                self.act(index).await;
                format!("display {index} acts")
            }
            Next::Question(index) => {
                self.ask_access_point(index).await;
                "the access point is asked".to_owned()
            }
        };
        self.settle(&story).await;
    }

    async fn act(&mut self, index: usize) {
        let door = self.door();
        let street = Street { now: self.now(), door };
        let Self { daemon, gallery, hung, .. } = self;
        let acting = hung[index].display.act(&street);
        match daemon {
            None => acting.await,
            Some(daemon) => tokio::select! {
                biased;
                () = daemon.serve(gallery) => unreachable!("it serves without end"),
                () = acting => {}
            },
        }
    }

    pub(super) fn door(&self) -> SocketAddr {
        let nowhere = || self.nowhere.local_addr().expect("it is bound");
        self.daemon.as_ref().filter(|_| !self.is_cut_off).map_or_else(nowhere, |daemon| daemon.door)
    }

    /// Whether displays that have Wi-Fi find nobody at the shop's address, although the daemon runs.
    pub(super) fn cut_off(&mut self, is_cut_off: bool) {
        self.is_cut_off = is_cut_off;
    }

    async fn ask_access_point(&mut self, index: usize) {
        let now = self.now();
        let Self { daemon: Some(daemon), access_point: Some(listener), hung, .. } = self else { return };
        let label: Option<&mut Label> =
            hung.iter_mut().find_map(|h| if let Display::Label(label) = &mut h.display { Some(label) } else { None });
        let (question, _) = &daemon.questions[index];
        let (answered, ()) = tokio::join!(question.put(), answer_one(listener, label.as_deref(), &now));
        daemon.answered(answered);
        if let Some(label) = label {
            label.was_told_of();
        }
        let (question, at) = &mut daemon.questions[index];
        *at = now.mono + question.pace().0;
    }

    /// Lets everything come to rest, and looks whether all is true.
    pub(super) async fn settle(&mut self, story: &str) {
        if let Some(daemon) = &mut self.daemon {
            daemon.settle(&mut self.gallery).await;
            if let Some(broker) = &mut self.broker {
                broker.follow(self.mono, &mut self.luck).await;
                daemon.settle(&mut self.gallery).await;
            }
            for (question, at) in &mut daemon.questions {
                let (pace, changed) = question.pace();
                // Another pace is another wait.
                *at = if changed { self.mono + pace } else { *at };
            }
        }
        self.tell(story);
        if let Err(lie) = self.look() {
            panic!("{lie}\n{}\n{:?}", self.story.join("\n"), self.daemon.as_ref().map(|_| self.interlock()));
        }
    }

    fn look(&mut self) -> Result<(), String> {
        let says_off = |h: &Hung| {
            let until = self.gallery.read(h.display.face().glass()).and_then(|said| said.state.valid_until());
            until.is_some_and(|until| self.now().wall < until)
        };
        if self.broker.as_ref().is_some_and(Broker::watches)
            && let Some(hung) = self.hung.iter().find(|h| says_off(h))
        {
            return Err(format!("{} says that nobody watches, and the camera is on", hung.sign));
        }
        let seen = self.hung.iter().map(|h| (&h.sign, h.display.face()));
        let now = self.now();
        self.truth.look(&now, self.daemon.as_ref().map(|d| &d.core.engine), seen, &self.gallery)
    }

    fn tell(&mut self, what: &str) {
        /// As much as fits on a screen.
        const STORY_LINES: usize = 60;
        let seen: Vec<_> = self.hung.iter().map(|h| self.gallery.word(h.display.face().glass())).collect();
        let phase = self.daemon.as_ref().map_or("away", |_| self.interlock().0);
        let at = (self.mono.0 - BOOTED) as f64 / 1000.0;
        self.story.push(format!("{at:>10.1} {what}: {phase}, {seen:?}"));
        if self.story.len() > STORY_LINES {
            self.story.remove(0);
        }
    }
}
