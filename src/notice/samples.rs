//! A shop for tests.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::activity::{ActivityKind, LegalBasis, SensorClass};
use crate::domain::id::ActivityId;
use crate::domain::text::{Language, Texts};
use crate::domain::time::{Period, PeriodUnit, Wall};

use super::facts::{ActivityFacts, Facts};

pub(crate) fn polish() -> Language {
    Language::parse("pl").unwrap()
}

pub(crate) fn english() -> Language {
    Language::parse("en").unwrap()
}

pub(crate) fn wall(text: &str) -> Wall {
    Wall(text.parse::<Timestamp>().unwrap().as_millisecond())
}

pub(crate) fn texts(pl: &str, en: &str) -> Texts {
    Texts([(polish(), pl.to_owned()), (english(), en.to_owned())].into())
}

pub(crate) fn footfall() -> ActivityFacts {
    ActivityFacts {
        id: ActivityId::new("footfall"),
        kind: ActivityKind::PeopleCounting,
        classes: vec![SensorClass::Tof],
        purpose: texts("planowanie obsady i godzin otwarcia", "planning staff and opening hours"),
        legal_basis: LegalBasis::LegitimateInterest,
        interest: texts("dobra obsługa w godzinach szczytu", "good service at busy hours"),
        retention: Period { count: 13, unit: PeriodUnit::Month },
        objection: true,
    }
}

pub(crate) fn presence() -> ActivityFacts {
    ActivityFacts {
        id: ActivityId::new("queue"),
        kind: ActivityKind::Presence,
        classes: vec![SensorClass::EdgeCamera],
        purpose: texts("otwieranie kolejnych kas", "opening more tills"),
        interest: texts("krótkie kolejki", "short queues"),
        retention: Period { count: 30, unit: PeriodUnit::Day },
        ..footfall()
    }
}

pub(crate) fn cctv() -> ActivityFacts {
    ActivityFacts {
        id: ActivityId::new("cctv"),
        kind: ActivityKind::Cctv,
        classes: vec![SensorClass::Cctv],
        purpose: texts("ochrona mienia przed kradzieżą", "protecting goods against theft"),
        interest: texts("mniej strat", "fewer losses"),
        retention: Period { count: 7, unit: PeriodUnit::Day },
        objection: false,
        ..footfall()
    }
}

pub(crate) fn facts(activities: Vec<ActivityFacts>) -> Facts {
    Facts {
        shop: "Sklep Zielony".to_owned(),
        controller: "Zielony sp. z o.o.".to_owned(),
        address: "ul. Polna 1, 60-001 Poznań".to_owned(),
        contact: "rodo@example.pl".to_owned(),
        dpo: Some("iod@example.pl".to_owned()),
        zones: vec![texts("Wejście", "Entrance")],
        activities,
        code: None,
        public_url: "http://192.168.1.10:8080".to_owned(),
        offline_notice: texts("kartka przy kasie", "the sheet at the till"),
        bucket: Duration::from_secs(900),
        time_zone: TimeZone::get("Europe/Warsaw").unwrap(),
    }
}
