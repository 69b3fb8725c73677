//! The centre's reports to the bank: each call before it rings, when it is answered, and when it is over.
//!
//! YOURS: your telephony platform or its adapter. It numbers its reports, repeats one until it is acknowledged, and sends
//! heartbeats by itself. This one sends a heartbeat when a customer is about to ask.

use std::time::{SystemTime, UNIX_EPOCH};

use countersign::contact::{Announcement, Introduction, PhoneNumber, Report};
use countersign::id::FeedId;
use countersign::time::{Clock as _, SystemClock};
use countersign::{Error, Interaction, Verifier};
use tokio::sync::Mutex;

use crate::Fault;

/// The system that reports: this centre.
pub const FEED: &str = "centre";
/// Why the bank calls, as the customer's app may show it.
const ABOUT: &str = "About your account";

/// What is reported.
#[derive(Debug, Clone, Copy)]
pub enum What<'a> {
    /// The dialler is about to ring, and will show this number.
    Announce(&'a Interaction, &'a PhoneNumber),
    /// A call was answered, by whoever goes by this name.
    Began(&'a Interaction, &'a str),
    Ended(&'a Interaction),
    /// Nothing but that everything was reported.
    Heartbeat,
}

/// One feed: its reports go out one after the other.
pub struct Feed {
    id: FeedId,
    /// The number of the next report. None if that is not known: the feed begins anew then.
    next: Mutex<Option<u64>>,
}

impl Feed {
    pub fn new() -> Result<Self, Fault> {
        Ok(Self { id: FeedId::new(FEED)?, next: Mutex::new(None) })
    }

    /// Reports, and returns once the bank has kept it.
    pub async fn report(&self, bank: &Verifier, what: What<'_>) -> Result<(), Error> {
        let mut next = self.next.lock().await;
        let now = SystemClock.now()?;
        let numbered = |number| Report::new(self.id.clone(), number, now);
        let contact = bank.contact();
        // Taken: a report of which nobody knows whether it was kept is followed by a new beginning.
        let number = match next.take() {
            Some(number) => number,
            None => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                // Higher than every number before: a feed sends fewer than a million reports a second.
                let number = u64::try_from(since.as_micros()).unwrap_or(u64::MAX);
                contact.resync(&numbered(number)).await?;
                number.saturating_add(1)
            }
        };
        let report = numbered(number);
        match what {
            What::Announce(call, number) => {
                let about = ABOUT.parse().map_err(|_| Error::Internal)?;
                let introduction = Introduction::none().about(about);
                let announced = Announcement::showing(number.clone()).introduced(introduction);
                contact.announce(&report, call, &announced).await?
            }
            What::Began(call, name) => {
                let introduction = Introduction::by(name.parse().map_err(|_| Error::Internal)?);
                contact.began(&report, call, &introduction).await?
            }
            What::Ended(call) => contact.ended(&report, call).await?,
            What::Heartbeat => contact.heartbeat(&report).await?,
        };
        *next = Some(number.saturating_add(1));
        Ok(())
    }
}
