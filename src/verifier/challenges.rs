//! The facet for challenges.

use super::Verifier;

/// Challenges: see [`Verifier::challenges`].
///
/// # Errors
///
/// Every call can fail with [`Error::Store`](crate::Error::Store),
/// [`Error::Record`](crate::Error::Record), [`Error::Busy`](crate::Error::Busy),
/// [`Error::Clock`](crate::Error::Clock) or [`Error::Random`](crate::Error::Random); nothing was
/// decided then. An unknown id and another customer's are refused alike.
#[derive(Debug, Clone, Copy)]
pub struct Challenges<'a>(#[allow(dead_code, reason = "its calls follow")] pub(super) &'a Verifier);
