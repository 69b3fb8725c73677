//! Step-ups: what holds during a call, and what is refused.

use crate::support::tampering::refused_at_submit_with;
use countersign::credential::{CredentialStatus, EnrolmentRequest, Method};
use countersign::device::DeviceCredential;
use countersign::error::{Invalid, Reason};
use countersign::history::{Action, Actor, Outcome};
use countersign::otp::ocra::Response;
use countersign::page::Page;
use countersign::step_up::{
    DeclineReason, StepUpAnswer, StepUpOutcome, StepUpRequest, StepUpRequested, StepUpStatus,
};
use countersign::store::{Place, Record};
use countersign::transaction::TransactionKind;
use countersign::{Direction, Error, Interaction, Policy, Transaction};

use crate::support::binding::app_of_mallory;

use crate::support::credentials::{app, pin, refused, response};
use crate::support::depth::{every_fault_at, strided};
use crate::support::step_ups::{
    asked, asking, bank, bank_of, change, code_of, codes_alone, grant, limits_alone, open,
    transfer, with_code,
};
use crate::support::tampering::refused_at_submit;
use crate::support::*;

/// Asked, answered with `with` and approved.
async fn approved(bank: &Bank, device: &DeviceCredential, with: &str) -> StepUpRequested {
    let requested = asked(bank, &bob_rings("call-1")).await;
    let code = open(bank, &requested).approve(device, &pin(with)).unwrap();
    let id = requested.step_up.id;
    let step_up = bank.verifier.step_ups().submit(&alice(), &id, &code).await.unwrap();
    assert_eq!(step_up.status, StepUpStatus::Approved);
    requested
}

fn is_reused(result: Result<StepUpRequested, Error>) {
    assert!(matches!(result, Err(Error::Invalid(Invalid::RequestReused))), "{result:?}");
}

fn wrong(requested: &StepUpRequested, right: &StepUpAnswer, by: u32) -> StepUpAnswer {
    let right: u32 = code_of(right).parse().unwrap();
    with_code(requested, &format!("{:08}", (right + by) % 100_000_000))
}

#[tokio::test]
async fn over_a_thousand_pounds_from_request_to_redemption() {
    let policy = Policy::default().step_ups;
    let mut small = transfer();
    small.amount = 100_000;
    assert!(!policy.needed(&small), "£1000 is not over £1000");
    small.amount = 100_001;
    assert!(policy.needed(&small));
    small.currency = "EUR".parse().unwrap();
    small.amount = 1;
    assert!(policy.needed(&small), "no threshold is known");

    let bank = bank();
    let (_, device) = app(&bank).await;
    let step_ups = bank.verifier.step_ups();
    let call = bob_rings("call-1");
    let requested = asked(&bank, &call).await;
    assert_eq!(requested.step_up.method, Method::Ocra);
    assert_eq!(asked(&bank, &call).await, requested, "repeated");
    let id = requested.step_up.id;
    assert_eq!(step_ups.outcome(&call, &id).await.unwrap(), StepUpOutcome::Waiting);
    let shown = open(&bank, &requested);
    assert_eq!(shown.headline(), "We called you.");
    assert_eq!(shown.transaction(), Some(&transfer()));
    assert_eq!(shown.agent_name().as_str(), "Bob from Example Bank");

    let code = shown.approve(&device, &pin("2468")).unwrap();
    let calls = bank.store.calls();
    let step_up = step_ups.submit(&alice(), &id, &code).await.unwrap();
    assert_eq!(bank.store.calls() - calls, 6, "five, and one for the digits");
    assert_eq!(step_ups.submit(&alice(), &id, &code).await.unwrap(), step_up);
    refused(step_ups.decline(&alice(), &id, DeclineReason::ChangedMind).await);
    let grant = grant(&bank, &requested).await;
    let json = serde_json::to_string(&grant).unwrap();
    let grant = serde_json::from_str(&json).unwrap();
    let proof = step_ups.redeem(&call, &grant, &transfer(), &request("k-1")).await.unwrap();
    assert_eq!((proof.transaction(), proof.duress()), (&transfer(), false));
    assert_eq!((proof.customer(), proof.step_up()), (&alice(), id));
    // The same key again, much later: the same proof. Another key: nothing.
    bank.clock.advance(HOUR);
    assert_eq!(step_ups.redeem(&call, &grant, &transfer(), &request("k-1")).await.unwrap(), proof);
    refused(step_ups.redeem(&call, &grant, &transfer(), &request("k-2")).await);
    let history = histories(&bank.verifier, a_step_up).await;
    assert_eq!(history.len(), 1);
    assert_eq!(history[0].events.len(), 3);
}

