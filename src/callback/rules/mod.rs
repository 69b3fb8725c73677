//! What may happen to a callback, as pure functions: by the customer, by an agent's desktop.

pub(crate) mod customer;
pub(crate) mod derived;
pub(crate) mod desktop;
