//! Every acquirer there is, every fate of an answer, a crash at every step, a store that was restored: at most one charge in
//! all of them, and exactly one that is known wherever the acquirer can tell. The table is printed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use countersign::payment::{ChargeOutcome, DeclineReason};
use countersign::store::Fault;
use countersign::vault::{KeysHonoured, Paid};
use countersign::{Error, MemoryStore, Vault, Window};

use crate::support::between::put;
use crate::support::crashes::{DIES, Started, finish, started, until_death};
use crate::support::depth::strided;
use crate::support::psp::{Finds, Mood, Psp, Trouble};
use crate::support::*;

const KEYS: [(&str, KeysHonoured); 3] = [
    ("for ever", KeysHonoured::Always),
    ("an hour", KeysHonoured::For(HOUR)),
    ("never", KeysHonoured::Never),
];
const FINDS: [(&str, Finds); 3] = [
    ("at once", Finds::AtOnce),
    ("151 s late", Finds::Behind(Duration::from_secs(151))),
    ("never", Finds::Never),
];

/// What becomes of the first answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Answer {
    Given,
    Lost,
    /// The request never arrived.
    Unheard,
    /// The device asks twice at once.
    Doubled,
    /// It comes to pass at the last moment, and nobody hears of it.
    Late,
    /// It is lost, and another one is given when it is asked again.
    Changed,
}

const ANSWERS: [Answer; 6] =
    [Answer::Given, Answer::Lost, Answer::Unheard, Answer::Doubled, Answer::Late, Answer::Changed];

/// What fails besides, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Crash {
    None,
    Store(usize, Fault),
    Acquirer(usize, Trouble),
}

fn crashes() -> Vec<Crash> {
    let stores = Fault::ALL.into_iter().chain([DIES]);
    let stores = stores.flat_map(|fault| (0..10).map(move |at| Crash::Store(at, fault)));
    let acquirers = [Trouble::DiesBefore, Trouble::DiesAfter, Trouble::Before, Trouble::After];
    let acquirers =
        acquirers.into_iter().flat_map(|one| (0..4).map(move |at| Crash::Acquirer(at, one)));
    [Crash::None].into_iter().chain(strided(stores, 17)).chain(strided(acquirers, 3)).collect()
}

/// What came of one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Charged,
    NotCharged,
    Unresolved,
}

/// The store is put back to what it was before the payment, once that was tried.
fn restored(
    started: &Started,
    backup: &[(countersign::store::Place, countersign::store::Record)],
) -> Vault {
    let scene = &started.scene;
    let store = countersign::store::FaultStore::new(MemoryStore::new());
    for (at, record) in backup {
        finish(put(&store, at, record, scene.now()));
    }
    let lost = Window::new(START, scene.now().after(Duration::from_secs(1))).unwrap();
    let vault = vault_on(&store, &scene.clock, &scene.seen, 3).restored_from(lost).build();
    vault.unwrap()
}

