//! PBKDF2 (RFC 8018, section 5.2): a key from a password, for files that were written so. What the crate itself derives from
//! a secret that people choose it derives with Argon2.

use core::num::NonZeroU32;

use zeroize::Zeroizing;

use super::backend::pbkdf2;
use crate::values::secret::SecretBytes;

/// The pseudo-random function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prf {
    HmacSha1,
    HmacSha256,
    HmacSha512,
}

pub(crate) fn derive(
    prf: Prf,
    rounds: NonZeroU32,
    (salt, password): (&[u8], &[u8]),
    length: usize,
) -> SecretBytes {
    let algorithm = match prf {
        Prf::HmacSha1 => pbkdf2::PBKDF2_HMAC_SHA1,
        Prf::HmacSha256 => pbkdf2::PBKDF2_HMAC_SHA256,
        Prf::HmacSha512 => pbkdf2::PBKDF2_HMAC_SHA512,
    };
    let mut key = Zeroizing::new(vec![0; length]);
    pbkdf2::derive(algorithm, rounds, salt, password, &mut key);
    SecretBytes::copy_of(&key)
}
