//! What holds prompts off and stops them, and what lifts that: her session alone, and only what it saw.

use std::sync::{Arc, Mutex};

use countersign::error::Reason;
use countersign::history::{Action, Outcome};
use countersign::step_up::{
    DeclineReason, MatchDigits, Prompts, StepUpOutcome, StepUpRequested, StepUpStatus, StepUps,
};
use countersign::store::Fault;
use countersign::{AgentId, Error, Interaction, Policy, StepUpId, Verifier};

use crate::prompts::{
    Act, Interrupted, answer, ask_in, at_once, digits, from_app, mismatches, other_digits, reasons,
    signing_phone, submit,
};
use crate::support::between::Via;
use crate::support::credentials::refused;
use crate::support::device_keys::PrivateKey;
use crate::support::step_ups::{bank, bank_of, resume, signing};
use crate::support::*;

const DONE: Outcome = Outcome::Done;

async fn shown(bank: &Bank) -> Prompts {
    bank.verifier.step_ups().prompts(&alice()).await.unwrap()
}

async fn decline(bank: &Bank, asked: &StepUpRequested, why: DeclineReason) -> StepUpStatus {
    let declined = bank.verifier.step_ups().decline(&alice(), &asked.step_up.id, why).await;
    declined.unwrap().status
}

async fn outcome(bank: &Bank, call: &Interaction, asked: &StepUpRequested) -> StepUpOutcome {
    bank.verifier.step_ups().outcome(call, &asked.step_up.id).await.unwrap()
}

async fn mistype(bank: &Bank, key: &PrivateKey, asked: &StepUpRequested, by: u32) {
    let wrong = answer(bank, key, asked, other_digits(asked, by));
    refused(submit(bank, &asked.step_up.id, &wrong).await);
}

/// What is on record of a step-up besides its request.
async fn recorded(bank: &Bank, id: StepUpId) -> Vec<Action> {
    let of = countersign::history::Subject::StepUp(id);
    let history = histories(&bank.verifier, |about| *about == of).await.remove(0);
    history.events.iter().skip(1).map(|event| event.action).collect()
}

/// The same bank, before one of whose calls of the store something else happens.
fn interrupted(
    bank: &Bank,
    at: usize,
    seed: u64,
    happens: Box<dyn FnOnce() + Send>,
) -> (Verifier, Act) {
    let act: Act = Arc::new(Mutex::new(Some((at, happens))));
    let store = Via(Interrupted { under: bank.store.clone(), act: act.clone() });
    let builder = Verifier::builder(issuer(), keyring()).store(store).clock(bank.clock.clone());
    let random = countersign::random::SeededRandom::new(seed);
    (builder.random(random).signing_key(signing()).build().unwrap(), act)
}

/// She approves in her own conversation while the tenth wrong digits come in an impostor's call: whichever is first,
/// prompts that have stopped stay so.
#[tokio::test]
async fn an_approval_of_her_own_lifts_no_stop_that_came_meanwhile() {
    let mut kept = 0;
    for at in 0..16 {
        let bank = bank();
        let key = signing_phone(&bank).await;
        let theirs = ask_in(&bank, &bob_rings("call-1"), "s").await.unwrap();
        let own = ask_in(&bank, &from_app("chat-1"), "s").await.unwrap();
        for n in 1..=9 {
            mistype(&bank, &key, &theirs, n).await;
        }
        let last = answer(&bank, &key, &theirs, other_digits(&theirs, 10));
        let (verifier, id) = (bank.verifier.clone(), theirs.step_up.id);
        let types = Box::new(move || {
            refused(at_once(verifier.step_ups().submit(&alice(), &id, &last)));
        });
        let (other, act) = interrupted(&bank, at, 2, types);
        let right = answer(&bank, &key, &own, digits(&own));
        let approved = other.step_ups().submit(&alice(), &own.step_up.id, &right).await;
        assert_eq!(approved.unwrap().status, StepUpStatus::Approved);
        let (counted, happened) = (mismatches(&bank).await, act.lock().unwrap().is_none());
        if !happened {
            assert_eq!(counted, 0, "the row of nine ended");
            assert!(kept > 4 && at > 7, "{kept} {at}");
            return;
        }
        // After the row has ended it is the first of another one.
        assert!(counted == 10 || counted == 1, "{counted} at {at}");
        assert_eq!(shown(&bank).await.stopped, counted == 10);
        kept += usize::from(counted == 10);
    }
    panic!("so many calls are not made");
}

