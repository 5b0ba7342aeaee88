//! What every board keeps to, whatever it says.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::domain::activity::LegalBasis;
use crate::domain::notice::SignState;
use crate::domain::text::Language;
use crate::notice::copy::copy;
use crate::notice::facts::{ActivityFacts, Facts};
use crate::notice::samples::{cctv, english, facts, footfall, polish, presence, texts};
use crate::notice::wording::Wordings;
use crate::sign::canvas::Tint;

use super::measures::{FRAME, MARK, SMALLEST};
use super::page::{Area, Operation, Role, Text};
use super::pdf::pdf;
use super::plain::{COLUMNS, plain};
use super::svg::svg;
use super::*;

/// What printers leave white at each edge.
const UNPRINTABLE: f64 = 5.0;

/// How far two lengths may be apart and mean the same.
const HAIR: f64 = 1e-6;

fn said(facts: &Facts, language: Language) -> Copy {
    let all = facts.activities.iter().map(|activity| activity.id.clone()).collect();
    copy(&Wordings::builtin(), facts, &SignState::Active(all), language)
}

fn set(copy: &Copy, paper: Paper) -> Result<Page, PrintError> {
    board(
        &Board { copy, ink: Ink::BlackWhite, mark: "door · 0123456789abcdef · 2026-03-02" },
        paper,
        &Fonts::embedded(),
    )
}

fn long() -> Facts {
    Facts {
        controller: "Przedsiębiorstwo Handlowo-Usługowe Zielony Market Wielkopolska spółka z ograniczoną odpowiedzialnością sp. k."
            .to_owned(),
        address: "ul. Generała Władysława Sikorskiego 118/120 lok. 14, 62-800 Kalisz-Dobrzec".to_owned(),
        contact: "ochrona.danych.osobowych@zielony-market.example.pl".to_owned(),
        dpo: Some("inspektor.ochrony.danych@zielony-market.example.pl".to_owned()),
        zones: vec![
            texts("Wejście główne od ulicy Garbary", "Main entrance from Garbary Street"),
            texts("Pasaż handlowy", "Arcade"),
        ],
        code: None,
        public_url: "https://powiadomienia.zielony-market-wielkopolska.example.pl".to_owned(),
        ..facts(vec![footfall(), presence(), cctv()])
    }
}

/// Boards with little and with much to say, with and without a right to object, in one language and in two.
fn samples() -> Vec<(String, Copy, Paper)> {
    let duty = ActivityFacts { legal_basis: LegalBasis::LegalObligation, ..cctv() };
    let shops = [
        ("one", facts(vec![footfall()])),
        ("two", facts(vec![footfall(), presence()])),
        ("three", facts(vec![footfall(), presence(), cctv()])),
        ("no way out", facts(vec![cctv()])),
        ("no right", facts(vec![duty])),
        ("long", long()),
    ];
    let mut samples = Vec::new();
    for (name, shop) in &shops {
        for language in [polish(), english()] {
            for paper in [Paper::A4, Paper::A3] {
                samples.push((format!("{name} {language} {paper}"), said(shop, language), paper));
            }
        }
    }
    let below = Some(Box::new(said(&shops[0].1, english())));
    for paper in [Paper::A4, Paper::A3] {
        let copy = Copy { below: below.clone(), ..said(&shops[0].1, polish()) };
        samples.push((format!("in two languages {paper}"), copy, paper));
    }
    samples
}

fn pages() -> Vec<(String, Copy, Page)> {
    let set = |(name, copy, paper): (String, Copy, Paper)| {
        let page = set(&copy, paper).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, copy, page)
    };
    samples().into_iter().map(set).collect()
}

/// Every text of a notice, each once.
fn texts_of(copy: &Copy) -> Vec<String> {
    let mut texts = copy.headline.clone();
    texts.extend([copy.place.text.clone(), copy.more.text.clone()]);
    for line in &copy.lines {
        texts.push(line.label.clone());
        texts.push(line.parts.iter().map(|part| part.text.as_str()).collect());
    }
    if let Some(objection) = &copy.objection {
        texts.extend([objection.question.text.clone(), objection.answer.clone()]);
    }
    texts.extend(copy.below.iter().flat_map(|below| texts_of(below)));
    texts.retain(|text| !text.is_empty());
    texts
}

