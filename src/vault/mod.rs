//! The cardholder data environment's half: it alone opens sealed cards, asks the acquirer, and keeps
//! cards under tokens.
//!
//! [`Vault`] runs in a process of its own, with its own keys and its own store, and shares nothing with
//! the enterprise's back end except public keys: see [running it apart](crate::manual::_20_vault). The host connects its acquirer as an [`Acquirer`].
//!
//! A payment, from the agent's request to the receipt:
//!
//! ```
//! use countersign::card::Card;
//! use countersign::payment::{PaymentRequest, PaymentStatus};
//! use countersign::token::{Purpose, SigningKey, TrustedKeys};
//! use countersign::transaction::TransactionKind;
//! use countersign::vault::{Acquirer, AcquirerAnswer, AcquirerError, Authorisation, Binding, Found, Sought};
//! use countersign::{
//!     Agent, AgentId, Channel, CustomerId, Device, Interaction, InteractionId, Issuer, Keyring,
//!     MerchantId, OsRandom, RequestId, Timestamp, Transaction, Vault, Verifier,
//! };
//!
//! struct Psp;
//!
//! impl Acquirer for Psp {
//!     async fn authorise(&self, _: &Authorisation<'_>) -> Result<AcquirerAnswer, AcquirerError> {
//!         Ok(AcquirerAnswer::approved("A1B2C3", "txn-1"))
//!     }
//!
//!     async fn find(&self, _: &Sought<'_>) -> Result<Found, AcquirerError> {
//!         Ok(Found::Unknown)
//!     }
//! }
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! # let now = countersign::time::Clock::now(&countersign::time::SystemClock)?;
//! // Two parties that trust each other for named purposes, and for no others.
//! let random = OsRandom::new();
//! let (bank, own) = (Issuer::new("bank.example")?, Issuer::new("vault.bank.example")?);
//! let (bank_key, vault_key) = (SigningKey::generate(&random)?, SigningKey::generate(&random)?);
//! let mut of_bank = TrustedKeys::new(bank.clone());
//! of_bank.trust(*bank_key.public_key(), Purpose::PaymentRequest)?;
//! let mut of_vault = TrustedKeys::new(own.clone());
//! for purpose in [Purpose::Receipt, Purpose::OpeningKey] {
//!     of_vault.trust(*vault_key.public_key(), purpose)?;
//! }
//! let vault =
//!     Vault::builder(own, Keyring::generate(&random)?, vault_key, of_bank.clone()).build()?;
//! let verifier = Verifier::builder(bank, Keyring::generate(&random)?)
//!     .signing_key(bank_key)
//!     .vault_keys(of_vault.clone())
//!     .build()?;
//!
//! // The agent asks.
//! let customer = CustomerId::new("alice")?;
//! let agent = Agent::new(AgentId::new("bob")?);
//! let call =
//!     Interaction::inbound(InteractionId::new("call-1")?, customer.clone(), agent, Channel::Voice);
//! let fees = Transaction::new(
//!     TransactionKind::Payment,
//!     4_200,
//!     "GBP".parse()?,
//!     "Example Bank".parse()?,
//!     "Account fees".parse()?,
//! );
//! let request = PaymentRequest::new(
//!     RequestId::new("r-1")?,
//!     MerchantId::new("bank-fees")?,
//!     fees,
//!     "Bob".parse()?,
//!     vault.public_key().await?,
//! );
//! let asked = verifier.payments().request(&call, &request).await?;
//!
//! // The customer's device shows it, and seals the card for a key of this vault and no other: the vault's public keys
//! // are built into the app.
//! let device = Device::new(of_bank, customer.clone()).with_vault_keys(of_vault);
//! let shown = device.open_payment(&asked.token, now)?;
//! assert_eq!(shown.headline(), "You called us.");
//! let card = Card::new(
//!     "4242 4242 4242 4242".parse()?,
//!     "12/34".parse()?,
//!     "123".parse()?,
//!     "Alice Jones".parse()?,
//! )?;
//! let sealed = shown.seal(&card, &random)?;
//!
//! // The vault charges it, and the enterprise applies the receipt.
//! let paid = vault.pay(&customer, &asked.token, &sealed, &Psp).await?;
//! let payment = verifier.payments().apply_receipt(&customer, &paid.receipt).await?;
//! assert_eq!(payment.status, PaymentStatus::Authorised);
//!
//! // Later, once: the card without its verification code.
//! let binding = Binding::new(customer, MerchantId::new("bank-fees")?);
//! let token = paid.card_token.ok_or("no token")?;
//! vault.with_card(&token, &binding, |card| card.pan().bin().to_owned()).await?;
//! assert!(vault.with_card(&token, &binding, |_| ()).await.is_err());
//! # Ok(())
//! # }
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(example()).unwrap();
//! ```
//!
//! # What no agent's code can hold
//!
//! Nothing that is [`AgentSafe`](crate::AgentSafe) holds or yields a card, by itself or inside of
//! anything else:
//!
//! ```compile_fail,E0277
//! # fn sent_to_desktop<T: countersign::AgentSafe>(_: &T) {}
//! fn desktop(card: &countersign::card::Card) {
//!     sent_to_desktop(card);
//! }
//! ```
//!
//! ```compile_fail,E0277
//! # fn sent_to_desktop<T: countersign::AgentSafe>(_: &T) {}
//! fn desktop(card: &countersign::card::Card) {
//!     sent_to_desktop(card.pan());
//! }
//! ```
//!
//! ```compile_fail,E0277
//! # fn sent_to_desktop<T: countersign::AgentSafe>(_: &T) {}
//! fn desktop(card: &countersign::card::Card) {
//!     sent_to_desktop(card.verification());
//! }
//! ```
//!
//! ```compile_fail,E0277
//! # fn sent_to_desktop<T: countersign::AgentSafe>(_: &T) {}
//! fn desktop(cards: &Vec<countersign::card::SealedCard>) {
//!     sent_to_desktop(cards);
//! }
//! ```
//!
//! ```compile_fail,E0277
//! # fn sent_to_desktop<T: countersign::AgentSafe>(_: &T) {}
//! fn desktop(paid: &countersign::vault::Paid) {
//!     sent_to_desktop(paid);
//! }
//! ```
//!
//! ```compile_fail,E0277
//! # fn sent_to_desktop<T: countersign::AgentSafe>(_: &T) {}
//! fn desktop(paid: &countersign::vault::Paid) {
//!     sent_to_desktop(&paid.card_token);
//! }
//! ```
//!
//! ```compile_fail,E0277
//! use countersign::agent_safe::ForDesktop;
//!
//! fn desktop(card: &countersign::card::StoredCard) -> String {
//!     serde_json::to_string(&ForDesktop::new().with("card", card)).unwrap()
//! }
//! ```
//!
//! A sealed card can be serialised, and is not sent all the same:
//!
//! ```compile_fail,E0277
//! use countersign::agent_safe::ForDesktop;
//!
//! fn desktop(card: countersign::card::SealedCard) -> String {
//!     serde_json::to_string(&ForDesktop::new().with("card", card)).unwrap()
//! }
//! ```
//!
//! ```compile_fail,E0599
//! fn desktop(receipt: &countersign::payment::Receipt) {
//!     let _ = receipt.card_token();
//! }
//! ```
//!
//! ```compile_fail,E0599
//! fn desktop(receipt: &countersign::payment::Receipt) {
//!     let _ = receipt.pan();
//! }
//! ```
//!
//! ```compile_fail,E0609
//! fn desktop(payment: &countersign::payment::Payment) {
//!     let _ = &payment.pan;
//! }
//! ```
//!
//! ```compile_fail,E0026
//! # use countersign::payment::PaymentOutcome;
//! fn desktop(outcome: &PaymentOutcome) {
//!     let PaymentOutcome::Authorised { pan, .. } = outcome else { return };
//! }
//! ```
//!
//! ```compile_fail,E0026
//! # use countersign::payment::ChargeOutcome;
//! fn desktop(outcome: &ChargeOutcome) {
//!     let ChargeOutcome::Authorised { card, .. } = outcome else { return };
//! }
//! ```
//!
//! Nor can a host say of a type of its own, with a card in it, that an agent may see it:
//!
//! ```compile_fail,E0277
//! struct Screen(countersign::card::Card);
//! impl countersign::AgentSafe for Screen {}
//! ```
//!
//! All that there is of a card on a desktop, in the same places:
//!
//! ```
//! # fn sent_to_desktop<T: countersign::AgentSafe + serde::Serialize>(_: &T) {}
//! use countersign::agent_safe::ForDesktop;
//! use countersign::payment::{Payment, PaymentOutcome, Receipt};
//! use countersign::vault::Paid;
//!
//! fn desktop(paid: &Paid, receipt: &Receipt, payment: &Payment, outcome: &PaymentOutcome) {
//!     sent_to_desktop(&paid.receipt);
//!     sent_to_desktop(&receipt.last_four());
//!     sent_to_desktop(&payment.last_four);
//!     sent_to_desktop(&ForDesktop::new().with("receipt", receipt).with("payment", payment));
//!     let PaymentOutcome::Authorised { brand, last_four, .. } = outcome else { return };
//!     sent_to_desktop(&vec![brand]);
//!     sent_to_desktop(&Some(last_four));
//! }
//! ```
//!
//! A card is lent for the length of a call and cannot be kept:
//!
//! ```compile_fail,E0521
//! use countersign::card::CardToken;
//! use countersign::Vault;
//! use countersign::vault::Binding;
//!
//! async fn kept(vault: &Vault, token: &CardToken, binding: &Binding) {
//!     let mut kept = None;
//!     let _ = vault.with_card(token, binding, |card| kept = Some(card)).await;
//! }
//! ```

