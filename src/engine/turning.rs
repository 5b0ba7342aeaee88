//! Scenarios of a sign that shows three languages in turn: counting goes on through all of them, and opens under the local one only.

use std::time::Duration;

use jiff::civil::{Time, Weekday};
use proptest::prelude::*;

use super::display::Display;
use super::glass::Proof;
use super::hours::Opening;
use super::scenario::{Happening, Shop, happening, now, plan};
use super::{Effect, Input, Plan};
use crate::domain::activity::InterlockMode;
use crate::domain::id::{ActivityId, SignId, ZoneId};
use crate::domain::sign::{Health, Order, SignEvent};

const DAY: f64 = 86_400.0;

/// One whole round of the three languages: each is drawn at one question and confirmed at the next, which begins the next turn.
const ROUND: f64 = 6.0 * 904.0;

fn in_turn() -> Plan {
    let mut plan = plan(InterlockMode::Enforce);
    plan.signs[0].0.alternates = 2;
    plan
}

fn shop() -> Shop {
    let mut shop = Shop::with(in_turn());
    shop.connect();
    shop
}

fn lived(seconds: f64) -> (Shop, Display) {
    let (mut shop, mut display) = (shop(), Display::new());
    display.live(&mut shop, seconds);
    assert_eq!(shop.interlock(), "open");
    (shop, display)
}

/// A shop whose display was just confirmed to show turn 1.
fn in_turn_one() -> (Shop, Display) {
    let (mut shop, mut display) = lived(1_939.0);
    assert_eq!(shop.board().turn, 1);
    display.refuses = Some(2);
    display.live(&mut shop, 2_200.0);
    assert_eq!((shop.interlock(), shop.board().turn, display.turns()), ("open", 2, vec![0, 1]));
    (shop, display)
}

fn stop(stop: bool) -> Input {
    let (zone, activity) = (ZoneId::new("entrance"), ActivityId::new("footfall"));
    Input::Order(if stop { Order::Stop(zone, activity) } else { Order::Start(zone, activity) })
}

/// Lives, and asserts each minute that counting is open.
fn open_throughout(shop: &mut Shop, display: &mut Display, until: f64) {
    while shop.seconds < until {
        let next = (shop.seconds + 60.0).min(until);
        display.live(shop, next);
        assert_eq!(shop.interlock(), "open", "at {next}: {}", shop.reason());
    }
}

/// The process goes down: counting ends durably, and nothing is drawn any more.
fn stop_in_order(shop: &mut Shop) {
    shop.engine.handle(Input::Stop, &now(shop.seconds));
    while let Some(effect) = shop.engine.next_effect() {
        if let Effect::Commit(commit) = effect {
            shop.keep(commit);
            shop.engine.handle(Input::Committed { ok: true }, &now(shop.seconds));
        }
    }
}

#[test]
fn in_a_day_of_three_languages_the_display_draws_every_half_hour_wakes_no_more_often_and_counting_never_closes() {
    let (mut shop, mut display) = lived(100.0);
    open_throughout(&mut shop, &mut display, DAY + 1_200.0);
    let turns = display.turns();
    assert_eq!(turns.len(), 49, "every second question: {turns:?}");
    assert!(turns.iter().zip([0, 1, 2].into_iter().cycle()).all(|(turn, next)| *turn == next), "{turns:?}");
    assert_eq!(display.polls.len(), 99, "as many as of a sign that speaks one language");
    shop.crossing();
    assert_eq!(shop.people(), 1);
}

#[test]
fn no_other_language_is_offered_before_counting_is_open_under_the_local_one() {
    let mut shop = shop();
    shop.broker_returns_markers = false;
    shop.confirm(0.0).at(5_000.0).poll();
    for at in [5_900.0, 6_800.0, 7_700.0] {
        shop.at(at).poll();
        assert_eq!((shop.interlock(), shop.board().turn), ("opening", 0), "{}", shop.reason());
    }
}

