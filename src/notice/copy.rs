//! The first layer: what a sign says, as structured text for [`crate::sign::layout`] to set.
//!
//! Nothing in the copy of an active sign changes with time, so that its picture, and with it its hash, stays the same.
//! A picture that says "not counting" always carries the day as well as the hour of its end: e-ink keeps it for weeks.

use crate::domain::activity::{ActivityKind, LegalBasis};
use crate::domain::notice::SignState;
use crate::domain::text::Language;
use crate::domain::time::Wall;

use super::facts::{ActivityFacts, Facts};
use super::piece::Piece;
use super::wording::{Voice, Wording, Wordings, fill};

/// What one sign says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Copy {
    /// Language of the texts.
    pub language: Language,
    /// Language of headline and place.
    pub heading: Language,
    /// How it must look, so that no state looks like another from afar.
    pub tone: Tone,
    /// What goes on, one pictogram each; for other states than active what does not, or may.
    pub icons: Vec<ActivityKind>,
    /// The state in a few words, one line per kind of activity.
    pub headline: Vec<String>,
    /// Which zones the sign speaks for.
    pub place: Part,
    /// Sentences in large type.
    pub leads: Vec<Lead>,
    /// Labelled lines.
    pub lines: Vec<Line>,
    /// How to object, in a block of its own (GDPR Art. 21(4)).
    pub objection: Option<Objection>,
    /// Where the second layer is.
    pub more: Part,
    /// The same in fewer words.
    pub brief_more: Part,
    /// URL of the second layer, for the QR code.
    pub qr: String,
    /// The same in a second language, to stand below.
    pub below: Option<Box<Copy>>,
}

/// The look of a sign.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Tone {
    /// Something goes on.
    Active,
    /// Nothing goes on.
    Inactive,
    /// Stopped for a visitor.
    Paused,
    /// Nobody knows.
    Unknown,
}

/// One sentence in large type.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lead {
    /// The sentence.
    pub text: String,
    /// The same in fewer words, for panels that hold a few lines.
    pub brief: String,
    /// Whether it is set in bold: how long the sign holds, or what to assume.
    pub strong: bool,
    /// What it is, if it may be left out.
    pub piece: Option<Piece>,
}

/// One labelled line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// What the line is about.
    pub label: String,
    /// Its text, in pieces that are set without anything between them.
    pub parts: Vec<Part>,
}

/// A piece of a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// The text, with its own spaces and stops.
    pub text: String,
    /// What it is, if it may be left out.
    pub piece: Option<Piece>,
}

/// How to object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Objection {
    /// The question, in bold; empty where the shop offers no way out but the law gives a right.
    pub question: Part,
    /// What to do.
    pub answer: String,
    /// The same in fewer words, for panels that hold a few lines.
    pub brief: String,
    /// The same without an address, for panels that hold not even that: it stands behind the code.
    pub briefest: String,
}

impl Copy {
    /// Pieces that this copy has and that may be left out, in the order in which they are.
    #[must_use]
    pub fn pieces(&self) -> Vec<Piece> {
        let parts = self.lines.iter().flat_map(|line| &line.parts).chain([&self.place, &self.more]);
        let parts = parts.chain(self.objection.iter().map(|objection| &objection.question));
        let parts = parts.filter(|part| !part.text.is_empty()).map(|part| part.piece);
        let mut pieces: Vec<Piece> = parts.chain(self.leads.iter().map(|lead| lead.piece)).flatten().collect();
        pieces.sort_unstable();
        pieces.dedup();
        pieces
    }
}

/// What a sign says in `state`.
///
/// A state that names an activity which `facts` does not have gives the "state unknown" copy: a sign never names less than
/// what goes on.
#[must_use]
pub fn copy(wordings: &Wordings, facts: &Facts, state: &SignState, language: Language) -> Copy {
    let writer = Writer { words: wordings.get(language), facts, language };
    match state {
        SignState::Active(ids) => {
            let named: Vec<&ActivityFacts> = facts.activities.iter().filter(|a| ids.contains(&a.id)).collect();
            if named.is_empty() || named.len() < ids.len() { writer.unknown() } else { writer.active(&named) }
        }
        SignState::Inactive { valid_until } => writer.inactive(*valid_until),
        SignState::Paused { valid_until, beside } => {
            let named: Vec<&ActivityFacts> = facts.activities.iter().filter(|a| beside.contains(&a.id)).collect();
            if named.len() < beside.len() { writer.unknown() } else { writer.paused(*valid_until, &named) }
        }
        SignState::Unknown => writer.unknown(),
    }
}

