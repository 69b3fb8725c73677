//! A payment on the customer's device: what is shown, and sealing the card.

use crate::card::{Attempt, Card, SealError, SealedCard};
use crate::crypto::random::Random;
use crate::device::Device;
use crate::payment::token::PaymentRequestData;
use crate::token::{Audience, Claims, TokenError, UntrustedToken};
use crate::values::id::{MerchantId, PaymentId};
use crate::values::interaction::Direction;
use crate::values::text::ShortText;
use crate::values::time::Timestamp;
use crate::values::transaction::Transaction;

/// A genuine payment request, for the app to show. Show [`headline`](Self::headline) first: it exposes a
/// stranger who rings the customer while an accomplice rings the enterprise.
#[derive(Debug)]
pub struct VerifiedPayment {
    token: Box<str>,
    claims: Claims<PaymentRequestData>,
}

impl Device {
    /// Verifies a payment request of the enterprise for this customer. What it returns is to be shown, all
    /// of it, before the card is asked for.
    ///
    /// # Errors
    ///
    /// [`TokenError`] if it is not genuine, not for this customer, or not valid now: show nothing of
    /// it, and ask for no card.
    pub fn open_payment(&self, token: &str, now: Timestamp) -> Result<VerifiedPayment, TokenError> {
        let audience = Audience::from(&self.customer);
        let verified = UntrustedToken::parse(token)?.verify::<PaymentRequestData>(
            &self.trusted,
            &audience,
            now,
            self.leeway,
        )?;
        Ok(VerifiedPayment { token: token.into(), claims: verified.into_claims() })
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

    /// The customer pays with `card`, which is sealed for the vault and this request alone, as the first
    /// attempt. Send the result to the vault, with the token, and the very same one again if the answer is lost:
    /// another one counts as another card and is refused.
    ///
    /// # Errors
    ///
    /// [`SealError::Random`]; [`SealError::Key`] cannot happen with a genuine request.
    pub fn seal(
        &self,
        card: &Card,
        random: &(impl Random + ?Sized),
    ) -> Result<SealedCard, SealError> {
        card.seal(&self.claims.data().sealing_key, &self.token, Attempt::FIRST, random)
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
        card.seal(&self.claims.data().sealing_key, &self.token, attempt, random)
    }
}
