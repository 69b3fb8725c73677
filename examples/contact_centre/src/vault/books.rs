//! What the acquirer and the card's bank wrote down of each payment: a file for each, in a folder of theirs.
//!
//! YOURS: none of it. Both are other companies, and their books are theirs.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde::{Deserialize, Serialize};

use crate::Fault;
use crate::keys::{private_folder, write_whole};
use crate::session::mac;

/// The bytes of a transaction's name, as text.
const NAME: usize = 43;

/// How far the card's bank has come with its customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// It asks.
    Waiting,
    /// It was its customer.
    Passed,
    /// It was not, or they did not want to pay.
    Failed,
}

/// One payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What is paid, as the customer is shown it.
    pub says: String,
    pub last_four: String,
    /// Whether the customer was asked, and what came of it.
    pub asked: Option<Asked>,
    /// How many wrong codes were given.
    pub wrong: u8,
    pub approved: bool,
    /// Nothing can come of it any more.
    pub reversed: bool,
}

/// All of them.
pub struct Books {
    folder: PathBuf,
    secret: String,
    turn: Mutex<()>,
}

impl Books {
    /// Those in `folder`. The secret makes names that nobody can guess.
    pub fn open(folder: PathBuf, secret: &str) -> Result<Self, Fault> {
        private_folder(&folder)?;
        Ok(Self { folder, secret: secret.to_owned(), turn: Mutex::default() })
    }

    /// What a payment with this key is called.
    #[must_use]
    pub fn name(&self, key: &impl ToString) -> String {
        let name = mac(self.secret.as_bytes(), "transaction", &key.to_string());
        Base64UrlUnpadded::encode_string(&name)
    }

    /// Looks at a payment and writes down what `how` makes of it, in one step. A name that is none names nothing.
    pub fn change<T>(
        &self,
        name: &str,
        how: impl FnOnce(&mut Option<Entry>) -> T,
    ) -> Result<T, Fault> {
        let sign = |one: u8| one.is_ascii_alphanumeric() || one == b'-' || one == b'_';
        if name.len() != NAME || !name.bytes().all(sign) {
            return Ok(how(&mut None));
        }
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let file = self.folder.join(format!("{name}.json"));
        let before = read(&file)?;
        let mut entry = before.clone();
        let given = how(&mut entry);
        if let Some(after) = entry.filter(|after| Some(after) != before.as_ref()) {
            write_whole(&file, &serde_json::to_vec(&after)?)?;
        }
        Ok(given)
    }
}

fn read(file: &Path) -> Result<Option<Entry>, Fault> {
    match fs::read(file) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}
