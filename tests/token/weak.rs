//! Points of small order and encodings that are not canonical, as keys and in signatures; S beyond the
//! group order.

use countersign::token::v4_public;
use countersign::token::v4_public::Buffer;
use countersign::token::{KeyError, PublicKey, Rejection};
use ring::signature::{ED25519, UnparsedPublicKey};
use sha2::{Digest, Sha512};

use crate::support::key;

/// y of the eight points whose order divides 8, in hex: 0, 1, −1 and the two of order 8.
const SMALL_ORDER: [&str; 5] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
];

fn bytes(hex: &str) -> [u8; 32] {
    hex::decode(hex).unwrap().try_into().unwrap()
}

fn with_sign(mut encoded: [u8; 32]) -> [u8; 32] {
    encoded[31] |= 0x80;
    encoded
}

/// y = 2^255 − 19 + `above`, which is at least p.
fn not_reduced(above: u8) -> [u8; 32] {
    let mut encoded = [0xff; 32];
    encoded[0] = 0xed + above;
    encoded[31] = 0x7f;
    encoded
}

fn both_signs(encoded: [u8; 32]) -> [[u8; 32]; 2] {
    [encoded, with_sign(encoded)]
}

#[test]
fn small_order_keys_are_refused_in_every_encoding() {
    let canonical = SMALL_ORDER.map(bytes);
    let encodings: Vec<_> = canonical
        .into_iter()
        .chain([not_reduced(0), not_reduced(1)])
        .flat_map(both_signs)
        .collect();
    assert_eq!(encodings.len(), 14);
    for encoded in encodings {
        assert_eq!(PublicKey::from_bytes(encoded), Err(KeyError::SmallOrder), "{encoded:02x?}");
        let paserk = format!("k4.public.{}", base64url(&encoded));
        assert_eq!(paserk.parse::<PublicKey>(), Err(KeyError::SmallOrder));
        let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#, base64url(&encoded));
        assert_eq!(PublicKey::from_jwk(&jwk), Err(KeyError::SmallOrder));
        let spki = [&hex::decode("302a300506032b6570032100").unwrap()[..], &encoded].concat();
        assert_eq!(PublicKey::from_spki_der(&spki), Err(KeyError::SmallOrder));
    }
}

#[test]
fn keys_that_are_not_canonical_are_refused() {
    for above in 2..=18 {
        for encoded in both_signs(not_reduced(above)) {
            assert_eq!(PublicKey::from_bytes(encoded), Err(KeyError::NotCanonical), "{above}");
        }
    }
    // The largest reduced y that is not of small order: p − 2.
    let mut largest = not_reduced(0);
    largest[0] = 0xeb;
    for encoded in both_signs(largest) {
        assert_eq!(PublicKey::from_bytes(encoded).unwrap().as_bytes(), &encoded);
    }
}

/// Why they are refused: ring takes such keys, and signatures under them need no secret.
#[test]
fn ring_verifies_forgeries_under_small_order_keys() {
    let points: Vec<_> = SMALL_ORDER.iter().map(|hex| bytes(hex)).flat_map(both_signs).collect();
    for public in &points {
        let forged = (0_u32..64).any(|message| {
            points.iter().any(|nonce_point| {
                let mut signature = [0_u8; 64];
                signature[..32].copy_from_slice(nonce_point);
                UnparsedPublicKey::new(&ED25519, public)
                    .verify(&message.to_be_bytes(), &signature)
                    .is_ok()
            })
        });
        assert!(forged, "{public:02x?}");
    }
}

#[test]
fn signatures_whose_nonce_point_has_small_order_are_refused() {
    let seed = [1; 32];
    let key = key(1);
    let public = key.public_key().as_bytes();
    let (message, footer, implicit) = (b"message".as_slice(), b"".as_slice(), b"".as_slice());
    let signed = pae(&[b"v4.public.", message, footer, implicit]);

    let mut buffer = Buffer::new();
    let mut ring_accepted = 0;
    for nonce_point in SMALL_ORDER
        .map(bytes)
        .into_iter()
        .chain([not_reduced(0), not_reduced(1)])
        .flat_map(both_signs)
    {
        // With r = 0 the holder of the secret scalar a can sign: S = h·a, R the neutral element.
        let h = scalar::reduce(&sha512(&[&nonce_point, public, &signed]));
        let s = scalar::multiply(h, scalar::secret(&sha512(&[&seed])));
        let signature = [nonce_point, scalar::to_bytes(s)].concat();
        ring_accepted += usize::from(
            UnparsedPublicKey::new(&ED25519, public).verify(&signed, &signature).is_ok(),
        );
        let token = format!("v4.public.{}", base64url(&[message, &signature].concat()));
        let refused = v4_public::verify(&token, key.public_key(), implicit, &mut buffer);
        assert_eq!(refused.unwrap_err().reason(), Rejection::Signature);
    }
    // The forgery is a real one: ring takes it for the one R that fits.
    assert_eq!(ring_accepted, 1);
}

