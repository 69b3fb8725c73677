//! The verdict on a ringing call.

use std::time::Duration;

use countersign::contact::CallVerdict::{Legitimate, NotLegitimate, Undetermined, Unknown};
use countersign::contact::{CallVerdict, CallVerdictData, RingingCall};
use countersign::device::{NotVerified, NumberLookup, VerdictQuestion};
use countersign::policy::{RING_FOR, STATUS_VALID_FOR};
use countersign::random::SeededRandom;
use countersign::time::Clock;
use countersign::{Device, Policy};

use crate::lines::bank;
use crate::lines::*;
use crate::support::*;

async fn fresh(bank: &Bank) {
    let now = bank.clock.now().unwrap();
    for feed in [dialler(), pbx()] {
        let number = 1_000 + now.unix();
        let report = countersign::contact::Report::new(feed, number, now);
        bank.verifier.contact().resync(&report).await.unwrap();
    }
}

#[tokio::test]
async fn a_number_that_never_calls_and_one_that_is_not_ours_read_no_record() {
    let bank = bank();
    let before = bank.store.calls();
    assert_eq!(ask(&bank, never(), 1, START).await, NotLegitimate);
    assert_eq!(ask(&bank, strangers(), 2, START).await, Unknown);
    assert_eq!(bank.store.calls(), before, "nothing is looked up, and nothing kept");
}

#[tokio::test]
async fn legitimate_for_one_question_and_the_same_again() {
    let (bank, mut feed) = (bank(), Feed::new(dialler()));
    feed.announce(&bank.verifier, &rings("call-1"), ours()).await;
    bank.clock.set(at(1));
    fresh(&bank).await;
    assert_eq!(ask(&bank, ours(), 1, at(1)).await, Legitimate);
    let before = bank.store.records();
    assert_eq!(ask(&bank, ours(), 2, at(1)).await, Undetermined, "another question");
    assert_eq!(ask(&bank, ours(), 1, at(1)).await, Legitimate, "its answer was lost");
    let elsewhere = Ringing { device: other_app(), ..Ringing::of(ours(), 1, at(1)) };
    assert_eq!(elsewhere.asked(&bank.verifier, at(1)).await, Undetermined, "another device");
    assert_eq!(ask(&bank, the_diallers(), 3, at(1)).await, Undetermined, "too soon");
    assert_eq!(bank.store.records(), before);
    // For its seconds.
    let over = at(1).after(STATUS_VALID_FOR);
    bank.clock.set(over.before(SECOND));
    fresh(&bank).await;
    assert_eq!(ask(&bank, ours(), 1, at(1)).await, Legitimate);
    bank.clock.set(over);
    fresh(&bank).await;
    assert_eq!(ask(&bank, ours(), 1, at(1)).await, Undetermined);
}

#[tokio::test]
async fn each_announced_call_has_one_question() {
    let (bank, mut feed) = (bank(), Feed::new(dialler()));
    feed.announce(&bank.verifier, &rings("call-1"), ours()).await;
    feed.announce(&bank.verifier, &rings("call-2"), ours()).await;
    fresh(&bank).await;
    let mut told = Vec::new();
    for query in 1..5 {
        told.push(ask(&bank, ours(), query, START).await);
    }
    assert_eq!(told, [Legitimate, Legitimate, Undetermined, Undetermined]);
}

#[tokio::test]
async fn an_answered_call_vouches_for_none_that_rings() {
    let (bank, mut feed) = (bank(), Feed::new(dialler()));
    feed.announce(&bank.verifier, &rings("call-1"), ours()).await;
    feed.began(&bank.verifier, &rings("call-1")).await;
    fresh(&bank).await;
    bank.clock.set(at(5));
    fresh(&bank).await;
    assert_eq!(ask(&bank, ours(), 1, at(1)).await, Undetermined);
}

#[tokio::test]
async fn another_call_at_the_same_time_makes_it_undetermined() {
    let (bank, mut feed) = (bank(), Feed::new(dialler()));
    feed.announce(&bank.verifier, &rings("call-1"), ours()).await;
    fresh(&bank).await;
    let two = Ringing { others: true, ..Ringing::of(ours(), 1, START) };
    assert_eq!(two.asked(&bank.verifier, START).await, Undetermined);
    assert_eq!(ask(&bank, ours(), 2, START).await, Legitimate, "nothing was used up");
}

