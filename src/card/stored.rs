//! What the vault keeps of a card.

use core::convert::Infallible;
use core::fmt;

use minicbor::encode::Write;

use crate::card::cardholder::MAX_BYTES;
use crate::card::plaintext::PAN_BYTES;
use crate::card::{Card, Cardholder, Expiry, Pan};
use crate::codec::cbor::{Encode, In, Malformed, Out};

/// From so many bytes on the length of a text takes a byte more to write (RFC 8949 §3).
const LONG: usize = 24;
/// The least padding, so that the length of that takes the same to write always.
const LEAST: usize = LONG;
const PADDING: [u8; LEAST + PAN_BYTES + MAX_BYTES + 1] = [0; LEAST + PAN_BYTES + MAX_BYTES + 1];

/// A card without its verification code, which no longer exists once a payment was authorised (PCI DSS
/// 4.0.1, 3.3.1).
///
/// [`Vault::with_card`](crate::Vault::with_card) lends one out and is the only way to one. Wiped on
/// drop; neither `Clone`, `Display`, `Serialize` nor [`AgentSafe`](crate::AgentSafe).
///
/// ```compile_fail,E0277
/// use countersign::AgentSafe;
/// use countersign::card::StoredCard;
///
/// fn send_to_desktop<T: AgentSafe>(value: &T) {}
///
/// fn desktop(card: &StoredCard) {
///     send_to_desktop(card);
/// }
/// ```
#[derive(PartialEq, Eq)]
pub struct StoredCard {
    pan: Pan,
    expiry: Expiry,
    cardholder: Cardholder,
}

impl StoredCard {
    /// The card number.
    #[must_use]
    pub const fn pan(&self) -> &Pan {
        &self.pan
    }

    /// Until when it is valid.
    #[must_use]
    pub const fn expiry(&self) -> Expiry {
        self.expiry
    }

    /// The name on it.
    #[must_use]
    pub const fn cardholder(&self) -> &Cardholder {
        &self.cardholder
    }

    pub(crate) fn of(card: &Card) -> Self {
        Self { pan: card.pan().copy(), expiry: card.expiry(), cardholder: card.cardholder().copy() }
    }

    pub(crate) fn copy(&self) -> Self {
        Self { pan: self.pan.copy(), expiry: self.expiry, cardholder: self.cardholder.copy() }
    }

    pub(crate) fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        let (mut pan, mut year, mut month, mut cardholder) = (None, None, None, None);
        from.map(|key, from| {
            match key {
                0 => pan = Some(from.read(Pan::from_digits)?),
                1 => year = u16::try_from(from.u64()?).ok(),
                2 => month = Some(from.u8()?),
                3 => cardholder = Some(from.read(Cardholder::kept)?),
                4 => _ = from.bytes()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let expiry = Expiry::new(year.ok_or(Malformed)?, month.ok_or(Malformed)?);
        Ok(Self {
            pan: pan.ok_or(Malformed)?,
            expiry: expiry.map_err(|_| Malformed)?,
            cardholder: cardholder.ok_or(Malformed)?,
        })
    }
}

impl Encode for StoredCard {
    fn encode<W: Write<Error = Infallible>>(&self, to: &mut Out<W>) {
        let (number, name) = (self.pan.expose(), self.cardholder.expose());
        to.map(5);
        to.entry(0, |to| to.str(number));
        to.entry(1, |to| to.u64(self.expiry.year().into()));
        to.entry(2, |to| to.u64(self.expiry.month().into()));
        to.entry(3, |to| to.str(name));
        // A row's length tells of neither.
        let short = usize::from(name.len() < LONG);
        let most = PAN_BYTES.saturating_add(MAX_BYTES).saturating_add(short);
        let padding =
            LEAST.saturating_add(most.saturating_sub(number.len()).saturating_sub(name.len()));
        to.entry(4, |to| to.bytes(PADDING.get(..padding).unwrap_or_default()));
    }
}

impl fmt::Debug for StoredCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredCard([REDACTED])")
    }
}