fn played(
    keys: KeysHonoured,
    finds: Finds,
    answer: Answer,
    crash: Crash,
    is_restored: bool,
) -> (End, usize) {
    let started = started();
    let backup = started.scene.store.records();
    let psp = Psp::new(&started.scene.clock).finding(finds).honouring(keys);
    match answer {
        Answer::Given | Answer::Doubled => {}
        Answer::Lost | Answer::Changed => psp.plan(0, Trouble::After),
        Answer::Unheard => psp.plan(0, Trouble::Before),
        Answer::Late => psp.plan(0, Trouble::Late),
    }
    match crash {
        Crash::None => {}
        Crash::Store(at, fault) => started.scene.store.plan(at, fault),
        Crash::Acquirer(at, trouble) => psp.plan(at + 1, trouble),
    }
    let token = &started.asked.token;
    let pay = |vault: &Vault| until_death(vault.pay(&ALICE, token, &started.sealed, &psp));
    let vault = &started.scene.vault;
    if answer == Answer::Doubled {
        let (mut one, mut two) = (None, None);
        finish(async {
            let first = vault.pay(&ALICE, token, &started.sealed, &psp);
            let second = vault.pay(&ALICE, token, &started.sealed, &psp);
            let (mut first, mut second) = (std::pin::pin!(first), std::pin::pin!(second));
            let mut polls = 0;
            std::future::poll_fn(|cx| {
                polls += 1;
                if one.is_none()
                    && let std::task::Poll::Ready(done) = first.as_mut().poll(cx)
                {
                    one = Some(done);
                }
                if two.is_none()
                    && let std::task::Poll::Ready(done) = second.as_mut().poll(cx)
                {
                    two = Some(done);
                }
                // Whoever died stays away.
                let over = one.is_some() && two.is_some() || polls > 200;
                if over { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
            })
            .await;
        });
    } else {
        let _ = pay(vault);
    }
    started.scene.store.heal();
    psp.heal();
    if answer == Answer::Changed {
        // "Duplicate", as an acquirer says that has it already, and a decline, as one that has forgotten.
        psp.book().mood = Mood::Mumbles { holds: false };
    }
    started.scene.clock.advance(Duration::from_secs(5));
    let second = is_restored.then(|| restored(&started, &backup));
    let vault = second.as_ref().unwrap_or(vault);
    // The device repeats its call while the request is valid, and sweeps go by; the late answer lands just in time.
    for n in 0..5_u32 {
        let _ = pay(vault);
        if n == 0 {
            started.scene.clock.advance(Duration::from_secs(60));
            psp.land();
        }
        let _ = finish(vault.reconcile(2 * HOUR, &psp));
        started.scene.clock.advance(SURELY);
    }
    started.scene.clock.advance(HOUR);
    let _ = finish(vault.reconcile(4 * HOUR, &psp)).unwrap();
    let last: Option<Result<Paid, Error>> = pay(vault);
    let end = match &last {
        Some(Ok(paid)) => match paid.receipt.outcome() {
            ChargeOutcome::Authorised { .. } => End::Charged,
            ChargeOutcome::Declined(DeclineReason::NotCharged | DeclineReason::Other) => {
                End::NotCharged
            }
            ChargeOutcome::Unresolved => End::Unresolved,
            other => panic!("{other:?}"),
        },
        // Nothing was noted, and the request is over.
        Some(Err(Error::Refused(_))) => End::NotCharged,
        other => panic!("{other:?}"),
    };
    (end, psp.charges())
}

#[test]
#[expect(clippy::print_stdout, reason = "the table is what is wanted")]
fn attack_20_at_most_one_charge_at_every_acquirer_whatever_fails() {
    let mut table: BTreeMap<_, [usize; 3]> = BTreeMap::new();
    let mut cases = 0;
    for (key_name, keys) in KEYS {
        for (find_name, finds) in FINDS {
            for answer in ANSWERS {
                for is_restored in [false, true] {
                    for crash in crashes() {
                        let (end, charges) = played(keys, finds, answer, crash, is_restored);
                        let case = format!(
                            "keys {key_name}, find {find_name}, {answer:?}, {crash:?}, restored {is_restored}: {end:?}"
                        );
                        assert!(charges <= 1, "{case}: {charges} charges");
                        match end {
                            End::Charged => assert_eq!(charges, 1, "{case}"),
                            End::NotCharged => assert_eq!(charges, 0, "{case}"),
                            End::Unresolved => {}
                        }
                        // Whoever finds knows in the end.
                        if finds != Finds::Never {
                            assert_ne!(end, End::Unresolved, "{case}");
                        }
                        // And whoever honours keys for ever charges, if it approves whenever it is asked.
                        let asked_again = answer != Answer::Changed;
                        if keys == KeysHonoured::Always && asked_again && crash == Crash::None {
                            assert_eq!(end, End::Charged, "{case}");
                        }
                        let row = (key_name, find_name, answer, is_restored);
                        table.entry(row).or_default()[end as usize] += 1;
                        cases += 1;
                    }
                }
            }
        }
    }
    let mut text =
        String::from("keys      find        answer    restored  charged  not  unresolved\n");
    for ((keys, finds, answer, is_restored), [charged, not, unresolved]) in &table {
        writeln!(
            text,
            "{keys:9} {finds:11} {:9} {is_restored:<9} {charged:7} {not:4} {unresolved:11}",
            format!("{answer:?}")
        )
        .unwrap();
    }
    println!("{text}{cases} cases, none with two charges");
    assert_eq!(table.len(), 3 * 3 * 6 * 2);
}
