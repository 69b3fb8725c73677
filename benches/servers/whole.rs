//! Whole callbacks through a verifier, from their booking to their end: eight tasks, each with customers of
//! its own.

use std::time::{Duration, Instant};

use countersign::callback::{BookingRequest, Verdict};
use countersign::store::Store;
use countersign::time::{Clock, SystemClock};
use countersign::{
    Agent, AgentId, Channel, CustomerId, Interaction, InteractionId, Issuer, Keyring, OsRandom,
    RequestId, Verifier, Window,
};

const TASKS: u32 = 8;
/// As many as one customer books here; policy allows 50 a day.
const OF_ONE: u32 = 20;

/// Prints how many a second.
pub async fn print(name: &str, store: impl Store + Clone, each: u32) {
    for (outbox, how) in [(false, ""), (true, ", each change told in the outbox")] {
        let builder = Verifier::builder(
            Issuer::new("bank.example").unwrap(),
            Keyring::generate(&OsRandom::new()).unwrap(),
        )
        .store(store.clone());
        let bank = if outbox { builder.outbox() } else { builder }.build().unwrap();
        let begun = Instant::now();
        let tasks: Vec<_> = (0..TASKS)
            .map(|task| {
                let bank = bank.clone();
                tokio::spawn(async move {
                    for n in 0..each {
                        callback(&bank, &format!("c-{task}-{}", n / OF_ONE), &format!("r-{n}"))
                            .await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let rate = f64::from(TASKS * each) / begun.elapsed().as_secs_f64();
        println!("{name}: {rate:.0} whole callbacks a second, of {TASKS} tasks{how}");
    }
}

async fn callback(bank: &Verifier, customer: &str, id: &str) {
    let customer = CustomerId::new(customer).unwrap();
    let now = SystemClock.now().unwrap();
    let window = Window::new(now, now.after(Duration::from_secs(3600))).unwrap();
    let secret = "anana".parse().unwrap();
    let booking = BookingRequest::new(RequestId::new(id).unwrap(), window, Channel::Voice, secret);
    let booked = bank.callbacks().book(&customer, &booking).await.unwrap();
    let agent = Agent::new(AgentId::new("bob").unwrap());
    let call = InteractionId::new(id).unwrap();
    let call = Interaction::outbound(call, customer.clone(), agent, Channel::Voice);
    bank.callbacks().reveal(&call, &booked.id).await.unwrap();
    bank.callbacks().conclude(&customer, &booked.id, Verdict::Recognised).await.unwrap();
}
