//! `noticed sign …`: a sign's credential, its pairing, and what it would show.

use std::io::Write;
use std::path::Path;

use clap::ValueEnum;

use super::{Failure, configuration, operator};
use crate::config::{Config, Sign};
use crate::daemon::{credentials, facts, master_key};
use crate::domain::id::SignId;
use crate::domain::notice::SignState;
use crate::domain::time::Wall;
use crate::notice::copy::copy;
use crate::notice::wording::Wordings;
use crate::process::clock::Clock;
use crate::sign::font::Fonts;
use crate::sign::picture::picture;

/// Which notice to draw.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
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

/// Draws a notice as the sign's panel would show it.
pub fn render(path: &Path, id: &SignId, wanted: Wanted, file: &Path) -> Result<(), Failure> {
    /// How far ahead the end of validity lies in a picture that is only looked at.
    const AHEAD: std::time::Duration = std::time::Duration::from_secs(1800);
    let config = configuration(path)?;
    let sign = find(&config, id)?;
    let facts = facts(&config, &sign.zones);
    let valid_until = Clock::new(Wall(0)).now().wall + AHEAD;
    let state = match wanted {
        Wanted::Active => SignState::Active(facts.activities.iter().map(|a| a.id.clone()).collect()),
        Wanted::Inactive => SignState::Inactive { valid_until },
        Wanted::Paused => SignState::Paused { valid_until },
        Wanted::Unknown => SignState::Unknown,
    };
    let words = copy(&Wordings::builtin(), &facts, &state, sign.language);
    let drawn = picture(sign.panel, &words, &Fonts::embedded()).map_err(Failure::because)?;
    std::fs::write(file, drawn.png)
        .map_err(|error| Failure::because(format!("cannot write {}: {error}", file.display())))
}

/// The sign of this id.
pub(super) fn find<'a>(config: &'a Config, id: &SignId) -> Result<&'a Sign, Failure> {
    config.signs.iter().find(|sign| sign.id == *id).ok_or_else(|| {
        let known: Vec<&str> = config.signs.iter().map(|s| s.id.as_str()).collect();
        Failure::usage(format!("no sign \"{id}\" is configured; there are: {}", known.join(", ")))
    })
}
