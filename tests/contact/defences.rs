//! Defences of answers that no schedule reaches: what is read in which order, clocks that are wrong, rows that do not open.

use std::pin::pin;
use std::time::Duration;

use countersign::contact::CallVerdict::{Legitimate, NotLegitimate, Undetermined};
use countersign::contact::{Report, RingingCall, Status};
use countersign::device::{StatusQuestion, VerdictQuestion};
use countersign::error::{Invalid, Reason};
use countersign::random::SeededRandom;
use countersign::store::{Fault, Store};
use countersign::time::ManualClock;
use countersign::{Channel, Error, Policy};

use crate::lines::bank;
use crate::lines::*;
use crate::support::dying::polled;
use crate::support::*;

async fn fresh(bank: &Bank, feeds: &mut [Feed; 2], second: u64) {
    bank.clock.set(at(second));
    for feed in feeds {
        feed.beat(&bank.verifier).await;
    }
}

fn feeds() -> [Feed; 2] {
    [Feed::new(dialler()), Feed::new(pbx())]
}

/// A machine whose clock is far ahead keeps reports: its watermark says nothing of what is now.
#[tokio::test]
async fn a_watermark_from_the_future_is_not_fresh() {
    let bank = bank();
    for (ahead, wanted) in [(2, Status::NotUs), (3, Status::Undetermined)] {
        let clock = ManualClock::new(at(ahead));
        let reports = process_at(&bank, Policy::default(), 10 + ahead, &clock);
        for (feed, number) in [(dialler(), 2 * ahead), (pbx(), 2 * ahead)] {
            let report = Report::new(feed, 100 + number, at(ahead));
            reports.contact().resync(&report).await.unwrap();
        }
        let other = process(&bank, Policy::default(), 20 + ahead);
        assert_eq!(status(&other, START).await, wanted, "{ahead}");
    }
}

/// A call is reported between the two reads of a question: it is seen, or not yet counted as reported.
#[tokio::test]
async fn feeds_are_read_before_the_customers_record() {
    for about_status in [true, false] {
        let (bank, mut feeds) = (bank(), feeds());
        fresh(&bank, &mut feeds, 0).await;
        bank.clock.set(at(10));
        let other = process(&bank, Policy::default(), 9);
        let contact = other.contact();
        // The second of its reads waits.
        bank.store.plan(1, Fault::Delay(3));
        let question = StatusQuestion::new(&SeededRandom::new(1), at(10)).unwrap();
        let about = VerdictQuestion::new(ours(), &SeededRandom::new(2), at(10)).unwrap();
        let ringing = about.ringing(app(), Duration::from_secs(5));
        let customer = alice();
        let mut asked = pin!(async {
            match about_status {
                true => contact.status(&customer, question.nonce()).await,
                false => contact.verdict(&customer, &ringing).await,
            }
        });
        assert!(polled(asked.as_mut(), 2).is_none());
        feeds[1].began(&bank.verifier, &rings("late")).await;
        fresh(&bank, &mut feeds, 10).await;
        let token = polled(asked, 1000).unwrap().unwrap();
        let phone = phone_of(alice());
        if about_status {
            let shown = phone.open_status(&token, &question, at(10)).unwrap();
            assert_eq!(shown.status(), Status::Calling);
        } else {
            assert_eq!(phone.open_verdict(&token, &about, at(10)), Ok(Undetermined));
        }
    }
}

/// The store fails in the middle of a report: either nothing is known of it, or it is missing.
#[tokio::test]
async fn a_report_is_counted_after_its_content_is_kept() {
    let mut seen = Vec::new();
    for call in 0..8 {
        let (bank, mut feeds) = (bank(), feeds());
        fresh(&bank, &mut feeds, 0).await;
        bank.store.plan(call, Fault::FailBefore);
        let report = feeds[1].report();
        let kept = bank.verifier.contact().began(&report, &rings("call-1"), &bob()).await;
        bank.store.heal();
        fresh(&bank, &mut feeds, 10).await;
        let told = status(&bank.verifier, at(10)).await;
        let verdict = ask(&bank, ours(), 1, at(5)).await;
        assert_ne!(told, Status::NotUs, "{call}");
        assert_ne!(verdict, NotLegitimate, "{call}");
        seen.push((kept.is_ok(), told));
    }
    let missing = (false, Status::Undetermined);
    assert!(seen.contains(&missing) && seen.contains(&(true, Status::Calling)), "{seen:?}");
    assert!(seen.contains(&(false, Status::Calling)), "kept, and not counted: {seen:?}");
}

/// A call of which no number was announced may be the one that rings; the announced one shows another number.
#[tokio::test]
async fn legitimate_is_said_of_the_number_that_was_announced() {
    let (bank, mut feeds) = (bank(), feeds());
    fresh(&bank, &mut feeds, 10).await;
    bank.verifier.contact().open(&rings("by-hand")).await.unwrap();
    feeds[0].announce(&bank.verifier, &rings("call-1"), ours()).await;
    assert_eq!(ask(&bank, the_diallers(), 1, at(10)).await, Undetermined);
    assert_eq!(ask(&bank, ours(), 2, at(10)).await, Legitimate);
}

/// Sweeps leave what a feed has reported: a feed that is forgotten would begin at 1.
#[tokio::test]
async fn a_feeds_record_is_kept_for_as_long_as_others() {
    let (bank, mut feeds) = (bank(), feeds());
    fresh(&bank, &mut feeds, 0).await;
    let retention = Policy::default().retention;
    for (after, left) in [(retention - HOUR, 2), (retention + HOUR, 0)] {
        let now = START.after(after);
        bank.store.purge(now, 100).await.unwrap();
        bank.clock.set(now);
        let listed = bank.store.records();
        let mut still = 0;
        for (at, _) in listed {
            still += usize::from(bank.store.load(&at, now).await.unwrap().is_some());
        }
        assert_eq!(still, left, "{after:?}");
    }
}

