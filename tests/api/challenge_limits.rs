//! When a challenge ends by itself, what it may hold, and what its calls repeat.

use std::time::Duration;

use countersign::callback::Verdict;
use countersign::challenge::{ChallengeRequest, ChallengeStatus};
use countersign::challenge::{Channels, Detail, Details, PostsFrom};
use countersign::error::{Invalid, Reason};
use countersign::history::{Action, Outcome};
use countersign::token::SigningKey;
use countersign::{ChallengeId, Channel, Error, Interaction, InteractionId, Policy};

use crate::support::challenges::*;
use crate::support::credentials::{app, refused};
use crate::support::*;

#[tokio::test]
async fn each_phase_ends_when_its_time_is_over() {
    let bank = signing_bank();
    app(&bank).await;
    let challenges = bank.verifier.challenges();
    let status = async |id: &ChallengeId| bank.challenge_status(id).await;
    let id = bank.issued().await.challenge.id;
    bank.clock.set(START.after(5 * MINUTE - Duration::from_secs(1)));
    assert_eq!(status(&id).await, ChallengeStatus::Issued);
    bank.clock.set(START.after(5 * MINUTE));
    refused(challenges.answer(&alice(), &id, &accept("a-1")).await);
    assert_eq!(status(&id).await, ChallengeStatus::Expired);
    let expired = (Action::Expire, Outcome::Done);
    assert_eq!(bank.happened().await.last(), Some(&expired));

    bank.clock.set(START);
    let later = challenges.issue(&alice(), &challenge("ch-2")).await.unwrap().challenge.id;
    challenges.answer(&alice(), &later, &accept("a-1")).await.unwrap();
    bank.clock.set(START.after(DAY));
    refused(challenges.confirm(&alice(), &later, &request("c-1"), &slot_between(1500, 1510)).await);
    assert_eq!(status(&later).await, ChallengeStatus::Expired);

    // Confirmed: until the slot ends. Presented: until a day later.
    let bank = signing_bank();
    app(&bank).await;
    let challenges = bank.verifier.challenges();
    let (id, _) = bank.confirmed().await;
    let end = slot().window.until();
    bank.clock.set(end);
    refused(challenges.present(&fraud_rings("call-1"), &id).await);
    assert_eq!(bank.challenge_status(&id).await, ChallengeStatus::Expired);

    let bank = signing_bank();
    app(&bank).await;
    let challenges = bank.verifier.challenges();
    let (id, _) = bank.confirmed().await;
    challenges.present(&fraud_rings("call-1"), &id).await.unwrap();
    bank.clock.set(end.after(DAY - Duration::from_secs(1)));
    assert_eq!(bank.challenge_status(&id).await, ChallengeStatus::Presented);
    bank.clock.set(end.after(DAY));
    assert_eq!(bank.challenge_status(&id).await, ChallengeStatus::Expired);
    refused(challenges.conclude(&alice(), &id, NO_APPOINTMENT, Verdict::Recognised).await);
    // Whoever rang is reported nonetheless, once.
    for repeated in [false, true] {
        bank.seen.take();
        let verdict = Verdict::NotRecognised;
        let late = challenges.conclude(&alice(), &id, NO_APPOINTMENT, verdict).await.unwrap();
        assert!(late.reported && late.status == ChallengeStatus::Expired);
        let seen = bank.seen.take();
        assert_eq!((seen[0].action, seen[0].repeated), (Action::ReportChallenge, repeated));
    }
    assert_eq!(bank.happened().await.last(), Some(&(Action::ReportChallenge, Outcome::Done)));
}

#[tokio::test]
async fn what_nobody_was_shown_cannot_be_recognised() {
    let bank = signing_bank();
    app(&bank).await;
    let challenges = bank.verifier.challenges();
    let (id, token) = bank.confirmed().await;
    let of = appointment(&token);
    refused(challenges.conclude(&alice(), &id, of, Verdict::Recognised).await);
    let last = *bank.happened().await.last().unwrap();
    assert_eq!(last, (Action::Recognise, Outcome::Refused(Reason::NothingRevealed)));
    let reported = challenges.conclude(&alice(), &id, of, Verdict::NotRecognised).await.unwrap();
    assert!(reported.reported);
    assert_eq!(reported.status, ChallengeStatus::Confirmed, "the enterprise can still call");
    assert_eq!(bank.happened().await.last(), Some(&(Action::ReportChallenge, Outcome::Done)));
    challenges.present(&fraud_rings("call-1"), &id).await.unwrap();
    let ended = challenges.conclude(&alice(), &id, of, Verdict::NotRecognised).await.unwrap();
    assert_eq!(ended.status, ChallengeStatus::NotRecognised);
}

