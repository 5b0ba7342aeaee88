//! The configuration as a technician meets it: whole files in, problems with their places out.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use jiff::civil::Weekday;
use proptest::prelude::*;

use super::open::{load, load_profiles, parse};
use super::problem::Problem;
use super::{Config, Protocol};
use crate::device::catalog::Catalogue;
use crate::domain::id::ZoneId;
use crate::domain::notice::Evidence;
use crate::domain::text::Language;

const SAMPLE: &str = include_str!("../../config/noticed.toml");

/// Every key once, one for each line.
const SHOP: &str = r#"[shop]
id = "poznan-1"
name = "Sklep Zielony"
time-zone = "Europe/Warsaw"
languages = ["pl", "en"]
[controller]
name = "Zielony sp. z o.o."
address = "ul. Polna 1, 60-001 Poznań"
contact = "rodo@example.pl"
dpo = "none"
offline-notice = { pl = "przy kasie", en = "at the till" }
[broker]
url = "mqtts://broker.example"
ca-file = "/etc/noticed/ca.pem"
username = "noticed"
password-file = "/etc/noticed/broker.password"
[store]
path = "/var/lib/noticed/store.db"
key-file = "/etc/noticed/store.key"
bucket = "15 min"
commit-interval = "1 s"
[signage]
listen = "0.0.0.0:8080"
public-url = "http://192.168.1.10:8080"
[operator]
listen = "127.0.0.1:8081"
[[activity]]
id = "footfall"
kind = "people-counting"
purpose = { pl = "planowanie obsady", en = "planning staff" }
legal-basis = "legitimate-interest"
interest = { pl = "dobra obsługa", en = "good service" }
balancing-test = "LIA-1, 2026-03-02"
retention = "13 months"
objection = true
interlock = "enforce"
[[zone]]
id = "entrance"
name = { pl = "Wejście", en = "Entrance" }
[[sensor]]
id = "front-door"
zone = "entrance"
activity = "footfall"
class = "tof"
profile = "milesight"
topic = "milesight/front-door"
options = { line = "1", invert = false }
control = false
[[sign]]
id = "door"
zones = ["entrance"]
protocol = "trmnl"
panel = "800x480-bw"
address = "aa-bb-cc-dd-ee-ff"
language = "en"
refresh = "15 min"
transition-refresh = "60 s"
grace = "90 s"
"#;

fn read(text: &str) -> Result<Config, Vec<Problem>> {
    parse("F", text, &Catalogue::builtin()).map_err(|problems| problems.problems)
}

/// Problems as `line:column what`.
fn complaints(text: &str) -> Vec<String> {
    let problems = read(text).err().unwrap_or_default();
    problems.into_iter().map(|p| format!("{}:{} {}", p.line, p.column, p.what)).collect()
}

/// The good shop with `from` replaced; asserts that it was there.
fn shop_with(from: &str, to: &str) -> String {
    assert_eq!(SHOP.matches(from).count(), 1, "{from} stands once");
    SHOP.replace(from, to)
}

/// One change, one problem, on the changed line.
#[track_caller]
fn refused(from: &str, to: &str, what: &str) {
    let text = shop_with(from, to);
    let start = SHOP.find(from).unwrap();
    let line = SHOP[..start].matches('\n').count() + 1;
    let told = complaints(&text);
    assert_eq!(told.len(), 1, "{to}: {told:#?}");
    assert!(told[0].starts_with(&format!("{line}:")), "line {line}: {told:?}");
    assert!(told[0].contains(what), "{what:?} in {told:?}");
}

#[test]
fn the_sample_is_a_valid_configuration_and_names_every_key() {
    let config = read(SAMPLE).expect("the sample passes its own check");
    assert_eq!((config.zones.len(), config.sensors.len(), config.signs.len()), (1, 1, 1));
    for line in SHOP.lines() {
        let key = line.split(" = ").next().unwrap();
        let documented = SAMPLE.lines().any(|l| l.trim_start_matches("# ").split(" = ").next() == Some(key));
        assert!(documented, "{key} is in the sample");
    }
}

#[test]
fn what_is_said_is_what_holds() {
    let config = read(SHOP).unwrap();
    let sign = &config.signs[0];
    assert_eq!(config.shop.time_zone.iana_name(), Some("Europe/Warsaw"));
    assert_eq!(config.shop.languages[0].code(), "pl");
    assert_eq!((config.broker.host.as_str(), config.broker.port, config.broker.tls), ("broker.example", 8883, true));
    assert_eq!(config.controller.dpo, None);
    assert_eq!(config.activities[0].retention.to_string(), "13 months");
    assert_eq!(config.zones[0].name.get(Language::parse("pl").unwrap()), Some("Wejście"));
    assert_eq!((sign.protocol, sign.address.as_deref()), (Protocol::Trmnl, Some("AA:BB:CC:DD:EE:FF")));
    assert_eq!(sign.grace, Duration::from_secs(90));
}

