//! Captured, given up, given back: each once, never for more than is left, and written down whatever fails.

use countersign::error::{Invalid, Reason};
use countersign::history::{Action, Outcome};
use countersign::observer::View;
use countersign::payment::{Receipt, Reference};
use countersign::store::Fault;
use countersign::vault::Charge;
use countersign::vault::{
    Acquirer, AcquirerAnswer, AcquirerError, ActAnswer, Acted, Authorisation, Found, KeysHonoured,
    Sought,
};
use countersign::{Error, Vault};
use proptest::prelude::*;

use crate::support::crashes::{DIES, finish, until_death};
use crate::support::depth::cases;
use crate::support::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Capture,
    Void,
    Refund,
}

const ACTS: [Act; 3] = [Act::Capture, Act::Void, Act::Refund];

impl Act {
    const fn name(self) -> &'static str {
        match self {
            Self::Capture => "capture",
            Self::Void => "void",
            Self::Refund => "refund",
        }
    }

    async fn ask(
        self,
        vault: &Vault,
        receipt: &Receipt,
        amount: u64,
        id: &str,
        acquirer: &impl Acquirer,
    ) -> Result<Acted, Error> {
        let (alice, id) = (alice(), request(id));
        match self {
            Self::Capture => vault.capture(&alice, receipt, amount, &id, acquirer).await,
            Self::Void => vault.void(&alice, receipt, amount, &id, acquirer).await,
            Self::Refund => vault.refund(&alice, receipt, amount, &id, acquirer).await,
        }
    }
}

/// What the acquirer calls it.
fn named(done: &Acted) -> Option<&str> {
    done.reference.as_ref().map(Reference::as_str)
}

/// Alice has paid £42.
struct Charged<const KEYS: bool> {
    scene: Scene,
    acquirer: Recording<KEYS>,
    token: String,
    receipt: Receipt,
}

fn charged<const KEYS: bool>() -> Charged<KEYS> {
    let scene = scene();
    let acquirer = Recording::<KEYS>::new(true);
    let asked = finish(scene.asked("p-1"));
    let sealed = scene.sealed(&asked, &card(), 3);
    let receipt =
        finish(scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer)).unwrap().receipt;
    scene.seen.take();
    Charged { scene, acquirer, token: asked.token, receipt }
}

impl<const KEYS: bool> Charged<KEYS> {
    fn ask(&self, act: Act, amount: u64, id: &str) -> Result<Acted, Error> {
        self.perhaps(act, amount, id).expect("it ends")
    }

    fn perhaps(&self, act: Act, amount: u64, id: &str) -> Option<Result<Acted, Error>> {
        until_death(act.ask(&self.scene.vault, &self.receipt, amount, id, &self.acquirer))
    }

    /// What the acquirer did of `act`.
    fn done(&self, act: Act) -> u64 {
        let book = self.acquirer.book();
        let of_act = book.follow_ups.iter().filter(|done| done.0 == act.name());
        of_act.map(|done| done.2).sum()
    }

    fn told(&self) -> Vec<(Action, Outcome, bool)> {
        let seen = self.scene.seen.take();
        seen.into_iter().map(|event| (event.action, event.outcome, event.repeated)).collect()
    }

    fn history(&self) -> Vec<Action> {
        let history = finish(self.scene.vault.payment_history(&self.token)).unwrap();
        history.verify().unwrap();
        history.events.iter().map(|event| event.action).collect()
    }
}

fn exceeds<const KEYS: bool>(charged: &Charged<KEYS>, act: Act, amount: u64) {
    let action = [Action::Capture, Action::Void, Action::Refund][act as usize];
    charged.scene.seen.take();
    let before = charged.acquirer.book().asked_to;
    refused(charged.ask(act, amount, "too-much"));
    let refusal = (action, Outcome::Refused(Reason::AmountExceeded), false);
    assert_eq!(charged.told(), [refusal], "{act:?} {amount}");
    assert_eq!(charged.acquirer.book().asked_to, before);
}

