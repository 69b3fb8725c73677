//! What a response code means: two characters of ISO 8583:1987, field 39, as the card schemes use them.
//!
//! The table is [`meaning`]. Each line names who publishes it:
//!
//! | mark | published by |
//! | --- | --- |
//! | ISO | the list of ISO 8583:1987, as Fiserv (docs.fiserv.dev, "Response codes") and NeaPay repeat it |
//! | V | Visa's codes and their categories 1 to 4: Checkout.com ("Visa response codes"), Cielo ("Programa de retentativa"), TabaPay ("Network response codes") |
//! | M | Mastercard's field 39: Mastercard Send ("Network response codes"), myPOS and Thredd |
//! | C | Cardstream ("Authorisation response codes") |
//! | G | GICC, the German acquirers' protocol: Nexi ("Provider codes") and Lyra |
//! | N | RuPay and NepalPay: NCHL's specification, table 51 |
//! | B | hosts of BASE24's kind: Network International ("POS response code") |
//! | F | Cartes Bancaires: Lyra, CentralPay |
//! | L | Elo: Cielo ("Programa de retentativa", from Elo's authorisation manual) |
//! | E | EMV's codes that a terminal gives itself: Cardlink, Heartland |
//! | S | soft declines under PSD2: Cybersource and Bank of America ("Soft decline authorization response codes") |
//!
//! Two rules decide where the lists differ. What anybody publishes as an approval, as work in progress or as a
//! duplicate is never a decline, except if the card's own scheme says so. What nobody publishes is
//! [`Unknown`](Meaning::Unknown).

use core::fmt;
use core::str::FromStr;

use crate::codec::table::kept_as_text;
use crate::payment::outcome::DeclineReason::{
    self, AuthenticationNeeded, ExpiredCard, InsufficientFunds, LimitExceeded, NotPermitted, Other,
    TryLater, WrongDetails,
};
use crate::values::card_number::Brand;

/// A response code: ISO 8583:1987, field 39, two digits or capital letters.
///
/// It is not for agents: it may say that a card was stolen. What an agent may hear of it is the
/// [`DeclineReason`] in its [`meaning`](Self::meaning).
///
/// ```
/// use countersign::payment::{DeclineReason, Meaning, ResponseCode, Retry};
///
/// let funds: ResponseCode = "51".parse()?;
/// let reason = DeclineReason::InsufficientFunds;
/// assert_eq!(funds.meaning(None), Meaning::Declined { reason, retry: Retry::Later });
/// // A stolen card: no more than "another card may do".
/// let stolen: ResponseCode = "43".parse()?;
/// let reason = DeclineReason::Other;
/// assert_eq!(stolen.meaning(None), Meaning::Declined { reason, retry: Retry::Never });
/// // "Duplicate transmission": an earlier request may have charged the card.
/// let duplicate: ResponseCode = "94".parse()?;
/// assert_eq!(duplicate.meaning(None), Meaning::InDoubt);
/// # Ok::<(), countersign::payment::InvalidResponseCode>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResponseCode([u8; 2]);

/// The text is not two digits or capital letters. The codes of ISO 8583:1993 and of acquirers' own interfaces are
/// not these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a response code has two digits or capital letters")]
#[non_exhaustive]
pub struct InvalidResponseCode;

/// What came of an authorisation, as its response code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Meaning {
    /// The whole amount is authorised.
    Approved,
    /// A part of the amount is authorised. The answer says how much (field 4, or field 6).
    PartiallyApproved,
    /// "No reason to decline": an approval if nothing was to be authorised (a check of card or address). For any
    /// other amount it leaves open what was authorised: treat it as [`InDoubt`](Self::InDoubt) there.
    Verified,
    /// Nothing is authorised, and this answer is final.
    Declined {
        /// What an agent may hear of it.
        reason: DeclineReason,
        /// Whether the same card may be tried again.
        retry: Retry,
    },
    /// The card may have been charged: in progress, too late, a duplicate of an earlier request. Never a decline.
    InDoubt,
    /// Nobody publishes what it means, or the lists contradict each other: reverse the authorisation, then take it
    /// for declined ([`DeclineReason::Other`], [`Retry::Never`]).
    Unknown,
}

/// Whether a card that was declined may be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Retry {
    /// A hard decline: Visa's category 1, Mastercard's advice "do not try again", or a cause that nothing the
    /// customer can do changes. The schemes fine whoever tries again.
    Never,
    /// With the card's data typed anew: Visa's category 3.
    Corrected,
    /// With the customer authenticated (3-D Secure).
    Authenticated,
    /// With the same data, if the cause has gone: Visa's categories 2 and 4.
    Later,
}