#[test]
fn what_is_not_said_has_its_documented_default() {
    let optional = [
        "offline-notice",
        "bucket",
        "commit-interval",
        "listen",
        "objection",
        "interlock",
        "options",
        "control",
        "language",
        "refresh",
        "transition-refresh",
        "grace",
        "username",
        "password-file",
        "key-file",
        "[operator]",
    ];
    let is_needed = |line: &&str| !optional.iter().any(|key| line.trim_end().split(" = ").next() == Some(key));
    let text: String = SHOP.split_inclusive('\n').filter(is_needed).collect();
    let config = read(&text).unwrap();
    let sign = &config.signs[0];
    assert_eq!(config.controller.offline_notice.get(Language::parse("pl").unwrap()), Some("u obsługi"));
    assert_eq!(config.controller.offline_notice.get(Language::parse("en").unwrap()), Some("from the staff"));
    assert_eq!((config.store.bucket, config.store.commit_interval), (Duration::from_secs(900), Duration::from_secs(1)));
    assert_eq!(config.signage.listen.to_string(), "0.0.0.0:8080");
    assert_eq!(config.operator.listen.to_string(), "127.0.0.1:8081");
    assert!(config.activities[0].objection && !config.sensors[0].control);
    assert_eq!(config.shop.opening_hours, []);
    assert_eq!((config.shop.occupancy_reset, &config.sensors[0].from), (jiff::civil::time(4, 0, 0, 0), &None));
    assert_eq!(config.activities[0].interlock.word(), "enforce");
    assert_eq!((sign.language.code(), sign.refresh), ("pl", Duration::from_secs(900)));
    assert_eq!((sign.transition_refresh, sign.grace), (Duration::from_secs(60), Duration::from_secs(90)));
}

/// Twelve different mistakes, of every sort: syntax, typing, types, ranges, references, duties.
const TWELVE: &str = r#"[shop]
id = "poznan-1"
nmae = "Sklep Zielony"
time-zone = "Europe/Warszawa"
languages = ["pl"]
[controller]
name = "Zielony sp. z o.o."
address = ul. Polna 1, 60-001 Poznań
contact = ""
[broker]
url = "mqtt://user:hunter2@127.0.0.1:1883"
[store]
path = "/var/lib/noticed/store.db"
bucket = "7 min"
[signage]
public-url = "http://192.168.1.10:8080"
[[activity]]
id = "footfall"
kind = "people-counting"
purpose = { pl = "planowanie obsady" }
legal-basis = "consent"
retention = "13 months"
[[zone]]
id = "entrance"
name = { pl = "Wejście" }
[[zone]]
id = "till"
name = { pl = "Kasa" }
[[sensor]]
id = "front-door"
zone = "entrence"
activity = "footfall"
class = "tof"
profile = "milesight"
topic = "milesight/#"
[[sign]]
id = "door"
zones = ["entrance"]
protocol = "trmnl"
panel = "800x480-bw"
address = "AA:BB:CC:DD:EE"
"#;

#[test]
fn twelve_mistakes_in_one_file_are_twelve_problems_in_their_places() {
    let places: Vec<(usize, usize)> = read(TWELVE).unwrap_err().iter().map(|p| (p.line, p.column)).collect();
    let expected = [
        (3, 1),   // nmae
        (4, 13),  // no such time zone
        (6, 1),   // dpo is missing
        (8, 11),  // address without quotes
        (9, 11),  // empty contact
        (11, 7),  // secret in the url
        (14, 10), // bucket does not divide a day
        (21, 15), // consent
        (27, 6),  // zone without a sign
        (31, 8),  // unknown zone
        (35, 9),  // wildcard
        (41, 11), // MAC address
    ];
    assert_eq!(places, expected);
}

#[test]
fn an_unknown_name_is_answered_with_the_nearest_and_all_of_them() {
    let problems = read(TWELVE).unwrap_err();
    let problem = problems.iter().find(|p| p.line == 31).unwrap();
    let expected = "F:31:8: sensor \"front-door\" names zone \"entrence\", which is not configured\n    \
                    help: did you mean \"entrance\"? configured zones: entrance, till";
    assert_eq!(problem.to_string(), expected);
}

#[test]
fn every_value_of_every_key_is_checked() {
    for (key, wrong, what) in WRONG_VALUES {
        refused(key, wrong, what);
    }
}

#[test]
fn how_a_panel_hangs_and_how_fine_it_is_must_be_a_rotation_and_a_diagonal() {
    let with = |line: &str| read(&SHOP.replace("panel = \"800x480-bw\"", &format!("panel = \"800x480-bw\"\n{line}")));
    for (line, what) in [("rotation = 45", "is no rotation"), ("inches = \"big\"", "is no diagonal of a panel")] {
        let problems = with(line).unwrap_err();
        assert!(problems.len() == 1 && problems[0].to_string().contains(what), "{problems:?}");
    }
    let panel = with("rotation = 90\ninches = 4.26").unwrap().signs[0].panel;
    assert_eq!((panel.page(), panel.ppi), ((480, 800), 219));
}

#[test]
fn a_second_language_is_another_one_of_the_shops() {
    let with = |code: &str| {
        read(&SHOP.replace("language = \"en\"", &format!("language = \"en\"\nsecond-language = \"{code}\"")))
    };
    assert!(with("en").unwrap_err()[0].to_string().contains("is the language above it already"));
    assert_eq!(with("pl").unwrap().signs[0].second_language.map(|l| l.to_string()), Some("pl".to_owned()));
}

#[test]
fn languages_in_turn_are_others_of_the_shops_few_enough_and_on_a_display_that_speaks_one_at_a_time() {
    let shop = SHOP.replace("languages = [\"pl\", \"en\"]", "languages = [\"pl\", \"en\", \"uk\"]");
    let with = |line: &str| {
        let said =
            read(&shop.replace("language = \"en\"", &format!("language = \"en\"\nalternate-languages = {line}")));
        said.map(|config| config.signs[0].alternate_languages.iter().map(Language::to_string).collect::<Vec<_>>())
    };
    let refused = |line: &str, what: &str| {
        let problems = with(line).unwrap_err();
        assert!(problems.iter().any(|problem| problem.to_string().contains(what)), "{line}: {problems:?}");
    };
    refused("[\"en\"]", "\"en\" is the sign's own language already");
    refused("[\"pl\", \"pl\"]", "\"pl\" stands twice");
    refused("[\"de\"]", "\"de\" is none of the shop's languages");
    refused("[\"tlh\"]", "there is no wording of the notice in");
    refused("\"pl\"", "where a list belongs");
    refused("[]", "is an empty list");
    refused("[\"pl\", \"uk\", \"de\", \"fr\"]", "names 4 languages");
    refused("[\"pl\"]\nsecond-language = \"uk\"", "a sign with second-language takes no turns");
    let paper = read(&shop.replace("protocol = \"trmnl\"", "protocol = \"printed\"\nalternate-languages = [\"pl\"]"));
    let problems = paper.unwrap_err();
    assert!(problems.iter().any(|problem| problem.to_string().contains("paper cannot take turns")), "{problems:?}");
}