/// What is wrong in her own conversations ends their step-ups by a row of its own, which her approval ends although
/// prompts have stopped.
#[tokio::test]
async fn an_approval_ends_the_row_of_her_own_although_prompts_have_stopped() {
    let bank = bank();
    let key = signing_phone(&bank).await;
    let theirs = ask_in(&bank, &bob_rings("call-1"), "s").await.unwrap();
    for n in 1..=10 {
        mistype(&bank, &key, &theirs, n).await;
    }
    let chat = from_app("chat-1");
    for round in 0..3 {
        let own = ask_in(&bank, &chat, &format!("s-{round}")).await.unwrap();
        for n in 1..=4 {
            mistype(&bank, &key, &own, n).await;
        }
        assert_eq!(outcome(&bank, &chat, &own).await, StepUpOutcome::Waiting, "four of ten");
        let right = answer(&bank, &key, &own, digits(&own));
        assert_eq!(submit(&bank, &own.step_up.id, &right).await.unwrap(), StepUpStatus::Approved);
        assert!(shown(&bank).await.stopped);
    }
}

/// Each step-up has digits of its own: what is wrong for one and typed for another is another guess, also in the same
/// interaction and after she has allowed prompts.
#[tokio::test]
async fn the_same_wrong_digits_count_once_for_each_step_up_and_stay_known() {
    let bank = bank();
    let key = signing_phone(&bank).await;
    let call = bob_rings("call-1");
    let both = [ask_in(&bank, &call, "s").await.unwrap(), ask_in(&bank, &call, "t").await.unwrap()];
    let of_both = both.each_ref().map(digits);
    let all = ["111111", "222222", "333333"].map(|text| text.parse::<MatchDigits>().unwrap());
    let wrong = all.iter().find(|one| !of_both.contains(one)).unwrap();
    let types = async |asked: &StepUpRequested| {
        let wrong = answer(&bank, &key, asked, wrong.digits().parse().unwrap());
        refused(submit(&bank, &asked.step_up.id, &wrong).await);
        mismatches(&bank).await
    };
    for (asked, counted) in [(&both[0], 1), (&both[0], 1), (&both[1], 2), (&both[1], 2)] {
        assert_eq!(types(asked).await, counted);
    }
    assert_eq!(resume(&bank, &alice()).await.mismatches, 0);
    assert_eq!(types(&both[0]).await, 0, "known: it is no new guess");
    mistype(&bank, &key, &both[0], 5).await;
    assert_eq!(mismatches(&bank).await, 1);
}

