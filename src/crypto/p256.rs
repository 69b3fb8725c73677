//! ECDSA on P-256 with SHA-256: verifying alone, since the private keys are the customers'; and whether a key is one.

use super::backend::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

/// Whether `signature`, r and s of 32 bytes each, is of `message` under the uncompressed point `public`. Under
/// bytes that are no point of the curve nothing verifies.
pub(crate) fn verifies(public: &[u8; 65], message: &[u8], signature: &[u8; 64]) -> bool {
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public).verify(message, signature).is_ok()
}

/// Four limbs of 64 bits, the lowest first.
type Number = [u64; 4];

/// p = 2^256 - 2^224 + 2^192 + 2^96 - 1 (SP 800-186, section 3.2.1.3).
const PRIME: Number = [0xffff_ffff_ffff_ffff, 0x0000_0000_ffff_ffff, 0, 0xffff_ffff_0000_0001];
const B: Number =
    [0x3bce_3c3e_27d2_604b, 0x651d_06b0_cc53_b0f6, 0xb3eb_bd55_7698_86bc, 0x5ac6_35d8_aa3a_93e7];

/// Whether x and y, of 32 bytes each, are a point of the curve: both below p, and y² = x³ - 3x + b (SP 800-186,
/// appendix D.1.1.1). The libraries look at that only when they verify. Not in constant time: a public key is public.
pub(crate) fn is_on_curve(both: &[u8; 64]) -> bool {
    let (x, y) = both.split_at(32);
    let (x, y) = (number(x), number(y));
    if !is_below_prime(x) || !is_below_prime(y) {
        return false;
    }
    let cube = times(times(x, x), x);
    // -3x, to the other side.
    plus(times(y, y), plus(x, plus(x, x))) == plus(cube, B)
}

/// Of 32 bytes, the highest first.
fn number(bytes: &[u8]) -> Number {
    let mut number = [0; 4];
    for (limb, bytes) in number.iter_mut().zip(bytes.rchunks(8)) {
        *limb = bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    }
    number
}

/// The difference, and whether it is below 0.
fn minus(a: Number, b: Number) -> (Number, bool) {
    let (mut difference, mut borrow) = ([0; 4], false);
    for ((to, a), b) in difference.iter_mut().zip(a).zip(b) {
        let (part, first) = a.overflowing_sub(b);
        let (part, second) = part.overflowing_sub(borrow.into());
        (*to, borrow) = (part, first || second);
    }
    (difference, borrow)
}

fn is_below_prime(number: Number) -> bool {
    minus(number, PRIME).1
}

/// The sum of two that are below p.
fn plus(a: Number, b: Number) -> Number {
    let (mut sum, mut carry) = ([0; 4], false);
    for ((to, a), b) in sum.iter_mut().zip(a).zip(b) {
        let (part, first) = a.overflowing_add(b);
        let (part, second) = part.overflowing_add(carry.into());
        (*to, carry) = (part, first || second);
    }
    let (reduced, below) = minus(sum, PRIME);
    if below && !carry { sum } else { reduced }
}

/// The product of two that are below p.
fn times(a: Number, b: Number) -> Number {
    let mut product = [0; 4];
    for limb in b.into_iter().rev() {
        for bit in (0..64).rev() {
            product = plus(product, product);
            if limb >> bit & 1 == 1 {
                product = plus(product, a);
            }
        }
    }
    product
}
