//! A stretch of text that is replaced.

/// A stretch to be replaced by so many masks; an empty one is where a quotation mark goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::redact) struct Edit {
    pub(in crate::redact) start: usize,
    pub(in crate::redact) end: usize,
    pub(in crate::redact) masks: usize,
}
