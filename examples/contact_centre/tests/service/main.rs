//! The service as a whole: who gets in where, what a killed process leaves, and hundreds of calls at once.

mod calls;
mod challenged;
mod coerced;
mod crowd;
mod defences;
mod doors;
mod killed;
mod masked;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use contact_centre::bank::Records;
use contact_centre::service::Options;

/// A folder that is deleted when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("contact-centre-test-{}-{number}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_contact-centre");

fn options(folder: &Folder) -> Options {
    Options {
        port: 0,
        vault_port: 0,
        issuer_port: 0,
        folder: folder.0.clone(),
        records: Records::Embedded,
        program: PROGRAM.into(),
        visits: 10_000,
    }
}
