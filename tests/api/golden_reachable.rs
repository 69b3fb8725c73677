//! What a release wrote of reachable agents opens for ever, and its answers read the same.
//!
//! The files under `tests/golden/reachable/` are only ever added to; see `golden.rs` for how the file of a format that was
//! never released is written anew.

use core::time::Duration;

use countersign::callback::Callback;
use countersign::contact::StatusNonce;
use countersign::device::StatusQuestion;
use countersign::error::Invalid;
use countersign::page::Page;
use countersign::random::SeededRandom;
use countersign::reachability::{Reach, SkillReport};
use countersign::time::Clock;
use countersign::token::{Leeway, Purpose, TrustedKeys};
use countersign::{Channel, Device, Error, Timestamp, Verifier};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::support::challenges::{signing, signing_bank};
use crate::support::golden;
use crate::support::golden_bank::Kept;
use crate::support::*;

const SKILLS: [(&str, Channel); 4] = [
    ("cards", Channel::Voice),
    ("loans", Channel::Voice),
    ("cards", Channel::Chat),
    ("other", Channel::Voice),
];

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Golden {
    #[serde(flatten)]
    kept: Kept,
    nonce: StatusNonce,
    /// What was answered then, and what it said of each of the skills.
    token: String,
    reach: Vec<Reach>,
    /// The callback that was booked from it; there is none in files of before that was kept.
    #[serde(default)]
    booked: Option<serde_json::Value>,
}

/// What is booked from the answer: it keeps the skill, and a digest of the answer.
async fn booked(bank: &Verifier, answer: &str, id: &str) -> Result<Callback, Error> {
    let new = booking(id, "anana");
    bank.reachability().book(&alice(), answer, &"cards".parse().unwrap(), new).await
}

fn asks(now: Timestamp) -> StatusQuestion {
    StatusQuestion::new(&SeededRandom::new(3), now).unwrap()
}

fn shown(token: &str, now: Timestamp) -> Vec<Reach> {
    let mut keys = TrustedKeys::new(issuer());
    keys.trust(*signing().public_key(), Purpose::Reachable).unwrap();
    let phone = Device::new(keys, alice()).with_leeway(Leeway::NONE);
    let shown = phone.open_reachable(token, &asks(now), now).unwrap();
    SKILLS.map(|(skill, channel)| shown.reach(&skill.parse().unwrap(), channel, now)).to_vec()
}

/// One skill with agents and a wait, one that is closed, one of which no wait is known.
async fn scene() -> Golden {
    let bank = signing_bank();
    let skill = |name: &str| name.parse().unwrap();
    let reports = [
        SkillReport::open(skill("cards"), Channel::Voice, START)
            .agents(12, 3)
            .wait(Duration::from_secs(240)),
        SkillReport::closed(skill("loans"), Channel::Voice, START),
        SkillReport::open(skill("cards"), Channel::Chat, START),
    ];
    bank.verifier.reachability().report(&reports).await.unwrap();
    bank.clock.advance(Duration::from_secs(12));
    let now = bank.clock.now().unwrap();
    let nonce = asks(now).nonce();
    let token = bank.verifier.reachability().answer(&alice(), nonce).await.unwrap();
    let callback = booked(&bank.verifier, &token, "from-answer").await.unwrap();
    assert!(callback.from_answer.is_some());
    let about = "Record format 2: reachable agents, a callback from an answer; reachable token v1";
    Golden {
        kept: Kept::of(&bank, about),
        nonce,
        reach: shown(&token, now),
        token,
        booked: Some(serde_json::to_value(callback).unwrap()),
    }
}

#[tokio::test]
async fn the_current_format_is_the_one_in_the_file() {
    let now = scene().await;
    golden::is_current("reachable", &now);
    let wait = Reach::Wait { seconds: 240, free: true, age_seconds: 12 };
    assert_eq!(now.reach, [wait, Reach::Closed, Reach::Open, Reach::Unknown]);
}

#[tokio::test]
async fn every_released_format_opens() {
    let mut bookings = 0;
    for (name, golden) in golden::released::<Golden>("reachable", 2) {
        let kept = golden.kept.verifier().await.signing_key(signing());
        let verifier = kept.build().unwrap();
        assert_eq!(asks(golden.kept.now).nonce(), golden.nonce);
        assert_eq!(shown(&golden.token, golden.kept.now), golden.reach, "{name}");
        let again = verifier.reachability().answer(&alice(), golden.nonce).await.unwrap();
        assert_eq!(shown(&again, golden.kept.now), golden.reach, "{name}");
        let Some(callback) = golden.booked else { continue };
        let listed = verifier.callbacks().list(&alice(), Page::first()).await.unwrap();
        assert_eq!(serde_json::to_value(&listed.items).unwrap(), json!([callback]), "{name}");
        // By the digest that stands there the same answer is known again, and another is not.
        let same = booked(&verifier, &golden.token, "from-answer").await.unwrap();
        assert_eq!(serde_json::to_value(same).unwrap(), callback, "{name}");
        let other = booked(&verifier, &again, "from-answer").await;
        assert!(matches!(other, Err(Error::Invalid(Invalid::RequestReused))), "{name}: {other:?}");
        bookings += 1;
    }
    assert!(bookings > 0);
}
