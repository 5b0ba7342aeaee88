//! The sentences of notices, one data file per language, and the arithmetic of language: plurals, dates, no-break spaces.
//!
//! Every key is a field without a default, so a file that lacks a sentence does not load.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::domain::activity::{ActivityKind, LegalBasis, SensorClass};
use crate::domain::text::Language;
use crate::domain::time::{Period, PeriodUnit, Wall};

/// The files that the program carries.
const BUILTIN: [&str; 2] =
    [include_str!("../../config/wordings/pl.toml"), include_str!("../../config/wordings/en.toml")];

const NO_BREAK_SPACE: char = '\u{a0}';

/// The wordings of all languages.
#[derive(Debug)]
pub struct Wordings(BTreeMap<Language, Wording>);

impl Wordings {
    /// The wordings that the program carries.
    #[must_use]
    pub fn builtin() -> Self {
        let parse = |text: &&str| -> Wording { toml::from_str(text).expect("a test parses every built-in wording") };
        let by_language = |wording: Wording| {
            let language = Language::parse(&wording.language).expect("a test reads every built-in language code");
            (language, wording)
        };
        Self(BUILTIN.iter().map(parse).map(by_language).collect())
    }

    /// Languages that notices can be written in.
    #[must_use]
    pub fn languages(&self) -> Vec<Language> {
        self.0.keys().copied().collect()
    }

    /// The wording of `language`; English where there is none, which a checked configuration never asks for.
    pub(super) fn get(&self, language: Language) -> &Wording {
        let english = || self.0.values().find(|wording| wording.language == "en");
        self.0.get(&language).or_else(english).expect("English is built in")
    }
}

/// The wording of one language, as its file says it.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Wording {
    pub(super) language: String,
    pub(super) plural_rule: PluralRule,
    pub(super) labels: Labels,
    pub(super) people_counting: Doing,
    pub(super) presence: Doing,
    pub(super) counting_and_presence: Both,
    pub(super) cctv: Doing,
    pub(super) basis: Basis,
    pub(super) active: Active,
    pub(super) objection: Objection,
    pub(super) inactive: Stopped,
    pub(super) paused: Paused,
    pub(super) unknown: Unknown,
    pub(super) afterwards: ByVoice,
    pub(super) retention: RetentionUnits,
    pub(super) interval: IntervalUnits,
    pub(super) calendar: Calendar,
    pub(super) page: Page,
}

/// How a language chooses among its plural forms.
#[derive(Deserialize, Clone, Copy, Debug)]
#[serde(rename_all = "kebab-case")]
pub(super) enum PluralRule {
    /// 1, and everything else (`many`).
    OneOther,
    /// 1; 2–4, 22–24 … but not 12–14; the rest.
    Polish,
}

/// Headings of the lines on a sign.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Labels {
    pub(super) zone: String,
    pub(super) zones: String,
    pub(super) what: String,
    pub(super) if_on: String,
    pub(super) controller: String,
    pub(super) dpo: String,
    pub(super) purpose: String,
    pub(super) kept: String,
    pub(super) rights: String,
}

/// What is said of one kind of activity.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Doing {
    pub(super) headline: String,
    pub(super) name: String,
    pub(super) beam: String,
    pub(super) tof: String,
    pub(super) edge_camera: String,
    pub(super) cctv: String,
    pub(super) unspecified: String,
    pub(super) kept: String,
}

impl Doing {
    /// What sensors of these classes do, each class once; where no sensor is known, nothing is claimed about pictures.
    pub(super) fn sentences(&self, classes: &[SensorClass]) -> Vec<&str> {
        let mut told: Vec<_> = classes.to_vec();
        told.sort_unstable();
        told.dedup();
        if told.is_empty() {
            return vec![&self.unspecified];
        }
        told.into_iter().map(|class| self.sentence(class)).collect()
    }

    fn sentence(&self, class: SensorClass) -> &str {
        match class {
            SensorClass::Beam => &self.beam,
            SensorClass::Tof => &self.tof,
            SensorClass::EdgeCamera => &self.edge_camera,
            SensorClass::Cctv => &self.cctv,
        }
    }
}

/// What sensors of one class do that both count and detect presence.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Both {
    beam: String,
    tof: String,
    edge_camera: String,
    cctv: String,
    /// Of several classes, none of which is a camera.
    sensors: String,
    /// Of several classes that record nothing.
    sensors_and_cameras: String,
}

