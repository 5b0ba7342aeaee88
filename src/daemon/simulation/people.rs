//! What people do in the shop, and what they see: customers, the operator, a stranger with a telephone, and whoever stands before a
//! display.

use super::glass::Said;
use super::line::{Answer, Street, get, post};
use super::shop::{BOOTED, Shop};
use crate::domain::id::SignId;
use crate::domain::time::Mono;
use crate::store::query::{By, Question, Reader};

/// A phone is led back to the page, which says until when.
pub(super) const PAUSED: u16 = 303;

impl Shop {
    /// The credential of a sign, as `noticed sign token` prints it.
    pub(super) fn token(&self, sign: &str) -> String {
        let master = super::super::master_key(&self.config).expect("the key was written");
        super::super::credentials(&master).sign(&SignId::new(sign))
    }

    /// Somebody walks in.
    pub(super) async fn customer(&mut self) {
        let is_told = self.truth.is_told();
        self.told_customers += u64::from(is_told);
        // In the figures, whoever could not read that they are counted weighs more than everybody else together.
        let person = if is_told { "{\"in\":1}" } else { "{\"in\":1000}" };
        if let Some(broker) = &mut self.broker {
            broker.publish("counters/door", person, false).await;
        } else if let Some(daemon) = &mut self.daemon {
            daemon.publish("counters/door", person);
        }
        self.settle("a customer").await;
    }

    /// The operator gives an order, over the operator's own listener; the error says in words why it is refused.
    pub(super) async fn order(&mut self, order: &str) -> Result<(), String> {
        let master = super::super::master_key(&self.config).expect("the key was written");
        let token = super::super::credentials(&master).operator();
        let Self { daemon: Some(daemon), gallery, .. } = self else { panic!("nobody takes orders") };
        let street = Street { now: daemon.now(), door: daemon.back_door };
        let ask =
            post("/api/v1/orders", order.to_owned()).with("Authorization", format!("Bearer {token}")).ask(&street);
        let answer = tokio::select! {
            biased;
            () = daemon.serve(gallery) => unreachable!("it serves without end"),
            answer = ask => answer.expect("the operator is answered"),
        };
        self.settle(order).await;
        if answer.code == 204 { Ok(()) } else { Err(String::from_utf8_lossy(&answer.body).into_owned()) }
    }

    pub(super) async fn stop(&mut self) {
        let order = "{\"order\":\"stop\",\"zone\":\"entrance\",\"activity\":\"footfall\"}";
        self.order(order).await.expect("it is taken");
    }

    pub(super) async fn start_again(&mut self) {
        let order = "{\"order\":\"start\",\"zone\":\"entrance\",\"activity\":\"footfall\"}";
        self.order(order).await.expect("it is taken");
    }

    /// A visitor presses the button of the page behind the code of the first sign; the answer's code.
    pub(super) async fn objects(&mut self) -> u16 {
        let master = super::super::master_key(&self.config).expect("the key was written");
        let daemon = self.daemon.as_ref().expect("it runs");
        let day = daemon.core.engine.code_day().to_string();
        let code = super::super::credentials(&master).pause_code(&self.config.signs[0].id, &day);
        let street = Street { now: self.now(), door: self.door() };
        let Self { daemon: Some(daemon), gallery, .. } = self else { panic!("nobody answers") };
        let answer = tokio::select! {
            biased;
            () = daemon.serve(gallery) => unreachable!("it serves without end"),
            answer = post("/pause", format!("lang=pl&code={code}")).ask(&street) => answer.expect("an answer"),
        };
        self.settle("a visitor objects").await;
        answer.code
    }

    /// What the daemon says of the interlock, and why.
    pub(super) fn interlock(&self) -> (&'static str, String) {
        let daemon = self.daemon.as_ref().expect("it runs");
        let status = daemon.core.engine.status(&daemon.now()).interlocks.remove(0);
        (status.interlock, status.reason)
    }

    /// What display `index` drew from `from` on, in words; seconds since the shop was furnished.
    pub(super) fn drew(&self, index: usize, from: i64) -> Vec<&'static str> {
        let drawn = self.face(index).drawings.iter().filter(|(at, _)| at.0 - BOOTED >= from * 1000);
        drawn.map(|(_, glass)| self.gallery.word(glass)).collect()
    }

    /// How often display `index` asked in a span of seconds.
    pub(super) fn asked(&self, index: usize, from: i64, to: i64) -> usize {
        let within = |at: &&Mono| (from * 1000..to * 1000).contains(&(at.0 - BOOTED));
        self.face(index).polls.iter().filter(within).count()
    }

    /// What can be read on display `index` now.
    pub(super) fn reads(&self, index: usize) -> Option<&Said> {
        self.gallery.read(self.face(index).glass())
    }

    pub(super) fn word(&self, index: usize) -> &'static str {
        self.gallery.word(self.face(index).glass())
    }

    /// How many people the store counts.
    pub(super) fn counted(&self) -> u64 {
        let key = super::super::master_key(&self.config).expect("the key was written").store_key();
        let reader = Reader::open(&self.config.store.path, &key).expect("the store is there");
        let time_zone = &self.config.shop.time_zone;
        let question = Question { from: None, to: None, by: By::Day, zone: None, time_zone, sensors: &[] };
        reader.rows(&question).expect("the store answers").iter().filter_map(|row| row.inward).sum()
    }

    /// Asks the daemon as somebody who stands in the shop and has no credential.
    pub(super) async fn stranger_asks(&mut self, path: &str) -> Answer {
        let street = Street { now: self.now(), door: self.door() };
        let Self { daemon: Some(daemon), gallery, .. } = self else { panic!("nobody answers") };
        tokio::select! {
            biased;
            () = daemon.serve(gallery) => unreachable!("it serves without end"),
            answer = get(path).ask(&street) => answer.expect("an answer"),
        }
    }

    /// What display `index` shows once it has asked for the next time and had time to draw, and when it asked.
    pub(super) async fn next_poll_shows(&mut self, index: usize) -> (&'static str, i64) {
        /// Longest way from a question to the glass: a label sleeps for 40 s and draws for 16.
        const DRAWN_AFTER: i64 = 70;
        let before = self.face(index).polls.len();
        while self.face(index).polls.len() == before {
            self.pass(1).await;
        }
        let asked = self.seconds();
        self.pass(DRAWN_AFTER).await;
        (self.word(index), asked)
    }
}
