//! Scenarios of pauses: a visitor objects, by the code on the sign or by a button.

use std::time::Duration;

use super::interlock::LockPlan;
use super::objection::{Button, ObjectionPlan, code_day};
use super::scenario::{OPENING, Shop, now, plan};
use super::{Effect, Input, Packet, Plan};
use crate::device::decode::Decoded;
use crate::domain::activity::InterlockMode;
use crate::domain::commit::PacketMark;
use crate::domain::id::{ActivityId, SignId, ZoneId};
use crate::domain::notice::SignState;
use crate::domain::objection::Answer;
use crate::domain::reading::{Fact, Reading};
use crate::domain::sign::SignEvent;
use crate::domain::time::{Now, Wall};

const MINUTE: f64 = 60.0;

fn pausable() -> Plan {
    let mut plan = plan(InterlockMode::Enforce);
    plan.objections = ObjectionPlan {
        pause: Duration::from_secs(20 * 60),
        per_hour: 2,
        activities: vec![ActivityId::new("footfall")],
        buttons: vec![Button { id: "stop".to_owned(), zone: ZoneId::new("entrance") }],
    };
    plan
}

/// A shop in which counting is open from second 60 on.
fn open() -> Shop {
    let mut shop = Shop::with(pausable());
    shop.connect().confirm(0.0).at(62.0).poll();
    assert_eq!(shop.at(65.0).interlock(), "open");
    shop
}

fn object(shop: &mut Shop) -> Answer {
    let answer = shop.engine.object(&[ZoneId::new("entrance")], &now(shop.seconds));
    shop.work();
    shop.input(Input::Time);
    answer
}

fn minute(minutes: i64) -> Wall {
    Wall(OPENING + minutes * 60_000)
}

fn press(shop: &mut Shop, id: u16, sequence: Option<u64>, dup: bool, replayed: bool) {
    let heard = vec![(2, Decoded::Readings(vec![Reading { sequence, ..Reading::of(Fact::Pressed) }]))];
    shop.input(Input::Packet(Packet { epoch: 1, mark: PacketMark { id, hash: 9 }, dup, replayed, heard }));
}

fn state(shop: &Shop) -> SignState {
    shop.board().state
}

fn paused(minutes: i64) -> SignState {
    SignState::Paused { valid_until: minute(minutes), beside: vec![] }
}

#[test]
fn nobody_is_counted_from_the_objection_on_until_the_sign_says_again_that_we_count() {
    let mut shop = open();
    shop.crossing();
    assert_eq!(object(&mut shop), Answer::Paused { until: minute(25) });
    assert_eq!((shop.interlock(), state(&shop)), ("closed", paused(25)));
    shop.crossing().crossing();
    // The sign comes for its picture at its own pace, and then for the end of the pause.
    assert_eq!(shop.at(962.0).poll(), 60);
    assert_eq!(shop.fetch().at(1022.0).poll(), 60);
    assert_eq!(shop.at(1082.0).poll(), 25 * 60 + 5 - 1082, "it is there when the pause ends");
    shop.crossing().at(25.0 * MINUTE - 0.001).crossing();
    assert_eq!(shop.interlock(), "closed");
    shop.at(25.0 * MINUTE).crossing();
    assert_eq!((shop.interlock(), state(&shop).word()), ("opening", "active"));
    shop.confirm(25.0 * MINUTE + 5.0);
    assert_eq!(shop.interlock(), "open");
    shop.crossing();
    assert_eq!(shop.people(), 2, "one before the pause and one after it");
}

