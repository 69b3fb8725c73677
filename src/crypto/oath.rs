//! The HMACs and hashes under OATH's codes, keyed once and computed without leaving a copy behind.

use core::fmt;
use core::slice::from_ref;

use hmac::digest::block_api::{Block, Buffer, EagerHash, FixedOutputCore, UpdateCore};
use hmac::digest::{FixedOutputReset, Output};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use zeroize::Zeroize;

use crate::values::secret::SecretBytes;

const INNER_PAD: u8 = 0x36;
const OUTER_PAD: u8 = 0x5c;

/// SHA-1 of `bytes`.
pub(crate) fn sha1(bytes: &[u8]) -> SecretBytes {
    hash_of::<Sha1>(bytes)
}

/// SHA-256 of `bytes`.
pub(crate) fn sha256(bytes: &[u8]) -> SecretBytes {
    hash_of::<Sha256>(bytes)
}

/// SHA-512 of `bytes`.
pub(crate) fn sha512(bytes: &[u8]) -> SecretBytes {
    hash_of::<Sha512>(bytes)
}

/// Computed and written where it is wiped: what is moved by value leaves a copy on the stack.
fn hash_of<D: Digest + FixedOutputReset>(bytes: &[u8]) -> SecretBytes {
    let mut hash = D::new();
    Digest::update(&mut hash, bytes);
    let mut output = Output::<D>::default();
    Digest::finalize_into_reset(&mut hash, &mut output);
    let kept = SecretBytes::copy_of(&output);
    output.zeroize();
    kept
}

/// An HMAC with its key schedule computed: both padded key blocks are already absorbed.
///
/// Holds key material. The hash crates' `zeroize` feature wipes it, and each copy of it, on drop.
pub(crate) enum Keyed {
    Sha1(Core<Sha1>),
    Sha256(Core<Sha256>),
    Sha512(Core<Sha512>),
}

impl Keyed {
    /// Of HMAC-SHA-1 with `key`.
    pub(crate) fn sha1(key: &[u8]) -> Self {
        Self::Sha1(Core::new(key))
    }

    /// Of HMAC-SHA-256 with `key`.
    pub(crate) fn sha256(key: &[u8]) -> Self {
        Self::Sha256(Core::new(key))
    }

    /// Of HMAC-SHA-512 with `key`.
    pub(crate) fn sha512(key: &[u8]) -> Self {
        Self::Sha512(Core::new(key))
    }

    /// Room to compute any number of HMACs in, one after the other.
    pub(crate) fn room(&self) -> Room<'_> {
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
pub(crate) enum Room<'k> {
    Sha1(RoomOf<'k, Sha1>),
    Sha256(RoomOf<'k, Sha256>),
    Sha512(RoomOf<'k, Sha512>),
}

/// What an HMAC is computed over.
pub(crate) trait Message {
    /// Hands its pieces to `sink` in order.
    fn feed(&self, sink: impl FnMut(&[u8]));
}

impl Room<'_> {
    /// The HMAC over `message`.
    pub(crate) fn mac(&mut self, message: &impl Message) -> &[u8] {
        match self {
            Self::Sha1(room) => room.mac(message),
            Self::Sha256(room) => room.mac(message),
            Self::Sha512(room) => room.mac(message),
        }
    }
}

pub(crate) struct RoomOf<'k, D: EagerHash> {
    keyed: &'k Core<D>,
    block: Buffer<D::Core>,
    mac: Output<D::Core>,
}

impl<'k, D: EagerHash> RoomOf<'k, D> {
    fn new(keyed: &'k Core<D>) -> Self {
        Self { keyed, block: Buffer::<D::Core>::default(), mac: Default::default() }
    }

    fn mac(&mut self, message: &impl Message) -> &[u8] {
        let (mut inner, mut outer) = (self.keyed.inner.clone(), self.keyed.outer.clone());
        // It has been since the last one; said again here, it lets the compiler lay out the block.
        self.block.reset();
        message.feed(|piece| self.block.digest_blocks(piece, |all| inner.update_blocks(all)));
        inner.finalize_fixed_core(&mut self.block, &mut self.mac);
        self.block.reset();
        self.block.digest_blocks(&self.mac, |all| outer.update_blocks(all));
        outer.finalize_fixed_core(&mut self.block, &mut self.mac);
        &self.mac
    }
}

impl<D: EagerHash> Drop for RoomOf<'_, D> {
    fn drop(&mut self) {
        // The block wipes itself.
        self.mac.zeroize();
    }
}

/// An HMAC (RFC 2104 §2) that has absorbed both its padded keys, in blocks. The `hmac` crate has the same, but
/// leaves the padded key in a frame that nobody can reach.
pub(crate) struct Core<D: EagerHash> {
    inner: D::Core,
    outer: D::Core,
}

impl<D: EagerHash> Core<D> {
    /// Pads `key` to the block size, after hashing it if it is longer.
    fn new(key: &[u8]) -> Self {
        let mut block = Block::<D::Core>::default();
        if let Some(to) = block.get_mut(..key.len()) {
            to.copy_from_slice(key);
        } else {
            let mut hash = D::digest(key);
            block.iter_mut().zip(&hash).for_each(|(to, from)| *to = *from);
            hash.zeroize();
        }
        let (mut inner, mut outer) = (D::Core::default(), D::Core::default());
        block.iter_mut().for_each(|byte| *byte ^= INNER_PAD);
        inner.update_blocks(from_ref(&block));
        block.iter_mut().for_each(|byte| *byte ^= INNER_PAD ^ OUTER_PAD);
        outer.update_blocks(from_ref(&block));
        block.zeroize();
        Self { inner, outer }
    }
}
