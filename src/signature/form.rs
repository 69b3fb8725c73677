//! The forms in which a public key comes: JWK, COSE key, SubjectPublicKeyInfo.
//!
//! A COSE key in its canonical form and DER have one encoding for each key, so they are compared with their constant
//! frames and no parser is needed.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;

use crate::token::{base64url, strict_json};

/// The longest JWK that is looked at, in bytes.
const MAX_JWK_LEN: usize = 4096;

/// The coordinates x and y of a point on P-256.
pub(super) type Coordinates = [u8; 64];

/// A key as it was written, before anything is known of its strength.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    P256(Coordinates),
    Ed25519([u8; 32]),
}

/// Why nothing could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    Malformed,
    /// There is a private part.
    Secret,
}

#[derive(Deserialize)]
struct Jwk<'a> {
    #[serde(borrow)]
    kty: Cow<'a, str>,
    #[serde(borrow)]
    crv: Cow<'a, str>,
    #[serde(borrow)]
    x: Cow<'a, str>,
    #[serde(borrow, default)]
    y: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "use")]
    used_for: Option<Cow<'a, str>>,
    /// Whether there is one, whatever it holds.
    #[serde(default, deserialize_with = "present")]
    d: bool,
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

/// A JWK (RFC 7517, RFC 7518 §6.2, RFC 8037 §2). Members that are not known are ignored, a doubled one is not.
pub(super) fn from_jwk(json: &str) -> Result<Written, Unread> {
    if json.len() > MAX_JWK_LEN {
        return Err(Unread::Malformed);
    }
    let jwk: Jwk<'_> = strict_json::from_slice(json.as_bytes()).ok_or(Unread::Malformed)?;
    if jwk.d {
        return Err(Unread::Secret);
    }
    if jwk.used_for.is_some_and(|used| used != "sig") {
        return Err(Unread::Malformed);
    }
    let x = base64url::decode_array::<32>(&jwk.x);
    let y = jwk.y.as_ref().map(|y| base64url::decode_array::<32>(y));
    match (&*jwk.kty, &*jwk.crv, x, y) {
        ("EC", "P-256", Some(x), Some(Some(y))) => Ok(Written::P256(joined(&x, &y))),
        ("OKP", "Ed25519", Some(x), None) => Ok(Written::Ed25519(x)),
        _ => Err(Unread::Malformed),
    }
}

fn joined(x: &[u8; 32], y: &[u8; 32]) -> Coordinates {
    let mut both = [0; 64];
    for (to, from) in both.iter_mut().zip(x.iter().chain(y)) {
        *to = *from;
    }
    both
}

/// A map of five: kty EC2, alg ES256, crv P-256, and before the 32 bytes of x (RFC 9053 §7.1.1).
const COSE_P256: [u8; 10] = [0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
/// Before the 32 bytes of y.
const COSE_Y: [u8; 3] = [0x22, 0x58, 0x20];
/// A map of four: kty OKP, alg EdDSA, crv Ed25519, and before the 32 bytes of x (RFC 9053 §7.2).
const COSE_ED25519: [u8; 10] = [0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20];

/// A COSE key in its canonical form at the beginning of `bytes`, and what comes after it.
pub(super) fn cose_at(bytes: &[u8]) -> Option<(Written, &[u8])> {
    if let Some(rest) = bytes.strip_prefix(&COSE_P256) {
        let (x, rest) = rest.split_first_chunk::<32>()?;
        let (y, rest) = rest.strip_prefix(&COSE_Y)?.split_first_chunk::<32>()?;
        return Some((Written::P256(joined(x, y)), rest));
    }
    let (x, rest) = bytes.strip_prefix(&COSE_ED25519)?.split_first_chunk::<32>()?;
    Some((Written::Ed25519(*x), rest))
}

pub(super) fn to_cose(written: &Written) -> Vec<u8> {
    match written {
        Written::P256(both) => {
            let (x, y) = both.split_at(32);
            [&COSE_P256, x, &COSE_Y, y].concat()
        }
        Written::Ed25519(x) => [COSE_ED25519.as_slice(), x].concat(),
    }
}

/// SEQUENCE { SEQUENCE { OID ecPublicKey, OID prime256v1 }, BIT STRING of an uncompressed point } (RFC 5480).
const SPKI_P256: [u8; 27] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
];
/// SEQUENCE { SEQUENCE { OID 1.3.101.112 }, BIT STRING of 32 bytes } (RFC 8410 §4).
const SPKI_ED25519: [u8; 12] =
    [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

pub(super) fn from_spki(der: &[u8]) -> Option<Written> {
    if let Some(point) = der.strip_prefix(&SPKI_P256) {
        return point.try_into().ok().map(Written::P256);
    }
    der.strip_prefix(&SPKI_ED25519)?.try_into().ok().map(Written::Ed25519)
}
