//! Scenarios: a shop in numbers. A model of store, broker and sign answers the engine, and time is what the scenario says.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::glass::{Proof, SignPlan};
use super::interlock::LockPlan;
use super::objection::ObjectionPlan;
use super::occupancy::Door;
use super::sensor::SensorPlan;
use super::{Effect, Engine, Input, Packet, Plan};
use crate::device::binding::{Binding, OptionValue};
use crate::device::catalog::Catalogue;
use crate::device::decode::Decoded;
use crate::domain::activity::InterlockMode;
use crate::domain::aggregate::{Occupancy, Tally};
use crate::domain::commit::{Commit, PacketMark, Restored, TallyRow};
use crate::domain::id::{ActivityId, SensorId, SignId, ZoneId};
use crate::domain::ledger::Entry;
use crate::domain::notice::{NoticeHash, SignState};
use crate::domain::reading::{Fact, LinkScope, Reading};
use crate::domain::sign::{Board, Health, Order, SignEvent};
use crate::domain::time::{Mono, Now, Wall};

/// 2026-11-23T08:00:00Z, a full quarter of an hour.
pub(super) const OPENING: i64 = 1_795_420_800_000;

pub(super) fn binding(profile: &str, topic: &str, options: &[(&str, &str)]) -> Binding {
    let catalogue = Catalogue::builtin();
    let options: BTreeMap<String, OptionValue> =
        options.iter().map(|(k, v)| ((*k).to_owned(), OptionValue::Text((*v).to_owned()))).collect();
    Binding::new(catalogue.get(profile).expect("a built-in profile"), topic, &options).expect("valid options")
}

pub(super) fn plan(mode: InterlockMode) -> Plan {
    let sensor = |id: &str, profile: &str, options: &[(&str, &str)]| SensorPlan {
        id: SensorId::new(id),
        zone: ZoneId::new("entrance"),
        activity: ActivityId::new("footfall"),
        binding: binding(profile, &format!("topic/{id}"), options),
        control: false,
        presence: false,
    };
    Plan {
        bucket: Duration::from_secs(900),
        commit_interval: Duration::from_secs(1),
        time_zone: TimeZone::get("Europe/Warsaw").expect("bundled"),
        interlocks: vec![LockPlan::new(ZoneId::new("entrance"), ActivityId::new("footfall"), mode)],
        announced: vec![],
        sensors: vec![
            sensor("door", "json", &[("mode", "crossing"), ("in", "/in"), ("out", "/out")]),
            sensor("radar", "zigbee2mqtt", &[]),
        ],
        doors: vec![Door {
            sensor: 0,
            zone: ZoneId::new("entrance"),
            from: None,
            activity: ActivityId::new("footfall"),
        }],
        occupancy_reset: jiff::civil::time(4, 0, 0, 0),
        opening_hours: vec![],
        objections: ObjectionPlan::default(),
        signs: vec![(
            SignPlan {
                id: SignId::new("sign"),
                proof: Proof::NextPoll,
                refresh: Duration::from_secs(900),
                transition_refresh: Duration::from_secs(60),
                grace: Duration::from_secs(90),
                attested_for: Duration::from_secs(30 * 86_400),
                battery_low_mv: 3_500,
                alternates: 0,
            },
            vec![ZoneId::new("entrance")],
        )],
        subscriptions: vec!["topic/door".into()],
        store_fault: None,
        boot: "boot".into(),
        first_marker: 1,
    }
}

/// A shop with one door, one radar and one sign.
pub(super) struct Shop {
    pub(super) plan: Plan,
    pub(super) engine: Engine,
    pub(super) seconds: f64,
    /// The store: sums by bucket start and sensor, records, packet marks.
    pub(super) kept: BTreeMap<(i64, String), Tally>,
    /// Sums of people by bucket start and zone; no zone is the whole shop.
    pub(super) occupancies: BTreeMap<(i64, Option<String>), Occupancy>,
    pub(super) records: BTreeMap<String, Vec<u8>>,
    pub(super) marks: Vec<PacketMark>,
    /// What the ledger was told.
    pub(super) ledger: Vec<Entry>,
    pub(super) last_commit: Option<Wall>,
    pub(super) disk_full: bool,
    pub(super) broker_returns_markers: bool,
    pub(super) acknowledged: Vec<(u64, u16)>,
    pub(super) next_id: u16,
    pub(super) switched: Vec<String>,
    /// Every picture that was drawn: what it says, and in which turn.
    pub(super) drawn: Vec<(&'static str, u8)>,
    /// Turns that cannot be drawn.
    pub(super) undrawable: Vec<u8>,
}

impl Shop {
    pub(super) fn new() -> Self {
        Self::with(plan(InterlockMode::Enforce))
    }

