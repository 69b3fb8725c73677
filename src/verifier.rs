//! The enterprise's half: a facade with a facet for each capability, and its builder.

use core::fmt;
use std::sync::Arc;

use crate::callback::Callbacks;
use crate::challenge::{Challenges, ground_rules_token};
use crate::contact::{Contact, Telephony};
use crate::credential::Credentials;
use crate::crypto::keyring::Keyring;
use crate::crypto::random::Random;
use crate::customer::Customers;
use crate::engine::Engine;
use crate::engine::enterprise::Enterprise;
use crate::engine::page::{Page, Paged};
pub use crate::engine::reseal::{Left, Resealed};
use crate::engine::signing::Signing;
use crate::engine::trace::{self, call};
use crate::engine::watermarks::Watermarks;
use crate::error::{ConfigError, Error};
use crate::history::facet::Histories;
use crate::history::{CeremonyHistory, Subject};
use crate::notice::Notices;
use crate::observer::Observer;
use crate::outbox::Outbox;
#[cfg(feature = "cards")]
use crate::payment::Payments;
use crate::pending::{self, Pending};
use crate::policy::Policy;
use crate::reachability::Reachability;
use crate::step_up::StepUps;
use crate::step_up::joint::JointStepUps;
use crate::store::Store;
use crate::token::{PublicKey, Signer, SigningKey};
#[cfg(feature = "cards")]
use crate::token::{Purpose, TrustedKeys};
use crate::values::id::{CustomerId, Issuer};
use crate::values::never_asked::NeverAsked;
use crate::values::time::{Clock, Window};

