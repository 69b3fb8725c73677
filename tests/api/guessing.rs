//! Guesses at a PIN by whoever has the phone and the app's session: each that is looked at is counted, and
//! nothing else answers one.

use countersign::credential::{CredentialStatus, ImportRequest};
use countersign::error::Reason;
use countersign::history::{Action, Outcome};
use countersign::observer::Observed;
use countersign::otp::ocra::Response;
use countersign::otp::{Algorithm, Digits, OtpSeed, Totp};
use countersign::page::Page;
use countersign::step_up::{StepUpRequested, StepUpStatus};
use countersign::store::Fault;
use countersign::{Error, Policy, StepUpId};

use crate::support::credentials::{app, pin, refused, response};
use crate::support::depth::either;
use crate::support::step_ups::{
    asking, bank, bank_of, change, codes_alone, grant, limits_alone, open, signing, transfer,
};
use crate::support::*;

async fn ask(bank: &Bank, id: &str) -> StepUpRequested {
    bank.verifier.step_ups().request(&bob_rings("call-1"), &asking(id, transfer())).await.unwrap()
}

async fn status(bank: &Bank) -> CredentialStatus {
    let listed = bank.verifier.credentials().list(&alice(), Page::first()).await.unwrap();
    listed.items[0].status
}

async fn refusals(bank: &Bank) -> u32 {
    histories(&bank.verifier, a_credential).await[0].refusals
}

/// Every PIN but the two, until there are so many.
fn wrong_pins() -> impl Iterator<Item = String> {
    (0..10_000).map(|n| format!("{n:04}")).filter(|pin| pin != "2468" && pin != "1357")
}

#[tokio::test]
async fn a_guess_at_the_pin_by_confirming_again_is_counted() {
    let bank = bank();
    let (confirmed, device) = app(&bank).await;
    let credentials = bank.verifier.credentials();
    let confirm = async |with: &str| {
        let code = device.confirm(&pin(with)).unwrap();
        credentials.confirm(&alice(), &device.id(), &code).await
    };
    // The PIN of the confirmation and the one for coercion are answered alike, and nothing is written.
    let written = bank.store.records();
    assert_eq!(confirm("2468").await.unwrap(), confirmed);
    assert_eq!(confirm("1357").await.unwrap(), confirmed);
    assert_eq!(bank.store.records(), written);

    for (n, guess) in (1..=5).zip(wrong_pins()) {
        refused(confirm(&guess).await);
        // Once each.
        refused(confirm(&guess).await);
        assert_eq!(refusals(&bank).await, n);
    }
    assert_eq!(status(&bank).await, CredentialStatus::Locked);
    // From now on the right ones are refused like the wrong ones.
    let written = bank.store.records();
    for guess in
        ["2468", "1357"].into_iter().map(str::to_owned).chain(wrong_pins().take(either(20, 100)))
    {
        refused(confirm(&guess).await);
    }
    assert_eq!(bank.store.records(), written);
}

/// A step-up in each state after its approval.
#[tokio::test]
async fn what_is_approved_answers_every_code_alike() {
    let bank = bank();
    let (_, device) = app(&bank).await;
    let step_ups = bank.verifier.step_ups();
    let call = bob_rings("call-1");
    for (name, given) in [("own", "2468"), ("under-coercion", "1357")] {
        let asked = ask(&bank, name).await;
        let (id, shown) = (asked.step_up.id, open(&bank, &asked));
        let code = |with: &str| shown.approve(&device, &pin(with)).unwrap();
        let approved = step_ups.submit(&alice(), &id, &code(given)).await.unwrap();
        assert_eq!(approved.status, StepUpStatus::Approved);
        let alike = async |wanted: StepUpStatus| {
            let written = bank.store.records();
            let mut answers = Vec::new();
            for guess in ["2468", "1357", "0000", "9999"].map(code) {
                answers.push(step_ups.submit(&alice(), &id, &guess).await.unwrap());
            }
            answers.push(
                step_ups
                    .submit(&alice(), &id, &"000000".parse::<Response>().unwrap())
                    .await
                    .unwrap(),
            );
            assert!(answers.iter().all(|one| *one == answers[0] && one.status == wanted));
            assert_eq!(bank.store.records(), written, "nothing is written or counted");
        };
        alike(StepUpStatus::Approved).await;
        let grant = grant(&bank, &asked).await;
        step_ups.redeem(&call, &grant, &transfer(), &request("k")).await.unwrap();
        alike(StepUpStatus::Redeemed).await;
    }
    assert_eq!(refusals(&bank).await, 0);
    // Nobody else is told even that.
    let id = ask(&bank, "own").await.step_up.id;
    refused(step_ups.submit(&mallory(), &id, &"000000".parse::<Response>().unwrap()).await);
}

