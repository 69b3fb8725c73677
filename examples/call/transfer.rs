//! The act in which £5000 are transferred, and in which others would like them to be.

use std::error::Error;

use countersign::agent_safe::ForDesktop;
use countersign::device::VerifiedStepUp;
use countersign::step_up::{DeclineReason, StepUpOutcome, StepUpRequest, StepUpRequested, WhoRang};
use countersign::transaction::TransactionKind;
use countersign::{Agent, AgentId, Channel, Interaction, InteractionId, RequestId, Transaction};

use super::Play;
use super::phone::{Opened, Phone};

/// What the app asks before it shows anything.
const WHO_RANG: &str = "Somebody asks for your approval. Who rang whom?\n[ I rang you ]  [ You rang me ]  [ I don't know ]";

fn roofing(pence: u64) -> Result<Transaction, Box<dyn Error>> {
    Ok(Transaction::new(
        TransactionKind::Transfer,
        pence,
        "GBP".parse()?,
        "Jones Roofing 20-00-00 55779911".parse()?,
        "Invoice 7".parse()?,
    ))
}

impl Play {
    pub(super) async fn transfer(&mut self, phone: &Phone) -> Result<(), Box<dyn Error>> {
        self.stage.act("ACT THREE   A transfer of £5000")?;

        self.stage.step("Alice rings the bank and wants to pay her roofer")?;
        let bob = Agent::new(AgentId::new("bob")?);
        let call = InteractionId::new("call-5")?;
        let call = Interaction::inbound(call, self.alice.clone(), bob, Channel::Voice);
        self.say("Bob", "\"Because it's over £1000, please approve it in the app.\"")?;
        let payment = roofing(500_000)?;
        let asked = self.ask(&call, "transfer-1", &payment, "Bob").await?;
        let digits = asked.digits.as_ref().ok_or("£5000 needs digits")?.digits();
        self.desktop("Bob's desktop", &format!("Say: {}", &*digits))?;
        self.app(WHO_RANG)?;
        self.say("Alice", "(taps: I rang you)")?;
        let Opened::Shown(shown) = phone.open(&asked, WhoRang::Customer, self)? else {
            return Err("she did ring".into());
        };
        self.shown(&shown)?;
        self.say("Bob", &format!("\"And please type {}.\"", &*digits))?;
        let code = shown.with_digits(digits.parse()?).approve(&phone.held, &phone.pin)?;
        self.bank.step_ups().submit(&self.alice, &asked.step_up.id, &code).await?;
        self.observed()?;
        let outcome = self.bank.step_ups().outcome(&call, &asked.step_up.id).await?;
        let StepUpOutcome::Approved(grant) = outcome else { return Err("not approved".into()) };
        let screen = ForDesktop::new().with("approved", asked.step_up.what.transaction());
        self.desktop("Bob's desktop", &serde_json::to_string_pretty(&screen)?)?;
        self.why(
            "Bob sees that it is approved. He said six digits, and never saw a code or a PIN.",
        )?;

        self.stage.step("The amount is changed in flight")?;
        let key = RequestId::new("booking-1")?;
        let more = roofing(500_001)?;
        self.must_refuse(self.bank.step_ups().redeem(&call, &grant, &more, &key).await.err())?;
        self.why("One penny more is not what Alice approved.")?;
        let proof = self.bank.step_ups().redeem(&call, &grant, &payment, &key).await?;
        self.desktop("the ledger", &format!("Transferred: {}", proof.transaction()))?;

        self.stage.step("The code is sent again, for another transfer")?;
        let again = self.ask(&call, "transfer-2", &payment, "Bob").await?;
        let sent = self.bank.step_ups().submit(&self.alice, &again.step_up.id, &code).await;
        self.must_refuse(sent.err())?;
        self.why("Each step-up has digits and a nonce of its own, and the code covers them.")?;
        let done = self.bank.step_ups();
        done.decline(&self.alice, &again.step_up.id, DeclineReason::ChangedMind).await?;
        self.observed()?;

        self.relay(phone).await
    }

    /// Mallory rings Alice as the bank, while Eve rings the bank as Alice.
    async fn relay(&mut self, phone: &Phone) -> Result<(), Box<dyn Error>> {
        self.stage.step("Two calls at once: Mallory to Alice, Eve to the bank")?;
        self.say("Mallory", "\"Bank Example, fraud team. Please approve the reversal.\"")?;
        self.say("Eve", "\"This is Alice. I'd like to transfer £9000.\"")?;
        let carol = Agent::new(AgentId::new("carol")?);
        let id = InteractionId::new("call-6")?;
        let eves = Interaction::inbound(id, self.alice.clone(), carol, Channel::Voice);
        let asked = self.ask(&eves, "transfer-3", &roofing(900_000)?, "Carol").await?;
        self.desktop("Carol's desktop", "Waiting for the customer's app.")?;
        self.app(WHO_RANG)?;
        self.say("Alice", "(taps: You rang me; and once more)")?;
        let Opened::Declined(reason) = phone.open(&asked, WhoRang::Enterprise, self)? else {
            return Err("the answer does not fit".into());
        };
        self.app("Declined. Hang up: the person on the line is not us.")?;
        self.bank.step_ups().decline(&self.alice, &asked.step_up.id, reason).await?;
        let outcome = self.bank.step_ups().outcome(&eves, &asked.step_up.id).await?;
        let screen = ForDesktop::new().with("step_up", &outcome);
        self.desktop("Carol's desktop", &serde_json::to_string_pretty(&screen)?)?;
        self.why("The bank signed who called whom. Her app asked before it showed what for.")?;
        self.observed()?;

        self.stage.step("Eve tries once more, and Alice says that it was not her")?;
        let again = self.ask(&eves, "transfer-4", &roofing(900_000)?, "Carol").await?;
        let id = again.step_up.id;
        self.bank.step_ups().decline(&self.alice, &id, DeclineReason::NotMe).await?;
        self.observed()?;
        let request = self.ask(&eves, "transfer-5", &roofing(900_000)?, "Carol").await;
        self.must_refuse(
            request.err().and_then(|error| error.downcast().ok()).map(|error| *error),
        )?;
        self.why("Nobody prompts her again, until she allows it in her app.")?;
        let shown = self.bank.step_ups().prompts(&self.alice).await?;
        self.bank.step_ups().resume_prompts(&self.alice, shown.number).await?;
        self.observed()
    }

    async fn ask(
        &self,
        call: &Interaction,
        request: &str,
        transaction: &Transaction,
        name: &str,
    ) -> Result<StepUpRequested, Box<dyn Error>> {
        let request = RequestId::new(request)?;
        let request = StepUpRequest::new(request, transaction.clone(), name.parse()?);
        Ok(self.bank.step_ups().request(call, &request).await?)
    }

    fn shown(&mut self, shown: &VerifiedStepUp) -> Result<(), Box<dyn Error>> {
        let what = shown.transaction().ok_or("no transaction")?;
        let who = shown.agent_name();
        self.app(&format!(
            "{}\n{who} asks you to approve:\n  {what}\n[ Digits ]  [ PIN ]  [ Decline ]",
            shown.headline()
        ))
    }

    fn must_refuse(&mut self, error: Option<countersign::Error>) -> Result<(), Box<dyn Error>> {
        match error {
            Some(countersign::Error::Refused(refused)) => {
                self.desktop("the back end", &refused.to_string())?;
                self.observed()
            }
            Some(other) => Err(other.into()),
            None => Err("this had to be refused".into()),
        }
    }
}
