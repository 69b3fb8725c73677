//! What may be seen of a customer's open interactions, and of the last ones.

use serde::Serialize;

use crate::codec::table::record;
use crate::contact::request::report::Introduction;
use crate::contact::token::last_contact::PastContact;
use crate::contact::token::status::OnTheLine;
use crate::values::id::{AgentId, CredentialId, FeedId, InteractionId};
use crate::values::interaction::{Channel, Direction, Interaction};
use crate::values::phone::PhoneNumber;
use crate::values::text::ShortText;
use crate::values::time::Timestamp;

/// What is kept of a customer's contacts, as the back end may see it. It names agents: not for desktops.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Presence {
    /// The interactions that are open, oldest first.
    pub open: Vec<OngoingInteraction>,
    /// The last time that the enterprise called, of those that are not open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_call: Option<PastContact>,
    /// The last contact over whichever channel, whoever began it, of those that are not open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_contact: Option<PastContact>,
}

/// An interaction that is going on, as the back end may see it. It names the agent: not for desktops.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OngoingInteraction {
    /// The platform's id.
    pub id: InteractionId,
    /// The medium.
    pub channel: Channel,
    /// Who contacted whom.
    pub direction: Direction,
    /// The agent who was last reported on it.
    pub agent: AgentId,
    /// When its beginning was reported, or that it will ring.
    pub since: Timestamp,
    /// The name by which the agent or the team goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_name: Option<ShortText>,
    /// Why there is this conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<ShortText>,
    /// The last report that said who is on it, of a record that does not say of which feed.
    #[serde(skip)]
    pub(crate) report: u64,
    /// The last report of each feed that said who is on it. Numbers of two feeds say nothing of each other.
    #[serde(skip)]
    pub(crate) heard: Vec<Heard>,
    /// The feed whose transfer said who is on it. What another says of its beginning is older.
    #[serde(skip)]
    pub(crate) transferred_by: Option<FeedId>,
    /// That it was announced.
    #[serde(skip)]
    pub(crate) rings: Option<Rings>,
}

/// The last report of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) feed: FeedId,
    pub(crate) number: u64,
}

/// A call that was announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rings {
    pub(crate) number: PhoneNumber,
    /// The customer answered it.
    pub(crate) answered: bool,
    /// The question that was told it is ours.
    pub(crate) vouched: Option<Vouched>,
}

/// A question about a ringing call that was told the call is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Vouched {
    pub(crate) query: [u8; 16],
    pub(crate) device: CredentialId,
    pub(crate) at: Timestamp,
}

impl OngoingInteraction {
    pub(crate) fn of(interaction: &Interaction, since: Timestamp) -> Self {
        Self {
            id: interaction.id.clone(),
            channel: interaction.channel,
            direction: interaction.direction,
            agent: interaction.agent.id.clone(),
            since,
            agent_name: None,
            purpose: None,
            report: 0,
            heard: Vec::new(),
            transferred_by: None,
            rings: None,
        }
    }

    /// Notes a report of a feed, and says whether the feed has not said anything later.
    pub(crate) fn hears(&mut self, feed: &FeedId, number: u64) -> bool {
        let nobody = self.heard.is_empty();
        match self.heard.iter_mut().find(|heard| heard.feed == *feed) {
            Some(heard) if number <= heard.number => false,
            Some(heard) => {
                heard.number = number;
                true
            }
            None if nobody && number <= self.report => false,
            None => {
                self.heard.push(Heard { feed: feed.clone(), number });
                true
            }
        }
    }

    /// Says who is on it and why, as far as that is told.
    pub(crate) fn introduce(&mut self, introduction: &Introduction) {
        let Introduction { agent_name, purpose } = introduction.clone();
        self.agent_name = agent_name.or(self.agent_name.take());
        self.purpose = purpose.or(self.purpose.take());
    }

    /// What the customer is shown of it.
    pub(crate) fn on_the_line(&self, now: Timestamp) -> OnTheLine {
        OnTheLine {
            agent_name: self.agent_name.clone(),
            purpose: self.purpose.clone(),
            channel: self.channel,
            direction: self.direction,
            since: self.since.min(now),
        }
    }

    /// Whether people talk on it at the same time, so that nobody is on two of them.
    pub(crate) const fn is_live(&self) -> bool {
        is_live(self.channel)
    }
}

/// Whether people talk there at the same time, so that it rings.
pub(crate) const fn is_live(channel: Channel) -> bool {
    matches!(channel, Channel::Voice | Channel::Video)
}

record! {
    OngoingInteraction {
        0 => id,
        1 => channel,
        2 => direction,
        3 => agent,
        4 => since,
        5 => agent_name,
        6 => purpose,
        7 unless 0 => report,
        8 => rings,
        9 unless Vec::new() => heard,
        10 => transferred_by,
    }
}
record! { Heard { 0 => feed, 1 => number } }
record! { Rings { 0 => number, 1 unless false => answered, 2 => vouched } }
record! { Vouched { 0 => query, 1 => device, 2 => at } }
