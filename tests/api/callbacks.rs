//! The callback from end to end, and each rule by name.

use countersign::callback::{AmendmentRequest, CallbackStatus, Verdict};
use countersign::error::Reason;
use countersign::history::{Action, Actor, Outcome, Subject};
use countersign::page::Page;
use countersign::{Channel, Direction, Error, InteractionId, Window};

use crate::support::*;

#[tokio::test]
async fn the_agent_reads_the_secret_back_and_the_customer_recognises_the_caller() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let booked = bank.booked().await;
    assert_eq!(booked.status, CallbackStatus::Booked);
    assert_eq!((booked.window, booked.channel), (window(), Channel::Voice));

    bank.clock.advance(MINUTE);
    let readback = callbacks.reveal(&bob_rings("call-1"), &booked.id).await.unwrap();
    assert_eq!(readback.as_str(), "anana");
    let ended = callbacks.conclude(&alice(), &booked.id, Verdict::Recognised).await.unwrap();
    assert_eq!(ended.status, CallbackStatus::Recognised);
    assert_eq!(ended.reveals, 1);

    let told = bank.seen.take();
    let actions: Vec<_> = told.iter().map(|event| (event.action, event.outcome)).collect();
    assert_eq!(
        actions,
        [
            (Action::Book, Outcome::Done),
            (Action::Reveal, Outcome::Done),
            (Action::Recognise, Outcome::Done)
        ]
    );
    assert!(told.iter().all(|event| event.customer == alice() && !event.repeated));
    assert!(told.iter().all(|event| event.subject == Subject::Callback(booked.id)));
    assert_eq!(told[1].actor, Actor::Agent(agent("bob").id));
    assert_eq!(told[1].interaction, Some(InteractionId::new("call-1").unwrap()));
}

#[tokio::test]
async fn the_word_is_read_back_as_it_was_set() {
    for (typed, said) in [
        ("anana", "anana"),
        ("  Blue   Kettle ", "Blue Kettle"),
        ("Ａｎａｎａ", "Anana"),
        ("Грушевый чай", "Грушевый чай"),
        ("l'été à Nîmes", "l'été à Nîmes"),
        ("梨と林檎の木", "梨と林檎の木"),
        ("route 66", "route 66"),
        ("नमस्ते दुनिया", "नमस्ते दुनिया"),
    ] {
        let bank = bank();
        let booked =
            bank.verifier.callbacks().book(&alice(), &booking("req-1", typed)).await.unwrap();
        let readback =
            bank.verifier.callbacks().reveal(&bob_rings("call-1"), &booked.id).await.unwrap();
        assert_eq!(readback.as_str(), said);
        assert_eq!(serde_json::to_string(&readback).unwrap(), format!("\"{said}\""));
    }
}

#[tokio::test]
async fn an_expired_callback_stays_expired_when_the_clock_goes_back() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let id = bank.booked().await.id;
    bank.clock.set(window().until());
    assert!(callbacks.reveal(&bob_rings("call-1"), &id).await.is_err());
    bank.clock.set(START.after(MINUTE));
    assert!(callbacks.reveal(&bob_rings("call-1"), &id).await.is_err());
    let listed = callbacks.list(&alice(), Page::first()).await.unwrap();
    assert_eq!(listed.items[0].status, CallbackStatus::Expired);
}

#[tokio::test]
async fn booking_again_with_the_same_request_gives_the_same_booking() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let first = bank.booked().await;
    bank.clock.advance(MINUTE);
    assert_eq!(bank.booked().await, first);
    callbacks.reveal(&bob_rings("call-1"), &first.id).await.unwrap();
    assert_eq!(bank.booked().await.status, CallbackStatus::Revealed);
    callbacks.conclude(&alice(), &first.id, Verdict::Recognised).await.unwrap();
    assert_eq!(bank.booked().await.status, CallbackStatus::Recognised);
    let history = bank.verifier.history(&alice(), Page::first()).await.unwrap();
    assert_eq!(history.items[0].events.len(), 3);
    // Another customer's same request is another booking.
    let other = callbacks.book(&mallory(), &booking("req-1", "banana")).await.unwrap();
    assert_ne!(other.id, first.id);
}

