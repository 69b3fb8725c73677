//! What is refused when a file is opened, and how a file is made.

use std::error::Error;
use std::fs;
use std::path::Path;

use countersign::store::redb::{OpenError, RedbOptions, RedbStore};
use countersign::store::{Expected, News, Put, Store};
use redb::{Database, ReadableDatabase, TableDefinition};

use super::child;
use super::support::{self, Folder, NOW, place, record};

const META: TableDefinition<&str, u64> = TableDefinition::new("meta");
const FORMAT_ROW: &str = "countersign store format";

fn put_one(store: &RedbStore) {
    let (at, new) = (place(1), record(1, 7));
    let put = store.put_if(&at, Expected::Absent, &new, News::NONE, NOW);
    assert_eq!(support::run(put).unwrap(), Put::Stored);
}

fn has_one(store: &RedbStore) -> bool {
    support::run(store.load(&place(1), NOW)).unwrap() == Some(record(1, 7))
}

#[test]
fn a_second_process_or_store_is_told_that_the_file_is_open() {
    if child::plays_its_part() {
        return;
    }
    let folder = Folder::new();
    let store = RedbStore::open(folder.file()).unwrap();
    put_one(&store);
    let open = || child::command("open", &folder.file(), None).status().unwrap().code();
    assert_eq!(open(), Some(11), "already open");
    let error = RedbStore::open(folder.file()).unwrap_err();
    assert!(matches!(&error, OpenError::AlreadyOpen { path } if *path == folder.file()));
    let said = format!(
        "{} is already open: stop the process that has it, or choose another path",
        folder.file().display()
    );
    assert_eq!(error.to_string(), said);
    assert!(has_one(&store), "the refused openings changed nothing");
    let clone = store.clone();
    drop(store);
    assert_eq!(open(), Some(11), "a clone has it open");
    assert!(has_one(&clone));
    drop(clone);
    assert_eq!(open(), Some(10), "dropped, it is free at once");
    assert!(has_one(&RedbStore::open(folder.file()).unwrap()));
}

#[test]
fn another_file_is_refused_and_stays_as_it_is() {
    let folder = Folder::new();
    let file = folder.file();
    for content in [&b"not a database"[..], &[0; 5000], b"redb"] {
        write_private(&file, content);
        let error = RedbStore::open(&file).unwrap_err();
        assert!(matches!(error, OpenError::NotAStore { .. }), "{error:?}");
        assert_eq!(fs::read(&file).unwrap(), content);
    }
    assert!(matches!(RedbStore::open(folder.other("")), Err(OpenError::NotAStore { .. })));
    // A redb file of another program, without and with a table of the same name.
    for name in ["customers", "meta"] {
        let file = folder.other(name);
        let table: TableDefinition<u32, &str> = TableDefinition::new(name);
        write_private(&file, b"");
        let database = Database::create(&file).unwrap();
        let tx = database.begin_write().unwrap();
        tx.open_table(table).unwrap().insert(1, "one").unwrap();
        tx.commit().unwrap();
        drop(database);
        let error = RedbStore::open(&file).unwrap_err();
        assert!(matches!(error, OpenError::NotAStore { .. }), "{error:?}");
        let database = Database::open(&file).unwrap();
        let tx = database.begin_read().unwrap();
        assert_eq!(tx.list_tables().unwrap().count(), 1, "no table was added");
    }
}

