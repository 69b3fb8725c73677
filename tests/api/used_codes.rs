//! Attack 7: a code that was used, and any older one, is never accepted again, nor one from far ahead.

use countersign::Policy;
use countersign::credential::{EnrolmentRequest, ImportRequest, Method};
use countersign::error::Reason;
use countersign::history::Outcome;
use countersign::otp::{Algorithm, Digits, Hotp, OtpSeed, Totp};

use crate::support::credentials::{refused, response};
use crate::support::step_ups::{asking, bank, change, signing, transfer};
use crate::support::*;

#[tokio::test]
async fn attack_7_a_fob_s_step_is_accepted_once_across_restart_rotation_and_rollback() {
    let bank = bank();
    let seed = || OtpSeed::from_bytes(&[7; 20]).unwrap();
    let fob = ImportRequest::totp(seed());
    bank.verifier.credentials().import(&alice(), &fob).await.unwrap();
    let totp = Totp::new(&seed(), Algorithm::Sha1, Digits::SIX, Totp::THIRTY_SECONDS);
    let step_ups = bank.verifier.step_ups();
    let call = bob_rings("call-1");
    // Not for a transfer: the code does not say what it is given for.
    refused(step_ups.request(&call, &asking("s-0", transfer())).await);
    let first = step_ups.request(&call, &asking("s-1", change())).await.unwrap();
    let second = step_ups.request(&call, &asking("s-2", change())).await.unwrap();
    let code = response(&totp.generate(START.unix()));
    step_ups.submit(&alice(), &first.step_up.id, &code).await.unwrap();

    let mut rotated = keyring();
    rotated.rotate(&countersign::random::SeededRandom::new(99)).unwrap();
    let again = part(rotated, &bank.store, &bank.clock, &bank.seen, 2);
    let again = again.signing_key(signing()).build().unwrap();
    bank.clock.set(START.before(MINUTE / 2));
    bank.seen.take();
    let earlier = response(&totp.generate(START.unix() - 30));
    for used in [&code, &earlier] {
        refused(again.step_ups().submit(&alice(), &second.step_up.id, used).await);
    }
    let seen = bank.seen.take();
    assert!(seen.iter().all(|event| event.outcome == Outcome::Refused(Reason::Replayed)));
    bank.clock.set(START.after(MINUTE));
    let later = response(&totp.generate(START.unix() + 60));
    again.step_ups().submit(&alice(), &second.step_up.id, &later).await.unwrap();
}

/// A code that was shown to the system that a fob comes from is used up here.
#[tokio::test]
async fn attack_7_a_code_that_was_used_before_an_import_is_used_up() {
    for (known, steps_ago, good) in [
        (None, 0, true),
        (Some(START), 0, false),
        (Some(START), 1, false),
        (Some(START.before(MINUTE / 2)), 1, false),
        (Some(START.before(MINUTE / 2)), 0, true),
        // Nobody has used a code of tomorrow.
        (Some(START.after(24 * HOUR)), 0, false),
        (Some(START.after(24 * HOUR)), -1, false),
    ] {
        let bank = bank();
        let seed = || OtpSeed::from_bytes(&[7; 20]).unwrap();
        let fob = ImportRequest::totp(seed());
        let fob = match known {
            Some(at) => fob.last_used(at),
            None => fob,
        };
        bank.verifier.credentials().import(&alice(), &fob).await.unwrap();
        let totp = Totp::new(&seed(), Algorithm::Sha1, Digits::SIX, Totp::THIRTY_SECONDS);
        let step_ups = bank.verifier.step_ups();
        let asked = step_ups.request(&bob_rings("call-1"), &asking("s-1", change())).await.unwrap();
        let at = START.unix().checked_add_signed(-30 * steps_ago).unwrap();
        let submitted =
            step_ups.submit(&alice(), &asked.step_up.id, &response(&totp.generate(at))).await;
        assert_eq!(submitted.is_ok(), good, "{known:?}, {steps_ago} ago: {submitted:?}");
    }
}

/// The seeds of 80 bits that exist in millions, where somebody has asked for the weakening by name.
#[tokio::test]
async fn a_fob_with_a_weak_seed_answers_once_it_is_imported() {
    let bank = bank();
    let seed = || OtpSeed::weak_from_base32("JBSWY3DPEHPK3PXP").unwrap();
    let import = || ImportRequest::totp(seed());
    let fob = bank.verifier.credentials().import(&alice(), &import()).await.unwrap();
    assert_eq!(bank.verifier.credentials().import(&alice(), &import()).await.unwrap(), fob);
    let totp = Totp::new(&seed(), Algorithm::Sha1, Digits::SIX, Totp::THIRTY_SECONDS);
    let step_ups = bank.verifier.step_ups();
    let asked = step_ups.request(&bob_rings("call-1"), &asking("s-1", change())).await.unwrap();
    let code = response(&totp.generate(START.unix()));
    step_ups.submit(&alice(), &asked.step_up.id, &code).await.unwrap();
}

