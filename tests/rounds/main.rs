//! Rounds of all ceremonies between the crate and the client in JavaScript, over a pipe: whatever either of them makes,
//! the other takes, and whatever is tampered with both refuse. Needs Node, and `npm ci` in `clients/js`.
//!
//! `COUNTERSIGN_SEED` draws other rounds.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_in_result,
    clippy::panic_in_result_fn
)]

#[path = "../wire/approvals.rs"]
#[allow(dead_code, reason = "the runner of the vectors has every operation")]
mod approvals;
#[path = "../wire/card.rs"]
mod card;
#[path = "../wire/contact.rs"]
#[allow(dead_code, reason = "the runner of the vectors has every operation")]
mod contact;
mod draws;
mod pipe;
mod round;
#[path = "../wire/run.rs"]
#[allow(dead_code, reason = "the runner of the vectors has every operation")]
mod run;

use countersign::random::SeededRandom;

use draws::Draws;
use pipe::Client;
use round::Round;

#[tokio::test]
async fn whatever_the_crate_and_the_client_make_the_other_takes() {
    let seed =
        std::env::var("COUNTERSIGN_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let rounds = if std::env::var("COUNTERSIGN_DEPTH").is_ok_and(|depth| depth == "full") {
        300
    } else {
        40
    };
    let mut client = Client::start();
    for number in 0..rounds {
        let draws = Draws(SeededRandom::new(seed * 1_000_003 + number));
        Round::new(number, draws, &mut client).play().await;
    }
}