/// The enterprise's half of countersign.
///
/// One per issuer (tenant). Cloning it is cheap, and clones share everything. It holds the root
/// keys, so it belongs into the back end and nowhere else.
///
/// | facet | the customer's app calls | the agent's desktop calls |
/// | --- | --- | --- |
/// | [`callbacks`](Self::callbacks) | `book` `amend` `cancel` `list` `conclude` | `reveal` `abandon` |
/// | [`challenges`](Self::challenges) | `answer` `list` `appointment` `conclude` `pseudonym` | `present` |
/// | [`contact`](Self::contact) | `status` `verdict` `last_contact_challenge` `last_contact` `dial_ticket` `header_ticket` | |
/// | [`credentials`](Self::credentials) | `enrol` `confirm` `confirm_key` `confirm_attested_key` `resync` `list` | |
/// | [`step_ups`](Self::step_ups) | `submit` `submit_signed` `decline` `prompts` `resume_prompts` | `request` `outcome` |
/// | [`joint_step_ups`](Self::joint_step_ups) | | `request` `outcome` |
/// | [`notices`](Self::notices) | `board` | |
/// | [`reachability`](Self::reachability) | `answer` `book` | |
/// | `payments` (feature `cards`) | `list` | `request` `outcome` |
/// | the verifier itself | [`pending`](Self::pending) [`history`](Self::history) [`history_receipt`](Self::history_receipt) | nothing |
///
/// All other calls are the back end's own, [`customers`](Self::customers) and [`outbox`](Self::outbox) among them.
///
/// Calls of the app take the [`CustomerId`] that the host has authenticated;
/// calls of the desktop take the [`Interaction`](crate::Interaction) that the host's telephony or
/// chat platform vouches for.
#[derive(Clone)]
pub struct Verifier(Arc<Enterprise>);

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
            signing: None,
            published: Vec::new(),
            telephony: Telephony::new(),
            #[cfg(feature = "cards")]
            vault_keys: None,
        }
    }

    /// Callback secrets.
    #[must_use]
    pub fn callbacks(&self) -> Callbacks<'_> {
        Callbacks(&self.0)
    }

    /// Challenges: the enterprise proves itself when it makes contact.
    #[must_use]
    pub fn challenges(&self) -> Challenges<'_> {
        Challenges(&self.0)
    }

    /// Contact: which interactions are open, and the answer to "is this you?".
    #[must_use]
    pub fn contact(&self) -> Contact<'_> {
        Contact(&self.0)
    }

    /// Credentials: what customers answer step-ups with.
    #[must_use]
    pub fn credentials(&self) -> Credentials<'_> {
        Credentials(&self.0)
    }

    /// Customers as a whole: how they stand, reconciliation after rows were lost, erasure, export. For the back
    /// end alone.
    #[must_use]
    pub fn customers(&self) -> Customers<'_> {
        Customers(&self.0)
    }

    /// Step-ups: the customer approves a transaction during a call.
    #[must_use]
    pub fn step_ups(&self) -> StepUps<'_> {
        StepUps(&self.0)
    }

    /// Notices: what customers are to know, for all or for one.
    #[must_use]
    pub fn notices(&self) -> Notices<'_> {
        Notices(&self.0)
    }

    /// Reachability: how agents can be reached, and callbacks that are booked from that.
    #[must_use]
    pub fn reachability(&self) -> Reachability<'_> {
        Reachability(&self.0)
    }

    /// Joint step-ups: several customers approve something in the name of one.
    #[must_use]
    pub fn joint_step_ups(&self) -> JointStepUps<'_> {
        JointStepUps(&self.0)
    }

    /// The outbox: news of every change, for a worker of the host's. Empty unless
    /// [`VerifierBuilder::outbox`] turned it on.
    #[must_use]
    pub fn outbox(&self) -> Outbox<'_> {
        Outbox(&self.0.engine)
    }

    /// Payments: the customer pays in the app, and the agent never sees a card.
    #[cfg(feature = "cards")]
    #[must_use]
    pub fn payments(&self) -> Payments<'_> {
        Payments(&self.0)
    }

    /// What a genuine agent never asks for, on any channel. [`ground_rules_token`](Self::ground_rules_token)
    /// is the same, signed.
    #[must_use]
    pub const fn ground_rules(&self) -> &'static [NeverAsked] {
        &NeverAsked::ALL
    }

    /// The public keys that apps are to trust: the signing key's first, then those published with it.
    pub fn public_keys(&self) -> impl Iterator<Item = &PublicKey> {
        self.0.public_keys()
    }

    /// The ground rules as a signed statement for the apps of all customers
    /// ([`Device::open_ground_rules`](crate::Device::open_ground_rules)): what is
    /// [never asked for](Self::ground_rules), and on which channels the policy allows which act. It is
    /// valid from now for [`Policy::ground_rules_valid_for`](crate::Policy::ground_rules_valid_for); sign
    /// one from time to time and publish it.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoSigningKey`]; [`Error::Signer`], [`Error::Clock`], [`Error::Random`],
    /// [`Error::Internal`].
    pub async fn ground_rules_token(&self) -> Result<String, Error> {
        call!("verifier.ground_rules_token", ground_rules_token(&self.0))
    }

    /// Everything of the customer's that has not ended, with its tokens, so that an app that was off or missed a push
    /// misses nothing: challenges and appointments, step-ups and payments, each kind newest first. For the
    /// customer's app alone, through its authenticated session: [`Pending`] says what it does with each.
    ///
    /// Tokens are the same as were given at first, or signed anew where the signing key changed, and are there
    /// for as long as a device accepts them. Writes nothing and counts nothing; what it costs depends on what has not
    /// ended, not on what lies in the past.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoSigningKey`]; [`Error::Store`], [`Error::Clock`]. What cannot be opened is left out and
    /// counted ([`Pending::unreadable`]).
    pub async fn pending(&self, customer: &CustomerId) -> Result<Pending, Error> {
        call!("verifier.pending", pending::pending(&self.0, customer))
    }

    /// What happened in all of the customer's ceremonies: one history each, every one checked against
    /// the head of its hash chain. Those that began last come first, whatever their kinds. One whose record cannot
    /// be opened is left out and counted ([`Paged::unreadable`]).
    ///
    /// It names agents and reasons of refusals, so it is for the back end and for the customer whose it
    /// is, not for an agent.
    ///
    /// # Errors
    ///
    /// [`Error::Record`] if the events of a record that opens were edited, reordered or left out;
    /// [`Error::Store`], [`Error::Clock`]; [`Error::Busy`] or [`Error::Random`] while noting that
    /// time has run out.
    pub async fn history(
        &self,
        customer: &CustomerId,
        page: Page,
    ) -> Result<Paged<CeremonyHistory>, Error> {
        call!("verifier.history", Histories(&self.0).list(customer, page))
    }

    /// A signed receipt for the history of one ceremony as it now stands, for the customer's app to
    /// keep. With it [`Device::check_history`](crate::Device::check_history) notices later whether
    /// that history only grew. It is valid for as long as the record is kept.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the customer has no such ceremony;
    /// [`ConfigError::NoSigningKey`], [`Error::Signer`]; [`Error::Internal`] if the store showed a
    /// record that is no longer retained; otherwise as [`history`](Self::history).
    pub async fn history_receipt(
        &self,
        customer: &CustomerId,
        subject: Subject,
    ) -> Result<String, Error> {
        call!("verifier.history_receipt", Histories(&self.0).receipt(customer, subject))
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
        self.0.observer_panics()
    }

    /// Begins a sweep: seals records anew that stand under another root key than the active one, and tells how
    /// much is left under each. It reads all that this verifier's store holds, what belongs to other issuers that share the
    /// keyring included. Bodies stay byte for byte, and nothing is told to the observer.
    ///
    /// The call ends when it has sealed `limit` records anew, and [`reseal_from`](Self::reseal_from) goes on from there;
    /// with a limit of 0 it seals nothing and counts all of them. It may be stopped at any time and called again. When whole
    /// sweeps find nothing under a key, [`Resealed::retire`] forgets it: the [manual](crate::manual::_24_keys) has the steps.
    ///
    /// # Errors
    ///
    /// [`Error::Store`], [`Error::Clock`], [`Error::Random`]; what was sealed anew by then stays so.
    pub async fn reseal(&self, limit: u64) -> Result<Resealed, Error> {
        call!("verifier.reseal", self.0.reseal(limit))
    }

    /// Goes on with the sweep that stopped at `before`, and seals at most `limit` more records anew. What was read before is
    /// not read again, so that a sweep of many steps costs as much as one of a single step. The report tells of all steps of the
    /// sweep. If `before` is whole, or was made by another verifier, a new sweep begins.
    ///
    /// # Errors
    ///
    /// As [`reseal`](Self::reseal). After an error go on from `before` once more.
    pub async fn reseal_from(&self, before: &Resealed, limit: u64) -> Result<Resealed, Error> {
        call!("verifier.reseal_from", self.0.reseal_from(before, limit))
    }

    /// Deletes at most `limit` records that are no longer retained; returns how many. For a store
    /// that does not do so by itself, called by the host from time to time.
    ///
    /// # Errors
    ///
    /// [`Error::Clock`] or [`Error::Store`].
    pub async fn purge(&self, limit: usize) -> Result<usize, Error> {
        call!("verifier.purge", async {
            let now = self.0.clock.now()?;
            Ok(self.0.store.purge(now, limit).await?)
        })
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
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
    signing: Option<Signing>,
    published: Vec<PublicKey>,
    telephony: Telephony,
    #[cfg(feature = "cards")]
    vault_keys: Option<TrustedKeys>,
}

