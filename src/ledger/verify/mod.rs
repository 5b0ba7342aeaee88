//! The judgement of a stranger: is the log whole, is it the one that was seen before, and was anything counted without notice?
//!
//! Looked at in this order, and the first wrong thing is named with its place: the file, each line, the numbers of the lines; for each
//! checkpoint the tree, the signature and the key; checkpoints that others have kept; pictures; and at last what the entries say.

use std::fmt;

use super::book::ORIGIN;
use super::entry::{self, Record};
use super::evidence::{self, Account, Question};
use super::export::{Export, FORMAT};
use super::note::Verifier;
use super::state::LEDGER_DAYS;
use crate::domain::id::is_valid_id;
use crate::domain::ledger::Event;
use crate::domain::notice::NoticeHash;
use crate::domain::time::{Bucket, Wall};

mod pictures;
mod pieces;
mod seen;
mod succession;

/// A signed checkpoint that somebody kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    /// What to call it.
    pub name: String,
    /// The signed note.
    pub note: String,
}

/// What else is known to whoever asks.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Circumstances {
    /// Checkpoints that somebody kept.
    pub seen: Vec<Seen>,
    /// The only span of which figures are asked for.
    pub window: Option<Bucket>,
    /// The daemon is known to have run until then.
    pub alive_until: Option<Wall>,
}

/// A log that is whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// Name of the shop in the log.
    pub shop: String,
    /// The key by which all others are believed. Only somebody who knows it from elsewhere knows whose log this is.
    pub first_key: String,
    /// How many keys there were.
    pub keys: u64,
    /// How many entries there are, with those of which only hashes are left.
    pub entries: u64,
    /// The first entry from which on all are there; what stands before it is the shop's word.
    pub whole_from: u64,
    /// Whether days were folded long before their time, which a box does not do by itself.
    pub folded_early: bool,
    /// The last signed head.
    pub checkpoint: String,
    /// How many checkpoints that others kept belong to this log.
    pub seen: usize,
    /// How many notices entries speak of.
    pub notices: usize,
    /// Of these, the ones whose pictures are not in the file. All others are there, and are what their hashes say.
    pub missing: Vec<NoticeHash>,
    /// What the entries say.
    pub account: Account,
}

/// Where something is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// The file as a whole, with line and column where they are known.
    File(Option<(usize, usize)>),
    /// A member of `folded`, from 0.
    Folded(usize),
    /// A member of `entries`, from 0.
    Line(usize),
    /// An entry, by its number in the log.
    Entry(u64),
    /// One of these entries, the last not included.
    Entries(u64, u64),
    /// A member of `checkpoints`, from 0.
    Checkpoint(usize),
    /// A checkpoint that somebody kept.
    Seen(String),
    /// A member of `notices`, from 0.
    Notice(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(None) => f.write_str("the file"),
            Self::File(Some((line, column))) => write!(f, "the file, line {line}, column {column}"),
            Self::Folded(index) => write!(f, "folded[{index}]"),
            Self::Line(index) => write!(f, "entries[{index}]"),
            Self::Entry(seq) => write!(f, "entry {seq}"),
            Self::Entries(from, to) if from + 1 == *to => write!(f, "entry {from}"),
            Self::Entries(from, to) => write!(f, "entries {from} to {}", to - 1),
            Self::Checkpoint(index) => write!(f, "checkpoints[{index}]"),
            Self::Seen(name) => write!(f, "the kept checkpoint {name}"),
            Self::Notice(index) => write!(f, "notices[{index}]"),
        }
    }
}

/// The first wrong thing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// What.
    pub what: String,
}

