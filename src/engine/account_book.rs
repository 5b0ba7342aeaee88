//! Scenarios of the ledger: what it is told is what happened, and a stranger's arithmetic finds nothing counted without notice.

use proptest::prelude::*;

use super::scenario::{Happening, Shop, happening, plan, play};
use super::{Input, LockPlan};
use crate::domain::activity::InterlockMode;
use crate::domain::id::{ActivityId, SignId, ZoneId};
use crate::domain::ledger::{Cause, Event};
use crate::domain::sign::{Order, SignEvent};
use crate::ledger::entry::Record;
use crate::ledger::evidence::{Account, Question, account};

impl Shop {
    /// The account of everything that the store was told to keep.
    fn account(&mut self) -> Account {
        self.input(Input::Flush);
        let mut boot = String::new();
        let record = |(seq, entry): (usize, &crate::domain::ledger::Entry)| {
            if let Event::Started { boot: begun, .. } = &entry.event {
                boot.clone_from(begun);
            }
            Record::new(seq as u64, &boot, entry.clone())
        };
        let records: Vec<_> = self.ledger.iter().enumerate().map(record).collect();
        for record in &records {
            record.line().unwrap_or_else(|why| panic!("{record:?}: {why:?}"));
        }
        let told = account(&records, &Question { whole_from: 0, window: None, alive_until: None });
        told.unwrap_or_else(|why| panic!("{why:?} in {records:?}"))
    }

    fn told(&self) -> Vec<(i64, String)> {
        let tell = |event: &Event| match event {
            Event::Started { .. } => "started".to_owned(),
            Event::Configured { rules } => format!("{} rules", rules.len()),
            Event::Shown { sign, activities, evidence, .. } => {
                format!("{sign} shows {activities:?}, {}", evidence.word())
            }
            Event::Gone { sign, cause } => format!("{sign} is gone, {}", cause.word()),
            Event::Opened { zone, .. } => format!("{zone} opened"),
            Event::Closed { zone, cause, .. } => format!("{zone} closed, {}", cause.word()),
        };
        self.ledger.iter().map(|entry| (entry.mono.0 / 1000, tell(&entry.event))).collect()
    }
}

fn stop() -> Input {
    Input::Order(Order::Stop(ZoneId::new("entrance"), ActivityId::new("footfall")))
}

#[test]
fn a_day_is_told_in_the_order_in_which_it_happened() {
    let mut shop = Shop::open();
    let opened = shop.told();
    assert_eq!(opened[..2], [(0, "started".to_owned()), (0, "1 rules".to_owned())]);
    assert_eq!(opened[2].1, "sign shows [footfall], confirmed");
    assert_eq!(opened[3].1, "entrance opened");
    assert_eq!((opened.len(), opened[2].0), (4, opened[3].0));
    let since = opened[3].0;
    shop.at(600.0).input(stop());
    let told = shop.told();
    assert_eq!(told[4..], [(600, "entrance closed, stopped".to_owned())]);
    let account = shop.account();
    let sums = account.places.values().next().expect("one place");
    assert_eq!(sums.open_ms / 1000, 600 - since as u64);
    assert_eq!((sums.unnoticed_ms, sums.enforced), (0, true));
}

#[test]
fn a_quiet_hour_of_polls_tells_the_ledger_nothing() {
    let mut shop = Shop::open();
    let before = shop.told().len();
    for poll in 1..5 {
        shop.at(f64::from(poll) * 900.0).poll();
    }
    assert_eq!(shop.told().len(), before);
}

#[test]
fn a_lease_that_ran_out_ends_notice_and_counting_at_its_end_however_late_that_is_found() {
    let mut shop = Shop::open();
    let lease = shop.engine.signs[0].glass.ends(&super::scenario::now(shop.seconds)).expect("leased");
    shop.seconds = 9_000.0;
    shop.input(Input::Time);
    let ended: Vec<_> = shop.told().into_iter().filter(|(at, _)| *at == lease.0 / 1000).map(|(_, what)| what).collect();
    assert_eq!(ended, ["entrance closed, no-notice", "sign is gone, overdue"]);
    shop.account();
}

#[test]
fn a_restart_under_a_lease_ends_nothing() {
    let mut shop = Shop::open();
    shop.at(200.0).crash().connect().at(300.0);
    let told: Vec<_> = shop.told().into_iter().skip(4).collect();
    assert_eq!(told, [(200, "started".to_owned())]);
    shop.account();
}

