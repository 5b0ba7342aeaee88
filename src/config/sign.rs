//! What the TOML says of signs, each key by itself.

use std::ops::RangeInclusive;
use std::time::Duration;

use toml::de::{DeFloat, DeInteger, DeValue};

use super::Protocol;
use super::entry::integer;
use super::file::{id, list};
use super::findings::Placed;
use super::read::Table;
use super::rule::{self, Fault, Ruled};
use crate::domain::sign::TURNS_MAX;
use crate::domain::text::Language;
use crate::sign::panel::{Ink, Panel, Rotation};
use crate::sign::validate::trmnl;

/// Pace of a sign: protocols count whole seconds; slower than a day, nobody can tell a sleeping
/// sign from a dead one.
const REFRESH: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(24 * 60 * 60);
const REFRESH_DEFAULT: Duration = Duration::from_secs(15 * 60);
/// Two wakes of a TRMNL on a bad network fit into a minute.
const TRANSITION_REFRESH_DEFAULT: Duration = Duration::from_secs(60);
/// A sign may be late by its connection attempts, not by more than an hour.
const GRACE: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(60 * 60);
/// What TRMNL firmware needs for its retries within one wake, with a margin.
const GRACE_DEFAULT: Duration = Duration::from_secs(90);

/// A board on paper is looked at again after a month unless the file says otherwise; nobody remembers longer.
const ATTESTED_DEFAULT: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// An hour is a shift's walk around; a year is as long as a poster lasts.
const ATTESTED: RangeInclusive<Duration> = Duration::from_secs(60 * 60)..=Duration::from_secs(366 * 24 * 60 * 60);

/// Diagonals of panels that are sold, in inches.
const INCHES: RangeInclusive<f64> = 2.0..=100.0;

/// A board on paper is drawn as an A4 sheet of 150 dots per inch; what counts is what it says, not its pixels.
const PAPER: (u32, u32) = (1240, 1754);

/// `[[sign]]` as written.
pub(super) struct SignSaid {
    pub(super) id: Option<Placed<String>>,
    pub(super) zones: Option<Vec<Placed<String>>>,
    pub(super) protocol: Option<Protocol>,
    pub(super) panel: Option<Panel>,
    pub(super) address: Option<Placed<String>>,
    pub(super) language: Option<Placed<Language>>,
    pub(super) second_language: Option<Placed<Language>>,
    pub(super) alternate_languages: Vec<Language>,
    pub(super) refresh: Option<Duration>,
    /// Where the pace is written, or else the sign itself.
    pub(super) refresh_at: usize,
    pub(super) transition_refresh: Option<Duration>,
    /// Where it is written; `None` where the default holds.
    pub(super) transition_refresh_at: Option<usize>,
    pub(super) grace: Option<Duration>,
    pub(super) access_point: Option<Placed<String>>,
    pub(super) attested_for: Option<Duration>,
}

impl SignSaid {
    const KEYS: &[&str] = &[
        "id",
        "zones",
        "protocol",
        "panel",
        "inches",
        "rotation",
        "address",
        "access-point",
        "language",
        "second-language",
        "alternate-languages",
        "refresh",
        "transition-refresh",
        "grace",
        "attested-for",
    ];

    pub(super) fn read_each(root: &Table<'_>, languages: &[Language], worded: &[Language]) -> Vec<Self> {
        root.each("sign", Self::KEYS).iter().map(|table| Self::read(table, languages, worded)).collect()
    }

