//! What an OCRA credential is asked: the digest of all that a code covers, in the form that its suite
//! takes, which for a fob is one that a person can type.

use crate::otp::ocra::{ChallengeFormat, ChallengeKind};

/// The longest question, in characters.
const LONGEST: usize = 64;

/// A question as it is typed.
pub(crate) struct Typed {
    room: [u8; LONGEST],
    length: usize,
}

impl Typed {
    /// `digest` as a big-endian number, modulo as many questions as `format` has, in as many of its
    /// digits, zeros first.
    pub(crate) fn of(format: ChallengeFormat, digest: &[u8; 32]) -> Self {
        let digits: &[u8] = match format.kind() {
            ChallengeKind::Numeric => b"0123456789",
            ChallengeKind::Hexadecimal => b"0123456789ABCDEF",
            // Crockford's: none that reads like another.
            ChallengeKind::Alphanumeric => b"0123456789ABCDEFGHJKMNPQRSTVWXYZ",
        };
        let digit = |value: u16| digits.get(usize::from(value)).copied().unwrap_or(b'0');
        let length = usize::from(format.max_len()).min(LONGEST);
        let mut room = [b'0'; LONGEST];
        let ends = room.get_mut(..length).unwrap_or_default();
        if format.kind() == ChallengeKind::Hexadecimal {
            let mut whole = [b'0'; 64];
            for ([high, low], byte) in whole.as_chunks_mut().0.iter_mut().zip(digest) {
                (*high, *low) = (digit((byte >> 4).into()), digit((byte & 0x0f).into()));
            }
            for (to, from) in ends.iter_mut().rev().zip(whole.iter().rev()) {
                *to = *from;
            }
        } else {
            let base = u16::try_from(digits.len()).unwrap_or(10);
            let mut rest = *digest;
            for to in ends.iter_mut().rev() {
                *to = digit(divided(&mut rest, base));
            }
        }
        Self { room, length }
    }

    pub(crate) fn as_str(&self) -> &str {
        // Made of ASCII alone.
        let typed = self.room.get(..self.length).unwrap_or_default();
        core::str::from_utf8(typed).unwrap_or_default()
    }
}

/// Divides a big-endian number by `base` and returns the remainder.
fn divided(number: &mut [u8; 32], base: u16) -> u16 {
    let mut remainder = 0_u16;
    for byte in number {
        let dividend = (remainder << 8) | u16::from(*byte);
        // Below 256, since the remainder is below the base.
        *byte =
            dividend.checked_div(base).and_then(|one| u8::try_from(one).ok()).unwrap_or_default();
        remainder = dividend.checked_rem(base).unwrap_or_default();
    }
    remainder
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "test code")]
mod tests {
    use super::Typed;
    use crate::otp::ocra::ChallengeFormat;

    fn typed(format: ChallengeFormat, low: u128) -> String {
        let mut digest = [0; 32];
        digest[16..].copy_from_slice(&low.to_be_bytes());
        Typed::of(format, &digest).as_str().to_owned()
    }

    #[test]
    fn the_number_is_written_in_the_kind_s_digits() {
        let decimal = ChallengeFormat::numeric(8).unwrap();
        for (number, text) in [
            (0, "00000000"),
            (7, "00000007"),
            (99_999_999, "99999999"),
            (100_000_000, "00000000"),
            (123_456_789_012, "56789012"),
        ] {
            assert_eq!(typed(decimal, number), text);
        }
        let hexadecimal = ChallengeFormat::hexadecimal(8).unwrap();
        assert_eq!(typed(hexadecimal, 0x1234_89ab_cdef), "89ABCDEF");
        let letters = ChallengeFormat::alphanumeric(8).unwrap();
        assert_eq!(typed(letters, 31), "0000000Z");
        assert_eq!(typed(letters, 32), "00000010");
        assert_eq!(typed(letters, (1 << 40) + 5), "00000005");
    }

    #[test]
    fn a_whole_digest_keeps_all_of_it() {
        let digest = core::array::from_fn(|at| 0xf0 ^ u8::try_from(at).unwrap());
        let hexadecimal = Typed::of(ChallengeFormat::QH64, &digest);
        assert_eq!(hexadecimal.as_str(), hex::encode_upper(digest));
        // 32 to the 52nd is more than there are digests: the text is the number, in base 32.
        let letters = Typed::of(ChallengeFormat::alphanumeric(64).unwrap(), &digest);
        let (zeros, number) = letters.as_str().split_at(12);
        assert_eq!(zeros, "0".repeat(12));
        // 35 bytes are 56 digits, the first four of them zeros.
        let padded = [&[0; 3][..], &digest].concat();
        let whole = base32::encode(base32::Alphabet::Crockford, &padded);
        assert_eq!(number, &whole[whole.len() - 52..]);
        // The last 19 decimal digits of the number, by 128-bit arithmetic.
        let modulus = 10_u128.pow(19);
        let of = |half: &[u8]| u128::from_be_bytes(half.try_into().unwrap()) % modulus;
        let (high, low) = digest.split_at(16);
        let two_to_128 = u128::MAX % modulus + 1;
        let last = (of(high) * two_to_128 % modulus + of(low)) % modulus;
        let decimal = Typed::of(ChallengeFormat::numeric(19).unwrap(), &digest);
        assert_eq!(decimal.as_str(), format!("{last:019}"));
    }
}
