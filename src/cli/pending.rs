//! `noticed sign pending`: what to paste into the configuration for every display that asked and is not in it.

use std::io::Write;
use std::path::Path;

use serde::Deserialize;

use super::client::ask;
use super::{Failure, configuration};
use crate::config::Config;
use crate::sign::panel::Panel;

/// Panels of the models that say only their name (TRMNL's list of models, signage facts §5). Grey panels are proposed as black
/// and white: notices have no grey, and without it such displays need not flash.
const MODELS: &[(&str, &str)] = &[
    ("og", "800x480-bw"),
    ("og_png", "800x480-bw"),
    ("og_gen2", "800x480-bw"),
    ("og_plus", "800x480-bw"),
    ("gen-2", "800x480-bw"),
    ("og_bwry", "800x480-bwry"),
    ("x", "1872x1404-bw"),
    ("v2", "1872x1404-bw"),
    ("xteink_x4", "800x480-bw"),
    ("seeed_esp32c3", "800x480-bw"),
    ("seeed_esp32s3", "800x480-bw"),
    ("xiao_epaper_display", "800x480-bw"),
    ("seeed_e1001", "800x480-bw"),
    ("reterminal_e1001", "800x480-bw"),
    ("seeed_e1002", "800x480-spectra6"),
    ("reterminal_e1002", "800x480-spectra6"),
    ("seeed_e1003", "1872x1404-bw"),
    ("reterminal_e1003", "1872x1404-bw"),
    ("seeed_e1004", "1600x1200-spectra6"),
    ("waveshare", "800x480-bw"),
    ("waveshare_397", "800x480-bw"),
    ("waveshare_4_26", "800x480-bw"),
    ("waveshare_7_5_bw", "800x480-bw"),
    ("waveshare_7_5_bwr", "800x480-bwr"),
    ("waveshare_7_5_bwry", "800x480-bwry"),
    ("inkplate_10", "1200x825-bw"),
    ("inkplate_5_2", "1280x720-bw"),
    ("m5_paper_s3", "960x540-bw"),
    ("paper_s3", "960x540-bw"),
    ("inky_impression_7_3", "800x480-spectra6"),
    ("inky_impression_13_3", "1600x1200-spectra6"),
];

/// What is proposed for a display that says nothing of itself: the size that most displays have.
const USUAL: &str = "800x480-bw";

#[derive(Deserialize)]
struct Answer {
    pending: Vec<Waiting>,
}

#[derive(Deserialize)]
struct Waiting {
    name: String,
    protocol: String,
    width: Option<u32>,
    height: Option<u32>,
    asked: Option<String>,
    health: Told,
}

#[derive(Deserialize)]
struct Told {
    model: Option<String>,
}

/// Prints a block for each display that waits.
pub fn pending(path: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    let config = configuration(path)?;
    let address = config.operator.listen;
    let answer = ask(address, "GET", "/api/v1/status", &[], "").map_err(|error| {
        Failure::because(format!("the daemon does not answer on {address}: {error}; is it running?"))
    })?;
    if answer.code != 200 {
        return Err(Failure::because(format!("the daemon refuses ({}): {}", answer.code, answer.text().trim())));
    }
    let answer: Answer = serde_json::from_slice(&answer.body).map_err(|error| {
        Failure::because(format!("the daemon's status cannot be read: {error}; is it this version?"))
    })?;
    write!(out, "{}", blocks(&config, &answer.pending)).map_err(Failure::because)
}

fn blocks(config: &Config, pending: &[Waiting]) -> String {
    let mut ids: Vec<String> = config.signs.iter().map(|sign| sign.id.to_string()).collect();
    let mut blocks = Vec::new();
    for waiting in pending.iter().filter(|waiting| !is_configured(config, waiting)) {
        let id = unused(&proposed_id(waiting), &ids);
        ids.push(id.clone());
        blocks.push(block(config, waiting, &id));
    }
    if blocks.is_empty() {
        return "no display waits: one shows up here after it has asked once, and for a day\n".to_owned();
    }
    let paste = "# Paste what is yours into the configuration, put the zone right in which it hangs, then: systemctl reload noticed\n";
    format!("{paste}\n{}", blocks.join("\n"))
}

/// Whether the file has it by now, which the daemon has not read yet.
fn is_configured(config: &Config, waiting: &Waiting) -> bool {
    let plain = |text: &str| text.replace(':', "").to_ascii_uppercase();
    config.signs.iter().any(|sign| match &sign.address {
        Some(address) => plain(address) == plain(&waiting.name),
        None => sign.id.as_str() == waiting.name,
    })
}

fn block(config: &Config, waiting: &Waiting, id: &str) -> String {
    let zone = config.zones.first().map_or("", |zone| zone.id.as_str());
    let language = config.shop.languages.first().map_or("en", |language| language.code());
    let asked = waiting.asked.as_deref().unwrap_or("at an unknown time");
    let (panel, sure) = panel(waiting);
    let look = if sure { "" } else { "        # it did not say: look at it" };
    let model = waiting.health.model.as_deref().map(|model| format!(", model {model}")).unwrap_or_default();
    let mut lines = vec![
        format!("# {}, asked last {asked}{model}", waiting.name),
        "[[sign]]".to_owned(),
        format!("id = {id:?}"),
        format!("zones = [{zone:?}]"),
        format!("protocol = {:?}", waiting.protocol),
        format!("panel = {panel:?}{look}"),
    ];
    if ["trmnl", "openepaperlink"].contains(&waiting.protocol.as_str()) {
        lines.push(format!("address = {:?}", waiting.name));
    }
    if waiting.protocol == "openepaperlink" {
        lines.push("# access-point = \"http://192.168.1.20\"     # tells whether the label has its picture".to_owned());
    }
    lines.push(format!("language = {language:?}\n"));
    lines.join("\n")
}