    pub(super) fn with(plan: Plan) -> Self {
        let engine = Engine::new(plan.clone(), Restored::default(), &now(0.0));
        let mut shop = Self {
            plan,
            engine,
            seconds: 0.0,
            kept: BTreeMap::new(),
            occupancies: BTreeMap::new(),
            records: BTreeMap::new(),
            marks: Vec::new(),
            ledger: Vec::new(),
            last_commit: None,
            disk_full: false,
            broker_returns_markers: true,
            acknowledged: Vec::new(),
            next_id: 1,
            switched: Vec::new(),
            drawn: Vec::new(),
            undrawable: Vec::new(),
        };
        shop.work();
        shop
    }

    /// Lets time pass until `seconds`, waking the engine whenever it asked for it.
    pub(super) fn at(&mut self, seconds: f64) -> &mut Self {
        assert!(seconds >= self.seconds, "time does not run backwards");
        while let Some(wake) = self.engine.next_wake().filter(|wake| wake.0 as f64 / 1000.0 <= seconds) {
            self.seconds = self.seconds.max(wake.0 as f64 / 1000.0);
            self.input(Input::Time);
        }
        self.seconds = seconds;
        self
    }

    pub(super) fn input(&mut self, input: Input) -> &mut Self {
        self.engine.handle(input, &now(self.seconds));
        self.work();
        self
    }

    pub(super) fn work(&mut self) {
        while let Some(effect) = self.engine.next_effect() {
            match effect {
                Effect::Commit(_) if self.disk_full => {
                    self.engine.handle(Input::Committed { ok: false }, &now(self.seconds));
                }
                Effect::Commit(commit) => {
                    self.keep(commit);
                    self.engine.handle(Input::Committed { ok: true }, &now(self.seconds));
                }
                Effect::Acknowledge(packets) => self.acknowledged.extend(packets),
                Effect::Marker(number) if self.broker_returns_markers => {
                    self.engine.handle(Input::Marker(number), &now(self.seconds));
                }
                Effect::Marker(_) => {}
                Effect::Draw { sign, state, turn } => {
                    self.drawn.push((state.word(), turn));
                    let notice = (!self.undrawable.contains(&turn)).then(|| picture_in(&state, turn));
                    self.engine.handle(Input::Drawn { sign, state, turn, notice }, &now(self.seconds));
                }
                Effect::Switch(command) => self.switched.push(format!("{} {}", command.topic, command.payload)),
            }
        }
    }

    pub(super) fn keep(&mut self, commit: Commit) {
        for TallyRow { bucket, sensor, tally, .. } in commit.tallies {
            self.kept.entry((bucket.start.0, sensor.to_string())).or_default().add(&tally);
        }
        for row in commit.occupancies {
            let key = (row.bucket.start.0, row.zone.map(|zone| zone.to_string()));
            self.occupancies.entry(key).or_default().add(&row.occupancy);
        }
        for (key, value) in commit.state {
            match value {
                Some(value) => self.records.insert(key, value),
                None => self.records.remove(&key),
            };
        }
        if commit.forget_packets {
            self.marks.clear();
        }
        self.marks.extend(commit.packets);
        self.ledger.extend(commit.ledger);
        self.last_commit = self.last_commit.max(commit.cut_at);
    }

    /// Power goes, or SIGKILL comes: what is not in the store is gone.
    pub(super) fn crash(&mut self) -> &mut Self {
        let restored = Restored {
            state: self.records.clone().into_iter().collect(),
            packets: self.marks.clone(),
            last_commit: self.last_commit,
        };
        self.engine = Engine::new(self.plan.clone(), restored, &now(self.seconds));
        self.work();
        self
    }

    pub(super) fn connect(&mut self) -> &mut Self {
        self.input(Input::Connected { session_present: true })
    }

    pub(super) fn board(&self) -> Board {
        self.engine.boards().next().flatten().expect("the sign has a board").clone()
    }

    pub(super) fn poll(&mut self) -> u32 {
        let board = self.board();
        let (offered, refresh_seconds) = (board.notice, board.refresh_seconds);
        let sign = SignId::new("sign");
        self.input(Input::Sign(SignEvent::Polled { sign, offered, refresh_seconds, timer: true, cached: false }));
        refresh_seconds
    }

