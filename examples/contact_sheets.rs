//! preview
use noticed::domain::activity::*;
use noticed::domain::id::ActivityId;
use noticed::domain::notice::SignState;
use noticed::domain::text::*;
use noticed::domain::time::*;
use noticed::notice::copy::copy;
use noticed::notice::facts::*;
use noticed::notice::wording::Wordings;
use noticed::sign::encode;
use noticed::sign::font::Fonts;
use noticed::sign::layout::compose;
use noticed::sign::panel::*;
use std::collections::BTreeMap;
fn t(pl: &str, en: &str) -> Texts {
    Texts(BTreeMap::from([(Language::parse("pl").unwrap(), pl.into()), (Language::parse("en").unwrap(), en.into())]))
}
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let foot = ActivityFacts {
        id: ActivityId::new("footfall"),
        kind: ActivityKind::PeopleCounting,
        classes: vec![SensorClass::Tof],
        purpose: t("planowanie obsady i godzin otwarcia", "planning staff and opening hours"),
        legal_basis: LegalBasis::LegitimateInterest,
        interest: t("dobra obsługa w godzinach szczytu", "good service at busy hours"),
        retention: Period { count: 13, unit: PeriodUnit::Month },
        objection: true,
    };
    let pres = ActivityFacts {
        id: ActivityId::new("queue"),
        kind: ActivityKind::Presence,
        classes: vec![SensorClass::EdgeCamera],
        purpose: t("otwieranie kolejnych kas", "opening more tills"),
        interest: t("krótkie kolejki", "short queues"),
        retention: Period { count: 30, unit: PeriodUnit::Day },
        ..foot.clone()
    };
    let cctv = ActivityFacts {
        id: ActivityId::new("cctv"),
        kind: ActivityKind::Cctv,
        classes: vec![SensorClass::Cctv],
        purpose: t("ochrona mienia przed kradzieżą", "protecting goods against theft"),
        interest: t("mniej strat", "fewer losses"),
        retention: Period { count: 7, unit: PeriodUnit::Day },
        objection: false,
        ..foot.clone()
    };
    let facts = |a: Vec<ActivityFacts>| Facts {
        shop: "Sklep Zielony".into(),
        controller: "Zielony sp. z o.o.".into(),
        address: "ul. Polna 1, 60-001 Poznań".into(),
        contact: "rodo@example.pl".into(),
        dpo: Some("iod@example.pl".into()),
        zones: vec![t("Wejście", "Entrance")],
        activities: a,
        public_url: "http://192.168.1.10:8080".into(),
        offline_notice: t("kartka przy kasie", "the sheet at the till"),
        bucket: std::time::Duration::from_secs(900),
        time_zone: jiff::tz::TimeZone::get("Europe/Warsaw").unwrap(),
    };
    let w = Wordings::builtin();
    let fonts = Fonts::embedded();
    let until = Wall(1795541400000);
    let act = |x: &[&str]| SignState::Active(x.iter().map(|i| ActivityId::new(i)).collect());
    let states = [
        ("active", act(&["footfall"]), facts(vec![foot.clone()])),
        ("two", act(&["footfall", "queue"]), facts(vec![foot.clone(), pres.clone()])),
        ("three", act(&["footfall", "queue", "cctv"]), facts(vec![foot.clone(), pres.clone(), cctv.clone()])),
        ("inactive", SignState::Inactive { valid_until: until }, facts(vec![foot.clone()])),
        ("paused", SignState::Paused { valid_until: until }, facts(vec![foot.clone(), cctv.clone()])),
        ("unknown", SignState::Unknown, facts(vec![foot.clone()])),
    ];
    let lang = Language::parse(&args[2]).unwrap();
    for (wd, ht) in Panel::SIZES.into_iter().chain([(480, 800), (300, 400), (825, 1200)]) {
        for (name, state, f) in &states {
            let panel = Panel::new(wd, ht, Ink::BlackWhite);
            let start = std::time::Instant::now();
            match compose(&panel, &copy(&w, f, state, lang), &fonts) {
                Ok(c) => {
                    let ms = start.elapsed().as_secs_f64() * 1e3;
                    std::fs::write(
                        format!("{}/{wd}x{ht}-{name}.png", args[1]),
                        encode::png(&c.canvas, Ink::BlackWhite),
                    )
                    .unwrap();
                    println!("{wd}x{ht} {name} {ms:.1} ms, left out: {:?}", c.left_out)
                }
                Err(e) => println!("{wd}x{ht} {name}: {e}"),
            }
        }
    }
}
