//! What waits for an app that was off: everything that has not ended, with tokens that its device opens, and nothing
//! else.

use std::time::Duration;

use countersign::challenge::{Answer, ChallengeRequest, ChallengeStatus, Channels, PostsFrom};
use countersign::device::{ChallengeCheck, VerifiedChallenge};
use countersign::error::ConfigError;
use countersign::pending::{Pending, PendingChallenge, PendingStepUp};
use countersign::step_up::{DeclineReason, StepUpStatus};
use countersign::store::{FaultStore, Record};
use countersign::time::Clock;
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::{Channel, CustomerId, Device, Error, MemoryStore, Policy, Timestamp};

use crate::support::between::put;
use crate::support::challenges::{accept, challenge, fraud_rings, signing_bank, slot};
use crate::support::credentials::{app, pin};
use crate::support::presence::inbound;
use crate::support::step_ups::{asking, grant, shown, signing, transfer, typed};
use crate::support::*;

const SECOND: Duration = Duration::from_secs(1);

fn phone_trusting(key: &SigningKey, customer: CustomerId) -> Device {
    let mut keys = TrustedKeys::new(issuer());
    for purpose in [Purpose::Challenge, Purpose::Appointment, Purpose::StepUp] {
        keys.trust(*key.public_key(), purpose).unwrap();
    }
    Device::new(keys, customer)
}

fn phone() -> Device {
    phone_trusting(&signing(), alice())
}

async fn waiting(bank: &Bank) -> Pending {
    waiting_for(bank, &alice()).await
}

async fn waiting_for(bank: &Bank, customer: &CustomerId) -> Pending {
    bank.verifier.pending(customer).await.unwrap()
}

fn is_empty(pending: &Pending) -> bool {
    pending.challenges.is_empty() && pending.step_ups.is_empty() && pending.unreadable == 0
}

/// The only challenge that waits, if one does.
async fn challenge_at(bank: &Bank, at: Timestamp) -> Option<PendingChallenge> {
    bank.clock.set(at);
    let mut pending = waiting(bank).await;
    assert!(pending.challenges.len() < 2 && pending.step_ups.is_empty());
    pending.challenges.pop()
}

/// The only step-up that waits, if one does.
async fn step_up_at(bank: &Bank, at: Timestamp) -> Option<PendingStepUp> {
    bank.clock.set(at);
    let mut pending = waiting(bank).await;
    assert!(pending.step_ups.len() < 2 && pending.challenges.is_empty());
    pending.step_ups.pop()
}