    fn read(table: &Table<'_>, languages: &[Language], worded: &[Language]) -> Self {
        let protocol = table.required("protocol", "\"trmnl\"", protocol).map(|protocol| protocol.value);
        let address = match protocol {
            Some(Protocol::Trmnl) => table.required("address", "\"AA:BB:CC:DD:EE:FF\" (the display's MAC)", rule::mac),
            Some(Protocol::OpenEPaperLink) => table.required(
                "address",
                "\"0000021AC7B53B1A\" (the tag's MAC, as its access point shows it)",
                rule::tag,
            ),
            Some(Protocol::Http | Protocol::Kiosk | Protocol::Printed) | None => table.optional("address", rule::mac),
        };
        let refresh = table.or("refresh", REFRESH_DEFAULT, rule::duration(REFRESH));
        let transition_default = TRANSITION_REFRESH_DEFAULT.min(refresh.unwrap_or(TRANSITION_REFRESH_DEFAULT));
        Self {
            id: id(table),
            zones: zones(table),
            protocol,
            panel: mounted(table, protocol),
            address,
            language: language(table, languages, worded),
            second_language: second_language(table, languages, worded),
            alternate_languages: alternate_languages(table, protocol, languages, worded),
            refresh,
            refresh_at: table.raw("refresh").map_or(table.at, |(_, at)| at),
            transition_refresh: table.or("transition-refresh", transition_default, rule::duration(REFRESH)),
            transition_refresh_at: table.raw("transition-refresh").map(|(_, at)| at),
            grace: table.or("grace", GRACE_DEFAULT, rule::duration(GRACE)),
            access_point: table.optional("access-point", access_point),
            attested_for: table.or("attested-for", ATTESTED_DEFAULT, rule::duration(ATTESTED)),
        }
    }
}

/// Ids of the zones that a sign covers; `None` if any of them could not be read.
fn zones(table: &Table<'_>) -> Option<Vec<Placed<String>>> {
    let mut zones = Some(Vec::new());
    for zone in list(table, "zones", "[\"entrance\"]") {
        match rule::name(zone.value) {
            Ok(value) => {
                if let Some(zones) = &mut zones {
                    zones.push(Placed { value, at: zone.at });
                }
            }
            Err(fault) => {
                table.tell(zone.at, "zones", fault);
                zones = None;
            }
        }
    }
    zones.filter(|zones| !zones.is_empty())
}

fn protocol(value: &DeValue<'_>) -> Ruled<Protocol> {
    rule::one_of(Protocol::WORDS)(value)
}

/// The panel as it hangs.
fn mounted(table: &Table<'_>, protocol: Option<Protocol>) -> Option<Panel> {
    let said = if protocol == Some(Protocol::Printed) && table.key_at("panel").is_none() {
        Panel::new(PAPER.0, PAPER.1, Ink::BlackWhite)
    } else {
        table.required("panel", "\"800x480-bw\"", panel)?.value
    };
    let rotation = table.or("rotation", Rotation::Upright, rotation)?;
    let fine = match table.key_at("inches") {
        Some(_) => said.with_diagonal(table.optional("inches", inches)?.value),
        None => said,
    };
    if protocol == Some(Protocol::Trmnl) && !trmnl::draws(fine.ink) {
        let what = format!("TRMNL firmware draws no {} pictures right", fine.ink.name());
        let at = table.raw("panel").map_or(table.at, |(_, at)| at);
        table.tell(
            at,
            "panel",
            Fault::new(what, "write the panel with inks bw (bwry, grey4, grey16 and spectra6 are drawn right as well)"),
        );
    }
    Some(Panel { rotation, ..fine })
}

/// Access points speak plain HTTP and have no certificates.
fn access_point(value: &DeValue<'_>) -> Ruled<String> {
    let url = rule::public_url(value)?;
    if url.starts_with("https://") {
        return Err(Fault::new(
            "starts with https://, which access points do not speak",
            "write http:// and its address",
        ));
    }
    Ok(url)
}

fn rotation(value: &DeValue<'_>) -> Ruled<Rotation> {
    const HELP: &str = "write by how many degrees the panel hangs turned clockwise: 0, 90, 180 or 270";
    let degrees = value.as_integer().and_then(integer);
    let known = Rotation::DEGREES.iter().find(|(known, _)| Some(*known) == degrees);
    known.map(|(_, rotation)| *rotation).ok_or_else(|| Fault::new("is no rotation", HELP))
}

fn inches(value: &DeValue<'_>) -> Ruled<f64> {
    let help = format!("write the panel's diagonal in inches, {} to {}: 7.5", INCHES.start(), INCHES.end());
    let number = value.as_float().map(DeFloat::as_str).or(value.as_integer().map(DeInteger::as_str));
    let inches = number.and_then(|text| text.parse::<f64>().ok()).filter(|inches| INCHES.contains(inches));
    inches.ok_or_else(|| Fault::new("is no diagonal of a panel", help))
}

