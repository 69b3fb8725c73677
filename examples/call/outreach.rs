//! The act in which the bank reaches out to Alice, and in which others copy it.

use std::error::Error;
use std::time::Duration;

use countersign::agent_safe::ForDesktop;
use countersign::callback::Verdict;
use countersign::challenge::{Acceptance, Answer, ChallengeRequest, Slot, SpokenProof};
use countersign::challenge::{Channels, FoundOn, PostsFrom};
use countersign::device::{ChallengeCheck, CodeAttempts, StatusQuestion, VerifiedChallenge};
use countersign::time::Clock;
use countersign::{
    Agent, AgentId, Assignee, ChallengeId, Channel, CustomerId, Interaction, InteractionId,
    OsRandom, RequestId, TeamId, Window,
};

use super::phone::Phone;
use super::{Play, hours};

impl Play {
    pub(super) async fn outreach(&mut self, phone: &Phone) -> Result<(), Box<dyn Error>> {
        self.stage.act("ACT FOUR   The bank wants to talk to Alice")?;
        let token = self.announced("case-771", &self.alice.clone()).await?;
        let id = self.answered(phone, &token).await?;
        self.copied(phone, &token).await?;
        self.proven(phone, &id).await?;
        self.relayed(phone).await
    }

    /// The bank posts a challenge, by text message and on its account.
    async fn announced(&mut self, case: &str, to: &CustomerId) -> Result<String, Box<dyn Error>> {
        let channels = Channels::new(&[Channel::Sms, Channel::Social])?;
        let about = "About a payment of 14 January".parse()?;
        let challenge =
            ChallengeRequest::new(RequestId::new(case)?, about, channels).posting_from([
                PostsFrom::new(Channel::Sms, "BANK".parse()?),
                PostsFrom::new(Channel::Social, "@bank".parse()?),
            ]);
        Ok(self.bank.challenges().issue(to, &challenge).await?.token)
    }

    async fn answered(
        &mut self,
        phone: &Phone,
        token: &str,
    ) -> Result<ChallengeId, Box<dyn Error>> {
        self.stage.step("A text message from BANK: something about a payment, and a token")?;
        let open = self.opened(phone, token, &"sms:BANK".parse()?)?;
        let never = open.data().never_asked().iter().take(2);
        let never: Vec<String> = never.map(|rule| format!("  {rule}")).collect();
        self.app(&format!(
            "Genuine, for you: {}\n{}\n[ Accept ]  [ Decline ]  [ Report ]",
            open.data().purpose(),
            never.join("\n")
        ))?;
        let now = self.clock.now()?;
        let from = now.after(Duration::from_secs(10 * 60));
        let window = Window::new(from, from.after(Duration::from_secs(20 * 60)))?;
        let acceptance = Acceptance::new(RequestId::new("answer-1")?)
            .proposing_slot(window)
            .proposing_channel(Channel::Voice);
        let answer = Answer::Accept(acceptance.with_credential(phone.held.id()));
        self.bank.challenges().answer(&self.alice, &open.id(), &answer).await?;
        self.app(&format!("You: ring me {}", hours(&window)))?;
        self.observed()?;
        let team = Assignee::Team(TeamId::new("fraud")?);
        let slot = Slot::new(window, Channel::Voice, team, "Bob of the fraud team".parse()?);
        let request = RequestId::new("slot-1")?;
        self.bank.challenges().confirm(&self.alice, &open.id(), &request, &slot).await?;
        Ok(open.id())
    }

    async fn proven(&mut self, phone: &Phone, id: &ChallengeId) -> Result<(), Box<dyn Error>> {
        self.stage.step("Bob rings, as agreed")?;
        self.clock.advance(Duration::from_secs(12 * 60));
        let bob = Agent::new(AgentId::new("bob")?).in_team(TeamId::new("fraud")?);
        let call = self.outbound("call-7", bob)?;
        self.bank.contact().open(&call).await?;
        let to_say = self.bank.challenges().present(&call, id).await?;
        let screen = ForDesktop::new().with("say", &to_say);
        self.desktop("Bob's desktop", &serde_json::to_string_pretty(&screen)?)?;
        let SpokenProof::Code(code) = to_say else { return Err("Alice has a phone".into()) };
        self.say("Bob", &format!("\"The code is {}.\"", *code.digits()))?;
        let token = self.bank.challenges().appointment(&self.alice, id).await?;
        let now = self.clock.now()?;
        let shown = phone.device.open_appointment(&token, now)?;
        self.app(&format!(
            "{} {}\nAbout: {}\nWhat does the caller say?  {}",
            shown.headline(),
            shown.data().agent_name,
            shown.purpose(),
            *code.digits()
        ))?;
        let mut attempts = CodeAttempts::new();
        if !shown.check_spoken_code(&phone.held, &code.digits(), &mut attempts, now)?.is_genuine() {
            return Err("the genuine code must be genuine".into());
        }
        let of = shown.id();
        self.bank.challenges().conclude(&self.alice, id, of, Verdict::Recognised).await?;
        self.app("It is the bank.")?;
        self.bank.contact().close(&call).await?;
        self.observed()
    }

