//! Tokens from their definitions, with a hash and a signature and nothing of the crate.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part")]

use sha2::{Digest, Sha256};

/// The key of RFC 8032, section 7.1, test 1.
pub const SIGNING_SEED: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
/// And of test 2.
pub const VAULT_SEED: &str = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";

pub fn pae(pieces: &[&[u8]]) -> Vec<u8> {
    let mut out = (pieces.len() as u64).to_le_bytes().to_vec();
    for piece in pieces {
        out.extend((piece.len() as u64).to_le_bytes());
        out.extend(*piece);
    }
    out
}

pub fn crockford(bytes: &[u8]) -> String {
    base32::encode(base32::Alphabet::Crockford, bytes).to_lowercase()
}

pub fn base64url(bytes: &[u8]) -> String {
    use base64ct::{Base64UrlUnpadded, Encoding};
    Base64UrlUnpadded::encode_string(bytes)
}

/// Sixteen bytes, or another number of them, that count up from `first`.
pub fn counting<const N: usize>(first: u8) -> [u8; N] {
    std::array::from_fn(|n| first + u8::try_from(n).unwrap())
}

/// A key that signs, and the name by which tokens call it.
pub struct Signs {
    key: ring::signature::Ed25519KeyPair,
    pub public: Vec<u8>,
    pub kid: String,
}

impl Signs {
    pub fn of(seed: &str) -> Self {
        let seed: [u8; 32] = hex::decode(seed).unwrap().try_into().unwrap();
        let key = ring::signature::Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
        let public = ring::signature::KeyPair::public_key(&key).as_ref().to_vec();
        let jwk = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, base64url(&public));
        Self { key, public, kid: base64url(&Sha256::digest(jwk)) }
    }

    pub fn footer(&self) -> String {
        format!(r#"{{"kid":"{}"}}"#, self.kid)
    }

    /// A PASETO v4.public token, signed with ring alone, and how many bytes were signed.
    pub fn token(&self, claims: &str, purpose: &str) -> (usize, String) {
        let (footer, assertion) = (self.footer(), format!("countersign:v1:{purpose}"));
        let pieces = ["v4.public.", claims, &footer, &assertion].map(str::as_bytes);
        let pae = pae(&pieces);
        let signed = [claims.as_bytes(), self.key.sign(&pae).as_ref()].concat();
        let token = format!("v4.public.{}.{}", base64url(&signed), base64url(footer.as_bytes()));
        (pae.len(), token)
    }
}

/// The claims of a token of `issuer` for `audience`.
pub fn claims(
    [issuer, audience, purpose]: [&str; 3],
    jti: &[u8; 16],
    [from, until]: [&str; 2],
    data: &str,
) -> String {
    format!(
        r#"{{"iss":"{issuer}","aud":"{audience}","jti":"{}","iat":"{from}","nbf":"{from}","exp":"{until}","purpose":"{purpose}","data":{data}}}"#,
        base64url(jti)
    )
}

/// What a page of the manual says, without white space and the backslashes at which it wraps long values.
pub fn squeezed(text: &str) -> String {
    text.replace('\\', "").split_whitespace().collect()
}
