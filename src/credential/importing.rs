//! Importing a fob with the seed that its maker gave.

use zeroize::Zeroizing;

use crate::credential::enrolling::Known;
use crate::credential::facet::Credentials;
use crate::credential::request::ImportRequest;
use crate::credential::rules::room::Answering;
use crate::credential::state::{CredentialState, key_of};
use crate::credential::view::Credential;
use crate::customer::anchor::{held_and_anchored, lands_until, reserve, settle};
use crate::customer::rules::{Ground, Reserved};
use crate::customer::state::{Bound, Intended, Intent};
use crate::engine::trace::call;
use crate::error::{Error, Invalid};
use crate::history::event::Actor;
use crate::otp::Algorithm;
use crate::values::id::{CredentialId, CustomerId};
use crate::values::secret::leaving_no_trace;

/// The longest seed, in bytes.
const LONGEST_SEED: usize = 128;

impl Credentials<'_> {
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
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "test code")]
mod tests {
    use super::*;
    use crate::credential::rules::enrolment::Revoke;
    use crate::credential::view::CredentialStatus;
    use crate::crypto::keyring::Keyring;
    use crate::crypto::random::OsRandom;
    use crate::engine::Engine;
    use crate::engine::enterprise::Enterprise;
    use crate::engine::page::Page;
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
