//! Whole days in which nobody makes a mistake: how often each display asks and draws, and what it shows when.

use std::ops::RangeInclusive;

use super::esphome::Rest;
use super::firmware::{PATIENT, V1_6_0, V1_7_7, V1_7_8, V1_8_0, V1_8_14};
use super::installation::Kind;
use super::shop::{ALWAYS_OPEN, CLOSES, HOUR, OPEN_BY_DAY, OPENS, Shop};

const DAY: i64 = 24 * HOUR;
/// By then every display has been installed and confirmed.
const INSTALLED: i64 = 900;
/// How often in that day one asks that does so every quarter of an hour.
const QUARTERS: RangeInclusive<usize> = 94..=97;

/// Questions from the installation to twenty minutes after a day, and what was drawn in that time.
async fn quiet_day(kind: Kind) -> (usize, Vec<&'static str>) {
    let mut shop = kind.shop(ALWAYS_OPEN).await;
    shop.until(INSTALLED).await;
    assert_eq!(shop.interlock().0, "open", "{kind:?}");
    shop.customer().await;
    shop.until(DAY + 1_200).await;
    shop.customer().await;
    shop.pass(2).await;
    assert_eq!((shop.interlock().0, shop.counted(), shop.truth.unsaid_ms), ("open", 2, 0), "{kind:?}");
    (shop.asked(0, INSTALLED, DAY + 1_200), shop.drew(0, INSTALLED))
}

async fn one_forced_refresh(kind: Kind, pace: RangeInclusive<usize>) {
    let (asked, drew) = quiet_day(kind).await;
    assert_eq!(drew, ["active"], "{kind:?}");
    assert!(pace.contains(&asked), "{kind:?}: {asked}");
}

#[tokio::test]
async fn in_a_day_without_a_change_old_trmnl_firmware_draws_once() {
    for firmware in [V1_6_0, V1_7_7, V1_7_8] {
        one_forced_refresh(Kind::Trmnl(firmware), QUARTERS).await;
    }
}

#[tokio::test]
async fn in_a_day_without_a_change_new_trmnl_firmware_draws_once() {
    for firmware in [V1_8_0, V1_8_14, PATIENT] {
        one_forced_refresh(Kind::Trmnl(firmware), QUARTERS).await;
    }
}

#[tokio::test]
async fn in_a_day_without_a_change_displays_that_remember_draw_once() {
    for (kind, pace) in [(Kind::Esphome(Rest::Awake), 285..=290), (Kind::Inkplate, QUARTERS), (Kind::Label, 470..=482)]
    {
        one_forced_refresh(kind, pace).await;
    }
}

#[tokio::test]
async fn in_a_day_without_a_change_displays_that_forget_draw_each_time_they_ask() {
    for kind in [Kind::Linux, Kind::Esphome(Rest::Asleep)] {
        let (asked, drew) = quiet_day(kind).await;
        assert!(drew.iter().all(|word| *word == "active") && drew.len().abs_diff(asked) <= 1, "{kind:?}: {asked}");
    }
}

#[tokio::test]
async fn in_six_hours_without_a_change_a_page_asks_every_quarter_of_a_minute_and_paints_nothing() {
    let mut shop = Kind::Page.shop(ALWAYS_OPEN).await;
    shop.until(INSTALLED).await;
    shop.until(INSTALLED + 6 * HOUR).await;
    let asked = shop.asked(0, INSTALLED, INSTALLED + 6 * HOUR);
    assert!((1_435..=1_441).contains(&asked), "{asked}");
    assert_eq!((shop.drew(0, INSTALLED).len(), shop.truth.unsaid_ms), (0, 0));
}

/// Longest sleep of each kind within opening hours, and at the opening, in seconds.
fn paces(kind: Kind) -> (i64, i64) {
    match kind {
        Kind::Trmnl(_) | Kind::Linux => (915, 60),
        Kind::Esphome(rest) => (rest.interval() as i64 + 1, rest.interval() as i64 + 1),
        Kind::Inkplate => (910, 60),
        Kind::Label => (181, 181),
        Kind::Page => (15, 15),
    }
}

/// From Monday 09:00 to Tuesday 20:30.
pub(super) async fn day_of(kind: Kind) -> Shop {
    let mut shop = kind.shop(OPEN_BY_DAY).await;
    let (pace, at_opening) = paces(kind);
    for (at, before, after, within) in [
        (CLOSES, "active", "inactive", pace),
        (OPENS, "inactive", "active", at_opening),
        (CLOSES + DAY, "active", "inactive", pace),
    ] {
        shop.until(at - 1).await;
        assert_eq!(shop.word(0), before, "{kind:?} before {at}");
        shop.customer().await;
        shop.until(at).await;
        let (shows, asked) = shop.next_poll_shows(0).await;
        assert_eq!(shows, after, "{kind:?} after {at}");
        assert!(asked - at <= within, "{kind:?} asks {} s after {at}", asked - at);
        shop.customer().await;
    }
    shop.until(CLOSES + DAY + 1_800).await;
    shop
}

#[tokio::test]
async fn through_a_day_and_a_night_trmnl_displays_show_the_truth_from_their_next_poll_on() {
    for firmware in [V1_6_0, V1_7_8, V1_8_14] {
        let shop = day_of(Kind::Trmnl(firmware)).await;
        assert_eq!(shop.drew(0, INSTALLED), ["inactive", "active", "inactive"], "{firmware:?}");
        let night = shop.asked(0, CLOSES + 1_000, OPENS);
        assert!(night <= 3, "{firmware:?}: {night} wakes in the night");
    }
}

#[tokio::test]
async fn through_a_day_and_a_night_other_displays_show_the_truth_from_their_next_poll_on() {
    for kind in [Kind::Linux, Kind::Esphome(Rest::Awake), Kind::Inkplate, Kind::Label] {
        let shop = day_of(kind).await;
        let night = match kind {
            Kind::Linux | Kind::Inkplate => 1,
            Kind::Esphome(rest) => (OPENS - CLOSES) / rest.interval() as i64,
            Kind::Trmnl(_) | Kind::Label | Kind::Page => (OPENS - CLOSES) / 180,
        };
        let asked = shop.asked(0, CLOSES + 1_000, OPENS) as i64;
        assert!(asked <= night, "{kind:?} asks {asked} times in the night");
        let mut drew = shop.drew(0, INSTALLED);
        let needed = if matches!(kind, Kind::Linux) { drew.len() } else { 3 };
        assert_eq!(drew.len(), needed, "{kind:?}: {drew:?}");
        drew.dedup();
        assert!(drew.ends_with(&["inactive", "active", "inactive"]), "{kind:?}: {drew:?}");
    }
}
