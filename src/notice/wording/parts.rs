//! The sentences of one language as its file says them: every key a field without a default.

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::plural::Forms;
use crate::domain::activity::{LegalBasis, SensorClass};
use crate::domain::text::Language;

/// The wording of one language, as its file says it.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::notice) struct Wording {
    #[serde(deserialize_with = "language")]
    pub(in crate::notice) language: Language,
    pub(in crate::notice) labels: Labels,
    pub(in crate::notice) people_counting: Doing,
    pub(in crate::notice) presence: Doing,
    pub(in crate::notice) counting_and_presence: Both,
    pub(in crate::notice) cctv: Doing,
    pub(in crate::notice) basis: Basis,
    pub(in crate::notice) active: Active,
    pub(in crate::notice) objection: Objection,
    pub(in crate::notice) brief: Brief,
    pub(in crate::notice) inactive: Stopped,
    pub(in crate::notice) paused: Paused,
    pub(in crate::notice) unknown: Unknown,
    pub(in crate::notice) afterwards: ByVoice,
    pub(in crate::notice) retention: RetentionUnits,
    pub(in crate::notice) interval: IntervalUnits,
    pub(in crate::notice) calendar: Calendar,
    pub(in crate::notice) page: Page,
    pub(in crate::notice) defaults: Defaults,
}

fn language<'de, D: Deserializer<'de>>(from: D) -> Result<Language, D::Error> {
    let code = String::deserialize(from)?;
    Language::parse(&code).ok_or_else(|| D::Error::custom("two small letters belong here"))
}

/// Headings of the lines on a sign.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::notice) struct Labels {
    pub(in crate::notice) zone: String,
    pub(in crate::notice) zones: String,
    pub(in crate::notice) what: String,
    pub(in crate::notice) if_on: String,
    pub(in crate::notice) controller: String,
    pub(in crate::notice) dpo: String,
    pub(in crate::notice) purpose: String,
    pub(in crate::notice) kept: String,
    pub(in crate::notice) rights: String,
}

/// What is said of one kind of activity.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::notice) struct Doing {
    pub(in crate::notice) headline: String,
    pub(in crate::notice) name: String,
    pub(in crate::notice) beam: String,
    pub(in crate::notice) tof: String,
    pub(in crate::notice) edge_camera: String,
    pub(in crate::notice) cctv: String,
    pub(in crate::notice) unspecified: String,
    pub(in crate::notice) kept: String,
}

