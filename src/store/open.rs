//! Opening the store: who may, and what is proved before a byte of it changes.
//!
//! A store that exists is read without touching it until key, size and version have proved right. A new one is made under another
//! name and moved into place when it is whole, so that neither a power cut nor a mistake leaves half a store behind or puts an
//! empty one over an old one.

use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::key::{StoreKey, sync_folder_of};
use super::schema;

/// Bytes per page. Small, because each page that a commit touches is written whole, to a card that wears: commits of 50 packets from 8
/// sensors write 14.6 kB each, against 25.6 kB with SQLCipher's own 4096. Stores are made with it, so it never changes.
pub(super) const PAGE_BYTES: u64 = 1024;

/// Pages in the write-ahead log before they are moved into the database: about 4 MB, so that pages written every second
/// are moved once in minutes.
const WAL_PAGES_MAX: u32 = 4000;

/// Readers never hold the writer up in WAL mode; only another program's backup or repair can, and not for long.
const BUSY_LIMIT: Duration = Duration::from_secs(5);

/// Opens the store for the one writer, made anew if there is none. The file that comes along holds the lock that keeps a
/// second writer out; it is let go when the file is dropped, which is to be after the connection.
pub(super) fn writer(path: &Path, key: &StoreKey) -> Result<(Connection, File), OpenError> {
    let lock = lock(path)?;
    if exists(path)? {
        prove(path, key)?;
    } else {
        create(path, key)?;
    }
    let mut conn = connect_writer(path, key).map_err(|e| explain(path, &e))?;
    // The log may hold a later upgrade than the file that was proved.
    let version = schema::version(&conn).map_err(|e| explain(path, &e))?;
    refuse_newer(path, version)?;
    if schema::upgrade(&mut conn, schema::STEPS).map_err(|e| explain(path, &e))? {
        conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(|e| explain(path, &e))?;
    }
    checkpoint_on_close(&conn, true).map_err(|e| explain(path, &e))?;
    Ok((conn, lock))
}

/// Opens the store for reading beside the writer.
pub(super) fn reader(path: &Path, key: &StoreKey) -> Result<Connection, OpenError> {
    if !exists(path)? {
        return Err(OpenError::Missing(path.to_owned()));
    }
    refuse_stump(path)?;
    let conn = connect(path, key, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(|e| explain(path, &e))?;
    let settled = conn.execute_batch("PRAGMA query_only = ON").and_then(|()| conn.busy_timeout(BUSY_LIMIT));
    let version = settled.and_then(|()| schema::version(&conn)).map_err(|e| explain(path, &e))?;
    refuse_newer(path, version)?;
    if version < schema::STEPS.len() {
        return Err(OpenError::Older { path: path.to_owned(), found: version, known: schema::STEPS.len() });
    }
    Ok(conn)
}

/// A writing connection to a store that exists and has been proved. It leaves the log alone when it is closed.
pub(super) fn connect_writer(path: &Path, key: &StoreKey) -> rusqlite::Result<Connection> {
    let conn = connect(path, key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    checkpoint_on_close(&conn, false)?;
    conn.busy_timeout(BUSY_LIMIT)?;
    // FULL: an acknowledged passing survives a power cut (measured: NORMAL loses seconds).
    conn.execute_batch(&format!(
        "PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = {WAL_PAGES_MAX}"
    ))?;
    Ok(conn)
}

/// Whether the last connection to go moves the log into the database.
pub(super) fn checkpoint_on_close(conn: &Connection, wanted: bool) -> rusqlite::Result<()> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !wanted).map(drop)
}

fn connect(path: &Path, key: &StoreKey, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let conn = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    unlock(&conn, key)?;
    Ok(conn)
}

fn unlock(conn: &Connection, key: &StoreKey) -> rusqlite::Result<()> {
    // SQLCipher writes to stderr by itself unless told not to; the key comes before anything that reads a page.
    conn.execute_batch("PRAGMA cipher_log_level = NONE")?;
    conn.execute_batch(&key.pragma())?;
    conn.execute_batch(&format!("PRAGMA cipher_page_size = {PAGE_BYTES}; PRAGMA temp_store = MEMORY"))
}