    pub(super) fn fetch(&mut self) -> &mut Self {
        let notice = self.board().notice;
        self.input(Input::Sign(SignEvent::Fetched { sign: SignId::new("sign"), notice }))
    }

    /// The sign says that it shows what it is to show.
    pub(super) fn say_shown(&mut self) -> &mut Self {
        let notice = self.board().notice;
        self.input(Input::Sign(SignEvent::Shown { sign: SignId::new("sign"), notice }))
    }

    /// The sign goes through a whole confirmation: poll, fetch, poll a minute later.
    pub(super) fn confirm(&mut self, from: f64) -> &mut Self {
        self.at(from).poll();
        self.fetch();
        self.at(from + 60.0).poll();
        self
    }

    /// A shop in which counting is open from second 60 on, and the sign sleeps long from second 62 on.
    pub(super) fn open() -> Self {
        let mut shop = Self::new();
        shop.connect().confirm(0.0);
        assert_eq!(shop.interlock(), "open");
        assert_eq!(shop.at(62.0).poll(), 900);
        shop.at(65.0);
        shop
    }

    pub(super) fn message(&mut self, sensor: usize, facts: Vec<Fact>) -> (u16, &mut Self) {
        let id = self.next_id;
        self.next_id += 1;
        self.redeliver(id, false, sensor, facts);
        (id, self)
    }

    pub(super) fn redeliver(&mut self, id: u16, dup: bool, sensor: usize, facts: Vec<Fact>) -> &mut Self {
        let reading = Reading::of;
        let heard = vec![(sensor, Decoded::Readings(facts.into_iter().map(reading).collect()))];
        let packet = Packet { epoch: 1, mark: PacketMark { id, hash: 7 }, dup, replayed: false, heard };
        self.input(Input::Packet(packet))
    }

    pub(super) fn crossing(&mut self) -> &mut Self {
        self.message(0, vec![Fact::Crossing { inward: 1, outward: 0 }]).1
    }

    pub(super) fn interlock(&self) -> &'static str {
        self.engine.status(&now(self.seconds)).interlocks[0].interlock
    }

    pub(super) fn reason(&self) -> String {
        self.engine.status(&now(self.seconds)).interlocks[0].reason.clone()
    }

    pub(super) fn sum(&self, sensor: &str, field: impl Fn(&Tally) -> u64) -> u64 {
        self.kept.iter().filter(|((_, s), _)| s == sensor).map(|(_, tally)| field(tally)).sum()
    }

    pub(super) fn people(&mut self) -> u64 {
        let seconds = self.seconds;
        self.at(seconds + 2.0);
        self.sum("door", |t| t.inward)
    }
}

pub(super) fn now(seconds: f64) -> Now {
    let ms = (seconds * 1000.0) as i64;
    Now { mono: Mono(1_000_000 + ms), wall: Wall(OPENING + ms), trusted: true }.shifted()
}

impl Now {
    /// Steady time of the scenarios starts at zero, so that wake-ups read as seconds.
    fn shifted(self) -> Self {
        Self { mono: Mono(self.mono.0 - 1_000_000), ..self }
    }
}

pub(super) fn picture(state: &SignState) -> NoticeHash {
    picture_in(state, 0)
}

pub(super) fn picture_in(state: &SignState, turn: u8) -> NoticeHash {
    let digest = ring::digest::digest(&ring::digest::SHA256, format!("{state:?} {turn}").as_bytes());
    NoticeHash(digest.as_ref().try_into().expect("32 bytes"))
}

#[test]
fn counting_opens_when_the_sign_comes_back_and_not_before() {
    let mut shop = Shop::new();
    shop.connect();
    assert_eq!((shop.interlock(), shop.board().state.word()), ("opening", "active"));
    shop.crossing();
    assert_eq!(shop.poll(), 60, "the sign is asked to come back soon");
    shop.crossing().fetch().crossing();
    assert_eq!(shop.people(), 0);
    shop.at(60.0).poll();
    assert_eq!(shop.interlock(), "open");
    shop.crossing().crossing();
    assert_eq!(shop.people(), 2);
    assert_eq!(shop.board().refresh_seconds, 900, "the sign may sleep long again");
}

#[test]
fn a_sign_that_is_never_polled_means_that_nothing_is_counted_or_kept_of_anybody() {
    let mut shop = Shop::new();
    shop.connect();
    for _ in 0..100 {
        shop.crossing();
    }
    assert_eq!(shop.people(), 0);
    assert!(shop.kept.is_empty(), "{:?}", shop.kept);
    assert!(shop.marks.is_empty(), "not even a mark of a packet is kept");
    assert!(shop.records.keys().all(|key| !key.starts_with("stream/")), "{:?}", shop.records.keys());
    assert_eq!(shop.acknowledged.len(), 100, "the broker is rid of them");
    assert_eq!(shop.reason(), "sign sign has not yet asked for its notice with its credential");
}

