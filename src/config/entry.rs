//! What the TOML says in its lists: activities, zones, sensors and signs, each key by itself.

use std::collections::BTreeMap;

use toml::de::{DeInteger, DeValue};

use super::file::{id, texts};
use super::findings::Placed;
use super::read::Table;
use super::rule::{self, Fault, Ruled};
use crate::device::binding::OptionValue;
use crate::domain::activity::{ActivityKind, InterlockMode, LegalBasis, SensorClass};
use crate::domain::notice::Evidence;
use crate::domain::text::{Language, Texts};
use crate::domain::time::Period;

/// `[[activity]]` as written.
pub(super) struct ActivitySaid {
    pub(super) id: Option<Placed<String>>,
    pub(super) kind: Option<Placed<ActivityKind>>,
    pub(super) purpose: Option<Placed<Texts>>,
    pub(super) legal_basis: Option<LegalBasis>,
    pub(super) interest: Option<Texts>,
    pub(super) balancing_test: Option<String>,
    pub(super) retention: Option<Period>,
    pub(super) objection: Option<bool>,
    pub(super) interlock: Option<InterlockMode>,
    /// Where the interlock mode is written.
    pub(super) interlock_at: usize,
}

impl ActivitySaid {
    const KEYS: &[&str] =
        &["id", "kind", "purpose", "legal-basis", "interest", "balancing-test", "retention", "objection", "interlock"];

    pub(super) fn read_each(root: &Table<'_>, languages: &[Language]) -> Vec<Self> {
        root.each("activity", Self::KEYS).iter().map(|table| Self::read(table, languages)).collect()
    }

    fn read(table: &Table<'_>, languages: &[Language]) -> Self {
        let kind = table.required("kind", "\"people-counting\"", rule::one_of(ActivityKind::WORDS));
        let legal_basis = table.required("legal-basis", "\"legitimate-interest\"", rule::legal_basis);
        let legal_basis = legal_basis.map(|basis| basis.value);
        let is_cctv = kind.as_ref().is_some_and(|kind| kind.value == ActivityKind::Cctv);
        Self {
            id: id(table),
            kind,
            purpose: purpose(table, languages),
            legal_basis,
            interest: interest(table, legal_basis, languages),
            balancing_test: balancing_test(table, legal_basis),
            retention: table.required("retention", "\"13 months\"", rule::retention).map(|period| period.value),
            objection: objection(table, is_cctv),
            interlock: table.or("interlock", InterlockMode::Enforce, rule::one_of(InterlockMode::WORDS)),
            interlock_at: table.raw("interlock").map_or(table.at, |(_, at)| at),
        }
    }
}

fn purpose(table: &Table<'_>, languages: &[Language]) -> Option<Placed<Texts>> {
    let example = "{ pl = \"planowanie obsady i godzin otwarcia\", en = \"planning staff and opening hours\" }";
    let value = texts(table, "purpose", example, languages)?;
    Some(Placed { value, at: table.raw("purpose").map_or(table.at, |(_, at)| at) })
}

/// GDPR Art. 13(1)(d): the legitimate interest is told to the customer in words.
fn interest(table: &Table<'_>, basis: Option<LegalBasis>, languages: &[Language]) -> Option<Texts> {
    let example = "{ pl = \"dobra obsługa w godzinach szczytu\", en = \"good service at busy hours\" }, which \
                   legal-basis = \"legitimate-interest\" needs";
    if table.key_at("interest").is_none() && basis != Some(LegalBasis::LegitimateInterest) {
        return Some(Texts::default());
    }
    texts(table, "interest", example, languages)
}

/// GDPR Art. 5(2) and 6(1)(f): the interest has been weighed against the visitors', and it is written down where.
fn balancing_test(table: &Table<'_>, basis: Option<LegalBasis>) -> Option<String> {
    let example = "\"LIA-1, 2026-03-02\" (document and date), which legal-basis = \"legitimate-interest\" needs";
    if basis == Some(LegalBasis::LegitimateInterest) {
        return table.required("balancing-test", example, rule::text).map(|text| text.value);
    }
    table.optional("balancing-test", rule::text).map(|text| text.value)
}

/// A security recorder is not switched by visitors: it would be off whenever a thief asked.
fn objection(table: &Table<'_>, is_cctv: bool) -> Option<bool> {
    let objection = table.or("objection", !is_cctv, rule::boolean)?;
    if is_cctv && objection {
        let at = table.raw("objection").map_or(table.at, |(_, at)| at);
        let what = "a security recorder (kind \"cctv\") is not switched by visitors";
        table.tell(at, "objection", Fault::new(what, "write objection = false; the sign says that it records"));
    }
    Some(objection)
}

