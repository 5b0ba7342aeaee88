//! What entries add up to, and what they may not say.

use super::year::{self, Shop, closed, days, gone, opened, rules, shown};
use crate::domain::activity::InterlockMode;
use crate::domain::id::{ActivityId, SignId, ZoneId};
use crate::domain::ledger::{Cause, Entry, Event, Rule};
use crate::domain::notice::{Evidence, NoticeHash};
use crate::domain::time::{Bucket, Mono, Wall};
use crate::ledger::entry::{Record, parse};
use crate::ledger::evidence::{Account, Contradiction, Question, Sums, account};

/// A short story: at so many milliseconds, this happened. It begins with a start and one rule.
struct Story {
    records: Vec<Record>,
    boot: String,
    wall: i64,
}

/// When stories begin on the wall clock; their steady clock begins at 0.
const DAWN: i64 = 1_764_570_000_000;

impl Story {
    fn new(rule: Rule) -> Self {
        let story = Self { records: vec![], boot: "a".to_owned(), wall: DAWN };
        story.start("a", 0).at(0, Event::Configured { rules: vec![rule] })
    }

    fn start(mut self, boot: &str, mono: i64) -> Self {
        boot.clone_into(&mut self.boot);
        let boot = boot.to_owned();
        self.at(mono, Event::Started { boot, version: "1".to_owned() })
    }

    fn at(mut self, mono: i64, event: Event) -> Self {
        let entry = Entry { mono: Mono(mono), wall: Wall(self.wall + mono), trusted: true, event };
        self.records.push(Record::new(self.records.len() as u64, &self.boot, entry));
        self
    }

    fn account(&self, question: Question) -> Result<Account, Contradiction> {
        account(&self.records, &question)
    }

    fn sums(&self) -> Sums {
        self.account(Question::default()).unwrap().places[&place()].clone()
    }

    fn wrong(&self) -> Contradiction {
        self.account(Question::default()).unwrap_err()
    }
}

fn place() -> (ZoneId, ActivityId) {
    (ZoneId::new("entrance"), ActivityId::new("footfall"))
}

fn rule(quorum: u32, evidence: Evidence) -> Rule {
    Rule { quorum, evidence, ..rules().swap_remove(0) }
}

fn one_sign() -> Rule {
    rule(1, Evidence::Confirmed)
}

fn open() -> Event {
    opened("entrance", "footfall")
}

fn close(cause: Cause) -> Event {
    closed("entrance", "footfall", cause)
}

fn picture_with(activities: Vec<ActivityId>, evidence: Evidence) -> Event {
    Event::Shown { sign: SignId::new("door"), notice: NoticeHash([7; 32]), activities, evidence }
}

fn spans(sums: &Sums) -> Vec<(i64, i64, &'static str)> {
    sums.gaps.iter().map(|gap| (gap.span.start.0 - DAWN, gap.span.end.0 - DAWN, gap.reason())).collect()
}

#[test]
fn open_and_noticed_time_and_gaps_are_exact() {
    let story = Story::new(one_sign())
        .at(1_000, shown("door", 7))
        .at(1_040, open())
        .at(5_000, close(Cause::Stopped))
        .at(6_500, open())
        .at(9_001, close(Cause::OutsideHours))
        .at(9_001, gone("door", Cause::Replaced))
        .at(10_000, shown("door", 7));
    let sums = story.sums();
    assert_eq!((sums.ms, sums.open_ms, sums.noticed_ms, sums.unnoticed_ms), (10_000, 3_960 + 2_501, 8_001, 0));
    assert!(sums.enforced);
    assert_eq!(spans(&sums), [(0, 1_040, "not-told"), (5_000, 6_500, "stopped"), (9_001, 10_000, "outside-hours")]);
}

