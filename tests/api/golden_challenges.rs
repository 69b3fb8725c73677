//! What a release wrote of challenges opens for ever, and the tokens and codes that it gave out keep
//! their meaning.
//!
//! The files under `tests/golden/challenges/` are only ever added to; see `golden.rs` for how the file
//! of a format that was never released is written anew.

use countersign::callback::Verdict;
use countersign::challenge::{Acceptance, Answer, ChallengeRequest};
use countersign::challenge::{Channels, Detail, Details, FoundOn, PostsFrom};
use countersign::device::{ChallengeCheck, CodeAttempts, CodeCheck, DeviceCredential};
use countersign::page::Page;
use countersign::{Assignee, ChallengeId, Channel, Policy, Verifier, Window};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::support::challenges::*;
use crate::support::credentials::app;
use crate::support::golden;
use crate::support::golden_bank::Kept;
use crate::support::*;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Golden {
    #[serde(flatten)]
    kept: Kept,
    challenges: Value,
    histories: Value,
    /// What the app holds: its credential, its pseudonym.
    device: String,
    pseudonym: String,
    /// Challenge tokens, and where they were found.
    tokens: Vec<(String, String)>,
    /// What can still be presented, its token, and the code.
    open: (ChallengeId, String, String),
}

fn policy() -> Policy {
    let mut policy = Policy::default();
    policy.challenges.per_customer = 20;
    policy
}

async fn read(verifier: &Verifier) -> (Value, Value) {
    let challenges = verifier.challenges().list(&alice(), Page::first()).await.unwrap();
    let histories = histories(verifier, a_challenge).await;
    let json = |value: &_| serde_json::to_value(value).unwrap();
    (json(&challenges.items), serde_json::to_value(histories).unwrap())
}

fn on_everything(id: &str) -> ChallengeRequest {
    let from = |channel, handle: &str| PostsFrom::new(channel, handle.parse().unwrap());
    ChallengeRequest::new(
        request(id),
        "About a payment \u{2013} 31 January".parse().unwrap(),
        Channels::new(&Channel::ALL).unwrap(),
    )
    .posting_from([
        from(Channel::Sms, "BANK"),
        from(Channel::Email, "help@bank.example"),
        from(Channel::Social, "@bank"),
    ])
}

/// A challenge in each of its states.
async fn scene() -> Golden {
    let bank = bank_of(policy());
    let (_, device) = app(&bank).await;
    let challenges = bank.verifier.challenges();
    let detail = Detail::new("Card".parse().unwrap(), "ends in 1234".parse().unwrap()).unwrap();
    let detailed =
        challenge("detailed").with_details(Details::new([detail]).unwrap()).valid_for(HOUR);
    let mut tokens = vec![
        (challenges.issue(&alice(), &detailed).await.unwrap().token, "chat".to_owned()),
        (
            challenges.issue(&alice(), &on_everything("hidden")).await.unwrap().token,
            "social:@bank".to_owned(),
        ),
    ];
    let issue =
        async |id: &str| challenges.issue(&alice(), &challenge(id)).await.unwrap().challenge.id;
    for (name, answer) in [("declined", Answer::Decline), ("reported", Answer::Report)] {
        let id = issue(name).await;
        challenges.answer(&alice(), &id, &answer).await.unwrap();
    }
    let revoked = issue("revoked").await;
    challenges.revoke(&alice(), &revoked).await.unwrap();
    let not_you = Verdict::NotRecognised;
    challenges.conclude(&alice(), &revoked, NO_APPOINTMENT, not_you).await.unwrap();
    let answered = issue("answered").await;
    let wish = Window::new(START.after(HOUR), START.after(2 * HOUR)).unwrap();
    let wishing = Acceptance::new(request("a"))
        .proposing_slot(wish)
        .proposing_channel(Channel::Chat)
        .proposing_topic("And the new card".parse().unwrap())
        .with_credential(device.id())
        .with_word(secret("anana"));
    challenges.answer(&alice(), &answered, &Answer::Accept(wishing)).await.unwrap();
    let worded = issue("worded").await;
    let with_word = Acceptance::new(request("a")).with_word(secret("Blue Kettle"));
    challenges.answer(&alice(), &worded, &Answer::Accept(with_word)).await.unwrap();
    challenges.confirm(&alice(), &worded, &request("c"), &slot()).await.unwrap();
    let fixed = challenges.issue(&alice(), &challenge("fixed").at(slot())).await.unwrap();
    tokens.push((fixed.token, "voice".to_owned()));
    let mut ended = Vec::new();
    for name in ["recognised", "not-recognised", "reassigned"] {
        let id = issue(name).await;
        challenges.answer(&alice(), &id, &accept("a")).await.unwrap();
        let agreed = challenges.confirm(&alice(), &id, &request("c"), &slot()).await.unwrap();
        ended.push((id, appointment(&agreed.token)));
    }
    let mut to_eve = slot_between(5, 30);
    to_eve.assignee = Assignee::Agent(agent("eve").id);
    let again = challenges.reassign(&alice(), &ended[2].0, &request("c-2"), &to_eve).await.unwrap();
    bank.clock.set(START.after(15 * MINUTE));
    let eve = call("call-9", &alice(), agent("eve"));
    let of = appointment(&again.token);
    challenges.conclude(&alice(), &ended[2].0, of, Verdict::NotRecognised).await.unwrap();
    let code = digits(&challenges.present(&eve, &ended[2].0).await.unwrap());
    for ((id, of), verdict) in ended.iter().zip([Verdict::Recognised, Verdict::NotRecognised]) {
        let ring = fraud_rings("call-1");
        challenges.present(&ring, id).await.unwrap();
        challenges.conclude(&alice(), id, *of, verdict).await.unwrap();
    }
    // Those that nobody answered expire here.
    read(&bank.verifier).await;
    let (listed, histories) = read(&bank.verifier).await;
    Golden {
        kept: Kept::of(&bank, "Record format 1: challenges; their tokens; spoken code 1"),
        challenges: listed,
        histories,
        device: hex::encode(&*device.to_bytes()),
        pseudonym: challenges.pseudonym(&alice()).expose().to_string(),
        tokens,
        open: (ended[2].0, again.token, code),
    }
}

