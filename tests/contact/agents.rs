//! Who is said to be on a call, where two systems report it, or it goes over to others.

use countersign::contact::{Introduction, OnTheLine, Status};
use countersign::device::StatusQuestion;
use countersign::random::SeededRandom;

use crate::lines::bank;
use crate::lines::*;
use crate::support::*;

async fn on_the_line(bank: &Bank) -> (Option<String>, Option<String>) {
    let question = StatusQuestion::new(&SeededRandom::new(1), START).unwrap();
    let token = bank.verifier.contact().status(&alice(), question.nonce()).await.unwrap();
    let shown = phone_of(alice()).open_status(&token, &question, START).unwrap();
    assert_eq!(shown.status(), Status::Calling);
    let OnTheLine { agent_name, purpose, .. } = shown.call().unwrap().clone();
    (agent_name.map(|name| name.as_str().to_owned()), purpose.map(|why| why.as_str().to_owned()))
}

fn by(name: &str) -> Introduction {
    Introduction::by(name.parse().unwrap())
}

fn some(name: &str, purpose: &str) -> (Option<String>, Option<String>) {
    (Some(name.to_owned()), Some(purpose.to_owned()))
}

const ABOUT: &str = "About a card payment";

/// The dialler has sent a thousand reports, the PBX three: their numbers say nothing of each other.
#[tokio::test]
async fn numbers_of_two_feeds_are_not_compared() {
    let (bank, mut dialler, mut pbx) = (bank(), Feed::new(dialler()), Feed::new(pbx()));
    let contact = bank.verifier.contact();
    dialler.skip_to(1000);
    dialler.announce(&bank.verifier, &rings("call-1"), ours()).await;
    pbx.skip_to(3);
    contact.transferred(&pbx.report(), &rings("call-1"), &by("Carol")).await.unwrap();
    assert_eq!(on_the_line(&bank).await, some("Carol", ABOUT));
    // What the dialler says of its beginning is older, whenever it comes.
    contact.began(&dialler.report(), &rings("call-1"), &by("Bob")).await.unwrap();
    assert_eq!(on_the_line(&bank).await, some("Carol", ABOUT));
    // A copy of a report that came, or one with a lower number of the same feed, too.
    let (early, late) = (pbx.report(), pbx.report());
    contact.transferred(&late, &rings("call-1"), &by("Erin")).await.unwrap();
    contact.transferred(&early, &rings("call-1"), &by("Dan")).await.unwrap();
    assert_eq!(on_the_line(&bank).await, some("Erin", ABOUT));
    contact.transferred(&dialler.report(), &rings("call-1"), &by("Frank")).await.unwrap();
    assert_eq!(on_the_line(&bank).await, some("Frank", ABOUT));
}

/// The one who was there before is not named any more.
#[tokio::test]
async fn a_transfer_without_a_name_names_nobody() {
    let (bank, mut feed) = (bank(), Feed::new(pbx()));
    let contact = bank.verifier.contact();
    feed.began(&bank.verifier, &rings("call-1")).await;
    assert_eq!(on_the_line(&bank).await, some("Bob from cards", ABOUT));
    let mut carol = rings("call-1");
    carol.agent = agent("carol");
    contact.transferred(&feed.report(), &carol, &Introduction::none()).await.unwrap();
    assert_eq!(on_the_line(&bank).await, (None, Some(ABOUT.to_owned())));
    // Nor if a platform that numbers nothing says so.
    contact.transferred(&feed.report(), &carol, &by("Carol")).await.unwrap();
    contact.open(&carol).await.unwrap();
    assert_eq!(on_the_line(&bank).await, some("Carol", ABOUT));
    contact.open(&rings("call-1")).await.unwrap();
    assert_eq!(on_the_line(&bank).await, (None, Some(ABOUT.to_owned())));
}

/// The team that was announced is named until somebody else is.
#[tokio::test]
async fn an_answer_without_a_name_leaves_what_was_announced() {
    let (bank, mut feed) = (bank(), Feed::new(dialler()));
    feed.announce(&bank.verifier, &rings("call-1"), ours()).await;
    let mut carol = rings("call-1");
    carol.agent = agent("carol");
    let contact = bank.verifier.contact();
    contact.began(&feed.report(), &carol, &Introduction::none()).await.unwrap();
    assert_eq!(on_the_line(&bank).await, some("Bob from cards", ABOUT));
}
