//! Defences that no other test here takes away by itself: one test for each.

use std::time::Duration;

use countersign::contact::CallVerdict::{Legitimate, NotLegitimate, Undetermined};
use countersign::contact::{Introduction, OnTheLine, Report, Status};
use countersign::device::StatusQuestion;
use countersign::error::Invalid;
use countersign::history::Action;
use countersign::id::FeedId;
use countersign::policy::{INTERACTION_MAX_AGE, OPEN_EACH_WAY, UNIDENTIFIED_AT_ONCE};
use countersign::random::SeededRandom;
use countersign::time::{Clock, ManualClock};
use countersign::{Channel, Error, InteractionId, Policy, Timestamp, Verifier};

use crate::lines::bank;
use crate::lines::*;
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

async fn shown(verifier: &Verifier, now: Timestamp) -> (Status, OnTheLine) {
    let question = StatusQuestion::new(&SeededRandom::new(now.unix()), now).unwrap();
    let token = verifier.contact().status(&alice(), question.nonce()).await.unwrap();
    let shown = phone_of(alice()).open_status(&token, &question, now).unwrap();
    (shown.status(), shown.call().unwrap().clone())
}

async fn name_on_the_line(bank: &Bank) -> String {
    let (_, call) = shown(&bank.verifier, bank.clock.now().unwrap()).await;
    call.agent_name.unwrap().as_str().to_owned()
}

fn by(name: &str) -> Introduction {
    Introduction::by(name.parse().unwrap())
}

#[tokio::test]
async fn a_system_that_is_not_known_reports_nothing() {
    let bank = bank();
    let contact = bank.verifier.contact();
    let report = |n| Report::new(FeedId::new("stranger").unwrap(), n, START);
    let call = rings("call-1");
    for no in [
        contact.heartbeat(&report(1)).await,
        contact.resync(&report(2)).await,
        contact.began(&report(3), &call, &bob()).await,
        contact.transferred(&report(4), &call, &bob()).await,
        contact.ended(&report(5), &call).await,
    ] {
        assert!(matches!(no, Err(Error::Invalid(Invalid::UnknownFeed))), "{no:?}");
    }
    assert_eq!(bank.store.records(), [], "nothing is kept");
}

/// The dialler repeats an announcement, of another call under the same id.
#[tokio::test]
async fn an_announcement_is_repeated_of_the_same_call_alone() {
    let (bank, mut feed) = (bank(), Feed::new(dialler()));
    feed.announce(&bank.verifier, &rings("call-1"), ours()).await;
    feed.announce(&bank.verifier, &rings("call-1"), ours()).await;
    feed.began(&bank.verifier, &rings("by-hand")).await;
    let mut video = rings("call-1");
    video.channel = Channel::Video;
    let contact = bank.verifier.contact();
    for (call, number) in
        [(video, ours()), (rings("call-1"), the_diallers()), (rings("by-hand"), ours())]
    {
        let no = contact.announce(&feed.report(), &call, &showing(number)).await;
        assert!(matches!(no, Err(Error::Invalid(Invalid::InteractionReused))), "{no:?}");
    }
}

#[tokio::test]
async fn what_was_announced_is_newer_than_a_report_with_a_lower_number() {
    let (bank, mut feed) = (bank(), Feed::new(dialler()));
    let (first, second) = (feed.report(), feed.report());
    let contact = bank.verifier.contact();
    contact.announce(&second, &rings("call-1"), &showing(ours())).await.unwrap();
    contact.began(&first, &rings("call-1"), &by("Carol")).await.unwrap();
    assert_eq!(name_on_the_line(&bank).await, "Bob from cards");
    // The same of one that was not announced.
    let (third, fourth) = (feed.report(), feed.report());
    feed.ended(&bank.verifier, &rings("call-1")).await;
    contact.began(&fourth, &rings("call-2"), &by("Erin")).await.unwrap();
    contact.began(&third, &rings("call-2"), &by("Carol")).await.unwrap();
    assert_eq!(name_on_the_line(&bank).await, "Erin");
}

/// Its beginning comes later, from the other system.
#[tokio::test]
async fn a_transfer_that_comes_first_says_who_is_on_it() {
    let (bank, mut feeds) = (bank(), feeds());
    let contact = bank.verifier.contact();
    contact.transferred(&feeds[0].report(), &rings("call-1"), &by("Carol")).await.unwrap();
    contact.began(&feeds[1].report(), &rings("call-1"), &by("Bob")).await.unwrap();
    assert_eq!(name_on_the_line(&bank).await, "Carol");
}

