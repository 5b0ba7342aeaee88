//! How many, and for how long: first the sums by themselves, then a shop in numbers.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Time, time};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::{Days, Door, Occupancies, Passing, Way};
use crate::domain::activity::InterlockMode;
use crate::domain::aggregate::Occupancy;
use crate::domain::id::{ActivityId, SensorId, SignId, ZoneId};
use crate::domain::reading::{Fact, LinkScope};
use crate::domain::sign::{Order, SignEvent};
use crate::domain::status::OccupancyStatus;
use crate::domain::time::{Mono, Now, Wall};
use crate::engine::glass::{Proof, SignPlan};
use crate::engine::scenario::{OPENING, Shop, binding, now, plan};
use crate::engine::sensor::SensorPlan;
use crate::engine::tally::Buckets;
use crate::engine::{Input, Plan};

fn warsaw() -> TimeZone {
    TimeZone::get("Europe/Warsaw").expect("bundled")
}

fn wall(text: &str) -> Wall {
    Wall(text.parse::<Timestamp>().expect("a moment").as_millisecond())
}

fn door(sensor: usize, zone: &str, from: Option<&str>) -> Door {
    let activity = ActivityId::new("footfall");
    Door { sensor, zone: ZoneId::new(zone), from: from.map(ZoneId::new), activity }
}

/// A street door into the entrance and a door from there into the hall, both always counted.
struct Doors {
    sums: Occupancies,
    buckets: Buckets,
    start: Wall,
    now: Now,
}

/// The places of [`Doors`] in their order.
const PLACES: [Option<&str>; 3] = [Some("entrance"), None, Some("hall")];

impl Doors {
    fn new(start: Wall, reset: Time, bucket_minutes: u64) -> Self {
        let now = Now { mono: Mono(0), wall: start, trusted: true };
        let doors = [door(0, "entrance", None), door(1, "hall", Some("entrance"))];
        let sums = Occupancies::new(&doors, &[], Days::new(reset, warsaw()), &now);
        let buckets = Buckets::new(Duration::from_secs(bucket_minutes * 60), warsaw());
        Self { sums, buckets, start, now }
    }

    /// Lets covered time pass until `ms` after the start.
    fn at(&mut self, ms: i64) -> &mut Self {
        self.now = Now { mono: Mono(ms), wall: Wall(self.start.0 + ms), trusted: true };
        for place in 0..PLACES.len() {
            self.sums.accrue(place, Some(Mono(i64::MAX)), &mut self.buckets, &self.now);
        }
        self
    }

    /// Lets people through the door of `sensor`, `late_ms` ago.
    fn pass(&mut self, sensor: usize, inward: u64, outward: u64, late_ms: i64) -> &mut Self {
        let dated = Wall(self.now.wall.0 - late_ms);
        for place in 0..PLACES.len() {
            let Some(way) = self.sums.places[place].way(sensor) else { continue };
            let (came, left) = if way == Way::In { (inward, outward) } else { (outward, inward) };
            let passing = Passing { came, left, dated, covered: true };
            self.sums.pass(place, passing, &mut self.buckets, &self.now);
        }
        self
    }

    fn people(&self) -> [u32; 3] {
        [0, 1, 2].map(|place| self.sums.places[place].people)
    }

    /// Sums by bucket and place so far.
    fn rows(&mut self) -> BTreeMap<(i64, Option<String>), Occupancy> {
        let rows = self.sums.take().into_iter();
        rows.map(|row| ((row.bucket.start.0, row.zone.map(|z| z.to_string())), row.occupancy)).collect()
    }

    fn totals(&mut self) -> [Occupancy; 3] {
        total_of(&self.rows())
    }
}

fn total_of(rows: &BTreeMap<(i64, Option<String>), Occupancy>) -> [Occupancy; 3] {
    PLACES.map(|zone| {
        let mut total = Occupancy::default();
        rows.iter().filter(|((_, z), _)| z.as_deref() == zone).for_each(|(_, sums)| total.add(sums));
        total
    })
}

#[test]
fn places_are_the_zones_on_both_sides_of_a_door_and_the_shop() {
    let doors = Doors::new(Wall(0), time(4, 0, 0, 0), 15);
    let zones: Vec<_> = doors.sums.places.iter().map(|p| p.zone.as_ref().map(ToString::to_string)).collect();
    assert_eq!(zones, PLACES.map(|zone| zone.map(str::to_owned)));
}

