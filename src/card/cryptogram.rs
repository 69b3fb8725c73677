//! What a wallet or a network token gives in place of a verification code.

use core::fmt;
use core::str::FromStr;

use base64ct::{Base64, Encoding};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::codec::table::numbered;
use crate::values::secret::{SecretText, silent_serde};
use crate::values::typed::{TypedDigits, trimmed};

/// The longest, in characters of base64: 40 bytes, as American Express makes them, and room for two more.
pub(super) const CRYPTOGRAM_CHARS: usize = 56;
/// The most bytes of so many characters.
const MAX_BYTES: usize = CRYPTOGRAM_CHARS / 4 * 3;
const MIN_BYTES: usize = 12;
/// The longest text that is read as an indicator, in characters.
const MAX_TYPED: usize = 8;

/// The cryptogram of one payment by wallet or network token (TAVV, CAVV, AEVV, UCAF, DSRP), the electronic commerce
/// indicator that came with it, and whose it is. The card number beside it is the token's.
///
/// Sensitive authentication data, like the verification code that it stands for: never stored once the payment has
/// been authorised or declined (PCI DSS 4.0.1, 3.3.1). Wiped on drop; compared in constant time; neither `Clone`,
/// `Display` nor `Serialize`.
#[derive(PartialEq, Eq)]
pub struct Cryptogram {
    value: SecretText,
    eci: Option<Eci>,
    wallet: Wallet,
}

/// The text is not a cryptogram. It does not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a cryptogram is {MIN_BYTES} to {MAX_BYTES} bytes in base64, with padding")]
#[non_exhaustive]
pub struct InvalidCryptogram;

impl Cryptogram {
    /// Takes `value` as wallets give it, in base64 (RFC 4648 §4) with padding: 20 bytes in 28 characters mostly, 12 to
    /// 42 bytes at all.
    ///
    /// # Errors
    ///
    /// [`InvalidCryptogram`] for anything else.
    pub fn new(value: &str, eci: Option<Eci>, wallet: Wallet) -> Result<Self, InvalidCryptogram> {
        let value = trimmed(value);
        let mut bytes = Zeroizing::new([0; MAX_BYTES]);
        let read = Base64::decode(value, bytes.as_mut_slice()).map_err(|_| InvalidCryptogram)?;
        if read.len() < MIN_BYTES {
            return Err(InvalidCryptogram);
        }
        Ok(Self { value: SecretText::copy_of(value), eci, wallet })
    }

    /// The cryptogram in base64: for the acquirer's call and nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.value.expose()
    }

    /// The electronic commerce indicator, if the wallet gave one.
    #[must_use]
    pub const fn eci(&self) -> Option<Eci> {
        self.eci
    }

    /// Whose it is.
    #[must_use]
    pub const fn wallet(&self) -> Wallet {
        self.wallet
    }
}

impl fmt::Debug for Cryptogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cryptogram([REDACTED])")
    }
}

/// An electronic commerce indicator: two digits, from the scheme's own list (`05` is fully authenticated on Visa, `02` on
/// Mastercard). Read from one digit or two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Eci([u8; 2]);

/// The text is not an electronic commerce indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an electronic commerce indicator has two digits")]
#[non_exhaustive]
pub struct InvalidEci;

impl Eci {
    /// The two digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Two ASCII digits.
        core::str::from_utf8(&self.0).unwrap_or_default()
    }

    pub(super) const fn to_bytes(self) -> [u8; 2] {
        self.0
    }

    pub(super) fn from_bytes(digits: [u8; 2]) -> Option<Self> {
        digits.iter().all(u8::is_ascii_digit).then_some(Self(digits))
    }
}

impl FromStr for Eci {
    type Err = InvalidEci;

    fn from_str(text: &str) -> Result<Self, InvalidEci> {
        let digits = TypedDigits::<2>::read(text, MAX_TYPED).map_err(|_| InvalidEci)?;
        match *digits.as_str().as_bytes() {
            [one] => Ok(Self([b'0', one])),
            [one, two] => Ok(Self([one, two])),
            _ => Err(InvalidEci),
        }
    }
}

numbered! {
    /// Where a cryptogram and the token's number beside it come from.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case", remote = "Self")]
    #[non_exhaustive]
    pub enum Wallet {
        /// Apple Pay.
        ApplePay = 1,
        /// Google Pay, with a token of the device's.
        GooglePay = 2,
        /// Samsung Pay.
        SamsungPay = 3,
        /// Click to Pay (EMV Secure Remote Commerce).
        ClickToPay = 4,
        /// No wallet: a network token that the enterprise has of the scheme itself.
        NetworkToken = 5,
        /// Another wallet.
        Other = 6,
    }
}

silent_serde!(Wallet: "a wallet");
