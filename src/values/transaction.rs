//! What a step-up or a payment is for: amount, currency, payee, reference and kind, and their one encoding.

use core::fmt;
use core::num::NonZeroU64;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::codec::table::{kept_as, numbered, record};
use crate::crypto::pae;
use crate::values::agent_safe::agent_safe;
use crate::values::secret::{deserialize_text, silent_serde};
use crate::values::text::ShortText;

/// A currency of ISO 4217, by its three capital letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

/// The text is not a code of ISO 4217.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a currency of ISO 4217 in capital letters, such as GBP")]
#[non_exhaustive]
pub struct UnknownCurrency;

impl Currency {
    /// The three letters.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// The number of ISO 4217, at most 999: 826 for GBP. Messages of ISO 8583 name currencies by it.
    ///
    /// ```
    /// let pounds: countersign::transaction::Currency = "GBP".parse()?;
    /// assert_eq!(pounds.numeric(), 826);
    /// # Ok::<(), countersign::transaction::UnknownCurrency>(())
    /// ```
    #[must_use]
    pub fn numeric(self) -> u16 {
        self.0.numeric()
    }

    /// How many decimal digits the minor unit has: 2 for GBP, 0 for JPY; `None` where there is none.
    #[must_use]
    pub fn exponent(self) -> Option<u8> {
        self.0.exponent().and_then(|digits| u8::try_from(digits).ok())
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(text: &str) -> Result<Self, UnknownCurrency> {
        let found = iso_currency::Currency::from_code(text).ok_or(UnknownCurrency)?;
        if found.code() == text { Ok(Self(found)) } else { Err(UnknownCurrency) }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl PartialOrd for Currency {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Currency {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.code().cmp(other.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "a currency as text", Self::from_str)
    }
}

numbered! {
    /// What is to be done.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case", remote = "Self")]
    #[non_exhaustive]
    pub enum TransactionKind {
        /// Money goes to the payee's account.
        Transfer = 1,
        /// A purchase is paid.
        Payment = 2,
        /// A new payee is set up.
        NewPayee = 3,
        /// Details of the account are changed.
        Change = 4,
        /// Another app or fob is to approve for the customer, too. No text of an agent's says so or hides it: the
        /// app shows the kind. Only this approves one ([`EnrolmentRequest::approved_in`](crate::credential::EnrolmentRequest::approved_in)).
        NewAuthenticator = 5,
    }
}

impl TransactionKind {
    /// Whether money moves.
    #[must_use]
    pub const fn is_payment(self) -> bool {
        matches!(self, Self::Transfer | Self::Payment)
    }
}

/// One thing to be approved, to the penny.
///
/// ```
/// use countersign::Transaction;
/// use countersign::transaction::TransactionKind;
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let transfer = Transaction::new(
///     TransactionKind::Transfer,
///     500_000, // £5000.00
///     "GBP".parse()?,
///     "Jones Roofing 20-00-00 55779911".parse()?,
///     "Invoice 7".parse()?,
/// );
/// assert_eq!(
///     transfer.to_string(),
///     "Transfer of GBP 5000.00 to Jones Roofing 20-00-00 55779911 (Invoice 7)",
/// );
/// # Ok(())
/// # }
/// # example().unwrap();
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct Transaction {
    /// What is to be done.
    pub kind: TransactionKind,
    /// How much, in the currency's minor units (pence, cents); 0 where no money moves.
    pub amount: u64,
    /// The currency.
    pub currency: Currency,
    /// Who gets it, as the customer would recognise them: name and account.
    pub payee: ShortText,
    /// What for.
    pub reference: ShortText,
}

/// The most that a payment can be for, in minor units: the twelve digits that an authorisation has for it (ISO 8583:1987,
/// field 4).
pub const MOST_PAID: u64 = 999_999_999_999;

/// Why nothing can be paid with a transaction. It repeats nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotPayable {
    /// The amount is none, or more than [`MOST_PAID`].
    #[error("a payment is for 1 to {MOST_PAID} of the currency's minor units")]
    Amount,
    /// The currency is none to pay with: a metal, a unit of account, a test code, no currency (ISO 4217's X codes without
    /// a minor unit).
    #[error("nobody pays in this currency")]
    Currency,
}

impl Transaction {
    /// Whether a card can be charged with it: an amount from 1 to [`MOST_PAID`], in a currency that people pay with. It does
    /// not look at the [`kind`](Self::kind).
    ///
    /// # Errors
    ///
    /// [`NotPayable`] says which of both is wrong.
    pub fn payable(&self) -> Result<(), NotPayable> {
        if !(1..=MOST_PAID).contains(&self.amount) {
            return Err(NotPayable::Amount);
        }
        // XXX, XTS, XDR, XSU, XUA, XAU, XAG, XPT, XPD and XBA to XBD: just those that have no minor unit.
        if self.currency.exponent().is_none() {
            return Err(NotPayable::Currency);
        }
        Ok(())
    }

    /// `amount` is in minor units.
    #[must_use]
    pub const fn new(
        kind: TransactionKind,
        amount: u64,
        currency: Currency,
        payee: ShortText,
        reference: ShortText,
    ) -> Self {
        Self { kind, amount, currency, payee, reference }
    }

    /// The one encoding that codes and records stand for.
    ///
    /// All integers before a piece are 64-bit little-endian: the number of pieces, 6, and before
    /// each piece its length.
    ///
    /// | bytes | |
    /// | --- | --- |
    /// | 8 | the number 6 |
    /// | 8 + 26 | the ASCII text `countersign transaction v1` |
    /// | 8 + 1 | the kind: 1 transfer, 2 payment, 3 new payee, 4 change, 5 new authenticator |
    /// | 8 + 8 | the amount in minor units, big-endian |
    /// | 8 + 3 | the currency's capital letters |
    /// | 8 + n | the payee in UTF-8 |
    /// | 8 + n | the reference in UTF-8 |
    ///
    /// No two different transactions are encoded alike (PASETO's PAE is injective). Texts are taken
    /// byte by byte: nothing is normalised.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        pae::encode(&[
            b"countersign transaction v1",
            &[self.kind.number()],
            &self.amount.to_be_bytes(),
            self.currency.code().as_bytes(),
            self.payee.as_str().as_bytes(),
            self.reference.as_str().as_bytes(),
        ])
    }