/// The app declines by itself, or she says less at first, and then: not me.
#[tokio::test]
async fn not_me_after_another_decline_holds_off_all_the_same() {
    for first in [
        DeclineReason::WhoRangDiffers,
        DeclineReason::WrongDetails,
        DeclineReason::ToldTo,
        DeclineReason::ChangedMind,
    ] {
        let bank = bank();
        let key = signing_phone(&bank).await;
        let theirs = ask_in(&bank, &bob_rings("call-1"), "s").await.unwrap();
        let other = ask_in(&bank, &bob_rings("call-2"), "s").await.unwrap();
        assert_eq!(decline(&bank, &theirs, first).await, StepUpStatus::Declined);
        let before = recorded(&bank, theirs.step_up.id).await;
        bank.seen.take();
        assert_eq!(decline(&bank, &theirs, DeclineReason::NotMe).await, StepUpStatus::Declined);
        let told = reasons(&bank);
        assert!(told.contains(&(Action::HoldPrompts, DONE)), "{first:?} {told:?}");
        let after = recorded(&bank, theirs.step_up.id).await;
        assert_eq!(after[before.len()..], [Action::Decline, Action::WarnOfRelay], "{first:?}");
        assert_eq!(outcome(&bank, &bob_rings("call-2"), &other).await, StepUpOutcome::Declined);
        let right = answer(&bank, &key, &other, digits(&other));
        refused(submit(&bank, &other.step_up.id, &right).await);
        refused(ask_in(&bank, &bob_rings("call-3"), "s").await);
        assert_eq!(shown(&bank).await.held_since, Some(START));
        // Said twice it is said once, whatever comes late.
        resume(&bank, &alice()).await;
        for again in [DeclineReason::NotMe, first, DeclineReason::NotMe] {
            decline(&bank, &theirs, again).await;
        }
        assert_eq!(recorded(&bank, theirs.step_up.id).await, after);
        assert_eq!(shown(&bank).await.held_since, None);
        ask_in(&bank, &bob_rings("call-3"), "s").await.unwrap();
    }
}

#[tokio::test]
async fn not_me_after_wrong_digits_ended_it_holds_off_all_the_same() {
    let bank = bank();
    let key = signing_phone(&bank).await;
    let chat = from_app("chat-1");
    let own = ask_in(&bank, &chat, "s").await.unwrap();
    let other = ask_in(&bank, &from_app("chat-2"), "s").await.unwrap();
    for n in 1..=10 {
        mistype(&bank, &key, &own, n).await;
    }
    assert_eq!(outcome(&bank, &chat, &own).await, StepUpOutcome::Declined);
    resume(&bank, &alice()).await;
    // Less than that is nothing more to it.
    decline(&bank, &own, DeclineReason::ChangedMind).await;
    assert_eq!(shown(&bank).await.held_since, None);
    decline(&bank, &own, DeclineReason::NotMe).await;
    assert_eq!(shown(&bank).await.held_since, Some(START));
    assert_eq!(outcome(&bank, &from_app("chat-2"), &other).await, StepUpOutcome::Declined);
    refused(ask_in(&bank, &bob_rings("call-1"), "s").await);
}

/// It ended because the call went over to another agent, and she had not answered.
#[tokio::test]
async fn not_me_after_a_call_went_over_holds_off_all_the_same() {
    let bank = bank();
    let key = signing_phone(&bank).await;
    let (bob, mut carol) = (bob_rings("call-1"), bob_rings("call-1"));
    carol.agent = agent("carol");
    let theirs = ask_in(&bank, &bob, "s").await.unwrap();
    let other = ask_in(&bank, &bob_rings("call-2"), "s").await.unwrap();
    let step_ups = bank.verifier.step_ups();
    let bobs: AgentId = bob.agent.id.clone();
    step_ups.hand_over(&carol, &bobs).await.unwrap();
    assert_eq!(outcome(&bank, &carol, &theirs).await, StepUpOutcome::Transferred);
    refused(step_ups.decline(&alice(), &theirs.step_up.id, DeclineReason::ToldTo).await);
    assert_eq!(shown(&bank).await.held_since, None);
    assert_eq!(decline(&bank, &theirs, DeclineReason::NotMe).await, StepUpStatus::Declined);
    assert_eq!(shown(&bank).await.held_since, Some(START));
    // The new agent learns that she declined, and not why; it is not asked anew.
    assert_eq!(outcome(&bank, &carol, &theirs).await, StepUpOutcome::Declined);
    assert_eq!(outcome(&bank, &bob_rings("call-2"), &other).await, StepUpOutcome::Declined);
    refused(ask_in(&bank, &carol, "t").await);
    // What was approved and went over is no prompt any more.
    resume(&bank, &alice()).await;
    let given = ask_in(&bank, &bob_rings("call-3"), "s").await.unwrap();
    submit(&bank, &given.step_up.id, &answer(&bank, &key, &given, digits(&given))).await.unwrap();
    let mut third = bob_rings("call-3");
    third.agent = agent("carol");
    step_ups.hand_over(&third, &bobs).await.unwrap();
    refused(step_ups.decline(&alice(), &given.step_up.id, DeclineReason::NotMe).await);
    assert_eq!(shown(&bank).await.held_since, None);
}