    async fn copied(&mut self, phone: &Phone, token: &str) -> Result<(), Box<dyn Error>> {
        self.stage.step("@bank-help, which looks like the bank's account, posts the same token")?;
        let (now, copy) = (self.clock.now()?, "social:@bank-help".parse()?);
        let Err(why) = phone.device.open_challenge(token, &copy, now) else {
            return Err("a copy was shown as genuine".into());
        };
        self.app(&format!("Not genuine here: {why}"))?;
        self.why("What the bank signed says from where it is posted.")?;

        self.stage.step("Mallory forwards a token that the bank sent to Mallory")?;
        let mallory = CustomerId::new("mallory")?;
        let hers = self.announced("case-772", &mallory).await?;
        let Err(why) = phone.device.open_challenge(&hers, &"sms:BANK".parse()?, now) else {
            return Err("somebody else's token was shown as genuine".into());
        };
        self.app(&format!("Not for you: {why}"))?;
        self.why("It names nobody, but Alice's app knows her pseudonym.")?;
        self.observed()
    }

    /// Mallory rings Alice as the bank; Eve rings the bank as Alice, to hear the code.
    async fn relayed(&mut self, phone: &Phone) -> Result<(), Box<dyn Error>> {
        self.stage.step("Another appointment. Mallory rings Alice; Eve rings the bank as Alice")?;
        let token = self.announced("case-773", &self.alice.clone()).await?;
        let id = self.answered_by_push(phone, &token).await?;
        let carol = Agent::new(AgentId::new("carol")?).in_team(TeamId::new("fraud")?);
        let call = InteractionId::new("call-8")?;
        let eves = Interaction::inbound(call, self.alice.clone(), carol, Channel::Voice);
        self.bank.contact().open(&eves).await?;
        self.say("Eve", "\"Alice here. You wanted to ring me: what is the code?\"")?;
        match self.bank.challenges().present(&eves, &id).await {
            Err(countersign::Error::Refused(refused)) => {
                let screen = ForDesktop::new().with("say", refused);
                self.desktop("Carol's desktop", &serde_json::to_string_pretty(&screen)?)?;
            }
            Err(other) => return Err(other.into()),
            Ok(_) => return Err("the code was told in an inbound call".into()),
        }
        self.why("The bank calls Alice. To whoever calls the bank, nothing is told.")?;
        self.say("Mallory", "\"Bank Example, fraud team.\"")?;
        self.say("Alice", "\"One moment.\"   (She taps: is it you?)")?;
        let now = self.clock.now()?;
        let question = StatusQuestion::new(&OsRandom::new(), now)?;
        let answer = self.bank.contact().status(&self.alice, question.nonce()).await?;
        let shown = phone.device.open_status(&answer, &question, now)?;
        self.app(shown.headline())?;
        self.bank.contact().close(&eves).await?;
        self.observed()
    }

    /// As above, for now and without words.
    async fn answered_by_push(
        &mut self,
        phone: &Phone,
        token: &str,
    ) -> Result<ChallengeId, Box<dyn Error>> {
        let open = self.opened(phone, token, &"sms:BANK".parse()?)?;
        let acceptance = Acceptance::new(RequestId::new("answer-2")?);
        let answer = Answer::Accept(acceptance.with_credential(phone.held.id()));
        self.bank.challenges().answer(&self.alice, &open.id(), &answer).await?;
        let now = self.clock.now()?;
        let window = Window::new(now, now.after(Duration::from_secs(20 * 60)))?;
        let team = Assignee::Team(TeamId::new("fraud")?);
        let slot = Slot::new(window, Channel::Voice, team, "Bob of the fraud team".parse()?);
        let request = RequestId::new("slot-2")?;
        self.bank.challenges().confirm(&self.alice, &open.id(), &request, &slot).await?;
        Ok(open.id())
    }

    fn opened(
        &self,
        phone: &Phone,
        token: &str,
        found_on: &FoundOn,
    ) -> Result<VerifiedChallenge, Box<dyn Error>> {
        match phone.device.open_challenge(token, found_on, self.clock.now()?)? {
            ChallengeCheck::ForYou(open) => Ok(open),
            ChallengeCheck::ForSomeone(_) => Err("perhaps not for Alice".into()),
        }
    }
}