/// The same with a second language below the first.
#[must_use]
pub fn copy_in_two(
    wordings: &Wordings,
    facts: &Facts,
    state: &SignState,
    first: Language,
    second: Option<Language>,
) -> Copy {
    let below = second.map(|second| Box::new(copy(wordings, facts, state, second)));
    Copy { below, ..copy(wordings, facts, state, first) }
}

/// What a sign that shows several languages in turn says while it is `other`'s turn: everything in that language, below the headline and the
/// place in the local one, so that whoever reads only the local language still sees what goes on, and where.
#[must_use]
pub fn copy_in_turn(wordings: &Wordings, facts: &Facts, state: &SignState, local: Language, other: Language) -> Copy {
    let (above, told) = (copy(wordings, facts, state, local), copy(wordings, facts, state, other));
    let headline = told.headline.into_iter().map(|text| Lead { brief: text.clone(), text, strong: true, piece: None });
    let leads = headline.chain(told.leads).collect();
    Copy { heading: local, headline: above.headline, place: above.place, leads, ..told }
}

struct Writer<'a> {
    words: &'a Wording,
    facts: &'a Facts,
    language: Language,
}

impl Writer<'_> {
    fn active(&self, activities: &[&ActivityFacts]) -> Copy {
        let kinds = kinds(activities);
        let labels = &self.words.labels;
        let lines = vec![
            line(&labels.what, vec![self.piece(self.what(activities), Piece::What)]),
            line(&labels.controller, self.controller(true)),
            line(&labels.purpose, self.purposes(activities)),
            line(&labels.kept, self.kept(activities)),
            line(&labels.rights, self.rights(activities)),
        ];
        Copy {
            headline: kinds.iter().map(|kind| self.words.doing(*kind).headline.clone()).collect(),
            lines,
            objection: self.objection(activities),
            ..self.blank(Tone::Active, kinds)
        }
    }

    fn inactive(&self, valid_until: Wall) -> Copy {
        let (words, voice) = (&self.words.inactive, self.voice());
        let mut leads = vec![self.explanation(words.lead.get(voice))];
        leads.push(self.validity(&words.validity, valid_until));
        self.stopped(Tone::Inactive, words.headline.get(voice), leads)
    }

    /// What goes on beside the pause is told in full: nobody can pause it, and it is what a visitor has to know before entering.
    fn paused(&self, valid_until: Wall, beside: &[&ActivityFacts]) -> Copy {
        let until = self.validity(&self.words.paused.validity, valid_until);
        if !beside.is_empty() {
            let mut copy = self.active(beside);
            copy.headline.push(self.words.paused.headline.get(self.voice()).to_owned());
            copy.leads = vec![until];
            return copy;
        }
        let (words, voice) = (&self.words.paused, self.voice());
        let leads = vec![self.explanation(words.lead.get(voice)), until];
        self.stopped(Tone::Paused, words.headline.get(voice), leads)
    }

    fn stopped(&self, tone: Tone, headline: &str, mut leads: Vec<Lead>) -> Copy {
        if self.has_recorder() && self.voice() != Voice::Recording {
            let brief = self.set(&self.words.brief.not_cctv);
            leads.insert(1, Lead { brief, ..self.lead(&self.words.inactive.not_cctv, false, None) });
        }
        Copy {
            headline: vec![headline.to_owned()],
            leads,
            lines: vec![line(&self.words.labels.controller, self.controller(false))],
            ..self.blank(tone, self.measured_kinds())
        }
    }

    fn unknown(&self) -> Copy {
        let words = &self.words.unknown;
        let all = self.all();
        Copy {
            headline: vec![words.headline.clone()],
            leads: vec![self.explanation(&words.lead), self.lead(words.assume.get(self.voice()), true, None)],
            lines: vec![
                line(&self.words.labels.if_on, vec![self.piece(self.what(&all), Piece::What)]),
                line(&self.words.labels.controller, self.controller(false)),
            ],
            objection: self.objection(&all),
            ..self.blank(Tone::Unknown, self.measured_kinds())
        }
    }

    fn blank(&self, tone: Tone, icons: Vec<ActivityKind>) -> Copy {
        let labels = &self.words.labels;
        let zone = if self.facts.zones.len() > 1 { &labels.zones } else { &labels.zone };
        let offline = self.facts.offline_notice.best(self.language);
        Copy {
            language: self.language,
            heading: self.language,
            tone,
            icons,
            headline: Vec::new(),
            place: self.piece(format!("{zone}: {}", self.facts.zone_names(self.language)), Piece::Place),
            leads: Vec::new(),
            lines: Vec::new(),
            objection: None,
            more: self.piece(fill(&self.words.active.more, &[("offline-notice", offline)]), Piece::More),
            brief_more: self.piece(&self.words.brief.more, Piece::More),
            qr: self.facts.code_url(self.language),
            below: None,
        }
    }

    fn what(&self, activities: &[&ActivityFacts]) -> String {
        let classes = |kind| activities.iter().filter(move |a| a.kind == kind).flat_map(|a| a.classes.iter().copied());
        let present: Vec<_> = classes(ActivityKind::Presence).collect();
        let both: Vec<_> = classes(ActivityKind::PeopleCounting).filter(|class| present.contains(class)).collect();
        let mut sentences = self.words.counting_and_presence.sentences(&both);
        for activity in activities {
            let is_told = activity.kind != ActivityKind::Cctv;
            let left = activity.classes.iter().copied().filter(|class| !(is_told && both.contains(class)));
            let left: Vec<_> = left.collect();
            if !left.is_empty() || activity.classes.is_empty() {
                sentences.extend(self.words.doing(activity.kind).sentences(&left));
            }
        }
        distinct(sentences).join(" ")
    }

    /// Name and contact; the address where `with_address` asks for it.
    fn controller(&self, with_address: bool) -> Vec<Part> {
        let facts = self.facts;
        let mut parts = vec![self.piece(&facts.controller, Piece::Controller)];
        if with_address {
            parts.push(self.piece(format!(", {}", facts.address), Piece::Address));
        }
        parts.push(self.piece(format!(", {}", facts.contact), Piece::Contact));
        if let Some(dpo) = &facts.dpo {
            parts.push(self.piece(format!(". {}:\u{a0}{dpo}", self.words.labels.dpo), Piece::Officer));
        }
        parts
    }

    /// Purpose, interest and article of each activity; with several, each is named, and equal ones are said once.
    fn purposes(&self, activities: &[&ActivityFacts]) -> Vec<Part> {
        let several = activities.iter().any(|a| self.reasons(a) != self.reasons(activities[0]));
        let told = if several { activities } else { &activities[..1] };
        let mut parts = Vec::new();
        for activity in told {
            let space = if parts.is_empty() { "" } else { " " };
            let (purpose, interest) = self.reasons(activity);
            let purpose = if several {
                format!("{}: {purpose}.", capitalised(&self.words.doing(activity.kind).name))
            } else {
                format!("{}.", capitalised(purpose))
            };
            let article = self.words.basis.article(activity.legal_basis);
            parts.push(self.piece(format!("{space}{purpose}"), Piece::Purpose));
            if activity.legal_basis == LegalBasis::LegitimateInterest {
                let basis = &self.words.basis;
                let template = if several { &basis.interest_of_several } else { &basis.interest };
                let interest = fill(template, &[("interest", interest)]);
                parts.push(self.piece(format!(" {interest}"), Piece::Interest));
                parts.push(self.piece(format!(" ({article})"), Piece::Article));
                parts.push(self.piece(".", Piece::Interest));
            } else {
                let stated = fill(&self.words.basis.stated, &[("basis", article)]);
                parts.push(self.piece(format!(" {stated}."), Piece::Article));
            }
        }
        parts
    }

    fn reasons<'b>(&self, activity: &'b ActivityFacts) -> (&'b str, &'b str) {
        let clean = |text: &'b str| text.trim().trim_end_matches('.');
        (clean(activity.purpose.best(self.language)), clean(activity.interest.best(self.language)))
    }

    fn kept(&self, activities: &[&ActivityFacts]) -> Vec<Part> {
        let measured: Vec<String> = activities.iter().filter(|a| !is_recorder(a)).map(|a| self.kept_of(a)).collect();
        let recorded: Vec<String> = activities.iter().filter(|a| is_recorder(a)).map(|a| self.kept_of(a)).collect();
        let mut parts = Vec::new();
        if !measured.is_empty() {
            parts.push(self.piece(distinct(measured).join(" "), Piece::Kept));
            parts.push(self.piece(format!(" {}", self.words.active.passed_to_no_one), Piece::Recipients));
        }
        if !recorded.is_empty() {
            let space = if parts.is_empty() { "" } else { " " };
            parts.push(self.piece(format!("{space}{}", distinct(recorded).join(" ")), Piece::Kept));
        }
        parts
    }

    fn kept_of(&self, activity: &ActivityFacts) -> String {
        let interval = self.words.interval(self.facts.bucket);
        let retention = self.words.retention(activity.retention);
        fill(&self.words.doing(activity.kind).kept, &[("interval", &interval), ("retention", &retention)])
    }

    fn rights(&self, activities: &[&ActivityFacts]) -> Vec<Part> {
        let words = &self.words.active;
        let can_object = activities.iter().any(|a| a.may_be_objected_to());
        let rights = if can_object { &words.rights } else { &words.rights_without_objection };
        let piece = |text: &str, piece| self.piece(text, piece);
        vec![piece(rights, Piece::Rights), piece(&words.complaint, Piece::Complaint), piece(".", Piece::Rights)]
    }

    fn objection(&self, activities: &[&ActivityFacts]) -> Option<Objection> {
        if !activities.iter().any(|a| a.may_be_objected_to()) {
            return None;
        }
        let offered: Vec<&ActivityFacts> = activities.iter().copied().filter(|a| a.objection).collect();
        let words = &self.words.objection;
        let question = if offered.is_empty() { "" } else { words.question(voice(&offered)) };
        let by_code = self.facts.code.is_some() && !offered.is_empty();
        let answer = if by_code { &words.by_code } else { &words.right };
        let answer = fill(answer, &[("contact", &self.facts.contact)]);
        let brief = fill(&self.words.brief.objection, &[("contact", &self.facts.contact)]);
        let question = self.piece(question, Piece::Question);
        let briefest = self.set(&self.words.brief.right);
        Some(Objection { question, answer: self.set(&answer), brief: self.set(&brief), briefest })
    }

    fn validity(&self, template: &str, at: Wall) -> Lead {
        let until = self.words.dated(template, at, &self.facts.time_zone);
        let brief = self.set(&format!("{until} {}", self.words.brief.afterwards.get(self.voice())));
        Lead { brief, ..self.lead(&format!("{until} {}", self.words.afterwards.get(self.voice())), true, None) }
    }

    fn lead(&self, text: &str, strong: bool, piece: Option<Piece>) -> Lead {
        let text = self.set(text);
        Lead { brief: text.clone(), text, strong, piece }
    }

    fn explanation(&self, text: &str) -> Lead {
        self.lead(text, false, Some(Piece::Explanation))
    }

    fn piece(&self, text: impl AsRef<str>, piece: Piece) -> Part {
        Part { text: self.set(text.as_ref()), piece: Some(piece) }
    }

    fn set(&self, text: &str) -> String {
        self.words.typeset(text)
    }

    fn all(&self) -> Vec<&ActivityFacts> {
        self.facts.activities.iter().collect()
    }

    /// The kinds that the daemon switches; a recorder only where there is nothing else, because nothing stops it.
    fn measured_kinds(&self) -> Vec<ActivityKind> {
        let all = kinds(&self.all());
        let measured: Vec<_> = all.iter().copied().filter(|kind| *kind != ActivityKind::Cctv).collect();
        if measured.is_empty() { all } else { measured }
    }

    fn voice(&self) -> Voice {
        voice(&self.all())
    }

    fn has_recorder(&self) -> bool {
        self.facts.activities.iter().any(is_recorder)
    }
}

