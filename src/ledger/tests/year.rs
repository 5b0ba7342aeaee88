//! A log as a box keeps it, and a shop that fills it: four signs over two zones, polled every quarter of an hour, through a year with
//! its reboots, restarts, late signs and stops.

use super::domain::activity::InterlockMode;
use super::domain::id::{ActivityId, SignId, ZoneId};
use super::domain::ledger::{Cause, Entry, Event, Rule};
use super::domain::notice::{Evidence, NoticeHash};
use super::domain::time::{Mono, Wall};
use super::ledger::book::{Book, ClosedDay};
use super::ledger::export::Export;
use super::ledger::keys::Seed;

pub(crate) const DAY_MS: i64 = 86_400_000;
pub(crate) const QUARTER_MS: i64 = 900_000;

/// 2026-01-01T00:00:00Z.
const NEW_YEAR: i64 = 1_767_225_600_000;

/// The store's part, in memory.
pub(crate) struct Log {
    pub(crate) book: Book,
    pub(crate) lines: Vec<String>,
    pub(crate) closed: Vec<ClosedDay>,
    /// What it was told, commit by commit.
    pub(crate) told: Vec<Vec<Entry>>,
    seeds: u64,
}

impl Log {
    /// A log whose keys follow from `salt`.
    pub(crate) fn new(salt: u64) -> Self {
        let book = Book::new("poznan-1", seed(salt << 32)).unwrap();
        Self { book, lines: vec![], closed: vec![], told: vec![], seeds: salt << 32 }
    }

    pub(crate) fn write(&mut self, entries: &[Entry]) {
        let seeds = &mut self.seeds;
        let next = || {
            *seeds += 1;
            seed(*seeds)
        };
        let written = self.book.write(entries, |wall| Some(wall.0.div_euclid(DAY_MS)), next).unwrap();
        self.lines.extend(written.lines.into_iter().map(|(_, line)| line));
        self.closed.extend(written.closed);
        self.told.push(entries.to_vec());
    }

    pub(crate) fn export(&self) -> Export {
        let mut export = Export::new("poznan-1", &self.book.first_key);
        export.entries.clone_from(&self.lines);
        export.checkpoints = self.closed.iter().map(|day| day.checkpoint.clone()).collect();
        export.checkpoints.push(self.book.checkpoint.clone());
        export
    }
}

fn seed(number: u64) -> Seed {
    let mut bytes = [5; 32];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    Seed(bytes)
}

/// The box: both clocks, which boot it is, and what it writes.
pub(crate) struct Shop {
    pub(crate) log: Log,
    pub(crate) mono: i64,
    pub(crate) wall: i64,
    boots: u64,
    random: u64,
}

pub(crate) const SIGNS: [(&str, &str); 4] =
    [("door", "entrance"), ("window", "entrance"), ("shelf", "hall"), ("till", "hall")];
const ZONES: [&str; 2] = ["entrance", "hall"];
const ACTIVITIES: [&str; 2] = ["footfall", "browsing"];

impl Shop {
    pub(crate) fn new(salt: u64) -> Self {
        Self { log: Log::new(salt), mono: 40_000, wall: NEW_YEAR, boots: salt * 1000, random: salt | 1 }
    }

    pub(crate) fn pass(&mut self, ms: i64) {
        self.mono += ms;
        self.wall += ms;
    }

