//! Scenarios of counting: what devices, networks and links do wrong, and what the figures say then.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;

use super::interlock::LATENESS_MAX;
use super::scenario::{OPENING, Shop, binding, now, plan};
use super::{Input, Packet};
use crate::device::binding::Binding;
use crate::device::decode::{Decoded, Refusal};
use crate::domain::activity::InterlockMode;
use crate::domain::commit::PacketMark;
use crate::domain::reading::{Fact, LinkScope, Reading};
use crate::domain::time::Wall;

/// A shop in which counting is open from second 60 to second 1052, with one sensor of this profile.
fn open_with(sensor: Binding) -> Shop {
    let mut plan = plan(InterlockMode::Enforce);
    plan.sensors[0].binding = sensor;
    let mut shop = Shop::with(plan);
    shop.connect().confirm(0.0).at(62.0).poll();
    shop.at(65.0);
    shop
}

fn json(options: &[(&str, &str)]) -> Binding {
    binding("json", "topic/door", &[&[("mode", "totals"), ("in", "/in"), ("out", "/out")], options].concat())
}

fn hear(shop: &mut Shop, sensor: usize, decoded: Decoded, replayed: bool) {
    let mark = PacketMark { id: shop.next_id, hash: 7 };
    shop.next_id += 1;
    shop.input(Input::Packet(Packet { epoch: 1, mark, dup: false, replayed, heard: vec![(sensor, decoded)] }));
}

fn say(shop: &mut Shop, sensor: usize, reading: Reading) {
    hear(shop, sensor, Decoded::Readings(vec![reading]), false);
}

fn link(shop: &mut Shop, online: bool) {
    shop.message(1, vec![Fact::Link { online, scope: LinkScope::Device }]);
}

fn presence(shop: &mut Shop, occupied: bool) {
    shop.message(1, vec![Fact::Presence { occupied: Some(occupied), count: None }]);
}

fn totals(inward: u64) -> Reading {
    Reading::of(Fact::Totals { inward, outward: 0 })
}

fn one() -> Reading {
    Reading::of(Fact::Crossing { inward: 1, outward: 0 })
}

/// Seconds of the scenario.
fn interval(from: i64, to: i64, inward: u32) -> Reading {
    let wall = |second: i64| Wall(OPENING + second * 1000);
    Reading::of(Fact::Interval { inward, outward: 0, from: wall(from), to: wall(to) })
}

fn may_be_low(shop: &mut Shop) -> bool {
    shop.people();
    shop.kept.iter().any(|((_, sensor), tally)| sensor == "door" && tally.may_be_low)
}

/// Covered and occupied seconds of the radar.
fn radar(shop: &Shop) -> (f64, f64) {
    let seconds = |ms: u64| ms as f64 / 1000.0;
    (seconds(shop.sum("radar", |t| t.covered_ms)), seconds(shop.sum("radar", |t| t.presence_ms)))
}

#[test]
fn a_total_that_falls_across_our_restart_is_judged_by_its_counter() {
    for (reset, before, after, people, low) in [
        ("zero", 100, 3, 3, false),
        ("rollback", 100, 90, 0, true),
        ("modulo16", 65_534, 2, 4, false),
        ("modulo16", 30_000, 2, 0, true),
        ("modulo32", 4_294_967_295, 1, 2, false),
    ] {
        let mut shop = open_with(json(&[("reset", reset)]));
        say(&mut shop, 0, totals(before));
        shop.at(70.0).crash().connect();
        say(&mut shop, 0, totals(after));
        assert_eq!((shop.people(), may_be_low(&mut shop)), (people, low), "{reset} {before} {after}");
    }
}

#[test]
fn a_reset_marker_counts_whole_across_our_restart_and_marks_nothing() {
    let mut shop = open_with(json(&[("reset", "rollback")]));
    let marked = |since, inward| Reading { since: Some(since), ..totals(inward) };
    say(&mut shop, 0, marked(1, 40));
    say(&mut shop, 0, marked(1, 43));
    shop.at(70.0).crash().connect();
    say(&mut shop, 0, marked(2, 4));
    say(&mut shop, 0, marked(1, 43));
    assert_eq!((shop.people(), may_be_low(&mut shop)), (7, false));
}

