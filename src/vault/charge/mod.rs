//! What the vault keeps of a payment: one charge, and what was done with it afterwards.

pub(crate) mod act;
pub(crate) mod adjusted;
pub(crate) mod adjustments;
pub(crate) mod beside;
pub(crate) mod by_word;
pub(crate) mod coming_in;
pub(crate) mod details;
pub(crate) mod due;
pub(crate) mod follow_ups;
pub(crate) mod held;
mod holding;
pub(crate) mod rules;
pub(crate) mod state;
pub(crate) mod under_way;
pub(crate) mod view;