impl VerifierBuilder {
    /// Where records are kept; a [`MemoryStore`](crate::MemoryStore) by default.
    pub fn store(mut self, store: impl Store) -> Self {
        self.engine.store = trace::store(store);
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

    /// Tells every change in the [outbox](Verifier::outbox), in one atomic write with the change. Once it is
    /// on, a worker must empty it: when it is full, calls that allow something fail with
    /// [`StoreError::Full`](crate::store::StoreError::Full), and those that take authority away go on for a while.
    pub fn outbox(mut self) -> Self {
        self.engine.outbox = true;
        self
    }

    /// The store was restored from a backup, or failed over with a loss: what was written in this window may be
    /// missing. It begins with the backup, and ends when the restored store was opened.
    ///
    /// Until the back end has [reconciled](crate::customer::Customers::reconcile) a customer, a credential of
    /// theirs is then bound on the back end's word alone: one that was revoked in that window may be there again.
    /// Without this call nothing is noticed: the [manual](crate::manual::_25_deploying_stores) says what goes by.
    pub fn restored_from(mut self, lost: Window) -> Self {
        self.engine.lost = Some(lost);
        self
    }

    /// Where the time comes from; [`SystemClock`](crate::time::SystemClock) by default.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.engine.clock = Box::new(clock);
        self
    }

    /// The key that signs tokens, in memory; without one or a [`signer`](Self::signer), calls that make tokens fail with
    /// [`ConfigError::NoSigningKey`].
    pub fn signing_key(mut self, key: SigningKey) -> Self {
        self.signing = Some(Signing::InMemory(key));
        self
    }

    /// The same with a key that is kept elsewhere, by a key management service or in a hardware security module.
    /// What it signs is checked with its public key before a token leaves. The
    /// [manual](crate::manual::_24_keys#a-signing-key-in-a-kms-or-hsm) says what a call has written when it fails.
    pub fn signer(mut self, signer: impl Signer) -> Self {
        self.signing = Some(Signing::host(signer));
        self
    }

    /// Another public key for [`Verifier::public_keys`]: the next signing key, so that apps trust it
    /// before it signs, or the last one, while its tokens are still about.
    pub fn publish(mut self, key: PublicKey) -> Self {
        self.published.push(key);
        self
    }

    /// The vault's keys, trusted for [`Purpose::Receipt`] and [`Purpose::OpeningKey`]; without them no payment can be
    /// asked for, and no receipt applied. The enterprise's own key must not be among them.
    #[cfg(feature = "cards")]
    pub fn vault_keys(mut self, keys: TrustedKeys) -> Self {
        self.vault_keys = Some(keys);
        self
    }

    /// The systems that report calls, and the enterprise's numbers; none by default, and then no customer is told that the
    /// enterprise is not calling.
    pub fn telephony(mut self, telephony: Telephony) -> Self {
        self.telephony = telephony;
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
    /// [`ConfigError`] if the policy loosens a rule past its limit, the telephony contradicts itself, or one of the
    /// enterprise's own keys is trusted to sign receipts or opening keys.
    pub fn build(self) -> Result<Verifier, ConfigError> {
        self.engine.policy.check()?;
        self.telephony.check()?;
        #[cfg(feature = "cards")]
        if let Some(keys) = &self.vault_keys {
            let signing = self.signing.as_ref().map(Signing::public_key);
            let mut own = signing.into_iter().chain(&self.published);
            let of_vault = [Purpose::Receipt, Purpose::OpeningKey];
            if own.any(|key| of_vault.iter().any(|purpose| keys.names(key.kid(), *purpose))) {
                return Err(ConfigError::OneKeyForBoth);
            }
        }
        Ok(self.finish())
    }

    fn finish(self) -> Verifier {
        Verifier(Arc::new(Enterprise {
            engine: self.engine,
            signing: self.signing,
            published: self.published,
            telephony: self.telephony,
            watermarks: Watermarks::default(),
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