#[tokio::test]
async fn what_to_mend_is_said() {
    let bank = signing_bank();
    app(&bank).await;
    let challenges = bank.verifier.challenges();
    let invalid =
        async |challenge: ChallengeRequest| match challenges.issue(&alice(), &challenge).await {
            Err(Error::Invalid(invalid)) => invalid,
            other => panic!("{other:?}"),
        };
    let on = |channels: &[Channel]| {
        let channels = Channels::new(channels).unwrap();
        ChallengeRequest::new(request("ch-1"), "Your card".parse().unwrap(), channels)
    };
    let from = |channel, handle: &str| PostsFrom::new(channel, handle.parse().unwrap());
    let hour = Duration::from_secs(3600);
    assert_eq!(invalid(challenge("ch-1").valid_for(Duration::ZERO)).await, Invalid::ValidFor(hour));
    assert_eq!(
        invalid(challenge("ch-1").valid_for(Duration::from_secs(3601))).await,
        Invalid::ValidFor(hour)
    );
    for exposed in [Channel::Sms, Channel::Email, Channel::Social] {
        assert_eq!(invalid(on(&[exposed])).await, Invalid::NoHandle(exposed));
        let detail = Detail::new("Card".parse().unwrap(), "ends in 1234".parse().unwrap()).unwrap();
        let details = Details::new([detail]).unwrap();
        let posted = on(&[exposed]).posting_from([from(exposed, "BANK")]).with_details(details);
        assert_eq!(invalid(posted).await, Invalid::ExposedDetails(exposed));
    }
    let twice =
        on(&[Channel::Sms]).posting_from([from(Channel::Sms, "BANK"), from(Channel::Sms, "bank")]);
    assert!(matches!(invalid(twice).await, Invalid::Handles(_)));
    let elsewhere = challenge("ch-1").posting_from([from(Channel::Sms, "BANK")]);
    assert!(matches!(invalid(elsewhere).await, Invalid::Handles(_)));
    assert_eq!(
        invalid(challenge("ch-1").at(slot_between(0, 241))).await,
        Invalid::WindowTooLong(4 * HOUR)
    );
    let far = slot_between(31 * 24 * 60, 31 * 24 * 60 + 1);
    assert_eq!(invalid(challenge("ch-1").at(far)).await, Invalid::WindowTooFar(31 * DAY));
    let mut by_mail = slot();
    by_mail.channel = Channel::Email;
    assert_eq!(invalid(challenge("ch-1").at(by_mail)).await, Invalid::Channel(Channel::Email));
    let long = "\u{20ac}".repeat(128);
    let detail = || Detail::new("L".parse().unwrap(), long.parse().unwrap()).unwrap();
    let details = Details::new((0..20).map(|_| detail())).unwrap();
    assert_eq!(invalid(challenge("ch-1").with_details(details)).await, Invalid::TokenTooLong);
    assert_eq!(bank.happened_at_all().await, 0, "nothing was stored");

    let mut policy = Policy::default();
    policy.channels.challenge = vec![Channel::Chat];
    let strict = bank_of(policy);
    let issued = strict.verifier.challenges().issue(&alice(), &challenge("ch-1")).await;
    assert!(matches!(issued, Err(Error::Invalid(Invalid::Channel(Channel::Voice)))));

    bank.issued().await;
    let other = challenge("ch-1").valid_for(MINUTE);
    assert_eq!(invalid(other).await, Invalid::RequestReused);
}

impl Bank {
    async fn happened_at_all(&self) -> usize {
        histories(&self.verifier, a_challenge).await.len()
    }
}

#[tokio::test]
async fn details_and_handles_have_limits() {
    let text = |length: usize| "x".repeat(length).parse().unwrap();
    assert!(Detail::new(text(36), text(128)).is_ok());
    assert!(Detail::new(text(37), text(128)).is_err());
    assert!(Detail::new(text(36), text(129)).is_err());
    let some = |count: usize| (0..count).map(|_| Detail::new(text(1), text(1)).unwrap());
    assert!(Details::new(some(20)).is_ok());
    assert!(Details::new(some(21)).is_err());
    for (json, is_ok) in [
        (format!(r#"[{{"label":"{}","value":"v"}}]"#, "x".repeat(36)), true),
        (format!(r#"[{{"label":"{}","value":"v"}}]"#, "x".repeat(37)), false),
        (format!("[{}]", vec![r#"{"label":"l","value":"v"}"#; 21].join(",")), false),
    ] {
        assert_eq!(serde_json::from_str::<Details>(&json).is_ok(), is_ok);
    }
    let wrong = serde_json::from_str::<Details>(r#"[{"label":7,"value":"4111111111111111"}]"#);
    assert!(!wrong.unwrap_err().to_string().contains("4111"));
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again() {
    let bank = signing_bank();
    app(&bank).await;
    let challenges = bank.verifier.challenges();
    let (id, first) = bank.confirmed().await;
    // Another key signs now; what was signed stands.
    let builder = part(keyring(), &bank.store, &bank.clock, &bank.seen, 9);
    let rotated = builder.signing_key(SigningKey::from_seed(&[6; 32]).unwrap()).build().unwrap();
    let confirm = |name: &str| (request(name), slot());
    let (name, slot) = confirm("c-1");
    let again = rotated.challenges().confirm(&alice(), &id, &name, &slot).await.unwrap();
    assert_eq!(again.token, first);
    let other = challenges.confirm(&alice(), &id, &name, &slot_between(10, 41)).await;
    assert!(matches!(other, Err(Error::Invalid(Invalid::RequestReused))));
    let ring = fraud_rings("call-1");
    let said = digits(&rotated.challenges().present(&ring, &id).await.unwrap());
    assert_eq!(digits(&challenges.present(&ring, &id).await.unwrap()), said);
}

#[tokio::test]
async fn without_a_signing_key_nothing_is_issued() {
    let bank = bank();
    let issued = bank.verifier.challenges().issue(&alice(), &challenge("ch-1")).await;
    assert!(matches!(issued, Err(Error::Config(countersign::error::ConfigError::NoSigningKey))));
}

#[tokio::test]
async fn an_inbound_interaction_proves_nothing() {
    let bank = signing_bank();
    app(&bank).await;
    let (id, _) = bank.confirmed().await;
    let bob = agent("bob").in_team(countersign::TeamId::new("fraud").unwrap());
    let call = InteractionId::new("call-1").unwrap();
    let inbound = Interaction::inbound(call, alice(), bob, Channel::Voice);
    refused(bank.verifier.challenges().present(&inbound, &id).await);
    let last = *bank.happened().await.last().unwrap();
    assert_eq!(last, (Action::Present, Outcome::Refused(Reason::Inbound)));
}
