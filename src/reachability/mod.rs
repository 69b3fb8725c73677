//! Whether agents can be reached, and how long it takes: the host reports skills and channels, the customer's app gets
//! a signed answer for seconds, and books a callback from it. Nothing about single agents leaves.
//!
//! Begin with [`Verifier::reachability`](crate::Verifier::reachability); the rules are in the
//! [manual](crate::manual::_19_reachable).

pub(crate) mod facet;
pub(crate) mod request;
pub(crate) mod rules;
pub(crate) mod state;
pub(crate) mod token;

pub use self::facet::Reachability;
pub use self::request::SkillReport;
pub use self::token::{MAX_REACHABLE_LIFETIME, Reach, ReachableData, ReachableSkill};