#[tokio::test]
async fn what_rang_before_it_was_announced_is_another_call() {
    let (bank, mut feed) = (bank(), Feed::new(dialler()));
    bank.clock.set(at(10));
    feed.announce(&bank.verifier, &rings("call-1"), ours()).await;
    fresh(&bank).await;
    assert_eq!(ask(&bank, ours(), 1, at(7)).await, Undetermined);
    assert_eq!(ask(&bank, ours(), 2, at(8)).await, Legitimate, "within the lag of clocks");
}

#[tokio::test]
async fn an_announced_call_rings_for_a_minute() {
    for (after, wanted) in [(RING_FOR - SECOND, Legitimate), (RING_FOR, Undetermined)] {
        let (bank, mut feed) = (bank(), Feed::new(dialler()));
        feed.announce(&bank.verifier, &rings("call-1"), ours()).await;
        bank.clock.set(START.after(after));
        fresh(&bank).await;
        assert_eq!(ask(&bank, ours(), 1, START.after(after)).await, wanted);
    }
}

#[tokio::test]
async fn not_legitimate_needs_every_watermark_after_the_ringing_began_and_the_lag() {
    let bank = bank();
    bank.clock.set(at(10));
    fresh(&bank).await;
    // It rings since second 10, or 8: the watermark must be beyond that and the lag.
    assert_eq!(ask(&bank, ours(), 1, at(10)).await, Undetermined);
    assert_eq!(ask(&bank, ours(), 2, at(8)).await, Undetermined);
    assert_eq!(ask(&bank, ours(), 3, at(7)).await, NotLegitimate);
    // And no older than the lag.
    bank.clock.set(at(12));
    assert_eq!(ask(&bank, ours(), 4, at(7)).await, NotLegitimate);
    bank.clock.set(at(13));
    assert_eq!(ask(&bank, ours(), 5, at(7)).await, Undetermined);
}

#[tokio::test]
async fn only_the_systems_that_may_show_a_number_have_to_be_fresh_for_it() {
    let bank = bank();
    bank.clock.set(at(10));
    let report = countersign::contact::Report::new(dialler(), 1, at(10));
    bank.verifier.contact().heartbeat(&report).await.unwrap();
    assert_eq!(ask(&bank, the_diallers(), 1, at(5)).await, NotLegitimate);
    assert_eq!(ask(&bank, ours(), 2, at(5)).await, Undetermined, "the other system is silent");
}

#[tokio::test]
async fn a_call_of_which_no_number_was_announced_may_be_the_one_that_rings() {
    let bank = bank();
    bank.verifier.contact().open(&rings("by-hand")).await.unwrap();
    bank.clock.set(at(10));
    fresh(&bank).await;
    assert_eq!(ask(&bank, ours(), 1, at(5)).await, Undetermined);
    // One that ended since it began to ring, too.
    bank.verifier.contact().close(&rings("by-hand")).await.unwrap();
    assert_eq!(ask(&bank, ours(), 2, at(5)).await, Undetermined);
    bank.clock.set(at(20));
    fresh(&bank).await;
    assert_eq!(ask(&bank, ours(), 3, at(15)).await, NotLegitimate);
    // A chat does not ring.
    let mut chat = rings("chat");
    chat.channel = countersign::Channel::Chat;
    bank.verifier.contact().open(&chat).await.unwrap();
    assert_eq!(ask(&bank, ours(), 4, at(15)).await, NotLegitimate);
}

#[tokio::test]
async fn a_phone_that_says_it_rings_for_ever_is_told_nothing() {
    let bank = bank();
    bank.clock.set(at(1000));
    fresh(&bank).await;
    assert_eq!(ask(&bank, ours(), 1, at(820)).await, NotLegitimate);
    assert_eq!(ask(&bank, ours(), 1, at(819)).await, Undetermined);
}

#[tokio::test]
async fn nobody_learns_of_another_customer_s_call() {
    let (bank, mut feed) = (bank(), Feed::new(dialler()));
    feed.announce(&bank.verifier, &rings("call-1"), ours()).await;
    bank.clock.set(at(5));
    fresh(&bank).await;
    let question = VerdictQuestion::new(ours(), &SeededRandom::new(1), at(5)).unwrap();
    let ringing = question.ringing(app(), Duration::from_secs(3));
    let token = bank.verifier.contact().verdict(&mallory(), &ringing).await.unwrap();
    // Her own session says nothing of Alice's, and the answer is nobody else's.
    let phone = phone_of(alice());
    assert_eq!(phone.open_verdict(&token, &question, at(5)), Err(NotVerified::NotGenuine));
    let own = phone_of(mallory()).open_verdict(&token, &question, at(5));
    assert_eq!(own, Ok(NotLegitimate), "whomever else the enterprise is ringing");
    assert_eq!(ask(&bank, ours(), 2, at(4)).await, Legitimate, "nothing was used up");
}

