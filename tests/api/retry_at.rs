//! When to ask again after a rate limit: told to the back end and to the customer's own session, to the second, and
//! to no desktop.

use std::collections::HashSet;
use std::time::Duration;

use countersign::{Error, Interaction, Policy, Refused, Timestamp};
use serde_json::json;

use crate::support::binding::app_of_mallory;
use crate::support::challenges::{challenge, signing_bank};
use crate::support::credentials::app;
use crate::support::step_ups::{asking, bank_of, limits_alone, transfer};
use crate::support::*;

const SECOND: Duration = Duration::from_secs(1);

/// What is said of asking for the step-up `id`.
async fn asks(bank: &Bank, call: &Interaction, id: &str) -> Result<(), Error> {
    bank.verifier.step_ups().request(call, &asking(id, transfer())).await.map(drop)
}

/// The limit that refuses the step-up `id` now holds until one second before `until`, and no longer.
async fn holds_until(bank: &Bank, call: &Interaction, id: &str, until: Timestamp) {
    for _ in 0..2 {
        let limited = asks(bank, call, id).await.unwrap_err();
        assert_eq!(limited.retry_at(), Some(until), "{limited:?}");
        bank.clock.set(until.before(SECOND));
    }
    bank.clock.set(until);
    asks(bank, call, id).await.unwrap();
}

/// A refusal by a limit, and one because nobody knows the id.
async fn two_refusals() -> (Bank, [Error; 2]) {
    let bank = bank_of(limits_alone(Policy::default()));
    app(&bank).await;
    let call = bob_rings("call-1");
    for n in 0..5 {
        asks(&bank, &call, &format!("s-{n}")).await.unwrap();
    }
    let limited = asks(&bank, &call, "s-5").await.unwrap_err();
    let unknown = bank.verifier.callbacks().cancel(&alice(), &unknown_callback()).await;
    (bank, [limited, unknown.unwrap_err()])
}

#[tokio::test]
async fn a_desktop_does_not_tell_a_limit_from_any_other_refusal() {
    let (_, errors) = two_refusals().await;
    let [limited, other] = errors.each_ref();
    let bytes = |error: &Error| serde_json::to_vec(&error.problem()).unwrap();
    assert_eq!(bytes(limited), bytes(other));
    assert_eq!((limited.problem(), limited.problem().status), (other.problem(), 403));
    assert_eq!(format!("{limited}|{limited:?}"), format!("{other}|{other:?}"));
    // Nor by what the error holds, which may go to a desktop.
    let refusals = errors.map(|error| match error {
        Error::Refused(refused) => refused,
        other => panic!("{other:?}"),
    });
    assert_eq!(
        refusals.map(|refused| serde_json::to_string(&refused).unwrap()),
        ["\"refused\""; 2]
    );
    assert_eq!(refusals, [Refused::new(); 2]);
    assert_eq!(HashSet::from(refusals).len(), 1);
}

#[tokio::test]
async fn the_back_end_and_the_customer_s_session_are_told_when_to_try_again() {
    let (bank, [limited, other]) = two_refusals().await;
    let until = START.after(10 * MINUTE);
    assert_eq!((limited.status_code(), limited.retry_at()), (403, Some(until)));
    assert_eq!((other.status_code(), other.retry_at()), (403, None));
    let problem = |error: &Error| serde_json::to_value(error.problem_for_customer()).unwrap();
    let wanted = json!({
        "type": "about:blank",
        "title": "Asked for too often lately",
        "status": 429,
        "code": "too_many_requests",
        "retry_at": until.to_string(),
    });
    assert_eq!(problem(&limited), wanted);
    // What is no limit is told as ever.
    for error in [other, Error::Busy, countersign::error::Invalid::WindowOver.into()] {
        assert_eq!(problem(&error), serde_json::to_value(error.problem()).unwrap());
    }
    holds_until(&bank, &bob_rings("call-1"), "s-5", until).await;
}

/// The oldest of them makes room, not the last.
#[tokio::test]
async fn there_is_room_when_the_oldest_request_no_longer_counts() {
    let bank = bank_of(limits_alone(Policy::default()));
    app(&bank).await;
    let call = bob_rings("call-1");
    for n in 0..5 {
        bank.clock.set(START.after(MINUTE * n));
        asks(&bank, &call, &format!("s-{n}")).await.unwrap();
    }
    bank.clock.advance(SECOND);
    holds_until(&bank, &call, "s-5", START.after(10 * MINUTE)).await;
    holds_until(&bank, &call, "s-6", START.after(11 * MINUTE)).await;
}

/// A policy that was tightened meanwhile has more to wait for.
#[tokio::test]
async fn a_tighter_limit_waits_for_as_many_as_there_are_too_many() {
    let bank = bank_of(limits_alone(Policy::default()));
    app(&bank).await;
    let call = bob_rings("call-1");
    for n in 0..5 {
        bank.clock.set(START.after(MINUTE * n));
        asks(&bank, &call, &format!("s-{n}")).await.unwrap();
    }
    let mut policy = Policy::default();
    policy.step_ups.per_customer = 2;
    let builder =
        part(keyring(), &bank.store, &bank.clock, &bank.seen, 9).policy(limits_alone(policy));
    let verifier = builder.signing_key(step_ups::signing()).build().unwrap();
    holds_until(&Bank { verifier, ..bank }, &call, "s-5", START.after(13 * MINUTE)).await;
}

/// The agent's is full, and by the time there is room in it the customer's still is.
#[tokio::test]
async fn of_two_limits_the_one_that_lasts_longer_counts() {
    let mut policy = Policy::default();
    (policy.step_ups.per_agent, policy.step_ups.per_customer) = (1, 1);
    let bank = bank_of(limits_alone(policy));
    app(&bank).await;
    app_of_mallory(&bank).await;
    let by = |name, customer| call("call-1", &customer, agent(name));
    asks(&bank, &by("bob", mallory()), "s-1").await.unwrap();
    bank.clock.advance(MINUTE);
    asks(&bank, &by("carol", alice()), "s-2").await.unwrap();
    bank.clock.advance(MINUTE);
    let bob = by("bob", alice());
    let until = START.after(11 * MINUTE);
    // A second before, the agent's has room and counts the attempt: the customer's says the same.
    holds_until(&bank, &bob, "s-3", until).await;
}

#[tokio::test]
async fn a_challenge_that_is_one_too_many_is_told_when_to_come_again() {
    let bank = signing_bank();
    let challenges = bank.verifier.challenges();
    for n in 0..5 {
        challenges.issue(&alice(), &challenge(&format!("ch-{n}"))).await.unwrap();
        bank.clock.advance(MINUTE);
    }
    let until = START.after(10 * MINUTE);
    for _ in 0..2 {
        let limited = challenges.issue(&alice(), &challenge("ch-5")).await.unwrap_err();
        assert_eq!((limited.status_code(), limited.retry_at()), (403, Some(until)));
        bank.clock.set(until.before(SECOND));
    }
    bank.clock.set(until);
    challenges.issue(&alice(), &challenge("ch-5")).await.unwrap();
}