#[test]
fn more_out_than_in_is_nobody_and_no_debt() {
    let mut doors = Doors::new(wall("2026-11-23T10:00:00+01:00"), time(4, 0, 0, 0), 15);
    doors.at(0).pass(0, 0, 7, 0).at(10_000).pass(0, 3, 5, 0);
    assert_eq!(doors.people(), [0, 0, 0]);
    doors.at(20_000).pass(0, 2, 0, 0).at(30_000);
    assert_eq!(doors.people(), [2, 2, 0]);
    let [entrance, ..] = doors.totals();
    assert_eq!((entrance.person_ms, entrance.exits, entrance.max), (20_000, 12, 2));
}

#[test]
fn whoever_goes_through_an_inner_door_leaves_one_zone_and_stays_in_the_shop() {
    let mut doors = Doors::new(wall("2026-11-23T10:00:00+01:00"), time(4, 0, 0, 0), 15);
    doors.at(0).pass(0, 3, 0, 0);
    doors.at(100_000).pass(1, 2, 0, 0);
    assert_eq!(doors.people(), [1, 3, 2]);
    doors.at(200_000).pass(1, 0, 1, 0);
    doors.at(300_000).pass(0, 0, 2, 0);
    assert_eq!(doors.people(), [0, 1, 1]);
    let totals = doors.at(400_000).totals().map(|t| (t.person_ms / 1000, t.exits, t.max));
    assert_eq!(totals, [(300 + 100 + 200, 2 + 2, 3), (900 + 100, 2, 3), (200 + 200, 1, 2)]);
}

#[test]
fn a_commit_between_the_reset_and_the_end_of_the_bucket_changes_no_sum() {
    let mut doors = Doors::new(wall("2026-11-23T03:00:00+01:00"), time(3, 30, 0, 0), 60);
    doors.at(0).pass(0, 2, 0, 0);
    doors.now = Now { mono: Mono(31 * 60_000), wall: Wall(doors.start.0 + 31 * 60_000), trusted: true };
    let record = doors.sums.record(&doors.now).expect("people came");
    assert_eq!((record.day, record.places[0].people), (doors.start.0 + 30 * 60_000, 0));
    let mut undisturbed = Doors::new(doors.start, time(3, 30, 0, 0), 60);
    undisturbed.at(0).pass(0, 2, 0, 0);
    assert_eq!(doors.at(60 * 60_000).rows(), undisturbed.at(60 * 60_000).rows());
    assert_eq!(doors.people(), [0, 0, 0]);
}

#[test]
fn everybody_has_left_at_the_reset_also_on_days_of_23_and_25_hours() {
    for (midnight, noon_after, hours) in [
        ("2026-03-29T00:00:00+01:00", "2026-03-29T12:00:00+02:00", 3),
        ("2026-10-25T00:00:00+02:00", "2026-10-25T12:00:00+01:00", 5),
        ("2026-11-23T00:00:00+01:00", "2026-11-23T12:00:00+01:00", 4),
    ] {
        let mut doors = Doors::new(wall(midnight), time(4, 0, 0, 0), 15);
        doors.at(0).pass(0, 3, 0, 0).at(wall(noon_after).0 - wall(midnight).0);
        assert_eq!(doors.people(), [0, 0, 0]);
        let four = wall(midnight).0 + hours * 3_600_000;
        for ((start, zone), sums) in doors.rows() {
            let in_the_shop = start < four && zone.as_deref() != Some("hall");
            assert_eq!(sums.person_ms, if in_the_shop { 3 * 900_000 } else { 0 }, "{zone:?} at {start}");
            assert_eq!(sums.may_be_off, start < four, "{zone:?} at {start}: nobody knew who was there at midnight");
        }
    }
}

#[test]
fn a_reset_within_a_bucket_parts_it_exactly() {
    let mut doors = Doors::new(wall("2026-11-23T03:55:00+01:00"), time(4, 7, 0, 0), 15);
    doors.at(0).pass(0, 1, 0, 0).at(20 * 60_000);
    assert_eq!(doors.totals()[0].person_ms, 12 * 60_000);
}

