//! What the vault keeps of a card.

use core::fmt;

use crate::card::{
    BillingAddress, Card, Cardholder, Expiry, Pan, StoredCredential, Verification, Wallet,
};
use crate::codec::cbor::{Encode, Malformed, length};
use crate::codec::table::record;
use crate::values::card_number::{Brand, BrandTable};
use crate::values::secret::SecretText;

/// How many bytes the parts of a card take together with their padding, whatever they are.
const ROOM: usize = 1536;
/// The least padding, so that the length of that takes the same to write always (RFC 8949 §3).
const LEAST: usize = 256;
static PADDING: [u8; ROOM] = [0; ROOM];

/// A card without its verification code or cryptogram, which no longer exists once a payment was authorised (PCI DSS
/// 4.0.1, 3.3.1). Name, billing address and what the customer agreed to are kept with it: later payments need them.
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
    chosen_brand: Option<Brand>,
    billing_address: Option<BillingAddress>,
    stored_credential: Option<StoredCredential>,
    wallet: Option<Wallet>,
    network_transaction_id: Option<SecretText>,
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

    /// The scheme to pay over: the customer's choice, or else the card's first.
    #[must_use]
    pub fn brand(&self) -> Brand {
        self.chosen_brand.unwrap_or_else(|| self.pan.brand())
    }

    /// Where its bills go, if that was asked.
    #[must_use]
    pub const fn billing_address(&self) -> Option<&BillingAddress> {
        self.billing_address.as_ref()
    }

    /// For what the customer agreed that it is kept, if they did.
    #[must_use]
    pub const fn stored_credential(&self) -> Option<StoredCredential> {
        self.stored_credential
    }

    /// Whose token the number is, if it came with a cryptogram. Later payments by the merchant have none.
    #[must_use]
    pub const fn wallet(&self) -> Option<Wallet> {
        self.wallet
    }

    /// The scheme's id of the payment that the card came from, to the letter, if the acquirer said it: later payments
    /// name it, and the issuer sees by it that the customer agreed. `None` also if it held the card's number or code.
    #[must_use]
    pub fn network_transaction_id(&self) -> Option<&str> {
        self.network_transaction_id.as_ref().map(SecretText::expose)
    }

    /// The same card, from the payment that the scheme calls `id`.
    pub(crate) fn known_by(mut self, id: Option<&str>) -> Self {
        self.network_transaction_id = id.map(SecretText::copy_of);
        self
    }

    pub(crate) fn of(card: &Card) -> Self {
        Self {
            pan: card.pan().copy(),
            expiry: card.expiry(),
            cardholder: card.cardholder().copy(),
            chosen_brand: card.chosen_brand(),
            billing_address: card.billing_address().map(BillingAddress::copy),
            stored_credential: card.stored_credential(),
            wallet: match card.verification() {
                Verification::Cryptogram(cryptogram) => Some(cryptogram.wallet()),
                Verification::Code(_) | Verification::Nothing => None,
            },
            network_transaction_id: None,
        }
    }

    pub(crate) fn copy(&self) -> Self {
        Self {
            pan: self.pan.copy(),
            expiry: self.expiry,
            cardholder: self.cardholder.copy(),
            chosen_brand: self.chosen_brand,
            billing_address: self.billing_address.as_ref().map(BillingAddress::copy),
            stored_credential: self.stored_credential,
            wallet: self.wallet,
            network_transaction_id: self.network_transaction_id().map(SecretText::copy_of),
        }
    }

    /// A row's length tells neither how long the parts are nor which of them there are.
    fn padding(&self) -> &'static [u8] {
        fn optional(part: &Option<impl Encode>) -> usize {
            part.as_ref().map_or(0, |part| length(part).saturating_add(1))
        }
        let brands = self.pan.brands().iter().map(length).fold(0, usize::saturating_add);
        let taken = [
            length(&self.pan.expose()),
            length(&self.cardholder),
            brands,
            optional(&self.chosen_brand),
            optional(&self.billing_address),
            optional(&self.stored_credential),
            optional(&self.wallet),
            optional(&self.network_transaction_id()),
        ];
        let taken = taken.into_iter().fold(0, usize::saturating_add);
        PADDING.get(..ROOM.saturating_sub(taken).max(LEAST)).unwrap_or_default()
    }
}

record! {
    StoredCard as card {
        0 => digits: &str = card.pan.expose(),
        1 => year: u16 = card.expiry.year(),
        2 => month: u8 = card.expiry.month(),
        3 => cardholder,
        4 => _padding: Option<&[u8]> = Some(card.padding()),
        5 => brands: Vec<Brand> = card.pan.brands().to_vec(),
        6 => chosen_brand,
        7 => billing_address,
        8 => stored_credential,
        9 => wallet,
        10 => network_transaction_id: Option<&str> = card.network_transaction_id(),
    } {
        let expiry = Expiry::new(year, month).map_err(|_| Malformed)?;
        // Cards of before have one scheme, which their number tells.
        let pan = if brands.is_empty() {
            Pan::from_digits(digits, &BrandTable::default())
        } else {
            Pan::kept(digits, &brands)
        };
        Ok(Self {
            pan: pan.map_err(|_| Malformed)?,
            expiry,
            cardholder,
            chosen_brand,
            billing_address,
            stored_credential,
            wallet,
            network_transaction_id: network_transaction_id.map(SecretText::copy_of),
        })
    }
}

impl fmt::Debug for StoredCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredCard([REDACTED])")
    }
}