fn inside(area: &Area, page: &Page, margin: f64) -> bool {
    let (right, bottom) = (page.paper.width() - margin, page.paper.height() - margin);
    area.x >= margin - HAIR && area.y >= margin - HAIR && area.right() <= right + HAIR && area.bottom() <= bottom + HAIR
}

fn apart(a: &Area, b: &Area) -> bool {
    a.right() <= b.x + HAIR || b.right() <= a.x + HAIR || a.bottom() <= b.y + HAIR || b.bottom() <= a.y + HAIR
}

/// What may not touch anything else: words, rules, pictograms as a whole, codes with their quiet zones, the four sides of frames.
fn solid(page: &Page) -> Vec<Area> {
    let mut solid = Vec::new();
    for operation in &page.operations {
        match operation {
            // A ground is there to be drawn upon.
            Operation::Fill(area, _) if area.height < 3.0 => solid.push(*area),
            Operation::Fill(..) | Operation::Shape(..) => {}
            Operation::Frame { area, thickness, .. } => {
                let Area { x, y, width, height } = *area;
                let side = |x, y, width, height| Area { x, y, width, height };
                solid.push(side(x, y, width, *thickness));
                solid.push(side(x, area.bottom() - thickness, width, *thickness));
                solid.push(side(x, y + thickness, *thickness, height - 2.0 * thickness));
                solid.push(side(area.right() - thickness, y + thickness, *thickness, height - 2.0 * thickness));
            }
            Operation::Code { area, module, .. } => solid.push(grown(area, 4.0 * module)),
            Operation::Text(_) => solid.push(operation.area()),
        }
    }
    solid.extend(pictograms(page));
    solid
}

fn grown(area: &Area, by: f64) -> Area {
    Area { x: area.x - by, y: area.y - by, width: area.width + 2.0 * by, height: area.height + 2.0 * by }
}

/// Areas of runs of shapes.
fn pictograms(page: &Page) -> Vec<Area> {
    let is_shape = |operation: &Operation| matches!(operation, Operation::Shape(..));
    let runs = page.operations.chunk_by(|a, b| is_shape(a) && is_shape(b));
    let joined = |run: &[Operation]| {
        run.iter().map(Operation::area).reduce(|a, b| {
            let (x, y) = (a.x.min(b.x), a.y.min(b.y));
            Area { x, y, width: a.right().max(b.right()) - x, height: a.bottom().max(b.bottom()) - y }
        })
    };
    runs.filter(|run| is_shape(&run[0])).filter_map(joined).collect()
}

/// Says which law a page breaks.
fn broken_law(page: &Page) -> Option<String> {
    for operation in &page.operations {
        let margin = if matches!(operation, Operation::Fill(..)) { UNPRINTABLE } else { FRAME };
        if !inside(&operation.area(), page, margin) {
            return Some(format!("{operation:?} is not within {margin} mm of the edge"));
        }
        if let Operation::Code { module, .. } = operation
            && *module < 1.0
        {
            return Some(format!("the code's modules have {module} mm"));
        }
    }
    let solid = solid(page);
    for (index, one) in solid.iter().enumerate() {
        if let Some(other) = solid[index + 1..].iter().find(|other| !apart(one, other)) {
            return Some(format!("{one:?} overlaps {other:?}"));
        }
    }
    let small = page.texts().find(|text| text.size < if text.role == Role::Mark { MARK } else { SMALLEST });
    small.map(|text| format!("type of {} mm is too small: {:?}", text.size, text.lines))
}

#[test]
fn no_board_breaks_a_law_of_paper() {
    for (name, _, page) in pages() {
        assert_eq!(broken_law(&page), None, "{name}");
    }
}

#[test]
fn every_word_of_the_notice_is_on_the_board_and_no_other() {
    for (name, copy, page) in pages() {
        let mut found: Vec<String> = page.texts().map(|text| text.words().trim_end().to_owned()).collect();
        found.retain(|text| !text.starts_with("http") && !text.contains("0123456789abcdef"));
        let mut wanted = texts_of(&copy);
        found.sort();
        wanted.sort();
        assert_eq!(found, wanted, "{name}");
    }
}