#[tokio::test]
async fn a_call_that_is_announced_while_one_is_on_as_the_customer_warns() {
    let (bank, mut feeds) = (bank(), feeds());
    feeds[1].began(&bank.verifier, &voice("as-alice")).await;
    bank.seen.take();
    feeds[0].announce(&bank.verifier, &rings("call-1"), ours()).await;
    let seen: Vec<_> = bank.seen.take().into_iter().map(|seen| seen.action).collect();
    assert_eq!(seen, [Action::AnnounceCall, Action::WarnOfRelay]);
}

#[tokio::test]
async fn calls_that_are_older_than_calls_last_leave_room_and_ring_nobody() {
    let (bank, mut feeds) = (bank(), feeds());
    for n in 0..OPEN_EACH_WAY {
        feeds[1].began(&bank.verifier, &rings(&format!("call-{n}"))).await;
    }
    let age = INTERACTION_MAX_AGE.as_secs();
    for (second, wanted) in [(age - 1, Undetermined), (age, NotLegitimate)] {
        fresh(&bank, &mut feeds, second).await;
        assert_eq!(ask(&bank, ours(), second, at(second - 5)).await, wanted, "{second}");
    }
    feeds[0].announce(&bank.verifier, &rings("ninth"), ours()).await;
}

/// Which calls may be the one that rings.
#[tokio::test]
async fn a_call_as_the_customer_and_one_with_another_number_do_not_ring() {
    let (bank, mut feeds) = (bank(), feeds());
    feeds[1].began(&bank.verifier, &voice("as-alice")).await;
    fresh(&bank, &mut feeds, 10).await;
    assert_eq!(ask(&bank, ours(), 1, at(5)).await, NotLegitimate);
    feeds[0].announce(&bank.verifier, &rings("call-1"), the_diallers()).await;
    fresh(&bank, &mut feeds, 10).await;
    assert_eq!(ask(&bank, ours(), 2, at(5)).await, NotLegitimate);
    assert_eq!(ask(&bank, the_diallers(), 3, at(10)).await, Legitimate);
}

#[tokio::test]
async fn a_call_that_just_ended_may_be_the_one_that_rings_give_or_take_the_lag() {
    let (bank, mut feeds) = (bank(), feeds());
    fresh(&bank, &mut feeds, 10).await;
    feeds[1].ended(&bank.verifier, &rings("call-1")).await;
    fresh(&bank, &mut feeds, 20).await;
    assert_eq!(ask(&bank, ours(), 1, at(12)).await, Undetermined);
    assert_eq!(ask(&bank, ours(), 2, at(13)).await, NotLegitimate);
}

/// The machine that kept the report is ahead of the one that answers.
#[tokio::test]
async fn a_call_does_not_begin_in_the_future() {
    for call in [rings("call-1"), voice("in-1")] {
        let bank = bank();
        let ahead = process_at(&bank, Policy::default(), 9, &ManualClock::new(at(2)));
        Feed::new(pbx()).began(&ahead, &call).await;
        let (status, on_the_line) = shown(&bank.verifier, START).await;
        assert_eq!(on_the_line.since, START);
        if let Status::TalkingToYou { since, .. } = status {
            assert_eq!(since, START);
        }
    }
}

/// Two that found no room: the answer is unsure for as long as the second one may last.
#[tokio::test]
async fn the_last_call_that_found_no_room_counts() {
    let (bank, mut feeds) = (bank(), feeds());
    for n in 0..=OPEN_EACH_WAY {
        feeds[1].began(&bank.verifier, &rings(&format!("call-{n}"))).await;
    }
    fresh(&bank, &mut feeds, 600).await;
    feeds[1].began(&bank.verifier, &rings("one-more")).await;
    let age = INTERACTION_MAX_AGE.as_secs();
    for (second, wanted) in [(age + 599, Status::Undetermined), (age + 600, Status::NotUs)] {
        fresh(&bank, &mut feeds, second).await;
        assert_eq!(status(&bank.verifier, at(second)).await, wanted, "{second}");
    }
}

/// Nothing is remembered of contacts, and sweeps run.
#[tokio::test]
async fn a_sweep_leaves_what_is_open_and_what_is_unsure() {
    let mut policy = Policy::default();
    policy.presence.contact_remembered = Duration::ZERO;
    let (bank, mut feeds) = (bank_of(policy), feeds());
    feeds[1].began(&bank.verifier, &rings("call-0")).await;
    let purged = async |second| {
        bank.clock.set(at(second));
        bank.verifier.purge(100).await.unwrap();
    };
    purged(3 * 3600).await;
    assert_eq!(status(&bank.verifier, at(3 * 3600)).await, Status::Calling);
    // Seven more, and then a ninth, which finds no room.
    for n in 1..OPEN_EACH_WAY {
        feeds[1].began(&bank.verifier, &rings(&format!("call-{n}"))).await;
    }
    purged(3 * 3600 + 1800).await;
    for n in 0..OPEN_EACH_WAY {
        if n > 0 {
            feeds[1].ended(&bank.verifier, &rings(&format!("call-{n}"))).await;
        }
        feeds[1].began(&bank.verifier, &rings(&format!("again-{n}"))).await;
    }
    let unsure = at(3 * 3600 + 1800).after(INTERACTION_MAX_AGE).before(SECOND);
    bank.clock.set(unsure);
    bank.verifier.purge(100).await.unwrap();
    for feed in &mut feeds {
        feed.beat(&bank.verifier).await;
    }
    assert_ne!(status(&bank.verifier, unsure).await, Status::NotUs);
}

