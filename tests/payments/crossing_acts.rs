//! An act whose call is slow between its note and the acquirer: once another call may take it for not done, it is not asked
//! for any more.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use countersign::payment::{PaymentOutcome, Receipt, Totals};
use countersign::store::{
    Expected, Fault, FaultStore, News, Place, Put, Record, Store, StoreError,
};
use countersign::vault::{Act, Acted, KeysHonoured};
use countersign::{Error, MemoryStore, Timestamp, Vault};

use crate::support::between::{Between, Via};
use crate::support::crashes::{Started, finish, started};
use crate::support::dying::polled;
use crate::support::psp::{Finds, Psp, Trouble};
use crate::support::*;

/// A store whose writes land, and whose callers hear of them once the test lets them.
#[derive(Debug, Clone)]
struct Stalls {
    under: FaultStore<MemoryStore>,
    stalled: Arc<AtomicBool>,
}

impl Between for Stalls {
    type Under = FaultStore<MemoryStore>;

    fn under(&self) -> &Self::Under {
        &self.under
    }

    async fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        news: News<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        let put = self.under.put_if(at, expected, new, news, now).await;
        while self.stalled.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
        put
    }
}

/// A payment that was made, and two processes of its vault: one of them hears late of what it wrote.
struct Crossing {
    started: Started,
    psp: Psp,
    receipt: Receipt,
    slow: Vault,
    stalled: Arc<AtomicBool>,
}

fn crossing() -> Crossing {
    let started = started();
    let scene = &started.scene;
    let psp = Psp::new(&scene.clock);
    let receipt = started.pay(&psp).unwrap().unwrap().receipt;
    let stalled = Arc::new(AtomicBool::new(true));
    let store = Stalls { under: scene.store.clone(), stalled: stalled.clone() };
    let slow = vault_on(&scene.store, &scene.clock, &scene.seen, 77).store(Via(store));
    let slow = slow.build().unwrap();
    Crossing { started, psp, receipt, slow, stalled }
}

impl Crossing {
    async fn ask(&self, vault: &Vault, act: Act, id: &str) -> Result<Acted, Error> {
        let (receipt, psp, id) = (&self.receipt, &self.psp, request(id));
        match act {
            Act::Capture => vault.capture(&alice(), receipt, most(act), &id, psp).await,
            Act::Void => vault.void(&alice(), receipt, most(act), &id, psp).await,
            Act::Refund => vault.refund(&alice(), receipt, most(act), &id, psp).await,
            Act::Increment => vault.increment(&alice(), receipt, most(act), &id, psp).await,
            other => panic!("{other:?}"),
        }
    }

    fn again(&self, act: Act, id: &str) -> Result<Acted, Error> {
        finish(self.ask(&self.started.scene.vault, act, id))
    }

    /// What the acquirer did, by name: of how much in all, and how often it was asked.
    fn done(&self, name: &str) -> (u64, usize) {
        let book = self.psp.book();
        let sum = book.acts.iter().filter(|done| done.0 == name).map(|done| done.2).sum();
        (sum, book.calls.iter().filter(|call| **call == name).count())
    }

    fn totals(&self) -> Totals {
        self.started.receipt().unwrap().totals()
    }

    /// What the enterprise knows once the receipts of a sweep have reached it.
    fn known(&self) -> (u64, Totals) {
        match self.started.settled(&self.psp) {
            PaymentOutcome::Authorised { amount, totals, .. }
            | PaymentOutcome::Returned { amount, totals, .. } => (amount, totals),
            other => panic!("{other:?}"),
        }
    }
}

const ACTS: [(Act, &str); 4] = [
    (Act::Capture, "capture"),
    (Act::Void, "void"),
    (Act::Refund, "refund"),
    (Act::Increment, "increment"),
];

/// The whole that can be done of an act.
fn most(act: Act) -> u64 {
    if act == Act::Increment { 840 } else { 4_200 }
}

/// What the vault notes, and the enterprise knows, if so much was done of an act and nothing else.
fn noted(act: Act, done: u64) -> (u64, Totals) {
    let mut totals = Totals::default();
    match act {
        Act::Capture => totals.captured = done,
        Act::Void => totals.voided = done,
        Act::Refund => totals.refunded = done,
        _ => return (4_200 + done, totals),
    }
    (4_200, totals)
}

/// The same while it is in doubt. (What may have been raised is no money in doubt.)
fn in_doubt(act: Act) -> Totals {
    let mut totals = Totals::default();
    totals.in_doubt = if act == Act::Increment { 0 } else { most(act) };
    totals
}

fn busy(result: Option<Result<Acted, Error>>) {
    assert!(matches!(result, Some(Err(Error::Busy))), "{result:?}");
}

/// What happens while the slow call has noted its act, and not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meanwhile {
    /// The back end repeats its call at another process.
    Repeated,
    /// A sweep finds nothing, and gives the room back.
    Swept,
    /// And another act takes it.
    Taken,
}

