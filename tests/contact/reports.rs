//! Numbered reports: what a gap, an old watermark, a late or a doubled report does to what the customer is told.

use std::time::Duration;

use countersign::contact::{Announcement, Introduction, Report, Status, Telephony};
use countersign::device::StatusQuestion;
use countersign::error::{ConfigError, Invalid};
use countersign::history::Action;
use countersign::id::FeedId;
use countersign::policy::{OPEN_EACH_WAY, REPORTS_AHEAD};
use countersign::random::SeededRandom;
use countersign::{Direction, Error, Policy, Timestamp, Verifier};

use crate::lines::bank;
use crate::lines::*;
use crate::support::*;

async fn both_beat(bank: &Bank, feeds: &mut [Feed; 2]) {
    for feed in feeds {
        feed.beat(&bank.verifier).await;
    }
}

fn feeds() -> [Feed; 2] {
    [Feed::new(dialler()), Feed::new(pbx())]
}

#[tokio::test]
async fn not_us_is_said_only_while_every_feed_is_fresh() {
    let (bank, mut feeds) = (bank(), feeds());
    assert_eq!(status(&bank.verifier, START).await, Status::Undetermined, "no feed has reported");
    feeds[0].beat(&bank.verifier).await;
    assert_eq!(status(&bank.verifier, START).await, Status::Undetermined, "one is dead");
    feeds[1].beat(&bank.verifier).await;
    assert_eq!(status(&bank.verifier, START).await, Status::NotUs);
    for (second, wanted) in [(2, Status::NotUs), (3, Status::Undetermined)] {
        bank.clock.set(at(second));
        assert_eq!(status(&bank.verifier, at(second)).await, wanted, "{second}");
    }
    both_beat(&bank, &mut feeds).await;
    assert_eq!(status(&bank.verifier, at(3)).await, Status::NotUs);
}

#[tokio::test]
async fn a_gap_makes_answers_undetermined_until_it_is_filled_or_the_feed_begins_anew() {
    let (bank, mut feeds) = (bank(), feeds());
    both_beat(&bank, &mut feeds).await;
    let missing = feeds[1].report();
    bank.clock.set(at(5));
    both_beat(&bank, &mut feeds).await;
    assert_eq!(status(&bank.verifier, at(5)).await, Status::Undetermined);
    // It comes after all, and says that a call began.
    let call = rings("late");
    bank.verifier.contact().began(&missing, &call, &Introduction::none()).await.unwrap();
    assert_eq!(status(&bank.verifier, at(5)).await, Status::Calling);
    feeds[1].ended(&bank.verifier, &call).await;
    both_beat(&bank, &mut feeds).await;
    assert_eq!(status(&bank.verifier, at(5)).await, Status::NotUs);

    // One that never comes.
    feeds[1].skip();
    bank.clock.set(at(10));
    both_beat(&bank, &mut feeds).await;
    assert_eq!(status(&bank.verifier, at(10)).await, Status::Undetermined);
    let anew = feeds[1].report();
    bank.verifier.contact().resync(&anew).await.unwrap();
    feeds[1].acknowledged = at(10);
    both_beat(&bank, &mut feeds).await;
    assert_eq!(status(&bank.verifier, at(10)).await, Status::NotUs);
    // A copy of that which comes late takes nothing back.
    both_beat(&bank, &mut feeds).await;
    bank.verifier.contact().resync(&anew).await.unwrap();
    bank.clock.set(at(15));
    both_beat(&bank, &mut feeds).await;
    assert_eq!(status(&bank.verifier, at(15)).await, Status::NotUs);
}

#[tokio::test]
async fn so_many_are_kept_beyond_a_gap_and_no_more() {
    let (bank, mut feed) = (bank(), Feed::new(pbx()));
    feed.skip();
    let contact = bank.verifier.contact();
    for _ in 0..REPORTS_AHEAD {
        contact.heartbeat(&feed.report()).await.unwrap();
    }
    let over = feed.report();
    let answer = contact.heartbeat(&over).await;
    assert!(matches!(answer, Err(Error::Invalid(Invalid::FeedGap))), "{answer:?}");
    contact.heartbeat(&Report::new(pbx(), 1, Timestamp::EPOCH)).await.unwrap();
    contact.heartbeat(&over).await.unwrap();
}

#[tokio::test]
async fn a_watermark_is_not_ahead_of_the_clock_it_is_kept_by() {
    let (bank, mut feeds) = (bank(), feeds());
    for feed in &mut feeds {
        feed.acknowledged = at(3600);
    }
    both_beat(&bank, &mut feeds).await;
    for second in [3, 3599, 3601] {
        bank.clock.set(at(second));
        assert_eq!(status(&bank.verifier, at(second)).await, Status::Undetermined, "{second}");
    }
}

#[tokio::test]
async fn an_announced_call_is_told_from_then_on_with_who_and_why() {
    let (bank, mut feeds) = (bank(), feeds());
    feeds[0].announce(&bank.verifier, &rings("call-1"), ours()).await;
    let now = START;
    let question = StatusQuestion::new(&SeededRandom::new(1), now).unwrap();
    let token = bank.verifier.contact().status(&alice(), question.nonce()).await.unwrap();
    let shown = phone_of(alice()).open_status(&token, &question, now).unwrap();
    assert_eq!(shown.status(), Status::Calling);
    let call = shown.call().unwrap();
    assert_eq!(call.agent_name.as_ref().unwrap().as_str(), "Bob from cards");
    assert_eq!(call.purpose.as_ref().unwrap().as_str(), "About a card payment");
    assert_eq!((call.direction, call.since), (Direction::Outbound, START));
    assert_eq!(
        serde_json::to_string(call).unwrap(),
        r#"{"agent_name":"Bob from cards","purpose":"About a card payment","channel":"voice","direction":"outbound","since":"2027-01-15T08:00:00Z"}"#
    );
    let told: Vec<_> = bank.seen.take().into_iter().map(|seen| seen.action).collect();
    assert_eq!(told, [Action::AnnounceCall]);
}