pub(crate) mod acquirer;
pub(crate) mod acted;
mod adjust;
mod asking;
mod at_once;
mod builder;
pub(crate) mod cards;
pub(crate) mod charge;
pub(crate) mod details;
mod due;
pub(crate) mod erase;
pub(crate) mod follow_up;
mod given;
mod giving_up;
pub(crate) mod keys_apart;
mod noted;
pub(crate) mod opening_keys;
pub(crate) mod paid;
pub(crate) mod pay;
pub(crate) mod reconcile;
mod resolve;
pub(crate) mod stored_card;
mod swept;
pub(crate) mod view;

pub use self::acquirer::{
    Acquirer, AcquirerAnswer, AcquirerError, ActAnswer, Authenticated, AuthenticationChallenge,
    AuthenticationProof, Authorisation, AvsResult, ChallengeFlow, CodeResult, FollowUp, Found,
    FoundAct, KeysHonoured, Resumption, Sought,
};
pub use self::acted::Acted;
pub use self::adjust::Adjustment;
pub use self::builder::VaultBuilder;
pub use self::cards::Binding;
pub use self::charge::act::Act;
pub use self::charge::adjusted::AdjustmentKind;
pub use self::charge::view::{Charge, ChargeStatus};
pub use self::details::{ActSeen, AdjustmentSeen, ChargeDetails, LookedUp};
pub use self::erase::Erased;
pub use self::follow_up::Resolution;
pub use self::paid::{Next, Paid};
pub use self::swept::{Missed, Reconciled, Swept, Unreadable};
pub use self::view::{CardOnFile, CardOnFileStatus};