#[test]
fn a_line_is_as_wide_as_its_letters() {
    let fonts = Fonts::embedded();
    let faces = face::Faces::new(&fonts);
    for (name, _, page) in pages() {
        for text in page.texts() {
            for line in &text.lines {
                let glyphs = faces.get(text.weight).shape(&line.letters).unwrap();
                let width = face::millimetres(face::width(&glyphs), text.size);
                assert!((width - line.width).abs() < HAIR, "{name}: {line:?} has {width} mm");
            }
        }
    }
}

#[test]
fn labels_stand_in_one_column_level_with_their_texts() {
    for (name, copy, page) in pages() {
        let texts: Vec<&Text> = page.texts().collect();
        let rows = texts.windows(2).filter(|pair| pair[0].role == Role::Label);
        let rows: Vec<_> = rows.map(|pair| (pair[0].lines[0].clone(), pair[1].lines[0].clone())).collect();
        let sections = if copy.below.is_some() { 2 } else { 1 };
        assert_eq!(rows.len(), 5 * sections, "{name}");
        for (label, text) in &rows {
            assert!((label.baseline - text.baseline).abs() < HAIR, "{name}: {label:?} {text:?}");
            assert!((label.x - rows[0].0.x).abs() < HAIR && (text.x - rows[0].1.x).abs() < HAIR, "{name}");
            assert!(label.x + label.width < text.x, "{name}");
        }
    }
}

#[test]
fn the_right_to_object_stands_in_the_only_frame() {
    let (_, copy, page) = pages().swap_remove(0);
    let frames = page.operations.iter().filter(|operation| matches!(operation, Operation::Frame { .. }));
    let frames: Vec<Area> = frames.map(Operation::area).collect();
    let [frame] = frames[..] else { panic!("{frames:?}") };
    let inside = page.texts().filter(|text| !apart(&Operation::Text((*text).clone()).area(), &frame));
    let within: Vec<String> = inside.map(|text| text.words().trim_end().to_owned()).collect();
    let objection = copy.objection.unwrap();
    assert_eq!(within, [objection.question.text, objection.answer]);
}

#[test]
fn the_same_board_gives_the_same_bytes_without_a_date() {
    let fonts = Fonts::embedded();
    let copy = said(&long(), polish());
    let [one, other] = [(); 2].map(|()| set(&copy, Paper::A4).unwrap());
    let (pdfs, svgs) = ([&one, &other].map(|page| pdf(page, &fonts)), [&one, &other].map(|page| svg(page, &fonts)));
    assert!(pdfs[0] == pdfs[1] && svgs[0] == svgs[1]);
    let has = |word: &[u8]| pdfs[0].windows(word.len()).any(|bytes| bytes == word);
    assert!(has(b"/Title") && !has(b"Date") && !has(b"/ID"));
}

#[test]
fn a_board_with_less_to_say_has_type_no_smaller() {
    let size = |shop: &Facts| set(&said(shop, polish()), Paper::A4).unwrap().body;
    let (one, three) = (facts(vec![footfall()]), facts(vec![footfall(), presence(), cctv()]));
    assert!(size(&one) > size(&three));
    assert!(set(&said(&one, polish()), Paper::A3).unwrap().body > size(&one));
}

#[test]
fn colours_are_those_of_the_panel() {
    let copy = said(&facts(vec![footfall()]), polish());
    let tints = |ink| {
        let page = board(&Board { copy: &copy, ink, mark: "m" }, Paper::A4, &Fonts::embedded()).unwrap();
        page.operations.iter().any(|operation| matches!(operation, Operation::Fill(_, Tint::Red)))
    };
    assert!(tints(Ink::BlackWhiteRed) && !tints(Ink::BlackWhite));
}

