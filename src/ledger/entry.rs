//! The one form of an entry: a line of JSON whose keys stand in a fixed order, without spaces, with whole numbers and plain texts only.
//!
//! What is signed is the line. So one meaning has one line, and a line that this program would not have written is refused.

use std::fmt::Write as _;

use super::cursor::{Cursor, INTEGER_MAX, Malformed};
use super::tree::Hash;
use crate::domain::activity::InterlockMode;
use crate::domain::id::{ActivityId, ID_MAX_BYTES, SignId, ZoneId, is_valid_id};
use crate::domain::ledger::{Cause, Entry, Event, Rule};
use crate::domain::notice::{Evidence, NoticeHash};
use crate::domain::time::{Mono, Wall};

/// Characters of a boot's identity that are kept: sixteen tell one boot from another, and every entry carries them.
pub const BOOT_MAX_CHARS: usize = 16;

/// Longest version of the program, in bytes.
const VERSION_MAX_BYTES: usize = 64;

/// More covering signs than this stand in no shop.
const QUORUM_MAX: i64 = 65_535;

/// One entry with its place in the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// Its number, from 0.
    pub seq: u64,
    /// The boot that its steady time belongs to.
    pub boot: String,
    /// What happened.
    pub entry: Entry,
}

impl Record {
    /// The entry in the order of letters that its line has, within `boot`.
    #[must_use]
    pub fn new(seq: u64, boot: &str, mut entry: Entry) -> Self {
        match &mut entry.event {
            Event::Started { boot: own, .. } => boot.clone_into(own),
            Event::Configured { rules } => {
                rules.sort_by_key(place);
                for rule in rules {
                    rule.signs.sort();
                }
            }
            Event::Shown { activities, .. } => activities.sort(),
            Event::Gone { .. } | Event::Opened { .. } | Event::Closed { .. } => {}
        }
        Self { seq, boot: boot.to_owned(), entry }
    }

    /// Its line, without a line end. An entry that no line can be read back from has none; then a name in it is none of the
    /// configuration's, or it says something of a sign that the ledger has no word for.
    pub fn line(&self) -> Result<String, Malformed> {
        let line = write(self);
        match parse(&line) {
            Ok(read) if read == *self => Ok(line),
            Ok(_) => Err(Malformed { column: 1, expected: "an entry with one meaning".to_owned(), found: line }),
            Err(wrong) => Err(wrong),
        }
    }
}

/// What an entry keeps of a boot's identity: its first letters and digits.
#[must_use]
pub fn short_boot(boot: &str) -> String {
    let plain = boot.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase());
    plain.take(BOOT_MAX_CHARS).collect()
}

/// Reads a line.
pub fn parse(line: &str) -> Result<Record, Malformed> {
    let mut at = Cursor::new(line);
    at.expect("{\"seq\":")?;
    let seq = at.integer(0..=INTEGER_MAX)? as u64;
    at.expect(",\"boot\":")?;
    let boot = at.text("a boot of up to 16 letters and digits", is_boot)?.to_owned();
    at.expect(",\"mono\":")?;
    let mono = Mono(at.integer(-INTEGER_MAX..=INTEGER_MAX)?);
    at.expect(",\"wall\":")?;
    let wall = Wall(at.integer(-INTEGER_MAX..=INTEGER_MAX)?);
    at.expect(",\"trusted\":")?;
    let trusted = at.choice(&[("true", true), ("false", false)])?;
    at.expect(",\"event\":")?;
    let event = event(&mut at, &boot)?;
    at.expect("}")?;
    at.end()?;
    Ok(Record { seq, boot, entry: Entry { mono, wall, trusted, event } })
}

#[derive(Clone, Copy)]
enum Kind {
    Started,
    Configured,
    Shown,
    Gone,
    Opened,
    Closed,
}

const KINDS: &[(&str, Kind)] = &[
    ("\"started\"", Kind::Started),
    ("\"configured\"", Kind::Configured),
    ("\"shown\"", Kind::Shown),
    ("\"gone\"", Kind::Gone),
    ("\"opened\"", Kind::Opened),
    ("\"closed\"", Kind::Closed),
];

fn event(at: &mut Cursor<'_>, boot: &str) -> Result<Event, Malformed> {
    Ok(match at.choice(KINDS)? {
        Kind::Started => {
            at.expect(",\"version\":")?;
            Event::Started { boot: boot.to_owned(), version: at.text("a version", is_version)?.to_owned() }
        }
        Kind::Configured => {
            at.expect(",\"rules\":")?;
            Event::Configured { rules: at.list(rule, place)? }
        }
        Kind::Shown => Event::Shown {
            sign: sign(at, ",\"sign\":")?,
            notice: notice(at)?,
            activities: activities(at)?,
            evidence: grade(at, &[Evidence::Confirmed, Evidence::Sighted])?,
        },
        Kind::Gone => Event::Gone { sign: sign(at, ",\"sign\":")?, cause: cause(at)? },
        Kind::Opened => Event::Opened { zone: zone(at, ",\"zone\":")?, activity: activity(at)? },
        Kind::Closed => Event::Closed { zone: zone(at, ",\"zone\":")?, activity: activity(at)?, cause: cause(at)? },
    })
}

fn rule(at: &mut Cursor<'_>) -> Result<Rule, Malformed> {
    let zone = zone(at, "{\"zone\":")?;
    let activity = activity(at)?;
    at.expect(",\"mode\":")?;
    let modes = [InterlockMode::Enforce, InterlockMode::Observe].map(|mode| (quoted(mode.word()), mode));
    let mode = at.choice(&modes.each_ref().map(|(word, mode)| (word.as_str(), *mode)))?;
    at.expect(",\"quorum\":")?;
    let quorum = at.integer(0..=QUORUM_MAX)? as u32;
    let evidence = grade(at, GRADES)?;
    at.expect(",\"signs\":")?;
    let signs = at.list(|at| sign(at, ""), Clone::clone)?;
    at.expect("}")?;
    Ok(Rule { zone, activity, mode, quorum, evidence, signs })
}

