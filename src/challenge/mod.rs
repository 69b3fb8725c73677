//! Challenges: the enterprise announces that it wants to talk, the customer says when, and on the call a
//! code proves that agent, call and purpose are genuine. Also the ground rules: what a genuine agent never
//! asks for.
//!
//! Begin with [`Verifier::challenges`](crate::Verifier::challenges); the rules are in the
//! [manual](crate::manual::_04_challenges).

pub(crate) mod appointment_token;
pub(crate) mod detail;
pub(crate) mod encoding;
pub(crate) mod facet;
pub(crate) mod found_on;
pub(crate) mod ground_rules;
pub(crate) mod ground_rules_token;
pub(crate) mod request;
pub(crate) mod rules;
pub(crate) mod said;
pub(crate) mod state;
pub(crate) mod token;
pub(crate) mod view;

pub use self::appointment_token::{AppointmentData, MAX_APPOINTMENT_LIFETIME, Proof};
pub use self::detail::{
    Detail, Details, InvalidDetails, MAX_DETAILS, MAX_LABEL_CHARS, MAX_VALUE_CHARS,
};
pub use self::facet::Challenges;
pub use self::found_on::{FoundElsewhere, FoundOn, Handle, InvalidFoundOn, MAX_HANDLES, PostsFrom};
pub(crate) use self::ground_rules::ground_rules_token;
pub use self::ground_rules_token::{ActsByChannel, GroundRulesData, MAX_GROUND_RULES_LIFETIME};
pub use self::request::{Acceptance, Answer, ChallengeRequest, Slot};
pub use self::token::{
    ChallengeData, Channels, DEFAULT_CHALLENGE_LIFETIME, InvalidChannels, InvalidHandles,
    MAX_CHALLENGE_LIFETIME,
};
pub use self::view::{
    Appointment, AppointmentConfirmed, Challenge, ChallengeIssued, ChallengeStatus, Proposal,
    SpokenProof,
};
pub use crate::token::pseudonym::Pseudonym;
pub use crate::values::never_asked::{NeverAsked, UnknownRule};
