//! What the vault keeps of a card.

use core::fmt;

use crate::card::cardholder::MAX_BYTES;
use crate::card::plaintext::PAN_BYTES;
use crate::card::{Card, Cardholder, Expiry, Pan};
use crate::codec::cbor::Malformed;
use crate::codec::table::record;

/// From so many bytes on the length of a text takes a byte more to write (RFC 8949 §3).
const LONG: usize = 24;
/// The least padding, so that the length of that takes the same to write always.
const LEAST: usize = LONG;
static PADDING: [u8; LEAST + PAN_BYTES + MAX_BYTES + 1] = [0; LEAST + PAN_BYTES + MAX_BYTES + 1];

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

    /// A row's length tells of neither number nor name.
    fn padding(&self) -> &'static [u8] {
        let (number, name) = (self.pan.expose().len(), self.cardholder.expose().len());
        let most = PAN_BYTES.saturating_add(MAX_BYTES).saturating_add(usize::from(name < LONG));
        let length = LEAST.saturating_add(most.saturating_sub(number).saturating_sub(name));
        PADDING.get(..length).unwrap_or_default()
    }
}

record! {
    StoredCard as card {
        0 => pan,
        1 => year: u16 = card.expiry.year(),
        2 => month: u8 = card.expiry.month(),
        3 => cardholder,
        4 => _padding: Option<&[u8]> = Some(card.padding()),
    } {
        let expiry = Expiry::new(year, month).map_err(|_| Malformed)?;
        Ok(Self { pan, expiry, cardholder })
    }
}

impl fmt::Debug for StoredCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredCard([REDACTED])")
    }
}
