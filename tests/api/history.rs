//! Histories: complete, ordered, and detectably changed.

use countersign::Error;
use countersign::callback::Verdict;
use countersign::error::Reason;
use countersign::history::{Action, Actor, CeremonyHistory, HistoryEvent, Outcome, Subject};
use countersign::page::Page;

use crate::support::*;

/// A history of several events, refusals among them.
async fn eventful(bank: &Bank) -> CeremonyHistory {
    let callbacks = bank.verifier.callbacks();
    let id = bank.booked().await.id;
    let mut inbound = bob_rings("call-0");
    inbound.direction = countersign::Direction::Inbound;
    callbacks.reveal(&inbound, &id).await.unwrap_err();
    bank.clock.advance(MINUTE);
    callbacks.reveal(&bob_rings("call-1"), &id).await.unwrap();
    bank.clock.advance(MINUTE);
    callbacks.reveal(&call("call-2", &alice(), agent("eve")), &id).await.unwrap_err();
    callbacks.conclude(&alice(), &id, Verdict::Recognised).await.unwrap();
    bank.verifier.history(&alice(), Page::first()).await.unwrap().items.remove(0)
}

#[tokio::test]
async fn it_says_who_did_what_when_in_which_interaction_with_which_outcome() {
    let bank = bank();
    let history = eventful(&bank).await;
    let Subject::Callback(_) = history.subject else { panic!("another ceremony") };
    let bob = Actor::Agent(agent("bob").id);
    let eve = Actor::Agent(agent("eve").id);
    let done = Outcome::Done;
    let later = START.after(MINUTE);
    let last = later.after(MINUTE);
    let wanted = [
        (START, Actor::Customer, Action::Book, None, done),
        (START, bob.clone(), Action::Reveal, Some("call-0"), Outcome::Refused(Reason::Inbound)),
        (later, bob, Action::Reveal, Some("call-1"), done),
        (last, eve, Action::Reveal, Some("call-2"), Outcome::Refused(Reason::TooManyInteractions)),
        (last, Actor::Customer, Action::Recognise, None, done),
    ];
    assert_eq!(history.events.len(), wanted.len());
    for (number, (event, wanted)) in history.events.iter().zip(wanted).enumerate() {
        let interaction = event.interaction.as_ref().map(|id| id.as_str());
        let found = (event.at, event.actor.clone(), event.action, interaction, event.outcome);
        assert_eq!(found, wanted);
        assert_eq!(event.number as usize, number);
    }
    assert_eq!(history.refusals, 2);
    let mut operations: Vec<_> =
        history.events.iter().map(|event| event.operation.to_string()).collect();
    operations.sort();
    operations.dedup();
    assert_eq!(operations.len(), history.events.len(), "each operation has its own id");
}

#[tokio::test]
async fn an_archived_history_is_checked_against_its_head() {
    let bank = bank();
    let history = eventful(&bank).await;
    history.verify().unwrap();
    let json = serde_json::to_string(&history).unwrap();
    let archived: CeremonyHistory = serde_json::from_str(&json).unwrap();
    assert_eq!(archived, history);
    archived.verify().unwrap();

    let change = |what: &str, change: &dyn Fn(&mut Vec<HistoryEvent>)| {
        let mut changed = history.clone();
        change(&mut changed.events);
        assert_ne!(changed.events, history.events, "{what}");
        assert!(changed.verify().is_err(), "{what}");
    };
    for at in 0..history.events.len() {
        change("one missing", &|events| drop(events.remove(at)));
        change("one missing, renumbered", &|events| {
            events.remove(at);
            renumber(events);
        });
        change("one doubled, renumbered", &|events| {
            events.insert(at, events[at].clone());
            renumber(events);
        });
        change("another time", &|events| {
            events[at].at = events[at].at.after(std::time::Duration::from_secs(1));
        });
        change("another actor", &|events| events[at].actor = Actor::Clock);
        change("another action", &|events| events[at].action = Action::Expire);
        change("another outcome", &|events| {
            events[at].outcome = Outcome::Refused(Reason::Unknown);
        });
        change("another interaction", &|events| {
            events[at].interaction = Some(bob_rings("call-9").id);
        });
        change("another operation", &|events| {
            events[at].operation = "00000000000000000000000000".parse().unwrap();
        });
        for other in 0..at {
            change("reordered", &|events| {
                events.swap(at, other);
                renumber(events);
            });
        }
    }
    let mut other = history.clone();
    other.subject = Subject::Callback(unknown_callback());
    assert!(other.verify().is_err(), "another ceremony's");
}

