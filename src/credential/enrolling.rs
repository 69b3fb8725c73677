//! Enrolling a credential: on whose word, and in whose place. What importing one asks as well stands here.

use core::time::Duration;

use zeroize::Zeroizing;

use crate::credential::consent::EnrolmentConsent;
use crate::credential::facet::Credentials;
use crate::credential::method::Parameters;
use crate::credential::provisioning::Provisioning;
use crate::credential::request::EnrolmentRequest;
use crate::credential::rules::enrolment::{Enrol, GiveWay, RefuseEnrol, check};
use crate::credential::rules::room::{Answering, Room};
use crate::credential::state::CredentialState;
use crate::credential::view::Credential;
use crate::customer::anchor::{Anchored, anchor_of, ground, held_and_anchored, not_erased};
use crate::customer::rules::Readmit;
use crate::engine::free_text::without_cards;
use crate::engine::page::Live;
use crate::engine::trace::call;
use crate::error::{Error, Invalid};
use crate::history::event::Actor;
use crate::policy::FirstKey;
use crate::values::id::{CredentialId, CustomerId, RequestId};
use crate::values::now::WallClock;

/// Whether the customer has a credential of this id, or had one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    Already,
    Not,
}

impl Credentials<'_> {
    /// The customer enrols a new credential. Repeated with the same request before the credential is
    /// confirmed, it gives the same provisioning; afterwards no seed.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if the request id was used for another enrolment, the customer has a
    /// credential and nobody said that they may have another ([`EnrolmentRequest::approved_in`],
    /// [`EnrolmentRequest::vouched_for`]) or the proof of that binds nothing, or has too many
    /// ([`CredentialPolicy::per_customer`](crate::policy::CredentialPolicy::per_customer)), a time step
    /// is too long, the account name holds a card number, or an `otpauth` URI cannot hold the digits,
    /// the issuer or the account name.
    pub async fn enrol(
        self,
        customer: &CustomerId,
        enrolment: &EnrolmentRequest,
    ) -> Result<Provisioning, Error> {
        call!("credentials.enrol", async {
            let mut drawn = Zeroizing::new([0; 32]);
            self.0.random.fill(&mut *drawn)?;
            // One proof names one credential, whatever the request is called.
            let EnrolmentRequest { word, account, issuer_name, .. } = enrolment;
            let id = match word.statement(&self.0.issuer, customer) {
                Some(statement) => CredentialId(self.0.keyring.locate(&[
                    b"countersign credential by statement v2",
                    self.0.issuer.as_str().as_bytes(),
                    customer.as_str().as_bytes(),
                    &statement.0,
                ])),
                None => self.id(customer, &enrolment.request),
            };
            without_cards(account.as_ref())?;
            without_cards(issuer_name.as_ref())?;
            let engine = &self.0.engine;
            let (issuer, clock) = (&engine.issuer, WallClock::shows(engine.clock.now()?));
            let (held, anchored) = held_and_anchored(engine, customer).await?;
            let method = enrolment.parameters.method;
            let authority =
                word.authority(issuer, customer, &held.all, method, clock, &engine.policy);
            let of = self.0.of(customer, id.0);
            let who = Answering::of(&authority, word);
            let vouched = word.is_of_back_end();
            let known = self.known(customer, id, &held.all).await?;
            let room = match known {
                // It was put back to before it was bound: its seed is not for whoever has the session.
                Known::Already if !vouched && anchored.misses(id) => {
                    Err(Invalid::AnotherCredential)
                }
                Known::Already => Ok(Vec::new()),
                Known::Not => {
                    if !vouched && !anchored.is_reconciled(engine) {
                        return Err(Invalid::NotReconciled.into());
                    }
                    if !vouched {
                        not_erased(engine, customer).await?;
                    }
                    let now = engine.clock.now()?;
                    let ground = ground(&authority, &held.all);
                    let policy = &engine.policy.credentials;
                    let below = anchored.is_below_floor(&held.all, ground, now, policy);
                    let room = self.room(&held, &anchored, id).beside(who)?;
                    if below { room.and(Err(Invalid::BelowFloor)) } else { room }
                }
            };
            let waits = match self.waits(&enrolment.parameters, word, &anchored, &held.all) {
                Some(waits) => waits,
                None if known == Known::Already => Duration::ZERO,
                None => return self.0.run(&of, &RefuseEnrol(Invalid::FirstKey)).await,
            };
            let gives_way = match room {
                Ok(gives_way) => gives_way,
                Err(invalid) => return self.0.run(&of, &RefuseEnrol(invalid)).await,
            };
            if !gives_way.is_empty() || anchored.anchor.is_erased() {
                // What is refused takes nobody's room, and readmits nobody.
                check(&enrolment.parameters)?;
            }
            if known == Known::Not && vouched {
                self.readmit(customer, &anchored).await?;
            }
            let by = if authority.approver.is_some() { Actor::Customer } else { Actor::BackEnd };
            self.give_way(customer, &gives_way, by).await?;
            let account = account.as_ref().map_or(customer.as_str(), |name| name.as_str());
            let event = Enrol {
                parameters: enrolment.parameters,
                drawn: &drawn,
                authority,
                bound_by: word.bound_by(&authority),
                waits,
                step_up: word.step_up(issuer, customer),
                approver: word.approver(issuer, customer, &held.all),
                issuer: issuer_name.as_ref().map_or(issuer.as_str(), |name| name.as_str()),
                account,
            };
            self.0.run(&of, &event).await
        })
    }

    fn id(&self, customer: &CustomerId, request: &RequestId) -> CredentialId {
        CredentialId(self.0.keyring.locate(&[
            b"countersign credential v1",
            self.0.issuer.as_str().as_bytes(),
            customer.as_str().as_bytes(),
            request.as_str().as_bytes(),
        ]))
    }

    /// How long a credential waits before it may be confirmed; `None` if it is the customer's first key that signs and
    /// policy asks for a word that was not given.
    fn waits(
        self,
        parameters: &Parameters,
        word: &EnrolmentConsent,
        anchored: &Anchored,
        held: &[Credential],
    ) -> Option<Duration> {
        let policy = &self.0.policy.credentials;
        let first = parameters.method.signs() && !anchored.has_had_key(held);
        if !first || policy.first_key == FirstKey::AsAnyCredential || word.is_of_visit() {
            return Some(Duration::ZERO);
        }
        word.is_of_back_end().then_some(policy.first_key_delay)
    }

    /// Whether the customer has the credential `id`, or had it.
    pub(super) async fn known(
        self,
        customer: &CustomerId,
        id: CredentialId,
        held: &[Credential],
    ) -> Result<Known, Error> {
        let listed = held.iter().any(|one| one.id == id);
        if listed || self.0.read_for::<CredentialState>(customer, id.0).await?.is_some() {
            return Ok(Known::Already);
        }
        Ok(Known::Not)
    }

    pub(super) async fn give_way(
        self,
        customer: &CustomerId,
        ids: &[CredentialId],
        to: Actor,
    ) -> Result<(), Error> {
        let event = GiveWay(to);
        for id in ids {
            self.0.run(&self.0.of(customer, id.0), &event).await?;
        }
        Ok(())
    }

    /// On the back end's word a customer who was erased begins anew.
    pub(super) async fn readmit(
        self,
        customer: &CustomerId,
        anchored: &Anchored,
    ) -> Result<(), Error> {
        if anchored.anchor.is_erased() {
            self.0.run(&anchor_of(self.0, customer), &Readmit).await?;
        }
        Ok(())
    }

    pub(super) fn room<'a>(
        self,
        held: &'a Live<Credential>,
        anchored: &Anchored,
        id: CredentialId,
    ) -> Room<'a> {
        let most = self.0.policy.credentials.per_customer;
        Room { held, missing: anchored.beside(id), most }
    }
}
