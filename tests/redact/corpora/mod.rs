//! Texts without card numbers, drawn from seeds. `README.md` says how each was made, and which were kept back.

pub(crate) mod machines;
pub(crate) mod tables;
pub(crate) mod written;
