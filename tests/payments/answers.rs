//! What an acquirer may say besides yes and no: a part, something that nobody understands, later; and what it says of the
//! card besides.

use std::time::Duration;

use countersign::card::StoredCard;
use countersign::history::Action;
use countersign::payment::{ChargeOutcome, DeclineReason, PaymentOutcome, Reference};
use countersign::policy::PartialApprovals;
use countersign::vault::{
    AcquirerAnswer, AcquirerError, AvsResult, CodeResult, KeysHonoured, Paid,
};
use countersign::{Error, Policy};

use crate::support::crashes::{Started, finish};
use crate::support::psp::{Finds, Mood, Psp, Trouble};
use crate::support::*;

fn started_with(policy: Policy) -> Started {
    let scene = scene_with(policy);
    let asked = finish(scene.asked("p-1"));
    let sealed = scene.sealed(&asked, &card(), 3);
    Started { scene, asked, sealed }
}

fn moody(mood: Mood) -> (Started, Psp) {
    let started = started_with(Policy::default());
    let psp = Psp::new(&started.scene.clock).moody(mood);
    (started, psp)
}

fn pay(started: &Started, psp: &Psp) -> Paid {
    started.pay(psp).expect("it ends").unwrap()
}

fn amount(outcome: &ChargeOutcome) -> Option<u64> {
    match outcome {
        ChargeOutcome::Authorised { amount, .. } => Some(*amount),
        _ => None,
    }
}

const PARTLY: ChargeOutcome = ChargeOutcome::Declined(DeclineReason::PartlyApproved);
const OTHER: ChargeOutcome = ChargeOutcome::Declined(DeclineReason::Other);

#[test]
fn a_part_that_is_approved_is_given_up_and_said_so() {
    for part in [0, 1, 4_199] {
        let (started, psp) = moody(Mood::ApprovesPart(part));
        let paid = pay(&started, &psp);
        assert_eq!((paid.receipt.outcome(), &paid.card_token), (&PARTLY, &None), "{part}");
        assert_eq!((psp.charges(), psp.called("void")), (0, 1), "{part}");
        assert_eq!(psp.book().acts[0].2, part, "the part that was held");
        assert_eq!(psp.book().acts[0].3, "txn-1", "by the acquirer's own id");
        assert_eq!(started.settled(&psp), PaymentOutcome::Declined(DeclineReason::PartlyApproved));
        assert_eq!(pay(&started, &psp), paid);
        assert_eq!(psp.called("authorise"), 1);
    }
}

/// The acquirer does not say that it was given up: until it does, nobody says that nothing was taken.
#[test]
fn a_part_that_is_not_given_up_is_unresolved_until_a_sweep_has_it_given_up() {
    for undoes in [AcquirerError::InDoubt, AcquirerError::Refused] {
        let (started, psp) = moody(Mood::ApprovesPart(2_000));
        psp.book().undoes = Some(undoes);
        let paid = pay(&started, &psp);
        assert_eq!(*paid.receipt.outcome(), ChargeOutcome::Unresolved);
        assert_eq!(started.settled(&psp), PaymentOutcome::Unresolved);
        assert_eq!(*pay(&started, &psp).receipt.outcome(), ChargeOutcome::Unresolved);
        started.scene.clock.advance(HOUR);
        assert_eq!(started.settled(&psp), PaymentOutcome::Unresolved, "though the time is over");
        psp.book().undoes = None;
        assert_eq!(started.settled(&psp), PaymentOutcome::Declined(DeclineReason::PartlyApproved));
        assert_eq!((psp.charges(), psp.called("authorise")), (0, 1));
    }
}

#[test]
fn a_part_is_taken_where_the_policy_says_so_and_bounds_what_is_done_with_it() {
    let mut policy = Policy::default();
    policy.payments.partial_approvals = PartialApprovals::Take;
    for (said, taken) in [(1, Some(1)), (3_000, Some(3_000)), (4_200, Some(4_200)), (0, None)] {
        let started = started_with(policy.clone());
        let psp = Psp::new(&started.scene.clock).moody(Mood::ApprovesPart(said));
        let paid = pay(&started, &psp);
        assert_eq!(amount(paid.receipt.outcome()), taken, "{said}");
        let Some(taken) = taken else { continue };
        match started.settled(&psp) {
            PaymentOutcome::Authorised { amount, .. } => assert_eq!(amount, taken),
            other => panic!("{other:?}"),
        }
        let (vault, id) = (&started.scene.vault, request("a-1"));
        let more = finish(vault.capture(&alice(), &paid.receipt, taken + 1, &id, &psp));
        refused(more);
        let more = finish(vault.refund(&alice(), &paid.receipt, taken + 1, &id, &psp));
        refused(more);
        finish(vault.capture(&alice(), &paid.receipt, taken, &id, &psp)).unwrap();
    }
}

