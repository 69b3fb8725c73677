//! Credentials: enrolment, confirmation, counting of failures, locks, recovery.

use std::time::Duration;

use countersign::credential::{CredentialStatus, EnrolmentRequest, ImportRequest};
use countersign::device::{DeviceCredential, DeviceCredentialError, SmartPin};
use countersign::error::{Invalid, Reason};
use countersign::history::Action;
use countersign::otp::ocra::Response;
use countersign::otp::{Algorithm, Digits, Hotp, OtpSeed, Totp};
use countersign::page::Page;
use countersign::random::SeededRandom;
use countersign::{CredentialId, Error};
use static_assertions::assert_not_impl_any;

use crate::support::credentials::*;
use crate::support::*;

assert_not_impl_any!(SmartPin: Clone, Copy, std::fmt::Display, serde::Serialize, countersign::AgentSafe);
assert_not_impl_any!(countersign::credential::Provisioning: Clone, serde::Serialize, countersign::AgentSafe);
assert_not_impl_any!(DeviceCredential: Clone, serde::Serialize, countersign::AgentSafe);
assert_not_impl_any!(ImportRequest: Clone, serde::Serialize, countersign::AgentSafe);

async fn status(bank: &Bank, id: CredentialId) -> CredentialStatus {
    let listed = bank.verifier.credentials().list(&alice(), Page::first()).await.unwrap();
    listed.items.iter().find(|one| one.id == id).unwrap().status
}

#[tokio::test]
async fn an_app_is_enrolled_confirmed_revoked_and_bound_anew() {
    let bank = bank();
    let credentials = bank.verifier.credentials();
    let enrolment = EnrolmentRequest::ocra(request("app"));
    let given = credentials.enrol(&alice(), &enrolment).await.unwrap();
    assert_eq!(given.credential.status, CredentialStatus::Pending);
    assert!(given.otpauth().is_none() && given.code_to_deliver().is_none());
    // 256 bits, and the same ones again while the answer may have been lost.
    assert_eq!(given.base32().unwrap().len(), 52);
    let again = credentials.enrol(&alice(), &enrolment).await.unwrap();
    assert_eq!(again.base32(), given.base32());
    let another = EnrolmentRequest::totp(request("app"));
    let reused = credentials.enrol(&alice(), &another).await;
    assert!(matches!(reused, Err(Error::Invalid(Invalid::RequestReused))), "{reused:?}");

    let (confirmed, device) = app(&bank).await;
    assert_eq!(confirmed.status, CredentialStatus::Active);
    // Once confirmed, the seed is not given again.
    assert_eq!(credentials.enrol(&alice(), &enrolment).await.unwrap().base32(), None);
    // The same first code again is a repeated call; another customer's id does not exist.
    let first = device.confirm(&pin("2468")).unwrap();
    assert_eq!(credentials.confirm(&alice(), &device.id(), &first).await.unwrap(), confirmed);
    refused(credentials.confirm(&mallory(), &device.id(), &first).await);

    // The phone is lost.
    let revoked = credentials.revoke(&alice(), &device.id()).await.unwrap();
    assert_eq!(revoked.status, CredentialStatus::Revoked);
    assert_eq!(credentials.revoke(&alice(), &device.id()).await.unwrap(), revoked);
    refused(credentials.confirm(&alice(), &device.id(), &first).await);
    refused(credentials.unlock(&alice(), &device.id()).await);
    credentials.enrol(&alice(), &EnrolmentRequest::ocra(request("new-phone"))).await.unwrap();
    let history = bank.verifier.history(&alice(), Page::first()).await.unwrap();
    let actions: Vec<Vec<Action>> = history
        .items
        .iter()
        .map(|one| one.events.iter().map(|event| event.action).collect())
        .collect();
    // Enrolled by the session, then vouched for.
    assert!(actions.contains(&vec![Action::Enrol, Action::Enrol, Action::Confirm, Action::Revoke]));
    assert!(actions.contains(&vec![Action::Enrol]));
}

