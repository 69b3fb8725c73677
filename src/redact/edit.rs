//! A stretch of text that is replaced.

/// A stretch to be replaced by so many masks; an empty one is where a quotation mark goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) masks: usize,
}
