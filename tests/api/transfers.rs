//! A call goes over to another agent: what becomes of what the first one asked and was shown.

use countersign::device::DeviceCredential;
use countersign::error::Reason;
use countersign::history::{Action, Actor, Outcome};
use countersign::step_up::{
    DeclineReason, Grant, StepUpOutcome, StepUpRequest, StepUpRequested, StepUpStatus,
};
use countersign::store::Fault;
use countersign::{AgentId, Error, Interaction, Verifier};

use crate::support::challenges::{fraud_rings, signing_bank, slot};
use crate::support::credentials::{app, pin, refused};
use crate::support::reveals::refused_reveal;
use crate::support::step_ups::{asked, bank, open, transfer};
use crate::support::*;

fn id_of(name: &str) -> AgentId {
    AgentId::new(name).unwrap()
}

/// The call of `bob_rings`, now with this agent.
fn now_with(name: &str) -> Interaction {
    call("call-1", &alice(), agent(name))
}

async fn approved(bank: &Bank, device: &DeviceCredential) -> StepUpRequested {
    let requested = asked(bank, &bob_rings("call-1")).await;
    let code = open(bank, &requested).approve(device, &pin("2468")).unwrap();
    bank.verifier.step_ups().submit(&alice(), &requested.step_up.id, &code).await.unwrap();
    requested
}

async fn outcome(bank: &Verifier, call: &Interaction, of: &StepUpRequested) -> StepUpOutcome {
    bank.step_ups().outcome(call, &of.step_up.id).await.unwrap()
}

fn grant_in(outcome: StepUpOutcome) -> Grant {
    match outcome {
        StepUpOutcome::Approved(grant) => grant,
        other => panic!("{other:?}"),
    }
}

fn is_refused<T: core::fmt::Debug>(result: Result<T, Error>) {
    assert!(matches!(result, Err(Error::Refused(_))), "{result:?}");
}

#[tokio::test]
async fn a_pending_step_up_ends_and_is_asked_anew_with_the_new_name() {
    let bank = bank();
    let (_, device) = app(&bank).await;
    let step_ups = bank.verifier.step_ups();
    let requested = asked(&bank, &bob_rings("call-1")).await;
    let code = open(&bank, &requested).approve(&device, &pin("2468")).unwrap();
    let carol = now_with("carol");
    let handed = step_ups.hand_over(&carol, &id_of("bob")).await.unwrap();
    assert_eq!(handed.len(), 1);
    assert_eq!((handed[0].id, handed[0].status), (requested.step_up.id, StepUpStatus::Transferred));
    // Neither agent gets a grant of it, and the customer cannot approve it any more.
    is_refused(step_ups.submit(&alice(), &requested.step_up.id, &code).await);
    is_refused(step_ups.decline(&alice(), &requested.step_up.id, DeclineReason::ChangedMind).await);
    assert_eq!(outcome(&bank.verifier, &carol, &requested).await, StepUpOutcome::Transferred);
    is_refused(step_ups.outcome(&bob_rings("call-1"), &requested.step_up.id).await);
    assert!(bank.verifier.pending(&alice()).await.unwrap().step_ups.is_empty());
    // Asked anew.
    let name = "Carol from Example Bank".parse().unwrap();
    let anew = StepUpRequest::new(request("s-2"), transfer(), name);
    let again = step_ups.request(&carol, &anew).await.unwrap();
    let shown = open(&bank, &again);
    assert_eq!(shown.agent_name().as_str(), "Carol from Example Bank");
    let code = shown.approve(&device, &pin("2468")).unwrap();
    step_ups.submit(&alice(), &again.step_up.id, &code).await.unwrap();
    let grant = grant_in(outcome(&bank.verifier, &carol, &again).await);
    let redeemed = step_ups.redeem(&carol, &grant, &transfer(), &request("act")).await.unwrap();
    assert_eq!((redeemed.agent(), redeemed.handed_over_to()), (&id_of("carol"), None));
}