#[tokio::test]
async fn attack_7_a_fob_s_counter_is_accepted_once_across_restart_rotation_and_rollback() {
    let bank = bank();
    let seed = || OtpSeed::from_bytes(&[8; 20]).unwrap();
    bank.verifier.credentials().import(&alice(), &ImportRequest::hotp(seed(), 3)).await.unwrap();
    let hotp = Hotp::new(&seed(), Algorithm::Sha1, Digits::SIX);
    let mut rotated = keyring();
    rotated.rotate(&countersign::random::SeededRandom::new(99)).unwrap();
    let again = part(rotated, &bank.store, &bank.clock, &bank.seen, 2);
    let again = again.signing_key(signing()).build().unwrap();
    let mut ids = Vec::new();
    for n in 0..3 {
        let asking = asking(&format!("s-{n}"), change());
        let asked = bank.verifier.step_ups().request(&bob_rings("call-1"), &asking).await.unwrap();
        ids.push(asked.step_up.id);
    }
    // The next one, then one further on, which uses up those before it.
    let verifiers = [&bank.verifier, &again, &again];
    for (at, (used, right)) in [(0..3, 3), (0..4, 6), (3..7, 7)].into_iter().enumerate() {
        let (step_ups, id) = (verifiers[at].step_ups(), &ids[at]);
        bank.clock.set(START.before(MINUTE / 2));
        bank.seen.take();
        for used in used {
            refused(step_ups.submit(&alice(), id, &response(&hotp.generate(used))).await);
            let outcome = bank.seen.take()[0].outcome;
            assert_eq!(outcome, Outcome::Refused(Reason::Replayed), "{used} before {right}");
        }
        bank.clock.set(START.after(MINUTE));
        step_ups.submit(&alice(), id, &response(&hotp.generate(right))).await.unwrap();
    }
    assert_eq!(histories(&again, a_credential).await[0].refusals, 0);
}

/// The first code is a code as well.
#[tokio::test]
async fn attack_7_the_code_that_confirmed_is_used_up() {
    for enrolment in [EnrolmentRequest::totp(request("t")), EnrolmentRequest::hotp(request("h"))] {
        let bank = bank();
        let (credentials, step_ups) = (bank.verifier.credentials(), bank.verifier.step_ups());
        let given = credentials.enrol(&alice(), &enrolment).await.unwrap();
        let seed = OtpSeed::from_base32(given.base32().unwrap()).unwrap();
        let code = if given.credential.method == Method::Totp {
            let totp = Totp::new(&seed, Algorithm::Sha1, Digits::SIX, Totp::THIRTY_SECONDS);
            response(&totp.generate(START.unix()))
        } else {
            response(&Hotp::new(&seed, Algorithm::Sha1, Digits::SIX).generate(0))
        };
        credentials.confirm(&alice(), &given.credential.id, &code).await.unwrap();
        let asking = asking("s-1", change());
        let asked = step_ups.request(&bob_rings("call-1"), &asking).await.unwrap();
        bank.seen.take();
        refused(step_ups.submit(&alice(), &asked.step_up.id, &code).await);
        assert_eq!(bank.seen.take()[0].outcome, Outcome::Refused(Reason::Replayed));
    }
}

/// So far and no further: what lies beyond takes two codes in a row.
#[tokio::test]
async fn a_code_alone_does_not_find_a_fob_that_ran_off() {
    let bank = bank();
    let seed = |byte| OtpSeed::from_bytes(&[byte; 20]).unwrap();
    let (credentials, step_ups) = (bank.verifier.credentials(), bank.verifier.step_ups());
    credentials.import(&alice(), &ImportRequest::totp(seed(7))).await.unwrap();
    credentials.import(&alice(), &ImportRequest::hotp(seed(8), 3)).await.unwrap();
    let totp = Totp::new(&seed(7), Algorithm::Sha1, Digits::SIX, Totp::THIRTY_SECONDS);
    let hotp = Hotp::new(&seed(8), Algorithm::Sha1, Digits::SIX);
    let policy = Policy::default().credentials;
    let steps = 30 * u64::from(policy.totp_steps);
    let timed = [START.unix() - steps - 30, START.unix() + steps + 30, START.unix() + steps];
    let ahead = 3 + u64::from(policy.hotp_look_ahead);
    let counted = [2 + 100, ahead + 1, ahead];
    for (method, codes) in [
        (Method::Totp, timed.map(|at| totp.generate(at))),
        (Method::Hotp, counted.map(|at| hotp.generate(at))),
    ] {
        let asking = asking(&format!("{method:?}"), change()).by(method);
        let asked = step_ups.request(&bob_rings("call-1"), &asking).await.unwrap();
        let id = asked.step_up.id;
        bank.seen.take();
        for far in &codes[..2] {
            refused(step_ups.submit(&alice(), &id, &response(far)).await);
            assert_eq!(bank.seen.take()[0].outcome, Outcome::Refused(Reason::WrongCode));
        }
        step_ups.submit(&alice(), &id, &response(&codes[2])).await.unwrap();
    }
}

/// A machine whose clock lags imports what another has seen used a minute ahead.
#[tokio::test]
async fn attack_7_a_clock_that_lags_at_an_import_lets_no_used_code_in() {
    let leeway = Policy::default().leeway;
    for (used, at, good) in [
        (START.after(leeway), START.after(leeway), false),
        (START.after(leeway), START.after(leeway + MINUTE / 2), true),
        // By so much alone: nobody has used a code of tomorrow, and the fob goes on.
        (START.after(24 * HOUR), START.after(leeway), false),
        (START.after(24 * HOUR), START.after(leeway + MINUTE / 2), true),
    ] {
        let bank = bank();
        let seed = || OtpSeed::from_bytes(&[7; 20]).unwrap();
        let fob = ImportRequest::totp(seed()).last_used(used);
        bank.verifier.credentials().import(&alice(), &fob).await.unwrap();
        bank.clock.set(at);
        let totp = Totp::new(&seed(), Algorithm::Sha1, Digits::SIX, Totp::THIRTY_SECONDS);
        let step_ups = bank.verifier.step_ups();
        let asked = step_ups.request(&bob_rings("call-1"), &asking("s-1", change())).await.unwrap();
        let code = response(&totp.generate(at.unix()));
        let submitted = step_ups.submit(&alice(), &asked.step_up.id, &code).await;
        assert_eq!(submitted.is_ok(), good, "{used}, {at}: {submitted:?}");
    }
}