impl Doing {
    /// What sensors of these classes do, each class once; where no sensor is known, nothing is claimed about pictures.
    pub(in crate::notice) fn sentences(&self, classes: &[SensorClass]) -> Vec<&str> {
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
pub(in crate::notice) struct Both {
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
    pub(in crate::notice) fn sentences(&self, classes: &[SensorClass]) -> Vec<&str> {
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
pub(in crate::notice) struct Basis {
    pub(in crate::notice) interest: String,
    pub(in crate::notice) interest_of_several: String,
    legitimate_interest: String,
    legal_obligation: String,
    public_task: String,
    pub(in crate::notice) stated: String,
}

impl Basis {
    pub(in crate::notice) fn article(&self, basis: LegalBasis) -> &str {
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
pub(in crate::notice) struct Active {
    pub(in crate::notice) passed_to_no_one: String,
    pub(in crate::notice) rights: String,
    pub(in crate::notice) rights_without_objection: String,
    pub(in crate::notice) complaint: String,
    pub(in crate::notice) more: String,
}

/// One sentence in the verb that fits what the activities do.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::notice) struct ByVoice {
    counting: String,
    measuring: String,
    recording: String,
}

/// The verb for what a set of activities does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::notice) enum Voice {
    /// Only people counting, apart from a recorder.
    Counting,
    /// Presence, alone or beside counting.
    Measuring,
    /// Nothing but a recorder.
    Recording,
}

impl ByVoice {
    pub(in crate::notice) fn get(&self, voice: Voice) -> &str {
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
pub(in crate::notice) struct Objection {
    counting: String,
    measuring: String,
    recording: String,
    pub(in crate::notice) right: String,
    pub(in crate::notice) by_code: String,
}

impl Objection {
    pub(in crate::notice) fn question(&self, voice: Voice) -> &str {
        match voice {
            Voice::Counting => &self.counting,
            Voice::Measuring => &self.measuring,
            Voice::Recording => &self.recording,
        }
    }
}

/// What panels say that hold a few lines only.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::notice) struct Brief {
    pub(in crate::notice) more: String,
    pub(in crate::notice) objection: String,
    pub(in crate::notice) right: String,
    pub(in crate::notice) not_cctv: String,
    pub(in crate::notice) afterwards: ByVoice,
}

/// The inactive sign.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::notice) struct Stopped {
    pub(in crate::notice) headline: ByVoice,
    pub(in crate::notice) lead: ByVoice,
    pub(in crate::notice) validity: String,
    pub(in crate::notice) not_cctv: String,
}

/// The paused sign.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::notice) struct Paused {
    pub(in crate::notice) headline: ByVoice,
    pub(in crate::notice) lead: ByVoice,
    pub(in crate::notice) validity: String,
}

/// The sign that does not know.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::notice) struct Unknown {
    pub(in crate::notice) headline: String,
    pub(in crate::notice) lead: String,
    pub(in crate::notice) assume: ByVoice,
}

/// Units of retention, in the case that follows "for".
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::notice) struct RetentionUnits {
    pub(super) day: Forms,
    pub(super) week: Forms,
    pub(super) month: Forms,
    pub(super) year: Forms,
}

/// Units of the interval between totals.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::notice) struct IntervalUnits {
    pub(super) second: Forms,
    pub(super) minute: Forms,
    pub(super) hour: Forms,
    pub(super) day: Forms,
}

/// Names of the months, in the case that follows a day.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::notice) struct Calendar {
    pub(super) months: [String; 12],
}

/// Sentences of the second layer.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::notice) struct Page {
    pub(in crate::notice) title: String,
    pub(in crate::notice) language_name: String,
    pub(in crate::notice) now: String,
    pub(in crate::notice) now_active: String,
    pub(in crate::notice) now_inactive: String,
    pub(in crate::notice) now_paused: String,
    pub(in crate::notice) now_unknown: String,
    pub(in crate::notice) who: String,
    pub(in crate::notice) address: String,
    pub(in crate::notice) contact: String,
    pub(in crate::notice) no_dpo: String,
    pub(in crate::notice) what: String,
    pub(in crate::notice) never: String,
    pub(in crate::notice) why: String,
    pub(in crate::notice) kept: String,
    pub(in crate::notice) recipients: String,
    pub(in crate::notice) recipients_none: String,
    pub(in crate::notice) protection: String,
    pub(in crate::notice) protection_text: String,
    pub(in crate::notice) rights: String,
    pub(in crate::notice) rights_text: String,
    pub(in crate::notice) rights_objection: String,
    pub(in crate::notice) rights_identity: String,
    pub(in crate::notice) pause_button: String,
    pub(in crate::notice) pause_explained: String,
    pub(in crate::notice) pause_done: String,
    pub(in crate::notice) pause_limit: String,
    pub(in crate::notice) pause_expired: String,
    pub(in crate::notice) complaint: String,
    pub(in crate::notice) complaint_uodo: String,
    pub(in crate::notice) complaint_elsewhere: String,
    pub(in crate::notice) decisions: String,
    pub(in crate::notice) decisions_text: String,
    pub(in crate::notice) paper: String,
    pub(in crate::notice) checkpoint: String,
    pub(in crate::notice) checkpoint_text: String,
}

/// What is said where the shop's configuration says nothing.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::notice) struct Defaults {
    pub(in crate::notice) offline_notice: String,
}
