//! What may happen to a credential, as pure functions: enrolment, codes that are checked and what failures lead to, and
//! whether a code is right.

pub(crate) mod check_code;
pub(crate) mod enrolment;
pub(crate) mod evaluate_code;
pub(crate) mod room;