fn for_you(phone: &Device, token: &str, now: Timestamp) -> VerifiedChallenge {
    match phone.open_pending_challenge(token, now).unwrap() {
        ChallengeCheck::ForYou(challenge) => challenge,
        ChallengeCheck::ForSomeone(other) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_app_that_was_off_misses_nothing() {
    let bank = signing_bank();
    let challenges = bank.verifier.challenges();
    app(&bank).await;
    assert!(is_empty(&waiting(&bank).await));

    let issued = challenges.issue(&alice(), &challenge("ch-1")).await.unwrap();
    let fixed = challenge("ch-2").at(slot());
    let fixed = challenges.issue(&alice(), &fixed).await.unwrap();
    let answered = challenges.issue(&alice(), &challenge("ch-3")).await.unwrap().challenge.id;
    challenges.answer(&alice(), &answered, &accept("a-3")).await.unwrap();
    let agreed = challenges.confirm(&alice(), &answered, &request("c-3"), &slot()).await.unwrap();
    let call = bob_rings("call-1");
    let step_ups = bank.verifier.step_ups();
    let first = step_ups.request(&call, &asking("s-1", transfer())).await.unwrap();
    let second = step_ups.request(&call, &asking("s-2", transfer())).await.unwrap();
    // What others have is theirs.
    challenges.issue(&mallory(), &challenge("ch-4")).await.unwrap();

    bank.clock.advance(MINUTE);
    let (rows, calls) = (bank.store.records(), bank.store.calls());
    bank.seen.take();
    let pending = waiting(&bank).await;
    let ids: Vec<_> = pending.challenges.iter().map(|one| one.challenge.id).collect();
    assert_eq!(ids, [answered, fixed.challenge.id, issued.challenge.id], "newest first");
    let [third, middle, last] = &pending.challenges[..] else { panic!("{pending:?}") };
    assert_eq!(third.challenge, agreed.challenge);
    assert_eq!(third.appointment.as_ref(), Some(&agreed.token));
    assert_eq!((&middle.token, &middle.appointment), (&Some(fixed.token), &fixed.appointment));
    assert_eq!((&last.token, &last.appointment), (&Some(issued.token), &None));
    let tokens: Vec<_> = pending.step_ups.iter().map(|one| one.token.clone().unwrap()).collect();
    assert_eq!(tokens, [second.token, first.token], "newest first");
    assert_eq!(pending.step_ups[1].step_up, first.step_up);
    assert_eq!(pending.unreadable, 0);

    // All of them open on her phone, and on no other.
    let now = bank.now();
    let other = phone_trusting(&signing(), mallory());
    for one in &pending.challenges {
        let token = one.token.as_ref().unwrap();
        assert_eq!(for_you(&phone(), token, now).id(), one.challenge.id);
        assert!(other.open_pending_challenge(token, now).is_err());
    }
    for one in pending.challenges.iter().filter_map(|one| one.appointment.as_ref()) {
        assert_eq!(phone().open_appointment(one, now).unwrap().slot(), slot().window);
        assert!(other.open_appointment(one, now).is_err());
    }
    for token in &tokens {
        let shown = shown(phone().open_step_up(token, now).unwrap());
        assert_eq!(shown.transaction(), Some(&transfer()));
        assert!(other.open_step_up(token, now).is_err());
    }
    let mallorys = waiting_for(&bank, &mallory()).await;
    assert_eq!((mallorys.challenges.len(), mallorys.step_ups.len()), (1, 0));
    assert!(is_empty(&waiting_for(&bank, &CustomerId::new("nobody").unwrap()).await));

    // Looking is no act, and shows nothing of an agent's side beside what is signed for her.
    assert_eq!(bank.store.records(), rows);
    assert_eq!(bank.seen.take().len(), 0);
    assert!(bank.store.calls() - calls <= 3 * 5, "{} calls", bank.store.calls() - calls);
    let shown = serde_json::to_string(&pending.step_ups).unwrap();
    assert!(!shown.contains("call-1") && !shown.contains("\"bob\""), "{shown}");
}

#[tokio::test]
async fn a_challenge_waits_until_it_can_be_answered_no_more() {
    let bank = signing_bank();
    let issued = bank.issued().await;
    let until = issued.challenge.until;
    let last = challenge_at(&bank, until.before(SECOND)).await.unwrap();
    let _ = for_you(&phone(), last.token.as_ref().unwrap(), bank.now());
    assert_eq!(last.challenge.status, ChallengeStatus::Issued);
    assert_eq!(challenge_at(&bank, until).await, None);

    // Once it was answered its token ends, and it goes on.
    let bank = signing_bank();
    let id = bank.issued().await.challenge.id;
    bank.verifier.challenges().answer(&alice(), &id, &accept("a-1")).await.unwrap();
    let token = async |at| challenge_at(&bank, at).await.map(|one| one.token.is_some());
    assert_eq!(token(until.before(SECOND)).await, Some(true));
    assert_eq!(token(until).await, Some(false));
    let confirm_until = START.after(bank.verifier.policy().challenges.confirm_within);
    assert_eq!(token(confirm_until.before(SECOND)).await, Some(false));
    assert_eq!(token(confirm_until).await, None);
}

#[tokio::test]
async fn an_appointment_waits_until_its_slot_is_over_and_its_verdict_a_while_longer() {
    let bank = signing_bank();
    app(&bank).await;
    let (id, first) = bank.confirmed().await;
    let challenges = bank.verifier.challenges();
    let other = challenges.reassign(&alice(), &id, &request("c-2"), &slot()).await.unwrap().token;
    assert_ne!(first, other);
    let until = slot().window.until();
    let last = challenge_at(&bank, until.before(SECOND)).await.unwrap();
    assert_eq!(last.appointment.as_ref(), Some(&other), "the one in force");
    let _ = phone().open_appointment(&other, bank.now()).unwrap();
    // Nobody was shown its code: it has ended.
    let rows = bank.store.records();
    assert_eq!(challenge_at(&bank, until).await, None);
    assert_eq!(bank.store.records(), rows, "whoever lists it notes that");

    let bank = signing_bank();
    app(&bank).await;
    let (id, _) = bank.confirmed().await;
    let challenges = bank.verifier.challenges();
    challenges.present(&fraud_rings("call-1"), &id).await.unwrap();
    let at = async |at| {
        challenge_at(&bank, at).await.map(|one| (one.challenge.status, one.appointment.is_some()))
    };
    assert_eq!(at(until.before(SECOND)).await, Some((ChallengeStatus::Presented, true)));
    assert_eq!(at(until).await, Some((ChallengeStatus::Presented, false)));
    let end = until.after(bank.verifier.policy().challenges.conclude_within);
    assert_eq!(at(end.before(SECOND)).await, Some((ChallengeStatus::Presented, false)));
    assert_eq!(at(end).await, None);
}

#[tokio::test]
async fn what_was_ended_waits_no_more() {
    let bank = signing_bank();
    app(&bank).await;
    let challenges = bank.verifier.challenges();
    for (n, end) in [Some(Answer::Decline), Some(Answer::Report), None].into_iter().enumerate() {
        let issued = challenges.issue(&alice(), &challenge(&format!("end-{n}"))).await.unwrap();
        let id = issued.challenge.id;
        assert_eq!(waiting(&bank).await.challenges.len(), 1);
        match end {
            Some(end) => drop(challenges.answer(&alice(), &id, &end).await.unwrap()),
            None => drop(challenges.revoke(&alice(), &id).await.unwrap()),
        }
        assert!(is_empty(&waiting(&bank).await));
    }
    let (id, token) = bank.confirmed().await;
    challenges.present(&fraud_rings("call-1"), &id).await.unwrap();
    let appointment = phone().open_appointment(&token, bank.now()).unwrap().id();
    let said = countersign::callback::Verdict::Recognised;
    challenges.conclude(&alice(), &id, appointment, said).await.unwrap();
    assert!(is_empty(&waiting(&bank).await), "although status goes by it");
    let step_ups = bank.verifier.step_ups();
    let asked = step_ups.request(&bob_rings("call-1"), &asking("s-1", transfer())).await.unwrap();
    assert_eq!(waiting(&bank).await.step_ups.len(), 1);
    step_ups.decline(&alice(), &asked.step_up.id, DeclineReason::ChangedMind).await.unwrap();
    assert!(is_empty(&waiting(&bank).await));
}

#[tokio::test]
async fn a_step_up_waits_until_it_is_over_for_the_app_and_then_for_the_agent() {
    let bank = signing_bank();
    let (_, device) = app(&bank).await;
    let (call, step_ups) = (bob_rings("call-1"), bank.verifier.step_ups());
    let asked = step_ups.request(&call, &asking("s-1", transfer())).await.unwrap();
    let until = asked.step_up.until;
    let last = step_up_at(&bank, until.before(SECOND)).await.unwrap();
    // The device accepts it, and the enterprise the code for it.
    let shown = shown(phone().open_step_up(last.token.as_ref().unwrap(), bank.now()).unwrap());
    let shown = typed(shown, &asked);
    assert_eq!(step_up_at(&bank, until).await, None);
    bank.clock.set(until.before(SECOND));
    let code = shown.approve(&device, &pin("2468")).unwrap();
    let approved = step_ups.submit(&alice(), &asked.step_up.id, &code).await.unwrap();
    assert_eq!(approved.status, StepUpStatus::Approved);

    let end = bank.now().after(bank.verifier.policy().step_ups.grant_valid_for);
    let flight = step_up_at(&bank, end.before(SECOND)).await.unwrap();
    assert_eq!((flight.step_up, flight.token), (approved, None), "there is nothing left to do");
    assert_eq!(step_up_at(&bank, end).await, None);
    bank.clock.set(end.before(SECOND));
    let grant = grant(&bank, &asked).await;
    step_ups.redeem(&call, &grant, &transfer(), &request("act")).await.unwrap();
    assert!(is_empty(&waiting(&bank).await));
}

#[tokio::test]
async fn a_step_up_of_an_interaction_that_has_ended_says_so() {
    let bank = signing_bank();
    app(&bank).await;
    let (step_ups, contact) = (bank.verifier.step_ups(), bank.verifier.contact());
    let calls = [bob_rings("call-1"), bob_rings("call-2")];
    for (n, call) in calls.iter().enumerate() {
        contact.open(call).await.unwrap();
        step_ups.request(call, &asking(&format!("s-{n}"), transfer())).await.unwrap();
    }
    let ended = async || {
        let pending = waiting(&bank).await;
        pending.step_ups.iter().map(|one| one.interaction_ended).collect::<Vec<_>>()
    };
    assert_eq!(ended().await, [false, false]);
    contact.close(&inbound("call-9")).await.unwrap();
    contact.close(&calls[0]).await.unwrap();
    assert_eq!(ended().await, [false, true]);
    // She may still say no.
    let id = waiting(&bank).await.step_ups[1].step_up.id;
    step_ups.decline(&alice(), &id, DeclineReason::ChangedMind).await.unwrap();
    assert_eq!(ended().await, [false]);
}

#[tokio::test]
async fn a_token_that_no_device_accepts_yet_is_not_given() {
    let bank = signing_bank();
    app(&bank).await;
    let asking = asking("s-1", transfer());
    let leeway = bank.verifier.policy().leeway;
    bank.clock.set(START.after(HOUR));
    bank.verifier.step_ups().request(&bob_rings("call-1"), &asking).await.unwrap();
    // A machine whose clock lags by more than clocks may differ.
    let early = START.after(HOUR).before(leeway);
    assert_eq!(step_up_at(&bank, early.before(SECOND)).await.unwrap().token, None);
    let token = step_up_at(&bank, early).await.unwrap().token.unwrap();
    let _ = phone().open_step_up(&token, early).unwrap();
}

#[tokio::test]
async fn after_a_change_of_keys_step_ups_are_signed_by_the_new_one() {
    let bank = signing_bank();
    app(&bank).await;
    let issued = bank.issued().await;
    let asked =
        bank.verifier.step_ups().request(&bob_rings("call-1"), &asking("s-1", transfer())).await;
    let new = SigningKey::from_seed(&[9; 32]).unwrap();
    let builder = part(keyring(), &bank.store, &bank.clock, &bank.seen, 2);
    let verifier = builder.signing_key(new).publish(*signing().public_key()).build().unwrap();
    let pending = verifier.pending(&alice()).await.unwrap();
    // A challenge's is posted elsewhere too, and stays as it was signed.
    assert_eq!(pending.challenges[0].token.as_ref(), Some(&issued.token));
    let token = pending.step_ups[0].token.as_ref().unwrap();
    assert_ne!(*token, asked.unwrap().token);
    let new = SigningKey::from_seed(&[9; 32]).unwrap();
    let _ = phone_trusting(&new, alice()).open_step_up(token, bank.now()).unwrap();

    let silent = part(keyring(), &bank.store, &bank.clock, &bank.seen, 3).build().unwrap();
    let unsigned = silent.pending(&alice()).await;
    assert!(matches!(unsigned, Err(Error::Config(ConfigError::NoSigningKey))), "{unsigned:?}");
}

#[tokio::test]
async fn a_token_under_a_pseudonym_is_for_whoever_has_it() {
    let bank = signing_bank();
    let channels = Channels::new(&[Channel::Sms]).unwrap();
    let from = PostsFrom::new(Channel::Sms, "BANK".parse().unwrap());
    let posted = ChallengeRequest::new(request("ch-1"), "A payment".parse().unwrap(), channels)
        .posting_from([from]);
    bank.verifier.challenges().issue(&alice(), &posted).await.unwrap();
    let token = waiting(&bank).await.challenges[0].token.clone().unwrap();
    let check = phone().open_pending_challenge(&token, START).unwrap();
    assert!(matches!(check, ChallengeCheck::ForSomeone(_)));
    let knowing =
        |customer| phone().with_pseudonym(bank.verifier.challenges().pseudonym(&customer));
    let _ = for_you(&knowing(alice()), &token, START);
    assert!(knowing(mallory()).open_pending_challenge(&token, START).is_err());
}

/// The bank over the same rows, those of which `damaged` says so with a bit turned.
async fn with_damaged(bank: &Bank, damaged: impl Fn(usize) -> bool) -> Bank {
    let store = FaultStore::new(MemoryStore::new());
    for (n, (at, record)) in bank.store.records().into_iter().enumerate() {
        let mut sealed = record.sealed.to_vec();
        *sealed.last_mut().unwrap() ^= u8::from(damaged(n));
        let record = Record { head: record.head, sealed: sealed.into() };
        put(&store, &at, &record, bank.clock.now().unwrap()).await;
    }
    let (clock, seen) = (bank.clock.clone(), bank.seen.clone());
    let builder = part(keyring(), &store, &clock, &seen, 4).signing_key(signing());
    Bank { verifier: builder.build().unwrap(), clock, store, seen }
}

#[tokio::test]
async fn what_cannot_be_opened_is_counted_and_hides_nothing_else() {
    let bank = signing_bank();
    app(&bank).await;
    let call = bob_rings("call-1");
    bank.verifier.contact().open(&call).await.unwrap();
    bank.verifier.contact().close(&call).await.unwrap();
    bank.issued().await;
    bank.verifier.step_ups().request(&call, &asking("s-1", transfer())).await.unwrap();
    let whole = waiting(&bank).await;
    let counts = |pending: &Pending| {
        let ended = pending.step_ups.iter().filter(|one| one.interaction_ended).count();
        [pending.challenges.len(), pending.step_ups.len(), ended, pending.unreadable]
    };
    assert_eq!(counts(&whole), [1, 1, 1, 0]);
    let mut seen = Vec::new();
    for n in 0..bank.store.records().len() {
        let pending = waiting(&with_damaged(&bank, |one| one == n).await).await;
        seen.push(counts(&pending));
    }
    seen.sort_unstable();
    seen.dedup();
    // Of the challenge, of the step-up, of the interactions; and of what says nothing here.
    assert_eq!(seen, [[0, 1, 1, 1], [1, 0, 0, 1], [1, 1, 0, 1], [1, 1, 1, 0]]);
    assert_eq!(counts(&waiting(&with_damaged(&bank, |_| true).await).await), [0, 0, 0, 3]);
}

#[tokio::test]
async fn what_lies_in_the_past_is_not_read() {
    let bank = signing_bank();
    app(&bank).await;
    let issue = async |n: usize| {
        let id = format!("ch-{n}");
        bank.verifier.challenges().issue(&alice(), &challenge(&id)).await.unwrap().challenge.id
    };
    let calls = async || {
        let before = bank.store.calls();
        assert_eq!(waiting(&bank).await.challenges.len(), 1);
        bank.store.calls() - before
    };
    issue(1000).await;
    let few = calls().await;
    bank.clock.advance(HOUR);
    for n in 0..120 {
        let id = issue(n).await;
        bank.verifier.challenges().answer(&alice(), &id, &Answer::Decline).await.unwrap();
        bank.clock.advance(HOUR);
    }
    issue(1001).await;
    // More than are read at a time have ended.
    assert_eq!(calls().await, few);
}

#[tokio::test]
async fn an_error_of_the_store_is_no_empty_list() {
    let bank = signing_bank();
    bank.issued().await;
    let calls = bank.store.calls();
    waiting(&bank).await;
    for call in 0..bank.store.calls() - calls {
        bank.store.plan(call, countersign::store::Fault::FailBefore);
        let failed = bank.verifier.pending(&alice()).await;
        assert!(matches!(failed, Err(Error::Store(_))), "call {call}: {failed:?}");
        bank.store.heal();
    }
}

#[tokio::test]
async fn a_challenge_opened_as_pending_is_still_signed_for_her_and_in_time() {
    let bank = signing_bank();
    let token = bank.issued().await.token;
    let opened = |token: &str, at| phone().open_pending_challenge(token, at).is_ok();
    let until = bank.issued().await.challenge.until;
    assert!(opened(&token, START));
    assert!(!opened(&token, until.after(MINUTE)));
    assert!(!opened(&token.replace("v4.public.", "v4.public.A"), START));
    let stranger = phone_trusting(&SigningKey::from_seed(&[8; 32]).unwrap(), alice());
    assert!(stranger.open_pending_challenge(&token, START).is_err());
    let policy = Policy::default();
    assert!(policy.challenges.max_valid_for >= until.since(START));
}
