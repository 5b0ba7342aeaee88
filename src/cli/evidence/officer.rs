//! What the ledger adds up to, in plain words on one page: for an officer, who has not asked for a table of numbers.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use jiff::{Timestamp, Zoned};

use crate::config::Shop;
use crate::domain::text::Language;
use crate::domain::time::Wall;
use crate::ledger::evidence::{Gap, Place, Sums};
use crate::ledger::page::Words;
use crate::ledger::state::LEDGER_DAYS;
use crate::ledger::verify::Verdict;
use crate::sign::print::report::{Part, Report};

/// More rows than this are summed up: a page has room for no more. The page of HTML that checks an export has the same limits.
const PLACES_MAX: usize = 8;
const REASONS_MAX: usize = 12;

/// Who speaks, and to whom.
pub(super) struct Officer<'a> {
    pub(super) words: &'a Words,
    pub(super) language: Language,
    pub(super) shop: &'a Shop,
}

impl Officer<'_> {
    /// The page.
    pub(super) fn report(&self, verdict: &Verdict) -> Report {
        let places = &verdict.account.places;
        let noticed = if places.values().any(|sums| sums.unnoticed_ms > 0) { "noticedElse" } else { "noticedAlways" };
        let mut parts = vec![
            Part::Verdict(self.say("good", &[]), vec![self.say("whole", &[]), self.say(noticed, &[])]),
            Part::Facts(self.facts(verdict)),
            Part::Heading(self.say("coverage", &[])),
        ];
        parts.push(if places.is_empty() { Part::Text(self.say("nothingOpen", &[])) } else { self.sums(places) });
        parts.extend([Part::Text(self.say("attestedHint", &[])), Part::Heading(self.say("gaps", &[]))]);
        parts.push(self.gaps(places));
        for key in ["proves", "head"] {
            parts.push(Part::Heading(self.say(key, &[])));
            parts.push(Part::Text(self.say(if key == "head" { "headHint" } else { "provesText" }, &[])));
        }
        parts.push(Part::Fixed(verdict.checkpoint.lines().map(str::to_owned).collect()));
        let mark = self.say("made", &[env!("CARGO_PKG_VERSION")]);
        Report { title: self.say("reportTitle", &[]), language: self.language, parts, mark }
    }

    fn say(&self, key: &str, about: &[&str]) -> String {
        self.words.say(key, about)
    }

    fn facts(&self, verdict: &Verdict) -> Vec<(String, String)> {
        let Verdict { first_key, keys, entries, whole_from, notices, missing, account, .. } = verdict;
        let clocks = self.shop.time_zone.iana_name().unwrap_or("UTC");
        let period = account.period.map_or_else(
            || self.say("periodNone", &[]),
            |period| {
                let span = self.say("from to", &[&self.when(period.start), &self.when(period.end)]);
                format!("{span}; {}", self.say("clocks", &[clocks]))
            },
        );
        let mut all = self.say("entriesOf", &[&self.number(*entries), &self.number(*keys)]);
        if *whole_from > 0 {
            all += " ";
            all += &self.say("folded", &[&self.number(whole_from - 1)]);
        }
        if verdict.folded_early {
            all += " ";
            all += &self.say("foldedEarly", &[&LEDGER_DAYS.to_string()]);
        }
        let there = (notices - missing.len()) as u64;
        let fact = |key, fact| (self.say(key, &[]), fact);
        vec![
            fact("shop", format!("{} ({})", self.shop.name, verdict.shop)),
            fact("firstKey", format!("{first_key} · {}", self.say("firstKeyHint", &[]))),
            fact("period", period),
            fact("entries", all),
            fact("keptTitle", self.say("keptStore", &[])),
            fact("pictures", self.say("picturesOf", &[&self.number(there), &self.number(*notices as u64)])),
            fact("clock", self.clock(verdict)),
        ]
    }

    fn clock(&self, verdict: &Verdict) -> String {
        let spans = &verdict.account.untrusted;
        let ms = spans.iter().map(|span| (span.end.0 - span.start.0) as u64).sum();
        match spans.first() {
            Some(first) => {
                let about = [self.duration(ms), self.number(spans.len() as u64), self.when(first.start)];
                self.say("clockOf", &about.each_ref().map(String::as_str))
            }
            None => self.say("clockNone", &[]),
        }
    }

    fn sums(&self, places: &BTreeMap<Place, Sums>) -> Part {
        let keys = ["zone", "activity", "monitored", "noticed", "attested", "notRecorded", "share", "without"];
        let row = |((zone, activity), sums): (&Place, &Sums)| {
            vec![
                zone.to_string(),
                activity.to_string(),
                self.duration(sums.open_ms),
                self.duration(sums.noticed_ms),
                self.duration(sums.attested_ms),
                self.duration(sums.ms - sums.open_ms),
                self.percent(sums.open_ms, sums.ms),
                if sums.unnoticed_ms > 0 { self.duration(sums.unnoticed_ms) } else { self.say("never", &[]) },
            ]
        };
        self.table(&keys, 2, places.iter().map(row).collect(), PLACES_MAX)
    }

    /// Gaps of all places by reason, the longest together first.
    fn gaps(&self, places: &BTreeMap<Place, Sums>) -> Part {
        let mut reasons: Vec<(&Place, &str, Reason)> = Vec::new();
        for (place, sums) in places {
            let mut by_reason: BTreeMap<&str, Reason> = BTreeMap::new();
            for gap in &sums.gaps {
                by_reason.entry(gap.reason()).or_default().add(gap);
            }
            reasons.extend(by_reason.into_iter().map(|(reason, of)| (place, reason, of)));
        }
        if reasons.is_empty() {
            return Part::Text(self.say("gapsNone", &[]));
        }
        reasons.sort_by_key(|(_, _, of)| std::cmp::Reverse(of.ms));
        let row = |((zone, activity), reason, of): &(&Place, &str, Reason)| {
            let from = of.longest.map(|gap| self.when(gap.span.start)).unwrap_or_default();
            vec![
                zone.to_string(),
                activity.to_string(),
                self.say(&format!("why {reason}"), &[]),
                self.number(of.times),
                self.duration(of.ms),
                self.say("longestAt", &[&self.duration(of.longest_ms()), &from]),
            ]
        };
        let keys = ["zone", "activity", "reason", "times", "total", "longest"];
        self.table(&keys, 3, reasons.iter().map(row).collect(), REASONS_MAX)
    }

    fn table(&self, keys: &[&str], words: usize, mut rows: Vec<Vec<String>>, most: usize) -> Part {
        if rows.len() > most {
            let more = self.number((rows.len() - most) as u64);
            rows.truncate(most);
            rows.push(vec![self.say("more", &[&more])]);
        }
        let columns = keys.iter().enumerate().map(|(index, key)| (self.say(key, &[]), index >= words)).collect();
        Part::Table { columns, rows }
    }

    /// A number with its thousands apart, as the language has them.
    fn number(&self, number: u64) -> String {
        let digits = number.to_string();
        // Polish parts them from five digits on (PWN), with a space that does not break.
        let (mark, from) = if self.language == Language::ENGLISH { (',', 4) } else { ('\u{a0}', 5) };
        if digits.len() < from {
            return digits;
        }
        let mut out = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                out.push(mark);
            }
            out.push(digit);
        }
        out
    }

    fn percent(&self, part: u64, whole: u64) -> String {
        let thousandths = (u128::from(part) * 1000).checked_div(u128::from(whole)).unwrap_or(0);
        let (point, space) = if self.language == Language::ENGLISH { (".", "") } else { (",", "\u{a0}") };
        match thousandths % 10 {
            0 => format!("{}{space}%", thousandths / 10),
            tenths => format!("{}{point}{tenths}{space}%", thousandths / 10),
        }
    }

    fn duration(&self, ms: u64) -> String {
        let seconds = ms / 1000;
        let (hours, minutes) = (seconds / 3600, seconds % 3600 / 60);
        match (hours, seconds) {
            (_, 0) => "0".to_owned(),
            (0, _) => self.say("minutes", &[&minutes.to_string(), &(seconds % 60).to_string()]),
            _ => self.say("hours", &[&self.number(hours), &minutes.to_string()]),
        }
    }

    /// A moment by the shop's clocks, to the minute.
    fn when(&self, at: Wall) -> String {
        let end = if at.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
        let moment: Zoned = Timestamp::from_millisecond(at.0).unwrap_or(end).to_zoned(self.shop.time_zone.clone());
        let local: DateTime = moment.datetime();
        let months = self.say("months", &[]);
        let month = months.split(' ').nth(local.month() as usize - 1).unwrap_or_default();
        format!("{} {month} {}, {:02}:{:02}", local.day(), local.year(), local.hour(), local.minute())
    }
}

/// Gaps with one reason.
#[derive(Default)]
struct Reason {
    times: u64,
    ms: u64,
    longest: Option<Gap>,
}

impl Reason {
    fn add(&mut self, gap: &Gap) {
        self.times += 1;
        self.ms += length(gap);
        if length(gap) > self.longest_ms() {
            self.longest = Some(*gap);
        }
    }

    fn longest_ms(&self) -> u64 {
        self.longest.as_ref().map_or(0, length)
    }
}

fn length(gap: &Gap) -> u64 {
    (gap.span.end.0 - gap.span.start.0) as u64
}
