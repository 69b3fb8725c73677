//! What an OCRA suite is put together from, each in its permitted range (RFC 6287 §6.2 and §6.3).

use crate::codec::table::numbered;

/// How a response is cut from the HMAC (RFC 6287 §5.2 and §6.2, errata 3730): not at all, or to 4 to
/// 10 decimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Truncation(u8);

impl Truncation {
    /// `-0`: the response is the whole HMAC.
    pub const NONE: Self = Self(0);
    /// `-6`: six digits.
    pub const SIX_DIGITS: Self = Self(6);
    /// `-8`: eight digits, what this crate uses.
    pub const EIGHT_DIGITS: Self = Self(8);

    /// `digits`, 4 to 10.
    ///
    /// # Errors
    ///
    /// [`SuitePartError::Truncation`] for any other number.
    pub const fn to_digits(digits: u8) -> Result<Self, SuitePartError> {
        match digits {
            4..=10 => Ok(Self(digits)),
            _ => Err(SuitePartError::Truncation),
        }
    }

    /// The number of digits, or `None` for the whole HMAC.
    #[must_use]
    pub const fn digits(self) -> Option<u8> {
        match self.0 {
            0 => None,
            digits => Some(digits),
        }
    }

    /// As the suite spells it.
    pub(super) const fn code(self) -> u8 {
        self.0
    }
}

numbered! {
    /// What a challenge is written with (RFC 6287 §6.3, table 2).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum ChallengeKind {
        /// `QA`: ASCII letters and digits, used as they are.
        Alphanumeric = 3,
        /// `QN`: decimal digits, used as a number.
        Numeric = 1,
        /// `QH`: hexadecimal digits of either case.
        Hexadecimal = 2,
    }
}

impl ChallengeKind {
    pub(super) const fn letter(self) -> char {
        match self {
            Self::Alphanumeric => 'A',
            Self::Numeric => 'N',
            Self::Hexadecimal => 'H',
        }
    }

    /// Whether `byte` may stand in a challenge of this kind.
    pub(super) const fn permits(self, byte: u8) -> bool {
        match self {
            Self::Alphanumeric => byte.is_ascii_alphanumeric(),
            Self::Numeric => byte.is_ascii_digit(),
            Self::Hexadecimal => byte.is_ascii_hexdigit(),
        }
    }
}

/// The kind of a challenge and how long it may be, 4 to 64 characters (RFC 6287 §6.3, table 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChallengeFormat {
    kind: ChallengeKind,
    max_len: u8,
}

impl ChallengeFormat {
    /// `QH64`, the length of a SHA-256 hash: what this crate uses.
    pub const QH64: Self = Self { kind: ChallengeKind::Hexadecimal, max_len: 64 };

    /// `QAnn`: up to `max_len` letters and digits.
    ///
    /// Injective: a challenge is padded with NUL, which is neither a letter nor a digit.
    ///
    /// # Errors
    ///
    /// [`SuitePartError::ChallengeLength`] unless `max_len` is 4 to 64.
    pub const fn alphanumeric(max_len: u8) -> Result<Self, SuitePartError> {
        Self::new(ChallengeKind::Alphanumeric, max_len)
    }

    /// `QNnn`: up to `max_len` decimal digits.
    ///
    /// **Not injective.** RFC 6287 takes the digits as one number, writes it in hexadecimal without
    /// leading zeros, and pads that *on the right* with zeros to 128 bytes. So leading zeros make no
    /// difference, and neither does a factor of 16: `00000001` is `1` and `00000016` is `10`, both
    /// `1000…` once padded. Two questions collide exactly if one number is the other times a power
    /// of 16 (zero collides with zero alone). Of the questions of eight digits about one in sixteen has
    /// such a smaller twin. A server may ask random numeric questions; it must not use them to tell
    /// amounts or accounts apart.
    ///
    /// # Errors
    ///
    /// [`SuitePartError::ChallengeLength`] unless `max_len` is 4 to 64.
    pub const fn numeric(max_len: u8) -> Result<Self, SuitePartError> {
        Self::new(ChallengeKind::Numeric, max_len)
    }

