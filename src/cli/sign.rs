//! `noticed sign …`: a sign's credential, its pairing, and what it would show.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::{Failure, configuration, operator};
use crate::config::{Config, Sign};
use crate::daemon::{credentials, master_key, sign_facts};
use crate::domain::activity::ActivityKind;
use crate::domain::id::{ActivityId, SignId, is_valid_id};
use crate::domain::notice::SignState;
use crate::domain::sign::ROLE_MAX_BYTES;
use crate::domain::text::Language;
use crate::domain::time::Wall;
use crate::notice::copy::{copy_in_turn, copy_in_two};
use crate::notice::facts::Facts;
use crate::process::clock::Clock;
use crate::sign::contact;
use crate::sign::font::Fonts;
use crate::sign::layout::compose;
use crate::sign::panel::Panel;
use crate::sign::picture::picture;

/// How far ahead the end of validity lies in a picture that is only looked at.
const AHEAD: Duration = Duration::from_secs(1800);

/// End of validity on a contact sheet: 2026-11-24T17:30:00Z, so that the same notices give the same sheet on every day.
const SHOWN_UNTIL: Wall = Wall(1_795_541_400_000);

/// Which notice to draw.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum Wanted {
    /// Everything that is ever counted in its zones.
    #[default]
    Active,
    /// Not counting.
    Inactive,
    /// Paused at a visitor's request.
    Paused,
    /// State unknown.
    Unknown,
}

/// Prints the credential of a sign.
pub fn token(path: &Path, id: &SignId, out: &mut dyn Write) -> Result<(), Failure> {
    let config = configuration(path)?;
    find(&config, id)?;
    let master = master_key(&config).map_err(Failure::because)?;
    writeln!(out, "{}", credentials(&master).sign(id)).map_err(Failure::because)
}

/// Opens the pairing window of a sign in the running daemon.
pub fn pair(path: &Path, id: &SignId, out: &mut dyn Write) -> Result<(), Failure> {
    let config = configuration(path)?;
    find(&config, id)?;
    operator::order(&config, &serde_json::json!({ "order": "pair", "sign": id.as_str() }))?;
    writeln!(out, "sign {id} may ask for its credential within the next ten minutes; start its set-up now")
        .map_err(Failure::because)
}

/// Tells the running daemon that somebody, by role, has seen the sign show its notice.
pub fn attest(path: &Path, id: &SignId, role: &str, out: &mut dyn Write) -> Result<(), Failure> {
    let config = configuration(path)?;
    let sign = find(&config, id)?;
    if !is_valid_id(role) || role.len() > ROLE_MAX_BYTES {
        let form = format!("a role of up to {ROLE_MAX_BYTES} lower-case letters, digits and dashes, as in shift-lead");
        return Err(Failure::usage(format!("{role:?} is no role: write {form}, never the name of a person")));
    }
    operator::order(&config, &serde_json::json!({ "order": "attest", "sign": id.as_str(), "by": role }))?;
    let days = sign.attested_for.as_secs_f64() / 86_400.0;
    writeln!(out, "sign {id} counts as seen by {role} for {days:.1} days, or until what it is to show changes")
        .map_err(Failure::because)
}

/// Draws a notice as the sign's panel would show it.
pub fn render(path: &Path, id: &SignId, (wanted, turn): (Wanted, u8), file: &Path) -> Result<(), Failure> {
    let config = configuration(path)?;
    let sign = find(&config, id)?;
    let facts = sign_facts(&config, sign);
    let valid_until = Clock::new(Wall(0)).now().wall + AHEAD;
    let state = match wanted {
        Wanted::Active => SignState::Active(facts.activities.iter().map(|a| a.id.clone()).collect()),
        Wanted::Inactive => SignState::Inactive { valid_until },
        Wanted::Paused => SignState::Paused { valid_until, beside: recorders(&facts) },
        Wanted::Unknown => SignState::Unknown,
    };
    let words = match turn {
        0 => copy_in_two(&config.wordings, &facts, &state, sign.language, sign.second_language),
        turn if wanted == Wanted::Active => {
            copy_in_turn(&config.wordings, &facts, &state, sign.language, alternate(sign, turn)?)
        }
        _ => return Err(Failure::usage(format!("every state but active is shown in turn 0 only, not in turn {turn}"))),
    };
    let drawn = picture(sign.panel, &words, &Fonts::embedded()).map_err(Failure::because)?;
    write(file, &drawn.png)
}

/// The language of turn number `turn`, which is not 0.
fn alternate(sign: &Sign, turn: u8) -> Result<Language, Failure> {
    let alternates = &sign.alternate_languages;
    let index = usize::from(turn).saturating_sub(1);
    alternates.get(index).copied().ok_or_else(|| {
        let (id, most) = (&sign.id, alternates.len());
        Failure::usage(format!(
            "sign {id} has no turn {turn}: the last is {most}, one for each of its alternate-languages"
        ))
    })
}

