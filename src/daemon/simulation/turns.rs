//! Days of displays that show two languages in turn: counting goes on through all of them.

use super::esphome::Rest;
use super::firmware::{V1_6_0, V1_8_14};
use super::installation::Kind;
use super::shop::{ALWAYS_OPEN, HOUR, Shop};

const INSTALLED: i64 = 1_200;

/// A shop with one such display, which was installed a while ago.
async fn in_two_languages(kind: Kind) -> Shop {
    let sign = format!("{}alternate-languages = [\"en\"]\n", kind.sign());
    let mut shop = Shop::furnish(ALWAYS_OPEN, &[sign]).await;
    shop.start().await;
    shop.connect().await;
    let display = kind.display(&shop);
    shop.hang("door", display);
    shop.until(INSTALLED).await;
    shop
}

/// Lives until then, and asserts each ten minutes that counting is open.
async fn open_throughout(shop: &mut Shop, until: i64) {
    while shop.seconds() < until {
        shop.pass(600).await;
        shop.customer().await;
        assert_eq!(shop.interlock().0, "open", "{:?} at {}", shop.interlock(), shop.seconds());
    }
}

#[tokio::test]
async fn a_day_of_two_languages_makes_a_trmnl_display_draw_every_half_hour_and_counting_never_closes() {
    for firmware in [V1_6_0, V1_8_14] {
        let mut shop = in_two_languages(Kind::Trmnl(firmware)).await;
        open_throughout(&mut shop, INSTALLED + 24 * HOUR).await;
        let (drew, asked) = (shop.drew(0, INSTALLED), shop.asked(0, INSTALLED, INSTALLED + 24 * HOUR));
        assert!(drew.iter().all(|word| *word == "active"), "{firmware}: {drew:?}");
        assert!((46..=48).contains(&drew.len()), "{firmware}: {}", drew.len());
        assert!((94..=97).contains(&asked), "{firmware}: no more than a sign of one language: {asked}");
        assert_eq!(shop.truth.unsaid_ms, 0, "{firmware}");
    }
}

#[tokio::test]
async fn every_other_kind_of_display_takes_turns_and_counting_never_closes() {
    let esphome = [Rest::Awake, Rest::Asleep, Rest::Dumb].map(Kind::Esphome);
    for kind in esphome.into_iter().chain([Kind::Linux, Kind::Inkplate, Kind::Label, Kind::Page]) {
        let mut shop = in_two_languages(kind).await;
        let hours = if matches!(kind, Kind::Page) { 1 } else { 4 };
        open_throughout(&mut shop, INSTALLED + hours * HOUR).await;
        let drew = shop.drew(0, INSTALLED).len() as i64;
        assert!(drew >= hours * 2 - 1, "{kind:?}: {drew}");
        assert_eq!(shop.truth.unsaid_ms, 0, "{kind:?}");
    }
}

#[tokio::test]
async fn restarts_in_the_middle_of_a_turn_do_not_close_counting() {
    let mut shop = in_two_languages(Kind::Trmnl(V1_8_14)).await;
    for orderly in [false, true, true, false, true, false] {
        shop.pass(1_000).await;
        shop.restart(orderly, 7).await;
        assert_eq!(shop.interlock().0, "open", "{:?} at {}", shop.interlock(), shop.seconds());
    }
    let end = shop.seconds() + 2 * HOUR;
    open_throughout(&mut shop, end).await;
}
