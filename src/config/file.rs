//! What the TOML says: every table and key, read and checked one value at a time.
//!
//! Whatever could not be read is `None` and already told; [`super::check`] looks at how the rest fits together.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::Time;
use toml::de::DeValue;

use super::button::ButtonSaid;
use super::entry::{ActivitySaid, SensorSaid, ZoneSaid};
use super::findings::{Findings, Placed, quoted};
use super::hours::opening_hours;
use super::law::Answer;
use super::read::Table;
use super::rule::{self, Fault};
use super::sign::SignSaid;
use super::{Broker, Controller, ObjectionRules, Operator, Shop, Signage, Store};
use crate::domain::text::{Language, Texts};
use crate::notice::wording::Wordings;

/// Longest and shortest time that a counted passing waits for its commit: below, an SD card wears; above, a power cut leaves
/// too much to be delivered again.
const COMMIT_INTERVAL: std::ops::RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(60);

/// Nearly every shop is empty then, and its clocks are never changed at that hour.
const OCCUPANCY_RESET: Time = jiff::civil::time(4, 0, 0, 0);

const ROOT: &[&str] = &[
    "shop",
    "controller",
    "broker",
    "store",
    "signage",
    "operator",
    "objection",
    "activity",
    "zone",
    "sensor",
    "button",
    "sign",
];

/// The file, as far as it could be read.
pub(super) struct Said {
    pub(super) shop: Option<Shop>,
    pub(super) controller: Option<Controller>,
    /// What was said of the controller, key by key.
    pub(super) controller_answers: Vec<Answer>,
    pub(super) broker: Option<Broker>,
    pub(super) store: Option<Store>,
    pub(super) signage: Option<Signage>,
    pub(super) operator: Option<Operator>,
    pub(super) objection: Option<ObjectionRules>,
    pub(super) activities: Vec<ActivitySaid>,
    pub(super) zones: Vec<ZoneSaid>,
    pub(super) sensors: Vec<SensorSaid>,
    pub(super) buttons: Vec<ButtonSaid>,
    pub(super) signs: Vec<SignSaid>,
    /// Where files with secrets are named, and under which key.
    pub(super) secret_files: Vec<(&'static str, Placed<PathBuf>)>,
}

impl Said {
    pub(super) fn read<'t>(findings: &'t Findings, tree: &'t toml::de::DeTable<'t>, wordings: &Wordings) -> Self {
        let root = Table::new(findings, "top level".to_owned(), 0, tree, ROOT);
        let worded = wordings.languages();
        let (shop, languages) = shop(&root, &worded);
        let mut secret_files = Vec::new();
        let broker = broker(&root, &mut secret_files);
        let store = store(&root, &mut secret_files);
        let (signage, operator) = listeners(&root);
        let (controller, controller_answers) = controller(&root, &languages, wordings);
        Self {
            controller,
            controller_answers,
            activities: ActivitySaid::read_each(&root, &languages),
            zones: ZoneSaid::read_each(&root, &languages),
            sensors: SensorSaid::read_each(&root),
            buttons: ButtonSaid::read_each(&root),
            objection: ObjectionRules::read(&root),
            signs: SignSaid::read_each(&root, &languages, &worded),
            shop,
            broker,
            store,
            signage,
            operator,
            secret_files,
        }
    }
}

fn shop(root: &Table<'_>, worded: &[Language]) -> (Option<Shop>, Vec<Language>) {
    let keys = &["id", "name", "time-zone", "languages", "occupancy-reset", "opening-hours"];
    let Some(table) = root.one("shop", keys) else { return (None, Vec::new()) };
    let id = id(&table);
    let name = table.required("name", "\"Sklep Zielony\"", rule::text);
    let time_zone = table.required("time-zone", "\"Europe/Warsaw\"", rule::time_zone);
    let languages = languages(&table, worded);
    let occupancy_reset = table.or("occupancy-reset", OCCUPANCY_RESET, rule::time_of_day);
    let opening_hours = opening_hours(&table);
    let shop = (|| {
        Some(Shop {
            id: id?.value,
            name: name?.value,
            time_zone: time_zone?.value,
            languages: languages.clone(),
            occupancy_reset: occupancy_reset?,
            opening_hours: opening_hours?,
        })
    })();
    (shop, languages)
}

fn languages(table: &Table<'_>, worded: &[Language]) -> Vec<Language> {
    let mut languages: Vec<Language> = Vec::new();
    for code in list(table, "languages", "[\"pl\", \"en\"]") {
        match rule::language(worded)(code.value) {
            Ok(language) if languages.contains(&language) => {
                table.tell(code.at, "languages", Fault::new(format!("\"{language}\" stands twice"), "name it once"));
            }
            Ok(language) => languages.push(language),
            Err(fault) => table.tell(code.at, "languages", fault),
        }
    }
    languages
}