#[tokio::test]
async fn the_same_request_for_another_booking_is_invalid() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    bank.booked().await;
    let longer = Window::new(START, START.after(2 * HOUR)).unwrap();
    let voice = Channel::Voice;
    for other in [
        booking("req-1", "banana"),
        booking("req-1", "anana").assigned_to(team("loans")),
        countersign::callback::BookingRequest::new(
            request("req-1"),
            longer,
            voice,
            secret("anana"),
        ),
        countersign::callback::BookingRequest::new(
            request("req-1"),
            window(),
            Channel::Chat,
            secret("anana"),
        ),
    ] {
        let result = callbacks.book(&alice(), &other).await;
        assert!(
            matches!(result, Err(Error::Invalid(countersign::error::Invalid::RequestReused))),
            "{result:?}"
        );
    }
    assert_eq!(callbacks.list(&alice(), Page::first()).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn an_amendment_changes_what_it_names() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let id = bank.booked().await.id;
    let later = Window::new(START.after(2 * HOUR), START.after(3 * HOUR)).unwrap();
    let amended = callbacks
        .amend(
            &alice(),
            &id,
            &AmendmentRequest::new(request("a-1")).window(later).channel(Channel::Video),
        )
        .await
        .unwrap();
    assert_eq!((amended.window, amended.channel), (later, Channel::Video));
    let amended = callbacks
        .amend(&alice(), &id, &AmendmentRequest::new(request("a-2")).secret(secret("banana")))
        .await
        .unwrap();
    assert_eq!((amended.window, amended.channel), (later, Channel::Video));
    let assigned = AmendmentRequest::new(request("a-3")).assigned_to(Some(team("loans")));
    assert_eq!(
        callbacks.amend(&alice(), &id, &assigned).await.unwrap().assignee,
        Some(team("loans"))
    );
    let freed = AmendmentRequest::new(request("a-4")).assigned_to(None);
    assert_eq!(callbacks.amend(&alice(), &id, &freed).await.unwrap().assignee, None);

    bank.clock.set(later.from());
    let mut call = bob_rings("call-1");
    assert!(callbacks.reveal(&call, &id).await.is_err(), "the old channel");
    call.channel = Channel::Video;
    assert_eq!(callbacks.reveal(&call, &id).await.unwrap().as_str(), "banana");
}

#[tokio::test]
async fn repeating_an_amendment_changes_nothing_more() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let id = bank.booked().await.id;
    let first = AmendmentRequest::new(request("a-1")).secret(secret("banana"));
    callbacks.amend(&alice(), &id, &first).await.unwrap();
    let second = AmendmentRequest::new(request("a-2")).secret(secret("cherry"));
    callbacks.amend(&alice(), &id, &second).await.unwrap();
    // The first one's answer was lost, and the app sends it once more.
    callbacks.amend(&alice(), &id, &first).await.unwrap();
    assert_eq!(callbacks.reveal(&bob_rings("call-1"), &id).await.unwrap().as_str(), "cherry");
    // Even now it is answered, and changes nothing.
    assert_eq!(
        callbacks.amend(&alice(), &id, &first).await.unwrap().status,
        CallbackStatus::Revealed
    );
    let history = bank.verifier.history(&alice(), Page::first()).await.unwrap();
    let actions: Vec<_> = history.items[0].events.iter().map(|event| event.action).collect();
    assert_eq!(actions, [Action::Book, Action::Amend, Action::Amend, Action::Reveal]);
}

