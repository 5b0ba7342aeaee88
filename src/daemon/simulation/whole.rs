//! A day of the whole installation: mosquitto, a door, a camera that is switched, two TRMNL displays, visitors who object, and everything
//! that can go wrong. At the end a stranger gets the export and nothing else.

use super::broker::Broker;
use super::chance::Chance;
use super::display::Display;
use super::firmware::{Firmware, PATIENT, V1_7_8, V1_8_14};
use super::installation::SMALL;
use super::random::suffer;
use super::shop::{HOUR, OPEN_BY_DAY, Shop};
use super::trmnl::Trmnl;
use crate::ledger::verify::{Circumstances, Verdict, verify};
use crate::store::query::Reader;

const MACS: [&str; 2] = ["AA:BB:CC:DD:EE:01", "AA:BB:CC:DD:EE:02"];

/// A second zone that is watched by a camera; both signs hang over both.
fn more() -> String {
    let signs = ["door", "window"].into_iter().zip(MACS).map(|(id, mac)| {
        format!(
            "[[sign]]\nid = {id:?}\nzones = [\"entrance\", \"till\"]\nprotocol = \"trmnl\"\nlanguage = \"pl\"\npanel = {SMALL:?}\naddress = {mac:?}\n"
        )
    });
    let camera = r#"
[[activity]]
id = "presence"
kind = "presence"
purpose = { pl = "otwieranie dodatkowych kas", en = "opening more tills" }
legal-basis = "legitimate-interest"
interest = { pl = "krótkie kolejki", en = "short queues" }
balancing-test = "LIA-2, 2026-03-02"
retention = "3 months"
[[zone]]
id = "till"
name = { pl = "Kasy", en = "Tills" }
[[sensor]]
id = "camera"
zone = "till"
activity = "presence"
class = "edge-camera"
profile = "frigate"
topic = "frigate/till"
control = true
"#;
    format!("{camera}{}", signs.collect::<String>())
}

async fn opened(firmware: [Firmware; 2], seed: u64) -> Shop {
    let mut shop = Shop::furnish_with(OPEN_BY_DAY, &[more()], Some(Broker::new())).await;
    shop.luck = Chance::new(seed ^ 0xCA);
    shop.start().await;
    shop.connect().await;
    for (sign, (firmware, mac)) in ["door", "window"].into_iter().zip(firmware.into_iter().zip(MACS)) {
        let now = shop.now_ms();
        shop.hang(sign, Display::Trmnl(Trmnl::new(firmware, mac, now)));
    }
    shop.until(400).await;
    assert_eq!(shop.interlock().0, "open", "{:?}", shop.interlock());
    shop
}

/// What a stranger makes of the file that the officer is handed.
fn judged(shop: &Shop) -> (Verdict, usize) {
    let key = super::super::master_key(&shop.config).expect("the key was written").store_key();
    let reader = Reader::open(&shop.config.store.path, &key).expect("the store is there");
    let text = reader.ledger().expect("the store answers").expect("there is a ledger").export.text();
    (verify(&text, &Circumstances::default()).unwrap_or_else(|fault| panic!("{fault}")), text.len())
}

async fn day(firmware: [Firmware; 2], seed: u64) {
    let mut shop = opened(firmware, seed).await;
    let mut chance = Chance::new(seed);
    let mut pauses = 0;
    while shop.seconds() < 24 * HOUR {
        let quiet = chance.between(10, 3_000);
        shop.pass(quiet).await;
        shop.customer().await;
        if chance.between(0, 6) == 0 {
            pauses += 1;
            shop.objects().await;
        }
        suffer(&mut shop, &mut chance, 2).await;
    }
    let counted = shop.counted();
    assert!((1..=shop.told_customers).contains(&counted), "{counted} of {} who could read it", shop.told_customers);
    shop.end(true).await;

    let (verdict, bytes) = judged(&shop);
    let mut open_ms = 0;
    for ((zone, activity), sums) in &verdict.account.places {
        assert_eq!((sums.enforced, sums.unnoticed_ms), (true, 0), "{seed}: {activity} in {zone}");
        open_ms = open_ms.max(sums.open_ms);
    }
    assert_eq!(verdict.account.places.len(), 2);
    println!(
        "seed {seed}: {counted} counted of {} who could read it, {pauses} objections, counting open for {:.1} h at most, unnoticed by \
         the verifier's account 0; {} entries, {bytes} bytes",
        shop.told_customers,
        open_ms as f64 / 3.6e6,
        verdict.entries,
    );
}

#[tokio::test]
async fn through_a_bad_day_with_a_real_broker_the_export_proves_that_nothing_was_counted_without_notice() {
    day([V1_8_14, PATIENT], 1).await;
}

#[tokio::test]
#[ignore = "takes minutes: `make crash-test`"]
async fn through_many_bad_days_with_a_real_broker_the_export_proves_the_same() {
    for seed in 2..12 {
        day(if seed % 2 == 0 { [V1_7_8, V1_8_14] } else { [PATIENT, V1_7_8] }, seed).await;
    }
}
