//! Ed25519 keys: the signing key, the public key, and the key id that both share.

use core::fmt;
use core::str::FromStr;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::crypto::digest::Sha256;
use crate::crypto::ed25519::KeyPair;
use crate::crypto::random::Random;
use crate::token::error::KeyError;
use crate::token::{base64url, encoding, weak};
use crate::values::secret::SecretBytes;

/// The id of a key: its JWK thumbprint (RFC 7638, SHA-256), 43 characters of base64url.
///
/// Anyone derives it from the public key alone; it travels as `kid` in the footer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kid([u8; Self::LEN]);

impl Kid {
    /// Its length in characters.
    pub const LEN: usize = 43;

    pub(super) fn parse(text: &str) -> Option<Self> {
        base64url::decode_array::<32>(text)?;
        text.as_bytes().try_into().ok().map(Self)
    }

    fn of(x: &str) -> Option<Self> {
        let mut hash = Sha256::new();
        // The members that RFC 7638 §3.2 and RFC 8037 §2 require, in lexicographic order.
        hash.update(r#"{"crv":"Ed25519","kty":"OKP","x":""#);
        hash.update(x);
        hash.update(r#""}"#);
        let mut text = [0_u8; Self::LEN];
        base64url::encode_into(&hash.finalize(), &mut text)?;
        Some(Self(text))
    }

    /// The 43 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Always base64url, hence ASCII.
        core::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Kid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Kid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kid({self})")
    }
}

/// An Ed25519 public key that is neither of small order nor oddly encoded.
///
/// Whether the bytes are a point of the curve shows when a signature is verified: under a key that is
/// none, nothing verifies.
///
/// In text (`Display`, `FromStr`) it is PASERK `k4.public`.
///
/// ```
/// use countersign::token::PublicKey;
///
/// // RFC 8037, appendix A.2 and A.3.
/// let key = PublicKey::from_jwk(
///     r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
/// )?;
/// assert_eq!(key.kid().as_str(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
/// assert_eq!(key.to_string(), "k4.public.11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
/// # Ok::<(), countersign::token::KeyError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey {
    bytes: [u8; 32],
    kid: Kid,
}

impl PublicKey {
    /// The key of these 32 bytes (RFC 8032 §5.1.2).
    ///
    /// # Errors
    ///
    /// [`KeyError::SmallOrder`], [`KeyError::NotCanonical`].
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, KeyError> {
        if weak::has_small_order(&bytes) {
            return Err(KeyError::SmallOrder);
        }
        if !weak::is_canonical(&bytes) {
            return Err(KeyError::NotCanonical);
        }
        let kid = Kid::of(&base64url::encode(&bytes)).ok_or(KeyError::NotCanonical)?;
        Ok(Self { bytes, kid })
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// Its id, by which tokens name it.
    #[must_use]
    pub const fn kid(&self) -> &Kid {
        &self.kid
    }

    /// Reads a JWK (RFC 8037 §2): `kty`, `crv` and `x` as they must be, `use` absent or `sig`, no
    /// private `d`. Other members are ignored (RFC 7517 §4), a `kid` too: ours is derived. A doubled
    /// member is refused.
    ///
    /// # Errors
    ///
    /// [`KeyError::NotJwk`], [`KeyError::SecretGivenAsPublic`] if there is a `d`,
    /// [`KeyError::SmallOrder`], [`KeyError::NotCanonical`].
    pub fn from_jwk(json: &str) -> Result<Self, KeyError> {
        Self::from_bytes(encoding::public_from_jwk(json)?)
    }

    /// Writes it as a JWK: `kty`, `crv`, `x`, `kid`, `use`, in this order, without spaces.
    #[must_use]
    pub fn to_jwk(&self) -> String {
        let x = base64url::encode(&self.bytes);
        let kid = self.kid;
        format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","kid":"{kid}","use":"sig"}}"#)
    }

    /// Reads a SubjectPublicKeyInfo in DER (RFC 8410 §4).
    ///
    /// # Errors
    ///
    /// [`KeyError::NotSpki`], [`KeyError::SmallOrder`], [`KeyError::NotCanonical`].
    pub fn from_spki_der(der: &[u8]) -> Result<Self, KeyError> {
        Self::from_bytes(encoding::public_from_spki(der)?)
    }

    /// Reads a SubjectPublicKeyInfo in PEM (`PUBLIC KEY`, RFC 7468 §13).
    ///
    /// # Errors
    ///
    /// [`KeyError::NotPem`], [`KeyError::NotSpki`], [`KeyError::SmallOrder`],
    /// [`KeyError::NotCanonical`].
    pub fn from_spki_pem(pem: &str) -> Result<Self, KeyError> {
        Self::from_spki_der(&encoding::pem_body(pem, "PUBLIC KEY")?)
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    /// Reads PASERK `k4.public`.
    fn from_str(paserk: &str) -> Result<Self, KeyError> {
        Self::from_bytes(encoding::public_from_paserk(paserk)?)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", encoding::PUBLIC, base64url::encode(&self.bytes))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

/// An Ed25519 key that signs tokens.
///
/// Neither `Clone`, `Display` nor `Serialize`; `Debug` shows its id only. The seed is wiped on drop;
/// the expanded key is the library's. AWS-LC wipes it; ring has no wiping of its own, so its place in memory
/// is overwritten with another key's.
pub struct SigningKey {
    seed: SecretBytes,
    pair: KeyPair,
    public: PublicKey,
}

impl SigningKey {
    /// A new key from a seed that `random` draws.
    ///
    /// # Errors
    ///
    /// [`KeyError::Random`] if `random` failed, [`KeyError::ZeroSeed`] if it wrote nothing; there is
    /// then no key.
    pub fn generate(random: &impl Random) -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0_u8; 32]);
        random.fill(seed.as_mut_slice())?;
        Self::from_seed(&seed)
    }

    /// The key of this seed (RFC 8032 §5.1.5, the "private key").
    ///
    /// # Errors
    ///
    /// [`KeyError::ZeroSeed`]. No seed is known that is unusable otherwise.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, KeyError> {
        if bool::from(seed.ct_eq(&[0; 32])) {
            return Err(KeyError::ZeroSeed);
        }
        let pair = KeyPair::from_seed(seed).ok_or(KeyError::UnusableSeed)?;
        let public = pair.public_key().ok_or(KeyError::UnusableSeed)?;
        Ok(Self { seed: SecretBytes::copy_of(seed), pair, public: PublicKey::from_bytes(public)? })
    }

