//! Scenarios of bad luck: crashes, broken transfers and stalls at the worst moment.

use super::glass::{Drawn, Glass, Proof};
use super::scenario::{OPENING, Shop, now, plan};
use super::{Effect, Engine, Input, Packet};
use crate::device::decode::Decoded;
use crate::domain::activity::InterlockMode;
use crate::domain::commit::{PacketMark, Restored};
use crate::domain::id::{ActivityId, SignId, ZoneId};
use crate::domain::notice::{NoticeHash, SignState};
use crate::domain::reading::{Fact, Reading};
use crate::domain::sign::{Order, SignEvent};
use crate::domain::time::{Mono, Now, Wall};
use std::time::Duration;

fn sign() -> SignId {
    SignId::new("sign")
}

fn order(stop: bool) -> Input {
    let (zone, activity) = (ZoneId::new("entrance"), ActivityId::new("footfall"));
    Input::Order(if stop { Order::Stop(zone, activity) } else { Order::Start(zone, activity) })
}

fn crossing() -> Vec<Fact> {
    vec![Fact::Crossing { inward: 1, outward: 0 }]
}

fn totals(inward: u64) -> Vec<Fact> {
    vec![Fact::Totals { inward, outward: 0 }]
}

fn packet(fact: Fact) -> Input {
    let reading = Reading::of(fact);
    let heard = vec![(0, Decoded::Readings(vec![reading]))];
    Input::Packet(Packet { epoch: 1, mark: PacketMark { id: 1, hash: 7 }, dup: false, replayed: false, heard })
}

#[test]
fn a_denial_that_was_served_is_known_after_a_crash() {
    let mut shop = Shop::open();
    shop.at(100.0).input(order(true));
    shop.at(105.0);
    assert_eq!(shop.board().state.word(), "inactive");
    shop.poll();
    shop.fetch();
    shop.at(105.5).crash().connect();
    shop.at(110.0).input(order(false));
    assert_ne!(shop.interlock(), "open", "the glass says \"not counting\"");
}

#[test]
fn a_denial_handed_to_a_stranger_is_known_too() {
    let mut shop = Shop::open();
    shop.at(100.0).input(order(true));
    shop.at(105.0);
    let notice = shop.board().notice;
    shop.input(Input::Sign(SignEvent::Handed { sign: sign(), notice }));
    shop.at(110.0).input(order(false));
    assert!(shop.reason().contains("may still say that nobody counts"), "{}", shop.reason());
}

#[test]
fn a_denial_that_nobody_was_told_holds_nothing_back() {
    let mut shop = Shop::open();
    shop.at(100.0).input(order(true));
    shop.at(105.0);
    assert_eq!(shop.board().state.word(), "inactive");
    shop.at(110.0).input(order(false));
    shop.at(111.0);
    assert_eq!(shop.interlock(), "open", "the sign slept through it and shows what it was confirmed to show");
}

#[test]
fn events_that_went_past_us_leave_nothing_believed() {
    let mut shop = Shop::open();
    shop.at(100.0).input(Input::EventsLost);
    assert_eq!(shop.interlock(), "opening");
    shop.confirm(110.0);
    assert_eq!(shop.interlock(), "open");
}

#[test]
fn a_packet_that_comes_before_the_timer_is_judged_after_the_lease() {
    let mut shop = Shop::open();
    shop.at(100.0).crossing();
    shop.at(102.0);
    shop.seconds = 4000.0;
    shop.crossing();
    assert_eq!(shop.people(), 1, "the lease ended at 1052 s, while the box was suspended");
}

#[test]
fn time_after_the_lease_is_not_covered_however_late_that_is_noticed() {
    let mut shop = Shop::open();
    shop.at(100.0).crossing();
    shop.at(102.0);
    shop.seconds = 7300.0;
    shop.message(0, vec![Fact::Battery { percent: 3.0 }]);
    shop.at(7400.0);
    assert_eq!(shop.sum("door", |t| t.covered_ms), 952_000, "100 s to 1052 s");
}

