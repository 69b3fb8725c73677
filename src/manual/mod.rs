//! The manual: what the crate defends against, how its ceremonies run, what it keeps and in which
//! form, and what failures mean.

#[doc = include_str!("threats.md")]
pub mod threats {}

#[doc = include_str!("callbacks.md")]
pub mod callbacks {}

#[doc = include_str!("challenges.md")]
pub mod challenges {}

#[doc = include_str!("step_ups.md")]
pub mod step_ups {}

#[doc = include_str!("status.md")]
pub mod status {}

#[doc = include_str!("relay.md")]
pub mod relay {}

#[doc = include_str!("records.md")]
pub mod records {}

#[cfg(feature = "cards")]
#[doc = include_str!("sealing.md")]
pub mod sealing {}

#[cfg(feature = "cards")]
#[doc = include_str!("payments.md")]
pub mod payments {}

#[cfg(feature = "cards")]
#[doc = include_str!("vault.md")]
pub mod vault {}

#[cfg(feature = "cards")]
#[doc = include_str!("pci.md")]
pub mod pci {}

#[doc = include_str!("stores.md")]
pub mod stores {}

#[doc = include_str!("tokens.md")]
pub mod tokens {}

#[doc = include_str!("spoken.md")]
pub mod spoken {}

#[doc = include_str!("redaction.md")]
pub mod redaction {}

#[doc = include_str!("wire.md")]
pub mod wire {}

/// The quick start of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub mod readme {}