/// Every way in which what the customer saw can differ from what is acted on.
fn changed() -> Vec<(&'static str, Transaction)> {
    let mut all = vec![("amount", transfer()); 5];
    all[0].1.amount += 1;
    all[1] = ("currency", transfer());
    all[1].1.currency = "EUR".parse().unwrap();
    all[2] = ("payee", transfer());
    all[2].1.payee = "Jones Roofing 20-00-00 55779912".parse().unwrap();
    all[3] = ("reference", transfer());
    all[3].1.reference = "Invoice 8".parse().unwrap();
    all[4] = ("kind", transfer());
    all[4].1.kind = TransactionKind::Payment;
    all
}

#[tokio::test]
async fn attack_5_anything_changed_after_consent_voids_code_and_grant() {
    // The customer's app was shown something else: the code is for that, and refused.
    for (what, other) in changed() {
        // Also under the same id and nonce, so that nothing else differs.
        let shown = other.clone();
        refused_at_submit(|said| said.data.what = shown.into()).await;
        let bank = bank();
        let (_, device) = app(&bank).await;
        let step_ups = bank.verifier.step_ups();
        let call = bob_rings("call-1");
        let real = asked(&bank, &call).await;
        // Nor is it asked under the same request.
        is_reused(step_ups.request(&call, &asking("s-1", other.clone())).await);
        let shown = step_ups.request(&call, &asking("s-2", other.clone())).await.unwrap();
        let code = open(&bank, &shown).approve(&device, &pin("2468")).unwrap();
        refused(step_ups.submit(&alice(), &real.step_up.id, &code).await);
        let outcome = step_ups.outcome(&call, &real.step_up.id).await.unwrap();
        assert_eq!(outcome, StepUpOutcome::Waiting, "{what}");

        let code = open(&bank, &real).approve(&device, &pin("2468")).unwrap();
        step_ups.submit(&alice(), &real.step_up.id, &code).await.unwrap();
        let grant = grant(&bank, &real).await;
        refused(step_ups.redeem(&call, &grant, &other, &request("k")).await);
        step_ups.redeem(&call, &grant, &transfer(), &request("k")).await.unwrap();
    }
}

#[tokio::test]
async fn another_interaction_direction_agent_or_name_is_another_step_up() {
    let other_direction = {
        let call = bob_rings("call-1");
        Interaction::inbound(call.id, call.customer, call.agent, call.channel)
    };
    // Under the same id and nonce.
    refused_at_submit(|said| said.data.interaction = bob_rings("call-2").id).await;
    refused_at_submit_with(codes_alone, |said| said.data.direction = Direction::Inbound).await;
    refused_at_submit(|said| said.data.agent_name = "Eve".parse().unwrap()).await;
    for other in [bob_rings("call-2"), call("call-1", &alice(), agent("eve")), other_direction] {
        let bank = bank();
        let (_, device) = app(&bank).await;
        let step_ups = bank.verifier.step_ups();
        let real = asked(&bank, &bob_rings("call-1")).await;
        if other.id == bob_rings("call-1").id {
            is_reused(step_ups.request(&other, &asking("s-1", transfer())).await);
        }
        let shown = step_ups.request(&other, &asking("s-2", transfer())).await.unwrap();
        let code = open(&bank, &shown).approve(&device, &pin("2468")).unwrap();
        refused(step_ups.submit(&alice(), &real.step_up.id, &code).await);
        let code = open(&bank, &real).approve(&device, &pin("2468")).unwrap();
        step_ups.submit(&alice(), &real.step_up.id, &code).await.unwrap();
        let grant = grant(&bank, &real).await;
        refused(step_ups.redeem(&other, &grant, &transfer(), &request("k")).await);
        if other.direction == Direction::Outbound {
            refused(step_ups.outcome(&other, &real.step_up.id).await);
        }
    }
    let bank = bank();
    let (_, device) = app(&bank).await;
    let step_ups = bank.verifier.step_ups();
    let call = bob_rings("call-1");
    let real = asked(&bank, &call).await;
    let named = |id| StepUpRequest::new(request(id), transfer(), "Eve".parse().unwrap());
    is_reused(step_ups.request(&call, &named("s-1")).await);
    let shown = step_ups.request(&call, &named("s-2")).await.unwrap();
    let code = open(&bank, &shown).approve(&device, &pin("2468")).unwrap();
    refused(step_ups.submit(&alice(), &real.step_up.id, &code).await);
}