#[test]
fn what_was_authorised_is_captured_given_up_and_given_back_once() {
    let charged = charged::<true>();
    let done = charged.ask(Act::Capture, 3_000, "c-1").unwrap();
    assert_eq!(named(&done), Some("capture of txn-1"));
    assert_eq!((done.amount, done.receipt.totals().captured), (3_000, 3_000));
    assert_eq!(charged.ask(Act::Capture, 3_000, "c-1").unwrap(), done);
    charged.ask(Act::Capture, 200, "c-2").unwrap();
    charged.ask(Act::Void, 900, "v-1").unwrap();
    charged.ask(Act::Refund, 1_200, "r-1").unwrap();
    exceeds(&charged, Act::Capture, 101);
    exceeds(&charged, Act::Void, 101);
    exceeds(&charged, Act::Refund, 2_001);
    exceeds(&charged, Act::Refund, u64::MAX);
    for act in ACTS {
        exceeds(&charged, act, 0);
    }
    charged.ask(Act::Refund, 2_000, "r-2").unwrap();
    charged.ask(Act::Capture, 100, "c-3").unwrap();
    exceeds(&charged, Act::Capture, 1);
    exceeds(&charged, Act::Refund, 101);
    let book = charged.acquirer.book();
    let done: Vec<_> = book.follow_ups.iter().map(|done| (done.0, done.2)).collect();
    let captured = [("capture", 3_000), ("capture", 200)];
    let then = [("void", 900), ("refund", 1_200), ("refund", 2_000), ("capture", 100)];
    assert_eq!(done, [&captured[..], &then].concat());
    assert_eq!(book.asked_to, done.len(), "what is known to be done is not asked for again");
    // Another act, another key, and none is the payment's own.
    let mut keys: Vec<_> = book.follow_ups.iter().map(|done| done.1).collect();
    keys.push(book.charges[0].0);
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), done.len() + 1);
}

#[test]
fn an_acquirer_that_captures_by_itself_gives_back_what_it_was_paid_and_no_more() {
    let charged = charged::<true>();
    charged.ask(Act::Refund, 4_000, "r-1").unwrap();
    exceeds(&charged, Act::Refund, 201);
    exceeds(&charged, Act::Void, 201);
    exceeds(&charged, Act::Capture, 1);
    charged.ask(Act::Void, 100, "v-1").unwrap();
    exceeds(&charged, Act::Refund, 101);
    charged.ask(Act::Refund, 100, "r-2").unwrap();
}

#[test]
fn one_request_id_names_one_amount_of_one_payment_of_one_customer() {
    let charged = charged::<true>();
    charged.ask(Act::Refund, 10, "r-1").unwrap();
    let again = charged.ask(Act::Refund, 11, "r-1");
    assert!(matches!(again, Err(Error::Invalid(Invalid::RequestReused))), "{again:?}");
    // Another act is another thing.
    charged.ask(Act::Void, 11, "r-1").unwrap();
    let (vault, acquirer) = (&charged.scene.vault, &charged.acquirer);
    let id = request("r-1");
    refused(finish(vault.refund(&mallory(), &charged.receipt, 10, &id, acquirer)));
    assert_eq!(acquirer.book().follow_ups.len(), 2);
}

#[test]
fn nothing_is_done_with_a_payment_that_was_declined() {
    let scene = scene();
    let acquirer = Recording::<true>::new(true);
    acquirer.book().declines = Some(countersign::payment::DeclineReason::InsufficientFunds);
    let asked = finish(scene.asked("p-1"));
    let sealed = scene.sealed(&asked, &card(), 3);
    let receipt =
        finish(scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer)).unwrap().receipt;
    let rows = scene.store.records();
    scene.seen.take();
    for act in ACTS {
        refused(finish(act.ask(&scene.vault, &receipt, 1, "a-1", &acquirer)));
    }
    assert_eq!(crate::support::reasons(&scene.seen), [Reason::NotAuthorised; 3]);
    assert_eq!((acquirer.book().asked_to, scene.store.records()), (0, rows));
}

/// An acquirer that only charges.
struct Bare;

impl Acquirer for Bare {
    fn honours_act_keys(&self) -> KeysHonoured {
        KeysHonoured::Always
    }

    async fn authorise(&self, _: &Authorisation<'_>) -> Result<AcquirerAnswer, AcquirerError> {
        Err(AcquirerError::InDoubt)
    }

    async fn find(&self, _: &Sought<'_>) -> Result<Found, AcquirerError> {
        Ok(Found::Unknown)
    }
}