#[tokio::test]
async fn five_failures_lock_and_locks_double_until_the_credential_is_disabled() {
    let bank = bank();
    let credentials = bank.verifier.credentials();
    let (_, device) = {
        let given =
            credentials.enrol(&alice(), &EnrolmentRequest::ocra(request("app"))).await.unwrap();
        let seed = OtpSeed::from_base32(given.base32().unwrap()).unwrap();
        let random = SeededRandom::new(3);
        let device =
            DeviceCredential::enrol(given.credential.id, &seed, &pin("2468"), None, &random);
        (given, device.unwrap())
    };
    let id = device.id();
    let right = device.confirm(&pin("2468")).unwrap();
    let mut value: u32 = right.expose().parse().unwrap();
    let mut next_wrong = || {
        value = (value + 1) % 100_000_000;
        format!("{value:08}").parse::<Response>().unwrap()
    };
    // The confirmation waits a day by default, shorter than the locks to come.
    let mut minutes = 30;
    for lock in 0..4 {
        for failure in 0..5 {
            let code = next_wrong();
            refused(credentials.confirm(&alice(), &id, &code).await);
            if failure < 4 {
                assert_eq!(status(&bank, id).await, CredentialStatus::Pending, "{lock}");
                // The same wrong code again is a repeated call: refused, not counted again.
                refused(credentials.confirm(&alice(), &id, &code).await);
            }
        }
        // Locked: even the right code is refused, unevaluated and unwritten.
        let calls = bank.store.calls();
        refused(credentials.confirm(&alice(), &id, &right).await);
        assert_eq!(
            bank.store.calls(),
            calls + 5,
            "what credentials there are, twice what there must be, and twice this one"
        );
        let seen = bank.seen.take();
        let last = seen.last().unwrap();
        assert_eq!(last.outcome, countersign::history::Outcome::Refused(Reason::Locked));
        bank.clock.advance(Duration::from_secs(minutes * 60 - 1));
        refused(credentials.confirm(&alice(), &id, &right).await);
        bank.clock.advance(Duration::from_secs(1));
        minutes *= 2;
    }
    let confirmed = credentials.confirm(&alice(), &id, &right).await.unwrap();
    assert_eq!(confirmed.status, CredentialStatus::Active);
}

#[tokio::test]
async fn locks_double_up_to_thirty_days() {
    let bank = bank();
    let credentials = bank.verifier.credentials();
    let (held, device) = app(&bank).await;
    let mut now = START;
    for lock in 0..14 {
        for n in 0..5 {
            let wrong = format!("{:010}", 5 * lock + n).parse().unwrap();
            refused(credentials.confirm(&alice(), &held.id, &wrong).await);
        }
        let listed = credentials.list(&alice(), Page::first()).await.unwrap().items;
        // The last would be of 170 days.
        let length = (MINUTE * 30 * (1 << lock)).min(DAY * 30);
        assert_eq!(listed[0].locked_until, Some(now.after(length)), "{lock}");
        now = now.after(length);
        bank.clock.set(now);
    }
    assert_eq!(status(&bank, held.id).await, CredentialStatus::Active);
    let right = device.confirm(&pin("2468")).unwrap();
    assert_eq!(credentials.confirm(&alice(), &held.id, &right).await.unwrap().id, held.id);
}

#[tokio::test]
async fn a_block_is_announced_before_it_comes_and_only_a_new_credential_helps() {
    let bank = bank();
    let credentials = bank.verifier.credentials();
    let given = credentials.enrol(&alice(), &EnrolmentRequest::totp(request("t"))).await.unwrap();
    let id = given.credential.id;
    let seed = OtpSeed::from_base32(given.base32().unwrap()).unwrap();
    let totp = Totp::new(&seed, Algorithm::Sha1, Digits::SIX, Totp::THIRTY_SECONDS);
    let mut failed = 0;
    for guess in 0.. {
        let code = format!("{guess:06}");
        let near = (0..400).any(|n| totp.generate(START.unix() + 30 * n).expose() == code);
        if near {
            continue;
        }
        refused(credentials.confirm(&alice(), &id, &code.parse().unwrap()).await);
        failed += 1;
        if status(&bank, id).await == CredentialStatus::Disabled {
            break;
        }
        credentials.unlock(&alice(), &id).await.unwrap();
    }
    assert_eq!(failed, 100);
    let seen = bank.seen.take();
    let at = |action| seen.iter().position(|event| event.action == action && !event.repeated);
    assert!(at(Action::WarnOfBlock).unwrap() < at(Action::Disable).unwrap());
    let counted = seen
        .iter()
        .filter(|e| e.outcome == countersign::history::Outcome::Refused(Reason::WrongCode));
    assert_eq!(counted.count(), 100);
    refused(credentials.unlock(&alice(), &id).await);
    refused(credentials.confirm(&alice(), &id, &response(&totp.generate(START.unix()))).await);
}

