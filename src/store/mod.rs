//! The encrypted store: only aggregates, one writer, one transaction per commit.
//!
//! A thread of its own owns the writing connection; nobody who waits for something else ever waits for the disk. What it is
//! given it writes in order, and answers each time: whoever acknowledges packets does so only then. Readers use [`query`],
//! beside it and without holding it up.

pub mod key;
pub mod ledger;
pub mod open;
pub mod pauses;
pub mod query;
pub mod retention;

mod commit;
mod pictures;
mod schema;
#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{Builder, JoinHandle};

use rusqlite::{Connection, ErrorCode};

use self::key::StoreKey;
use self::ledger::Keeper;
use self::open::OpenError;
use crate::domain::commit::{Commit, Restored};
use crate::domain::id::ActivityId;
use crate::domain::notice::NoticeHash;
use crate::domain::time::Wall;

/// Jobs that may wait for the writer. The core has one commit under way and a prune a day; more waiting means that the disk
/// stands still, and then the broker is the one to queue.
pub const JOBS_WAITING_MAX: usize = 4;

/// What is called with the outcome, on the writer's thread; so it only passes the outcome on.
pub type Done<T> = Box<dyn FnOnce(Result<T, CommitError>) + Send>;

/// The open store: hands jobs to the writer's thread.
#[derive(Debug)]
pub struct Store {
    jobs: SyncSender<Job>,
    thread: JoinHandle<()>,
    checkpoint: Option<String>,
}

impl Store {
    /// Opens the store at `path`, made anew (mode 0600) if there is none, and says what it knows from before.
    /// With an error, whatever was there is as it was.
    pub fn open(path: &Path, key: &StoreKey, keeper: Keeper) -> Result<(Self, Restored), OpenError> {
        let (conn, lock) = open::writer(path, key)?;
        let restored = commit::restore(&conn).map_err(|e| open::explain(path, &e))?;
        let checkpoint = ledger::checkpoint(&conn).map_err(|e| open::explain(path, &e))?;
        let mut writer = Writer { conn, _lock: lock, path: path.to_owned(), key: key.clone(), keeper };
        let (jobs, waiting) = sync_channel(JOBS_WAITING_MAX);
        let thread = Builder::new()
            .name("store".to_owned())
            .spawn(move || writer.work(&waiting))
            .map_err(|e| OpenError::Io(path.to_owned(), e))?;
        Ok((Self { jobs, thread, checkpoint }, restored))
    }

    /// The ledger's last signed head when the store was opened; nothing where it had no entry yet.
    #[must_use]
    pub fn checkpoint(&self) -> Option<&str> {
        self.checkpoint.as_deref()
    }

    /// Writes `commit` in one transaction and then calls `done` with the ledger's new head, if the commit has entries of it; never blocks.
    /// After `Err` nothing of the commit is in the store, so it may be handed in again, alone or merged into a later one.
    pub fn commit(&self, commit: Commit, done: Done<Option<String>>) {
        self.submit(Job::Commit(commit, done));
    }

    /// Deletes the figures of each activity whose bucket ended at or before its moment, and of activities not named once they are older
    /// than every moment named; then calls `done` with how many rows went. Never blocks.
    pub fn prune(&self, before: Vec<(ActivityId, Wall)>, done: Done<u64>) {
        self.submit(Job::Prune(before, done));
    }

    /// Deletes pictures that were last shown [`PICTURE_DAYS`](crate::ledger::state::PICTURE_DAYS) before `now` or earlier, except those that are `in_use`; then
    /// calls `done` with how many went. Never blocks.
    pub fn forget_pictures(&self, now: Wall, in_use: Vec<NoticeHash>, done: Done<u64>) {
        self.submit(Job::ForgetPictures(now, in_use, done));
    }

    /// Finishes what is waiting, closes the store and returns when that is done.
    pub fn close(self) {
        drop(self.jobs);
        self.thread.join().expect("the writer's thread reports errors and does not panic");
    }

