//! A signing key that a key management service keeps: the same tokens, and when it fails no token, nothing half
//! written, and the token when the call is repeated.

use std::error::Error as _;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use countersign::contact::StatusNonce;
use countersign::history::Subject;
use countersign::step_up::StepUpOutcome;
use countersign::token::{Signer, SignerError, SigningKey, UntrustedToken};
use countersign::verifier::VerifierBuilder;
use countersign::{CallbackId, ChallengeId, Error, StepUpId, Verifier};

use crate::support::challenges::{accept, challenge, slot, slot_between};
use crate::support::credentials::{app, pin as smart_pin};
use crate::support::kms::{Does, Kms};
use crate::support::step_ups::{asked, asking, open, signing, transfer};
use crate::support::*;

/// What the calls that make tokens are about.
struct Subjects {
    booked: CallbackId,
    accepted: ChallengeId,
    approved: StepUpId,
}

type Token = Result<String, Error>;
type Made<'a> = Pin<Box<dyn Future<Output = Token> + Send + 'a>>;
type Call = for<'a> fn(&'a Verifier, &'a Subjects) -> Made<'a>;

/// Every call that makes a token, in an order in which each may be made, and what it has written before it signs.
const CALLS: [(&str, Writes, Call); 8] = [
    ("ground rules", Writes::Nothing, |bank, _| Box::pin(bank.ground_rules_token())),
    ("history receipt", Writes::Nothing, |bank, of| {
        Box::pin(async { bank.history_receipt(&alice(), Subject::Callback(of.booked)).await })
    }),
    ("status", Writes::Nothing, |bank, _| {
        let nonce = StatusNonce::from_bytes([1; 16]);
        Box::pin(async move { bank.contact().status(&alice(), nonce).await })
    }),
    ("challenge", Writes::Nothing, |bank, _| {
        Box::pin(async {
            let issued = bank.challenges().issue(&alice(), &challenge("another")).await;
            issued.map(|issued| issued.token)
        })
    }),
    ("confirmation", Writes::Nothing, |bank, of| {
        Box::pin(async {
            let challenges = bank.challenges();
            let made = challenges.confirm(&alice(), &of.accepted, &request("c-1"), &slot()).await;
            made.map(|confirmed| confirmed.token)
        })
    }),
    ("another appointment", Writes::Nothing, |bank, of| {
        Box::pin(async {
            let (challenges, slot) = (bank.challenges(), slot_between(20, 30));
            let made = challenges.reassign(&alice(), &of.accepted, &request("c-2"), &slot).await;
            made.map(|confirmed| confirmed.token)
        })
    }),
    ("step-up", Writes::Once, |bank, _| {
        Box::pin(async {
            let (call, asking) = (bob_rings("call-2"), asking("s-2", transfer()));
            bank.step_ups().request(&call, &asking).await.map(|asked| asked.token)
        })
    }),
    ("grant", Writes::Nothing, |bank, of| {
        Box::pin(async {
            let outcome = bank.step_ups().outcome(&bob_rings("call-1"), &of.approved).await?;
            let StepUpOutcome::Approved(grant) = outcome else { panic!("{outcome:?}") };
            let json = serde_json::to_value(&grant).unwrap();
            Ok(json["token"].as_str().unwrap().to_owned())
        })
    }),
];

/// What a call that failed to sign has written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Writes {
    Nothing,
    /// What the token says, which a repeated call finds.
    Once,
}

/// A bank in which each of the calls may be made.
async fn bank_on(sign: impl FnOnce(VerifierBuilder) -> VerifierBuilder) -> (Bank, Subjects) {
    let mut bank = bank();
    let builder = part(keyring(), &bank.store, &bank.clock, &bank.seen, 1);
    bank.verifier = sign(builder).build().unwrap();
    let (_, device) = app(&bank).await;
    let booked = bank.booked().await.id;
    let accepted = bank.issued().await.challenge.id;
    bank.verifier.challenges().answer(&alice(), &accepted, &accept("a-1")).await.unwrap();
    let requested = asked(&bank, &bob_rings("call-1")).await;
    let code = open(&bank, &requested).approve(&device, &smart_pin("2468")).unwrap();
    let approved = requested.step_up.id;
    bank.verifier.step_ups().submit(&alice(), &approved, &code).await.unwrap();
    (bank, Subjects { booked, accepted, approved })
}

async fn bank_of(kms: &Kms) -> (Bank, Subjects) {
    bank_on(|builder| builder.signer(kms.clone())).await
}

