//! A card as bytes, always as many: what is sealed.

use zeroize::Zeroizing;

use crate::card::billing::{LINE_BYTES, MAX_ADDRESS_LINES, POSTCODE_BYTES, REGION_BYTES};
use crate::card::cardholder::MAX_BYTES;
use crate::card::cryptogram::CRYPTOGRAM_CHARS;
use crate::card::{
    BillingAddress, Card, Cardholder, Country, Cryptogram, Eci, Expiry, Pan, StoredCredential,
    Verification, Wallet,
};
use crate::values::card_number::{Brand, BrandTable};

/// How many bytes a card takes, whatever is in it.
pub(super) const PLAINTEXT_BYTES: usize = 1152;

pub(super) const PAN_BYTES: usize = 19;
const ADDRESS_BYTES: usize = 2
    + (1 + REGION_BYTES)
    + (1 + POSTCODE_BYTES)
    + (1 + LINE_BYTES)
    + MAX_ADDRESS_LINES * (1 + LINE_BYTES);
const REST: usize = PLAINTEXT_BYTES
    - (1 + PAN_BYTES)
    - 3
    - (1 + 1 + CRYPTOGRAM_CHARS + 2 + 1)
    - (1 + MAX_BYTES)
    - 2
    - ADDRESS_BYTES;

const NOTHING: u8 = 0;
const CODE: u8 = 1;
const CRYPTOGRAM: u8 = 2;

/// Writes the fields one after the other; see [`manual::_38_sealing`](crate::manual::_38_sealing). What is not there
/// is zero. On the heap: an array would be copied from frame to frame as it is returned.
pub(super) fn encode(card: &Card) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(vec![0; PLAINTEXT_BYTES]);
    let mut to = bytes.as_mut_slice();
    field::<PAN_BYTES>(&mut to, Some(card.pan().expose()));
    put(&mut to, &[card.expiry().month()]);
    put(&mut to, &card.expiry().year().to_be_bytes());
    let (kind, text, cryptogram) = match card.verification() {
        Verification::Code(code) => (CODE, Some(code.expose()), None),
        Verification::Cryptogram(one) => (CRYPTOGRAM, Some(one.expose()), Some(one)),
        Verification::Nothing => (NOTHING, None, None),
    };
    put(&mut to, &[kind]);
    field::<CRYPTOGRAM_CHARS>(&mut to, text);
    put(&mut to, &cryptogram.and_then(Cryptogram::eci).map_or([0; 2], Eci::to_bytes));
    put(&mut to, &[cryptogram.map_or(0, |cryptogram| cryptogram.wallet().number())]);
    field::<MAX_BYTES>(&mut to, Some(card.cardholder().expose()));
    put(&mut to, &[card.chosen_brand().map_or(0, Brand::number)]);
    put(&mut to, &[card.stored_credential().map_or(0, StoredCredential::number)]);
    let address = card.billing_address();
    put(&mut to, &address.map_or([0; 2], |address| address.country().to_bytes()));
    field::<REGION_BYTES>(&mut to, address.and_then(BillingAddress::region));
    field::<POSTCODE_BYTES>(&mut to, address.and_then(BillingAddress::postcode));
    field::<LINE_BYTES>(&mut to, address.and_then(BillingAddress::city));
    let mut lines = address.into_iter().flat_map(BillingAddress::lines);
    for _ in 0..MAX_ADDRESS_LINES {
        field::<LINE_BYTES>(&mut to, lines.next());
    }
    debug_assert_eq!(to.len(), REST);
    bytes
}

/// Reads what [`encode`] writes and nothing else: any other byte anywhere is refused.
pub(super) fn decode(bytes: &[u8; PLAINTEXT_BYTES], table: &BrandTable) -> Option<Card> {
    let mut from = bytes.as_slice();
    let from = &mut from;
    let pan = Pan::from_digits(read_field::<PAN_BYTES>(from)?, table).ok()?;
    let [month] = *take::<1>(from)?;
    let year = u16::from_be_bytes(*take(from)?);
    let expiry = Expiry::new(year, month).ok()?;
    let verification = read_verification(from)?;
    let cardholder = Cardholder::kept(read_field::<MAX_BYTES>(from)?).ok()?;
    let [brand, stored_credential] = *take::<2>(from)?;
    let address = read_address(from)?;
    let mut card = Card::of(pan, expiry, verification, cardholder).ok()?;
    if brand != 0 {
        card = card.with_brand(Brand::from_number(brand)?).ok()?;
    }
    if stored_credential != 0 {
        card = card.with_stored_credential(StoredCredential::from_number(stored_credential)?);
    }
    if let Some(address) = address {
        card = card.with_billing_address(address);
    }
    // The texts may have been trimmed or folded, parts of an address may stand there without a country, and the rest
    // must be zero.
    (**encode(&card) == bytes[..]).then_some(card)
}

fn read_verification(from: &mut &[u8]) -> Option<Verification> {
    let [kind] = *take::<1>(from)?;
    let text = read_field::<CRYPTOGRAM_CHARS>(from)?;
    let (eci, [wallet]) = (*take::<2>(from)?, *take::<1>(from)?);
    match kind {
        NOTHING => Some(Verification::Nothing),
        CODE => text.parse().ok().map(Verification::Code),
        CRYPTOGRAM => {
            let eci = if eci == [0; 2] { None } else { Some(Eci::from_bytes(eci)?) };
            let read = Cryptogram::new(text, eci, Wallet::from_number(wallet)?);
            read.ok().map(Verification::Cryptogram)
        }
        _ => None,
    }
}

/// The address, if there is one.
fn read_address(from: &mut &[u8]) -> Option<Option<BillingAddress>> {
    let country = *take::<2>(from)?;
    let region = read_field::<REGION_BYTES>(from)?;
    let postcode = read_field::<POSTCODE_BYTES>(from)?;
    let city = read_field::<LINE_BYTES>(from)?;
    let mut lines = [""; MAX_ADDRESS_LINES];
    for line in &mut lines {
        *line = read_field::<LINE_BYTES>(from)?;
    }
    if country == [0; 2] {
        return Some(None);
    }
    let [region, postcode, city] =
        [region, postcode, city].map(|text| Some(text).filter(|text| !text.is_empty()));
    let lines = lines.into_iter().filter(|line| !line.is_empty());
    BillingAddress::kept(Country::from_bytes(country)?, region, postcode, city, lines).map(Some)
}

/// One byte for the length, then the text, then zeros up to `N` bytes.
fn field<const N: usize>(to: &mut &mut [u8], text: Option<&str>) {
    let text = text.unwrap_or_default();
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