#[test]
fn late_words_correct_the_number_and_the_time_since_then_in_its_buckets() {
    let mut doors = Doors::new(wall("2026-11-23T10:00:00+01:00"), time(4, 0, 0, 0), 15);
    doors.at(0).pass(0, 5, 0, 0).at(1_000_000).pass(0, 2, 0, 300_000).pass(0, 0, 1, 200_000);
    assert_eq!(doors.people(), [6, 6, 0]);
    let rows = doors.rows();
    let of = |bucket: i64| rows[&(doors.start.0 + bucket * 900_000, Some("entrance".to_owned()))];
    assert_eq!(of(0).person_ms, 5 * 900_000 + 2 * 200_000 - 100_000);
    assert_eq!(of(1).person_ms, 5 * 100_000 + 2 * 100_000 - 100_000);
    assert_eq!((of(0).exits, of(1).exits), (1, 0), "whoever left is dated as in the tally");
    assert_eq!(of(0).covered_ms + of(1).covered_ms, 1_000_000);
}

#[test]
fn a_late_word_of_the_day_before_says_nothing_of_today() {
    let mut doors = Doors::new(wall("2026-11-23T03:50:00+01:00"), time(4, 0, 0, 0), 15);
    doors.at(0).at(15 * 60_000);
    doors.pass(0, 4, 2, 6 * 60_000);
    assert_eq!(doors.people(), [0, 0, 0]);
    let [entrance, ..] = doors.totals();
    assert_eq!((entrance.person_ms, entrance.exits), (0, 2));
}

#[test]
fn a_late_word_adds_no_time_that_was_not_covered() {
    let mut doors = Doors::new(wall("2026-11-23T10:00:00+01:00"), time(4, 0, 0, 0), 15);
    doors.at(100_000);
    doors.now = Now { mono: Mono(500_000), wall: Wall(doors.start.0 + 500_000), trusted: true };
    (0..3).for_each(|place| doors.sums.accrue(place, None, &mut doors.buckets, &doors.now));
    doors.at(600_000).pass(0, 1, 1, 200_000).pass(0, 2, 0, 200_000);
    let [entrance, ..] = doors.totals();
    assert_eq!((entrance.person_ms, entrance.covered_ms), (200_000, 200_000));
    assert_eq!(
        entrance.exits, 0,
        "who left while nobody counted has no time here, so it would shorten everybody's stay"
    );
}

#[test]
fn a_clock_set_back_before_the_reset_leaves_the_number_in_doubt() {
    let mut doors = Doors::new(wall("2026-11-23T03:59:00+01:00"), time(4, 0, 0, 0), 15);
    doors.at(0).at(120_000).pass(0, 2, 0, 0).rows();
    assert!(!doors.sums.places[0].may_be_off, "a new day");
    doors.start = Wall(doors.start.0 - 3_600_000);
    doors.at(180_000);
    assert_eq!(doors.people(), [2, 2, 0]);
    assert!(doors.totals()[0].may_be_off);
    doors.at(2 * 3_600_000);
    assert_eq!(doors.people(), [0, 0, 0], "the reset comes by the new clock");
}

/// Something that happens so many seconds after the last: people through a door, inward and outward.
type Step = (i64, usize, u64, u64);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((0i64..4_000, 0usize..2, 0u64..4, 0u64..4), 1..40)
}