#[test]
fn nothing_opens_after_a_pause_while_a_glass_may_show_an_end_that_has_not_come() {
    let mut shop = open();
    object(&mut shop);
    shop.at(962.0).poll();
    shop.fetch();
    // The clock is set back: the pause keeps its length, but what is printed is later now.
    let back = |seconds: f64| Now { wall: Wall(now(seconds).wall.0 - 600_000), ..now(seconds) };
    shop.engine.handle(Input::Time, &back(970.0));
    shop.work();
    for second in (970..(25 * 60 + 300)).step_by(30) {
        shop.engine.handle(Input::Time, &back(f64::from(second)));
        while let Some(effect) = shop.engine.next_effect() {
            match effect {
                Effect::Commit(_) => shop.engine.handle(Input::Committed { ok: true }, &back(f64::from(second))),
                Effect::Draw { sign, state, turn } => {
                    let notice = Some(super::scenario::picture(&state));
                    shop.engine.handle(Input::Drawn { sign, state, turn, notice }, &back(f64::from(second)));
                }
                Effect::Marker(number) => shop.engine.handle(Input::Marker(number), &back(f64::from(second))),
                Effect::Acknowledge(_) | Effect::Switch(_) => {}
            }
        }
        let status = &shop.engine.status(&back(f64::from(second))).interlocks[0];
        assert_ne!(status.interlock, "open", "{second}: {}", status.reason);
    }
}

#[test]
fn a_clock_that_is_set_changes_the_printed_end_and_not_the_length() {
    let mut shop = open();
    object(&mut shop);
    let ahead = |seconds: f64| Now { wall: Wall(now(seconds).wall.0 + 7_200_000), ..now(seconds) };
    shop.engine.handle(Input::Time, &ahead(70.0));
    assert_eq!(shop.engine.paused_until(0), Some(minute(25 + 120)));
    shop.engine.handle(Input::Time, &ahead(25.0 * MINUTE - 1.0));
    assert!(shop.engine.paused_until(0).is_some(), "whoever pressed gets the time that was promised");
    shop.engine.handle(Input::Time, &ahead(25.0 * MINUTE));
    assert_eq!(shop.engine.paused_until(0), None);
}

#[test]
fn the_sign_says_paused_only_when_the_stop_is_kept_and_the_sensor_is_off() {
    let mut plan = pausable();
    plan.sensors[0].binding = super::scenario::binding("frigate", "frigate/door", &[]);
    plan.sensors[0].control = true;
    let mut shop = Shop::with(plan);
    shop.connect();
    let camera = |on| Fact::Camera(crate::domain::reading::CameraState { enabled: Some(on), ..Default::default() });
    shop.message(0, vec![camera(false)]).1.confirm(0.0);
    shop.message(0, vec![camera(true)]);
    assert_eq!(shop.interlock(), "open", "{}", shop.reason());
    shop.disk_full = true;
    object(&mut shop);
    assert_eq!((shop.interlock(), state(&shop).word()), ("closing", "active"));
    assert_eq!(shop.switched.last().map(|said| said.ends_with("OFF")), Some(true), "{:?}", shop.switched);
    shop.disk_full = false;
    shop.at(120.0);
    assert_eq!((shop.interlock(), state(&shop).word()), ("closing", "active"), "{}", shop.reason());
    shop.message(0, vec![camera(false)]);
    assert_eq!((shop.interlock(), state(&shop)), ("closed", paused(25)));
}

#[test]
fn an_objection_during_a_pause_prolongs_it_and_a_double_press_costs_nothing() {
    let mut shop = open();
    for _ in 0..5 {
        assert_eq!(object(&mut shop), Answer::Paused { until: minute(25) });
    }
    shop.at(10.0 * MINUTE);
    assert_eq!(object(&mut shop), Answer::Paused { until: minute(30) });
    assert_eq!(state(&shop), paused(30));
    shop.at(29.9 * MINUTE);
    assert_eq!(shop.interlock(), "closed");
}

#[test]
fn a_zone_is_paused_only_so_often_within_an_hour_and_the_answer_says_so() {
    let mut shop = open();
    object(&mut shop);
    shop.at(20.0 * MINUTE);
    assert_eq!(object(&mut shop), Answer::Paused { until: minute(40) });
    shop.at(39.0 * MINUTE);
    assert_eq!(object(&mut shop), Answer::Limit { until: Some(minute(40)) });
    shop.at(41.0 * MINUTE);
    assert_eq!(object(&mut shop), Answer::Limit { until: None });
    assert_eq!(shop.interlock(), "opening", "counting is on its way, and the visitor was told so");
    shop.at(61.0 * MINUTE + 6.0);
    assert_eq!(object(&mut shop), Answer::Paused { until: minute(85) }, "the first is more than an hour ago");
    let records: Vec<_> = shop.records.iter().filter(|(key, _)| key.starts_with("pauses/")).collect();
    assert_eq!(records, [(&"pauses/2026-11-23/entrance".to_owned(), &b"3".to_vec())]);
}

