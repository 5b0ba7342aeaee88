//! The one place that wires rooms together: in what order they start, in what order they stop.
//!
//! Start: configuration, key, store, the first pictures, then the listeners, then the broker: nothing can be heard before a sign
//! could be told. Stop: counting ends, that is made durable, the last packets are acknowledged, then the doors close.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ring::rand::{SecureRandom, SystemRandom};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

use self::core::{Core, Inlets};
use crate::config::Config;
use crate::domain::commit::Restored;
use crate::engine::Engine;
use crate::engine::record::{self, RunRecord};
use crate::http::credential::Credentials;
use crate::http::engine::EngineLine;
use crate::http::{OperatorState, Shown, SignsState, operator_router, serve, signs_router};
use crate::mqtt::Endpoint;
use crate::mqtt::publish::Speaker;
use crate::mqtt::session::{PACKETS_QUEUED, Session, Subscription};
use crate::process::clock::{self, Clock};
use crate::process::credential::credential;
use crate::process::service;
use crate::store::Store;
use crate::store::key::{KeyError, MasterKey};
use crate::store::ledger::Keeper;

mod access_point;
mod album;
mod callers;
mod core;
pub mod discover;
mod draw;
mod pages;
mod pausing;
mod plan;
mod prune;
mod rehearse;
mod route;
#[cfg(test)]
mod simulation;
mod speaks;
mod topics;
mod witness;

pub(crate) use plan::{facts, sign_facts};
pub(crate) use rehearse::{rehearse, remarks};

/// Requests of signs, visitors and operators waiting for the core, which answers each within microseconds. A full queue drops
/// evidence, never truth.
const REQUESTS_QUEUED: usize = 256;

/// Answers of the store waiting for the core: one commit is under way at a time.
const COMMITS_QUEUED: usize = 4;

/// How long the broker has to take the last word.
const GOODBYE: Duration = Duration::from_secs(1);

/// What sign credentials are derived under.
const CREDENTIALS: &str = "credentials of signs and operator, version 1";

/// What the key of packet marks is derived under.
const MARKS: &str = "marks of packets, version 1";

/// Why the daemon cannot run at all.
#[derive(Debug)]
pub enum StartError {
    /// There is no key, or it cannot be read.
    Key(KeyError),
    /// The configuration names no key file and no credential is given.
    NoKey,
    /// A listener cannot be opened.
    Listen(SocketAddr, std::io::Error),
    /// A file that the configuration names cannot be read.
    File(PathBuf, std::io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(error) => write!(f, "{error}; `noticed key new --file F` makes one where there never was one"),
            Self::NoKey => f.write_str(
                "no key for the store: name one as key-file in [store], or give the systemd credential store-key; \
                 `noticed key new --file F` makes one",
            ),
            Self::Listen(address, error) => {
                write!(
                    f,
                    "cannot listen on {address}: {error}; is another program, or another noticed, using that port?"
                )
            }
            Self::File(path, error) => write!(f, "cannot read {}: {error}", path.display()),
        }
    }
}

impl std::error::Error for StartError {}

/// Where the master key is: the file that the configuration names, else the service manager's credential.
pub(crate) fn master_key(config: &Config) -> Result<MasterKey, StartError> {
    match (&config.store.key_file, credential("store-key")) {
        (Some(file), _) => MasterKey::read(file).map_err(StartError::Key),
        (None, Some(file)) => MasterKey::read_credential(&file).map_err(StartError::Key),
        (None, None) => Err(StartError::NoKey),
    }
}

/// The secret that credentials of signs and operator are derived from.
pub(crate) fn credentials(master: &MasterKey) -> Credentials {
    Credentials::new(master.derive(CREDENTIALS))
}

/// What ends a run.
#[derive(Debug)]
pub enum Call {
    /// Leave.
    Stop,
    /// Go on with this configuration. Evidence and figures survive, as they survive a restart.
    Reload(Box<Config>),
}

