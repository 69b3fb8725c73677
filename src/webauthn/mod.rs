//! WebAuthn Level 3: reading what an authenticator made, and the checks of "registering a new credential" (§7.1) and
//! "verifying an authentication assertion" (§7.2) that need no state. Formats alone: which challenge, which key and
//! what follows is said elsewhere.

pub(crate) mod assertion;
pub(crate) mod authenticator_data;
pub(crate) mod cbor;
pub(crate) mod client_data;
pub(crate) mod registration;
#[cfg(test)]
mod vectors;

use crate::crypto::digest::sha256;
use crate::webauthn::authenticator_data::AuthenticatorData;
use crate::webauthn::client_data::{Ceremony, ClientData};

/// The longest client data that is read, in bytes.
pub(crate) const MAX_CLIENT_DATA: usize = 4096;
/// The longest authenticator data of an assertion, in bytes.
pub(crate) const MAX_AUTHENTICATOR_DATA: usize = 1024;
/// The longest attestation object, in bytes: certificates stand in it.
pub(crate) const MAX_ATTESTATION: usize = 32 * 1024;
/// The longest id of a passkey, in bytes (§5.1.3).
pub(crate) const MAX_CREDENTIAL_ID: usize = 1023;

/// What a relying party expects of every ceremony.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'a> {
    pub(crate) rp_id: &'a str,
    pub(crate) origins: &'a [String],
    pub(crate) challenge: &'a [u8],
    pub(crate) user_verification: bool,
}

impl Expected<'_> {
    /// Whether client and authenticator say what they must. Nothing here is signed for a registration without
    /// attestation; for an assertion the signature is looked at besides.
    fn holds(&self, ceremony: Ceremony, client: &ClientData, data: &AuthenticatorData<'_>) -> bool {
        client.is_of(ceremony, self.challenge, self.origins)
            && !self.rp_id.is_empty()
            && *data.rp_id_hash == sha256(self.rp_id)
            && data.flags.user_present()
            && (data.flags.user_verified() || !self.user_verification)
            && (data.flags.backup_eligible() || !data.flags.backed_up())
    }
}