#[test]
fn what_the_acquirer_does_not_do_takes_nothing_away() {
    let charged = charged::<true>();
    let vault = &charged.scene.vault;
    for act in ACTS {
        let asked = finish(act.ask(vault, &charged.receipt, 4_200, "a-1", &Bare));
        let unsupported =
            matches!(asked, Err(Error::Acquirer(error)) if error == AcquirerError::Unsupported);
        assert!(unsupported, "{asked:?}");
        charged.acquirer.book().refuses = true;
        let asked = charged.ask(act, 4_200, "a-1");
        let refused =
            matches!(asked, Err(Error::Acquirer(error)) if error == AcquirerError::Refused);
        assert!(refused, "{asked:?}");
    }
    charged.acquirer.book().refuses = false;
    charged.ask(Act::Capture, 4_200, "a-1").unwrap();
    charged.ask(Act::Refund, 4_200, "a-1").unwrap();
    assert_eq!((charged.done(Act::Capture), charged.done(Act::Refund)), (4_200, 4_200));
}

/// A worker whose connection cannot refund repeats what another may have done: that stays in doubt.
#[test]
fn what_may_have_been_done_stays_so_though_another_connection_cannot_do_it() {
    let charged = charged::<true>();
    charged.acquirer.plan(0, Trouble::After);
    charged.ask(Act::Refund, 4_200, "r-1").unwrap_err();
    let again =
        finish(Act::Refund.ask(&charged.scene.vault, &charged.receipt, 4_200, "r-1", &Bare));
    assert!(matches!(again, Err(Error::Acquirer(AcquirerError::Unsupported))), "{again:?}");
    exceeds(&charged, Act::Refund, 1);
    charged.ask(Act::Refund, 4_200, "r-1").unwrap();
    assert_eq!(charged.done(Act::Refund), 4_200);
}

#[test]
fn each_act_is_written_down_and_told() {
    let charged = charged::<true>();
    charged.ask(Act::Capture, 3_000, "c-1").unwrap();
    charged.acquirer.book().refuses = true;
    charged.ask(Act::Refund, 1_000, "r-1").unwrap_err();
    charged.acquirer.book().refuses = false;
    charged.acquirer.plan(0, Trouble::After);
    charged.ask(Act::Refund, 1_000, "r-2").unwrap_err();
    charged.ask(Act::Void, 200, "v-1").unwrap();
    let view = charged.scene.seen.0.lock().unwrap().last().unwrap().view.clone();
    let Some(View::Charge(Charge { totals, .. })) = view else { panic!("{view:?}") };
    assert_eq!((totals.captured, totals.voided, totals.refunded), (3_000, 200, 0));
    // What was not answered is in doubt.
    assert_eq!(totals.in_doubt, 1_000);
    let done = |action| (action, Outcome::Done, false);
    let told = [
        done(Action::Capture),
        done(Action::ConfirmFollowUp),
        done(Action::Refund),
        done(Action::RefuseFollowUp),
        done(Action::Refund),
        done(Action::Void),
        done(Action::ConfirmFollowUp),
    ];
    assert_eq!(charged.told(), told);
    charged.ask(Act::Refund, 1_000, "r-2").unwrap();
    let repeated = [(Action::Refund, Outcome::Done, true), done(Action::ConfirmFollowUp)];
    assert_eq!(charged.told(), repeated);
    assert_eq!(charged.done(Act::Refund), 1_000);
    let first = [Action::Pay, Action::Authorise];
    let then = told.map(|(action, ..)| action);
    assert_eq!(charged.history(), [&first[..], &then, &[Action::ConfirmFollowUp]].concat());
}

