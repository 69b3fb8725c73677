//! Instants in whole seconds of UTC, windows between two of them, and the clock, passed in.

use core::fmt;
use core::str::FromStr;
use core::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::codec::one_form::OneForm;
use crate::codec::table::kept_as;
use crate::values::agent_safe::agent_safe;
use crate::values::secret::deserialize_text;

/// An instant: whole seconds since 1970-01-01T00:00:00Z, at most 9999-12-30T22:00:00Z.
///
/// In text and in serde formats it is RFC 3339; any offset is read, `Z` is written, fractions of a
/// second are dropped.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

/// The text is not an RFC 3339 instant, or lies before 1970 or after 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an instant such as 2026-01-31T14:00:00Z, from 1970 to 9999")]
#[non_exhaustive]
pub struct InvalidTimestamp;

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);
    /// The last instant that can be written down; arithmetic stops here.
    pub const MAX: Self = Self(253_402_207_200);

    /// The instant `seconds` after the epoch, [`Timestamp::MAX`] at most.
    #[must_use]
    pub const fn from_unix(seconds: u64) -> Self {
        if seconds > Self::MAX.0 { Self::MAX } else { Self(seconds) }
    }

    /// Seconds since the epoch.
    #[must_use]
    pub const fn unix(self) -> u64 {
        self.0
    }

    /// The instant `by` later, in whole seconds, [`Timestamp::MAX`] at most.
    #[must_use]
    pub const fn after(self, by: Duration) -> Self {
        Self::from_unix(self.0.saturating_add(by.as_secs()))
    }

    /// The instant `by` earlier, in whole seconds, the epoch at the earliest.
    #[must_use]
    pub const fn before(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(by.as_secs()))
    }

    /// How long after `earlier` this is; nothing if it is not later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_secs(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = i64::try_from(self.0)
            .ok()
            .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
            .ok_or(fmt::Error)?;
        fmt::Display::fmt(&instant, f)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        if !is_rfc_3339(text.as_bytes()) {
            return Err(InvalidTimestamp);
        }
        let instant: jiff::Timestamp = text.parse().map_err(|_| InvalidTimestamp)?;
        let seconds = u64::try_from(instant.as_second()).map_err(|_| InvalidTimestamp)?;
        if instant.subsec_nanosecond() < 0 || seconds > Self::MAX.0 {
            return Err(InvalidTimestamp);
        }
        Ok(Self(seconds))
    }
}

/// The shape of RFC 3339, section 5.6, which the parser reads among many others: full date, `T`, full
/// time, `Z` or an offset.
fn is_rfc_3339(text: &[u8]) -> bool {
    let shape = |pattern: &[u8], text: &[u8]| {
        pattern.len() == text.len()
            && pattern.iter().zip(text).all(|(wanted, found)| match wanted {
                b'0' => found.is_ascii_digit(),
                _ => wanted == found,
            })
    };
    let Some((instant, rest)) = text.split_at_checked(19) else { return false };
    let zone = match rest.split_first() {
        Some((b'.', fraction)) => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 {
                return false;
            }
            fraction.get(digits..).unwrap_or_default()
        }
        _ => rest,
    };
    shape(b"0000-00-00T00:00:00", instant)
        && (zone == b"Z" || shape(b"+00:00", zone) || shape(b"-00:00", zone))
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "an RFC 3339 instant as text", Self::from_str)
    }
}

kept_as! {
    Timestamp: |at| at.0, |seconds: u64| Ok::<_, InvalidTimestamp>(Self::from_unix(seconds))
}

/// A stretch of time: from an instant (included) until a later one (excluded).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Window {
    from: Timestamp,
    until: Timestamp,
}

/// A window ends before or when it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a window must end after it starts")]
#[non_exhaustive]
pub struct EmptyWindow;

impl Window {
    /// The window from `from` until just before `until`.
    ///
    /// # Errors
    ///
    /// [`EmptyWindow`] unless `from` is before `until`.
    pub fn new(from: Timestamp, until: Timestamp) -> Result<Self, EmptyWindow> {
        if from < until { Ok(Self { from, until }) } else { Err(EmptyWindow) }
    }

    /// The first instant inside.
    #[must_use]
    pub const fn from(&self) -> Timestamp {
        self.from
    }

    /// The first instant that is no longer inside.
    #[must_use]
    pub const fn until(&self) -> Timestamp {
        self.until
    }

    /// Whether `at` lies inside.
    #[must_use]
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }

    /// From its start to its end.
    #[must_use]
    pub const fn length(&self) -> Duration {
        self.until.since(self.from)
    }
}

impl<'de> Deserialize<'de> for Window {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename = "Window")]
        struct Ends {
            from: Timestamp,
            until: Timestamp,
        }
        // serde's own message would quote what stood in the place of a window.
        let ends = Ends::deserialize(OneForm(deserializer)).map_err(|_| {
            serde::de::Error::custom("expected a window: `from` and `until` as RFC 3339 instants")
        })?;
        Self::new(ends.from, ends.until).map_err(serde::de::Error::custom)
    }
}

/// Where the time comes from.
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    ///
    /// # Errors
    ///
    /// [`ClockError`] if the time is not known; nothing is then decided.
    fn now(&self) -> Result<Timestamp, ClockError>;
}

agent_safe!(Timestamp, Window);

/// The clock cannot tell the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the clock cannot tell the time")]
#[non_exhaustive]
pub struct ClockError;

impl ClockError {
    /// An error for an own [`Clock`] to return.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Default for ClockError {
    fn default() -> Self {
        Self::new()
    }
}

/// The operating system's clock. A clock before 1970 is an error, not a time.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Result<Timestamp, ClockError> {
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map(|since| Timestamp::from_unix(since.as_secs()))
            .map_err(|_| ClockError)
    }
}

/// A clock that stands still until it is set, for tests. Clones share the time.
#[cfg(feature = "test-util")]
#[derive(Debug, Clone)]
pub struct ManualClock(std::sync::Arc<std::sync::atomic::AtomicU64>);

#[cfg(feature = "test-util")]
impl ManualClock {
    /// A clock that shows `at`.
    #[must_use]
    pub fn new(at: Timestamp) -> Self {
        Self(std::sync::Arc::new(std::sync::atomic::AtomicU64::new(at.unix())))
    }

    /// Sets it to `at`, which may be earlier.
    pub fn set(&self, at: Timestamp) {
        self.0.store(at.unix(), std::sync::atomic::Ordering::SeqCst);
    }

    /// Moves it on by the whole seconds of `by`.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_secs(), std::sync::atomic::Ordering::SeqCst);
    }
}

#[cfg(feature = "test-util")]
impl Clock for ManualClock {
    fn now(&self) -> Result<Timestamp, ClockError> {
        Ok(Timestamp::from_unix(self.0.load(std::sync::atomic::Ordering::SeqCst)))
    }
}
