//! What may be seen of how a customer stands: for the back end and the observer.

use serde::Serialize;

use crate::values::id::CredentialId;
use crate::values::time::Timestamp;

/// What there must be of a customer, by their anchor: [`Customers::standing`](crate::customer::Customers::standing).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Standing {
    /// How often that changed. It never goes down, unless somebody put the record back.
    pub changes: u32,
    /// The credentials that were bound and not revoked.
    pub bound: Vec<CredentialId>,
    /// Those of them whose records are lost, or were put back to before they were bound. As long as there are any,
    /// the app's session alone binds no other.
    pub missing: Vec<CredentialId>,
    /// Those of them whose records this process cannot open: a key is missing, or it is older than the record. They are
    /// there, and nothing is settled of them here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<CredentialId>,
    /// Imported fobs that were revoked: they stay so, though their records are lost.
    pub revoked_fobs: Vec<CredentialId>,
    /// Credentials whose binding or revocation was begun, and is not known to be done.
    pub unfinished: Vec<CredentialId>,
    /// When the back end said last that the records are right as they stand
    /// ([`Customers::reconcile`](crate::customer::Customers::reconcile)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reconciled: Option<Timestamp>,
    /// Since when the customer is erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erased: Option<Timestamp>,
    /// The customer has had a key that signs: only such a one approves a new authenticator.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub floor: bool,
    /// When that ends, or ended, because the back end has said so
    /// ([`Customers::lower_floor`](crate::customer::Customers::lower_floor)): then its word binds one, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor_ends: Option<Timestamp>,
    /// When it is over again, if nothing is bound before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor_returns: Option<Timestamp>,
    /// Since when the host has an erasure wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_hold_since: Option<Timestamp>,
}

/// What came of an erasure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Erasure {
    /// How many records were deleted, by this call and those before it.
    pub records: u32,
    /// That the customer is erased, and since when, signed for the customer:
    /// [`Device::open_erasure`](crate::Device::open_erasure).
    pub receipt: String,
}