#[test]
fn a_sensor_that_is_another_one_after_a_reload_starts_counting_from_where_it_stands() {
    let was = json(&[("reset", "zero")]);
    let exchanged = json(&[("in", "/out"), ("out", "/in")]);
    let replaced = binding("json", "topic/other", &[("mode", "totals"), ("in", "/in"), ("out", "/out")]);
    for (next, payload) in [(exchanged, r#"{"in":512,"out":516}"#), (replaced, r#"{"in":9000,"out":9000}"#)] {
        let mut shop = open_with(was.clone());
        for inward in [511, 512] {
            say(&mut shop, 0, Reading::of(Fact::Totals { inward, outward: 516 }));
        }
        shop.plan.sensors[0].binding = next.clone();
        shop.at(70.0).crash().connect();
        hear(&mut shop, 0, next.decode(&next.subscriptions()[0], payload.as_bytes(), false), false);
        assert_eq!(shop.people(), 1, "{next:?}");
    }
}

#[test]
fn a_counter_of_totals_that_replaces_one_of_crossings_counts() {
    let mut shop = open_with(json(&[("mode", "crossing")]));
    say(&mut shop, 0, one());
    shop.plan.sensors[0].binding = json(&[]);
    shop.at(70.0).crash().connect();
    say(&mut shop, 0, totals(100));
    say(&mut shop, 0, totals(103));
    assert_eq!(shop.people(), 4);
}

#[test]
fn a_name_or_number_told_before_a_crash_is_a_double_after_it() {
    for reading in [Reading { dedupe: Some(77), ..one() }, Reading { sequence: Some(40), ..one() }] {
        let mut shop = open_with(json(&[]));
        say(&mut shop, 0, reading.clone());
        say(&mut shop, 0, reading.clone());
        assert_eq!(shop.people(), 1);
        shop.crash().connect();
        say(&mut shop, 0, reading.clone());
        assert_eq!(shop.people(), 1, "{reading:?}");
    }
}

#[test]
fn a_rejoined_device_whose_messages_have_names_loses_nobody() {
    let mut shop = open_with(json(&[]));
    for (name, number) in [(1, 0), (2, 1), (3, 0), (3, 0), (4, 1), (2, 1)] {
        say(&mut shop, 0, Reading { dedupe: Some(name), sequence: Some(number), ..one() });
    }
    assert_eq!((shop.people(), may_be_low(&mut shop)), (4, false));
}

#[test]
fn a_gap_in_the_numbers_marks_the_figures() {
    let mut shop = open_with(json(&[]));
    say(&mut shop, 0, Reading { sequence: Some(1), ..one() });
    say(&mut shop, 0, Reading { sequence: Some(3), ..one() });
    assert_eq!((shop.people(), may_be_low(&mut shop)), (2, true));
}

#[test]
fn a_total_beside_crossings_marks_nothing_though_it_speaks_of_a_closed_time() {
    let mut shop = open_with(json(&[]));
    say(&mut shop, 0, one());
    say(&mut shop, 0, totals(18_000));
    assert_eq!((shop.people(), may_be_low(&mut shop)), (1, false));
}

#[test]
fn of_retained_copies_events_are_refused_and_states_are_where_counting_starts() {
    let (event, state) = (json(&[("mode", "crossing")]), json(&[]));
    let copies = [(1, true), (1, false), (2, false)];
    for (sensor, people) in [(event, 3), (state, 1)] {
        let mut shop = open_with(sensor.clone());
        for (inward, replayed) in copies {
            let payload = format!(r#"{{"in":{inward},"out":0}}"#);
            hear(&mut shop, 0, sensor.decode("topic/door", payload.as_bytes(), replayed), replayed);
        }
        assert_eq!(shop.people(), people, "{sensor:?}");
    }
}

#[test]
fn minutes_and_quarters_of_the_same_people_are_counted_once_in_the_quarter_they_speak_of() {
    let mut shop = open_with(json(&[]));
    shop.at(850.0).poll();
    shop.at(1000.0);
    for reading in [interval(300, 360, 2), interval(420, 480, 1), interval(240, 600, 5), interval(540, 600, 1)] {
        say(&mut shop, 0, reading);
    }
    assert_eq!(shop.people(), 5);
    assert_eq!(shop.kept[&(OPENING, "door".to_owned())].inward, 5);
}

#[test]
fn an_interval_too_late_to_be_believed_is_placed_at_its_arrival() {
    let too_late = -(LATENESS_MAX.as_secs() as i64) - 3600;
    let mut shop = open_with(json(&[]));
    shop.at(850.0).poll();
    shop.at(1000.0);
    say(&mut shop, 0, interval(too_late, too_late + 300, 2));
    say(&mut shop, 0, interval(too_late + 300, too_late + 600, 3));
    assert_eq!(shop.people(), 5);
    assert_eq!(shop.kept[&(OPENING + 900_000, "door".to_owned())].inward, 5);
}

#[test]
fn a_clock_of_1970_or_one_that_stands_still_loses_nobody_if_messages_have_names() {
    let stands_still_today = interval(300, 600, 2);
    let of_1970 = Reading::of(Fact::Interval { inward: 2, outward: 0, from: Wall(0), to: Wall(300_000) });
    for frozen in [stands_still_today, of_1970.clone()] {
        let mut shop = open_with(json(&[]));
        shop.at(850.0).poll();
        shop.at(1000.0);
        for name in [1, 2, 2, 3] {
            say(&mut shop, 0, Reading { dedupe: Some(name), ..frozen.clone() });
        }
        assert_eq!(shop.people(), 6, "{frozen:?}");
    }
    let mut nameless = open_with(json(&[]));
    nameless.at(850.0).poll();
    nameless.at(1000.0);
    (0..3).for_each(|_| say(&mut nameless, 0, of_1970.clone()));
    assert_eq!(nameless.people(), 6, "a clock that is not believed tells no doubles either");
}

#[test]
fn a_clock_hours_slow_does_not_put_people_into_a_time_that_was_closed() {
    let slow = 3 * 3600 + 1800;
    let mut shop = open_with(json(&[]));
    shop.at(700.0);
    say(&mut shop, 0, interval(300 - slow, 600 - slow, 2));
    assert_eq!((shop.people(), may_be_low(&mut shop)), (0, true), "its period was before anybody was told");
    say(&mut shop, 0, Reading { at: Some(Wall(OPENING - 30 * 3600 * 1000)), ..one() });
    say(&mut shop, 0, one());
    assert_eq!(shop.people(), 2, "what is dated by arrival counts");
}

#[test]
fn how_many_are_there_is_never_taken_for_people_passing() {
    let mut shop = open_with(binding("esphome", "roode32", &[("entity", "people_counter")]));
    let decode = |text: &str| {
        let binding = binding("esphome", "roode32", &[("entity", "people_counter")]);
        binding.decode("roode32/number/people_counter/state", text.as_bytes(), false)
    };
    for text in ["3", "7", "2", "10"] {
        hear(&mut shop, 0, decode(text), false);
    }
    shop.at(130.0);
    assert_eq!((shop.people(), shop.sum("door", |t| t.outward)), (0, 0));
    assert_eq!(shop.kept[&(OPENING, "door".to_owned())].occupancy_max, Some(10));
}

#[test]
fn a_link_that_flaps_is_no_outage() {
    let mut shop = Shop::open();
    shop.at(100.0);
    presence(&mut shop, true);
    shop.at(895.0);
    link(&mut shop, false);
    shop.at(904.9);
    link(&mut shop, true);
    shop.at(910.0).poll();
    shop.at(1000.0);
    presence(&mut shop, false);
    shop.at(1062.0);
    let quarter = |start: i64| shop.kept[&(OPENING + start * 1000, "radar".to_owned())];
    assert_eq!((quarter(0).presence_ms, quarter(0).covered_ms), (800_000, 800_000));
    assert_eq!(quarter(900).presence_ms, 100_000);
    assert_eq!(quarter(0).noticed_ms, 800_000);
}

#[test]
fn a_message_proves_more_than_a_will_that_nobody_took_back() {
    let mut shop = Shop::open();
    shop.at(100.0);
    presence(&mut shop, true);
    shop.at(200.0);
    link(&mut shop, false);
    shop.at(207.0).message(1, vec![Fact::Battery { percent: 80.0 }]);
    shop.at(300.0).message(1, vec![Fact::Battery { percent: 80.0 }]);
    shop.at(302.0);
    assert_eq!(shop.engine.status(&now(302.0)).sensors[1].offline, None);
    shop.at(400.0).input(Input::Flush);
    assert_eq!(radar(&shop), (300.0, 300.0), "from 100 s on");
}

/// A shop in which counting is open from 65 s on, and the radar serves an activity of presence.
fn shop_with_presence() -> Shop {
    let mut plan = plan(InterlockMode::Enforce);
    plan.sensors[1].presence = true;
    let mut shop = Shop::with(plan);
    shop.connect().confirm(0.0);
    assert_eq!(shop.at(62.0).poll(), 900);
    shop.at(65.0);
    shop
}

#[test]
fn a_presence_that_is_not_known_is_no_absence() {
    let mut shop = shop_with_presence();
    shop.at(100.0).message(1, vec![Fact::Battery { percent: 80.0 }]);
    shop.at(200.0).input(Input::Flush);
    assert_eq!(radar(&shop), (0.0, 0.0), "heard, but it never said whether somebody is there");
    presence(&mut shop, false);
    shop.at(260.0);
    presence(&mut shop, true);
    shop.at(300.0).message(1, vec![Fact::Presence { occupied: None, count: None }]);
    shop.at(400.0).input(Input::Flush);
    assert_eq!(radar(&shop), (100.0, 40.0), "known from 200 s to 300 s");
}

#[test]
fn a_link_that_stays_away_ends_presence_when_it_went() {
    let mut shop = Shop::open();
    shop.at(100.0);
    presence(&mut shop, true);
    shop.at(200.0);
    link(&mut shop, false);
    assert_eq!(shop.engine.status(&now(205.0)).sensors[1].offline, None, "in doubt");
    shop.at(205.0).input(Input::Flush);
    shop.at(210.0).input(Input::Flush);
    assert_eq!(radar(&shop), (100.0, 100.0));
    assert_eq!(shop.engine.status(&now(210.0)).sensors[1].offline, Some(LinkScope::Device));
    shop.at(250.0);
    link(&mut shop, true);
    shop.at(300.0).input(Input::Flush);
    assert_eq!(radar(&shop), (150.0, 100.0), "back, and nobody knows who is there");
}

#[test]
fn presence_unknown_that_comes_with_the_link_waits_with_it_and_alone_acts_at_once() {
    let unknown = Fact::Presence { occupied: None, count: None };
    let gone = Fact::Link { online: false, scope: LinkScope::Server };
    for (facts, occupied) in [(vec![gone, unknown.clone()], 300.0), (vec![unknown], 100.0)] {
        let mut shop = Shop::open();
        shop.at(100.0);
        presence(&mut shop, true);
        shop.at(200.0).message(1, facts);
        shop.at(205.0).message(1, vec![Fact::Link { online: true, scope: LinkScope::Server }]);
        shop.at(400.0).input(Input::Flush);
        assert_eq!(radar(&shop), (300.0, occupied));
    }
}

#[test]
fn each_link_comes_back_for_itself() {
    let mut shop = Shop::open();
    let say = |shop: &mut Shop, at: f64, online, scope| {
        shop.at(at).message(1, vec![Fact::Link { online, scope }]);
    };
    shop.at(100.0);
    presence(&mut shop, true);
    say(&mut shop, 200.0, false, LinkScope::Bridge);
    say(&mut shop, 203.0, false, LinkScope::Device);
    say(&mut shop, 204.0, true, LinkScope::Bridge);
    shop.at(300.0).input(Input::Flush);
    assert_eq!(radar(&shop), (103.0, 103.0), "the bridge was away for a moment, the device for good");
    say(&mut shop, 310.0, true, LinkScope::Bridge);
    assert_eq!(shop.engine.status(&now(310.0)).sensors[1].offline, Some(LinkScope::Device));
    say(&mut shop, 320.0, true, LinkScope::Device);
    shop.at(350.0).input(Input::Flush);
    assert_eq!(radar(&shop), (133.0, 103.0));
}

#[test]
fn what_is_in_doubt_when_counting_changes_is_not_accounted_for() {
    let mut shop = Shop::open();
    shop.at(100.0);
    presence(&mut shop, true);
    shop.at(200.0);
    link(&mut shop, false);
    shop.at(204.0).input(Input::Disconnected);
    shop.at(205.0).connect();
    shop.at(206.0);
    link(&mut shop, true);
    shop.at(300.0).input(Input::Flush);
    assert_eq!(radar(&shop), (195.0, 195.0), "100 s to 200 s, and 205 s on");
}

#[test]
fn a_sensor_that_was_never_heard_is_not_covered_before_its_first_word() {
    let mut shop = Shop::open();
    shop.at(100.0);
    link(&mut shop, false);
    shop.at(105.0);
    presence(&mut shop, true);
    shop.at(200.0).input(Input::Flush);
    assert_eq!(radar(&shop), (95.0, 95.0));
}

#[test]
fn a_copy_sent_after_a_flap_begins_no_presence_and_ends_one() {
    let mut shop = Shop::open();
    shop.at(100.0);
    link(&mut shop, true);
    for (online, at) in [(false, 101.0), (true, 102.0)] {
        shop.at(at);
        link(&mut shop, online);
    }
    presence(&mut shop, true);
    shop.at(170.0);
    presence(&mut shop, true);
    shop.at(180.0);
    link(&mut shop, false);
    shop.at(181.0);
    link(&mut shop, true);
    shop.at(190.0);
    presence(&mut shop, false);
    shop.at(300.0).input(Input::Flush);
    assert_eq!(radar(&shop), (200.0, 20.0), "Zigbee2MQTT repeats its memory for a minute after it came back");
}

#[test]
fn presence_holds_as_long_as_its_rule_says_and_wakes_nobody() {
    let mut shop = Shop::open();
    let holds = |stream: &str, seconds| Reading {
        stream: stream.into(),
        holds: Some(Duration::from_secs(seconds)),
        ..Reading::of(Fact::Presence { occupied: Some(true), count: None })
    };
    shop.at(100.0);
    say(&mut shop, 1, holds("till", 60));
    say(&mut shop, 1, holds("door", 90));
    shop.at(161.0);
    let wake = shop.engine.next_wake().expect("sums are written once a minute");
    shop.at(170.0);
    assert!(wake.0 > 190_000 && shop.engine.next_wake().is_some_and(|at| at.0 > 190_000), "{wake:?}");
    shop.at(180.0);
    say(&mut shop, 1, holds("till", 5));
    shop.at(400.0).message(1, vec![Fact::Battery { percent: 50.0 }]);
    shop.at(500.0).input(Input::Flush);
    assert_eq!(radar(&shop), (400.0, 90.0), "until 190 s, whatever else the sensor says");
}

#[test]
fn presence_without_another_word_becomes_unknown_after_the_limit_of_its_profile() {
    let options = [("mode", "presence"), ("present", "/p"), ("stale-after", "2 min")];
    let mut shop = open_with(binding("json", "topic/door", &options));
    shop.at(100.0).message(0, vec![Fact::Presence { occupied: Some(true), count: None }]);
    shop.at(150.0).message(0, vec![Fact::Battery { percent: 50.0 }]);
    shop.at(400.0).input(Input::Flush);
    let sums = (shop.sum("door", |t| t.presence_ms), shop.sum("door", |t| t.covered_ms));
    assert_eq!(sums, (120_000, 170_000), "heard until 270 s, but of presence nothing after 100 s");
}

#[test]
fn a_flood_marks_the_figures_while_open_and_leaves_no_other_trace() {
    let flood = |shop: &mut Shop| (0..5_000).for_each(|_| hear(shop, 0, Decoded::Refused(Refusal::Flood), false));
    let mut shop = open_with(json(&[]));
    say(&mut shop, 0, totals(5));
    assert!(!may_be_low(&mut shop));
    shop.acknowledged.clear();
    flood(&mut shop);
    shop.at(200.0);
    assert!(may_be_low(&mut shop));
    assert_eq!(shop.acknowledged.len(), 5_000, "the broker is rid of them");
    assert_eq!(shop.engine.status(&now(202.0)).sensors[0].refused, [("flood", 5_000)]);
    let mut closed = Shop::new();
    closed.connect();
    flood(&mut closed);
    closed.at(200.0);
    assert!(closed.kept.is_empty(), "{:?}", closed.kept);
}

/// A sequence of messages as it was recorded, with how the first copy of each retained topic comes.
struct Recorded {
    seconds: f64,
    topic: String,
    payload: String,
    replayed: bool,
}

/// Reads a recorded sequence, where the collection lies beside the repository; it is not part of it.
fn recorded(name: &str) -> Option<Vec<Recorded>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples/sequences").join(name);
    let text = std::fs::read_to_string(file).ok()?;
    let mut heard = BTreeSet::new();
    let message = |line: &str| {
        let message: serde_json::Value = serde_json::from_str(line).unwrap();
        let topic = message["topic"].as_str().unwrap().to_owned();
        let replayed = heard.insert(topic.clone()) && message["retain"] == true;
        let payload = message["payload"].as_str().unwrap().to_owned();
        Recorded { seconds: message["rx_ms"].as_f64().unwrap() / 1000.0, topic, payload, replayed }
    };
    Some(text.lines().map(message).collect())
}

/// Plays a recorded sequence from second 70 on, and lets a minute pass.
fn play(sensor: &Binding, name: &str, decode: impl Fn(&Recorded) -> Decoded) -> Option<Shop> {
    let mut shop = open_with(sensor.clone());
    for message in recorded(name)? {
        shop.at(70.0 + message.seconds);
        let decoded = decode(&message);
        hear(&mut shop, 0, decoded, message.replayed);
    }
    let end = shop.seconds + 62.0;
    shop.at(end);
    Some(shop)
}

#[test]
fn recorded_counters_add_up() {
    let uplink = "application/17c82e96-be03-4f38-aef3-f83d48582d97/device/0101010101010101/event/up";
    let bound = |profile, topic, options: &str| {
        let options: Vec<_> = options.split_whitespace().filter_map(|pair| pair.split_once('=')).collect();
        binding(profile, topic, &options)
    };
    for (name, profile, topic, options, sum, low) in [
        ("roode_retained_replay", "esphome", "roode32", "entity=roode32_last_direction", (2, 0), false),
        ("milesight_trigger_and_periodic", "milesight", "bus/001/door2/telemetry", "", (2, 1), false),
        (
            "tasmota_counter_rollback",
            "json",
            "tele/d/SENSOR",
            "mode=totals in=/COUNTER/C1 reset=rollback",
            (17, 0),
            true,
        ),
        (
            "first_total_is_baseline",
            "json",
            uplink,
            "mode=totals in=/object/total_in out=/object/total_out",
            (1, 0),
            false,
        ),
        (
            "vs350_uint16_overflow",
            "json",
            uplink,
            "mode=totals in=/object/total_in out=/object/total_out reset=modulo16 sequence=/fCnt",
            (4, 1),
            false,
        ),
        (
            "chirpstack_duplicate_dedup_id",
            "json",
            uplink,
            "mode=crossing in=/object/people_in out=/object/people_out sequence=/fCnt",
            (2, 1),
            false,
        ),
    ] {
        let sensor = bound(profile, topic, options);
        let decode = |m: &Recorded| sensor.decode(&m.topic, m.payload.as_bytes(), m.replayed);
        let Some(mut shop) = play(&sensor, &format!("{name}.jsonl"), decode) else { continue };
        let sums = (shop.sum("door", |t| t.inward), shop.sum("door", |t| t.outward));
        assert_eq!((sums, may_be_low(&mut shop)), (sum, low), "{name}");
    }
}

/// Reads a payload by hand into one reading.
fn by_hand(message: &Recorded, read: impl Fn(&serde_json::Value) -> Reading) -> Decoded {
    Decoded::Readings(vec![read(&serde_json::from_str(&message.payload).unwrap())])
}

fn hash(text: &str) -> u64 {
    text.bytes().fold(7, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()))
}

