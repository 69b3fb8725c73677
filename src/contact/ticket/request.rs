//! Tickets as the app gets them, and as they arrive with a call.

use zeroize::Zeroizing;

use crate::codec::table::numbered;
use crate::crypto::random::{Random, RandomError};
use crate::values::id::{CustomerId, InteractionId, TrunkId};
use crate::values::leg::{Leg, LegKind};
use crate::values::phone::PhoneNumber;
use crate::values::secret::SecretText;
use crate::values::text::ShortText;
use crate::values::time::Timestamp;

/// Digits of a ticket that is dialled.
const DIGITS: usize = 16;
/// Bytes of a ticket in a header.
const BYTES: usize = 16;
/// The longest value of a header that is looked at.
const MAX_HEADER: usize = 256;
/// A pause of the dialler's, twice: the other side has to answer first.
const PAUSE: &str = ",,";

numbered! {
    /// How a ticket reaches the enterprise.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum TicketTransport {
        /// Dialled after the number, as DTMF. Whoever answers the call hears it.
        Dialled = 1,
        /// In a SIP header of a call that the app itself makes over the enterprise's own trunk.
        Header = 2,
    }
}

/// Sixteen digits for the app to dial behind the enterprise's number. They are **never shown**: an impostor's answering
/// machine asks for what is shown. So they have neither `Display` nor `Debug`, and are wiped when dropped.
///
/// ```compile_fail,E0277
/// fn log(ticket: &countersign::contact::DialTicket) -> String {
///     format!("{ticket:?}")
/// }
/// ```
///
/// ```compile_fail,E0277
/// fn show(ticket: &countersign::contact::DialTicket) -> String {
///     ticket.to_string()
/// }
/// ```
pub struct DialTicket {
    digits: SecretText,
    until: Timestamp,
}

impl DialTicket {
    pub(crate) fn draw(random: &dyn Random, until: Timestamp) -> Result<Self, RandomError> {
        let mut digits = Zeroizing::new([0_u8; DIGITS]);
        let mut filled = 0_usize;
        while filled < DIGITS {
            let mut bytes = Zeroizing::new([0_u8; DIGITS]);
            random.fill(bytes.as_mut_slice())?;
            // Of 256 values the last six would make some digits likelier than others.
            for byte in bytes.iter().filter(|byte| **byte < 250) {
                let Some(digit) = digits.get_mut(filled) else { break };
                *digit = b'0'.saturating_add(byte.rem_euclid(10));
                filled = filled.saturating_add(1);
            }
        }
        let text = core::str::from_utf8(digits.as_slice()).unwrap_or_default();
        Ok(Self { digits: SecretText::copy_of(text), until })
    }

    /// What the app hands to the phone's dialler: the number, a pause, the digits, and `#`. Send it to the app through the
    /// customer's session; the app neither shows nor keeps it.
    #[must_use]
    pub fn dial_string(&self, number: &PhoneNumber) -> Zeroizing<String> {
        let parts = [number.as_str(), PAUSE, self.digits.expose(), "#"];
        let length = parts.iter().map(|part| part.len()).fold(0, usize::saturating_add);
        let mut all = Zeroizing::new(String::with_capacity(length));
        for part in parts {
            all.push_str(part);
        }
        all
    }

    /// The digits alone, for an app that dials them itself once the call is answered.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.digits.expose()
    }

    /// Until when it counts.
    #[must_use]
    pub const fn until(&self) -> Timestamp {
        self.until
    }
}

/// An opaque text for a SIP header of a call that the app makes itself. It has neither `Display` nor `Debug`, and is wiped
/// when dropped.
///
/// ```compile_fail,E0277
/// fn log(ticket: &countersign::contact::HeaderTicket) -> String {
///     format!("{ticket:?}")
/// }
/// ```
pub struct HeaderTicket {
    text: SecretText,
    until: Timestamp,
}

impl HeaderTicket {
    pub(crate) fn draw(random: &dyn Random, until: Timestamp) -> Result<Self, RandomError> {
        let mut bytes = Zeroizing::new([0_u8; BYTES]);
        random.fill(bytes.as_mut_slice())?;
        let mut text = Zeroizing::new(String::with_capacity(2 * BYTES));
        for byte in bytes.iter() {
            for half in [byte >> 4, byte & 0x0f] {
                text.push(char::from_digit(half.into(), 16).unwrap_or_default());
            }
        }
        Ok(Self { text: SecretText::copy_of(&text), until })
    }

