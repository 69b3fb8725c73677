//! What the enterprise keeps of a payment, how it is encoded, and what may be seen of it.

use core::time::Duration;

use crate::card::CardToken;
use crate::codec::cbor::Malformed;
use crate::codec::table::record;
use crate::engine::rule::{Context, State};
use crate::history::event::Subject;
use crate::observer::View;
use crate::payment::opening_key::SignedSealingKey;
use crate::payment::outcome::ChargeOutcome;
use crate::payment::token::{PaymentRequestData, ReceiptData};
use crate::payment::totals::{FundsReturned, Totals};
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

/// Within which time after its end a sweep of the vault brings a payment's receipt, if there is one.
const RECEIPT_WITHIN: Duration = Duration::from_secs(24 * 3600);

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
    /// The vault's key, as the vault signed it.
    pub(crate) opening_key: SignedSealingKey,
    /// Until when the customer may authenticate, if they may be asked to.
    pub(crate) authenticate_until: Option<Timestamp>,
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
            opening_key: self.opening_key.clone(),
            authenticate_until: self.authenticate_until,
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
            && self.authenticate_until.is_some() == other.authenticate_until.is_some()
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
    pub(crate) totals: Totals,
    /// The receipt's count.
    pub(crate) count: u64,
}

impl Settled {
    pub(crate) fn by(said: &ReceiptData) -> Self {
        Self {
            outcome: said.outcome.clone(),
            brand: said.brand,
            last_four: said.last_four,
            totals: said.totals,
            count: said.count,
        }
    }

    /// Whether `said` is of this authorisation, whatever was done with the money since.
    pub(crate) fn is_of_card(&self, said: &ReceiptData) -> bool {
        let names = |outcome: &ChargeOutcome| match outcome {
            ChargeOutcome::Authorised { authorisation_code, transaction_id, .. } => {
                Some((authorisation_code.clone(), transaction_id.clone()))
            }
            _ => None,
        };
        names(&self.outcome) == names(&said.outcome)
            && (self.brand, self.last_four) == (said.brand, said.last_four)
    }

    /// Whether `said` is to stand in the place of this. An authorisation is never taken back, nor is a decline for good by
    /// anything else: a vault whose store was restored counts anew. Of what weighs the same, the newer stands.
    pub(crate) fn gives_way_to(&self, said: &ReceiptData) -> bool {
        let (new, old) = (said.outcome.weight(), self.outcome.weight());
        new > old || new == old && said.count > self.count
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
        let until = self.terms.until;
        // A customer who pays at the last moment may authenticate after it.
        let until = self.terms.authenticate_until.map_or(until, |late| late.max(until));
        until.after(policy.payments.authorise_within).after(policy.leeway)
    }

    /// Whether nothing can come of it any more. Of a request that ran out, a receipt may still be on its way.
    pub(crate) fn is_over(&self, policy: &Policy, now: Timestamp) -> bool {
        match self.settled.as_ref().map(|settled| &settled.outcome) {
            Some(ChargeOutcome::Authorised { .. } | ChargeOutcome::Declined(_)) => true,
            Some(ChargeOutcome::Unresolved | ChargeOutcome::Authenticating) => false,
            // Another receipt follows if the customer tried once more.
            Some(ChargeOutcome::SoftDeclined(_)) | None => {
                self.over_at(policy).after(RECEIPT_WITHIN) <= now
            }
        }
    }

    pub(crate) fn status(&self, cx: &Context<'_>) -> PaymentStatus {
        let Some(settled) = &self.settled else {
            // A card that was given at the last moment by the vault's clock may still be on its way.
            let over = cx.now.has_reached(self.over_at(cx.policy));
            return if over { PaymentStatus::Expired } else { PaymentStatus::Requested };
        };
        match settled.outcome {
            ChargeOutcome::Authorised { amount, .. } => match settled.totals.given_back(amount) {
                None => PaymentStatus::Authorised,
                Some(FundsReturned::Voided) => PaymentStatus::Voided,
                Some(FundsReturned::Refunded) => PaymentStatus::Refunded,
                Some(FundsReturned::ChargedBack) => PaymentStatus::ChargedBack,
            },
            ChargeOutcome::Declined(_) => PaymentStatus::Declined,
            ChargeOutcome::SoftDeclined(_) if self.may_try_again(cx) => PaymentStatus::SoftDeclined,
            ChargeOutcome::SoftDeclined(_) => PaymentStatus::Declined,
            ChargeOutcome::Authenticating => PaymentStatus::Authenticating,
            ChargeOutcome::Unresolved => PaymentStatus::Unresolved,
        }
    }