/// Of one refund, asked for twice at once, the slower call is told that it will not be done; the other one has done it.
#[test]
fn what_was_done_stands_though_a_slower_call_is_refused() {
    /// An acquirer that takes its time, and then refuses.
    struct Refusing(std::sync::atomic::AtomicBool);

    impl Acquirer for Refusing {
        fn honours_act_keys(&self) -> KeysHonoured {
            KeysHonoured::Always
        }

        async fn authorise(&self, _: &Authorisation<'_>) -> Result<AcquirerAnswer, AcquirerError> {
            Err(AcquirerError::InDoubt)
        }

        async fn find(&self, _: &Sought<'_>) -> Result<Found, AcquirerError> {
            Ok(Found::Unknown)
        }

        async fn refund(
            &self,
            _: &countersign::vault::FollowUp<'_>,
        ) -> Result<ActAnswer, AcquirerError> {
            while !self.0.load(std::sync::atomic::Ordering::SeqCst) {
                tokio::task::yield_now().await;
            }
            Err(AcquirerError::Refused)
        }
    }

    let charged = charged::<true>();
    let (vault, slow) = (&charged.scene.vault, Refusing(false.into()));
    let mut late = std::pin::pin!(Act::Refund.ask(vault, &charged.receipt, 4_200, "r-1", &slow));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    for _ in 0..20 {
        assert!(late.as_mut().poll(&mut cx).is_pending());
    }
    charged.ask(Act::Refund, 4_200, "r-1").unwrap();
    let rows = charged.scene.store.records();
    slow.0.store(true, std::sync::atomic::Ordering::SeqCst);
    let late = finish(late);
    assert!(matches!(late, Err(Error::Acquirer(AcquirerError::Refused))), "{late:?}");
    assert_eq!(charged.scene.store.records(), rows);
    exceeds(&charged, Act::Refund, 1);
    assert_eq!(charged.done(Act::Refund), 4_200);
}

/// A record does not grow without end, whatever a back end asks for; and many small refunds leave room for everything else.
#[test]
fn of_one_payment_a_thousand_refunds_are_noted_and_a_hundred_of_each_other_act() {
    let charged = charged::<true>();
    charged.ask(Act::Capture, 2_000, "c-0").unwrap();
    for n in 0..999 {
        charged.ask(Act::Refund, 1, &format!("r-{n}")).unwrap();
    }
    // What was refused does not count, and what was not answered does.
    charged.acquirer.book().refuses = true;
    charged.ask(Act::Refund, 1, "r-999").unwrap_err();
    charged.acquirer.book().refuses = false;
    charged.acquirer.plan(0, Trouble::After);
    charged.ask(Act::Refund, 1, "r-999").unwrap_err();
    no_more(&charged, Act::Refund);
    for n in 0..99 {
        charged.ask(Act::Capture, 1, &format!("c-{}", n + 1)).unwrap();
    }
    no_more(&charged, Act::Capture);
    for n in 0..100 {
        charged.ask(Act::Void, 1, &format!("v-{n}")).unwrap();
    }
    no_more(&charged, Act::Void);
    // Those that are noted can still be repeated.
    charged.ask(Act::Refund, 1, "r-7").unwrap();
    charged.ask(Act::Refund, 1, "r-999").unwrap();
    let done = ACTS.map(|act| charged.done(act));
    assert_eq!(done, [2_099, 100, 1_000]);
}

fn no_more(charged: &Charged<true>, act: Act) {
    let (rows, asked) = (charged.scene.store.records(), charged.acquirer.book().asked_to);
    charged.scene.seen.take();
    refused(charged.ask(act, 1, "too-many"));
    assert_eq!(crate::support::reasons(&charged.scene.seen), [Reason::TooManyRequests], "{act:?}");
    assert!(charged.scene.store.records() == rows, "{act:?}");
    assert_eq!(charged.acquirer.book().asked_to, asked, "{act:?}");
}

#[test]
fn attack_20_nothing_is_given_back_twice_whatever_fails() {
    attack_20::<true>();
    attack_20::<false>();
}

