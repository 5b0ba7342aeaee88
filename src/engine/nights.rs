//! Scenarios of days and nights: a shop with opening hours, in seconds since Monday 09:00 by its clocks.

use jiff::civil::{Time, Weekday};
use proptest::prelude::*;

use super::display::Display;
use super::hours::Opening;
use super::scenario::{OPENING, Shop, happening, now, picture, plan};
use super::{Effect, Input, Plan};
use crate::domain::activity::InterlockMode;
use crate::domain::id::{ActivityId, SignId, ZoneId};
use crate::domain::notice::SignState;
use crate::domain::reading::{CameraState, Fact};
use crate::domain::sign::{Order, SignEvent};
use crate::domain::time::{Now, Wall};

/// Monday 20:00.
const CLOSES: f64 = 11.0 * 3600.0;
/// Tuesday 08:00.
const OPENS: f64 = 23.0 * 3600.0;
const DAY: f64 = 86_400.0;

/// Mon-Fri 08:00-20:00, Sat 09:00-14:00.
fn opening_hours() -> Vec<Opening> {
    let hour = |hour| Time::new(hour, 0, 0, 0).expect("an hour");
    let day = |later| Opening { day: Weekday::Monday.wrapping_add(later), from: hour(8), to: hour(20) };
    let saturday = Opening { day: Weekday::Saturday, from: hour(9), to: hour(14) };
    (0..5).map(day).chain([saturday]).collect()
}

fn with_hours(mode: InterlockMode) -> Plan {
    Plan { opening_hours: opening_hours(), ..plan(mode) }
}

fn shop() -> Shop {
    let mut shop = Shop::with(with_hours(InterlockMode::Enforce));
    shop.connect();
    shop
}

/// A shop with a display that has lived until `seconds`.
fn lived(seconds: f64) -> (Shop, Display) {
    let (mut shop, mut display) = (shop(), Display::new());
    display.live(&mut shop, seconds);
    (shop, display)
}

fn stop(stop: bool) -> Input {
    let (zone, activity) = (ZoneId::new("entrance"), ActivityId::new("footfall"));
    Input::Order(if stop { Order::Stop(zone, activity) } else { Order::Start(zone, activity) })
}

fn wall(seconds: f64) -> Wall {
    Wall(OPENING + (seconds * 1000.0) as i64)
}

#[test]
fn the_shop_closes_to_the_second_and_says_until_when() {
    let (mut shop, mut display) = lived(CLOSES - 1.0);
    assert_eq!(shop.interlock(), "open");
    shop.crossing();
    shop.at(CLOSES).crossing();
    assert_eq!((shop.interlock(), shop.reason().as_str()), ("closed", "outside opening hours; opens Tue 08:00"));
    display.live(&mut shop, CLOSES + 900.0);
    assert_eq!(shop.people(), 1);
    assert_eq!(shop.board().state, SignState::Inactive { valid_until: wall(OPENS) });
}

#[test]
fn whatever_is_noticed_late_the_shop_closed_at_its_time() {
    let (mut shop, _) = lived(CLOSES - 60.0);
    shop.crossing();
    shop.at(CLOSES - 50.0);
    // The box slept over the closing.
    shop.seconds = CLOSES + 100.0;
    let interval = |from: f64, to: f64| vec![Fact::Interval { inward: 1, outward: 0, from: wall(from), to: wall(to) }];
    shop.message(1, interval(CLOSES - 200.0, CLOSES - 100.0));
    shop.message(1, interval(CLOSES - 100.0, CLOSES + 1.0));
    shop.at(CLOSES + 102.0);
    assert_eq!(shop.sum("radar", |t| t.inward), 1, "the one that ended while the shop was open");
    assert_eq!(shop.sum("door", |t| t.covered_ms), 60_000, "from the crossing to the closing");
}