/// A row that does not open says nothing, and the answer is "undetermined" rather than an error.
#[tokio::test]
async fn a_feed_whose_record_does_not_open_is_not_fresh() {
    for fault in [Fault::Garbage, Fault::BitFlipped, Fault::Truncated, Fault::Foreign] {
        let (bank, mut feeds) = (bank(), feeds());
        fresh(&bank, &mut feeds, 0).await;
        let other = process(&bank, Policy::default(), 9);
        bank.store.plan(0, fault);
        assert_eq!(status(&other, START).await, Status::Undetermined, "{fault:?}");
        assert_eq!(status(&other, START).await, Status::NotUs, "the next read: {fault:?}");
    }
}

/// The same question is about the same call: its number, no other call, and not answered since.
#[tokio::test]
async fn a_repeated_question_is_answered_for_its_number_and_for_as_long_as_it_rings() {
    let (bank, mut feeds) = (bank(), feeds());
    fresh(&bank, &mut feeds, 10).await;
    feeds[0].announce(&bank.verifier, &rings("call-1"), ours()).await;
    let question = VerdictQuestion::new(ours(), &SeededRandom::new(1), at(10)).unwrap();
    let again = async |change: fn(RingingCall) -> RingingCall| {
        let ringing = change(question.ringing(app(), Duration::ZERO));
        let token = bank.verifier.contact().verdict(&alice(), &ringing).await.unwrap();
        phone_of(alice()).open_verdict(&token, &question, at(10))
    };
    assert_eq!(again(|one| one).await, Ok(Legitimate));
    assert_eq!(again(RingingCall::beside_another).await, Ok(Undetermined));
    assert_eq!(again(|one| one).await, Ok(Legitimate));
    let ringing = RingingCall::new(question_nonce(1), the_diallers(), app(), SECOND);
    let token = bank.verifier.contact().verdict(&alice(), &ringing).await.unwrap();
    let other = VerdictQuestion::new(the_diallers(), &SeededRandom::new(1), at(10)).unwrap();
    assert_eq!(phone_of(alice()).open_verdict(&token, &other, at(10)), Ok(Undetermined));
    feeds[0].began(&bank.verifier, &rings("call-1")).await;
    assert_eq!(again(|one| one).await, Ok(Undetermined));
}

/// A dead system would not have said that the call was answered.
#[tokio::test]
async fn legitimate_is_said_only_while_every_feed_is_fresh() {
    let (bank, mut feeds) = (bank(), feeds());
    fresh(&bank, &mut feeds, 10).await;
    feeds[0].announce(&bank.verifier, &rings("call-1"), ours()).await;
    bank.clock.set(at(13));
    feeds[0].beat(&bank.verifier).await;
    assert_eq!(ask(&bank, ours(), 1, at(13)).await, Undetermined, "the other one is silent");
    feeds[1].beat(&bank.verifier).await;
    assert_eq!(ask(&bank, ours(), 1, at(13)).await, Legitimate);
    // Nor is it said again.
    bank.clock.set(at(16));
    assert_eq!(ask(&bank, ours(), 1, at(13)).await, Undetermined);
}

/// What does not ring is not announced.
#[tokio::test]
async fn a_chat_is_not_announced() {
    for (channel, wanted) in
        [(Channel::Chat, false), (Channel::Email, false), (Channel::Video, true)]
    {
        let (bank, mut feed) = (bank(), Feed::new(dialler()));
        let mut call = rings("call-1");
        call.channel = channel;
        let announced =
            bank.verifier.contact().announce(&feed.report(), &call, &showing(ours())).await;
        let seen = bank.seen.take().pop().unwrap();
        assert_eq!(announced.is_ok(), wanted, "{announced:?}");
        if !wanted {
            assert!(matches!(announced, Err(Error::Refused(_))), "{announced:?}");
            let refused = countersign::history::Outcome::Refused(Reason::ChannelNotAllowed);
            assert_eq!(seen.outcome, refused);
        }
    }
}

/// A feed that lost count, and begins anew too low, hears of it.
#[tokio::test]
async fn a_feed_that_begins_anew_with_a_used_number_is_told() {
    let (bank, mut feeds) = (bank(), feeds());
    fresh(&bank, &mut feeds, 0).await;
    let contact = bank.verifier.contact();
    let resync = async |number| contact.resync(&Report::new(pbx(), number, START)).await;
    for used in [1, 2] {
        let no = resync(used).await;
        assert!(matches!(no, Err(Error::Invalid(Invalid::ReportNumberUsed))), "{no:?}");
    }
    resync(7).await.unwrap();
    resync(7).await.unwrap();
    contact.heartbeat(&Report::new(pbx(), 8, START)).await.unwrap();
    resync(7).await.unwrap();
    let no = resync(8).await;
    assert!(matches!(no, Err(Error::Invalid(Invalid::ReportNumberUsed))), "{no:?}");
}

/// An announced call must not outlast what counts as one call.
#[test]
fn a_call_rings_no_longer_than_it_may_last() {
    for (max_age, ring_for, fits) in [(60, 60, true), (60, 61, false), (180, 180, true)] {
        let mut policy = Policy::default();
        policy.presence.max_age = Duration::from_secs(max_age);
        policy.presence.ring_for = Duration::from_secs(ring_for);
        assert_eq!(policy.check().is_ok(), fits, "{max_age} {ring_for}");
    }
}

fn question_nonce(seed: u64) -> countersign::contact::StatusNonce {
    countersign::contact::StatusNonce::draw(&SeededRandom::new(seed)).unwrap()
}
