//! What the vault keeps of a payment, how it is encoded, and what may be seen of it.

use crate::card::CardToken;
use crate::codec::table::record;
use crate::engine::rule::{Context, State};
use crate::history::event::Subject;
use crate::observer::View;
use crate::payment::outcome::{ChargeOutcome, DeclineReason};
use crate::payment::token::ReceiptData;
use crate::policy::Policy;
use crate::record::kind::Kind;
use crate::token::TokenId;
use crate::values::card_number::{Brand, LastFour};
use crate::values::id::{CustomerId, MerchantId, PaymentId};
use crate::values::time::Timestamp;
use crate::values::transaction::Transaction;
use crate::vault::charge::act::{Act, FollowUp};
use crate::vault::charge::view::{Charge, ChargeStatus};
use crate::vault::stored_card::Serves;

/// What is paid, by whom, and with which card. No part of a card stands here but scheme and last four
/// digits.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) customer: CustomerId,
    pub(crate) merchant: MerchantId,
    pub(crate) transaction: Transaction,
    /// The id of the request's token.
    pub(crate) request: TokenId,
    pub(crate) requested_at: Timestamp,
    /// Until when the customer may pay.
    pub(crate) until: Timestamp,
    /// Tells a repeated card from another one.
    pub(crate) digest: [u8; 32],
    pub(crate) brand: Brand,
    pub(crate) last_four: LastFour,
    /// What will stand for the card once the payment is authorised.
    pub(crate) card_token: CardToken,
    /// Until when the token may be used.
    pub(crate) token_until: Timestamp,
    pub(crate) serves: Serves,
}

/// A payment as it is sealed in the vault's record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ChargeState {
    pub(crate) terms: Terms,
    /// How often the acquirer was asked to authorise.
    pub(crate) attempt: u32,
    /// When it was asked last.
    pub(crate) since: Timestamp,
    /// `None`: the acquirer is being asked, or the process that asked it died.
    pub(crate) outcome: Option<ChargeOutcome>,
    /// When the outcome became known.
    pub(crate) ended: Timestamp,
    /// Whether the enterprise is known to have settled the receipt of this outcome.
    pub(crate) acknowledged: bool,
    /// What the acquirer was asked to do with it since.
    pub(crate) follow_ups: Vec<FollowUp>,
}

/// What it means if the acquirer does not find a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfound {
    NotCharged,
    /// It may still be on its way.
    InDoubt,
}

impl Unfound {
    pub(crate) const fn outcome(self) -> ChargeOutcome {
        match self {
            Self::NotCharged => ChargeOutcome::Declined(DeclineReason::NotCharged),
            Self::InDoubt => ChargeOutcome::Unresolved,
        }
    }
}

impl ChargeState {
    pub(crate) fn copy(&self) -> Self {
        let terms = &self.terms;
        Self {
            terms: Terms {
                customer: terms.customer.clone(),
                merchant: terms.merchant.clone(),
                transaction: terms.transaction.clone(),
                request: terms.request,
                requested_at: terms.requested_at,
                until: terms.until,
                digest: terms.digest,
                brand: terms.brand,
                last_four: terms.last_four,
                card_token: terms.card_token.copy(),
                token_until: terms.token_until,
                serves: terms.serves,
            },
            attempt: self.attempt,
            since: self.since,
            outcome: self.outcome.clone(),
            ended: self.ended,
            acknowledged: self.acknowledged,
            follow_ups: self.follow_ups.clone(),
        }
    }

    /// What it means at `now` if the acquirer does not find it: whether by then it has surely done what it was
    /// asked last, or never will. What was noted before `lost` may be lost: it may have been asked once more until then.
    pub(crate) fn unfound(
        &self,
        policy: &Policy,
        now: Timestamp,
        lost: Option<Timestamp>,
    ) -> Unfound {
        let since = lost.map_or(self.since, |lost| lost.max(self.since));
        let over = since.after(policy.payments.authorise_within).after(policy.leeway);
        if over <= now { Unfound::NotCharged } else { Unfound::InDoubt }
    }