#[tokio::test]
async fn a_given_grant_names_both_and_redeem_says_that_it_was_handed_over() {
    let bank = bank();
    let (_, device) = app(&bank).await;
    let step_ups = bank.verifier.step_ups();
    let requested = approved(&bank, &device).await;
    let (bob, carol) = (bob_rings("call-1"), now_with("carol"));
    let bobs = grant_in(outcome(&bank.verifier, &bob, &requested).await);
    is_refused(step_ups.outcome(&carol, &requested.step_up.id).await);
    let handed = step_ups.hand_over(&carol, &id_of("bob")).await.unwrap();
    assert_eq!(handed[0].status, StepUpStatus::Approved);
    let carols = grant_in(outcome(&bank.verifier, &carol, &requested).await);
    assert_ne!(bobs, carols);
    let text = serde_json::to_string(&carols).unwrap();
    let data = claims_text(&text);
    assert!(data.contains(r#""agent":"bob","handed_over_to":"carol""#), "{data}");
    // What the first agent holds counts no more, whoever passes it on.
    let (act, amount) = (request("act"), transfer());
    is_refused(step_ups.outcome(&bob, &requested.step_up.id).await);
    for call in [&bob, &carol] {
        is_refused(step_ups.redeem(call, &bobs, &amount, &act).await);
    }
    is_refused(step_ups.redeem(&bob, &carols, &amount, &act).await);
    is_refused(step_ups.redeem(&now_with("dave"), &carols, &amount, &act).await);
    let redeemed = step_ups.redeem(&carol, &carols, &amount, &act).await.unwrap();
    assert_eq!(redeemed.agent(), &id_of("bob"), "whose name the customer was shown");
    assert_eq!(redeemed.handed_over_to(), Some(&id_of("carol")));
    let again = step_ups.redeem(&carol, &carols, &amount, &act).await.unwrap();
    assert_eq!(again, redeemed);
}

fn claims_text(grant: &str) -> String {
    use base64ct::Encoding as _;
    let token = grant.split('"').find(|part| part.starts_with("v4.public.")).unwrap();
    let body = token.split('.').nth(2).unwrap();
    let body = base64ct::Base64UrlUnpadded::decode_vec(body).unwrap();
    String::from_utf8_lossy(&body[..body.len() - 64]).into_owned()
}

#[tokio::test]
async fn whoever_has_the_call_now_gets_the_outcome_whatever_it_was() {
    let bank = bank();
    let (_, device) = app(&bank).await;
    let step_ups = bank.verifier.step_ups();
    let redeemed = approved(&bank, &device).await;
    let bob = bob_rings("call-1");
    let grant = grant_in(outcome(&bank.verifier, &bob, &redeemed).await);
    let (act, amount) = (request("act"), transfer());
    step_ups.redeem(&bob, &grant, &amount, &act).await.unwrap();
    let ask = |id: &str| StepUpRequest::new(request(id), transfer(), "Bob".parse().unwrap());
    let declined = step_ups.request(&bob, &ask("s-2")).await.unwrap();
    step_ups.decline(&alice(), &declined.step_up.id, DeclineReason::ChangedMind).await.unwrap();
    let expired = step_ups.request(&bob, &ask("s-3")).await.unwrap();
    bank.clock.advance(10 * MINUTE);
    let carol = now_with("carol");
    assert_eq!(step_ups.hand_over(&carol, &id_of("bob")).await.unwrap().len(), 3);
    grant_in(outcome(&bank.verifier, &carol, &redeemed).await);
    assert_eq!(outcome(&bank.verifier, &carol, &declined).await, StepUpOutcome::Declined);
    assert_eq!(outcome(&bank.verifier, &carol, &expired).await, StepUpOutcome::Expired);
    // And on to the next: who had it in between sees nothing more.
    let dave = now_with("dave");
    assert_eq!(step_ups.hand_over(&dave, &id_of("carol")).await.unwrap().len(), 3);
    is_refused(step_ups.outcome(&carol, &declined.step_up.id).await);
    assert_eq!(outcome(&bank.verifier, &dave, &declined).await, StepUpOutcome::Declined);
    // A redemption repeated after the transfer gives what was redeemed, to who has the call.
    let daves = grant_in(outcome(&bank.verifier, &dave, &redeemed).await);
    let again = step_ups.redeem(&dave, &daves, &amount, &act).await.unwrap();
    assert_eq!(again.handed_over_to(), Some(&id_of("dave")));
}

#[tokio::test]
async fn without_the_report_nothing_goes_over() {
    let bank = bank();
    let (_, device) = app(&bank).await;
    let step_ups = bank.verifier.step_ups();
    let requested = approved(&bank, &device).await;
    let grant = grant_in(outcome(&bank.verifier, &bob_rings("call-1"), &requested).await);
    let carol = now_with("carol");
    is_refused(step_ups.outcome(&carol, &requested.step_up.id).await);
    is_refused(step_ups.redeem(&carol, &grant, &transfer(), &request("act")).await);
    // Nor by a report of another call, another direction, another customer's or another agent's.
    let inbound = Interaction::inbound(
        carol.id.clone(),
        alice(),
        agent("carol"),
        countersign::Channel::Voice,
    );
    for (call, from) in [
        (call("call-2", &alice(), agent("carol")), "bob"),
        (inbound, "bob"),
        (call("call-1", &mallory(), agent("carol")), "bob"),
        (carol.clone(), "eve"),
    ] {
        assert!(step_ups.hand_over(&call, &id_of(from)).await.unwrap().is_empty());
    }
    is_refused(step_ups.outcome(&carol, &requested.step_up.id).await);
    let bobs = outcome(&bank.verifier, &bob_rings("call-1"), &requested).await;
    assert_eq!(grant_in(bobs), grant);
}

#[tokio::test]
async fn a_transfer_that_is_reported_twice_or_late_changes_nothing_more() {
    let bank = bank();
    let (_, device) = app(&bank).await;
    let step_ups = bank.verifier.step_ups();
    let requested = approved(&bank, &device).await;
    let (carol, dave) = (now_with("carol"), now_with("dave"));
    let first = step_ups.hand_over(&carol, &id_of("bob")).await.unwrap();
    assert_eq!(step_ups.hand_over(&carol, &id_of("bob")).await.unwrap(), first);
    step_ups.hand_over(&dave, &id_of("carol")).await.unwrap();
    // Bob's transfer to Carol again, after Carol's to Dave.
    assert!(step_ups.hand_over(&carol, &id_of("bob")).await.unwrap().is_empty());
    grant_in(outcome(&bank.verifier, &dave, &requested).await);
    is_refused(step_ups.outcome(&carol, &requested.step_up.id).await);
    let listed = histories(&bank.verifier, a_step_up).await;
    let events = listed[0].events.iter().filter(|event| event.action == Action::HandOver);
    let events: Vec<_> = events.map(|event| (event.actor.clone(), event.outcome)).collect();
    let by = |name| (Actor::Agent(id_of(name)), Outcome::Done);
    assert_eq!(events, [by("carol"), by("dave")]);
    listed[0].verify().unwrap();
}

/// The customer's code is found right, and before that is written down the call goes over: it approves nothing.
#[tokio::test]
async fn an_answer_that_races_with_the_transfer_approves_nothing() {
    let (mut approved, mut transferred) = (0, 0);
    for delayed in 0..8 {
        let bank = bank();
        let (_, device) = app(&bank).await;
        let step_ups = bank.verifier.step_ups();
        let requested = asked(&bank, &bob_rings("call-1")).await;
        let id = requested.step_up.id;
        let code = open(&bank, &requested).approve(&device, &pin("2468")).unwrap();
        let (customer, carol, bob) = (alice(), now_with("carol"), id_of("bob"));
        bank.store.plan(delayed, Fault::Delay(1000));
        let (submitted, handed) =
            tokio::join!(step_ups.submit(&customer, &id, &code), step_ups.hand_over(&carol, &bob));
        match handed.unwrap()[0].status {
            StepUpStatus::Transferred => {
                is_refused(submitted);
                is_refused(step_ups.submit(&customer, &id, &code).await);
                let now = outcome(&bank.verifier, &carol, &requested).await;
                assert_eq!(now, StepUpOutcome::Transferred);
                transferred += 1;
            }
            status => {
                assert_eq!(status, StepUpStatus::Approved);
                submitted.unwrap();
                grant_in(outcome(&bank.verifier, &carol, &requested).await);
                approved += 1;
            }
        }
    }
    assert!(approved > 0 && transferred > 3, "{approved} and {transferred}");
}

#[tokio::test]
async fn a_read_back_goes_over_only_if_nobody_was_shown_it_and_it_fits() {
    let shown = support_bank();
    let callback = shown.booked().await;
    let (bob, carol) = (bob_rings("call-1"), now_with("carol"));
    shown.verifier.callbacks().reveal(&bob, &callback.id).await.unwrap();
    refused_reveal(&shown, &carol, Reason::AgentChanged).await;

    let unseen = support_bank();
    let callback = unseen.booked().await;
    let readback = unseen.verifier.callbacks().reveal(&carol, &callback.id).await.unwrap();
    assert_eq!(readback.as_str(), "anana");
    refused_reveal(&unseen, &bob, Reason::AgentChanged).await;

    let assigned = support_bank();
    let booking = booking("req-1", "anana").assigned_to(team("cards"));
    let id = assigned.verifier.callbacks().book(&alice(), &booking).await.unwrap().id;
    assigned.seen.take();
    is_refused(assigned.verifier.callbacks().reveal(&carol, &id).await);
    assert_eq!(assigned.seen.take()[0].outcome, Outcome::Refused(Reason::NotAssigned));
    let in_team = call(
        "call-1",
        &alice(),
        agent("carol").in_team(countersign::TeamId::new("cards").unwrap()),
    );
    assert_eq!(
        assigned.verifier.callbacks().reveal(&in_team, &id).await.unwrap().as_str(),
        "anana"
    );
}

fn support_bank() -> Bank {
    crate::support::bank()
}

#[tokio::test]
async fn a_spoken_code_goes_over_only_if_nobody_was_shown_it_and_it_fits() {
    let colleague = |id: &str| {
        let dave = agent("dave").in_team(countersign::TeamId::new("fraud").unwrap());
        call(id, &alice(), dave)
    };
    let bank = signing_bank();
    app(&bank).await;
    let (id, _) = bank.confirmed().await;
    let challenges = bank.verifier.challenges();
    let told = |bank: &Bank, reason| {
        let last = bank.seen.take().pop().unwrap();
        assert_eq!(last.outcome, Outcome::Refused(reason));
    };
    assert_eq!(slot().assignee, team("fraud"));
    refused(challenges.present(&now_with("carol"), &id).await);
    told(&bank, Reason::NotAssigned);
    challenges.present(&fraud_rings("call-1"), &id).await.unwrap();
    bank.seen.take();
    refused(challenges.present(&colleague("call-1"), &id).await);
    told(&bank, Reason::AgentChanged);

    let unseen = signing_bank();
    app(&unseen).await;
    let (id, _) = unseen.confirmed().await;
    unseen.verifier.challenges().present(&colleague("call-1"), &id).await.unwrap();
}