#[tokio::test]
async fn an_answer_counts_for_its_question_number_and_seconds() {
    let bank = bank();
    let question = VerdictQuestion::new(never(), &SeededRandom::new(1), START).unwrap();
    let ringing = question.ringing(app(), SECOND);
    let token = bank.verifier.contact().verdict(&alice(), &ringing).await.unwrap();
    let phone = phone_of(alice());
    let open = |question: &_, now| phone.open_verdict(&token, question, now);
    assert_eq!(open(&question, at(9)), Ok(NotLegitimate));
    assert_eq!(open(&question, at(10)), Err(NotVerified::Stale));
    let next = VerdictQuestion::new(never(), &SeededRandom::new(2), START).unwrap();
    assert_eq!(open(&next, START), Err(NotVerified::OtherQuestion));
    let other_number = VerdictQuestion::new(ours(), &SeededRandom::new(1), START).unwrap();
    assert_eq!(open(&other_number, START), Err(NotVerified::OtherQuestion));
}

#[tokio::test]
async fn numbers_are_looked_up_on_the_device() {
    let bank = bank();
    let token = bank.verifier.contact().numbers_token().await.unwrap();
    let list = phone_of(mallory()).open_numbers(&token, START).unwrap();
    let look = |number, now| list.look_up(&number, now);
    assert_eq!(look(ours(), START), NumberLookup::Ask);
    assert_eq!(look(never(), START), NumberLookup::Verdict(NotLegitimate));
    assert_eq!(look(strangers(), START), NumberLookup::Verdict(Unknown));
    // One that is over hangs up on nobody.
    assert_eq!(list.until(), START.after(DAY));
    assert_eq!(look(never(), list.until()), NumberLookup::Verdict(Undetermined));
    let later = START.after(DAY + MINUTE);
    assert!(phone_of(alice()).open_numbers(&token, later).is_err());
    let nobody = Device::new(countersign::token::TrustedKeys::new(issuer()), alice());
    assert!(nobody.open_numbers(&token, START).is_err());
}

#[tokio::test]
async fn the_longest_list_fits_into_a_token() {
    let number = |n: u32| format!("+44200000{n:06}").parse().unwrap();
    let all = (0..250)
        .fold(countersign::contact::Telephony::new(), |all, n| all.shows(number(n), [pbx()]));
    let bank = bank();
    let verifier = part(keyring(), &bank.store, &bank.clock, &bank.seen, 2)
        .telephony(all)
        .signing_key(signing())
        .build()
        .unwrap();
    let token = verifier.contact().numbers_token().await.unwrap();
    let list = phone_of(alice()).open_numbers(&token, START).unwrap();
    assert_eq!(list.look_up(&number(249), START), NumberLookup::Ask);
}

#[test]
fn names_and_forms_are_fixed() {
    let names = [Legitimate, NotLegitimate, Undetermined, Unknown].map(CallVerdict::name);
    assert_eq!(names, ["legitimate", "not_legitimate", "undetermined", "unknown"]);
    for verdict in [Legitimate, NotLegitimate, Undetermined, Unknown] {
        let text = serde_json::to_string(&verdict).unwrap();
        assert_eq!(text, format!("\"{}\"", verdict.name()));
    }
    let data = r#"{"nonce":"AQEBAQEBAQEBAQEBAQEBAQ","number":"+442071234567","verdict":"unknown"}"#;
    let read: CallVerdictData = serde_json::from_str(data).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), data);
    let asked = r#"{"query":"AQEBAQEBAQEBAQEBAQEBAQ","number":"+442071234567","device":"00000000000000000000000000","ringing_for":3}"#;
    let read: RingingCall = serde_json::from_str(asked).unwrap();
    assert_eq!(read, RingingCall::new(nonce(1), ours(), app(), 3 * SECOND));
}

#[test]
fn the_policy_of_verdicts_has_limits() {
    for (lag, ring_for, fits) in [
        (2, 60, true),
        (30, 180, true),
        (31, 60, false),
        (0, 60, false),
        (2, 181, false),
        (2, 9, false),
    ] {
        let mut policy = Policy::default();
        policy.presence.lag = Duration::from_secs(lag);
        policy.presence.ring_for = Duration::from_secs(ring_for);
        assert_eq!(policy.check().is_ok(), fits, "{lag} {ring_for}");
    }
}