impl Fault {
    fn at(place: Place, what: impl fmt::Display) -> Self {
        Self { place, what: what.to_string() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

impl std::error::Error for Fault {}

/// Judges the text of a file.
pub fn verify(text: &str, circumstances: &Circumstances) -> Result<Verdict, Fault> {
    let export =
        Export::read(text).map_err(|error| Fault::at(Place::File(Some((error.line(), error.column()))), error))?;
    verify_export(&export, circumstances)
}

/// Judges an export.
pub fn verify_export(export: &Export, circumstances: &Circumstances) -> Result<Verdict, Fault> {
    let first_key = form(export)?;
    let records = lines(export)?;
    let pieces = pieces::in_order(export, &records)?;
    let reigns = succession::check(export, &pieces, &first_key)?;
    circumstances.seen.iter().try_for_each(|seen| seen::check(seen, &first_key, &reigns, &pieces))?;
    let shown = shown(&records);
    let missing = pictures::check(export, &shown)?;
    let whole_from = export.folded.iter().map(|folded| folded.to).max().unwrap_or(0);
    let question = Question { whole_from, window: circumstances.window, alive_until: circumstances.alive_until };
    let account = evidence::account(&records, &question)
        .map_err(|contradiction| Fault::at(Place::Entry(contradiction.seq), contradiction.what))?;
    Ok(Verdict {
        shop: export.shop.clone(),
        first_key: first_key.to_string(),
        keys: reigns.len() as u64,
        entries: pieces::end(&pieces),
        whole_from,
        folded_early: folded_early(&records, whole_from),
        checkpoint: export.checkpoints.last().cloned().unwrap_or_default(),
        seen: circumstances.seen.len(),
        notices: shown.len(),
        missing,
        account,
    })
}

/// The first key, if the file says of itself what it should.
fn form(export: &Export) -> Result<Verifier, Fault> {
    let wrong = |what: String| Err(Fault::at(Place::File(None), what));
    if export.format != FORMAT {
        return wrong(format!("its format is \"{}\"; this program reads \"{FORMAT}\"", export.format));
    }
    if !is_valid_id(&export.shop) {
        return wrong(format!("\"{}\" is no id of a shop", export.shop));
    }
    let [key] = export.keys.as_slice() else {
        return wrong(format!("it names {} first keys; a log has one", export.keys.len()));
    };
    let key = Verifier::parse(key).map_err(|error| Fault::at(Place::File(None), error))?;
    let name = format!("{ORIGIN}{}", export.shop);
    if key.name() != name {
        return wrong(format!("its first key is of \"{}\"; the shop's is named \"{name}\"", key.name()));
    }
    Ok(key)
}

fn lines(export: &Export) -> Result<Vec<Record>, Fault> {
    let read = |(index, line): (usize, &String)| {
        entry::parse(line).map_err(|malformed| Fault::at(Place::Line(index), malformed))
    };
    export.entries.iter().enumerate().map(read).collect()
}

/// Days without an entry, as in a holiday, bring what is left that much closer to what was folded.
const FEWER_DAYS_ALLOWED: i64 = 31;

const DAY_MS: i64 = 86_400_000;

fn folded_early(records: &[Record], whole_from: u64) -> bool {
    let mut whole = records.iter().filter(|record| record.seq >= whole_from && record.entry.trusted);
    let first = whole.next().map_or(i64::MAX, |record| record.entry.wall.0);
    let last = whole.next_back().map_or(i64::MIN, |record| record.entry.wall.0);
    whole_from > 0 && last.saturating_sub(first) / DAY_MS < LEDGER_DAYS - FEWER_DAYS_ALLOWED
}

/// Notices that entries speak of.
fn shown(records: &[Record]) -> Vec<NoticeHash> {
    let notice = |record: &Record| match &record.entry.event {
        Event::Shown { notice, .. } => Some(*notice),
        Event::Started { .. }
        | Event::Configured { .. }
        | Event::Gone { .. }
        | Event::Opened { .. }
        | Event::Closed { .. } => None,
    };
    let mut shown: Vec<NoticeHash> = records.iter().filter_map(notice).collect();
    shown.sort_unstable();
    shown.dedup();
    shown
}