use core::fmt;
use std::sync::Arc;

use crate::card::OpeningKey;
use crate::crypto::keyring::Keyring;
use crate::crypto::pae;
use crate::engine::reseal::Resealed;
use crate::engine::signing::Signing;
use crate::engine::trace::call;
use crate::engine::{Engine, RecordRef};
use crate::error::Error;
use crate::outbox::Outbox;
use crate::payment::opening_key::{OpeningKeyData, SignedSealingKey};
use crate::policy::Policy;
use crate::store::Place;
use crate::token::{PublicKey, Signer, SigningKey, TokenId, TrustedKeys};
use crate::values::card_number::BrandTable;
use crate::values::id::Issuer;
use crate::values::now::WallClock;
use crate::vault::opening_keys::{Given, OpeningKeysState, Rotate};

/// The cardholder data environment's half of countersign.
///
/// Cloning it is cheap, and clones share everything. Several processes may run a vault on one store with
/// one keyring. What it holds and what it is told is in the scope of PCI DSS. The enterprise's back end sees
/// receipts and card tokens, and cannot read a card that is sealed in an app; the manual says
/// [who is in scope, and why](crate::manual::_21_pci#who-is-in-scope).
///
/// The customer's device hands it a payment request and a [`SealedCard`](crate::card::SealedCard):
/// [`pay`](Self::pay). The enterprise's back end gets receipts and card tokens, and may use the cards
/// that are kept: [`with_card`](Self::with_card), [`revoke`](Self::revoke).
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    engine: Engine,
    /// Signs receipts and opening keys.
    signing: Signing,
    /// Who may ask for payments.
    enterprise: TrustedKeys,
    card_ranges: BrandTable,
}

