//! What the manual has an app do about a call that rings: ask, again each second, and give up when its budget is over.
//! An impostor's call is told within it, the bank's own is never denied.

use std::time::Duration;

use countersign::Policy;
use countersign::contact::CallVerdict::{self, Legitimate, NotLegitimate, Undetermined};
use countersign::contact::Report;
use countersign::device::{VERDICT_ASK_EVERY, VERDICT_BUDGET, VerdictQuestion};
use countersign::random::SeededRandom;
use countersign::time::Clock;

use crate::lines::bank;
use crate::lines::*;
use crate::support::*;

/// How the clocks of the play stand to each other, each in its worst way or not at all.
#[derive(Debug, Clone, Copy, Default)]
struct Apart {
    /// A second was begun when it began to ring, so that a second less is counted.
    half_a_second: bool,
    /// By how many seconds the feeds' last watermark is behind.
    behind: u64,
    /// By how many seconds the machine that keeps the reports is ahead of the one that answers.
    ahead: i64,
}

/// What the app answers the phone's system about a call with our number that rings from second 100 on, and when. What
/// happens at the bank each second is told.
fn answers(bank: &Bank, apart: Apart, mut happens: impl FnMut(u64)) -> (CallVerdict, u64) {
    let random = SeededRandom::new(77);
    let mut question = None;
    for waited in 0..=VERDICT_BUDGET.as_secs() {
        let second = 100 + waited;
        bank.clock.set(at(second));
        happens(second);
        if waited.is_multiple_of(VERDICT_ASK_EVERY.as_secs()) {
            let now = bank.clock.now().unwrap();
            let question =
                question.get_or_insert_with(|| VerdictQuestion::new(ours(), &random, now).unwrap());
            let rung = waited.saturating_sub(u64::from(apart.half_a_second));
            let ringing = question.ringing(app(), Duration::from_secs(rung));
            let token = soon(bank.verifier.contact().verdict(&alice(), &ringing)).unwrap();
            let told = phone_of(alice()).open_verdict(&token, question, now).unwrap();
            if told != Undetermined {
                return (told, waited);
            }
        }
    }
    (Undetermined, VERDICT_BUDGET.as_secs())
}

/// The feeds report each second, by the clock of another process.
fn beats(bank: &Bank, apart: Apart) -> impl FnMut(u64) {
    let clock = countersign::time::ManualClock::new(START);
    let reports = process_at(bank, Policy::default(), 2, &clock);
    let mut number = 0;
    move |second| {
        let kept = second.saturating_add_signed(apart.ahead);
        clock.set(at(kept));
        number += 1;
        for feed in [dialler(), pbx()] {
            let report = Report::new(feed, number, at(kept - apart.behind));
            soon(reports.contact().heartbeat(&report)).unwrap();
        }
    }
}

#[test]
fn a_call_with_our_number_that_is_none_of_ours_is_told_within_the_budget() {
    let (no, s) = (NotLegitimate, Duration::from_secs);
    assert_eq!((VERDICT_BUDGET, VERDICT_ASK_EVERY), (s(5), s(1)));
    for (half_a_second, behind, wanted) in
        [(false, 0, (no, 3)), (false, 1, (no, 4)), (true, 0, (no, 4)), (true, 1, (no, 5))]
    {
        let apart = Apart { half_a_second, behind, ahead: 0 };
        let bank = bank();
        assert_eq!(answers(&bank, apart, beats(&bank, apart)), wanted, "{apart:?}");
    }
}

/// Clocks that are apart by the most: the one that keeps reports is ahead, or behind.
#[test]
fn a_call_of_ours_that_is_announced_is_told_at_once_and_never_denied() {
    for ahead in [0, 2, -2] {
        for behind in [0, 1] {
            let apart = Apart { ahead, behind, ..Apart::default() };
            let bank = bank();
            let (mut beats, mut feed) = (beats(&bank, apart), Feed::new(dialler()));
            feed.skip_to(1000);
            bank.clock.set(at(100));
            beats(99);
            soon(feed.announce(&bank.verifier, &rings("call-1"), ours()));
            let told = answers(&bank, apart, beats);
            // Two clocks and a late heartbeat are together more than the lag: then it takes another one.
            let wanted = if ahead == -2 && behind == 1 { Undetermined } else { Legitimate };
            assert_eq!(told.0, wanted, "{apart:?}");
        }
    }
}

/// A call of ours that nobody announced is reported when it rings, at most two seconds late by the watermark.
#[test]
fn a_call_of_ours_that_is_reported_late_is_not_denied_within_the_budget() {
    for ahead in [0, 2, -2] {
        for late in 0..4 {
            let bank = bank();
            let clock = countersign::time::ManualClock::new(START);
            let reports = process_at(&bank, Policy::default(), 2, &clock);
            let (mut dialler, mut pbx) = (Feed::new(dialler()), Feed::new(pbx()));
            let apart = Apart { ahead, ..Apart::default() };
            let told = answers(&bank, apart, |second| {
                let kept = second.saturating_add_signed(ahead);
                clock.set(at(kept));
                soon(dialler.beat(&reports));
                // A feed says no more than it knows: until it has reported the call, its watermark stays.
                let report = pbx.report();
                if second == 100 + late {
                    soon(reports.contact().began(&report, &rings("by-hand"), &bob())).unwrap();
                    pbx.acknowledged = at(kept);
                } else {
                    soon(reports.contact().heartbeat(&report)).unwrap();
                    if second > 100 + late {
                        pbx.acknowledged = at(kept);
                    }
                }
            });
            assert_eq!(told, (Undetermined, 5), "{ahead} {late}");
        }
    }
}