impl Both {
    /// What sensors of these classes do, each class once; those that record nothing are told together.
    pub(super) fn sentences(&self, classes: &[SensorClass]) -> Vec<&str> {
        let mut told: Vec<_> = classes.to_vec();
        told.sort_unstable();
        told.dedup();
        let recorded =
            told.iter().copied().filter(|class| *class == SensorClass::Cctv).map(|class| self.sentence(class));
        let unrecorded: Vec<_> = told.iter().copied().filter(|class| *class != SensorClass::Cctv).collect();
        let first = match unrecorded.as_slice() {
            [] => None,
            [class] => Some(self.sentence(*class)),
            several if several.contains(&SensorClass::EdgeCamera) => Some(&*self.sensors_and_cameras),
            _ => Some(&*self.sensors),
        };
        first.into_iter().chain(recorded).collect()
    }

    fn sentence(&self, class: SensorClass) -> &str {
        match class {
            SensorClass::Beam => &self.beam,
            SensorClass::Tof => &self.tof,
            SensorClass::EdgeCamera => &self.edge_camera,
            SensorClass::Cctv => &self.cctv,
        }
    }
}

/// Legal bases.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Basis {
    pub(super) interest: String,
    pub(super) interest_of_several: String,
    legitimate_interest: String,
    legal_obligation: String,
    public_task: String,
    pub(super) stated: String,
}

impl Basis {
    pub(super) fn article(&self, basis: LegalBasis) -> &str {
        match basis {
            LegalBasis::LegitimateInterest => &self.legitimate_interest,
            LegalBasis::LegalObligation => &self.legal_obligation,
            LegalBasis::PublicTask => &self.public_task,
        }
    }
}

/// Sentences of the active sign that are the same for every activity.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Active {
    pub(super) passed_to_no_one: String,
    pub(super) rights: String,
    pub(super) rights_without_objection: String,
    pub(super) complaint: String,
    pub(super) more: String,
}

/// One sentence in the verb that fits what the activities do.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct ByVoice {
    counting: String,
    measuring: String,
    recording: String,
}

/// The verb for what a set of activities does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Voice {
    /// Only people counting, apart from a recorder.
    Counting,
    /// Presence, alone or beside counting.
    Measuring,
    /// Nothing but a recorder.
    Recording,
}

impl ByVoice {
    pub(super) fn get(&self, voice: Voice) -> &str {
        match voice {
            Voice::Counting => &self.counting,
            Voice::Measuring => &self.measuring,
            Voice::Recording => &self.recording,
        }
    }
}

/// The block of GDPR Art. 21(4).
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Objection {
    counting: String,
    measuring: String,
    recording: String,
    pub(super) right: String,
}

impl Objection {
    pub(super) fn question(&self, voice: Voice) -> &str {
        match voice {
            Voice::Counting => &self.counting,
            Voice::Measuring => &self.measuring,
            Voice::Recording => &self.recording,
        }
    }
}

/// The inactive sign.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Stopped {
    pub(super) headline: ByVoice,
    pub(super) lead: ByVoice,
    pub(super) validity: String,
    pub(super) not_cctv: String,
}

/// The paused sign.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Paused {
    pub(super) headline: ByVoice,
    pub(super) lead: ByVoice,
    pub(super) validity: String,
}

/// The sign that does not know.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Unknown {
    pub(super) headline: String,
    pub(super) lead: String,
    pub(super) assume: ByVoice,
}

/// The forms of one counted noun.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Forms {
    one: String,
    few: String,
    many: String,
}

/// Units of retention, in the case that follows "for".
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RetentionUnits {
    day: Forms,
    week: Forms,
    month: Forms,
    year: Forms,
}

/// Units of the interval between totals.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct IntervalUnits {
    second: Forms,
    minute: Forms,
    hour: Forms,
    day: Forms,
}

/// Names of the months, in the case that follows a day.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Calendar {
    months: [String; 12],
}

/// Sentences of the second layer.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Page {
    pub(super) title: String,
    pub(super) language_name: String,
    pub(super) now: String,
    pub(super) now_active: String,
    pub(super) now_inactive: String,
    pub(super) now_paused: String,
    pub(super) now_unknown: String,
    pub(super) who: String,
    pub(super) address: String,
    pub(super) contact: String,
    pub(super) no_dpo: String,
    pub(super) what: String,
    pub(super) never: String,
    pub(super) why: String,
    pub(super) kept: String,
    pub(super) recipients: String,
    pub(super) recipients_none: String,
    pub(super) protection: String,
    pub(super) protection_text: String,
    pub(super) rights: String,
    pub(super) rights_text: String,
    pub(super) rights_objection: String,
    pub(super) rights_identity: String,
    pub(super) complaint: String,
    pub(super) complaint_uodo: String,
    pub(super) complaint_elsewhere: String,
    pub(super) decisions: String,
    pub(super) decisions_text: String,
    pub(super) paper: String,
}

