//! Who can be on a line with whom.

use countersign::{
    Agent, AgentId, Channel, CustomerId, Direction, Interaction, InteractionId, TeamId,
};

pub fn alice() -> CustomerId {
    CustomerId::new("alice").unwrap()
}

/// A customer too, and the attacker.
pub fn mallory() -> CustomerId {
    CustomerId::new("mallory").unwrap()
}

/// Holds the account with Alice.
pub fn carol() -> CustomerId {
    CustomerId::new("carol").unwrap()
}

/// Who is really there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    Alice,
    Attacker,
}

/// An interaction, as the enterprise's platform knows it, and who is really at its other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Talk {
    /// Alice dialled the enterprise.
    AliceHerself,
    /// The attacker dialled the enterprise in Alice's name.
    AttackerAsAlice,
    /// The attacker dialled the enterprise as the customer that they are.
    AttackerAsMallory,
    /// The enterprise dialled Alice, who picked up.
    OnAlicesLine,
    /// The enterprise dialled Alice, and the attacker picked up.
    OnAlicesForwardedLine,
    /// The enterprise dialled the attacker as the customer that they are.
    OnMallorysLine,
}

impl Talk {
    pub fn peer(self) -> Peer {
        match self {
            Self::AliceHerself | Self::OnAlicesLine => Peer::Alice,
            _ => Peer::Attacker,
        }
    }

    pub fn direction(self) -> Direction {
        match self {
            Self::AliceHerself | Self::AttackerAsAlice | Self::AttackerAsMallory => {
                Direction::Inbound
            }
            _ => Direction::Outbound,
        }
    }

    pub fn customer(self) -> CustomerId {
        match self {
            Self::AttackerAsMallory | Self::OnMallorysLine => mallory(),
            _ => alice(),
        }
    }

    /// Each has an agent of its own, who goes by that name.
    pub fn agent_name(self) -> String {
        format!("Agent of {self:?}")
    }

    /// What the library is told. Any agent may say any code, so that nothing but the direction stops
    /// them.
    pub fn interaction(self) -> Interaction {
        let agent = Agent::new(AgentId::new(format!("{self:?}")).unwrap());
        let agent = agent.in_team(TeamId::new("everybody").unwrap());
        let id = InteractionId::new(format!("call-{self:?}")).unwrap();
        match self.direction() {
            Direction::Inbound => Interaction::inbound(id, self.customer(), agent, Channel::Voice),
            Direction::Outbound => {
                Interaction::outbound(id, self.customer(), agent, Channel::Voice)
            }
        }
    }
}

/// The line that Alice is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Line {
    /// The attacker rang her, with the enterprise's number on the display.
    Spoofed,
    /// She dialled a number that the attacker gave her.
    Bridged,
    /// She talks to the enterprise.
    Genuine(Talk),
}

impl Line {
    /// Who contacted whom, as Alice knows it, from the enterprise's side.
    pub fn direction(self) -> Direction {
        match self {
            Self::Spoofed => Direction::Outbound,
            Self::Bridged => Direction::Inbound,
            Self::Genuine(talk) => talk.direction(),
        }
    }
}