#[tokio::test]
async fn a_revealed_or_ended_callback_cannot_be_amended() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let id = bank.booked().await.id;
    callbacks.reveal(&bob_rings("call-1"), &id).await.unwrap();
    let amendment = AmendmentRequest::new(request("a-1")).secret(secret("banana"));
    assert!(matches!(callbacks.amend(&alice(), &id, &amendment).await, Err(Error::Refused(_))));
    callbacks.cancel(&alice(), &id).await.unwrap();
    assert!(matches!(callbacks.amend(&alice(), &id, &amendment).await, Err(Error::Refused(_))));
}

#[tokio::test]
async fn each_end_can_be_repeated_and_no_other_follows() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let id = bank.booked().await.id;
    for _ in 0..2 {
        assert_eq!(
            callbacks.cancel(&alice(), &id).await.unwrap().status,
            CallbackStatus::Cancelled
        );
    }
    let result = callbacks.conclude(&alice(), &id, Verdict::Recognised).await;
    assert!(matches!(result, Err(Error::Refused(_))));
    // A report is none.
    let reported = callbacks.conclude(&alice(), &id, Verdict::NotRecognised).await.unwrap();
    assert_eq!(reported.status, CallbackStatus::Cancelled);
    assert!(callbacks.abandon(&bob_rings("call-1"), &id).await.is_err());

    let booked = callbacks.book(&alice(), &booking("req-2", "banana")).await.unwrap();
    callbacks.reveal(&bob_rings("call-2"), &booked.id).await.unwrap();
    for _ in 0..2 {
        let ended = callbacks.conclude(&alice(), &booked.id, Verdict::NotRecognised).await.unwrap();
        assert_eq!(ended.status, CallbackStatus::NotRecognised);
    }
    assert!(callbacks.conclude(&alice(), &booked.id, Verdict::Recognised).await.is_err());
    assert!(callbacks.cancel(&alice(), &booked.id).await.is_err());

    let booked = callbacks.book(&alice(), &booking("req-3", "cherry")).await.unwrap();
    for _ in 0..2 {
        let ended = callbacks.abandon(&bob_rings("call-3"), &booked.id).await.unwrap();
        assert_eq!(ended.status, CallbackStatus::NoAnswer);
    }
    assert!(callbacks.abandon(&bob_rings("call-4"), &booked.id).await.is_err());
}

#[tokio::test]
async fn an_agent_may_abandon_only_what_they_may_reveal() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let booking = booking("req-1", "anana").assigned_to(team("loans"));
    let id = callbacks.book(&alice(), &booking).await.unwrap().id;
    let loans = || agent("bob").in_team(countersign::TeamId::new("loans").unwrap());
    let mut inbound = call("call-1", &alice(), loans());
    inbound.direction = Direction::Inbound;
    for refused in
        [call("call-1", &alice(), agent("bob")), call("call-1", &mallory(), loans()), inbound]
    {
        assert!(matches!(callbacks.abandon(&refused, &id).await, Err(Error::Refused(_))));
    }
    let listed = callbacks.list(&alice(), Page::first()).await.unwrap();
    assert_eq!(listed.items[0].status, CallbackStatus::Booked);
    callbacks.abandon(&call("call-1", &alice(), loans()), &id).await.unwrap();
}

#[tokio::test]
async fn a_caller_to_whom_nothing_was_revealed_is_an_impostor() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let id = bank.booked().await.id;
    bank.seen.take();

    // The customer reports a caller who did not know the word. The genuine call can still come.
    for repeated in [false, true] {
        let reported = callbacks.conclude(&alice(), &id, Verdict::NotRecognised).await.unwrap();
        assert_eq!((reported.status, reported.reported), (CallbackStatus::Booked, true));
        let told = bank.seen.take();
        assert_eq!((told[0].action, told[0].repeated), (Action::Report, repeated));
    }
    // The customer recognises a caller who knew the word, but cannot have it from here.
    for _ in 0..2 {
        let result = callbacks.conclude(&alice(), &id, Verdict::Recognised).await;
        assert!(matches!(result, Err(Error::Refused(_))));
        assert_eq!(bank.seen.take()[0].outcome, Outcome::Refused(Reason::NothingRevealed));
    }

    assert_eq!(callbacks.reveal(&bob_rings("call-1"), &id).await.unwrap().as_str(), "anana");
    let ended = callbacks.conclude(&alice(), &id, Verdict::Recognised).await.unwrap();
    assert_eq!(ended.status, CallbackStatus::Recognised);
    let history = bank.verifier.history(&alice(), Page::first()).await.unwrap();
    assert_eq!(history.items[0].refusals, 1);
}

