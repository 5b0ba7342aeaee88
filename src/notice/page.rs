//! The second layer: a web page with everything that GDPR Art. 13 asks for.
//!
//! No script, no cookie, nothing fetched from anywhere else, so that reading it leaves no trace. Every value from the
//! configuration is escaped on its way in.

use crate::domain::activity::{ActivityKind, LegalBasis};
use crate::domain::id::ActivityId;
use crate::domain::notice::SignState;
use crate::domain::text::Language;

use super::facts::{ActivityFacts, Facts};
use super::wording::{Page, Wording, Wordings, fill};

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1.05rem/1.55 system-ui,sans-serif;max-width:40rem;margin:0 auto;padding:1rem 1.1rem 3rem;overflow-wrap:break-word}\
h1{font-size:1.6rem;line-height:1.2;margin:1rem 0}\
h2{font-size:1.15rem;margin:1.8rem 0 .3rem}\
p,ul,dl{margin:.3rem 0}ul{padding-left:1.2rem}\
dt{font-weight:600;margin-top:.5rem}dd{margin:0}\
.own{border:.2rem solid;padding:.6rem .8rem;margin-top:.8rem;font-weight:600}\
nav a{margin-right:1rem}\
details{margin-top:2rem;font-size:.85rem}pre{white-space:pre-wrap;overflow-wrap:anywhere}";

/// What changes from hour to hour.
#[derive(Clone, Copy, Debug, Default)]
pub struct Current<'a> {
    /// What goes on, by the zone's name.
    pub zones: &'a [(String, SignState)],
    /// The newest signed head of the ledger, as the text that it is; nothing while there is none.
    pub checkpoint: Option<&'a str>,
}

/// Where the newest head of the ledger can be fetched as a file.
pub const CHECKPOINT_PATH: &str = "/checkpoint";

/// The page in `language`. `languages` are those of the shop, the local one first.
#[must_use]
pub fn page(
    wordings: &Wordings,
    facts: &Facts,
    now: &Current<'_>,
    language: Language,
    languages: &[Language],
) -> String {
    let (top, rest) = document(wordings, facts, language, "");
    let links = links(wordings, "/notice/", language, languages);
    let body = body(wordings, facts, now, language, languages);
    format!("{top}{}{links}\n{body}{rest}", heading(wordings, facts, language))
}

/// What stands before and after the body of a page, which may bring some style of its own.
pub(super) fn document(wordings: &Wordings, facts: &Facts, language: Language, style: &str) -> (String, &'static str) {
    let title = title(wordings, facts, language);
    let top = format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<title>{title}</title>\n<style>{STYLE}{style}</style>\n</head>\n\
         <body>\n<main>\n"
    );
    (top, "\n</main>\n</body>\n</html>\n")
}

/// The heading of a page.
pub(super) fn heading(wordings: &Wordings, facts: &Facts, language: Language) -> String {
    format!("<h1>{}</h1>\n", title(wordings, facts, language))
}

fn title(wordings: &Wordings, facts: &Facts, language: Language) -> String {
    let words = wordings.get(language);
    escape(&words.typeset(&fill(&words.page.title, &[("shop", &facts.shop)])))
}

/// Everything that GDPR Art. 13 asks for.
pub(super) fn body(
    wordings: &Wordings,
    facts: &Facts,
    now: &Current<'_>,
    language: Language,
    languages: &[Language],
) -> String {
    let words = wordings.get(language);
    let teller = Teller { words, page: &words.page, facts, language };
    let local_is_polish = languages.first().is_some_and(|local| local.code() == "pl");
    [
        teller.now(now.zones),
        teller.who(),
        teller.what(),
        teller.why(),
        teller.kept(),
        teller.recipients_and_protection(),
        teller.rights(),
        teller.complaint_and_decisions(local_is_polish),
        teller.paper(),
        now.checkpoint.map_or_else(String::new, |checkpoint| teller.checkpoint(checkpoint)),
    ]
    .join("\n")
}

