//! HKDF-SHA-256: what the root keys and the subkeys are derived with.

use zeroize::Zeroizing;

use super::aead::{self, Aes256Gcm};
use super::backend::hkdf;

/// The extracted key, to expand from.
pub(crate) struct Prk(hkdf::Prk);

impl Prk {
    pub(crate) fn extract(salt: &[u8], secret: &[u8]) -> Self {
        Self(hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret))
    }

    /// Fills all of `to`. `None` if that is more than HKDF gives, 255 blocks.
    pub(crate) fn expand(&self, info: &[u8], to: &mut [u8]) -> Option<()> {
        self.0.expand(&[info], Length(to.len())).ok()?.fill(to).ok()
    }

    /// `None` cannot happen: a key is one block.
    pub(crate) fn aead_key(&self, info: &[u8]) -> Option<Aes256Gcm> {
        // Not the library's own way from here to a key, which leaves its bytes on the stack.
        let mut key = Zeroizing::new([0; aead::KEY_LEN]);
        self.expand(info, key.as_mut_slice())?;
        Aes256Gcm::new(&key)
    }
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}
