//! The enterprise's half: a facade whose facets mirror the capabilities, and how it is set up.

mod callbacks;
mod challenge_tokens;
mod challenges;
mod credentials;
mod ground_rules;
mod history;
mod limits;
#[cfg(feature = "cards")]
mod payments;
mod presence;
mod step_ups;

use core::fmt;
use core::ops::Deref;
use std::sync::Arc;

pub use self::callbacks::Callbacks;
pub use self::challenges::Challenges;
pub use self::credentials::Credentials;
pub use self::history::{Cursor, Page, Paged};
#[cfg(feature = "cards")]
pub use self::payments::Payments;
pub use self::step_ups::StepUps;

use crate::ceremony::{Event, State};
use crate::engine::{Engine, Loaded, Of};
use crate::error::{ConfigError, Error, RecordError};
use crate::ground_rules::NeverAsked;
use crate::id::{CustomerId, Issuer};
use crate::keys::Keyring;
use crate::observer::Observer;
use crate::policy::Policy;
use crate::random::Random;
use crate::store::{Place, Record, Store};
use crate::time::{Clock, Timestamp};
use crate::token::{PublicKey, SigningKey};
#[cfg(feature = "cards")]
use crate::token::{Purpose, TrustedKeys};

/// The enterprise's half of countersign.
///
/// One per issuer (tenant). Cloning it is cheap, and clones share everything. It holds the root
/// keys, so it belongs into the back end and nowhere else.
///
/// | facet | the customer's app calls | the agent's desktop calls |
/// | --- | --- | --- |
/// | [`callbacks`](Self::callbacks) | `book` `amend` `cancel` `list` `conclude` | `reveal` `abandon` |
/// | [`challenges`](Self::challenges) | `answer` `list` `appointment` `status` `conclude` | `present` |
/// | [`credentials`](Self::credentials) | `enrol` `confirm` `resync` `list` | |
/// | [`step_ups`](Self::step_ups) | `submit` `decline` | `request` `outcome` |
/// | `payments` (feature `cards`) | `list` | `request` `outcome` |
/// | the verifier itself | [`history`](Self::history) [`history_receipt`](Self::history_receipt) | nothing |
///
/// Calls of the app take the [`CustomerId`](crate::CustomerId) that the host has authenticated;
/// calls of the desktop take the [`Interaction`](crate::Interaction) that the host's telephony or
/// chat platform vouches for.
#[derive(Clone)]
pub struct Verifier(Arc<Inner>);

struct Inner {
    engine: Engine,
    signing_key: Option<SigningKey>,
    published: Vec<PublicKey>,
    #[cfg(feature = "cards")]
    vault_keys: Option<TrustedKeys>,
}

impl Deref for Inner {
    type Target = Engine;

    fn deref(&self) -> &Engine {
        &self.engine
    }
}

impl Verifier {
    /// A verifier with everything in memory and default rules: for a first try, tests, and services
    /// of one process that may forget.
    #[must_use]
    pub fn in_memory(issuer: Issuer, keyring: Keyring) -> Self {
        Self::builder(issuer, keyring).finish()
    }

    /// Sets up a verifier part by part.
    pub fn builder(issuer: Issuer, keyring: Keyring) -> VerifierBuilder {
        VerifierBuilder {
            engine: Engine::new(issuer, keyring),
            signing_key: None,
            published: Vec::new(),
            #[cfg(feature = "cards")]
            vault_keys: None,
        }
    }

    /// Callback secrets.
    #[must_use]
    pub const fn callbacks(&self) -> Callbacks<'_> {
        Callbacks(self)
    }

    /// Challenges: the enterprise proves itself when it makes contact.
    #[must_use]
    pub const fn challenges(&self) -> Challenges<'_> {
        Challenges(self)
    }

    /// Credentials: what customers answer step-ups with.
    #[must_use]
    pub const fn credentials(&self) -> Credentials<'_> {
        Credentials(self)
    }

    /// Step-ups: the customer approves a transaction during a call.
    #[must_use]
    pub const fn step_ups(&self) -> StepUps<'_> {
        StepUps(self)
    }

    /// Payments: the customer pays in the app, and the agent never sees a card.
    #[cfg(feature = "cards")]
    #[must_use]
    pub const fn payments(&self) -> Payments<'_> {
        Payments(self)
    }

    /// What a genuine agent never asks for, on any channel. [`ground_rules_token`](Self::ground_rules_token)
    /// is the same, signed.
    #[must_use]
    pub const fn ground_rules(&self) -> &'static [NeverAsked] {
        &NeverAsked::ALL
    }

    /// The public keys that apps are to trust: the signing key's first, then those published with it.
    pub fn public_keys(&self) -> impl Iterator<Item = &PublicKey> {
        let signing = self.0.signing_key.as_ref().map(SigningKey::public_key);
        signing.into_iter().chain(&self.0.published)
    }

    /// The rules in force.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.0.policy
    }

    /// How often the observer panicked while it was told something, in this process and over all clones of this
    /// verifier. The calls went on as if it had not; what it was told then is in the histories. For the
    /// host's metrics: anything but 0 is a fault in the host's own [`Observer`].
    #[must_use]
    pub fn observer_panics(&self) -> usize {
        self.0.engine.observer_panics()
    }

    /// Deletes at most `limit` records that are no longer retained; returns how many. For a store
    /// that does not do so by itself, called by the host from time to time.
    ///
    /// # Errors
    ///
    /// [`Error::Clock`] or [`Error::Store`].
    pub async fn purge(&self, limit: usize) -> Result<usize, Error> {
        let now = self.0.clock.now()?;
        Ok(self.0.store.purge(now, limit).await?)
    }
}

