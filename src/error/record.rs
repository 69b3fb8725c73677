//! A stored record that cannot be opened.

use crate::crypto::keyring::KeyId;

/// A stored record cannot be opened. It is never taken for an absent one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The record does not belong to this place, version and retention, or was changed.
    #[error("a stored record was damaged, moved or changed")]
    Damaged,
    /// The root key that sealed the record is not in the keyring.
    #[error("a stored record was sealed under root key {0}, which the keyring does not hold")]
    UnknownKey(KeyId),
    /// The record has a format of a later version of this crate.
    #[error("a stored record has format {0}, which this version cannot read")]
    UnknownFormat(u8),
    /// A history holds an event that a later version of this crate wrote.
    #[error("a history holds an event of a later version, which this version cannot read")]
    UnknownEvent,
}