/// Runs until called, and says by what, and whether the store was in order.
pub async fn run(config: &Config, calls: &mut mpsc::Receiver<Call>) -> Result<(Call, bool), StartError> {
    let master = master_key(config);
    let endpoint = endpoint(config)?;
    let signage = bind(config.signage.listen).await?;
    let operator = bind(config.operator.listen).await?;
    let opened = open_store(config, &master)?;
    let (credentials, marks) = match &master {
        Ok(master) => (credentials(master), master.derive(MARKS)),
        Err(_) => (Credentials::new(random_secret()), random_secret()),
    };
    let clean = opened.fault.is_none();

    let clock = Clock::new(opened.restored.last_commit.unwrap_or_default());
    let boot = clock::boot_id().unwrap_or_else(|| format!("unknown-{}", random()));
    let (mut core, mut inlets, edges) = furnish(config, &endpoint, opened, (&credentials, marks), (clock, boot));
    core.prepare(&mut inlets).await;
    let (stop, stopped) = watch::channel(false);
    open_doors(config, credentials, signage, operator, &core, &stopped);
    // With a store that cannot be used nothing is taken from the broker: what waits there is counted when it can.
    let deaf = (!clean).then_some(edges.heard.clone());
    if deaf.is_none() {
        tokio::spawn(edges.session.run(edges.heard));
    }
    let speaker = tokio::spawn(edges.speaker.run(stopped));
    for question in edges.questions {
        tokio::spawn(access_point::ask(question, edges.answers.clone()));
    }
    service::ready(&format!("{} signs, {} sensors", config.signs.len(), config.sensors.len()));
    tracing::info!(signs = config.signs.len(), sensors = config.sensors.len(), "running");

    let call = core.run(&mut inlets, calls).await;

    drop(deaf);
    // The doors close first: what a sign was told after this could not be kept.
    let _ = stop.send(true);
    core.settle(&mut inlets, matches!(call, Call::Stop)).await;
    if tokio::time::timeout(GOODBYE, speaker).await.is_err() {
        tracing::warn!("the broker did not take the last messages in time; switched sensors may be on");
    }
    core.close();
    Ok((call, clean))
}

/// The store, or why it cannot be used.
struct Opened {
    store: Option<Store>,
    restored: Restored,
    fault: Option<String>,
}

/// A store that cannot be opened never keeps the signs dark: they say that the state is unknown, and nothing is counted. Only
/// where there has never been a store there is nothing to be true about without a key.
fn open_store(config: &Config, master: &Result<MasterKey, StartError>) -> Result<Opened, StartError> {
    let fault = match master {
        Ok(master) => match Store::open(&config.store.path, &master.store_key(), keeper(config)) {
            Ok((store, restored)) => return Ok(Opened { store: Some(store), restored, fault: None }),
            Err(error) => error.to_string(),
        },
        Err(error) if config.store.path.exists() => error.to_string(),
        Err(_) => return Err(master_key(config).err().unwrap_or(StartError::NoKey)),
    };
    tracing::error!(%fault, "nothing is counted; signs say that the state is unknown");
    Ok(Opened { store: None, restored: Restored::default(), fault: Some(fault) })
}

/// Whose ledger the store keeps.
fn keeper(config: &Config) -> Keeper {
    Keeper { shop: config.shop.id.clone(), time_zone: config.shop.time_zone.clone() }
}

/// What is started once the core is ready.
struct Edges {
    session: Session,
    speaker: Speaker,
    heard: mpsc::Sender<crate::mqtt::session::Heard>,
    questions: Vec<access_point::Question>,
    answers: mpsc::Sender<access_point::Answered>,
}