/// One thing goes wrong at each step, and the call is repeated until it succeeds.
fn attack_20<const KEYS: bool>() {
    let faults = Fault::ALL.into_iter().chain([DIES]);
    let store = faults.flat_map(|fault| (0..5).map(move |at| (Some((at, fault)), None)));
    let acquirer = [Trouble::Before, Trouble::After, Trouble::DiesBefore, Trouble::DiesAfter];
    for (fault, trouble) in store.chain(acquirer.map(|trouble| (None, Some(trouble)))) {
        let charged = charged::<KEYS>();
        if let Some((at, fault)) = fault {
            charged.scene.store.plan(at, fault);
        }
        if let Some(trouble) = trouble {
            charged.acquirer.plan(0, trouble);
        }
        let first = charged.perhaps(Act::Refund, 4_000, "r-1");
        charged.scene.store.heal();
        let again = charged.ask(Act::Refund, 4_000, "r-1");
        let case = format!("{fault:?} {trouble:?}, keys {KEYS}: {first:?}, then {again:?}");
        let done = charged.done(Act::Refund);
        assert!(done <= 4_000, "{case}: {done}");
        match again {
            Ok(_) => assert_eq!(done, 4_000, "{case}"),
            // It may have been done, and no repeated call finds out.
            Err(Error::Acquirer(AcquirerError::InDoubt)) => assert!(!KEYS, "{case}"),
            Err(_) => panic!("{case}"),
        }
        if let Some(Ok(first)) = first {
            assert_eq!(again.unwrap(), first, "{case}");
        }
        // Whether it was done or not, no more is left.
        exceeds(&charged, Act::Refund, 201);
        charged.ask(Act::Refund, 200, "r-2").unwrap();
        assert!(charged.done(Act::Refund) <= 4_200, "{case}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_6_forty_refunds_at_once_give_back_what_was_paid() {
    let charged = charged::<true>();
    let tasks: Vec<_> = (0..40)
        .map(|n| {
            // None draws what the vault drew that was paid at: a write is known again by what was drawn for it.
            let seed = n + 100;
            let vault =
                vault_on(&charged.scene.store, &charged.scene.clock, &charged.scene.seen, seed)
                    .build()
                    .unwrap();
            let (receipt, acquirer) = (charged.receipt.clone(), charged.acquirer.clone());
            // Every other one repeats its neighbour.
            let id = format!("r-{}", n / 2);
            tokio::spawn(async move {
                Act::Refund.ask(&vault, &receipt, 1_000, &id, &acquirer).await.is_ok()
            })
        })
        .collect();
    let mut given = 0;
    for task in tasks {
        given += usize::from(task.await.unwrap());
    }
    assert_eq!(charged.done(Act::Refund), 4_000);
    assert!((4..=8).contains(&given), "{given}");
}

#[derive(Debug, Clone, Copy)]
struct Step {
    act: Act,
    amount: u64,
    id: u8,
    fault: Option<(usize, Fault)>,
    trouble: Option<Trouble>,
    refuses: bool,
}

fn step() -> impl Strategy<Value = Step> {
    let fault = (0_usize..5, 0..=Fault::ALL.len())
        .prop_map(|(at, n)| (at, Fault::ALL.get(n).copied().unwrap_or(DIES)));
    let trouble = prop::sample::select(vec![
        Trouble::Before,
        Trouble::After,
        Trouble::DiesBefore,
        Trouble::DiesAfter,
    ]);
    let (fault, trouble) =
        (prop::option::weighted(0.2, fault), prop::option::weighted(0.2, trouble));
    let (act, refuses) = (prop::sample::select(ACTS.to_vec()), prop::bool::weighted(0.1));
    let amount = prop_oneof![0_u64..5_000, prop::sample::select(vec![1, 1_000, 4_200])];
    (act, amount, 0_u8..6, fault, trouble, refuses).prop_map(
        |(act, amount, id, fault, trouble, refuses)| Step {
            act,
            amount,
            id,
            fault,
            trouble,
            refuses,
        },
    )
}

/// What the acquirer's book says whatever was asked, however it failed.
fn in_any_order<const KEYS: bool>(steps: &[Step]) {
    let charged = charged::<KEYS>();
    for step in steps {
        if let Some((at, fault)) = step.fault {
            charged.scene.store.plan(at, fault);
        }
        if let Some(trouble) = step.trouble {
            charged.acquirer.plan(0, trouble);
        }
        charged.acquirer.book().refuses = step.refuses;
        let asked = charged.perhaps(step.act, step.amount, &step.id.to_string());
        charged.scene.store.heal();
        charged.acquirer.heal();
        let [captured, voided, refunded] = ACTS.map(|act| charged.done(act));
        assert!(captured + voided <= 4_200, "{steps:?}");
        assert!(voided + refunded <= 4_200, "{steps:?}");
        if captured > 0 {
            assert!(refunded <= captured, "{steps:?}");
        }
        if let Some(Ok(_)) = asked {
            assert!(charged.done(step.act) >= step.amount, "{steps:?}");
        }
        // Each act once.
        let book = charged.acquirer.book();
        let mut keys: Vec<_> = book.follow_ups.iter().map(|done| done.1).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), book.follow_ups.len(), "{steps:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(60, 300)))]

    #[test]
    fn no_order_of_acts_and_faults_moves_more_than_was_paid(
        steps in prop::collection::vec(step(), 1..20),
    ) {
        in_any_order::<true>(&steps);
        in_any_order::<false>(&steps);
    }
}
