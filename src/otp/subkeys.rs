//! One key per use from a credential's seed, so that what one use gives away helps with no other.

use crate::crypto::hkdf::Prk;
use crate::otp::seed::OtpSeed;
use crate::values::secret::SecretBytes;

/// The length of every subkey, in bytes.
pub(crate) const SUBKEY_BYTES: usize = 32;

/// What a subkey is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// Step-up codes, given with the customer's own PIN.
    StepUp,
    /// Step-up codes, given with the PIN for coercion.
    Duress,
    /// Codes that the enterprise delivers.
    Delivered,
    /// The code that the agent says.
    SpokenCode,
    /// The words that the agent says.
    DerivedWords,
    /// What a new key signs to show that its owner holds it. It is told, and no key.
    Possession,
}

impl Use {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::StepUp => b"countersign step-up v1",
            Self::Duress => b"countersign duress v1",
            Self::Delivered => b"countersign delivered code v1",
            Self::SpokenCode => b"countersign spoken code v1",
            Self::DerivedWords => b"countersign derived words v1",
            Self::Possession => b"countersign possession v1",
        }
    }
}

/// The subkeys of one seed: HKDF-SHA256 with the salt `countersign credential v1`.
pub(crate) struct Subkeys(Prk);

impl Subkeys {
    pub(crate) fn of(seed: &OtpSeed) -> Self {
        Self(Prk::extract(b"countersign credential v1", seed.expose()))
    }

    /// The subkey for `purpose`. `None` cannot happen: HKDF gives up to 255 blocks, this is one.
    pub(crate) fn get(&self, purpose: Use) -> Option<SecretBytes> {
        let mut key = zeroize::Zeroizing::new([0; SUBKEY_BYTES]);
        self.0.expand(purpose.label(), &mut *key)?;
        Some(SecretBytes::copy_of(&*key))
    }

    /// The same, for an OATH computation.
    pub(crate) fn seed(&self, purpose: Use) -> Option<OtpSeed> {
        OtpSeed::from_bytes(self.get(purpose)?.expose()).ok()
    }
}
