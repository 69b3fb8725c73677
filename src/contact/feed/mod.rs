//! Feeds: which of their reports came, and up to when they have reported everything.

pub(crate) mod facet;
pub(crate) mod reported;
pub(crate) mod rules;
pub(crate) mod state;
pub(crate) mod unidentified;
