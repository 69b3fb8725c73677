//! What the vault keeps of a payment, how it is encoded, and what may be seen of it.

use core::convert::Infallible;

use minicbor::encode::Write;

use crate::card::CardToken;
use crate::codec::cbor::{Encode, In, Malformed, Out};
use crate::engine::frame::{Context, State};
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
    /// Whether the token serves once.
    pub(crate) once: bool,
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
                once: terms.once,
            },
            attempt: self.attempt,
            since: self.since,
            outcome: self.outcome.clone(),
            ended: self.ended,
            acknowledged: self.acknowledged,
            follow_ups: self.follow_ups.clone(),
        }
    }

    /// Whether by `now` the acquirer has surely done what it was asked last, or never will.
    pub(crate) fn is_over(&self, policy: &Policy, now: Timestamp) -> bool {
        self.since.after(policy.payments.authorise_within).after(policy.leeway) <= now
    }

    /// That nothing was charged is only inferred: the acquirer did not find it.
    pub(crate) const fn is_inferred(&self) -> bool {
        matches!(self.outcome, Some(ChargeOutcome::Declined(DeclineReason::NotCharged)))
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

    fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        let (mut terms, mut attempt, mut since, mut outcome) = (None, None, None, None);
        let (mut ended, mut acknowledged, mut follow_ups) = (None, false, Vec::new());
        from.map(|key, from| {
            match key {
                0 => terms = Some(Terms::decode(from)?),
                1 => attempt = Some(from.u32()?),
                2 => since = Some(Timestamp::from_unix(from.u64()?)),
                3 => outcome = Some(ChargeOutcome::decode(from)?),
                4 => ended = Some(Timestamp::from_unix(from.u64()?)),
                5 => acknowledged = from.bool()?,
                6 => follow_ups = from.list(FollowUp::decode)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self {
            terms: terms.ok_or(Malformed)?,
            attempt: attempt.ok_or(Malformed)?,
            since: since.ok_or(Malformed)?,
            outcome,
            ended: ended.ok_or(Malformed)?,
            acknowledged,
            follow_ups,
        })
    }

    fn retain_until(&self, policy: &Policy) -> Timestamp {
        self.terms.until.after(policy.leeway).after(policy.retention)
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

impl Encode for ChargeState {
    fn encode<W: Write<Error = Infallible>>(&self, to: &mut Out<W>) {
        let optional = [self.outcome.is_some(), self.acknowledged, !self.follow_ups.is_empty()];
        to.map_with(4, optional);
        to.entry(0, |to| self.terms.encode(to));
        to.entry(1, |to| to.u64(self.attempt.into()));
        to.entry(2, |to| to.u64(self.since.unix()));
        if let Some(outcome) = &self.outcome {
            to.entry(3, |to| outcome.encode(to));
        }
        to.entry(4, |to| to.u64(self.ended.unix()));
        if self.acknowledged {
            to.entry(5, |to| to.bool(true));
        }
        if !self.follow_ups.is_empty() {
            to.entry(6, |to| to.list(self.follow_ups.iter(), |to, one| one.encode(to)));
        }
    }
}

impl Terms {
    fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        let (mut customer, mut merchant, mut transaction) = (None, None, None);
        let (mut request, mut requested_at, mut until, mut digest) = (None, None, None, None);
        let (mut brand, mut last_four, mut card_token) = (None, None, None);
        let (mut token_until, mut once) = (None, None);
        from.map(|key, from| {
            match key {
                0 => customer = Some(from.parsed()?),
                1 => merchant = Some(from.parsed()?),
                2 => transaction = Some(Transaction::decode(from)?),
                3 => request = Some(TokenId::from_bytes(from.array_of()?)),
                4 => requested_at = Some(Timestamp::from_unix(from.u64()?)),
                5 => until = Some(Timestamp::from_unix(from.u64()?)),
                6 => digest = Some(from.array_of()?),
                7 => brand = Brand::from_number(from.u8()?),
                8 => last_four = Some(from.parsed()?),
                9 => card_token = Some(from.parsed()?),
                10 => token_until = Some(Timestamp::from_unix(from.u64()?)),
                11 => once = Some(from.bool()?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self {
            customer: customer.ok_or(Malformed)?,
            merchant: merchant.ok_or(Malformed)?,
            transaction: transaction.ok_or(Malformed)?,
            request: request.ok_or(Malformed)?,
            requested_at: requested_at.ok_or(Malformed)?,
            until: until.ok_or(Malformed)?,
            digest: digest.ok_or(Malformed)?,
            brand: brand.ok_or(Malformed)?,
            last_four: last_four.ok_or(Malformed)?,
            card_token: card_token.ok_or(Malformed)?,
            token_until: token_until.ok_or(Malformed)?,
            once: once.ok_or(Malformed)?,
        })
    }
}

impl Encode for Terms {
    fn encode<W: Write<Error = Infallible>>(&self, to: &mut Out<W>) {
        to.map(12);
        to.entry(0, |to| to.str(self.customer.as_str()));
        to.entry(1, |to| to.str(self.merchant.as_str()));
        to.entry(2, |to| self.transaction.encode(to));
        to.entry(3, |to| to.bytes(self.request.as_bytes()));
        to.entry(4, |to| to.u64(self.requested_at.unix()));
        to.entry(5, |to| to.u64(self.until.unix()));
        to.entry(6, |to| to.bytes(&self.digest));
        to.entry(7, |to| to.u64(self.brand.number().into()));
        to.entry(8, |to| to.str(self.last_four.as_str()));
        to.entry(9, |to| to.str(self.card_token.expose()));
        to.entry(10, |to| to.u64(self.token_until.unix()));
        to.entry(11, |to| to.bool(self.once));
    }
}
