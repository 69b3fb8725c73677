//! The act in which telephones ring: the bank's call, an impostor's with the bank's number, and Alice's from the app.

use std::error::Error;
use std::time::Duration;

use countersign::contact::{
    Announcement, Arrival, Arrived, CallVerdict, Introduction, PhoneNumber, Report, Telephony,
};
use countersign::device::{KnownNumbers, NumberLookup, VerdictQuestion};
use countersign::id::FeedId;
use countersign::time::Clock;
use countersign::{Agent, AgentId, Interaction, InteractionId, OsRandom};

use super::Play;
use super::phone::Phone;

/// The number that the bank's calls show, and the one on its cards, which only takes calls.
const SHOWN: &str = "+442079460100";
const ON_THE_CARD: &str = "+448081570100";
/// The system that reports the bank's calls.
const FEED: &str = "pbx";

/// The bank's telephony, as its verifier has to know it.
pub(crate) fn telephony() -> Result<Telephony, Box<dyn Error>> {
    let feed = FeedId::new(FEED)?;
    Ok(Telephony::new().shows(SHOWN.parse()?, [feed]).never_calls(ON_THE_CARD.parse()?))
}

impl Play {
    pub(super) async fn ringing(&mut self, phone: &Phone) -> Result<(), Box<dyn Error>> {
        self.stage.act("ACT SIX   Telephones ring")?;
        let list = self.bank.contact().numbers_token().await?;
        let numbers = phone.device.open_numbers(&list, self.clock.now()?)?;
        // What happened in the acts before was reported by no feed.
        self.bank.contact().resync(&self.report(1)?).await?;
        self.genuine_ring(phone, &numbers).await?;
        self.spoofed_ring(phone, &numbers).await?;
        self.calls_us().await
    }

    /// Everything up to now was reported.
    fn report(&self, number: u64) -> Result<Report, Box<dyn Error>> {
        Ok(Report::new(FeedId::new(FEED)?, number, self.clock.now()?))
    }

    async fn genuine_ring(
        &mut self,
        phone: &Phone,
        numbers: &KnownNumbers,
    ) -> Result<(), Box<dyn Error>> {
        self.stage.step("Bob's dialler announces a call, and then rings")?;
        let call = self.outbound("call-10", Agent::new(AgentId::new("bob")?))?;
        let introduction = Introduction::by("Bob Miller".parse()?).about("Your loan".parse()?);
        let announcement = Announcement::showing(SHOWN.parse()?).introduced(introduction);
        self.bank.contact().announce(&self.report(2)?, &call, &announcement).await?;
        self.observed()?;
        self.verdict_on(phone, numbers, SHOWN, 1, CallVerdict::Legitimate).await?;
        self.observed()?;

        self.stage.step("Another question about the same call")?;
        self.verdict_on(phone, numbers, SHOWN, 1, CallVerdict::Undetermined).await?;
        self.why("For each call that was announced, one question is told so.")?;
        self.bank.contact().ended(&self.report(3)?, &call).await?;
        self.observed()
    }

    async fn spoofed_ring(
        &mut self,
        phone: &Phone,
        numbers: &KnownNumbers,
    ) -> Result<(), Box<dyn Error>> {
        self.stage.step("An hour later Mallory rings, with the bank's number on the display")?;
        self.clock.advance(Duration::from_secs(3600));
        self.verdict_on(phone, numbers, SHOWN, 0, CallVerdict::Undetermined).await?;
        self.clock.advance(Duration::from_secs(3));
        self.bank.contact().heartbeat(&self.report(4)?).await?;
        self.verdict_on(phone, numbers, SHOWN, 3, CallVerdict::NotLegitimate).await?;
        self.why(
            "All that the bank's systems began until then is reported, and this call is not.",
        )?;

        self.stage.step("And with the number on her card")?;
        self.verdict_on(phone, numbers, ON_THE_CARD, 0, CallVerdict::NotLegitimate).await?;
        self.why("The signed list has it among those that never call. Nobody was asked.")
    }

    /// What the app answers the phone's system about a call that shows `number` and has rung for so many seconds. The
    /// play stops unless it is as `expected`.
    async fn verdict_on(
        &mut self,
        phone: &Phone,
        numbers: &KnownNumbers,
        number: &str,
        seconds: u64,
        expected: CallVerdict,
    ) -> Result<(), Box<dyn Error>> {
        let now = self.clock.now()?;
        let number: PhoneNumber = number.parse()?;
        let verdict = match numbers.look_up(&number, now) {
            NumberLookup::Verdict(verdict) => verdict,
            _ => {
                let question = VerdictQuestion::new(number.clone(), &OsRandom::new(), now)?;
                let ringing = question.ringing(phone.held.id(), Duration::from_secs(seconds));
                let token = self.bank.contact().verdict(&self.alice, &ringing).await?;
                phone.device.open_verdict(&token, &question, now)?
            }
        };
        if verdict != expected {
            return Err(format!("{} is no such verdict", verdict.name()).into());
        }
        let says = match verdict {
            CallVerdict::Legitimate => "Bank Example is ringing you with this number.",
            CallVerdict::NotLegitimate => "This is not Bank Example. Do not answer.",
            CallVerdict::Unknown => "This number is none of Bank Example's.",
            _ => "It cannot be told whether this is Bank Example. Ask for the code.",
        };
        self.app(&format!("{} rings\n{says}", number.as_str()))
    }

    async fn calls_us(&mut self) -> Result<(), Box<dyn Error>> {
        self.stage.step("Alice taps \"Call us\"")?;
        let ticket = self.bank.contact().dial_ticket(&self.alice).await?;
        // Handed to the phone's dialler, and shown nowhere: not on this stage either.
        let dialled = ticket.dial_string(&SHOWN.parse()?);
        self.app(&format!("Calling {SHOWN}\n[ Hang up ]"))?;
        self.why("An impostor's answering machine asks for the digits that an app shows.")?;

        self.stage.step("The bank's answering machine takes the digits")?;
        let keys = dialled.strip_prefix(SHOWN).ok_or("another number")?.replace(',', "");
        let call = InteractionId::new("call-11")?;
        let arrival = Arrival::dialled(call.clone(), &keys);
        let Arrived::Asked(asked) = self.bank.contact().arrive(&arrival).await? else {
            return Err("the ticket did not count".into());
        };
        self.observed()?;
        let bob = Agent::new(AgentId::new("bob")?);
        let leg = asked.leg("IVR".parse()?, self.clock.now()?);
        let inbound = Interaction::inbound(call, asked.customer, bob, countersign::Channel::Voice);
        let inbound = inbound.on_leg(leg);
        self.bank.contact().began(&self.report(5)?, &inbound, &Introduction::none()).await?;
        self.desktop("Bob's desktop", "Alice's app asked for this call. Identify her as always.")?;
        self.bank.contact().ended(&self.report(6)?, &inbound).await?;

        self.stage.step("Somebody who heard them dials the same digits")?;
        let again = Arrival::dialled(InteractionId::new("call-12")?, &keys);
        match self.bank.contact().arrive(&again).await? {
            Arrived::Asked(_) => return Err("a ticket counted twice".into()),
            _ => self.desktop("Bob's desktop", "Somebody is on the line. No ticket.")?,
        }
        self.observed()?;
        self.why("A ticket counts once, for three minutes, and approves nothing.")
    }
}
