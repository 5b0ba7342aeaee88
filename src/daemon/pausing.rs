//! Who may pause what from where: signs with a code, and the page behind it.

use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::plan::{carries_code, facts};
use crate::config::Config;
use crate::domain::id::{SignId, ZoneId};
use crate::domain::objection::{Answer, PausePage};
use crate::domain::text::Language;
use crate::domain::time::{Now, Wall};
use crate::engine::Engine;
use crate::http::pause::{Pausing, Place};
use crate::notice::page::Current;
use crate::notice::pause::pause_page;

/// What a visitor is told who objects, and until when counting is paused.
pub(super) type Said = (Answer, Option<String>);

/// Signs with a code.
pub(super) struct Doors {
    signs: Vec<Door>,
    time_zone: TimeZone,
}

/// A sign with a code.
struct Door {
    /// Its number among all signs.
    index: usize,
    sign: SignId,
    language: Language,
    zones: Vec<ZoneId>,
}

impl Doors {
    pub(super) fn new(config: &Config) -> Self {
        let with_code = config.signs.iter().enumerate().filter(|(_, sign)| carries_code(config, sign));
        let door = |(index, sign): (usize, &crate::config::Sign)| Door {
            index,
            sign: sign.id.clone(),
            language: sign.language,
            zones: sign.zones.clone(),
        };
        Self { signs: with_code.map(door).collect(), time_zone: config.shop.time_zone.clone() }
    }

    /// A visitor in front of `sign` objects. Also says until when counting is paused there.
    pub(super) fn object(&self, sign: &SignId, engine: &mut Engine, now: &Now) -> Said {
        let Some(door) = self.signs.iter().find(|door| door.sign == *sign) else { return (Answer::Nothing, None) };
        let answer = engine.object(&door.zones, now);
        (answer, engine.paused_until(door.index).map(|until| self.time_of_day(until)))
    }

    /// What the listener has to know.
    pub(super) fn pausing(&self, engine: &Engine, pages: &Arc<Vec<PausePage>>) -> Pausing {
        let place = |door: &Door| Place {
            sign: door.sign.clone(),
            language: door.language,
            until: engine.paused_until(door.index).map(|until| self.time_of_day(until)),
        };
        let today = engine.code_day();
        Pausing {
            days: vec![today, today.saturating_sub(1.day())],
            places: self.signs.iter().map(place).collect(),
            pages: Arc::clone(pages),
        }
    }

    fn time_of_day(&self, at: Wall) -> String {
        let local = Timestamp::from_millisecond(at.0).unwrap_or_default().to_zoned(self.time_zone.clone());
        format!("{}:{:02}", local.hour(), local.minute())
    }
}

/// The page behind the code in one language.
pub(super) fn page_of(config: &Config, now: &Current<'_>, language: Language) -> PausePage {
    let zones: Vec<ZoneId> = config.zones.iter().map(|zone| zone.id.clone()).collect();
    let facts = facts(config, &zones);
    pause_page(&config.wordings, &facts, now, language, &config.shop.languages)
}