#[tokio::test]
async fn the_customer_may_conclude_a_call_that_outlasts_the_window() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let id = bank.booked().await.id;
    callbacks.reveal(&bob_rings("call-1"), &id).await.unwrap();
    let deadline = window().until().after(DAY);
    bank.clock.set(deadline.before(std::time::Duration::from_secs(1)));
    let listed = callbacks.list(&alice(), Page::first()).await.unwrap();
    assert_eq!(listed.items[0].status, CallbackStatus::Revealed);
    let ended = callbacks.conclude(&alice(), &id, Verdict::Recognised).await.unwrap();
    assert_eq!(ended.status, CallbackStatus::Recognised);
}

#[tokio::test]
async fn a_revealed_callback_expires_when_nobody_concludes_it() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let id = bank.booked().await.id;
    callbacks.reveal(&bob_rings("call-1"), &id).await.unwrap();
    bank.seen.take();
    bank.clock.set(window().until().after(DAY));
    let result = callbacks.conclude(&alice(), &id, Verdict::Recognised).await;
    assert!(matches!(result, Err(Error::Refused(_))));
    let told: Vec<_> = bank.seen.take().iter().map(|e| (e.action, e.outcome)).collect();
    assert_eq!(
        told,
        [(Action::Expire, Outcome::Done), (Action::Recognise, Outcome::Refused(Reason::Ended)),]
    );
}

#[tokio::test]
async fn one_issuer_finds_nothing_of_another() {
    let bank = bank();
    let id = bank.booked().await.id;
    let other = countersign::Verifier::builder(
        countersign::Issuer::new("other.example").unwrap(),
        keyring(),
    )
    .store(bank.store.clone())
    .clock(bank.clock.clone())
    .build()
    .unwrap();
    assert!(other.callbacks().list(&alice(), Page::first()).await.unwrap().items.is_empty());
    let result = other.callbacks().reveal(&bob_rings("call-1"), &id).await;
    assert!(matches!(result, Err(Error::Refused(_))));
}

#[tokio::test]
async fn whoever_saw_the_secret_may_give_up_after_the_window() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let id = bank.booked().await.id;
    bank.clock.set(window().until().before(std::time::Duration::from_secs(5)));
    callbacks.reveal(&bob_rings("call-1"), &id).await.unwrap();
    bank.clock.set(window().until().after(MINUTE));
    // Another call, another agent, or the same one the other way round may not.
    let mut inbound = bob_rings("call-1");
    inbound.direction = Direction::Inbound;
    for refused in [bob_rings("call-2"), call("call-1", &alice(), agent("eve")), inbound.clone()] {
        assert!(matches!(callbacks.abandon(&refused, &id).await, Err(Error::Refused(_))));
    }
    let ended = callbacks.abandon(&bob_rings("call-1"), &id).await.unwrap();
    assert_eq!(ended.status, CallbackStatus::NoAnswer);
    assert_eq!(callbacks.abandon(&bob_rings("call-1"), &id).await.unwrap(), ended);
    for refused in [call("call-1", &alice(), agent("eve")), inbound] {
        assert!(matches!(callbacks.abandon(&refused, &id).await, Err(Error::Refused(_))));
    }
    let history = bank.verifier.history(&alice(), Page::first()).await.unwrap();
    assert_eq!(history.items[0].refusals, 5);
}

