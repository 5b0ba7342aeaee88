//! The configuration: what holds.
//!
//! [`open`] reads a file: `syntax` steps over mistakes in the TOML, `file`, `entry`, `sign` and `hours` read every key with the help of
//! `read` and `rule`, `check` looks at how the parts fit, `law` asks the notice room's checklist, `build` makes what holds; [`wording`] reads a
//! shop's own words. [`problem`] is how it answers: every problem at once.

mod build;
mod button;
mod check;
mod duration;
mod entry;
mod file;
mod findings;
mod hours;
mod law;
mod nearest;
pub mod open;
pub mod problem;
mod read;
mod rule;
mod sign;
mod syntax;
#[cfg(test)]
mod tests;
pub mod wording;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;

use crate::device::binding::Binding;
use crate::domain::activity::{ActivityKind, InterlockMode, LegalBasis, SensorClass};
use crate::domain::id::{ActivityId, SensorId, SignId, ZoneId};
use crate::domain::notice::Evidence;
use crate::domain::text::{Language, Texts};
use crate::domain::time::Period;
use crate::notice::wording::Wordings;
use crate::sign::panel::Panel;

/// Everything that the technician said, checked as a whole.
#[derive(Clone, Debug)]
pub struct Config {
    /// `[shop]`
    pub shop: Shop,
    /// `[controller]`
    pub controller: Controller,
    /// `[broker]`
    pub broker: Broker,
    /// `[store]`
    pub store: Store,
    /// `[signage]`
    pub signage: Signage,
    /// `[operator]`
    pub operator: Operator,
    /// `[[activity]]`, at least one.
    pub activities: Vec<Activity>,
    /// `[[zone]]`, at least one.
    pub zones: Vec<Zone>,
    /// `[[sensor]]`
    pub sensors: Vec<Sensor>,
    /// `[objection]`
    pub objection: ObjectionRules,
    /// `[[button]]`
    pub buttons: Vec<Button>,
    /// `[[sign]]`
    pub signs: Vec<Sign>,
    /// The words of notices in every language: those of the program, and the shop's own over them.
    pub wordings: Arc<Wordings>,
}

/// `[shop]`: which shop this is.
#[derive(Clone, Debug)]
pub struct Shop {
    /// In MQTT topics.
    pub id: String,
    /// As customers know it.
    pub name: String,
    /// Zone of buckets, reports and times on signs.
    pub time_zone: TimeZone,
    /// Languages of notices; the first is the local one.
    pub languages: Vec<Language>,
    /// When, by its clocks, everybody is taken to have left.
    pub occupancy_reset: Time,
    /// When counting is wanted at all, by its clocks; always if there is none. No two share a minute.
    pub opening_hours: Vec<Opening>,
}

/// One span of the week in which the shop is open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Opening {
    /// Day on which it begins.
    pub day: Weekday,
    /// First minute.
    pub from: Time,
    /// First minute after it; on the next day if it is not later than `from`.
    pub to: Time,
}

/// `[controller]`: who answers for the data (GDPR Art. 13(1)(a) and (b)).
#[derive(Clone, Debug)]
pub struct Controller {
    /// Full legal name.
    pub name: String,
    /// Postal address.
    pub address: String,
    /// A working e-mail address or telephone number.
    pub contact: String,
    /// Contact of the data protection officer; `None` where the file says `"none"`.
    pub dpo: Option<String>,
    /// Where in the shop the full notice can be read on paper, per language.
    pub offline_notice: Texts,
}

/// `[broker]`: where sensors are heard.
#[derive(Clone, Debug)]
pub struct Broker {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Whether the connection is TLS (`mqtts://`).
    pub tls: bool,
    /// Authority that signed the broker's certificate; required with TLS.
    pub ca_file: Option<PathBuf>,
    /// MQTT user name.
    pub username: Option<String>,
    /// File with the password; else the systemd credential `broker-password`.
    pub password_file: Option<PathBuf>,
}

/// `[store]`: where aggregates are kept.
#[derive(Clone, Debug)]
pub struct Store {
    /// The encrypted database.
    pub path: PathBuf,
    /// File with the master key; else the systemd credential `store-key`.
    pub key_file: Option<PathBuf>,
    /// Length of a bucket; divides a day.
    pub bucket: Duration,
    /// Longest time that a counted passing waits for its commit.
    pub commit_interval: Duration,
}

/// `[signage]`: the listener that displays poll.
#[derive(Clone, Debug)]
pub struct Signage {
    /// Address and port.
    pub listen: SocketAddr,
    /// Base URL under which displays and phones in the shop reach it, without a trailing slash.
    pub public_url: String,
}

