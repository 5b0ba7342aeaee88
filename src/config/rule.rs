//! What a single value must look like. Each rule takes a TOML value and gives what it means, or says what would be right.

use std::fmt::Display;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use toml::de::DeValue;

use super::duration::{parse_duration, parse_period, write_duration};
use super::findings::quoted;
use super::nearest::suggest;
use crate::domain::activity::LegalBasis;
use crate::domain::id::{ID_MAX_BYTES, is_valid_id};
use crate::domain::text::Language;
use crate::domain::time::{Period, PeriodUnit};

/// Longest text, in characters: a sign has room for far less, and a page for no more in one sentence.
const TEXT_MAX_CHARS: usize = 500;
/// Longest MQTT topic, in bytes; profiles append their own parts to it.
const TOPIC_MAX_BYTES: usize = 256;
/// Longest retention, in years: figures of footfall older than that serve no purpose that a notice could state
/// (GDPR Art. 5(1)(e)).
const RETENTION_MAX_YEARS: u32 = 10;
/// What a rule gives.
pub(super) type Ruled<T> = Result<T, Fault>;

/// Why a value is refused.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) what: String,
    pub(super) help: Option<String>,
}

impl Fault {
    pub(super) fn new(what: impl Display, help: impl Display) -> Self {
        Self { what: what.to_string(), help: Some(help.to_string()) }
    }
}

/// A TOML type in words.
pub(super) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn wrong_type(value: &DeValue<'_>, wanted: &str, help: &str) -> Fault {
    Fault::new(format!("is {}, where {wanted} belongs", kind(value)), help)
}

fn words<'v>(value: &'v DeValue<'_>, example: &str) -> Ruled<&'v str> {
    value.as_str().ok_or_else(|| wrong_type(value, "a text", &format!("write it in double quotes, as in {example}")))
}

/// A text of one line that says something.
pub(super) fn text(value: &DeValue<'_>) -> Ruled<String> {
    let text = words(value, "\"Sklep Zielony\"")?;
    if text.trim().is_empty() {
        return Err(Fault::new("is empty", "write the text that customers or technicians are to read"));
    }
    if text.chars().any(char::is_control) {
        return Err(Fault::new("holds a line break or another control character", "write it as one line"));
    }
    if text.chars().count() > TEXT_MAX_CHARS {
        return Err(Fault::new(format!("is longer than {TEXT_MAX_CHARS} characters"), "say it shorter"));
    }
    Ok(text.trim().to_owned())
}

/// A name that is not a valid id is refused by [`valid_id`], so that others may still refer to it.
pub(super) fn name(value: &DeValue<'_>) -> Ruled<String> {
    words(value, "\"front-door\"").map(str::to_owned)
}

pub(super) fn valid_id(id: &str) -> Ruled<()> {
    if is_valid_id(id) {
        return Ok(());
    }
    let help = format!(
        "an id is at most {ID_MAX_BYTES} lower-case letters (a to z), digits, \"-\" or \"_\" and starts with a letter or digit"
    );
    Err(Fault::new(format!("{} cannot be an id", quoted(id)), help))
}

pub(super) fn boolean(value: &DeValue<'_>) -> Ruled<bool> {
    value.as_bool().ok_or_else(|| wrong_type(value, "true or false", "write true or false, without quotes"))
}

