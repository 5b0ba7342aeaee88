//! Electronic labels: what their access points say, and what follows from it for the signs that they are.
//!
//! One task for each label that names its access point asks it ([`ask`]) and hands the answer to the core, which keeps one
//! [`tracker::Tracker`] for each. So everything that happens to a label happens in one order, and nothing is lost between two tasks.

use std::time::Duration;

use tokio::sync::{mpsc, watch};

use self::answer::Answer;
use self::tracker::{Tracker, Word};
use crate::config::{Config, Protocol};
use crate::domain::id::SignId;
use crate::domain::notice::NoticeHash;
use crate::domain::sign::{Board, SignEvent};
use crate::domain::time::Mono;
use crate::http::{Speaks, client};

mod answer;
mod tracker;

/// Answers waiting for the core: each task waits for its own to be taken before it asks again.
pub(super) const ANSWERS_QUEUED: usize = 8;

/// Pace of questions to an access point that does not answer, so that one that is switched off costs nothing.
const SILENT: Duration = Duration::from_secs(60);

/// Wait before the first question, as long as a start takes.
const FIRST: Duration = Duration::from_secs(1);

/// What an access point answered.
#[derive(Debug)]
pub(super) struct Answered {
    sign: SignId,
    /// `None` if it does not know the label; the error is a sentence.
    answer: Result<Option<Answer>, String>,
}

/// Every label of the shop whose access point is asked.
#[derive(Default)]
pub(super) struct Labels(Vec<Label>);

struct Label {
    sign: SignId,
    tracker: Tracker,
    pace: watch::Sender<Duration>,
    fault: Option<String>,
}

/// A label's access point, to be asked by a task.
pub(super) struct Question {
    sign: SignId,
    base: String,
    mac: String,
    pace: watch::Receiver<Duration>,
}

impl Labels {
    /// The labels of the configuration that name their access points, and what their tasks need.
    pub(super) fn new(config: &Config, now: Mono) -> (Self, Vec<Question>) {
        let labels = config.signs.iter().filter(|sign| sign.protocol == Protocol::OpenEPaperLink);
        let asked = labels.filter_map(|sign| {
            let (base, mac) = (sign.access_point.clone()?, sign.address.clone()?);
            let (pace, receiver) = watch::channel(FIRST);
            let label = Label { sign: sign.id.clone(), tracker: Tracker::new(now), pace, fault: None };
            Some((label, Question { sign: sign.id.clone(), base, mac, pace: receiver }))
        });
        let (labels, questions) = asked.unzip();
        (Self(labels), questions)
    }

    /// A picture went to whoever asked for it.
    pub(super) fn given(&mut self, sign: &SignId, notice: NoticeHash, ours: bool, now: Mono) {
        if let Some(label) = self.find(sign) {
            label.tracker.give(notice, ours, now);
            label.hurry(now);
        }
    }

    /// A sign did something; that an access point got its picture whole is of interest here.
    pub(super) fn heard(&mut self, event: &SignEvent) {
        if let SignEvent::Fetched { sign, notice } = event
            && let Some(label) = self.find(sign)
        {
            label.tracker.arrived(*notice);
        }
    }

    /// What happened was not all told.
    pub(super) fn events_lost(&mut self, now: Mono) {
        self.0.iter_mut().for_each(|label| label.tracker.muddle(now));
    }

    /// An access point answered: what that means for the sign.
    pub(super) fn answered(&mut self, answered: Answered, now: Mono) -> Vec<SignEvent> {
        let Answered { sign, answer } = answered;
        let Some(label) = self.find(&sign) else { return Vec::new() };
        let words = match answer {
            Ok(answer) => {
                label.say(answer.is_none().then(|| "its access point does not know this label".to_owned()));
                label.tracker.answered(answer, now)
            }
            Err(why) => {
                label.say(Some(format!("its access point: {why}")));
                Vec::new()
            }
        };
        label.hurry(now);
        words.into_iter().map(|word| event(&sign, word)).collect()
    }

    /// A sign is to show `board`.
    pub(super) fn offer(&mut self, board: &Board) {
        if let Some(label) = self.find(&board.sign) {
            label.tracker.offer(board.notice, board.stamped);
        }
    }

    /// How a sign speaks, with what is known of its label by now.
    pub(super) fn followed(&self, sign: &SignId, speaks: &Speaks) -> Speaks {
        let mut speaks = speaks.clone();
        if let Speaks::Label(told) = &mut speaks
            && let Some(label) = self.0.iter().find(|label| label.sign == *sign)
        {
            (told.marked, told.holds) = (label.tracker.marked, label.tracker.holds());
        }
        speaks
    }

