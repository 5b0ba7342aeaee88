//! Tables of the store and the steps that lead to them.
//!
//! The version is `PRAGMA user_version`: the number of steps taken. All missing steps are taken in one transaction, so a store is
//! either what it was or what this program knows; a store from the future is refused by [`super::open`].

use rusqlite::{Connection, Result, TransactionBehavior};

/// One step per version, never changed once released; the last one leads to what this program knows.
pub(super) const STEPS: &[&str] = &[FIRST, OCCUPANCY, LEDGER, PICTURES];

// Times are milliseconds since 1970. A series stands for the three names, so that a bucket of all sensors fits into a page or two,
// and the hot end of `aggregate` is what a commit writes. `packet` has one row per commit that accounted for packets: how many were
// ever accounted for, and ten bytes per mark; so its oldest rows go by key. No row says when: it would be the time of a passing.
const FIRST: &str = "
    CREATE TABLE series (
        id INTEGER PRIMARY KEY,
        sensor TEXT NOT NULL,
        zone TEXT NOT NULL,
        activity TEXT NOT NULL,
        UNIQUE (sensor, zone, activity)
    ) STRICT;
    CREATE TABLE aggregate (
        start_ms INTEGER NOT NULL,
        end_ms INTEGER NOT NULL,
        series INTEGER NOT NULL REFERENCES series (id),
        inward INTEGER NOT NULL,
        outward INTEGER NOT NULL,
        presence_ms INTEGER NOT NULL,
        occupancy_max INTEGER,
        covered_ms INTEGER NOT NULL,
        noticed_ms INTEGER NOT NULL,
        may_be_low INTEGER NOT NULL,
        PRIMARY KEY (start_ms, end_ms, series)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE state (
        name TEXT NOT NULL PRIMARY KEY,
        value BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE packet (
        accounted INTEGER PRIMARY KEY,
        marks BLOB NOT NULL
    ) STRICT;
    CREATE TABLE moment (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        last_commit_ms INTEGER NOT NULL
    ) STRICT;
";

// Here a series is a zone as a whole: it names no sensor, and no zone either if it is the whole shop. Its activity is the one by whose
// retention its rows go.
const OCCUPANCY: &str = "
    CREATE TABLE occupancy (
        start_ms INTEGER NOT NULL,
        end_ms INTEGER NOT NULL,
        series INTEGER NOT NULL REFERENCES series (id),
        person_ms INTEGER NOT NULL,
        exits INTEGER NOT NULL,
        most INTEGER NOT NULL,
        covered_ms INTEGER NOT NULL,
        may_be_off INTEGER NOT NULL,
        PRIMARY KEY (start_ms, end_ms, series)
    ) STRICT, WITHOUT ROWID;
";

// Of a day that has been folded, `ledger_entry` has only what was in force at its end, and `ledger_fold` the hashes of the rest. The one
// row of `ledger_book` is what an appended entry changes; it holds the key of the present day and no other.
const LEDGER: &str = "
    CREATE TABLE ledger_entry (
        seq INTEGER PRIMARY KEY,
        line TEXT NOT NULL
    ) STRICT;
    CREATE TABLE ledger_fold (
        from_seq INTEGER PRIMARY KEY,
        to_seq INTEGER NOT NULL,
        hashes BLOB NOT NULL
    ) STRICT;
    CREATE TABLE ledger_day (
        from_seq INTEGER PRIMARY KEY,
        to_seq INTEGER NOT NULL,
        day INTEGER,
        checkpoint TEXT NOT NULL
    ) STRICT;
    CREATE TABLE ledger_book (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        origin TEXT NOT NULL,
        first_key TEXT NOT NULL,
        seed BLOB NOT NULL,
        day INTEGER,
        day_from INTEGER NOT NULL,
        size INTEGER NOT NULL,
        hashes BLOB NOT NULL,
        boot TEXT NOT NULL,
        checkpoint TEXT NOT NULL
    ) STRICT;
";

// Each picture once, by its identity. `last_ms` is when it was last known to be shown, to the week.
const PICTURES: &str = "
    CREATE TABLE ledger_picture (
        hash BLOB PRIMARY KEY,
        panel TEXT NOT NULL,
        png BLOB NOT NULL,
        last_ms INTEGER NOT NULL
    ) STRICT;
";

/// How many steps the store at the other end of `conn` has taken.
pub(super) fn version(conn: &Connection) -> Result<usize> {
    let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    // A negative version is nobody's past: it counts as the future, which is refused.
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

/// Takes the steps that are missing, all of them or none. Returns whether there were any.
pub(super) fn upgrade(conn: &mut Connection, steps: &[&str]) -> Result<bool> {
    let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let taken = version(&transaction)?;
    let missing = steps.get(taken..).unwrap_or_default();
    for step in missing {
        transaction.execute_batch(step)?;
    }
    if !missing.is_empty() {
        transaction.pragma_update(None, "user_version", steps.len() as i64)?;
    }
    transaction.commit()?;
    Ok(!missing.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_STEPS: &[&str] =
        &["CREATE TABLE a (x); INSERT INTO a VALUES (1)", "ALTER TABLE a ADD COLUMN y DEFAULT 5"];

    fn sum(conn: &Connection) -> i64 {
        conn.query_row("SELECT x + y FROM a", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_new_store_takes_every_step() {
        let mut conn = Connection::open_in_memory().unwrap();
        assert!(upgrade(&mut conn, STEPS).unwrap());
        assert_eq!(version(&conn).unwrap(), STEPS.len());
        assert!(!upgrade(&mut conn, STEPS).unwrap());
    }

    #[test]
    fn an_older_store_takes_only_the_missing_steps() {
        let mut conn = Connection::open_in_memory().unwrap();
        upgrade(&mut conn, &TWO_STEPS[..1]).unwrap();
        conn.execute("UPDATE a SET x = 2", []).unwrap();
        assert!(upgrade(&mut conn, TWO_STEPS).unwrap());
        assert_eq!((version(&conn).unwrap(), sum(&conn)), (2, 7));
    }

    #[test]
    fn a_step_that_fails_leaves_the_store_as_it_was() {
        let mut conn = Connection::open_in_memory().unwrap();
        upgrade(&mut conn, &TWO_STEPS[..1]).unwrap();
        let broken = [TWO_STEPS[0], TWO_STEPS[1], "CREATE TABLE b (z); INSERT INTO nowhere VALUES (1)"];
        assert!(upgrade(&mut conn, &broken).is_err());
        assert_eq!(version(&conn).unwrap(), 1);
        assert!(conn.prepare("SELECT z FROM b").is_err());
        assert!(conn.prepare("SELECT y FROM a").is_err());
        assert!(upgrade(&mut conn, TWO_STEPS).unwrap());
        assert_eq!(sum(&conn), 6);
    }
}
