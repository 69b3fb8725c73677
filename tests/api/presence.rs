//! Open interactions and the call status: what the customer is told, and what nobody else is.

use countersign::callback::Verdict;
use countersign::contact::{Status, StatusNonce};
use countersign::device::{NotVerified, StatusShown};
use countersign::error::{Invalid, Reason};
use countersign::history::{Action, Actor, Outcome};
use countersign::observer::View;
use countersign::policy::{CLOSED_REMEMBERED, OPEN_EACH_WAY};
use countersign::time::Clock;
use countersign::{AgentSafe, Channel, Direction, Error, Policy};
use static_assertions::assert_not_impl_any;

use crate::support::challenges::{accept, digits, fraud_rings, phone, slot};
use crate::support::credentials::{app, refused};
use crate::support::presence::{
    asked, bank, complete, inbound, on, phone_of, question, signing_bank, talking,
};
use crate::support::*;

// Who else is on the line with the customer is no agent's business.
assert_not_impl_any!(countersign::contact::OngoingInteraction: AgentSafe);
assert_not_impl_any!(Status: AgentSafe);
// An app makes neither without the enterprise's word.
assert_not_impl_any!(StatusShown: Default, serde::de::DeserializeOwned);

fn actions(bank: &Bank) -> Vec<(Action, Outcome, bool)> {
    bank.seen.take().into_iter().map(|seen| (seen.action, seen.outcome, seen.repeated)).collect()
}

fn done(action: Action) -> (Action, Outcome, bool) {
    (action, Outcome::Done, false)
}

#[tokio::test]
async fn from_nothing_to_a_call_that_proved_itself() {
    let bank = bank();
    let (contact, callbacks) = (bank.verifier.contact(), bank.verifier.callbacks());
    assert_eq!(asked(&bank).await, Status::NotUs);
    let booked = bank.booked().await;
    assert_eq!(asked(&bank).await, Status::Scheduled);

    let call = bob_rings("call-1");
    bank.clock.advance(MINUTE);
    contact.open(&call).await.unwrap();
    assert_eq!(asked(&bank).await, Status::Calling);
    callbacks.reveal(&call, &booked.id).await.unwrap();
    assert_eq!(
        asked(&bank).await,
        Status::Calling,
        "the agent saw the word; did the customer hear?"
    );
    callbacks.conclude(&alice(), &booked.id, Verdict::Recognised).await.unwrap();
    bank.clock.advance(MINUTE);
    let since = START.after(MINUTE);
    assert_eq!(asked(&bank).await, talking(Channel::Voice, Direction::Outbound, since));

    // Somebody else in the customer's name goes before it.
    contact.open(&inbound("eve")).await.unwrap();
    let eve = talking(Channel::Voice, Direction::Inbound, since.after(MINUTE));
    assert_eq!(asked(&bank).await, eve);
    contact.close(&inbound("eve")).await.unwrap();

    contact.close(&call).await.unwrap();
    assert_eq!(asked(&bank).await, Status::NotUs);
    contact.open(&bob_rings("call-2")).await.unwrap();
    assert_eq!(asked(&bank).await, Status::Calling, "another call has proved nothing");
}

/// The same for a contact that the enterprise announced.
#[tokio::test]
async fn an_appointment_of_a_challenge_counts_as_a_callback_does() {
    let bank = bank();
    let (_, device) = app(&bank).await;
    let challenges = bank.verifier.challenges();
    let id = bank.issued().await.challenge.id;
    assert_eq!(asked(&bank).await, Status::NotUs, "announced, not agreed");
    challenges.answer(&alice(), &id, &accept("a-1")).await.unwrap();
    assert_eq!(asked(&bank).await, Status::NotUs);
    let confirmed = challenges.confirm(&alice(), &id, &request("c-1"), &slot()).await.unwrap();
    assert_eq!(asked(&bank).await, Status::Scheduled);

    bank.clock.set(START.after(15 * MINUTE));
    let call = fraud_rings("call-1");
    bank.verifier.contact().open(&call).await.unwrap();
    assert_eq!(asked(&bank).await, Status::Calling);
    let said = digits(&challenges.present(&call, &id).await.unwrap());
    assert_eq!(asked(&bank).await, Status::Calling, "said, but was it heard?");
    let now = bank.clock.now().unwrap();
    let shown = phone().open_appointment(&confirmed.token, now).unwrap();
    let mut attempts = countersign::device::CodeAttempts::new();
    assert!(shown.check_spoken_code(&device, &said, &mut attempts, now).unwrap().is_genuine());
    challenges.conclude(&alice(), &id, shown.id(), Verdict::Recognised).await.unwrap();
    assert_eq!(asked(&bank).await, talking(Channel::Voice, Direction::Outbound, now));
    bank.verifier.contact().close(&call).await.unwrap();
    assert_eq!(asked(&bank).await, Status::NotUs);
}