fn place(rule: &Rule) -> (ZoneId, ActivityId) {
    (rule.zone.clone(), rule.activity.clone())
}

const GRADES: &[Evidence] =
    &[Evidence::None, Evidence::Offered, Evidence::Fetched, Evidence::Confirmed, Evidence::Sighted];

fn grade(at: &mut Cursor<'_>, known: &[Evidence]) -> Result<Evidence, Malformed> {
    at.expect(",\"evidence\":")?;
    let words: Vec<(String, Evidence)> = known.iter().map(|grade| (quoted(grade.word()), *grade)).collect();
    at.choice(&words.iter().map(|(word, grade)| (word.as_str(), *grade)).collect::<Vec<_>>())
}

fn cause(at: &mut Cursor<'_>) -> Result<Cause, Malformed> {
    at.expect(",\"cause\":")?;
    let words: Vec<(String, Cause)> = Cause::WORDS.iter().map(|(word, cause)| (quoted(word), *cause)).collect();
    at.choice(&words.iter().map(|(word, cause)| (word.as_str(), *cause)).collect::<Vec<_>>())
}

fn notice(at: &mut Cursor<'_>) -> Result<NoticeHash, Malformed> {
    at.expect(",\"notice\":")?;
    let digits = at.text("64 digits of a notice", |text| from_hex(text).is_some())?;
    Ok(NoticeHash(from_hex(digits).expect("it was looked at")))
}

fn activities(at: &mut Cursor<'_>) -> Result<Vec<ActivityId>, Malformed> {
    at.expect(",\"activities\":")?;
    at.list(|at| id(at).map(ActivityId::new), Clone::clone)
}

fn sign(at: &mut Cursor<'_>, key: &str) -> Result<SignId, Malformed> {
    at.expect(key)?;
    id(at).map(SignId::new)
}

fn zone(at: &mut Cursor<'_>, key: &str) -> Result<ZoneId, Malformed> {
    at.expect(key)?;
    id(at).map(ZoneId::new)
}

fn activity(at: &mut Cursor<'_>) -> Result<ActivityId, Malformed> {
    at.expect(",\"activity\":")?;
    id(at).map(ActivityId::new)
}

fn id<'a>(at: &mut Cursor<'a>) -> Result<&'a str, Malformed> {
    at.text(&format!("a name of up to {ID_MAX_BYTES} small letters, digits, - and _"), is_valid_id)
}

fn is_boot(text: &str) -> bool {
    (1..=BOOT_MAX_CHARS).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

fn is_version(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b".+-_".contains(&b);
    (1..=VERSION_MAX_BYTES).contains(&text.len()) && text.bytes().all(plain)
}

/// Thirty-two bytes of 64 small hexadecimal digits.
pub(super) fn from_hex(text: &str) -> Option<Hash> {
    let digits = text.as_bytes();
    let value = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let mut hash = [0; 32];
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = value(pair[0])? << 4 | value(pair[1])?;
    }
    (digits.len() == 64).then_some(hash)
}

fn quoted(word: &str) -> String {
    format!("\"{word}\"")
}

fn write(record: &Record) -> String {
    let Record { seq, boot, entry } = record;
    let Entry { mono, wall, trusted, event } = entry;
    let (mono, wall) = (mono.0, wall.0);
    let mut line = format!("{{\"seq\":{seq},\"boot\":\"{boot}\",\"mono\":{mono},\"wall\":{wall},\"trusted\":{trusted}");
    let written = match event {
        Event::Started { version, .. } => write!(line, ",\"event\":\"started\",\"version\":\"{version}\"}}"),
        Event::Configured { rules } => {
            let rules: Vec<String> = rules.iter().map(write_rule).collect();
            write!(line, ",\"event\":\"configured\",\"rules\":[{}]}}", rules.join(","))
        }
        Event::Shown { sign, notice, activities, evidence } => write!(
            line,
            ",\"event\":\"shown\",\"sign\":\"{sign}\",\"notice\":\"{notice}\",\"activities\":[{}],\"evidence\":\"{}\"}}",
            names(activities),
            evidence.word()
        ),
        Event::Gone { sign, cause } => {
            write!(line, ",\"event\":\"gone\",\"sign\":\"{sign}\",\"cause\":\"{}\"}}", cause.word())
        }
        Event::Opened { zone, activity } => {
            write!(line, ",\"event\":\"opened\",\"zone\":\"{zone}\",\"activity\":\"{activity}\"}}")
        }
        Event::Closed { zone, activity, cause } => write!(
            line,
            ",\"event\":\"closed\",\"zone\":\"{zone}\",\"activity\":\"{activity}\",\"cause\":\"{}\"}}",
            cause.word()
        ),
    };
    written.expect("writing to a text does not fail");
    line
}

fn write_rule(rule: &Rule) -> String {
    let Rule { zone, activity, mode, quorum, evidence, signs } = rule;
    format!(
        "{{\"zone\":\"{zone}\",\"activity\":\"{activity}\",\"mode\":\"{mode}\",\"quorum\":{quorum},\"evidence\":\"{}\",\"signs\":[{}]}}",
        evidence.word(),
        names(signs)
    )
}

fn names(names: &[impl ToString]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| quoted(&name.to_string())).collect();
    quoted.join(",")
}
