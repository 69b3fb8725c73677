//! Answers to "is that really you?": when they hold, and how they read.

use countersign::callback::Verdict;
use countersign::contact::{MAX_STATUS_LIFETIME, Status, StatusNonce};
use countersign::device::NotVerified;
use countersign::error::ConfigError;
use countersign::store::Fault;
use countersign::time::Clock;
use countersign::token::{Claims, Purpose, TrustedKeys, UntrustedToken};
use countersign::{Channel, Device, Direction, Error, Issuer, Policy};

use crate::support::credentials::app;
use crate::support::*;

// Who else is on the line with the customer is no agent's business.
use crate::support::presence::{
    bank, complete, phone_of, question, signing, signing_bank, talking,
};

#[tokio::test]
async fn a_recorded_answer_is_refused_for_another_question_and_after_its_seconds() {
    for seconds in [1, 10, 30] {
        let mut policy = Policy::default();
        policy.presence.status_valid_for = std::time::Duration::from_secs(seconds);
        let bank = signing_bank(policy);
        let phone = phone_of(alice());
        let asks = question(1, START);
        complete(&bank).await;
        let token = bank.verifier.contact().status(&alice(), asks.nonce()).await.unwrap();
        let at = |seconds| START.after(std::time::Duration::from_secs(seconds));
        for fresh in 0..seconds {
            let shown = phone.open_status(&token, &asks, at(fresh)).unwrap();
            assert_eq!(shown.status(), Status::NotUs);
        }
        for stale in [seconds, seconds + 1, seconds + 29, seconds + 31, 86_400] {
            let opened = phone.open_status(&token, &asks, at(stale));
            assert_eq!(opened, Err(NotVerified::Stale), "{seconds} {stale}");
        }
        let back = phone.open_status(&token, &asks, START.before(MINUTE / 60));
        assert_eq!(back, Err(NotVerified::Stale), "a clock that was set back tells nothing");
        // One that is minutes behind is told as such: nobody forged the answer.
        let behind = START.before(5 * MINUTE);
        let opened = phone.open_status(&token, &question(1, behind), behind);
        assert_eq!(opened, Err(NotVerified::Clock));
        // The attacker plays a recorded answer to the app's next question.
        let next = question(2, at(1));
        assert_eq!(phone.open_status(&token, &next, at(1)), Err(NotVerified::OtherQuestion));
    }
}

#[tokio::test]
async fn what_is_not_signed_for_this_purpose_is_not_an_answer() {
    let bank = bank();
    let asks = question(1, START);
    let token = bank.verifier.contact().status(&alice(), asks.nonce()).await.unwrap();
    let open = |device: Device, token: &str| device.open_status(token, &asks, START);
    assert!(open(phone_of(alice()), &token).is_ok());
    for at in [10, 40, token.len() / 2, token.len() - 60] {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert_eq!(open(phone_of(alice()), &changed), Err(NotVerified::NotGenuine), "{at}");
    }
    for nothing in ["", "not_us", "v4.public.", &token[..token.len() - 1]] {
        assert_eq!(open(phone_of(alice()), nothing), Err(NotVerified::NotGenuine), "{nothing}");
    }

    // A key that is trusted for something else, another issuer, and a token for something else.
    let mut keys = TrustedKeys::new(issuer());
    keys.trust(*signing().public_key(), Purpose::StepUp).unwrap();
    assert_eq!(open(Device::new(keys, alice()), &token), Err(NotVerified::UnknownKey));
    let mut keys = TrustedKeys::new(Issuer::new("other.example").unwrap());
    keys.trust(*signing().public_key(), Purpose::Status).unwrap();
    assert_eq!(open(Device::new(keys, alice()), &token), Err(NotVerified::NotGenuine));
    let booked = bank.booked().await;
    let subject = countersign::history::Subject::Callback(booked.id);
    let receipt = bank.verifier.history_receipt(&alice(), subject).await.unwrap();
    assert_eq!(open(phone_of(alice()), &receipt), Err(NotVerified::NotGenuine));

    // An answer that would count for longer than any may is none, whoever signed it.
    let mut keys = TrustedKeys::new(issuer());
    keys.trust(*signing().public_key(), Purpose::Status).unwrap();
    let data = UntrustedToken::parse(&token)
        .unwrap()
        .verify::<countersign::contact::StatusData>(
            &keys,
            &(&alice()).into(),
            START,
            countersign::token::Leeway::NONE,
        )
        .unwrap()
        .into_claims()
        .into_data();
    let second = std::time::Duration::from_secs(1);
    let id = countersign::token::TokenId::from_bytes([1; 16]);
    let long = MAX_STATUS_LIFETIME + second;
    let claims = Claims::new(issuer(), (&alice()).into(), id, START, long, data);
    assert_eq!(claims, Err(countersign::token::IssueError::TooLongLived));
}

