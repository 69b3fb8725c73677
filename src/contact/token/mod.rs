//! What contact signs: the status, the verdict on a call that rings, the list of numbers.

pub(crate) mod numbers;
pub(crate) mod status;
pub(crate) mod verdict;
