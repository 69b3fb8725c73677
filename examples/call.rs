//! One whole call, played in the terminal from both sides; then the same call made by an impostor;
//! then a transfer of £5000; then a contact that the enterprise announces; then a payment; then telephones that
//! ring, and a call from the app; then what is on record.
//!
//! `cargo run --example call`
//!
//! Everything shown is what the library answered. Only the clock is set by hand, so that an
//! afternoon passes in a moment.

#[path = "call/outreach.rs"]
mod outreach;
#[path = "call/payment.rs"]
mod payment;
#[path = "call/phone.rs"]
mod phone;
#[path = "call/ringing.rs"]
mod ringing;
#[path = "call/stage.rs"]
mod stage;
#[path = "call/transfer.rs"]
mod transfer;

use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign::agent_safe::ForDesktop;
use countersign::callback::{BookingRequest, Callback, CallbackStatus, Verdict};
use countersign::history::{Actor, Outcome};
use countersign::observer::Observed;
use countersign::page::Page;
use countersign::time::ManualClock;
use countersign::token::SigningKey;
use countersign::{
    Agent, AgentId, Channel, CustomerId, Interaction, InteractionId, Issuer, Keyring, Observer,
    OsRandom, RequestId, TeamId, Timestamp, Vault, Verifier, Window,
};

use phone::Phone;
use stage::{Stage, Who};

/// 2027-01-15T13:50:00Z.
const START: Timestamp = Timestamp::from_unix(1_800_021_000);

/// The host's end of the observer: here a list, elsewhere a queue to the dialler and the pager.
#[derive(Clone, Default)]
struct Queue(Arc<Mutex<Vec<Observed>>>);

impl Observer for Queue {
    fn observe(&self, event: &Observed) {
        if let Ok(mut events) = self.0.lock() {
            events.push(event.clone());
        }
    }
}

/// The enterprise, its customer, and the stage.
struct Play {
    bank: Verifier,
    vault: Vault,
    clock: ManualClock,
    queue: Queue,
    alice: CustomerId,
    stage: Stage,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let clock = ManualClock::new(START);
    let queue = Queue::default();
    let keyring = Keyring::generate(&OsRandom::new())?;
    let (bank_key, vault_key) =
        (SigningKey::generate(&OsRandom::new())?, SigningKey::generate(&OsRandom::new())?);
    let of_vault = payment::vault_keys(vault_key.public_key())?;
    let vault = payment::vault(&bank_key, vault_key, &clock)?;
    let bank = Verifier::builder(Issuer::new("bank.example")?, keyring)
        .clock(clock.clone())
        .observer(queue.clone())
        .signing_key(bank_key)
        .vault_keys(of_vault)
        .telephony(ringing::telephony()?)
        .build()?;
    let alice = CustomerId::new("alice")?;
    let mut play = Play { bank, vault, clock, queue, alice, stage: Stage::new() };
    play.genuine_call().await?;
    play.impostor().await?;
    let phone = Phone::of(&mut play).await?;
    play.transfer(&phone).await?;
    play.outreach(&phone).await?;
    play.payment().await?;
    play.ringing(&phone).await?;
    play.on_record().await
}

impl Play {
    async fn genuine_call(&mut self) -> Result<(), Box<dyn Error>> {
        self.stage.act("ACT ONE   The bank calls Alice back")?;

        self.stage.step("Alice books a callback and sets a secret")?;
        let booked = self.book("app-request-1", "anana").await?;
        self.app(&format!(
            "Call me {}\nSecret the caller must say: anana\n[ Book ]",
            hours(&booked.window)
        ))?;
        self.app(&format!("Booked. If a caller does not say your secret, hang up.\n{}", rules(3)))?;
        self.observed()?;

        self.stage.step("Bob's dialler places the call, in the window")?;
        self.clock.advance(Duration::from_secs(25 * 60));
        let bob = Agent::new(AgentId::new("bob")?).in_team(TeamId::new("loans")?);
        let call = self.outbound("call-1", bob)?;
        let readback = self.bank.callbacks().reveal(&call, &booked.id).await?;
        let word = readback.as_str().to_owned();
        let screen = ForDesktop::new().with("callback", booked.id).with("read_back", &readback);
        self.desktop("Bob's desktop", &serde_json::to_string_pretty(&screen)?)?;
        self.observed()?;

        self.stage.step("On the line")?;
        self.say("Bob", &format!("\"Bank Example here. Your secret is {word}.\""))?;
        self.say("Alice", "\"That's it. Go on.\"")?;
        self.app("Did the caller say your secret?\n[ Yes ]  [ No ]        Alice taps Yes")?;
        let verdict = Verdict::Recognised;
        let ended = self.bank.callbacks().conclude(&self.alice, &booked.id, verdict).await?;
        self.app(match ended.status {
            CallbackStatus::Recognised => "You are talking to Bank Example. The secret is burnt.",
            _ => "This call is not confirmed. Hang up.",
        })?;
        self.observed()?;
        Ok(())
    }

