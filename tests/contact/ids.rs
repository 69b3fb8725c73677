//! Ids of two systems that are the same, and numbers of a feed that begins anew: neither hides a call.

use countersign::contact::CallVerdict::{Legitimate, NotLegitimate, Undetermined};
use countersign::contact::{Arrival, Arrived, Report, Status};
use countersign::error::Invalid;
use countersign::{Channel, Direction, Error, Interaction, InteractionId, Timestamp};

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

fn chat(id: &str) -> Interaction {
    Interaction::outbound(InteractionId::new(id).unwrap(), alice(), agent("bob"), Channel::Chat)
}

/// The PBX numbers the calls to us, the dialler ours, and both say 17.
#[tokio::test]
async fn the_end_of_a_call_to_us_does_not_end_ours_of_the_same_id() {
    for other in [voice("17"), chat("17")] {
        let (bank, mut feeds) = (bank(), feeds());
        fresh(&bank, &mut feeds, 10).await;
        feeds[0].announce(&bank.verifier, &rings("17"), ours()).await;
        feeds[1].began(&bank.verifier, &other).await;
        feeds[1].ended(&bank.verifier, &other).await;
        for second in 10..25 {
            fresh(&bank, &mut feeds, second).await;
            assert_eq!(status(&bank.verifier, at(second)).await, Status::Calling, "{second}");
            let told = ask(&bank, ours(), 100 + second, at(10)).await;
            let wanted = if second == 10 { Legitimate } else { Undetermined };
            assert_eq!(told, wanted, "{second}");
        }
        // It is answered and over, as any other.
        feeds[0].began(&bank.verifier, &rings("17")).await;
        fresh(&bank, &mut feeds, 25).await;
        assert_eq!(ask(&bank, ours(), 1, at(25)).await, Undetermined);
        feeds[0].ended(&bank.verifier, &rings("17")).await;
        fresh(&bank, &mut feeds, 40).await;
        assert_eq!(status(&bank.verifier, at(40)).await, Status::Undetermined, "the other one");
        let wanted =
            if other.direction == Direction::Inbound { NotLegitimate } else { Undetermined };
        assert_eq!(ask(&bank, ours(), 2, at(35)).await, wanted, "an inbound one does not ring");
    }
}

/// Nor does the end of ours end what exposes a relay.
#[tokio::test]
async fn the_end_of_ours_does_not_end_a_call_to_us_of_the_same_id() {
    let (bank, mut feeds) = (bank(), feeds());
    fresh(&bank, &mut feeds, 10).await;
    feeds[1].began(&bank.verifier, &voice("17")).await;
    feeds[0].began(&bank.verifier, &rings("17")).await;
    feeds[0].ended(&bank.verifier, &rings("17")).await;
    fresh(&bank, &mut feeds, 20).await;
    let inbound = |told| matches!(told, Status::TalkingToYou { direction: Direction::Inbound, .. });
    assert!(inbound(status(&bank.verifier, at(20)).await));
    feeds[1].ended(&bank.verifier, &voice("17")).await;
    fresh(&bank, &mut feeds, 30).await;
    assert_eq!(status(&bank.verifier, at(30)).await, Status::Undetermined);
}

/// One of the other kind has ended under that id: ours is no late report of it.
#[tokio::test]
async fn a_call_of_ours_under_the_id_of_one_to_us_that_ended_is_not_denied() {
    for other in [voice("17"), chat("17")] {
        let (bank, mut feeds) = (bank(), feeds());
        fresh(&bank, &mut feeds, 10).await;
        feeds[1].began(&bank.verifier, &other).await;
        feeds[1].ended(&bank.verifier, &other).await;
        fresh(&bank, &mut feeds, 20).await;
        feeds[0].began(&bank.verifier, &rings("17")).await;
        for second in 21..40 {
            fresh(&bank, &mut feeds, second).await;
            assert_eq!(status(&bank.verifier, at(second)).await, Status::Undetermined, "{second}");
            assert_eq!(ask(&bank, ours(), second, at(20)).await, Undetermined, "{second}");
        }
        // A platform that numbers nothing is told.
        let no = bank.verifier.contact().open(&rings("17")).await;
        assert!(matches!(no, Err(Error::Invalid(Invalid::InteractionReused))), "{no:?}");
    }
}

/// A late report of that which ended is one all the same.
#[tokio::test]
async fn a_late_beginning_of_the_same_kind_opens_nothing() {
    let (bank, mut feeds) = (bank(), feeds());
    fresh(&bank, &mut feeds, 10).await;
    feeds[0].ended(&bank.verifier, &rings("17")).await;
    feeds[0].ended(&bank.verifier, &rings("17")).await;
    feeds[1].ended(&bank.verifier, &voice("17")).await;
    feeds[0].began(&bank.verifier, &rings("17")).await;
    feeds[1].began(&bank.verifier, &voice("17")).await;
    fresh(&bank, &mut feeds, 30).await;
    assert_eq!(status(&bank.verifier, at(30)).await, Status::NotUs);
    assert_eq!(ask(&bank, ours(), 1, at(25)).await, NotLegitimate);
}

/// The feed sends two reports at once, and the second overtakes the one with which it begins anew.
#[tokio::test]
async fn a_feed_that_begins_anew_below_a_number_that_came_is_told_and_loses_nothing() {
    let (bank, mut feeds) = (bank(), feeds());
    fresh(&bank, &mut feeds, 0).await;
    let contact = bank.verifier.contact();
    let number = |n| Report::new(pbx(), n, Timestamp::EPOCH);
    // 3 is lost; 5 came, and says that a call began.
    contact.began(&number(5), &rings("call-1"), &bob()).await.unwrap();
    for used in [0, 1, 4, 5] {
        let no = contact.resync(&number(used)).await;
        let told = matches!(no, Err(Error::Invalid(Invalid::ReportNumberUsed)));
        assert!(told, "{used}: {no:?}");
    }
    // Nothing was done: 3 and 4 still come, and all is known.
    contact.heartbeat(&number(3)).await.unwrap();
    contact.heartbeat(&Report::new(pbx(), 4, at(0))).await.unwrap();
    feeds[1].skip_to(6);
    feeds[1].ended(&bank.verifier, &rings("call-1")).await;
    fresh(&bank, &mut feeds, 10).await;
    assert_eq!(status(&bank.verifier, at(10)).await, Status::NotUs);
    // Above all of them it begins anew, and a copy of that is none.
    contact.resync(&number(20)).await.unwrap();
    contact.heartbeat(&Report::new(pbx(), 22, at(10))).await.unwrap();
    contact.resync(&number(20)).await.unwrap();
}

/// What stands before it in the header is no ticket, though it is as long as one.
#[tokio::test]
async fn of_several_values_of_a_header_the_one_that_can_be_a_ticket_counts() {
    let bank = bank();
    let contact = bank.verifier.contact();
    let ticket = contact.header_ticket(&alice()).await.unwrap();
    let before = "z".repeat(32);
    let header = format!("{before};encoding=hex, {}", *ticket.user_to_user());
    let id = InteractionId::new("in-1").unwrap();
    let arrived = contact.arrive(&Arrival::with_user_to_user(id, app_trunk(), &header)).await;
    assert!(matches!(arrived.unwrap(), Arrived::Asked(_)));
}