fn controller(root: &Table<'_>, languages: &[Language], wordings: &Wordings) -> (Option<Controller>, Vec<Answer>) {
    let keys = &["name", "address", "contact", "dpo", "offline-notice"];
    let Some(table) = root.one("controller", keys) else { return (None, Vec::new()) };
    let name = table.required("name", "\"Zielony sp. z o.o.\" (full legal name)", rule::text);
    let address = table.required("address", "\"ul. Polna 1, 60-001 Poznań\"", rule::text);
    let contact = table.required("contact", "\"rodo@example.pl\" (an e-mail address or telephone number)", rule::text);
    let dpo = table.required("dpo", "\"iod@example.pl\", or \"none\" where no officer is designated", rule::text);
    let offline_notice = match table.key_at("offline-notice") {
        Some(_) => texts(&table, "offline-notice", "", languages),
        None => Some(offline_notice_default(languages, wordings)),
    };
    let fields = ["controller.name", "controller.address", "controller.contact", "controller.dpo"];
    let answers = fields.into_iter().zip([&name, &address, &contact, &dpo]);
    let answers = answers.filter_map(|(field, answer)| Some((field, answer.clone()?))).collect();
    let controller = (|| {
        Some(Controller {
            name: name?.value,
            address: address?.value,
            contact: contact?.value,
            dpo: dpo.map(|dpo| Some(dpo.value).filter(|dpo| dpo != "none"))?,
            offline_notice: offline_notice?,
        })
    })();
    (controller, answers)
}

fn offline_notice_default(languages: &[Language], wordings: &Wordings) -> Texts {
    Texts(languages.iter().map(|language| (*language, wordings.offline_notice(*language).to_owned())).collect())
}

fn broker(root: &Table<'_>, secret_files: &mut Vec<(&'static str, Placed<PathBuf>)>) -> Option<Broker> {
    let table = root.one("broker", &["url", "ca-file", "username", "password-file"])?;
    let url = table.required("url", "\"mqtt://127.0.0.1:1883\"", rule::broker_url);
    let ca_file = table.optional("ca-file", rule::path);
    let username = table.optional("username", rule::text);
    let password_file = table.optional("password-file", rule::path);
    if let Some(url) = &url {
        fit_tls(&table, url, ca_file.as_ref());
    }
    if let (None, Some(at)) = (table.key_at("username"), table.key_at("password-file")) {
        let fault = Fault::new("stands without username, and MQTT 3.1.1 has no password without one", "add username");
        table.tell(at, "password-file", fault);
    }
    secret_files.extend(password_file.clone().map(|path| ("[broker] password-file", path)));
    let (host, port, tls) = url?.value;
    let (ca_file, password_file) = (ca_file.map(|path| path.value), password_file.map(|path| path.value));
    Some(Broker { host, port, tls, ca_file, username: username.map(|name| name.value), password_file })
}

fn fit_tls(table: &Table<'_>, url: &Placed<(String, u16, bool)>, ca_file: Option<&Placed<PathBuf>>) {
    let tls = url.value.2;
    if tls && table.key_at("ca-file").is_none() && !table.findings.is_torn("ca-file") {
        let what = "mqtts:// needs ca-file, the authority that signed the broker's certificate";
        table.tell(url.at, "url", Fault::new(what, "add ca-file = \"/etc/noticed/broker-ca.pem\""));
    }
    if let (false, Some(ca_file)) = (tls, ca_file) {
        let what = "is given, but the url starts with mqtt://, which is not encrypted";
        table.tell(ca_file.at, "ca-file", Fault::new(what, "write mqtts:// in the url, or remove ca-file"));
    }
}

fn store(root: &Table<'_>, secret_files: &mut Vec<(&'static str, Placed<PathBuf>)>) -> Option<Store> {
    let table = root.one("store", &["path", "key-file", "bucket", "commit-interval"])?;
    let path = table.required("path", "\"/var/lib/noticed/store.db\"", rule::path);
    let key_file = table.optional("key-file", rule::path);
    let bucket = table.or("bucket", Duration::from_secs(15 * 60), rule::bucket);
    let commit_interval = table.or("commit-interval", Duration::from_secs(1), rule::duration(COMMIT_INTERVAL));
    if let (Some(bucket), Some(commit_interval)) = (bucket, commit_interval)
        && commit_interval > bucket
    {
        let at = table.raw("commit-interval").map_or(table.at, |(_, at)| at);
        let help = "commit at least once in each bucket";
        table.tell(at, "commit-interval", Fault::new("is longer than the bucket", help));
    }
    secret_files.extend(key_file.clone().map(|path| ("[store] key-file", path)));
    Some(Store {
        path: path?.value,
        key_file: key_file.map(|path| path.value),
        bucket: bucket?,
        commit_interval: commit_interval?,
    })
}