    async fn impostor(&mut self) -> Result<(), Box<dyn Error>> {
        self.stage.act("ACT TWO   An impostor makes the same call")?;

        self.stage.step("Alice books another callback")?;
        let booked = self.book("app-request-2", "blue kettle").await?;
        self.app(&format!("Call me {}\nSecret: blue kettle", hours(&booked.window)))?;
        self.observed()?;

        self.stage.step("Mallory rings first, with the bank's number on the display")?;
        self.clock.advance(Duration::from_secs(10 * 60));
        self.say("Mallory", "\"Bank Example, fraud team. Your account ends in 4411.\"")?;
        self.say("Alice", "\"What is my secret?\"")?;
        self.why("The number is spoofed and the details are bought. The word is in neither.")?;

        self.stage.step("His accomplice rings the bank as Alice and asks for the word")?;
        let eve = Agent::new(AgentId::new("eve")?);
        let inbound = Interaction::inbound(
            InteractionId::new("call-2")?,
            self.alice.clone(),
            eve.clone(),
            Channel::Voice,
        );
        self.attempt("Eve's desktop", &inbound, &booked).await?;
        self.why("The customer's secret is never shown in a call that came in.")?;

        self.stage.step("A bribed agent looks it up on a chat that she opened")?;
        let chat = Interaction::outbound(
            InteractionId::new("chat-3")?,
            self.alice.clone(),
            eve,
            Channel::Chat,
        );
        self.attempt("Eve's desktop", &chat, &booked).await?;
        self.why("Booked was a telephone call. Each attempt is on record, with her name.")?;

        self.stage.step("On Mallory's line")?;
        self.say("Mallory", "\"I... the system is slow today. Is it your dog's name?\"")?;
        self.app("Did the caller say your secret?\n[ Yes ]  [ No ]        Alice taps No")?;
        let verdict = Verdict::NotRecognised;
        let after = self.bank.callbacks().conclude(&self.alice, &booked.id, verdict).await?;
        self.app(match after.status {
            CallbackStatus::Booked => {
                "It was not us: we have not shown your secret to anyone.\n\
                 Hang up. Your callback stays booked."
            }
            _ => "Thank you for telling us.",
        })?;
        self.observed()?;

        self.stage.step("Then the bank rings")?;
        let bob = Agent::new(AgentId::new("bob")?).in_team(TeamId::new("loans")?);
        let call = self.outbound("call-4", bob)?;
        let readback = self.bank.callbacks().reveal(&call, &booked.id).await?;
        self.say("Bob", &format!("\"Your secret is {}.\"", readback.as_str()))?;
        let verdict = Verdict::Recognised;
        self.bank.callbacks().conclude(&self.alice, &booked.id, verdict).await?;
        self.app("You are talking to Bank Example. The secret is burnt.")?;
        self.observed()?;
        Ok(())
    }