#[test]
fn a_pause_survives_a_restart_and_leaves_nothing_but_its_number() {
    let mut shop = open();
    object(&mut shop);
    assert_eq!(shop.records["pause/entrance"], format!("{{\"until\":{}}}", minute(25).0).into_bytes());
    shop.at(70.0).crash().connect();
    assert_eq!((shop.interlock(), state(&shop)), ("closed", paused(25)));
    shop.crossing();
    shop.plan.boot = "another".into();
    shop.at(80.0).crash().connect();
    assert_eq!((shop.interlock(), state(&shop)), ("closed", paused(25)));
    shop.at(25.0 * MINUTE + 2.0);
    assert_eq!(shop.records.get("pause/entrance"), None);
    assert_eq!(shop.records["pauses/2026-11-23/entrance"], b"1");
    assert_eq!(shop.people(), 0);
}

#[test]
fn a_pause_counts_as_kept_only_when_the_store_says_so() {
    let mut shop = open();
    assert!(shop.engine.keeps_pauses());
    shop.disk_full = true;
    object(&mut shop);
    assert!(!shop.engine.keeps_pauses(), "a power cut would forget it");
    shop.disk_full = false;
    let until = shop.seconds + 60.0;
    shop.at(until);
    assert!(shop.engine.keeps_pauses());
}

#[test]
fn a_pause_that_ended_while_the_daemon_was_away_is_over() {
    let mut shop = open();
    object(&mut shop);
    shop.seconds = 26.0 * MINUTE;
    shop.crash().connect();
    assert_eq!((shop.interlock(), state(&shop).word()), ("opening", "active"));
    shop.at(26.0 * MINUTE + 5.0);
    assert_eq!(shop.records.get("pause/entrance"), None);
}