#[test]
fn one_millisecond_without_notice_is_found_with_the_entry_that_began_it() {
    let before = |rule| Story::new(rule).at(1_000, shown("door", 7)).at(1_000, open());
    let lost = before(one_sign()).at(2_000, gone("door", Cause::Overdue)).at(2_001, close(Cause::NoNotice));
    let wrong = lost.wrong();
    assert_eq!(wrong.seq, 4);
    assert!(wrong.what.contains("for 1 ms"), "{wrong}");
    let found_late = before(one_sign()).at(3_000, shown("window", 7));
    let found_late = found_late.at(2_000, gone("door", Cause::Overdue)).at(2_000, close(Cause::NoNotice));
    assert_eq!(found_late.sums().open_ms, 1_000, "what ended earlier and is told later ends earlier");
    let early = Story::new(one_sign()).at(999, open()).at(1_000, shown("door", 7));
    assert_eq!(early.wrong().seq, 2);
    let other = Story::new(one_sign())
        .at(1, picture_with(vec![ActivityId::new("browsing")], Evidence::Confirmed))
        .at(2, open())
        .at(3, close(Cause::Stopped));
    assert_eq!(other.wrong().seq, 3, "a notice that names something else is none");
    let elsewhere = Story::new(one_sign()).at(1, shown("till", 7)).at(2, open()).at(3, close(Cause::Stopped));
    assert_eq!(elsewhere.wrong().seq, 3, "nor is one on a sign that does not cover the zone");
}

#[test]
fn quorum_and_grade_of_evidence_are_those_of_the_rule() {
    let two = |second: &str| {
        Story::new(rule(2, Evidence::Confirmed))
            .at(1, shown("door", 7))
            .at(2, shown(second, 7))
            .at(3, open())
            .at(4, close(Cause::Stopped))
    };
    assert_eq!(two("window").sums().open_ms, 1);
    assert_eq!(two("door").wrong().seq, 4, "one sign twice is one sign");
    let sighted = |evidence| {
        Story::new(rule(1, Evidence::Sighted))
            .at(1, picture_with(vec![ActivityId::new("footfall")], evidence))
            .at(2, open())
            .at(3, close(Cause::Stopped))
    };
    assert_eq!(sighted(Evidence::Sighted).sums().open_ms, 1);
    assert_eq!(sighted(Evidence::Confirmed).wrong().seq, 3);
}

#[test]
fn a_new_boot_ends_everything_and_a_restart_nothing() {
    let story = Story::new(one_sign()).at(1_000, shown("door", 7)).at(1_000, open());
    let restarted = Story { records: story.records.clone(), ..story };
    let restarted = restarted.start("a", 4_000).at(5_000, close(Cause::OutsideHours));
    assert_eq!(restarted.sums().open_ms, 4_000);

    let mut story = Story { records: restarted.records[..4].to_vec(), boot: "a".to_owned(), wall: DAWN }
        .at(2_000, shown("window", 7));
    story.wall = DAWN + 60_000;
    let rebooted = story.start("b", 10).at(500, shown("door", 7)).at(500, open()).at(700, close(Cause::OutsideHours));
    let sums = rebooted.sums();
    assert_eq!((sums.open_ms, sums.ms), (1_000 + 200, 60_700), "open until the last that is known of the first boot");
    assert_eq!(
        spans(&sums),
        [(0, 1_000, "not-told"), (2_000, 60_500, "shutdown")],
        "the time between boots is a gap, with what passes until counting opens again"
    );
    let blind = Story { records: rebooted.records[..6].to_vec(), boot: "b".to_owned(), wall: DAWN + 60_000 };
    let blind = blind.at(500, open()).at(501, close(Cause::Stopped));
    assert_eq!(blind.wrong().seq, 6, "what was shown before the boot is not known any more");
}

#[test]
fn counting_that_the_configuration_allows_without_notice_is_told_apart() {
    let story = Story::new(Rule { mode: InterlockMode::Observe, ..one_sign() })
        .at(1_000, open())
        .at(3_000, shown("door", 7))
        .at(4_000, close(Cause::OutsideHours));
    let sums = story.sums();
    assert_eq!((sums.enforced, sums.open_ms, sums.unnoticed_ms, sums.noticed_ms), (false, 3_000, 2_000, 1_000));
}

