//! The telephone network, as far as a story needs one.
//!
//! YOURS: your telephony or chat platform. It alone says which call this is, who rang whom, and with whom an agent speaks;
//! countersign believes it. What an agent types never becomes an [`Interaction`].

use countersign::{Agent, Channel, Interaction, InteractionId, TeamId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Fault;
use crate::rooms::{Room, mask, now};

/// Who rang.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Caller {
    /// The bank's agent rang the customer.
    Bank,
    /// The customer rang the bank.
    Customer,
    /// Mallory rang the customer, with the bank's number on the display.
    Mallory,
    /// Eve rang the bank as the customer.
    Eve,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    Ringing,
    Talking,
    Over,
}

impl Line {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ringing => "ringing",
            Self::Talking => "talking",
            Self::Over => "over",
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Call {
    pub id: InteractionId,
    pub caller: Caller,
    pub line: Line,
    pub said: Vec<Said>,
    pub since: Timestamp,
}

/// What was said, as a transcript has it: without card numbers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Said {
    /// `caller` or `called`.
    pub by: String,
    pub text: String,
}

impl Call {
    /// Whether the customer's phone is one end of it.
    #[must_use]
    pub fn reaches_phone(&self) -> bool {
        self.caller != Caller::Eve
    }

    /// Whether the bank is one end of it.
    #[must_use]
    pub fn reaches_bank(&self) -> bool {
        self.caller != Caller::Mallory
    }

    /// As the platform reports it to the bank. Eve rings as the customer: the platform cannot tell her from Alice.
    pub fn interaction(&self, room: &Room) -> Result<Interaction, Fault> {
        let agent = Agent::new(room.agent.clone()).in_team(TeamId::new("service")?);
        let (id, customer) = (self.id.clone(), room.customer.clone());
        Ok(match self.caller {
            Caller::Bank => Interaction::outbound(id, customer, agent, Channel::Voice),
            _ => Interaction::inbound(id, customer, agent, Channel::Voice),
        })
    }
}

impl Room {
    /// A new call, which rings at the other end. An earlier one between the same two is over.
    pub fn ring(&mut self, caller: Caller) -> Result<Call, Fault> {
        let number = self.number();
        let id = InteractionId::new(format!("call-{}-{number}", self.id))?;
        // Eve is answered at once: the bank's agents are quick.
        let line = if matches!(caller, Caller::Eve | Caller::Customer) {
            Line::Talking
        } else {
            Line::Ringing
        };
        let call = Call { id, caller, line, said: Vec::new(), since: now() };
        self.calls.push(call.clone());
        Ok(call)
    }

    /// The call of this id, if it is not over.
    pub fn live(&mut self, id: &InteractionId) -> Option<&mut Call> {
        self.calls.iter_mut().find(|call| call.id == *id && call.line != Line::Over)
    }

    /// Says something in a call. Transcripts are masked as chats are.
    pub fn says(&mut self, id: &InteractionId, by: &str, text: &str) -> Option<()> {
        let call = self.live(id)?;
        call.said.push(Said { by: by.to_owned(), text: text.to_owned() });
        let over = call.said.len().saturating_sub(30);
        call.said.drain(..over);
        mask(call.said.iter_mut().map(|said| (said.by.as_str(), &mut said.text)));
        Some(())
    }
}