fn lock(path: &Path) -> Result<File, OpenError> {
    let name = beside(path, ".lock");
    let io_error = |e| OpenError::Io(name.clone(), e);
    let file = match File::options().create(true).truncate(false).write(true).mode(0o600).open(&name) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(OpenError::NoFolder(path.to_owned())),
        opened => opened.map_err(io_error)?,
    };
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
        Err(TryLockError::Error(e)) => Err(io_error(e)),
    }
}

/// Proves that `key` opens the store and that this program knows its version, and changes nothing.
fn prove(path: &Path, key: &StoreKey) -> Result<(), OpenError> {
    refuse_stump(path)?;
    let version = match version_at_rest(path, key) {
        Ok(version) => version,
        // A power cut while the log was moved leaves a database that only its log makes whole again.
        Err(_) if log_bytes(path)? > 0 => version_with_log(path, key)?,
        Err(e) => return Err(explain(path, &e)),
    };
    refuse_newer(path, version)
}

/// Reads the main file alone: no lock, no log, no index, so that nothing beside it is created or changed either.
fn version_at_rest(path: &Path, key: &StoreKey) -> rusqlite::Result<usize> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(immutable_uri(path), flags)?;
    unlock(&conn, key)?;
    schema::version(&conn)
}

fn version_with_log(path: &Path, key: &StoreKey) -> Result<usize, OpenError> {
    let conn = connect(path, key, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(|e| explain(path, &e))?;
    checkpoint_on_close(&conn, false).map_err(|e| explain(path, &e))?;
    let verdict = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    match verdict.map_err(|e| explain(path, &e))?.as_str() {
        "ok" => schema::version(&conn).map_err(|e| explain(path, &e)),
        _ => Err(OpenError::Damaged(path.to_owned())),
    }
}

fn create(path: &Path, key: &StoreKey) -> Result<(), OpenError> {
    if log_bytes(path)? > 0 {
        return Err(OpenError::StrayLog(beside(path, "-wal")));
    }
    let new = beside(path, ".new");
    let io_error = |e| OpenError::Io(new.clone(), e);
    for left_over in [new.clone(), beside(&new, "-journal")] {
        match fs::remove_file(left_over) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(io_error(e)),
            Ok(()) | Err(_) => {}
        }
    }
    File::options().write(true).create_new(true).mode(0o600).open(&new).map_err(io_error)?;
    make_tables(&new, key).map_err(|e| explain(path, &e))?;
    File::open(&new).and_then(|file| file.sync_all()).map_err(io_error)?;
    fs::rename(&new, path).and_then(|()| sync_folder_of(path)).map_err(io_error)
}