#[test]
fn inks_that_the_firmware_draws_wrong_and_access_points_with_certificates_are_refused() {
    let of = |from: &str, to: &str| read(&SHOP.replace(from, to)).unwrap_err()[0].to_string();
    assert!(of("\"800x480-bw\"", "\"800x480-bwr\"").contains("TRMNL firmware draws no bwr pictures right"));
    let with_access_point = "language = \"en\"\naccess-point = \"https://192.168.1.20\"";
    assert!(of("language = \"en\"", with_access_point).contains("which access points do not speak"));
}

#[test]
fn a_label_behind_an_access_point_has_an_address_of_its_own_kind() {
    let label = SHOP.replace("protocol = \"trmnl\"", "protocol = \"openepaperlink\"");
    assert!(read(&label).unwrap_err()[0].to_string().contains("is no address of a tag"));
    let label = label.replace("aa-bb-cc-dd-ee-ff", "00:00:02:1a:c7:b5:3b:1a");
    assert_eq!(read(&label).unwrap().signs[0].address.as_deref(), Some("0000021AC7B53B1A"));
}

/// A line of the good shop (or its start), what stands there instead, and a part of the problem.
const WRONG_VALUES: &[(&str, &str, &str)] = &[
    ("id = \"poznan-1\"", "id = \"Poznań 1\"", "cannot be an id"),
    ("name = \"Sklep Zielony\"", "name = \" \"", "is empty"),
    ("name = \"Sklep Zielony\"", "name = 7", "is a whole number, where a text belongs"),
    ("time-zone = \"Europe/Warsaw\"", "time-zone = \"Europe/Atlantis\"", "is no time zone"),
    ("languages = [\"pl\", \"en\"]", "languages = [\"pl\", \"en\", \"tlh\"]", "no wording"),
    ("languages = [\"pl\", \"en\"]", "languages = [\"pl\", \"en\", \"pl\"]", "stands twice"),
    ("languages = [\"pl\", \"en\"]", "languages = \"pl\"", "a list belongs"),
    ("languages = [\"pl\", \"en\"]", "languages = []", "empty list"),
    ("name = \"Zielony sp. z o.o.\"", "name = \"\"", "is empty"),
    ("address = \"ul. Polna 1, 60-001 Poznań\"", "address = \"a\\nb\"", "line break"),
    ("contact = \"rodo@example.pl\"", "contact = true", "is true or false"),
    ("contact = \"rodo@example.pl\"", "contact = \"the manager\"", "no lawful notice"),
    ("dpo = \"none\"", "dpo = \"\"", "is empty"),
    ("dpo = \"none\"", "dpo = \"Jan\"", "no lawful notice"),
    ("offline-notice = { pl = \"przy kasie\", en = \"at the till\" }", "offline-notice = { pl = \"kasa\" }", "\"en\""),
    ("url = \"mqtts://broker.example\"", "url = \"mqtts://broker.example/path\"", "goes on after"),
    ("url = \"mqtts://broker.example\"", "url = \"broker.example\"", "does not start with mqtt://"),
    ("url = \"mqtts://broker.example\"", "url = \"mqtts://broker.example:99999\"", "no host and port"),
    ("url = \"mqtts://broker.example\"", "url = \"mqtts://\"", "no host and port"),
    ("ca-file = \"/etc/noticed/ca.pem\"", "ca-file = \"\"", "is no path"),
    ("username = \"noticed\"", "username = 1979-05-27", "a date or time"),
    ("password-file = \"/etc/noticed/broker.password\"", "password-file = 1.5", "a decimal number"),
    ("path = \"/var/lib/noticed/store.db\"", "path = []", "is a list"),
    ("key-file = \"/etc/noticed/store.key\"", "key-file = {}", "is a table"),
    ("bucket = \"15 min\"", "bucket = \"7 min\"", "does not divide a day"),
    ("bucket = \"15 min\"", "bucket = \"1500 ms\"", "does not divide a day"),
    ("bucket = \"15 min\"", "bucket = \"2 days\"", "too long"),
    ("commit-interval = \"1 s\"", "commit-interval = \"50 ms\"", "too short"),
    ("commit-interval = \"1 s\"", "commit-interval = \"2 min\"", "too long"),
    ("listen = \"0.0.0.0:8080\"", "listen = \"localhost:8080\"", "no address to listen on"),
    ("public-url = \"http://192.168.1.10:8080\"", "public-url = \"http://192.168.1.10:8080/\"", "ends in more"),
    ("public-url = \"http://192.168.1.10:8080\"", "public-url = \"192.168.1.10\"", "does not start with http://"),
    ("public-url = \"http://192.168.1.10:8080\"", "public-url = \"http://a b\"", "no address of a web server"),
    ("public-url = \"http://192.168.1.10:8080\"", "public-url = \"http://u:p@h\"", "user name or password"),
    ("listen = \"127.0.0.1:8081\"", "listen = \"192.168.1.10:8081\"", "not encrypted"),
    ("listen = \"127.0.0.1:8081\"", "listen = \"127.0.0.1:8080\"", "already taken"),
    ("kind = \"people-counting\"", "kind = \"people-countin\"", "not known here"),
    ("purpose = { pl = \"planowanie obsady\", en", "purpose = { pl = \"Bezpieczeństwo\", en", "no lawful notice"),
    ("purpose = { pl = \"planowanie obsady\", en", "purpose = { pl = \"\", en", "is empty"),
    ("purpose = { pl = \"planowanie obsady\", en", "purpose = { pl = \"planowanie obsady\", ne", "none of the shop's"),
    ("legal-basis = \"legitimate-interest\"", "legal-basis = \"consent\"", "walking through a door"),
    ("interest = { pl = \"dobra obsługa\", en = \"good service\" }", "interest = \"x\"", "for each language"),
    ("balancing-test = \"LIA-1, 2026-03-02\"", "balancing-test = \"\"", "is empty"),
    ("retention = \"13 months\"", "retention = \"0 days\"", "is no period"),
    ("retention = \"13 months\"", "retention = \"11 years\"", "longer than any purpose"),
    ("retention = \"13 months\"", "retention = 13", "where a period belongs"),
    ("objection = true", "objection = \"true\"", "true or false belongs"),
    ("interlock = \"enforce\"", "interlock = \"off\"", "not known here"),
    ("interlock = \"enforce\"", "interlock = \"observe\"", "counts without a notice"),
    ("name = { pl = \"Wejście\", en = \"Entrance\" }", "name = { pl = \"Wejście\" }", "no text in \"en\""),
    ("zone = \"entrance\"", "zone = \"garden\"", "which is not configured"),
    ("activity = \"footfall\"", "activity = \"foofall\"", "which is not configured"),
    ("class = \"tof\"", "class = \"cctv\"", "would not say that it records"),
    ("class = \"tof\"", "class = \"lidar\"", "not known here"),
    ("profile = \"milesight\"", "profile = \"milesite\"", "which does not exist"),
    ("topic = \"milesight/front-door\"", "topic = \"\"", "is no topic"),
    ("topic = \"milesight/front-door\"", "topic = \"milesight/+\"", "wildcard"),
    ("topic = \"milesight/front-door\"", "topic = \"a\\u0000b\"", "is no topic"),
    ("options = { line = \"1\", invert = false }", "options = { line = 1.5 }", "holds a decimal number"),
    ("options = { line = \"1\", invert = false }", "options = 1", "where a table belongs"),
    ("options = { line = \"1\", invert = false }", "options = { line = 99999999999999999999 }", "64 bits"),
    ("control = false", "control = true", "no way to switch"),
    ("control = false", "control = 0", "true or false belongs"),
    ("zones = [\"entrance\"]", "zones = [\"entrance\", \"till\"]", "which is not configured"),
    ("zones = [\"entrance\"]", "zones = [\"entrance\", \"entrance\"]", "twice"),
    ("zones = [\"entrance\"]", "zones = []", "empty list"),
    ("zones = [\"entrance\"]", "zones = [1]", "a text belongs"),
    ("protocol = \"trmnl\"", "protocol = \"mirror\"", "mirror"),
    ("panel = \"800x480-bw\"", "panel = \"800-bw\"", "is no panel"),
    ("address = \"aa-bb-cc-dd-ee-ff\"", "address = \"aa-bb-cc-dd-ee-fg\"", "no MAC address"),
    ("language = \"en\"", "language = \"xx\"", "no wording"),
    ("refresh = \"15 min\"", "refresh = \"900 ms\"", "too short"),
    ("refresh = \"15 min\"", "refresh = \"25 h\"", "too long"),
    ("refresh = \"15 min\"", "refresh = \"2 h\"", "may be silent for 7290 s"),
    ("transition-refresh = \"60 s\"", "transition-refresh = \"20 min\"", "later while counting opens"),
    ("grace = \"90 s\"", "grace = \"90\"", "no length of time"),
];

