//! The facet for payments.

use core::time::Duration;

use crate::card::CardToken;
use crate::customer::anchor::not_erased;
use crate::engine::enterprise::Enterprise;
use crate::engine::free_text::{without_cards, without_cards_in_ids};
use crate::engine::page::{Page, Paged};
use crate::engine::trace::call;
use crate::error::{ConfigError, Error, Invalid, Reason, Refused, Stop};
use crate::payment::opening_key::OpeningKeyProblem;
use crate::payment::request::{PaymentRequest, PaymentRequested, Receipt};
use crate::payment::rules::{ApplyReceipt, KeepCardToken, Request, Validity};
use crate::payment::state::{PaymentState, Terms};
use crate::payment::token::ReceiptData;
use crate::payment::view::{Payment, PaymentOutcome};
use crate::policy::Act;
use crate::step_up::count::Limit;
use crate::token::{Audience, Leeway, TokenId, UntrustedToken};
use crate::values::id::{CustomerId, PaymentId};
use crate::values::interaction::Interaction;
use crate::values::time::Timestamp;
use crate::values::transaction::TransactionKind;

/// Payments: see [`Verifier::payments`](crate::Verifier::payments).
///
/// The agent's desktop calls `request` and `outcome`, which neither take nor return card data. The
/// customer's app calls `list`; it hands the card to the [`Vault`](crate::Vault), sealed, and not to
/// this. The back end calls `apply_receipt` with the receipt that the vault gave, and keeps the card token.
/// Repeating a call whose answer was lost gives the first result again and counts nothing.
///
/// # Errors
///
/// Every call can fail with [`Error::Store`], [`Error::Record`], [`Error::Busy`],
/// [`Error::Clock`] or [`Error::Random`]; nothing was decided then, or repeating the call finishes
/// it. An unknown id and another customer's are refused alike.
///
/// # What an agent's code calls
///
/// ```
/// # use countersign::{AgentSafe, Error, Interaction, PaymentId};
/// # use countersign::payment::{PaymentRequest, Payments};
/// async fn sent_to_desktop<T: AgentSafe>(call: impl Future<Output = Result<T, Error>>) {}
///
/// async fn desktop(of: Payments<'_>, call: &Interaction, asked: &PaymentRequest, id: &PaymentId) {
///     sent_to_desktop(async { Ok(of.request(call, asked).await?.payment) }).await;
///     sent_to_desktop(of.outcome(call, id)).await;
/// }
/// ```
///
/// The card token goes no further than the back end:
///
/// ```compile_fail,E0277
/// # use countersign::{AgentSafe, CustomerId, Error, PaymentId};
/// # use countersign::payment::Payments;
/// async fn sent_to_desktop<T: AgentSafe>(call: impl Future<Output = Result<T, Error>>) {}
///
/// async fn desktop(of: Payments<'_>, customer: &CustomerId, id: &PaymentId) {
///     sent_to_desktop(of.card_token(customer, id)).await;
/// }
/// ```
///
/// A card that a customer says aloud has no place to go:
///
/// ```compile_fail,E0061
/// # use countersign::Interaction;
/// # use countersign::card::Card;
/// # use countersign::payment::{PaymentRequest, Payments};
/// async fn desktop(of: Payments<'_>, call: &Interaction, asked: &PaymentRequest, card: &Card) {
///     let _ = of.request(call, asked, card).await;
/// }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Payments<'a>(pub(crate) &'a Enterprise);

