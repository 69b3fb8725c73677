//! Curve points that must not be keys or nonces: of small order, or written non-canonically.
//!
//! ring accepts both as public keys. Under a small-order key anyone can make signatures that verify,
//! for about one message in eight or for every one.

/// The y coordinates of the eight points whose order divides 8, little-endian with the sign bit
/// clear: 0 (order 4), 1 (order 1), −1 (order 2), two of order 8, and the non-canonical forms p and
/// p + 1 of 0 and 1. Both signs of each are refused.
const SMALL_ORDER: [[u8; 32]; 7] = [
    [0; 32],
    with_ends(1, 0, 0),
    with_ends(0xec, 0xff, 0x7f),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
    with_ends(0xed, 0xff, 0x7f),
    with_ends(0xee, 0xff, 0x7f),
];

const fn with_ends(first: u8, between: u8, last: u8) -> [u8; 32] {
    let mut bytes = [between; 32];
    let [low, .., high] = &mut bytes;
    *low = first;
    *high = last;
    bytes
}

/// Whether `encoded` is a point of small order, in any of its encodings.
pub(super) fn has_small_order(encoded: &[u8; 32]) -> bool {
    let y = without_sign(encoded);
    SMALL_ORDER.contains(&y)
}

/// Whether y is reduced: below p = 2²⁵⁵ − 19 (RFC 8032 §5.1.3, step 1).
pub(super) fn is_canonical(encoded: &[u8; 32]) -> bool {
    let [low, rest @ .., high] = without_sign(encoded);
    high != 0x7f || rest.iter().any(|byte| *byte != 0xff) || low < 0xed
}

fn without_sign(encoded: &[u8; 32]) -> [u8; 32] {
    let mut y = *encoded;
    let [.., high] = &mut y;
    *high &= 0x7f;
    y
}