/// A MAC address is no name that anybody would say; its end is on the label of the device.
fn proposed_id(waiting: &Waiting) -> String {
    let digits: String = waiting.name.chars().filter(|letter| *letter != ':').collect();
    let end = digits.get(digits.len().saturating_sub(4)..).unwrap_or_default().to_ascii_lowercase();
    match waiting.protocol.as_str() {
        "trmnl" => format!("display-{end}"),
        "openepaperlink" => format!("label-{end}"),
        _ => waiting.name.clone(),
    }
}

fn unused(id: &str, ids: &[String]) -> String {
    let numbered = (2..).map(|n| format!("{id}-{n}"));
    let mut names = std::iter::once(id.to_owned()).chain(numbered);
    names.find(|name| !ids.contains(name)).unwrap_or_default()
}

/// The panel, and whether that follows from what the display said.
fn panel(waiting: &Waiting) -> (String, bool) {
    let model = waiting.health.model.as_deref().unwrap_or_default();
    let known = MODELS.iter().find(|(name, _)| name.eq_ignore_ascii_case(model)).map(|(_, panel)| *panel);
    let ink = known.and_then(|panel| panel.split_once('-')).map_or("bw", |(_, ink)| ink);
    let said = waiting.width.zip(waiting.height).map(|(width, height)| format!("{width}x{height}-{ink}"));
    let said = said.filter(|panel| Panel::parse(panel).is_ok());
    match said.or_else(|| known.map(str::to_owned)) {
        Some(panel) => (panel, true),
        None => (USUAL.to_owned(), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::open::parse;
    use crate::daemon::rehearse;
    use crate::device::catalog::Catalogue;

    const SAMPLE: &str = include_str!("../../config/noticed.toml");

    fn read(text: &str) -> Config {
        parse("F", text, &Catalogue::builtin()).unwrap_or_else(|problems| panic!("{problems:?}\n{text}"))
    }

    fn waiting(name: &str, protocol: &str, size: Option<(u32, u32)>, model: Option<&str>) -> Waiting {
        Waiting {
            name: name.to_owned(),
            protocol: protocol.to_owned(),
            width: size.map(|(width, _)| width),
            height: size.map(|(_, height)| height),
            asked: Some("2026-07-29T10:06:00+02:00".to_owned()),
            health: Told { model: model.map(str::to_owned) },
        }
    }

    #[test]
    fn every_block_can_be_pasted_and_its_notices_fit() {
        let pending = [
            waiting("AA:BB:CC:00:00:01", "trmnl", Some((800, 480)), Some("og")),
            waiting("AA:BB:CC:01:00:01", "trmnl", None, None),
            waiting("00:00:02:1A:C7:B5:3B:1A", "openepaperlink", None, None),
            waiting("hall", "http", Some((1, 1)), None),
            waiting("window", "kiosk", None, None),
        ];
        let text = format!("{SAMPLE}\n{}", blocks(&read(SAMPLE), &pending));
        let config = read(&text);
        let told = |n: usize| (config.signs[n].id.as_str(), config.signs[n].address.as_deref());
        assert_eq!(config.signs.len(), 6, "{text}");
        assert_eq!(told(1), ("display-0001", Some("AA:BB:CC:00:00:01")));
        assert_eq!(told(2), ("display-0001-2", Some("AA:BB:CC:01:00:01")));
        assert_eq!(told(3), ("label-3b1a", Some("0000021AC7B53B1A")));
        assert_eq!((told(4), told(5)), (("hall", None), ("window", None)));
        assert_eq!(rehearse(&config), [] as [&str; 0]);
    }

    #[test]
    fn who_is_in_the_file_by_now_waits_no_longer() {
        let config = read(SAMPLE);
        let sign = &config.signs[0];
        let known = waiting(&sign.address.clone().unwrap().to_lowercase(), "trmnl", None, None);
        let told = blocks(&config, &[known]);
        assert!(told.starts_with("no display waits"), "{told}");
    }

    #[test]
    fn the_panel_follows_from_what_the_display_says_of_itself() {
        let of = |size, model| panel(&waiting("x", "trmnl", size, model));
        assert_eq!(of(Some((960, 640)), None), ("960x640-bw".to_owned(), true));
        assert_eq!(of(Some((800, 480)), Some("OG_BWRY")), ("800x480-bwry".to_owned(), true));
        assert_eq!(of(None, Some("x")), ("1872x1404-bw".to_owned(), true));
        assert_eq!(of(Some((9, 9)), Some("nobody knows")), (USUAL.to_owned(), false));
        for (model, panel) in MODELS {
            assert!(Panel::parse(panel).is_ok(), "{model}: {panel}");
        }
    }
}
