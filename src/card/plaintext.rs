//! A card as bytes, always as many: what is sealed.

use zeroize::Zeroizing;

use crate::card::cardholder::MAX_BYTES;
use crate::card::{Card, Cardholder, Expiry, Pan};

/// How many bytes a card takes, whatever is in it.
pub(super) const PLAINTEXT_BYTES: usize = 256;

pub(super) const PAN_BYTES: usize = 19;
const CODE_BYTES: usize = 4;
const REST: usize = PLAINTEXT_BYTES - (1 + PAN_BYTES) - (1 + CODE_BYTES) - 3 - (1 + MAX_BYTES);

/// Writes the fields one after the other; see [`manual::_17_sealing`](crate::manual::_17_sealing).
pub(super) fn encode(card: &Card) -> Zeroizing<[u8; PLAINTEXT_BYTES]> {
    let mut bytes = Zeroizing::new([0; PLAINTEXT_BYTES]);
    let mut to = bytes.as_mut_slice();
    field::<PAN_BYTES>(&mut to, card.pan().expose());
    field::<CODE_BYTES>(&mut to, card.code().expose());
    put(&mut to, &[card.expiry().month()]);
    put(&mut to, &card.expiry().year().to_be_bytes());
    field::<MAX_BYTES>(&mut to, card.cardholder().expose());
    debug_assert_eq!(to.len(), REST);
    bytes
}

/// Reads what [`encode`] writes and nothing else: any other byte anywhere is refused.
pub(super) fn decode(bytes: &[u8; PLAINTEXT_BYTES]) -> Option<Card> {
    let mut from = bytes.as_slice();
    let pan = Pan::from_digits(read_field::<PAN_BYTES>(&mut from)?).ok()?;
    let code = read_field::<CODE_BYTES>(&mut from)?.parse().ok()?;
    let [month] = *take::<1>(&mut from)?;
    let year = u16::from_be_bytes(*take(&mut from)?);
    let expiry = Expiry::new(year, month).ok()?;
    let cardholder = Cardholder::kept(read_field::<MAX_BYTES>(&mut from)?).ok()?;
    let card = Card::new(pan, expiry, code, cardholder).ok()?;
    // The texts may have been trimmed or folded, and the rest must be zero.
    (*encode(&card) == *bytes).then_some(card)
}

/// One byte for the length, then the text, then zeros up to `N` bytes.
fn field<const N: usize>(to: &mut &mut [u8], text: &str) {
    debug_assert!(text.len() <= N, "every text is bounded by its type");
    put(to, &[u8::try_from(text.len()).unwrap_or(u8::MAX)]);
    let (field, rest) = core::mem::take(to).split_at_mut(N);
    for (to, from) in field.iter_mut().zip(text.as_bytes()) {
        *to = *from;
    }
    *to = rest;
}

fn put(to: &mut &mut [u8], bytes: &[u8]) {
    let (head, rest) = core::mem::take(to).split_at_mut(bytes.len());
    for (to, from) in head.iter_mut().zip(bytes) {
        *to = *from;
    }
    *to = rest;
}

fn read_field<'b, const N: usize>(from: &mut &'b [u8]) -> Option<&'b str> {
    let [length] = *take::<1>(from)?;
    let field = take::<N>(from)?;
    core::str::from_utf8(field.get(..length.into())?).ok()
}

fn take<'b, const N: usize>(from: &mut &'b [u8]) -> Option<&'b [u8; N]> {
    let (head, rest) = from.split_first_chunk::<N>()?;
    *from = rest;
    Some(head)
}