#[test]
fn every_key_has_a_wrong_value_in_these_tests() {
    // Ids of lists share their rule with the shop's; duplicates of them are tested below.
    for line in SHOP.lines().filter(|line| !line.starts_with(['[']) && !line.starts_with("id =")) {
        assert!(WRONG_VALUES.iter().any(|(from, ..)| line.starts_with(from) && !from.is_empty()), "{line}");
    }
}

#[test]
fn a_mistyped_key_is_one_problem_with_the_key_that_was_meant() {
    for line in SHOP.lines().filter(|line| !line.starts_with('[')) {
        let key = line.split(" = ").next().unwrap();
        let at = SHOP.find(&format!("\n{line}\n")).unwrap() + 1;
        let text = format!("{}{}q{}", &SHOP[..at], key, &SHOP[at + key.len()..]);
        let problems = read(&text).unwrap_err();
        assert_eq!(problems.len(), 1, "{key}q: {problems:#?}");
        let is_named = problems[0].help.as_ref().unwrap().starts_with(&format!("did you mean {key:?}?"));
        // With two letters one cannot tell which one is wrong.
        assert!(is_named || key.len() <= 2, "{problems:?}");
    }
}

#[test]
fn a_mistyped_key_with_a_value_of_another_type_is_still_one_problem() {
    refused("zones = [\"entrance\"]", "zone = \"entrance\"", "there is no such key");
    refused("retention = \"13 months\"", "retentoin = 13", "there is no such key");
}

#[test]
fn a_key_of_another_world_is_answered_with_all_valid_ones() {
    let problems = read(&shop_with("[[zone]]\n", "[[zone]]\ncolour = \"red\"\n")).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(
        problems[0].to_string(),
        "F:38:1: zone \"entrance\" \"colour\": there is no such key\n    help: valid keys: id, name, quorum, evidence"
    );
}

#[test]
fn a_table_may_be_written_inline_or_with_a_header() {
    let options = "[sensor.options]\nline = \"1\"\ninvert = false\n";
    let text = shop_with("options = { line = \"1\", invert = false }\ncontrol = false\n", options);
    assert_eq!(complaints(&text), [""; 0]);
    assert_eq!(complaints(&text.replace("invert", "colour"))[0][..5], *"49:10");
}