/// Whatever was lost of it, the call repeated does all of it.
#[tokio::test]
async fn a_not_me_that_was_lost_half_way_is_finished_by_the_same_again() {
    // Also where what waits cannot be opened for once.
    let unreadable = [Fault::Garbage, Fault::Foreign, Fault::Truncated, Fault::BitFlipped];
    for fault in [Fault::FailBefore, Fault::LoseAnswer].into_iter().chain(unreadable) {
        for first in [None, Some(DeclineReason::WhoRangDiffers)] {
            let mut failed = 0;
            for at in 0..24 {
                let bank = bank();
                signing_phone(&bank).await;
                let theirs = ask_in(&bank, &bob_rings("call-1"), "s").await.unwrap();
                let other = ask_in(&bank, &bob_rings("call-2"), "s").await.unwrap();
                if let Some(first) = first {
                    decline(&bank, &theirs, first).await;
                }
                bank.store.plan(at, fault);
                let (alice, id) = (alice(), theirs.step_up.id);
                let lost = bank.verifier.step_ups().decline(&alice, &id, DeclineReason::NotMe);
                let lost = lost.await.is_err();
                bank.store.heal();
                failed += usize::from(lost);
                decline(&bank, &theirs, DeclineReason::NotMe).await;
                assert_eq!(shown(&bank).await.held_since, Some(START), "{at}");
                let call = bob_rings("call-2");
                assert_eq!(outcome(&bank, &call, &other).await, StepUpOutcome::Declined, "{at}");
                let warned = recorded(&bank, id).await;
                assert_eq!(warned.last(), Some(&Action::WarnOfRelay), "{at}");
            }
            let least = if unreadable.contains(&fault) { 1 } else { 4 };
            assert!((least..20).contains(&failed), "{failed}");
        }
    }
}

/// She says of the other one that she was told to do it, while this one's "not me" ends all that waits.
#[tokio::test]
async fn what_was_said_of_another_prompt_meanwhile_stands() {
    for at in 0..24 {
        let bank = bank();
        signing_phone(&bank).await;
        let first = ask_in(&bank, &bob_rings("call-1"), "s").await.unwrap();
        let second = ask_in(&bank, &bob_rings("call-2"), "s").await.unwrap();
        let (verifier, id) = (bank.verifier.clone(), second.step_up.id);
        let declines = Box::new(move || {
            drop(at_once(verifier.step_ups().decline(&alice(), &id, DeclineReason::ToldTo)));
        });
        let (other, act) = interrupted(&bank, at, 2, declines);
        let not_me = DeclineReason::NotMe;
        other.step_ups().decline(&alice(), &first.step_up.id, not_me).await.unwrap();
        let said = recorded(&bank, id).await;
        if act.lock().unwrap().is_some() {
            assert_eq!(said, [Action::Decline, Action::WarnOfRelay]);
            assert!(at > 6);
            return;
        }
        let coached = [Action::Decline, Action::WarnOfCoaching];
        let ended = [Action::Decline, Action::WarnOfRelay];
        assert!(said == coached || said == ended, "{said:?} at {at}: once, and not both");
    }
    panic!("so many calls are not made");
}

async fn resumed(step_ups: StepUps<'_>, number: u32) -> Prompts {
    step_ups.resume_prompts(&alice(), number).await.unwrap()
}

