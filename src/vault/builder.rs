//! Setting up a vault, part by part.

use core::fmt;
use std::sync::Arc;

use crate::crypto::random::Random;
use crate::engine::Engine;
use crate::engine::signing::Signing;
use crate::engine::trace;
use crate::error::ConfigError;
use crate::observer::Observer;
use crate::policy::Policy;
use crate::store::{ErasedStore, Place, Store};
use crate::token::{Purpose, TrustedKeys};
use crate::values::card_number::BrandTable;
use crate::values::time::{Clock, Window};
use crate::vault::keys_apart::KeysApart;
use crate::vault::{Inner, Vault, keys_place};

/// Sets up a [`Vault`].
#[must_use]
pub struct VaultBuilder {
    pub(super) engine: Engine,
    /// Where opening keys are kept, if not with everything else.
    pub(super) opening_keys: Option<Box<dyn ErasedStore>>,
    pub(super) signing: Signing,
    pub(super) enterprise: TrustedKeys,
    pub(super) card_ranges: BrandTable,
}

impl VaultBuilder {
    /// Where records are kept, and not where the enterprise keeps its own; a
    /// [`MemoryStore`](crate::MemoryStore) by default.
    pub fn store(mut self, store: impl Store) -> Self {
        self.engine.store = trace::store(store);
        self
    }

    /// Where opening keys are kept, if not with everything else: a store that all processes of the vault share,
    /// and of which there are no backups, no point-in-time recovery and no replicas that outlive an hour. What is lost
    /// with it are the payments that are being made: their requests are made anew.
    ///
    /// Without it the keys stand in [`store`](Self::store), and whoever gets an old backup of that *and* the
    /// vault's keyring opens the sealed cards that they recorded at the time. Turned on later, it leaves the keys of that
    /// time in [`store`](Self::store) until [`Vault::purge`] deletes their record, and the requests that name them are
    /// made anew.
    pub fn opening_keys_store(mut self, store: impl Store) -> Self {
        self.opening_keys = Some(trace::store(store));
        self
    }

    /// The rules, of which the vault follows [`Policy::payments`]; [`Policy::default`] by default.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.engine.policy = policy;
        self
    }

    /// Who is told what happens; nobody by default. It is told nothing of a card but scheme and last four
    /// digits.
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.engine.observer = Some(Box::new(observer));
        self
    }

    /// Where the time comes from; [`SystemClock`](crate::time::SystemClock) by default.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.engine.clock = Box::new(clock);
        self
    }

    /// Tells every change in the [outbox](Vault::outbox), in one atomic write with the change: see
    /// [`VerifierBuilder::outbox`](crate::verifier::VerifierBuilder::outbox).
    pub fn outbox(mut self) -> Self {
        self.engine.outbox = true;
        self
    }

    /// The store was restored from a backup, or failed over with a loss: what was written in this window may be
    /// missing. It begins with the backup, and ends when the restored store was opened.
    ///
    /// A request that was valid in that window may have been paid, though nothing is noted of it. So the acquirer is asked
    /// first what it [knows](crate::vault::Acquirer::find): the card is charged if it has charged nothing, and one that does not
    /// [honour keys](crate::vault::Acquirer::honours_keys) is asked to charge only when what was under way at the end of the window
    /// has surely ended. Without this call nothing is noticed, and such a request is charged again.
    pub fn restored_from(mut self, lost: Window) -> Self {
        self.engine.lost = Some(lost);
        self
    }

    /// Ranges of card numbers beside the published ones, the same that the app has ([`Pan::read`](crate::card::Pan::read));
    /// none by default. A card that is kept stays the one that it was, whatever this says later.
    pub fn card_ranges(mut self, table: BrandTable) -> Self {
        self.card_ranges = table;
        self
    }

    /// Where randomness comes from; [`OsRandom`](crate::OsRandom) by default.
    pub fn random(mut self, random: impl Random) -> Self {
        self.engine.random = Box::new(random);
        self
    }

    /// The vault.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the policy loosens a rule past its limit, or the vault's signing key is
    /// trusted to sign payment requests.
    pub fn build(self) -> Result<Vault, ConfigError> {
        self.engine.policy.check()?;
        if self.enterprise.names(self.signing.public_key().kid(), Purpose::PaymentRequest) {
            return Err(ConfigError::OneKeyForBoth);
        }
        let Self { mut engine, opening_keys, signing, enterprise, card_ranges } = self;
        if let Some(keys) = opening_keys {
            let Place { owner, .. } = keys_place(&engine);
            let records = engine.store;
            engine.store = Box::new(KeysApart { owner, keys, records });
        }
        Ok(Vault(Arc::new(Inner { engine, signing, enterprise, card_ranges })))
    }
}

impl fmt::Debug for VaultBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VaultBuilder")
            .field("issuer", &self.engine.issuer)
            .field("policy", &self.engine.policy)
            .finish_non_exhaustive()
    }
}
