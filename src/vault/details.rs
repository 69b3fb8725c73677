//! What the acquirer said of a payment besides how it ended, for the enterprise's back end.

use serde::Serialize;

use crate::engine::trace::call;
use crate::error::{Error, Invalid, Refused};
use crate::payment::reference::Reference;
use crate::payment::request::Receipt;
use crate::payment::totals::Totals;
use crate::values::id::{CustomerId, PaymentId};
use crate::values::time::Timestamp;
use crate::vault::Vault;
use crate::vault::acquirer::{AvsResult, CodeResult};
use crate::vault::charge::act::Act;
use crate::vault::charge::adjusted::AdjustmentKind;
use crate::vault::charge::state::ChargeState;

/// What the acquirer said of a payment, and what was done with it.
///
/// For the back end: a response code tells whether a card was reported stolen, which whoever is on the line must not hear.
/// It is not [`AgentSafe`](crate::AgentSafe).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ChargeDetails {
    /// The raw response code of the last answer.
    pub response_code: Option<Reference>,
    /// The scheme's id of the transaction, as far as it can be shown. To the letter it is kept
    /// [beside the card](crate::card::StoredCard::network_transaction_id).
    pub network_transaction_id: Option<Reference>,
    /// What the issuer says of the billing address.
    pub avs: Option<AvsResult>,
    /// What the issuer says of the verification code.
    pub code_result: Option<CodeResult>,
    /// The acquirer's id of it holds the card's number or code, or is too long, and was not kept.
    pub id_withheld: bool,
    /// How much more than it was asked for the acquirer says that it approved, in minor units. It is never captured; whether the
    /// acquirer holds it, a person has to ask.
    pub approved_beyond: Option<u64>,
    /// The acquirer may hold money beside what the payment came to, which is being given up: of another card that was sealed
    /// for the same request, or a part that it approved when the payment had ended. If it stays so, the acquirer takes
    /// neither reversals nor a void of it: a person has to ask it, and the back end calls
    /// [`resolve_payment`](crate::Vault::resolve_payment).
    pub held_beside: bool,
    /// What became of the money.
    pub totals: Totals,
    /// What the acquirer was asked to do with it, oldest first.
    pub acts: Vec<ActSeen>,
    /// What the acquirer has told that was done past the vault, oldest first.
    pub adjustments: Vec<AdjustmentSeen>,
}

impl ChargeDetails {
    fn of(charge: &ChargeState) -> Self {
        let details = &charge.details;
        let shown = charge.terms.last_four;
        let network_transaction_id = details.network_transaction_id.as_ref();
        let acts = charge.follow_ups.iter().map(|one| ActSeen {
            act: one.act,
            amount: one.amount,
            at: one.first,
            done: one.done.clone(),
        });
        let adjustments = charge.adjustments.iter().map(|one| AdjustmentSeen {
            kind: one.what,
            amount: one.amount,
            at: one.at,
            reference: one.reference.clone(),
        });
        Self {
            response_code: details.response_code.clone(),
            network_transaction_id: network_transaction_id
                .map(|id| Reference::of(id.expose(), shown)),
            avs: details.avs,
            code_result: details.code_result,
            id_withheld: details.withheld,
            approved_beyond: details.beyond,
            held_beside: !charge.beside.is_empty(),
            totals: charge.totals(),
            acts: acts.collect(),
            adjustments: adjustments.collect(),
        }
    }
}

/// One act on a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ActSeen {
    /// What.
    pub act: Act,
    /// Of how much, in minor units.
    pub amount: u64,
    /// When the acquirer was asked for it first.
    pub at: Timestamp,
    /// What the acquirer calls it. `None`: it is in doubt whether it was done.
    pub done: Option<Reference>,
}

/// What the acquirer told of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AdjustmentSeen {
    /// What was done.
    pub kind: AdjustmentKind,
    /// With how much, in minor units.
    pub amount: u64,
    /// When the vault was told.
    pub at: Timestamp,
    /// What the acquirer calls it, as far as that was said and can be shown.
    pub reference: Reference,
}

/// A payment as the vault has noted it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LookedUp {
    /// Its receipt as things stand.
    pub receipt: Receipt,
    /// What the acquirer said of it, and what was done with it since.
    pub details: ChargeDetails,
}

impl Vault {
    /// What the acquirer said of a payment, and what was done with it since; `None` if the vault has not taken a card under
    /// the request. For the enterprise's back end alone.
    ///
    /// # Errors
    ///
    /// As [`receipt`](Self::receipt).
    pub async fn details(&self, request: &str) -> Result<Option<ChargeDetails>, Error> {
        call!("vault.details", async {
            let Some(charge) = self.charge_under(request).await? else { return Ok(None) };
            Ok(Some(ChargeDetails::of(&charge)))
        })
    }

    /// What the vault has noted of a payment, for a desk that has its name alone: `payment` and `requested_at` as
    /// [`Payment`](crate::payment::Payment) gives them. `None` if the vault has not taken a card for what was asked then. For the
    /// enterprise's back end alone.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if it is noted of another customer, or was asked for at another time;
    /// [`Invalid::NotReconciled`] if nothing is noted, and what was noted may be lost
    /// ([`restored_from`](crate::vault::VaultBuilder::restored_from)); otherwise as [`receipt`](Self::receipt).
    pub async fn look_up(
        &self,
        customer: &CustomerId,
        payment: PaymentId,
        requested_at: Timestamp,
    ) -> Result<Option<LookedUp>, Error> {
        call!("vault.look_up", async {
            let of = self.charge_of(customer, payment, requested_at);
            let Some((found, _)) = self.0.engine.read(&of).await? else {
                return match self.lost_of(requested_at, Timestamp::MAX, None) {
                    Some(_) => Err(Invalid::NotReconciled.into()),
                    None => Ok(None),
                };
            };
            let charge = found.body.state;
            let terms = &charge.terms;
            if (&terms.customer, terms.requested_at) != (customer, requested_at) {
                return Err(Refused::new().into());
            }
            let receipt = self.signed(&of, &charge).await?;
            Ok(Some(LookedUp { receipt, details: ChargeDetails::of(&charge) }))
        })
    }
}
