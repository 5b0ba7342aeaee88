//! Opening hours as technicians write them: `Mon-Fri 08:00-20:00`, `Sat 09:00-14:00`, `Fri 20:00-02:00`.

use jiff::civil::{Time, Weekday};
use toml::de::DeValue;

use super::Opening;
use super::file::list;
use super::findings::{Placed, quoted};
use super::nearest::suggest;
use super::read::Table;
use super::rule::{Fault, Ruled, clock, kind};

const KEY: &str = "opening-hours";

const EXAMPLE: &str = "[\"Mon-Fri 08:00-20:00\", \"Sat 09:00-14:00\"]";

const HELP: &str = "write days and hours, as in \"Mon-Fri 08:00-20:00\" or \"Sat 09:00-14:00\"; past midnight as in \
                    \"Fri 20:00-02:00\", a whole day as in \"Sun 00:00-24:00\"";

const DAYS: [(&str, Weekday); 7] = [
    ("Mon", Weekday::Monday),
    ("Tue", Weekday::Tuesday),
    ("Wed", Weekday::Wednesday),
    ("Thu", Weekday::Thursday),
    ("Fri", Weekday::Friday),
    ("Sat", Weekday::Saturday),
    ("Sun", Weekday::Sunday),
];

const DAY_MINUTES: u32 = 24 * 60;

/// The hours of the shop, none if it is always open; `None` if any of them could not be read.
pub(super) fn opening_hours(table: &Table<'_>) -> Option<Vec<Opening>> {
    if table.key_at(KEY).is_none() {
        return Some(Vec::new());
    }
    let said: Vec<_> = list(table, KEY, EXAMPLE).into_iter().map(|value| read(table, &value)).collect();
    if said.is_empty() {
        return None;
    }
    let said: Vec<(usize, Vec<Opening>)> = said.into_iter().collect::<Option<_>>()?;
    for (index, (at, openings)) in said.iter().enumerate() {
        if said[..index].iter().flat_map(|(_, earlier)| earlier).any(|earlier| overlaps(*earlier, openings)) {
            let what = "opens the shop in hours that an entry before it names already";
            table.tell(*at, KEY, Fault::new(what, "write one span for both"));
        }
    }
    Some(said.into_iter().flat_map(|(_, openings)| openings).collect())
}

fn read(table: &Table<'_>, said: &Placed<&DeValue<'_>>) -> Option<(usize, Vec<Opening>)> {
    match openings(said.value) {
        Ok(openings) => Some((said.at, openings)),
        Err(fault) => {
            table.tell(said.at, KEY, fault);
            None
        }
    }
}

fn openings(value: &DeValue<'_>) -> Ruled<Vec<Opening>> {
    let text =
        value.as_str().ok_or_else(|| Fault::new(format!("holds {}, where a text belongs", kind(value)), HELP))?;
    let nothing = || Fault::new(format!("{} names no days and hours", quoted(text)), HELP);
    let (days, times) = text.trim().split_once(' ').ok_or_else(nothing)?;
    let (from, to) = times.trim().split_once('-').ok_or_else(nothing)?;
    let to_midnight = to == "24:00";
    let (from, to) = (time(from)?, if to_midnight { Time::midnight() } else { time(to)? });
    if from == to && !to_midnight {
        let help = "write the hour at which the shop closes; a whole day is written 00:00-24:00";
        return Err(Fault::new(format!("{} ends when it begins", quoted(text)), help));
    }
    Ok(days_of(days)?.into_iter().map(|day| Opening { day, from, to }).collect())
}

fn days_of(text: &str) -> Ruled<Vec<Weekday>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (day(first)?, day(last)?);
    Ok((0..=first.until(last)).map(|later| first.wrapping_add(later)).collect())
}

fn day(text: &str) -> Ruled<Weekday> {
    let names = DAYS.map(|(name, _)| name);
    let day = DAYS.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, day)| *day);
    day.ok_or_else(|| Fault::new(format!("{} is no day of the week", quoted(text)), suggest(text, &names, "days")))
}

fn time(text: &str) -> Ruled<Time> {
    clock(text).ok_or_else(|| Fault::new(format!("{} is no time of day", quoted(text)), HELP))
}

/// Whether any of `openings` shares a minute of the week with `one`.
fn overlaps(one: Opening, openings: &[Opening]) -> bool {
    let week = 7 * DAY_MINUTES;
    let minute = |time: Time| time.hour() as u32 * 60 + time.minute() as u32;
    let start = |o: Opening| o.day.to_monday_zero_offset() as u32 * DAY_MINUTES + minute(o.from);
    let length = |o: Opening| {
        let length = (minute(o.to) + DAY_MINUTES - minute(o.from)) % DAY_MINUTES;
        if length == 0 { DAY_MINUTES } else { length }
    };
    // Two spans on a circle share a minute iff one of them begins within the other.
    let begins_within = |a: Opening, b: Opening| (start(a) + week - start(b)) % week < length(b);
    openings.iter().any(|other| begins_within(one, *other) || begins_within(*other, one))
}
