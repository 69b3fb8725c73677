//! What comes of an act on a payment, and of what the acquirer tells of one: in one shape.

use crate::engine::RecordRef;
use crate::error::Error;
use crate::payment::reference::Reference;
use crate::payment::request::Receipt;
use crate::vault::Vault;
use crate::vault::charge::state::ChargeState;

/// What came of an act on a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Acted {
    /// How much of it was done, in minor units: an acquirer may do less than it was asked for. 0 if it was
    /// [resolved](crate::Vault::resolve) as not done.
    pub amount: u64,
    /// What the acquirer calls it, as far as that can be shown. `None` if it was resolved as not done.
    pub reference: Option<Reference>,
    /// The payment's receipt since, for the enterprise to [apply](crate::payment::Payments::apply_receipt).
    pub receipt: Receipt,
}

impl Vault {
    /// What stands of an act that was answered.
    pub(super) async fn acted(
        &self,
        of: &RecordRef<'_, ChargeState>,
        charge: &ChargeState,
        key: &[u8; 16],
    ) -> Result<Acted, Error> {
        let noted = charge.follow_ups.iter().find(|one| one.key == *key && one.done.is_some());
        let receipt = self.signed(of, charge).await?;
        let reference = noted.and_then(|one| one.done.clone());
        Ok(Acted { amount: noted.map_or(0, |one| one.amount), reference, receipt })
    }

    /// The same of what the acquirer told of.
    pub(super) async fn adjusted(
        &self,
        of: &RecordRef<'_, ChargeState>,
        charge: &ChargeState,
        key: &[u8; 16],
    ) -> Result<Acted, Error> {
        let noted = charge.adjustments.iter().find(|one| one.key == *key);
        let receipt = self.signed(of, charge).await?;
        let reference = noted.map(|one| one.reference.clone());
        Ok(Acted { amount: noted.map_or(0, |one| one.amount), reference, receipt })
    }
}