#[test]
fn counting_stops_at_the_end_of_the_lease_and_needs_a_fresh_picture() {
    let mut shop = Shop::open();
    let before = shop.board().stamped;
    shop.at(200.0).crossing();
    shop.at(1051.9).crossing();
    shop.at(1052.0 + 0.1).crossing();
    assert_eq!(shop.people(), 2, "900 s refresh + 90 s grace after the poll at 62 s");
    assert_eq!(shop.reason(), "sign sign missed its poll; nobody knows what it shows");
    assert!(shop.board().stamped > before, "a new file name makes the display draw again");
    shop.at(1100.0).poll();
    shop.at(1160.0).poll();
    assert_eq!(shop.interlock(), "opening");
    shop.confirm(1220.0).crossing();
    assert_eq!(shop.people(), 3);
}

#[test]
fn a_message_is_acknowledged_only_after_its_commit() {
    let mut shop = Shop::open();
    shop.acknowledged.clear();
    let (id, _) = shop.message(0, vec![Fact::Crossing { inward: 1, outward: 0 }]);
    assert!(shop.acknowledged.is_empty());
    assert_eq!(shop.people(), 1);
    assert_eq!(shop.acknowledged, [(1, id)]);
}

#[test]
fn a_full_disk_loses_nothing_and_acknowledges_nothing() {
    let mut shop = Shop::open();
    shop.acknowledged.clear();
    shop.disk_full = true;
    shop.at(100.0).crossing().crossing();
    shop.at(200.0).crossing();
    assert_eq!(shop.people(), 0);
    assert!(shop.acknowledged.is_empty());
    assert!(!shop.engine.status(&now(202.0)).ready);
    shop.disk_full = false;
    shop.at(260.0);
    assert_eq!(shop.people(), 3);
    assert_eq!(shop.acknowledged.len(), 3);
}

#[test]
fn a_crash_between_commit_and_acknowledgement_counts_once() {
    let mut shop = Shop::open();
    let (id, _) = shop.message(0, vec![Fact::Crossing { inward: 1, outward: 0 }]);
    assert_eq!(shop.people(), 1);
    shop.crash();
    assert_eq!(shop.interlock(), "open", "the lease lasts, and what waits in the broker was published under it");
    shop.connect();
    shop.redeliver(id, true, 0, vec![Fact::Crossing { inward: 1, outward: 0 }]);
    assert_eq!(shop.people(), 1);
    shop.redeliver(id, false, 0, vec![Fact::Crossing { inward: 1, outward: 0 }]);
    assert_eq!(shop.people(), 2, "the same id and content without DUP is another person");
}

#[test]
fn a_crash_before_the_commit_counts_once_too() {
    let mut shop = Shop::open();
    let (id, _) = shop.message(0, vec![Fact::Crossing { inward: 1, outward: 0 }]);
    shop.crash().connect();
    shop.redeliver(id, true, 0, vec![Fact::Crossing { inward: 1, outward: 0 }]);
    assert_eq!(shop.people(), 1);
}

#[test]
fn what_waited_in_the_broker_counts_iff_the_notice_stayed_up_throughout() {
    let mut shop = Shop::open();
    shop.at(100.0).input(Input::Disconnected);
    shop.broker_returns_markers = false;
    shop.at(130.0).connect().crossing();
    assert_eq!(shop.people(), 1, "published while we were away, under a notice that stayed on the glass");
    let mut gone = Shop::open();
    gone.at(1000.0).input(Input::Disconnected);
    gone.at(1100.0);
    gone.broker_returns_markers = false;
    gone.connect().crossing();
    gone.confirm(1200.0).crossing();
    assert_eq!(gone.people(), 0, "the lease ended at 1052 s; nobody knows when these two were published");
    assert_eq!(gone.interlock(), "opening");
    assert!(gone.reason().contains("marker"), "{}", gone.reason());
    gone.broker_returns_markers = true;
    gone.at(1300.0).crossing();
    assert_eq!(gone.interlock(), "open");
    gone.crossing();
    assert!(gone.people() >= 1);
}

#[test]
fn a_restart_after_the_lease_ended_refuses_what_waited() {
    let mut shop = Shop::open();
    shop.at(100.0).crossing();
    shop.at(2_000.0).crash();
    shop.broker_returns_markers = false;
    shop.connect().crossing();
    assert_eq!(shop.people(), 1);
    assert_eq!(shop.interlock(), "opening");
}

