//! A payment on the customer's device: what is shown, whose key it is, and sealing the card.

use crate::card::{Attempt, Card, SealError, SealedCard, SealingKey};
use crate::crypto::random::Random;
use crate::device::Device;
use crate::payment::opening_key::OpeningKeyProblem;
use crate::payment::token::PaymentRequestData;
use crate::token::{Audience, Claims, Purpose, TokenError, TrustedKeys, UntrustedToken};
use crate::values::id::{MerchantId, PaymentId};
use crate::values::interaction::Direction;
use crate::values::text::ShortText;
use crate::values::time::Timestamp;
use crate::values::transaction::Transaction;

/// Why no card must be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PaymentError {
    /// The request is not genuine, not for this customer, or not valid now.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The app has no key of a vault built in: [`Device::with_vault_keys`].
    #[error("this app knows no vault: build the vault's public keys into it")]
    NoVaultKeys,
    /// The request is genuine, and whoever chose the key in it could read the card: the enterprise's vault did not, or
    /// its time is over.
    #[error(transparent)]
    OpeningKey(#[from] OpeningKeyProblem),
}

/// A genuine payment request, for the app to show. Show [`headline`](Self::headline) first: it exposes a
/// stranger who rings the customer while an accomplice rings the enterprise.
#[derive(Debug)]
pub struct VerifiedPayment {
    token: Box<str>,
    claims: Claims<PaymentRequestData>,
    /// What the vault has signed.
    key: SealingKey,
}

impl Device {
    /// The same, which seals cards for the opening keys of this vault and no others: `keys` are the vault's public keys
    /// ([`Vault::receipt_key`](crate::Vault::receipt_key)), trusted for
    /// [`Purpose::OpeningKey`], the present one and the next. Without them
    /// [`open_payment`](Self::open_payment) opens nothing.
    ///
    /// They belong into the app's signed package, and never come from the enterprise's back end: whoever can name
    /// them can read the cards.
    #[must_use]
    pub fn with_vault_keys(mut self, keys: TrustedKeys) -> Self {
        self.vault_keys = Some(keys);
        self
    }

    /// Verifies a payment request of the enterprise for this customer, and that the key in it is one that the vault has
    /// signed for this enterprise, and which lives for as long as the request. What it returns is to be shown, all
    /// of it, before the card is asked for. The enterprise's keys are to be trusted for [`Purpose::PaymentRequest`].
    ///
    /// # Errors
    ///
    /// [`PaymentError`]: show nothing of it, and ask for no card. [`PaymentError::OpeningKey`] is for the app's maker to
    /// hear of: the enterprise's back end may be trying to read cards.
    pub fn open_payment(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<VerifiedPayment, PaymentError> {
        let vault = self.vault_keys.as_ref().ok_or(PaymentError::NoVaultKeys)?;
        let audience = Audience::from(&self.customer);
        let verified = UntrustedToken::parse(token)?.verify::<PaymentRequestData>(
            &self.trusted,
            &audience,
            now,
            self.leeway,
        )?;
        let claims = verified.into_claims();
        let key = self.opening_key(vault, &claims, now)?;
        Ok(VerifiedPayment { token: token.into(), claims, key })
    }

    /// The key that a genuine request names, if a card may be sealed for it.
    fn opening_key(
        &self,
        vault: &TrustedKeys,
        request: &Claims<PaymentRequestData>,
        now: Timestamp,
    ) -> Result<SealingKey, OpeningKeyProblem> {
        let named = &request.data().opening_key;
        let given = named.verify(vault, request.issuer(), now, self.leeway)?;
        // An app into which one key was built for both would seal for whatever its back end signs.
        if self.trusted.names(given.kid(), Purpose::PaymentRequest) {
            return Err(OpeningKeyProblem::NotGenuine);
        }
        let given = given.into_claims();
        let needed = request.data().authenticate_until.max(Some(request.expires_at()));
        if needed > Some(given.expires_at()) {
            return Err(OpeningKeyProblem::EndsBeforeRequest);
        }
        Ok(given.into_data().sealing_key)
    }
}

impl VerifiedPayment {
    /// Which payment.
    #[must_use]
    pub const fn id(&self) -> PaymentId {
        self.claims.data().payment
    }

    /// Who contacted whom, in one sentence: "You called us." or "We called you."
    #[must_use]
    pub const fn headline(&self) -> &'static str {
        crate::device::headline(self.direction())
    }

    /// The same for an app in another language: `you_called_us` or `we_called_you`. It never changes.
    #[must_use]
    pub const fn headline_id(&self) -> &'static str {
        crate::device::headline_id(self.direction())
    }

    /// Who contacted whom, from the enterprise's side.
    #[must_use]
    pub const fn direction(&self) -> Direction {
        self.claims.data().direction
    }

    /// The name by which the agent goes.
    #[must_use]
    pub const fn agent_name(&self) -> &ShortText {
        &self.claims.data().agent_name
    }

    /// For which merchant account; [`transaction`](Self::transaction) has the merchant's name.
    #[must_use]
    pub const fn merchant(&self) -> &MerchantId {
        &self.claims.data().merchant
    }

    /// What is to be paid: amount, currency, merchant, reference.
    #[must_use]
    pub const fn transaction(&self) -> &Transaction {
        &self.claims.data().transaction
    }

    /// Until when the card will be kept for further payments to the same merchant, if it will.
    #[must_use]
    pub const fn keeps_card_until(&self) -> Option<Timestamp> {
        self.claims.data().keep_card_until
    }

    /// Until when the customer may pay.
    #[must_use]
    pub const fn until(&self) -> Timestamp {
        self.claims.expires_at()
    }

    /// Until when the customer may authenticate to the card's issuer (3-D Secure) if they pay at the last moment. `None`:
    /// they will not be asked to.
    #[must_use]
    pub const fn authenticate_until(&self) -> Option<Timestamp> {
        self.claims.data().authenticate_until
    }

    /// The customer pays with `card`, which is sealed for the vault and this request alone, as the first
    /// attempt. Send the result to the vault, with the token, and the very same one again if the answer is lost: another
    /// one counts as another card and is refused. Drop it once the vault has said how the payment ended: until the key's
    /// time is over, whoever has stolen the vault's keys could open it.
    ///
    /// # Errors
    ///
    /// [`SealError::Random`]; [`SealError::Key`] cannot happen with a genuine request.
    pub fn seal(
        &self,
        card: &Card,
        random: &(impl Random + ?Sized),
    ) -> Result<SealedCard, SealError> {
        card.seal(&self.key, &self.token, Attempt::FIRST, random)
    }

    /// The customer pays once more after a decline that may be tried again: they have typed the code again, the number
    /// is the same, and `attempt` is the one that the vault waits for. Drop what was sealed before.
    ///
    /// # Errors
    ///
    /// [`SealError::Attempt`] for the first attempt; otherwise as [`seal`](Self::seal).
    pub fn seal_again(
        &self,
        card: &Card,
        attempt: Attempt,
        random: &(impl Random + ?Sized),
    ) -> Result<SealedCard, SealError> {
        if attempt.is_first() {
            return Err(SealError::Attempt);
        }
        card.seal(&self.key, &self.token, attempt, random)
    }
}
