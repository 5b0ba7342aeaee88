//! The daemon, its broker, the Wi-Fi or the clock fail for a while. Whatever a display makes of it, nothing is counted of which its
//! glass does not speak; and afterwards everything comes back by itself.

use super::esphome::Rest;
use super::firmware::{Firmware, PATIENT, V1_6_0, V1_7_7, V1_8_0, V1_8_14};
use super::installation::Kind;
use super::shop::{ALWAYS_OPEN, HOUR, Shop};

const GRACE_MS: i64 = 90_000;

/// A shop in which it is counted, five seconds before the display asks again.
async fn about_to_ask(kind: Kind) -> Shop {
    let mut shop = kind.shop(ALWAYS_OPEN).await;
    shop.until(2 * HOUR).await;
    let before = shop.face(0).polls.len();
    while shop.face(0).polls.len() == before {
        shop.pass(1).await;
    }
    let next = shop.face(0).polls.windows(2).last().map_or(0, |two| two[1].0 - two[0].0) / 1000;
    shop.pass(next - 5).await;
    assert_eq!(shop.interlock().0, "open", "{kind:?}");
    shop
}

/// The daemon is away for `seconds`; what the display drew from then until it was counted again, and after how long that was.
async fn away(kind: Kind, seconds: i64, orderly: bool) -> (Vec<&'static str>, i64) {
    let mut shop = about_to_ask(kind).await;
    let from = shop.seconds();
    shop.restart(orderly, seconds).await;
    let until = shop.seconds() + 2 * HOUR;
    while shop.interlock().0 != "open" && shop.seconds() < until {
        shop.pass(5).await;
    }
    assert_eq!((shop.interlock().0, shop.word(0)), ("open", "active"), "{kind:?}, {seconds} s: {:?}", shop.interlock());
    assert_eq!(shop.truth.unsaid_ms, 0, "{kind:?}, {seconds} s");
    let reopened = shop.seconds() - from;
    shop.pass(HOUR).await;
    assert_eq!((shop.interlock().0, shop.word(0)), ("open", "active"), "{kind:?}, {seconds} s, an hour later");
    (shop.drew(0, from), reopened)
}

#[tokio::test]
async fn a_daemon_that_is_away_for_ninety_seconds_blanks_no_display() {
    for (kind, drew, reopens) in [
        (Kind::Trmnl(V1_6_0), vec!["active"], 200),
        (Kind::Trmnl(V1_8_14), vec!["active"], 200),
        (Kind::Trmnl(PATIENT), vec!["active"], 400),
        (Kind::Esphome(Rest::Awake), vec![], 330),
        (Kind::Inkplate, vec![], 130),
        (Kind::Label, vec!["active"], 700),
    ] {
        for orderly in [true, false] {
            let (drawn, after) = away(kind, 90, orderly).await;
            assert!(drawn == drew && after <= reopens, "{kind:?}: {drawn:?} after {after}");
        }
    }
}

#[tokio::test]
async fn a_daemon_that_is_away_for_ten_minutes_costs_old_firmware_its_picture_and_new_firmware_nothing() {
    for (kind, drew, reopens) in [
        (Kind::Trmnl(V1_7_7), vec!["unable to connect", "active"], 1_200),
        (Kind::Trmnl(V1_8_14), vec!["unable to connect", "active"], 1_200),
        (Kind::Trmnl(PATIENT), vec!["active"], 1_000),
        (Kind::Inkplate, vec![], 700),
        (Kind::Page, vec!["unknown", "active"], 620),
    ] {
        let (drawn, after) = away(kind, 600, false).await;
        assert!(drawn == drew && after <= reopens, "{kind:?}: {drawn:?} after {after}");
    }
}