#[tokio::test]
async fn an_amendment_s_request_id_is_for_one_amendment() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let id = bank.booked().await.id;
    let banana = || AmendmentRequest::new(request("a-1")).secret(secret("banana"));
    callbacks.amend(&alice(), &id, &banana()).await.unwrap();
    let later = Window::new(START.after(HOUR), START.after(2 * HOUR)).unwrap();
    for other in [
        AmendmentRequest::new(request("a-1")).secret(secret("cherry")),
        banana().window(later),
        banana().channel(Channel::Chat),
        banana().assigned_to(None),
        banana().assigned_to(Some(team("loans"))),
        AmendmentRequest::new(request("a-1")).window(later),
        AmendmentRequest::new(request("a-1")),
    ] {
        let result = callbacks.amend(&alice(), &id, &other).await;
        let reused =
            matches!(result, Err(Error::Invalid(countersign::error::Invalid::RequestReused)));
        assert!(reused, "{result:?}");
    }
    callbacks.amend(&alice(), &id, &banana()).await.unwrap();
    assert_eq!(callbacks.reveal(&bob_rings("call-1"), &id).await.unwrap().as_str(), "banana");
}

#[tokio::test]
async fn a_new_secret_has_neither_leaked_nor_been_reported() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let id = bank.booked().await.id;
    for (n, word) in ["banana", "cherry"].into_iter().enumerate() {
        callbacks.conclude(&alice(), &id, Verdict::Recognised).await.unwrap_err();
        let reported = callbacks.conclude(&alice(), &id, Verdict::NotRecognised).await.unwrap();
        assert!(reported.leaked && reported.reported);
        let amendment = AmendmentRequest::new(request(&format!("a-{n}"))).secret(secret(word));
        let amended = callbacks.amend(&alice(), &id, &amendment).await.unwrap();
        assert!(!amended.leaked && !amended.reported);
    }
    let history = bank.verifier.history(&alice(), Page::first()).await.unwrap().items.remove(0);
    let actions: Vec<_> = history.events.iter().map(|event| event.action).collect();
    let round = [Action::Recognise, Action::Report, Action::Amend];
    assert_eq!(actions, [&[Action::Book][..], &round, &round].concat());
    assert_eq!(history.refusals, 2);
}

/// The same by the comparison of secrets, typed in other ways.
#[tokio::test]
async fn a_leaked_secret_in_other_letters_has_leaked() {
    for (first, same) in [
        ("Blue Kettle", "blue kettle"),
        ("Blue Kettle", "Blue Kettle"),
        ("blue kettle", "  BLUE \u{3000} kettle "),
        ("kettle", "\u{ff2b}ettle"),
        // Said the same, whatever stands between the letters.
        ("blue whale", "blue-whale"),
        ("blue whale", "bluewhale"),
        ("don't go", "don\u{2019}t go"),
        (
            "\u{639}\u{644}\u{6cc}\u{631}\u{636}\u{627}",
            "\u{639}\u{644}\u{6cc}\u{200c}\u{631}\u{636}\u{627}",
        ),
        (
            "\u{3c3}\u{3b1}\u{3c1}\u{3ce}\u{3bd}\u{3c9}",
            "\u{3a3}\u{391}\u{3a1}\u{38f}\u{39d}\u{3a9}",
        ),
    ] {
        let bank = bank();
        let callbacks = bank.verifier.callbacks();
        let id = callbacks.book(&alice(), &booking("req-1", first)).await.unwrap().id;
        callbacks.conclude(&alice(), &id, Verdict::NotRecognised).await.unwrap();
        callbacks.conclude(&alice(), &id, Verdict::Recognised).await.unwrap_err();
        let amend = async |n: u8, word: &str| {
            let amendment = AmendmentRequest::new(request(&format!("a-{n}"))).secret(secret(word));
            let amended = callbacks.amend(&alice(), &id, &amendment).await.unwrap();
            (amended.reported, amended.leaked)
        };
        assert_eq!(amend(1, same).await, (true, true), "{same}");
        // Nor is it forgotten on a detour, or several.
        assert_eq!(amend(2, "banana").await, (false, false));
        assert_eq!(amend(3, "cherry").await, (false, false));
        assert_eq!(amend(4, same).await, (false, true), "{same}");
        assert_eq!(amend(5, "damson").await, (false, false));
        assert_eq!(amend(6, first).await, (false, true), "{first}");
        let listed = callbacks.list(&alice(), Page::first()).await.unwrap().items;
        assert!(listed[0].leaked);
    }
}

