//! A glass through the events of one sign, in seconds.

use super::*;
use crate::domain::id::ActivityId;
use crate::domain::notice::Evidence;

const ACTIVE: NoticeHash = NoticeHash([1; 32]);
const INACTIVE: NoticeHash = NoticeHash([2; 32]);

fn footfall() -> ActivityId {
    ActivityId::new("footfall")
}

fn glass(proof: Proof) -> Glass {
    let mut glass = Glass::new(SignPlan {
        id: SignId::new("door"),
        proof,
        refresh: Duration::from_secs(900),
        transition_refresh: Duration::from_secs(60),
        grace: Duration::from_secs(90),
        attested_for: Duration::from_secs(30 * 86_400),
        battery_low_mv: 3_500,
        alternates: 0,
    });
    glass.learn(Drawn { notice: ACTIVE, state: SignState::Active(vec![footfall()]), turn: 0, ahead_ms: 0 });
    glass.learn(Drawn {
        notice: INACTIVE,
        state: SignState::Inactive { valid_until: Wall(3_600_000) },
        turn: 0,
        ahead_ms: 0,
    });
    glass
}

fn at(second: i64) -> Now {
    millis(second * 1000)
}

fn millis(ms: i64) -> Now {
    Now { mono: Mono(ms), wall: Wall(ms), trusted: true }
}

fn poll(offered: NoticeHash, timer: bool, cached: bool) -> SignEvent {
    SignEvent::Polled { sign: SignId::new("door"), offered, refresh_seconds: 60, timer, cached }
}

fn fetched(notice: NoticeHash) -> SignEvent {
    SignEvent::Fetched { sign: SignId::new("door"), notice }
}

#[test]
fn a_trmnl_sign_is_confirmed_by_the_poll_after_the_whole_picture() {
    let mut g = glass(Proof::NextPoll);
    g.handle(&poll(ACTIVE, true, false), &at(0));
    assert_eq!(g.evidence(Some(ACTIVE), &at(0)), Evidence::Offered);
    g.handle(&fetched(ACTIVE), &at(1));
    assert_eq!(g.evidence(Some(ACTIVE), &at(1)), Evidence::Fetched);
    assert!(!g.covers(&footfall(), Evidence::Confirmed, &at(1)));
    g.handle(&poll(ACTIVE, true, false), &at(60));
    assert_eq!(g.evidence(Some(ACTIVE), &at(60)), Evidence::Confirmed);
    assert!(g.covers(&footfall(), Evidence::Confirmed, &at(60)));
}

#[test]
fn polls_without_a_fetch_prove_nothing() {
    let mut g = glass(Proof::NextPoll);
    for second in [0, 60, 120, 180] {
        g.handle(&poll(ACTIVE, true, false), &at(second));
    }
    assert!(!g.covers(&footfall(), Evidence::Confirmed, &at(180)));
    assert_eq!(g.missing(Some(ACTIVE), Evidence::Confirmed, &at(180)), Reason::NotFetched(SignId::new("door")));
}

#[test]
fn a_transfer_that_broke_proves_nothing() {
    let mut g = glass(Proof::NextPoll);
    g.handle(&poll(ACTIVE, true, false), &at(0));
    g.handle(&fetched(ACTIVE), &at(1));
    g.handle(&SignEvent::FetchAborted { sign: SignId::new("door"), notice: ACTIVE }, &at(1));
    g.handle(&poll(ACTIVE, true, false), &at(60));
    assert!(!g.covers(&footfall(), Evidence::Confirmed, &at(60)));
}

#[test]
fn an_error_report_between_fetch_and_poll_proves_nothing() {
    let mut g = glass(Proof::NextPoll);
    g.handle(&poll(ACTIVE, true, false), &at(0));
    g.handle(&fetched(ACTIVE), &at(1));
    g.handle(&SignEvent::Trouble { sign: SignId::new("door") }, &at(59));
    g.handle(&poll(ACTIVE, true, false), &at(60));
    assert!(!g.covers(&footfall(), Evidence::Confirmed, &at(60)));
    assert!(g.redraw, "the device must fetch and draw afresh");
}

fn confirmed(second: i64) -> Glass {
    let mut g = glass(Proof::NextPoll);
    g.handle(&poll(ACTIVE, true, false), &at(second - 60));
    g.handle(&fetched(ACTIVE), &at(second - 59));
    g.handle(&poll(ACTIVE, true, false), &at(second));
    assert!(g.covers(&footfall(), Evidence::Confirmed, &at(second)));
    g
}

#[test]
fn a_missed_poll_ends_the_evidence_at_refresh_plus_grace() {
    let mut g = confirmed(100);
    assert!(g.covers(&footfall(), Evidence::Confirmed, &millis(249_999)));
    assert!(
        !g.covers(&footfall(), Evidence::Confirmed, &millis(250_000)),
        "60 s refresh + 90 s grace after the poll at 100 s"
    );
    g.handle(&poll(ACTIVE, true, false), &at(300));
    assert!(
        !g.covers(&footfall(), Evidence::Confirmed, &at(300)),
        "an error screen may have been up: a fresh picture is needed"
    );
    g.handle(&fetched(ACTIVE), &at(301));
    g.handle(&poll(ACTIVE, true, false), &at(360));
    assert!(g.covers(&footfall(), Evidence::Confirmed, &at(360)));
}

