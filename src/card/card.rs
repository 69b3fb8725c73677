//! All that a payment needs of a card.

use core::fmt;

use crate::card::{
    BillingAddress, CardVerificationCode, Cardholder, Cryptogram, Expiry, Pan, StoredCredential,
    Verification,
};
use crate::values::card_number::Brand;

/// A card as its holder typed it, or as their wallet gave it. It lives on their device until it is sealed, and in the
/// vault for the length of one call to the acquirer.
///
/// Wiped on drop; neither `Clone`, `Display` nor `Serialize`.
///
/// ```
/// use countersign::card::{BillingAddress, Card, StoredCredential};
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let address = BillingAddress::new("GB".parse()?).with_postcode("LS1 1AA")?;
/// let card = Card::new(
///     "4242 4242-4242 4242".parse()?,
///     "12/34".parse()?,
///     "123".parse()?,
///     "Maria Jones".parse()?,
/// )?
/// .with_billing_address(address)
/// .with_stored_credential(StoredCredential::Recurring);
/// # let _ = card;
/// # Ok(())
/// # }
/// # example().unwrap();
/// ```
#[derive(PartialEq, Eq)]
pub struct Card {
    pan: Pan,
    expiry: Expiry,
    verification: Verification,
    cardholder: Cardholder,
    chosen_brand: Option<Brand>,
    billing_address: Option<BillingAddress>,
    stored_credential: Option<StoredCredential>,
}

/// The verification code has not as many digits as the card's scheme prints, or there is none and the scheme prints one
/// on every card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the verification code has three digits, four on American Express")]
#[non_exhaustive]
pub struct WrongCodeLength;

/// The card number is not in a range of the scheme that was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the card is not one of the chosen scheme's")]
#[non_exhaustive]
pub struct NotItsBrand;

impl Card {
    /// Puts a card together. Whether it has expired is for whoever knows the time:
    /// [`Expiry::is_over`].
    ///
    /// # Errors
    ///
    /// [`WrongCodeLength`] unless the code has [`Brand::code_digits`].
    pub fn new(
        pan: Pan,
        expiry: Expiry,
        code: CardVerificationCode,
        cardholder: Cardholder,
    ) -> Result<Self, WrongCodeLength> {
        Self::of(pan, expiry, Verification::Code(code), cardholder)
    }

    /// A wallet's or network token's: `pan` and `expiry` are the token's.
    #[must_use]
    pub const fn with_cryptogram(
        pan: Pan,
        expiry: Expiry,
        cryptogram: Cryptogram,
        cardholder: Cardholder,
    ) -> Self {
        Self::unchecked(pan, expiry, Verification::Cryptogram(cryptogram), cardholder)
    }

    /// A card that has no verification code on it.
    ///
    /// # Errors
    ///
    /// [`WrongCodeLength`] unless its scheme prints none on some cards: [`Brand::needs_code`].
    pub fn without_code(
        pan: Pan,
        expiry: Expiry,
        cardholder: Cardholder,
    ) -> Result<Self, WrongCodeLength> {
        Self::of(pan, expiry, Verification::Nothing, cardholder)
    }

    /// Any of the three, if the scheme has such cards.
    pub(super) fn of(
        pan: Pan,
        expiry: Expiry,
        verification: Verification,
        cardholder: Cardholder,
    ) -> Result<Self, WrongCodeLength> {
        let brand = pan.brand();
        let fits = match &verification {
            Verification::Code(code) => brand.has_code_of(code.expose().len()),
            Verification::Cryptogram(_) => true,
            Verification::Nothing => !brand.needs_code(),
        };
        if fits {
            Ok(Self::unchecked(pan, expiry, verification, cardholder))
        } else {
            Err(WrongCodeLength)
        }
    }

    const fn unchecked(
        pan: Pan,
        expiry: Expiry,
        verification: Verification,
        cardholder: Cardholder,
    ) -> Self {
        Self {
            pan,
            expiry,
            verification,
            cardholder,
            chosen_brand: None,
            billing_address: None,
            stored_credential: None,
        }
    }

    /// Pays over the scheme that the customer has chosen, of those that the card has: [`Pan::brands`].
    ///
    /// # Errors
    ///
    /// [`NotItsBrand`] for another.
    pub fn with_brand(mut self, brand: Brand) -> Result<Self, NotItsBrand> {
        if !self.pan.brands().contains(&brand) {
            return Err(NotItsBrand);
        }
        self.chosen_brand = Some(brand);
        Ok(self)
    }

    /// Says where the card's bills go.
    #[must_use]
    pub fn with_billing_address(mut self, address: BillingAddress) -> Self {
        self.billing_address = Some(address);
        self
    }

    /// The customer agrees that the card is kept, and for what. Without this a card is not kept for longer than
    /// one use, whatever the request asks for.
    #[must_use]
    pub const fn with_stored_credential(mut self, agreed: StoredCredential) -> Self {
        self.stored_credential = Some(agreed);
        self
    }

    /// Takes the agreement back, where nobody asked for it.
    pub(crate) const fn without_stored_credential(mut self) -> Self {
        self.stored_credential = None;
        self
    }

    /// The card number; a token's beside a [`Cryptogram`].
    #[must_use]
    pub const fn pan(&self) -> &Pan {
        &self.pan
    }

    /// Until when it is valid.
    #[must_use]
    pub const fn expiry(&self) -> Expiry {
        self.expiry
    }

    /// What shows that the card is its holder's: code, cryptogram, or nothing.
    #[must_use]
    pub const fn verification(&self) -> &Verification {
        &self.verification
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

    /// The scheme that the customer has chosen, if they have.
    #[must_use]
    pub const fn chosen_brand(&self) -> Option<Brand> {
        self.chosen_brand
    }

    /// Where its bills go, if that was asked.
    #[must_use]
    pub const fn billing_address(&self) -> Option<&BillingAddress> {
        self.billing_address.as_ref()
    }

    /// For what the customer agrees that it is kept, if they do.
    #[must_use]
    pub const fn stored_credential(&self) -> Option<StoredCredential> {
        self.stored_credential
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Card([REDACTED])")
    }
}