#[test]
fn a_format_that_is_not_known_is_refused_with_its_number() {
    let folder = Folder::new();
    let file = folder.file();
    put_one(&RedbStore::open(&file).unwrap());
    let set = |format| {
        let database = Database::open(&file).unwrap();
        let tx = database.begin_write().unwrap();
        let before =
            tx.open_table(META).unwrap().insert(FORMAT_ROW, format).unwrap().unwrap().value();
        tx.commit().unwrap();
        before
    };
    assert_eq!(set(3), 2);
    let error = RedbStore::open(&file).unwrap_err();
    assert!(matches!(error, OpenError::NewerFormat { found: 3, known: 2, .. }), "{error:?}");
    assert!(error.to_string().contains("run the version that wrote it, or a later one"));
    assert_eq!(set(1), 3);
    let error = RedbStore::open(&file).unwrap_err();
    assert!(matches!(error, OpenError::OlderFormat { found: 1, known: 2, .. }), "{error:?}");
    assert!(error.to_string().ends_with("copy its records with the version that wrote it"));
    assert_eq!(set(0), 1);
    assert!(matches!(RedbStore::open(&file), Err(OpenError::NotAStore { .. })));
    assert_eq!(set(2), 0);
    assert!(has_one(&RedbStore::open(&file).unwrap()));
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owners_alone_or_refused() {
    use std::os::unix::fs::PermissionsExt;

    let folder = Folder::new();
    let file = folder.file();
    put_one(&RedbStore::open(&file).unwrap());
    let mode = || fs::metadata(&file).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    for open in [0o640, 0o604, 0o620, 0o660, 0o644, 0o610, 0o601] {
        fs::set_permissions(&file, fs::Permissions::from_mode(open)).unwrap();
        let error = RedbStore::open(&file).unwrap_err();
        assert!(matches!(error, OpenError::OpenToOthers { mode, .. } if mode == open), "{error:?}");
        assert!(error.to_string().contains("then chmod 600"), "{error}");
        assert_eq!(mode(), open, "the mode is the operator's to change");
    }
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(has_one(&RedbStore::open(&file).unwrap()));
    // An empty file that somebody made beforehand, as installers do.
    let empty = folder.other("empty");
    fs::write(&empty, b"").unwrap();
    fs::set_permissions(&empty, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(RedbStore::open(&empty), Err(OpenError::OpenToOthers { .. })));
    fs::set_permissions(&empty, fs::Permissions::from_mode(0o600)).unwrap();
    put_one(&RedbStore::open(&empty).unwrap());
}

#[test]
fn what_is_missing_is_made_only_if_it_may_be() {
    let folder = Folder::new();
    let file = folder.file();
    let error = RedbOptions::new().must_exist().open(&file).unwrap_err();
    assert!(matches!(error, OpenError::Missing { .. }), "{error:?}");
    assert!(!file.exists());
    put_one(&RedbStore::open(&file).unwrap());
    assert!(has_one(&RedbOptions::new().must_exist().open(&file).unwrap()));
    let names: Vec<_> =
        fs::read_dir(folder.other("")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["records.redb"], "nothing else is left in the folder");
    let error = RedbStore::open(folder.other("no/such/folder")).unwrap_err();
    assert!(matches!(error, OpenError::Missing { .. }), "{error:?}");
    let error = RedbStore::open(folder.file().join("below a file")).unwrap_err();
    let OpenError::Io { .. } = &error else { panic!("{error:?}") };
    assert!(error.source().is_some());
}

#[test]
fn made_by_many_threads_at_once_one_has_it_and_the_file_is_whole() {
    for _ in 0..10 {
        let folder = Folder::new();
        let file = folder.file();
        let stores: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| RedbStore::open(&file))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let held = stores.iter().filter(|store| store.is_ok()).count();
        assert_eq!(held, 1, "{stores:?}");
        let others =
            stores.iter().filter(|store| matches!(store, Err(OpenError::AlreadyOpen { .. })));
        assert_eq!(others.count(), 7, "{stores:?}");
    }
}

/// A damaged file is an error, and a damaged page is one when it is read.
#[test]
fn a_file_that_was_cut_off_is_an_error() {
    let folder = Folder::new();
    let file = folder.file();
    put_one(&RedbStore::open(&file).unwrap());
    let whole = fs::read(&file).unwrap();
    for length in [9, 100, 4096, 8192, whole.len() / 2] {
        write_private(&file, &whole[..length]);
        let error = RedbStore::open(&file).unwrap_err();
        assert!(
            matches!(
                error,
                OpenError::Database { .. } | OpenError::NotAStore { .. } | OpenError::Io { .. }
            ),
            "{length}: {error:?}"
        );
    }
    write_private(&file, &whole);
    assert!(has_one(&RedbStore::open(&file).unwrap()));
}

fn write_private(file: &Path, content: &[u8]) {
    fs::write(file, content).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
    }
}