/// The same shop, looked at every second: person-seconds in the entrance, the shop and the hall.
fn second_by_second(start: Wall, reset: Time, steps: &[Step]) -> [i64; 3] {
    let (mut people, mut sums) = ([0i64; 3], [0i64; 3]);
    let mut second = 0;
    for (wait, sensor, inward, outward) in steps {
        for _ in 0..*wait {
            (0..3).for_each(|place| sums[place] += people[place]);
            second += 1;
            let at = start.0 + second * 1000;
            if at % 60_000 == 0 {
                let local = Timestamp::from_millisecond(at).expect("in range").to_zoned(warsaw());
                if (local.hour(), local.minute()) == (reset.hour(), reset.minute()) {
                    people = [0; 3];
                }
            }
        }
        let net = *inward as i64 - *outward as i64;
        let changes = if *sensor == 0 { [net, net, 0] } else { [-net, 0, net] };
        (0..3).for_each(|place| people[place] = (people[place] + changes[place]).max(0));
    }
    sums
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn person_time_is_what_a_clerk_with_a_stop_watch_would_add_up(
        steps in steps(),
        start in prop::sample::select(vec!["2026-03-28T20:00:00Z", "2026-10-24T20:00:00Z", "2026-11-23T08:00:00Z"]),
        reset in prop::sample::select(vec![time(4, 0, 0, 0), time(0, 0, 0, 0), time(23, 17, 0, 0)]),
        bucket_minutes in prop::sample::select(vec![1u64, 15, 60, 1440]),
    ) {
        let mut doors = Doors::new(wall(start), reset, bucket_minutes);
        doors.at(0);
        let mut ms = 0;
        for (wait, sensor, inward, outward) in &steps {
            ms += wait * 1000;
            doors.at(ms).pass(*sensor, *inward, *outward, 0);
        }
        let expected = second_by_second(wall(start), reset, &steps).map(|s| s * 1000);
        let totals = doors.totals();
        prop_assert_eq!(totals.map(|t| t.person_ms), expected);
        prop_assert_eq!(totals.map(|t| t.covered_ms as i64), [ms; 3]);
        let exits: u64 = steps.iter().filter(|(_, sensor, ..)| *sensor == 0).map(|(.., out)| out).sum();
        prop_assert_eq!(totals[1].exits, exits);
    }

    #[test]
    fn lateness_changes_no_sum_while_somebody_is_there(
        steps in prop::collection::vec((1i64..900, 0u64..3, 0u64..3, 0i64..800), 1..30),
    ) {
        let start = wall("2026-11-23T08:00:00+01:00");
        let mut in_time = Doors::new(start, time(4, 0, 0, 0), 15);
        let mut late = Doors::new(start, time(4, 0, 0, 0), 15);
        in_time.at(0).pass(0, 1_000, 0, 0);
        late.at(0).pass(0, 1_000, 0, 0);
        let (mut seconds, mut waiting) = (0, Vec::new());
        for (wait, inward, outward, delay) in steps {
            seconds += wait;
            in_time.at(seconds * 1000).pass(0, inward, outward, 0);
            waiting.push((seconds + delay, seconds, inward, outward));
        }
        waiting.sort_unstable();
        for (arrives, happened, inward, outward) in waiting {
            late.at(arrives * 1000).pass(0, inward, outward, (arrives - happened) * 1000);
        }
        let end = seconds + 1_000;
        let figures = |doors: &mut Doors| {
            let rows = doors.at(end * 1000).rows().into_iter();
            rows.map(|(key, sums)| (key, sums.person_ms, sums.exits)).collect::<Vec<_>>()
        };
        prop_assert_eq!(figures(&mut in_time), figures(&mut late));
    }
}

/// A shop whose day begins at 09:01, just when counting opens, so that nothing of the day is missed.
fn shop(plan: Plan) -> Shop {
    shop_resetting(plan, time(9, 1, 0, 0))
}

fn shop_resetting(mut plan: Plan, reset: Time) -> Shop {
    plan.occupancy_reset = reset;
    let mut shop = Shop::with(plan);
    shop.connect().confirm(0.0);
    assert_eq!(shop.at(62.0).poll(), 900);
    shop.at(65.0);
    (0..3).for_each(|sensor| word(&mut shop, sensor));
    shop
}

fn one_door() -> Plan {
    plan(InterlockMode::Enforce)
}

/// A door from the entrance into the hall behind it, beside what [`one_door`] has.
fn two_doors() -> Plan {
    let mut plan = one_door();
    plan.sensors.push(SensorPlan {
        id: SensorId::new("inner"),
        zone: ZoneId::new("hall"),
        activity: ActivityId::new("footfall"),
        binding: binding("json", "topic/inner", &[("mode", "crossing"), ("in", "/in"), ("out", "/out")]),
        control: false,
        presence: false,
    });
    plan.interlocks.push(crate::engine::interlock::LockPlan::new(
        ZoneId::new("hall"),
        ActivityId::new("footfall"),
        InterlockMode::Enforce,
    ));
    plan.signs[0].1.push(ZoneId::new("hall"));
    plan.doors.push(door(2, "hall", Some("entrance")));
    plan
}

/// A sensor says something that counts nobody.
fn word(shop: &mut Shop, sensor: usize) {
    if sensor < shop.plan.sensors.len() {
        shop.message(sensor, vec![Fact::Battery { percent: 50.0 }]);
    }
}

fn pass(shop: &mut Shop, seconds: f64, sensor: usize, inward: u32, outward: u32) {
    shop.at(seconds).message(sensor, vec![Fact::Crossing { inward, outward }]);
}

