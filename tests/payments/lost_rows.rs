//! Rows vanish, and the same request id is asked anew for something else: nothing that was done for the old request
//! counts for the new one.

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::time::Duration;

use countersign::error::Reason;
use countersign::payment::{
    ChargeOutcome, DeclineReason, PaymentOutcome, PaymentRequest, PaymentRequested,
};
use countersign::store::{
    Expected, FaultStore, Listed, News, Place, Position, Put, Range, Record, Store, StoreError,
};
use countersign::{MemoryStore, Timestamp};

use crate::support::between::{Between, Via};
use crate::support::crashes::{finish, until_death};
use crate::support::*;

/// A store that loses rows: what is written to their places later stands in another.
#[derive(Clone)]
struct Losing {
    first: FaultStore<MemoryStore>,
    anew: FaultStore<MemoryStore>,
    lost: Arc<Mutex<Vec<Place>>>,
}

impl Losing {
    fn new(first: &FaultStore<MemoryStore>) -> Self {
        let anew = FaultStore::new(MemoryStore::new());
        Self { first: first.clone(), anew, lost: Arc::default() }
    }

    /// Loses all rows except `kept`.
    fn lose_all_but(&self, kept: &[Place]) {
        let rows = self.first.records().into_iter().map(|(at, _)| at);
        self.lost.lock().unwrap().extend(rows.filter(|at| !kept.contains(at)));
    }

    fn is_lost(&self, at: &Place) -> bool {
        self.lost.lock().unwrap().contains(at)
    }

    fn of(&self, at: &Place) -> &FaultStore<MemoryStore> {
        if self.is_lost(at) { &self.anew } else { &self.first }
    }

    fn records(&self) -> Vec<(Place, Record)> {
        [self.first.records(), self.anew.records()].concat()
    }
}

impl Between for Losing {
    type Under = FaultStore<MemoryStore>;

    fn under(&self) -> &Self::Under {
        &self.first
    }

    async fn load(&self, at: &Place, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.of(at).load(at, now).await
    }

    async fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        news: News<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        self.of(at).put_if(at, expected, new, news, now).await
    }

    async fn list(
        &self,
        lane: u8,
        owner: &[u8; 16],
        range: Range,
        now: Timestamp,
    ) -> Result<Listed<(Place, Record), Position>, StoreError> {
        let all = Range { after: None, limit: usize::MAX, ..range };
        let mut rows = self.first.list(lane, owner, all, now).await?.rows;
        rows.retain(|(at, _)| !self.is_lost(at));
        rows.extend(self.anew.list(lane, owner, all, now).await?.rows);
        let position =
            |(at, row): &(Place, Record)| Position { created: row.head.created, id: at.id };
        rows.retain(|row| range.after.is_none_or(|after| position(row) < after));
        rows.sort_unstable_by_key(|row| std::cmp::Reverse(position(row)));
        Ok(Listed { rows, next: None })
    }
}

/// Alice is asked for £42, and seals her card.
struct Old {
    scene: Scene,
    bank: Losing,
    vault: Losing,
    /// The vault's opening keys, which nobody loses.
    keys: Vec<Place>,
    asked: PaymentRequested,
    sealed: countersign::card::SealedCard,
}

fn old() -> Old {
    let mut scene = scene();
    let (bank, vault) = (Losing::new(&scene.bank_store), Losing::new(&scene.store));
    let (clock, seen) = (&scene.clock, &scene.seen);
    let builder = bank_on(&scene.bank_store, clock, &scene.bank_seen).store(Via(bank.clone()));
    scene.verifier = builder.build().unwrap();
    scene.vault = vault_on(&scene.store, clock, seen, 2).store(Via(vault.clone())).build().unwrap();
    let asked = finish(scene.asked("p-1"));
    let keys = scene.store.records().into_iter().map(|(at, _)| at).collect();
    let sealed = scene.sealed(&asked, &card(), 3);
    Old { scene, bank, vault, keys, asked, sealed }
}

