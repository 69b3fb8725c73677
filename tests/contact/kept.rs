//! What is kept of a customer's calls, for how long, and of whom nothing is.

use countersign::contact::Status;
use countersign::policy::{CLOSED_REMEMBERED, INTERACTION_MAX_AGE, OPEN_EACH_WAY};
use countersign::{Channel, Policy};

use crate::lines::bank;
use crate::lines::*;
use crate::support::credentials::refused;
use crate::support::*;

fn feeds() -> [Feed; 2] {
    [Feed::new(dialler()), Feed::new(pbx())]
}

async fn fresh(bank: &Bank, feeds: &mut [Feed; 2], second: u64) {
    bank.clock.set(at(second));
    for feed in feeds {
        feed.beat(&bank.verifier).await;
    }
}

/// A platform does not know yet of whom nothing may be kept. Its report is refused, and is no gap.
#[tokio::test]
async fn of_a_customer_who_was_erased_no_report_is_kept() {
    let (bank, mut feeds) = (bank(), feeds());
    fresh(&bank, &mut feeds, 0).await;
    bank.verifier.customers().erase(&alice()).await.unwrap();
    bank.verifier.customers().erase_remainder(&alice()).await.unwrap();
    let places = || bank.store.records().into_iter().map(|(at, _)| at).collect::<Vec<_>>();
    let before = places();
    let (contact, call) = (bank.verifier.contact(), rings("call-1"));
    refused(contact.announce(&feeds[0].report(), &call, &showing(ours())).await);
    refused(contact.began(&feeds[1].report(), &call, &bob()).await);
    refused(contact.transferred(&feeds[1].report(), &call, &bob()).await);
    refused(contact.ended(&feeds[1].report(), &call).await);
    assert_eq!(places(), before);
    fresh(&bank, &mut feeds, 60).await;
    assert_eq!(status(&bank.verifier, at(60)).await, Status::NotUs, "no number is missing");
}

/// Where nothing is remembered of contacts, a sweep still leaves that one found no room.
#[tokio::test]
async fn a_sweep_leaves_that_a_call_found_no_room() {
    let mut policy = Policy::default();
    policy.presence.contact_remembered = std::time::Duration::ZERO;
    let (bank, mut feeds) = (bank_of(policy), feeds());
    for n in 0..OPEN_EACH_WAY {
        feeds[1].began(&bank.verifier, &rings(&format!("call-{n}"))).await;
    }
    let (late, age) = (3 * 3600 + 1800, INTERACTION_MAX_AGE.as_secs());
    bank.clock.set(at(late));
    feeds[1].began(&bank.verifier, &rings("one-more")).await;
    for (second, wanted) in [(late + age - 1, Status::Undetermined), (late + age, Status::NotUs)] {
        bank.clock.set(at(second));
        bank.verifier.purge(100).await.unwrap();
        fresh(&bank, &mut feeds, second).await;
        assert_eq!(status(&bank.verifier, at(second)).await, wanted, "{second}");
    }
}

/// A chat and a call under one id, which ring nobody: both ends take one place, and put no other out of mind.
#[tokio::test]
async fn two_ends_under_one_id_take_one_place() {
    let (bank, mut feeds) = (bank(), feeds());
    let mut chat = rings("17");
    chat.channel = Channel::Chat;
    feeds[1].began(&bank.verifier, &voice("17")).await;
    feeds[1].ended(&bank.verifier, &voice("first")).await;
    feeds[1].ended(&bank.verifier, &chat).await;
    for n in 2..CLOSED_REMEMBERED {
        feeds[1].ended(&bank.verifier, &voice(&format!("in-{n}"))).await;
    }
    feeds[1].ended(&bank.verifier, &voice("17")).await;
    // Its beginning comes late.
    feeds[1].began(&bank.verifier, &voice("first")).await;
    fresh(&bank, &mut feeds, 10).await;
    assert_eq!(status(&bank.verifier, at(10)).await, Status::NotUs);
}