/// Lets time pass with a sign that asks often enough.
fn keep_open(shop: &mut Shop, seconds: f64) {
    while shop.seconds + 800.0 < seconds {
        let next = shop.seconds + 800.0;
        shop.at(next).poll();
    }
    shop.at(seconds);
}

fn total(shop: &mut Shop, zone: Option<&str>) -> Occupancy {
    shop.input(Input::Flush);
    let mut total = Occupancy::default();
    shop.occupancies.iter().filter(|((_, z), _)| z.as_deref() == zone).for_each(|(_, sums)| total.add(sums));
    total
}

/// What the status says of a zone: `3`, `3?` if that may be off, or `closed`.
fn now_in(shop: &Shop, zone: &str) -> String {
    let status = shop.engine.status(&now(shop.seconds));
    let (_, told) = status.occupancies.into_iter().find(|(z, _)| z.as_str() == zone).expect("a zone with doors");
    told.map_or("closed".to_owned(), |OccupancyStatus { count, may_be_off }| {
        format!("{count}{}", if may_be_off { "?" } else { "" })
    })
}

fn order(stop: bool, zone: &str) -> Input {
    let (zone, activity) = (ZoneId::new(zone), ActivityId::new("footfall"));
    Input::Order(if stop { Order::Stop(zone, activity) } else { Order::Start(zone, activity) })
}

#[test]
fn ten_customers_who_stay_ten_minutes_stay_ten_minutes_on_average() {
    let mut shop = shop(one_door());
    let mut passings: Vec<(i64, u32)> = (0..10).flat_map(|i| [(100 + 37 * i, 1), (700 + 37 * i, 0)]).collect();
    passings.sort_unstable();
    for (second, inward) in passings {
        if second > 850 && shop.seconds < 850.0 {
            shop.at(850.0).poll();
        }
        pass(&mut shop, second as f64, 0, inward, 1 - inward);
    }
    keep_open(&mut shop, 1_100.0);
    for zone in [Some("entrance"), None] {
        let sums = total(&mut shop, zone);
        assert_eq!((sums.person_ms, sums.exits, sums.may_be_off), (6_000_000, 10, false), "600 s each");
        assert_eq!((sums.max, sums.covered_ms), (10, 1_035_000), "from its first word at 65 s on");
    }
    assert_eq!(now_in(&shop, "entrance"), "0");
}

#[test]
fn at_the_reset_of_the_night_everybody_has_left_without_a_wake_up_of_its_own() {
    // 11:05 is 7500 s from here, and no end of a bucket.
    let mut shop = shop_resetting(one_door(), time(11, 5, 0, 0));
    pass(&mut shop, 100.0, 0, 2, 0);
    keep_open(&mut shop, 7_499.0);
    assert_eq!(now_in(&shop, "entrance"), "2?", "counting opened in the middle of this day");
    assert!(shop.engine.next_wake().is_none_or(|at| at.0 > 7_500_000), "nothing is due at the reset");
    shop.at(7_500.0);
    assert_eq!(now_in(&shop, "entrance"), "0");
    pass(&mut shop, 7_600.0, 0, 1, 0);
    shop.at(7_700.0);
    let sums = total(&mut shop, None);
    assert_eq!((sums.person_ms, sums.covered_ms), (2 * 7_400_000 + 100_000, 7_635_000));
}

#[test]
fn both_sides_of_an_inner_door_are_counted() {
    let mut shop = shop(two_doors());
    pass(&mut shop, 100.0, 0, 3, 0);
    pass(&mut shop, 200.0, 2, 2, 0);
    pass(&mut shop, 300.0, 2, 0, 1);
    assert_eq!((now_in(&shop, "entrance"), now_in(&shop, "hall")), ("2".to_owned(), "1".to_owned()));
    pass(&mut shop, 400.0, 0, 0, 2);
    shop.at(500.0);
    let figures = [Some("entrance"), Some("hall"), None].map(|zone| {
        let sums = total(&mut shop, zone);
        (sums.person_ms / 1000, sums.exits, sums.max)
    });
    assert_eq!(figures, [(300 + 100 + 200, 4, 3), (200 + 200, 1, 2), (900 + 100, 2, 3)]);
}