#[tokio::test]
async fn a_slot_that_is_over_or_was_taken_back_is_not_scheduled() {
    let bank = bank();
    app(&bank).await;
    bank.confirmed().await;
    assert_eq!(asked(&bank).await, Status::Scheduled);
    bank.clock.set(slot().window.until());
    assert_eq!(asked(&bank).await, Status::NotUs);

    let bank = self::bank();
    app(&bank).await;
    let (id, _) = bank.confirmed().await;
    bank.clock.set(START.after(15 * MINUTE));
    assert_eq!(asked(&bank).await, Status::Scheduled);
    bank.verifier.challenges().revoke(&alice(), &id).await.unwrap();
    assert_eq!(asked(&bank).await, Status::NotUs);
}

#[tokio::test]
async fn a_caller_who_was_not_recognised_stays_a_caller() {
    let bank = bank();
    let booked = bank.booked().await;
    let call = bob_rings("call-1");
    bank.verifier.contact().open(&call).await.unwrap();
    bank.verifier.callbacks().reveal(&call, &booked.id).await.unwrap();
    let verdict = Verdict::NotRecognised;
    bank.verifier.callbacks().conclude(&alice(), &booked.id, verdict).await.unwrap();
    assert_eq!(asked(&bank).await, Status::Calling);
}

#[tokio::test]
async fn an_appointment_is_over_with_its_window() {
    let bank = bank();
    bank.booked().await;
    bank.clock.set(window().until().before(std::time::Duration::from_secs(1)));
    assert_eq!(asked(&bank).await, Status::Scheduled);
    bank.clock.set(window().until());
    assert_eq!(asked(&bank).await, Status::NotUs);
}

#[tokio::test]
async fn an_appointment_is_found_among_however_many_callbacks() {
    let mut policy = countersign::Policy::default();
    policy.callbacks.per_day = 1000;
    let bank = signing_bank(policy);
    let callbacks = bank.verifier.callbacks();
    let kept = callbacks.book(&alice(), &booking("kept", "anana")).await.unwrap().id;
    for n in 0..501 {
        let booked = callbacks.book(&alice(), &booking(&format!("r-{n}"), "anana")).await.unwrap();
        callbacks.cancel(&alice(), &booked.id).await.unwrap();
    }
    assert_eq!(asked(&bank).await, Status::Scheduled);
    callbacks.cancel(&alice(), &kept).await.unwrap();
    assert_eq!(asked(&bank).await, Status::NotUs);
}

/// Attack 1: one rings the customer as the bank, the other the bank as the customer.
#[tokio::test]
async fn a_two_call_relay_is_exposed_when_the_customer_asks() {
    let bank = bank();
    let contact = bank.verifier.contact();
    contact.open(&inbound("eve")).await.unwrap();
    bank.clock.advance(MINUTE);
    let now = bank.clock.now().unwrap();
    bank.seen.take();
    let asks = question(3, now);
    let token = contact.status(&alice(), asks.nonce()).await.unwrap();
    let shown = phone_of(alice()).open_status(&token, &asks, now).unwrap();
    assert_eq!(shown.status(), talking(Channel::Voice, Direction::Inbound, START));
    assert_eq!(
        shown.headline(),
        "Someone is talking to us as you. If you did not contact us yourself, hang up."
    );
    let seen = bank.seen.take();
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].action, seen[0].outcome), (Action::WarnOfRelay, Outcome::Done));
    assert_eq!((&seen[0].actor, &seen[0].customer), (&Actor::Customer, &alice()));
    assert_eq!(seen[0].interaction, Some(inbound("eve").id));
    assert!(!seen[0].repeated);
    let Some(View::Presence(kept)) = &seen[0].view else { panic!("{seen:?}") };
    let open = &kept.open;
    assert_eq!((open.len(), &open[0].agent), (1, &agent("carol").id));

    // A genuine call at the same time does not hide it, nor does one that proved itself.
    contact.open(&bob_rings("call-1")).await.unwrap();
    assert_eq!(asked(&bank).await, talking(Channel::Voice, Direction::Inbound, START));
    contact.close(&inbound("eve")).await.unwrap();
    assert_eq!(asked(&bank).await, Status::Calling);
    let (booked, callbacks) = (bank.booked().await, bank.verifier.callbacks());
    callbacks.reveal(&bob_rings("call-1"), &booked.id).await.unwrap();
    callbacks.conclude(&alice(), &booked.id, Verdict::Recognised).await.unwrap();
    assert_eq!(asked(&bank).await, talking(Channel::Voice, Direction::Outbound, now));
    contact.open(&inbound("mallory")).await.unwrap();
    assert_eq!(asked(&bank).await, talking(Channel::Voice, Direction::Inbound, now));
}

