//! A reveal that is refused, and why.

use crate::support::*;
use countersign::error::Reason;
use countersign::history::Outcome;
use countersign::{Error, Interaction};

/// Reveals on `interaction`, expects a refusal, and that it was for `reason`.
pub async fn refused_reveal(bank: &Bank, interaction: &Interaction, reason: Reason) {
    let id = bank.booked().await.id;
    bank.seen.take();
    let result = bank.verifier.callbacks().reveal(interaction, &id).await;
    assert!(matches!(result, Err(Error::Refused(_))), "{result:?}");
    let told: Vec<_> = bank.seen.take().iter().map(|event| event.outcome).collect();
    assert_eq!(told, [Outcome::Refused(reason)]);
}