#[tokio::test]
async fn a_service_signs_the_same_tokens_as_the_key_in_memory() {
    let kms = Kms::of(5);
    let (with_kms, of) = bank_of(&kms).await;
    let (in_memory, same) = bank_on(|builder| builder.signing_key(signing())).await;
    let before = kms.asked();
    for (what, _, call) in CALLS {
        let token = call(&with_kms.verifier, &of).await.unwrap();
        assert_eq!(token, call(&in_memory.verifier, &same).await.unwrap(), "{what}");
        let kid = *UntrustedToken::parse(&token).unwrap().kid();
        assert_eq!(kid, *signing().public_key().kid(), "{what}");
    }
    assert_eq!(kms.asked() - before, CALLS.len(), "each asks once");
    assert_eq!(with_kms.store.records(), in_memory.store.records());
    let keys: Vec<_> = with_kms.verifier.public_keys().copied().collect();
    assert_eq!(keys, [*signing().public_key()]);
}

/// And the records are the very same after the call that was repeated: nothing is counted or written twice.
#[tokio::test]
async fn what_was_not_signed_is_a_typed_error_and_the_token_comes_when_the_call_is_repeated() {
    for does in Does::WRONG {
        let kms = Kms::of(5);
        let (bank, of) = bank_of(&kms).await;
        for (what, writes, call) in CALLS {
            let what = format!("{what}, {does:?}");
            let before = bank.store.records();
            kms.does(does);
            let error = call(&bank.verifier, &of).await.unwrap_err();
            match (&error, does) {
                (Error::Signer(failed @ SignerError::Failed(_)), Does::Fail) => {
                    let source = failed.source().unwrap().to_string();
                    assert_eq!(source, "the service is out of order", "{what}");
                    assert_eq!(error.to_string(), "the signer failed");
                    assert_eq!(error.status_code(), 503);
                    assert_eq!(error.problem().code, "unavailable");
                }
                (Error::Signer(SignerError::WrongSignature), _) if does != Does::Fail => {
                    assert_eq!(error.status_code(), 500, "{what}");
                    assert_eq!(error.problem().code, "internal");
                }
                (other, _) => panic!("{what}: {other:?}"),
            }
            let left = bank.store.records();
            assert_eq!(left != before, writes == Writes::Once, "{what}");
            // A second failure leaves nothing more.
            assert!(call(&bank.verifier, &of).await.is_err(), "{what}");
            assert_eq!(bank.store.records(), left, "{what}");

            kms.does(Does::Sign);
            let token = call(&bank.verifier, &of).await.unwrap();
            UntrustedToken::parse(&token).unwrap();
            if writes == Writes::Once {
                assert_eq!(bank.store.records(), left, "{what}");
                assert_eq!(call(&bank.verifier, &of).await.unwrap(), token, "{what}");
            }
        }
    }
}

/// A host that gives up on its service drops the call.
#[tokio::test]
async fn a_call_that_is_dropped_while_it_is_signed_is_repeated_too() {
    let kms = Kms::of(5);
    let (bank, of) = bank_of(&kms).await;
    for (what, writes, call) in CALLS {
        let before = bank.store.records();
        kms.does(Does::NeverAnswer);
        {
            let mut made = pin!(call(&bank.verifier, &of));
            for _ in 0..9 {
                let polled = made.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                assert!(matches!(polled, Poll::Pending), "{what}: {polled:?}");
            }
        }
        assert_eq!(bank.store.records() != before, writes == Writes::Once, "{what}");
        kms.does(Does::Sign);
        UntrustedToken::parse(&call(&bank.verifier, &of).await.unwrap()).unwrap();
    }
}

/// What was checked of the public key when the verifier was built holds of whatever it signs.
#[tokio::test]
async fn a_service_whose_key_changes_signs_no_more() {
    let kms = Kms::of(5);
    let (bank, of) = bank_of(&kms).await;
    kms.does(Does::SignWithAnother);
    assert_ne!(kms.public_key(), *signing().public_key(), "it shows its new key");
    for (what, _, call) in CALLS {
        let error = call(&bank.verifier, &of).await.unwrap_err();
        assert!(matches!(error, Error::Signer(SignerError::WrongSignature)), "{what}: {error:?}");
    }
    assert_eq!(bank.verifier.public_keys().next(), Some(signing().public_key()));
}

/// The key in memory is a signer like any other, and so is one that is shared.
#[tokio::test]
async fn the_key_in_memory_is_a_signer() {
    let key = SigningKey::from_seed(&[5; 32]).unwrap();
    let (bank, of) = bank_on(|builder| builder.signer(std::sync::Arc::new(key))).await;
    let (in_memory, same) = bank_on(|builder| builder.signing_key(signing())).await;
    for (what, _, call) in CALLS {
        let token = call(&bank.verifier, &of).await.unwrap();
        assert_eq!(token, call(&in_memory.verifier, &same).await.unwrap(), "{what}");
    }
}
