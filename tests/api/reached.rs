//! Reports of skills are told apart by channel and by clock, and a booking is made over the channel that was told.

use core::time::Duration;

use countersign::callback::BookingRequest;
use countersign::device::StatusQuestion;
use countersign::random::SeededRandom;
use countersign::reachability::{Reach, SkillReport};
use countersign::token::{Purpose, TrustedKeys};
use countersign::{Channel, Device, Timestamp, Verifier};

use crate::support::challenges::{signing, signing_bank};
use crate::support::credentials::refused;
use crate::support::*;

fn cards(channel: Channel, at: Timestamp, wait: u64) -> SkillReport {
    let report = SkillReport::open("cards".parse().unwrap(), channel, at).agents(12, 3);
    report.wait(Duration::from_secs(wait))
}

/// The answer's token, and how long cards are waited for over this channel.
async fn answer(verifier: &Verifier, channel: Channel, now: Timestamp) -> (String, Option<u32>) {
    let question = StatusQuestion::new(&SeededRandom::new(3), now).unwrap();
    let token = verifier.reachability().answer(&alice(), question.nonce()).await.unwrap();
    let mut keys = TrustedKeys::new(issuer());
    keys.trust(*signing().public_key(), Purpose::Reachable).unwrap();
    let shown = Device::new(keys, alice()).open_reachable(&token, &question, now).unwrap();
    match shown.reach(&"cards".parse().unwrap(), channel, now) {
        Reach::Wait { seconds, .. } => (token, Some(seconds)),
        Reach::Unknown => (token, None),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_skill_is_reported_over_each_channel_by_itself() {
    let bank = signing_bank();
    let reports = [cards(Channel::Voice, START, 240), cards(Channel::Video, START, 30)];
    bank.verifier.reachability().report(&reports).await.unwrap();
    assert_eq!(answer(&bank.verifier, Channel::Voice, START).await.1, Some(240));
    assert_eq!(answer(&bank.verifier, Channel::Video, START).await.1, Some(30));
}

/// The machine that took the report is an hour ahead: to the others it would stay fresh for so much longer.
#[tokio::test]
async fn a_report_that_a_machine_ahead_took_tells_nothing() {
    let bank = signing_bank();
    let ahead = countersign::time::ManualClock::new(START.after(HOUR));
    let other = part(keyring(), &bank.store, &ahead, &bank.seen, 9).build().unwrap();
    let report = cards(Channel::Voice, START.after(HOUR), 240);
    other.reachability().report(&[report]).await.unwrap();
    assert_eq!(answer(&bank.verifier, Channel::Voice, START).await.1, None);
    bank.clock.set(START.after(HOUR));
    let now = START.after(HOUR);
    assert_eq!(answer(&bank.verifier, Channel::Voice, now).await.1, Some(240));
}

#[tokio::test]
async fn a_callback_is_booked_over_the_channel_that_was_told() {
    let bank = signing_bank();
    bank.verifier.reachability().report(&[cards(Channel::Video, START, 30)]).await.unwrap();
    let (token, _) = answer(&bank.verifier, Channel::Video, START).await;
    let books = async |channel, id: &str| {
        let booking = BookingRequest::new(request(id), window(), channel, secret("anana"));
        let skill = "cards".parse().unwrap();
        bank.verifier.reachability().book(&alice(), &token, &skill, booking).await
    };
    refused(books(Channel::Voice, "r-1").await);
    assert_eq!(books(Channel::Video, "r-2").await.unwrap().channel, Channel::Video);
}