#[tokio::test]
async fn a_hotp_uri_says_the_type_and_where_to_begin() {
    let bank = bank();
    let credentials = bank.verifier.credentials();
    for (n, algorithm, digits, said) in [
        (0, Algorithm::Sha1, Digits::SIX, ""),
        (1, Algorithm::Sha256, Digits::SIX, "&algorithm=SHA256"),
        (2, Algorithm::Sha512, Digits::EIGHT, "&digits=8&algorithm=SHA512"),
    ] {
        let enrolment = EnrolmentRequest::hotp(request(&format!("h-{n}")))
            .algorithm(algorithm)
            .digits(digits)
            .period(60.try_into().unwrap())
            .account("Ann & Bo/é".parse().unwrap())
            .vouched_for();
        let given = credentials.enrol(&alice(), &enrolment).await.unwrap();
        let label = "bank.example:Ann%20%26%20Bo%2F%C3%A9";
        let seed = given.base32().unwrap();
        let wanted =
            format!("otpauth://hotp/{label}?secret={seed}{said}&issuer=bank.example&counter=0");
        assert!(given.otpauth() == Some(&wanted), "{n}");
        let hotp = Hotp::new(&OtpSeed::from_base32(seed).unwrap(), algorithm, digits);
        let code = response(&hotp.generate(0));
        credentials.confirm(&alice(), &given.credential.id, &code).await.unwrap();
        // Not again.
        let again = credentials.enrol(&alice(), &enrolment).await.unwrap();
        assert!(again.otpauth().is_none() && again.base32().is_none());
    }
    // A name that reads like the parts of a URI.
    let name = "?secret=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&a";
    let enrolment =
        EnrolmentRequest::hotp(request("name")).account(name.parse().unwrap()).vouched_for();
    let given = credentials.enrol(&alice(), &enrolment).await.unwrap();
    let (label, seed) =
        ("%3Fsecret%3DAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%26a", given.base32().unwrap());
    let wanted =
        format!("otpauth://hotp/bank.example:{label}?secret={seed}&issuer=bank.example&counter=0");
    assert!(given.otpauth() == Some(&wanted));
    let long =
        EnrolmentRequest::hotp(request("ten")).digits(Digits::new(10).unwrap()).vouched_for();
    let result = credentials.enrol(&alice(), &long).await;
    assert!(matches!(result, Err(Error::Invalid(Invalid::NotProvisionable))), "{result:?}");
}