impl Wording {
    /// What is said of `kind`.
    pub(super) fn doing(&self, kind: ActivityKind) -> &Doing {
        match kind {
            ActivityKind::PeopleCounting => &self.people_counting,
            ActivityKind::Presence => &self.presence,
            ActivityKind::Cctv => &self.cctv,
        }
    }

    /// "13 months", in the case that follows "for".
    pub(super) fn retention(&self, period: Period) -> String {
        let forms = match period.unit {
            PeriodUnit::Day => &self.retention.day,
            PeriodUnit::Week => &self.retention.week,
            PeriodUnit::Month => &self.retention.month,
            PeriodUnit::Year => &self.retention.year,
        };
        self.counted(u64::from(period.count), forms)
    }

    /// "15-minute": how far apart totals are, in the greatest unit that divides `bucket`.
    pub(super) fn interval(&self, bucket: Duration) -> String {
        let seconds = bucket.as_secs();
        let (unit_seconds, forms) = match seconds {
            s if s > 0 && s % 86_400 == 0 => (86_400, &self.interval.day),
            s if s > 0 && s % 3_600 == 0 => (3_600, &self.interval.hour),
            s if s > 0 && s % 60 == 0 => (60, &self.interval.minute),
            _ => (1, &self.interval.second),
        };
        self.counted(seconds / unit_seconds, forms)
    }

    fn counted(&self, n: u64, forms: &Forms) -> String {
        let form = match self.plural_rule {
            _ if n == 1 => &forms.one,
            PluralRule::Polish if matches!(n % 10, 2..=4) && !matches!(n % 100, 12..=14) => &forms.few,
            PluralRule::Polish | PluralRule::OneOther => &forms.many,
        };
        fill(form, &[("n", &n.to_string())])
    }

    /// Fills `{time}`, `{day}` and `{month}` of `template`. The minute is cut, not rounded: a sign may end early, never late.
    pub(super) fn dated(&self, template: &str, at: Wall, zone: &TimeZone) -> String {
        // A time beyond the calendar becomes 1970: a validity that has passed makes the reader assume that we count.
        let local = Timestamp::from_millisecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(zone.clone());
        let month = &self.calendar.months[usize::from(local.month().unsigned_abs() - 1)];
        let time = format!("{}:{:02}", local.hour(), local.minute());
        fill(template, &[("time", &time), ("day", &local.day().to_string()), ("month", month)])
    }

    /// Keeps together what a good typesetter does not part: a one-letter Polish word and the next, a number and its unit.
    pub(super) fn typeset(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut words = text.split(' ').peekable();
        while let Some(word) = words.next() {
            out.push_str(word);
            let next_is_word = words.peek().is_some_and(|next| next.starts_with(char::is_alphabetic));
            if words.peek().is_some() {
                let holds_next = self.is_lone_letter(word) || (is_number(word) && next_is_word);
                out.push(if holds_next { NO_BREAK_SPACE } else { ' ' });
            }
        }
        out
    }

    fn is_lone_letter(&self, word: &str) -> bool {
        let word = word.trim_start_matches(['(', '„', '"']);
        self.language == "pl" && word.chars().count() == 1 && "aiouwzAIOUWZ".contains(word)
    }
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.len() <= 4 && word.bytes().all(|b| b.is_ascii_digit())
}

