//! The vault: a process of its own, with keys and a store of its own, on a port of its own. It alone reads cards.
//!
//! It serves the card's field itself, in a frame, so that the page around it never has a card. Its name differs from the
//! page's (`127.0.0.1` beside `localhost`): browsers keep the cookies of one from the other.

pub mod acquirer;
pub mod link;
mod serve;

use std::path::PathBuf;

use countersign::store::redb::RedbStore;
use countersign::token::{PublicKey, Purpose, TrustedKeys};
use countersign::{Issuer, Vault};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpListener;

use crate::Fault;
use crate::bank::{BANK, VAULT};
use crate::keys::Keys;

/// What the vault is started with: one line on its input, which the page's process holds open.
#[derive(Serialize, Deserialize)]
pub struct Given {
    pub folder: PathBuf,
    pub port: u16,
    pub bank_key: String,
    pub bank_host: String,
    /// By which the two services know each other.
    pub secret: String,
}

/// What it answers on its output, once it listens.
#[derive(Serialize, Deserialize)]
pub struct Ready {
    pub host: String,
    pub key: String,
}

/// Runs the vault until its input ends: when the process that started it is gone, however it went.
pub async fn run() -> Result<(), Fault> {
    let mut input = BufReader::new(tokio::io::stdin());
    let mut line = String::new();
    input.read_line(&mut line).await?;
    let given: Given = serde_json::from_str(&line)?;
    let listener = TcpListener::bind(("127.0.0.1", given.port)).await?;
    let host = format!("127.0.0.1:{}", listener.local_addr()?.port());
    let keys = Keys::of(&given.folder)?;
    let key = *keys.signing.public_key();
    let bank_key: PublicKey = given.bank_key.parse()?;
    let vault = vault(&given, keys, bank_key)?;
    println!("{}", serde_json::to_string(&Ready { host: host.clone(), key: key.to_string() })?);
    serve::start(listener, vault, &given, &host, [bank_key, key]);
    // No more is said: this waits for the end.
    input.read_line(&mut line).await?;
    Ok(())
}

fn vault(given: &Given, keys: Keys, bank_key: PublicKey) -> Result<Vault, Fault> {
    let mut of_bank = TrustedKeys::new(Issuer::new(BANK)?);
    of_bank.trust(bank_key, Purpose::PaymentRequest)?;
    let issuer = Issuer::new(VAULT)?;
    Ok(Vault::builder(issuer, keys.keyring, keys.signing, of_bank)
        .store(RedbStore::open(given.folder.join("charges.redb"))?)
        // A store that is never backed up: a key that was destroyed stays so.
        .opening_keys_store(RedbStore::open(given.folder.join("opening-keys.redb"))?)
        .outbox()
        .build()?)
}