    /// What is wrong between a label and us.
    pub(super) fn fault(&self, sign: &SignId) -> Option<&str> {
        self.0.iter().find(|label| label.sign == *sign)?.fault.as_deref()
    }

    fn find(&mut self, sign: &SignId) -> Option<&mut Label> {
        self.0.iter_mut().find(|label| label.sign == *sign)
    }
}

impl Label {
    fn hurry(&self, now: Mono) {
        let pace = if self.fault.is_some() { SILENT } else { self.tracker.pace(now) };
        self.pace.send_if_modified(|told| std::mem::replace(told, pace) != pace);
    }

    /// Says once what is wrong, and once that it no longer is. What the access point wrote is never repeated.
    fn say(&mut self, fault: Option<String>) {
        match (&self.fault, &fault) {
            (before, Some(why)) if before.as_ref() != Some(why) => {
                tracing::warn!(sign = %self.sign, %why, "nobody knows what a label shows");
            }
            (Some(_), None) => tracing::info!(sign = %self.sign, "the access point tells of the label again"),
            _ => {}
        }
        self.fault = fault;
    }
}

fn event(sign: &SignId, word: Word) -> SignEvent {
    let sign = sign.clone();
    match word {
        Word::Shows(notice) => SignEvent::Shown { sign, notice },
        Word::Lost => SignEvent::Trouble { sign },
        Word::Is(health) => SignEvent::Reported { sign, health },
    }
}

/// Asks an access point again and again, at the pace that the core sets, until the core is gone.
pub(super) async fn ask(mut question: Question, answers: mpsc::Sender<Answered>) {
    loop {
        let pace = *question.pace.borrow_and_update();
        tokio::select! {
            changed = question.pace.changed() => {
                if changed.is_err() {
                    return;
                }
                // Another pace is another wait; a slower one begins after the answer that brought it.
                continue;
            }
            () = tokio::time::sleep(pace) => {}
        }
        if answers.send(question.put().await).await.is_err() {
            return;
        }
    }
}

impl Question {
    /// Asks once.
    pub(super) async fn put(&self) -> Answered {
        let url = format!("{}/get_db?mac={}", self.base, self.mac);
        let answer = match client::get(&url).await {
            Ok(body) => answer::parse(&body, &self.mac),
            Err(error) => Err(error.to_string()),
        };
        Answered { sign: self.sign.clone(), answer }
    }

    /// How long to wait before the next question, and whether that has changed since it was last asked.
    #[cfg(test)]
    pub(super) fn pace(&mut self) -> (Duration, bool) {
        let changed = self.pace.has_changed().unwrap_or(false);
        (*self.pace.borrow_and_update(), changed)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::answer::tests::{ANSWER, MAC};
    use super::*;

    fn shelf() -> SignId {
        SignId::new("shelf")
    }

    fn labels() -> Labels {
        let (pace, _) = watch::channel(Duration::ZERO);
        Labels(vec![Label { sign: shelf(), tracker: Tracker::new(Mono(0)), pace, fault: None }])
    }

    #[tokio::test]
    async fn an_access_point_is_asked_by_its_address_and_its_answer_understood() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (pace, receiver) = watch::channel(Duration::ZERO);
        let (answers, mut answered) = mpsc::channel(1);
        let question = Question { sign: shelf(), base, mac: MAC.to_owned(), pace: receiver };
        let task = tokio::spawn(ask(question, answers));
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut asked = vec![0; 1024];
        let length = stream.read(&mut asked).await.unwrap();
        assert!(asked[..length].starts_with(format!("GET /get_db?mac={MAC} HTTP/1.1\r\n").as_bytes()));
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", ANSWER.len());
        stream.write_all((head + ANSWER).as_bytes()).await.unwrap();
        let got = answered.recv().await.unwrap();
        assert_eq!(got.answer.unwrap().unwrap().updates, 17);
        drop(pace);
        task.await.unwrap();
    }

    #[test]
    fn an_access_point_that_is_silent_is_asked_seldom_and_its_fault_is_known() {
        let mut labels = labels();
        let silent = Answered { sign: shelf(), answer: Err("no answer within 8 s".to_owned()) };
        assert_eq!(labels.answered(silent, Mono(0)), []);
        assert_eq!(labels.fault(&shelf()), Some("its access point: no answer within 8 s"));
        assert_eq!(*labels.0[0].pace.borrow(), SILENT);
        let well = Answered { sign: shelf(), answer: answer::parse(ANSWER.as_bytes(), MAC) };
        assert!(matches!(labels.answered(well, Mono(0))[..], [SignEvent::Reported { .. }]));
        assert_eq!(labels.fault(&shelf()), None);
        assert!(*labels.0[0].pace.borrow() < SILENT);
    }
}
