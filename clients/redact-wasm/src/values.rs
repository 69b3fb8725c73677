//! The values that the redactor stands on, from the crate's sources.

#[path = "../../../src/values/agent_safe.rs"]
pub mod agent_safe;
#[path = "../../../src/values/card_number/mod.rs"]
pub mod card_number;
#[path = "../../../src/values/secret.rs"]
pub mod secret;
#[path = "../../../src/values/unicode/mod.rs"]
pub mod unicode;