#[tokio::test]
async fn a_grant_expires_and_a_forged_one_is_nothing() {
    let bank = bank();
    let (_, device) = app(&bank).await;
    let step_ups = bank.verifier.step_ups();
    let requested = approved(&bank, &device, "2468").await;
    let good = grant(&bank, &requested).await;
    let json = serde_json::to_string(&good).unwrap();
    let at = json.find("v4.public.").unwrap() + 40;
    let flipped = if &json[at..=at] == "A" { "B" } else { "A" };
    let forged = format!("{}{flipped}{}", &json[..at], &json[at + 1..]);
    let forged: countersign::step_up::Grant = serde_json::from_str(&forged).unwrap();
    let call = bob_rings("call-1");
    refused(step_ups.redeem(&call, &forged, &transfer(), &request("k")).await);
    // Nor is one that was given for something else, under this one's id.
    let other = step_ups.request(&call, &asking("s-2", change())).await.unwrap();
    let code = open(&bank, &other).approve(&device, &pin("2468")).unwrap();
    step_ups.submit(&alice(), &other.step_up.id, &code).await.unwrap();
    let mut mixed = serde_json::to_value(grant(&bank, &other).await).unwrap();
    mixed["step_up"] = serde_json::to_value(&good).unwrap()["step_up"].clone();
    let mixed: countersign::step_up::Grant = serde_json::from_value(mixed).unwrap();
    for transaction in [transfer(), change()] {
        refused(step_ups.redeem(&call, &mixed, &transaction, &request("k")).await);
    }
    let mut stranger = call.clone();
    stranger.customer = mallory();
    refused(step_ups.redeem(&stranger, &good, &transfer(), &request("k")).await);
    bank.clock.advance(5 * MINUTE);
    refused(step_ups.redeem(&call, &good, &transfer(), &request("k")).await);
    let outcome = step_ups.outcome(&call, &requested.step_up.id).await.unwrap();
    assert_eq!(outcome, StepUpOutcome::Expired);
}

