//! The facet for credentials.

use core::time::Duration;

use zeroize::Zeroizing;

use crate::credential::attestation::{AttestationJudge, AttestationToJudge};
use crate::credential::bound::AttestationVerdict;
use crate::credential::consent::EnrolmentConsent;
use crate::credential::method::Parameters;
use crate::credential::possession::KeyPossession;
use crate::credential::provisioning::Provisioning;
use crate::credential::request::{EnrolmentRequest, ImportRequest};
use crate::credential::rules::check_code::{Confirm, Resync};
use crate::credential::rules::enrolment::{Enrol, GiveWay, RefuseEnrol, Revoke, Unlock, check};
use crate::credential::rules::room::{Answering, Room};
use crate::credential::state::{CredentialState, Phase, key_of};
use crate::credential::view::Credential;
use crate::customer::anchor::{
    Anchored, anchor_of, ground, held_and_anchored, lands_until, not_erased, reserve, settle,
};
use crate::customer::rules::{Ground, Readmit, Reserved};
use crate::customer::state::{Bound, Intended, Intent};
use crate::engine::enterprise::Enterprise;
use crate::engine::free_text::without_cards;
use crate::engine::page::{Live, Page, Paged};
use crate::engine::trace::call;
use crate::error::{Error, Invalid, RecordError, Refused};
use crate::history::event::Actor;
use crate::otp::ocra::Response;
use crate::otp::{Algorithm, Code};
use crate::policy::FirstKey;
use crate::values::id::{CredentialId, CustomerId, RequestId};
use crate::values::now::WallClock;
use crate::values::secret::leaving_no_trace;
use crate::values::time::Timestamp;

/// Credentials: see [`Verifier::credentials`](crate::Verifier::credentials).
///
/// The customer's app calls `enrol`, `confirm`, `confirm_key`, `confirm_attested_key`, `resync` and `list`; the back end
/// calls `import`, `revoke` and `unlock`. An agent's desktop calls nothing here. When a phone is lost,
/// the back end revokes its credential and the customer enrols the next one: both stand in history.
///
/// An app's session enrols the first credential. Another one beside it needs a step-up with the first
/// ([`EnrolmentRequest::approved_in`]) or the back end's word ([`EnrolmentRequest::vouched_for`]), so that whoever
/// steals a session cannot approve with a credential of their own.
///
/// # Errors
///
/// Every call can fail with [`Error::Store`], [`Error::Record`], [`Error::Busy`],
/// [`Error::Clock`] or [`Error::Random`]; nothing was decided then. An unknown id and another
/// customer's are refused alike.
#[derive(Debug, Clone, Copy)]
pub struct Credentials<'a>(pub(crate) &'a Enterprise);

/// The longest seed, in bytes.
const LONGEST_SEED: usize = 128;

