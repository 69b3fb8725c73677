//! Conversations that are drawn from a seed: how a number is said in a language, in what form, and what stands around it.

pub(crate) mod files;
pub(crate) mod forms;
pub(crate) mod innocent;
pub(crate) mod said;
pub(crate) mod tongues;
