//! What a phone shows that has scanned the code on a sign: the full notice, and above it the one button that pauses counting there.
//!
//! A plain form: no script, no cookie, nothing fetched from anywhere, nobody is asked who they are.

use crate::domain::objection::PausePage;
use crate::domain::text::Language;

use super::copy::voice;
use super::facts::{ActivityFacts, Facts};
use super::page::{Current, body, document, escape, heading, links};
use super::wording::{Wording, Wordings, fill};

/// Finger-sized, in the colours of the page turned over.
const STYLE: &str = "\
.pause{border:.2rem solid;padding:.2rem .8rem .8rem;margin:1rem 0}.pause h2{margin:.6rem 0}\
button{font:inherit;font-weight:600;width:100%;min-height:3.5rem;margin-top:.6rem;border:0;border-radius:.4rem;\
background:CanvasText;color:Canvas}";

/// The page in `language`; arguments as for [`super::page::page`].
#[must_use]
pub fn pause_page(
    wordings: &Wordings,
    facts: &Facts,
    now: &Current<'_>,
    language: Language,
    languages: &[Language],
) -> PausePage {
    let words = wordings.get(language);
    let limit = fill(&words.page.pause_limit, &[("contact", &facts.contact)]);
    let offered: Vec<&ActivityFacts> = facts.activities.iter().filter(|activity| activity.objection).collect();
    let (top, rest) = document(wordings, facts, language, STYLE);
    PausePage {
        language,
        top: format!("{top}{}", heading(wordings, facts, language)),
        links: links(wordings, "", language, languages),
        rest: format!("{}{rest}", body(wordings, facts, now, language, languages)),
        form: form(words, &offered),
        paused: told_at(words, &words.page.pause_done),
        limit: told(words, &limit),
        expired: told(words, &words.page.pause_expired),
        nothing: told(words, words.inactive.lead.get(voice(&offered))),
    }
}

fn form(words: &Wording, offered: &[&ActivityFacts]) -> [String; 2] {
    let text = |text: &str| escape(&words.typeset(text));
    let (question, button) = (text(words.objection.question(voice(offered))), text(&words.page.pause_button));
    let explained = text(&words.page.pause_explained);
    let language = words.language;
    [
        format!(
            "<section class=\"pause\"><h2>{question}</h2><p>{explained}</p><form method=\"post\" action=\"/pause\">\
             <input type=\"hidden\" name=\"lang\" value=\"{language}\"><input type=\"hidden\" name=\"code\" value=\""
        ),
        format!("\"><button>{button}</button></form></section>\n"),
    ]
}

fn told(words: &Wording, text: &str) -> String {
    format!("<p class=\"own\" role=\"status\">{}</p>\n", escape(&words.typeset(text)))
}

fn told_at(words: &Wording, template: &str) -> [String; 2] {
    let whole = told(words, &fill(template, &[("time", TIME)]));
    let (before, after) = whole.split_once(TIME).unwrap_or((whole.as_str(), ""));
    [before.to_owned(), after.to_owned()]
}

/// Stands for a time of day while the page is set.
const TIME: &str = "00:00";

#[cfg(test)]
mod tests {
    use super::super::samples::{cctv, english, facts, footfall, polish, presence};
    use super::*;

    fn page(language: Language) -> PausePage {
        let facts = facts(vec![footfall(), presence(), cctv()]);
        pause_page(&Wordings::builtin(), &facts, &Current::default(), language, &[polish(), english()])
    }

    fn shown(page: &PausePage) -> String {
        let whole = [&page.top, &page.links, &page.paused.join("12:25"), &page.form.join("ABC"), &page.rest];
        whole.map(String::as_str).concat().replace('\u{a0}', " ")
    }

    #[test]
    fn one_button_stands_above_the_full_notice() {
        let html = shown(&page(polish()));
        let at = |text: &str| html.find(text).unwrap_or_else(|| panic!("{text} is missing in {html}"));
        let order = [
            "<h1>",
            "hreflang=\"en\"",
            "Wstrzymane do 12:25.",
            "<button>Wstrzymaj tutaj</button>",
            "Co dzieje się teraz",
        ];
        assert!(order.map(at).is_sorted(), "{html}");
        assert_eq!(html.matches("<button").count(), 1);
        assert!(html.contains("value=\"ABC\"") && html.contains("action=\"/pause\"") && html.contains("href=\"en\""));
        assert!(html.contains("Nie pytamy, kim jesteś") && html.contains("art. 11 ust. 2"));
    }

    #[test]
    fn the_page_loads_nothing_and_runs_nothing() {
        let html = shown(&page(english()));
        for foreign in ["<script", "src=", "url(", "@import", "cookie", "<link", "http:", "https:"] {
            assert!(!html.contains(foreign), "{foreign}");
        }
    }

    #[test]
    fn every_language_tells_the_time_and_whom_to_ask() {
        let wordings = Wordings::builtin();
        for language in wordings.languages() {
            let page = pause_page(&wordings, &facts(vec![footfall()]), &Current::default(), language, &[language]);
            assert!(page.paused[0].len() > 30 && page.paused[1].contains("</p>"), "{language}: {:?}", page.paused);
            assert!(page.limit.contains("rodo@example.pl"), "{language}: {}", page.limit);
        }
    }
}
