//! What contact signs: the status, the verdict on a call that rings, the list of numbers, the last
//! contact.

pub(crate) mod last_contact;
pub(crate) mod numbers;
pub(crate) mod status;
pub(crate) mod verdict;
