//! The same calls on each store, chosen by a URL.
//!
//! ```text
//! cargo run --example stores --features redb,redis,postgres -- memory: redb:/tmp/bank.redb \
//!     redis://127.0.0.1/ postgres://postgres@127.0.0.1/postgres
//! ```
//!
//! Without arguments it takes the store in memory and a file of its own.

#![allow(clippy::arithmetic_side_effects, clippy::print_stdout)]

use std::time::{Duration, Instant};

use countersign::callback::{BookingRequest, Verdict};
use countersign::page::Page;
use countersign::store::AnyStore;
use countersign::store::postgres::{PostgresOptions, PostgresStore};
use countersign::store::redb::RedbStore;
use countersign::store::redis::{RedisOptions, RedisStore};
use countersign::time::{Clock, SystemClock};
use countersign::{
    Agent, AgentId, Channel, CustomerId, Interaction, InteractionId, Issuer, Keyring, MemoryStore,
    OsRandom, RequestId, Verifier, Window,
};

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

async fn store(url: &str) -> Outcome<AnyStore> {
    Ok(match url.split_once(':') {
        Some(("memory", _)) => AnyStore::new(MemoryStore::new()),
        Some(("redb", path)) => AnyStore::new(RedbStore::open(path)?),
        // A server that may forget is right for an example, and for nothing else.
        Some(("redis", _)) => {
            AnyStore::new(RedisStore::connect(url, RedisOptions::new().allow_volatile()).await?)
        }
        Some(("postgres" | "postgresql", _)) => {
            let options = PostgresOptions::new();
            let owner = PostgresStore::pool(url, 1, Duration::from_secs(5))?;
            PostgresStore::migrate(&owner, &options).await?;
            AnyStore::new(PostgresStore::connect(url, 4, options).await?)
        }
        _ => return Err(format!("no store is known for {url}").into()),
    })
}

/// A callback from its booking to its end.
async fn callback(bank: &Verifier, customer: &CustomerId, id: &str) -> Outcome<()> {
    let now = SystemClock.now()?;
    let window = Window::new(now, now.after(Duration::from_secs(3600)))?;
    let booking =
        BookingRequest::new(RequestId::new(id)?, window, Channel::Voice, "anana".parse()?);
    let booked = bank.callbacks().book(customer, &booking).await?;
    let agent = Agent::new(AgentId::new("bob")?);
    let call = InteractionId::new(id)?;
    let call = Interaction::outbound(call, customer.clone(), agent, Channel::Voice);
    let readback = bank.callbacks().reveal(&call, &booked.id).await?;
    if readback.as_str() != "anana" {
        return Err("the agent says another secret".into());
    }
    bank.callbacks().conclude(customer, &booked.id, Verdict::Recognised).await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let mut urls: Vec<String> = std::env::args().skip(1).collect();
    let file = std::env::temp_dir().join(format!("countersign-{}.redb", std::process::id()));
    if urls.is_empty() {
        urls = vec!["memory:".to_owned(), format!("redb:{}", file.display())];
    }
    for url in &urls {
        let keyring = Keyring::generate(&OsRandom::new())?;
        let bank = Verifier::builder(Issuer::new("bank.example")?, keyring)
            .store(store(url).await?)
            .build()?;
        let customer = CustomerId::new("alice")?;
        let (begun, calls) = (Instant::now(), 20);
        for n in 0..calls {
            callback(&bank, &customer, &format!("r-{n}")).await?;
        }
        let took = begun.elapsed() / calls;
        let listed = bank.callbacks().list(&customer, Page::first()).await?;
        let name = url.split(':').next().unwrap_or_default();
        println!("{name}: {} callbacks, {took:?} each from booking to end", listed.items.len());
    }
    let _ = std::fs::remove_file(file);
    Ok(())
}