fn listeners(root: &Table<'_>) -> (Option<Signage>, Option<Operator>) {
    let default = |port| SocketAddr::from(([0, 0, 0, 0], port));
    let signage = root.one("signage", &["listen", "public-url"]);
    let signage = signage.and_then(|table| {
        let listen = table.or("listen", default(8080), rule::listen);
        let public_url = table.required("public-url", "\"http://192.168.1.10:8080\"", rule::public_url);
        Some(Signage { listen: listen?, public_url: public_url?.value })
    });
    let inside = SocketAddr::from(([127, 0, 0, 1], 8081));
    if root.raw("operator").is_none() {
        return (signage, Some(Operator { listen: inside }));
    }
    let operator = root.one("operator", &["listen"]).and_then(|table| {
        let listen = table.or("listen", inside, rule::listen_inside)?;
        if let Some(signage) = &signage
            && share_a_port(signage.listen, listen)
        {
            let at = table.raw("listen").map_or(table.at, |(_, at)| at);
            let what = format!("port {} is already taken by [signage] listen", listen.port());
            table.tell(at, "listen", Fault::new(what, "give each listener its own port"));
        }
        Some(Operator { listen })
    });
    (signage, operator)
}

/// Port 0 lets the system choose, so it never collides.
fn share_a_port(signage: SocketAddr, operator: SocketAddr) -> bool {
    let same_ip = signage.ip() == operator.ip() || signage.ip().is_unspecified();
    signage.port() != 0 && signage.port() == operator.port() && same_ip
}

/// The id of a table. A name that cannot be an id is told and given all the same, because others refer to it.
pub(super) fn id(table: &Table<'_>) -> Option<Placed<String>> {
    let id = table.required("id", "\"front-door\" (a short name of your choice)", rule::name)?;
    if let Err(fault) = rule::valid_id(&id.value) {
        table.tell(id.at, "id", fault);
    }
    Some(id)
}

/// The values of a list that holds at least one.
pub(super) fn list<'t>(table: &Table<'t>, key: &str, example: &str) -> Vec<Placed<&'t DeValue<'t>>> {
    let Some((value, at)) = table.raw(key) else {
        table.missing(key, example);
        return Vec::new();
    };
    let Some(list) = value.as_array() else {
        let what = format!("is {}, where a list belongs", rule::kind(value));
        table.tell(at, key, Fault::new(what, format!("write a list in square brackets, as in {example}")));
        return Vec::new();
    };
    if list.is_empty() {
        table.tell(at, key, Fault::new("is an empty list", format!("name at least one, as in {example}")));
    }
    list.iter().map(|value| Placed { value: value.get_ref(), at: value.span().start }).collect()
}

/// A sentence in each of the shop's languages.
pub(super) fn texts(table: &Table<'_>, key: &'static str, example: &str, languages: &[Language]) -> Option<Texts> {
    let Some((value, at)) = table.raw(key) else {
        table.missing(key, example);
        return None;
    };
    let DeValue::Table(entries) = value else {
        let what = format!("is {}, where one text for each language belongs", rule::kind(value));
        table.tell(at, key, Fault::new(what, "write it as in { pl = \"Wejście\", en = \"Entrance\" }"));
        return None;
    };
    let mut texts = Texts::default();
    for (code, value) in entries {
        let Some(language) = shop_language(table, key, code.get_ref(), code.span().start, languages) else { continue };
        texts.0.insert(language, String::new());
        match rule::text(value.get_ref()) {
            Ok(text) => drop(texts.0.insert(language, text)),
            Err(fault) => table.tell(value.span().start, key, fault),
        }
    }
    // A text under a mistyped language is already told; it is not missing as well.
    let missing = languages.iter().filter(|language| texts.get(**language).is_none() && entries.len() == texts.0.len());
    for language in missing {
        let what = format!("there is no text in \"{language}\", a language of the shop");
        table.tell(at, key, Fault::new(what, format!("add {language} = \"…\", or remove it from [shop] languages")));
    }
    Some(texts)
}

/// The language that a text is said to be in. Where the shop's languages could not be read, any is taken.
fn shop_language(table: &Table<'_>, key: &str, code: &str, at: usize, languages: &[Language]) -> Option<Language> {
    let language = Language::parse(code);
    if language.is_some_and(|language| languages.is_empty() || languages.contains(&language)) {
        return language;
    }
    let codes: Vec<&str> = languages.iter().map(Language::code).collect();
    let what = format!("{} is none of the shop's languages", quoted(code));
    table.tell(at, key, Fault::new(what, format!("languages of the shop: {}", codes.join(", "))));
    None
}
