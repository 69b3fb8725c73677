//! Attacks on challenges and on the code that is said, each by its name.

use std::time::Duration;

use countersign::callback::Verdict;
use countersign::challenge::{
    Acceptance, Answer, ChallengeRequest, ChallengeStatus, Pseudonym, SpokenProof,
};
use countersign::challenge::{Channels, Detail, Details, FoundOn, Handle, PostsFrom};
use countersign::device::{ChallengeCheck, ChallengeError, CodeCheck};
use countersign::error::{Invalid, Reason};
use countersign::history::{Action, Outcome};
use countersign::page::Page;
use countersign::store::Fault;
use countersign::token::{Purpose, Rejection, TrustedKeys, v4_public};
use countersign::{
    ChallengeId, Channel, Device, Error, Interaction, InteractionId, Policy, TeamId,
};

use crate::support::challenges::*;
use crate::support::credentials::{app, refused};
use crate::support::depth::{every_fault_at, strided};
use crate::support::hearing::{hear, presented};
use crate::support::*;

fn rejected<T: std::fmt::Debug>(result: Result<T, ChallengeError>) -> Rejection {
    match result {
        Err(ChallengeError::Token(error)) => error.reason(),
        other => panic!("{other:?}"),
    }
}

fn on_sms(id: &str) -> ChallengeRequest {
    let channels = Channels::new(&[Channel::Sms, Channel::Social]).unwrap();
    let from = |channel, handle: &str| PostsFrom::new(channel, handle.parse().unwrap());
    ChallengeRequest::new(request(id), "Your parcel".parse().unwrap(), channels).posting_from([
        from(Channel::Sms, "BANK"),
        from(Channel::Sms, "+442079460000"),
        from(Channel::Social, "@bank"),
    ])
}

fn found(text: &str) -> FoundOn {
    text.parse().unwrap()
}

/// The customer's own genuine token, forwarded to a victim, is never genuine for the victim.
#[tokio::test]
async fn a_forwarded_token_is_never_genuine_for_the_victim() {
    let bank = signing_bank();
    let challenges = bank.verifier.challenges();
    let to_mallory = challenges.issue(&mallory(), &challenge("ch-1")).await.unwrap().token;
    let in_chat = FoundOn::channel(Channel::Chat);
    let opened = phone_of(&mallory()).open_challenge(&to_mallory, &in_chat, bank.now());
    assert!(matches!(opened, Ok(ChallengeCheck::ForYou(_))));
    let at_alice = |phone: countersign::Device, token: &str, found_on: &FoundOn| {
        phone.open_challenge(token, found_on, bank.now())
    };
    assert_eq!(rejected(at_alice(phone(), &to_mallory, &in_chat)), Rejection::Audience);

    // Where others can read it, it names nobody: then nothing is claimed without the pseudonym.
    let hidden = challenges.issue(&mallory(), &on_sms("ch-2")).await.unwrap().token;
    let by_sms = found("sms:BANK");
    let pseudonym = |customer: countersign::CustomerId| challenges.pseudonym(&customer);
    let opened = at_alice(phone(), &hidden, &by_sms);
    assert!(matches!(opened, Ok(ChallengeCheck::ForSomeone(_))));
    let knowing = phone().with_pseudonym(pseudonym(alice()));
    assert_eq!(rejected(at_alice(knowing, &hidden, &by_sms)), Rejection::Audience);
    let hers: Pseudonym = pseudonym(mallory()).expose().parse().unwrap();
    let opened = at_alice(phone_of(&mallory()).with_pseudonym(hers), &hidden, &by_sms);
    assert!(matches!(opened, Ok(ChallengeCheck::ForYou(_))));

    // Nor is an appointment of theirs.
    let id = challenges.issue(&mallory(), &challenge("ch-3")).await.unwrap().challenge.id;
    let word = Acceptance::new(request("a-1")).with_word(secret("anana"));
    challenges.answer(&mallory(), &id, &Answer::Accept(word)).await.unwrap();
    let confirmed = challenges.confirm(&mallory(), &id, &request("c-1"), &slot()).await.unwrap();
    assert!(phone_of(&mallory()).open_appointment(&confirmed.token, bank.now()).is_ok());
    let opened = phone().open_appointment(&confirmed.token, bank.now());
    assert_eq!(opened.unwrap_err().reason(), Rejection::Audience);
}