#[test]
fn a_clock_that_was_far_ahead_does_not_pause_for_years() {
    let mut shop = open();
    object(&mut shop);
    shop.records.insert("pause/entrance".to_owned(), br#"{"until":9999999999999}"#.to_vec());
    shop.crash().connect().at(65.0 + 2.0 * 3600.0 + 301.0);
    assert_eq!(shop.records.get("pause/entrance"), None);
}

#[test]
fn a_late_reading_that_speaks_of_the_pause_is_refused() {
    let mut shop = open();
    object(&mut shop);
    shop.confirm(10.0 * MINUTE).confirm(25.0 * MINUTE + 5.0);
    assert_eq!(shop.at(28.0 * MINUTE).interlock(), "open");
    let said = |at: f64| Reading { at: Some(now(at).wall), ..Reading::of(Fact::Crossing { inward: 1, outward: 0 }) };
    for (n, at) in [62.0, 66.0, 5.0 * MINUTE, 24.9 * MINUTE, 25.5 * MINUTE, 27.5 * MINUTE].into_iter().enumerate() {
        let heard = vec![(0, Decoded::Readings(vec![said(at)]))];
        let mark = PacketMark { id: 100 + n as u16, hash: 1 };
        shop.input(Input::Packet(Packet { epoch: 1, mark, dup: false, replayed: false, heard }));
    }
    assert_eq!(shop.people(), 2, "one before the pause and one after it");
}

#[test]
fn a_button_pauses_once_for_each_press_and_never_for_what_the_broker_kept_or_repeats() {
    let mut shop = open();
    press(&mut shop, 50, None, false, true);
    assert_eq!(shop.interlock(), "open", "a retained press is old");
    press(&mut shop, 51, None, false, false);
    assert_eq!(state(&shop), paused(25));
    shop.at(26.0 * MINUTE);
    press(&mut shop, 51, None, true, false);
    assert_eq!(shop.interlock(), "opening", "the broker repeats what was taken before");
    shop.crash().connect();
    press(&mut shop, 51, None, true, false);
    assert_eq!(shop.interlock(), "opening");
}

#[test]
fn a_device_that_repeats_the_number_of_its_presses_is_pressed_when_the_number_changes() {
    let mut shop = open();
    press(&mut shop, 50, Some(7), false, true);
    press(&mut shop, 51, Some(7), false, false);
    assert_eq!(shop.interlock(), "open");
    shop.at(70.0).crash().connect();
    press(&mut shop, 52, Some(7), false, false);
    assert_eq!(shop.interlock(), "open", "the number is known across a restart");
    press(&mut shop, 53, Some(8), false, false);
    assert_eq!(shop.interlock(), "closed");
}

#[test]
fn what_nobody_can_pause_goes_on_and_stands_beside_the_pause() {
    let mut plan = pausable();
    plan.announced.push((ZoneId::new("entrance"), ActivityId::new("recorder")));
    let mut shop = Shop::with(plan);
    shop.connect().confirm(0.0).at(65.0);
    object(&mut shop);
    let beside = vec![ActivityId::new("recorder")];
    assert_eq!(state(&shop), SignState::Paused { valid_until: minute(25), beside });

    let mut plan = pausable();
    plan.interlocks.push(LockPlan::new(ZoneId::new("entrance"), ActivityId::new("duty"), InterlockMode::Enforce));
    let mut shop = Shop::with(plan);
    shop.connect().confirm(0.0).at(65.0);
    object(&mut shop);
    assert_eq!(state(&shop), SignState::Active(vec![ActivityId::new("duty")]));
    let status = shop.engine.status(&now(65.0)).interlocks;
    assert_eq!((status[0].interlock, status[1].interlock), ("closed", "open"));
}

#[test]
fn where_visitors_may_object_to_nothing_an_objection_does_nothing() {
    let mut plan = pausable();
    plan.objections.activities.clear();
    let mut shop = Shop::with(plan);
    shop.connect().confirm(0.0).at(65.0);
    assert_eq!(object(&mut shop), Answer::Nothing);
    assert_eq!(shop.interlock(), "open");
    assert!(shop.records.keys().all(|key| !key.starts_with("pause")));
}

#[test]
fn who_walks_out_of_a_paused_zone_is_not_counted_at_the_door_behind() {
    let mut plan = pausable();
    plan.doors[0].from = Some(ZoneId::new("hall"));
    plan.interlocks.push(LockPlan::new(ZoneId::new("hall"), ActivityId::new("footfall"), InterlockMode::Enforce));
    let mut shop = Shop::with(plan);
    shop.connect().confirm(0.0).at(65.0);
    assert_eq!(shop.interlock(), "open");
    shop.engine.object(&[ZoneId::new("hall")], &now(65.0));
    shop.input(Input::Time);
    assert_eq!(shop.interlock(), "closed");
}

#[test]
fn codes_change_in_the_night_and_signs_are_drawn_for_it_once_a_day_at_most() {
    let zone = plan(InterlockMode::Enforce).time_zone;
    // Eight o'clock UTC is nine in Warsaw; four in the morning there is nineteen hours later.
    let date = |hours: f64| code_day(now(hours * 3600.0).wall, &zone).to_string();
    assert_eq!((date(0.0), date(18.99), date(19.0)), ("2026-11-23".into(), "2026-11-23".into(), "2026-11-24".into()));
    let mut shop = open();
    let mut days = Vec::new();
    let mut drawn = 0;
    for quarter in 1..(4 * 48) {
        let at = f64::from(quarter) * 900.0;
        shop.seconds = at;
        shop.engine.handle(Input::Time, &now(at));
        while let Some(effect) = shop.engine.next_effect() {
            match effect {
                Effect::Draw { sign, state, turn } => {
                    drawn += 1;
                    days.push(shop.engine.code_day());
                    let notice = Some(super::scenario::picture(&state));
                    shop.engine.handle(Input::Drawn { sign, state, turn, notice }, &now(at));
                }
                Effect::Commit(commit) => {
                    shop.keep(commit);
                    shop.engine.handle(Input::Committed { ok: true }, &now(at));
                }
                Effect::Acknowledge(_) | Effect::Marker(_) | Effect::Switch(_) => {}
            }
        }
        shop.poll();
        shop.input(Input::Sign(SignEvent::Shown { sign: SignId::new("sign"), notice: shop.board().notice }));
        assert_eq!(shop.interlock(), "open", "counting goes on over the change");
    }
    assert_eq!((drawn, days.len()), (2, 2), "{days:?}");
}
