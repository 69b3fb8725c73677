//! What may happen to a challenge, as pure functions: by the back end, by the customer, by an agent's desktop.

pub(crate) mod back_end;
pub(crate) mod customer;
pub(crate) mod desktop;
pub(crate) mod spoken_code;