    async fn on_record(&mut self) -> Result<(), Box<dyn Error>> {
        self.stage.act("ACT SEVEN   What is on record")?;
        let mut histories = self.bank.history(&self.alice, Page::first()).await?.items;
        histories.sort_by_key(|history| history.events.first().map(|event| event.at));
        for history in histories {
            history.verify()?;
            self.stage.step(&format!("{} refusals, chain intact", history.refusals))?;
            for event in &history.events {
                let who = match &event.actor {
                    Actor::Customer => "alice".to_owned(),
                    Actor::Agent(id) => id.to_string(),
                    Actor::BackEnd => "host".to_owned(),
                    _ => "time".to_owned(),
                };
                let outcome = match event.outcome {
                    Outcome::Done => "done".to_owned(),
                    Outcome::Refused(reason) => format!("refused: {reason}"),
                };
                let interaction =
                    event.interaction.as_ref().map_or(String::new(), |id| format!(", {id}"));
                let action = format!("{:?}", event.action);
                let line = format!("{who:<5} {action:<12} {outcome}{interaction}");
                self.stage.show(Who::Observer, &clock_time(event.at), &line)?;
            }
            self.stage.show(Who::Observer, "head", &history.head.to_string())?;
        }
        self.why("No secret is in it. Editing, reordering or dropping a line is detected.")
    }

    async fn book(&self, request: &str, secret: &str) -> Result<Callback, Box<dyn Error>> {
        let from = START.after(Duration::from_secs(10 * 60));
        let window = Window::new(from, from.after(Duration::from_secs(2 * 3600)))?;
        let request = RequestId::new(request)?;
        let booking = BookingRequest::new(request, window, Channel::Voice, secret.parse()?)
            .forbidding(["Alice", "Liddell", "OX1 1DP"]);
        Ok(self.bank.callbacks().book(&self.alice, &booking).await?)
    }

    fn outbound(&self, id: &str, agent: Agent) -> Result<Interaction, Box<dyn Error>> {
        let id = InteractionId::new(id)?;
        Ok(Interaction::outbound(id, self.alice.clone(), agent, Channel::Voice))
    }

    /// A reveal that must not succeed: the play stops if it does.
    async fn attempt(
        &mut self,
        desktop: &str,
        interaction: &Interaction,
        booked: &Callback,
    ) -> Result<(), Box<dyn Error>> {
        match self.bank.callbacks().reveal(interaction, &booked.id).await {
            Err(countersign::Error::Refused(refused)) => {
                let screen = ForDesktop::new().with("read_back", refused);
                self.desktop(desktop, &serde_json::to_string_pretty(&screen)?)?;
                self.observed()
            }
            Err(other) => Err(other.into()),
            Ok(_) => Err("the secret was shown to an impostor".into()),
        }
    }

    fn app(&mut self, text: &str) -> Result<(), Box<dyn Error>> {
        Ok(self.stage.show(Who::App, "Alice's app", text)?)
    }

    fn say(&mut self, who: &str, text: &str) -> Result<(), Box<dyn Error>> {
        Ok(self.stage.show(Who::Line, &format!("{who} says"), text)?)
    }

    fn desktop(&mut self, whose: &str, text: &str) -> Result<(), Box<dyn Error>> {
        Ok(self.stage.show(Who::Desktop, whose, text)?)
    }

    fn why(&mut self, text: &str) -> Result<(), Box<dyn Error>> {
        Ok(self.stage.show(Who::Why, "why", text)?)
    }

    /// What the host's observer was told since the last time.
    fn observed(&mut self) -> Result<(), Box<dyn Error>> {
        let events = self.queue.0.lock().map(|mut all| std::mem::take(&mut *all));
        for event in events.unwrap_or_default() {
            let text = match event.outcome {
                Outcome::Done => format!("{:?}", event.action),
                Outcome::Refused(reason) => format!("{:?} refused: {reason}", event.action),
            };
            self.stage.show(Who::Observer, "observer", &text)?;
        }
        Ok(())
    }
}

/// "14:15" of "2027-01-15T14:15:00Z".
fn clock_time(at: Timestamp) -> String {
    at.to_string().chars().skip(11).take(5).collect()
}

fn hours(window: &Window) -> String {
    format!("between {} and {} UTC", clock_time(window.from()), clock_time(window.until()))
}

/// The first few ground rules that concern a call.
fn rules(count: usize) -> String {
    let rules = countersign::challenge::NeverAsked::ALL.iter().skip(2).take(count);
    rules.map(|rule| format!("  {rule}")).collect::<Vec<_>>().join("\n")
}
