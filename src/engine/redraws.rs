//! Scenarios of economy: how often a display draws, and how often it wakes, when there is no need.

use super::Input;
use super::display::Display;
use super::glass::Proof;
use super::scenario::{Shop, plan};
use crate::domain::activity::InterlockMode;
use crate::domain::id::{ActivityId, SignId, ZoneId};
use crate::domain::sign::{Health, Order, SignEvent};

const DAY: f64 = 86_400.0;

fn lived(seconds: f64) -> (Shop, Display) {
    let (mut shop, mut display) = (Shop::new(), Display::new());
    shop.connect();
    display.live(&mut shop, seconds);
    assert_eq!(shop.interlock(), "open");
    (shop, display)
}

fn stop(stop: bool) -> Input {
    let (zone, activity) = (ZoneId::new("entrance"), ActivityId::new("footfall"));
    Input::Order(if stop { Order::Stop(zone, activity) } else { Order::Start(zone, activity) })
}

fn trouble() -> Input {
    Input::Sign(SignEvent::Trouble { sign: SignId::new("sign") })
}

#[test]
fn in_a_day_in_which_nothing_changes_the_display_draws_exactly_once_more() {
    let (mut shop, mut display) = lived(100.0);
    let first = shop.board();
    let mut names = vec![first.stamped];
    for minute in 2..=(24 * 60 + 20) {
        display.live(&mut shop, f64::from(minute) * 60.0);
        let board = shop.board();
        assert_eq!((board.notice, shop.interlock()), (first.notice, "open"), "minute {minute}");
        if names.last() != Some(&board.stamped) {
            names.push(board.stamped);
        }
    }
    assert_eq!(names.len(), 2, "one forced refresh: {names:?}");
    assert_eq!(names[1].since(names[0]).as_secs(), 86_400);
    assert_eq!(display.drawn_since(0.0), ["active"; 2]);
    assert_eq!(display.polls.len(), 99, "24 h 20 min at 904 s, and the two at the beginning");
}

#[test]
fn a_stop_of_a_day_is_renewed_every_few_hours_only() {
    let (mut shop, mut display) = lived(100.0);
    shop.input(stop(true));
    let mut expired = 0;
    for minute in 2..=(24 * 60) {
        display.live(&mut shop, f64::from(minute) * 60.0);
        let until = shop.board().state.valid_until();
        expired += u32::from(until.is_some_and(|until| until <= super::scenario::now(shop.seconds).wall));
    }
    let drawings = display.drawn_since(60.0).len();
    assert!((6..=7).contains(&drawings), "a picture holds for four hours: {drawings}");
    assert_eq!(expired, 0, "and is renewed before it runs out");
}

#[test]
fn evidence_lost_twice_makes_the_display_draw_only_once_in_three_minutes() {
    let (mut shop, _) = lived(1_000.0);
    let names = |shop: &Shop| shop.board().stamped;
    let before = names(&shop);
    shop.input(trouble());
    let second = names(&shop);
    assert_eq!(second.since(before).as_secs(), 1_000, "the first time at once");
    shop.at(1_060.0).input(trouble());
    shop.at(1_179.0);
    assert_eq!(names(&shop), second);
    shop.at(1_180.0);
    assert_eq!(names(&shop).since(second).as_secs(), 180);
}

#[test]
fn a_new_state_never_waits() {
    let (mut shop, _) = lived(1_000.0);
    shop.input(trouble());
    shop.at(1_001.0).input(stop(true));
    shop.at(1_002.0);
    assert_eq!(shop.board().state.word(), "inactive");
    shop.at(1_003.0).input(stop(false));
    shop.at(1_004.0);
    assert_eq!(shop.board().state.word(), "active");
}

#[test]
fn a_state_that_came_and_went_while_the_display_slept_costs_it_nothing() {
    let (mut shop, mut display) = lived(150.0);
    let before = shop.board().stamped;
    shop.input(stop(true));
    shop.at(200.0);
    assert_eq!(shop.board().state.word(), "inactive");
    shop.input(stop(false));
    shop.at(300.0);
    assert_eq!((shop.interlock(), shop.board().stamped), ("open", before));
    display.live(&mut shop, 3_000.0);
    assert_eq!(display.drawn_since(0.0), ["active"]);
}

#[test]
fn a_restart_costs_the_display_nothing_while_its_lease_lasts() {
    let (mut shop, mut display) = lived(1_000.0);
    let before = shop.board().stamped;
    shop.crash().connect();
    assert_eq!(shop.board().stamped, before);
    display.live(&mut shop, 5_000.0);
    assert_eq!(display.drawn_since(0.0), ["active"]);
    assert_eq!(shop.interlock(), "open");
}

