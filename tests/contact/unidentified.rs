//! Calls of the bank's of which nobody knows whose phone they reach: an agent dials by hand, a line leads elsewhere, two
//! people have one number. None is denied.

use countersign::contact::CallVerdict::{Legitimate, NotLegitimate, Undetermined};
use countersign::contact::{PhoneNumber, Report, Status};
use countersign::error::Invalid;
use countersign::id::FeedId;
use countersign::policy::UNIDENTIFIED_AT_ONCE;
use countersign::{Error, Interaction, InteractionId, Policy};

use crate::lines::bank;
use crate::lines::*;
use crate::support::*;

fn id(text: &str) -> InteractionId {
    InteractionId::new(text).unwrap()
}

/// The bank's call of another customer, who has Alice's number, or whose line leads to her phone.
fn of_bob(text: &str) -> Interaction {
    Interaction::outbound(id(text), mallory(), agent("bob"), countersign::Channel::Voice)
}

async fn began(bank: &Bank, feed: &mut Feed, call: &str, shown: Option<&PhoneNumber>) {
    let report = feed.report();
    let contact = bank.verifier.contact();
    feed.acknowledged = contact.began_unidentified(&report, &id(call), shown).await.unwrap().at;
}

async fn ended(bank: &Bank, feed: &mut Feed, call: &str) {
    let report = feed.report();
    let contact = bank.verifier.contact();
    feed.acknowledged = contact.ended_unidentified(&report, &id(call)).await.unwrap().at;
}

fn feeds() -> [Feed; 2] {
    [Feed::new(dialler()), Feed::new(pbx())]
}

/// At `second` both feeds report that there is nothing else.
async fn at_second(bank: &Bank, feeds: &mut [Feed; 2], second: u64) {
    bank.clock.set(at(second));
    for feed in feeds {
        feed.beat(&bank.verifier).await;
    }
}

/// (a) A line of two customers': it is announced to each.
#[tokio::test]
async fn a_call_to_a_line_of_two_is_announced_to_both() {
    let (bank, mut feeds) = (bank(), feeds());
    at_second(&bank, &mut feeds, 10).await;
    feeds[0].announce(&bank.verifier, &of_bob("call-1"), ours()).await;
    feeds[0].announce(&bank.verifier, &rings("call-1"), ours()).await;
    for second in 10..25 {
        at_second(&bank, &mut feeds, second).await;
        assert_eq!(status(&bank.verifier, at(second)).await, Status::Calling, "{second}");
        let told = ask(&bank, ours(), 100 + second, at(10)).await;
        let wanted = if second == 10 { Legitimate } else { Undetermined };
        assert_eq!(told, wanted, "{second}");
    }
}

/// (a) Bob's line leads to Alice's phone: the call is announced to him, and besides as one that may reach anybody.
#[tokio::test]
async fn a_call_to_a_line_that_leads_elsewhere_is_denied_to_nobody() {
    let (bank, mut feeds) = (bank(), feeds());
    at_second(&bank, &mut feeds, 10).await;
    feeds[0].announce(&bank.verifier, &of_bob("call-1"), ours()).await;
    began(&bank, &mut feeds[0], "call-1", Some(&ours())).await;
    for second in 10..25 {
        at_second(&bank, &mut feeds, second).await;
        assert_eq!(status(&bank.verifier, at(second)).await, Status::Undetermined, "{second}");
        assert_eq!(ask(&bank, ours(), 100 + second, at(10)).await, Undetermined, "{second}");
    }
}

