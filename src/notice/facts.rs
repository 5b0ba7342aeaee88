//! Everything that a notice says about a shop. Taken from the configuration by whoever holds it, so that what is printed
//! and what is enforced are the same value.

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::domain::activity::{ActivityKind, LegalBasis, SensorClass};
use crate::domain::id::ActivityId;
use crate::domain::text::{Language, Texts};
use crate::domain::time::Period;

/// What one notice speaks of: for a sign the zones and activities that it covers, for the page those of the shop.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The shop as customers know it.
    pub shop: String,
    /// Full legal name of the controller.
    pub controller: String,
    /// Its postal address.
    pub address: String,
    /// Its e-mail address or telephone number.
    pub contact: String,
    /// Contact of the data protection officer; `None` where none is designated.
    pub dpo: Option<String>,
    /// Names of the zones covered.
    pub zones: Vec<Texts>,
    /// Activities that can go on in these zones.
    pub activities: Vec<ActivityFacts>,
    /// Code by which whoever stands before the sign can pause what is counted there; `None` on paper, on the page, and where nobody
    /// can pause anything.
    pub code: Option<String>,
    /// Base URL that a visitor's phone can open, without a trailing slash.
    pub public_url: String,
    /// Where in the shop the full notice lies on paper ("the sheet at the till").
    pub offline_notice: Texts,
    /// Span of time that one stored total covers.
    pub bucket: Duration,
    /// Zone of the times on signs.
    pub time_zone: TimeZone,
}

/// What a notice says of one activity.
#[derive(Clone, Debug)]
pub struct ActivityFacts {
    /// Which activity.
    pub id: ActivityId,
    /// What it does.
    pub kind: ActivityKind,
    /// Kinds of sensor that serve it in the zones covered; what the sign claims about pictures follows from them.
    pub classes: Vec<SensorClass>,
    /// Why.
    pub purpose: Texts,
    /// Legal basis.
    pub legal_basis: LegalBasis,
    /// The legitimate interest in words.
    pub interest: Texts,
    /// How long its figures are kept.
    pub retention: Period,
    /// Whether the shop lets visitors opt out of it. The right of GDPR Art. 21 does not depend on this.
    pub objection: bool,
}

impl ActivityFacts {
    /// Whether the law gives visitors a right to object (GDPR Art. 21(1): legal bases of Art. 6(1)(e) and (f)).
    #[must_use]
    pub fn may_be_objected_to(&self) -> bool {
        match self.legal_basis {
            LegalBasis::LegitimateInterest | LegalBasis::PublicTask => true,
            LegalBasis::LegalObligation => false,
        }
    }
}

impl Facts {
    /// Names of the zones in `language`, joined with commas.
    #[must_use]
    pub fn zone_names(&self, language: Language) -> String {
        self.zones.iter().map(|zone| zone.best(language)).collect::<Vec<_>>().join(", ")
    }

    /// Address of the second layer in `language`.
    #[must_use]
    pub fn page_url(&self, language: Language) -> String {
        format!("{}/notice/{language}", self.public_url)
    }

    /// The address that a code on a sign carries: of the second layer, and where there is a code to pause with, of that with the button
    /// above it, in the visitor's language. Where capitals mean the same (scheme, host and our own path; RFC 3986 §6.2.2.1), it is in
    /// capitals: such a code has fewer and so larger modules (ISO/IEC 18004, alphanumeric mode).
    #[must_use]
    pub fn code_url(&self, language: Language) -> String {
        let url = match &self.code {
            Some(code) => format!("{}/n/{code}", self.public_url),
            None => self.page_url(language),
        };
        let host_only = self.public_url.split_once("://").is_some_and(|(_, host)| !host.contains(['/', '?', '#']));
        if host_only { url.to_ascii_uppercase() } else { url }
    }
}