/// An acquirer that says it approved more than it was asked for: nobody takes more than the customer saw.
#[test]
fn more_than_was_asked_for_is_never_taken() {
    let (started, psp) = moody(Mood::ApprovesPart(999_999));
    let paid = pay(&started, &psp);
    assert_eq!(amount(paid.receipt.outcome()), Some(4_200));
    let (vault, id) = (&started.scene.vault, request("a-1"));
    refused(finish(vault.capture(&alice(), &paid.receipt, 4_201, &id, &psp)));
}

#[test]
fn what_nobody_understands_is_reversed_and_then_declined() {
    for holds in [false, true] {
        let (started, psp) = moody(Mood::Mumbles { holds });
        let paid = pay(&started, &psp);
        assert_eq!(*paid.receipt.outcome(), OTHER, "{holds}");
        assert_eq!((psp.charges(), psp.called("reverse")), (0, 1), "{holds}");
        assert_eq!(pay(&started, &psp), paid);
        // And if it cannot be reversed: not declined while it may be held.
        let (started, psp) = moody(Mood::Mumbles { holds });
        (psp.book().undoes, psp.book().finds) = (Some(AcquirerError::Unsupported), Finds::Never);
        assert_eq!(*pay(&started, &psp).receipt.outcome(), ChargeOutcome::Unresolved);
        started.scene.clock.advance(24 * HOUR);
        assert_eq!(*pay(&started, &psp).receipt.outcome(), ChargeOutcome::Unresolved);
        // What the acquirer finds tells.
        psp.book().finds = Finds::AtOnce;
        let known = *pay(&started, &psp).receipt.outcome() == OTHER;
        assert_eq!(known, !holds);
        assert_eq!(psp.called("authorise"), 1);
    }
}

#[test]
fn what_is_decided_later_is_in_doubt_until_it_is_however_long_that_takes() {
    for (decided, wanted) in
        [(Mood::Approves, true), (Mood::Declines(DeclineReason::InsufficientFunds), false)]
    {
        const MONTH: Duration = Duration::from_secs(30 * 24 * 3600);
        let (started, psp) = moody(Mood::Thinks);
        assert_eq!(*pay(&started, &psp).receipt.outcome(), ChargeOutcome::Unresolved);
        // An index that does not show it means nothing.
        for finds in [Finds::Never, Finds::AtOnce, Finds::Behind(HOUR)] {
            psp.book().finds = finds;
            for _ in 0..2 {
                started.scene.clock.advance(24 * HOUR);
                assert_eq!(
                    started.settled_since(MONTH, &psp),
                    PaymentOutcome::Unresolved,
                    "{finds:?}"
                );
                let again = pay(&started, &psp);
                assert_eq!(*again.receipt.outcome(), ChargeOutcome::Unresolved, "{finds:?}");
            }
        }
        psp.forget();
        psp.book().finds = Finds::AtOnce;
        assert_eq!(
            started.settled_since(MONTH, &psp),
            PaymentOutcome::Unresolved,
            "it never said no"
        );
        psp.decides(decided);
        let known = started.settled_since(MONTH, &psp);
        assert_eq!(matches!(known, PaymentOutcome::Authorised { .. }), wanted, "{known:?}");
        assert_eq!(psp.called("authorise"), 1);
        // The acquirer's own id stood in every question.
        assert!(psp.book().sought_ids.iter().all(|id| id.as_deref() == Some("pi-2")));
    }
}

/// While the request can still be paid, either.
#[test]
fn what_is_decided_later_is_not_asked_for_once_more() {
    for honours in [KeysHonoured::Always, KeysHonoured::Never] {
        let (started, psp) = moody(Mood::Thinks);
        psp.book().honours = honours;
        pay(&started, &psp);
        psp.forget();
        for _ in 0..3 {
            started.scene.clock.advance(SURELY);
            assert_eq!(*pay(&started, &psp).receipt.outcome(), ChargeOutcome::Unresolved);
        }
        assert_eq!(psp.called("authorise"), 1, "{honours:?}");
    }
}