/// What a history says of itself is a claim: here that all numbers were used up before its first event.
#[tokio::test]
async fn a_history_from_outside_that_counts_to_the_last_number_is_checked_like_any_other() {
    let bank = bank();
    let history = eventful(&bank).await;
    let earlier = |events: u32, listed: usize| {
        let mut json = serde_json::to_value(&history).unwrap();
        json["earlier"] = serde_json::json!({ "events": events, "head": history.head });
        json["events"].as_array_mut().unwrap().truncate(listed);
        let json = json.to_string();
        serde_json::from_str::<CeremonyHistory>(&json).unwrap()
    };
    for events in [u32::MAX, u32::MAX - 1, u32::MAX - 5] {
        let without = earlier(events, 0);
        assert_eq!(without.verify(), Ok(()), "nothing is listed, so nothing is wrong");
        assert_eq!(without.len(), events);
        let read = earlier(events, history.events.len());
        assert!(read.verify().is_err(), "{events}");
        assert_eq!(read.len(), events.saturating_add(5));
    }
}

fn renumber(events: &mut [HistoryEvent]) {
    for (number, event) in events.iter_mut().enumerate() {
        event.number = number as u32;
    }
}

#[tokio::test]
async fn a_history_grows_from_head_to_head() {
    let bank = bank();
    let id = bank.booked().await.id;
    let heads = async || {
        let history = bank.verifier.history(&alice(), Page::first()).await.unwrap();
        history.items[0].head
    };
    let first = heads().await;
    assert_eq!(heads().await, first, "reading changes nothing");
    bank.booked().await;
    assert_eq!(heads().await, first, "repeating changes nothing");
    bank.verifier.callbacks().reveal(&bob_rings("call-1"), &id).await.unwrap();
    assert_ne!(heads().await, first);
}

#[tokio::test]
async fn refusals_beyond_the_first_16_are_counted_only() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let id = bank.booked().await.id;
    let eve = call("call-1", &alice(), agent("eve"));
    callbacks.reveal(&bob_rings("call-0"), &id).await.unwrap();
    for _ in 0..40 {
        assert!(matches!(callbacks.reveal(&eve, &id).await, Err(Error::Refused(_))));
    }
    callbacks.conclude(&alice(), &id, Verdict::NotRecognised).await.unwrap();
    let history = bank.verifier.history(&alice(), Page::first()).await.unwrap().items.remove(0);
    assert_eq!(history.refusals, 40);
    assert_eq!(history.events.len(), 1 + 1 + 16 + 1);
    assert_eq!(history.events.last().unwrap().action, Action::NotRecognise);
    history.verify().unwrap();
}

#[tokio::test]
async fn times_in_a_history_never_go_back() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let id = bank.booked().await.id;
    bank.clock.advance(30 * MINUTE);
    callbacks.reveal(&bob_rings("call-1"), &id).await.unwrap();
    bank.clock.set(START.before(DAY));
    callbacks.conclude(&alice(), &id, Verdict::Recognised).await.unwrap();
    let history = bank.verifier.history(&alice(), Page::first()).await.unwrap().items.remove(0);
    let times: Vec<_> = history.events.iter().map(|event| event.at).collect();
    let half = START.after(30 * MINUTE);
    assert_eq!(times, [START, half, half]);
}

#[tokio::test]
async fn reading_a_history_notices_that_time_has_run_out() {
    let bank = bank();
    bank.booked().await;
    bank.clock.set(window().until());
    let history = bank.verifier.history(&alice(), Page::first()).await.unwrap().items.remove(0);
    let last = history.events.last().unwrap();
    assert_eq!((last.actor.clone(), last.action), (Actor::Clock, Action::Expire));
    assert_eq!(bank.seen.take().last().unwrap().action, Action::Expire);
    let again = bank.verifier.history(&alice(), Page::first()).await.unwrap().items.remove(0);
    assert_eq!(again, history);
}