    /// Currency and amount, such as `GBP 5000.00`.
    pub(crate) fn amount_text(&self) -> String {
        let digits = self.currency.exponent().unwrap_or(0);
        let unit = 10_u64.checked_pow(digits.into()).and_then(NonZeroU64::new);
        let unit = unit.unwrap_or(NonZeroU64::MIN);
        let (whole, part) = (self.amount / unit, self.amount % unit);
        match usize::from(digits) {
            0 => format!("{} {whole}", self.currency),
            width => format!("{} {whole}.{part:0width$}", self.currency),
        }
    }
}

record! { Transaction { 0 => kind, 1 => amount, 2 => currency, 3 => payee, 4 => reference } }
kept_as! { Currency: |currency| currency.code(), |code: &str| code.parse() }

silent_serde!(TransactionKind: "the kind of a transaction", Transaction: "a transaction");

/// As a person reads it: kind, currency and amount if there is one, payee, reference.
impl fmt::Display for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (payee, reference) = (&self.payee, &self.reference);
        match self.kind {
            TransactionKind::Transfer => f.write_str("Transfer of ")?,
            TransactionKind::Payment => f.write_str("Payment of ")?,
            TransactionKind::NewPayee => f.write_str("New payee")?,
            TransactionKind::Change => f.write_str("Change of details")?,
            TransactionKind::NewAuthenticator => f.write_str("New app or fob")?,
        }
        if !self.kind.is_payment() {
            if self.amount == 0 {
                return write!(f, ": {payee} ({reference})");
            }
            f.write_str(", ")?;
        }
        f.write_str(&self.amount_text())?;
        if self.kind.is_payment() {
            write!(f, " to {payee} ({reference})")
        } else {
            write!(f, ": {payee} ({reference})")
        }
    }
}

agent_safe!(Currency, TransactionKind, Transaction);
