//! The ledger's place in the store: entries go in with the figures they explain, and the head that is signed over them too.
//!
//! An idle shop writes nothing here. The key of a day that has ended is written over by the next one in the same row; `secure_delete`
//! and moving the log of the database right then (`forget_old_key`) see to it that no page keeps it. What a memory card keeps of
//! blocks that it has replaced, and what backups hold, is beyond this program.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ring::rand::{SecureRandom as _, SystemRandom};
use rusqlite::{Connection, Error, OptionalExtension as _, Result, Row, Transaction, params};

use super::query::{QueryError, Reader};
use super::{pictures, retention};
use crate::domain::ledger::Entry;
use crate::domain::time::Wall;
use crate::ledger::book::{Book, ClosedDay, Day, ORIGIN};
use crate::ledger::export::{Export, Folded};
use crate::ledger::keys::{SEED_BYTES, Seed};
use crate::ledger::tree::{Frontier, Hash};

const DAY_SECONDS: i64 = 86_400;

/// Whose ledger it is, and by which calendar its keys serve.
#[derive(Clone, Debug)]
pub struct Keeper {
    /// The shop's id.
    pub shop: String,
    /// Its calendar.
    pub time_zone: TimeZone,
}

impl Keeper {
    /// The shop's calendar day at `at`, counted from 1970-01-01; nothing past the calendar's ends.
    fn day_of(&self, at: Wall) -> Option<Day> {
        let date = Timestamp::from_millisecond(at.0).ok()?.to_zoned(self.time_zone.clone()).date();
        let midnight = date.to_zoned(TimeZone::UTC).ok()?;
        Some(midnight.timestamp().as_second().div_euclid(DAY_SECONDS))
    }
}

/// What came of entries.
#[derive(Debug, Default)]
pub(super) struct Appended {
    /// The new signed head; nothing where there was no entry.
    pub(super) checkpoint: Option<String>,
    /// Whether a key has had its day, so that [`forget_old_key`] is due once this is committed.
    pub(super) has_old_key: bool,
}

/// Appends entries and signs the new head.
pub(super) fn append(transaction: &Transaction<'_>, keeper: &Keeper, entries: &[Entry]) -> Result<Appended> {
    if entries.is_empty() {
        return Ok(Appended::default());
    }
    let mut book = match load(transaction)? {
        Some(book) => book,
        None => Book::new(&keeper.shop, random_seed()).ok_or_else(|| unusable("the shop's id names no key"))?,
    };
    let written = book.write(entries, |at| keeper.day_of(at), random_seed).map_err(unusable)?;
    let mut statement = transaction.prepare_cached("INSERT INTO ledger_entry (seq, line) VALUES (?1, ?2)")?;
    for (seq, line) in &written.lines {
        statement.execute(params![seq.cast_signed(), line])?;
    }
    for day in &written.closed {
        close_day(transaction, day)?;
    }
    save(transaction, &book)?;
    if let (Some(today), Some(before)) = (book.day, written.closed.last().and_then(|closed| closed.day)) {
        retention::fold(transaction, before, today)?;
    }
    Ok(Appended { checkpoint: Some(book.checkpoint), has_old_key: !written.closed.is_empty() })
}

/// The last signed head; nothing while there is no entry.
pub(super) fn checkpoint(conn: &Connection) -> Result<Option<String>> {
    conn.prepare_cached("SELECT checkpoint FROM ledger_book")?.query_row([], |row| row.get(0)).optional()
}

/// Moves the log of the database into it and cuts it to nothing: it holds the page on which the old key stood. Where a reader stands in
/// the way, the next day's does it.
pub(super) fn forget_old_key(conn: &Connection) {
    let _ = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
}

fn random_seed() -> Seed {
    let mut bytes = [0; SEED_BYTES];
    SystemRandom::new().fill(&mut bytes).expect("the kernel has given random numbers since early boot");
    Seed(bytes)
}

fn unusable(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::ToSqlConversionFailure(why.into())
}