#[test]
fn recorded_counters_of_other_families_add_up() {
    let number = |value: &serde_json::Value| value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap();
    let axis = |m: &Recorded| {
        by_hand(m, |payload| {
            let data = &payload["message"]["data"];
            Reading { since: data["startTime"].as_str().map(hash), ..totals(number(&data["totalHuman"])) }
        })
    };
    let onvif = |m: &Recorded| by_hand(m, |payload| totals(number(&payload["Data"]["Count"])));
    let uplink = |m: &Recorded| {
        by_hand(m, |payload| {
            let small = |key: &str| payload["object"][key].as_u64().unwrap_or(0) as u32;
            let fact = Fact::Crossing { inward: small("people_in"), outward: small("people_out") };
            let dedupe = payload["deduplicationId"].as_str().map(hash);
            Reading { dedupe, sequence: payload["fCnt"].as_u64(), ..Reading::of(fact) }
        })
    };
    let counter = json(&[("reset", "rollback")]);
    let played = [
        ("axis_start_time_reset", play(&counter, "axis_start_time_reset.jsonl", axis), 7),
        ("onvif_counter_resampled", play(&counter, "onvif_counter_resampled.jsonl", onvif), 1),
        ("chirpstack_duplicate_dedup_id", play(&counter, "chirpstack_duplicate_dedup_id.jsonl", uplink), 2),
    ];
    for (name, shop, people) in played {
        let Some(mut shop) = shop else { continue };
        assert_eq!((shop.people(), may_be_low(&mut shop)), (people, false), "{name}");
    }
}