fn panel(value: &DeValue<'_>) -> Ruled<Panel> {
    let text = rule::name(value)?;
    Panel::parse(&text).map_err(|error| Fault { what: error.to_string(), help: None })
}

/// The language of a sign; the shop's first one where the file says nothing.
fn language(table: &Table<'_>, languages: &[Language], worded: &[Language]) -> Option<Placed<Language>> {
    if table.key_at("language").is_none() {
        return languages.first().map(|first| Placed { value: *first, at: table.at });
    }
    named_language(table, "language", languages, worded)
}

/// The language below it, if the file names one.
fn second_language(table: &Table<'_>, languages: &[Language], worded: &[Language]) -> Option<Placed<Language>> {
    let second = named_language(table, "second-language", languages, worded)?;
    if local_language(table, languages, worded) == Some(second.value) {
        let what = format!("\"{}\" is the language above it already", second.value);
        table.tell(
            second.at,
            "second-language",
            Fault::new(what, "name another of the shop's languages, or remove it"),
        );
    }
    Some(second)
}

/// Languages that it shows in turn with its own, if the file names any.
fn alternate_languages(
    table: &Table<'_>,
    protocol: Option<Protocol>,
    languages: &[Language],
    worded: &[Language],
) -> Vec<Language> {
    const KEY: &str = "alternate-languages";
    let Some(at) = table.key_at(KEY) else { return Vec::new() };
    if protocol == Some(Protocol::Printed) {
        let help = "remove it; for another language print a second board (noticed notice --lang) and hang it beside";
        table.tell(at, KEY, Fault::new("paper cannot take turns", help));
    }
    if table.key_at("second-language").is_some() {
        let help = "keep one of the two: second-language below the first, or alternate-languages in turn with it";
        table.tell(at, KEY, Fault::new("a sign with second-language takes no turns", help));
    }
    let mut alternates: Vec<Language> = Vec::new();
    let local = local_language(table, languages, worded);
    for code in list(table, KEY, "[\"en\", \"uk\"]") {
        match rule::language(worded)(code.value) {
            Ok(language) if Some(language) == local => {
                let what = format!("\"{language}\" is the sign's own language already");
                table.tell(code.at, KEY, Fault::new(what, "name only the others; its own comes round by itself"));
            }
            Ok(language) if alternates.contains(&language) => {
                table.tell(code.at, KEY, Fault::new(format!("\"{language}\" stands twice"), "name it once"));
            }
            Ok(language) => {
                one_of_the_shops(table, KEY, (language, code.at), languages);
                alternates.push(language);
            }
            Err(fault) => table.tell(code.at, KEY, fault),
        }
    }
    let most = usize::from(TURNS_MAX) - 1;
    if alternates.len() > most {
        let what = format!("names {} languages", alternates.len());
        let help = format!("name at most {most}: with more, nobody would wait until it is their language's turn");
        table.tell(at, KEY, Fault::new(what, help));
    }
    alternates
}

/// The sign's own language, as far as it can be told.
fn local_language(table: &Table<'_>, languages: &[Language], worded: &[Language]) -> Option<Language> {
    let said = table.raw("language").and_then(|(value, _)| rule::language(worded)(value).ok());
    said.or(languages.first().copied())
}

fn named_language(
    table: &Table<'_>,
    key: &str,
    languages: &[Language],
    worded: &[Language],
) -> Option<Placed<Language>> {
    let language = table.optional(key, rule::language(worded))?;
    one_of_the_shops(table, key, (language.value, language.at), languages);
    Some(language)
}

fn one_of_the_shops(table: &Table<'_>, key: &str, (language, at): (Language, usize), languages: &[Language]) {
    if !languages.is_empty() && !languages.contains(&language) {
        let what = format!("\"{language}\" is none of the shop's languages");
        let codes: Vec<&str> = languages.iter().map(Language::code).collect();
        let help = format!("use one of {}, or add it to [shop] languages", codes.join(", "));
        table.tell(at, key, Fault::new(what, help));
    }
}