#[tokio::test]
async fn refusals_read_alike_whatever_was_wrong() {
    let bank = bank();
    let (_, device) = app(&bank).await;
    let step_ups = bank.verifier.step_ups();
    let requested = asked(&bank, &bob_rings("call-1")).await;
    let id = requested.step_up.id;
    let code = open(&bank, &requested).approve(&device, &pin("2468")).unwrap();
    let wrong_pin = open(&bank, &requested).approve(&device, &pin("8642")).unwrap();
    // `refused` compares Display, Debug and the serialised form.
    refused(step_ups.submit(&alice(), &id, &wrong_pin).await);
    refused(step_ups.submit(&mallory(), &id, &code).await);
    let unknown = "00000000000000000000000000".parse().unwrap();
    refused(step_ups.submit(&alice(), &unknown, &code).await);
    for by in 1..=4 {
        refused(step_ups.submit(&alice(), &id, &wrong(&requested, &code, by)).await);
    }
    // Locked: the right code is refused as well, and the agent learns only that.
    refused(step_ups.submit(&alice(), &id, &code).await);
    let outcome = step_ups.outcome(&bob_rings("call-1"), &id).await.unwrap();
    assert_eq!(outcome, StepUpOutcome::Refused);
    // A repeated request is the same one all the same; a new one finds no credential.
    assert_eq!(asked(&bank, &bob_rings("call-1")).await, requested);
    let new = asking("s-new", transfer());
    refused(step_ups.request(&bob_rings("call-1"), &new).await);
    let other = asking("s-1", changed()[0].1.clone());
    is_reused(step_ups.request(&bob_rings("call-1"), &other).await);
    let reasons: Vec<_> = bank.seen.take().iter().map(|event| event.outcome).collect();
    for reason in [Reason::WrongCode, Reason::Unknown, Reason::Locked] {
        assert!(reasons.contains(&Outcome::Refused(reason)), "{reason:?}");
    }
    // The back end ends the lock; the same code is right.
    bank.verifier.credentials().unlock(&alice(), &device.id()).await.unwrap();
    step_ups.submit(&alice(), &id, &code).await.unwrap();
}

