//! Challenges on machines whose clocks differ, by seconds, hours and days, and turn back: whatever they say, nothing is
//! shown outside of the slot as the machine that shows it has it, nor after the end, and no end is taken back.

use std::time::Duration;

use countersign::callback::Verdict;
use countersign::challenge::{Answer, ChallengeStatus};
use countersign::history::{Action, Outcome, Subject};
use countersign::{ChallengeId, Timestamp};
use proptest::prelude::*;

use crate::support::challenges::{appointment, fraud_rings, signing_bank, slot, slot_between};
use crate::support::credentials::app;
use crate::support::depth::cases;
use crate::support::*;

const LEEWAY: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, Copy)]
enum Step {
    Present(u8),
    /// Another slot: it begins so many ten minutes after the start.
    Reassign(u64),
    Conclude(bool),
    Decline,
    Revoke,
    List,
    /// True time passes.
    Wait(u64),
}

/// What is done, and how far off the clock of the machine is that does it.
fn step() -> impl Strategy<Value = (Step, i64)> {
    let step = prop_oneof![
        8 => (0_u8..3).prop_map(Step::Present),
        2 => (0_u64..8).prop_map(Step::Reassign),
        2 => any::<bool>().prop_map(Step::Conclude),
        1 => Just(Step::Decline),
        1 => Just(Step::Revoke),
        3 => Just(Step::List),
        4 => (1_u64..1200).prop_map(Step::Wait),
    ];
    let off = prop_oneof![
        6 => Just(0),
        3 => -40_i64..40,
        2 => prop::sample::select(vec![-1200, 1200, -7200, 7200, -3 * 86_400, 3 * 86_400]),
    ];
    (step, off)
}

fn by(at: Timestamp, off: i64) -> Timestamp {
    let much = Duration::from_secs(off.unsigned_abs());
    if off < 0 { at.before(much) } else { at.after(much) }
}

/// Returns how often something was shown.
async fn played(steps: &[(Step, i64)]) -> usize {
    let bank = signing_bank();
    app(&bank).await;
    let (id, token) = bank.confirmed().await;
    let (mut agreed, mut current) = (slot().window, appointment(&token));
    let (mut time, mut ended, mut shown, mut total) = (bank.now(), None, Vec::new(), 0);
    for (n, (step, off)) in steps.iter().enumerate() {
        let clock = by(time, *off);
        bank.clock.set(clock);
        let challenges = bank.verifier.challenges();
        match *step {
            Step::Present(call) => {
                let call = format!("call-{call}");
                let presented = challenges.present(&fraud_rings(&call), &id).await;
                if presented.is_ok() {
                    assert_eq!(ended, None, "shown after the end: {steps:?}");
                    assert!(clock < agreed.until(), "after the slot: {steps:?}");
                    assert!(clock.after(LEEWAY) >= agreed.from(), "before the slot: {steps:?}");
                    if !shown.contains(&call) {
                        shown.push(call);
                        total += 1;
                    }
                    let most = usize::from(bank.verifier.policy().challenges.presentations);
                    assert!(shown.len() <= most, "{steps:?}");
                }
            }
            Step::Reassign(from) => {
                let slot = slot_between(10 * from, 10 * from + 30);
                let asked = request(&format!("again-{n}"));
                if let Ok(again) = challenges.reassign(&alice(), &id, &asked, &slot).await {
                    assert_eq!(ended, None, "an appointment after the end: {steps:?}");
                    (agreed, shown) = (slot.window, Vec::new());
                    current = appointment_at(&again.token, clock);
                }
            }
            Step::Conclude(recognised) => {
                let verdict = if recognised { Verdict::Recognised } else { Verdict::NotRecognised };
                let concluded = challenges.conclude(&alice(), &id, current, verdict).await;
                if let (Ok(concluded), None) = (concluded, ended) {
                    let wanted = match (recognised, shown.is_empty()) {
                        (true, _) => ChallengeStatus::Recognised,
                        (false, false) => ChallengeStatus::NotRecognised,
                        // A false caller, who ends nothing.
                        (false, true) => ChallengeStatus::Confirmed,
                    };
                    let over = concluded.status == ChallengeStatus::Expired && !recognised;
                    assert!(concluded.status == wanted || over, "{concluded:?} {steps:?}");
                    assert!(!recognised || !shown.is_empty(), "nothing was shown: {steps:?}");
                }
            }
            Step::Decline => drop(challenges.answer(&alice(), &id, &Answer::Decline).await),
            Step::Revoke => drop(challenges.revoke(&alice(), &id).await),
            Step::List => {}
            Step::Wait(seconds) => time = time.after(Duration::from_secs(seconds)),
        }
        let status = bank.challenge_status(&id).await;
        if let Some(ended) = ended {
            assert_eq!(status, ended, "an end was taken back: {steps:?}");
        }
        // Listed by a machine that is ahead, it may look over without having ended.
        if written_as_ended(&bank, &id).await {
            ended = Some(status);
        }
    }
    total
}

/// The token's id, read by an app whose clock is right for it.
fn appointment_at(token: &str, clock: Timestamp) -> countersign::token::TokenId {
    let shown = crate::support::challenges::phone().open_appointment(token, clock);
    shown.map_or_else(|_| appointment(token), |shown| shown.id())
}

async fn written_as_ended(bank: &Bank, id: &ChallengeId) -> bool {
    let histories =
        bank.verifier.history(&alice(), countersign::page::Page::first()).await.unwrap().items;
    let history = histories.iter().find(|one| one.subject == Subject::Challenge(*id)).unwrap();
    history.verify().unwrap();
    let times: Vec<_> = history.events.iter().map(|event| event.at).collect();
    assert!(times.is_sorted(), "time went back: {times:?}");
    let ends = [
        Action::Recognise,
        Action::NotRecognise,
        Action::DeclineChallenge,
        Action::RevokeChallenge,
        Action::Expire,
    ];
    let ended = |event: &countersign::history::HistoryEvent| {
        ends.contains(&event.action) && event.outcome == Outcome::Done
    };
    let after = history.events.iter().skip_while(|event| !ended(event)).skip(1);
    let shown =
        after.filter(|event| event.action == Action::Present && event.outcome == Outcome::Done);
    assert_eq!(shown.count(), 0, "shown after the end");
    history.events.iter().any(ended)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(24, 96), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn clocks_that_differ_show_nothing_outside_of_the_slot_or_after_the_end(
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(played(&steps));
    }
}

/// The steps above show something, on clocks that are right and on such as are not.
#[tokio::test]
async fn a_clock_within_the_leeway_shows_what_is_to_be_said() {
    let again = (Step::Reassign(1), -20);
    let twice = [(Step::Present(0), -5), again, (Step::Wait(60), 0), (Step::Present(1), 20)];
    assert_eq!(played(&twice).await, 2);
    let far = [(Step::Present(0), 7200), (Step::Present(1), -7200)];
    assert_eq!(played(&far).await, 0);
}
