//! Challenges: from the announcement to the code that the customer hears, and what is refused.

use countersign::callback::Verdict;
use countersign::challenge::{
    Acceptance, Answer, Challenge, ChallengeIssued, ChallengeStatus, SpokenProof,
};
use countersign::challenge::{FoundOn, Proof};
use countersign::device::{
    ChallengeCheck, CodeAttempts, CodeCheck, CodeCheckError, VerifiedAppointment,
};
use countersign::error::{Invalid, Reason};
use countersign::history::{Action, Actor, Outcome, Subject};
use countersign::observer::View;
use countersign::page::Page;
use countersign::token::{Purpose, TrustedKeys};
use countersign::{AgentSafe, ChallengeId, Channel, Device, Direction, Error, Window};
use static_assertions::{assert_impl_all, assert_not_impl_any};

use crate::support::challenges::*;
use crate::support::credentials::{app, refused};
use crate::support::*;

assert_impl_all!(Challenge: AgentSafe, serde::Serialize);
assert_impl_all!(SpokenProof: AgentSafe, serde::Serialize);
assert_not_impl_any!(SpokenProof: Clone, std::fmt::Display, serde::de::DeserializeOwned);
assert_not_impl_any!(ChallengeIssued: AgentSafe, serde::Serialize);
assert_not_impl_any!(countersign::challenge::AppointmentConfirmed: AgentSafe, serde::Serialize);
assert_not_impl_any!(countersign::challenge::Pseudonym: AgentSafe, serde::Serialize, Clone, std::fmt::Display);
assert_not_impl_any!(VerifiedAppointment: AgentSafe, serde::Serialize, Clone);
assert_not_impl_any!(Acceptance: AgentSafe, serde::Serialize, Clone);

