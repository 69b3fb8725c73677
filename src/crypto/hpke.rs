//! HPKE (RFC 9180) in one call: base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.

use core::convert::Infallible;

use hpke::aead::{AeadTag, AesGcm256};
use hpke::inout::InOutBuf;
use hpke::kdf::HkdfSha256;
use hpke::kem::{Kem, X25519HkdfSha256};
use hpke::rand_core::{TryCryptoRng, TryRng};
use hpke::{Deserializable, OpModeR, OpModeS, Serializable};
use zeroize::Zeroizing;

use crate::values::secret::SecretBytes;

/// The length of a public key, a private key and an encapsulated key, in bytes.
pub(crate) const KEY_BYTES: usize = 32;
pub(crate) const TAG_BYTES: usize = 16;

/// A key pair; the private half is wiped on drop.
pub(crate) struct KeyPair {
    pub(crate) private: SecretBytes,
    pub(crate) public: [u8; KEY_BYTES],
}

impl KeyPair {
    /// The pair that HPKE's `DeriveKeyPair` makes of `material`.
    pub(crate) fn derive(material: &[u8]) -> Self {
        let (private, public) = X25519HkdfSha256::derive_keypair(material);
        Self::of(&private, &public)
    }

    /// The pair of a private key. `None` unless there are 32 bytes.
    pub(crate) fn from_private(bytes: &[u8]) -> Option<Self> {
        let private = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(bytes).ok()?;
        Some(Self::of(&private, &X25519HkdfSha256::sk_to_pk(&private)))
    }

    fn of(
        private: &<X25519HkdfSha256 as Kem>::PrivateKey,
        public: &<X25519HkdfSha256 as Kem>::PublicKey,
    ) -> Self {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        private.write_exact(bytes.as_mut_slice());
        Self { private: SecretBytes::copy_of(bytes.as_slice()), public: public.to_bytes().into() }
    }
}

/// What belongs to a ciphertext and is not secret.
pub(crate) struct Header {
    pub(crate) encapsulated: [u8; KEY_BYTES],
    pub(crate) tag: [u8; TAG_BYTES],
}

/// Seals `plaintext` for `public` into `ciphertext`, which is as long. The ephemeral key is made of
/// `drawn`. `None` if the key gives no shared secret.
pub(crate) fn seal(
    public: &[u8; KEY_BYTES],
    info: &[u8],
    aad: &[u8],
    drawn: &[u8; KEY_BYTES],
    plaintext: &[u8],
    ciphertext: &mut [u8],
) -> Option<Header> {
    let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(public).ok()?;
    let buffer = InOutBuf::new(plaintext, ciphertext).ok()?;
    let (encapsulated, tag) = hpke::single_shot_seal_inout_detached_with_rng::<
        AesGcm256,
        HkdfSha256,
        X25519HkdfSha256,
    >(&OpModeS::Base, &public, info, buffer, aad, &mut Drawn(drawn))
    .ok()?;
    Some(Header { encapsulated: encapsulated.to_bytes().into(), tag: tag.to_bytes().into() })
}

/// Opens `ciphertext` with `private` into `plaintext`, which is as long.
pub(crate) fn open(
    private: &[u8],
    info: &[u8],
    aad: &[u8],
    header: &Header,
    ciphertext: &[u8],
    plaintext: &mut [u8],
) -> Option<()> {
    let private = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(private).ok()?;
    let encapsulated =
        <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&header.encapsulated).ok()?;
    let tag = AeadTag::<AesGcm256>::from_bytes(&header.tag).ok()?;
    let buffer = InOutBuf::new(ciphertext, plaintext).ok()?;
    hpke::single_shot_open_inout_detached::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &private,
        &encapsulated,
        info,
        buffer,
        aad,
        &tag,
    )
    .ok()
}

/// The bytes that were drawn beforehand, as a generator that cannot fail: HPKE draws the ephemeral
/// key's 32 bytes and nothing else. Asked for more, it gives the same bytes once more.
struct Drawn<'a>(&'a [u8; KEY_BYTES]);

impl TryRng for Drawn<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        debug_assert_eq!(to.len(), KEY_BYTES, "the ephemeral key, and once");
        for (to, from) in to.iter_mut().zip(self.0.iter().cycle()) {
            *to = *from;
        }
        Ok(())
    }
}

impl TryCryptoRng for Drawn<'_> {}