/// `[[zone]]` as written.
pub(super) struct ZoneSaid {
    pub(super) id: Option<Placed<String>>,
    pub(super) name: Option<Texts>,
    pub(super) quorum: Option<Placed<usize>>,
    pub(super) evidence: Option<Evidence>,
}

impl ZoneSaid {
    const KEYS: &[&str] = &["id", "name", "quorum", "evidence"];

    /// Less than a confirmation would count without a notice.
    const EVIDENCE: &[(&str, Evidence)] = &[("confirmed", Evidence::Confirmed), ("sighted", Evidence::Sighted)];

    pub(super) fn read_each(root: &Table<'_>, languages: &[Language]) -> Vec<Self> {
        let read = |table: &Table<'_>| Self {
            id: id(table),
            name: texts(table, "name", "{ pl = \"Wejście\", en = \"Entrance\" }", languages),
            quorum: table
                .or("quorum", 1, rule::quorum)
                .map(|value| Placed { value, at: table.raw("quorum").map_or(table.at, |(_, at)| at) }),
            evidence: table.or("evidence", Evidence::Confirmed, rule::one_of(Self::EVIDENCE)),
        };
        root.each("zone", Self::KEYS).iter().map(read).collect()
    }
}

/// Installer options of a device profile, each with where its value starts.
pub(super) type Options = BTreeMap<String, Placed<OptionValue>>;

/// `[[sensor]]` as written.
pub(super) struct SensorSaid {
    pub(super) id: Option<Placed<String>>,
    pub(super) zone: Option<Placed<String>>,
    pub(super) from: Option<Placed<String>>,
    pub(super) activity: Option<Placed<String>>,
    pub(super) class: Option<Placed<SensorClass>>,
    pub(super) profile: Option<Placed<String>>,
    pub(super) topic: Option<Placed<String>>,
    pub(super) options: Option<Options>,
    /// Where the options, or else the sensor itself, begin.
    pub(super) options_at: usize,
    pub(super) control: Option<bool>,
    /// Where it is written, or else the sensor itself.
    pub(super) control_at: usize,
}

impl SensorSaid {
    const KEYS: &[&str] = &["id", "zone", "from", "activity", "class", "profile", "topic", "options", "control"];

    pub(super) fn read_each(root: &Table<'_>) -> Vec<Self> {
        root.each("sensor", Self::KEYS).iter().map(Self::read).collect()
    }

    fn read(table: &Table<'_>) -> Self {
        Self {
            id: id(table),
            zone: table.required("zone", "\"entrance\" (the id of a [[zone]])", rule::name),
            from: table.optional("from", rule::name),
            activity: table.required("activity", "\"footfall\" (the id of an [[activity]])", rule::name),
            class: table.required(
                "class",
                "\"tof\" (beam, tof, edge-camera or cctv)",
                rule::one_of(SensorClass::WORDS),
            ),
            profile: table.required("profile", "\"milesight\" (the name of a device profile)", rule::name),
            topic: table.required("topic", "\"milesight/front-door\"", rule::topic),
            options: options(table),
            options_at: table.raw("options").map_or(table.at, |(_, at)| at),
            control: table.or("control", false, rule::boolean),
            control_at: table.raw("control").map_or(table.at, |(_, at)| at),
        }
    }
}

pub(super) fn options(table: &Table<'_>) -> Option<Options> {
    let Some((value, at)) = table.raw("options") else { return Some(Options::new()) };
    let DeValue::Table(entries) = value else {
        let what = format!("is {}, where a table belongs", rule::kind(value));
        table.tell(at, "options", Fault::new(what, "write it as in { line = \"1\", invert = false }"));
        return None;
    };
    let mut options = Some(Options::new());
    for (name, value) in entries {
        let at = value.span().start;
        match option_value(value.get_ref()) {
            Ok(value) => {
                if let Some(options) = &mut options {
                    options.insert(name.get_ref().to_string(), Placed { value, at });
                }
            }
            Err(fault) => {
                table.tell(at, "options", fault);
                options = None;
            }
        }
    }
    options
}

fn option_value(value: &DeValue<'_>) -> Ruled<OptionValue> {
    let help = "an option is a text in quotes, true or false, or a whole number";
    match value {
        DeValue::String(text) => Ok(OptionValue::Text(text.to_string())),
        DeValue::Boolean(flag) => Ok(OptionValue::Bool(*flag)),
        DeValue::Integer(number) => integer(number)
            .map(OptionValue::Integer)
            .ok_or_else(|| Fault::new("holds a number that does not fit 64 bits", help)),
        DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => {
            Err(Fault::new(format!("holds {}", rule::kind(value)), help))
        }
    }
}

pub(super) fn integer(number: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}