#[tokio::test]
async fn the_current_format_is_the_one_in_the_file() {
    let now = scene().await;
    let file = golden::is_current("challenges", &now);
    for status in [
        "answered",
        "confirmed",
        "presented",
        "recognised",
        "not_recognised",
        "declined",
        "reported",
        "revoked",
        "expired",
    ] {
        let has = |one: &Value| one["status"] == status;
        assert!(file.challenges.as_array().unwrap().iter().any(has), "{status}");
    }
}

#[tokio::test]
async fn every_released_format_opens() {
    for (_, golden) in golden::released::<Golden>("challenges", 1) {
        let kept = golden.kept.verifier().await.policy(policy()).signing_key(signing());
        let verifier = kept.build().unwrap();
        assert_eq!(read(&verifier).await, (golden.challenges, golden.histories));

        let phone = phone().with_pseudonym(golden.pseudonym.parse().unwrap());
        assert_eq!(*verifier.challenges().pseudonym(&alice()).expose(), golden.pseudonym);
        for (token, found_on) in &golden.tokens {
            let found_on: FoundOn = found_on.parse().unwrap();
            let opened = phone.open_challenge(token, &found_on, START).unwrap();
            assert!(matches!(opened, ChallengeCheck::ForYou(_)), "{found_on}");
        }
        let (id, token, code) = golden.open;
        let device = DeviceCredential::from_bytes(&hex::decode(&golden.device).unwrap()).unwrap();
        let shown = phone.open_appointment(&token, golden.kept.now).unwrap();
        let heard =
            shown.check_spoken_code(&device, &code, &mut CodeAttempts::new(), golden.kept.now);
        assert_eq!(heard, Ok(CodeCheck::Genuine));
        let eve = call("call-9", &alice(), agent("eve"));
        let said = verifier.challenges().present(&eve, &id).await.unwrap();
        assert_eq!(digits(&said), code);
        assert_eq!(verifier.challenges().appointment(&alice(), &id).await.unwrap(), token);
        // Whose verdict names another appointment is told no, in records of every version.
        let challenges = verifier.challenges();
        let conclude = async |of| challenges.conclude(&alice(), &id, of, Verdict::Recognised).await;
        crate::support::credentials::refused(conclude(NO_APPOINTMENT).await);
        let concluded = conclude(shown.id()).await.unwrap();
        assert_eq!(concluded.status, countersign::challenge::ChallengeStatus::Recognised);
    }
}
