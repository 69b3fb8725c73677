//! The one core under HOTP, TOTP and OCRA: an HMAC keyed once, and RFC 4226's dynamic truncation.

use core::fmt;

use hmac::block_api::HmacCore;
use hmac::digest::FixedOutputReset;
use hmac::digest::block_api::{Buffer, EagerHash, FixedOutputCore, UpdateCore};
use hmac::digest::common::{Key, KeyInit};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use zeroize::Zeroize;

use super::seed::OtpSeed;
use crate::secret::SecretBytes;

/// The hash function under the HMAC (RFC 6238 §1.2, RFC 6287 §6.2), and of a PIN hash (RFC 6287 §6.3).
///
/// SHA-1 is what existing fobs use; as an HMAC it is not weakened by SHA-1's collisions
/// (RFC 6194 §3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// HMAC-SHA-1, 20 bytes.
    Sha1,
    /// HMAC-SHA-256, 32 bytes.
    Sha256,
    /// HMAC-SHA-512, 64 bytes.
    Sha512,
}

impl Algorithm {
    /// The length of its output in bytes: 20, 32 or 64.
    #[must_use]
    pub const fn output_len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    /// The number in records. It never changes its meaning.
    pub(crate) const fn record_number(self) -> u8 {
        match self {
            Self::Sha1 => 1,
            Self::Sha256 => 2,
            Self::Sha512 => 3,
        }
    }

    pub(crate) fn from_record(number: u8) -> Option<Self> {
        let all = [Self::Sha1, Self::Sha256, Self::Sha512];
        all.into_iter().find(|one| one.record_number() == number)
    }

    /// As an OCRA suite spells it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
        }
    }

    /// The one whose [`Algorithm::name`] this is.
    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::Sha1, Self::Sha256, Self::Sha512].into_iter().find(|one| one.name() == name)
    }

    /// The key that HMAC makes of `seed`, less the zeros with which it fills a block: two seeds of which this is
    /// the same give the same codes (RFC 2104 §2).
    pub(crate) fn key_of(self, seed: &OtpSeed) -> SecretBytes {
        let block = match self {
            Self::Sha1 | Self::Sha256 => 64,
            Self::Sha512 => 128,
        };
        let bytes = seed.expose();
        let hashed = (bytes.len() > block).then(|| self.hash(bytes));
        let mut key = hashed.as_ref().map_or(bytes, SecretBytes::expose);
        while let [rest @ .., 0] = key {
            key = rest;
        }
        SecretBytes::copy_of(key)
    }

    /// The plain hash of `bytes`, for a PIN.
    pub(super) fn hash(self, bytes: &[u8]) -> SecretBytes {
        match self {
            Self::Sha1 => hash_of::<Sha1>(bytes),
            Self::Sha256 => hash_of::<Sha256>(bytes),
            Self::Sha512 => hash_of::<Sha512>(bytes),
        }
    }
}

/// Computed and written where it is wiped: what is moved by value leaves a copy on the stack.
fn hash_of<D: Digest + FixedOutputReset>(bytes: &[u8]) -> SecretBytes {
    let mut hash = D::new();
    Digest::update(&mut hash, bytes);
    let mut output = hmac::digest::Output::<D>::default();
    Digest::finalize_into_reset(&mut hash, &mut output);
    let kept = SecretBytes::copy_of(&output);
    output.zeroize();
    kept
}

