//! What the enterprise keeps of a payment, how it is encoded, and what may be seen of it.

use core::convert::Infallible;

use minicbor::encode::Write;

use crate::card::{CardToken, SealingKey};
use crate::codec::cbor::{Encode, In, Malformed, Out};
use crate::engine::frame::{Context, State};
use crate::history::event::Subject;
use crate::observer::View;
use crate::payment::outcome::ChargeOutcome;
use crate::payment::token::{PaymentRequestData, ReceiptData};
use crate::payment::view::{Payment, PaymentOutcome, PaymentStatus};
use crate::policy::Policy;
use crate::record::kind::Kind;
use crate::token::TokenId;
use crate::values::card_number::{Brand, LastFour};
use crate::values::id::{AgentId, InteractionId, MerchantId, PaymentId};
use crate::values::interaction::Direction;
use crate::values::text::ShortText;
use crate::values::time::Timestamp;
use crate::values::transaction::Transaction;

/// What was asked for, by whom and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) interaction: InteractionId,
    pub(crate) agent: AgentId,
    pub(crate) direction: Direction,
    pub(crate) agent_name: ShortText,
    pub(crate) merchant: MerchantId,
    pub(crate) transaction: Transaction,
    /// For how many seconds the card may be kept after the request.
    pub(crate) keep_card_for: Option<u64>,
    pub(crate) sealing_key: SealingKey,
    pub(crate) nonce: TokenId,
    pub(crate) at: Timestamp,
    pub(crate) until: Timestamp,
}

impl Terms {
    /// What the token says.
    pub(crate) fn data(&self, id: [u8; 16]) -> PaymentRequestData {
        let kept = |seconds| self.at.after(core::time::Duration::from_secs(seconds));
        PaymentRequestData {
            payment: PaymentId(id),
            interaction: self.interaction.clone(),
            direction: self.direction,
            agent_name: self.agent_name.clone(),
            merchant: self.merchant.clone(),
            transaction: self.transaction.clone(),
            sealing_key: self.sealing_key,
            keep_card_until: self.keep_card_for.map(kept),
        }
    }

    /// Whether `other` asks for the same; what each draws for itself, and the vault's key of the hour,
    /// may differ.
    pub(crate) fn asks_for_same(&self, other: &Self) -> bool {
        self.interaction == other.interaction
            && self.agent == other.agent
            && self.direction == other.direction
            && self.agent_name == other.agent_name
            && self.merchant == other.merchant
            && self.transaction == other.transaction
            && self.keep_card_for == other.keep_card_for
    }

    /// Whether the vault says `said` of this very request.
    pub(crate) fn are_of(&self, said: &ReceiptData) -> bool {
        said.request == self.nonce
            && said.requested_at == self.at
            && said.merchant == self.merchant
            && said.transaction == self.transaction
    }
}

/// What the receipt said that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settled {
    pub(crate) outcome: ChargeOutcome,
    pub(crate) brand: Brand,
    pub(crate) last_four: LastFour,
}

impl Settled {
    pub(crate) fn by(said: &ReceiptData) -> Self {
        let outcome = said.outcome.clone();
        Self { outcome, brand: said.brand, last_four: said.last_four }
    }
}

/// A payment as it is sealed in the enterprise's record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PaymentState {
    pub(crate) terms: Terms,
    pub(crate) settled: Option<Settled>,
    pub(crate) card_token: Option<CardToken>,
}

impl PaymentState {
    fn over_at(&self, policy: &Policy) -> Timestamp {
        self.terms.until.after(policy.payments.authorise_within).after(policy.leeway)
    }

    pub(crate) fn status(&self, cx: &Context<'_>) -> PaymentStatus {
        match self.settled.as_ref().map(|settled| &settled.outcome) {
            Some(ChargeOutcome::Authorised { .. }) => PaymentStatus::Authorised,
            Some(ChargeOutcome::Declined(_)) => PaymentStatus::Declined,
            Some(ChargeOutcome::Unresolved) => PaymentStatus::Unresolved,
            // A card that was given at the last moment by the vault's clock may still be on its way.
            None if self.over_at(cx.policy) <= cx.now => PaymentStatus::Expired,
            None => PaymentStatus::Requested,
        }
    }

    pub(crate) fn outcome(&self, cx: &Context<'_>) -> PaymentOutcome {
        match &self.settled {
            Some(Settled { outcome, brand, last_four }) => match outcome {
                ChargeOutcome::Authorised { authorisation_code, transaction_id } => {
                    PaymentOutcome::Authorised {
                        authorisation_code: authorisation_code.clone(),
                        transaction_id: transaction_id.clone(),
                        brand: *brand,
                        last_four: *last_four,
                    }
                }
                ChargeOutcome::Declined(reason) => PaymentOutcome::Declined(*reason),
                ChargeOutcome::Unresolved => PaymentOutcome::Unresolved,
            },
            None if self.status(cx) == PaymentStatus::Expired => PaymentOutcome::Expired,
            None => PaymentOutcome::Waiting,
        }
    }

