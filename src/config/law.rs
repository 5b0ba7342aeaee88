//! What the law asks of a notice and the file does not say: the notice room's checklist, with the place of each answer.
//!
//! The one place that knows the notice room. Keys that are missing or empty are told where they are read; here only values
//! are looked at that were said.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::entry::ActivitySaid;
use super::file::Said;
use super::findings::{Findings, Placed};
use crate::domain::activity::{ActivityKind, LegalBasis};
use crate::domain::id::ActivityId;
use crate::domain::text::{Language, Texts};
use crate::domain::time::{Period, PeriodUnit};
use crate::notice::checklist::{Missing, check};
use crate::notice::facts::{ActivityFacts, Facts};

/// A value that a notice prints: the checklist's name of its key, and what was said.
pub(super) type Answer = (&'static str, Placed<String>);

/// Tells which of the values said would make a notice that the law does not accept.
pub(super) fn unlawful(said: &Said, findings: &Findings) {
    let languages: Vec<Language> = said.shop.iter().flat_map(|shop| shop.languages.clone()).collect();
    let facts = facts_of_controller(said);
    for missing in check(&facts, &languages) {
        if let Some((_, answer)) = said.controller_answers.iter().find(|(field, _)| *field == missing.field) {
            tell(answer.at, &missing, findings);
        }
    }
    for activity in &said.activities {
        let Some(purpose) = &activity.purpose else { continue };
        let facts = Facts { activities: vec![facts_of_activity(activity, &purpose.value)], ..facts.clone() };
        // Languages are those that were said: a text that is missing is already told.
        let languages: Vec<Language> = purpose.value.0.keys().copied().collect();
        for missing in check(&facts, &languages).into_iter().filter(|missing| missing.field == "activity.purpose") {
            tell(purpose.at, &missing, findings);
        }
    }
}

fn tell(at: usize, missing: &Missing, findings: &Findings) {
    let what = format!("{}: no lawful notice can say this", missing.field);
    let help = format!("{} ({}; Polish: {})", missing.what, missing.source, missing.polish_term);
    findings.tell_first(at, what, Some(help));
}

/// Facts about the controller alone; what the checklist does not read of them is left neutral.
fn facts_of_controller(said: &Said) -> Facts {
    let answer = |key: &str| {
        let found = said.controller_answers.iter().find(|(field, _)| *field == key);
        found.map(|(_, answer)| answer.value.clone())
    };
    Facts {
        shop: String::new(),
        controller: answer("controller.name").unwrap_or_default(),
        address: answer("controller.address").unwrap_or_default(),
        contact: answer("controller.contact").unwrap_or_default(),
        dpo: answer("controller.dpo").filter(|dpo| dpo != "none"),
        zones: Vec::new(),
        activities: Vec::new(),
        code: None,
        public_url: String::new(),
        offline_notice: Texts::default(),
        bucket: Duration::ZERO,
        time_zone: TimeZone::UTC,
    }
}

/// Facts about the purpose of an activity, however much else of it could be read.
fn facts_of_activity(said: &ActivitySaid, purpose: &Texts) -> ActivityFacts {
    ActivityFacts {
        id: ActivityId::new(said.id.as_ref().map_or("", |id| &id.value)),
        kind: said.kind.as_ref().map_or(ActivityKind::PeopleCounting, |kind| kind.value),
        classes: Vec::new(),
        purpose: purpose.clone(),
        legal_basis: said.legal_basis.unwrap_or(LegalBasis::LegitimateInterest),
        interest: said.interest.clone().unwrap_or_default(),
        retention: said.retention.unwrap_or(Period { count: 1, unit: PeriodUnit::Day }),
        objection: said.objection.unwrap_or(true),
    }
}