#[test]
fn a_mistyped_table_is_one_problem() {
    for table in ["[shop]", "[store]", "[[zone]]", "[[sensor]]", "[[sign]]", "[[activity]]"] {
        let mistyped = table.replacen(']', "s]", 1);
        let told = complaints(&shop_with(&format!("{table}\n"), &format!("{mistyped}\n")));
        assert_eq!(told.len(), 1, "{told:#?}");
        assert!(told[0].contains("no such table"), "{told:?}");
    }
}

#[test]
fn a_missing_key_points_at_the_header_of_its_table() {
    let text = shop_with("retention = \"13 months\"\n", "");
    assert_eq!(complaints(&text), ["27:1 activity \"footfall\": \"retention\" is missing"]);
    let text = shop_with("balancing-test = \"LIA-1, 2026-03-02\"\n", "");
    assert_eq!(complaints(&text), ["27:1 activity \"footfall\": \"balancing-test\" is missing"]);
    let text = shop_with("address = \"aa-bb-cc-dd-ee-ff\"\n", "");
    assert_eq!(complaints(&text), ["49:1 sign \"door\": \"address\" is missing"]);
}

#[test]
fn an_empty_file_lacks_every_table_that_is_needed() {
    let told = complaints("");
    let tables = ["[shop]", "[controller]", "[broker]", "[store]", "[signage]", "[[activity]]", "[[zone]]"];
    assert_eq!(told.len(), tables.len(), "{told:#?}");
    assert!(tables.iter().all(|table| told.iter().any(|t| t.contains(table))), "{told:#?}");
}

#[test]
fn a_second_entry_of_the_same_name_is_the_wrong_one() {
    for (table, id) in [("activity", "footfall"), ("zone", "entrance"), ("sensor", "front-door"), ("sign", "door")] {
        let start = SHOP.find(&format!("[[{table}]]")).unwrap();
        let end = SHOP[start + 2..].find("\n[[").map_or(SHOP.len(), |i| start + 2 + i + 1);
        let entry = SHOP[start..end].replace("milesight/front-door", "milesight/other").replace("ee-ff", "ee-00");
        let told = complaints(&format!("{SHOP}{entry}"));
        assert_eq!(told, [format!("60:6 another {table} above has the id {id:?}")]);
    }
}

#[test]
fn two_signs_cannot_share_an_address_however_it_is_written() {
    let sign = SHOP[SHOP.find("[[sign]]").unwrap()..].replace("\"door\"", "\"till\"").replace("aa-bb", "AA:BB");
    let told = complaints(&format!("{SHOP}{}", sign.replace("-cc-dd-ee-ff", ":CC:DD:EE:FF")));
    assert_eq!(told, ["64:11 another sign above has the address \"AA:BB:CC:DD:EE:FF\""]);
}

#[test]
fn one_device_cannot_count_twice_but_its_two_lines_can() {
    let sensor =
        SHOP[SHOP.find("[[sensor]]").unwrap()..SHOP.find("[[sign]]").unwrap()].replace("\"front-door\"", "\"b\"");
    let told = complaints(&format!("{SHOP}{sensor}"));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("65:9 sensor \"b\" hears the same device as sensor \"front-door\""), "{told:?}");
    let other_line = sensor.replace("line = \"1\"", "line = \"2\"");
    assert_eq!(complaints(&format!("{SHOP}{other_line}")), [""; 0]);
}

#[test]
fn a_zone_without_a_sign_is_told_and_one_without_sensors_is_fine() {
    let zone = "[[zone]]\nid = \"till\"\nname = { pl = \"Kasa\", en = \"Till\" }\n";
    let text = format!("{SHOP}{zone}");
    assert_eq!(complaints(&text), ["60:6 zone \"till\" has no sign, so nothing in it could ever be counted"]);
    let covered = text.replace("zones = [\"entrance\"]", "zones = [\"entrance\", \"till\"]");
    assert_eq!(complaints(&covered), [""; 0]);
}

#[test]
fn the_shop_may_say_when_it_is_empty() {
    let reset = |value: &str| {
        let languages = "languages = [\"pl\", \"en\"]";
        shop_with(languages, &format!("{languages}\noccupancy-reset = {value}"))
    };
    assert_eq!(read(&reset("\"05:30\"")).unwrap().shop.occupancy_reset, jiff::civil::time(5, 30, 0, 0));
    assert!(SAMPLE.lines().any(|line| line == "occupancy-reset = \"04:00\""), "the sample shows the default");
    for wrong in ["\"24:00\"", "\"5:30\"", "\"05:60\"", "\"05:30:10\"", "\"+5:30\"", "\"4 am\""] {
        let problems = read(&reset(wrong)).unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:?}");
        let help = "write hours and minutes in double quotes, 00:00 to 23:59, as in \"04:00\"";
        assert_eq!(
            problems[0].to_string(),
            format!("F:6:19: [shop] occupancy-reset: {wrong} is no time of day\n    help: {help}")
        );
    }
    let told = complaints(&reset("04:00:00"));
    assert_eq!(told, ["6:19 [shop] occupancy-reset: is a date or time, where a time of day belongs"]);
}

/// The good shop with these opening hours.
fn open_at(hours: &str) -> String {
    let languages = "languages = [\"pl\", \"en\"]";
    shop_with(languages, &format!("{languages}\nopening-hours = {hours}"))
}