#[test]
fn a_refused_packet_that_comes_again_after_opening_stays_refused() {
    for crash in [false, true] {
        let mut shop = Shop::new();
        shop.connect();
        shop.at(0.0).poll();
        shop.fetch();
        shop.at(59.5);
        let (id, _) = shop.message(0, crossing());
        shop.at(60.0).poll();
        assert_eq!(shop.interlock(), "open");
        shop.at(62.0);
        if crash {
            shop.crash();
        } else {
            shop.input(Input::Disconnected);
        }
        shop.connect();
        shop.redeliver(id, true, 0, crossing());
        assert_eq!(shop.people(), 0, "it passed at 59.5 s, before the notice was confirmed");
    }
}

#[test]
fn a_total_that_waited_in_the_broker_does_not_hide_the_people_after_it() {
    let mut shop = Shop::open();
    shop.at(70.0).message(0, totals(100));
    shop.at(80.0).input(Input::Stop);
    shop.broker_returns_markers = false;
    shop.at(300.0).crash();
    shop.connect();
    shop.at(300.1).message(0, totals(110));
    shop.broker_returns_markers = true;
    shop.at(310.0).message(0, totals(150));
    assert_eq!(shop.people(), 0, "published at 200 s; forty passed until 300 s, while the daemon was stopped");
}

#[test]
fn a_denial_of_which_nothing_is_known_any_more_is_not_taken_back() {
    let plan = plan(InterlockMode::Enforce);
    let mut glass = Glass::new(plan.signs[0].0.clone());
    let deny = NoticeHash([9; 32]);
    glass.learn(Drawn {
        notice: deny,
        state: SignState::Inactive { valid_until: Wall(OPENING + 3_600_000) },
        turn: 0,
        ahead_ms: 0,
    });
    let polled =
        |offered| SignEvent::Polled { sign: sign(), offered, refresh_seconds: 900, timer: true, cached: false };
    glass.handle(&polled(deny), &now(0.0));
    glass.handle(&SignEvent::Fetched { sign: sign(), notice: deny }, &now(1.0));
    for n in 0..4 {
        glass.learn(Drawn {
            notice: NoticeHash([n; 32]),
            state: SignState::Active(vec![ActivityId::new("a")]),
            turn: 0,
            ahead_ms: 0,
        });
    }
    glass.handle(&polled(NoticeHash([3; 32])), &now(900.0));
    assert!(glass.may_deny(now(900.0).wall));
}

#[test]
fn a_transfer_found_broken_after_the_next_poll_takes_the_confirmation_back() {
    let mut shop = Shop::new();
    shop.connect().poll();
    shop.fetch();
    let notice = shop.board().notice;
    shop.at(16.0).poll();
    shop.at(20.0).input(Input::Sign(SignEvent::FetchAborted { sign: sign(), notice }));
    assert_ne!(shop.interlock(), "open", "the picture never arrived");
}

#[test]
fn a_sign_that_polls_and_does_not_fetch_is_offered_another_name() {
    let mut shop = Shop::new();
    shop.connect().poll();
    let before = shop.board().stamped;
    for n in 1..4 {
        shop.at(f64::from(n) * 60.0).poll();
    }
    assert_ne!(shop.board().stamped, before, "it may hold the file and never ask for this name again");
}

#[test]
fn a_plain_http_sign_that_tries_again_at_once_is_not_confirmed() {
    let mut plan = plan(InterlockMode::Enforce);
    plan.signs[0].0.proof = Proof::Word;
    let mut shop = Shop::with(plan);
    shop.connect().fetch();
    shop.at(5.0).fetch();
    assert_ne!(shop.interlock(), "open", "a retry: the first did not arrive");
}