/// Puts `values` into the places of `template`. A value is never searched for places itself.
pub(super) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').expect("a test closes every place of every wording");
        let value = values.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| *value);
        out.push_str(before);
        out.push_str(value);
        rest = behind;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wording(code: &str) -> Wording {
        let all = Wordings::builtin();
        all.0.into_iter().find(|(language, _)| language.code() == code).unwrap().1
    }

    fn leaves(prefix: &str, value: &toml::Value, into: &mut BTreeMap<String, String>) {
        match value {
            toml::Value::Table(table) => {
                table.iter().for_each(|(key, value)| leaves(&format!("{prefix}.{key}"), value, into));
            }
            toml::Value::Array(items) => {
                items.iter().enumerate().for_each(|(i, value)| leaves(&format!("{prefix}.{i}"), value, into));
            }
            toml::Value::String(text) => drop(into.insert(prefix.to_owned(), text.clone())),
            toml::Value::Integer(_) | toml::Value::Float(_) | toml::Value::Boolean(_) | toml::Value::Datetime(_) => {
                panic!("{prefix} is not a text")
            }
        }
    }

    fn places(text: &str) -> Vec<String> {
        let mut names: Vec<_> =
            text.split('{').skip(1).map(|rest| rest.split_once('}').expect("closed").0.to_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn every_language_has_every_sentence_with_the_same_places() {
        let files: Vec<BTreeMap<String, String>> = BUILTIN
            .iter()
            .map(|text| {
                let mut map = BTreeMap::new();
                leaves("", &toml::from_str(text).unwrap(), &mut map);
                map
            })
            .collect();
        for other in &files[1..] {
            assert_eq!(files[0].keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
            for (key, text) in &files[0] {
                assert_eq!(places(text), places(&other[key]), "{key}");
                assert!(!text.trim().is_empty() && !other[key].trim().is_empty(), "{key} is empty");
            }
        }
    }

    #[test]
    fn every_place_is_one_that_the_program_fills() {
        const KNOWN: [&str; 12] = [
            "interval",
            "retention",
            "interest",
            "basis",
            "offline-notice",
            "contact",
            "time",
            "day",
            "month",
            "n",
            "shop",
            "activities",
        ];
        for text in BUILTIN {
            let mut map = BTreeMap::new();
            leaves("", &toml::from_str(text).unwrap(), &mut map);
            for (key, text) in &map {
                for place in places(text) {
                    assert!(KNOWN.contains(&place.as_str()), "{key}: {{{place}}}");
                }
            }
        }
    }

    #[test]
    fn polish_counts_months_in_three_forms() {
        let pl = wording("pl");
        let months = |count| pl.retention(Period { count, unit: PeriodUnit::Month }).replace(NO_BREAK_SPACE, " ");
        assert_eq!(months(1), "1 miesiąc");
        assert_eq!(months(2), "2 miesiące");
        assert_eq!(months(5), "5 miesięcy");
        assert_eq!(months(12), "12 miesięcy");
        assert_eq!(months(13), "13 miesięcy");
        assert_eq!(months(22), "22 miesiące");
        assert_eq!(months(25), "25 miesięcy");
    }

    #[test]
    fn english_counts_in_two_forms() {
        let en = wording("en");
        assert_eq!(en.retention(Period { count: 1, unit: PeriodUnit::Week }), "1\u{a0}week");
        assert_eq!(en.retention(Period { count: 2, unit: PeriodUnit::Year }), "2\u{a0}years");
    }

    #[test]
    fn the_interval_is_said_in_the_greatest_unit_that_divides_it() {
        let (pl, en) = (wording("pl"), wording("en"));
        let cases =
            [(900, "co 15 minut", "15-minute"), (3_600, "co godzinę", "hourly"), (5_400, "co 90 minut", "90-minute")];
        for (seconds, polish, english) in cases {
            let bucket = Duration::from_secs(seconds);
            assert_eq!(pl.interval(bucket).replace(NO_BREAK_SPACE, " "), polish);
            assert_eq!(en.interval(bucket), english);
        }
        assert_eq!(pl.interval(Duration::from_secs(2)).replace(NO_BREAK_SPACE, " "), "co 2 sekundy");
    }

    #[test]
    fn a_validity_is_said_in_local_time_with_its_day_and_cut_to_the_minute() {
        let (pl, zone) = (wording("pl"), TimeZone::get("Europe/Warsaw").unwrap());
        let at: Timestamp = "2026-11-24T17:30:59Z".parse().unwrap();
        let text = pl.dated(&pl.inactive.validity, Wall(at.as_millisecond()), &zone);
        assert_eq!(text.replace(NO_BREAK_SPACE, " "), "Ważne do 18:30, 24 listopada.");
    }

    #[test]
    fn a_validity_beyond_the_calendar_has_already_passed() {
        let en = wording("en");
        let text = en.dated("{day} {month}", Wall(i64::MAX), &TimeZone::UTC);
        assert_eq!(text, "1 January");
    }

    #[test]
    fn one_letter_polish_words_hold_on_to_the_next() {
        assert_eq!(wording("pl").typeset("kot w worku i o 15 minut"), "kot w\u{a0}worku i\u{a0}o\u{a0}15\u{a0}minut");
        assert_eq!(wording("en").typeset("a cat"), "a cat");
    }

    #[test]
    fn a_value_with_braces_is_printed_as_it_stands() {
        assert_eq!(fill("write to {contact}", &[("contact", "{n}@x")]), "write to {n}@x");
    }
}