#[test]
fn s_must_be_below_the_group_order() {
    let key = key(1);
    let mut buffer = Buffer::new();
    for message in 0_u32..32 {
        let token = v4_public::sign(&key, &message.to_be_bytes(), b"", b"").unwrap();
        let mut payload = decode(token.strip_prefix("v4.public.").unwrap());
        let s: [u8; 32] = payload[36..].try_into().unwrap();
        let Some(larger) = scalar::plus_order(s) else { continue };
        payload[36..].copy_from_slice(&larger);
        let malleated = format!("v4.public.{}", base64url(&payload));
        let refused = v4_public::verify(&malleated, key.public_key(), b"", &mut buffer);
        assert_eq!(refused.unwrap_err().reason(), Rejection::Signature);
    }
}

fn sha512(parts: &[&[u8]]) -> [u8; 64] {
    let mut hash = Sha512::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

fn pae(pieces: &[&[u8]]) -> Vec<u8> {
    let le = |n: usize| u64::try_from(n).unwrap().to_le_bytes();
    let mut out = le(pieces.len()).to_vec();
    for piece in pieces {
        out.extend(le(piece.len()));
        out.extend_from_slice(piece);
    }
    out
}

fn base64url(bytes: &[u8]) -> String {
    use base64ct::{Base64UrlUnpadded, Encoding};
    Base64UrlUnpadded::encode_string(bytes)
}

fn decode(text: &str) -> Vec<u8> {
    use base64ct::{Base64UrlUnpadded, Encoding};
    Base64UrlUnpadded::decode_vec(text).unwrap()
}

/// Arithmetic modulo L = 2^252 + 27742317777372353535851937790883648493, slow and plain.
mod scalar {
    type Scalar = [u64; 4];

    const ORDER: Scalar = [0x5812_631a_5cf5_d3ed, 0x14de_f9de_a2f7_9cd6, 0, 0x1000_0000_0000_0000];

    fn add(a: Scalar, b: Scalar) -> (Scalar, bool) {
        let mut carry = false;
        let sum = std::array::from_fn(|at| {
            let (sum, one) = a[at].overflowing_add(b[at]);
            let (sum, other) = sum.overflowing_add(u64::from(carry));
            carry = one || other;
            sum
        });
        (sum, carry)
    }

    fn below_order(a: Scalar) -> bool {
        a.iter().rev().lt(ORDER.iter().rev())
    }

    /// `a` − L if `a` is not below L; `a` is below 2 L.
    fn once_reduced(a: Scalar) -> Scalar {
        if below_order(a) {
            return a;
        }
        // a + (2^256 − L), the carry dropped.
        let (negated, _) = add(ORDER.map(|word| !word), [1, 0, 0, 0]);
        add(a, negated).0
    }

    fn add_mod(a: Scalar, b: Scalar) -> Scalar {
        once_reduced(add(a, b).0)
    }

    /// Little-endian bytes of any length, reduced.
    pub(crate) fn reduce(bytes: &[u8]) -> Scalar {
        let bits = bytes.iter().rev().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1));
        bits.fold([0; 4], |sum, bit| add_mod(add_mod(sum, sum), [u64::from(bit), 0, 0, 0]))
    }

    pub(crate) fn multiply(a: Scalar, b: Scalar) -> Scalar {
        let bits = b.iter().rev().flat_map(|word| (0..64).rev().map(move |at| word >> at & 1));
        bits.fold([0; 4], |product, bit| {
            let doubled = add_mod(product, product);
            if bit == 1 { add_mod(doubled, a) } else { doubled }
        })
    }

    /// RFC 8032 §5.1.5: the clamped first half of the hashed seed.
    pub(crate) fn secret(hashed: &[u8; 64]) -> Scalar {
        let mut half: [u8; 32] = hashed[..32].try_into().unwrap();
        half[0] &= 0xf8;
        half[31] = half[31] & 0x7f | 0x40;
        reduce(&half)
    }

    pub(crate) fn to_bytes(a: Scalar) -> [u8; 32] {
        a.map(u64::to_le_bytes).concat().try_into().unwrap()
    }

    /// The same scalar, written larger, if that fits into 32 bytes.
    pub(crate) fn plus_order(s: [u8; 32]) -> Option<[u8; 32]> {
        let words =
            std::array::from_fn(|at| u64::from_le_bytes(s[at * 8..at * 8 + 8].try_into().unwrap()));
        let (sum, overflow) = add(words, ORDER);
        (!overflow).then(|| to_bytes(sum))
    }
}