    /// Whether nobody can change it any more or needs to hear of it: its request is over, it is known how it ended, and the
    /// enterprise has settled that.
    pub(crate) fn is_over(&self, policy: &Policy, now: Timestamp) -> bool {
        let repeatable = self.terms.until.after(policy.leeway);
        let late = repeatable.after(policy.payments.authorise_within);
        let ends = if self.is_inferred() { late } else { repeatable };
        self.is_final() && self.acknowledged && ends <= now
    }

    /// That nothing was charged is only inferred: the acquirer did not find it.
    pub(crate) const fn is_inferred(&self) -> bool {
        matches!(self.outcome, Some(ChargeOutcome::Declined(DeclineReason::NotCharged)))
    }

    pub(crate) const fn is_authorised(&self) -> bool {
        matches!(self.outcome, Some(ChargeOutcome::Authorised { .. }))
    }

    pub(crate) const fn is_final(&self) -> bool {
        matches!(self.outcome, Some(ChargeOutcome::Authorised { .. } | ChargeOutcome::Declined(_)))
    }

    /// What the receipt says.
    pub(crate) fn said(&self, payment: PaymentId) -> ReceiptData {
        ReceiptData {
            payment,
            request: self.terms.request,
            requested_at: self.terms.requested_at,
            merchant: self.terms.merchant.clone(),
            transaction: self.terms.transaction.clone(),
            brand: self.terms.brand,
            last_four: self.terms.last_four,
            outcome: self.outcome.clone().unwrap_or(ChargeOutcome::Unresolved),
        }
    }

    /// Whether `receipt` is one of this payment, which has the id `id`, whatever it says of how that ended. If rows
    /// were lost, another request's payment may stand in the place of the one that it is of.
    pub(crate) fn is_of(&self, id: [u8; 16], receipt: &ReceiptData) -> bool {
        let said = ReceiptData { outcome: receipt.outcome.clone(), ..self.said(PaymentId(id)) };
        said == *receipt
    }

    const fn status(&self) -> ChargeStatus {
        match self.outcome {
            None => ChargeStatus::Authorising,
            Some(ChargeOutcome::Authorised { .. }) => ChargeStatus::Authorised,
            Some(ChargeOutcome::Declined(_)) => ChargeStatus::Declined,
            Some(ChargeOutcome::Unresolved) => ChargeStatus::Unresolved,
        }
    }
}

impl State for ChargeState {
    const KIND: Kind = Kind::Charge;

    fn retain_until(&self, policy: &Policy) -> Timestamp {
        self.terms.until.after(policy.leeway).after(policy.retention)
    }

    const LISTED: bool = false;

    /// Until it has ended and the enterprise knows how, and for as long as that is only inferred.
    fn live_until(&self, _: &Policy) -> Timestamp {
        let settled = self.acknowledged && self.is_final() && !self.is_inferred();
        if settled { Timestamp::EPOCH } else { Timestamp::MAX }
    }

    fn subject(id: [u8; 16]) -> Subject {
        Subject::Charge(PaymentId(id))
    }

    fn view(&self, cx: &Context<'_>) -> View {
        View::Charge(Charge {
            payment: PaymentId(cx.id),
            merchant: self.terms.merchant.clone(),
            transaction: self.terms.transaction.clone(),
            status: self.status(),
            brand: self.terms.brand,
            last_four: self.terms.last_four,
            captured: self.sum(Act::Capture),
            voided: self.sum(Act::Void),
            refunded: self.sum(Act::Refund),
        })
    }
}

record! {
    ChargeState {
        0 => terms,
        1 => attempt,
        2 => since,
        3 => outcome,
        4 => ended,
        5 unless false => acknowledged,
        6 unless Vec::new() => follow_ups,
    }
}

record! {
    Terms {
        0 => customer,
        1 => merchant,
        2 => transaction,
        3 => request,
        4 => requested_at,
        5 => until,
        6 => digest,
        7 => brand,
        8 => last_four,
        9 => card_token,
        10 => token_until,
        11 => serves,
    }
}