#[tokio::test]
async fn attack_19_duress_shows_in_the_proof_alone() {
    let mut traces = Vec::new();
    for (with, duress) in [("2468", false), ("1357", true)] {
        let bank = bank();
        let (_, device) = app(&bank).await;
        let step_ups = bank.verifier.step_ups();
        bank.seen.take();
        let requested = approved(&bank, &device, with).await;
        let grant = grant(&bank, &requested).await;
        let call = bob_rings("call-1");
        let proof = step_ups.redeem(&call, &grant, &transfer(), &request("k")).await.unwrap();
        assert_eq!(proof.duress(), duress);
        let shape = |(at, record): (Place, Record)| (at, record.sealed.len(), record.head);
        let sizes: Vec<_> = bank.store.records().into_iter().map(shape).collect();
        let history = bank.verifier.history(&alice(), Page::first()).await.unwrap();
        traces.push((
            sizes,
            bank.store.calls(),
            format!("{:?}", bank.seen.take()),
            serde_json::to_string(&history).unwrap(),
            serde_json::to_string(&grant).unwrap(),
            format!("{proof:?}"),
        ));
    }
    assert_eq!(traces[0], traces[1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_6_a_thousand_right_codes_at_once_are_one_approval() {
    let bank = bank();
    let (_, device) = app(&bank).await;
    let requested = asked(&bank, &bob_rings("call-1")).await;
    let id = requested.step_up.id;
    let code = open(&bank, &requested).approve(&device, &pin("2468")).unwrap();
    bank.seen.take();
    let tasks: Vec<_> = (0..1000)
        .map(|_| {
            let verifier = bank.verifier.clone();
            let code = with_code(&requested, &code_of(&code));
            tokio::spawn(async move { verifier.step_ups().submit(&alice(), &id, &code).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap().status, StepUpStatus::Approved);
    }
    let seen = bank.seen.take();
    let done = |action| seen.iter().filter(|e| e.action == action && !e.repeated).count();
    assert_eq!(done(countersign::history::Action::Approve), 1);
    assert_eq!(done(countersign::history::Action::Verify), 1);

    // And a thousand redemptions under keys of their own: one proof.
    let grant = grant(&bank, &requested).await;
    let tasks: Vec<_> = (0..1000)
        .map(|n| {
            let (verifier, grant) = (bank.verifier.clone(), grant.clone());
            tokio::spawn(async move {
                let (call, key) = (bob_rings("call-1"), request(&format!("k-{n}")));
                verifier.step_ups().redeem(&call, &grant, &transfer(), &key).await.is_ok()
            })
        })
        .collect();
    let mut proofs = 0;
    for task in tasks {
        proofs += usize::from(task.await.unwrap());
    }
    assert_eq!(proofs, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_8_of_a_thousand_wrong_codes_at_once_five_are_evaluated() {
    let bank = bank();
    let (_, device) = app(&bank).await;
    let requested = asked(&bank, &bob_rings("call-1")).await;
    let id = requested.step_up.id;
    let code = open(&bank, &requested).approve(&device, &pin("2468")).unwrap();
    bank.seen.take();
    let calls = bank.store.calls();
    let tasks: Vec<_> = (1..=1000)
        .map(|n| {
            let (verifier, code) = (bank.verifier.clone(), wrong(&requested, &code, n));
            tokio::spawn(async move { verifier.step_ups().submit(&alice(), &id, &code).await })
        })
        .collect();
    for task in tasks {
        refused(task.await.unwrap());
    }
    let seen = bank.seen.take();
    let count = |reason| seen.iter().filter(|e| e.outcome == Outcome::Refused(reason)).count();
    assert_eq!((count(Reason::WrongCode), count(Reason::Locked)), (5, 995));
    // Three looks each, of which one is for the digits, five writes, and what the racing ones looked and wrote in vain.
    let calls = bank.store.calls() - calls;
    assert!(calls <= 3 * 1000 + 5 * 4 * 2 * 4, "{calls}");
    let held = bank.verifier.credentials().list(&alice(), Page::first()).await.unwrap();
    assert_eq!(held.items[0].status, CredentialStatus::Locked);
}

#[tokio::test]
async fn attack_4_requests_are_limited_per_customer_and_per_agent() {
    let bank = bank_of(limits_alone(Policy::default()));
    app(&bank).await;
    let step_ups = bank.verifier.step_ups();
    for n in 0..5 {
        let call = call("call-1", &alice(), agent(&format!("bob-{n}")));
        let request = asking(&format!("s-{n}"), transfer());
        step_ups.request(&call, &request).await.unwrap();
        step_ups.request(&call, &request).await.unwrap();
    }
    let sixth = asking("s-6", transfer());
    refused(step_ups.request(&bob_rings("call-1"), &sixth).await);
    bank.clock.set(START.after(10 * MINUTE).before(std::time::Duration::from_secs(1)));
    refused(step_ups.request(&bob_rings("call-1"), &sixth).await);
    bank.clock.set(START.after(10 * MINUTE));
    step_ups.request(&bob_rings("call-1"), &sixth).await.unwrap();

    let mut strict = Policy::default();
    strict.step_ups.per_agent = 1;
    let bank = bank_of(strict);
    app(&bank).await;
    let step_ups = bank.verifier.step_ups();
    step_ups.request(&bob_rings("call-1"), &asking("s-1", transfer())).await.unwrap();
    refused(step_ups.request(&bob_rings("call-2"), &asking("s-2", transfer())).await);
    let eve = call("call-3", &alice(), agent("eve"));
    step_ups.request(&eve, &asking("s-3", transfer())).await.unwrap();
    // Whichever customer the agent asks.
    app_of_mallory(&bank).await;
    let at_mallory = |name| call("call-4", &mallory(), agent(name));
    refused(step_ups.request(&at_mallory("bob"), &asking("s-4", transfer())).await);
    step_ups.request(&at_mallory("carol"), &asking("s-4", transfer())).await.unwrap();
}

#[tokio::test]
async fn a_delivered_code_names_amount_and_payee_and_is_opted_into() {
    let mut policy = Policy::default();
    policy.step_ups.payment_methods = vec![Method::Delivered];
    let bank = bank_of(policy);
    let credentials = bank.verifier.credentials();
    let given =
        credentials.enrol(&alice(), &EnrolmentRequest::delivered(request("sms"))).await.unwrap();
    let first = response(given.code_to_deliver().unwrap());
    credentials.confirm(&alice(), &given.credential.id, &first).await.unwrap();
    let requested = asked(&bank, &bob_rings("call-1")).await;
    let id = requested.step_up.id;
    let step_ups = bank.verifier.step_ups();
    bank.seen.take();
    let written = bank.store.records();
    let message = step_ups.delivery(&alice(), &id).await.unwrap().message().to_string();
    assert!(message.contains("GBP 5000.00 to Jones Roofing"), "{message}");
    refused(step_ups.delivery(&mallory(), &id).await);
    // Whoever reads it could answer in her place: each time is told, and nothing is written.
    assert_eq!(step_ups.delivery(&alice(), &id).await.unwrap().message().to_string(), message);
    let told = bank.seen.take();
    let told: Vec<_> =
        told.iter().map(|seen| (&seen.actor, seen.action, seen.outcome, seen.repeated)).collect();
    let (back_end, done) = (&Actor::BackEnd, Outcome::Done);
    let unknown = Outcome::Refused(Reason::Unknown);
    let given = (back_end, Action::Deliver, done, false);
    assert_eq!(told, [given, (back_end, Action::Deliver, unknown, false), given]);
    assert_eq!(bank.store.records(), written);
    let code: Response = message[..8].parse().unwrap();
    step_ups.submit(&alice(), &id, &code).await.unwrap();
    refused(step_ups.delivery(&alice(), &id).await);
    assert_eq!(bank.seen.take().last().unwrap().outcome, Outcome::Refused(Reason::Ended));

    // By default it approves nothing at all.
    let bank = self::bank();
    let credentials = bank.verifier.credentials();
    let given =
        credentials.enrol(&alice(), &EnrolmentRequest::delivered(request("sms"))).await.unwrap();
    let first = response(given.code_to_deliver().unwrap());
    credentials.confirm(&alice(), &given.credential.id, &first).await.unwrap();
    for (id, transaction) in [("s-1", transfer()), ("s-2", change())] {
        let asking = asking(id, transaction).by(Method::Delivered);
        bank.seen.take();
        refused(bank.verifier.step_ups().request(&bob_rings("call-1"), &asking).await);
        let seen = bank.seen.take();
        assert_eq!(seen.last().unwrap().outcome, Outcome::Refused(Reason::NoCredential), "{id}");
    }
}

/// A quick run takes every fifth of the points: each fault, and each call.
#[test]
fn attack_20_every_fault_at_every_call_of_submit_and_redeem() {
    block_on(async {
        for (fault, at) in strided(every_fault_at(8), 5) {
            let case = format!("{fault:?} at {at}");
            let bank = bank();
            let (_, device) = app(&bank).await;
            let step_ups = bank.verifier.step_ups();
            let requested = asked(&bank, &bob_rings("call-1")).await;
            let id = requested.step_up.id;
            let code = open(&bank, &requested).approve(&device, &pin("2468")).unwrap();
            let bad = wrong(&requested, &code, 1);
            bank.store.plan(at, fault);
            let result = step_ups.submit(&alice(), &id, &bad).await;
            assert!(result.is_err(), "{case}");
            bank.store.heal();
            refused(step_ups.submit(&alice(), &id, &bad).await);

            bank.store.plan(at, fault);
            match step_ups.submit(&alice(), &id, &code).await {
                Ok(step_up) => assert_eq!(step_up.status, StepUpStatus::Approved, "{case}"),
                Err(Error::Store(_) | Error::Record(_)) => {}
                Err(other) => panic!("{case}: {other:?}"),
            }
            bank.store.heal();
            step_ups.submit(&alice(), &id, &code).await.unwrap();
            // Counted once each, whatever was lost.
            let history = histories(&bank.verifier, a_credential).await;
            assert_eq!(history[0].refusals, 1, "{case}");
            let done = |e: &&countersign::history::HistoryEvent| {
                e.action == countersign::history::Action::Verify
            };
            assert_eq!(history[0].events.iter().filter(done).count(), 2, "{case}");

            let grant = grant(&bank, &requested).await;
            bank.store.plan(at, fault);
            let call = bob_rings("call-1");
            let first = step_ups.redeem(&call, &grant, &transfer(), &request("k")).await;
            bank.store.heal();
            let proof = step_ups.redeem(&call, &grant, &transfer(), &request("k")).await;
            if let Ok(first) = first {
                assert_eq!(first, *proof.as_ref().unwrap(), "{case}");
            }
            assert!(proof.is_ok(), "{case}");
            refused(step_ups.redeem(&call, &grant, &transfer(), &request("other")).await);
        }
    });
}
