//! One day and one night of each kind of display in which everything goes wrong that can, by chance that is the same every time.

use super::chance::Chance;
use super::display::Display;
use super::faults::two_signs;
use super::firmware::{PATIENT, V1_7_8};
use super::installation::{Kind, every_kind};
use super::shop::{HOUR, OPEN_BY_DAY, Shop};

/// Tuesday 12:00.
const ENDS: i64 = 27 * HOUR;
/// Monday 13:00: a page asks so often that a day of it would take a minute.
const PAGE_ENDS: i64 = 4 * HOUR;

pub(super) async fn suffer(shop: &mut Shop, chance: &mut Chance, signs: usize) {
    let index = chance.between(0, signs as i64) as usize;
    let seconds = chance.between(1, 40);
    // Short ones are the most frequent, and some last for longer than anybody is patient.
    let seconds = seconds * seconds;
    match chance.between(0, 10) {
        0 => shop.press(index),
        1 => shop.cut_power(index),
        2 => shop.face_mut(index).breaks += chance.between(1, 5) as u32,
        3 | 4 => {
            shop.face_mut(index).wifi = false;
            if chance.between(0, 4) == 0 {
                shop.press(index);
            }
            shop.pass(seconds).await;
            shop.face_mut(index).wifi = true;
        }
        5 => shop.restart(true, seconds).await,
        6 => shop.restart(false, seconds / 10).await,
        7 => {
            shop.disconnect().await;
            shop.pass(seconds).await;
            shop.connect().await;
        }
        8 => {
            shop.stop().await;
            shop.pass(seconds).await;
            shop.start_again().await;
        }
        _ => {
            let by = chance.between(-1_800, 1_800);
            shop.set_clock(by).await;
            shop.pass(seconds).await;
            shop.set_clock(-by).await;
        }
    }
}

pub(super) async fn go_through(shop: &mut Shop, chance: &mut Chance, signs: usize, ends: i64) {
    for index in 0..signs {
        shop.face_mut(index).drift = chance.between(-10, 11);
    }
    while shop.seconds() < ends {
        let quiet = chance.between(10, 6_000);
        shop.pass(quiet).await;
        shop.customer().await;
        suffer(shop, chance, signs).await;
    }
    for index in 0..signs {
        shop.face_mut(index).breaks = 0;
        if let Display::Trmnl(display) = shop.display(index)
            && display.is_dark()
        {
            shop.press(index);
        }
    }
    shop.pass(2 * HOUR).await;
    for index in 0..signs {
        assert_eq!((shop.interlock().0, shop.word(index)), ("open", "active"), "{index}: {:?}", shop.interlock());
    }
    let counted = shop.counted();
    assert!((1..=shop.told_customers).contains(&counted), "{counted} of {}", shop.told_customers);
}

async fn bad_day(kind: Kind, seed: u64) {
    let (mut shop, mut chance) = (kind.shop(OPEN_BY_DAY).await, Chance::new(seed));
    let ends = if matches!(kind, Kind::Page) { PAGE_ENDS } else { ENDS };
    go_through(&mut shop, &mut chance, 1, ends).await;
    // A lease: the pace, a hundredth of it for the display's clock, and the grace.
    let unsaid_ms_max = match kind {
        Kind::Trmnl(_) => 900_000 + 9_000 + 90_000,
        Kind::Label => 900_000 + 90_000,
        Kind::Page => 15_000 + 60_000,
        Kind::Linux | Kind::Esphome(_) | Kind::Inkplate => 0,
    };
    let longest_ms = shop.truth.unsaid_longest_ms;
    assert!(longest_ms <= unsaid_ms_max, "{kind:?} {seed}: {longest_ms} ms");
}

#[tokio::test]
async fn through_bad_days_of_trmnl_displays_nothing_is_counted_that_the_glass_does_not_say() {
    for (seed, kind) in every_kind().into_iter().filter(|kind| matches!(kind, Kind::Trmnl(_))).enumerate() {
        bad_day(kind, seed as u64).await;
    }
}

#[tokio::test]
async fn through_bad_days_of_other_displays_nothing_is_counted_that_the_glass_does_not_say() {
    for (seed, kind) in every_kind().into_iter().filter(|kind| !matches!(kind, Kind::Trmnl(_))).enumerate() {
        bad_day(kind, seed as u64).await;
    }
}

#[tokio::test]
async fn through_bad_days_of_two_signs_over_one_zone_neither_contradicts_the_other() {
    for (seed, firmware) in [V1_7_8, PATIENT].into_iter().enumerate() {
        let mut shop = two_signs(OPEN_BY_DAY, firmware, "http").await;
        go_through(&mut shop, &mut Chance::new(seed as u64), 2, ENDS).await;
    }
}
