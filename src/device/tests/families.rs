//! Each shipped family, message by message. Payloads are written after the shapes that vendors document and users post.

use super::super::baseline::CounterPolicy;
use super::super::binding::SwitchCommand;
use super::{bind, said, try_bind};

/// Decodes each (topic, payload) as a live message and compares what it says.
fn table(profile: &str, topic: &str, options: &str, rows: &[(&str, &str, &str)]) {
    let binding = bind(profile, topic, options);
    for (topic, payload, expected) in rows {
        assert_eq!(said(&binding.decode(topic, payload.as_bytes(), false)), *expected, "{topic} {payload}");
    }
}

#[test]
fn frigate_counts_are_known_until_detection_stops() {
    table(
        "frigate",
        "frigate/front_door",
        "",
        &[
            ("frigate/front_door/person", "2", "presence count=2"),
            ("frigate/front_door/person", "0", "presence count=0"),
            ("frigate/front_door/person", "many", "refused malformed"),
            ("frigate/front_door/person", "-1", "refused malformed"),
            ("frigate/front_door/person/active", "1", "none"),
            ("frigate/front_door/all", "4", "none"),
            ("frigate/front_door/motion", "ON", "motion active=true"),
            ("frigate/front_door/enabled/state", "ON", "camera_state enabled=true"),
            ("frigate/front_door/enabled/state", "OFF", "camera_state enabled=false; presence unknown"),
            ("frigate/front_door/detect/state", "OFF", "camera_state detect_enabled=false; presence unknown"),
            ("frigate/front_door/recordings/state", "ON", "camera_state record_enabled=true"),
            ("frigate/front_door/status/detect", "online", "camera_state detecting=true"),
            ("frigate/front_door/status/detect", "disabled", "camera_state detecting=false; presence unknown"),
            ("frigate/front_door/status/record", "offline", "camera_state online=false recording=false"),
            ("frigate/available", "online", "link online=true scope=device"),
            ("frigate/available", "offline", "link online=false scope=device; presence unknown"),
            ("frigate/available", "stopped", "link online=false scope=device; presence unknown"),
            ("frigate/events", "{\"after\":{\"sub_label\":\"John\"}}", "refused privacy"),
            ("frigate/tracked_object_update", "{}", "refused privacy"),
            ("frigate/reviews", "", "refused privacy"),
            ("frigate/front_door/person/snapshot", "\u{fffd}PNG", "refused privacy"),
            ("frigate/camera_activity", "{}", "refused privacy"),
            ("frigate/other/person", "1", "none"),
            ("frigate/front_door/person", &"9".repeat(65), "refused too-large"),
        ],
    );
}

#[test]
fn a_frigate_zone_listens_to_its_own_count_and_to_its_cameras_state() {
    let zone = bind("frigate", "cctv/nvr/entrance_zone", "camera=front_door");
    assert_eq!(said(&zone.decode("cctv/nvr/entrance_zone/person", b"3", false)), "presence count=3");
    assert!(zone.subscriptions().contains(&"cctv/nvr/front_door/detect/state".to_owned()));
    assert!(zone.matches("cctv/nvr/available"));
    assert!(!zone.matches("cctv/nvr/front_door/person"));
}

#[test]
fn frigate_is_switched_by_its_camera_and_confirms_it() {
    let binding = bind("frigate", "frigate/front_door", "");
    let command = |payload: &str| SwitchCommand {
        topic: "frigate/front_door/enabled/set".to_owned(),
        payload: payload.to_owned(),
    };
    assert_eq!(binding.switch(true), Some(command("ON")));
    assert_eq!(binding.switch(false), Some(command("OFF")));
    let confirmed = |topic: &str, payload: &[u8]| match binding.decode(topic, payload, true) {
        super::Decoded::Readings(readings) => readings.iter().find_map(|reading| binding.switched(reading)),
        super::Decoded::Nothing | super::Decoded::Refused(_) => None,
    };
    assert_eq!(confirmed("frigate/front_door/enabled/state", b"OFF"), Some(false));
    assert_eq!(confirmed("frigate/front_door/enabled/state", b"ON"), Some(true));
    assert_eq!(confirmed("frigate/front_door/detect/state", b"ON"), None);
    assert_eq!(bind("json", "door", "mode=crossing in=/in").switch(true), None);
}