/// One of a fixed list of words.
pub(super) fn one_of<T: Copy>(choices: &[(&'static str, T)]) -> impl Fn(&DeValue<'_>) -> Ruled<T> {
    move |value| {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let word = words(value, &format!("{:?}", names.first().copied().unwrap_or_default()))?;
        let choice = choices.iter().find(|(name, _)| *name == word).map(|(_, choice)| *choice);
        choice.ok_or_else(|| Fault::new(format!("{} is not known here", quoted(word)), suggest(word, &names, "valid")))
    }
}

/// How many signs have to show a notice.
pub(super) fn quorum(value: &DeValue<'_>) -> Ruled<usize> {
    const HELP: &str = "write how many signs have to show the notice, a whole number from 1, as in quorum = 2";
    let number = value.as_integer().and_then(|number| usize::from_str_radix(number.as_str(), number.radix()).ok());
    let number = number.ok_or_else(|| wrong_type(value, "a whole number from 1", HELP))?;
    if number == 0 {
        return Err(Fault::new("is 0: without a sign that shows the notice nothing may be counted", HELP));
    }
    Ok(number)
}

/// Consent is refused with its reason: a person who only passes a door has not given any (GDPR Art. 4(11)).
pub(super) fn legal_basis(value: &DeValue<'_>) -> Ruled<LegalBasis> {
    if value.as_str() == Some("consent") {
        return Err(Fault::new(
            "\"consent\" cannot be the basis of counting passers-by: nobody gives it by walking through a door, and it \
             could not be withdrawn",
            "use \"legitimate-interest\" with interest and balancing-test, or another basis that your lawyer confirms",
        ));
    }
    one_of(LegalBasis::WORDS)(value)
}

/// A length of time within `range`.
pub(super) fn duration(range: RangeInclusive<Duration>) -> impl Fn(&DeValue<'_>) -> Ruled<Duration> {
    move |value| {
        const HELP: &str = "write a whole number and a unit: \"500 ms\", \"1 s\", \"15 min\", \"2 h\" or \"1 day\"";
        let text = value.as_str().ok_or_else(|| wrong_type(value, "a length of time", HELP))?;
        let read = parse_duration(text);
        let duration = read.ok_or_else(|| Fault::new(format!("{} is no length of time", quoted(text)), HELP))?;
        if range.contains(&duration) {
            return Ok(duration);
        }
        let (least, most) = (write_duration(*range.start()), write_duration(*range.end()));
        let side = if duration < *range.start() { "too short" } else { "too long" };
        Err(Fault::new(format!("{} is {side}", quoted(text)), format!("it may be {least} to {most}")))
    }
}

/// A bucket: whole seconds that divide a day, so that every day starts with a fresh one.
pub(super) fn bucket(value: &DeValue<'_>) -> Ruled<Duration> {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let bucket = duration(Duration::from_secs(1)..=DAY)(value)?;
    let millis = bucket.as_millis();
    if millis.is_multiple_of(1_000) && DAY.as_millis().is_multiple_of(millis) {
        return Ok(bucket);
    }
    let what = format!("\"{}\" does not divide a day", write_duration(bucket));
    Err(Fault::new(what, "use 15 min, 30 min, 1 h or another length that fits a day without a rest"))
}

pub(super) fn retention(value: &DeValue<'_>) -> Ruled<Period> {
    const HELP: &str = "write a whole number, at least 1, and a unit: \"90 days\", \"13 months\" or \"2 years\"";
    let text = value.as_str().ok_or_else(|| wrong_type(value, "a period", HELP))?;
    let period = parse_period(text).ok_or_else(|| Fault::new(format!("{} is no period", quoted(text)), HELP))?;
    let most = RETENTION_MAX_YEARS
        * match period.unit {
            PeriodUnit::Day => 366,
            PeriodUnit::Week => 53,
            PeriodUnit::Month => 12,
            PeriodUnit::Year => 1,
        };
    if period.count <= most {
        return Ok(period);
    }
    let help =
        format!("state the time for which the purpose really needs the figures, at most {RETENTION_MAX_YEARS} years");
    Err(Fault::new(format!("{} is longer than any purpose of counting can need", quoted(text)), help))
}

pub(super) fn time_zone(value: &DeValue<'_>) -> Ruled<TimeZone> {
    let name = words(value, "\"Europe/Warsaw\"")?;
    TimeZone::get(name).map_err(|_| {
        let known: Vec<String> = jiff::tz::db().available().map(|zone| zone.to_string()).collect();
        let near = super::nearest::nearest(name, known.iter().map(String::as_str));
        let help = near.map_or("write it as in \"Europe/Warsaw\"".to_owned(), |near| format!("did you mean {near:?}?"));
        Fault::new(format!("{} is no time zone", quoted(name)), help)
    })
}

/// A time of day in hours and minutes.
pub(super) fn time_of_day(value: &DeValue<'_>) -> Ruled<Time> {
    const HELP: &str = "write hours and minutes in double quotes, 00:00 to 23:59, as in \"04:00\"";
    let text = value.as_str().ok_or_else(|| wrong_type(value, "a time of day", HELP))?;
    clock(text).ok_or_else(|| Fault::new(format!("{} is no time of day", quoted(text)), HELP))
}

/// Hours and minutes as a clock shows them, two digits each.
pub(super) fn clock(text: &str) -> Option<Time> {
    let digits = |text: &str| (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok());
    let (hour, minute) = text.split_once(':')?;
    Time::new(digits(hour).flatten()?, digits(minute).flatten()?, 0, 0).ok()
}

/// One of the languages in which the notice is `worded`.
pub(super) fn language(worded: &[Language]) -> impl Fn(&DeValue<'_>) -> Ruled<Language> {
    move |value| {
        let code = words(value, "\"pl\"")?;
        worded.iter().find(|language| language.code() == code).copied().ok_or_else(|| {
            let what = format!("there is no wording of the notice in {}", quoted(code));
            let codes: Vec<&str> = worded.iter().map(Language::code).collect();
            Fault::new(what, format!("languages are two letters; worded are: {}", codes.join(", ")))
        })
    }
}

/// A path. It is never repeated in a problem: a secret may stand where its file belongs.
pub(super) fn path(value: &DeValue<'_>) -> Ruled<PathBuf> {
    let path = words(value, "\"/etc/noticed/store.key\"")?;
    if path.trim().is_empty() || path.chars().any(char::is_control) {
        return Err(Fault::new("is no path", "write the path of a file, as in \"/etc/noticed/store.key\""));
    }
    Ok(PathBuf::from(path))
}

pub(super) fn listen(value: &DeValue<'_>) -> Ruled<SocketAddr> {
    let text = words(value, "\"0.0.0.0:8080\"")?;
    text.parse().map_err(|_| {
        let help = "write an IP address and a port, as in \"0.0.0.0:8080\" or \"[::]:8080\"; names are not looked up";
        Fault::new(format!("{} is no address to listen on", quoted(text)), help)
    })
}

/// The operator's listener has no encryption of its own yet, so it stays inside the box.
pub(super) fn listen_inside(value: &DeValue<'_>) -> Ruled<SocketAddr> {
    let address = listen(value)?;
    if address.ip().is_loopback() {
        return Ok(address);
    }
    let what = format!("{address} can be reached from the network, and this listener is not encrypted");
    Err(Fault::new(
        what,
        "use \"127.0.0.1:8081\" and reach it over ssh (ssh -L 8081:127.0.0.1:8081 BOX); TLS comes later",
    ))
}

/// Where displays and phones reach the signage listener.
pub(super) fn public_url(value: &DeValue<'_>) -> Ruled<String> {
    const HELP: &str = "write it as in \"http://192.168.1.10:8080\": http or https, no slash at the end";
    let url = words(value, "\"http://192.168.1.10:8080\"")?;
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    let rest = rest.ok_or_else(|| Fault::new("does not start with http:// or https://", HELP))?;
    if rest.contains('@') {
        return Err(Fault::new("holds a user name or password, which every display would be told", HELP));
    }
    let (authority, _) = rest.split_once('/').unwrap_or((rest, ""));
    if host_and_port(authority, 80).is_none() || !rest.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Fault::new("is no address of a web server", HELP));
    }
    if url.ends_with('/') || url.contains(['?', '#']) {
        return Err(Fault::new("ends in more than an address", HELP));
    }
    Ok(url.to_owned())
}