#[test]
fn one_picture_and_three_wakes_serve_the_night_and_counting_opens_with_the_shop() {
    for drift in [-0.01, 0.0, 0.01] {
        let (mut shop, mut display) = (shop(), Display::new());
        display.drift = drift;
        display.live(&mut shop, OPENS + 900.0);
        assert_eq!(display.drawn_since(60.0), ["inactive", "active"], "drift {drift}");
        let night = display.asked(CLOSES + 1_100.0, OPENS);
        assert!(night.len() <= 3, "drift {drift}: {night:?}");
        let at_opening = display.asked(OPENS, OPENS + 60.0);
        assert_eq!(
            at_opening.len(),
            1,
            "drift {drift}: within one transition refresh, {night:?} {:?}",
            display.asked(OPENS, DAY)
        );
        assert_eq!(shop.interlock(), "open");
        shop.at(OPENS + 901.0).crossing();
        assert_eq!(shop.people(), 1);
        let spans: Vec<_> =
            shop.engine.interlocks[0].state.spans().map(|s| (s.from.0 / 1000, s.to.map(|t| t.0 / 1000))).collect();
        assert_eq!(spans[0].1, Some(CLOSES as i64));
        assert!(spans[1].0 <= OPENS as i64 + 150, "drift {drift}: open two minutes after the shop, {spans:?}");
    }
}

#[test]
fn nothing_opens_before_the_time_that_the_sign_names_and_at_that_time_nothing_holds_it_back() {
    let (mut shop, mut display) = lived(OPENS - 1.0);
    assert!(shop.reason().contains("outside opening hours"), "{}", shop.reason());
    shop.at(OPENS - 0.001);
    assert_eq!(shop.interlock(), "closed");
    shop.at(OPENS);
    assert_eq!((shop.interlock(), shop.board().state.word()), ("opening", "active"));
    assert!(!shop.reason().contains("may still say"), "{}", shop.reason());
    display.live(&mut shop, OPENS + 120.0);
    assert_eq!(shop.interlock(), "open");
}

#[test]
fn over_a_weekend_the_picture_is_drawn_afresh_once_a_day() {
    let (saturday, monday) = (4.0 * DAY + 29.0 * 3600.0, 6.0 * DAY + OPENS);
    let (mut shop, mut display) = lived(saturday);
    assert_eq!(shop.reason(), "outside opening hours; opens Mon 08:00");
    display.live(&mut shop, monday);
    let weekend = display.drawn_since(saturday);
    assert_eq!(weekend, ["inactive"; 2], "when the shop closed on Saturday, and a day later");
    let wakes = display.asked(saturday + 1_100.0, monday);
    assert!(wakes.len() <= 4, "{wakes:?}");
    display.live(&mut shop, monday + 120.0);
    assert_eq!(shop.interlock(), "open");
    assert_eq!(display.asked(monday, monday + 60.0).len(), 1);
}

#[test]
fn a_display_that_sleeps_through_the_night_is_not_overdue() {
    let (mut shop, mut display) = (shop(), Display::new());
    display.drift = 0.04;
    display.live(&mut shop, CLOSES + 1_200.0);
    let mut hour = CLOSES + 1_200.0;
    while hour < OPENS {
        display.live(&mut shop, hour);
        let sign = shop.engine.status(&now(hour)).signs[0].clone();
        assert_eq!((sign.alerts, sign.evidence.word()), (vec![], "confirmed"), "{hour}");
        hour += 600.0;
    }
}

#[test]
fn a_display_that_comes_while_the_new_notice_is_still_being_drawn_is_not_sent_to_sleep_with_the_old_one() {
    let (mut shop, _) = lived(CLOSES - 1.0);
    shop.engine.handle(Input::Time, &now(CLOSES));
    let mut drawn = 0;
    while let Some(effect) = shop.engine.next_effect() {
        match effect {
            Effect::Commit(_) => shop.engine.handle(Input::Committed { ok: true }, &now(CLOSES)),
            Effect::Draw { .. } => drawn += 1,
            Effect::Acknowledge(_) | Effect::Marker(_) | Effect::Switch(_) => {}
        }
    }
    assert_eq!((drawn, shop.interlock()), (1, "closed"));
    assert_eq!((shop.board().state.word(), shop.board().refresh_seconds), ("active", 60));
}

#[test]
fn the_core_sleeps_through_the_night_also_after_a_restart() {
    let (mut shop, mut display) = lived(CLOSES + 1_200.0);
    shop.crash().connect();
    let mut wakes = 0;
    while shop.seconds < OPENS - 5_000.0 {
        let wake = shop.engine.next_wake().expect("the shop opens").0 as f64 / 1000.0;
        display.live(&mut shop, wake.min(OPENS - 5_000.0));
        wakes += 1;
    }
    assert!(wakes <= 4, "{wakes}");
}

