//! Tickets: the app asked to call the enterprise, and the call that arrives brings one.

pub(crate) mod facet;
pub(crate) mod limit;
pub(crate) mod request;
pub(crate) mod rules;
pub(crate) mod spread;
pub(crate) mod state;
