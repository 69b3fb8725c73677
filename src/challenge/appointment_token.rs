//! What an appointment token says: the slot, channel and direction of one contact, and who makes it.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::token::{Purpose, TokenData, wire_time};
use crate::values::agent_safe::agent_safe;
use crate::values::id::{ChallengeId, CredentialId};
use crate::values::interaction::{Assignee, Channel, Direction, LegKind};
use crate::values::secret::silent_serde;
use crate::values::text::ShortText;
use crate::values::time::Window;

/// The longest validity of an appointment token: 32 days, from when it is signed until the slot ends.
pub const MAX_APPOINTMENT_LIFETIME: Duration = Duration::from_secs(32 * 24 * 3600);

/// How the agent proves that they are the one of the appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
#[non_exhaustive]
pub enum Proof {
    /// With the spoken code of this credential.
    Code(CredentialId),
    /// With the word that the customer attached to the answer.
    Word,
}

silent_serde!(Proof: "how the agent proves it");
agent_safe!(Proof);

/// What customer and enterprise agreed: what stands in the claim `data` of an appointment token.
///
/// The spoken code is computed over the whole token, so that any change of any of these makes another
/// code. The token is valid from when it is signed until the slot ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct AppointmentData {
    /// Of which challenge.
    pub challenge: ChallengeId,
    /// When.
    #[serde(with = "wire_time::window")]
    pub slot: Window,
    /// Over which channel.
    pub channel: Channel,
    /// Who contacts whom, from the enterprise's side.
    pub direction: Direction,
    /// The agent, or the team that the agent acts for.
    pub assignee: Assignee,
    /// The name by which the agent or the team goes.
    pub agent_name: ShortText,
    /// Why.
    pub purpose: ShortText,
    /// How the agent proves it.
    pub proof: Proof,
    /// The line over which contact is to be made, if it matters. An app that does not know the kind opens no such token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leg: Option<LegKind>,
}

silent_serde!(AppointmentData: "what was agreed");

impl TokenData for AppointmentData {
    const PURPOSE: Purpose = Purpose::Appointment;
    const MAX_LIFETIME: Duration = MAX_APPOINTMENT_LIFETIME;
}