/// Whether the customer has a credential of this id, or had one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Already,
    Not,
}

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
    fn id(&self, customer: &CustomerId, request: &RequestId) -> CredentialId {
        CredentialId(self.0.keyring.locate(&[
            b"countersign credential v1",
            self.0.issuer.as_str().as_bytes(),
            customer.as_str().as_bytes(),
            request.as_str().as_bytes(),
        ]))
    }

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
    /// the credential was enrolled [`with_code`](EnrolmentRequest::with_code); from then on the credential can be
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

    /// The back end imports a fob with the seed that its maker gave; it can be used at once. The same
    /// fob again is the same credential, as it now stands, however its seed is filled up with zeros.
    ///
    /// # Errors
    ///
    /// [`Invalid::AlreadyImported`] if it was imported as another kind, [`Invalid::BelowFloor`] if the customer has had a
    /// key that signs: a fob is bound before it, or after [`lower_floor`](crate::customer::Customers::lower_floor),
    /// [`Invalid::TooManyCredentials`], [`Invalid::TimeStep`], [`Invalid::LastCounter`].
    pub async fn import(
        self,
        customer: &CustomerId,
        import: &ImportRequest,
    ) -> Result<Credential, Error> {
        call!("credentials.import", async {
            let (held, anchored) = held_and_anchored(self.0, customer).await?;
            let id = self.fob(customer, import, &held.all);
            let known = self.known(customer, id, &held.all).await?;
            let gives_way = match known {
                Known::Already => Vec::new(),
                Known::Not => {
                    import.check()?;
                    let lost =
                        Bound { id, key: None, method: import.parameters.method, imported: true };
                    if anchored.has_revoked(id) {
                        return Ok(lost.revoked());
                    }
                    if anchored.misses(id) {
                        return Err(Invalid::NotReconciled.into());
                    }
                    let (now, policy) = (self.0.clock.now()?, &self.0.policy.credentials);
                    if anchored.is_below_floor(&held.all, Ground::BackEnd, now, policy) {
                        return Err(Invalid::BelowFloor.into());
                    }
                    self.room(&held, &anchored, id).beside(Answering::Entitled)??
                }
            };
            let of = self.0.of::<CredentialState>(customer, id.0);
            if known == Known::Already {
                return self.0.run(&of, import).await;
            }
            self.readmit(customer, &anchored).await?;
            self.give_way(customer, &gives_way, Actor::BackEnd).await?;
            let bound = Bound {
                id,
                key: Some(key_of(&import.seed)),
                method: import.parameters.method,
                imported: true,
            };
            let (what, until) = (Intended::Bind, lands_until(self.0)?);
            let intent = Intent { what, of: bound, until, session_alone: false };
            // On the back end's word: below a floor only while that is lowered.
            match reserve(self.0, customer, intent, Ground::BackEnd, &held.all, &anchored).await? {
                Reserved::Yes => {}
                Reserved::BelowFloor => return Err(Invalid::BelowFloor.into()),
                // It was revoked meanwhile.
                _ => return Ok(bound.revoked()),
            }
            let imported = self.0.run(&of, import).await?;
            settle(self.0, customer, intent, anchored.shown(&held.all)).await?;
            Ok(imported)
        })
    }

    /// The id of a fob: of the key that HMAC makes of its seed, so that no other spelling of the seed is another
    /// fob. One that is there as another kind is the same.
    fn fob(
        self,
        customer: &CustomerId,
        import: &ImportRequest,
        held: &[Credential],
    ) -> CredentialId {
        let of = |key: &[u8]| {
            CredentialId(self.0.keyring.locate(&[
                b"countersign fob v1",
                self.0.issuer.as_str().as_bytes(),
                customer.as_str().as_bytes(),
                key,
            ]))
        };
        // Each hash keeps its input.
        leaving_no_trace(|| {
            let by = |algorithm: Algorithm| of(algorithm.key_of(&import.seed).expose());
            let id = by(import.parameters.algorithm);
            let any = [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512].map(by);
            // Under the seed as it was spelt, which names records of the first version: with any zeros at its end.
            let key = import.parameters.algorithm.key_of(&import.seed);
            let mut spelt = Zeroizing::new([0; LONGEST_SEED]);
            let length = key.expose().len().min(LONGEST_SEED);
            for (to, from) in spelt.iter_mut().zip(key.expose()) {
                *to = *from;
            }
            let spelt = (length..=LONGEST_SEED).filter_map(|end| spelt.get(..end)).map(of);
            let bare = [id, of(import.seed.expose())].into_iter();
            let mut all = bare.chain(any).chain(spelt);
            all.find(|id| held.iter().any(|one| one.id == *id)).unwrap_or(id)
        })
    }

    /// Whether the customer has the credential `id`, or had it.
    async fn known(
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

    async fn give_way(
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

    /// On the back end's word a customer who was erased begins anew.
    async fn readmit(self, customer: &CustomerId, anchored: &Anchored) -> Result<(), Error> {
        if anchored.anchor.is_erased() {
            self.0.run(&anchor_of(self.0, customer), &Readmit).await?;
        }
        Ok(())
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

    fn room<'a>(
        self,
        held: &'a Live<Credential>,
        anchored: &Anchored,
        id: CredentialId,
    ) -> Room<'a> {
        let most = self.0.policy.credentials.per_customer;
        Room { held, missing: anchored.beside(id), most }
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "test code")]
mod tests {
    use super::*;
    use crate::credential::view::CredentialStatus;
    use crate::crypto::keyring::Keyring;
    use crate::crypto::random::OsRandom;
    use crate::engine::Engine;
    use crate::otp::OtpSeed;
    use crate::values::id::Issuer;

    /// Records of the first version are named by the seed as it was spelt.
    #[tokio::test]
    async fn a_fob_that_was_named_by_its_seed_is_known_by_every_spelling() {
        let customer = CustomerId::new("alice").unwrap();
        for (length, zeros) in [(19, 1), (16, 4), (64, 3), (100, 28), (20, 0)] {
            let keyring = Keyring::generate(&OsRandom::new()).unwrap();
            let issuer = Issuer::new("bank.example").unwrap();
            let bank = Enterprise {
                engine: Engine::new(issuer, keyring),
                signing: None,
                published: Vec::new(),
                telephony: crate::contact::Telephony::new(),
                watermarks: crate::engine::watermarks::Watermarks::default(),
                #[cfg(feature = "cards")]
                vault_keys: None,
            };
            let spelt = |zeros: usize| {
                let bytes = [vec![7; length], vec![0; zeros]].concat();
                ImportRequest::hotp(OtpSeed::from_bytes(&bytes).unwrap(), 0)
            };
            let before = spelt(zeros);
            let id = bank.keyring.locate(&[
                b"countersign fob v1",
                b"bank.example",
                b"alice",
                before.seed.expose(),
            ]);
            let at = bank.of::<CredentialState>(&customer, id);
            bank.run(&at, &before).await.unwrap();
            bank.run(&at, &Revoke).await.unwrap();
            let credentials = Credentials(&bank);
            // Hashed where it is longer than a block, so that zeros at the end make another key.
            let others = if length + zeros > 64 { zeros..=zeros } else { 0..=64 - length };
            for zeros in others {
                let again = credentials.import(&customer, &spelt(zeros)).await.unwrap();
                let found = (again.id.0, again.status);
                assert_eq!(found, (id, CredentialStatus::Revoked), "{length} {zeros}");
            }
            let page = credentials.list(&customer, Page::first()).await.unwrap();
            assert_eq!(page.items.len(), 1);
        }
    }
}