    pub(crate) fn payment(&self, cx: &Context<'_>) -> Payment {
        Payment {
            id: PaymentId(cx.id),
            merchant: self.terms.merchant.clone(),
            transaction: self.terms.transaction.clone(),
            status: self.status(cx),
            until: self.terms.until,
            brand: self.settled.as_ref().map(|settled| settled.brand),
            last_four: self.settled.as_ref().map(|settled| settled.last_four),
        }
    }
}

impl State for PaymentState {
    const KIND: Kind = Kind::Payment;

    fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        let (mut terms, mut outcome, mut brand) = (None, None, None);
        let (mut last_four, mut card_token) = (None, None);
        from.map(|key, from| {
            match key {
                0 => terms = Some(Terms::decode(from)?),
                1 => outcome = Some(ChargeOutcome::decode(from)?),
                2 => brand = Brand::from_number(from.u8()?),
                3 => last_four = Some(from.parsed()?),
                4 => card_token = Some(from.parsed()?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let settled = match outcome {
            Some(outcome) => Some(Settled {
                outcome,
                brand: brand.ok_or(Malformed)?,
                last_four: last_four.ok_or(Malformed)?,
            }),
            None => None,
        };
        Ok(Self { terms: terms.ok_or(Malformed)?, settled, card_token })
    }

    fn retain_until(&self, policy: &Policy) -> Timestamp {
        self.terms.until.after(policy.leeway).after(policy.retention)
    }

    fn subject(id: [u8; 16]) -> Subject {
        Subject::Payment(PaymentId(id))
    }

    fn view(&self, cx: &Context<'_>) -> View {
        View::Payment(self.payment(cx))
    }
}

impl Encode for PaymentState {
    fn encode<W: Write<Error = Infallible>>(&self, to: &mut Out<W>) {
        let settled = self.settled.is_some();
        to.map_with(1, [settled, settled, settled, self.card_token.is_some()]);
        to.entry(0, |to| self.terms.encode(to));
        if let Some(Settled { outcome, brand, last_four }) = &self.settled {
            to.entry(1, |to| outcome.encode(to));
            to.entry(2, |to| to.u64(brand.number().into()));
            to.entry(3, |to| to.str(last_four.as_str()));
        }
        if let Some(token) = &self.card_token {
            to.entry(4, |to| to.str(token.expose()));
        }
    }
}

impl Terms {
    fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        let (mut interaction, mut agent, mut direction, mut agent_name) = (None, None, None, None);
        let (mut merchant, mut transaction, mut keep_card_for) = (None, None, None);
        let (mut sealing_key, mut nonce, mut at, mut until) = (None, None, None, None);
        from.map(|key, from| {
            match key {
                0 => interaction = Some(from.parsed()?),
                1 => agent = Some(from.parsed()?),
                2 => direction = Direction::from_number(from.u8()?),
                3 => agent_name = Some(from.read(ShortText::kept)?),
                4 => merchant = Some(from.parsed()?),
                5 => transaction = Some(Transaction::decode(from)?),
                6 => keep_card_for = Some(from.u64()?),
                7 => {
                    let key = SealingKey::from_bytes(&from.array_of()?);
                    sealing_key = Some(key.map_err(|_| Malformed)?);
                }
                8 => nonce = Some(TokenId::from_bytes(from.array_of()?)),
                9 => at = Some(Timestamp::from_unix(from.u64()?)),
                10 => until = Some(Timestamp::from_unix(from.u64()?)),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self {
            interaction: interaction.ok_or(Malformed)?,
            agent: agent.ok_or(Malformed)?,
            direction: direction.ok_or(Malformed)?,
            agent_name: agent_name.ok_or(Malformed)?,
            merchant: merchant.ok_or(Malformed)?,
            transaction: transaction.ok_or(Malformed)?,
            keep_card_for,
            sealing_key: sealing_key.ok_or(Malformed)?,
            nonce: nonce.ok_or(Malformed)?,
            at: at.ok_or(Malformed)?,
            until: until.ok_or(Malformed)?,
        })
    }
}

impl Encode for Terms {
    fn encode<W: Write<Error = Infallible>>(&self, to: &mut Out<W>) {
        to.map_with(10, [self.keep_card_for.is_some()]);
        to.entry(0, |to| to.str(self.interaction.as_str()));
        to.entry(1, |to| to.str(self.agent.as_str()));
        to.entry(2, |to| to.u64(self.direction.number().into()));
        to.entry(3, |to| to.str(self.agent_name.as_str()));
        to.entry(4, |to| to.str(self.merchant.as_str()));
        to.entry(5, |to| self.transaction.encode(to));
        if let Some(seconds) = self.keep_card_for {
            to.entry(6, |to| to.u64(seconds));
        }
        to.entry(7, |to| to.bytes(self.sealing_key.as_bytes()));
        to.entry(8, |to| to.bytes(self.nonce.as_bytes()));
        to.entry(9, |to| to.u64(self.at.unix()));
        to.entry(10, |to| to.u64(self.until.unix()));
    }
}
