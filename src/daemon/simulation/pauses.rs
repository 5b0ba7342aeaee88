//! A visitor pauses counting, in front of displays of every kind.

use super::installation::{Kind, every_kind};
use super::people::PAUSED;
use super::shop::{ALWAYS_OPEN, HOUR};

#[tokio::test]
async fn a_pause_holds_its_time_before_every_kind_of_display_and_counting_comes_back_by_itself() {
    for (n, kind) in every_kind().into_iter().enumerate() {
        let mut shop = kind.shop(ALWAYS_OPEN).await;
        // At some point between two polls.
        shop.until(1_000 + 97 * n as i64).await;
        shop.customer().await;
        assert_eq!(shop.interlock().0, "open", "{kind:?}");
        assert_eq!(shop.objects().await, PAUSED, "{kind:?}");
        let pressed = shop.seconds();
        // Ends are full five minutes, and the shop was furnished at one.
        let end = (pressed + 20 * 60 + 299) / 300 * 300;
        while shop.seconds() + 60 < end {
            shop.pass(60).await;
            assert_ne!(shop.interlock().0, "open", "{kind:?}: {} s after the press", shop.seconds() - pressed);
            shop.customer().await;
        }
        assert!(shop.drew(0, pressed).contains(&"paused"), "{kind:?}: {:?}", shop.drew(0, pressed));
        shop.until(end).await;
        // ESPHome comes at its own pace, whatever it is told, and is known to show a picture when it comes again.
        let patience = if matches!(kind, Kind::Esphome(_)) { 3 * 900 } else { 300 };
        while shop.interlock().0 != "open" {
            shop.customer().await;
            shop.pass(10).await;
            assert!(shop.seconds() < end + patience, "{kind:?}: {:?}", shop.interlock());
        }
        assert_eq!(shop.word(0), "active", "{kind:?}");
        shop.customer().await;
        shop.pass(2).await;
        assert_eq!(shop.counted(), 2, "{kind:?}: one before the pause and one after it");
        // The display of a Linux box draws whatever it gets, at every poll.
        let is_thrifty = shop.drew(0, pressed).len() <= 3 || matches!(kind, Kind::Linux);
        assert!(is_thrifty, "{kind:?}: {:?}", shop.drew(0, pressed));
    }
}

#[tokio::test]
async fn whoever_plays_with_the_button_does_not_end_counting_for_the_day() {
    for kind in every_kind() {
        let mut shop = kind.shop(ALWAYS_OPEN).await;
        shop.until(HOUR).await;
        let mut granted = 0;
        let mut open = 0;
        for _ in 0..(6 * 60) {
            granted += u32::from(shop.objects().await == PAUSED);
            shop.pass(60).await;
            open += u32::from(shop.interlock().0 == "open");
        }
        assert!(granted > 0 && open >= 6 * 4, "{kind:?}: {granted} pauses, open in {open} of 360 minutes");
    }
}
