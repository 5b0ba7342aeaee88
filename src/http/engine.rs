//! The listeners' line to the engine: evidence goes in without waiting, questions wait a short while for an answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::Request;
use crate::domain::sign::SignEvent;

/// Longest time to wait for the engine, which answers within microseconds when it is alive. Shorter than the patience
/// of displays (4.5 s for ESPHome) and of systems that ask `/livez`.
pub const ENGINE_ANSWER_TIME: Duration = Duration::from_secs(2);

/// A line to the engine; clones share it.
#[derive(Clone, Debug)]
pub struct EngineLine {
    requests: mpsc::Sender<Request>,
    lost: Arc<AtomicU64>,
}

impl EngineLine {
    /// Takes the bounded queue that the engine reads.
    #[must_use]
    pub fn new(requests: mpsc::Sender<Request>) -> Self {
        Self { requests, lost: Arc::default() }
    }

    /// Tells what a sign did. A full queue loses the event; [`EngineLine::lost`] tells the engine so, which then believes nothing
    /// that it knew of any sign: the interlock opens later, not sooner.
    pub fn tell(&self, event: SignEvent) {
        if self.requests.try_send(Request::Event(event)).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many events were lost since the start.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Asks, and waits at most [`ENGINE_ANSWER_TIME`] for the queue and the answer together.
    pub async fn ask<T>(&self, question: impl FnOnce(oneshot::Sender<T>) -> Request) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        let asked = async {
            self.requests.send(question(answer)).await.ok()?;
            answered.await.ok()
        };
        timeout(ENGINE_ANSWER_TIME, asked).await.ok().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::SignId;

    #[test]
    fn a_full_queue_loses_events_without_waiting_and_counts_them() {
        let (requests, _engine) = mpsc::channel(1);
        let line = EngineLine::new(requests);
        for _ in 0..3 {
            line.clone().tell(SignEvent::Trouble { sign: SignId::new("door") });
        }
        assert_eq!(line.lost(), 2);
    }

    #[tokio::test]
    async fn a_dead_engine_gives_no_answer() {
        let (requests, engine) = mpsc::channel(1);
        drop(engine);
        assert_eq!(EngineLine::new(requests).ask(Request::Status).await, None);
    }
}