struct Teller<'a> {
    words: &'a Wording,
    page: &'a Page,
    facts: &'a Facts,
    language: Language,
}

impl Teller<'_> {
    fn now(&self, zone_states: &[(String, SignState)]) -> String {
        let items = zone_states.iter().map(|(zone, state)| format!("{zone}: {}", self.state(state)));
        self.section(&self.page.now, &self.list(items))
    }

    fn state(&self, state: &SignState) -> String {
        match state {
            SignState::Active(ids) => self.active(ids),
            SignState::Inactive { .. } => self.page.now_inactive.clone(),
            SignState::Paused { beside, .. } if beside.is_empty() => self.page.now_paused.clone(),
            SignState::Paused { beside, .. } => format!("{}; {}", self.active(beside), self.page.now_paused),
            SignState::Unknown => self.page.now_unknown.clone(),
        }
    }

    fn active(&self, ids: &[ActivityId]) -> String {
        let named = self.facts.activities.iter().filter(|activity| ids.contains(&activity.id));
        let activities: Vec<&str> = named.map(|activity| self.name(activity)).collect();
        if activities.len() < ids.len() {
            return self.page.now_unknown.clone();
        }
        fill(&self.page.now_active, &[("activities", &activities.join(", "))])
    }

    fn who(&self) -> String {
        let (facts, labels) = (self.facts, &self.words.labels);
        let dpo = facts.dpo.as_ref().unwrap_or(&self.page.no_dpo);
        let rows = [
            (&labels.controller, &facts.controller),
            (&self.page.address, &facts.address),
            (&self.page.contact, &facts.contact),
            (&labels.dpo, dpo),
        ];
        self.section(
            &self.page.who,
            &self.definitions(rows.iter().map(|(term, text)| ((*term).clone(), (*text).clone()))),
        )
    }

    fn what(&self) -> String {
        let zones = if self.facts.zones.len() > 1 { &self.words.labels.zones } else { &self.words.labels.zone };
        let place = self.paragraph(&format!("{zones}: {}", self.facts.zone_names(self.language)));
        let rows = self.facts.activities.iter().map(|activity| {
            let sentences = self.words.doing(activity.kind).sentences(&activity.classes);
            (self.name(activity).to_owned(), sentences.join(" "))
        });
        self.section(&self.page.what, &format!("{place}{}{}", self.definitions(rows), self.paragraph(&self.page.never)))
    }

    fn why(&self) -> String {
        let rows = self.facts.activities.iter().map(|activity| {
            let basis = &self.words.basis;
            let mut text = format!("{}. ", activity.purpose.best(self.language).trim_end_matches('.'));
            text.push_str(&fill(&basis.stated, &[("basis", basis.article(activity.legal_basis))]));
            text.push('.');
            if activity.legal_basis == LegalBasis::LegitimateInterest {
                let interest = activity.interest.best(self.language).trim_end_matches('.');
                text.extend([" ", &fill(&basis.interest, &[("interest", interest)]), "."]);
            }
            (self.name(activity).to_owned(), text)
        });
        self.section(&self.page.why, &self.definitions(rows))
    }

    fn kept(&self) -> String {
        let sentences = self.facts.activities.iter().map(|activity| {
            let interval = self.words.interval(self.facts.bucket);
            let retention = self.words.retention(activity.retention);
            fill(&self.words.doing(activity.kind).kept, &[("interval", &interval), ("retention", &retention)])
        });
        self.section(&self.page.kept, &self.list(sentences))
    }

    fn recipients_and_protection(&self) -> String {
        let recipients = self.section(&self.page.recipients, &self.paragraph(&self.page.recipients_none));
        let protection = self.section(&self.page.protection, &self.paragraph(&self.page.protection_text));
        format!("{recipients}\n{protection}")
    }

    fn rights(&self) -> String {
        let mut inside = self.paragraph(&self.page.rights_text);
        if self.facts.activities.iter().any(ActivityFacts::may_be_objected_to) {
            let how = fill(&self.page.rights_objection, &[("contact", &self.facts.contact)]);
            inside.extend(["<p class=\"own\">", &self.text(&how), "</p>"]);
        }
        if self.facts.activities.iter().any(|activity| activity.kind != ActivityKind::Cctv) {
            inside.push_str(&self.paragraph(&self.page.rights_identity));
        }
        self.section(&self.page.rights, &inside)
    }

    fn complaint_and_decisions(&self, local_is_polish: bool) -> String {
        let complaint = if local_is_polish { &self.page.complaint_uodo } else { &self.page.complaint_elsewhere };
        let complaint = self.section(&self.page.complaint, &self.paragraph(complaint));
        format!("{complaint}\n{}", self.section(&self.page.decisions, &self.paragraph(&self.page.decisions_text)))
    }

    fn paper(&self) -> String {
        self.section(&self.page.paper, &self.paragraph(self.facts.offline_notice.best(self.language)))
    }

    /// Folded away: of use to few, and longer than all they came to read.
    fn checkpoint(&self, checkpoint: &str) -> String {
        let file = CHECKPOINT_PATH.trim_start_matches('/');
        format!(
            "<details><summary>{}</summary>{}<pre>{}</pre><p><a href=\"{CHECKPOINT_PATH}\" download=\"{file}.txt\">{file}.txt</a></p>\
             </details>",
            self.text(&self.page.checkpoint),
            self.paragraph(&self.page.checkpoint_text),
            escape(checkpoint)
        )
    }

    fn name(&self, activity: &ActivityFacts) -> &str {
        &self.words.doing(activity.kind).name
    }

    fn section(&self, heading: &str, inside: &str) -> String {
        format!("<h2>{}</h2>\n{inside}", self.text(heading))
    }

    fn paragraph(&self, text: &str) -> String {
        format!("<p>{}</p>", self.text(text))
    }

    fn list(&self, items: impl Iterator<Item = String>) -> String {
        let items: Vec<String> = items.map(|item| format!("<li>{}</li>", self.text(&item))).collect();
        format!("<ul>{}</ul>", items.concat())
    }

    fn definitions(&self, rows: impl Iterator<Item = (String, String)>) -> String {
        let row =
            |(term, text): (String, String)| format!("<dt>{}</dt><dd>{}</dd>", self.text(&term), self.text(&text));
        format!("<dl>{}</dl>", rows.map(row).collect::<Vec<_>>().concat())
    }

    fn text(&self, text: &str) -> String {
        escape(&self.words.typeset(text))
    }
}

