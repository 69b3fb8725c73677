//! The telephone network, as far as a story needs one.
//!
//! YOURS: your telephony or chat platform. It alone says which call this is, who rang whom, and with whom an agent speaks;
//! countersign believes it. What an agent types never becomes an [`Interaction`].

use countersign::contact::PhoneNumber;
use countersign::{Agent, Channel, Interaction, InteractionId, TeamId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Fault;
use crate::answer::{Trouble, nothing};
use crate::desktop::NAME;
use crate::feed::What;
use crate::guard::Visitor;
use crate::masked::mask;
use crate::rooms::{Room, keep_last, now};
use crate::service::App;

/// The number that the bank's calls show. It takes calls, too.
pub const SHOWN: &str = "+442079460100";
/// The number on the bank's cards, which only takes calls.
pub const ON_THE_CARD: &str = "+448081570100";

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
    /// Whether something secret was given to the agent to say in it. Then what is said is never written down, and is
    /// forgotten when the call is over.
    #[serde(default)]
    pub confidential: bool,
    /// The number that the network shows where it rings, if it shows one.
    #[serde(default)]
    pub shows: Option<PhoneNumber>,
    /// Whether it brought a ticket: the customer's app asked for it.
    #[serde(default)]
    pub asked: bool,
}

/// What was said, as a transcript has it: without card numbers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Said {
    /// `caller` or `called`.
    pub by: String,
    pub text: String,
}

impl Caller {
    /// Between whom the call is, whoever rang.
    const fn ends(self) -> (&'static str, &'static str) {
        match self {
            Self::Bank | Self::Customer => ("customer", "bank"),
            Self::Mallory => ("customer", "mallory"),
            Self::Eve => ("eve", "bank"),
        }
    }
}

impl Call {
    /// Ends it, and gives it as it then is.
    pub fn ended(&mut self) -> Self {
        self.line = Line::Over;
        if self.confidential {
            self.said.clear();
        }
        self.clone()
    }

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
    /// A new call, which does not ring yet. An earlier one between the same two is over: it is given too.
    pub fn draw_call(
        &mut self,
        caller: Caller,
        shows: Option<PhoneNumber>,
    ) -> Result<(Call, Vec<Call>), Fault> {
        let number = self.number();
        let id = InteractionId::new(format!("call-{}-{number}", self.id))?;
        // Eve is answered at once: the bank's agents are quick.
        let line = if matches!(caller, Caller::Eve | Caller::Customer) {
            Line::Talking
        } else {
            Line::Ringing
        };
        let said = Vec::new();
        let (since, confidential, asked) = (now(), false, false);
        let call = Call { id, caller, line, said, since, confidential, shows, asked };
        let same = |one: &Call| one.caller.ends() == caller.ends() && one.line != Line::Over;
        let mut over = Vec::new();
        for earlier in self.calls.iter_mut().filter(|one| same(one)) {
            over.push(earlier.ended());
        }
        Ok((call, over))
    }

    /// It rings at the other end.
    pub fn ring(&mut self, call: Call) {
        self.calls.push(call);
        keep_last(&mut self.calls);
    }

    /// The call of this id, if it is not over.
    pub fn live(&mut self, id: &InteractionId) -> Option<&mut Call> {
        self.calls.iter_mut().find(|call| call.id == *id && call.line != Line::Over)
    }

    /// The call to hang up. One that is over is found, too: whoever lost the answer hangs up again, and the bank hears of
    /// the end though the service died before it told.
    pub fn to_hang_up(&mut self, id: &InteractionId) -> Option<&mut Call> {
        self.calls.iter_mut().find(|call| call.id == *id)
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

/// Rings, and tells the bank what its platform would: which of its calls are over, and that there is this one. One of the
/// bank's own is announced before it rings.
pub async fn rings(
    app: &App,
    visitor: &Visitor,
    caller: Caller,
    shows: Option<PhoneNumber>,
) -> Result<Call, Trouble> {
    let (call, over, begun) = visitor.room.change(|room| {
        let (call, over) = room.draw_call(caller, shows)?;
        let at_bank = over.iter().filter(|call| call.reaches_bank());
        let over = at_bank.map(|call| call.interaction(room)).collect::<Result<Vec<_>, Fault>>()?;
        let begun = call.reaches_bank().then(|| call.interaction(room)).transpose()?;
        Ok::<_, Fault>((call, over, begun))
    })??;
    for earlier in &over {
        app.feed.report(&app.bank, What::Ended(earlier)).await?;
    }
    if let (Some(begun), Some(number)) = (&begun, &call.shows) {
        app.feed.report(&app.bank, What::Announce(begun, number)).await?;
    }
    visitor.room.change(|room| {
        room.ring(call.clone());
        match caller {
            Caller::Bank => room.reports("The dialler announces a call to Alice, and then rings."),
            Caller::Customer | Caller::Eve => room.reports("A call comes in."),
            Caller::Mallory => {}
        }
    })?;
    if let (Some(begun), None) = (&begun, &call.shows) {
        app.feed.report(&app.bank, What::Began(begun, NAME)).await?;
        visitor.room.tell();
    }
    Ok(call)
}

/// The customer answers.
pub async fn answered(app: &App, visitor: &Visitor, id: &InteractionId) -> Result<(), Trouble> {
    let begun = visitor.room.change(|room| {
        let call = room.live(id).filter(|call| call.reaches_phone())?;
        call.line = Line::Talking;
        let (at_bank, call) = (call.reaches_bank(), call.clone());
        Some(at_bank.then(|| call.interaction(room)).transpose())
    })?;
    if let Some(begun) = begun.ok_or(nothing())?? {
        app.feed.report(&app.bank, What::Began(&begun, NAME)).await?;
    }
    Ok(())
}