impl Old {
    /// The bank has lost its rows, and asks under the same id for £9,999.
    fn asked_anew(&self) -> PaymentRequested {
        self.bank.lose_all_but(&[]);
        let mut dear = purchase();
        dear.amount = 999_900;
        let key = finish(self.scene.vault.public_key()).unwrap();
        let name = "Bob".parse().unwrap();
        let asking = PaymentRequest::new(request("p-1"), merchant(), dear, name, key);
        let asked = finish(self.scene.verifier.payments().request(&bob_rings(), &asking)).unwrap();
        assert_eq!(asked.payment.id, self.asked.payment.id);
        assert_ne!(asked.token, self.asked.token);
        asked
    }

    fn known(&self) -> PaymentOutcome {
        let payments = self.scene.verifier.payments();
        finish(payments.outcome(&bob_rings(), &self.asked.payment.id)).unwrap()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Authorised,
    Declined,
    Unresolved,
    /// The vault's process died while it asked.
    Not,
}

#[test]
fn a_card_and_a_receipt_of_a_lost_request_pay_no_other_of_its_id() {
    for ended in [Ended::Authorised, Ended::Declined, Ended::Unresolved, Ended::Not] {
        for wait in [Duration::ZERO, SURELY] {
            let old = old();
            let (scene, case) = (&old.scene, format!("{ended:?}, {wait:?} later"));
            let acquirer = Recording::<true>::new(true);
            match ended {
                Ended::Authorised => {}
                Ended::Declined => acquirer.book().declines = Some(DeclineReason::Other),
                Ended::Unresolved => {
                    acquirer.plan(0, Trouble::Before);
                    acquirer.plan(1, Trouble::Before);
                }
                Ended::Not => acquirer.plan(0, Trouble::DiesBefore),
            }
            let first =
                until_death(scene.vault.pay(&ALICE, &old.asked.token, &old.sealed, &acquirer));
            let first = first.map(Result::unwrap);
            scene.clock.advance(wait);
            let asked = old.asked_anew();
            let another = scene.sealed(&asked, &card_of(OTHER_PAN, "321"), 4);
            let (rows, calls) = (old.vault.records(), acquirer.book().authorised);
            scene.seen.take();
            for sealed in [&old.sealed, &another] {
                refused(finish(scene.vault.pay(&ALICE, &asked.token, sealed, &acquirer)));
            }
            assert_eq!(reasons(&scene.seen), [Reason::NotGenuine; 2], "{case}");
            // Of the new request the vault knows nothing.
            let token = &asked.token;
            assert_eq!(finish(scene.vault.receipt(token)).unwrap(), None, "{case}");
            assert_eq!(finish(scene.vault.card_token(token)).unwrap(), None, "{case}");
            refused(finish(scene.vault.payment_history(token)));
            assert_eq!(old.vault.records(), rows, "{case}");
            assert_eq!(acquirer.book().authorised, calls, "{case}");
            // Nor does the bank of the old one.
            let payments = scene.verifier.payments();
            let swept = finish(scene.vault.reconcile(HOUR, &acquirer)).unwrap();
            let mut receipts = swept.receipts;
            receipts.extend(first.as_ref().map(|paid| (alice(), paid.receipt.clone())));
            for (customer, receipt) in &receipts {
                refused(finish(payments.apply_receipt(customer, receipt)));
            }
            assert_eq!(old.known(), PaymentOutcome::Waiting, "{case}");
            // Under its own request it stands.
            let stands = finish(scene.vault.receipt(&old.asked.token)).unwrap().unwrap();
            assert_eq!(stands.transaction(), &purchase(), "{case}");
        }
    }
}

#[test]
fn what_is_left_of_a_lost_payment_does_nothing_to_another_of_its_id() {
    let old = old();
    let scene = &old.scene;
    let acquirer = Recording::<true>::new(true);
    let (vault, payments) = (&scene.vault, scene.verifier.payments());
    let first = finish(vault.pay(&ALICE, &old.asked.token, &old.sealed, &acquirer)).unwrap();
    let id = request("r-1");
    finish(vault.refund(&alice(), &first.receipt, 100, &id, &acquirer)).unwrap();
    old.vault.lose_all_but(&old.keys);
    let asked = old.asked_anew();
    let sealed = scene.sealed(&asked, &card_of(OTHER_PAN, "321"), 4);
    let second = finish(vault.pay(&ALICE, &asked.token, &sealed, &acquirer)).unwrap();
    let (rows, banks) = (old.vault.records(), old.bank.records());

    // The old receipt and the old token, before the new receipt is settled and after.
    let (receipt, token) = (&first.receipt, first.card_token.as_ref().unwrap());
    refused(finish(payments.apply_receipt(&alice(), receipt)));
    assert_eq!((old.known(), old.bank.records()), (PaymentOutcome::Waiting, banks));
    finish(payments.apply_receipt(&alice(), &second.receipt)).unwrap();
    let settled = old.known();
    refused(finish(payments.apply_receipt(&alice(), receipt)));
    assert_eq!(old.known(), settled);
    refused(finish(payments.keep_card_token(&alice(), receipt, token)));
    refused(finish(payments.card_token(&alice(), &asked.payment.id)));
    refused(finish(vault.with_card(token, &binding(), |_| ())));
    scene.seen.take();
    refused(finish(vault.capture(&alice(), receipt, 1, &id, &acquirer)));
    refused(finish(vault.void(&alice(), receipt, 1, &id, &acquirer)));
    refused(finish(vault.refund(&alice(), receipt, 100, &id, &acquirer)));
    refused(finish(vault.acknowledge(&alice(), receipt)));
    assert_eq!(reasons(&scene.seen), [Reason::NotGenuine; 4]);
    assert_eq!((old.vault.records(), acquirer.book().asked_to), (rows, 1));
    let swept = finish(vault.reconcile(HOUR, &acquirer)).unwrap();
    assert_eq!(swept.receipts, [(alice(), second.receipt.clone())]);

    // The new one's own: the act has the same id, and is done all the same.
    let (receipt, token) = (&second.receipt, second.card_token.as_ref().unwrap());
    finish(vault.refund(&alice(), receipt, 999_900, &id, &acquirer)).unwrap();
    let done = acquirer.book().follow_ups.clone();
    assert_eq!(done.iter().map(|done| done.2).collect::<Vec<_>>(), [100, 999_900]);
    finish(payments.keep_card_token(&alice(), receipt, token)).unwrap();
    assert_eq!(finish(payments.card_token(&alice(), &asked.payment.id)).unwrap(), *token);
}

/// The bank keeps a token with the receipt that it came with, and with no other.
#[test]
fn a_card_token_is_kept_for_the_payment_whose_receipt_it_came_with() {
    let old = old();
    let acquirer = Recording::<true>::new(true);
    let payments = old.scene.verifier.payments();
    let paid =
        finish(old.scene.vault.pay(&ALICE, &old.asked.token, &old.sealed, &acquirer)).unwrap();
    finish(payments.apply_receipt(&alice(), &paid.receipt)).unwrap();
    let rows = old.bank.records();
    old.scene.bank_seen.take();
    let json = serde_json::to_value(&paid.receipt).unwrap();
    let token = paid.card_token.as_ref().unwrap();
    let nonce = serde_json::to_value(countersign::token::TokenId::from_bytes([9; 16])).unwrap();
    let mut dearer = json["transaction"].clone();
    dearer["amount"] = 4_201.into();
    let mut other = json["outcome"].clone();
    other["authorised"]["transaction_id"] = "txn-2".into();
    let changes = [
        ("request", nonce),
        ("requested_at", "2027-01-15T08:00:01Z".into()),
        ("merchant", "bank-shop".into()),
        ("transaction", dearer),
        ("outcome", other),
        ("brand", "mastercard".into()),
        ("last_four", "1234".into()),
    ];
    for (member, value) in changes {
        let mut changed = json.clone();
        changed[member] = value;
        let changed = serde_json::from_value(changed).unwrap();
        refused(finish(payments.keep_card_token(&alice(), &changed, token)));
    }
    assert_eq!(reasons(&old.scene.bank_seen), [Reason::NotGenuine; 7]);
    assert_eq!(old.bank.records(), rows);
    finish(payments.keep_card_token(&alice(), &paid.receipt, token)).unwrap();
}

#[test]
fn an_answer_to_a_lost_request_concludes_no_other_of_its_id() {
    // Both have lost their rows; or the vault has, and another card is given under the same request.
    for both in [true, false] {
        let old = old();
        let scene = &old.scene;
        let acquirer = Recording::<true>::new(true);
        acquirer.plan(0, Trouble::Slow);
        let mut slow = pin!(scene.vault.pay(&ALICE, &old.asked.token, &old.sealed, &acquirer));
        let mut cx = Context::from_waker(Waker::noop());
        for _ in 0..20 {
            assert!(slow.as_mut().poll(&mut cx).is_pending());
        }
        old.vault.lose_all_but(&old.keys);
        let anew = both.then(|| old.asked_anew());
        let asked = anew.as_ref().unwrap_or(&old.asked);
        let sealed = scene.sealed(asked, &card_of(OTHER_PAN, "321"), 4);
        acquirer.plan(0, Trouble::DiesBefore);
        assert!(until_death(scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer)).is_none());
        let rows = old.vault.records();
        acquirer.book().released = true;
        refused(finish(slow));
        assert_eq!(old.vault.records(), rows, "both {both}");
        let receipt = finish(scene.vault.receipt(&asked.token)).unwrap().unwrap();
        assert_eq!(*receipt.outcome(), ChargeOutcome::Unresolved, "both {both}");
        // The new request's own answer counts.
        if both {
            scene.clock.advance(SURELY);
            let paid = finish(scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer)).unwrap();
            assert!(matches!(paid.receipt.outcome(), ChargeOutcome::Authorised { .. }));
            let charges = acquirer.book().charges.clone();
            let charged: Vec<_> = charges.iter().map(|charge| (&*charge.1, charge.3)).collect();
            assert_eq!(charged, [(PAN, 4_200), (OTHER_PAN, 999_900)]);
        }
    }
}

