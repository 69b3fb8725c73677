//! Contacts that are over: what is remembered of them, and told to the customer's key alone.

pub(crate) mod facet;
pub(crate) mod request;
pub(crate) mod rules;
pub(crate) mod state;
pub(crate) mod statement;
