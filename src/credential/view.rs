//! What may be seen of a credential.

use core::fmt;
use serde::Serialize;

use crate::codec::table::kept_as_bytes;
use crate::credential::bound::{AttestationVerdict, BoundBy};
use crate::credential::method::Method;
use crate::otp::ocra::Suite;
use crate::signature::key::{CredentialPublicKey, KeyFingerprint};
use crate::values::id::CredentialId;
use crate::values::time::Timestamp;

/// Which key a credential has, without telling it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyTag(pub(crate) [u8; 16]);

kept_as_bytes!(KeyTag);

impl fmt::Debug for KeyTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

/// A credential as the customer's app and the back end may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Credential {
    /// Its id.
    pub id: CredentialId,
    /// How it makes its codes.
    pub method: Method,
    /// It is a fob whose seed was imported.
    pub imported: bool,
    /// The suite of an OCRA fob, which the customer types the question into; `None` of all others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suite: Option<Suite>,
    /// How it stands.
    pub status: CredentialStatus,
    /// Since when it can be used; `None` before that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Which credential approved it ([`EnrolmentRequest::approved_in`](crate::credential::EnrolmentRequest::approved_in)); `None` if
    /// none did. When a phone is stolen, revoke what it has approved as well, what waits for its first code too:
    /// a confirmation may be on its way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<CredentialId>,
    /// Until when no code is looked at, if it is locked.
    pub locked_until: Option<Timestamp>,
    /// What names the public key of a device key or passkey; `None` of all others, and before it is confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_fingerprint: Option<KeyFingerprint>,
    /// The authenticator's own id of a passkey, in base64url: what a browser is told to find it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passkey_id: Option<String>,
    /// On whose word a device key or passkey was bound, or is to be; `None` of all others, and of those that were bound
    /// before this was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bound_by: Option<BoundBy>,
    /// What the host found the platform's attestation of the key to say, if it looked at one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attested: Option<AttestationVerdict>,
    #[serde(skip)]
    pub(crate) public_key: Option<CredentialPublicKey>,
    #[serde(skip)]
    pub(crate) with_code: bool,
    #[serde(skip)]
    pub(crate) key: Option<KeyTag>,
    #[serde(skip)]
    pub(crate) was_confirmed: bool,
    #[serde(skip)]
    pub(crate) begun_by_session: Option<Timestamp>,
}

impl Credential {
    /// Whether the customer has it, so that a session alone may not put another beside it. A disabled one
    /// counts if it was ever confirmed: whoever enters wrong codes until it is must not win by that.
    pub(crate) const fn is_held(&self) -> bool {
        match self.status {
            CredentialStatus::Active | CredentialStatus::Locked => true,
            CredentialStatus::Disabled => self.was_confirmed,
            _ => false,
        }
    }

    /// When it was begun, if it waits for its first code and nobody but the session says that the customer may
    /// have it.
    pub(crate) const fn begun_by_session(&self) -> Option<Timestamp> {
        self.begun_by_session
    }
}

/// How a credential stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CredentialStatus {
    /// It waits for its first code.
    Pending,
    /// Its first code did not come in time.
    Lapsed,
    /// It can be used.
    Active,
    /// Too many failures in a row: no code is looked at for a while.
    Locked,
    /// So many failures that only a new credential helps.
    Disabled,
    /// It was revoked.
    Revoked,
}
