//! Who may approve in the name of a customer, by the host's own register: approvers with their roles, and how many.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::codec::table::record;
use crate::signature::key::KeyFingerprint;
use crate::values::id::CustomerId;
use crate::values::secret::silent_serde;
use crate::values::text::ShortText;

/// The most customers who can be asked together. Our choice: it bounds what a request does, and what
/// [`redeem`](crate::step_up::joint::JointStepUps::redeem) reads.
pub const MAX_APPROVERS: usize = 64;

/// A customer who is asked, and in which role: "joint holder", "director", "attorney".
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
#[non_exhaustive]
pub struct CoApprover {
    /// Who. Two ids of one person are two customers here: the host merges them before it asks.
    pub customer: CustomerId,
    /// In which role; the app shows it.
    pub role: ShortText,
}

impl CoApprover {
    /// `customer`, as `role`.
    #[must_use]
    pub const fn new(customer: CustomerId, role: ShortText) -> Self {
        Self { customer, role }
    }
}

silent_serde!(CoApprover: "an approver");

record! { CoApprover { 0 => customer, 1 => role } }

/// Why a set of approvers cannot be asked. Nothing of it is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidApprovers {
    /// There are none, or more than [`MAX_APPROVERS`].
    #[error("1 to {MAX_APPROVERS} customers can be asked")]
    Number,
    /// None is needed, or more than are asked.
    #[error("1 to all of those asked can be needed")]
    Needed,
    /// A customer stands twice in the set: one person counts once.
    #[error("a customer stands twice among the approvers; one person counts once")]
    Twice,
    /// Another app or fob is approved by its own customer.
    #[error("a new authenticator is approved by the customer whose it is")]
    NewAuthenticator,
}

/// Who may approve in the name of a customer: how many are needed, of whom, in which roles. From the host's own register, such
/// as that of a company's directors, looked up by principal and act at each redemption.
///
/// A desktop has no say in it: a request that names fewer, others or other roles comes to nothing, whatever its approvers
/// answered. So a mandate is built here, and never read from text:
///
/// ```compile_fail,E0277
/// fn from_desktop(text: &str) -> countersign::step_up::joint::Mandate {
///     serde_json::from_str(text).unwrap()
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Mandate {
    pub(crate) needed: u8,
    pub(crate) approvers: Vec<CoApprover>,
    keys: BTreeMap<CustomerId, KeyFingerprint>,
}

impl Mandate {
    /// `needed` of `approvers` are enough.
    pub const fn new(needed: u8, approvers: Vec<CoApprover>) -> Self {
        Self { needed, approvers, keys: BTreeMap::new() }
    }

    /// The same for a host that keeps its customers' fingerprints in another place: the approval of this approver counts only
    /// if it was signed under this key. As
    /// [`redeem_signed_by`](crate::step_up::StepUps::redeem_signed_by), for each of them.
    pub fn signed_by(mut self, approver: CustomerId, key: KeyFingerprint) -> Self {
        self.keys.insert(approver, key);
        self
    }

    pub(crate) fn check(&self) -> Result<(), InvalidApprovers> {
        check_set(self.needed, &self.approvers, usize::MAX)
    }

    /// Whether so many of these were asked that their approval is enough: not fewer, and nobody else.
    pub(crate) fn allows(&self, needed: u8, asked: &[CoApprover]) -> bool {
        // What was asked may have been forged: one who stands there twice counts once.
        needed >= self.needed
            && check_set(needed, asked, usize::MAX).is_ok()
            && asked.iter().all(|one| self.approvers.contains(one))
    }

    /// Whether an approval of this approver may be under this key.
    pub(crate) fn takes(&self, approver: &CustomerId, key: Option<KeyFingerprint>) -> bool {
        self.keys.get(approver).is_none_or(|expected| key == Some(*expected))
    }
}

/// Whether so many of these can be needed, each of whom counts once.
pub(crate) fn check_set(
    needed: u8,
    approvers: &[CoApprover],
    most: usize,
) -> Result<(), InvalidApprovers> {
    let count = approvers.len();
    if !(1..=most).contains(&count) {
        return Err(InvalidApprovers::Number);
    }
    if !(1..=count).contains(&usize::from(needed)) {
        return Err(InvalidApprovers::Needed);
    }
    let mut customers: Vec<_> = approvers.iter().map(|one| &one.customer).collect();
    customers.sort_unstable();
    customers.dedup();
    if customers.len() < count {
        return Err(InvalidApprovers::Twice);
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "test code")]
mod tests {
    use super::*;

    #[test]
    fn attack_a_set_in_which_one_stands_twice_is_under_no_mandate() {
        let one = |name: &str| {
            CoApprover::new(CustomerId::new(name).unwrap(), "director".parse().unwrap())
        };
        let (alice, carol) = (one("alice"), one("carol"));
        let mandate = Mandate::new(2, vec![alice.clone(), carol.clone()]);
        assert!(mandate.allows(2, &[alice.clone(), carol.clone()]));
        assert!(!mandate.allows(2, &[alice.clone(), alice.clone()]));
        assert!(!mandate.allows(1, &[alice, carol]), "fewer than it needs");
    }
}
