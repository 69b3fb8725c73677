//! What may happen to a credential, as pure functions: enrolment, and codes that are checked.

pub(crate) mod checks;
pub(crate) mod enrolment;
pub(crate) mod evaluate;