#[test]
fn a_restart_in_the_night_makes_the_display_draw_nothing_and_oversleep_nothing() {
    let (mut shop, mut display) = lived(CLOSES + 4.0 * 3600.0);
    shop.crash().connect();
    assert_eq!(shop.reason(), "outside opening hours; opens Tue 08:00");
    display.live(&mut shop, OPENS + 120.0);
    assert_eq!(display.drawn_since(60.0), ["inactive", "active"]);
    assert_eq!(display.asked(OPENS, OPENS + 60.0).len(), 1);
    assert_eq!(shop.interlock(), "open");
}

#[test]
fn a_button_pressed_in_the_night_does_not_keep_the_display_awake_or_make_it_oversleep() {
    let (mut shop, mut display) = lived(CLOSES + 4.0 * 3600.0);
    display.press(&mut shop);
    display.live(&mut shop, OPENS + 120.0);
    assert_eq!(display.drawn_since(60.0), ["inactive", "inactive", "active"], "once more, by itself");
    assert_eq!(display.asked(OPENS, OPENS + 60.0).len(), 1);
    assert_eq!(shop.interlock(), "open");
}

#[test]
fn a_display_that_misses_the_closing_is_told_at_its_next_poll_and_nothing_is_counted_meanwhile() {
    let (mut shop, mut display) = lived(CLOSES - 10.0);
    display.wakes_at = CLOSES + 600.0;
    display.live(&mut shop, CLOSES + 599.0);
    shop.crossing();
    assert_eq!(display.drawn_since(60.0), [""; 0], "it still says that it is counted, which errs to the right side");
    display.live(&mut shop, CLOSES + 700.0);
    assert_eq!((display.drawn_since(60.0), shop.people()), (vec!["inactive"], 0));
}

#[test]
fn a_stop_by_the_operator_outlasts_the_night() {
    let (mut shop, mut display) = lived(CLOSES - 3600.0);
    shop.input(stop(true));
    display.live(&mut shop, OPENS - 60.0);
    assert_eq!(shop.reason(), "stopped by the operator");
    assert_eq!(shop.board().state, SignState::Inactive { valid_until: wall(OPENS) });
    display.live(&mut shop, OPENS + 120.0);
    let until = shop.board().state.valid_until().expect("not counting");
    assert!(until >= wall(OPENS + 4.0 * 3600.0), "{until:?}");
    shop.input(stop(false));
    display.live(&mut shop, OPENS + 1_200.0);
    assert_eq!(shop.interlock(), "open", "its denial was taken back at its next poll");
}

#[test]
fn a_broker_lost_in_the_night_changes_no_sign() {
    let (mut shop, mut display) = lived(CLOSES + 3600.0);
    shop.input(Input::Disconnected);
    display.live(&mut shop, CLOSES + 3.0 * 3600.0);
    assert_eq!(shop.reason(), "outside opening hours; opens Tue 08:00");
    shop.connect();
    display.live(&mut shop, OPENS + 120.0);
    assert_eq!(display.drawn_since(60.0), ["inactive", "active"]);
}

#[test]
fn sensors_that_are_switched_are_off_while_the_shop_is_closed() {
    let mut plan = with_hours(InterlockMode::Enforce);
    plan.sensors[1].binding = super::scenario::binding("frigate", "frigate/till", &[]);
    plan.sensors[1].control = true;
    let mut shop = Shop::with(plan);
    shop.connect().confirm(0.0);
    shop.at(62.0).poll();
    let mut display = Display::new();
    display.wakes_at = 962.0;
    display.live(&mut shop, CLOSES - 1.0);
    assert_eq!(shop.switched.last().map(String::as_str), Some("frigate/till/enabled/set ON"));
    shop.at(CLOSES);
    assert_eq!(shop.switched.last().map(String::as_str), Some("frigate/till/enabled/set OFF"));
    assert_eq!((shop.interlock(), shop.board().state.word()), ("closing", "active"), "not confirmed to be off");
    assert_eq!(shop.board().refresh_seconds, 900, "that may last until the lights go on again");
    let off = CameraState { enabled: Some(false), ..Default::default() };
    shop.at(CLOSES + 1.0).message(1, vec![Fact::Camera(off)]);
    shop.at(CLOSES + 3.0);
    assert_eq!((shop.interlock(), shop.board().state.word()), ("closed", "inactive"));
    display.live(&mut shop, OPENS + 120.0);
    assert_eq!(shop.switched.last().map(String::as_str), Some("frigate/till/enabled/set ON"));
}