impl Vault {
    /// Sets up a vault part by part.
    ///
    /// `issuer` is the vault's own name, in which it signs receipts and opening keys with `signing_key`. `keyring` is the
    /// vault's own. `enterprise` are the enterprise's public keys, trusted for
    /// [`Purpose::PaymentRequest`](crate::token::Purpose::PaymentRequest).
    pub fn builder(
        issuer: Issuer,
        keyring: Keyring,
        signing_key: SigningKey,
        enterprise: TrustedKeys,
    ) -> VaultBuilder {
        let signing = Signing::InMemory(signing_key);
        let (engine, opening_keys) = (Engine::new(issuer, keyring), None);
        let card_ranges = BrandTable::default();
        VaultBuilder { engine, opening_keys, signing, enterprise, card_ranges }
    }

    /// The same with a signing key that is kept elsewhere, by a key management service or in a hardware security
    /// module: see [`VerifierBuilder::signer`](crate::verifier::VerifierBuilder::signer).
    pub fn builder_with_signer(
        issuer: Issuer,
        keyring: Keyring,
        signer: impl Signer,
        enterprise: TrustedKeys,
    ) -> VaultBuilder {
        let signing = Signing::host(signer);
        let (engine, opening_keys) = (Engine::new(issuer, keyring), None);
        let card_ranges = BrandTable::default();
        VaultBuilder { engine, opening_keys, signing, enterprise, card_ranges }
    }

    /// The public half of the opening key that new payment requests are to name, signed for the enterprise, for
    /// [`PaymentRequest::new`](crate::payment::PaymentRequest::new). By default it changes every ten minutes
    /// ([`opening_key_given_for`](crate::policy::PaymentPolicy::opening_key_given_for)): ask each time. Apps seal for no
    /// key that the vault did not sign.
    ///
    /// The private half exists, sealed in the vault's store, for as long as the key is given out, the longest request lasts
    /// and clocks may differ, and is then overwritten: cards that somebody recorded stay closed for ever. All processes of
    /// the vault give the same key, and while they sign with one key, the same text.
    ///
    /// # Errors
    ///
    /// [`Error::Store`], [`Error::Record`], [`Error::Busy`], [`Error::Clock`], [`Error::Random`] or
    /// [`Error::Signer`].
    pub async fn public_key(&self) -> Result<SignedSealingKey, Error> {
        call!("vault.public_key", async {
            let engine = &self.0.engine;
            let clock = WallClock::shows(engine.clock.now()?);
            if let Some((loaded, _)) = engine.read(&self.opening_keys()).await? {
                let keys = &loaded.body.state;
                let overdue = keys.is_overdue(&engine.policy, clock);
                if let Some(current) = keys.current(&engine.policy, clock).filter(|_| !overdue) {
                    return self.signed_key(&current).await;
                }
            }
            let drawn = OpeningKey::generate(&*engine.random)?;
            let rotated = engine.run(&self.opening_keys(), &Rotate { drawn: Some(&drawn) }).await?;
            // There is one, whose time has just begun, or the clock shows the last second that there is.
            self.signed_key(&rotated.ok_or(Error::Internal)?).await
        })
    }

