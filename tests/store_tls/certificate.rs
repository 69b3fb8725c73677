//! An authority and certificates that are made on the spot, by `openssl`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// What an authority's own certificate says, and one that it issues.
const SETTINGS: &str = "[req]\nprompt = no\ndistinguished_name = name\n[name]\nCN = countersign's tests\n\
    [authority]\nbasicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign\n\
    subjectKeyIdentifier = hash\n";

/// An authority, in a folder that goes with it.
pub struct Authority(PathBuf);

impl Authority {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("countersign-tls-{}-{number}", std::process::id());
        let authority = Self(std::env::temp_dir().join(name));
        fs::create_dir(&authority.0).unwrap();
        fs::write(authority.0.join("settings"), SETTINGS).unwrap();
        openssl(
            &authority.0,
            "req -x509 -config settings -extensions authority -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
             -noenc -keyout authority.key -out authority.pem -days 2",
        );
        authority
    }

    /// Its certificate.
    pub fn pem(&self) -> Vec<u8> {
        fs::read(self.path()).unwrap()
    }

    pub fn path(&self) -> PathBuf {
        self.0.join("authority.pem")
    }

    /// A certificate for `name`, `IP:127.0.0.1` say, and its key.
    pub fn issue(&self, name: &str) -> Issued {
        let extensions = format!("basicConstraints = CA:FALSE\nsubjectAltName = {name}\n");
        fs::write(self.0.join("extensions"), extensions).unwrap();
        openssl(
            &self.0,
            "req -new -config settings -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc \
             -keyout issued.key -out issued.csr",
        );
        openssl(
            &self.0,
            "x509 -req -in issued.csr -CA authority.pem -CAkey authority.key -set_serial 2 -days 2 \
             -extfile extensions -out issued.pem",
        );
        Issued { certificate: self.0.join("issued.pem"), key: self.0.join("issued.key") }
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// The files of a certificate: there is one of an authority at a time.
pub struct Issued {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

fn openssl(folder: &Path, arguments: &str) {
    let made = Command::new("openssl")
        .current_dir(folder)
        .args(arguments.split_whitespace())
        .output()
        .expect("openssl is missing: install it (Debian: apt-get install openssl)");
    assert!(made.status.success(), "openssl: {}", String::from_utf8_lossy(&made.stderr));
}