fn furnish(
    config: &Config,
    endpoint: &Endpoint,
    opened: Opened,
    (credentials, marks): (&Credentials, [u8; 32]),
    (clock, boot): (Clock, String),
) -> (Core, Inlets, Edges) {
    let opened_at = opened.restored.last_commit;
    let sealed = opened.store.as_ref().and_then(Store::checkpoint).map(str::to_owned);
    let obsolete = obsolete(&opened.restored, &plan::subscriptions(config));
    let mut plan = plan::plan(config, opened.fault, boot, random());
    speaks::fit(&mut plan, config);
    let client_id = format!("noticed-{}", config.shop.id);
    let subscription = Subscription { client_id, filters: plan.subscriptions.clone(), obsolete };
    let (session, acknowledger) = Session::new(endpoint, subscription);
    let (speaker, publisher) = Speaker::new(endpoint, &config.shop.id);
    let (heard_in, heard) = mpsc::channel(PACKETS_QUEUED);
    let (requests_in, requests) = mpsc::channel(REQUESTS_QUEUED);
    let (committed_in, committed) = mpsc::channel(COMMITS_QUEUED);
    let (drawer, drawn) = draw::Drawer::new(config, credentials);
    let (labels, questions) = access_point::Labels::new(config, clock.now().mono);
    let (answers_in, answers) = mpsc::channel(access_point::ANSWERS_QUEUED);
    let core = Core {
        engine: Engine::new(plan, opened.restored, &clock.now()),
        clock,
        store: opened.store,
        committed: committed_in,
        checkpoint: sealed.map(witness::checkpoint),
        acknowledger,
        publisher,
        marker_topic: plan::marker_topic(&config.shop.id),
        drawer,
        router: route::Router::new(config, &marks),
        signs: speaks::speaks(config),
        labels,
        callers: callers::Callers::default(),
        album: album::Album::new(config),
        pages: pages::Pages::new(config),
        doors: pausing::Doors::new(config),
        promised: Vec::new(),
        pruner: prune::Pruner::new(config, opened_at),
        broker_missed: false,
        shown: watch::channel(Arc::new(Shown::default())).0,
        line: EngineLine::new(requests_in),
        lost: 0,
    };
    let edges = Edges { session, speaker, heard: heard_in, questions, answers: answers_in };
    (core, Inlets { heard, requests, committed, drawn, labels: answers }, edges)
}

fn open_doors(
    config: &Config,
    credentials: Credentials,
    signage: TcpListener,
    operator: TcpListener,
    core: &Core,
    stopped: &watch::Receiver<bool>,
) {
    let engine = core.line.clone();
    let time_zone = config.shop.time_zone.clone();
    let signs = signs_router(SignsState {
        shown: core.shown.subscribe(),
        engine: engine.clone(),
        credentials: credentials.clone(),
        public_url: config.signage.public_url.clone(),
        time_zone: time_zone.clone(),
    });
    let shown = core.shown.subscribe();
    let orders = operator_router(OperatorState { shown, engine: engine.clone(), credentials, time_zone });
    for (listener, router) in [(signage, signs), (operator, orders)] {
        let mut stopped = stopped.clone();
        tokio::spawn(serve(listener, router, engine.clone(), async move {
            // An error means that the sender is gone, which is a stop as well.
            let _ = stopped.wait_for(|stop| *stop).await;
        }));
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|error| StartError::Listen(address, error))
}

fn endpoint(config: &Config) -> Result<Endpoint, StartError> {
    let read = |path: &PathBuf| std::fs::read(path).map_err(|error| StartError::File(path.clone(), error));
    let broker = &config.broker;
    let password_file = broker.password_file.clone().or_else(|| credential("broker-password"));
    let password = password_file.as_ref().map(read).transpose()?.unwrap_or_default();
    let password = String::from_utf8_lossy(&password).trim_end_matches(['\r', '\n']).to_owned();
    let ca = broker.ca_file.as_ref().filter(|_| broker.tls).map(read).transpose()?;
    if ca.is_some() {
        // Fails only if it was installed before, by an earlier run of this process.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    Ok(Endpoint {
        host: broker.host.clone(),
        port: broker.port,
        ca,
        login: broker.username.clone().map(|user| (user, password)),
    })
}

/// Filters that the kept session may still carry and that are not wanted any more.
fn obsolete(restored: &Restored, wanted: &[String]) -> Vec<String> {
    let run = record::read::<RunRecord>(&restored.state, record::RUN);
    let before = run.map(|run| run.subscriptions).unwrap_or_default();
    before.into_iter().filter(|filter| !wanted.contains(filter)).collect()
}

/// Without the key no credential can be told from a guess; with this secret none is accepted.
fn random_secret() -> [u8; 32] {
    let mut secret = [0; 32];
    SystemRandom::new().fill(&mut secret).expect("the kernel has given random numbers since early boot");
    secret
}

fn random() -> u64 {
    let secret = random_secret();
    u64::from_be_bytes(*secret.first_chunk().expect("thirty-two bytes begin with eight"))
}