#[test]
fn a_button_press_makes_the_display_draw_once_by_itself_and_not_a_second_time() {
    let (mut shop, mut display) = lived(1_000.0);
    display.press(&mut shop);
    assert_eq!(shop.interlock(), "opening", "it drew its logo before it asked");
    display.live(&mut shop, 5_000.0);
    assert_eq!(display.drawn_since(900.0), ["active"]);
    assert_eq!(shop.interlock(), "open", "it said that it drew from its own memory");
}

#[test]
fn a_display_that_does_not_say_so_is_given_another_name_after_a_button_press() {
    let (mut shop, mut display) = lived(1_000.0);
    display.says_so = false;
    display.press(&mut shop);
    display.live(&mut shop, 5_000.0);
    assert_eq!(display.drawn_since(900.0), ["active"; 2]);
    assert_eq!(shop.interlock(), "open");
}

/// A shop with a display that proves what it shows by `proof`, and has just said that it shows its notice.
fn said(proof: Proof) -> Shop {
    let mut plan = plan(InterlockMode::Enforce);
    plan.signs[0].0.proof = proof;
    let mut shop = Shop::with(plan);
    shop.connect();
    say(&mut shop);
    assert_eq!(shop.interlock(), "open");
    shop
}

fn say(shop: &mut Shop) {
    let notice = shop.board().notice;
    shop.input(Input::Sign(SignEvent::Shown { sign: SignId::new("sign"), notice }));
}

#[test]
fn a_display_that_says_what_it_shows_is_given_another_name_exactly_once_a_day() {
    for proof in [Proof::Word, Proof::WordOnly] {
        let mut shop = said(proof);
        let mut names = vec![shop.board().stamped];
        for minute in 1..=3 * 24 * 60 {
            shop.at(f64::from(minute) * 60.0);
            say(&mut shop);
            assert_eq!(shop.interlock(), "open", "minute {minute}");
            if names.last() != Some(&shop.board().stamped) {
                names.push(shop.board().stamped);
            }
        }
        let apart: Vec<_> = names.windows(2).map(|pair| pair[1].since(pair[0]).as_secs()).collect();
        assert_eq!(apart, [86_400; 3], "{proof:?}");
    }
}

#[test]
fn a_display_that_can_say_what_it_holds_draws_nothing_because_its_word_was_missed() {
    for proof in [Proof::Word, Proof::WordOnly] {
        let mut shop = said(proof);
        let before = shop.board().stamped;
        shop.input(trouble());
        shop.at(5_000.0);
        assert_eq!((shop.interlock(), shop.board().stamped), ("opening", before), "{proof:?}");
        shop.crash().connect();
        assert_eq!(shop.board().stamped, before, "{proof:?}, after a restart");
        say(&mut shop);
        shop.at(DAY - 1.0);
        assert_eq!(shop.board().stamped, before, "{proof:?}, and for the rest of the day");
    }
}

fn reported(health: Health) -> Input {
    Input::Sign(SignEvent::Reported { sign: SignId::new("sign"), health })
}

#[test]
fn a_display_whose_battery_is_low_wakes_half_as_often_and_counting_goes_on() {
    let (mut shop, mut display) = lived(1_000.0);
    shop.input(reported(Health { battery_percent: Some(19), ..Health::default() }));
    assert_eq!(shop.board().refresh_seconds, 1_800);
    display.live(&mut shop, DAY / 2.0);
    assert_eq!(shop.interlock(), "open");
    let wakes = display.asked(10_000.0, 28_000.0).len();
    assert_eq!(wakes, 10, "every half hour for five hours");
    shop.input(reported(Health { battery_percent: Some(100), ..Health::default() }));
    assert_eq!(shop.board().refresh_seconds, 900);
}

#[test]
fn a_low_battery_slows_no_transition_and_no_powered_display_and_never_beyond_the_longest_lease() {
    let (mut shop, _) = lived(1_000.0);
    shop.input(reported(Health { battery_mv: Some(3_400), powered: Some(true), ..Health::default() }));
    assert_eq!(shop.board().refresh_seconds, 900);
    shop.input(reported(Health { powered: Some(false), ..Health::default() }));
    assert_eq!(shop.board().refresh_seconds, 1_800);
    shop.input(stop(true));
    shop.at(1_002.0);
    assert_eq!(shop.board().refresh_seconds, 60);
    shop.engine.signs[0].glass.plan.refresh = std::time::Duration::from_secs(6_000);
    assert_eq!(shop.engine.rest(0).as_secs(), 7_200 - 90);
}