/// (b) An agent dials by hand. It may show one of the feed's numbers, or it is known which.
#[tokio::test]
async fn a_call_to_nobody_knows_whom_is_denied_to_nobody() {
    for shown in [Some(ours()), None] {
        let (bank, mut feeds) = (bank(), feeds());
        at_second(&bank, &mut feeds, 10).await;
        began(&bank, &mut feeds[1], "by-hand", shown.as_ref()).await;
        for second in 10..25 {
            at_second(&bank, &mut feeds, second).await;
            assert_eq!(status(&bank.verifier, at(second)).await, Status::Undetermined, "{second}");
            assert_eq!(ask(&bank, ours(), 100 + second, at(10)).await, Undetermined, "{second}");
        }
        // It may have rung until its end: what rings since before then may be it, what rings later is not.
        ended(&bank, &mut feeds[1], "by-hand").await;
        at_second(&bank, &mut feeds, 30).await;
        assert_eq!(status(&bank.verifier, at(30)).await, Status::NotUs);
        assert_eq!(ask(&bank, ours(), 1, at(24)).await, Undetermined);
        assert_eq!(ask(&bank, ours(), 2, at(26)).await, Undetermined, "clocks may be apart");
        at_second(&bank, &mut feeds, 31).await;
        assert_eq!(ask(&bank, ours(), 3, at(27)).await, NotLegitimate);
    }
}

/// Only the number that it shows, and only the systems that may show a number, are in question.
#[tokio::test]
async fn another_number_is_denied_as_before() {
    let (bank, mut feeds) = (bank(), feeds());
    at_second(&bank, &mut feeds, 10).await;
    began(&bank, &mut feeds[0], "a", Some(&ours())).await;
    began(&bank, &mut feeds[1], "b", None).await;
    at_second(&bank, &mut feeds, 20).await;
    assert_eq!(ask(&bank, the_diallers(), 1, at(15)).await, NotLegitimate);
    began(&bank, &mut feeds[0], "c", None).await;
    at_second(&bank, &mut feeds, 21).await;
    assert_eq!(ask(&bank, the_diallers(), 2, at(15)).await, Undetermined);
}

/// It is known who answered: that customer is told so, and all others as before.
#[tokio::test]
async fn once_it_is_known_with_whom_the_others_are_told_as_before() {
    let (bank, mut feeds) = (bank(), feeds());
    at_second(&bank, &mut feeds, 10).await;
    began(&bank, &mut feeds[1], "by-hand", Some(&ours())).await;
    feeds[1].began(&bank.verifier, &of_bob("by-hand")).await;
    at_second(&bank, &mut feeds, 11).await;
    assert_eq!(status(&bank.verifier, at(11)).await, Status::Undetermined);
    ended(&bank, &mut feeds[1], "by-hand").await;
    at_second(&bank, &mut feeds, 12).await;
    assert_eq!(status(&bank.verifier, at(12)).await, Status::NotUs);
}

/// In a process that keeps no reports it is known within the lag, and before anything is denied.
#[tokio::test]
async fn another_process_knows_of_it_before_it_denies_a_call() {
    let (bank, mut feeds) = (bank(), feeds());
    let other = process(&bank, Policy::default(), 9);
    at_second(&bank, &mut feeds, 10).await;
    assert_eq!(status(&other, at(10)).await, Status::NotUs);
    began(&bank, &mut feeds[1], "by-hand", Some(&ours())).await;
    for second in 11..25 {
        at_second(&bank, &mut feeds, second).await;
        let verdict = Ringing::of(ours(), 100 + second, at(10)).asked(&other, at(second)).await;
        assert_eq!(verdict, Undetermined, "{second}");
        let told = status(&other, at(second)).await;
        let wanted = if second <= 12 { Status::NotUs } else { Status::Undetermined };
        // What it has read is as old as the lag at most.
        assert!(told == wanted || told == Status::Undetermined, "{second}: {told:?}");
    }
}

/// Reports come twice and out of order.
#[tokio::test]
async fn an_end_that_comes_first_stays_an_end() {
    let (bank, mut feeds) = (bank(), feeds());
    let contact = bank.verifier.contact();
    let (first, second) = (feeds[1].report(), feeds[1].report());
    contact.ended_unidentified(&second, &id("by-hand")).await.unwrap();
    contact.began_unidentified(&first, &id("by-hand"), Some(&ours())).await.unwrap();
    contact.began_unidentified(&first, &id("by-hand"), Some(&ours())).await.unwrap();
    at_second(&bank, &mut feeds, 20).await;
    assert_eq!(status(&bank.verifier, at(20)).await, Status::NotUs);
    assert_eq!(ask(&bank, ours(), 1, at(15)).await, NotLegitimate);
}