fn line(label: &str, parts: Vec<Part>) -> Line {
    Line { label: label.to_owned(), parts }
}

fn is_recorder(activity: &ActivityFacts) -> bool {
    activity.kind == ActivityKind::Cctv
}

pub(super) fn voice(activities: &[&ActivityFacts]) -> Voice {
    let kinds = kinds(activities);
    if kinds.contains(&ActivityKind::Presence) {
        Voice::Measuring
    } else if kinds.contains(&ActivityKind::PeopleCounting) {
        Voice::Counting
    } else {
        Voice::Recording
    }
}

fn kinds(activities: &[&ActivityFacts]) -> Vec<ActivityKind> {
    let mut kinds: Vec<_> = activities.iter().map(|a| a.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

fn distinct<T: PartialEq>(items: Vec<T>) -> Vec<T> {
    items.into_iter().fold(Vec::new(), |mut kept, item| {
        if !kept.contains(&item) {
            kept.push(item);
        }
        kept
    })
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use crate::domain::activity::SensorClass;
    use crate::domain::id::ActivityId;

    use super::super::samples::{cctv, english, facts, footfall, polish, presence, wall};
    use super::*;

    fn whole(copy: &Copy) -> String {
        let parts = copy.lines.iter().flat_map(|line| line.parts.iter().map(|part| part.text.clone()));
        let leads = copy.leads.iter().map(|lead| lead.text.clone());
        let objection = copy.objection.iter().map(|o| format!("{} {}", o.question.text, o.answer));
        let text: Vec<String> = copy.headline.iter().cloned().chain(leads).chain(parts).chain(objection).collect();
        text.join("|").replace('\u{a0}', " ")
    }

    fn say(activities: Vec<ActivityFacts>, state: &SignState, language: Language) -> String {
        whole(&copy(&Wordings::builtin(), &facts(activities), state, language))
    }

    fn active(ids: &[&str]) -> SignState {
        SignState::Active(ids.iter().map(|id| ActivityId::new(id)).collect())
    }

    #[test]
    fn an_active_sign_names_every_activity_that_goes_on() {
        let text = say(vec![footfall(), presence(), cctv()], &active(&["footfall", "queue"]), polish());
        assert!(text.contains("LICZYMY WEJŚCIA") && text.contains("WYKRYWAMY OBECNOŚĆ"), "{text}");
        assert!(!text.contains("NAGRYWAMY"), "{text}");
    }

    #[test]
    fn a_pause_beside_a_recorder_tells_of_both_and_of_the_recorder_in_full() {
        let beside = vec![ActivityId::new("cctv")];
        let paused = SignState::Paused { valid_until: wall("2026-11-24T17:30:00Z"), beside };
        let text = say(vec![footfall(), cctv()], &paused, english());
        for told in [
            "CCTV IS RECORDING|COUNTING PAUSED",
            "Paused until 18:30",
            "cameras record this place",
            "We keep recordings",
        ] {
            assert!(text.contains(told), "{told} is missing in {text}");
        }
        let unknown = say(vec![footfall()], &paused, english());
        assert!(unknown.contains("STATE UNKNOWN"), "{unknown}");
    }

    #[test]
    fn whoever_can_pause_by_the_code_is_told_so_beside_the_other_ways() {
        let by_code = Facts { code: Some("ABCDEFGHIJ".to_owned()), ..facts(vec![footfall()]) };
        let told = copy(&Wordings::builtin(), &by_code, &active(&["footfall"]), english());
        let answer = told.objection.unwrap().answer.replace('\u{a0}', " ");
        assert_eq!(answer, "You may object: scan the QR code, tell the staff or write to rodo@example.pl");
        assert_eq!(told.qr, format!("{}/N/ABCDEFGHIJ", by_code.public_url.to_uppercase()));
    }

    #[test]
    fn an_activity_without_facts_makes_the_sign_say_unknown_rather_than_too_little() {
        let text = say(vec![footfall()], &active(&["footfall", "queue"]), english());
        assert!(text.contains("STATE UNKNOWN"), "{text}");
    }

    #[test]
    fn the_active_sign_says_each_first_layer_fact() {
        let text = say(vec![footfall()], &active(&["footfall"]), polish());
        let said = [
            "Zielony sp. z o.o.",
            "rodo@example.pl",
            "IOD: iod@example.pl",
            "Planowanie obsady i godzin otwarcia.",
            "dobra obsługa w godzinach szczytu",
            "co 15 minut",
            "przez 13 miesięcy",
            "Masz prawo sprzeciwu",
        ];
        for fact in said {
            assert!(text.contains(fact), "{fact} is missing in {text}");
        }
    }

    #[test]
    fn another_language_in_its_turn_says_everything_below_the_headline_and_place_of_the_local_one() {
        let (wordings, facts) = (Wordings::builtin(), facts(vec![footfall(), presence()]));
        let state = active(&["footfall", "queue"]);
        let [local, other] = [polish(), english()].map(|language| copy(&wordings, &facts, &state, language));
        let turn = copy_in_turn(&wordings, &facts, &state, polish(), english());
        assert_eq!((&turn.headline, &turn.place, &turn.icons), (&local.headline, &local.place, &local.icons));
        assert_eq!((&turn.lines, &turn.objection, &turn.qr), (&other.lines, &other.objection, &other.qr));
        let leads: Vec<_> = turn.leads.iter().map(|lead| lead.text.clone()).collect();
        assert_eq!(leads, other.headline, "never left out");
        assert!(turn.leads.iter().all(|lead| lead.piece.is_none()));
    }

    #[test]
    fn sensors_that_count_and_detect_presence_are_told_once() {
        let with =
            |activity: ActivityFacts, classes: &[SensorClass]| ActivityFacts { classes: classes.to_vec(), ..activity };
        let told = |classes: &[SensorClass]| {
            say(vec![with(footfall(), classes), with(presence(), classes)], &active(&["footfall", "queue"]), english())
        };
        let (beam, tof, camera) = (SensorClass::Beam, SensorClass::Tof, SensorClass::EdgeCamera);
        assert!(told(&[tof]).contains("A sensor counts passings and checks whether someone is here."));
        assert!(told(&[beam, tof]).contains("Sensors without cameras count passings and check"));
        assert!(told(&[beam, camera]).contains("Sensors and cameras count passings and check"));
        let apart = say(
            vec![with(footfall(), &[beam]), with(presence(), &[camera])],
            &active(&["footfall", "queue"]),
            english(),
        );
        assert!(apart.contains("A simple sensor without a camera counts passings."), "{apart}");
        assert!(apart.contains("A camera checks whether someone is here."), "{apart}");
        let recorded = told(&[camera, SensorClass::Cctv]);
        assert!(recorded.contains("Its pictures are also recorded."), "{recorded}");
    }

    #[test]
    fn no_pictures_recorded_is_claimed_only_of_sensors_that_record_none() {
        let recording = ActivityFacts { classes: vec![SensorClass::Cctv], ..footfall() };
        assert!(say(vec![footfall()], &active(&["footfall"]), english()).contains("records no pictures"));
        let text = say(vec![recording], &active(&["footfall"]), english());
        assert!(text.contains("also recorded") && !text.contains("no pictures"), "{text}");
        let silent = ActivityFacts { classes: Vec::new(), ..footfall() };
        assert!(!say(vec![silent], &active(&["footfall"]), english()).contains("picture"));
    }

    #[test]
    fn no_sign_promises_a_button_or_a_pause_that_does_not_exist() {
        let until = wall("2026-11-24T17:30:00Z");
        let states = [active(&["footfall"]), SignState::Inactive { valid_until: until }, SignState::Unknown];
        for state in &states {
            let polish = say(vec![footfall()], state, polish()).to_lowercase();
            let english = say(vec![footfall()], state, english()).to_lowercase();
            for word in ["przycisk", "przerw", "pauz"] {
                assert!(!polish.contains(word), "{polish}");
            }
            for word in ["button", "pause", "scan"] {
                assert!(!english.contains(word), "{english}");
            }
        }
    }

    #[test]
    fn a_picture_that_ends_says_day_and_hour_and_what_to_assume_afterwards() {
        let until = wall("2026-11-24T17:30:00Z");
        let text = say(vec![footfall()], &SignState::Inactive { valid_until: until }, polish());
        assert!(
            text.contains("Ważne do 18:30, 24 listopada. Potem, jeśli tablica się nie zmieni, przyjmij, że liczymy."),
            "{text}"
        );
        let text = say(vec![footfall()], &SignState::Paused { valid_until: until, beside: vec![] }, english());
        assert!(text.contains("Paused until 18:30 on 24 November. After that"), "{text}");
    }

    #[test]
    fn a_sign_beside_a_recorder_does_not_deny_the_recorder() {
        let state = SignState::Inactive { valid_until: Wall(0) };
        assert!(say(vec![footfall(), cctv()], &state, english()).contains("does not concern recording"));
        assert!(!say(vec![footfall()], &state, english()).contains("does not concern"));
    }

    #[test]
    fn there_is_a_block_on_objection_exactly_where_the_law_gives_the_right() {
        let duty = ActivityFacts { legal_basis: LegalBasis::LegalObligation, ..footfall() };
        let copy_of = |activity| copy(&Wordings::builtin(), &facts(vec![activity]), &active(&["footfall"]), polish());
        assert!(copy_of(duty).objection.is_none());
        let not_offered =
            copy_of(ActivityFacts { objection: false, ..footfall() }).objection.expect("the right remains");
        assert!(not_offered.question.text.is_empty() && not_offered.answer.contains("prawo sprzeciwu"));
        assert!(copy_of(footfall()).objection.expect("offered").question.text.contains("żebyśmy Cię liczyli"));
    }

    #[test]
    fn reasons_that_two_activities_share_are_said_once() {
        let twin = ActivityFacts { purpose: footfall().purpose, interest: footfall().interest, ..presence() };
        let text = say(vec![footfall(), twin], &active(&["footfall", "queue"]), english());
        assert_eq!(text.matches("lanning staff").count(), 1, "{text}");
    }
}
