//! HMAC-SHA-256, for tags and words.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// An HMAC with its key, fed piece by piece.
#[derive(Clone)]
pub(crate) struct HmacSha256(Hmac<Sha256>);

impl HmacSha256 {
    /// `None` cannot happen: any length is a key to HMAC.
    pub(crate) fn new(key: &[u8]) -> Option<Self> {
        Hmac::new_from_slice(key).ok().map(Self)
    }

    pub(crate) fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    pub(crate) fn finalize(self) -> [u8; 32] {
        self.0.finalize().into_bytes().into()
    }
}