#[tokio::test]
async fn an_error_screen_comes_only_after_the_picture_has_ceased_to_be_believed() {
    for firmware in [V1_6_0, V1_7_7, V1_8_0, V1_8_14] {
        let mut shop = about_to_ask(Kind::Trmnl(firmware)).await;
        shop.face_mut(0).drift = -10;
        shop.pass(1_000).await;
        let last = *shop.face(0).polls.last().expect("it has asked");
        // The box is there and counts; only the way to it is cut.
        shop.cut_off(true);
        while shop.word(0) == "active" {
            shop.pass(1).await;
        }
        let after_ms = shop.now_ms() - last.0;
        assert!((900_000 + GRACE_MS..1_100_000).contains(&after_ms), "{firmware}: {after_ms}");
        shop.cut_off(false);
        shop.pass(HOUR).await;
        assert_eq!((shop.interlock().0, shop.word(0)), ("open", "active"), "{firmware}: {:?}", shop.interlock());
        assert_eq!(shop.truth.unsaid_ms, 0);
    }
}

#[tokio::test]
async fn after_three_hours_without_the_daemon_every_display_comes_back_by_itself() {
    for (kind, drew) in
        [(Kind::Trmnl(V1_8_0), 13), (Kind::Trmnl(PATIENT), 24), (Kind::Linux, 6), (Kind::Esphome(Rest::Dumb), 5)]
    {
        let (mut drawn, after) = away(kind, 3 * HOUR, true).await;
        assert_eq!(drawn.len(), drew, "{kind:?}: {drawn:?}");
        let actives = drawn.iter().filter(|word| **word == "active").count();
        assert!(actives == 1 || !matches!(kind, Kind::Trmnl(_)), "{kind:?}: {drawn:?}");
        drawn.dedup();
        let own = drawn.len() > 1;
        assert_eq!(own, matches!(kind, Kind::Trmnl(_)), "{kind:?}: {drawn:?}");
        assert!(after <= 3 * HOUR + 1_100, "{kind:?}: {after}");
    }
}

/// The Wi-Fi is lost for `seconds`, just before the display asks.
async fn without_wifi(firmware: Firmware, seconds: i64) -> (Shop, Vec<&'static str>) {
    let mut shop = about_to_ask(Kind::Trmnl(firmware)).await;
    let from = shop.seconds();
    shop.face_mut(0).wifi = false;
    shop.pass(seconds).await;
    shop.face_mut(0).wifi = true;
    shop.pass(HOUR).await;
    let drew = shop.drew(0, from);
    (shop, drew)
}

#[tokio::test]
async fn without_wifi_old_firmware_says_so_at_once_and_it_is_counted_on_for_less_than_the_grace() {
    for firmware in [V1_6_0, V1_7_7, V1_8_0, V1_8_14] {
        let (shop, drew) = without_wifi(firmware, 100).await;
        assert_eq!(drew, ["WiFi failed", "active"], "{firmware}");
        assert!((1..GRACE_MS).contains(&shop.truth.unsaid_ms), "{firmware:?}: {}", shop.truth.unsaid_ms);
        assert_eq!((shop.interlock().0, shop.word(0)), ("open", "active"), "{firmware:?}");
    }
    let (shop, drew) = without_wifi(PATIENT, 100).await;
    assert_eq!(drew, ["active"], "its picture is not believed any more, so it is drawn again");
    assert_eq!((shop.truth.unsaid_ms, shop.interlock().0, shop.word(0)), (0, "open", "active"));
}

#[tokio::test]
async fn without_wifi_for_twenty_minutes_some_firmware_sleeps_until_somebody_presses_its_button() {
    let (mut shop, _) = without_wifi(V1_8_14, 1_200).await;
    assert_eq!((shop.interlock().0, shop.word(0)), ("opening", "retry limit"));
    shop.press(0);
    shop.pass(130).await;
    assert_eq!((shop.interlock().0, shop.word(0)), ("open", "active"));
    let (shop, _) = without_wifi(V1_8_0, 1_200).await;
    assert_eq!((shop.interlock().0, shop.word(0)), ("open", "active"));
    let (shop, _) = without_wifi(PATIENT, 1_200).await;
    assert_eq!((shop.interlock().0, shop.word(0)), ("open", "active"));
}

const SIX: [Kind; 6] =
    [Kind::Trmnl(V1_8_14), Kind::Linux, Kind::Esphome(Rest::Awake), Kind::Inkplate, Kind::Page, Kind::Label];