/// The app's call to allow prompts comes once more, after she has held them off again.
#[tokio::test]
async fn allowing_prompts_lifts_what_was_seen_and_no_hold_of_later() {
    let bank = bank();
    signing_phone(&bank).await;
    let step_ups = bank.verifier.step_ups();
    let first = ask_in(&bank, &bob_rings("call-1"), "s").await.unwrap();
    decline(&bank, &first, DeclineReason::NotMe).await;
    let seen = shown(&bank).await;
    bank.seen.take();
    let lifted = resumed(step_ups, seen.number).await;
    assert_eq!((lifted.held_since, reasons(&bank)), (None, vec![(Action::ResumePrompts, DONE)]));
    // The same call once more, at once: there is nothing to lift.
    assert_eq!(resumed(step_ups, seen.number).await, lifted);
    assert_eq!(reasons(&bank), []);
    let second = ask_in(&bank, &bob_rings("call-2"), "s").await.unwrap();
    decline(&bank, &second, DeclineReason::NotMe).await;
    let held = shown(&bank).await;
    assert_eq!(held.held_since, Some(START));
    for old in [0, seen.number, lifted.number, held.number + 1] {
        assert_eq!(resumed(step_ups, old).await, held, "{old}");
    }
    refused(ask_in(&bank, &bob_rings("call-3"), "s").await);
    assert_eq!(resumed(step_ups, held.number).await.held_since, None);
    ask_in(&bank, &bob_rings("call-3"), "s").await.unwrap();
}

/// A second "not me" while she allows prompts: she did not see that one.
#[tokio::test]
async fn a_hold_upon_a_hold_is_another_one() {
    let bank = bank();
    signing_phone(&bank).await;
    let step_ups = bank.verifier.step_ups();
    let first = ask_in(&bank, &bob_rings("call-1"), "s").await.unwrap();
    decline(&bank, &first, DeclineReason::NotMe).await;
    let seen = shown(&bank).await;
    let own = ask_in(&bank, &from_app("chat-1"), "s").await.unwrap();
    decline(&bank, &own, DeclineReason::NotMe).await;
    assert_eq!(resumed(step_ups, seen.number).await.held_since, Some(START));
    assert_eq!(resume(&bank, &alice()).await.held_since, None);
}

#[tokio::test]
async fn allowing_prompts_lifts_no_stop_of_later() {
    let bank = bank();
    let key = signing_phone(&bank).await;
    let step_ups = bank.verifier.step_ups();
    let theirs = ask_in(&bank, &bob_rings("call-1"), "s").await.unwrap();
    for n in 1..=9 {
        mistype(&bank, &key, &theirs, n).await;
    }
    let nine = shown(&bank).await;
    mistype(&bank, &key, &theirs, 10).await;
    let ten = resumed(step_ups, nine.number).await;
    assert!(ten.stopped && ten.mismatches == 10, "the tenth came after she had looked");
    assert!(!resumed(step_ups, ten.number).await.stopped);
    for n in 11..=20 {
        mistype(&bank, &key, &theirs, n).await;
    }
    assert!(resumed(step_ups, ten.number).await.stopped);
    refused(ask_in(&bank, &bob_rings("call-2"), "s").await);
    assert!(!resume(&bank, &alice()).await.stopped);
}

/// The number stands in the row as long as the old call may come again.
#[tokio::test]
async fn a_call_that_comes_days_later_lifts_no_hold_of_then() {
    let bank = bank();
    signing_phone(&bank).await;
    let first = ask_in(&bank, &bob_rings("call-1"), "s").await.unwrap();
    decline(&bank, &first, DeclineReason::NotMe).await;
    let old = shown(&bank).await.number;
    resume(&bank, &alice()).await;
    bank.clock.advance(DAY * 30);
    bank.verifier.purge(100).await.unwrap();
    let second = ask_in(&bank, &bob_rings("call-2"), "s").await.unwrap();
    decline(&bank, &second, DeclineReason::NotMe).await;
    let held = resumed(bank.verifier.step_ups(), old).await;
    assert_eq!(held.held_since, Some(START.after(DAY * 30)));
    assert_eq!(held, shown(&bank).await);
}