#[test]
fn a_reboot_believes_no_lease() {
    let mut shop = Shop::open();
    shop.at(100.0);
    shop.plan.boot = "another".into();
    shop.crash().connect().crossing();
    assert_eq!(shop.people(), 0);
}

#[test]
fn the_operators_stop_ends_counting_before_the_sign_may_say_so_and_survives_a_restart() {
    let mut shop = Shop::open();
    shop.disk_full = true;
    let order = Order::Stop(ZoneId::new("entrance"), ActivityId::new("footfall"));
    shop.at(100.0).input(Input::Order(order)).crossing();
    shop.at(110.0);
    assert_eq!((shop.interlock(), shop.board().state.word()), ("closing", "active"), "the stop is not durable yet");
    shop.disk_full = false;
    shop.at(200.0);
    assert_eq!((shop.interlock(), shop.board().state.word()), ("closed", "inactive"));
    assert_eq!(shop.people(), 0);
    shop.crash().connect();
    assert_eq!(shop.reason(), "stopped by the operator");
}

#[test]
fn the_operators_stop_survives_a_reboot_without_a_clock() {
    let mut shop = Shop::open();
    let order = Order::Stop(ZoneId::new("entrance"), ActivityId::new("footfall"));
    shop.at(100.0).input(Input::Order(order));
    let restored = Restored { state: shop.records.clone().into_iter().collect(), ..Restored::default() };
    let rebooted = Plan { boot: "another".into(), ..shop.plan.clone() };
    let unset = Now { mono: Mono(5_000), wall: Wall(5_000), trusted: false };
    let mut engine = Engine::new(rebooted, restored, &unset);
    engine.handle(Input::Connected { session_present: true }, &unset);
    engine.handle(Input::Time, &now(300.0));
    assert_eq!(engine.status(&now(300.0)).interlocks[0].reason, "stopped by the operator");
}

#[test]
fn an_unusable_store_lets_the_core_sleep() {
    let fault = Plan { store_fault: Some("put back the key".into()), ..plan(InterlockMode::Enforce) };
    let mut shop = Shop::with(fault);
    shop.poll();
    shop.fetch();
    assert_eq!(shop.board().state.word(), "unknown");
    assert!(shop.engine.is_settled());
    shop.at(12.0);
    let wake = shop.engine.next_wake();
    assert!(wake.is_none_or(|at| at.0 >= 60_000), "{wake:?}");
}

#[test]
fn not_counting_is_valid_until_a_time_and_holds_counting_back_until_then() {
    let mut shop = Shop::open();
    let place = (ZoneId::new("entrance"), ActivityId::new("footfall"));
    shop.at(100.0).input(Input::Order(Order::Stop(place.0.clone(), place.1.clone())));
    shop.at(105.0).poll();
    let until = shop.board().state.valid_until().expect("not counting");
    assert!(until.0 % 900_000 == 0 && until >= Wall(OPENING + 105_000 + 2 * 990_000), "{until:?}");
    shop.at(110.0).input(Input::Order(Order::Start(place.0, place.1)));
    assert_eq!(
        shop.reason(),
        "sign sign may still say that nobody counts; waiting until it is confirmed or that has run out"
    );
    shop.confirm(120.0).crossing();
    assert_eq!(shop.people(), 1, "confirmed to say otherwise");
}

#[test]
fn a_lost_broker_is_borne_for_a_grace_and_then_the_state_is_unknown() {
    let mut shop = Shop::open();
    shop.at(100.0).input(Input::Disconnected);
    shop.at(399.0);
    assert_eq!(shop.board().state.word(), "active");
    shop.at(401.0);
    assert_eq!((shop.interlock(), shop.board().state.word()), ("closed", "unknown"));
}

#[test]
fn a_session_lost_by_the_broker_marks_the_figures_since() {
    let mut shop = Shop::open();
    shop.at(100.0).crossing();
    shop.at(950.0).poll();
    shop.at(1000.0).input(Input::Disconnected);
    shop.at(1010.0).input(Input::Connected { session_present: false });
    shop.at(1020.0).crossing();
    assert_eq!(shop.people(), 2);
    let marked: Vec<_> =
        shop.kept.iter().filter(|(_, t)| t.may_be_low).map(|((start, _), _)| start - OPENING).collect();
    assert_eq!(marked, [900_000, 900_000], "both sensors, in the quarter from 900 s on only");
}