/// The engine's calls, for the facets.
impl Verifier {
    fn signing_key(&self) -> Result<&SigningKey, ConfigError> {
        self.0.signing_key.as_ref().ok_or(ConfigError::NoSigningKey)
    }

    fn owner<C: State>(&self, customer: &CustomerId) -> [u8; 16] {
        self.0.engine.owner::<C>(customer)
    }

    fn of<'a, C: State>(&self, customer: &'a CustomerId, id: [u8; 16]) -> Of<'a, C> {
        self.0.engine.of(customer, id)
    }

    async fn drive<C: State, E: Event<C>>(
        &self,
        of: &Of<'_, C>,
        event: &E,
    ) -> Result<E::Outcome, Error> {
        self.0.engine.drive(of, event).await
    }

    async fn peek<C: State>(
        &self,
        customer: &CustomerId,
        id: [u8; 16],
    ) -> Result<Option<(Loaded<C>, Timestamp)>, Error> {
        self.0.engine.peek(customer, id).await
    }

    fn open<C: State>(&self, at: &Place, record: &Record) -> Result<Loaded<C>, RecordError> {
        self.0.engine.open(at, record)
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("issuer", &self.0.issuer)
            .field("keyring", &self.0.keyring)
            .field("policy", &self.0.policy)
            .finish_non_exhaustive()
    }
}

/// Sets up a [`Verifier`].
///
/// ```
/// use countersign::{Issuer, Keyring, MemoryStore, OsRandom, Policy, Verifier};
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let keyring = Keyring::generate(&OsRandom::new())?;
/// let verifier = Verifier::builder(Issuer::new("bank.example")?, keyring)
///     .store(MemoryStore::with_capacity(10_000))
///     .policy(Policy::default())
///     .build()?;
/// # Ok(())
/// # }
/// # example().unwrap();
/// ```
#[must_use]
pub struct VerifierBuilder {
    engine: Engine,
    signing_key: Option<SigningKey>,
    published: Vec<PublicKey>,
    #[cfg(feature = "cards")]
    vault_keys: Option<TrustedKeys>,
}

impl VerifierBuilder {
    /// Where records are kept; a [`MemoryStore`](crate::MemoryStore) by default.
    pub fn store(mut self, store: impl Store) -> Self {
        self.engine.store = Box::new(store);
        self
    }

    /// The rules; [`Policy::default`] by default.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.engine.policy = policy;
        self
    }

    /// Who is told what happens; nobody by default.
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.engine.observer = Some(Box::new(observer));
        self
    }

    /// Where the time comes from; [`SystemClock`](crate::SystemClock) by default.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.engine.clock = Box::new(clock);
        self
    }

    /// The key that signs tokens; without one, calls that make tokens fail with
    /// [`ConfigError::NoSigningKey`].
    pub fn signing_key(mut self, key: SigningKey) -> Self {
        self.signing_key = Some(key);
        self
    }

    /// Another public key for [`Verifier::public_keys`]: the next signing key, so that apps trust it
    /// before it signs, or the last one, while its tokens are still about.
    pub fn publish(mut self, key: PublicKey) -> Self {
        self.published.push(key);
        self
    }

    /// The vault's keys, trusted for [`Purpose::Receipt`](crate::token::Purpose::Receipt); without them
    /// nothing can be settled. The enterprise's own key must not be among them.
    #[cfg(feature = "cards")]
    pub fn vault_keys(mut self, keys: TrustedKeys) -> Self {
        self.vault_keys = Some(keys);
        self
    }

    /// Where randomness comes from; [`OsRandom`](crate::OsRandom) by default.
    pub fn random(mut self, random: impl Random) -> Self {
        self.engine.random = Box::new(random);
        self
    }

    /// The verifier.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the policy loosens a rule past its limit, or one of the enterprise's own keys
    /// is trusted to sign receipts.
    pub fn build(self) -> Result<Verifier, ConfigError> {
        self.engine.policy.check()?;
        #[cfg(feature = "cards")]
        if let Some(keys) = &self.vault_keys {
            let signing = self.signing_key.as_ref().map(SigningKey::public_key);
            let mut own = signing.into_iter().chain(&self.published);
            if own.any(|key| keys.names(key, Purpose::Receipt)) {
                return Err(ConfigError::OneKeyForBoth);
            }
        }
        Ok(self.finish())
    }

    fn finish(self) -> Verifier {
        Verifier(Arc::new(Inner {
            engine: self.engine,
            signing_key: self.signing_key,
            published: self.published,
            #[cfg(feature = "cards")]
            vault_keys: self.vault_keys,
        }))
    }
}

impl fmt::Debug for VerifierBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifierBuilder")
            .field("issuer", &self.engine.issuer)
            .field("policy", &self.engine.policy)
            .finish_non_exhaustive()
    }
}
