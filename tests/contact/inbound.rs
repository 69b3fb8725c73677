//! Calls to the bank in the customer's name do not hide that a call with its number is another's.

use std::time::Duration;

use countersign::contact::CallVerdict::{NotLegitimate, Undetermined};
use countersign::contact::Status;
use countersign::error::Reason;
use countersign::history::{Action, Outcome};
use countersign::policy::{CLOSED_REMEMBERED, OPEN_EACH_WAY};
use countersign::{Channel, Interaction, InteractionId, Policy};

use crate::lines::bank;
use crate::lines::*;
use crate::support::*;

async fn fresh(bank: &Bank, feeds: &mut [Feed; 2], second: u64) {
    bank.clock.set(at(second));
    for feed in feeds {
        feed.beat(&bank.verifier).await;
    }
}

fn feeds() -> [Feed; 2] {
    [Feed::new(dialler()), Feed::new(pbx())]
}

/// The impostor, who got through as Alice, rings her and hangs up on the bank.
#[tokio::test]
async fn an_inbound_call_that_ends_is_not_the_one_that_rings() {
    let (bank, mut feeds) = (bank(), feeds());
    fresh(&bank, &mut feeds, 10).await;
    feeds[1].began(&bank.verifier, &voice("as-alice")).await;
    fresh(&bank, &mut feeds, 12).await;
    feeds[1].ended(&bank.verifier, &voice("as-alice")).await;
    let chat = Interaction::outbound(
        InteractionId::new("chat").unwrap(),
        alice(),
        agent("bob"),
        Channel::Chat,
    );
    feeds[1].began(&bank.verifier, &chat).await;
    feeds[1].ended(&bank.verifier, &chat).await;
    fresh(&bank, &mut feeds, 15).await;
    assert_eq!(ask(&bank, ours(), 1, at(11)).await, NotLegitimate);
    // One of the bank's own is.
    feeds[1].ended(&bank.verifier, &rings("ours")).await;
    fresh(&bank, &mut feeds, 15).await;
    assert_eq!(ask(&bank, ours(), 2, at(11)).await, Undetermined);
}

/// Ends that say nothing of a ringing call put none that does out of mind.
#[tokio::test]
async fn chats_and_inbound_calls_do_not_hide_that_ours_ended() {
    let (bank, mut feeds) = (bank(), feeds());
    fresh(&bank, &mut feeds, 10).await;
    feeds[0].announce(&bank.verifier, &rings("ours"), ours()).await;
    fresh(&bank, &mut feeds, 15).await;
    feeds[0].ended(&bank.verifier, &rings("ours")).await;
    for n in 0..CLOSED_REMEMBERED {
        let mut other = voice(&format!("other-{n}"));
        if n % 2 == 0 {
            other.channel = Channel::Chat;
        }
        feeds[1].ended(&bank.verifier, &other).await;
    }
    fresh(&bank, &mut feeds, 20).await;
    assert_eq!(ask(&bank, ours(), 1, at(12)).await, Undetermined);
}

/// Nine get through as Alice, and end.
#[tokio::test]
async fn inbound_calls_beyond_the_room_are_told_and_deny_no_denial() {
    let (bank, mut feeds) = (bank(), feeds());
    let id = |n| format!("as-alice-{n}");
    for n in 0..OPEN_EACH_WAY {
        feeds[1].began(&bank.verifier, &voice(&id(n))).await;
    }
    bank.seen.take();
    feeds[1].began(&bank.verifier, &voice(&id(OPEN_EACH_WAY))).await;
    let told: Vec<_> =
        bank.seen.take().into_iter().map(|seen| (seen.action, seen.outcome)).collect();
    let refused = (Action::Open, Outcome::Refused(Reason::TooManyOpen));
    assert_eq!(told, [refused, (Action::WarnOfRelay, Outcome::Done)]);
    for n in 0..=OPEN_EACH_WAY {
        feeds[1].ended(&bank.verifier, &voice(&id(n))).await;
    }
    fresh(&bank, &mut feeds, 100).await;
    assert_eq!(ask(&bank, ours(), 1, at(95)).await, NotLegitimate);
    // Somebody may be talking to the bank as her, as far as is known.
    assert_eq!(status(&bank.verifier, at(100)).await, Status::Undetermined);
    let age = Policy::default().presence.max_age + Duration::from_secs(1);
    fresh(&bank, &mut feeds, age.as_secs()).await;
    assert_eq!(status(&bank.verifier, START.after(age)).await, Status::NotUs);
}

/// Nine of the bank's own: one of them may be the call that rings.
#[tokio::test]
async fn outbound_calls_beyond_the_room_are_not_denied() {
    let (bank, mut feeds) = (bank(), feeds());
    for n in 0..=OPEN_EACH_WAY {
        feeds[1].began(&bank.verifier, &rings(&format!("call-{n}"))).await;
    }
    for n in 0..OPEN_EACH_WAY {
        feeds[1].ended(&bank.verifier, &rings(&format!("call-{n}"))).await;
    }
    fresh(&bank, &mut feeds, 100).await;
    assert_eq!(ask(&bank, ours(), 1, at(95)).await, Undetermined);
}
