//! A dialler that loses no callback and rings none twice, however often its process dies.
//!
//! The bank's verifier tells every change in its outbox. A worker takes the news to the dialling platform,
//! which knows a notice's id again. Here the worker is killed at every step that it can be killed at, and
//! started anew each time, until nothing is left to do.
//!
//! ```text
//! cargo run --example dialler
//! ```

#![allow(clippy::arithmetic_side_effects, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::num::NonZeroU16;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign::callback::{BookingRequest, CallbackStatus};
use countersign::history::{Action, Subject};
use countersign::outbox::{Notice, NoticeId};
use countersign::page::Page;
use countersign::time::ManualClock;
use countersign::{
    CallbackId, Channel, CustomerId, Issuer, Keyring, MemoryStore, OsRandom, RequestId, Timestamp,
    Verifier, Window,
};

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// What becomes of a worker whose machine loses power.
#[derive(Debug, thiserror::Error)]
#[error("power cut")]
struct PowerCut;

/// Lets so many steps pass, and then no more.
struct Power(usize);

impl Power {
    fn step(&mut self) -> Result<(), PowerCut> {
        self.0 = self.0.checked_sub(1).ok_or(PowerCut)?;
        Ok(())
    }
}

/// The dialling platform, which outlives the worker. It does a thing once for each id.
#[derive(Default)]
struct Platform {
    known: BTreeMap<NoticeId, CallbackId>,
    /// When each callback is to be rung.
    planned: BTreeMap<CallbackId, Timestamp>,
    rung: Vec<CallbackId>,
}

impl Platform {
    fn plan(&mut self, id: NoticeId, callback: CallbackId, at: Timestamp) {
        if self.known.insert(id, callback).is_none() {
            self.planned.insert(callback, at);
        }
    }

    fn cancel(&mut self, callback: CallbackId) {
        self.planned.remove(&callback);
    }

    /// Rings what is due.
    fn tick(&mut self, now: Timestamp) {
        let due: Vec<_> =
            self.planned.iter().filter(|(_, at)| **at <= now).map(|(id, _)| *id).collect();
        for callback in due {
            self.planned.remove(&callback);
            self.rung.push(callback);
        }
    }
}

/// Tells the platform what a notice means for it.
async fn deliver(bank: &Verifier, platform: &Mutex<Platform>, notice: &Notice) -> Outcome<()> {
    let Subject::Callback(id) = notice.subject else { return Ok(()) };
    // A notice says what happened, the list how things stand now.
    let listed = bank.callbacks().list(&notice.customer, Page::first()).await?;
    let callback =
        listed.items.iter().find(|callback| callback.id == id).ok_or("no such callback")?;
    let mut platform = platform.lock().map_err(|_| "the platform is down")?;
    match (notice.action, callback.status) {
        (Action::Book, CallbackStatus::Booked) => {
            platform.plan(notice.id, id, callback.window.from())
        }
        _ if callback.status.has_ended() => platform.cancel(id),
        _ => {}
    }
    Ok(())
}

/// One life of the worker: it works until nothing is left, or until the power goes.
async fn work(bank: &Verifier, platform: &Mutex<Platform>, power: &mut Power) -> Outcome<()> {
    let (outbox, most) = (bank.outbox(), NonZeroU16::MAX);
    power.step()?;
    while let Some(batch) = outbox.lease(most, Duration::from_secs(60)).await? {
        power.step()?;
        for notice in &batch.notices {
            deliver(bank, platform, notice).await?;
            power.step()?;
            outbox.acknowledge(&batch, [notice.id]).await?;
            power.step()?;
        }
        outbox.release(batch).await?;
        power.step()?;
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let start = Timestamp::from_unix(1_800_000_000);
    let mut lives = 0_usize;
    for cut in 0_usize.. {
        // A day of bookings; one is cancelled again.
        let clock = ManualClock::new(start);
        let bank =
            Verifier::builder(Issuer::new("bank.example")?, Keyring::generate(&OsRandom::new())?)
                .store(MemoryStore::new())
                .clock(clock.clone())
                .outbox()
                .build()?;
        let mut booked = Vec::new();
        for n in 0..5_u64 {
            let customer = CustomerId::new(format!("customer-{}", n % 3))?;
            let from = start.after(Duration::from_secs(3600 * (n + 1)));
            let window = Window::new(from, from.after(Duration::from_secs(3600)))?;
            let request = RequestId::new(format!("r-{n}"))?;
            let booking = BookingRequest::new(request, window, Channel::Voice, "anana".parse()?);
            booked.push((bank.callbacks().book(&customer, &booking).await?.id, customer));
        }
        let (gone, whose) = booked.remove(3);
        bank.callbacks().cancel(&whose, &gone).await?;

        // The worker's first life ends after `cut` steps, the others later and later.
        let platform = Arc::new(Mutex::new(Platform::default()));
        let mut steps = cut;
        while work(&bank, &platform, &mut Power(steps)).await.is_err() {
            lives += 1;
            steps += 2;
            // What it had leased is free again after a minute.
            clock.advance(Duration::from_secs(60));
        }
        let mut platform = platform.lock().map_err(|_| "the platform is down")?;
        platform.tick(start.after(Duration::from_secs(24 * 3600)));
        let mut wanted: Vec<_> = booked.iter().map(|(id, _)| *id).collect();
        wanted.sort_unstable();
        platform.rung.sort_unstable();
        if platform.rung != wanted {
            return Err(format!("killed after {cut} steps, it rang {:?}", platform.rung).into());
        }
        if steps == cut {
            println!(
                "killed after 0 to {cut} steps, {lives} lives in all: each callback was rung once"
            );
            return Ok(());
        }
    }
    Ok(())
}
