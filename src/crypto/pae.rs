//! Pre-authentication encoding (PAE), as PASETO defines it: an injective encoding of several byte
//! strings into one, so that no two different lists are ever hashed or authenticated alike.

use super::digest::Sha256;

/// Feeds `PAE(pieces)` to `sink`, piece by piece, without allocating.
///
/// The count and each length are 64-bit little-endian with the top bit clear (PASETO
/// specification, "PAE Definition").
pub(crate) fn feed(pieces: &[&[u8]], mut sink: impl FnMut(&[u8])) {
    sink(&le64(pieces.len()));
    for piece in pieces {
        sink(&le64(piece.len()));
        sink(piece);
    }
}

/// `PAE(pieces)` in one allocation of its exact size.
pub(crate) fn encode(pieces: &[&[u8]]) -> Vec<u8> {
    let length =
        pieces.iter().fold(8_usize, |sum, piece| sum.saturating_add(8).saturating_add(piece.len()));
    let mut out = Vec::with_capacity(length);
    feed(pieces, |bytes| out.extend_from_slice(bytes));
    out
}

/// `PAE(pieces)` where its length `N` is known beforehand, without allocating.
pub(crate) fn fixed<const N: usize>(pieces: &[&[u8]]) -> [u8; N] {
    let mut out = [0; N];
    let mut rest = out.as_mut_slice();
    feed(pieces, |bytes| {
        debug_assert!(bytes.len() <= rest.len(), "the length announced is exact");
        let room = bytes.len().min(rest.len());
        let (head, tail) = core::mem::take(&mut rest).split_at_mut(room);
        for (to, from) in head.iter_mut().zip(bytes) {
            *to = *from;
        }
        rest = tail;
    });
    debug_assert!(rest.is_empty(), "the length announced is exact");
    out
}

/// SHA-256 of `PAE(pieces)`.
pub(crate) fn sha256(pieces: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    feed(pieces, |bytes| hash.update(bytes));
    hash.finalize()
}

/// The first `N` bytes of a digest of at least that length.
pub(crate) fn first<const N: usize>(digest: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    for (to, from) in out.iter_mut().zip(digest) {
        *to = *from;
    }
    out
}

fn le64(n: usize) -> [u8; 8] {
    // Lossless on every platform Rust supports; a slice is never as long as 2^63 bytes.
    (u64::try_from(n).unwrap_or(u64::MAX) & (u64::MAX >> 1)).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::{encode, fixed};

    #[test]
    fn of_known_length_it_is_the_same() {
        let pieces: [&[u8]; 4] = [b"countersign", b"", &[7], &[0xFF; 16]];
        assert_eq!(fixed::<{ 8 + 4 * 8 + 11 + 1 + 16 }>(&pieces).as_slice(), encode(&pieces));
    }

    /// The published PAE test vectors of the PASETO specification.
    #[test]
    fn published_vectors() {
        assert_eq!(encode(&[]), [0; 8]);
        assert_eq!(encode(&[b""]), *b"\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
        assert_eq!(encode(&[b"", b""]), {
            let mut two = [0_u8; 24];
            two[0] = 2;
            two
        });
        assert_eq!(encode(&[b"Paragon"]), *b"\x01\0\0\0\0\0\0\0\x07\0\0\0\0\0\0\0Paragon");
    }
}
