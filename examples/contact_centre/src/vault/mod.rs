//! The vault: a process of its own, with keys and a store of its own, on a port of its own. It alone reads cards.
//!
//! It serves the card's field itself, in a frame, so that the page around it never has a card. Its name differs from the
//! page's (`127.0.0.1` beside `localhost`): browsers keep the cookies of one from the other.
//!
//! Beside it, in the same process for want of other companies, are an acquirer and the bank that issued the card.

pub mod acquirer;
pub mod books;
pub mod issuer;
pub mod link;
mod serve;

use std::path::PathBuf;
use std::sync::Arc;

use countersign::store::redb::RedbStore;
use countersign::token::{PublicKey, Purpose, TrustedKeys};
use countersign::{Issuer, Policy, Vault};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::Fault;
use crate::bank::{AUTHORISE_WITHIN, BANK, VAULT};
use crate::keys::Keys;
use crate::service::listen;
use crate::vault::acquirer::Psp;
use crate::vault::books::Books;

/// What the vault is started with: one line on its input, which the page's process holds open.
#[derive(Serialize, Deserialize)]
pub struct Given {
    pub folder: PathBuf,
    pub port: u16,
    /// Of the bank that issued the card.
    pub issuer_port: u16,
    pub bank_key: String,
    pub bank_host: String,
    /// By which the two services know each other.
    pub secret: String,
}

/// What it answers on its output, once it listens.
#[derive(Serialize, Deserialize)]
pub struct Ready {
    pub host: String,
    pub issuer: String,
    pub key: String,
}

/// Runs the vault until its input ends: when the process that started it is gone, however it went.
pub async fn run() -> Result<(), Fault> {
    let mut input = BufReader::new(tokio::io::stdin());
    let mut line = String::new();
    input.read_line(&mut line).await?;
    let given: Given = serde_json::from_str(&line)?;
    let listener = listen(given.port, "--vault-port").await?;
    let host = format!("127.0.0.1:{}", listener.local_addr()?.port());
    let at_issuer = listen(given.issuer_port, "--issuer-port").await?;
    let issuer = format!("127.0.0.1:{}", at_issuer.local_addr()?.port());
    let keys = Keys::of(&given.folder)?;
    let books = Arc::new(Books::open(given.folder.join("acquirer"), &keys.service)?);
    let key = *keys.signing.public_key();
    let bank_key: PublicKey = given.bank_key.parse()?;
    let vault = vault(&given, keys, bank_key)?;
    let ready = Ready { host: host.clone(), issuer: issuer.clone(), key: key.to_string() };
    println!("{}", serde_json::to_string(&ready)?);
    issuer::start(at_issuer, books.clone(), &issuer, &host, &given.bank_host);
    let with_acquirer = (vault, Psp::new(books, &issuer));
    serve::start(listener, with_acquirer, &given, [&host, &issuer], [bank_key, key]);
    // No more is said: this waits for the end.
    input.read_line(&mut line).await?;
    Ok(())
}

fn vault(given: &Given, keys: Keys, bank_key: PublicKey) -> Result<Vault, Fault> {
    let mut of_bank = TrustedKeys::new(Issuer::new(BANK)?);
    of_bank.trust(bank_key, Purpose::PaymentRequest)?;
    let issuer = Issuer::new(VAULT)?;
    let mut policy = Policy::default();
    policy.payments.authorise_within = AUTHORISE_WITHIN;
    Ok(Vault::builder(issuer, keys.keyring, keys.signing, of_bank)
        .policy(policy)
        .store(RedbStore::open(given.folder.join("charges.redb"))?)
        // A store that is never backed up: a key that was destroyed stays so.
        .opening_keys_store(RedbStore::open(given.folder.join("opening-keys.redb"))?)
        .outbox()
        .build()?)
}
