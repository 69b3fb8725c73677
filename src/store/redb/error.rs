//! What goes wrong with a store in a file, and what to do about it.

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The store could not be opened. Nothing in the file was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Somebody has it open: another process, or another store of this one. A file has one owner at a
    /// time; several processes need a server, such as Redis or PostgreSQL.
    #[error("{} is already open: stop the process that has it, or choose another path", path.display())]
    AlreadyOpen {
        /// The file.
        path: PathBuf,
    },
    /// There is no such file, and the options say that it must exist.
    #[error("{} does not exist: check the path, or let the options create it", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// What stands there was not written by this store.
    #[error("{} is not a file of this store: choose another path", path.display())]
    NotAStore {
        /// The file.
        path: PathBuf,
    },
    /// A later version of this crate wrote the file.
    #[error(
        "{} has format {found}, and this version knows formats up to {known}: run the version \
         that wrote it, or a later one",
        path.display()
    )]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// The format of the file.
        found: u64,
        /// The latest format that is known.
        known: u64,
    },
    /// An earlier version of this crate wrote the file, in a format that this one does not read.
    #[error(
        "{} has format {found}, and this version reads format {known} alone: copy its records with \
         the version that wrote it",
        path.display()
    )]
    OlderFormat {
        /// The file.
        path: PathBuf,
        /// The format of the file.
        found: u64,
        /// The format that is read.
        known: u64,
    },
    /// The file's layout is one that the database library no longer reads.
    #[error(
        "{} is in the old redb file format {found}: copy its records with the version of this \
         crate that wrote it",
        path.display()
    )]
    OldDatabase {
        /// The file.
        path: PathBuf,
        /// The format's number in redb.
        found: u8,
    },
    /// Others than the owner may read or write the file. Records are sealed, but whoever can write the
    /// file can bring back older ones.
    #[error(
        "{} is open to others than its owner (mode {mode:03o}): find out who could read or \
         write it, then chmod 600",
        path.display()
    )]
    OpenToOthers {
        /// The file.
        path: PathBuf,
        /// The lowest nine bits of its mode.
        mode: u32,
    },
    /// The database library failed, or the file is damaged.
    #[error("{} could not be read: check the disk, or restore a backup", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// The library's own error.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The operating system refused something.
    #[error("{} could not be opened: check the folder, its owner and the disk", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's own error.
        #[source]
        source: io::Error,
    },
}

/// Why a call of an open store failed: the source of a
/// [`StoreError::Unavailable`](crate::store::StoreError::Unavailable).
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum RedbStoreError {
    /// The database failed, a full disk included. A write may have been made. The file is opened anew by
    /// itself.
    #[error("the database failed; a write may have been made")]
    Database(#[source] Arc<dyn Error + Send + Sync>),
    /// The database failed before and could not be opened anew yet. Nothing was written.
    #[error("the database is closed after a failure and could not be opened anew yet")]
    Closed(#[source] Arc<dyn Error + Send + Sync>),
    /// The call was not answered in time. A write may have been made.
    #[error("not answered within {0:?}; a write may have been made")]
    TimedOut(Duration),
    /// The call waited for its turn until it was too late. Nothing was written.
    #[error("not begun within {0:?}; nothing was written")]
    NotBegun(Duration),
    /// Too many writes wait. Nothing was written.
    #[error("too many writes wait; nothing was written")]
    Overloaded,
    /// The thread that writes is gone. A write may have been made. Open the store again.
    #[error("the thread that writes is gone; a write may have been made")]
    WriterGone,
    /// The record or entry is longer than a store takes. Nothing was written.
    #[error("a record or entry is longer than {0} bytes; nothing was written")]
    TooLong(usize),
    /// An owner's index was damaged again while it was mended: somebody else writes the file.
    #[error("an index was damaged again while it was mended")]
    IndexDamaged,
    /// The cursor was made by another store.
    #[error("the cursor is not this store's")]
    ForeignCursor,
}