fn make_tables(new: &Path, key: &StoreKey) -> rusqlite::Result<()> {
    let mut conn = connect(new, key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    schema::upgrade(&mut conn, schema::STEPS)?;
    conn.execute_batch("PRAGMA journal_mode = WAL")?;
    conn.close().map_err(|(_, e)| e)
}

fn exists(path: &Path) -> Result<bool, OpenError> {
    path.try_exists().map_err(|e| OpenError::Io(path.to_owned(), e))
}

/// SQLite takes a file of no bytes for a new database; here it is an old one that was lost.
fn refuse_stump(path: &Path) -> Result<(), OpenError> {
    let bytes = fs::metadata(path).map_err(|e| OpenError::Io(path.to_owned(), e))?.len();
    if bytes < PAGE_BYTES { Err(OpenError::Stump { path: path.to_owned(), bytes }) } else { Ok(()) }
}

fn refuse_newer(path: &Path, found: usize) -> Result<(), OpenError> {
    let known = schema::STEPS.len();
    if found > known { Err(OpenError::Newer { path: path.to_owned(), found, known }) } else { Ok(()) }
}

fn log_bytes(path: &Path) -> Result<u64, OpenError> {
    let log = beside(path, "-wal");
    match fs::metadata(&log) {
        Ok(metadata) => Ok(metadata.len()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(e) => Err(OpenError::Io(log, e)),
    }
}

pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Percent-encodes whatever a path may hold beyond plain characters (sqlite.org/uri.html).
fn immutable_uri(path: &Path) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/.-_".contains(&byte);
    let encode = |byte: &u8| if plain(*byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") };
    let encoded: String = path.as_os_str().as_bytes().iter().map(encode).collect();
    format!("file:{encoded}?immutable=1")
}

/// Says what an error of SQLite means for the technician. Statements are left out: one of them holds the key.
pub(super) fn explain(path: &Path, error: &rusqlite::Error) -> OpenError {
    let path = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => OpenError::WrongKey(path),
        Some(ErrorCode::DatabaseCorrupt) => OpenError::Damaged(path),
        _ => OpenError::Unusable { path, reason: reason(error) },
    }
}

/// SQLite's own words for what went wrong, without the statement.
pub(super) fn reason(error: &rusqlite::Error) -> String {
    match (error.sqlite_error(), error) {
        (Some(inner), _) => inner.to_string(),
        (None, rusqlite::Error::ToSqlConversionFailure(what)) => format!("it cannot take what it is given: {what}"),
        (None, _) => "it holds something that this program did not write".to_owned(),
    }
}

/// Why the store cannot be opened. Nothing has been changed in any of these cases.
#[derive(Debug)]
pub enum OpenError {
    /// The folder of the store is not there.
    NoFolder(PathBuf),
    /// Another process has the store open for writing.
    InUse(PathBuf),
    /// There is no store to read.
    Missing(PathBuf),
    /// The file is shorter than any store.
    Stump {
        /// The store.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// A log without its database; a new database would take in what it holds.
    StrayLog(PathBuf),
    /// The key does not open it.
    WrongKey(PathBuf),
    /// Part of it is gone or altered.
    Damaged(PathBuf),
    /// A later release made it.
    Newer {
        /// The store.
        path: PathBuf,
        /// Its version.
        found: usize,
        /// The last version that this program knows.
        known: usize,
    },
    /// An earlier release made it, and a reader does not upgrade.
    Older {
        /// The store.
        path: PathBuf,
        /// Its version.
        found: usize,
        /// The version that this program reads.
        known: usize,
    },
    /// The file system refused.
    Io(PathBuf, io::Error),
    /// SQLite refused.
    Unusable {
        /// The store.
        path: PathBuf,
        /// In SQLite's words.
        reason: String,
    },
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFolder(path) => write!(
                f,
                "the folder of the store {} does not exist: create it for the user that runs noticed, with mode 0700",
                path.display()
            ),
            Self::InUse(path) => write!(
                f,
                "another noticed has the store {} open: stop it first; two writers would count twice",
                path.display()
            ),
            Self::Missing(path) => write!(
                f,
                "there is no store at {}: `noticed run` makes it when it first starts; else correct [store] path",
                path.display()
            ),
            Self::Stump { path, bytes } => write!(
                f,
                "the store {} has only {bytes} bytes, so its content is lost: restore a backup, or move the file away to start anew; \
                 nothing was changed",
                path.display()
            ),
            Self::StrayLog(log) => write!(
                f,
                "{} belongs to a store that is not there: put the store back beside it, or move it away to start anew; \
                 nothing was changed",
                log.display()
            ),
            Self::WrongKey(path) => write!(
                f,
                "the key does not open the store {}: put back the key that was in use when the store was made, or move the store away \
                 to start anew; nothing was changed",
                path.display()
            ),
            Self::Damaged(path) => write!(
                f,
                "the store {} is damaged: keep the file, restore a backup in its place, and look after the card or disk; \
                 nothing was changed",
                path.display()
            ),
            Self::Newer { path, found, known } => write!(
                f,
                "the store {} has version {found}, and this program knows up to {known}: install the release that made it, or a later one; \
                 nothing was changed",
                path.display()
            ),
            Self::Older { path, found, known } => write!(
                f,
                "the store {} has version {found}, and this program reads {known}: start `noticed run` of this release once, which upgrades it",
                path.display()
            ),
            Self::Io(path, e) => write!(f, "cannot use {}: {e}", path.display()),
            Self::Unusable { path, reason } => write!(f, "cannot open the store {}: {reason}", path.display()),
        }
    }
}

impl std::error::Error for OpenError {}