/// The credential accepted the code, and the answer was lost before the step-up was written.
#[tokio::test]
async fn an_approval_that_was_not_finished_tells_nothing_of_a_code_either() {
    for finish in ["2468", "1357", "0000"] {
        let bank = bank();
        let (_, device) = app(&bank).await;
        let step_ups = bank.verifier.step_ups();
        let (asked, other) = (ask(&bank, "one").await, ask(&bank, "two").await);
        let (id, shown) = (asked.step_up.id, open(&bank, &asked));
        bank.store.plan(4, Fault::FailBefore);
        let given = shown.approve(&device, &pin("1357")).unwrap();
        let lost = step_ups.submit(&alice(), &id, &given).await;
        assert!(matches!(lost, Err(Error::Store(_))), "{lost:?}");
        bank.store.heal();
        // Meanwhile somebody locks the credential with guesses for something else.
        for guess in wrong_pins().take(5) {
            let guess = open(&bank, &other).approve(&device, &pin(&guess)).unwrap();
            refused(step_ups.submit(&alice(), &other.step_up.id, &guess).await);
        }
        assert_eq!(status(&bank).await, CredentialStatus::Locked);

        let code = shown.approve(&device, &pin(finish)).unwrap();
        let done = step_ups.submit(&alice(), &id, &code).await.unwrap();
        assert_eq!(done.status, StepUpStatus::Approved, "{finish}");
        let (call, grant) = (bob_rings("call-1"), grant(&bank, &asked).await);
        let proof = step_ups.redeem(&call, &grant, &transfer(), &request("k")).await.unwrap();
        assert!(proof.duress(), "as it was accepted, whatever finished it");
        assert_eq!(refusals(&bank).await, 5);
    }
}

/// One guess is not tried at many time steps, of which one would be its own; a right code in between changes nothing.
#[tokio::test]
async fn what_was_found_wrong_for_a_thing_stays_so() {
    let bank = bank();
    let seed = || OtpSeed::from_bytes(&[7; 20]).unwrap();
    bank.verifier.credentials().import(&alice(), &ImportRequest::totp(seed())).await.unwrap();
    let totp = Totp::new(&seed(), Algorithm::Sha1, Digits::SIX, Totp::THIRTY_SECONDS);
    let step_ups = bank.verifier.step_ups();
    let ask = async |id: &str| {
        let asked = step_ups.request(&bob_rings("call-1"), &asking(id, change())).await;
        asked.unwrap().step_up.id
    };
    let [one, two] = [ask("one").await, ask("two").await];
    let (now, later) = (START, START.after(3 * MINUTE));
    let [right, guess] = [now, later].map(|at| response(&totp.generate(at.unix())));
    refused(step_ups.submit(&alice(), &one, &guess).await);
    step_ups.submit(&alice(), &two, &right).await.unwrap();
    bank.clock.set(later);
    let written = bank.store.records();
    refused(step_ups.submit(&alice(), &one, &guess).await);
    assert_eq!((refusals(&bank).await, bank.store.records()), (1, written));
    // For another thing it is a code like any.
    let three = ask("three").await;
    step_ups.submit(&alice(), &three, &guess).await.unwrap();
}

fn count(seen: &[Observed], action: Action, repeated: bool) -> usize {
    let same = |event: &&Observed| (event.action, event.repeated) == (action, repeated);
    seen.iter().filter(same).count()
}

/// A verifier that forgets nothing but its policy.
fn with_policy(bank: &mut Bank, policy: Policy) {
    let builder = part(keyring(), &bank.store, &bank.clock, &bank.seen, 2).policy(policy);
    bank.verifier = builder.signing_key(signing()).build().unwrap();
}

async fn wrong(bank: &Bank, id: &StepUpId, n: u32) {
    let code: Response = format!("{n:010}").parse().unwrap();
    refused(bank.verifier.step_ups().submit(&alice(), id, &code).await);
}

/// What a failure leads to is written with it; if the answer is lost, the repeated call tells it again.
#[tokio::test]
async fn lock_warning_and_block_are_told_though_the_answer_was_lost() {
    let mut policy = Policy::default();
    policy.credentials.failures_to_disable = 10;
    let bank = bank_of(codes_alone(limits_alone(policy)));
    app(&bank).await;
    for n in 1..=10_u32 {
        let id = ask(&bank, &format!("s-{n}")).await.step_up.id;
        let code: Response = format!("{n:010}").parse().unwrap();
        bank.seen.take();
        // It lands, its answer is lost, and so is the look whether it had landed.
        bank.store.plan(2, Fault::LoseAnswer);
        bank.store.plan(3, Fault::FailBefore);
        let lost = bank.verifier.step_ups().submit(&alice(), &id, &code).await;
        assert!(matches!(lost, Err(Error::Store(_))), "{lost:?}");
        bank.store.heal();
        assert_eq!(refusals(&bank).await, n);
        assert_eq!(bank.seen.take(), [], "nothing was told");
        refused(bank.verifier.step_ups().submit(&alice(), &id, &code).await);
        let seen = bank.seen.take();
        let told = [Action::Lock, Action::WarnOfBlock, Action::Disable]
            .map(|action| (count(&seen, action, false), count(&seen, action, true)));
        let (none, again) = ((0, 0), (0, 1));
        let wanted = match n {
            1..=4 => [none, none, none],
            5 => [again, again, none],
            6..=9 => [none, again, none],
            _ => [none, none, again],
        };
        assert_eq!(told, wanted, "failure {n}");
        // The lock runs out.
        bank.clock.advance(DAY);
    }
    assert_eq!(status(&bank).await, CredentialStatus::Disabled);
}

