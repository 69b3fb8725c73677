//! Strict base64url (RFC 4648 §5): no padding, no white space, unused bits zero, so that there is
//! exactly one text for the same bytes. What time it takes depends on the length alone.

use base64ct::{Base64UrlUnpadded, Encoding};
use zeroize::Zeroize;

/// How many characters are looked at together: compilers make a few instructions of so many.
const AT_ONCE: usize = 64;

/// Decodes into the front of `to` and returns what was written; `None` if it is not canonical or
/// does not fit.
pub(crate) fn decode<'b>(text: &str, to: &'b mut [u8]) -> Option<&'b [u8]> {
    if text.len() % 4 == 1 {
        return None;
    }
    let (fours, rest) = (text.len() / 4, text.len() % 4);
    let to = to.get_mut(..fours.checked_mul(3)?.checked_add(rest.saturating_sub(1))?)?;
    let mut wrong = 0;
    for (text, to) in text.as_bytes().chunks(AT_ONCE).zip(to.chunks_mut(AT_ONCE / 4 * 3)) {
        // What a last part does not have is nought.
        let mut sextets = [0; AT_ONCE];
        for (to, from) in sextets.iter_mut().zip(text) {
            let (sextet, is_one) = sextet(*from);
            *to = sextet;
            wrong |= !is_one;
        }
        let mut fours = sextets
            .as_chunks::<4>()
            .0
            .iter()
            .map(|&[a, b, c, d]| [(a << 2) | (b >> 4), (b << 4) | (c >> 2), (c << 6) | d]);
        let (threes, rest) = to.as_chunks_mut::<3>();
        for (to, from) in threes.iter_mut().zip(&mut fours) {
            *to = from;
        }
        if !rest.is_empty() {
            let last = fours.next().unwrap_or_default();
            for (to, from) in rest.iter_mut().zip(last) {
                *to = from;
            }
            last.iter().skip(rest.len()).for_each(|unused| wrong |= unused);
        }
        // As a slice: an array is wiped one byte after the other.
        sextets.as_mut_slice().zeroize();
    }
    (wrong == 0).then_some(to)
}

/// The six bits that a character stands for, and all ones if it is one of the alphabet; without a branch or a table.
fn sextet(from: u8) -> (u8, u8) {
    let within = |first: u8, count: u8| u8::from(from.wrapping_sub(first) < count).wrapping_neg();
    let (upper, lower, digit) = (within(b'A', 26), within(b'a', 26), within(b'0', 10));
    let (dash, bar) = (within(b'-', 1), within(b'_', 1));
    let letter = (upper & from.wrapping_sub(b'A')) | (lower & from.wrapping_sub(b'a' - 26));
    let other = (digit & from.wrapping_add(52 - b'0')) | (dash & 62) | (bar & 63);
    (letter | other, upper | lower | digit | dash | bar)
}

/// Decodes exactly `N` bytes.
pub(crate) fn decode_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0_u8; N];
    (decode(text, &mut bytes)?.len() == N).then_some(bytes)
}

/// Encodes `bytes`, which are at most a few kilobytes.
pub(crate) fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// Encodes into the whole of `to`, which has exactly the right length.
pub(crate) fn encode_into(bytes: &[u8], to: &mut [u8]) -> Option<()> {
    let wanted = to.len();
    (Base64UrlUnpadded::encode(bytes, to).ok()?.len() == wanted).then_some(())
}

/// How long the text of `bytes` bytes is.
pub(crate) const fn encoded_len(bytes: usize) -> usize {
    // Four characters for three bytes, rounded up; lengths here are far from overflowing.
    bytes.saturating_mul(4).div_ceil(3)
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64UrlUnpadded, Encoding};

    use super::{AT_ONCE, decode};

    fn is_as_base64ct_has_it(text: &str) {
        let (mut ours, mut theirs) = ([0; 200], [0; 200]);
        let theirs = Base64UrlUnpadded::decode(text, &mut theirs).ok();
        assert_eq!(decode(text, &mut ours), theirs, "{text:?}");
    }

    /// Every character in every place of a text, of every length around the parts.
    #[test]
    fn it_decodes_what_base64ct_decodes() {
        for length in (0..9).chain(AT_ONCE - 5..AT_ONCE + 6).chain(2 * AT_ONCE - 1..2 * AT_ONCE + 5)
        {
            let text: String = "Az09-_".chars().cycle().take(length).collect();
            for at in 0..length {
                for other in 0..128_u8 {
                    let mut changed = text.clone().into_bytes();
                    changed[at] = other;
                    is_as_base64ct_has_it(&String::from_utf8(changed).unwrap());
                }
            }
            is_as_base64ct_has_it(&text);
        }
        for text in ["\u{e9}A", "AA==", "AA\n", "+/+/"] {
            is_as_base64ct_has_it(text);
        }
    }

    #[test]
    fn what_does_not_fit_is_not_decoded() {
        assert_eq!(decode("AAAA", &mut [0; 2]), None);
        assert_eq!(decode("AAAA", &mut [7; 4]), Some([0; 3].as_slice()));
        assert_eq!(decode("", &mut []), Some([].as_slice()));
    }
}