#[test]
fn rules_hold_from_when_they_were_written() {
    let rule_for = |quorum| Event::Configured { rules: vec![rule(quorum, Evidence::Confirmed)] };
    let story = Story::new(one_sign())
        .at(1_000, shown("door", 7))
        .at(1_000, open())
        .start("a", 2_000)
        .at(2_000, rule_for(2))
        .at(2_001, close(Cause::Configuration));
    assert_eq!(story.wrong().seq, 5, "the sharper rule was in force for a millisecond");
    assert_eq!(Story::new(rule(0, Evidence::Confirmed)).wrong().seq, 1, "a rule that waits for no sign is none");
    let nothing = Story::new(one_sign()).at(1, opened("hall", "browsing")).at(2, shown("door", 7));
    assert_eq!(nothing.wrong().seq, 2, "what no rule names may not be counted");
}

#[test]
fn entries_that_cannot_have_been_written_in_their_order_are_named() {
    let base = || Story::new(one_sign()).at(1_000, shown("door", 7)).at(1_000, open());
    let stories: [(Story, u64, &str); 8] = [
        (base().at(999, gone("door", Cause::Overdue)), 4, "same sign"),
        (base().at(999, close(Cause::Stopped)), 4, "same sign or place"),
        (base().at(900, shown("window", 7)), 4, "dated back by 100 ms"),
        (base().at(900, Event::Configured { rules: rules() }), 4, "dated back"),
        (base().start("a", 900), 4, "dated back"),
        (base().start("b", 50).at(60, shown("door", 7)).at(49, open()), 6, "before the first start"),
        (base().start("b", 50).start("a", 2_000), 5, "does not come back"),
        (
            {
                let mut story = base();
                story.boot = "b".to_owned();
                story.at(1_500, shown("window", 7))
            },
            4,
            "without a start",
        ),
    ];
    for (story, seq, why) in stories {
        let wrong = story.wrong();
        assert_eq!(wrong.seq, seq, "{wrong}");
        assert!(wrong.what.contains(why), "{wrong} should say {why}");
    }
    let headless = Story { records: vec![], boot: "a".to_owned(), wall: DAWN }.at(5, shown("door", 7));
    assert_eq!(headless.wrong().what, "the first entry is not that the daemon started");
    let honest = base().at(3_000, shown("window", 7)).at(2_000, gone("door", Cause::Overdue));
    honest.at(2_000, close(Cause::NoNotice)).at(2_500, open()).account(Question::default()).unwrap_err();
}

#[test]
fn a_window_cuts_everything_and_what_is_open_now_goes_on_until_the_last_sign_of_life() {
    let story = Story::new(one_sign()).at(1_000, shown("door", 7)).at(1_000, open());
    let window = Some(Bucket { start: Wall(DAWN + 500), end: Wall(DAWN + 4_000) });
    let alive_until = Some(Wall(DAWN + 9_000));
    let whole = story.account(Question { alive_until, ..Question::default() }).unwrap();
    assert_eq!(whole.period, Some(Bucket { start: Wall(DAWN), end: Wall(DAWN + 9_000) }));
    assert_eq!((whole.places[&place()].open_ms, whole.places[&place()].ms), (8_000, 9_000));
    let cut = story.account(Question { window, alive_until, ..Question::default() }).unwrap();
    assert_eq!(cut.period, window);
    assert_eq!((cut.places[&place()].open_ms, cut.places[&place()].noticed_ms), (3_000, 3_000));
    assert_eq!(spans(&cut.places[&place()]), [(500, 1_000, "not-told")]);
    let unknown = story.account(Question::default()).unwrap();
    assert_eq!(unknown.places[&place()].open_ms, 0, "without a sign of life the last entry is the end");
}

#[test]
fn what_was_written_before_the_clock_was_set_is_dated_by_the_first_time_that_is_believed() {
    let mut story = Story::new(one_sign());
    for record in &mut story.records {
        record.entry.trusted = false;
        record.entry.wall = Wall(record.entry.mono.0);
    }
    let story = story.at(1_000, shown("door", 7)).at(1_000, open()).at(3_000, close(Cause::OutsideHours));
    let account = story.account(Question::default()).unwrap();
    assert_eq!(account.period, Some(Bucket { start: Wall(DAWN), end: Wall(DAWN + 3_000) }));
}

#[test]
fn nothing_told_is_nothing_accounted() {
    assert_eq!(account(&[], &Question::default()), Ok(Account::default()));
}