#[tokio::test]
async fn two_live_conversations_at_once_are_told_to_the_enterprise() {
    use Channel::{Chat, Video, Voice};
    use Direction::{Inbound, Outbound};
    let cases = [
        ((Voice, Outbound), (Voice, Inbound), true),
        ((Voice, Inbound), (Voice, Outbound), true),
        ((Voice, Inbound), (Video, Inbound), true),
        // A busy line is rung again.
        ((Voice, Outbound), (Voice, Outbound), false),
        // A chat stays open while one telephones.
        ((Chat, Inbound), (Voice, Outbound), false),
        ((Voice, Inbound), (Chat, Inbound), false),
    ];
    for (first, second, warned) in cases {
        let bank = bank();
        bank.verifier.contact().open(&on(first.0, "one", first.1)).await.unwrap();
        assert_eq!(actions(&bank), [done(Action::Open)]);
        bank.verifier.contact().open(&on(second.0, "two", second.1)).await.unwrap();
        let mut wanted = vec![done(Action::Open)];
        wanted.extend(warned.then(|| done(Action::WarnOfRelay)));
        assert_eq!(actions(&bank), wanted, "{first:?} {second:?}");
        // The report again changes and counts nothing.
        let before = bank.store.records();
        bank.verifier.contact().open(&on(second.0, "two", second.1)).await.unwrap();
        // Nor is it known whether the first warning was heard.
        let mut wanted = vec![(Action::Open, Outcome::Done, true)];
        wanted.extend(warned.then_some((Action::WarnOfRelay, Outcome::Done, true)));
        assert_eq!(actions(&bank), wanted);
        assert_eq!(bank.store.records(), before);
    }
}

/// The warning's own answer, and the look whether it had landed, are lost.
#[tokio::test]
async fn a_warning_of_a_relay_that_was_lost_is_told_by_the_repeated_report() {
    let bank = bank();
    let contact = bank.verifier.contact();
    contact.open(&on(Channel::Voice, "one", Direction::Outbound)).await.unwrap();
    bank.seen.take();
    bank.store.plan(2, countersign::store::Fault::LoseAnswer);
    bank.store.plan(3, countersign::store::Fault::FailBefore);
    assert!(contact.open(&inbound("two")).await.is_err());
    bank.store.heal();
    assert_eq!(actions(&bank), []);
    contact.open(&inbound("two")).await.unwrap();
    assert!(actions(&bank).contains(&(Action::WarnOfRelay, Outcome::Done, true)));
}

/// One report by a machine whose clock is ahead, and the customer asks another one.
#[tokio::test]
async fn a_clock_that_was_ahead_hides_nobody_and_makes_no_answer_wrong() {
    let bank = bank();
    let contact = bank.verifier.contact();
    contact.open(&inbound("eve")).await.unwrap();
    for ahead in [MINUTE * 5, HOUR, HOUR * 3] {
        bank.clock.set(START.after(ahead));
        let other = on(Channel::Chat, &format!("other-{}", ahead.as_secs()), Direction::Outbound);
        contact.open(&other).await.unwrap();
        contact.close(&other).await.unwrap();
        bank.clock.set(START.after(MINUTE));
        assert_eq!(asked(&bank).await, talking(Channel::Voice, Direction::Inbound, START));
    }
    // Nor does it begin in the future.
    bank.clock.set(START.after(HOUR));
    contact.close(&inbound("eve")).await.unwrap();
    contact.open(&inbound("mallory")).await.unwrap();
    bank.clock.set(START.after(MINUTE));
    let now = START.after(MINUTE);
    assert_eq!(asked(&bank).await, talking(Channel::Voice, Direction::Inbound, now));
}

#[tokio::test]
async fn reports_come_twice_and_in_any_order() {
    let bank = bank();
    let contact = bank.verifier.contact();
    // The end first: the beginning opens nothing.
    contact.close(&inbound("late")).await.unwrap();
    let before = bank.store.records();
    contact.open(&inbound("late")).await.unwrap();
    contact.close(&inbound("late")).await.unwrap();
    assert_eq!(bank.store.records(), before);
    assert_eq!(asked(&bank).await, Status::NotUs);

    // A transfer keeps the beginning.
    contact.open(&inbound("call")).await.unwrap();
    bank.clock.advance(MINUTE);
    let mut moved = inbound("call");
    moved.agent = agent("dave");
    contact.open(&moved).await.unwrap();
    assert_eq!(asked(&bank).await, talking(Channel::Voice, Direction::Inbound, START));
    let seen = bank.seen.take();
    let Some(View::Presence(kept)) = &seen.last().unwrap().view else { panic!("{seen:?}") };
    let open = &kept.open;
    assert_eq!((open.len(), &open[0].agent), (1, &agent("dave").id));

    // The same id for something else is the host's mistake, and changes nothing.
    let before = bank.store.records();
    for other in [
        on(Channel::Voice, "call", Direction::Outbound),
        on(Channel::Video, "call", Direction::Inbound),
    ] {
        let error = contact.open(&other).await.unwrap_err();
        assert!(matches!(error, Error::Invalid(Invalid::InteractionReused)), "{error:?}");
    }
    assert_eq!(bank.store.records(), before);
    contact.close(&moved).await.unwrap();
    assert_eq!(asked(&bank).await, Status::NotUs);
}

