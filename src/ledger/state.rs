//! Which entries are still in force: what later entries build on, and what must therefore outlive the folding of old days.

use std::collections::{BTreeMap, BTreeSet};

use super::book::Day;
use super::entry::Record;
use crate::domain::id::{ActivityId, SignId, ZoneId};
use crate::domain::ledger::Event;

/// How many days of the ledger keep their entries. Older ones are folded into hashes: a year can always be told, with a month to ask.
pub const LEDGER_DAYS: Day = 400;

/// How many days a picture is kept after it was last shown: long enough to ask for what hung there, and the code on it, which is of one day,
/// makes a new picture for each sign and day.
pub const PICTURE_DAYS: Day = 60;

/// Most bytes of pictures that are kept; the ones not shown for longest go first. Four signs with two languages take 4 MB in
/// [`PICTURE_DAYS`] days, and an export of this size is still read ([`super::export::EXPORT_MAX_BYTES`]).
pub const PICTURES_MAX_BYTES: u64 = 16 * 1024 * 1024;

/// Numbers of the entries that hold at the end of what it was told.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Standing {
    boot: String,
    started: Option<u64>,
    configured: Option<u64>,
    shown: BTreeMap<SignId, u64>,
    opened: BTreeMap<(ZoneId, ActivityId), u64>,
}

impl Standing {
    /// Goes on with the next entry.
    pub fn take(&mut self, record: &Record) {
        let seq = record.seq;
        if record.boot != self.boot {
            self.boot.clone_from(&record.boot);
            self.shown.clear();
            self.opened.clear();
        }
        match &record.entry.event {
            Event::Started { .. } => self.started = Some(seq),
            Event::Configured { .. } => self.configured = Some(seq),
            Event::Shown { sign, .. } => {
                self.shown.insert(sign.clone(), seq);
            }
            Event::Gone { sign, .. } => {
                self.shown.remove(sign);
            }
            Event::Opened { zone, activity } => {
                self.opened.insert((zone.clone(), activity.clone()), seq);
            }
            Event::Closed { zone, activity, .. } => {
                self.opened.remove(&(zone.clone(), activity.clone()));
            }
        }
    }

    /// The last start, the last rules, and of each sign and place what it was last known to show and when counting was last opened, if
    /// nothing has ended it.
    #[must_use]
    pub fn in_force(&self) -> BTreeSet<u64> {
        let heads = self.started.iter().chain(&self.configured);
        heads.chain(self.shown.values()).chain(self.opened.values()).copied().collect()
    }
}
