//! Values without rules of their own: ids, times, texts, amounts, secrets.

pub mod action;
pub mod agent_safe;
#[cfg(feature = "cards")]
pub(crate) mod attempt;
pub mod card_number;
pub mod id;
pub mod interaction;
pub(crate) mod leg;
pub(crate) mod never_asked;
pub(crate) mod now;
pub(crate) mod phone;
pub(crate) mod secret;
pub mod text;
pub mod time;
pub mod transaction;
pub(crate) mod typed;
pub(crate) mod unicode;
