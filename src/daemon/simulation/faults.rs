//! Things that people and networks do to displays at bad moments.

use super::display::Display;
use super::esphome::Rest;
use super::firmware::{Firmware, GENERATIONS, PATIENT, V1_6_0, V1_7_8, V1_8_14};
use super::inkplate::Inkplate;
use super::installation::{Kind, SMALL, trmnl_sign};
use super::page::Page;
use super::shop::{ALWAYS_OPEN, HOUR, Shop, sign};
use super::trmnl::Trmnl;

async fn counted(kind: Kind) -> Shop {
    let mut shop = kind.shop(ALWAYS_OPEN).await;
    shop.until(1_000).await;
    assert_eq!(shop.interlock().0, "open", "{kind:?}");
    shop
}

#[tokio::test]
async fn a_press_of_the_button_costs_one_drawing_where_the_firmware_says_that_it_drew_from_its_memory() {
    for firmware in GENERATIONS {
        let mut shop = counted(Kind::Trmnl(firmware)).await;
        let from = shop.seconds();
        shop.press(0);
        shop.pass(HOUR).await;
        let drew = shop.drew(0, from);
        assert_eq!((shop.interlock().0, shop.word(0)), ("open", "active"), "{firmware:?}");
        assert_eq!(drew[0], "loading");
        let again = if firmware.says_source() && !firmware.says_cached() { 3 } else { 2 };
        assert_eq!(drew.len(), again, "{firmware:?}: {drew:?}");
        assert!(shop.truth.unsaid_ms < 10_000, "{firmware:?}: {}", shop.truth.unsaid_ms);
    }
}

#[tokio::test]
async fn a_press_while_the_wifi_is_lost_is_found_out_when_the_lease_ends() {
    let mut shop = counted(Kind::Trmnl(PATIENT)).await;
    shop.face_mut(0).wifi = false;
    shop.press(0);
    shop.pass(HOUR).await;
    assert_eq!(shop.interlock().0, "opening");
    assert!(shop.truth.unsaid_ms <= 990_000, "{}", shop.truth.unsaid_ms);
}

#[tokio::test]
async fn a_display_whose_power_goes_between_the_transfer_and_the_drawing_is_not_believed() {
    for firmware in [V1_6_0, V1_7_8, V1_8_14, PATIENT] {
        // While it joins the Wi-Fi, after its setup, after its question, after the transfer, and after the drawing.
        for ms in [1_000, 3_800, 5_200, 5_900, 9_000] {
            let mut shop = Kind::Trmnl(firmware).shop(ALWAYS_OPEN).await;
            shop.pass_ms(ms).await;
            shop.cut_power(0);
            shop.pass(400).await;
            assert_eq!(
                (shop.interlock().0, shop.word(0)),
                ("open", "active"),
                "{firmware:?} {ms}: {:?}",
                shop.interlock()
            );
        }
    }
}

#[tokio::test]
async fn a_transfer_that_breaks_in_the_middle_proves_nothing_and_is_tried_again() {
    for kind in [
        Kind::Trmnl(V1_6_0),
        Kind::Trmnl(V1_8_14),
        Kind::Trmnl(PATIENT),
        Kind::Linux,
        Kind::Inkplate,
        Kind::Label,
        Kind::Page,
    ] {
        for breaks in [1, 4] {
            let mut shop = kind.shop(ALWAYS_OPEN).await;
            shop.face_mut(0).breaks = breaks;
            shop.until(2_400).await;
            let drew = shop.drew(0, 0).iter().filter(|word| **word == "active").count();
            assert!(drew == 1 || matches!(kind, Kind::Linux), "{kind:?} {breaks}: {:?}", shop.drew(0, 0));
            assert_eq!(
                (shop.interlock().0, shop.word(0)),
                ("open", "active"),
                "{kind:?} {breaks}: {:?}",
                shop.interlock()
            );
        }
    }
}

#[tokio::test]
async fn a_daily_refresh_that_breaks_four_times_ends_in_an_error_screen_under_which_nothing_is_counted() {
    for firmware in [V1_7_8, V1_8_14] {
        let mut shop = counted(Kind::Trmnl(firmware)).await;
        // With the code of a new day, at four in the morning.
        shop.until(18 * HOUR).await;
        shop.face_mut(0).breaks = 4;
        shop.until(21 * HOUR).await;
        assert_eq!(shop.drew(0, 18 * HOUR), ["image timeout", "active"], "{firmware:?}");
        assert_eq!(shop.interlock().0, "open", "{firmware:?}");
        assert_eq!(shop.truth.unsaid_ms, 0);
    }
}

#[tokio::test]
async fn the_notice_of_an_hour_ago_comes_back_under_a_new_name_and_is_drawn() {
    for firmware in [V1_6_0, V1_7_8, V1_8_14] {
        let mut shop = counted(Kind::Trmnl(firmware)).await;
        let from = shop.seconds();
        for _ in 0..2 {
            shop.stop().await;
            shop.pass(1_000).await;
            assert_eq!((shop.word(0), shop.interlock().0), ("inactive", "closed"), "{firmware:?}");
            shop.customer().await;
            shop.start_again().await;
            shop.pass(1_000).await;
            assert_eq!((shop.word(0), shop.interlock().0), ("active", "open"), "{firmware:?}");
            shop.customer().await;
        }
        shop.pass(2).await;
        assert_eq!(shop.counted(), 2);
        assert_eq!(shop.drew(0, from).len(), 4, "{firmware:?}: {:?}", shop.drew(0, from));
    }
}

