//! A keyring from keys that a host's key management service unwraps, one call each.

use zeroize::Zeroizing;

use crate::crypto::keyring::{KeyRole, Keyring, Unwrap, UnwrapError, WrappedKey};

impl Keyring {
    /// The keyring of wrapped keys ([`Keyring::keys_to_wrap`]): the locator key, the root key that is active, and the
    /// others. `by` is asked once for each, one after the other, and not again: build the keyring at start.
    ///
    /// Each key is checked against what was noted when it was wrapped, so that two which were swapped, or unwrapped
    /// as something else, are an error and never a keyring. Which root key is active, and which are there at all,
    /// your configuration says.
    ///
    /// # Errors
    ///
    /// [`UnwrapError`].
    pub async fn unwrapped(
        locator: &WrappedKey,
        active: &WrappedKey,
        others: &[WrappedKey],
        by: &impl Unwrap,
    ) -> Result<Self, UnwrapError> {
        if locator.role() != KeyRole::Locator {
            return Err(UnwrapError::WrongPlace(locator.role()));
        }
        let mut roots = core::iter::once(active).chain(others);
        if let Some(locator) = roots.find(|key| key.role() == KeyRole::Locator) {
            return Err(UnwrapError::WrongPlace(locator.role()));
        }
        let first = open(locator, by).await?;
        let second = open(active, by).await?;
        let mut keyring = Self::import(locator.checked(&first)?, active.checked(&second)?)?;
        drop((first, second));
        for other in others {
            keyring.import_root(other.checked(&open(other, by).await?)?)?;
        }
        Ok(keyring)
    }
}

/// What was unwrapped, wiped when it is dropped.
async fn open(key: &WrappedKey, by: &impl Unwrap) -> Result<Zeroizing<Vec<u8>>, UnwrapError> {
    let unwrapped = by.unwrap_key(key).await;
    let failed = |source| UnwrapError::Failed { role: key.role(), source };
    unwrapped.map(Zeroizing::new).map_err(failed)
}
