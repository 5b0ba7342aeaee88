//! What the law asks of the first layer and the configuration does not say.
//!
//! Sources: GDPR Art. 12, 13 and 21; EDPB Guidelines 3/2019, paras 113–117; UODO, *Wskazówki dotyczące monitoringu
//! wizyjnego* (2018). The checklist reads facts, not pixels: whether they fit is for the layout to say.

use crate::domain::activity::LegalBasis;
use crate::domain::text::{Language, Texts};

use super::facts::{ActivityFacts, Facts};

/// One thing that the notice lacks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Missing {
    /// TOML path of the key to fill in.
    pub field: &'static str,
    /// What Polish law calls it.
    pub polish_term: &'static str,
    /// Where the law asks for it.
    pub source: &'static str,
    /// What is wrong and what would be right, for a technician.
    pub what: String,
}

/// Purposes that name no purpose: EDPB 3/2019 para 15 finds "safety" alone too vague.
const VAGUE_PURPOSES: [&str; 10] = [
    "bezpieczeństwo",
    "dla bezpieczeństwa",
    "ze względów bezpieczeństwa",
    "monitoring",
    "safety",
    "for safety",
    "security",
    "for security",
    "your safety",
    "for your safety",
];

/// Everything that a notice in `languages` would lack.
#[must_use]
pub fn check(facts: &Facts, languages: &[Language]) -> Vec<Missing> {
    let mut missing = controller(facts);
    missing.extend(each_language(&OFFLINE, &facts.offline_notice, "", languages));
    for zone in &facts.zones {
        missing.extend(each_language(&ZONE, zone, &format!(" of zone \"{}\"", any_name(zone)), languages));
    }
    for activity in &facts.activities {
        missing.extend(of_activity(activity, languages));
    }
    missing
}

/// A key with its place in the law.
struct Element {
    field: &'static str,
    polish_term: &'static str,
    source: &'static str,
}

impl Element {
    const fn new(field: &'static str, polish_term: &'static str, source: &'static str) -> Self {
        Self { field, polish_term, source }
    }

    fn lacks(&self, what: String) -> Missing {
        Missing { field: self.field, polish_term: self.polish_term, source: self.source, what }
    }
}

const NAME: Element = Element::new("controller.name", "administrator", "GDPR Art. 13(1)(a)");
const ADDRESS: Element = Element::new("controller.address", "adres administratora", "GDPR Art. 13(1)(a)");
const CONTACT: Element = Element::new("controller.contact", "dane kontaktowe administratora", "GDPR Art. 13(1)(a)");
const DPO: Element = Element::new("controller.dpo", "inspektor ochrony danych", "GDPR Art. 13(1)(b)");
const OFFLINE: Element =
    Element::new("controller.offline-notice", "pełna treść klauzuli informacyjnej", "EDPB 3/2019 para 117");
const ZONE: Element = Element::new("zone.name", "obszar monitorowany", "EDPB 3/2019 para 113");
const PURPOSE: Element = Element::new("activity.purpose", "cel przetwarzania", "GDPR Art. 13(1)(c)");
const INTEREST: Element = Element::new("activity.interest", "prawnie uzasadniony interes", "GDPR Art. 13(1)(d)");
const RETENTION: Element = Element::new("activity.retention", "okres przechowywania", "GDPR Art. 13(2)(a)");

fn controller(facts: &Facts) -> Vec<Missing> {
    let mut missing = Vec::new();
    if is_blank(&facts.controller) {
        missing.push(NAME.lacks("name the controller in full, with its legal form: \"Zielony sp. z o.o.\"".to_owned()));
    }
    if is_blank(&facts.address) {
        missing.push(ADDRESS.lacks("give the controller's postal address".to_owned()));
    }
    if !is_reachable(&facts.contact) {
        missing.push(CONTACT.lacks("give an e-mail address or a telephone number that somebody answers".to_owned()));
    }
    if facts.dpo.as_deref().is_some_and(|dpo| !is_reachable(dpo)) {
        missing.push(
            DPO.lacks("give the officer's e-mail address or telephone number, or \"none\" if there is none".to_owned()),
        );
    }
    missing
}

fn of_activity(activity: &ActivityFacts, languages: &[Language]) -> Vec<Missing> {
    let whose = format!(" of activity \"{}\"", activity.id);
    let mut missing = each_language(&PURPOSE, &activity.purpose, &whose, languages);
    for (language, text) in activity.purpose.0.iter().filter(|(_, text)| is_vague(text)) {
        let what = format!(
            "the purpose{whose} in \"{language}\" is only \"{text}\"; say what the figures or pictures are used for"
        );
        missing.push(PURPOSE.lacks(what));
    }
    if activity.legal_basis == LegalBasis::LegitimateInterest {
        missing.extend(each_language(&INTEREST, &activity.interest, &whose, languages));
    }
    if activity.retention.count == 0 {
        missing.push(
            RETENTION.lacks(format!("the retention{whose} is zero; say how long figures are kept: \"13 months\"")),
        );
    }
    missing
}