    /// `QHnn`: up to `max_len` hexadecimal digits.
    ///
    /// Injective, but for case, among questions of one length. Padding on the right makes `AB` and
    /// `AB0` the same question, so use one length throughout.
    ///
    /// # Errors
    ///
    /// [`SuitePartError::ChallengeLength`] unless `max_len` is 4 to 64.
    pub const fn hexadecimal(max_len: u8) -> Result<Self, SuitePartError> {
        Self::new(ChallengeKind::Hexadecimal, max_len)
    }

    pub(crate) const fn new(kind: ChallengeKind, max_len: u8) -> Result<Self, SuitePartError> {
        match max_len {
            4..=64 => Ok(Self { kind, max_len }),
            _ => Err(SuitePartError::ChallengeLength),
        }
    }

    /// What a challenge is written with.
    #[must_use]
    pub const fn kind(self) -> ChallengeKind {
        self.kind
    }

    /// The most characters it may have, 4 to 64.
    #[must_use]
    pub const fn max_len(self) -> u8 {
        self.max_len
    }
}

/// The exact length of the session information, 1 to 512 bytes (RFC 6287 §5.1 and §6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionLength(u16);

impl SessionLength {
    /// `bytes`, 1 to 512.
    ///
    /// # Errors
    ///
    /// [`SuitePartError::SessionLength`] for any other number.
    pub const fn new(bytes: u16) -> Result<Self, SuitePartError> {
        match bytes {
            1..=512 => Ok(Self(bytes)),
            _ => Err(SuitePartError::SessionLength),
        }
    }

    /// The number of bytes.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

/// The size of a time step, in one of three units (RFC 6287 §6.3, table 3, with erratum 3729).
///
/// The unit is part of the suite's text: 1 hour is written `T1H` and there is no `T60M`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeStepSize {
    count: u8,
    unit: Unit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Unit {
    Seconds,
    Minutes,
    Hours,
}

impl TimeStepSize {
    /// `TnS`, 1 to 59 seconds.
    ///
    /// # Errors
    ///
    /// [`SuitePartError::TimeStepSize`] for any other number.
    pub const fn seconds(count: u8) -> Result<Self, SuitePartError> {
        Self::new(count, 59, Unit::Seconds)
    }

    /// `TnM`, 1 to 59 minutes.
    ///
    /// # Errors
    ///
    /// [`SuitePartError::TimeStepSize`] for any other number.
    pub const fn minutes(count: u8) -> Result<Self, SuitePartError> {
        Self::new(count, 59, Unit::Minutes)
    }

    /// `TnH`, 1 to 48 hours.
    ///
    /// # Errors
    ///
    /// [`SuitePartError::TimeStepSize`] for any other number.
    pub const fn hours(count: u8) -> Result<Self, SuitePartError> {
        Self::new(count, 48, Unit::Hours)
    }

    const fn new(count: u8, most: u8, unit: Unit) -> Result<Self, SuitePartError> {
        if 1 <= count && count <= most {
            Ok(Self { count, unit })
        } else {
            Err(SuitePartError::TimeStepSize)
        }
    }

    /// Its length in seconds, 1 to 172,800.
    #[must_use]
    pub fn as_seconds(self) -> u32 {
        let unit = match self.unit {
            Unit::Seconds => 1,
            Unit::Minutes => 60,
            Unit::Hours => 3_600,
        };
        u32::from(self.count).saturating_mul(unit)
    }

    pub(super) const fn count(self) -> u8 {
        self.count
    }

    pub(super) const fn letter(self) -> char {
        match self.unit {
            Unit::Seconds => 'S',
            Unit::Minutes => 'M',
            Unit::Hours => 'H',
        }
    }
}

/// A part of a suite is outside its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SuitePartError {
    /// Neither 0 nor 4 to 10 digits.
    #[error("a response has 0 (the whole HMAC) or 4 to 10 digits")]
    Truncation,
    /// A challenge of other than 4 to 64 characters.
    #[error("a suite's longest challenge has 04 to 64 characters")]
    ChallengeLength,
    /// Session information of other than 1 to 512 bytes.
    #[error("session information has 001 to 512 bytes")]
    SessionLength,
    /// Not 1 to 59 seconds, 1 to 59 minutes or 1 to 48 hours.
    #[error("a time step is 1S to 59S, 1M to 59M or 1H to 48H")]
    TimeStepSize,
}
