//! Who says that a customer may have another credential beside the one that they have.

use core::fmt;

use super::method::{Enrolment, Method};
use super::state::{Credential, CredentialStatus, KeyTag};
use crate::ceremony::step_up::{Redeemed, Statement};
use crate::id::{CredentialId, CustomerId, Issuer, StepUpId};
use crate::policy::Policy;
use crate::time::Timestamp;
use crate::transaction::TransactionKind;

/// What is said for an enrolment besides the app's session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    proof: Option<Proof>,
    of_back_end: bool,
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
    duress: Marked,
}

/// Not printed.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Marked(pub(crate) bool);

impl fmt::Debug for Marked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
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
    pub(super) fn stands(&self, held: &[Credential]) -> bool {
        held.iter().any(|one| {
            one.id == self.id
                && (one.key.is_none() || one.key == self.key)
                && one.status != CredentialStatus::Revoked
        })
    }
}

/// What a word comes to, as it is kept with the credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Authority {
    /// It may be confirmed beside another one.
    pub(crate) given: bool,
    /// By this credential, unless it is the back end's word.
    pub(crate) approver: Option<Approver>,
    /// That was approved under coercion; so is all that the new one approves.
    pub(crate) under_coercion: Marked,
}

impl Word {
    /// The app's session alone.
    pub(super) const SESSION: Self = Self { proof: None, of_back_end: false };

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
        clock: Timestamp,
        policy: &Policy,
    ) -> Authority {
        let proof = self.proof(issuer, customer);
        // Also if somebody vouches for it, who may not know.
        let under_coercion = Marked(proof.is_some_and(|proof| proof.duress.0));
        let approver = self.approver(issuer, customer, held);
        let good = |proof: &Proof| {
            proof.for_this
                && binds(proof.method, method, policy)
                && proof.at <= clock.after(policy.leeway)
                && clock < proof.at.after(policy.step_ups.grant_valid_for)
        };
        match approver {
            _ if self.of_back_end => Authority { given: true, approver: None, under_coercion },
            Some(_) if proof.is_some_and(good) => {
                Authority { given: true, approver, under_coercion }
            }
            _ => Authority::default(),
        }
    }
}

/// Whether a proof of the method `by` binds a credential of the method `new`: what the app shows is what it
/// covers, and what a message names; a message binds nothing better than messages, or whoever has the number
/// has the account.
fn binds(by: Method, new: Method, policy: &Policy) -> bool {
    match by {
        Method::Ocra => true,
        Method::Delivered => {
            new == Method::Delivered && policy.step_ups.payment_methods.contains(&by)
        }
        Method::Totp | Method::Hotp => false,
    }
}

impl Enrolment {
    /// Beside a credential that the customer has, who approved it there: a step-up of the kind
    /// [`TransactionKind::NewAuthenticator`]. An app's session alone enrols the first credential and no other, or
    /// whoever steals a session would enrol one of their own and approve with that (NIST SP 800-63B-4,
    /// binding of additional authenticators).
    ///
    /// A proof is good for one credential, for as long after it was first redeemed as a grant is; it names the
    /// credential in place of the request id. OCRA binds any method, a delivered code another number if such codes
    /// may approve payments, and TOTP and HOTP, whose codes do not say what they are given for, nothing. If the
    /// credential that gave it is revoked before the new one is confirmed, the new one is refused. If it was
    /// given under coercion, so is all that the new credential approves ([`Redeemed::duress`]), though the back
    /// end vouches for it besides.
    ///
    /// An enrolment with a proof that binds nothing is refused, whatever the customer has: without any, the
    /// session's word counts, and it knows of no coercion. Whoever presents the proof again within its time is
    /// given the seed again, since an answer may be lost.
    pub fn approved_in(mut self, proof: &Redeemed) -> Self {
        self.word.proof = Some(Proof {
            issuer: proof.issuer().clone(),
            customer: proof.customer().clone(),
            step_up: proof.step_up(),
            statement: proof.statement(),
            by: Approver { id: proof.credential(), key: proof.key() },
            for_this: proof.transaction().kind == TransactionKind::NewAuthenticator,
            method: proof.method(),
            at: proof.at(),
            duress: Marked(proof.duress()),
        });
        self
    }

    /// Beside a credential that the customer has, on the word of the back end, which has made sure of
    /// the customer in another way: in a branch, say. Never on the word of the app. It stands by itself: it says
    /// more than a proof given besides, of which nothing but coercion is kept, so that revoking the credential
    /// that gave the proof does not end the new one.
    pub fn vouched_for(mut self) -> Self {
        self.word.of_back_end = true;
        self
    }
}
