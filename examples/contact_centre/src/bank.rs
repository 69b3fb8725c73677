//! Sets up the bank's verifier: store, keys, policy, outbox, and the vault's key.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use countersign::contact::{Report, Telephony};
use countersign::id::FeedId;
use countersign::store::AnyStore;
use countersign::store::redb::RedbStore;
use countersign::time::{Clock, SystemClock};
use countersign::token::{PublicKey, Purpose, TrustedKeys};
use countersign::{Error, Issuer, Policy, Verifier};

use crate::Fault;
use crate::keys::Keys;
use crate::passkey;
use crate::watched::Watched;

/// Who signs: the bank, and its vault.
pub const BANK: &str = "bank.example";
pub const VAULT: &str = "vault.bank.example";
/// The system that reports conversations: this centre.
const FEED: &str = "centre";

/// Where the bank's records are.
#[derive(Debug, Clone, Default)]
pub enum Records {
    /// In a file of the data folder.
    #[default]
    Embedded,
    /// In Redis or Valkey.
    #[cfg(feature = "servers")]
    Redis(String),
    /// In PostgreSQL.
    #[cfg(feature = "servers")]
    Postgres(String),
}

/// The store of `records`.
pub async fn store(records: &Records, folder: &Path) -> Result<AnyStore, Fault> {
    match records {
        Records::Embedded => Ok(AnyStore::new(RedbStore::open(folder.join("records.redb"))?)),
        #[cfg(feature = "servers")]
        Records::Redis(url) => {
            use countersign::store::redis::{RedisOptions, RedisStore};
            // A server that may forget is right for an example, and for nothing else.
            let options = RedisOptions::new().allow_volatile();
            Ok(AnyStore::new(RedisStore::connect(url, options).await?))
        }
        #[cfg(feature = "servers")]
        Records::Postgres(url) => {
            use countersign::store::postgres::{PostgresOptions, PostgresStore};
            let options = PostgresOptions::new();
            // In production a role of its own migrates.
            let owner = PostgresStore::pool(url, 1, std::time::Duration::from_secs(5))?;
            PostgresStore::migrate(&owner, &options).await?;
            Ok(AnyStore::new(PostgresStore::connect(url, 8, options).await?))
        }
    }
}

/// The keys of the vault, trusted for what a vault signs. The same is built into the app.
pub fn vault_keys(vault: &PublicKey) -> Result<TrustedKeys, Fault> {
    let mut trusted = TrustedKeys::new(Issuer::new(VAULT)?);
    for purpose in [Purpose::Receipt, Purpose::OpeningKey] {
        trusted.trust(*vault, purpose)?;
    }
    Ok(trusted)
}

/// The bank's half of countersign, with its outbox on.
pub fn verifier(
    keys: Keys,
    store: AnyStore,
    vault: &PublicKey,
    host: &str,
) -> Result<Verifier, Fault> {
    let mut policy = Policy::default();
    policy.passkeys = passkey::policy(host);
    Ok(Verifier::builder(Issuer::new(BANK)?, keys.keyring)
        .store(Watched(store))
        .policy(policy)
        .signing_key(keys.signing)
        .vault_keys(vault_keys(vault)?)
        .outbox()
        .telephony(Telephony::new().feed(FeedId::new(FEED)?))
        .build()?)
}

/// The centre is its own telephony: what it has told the bank by now is all that there is, and it says so before a
/// customer asks. A real platform numbers its reports, and sends heartbeats by itself.
pub async fn nothing_is_missing(bank: &Verifier) -> Result<(), Error> {
    let now = SystemClock.now()?;
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let number = u64::try_from(since.as_micros()).unwrap_or(u64::MAX);
    let feed = FeedId::new(FEED).map_err(|_| Error::Internal)?;
    bank.contact().resync(&Report::new(feed, number, now)).await.map(drop)
}