#[test]
fn ten_minutes_of_closed_counting_add_no_time_and_leave_the_rest_of_the_day_in_doubt() {
    let mut shop = shop(one_door());
    pass(&mut shop, 100.0, 0, 2, 0);
    shop.at(300.0).input(order(true, "entrance"));
    pass(&mut shop, 400.0, 0, 5, 0);
    assert_eq!(now_in(&shop, "entrance"), "closed", "counting is closed");
    shop.at(900.0).input(order(false, "entrance"));
    assert_eq!(shop.interlock(), "open");
    assert_eq!(now_in(&shop, "entrance"), "2?");
    pass(&mut shop, 1_000.0, 0, 0, 1);
    shop.at(1_040.0);
    let sums = total(&mut shop, None);
    assert_eq!(sums.person_ms, 2 * 200_000 + 2 * 100_000 + 40_000);
    assert_eq!((sums.covered_ms, sums.exits), (235_000 + 140_000, 1));
    let doubtful: Vec<_> =
        shop.occupancies.iter().filter(|(_, s)| s.may_be_off).map(|((start, _), _)| start - OPENING).collect();
    assert_eq!(doubtful, [900_000, 900_000], "zone and shop, after the gap only");
    assert_eq!(now_in(&shop, "entrance"), "1?");
    shop.at(1_045.0).poll();
    keep_open(&mut shop, 24.0 * 3600.0 + 100.0);
    assert_eq!(now_in(&shop, "entrance"), "0", "a new day");
}

#[test]
fn a_gap_of_half_a_minute_is_borne() {
    let mut shop = shop(one_door());
    pass(&mut shop, 100.0, 0, 2, 0);
    shop.at(300.0).input(order(true, "entrance"));
    shop.at(330.0).input(order(false, "entrance"));
    shop.at(400.0);
    let sums = total(&mut shop, None);
    assert_eq!((sums.may_be_off, sums.covered_ms), (false, 235_000 + 70_000));
    assert_eq!(sums.person_ms, 2 * 270_000, "but nobody is added up in it");
}

#[test]
fn a_day_that_began_uncounted_is_in_doubt_until_the_reset() {
    let mut shop = Shop::open();
    pass(&mut shop, 100.0, 0, 1, 0);
    shop.at(200.0);
    assert!(total(&mut shop, None).may_be_off, "counting opened at nine; who was inside then is not known");
}

#[test]
fn time_counts_only_while_every_door_is_heard() {
    let mut shop = shop(two_doors());
    pass(&mut shop, 100.0, 0, 4, 0);
    shop.at(200.0).message(2, vec![Fact::Link { online: false, scope: LinkScope::Device }]);
    pass(&mut shop, 250.0, 0, 9, 0);
    pass(&mut shop, 250.5, 0, 0, 10);
    assert_eq!(now_in(&shop, "entrance"), "3?", "who passes a door that is counted still counts");
    shop.at(300.0).message(2, vec![Fact::Link { online: true, scope: LinkScope::Device }]);
    shop.at(400.0);
    let (entrance, whole) = (total(&mut shop, Some("entrance")), total(&mut shop, None));
    assert_eq!((entrance.person_ms, entrance.covered_ms), (4 * 100_000 + 3 * 100_000, 135_000 + 100_000));
    assert_eq!((entrance.exits, entrance.max, entrance.may_be_off), (0, 4, true), "only of covered time");
    assert_eq!(whole.person_ms, 4 * 150_000 + 13 * 500 + 3 * 149_500, "the shop has no share in the inner door");
    assert_eq!((whole.exits, whole.max, whole.may_be_off), (10, 13, false));
}

#[test]
fn doors_that_fell_silent_while_the_box_slept_are_covered_until_the_first_of_them_did() {
    let mut plan = two_doors();
    let stale = |topic: &str, after: &str| {
        binding("json", topic, &[("mode", "crossing"), ("in", "/in"), ("out", "/out"), ("stale-after", after)])
    };
    plan.sensors[0].binding = stale("topic/door", "10 min");
    plan.sensors[2].binding = stale("topic/inner", "5 min");
    let mut shop = shop(plan);
    shop.at(100.0).message(0, vec![Fact::Crossing { inward: 1, outward: 0 }]);
    shop.at(110.0);
    shop.seconds = 1_000.0;
    shop.input(Input::Time);
    shop.at(1_010.0);
    assert_eq!(total(&mut shop, Some("entrance")).covered_ms, 300_000, "65 s to 365 s");
    assert_eq!(total(&mut shop, None).covered_ms, 635_000, "65 s to 700 s");
}

