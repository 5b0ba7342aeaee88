//! Scenarios of attestation: what a member of staff's word is worth, and when it ends.

use super::glass::Proof;
use super::scenario::{OPENING, Shop, now, plan};
use super::{Engine, Input, Plan};
use crate::domain::activity::InterlockMode;
use crate::domain::commit::Restored;
use crate::domain::id::{ActivityId, SignId, ZoneId};
use crate::domain::notice::{Evidence, SignState};
use crate::domain::sign::{Order, SignEvent};
use crate::domain::time::{Mono, Now, Wall};

const DAY: f64 = 86_400.0;

fn with_paper() -> Plan {
    let mut plan = plan(InterlockMode::Enforce);
    plan.signs[0].0.proof = Proof::Attested;
    plan
}

fn attest() -> Input {
    Input::Order(Order::Attest(SignId::new("sign"), "shift manager".into()))
}

fn stop(stop: bool) -> Input {
    let (zone, activity) = (ZoneId::new("entrance"), ActivityId::new("footfall"));
    Input::Order(if stop { Order::Stop(zone, activity) } else { Order::Start(zone, activity) })
}

/// A shop with a board on paper that was attested at second 10.
fn attested() -> Shop {
    let mut shop = Shop::with(with_paper());
    shop.connect().at(10.0).input(attest());
    assert_eq!(shop.interlock(), "open");
    shop
}

fn evidence(shop: &Shop) -> Evidence {
    shop.engine.status(&now(shop.seconds)).signs[0].evidence
}

#[test]
fn a_printed_board_covers_from_the_moment_that_somebody_saw_it() {
    let mut shop = Shop::with(with_paper());
    shop.connect().crossing();
    assert_eq!(shop.interlock(), "opening");
    assert_eq!(
        shop.reason(),
        "the printed board of sign sign has not been attested; a member of staff looks at it and then runs: \
         noticed sign attest sign --by ROLE"
    );
    shop.at(10.0).input(attest()).crossing();
    assert_eq!((shop.interlock(), evidence(&shop)), ("open", Evidence::Sighted));
    assert_eq!(shop.people(), 1);
    let sign = shop.engine.status(&now(shop.seconds)).signs[0].clone();
    assert_eq!(sign.attested, Some(("shift manager".into(), Wall(OPENING + 10_000 + 30 * 86_400_000))));
    assert_eq!(sign.alerts, [""; 0]);
    let doubtful = Now { trusted: false, ..now(shop.seconds) };
    assert_eq!(shop.engine.status(&doubtful).signs[0].attested, None, "nobody can say whether it has run out");
}

#[test]
fn an_attestation_runs_out_to_the_second_and_says_so() {
    let mut shop = attested();
    let end = 30.0 * DAY + 10.0;
    shop.at(end - 1.0).crossing();
    shop.at(end + 0.1).crossing();
    assert_eq!(shop.people(), 1);
    assert!(shop.reason().starts_with("the attestation of the printed board of sign sign has run out; a member"));
    assert_eq!(shop.engine.status(&now(shop.seconds)).signs[0].attested, None);
    shop.input(attest());
    assert_eq!(shop.interlock(), "open");
}

#[test]
fn a_printed_board_always_says_what_is_counted_and_is_never_drawn_again() {
    let mut shop = attested();
    let board = shop.board();
    assert_eq!(board.state, SignState::Active(vec![ActivityId::new("footfall")]));
    shop.input(stop(true));
    shop.at(2.0 * DAY).input(Input::EventsLost);
    shop.input(Input::Disconnected);
    shop.at(3.0 * DAY);
    assert_eq!((shop.interlock(), shop.board()), ("closed", board));
    shop.connect().input(stop(false));
    assert_eq!(shop.interlock(), "open", "paper stays where it hangs");
    assert_eq!(shop.engine.status(&now(shop.seconds)).signs[0].alerts, [""; 0], "and is never overdue");
}

#[test]
fn a_printed_board_says_so_too_while_the_store_cannot_be_used() {
    let mut shop = Shop::with(Plan { store_fault: Some("put back the key".into()), ..with_paper() });
    assert_eq!(shop.board().state.word(), "active");
    shop.at(10.0).input(attest());
    assert_eq!(shop.interlock(), "closed");
}

#[test]
fn a_printed_board_of_a_zone_without_sensors_does_not_deny() {
    let mut plan = with_paper();
    plan.signs[0].1 = vec![ZoneId::new("yard")];
    assert_eq!(Shop::with(plan).board().state, SignState::Unknown);
}

#[test]
fn what_a_display_could_do_means_nothing_on_paper() {
    let mut shop = attested();
    let (sign, notice) = (SignId::new("sign"), shop.board().notice);
    shop.input(Input::Sign(SignEvent::Trouble { sign: sign.clone() }));
    shop.input(Input::Sign(SignEvent::Fetched { sign, notice }));
    assert_eq!((shop.interlock(), evidence(&shop)), ("open", Evidence::Sighted));
    let mut never = Shop::with(with_paper());
    never.connect().confirm(10.0);
    never.say_shown();
    assert_eq!((never.interlock(), evidence(&never)), ("opening", Evidence::None));
}