#[tokio::test]
async fn an_announcement_is_refused_where_the_dialler_must_not_ring() {
    let (bank, mut feeds) = (bank(), feeds());
    let contact = bank.verifier.contact();
    let announce = async |report: &Report, call, number| {
        contact.announce(report, &call, &Announcement::showing(number)).await
    };
    let no = announce(&feeds[1].report(), rings("a"), the_diallers()).await;
    assert!(matches!(no, Err(Error::Invalid(Invalid::UnknownNumber))), "not this feed's: {no:?}");
    let stranger = Report::new(FeedId::new("stranger").unwrap(), 1, START);
    let no = announce(&stranger, rings("a"), ours()).await;
    assert!(matches!(no, Err(Error::Invalid(Invalid::UnknownFeed))), "{no:?}");
    let no = announce(&feeds[0].report(), voice("a"), ours()).await;
    assert!(matches!(no, Err(Error::Refused(_))), "inbound: {no:?}");
    feeds[0].ended(&bank.verifier, &rings("over")).await;
    let no = announce(&feeds[0].report(), rings("over"), ours()).await;
    assert!(matches!(no, Err(Error::Refused(_))), "it has ended: {no:?}");
    for n in 0..OPEN_EACH_WAY {
        feeds[0].announce(&bank.verifier, &rings(&format!("call-{n}")), ours()).await;
    }
    let no = announce(&feeds[0].report(), rings("one-more"), ours()).await;
    assert!(matches!(no, Err(Error::Refused(_))), "no room: {no:?}");
    // What was refused is not missing.
    for n in 0..OPEN_EACH_WAY {
        feeds[0].ended(&bank.verifier, &rings(&format!("call-{n}"))).await;
    }
    Feed::new(pbx()).beat(&bank.verifier).await;
    feeds[0].beat(&bank.verifier).await;
    assert_eq!(status(&bank.verifier, START).await, Status::NotUs);
}

#[tokio::test]
async fn a_beginning_that_finds_no_room_makes_answers_undetermined() {
    let (bank, mut feeds) = (bank(), feeds());
    for n in 0..=OPEN_EACH_WAY {
        feeds[1].began(&bank.verifier, &rings(&format!("call-{n}"))).await;
    }
    for n in 0..OPEN_EACH_WAY {
        feeds[1].ended(&bank.verifier, &rings(&format!("call-{n}"))).await;
    }
    both_beat(&bank, &mut feeds).await;
    assert_eq!(status(&bank.verifier, START).await, Status::Undetermined, "the ninth goes on");
    let age = Policy::default().presence.max_age;
    bank.clock.set(START.after(age));
    both_beat(&bank, &mut feeds).await;
    assert_eq!(status(&bank.verifier, START.after(age)).await, Status::NotUs);
}

#[tokio::test]
async fn who_is_on_it_is_said_by_the_report_with_the_highest_number() {
    let (bank, mut feeds) = (bank(), feeds());
    let contact = bank.verifier.contact();
    let mut carol = rings("call-1");
    carol.agent = agent("carol");
    let by = |name: &str| Introduction::by(name.parse().unwrap());
    let (first, second, third) = (feeds[1].report(), feeds[1].report(), feeds[1].report());
    contact.began(&first, &rings("call-1"), &by("Bob")).await.unwrap();
    contact.transferred(&third, &carol, &by("Carol")).await.unwrap();
    // Late, and twice.
    let mut dan = rings("call-1");
    dan.agent = agent("dan");
    contact.transferred(&second, &dan, &by("Dan")).await.unwrap();
    contact.began(&first, &rings("call-1"), &by("Bob")).await.unwrap();
    let question = StatusQuestion::new(&SeededRandom::new(1), START).unwrap();
    let token = contact.status(&alice(), question.nonce()).await.unwrap();
    let shown = phone_of(alice()).open_status(&token, &question, START).unwrap();
    assert_eq!(shown.call().unwrap().agent_name.as_ref().unwrap().as_str(), "Carol");
}

#[test]
fn telephony_that_contradicts_itself_is_no_configuration() {
    let of =
        |telephony| Verifier::builder(issuer(), keyring()).telephony(telephony).build().map(drop);
    assert_eq!(of(telephony()), Ok(()));
    assert_eq!(of(telephony().never_calls(ours())), Err(ConfigError::Telephony));
    // A number that no system shows would never be fresh, or always.
    assert_eq!(of(Telephony::new().shows(ours(), [])), Err(ConfigError::Telephony));
    let number = |n: u32| format!("+4420{n:08}").parse().unwrap();
    let many = |n| (0..n).fold(Telephony::new(), |all, n| all.never_calls(number(n)));
    assert_eq!(of(many(250)), Ok(()));
    assert_eq!(of(many(251)), Err(ConfigError::Telephony));
    let long = Duration::from_secs(31);
    let mut policy = Policy::default();
    policy.presence.lag = long;
    assert!(policy.check().is_err());
}