#[test]
fn a_notice_that_does_not_fit_is_refused_with_what_to_do() {
    let endless = Facts { address: "ul. Bardzo Długa 1, ".repeat(400), ..facts(vec![footfall()]) };
    let refused = |paper| set(&said(&endless, polish()), paper).map(drop).unwrap_err().to_string();
    assert!(refused(Paper::A4).contains("does not fit on A4 in type of 11 pt"), "{}", refused(Paper::A4));
    assert!(refused(Paper::A4).contains("--paper a3") && !refused(Paper::A3).contains("--paper a3"));
    let far = Facts { public_url: format!("http://{}", "a".repeat(2000)), ..facts(vec![footfall()]) };
    let refused = set(&said(&far, polish()), Paper::A4).map(drop).unwrap_err().to_string();
    assert!(refused.contains("shorten signage.public-url"), "{refused}");
    let foreign = Facts { controller: "北京".to_owned(), ..facts(vec![footfall()]) };
    assert_eq!(set(&said(&foreign, polish()), Paper::A4), Err(PrintError::NoGlyph('北')));
}

#[test]
fn what_ends_is_never_printed() {
    let shop = facts(vec![footfall()]);
    for state in [SignState::Inactive { valid_until: crate::domain::time::Wall(0) }, SignState::Unknown] {
        let copy = copy(&Wordings::builtin(), &shop, &state, polish());
        assert_eq!(set(&copy, Paper::A4), Err(PrintError::NothingGoesOn));
    }
}

#[test]
fn plain_text_has_every_word_in_lines_of_72() {
    for (name, copy, _) in samples() {
        let text = plain(&Board { copy: &copy, ink: Ink::BlackWhite, mark: "the mark" });
        for line in text.lines() {
            assert!(line.chars().count() <= COLUMNS || !line.trim().contains(' '), "{name}: {line}");
        }
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for wanted in texts_of(&copy) {
            let wanted = wanted.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(flat.contains(&wanted), "{name}: {wanted} is missing in {text}");
        }
        assert!(flat.contains("http") && text.ends_with("the mark\n") && !text.contains("\n\n\n"), "{text}");
    }
}

#[test]
fn an_svg_defines_every_letter_that_it_uses() {
    let fonts = Fonts::embedded();
    for (name, _, page) in pages() {
        let text = svg(&page, &fonts);
        let uses = text.split("xlink:href=\"#").skip(1).filter_map(|rest| rest.split_once('"'));
        for used in uses.map(|(used, _)| used).collect::<BTreeSet<_>>() {
            assert!(text.contains(&format!("<path id=\"{used}\" ")), "{name}: {used}");
        }
        assert!(text.contains("<desc") && text.contains(&page.title.replace('&', "&amp;")));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever a shop writes, its board keeps every law, or is refused.
    #[test]
    fn any_shop_gets_a_board_or_a_reason(
        controller in "[A-ZŁŻŚ][a-zęółśążźćń]{1,14}( [A-ZŁ]?[a-zęółśążźćń&.-]{1,18}){0,14}",
        address in "[a-zA-Zó0-9,. /-]{1,160}",
        contact in "[a-z.-]{1,30}@[a-z.-]{1,40}",
        purpose in "[a-zęółśążźćń]{1,18}( [a-zęółśążźćń]{1,18}){0,20}",
        zone in "[A-Z][a-zęó]{1,12}( [a-zęó]{1,12}){0,6}",
        host in "[a-z0-9.-]{1,90}",
        kinds in 1usize..4,
        large in any::<bool>(),
    ) {
        let activity = |activity: ActivityFacts| ActivityFacts { purpose: texts(&purpose, &purpose), ..activity };
        let activities = [footfall(), presence(), cctv()].map(activity).into_iter().take(kinds).collect();
        let shop = Facts {
            controller, address, contact, zones: vec![texts(&zone, &zone)], public_url: format!("http://{host}"),
            ..facts(activities)
        };
        let paper = if large { Paper::A3 } else { Paper::A4 };
        match set(&said(&shop, polish()), paper) {
            Ok(page) => prop_assert_eq!(broken_law(&page), None),
            Err(error) => prop_assert!(
                matches!(error, PrintError::TooLong { .. } | PrintError::NoCode { .. }), "{}", error
            ),
        }
    }
}
