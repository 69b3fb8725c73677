//! An acquirer that repeats the card's number where an id or a code should stand, by an answer or when a sweep asks: cards of
//! a host's own ranges, and co-badged ones. And what the ids are for that are kept: naming a payment, and an act, to the
//! letter.

use countersign::Vault;
use countersign::card::{Card, Pan};
use countersign::card_number::{Brand, BrandRange, BrandTable};
use countersign::payment::{ChargeOutcome, DeclineReason, PaymentRequested};
use countersign::vault::{AcquirerAnswer, Act, ChallengeFlow, Next};

use crate::support::crashes::{finish, started, until_death};
use crate::support::psp::{Mood, Psp, Trouble};
use crate::support::*;

const LABEL: &str = "9826160000000005";
const MADA: &str = "4406470000000015";

/// A payment with a card that the published ranges do not tell, or tell by another scheme.
struct Paying {
    scene: Scene,
    vault: Vault,
    psp: Psp,
    asked: PaymentRequested,
    card: Card,
}

impl Paying {
    fn with(number: &'static str) -> Self {
        let scene = scene();
        let range = BrandRange::new("982616", "982616", &[16], &[Brand::PrivateLabel]).unwrap();
        let table = BrandTable::new([range]).unwrap();
        let vault = vault_on(&scene.store, &scene.clock, &scene.seen, 3);
        let vault = vault.card_ranges(table.clone()).build().unwrap();
        let card = if number == LABEL {
            let (expiry, name) = ("12/34".parse().unwrap(), "Alice Jones".parse().unwrap());
            let code = "123".parse().unwrap();
            Card::new(Pan::read(number, &table).unwrap(), expiry, code, name).unwrap()
        } else {
            card_of(number, "123").with_brand(Brand::Mada).unwrap()
        };
        let psp = Psp::new(&scene.clock);
        let asked = finish(scene.asked("p-1"));
        Self { scene, vault, psp, asked, card }
    }
}

fn echo_label(answer: AcquirerAnswer) -> AcquirerAnswer {
    answer.response_code(LABEL).network_transaction_id(format!("{LABEL}1"))
}

fn echo_mada(answer: AcquirerAnswer) -> AcquirerAnswer {
    answer.response_code(MADA).network_transaction_id(format!("{MADA}1"))
}

/// Finding 4.
#[test]
fn no_card_number_shows_or_is_kept_whatever_the_ranges_say() {
    for (number, echo) in [(LABEL, echo_label as fn(_) -> _), (MADA, echo_mada)] {
        for id in [number.to_owned(), format!("20261126{number}99"), format!("tx-{number}-1")] {
            for sweeps in [false, true] {
                let of = Paying::with(number);
                of.psp.book().names = Some(id.clone());
                of.psp.book().dress = Some(echo);
                let sealed = of.scene.sealed(&of.asked, &of.card, 3);
                if sweeps {
                    of.psp.plan(0, Trouble::DiesAfter);
                }
                let paid = until_death(of.vault.pay(&ALICE, &of.asked.token, &sealed, &of.psp));
                assert_eq!(paid.is_none(), sweeps);
                if sweeps {
                    let swept = finish(of.vault.reconcile(HOUR, &of.psp)).unwrap();
                    assert_eq!(swept.receipts.len(), 1);
                }
                let receipt = finish(of.vault.receipt(&of.asked.token)).unwrap().unwrap();
                let ChargeOutcome::Authorised { transaction_id, .. } = receipt.outcome() else {
                    panic!("{receipt:?}");
                };
                let masked: String =
                    id.chars().map(|c| if c.is_ascii_digit() { '*' } else { c }).collect();
                assert_eq!(transaction_id.as_str(), masked, "{sweeps}");
                let details = finish(of.vault.details(&of.asked.token)).unwrap().unwrap();
                assert_eq!(details.response_code.unwrap().as_str(), "*".repeat(16), "{sweeps}");
                assert!(details.id_withheld);
                assert_eq!(details.network_transaction_id, None, "{sweeps}");
                // Nor does the acquirer get it back.
                let (id, psp) = (request("r-1"), &of.psp);
                finish(of.vault.refund(&alice(), &receipt, 1, &id, psp)).unwrap();
                assert_eq!(of.psp.book().acts[0].3, "by key", "{sweeps}");
                let told = format!("{:?}", of.scene.seen.take());
                assert!(!told.contains(number), "{told}");
            }
        }
    }
}

