//! Pictures that the ledger speaks of: each kept once by its identity, for a while.
//!
//! The ledger names what hung there for ever by its hash. The picture itself changes with the code of the day, so only those of the last
//! weeks are kept, and written no more than once.

use rusqlite::{Connection, Result, Transaction, TransactionBehavior, params};

use crate::domain::commit::Commit;
use crate::domain::ledger::Event;
use crate::domain::notice::NoticeHash;
use crate::domain::time::Wall;
use crate::ledger::export::Picture;
use crate::ledger::state::{PICTURE_DAYS, PICTURES_MAX_BYTES};

const DAY_MS: i64 = 86_400_000;

/// How often it is written down that a picture is still shown: SQLite writes a row as a whole, and this one has kilobytes.
const AGAIN_DAYS: i64 = 7;

/// Keeps pictures that the entries of `commit` speak of, and lets go of the oldest beyond [`PICTURES_MAX_BYTES`].
pub(super) fn keep(transaction: &Transaction<'_>, commit: &Commit) -> Result<()> {
    for picture in &commit.pictures {
        let Some(shown) = last_shown(commit, picture.notice) else { continue };
        let changed = transaction
            .prepare_cached(
                "INSERT INTO ledger_picture (hash, panel, png, last_ms) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET last_ms = excluded.last_ms WHERE last_ms <= excluded.last_ms - ?5",
            )?
            .execute(params![picture.notice.0, picture.panel, picture.png, shown.0, AGAIN_DAYS * DAY_MS])?;
        if changed > 0 {
            bound(transaction, PICTURES_MAX_BYTES)?;
        }
    }
    Ok(())
}

fn last_shown(commit: &Commit, picture: NoticeHash) -> Option<Wall> {
    let of_it =
        commit.ledger.iter().filter(|entry| matches!(&entry.event, Event::Shown { notice, .. } if *notice == picture));
    of_it.map(|entry| entry.wall).max()
}

fn bound(transaction: &Transaction<'_>, most: u64) -> Result<()> {
    transaction
        .prepare_cached(
            "DELETE FROM ledger_picture WHERE hash IN (
                 SELECT hash FROM (
                     SELECT hash, sum(length(png)) OVER (ORDER BY last_ms DESC, hash) AS bytes FROM ledger_picture
                 ) WHERE bytes > ?1
             )",
        )?
        .execute([most.cast_signed()])?;
    Ok(())
}

/// Deletes pictures that have not been shown for [`PICTURE_DAYS`], and are not `in_use`. Returns how many went.
pub(super) fn forget(conn: &mut Connection, now: Wall, in_use: &[NoticeHash]) -> Result<u64> {
    let before = now.0 - (PICTURE_DAYS + AGAIN_DAYS) * DAY_MS;
    let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let old: Vec<[u8; 32]> = transaction
        .prepare("SELECT hash FROM ledger_picture WHERE last_ms <= ?1")?
        .query_map([before], |row| row.get(0))?
        .collect::<Result<_>>()?;
    let gone = old.into_iter().filter(|hash| !in_use.contains(&NoticeHash(*hash)));
    let mut count = 0;
    for hash in gone {
        count += transaction.execute("DELETE FROM ledger_picture WHERE hash = ?1", [hash])?;
    }
    transaction.commit()?;
    Ok(count as u64)
}

/// All that are kept, in the order in which they were last shown.
pub(super) fn kept(conn: &Connection) -> Result<Vec<Picture>> {
    conn.prepare("SELECT hash, panel, png FROM ledger_picture ORDER BY last_ms, hash")?
        .query_map([], |row| {
            let png: Vec<u8> = row.get(2)?;
            Ok(Picture::new(NoticeHash(row.get(0)?).to_string(), row.get(1)?, &png))
        })?
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::schema;

    #[test]
    fn beyond_the_bound_the_pictures_go_that_were_not_shown_for_longest() {
        let mut conn = Connection::open_in_memory().unwrap();
        schema::upgrade(&mut conn, schema::STEPS).unwrap();
        let transaction = conn.transaction().unwrap();
        for (hash, last) in [(1u8, 30), (2, 10), (3, 20)] {
            let row = params![[hash; 32], "800x480-bw", vec![0u8; 1000], last];
            transaction.execute("INSERT INTO ledger_picture VALUES (?1, ?2, ?3, ?4)", row).unwrap();
        }
        let left =
            || kept(&transaction).unwrap().iter().map(|picture| picture.hash[..2].to_owned()).collect::<Vec<_>>();
        bound(&transaction, 3000).unwrap();
        assert_eq!(left(), ["02", "03", "01"]);
        bound(&transaction, 2999).unwrap();
        assert_eq!(left(), ["03", "01"]);
        bound(&transaction, 0).unwrap();
        assert!(left().is_empty());
    }
}