#[tokio::test]
async fn the_enterprise_announces_itself_calls_and_proves_it() {
    let bank = signing_bank();
    let (_, device) = app(&bank).await;
    let challenges = bank.verifier.challenges();
    let issued = bank.issued().await;
    assert_eq!(issued.challenge.status, ChallengeStatus::Issued);
    assert_eq!(issued.challenge.until, START.after(5 * MINUTE));
    assert_eq!(issued.appointment, None);
    assert_eq!(bank.issued().await, issued, "repeated");

    let found_on = FoundOn::channel(Channel::Chat);
    let ChallengeCheck::ForYou(open) =
        phone().open_challenge(&issued.token, &found_on, bank.now()).unwrap()
    else {
        panic!("it names Alice");
    };
    assert_eq!((open.id(), open.until()), (issued.challenge.id, issued.challenge.until));
    assert_eq!(open.data().purpose().as_str(), "About a payment of 31 January");
    assert_eq!(open.data().never_asked(), bank.verifier.ground_rules());
    assert!(!open.data().is_pseudonymous());

    let id = open.id();
    let wish = Window::new(START.after(10 * MINUTE), START.after(40 * MINUTE)).unwrap();
    let answer = || {
        let topic = "And the new card".parse().unwrap();
        let acceptance = Acceptance::new(request("a-1")).with_credential(device.id());
        Answer::Accept(
            acceptance
                .proposing_slot(wish)
                .proposing_channel(Channel::Video)
                .proposing_topic(topic),
        )
    };
    let answered = challenges.answer(&alice(), &id, &answer()).await.unwrap();
    assert_eq!(answered.status, ChallengeStatus::Answered);
    let proposal = answered.proposal.clone().unwrap();
    assert_eq!((proposal.slot, proposal.channel), (Some(wish), Some(Channel::Video)));
    assert_eq!(proposal.topic.unwrap().as_str(), "And the new card");
    assert_eq!(challenges.answer(&alice(), &id, &answer()).await.unwrap(), answered, "repeated");

    let confirm = async || challenges.confirm(&alice(), &id, &request("c-1"), &slot()).await;
    let confirmed = confirm().await.unwrap();
    assert_eq!(confirmed.challenge.status, ChallengeStatus::Confirmed);
    let agreed = confirmed.challenge.appointment.clone().unwrap();
    assert_eq!((agreed.slot, agreed.channel), (slot().window, Channel::Voice));
    assert_eq!(agreed.direction, Direction::Outbound);
    assert_eq!(agreed.proof, Proof::Code(device.id()));
    assert_eq!(confirm().await.unwrap(), confirmed, "repeated, though signed anew it would differ");
    assert_eq!(challenges.appointment(&alice(), &id).await.unwrap(), confirmed.token);

    let shown = phone().open_appointment(&confirmed.token, bank.now()).unwrap();
    let mut attempts = CodeAttempts::new();
    assert_eq!(shown.headline(), "We call you.");
    assert_eq!(shown.purpose(), open.data().purpose());
    assert_eq!(shown.data().agent_name.as_str(), "Bob from Example Bank");
    assert_eq!((shown.challenge(), shown.slot()), (id, slot().window));

    bank.clock.set(START.after(10 * MINUTE));
    let ring = fraud_rings("call-1");
    bank.seen.take();
    let to_say = challenges.present(&ring, &id).await.unwrap();
    let said = digits(&to_say);
    assert_eq!(digits(&challenges.present(&ring, &id).await.unwrap()), said, "repeated");
    let seen = bank.seen.take();
    assert_eq!(seen.len(), 2);
    assert_eq!((seen[0].action, seen[0].repeated), (Action::Present, false));
    assert_eq!((seen[1].action, seen[1].repeated), (Action::Present, true));
    assert_eq!(seen[0].interaction, Some(ring.id.clone()));
    assert_eq!(seen[0].subject, Subject::Challenge(id));
    let Some(View::Challenge(view)) = &seen[0].view else { panic!("{:?}", seen[0].view) };
    assert_eq!((view.status, view.presentations), (ChallengeStatus::Presented, 1));

    assert_eq!(
        hear((&shown, &mut attempts), &device, &other_than(&said, 1), &bank),
        CodeCheck::NotGenuine { attempts_left: 2 }
    );
    assert_eq!(hear((&shown, &mut attempts), &device, &said, &bank), CodeCheck::Genuine);
    let conclude = async |of, verdict| challenges.conclude(&alice(), &id, of, verdict).await;
    let concluded = conclude(shown.id(), Verdict::Recognised).await.unwrap();
    assert_eq!(concluded.status, ChallengeStatus::Recognised);
    let again = conclude(shown.id(), Verdict::Recognised).await.unwrap();
    assert_eq!(again, concluded, "repeated");
    // The customer may think better of it, which is noted and changes nothing else.
    let reported = conclude(shown.id(), Verdict::NotRecognised).await.unwrap();
    assert_eq!((reported.status, reported.reported), (ChallengeStatus::Recognised, true));
    refused(conclude(NO_APPOINTMENT, Verdict::Recognised).await);
    refused(challenges.present(&ring, &id).await);
    refused(challenges.appointment(&alice(), &id).await);
    let done = [
        Action::IssueChallenge,
        Action::AnswerChallenge,
        Action::ConfirmAppointment,
        Action::Present,
        Action::Recognise,
        Action::ReportChallenge,
    ];
    let mut expected: Vec<_> = done.map(|action| (action, Outcome::Done)).into();
    expected.push((Action::Present, Outcome::Refused(Reason::Ended)));
    assert_eq!(bank.happened().await, expected);
    let receipt = bank.verifier.history_receipt(&alice(), Subject::Challenge(id)).await.unwrap();
    let mut keys = TrustedKeys::new(issuer());
    keys.trust(*signing().public_key(), Purpose::HistoryHead).unwrap();
    let histories = histories(&bank.verifier, a_challenge).await;
    assert_eq!(Device::new(keys, alice()).check_history(&receipt, &histories, bank.now()), Ok(0));
}

#[tokio::test]
async fn the_code_is_heard_as_digits_or_as_words() {
    let bank = signing_bank();
    let (_, device) = app(&bank).await;
    let (id, token) = bank.confirmed().await;
    let to_say = bank.verifier.challenges().present(&fraud_rings("call-1"), &id).await.unwrap();
    let SpokenProof::Code(code) = &to_say else { panic!("Alice has a credential") };
    let json = serde_json::to_value(&to_say).unwrap();
    assert_eq!(json["code"]["digits"], *code.digits());
    assert_eq!(json["code"]["words"], *code.words());
    assert_eq!(format!("{to_say:?}"), "Code(SpokenCode([REDACTED]))");
    let loud = code.words().to_uppercase().replace(' ', "  ");
    for heard in [&*code.digits(), &*code.digits().replace(' ', "-"), &*code.words(), &loud] {
        let shown = phone().open_appointment(&token, bank.now()).unwrap();
        assert_eq!(
            hear((&shown, &mut CodeAttempts::new()), &device, heard, &bank),
            CodeCheck::Genuine
        );
    }
    let shown = phone().open_appointment(&token, bank.now()).unwrap();
    let mut attempts = CodeAttempts::new();
    let words: Vec<_> = code.words().split(' ').map(str::to_owned).collect();
    let swapped = [&*words[1], &words[0], &words[2], &words[3]].join(" ");
    for unclear in ["", "1234 567", "1234 56789", "yes", &swapped, &words[..3].join(" ")] {
        let result = shown.check_spoken_code(&device, unclear, &mut attempts, bank.now());
        assert!(matches!(result, Err(CodeCheckError::NotACode(_))), "{unclear}");
    }
    assert_eq!(attempts, CodeAttempts::new(), "what is no code is not counted");
}