/// What is told of the payment later: by a person, by the acquirer's own desk, in an act's answer.
#[test]
fn no_card_number_shows_in_what_is_told_later() {
    for number in [LABEL, MADA] {
        let of = Paying::with(number);
        let sealed = of.scene.sealed(&of.asked, &of.card, 3);
        let paid = finish(of.vault.pay(&ALICE, &of.asked.token, &sealed, &of.psp)).unwrap();
        of.psp.book().names_acts = Some(format!("re-{number}-1"));
        let id = request("c-1");
        let done = finish(of.vault.capture(&alice(), &paid.receipt, 4_200, &id, &of.psp));
        let masked = format!("re-{}-*", "*".repeat(16));
        assert_eq!(done.unwrap().reference.unwrap().as_str(), masked);
        let refund = countersign::vault::Adjustment::refund(1, request("e-1"));
        let told = refund.reference(format!("re-{number}-1"));
        let told = finish(of.vault.adjust(&alice(), &paid.receipt, &told)).unwrap();
        assert_eq!(told.reference.unwrap().as_str(), masked);
        // An act that follows is told of no such id.
        of.psp.book().names_acts = None;
        finish(of.vault.refund(&alice(), &paid.receipt, 1, &request("r-1"), &of.psp)).unwrap();
        assert_eq!(of.psp.book().captured_as, [(None, 4_200)]);
    }
}

/// Finding 8: an act names those that were done before to the letter.
#[test]
fn a_refund_can_name_the_captures_to_the_letter() {
    let of = started();
    let psp = Psp::new(&of.scene.clock);
    let paid = of.pay(&psp).unwrap().unwrap();
    let vault = &of.scene.vault;
    let long = "6749947830245691146238-b";
    for (id, key, amount) in [("cap/é 1", "c-1", 1_000), (long, "c-2", 2_000)] {
        psp.book().names_acts = Some(id.to_owned());
        finish(vault.capture(&alice(), &paid.receipt, amount, &request(key), &psp)).unwrap();
    }
    // One that is in doubt has no name, and one that was given up none of a capture's.
    psp.plan(0, Trouble::After);
    let lost = finish(vault.capture(&alice(), &paid.receipt, 100, &request("c-3"), &psp));
    drop(lost.unwrap_err());
    finish(vault.void(&alice(), &paid.receipt, 100, &request("v-1"), &psp)).unwrap();
    finish(vault.refund(&alice(), &paid.receipt, 10, &request("r-1"), &psp)).unwrap();
    // What is not ASCII is not kept.
    let named = [(None, 1_000), (Some(long.to_owned()), 2_000)];
    assert_eq!(psp.book().captured_as, named);
    // They stand in the row: another process knows them.
    let other = vault_on(&of.scene.store, &of.scene.clock, &of.scene.seen, 9).build().unwrap();
    finish(other.refund(&alice(), &paid.receipt, 11, &request("r-2"), &psp)).unwrap();
    assert_eq!(psp.book().captured_as, named);
    // A person's word is kept as well.
    psp.book().finds_acts = crate::support::psp::Finds::Never;
    let done = countersign::vault::Resolution::Done { id: "cap-3".to_owned(), amount: Some(60) };
    finish(vault.resolve(&alice(), &paid.receipt, Act::Capture, &request("c-3"), &done)).unwrap();
    finish(vault.refund(&alice(), &paid.receipt, 12, &request("r-3"), &psp)).unwrap();
    let third = (Some("cap-3".to_owned()), 60);
    assert_eq!(psp.book().captured_as, [named[0].clone(), named[1].clone(), third]);
}

/// Finding 8: a capture that was done in part is booked in part.
#[test]
fn a_person_says_how_much_was_done() {
    for (said, booked) in [(None, 4_000), (Some(1_500), 1_500), (Some(9_000), 4_000)] {
        let of = started();
        let psp = Psp::new(&of.scene.clock);
        psp.book().finds_acts = crate::support::psp::Finds::Never;
        let paid = of.pay(&psp).unwrap().unwrap();
        let vault = &of.scene.vault;
        psp.plan(0, Trouble::After);
        let id = request("c-1");
        let lost = finish(vault.capture(&alice(), &paid.receipt, 4_000, &id, &psp));
        drop(lost.unwrap_err());
        let done =
            countersign::vault::Resolution::Done { id: "by telephone".to_owned(), amount: said };
        let acted = finish(vault.resolve(&alice(), &paid.receipt, Act::Capture, &id, &done));
        let acted = acted.unwrap();
        assert_eq!((acted.amount, acted.receipt.totals().captured), (booked, booked));
        let refund =
            |amount, id| finish(vault.refund(&alice(), &paid.receipt, amount, &request(id), &psp));
        refused(refund(booked + 1, "r-1"));
        refund(booked, "r-1").unwrap();
        // The same key has the same answer.
        let again = finish(vault.capture(&alice(), &paid.receipt, 4_000, &id, &psp)).unwrap();
        assert_eq!(again.amount, booked);
    }
}