#[tokio::test]
async fn the_observer_sees_the_callback_as_it_now_stands() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let view = || match bank.seen.take().pop().unwrap().view {
        Some(countersign::observer::View::Callback(callback)) => callback,
        other => panic!("{other:?}"),
    };
    let new = booking("req-1", "anana").assigned_to(team("loans"));
    let booked = callbacks.book(&alice(), &new).await.unwrap();
    assert_eq!(booked.assignee, Some(team("loans")));
    assert_eq!(view(), booked, "what a dialler starts from");
    let amendment = AmendmentRequest::new(request("a-1")).assigned_to(None);
    let amended = callbacks.amend(&alice(), &booked.id, &amendment).await.unwrap();
    assert_eq!(view(), amended);
    callbacks.reveal(&bob_rings("call-1"), &booked.id).await.unwrap();
    assert_eq!(view().status, CallbackStatus::Revealed);
    callbacks.reveal(&bob_rings("call-2"), &booked.id).await.unwrap_err();
    assert_eq!(view().status, CallbackStatus::Revealed);
    let ended = callbacks.conclude(&alice(), &booked.id, Verdict::Recognised).await.unwrap();
    assert_eq!(view(), ended);
    callbacks.conclude(&alice(), &booked.id, Verdict::Recognised).await.unwrap();
    assert_eq!(view(), ended, "repeated");
    callbacks.cancel(&alice(), &unknown_callback()).await.unwrap_err();
    assert_eq!(bank.seen.take().pop().unwrap().view, None);
}

#[tokio::test]
async fn a_change_takes_two_store_calls_a_beginning_six_and_a_repetition_one() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let start = bank.store.calls();
    let calls = || bank.store.calls() - start;
    let id = bank.booked().await.id;
    // Besides, it looks whether the customer was erased, how many are booked, how many were in a day, and behind which one
    // this is sorted.
    assert_eq!(calls(), 6);
    callbacks.reveal(&bob_rings("call-1"), &id).await.unwrap();
    assert_eq!(calls(), 8);
    callbacks.reveal(&bob_rings("call-1"), &id).await.unwrap();
    assert_eq!(calls(), 9);
    callbacks.conclude(&alice(), &id, Verdict::Recognised).await.unwrap();
    assert_eq!(calls(), 11);
    callbacks.list(&alice(), Page::first()).await.unwrap();
    assert_eq!(calls(), 12);
    // One for each kind of ceremony that has a history.
    bank.verifier.history(&alice(), Page::first()).await.unwrap();
    assert_eq!(calls(), 12 + 5 + usize::from(cfg!(feature = "cards")));
}

#[tokio::test]
async fn a_request_id_is_free_again_when_its_booking_is_no_longer_kept() {
    let bank = bank();
    bank.booked().await;
    let later = START.after(500 * DAY);
    bank.clock.set(later);
    let window = Window::new(later, later.after(HOUR)).unwrap();
    let new = countersign::callback::BookingRequest::new(
        request("req-1"),
        window,
        Channel::Voice,
        secret("banana"),
    );
    let booked = bank.verifier.callbacks().book(&alice(), &new).await.unwrap();
    assert_eq!((booked.status, booked.window), (CallbackStatus::Booked, window));
}