#[test]
fn what_is_only_observed_stops_with_the_shop_too() {
    let mut shop = Shop::with(with_hours(InterlockMode::Observe));
    shop.connect().crossing();
    shop.at(CLOSES - 100.0).crossing();
    shop.seconds = CLOSES + 200.0;
    shop.crossing();
    assert_eq!(shop.people(), 2);
    assert_eq!(shop.sum("door", |t| t.covered_ms), CLOSES as u64 * 1000);
}

#[test]
fn hours_taken_away_in_the_night_open_nothing_before_the_sign_is_confirmed_to_say_so() {
    let (mut shop, mut display) = lived(CLOSES + 3600.0);
    shop.plan.opening_hours.clear();
    shop.crash().connect();
    shop.at(CLOSES + 4000.0).crossing();
    assert!(shop.reason().contains("may still say that nobody counts"), "{}", shop.reason());
    display.live(&mut shop, OPENS + 120.0);
    assert_eq!(shop.people(), 0);
    display.live(&mut shop, OPENS + 1_000.0);
    assert_eq!(shop.interlock(), "open");
}

#[test]
fn a_clock_that_is_not_believed_knows_no_hours() {
    let (mut shop, _) = lived(CLOSES + 3600.0);
    let mut tell = |seconds: f64, input: Input| {
        let doubtful = Now { trusted: false, ..now(seconds) };
        shop.engine.handle(input, &doubtful);
        while let Some(effect) = shop.engine.next_effect() {
            match effect {
                Effect::Commit(_) => shop.engine.handle(Input::Committed { ok: true }, &doubtful),
                Effect::Draw { sign, state, turn } => {
                    let notice = Some(picture(&state));
                    shop.engine.handle(Input::Drawn { sign, state, turn, notice }, &doubtful);
                }
                Effect::Acknowledge(_) | Effect::Marker(_) | Effect::Switch(_) => {}
            }
        }
        let board = shop.engine.boards().next().flatten().expect("the sign has a board").clone();
        (shop.engine.status(&doubtful).interlocks[0].reason.clone(), board)
    };
    let (reason, board) = tell(CLOSES + 3601.0, Input::Time);
    assert!(reason.contains("the clock"), "{reason}");
    assert_eq!((board.state.word(), board.refresh_seconds), ("unknown", 60));
    let (sign, offered) = (SignId::new("sign"), board.notice);
    let polled = SignEvent::Polled { sign: sign.clone(), offered, refresh_seconds: 60, timer: true, cached: false };
    tell(CLOSES + 3610.0, Input::Sign(polled.clone()));
    tell(CLOSES + 3611.0, Input::Sign(SignEvent::Fetched { sign, notice: offered }));
    let (_, board) = tell(CLOSES + 3670.0, Input::Sign(polled));
    assert_eq!(board.refresh_seconds, 900, "nobody knows how long it is until the opening");
}

#[test]
fn a_page_keeps_its_pace_in_the_night() {
    let mut plan = with_hours(InterlockMode::Enforce);
    plan.signs[0].0.proof = super::glass::Proof::WordOnly;
    let mut shop = Shop::with(plan);
    shop.connect().at(CLOSES + 60.0);
    shop.say_shown();
    assert_eq!(shop.board().refresh_seconds, 900);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn only_a_sign_that_names_nothing_that_is_counted_is_told_to_sleep_beyond_the_longest_lease(
        happenings in prop::collection::vec((happening(), 0u32..7_200), 1..60),
    ) {
        let mut shop = shop();
        for (happening, wait) in happenings {
            let later = shop.seconds + f64::from(wait);
            shop.at(later).play(&happening);
            let board = shop.board();
            let long = board.refresh_seconds > 7_200 - 90;
            prop_assert!(!long || !board.state.names(&ActivityId::new("footfall")), "{board:?}");
            let closed = shop.engine.hours.closed();
            prop_assert!(closed.is_none() || shop.interlock() != "open");
            let later = Wall(now(shop.seconds).wall.0 + i64::from(board.refresh_seconds) * 1000);
            prop_assert!(!long || closed.is_some_and(|closed| later <= closed.end), "{board:?}");
        }
    }
}
