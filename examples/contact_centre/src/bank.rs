//! Sets up the bank's verifier: store, keys, policy, outbox, and the vault's key.

use std::path::Path;
use std::time::Duration;

use countersign::contact::Telephony;
use countersign::id::FeedId;
use countersign::store::AnyStore;
use countersign::store::redb::RedbStore;
use countersign::token::{PublicKey, Purpose, TrustedKeys};
use countersign::{Issuer, Policy, Verifier};

use crate::Fault;
use crate::feed::FEED;
use crate::keys::Keys;
use crate::passkey;
use crate::telephony::{ON_THE_CARD, SHOWN};
use crate::watched::Watched;

/// Who signs: the bank, and its vault.
pub const BANK: &str = "bank.example";
pub const VAULT: &str = "vault.bank.example";

/// When the acquirer has surely done what it was asked: what became of an answer that was lost is known that much later.
///
/// YOURS: longer than your acquirer's time-outs.
pub const AUTHORISE_WITHIN: Duration = Duration::from_secs(12);

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
            let owner = PostgresStore::pool(url, 1, Duration::from_secs(5))?;
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
    // Whoever tries this out books more than a customer does.
    policy.callbacks.per_day = 200;
    policy.payments.authorise_within = AUTHORISE_WITHIN;
    let telephony = Telephony::new()
        .shows(SHOWN.parse()?, [FeedId::new(FEED)?])
        .never_calls(ON_THE_CARD.parse()?);
    Ok(Verifier::builder(Issuer::new(BANK)?, keys.keyring)
        .store(Watched(store))
        .policy(policy)
        .signing_key(keys.signing)
        .vault_keys(vault_keys(vault)?)
        .outbox()
        .telephony(telephony)
        .build()?)
}