#[tokio::test]
async fn an_authenticator_shows_the_name_that_customers_know() {
    let bank = bank();
    let credentials = bank.verifier.credentials();
    let named = |id: &str, name: &str| {
        let enrolment = EnrolmentRequest::totp(request(id)).vouched_for();
        enrolment.issuer_name(name.parse().unwrap())
    };
    let given = credentials.enrol(&alice(), &named("a", "Bank of Example & Co")).await.unwrap();
    let read = totp_rs::Totp::from_url(given.otpauth().unwrap()).unwrap();
    assert_eq!(read.issuer(), Some("Bank of Example & Co"));
    assert_eq!(read.account_name(), "alice");
    let colon = credentials.enrol(&alice(), &named("b", "Bank: the best")).await.unwrap_err();
    assert!(matches!(colon, Error::Invalid(Invalid::NotProvisionable)), "{colon:?}");
    assert!(colon.to_string().contains("enterprise's name a colon"), "{colon}");
    let card = credentials.enrol(&alice(), &named("c", "4242 4242 4242 4242")).await.unwrap_err();
    assert!(matches!(card, Error::Invalid(_)), "{card:?}");
    assert_eq!(credentials.list(&alice(), Page::first()).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn a_totp_uri_is_read_by_another_library_and_agrees() {
    let bank = bank();
    let credentials = bank.verifier.credentials();
    for (n, algorithm) in
        [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512].into_iter().enumerate()
    {
        for digits in [Digits::SIX, Digits::EIGHT] {
            let request = request(&format!("t-{n}-{}", digits.get()));
            let enrolment =
                EnrolmentRequest::totp(request).algorithm(algorithm).digits(digits).vouched_for();
            let given = credentials.enrol(&alice(), &enrolment).await.unwrap();
            let read = totp_rs::Totp::from_url(given.otpauth().unwrap()).unwrap();
            assert_eq!(read.issuer(), Some("bank.example"));
            let code = read.generate(START.unix()).to_string();
            let confirmed =
                credentials.confirm(&alice(), &given.credential.id, &code.parse().unwrap()).await;
            assert_eq!(confirmed.unwrap().status, CredentialStatus::Active);
        }
    }
    // What the URI cannot hold is refused, and nothing is stored.
    let long =
        EnrolmentRequest::totp(request("ten")).digits(Digits::new(10).unwrap()).vouched_for();
    let result = credentials.enrol(&alice(), &long).await;
    assert!(matches!(result, Err(Error::Invalid(Invalid::NotProvisionable))), "{result:?}");
    assert_eq!(credentials.list(&alice(), Page::first()).await.unwrap().items.len(), 6);
}

#[tokio::test]
async fn a_fob_that_ran_off_is_found_again_by_two_codes() {
    let bank = bank();
    let credentials = bank.verifier.credentials();
    let bytes = [7; 20];
    let seed = || OtpSeed::from_bytes(&bytes).unwrap();
    let totp = Totp::new(&seed(), Algorithm::Sha1, Digits::SIX, Totp::THIRTY_SECONDS);
    let fob = credentials.import(&alice(), &ImportRequest::totp(seed())).await.unwrap();
    assert_eq!((fob.status, fob.imported), (CredentialStatus::Active, true));
    let again = credentials.import(&alice(), &ImportRequest::totp(seed())).await.unwrap();
    assert_eq!(again, fob);
    let late = START.unix() + 30 * 40;
    let codes = [totp.generate(late), totp.generate(late + 30)];
    // In the wrong order, or one twice, they prove nothing.
    refused(credentials.resync(&alice(), &fob.id, &codes[1], &codes[0]).await);
    refused(credentials.resync(&alice(), &fob.id, &codes[0], &codes[0]).await);
    // Each of these counted like any other failure.
    assert_eq!(histories(&bank.verifier, a_credential).await[0].refusals, 2);
    credentials.resync(&alice(), &fob.id, &codes[0], &codes[1]).await.unwrap();
    credentials.resync(&alice(), &fob.id, &codes[0], &codes[1]).await.unwrap();
    // What lies behind the last accepted one is used up.
    for from in [late - 60, late - 30, late] {
        let pair = [from, from + 30].map(|at| totp.generate(at));
        let repeated = from == late;
        let again = credentials.resync(&alice(), &fob.id, &pair[0], &pair[1]).await;
        assert_eq!(again.is_ok(), repeated, "{from}");
    }

    let seed = OtpSeed::from_bytes(&[8; 20]).unwrap();
    let hotp = Hotp::new(&seed, Algorithm::Sha1, Digits::SIX);
    let counter = ImportRequest::hotp(seed, 3);
    let fob = credentials.import(&alice(), &counter).await.unwrap();
    let ahead = |n| hotp.generate(n);
    credentials.resync(&alice(), &fob.id, &ahead(60), &ahead(61)).await.unwrap();
    refused(credentials.resync(&alice(), &fob.id, &ahead(30), &ahead(31)).await);
    // Too far off. Five failures lock it, and then the right two are not looked at.
    for n in 0..5 {
        let far = [400 + 2 * n, 401 + 2 * n].map(ahead);
        refused(credentials.resync(&alice(), &fob.id, &far[0], &far[1]).await);
    }
    assert_eq!(status(&bank, fob.id).await, CredentialStatus::Locked);
    bank.seen.take();
    refused(credentials.resync(&alice(), &fob.id, &ahead(62), &ahead(63)).await);
    assert_eq!(bank.seen.take()[0].outcome, countersign::history::Outcome::Refused(Reason::Locked));
    credentials.unlock(&alice(), &fob.id).await.unwrap();
    credentials.resync(&alice(), &fob.id, &ahead(62), &ahead(63)).await.unwrap();
}

#[tokio::test]
async fn a_first_code_comes_in_time_or_never() {
    let bank = bank();
    let credentials = bank.verifier.credentials();
    let given =
        credentials.enrol(&alice(), &EnrolmentRequest::delivered(request("sms"))).await.unwrap();
    assert!(given.base32().is_none());
    let code = response(given.code_to_deliver().unwrap());
    assert_eq!(code.expose().len(), 8);
    bank.clock.advance(MINUTE * 10);
    refused(credentials.confirm(&alice(), &given.credential.id, &code).await);
    assert_eq!(status(&bank, given.credential.id).await, CredentialStatus::Lapsed);
    let late =
        credentials.enrol(&alice(), &EnrolmentRequest::delivered(request("sms"))).await.unwrap();
    assert!(late.code_to_deliver().is_none());

    let next =
        credentials.enrol(&alice(), &EnrolmentRequest::delivered(request("sms-2"))).await.unwrap();
    let code = response(next.code_to_deliver().unwrap());
    let confirmed = credentials.confirm(&alice(), &next.credential.id, &code).await.unwrap();
    assert_eq!(confirmed.status, CredentialStatus::Active);
}

#[tokio::test]
async fn the_device_s_bytes_come_back_and_do_not_tell_pins() {
    let bank = bank();
    let (_, device) = app(&bank).await;
    let bytes = device.to_bytes();
    let again = DeviceCredential::from_bytes(&bytes).unwrap();
    for (text, same) in [("2468", true), ("1357", true), ("0000", true)] {
        let (one, other) =
            (device.confirm(&pin(text)).unwrap(), again.confirm(&pin(text)).unwrap());
        assert_eq!(one == other, same);
    }
    // Every PIN gives a response of the same form; only the enterprise knows which is right.
    let shapes: Vec<usize> = ["2468", "1357", "9999", "123456789012"]
        .map(|text| device.confirm(&pin(text)).unwrap().expose().len())
        .to_vec();
    assert_eq!(shapes, [8; 4]);
    // With and without a PIN for coercion the bytes have the same size.
    let seed = OtpSeed::from_bytes(&[9; 32]).unwrap();
    let plain =
        DeviceCredential::enrol(device.id(), &seed, &pin("2468"), None, &SeededRandom::new(4));
    let plain = plain.unwrap().to_bytes();
    assert_eq!(plain.len(), bytes.len());
    // What stands in the place of the second key is as random as a key.
    let again =
        DeviceCredential::enrol(device.id(), &seed, &pin("2468"), None, &SeededRandom::new(5));
    let masked = |bytes: &[u8]| [55, 87].map(|at| bytes[at..at + 32].to_vec());
    let [one, other] = [masked(&plain), masked(&again.unwrap().to_bytes())];
    let distinct: std::collections::BTreeSet<_> = one.iter().chain(&other).collect();
    assert!(distinct.len() == 4 && !distinct.contains(&vec![0; 32]));
    let same = pin("2468");
    let error = DeviceCredential::enrol(
        device.id(),
        &seed,
        &pin("2468"),
        Some(&same),
        &SeededRandom::new(4),
    );
    assert_eq!(error.unwrap_err(), DeviceCredentialError::SamePin);
    for length in 0..bytes.len() {
        let cut = DeviceCredential::from_bytes(&bytes[..length]);
        assert_eq!(cut.unwrap_err(), DeviceCredentialError::Malformed, "{length}");
    }
    for at in 0..bytes.len() {
        let mut flipped = bytes.to_vec();
        flipped[at] ^= 1;
        assert!(DeviceCredential::from_bytes(&flipped).is_err(), "{at}");
    }
    assert!("12a4".parse::<SmartPin>().is_err() && "123".parse::<SmartPin>().is_err());
    assert!(!format!("{device:?}{:?}", pin("2468")).contains("2468"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_wrong_codes_at_once_are_five_failures() {
    let bank = bank();
    let credentials = bank.verifier.credentials();
    let given =
        credentials.enrol(&alice(), &EnrolmentRequest::delivered(request("sms"))).await.unwrap();
    let id = given.credential.id;
    let right: u32 = given.code_to_deliver().unwrap().expose().parse().unwrap();
    bank.seen.take();
    let before = bank.store.calls();
    let tasks: Vec<_> = (1..=1000_u32)
        .map(|n| {
            let verifier = bank.verifier.clone();
            let code: Response = format!("{:08}", (right + n) % 100_000_000).parse().unwrap();
            tokio::spawn(async move { verifier.credentials().confirm(&alice(), &id, &code).await })
        })
        .collect();
    for task in tasks {
        refused(task.await.unwrap());
    }
    let counted = |seen: &[countersign::observer::Observed], reason| {
        seen.iter().filter(|e| e.outcome == countersign::history::Outcome::Refused(reason)).count()
    };
    let seen = bank.seen.take();
    assert_eq!(counted(&seen, Reason::WrongCode), 5);
    assert_eq!(counted(&seen, Reason::Locked), 995);
    // Each looks four times, and thrice if it was among the first, all of which note what is to be bound; those that raced
    // a few times more, and six wrote.
    assert!(
        bank.store.calls() - before <= 7 * 1000 + 6 * 4 * 4 * 2,
        "{}",
        bank.store.calls() - before
    );
    assert_eq!(histories(&bank.verifier, a_credential).await[0].refusals, 5);
}
