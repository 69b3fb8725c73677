//! The public keys that are trusted: of one issuer, each for named purposes, for a time.

use crate::token::{Kid, PublicKey, Purpose};
use crate::values::id::Issuer;
use crate::values::time::Timestamp;

/// One issuer's public keys, each bound to the purposes it may sign.
///
/// A key that is trusted for one purpose verifies no other. Several keys may be trusted for one
/// purpose: to rotate, [`trust`](Self::trust) the new key, let the signer change over, then
/// [`retire`](Self::retire) the old one at the time when its last token has expired.
///
/// Whether a key is trusted is asked at the time of verification, not at the time a token claims to
/// have been issued, which whoever holds a leaked key can choose.
///
/// ```
/// use countersign::token::{Purpose, SigningKey, TrustedKeys};
/// use countersign::{Issuer, Timestamp};
///
/// # fn main() -> Result<(), Box<dyn core::error::Error>> {
/// let (old, new) = (SigningKey::from_seed(&[1; 32])?, SigningKey::from_seed(&[2; 32])?);
/// let mut keys = TrustedKeys::new(Issuer::new("bank.example")?);
/// keys.trust(*old.public_key(), Purpose::Challenge)?;
/// // Later: both verify until the old key's last challenge has expired.
/// keys.trust(*new.public_key(), Purpose::Challenge)?;
/// keys.retire(old.public_key().kid(), Purpose::Challenge, Timestamp::from_unix(1_800_000_000));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct TrustedKeys {
    issuer: Issuer,
    pub(super) entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: PublicKey,
    pub(super) purpose: Purpose,
    pub(super) from: Option<Timestamp>,
    pub(super) until: Option<Timestamp>,
}

/// Why a key was not added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// It stands there already.
    #[error("this key is trusted for this purpose already: distrust it first to change its time")]
    AlreadyTrusted,
    /// The time ends before or when it starts.
    #[error("the time for which a key is trusted must end after it starts")]
    EmptyWindow,
}

impl TrustedKeys {
    /// No keys of `issuer` yet: nothing verifies.
    #[must_use]
    pub const fn new(issuer: Issuer) -> Self {
        Self { issuer, entries: Vec::new() }
    }

    /// Whose keys these are.
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// Trusts `key` for `purpose` from now on, without an end.
    ///
    /// # Errors
    ///
    /// [`TrustError::AlreadyTrusted`].
    pub fn trust(&mut self, key: PublicKey, purpose: Purpose) -> Result<(), TrustError> {
        self.trust_between(key, purpose, None, None)
    }

    /// Trusts `key` for `purpose` from `from` (included) until `until` (excluded), where given. No
    /// leeway is applied: let the windows of successive keys overlap.
    ///
    /// # Errors
    ///
    /// [`TrustError::AlreadyTrusted`], [`TrustError::EmptyWindow`].
    pub fn trust_between(
        &mut self,
        key: PublicKey,
        purpose: Purpose,
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Result<(), TrustError> {
        if from.zip(until).is_some_and(|(from, until)| from >= until) {
            return Err(TrustError::EmptyWindow);
        }
        if self.entries.iter().any(|entry| entry.key == key && entry.purpose == purpose) {
            return Err(TrustError::AlreadyTrusted);
        }
        self.entries.push(Entry { key, purpose, from, until });
        Ok(())
    }

    /// Ends the trust in the key `kid` for `purpose` at `until`, if it does not end earlier. Returns
    /// whether there is such a key.
    pub fn retire(&mut self, kid: &Kid, purpose: Purpose, until: Timestamp) -> bool {
        let found = self
            .entries
            .iter_mut()
            .find(|entry| entry.key.kid() == kid && entry.purpose == purpose);
        match found {
            Some(entry) => {
                entry.until = Some(entry.until.map_or(until, |set| set.min(until)));
                true
            }
            None => false,
        }
    }

    /// Ends the trust in the key `kid` for all purposes, at once. Returns whether it was trusted for
    /// any.
    pub fn distrust(&mut self, kid: &Kid) -> bool {
        let before = self.entries.len();
        self.entries.retain(|entry| entry.key.kid() != kid);
        self.entries.len() < before
    }

    /// The keys, each with a purpose for which it is trusted at `now`.
    pub fn trusted_at(&self, now: Timestamp) -> impl Iterator<Item = (&PublicKey, Purpose)> {
        self.entries
            .iter()
            .filter(move |entry| entry.holds_at(now))
            .map(|entry| (&entry.key, entry.purpose))
    }

    /// Whether the key `kid` is trusted for `purpose` at any time.
    #[cfg(feature = "cards")]
    pub(crate) fn names(&self, kid: &Kid, purpose: Purpose) -> bool {
        self.entries.iter().any(|entry| entry.key.kid() == kid && entry.purpose == purpose)
    }

    pub(super) fn find(&self, kid: &Kid, purpose: Purpose, now: Timestamp) -> Option<&PublicKey> {
        self.trusted_at(now)
            .find(|(key, trusted_for)| key.kid() == kid && *trusted_for == purpose)
            .map(|(key, _)| key)
    }
}

impl Entry {
    fn holds_at(&self, now: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }
}
