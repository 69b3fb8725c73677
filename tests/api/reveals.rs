//! When the secret is shown to an agent, and when not.

use countersign::callback::Verdict;
use countersign::error::Reason;
use countersign::history::Outcome;
use countersign::page::Page;
use countersign::{Assignee, Channel, Direction, Error, Window};

use crate::support::reveals::refused_reveal;
use crate::support::*;

#[tokio::test]
async fn reveal_before_the_window_is_refused() {
    let bank = bank();
    let from = START.after(HOUR);
    let window = Window::new(from, from.after(HOUR)).unwrap();
    let booking = countersign::callback::BookingRequest::new(
        request("req-1"),
        window,
        Channel::Voice,
        secret("anana"),
    );
    let callbacks = bank.verifier.callbacks();
    let id = callbacks.book(&alice(), &booking).await.unwrap().id;
    bank.clock.set(from.before(std::time::Duration::from_secs(1)));
    let early = callbacks.reveal(&bob_rings("call-1"), &id).await;
    assert!(matches!(early, Err(Error::Refused(_))));
    assert_eq!(bank.seen.take()[1].outcome, Outcome::Refused(Reason::OutsideWindow));
    bank.clock.set(from);
    assert_eq!(callbacks.reveal(&bob_rings("call-1"), &id).await.unwrap().as_str(), "anana");
}

#[tokio::test]
async fn reveal_after_the_window_is_refused_even_to_who_saw_it() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let id = bank.booked().await.id;
    bank.clock.set(window().until().before(std::time::Duration::from_secs(1)));
    callbacks.reveal(&bob_rings("call-1"), &id).await.unwrap();
    bank.clock.set(window().until());
    bank.seen.take();
    assert!(matches!(callbacks.reveal(&bob_rings("call-1"), &id).await, Err(Error::Refused(_))));
    assert_eq!(bank.seen.take()[0].outcome, Outcome::Refused(Reason::OutsideWindow));
}

#[tokio::test]
async fn reveal_in_an_inbound_interaction_is_refused() {
    let mut inbound = bob_rings("call-1");
    inbound.direction = Direction::Inbound;
    refused_reveal(&bank(), &inbound, Reason::Inbound).await;
}

#[tokio::test]
async fn reveal_on_another_channel_is_refused() {
    for channel in [Channel::Video, Channel::Chat, Channel::Sms] {
        let mut other = bob_rings("call-1");
        other.channel = channel;
        refused_reveal(&bank(), &other, Reason::WrongChannel).await;
    }
    for channel in [Channel::Email, Channel::Social] {
        let mut other = bob_rings("call-1");
        other.channel = channel;
        refused_reveal(&bank(), &other, Reason::ChannelNotAllowed).await;
    }
}

#[tokio::test]
async fn reveal_for_another_customer_is_refused() {
    refused_reveal(&bank(), &call("call-1", &mallory(), agent("bob")), Reason::Unknown).await;
}

#[tokio::test]
async fn reveal_to_another_agent_or_team_than_assigned_is_refused() {
    let bob = Assignee::Agent(agent("bob").id);
    for (assignee, allowed, refused) in [
        (bob, agent("bob"), agent("eve")),
        (
            team("loans"),
            agent("bob").in_team(countersign::TeamId::new("loans").unwrap()),
            agent("bob").in_team(countersign::TeamId::new("cards").unwrap()),
        ),
        (
            team("loans"),
            agent("eve").in_team(countersign::TeamId::new("loans").unwrap()),
            agent("loans"),
        ),
    ] {
        let bank = bank();
        let callbacks = bank.verifier.callbacks();
        let booking = booking("req-1", "anana").assigned_to(assignee.clone());
        let booked = callbacks.book(&alice(), &booking).await.unwrap();
        assert_eq!(booked.assignee, Some(assignee));
        bank.seen.take();
        let result = callbacks.reveal(&call("call-1", &alice(), refused), &booked.id).await;
        assert!(matches!(result, Err(Error::Refused(_))));
        assert_eq!(bank.seen.take()[0].outcome, Outcome::Refused(Reason::NotAssigned));
        let readback = callbacks.reveal(&call("call-2", &alice(), allowed), &booked.id).await;
        assert_eq!(readback.unwrap().as_str(), "anana");
    }
}

#[tokio::test]
async fn reveal_in_a_second_interaction_is_refused_and_repeated_in_the_first() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let id = bank.booked().await.id;
    let first = callbacks.reveal(&bob_rings("call-1"), &id).await.unwrap();
    bank.seen.take();
    assert!(matches!(callbacks.reveal(&bob_rings("call-2"), &id).await, Err(Error::Refused(_))));
    assert_eq!(bank.seen.take()[0].outcome, Outcome::Refused(Reason::TooManyInteractions));
    assert_eq!(callbacks.reveal(&bob_rings("call-1"), &id).await.unwrap(), first);
    let told = bank.seen.take();
    assert_eq!((told[0].outcome, told[0].repeated), (Outcome::Done, true));
    let eve = call("call-1", &alice(), agent("eve"));
    assert!(matches!(callbacks.reveal(&eve, &id).await, Err(Error::Refused(_))));
    assert_eq!(bank.seen.take()[0].outcome, Outcome::Refused(Reason::AgentChanged));
}

#[tokio::test]
async fn the_policy_may_allow_a_second_interaction() {
    let mut policy = countersign::Policy::default();
    policy.callbacks.reveals = 2;
    let bank = bank_with(policy);
    let callbacks = bank.verifier.callbacks();
    let id = bank.booked().await.id;
    for call in ["call-1", "call-2", "call-1"] {
        assert_eq!(callbacks.reveal(&bob_rings(call), &id).await.unwrap().as_str(), "anana");
    }
    assert!(matches!(callbacks.reveal(&bob_rings("call-3"), &id).await, Err(Error::Refused(_))));
    let listed = callbacks.list(&alice(), Page::first()).await.unwrap();
    assert_eq!(listed.items[0].reveals, 2);
}

#[tokio::test]
async fn nothing_is_revealed_after_any_end() {
    for end in ["recognised", "not recognised", "cancelled", "no answer", "expired"] {
        let bank = bank();
        let callbacks = bank.verifier.callbacks();
        let id = bank.booked().await.id;
        let wanted = match end {
            "cancelled" => callbacks.cancel(&alice(), &id).await.unwrap().status,
            "no answer" => callbacks.abandon(&bob_rings("call-1"), &id).await.unwrap().status,
            "expired" => {
                bank.clock.set(window().until());
                callbacks.list(&alice(), Page::first()).await.unwrap().items[0].status
            }
            _ => {
                callbacks.reveal(&bob_rings("call-1"), &id).await.unwrap();
                let verdict =
                    if end == "recognised" { Verdict::Recognised } else { Verdict::NotRecognised };
                callbacks.conclude(&alice(), &id, verdict).await.unwrap().status
            }
        };
        assert!(wanted.has_ended(), "{end}");
        bank.seen.take();
        let again = callbacks.reveal(&bob_rings("call-1"), &id).await;
        assert!(matches!(again, Err(Error::Refused(_))), "{end}");
        assert_eq!(bank.seen.take()[0].outcome, Outcome::Refused(Reason::Ended));
        // The end stays what it was.
        let listed = callbacks.list(&alice(), Page::first()).await.unwrap();
        assert_eq!(listed.items[0].status, wanted);
        bank.clock.set(START);
        let again = callbacks.reveal(&bob_rings("call-1"), &id).await;
        assert!(matches!(again, Err(Error::Refused(_))), "{end}, clock set back");
    }
}