#[tokio::test]
async fn a_name_that_a_clock_set_back_makes_twice_is_the_same_picture() {
    for firmware in [V1_7_8, V1_8_14] {
        let mut shop = counted(Kind::Trmnl(firmware)).await;
        shop.stop().await;
        shop.pass(1_000).await;
        shop.set_clock(-2_000).await;
        shop.start_again().await;
        shop.pass(4_000).await;
        assert_eq!((shop.word(0), shop.interlock().0), ("active", "open"), "{firmware:?}: {:?}", shop.interlock());
    }
}

/// A sign at the door and another inside, over the same zone.
pub(super) async fn two_signs(hours: &str, first: Firmware, second: &str) -> Shop {
    let signs = [trmnl_sign(SMALL), sign("window", second, &format!("panel = {SMALL:?}"))];
    let mut shop = Shop::furnish(hours, &signs).await;
    shop.start().await;
    shop.connect().await;
    let (now, token) = (shop.now_ms(), shop.token("window"));
    shop.hang("door", Display::Trmnl(Trmnl::new(first, "AA:BB:CC:DD:EE:FF", now)));
    let window = match second {
        "kiosk" => Display::Page(Page::new("window", token, now)),
        _ => Display::Inkplate(Inkplate::new("window", token, now)),
    };
    shop.hang("window", window);
    shop.until(200).await;
    assert_eq!(shop.interlock().0, "open");
    shop
}

#[tokio::test]
async fn a_display_that_died_saying_not_counting_keeps_its_zone_closed_until_the_time_that_it_names() {
    let mut shop = two_signs(ALWAYS_OPEN, PATIENT, "http").await;
    shop.stop().await;
    shop.pass(1_000).await;
    assert_eq!((shop.word(0), shop.word(1)), ("inactive", "inactive"));
    let until = shop.reads(0).and_then(|said| said.state.valid_until()).expect("it says until when");
    shop.bury(0);
    shop.start_again().await;
    shop.pass(1_000).await;
    assert_eq!((shop.word(0), shop.word(1)), ("inactive", "active"));
    shop.customer().await;
    while shop.wall() < until {
        assert_eq!(shop.interlock().0, "opening");
        shop.pass(60).await;
    }
    shop.pass(1_000).await;
    assert_eq!(shop.interlock().0, "open");
    shop.customer().await;
    shop.pass(2).await;
    assert_eq!(shop.counted(), 1);
}

#[tokio::test]
async fn one_of_two_signs_is_enough_while_the_other_says_nothing() {
    let mut shop = two_signs(ALWAYS_OPEN, V1_8_14, "kiosk").await;
    shop.face_mut(0).wifi = false;
    shop.pass(HOUR).await;
    assert_eq!((shop.interlock().0, shop.word(0), shop.word(1)), ("open", "retry limit", "active"));
    shop.face_mut(1).wifi = false;
    shop.pass(200).await;
    assert_eq!((shop.interlock().0, shop.word(1)), ("opening", "unknown"));
}

#[tokio::test]
async fn a_display_set_up_while_nobody_counts_never_shows_that_again() {
    for firmware in GENERATIONS {
        let mut shop = Shop::furnish(ALWAYS_OPEN, &[trmnl_sign(SMALL)]).await;
        shop.start().await;
        let display = Kind::Trmnl(firmware).display(&shop);
        shop.hang("door", display);
        shop.pass(60).await;
        assert_eq!(shop.word(0), "inactive", "{firmware:?}: the broker is not there yet");
        shop.connect().await;
        shop.pass(1_000).await;
        assert_eq!((shop.interlock().0, shop.word(0)), ("open", "active"), "{firmware:?}");
        shop.press(0);
        shop.pass(HOUR).await;
        assert_eq!((shop.interlock().0, shop.word(0)), ("open", "active"), "{firmware:?}");
    }
}

#[tokio::test]
async fn a_stranger_who_is_handed_a_denial_holds_nothing_back_once_the_sign_has_asked_again() {
    let others = [Kind::Linux, Kind::Esphome(Rest::Awake), Kind::Esphome(Rest::Dumb), Kind::Inkplate, Kind::Page];
    for kind in GENERATIONS.into_iter().map(Kind::Trmnl).chain(others) {
        let mut shop = counted(kind).await;
        shop.stop().await;
        let answer = shop.stranger_asks("/signs/door/image.png").await;
        assert_eq!(answer.code, 200);
        shop.start_again().await;
        shop.pass(1_200).await;
        assert_eq!((shop.interlock().0, shop.word(0)), ("open", "active"), "{kind:?}: {:?}", shop.interlock());
    }
}

#[tokio::test]
async fn nobody_can_have_seen_a_notice_on_a_display_that_never_asked_and_whoever_says_so_is_told() {
    let attest = "{\"order\":\"attest\",\"sign\":\"door\",\"by\":\"manager\"}";
    let mut shop = Kind::Trmnl(V1_8_14).shop(ALWAYS_OPEN).await;
    let why = shop.order(attest).await.expect_err("refused");
    assert!(why.contains("is not known to show its present notice"), "{why}");
    shop.until(100).await;
    shop.order(attest).await.expect("it shows its notice by now");
}
