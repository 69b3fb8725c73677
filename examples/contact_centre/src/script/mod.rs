//! All stories, played by a script over HTTP: by `--check`, by the tests that kill the service, and by the one with
//! hundreds of calls at once. The phone here is the crate's own `Device`; in the page it is the client in JavaScript.

pub mod asked;
mod calls;
pub mod client;
pub mod coerced;
mod payments;
pub mod phone;
pub mod stories;
mod words;

use std::time::Instant;

use crate::Fault;
use crate::script::phone::Phone;
use crate::script::stories::{STORIES, play};

/// Told of every step before it is played.
pub trait Between: Send {
    fn step(&mut self, what: &'static str) -> impl Future<Output = Result<(), Fault>> + Send;
}

/// Does nothing in between.
pub struct Straight;

impl Between for Straight {
    async fn step(&mut self, _: &'static str) -> Result<(), Fault> {
        Ok(())
    }
}

/// Prints each step.
struct Told;

impl Between for Told {
    async fn step(&mut self, what: &'static str) -> Result<(), Fault> {
        println!("  {what}");
        Ok(())
    }
}

/// `--check`: every story once, the impostor's too.
pub async fn check(host: &str, vault: &str) -> Result<(), Fault> {
    for name in STORIES {
        let begun = Instant::now();
        println!("{name}");
        let mut phone = Phone::set_up(host, vault).await?;
        play(name, &mut phone, &mut Told).await?;
        println!("  {} ms", begun.elapsed().as_millis());
    }
    println!("All stories went as they should.");
    Ok(())
}
