//! What an app remembers of the codes that its customer has heard.

use core::fmt;

use crate::token::TokenId;
use crate::values::time::Timestamp;

/// How many wrong codes may be heard of one appointment before the customer is to hang up and report.
/// Our choice: one slip of the tongue, one of the ear.
pub const CODE_ATTEMPTS: u8 = 3;

/// The format of [`CodeAttempts::to_bytes`].
const FORMAT: u8 = 1;
/// What is left once the right code was heard, in bytes.
const GENUINE: u8 = u8::MAX;
/// An entry: the appointment's id, when its token expires, and what is left.
const ENTRY: usize = 16 + 8 + 1;
/// How long an appointment is remembered after its token expired, in seconds: a device's clock may be set
/// back, and what was heard must not be heard anew.
const REMEMBERED: u64 = 30 * 24 * 3600;

/// What an app remembers of the codes that its customer has heard: of each appointment how many wrong ones may
/// still come, and none after the right one, so that a code counts as genuine once.
///
/// One for the whole app. [`VerifiedAppointment::check_spoken_code`](crate::device::VerifiedAppointment::check_spoken_code) changes it; write
/// [`to_bytes`](Self::to_bytes) to where the app keeps its data *before* the result is shown, and read it back
/// with [`from_bytes`](Self::from_bytes). Whoever begins with an empty one each time gives every caller three
/// guesses more, and a code that was overheard counts again.
///
/// ```
/// use countersign::device::CodeAttempts;
///
/// let kept = CodeAttempts::new().to_bytes();
/// assert_eq!(CodeAttempts::from_bytes(&kept)?, CodeAttempts::new());
/// # Ok::<(), countersign::device::MalformedCodeAttempts>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CodeAttempts(Vec<Entry>);

#[derive(Clone, Copy, PartialEq, Eq)]
struct Entry {
    appointment: TokenId,
    expires_at: Timestamp,
    left: Left,
}

/// What may still be heard of an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// So many wrong codes.
    Attempts(u8),
    /// Nothing: the right code was heard.
    Genuine,
}

/// These are not the bytes of [`CodeAttempts`]. Do not begin with an empty one in their place: tell the customer that
/// no code can be checked, or take the appointment anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are not what is remembered of the codes that were heard")]
#[non_exhaustive]
pub struct MalformedCodeAttempts;

impl CodeAttempts {
    /// Of an app that has heard nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// How many wrong codes may still be heard of `appointment`; none after the right one.
    #[must_use]
    pub fn attempts_left(&self, appointment: TokenId) -> u8 {
        match self.of(appointment) {
            None => CODE_ATTEMPTS,
            Some(Left::Attempts(left)) => left,
            Some(Left::Genuine) => 0,
        }
    }

    /// Whether the right code of `appointment` was heard. An app that was ended before it could tell the enterprise
    /// calls [`Challenges::conclude`](crate::challenge::Challenges::conclude) again: `check_spoken_code` will not say so a second time.
    #[must_use]
    pub fn was_genuine(&self, appointment: TokenId) -> bool {
        self.of(appointment) == Some(Left::Genuine)
    }

    fn of(&self, appointment: TokenId) -> Option<Left> {
        self.0.iter().find(|entry| entry.appointment == appointment).map(|entry| entry.left)
    }

    /// Notes what is left of `appointment`, whose token expires then, and forgets those that expired long ago.
    pub(super) fn note(
        &mut self,
        appointment: TokenId,
        expires_at: Timestamp,
        left: Left,
        now: Timestamp,
    ) {
        self.0.retain(|entry| {
            entry.appointment != appointment
                && now.unix() < entry.expires_at.unix().saturating_add(REMEMBERED)
        });
        self.0.push(Entry { appointment, expires_at, left });
    }

    /// For the app to keep: a byte of 1 for the format, then for each appointment the 16 bytes of its id, the eight
    /// of the second in which its token expires (Unix time, most significant first), and one of what is left: 0 to
    /// 2 wrong codes, or 255 once the right one was heard.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![FORMAT];
        for Entry { appointment, expires_at, left } in &self.0 {
            bytes.extend_from_slice(appointment.as_bytes());
            bytes.extend_from_slice(&expires_at.unix().to_be_bytes());
            bytes.push(match left {
                Left::Attempts(left) => *left,
                Left::Genuine => GENUINE,
            });
        }
        bytes
    }

    /// What [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    ///
    /// [`MalformedCodeAttempts`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MalformedCodeAttempts> {
        let Some((&FORMAT, entries)) = bytes.split_first() else {
            return Err(MalformedCodeAttempts);
        };
        let (entries, []) = entries.as_chunks::<ENTRY>() else { return Err(MalformedCodeAttempts) };
        let mut read = Self::new();
        for entry in entries {
            let (appointment, rest) =
                entry.split_first_chunk::<16>().ok_or(MalformedCodeAttempts)?;
            let (expires_at, left) = rest.split_first_chunk::<8>().ok_or(MalformedCodeAttempts)?;
            let appointment = TokenId::from_bytes(*appointment);
            let expires_at = u64::from_be_bytes(*expires_at);
            let known = read.0.iter().any(|one| one.appointment == appointment);
            let left = match left {
                [GENUINE] => Left::Genuine,
                [left @ 0..CODE_ATTEMPTS] => Left::Attempts(*left),
                _ => return Err(MalformedCodeAttempts),
            };
            if known || expires_at > Timestamp::MAX.unix() {
                return Err(MalformedCodeAttempts);
            }
            read.0.push(Entry { appointment, expires_at: Timestamp::from_unix(expires_at), left });
        }
        Ok(read)
    }
}

impl fmt::Debug for CodeAttempts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.0.iter().map(|entry| (entry.appointment, entry.left));
        f.debug_map().entries(entries).finish()
    }
}
