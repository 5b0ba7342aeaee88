//! The page that shows a sign in a browser: an old tablet, or a screen with a small computer behind it.
//!
//! As it is loaded, it says that the state is unknown. Its script shows the sign's picture in place of that for as long as the daemon
//! says so, and says what it has painted. A page that lost the daemon, slept, or was told an error says "unknown" by
//! itself: unlike e-paper, a screen can take back what it says.

use std::fmt::Write;

use super::copy::Copy;

/// The script, as it stands in the page.
const SCRIPT: &str = include_str!("kiosk.js");

/// What the page may do: run its own script, show pictures of and speak to the daemon, and nothing else. Browsers that do not know
/// digests (before 2015) heed `unsafe-inline` instead; all others ignore it beside one (CSP Level 2 §7.17).
pub const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline' \
                          'sha256-3fEqfAjsrMixofmXnugAKaSoxBOQ6Ur89/L0LSdjT8o='; style-src 'unsafe-inline'; \
                          img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Sizes in `vmin`, so that the headline is a tenth of the shorter side: 2 cm on a ten-inch tablet, legible from 6 m (1 cm for each 3 m).
const STYLE: &str = "\
html,body{margin:0;height:100%;overflow:hidden;background:#fff;color:#000;font-family:sans-serif}\
#notice img{position:absolute;display:block;image-rendering:-webkit-optimize-contrast;image-rendering:-moz-crisp-edges;\
image-rendering:crisp-edges;image-rendering:pixelated}\
#unknown{position:absolute;top:0;right:0;bottom:0;left:0;padding:9vmin 5vmin;overflow:hidden}\
.shown #unknown,.unknown #notice{display:none}\
#unknown:before,#unknown:after{content:'';position:absolute;left:0;right:0;height:6vmin;\
background:repeating-linear-gradient(45deg,#000 0,#000 3vmin,#fff 3vmin,#fff 6vmin)}\
#unknown:before{top:0}#unknown:after{bottom:0}\
h1{font-size:11vmin;line-height:1.05;margin:0 0 2vmin}\
p{font-size:6vmin;line-height:1.15;margin:0 0 2vmin}\
small,dl{font-size:3vmin;line-height:1.25;margin:0}\
dt{font-weight:bold;margin-top:1vmin}dd{margin:0}\
#why{position:absolute;right:1vmin;bottom:6.5vmin;font-size:2vmin;color:#555}";

/// The page of sign `id`, which says `unknown` where it has nothing better.
#[must_use]
pub fn page(unknown: &Copy, id: &str) -> String {
    let language = unknown.language;
    let headline = unknown.headline.join(" · ");
    format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"mobile-web-app-capable\" content=\"yes\">\n\
         <meta name=\"apple-mobile-web-app-capable\" content=\"yes\">\n<link rel=\"icon\" href=\"data:,\">\n\
         <noscript><meta http-equiv=\"refresh\" content=\"15\"></noscript>\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body class=\"unknown\" data-sign=\"/signs/{id}\">\n<div id=\"notice\"></div>\n<div id=\"unknown\">\n{said}\
         <noscript><small lang=\"en\">This page needs JavaScript to show the notice.</small></noscript>\n</div>\n\
         <small id=\"why\" lang=\"en\"></small>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        title = escape(&headline),
        id = escape(id),
        said = said(unknown, &headline),
    )
}

fn said(unknown: &Copy, headline: &str) -> String {
    let mut out = format!("<h1>{}</h1>\n", escape(headline));
    for lead in &unknown.leads {
        let text = escape(&lead.text);
        put(&mut out, format_args!("<p>{}</p>\n", if lead.strong { format!("<b>{text}</b>") } else { text }));
    }
    put(&mut out, format_args!("<dl><dt>{}</dt>\n", escape(&unknown.place.text)));
    for line in &unknown.lines {
        let text: String = line.parts.iter().map(|part| part.text.as_str()).collect();
        put(&mut out, format_args!("<dt>{}</dt><dd>{}</dd>\n", escape(&line.label), escape(&text)));
    }
    if let Some(objection) = &unknown.objection {
        put(
            &mut out,
            format_args!("<dt>{}</dt><dd>{}</dd>\n", escape(&objection.question.text), escape(&objection.answer)),
        );
    }
    out.push_str("</dl>\n");
    out
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("writing to a string does not fail");
}

fn escape(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    escaped.replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::super::copy::copy;
    use super::super::samples::{english, facts, footfall, polish, presence};
    use super::super::wording::Wordings;
    use super::*;
    use crate::domain::notice::SignState;
    use crate::domain::text::Language;

    fn show(language: Language) -> String {
        let unknown = copy(&Wordings::builtin(), &facts(vec![footfall(), presence()]), &SignState::Unknown, language);
        page(&unknown, "window").replace('\u{a0}', " ")
    }

    #[test]
    fn without_its_script_and_before_it_the_page_says_that_nothing_is_known() {
        for (language, told) in [
            (english(), ["<h1>STATE UNKNOWN</h1>", "<p><b>Assume that we", "Zielony sp. z o.o.", "lang=\"en\""]),
            (polish(), ["<h1>STAN NIEZNANY</h1>", "<p><b>Przyjmij", "Zielony sp. z o.o.", "lang=\"pl\""]),
        ] {
            let html = show(language);
            for told in told {
                assert!(html.contains(told), "{told} is missing in {html}");
            }
            assert!(html.contains("<body class=\"unknown\" data-sign=\"/signs/window\">"));
            assert!(html.contains("<noscript><meta http-equiv=\"refresh\""));
        }
    }

    #[test]
    fn the_page_brings_everything_and_speaks_to_nobody_but_the_daemon() {
        let html = show(english());
        for foreign in ["http:", "https:", "//cdn", "@import", "cookie", "localStorage", "src=", "eval("] {
            assert!(!html.contains(foreign), "{foreign}");
        }
    }

    #[test]
    fn the_script_is_one_that_browsers_of_2013_can_read() {
        for newer in ["=>", "`", "let ", "const ", "class ", "fetch(", "async ", "?.", "??", "...", ".append("] {
            assert!(!SCRIPT.contains(newer), "{newer}");
        }
    }

    #[test]
    fn the_policy_lets_run_exactly_the_script_of_the_page() {
        let html = show(english());
        let start = html.find("<script>").unwrap() + "<script>".len();
        let script = &html[start..html.find("</script>").unwrap()];
        let digest = base64(ring::digest::digest(&ring::digest::SHA256, script.as_bytes()).as_ref());
        assert!(POLICY.contains(&format!("'sha256-{digest}'")), "the script's digest is {digest}");
        assert_eq!(html.matches("<script").count(), 1);
    }

    #[test]
    fn values_from_the_configuration_are_escaped() {
        let mut facts = facts(vec![footfall()]);
        facts.controller = "<b>R&D</b>".to_owned();
        let unknown = copy(&Wordings::builtin(), &facts, &SignState::Unknown, english());
        let html = page(&unknown, "window");
        assert!(html.contains("&lt;b&gt;R&amp;D&lt;/b&gt;") && !html.contains("<b>R"));
    }

    fn base64(bytes: &[u8]) -> String {
        const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut text = String::new();
        for three in bytes.chunks(3) {
            let bits = three.iter().chain([&0, &0]).take(3).fold(0u32, |bits, byte| bits << 8 | u32::from(*byte));
            let digit = |place: usize| char::from(DIGITS[(bits >> (18 - 6 * place)) as usize & 63]);
            (0..4).for_each(|place| text.push(if place <= three.len() { digit(place) } else { '=' }));
        }
        text
    }
}