#[test]
fn what_the_issuer_says_of_the_card_is_for_the_back_end() {
    let (started, psp) = moody(Mood::Approves);
    psp.book().dress = Some(|answer| {
        answer
            .avs(AvsResult::PostcodeOnly)
            .code_result(CodeResult::NoMatch)
            .response_code("00")
            .network_transaction_id("MCC123456789")
    });
    assert!(finish(started.scene.vault.details(&started.asked.token)).unwrap().is_none());
    let paid = pay(&started, &psp);
    let details = finish(started.scene.vault.details(&started.asked.token)).unwrap().unwrap();
    assert_eq!(details.avs, Some(AvsResult::PostcodeOnly));
    assert_eq!(details.code_result, Some(CodeResult::NoMatch));
    assert_eq!(details.response_code.unwrap().as_str(), "00");
    assert_eq!(details.network_transaction_id.unwrap().as_str(), "MCC123456789");
    // None of it is in what a desktop sees.
    let json = serde_json::to_string(&paid.receipt).unwrap();
    for hidden in ["postcode", "no_match", "MCC123456789", "response_code"] {
        assert!(!json.contains(hidden), "{json}");
    }
    // Nor does it say that a card was stolen.
    let (started, psp) = moody(Mood::Declines(DeclineReason::Other));
    psp.book().dress = Some(|answer| answer.response_code("43"));
    let declined = pay(&started, &psp);
    let details = finish(started.scene.vault.details(&started.asked.token)).unwrap().unwrap();
    assert_eq!(details.response_code.unwrap().as_str(), "43");
    assert!(!serde_json::to_string(&declined.receipt).unwrap().contains("43"));
}

/// The id of finding 3, which was masked before it was kept, and one of each length that acquirers use.
#[test]
fn acts_name_a_payment_by_the_acquirer_s_own_id_to_the_letter() {
    for id in [
        "6749947830245691146238",
        "4539578763621486",
        "881000000000000000000000000017",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        &"x1".repeat(200),
    ] {
        let (started, psp) = moody(Mood::Approves);
        psp.book().names = Some(id.to_owned());
        let paid = pay(&started, &psp);
        let act = request("c-1");
        finish(started.scene.vault.capture(&alice(), &paid.receipt, 1, &act, &psp)).unwrap();
        assert_eq!(psp.book().acts[0].3, id);
        // What leaves is masked if it may be a card number, and cut.
        let json = serde_json::to_string(&paid.receipt).unwrap();
        let shown = id.len() <= 64 && id != "4539578763621486";
        assert_eq!(json.contains(id), shown, "{json}");
        assert!(!details_hold(&started, id));
    }
}

fn details_hold(started: &Started, id: &str) -> bool {
    let details = finish(started.scene.vault.details(&started.asked.token)).unwrap().unwrap();
    format!("{details:?}").contains(&format!("\"{id}\""))
}

#[test]
fn an_id_that_holds_the_card_is_not_kept_and_that_is_told() {
    for (id, kept) in
        [(PAN, false), ("tx-4242 4242 4242 4242", false), ("123", false), ("t-9123", true)]
    {
        let (started, psp) = moody(Mood::Approves);
        psp.book().names = Some(id.to_owned());
        let paid = pay(&started, &psp);
        assert!(amount(paid.receipt.outcome()).is_some());
        let details = finish(started.scene.vault.details(&started.asked.token)).unwrap().unwrap();
        assert_eq!(details.id_withheld, !kept, "{id}");
        let told: Vec<_> = started.scene.seen.take().iter().map(|event| event.action).collect();
        assert_eq!(told.contains(&Action::WithholdTransactionId), !kept, "{id}: {told:?}");
        // An act names it by its key then.
        let act = request("c-1");
        finish(started.scene.vault.capture(&alice(), &paid.receipt, 1, &act, &psp)).unwrap();
        assert_eq!(psp.book().acts[0].3, if kept { id } else { "by key" });
    }
}

/// Findings 5 and 10: an index that lags says nothing of what was asked lately, and what it shows early is told early.
#[test]
fn an_index_that_lags_is_no_second_charge() {
    let behind = Duration::from_secs(151);
    let (started, psp) = moody(Mood::Approves);
    psp.book().finds = Finds::Behind(behind);
    psp.plan(0, Trouble::After);
    assert_eq!(*pay(&started, &psp).receipt.outcome(), ChargeOutcome::Unresolved);
    for _ in 0..30 {
        started.scene.clock.advance(Duration::from_secs(10));
        let paid = pay(&started, &psp);
        assert_eq!((psp.charges(), psp.called("authorise")), (1, 1));
        if amount(paid.receipt.outcome()).is_some() {
            return;
        }
    }
    panic!("it was found by then");
}

