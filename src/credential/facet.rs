//! The facet for credentials. Binding one stands by how: `enrolling.rs`, `confirming.rs`, `importing.rs`; here what is
//! done with those that there are.

use crate::credential::rules::check_code::Resync;
use crate::credential::rules::enrolment::{Revoke, Unlock};
use crate::credential::state::CredentialState;
use crate::credential::view::Credential;
use crate::customer::anchor::{held_and_anchored, lands_until, reserve, settle};
use crate::customer::rules::Ground;
use crate::customer::state::{Bound, Intent};
use crate::engine::enterprise::Enterprise;
use crate::engine::page::{Page, Paged};
use crate::engine::trace::call;
use crate::error::{Error, RecordError};
use crate::otp::Code;
use crate::values::id::{CredentialId, CustomerId};

/// Credentials: see [`Verifier::credentials`](crate::Verifier::credentials).
///
/// The customer's app calls `enrol`, `confirm`, `confirm_key`, `confirm_attested_key`, `resync` and `list`; the back end
/// calls `import`, `revoke` and `unlock`. An agent's desktop calls nothing here. When a phone is lost,
/// the back end revokes its credential and the customer enrols the next one: both stand in history.
///
/// An app's session enrols the first credential. Another one beside it needs a step-up with the first
/// ([`approved_in`](crate::credential::EnrolmentRequest::approved_in)) or the back end's word
/// ([`vouched_for`](crate::credential::EnrolmentRequest::vouched_for)), so that whoever steals a session cannot approve
/// with a credential of their own.
///
/// # Errors
///
/// Every call can fail with [`Error::Store`], [`Error::Record`], [`Error::Busy`],
/// [`Error::Clock`] or [`Error::Random`]; nothing was decided then. An unknown id and another
/// customer's are refused alike.
#[derive(Debug, Clone, Copy)]
pub struct Credentials<'a>(pub(crate) &'a Enterprise);

impl Credentials<'_> {
    /// The customer gives two consecutive codes of a TOTP or HOTP authenticator that has run off
    /// (RFC 4226 §7.4).
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if they are not found nearby, which counts as one failure; also, and uncounted,
    /// if one of them was used before, the second is of an earlier time than
    /// [`CredentialPolicy::totp_steps`](crate::policy::CredentialPolicy::totp_steps) allow, or the credential
    /// has no clock or counter.
    pub async fn resync(
        self,
        customer: &CustomerId,
        id: &CredentialId,
        first: &Code,
        second: &Code,
    ) -> Result<Credential, Error> {
        call!("credentials.resync", async {
            self.0.run(&self.0.of(customer, id.0), &Resync([first, second])).await
        })
    }

    /// The customer's credentials, ended ones included, newest first.
    ///
    /// # Errors
    ///
    /// See [`Credentials`].
    pub async fn list(self, customer: &CustomerId, page: Page) -> Result<Paged<Credential>, Error> {
        call!("credentials.list", async {
            self.0
                .paged::<CredentialState, _>(customer, page, |loaded, id, now| {
                    Ok(loaded.body.state.credential(&self.0.context(loaded, id, now)))
                })
                .await
        })
    }

    /// The back end revokes a credential; the seed is burnt.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if there is none.
    pub async fn revoke(
        self,
        customer: &CustomerId,
        id: &CredentialId,
    ) -> Result<Credential, Error> {
        call!("credentials.revoke", async {
            let (engine, of) = (&self.0.engine, self.0.of::<CredentialState>(customer, id.0));
            let (held, anchored) = held_and_anchored(engine, customer).await?;
            let there = held.all.iter().find(|one| one.id == *id);
            let bound = match anchored.missing.iter().find(|bound| bound.id == *id) {
                Some(missing) => {
                    // Its record is lost, or another's; that it was bound is not.
                    let ended = match engine.run(&of, &Revoke).await {
                        Ok(ended) => ended,
                        Err(Error::Refused(_) | Error::Record(RecordError::Damaged)) => {
                            missing.revoked()
                        }
                        Err(error) => return Err(error),
                    };
                    let revoke = Intent::revoke(*missing, lands_until(engine)?);
                    settle(engine, customer, revoke, anchored.shown(&held.all)).await?;
                    return Ok(ended);
                }
                None => there.filter(|one| one.is_held()).map(Bound::of),
            };
            let Some(bound) = bound else { return engine.run(&of, &Revoke).await };
            let intent = Intent::revoke(bound, lands_until(engine)?);
            reserve(engine, customer, intent, Ground::SigningKey, &held.all, &anchored).await?;
            let revoked = engine.run(&of, &Revoke).await?;
            settle(engine, customer, intent, anchored.shown(&held.all)).await?;
            Ok(revoked)
        })
    }

    /// The back end ends a lock early. The failures stay counted until a right code comes.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the credential is disabled or revoked: only a new one helps.
    pub async fn unlock(
        self,
        customer: &CustomerId,
        id: &CredentialId,
    ) -> Result<Credential, Error> {
        call!("credentials.unlock", async { self.0.run(&self.0.of(customer, id.0), &Unlock).await })
    }
}
