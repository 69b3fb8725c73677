//! What a sweep tells, of each payment and of itself.

use crate::error::Error;
use crate::payment::request::Receipt;
use crate::values::id::{CustomerId, PaymentId};
use crate::values::time::Timestamp;

/// What a sweep has to tell of one payment: [`Vault::reconcile_each`](crate::Vault::reconcile_each).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Swept {
    /// Whose payment it is.
    pub customer: CustomerId,
    /// Which.
    pub payment: PaymentId,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Its receipt, unless that was [acknowledged](crate::Vault::acknowledge): for
    /// [`Payments::apply_receipt`](crate::payment::Payments::apply_receipt).
    pub receipt: Option<Receipt>,
    /// Whether it is in doubt, as [`Reconciled::in_doubt`] says.
    pub in_doubt: bool,
}

/// What came of a sweep.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Reconciled {
    /// A receipt for each payment whose receipt was not [acknowledged](crate::Vault::acknowledge), and whose it
    /// is: for [`Payments::apply_receipt`](crate::payment::Payments::apply_receipt). Those that say
    /// [`Unresolved`](crate::payment::ChargeOutcome::Unresolved) are still open. What is lost on the way comes again
    /// with the next sweep.
    pub receipts: Vec<(CustomerId, Receipt)>,
    /// What is in doubt after the sweep, whether its receipt was acknowledged or not, for
    /// [`look_up`](crate::Vault::look_up): whose payment, which, and when it was asked for. It is not known how it ended, or
    /// what became of an act ([`ActSeen::done`](crate::vault::ActSeen::done)), or money is
    /// [held beside it](crate::vault::ChargeDetails::held_beside); or the store was
    /// [restored](crate::vault::VaultBuilder::restored_from), and the acquirer does not say what became of a card that may have
    /// been sealed later. What stays here for longer than the acquirer needs, a person has to clear up with the acquirer: the
    /// payment is settled with [`resolve_payment`](crate::Vault::resolve_payment) then, an act with
    /// [`resolve`](crate::Vault::resolve). A payment that waits for its customer is not in doubt.
    pub in_doubt: Vec<(CustomerId, PaymentId, Timestamp)>,
    /// What the sweep could not look at. `None`: it looked at all.
    pub failed: Option<Missed>,
}

impl Reconciled {
    pub(super) fn add(&mut self, one: Swept) {
        let Swept { customer, payment, requested_at, receipt, in_doubt } = one;
        if in_doubt {
            self.in_doubt.push((customer.clone(), payment, requested_at));
        }
        self.receipts.extend(receipt.map(|receipt| (customer, receipt)));
    }
}

/// What a sweep could not look at.
#[derive(Debug)]
#[non_exhaustive]
pub struct Missed {
    /// How many payments could not be looked at or written, or parts of an hour not be listed. Sweep again.
    pub count: usize,
    /// The last reason.
    pub error: Error,
    /// Those of them whose records cannot be opened, which no other sweep of this process mends.
    pub unreadable: Vec<Unreadable>,
}

/// A record of the vault that a sweep could not open: damaged, or sealed under a key or by a release that is not known here.
/// Whose it is nobody can read, nor whether the acquirer holds money for it: a person asks the acquirer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unreadable {
    /// Of which payment it is; the enterprise finds it among [its own](crate::payment::Payments::list). `None`: it is a note
    /// that something was done with a payment in that hour, in whose own hour a sweep that looks back so far finds it.
    pub payment: Option<PaymentId>,
    /// The beginning of the hour under which it stands: in which the payment was asked for, or something happened to it later.
    pub hour: Timestamp,
}