#[test]
fn what_was_never_charged_is_charged_once_the_index_says_so() {
    let behind = Duration::from_secs(151);
    let (started, psp) = moody(Mood::Approves);
    psp.book().finds = Finds::Behind(behind);
    psp.plan(0, Trouble::Before);
    assert_eq!(*pay(&started, &psp).receipt.outcome(), ChargeOutcome::Unresolved);
    started.scene.clock.advance(SURELY + behind - Duration::from_secs(1));
    assert_eq!(*pay(&started, &psp).receipt.outcome(), ChargeOutcome::Unresolved);
    assert_eq!(psp.called("authorise"), 1);
    started.scene.clock.advance(Duration::from_secs(1));
    assert!(amount(pay(&started, &psp).receipt.outcome()).is_some());
    assert_eq!((psp.charges(), psp.called("authorise")), (1, 2));
}

#[test]
fn what_the_acquirer_knows_is_told_at_once_though_the_vault_died() {
    for sweeps in [false, true] {
        let (started, psp) = moody(Mood::Approves);
        psp.plan(0, Trouble::DiesAfter);
        assert!(started.pay(&psp).is_none());
        started.scene.clock.advance(Duration::from_secs(1));
        if sweeps {
            assert!(matches!(started.settled(&psp), PaymentOutcome::Authorised { .. }));
        } else {
            assert!(amount(pay(&started, &psp).receipt.outcome()).is_some());
        }
        assert_eq!((psp.charges(), psp.called("authorise")), (1, 1));
        // What it does not know yet is left alone.
        let (started, psp) = moody(Mood::Approves);
        psp.plan(0, Trouble::DiesBefore);
        assert!(started.pay(&psp).is_none());
        let rows = started.scene.store.records();
        assert_eq!(started.settled(&psp), PaymentOutcome::Waiting);
        assert!(matches!(started.pay(&psp), Some(Err(Error::Busy))));
        assert_eq!(started.scene.store.records(), rows);
        assert_eq!(psp.called("authorise"), 1);
    }
}

/// Finding 9: whose session pays.
#[test]
fn a_request_is_paid_by_its_own_customer_alone() {
    let (started, psp) = moody(Mood::Approves);
    let Started { scene, asked, sealed } = &started;
    let rows = scene.store.records();
    refused(finish(scene.vault.pay(&mallory(), &asked.token, sealed, &psp)));
    assert_eq!((scene.store.records(), psp.book().calls.len()), (rows, 0));
    let paid = pay(&started, &psp);
    // A repeated call is answered after the request's time; by nobody else, then either.
    scene.clock.advance(24 * HOUR);
    assert_eq!(pay(&started, &psp), paid);
    refused(finish(scene.vault.pay(&mallory(), &asked.token, sealed, &psp)));
}

/// The scheme's id of the first payment, which later ones with the kept card name: Visa's are fifteen digits, some of which
/// pass for a card number, and are masked wherever they leave.
#[test]
fn the_scheme_s_id_stays_beside_the_kept_card_to_the_letter() {
    type Dress = fn(AcquirerAnswer) -> AcquirerAnswer;
    let cases: [(Dress, Option<&str>, Option<&str>); 4] = [
        (|answer| answer, None, None),
        (
            |answer| answer.network_transaction_id("MCC123456789"),
            Some("MCC123456789"),
            Some("MCC123456789"),
        ),
        (
            |answer| answer.network_transaction_id("371449635398431"),
            Some("371449635398431"),
            Some("***************"),
        ),
        // The card's own number, in groups.
        (|answer| answer.network_transaction_id("4242-4242-4242-4242"), None, None),
    ];
    for (dress, kept, shown) in cases {
        let (started, psp) = moody(Mood::Approves);
        psp.book().dress = Some(dress);
        let token = pay(&started, &psp).card_token.unwrap();
        let of_card = |card: &StoredCard| card.network_transaction_id().map(str::to_owned);
        let beside = finish(started.scene.vault.with_card(&token, &binding(), of_card)).unwrap();
        assert_eq!(beside.as_deref(), kept);
        let details = finish(started.scene.vault.details(&started.asked.token)).unwrap().unwrap();
        assert_eq!(details.network_transaction_id.as_ref().map(Reference::as_str), shown);
    }
}