/// A report that says less than the one before takes nothing back.
#[tokio::test]
async fn a_watermark_only_grows() {
    let (bank, mut feeds) = (bank(), feeds());
    fresh(&bank, &mut feeds, 10).await;
    feeds[1].acknowledged = Timestamp::EPOCH;
    let report = feeds[1].report();
    bank.verifier.contact().heartbeat(&report).await.unwrap();
    let other = process(&bank, Policy::default(), 9);
    assert_eq!(status(&other, at(10)).await, Status::NotUs);
    assert_eq!(status(&bank.verifier, at(10)).await, Status::NotUs);
}

/// A clock that shows the first second of all.
#[tokio::test]
async fn a_feed_that_never_reported_is_fresh_at_no_time() {
    let bank = bank();
    bank.clock.set(Timestamp::from_unix(1));
    assert_eq!(status(&bank.verifier, Timestamp::from_unix(1)).await, Status::Undetermined);
}

fn id(n: usize) -> InteractionId {
    InteractionId::new(format!("by-hand-{n}")).unwrap()
}

async fn dials(bank: &Bank, feed: &mut Feed, n: usize, number: &countersign::contact::PhoneNumber) {
    let report = feed.report();
    bank.verifier.contact().began_unidentified(&report, &id(n), Some(number)).await.unwrap();
}

async fn hangs_up(bank: &Bank, feed: &mut Feed, n: usize) {
    let report = feed.report();
    bank.verifier.contact().ended_unidentified(&report, &id(n)).await.unwrap();
}

/// That it is over is not known of the one that found no room, though its end is reported.
#[tokio::test]
async fn no_more_than_so_many_calls_to_anybody_are_kept() {
    let (bank, mut feeds) = (bank(), feeds());
    for n in 0..=UNIDENTIFIED_AT_ONCE {
        dials(&bank, &mut feeds[1], n, &ours()).await;
    }
    for n in 0..=UNIDENTIFIED_AT_ONCE {
        hangs_up(&bank, &mut feeds[1], n).await;
    }
    fresh(&bank, &mut feeds, 100).await;
    assert_eq!(status(&bank.verifier, at(100)).await, Status::Undetermined);
}

#[tokio::test]
async fn an_end_that_is_reported_again_is_the_first_one() {
    let (bank, mut feeds) = (bank(), feeds());
    fresh(&bank, &mut feeds, 5).await;
    dials(&bank, &mut feeds[1], 0, &ours()).await;
    fresh(&bank, &mut feeds, 10).await;
    hangs_up(&bank, &mut feeds[1], 0).await;
    fresh(&bank, &mut feeds, 20).await;
    hangs_up(&bank, &mut feeds[1], 0).await;
    fresh(&bank, &mut feeds, 25).await;
    assert_eq!(ask(&bank, ours(), 1, at(15)).await, NotLegitimate);
}

/// Of more ends than are remembered the earliest go, and a feed's record does not grow.
#[tokio::test]
async fn ends_of_calls_to_anybody_are_kept_few_and_the_latest() {
    let (bank, mut feeds) = (bank(), feeds());
    let mut lengths = Vec::new();
    fresh(&bank, &mut feeds, 1).await;
    dials(&bank, &mut feeds[0], 1000, &the_diallers()).await;
    hangs_up(&bank, &mut feeds[0], 1000).await;
    fresh(&bank, &mut feeds, 30).await;
    for n in 0..3 * UNIDENTIFIED_AT_ONCE {
        dials(&bank, &mut feeds[0], n, &the_diallers()).await;
        hangs_up(&bank, &mut feeds[0], n).await;
        let longest = bank.store.records().iter().map(|(_, record)| record.sealed.len()).max();
        lengths.push(longest.unwrap());
        if n == UNIDENTIFIED_AT_ONCE - 1 {
            // Only the first of all is forgotten, and that ended before this one rang.
            fresh(&bank, &mut feeds, 40).await;
            assert_eq!(ask(&bank, ours(), 1, at(10)).await, NotLegitimate);
            fresh(&bank, &mut feeds, 30).await;
        }
    }
    let (some, many) = (lengths[2 * UNIDENTIFIED_AT_ONCE], *lengths.last().unwrap());
    assert!(many < some + some / 4, "{some} {many}");
}