/// The same arithmetic, one instant after the other and without a thought for speed.
fn naive_open_ms(records: &[Record], zone: &str, activity: &str) -> (u64, u64) {
    let (mut open_ms, mut noticed_ms) = (0, 0);
    for boot in records.chunk_by(|a, b| a.boot == b.boot) {
        let mut instants: Vec<i64> = boot.iter().map(|record| record.entry.mono.0).collect();
        instants.sort_unstable();
        instants.dedup();
        for span in instants.windows(2) {
            let happened = |record: &&Record| record.entry.mono.0 <= span[0];
            let mut past: Vec<&Record> = boot.iter().filter(happened).collect();
            past.sort_by_key(|record| record.entry.mono);
            let is_open = past.iter().rev().find_map(|record| match &record.entry.event {
                Event::Opened { zone: z, activity: a } => {
                    (z.as_str() == zone && a.as_str() == activity).then_some(true)
                }
                Event::Closed { zone: z, activity: a, .. } => {
                    (z.as_str() == zone && a.as_str() == activity).then_some(false)
                }
                Event::Started { .. } | Event::Configured { .. } | Event::Shown { .. } | Event::Gone { .. } => None,
            });
            let says = |wanted: &str| {
                let last = past.iter().rev().find_map(|record| match &record.entry.event {
                    Event::Shown { sign, activities, .. } if sign.as_str() == wanted => {
                        Some(activities.iter().any(|a| a.as_str() == activity))
                    }
                    Event::Gone { sign, .. } if sign.as_str() == wanted => Some(false),
                    Event::Started { .. }
                    | Event::Configured { .. }
                    | Event::Shown { .. }
                    | Event::Gone { .. }
                    | Event::Opened { .. }
                    | Event::Closed { .. } => None,
                });
                last.unwrap_or(false)
            };
            let covering = year::SIGNS.iter().filter(|(_, of)| *of == zone);
            let ms = (span[1] - span[0]) as u64;
            open_ms += if is_open == Some(true) { ms } else { 0 };
            noticed_ms += if covering.filter(|(sign, _)| says(sign)).count() >= 2 { ms } else { 0 };
        }
    }
    (open_ms, noticed_ms)
}

#[test]
fn a_month_adds_up_to_what_a_naive_count_says_and_all_of_it_was_noticed() {
    let shop: Shop = days(3, 30);
    let records: Vec<Record> = shop.log.lines.iter().map(|line| parse(line).unwrap()).collect();
    let account = account(&records, &Question::default()).unwrap();
    assert_eq!(account.places.len(), 4);
    for ((zone, activity), sums) in &account.places {
        let naive = naive_open_ms(&records, zone.as_str(), activity.as_str());
        assert_eq!((sums.open_ms, sums.noticed_ms), naive, "{zone} {activity}");
        assert!(sums.open_ms > 30 * 10 * 3_600_000 && sums.open_ms <= sums.noticed_ms, "{sums:?}");
        let gaps: i64 = sums.gaps.iter().map(|gap| gap.span.end.0 - gap.span.start.0).sum();
        assert_eq!(sums.ms, sums.open_ms + gaps as u64);
        let period = account.period.unwrap();
        assert_eq!(sums.ms as i64, period.end.0 - period.start.0);
    }
}

#[test]
fn a_year_of_four_signs_fits_into_two_megabytes() {
    let shop = days(1, 366);
    let lines: usize = shop.log.lines.iter().map(|line| line.len() + 1).sum();
    let checkpoints: usize = shop.log.closed.iter().map(|day| day.checkpoint.len()).sum();
    let a_day = shop.log.lines.len() as f64 / 366.0;
    println!(
        "{} entries ({a_day:.1} a day), {lines} bytes of lines, {checkpoints} bytes of checkpoints",
        shop.log.lines.len()
    );
    assert!((20.0..30.0).contains(&a_day), "a shop writes {a_day} entries a day");
    assert!(lines + checkpoints < 2_000_000, "{lines} + {checkpoints}");
    assert!(shop.log.export().text().len() < 2_500_000);
    assert_eq!(shop.log.closed.len(), 365);
}
