//! The shortest useful integration: a customer books a callback and sets a secret, the agent who
//! rings reads it back, the customer recognises the enterprise.
//!
//! `cargo run --example callback`

#![allow(clippy::print_stdout, reason = "an example shows something")]

use std::time::Duration;

use countersign::callback::{BookingRequest, Verdict};
use countersign::time::{Clock, SystemClock};
use countersign::{
    Agent, AgentId, Channel, CustomerId, Interaction, InteractionId, Issuer, Keyring, OsRandom,
    RequestId, Verifier, Window,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Once, in the back end. In production the keyring's bytes come unwrapped from your KMS, and
    // the builder takes a store of yours.
    let keyring = Keyring::generate(&OsRandom::new())?;
    let verifier = Verifier::in_memory(Issuer::new("bank.example")?, keyring);

    // The app's endpoint: your service has authenticated the customer.
    let customer = CustomerId::new("customer-1847")?;
    let now = SystemClock.now()?;
    let window = Window::new(now, now.after(Duration::from_secs(2 * 3600)))?;
    let booking =
        BookingRequest::new(RequestId::new("9f1c-77")?, window, Channel::Voice, "anana".parse()?);
    let callback = verifier.callbacks().book(&customer, &booking).await?;

    // The desktop's endpoint: your telephony platform has placed the call.
    let agent = Agent::new(AgentId::new("bob")?);
    let call = InteractionId::new("call-55031")?;
    let interaction = Interaction::outbound(call, customer.clone(), agent, Channel::Voice);
    let readback = verifier.callbacks().reveal(&interaction, &callback.id).await?;
    println!("Agent: \"Your secret is {}.\"", readback.as_str());

    // The app's endpoint again: the customer taps "That's my secret".
    let ended = verifier.callbacks().conclude(&customer, &callback.id, Verdict::Recognised).await?;
    println!("Callback {}: {:?}", ended.id, ended.status);
    Ok(())
}