#[test]
fn a_reboot_begins_a_new_page() {
    let mut shop = Shop::open();
    shop.plan.boot = "another".into();
    shop.at(200.0).crash().connect().at(300.0);
    assert_eq!(shop.told().into_iter().skip(4).collect::<Vec<_>>(), [(200, "started".to_owned())]);
    let account = shop.account();
    assert!(account.places.values().all(|sums| sums.open_ms < 200_000), "what was open ended with the boot");
}

#[test]
fn what_is_counted_without_waiting_for_the_notice_is_told_as_such() {
    let mut shop = Shop::with(plan(InterlockMode::Observe));
    shop.connect().at(600.0);
    assert_eq!(shop.told()[2], (0, "entrance opened".to_owned()));
    shop.input(stop());
    let account = shop.account();
    let sums = account.places.values().next().expect("one place");
    assert_eq!((sums.enforced, sums.open_ms, sums.unnoticed_ms), (false, 600_000, 600_000));
}

#[test]
fn a_sign_that_is_given_something_else_is_told_to_be_replaced_and_no_picture_that_denies_is_named() {
    let mut shop = Shop::open();
    shop.at(600.0).input(stop()).at(900.0).poll();
    let told = shop.told();
    assert_eq!(told[5..], [(900, "sign is gone, replaced".to_owned())]);
    shop.fetch().at(960.0).poll();
    assert_eq!(shop.told().len(), 6);
}

#[test]
fn a_zone_that_left_the_configuration_is_closed_for_that_reason() {
    let mut shop = Shop::open();
    shop.plan.interlocks[0] = LockPlan::new(ZoneId::new("hall"), ActivityId::new("footfall"), InterlockMode::Enforce);
    shop.at(200.0).crash().connect();
    let closed = |event: &Event| matches!(event, Event::Closed { zone, cause: Cause::Configuration, .. } if zone.as_str() == "entrance");
    assert_eq!(shop.ledger.iter().filter(|entry| closed(&entry.event)).count(), 1);
    shop.account();
}

#[test]
fn when_the_store_has_refused_for_too_long_nothing_opens_until_it_writes_again() {
    let mut shop = Shop::open();
    shop.disk_full = true;
    let sign = || SignId::new("sign");
    for _ in 0..1_000 {
        shop.input(Input::Sign(SignEvent::Trouble { sign: sign() }));
        let until = shop.seconds + 1.0;
        shop.confirm(until);
    }
    assert_ne!(shop.interlock(), "open");
    assert!(shop.reason().contains("refuses to write"), "{}", shop.reason());
    shop.disk_full = false;
    let until = shop.seconds + 600.0;
    shop.at(until);
    let until = shop.seconds + 1.0;
    shop.confirm(until);
    assert_eq!(shop.interlock(), "open");
    assert!(shop.account().places.values().all(|sums| sums.unnoticed_ms == 0));
    assert!(shop.ledger.len() < 2_000, "{} entries", shop.ledger.len());
}

/// A shop whose entrance waits for two signs.
fn two_signs() -> Shop {
    let mut plan = plan(InterlockMode::Enforce);
    let mut second = plan.signs[0].clone();
    second.0.id = SignId::new("second");
    plan.signs.push(second);
    plan.interlocks[0].quorum = 2;
    Shop::with(plan)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn a_stranger_finds_nothing_counted_without_notice(happenings in prop::collection::vec(happening(), 1..80)) {
        let (mut shop, ..) = play(&happenings);
        let account = shop.account();
        prop_assert!(account.places.values().all(|sums| sums.unnoticed_ms == 0), "{account:?}");
    }

    #[test]
    fn nor_where_two_signs_have_to_show_it(happenings in prop::collection::vec((happening(), any::<bool>()), 1..80)) {
        let mut shop = two_signs();
        shop.connect();
        for (happening, second) in &happenings {
            if *second {
                other_sign(&mut shop, happening);
            } else {
                shop.play(happening);
            }
        }
        let account = shop.account();
        prop_assert!(account.places.values().all(|sums| sums.unnoticed_ms == 0), "{account:?}");
    }
}

/// What happens to the second sign.
fn other_sign(shop: &mut Shop, happening: &Happening) {
    let Some(board) = shop.engine.boards().nth(1).flatten().cloned() else { return };
    let (sign, notice, refresh_seconds) = (SignId::new("second"), board.notice, board.refresh_seconds);
    let polled = SignEvent::Polled { sign: sign.clone(), offered: notice, refresh_seconds, timer: true, cached: false };
    let event = if matches!(happening, Happening::Fetch) {
        SignEvent::Fetched { sign, notice }
    } else if matches!(happening, Happening::Say) {
        SignEvent::Shown { sign, notice }
    } else if matches!(happening, Happening::Trouble) {
        SignEvent::Trouble { sign }
    } else {
        polled
    };
    shop.input(Input::Sign(event));
}