#[test]
fn zigbee2mqtt_says_only_what_is_not_null() {
    table(
        "zigbee2mqtt",
        "zigbee2mqtt/motion_1",
        "",
        &[
            ("zigbee2mqtt/motion_1", r#"{"occupancy":true,"linkquality":86}"#, "presence occupied=true"),
            ("zigbee2mqtt/motion_1", r#"{"occupancy":null,"battery":100}"#, "battery pct=100"),
            ("zigbee2mqtt/motion_1", r#"{"battery":97,"occupancy":false}"#, "presence occupied=false; battery pct=97"),
            (
                "zigbee2mqtt/motion_1",
                r#"{"presence":true,"occupancy":false}"#,
                "presence occupied=true; motion active=false",
            ),
            ("zigbee2mqtt/motion_1", r#"{"presence":false}"#, "presence occupied=false"),
            ("zigbee2mqtt/motion_1", r#"{"contact":true}"#, "contact open=false"),
            ("zigbee2mqtt/motion_1", r#"{"contact":false,"tamper":true}"#, "contact open=true; tamper active=true"),
            ("zigbee2mqtt/motion_1", r#"{"action":"region_1_enter"}"#, "none"),
            ("zigbee2mqtt/motion_1", "not json", "refused malformed"),
            ("zigbee2mqtt/motion_1", "5", "refused malformed"),
            ("zigbee2mqtt/motion_1", "", "none"),
            ("zigbee2mqtt/motion_1/availability", r#"{"state":"online"}"#, "link online=true scope=device"),
            ("zigbee2mqtt/motion_1/availability", "offline", "link online=false scope=device; presence unknown"),
            ("zigbee2mqtt/bridge/state", r#"{"state":"offline"}"#, "link online=false scope=device; presence unknown"),
            ("zigbee2mqtt/bridge/logging", r#"{"message":"x"}"#, "none"),
            ("zigbee2mqtt/bridge/devices", "[]", "refused privacy"),
            ("zigbee2mqtt/motion_2", r#"{"occupancy":true}"#, "none"),
        ],
    );
}

#[test]
fn zigbee2mqtt_names_may_have_slashes_and_its_base_several_levels() {
    let contact = bind("zigbee2mqtt", "zb6/h6/T1", "");
    assert_eq!(contact.subscriptions(), ["zb6/bridge/state", "zb6/h6/T1", "zb6/h6/T1/availability"]);
    assert_eq!(said(&contact.decode("zb6/h6/T1", br#"{"contact":false}"#, true)), "contact open=true");
    let deep = bind("zigbee2mqtt", "home/zigbee/hall/pir", "base=home/zigbee");
    assert!(deep.matches("home/zigbee/bridge/state"));
    assert!(contact.settle_after_link().is_some());
    assert!(contact.stale_after().is_some());
}

#[test]
fn esphome_entities_say_what_their_values_are() {
    table(
        "esphome",
        "hallway",
        "entity=ld2410_presence battery=battery_level",
        &[
            ("hallway/binary_sensor/ld2410_presence/state", "ON", "presence occupied=true"),
            ("hallway/binary_sensor/ld2410_presence/state", "OFF", "presence occupied=false"),
            ("hallway/binary_sensor/ld2410_presence/state", "unknown", "none"),
            ("hallway/sensor/ld2410_presence/state", "2", "presence count=2"),
            ("hallway/sensor/ld2410_presence/state", "2.0", "presence count=2"),
            ("hallway/sensor/ld2410_presence/state", "1.5", "refused malformed"),
            ("hallway/sensor/ld2410_presence/state", "nan", "none"),
            ("hallway/sensor/ld2410_presence/state", "None", "none"),
            ("hallway/sensor/ld2410_presence/state", "Entry", "crossing in=1 out=0"),
            ("hallway/number/ld2410_presence/state", "3", "presence count=3"),
            ("hallway/sensor/battery_level/state", "87", "battery pct=87"),
            ("hallway/status", "offline", "link online=false scope=device"),
            ("hallway/debug", "[I][mqtt] secret", "refused privacy"),
        ],
    );
    let contact = bind("esphome", "hallway", "entity=front_door reads=contact active-low=true");
    assert_eq!(said(&contact.decode("hallway/binary_sensor/front_door/state", b"OFF", true)), "contact open=true");
    let two = bind("esphome", "hallway", "entity=left,right");
    assert_eq!(said(&two.decode("hallway/sensor/right/state", b"1", false)), "presence count=1 key=right");
}

#[test]
fn a_roode_direction_counts_only_when_it_is_not_replayed() {
    for options in ["entity=last_direction", "entity=last_direction reads=direction"] {
        let roode = bind("esphome", "roode32", options);
        let decode =
            |payload: &[u8], replayed| said(&roode.decode("roode32/sensor/last_direction/state", payload, replayed));
        assert_eq!(decode(b"Entry", true), "refused replay", "{options}");
        assert_eq!(decode(b"Entry", false), "crossing in=1 out=0", "{options}");
        assert_eq!(decode(b"Exit", false), "crossing in=0 out=1", "{options}");
    }
    let turned = bind("esphome", "roode32", "entity=d reads=direction invert=true");
    assert_eq!(said(&turned.decode("roode32/sensor/d/state", b"Entry", false)), "crossing in=0 out=1");
}

const NESTED: &str = r#"{"device_info":{"device_mac":"24:E1:24:00:00:01"},
 "line_periodic_data":[
  {"line":1,"line_name":"Door","line_uuid":"u-1","total":{"in":3,"out":2},"children":{"in":1,"out":0}},
  {"line":2,"line_name":"Till","line_uuid":"u-2","total":{"in":7,"out":0}}],
 "line_total_data":[{"line":1,"line_name":"Door","line_uuid":"u-1","total":{"in_counted":84,"out_counted":155,"capacity_counted":-71}}],
 "time_info":{"start_time":"2026-07-31T09:00:00+02:00","end_time":"2026-07-31T09:05:00+02:00","dst_status":true}}"#;

const FLAT: &str = r#"{"line_periodic_data":[{"line":1,"line_name":"Door","in":1,"out":0}],
 "line_total_data":[{"line":1,"line_name":"Door","in_counted":5,"out_counted":4}],
 "time_info":{"start_time":"2026-01-31T09:00:00","end_time":"2026-01-31T09:05:00","dst_status":0,"time_zone":"UTC+1:00 CET"}}"#;

#[test]
fn milesight_lines_are_streams_and_one_may_be_chosen() {
    let interval = "from=2026-07-31T07:00:00Z to=2026-07-31T07:05:00Z";
    let one = format!("interval in=3 out=2 {interval} key=u-1; totals in=84 out=155 key=u-1");
    for line in ["1", "Door", "u-1"] {
        table("milesight", "ms/door", &format!("line={line}"), &[("ms/door", NESTED, &one)]);
    }
    let both = format!(
        "interval in=3 out=2 {interval} key=u-1; interval in=7 out=0 {interval} key=u-2; totals in=84 out=155 key=u-1"
    );
    table("milesight", "ms/door", "", &[("ms/door", NESTED, &both), ("ms/other", NESTED, "none")]);
    let turned = format!("interval in=0 out=7 {interval} key=u-2");
    table("milesight", "ms/door", "line=2 invert=true", &[("ms/door", NESTED, &turned)]);
}

#[test]
fn milesight_firmware_of_both_shapes_is_read() {
    let flat =
        "interval in=1 out=0 from=2026-01-31T08:00:00Z to=2026-01-31T08:05:00Z key=Door; totals in=5 out=4 key=Door";
    let trigger = r#"{"line_trigger_data":[{"line":1,"line_uuid":"u-1","total":{"in":1,"out":0}}],"time_info":{}}"#;
    table(
        "milesight",
        "ms/door",
        "",
        &[
            ("ms/door", FLAT, flat),
            ("ms/door", trigger, "crossing in=1 out=0 key=u-1"),
            ("ms/door", r#"{"line_trigger_data":[]}"#, "none"),
            ("ms/door", r#"{"event":"Region","x":1 "y":2}"#, "refused malformed"),
            ("ms/door", r#"{"line_trigger_data":[{"line":1,"total":{"in":-1}}]}"#, "refused malformed"),
            ("ms/door", r#"{"line_trigger_data":[7]}"#, "refused malformed"),
        ],
    );
    let binding = bind("milesight", "ms/door", "");
    assert_eq!(said(&binding.decode("ms/door", trigger.as_bytes(), true)), "refused replay");
    let late = trigger.replacen('{', r#"{"isRetransmission":true,"#, 1);
    assert_eq!(said(&binding.decode("ms/door", late.as_bytes(), false)), "none");
}

#[test]
fn milesight_regions_are_presence() {
    let regions =
        r#"{"region_data":{"current_total":10,"numbering_regions":[1,2],"current_counted":[6,4],"occupancy":[1,0]}}"#;
    let all = "presence count=10; presence count=6 key=1; presence count=4 key=2";
    table("milesight", "ms/r", "", &[("ms/r", regions, all), ("ms/r", r#"{"region_data":{}}"#, "none")]);
    table("milesight", "ms/r", "region=2", &[("ms/r", regions, "presence count=4 key=2")]);
    table("milesight", "ms/r", "line=1", &[("ms/r", regions, "none")]);
}

#[test]
fn json_crossings_are_read_where_the_installer_says() {
    table(
        "json",
        "door",
        "mode=crossing in=/people/in out=/people/out sequence=/n at=/t",
        &[
            (
                "door",
                r#"{"people":{"in":2,"out":1},"n":12,"t":1785539460}"#,
                "crossing in=2 out=1 seq=12 at=2026-07-31T23:11:00Z",
            ),
            ("door", r#"{"people":{"in":"2"},"n":"12"}"#, "crossing in=2 out=0 seq=12"),
            ("door", r#"{"people":{"out":null,"in":0}}"#, "crossing in=0 out=0"),
            ("door", r#"{"people":{"out":null}}"#, "refused malformed"),
            ("door", "{}", "refused malformed"),
            ("door", "[]", "refused malformed"),
            ("door", r#"{"people":{"in":-1}}"#, "refused malformed"),
            ("door", r#"{"people":{"in":1.5}}"#, "refused malformed"),
            ("door", r#"{"people":{"in":"x"}}"#, "refused malformed"),
            ("door", r#"{"people":{"in":1},"t":"noon"}"#, "refused malformed"),
            ("door", r#"{"people":{"in":1},"n":-3}"#, "refused malformed"),
        ],
    );
    let turned = bind("json", "door", "mode=crossing in=/in invert=true");
    assert_eq!(said(&turned.decode("door", br#"{"in":4}"#, false)), "crossing in=0 out=4");
    assert_eq!(said(&turned.decode("door", br#"{"in":4}"#, true)), "refused replay");
}

#[test]
fn json_totals_wait_for_both_directions() {
    table(
        "json",
        "d",
        "mode=totals in=/in out=/out stream=/line reset=modulo16",
        &[
            ("d", r#"{"in":5,"out":6,"line":2}"#, "totals in=5 out=6 key=2"),
            ("d", r#"{"in":5}"#, "none"),
            ("d", "{}", "refused malformed"),
        ],
    );
}

#[test]
fn json_intervals_have_two_times() {
    let span = "from=2026-07-31T23:11:00Z to=2026-07-31T23:12:00Z";
    table(
        "json",
        "d",
        "mode=interval in=/in",
        &[
            ("d", r#"{"in":5,"from":1785539460,"to":1785539520}"#, &format!("interval in=5 out=0 {span}")),
            (
                "d",
                r#"{"in":5,"from":1785539460000,"to":"2026-08-01T01:12:00+02:00"}"#,
                &format!("interval in=5 out=0 {span}"),
            ),
            ("d", r#"{"in":5,"from":1785539460}"#, "refused malformed"),
            ("d", r#"{"in":5,"from":1785539520,"to":1785539460}"#, "refused malformed"),
        ],
    );
}

#[test]
fn json_presence_is_a_flag_or_a_count() {
    table(
        "json",
        "d",
        "mode=presence present=/p count=/n",
        &[
            ("d", r#"{"p":"on","n":2}"#, "presence count=2"),
            ("d", r#"{"p":0}"#, "presence occupied=false"),
            ("d", r#"{"n":0}"#, "presence count=0"),
            ("d", r#"{"p":null}"#, "none"),
            ("d", r#"{"p":"perhaps"}"#, "refused malformed"),
        ],
    );
}

#[test]
fn the_counter_policy_may_be_an_option() {
    let policy = |options: &str| bind("json", "d", &format!("mode=totals in=/in {options}")).counter_policy();
    assert_eq!(policy(""), CounterPolicy::Zero);
    assert_eq!(policy("reset=rollback"), CounterPolicy::Rollback);
    assert_eq!(bind("milesight", "d", "").counter_policy(), CounterPolicy::Zero);
}

#[test]
fn every_problem_of_topic_and_options_is_told_at_once() {
    let problems = |profile: &str, topic: &str, options: &str| {
        let problems = try_bind(profile, topic, options).map(|_| ()).unwrap_err();
        problems.into_iter().map(|problem| problem.option.unwrap_or_else(|| "topic".to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(problems("frigate", "front_door", ""), ["topic"]);
    assert_eq!(problems("frigate", "frigate/#", "lable=person label=+"), ["topic", "lable", "label"]);
    assert_eq!(problems("milesight", "", "line=true"), ["topic", "line"]);
    assert_eq!(problems("json", "d", ""), ["mode"]);
    assert_eq!(problems("json", "d", "mode=crossing"), ["in"]);
    assert_eq!(problems("json", "d", "mode=presence"), ["present"]);
    assert_eq!(problems("json", "d", "mode=crosing in=in"), ["in", "mode"]);
    assert_eq!(problems("json", "d", "mode=presence count=/n stale-after=soon"), ["stale-after"]);
    assert_eq!(problems("esphome", "hallway/", ""), ["topic", "entity"]);
    let typo = try_bind("milesight", "d", "lnie=1").map(|_| ()).unwrap_err();
    assert!(typo[0].help.starts_with("did you mean \"line\"?"), "{}", typo[0].help);
}

#[test]
fn subscriptions_never_take_in_what_nobody_named() {
    for (profile, topic, options) in super::robust::BINDINGS {
        let binding = bind(profile, topic, options);
        assert!(!binding.subscriptions().is_empty());
        for filter in binding.subscriptions() {
            assert!(!filter.contains(['#', '+']), "{profile}: {filter}");
            assert!(binding.matches(filter), "{profile}: {filter}");
        }
    }
}

#[test]
fn a_technicians_own_profile_sees_captures_and_options_as_variables() {
    let own = r#"title = "Own"
topic = "the base"
subscribe = ["{topic}/+/{active-line}/state", "{topic}/+/state"]
payload-limit = 100
[option.active-line]
kind = "list"
default = "a, b"
help = "lines"
[[rule]]
topic = "{topic}/{room}/{active-line}/state"
retain = "state"
payload = "text"
readings = '{stream: "\($room)-\($active_line)-\($options["active-line"][1])", totals: {in: .}}'
[[rule]]
topic = "{topic}/{rest...}"
retain = "event"
payload = "either"
readings = '{stream: $rest, motion: {active: .}}'
"#;
    let mut catalogue = super::Catalogue::builtin();
    catalogue.add("own.toml", own).unwrap();
    let binding = super::Binding::new(catalogue.get("own").unwrap(), "x", &super::options("")).unwrap();
    assert_eq!(binding.subscriptions(), ["x/+/a/state", "x/+/b/state", "x/+/state"]);
    assert_eq!(said(&binding.decode("x/hall/b/state", b"4", false)), "totals in=4 out=0 key=hall-b-b");
    assert_eq!(said(&binding.decode("x/hall/sub/state", b"ON", false)), "motion active=true key=hall/sub/state");
    assert_eq!(said(&binding.decode("x/hall/sub/state", b"ON", true)), "refused replay");
    assert!(binding.matches("x/any/b/state") && !binding.matches("x/any/c/state"));
}
