//! What a stranger gets to see of the days of a shop: every notice that the ledger names, as a picture.

use super::super::master_key;
use super::days::day_of;
use super::firmware::V1_8_14;
use super::installation::Kind;
use super::shop::Shop;
use crate::ledger::verify::{Circumstances, Verdict, verify_export};
use crate::store::query::Reader;

fn verdict(shop: &Shop) -> Verdict {
    let master = master_key(&shop.config).expect("the key was written");
    let reader = Reader::open(&shop.config.store.path, &master.store_key()).expect("the daemon made it");
    let kept = reader.ledger().expect("it can be read").expect("the daemon began a ledger");
    verify_export(&kept.export, &Circumstances::default()).expect("the ledger is whole")
}

#[tokio::test]
async fn of_two_days_every_notice_that_the_ledger_names_is_there_as_a_picture() {
    for kind in [Kind::Trmnl(V1_8_14), Kind::Label, Kind::Linux] {
        let verdict = verdict(&day_of(kind).await);
        assert_eq!((verdict.notices, verdict.missing), (2, vec![]), "{kind:?}: one for the code of each day");
    }
}
