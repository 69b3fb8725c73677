//! Authenticator data (§6.1): what the authenticator signs of itself.

use crate::signature::key::CredentialPublicKey;
use crate::webauthn::{MAX_CREDENTIAL_ID, cbor};

/// What the authenticator says of the user and of the passkey's copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flags(u8);

impl Flags {
    pub(crate) const fn user_present(self) -> bool {
        self.0 & 0x01 != 0
    }

    pub(crate) const fn user_verified(self) -> bool {
        self.0 & 0x04 != 0
    }

    /// The passkey may be copied to other devices. It never changes.
    pub(crate) const fn backup_eligible(self) -> bool {
        self.0 & 0x08 != 0
    }

    pub(crate) const fn backed_up(self) -> bool {
        self.0 & 0x10 != 0
    }

    const fn attested(self) -> bool {
        self.0 & 0x40 != 0
    }

    const fn extended(self) -> bool {
        self.0 & 0x80 != 0
    }
}

/// A new passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attested<'a> {
    pub(crate) id: &'a [u8],
    pub(crate) key: CredentialPublicKey,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AuthenticatorData<'a> {
    pub(crate) rp_id_hash: &'a [u8; 32],
    pub(crate) flags: Flags,
    /// How often it has signed; some authenticators do not count and say 0.
    pub(crate) counter: u32,
    pub(crate) attested: Option<Attested<'a>>,
}

impl<'a> AuthenticatorData<'a> {
    /// `None` also if the key is of no algorithm that is taken here, or of small order.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let (rp_id_hash, rest) = bytes.split_first_chunk::<32>()?;
        let (flags, rest) = rest.split_first()?;
        let (counter, mut rest) = rest.split_first_chunk::<4>()?;
        let (flags, counter) = (Flags(*flags), u32::from_be_bytes(*counter));
        let mut attested = None;
        if flags.attested() {
            let (_aaguid, after) = rest.split_first_chunk::<16>()?;
            let (length, after) = after.split_first_chunk::<2>()?;
            let length = usize::from(u16::from_be_bytes(*length));
            if length == 0 || length > MAX_CREDENTIAL_ID {
                return None;
            }
            let (id, after) = after.split_at_checked(length)?;
            let (key, after) = CredentialPublicKey::cose_at(after).ok()?;
            (attested, rest) = (Some(Attested { id, key }), after);
        }
        if flags.extended() {
            rest = cbor::after_map(rest)?;
        }
        rest.is_empty().then_some(Self { rp_id_hash, flags, counter, attested })
    }
}