/// Host, port and whether it is TLS. As with every URL, the text is never repeated: a password may stand in it.
pub(super) fn broker_url(value: &DeValue<'_>) -> Ruled<(String, u16, bool)> {
    const HELP: &str = "write it as in \"mqtt://127.0.0.1:1883\", or \"mqtts://broker.example:8883\" with ca-file";
    let url = words(value, "\"mqtt://127.0.0.1:1883\"")?;
    let (tls, rest) = match (url.strip_prefix("mqtt://"), url.strip_prefix("mqtts://")) {
        (Some(rest), _) => (false, rest),
        (None, Some(rest)) => (true, rest),
        (None, None) => return Err(Fault::new("does not start with mqtt:// or mqtts://", HELP)),
    };
    if rest.contains('@') {
        let help = "write [broker] username, and the password into the file named by password-file or the systemd credential \"broker-password\"";
        return Err(Fault::new("holds a user name or password; secrets do not live in this file", help));
    }
    if rest.contains(['/', '?', '#']) {
        return Err(Fault::new("goes on after host and port", HELP));
    }
    let (host, port) =
        host_and_port(rest, if tls { 8883 } else { 1883 }).ok_or_else(|| Fault::new("names no host and port", HELP))?;
    Ok((host, port, tls))
}

/// Splits `host:port` or `[v6]:port`.
fn host_and_port(authority: &str, default_port: u16) -> Option<(String, u16)> {
    let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) if host.parse::<std::net::Ipv6Addr>().is_ok() => {
            (host, if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) })
        }
        Some(_) => return None,
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let port = port.map_or(Some(default_port), |p| p.parse().ok().filter(|p| *p != 0))?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':');
    (!host.is_empty() && host.bytes().all(plain)).then(|| (host.to_owned(), port))
}

