//! What is kept: the body of a record, and the record sealed.

pub(crate) mod kind;
pub(crate) mod news;
pub(crate) mod sealed;