/// Allowing prompts whose answer is lost, at each call of the store: asked again, it says how it stands.
#[tokio::test]
async fn allowing_prompts_once_more_after_a_lost_answer_is_no_error() {
    for fault in [Fault::FailBefore, Fault::LoseAnswer] {
        for at in 0..4 {
            let bank = bank();
            signing_phone(&bank).await;
            let first = ask_in(&bank, &bob_rings("call-1"), "s").await.unwrap();
            decline(&bank, &first, DeclineReason::NotMe).await;
            let (step_ups, number) = (bank.verifier.step_ups(), shown(&bank).await.number);
            bank.store.plan(at, fault);
            match step_ups.resume_prompts(&alice(), number).await {
                Ok(lifted) => assert_eq!(lifted.held_since, None),
                Err(Error::Store(_)) => {}
                Err(other) => panic!("{other:?}"),
            }
            bank.store.heal();
            assert_eq!(resumed(step_ups, number).await.held_since, None);
            assert_eq!(shown(&bank).await.number, number + 1, "lifted once");
        }
    }
}

/// A customer of whom nothing is known has nothing to lift, and nothing is written.
#[tokio::test]
async fn allowing_prompts_of_whom_nobody_asked_writes_nothing() {
    let bank = bank();
    let before = bank.store.records().len();
    assert_eq!(resumed(bank.verifier.step_ups(), 0).await, Prompts::default());
    assert_eq!(bank.store.records().len(), before);
    assert_eq!(reasons(&bank), []);
}

/// Held off, the observer hears why no prompt came, each time.
#[tokio::test]
async fn a_prompt_that_is_held_off_is_told_with_its_reason() {
    let bank = bank();
    signing_phone(&bank).await;
    let first = ask_in(&bank, &bob_rings("call-1"), "s").await.unwrap();
    decline(&bank, &first, DeclineReason::NotMe).await;
    bank.seen.take();
    refused(ask_in(&bank, &bob_rings("call-2"), "s").await);
    let held = Outcome::Refused(Reason::PromptsHeld);
    assert_eq!(reasons(&bank), [(Action::RequestStepUp, held)]);
}

/// Agent and interaction come first: however often they ask in vain, the customer's own room is not used up.
#[tokio::test]
async fn what_the_agent_s_or_interaction_s_limit_refuses_uses_up_nothing_of_the_customer_s() {
    for (per_agent, per_interaction) in [(3, 20), (30, 3)] {
        let mut policy = Policy::default();
        (policy.step_ups.per_agent, policy.step_ups.per_customer) = (per_agent, 5);
        policy.step_ups.prompts.per_interaction = per_interaction;
        let bank = bank_of(policy);
        signing_phone(&bank).await;
        let ask = async |call: &Interaction, n: u32| ask_in(&bank, call, &format!("s-{n}")).await;
        let bobs = bob_rings("call-1");
        for n in 0..9 {
            assert_eq!(ask(&bobs, n).await.is_ok(), n < 3, "{n}");
        }
        let carols = call("call-2", &alice(), agent("carol"));
        for n in 0..3 {
            assert_eq!(ask(&carols, n).await.is_ok(), n < 2, "five of the customer's: {n}");
        }
    }
}

/// What is asked in her own conversations leaves the customer's limits alone, and has a limit by conversation, which she
/// lifts with the others.
#[tokio::test]
async fn prompts_of_her_own_count_by_conversation_alone() {
    let bank = bank();
    signing_phone(&bank).await;
    let chat = from_app("chat-1");
    let ask = async |call: &Interaction, n: u32| ask_in(&bank, call, &format!("s-{n}")).await;
    for n in 0..6 {
        assert_eq!(ask(&chat, n).await.is_ok(), n < 5, "{n}");
    }
    for n in 0..6 {
        assert_eq!(ask(&bob_rings("call-1"), n).await.is_ok(), n < 5, "{n}");
    }
    resume(&bank, &alice()).await;
    ask(&chat, 6).await.unwrap();
}