    /// A number below `most`, always the same ones (Knuth's constants).
    fn below(&mut self, most: i64) -> i64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) as i64 % most
    }

    pub(crate) fn entry(&self, event: Event) -> Entry {
        Entry { mono: Mono(self.mono), wall: Wall(self.wall), trusted: true, event }
    }

    pub(crate) fn tell(&mut self, events: Vec<Event>) {
        let entries: Vec<Entry> = events.into_iter().map(|event| self.entry(event)).collect();
        self.log.write(&entries);
    }

    pub(crate) fn boot(&mut self) {
        self.boots += 1;
        self.mono = 40_000;
        self.start();
    }

    fn start(&mut self) {
        let boot = format!("{:016x}-7f6e-4c1d", 0x3f1c_9a0b_2d4e_5f60 + self.boots);
        self.tell(vec![Event::Started { boot, version: "0.1.0".to_owned() }]);
    }

    fn open_all(&mut self, picture: u8) {
        for (sign, _) in SIGNS {
            let gap = self.below(QUARTER_MS / 4);
            self.pass(gap);
            self.tell(vec![shown(sign, picture)]);
        }
        self.pass(40);
        let open = |zone| ACTIVITIES.map(|activity| opened(zone, activity));
        self.tell(ZONES.into_iter().flat_map(open).collect());
    }

    fn close_all(&mut self, cause: Cause) {
        let close = |zone| ACTIVITIES.map(|activity| closed(zone, activity, cause));
        self.tell(ZONES.into_iter().flat_map(close).collect());
        self.pass(60_000);
        self.tell(SIGNS.map(|(sign, _)| gone(sign, Cause::Replaced)).to_vec());
    }

    /// One sign of a zone that takes both does not ask in time, which is found out when its lease has ended.
    fn late_sign(&mut self) {
        let (sign, zone) = SIGNS[self.below(4) as usize];
        let found = self.below(2_000);
        let ended: Vec<Entry> = [Event::Gone { sign: SignId::new(sign), cause: Cause::Overdue }]
            .into_iter()
            .chain(ACTIVITIES.map(|activity| closed(zone, activity, Cause::NoNotice)))
            .map(|event| self.entry(event))
            .collect();
        self.pass(found);
        self.log.write(&ended);
        let back = self.below(QUARTER_MS);
        self.pass(back);
        self.tell(vec![shown(sign, 7)]);
        self.pass(40);
        self.tell(ACTIVITIES.map(|activity| opened(zone, activity)).to_vec());
    }

    /// From midnight to midnight.
    pub(crate) fn day(&mut self, number: i64) {
        let midnight = self.wall;
        if number % 14 == 0 {
            self.boot();
            if number == 0 {
                self.tell(vec![Event::Configured { rules: rules() }]);
            }
        }
        let opens = 8 * 3_600_000 + self.below(60_000);
        self.pass(opens);
        self.open_all(7);
        self.pass(2 * 3_600_000);
        if number % 5 != 4 {
            self.late_sign();
        }
        self.pass(3_600_000);
        if number % 30 == 3 {
            self.start();
        }
        if number % 9 == 2 {
            self.tell(vec![closed("hall", "browsing", Cause::Stopped)]);
            self.pass(1_200_000);
            self.tell(vec![opened("hall", "browsing")]);
        }
        self.pass(7 * 3_600_000);
        self.close_all(Cause::OutsideHours);
        self.pass(midnight + DAY_MS - self.wall);
    }
}

/// A shop after so many days.
pub(crate) fn days(salt: u64, count: i64) -> Shop {
    let mut shop = Shop::new(salt);
    (0..count).for_each(|number| shop.day(number));
    shop
}

pub(crate) fn rules() -> Vec<Rule> {
    let rule = |zone: &'static str| {
        ACTIVITIES.map(|activity| Rule {
            zone: ZoneId::new(zone),
            activity: ActivityId::new(activity),
            mode: InterlockMode::Enforce,
            quorum: 2,
            evidence: Evidence::Confirmed,
            signs: SIGNS.iter().filter(|(_, of)| *of == zone).map(|(sign, _)| SignId::new(sign)).collect(),
        })
    };
    ZONES.into_iter().flat_map(rule).collect()
}

pub(crate) fn shown(sign: &str, picture: u8) -> Event {
    Event::Shown {
        sign: SignId::new(sign),
        notice: NoticeHash([picture; 32]),
        activities: ACTIVITIES.map(ActivityId::new).to_vec(),
        evidence: Evidence::Confirmed,
    }
}

pub(crate) fn gone(sign: &str, cause: Cause) -> Event {
    Event::Gone { sign: SignId::new(sign), cause }
}

pub(crate) fn opened(zone: &str, activity: &str) -> Event {
    Event::Opened { zone: ZoneId::new(zone), activity: ActivityId::new(activity) }
}

pub(crate) fn closed(zone: &str, activity: &str, cause: Cause) -> Event {
    Event::Closed { zone: ZoneId::new(zone), activity: ActivityId::new(activity), cause }
}
