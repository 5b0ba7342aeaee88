//! The listeners' line to the engine: evidence goes in without waiting, questions wait a short while for an answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::Request;
use crate::domain::id::SignId;
use crate::domain::notice::NoticeHash;
use crate::domain::sign::{SignEvent, Stranger};

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
        self.say(Request::Event(event));
    }

    /// Tells that the picture of an electronic label is being sent; lost as an event is.
    pub fn given(&self, sign: &SignId, notice: NoticeHash, ours: bool) {
        self.say(Request::Given { sign: sign.clone(), notice, ours });
    }

    /// Tells of a display that is not ours, unless the queue is more than half full: whoever makes up displays must not take the
    /// place of evidence, and nothing hangs on a stranger that is not told of.
    pub fn tell_stranger(&self, stranger: Stranger) {
        if self.requests.capacity() > self.requests.max_capacity() / 2 {
            let _ = self.requests.try_send(Request::Stranger(stranger));
        }
    }

    fn say(&self, request: Request) {
        if self.requests.try_send(request).is_err() {
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
    use crate::domain::sign::Health;
    use crate::domain::time::Wall;

    #[test]
    fn a_full_queue_loses_events_without_waiting_and_counts_them() {
        let (requests, _engine) = mpsc::channel(1);
        let line = EngineLine::new(requests);
        for _ in 0..3 {
            line.clone().tell(SignEvent::Trouble { sign: SignId::new("door") });
        }
        assert_eq!(line.lost(), 2);
    }

    #[test]
    fn strangers_take_no_more_than_half_of_the_queue_and_are_not_missed() {
        let (requests, mut engine) = mpsc::channel(8);
        let line = EngineLine::new(requests);
        for n in 0..20 {
            line.tell_stranger(Stranger {
                name: format!("s{n}"),
                protocol: "http",
                size: None,
                health: Health::default(),
                asked: Wall(0),
            });
        }
        for _ in 0..4 {
            line.tell(SignEvent::Trouble { sign: SignId::new("door") });
        }
        assert_eq!(line.lost(), 0);
        let strangers = std::iter::from_fn(|| engine.try_recv().ok()).filter(|r| matches!(r, Request::Stranger(_)));
        assert_eq!(strangers.count(), 4);
    }

    #[tokio::test]
    async fn a_dead_engine_gives_no_answer() {
        let (requests, engine) = mpsc::channel(1);
        drop(engine);
        assert_eq!(EngineLine::new(requests).ask(Request::Status).await, None);
    }
}