impl ResponseCode {
    /// The two characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // They are ASCII, or this was not made.
        core::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// What it means on a card of `brand`; `None` if that is not known.
    ///
    /// An acquirer that gives codes of its own in this form is not answered by this: map those in its adapter.
    #[must_use]
    pub const fn meaning(self, brand: Option<Brand>) -> Meaning {
        match of_brand(self.0, brand) {
            Some(meaning) => meaning,
            None => meaning(self.0),
        }
    }
}

impl Meaning {
    /// The same with Mastercard's merchant advice code (two digits), which outweighs a decline's code: `03` (do not
    /// try again), `04` (a token's requirements) and `21` (payment cancelled) are hard. Whatever else it says
    /// changes nothing, and nothing but a decline is changed.
    ///
    /// Sources: Cybersource ("Merchant advice code", April 2023), Braintree and payabl. ("Merchant advice codes").
    #[must_use]
    pub fn advised(self, advice: &str) -> Self {
        match (self, advice) {
            (Self::Declined { reason, .. }, "03" | "04" | "21") => hard(reason),
            // "New account information available", "updated information needed".
            (Self::Declined { reason, retry: Retry::Later }, "01") => {
                soft(reason, Retry::Corrected)
            }
            _ => self,
        }
    }

    /// Whether it may be taken for a decline without anything more: it is final, and the card was not charged.
    #[must_use]
    pub const fn is_final_decline(self) -> bool {
        matches!(self, Self::Declined { .. })
    }
}

const fn hard(reason: DeclineReason) -> Meaning {
    Meaning::Declined { reason, retry: Retry::Never }
}

const fn soft(reason: DeclineReason, retry: Retry) -> Meaning {
    Meaning::Declined { reason, retry }
}

const fn later(reason: DeclineReason) -> Meaning {
    soft(reason, Retry::Later)
}

/// What a scheme's own list says where other lists say something else.
const fn of_brand(code: [u8; 2], brand: Option<Brand>) -> Option<Meaning> {
    use Brand::{Elo, Maestro, Mastercard, RuPay, Visa};
    let Some(brand) = brand else { return None };
    Some(match (&code, brand) {
        // S: in Europe Mastercard's way to ask for authentication. C: "SCA required".
        (b"65", Mastercard | Maestro) => soft(AuthenticationNeeded, Retry::Authenticated),
        // M: "life cycle" (a number or expiry that no longer holds). ISO and others: "already reversed".
        (b"79", Mastercard | Maestro) => later(Other),
        // V 3: negative result of CVV, CAVV or cryptogram. M: "policy". Others: the issuer timed out.
        (b"82", Visa) => soft(WrongDetails, Retry::Corrected),
        (b"82", Mastercard | Maestro) => later(NotPermitted),
        // M: "invalid authorization life cycle". Visa's acquirers: "duplicate transaction detected".
        (b"84", Mastercard | Maestro) => hard(Other),
        // M: "purchase amount only, no cash back", an approval, and no payment here has cash back. N: no network.
        (b"87", Mastercard | Maestro) => Meaning::Approved,
        (b"87", RuPay) => later(TryLater),
        // N: the authentication value is wrong.
        (b"82", RuPay) => soft(AuthenticationNeeded, Retry::Authenticated),
        // L: "do the transaction again". V 1: pick up.
        (b"04", Elo) => later(TryLater),
        // L, and for good: expired (54), the verification code (63), the cryptogram (82), a PIN that cannot be checked
        // (83), debit or credit that the card does not have (AB, AC), a fault of the acquirer's (19).
        (b"54", Elo) => hard(ExpiredCard),
        (b"63" | b"82", Elo) => hard(WrongDetails),
        (b"19" | b"83", Elo) => hard(Other),
        (b"AB" | b"AC", Elo) => hard(NotPermitted),
        _ => return None,
    })
}

