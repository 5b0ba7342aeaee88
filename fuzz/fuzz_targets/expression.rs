//! Any text as an expression, over any payload: it is refused, or it ends soon and yields what is documented.
//!
//! Input: one byte says how the payload is read, then the expression up to a zero byte; the rest is the payload. Every variable
//! that is named is an option, so that the expressions of the shipped profiles are good beginnings.

#![no_main]

use std::collections::{BTreeMap, BTreeSet};

use libfuzzer_sys::fuzz_target;
use noticed::device::binding::{Binding, OptionValue};
use noticed::device::catalog::Catalogue;
use noticed_fuzz::{SAMPLES, decode_within_bounds, files, plant};

/// How a payload may be read.
const KINDS: [&str; 4] = ["json", "text", "either", "bytes"];

/// Values of options: a pointer, a name, a zone, a number.
const VALUES: [&str; 4] = ["/in", "a", "Europe/Warsaw", "1"];

fuzz_target!(init: plant("expression", seeds()), |data: &[u8]| {
    let [kind, rest @ ..] = data else { return };
    let end = rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len());
    let Ok(expression) = std::str::from_utf8(&rest[..end]) else { return };
    let payload = rest.get(end + 1..).unwrap_or_default();
    let names = variables(expression);
    let mut catalogue = Catalogue::empty();
    if catalogue.add("x.toml", &profile(KINDS[usize::from(kind % 4)], &names, expression)).is_err() {
        return;
    }
    let value = |n: usize| OptionValue::Text(VALUES[(n + usize::from(kind / 4)) % VALUES.len()].to_owned());
    let options: BTreeMap<_, _> = names.into_iter().enumerate().map(|(n, name)| (name, value(n))).collect();
    let Ok(binding) = Binding::new(catalogue.get("x").expect("it was added"), "a", &options) else { return };
    decode_within_bounds(&binding, "a", payload, false);
    decode_within_bounds(&binding, "a", br#"{"in":[1,2.5,-3,"4","2026-03-02T10:00:00Z",null,true,{"a":"x"}]}"#, false);
});

fn profile(kind: &str, names: &BTreeSet<String>, expression: &str) -> String {
    // Texts of JSON are texts of TOML, but for one control character.
    let expression = serde_json::Value::from(expression).to_string().replace('\u{7f}', "\\u007f");
    let options: String = names.iter().map(|name| format!("[option.{name}]\nkind=\"text\"\nhelp=\"x\"\n")).collect();
    format!(
        "title=\"x\"\ntopic=\"x\"\nsubscribe=[\"{{topic}}\"]\npayload-limit=65536\n{options}[example]\ntopic=\"a\"\n\
         [[rule]]\ntopic=\"{{topic}}\"\nretain=\"state\"\npayload=\"{kind}\"\nreadings={expression}\n"
    )
}

/// Names of options that `expression` may mean by its variables; those that it binds itself do no harm.
fn variables(expression: &str) -> BTreeSet<String> {
    let name =
        |text: &str| -> String { text.chars().take_while(|c| matches!(c, 'a'..='z' | '0'..='9' | '_')).collect() };
    let names = expression.split('$').skip(1).map(name).map(|name| name.replace('_', "-"));
    let taken = ["topic", "parent", "name", "first", "options", ""];
    names.filter(|name| !taken.contains(&name.as_str())).take(16).collect()
}

fn seeds() -> Vec<Vec<u8>> {
    let of_file = |(file, text): (String, String)| {
        let name = file.trim_end_matches(".toml").to_owned();
        let payloads: Vec<_> = SAMPLES.iter().filter(|s| s.profile == name).map(|s| s.payload.clone()).collect();
        let expressions: Vec<_> = text.split("'''").skip(1).step_by(2).map(str::to_owned).collect();
        let pairs = expressions
            .into_iter()
            .flat_map(move |e| payloads.clone().into_iter().take(6).map(move |p| (e.clone(), p)));
        pairs.map(|(e, p)| [&[2], e.as_bytes(), &[0], p.as_bytes()].concat()).collect::<Vec<_>>()
    };
    files("config/profiles").into_iter().flat_map(of_file).collect()
}