#[test]
fn a_display_that_never_takes_another_language_goes_on_covering_with_the_local_one() {
    let (mut shop, mut display) = lived(100.0);
    display.refuses = Some(1);
    open_throughout(&mut shop, &mut display, DAY);
    assert_eq!((display.turns(), shop.board().turn), (vec![0], 1), "nothing comes after what nobody takes");
    assert_eq!(display.asked(10_000.0, 10_000.0 + 9_040.0).len(), 10, "and it is not hurried");
}

#[test]
fn whatever_changes_is_said_in_the_local_language_and_counting_opens_again_only_under_that() {
    let (mut shop, mut display) = in_turn_one();
    shop.input(stop(true));
    let second = shop.seconds + 1.0;
    shop.at(second);
    assert_eq!((shop.interlock(), shop.board().state.word(), shop.board().turn), ("closed", "inactive", 0));
    shop.input(stop(false));
    let second = shop.seconds + 1.0;
    shop.at(second);
    assert_eq!((shop.interlock(), shop.board().state.word(), shop.board().turn), ("opening", "active", 0));
    display.live(&mut shop, 3_000.0);
    assert_eq!((shop.interlock(), display.turns()), ("open", vec![0, 1, 0]), "{}", shop.reason());
    display.refuses = None;
    open_throughout(&mut shop, &mut display, 20_000.0);
}

#[test]
fn a_display_that_draws_another_language_by_itself_after_a_button_press_does_not_open_counting() {
    let (mut shop, mut display) = in_turn_one();
    display.refuses = None;
    let offered = shop.board();
    display.press(&mut shop);
    assert_eq!((offered.turn, shop.interlock(), shop.board().turn), (2, "opening", 0));
    let (sign, offered) = (SignId::new("sign"), offered.notice);
    let later = shop.seconds + 60.0;
    let cached = SignEvent::Polled { sign, offered, refresh_seconds: 60, timer: true, cached: true };
    shop.at(later).input(Input::Sign(cached));
    assert_eq!(shop.interlock(), "opening", "it shows turn 2");
    display.wakes_at = later + 60.0;
    display.live(&mut shop, later + 200.0);
    assert_eq!((shop.interlock(), shop.board().turn), ("open", 0));
}

#[test]
fn a_restart_at_any_moment_of_any_turn_goes_on_counting_where_it_was() {
    let mut moment = 1_000.0;
    while moment < 1_000.0 + ROUND {
        let (mut shop, mut display) = lived(moment);
        let before = shop.board().turn;
        shop.crash().connect();
        assert_eq!((shop.interlock(), shop.board().turn), ("open", before), "at {moment}: {}", shop.reason());
        let since = shop.engine.interlocks[0].state.open_since().map(|since| since.0);
        assert!(since.is_some_and(|since| since < 100_000), "the span goes on: {since:?}");
        open_throughout(&mut shop, &mut display, moment + 2.0 * ROUND);
        let (turns, undisturbed) = (display.turns(), ((shop.seconds - 1_036.0) / (ROUND / 3.0)) as usize + 2);
        assert!(turns.len() <= undisturbed + 1, "at {moment}, one more at most: {turns:?}");
        moment += 97.0;
    }
}

#[test]
fn after_an_orderly_restart_counting_opens_at_once_under_the_notice_that_hung_there_meanwhile() {
    for moment in [1_100.0, 1_900.0, 2_000.0, 2_800.0, 2_900.0] {
        let (mut shop, mut display) = lived(moment);
        let before = shop.board().turn;
        stop_in_order(&mut shop);
        shop.crash().connect();
        assert_eq!((shop.interlock(), shop.board().turn), ("open", before), "at {moment}: {}", shop.reason());
        open_throughout(&mut shop, &mut display, moment + ROUND);
    }
}

#[test]
fn what_hung_there_before_a_restart_opens_nothing_once_something_contradicted_it() {
    let (mut shop, _) = in_turn_one();
    stop_in_order(&mut shop);
    shop.crash();
    shop.input(Input::Sign(SignEvent::Trouble { sign: SignId::new("sign") })).connect();
    assert_eq!((shop.interlock(), shop.board().turn), ("opening", 0));
}