/// A pseudonymous token tells nobody for whom it is, nor that two are for one person.
#[tokio::test]
async fn tokens_that_others_can_read_do_not_tell_for_whom_they_are() {
    let bank = signing_bank();
    let challenges = bank.verifier.challenges();
    let mut audiences = Vec::new();
    for id in ["ch-1", "ch-2"] {
        let token = challenges.issue(&alice(), &on_sms(id)).await.unwrap().token;
        let opened = phone().open_challenge(&token, &found("sms:bank"), bank.now()).unwrap();
        let ChallengeCheck::ForSomeone(opened) = opened else { panic!("it names nobody") };
        audiences.push(opened.claims().audience().as_str().to_owned());
        assert!(opened.claims().data().details().is_empty());
    }
    assert_ne!(audiences[0], audiences[1]);
    let pseudonym = challenges.pseudonym(&alice());
    assert!(!audiences.contains(&*pseudonym.expose()));
    assert!(audiences.iter().all(|audience| !audience.contains("alice")));
    assert_eq!(format!("{pseudonym:?}"), "Pseudonym([REDACTED])");
}

/// A copied token: on another channel, or from an account that looks like the brand's.
#[tokio::test]
async fn a_copied_token_proves_nothing_where_it_was_copied_to() {
    let bank = signing_bank();
    let challenges = bank.verifier.challenges();
    let token = challenges.issue(&alice(), &on_sms("ch-1")).await.unwrap().token;
    let phone = || phone().with_pseudonym(challenges.pseudonym(&alice()));
    for genuine in ["sms:BANK", "sms:bank", "sms:+442079460000", "social:@Bank"] {
        let opened = phone().open_challenge(&token, &found(genuine), bank.now());
        assert!(matches!(opened, Ok(ChallengeCheck::ForYou(_))), "{genuine}");
    }
    for copied in [
        "chat",
        "voice",
        "email:bank@bank.example",
        "sms",
        "sms:BANK1",
        "sms:BAN\u{212a}",
        "sms:\u{412}ANK",
        "sms:@bank",
        "sms:442079460000",
        "social:BANK",
        "social:@bank_",
    ] {
        let opened = phone().open_challenge(&token, &found(copied), bank.now());
        assert!(matches!(opened, Err(ChallengeError::FoundElsewhere(_))), "{copied}");
    }
    // A token that names no handle for a channel vouches for none there.
    let plain = challenges.issue(&alice(), &challenge("ch-2")).await.unwrap().token;
    let opened = phone().open_challenge(&plain, &found("voice:+15550100"), bank.now());
    assert!(matches!(opened, Err(ChallengeError::FoundElsewhere(_))));
    for nowhere in ["", "fax", "sms:", "sms: ", "SMS:BANK", "sms:\u{200b}BANK"] {
        assert!(nowhere.parse::<FoundOn>().is_err(), "{nowhere:?}");
    }
    assert!(Handle::new("a b").is_err());
    assert_eq!(found("sms:BANK").to_string(), "sms:BANK");
    assert_eq!(found("chat").to_string(), "chat");
}