fn close_day(transaction: &Transaction<'_>, day: &ClosedDay) -> Result<()> {
    transaction
        .prepare_cached("INSERT INTO ledger_day (from_seq, to_seq, day, checkpoint) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![day.from.cast_signed(), day.to.cast_signed(), day.day, day.checkpoint])?;
    Ok(())
}

fn load(conn: &Connection) -> Result<Option<Book>> {
    let read = |row: &Row<'_>| {
        let whole = |name: &str| row.get::<_, i64>(name).map(i64::cast_unsigned);
        let tree = Frontier::new(whole("size")?, unpack(&row.get::<_, Vec<u8>>("hashes")?));
        let seed = row.get::<_, Vec<u8>>("seed")?.try_into().ok();
        Ok(Book {
            origin: row.get("origin")?,
            first_key: row.get("first_key")?,
            seed: Seed(seed.ok_or_else(|| unusable("the key of the ledger is damaged"))?),
            day: row.get("day")?,
            day_from: whole("day_from")?,
            tree: tree.ok_or_else(|| unusable("the tree of the ledger is damaged"))?,
            boot: row.get("boot")?,
            checkpoint: row.get("checkpoint")?,
        })
    };
    conn.prepare_cached("SELECT * FROM ledger_book")?.query_row([], read).optional()
}

fn save(transaction: &Transaction<'_>, book: &Book) -> Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO ledger_book (id, origin, first_key, seed, day, day_from, size, hashes, boot, checkpoint)
             VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT DO UPDATE SET seed = excluded.seed, day = excluded.day, day_from = excluded.day_from, size = excluded.size,
                 hashes = excluded.hashes, boot = excluded.boot, checkpoint = excluded.checkpoint",
        )?
        .execute(params![
            book.origin,
            book.first_key,
            book.seed.0.as_slice(),
            book.day,
            book.day_from.cast_signed(),
            book.tree.size().cast_signed(),
            book.tree.hashes().concat(),
            book.boot,
            book.checkpoint,
        ])?;
    Ok(())
}

fn unpack(blob: &[u8]) -> Vec<Hash> {
    blob.as_chunks().0.to_vec()
}

/// The ledger as the store has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    /// All of it, with the pictures that are kept.
    pub export: Export,
    /// The daemon is known to have run until then.
    pub alive_until: Option<Wall>,
}

impl Reader {
    /// The ledger, of one moment; nothing while it has no entry.
    pub fn ledger(&self) -> Result<Option<Kept>, QueryError> {
        let snapshot = self.0.unchecked_transaction()?;
        let Some(book) = load(&snapshot)? else { return Ok(None) };
        let shop = book.origin.strip_prefix(ORIGIN).unwrap_or(&book.origin);
        let mut export = Export::new(shop, &book.first_key);
        export.folded =
            collect(&snapshot, "SELECT from_seq, to_seq, hashes FROM ledger_fold ORDER BY from_seq", |row| {
                let whole = |i| row.get::<_, i64>(i).map(i64::cast_unsigned);
                Ok(Folded::new(whole(0)?, whole(1)?, &unpack(&row.get::<_, Vec<u8>>(2)?)))
            })?;
        export.entries = collect(&snapshot, "SELECT line FROM ledger_entry ORDER BY seq", |row| row.get(0))?;
        export.checkpoints =
            collect(&snapshot, "SELECT checkpoint FROM ledger_day ORDER BY from_seq", |row| row.get(0))?;
        export.checkpoints.push(book.checkpoint);
        export.notices = pictures::kept(&snapshot)?;
        let alive_until = snapshot.query_row("SELECT last_commit_ms FROM moment", [], |row| row.get(0)).optional()?;
        Ok(Some(Kept { export, alive_until: alive_until.map(Wall) }))
    }
}

fn collect<T>(conn: &Connection, question: &str, read: impl FnMut(&Row<'_>) -> Result<T>) -> Result<Vec<T>> {
    conn.prepare(question)?.query_map([], read)?.collect()
}
