//! Confirming a credential: its first code or signature binds it.

use crate::credential::attestation::{AttestationJudge, AttestationToJudge};
use crate::credential::bound::AttestationVerdict;
use crate::credential::facet::Credentials;
use crate::credential::possession::KeyPossession;
use crate::credential::rules::check_code::Confirm;
use crate::credential::state::{CredentialState, Phase};
use crate::credential::view::Credential;
use crate::customer::anchor::{ground, held_and_anchored, reserve, settle};
use crate::customer::rules::{Ground, Reserved};
use crate::customer::state::{Bound, Intended, Intent};
use crate::engine::trace::call;
use crate::error::{Error, Invalid, Refused};
use crate::otp::ocra::Response;
use crate::values::id::{CredentialId, CustomerId};
use crate::values::time::Timestamp;

/// What is bound by a first code.
struct Binding {
    intent: Intent,
    vouched: bool,
    begun: Timestamp,
    /// Whether the credential that approved it was not revoked since.
    stands: bool,
}

impl Binding {
    /// `None` unless `state` waits for its first code.
    fn by(state: &CredentialState, id: CredentialId, held: &[Credential]) -> Option<Self> {
        let Phase::Pending(until) = state.phase else { return None };
        let authority = &state.authority;
        let (key, method) = (state.key(), state.parameters.method);
        let of = Bound { id, key, method, imported: false };
        let intent = Intent { what: Intended::Bind, of, until, session_alone: !authority.given };
        let stands = authority.approver.is_none_or(|approver| approver.stands(held));
        let begun = state.begun.unwrap_or(Timestamp::EPOCH);
        Some(Self { intent, vouched: authority.is_of_back_end(), begun, stands })
    }
}

impl Credentials<'_> {
    /// The customer gives the first code; from then on the credential can be used. For OCRA it is
    /// [`DeviceCredential::confirm`](crate::device::DeviceCredential::confirm)'s.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] for a wrong code, and after five of them in a row for any code for a while;
    /// [`Invalid::AnotherCredential`] as for [`enrol`](Self::enrol), if one was confirmed meanwhile.
    pub async fn confirm(
        self,
        customer: &CustomerId,
        id: &CredentialId,
        code: &Response,
    ) -> Result<Credential, Error> {
        call!("credentials.confirm", self.confirmed(customer, id, Some(code), None, None))
    }

    /// The customer shows that they hold the private part of a new device key, and gives the first code with it if
    /// the credential was enrolled [`with_code`](crate::credential::EnrolmentRequest::with_code); from then on the credential can be
    /// used.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the key did not sign what it was to, which is not counted, and as for
    /// [`confirm`](Self::confirm), whose other errors it has too.
    pub async fn confirm_key(
        self,
        customer: &CustomerId,
        id: &CredentialId,
        possession: &KeyPossession,
        code: Option<&Response>,
    ) -> Result<Credential, Error> {
        call!("credentials.confirm_key", self.confirmed(customer, id, code, Some(possession), None))
    }

    /// The same, once `judge` has found that the platform vouches for the key: it is given the challenge, the key and
    /// the `object`, and what it finds is kept with its date ([`Credential::attested`]), in receipts and in evidence.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the platform does not vouch for it, and as for [`confirm_key`](Self::confirm_key);
    /// [`Error::Judge`] if the judge failed: nothing is bound then.
    pub async fn confirm_attested_key<J: AttestationJudge>(
        self,
        customer: &CustomerId,
        id: &CredentialId,
        possession: &KeyPossession,
        code: Option<&Response>,
        object: &[u8],
        judge: &J,
    ) -> Result<Credential, Error> {
        call!("credentials.confirm_attested_key", async {
            let challenge = match self.0.read_for::<CredentialState>(customer, id.0).await? {
                Some((found, _)) => found.body.state.key_nonce(),
                None => None,
            };
            let key = possession.key();
            let (Some(challenge), Some(key)) = (challenge, key) else {
                return Err(Refused::new().into());
            };
            let (challenge, key) = (&challenge, &key);
            let of = AttestationToJudge { customer, credential: *id, challenge, key, object };
            let found = judge.judge(of).await.map_err(Error::Judge)?;
            let Some(kept_in) = found else { return Err(Refused::new().into()) };
            let verdict = AttestationVerdict { kept_in, at: self.0.clock.now()? };
            let attested = Some((*challenge, verdict));
            self.confirmed(customer, id, code, Some(possession), attested).await
        })
    }

    async fn confirmed(
        self,
        customer: &CustomerId,
        id: &CredentialId,
        response: Option<&Response>,
        possession: Option<&KeyPossession>,
        attested: Option<([u8; 32], AttestationVerdict)>,
    ) -> Result<Credential, Error> {
        let engine = &self.0.engine;
        let (held, anchored) = held_and_anchored(engine, customer).await?;
        let of = engine.of::<CredentialState>(customer, id.0);
        let mut sealer = engine.sealer(&of);
        let seen = engine.look(&of, &mut sealer).await?;
        let found = seen.found.as_ref().map(|found| &found.body.state);
        let binding = found.and_then(|state| Binding::by(state, *id, &held.all));
        let is_alone = |of: &Binding| of.intent.session_alone;
        if let Some(why) = held.why.filter(|_| binding.as_ref().is_some_and(is_alone)) {
            // What cannot be opened may be in use, beside which the session alone confirms nothing.
            return Err(why.into());
        }
        // The word may have been taken back meanwhile.
        let word_stands =
            |of: &Binding| of.vouched && engine.lost.is_none_or(|lost| lost.until() <= of.begun);
        let needs_word = binding.as_ref().is_some_and(|of| !word_stands(of));
        if needs_word && !anchored.is_reconciled(engine) {
            return Err(Invalid::NotReconciled.into());
        }
        let ground = found.map_or(Ground::Other, |state| ground(&state.authority, &held.all));
        let (now, policy) = (engine.clock.now()?, &engine.policy.credentials);
        if binding.is_some() && anchored.is_below_floor(&held.all, ground, now, policy) {
            // It was begun before the first key that signs was bound.
            return Err(Invalid::BelowFloor.into());
        }
        let mut missing = anchored.beside(*id);
        // What will be refused in any case is not noted.
        let binding = binding.filter(|of| of.stands && (missing == 0 || !is_alone(of)));
        if let Some(Binding { intent, .. }) = binding {
            match reserve(engine, customer, intent, ground, &held.all, &anchored).await? {
                Reserved::Yes => {}
                // The first key that signs was bound meanwhile.
                Reserved::BelowFloor => return Err(Invalid::BelowFloor.into()),
                // Another was bound meanwhile.
                _ => missing = 1,
            }
        }
        let issuer = &engine.issuer;
        let held_now = &held.all;
        let first_key = !anchored.has_had_key(held_now);
        let confirm = Confirm {
            issuer,
            customer,
            response,
            possession,
            held: held_now,
            missing,
            first_key,
            attested,
        };
        let confirmed = engine.run_on(&of, &mut sealer, seen, &confirm).await?;
        if let Some(Binding { intent, .. }) = binding {
            settle(engine, customer, intent, anchored.shown(&held.all)).await?;
        }
        Ok(confirmed)
    }
}
