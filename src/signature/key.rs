//! The public key of a phone or passkey, and the fingerprint that names it.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::form::{self, Unread, Written};
use super::signed::Signature;
use crate::codec::table::{kept_as, kept_as_bytes};
use crate::crypto::digest::sha256;
use crate::crypto::{ed25519, p256};
use crate::token::{KeyError, PublicKey, base64url};

/// How a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// ECDSA on P-256 with SHA-256, which secure hardware in phones makes.
    #[serde(rename = "ES256")]
    Es256,
    /// Ed25519 (RFC 8032).
    #[serde(rename = "EdDSA")]
    Ed25519,
}

/// Why something is not a public key that customers may sign with. Nothing of the input is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialKeyError {
    /// Another algorithm, another form, bytes too many or too few, or no point of the curve.
    #[error("expected a public key for ES256 on P-256 or for Ed25519, as JWK, COSE key or SPKI")]
    Malformed,
    /// There is a private part: whoever sees it can sign.
    #[error("this is a private key where a public key belongs; make another key")]
    SecretGivenAsPublic,
    /// A point of small order, under which anyone can sign, or one that is written oddly.
    #[error("this Ed25519 key is weak or oddly written; make another key")]
    Weak,
}

impl From<Unread> for CredentialKeyError {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Malformed => Self::Malformed,
            Unread::Secret => Self::SecretGivenAsPublic,
        }
    }
}

impl From<KeyError> for CredentialKeyError {
    fn from(_: KeyError) -> Self {
        Self::Weak
    }
}

/// The public key of a customer's phone or passkey: ES256 on P-256, or Ed25519 that is not of small order.
///
/// A P-256 key is a point of the curve. A passkey that is registered without attestation signs nothing, so one that is
/// none would only show when nothing verifies under it.
///
/// ```
/// use countersign::credential::{CredentialPublicKey, SignatureAlgorithm};
///
/// // RFC 7517, appendix A.1.
/// let key = CredentialPublicKey::from_jwk(
///     r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
///         "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}"#,
/// )?;
/// assert_eq!(key.algorithm(), SignatureAlgorithm::Es256);
/// # Ok::<(), countersign::credential::CredentialKeyError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CredentialPublicKey(Key);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    P256([u8; 64]),
    Ed25519(PublicKey),
}

impl CredentialPublicKey {
    fn of(written: Written) -> Result<Self, CredentialKeyError> {
        Ok(Self(match written {
            Written::P256(both) if p256::is_on_curve(&both) => Key::P256(both),
            Written::P256(_) => return Err(CredentialKeyError::Malformed),
            // The libraries take the neutral point, under which anyone signs.
            Written::Ed25519(bytes) => Key::Ed25519(PublicKey::from_bytes(bytes)?),
        }))
    }

    const fn written(&self) -> Written {
        match &self.0 {
            Key::P256(both) => Written::P256(*both),
            Key::Ed25519(key) => Written::Ed25519(*key.as_bytes()),
        }
    }

    /// Reads a JWK: `kty` `EC` with `crv` `P-256` (RFC 7518 §6.2), or `OKP` with `Ed25519` (RFC 8037 §2); `use`
    /// absent or `sig`; no private `d`. Other members are ignored, a doubled one is refused.
    ///
    /// # Errors
    ///
    /// [`CredentialKeyError`].
    pub fn from_jwk(json: &str) -> Result<Self, CredentialKeyError> {
        Self::of(form::from_jwk(json)?)
    }

    /// Reads a COSE key (RFC 9053 §7) in CTAP2's canonical form, which has `alg` -7 (ES256) or -8 (EdDSA).
    ///
    /// # Errors
    ///
    /// [`CredentialKeyError`].
    pub fn from_cose(bytes: &[u8]) -> Result<Self, CredentialKeyError> {
        match Self::cose_at(bytes)? {
            (key, []) => Ok(key),
            _ => Err(CredentialKeyError::Malformed),
        }
    }

    /// The COSE key at the beginning of `bytes`, and what comes after it.
    pub(crate) fn cose_at(bytes: &[u8]) -> Result<(Self, &[u8]), CredentialKeyError> {
        let (written, rest) = form::cose_at(bytes).ok_or(CredentialKeyError::Malformed)?;
        Ok((Self::of(written)?, rest))
    }

    /// Reads a SubjectPublicKeyInfo in DER (RFC 5480, with an uncompressed point; RFC 8410 §4).
    ///
    /// # Errors
    ///
    /// [`CredentialKeyError`].
    pub fn from_spki_der(der: &[u8]) -> Result<Self, CredentialKeyError> {
        Self::of(form::from_spki(der).ok_or(CredentialKeyError::Malformed)?)
    }

    /// As a COSE key in its canonical form.
    #[must_use]
    pub fn to_cose(&self) -> Vec<u8> {
        form::to_cose(&self.written())
    }

    /// How it signs.
    #[must_use]
    pub const fn algorithm(&self) -> SignatureAlgorithm {
        match self.0 {
            Key::P256(_) => SignatureAlgorithm::Es256,
            Key::Ed25519(_) => SignatureAlgorithm::Ed25519,
        }
    }

    /// What names it.
    #[must_use]
    pub fn fingerprint(&self) -> KeyFingerprint {
        // The members that RFC 7638 §3.2 and RFC 8037 §2 require, in lexicographic order.
        KeyFingerprint(sha256(match &self.0 {
            Key::P256(both) => {
                let (x, y) = both.split_at(32);
                let [x, y] = [x, y].map(base64url::encode);
                format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#)
            }
            Key::Ed25519(key) => {
                let x = base64url::encode(key.as_bytes());
                format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#)
            }
        }))
    }

    /// Whether `signature` is of `message` under it.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &Signature) -> bool {
        match &self.0 {
            Key::P256(both) => {
                let mut point = [4; 65];
                for (to, from) in point.iter_mut().skip(1).zip(both) {
                    *to = *from;
                }
                p256::verifies(&point, message, &signature.0)
            }
            Key::Ed25519(key) => ed25519::verifies(key.as_bytes(), message, &signature.0),
        }
    }
}

impl fmt::Debug for CredentialPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CredentialPublicKey({})", self.fingerprint())
    }
}

kept_as! {
    CredentialPublicKey: |this| this.to_cose().as_slice(), |bytes: &[u8]| Self::from_cose(bytes)
}

/// What names a public key: its JWK thumbprint (RFC 7638, SHA-256), 43 characters of base64url.
///
/// A host that keeps those of its customers in another place notices when somebody with the enterprise's keys and
/// rows has put another key in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyFingerprint(pub(crate) [u8; 32]);

kept_as_bytes!(KeyFingerprint);

impl fmt::Display for KeyFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64url::encode(&self.0))
    }
}

impl fmt::Debug for KeyFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyFingerprint({self})")
    }
}

/// A text is no fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint has 43 characters of base64url")]
#[non_exhaustive]
pub struct InvalidFingerprint;

impl FromStr for KeyFingerprint {
    type Err = InvalidFingerprint;

    fn from_str(text: &str) -> Result<Self, InvalidFingerprint> {
        base64url::decode_array(text).map(Self).ok_or(InvalidFingerprint)
    }
}

impl Serialize for KeyFingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for KeyFingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::values::secret::deserialize_text(deserializer, "a key's fingerprint", Self::from_str)
    }
}