#[test]
fn time_is_covered_only_while_open_and_heard() {
    let mut shop = Shop::open();
    shop.at(100.0).crossing();
    shop.at(400.0).crossing();
    shop.at(402.0);
    assert_eq!(shop.sum("door", |t| t.covered_ms), 301_000, "from the first word at 100 s to the commit at 401 s");
    shop.at(900.0).poll();
    shop.at(1000.0);
    assert_eq!(
        shop.kept[&(OPENING, "door".to_owned())].covered_ms,
        800_000,
        "100 s to the end of the quarter at 900 s"
    );
    assert_eq!(shop.sum("door", |t| t.noticed_ms), shop.sum("door", |t| t.covered_ms));
}

#[test]
fn presence_is_timed_across_buckets_and_unknown_after_the_link_is_lost() {
    let mut shop = Shop::open();
    let presence = |occupied| vec![Fact::Presence { occupied: Some(occupied), count: Some(3 * u32::from(occupied)) }];
    shop.at(800.0).message(1, presence(true));
    shop.at(850.0).poll();
    shop.at(1000.0).message(1, presence(false));
    shop.at(1100.0).message(1, presence(true));
    shop.at(1130.0).message(1, vec![Fact::Link { online: false, scope: LinkScope::Device }]);
    shop.at(1200.0).message(1, vec![Fact::Link { online: true, scope: LinkScope::Device }]);
    shop.at(1300.0);
    let tally = |start: i64| shop.kept[&(OPENING + start * 1000, "radar".to_owned())];
    assert_eq!((tally(0).presence_ms, tally(0).occupancy_max), (100_000, Some(3)));
    assert_eq!(tally(900).presence_ms, 100_000 + 30_000);
}

#[test]
fn an_interval_is_counted_iff_it_was_open_throughout_and_dated_by_itself() {
    let mut shop = Shop::open();
    let interval = |from: i64, to: i64| {
        let wall = |second: i64| Wall(OPENING + second * 1000);
        vec![Fact::Interval { inward: 4, outward: 3, from: wall(from), to: wall(to) }]
    };
    shop.at(850.0).poll();
    shop.at(1000.0).message(0, interval(0, 120));
    shop.message(0, interval(300, 600));
    shop.message(0, interval(300, 600));
    shop.at(1002.0);
    assert_eq!(shop.kept[&(OPENING, "door".to_owned())].inward, 4, "late, once, in the quarter it speaks of");
    assert_eq!(shop.people(), 4, "the one that began before counting opened is refused");
}

#[test]
fn a_total_that_spans_a_closed_time_is_a_new_beginning() {
    let mut shop = Shop::new();
    let totals = |n| vec![Fact::Totals { inward: n, outward: 0 }];
    shop.connect().message(0, totals(100));
    shop.confirm(0.0);
    shop.at(70.0).message(0, totals(150));
    assert_eq!(shop.people(), 0, "some of the fifty passed before the notice was up");
    shop.at(80.0).message(0, totals(157));
    assert_eq!(shop.people(), 7);
    shop.crash().connect();
    shop.at(90.0).message(0, totals(160));
    assert_eq!(shop.people(), 10, "the counter's position survives a restart");
}

#[test]
fn observing_counts_without_a_notice_and_says_so_in_every_figure() {
    let mut shop = Shop::with(plan(InterlockMode::Observe));
    shop.connect().crossing();
    shop.at(100.0).crossing();
    assert_eq!(shop.people(), 2);
    assert!(shop.sum("door", |t| t.covered_ms) > 0);
    assert_eq!(shop.sum("door", |t| t.noticed_ms), 0);
}

#[test]
fn a_clock_that_cannot_be_believed_stops_counting_and_the_sign_says_unknown() {
    let mut shop = Shop::open();
    let untrusted = Now { trusted: false, ..now(shop.seconds) };
    shop.engine.handle(Input::Time, &untrusted);
    while let Some(effect) = shop.engine.next_effect() {
        if let Effect::Draw { state, .. } = effect {
            assert_eq!(state, SignState::Unknown);
        }
    }
    assert!(matches!(shop.interlock(), "closing" | "closed"));
}

