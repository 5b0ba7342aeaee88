//! `noticed discover` on a broker where every family speaks at once.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use noticed::device::cases::Cases;
use noticed::device::catalog::Catalogue;

use crate::shop::{Shop, program};

/// Families whose topic an installer chooses: a technician points at it.
const POINTED: &[&str] = &["milesight", "terabee", "xovis"];

/// Families that nothing in a message tells from others, and one whose topics hold the addresses of telephones.
const UNRECOGNISED: &[&str] = &["json", "text", "theengs"];

/// How long to listen; every message is sent several times meanwhile.
const SECONDS: &str = "6";

#[test]
fn every_family_is_found_and_its_toml_holds() {
    let shop = Shop::new("");
    let _broker = shop.start_broker();
    let catalogue = Catalogue::builtin();
    let (mut messages, mut pointed) = (Vec::new(), BTreeSet::new());
    for name in catalogue.names() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/profiles/{name}.toml"));
        let cases = Cases::parse(&std::fs::read_to_string(file).unwrap()).unwrap();
        let heard = cases.messages(catalogue.get(name).unwrap());
        if POINTED.contains(&name) {
            pointed.extend(heard.iter().map(|(_, topic, _)| (*topic).to_owned()));
        }
        messages.extend(heard.into_iter().map(|(_, topic, payload)| (topic.to_owned(), payload.to_owned())));
    }
    let config = shop.config();
    let mut discover = Command::new(program());
    discover.args(["discover", "--seconds", SECONDS, "--config"]).arg(&config).args(&pointed);
    let mut running = discover.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let sent: Vec<_> = messages.iter().map(|(topic, payload)| (&**topic, &**payload)).collect();
    while running.try_wait().unwrap().is_none() {
        shop.publish(&sent);
    }
    let output = running.wait_with_output().unwrap();
    let toml = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for name in catalogue.names().into_iter().filter(|name| !UNRECOGNISED.contains(name)) {
        assert!(toml.contains(&format!("profile = \"{name}\"")), "{name} is missing from\n{toml}");
    }
    let mut all = std::fs::read_to_string(&config).unwrap();
    all.push_str(&toml);
    std::fs::write(&config, all).unwrap();
    let check = shop.noticed(&["check"]);
    assert!(check.status.success(), "{}\n{toml}", String::from_utf8_lossy(&check.stderr));
}

#[test]
fn a_broker_that_is_not_there_is_told_with_its_address() {
    let shop = Shop::new("");
    let output = shop.noticed(&["discover", "--seconds", "5"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(&shop.broker.to_string()), "{said}");
}