/// The table.
#[rustfmt::skip]
const fn meaning(code: [u8; 2]) -> Meaning {
    match &code {
        // ISO V M C G N: approved.
        b"00"
        // ISO M G, TabaPay: honour with identification.
        | b"08"
        // ISO V C: approved (VIP).
        | b"11"
        // ISO C: approved, update track 3.
        | b"16" => Meaning::Approved,
        // ISO V M C G: partial amount.
        b"10" => Meaning::PartiallyApproved,
        // V M C: no reason to decline, for requests of no amount.
        b"85" => Meaning::Verified,

        // ISO G: request in progress (GICC: wait for the answer). ISO: response received too late. ISO M C N:
        // duplicate transmission.
        b"09" | b"68" | b"94"
        // ISO: invalid response; the switch could not read the issuer's.
        | b"20"
        // ISO C: duplicate record, duplicate reference number.
        | b"26"
        // ISO: completed partially, of a reversal or an advice; no list says of how much.
        | b"32"
        // N: "deemed acceptance", not to be reversed. M: a PIN was not changed.
        | b"71"
        // See `of_brand`: the issuer timed out, at others than Visa and Mastercard.
        | b"82"
        // See `of_brand`: a duplicate at Visa's acquirers.
        | b"84"
        // See `of_brand`: approved by some, declined by others.
        | b"87"
        // F: the time for the answer ran out. G: a wrong MAC.
        | b"97"
        // N: duplicate transaction. F: a fault at the sender.
        | b"99"
        // E: approved by the terminal itself.
        | b"Y1" | b"Y2" | b"Y3" => Meaning::InDoubt,

        // S V 3 (1A) and F (A1): authenticate the customer. S V 3 (70): a PIN, which at a distance is the same.
        b"1A" | b"A1" | b"70" => soft(AuthenticationNeeded, Retry::Authenticated),

        // V 1: pick up (04), pick up for fraud (07), invalid transaction (12), no such issuer (15), lost (41),
        // stolen (43), closed (46), stop orders (R0, R1, R3).
        b"04" | b"07" | b"12" | b"15" | b"41" | b"43" | b"46" | b"R0" | b"R1" | b"R3"
        // ISO N: pick up for fraud (34), for the acquirer (35, 37), restricted (36), PIN tries (38), at an ATM (67).
        | b"34" | b"35" | b"36" | b"37" | b"38" | b"67"
        // ISO M: invalid amount (13), fee (23), format (30), switch (31), function (40). V N: amount or law (64).
        // ISO: call the acquirer's security (66). V C: surcharge (B1, B2).
        | b"13" | b"23" | b"30" | b"31" | b"40" | b"64" | b"66" | b"B1" | b"B2" => hard(Other),
        // V 1: no such number. ISO G N: no record of the card.
        b"14" | b"56" => hard(WrongDetails),
        // V 1: not permitted to the cardholder. ISO M G N: not permitted to the terminal.
        b"57" | b"58" => hard(NotPermitted),
        // ISO C N: expired, pick up.
        b"33" => hard(ExpiredCard),

        // V 3: expired.
        b"54" => soft(ExpiredCard, Retry::Corrected),
        // V 3: PIN (55), verification data (6P), verification code (N7).
        b"55" | b"6P" | b"N7" => soft(WrongDetails, Retry::Corrected),

        // V 2: insufficient funds.
        b"51" => later(InsufficientFunds),
        // V 2: amount (61), count (65), cash (N4), amount not supported (Z5). V C: above the pre-authorised (N8).
        b"61" | b"65" | b"N4" | b"N8" | b"Z5" => later(LimitExceeded),
        // V 2: restricted in this country (62), no such account (39, 52, 53), cash service (N3), blocked by the
        // issuer (5C) or the cardholder (9G). ISO C: no such account (42, 44).
        b"62" | b"39" | b"42" | b"44" | b"52" | b"53" | b"N3" | b"5C" | b"9G" => later(NotPermitted),
        // V 2: enter again (19), issuer inoperative (91), malfunction (96). ISO M: cut-off in progress (90), no
        // route (92).
        b"19" | b"90" | b"91" | b"92" | b"96" => later(TryLater),
        // V 4: refer to issuer (01, 02), do not honour (05), error (06). V 2: merchant (03), suspected fraud (59),
        // PIN tries (75), first use (78), PIN not verified (86), law (93). ISO: contact the acquirer (60).
        b"01" | b"02" | b"03" | b"05" | b"06" | b"59" | b"60" | b"75" | b"78" | b"86" | b"93"
        // ISO M N: security violation (63). M G: not activated, or not for a minute (72). C N: PIN, or risk (74).
        // V M: fraud or security (83). M C: cryptogram (88), PIN or MAC (89). V C: card authentication (Q1).
        | b"63" | b"72" | b"74" | b"83" | b"88" | b"89" | b"Q1"
        // E C: declined offline.
        | b"Z1" | b"Z2" | b"Z3" => later(Other),

        // Published, and not told apart: 17, 18, 21, 22, 24, 25, 27 to 29, 69 and 95 answer other requests than an
        // authorisation; 76, 77, 79, 80 and 81 decline at the schemes and approve at B; P0, R2, T0 and T7 approve
        // with one network and decline with another.
        _ => Meaning::Unknown,
    }
}

impl FromStr for ResponseCode {
    type Err = InvalidResponseCode;

    fn from_str(text: &str) -> Result<Self, InvalidResponseCode> {
        let code = <[u8; 2]>::try_from(text.as_bytes()).map_err(|_| InvalidResponseCode)?;
        let fits = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
        if code.iter().all(fits) { Ok(Self(code)) } else { Err(InvalidResponseCode) }
    }
}

kept_as_text!(ResponseCode);

impl fmt::Display for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ResponseCode").field(&self.as_str()).finish()
    }
}