    fn submit(&self, job: Job) {
        match self.jobs.try_send(job) {
            Ok(()) => {}
            Err(TrySendError::Full(job)) => job.refuse(CommitError::Busy),
            Err(TrySendError::Disconnected(job)) => job.refuse(CommitError::Stopped),
        }
    }
}

enum Job {
    Commit(Commit, Done<Option<String>>),
    Prune(Vec<(ActivityId, Wall)>, Done<u64>),
    ForgetPictures(Wall, Vec<NoticeHash>, Done<u64>),
}

impl Job {
    fn refuse(self, error: CommitError) {
        match self {
            Self::Commit(_, done) => done(Err(error)),
            Self::Prune(_, done) | Self::ForgetPictures(_, _, done) => done(Err(error)),
        }
    }
}

/// What lives on the thread. The lock is the last to go.
struct Writer {
    conn: Connection,
    path: PathBuf,
    key: StoreKey,
    keeper: Keeper,
    _lock: File,
}

impl Writer {
    fn work(&mut self, jobs: &Receiver<Job>) {
        while let Ok(job) = jobs.recv() {
            match job {
                Job::Commit(commit, done) => {
                    let keeper = self.keeper.clone();
                    done(self.attempt(|conn| commit::apply(conn, &keeper, &commit)));
                }
                Job::Prune(before, done) => done(self.attempt(|conn| retention::prune(conn, &before))),
                Job::ForgetPictures(now, in_use, done) => {
                    done(self.attempt(|conn| pictures::forget(conn, now, &in_use)));
                }
            }
        }
    }

    /// Runs one transaction. One that failed is rolled back and stays so: SQLite makes a commit visible in the index of the log as
    /// its last step, after which it cannot fail, and the index lives as long as any connection does. That is why the next
    /// connection is opened before this one goes; were it the other way round, the next would read the log anew and could find a
    /// transaction whole of which only the last sync had failed.
    fn attempt<T>(&mut self, job: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Result<T, CommitError> {
        job(&mut self.conn).map_err(|e| {
            let error = CommitError::from_sqlite(&self.path, &e);
            tracing::error!(%error, "store");
            // After one bad page SQLCipher calls every page bad (sqlcipher issue 617): only a fresh connection can judge the next commit.
            let fresh = open::connect_writer(&self.path, &self.key).and_then(|conn| {
                schema::version(&conn)?;
                open::checkpoint_on_close(&conn, true)?;
                Ok(conn)
            });
            if let Ok(fresh) = fresh {
                self.conn = fresh;
            }
            error
        })
    }
}

/// Why something was not written. Nothing of it is in the store.
#[derive(Debug)]
pub enum CommitError {
    /// The writer is too far behind.
    Busy,
    /// The writer has ended.
    Stopped,
    /// There is no room.
    DiskFull(PathBuf),
    /// Part of the store is gone or altered.
    Damaged(PathBuf),
    /// The disk, or the file system, refused.
    Failed {
        /// The store.
        path: PathBuf,
        /// In SQLite's words.
        reason: String,
    },
}

impl CommitError {
    fn from_sqlite(path: &Path, error: &rusqlite::Error) -> Self {
        let path = path.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull(path),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(path),
            _ => Self::Failed { path, reason: open::reason(error) },
        }
    }
}

impl fmt::Display for CommitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => {
                write!(f, "the store has {JOBS_WAITING_MAX} jobs waiting: the disk is too slow or stands still")
            }
            Self::Stopped => f.write_str("the store is closed"),
            Self::DiskFull(path) => {
                write!(f, "no room for the store {}: free some, counting then goes on by itself", path.display())
            }
            Self::Damaged(path) => write!(
                f,
                "the store {} is damaged: stop noticed, keep the file, restore a backup, and look after the card or disk",
                path.display()
            ),
            Self::Failed { path, reason } => write!(f, "cannot write the store {}: {reason}", path.display()),
        }
    }
}

impl std::error::Error for CommitError {}
