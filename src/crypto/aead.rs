//! AES-256-GCM in place.

use super::backend::aead;

pub(super) const KEY_LEN: usize = 32;
pub(crate) const NONCE_LEN: usize = aead::NONCE_LEN;
pub(crate) const TAG_LEN: usize = 16;

/// A key to seal and open with; derived by [`Prk::aead_key`](super::hkdf::Prk::aead_key).
pub(crate) struct Aes256Gcm(aead::LessSafeKey);

impl Aes256Gcm {
    /// `None` cannot happen: the key has its length.
    pub(super) fn new(key: &[u8; KEY_LEN]) -> Option<Self> {
        aead::UnboundKey::new(&aead::AES_256_GCM, key).ok().map(aead::LessSafeKey::new).map(Self)
    }

    /// Encrypts `text` and gives its tag. The nonce must not have been used with this key.
    pub(crate) fn seal(
        &self,
        nonce: [u8; NONCE_LEN],
        aad: &[u8],
        text: &mut [u8],
    ) -> Option<[u8; TAG_LEN]> {
        let nonce = aead::Nonce::assume_unique_for_key(nonce);
        let tag = self.0.seal_in_place_separate_tag(nonce, aead::Aad::from(aad), text).ok()?;
        tag.as_ref().try_into().ok()
    }

    /// Decrypts `sealed`, which ends with its tag, and gives the length of what it held.
    pub(crate) fn open(
        &self,
        nonce: [u8; NONCE_LEN],
        aad: &[u8],
        sealed: &mut [u8],
    ) -> Option<usize> {
        let nonce = aead::Nonce::assume_unique_for_key(nonce);
        self.0.open_in_place(nonce, aead::Aad::from(aad), sealed).ok().map(|text| text.len())
    }
}