/// Token confusion: a token for one purpose, customer or time is refused for any other.
#[tokio::test]
async fn tokens_are_not_mistaken_for_each_other() {
    let bank = signing_bank();
    app(&bank).await;
    let issued = bank.issued().await.token;
    let (_, appointment) = bank.confirmed().await;
    let chat = FoundOn::channel(Channel::Chat);
    let opened = phone().open_challenge(&appointment, &chat, bank.now());
    assert_eq!(rejected(opened), Rejection::Signature);
    let opened = phone().open_appointment(&issued, bank.now());
    assert_eq!(opened.unwrap_err().reason(), Rejection::Signature);
    let opened = phone_of(&mallory()).open_appointment(&appointment, bank.now());
    assert_eq!(opened.unwrap_err().reason(), Rejection::Audience);
    // A key that is trusted for one purpose is for no other.
    for &purpose in Purpose::ALL {
        let mut keys = TrustedKeys::new(issuer());
        keys.trust(*signing().public_key(), purpose).unwrap();
        let phone = Device::new(keys, alice());
        let opened = phone.open_challenge(&issued, &chat, START);
        if purpose == Purpose::Challenge {
            assert!(matches!(opened, Ok(ChallengeCheck::ForYou(_))));
        } else {
            assert_eq!(rejected(opened), Rejection::UnknownKey, "{purpose}");
        }
        let opened = phone.open_appointment(&appointment, START).map(|_| ());
        let own = purpose == Purpose::Appointment;
        let expected = if own { Ok(()) } else { Err(Rejection::UnknownKey) };
        assert_eq!(opened.map_err(|error| error.reason()), expected, "{purpose}");
    }
    // Signed as what it is not: the claim says otherwise.
    for (genuine, is, shown_as) in [
        (&appointment, Purpose::Appointment, Purpose::Challenge),
        (&issued, Purpose::Challenge, Purpose::Appointment),
    ] {
        let signed_as = |purpose: Purpose, claimed: Purpose| {
            let (key, mut buffer) = (signing(), v4_public::Buffer::new());
            let assertion = is.implicit_assertion().as_bytes();
            let read = v4_public::verify(genuine, key.public_key(), assertion, &mut buffer);
            let claims = String::from_utf8(read.unwrap().message.to_vec()).unwrap();
            let claim = |purpose| format!(r#""purpose":"{purpose}""#);
            let claims = claims.replace(&claim(is), &claim(claimed));
            let footer = format!(r#"{{"kid":"{}"}}"#, key.public_key().kid());
            let assertion = purpose.implicit_assertion().as_bytes();
            v4_public::sign(&key, claims.as_bytes(), footer.as_bytes(), assertion).unwrap()
        };
        let opened = |token: &str| match is {
            Purpose::Challenge => {
                phone().open_challenge(token, &chat, START).map(drop).map_err(|error| {
                    let ChallengeError::Token(error) = error else { panic!("{error:?}") };
                    error.reason()
                })
            }
            _ => phone().open_appointment(token, START).map(drop).map_err(|e| e.reason()),
        };
        assert_eq!(opened(&signed_as(is, is)), Ok(()));
        assert_eq!(opened(&signed_as(is, shown_as)), Err(Rejection::Purpose));
        assert_eq!(opened(&signed_as(shown_as, is)), Err(Rejection::Signature));
    }
    // Expiry holds at the moment of use, give or take half a minute.
    let late = START.after(5 * MINUTE + Duration::from_secs(30));
    assert_eq!(rejected(phone().open_challenge(&issued, &chat, late)), Rejection::Expired);
    let late = slot().window.until().after(Duration::from_secs(30));
    assert_eq!(
        phone().open_appointment(&appointment, late).unwrap_err().reason(),
        Rejection::Expired
    );
}

/// Agent harvesting: a code shows only in its slot, in an outbound interaction with that customer, over
/// the agreed channel, to the agent or team agreed; every attempt is on record.
#[tokio::test]
async fn a_code_is_shown_to_nobody_else_nowhere_else_and_at_no_other_time() {
    let bank = signing_bank();
    app(&bank).await;
    let challenges = bank.verifier.challenges();
    let (id, _) = bank.confirmed().await;
    let bob = || agent("bob").in_team(TeamId::new("fraud").unwrap());
    let call_id = || InteractionId::new("call-1").unwrap();
    let over = |channel| Interaction::outbound(call_id(), alice(), bob(), channel);
    let last = async || bank.happened().await.last().copied().unwrap();
    for at in [START, slot().window.from().before(Duration::from_secs(1))] {
        bank.clock.set(at);
        refused(challenges.present(&fraud_rings("call-1"), &id).await);
        assert_eq!(last().await, (Action::Present, Outcome::Refused(Reason::OutsideWindow)));
    }
    bank.clock.set(slot().window.from());
    for (interaction, reason) in [
        (Interaction::inbound(call_id(), alice(), bob(), Channel::Voice), Reason::Inbound),
        (over(Channel::Chat), Reason::WrongChannel),
        (over(Channel::Email), Reason::ChannelNotAllowed),
        (bob_rings("call-1"), Reason::NotAssigned),
        (
            call("call-1", &alice(), agent("bob").in_team(TeamId::new("sales").unwrap())),
            Reason::NotAssigned,
        ),
    ] {
        refused(challenges.present(&interaction, &id).await);
        assert_eq!(last().await, (Action::Present, Outcome::Refused(reason)));
    }
    // Another customer's id is refused as an unknown one, and leaves no trace in the history.
    let before = bank.happened().await.len();
    bank.seen.take();
    refused(challenges.present(&call("call-1", &mallory(), bob()), &id).await);
    let never: ChallengeId = "00000000000000000000000000".parse().unwrap();
    refused(challenges.present(&fraud_rings("call-1"), &never).await);
    let reasons: Vec<_> = bank.seen.take().iter().map(|one| one.outcome).collect();
    assert_eq!(reasons, [Outcome::Refused(Reason::Unknown); 2]);
    assert_eq!(bank.happened().await.len(), before);
    assert_eq!(bank.challenge_status(&id).await, ChallengeStatus::Confirmed);

    challenges.present(&fraud_rings("call-1"), &id).await.unwrap();
    refused(challenges.present(&fraud_rings("call-2"), &id).await);
    assert_eq!(last().await, (Action::Present, Outcome::Refused(Reason::TooManyInteractions)));
    let eve = agent("eve").in_team(TeamId::new("fraud").unwrap());
    refused(challenges.present(&call("call-1", &alice(), eve), &id).await);
    assert_eq!(last().await, (Action::Present, Outcome::Refused(Reason::AgentChanged)));
}

/// Another customer can neither see nor end nor answer it.
#[tokio::test]
async fn another_customers_challenge_is_unknown() {
    let bank = signing_bank();
    app(&bank).await;
    let challenges = bank.verifier.challenges();
    let (id, _) = bank.confirmed().await;
    let before = bank.happened().await;
    refused(challenges.answer(&mallory(), &id, &accept("a-2")).await);
    refused(challenges.answer(&mallory(), &id, &countersign::challenge::Answer::Decline).await);
    refused(challenges.conclude(&mallory(), &id, NO_APPOINTMENT, Verdict::Recognised).await);
    refused(challenges.confirm(&mallory(), &id, &request("c-2"), &slot()).await);
    refused(challenges.reassign(&mallory(), &id, &request("c-2"), &slot()).await);
    refused(challenges.revoke(&mallory(), &id).await);
    refused(challenges.appointment(&mallory(), &id).await);
    assert!(challenges.list(&mallory(), Page::first()).await.unwrap().items.is_empty());
    assert_eq!(bank.happened().await, before);
}

/// The code of a replaced appointment is dead: it is shown no more, and the new one differs.
#[tokio::test]
async fn reassigning_makes_another_code() {
    let bank = signing_bank();
    let (_, device) = app(&bank).await;
    let challenges = bank.verifier.challenges();
    let (id, first) = bank.confirmed().await;
    let old = presented(&bank, &id, "call-1").await;
    let again = challenges.reassign(&alice(), &id, &request("c-2"), &slot()).await.unwrap();
    assert_eq!(again.challenge.status, ChallengeStatus::Confirmed);
    assert_eq!(again.challenge.presentations, 0);
    assert_ne!(again.token, first, "the same slot, and yet another token");
    let new = presented(&bank, &id, "call-2").await;
    assert_ne!(new, old);
    assert_eq!(hear(&bank, &again.token, &device, &new), CodeCheck::Genuine);
    assert!(!hear(&bank, &again.token, &device, &old).is_genuine());
    assert!(!hear(&bank, &first, &device, &new).is_genuine());
    assert_eq!(challenges.appointment(&alice(), &id).await.unwrap(), again.token);
    // The replaced confirmation is not brought back by repeating it.
    refused(challenges.confirm(&alice(), &id, &request("c-1"), &slot()).await);
    let last = *bank.happened().await.last().unwrap();
    assert_eq!(last, (Action::Present, Outcome::Done), "and that is told, not written");
    assert_eq!(bank.seen.take().pop().unwrap().outcome, Outcome::Refused(Reason::Superseded));
    refused(challenges.confirm(&alice(), &id, &request("c-3"), &slot()).await);
    for n in 3..9 {
        let name = request(&format!("c-{n}"));
        challenges.reassign(&alice(), &id, &name, &slot()).await.unwrap();
    }
    let more = challenges.reassign(&alice(), &id, &request("c-9"), &slot()).await;
    assert!(matches!(more, Err(Error::Invalid(countersign::error::Invalid::TooManyAppointments))));
}

/// A lost phone: once its credential is revoked, no code of it is shown.
#[tokio::test]
async fn a_revoked_credential_has_no_code() {
    let bank = signing_bank();
    let (_, device) = app(&bank).await;
    let (id, _) = bank.confirmed().await;
    bank.verifier.credentials().revoke(&alice(), &device.id()).await.unwrap();
    refused(bank.verifier.challenges().present(&fraud_rings("call-1"), &id).await);
    let last = *bank.happened().await.last().unwrap();
    assert_eq!(last, (Action::Present, Outcome::Refused(Reason::NoCredential)));
}

/// Lockout as denial of service: wrong codes of the customer do not keep the enterprise from proving
/// itself.
#[tokio::test]
async fn a_locked_credential_still_hears() {
    let bank = signing_bank();
    let (_, device) = app(&bank).await;
    let (id, token) = bank.confirmed().await;
    let wrong = "00000000".parse().unwrap();
    for _ in 0..9 {
        refused(bank.verifier.credentials().confirm(&alice(), &device.id(), &wrong).await);
    }
    let said = presented(&bank, &id, "call-1").await;
    assert_eq!(hear(&bank, &token, &device, &said), CodeCheck::Genuine);
}

/// Push bombing: challenges of one customer are limited; a repetition counts once.
#[tokio::test]
async fn challenges_to_one_customer_are_limited() {
    let bank = signing_bank();
    let challenges = bank.verifier.challenges();
    for n in 0..5 {
        for _ in 0..3 {
            challenges.issue(&alice(), &challenge(&format!("ch-{n}"))).await.unwrap();
        }
    }
    refused(challenges.issue(&alice(), &challenge("ch-5")).await);
    let seen = bank.seen.take().pop().unwrap();
    assert_eq!(seen.action, Action::IssueChallenge);
    assert_eq!(seen.outcome, Outcome::Refused(Reason::TooManyRequests));
    challenges.issue(&mallory(), &challenge("ch-5")).await.unwrap();
    challenges.issue(&alice(), &challenge("ch-4")).await.unwrap();
    assert_eq!(challenges.list(&alice(), Page::first()).await.unwrap().items.len(), 5);
    bank.clock.advance(10 * MINUTE);
    challenges.issue(&alice(), &challenge("ch-5")).await.unwrap();
}

/// The same code shown in many interactions at once: one has it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_interactions_one_is_shown_the_code() {
    let bank = signing_bank();
    app(&bank).await;
    let (id, _) = bank.confirmed().await;
    bank.store.always(Some(Fault::Delay(1)));
    let tasks: Vec<_> = (0..32)
        .map(|n| {
            let verifier = bank.verifier.clone();
            let ring = fraud_rings(&format!("call-{n}"));
            tokio::spawn(async move { verifier.challenges().present(&ring, &id).await })
        })
        .collect();
    let mut shown = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(SpokenProof::Code(_)) => shown += 1,
            Err(Error::Refused(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(shown, 1);
    bank.store.heal();
    let done = bank.happened().await;
    let presented = done.iter().filter(|one| **one == (Action::Present, Outcome::Done));
    assert_eq!(presented.count(), 1);
}

/// A store outage is neither a refusal nor a pass, and what had landed is found again.
#[tokio::test]
async fn a_store_outage_shows_nothing_and_loses_nothing() {
    for (fault, calls) in strided(every_fault_at(6), 5) {
        let bank = signing_bank();
        app(&bank).await;
        let (id, _) = bank.confirmed().await;
        bank.store.plan(calls, fault);
        let ring = fraud_rings("call-1");
        let first = bank.verifier.challenges().present(&ring, &id).await;
        bank.store.heal();
        match first {
            Ok(_) | Err(Error::Store(_) | Error::Record(_)) => {}
            other => panic!("{other:?}"),
        }
        presented(&bank, &id, "call-1").await;
        let mut done = bank.happened().await;
        done.retain(|one| *one == (Action::Present, Outcome::Done));
        assert_eq!(done.len(), 1, "{fault:?} at {calls}");
    }
}

/// More presentations than one are the policy's to allow.
#[tokio::test]
async fn the_policy_says_in_how_many_interactions() {
    let mut policy = Policy::default();
    policy.challenges.presentations = 2;
    let bank = bank_of(policy);
    app(&bank).await;
    let (id, _) = bank.confirmed().await;
    let first = presented(&bank, &id, "call-1").await;
    assert_eq!(presented(&bank, &id, "call-2").await, first);
    refused(bank.verifier.challenges().present(&fraud_rings("call-3"), &id).await);
    assert_eq!(presented(&bank, &id, "call-1").await, first, "still the same call");
}

/// Reassigning gives another code, but a word is what it is: once an agent knows it, no other one is told
/// it as if it were fresh.
#[tokio::test]
async fn a_word_that_one_agent_knows_is_not_given_to_another() {
    let bank = signing_bank();
    let challenges = bank.verifier.challenges();
    let id = bank.issued().await.challenge.id;
    let accepted = Answer::Accept(Acceptance::new(request("a-1")).with_word(secret("anana")));
    challenges.answer(&alice(), &id, &accepted).await.unwrap();
    challenges.confirm(&alice(), &id, &request("c-1"), &slot()).await.unwrap();
    // Before anybody saw it, another slot is another slot.
    let later = slot_between(10, 50);
    challenges.reassign(&alice(), &id, &request("c-2"), &later).await.unwrap();
    bank.clock.set(START.after(15 * MINUTE));
    challenges.present(&fraud_rings("call-1"), &id).await.unwrap();
    let other = challenges.reassign(&alice(), &id, &request("c-3"), &slot_between(10, 45)).await;
    assert!(matches!(other, Err(Error::Invalid(Invalid::WordWasShown))), "{other:?}");
    let again = challenges.present(&fraud_rings("call-1"), &id).await.unwrap();
    assert!(matches!(again, SpokenProof::Word(_)), "in the same call, as before");
    refused(challenges.present(&fraud_rings("call-2"), &id).await);
}

/// Logs, `Debug`, errors, observer events and histories hold no word, code or detail.
#[tokio::test]
async fn nothing_that_is_printed_gives_anything_away() {
    let bank = signing_bank();
    let challenges = bank.verifier.challenges();
    let detail = Detail::new("Card".parse().unwrap(), "ends in 1234".parse().unwrap()).unwrap();
    let asked = challenge("ch-1").with_details(Details::new([detail]).unwrap());
    assert!(!format!("{asked:?}").contains("1234"));
    let id = challenges.issue(&alice(), &asked).await.unwrap().challenge.id;
    let acceptance = Acceptance::new(request("a-1")).with_word(secret("anana"));
    let answer = Answer::Accept(acceptance.forbidding(["Smithers"]));
    let printed = format!("{answer:?}");
    assert!(!printed.contains("anana") && !printed.contains("Smithers"));
    challenges.answer(&alice(), &id, &answer).await.unwrap();
    challenges.confirm(&alice(), &id, &request("c-1"), &slot()).await.unwrap();
    bank.clock.set(START.after(15 * MINUTE));
    challenges.present(&fraud_rings("call-1"), &id).await.unwrap();
    let seen = bank.seen.take();
    let history = bank.verifier.history(&alice(), Page::first()).await.unwrap();
    let sealed: Vec<_> = bank.store.records().into_iter().map(|(_, one)| one.sealed).collect();
    for text in [
        format!("{seen:?}"),
        serde_json::to_string(&seen).unwrap(),
        format!("{history:?}"),
        serde_json::to_string(&history).unwrap(),
    ] {
        assert!(!text.to_lowercase().contains("anana") && !text.contains("1234"), "{text}");
    }
    let word = b"anana";
    assert!(sealed.iter().all(|row| !row.windows(word.len()).any(|part| part == word)));
}