/// `[operator]`: the listener for status.
#[derive(Clone, Debug)]
pub struct Operator {
    /// Address and port; loopback only.
    pub listen: SocketAddr,
}

/// `[[activity]]`: one processing activity.
#[derive(Clone, Debug)]
pub struct Activity {
    /// Its name in reports.
    pub id: ActivityId,
    /// What it does.
    pub kind: ActivityKind,
    /// Why, per language.
    pub purpose: Texts,
    /// Legal basis.
    pub legal_basis: LegalBasis,
    /// The legitimate interest in words, per language.
    pub interest: Texts,
    /// The balancing test's document and date.
    pub balancing_test: Option<String>,
    /// How long figures are kept; printed on the sign and enforced in the store.
    pub retention: Period,
    /// Whether visitors may object by a pause.
    pub objection: bool,
    /// Whether counting waits for the notice.
    pub interlock: InterlockMode,
}

/// `[[zone]]`: an area that a visitor would recognise.
#[derive(Clone, Debug)]
pub struct Zone {
    /// Its name in topics and reports.
    pub id: ZoneId,
    /// Its name on signs, per language.
    pub name: Texts,
    /// How many of its signs must be known to show the notice before anything is counted in it, at least 1.
    pub quorum: usize,
    /// How well that must be known: confirmed or sighted.
    pub evidence: Evidence,
}

/// `[[sensor]]`: one device that watches a zone for an activity.
#[derive(Clone, Debug)]
pub struct Sensor {
    /// Its name in reports.
    pub id: SensorId,
    /// Zone it watches; people counted as in enter it.
    pub zone: ZoneId,
    /// Zone that people counted as in come from; `None` is the street. Only for people counting.
    pub from: Option<ZoneId>,
    /// Activity it serves.
    pub activity: ActivityId,
    /// What kind of sensor it is.
    pub class: SensorClass,
    /// Its device profile, bound to its topic and options.
    pub binding: Binding,
    /// Whether the daemon switches the sensor on and off with the interlock (`control = true`).
    pub control: bool,
}

/// `[objection]`: how long and how often visitors pause what is counted.
#[derive(Clone, Copy, Debug)]
pub struct ObjectionRules {
    /// Shortest pause.
    pub pause: Duration,
    /// How often a zone can be paused within an hour.
    pub per_hour: u32,
}

/// `[[button]]`: something that visitors press to pause a zone.
#[derive(Clone, Debug)]
pub struct Button {
    /// Its name.
    pub id: String,
    /// What it pauses.
    pub zone: ZoneId,
    /// Its device profile, bound to its topic and options.
    pub binding: Binding,
}

/// How a sign speaks to the daemon.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protocol {
    /// TRMNL firmware.
    Trmnl,
    /// Anything that fetches a picture over HTTP (ESPHome, Inkplate, scripts).
    Http,
    /// An electronic label behind an OpenEPaperLink access point, which fetches its picture.
    OpenEPaperLink,
    /// A page on an old tablet or a screen.
    Kiosk,
    /// A board on paper, seen to by the staff.
    Printed,
}

impl Protocol {
    /// Every protocol with its word in the configuration.
    pub const WORDS: &[(&str, Self)] = &[
        ("trmnl", Self::Trmnl),
        ("http", Self::Http),
        ("openepaperlink", Self::OpenEPaperLink),
        ("kiosk", Self::Kiosk),
        ("printed", Self::Printed),
    ];
}

/// `[[sign]]`: one display.
#[derive(Clone, Debug)]
pub struct Sign {
    /// Its name in URLs.
    pub id: SignId,
    /// Zones it covers.
    pub zones: Vec<ZoneId>,
    /// How it speaks.
    pub protocol: Protocol,
    /// Its pixels and inks.
    pub panel: Panel,
    /// MAC address, upper case with colons, required for TRMNL; of an electronic label its sixteen digits.
    pub address: Option<String>,
    /// Base URL of the access point of an electronic label, which tells whether the label has its picture.
    pub access_point: Option<String>,
    /// Language of the notice.
    pub language: Language,
    /// Language of a second notice below it.
    pub second_language: Option<Language>,
    /// Languages that it shows in turn with its own, which each of these pictures keeps as its headline.
    pub alternate_languages: Vec<Language>,
    /// How often it polls when nothing changes.
    pub refresh: Duration,
    /// How soon it shall come back while counting opens or closes.
    pub transition_refresh: Duration,
    /// How long after a missed poll its picture is still believed.
    pub grace: Duration,
    /// How long a member of staff's word that it shows its notice is believed.
    pub attested_for: Duration,
}
