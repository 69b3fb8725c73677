//! What customers sign with: the public keys of phones and passkeys, and the signatures under these. Formats alone:
//! what is signed and who may have a key is said elsewhere.

pub(crate) mod form;
pub(crate) mod key;
pub(crate) mod signed;