#[tokio::test]
async fn interactions_of_one_direction_do_not_crowd_out_the_other() {
    let bank = bank();
    let contact = bank.verifier.contact();
    for n in 0..OPEN_EACH_WAY {
        contact.open(&bob_rings(&format!("out-{n}"))).await.unwrap();
    }
    bank.seen.take();
    refused(contact.open(&bob_rings("one-more")).await);
    let refusal = (Action::Open, Outcome::Refused(Reason::TooManyOpen), false);
    assert_eq!(actions(&bank), [refusal]);
    contact.open(&inbound("eve")).await.unwrap();
    assert_eq!(asked(&bank).await, talking(Channel::Voice, Direction::Inbound, START));
    for n in 0..OPEN_EACH_WAY {
        contact.close(&bob_rings(&format!("out-{n}"))).await.unwrap();
    }
    contact.open(&bob_rings("one-more")).await.unwrap();
}

#[tokio::test]
async fn the_record_stays_small_however_many_calls_there_were() {
    let bank = bank();
    let contact = bank.verifier.contact();
    let mut sizes = Vec::new();
    for n in 100..100 + 3 * CLOSED_REMEMBERED {
        contact.open(&inbound(&format!("call-{n}"))).await.unwrap();
        contact.close(&inbound(&format!("call-{n}"))).await.unwrap();
        sizes.push(bank.store.records()[0].1.sealed.len());
    }
    assert_eq!(sizes[CLOSED_REMEMBERED - 1], sizes[3 * CLOSED_REMEMBERED - 1]);
    assert_eq!(bank.store.records().len(), 1);
    // Forgotten is what was called first. A beginning reported that late shows as an open call until
    // its age ends it: a false alarm, never a proof.
    contact.open(&inbound("call-195")).await.unwrap();
    assert_eq!(asked(&bank).await, Status::NotUs);
    contact.open(&inbound("call-100")).await.unwrap();
    assert_eq!(asked(&bank).await, talking(Channel::Voice, Direction::Inbound, START));
}

#[tokio::test]
async fn an_end_that_is_never_reported_comes_with_age() {
    let mut policy = Policy::default();
    policy.presence.max_age = MINUTE;
    let bank = signing_bank(policy);
    bank.verifier.contact().open(&inbound("call")).await.unwrap();
    bank.clock.set(START.after(MINUTE).before(std::time::Duration::from_secs(1)));
    assert_eq!(asked(&bank).await, talking(Channel::Voice, Direction::Inbound, START));
    bank.clock.set(START.after(MINUTE));
    assert_eq!(asked(&bank).await, Status::NotUs);
}

#[tokio::test]
async fn asking_writes_nothing_and_tells_nobody_else() {
    let bank = bank();
    let contact = bank.verifier.contact();
    let nonce = StatusNonce::from_bytes([1; 16]);
    contact.status(&mallory(), nonce).await.unwrap();
    assert_eq!(bank.store.records(), [], "not even of a customer nobody knows");
    complete(&bank).await;
    bank.booked().await;
    contact.open(&inbound("call")).await.unwrap();
    bank.seen.take();
    let before = bank.store.records();

    // Mallory learns nothing of Alice, and Alice's answer is no answer for Mallory.
    let now = bank.clock.now().unwrap();
    let asks = question(8, now);
    let token = contact.status(&mallory(), asks.nonce()).await.unwrap();
    let shown = phone_of(mallory()).open_status(&token, &asks, now).unwrap();
    assert_eq!(shown.status(), Status::NotUs);
    let opened = phone_of(alice()).open_status(&token, &asks, now);
    assert_eq!(opened, Err(NotVerified::NotGenuine));
    assert_eq!(actions(&bank), []);
    let token = contact.status(&alice(), asks.nonce()).await.unwrap();
    let opened = phone_of(mallory()).open_status(&token, &asks, now);
    assert_eq!(opened, Err(NotVerified::NotGenuine));
    assert_eq!(bank.store.records(), before);

    // Nor does reporting on Mallory's interaction touch Alice's.
    let mut mine = inbound("call");
    mine.customer = mallory();
    contact.close(&mine).await.unwrap();
    assert_eq!(asked(&bank).await, talking(Channel::Voice, Direction::Inbound, START));
}