#[test]
fn an_answer_to_an_act_on_a_lost_payment_counts_for_no_other_of_its_id() {
    for refuses in [false, true] {
        let old = old();
        let scene = &old.scene;
        let acquirer = Recording::<true>::new(true);
        let vault = &scene.vault;
        let first =
            finish(vault.pay(&ALICE, &old.asked.token, &old.sealed, &acquirer)).unwrap().receipt;
        let (customer, id) = (alice(), request("r-1"));
        acquirer.plan(0, Trouble::Slow);
        let mut slow = pin!(vault.refund(&customer, &first, 100, &id, &acquirer));
        let mut cx = Context::from_waker(Waker::noop());
        for _ in 0..20 {
            assert!(slow.as_mut().poll(&mut cx).is_pending());
        }
        old.vault.lose_all_but(&old.keys);
        let asked = old.asked_anew();
        let sealed = scene.sealed(&asked, &card_of(OTHER_PAN, "321"), 4);
        let second = finish(vault.pay(&ALICE, &asked.token, &sealed, &acquirer)).unwrap().receipt;
        // The new payment's act of the same id is in doubt.
        acquirer.plan(0, Trouble::Before);
        finish(vault.refund(&customer, &second, 100, &id, &acquirer)).unwrap_err();
        let rows = old.vault.records();
        acquirer.book().refuses = refuses;
        acquirer.book().released = true;
        let late = finish(slow);
        assert!(late.is_err(), "{late:?}");
        assert_eq!(old.vault.records(), rows, "refuses {refuses}");
        acquirer.book().refuses = false;
        finish(vault.refund(&customer, &second, 100, &id, &acquirer)).unwrap();
        let done: Vec<_> = acquirer.book().follow_ups.iter().map(|done| done.2).collect();
        assert_eq!(done, if refuses { vec![100] } else { vec![100, 100] });
    }
}