    /// Whether the customer may still try once more, or have done so.
    fn may_try_again(&self, cx: &Context<'_>) -> bool {
        !cx.now.has_reached(self.over_at(cx.policy))
    }

    pub(crate) fn outcome(&self, cx: &Context<'_>) -> PaymentOutcome {
        let Some(Settled { outcome, brand, last_four, totals, .. }) = &self.settled else {
            let expired = self.status(cx) == PaymentStatus::Expired;
            return if expired { PaymentOutcome::Expired } else { PaymentOutcome::Waiting };
        };
        let (brand, last_four, totals) = (*brand, *last_four, *totals);
        match outcome.clone() {
            ChargeOutcome::Authorised { authorisation_code, transaction_id, amount } => {
                match totals.given_back(amount) {
                    Some(how) => PaymentOutcome::Returned {
                        how,
                        transaction_id,
                        brand,
                        last_four,
                        amount,
                        totals,
                    },
                    None => PaymentOutcome::Authorised {
                        authorisation_code,
                        transaction_id,
                        brand,
                        last_four,
                        amount,
                        totals,
                    },
                }
            }
            ChargeOutcome::Declined(reason) => PaymentOutcome::Declined(reason),
            ChargeOutcome::SoftDeclined(reason) if self.may_try_again(cx) => {
                PaymentOutcome::SoftDeclined(reason)
            }
            ChargeOutcome::SoftDeclined(reason) => PaymentOutcome::Declined(reason),
            ChargeOutcome::Authenticating => PaymentOutcome::Authenticating,
            ChargeOutcome::Unresolved => PaymentOutcome::Unresolved,
        }
    }

    pub(crate) fn payment(&self, cx: &Context<'_>) -> Payment {
        let settled = self.settled.as_ref();
        Payment {
            id: PaymentId(cx.id),
            merchant: self.terms.merchant.clone(),
            transaction: self.terms.transaction.clone(),
            status: self.status(cx),
            requested_at: self.terms.at,
            until: self.terms.until,
            brand: settled.map(|settled| settled.brand),
            last_four: settled.map(|settled| settled.last_four),
            authorised: settled.and_then(|settled| match settled.outcome {
                ChargeOutcome::Authorised { amount, .. } => Some(amount),
                _ => None,
            }),
            totals: settled.map_or_else(Totals::default, |settled| settled.totals),
        }
    }
}

impl State for PaymentState {
    const KIND: Kind = Kind::Payment;

    fn retain_until(&self, policy: &Policy) -> Timestamp {
        self.terms.until.after(policy.leeway).after(policy.retention)
    }

    /// Until it is known how it ended.
    fn live_until(&self, policy: &Policy) -> Timestamp {
        match self.settled.as_ref().map(|settled| &settled.outcome) {
            None | Some(ChargeOutcome::SoftDeclined(_)) => self.over_at(policy),
            Some(ChargeOutcome::Unresolved | ChargeOutcome::Authenticating) => Timestamp::MAX,
            Some(ChargeOutcome::Authorised { .. } | ChargeOutcome::Declined(_)) => Timestamp::EPOCH,
        }
    }

    fn subject(id: [u8; 16]) -> Subject {
        Subject::Payment(PaymentId(id))
    }

    fn view(&self, cx: &Context<'_>) -> View {
        View::Payment(self.payment(cx))
    }
}

record! {
    PaymentState as state {
        let settled = state.settled.as_ref();
        0 => terms,
        1 => outcome: Option<ChargeOutcome> = settled.map(|settled| &settled.outcome),
        2 => brand: Option<Brand> = settled.map(|settled| settled.brand),
        3 => last_four: Option<LastFour> = settled.map(|settled| settled.last_four),
        4 => card_token,
        5 unless Totals::default() => totals: Totals =
            settled.map_or_else(Totals::default, |settled| settled.totals),
        6 unless 0 => count: u64 = settled.map_or(0, |settled| settled.count),
    } {
        let settled = match (outcome, brand, last_four) {
            (Some(outcome), Some(brand), Some(last_four)) => {
                Some(Settled { outcome, brand, last_four, totals, count })
            }
            (Some(_), ..) => return Err(Malformed),
            (None, ..) => None,
        };
        Ok(Self { terms, settled, card_token })
    }
}

record! {
    Terms {
        0 => interaction,
        1 => agent,
        2 => direction,
        3 => agent_name,
        4 => merchant,
        5 => transaction,
        6 => keep_card_for,
        8 => nonce,
        9 => at,
        10 => until,
        11 => opening_key,
        12 => authenticate_until,
    }
}
