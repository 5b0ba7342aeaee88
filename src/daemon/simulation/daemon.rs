//! The daemon while it runs: its core, what comes into it, and the broker and access points that it speaks to.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::super::access_point::{Answered, Question};
use super::super::core::{Core, Inlets};
use super::super::{credentials, endpoint, furnish, master_key, open_doors, open_store};
use super::glass::Gallery;
use crate::config::Config;
use crate::domain::time::{Mono, Now, Wall};
use crate::mqtt::publish::Speaker;
use crate::mqtt::session::{Heard, Message, Session};
use crate::process::clock::Clock;
use crate::store::key::MasterKey;

/// How long it is listened for what a real broker may still have to say. What comes later came late.
const QUIET: Duration = Duration::from_millis(3);

/// A test that waits longer for a drawing or a disk hangs.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// The broker that it has.
enum Broker {
    /// Played: what the session would hear is handed in.
    Played(Box<(Session, Speaker)>),
    /// A real one, and the two connections to it.
    Real([JoinHandle<()>; 2]),
}

pub(super) struct Daemon {
    pub(super) core: Core,
    inlets: Inlets,
    batch: Vec<Heard>,
    broker: Broker,
    heard: mpsc::Sender<Heard>,
    answers: mpsc::Sender<Answered>,
    /// What is asked of access points, and when next.
    pub(super) questions: Vec<(Question, Mono)>,
    stop: watch::Sender<bool>,
    /// Where displays ask.
    pub(super) door: SocketAddr,
    /// Where the operator asks.
    pub(super) back_door: SocketAddr,
    marker_topic: String,
    connections: u64,
    packets: u16,
    connected: bool,
    /// Whether the broker sends back what the daemon publishes to itself.
    pub(super) echo: bool,
}

impl Daemon {
    pub(super) async fn start(config: &Config, now: &Now, boot: String, gallery: &mut Gallery, is_real: bool) -> Self {
        let master = master_key(config).expect("the key was written");
        let (credentials, marks) = (credentials(&master), master.derive(super::super::MARKS));
        let opened = open_store(config, &Ok::<MasterKey, _>(master)).expect("there is a key");
        assert_eq!(opened.fault, None);
        let mut clock = Clock::new(opened.restored.last_commit.unwrap_or_default());
        clock.put(now.mono, now.wall);
        let endpoint = endpoint(config).expect("no file is named");
        let (mut core, mut inlets, edges) = furnish(config, &endpoint, opened, (&credentials, marks), (clock, boot));
        core.prepare(&mut inlets).await;
        gallery.learn(core.shown.borrow().clone());
        let (signage, operator) = (listener().await, listener().await);
        let (door, back_door) =
            (signage.local_addr().expect("it is bound"), operator.local_addr().expect("it is bound"));
        let (stop, stopped) = watch::channel(false);
        open_doors(config, credentials, signage, operator, &core, &stopped);
        let broker = if is_real {
            let session = tokio::spawn(edges.session.run(edges.heard.clone()));
            Broker::Real([session, tokio::spawn(edges.speaker.run(stopped))])
        } else {
            Broker::Played(Box::new((edges.session, edges.speaker)))
        };
        Self {
            marker_topic: core.marker_topic.clone(),
            core,
            inlets,
            batch: Vec::new(),
            broker,
            heard: edges.heard,
            answers: edges.answers,
            questions: edges.questions.into_iter().map(|question| (question, now.mono)).collect(),
            stop,
            door,
            back_door,
            connections: 0,
            packets: 0,
            connected: false,
            echo: true,
        }
    }

    /// Puts the hands of its clock.
    pub(super) fn put(&mut self, mono: Mono, wall: Wall) {
        self.core.clock.put(mono, wall);
    }

    pub(super) fn now(&self) -> Now {
        self.core.clock.now()
    }

    /// Takes in what comes, without end; what a display does meanwhile ends it.
    pub(super) async fn serve(&mut self, gallery: &mut Gallery) {
        loop {
            self.core.take(&mut self.inlets, &mut self.batch).await;
            self.follow_up(gallery);
        }
    }

    /// Has everything that is on its way arrive: drawings, answers of the store, markers.
    pub(super) async fn settle(&mut self, gallery: &mut Gallery) {
        self.follow_up(gallery);
        loop {
            let is_waiting = self.core.engine.is_drawing() || self.core.engine.awaits_store();
            let quiet = if matches!(self.broker, Broker::Real(_)) { QUIET } else { Duration::ZERO };
            let taken = tokio::select! {
                biased;
                _ = self.core.take(&mut self.inlets, &mut self.batch) => true,
                () = rest(quiet), if !is_waiting => false,
                () = tokio::time::sleep(PATIENCE) => panic!("nothing comes of a drawing or a commit"),
            };
            if !taken {
                return;
            }
            self.follow_up(gallery);
        }
    }

    fn follow_up(&mut self, gallery: &mut Gallery) {
        self.core.follow_up();
        gallery.learn(self.core.shown.borrow().clone());
        let Broker::Played(played) = &mut self.broker else { return };
        for (topic, payload) in played.1.said() {
            if topic == self.marker_topic && self.connected && self.echo {
                self.hear(topic, payload);
            }
        }
    }

    /// Whether its session hears a real broker.
    pub(super) fn hears(&self) -> bool {
        self.core.engine.status(&self.now()).broker == "connected"
    }

    pub(super) fn connect(&mut self) {
        self.connected = true;
        self.connections += 1;
        let session_present = self.connections > 1;
        self.send(Heard::Connected { epoch: self.connections, session_present });
    }

    pub(super) fn disconnect(&mut self) {
        self.connected = false;
        self.send(Heard::Disconnected { why: "the broker was switched off".to_owned() });
    }

    /// A message of a sensor, if the broker can deliver it.
    pub(super) fn publish(&mut self, topic: &str, payload: &'static str) {
        if self.connected {
            self.hear(topic.to_owned(), Bytes::from_static(payload.as_bytes()));
        }
    }

    fn hear(&mut self, topic: String, payload: Bytes) {
        self.packets += 1;
        let (epoch, id) = (self.connections, self.packets);
        self.send(Heard::Message(Message { epoch, topic, payload, id, dup: false, replayed: false }));
    }

    fn send(&mut self, heard: Heard) {
        self.heard.try_send(heard).expect("the queue is taken from after each step");
    }

    /// Hands in what an access point answered to question `index`.
    pub(super) fn answered(&mut self, answered: Answered) {
        self.answers.try_send(answered).expect("the queue is taken from after each step");
    }

    /// Ends as on SIGTERM, or as a power cut does.
    pub(super) async fn end(mut self, orderly: bool) {
        let _ = self.stop.send(true);
        if orderly {
            timeout(PATIENCE, self.core.settle(&mut self.inlets, true)).await.expect("the store answers");
        }
        self.core.close();
        if let Broker::Real(lines) = self.broker {
            lines.iter().for_each(JoinHandle::abort);
        }
    }
}

/// Nothing for as long as `quiet`.
async fn rest(quiet: Duration) {
    if !quiet.is_zero() {
        tokio::time::sleep(quiet).await;
    }
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port")
}