/// One whose end is never reported ends with its age.
#[tokio::test]
async fn one_that_is_never_ended_ends_with_its_age() {
    let (bank, mut feeds) = (bank(), feeds());
    at_second(&bank, &mut feeds, 10).await;
    began(&bank, &mut feeds[1], "by-hand", Some(&ours())).await;
    let age = Policy::default().presence.max_age.as_secs();
    for (second, wanted) in [(age + 9, Status::Undetermined), (age + 10, Status::NotUs)] {
        at_second(&bank, &mut feeds, second).await;
        assert_eq!(status(&bank.verifier, at(second)).await, wanted, "{second}");
    }
    // Nor is it the call that rings.
    assert_eq!(ask(&bank, ours(), 1, at(age + 5)).await, NotLegitimate);
}

/// As many as there can be at once, and one more: it cannot be told for as long as a call may last.
#[tokio::test]
async fn what_finds_no_room_may_be_going_on() {
    let (bank, mut feeds) = (bank(), feeds());
    at_second(&bank, &mut feeds, 10).await;
    for n in 0..=UNIDENTIFIED_AT_ONCE {
        began(&bank, &mut feeds[1], &format!("call-{n}"), Some(&ours())).await;
    }
    for n in 0..UNIDENTIFIED_AT_ONCE {
        ended(&bank, &mut feeds[1], &format!("call-{n}")).await;
    }
    at_second(&bank, &mut feeds, 100).await;
    assert_eq!(status(&bank.verifier, at(100)).await, Status::Undetermined, "one goes on");
    assert_eq!(ask(&bank, ours(), 1, at(90)).await, Undetermined);
    let age = Policy::default().presence.max_age.as_secs() + 10;
    at_second(&bank, &mut feeds, age).await;
    assert_eq!(status(&bank.verifier, at(age)).await, Status::NotUs);
    assert_eq!(ask(&bank, ours(), 2, at(age - 5)).await, NotLegitimate);
}

/// Ends beyond those that are remembered count for every number.
#[tokio::test]
async fn more_ends_than_are_remembered_deny_nothing_that_may_be_one_of_them() {
    let (bank, mut feeds) = (bank(), feeds());
    for n in 0..2 * UNIDENTIFIED_AT_ONCE {
        let shown = if n < UNIDENTIFIED_AT_ONCE { ours() } else { the_diallers() };
        let call = format!("call-{n}");
        began(&bank, &mut feeds[0], &call, Some(&shown)).await;
        ended(&bank, &mut feeds[0], &call).await;
    }
    at_second(&bank, &mut feeds, 5).await;
    assert_eq!(ask(&bank, ours(), 1, at(0)).await, Undetermined);
    assert_eq!(ask(&bank, ours(), 2, at(2)).await, Undetermined, "clocks may be apart");
    at_second(&bank, &mut feeds, 8).await;
    assert_eq!(ask(&bank, ours(), 3, at(3)).await, NotLegitimate);
}

#[tokio::test]
async fn a_feed_reports_its_own_numbers_alone() {
    let bank = bank();
    let contact = bank.verifier.contact();
    let report = |feed| Report::new(feed, 1, START);
    let stranger = FeedId::new("stranger").unwrap();
    let no = contact.began_unidentified(&report(pbx()), &id("a"), Some(&the_diallers())).await;
    assert!(matches!(no, Err(Error::Invalid(Invalid::UnknownNumber))), "{no:?}");
    for no in [
        contact.began_unidentified(&report(stranger.clone()), &id("a"), None).await,
        contact.ended_unidentified(&report(stranger), &id("a")).await,
    ] {
        assert!(matches!(no, Err(Error::Invalid(Invalid::UnknownFeed))), "{no:?}");
    }
}