#[test]
fn opening_hours_are_days_and_times_of_the_week() {
    let said = r#"["Mon-Fri 08:00-20:00", "sat 09:00-14:00", "Sat 16:00-18:30", "Sun-Sun 20:00-02:00"]"#;
    let hours = read(&open_at(said)).unwrap().shop.opening_hours;
    let told: Vec<_> = hours.iter().map(|o| format!("{:?} {} {}", o.day, o.from, o.to)).collect();
    assert_eq!(told[0], "Monday 08:00:00 20:00:00");
    let rest = ["Saturday 09:00:00 14:00:00", "Saturday 16:00:00 18:30:00", "Sunday 20:00:00 02:00:00"];
    assert_eq!((told.len(), &told[5..]), (8, rest.map(str::to_owned).as_slice()));
    let across = read(&open_at(r#"["Sat-Mon 08:00-24:00"]"#)).unwrap().shop.opening_hours;
    let days: Vec<_> = across.iter().map(|o| (o.day, o.to)).collect();
    let midnight = jiff::civil::Time::midnight();
    assert_eq!(days, [Weekday::Saturday, Weekday::Sunday, Weekday::Monday].map(|day| (day, midnight)));
    assert_eq!(read(SHOP).unwrap().shop.opening_hours, [], "always open");
    let whole_week = read(&open_at(r#"["Mon-Sun 00:00-24:00"]"#)).unwrap().shop.opening_hours;
    assert_eq!(whole_week.len(), 7);
    assert!(SAMPLE.lines().any(|line| line.starts_with("# opening-hours = [")), "the sample shows them");
}

#[test]
fn wrong_opening_hours_are_told_at_their_place_with_what_would_be_right() {
    let form = "write days and hours, as in \"Mon-Fri 08:00-20:00\" or \"Sat 09:00-14:00\"; past midnight as in \
                \"Fri 20:00-02:00\", a whole day as in \"Sun 00:00-24:00\"";
    let days = "days: Mon, Tue, Wed, Thu, Fri, Sat, Sun";
    for (wrong, what, help) in [
        ("\"Mon-Fri\"", "\"Mon-Fri\" names no days and hours", form.to_owned()),
        ("\"08:00-20:00\"", "\"08:00-20:00\" names no days and hours", form.to_owned()),
        ("\"Mon 08:00\"", "\"Mon 08:00\" names no days and hours", form.to_owned()),
        ("\"Mon 8:00-20:00\"", "\"8:00\" is no time of day", form.to_owned()),
        ("\"Mon 24:00-08:00\"", "\"24:00\" is no time of day", form.to_owned()),
        ("\"Mon 08:00-12:00, 13:00-18:00\"", "\"12:00, 13:00-18:00\" is no time of day", form.to_owned()),
        ("\"Mon-Fry 08:00-20:00\"", "\"Fry\" is no day of the week", format!("did you mean \"Fri\"? {days}")),
        ("\"pn-pt 08:00-20:00\"", "\"pn\" is no day of the week", days.to_owned()),
        (
            "\"Mon 08:00-08:00\"",
            "\"Mon 08:00-08:00\" ends when it begins",
            "write the hour at which the shop closes; a whole day is written 00:00-24:00".to_owned(),
        ),
        ("8", "holds a whole number, where a text belongs", form.to_owned()),
    ] {
        let problems = read(&open_at(&format!("[\"Sun 10:00-14:00\", {wrong}]"))).unwrap_err();
        let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(told, [format!("F:6:37: [shop] opening-hours: {what}\n    help: {help}")]);
    }
    assert_eq!(complaints(&open_at("[]")), ["6:17 [shop] opening-hours: is an empty list"]);
    assert_eq!(
        complaints(&open_at("\"Mon 08:00-20:00\"")),
        ["6:17 [shop] opening-hours: is a text, where a list belongs"]
    );
}

#[test]
fn two_entries_do_not_open_the_shop_at_the_same_time() {
    let what = "opens the shop in hours that an entry before it names already";
    for (first, second) in [
        ("Mon-Fri 08:00-20:00", "Fri 19:59-21:00"),
        ("Fri 20:00-02:00", "Sat 01:00-03:00"),
        ("Mon 00:00-01:00", "Sun 20:00-02:00"),
        ("Mon-Sun 00:00-24:00", "Wed 10:00-11:00"),
    ] {
        let told = complaints(&open_at(&format!("[{first:?}, {second:?}]")));
        assert_eq!(told, [format!("6:{} [shop] opening-hours: {what}", 22 + first.len())], "{first}, {second}");
    }
    for beside in ["[\"Fri 08:00-20:00\", \"Fri 20:00-02:00\"]", "[\"Fri 20:00-02:00\", \"Sat 02:00-03:00\"]"] {
        assert_eq!(complaints(&open_at(beside)), [""; 0], "{beside}");
    }
}

/// The good shop with a hall behind the entrance and a door between them.
const HALL: &str = r#"[[zone]]
id = "hall"
name = { pl = "Hala", en = "Hall" }
[[sensor]]
id = "inner-door"
zone = "hall"
from = "entrance"
activity = "footfall"
class = "tof"
profile = "milesight"
topic = "milesight/inner-door"
"#;

fn shop_with_hall(from: &str, to: &str) -> String {
    assert_eq!(HALL.matches(from).count(), 1, "{from} stands once");
    shop_with("zones = [\"entrance\"]", "zones = [\"entrance\", \"hall\"]") + &HALL.replace(from, to)
}

#[test]
fn a_door_between_two_zones_says_where_people_come_from() {
    let config = read(&shop_with_hall("tof", "tof")).unwrap();
    assert_eq!(config.sensors[1].from, Some(ZoneId::new("entrance")));
    assert!(SAMPLE.lines().any(|line| line.starts_with("# from = ")), "the sample shows it");
}

#[test]
fn a_door_that_leads_nowhere_or_counts_nobody_is_told() {
    let presence = "id = \"inner-door\"\nzone = \"hall\"\nfrom = \"entrance\"\nactivity = \"browsing\"";
    let browsing = SHOP[SHOP.find("[[activity]]").unwrap()..SHOP.find("[[zone]]").unwrap()]
        .replace("footfall", "browsing")
        .replace("people-counting", "presence");
    let said = "id = \"inner-door\"\nzone = \"hall\"\nfrom = \"entrance\"\nactivity = \"footfall\"";
    for (text, expected) in [
        (
            shop_with_hall("from = \"entrance\"", "from = \"entrence\""),
            "65:8 sensor \"inner-door\" names zone \"entrence\", which is not configured",
        ),
        (
            shop_with_hall("from = \"entrance\"", "from = \"hall\""),
            "65:8 sensor \"inner-door\" leads from zone \"hall\" into itself",
        ),
        (
            shop_with_hall(said, presence) + &browsing,
            "65:8 sensor \"inner-door\" says from = \"entrance\", but its activity is of kind \"presence\", which counts nobody \
             through a door",
        ),
        (shop_with_hall("from = \"entrance\"", "from = 3"), "65:8 sensor \"inner-door\" from: is a whole number"),
    ] {
        let told = complaints(&text);
        assert_eq!(told.len(), 1, "{told:#?}");
        assert!(told[0].starts_with(expected), "{told:?}");
    }
}

#[test]
fn a_security_recorder_is_not_switched_by_visitors() {
    let cctv = shop_with("kind = \"people-counting\"", "kind = \"cctv\"").replace("\"tof\"", "\"cctv\"");
    let told = complaints(&cctv);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("35:13 activity \"footfall\" objection: a security recorder"), "{told:?}");
    let config = read(&cctv.replace("objection = true\n", "")).unwrap();
    assert!(!config.activities[0].objection);
}

#[test]
fn observing_without_a_notice_is_for_beams() {
    let text = shop_with("interlock = \"enforce\"", "interlock = \"observe\"").replace("\"tof\"", "\"beam\"");
    assert_eq!(read(&text).unwrap().activities[0].interlock.word(), "observe");
}

#[test]
fn another_legal_basis_needs_no_interest_and_no_balancing_test() {
    let text = shop_with("legal-basis = \"legitimate-interest\"", "legal-basis = \"public-task\"");
    let is_of_interest = |line: &&str| !line.starts_with("interest") && !line.starts_with("balancing-test");
    let text: String = text.split_inclusive('\n').filter(is_of_interest).collect();
    assert_eq!(complaints(&text), [""; 0]);
}

#[test]
fn tls_and_its_authority_come_together() {
    let without = complaints(&shop_with("ca-file = \"/etc/noticed/ca.pem\"\n", ""));
    assert_eq!(without.len(), 1);
    assert!(without[0].starts_with("13:7 [broker] url: mqtts:// needs ca-file"), "{without:?}");
    let plain = complaints(&shop_with("mqtts://", "mqtt://"));
    assert!(plain[0].starts_with("14:11 [broker] ca-file: is given, but"), "{plain:?}");
    let nameless = complaints(&shop_with("username = \"noticed\"\n", ""));
    assert!(nameless[0].starts_with("15:1 [broker] password-file: stands without username"), "{nameless:?}");
}

#[test]
fn a_secret_in_the_file_is_never_repeated() {
    for line in [
        "password = \"hunter2\"",
        "password = hunter2",
        "Pass = \"hunter2\"",
        "api_token = \"hunter2\"",
        "secret = [\"hunter2\"]",
        "key = \"hunter2\"\nkey = \"hunter2\"",
        "password = \"hunter2",
        "url = \"mqtt://me:hunter2@h\"",
        "url = \"mqtt://me:hunter2\"",
        "url = \"mqtt://h?password=hunter2\"",
        "ca-file = \"hunter2\\u0000\"",
        "password-file = \"\\u0000hunter2\"",
    ] {
        let text = shop_with("[broker]\n", &format!("[broker]\n{line}\n"));
        let problems = parse("F", &text, &Catalogue::builtin()).unwrap_err();
        let printed = format!("{problems} {} {problems:?}", serde_json::to_string(&problems).unwrap());
        assert!(!printed.contains("hunter2"), "{line}: {printed}");
        assert!(problems.problems.iter().any(|p| p.line == 13), "{line}: {printed}");
    }
}

#[test]
fn a_password_is_answered_with_the_place_where_it_belongs() {
    let problems = read(&shop_with("[broker]\n", "[broker]\npassword = \"hunter2\"\n")).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].what, "[broker] \"password\": secrets do not live in this file");
    assert!(problems[0].help.as_ref().unwrap().contains("password-file"));
    let misspelt = read(&shop_with("password-file =", "password_file =")).unwrap_err();
    assert!(misspelt[0].help.as_ref().unwrap().starts_with("did you mean \"password-file\"?"), "{misspelt:?}");
}

#[test]
fn an_option_that_the_profile_does_not_know_points_at_the_option() {
    let told = complaints(&shop_with("invert = false", "colour = \"red\""));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("47:34 sensor \"front-door\""), "{told:?}");
}