#[test]
fn a_sensor_that_is_switched_is_on_only_while_counting_is_open() {
    let mut plan = plan(InterlockMode::Enforce);
    plan.sensors[1].binding = binding("frigate", "frigate/till", &[]);
    plan.sensors[1].control = true;
    let mut shop = Shop::with(plan);
    shop.connect();
    assert_eq!(shop.switched, ["frigate/till/enabled/set OFF"]);
    shop.confirm(0.0);
    assert_eq!(shop.switched.last().map(String::as_str), Some("frigate/till/enabled/set ON"));
    let order = Order::Stop(ZoneId::new("entrance"), ActivityId::new("footfall"));
    shop.at(100.0).input(Input::Order(order));
    assert_eq!(shop.switched.last().map(String::as_str), Some("frigate/till/enabled/set OFF"));
    assert_eq!((shop.interlock(), shop.board().state.word()), ("closing", "active"), "not confirmed to be off");
    let off = crate::domain::reading::CameraState { enabled: Some(false), ..Default::default() };
    shop.at(101.0).message(1, vec![Fact::Camera(off)]);
    shop.at(103.0);
    assert_eq!((shop.interlock(), shop.board().state.word()), ("closed", "inactive"));
}

#[test]
fn a_credential_is_given_once_and_again_only_in_the_pairing_window() {
    let mut shop = Shop::new();
    let sign = SignId::new("sign");
    assert!(shop.engine.grant_credential(&sign, &now(0.0)));
    assert!(!shop.engine.grant_credential(&sign, &now(1.0)));
    shop.at(2.0).crash();
    assert!(!shop.engine.grant_credential(&sign, &now(3.0)), "a restart does not open it");
    shop.at(4.0).input(Input::Order(Order::Pair(sign.clone())));
    assert!(!shop.engine.grant_credential(&sign, &now(604.0)), "ten minutes");
    shop.at(700.0).input(Input::Order(Order::Pair(sign.clone())));
    assert!(shop.engine.grant_credential(&sign, &now(710.0)));
    assert!(!shop.engine.grant_credential(&SignId::new("stranger"), &now(711.0)));
}

#[test]
fn an_idle_shop_sleeps() {
    let mut shop = Shop::open();
    shop.at(100.0).crossing();
    shop.at(102.0);
    let wake = shop.engine.next_wake().expect("a lease runs");
    assert!(wake.0 >= 160_000, "nothing to do before the minute for time sums is over: {wake:?}");
}

/// What can happen to a shop in a random order.
#[derive(Clone, Debug)]
pub(super) enum Happening {
    Pass(u32),
    Late { from: i64, length: i64, inward: u32 },
    Poll,
    Button,
    Fetch,
    Abort,
    Say,
    Trouble,
    EventsLost,
    Report(u8),
    Attest,
    Wait(u16),
    Crash,
    BrokerLost,
    BrokerBack(bool),
    Stop,
    Start,
}

pub(super) fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        6 => (0u32..4).prop_map(Happening::Pass),
        2 => (0i64..3_000, 1i64..900, 0u32..5).prop_map(|(from, length, inward)| Happening::Late { from, length, inward }),
        4 => Just(Happening::Poll),
        1 => Just(Happening::Button),
        3 => Just(Happening::Fetch),
        1 => Just(Happening::Abort),
        1 => Just(Happening::Say),
        1 => Just(Happening::Trouble),
        1 => Just(Happening::EventsLost),
        1 => (0u8..100).prop_map(Happening::Report),
        1 => Just(Happening::Attest),
        4 => (1u16..400).prop_map(Happening::Wait),
        1 => Just(Happening::Crash),
        1 => Just(Happening::BrokerLost),
        2 => any::<bool>().prop_map(Happening::BrokerBack),
        1 => Just(Happening::Stop),
        1 => Just(Happening::Start),
    ]
}

/// Plays `happenings`; returns the shop, how many people were sent, and how many of them while counting was open.
pub(super) fn play(happenings: &[Happening]) -> (Shop, u64, u64) {
    let mut shop = Shop::new();
    shop.connect();
    let (mut sent, mut sent_open) = (0, 0);
    for happening in happenings {
        let open = shop.interlock() == "open";
        if let Happening::Pass(people) = happening {
            sent += u64::from(*people);
            sent_open += if open { u64::from(*people) } else { 0 };
        }
        shop.play(happening);
    }
    (shop, sent, sent_open)
}

