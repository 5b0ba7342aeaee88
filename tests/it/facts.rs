//! What a small shop tells its customers, for tests and benchmarks that draw signs.

use std::time::Duration;

use jiff::tz::TimeZone;
use noticed::domain::activity::{ActivityKind, LegalBasis, SensorClass};
use noticed::domain::id::ActivityId;
use noticed::domain::text::{Language, Texts};
use noticed::domain::time::{Period, PeriodUnit};
use noticed::notice::facts::{ActivityFacts, Facts};

/// A shop that counts entries, in Polish.
pub(crate) fn facts() -> Facts {
    let text = |text: &str| Texts([(Language::parse("pl").unwrap(), text.to_owned())].into());
    Facts {
        shop: "Sklep Zielony".to_owned(),
        controller: "Zielony sp. z o.o.".to_owned(),
        address: "ul. Polna 1, 60-001 Poznań".to_owned(),
        contact: "rodo@example.pl".to_owned(),
        dpo: Some("iod@example.pl".to_owned()),
        zones: vec![text("Wejście")],
        activities: vec![ActivityFacts {
            id: ActivityId::new("footfall"),
            kind: ActivityKind::PeopleCounting,
            classes: vec![SensorClass::Tof],
            purpose: text("planowanie obsady i godzin otwarcia"),
            legal_basis: LegalBasis::LegitimateInterest,
            interest: text("dobra obsługa w godzinach szczytu"),
            retention: Period { count: 13, unit: PeriodUnit::Month },
            objection: true,
        }],
        code: Some("ABCDEFGHIJ".to_owned()),
        public_url: "http://192.168.1.10:8080".to_owned(),
        offline_notice: text("kartka przy kasie"),
        bucket: Duration::from_secs(900),
        time_zone: TimeZone::get("Europe/Warsaw").unwrap(),
    }
}