/// A MAC address, as upper-case pairs with colons.
pub(super) fn mac(value: &DeValue<'_>) -> Ruled<String> {
    let text = words(value, "\"AA:BB:CC:DD:EE:FF\"")?;
    let pairs: Vec<&str> = text.split([':', '-']).collect();
    let is_pair = |pair: &&str| pair.len() == 2 && pair.bytes().all(|b| b.is_ascii_hexdigit());
    if pairs.len() == 6 && pairs.iter().all(is_pair) {
        return Ok(pairs.join(":").to_uppercase());
    }
    let help = "write the six pairs that the display shows when it is set up, as in \"AA:BB:CC:DD:EE:FF\"";
    Err(Fault::new(format!("{} is no MAC address", quoted(text)), help))
}

/// The MAC address of an electronic label: sixteen hexadecimal digits, upper case, as OpenEPaperLink writes it.
pub(super) fn tag(value: &DeValue<'_>) -> Ruled<String> {
    let text = words(value, "\"0000021AC7B53B1A\"")?;
    let digits: String = text.chars().filter(|letter| !matches!(letter, ':' | '-')).collect();
    if digits.len() == 16 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(digits.to_uppercase());
    }
    let help = "write the sixteen digits that the access point's page shows beside the tag, as in \"0000021AC7B53B1A\"";
    Err(Fault::new(format!("{} is no address of a tag", quoted(text)), help))
}

/// The device's own topic, as its profile asks for it.
pub(super) fn topic(value: &DeValue<'_>) -> Ruled<String> {
    let topic = words(value, "\"milesight/front-door\"")?;
    let help = "write the device's own topic or prefix; what is subscribed below it is decided by the profile, so that \
                pictures and traces never arrive";
    if topic.is_empty() || topic.contains(char::is_control) {
        return Err(Fault::new("is no topic", help));
    }
    if topic.contains(['#', '+']) {
        return Err(Fault::new(format!("{} holds a wildcard", quoted(topic)), help));
    }
    if topic.len() > TOPIC_MAX_BYTES {
        return Err(Fault::new(format!("is longer than {TOPIC_MAX_BYTES} bytes"), help));
    }
    Ok(topic.to_owned())
}