fn shown(flow: &ChallengeFlow) -> String {
    serde_json::to_string(flow).unwrap()
}

/// Finding 8: nobody has the card at hand when a sweep hears of a challenge.
#[test]
fn a_challenge_that_names_the_card_goes_nowhere_though_a_sweep_finds_it() {
    let browser = |acs_url: &str, creq: &str| ChallengeFlow::Browser {
        acs_url: acs_url.to_owned(),
        creq: creq.to_owned(),
    };
    let app = |signed: &str| ChallengeFlow::App {
        three_ds_server_transaction_id: "a".to_owned(),
        acs_transaction_id: "b".to_owned(),
        acs_reference_number: "c".to_owned(),
        acs_signed_content: signed.to_owned(),
    };
    let redirect = |url: &str| ChallengeFlow::Redirect { url: url.to_owned() };
    // Digits between letters, as base64 has them by the thousand.
    let long: String = (0..4_000_u32).map(|n| char::from(b"4aZ2Q4x2_"[(n % 9) as usize])).collect();
    for (flow, taken) in [
        (browser("https://acs.example/982616", "eyJ0"), true),
        (browser("https://acs.example/9826-1600 0000/0005", "eyJ0"), false),
        (browser("https://acs.example/1", r#"{"acct":"9826160000000005"}"#), false),
        (browser("https://acs.example/1", &long), true),
        (app(&long), true),
        (app("d.9826160000000005.f"), false),
        (redirect("https://psp.example/202611269826160000000005"), false),
        (redirect("https://psp.example/202611269826160000000004"), true),
    ] {
        for sweeps in [true, false] {
            let of = Paying::with(LABEL);
            of.psp.book().mood = Mood::Challenges;
            of.psp.book().flow = Some(flow.clone());
            let sealed = of.scene.sealed(&of.asked, &of.card, 3);
            if sweeps {
                of.psp.plan(0, Trouble::DiesAfter);
            }
            let pay = || until_death(of.vault.pay(&ALICE, &of.asked.token, &sealed, &of.psp));
            assert_eq!(pay().is_none(), sweeps);
            let swept = finish(of.vault.reconcile(HOUR, &of.psp)).unwrap();
            assert_eq!((swept.receipts.len(), swept.failed.is_none()), (1, true));
            let paid = pay().unwrap().unwrap();
            let (outcome, next) = (paid.receipt.outcome(), &paid.next);
            let said = shown(&flow);
            if taken {
                assert_eq!(*outcome, ChargeOutcome::Authenticating, "{sweeps} {said}");
                let Some(Next::Authenticate(challenge)) = next else { panic!("{next:?}") };
                assert_eq!(challenge.flow, flow);
            } else {
                let declined = ChargeOutcome::Declined(DeclineReason::NotAuthenticated);
                assert_eq!((outcome, next), (&declined, &None), "{sweeps} {said}");
            }
        }
    }
}

/// Finding 8: the id of the challenge is not that of the payment that followed it.
#[test]
fn an_approval_whose_id_is_withheld_is_not_named_by_its_challenge() {
    let of = started();
    let psp = Psp::new(&of.scene.clock).moody(Mood::Challenges);
    let challenged = of.pay(&psp).unwrap().unwrap();
    assert_eq!(*challenged.receipt.outcome(), ChargeOutcome::Authenticating);
    (psp.book().passed, psp.book().names) = (Some(true), Some(format!("tx-{PAN}")));
    let vault = &of.scene.vault;
    let resumed = vault.resume(&ALICE, &of.asked.token, &of.sealed, None, &psp);
    let receipt = finish(resumed).unwrap().receipt;
    assert!(matches!(receipt.outcome(), ChargeOutcome::Authorised { .. }));
    finish(vault.refund(&alice(), &receipt, 1, &request("r-1"), &psp)).unwrap();
    assert_eq!(psp.book().acts[0].3, "by key");
    let details = finish(vault.details(&of.asked.token)).unwrap().unwrap();
    assert!(details.id_withheld);
}