#[test]
fn single_and_double_brackets_are_told_apart_without_losing_what_they_hold() {
    let told = complaints(&shop_with("[[zone]]", "[zone]"));
    assert_eq!(told, ["37:1 [zone]: there may be several of these"]);
    let told = complaints(&shop_with("[store]", "[[store]]"));
    assert_eq!(told, ["17:1 [[store]]: this table stands only once"]);
    let told = complaints(&format!("zone = 1\n{}", shop_with("[[zone]]\nid = \"entrance\"\nname = {", "#{")));
    assert!(told.iter().any(|t| t == "1:8 zone: is a whole number, where a table belongs"), "{told:?}");
}

#[test]
fn a_hurt_line_is_one_problem_and_everything_else_is_still_checked() {
    let text = shop_with("bucket = \"15 min\"", "bucket \"15 min\"").replace("\"entrance\"]", "\"entrence\"]");
    let text = text.replace("\"front-door\"\nzone", "\"front-door\nzone").replace("[[activity]]", "[[activity]");
    let lines: Vec<usize> = read(&text).unwrap_err().iter().map(|p| p.line).collect();
    assert_eq!(lines, [20, 27, 41, 51]);
}

#[test]
fn others_must_not_rewrite_the_file_or_read_the_secrets_it_names() {
    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("store.key");
    let file = dir.path().join("noticed.toml");
    fs::write(&key, "k").unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(&file, shop_with("/etc/noticed/store.key", key.to_str().unwrap())).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
    let places = || {
        let problems = load(&file, &Catalogue::builtin()).map_err(|problems| problems.problems);
        problems.err().unwrap_or_default().iter().map(|p| (p.line, p.column)).collect::<Vec<_>>()
    };
    assert_eq!(places(), [(1, 1), (19, 12)]);

    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(places(), []);

    fs::remove_file(&key).unwrap();
    assert_eq!(places(), [], "a key that is not there is missed by the store");
}

