//! What came of a payment: the receipt, what stands for the card, and what the device is to do next.

use serde::{Deserialize, Serialize};

use crate::card::{Attempt, CardToken, StoredCard};
use crate::codec::cbor as body;
use crate::crypto::pae;
use crate::engine::RecordRef;
use crate::error::Error;
use crate::payment::request::Receipt;
use crate::payment::token::MAX_RECEIPT_LIFETIME;
use crate::token::TokenId;
use crate::values::id::PaymentId;
use crate::values::secret::silent_serde;
use crate::vault::acquirer::AuthenticationChallenge;
use crate::vault::acquirer::raw::RawId;
use crate::vault::charge::state::ChargeState;
use crate::vault::charge::under_way::UnderWay;
use crate::vault::given::Given;
use crate::vault::{Binding, Vault};

/// What came of a payment.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Paid {
    /// For the enterprise, which [applies](crate::payment::Payments::apply_receipt) it, and for whoever may see it.
    pub receipt: Receipt,
    /// What stands for the card from now on, if the payment was authorised: for the enterprise's back end
    /// alone. (If the card itself could not be kept, because the process that charged it died and the
    /// device never repeated its call, there is none.)
    pub card_token: Option<CardToken>,
    /// What the customer's device is to do next, if anything: for that device alone.
    pub next: Option<Next>,
}

/// What the customer's device is to do before a payment can be charged.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
#[non_exhaustive]
pub enum Next {
    /// Have the customer authenticate, and then call [`Vault::resume`] with the same sealed card.
    Authenticate(AuthenticationChallenge),
    /// The card was declined, and the customer may try once more, or give up: have them type the code again, seal the same
    /// card as the attempt of this number, and call [`Vault::pay`] with that. Drop the card that was sealed before.
    SealAgain {
        /// The number, for [`VerifiedPayment::seal_again`](crate::device::VerifiedPayment::seal_again).
        attempt: Attempt,
    },
}

silent_serde!(Next: "what a device is to do next");

impl Vault {
    /// The token if the card is kept or can be kept now, and the receipt. In this order: what signs may fail, and
    /// this may be the last time that there is a card to keep.
    pub(super) async fn paid(
        &self,
        of: &RecordRef<'_, ChargeState>,
        charge: ChargeState,
        card: Option<StoredCard>,
    ) -> Result<Paid, Error> {
        let kept = charge.is_authorised() && self.keep(&charge, card).await?;
        self.given(of, charge, kept).await
    }

    async fn given(
        &self,
        of: &RecordRef<'_, ChargeState>,
        charge: ChargeState,
        kept: bool,
    ) -> Result<Paid, Error> {
        let receipt = self.signed(of, &charge).await?;
        let engine = &self.0.engine;
        let again = charge.takes_another_attempt(&engine.policy, engine.clock.now()?);
        let next = match charge.under_way {
            Some(UnderWay::Authenticating { challenge, .. }) => Some(Next::Authenticate(challenge)),
            _ if again => charge.attempt.next().map(|attempt| Next::SealAgain { attempt }),
            _ => None,
        };
        Ok(Paid { receipt, card_token: kept.then_some(charge.terms.card_token), next })
    }

    /// The same for one that had ended before: the card is opened only if it was not kept then.
    pub(super) async fn paid_before(
        &self,
        of: &RecordRef<'_, ChargeState>,
        charge: ChargeState,
        given: &Given<'_>,
        opened: Option<StoredCard>,
    ) -> Result<Paid, Error> {
        let terms = &charge.terms;
        let binding = Binding::new(terms.customer.clone(), terms.merchant.clone());
        let kept = if !charge.is_authorised() {
            false
        } else if self.is_kept(&terms.card_token, &binding).await? {
            true
        } else {
            let card = opened.or_else(|| given.open().ok().map(|card| StoredCard::of(&card)));
            self.keep(&charge, card).await?
        };
        self.given(of, charge, kept).await
    }

    /// Whether the card is kept, now or already.
    async fn keep(&self, charge: &ChargeState, card: Option<StoredCard>) -> Result<bool, Error> {
        let terms = &charge.terms;
        let binding = Binding::new(terms.customer.clone(), terms.merchant.clone());
        let (token, serves, until) = (&terms.card_token, terms.serves, terms.token_until);
        match card {
            Some(card) => {
                let named = charge.details.network_transaction_id.as_ref().map(RawId::expose);
                let card = card.known_by(named);
                self.keep_card(token, &binding, &card, serves, until).await
            }
            None => self.is_kept(token, &binding).await,
        }
    }

    /// The receipt for what is known now: the same as long as that is the same.
    pub(super) async fn signed(
        &self,
        of: &RecordRef<'_, ChargeState>,
        charge: &ChargeState,
    ) -> Result<Receipt, Error> {
        let engine = &self.0.engine;
        let said = charge.said(PaymentId(of.place.id));
        let id = pae::sha256(&[
            b"countersign receipt id v1",
            charge.terms.request.as_bytes(),
            &charge.ended.unix().to_be_bytes(),
            &said.count.to_be_bytes(),
            &body::to_vec(&said.outcome),
            &body::to_vec(&said.totals),
        ]);
        // Not much later than it can have ended, though this machine's clock was ahead for a moment: the
        // enterprise takes no receipt from the future.
        let latest = charge.terms.until.after(engine.policy.payments.authorise_within);
        let (id, from) = (TokenId::from_bytes(pae::first(&id)), charge.ended.min(latest));
        let valid_for = engine.policy.retention.min(MAX_RECEIPT_LIFETIME);
        let customer = &charge.terms.customer;
        let signing = &self.0.signing;
        let token = engine.sign(signing, customer, id, from, valid_for, said.clone()).await?;
        Ok(Receipt { said, token })
    }
}