#[test]
fn a_zone_whose_own_counting_is_closed_takes_nothing_from_the_door_beyond() {
    let mut shop = shop(two_doors());
    pass(&mut shop, 100.0, 0, 3, 0);
    shop.at(200.0).input(order(true, "entrance"));
    pass(&mut shop, 250.0, 2, 1, 0);
    shop.at(300.0).input(order(false, "entrance"));
    assert_eq!((now_in(&shop, "entrance"), now_in(&shop, "hall")), ("3?".to_owned(), "1".to_owned()));
}

#[test]
fn a_zone_without_a_door_of_its_own_waits_for_its_own_signs_too() {
    let mut plan = two_doors();
    plan.doors.remove(0);
    let mut shop = shop(plan);
    pass(&mut shop, 100.0, 2, 0, 3);
    assert_eq!(now_in(&shop, "entrance"), "3", "counted out of the hall is counted into the entrance");
    shop.at(200.0).input(order(true, "entrance"));
    pass(&mut shop, 210.0, 2, 0, 4);
    assert_eq!((now_in(&shop, "entrance"), now_in(&shop, "hall")), ("closed".to_owned(), "0".to_owned()));
    shop.at(220.0).input(order(false, "entrance"));
    assert_eq!(now_in(&shop, "entrance"), "3");
    shop.at(300.0);
    assert_eq!(total(&mut shop, Some("entrance")).covered_ms, 135_000 + 80_000);
}

#[test]
fn a_zone_between_two_leases_is_covered_until_the_first_of_them_ended() {
    let mut plan = two_doors();
    plan.occupancy_reset = time(9, 1, 0, 0);
    plan.signs[0].1.pop();
    plan.signs[0].0.proof = Proof::Word;
    let back = SignPlan { id: SignId::new("back"), refresh: Duration::from_secs(300), ..plan.signs[0].0.clone() };
    plan.signs.push((back, vec![ZoneId::new("hall")]));
    let mut shop = Shop::with(plan);
    shop.connect();
    shop.at(62.0);
    let boards: Vec<_> = shop.engine.boards().flatten().map(|b| (b.sign.clone(), b.notice)).collect();
    for (sign, notice) in boards {
        shop.input(Input::Sign(SignEvent::Fetched { sign: sign.clone(), notice }));
        shop.input(Input::Sign(SignEvent::Shown { sign, notice }));
    }
    shop.at(65.0);
    (0..3).for_each(|sensor| word(&mut shop, sensor));
    assert_eq!(now_in(&shop, "entrance"), "0");
    shop.seconds = 3_000.0;
    shop.input(Input::Time);
    shop.at(3_010.0);
    assert_eq!(total(&mut shop, Some("entrance")).covered_ms, 387_000, "65 s to 62 + 300 + 90 s");
    assert_eq!(total(&mut shop, None).covered_ms, 987_000, "65 s to 62 + 900 + 90 s");
}

#[test]
fn time_without_the_broker_is_not_covered() {
    let mut shop = shop(one_door());
    pass(&mut shop, 100.0, 0, 2, 0);
    shop.at(200.0).input(Input::Disconnected);
    assert_eq!(now_in(&shop, "entrance"), "2?");
    shop.at(240.0).connect();
    shop.at(300.0);
    let sums = total(&mut shop, None);
    assert_eq!((sums.person_ms, sums.covered_ms, sums.may_be_off), (2 * 160_000, 195_000, false));
}

#[test]
fn a_session_that_the_broker_lost_leaves_the_number_in_doubt_however_short_it_was() {
    let mut shop = shop(one_door());
    pass(&mut shop, 100.0, 0, 3, 0);
    shop.at(200.0).input(Input::Disconnected);
    shop.at(203.0).input(Input::Connected { session_present: false });
    word(&mut shop, 0);
    shop.at(210.0);
    assert!(total(&mut shop, None).may_be_off);
    assert_eq!(now_in(&shop, "entrance"), "3?");
}

#[test]
fn a_restart_keeps_the_number() {
    let mut shop = shop(one_door());
    pass(&mut shop, 100.0, 0, 3, 0);
    shop.at(200.0).crash().connect();
    assert_eq!(now_in(&shop, "entrance"), "3?", "the door has not been heard again yet");
    pass(&mut shop, 210.0, 0, 0, 1);
    shop.at(300.0);
    let sums = total(&mut shop, None);
    assert_eq!((sums.exits, sums.may_be_off), (1, false));
    assert_eq!(sums.person_ms, 3 * 1_000 + 2 * 90_000, "100 s to the commit at 101 s, and from its first word on");
    assert_eq!(now_in(&shop, "entrance"), "2");
}

