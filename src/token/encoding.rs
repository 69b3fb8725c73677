//! The text and DER forms of keys: PASERK, JWK, PKCS#8, SubjectPublicKeyInfo, PEM.
//!
//! DER has one encoding for each key, so the forms are compared with their constant frames and no
//! ASN.1 parser is needed.

use base64ct::{Base64, Encoding as _};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use zeroize::Zeroizing;

use crate::token::{KeyError, base64url, strict_json};

pub(super) const PUBLIC: &str = "k4.public.";
const SECRET: &str = "k4.secret.";

/// The longest JWK that is looked at, in bytes.
const MAX_JWK_LEN: usize = 4096;
/// The longest PEM that is looked at, in bytes: an Ed25519 key takes about 160.
const MAX_PEM_LEN: usize = 1024;

pub(super) fn public_from_paserk(text: &str) -> Result<[u8; 32], KeyError> {
    if text.starts_with(SECRET) {
        return Err(KeyError::SecretGivenAsPublic);
    }
    let body = text.strip_prefix(PUBLIC).ok_or(KeyError::NotPublicPaserk)?;
    base64url::decode_array(body).ok_or(KeyError::NotPublicPaserk)
}

type Halves = (Zeroizing<[u8; 32]>, [u8; 32]);

pub(super) fn secret_from_paserk(text: &str) -> Result<Halves, KeyError> {
    let body = text.strip_prefix(SECRET).ok_or(KeyError::NotSecretPaserk)?;
    let mut bytes = Zeroizing::new([0_u8; 64]);
    let halves = base64url::decode(body, bytes.as_mut_slice()).and_then(|decoded| {
        let (seed, public) = decoded.split_first_chunk::<32>()?;
        Some((Zeroizing::new(*seed), public.try_into().ok()?))
    });
    halves.ok_or(KeyError::NotSecretPaserk)
}

pub(super) fn secret_to_paserk(seed: &[u8], public: &[u8]) -> Zeroizing<String> {
    let mut halves = Zeroizing::new(Vec::with_capacity(64));
    halves.extend_from_slice(seed);
    halves.extend_from_slice(public);
    let body = Zeroizing::new(base64url::encode(&halves));
    let length = SECRET.len().saturating_add(body.len());
    let mut text = Zeroizing::new(String::with_capacity(length));
    text.push_str(SECRET);
    text.push_str(&body);
    text
}

#[derive(Deserialize)]
struct Jwk<'a> {
    #[serde(borrow)]
    kty: Cow<'a, str>,
    #[serde(borrow)]
    crv: Cow<'a, str>,
    #[serde(borrow)]
    x: Cow<'a, str>,
    #[serde(borrow, rename = "use")]
    used_for: Option<Cow<'a, str>>,
    /// Whether there is one, whatever it holds.
    #[serde(default, deserialize_with = "present")]
    d: bool,
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

pub(super) fn public_from_jwk(json: &str) -> Result<[u8; 32], KeyError> {
    if json.len() > MAX_JWK_LEN {
        return Err(KeyError::NotJwk);
    }
    let jwk: Jwk<'_> = strict_json::from_slice(json.as_bytes()).ok_or(KeyError::NotJwk)?;
    if jwk.d {
        return Err(KeyError::SecretGivenAsPublic);
    }
    if jwk.kty != "OKP" || jwk.crv != "Ed25519" || jwk.used_for.is_some_and(|used| used != "sig") {
        return Err(KeyError::NotJwk);
    }
    base64url::decode_array(&jwk.x).ok_or(KeyError::NotJwk)
}

/// SEQUENCE { SEQUENCE { OID 1.3.101.112 }, BIT STRING of 32 bytes }.
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

pub(super) fn public_from_spki(der: &[u8]) -> Result<[u8; 32], KeyError> {
    der.strip_prefix(&SPKI).and_then(|key| key.try_into().ok()).ok_or(KeyError::NotSpki)
}

/// INTEGER version, SEQUENCE { OID 1.3.101.112 }, OCTET STRING { OCTET STRING of 32 bytes }, after
/// the tag and length of the whole.
const fn pkcs8(length: u8, version: u8) -> [u8; 16] {
    [
        0x30, length, 0x02, 0x01, version, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22,
        0x04, 0x20,
    ]
}
const PKCS8_V1: [u8; 16] = pkcs8(0x2e, 0);
const PKCS8_V2: [u8; 16] = pkcs8(0x51, 1);
const PKCS8_V2_OLD: [u8; 16] = pkcs8(0x53, 1);
/// [1] IMPLICIT BIT STRING, as RFC 5958 has it.
const PUBLIC_TAG: [u8; 3] = [0x81, 0x21, 0x00];
/// [1] EXPLICIT BIT STRING, as early version 2 writers had it, ring among them.
const PUBLIC_TAG_OLD: [u8; 5] = [0xa1, 0x23, 0x03, 0x21, 0x00];

type SeedAndPublic<'d> = (&'d [u8; 32], Option<&'d [u8; 32]>);

pub(super) fn secret_from_pkcs8(der: &[u8]) -> Result<SeedAndPublic<'_>, KeyError> {
    let read = || {
        let (frame, rest) = der.split_first_chunk::<16>()?;
        let (seed, rest) = rest.split_first_chunk::<32>()?;
        let public = match *frame {
            PKCS8_V1 => return rest.is_empty().then_some((seed, None)),
            PKCS8_V2 => rest.strip_prefix(&PUBLIC_TAG)?,
            PKCS8_V2_OLD => rest.strip_prefix(&PUBLIC_TAG_OLD)?,
            _ => return None,
        };
        Some((seed, Some(public.try_into().ok()?)))
    };
    read().ok_or(KeyError::NotPkcs8)
}

/// The bytes of the one PEM block `label` (RFC 7468, strict but for line lengths).
pub(super) fn pem_body(pem: &str, label: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let read = || {
        let text = Some(pem.trim_ascii()).filter(|text| text.len() <= MAX_PEM_LEN)?;
        let text = text.strip_prefix("-----BEGIN ")?.strip_prefix(label)?.strip_prefix("-----")?;
        let text = text.strip_suffix("-----")?.strip_suffix(label)?.strip_suffix("-----END ")?;
        let mut body = Zeroizing::new(String::with_capacity(text.len()));
        body.extend(text.split(['\r', '\n']));
        let mut bytes = Zeroizing::new(vec![0_u8; body.len()]);
        let length = Base64::decode(body.as_bytes(), &mut bytes).ok()?.len();
        bytes.truncate(length);
        Some(bytes)
    };
    read().ok_or(KeyError::NotPem)
}
