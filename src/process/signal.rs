//! Signals as messages: SIGTERM and SIGINT stop in order, SIGHUP reads the configuration again.
//!
//! A second SIGTERM or SIGINT ends the process at once, for the technician who does not want to wait: nothing is lost that
//! a power cut would not lose too.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::Signals;
use tokio::sync::mpsc;

/// What the operating system, or the person at the terminal, asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signal {
    /// Commit, set the signs to a truthful picture, leave.
    Stop,
    /// Read the configuration again.
    Reload,
}

/// Signals waiting to be handled. The kernel merges equal signals while the thread waits for room, so none of them is lost.
const WAITING_MAX: usize = 2;

/// Starts to listen. Call it once, before the first thing that would need an orderly stop; the thread that listens lives as
/// long as the process. Fails where the kernel refuses a handler or a thread.
pub fn listen() -> io::Result<mpsc::Receiver<Signal>> {
    exit_on_second_stop()?;
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP])?;
    let (sender, receiver) = mpsc::channel(WAITING_MAX);
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for signal in signals.forever().filter_map(meaning) {
            if sender.blocking_send(signal).is_err() {
                break;
            }
        }
    })?;
    Ok(receiver)
}

/// The handler itself ends the process, so it works even if every thread hangs. The exit code is the shell's for a process
/// ended by that signal. The order matters: the first stop finds the flag down, and only then raises it.
fn exit_on_second_stop() -> io::Result<()> {
    let stopping = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT] {
        flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&stopping))?;
        flag::register(signal, Arc::clone(&stopping))?;
    }
    Ok(())
}

fn meaning(number: i32) -> Option<Signal> {
    match number {
        SIGTERM | SIGINT => Some(Signal::Stop),
        SIGHUP => Some(Signal::Reload),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use signal_hook::low_level::raise;

    use super::*;

    #[test]
    fn each_signal_has_its_meaning() {
        assert_eq!(meaning(SIGTERM), Some(Signal::Stop));
        assert_eq!(meaning(SIGINT), Some(Signal::Stop));
        assert_eq!(meaning(SIGHUP), Some(Signal::Reload));
        assert_eq!(meaning(signal_hook::consts::SIGUSR1), None);
    }

    #[test]
    fn signals_arrive_as_messages_and_the_first_stop_does_not_kill() {
        let mut signals = listen().unwrap();
        raise(SIGHUP).unwrap();
        assert_eq!(signals.blocking_recv(), Some(Signal::Reload));
        raise(SIGTERM).unwrap();
        assert_eq!(signals.blocking_recv(), Some(Signal::Stop));
    }
}