    /// The same text for the same key and time.
    async fn signed_key(&self, given: &Given) -> Result<SignedSealingKey, Error> {
        let enterprise = self.0.enterprise.issuer();
        let id = pae::sha256(&[
            b"countersign opening key id v1",
            given.key.as_bytes(),
            enterprise.as_str().as_bytes(),
            &given.until.unix().to_be_bytes(),
        ]);
        let id = TokenId::from_bytes(pae::first(&id));
        let (signing, valid_for) = (&self.0.signing, given.until.since(given.from));
        let data = OpeningKeyData::new(given.key);
        let token =
            self.0.engine.sign(signing, enterprise, id, given.from, valid_for, data).await?;
        token.parse().map_err(|_| Error::Internal)
    }

    /// The key that signs receipts and opening keys, for
    /// [`VerifierBuilder::vault_keys`](crate::verifier::VerifierBuilder::vault_keys) and
    /// [`Device::with_vault_keys`](crate::Device::with_vault_keys).
    #[must_use]
    pub fn receipt_key(&self) -> &PublicKey {
        self.0.signing.public_key()
    }

    /// The rules in force.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.0.engine.policy
    }

    /// How often the observer panicked while it was told something:
    /// [`Verifier::observer_panics`](crate::Verifier::observer_panics) is the same for the enterprise's half.
    #[must_use]
    pub fn observer_panics(&self) -> usize {
        self.0.engine.observer_panics()
    }

    /// The outbox: news of every change, for a worker of the host's that brings receipts to the enterprise's
    /// back end. Empty unless [`VaultBuilder::outbox`] turned it on.
    #[must_use]
    pub fn outbox(&self) -> Outbox<'_> {
        Outbox(&self.0.engine)
    }

    /// The same as [`Verifier::reseal`](crate::Verifier::reseal), for the vault's records. Opening keys in a
    /// store of their own are not among them: they are gone within hours.
    ///
    /// # Errors
    ///
    /// As [`public_key`](Self::public_key).
    pub async fn reseal(&self, limit: u64) -> Result<Resealed, Error> {
        call!("vault.reseal", self.0.engine.reseal(limit))
    }

    /// The same as [`Verifier::reseal_from`](crate::Verifier::reseal_from), for the vault's records.
    ///
    /// # Errors
    ///
    /// As [`public_key`](Self::public_key).
    pub async fn reseal_from(&self, before: &Resealed, limit: u64) -> Result<Resealed, Error> {
        call!("vault.reseal_from", self.0.engine.reseal_from(before, limit))
    }

    /// Destroys opening keys whose time is over, and deletes at most `limit` records that are no longer
    /// retained; returns how many. To be called by the host every five minutes: for as long as it is not, a key whose time
    /// is over opens nothing, and is still there.
    ///
    /// # Errors
    ///
    /// As [`public_key`](Self::public_key).
    pub async fn purge(&self, limit: usize) -> Result<usize, Error> {
        call!("vault.purge", async {
            let engine = &self.0.engine;
            self.destroy_keys().await?;
            Ok(engine.store.purge(engine.clock.now()?, limit).await?)
        })
    }

    async fn destroy_keys(&self) -> Result<(), Error> {
        self.0.engine.run(&self.opening_keys(), &Rotate { drawn: None }).await.map(drop)
    }

    fn opening_keys(&self) -> RecordRef<'static, OpeningKeysState> {
        RecordRef::at(None, keys_place(&self.0.engine))
    }
}

/// Where the opening keys of this vault stand.
fn keys_place(engine: &Engine) -> Place {
    let issuer = engine.issuer.as_str().as_bytes();
    let owner = engine.keyring.locate(&[b"countersign opening keys v1", issuer]);
    let [lane, ..] = owner;
    Place { lane, owner, id: owner }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault")
            .field("issuer", &self.0.engine.issuer)
            .field("keyring", &self.0.engine.keyring)
            .field("policy", &self.0.engine.policy)
            .finish_non_exhaustive()
    }
}
