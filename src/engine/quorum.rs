//! Scenarios of zones that wait for more than one confirmed sign.

use super::glass::Proof;
use super::scenario::{Shop, plan};
use super::{Input, Plan};
use crate::domain::activity::InterlockMode;
use crate::domain::id::SignId;
use crate::domain::notice::Evidence;
use crate::domain::sign::{Order, SignEvent};

/// A shop whose entrance has two boards on paper; the second is believed for an hour only.
fn two_boards(quorum: usize) -> Shop {
    let mut plan = plan(InterlockMode::Enforce);
    plan.signs[0].0.proof = Proof::Attested;
    let mut second = plan.signs[0].clone();
    second.0.id = SignId::new("second");
    second.0.attested_for = std::time::Duration::from_secs(3_600);
    plan.signs.push(second);
    plan.interlocks[0].quorum = quorum;
    let mut shop = Shop::with(plan);
    shop.connect();
    shop
}

fn attest(shop: &mut Shop, sign: &str) {
    shop.input(Input::Order(Order::Attest(SignId::new(sign), "manager".into())));
}

#[test]
fn a_zone_that_waits_for_two_signs_counts_nobody_under_one() {
    let mut shop = two_boards(2);
    shop.at(10.0);
    attest(&mut shop, "sign");
    shop.at(20.0).crossing();
    assert_eq!((shop.interlock(), shop.people()), ("opening", 0));
    assert_eq!(
        shop.reason(),
        "1 of 2 signs that have to show the notice do; the printed board of sign second has not been attested; a member of \
         staff looks at it and then runs: noticed sign attest second --by ROLE"
    );
    attest(&mut shop, "second");
    shop.at(30.0).crossing();
    assert_eq!((shop.interlock(), shop.people()), ("open", 1));
}

#[test]
fn counting_ends_to_the_second_when_too_few_signs_are_left() {
    let mut shop = two_boards(2);
    shop.at(10.0);
    attest(&mut shop, "sign");
    attest(&mut shop, "second");
    shop.at(3_609.0).crossing();
    shop.at(3_611.0).crossing();
    assert_eq!((shop.interlock(), shop.people()), ("opening", 1));
    let mut alone = two_boards(1);
    alone.at(10.0);
    attest(&mut alone, "sign");
    attest(&mut alone, "second");
    alone.at(3_611.0).crossing();
    assert_eq!((alone.interlock(), alone.people()), ("open", 1), "one sign is enough where one was asked for");
}

fn sighted() -> Plan {
    let mut plan = plan(InterlockMode::Enforce);
    plan.interlocks[0].evidence = Evidence::Sighted;
    plan
}

#[test]
fn where_somebody_has_to_see_the_sign_its_own_word_opens_nothing() {
    let mut shop = Shop::with(sighted());
    shop.connect().confirm(10.0).crossing();
    assert_eq!((shop.interlock(), shop.people()), ("opening", 0));
    assert!(shop.reason().starts_with("sign sign is confirmed, and has to be seen as well; a member of staff looks"));
    attest(&mut shop, "sign");
    shop.at(shop.seconds + 1.0).crossing();
    assert_eq!((shop.interlock(), shop.people()), ("open", 1));
    shop.input(Input::Sign(SignEvent::Trouble { sign: SignId::new("sign") })).crossing();
    assert_eq!((shop.interlock(), shop.people()), ("opening", 1), "what the display does counts as well");
}
