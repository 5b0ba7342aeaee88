//! `noticed run`: the daemon in the foreground, for the service manager.

use std::io::Write;
use std::path::{Path, PathBuf};

use tokio::sync::mpsc;

use super::{FAILED, FINE, WRONG_CONFIGURATION, examine};
use crate::config::Config;
use crate::config::problem::Problems;
use crate::daemon::{self, Call, StartError};
use crate::process::signal::{self, Signal};
use crate::process::{log, service};

/// Threads for what blocks: one draws, the others look up the broker's name, which can hang for as long as the resolver likes.
const BLOCKING_THREADS: usize = 8;

/// Runs until SIGTERM or SIGINT; SIGHUP reads the configuration again. Gives the exit code.
pub fn run(path: &Path, err: &mut dyn Write) -> u8 {
    let config = match examine(path) {
        Ok(config) => config,
        Err(problems) => {
            let _ = writeln!(err, "{problems}");
            return WRONG_CONFIGURATION;
        }
    };
    log::init();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(BLOCKING_THREADS).build();
    match runtime.and_then(|runtime| signal::listen().map(|signals| (runtime, signals))) {
        Ok((runtime, signals)) => runtime.block_on(attend(config, path.to_owned(), signals)),
        Err(error) => {
            tracing::error!(%error, "the operating system gives no signals or timers");
            FAILED
        }
    }
}

async fn attend(mut config: Config, path: PathBuf, signals: mpsc::Receiver<Signal>) -> u8 {
    let (calls_in, mut calls) = mpsc::channel(1);
    tokio::spawn(translate(signals, path, calls_in));
    loop {
        match daemon::run(&config, &mut calls).await {
            Ok((Call::Reload(next), _)) => config = *next,
            Ok((Call::Stop, clean)) => return if clean { FINE } else { FAILED },
            Err(error) => {
                tracing::error!(%error, "cannot run");
                return match error {
                    StartError::Key(_) | StartError::NoKey => WRONG_CONFIGURATION,
                    StartError::Listen(..) | StartError::File(..) => FAILED,
                };
            }
        }
    }
}

/// A reload reaches the daemon only with a configuration that holds; a bad file is refused and the old one stays.
async fn translate(mut signals: mpsc::Receiver<Signal>, path: PathBuf, calls: mpsc::Sender<Call>) {
    while let Some(signal) = signals.recv().await {
        let call = match signal {
            Signal::Stop => {
                service::stopping();
                Call::Stop
            }
            Signal::Reload => {
                service::reloading();
                match examine(&path) {
                    Ok(config) => Call::Reload(Box::new(config)),
                    Err(problems) => {
                        refuse(&problems);
                        continue;
                    }
                }
            }
        };
        if calls.send(call).await.is_err() {
            return;
        }
    }
}

fn refuse(problems: &Problems) {
    for problem in &problems.problems {
        tracing::error!(%problem, "the new configuration is refused");
    }
    service::ready("the new configuration is refused; the old one stays");
}
