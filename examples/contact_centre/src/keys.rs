//! The keys of one process, in a file that only its owner can read.
//!
//! YOURS: in production both come unwrapped from your key management service
//! (`Keyring::from_bytes`, or a `Signer` that never gives the key out), and no file holds them.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use countersign::random::Random as _;
use countersign::token::SigningKey;
use countersign::{Keyring, OsRandom};
use serde::{Deserialize, Serialize};

use crate::Fault;

/// Root keys and signing key.
pub struct Keys {
    pub keyring: Keyring,
    pub signing: SigningKey,
    /// By which the bank and its vault know each other. YOURS: mutual TLS, or what your platform has for services.
    pub service: String,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    keyring: String,
    signing: String,
    service: String,
}

impl Keys {
    /// Those of `folder`, drawn and written down if it has none yet.
    pub fn of(folder: &Path) -> Result<Self, Fault> {
        private_folder(folder)?;
        let file = folder.join("keys.json");
        if let Ok(text) = fs::read_to_string(&file) {
            let kept: Kept = serde_json::from_str(&text)?;
            let bytes = Base64UrlUnpadded::decode_vec(&kept.keyring).map_err(|_| "keys.json")?;
            let signing = SigningKey::from_paserk(&kept.signing)?;
            return Ok(Self {
                keyring: Keyring::from_bytes(&bytes)?,
                signing,
                service: kept.service,
            });
        }
        let random = OsRandom::new();
        let (keyring, signing) = (Keyring::generate(&random)?, SigningKey::generate(&random)?);
        let kept = Kept {
            keyring: Base64UrlUnpadded::encode_string(&keyring.to_bytes()),
            signing: signing.export_paserk().to_string(),
            service: random_text::<32>()?,
        };
        let text = serde_json::to_string(&kept)?;
        let mut made =
            fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file)?;
        made.write_all(text.as_bytes())?;
        made.sync_all()?;
        Ok(Self { keyring, signing, service: kept.service })
    }
}

/// Makes `folder` if it is not there, for its owner alone.
pub fn private_folder(folder: &Path) -> Result<(), Fault> {
    Ok(fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?)
}

/// Writes a file for its owner alone, in one step: a process that is killed leaves the old file or the new one.
pub fn write_whole(file: &Path, bytes: &[u8]) -> Result<(), Fault> {
    let half = file.with_extension("half");
    // Of a process that was killed in the middle.
    let _ = fs::remove_file(&half);
    let mut made = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&half)?;
    made.write_all(bytes)?;
    Ok(fs::rename(half, file)?)
}

/// So many random bytes as text.
pub fn random_text<const N: usize>() -> Result<String, Fault> {
    let mut bytes = [0; N];
    OsRandom::new().fill(&mut bytes)?;
    Ok(Base64UrlUnpadded::encode_string(&bytes))
}