/// What is to be on a contact sheet.
#[derive(Args, Debug)]
pub struct SheetAsked {
    /// The configuration.
    #[arg(long, default_value = "/etc/noticed/noticed.toml", value_name = "FILE")]
    config: PathBuf,
    /// Draw for these panels, as in "800x480-bw", instead of those of the signs; may be repeated.
    #[arg(long, value_name = "PANEL")]
    panel: Vec<String>,
    /// Draw in these languages, or in "all" of the shop, instead of those of the signs; may be repeated.
    #[arg(long, value_name = "CODE")]
    lang: Vec<String>,
    /// Most pixels of a picture's width on the sheet.
    #[arg(long, default_value_t = 240, value_name = "PIXELS")]
    width: u32,
    /// Where to write the PNG.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Draws a row for each sign (or panel) and language, with a picture for each state; names what cannot be drawn.
pub fn sheet(asked: &SheetAsked, out: &mut dyn Write) -> Result<(), Failure> {
    let config = configuration(&asked.config)?;
    let fonts = Fonts::embedded();
    let mut headings: Vec<String> = Vec::new();
    let mut rows = Vec::new();
    for (label, sign, panel, language) in wanted(&config, asked)? {
        let facts = sign_facts(&config, sign);
        let second = sign.second_language.filter(|_| asked.lang.is_empty());
        let mut pictures = Vec::new();
        let states = every_state(&facts);
        for (name, state) in &states {
            let words = copy_in_two(&config.wordings, &facts, state, language, second);
            match compose(&panel, &words, &fonts) {
                Ok(composed) => pictures.push(Some(composed.canvas)),
                Err(error) => {
                    writeln!(out, "{label}, {name}: {error}").map_err(Failure::because)?;
                    pictures.push(None);
                }
            }
        }
        if states.len() > headings.len() {
            headings = states.into_iter().map(|(name, _)| name).collect();
        }
        rows.push(contact::Row { label, pictures });
    }
    write(&asked.out, &contact::sheet(&headings, &rows, asked.width, &fonts).png())
}

/// Label, sign, panel and language of each row.
fn wanted<'c>(config: &'c Config, asked: &SheetAsked) -> Result<Vec<(String, &'c Sign, Panel, Language)>, Failure> {
    let panels = asked.panel.iter().map(|text| Panel::parse(text)).collect::<Result<Vec<_>, _>>();
    let panels = panels.map_err(Failure::because)?;
    let mut languages = Vec::new();
    for code in &asked.lang {
        match config.shop.languages.iter().find(|language| language.code() == code) {
            Some(language) => languages.push(*language),
            None if code == "all" => languages.extend(&config.shop.languages),
            None => {
                let known: Vec<&str> = config.shop.languages.iter().map(Language::code).collect();
                return Err(Failure::because(format!(
                    "\"{code}\" is none of the shop's languages: {}, or all",
                    known.join(", ")
                )));
            }
        }
    }
    let signs = if panels.is_empty() { &config.signs[..] } else { &config.signs[..config.signs.len().min(1)] };
    let mut rows = Vec::new();
    for sign in signs {
        let own = [sign.panel];
        for panel in if panels.is_empty() { &own[..] } else { &panels } {
            let own = [sign.language];
            for language in if languages.is_empty() { &own[..] } else { &languages } {
                let name = if panels.is_empty() { sign.id.to_string() } else { panel.to_string() };
                rows.push((format!("{name} {language}"), sign, *panel, *language));
            }
        }
    }
    Ok(rows)
}

/// What goes on beside a pause.
fn recorders(facts: &Facts) -> Vec<ActivityId> {
    facts.activities.iter().filter(|a| a.kind == ActivityKind::Cctv).map(|a| a.id.clone()).collect()
}

/// Every state that a sign can show, with the name of its column: each activity alone, all at once, and what stands for none.
fn every_state(facts: &Facts) -> Vec<(String, SignState)> {
    let valid_until = SHOWN_UNTIL;
    let all: Vec<_> = facts.activities.iter().map(|activity| activity.id.clone()).collect();
    let mut states: Vec<_> =
        all.iter().map(|id| (format!("active: {id}"), SignState::Active(vec![id.clone()]))).collect();
    if all.len() > 1 {
        states.push(("active: all".to_owned(), SignState::Active(all)));
    }
    states.push(("inactive".to_owned(), SignState::Inactive { valid_until }));
    states.push(("paused".to_owned(), SignState::Paused { valid_until, beside: recorders(facts) }));
    states.push(("unknown".to_owned(), SignState::Unknown));
    states
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(file, bytes).map_err(|error| Failure::because(format!("cannot write {}: {error}", file.display())))
}

/// The sign of this id.
pub(super) fn find<'a>(config: &'a Config, id: &SignId) -> Result<&'a Sign, Failure> {
    config.signs.iter().find(|sign| sign.id == *id).ok_or_else(|| {
        let known: Vec<&str> = config.signs.iter().map(|s| s.id.as_str()).collect();
        Failure::usage(format!("no sign \"{id}\" is configured; there are: {}", known.join(", ")))
    })
}
