//! The cards that the vault keeps, under tokens.

use core::pin::Pin;

use crate::card::{CardToken, Pan, StoredCard};
use crate::engine::rule::State;
use crate::engine::trace::call;
use crate::engine::{RecordRef, Stored};
use crate::error::{Error, Refused};
use crate::history::ceremony::CeremonyHistory;
use crate::values::id::{CardFingerprint, CustomerId, MerchantId};
use crate::values::time::Timestamp;
use crate::vault::Vault;
use crate::vault::stored_card::{Keep, Revoke, Serves, StoredCardState, Use};

/// For whom and at which merchant account a card token may be used: those of the payment that it came
/// from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    customer: CustomerId,
    merchant: MerchantId,
}

impl Binding {
    /// `customer`'s card, for payments to `merchant`.
    #[must_use]
    pub const fn new(customer: CustomerId, merchant: MerchantId) -> Self {
        Self { customer, merchant }
    }
}

impl Vault {
    /// Lends the card that `token` stands for to `use_it`, which hands it to the acquirer and gives back
    /// what is to be kept of that. It is the only way to a card number.
    ///
    /// A token that serves once is used up before the card is given out, and the card is gone from the
    /// store then. There is no verification code: it does not exist any more.
    ///
    /// What `use_it` copies out of the card is in the host's hands, and in the scope of PCI DSS.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] alike for an unknown token, another customer's, one for another merchant, one
    /// that was used up or revoked, and one whose time is over. With any other error the card was not
    /// given out; a token that serves once may be used up all the same.
    pub async fn with_card<R>(
        &self,
        token: &CardToken,
        binding: &Binding,
        use_it: impl FnOnce(&StoredCard) -> R,
    ) -> Result<R, Error> {
        call!("vault.with_card", async {
            let card = self.lend(token, binding).await?;
            Ok(use_it(&card))
        })
    }

    /// The same for what has to wait, such as a call of the acquirer: the card is lent for as long as that takes.
    ///
    /// ```
    /// # use countersign::Vault;
    /// # use countersign::card::{CardToken, StoredCard};
    /// # use countersign::vault::Binding;
    /// async fn charge(card: &StoredCard, pence: u64) -> bool {
    ///     // … send it to the acquirer, and wait for the answer.
    /// #   let _ = (card, pence);
    ///     true
    /// }
    ///
    /// # async fn example(vault: Vault, token: CardToken, binding: Binding) -> Result<(), countersign::Error> {
    /// let done = vault.with_card_async(&token, &binding, |card| Box::pin(charge(card, 4200))).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Run it to its end, in a task of its own: if it is dropped half-way, the token has served, and the vault does not
    /// know what was done with the card. Whoever charges one gives the acquirer an idempotency key of their own.
    ///
    /// # Errors
    ///
    /// As [`with_card`](Self::with_card).
    pub async fn with_card_async<R>(
        &self,
        token: &CardToken,
        binding: &Binding,
        use_it: impl for<'c> FnOnce(&'c StoredCard) -> Pin<Box<dyn Future<Output = R> + Send + 'c>>,
    ) -> Result<R, Error> {
        call!("vault.with_card_async", async {
            let card = self.lend(token, binding).await?;
            Ok(use_it(&card).await)
        })
    }

    async fn lend(&self, token: &CardToken, binding: &Binding) -> Result<StoredCard, Error> {
        let enterprise = self.0.enterprise.issuer();
        self.0.engine.run(&self.card_of(token, binding), &Use(enterprise)).await
    }

    /// Revokes a token: the card is gone from the store. Repeating it, and revoking one that was used up,
    /// changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] for an unknown token and another customer's or merchant's.
    pub async fn revoke(&self, token: &CardToken, binding: &Binding) -> Result<(), Error> {
        call!("vault.revoke", async {
            let revoke = Revoke(self.0.enterprise.issuer());
            self.0.engine.run(&self.card_of(token, binding), &revoke).await
        })
    }

    /// Tells whether two tokens of this enterprise's stand for the same card number: HMAC-SHA256 of it under a key of the
    /// vault that does not rotate. It can be asked of a token that was used up or revoked, too. For the back
    /// end: whoever sees fingerprints of a customer's cards learns which payments were made with one
    /// card.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] for an unknown token and another customer's or merchant's.
    pub async fn fingerprint(
        &self,
        token: &CardToken,
        binding: &Binding,
    ) -> Result<CardFingerprint, Error> {
        call!("vault.fingerprint", async {
            let of = self.card_of(token, binding);
            Ok(self.kept(&of).await?.ok_or(Refused::new())?.body.state.fingerprint)
        })
    }

    /// What happened to a card that the vault keeps. The uses of one that serves many times are not
    /// listed: the observer is told of each.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] for an unknown token and another customer's or merchant's.
    pub async fn card_history(
        &self,
        token: &CardToken,
        binding: &Binding,
    ) -> Result<CeremonyHistory, Error> {
        call!("vault.card_history", async {
            let of = self.card_of(token, binding);
            let loaded = self.kept(&of).await?.ok_or(Refused::new())?;
            Ok(loaded.body.history.read(StoredCardState::subject(of.place.id))?)
        })
    }

    /// Keeps the card of an authorised payment, if that was not done yet and its time is not over; returns
    /// whether it is kept.
    pub(super) async fn keep_card(
        &self,
        token: &CardToken,
        binding: &Binding,
        card: &StoredCard,
        serves: Serves,
        until: Timestamp,
    ) -> Result<bool, Error> {
        let engine = &self.0.engine;
        let fingerprint = self.fingerprint_of(card.pan());
        let enterprise = self.0.enterprise.issuer();
        let keep = Keep { enterprise, card, fingerprint, serves, until };
        engine.run(&self.card_of(token, binding), &keep).await
    }

    /// Tells a card number from another one, to one enterprise: two that compare theirs learn nothing of each other's
    /// customers.
    pub(super) fn fingerprint_of(&self, pan: &Pan) -> CardFingerprint {
        let engine = &self.0.engine;
        CardFingerprint(engine.keyring.locate(&[
            b"countersign card fingerprint v2",
            engine.issuer.as_str().as_bytes(),
            self.0.enterprise.issuer().as_str().as_bytes(),
            pan.expose().as_bytes(),
        ]))
    }

    pub(super) async fn is_kept(
        &self,
        token: &CardToken,
        binding: &Binding,
    ) -> Result<bool, Error> {
        Ok(self.kept(&self.card_of(token, binding)).await?.is_some())
    }

    /// What is kept there of this enterprise's.
    async fn kept(
        &self,
        of: &RecordRef<'_, StoredCardState>,
    ) -> Result<Option<Stored<StoredCardState>>, Error> {
        let found = self.0.engine.read(of).await?.map(|(loaded, _)| loaded);
        Ok(found.filter(|loaded| loaded.body.state.is_of(self.0.enterprise.issuer())))
    }

    /// Where a card stands: a keyed hash of token, customer and merchant, to which its seal is bound. The
    /// token itself stands nowhere in the record.
    fn card_of<'a>(
        &self,
        token: &CardToken,
        binding: &'a Binding,
    ) -> RecordRef<'a, StoredCardState> {
        let engine = &self.0.engine;
        let id = engine.keyring.locate(&[
            b"countersign stored card v1",
            engine.issuer.as_str().as_bytes(),
            token.expose().as_bytes(),
            binding.customer.as_str().as_bytes(),
            binding.merchant.as_str().as_bytes(),
        ]);
        engine.of(&binding.customer, id)
    }
}