#[test]
fn a_button_press_ends_the_evidence_until_the_next_timer_poll_from_its_own_memory() {
    let mut g = confirmed(100);
    g.handle(&poll(ACTIVE, false, false), &at(130));
    assert!(!g.covers(&footfall(), Evidence::Confirmed, &at(130)), "the device drew its logo before it asked");
    g.handle(&poll(ACTIVE, true, true), &at(190));
    assert!(
        g.covers(&footfall(), Evidence::Confirmed, &at(190)),
        "it says that it drew the picture from its flash cache"
    );
}

#[test]
fn an_offered_not_counting_ends_the_cover_and_denies_until_it_runs_out() {
    let mut g = confirmed(100);
    g.handle(&poll(INACTIVE, true, false), &at(160));
    assert!(!g.covers(&footfall(), Evidence::Confirmed, &at(160)), "either picture may be on the glass now");
    assert!(g.may_deny(Wall(3_599_999)));
    assert!(!g.may_deny(Wall(3_600_000)));
    g.handle(&poll(ACTIVE, true, false), &at(220));
    assert!(g.may_deny(at(220).wall), "offering something else does not change the glass");
    g.handle(&fetched(ACTIVE), &at(221));
    g.handle(&poll(ACTIVE, true, false), &at(280));
    assert!(!g.may_deny(at(280).wall) && g.covers(&footfall(), Evidence::Confirmed, &at(280)));
}

#[test]
fn a_restart_believes_a_confirmed_picture_only_within_its_lease_and_configuration() {
    let record = confirmed(100).record().expect("confirmed");
    let mut same = glass(Proof::NextPoll);
    same.restore(&record);
    assert!(same.covers(&footfall(), Evidence::Confirmed, &millis(249_999)));
    assert!(!same.covers(&footfall(), Evidence::Confirmed, &millis(250_000)));
    let mut other = Glass::new(same.plan.clone());
    other.learn(Drawn {
        notice: NoticeHash([9; 32]),
        state: SignState::Active(vec![footfall()]),
        turn: 0,
        ahead_ms: 0,
    });
    other.restore(&record);
    assert!(
        !other.covers(&footfall(), Evidence::Confirmed, &millis(200_000)),
        "the text has changed: the old picture does not cover"
    );
}

#[test]
fn a_plain_http_sign_is_confirmed_by_its_word_or_by_coming_back_for_the_same_picture() {
    let mut g = glass(Proof::Word);
    g.handle(&fetched(ACTIVE), &at(0));
    assert!(!g.covers(&footfall(), Evidence::Confirmed, &at(0)));
    g.handle(&SignEvent::Shown { sign: SignId::new("door"), notice: ACTIVE }, &at(5));
    assert!(g.covers(&footfall(), Evidence::Confirmed, &at(5)));
    let mut silent = glass(Proof::Word);
    silent.handle(&fetched(ACTIVE), &at(0));
    silent.handle(&fetched(ACTIVE), &at(900));
    assert!(silent.covers(&footfall(), Evidence::Confirmed, &at(900)));
}

#[test]
fn the_word_for_a_picture_never_given_is_ignored() {
    let mut g = glass(Proof::Word);
    g.handle(&SignEvent::Shown { sign: SignId::new("door"), notice: NoticeHash([7; 32]) }, &at(5));
    assert_eq!(g.evidence(Some(NoticeHash([7; 32])), &at(5)), Evidence::None);
}

fn said(notice: NoticeHash) -> SignEvent {
    SignEvent::Shown { sign: SignId::new("door"), notice }
}

#[test]
fn a_label_or_a_page_is_confirmed_by_its_own_word_only() {
    let mut g = glass(Proof::WordOnly);
    g.handle(&poll(ACTIVE, true, false), &at(0));
    assert_eq!(g.missing(Some(ACTIVE), Evidence::Confirmed, &at(0)), Reason::NotFetched(SignId::new("door")));
    for second in [1, 100, 1_000] {
        g.handle(&fetched(ACTIVE), &at(second));
        g.handle(&poll(ACTIVE, true, true), &at(second + 60));
        assert!(
            !g.covers(&footfall(), Evidence::Confirmed, &at(second + 60)),
            "an access point fetches for its labels"
        );
    }
    assert_eq!(g.missing(Some(ACTIVE), Evidence::Confirmed, &at(1_060)), Reason::NotSaid(SignId::new("door")));
    g.handle(&said(ACTIVE), &at(1_100));
    assert_eq!(g.evidence(Some(ACTIVE), &at(1_100)), Evidence::Confirmed);
    assert!(g.covers(&footfall(), Evidence::Confirmed, &at(1_100)));
}