/// Dynamic truncation to 31 bits (RFC 4226 §5.3).
pub(super) fn truncate(mac: &[u8]) -> u32 {
    let offset = usize::from(mac.last().map_or(0, |last| last & 0x0f));
    // The shortest output is 20 bytes and the offset at most 15, so four bytes are always there.
    let four = mac.get(offset..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default();
    u32::from_be_bytes(four) & 0x7fff_ffff
}

/// An HMAC with its key schedule computed: both padded key blocks are already absorbed.
///
/// Holds key material. The hash crates' `zeroize` feature wipes it, and each copy of it, on drop.
pub(super) enum Keyed {
    Sha1(HmacCore<Sha1>),
    Sha256(HmacCore<Sha256>),
    Sha512(HmacCore<Sha512>),
}

impl Keyed {
    pub(super) fn new(algorithm: Algorithm, seed: &OtpSeed) -> Self {
        match algorithm {
            Algorithm::Sha1 => Self::Sha1(keyed::<Sha1>(seed.expose())),
            Algorithm::Sha256 => Self::Sha256(keyed::<Sha256>(seed.expose())),
            Algorithm::Sha512 => Self::Sha512(keyed::<Sha512>(seed.expose())),
        }
    }

    /// Room to compute any number of HMACs in, one after the other.
    pub(super) fn room(&self) -> Room<'_> {
        match self {
            Self::Sha1(core) => Room::Sha1(RoomOf::new(core)),
            Self::Sha256(core) => Room::Sha256(RoomOf::new(core)),
            Self::Sha512(core) => Room::Sha512(RoomOf::new(core)),
        }
    }
}

impl fmt::Debug for Keyed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

/// A key schedule to copy for each HMAC, and the block and result they all share: wiping those once
/// for each candidate would cost as much as hashing.
pub(super) enum Room<'k> {
    Sha1(RoomOf<'k, Sha1>),
    Sha256(RoomOf<'k, Sha256>),
    Sha512(RoomOf<'k, Sha512>),
}

/// What an HMAC is computed over.
pub(super) trait Message {
    /// Hands its pieces to `sink` in order.
    fn feed(&self, sink: impl FnMut(&[u8]));
}

/// A counter or time step (RFC 4226 §5.2).
impl Message for u64 {
    fn feed(&self, mut sink: impl FnMut(&[u8])) {
        sink(&self.to_be_bytes());
    }
}

impl Room<'_> {
    /// The HMAC over `message`.
    pub(super) fn mac(&mut self, message: &impl Message) -> &[u8] {
        match self {
            Self::Sha1(room) => room.mac(message),
            Self::Sha256(room) => room.mac(message),
            Self::Sha512(room) => room.mac(message),
        }
    }
}

pub(super) struct RoomOf<'k, D: EagerHash> {
    keyed: &'k HmacCore<D>,
    block: Buffer<HmacCore<D>>,
    mac: hmac::digest::Output<HmacCore<D>>,
}

impl<'k, D: EagerHash> RoomOf<'k, D> {
    fn new(keyed: &'k HmacCore<D>) -> Self {
        Self { keyed, block: Buffer::<HmacCore<D>>::default(), mac: Default::default() }
    }

    fn mac(&mut self, message: &impl Message) -> &[u8] {
        let mut core = self.keyed.clone();
        // It has been since the last one; said again here, it lets the compiler lay out the block.
        self.block.reset();
        message.feed(|piece| self.block.digest_blocks(piece, |blocks| core.update_blocks(blocks)));
        core.finalize_fixed_core(&mut self.block, &mut self.mac);
        &self.mac
    }
}

impl<D: EagerHash> Drop for RoomOf<'_, D> {
    fn drop(&mut self) {
        // The block wipes itself.
        self.mac.zeroize();
    }
}

/// Pads `key` to the block size, after hashing it if it is longer (RFC 2104 §2): that form of the
/// key has its one possible length, so there is no error to handle.
fn keyed<D: EagerHash + Digest>(key: &[u8]) -> HmacCore<D> {
    let mut block = Key::<HmacCore<D>>::default();
    if let Some(to) = block.get_mut(..key.len()) {
        to.copy_from_slice(key);
    } else {
        let mut hash = D::digest(key);
        block.iter_mut().zip(&hash).for_each(|(to, from)| *to = *from);
        hash.zeroize();
    }
    let core = HmacCore::new(&block);
    block.zeroize();
    core
}