#[test]
fn a_stop_of_ten_minutes_keeps_the_number_and_doubts_it() {
    let mut shop = shop(one_door());
    pass(&mut shop, 100.0, 0, 3, 0);
    shop.at(200.0).input(Input::Stop);
    shop.at(201.0);
    shop.seconds = 800.0;
    shop.crash().connect().confirm(800.0);
    word(&mut shop, 0);
    assert_eq!((shop.interlock(), now_in(&shop, "entrance")), ("open", "3?".to_owned()));
    shop.at(900.0);
    assert!(total(&mut shop, None).may_be_off);
}

#[test]
fn a_crash_that_outlived_the_lease_is_a_gap_however_soon_counting_opens_again() {
    let mut plan = one_door();
    plan.signs[0].0.proof = Proof::Word;
    plan.occupancy_reset = time(9, 1, 0, 0);
    let mut shop = Shop::with(plan);
    let shown = |shop: &mut Shop| {
        let (notice, sign) = (shop.board().notice, shop.board().sign);
        shop.fetch().input(Input::Sign(SignEvent::Shown { sign, notice }));
    };
    shop.connect();
    shop.at(62.0);
    shown(&mut shop);
    pass(&mut shop, 65.0, 0, 3, 0);
    shop.at(70.0);
    assert_eq!(now_in(&shop, "entrance"), "3");
    shop.seconds = 5_000.0;
    shop.crash().connect();
    shop.at(5_010.0);
    shown(&mut shop);
    word(&mut shop, 0);
    assert_eq!((shop.interlock(), now_in(&shop, "entrance")), ("open", "3?".to_owned()));
}

#[test]
fn a_number_of_yesterday_is_dropped_at_the_restart() {
    for (hours, expected) in [(23.0, "3?"), (25.0, "0?")] {
        let mut shop = shop(one_door());
        pass(&mut shop, 100.0, 0, 3, 0);
        shop.at(200.0);
        shop.seconds = hours * 3600.0;
        shop.crash().connect().confirm(hours * 3600.0);
        word(&mut shop, 0);
        assert_eq!(now_in(&shop, "entrance"), expected, "after {hours} h");
    }
}

#[test]
fn a_box_that_starts_with_its_clock_unset_keeps_the_number_of_the_day_it_knows() {
    let mut shop = shop(one_door());
    pass(&mut shop, 100.0, 0, 3, 0);
    shop.at(200.0);
    let restored = crate::domain::commit::Restored {
        state: shop.records.clone().into_iter().collect(),
        packets: vec![],
        last_commit: shop.last_commit,
    };
    let unset = Now { mono: Mono(300_000), wall: Wall(300_000), trusted: false };
    let mut engine = crate::engine::Engine::new(shop.plan.clone(), restored, &unset);
    engine.handle(Input::Time, &now(400.0));
    assert_eq!(engine.occupancies.places[0].people, 3);
    engine.handle(Input::Time, &now(90_000.0));
    assert_eq!(engine.occupancies.record(&now(90_000.0)).expect("it changed").places[0].people, 0);
}

#[test]
fn what_survives_says_how_many_and_never_when() {
    let mut shop = shop(one_door());
    pass(&mut shop, 100.0, 0, 3, 0);
    shop.at(110.0);
    let record: serde_json::Value = serde_json::from_slice(&shop.records["occupancy"]).expect("JSON");
    let place = |zone: Option<&str>| serde_json::json!({"zone": zone, "people": 3, "may_be_off": false});
    let expected = serde_json::json!({"day": OPENING + 60_000, "places": [place(Some("entrance")), place(None)]});
    assert_eq!(record, expected);
}

#[test]
fn while_counting_is_closed_no_number_of_people_is_recorded() {
    let mut shop = Shop::new();
    shop.connect();
    for _ in 0..50 {
        shop.crossing();
    }
    shop.at(100.0);
    assert!(shop.occupancies.is_empty());
    assert!(!String::from_utf8_lossy(shop.records.get("occupancy").map_or(&[], Vec::as_slice)).contains("50"));
    assert_eq!(now_in(&shop, "entrance"), "closed");
}