#[test]
fn after_a_restart_languages_that_are_not_configured_any_more_are_not_believed() {
    let (mut shop, _) = in_turn_one();
    shop.plan.signs[0].0.alternates = 0;
    shop.crash().connect();
    assert_eq!((shop.interlock(), shop.board().turn), ("opening", 0));
}

#[test]
fn after_a_reboot_the_local_language_comes_first() {
    let (mut shop, _) = in_turn_one();
    shop.plan.boot = "another".into();
    shop.crash().connect();
    assert_eq!((shop.interlock(), shop.board().turn), ("opening", 0));
}

#[test]
fn a_language_that_does_not_fit_is_left_out_and_counting_does_not_wait_for_it() {
    for (undrawable, shown, drawn) in [(vec![1], vec![0, 2, 0, 2], 6), (vec![1, 2], vec![0], 3)] {
        let mut shop = Shop::with(in_turn());
        shop.undrawable = undrawable;
        shop.connect();
        let mut display = Display::new();
        display.live(&mut shop, 100.0);
        open_throughout(&mut shop, &mut display, ROUND + 1_000.0);
        assert_eq!((display.turns(), shop.drawn.len()), (shown, drawn), "{:?}", shop.drawn);
    }
}

#[test]
fn a_page_shows_each_language_for_three_minutes_at_least_and_a_display_on_a_low_battery_for_longer() {
    let mut plan = in_turn();
    (plan.signs[0].0.proof, plan.signs[0].0.refresh) = (Proof::WordOnly, Duration::from_secs(15));
    let mut shop = Shop::with(plan);
    shop.connect();
    let mut turns = Vec::new();
    for second in (0..1_000).step_by(15) {
        shop.at(f64::from(second)).say_shown();
        turns.push(shop.board().turn);
        assert_eq!(shop.interlock(), "open");
    }
    let least = turns.chunk_by(|a, b| a == b).map(<[u8]>::len).collect::<Vec<_>>();
    assert_eq!(least, [12, 12, 12, 12, 12, 7], "questions of a quarter of a minute in each turn");

    let (mut shop, mut display) = lived(1_000.0);
    shop.input(Input::Sign(SignEvent::Reported {
        sign: SignId::new("sign"),
        health: Health { battery_percent: Some(10), ..Health::default() },
    }));
    open_throughout(&mut shop, &mut display, DAY);
    assert_eq!(display.turns().len(), 25, "half as many drawings");
}

#[test]
fn outside_opening_hours_what_is_still_announced_is_said_in_the_local_language() {
    let mut plan = in_turn();
    plan.announced = vec![(ZoneId::new("entrance"), ActivityId::new("recording"))];
    let hour = |hour| Time::new(hour, 0, 0, 0).expect("an hour");
    plan.opening_hours = vec![Opening { day: Weekday::Monday, from: hour(8), to: hour(20) }];
    let mut shop = Shop::with(plan);
    shop.connect();
    let mut display = Display::new();
    display.live(&mut shop, 11.0 * 3_600.0);
    assert!(display.turns().contains(&2));
    let closed = display.turns().len();
    display.live(&mut shop, DAY);
    assert_eq!((shop.board().state.word(), shop.board().turn), ("active", 0), "the recorder goes on");
    assert_eq!(display.turns()[closed..], [0]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_counting_opens_under_the_local_language_and_other_turns_are_taken_only_while_it_is_open(
        happenings in prop::collection::vec((happening(), 0u32..1_200), 1..80),
    ) {
        let (mut shop, mut sent_open) = (shop(), 0);
        for (happening, wait) in happenings {
            let later = shop.seconds + f64::from(wait);
            shop.at(later);
            let open = shop.interlock() == "open";
            if let Happening::Pass(people) = happening {
                sent_open += if open { u64::from(people) } else { 0 };
            }
            shop.play(&happening);
            let board = shop.board();
            let opened = !open && shop.interlock() == "open" && !matches!(happening, Happening::Crash);
            let local = shop.engine.signs[0].glass.opens();
            prop_assert!(!opened || local, "{happening:?}: {board:?}");
            prop_assert!(board.turn == 0 || board.state.word() == "active", "{board:?}");
        }
        prop_assert!(shop.people() <= sent_open);
    }
}