#[tokio::test]
async fn a_broker_that_is_away_for_six_minutes_ends_counting_after_five() {
    for kind in SIX {
        let mut shop = about_to_ask(kind).await;
        shop.disconnect().await;
        shop.pass(299).await;
        assert_eq!((shop.interlock().0, shop.word(0)), ("open", "active"), "{kind:?}");
        shop.pass(61).await;
        assert_eq!(shop.interlock().0, "closed", "{kind:?}");
        shop.connect().await;
        shop.pass(HOUR).await;
        assert_eq!((shop.interlock().0, shop.word(0)), ("open", "active"), "{kind:?}: {:?}", shop.interlock());
    }
}

#[tokio::test]
async fn while_the_broker_is_away_for_half_an_hour_signs_say_that_nothing_is_known() {
    for kind in SIX {
        let mut shop = about_to_ask(kind).await;
        let from = shop.seconds();
        shop.disconnect().await;
        shop.pass(1_800).await;
        assert_eq!((shop.interlock().0, shop.word(0)), ("closed", "unknown"), "{kind:?}");
        shop.customer().await;
        shop.connect().await;
        shop.pass(HOUR).await;
        let mut drew = shop.drew(0, from);
        drew.dedup();
        assert!(drew.ends_with(&["unknown", "active"]), "{kind:?}: {drew:?}");
        assert_eq!((shop.interlock().0, shop.counted()), ("open", 0), "{kind:?}: {:?}", shop.interlock());
    }
}

#[tokio::test]
async fn a_clock_set_ahead_changes_nothing_of_what_is_shown_but_until_when_it_holds() {
    for (kind, by) in [(Kind::Trmnl(V1_8_14), 2 * HOUR), (Kind::Inkplate, 600), (Kind::Page, 2 * HOUR)] {
        let mut shop = about_to_ask(kind).await;
        let from = shop.seconds();
        shop.set_clock(by).await;
        shop.pass(1_000).await;
        assert_eq!((shop.interlock().0, shop.word(0)), ("open", "active"), "{kind:?} by {by}");
        assert!(shop.drew(0, from).is_empty(), "{kind:?}: {:?}", shop.drew(0, from));
        shop.stop().await;
        shop.pass(1_000).await;
        assert_eq!(shop.word(0), "inactive", "{kind:?} by {by}");
        shop.set_clock(by).await;
        shop.pass(1_000).await;
        let until = shop.reads(0).and_then(|said| said.state.valid_until()).expect("it says until when");
        assert!(until > shop.wall(), "{kind:?} by {by}: what it says has run out");
        shop.start_again().await;
        shop.pass(1_000).await;
        assert_eq!((shop.interlock().0, shop.word(0)), ("open", "active"), "{kind:?}: {:?}", shop.interlock());
    }
}

#[tokio::test]
async fn a_clock_set_back_is_not_believed_until_it_is_right_again_and_signs_say_so() {
    for kind in [Kind::Trmnl(V1_8_14), Kind::Inkplate, Kind::Page] {
        let mut shop = about_to_ask(kind).await;
        shop.set_clock(-2 * HOUR).await;
        assert_eq!(shop.interlock().0, "closed", "{kind:?}");
        shop.customer().await;
        shop.pass(1_000).await;
        assert_eq!(shop.word(0), "unknown", "{kind:?}");
        shop.set_clock(2 * HOUR).await;
        shop.pass(1_000).await;
        assert_eq!((shop.interlock().0, shop.word(0)), ("open", "active"), "{kind:?}: {:?}", shop.interlock());
        assert_eq!(shop.counted(), 0);
    }
}

#[tokio::test]
async fn after_a_power_cut_of_the_whole_shop_only_fresh_evidence_opens() {
    for kind in [Kind::Trmnl(V1_8_14), Kind::Inkplate, Kind::Label, Kind::Page] {
        let mut shop = about_to_ask(kind).await;
        shop.end(false).await;
        shop.cut_power(0);
        shop.reboot();
        shop.pass(40).await;
        shop.start().await;
        assert_ne!(shop.interlock().0, "open", "{kind:?}");
        shop.connect().await;
        shop.pass(1_800).await;
        assert_eq!((shop.interlock().0, shop.word(0)), ("open", "active"), "{kind:?}: {:?}", shop.interlock());
    }
}