#[test]
fn what_an_access_point_does_keeps_up_no_belief_in_its_label() {
    let mut g = glass(Proof::WordOnly);
    g.handle(&said(ACTIVE), &at(0));
    for second in [300, 600, 900] {
        g.handle(&poll(ACTIVE, true, false), &at(second));
        g.handle(&fetched(ACTIVE), &at(second));
    }
    assert!(g.covers(&footfall(), Evidence::Confirmed, &at(989)));
    assert!(!g.covers(&footfall(), Evidence::Confirmed, &at(990)), "900 s refresh + 90 s grace after its word");
    g.handle(&said(ACTIVE), &at(1_000));
    assert!(g.covers(&footfall(), Evidence::Confirmed, &at(1_989)));
}

#[test]
fn what_a_label_is_offered_may_be_on_it_until_it_says_otherwise() {
    let mut g = glass(Proof::WordOnly);
    g.handle(&said(ACTIVE), &at(0));
    g.handle(&fetched(INACTIVE), &at(10));
    assert!(!g.covers(&footfall(), Evidence::Confirmed, &at(10)) && g.may_deny(at(10).wall));
    g.handle(&said(ACTIVE), &at(20));
    assert!(g.covers(&footfall(), Evidence::Confirmed, &at(20)) && !g.may_deny(at(20).wall));
}

#[test]
fn a_picture_that_was_confirmed_and_then_found_broken_is_believed_no_more_although_another_was_offered() {
    let mut g = glass(Proof::NextPoll);
    let again = NoticeHash([3; 32]);
    g.learn(Drawn { notice: again, state: SignState::Active(vec![footfall()]), turn: 0, ahead_ms: 0 });
    g.handle(&poll(ACTIVE, true, false), &at(0));
    g.handle(&fetched(ACTIVE), &at(1));
    g.handle(&poll(again, true, false), &at(60));
    assert!(g.covers(&footfall(), Evidence::Confirmed, &at(60)), "both name it");
    g.handle(&SignEvent::FetchAborted { sign: SignId::new("door"), notice: ACTIVE }, &at(61));
    assert!(!g.covers(&footfall(), Evidence::Confirmed, &at(61)));
}

#[test]
fn a_pace_is_believed_only_with_the_picture_that_it_was_told_with() {
    let mut g = glass(Proof::Word);
    let night = SignEvent::Polled {
        sign: SignId::new("door"),
        offered: INACTIVE,
        refresh_seconds: 36_000,
        timer: true,
        cached: false,
    };
    g.handle(&night, &at(0));
    g.handle(&said(INACTIVE), &at(1));
    assert_eq!(g.ends(&at(1)), Some(at(1 + 36_000 + 90 + 1_800).mono), "and by what its clock may drift");
    g.handle(&said(ACTIVE), &at(100));
    assert_eq!(g.ends(&at(100)), Some(at(1_090).mono));
}

#[test]
fn the_code_of_a_new_day_changes_neither_what_covers_nor_what_a_person_saw() {
    const TOMORROW: NoticeHash = NoticeHash([3; 32]);
    let mut g = glass(Proof::NextPoll);
    g.learn(Drawn { notice: TOMORROW, state: SignState::Active(vec![footfall()]), turn: 0, ahead_ms: 0 });
    for (event, second) in [(poll(ACTIVE, true, false), 0), (fetched(ACTIVE), 1), (poll(ACTIVE, true, false), 60)] {
        g.handle(&event, &at(second));
    }
    g.attest(Attestation { notice: ACTIVE, until: Wall(86_400_000), role: "manager".to_owned() });
    assert_eq!(g.evidence(Some(ACTIVE), &at(61)), Evidence::Sighted);
    for (event, second) in [(poll(TOMORROW, true, false), 120), (fetched(TOMORROW), 121)] {
        g.handle(&event, &at(second));
        assert!(g.covers(&footfall(), Evidence::Confirmed, &at(second)), "both pictures name it");
        assert!(g.evidence(Some(TOMORROW), &at(second)) < Evidence::Confirmed, "nobody knows yet that it is there");
    }
    g.handle(&poll(TOMORROW, true, false), &at(180));
    assert_eq!(g.evidence(Some(TOMORROW), &at(181)), Evidence::Sighted);
    g.handle(&poll(INACTIVE, true, false), &at(240));
    g.handle(&poll(TOMORROW, true, false), &at(300));
    assert!(g.evidence(Some(TOMORROW), &at(300)) < Evidence::Sighted, "other words end it");
}

#[test]
fn a_denial_holds_as_long_as_it_was_printed_for_when_the_clock_is_set_ahead() {
    let mut g = glass(Proof::NextPoll);
    g.denies_until = Some(Wall(3_600_000));
    g.clock_moved(6 * 3_600_000, Wall(600_000));
    assert!(g.may_deny(Wall(6 * 3_600_000 + 3_000_000)), "fifty minutes past by a watch that nobody set");
    assert!(!g.may_deny(Wall(7 * 3_600_000)));
    g.clock_moved(-6 * 3_600_000, Wall(6 * 3_600_000 + 600_000));
    assert!(g.may_deny(Wall(3_000_000)));
    g.clock_moved(3_600_000, Wall(8 * 3_600_000));
    assert!(!g.may_deny(Wall(9 * 3_600_000)), "what had run out does not come back");
}