#[test]
fn recorded_presence_is_unknown_where_nobody_knows() {
    for (name, profile, topic, presence_ms) in [
        ("frigate_restart_stuck_count.jsonl", "frigate", "frigate/front_door", 59_000),
        ("z2m_restart_replay.jsonl", "zigbee2mqtt", "zigbee2mqtt/motion_1", 0),
    ] {
        let sensor = binding(profile, topic, &[]);
        let decode = |m: &Recorded| sensor.decode(&m.topic, m.payload.as_bytes(), m.replayed);
        let Some(shop) = play(&sensor, name, decode) else { continue };
        assert_eq!(shop.sum("door", |t| t.presence_ms), presence_ms, "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn however_links_flap_and_whenever_sums_are_written_nothing_is_invented(
        steps in prop::collection::vec((1u16..25, 0u8..6), 1..40)
    ) {
        let mut shop = Shop::open();
        // What is certain: the time up to each moment at which it was known to be there, without the outages longer than a flap.
        let (mut gone_at, mut there_since, mut covered) = (None, None::<f64>, 0.0);
        for (wait, what) in steps {
            let at = shop.seconds + f64::from(wait);
            if at > 1000.0 {
                break;
            }
            shop.at(at);
            let lost = gone_at.is_some_and(|gone: f64| at - gone >= 10.0);
            match what {
                0 | 1 => {
                    link(&mut shop, false);
                    if gone_at.is_none() {
                        gone_at = Some(at);
                    }
                }
                2 | 3 => {
                    if what == 2 { link(&mut shop, true) } else { presence(&mut shop, true) }
                    if let (true, Some(gone), Some(since)) = (lost, gone_at, there_since) {
                        covered += f64::max(gone - since, 0.0);
                        there_since = Some(at);
                    }
                    there_since.get_or_insert(at);
                    gone_at = None;
                }
                4 => drop(shop.input(Input::Flush)),
                _ => {}
            }
        }
        let end = shop.seconds;
        shop.input(Input::Flush);
        covered += there_since.map_or(0.0, |since| f64::max(gone_at.unwrap_or(end) - since, 0.0));
        prop_assert!((radar(&shop).0 - covered).abs() < 0.001, "{} {covered}", radar(&shop).0);
        prop_assert!(radar(&shop).1 <= covered);
    }
}

#[test]
fn what_moves_while_nothing_is_counted_leaves_no_number_of_messages() {
    for fact in [Fact::Contact { open: true }, Fact::Motion { active: true }] {
        let mut shop = Shop::new();
        shop.connect().at(30.0);
        shop.message(1, vec![fact.clone()]);
        assert_eq!(shop.engine.status(&now(31.0)).sensors[1].accepted, 0, "{fact:?}");
        shop.confirm(30.0).at(92.0).poll();
        shop.at(95.0);
        shop.message(1, vec![fact.clone()]);
        assert_eq!(shop.engine.status(&now(96.0)).sensors[1].accepted, 1, "{fact:?}");
    }
}

#[test]
fn the_time_of_a_camera_without_picture_or_detection_is_not_covered() {
    for (topic, blind, sees) in [("status/detect", "offline", "online"), ("detect/state", "OFF", "ON")] {
        let camera = binding("frigate", "frigate/till", &[]);
        let mut plan = plan(InterlockMode::Enforce);
        plan.sensors[1].binding = camera.clone();
        let mut shop = Shop::with(plan);
        shop.connect().confirm(0.0).at(62.0).poll();
        let topic = format!("frigate/till/{topic}");
        for (second, topic, word) in [
            (100.0, "frigate/till/person", "1"),
            (200.0, &*topic, blind),
            (500.0, &*topic, sees),
            (550.0, "frigate/till/person", "1"),
        ] {
            let decoded = camera.decode(topic, word.as_bytes(), false);
            hear(shop.at(second), 1, decoded, false);
        }
        shop.at(600.0).input(Input::Flush);
        assert_eq!(radar(&shop), (200.0, 150.0), "{topic}");
    }
}

#[test]
fn a_total_beyond_all_sense_wraps_no_sum() {
    let mut shop = open_with(json(&[]));
    for (inward, outward) in [(0, 0), (u64::MAX, u64::MAX), (5, 5)] {
        say(&mut shop, 0, Reading::of(Fact::Totals { inward, outward }));
    }
    assert_eq!(shop.people(), u64::MAX);
}