/// The acquirer honours no keys of acts, and finds them: whoever finds nothing may ask.
#[test]
fn a_call_that_wakes_late_is_followed_by_no_act() {
    for (act, name) in ACTS {
        for meanwhile in [Meanwhile::Repeated, Meanwhile::Swept, Meanwhile::Taken] {
            let of = crossing();
            let mut slow = pin!(of.ask(&of.slow, act, "a-1"));
            assert!(polled(slow.as_mut(), 20).is_none());
            assert_eq!(of.done(name), (0, 0));
            of.started.scene.clock.advance(SURELY);
            match meanwhile {
                Meanwhile::Repeated => drop(of.again(act, "a-1").unwrap()),
                Meanwhile::Swept => assert_eq!(of.known(), noted(act, 0)),
                Meanwhile::Taken => {
                    assert_eq!(of.known(), noted(act, 0));
                    of.again(act, "a-2").unwrap();
                }
            }
            let case = format!("{act:?} {meanwhile:?}");
            let (all, times) = if meanwhile == Meanwhile::Swept { (0, 0) } else { (most(act), 1) };
            of.stalled.store(false, Ordering::SeqCst);
            busy(polled(slow, 1000));
            assert_eq!(of.done(name), (all, times), "{case}");
            assert_eq!(of.known(), noted(act, all), "{case}");
            assert_eq!(of.totals(), noted(act, all).1, "{case}");
            // As the error says, the back end repeats its call.
            match meanwhile {
                Meanwhile::Taken => refused(of.again(act, "a-1")),
                Meanwhile::Repeated | Meanwhile::Swept => drop(of.again(act, "a-1").unwrap()),
            }
            assert_eq!(of.done(name), (most(act), 1), "{case}");
            assert_eq!(of.known(), noted(act, most(act)), "{case}");
        }
    }
}

/// The same if it is the write itself that takes so long.
#[test]
fn a_write_that_lands_late_is_followed_by_no_act() {
    for (act, name) in ACTS {
        let of = crossing();
        // load charge, put charge
        of.started.scene.store.plan(1, Fault::Delay(50));
        let mut first = pin!(of.ask(&of.started.scene.vault, act, "a-1"));
        assert!(polled(first.as_mut(), 10).is_none());
        of.started.scene.clock.advance(SURELY);
        busy(polled(first, 1000));
        assert_eq!(of.done(name), (0, 0));
        assert_eq!(of.totals(), in_doubt(act));
        // A sweep gives the room back.
        assert_eq!(of.known(), noted(act, 0));
        of.again(act, "a-2").unwrap();
        refused(of.again(act, "a-1"));
        assert_eq!(of.done(name), (most(act), 1));
        assert_eq!(of.known(), noted(act, most(act)));
    }
}

/// A call that repeats an act under a key that the acquirer knows again, and has forgotten by the time at which it wakes.
#[test]
fn a_repeated_call_that_wakes_late_is_followed_by_no_act() {
    for (act, name) in ACTS {
        let of = crossing();
        of.psp.book().finds_acts = Finds::Never;
        of.psp.book().honours_acts = KeysHonoured::For(10 * MINUTE);
        of.psp.plan(0, Trouble::After);
        assert!(matches!(of.again(act, "a-1"), Err(Error::Acquirer(_))));
        of.started.scene.clock.advance(6 * MINUTE);
        let mut slow = pin!(of.ask(&of.slow, act, "a-1"));
        assert!(polled(slow.as_mut(), 20).is_none());
        of.started.scene.clock.advance(HOUR);
        of.stalled.store(false, Ordering::SeqCst);
        busy(polled(slow, 1000));
        assert_eq!(of.done(name), (most(act), 1), "{act:?}");
        assert_eq!(of.totals(), in_doubt(act));
        of.psp.book().finds_acts = Finds::AtOnce;
        assert_eq!(of.known(), noted(act, most(act)));
        assert_eq!(of.done(name), (most(act), 1), "{act:?}");
    }
}

/// Within a twelfth of the time that the acquirer has, and not a second later; first or once more.
#[test]
fn an_act_is_asked_for_soon_after_it_was_noted_or_not_at_all() {
    for repeated in [false, true] {
        for (late, asks) in [(10, true), (11, false)] {
            let of = crossing();
            of.psp.book().honours_acts = KeysHonoured::Always;
            if repeated {
                of.psp.plan(0, Trouble::Before);
                assert!(matches!(of.again(Act::Refund, "r-1"), Err(Error::Acquirer(_))));
            }
            let mut slow = pin!(of.ask(&of.slow, Act::Refund, "r-1"));
            assert!(polled(slow.as_mut(), 20).is_none());
            of.started.scene.clock.advance(Duration::from_secs(late));
            of.stalled.store(false, Ordering::SeqCst);
            let known = polled(slow, 1000);
            let case = format!("{repeated} {late}: {known:?}");
            let done = if asks { 4_200 } else { 0 };
            match asks {
                true => assert_eq!(known.unwrap().unwrap().amount, 4_200),
                false => busy(known),
            }
            let asked = usize::from(repeated) + usize::from(asks);
            assert_eq!(of.done("refund"), (done, asked), "{case}");
            assert_eq!(of.totals().in_doubt, 4_200 - done, "{case}");
            // The same key serves on.
            of.again(Act::Refund, "r-1").unwrap();
            assert_eq!(of.done("refund").0, 4_200, "{case}");
        }
    }
}
