//! What technicians may write of a sensor, and what a profile makes of it. What messages become stands in `tests/profiles`.

use super::super::baseline::CounterPolicy;
use super::super::binding::SwitchCommand;
use super::super::template::Asked;
use super::{bind, said, try_bind};

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
fn no_subscription_can_bring_what_is_refused_for_privacy() {
    for binding in super::robust::bindings() {
        assert!(!binding.subscriptions().is_empty());
        for filter in binding.subscriptions() {
            assert!(!filter.contains('#') && !filter.starts_with('+'), "{binding:?}: {filter}");
            let asked = Asked::of(filter);
            let refused = binding.rejections().find(|(_, rejection)| rejection.is_asked_for(&asked));
            assert!(refused.is_none(), "{binding:?}: {filter} could bring {}", refused.unwrap().0);
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