#[test]
fn an_attestation_survives_restart_and_reboot() {
    let mut shop = attested();
    shop.at(100.0).crash().connect();
    assert_eq!((shop.interlock(), evidence(&shop)), ("open", Evidence::Sighted));
    shop.plan.boot = "another".into();
    shop.at(200.0).crash().connect();
    assert_eq!((shop.interlock(), evidence(&shop)), ("open", Evidence::Sighted));
    shop.at(40.0 * DAY).crash().connect();
    assert_eq!(shop.interlock(), "opening");
    assert!(shop.reason().contains("has run out"), "{}", shop.reason());
}

#[test]
fn an_attestation_holds_for_exactly_the_notice_that_was_seen() {
    let mut shop = attested();
    shop.at(100.0);
    shop.plan.announced.push((ZoneId::new("entrance"), ActivityId::new("recorder")));
    shop.crash().connect();
    assert_eq!(shop.interlock(), "opening");
    assert!(
        shop.reason().starts_with("the notice of sign sign has changed; print and hang the new one, then a member")
    );
    shop.at(105.0);
    shop.plan.announced.clear();
    shop.crash().connect();
    assert_eq!(shop.interlock(), "opening", "nobody knows what was hung meanwhile");
    shop.input(attest());
    assert_eq!(shop.interlock(), "open");
}

#[test]
fn nobody_can_attest_by_a_clock_that_is_not_believed() {
    let plan = with_paper();
    let unset = |ms| Now { mono: Mono(ms), wall: Wall(ms), trusted: false };
    let mut engine = Engine::new(plan, Restored::default(), &unset(0));
    let order = Order::Attest(SignId::new("sign"), "manager".into());
    assert!(engine.refusal(&order, &unset(1)).is_some_and(|why| why.contains("still being drawn")));
    let mut shop = Shop::with(with_paper());
    shop.engine.handle(Input::Order(order.clone()), &Now { trusted: false, ..now(5.0) });
    assert!(shop.engine.refusal(&order, &Now { trusted: false, ..now(5.0) }).is_some_and(|why| why.contains("clock")));
    assert_eq!(shop.engine.refusal(&order, &now(5.0)), None);
    shop.at(6.0).connect();
    assert_eq!(shop.interlock(), "opening");
    engine.handle(Input::Order(order), &unset(10));
    assert_eq!(engine.status(&unset(10)).signs[0].attested, None);
}

#[test]
fn a_clock_set_beyond_the_attestation_ends_it() {
    let mut shop = attested();
    shop.at(100.0);
    let ahead = Now { wall: Wall(OPENING + 31 * 86_400_000), ..now(101.0) };
    shop.engine.handle(Input::Time, &ahead);
    assert_eq!(shop.engine.status(&ahead).interlocks[0].interlock, "opening");
}

#[test]
fn a_displays_evidence_becomes_sighted_and_ends_with_what_the_display_does() {
    let mut shop = Shop::open();
    shop.input(attest());
    assert_eq!(evidence(&shop), Evidence::Sighted);
    shop.at(900.0).poll();
    shop.crash().connect();
    assert_eq!(evidence(&shop), Evidence::Sighted, "the lease lasts");
    shop.at(1_000.0).input(Input::Sign(SignEvent::Trouble { sign: SignId::new("sign") }));
    assert_eq!((shop.interlock(), evidence(&shop)), ("opening", Evidence::None));
    shop.confirm(1_200.0);
    assert_eq!(evidence(&shop), Evidence::Confirmed, "a person saw what was there before the error");
}

#[test]
fn a_person_cannot_vouch_for_a_display_that_has_proved_nothing() {
    let mut shop = Shop::new();
    shop.connect().poll();
    shop.fetch().input(attest()).crossing();
    assert_eq!((shop.interlock(), evidence(&shop)), ("opening", Evidence::Fetched));
    let order = Order::Attest(SignId::new("sign"), "manager".into());
    let why = shop.engine.refusal(&order, &now(shop.seconds)).expect("refused");
    assert!(why.contains("is not known to show its present notice"), "{why}");
    assert_eq!(shop.people(), 0);
}

#[test]
fn an_old_record_of_a_sign_still_reads() {
    let mut shop = Shop::open();
    let key = super::record::sign_key("sign");
    let text = String::from_utf8(shop.records[&key].clone()).expect("JSON");
    let old = text.split(",\"due\"").next().expect("what older versions wrote").to_owned() + "}";
    assert!(old.contains("denies_until"), "{old}");
    shop.records.insert(key, old.into_bytes());
    shop.crash().connect();
    assert_eq!(shop.interlock(), "open");
}

#[test]
fn a_role_is_kept_short_and_plain() {
    let mut shop = Shop::with(with_paper());
    let role = format!("shift\n{}", "x".repeat(1_000));
    shop.connect().input(Input::Order(Order::Attest(SignId::new("sign"), role)));
    let (role, _) = shop.engine.status(&now(1.0)).signs[0].attested.clone().expect("attested");
    assert_eq!((role.len(), &role[..6]), (super::attest::ROLE_MAX_CHARS, "shiftx"));
}