#[test]
fn a_file_that_cannot_be_read_is_a_problem_of_its_first_line() {
    let dir = tempfile::tempdir().unwrap();
    let what = |name: &str| load(&dir.path().join(name), &Catalogue::builtin()).unwrap_err().problems[0].clone();
    assert!(what("absent.toml").what.starts_with("cannot be opened"));
    assert!(what("").what.starts_with("cannot be read"));

    fs::write(dir.path().join("huge.toml"), vec![b'#'; 256 * 1024 + 1]).unwrap();
    assert_eq!(what("huge.toml").what, "is larger than 256 KiB");

    fs::write(dir.path().join("latin2.toml"), b"[shop]\nname = \"Pozna\xf1\"\n").unwrap();
    assert_eq!((what("latin2.toml").line, what("latin2.toml").column), (2, 14));
}

#[test]
fn profiles_beside_the_file_are_added_and_a_bad_one_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let mut catalogue = Catalogue::builtin();
    assert_eq!(load_profiles(&dir.path().join("absent"), &mut catalogue), []);

    fs::write(dir.path().join("broken.toml"), "x").unwrap();
    fs::write(dir.path().join("huge.toml"), vec![b'#'; 64 * 1024 + 1]).unwrap();
    fs::write(dir.path().join("readme.txt"), "x").unwrap();
    let problems = load_profiles(dir.path(), &mut catalogue);
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].file.ends_with("broken.toml"));
    assert_eq!(problems[1].what, "is larger than 64 KiB");
}

/// Pieces that TOML and our keys are made of, so that chance gets past the first line.
fn piece() -> impl Strategy<Value = String> {
    let pieces = [
        "[",
        "]",
        "[[",
        "]]",
        "{",
        "}",
        "=",
        ".",
        ",",
        "\n",
        "\r\n",
        " ",
        "\"",
        "'",
        "\"\"\"",
        "'''",
        "#",
        "\\",
        "1",
        "ż",
        "\u{0}",
        "true",
        "15 min",
        "[shop]\n",
        "[[sign]]\n",
        "[[zone]]\nid = \"a\"\n",
        "[sensor.options]\n",
        "id = ",
        "zones = [\"a\", ",
        "options = {",
        "refresh = \"2 h\"\n",
        "sign",
        "address = \"aa:bb\"\n",
        "0x1F",
        "1979-05-27",
        "inf",
    ];
    prop_oneof![8 => proptest::sample::select(pieces.to_vec()).prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)]
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(pieces in proptest::collection::vec(piece(), 0..40)) {
        let text = pieces.concat();
        let lines = text.matches('\n').count() + 1;
        let problems = read(&text).unwrap_err();
        prop_assert!(problems.iter().all(|p| (1..=lines).contains(&p.line) && p.column >= 1), "{problems:?}");
    }

    #[test]
    fn a_good_file_with_anything_in_it_is_read_or_refused_without_panic(
        at in 0..SHOP.len(), cut in 0..30usize, pieces in proptest::collection::vec(piece(), 0..4),
    ) {
        let boundary = |mut i: usize| { while !SHOP.is_char_boundary(i) { i -= 1; } i };
        let (start, end) = (boundary(at), boundary((at + cut).min(SHOP.len())));
        let text = format!("{}{}{}", &SHOP[..start], pieces.concat(), &SHOP[end..]);
        let _ = read(&text);
    }
}

#[test]
fn a_zone_can_wait_for_as_many_signs_as_cover_it_and_no_more() {
    let zone = |more: &str| shop_with("id = \"entrance\"\nname", &format!("id = \"entrance\"\n{more}\nname"));
    let told = |more: &str| read(&zone(more)).map(|config| (config.zones[0].quorum, config.zones[0].evidence));
    assert_eq!(told("").unwrap(), (1, Evidence::Confirmed));
    assert_eq!(told("quorum = 1\nevidence = \"sighted\"").unwrap(), (1, Evidence::Sighted));
    for (said, what) in [
        ("quorum = 2", "zone \"entrance\" waits for 2 signs, but only one sign covers it"),
        ("quorum = 0", "zone \"entrance\" quorum: is 0: without a sign that shows the notice nothing may be counted"),
        ("quorum = \"1\"", "zone \"entrance\" quorum: is a text, where a whole number from 1 belongs"),
        ("evidence = \"fetched\"", "zone \"entrance\" evidence: \"fetched\" is not known here"),
    ] {
        let told = complaints(&zone(said));
        assert!(told.len() == 1 && told[0].ends_with(what), "{told:?}");
    }
}