/// Links to the same in the other languages, whose addresses are `base` and the code of the language.
pub(super) fn links(wordings: &Wordings, base: &str, language: Language, languages: &[Language]) -> String {
    let others = languages.iter().filter(|other| **other != language);
    let link = |other: &Language| {
        let name = escape(&wordings.get(*other).page.language_name);
        format!("<a href=\"{base}{other}\" hreflang=\"{other}\" lang=\"{other}\">{name}</a>")
    };
    format!("<nav>{}</nav>", others.map(link).collect::<Vec<_>>().concat())
}

pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::samples::{cctv, english, facts, footfall, polish, presence, texts};
    use super::*;

    const CHECKPOINT: &str = "noticed/a&b\n24\nAAAA=\n\n— noticed/a&b BBBB=\n";

    fn show(facts: &Facts, language: Language, languages: &[Language]) -> String {
        let states = [
            ("Wejście".to_owned(), SignState::Active(vec![ActivityId::new("footfall")])),
            ("Kasa".to_owned(), SignState::Unknown),
        ];
        let now = Current { zones: &states, checkpoint: Some(CHECKPOINT) };
        page(&Wordings::builtin(), facts, &now, language, languages).replace('\u{a0}', " ")
    }

    #[test]
    fn the_page_tells_all_that_article_13_asks_for() {
        let html = show(&facts(vec![footfall(), presence()]), polish(), &[polish(), english()]);
        let told = [
            "Zielony sp. z o.o.",
            "ul. Polna 1, 60-001 Poznań",
            "rodo@example.pl",
            "iod@example.pl",
            "planowanie obsady i godzin otwarcia",
            "art. 6 ust. 1 lit. f RODO",
            "krótkie kolejki",
            "przez 13 miesięcy",
            "przez 30 dni",
            "nikomu nie przekazujemy",
            "prawo sprzeciwu",
            "art. 11 ust. 2",
            "Prezesa Urzędu Ochrony Danych",
            "zautomatyzowanych decyzji",
            "Nie musisz podawać",
            "kartka przy kasie",
            "Wejście: działa: liczenie wejść",
            "Kasa: stan nieznany",
        ];
        for fact in told {
            assert!(html.contains(fact), "{fact} is missing in {html}");
        }
    }

    #[test]
    fn the_page_loads_nothing_and_runs_nothing() {
        let html = show(&facts(vec![footfall()]), english(), &[polish(), english()]);
        for foreign in ["<script", "src=", "url(", "@import", "cookie", "<link", "http:", "https:"] {
            assert!(!html.contains(foreign), "{foreign}");
        }
        assert!(html.contains("<html lang=\"en\">") && html.contains("href=\"/notice/pl\""));
    }

    #[test]
    fn the_newest_checkpoint_stands_at_the_end_as_it_is_with_a_sentence_in_every_language() {
        let wordings = Wordings::builtin();
        for language in wordings.languages() {
            let html = show(&facts(vec![footfall()]), language, &[language]);
            let (_, details) = html.rsplit_once("<details>").unwrap();
            let escaped = CHECKPOINT.replace('&', "&amp;");
            assert!(details.contains(&format!("<pre>{escaped}</pre>")), "{language}: {details}");
            assert!(details.contains("href=\"/checkpoint\""), "{language}: {details}");
            let words = wordings.get(language);
            let said = escape(&words.typeset(&words.page.checkpoint_text)).replace('\u{a0}', " ");
            assert!(details.contains(&format!("<p>{said}</p><pre>")), "{language}: {details}");
            assert!(details.trim_end().ends_with("</details>\n</main>\n</body>\n</html>"), "{language}: {details}");
        }
        let without = page(&wordings, &facts(vec![footfall()]), &Current::default(), polish(), &[polish()]);
        assert!(!without.contains("<details"), "{without}");
    }

    #[test]
    fn values_from_the_configuration_are_escaped() {
        let mut facts = facts(vec![footfall()]);
        facts.controller = "<b>R&D</b> \"x\" 'y'".to_owned();
        let html = show(&facts, polish(), &[polish()]);
        assert!(html.contains("&lt;b&gt;R&amp;D&lt;/b&gt; &quot;x&quot; &#39;y&#39;") && !html.contains("<b>"));
    }

    #[test]
    fn what_is_read_together_stays_on_one_line() {
        let mut facts = facts(vec![footfall()]);
        facts.offline_notice = texts("u kierownika", "at the desk");
        let html = page(&Wordings::builtin(), &facts, &Current::default(), polish(), &[polish()]);
        assert!(html.contains("<p>u\u{a0}kierownika</p>"), "{html}");
    }

    #[test]
    fn a_shop_elsewhere_names_its_own_authority() {
        let html = show(&facts(vec![footfall()]), english(), &[english(), polish()]);
        assert!(html.contains("data protection authority of your country") && !html.contains("UODO"));
    }

    #[test]
    fn a_recorder_alone_gets_no_sentence_about_totals() {
        let html = show(&facts(vec![cctv()]), english(), &[polish(), english()]);
        assert!(!html.contains("In totals we cannot find"), "{html}");
    }
}