#[test]
fn a_flush_with_a_commit_under_way_is_answered() {
    let mut shop = Shop::open();
    shop.at(70.0).crossing();
    shop.engine.handle(Input::Time, &now(71.0));
    assert!(matches!(shop.engine.next_effect(), Some(Effect::Commit(_))), "due, and the store is slow");
    shop.engine.handle(Input::Flush, &now(71.1));
    assert_eq!(shop.engine.next_effect(), None);
    shop.engine.handle(Input::Committed { ok: true }, &now(71.2));
    let commits = std::iter::from_fn(|| shop.engine.next_effect()).filter(|e| matches!(e, Effect::Commit(_))).count();
    assert!(shop.engine.is_settled() || commits == 1);
}

#[test]
fn a_clock_that_is_not_believed_dates_nothing_and_is_no_floor() {
    let mut shop = Shop::with(plan(InterlockMode::Observe));
    let floor = shop.last_commit;
    let unset = |second: i64| Now { mono: Mono(second * 1000), wall: Wall(second * 1000), trusted: false };
    shop.engine.handle(Input::Connected { session_present: true }, &unset(2));
    shop.engine.handle(packet(Fact::Crossing { inward: 1, outward: 0 }), &unset(3));
    for second in [5, 9] {
        shop.engine.handle(Input::Time, &unset(second));
        shop.work();
    }
    assert!(shop.kept.values().all(|tally| tally.inward == 0), "{:?}", shop.kept);
    assert_eq!(shop.last_commit, floor);
}

#[test]
fn a_clock_set_back_behind_the_figures_kept_stops_counting() {
    let mut shop = Shop::open();
    shop.at(100.0).crossing();
    shop.at(102.0);
    let set_back = Now { wall: Wall(OPENING - 40 * 86_400_000), ..now(103.0) };
    shop.engine.handle(Input::Time, &set_back);
    assert!(!shop.engine.status(&set_back).ready);
    assert_ne!(shop.engine.status(&set_back).interlocks[0].interlock, "open");
}

#[test]
fn a_clock_set_far_ahead_does_not_become_the_floor_at_once() {
    let mut shop = Shop::open();
    let floor = shop.last_commit;
    let year = Duration::from_secs(365 * 86_400);
    let ahead = |seconds: f64| Now { wall: now(seconds).wall + year, ..now(seconds) };
    shop.engine.handle(packet(Fact::Crossing { inward: 1, outward: 0 }), &ahead(70.0));
    shop.engine.handle(Input::Flush, &ahead(71.0));
    shop.work();
    assert_eq!(shop.last_commit, floor);
    let state = shop.records.clone().into_iter().collect();
    let restored = Restored { state, packets: vec![], last_commit: floor };
    shop.engine = Engine::new(shop.plan.clone(), restored, &ahead(80.0));
    shop.work();
    shop.engine.handle(Input::Flush, &ahead(90.0));
    shop.work();
    assert_eq!(shop.last_commit, floor, "nor by a restart while it is wrong");
}

#[test]
fn presence_while_closed_leaves_no_number_of_messages() {
    let mut shop = Shop::new();
    shop.connect();
    for n in 0..7 {
        shop.message(1, vec![Fact::Presence { occupied: Some(n % 2 == 0), count: None }]);
    }
    assert_eq!(shop.engine.status(&now(1.0)).sensors[1].accepted, 0);
}

#[test]
fn an_error_report_that_could_not_be_kept_is_not_forgotten_while_we_run() {
    let mut shop = Shop::open();
    shop.disk_full = true;
    shop.at(100.0).input(Input::Sign(SignEvent::Trouble { sign: sign() }));
    assert_eq!(shop.interlock(), "opening");
    shop.disk_full = false;
    shop.at(200.0).crash();
    shop.connect().crossing();
    assert_eq!((shop.interlock() == "open", shop.people()), (false, 0));
}