impl Shop {
    pub(super) fn play(&mut self, happening: &Happening) {
        let shop = self;
        let (zone, activity) = (ZoneId::new("entrance"), ActivityId::new("footfall"));
        let (sign, board) = (SignId::new("sign"), shop.board());
        let (notice, refresh_seconds) = (board.notice, board.refresh_seconds);
        match happening {
            Happening::Pass(people) => {
                shop.message(0, vec![Fact::Crossing { inward: *people, outward: 0 }]);
                let seconds = shop.seconds;
                shop.at(seconds + 1.5);
            }
            Happening::Late { from, length, inward } => {
                let wall = |s: i64| Wall(OPENING + s * 1000);
                let fact = Fact::Interval { inward: *inward, outward: 0, from: wall(*from), to: wall(from + length) };
                shop.message(1, vec![fact]);
            }
            Happening::Poll => drop(shop.poll()),
            Happening::Button => {
                let (timer, cached) = (false, false);
                let polled = SignEvent::Polled { sign, offered: notice, refresh_seconds, timer, cached };
                shop.input(Input::Sign(polled));
            }
            Happening::Fetch => drop(shop.fetch()),
            Happening::Abort => drop(shop.input(Input::Sign(SignEvent::FetchAborted { sign, notice }))),
            Happening::Say => drop(shop.say_shown()),
            Happening::Trouble => drop(shop.input(Input::Sign(SignEvent::Trouble { sign }))),
            Happening::EventsLost => drop(shop.input(Input::EventsLost)),
            Happening::Report(percent) => {
                let health = Health { battery_percent: Some(*percent), ..Health::default() };
                shop.input(Input::Sign(SignEvent::Reported { sign, health }));
            }
            Happening::Attest => drop(shop.input(Input::Order(Order::Attest(sign, "manager".into())))),
            Happening::Wait(seconds) => {
                let until = shop.seconds + f64::from(*seconds);
                shop.at(until);
            }
            Happening::Crash => drop(shop.crash().connect()),
            Happening::BrokerLost => drop(shop.input(Input::Disconnected)),
            Happening::BrokerBack(session_present) => {
                shop.input(Input::Connected { session_present: *session_present });
            }
            Happening::Stop => drop(shop.input(Input::Order(Order::Stop(zone, activity)))),
            Happening::Start => drop(shop.input(Input::Order(Order::Start(zone, activity)))),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn never_more_is_counted_than_was_sent_while_open(happenings in prop::collection::vec(happening(), 1..80)) {
        let (mut shop, sent, sent_open) = play(&happenings);
        let counted = shop.people();
        prop_assert!(counted <= sent_open && sent_open <= sent, "{counted} of {sent_open} of {sent}");
    }

    #[test]
    fn while_no_sign_polls_nothing_is_recorded(happenings in prop::collection::vec(happening(), 1..80)) {
        let seen = |h: &Happening| matches!(h, Happening::Poll | Happening::Button | Happening::Fetch | Happening::Say);
        let unseen: Vec<_> = happenings.into_iter().filter(|h| !seen(h)).collect();
        let (mut shop, ..) = play(&unseen);
        shop.people();
        prop_assert!(shop.kept.is_empty(), "{:?}", shop.kept);
        prop_assert!(shop.marks.is_empty());
    }

    #[test]
    fn coverage_never_exceeds_the_time_that_passed(happenings in prop::collection::vec(happening(), 1..80)) {
        let (mut shop, ..) = play(&happenings);
        shop.people();
        for ((_, sensor), tally) in &shop.kept {
            prop_assert!(tally.covered_ms <= 900_000, "{sensor}: {tally:?}");
            prop_assert!(tally.noticed_ms <= tally.covered_ms && tally.presence_ms <= tally.covered_ms);
        }
    }

    #[test]
    fn any_order_of_late_intervals_gives_the_same_buckets(
        mut intervals in prop::collection::btree_map(0i64..9, 0u32..6, 1..9),
        seed in any::<u64>(),
    ) {
        let run = |order: &[(i64, u32)]| {
            let mut shop = Shop::open();
            shop.at(900.0).poll();
            shop.at(1800.0).poll();
            for (slot, inward) in order {
                let from = 120 + slot * 150;
                let wall = |s: i64| Wall(OPENING + s * 1000);
                shop.message(0, vec![Fact::Interval { inward: *inward, outward: 0, from: wall(from), to: wall(from + 150) }]);
            }
            shop.people();
            shop.kept.iter().map(|(k, t)| (k.clone(), t.inward)).filter(|(_, n)| *n > 0).collect::<Vec<_>>()
        };
        let sorted: Vec<_> = intervals.iter().map(|(k, v)| (*k, *v)).collect();
        let mut shuffled = Vec::new();
        let mut state = seed;
        while !intervals.is_empty() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let key = *intervals.keys().nth((state >> 33) as usize % intervals.len()).expect("in range");
            shuffled.push((key, intervals.remove(&key).expect("present")));
        }
        prop_assert_eq!(run(&sorted), run(&shuffled));
    }
}