    /// Reads PASERK `k4.secret`: seed and public key, which must agree.
    ///
    /// # Errors
    ///
    /// [`KeyError::NotSecretPaserk`], [`KeyError::HalvesDisagree`], [`KeyError::ZeroSeed`].
    pub fn from_paserk(paserk: &str) -> Result<Self, KeyError> {
        let (seed, public) = encoding::secret_from_paserk(paserk)?;
        Self::from_halves(&seed, &public)
    }

    /// Reads an unencrypted PKCS#8 in DER, version 1 (as `openssl genpkey` writes it) or version 2
    /// with the public key, which must agree (RFC 8410 §7; ring's older tag for it is read too).
    ///
    /// # Errors
    ///
    /// [`KeyError::NotPkcs8`], [`KeyError::HalvesDisagree`], [`KeyError::ZeroSeed`].
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, KeyError> {
        let (seed, public) = encoding::secret_from_pkcs8(der)?;
        match public {
            Some(public) => Self::from_halves(seed, public),
            None => Self::from_seed(seed),
        }
    }

    /// Reads an unencrypted PKCS#8 in PEM (`PRIVATE KEY`, RFC 7468 §10).
    ///
    /// # Errors
    ///
    /// [`KeyError::NotPem`], [`KeyError::NotPkcs8`], [`KeyError::HalvesDisagree`],
    /// [`KeyError::ZeroSeed`].
    pub fn from_pkcs8_pem(pem: &str) -> Result<Self, KeyError> {
        Self::from_pkcs8_der(&encoding::pem_body(pem, "PRIVATE KEY")?)
    }

    fn from_halves(seed: &[u8; 32], public: &[u8; 32]) -> Result<Self, KeyError> {
        let key = Self::from_seed(seed)?;
        if key.public.as_bytes() == public { Ok(key) } else { Err(KeyError::HalvesDisagree) }
    }

    /// The secret as PASERK `k4.secret`, for the host's own safekeeping; wiped when dropped.
    #[must_use]
    pub fn export_paserk(&self) -> Zeroizing<String> {
        encoding::secret_to_paserk(self.seed.expose(), self.public.as_bytes())
    }

    /// The public half.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.pair.sign(message)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.public.kid)
            .field("seed", &self.seed)
            .finish()
    }
}