#[tokio::test]
async fn no_key_and_no_store_give_no_answer() {
    let unsigned = crate::support::bank();
    let nonce = StatusNonce::from_bytes([1; 16]);
    let error = unsigned.verifier.contact().status(&alice(), nonce).await.unwrap_err();
    assert!(matches!(error, Error::Config(ConfigError::NoSigningKey)), "{error:?}");

    let bank = bank();
    app(&bank).await;
    bank.booked().await;
    bank.confirmed().await;
    bank.verifier.contact().open(&bob_rings("call")).await.unwrap();
    complete(&bank).await;
    bank.seen.take();
    // Open interactions, what is agreed: how far the feeds are is known here.
    for fault in Fault::ALL {
        for call in 0..2 {
            bank.store.plan(call, fault);
            let answer = bank.verifier.contact().status(&alice(), nonce).await;
            bank.store.heal();
            let harmless =
                matches!(fault, Fault::Delay(_) | Fault::Conflict | Fault::LandedConflict);
            match answer {
                Ok(_) => assert!(harmless, "{fault:?} {call}"),
                Err(Error::Store(_) | Error::Record(_)) => assert!(!harmless, "{fault:?} {call}"),
                Err(other) => panic!("{fault:?} {call}: {other:?}"),
            }
        }
    }
}

#[test]
fn an_answer_reads_as_documented_and_its_errors_repeat_nothing() {
    let nonce = StatusNonce::from_bytes([0xff; 16]);
    assert_eq!(serde_json::to_string(&nonce).unwrap(), "\"_____________________w\"");
    for (status, json) in [
        (Status::NotUs, r#""not_us""#),
        (Status::Scheduled, r#""scheduled""#),
        (Status::Calling, r#""calling""#),
        (Status::Undetermined, r#""undetermined""#),
        (
            talking(Channel::Voice, Direction::Inbound, START),
            r#"{"talking_to_you":{"channel":"voice","direction":"inbound","since":"2027-01-15T08:00:00Z"}}"#,
        ),
    ] {
        assert_eq!(serde_json::to_string(&status).unwrap(), json);
        assert_eq!(serde_json::from_str::<Status>(json).unwrap(), status);
    }
    for bad in [r#""hunter2""#, r#"{"hunter2":1}"#, r#"{"talking_to_you":{"hunter2":1}}"#] {
        let error = serde_json::from_str::<Status>(bad).unwrap_err().to_string();
        assert!(!error.contains("hunter2"), "{error}");
        let error = serde_json::from_str::<StatusNonce>(bad).unwrap_err().to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn only_a_recognised_agent_reads_as_the_enterprise() {
    let bank = bank();
    let headlines = block_on(async {
        let contact = bank.verifier.contact();
        let show = async || {
            let now = bank.clock.now().unwrap();
            let asks = question(4, now);
            let token = contact.status(&alice(), asks.nonce()).await.unwrap();
            phone_of(alice()).open_status(&token, &asks, now).unwrap().headline()
        };
        let mut all = vec![show().await];
        complete(&bank).await;
        all.push(show().await);
        bank.booked().await;
        all.push(show().await);
        contact.open(&bob_rings("call-1")).await.unwrap();
        all.push(show().await);
        let id = bank.verifier.callbacks().list(&alice(), countersign::page::Page::first()).await;
        let id = id.unwrap().items[0].id;
        bank.verifier.callbacks().reveal(&bob_rings("call-1"), &id).await.unwrap();
        let verdict = Verdict::Recognised;
        bank.verifier.callbacks().conclude(&alice(), &id, verdict).await.unwrap();
        all.push(show().await);
        all
    });
    assert_eq!(
        headlines,
        [
            "We cannot tell whether we are talking to you. Ask for the code, or hang up and call us.",
            "We are not talking to you. If somebody says they are us, hang up.",
            "We are not talking to you now. We have an appointment with you. \
             If somebody says they are us, hang up.",
            "We are trying to reach you. This does not prove who is on your line: \
             ask for the code.",
            "We contacted you, and you recognised us. If this is another call, hang up.",
        ]
    );
}

#[test]
fn the_rules_have_limits() {
    let second = std::time::Duration::from_secs(1);
    let field = |change: fn(&mut Policy)| {
        let mut policy = Policy::default();
        change(&mut policy);
        match policy.check() {
            Err(ConfigError::OutOfRange { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    };
    let default = Policy::default().presence;
    assert_eq!(default.max_age, countersign::policy::INTERACTION_MAX_AGE);
    assert_eq!(default.status_valid_for, 10 * second);
    assert_eq!(field(|p| p.presence.max_age = MINUTE - MINUTE / 60), "presence.max_age");
    assert_eq!(field(|p| p.presence.max_age = DAY + MINUTE / 60), "presence.max_age");
    let answer = "presence.status_valid_for";
    assert_eq!(field(|p| p.presence.status_valid_for = 31 * MINUTE / 60), answer);
    assert_eq!(field(|p| p.presence.status_valid_for = std::time::Duration::ZERO), answer);
}