impl Payments<'_> {
    /// The agent on `interaction` asks the customer to pay in the app.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the policy does not allow it on the channel, or it was asked for too often
    /// lately, of this customer or by this agent; [`Error::Invalid`] if the request id was used for
    /// something else, the transaction is of another kind, a text holds a card number, the card is to
    /// be kept for longer than the policy allows, or the [opening key](OpeningKeyProblem) is not one that the vault has
    /// signed for this enterprise, or leaves less than a minute;
    /// [`ConfigError::NoSigningKey`](crate::error::ConfigError::NoSigningKey),
    /// [`ConfigError::NoVaultKeys`](crate::error::ConfigError::NoVaultKeys); [`Error::Signer`]: the call repeated
    /// gives the token of what was asked for then.
    pub async fn request(
        self,
        interaction: &Interaction,
        request: &PaymentRequest,
    ) -> Result<PaymentRequested, Error> {
        call!("payments.request", async {
            let inner = self.0;
            // Nothing is asked for that cannot be signed.
            self.0.signing()?;
            let customer = &interaction.customer;
            let id = inner.keyring.locate(&[
                b"countersign payment v1",
                inner.issuer.as_str().as_bytes(),
                customer.as_str().as_bytes(),
                interaction.id.as_str().as_bytes(),
                request.request.as_str().as_bytes(),
            ]);
            let now = inner.clock.now()?;
            let mut nonce = [0; 16];
            inner.random.fill(&mut nonce)?;
            let validity = match self.0.read_for::<PaymentState>(customer, id).await? {
                // Repeated: it is compared with what was asked for then, and that stands, with the key of then.
                Some(_) => Ok(self.validity(request, now, Timestamp::MAX)),
                None => {
                    not_erased(self.0, customer).await?;
                    let made = match self.new_validity(request, now) {
                        Ok(validity) => {
                            self.may_ask(interaction, request, id).await.map(|()| validity)
                        }
                        Err(stop) => Err(stop),
                    };
                    Stop::made(made)?
                }
            };
            let terms = validity.map(|Validity { until, authenticate_until }| Terms {
                interaction: interaction.id.clone(),
                agent: interaction.agent.id.clone(),
                direction: interaction.direction,
                agent_name: request.agent_name.clone(),
                merchant: request.merchant.clone(),
                transaction: request.transaction.clone(),
                keep_card_for: request.keep_card_for.map(|time| time.as_secs()),
                opening_key: request.opening_key.clone(),
                authenticate_until,
                nonce: TokenId::from_bytes(nonce),
                at: now,
                until,
            });
            let of = self.0.of::<PaymentState>(customer, id);
            let (terms, payment) = self.0.run(&of, &Request { interaction, terms }).await?;
            Ok(PaymentRequested { payment, token: self.token(customer, id, &terms).await? })
        })
    }

    /// The token of a payment with these terms, the same each time.
    pub(crate) async fn token(
        self,
        customer: &CustomerId,
        id: [u8; 16],
        terms: &Terms,
    ) -> Result<String, Error> {
        self.0.token(customer, terms.nonce, terms.at, terms.until, terms.data(id)).await
    }

    /// Until when a request from `now` on is valid that names a key which ends at `key_ends`.
    fn validity(self, request: &PaymentRequest, now: Timestamp, key_ends: Timestamp) -> Validity {
        Validity::before(key_ends, now, request.authentication, &self.0.policy.payments)
    }

    /// The same of a new request, if the vault has signed the key that it names, for this enterprise, and leaves time to
    /// pay.
    fn new_validity(self, request: &PaymentRequest, now: Timestamp) -> Result<Validity, Stop> {
        let inner = self.0;
        let vault = inner.vault_keys.as_ref().ok_or(Error::from(ConfigError::NoVaultKeys))?;
        let leeway = Leeway::new(inner.policy.leeway).unwrap_or(Leeway::NONE);
        let (key, enterprise) = (&request.opening_key, &inner.issuer);
        let given = key.verify(vault, enterprise, now, leeway).map_err(Invalid::from)?;
        let validity = self.validity(request, now, given.claims().expires_at());
        if validity.is_too_short(now) {
            return Err(Invalid::from(OpeningKeyProblem::Over).into());
        }
        Ok(validity)
    }

    /// Whether there may be a new payment, and if not, why.
    async fn may_ask(
        self,
        interaction: &Interaction,
        request: &PaymentRequest,
        id: [u8; 16],
    ) -> Result<(), Stop> {
        let policy = &self.0.policy;
        let transaction = &request.transaction;
        if transaction.kind != TransactionKind::Payment {
            return Err(Invalid::NotAPayment.into());
        }
        transaction.payable().map_err(Invalid::from)?;
        let texts = [&transaction.payee, &transaction.reference, &request.agent_name];
        without_cards(texts)?;
        let ids = [
            interaction.id.as_str(),
            interaction.customer.as_str(),
            interaction.agent.id.as_str(),
            request.merchant.as_str(),
            request.request.as_str(),
        ];
        without_cards_in_ids(ids)?;
        let most = policy.payments.card_kept_for;
        let fits = |time: &Duration| time.as_secs() > 0 && *time <= most;
        if !request.keep_card_for.as_ref().is_none_or(fits) {
            return Err(Invalid::KeptTooLong(most).into());
        }
        self.0.allows_leg(interaction, (Act::Payment, Some(transaction)), None)?;
        if !policy.channels.allows(Act::Payment, interaction.channel) {
            return Err(Reason::ChannelNotAllowed.into());
        }
        let limits = [
            Limit {
                whose: interaction.agent.id.as_str(),
                label: b"countersign payments by agent v1",
                most: policy.payments.per_agent,
            },
            Limit {
                whose: interaction.customer.as_str(),
                label: b"countersign payments of customer v1",
                most: policy.payments.per_customer,
            },
        ];
        let asked: &[&[u8]] = &[
            b"countersign payment asked v1",
            &id,
            &[interaction.direction.number()],
            interaction.agent.id.as_str().as_bytes(),
            request.agent_name.as_str().as_bytes(),
            request.merchant.as_str().as_bytes(),
            &transaction.canonical(),
            &request.keep_card_for.map_or(0, |time| time.as_secs()).to_be_bytes(),
            &[u8::from(request.authentication)],
        ];
        self.0.count(&interaction.customer, asked, &limits).await
    }

    /// What has become of it, for the agent who asked, in the interaction in which they asked. Writes
    /// nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] to any other agent and in any other interaction.
    pub async fn outcome(
        self,
        interaction: &Interaction,
        id: &PaymentId,
    ) -> Result<PaymentOutcome, Error> {
        call!("payments.outcome", async {
            let customer = &interaction.customer;
            let (loaded, clock) =
                self.0.read_for::<PaymentState>(customer, id.0).await?.ok_or(Refused::new())?;
            let state = &loaded.body.state;
            if state.terms.interaction != interaction.id
                || state.terms.agent != interaction.agent.id
            {
                return Err(Refused::new().into());
            }
            Ok(state.outcome(&self.0.context(&loaded, id.0, clock)))
        })
    }

    /// The back end hands in the receipt that the vault gave for a payment of `customer`. Receipts may
    /// come more than once and in any order: an authorisation stands for good, a decline gives way to
    /// nothing but an authorisation.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if it is not signed by the vault, or for another payment or customer;
    /// [`ConfigError::NoVaultKeys`](crate::error::ConfigError::NoVaultKeys).
    pub async fn apply_receipt(
        self,
        customer: &CustomerId,
        receipt: &Receipt,
    ) -> Result<Payment, Error> {
        call!("payments.apply_receipt", async {
            let inner = self.0;
            let keys = inner.vault_keys.as_ref().ok_or(ConfigError::NoVaultKeys)?;
            let (audience, now) = (Audience::from(customer), inner.clock.now()?);
            // At any time: it names the request that it answers, and a vault whose clock is ahead charged the card
            // nonetheless.
            let verified = UntrustedToken::parse(receipt.token())
                .ok()
                .and_then(|token| {
                    token.check_but_time::<ReceiptData>(keys, Some(&audience), now).ok()
                })
                .map(crate::token::Claims::into_data)
                .filter(|said| *said == receipt.said);
            let of = self.0.of::<PaymentState>(customer, receipt.payment().0);
            self.0.run(&of, &ApplyReceipt { receipt: verified.as_ref() }).await
        })
    }

    /// The back end keeps the card token that the vault gave with an authorisation, sealed beside the
    /// payment. `receipt` is the one that the token came with, and names the payment.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] before this receipt was [applied](Self::apply_receipt), if it does not say that the payment was authorised,
    /// and if it is of another payment; [`Error::Invalid`] if another token is kept for it.
    pub async fn keep_card_token(
        self,
        customer: &CustomerId,
        receipt: &Receipt,
        token: &CardToken,
    ) -> Result<(), Error> {
        call!("payments.keep_card_token", async {
            let receipt = &receipt.said;
            let of = self.0.of::<PaymentState>(customer, receipt.payment.0);
            self.0.run(&of, &KeepCardToken { receipt, token }).await
        })
    }

    /// The card token that was kept, for the back end to use with the vault.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if none was.
    pub async fn card_token(
        self,
        customer: &CustomerId,
        id: &PaymentId,
    ) -> Result<CardToken, Error> {
        call!("payments.card_token", async {
            let (loaded, _) =
                self.0.read_for::<PaymentState>(customer, id.0).await?.ok_or(Refused::new())?;
            Ok(loaded.body.state.card_token.ok_or(Refused::new())?)
        })
    }

    /// The customer's payments, newest first.
    ///
    /// # Errors
    ///
    /// See [`Payments`].
    pub async fn list(self, customer: &CustomerId, page: Page) -> Result<Paged<Payment>, Error> {
        call!("payments.list", async {
            let show = |loaded: &_, id, now: Timestamp| self.shown(loaded, id, now);
            self.0.paged::<PaymentState, _>(customer, page, show).await
        })
    }

    fn shown(
        self,
        loaded: &crate::engine::Stored<PaymentState>,
        id: [u8; 16],
        now: Timestamp,
    ) -> Result<Payment, Error> {
        Ok(loaded.body.state.payment(&self.0.context(loaded, id, now)))
    }
}
