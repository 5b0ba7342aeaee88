//! The open end of the log: takes entries, signs the new head, and hands the key over when a day begins.

use super::checkpoint::Checkpoint;
use super::cursor::Malformed;
use super::entry::{Record, short_boot};
use super::keys::{Key, Seed};
use super::tree::Frontier;
use crate::domain::ledger::{Entry, Event};
use crate::domain::time::Wall;

/// What the names of logs and their keys begin with; the shop's id follows.
pub const ORIGIN: &str = "noticed/";

/// A local calendar day, counted from any fixed one.
pub type Day = i64;

/// All that must be kept to go on with a log, beside its entries.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Book {
    /// Name of the log and of its keys. It stays as it was when the log was begun.
    pub origin: String,
    /// The first key, by which all others are believed.
    pub first_key: String,
    /// The key that signs now.
    pub seed: Seed,
    /// The day that it serves; nothing while no entry had a time to be believed.
    pub day: Option<Day>,
    /// Number of the first entry of that day.
    pub day_from: u64,
    /// The tree over all entries.
    pub tree: Frontier,
    /// The boot that entries belong to; empty before the first start.
    pub boot: String,
    /// The last signed head; empty before the first entry.
    pub checkpoint: String,
}

/// A day that has ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClosedDay {
    /// Which.
    pub day: Option<Day>,
    /// Its first entry.
    pub from: u64,
    /// The first entry after it.
    pub to: u64,
    /// The last signed head of its key, which names the next key.
    pub checkpoint: String,
}

/// What came of taking entries.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Written {
    /// New lines with their numbers.
    pub lines: Vec<(u64, String)>,
    /// Days that ended before some of them. Their keys are gone from the book and must go from wherever it is kept.
    pub closed: Vec<ClosedDay>,
}

impl Book {
    /// A log without entries for this shop; nothing if its name cannot name a key.
    #[must_use]
    pub fn new(shop: &str, seed: Seed) -> Option<Self> {
        let origin = format!("{ORIGIN}{shop}");
        let first_key = Key::new(&origin, &seed)?.verifier().to_string();
        let (tree, boot, checkpoint) = Default::default();
        Some(Self { origin, first_key, seed, day: None, day_from: 0, tree, boot, checkpoint })
    }

    /// Takes entries in their order and signs the new head. `day_of` tells the shop's calendar day, `new_seed` makes a key of the
    /// system's random numbers. With an error the book is to be dropped.
    pub fn write(
        &mut self,
        entries: &[Entry],
        day_of: impl Fn(Wall) -> Option<Day>,
        mut new_seed: impl FnMut() -> Seed,
    ) -> Result<Written, Malformed> {
        let mut written = Written::default();
        for entry in entries {
            if let Some(day) = day_of(entry.wall).filter(|_| entry.trusted) {
                written.closed.extend(self.turn_to(day, &mut new_seed));
            }
            if let Event::Started { boot, .. } = &entry.event {
                self.boot = short_boot(boot);
            }
            let record = Record::new(self.tree.size(), &self.boot, entry.clone());
            let line = record.line()?;
            self.tree.push(line.as_bytes());
            written.lines.push((record.seq, line));
        }
        if !entries.is_empty() {
            self.checkpoint = self.key().sign(&self.head());
        }
        Ok(written)
    }

    /// Goes over to `day`. What is told late of the day before stays with the present key; a clock that was put back further begins a
    /// day as one that goes on does.
    fn turn_to(&mut self, day: Day, new_seed: &mut impl FnMut() -> Seed) -> Option<ClosedDay> {
        let before = self.day;
        if before.is_some_and(|before| (before - 1..=before).contains(&day)) {
            return None;
        }
        self.day = Some(day);
        if before.is_none() || self.day_from == self.tree.size() {
            return None;
        }
        let old = self.key();
        self.seed = new_seed();
        let last = Checkpoint { next: Some(self.key().verifier().clone()), ..self.head() };
        let (from, to) = (self.day_from, self.tree.size());
        self.day_from = to;
        Some(ClosedDay { day: before, from, to, checkpoint: old.sign(&last) })
    }

    fn key(&self) -> Key {
        Key::new(&self.origin, &self.seed).expect("the name was good when the log was begun")
    }

    fn head(&self) -> Checkpoint {
        Checkpoint { origin: self.origin.clone(), size: self.tree.size(), root: self.tree.root(), next: None }
    }
}