/// The caller of the warning's failure never calls again: the next failure tells it.
#[tokio::test]
async fn a_warning_that_was_lost_is_told_with_the_next_failure() {
    let mut policy = Policy::default();
    policy.credentials.failures_to_disable = 6;
    let bank = bank_of(codes_alone(limits_alone(policy)));
    app(&bank).await;
    let id = ask(&bank, "s").await.step_up.id;
    bank.seen.take();
    bank.store.plan(2, Fault::LoseAnswer);
    bank.store.plan(3, Fault::FailBefore);
    let lost = bank
        .verifier
        .step_ups()
        .submit(&alice(), &id, &"0000000001".parse::<Response>().unwrap())
        .await;
    assert!(lost.is_err());
    bank.store.heal();
    assert_eq!(bank.seen.take(), []);
    wrong(&bank, &id, 2).await;
    let seen = bank.seen.take();
    assert_eq!(count(&seen, Action::WarnOfBlock, true), 1);
    let warning = seen.iter().find(|event| event.action == Action::WarnOfBlock).unwrap();
    assert_eq!(warning.outcome, Outcome::Done);
}

/// PSD2 allows five codes in a row; a policy that is tightened in mid-row does not make it eight.
#[tokio::test]
async fn a_tightened_policy_locks_no_later() {
    for (before, to_lock, more) in [(4, 4, 1), (4, 3, 1), (2, 3, 1), (3, 5, 2), (1, 1, 1)] {
        let mut bank = bank_of(codes_alone(Policy::default()));
        app(&bank).await;
        let id = ask(&bank, "s").await.step_up.id;
        for n in 0..before {
            wrong(&bank, &id, n).await;
            assert_eq!(status(&bank).await, CredentialStatus::Active);
        }
        let mut policy = Policy::default();
        policy.credentials.failures_to_lock = to_lock;
        with_policy(&mut bank, codes_alone(policy));
        for n in 0..20 {
            wrong(&bank, &id, 100 + n).await;
        }
        assert_eq!(status(&bank).await, CredentialStatus::Locked);
        assert_eq!(refusals(&bank).await, before + more, "{before} before, {to_lock} to lock");
        // The next lock comes after as many more, and is twice as long.
        bank.clock.advance(HOUR / 2);
        let id = ask(&bank, "t").await.step_up.id;
        for n in 0..20 {
            wrong(&bank, &id, 200 + n).await;
        }
        assert_eq!(refusals(&bank).await, before + more + u32::from(to_lock));
        let held = bank.verifier.credentials().list(&alice(), Page::first()).await.unwrap();
        let until = START.after(HOUR / 2).after(HOUR);
        assert_eq!(held.items[0].locked_until, Some(until));
    }
}

#[tokio::test]
async fn no_policy_disables_without_a_warning() {
    let mut bank = bank_of(codes_alone(Policy::default()));
    app(&bank).await;
    for n in 0..12 {
        let id = ask(&bank, &format!("s-{n}")).await.step_up.id;
        wrong(&bank, &id, n).await;
        bank.clock.advance(DAY);
    }
    // Tightened to less than the failures there were.
    let mut policy = Policy::default();
    policy.credentials.failures_to_disable = 10;
    with_policy(&mut bank, codes_alone(policy));
    bank.seen.take();
    let id = ask(&bank, "warned").await.step_up.id;
    wrong(&bank, &id, 50).await;
    let seen = bank.seen.take();
    assert_eq!(count(&seen, Action::WarnOfBlock, false), 1);
    assert_eq!(status(&bank).await, CredentialStatus::Active);
    bank.clock.advance(DAY);
    let id = ask(&bank, "disabled").await.step_up.id;
    wrong(&bank, &id, 51).await;
    assert_eq!(count(&bank.seen.take(), Action::Disable, false), 1);
    assert_eq!(status(&bank).await, CredentialStatus::Disabled);
    let refused: Vec<_> = histories(&bank.verifier, a_credential).await[0]
        .events
        .iter()
        .filter(|event| event.outcome == Outcome::Refused(Reason::WrongCode))
        .map(|event| event.number)
        .collect();
    assert_eq!(refused.len(), 14);
}