#[tokio::test]
async fn a_slot_can_be_fixed_from_the_start() {
    let bank = signing_bank();
    let challenges = bank.verifier.challenges();
    let fixed = challenge("ch-1").at(slot());
    refused(challenges.issue(&alice(), &fixed).await);
    let last = bank.seen.take().pop().unwrap();
    assert_eq!(last.outcome, Outcome::Refused(Reason::NoCredential), "nothing to prove it with");

    let (_, device) = app(&bank).await;
    let issued = challenges.issue(&alice(), &fixed).await.unwrap();
    assert_eq!(issued.challenge.status, ChallengeStatus::Confirmed);
    assert_eq!(challenges.issue(&alice(), &fixed).await.unwrap(), issued, "repeated");
    let id = issued.challenge.id;
    refused(challenges.answer(&alice(), &id, &accept("a-1")).await);
    refused(challenges.confirm(&alice(), &id, &request("c-1"), &slot()).await);
    bank.clock.set(START.after(15 * MINUTE));
    let said = digits(&challenges.present(&fraud_rings("call-1"), &id).await.unwrap());
    let token = issued.appointment.unwrap();
    let shown = phone().open_appointment(&token, bank.now()).unwrap();
    assert_eq!(hear((&shown, &mut CodeAttempts::new()), &device, &said, &bank), CodeCheck::Genuine);
}