fn each_language(element: &Element, texts: &Texts, whose: &str, languages: &[Language]) -> Vec<Missing> {
    let key = element.field.split_once('.').map_or(element.field, |(_, key)| key);
    let lacks = |language: &&Language| texts.get(**language).is_none_or(is_blank);
    let say = |language: &Language| {
        element.lacks(format!("the {key}{whose} has no text in \"{language}\"; write {key} = {{ {language} = \"…\" }}"))
    };
    languages.iter().filter(lacks).map(say).collect()
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// Whether `contact` looks like a way to reach somebody: an e-mail address, or at least six digits.
fn is_reachable(contact: &str) -> bool {
    let is_mail = contact.split_once('@').is_some_and(|(name, host)| !is_blank(name) && host.contains('.'));
    is_mail || contact.chars().filter(char::is_ascii_digit).count() >= 6
}

fn is_vague(purpose: &str) -> bool {
    let plain = purpose.trim().trim_end_matches(['.', '!']).to_lowercase();
    VAGUE_PURPOSES.contains(&plain.as_str())
}

fn any_name(zone: &Texts) -> &str {
    zone.0.values().map(String::as_str).find(|name| !is_blank(name)).unwrap_or("without a name")
}

#[cfg(test)]
mod tests {
    use super::super::samples::{english, facts, footfall, polish, texts};
    use super::*;

    fn fields(missing: &[Missing]) -> Vec<&'static str> {
        missing.iter().map(|m| m.field).collect()
    }

    fn with(change: impl FnOnce(&mut Facts)) -> Vec<&'static str> {
        let mut facts = facts(vec![footfall()]);
        change(&mut facts);
        fields(&check(&facts, &[polish(), english()]))
    }

    #[test]
    fn a_complete_shop_lacks_nothing() {
        assert_eq!(with(|_| ()), Vec::<&str>::new());
    }

    #[test]
    fn each_empty_first_layer_field_is_named() {
        assert_eq!(with(|f| f.controller = " ".to_owned()), ["controller.name"]);
        assert_eq!(with(|f| f.address.clear()), ["controller.address"]);
        assert_eq!(with(|f| f.contact = "the office".to_owned()), ["controller.contact"]);
        assert_eq!(with(|f| f.dpo = Some(String::new())), ["controller.dpo"]);
        assert_eq!(with(|f| f.dpo = None), Vec::<&str>::new());
        assert_eq!(with(|f| f.activities[0].retention.count = 0), ["activity.retention"]);
    }

    #[test]
    fn a_telephone_number_is_a_contact() {
        assert_eq!(with(|f| f.contact = "tel. 61 123 45 67".to_owned()), Vec::<&str>::new());
    }

    #[test]
    fn every_language_of_the_shop_needs_each_text() {
        let only_polish = || Texts([(polish(), "Wejście".to_owned())].into());
        assert_eq!(with(|f| f.zones = vec![only_polish()]), ["zone.name"]);
        assert_eq!(with(|f| f.activities[0].purpose = only_polish()), ["activity.purpose"]);
        assert_eq!(with(|f| f.activities[0].interest = Texts::default()), ["activity.interest", "activity.interest"]);
        assert_eq!(with(|f| f.offline_notice = only_polish()), ["controller.offline-notice"]);
    }

    #[test]
    fn an_interest_is_asked_for_only_where_it_is_the_basis() {
        let found = with(|f| {
            f.activities[0].interest = Texts::default();
            f.activities[0].legal_basis = LegalBasis::PublicTask;
        });
        assert_eq!(found, Vec::<&str>::new());
    }

    #[test]
    fn safety_alone_is_no_purpose() {
        assert_eq!(
            with(|f| f.activities[0].purpose = texts("Bezpieczeństwo.", "planning staff")),
            ["activity.purpose"]
        );
        let concrete = texts("bezpieczeństwo klientów przy ruchomych schodach", "safety at the escalator");
        assert_eq!(with(|f| f.activities[0].purpose = concrete), Vec::<&str>::new());
    }

    #[test]
    fn what_is_missing_is_said_with_the_line_to_write() {
        let mut facts = facts(vec![footfall()]);
        facts.activities[0].purpose = texts("planowanie obsady", " ");
        let missing = check(&facts, &[polish(), english()]);
        assert_eq!(
            missing[0].what,
            "the purpose of activity \"footfall\" has no text in \"en\"; write purpose = { en = \"…\" }"
        );
    }
}
