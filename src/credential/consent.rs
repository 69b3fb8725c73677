//! Who says that a customer may have another credential beside the one that they have.

use crate::credential::bound::BoundBy;
use crate::credential::method::Method;
use crate::credential::view::{Credential, CredentialStatus, KeyTag};
use crate::policy::Policy;
use crate::step_up::request::{Duress, Redeemed};
use crate::step_up::statement::Statement;
use crate::values::id::{CredentialId, CustomerId, Issuer, StepUpId};
use crate::values::now::WallClock;
use crate::values::time::Timestamp;
use crate::values::transaction::TransactionKind;

/// What is said for an enrolment besides the app's session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EnrolmentConsent {
    proof: Option<Proof>,
    of_back_end: bool,
    visited: bool,
}

/// What of a proof matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Proof {
    issuer: Issuer,
    customer: CustomerId,
    step_up: StepUpId,
    statement: Statement,
    by: Approver,
    /// What it was about was another credential.
    for_this: bool,
    method: Method,
    at: Timestamp,
    duress: Duress,
}

/// The credential that approved another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Approver {
    pub(crate) id: CredentialId,
    /// Its key: the id may be enrolled anew. Records of the first version do not say.
    pub(crate) key: Option<KeyTag>,
}

impl Approver {
    /// Whether it is among `held` and was not revoked. Of a disabled one the key is not known any more.
    pub(crate) fn stands(&self, held: &[Credential]) -> bool {
        held.iter().any(|one| {
            one.id == self.id
                && (one.key.is_none() || one.key == self.key)
                && one.status != CredentialStatus::Revoked
        })
    }
}

/// What a word comes to, as it is kept with the credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ConsentRecord {
    /// It may be confirmed beside another one.
    pub(crate) given: bool,
    /// By this credential, unless it is the back end's word.
    pub(crate) approver: Option<Approver>,
    /// That was approved under coercion; so is all that the new one approves.
    pub(crate) under_coercion: Duress,
}

impl ConsentRecord {
    /// Whether it is the back end's word.
    pub(crate) const fn is_of_back_end(&self) -> bool {
        self.given && self.approver.is_none()
    }
}

impl EnrolmentConsent {
    /// What the back end says, besides a proof or without one.
    pub(crate) const fn of_back_end(&mut self) {
        self.of_back_end = true;
    }

    /// The back end's word, and that the customer was there.
    pub(crate) const fn of_visit(&mut self) {
        (self.of_back_end, self.visited) = (true, true);
    }

    /// On whose word a credential with this `authority` is bound.
    pub(crate) fn bound_by(&self, authority: &ConsentRecord) -> BoundBy {
        match &self.proof {
            _ if authority.is_of_back_end() && self.visited => BoundBy::Visit,
            _ if authority.is_of_back_end() => BoundBy::BackEnd,
            Some(proof) if authority.given && proof.method.signs() => BoundBy::SigningKey,
            Some(_) if authority.given => BoundBy::SharedSecret,
            _ => BoundBy::Session,
        }
    }

    /// A proof, in place of any before.
    pub(crate) fn of_customer(&mut self, proof: &Redeemed) {
        self.proof = Some(Proof {
            issuer: proof.issuer().clone(),
            customer: proof.customer().clone(),
            step_up: proof.step_up(),
            statement: proof.statement(),
            by: Approver { id: proof.credential(), key: proof.key() },
            for_this: proof.transaction().kind == TransactionKind::NewAuthenticator,
            method: proof.method(),
            at: proof.at(),
            duress: Duress(proof.duress()),
        });
    }

    /// The app's session alone.
    pub(crate) const SESSION: Self = Self { proof: None, of_back_end: false, visited: false };

    /// Whether the back end vouches for it.
    pub(crate) const fn is_of_back_end(&self) -> bool {
        self.of_back_end
    }

    /// Whether that is after a visit.
    pub(crate) const fn is_of_visit(&self) -> bool {
        self.visited
    }

    /// Whether there is a proof at all.
    pub(crate) const fn has_proof(&self) -> bool {
        self.proof.is_some()
    }

    /// A proof of another customer's, or another enterprise's, is none.
    fn proof(&self, issuer: &Issuer, customer: &CustomerId) -> Option<&Proof> {
        self.proof.as_ref().filter(|one| one.issuer == *issuer && one.customer == *customer)
    }

    /// In which step-up the customer approved it.
    pub(crate) fn step_up(&self, issuer: &Issuer, customer: &CustomerId) -> Option<StepUpId> {
        self.proof(issuer, customer).map(|proof| proof.step_up)
    }

    /// What the customer approved. In time or not, it names the credential.
    pub(crate) fn statement(&self, issuer: &Issuer, customer: &CustomerId) -> Option<Statement> {
        self.proof(issuer, customer).map(|proof| proof.statement)
    }

    /// With which credential, in time or not, if that is among `held` and was not revoked since.
    pub(crate) fn approver(
        &self,
        issuer: &Issuer,
        customer: &CustomerId,
        held: &[Credential],
    ) -> Option<Approver> {
        let by = self.proof(issuer, customer)?.by;
        by.stands(held).then_some(by)
    }

    /// What this comes to for `customer`, whose credentials are `held`.
    pub(crate) fn authority(
        &self,
        issuer: &Issuer,
        customer: &CustomerId,
        held: &[Credential],
        method: Method,
        clock: WallClock,
        policy: &Policy,
    ) -> ConsentRecord {
        let proof = self.proof(issuer, customer);
        // Also if somebody vouches for it, who may not know.
        let under_coercion = Duress(proof.is_some_and(|proof| proof.duress.0));
        let approver = self.approver(issuer, customer, held);
        let good = |proof: &Proof| {
            proof.for_this
                && binds(proof.method, method, policy)
                && proof.at <= clock.after(policy.leeway)
                && !clock.has_reached(proof.at.after(policy.step_ups.grant_valid_for))
        };
        match approver {
            _ if self.of_back_end => ConsentRecord { given: true, approver: None, under_coercion },
            Some(_) if proof.is_some_and(good) => {
                ConsentRecord { given: true, approver, under_coercion }
            }
            _ => ConsentRecord::default(),
        }
    }
}

/// Whether a proof of the method `by` binds a credential of the method `new`: what the app shows is what it
/// covers, and what a message names; a message binds nothing better than messages, or whoever has the number
/// has the account.
fn binds(by: Method, new: Method, policy: &Policy) -> bool {
    match by {
        Method::DeviceKey | Method::Passkey | Method::Ocra => true,
        Method::Delivered => {
            new == Method::Delivered && policy.step_ups.payment_methods.contains(&by)
        }
        Method::Totp | Method::Hotp => false,
    }
}