#[test]
fn no_markers_pile_up_while_the_broker_is_lost() {
    let mut shop = Shop::open();
    shop.broker_returns_markers = false;
    shop.at(100.0).input(Input::Disconnected);
    shop.at(101.0).connect();
    shop.at(102.0).input(Input::Disconnected);
    let mut markers = 0;
    for second in 0..7_200 {
        shop.engine.handle(Input::Time, &now(102.0 + f64::from(second)));
        while let Some(effect) = shop.engine.next_effect() {
            match effect {
                Effect::Marker(_) => markers += 1,
                Effect::Commit(_) => shop.engine.handle(Input::Committed { ok: true }, &now(102.0 + f64::from(second))),
                Effect::Acknowledge(_) | Effect::Draw { .. } | Effect::Switch(_) => {}
            }
        }
    }
    assert_eq!(markers, 0);
}

#[test]
fn while_a_sign_is_still_being_drawn_after_a_restart_nothing_is_counted() {
    let mut plan = plan(InterlockMode::Enforce);
    let mut second = plan.signs[0].clone();
    second.0.id = SignId::new("second");
    plan.signs.push(second);
    let mut shop = Shop::with(plan);
    shop.connect().confirm(0.0);
    assert_eq!(shop.interlock(), "open");
    shop.at(100.0);
    let state = shop.records.clone().into_iter().collect();
    let restored = Restored { state, packets: vec![], last_commit: shop.last_commit };
    let mut engine = Engine::new(shop.plan.clone(), restored, &now(3000.0));
    let Some(Effect::Draw { sign, state, turn }) = engine.next_effect() else { panic!("a sign is to be drawn") };
    engine.handle(Input::Drawn { sign, state, turn, notice: None }, &now(3000.1));
    engine.handle(Input::Connected { session_present: true }, &now(3000.2));
    engine.handle(packet(Fact::Crossing { inward: 1, outward: 0 }), &now(3000.3));
    engine.handle(Input::Flush, &now(3002.0));
    let counted: u64 = std::iter::from_fn(|| engine.next_effect())
        .filter_map(|effect| if let Effect::Commit(commit) = effect { Some(commit) } else { None })
        .flat_map(|commit| commit.tallies)
        .map(|row| row.tally.inward)
        .sum();
    assert_eq!(counted, 0, "the lease ended long ago");
}

#[test]
fn a_crossing_that_says_when_it_was_is_judged_and_dated_by_that() {
    let mut shop = Shop::open();
    let crossing_at = |second: i64, id: u16| {
        let fact = Fact::Crossing { inward: 1, outward: 0 };
        let reading = Reading { at: Some(Wall(OPENING + second * 1000)), ..Reading::of(fact) };
        let heard = vec![(0, Decoded::Readings(vec![reading]))];
        Input::Packet(Packet { epoch: 1, mark: PacketMark { id, hash: 7 }, dup: false, replayed: false, heard })
    };
    shop.at(850.0).poll();
    shop.at(1000.0).input(crossing_at(30, 1));
    shop.input(crossing_at(300, 2));
    shop.input(crossing_at(-40 * 86_400, 3));
    shop.at(1002.0);
    assert_eq!(
        shop.kept[&(OPENING, "door".to_owned())].inward,
        1,
        "in the quarter of 300 s; at 30 s counting was closed"
    );
    assert_eq!(shop.people(), 2, "a clock forty days behind is not believed: that one is dated by its arrival");
}

#[test]
fn a_restart_does_not_tell_the_sign_that_nobody_counts_while_the_broker_is_about_to_answer() {
    let mut shop = Shop::open();
    shop.at(2_000.0).crash();
    assert_eq!(
        (shop.interlock(), shop.board().state.word()),
        ("opening", "active"),
        "the lease is over, the broker not there yet"
    );
    shop.at(2_004.0);
    assert_eq!((shop.interlock(), shop.board().state.word()), ("closed", "inactive"), "it does not answer");
}
