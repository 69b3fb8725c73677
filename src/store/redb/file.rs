//! Making and opening the file: who may read it, what wrote it, and who has it open.

use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use ::redb::backends::FileBackend;
use ::redb::{
    Builder, Database, DatabaseError, ReadableDatabase, ReadableTableMetadata, StorageError,
    TableHandle,
};

use super::error::OpenError;
use super::rows::{self, Done, FORMAT, FORMAT_ROW};

/// Opens the file, which is made if it is not there and `create` says so.
pub(super) fn open(path: &Path, cache: usize, create: bool) -> Result<Database, OpenError> {
    if create && !fs::exists(path).map_err(|source| io_error(path, source))? {
        make(path)?;
    }
    let file = OpenOptions::new().read(true).write(true).open(path);
    let file = file.map_err(|source| io_error(path, source))?;
    check_owner_only(path, &file)?;
    // An empty file was made by somebody else, perhaps to set its mode: redb fills it.
    let database = FileBackend::new(file)
        .and_then(|file| Builder::new().set_cache_size(cache).create_with_backend(file))
        .map_err(|error| database_error(path, error))?;
    check_format(path, &database)?;
    Ok(database)
}

/// Makes a whole store under another name, then gives it its own: whoever finds a file of that name finds
/// a whole one, even if this process dies in between. A file that is there stays as it is.
fn make(path: &Path) -> Result<(), OpenError> {
    let failed = |source| io_error(path, source);
    let draft = Draft(draft_of(path));
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&draft.0).map_err(failed)?;
    let database = FileBackend::new(file)
        .and_then(|file| Builder::new().create_with_backend(file))
        .map_err(|error| database_error(path, error))?;
    check_format(path, &database)?;
    database.close().map_err(|error| database_error(path, error))?;
    match fs::hard_link(&draft.0, path) {
        Ok(()) => sync_folder(path).map_err(failed),
        // Another process was faster.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(failed(error)),
    }
}

/// The other name, which goes away.
struct Draft(PathBuf);

impl Drop for Draft {
    fn drop(&mut self) {
        // A name that stays costs room and nothing else.
        let _ = fs::remove_file(&self.0);
    }
}

fn draft_of(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{:016x}.new", RandomState::new().hash_one(std::process::id())));
    path.with_file_name(name)
}

/// A new name is durable when its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(unix)]
fn check_owner_only(path: &Path, file: &File) -> Result<(), OpenError> {
    use std::os::unix::fs::PermissionsExt;

    let metadata = file.metadata().map_err(|source| io_error(path, source))?;
    let mode = metadata.permissions().mode() & 0o777;
    if !metadata.is_file() {
        return Err(OpenError::NotAStore { path: path.into() });
    }
    if mode & 0o077 != 0 {
        return Err(OpenError::OpenToOthers { path: path.into(), mode });
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_owner_only(_: &Path, _: &File) -> Result<(), OpenError> {
    Ok(())
}

/// Reads the format; a database without a table gets the store's own.
fn check_format(path: &Path, database: &Database) -> Result<(), OpenError> {
    let failed =
        |error: ::redb::Error| OpenError::Database { path: path.into(), source: Box::new(error) };
    let found = match format_of(database).map_err(failed)? {
        Found::Nothing => {
            set_up(database).map_err(failed)?;
            return Ok(());
        }
        Found::Something => None,
        Found::Format(format) => Some(format),
    };
    match found {
        Some(FORMAT) => Ok(()),
        Some(found) if found > FORMAT => {
            Err(OpenError::NewerFormat { path: path.into(), found, known: FORMAT })
        }
        Some(found @ 1..FORMAT) => {
            Err(OpenError::OlderFormat { path: path.into(), found, known: FORMAT })
        }
        _ => Err(OpenError::NotAStore { path: path.into() }),
    }
}

enum Found {
    Nothing,
    Something,
    Format(u64),
}

fn format_of(database: &Database) -> Done<Found> {
    let tx = database.begin_read()?;
    if tx.list_tables()?.next().is_none() && tx.list_multimap_tables()?.next().is_none() {
        return Ok(Found::Nothing);
    }
    if !tx.list_tables()?.any(|table| table.name() == rows::META.name()) {
        return Ok(Found::Something);
    }
    // Another program may have a table of this name, with rows of another type.
    match tx.open_table(rows::META) {
        Ok(meta) => {
            let format = meta.get(FORMAT_ROW)?.map(|row| row.value());
            Ok(format.map_or(Found::Something, Found::Format))
        }
        Err(::redb::TableError::Storage(error)) => Err(error.into()),
        Err(_) => Ok(Found::Something),
    }
}

fn set_up(database: &Database) -> Done<()> {
    let tx = database.begin_write()?;
    tx.open_table(rows::META)?.insert(FORMAT_ROW, FORMAT)?;
    for table in [rows::RECORDS, rows::OUTBOX, rows::LEASES] {
        tx.open_table(table)?.len()?;
    }
    for table in [rows::ALL, rows::LIVE, rows::DUE] {
        tx.open_table(table)?.len()?;
    }
    tx.commit()?;
    Ok(())
}

fn io_error(path: &Path, source: io::Error) -> OpenError {
    let path = path.into();
    match source.kind() {
        ErrorKind::NotFound => OpenError::Missing { path },
        ErrorKind::IsADirectory => OpenError::NotAStore { path },
        _ => OpenError::Io { path, source },
    }
}

fn database_error(path: &Path, error: DatabaseError) -> OpenError {
    let path = path.into();
    match error {
        DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => {
            OpenError::AlreadyOpen { path }
        }
        DatabaseError::UpgradeRequired(found) => OpenError::OldDatabase { path, found },
        // This is how redb says that the file does not begin as its files do.
        DatabaseError::Storage(StorageError::Io(source))
            if source.kind() == ErrorKind::InvalidData =>
        {
            OpenError::NotAStore { path }
        }
        DatabaseError::Storage(StorageError::Io(source)) => OpenError::Io { path, source },
        error => OpenError::Database { path, source: Box::new(error) },
    }
}
