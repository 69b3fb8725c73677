//! The facet for credentials.

use zeroize::Zeroizing;

use crate::credential::consent::{ConsentRecord, EnrolmentConsent};
use crate::credential::held::credentials_of;
use crate::credential::provisioning::Provisioning;
use crate::credential::request::{EnrolmentRequest, ImportRequest};
use crate::credential::rules::check_code::{Confirm, Resync};
use crate::credential::rules::enrolment::{Enrol, GiveWay, RefuseEnrol, Revoke, Unlock, check};
use crate::credential::state::CredentialState;
use crate::credential::view::{Credential, CredentialStatus};
use crate::engine::enterprise::Enterprise;
use crate::engine::free_text::without_cards;
use crate::engine::page::{Live, Page, Paged};
use crate::engine::trace::call;
use crate::error::{Error, Invalid, RecordError};
use crate::history::event::Actor;
use crate::otp::ocra::Response;
use crate::otp::{Algorithm, Code};
use crate::values::id::{CredentialId, CustomerId, RequestId};
use crate::values::now::WallClock;

/// Credentials: see [`Verifier::credentials`](crate::Verifier::credentials).
///
/// The customer's app calls `enrol`, `confirm`, `resync` and `list`; the back end calls `import`,
/// `revoke` and `unlock`. An agent's desktop calls nothing here. When a phone is lost,
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

/// Who answers for it that the customer may have a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answering {
    /// The back end, or the customer by a credential of theirs.
    Entitled,
    /// Whoever holds a proof that binds nothing.
    BadProof,
    /// The app's session, and nobody else.
    SessionAlone,
}

/// Whether it can be used, or will be.
const fn is_open(of: &Credential) -> bool {
    use CredentialStatus::{Active, Locked, Pending};
    matches!(of.status, Pending | Active | Locked)
}

/// Whether the customer has a credential of this id, or had one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Already,
    Not,
}

impl Answering {
    const fn of(authority: &ConsentRecord, word: &EnrolmentConsent) -> Self {
        match authority.given {
            true => Self::Entitled,
            false if word.has_proof() => Self::BadProof,
            false => Self::SessionAlone,
        }
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
            let EnrolmentRequest { word, account, .. } = enrolment;
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
            let engine = &self.0.engine;
            let (issuer, clock) = (&engine.issuer, WallClock::shows(engine.clock.now()?));
            let held = credentials_of(self.0, customer).await?;
            let method = enrolment.parameters.method;
            let authority =
                word.authority(issuer, customer, &held.all, method, clock, &engine.policy);
            let of = self.0.of(customer, id.0);
            let who = Answering::of(&authority, word);
            let room = match self.known(customer, id, &held.all).await? {
                Known::Already => Ok(Vec::new()),
                Known::Not => {
                    self.can_tell(&held, who)?;
                    self.room(&held.all, who)
                }
            };
            let gives_way = match room {
                Ok(gives_way) => gives_way,
                Err(invalid) => return self.0.run(&of, &RefuseEnrol(invalid)).await,
            };
            if !gives_way.is_empty() {
                // What is refused takes nobody's room.
                check(&enrolment.parameters)?;
            }
            let by = if authority.approver.is_some() { Actor::Customer } else { Actor::BackEnd };
            self.give_way(customer, &gives_way, by).await?;
            let account = account.as_ref().map_or(customer.as_str(), |name| name.as_str());
            let event = Enrol {
                parameters: enrolment.parameters,
                drawn: &drawn,
                authority,
                step_up: word.step_up(issuer, customer),
                approver: word.approver(issuer, customer, &held.all),
                issuer: issuer.as_str(),
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
        call!("credentials.confirm", async {
            let held = credentials_of(self.0, customer).await?;
            if let Some(why) = held.why {
                // What cannot be opened may be in use, beside which the session alone confirms nothing.
                let found = self.0.read_for::<CredentialState>(customer, id.0).await?;
                if found.is_some_and(|(found, _)| found.body.state.waits_for_session_alone()) {
                    return Err(why.into());
                }
            }
            self.0
                .run(&self.0.of(customer, id.0), &Confirm { response: code, held: &held.all })
                .await
        })
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
        call!(
            "credentials.resync",
            self.0.run(&self.0.of(customer, id.0), &Resync([first, second]))
        )
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
    /// [`Invalid::AlreadyImported`] if it was imported as another kind,
    /// [`Invalid::TooManyCredentials`], [`Invalid::TimeStep`], [`Invalid::LastCounter`].
    pub async fn import(
        self,
        customer: &CustomerId,
        import: &ImportRequest,
    ) -> Result<Credential, Error> {
        call!("credentials.import", async {
            let held = credentials_of(self.0, customer).await?;
            let id = self.fob(customer, import, &held.all);
            let gives_way = match self.known(customer, id, &held.all).await? {
                Known::Already => Vec::new(),
                Known::Not => {
                    self.can_tell(&held, Answering::Entitled)?;
                    self.room(&held.all, Answering::Entitled)?
                }
            };
            if !gives_way.is_empty() {
                // What is refused takes nobody's room.
                import.check()?;
                self.give_way(customer, &gives_way, Actor::BackEnd).await?;
            }
            self.0.run(&self.0.of::<CredentialState>(customer, id.0), import).await
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

    /// Whether it can be told that there is room for another credential: one that cannot be opened may be in use,
    /// and takes room.
    fn can_tell(self, held: &Live<Credential>, who: Answering) -> Result<(), RecordError> {
        let open = held.all.iter().filter(|one| is_open(one)).count();
        let most = usize::from(self.0.policy.credentials.per_customer);
        match held.why {
            Some(_)
                if who == Answering::Entitled && open.saturating_add(held.unreadable) < most =>
            {
                Ok(())
            }
            Some(why) => Err(why),
            None => Ok(()),
        }
    }

    /// Whether a customer with these credentials may have another, and which give way to it: the oldest that
    /// the session alone began, if somebody answers for this one.
    fn room(self, all: &[Credential], who: Answering) -> Result<Vec<CredentialId>, Invalid> {
        let beside = all.iter().any(Credential::is_held);
        if who == Answering::BadProof || (who == Answering::SessionAlone && beside) {
            return Err(Invalid::AnotherCredential);
        }
        let (mut usable, mut begun) = (1_usize, Vec::new());
        for held in all {
            usable = usable.saturating_add(is_open(held).into());
            begun.extend(
                held.begun_by_session()
                    .filter(|_| who == Answering::Entitled)
                    .map(|at| (at, held.id)),
            );
        }
        let most = usize::from(self.0.policy.credentials.per_customer);
        let too_many = usable.saturating_sub(most);
        begun.sort_unstable();
        let gives_way = begun.get(..too_many).ok_or(Invalid::TooManyCredentials)?;
        Ok(gives_way.iter().map(|(_, id)| *id).collect())
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
        call!("credentials.revoke", self.0.run(&self.0.of(customer, id.0), &Revoke))
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
        call!("credentials.unlock", self.0.run(&self.0.of(customer, id.0), &Unlock))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "test code")]
mod tests {
    use super::*;
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
