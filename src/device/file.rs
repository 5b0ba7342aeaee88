//! What the TOML of a profile says, before anything is known of its sense.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::decode::Omitted;
use super::payload::PayloadKind;

/// A whole profile file; docs/device-profiles.md explains every key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ProfileFile {
    pub(super) title: Spanned<String>,
    pub(super) topic: String,
    pub(super) subscribe: Spanned<Vec<Spanned<String>>>,
    #[serde(default)]
    pub(super) reject: Vec<Spanned<String>>,
    pub(super) payload_limit: Spanned<i64>,
    pub(super) stale_after: Option<Spanned<String>>,
    pub(super) settle_after_link: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) option: BTreeMap<String, OptionFile>,
    #[serde(default)]
    pub(super) require: Vec<RequireFile>,
    pub(super) counter: Option<CounterFile>,
    pub(super) switch: Option<SwitchFile>,
    /// Options of a device of the family that is a button for visitors.
    pub(super) button: Option<Spanned<BTreeMap<String, Spanned<toml::Value>>>>,
    pub(super) example: Option<ExampleFile>,
    #[serde(default)]
    pub(super) link: Vec<LinkFile>,
    #[serde(default)]
    pub(super) rule: Vec<RuleFile>,
    #[serde(default)]
    pub(super) discover: Vec<DiscoverFile>,
}

/// `[example]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ExampleFile {
    pub(super) topic: String,
    #[serde(default)]
    pub(super) options: BTreeMap<String, Spanned<toml::Value>>,
}

/// `[[link]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct LinkFile {
    pub(super) topic: Spanned<String>,
    #[serde(default)]
    pub(super) when: WhenFile,
    pub(super) online: Spanned<Vec<String>>,
    pub(super) offline: Vec<String>,
    pub(super) field: Option<Spanned<String>>,
    pub(super) scope: Option<Spanned<String>>,
}

/// `[[discover]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct DiscoverFile {
    pub(super) listen: Spanned<String>,
    pub(super) payload: PayloadKind,
    pub(super) topic: Spanned<String>,
    pub(super) found: Spanned<String>,
}

/// `[option.NAME]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct OptionFile {
    pub(super) kind: Spanned<OptionKind>,
    pub(super) default: Option<Spanned<toml::Value>>,
    #[serde(default)]
    pub(super) required: bool,
    #[serde(default)]
    pub(super) choices: Vec<String>,
    pub(super) help: String,
}

/// What an option takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum OptionKind {
    /// Any text, or a whole number.
    Text,
    /// `true` or `false`.
    Bool,
    /// One of the listed words.
    Choice,
    /// Texts with commas between them.
    List,
    /// A JSON Pointer (RFC 6901).
    Pointer,
    /// Name of a time zone in the IANA database.
    TimeZone,
}

/// Values of options on which something depends.
pub(super) type WhenFile = BTreeMap<String, Vec<String>>;

/// `[[require]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RequireFile {
    pub(super) one_of: Spanned<Vec<String>>,
    #[serde(default)]
    pub(super) when: WhenFile,
}

/// `[counter]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct CounterFile {
    pub(super) reset: Spanned<String>,
    #[serde(default)]
    pub(super) omitted: Omitted,
}

/// `[switch]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct SwitchFile {
    pub(super) topic: Spanned<String>,
    pub(super) on: String,
    pub(super) off: String,
    pub(super) confirmed_by: SwitchField,
}

/// What confirms a switch: a field of a camera reading, or a reading of the switch itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum SwitchField {
    /// The camera is processed at all.
    Enabled,
    /// Detection is wanted.
    DetectEnabled,
    /// Recording is wanted.
    RecordEnabled,
    /// The switch itself says where it stands.
    Switch,
}

/// `[[rule]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RuleFile {
    pub(super) topic: Spanned<String>,
    #[serde(default)]
    pub(super) when: WhenFile,
    pub(super) retain: Retain,
    pub(super) payload: PayloadKind,
    pub(super) holds: Option<Spanned<String>>,
    pub(super) readings: Spanned<String>,
}

/// What a retained message means that comes at subscription.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Retain {
    /// Still true.
    State,
    /// Something that happened long ago.
    Event,
}