    /// The text, 32 hexadecimal digits, for a header of the enterprise's own.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose()
    }

    /// The value of a `User-to-User` header (RFC 7433, section 4.1): the text with `;encoding=hex`.
    #[must_use]
    pub fn user_to_user(&self) -> Zeroizing<String> {
        let parts = [self.text.expose(), ";encoding=hex"];
        let length = parts.iter().map(|part| part.len()).fold(0, usize::saturating_add);
        let mut all = Zeroizing::new(String::with_capacity(length));
        for part in parts {
            all.push_str(part);
        }
        all
    }

    /// Until when it counts.
    #[must_use]
    pub const fn until(&self) -> Timestamp {
        self.until
    }
}

/// What a call brings.
pub(crate) enum Presented {
    Dialled(Option<SecretText>),
    Header { trunk: TrunkId, text: Option<SecretText> },
}

/// A call that arrives at the enterprise and brings what may be a ticket. Like the tickets, it has no `Debug`.
#[must_use]
pub struct Arrival {
    pub(crate) call: InteractionId,
    pub(crate) from: Option<PhoneNumber>,
    pub(crate) presented: Presented,
}

impl Arrival {
    /// The caller dialled these digits; spaces, `#` and `*` are passed over.
    pub fn dialled(call: InteractionId, digits: &str) -> Self {
        let mut read = Zeroizing::new(String::with_capacity(DIGITS));
        let mut fits = true;
        for c in digits.chars().filter(|c| !matches!(c, ' ' | '#' | '*')) {
            fits &= c.is_ascii_digit() && read.len() < DIGITS;
            if fits {
                read.push(c);
            }
        }
        let text = (fits && read.len() == DIGITS).then(|| SecretText::copy_of(&read));
        Self { call, from: None, presented: Presented::Dialled(text) }
    }

    /// The call came over `trunk` with this text in a header of the enterprise's own.
    pub fn with_header(call: InteractionId, trunk: TrunkId, text: &str) -> Self {
        let fits = is_ticket(text);
        let lower = Zeroizing::new(text.to_ascii_lowercase());
        let text = fits.then(|| SecretText::copy_of(&lower));
        Self { call, from: None, presented: Presented::Header { trunk, text } }
    }

    /// The call came over `trunk` with this value of its `User-to-User` header (RFC 7433). Of several values, the one
    /// that can be a ticket counts.
    pub fn with_user_to_user(call: InteractionId, trunk: TrunkId, value: &str) -> Self {
        let values = value.get(..MAX_HEADER).unwrap_or(value).split(',');
        let found = values.filter_map(user_to_user).next();
        Self::with_header(call, trunk, found.unwrap_or_default())
    }

    /// The caller's number, as the network shows it: guesses are counted by it. Never kept.
    pub fn from_number(mut self, number: PhoneNumber) -> Self {
        self.from = Some(number);
        self
    }
}

/// Whether it can be a ticket of a header.
fn is_ticket(text: &str) -> bool {
    text.len() == 2 * BYTES && text.bytes().all(|c| c.is_ascii_hexdigit())
}

/// The data of one value of a `User-to-User` header, if they are hexadecimal and can be a ticket.
fn user_to_user(value: &str) -> Option<&str> {
    let mut parts = value.split(';').map(str::trim);
    let data = parts.next()?;
    let hex = parts.any(|part| {
        let named = part.split_once('=').map(|(name, value)| (name.trim(), value.trim()));
        named.is_some_and(|(name, value)| {
            name.eq_ignore_ascii_case("encoding")
                && value.trim_matches('"').eq_ignore_ascii_case("hex")
        })
    });
    (hex && is_ticket(data)).then_some(data)
}

/// What a call that arrived brings.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Arrived {
    /// An app session of this customer asked to call. It identifies nobody and approves nothing.
    Asked(AskedToCall),
    /// It brings no ticket that counts. The call goes on as any other.
    Unknown(NoTicket),
}

/// Whose app asked to call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AskedToCall {
    /// Whose.
    pub customer: CustomerId,
    /// How the ticket came.
    pub transport: TicketTransport,
    /// When the app asked.
    pub asked_at: Timestamp,
}

impl AskedToCall {
    /// The leg of this call, as `source` (the IVR, the border controller) has it.
    #[must_use]
    pub fn leg(&self, source: ShortText, read_at: Timestamp) -> Leg {
        let kind = match self.transport {
            TicketTransport::Dialled => LegKind::DialledTicket,
            TicketTransport::Header => LegKind::HeaderTicket,
        };
        Leg::ticket(kind, source, read_at)
    }
}

/// Why a call brings no ticket that counts. For the back end: not for the caller, nor for an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NoTicket {
    /// There is none such, or what was presented cannot be one.
    None,
    /// Another call came with it before.
    Used,
    /// Its time is over.
    Over,
    /// It came in a header over a trunk that is not the app's.
    WrongTrunk,
    /// So many were tried on this call, from this number or in all, that nothing is looked up for a while.
    TooManyTries,
}