#[tokio::test]
async fn without_a_credential_the_agent_says_the_customers_own_word() {
    let bank = signing_bank();
    let challenges = bank.verifier.challenges();
    let id = bank.issued().await.challenge.id;
    let with = |word: &str, forbidden: &[&str]| {
        let acceptance = Acceptance::new(request("a-1")).with_word(secret(word));
        Answer::Accept(acceptance.forbidding(forbidden.iter().copied()))
    };
    let forbidden = challenges.answer(&alice(), &id, &with("Smithers", &["smithers"])).await;
    assert!(matches!(forbidden, Err(Error::Invalid(Invalid::Secret(_)))));
    challenges.answer(&alice(), &id, &with("anana", &[])).await.unwrap();
    challenges.answer(&alice(), &id, &with("anana", &[])).await.unwrap();
    let other = challenges.answer(&alice(), &id, &with("banana", &[])).await;
    assert!(matches!(other, Err(Error::Invalid(Invalid::RequestReused))));
    let agreed = challenges.confirm(&alice(), &id, &request("c-1"), &slot()).await.unwrap();
    assert_eq!(agreed.challenge.appointment.unwrap().proof, Proof::Word);
    bank.clock.set(START.after(15 * MINUTE));
    let to_say = challenges.present(&fraud_rings("call-1"), &id).await.unwrap();
    assert_eq!(serde_json::to_string(&to_say).unwrap(), r#"{"word":"anana"}"#);
    assert!(!format!("{to_say:?}").contains("anana"));
    let listed = challenges.list(&alice(), Page::first()).await.unwrap();
    assert!(!serde_json::to_string(&listed).unwrap().contains("anana"));

    let (_, device) = app(&bank).await;
    let shown = phone().open_appointment(&agreed.token, bank.now()).unwrap();
    let heard = shown.check_spoken_code(&device, "1234 5678", &mut CodeAttempts::new(), bank.now());
    assert_eq!(heard, Err(CodeCheckError::OwnWord));
    challenges.conclude(&alice(), &id, shown.id(), Verdict::Recognised).await.unwrap();
    refused(challenges.present(&fraud_rings("call-1"), &id).await);
}

#[tokio::test]
async fn with_neither_credential_nor_word_nothing_is_confirmed() {
    let bank = signing_bank();
    let challenges = bank.verifier.challenges();
    let id = bank.issued().await.challenge.id;
    refused(challenges.confirm(&alice(), &id, &request("c-1"), &slot()).await);
    challenges.answer(&alice(), &id, &accept("a-1")).await.unwrap();
    bank.seen.take();
    refused(challenges.confirm(&alice(), &id, &request("c-1"), &slot()).await);
    assert_eq!(bank.seen.take()[0].outcome, Outcome::Refused(Reason::NoCredential));
    assert_eq!(bank.challenge_status(&id).await, ChallengeStatus::Answered);
}

#[tokio::test]
async fn the_customer_declines_or_reports() {
    for (answer, status, action) in [
        (Answer::Decline, ChallengeStatus::Declined, Action::DeclineChallenge),
        (Answer::Report, ChallengeStatus::Reported, Action::ReportChallenge),
    ] {
        for steps in 0..3 {
            let bank = signing_bank();
            app(&bank).await;
            let challenges = bank.verifier.challenges();
            let id = match steps {
                0 => bank.issued().await.challenge.id,
                _ => bank.confirmed().await.0,
            };
            if steps == 2 {
                challenges.present(&fraud_rings("call-1"), &id).await.unwrap();
            }
            bank.seen.take();
            let ended = challenges.answer(&alice(), &id, &answer).await.unwrap();
            assert_eq!(ended.status, status);
            assert_eq!(ended.reported, status == ChallengeStatus::Reported);
            assert_eq!(challenges.answer(&alice(), &id, &answer).await.unwrap(), ended, "repeated");
            let seen = bank.seen.take();
            assert_eq!((seen[0].action, &seen[0].actor), (action, &Actor::Customer));
            assert_eq!(bank.happened().await.last(), Some(&(action, Outcome::Done)));
            refused(challenges.answer(&alice(), &id, &accept("late")).await);
            refused(challenges.confirm(&alice(), &id, &request("late"), &slot()).await);
            refused(challenges.reassign(&alice(), &id, &request("late"), &slot()).await);
            refused(challenges.revoke(&alice(), &id).await);
            refused(challenges.present(&fraud_rings("call-1"), &id).await);
        }
    }
}

#[tokio::test]
async fn a_report_reaches_history_and_observer_however_the_challenge_ended() {
    let bank = signing_bank();
    let challenges = bank.verifier.challenges();
    let id = bank.issued().await.challenge.id;
    challenges.revoke(&alice(), &id).await.unwrap();
    bank.seen.take();
    let reported = challenges.answer(&alice(), &id, &Answer::Report).await.unwrap();
    assert!(reported.reported);
    assert_eq!(reported.status, ChallengeStatus::Revoked);
    let again = challenges.answer(&alice(), &id, &Answer::Report).await.unwrap();
    assert_eq!(again, reported);
    let seen: Vec<_> = bank.seen.take().iter().map(|one| (one.action, one.repeated)).collect();
    assert_eq!(seen, [(Action::ReportChallenge, false), (Action::ReportChallenge, true)]);
    let reports = bank.happened().await;
    let reports = reports.iter().filter(|event| event.0 == Action::ReportChallenge);
    assert_eq!(reports.count(), 1);

    // A false caller who was reported before hides no report of the challenge itself.
    let other = challenges.issue(&alice(), &challenge("ch-2")).await.unwrap().challenge.id;
    challenges.answer(&alice(), &other, &accept("a-2")).await.unwrap();
    let called = challenges
        .conclude(&alice(), &other, NO_APPOINTMENT, Verdict::NotRecognised)
        .await
        .unwrap();
    assert!(called.reported && called.status == ChallengeStatus::Answered);
    challenges.revoke(&alice(), &other).await.unwrap();
    bank.seen.take();
    challenges.answer(&alice(), &other, &Answer::Report).await.unwrap();
    let seen: Vec<_> = bank.seen.take().iter().map(|one| (one.action, one.repeated)).collect();
    assert_eq!(seen, [(Action::ReportChallenge, false)]);
    let history =
        histories(&bank.verifier, |of| *of == countersign::history::Subject::Challenge(other))
            .await;
    let reports = history[0].events.iter().filter(|one| one.action == Action::ReportChallenge);
    assert_eq!(reports.count(), 2);

    // One that is not theirs, or was never issued, reaches the observer.
    let never: ChallengeId = "00000000000000000000000000".parse().unwrap();
    refused(challenges.answer(&alice(), &never, &Answer::Report).await);
    refused(challenges.answer(&mallory(), &id, &Answer::Report).await);
    let unknown = Outcome::Refused(Reason::Unknown);
    let seen: Vec<_> = bank.seen.take().iter().map(|one| (one.action, one.outcome)).collect();
    assert_eq!(seen, [(Action::ReportChallenge, unknown); 2]);
}
