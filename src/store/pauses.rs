//! How often visitors paused counting: a number for each zone and day, and nothing finer.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::query::{QueryError, Question, Reader};
use crate::domain::objection::PAUSES;
use crate::domain::time::Wall;

/// The pauses of a zone on a day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PausesOfDay {
    /// The day, by the shop's clocks.
    #[serde(serialize_with = "date")]
    pub date: Date,
    /// Zone.
    pub zone: String,
    /// How often it was paused, or its pause prolonged.
    pub pauses: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it in so")]
fn date<S: serde::Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&date.to_string())
}

impl Reader {
    /// Pauses on the days that `question` touches, in the order of time and zone. Days without any have no line.
    pub fn pauses(&self, question: &Question<'_>) -> Result<Vec<PausesOfDay>, QueryError> {
        let mut statement =
            self.connection().prepare_cached("SELECT name, value FROM state WHERE name GLOB ?1 || '*'")?;
        let kept = statement.query_map([PAUSES], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
        let mut lines = Vec::new();
        for kept in kept {
            let (name, value) = kept?;
            lines.extend(line(&name, &value).filter(|line| is_asked_for(line, question)));
        }
        lines.sort_by(|a, b| (a.date, &a.zone).cmp(&(b.date, &b.zone)));
        Ok(lines)
    }
}

/// What a record says; nothing if another version wrote it.
fn line(name: &str, value: &[u8]) -> Option<PausesOfDay> {
    let (day, zone) = name.strip_prefix(PAUSES)?.split_once('/')?;
    let pauses = std::str::from_utf8(value).ok()?.parse().ok()?;
    Some(PausesOfDay { date: day.parse().ok()?, zone: zone.to_owned(), pauses })
}

fn is_asked_for(line: &PausesOfDay, question: &Question<'_>) -> bool {
    let day =
        |at: Wall, zone: &TimeZone| Timestamp::from_millisecond(at.0).ok().map(|t| t.to_zoned(zone.clone()).date());
    let after = |at: Wall| day(at, question.time_zone).is_none_or(|from| from <= line.date);
    let before = |at: Wall| day(Wall(at.0 - 1), question.time_zone).is_none_or(|to| line.date <= to);
    let of_zone = question.zone.is_none_or(|zone| zone.as_str() == line.zone);
    of_zone && question.from.is_none_or(after) && question.to.is_none_or(before)
}
