//! Attacks on the payment ceremony: races, restored stores, devices and acquirers at their worst.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign::card::{Attempt, SealedCard};
use countersign::error::Invalid;
use countersign::payment::{ChargeOutcome, DeclineReason, PaymentOutcome};
use countersign::random::SeededRandom;
use countersign::store::{FaultStore, Place, Record};
use countersign::vault::{
    Acquirer, AcquirerAnswer, AcquirerError, ActAnswer, Adjustment, Authenticated, Authorisation,
    FollowUp, Found, FoundAct, KeysHonoured, Resolution, Resumption, Sought,
};
use countersign::{Error, IdempotencyKey, MemoryStore, Timestamp, Vault, Window};

use crate::support::between::put;
use crate::support::crashes::{Started, finish, started};
use crate::support::psp::{Finds, Mood, Psp, Trouble};
use crate::support::*;

const SOFT: Mood = Mood::SoftlyDeclines(DeclineReason::WrongDetails);

/// What becomes of a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refund {
    /// It never arrives.
    Lost,
    /// Nobody hears of it, and it is done when the test lets it land.
    Late,
}

/// What it says whenever it is asked what it knows.
type Finding = fn() -> Found;

/// The usual acquirer, with habits of its own.
#[derive(Clone)]
struct Own {
    psp: Psp,
    /// `find` tells charges and nothing else.
    only_charges: bool,
    /// `find` tells what it did when it was set.
    finds: Arc<Mutex<Option<Finding>>>,
    /// `find` waits for that before it answers, and `authorise` for this.
    holds: Arc<Mutex<[bool; 2]>>,
    refunds: Arc<Mutex<Vec<Refund>>>,
    refunded: Arc<Mutex<Vec<(IdempotencyKey, u64)>>>,
    late: Arc<Mutex<Vec<(IdempotencyKey, u64)>>>,
}

impl Own {
    fn new(psp: Psp) -> Self {
        let (finds, holds) = (Arc::default(), Arc::default());
        let (refunds, refunded, late) = (Arc::default(), Arc::default(), Arc::default());
        Self { psp, only_charges: false, finds, holds, refunds, refunded, late }
    }

    fn hold(&self, which: usize, held: bool) {
        self.holds.lock().unwrap()[which] = held;
    }

    async fn wait(&self, which: usize) {
        while self.holds.lock().unwrap()[which] {
            tokio::task::yield_now().await;
        }
    }

    fn land(&self) {
        let late = std::mem::take(&mut *self.late.lock().unwrap());
        for (key, amount) in late {
            self.refund_once(key, amount);
        }
    }

    fn refund_once(&self, key: IdempotencyKey, amount: u64) {
        let mut done = self.refunded.lock().unwrap();
        if !done.iter().any(|one| one.0 == key) {
            done.push((key, amount));
        }
    }

    fn given_back(&self) -> u64 {
        self.refunded.lock().unwrap().iter().map(|one| one.1).sum()
    }
}

impl Acquirer for Own {
    fn honours_keys(&self) -> KeysHonoured {
        self.psp.honours_keys()
    }

    fn honours_act_keys(&self) -> KeysHonoured {
        KeysHonoured::Always
    }

    async fn authorise(&self, of: &Authorisation<'_>) -> Result<AcquirerAnswer, AcquirerError> {
        let answer = self.psp.authorise(of).await;
        self.wait(1).await;
        answer
    }

    async fn find(&self, payment: &Sought<'_>) -> Result<Found, AcquirerError> {
        let fixed = *self.finds.lock().unwrap();
        if let Some(fixed) = fixed {
            return Ok(fixed());
        }
        let found = self.psp.find(payment).await?;
        self.wait(0).await;
        let soft = Found::Answered(AcquirerAnswer::soft_declined(DeclineReason::WrongDetails));
        Ok(if self.only_charges && found == soft { Found::Nothing } else { found })
    }

    async fn authenticated(&self, of: &Resumption<'_>) -> Result<Authenticated, AcquirerError> {
        self.psp.authenticated(of).await
    }

    async fn reverse(&self, payment: &Sought<'_>) -> Result<(), AcquirerError> {
        self.psp.reverse(payment).await
    }

    async fn void(&self, of: &FollowUp<'_>) -> Result<ActAnswer, AcquirerError> {
        self.psp.void(of).await
    }

    async fn refund(&self, of: &FollowUp<'_>) -> Result<ActAnswer, AcquirerError> {
        let mut planned = self.refunds.lock().unwrap();
        let next = if planned.is_empty() { None } else { Some(planned.remove(0)) };
        match next {
            Some(Refund::Lost) => return Err(AcquirerError::InDoubt),
            Some(Refund::Late) => {
                self.late.lock().unwrap().push((of.key(), of.amount()));
                return Err(AcquirerError::InDoubt);
            }
            None => self.refund_once(of.key(), of.amount()),
        }
        Ok(ActAnswer::done("refund"))
    }

    async fn find_act(&self, of: &FollowUp<'_>) -> Result<FoundAct, AcquirerError> {
        let done = self.refunded.lock().unwrap().iter().any(|one| one.0 == of.key());
        Ok(if done { FoundAct::Done(ActAnswer::done("refund")) } else { FoundAct::Nothing })
    }
}

fn is_authorised(outcome: &ChargeOutcome) -> bool {
    matches!(outcome, ChargeOutcome::Authorised { .. })
}

fn vault_from(scene: &Scene, backup: &[(Place, Record)], lost: Window) -> Vault {
    let store = FaultStore::new(MemoryStore::new());
    for (at, record) in backup {
        finish(put(&store, at, record, scene.now()));
    }
    vault_on(&store, &scene.clock, &scene.seen, 3).restored_from(lost).build().unwrap()
}

fn sealed_as(of: &Started, attempt: u8, code: &str) -> SealedCard {
    let shown = phone().open_payment(&of.asked.token, START).unwrap();
    let random = SeededRandom::new(u64::from(attempt) + 40);
    match Attempt::new(attempt).unwrap() {
        first if first.is_first() => shown.seal(&card_of(PAN, code), &random).unwrap(),
        later => shown.seal_again(&card_of(PAN, code), later, &random).unwrap(),
    }
}

/// One call finds an approval, and is slow to note it. Meanwhile another hears that nobody understands the answer, and has
/// the acquirer give it up.
#[tokio::test]
async fn attack_what_was_given_up_is_not_reported_as_authorised() {
    let scene = scene();
    let own = Own::new(Psp::new(&scene.clock).moody(Mood::Mumbles { holds: true }));
    let asked = scene.asked("p-1").await;
    let sealed = scene.sealed(&asked, &card(), 3);
    own.hold(0, true);
    own.hold(1, true);
    let pay = || {
        let (vault, token) = (scene.vault.clone(), asked.token.clone());
        let (sealed, own) = (sealed.clone(), own.clone());
        tokio::spawn(async move { vault.pay(&ALICE, &token, &sealed, &own).await })
    };
    let wait = async || {
        for _ in 0..200 {
            tokio::task::yield_now().await;
        }
    };
    let first = pay();
    wait().await;
    let second = pay();
    wait().await;
    assert_eq!((own.psp.called("authorise"), own.psp.called("find")), (1, 1));
    own.hold(1, false);
    let paid = first.await.unwrap().unwrap();
    let declined = ChargeOutcome::Declined(DeclineReason::Other);
    assert_eq!((paid.receipt.outcome(), own.psp.charges()), (&declined, 0));
    own.hold(0, false);
    let late = second.await.unwrap().unwrap();
    assert_eq!(*late.receipt.outcome(), declined, "it was reversed");
    let receipt = scene.vault.receipt(&asked.token).await.unwrap().unwrap();
    assert_eq!(*receipt.outcome(), declined);
}

/// A payment of which the customer authenticates after the request's own time; the store goes just after they were charged.
#[test]
fn attack_25_after_a_restore_who_authenticated_late_is_not_charged_a_second_time() {
    let of = started();
    let psp = Psp::new(&of.scene.clock).moody(Mood::Challenges);
    let until = of.asked.payment.until;
    of.scene.clock.set(until.before(Duration::from_secs(1)));
    of.pay(&psp).unwrap().unwrap();
    of.scene.clock.set(until.after(2 * MINUTE));
    let (backup, from) = (of.scene.store.records(), of.scene.now());
    of.scene.clock.advance(Duration::from_secs(10));
    psp.book().passed = Some(true);
    let paid = finish(of.scene.vault.resume(&ALICE, &of.asked.token, &of.sealed, None, &psp));
    assert!(is_authorised(paid.unwrap().receipt.outcome()));
    of.scene.clock.advance(Duration::from_secs(1));
    let vault = vault_from(&of.scene, &backup, Window::new(from, of.scene.now()).unwrap());
    of.scene.clock.advance(Duration::from_secs(10));
    let paid = finish(vault.resume(&ALICE, &of.asked.token, &of.sealed, None, &psp));
    assert_eq!(psp.charges(), 1, "{paid:?}");
    assert!(is_authorised(paid.unwrap().receipt.outcome()));
}

/// The authorisation that follows the challenge was on its way when the store went: the acquirer still tells the challenge.
#[test]
fn attack_25_after_a_restore_what_follows_a_challenge_is_waited_for() {
    let of = started();
    let psp = Psp::new(&of.scene.clock).moody(Mood::Challenges);
    of.pay(&psp).unwrap().unwrap();
    let (backup, from) = (of.scene.store.records(), of.scene.now());
    psp.book().passed = Some(true);
    psp.plan(1, Trouble::Late);
    let resume = |vault: &Vault| {
        finish(vault.resume(&ALICE, &of.asked.token, &of.sealed, None, &psp))
            .map(|paid| paid.receipt.outcome().clone())
    };
    assert_eq!(resume(&of.scene.vault).unwrap(), ChargeOutcome::Unresolved);
    of.scene.clock.advance(Duration::from_secs(1));
    let vault = vault_from(&of.scene, &backup, Window::new(from, of.scene.now()).unwrap());
    of.scene.clock.advance(Duration::from_secs(1));
    let early = resume(&vault);
    of.scene.clock.advance(Duration::from_secs(60));
    psp.land();
    assert_eq!(psp.charges(), 1, "{early:?}");
    of.scene.clock.advance(SURELY);
    assert!(is_authorised(&resume(&vault).unwrap()));
    assert_eq!(psp.charges(), 1);
}

/// If it was not on its way, the customer is charged once that is sure.
#[test]
fn after_a_restore_who_authenticated_can_be_charged_once_that_is_sure() {
    let of = started();
    let psp = Psp::new(&of.scene.clock).moody(Mood::Challenges);
    of.pay(&psp).unwrap().unwrap();
    let (backup, from) = (of.scene.store.records(), of.scene.now());
    psp.book().passed = Some(true);
    of.scene.clock.advance(Duration::from_secs(1));
    let vault = vault_from(&of.scene, &backup, Window::new(from, of.scene.now()).unwrap());
    for (later, charges) in [(SURELY - Duration::from_secs(1), 0), (Duration::from_secs(1), 1)] {
        of.scene.clock.advance(later);
        let paid = finish(vault.resume(&ALICE, &of.asked.token, &of.sealed, None, &psp)).unwrap();
        assert_eq!(is_authorised(paid.receipt.outcome()), charges == 1);
        assert_eq!(psp.charges(), charges);
    }
}

/// The same of a sweep: the challenge's time is over, and what followed it is on its way.
#[test]
fn attack_25_after_a_restore_no_challenge_is_given_up_while_it_may_be_charged() {
    let of = started();
    let psp = Psp::new(&of.scene.clock).moody(Mood::Challenges);
    of.pay(&psp).unwrap().unwrap();
    let (backup, from) = (of.scene.store.records(), of.scene.now());
    let within = of.scene.vault.policy().payments.authenticate_within;
    of.scene.clock.set(from.after(within).before(Duration::from_secs(1)));
    psp.book().passed = Some(true);
    psp.plan(1, Trouble::Late);
    finish(of.scene.vault.resume(&ALICE, &of.asked.token, &of.sealed, None, &psp)).unwrap();
    of.scene.clock.advance(Duration::from_secs(1));
    let vault = vault_from(&of.scene, &backup, Window::new(from, of.scene.now()).unwrap());
    of.scene.clock.advance(Duration::from_secs(1));
    finish(vault.reconcile(HOUR, &psp)).unwrap();
    psp.land();
    of.scene.clock.advance(SURELY);
    let swept = finish(vault.reconcile(HOUR, &psp)).unwrap();
    assert_eq!(psp.charges(), 1);
    assert!(is_authorised(swept.receipts[0].1.outcome()), "{swept:?}");
}

/// Two attempts were made, and the second was authorised; of both the store knows nothing any more. The device names a third.
#[test]
fn attack_25_after_a_restore_a_device_that_counts_on_is_not_charged_a_second_time() {
    for honours in [KeysHonoured::Always, KeysHonoured::Never] {
        for finds in [Finds::AtOnce, Finds::Never] {
            for forged in [1, 2, 3, 10] {
                let of = started();
                let psp = Psp::new(&of.scene.clock).moody(SOFT).finding(finds).honouring(honours);
                let (backup, from) = (of.scene.store.records(), of.scene.now());
                of.pay(&psp).unwrap().unwrap();
                psp.book().mood = Mood::Approves;
                let pay = |vault: &Vault, attempt| {
                    let sealed = sealed_as(&of, attempt, "456");
                    finish(vault.pay(&ALICE, &of.asked.token, &sealed, &psp))
                };
                assert!(is_authorised(pay(&of.scene.vault, 2).unwrap().receipt.outcome()));
                of.scene.clock.advance(Duration::from_secs(1));
                let lost = Window::new(from, of.scene.now()).unwrap();
                let vault = vault_from(&of.scene, &backup, lost);
                for _ in 0..3 {
                    let paid = pay(&vault, forged);
                    let case = format!("{honours:?} {finds:?} {forged}: {paid:?}");
                    assert_eq!(psp.charges(), 1, "{case}");
                    of.scene.clock.advance(SURELY);
                }
            }
        }
    }
}

/// The same by an acquirer that finds charges and nothing else, and a device whose first call is delivered once more.
#[test]
fn attack_25_after_a_restore_an_earlier_card_is_not_charged_beside_a_later_one() {
    for forged in 1..=3 {
        let of = started();
        let mut own = Own::new(Psp::new(&of.scene.clock).moody(SOFT));
        own.only_charges = true;
        let (backup, from) = (of.scene.store.records(), of.scene.now());
        let pay = |vault: &Vault, sealed: &SealedCard| {
            finish(vault.pay(&ALICE, &of.asked.token, sealed, &own))
        };
        pay(&of.scene.vault, &of.sealed).unwrap();
        own.psp.book().mood = Mood::Approves;
        let second = sealed_as(&of, 2, "456");
        assert!(is_authorised(pay(&of.scene.vault, &second).unwrap().receipt.outcome()));
        of.scene.clock.advance(Duration::from_secs(1));
        let vault = vault_from(&of.scene, &backup, Window::new(from, of.scene.now()).unwrap());
        of.scene.clock.advance(SURELY);
        let again = match forged {
            1 => of.sealed.clone(),
            2 => second,
            other => sealed_as(&of, other, "456"),
        };
        for _ in 0..3 {
            let paid = pay(&vault, &again);
            assert_eq!(own.psp.charges(), 1, "{forged}: {paid:?}");
            of.scene.clock.advance(SURELY);
        }
        // Nor does a sweep say that nothing was charged.
        let swept = finish(vault.reconcile(HOUR, &own)).unwrap();
        for (_, receipt) in &swept.receipts {
            let said = receipt.outcome();
            assert!(!matches!(said, ChargeOutcome::Declined(_)), "{forged}: {said:?}");
        }
    }
}

/// A refund is asked for once more, under a key that is honoured, and is on its way while a sweep looks for it.
#[test]
fn attack_a_refund_that_is_asked_for_again_is_waited_for() {
    let of = started();
    let own = Own::new(Psp::new(&of.scene.clock));
    let receipt = of.pay(&own).unwrap().unwrap().receipt;
    let refund =
        |id: &str| finish(of.scene.vault.refund(&alice(), &receipt, 4_200, &request(id), &own));
    *own.refunds.lock().unwrap() = vec![Refund::Lost, Refund::Late];
    refund("r-1").unwrap_err();
    of.scene.clock.advance(SURELY);
    refund("r-1").unwrap_err();
    of.scene.clock.advance(Duration::from_secs(5));
    finish(of.scene.vault.reconcile(HOUR, &own)).unwrap();
    let another = refund("r-2");
    own.land();
    assert_eq!(own.given_back(), 4_200, "{another:?}");
    refused(another);
    of.scene.clock.advance(SURELY);
    finish(of.scene.vault.reconcile(HOUR, &own)).unwrap();
    assert_eq!(of.receipt().unwrap().totals().refunded, 4_200);
}

/// The back end says that a refund was not done, while the acquirer is being asked for it.
#[test]
fn attack_nobody_says_that_an_act_was_not_done_while_it_may_be() {
    let of = started();
    let own = Own::new(Psp::new(&of.scene.clock));
    let receipt = of.pay(&own).unwrap().unwrap().receipt;
    let vault = &of.scene.vault;
    let refund = |id: &str| finish(vault.refund(&alice(), &receipt, 4_200, &request(id), &own));
    let resolve = || {
        let id = request("r-1");
        let not = Resolution::NotDone;
        finish(vault.resolve(&alice(), &receipt, countersign::vault::Act::Refund, &id, &not))
    };
    *own.refunds.lock().unwrap() = vec![Refund::Late];
    refund("r-1").unwrap_err();
    of.scene.clock.advance(Duration::from_secs(5));
    let resolved = resolve();
    let another = refund("r-2");
    own.land();
    assert_eq!(own.given_back(), 4_200, "{another:?}");
    assert!(matches!(resolved, Err(Error::Busy)), "{resolved:?}");
}

/// The customer pays at the last moment, and is to authenticate; the receipt that says so is lost.
#[test]
fn a_payment_does_not_run_out_while_the_customer_may_authenticate() {
    let of = started();
    let psp = Psp::new(&of.scene.clock).moody(Mood::Challenges);
    of.scene.clock.set(of.asked.payment.until.before(Duration::from_secs(1)));
    of.pay(&psp).unwrap().unwrap();
    of.scene.clock.advance(SURELY + MINUTE);
    let payments = of.scene.verifier.payments();
    let seen = finish(payments.outcome(&bob_rings(), &of.asked.payment.id)).unwrap();
    psp.book().passed = Some(true);
    let paid = finish(of.scene.vault.resume(&ALICE, &of.asked.token, &of.sealed, None, &psp));
    assert!(is_authorised(paid.unwrap().receipt.outcome()));
    assert_eq!(seen, PaymentOutcome::Waiting);
}

/// A challenge that was asked for long after a restore ends as any other.
#[test]
fn a_challenge_of_after_a_restore_ends_though_the_acquirer_cannot_tell() {
    let scene = scene();
    let window = Window::new(START.before(HOUR), START.before(MINUTE)).unwrap();
    let vault = vault_on(&scene.store, &scene.clock, &scene.seen, 3).restored_from(window);
    let vault = vault.build().unwrap();
    scene.clock.advance(HOUR);
    let asked = finish(scene.asked("p-1"));
    let sealed = scene.sealed(&asked, &card(), 3);
    let psp = Psp::new(&scene.clock).moody(Mood::Challenges).finding(Finds::Never);
    finish(vault.pay(&ALICE, &asked.token, &sealed, &psp)).unwrap();
    scene.clock.advance(vault.policy().payments.authenticate_within);
    let swept = finish(vault.reconcile(HOUR, &psp)).unwrap();
    let declined = ChargeOutcome::Declined(DeclineReason::NotAuthenticated);
    assert_eq!(*swept.receipts[0].1.outcome(), declined);
}

/// What the vault hears after a restore reaches the enterprise, though it counts anew.
#[test]
fn attack_25_after_a_restore_a_chargeback_reaches_the_enterprise() {
    let of = started();
    let psp = Psp::new(&of.scene.clock);
    let receipt = of.pay(&psp).unwrap().unwrap().receipt;
    let (backup, from) = (of.scene.store.records(), of.scene.now());
    let payments = of.scene.verifier.payments();
    let apply = |receipt: &_| finish(payments.apply_receipt(&alice(), receipt)).unwrap();
    apply(&receipt);
    of.scene.clock.advance(MINUTE);
    let refund = |id: &str| {
        finish(of.scene.vault.refund(&alice(), &receipt, 100, &request(id), &psp)).unwrap()
    };
    refund("r-1");
    refund("r-2");
    apply(&of.receipt().unwrap());
    of.scene.clock.advance(MINUTE);
    let vault = vault_from(&of.scene, &backup, Window::new(from, of.scene.now()).unwrap());
    of.scene.clock.advance(24 * HOUR);
    let back = Adjustment::chargeback(4_000, request("evt-1"));
    let told = finish(vault.adjust(&alice(), &receipt, &back)).unwrap();
    let known = apply(&told).totals;
    // And what it had forgotten stays known.
    assert_eq!((known.charged_back, known.refunded), (4_000, 200));
}

/// The acquirer does not void what it has settled, and reverses it.
#[test]
fn what_cannot_be_voided_is_reversed() {
    let of = started();
    let own = Own::new(Psp::new(&of.scene.clock).moody(Mood::ApprovesPart(2_000)));
    own.psp.book().undoes = Some(AcquirerError::Refused);
    let paid = of.pay(&own).unwrap().unwrap();
    assert_eq!(*paid.receipt.outcome(), ChargeOutcome::Unresolved);
    assert_eq!((own.psp.called("void"), own.psp.called("reverse")), (1, 1));
}

/// The acquirer takes its soft decline back, when the second card is authorised already.
#[tokio::test]
async fn attack_a_soft_decline_that_is_taken_back_is_given_up_or_told() {
    let of = started();
    let own = Own::new(Psp::new(&of.scene.clock).moody(SOFT));
    // The first call finds an approval, and is slow to note it.
    own.hold(1, true);
    let pay = |sealed: &SealedCard| {
        let (vault, token) = (of.scene.vault.clone(), of.asked.token.clone());
        let (sealed, own) = (sealed.clone(), own.clone());
        tokio::spawn(async move { vault.pay(&ALICE, &token, &sealed, &own).await })
    };
    let first = pay(&of.sealed);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    // The device repeats, and hears of a soft decline.
    pay(&of.sealed).await.unwrap().unwrap();
    own.psp.book().mood = Mood::Approves;
    own.hold(1, false);
    first.await.unwrap().unwrap();
    assert_eq!(own.psp.charges(), 0);
}

/// An index that lags tells the challenge when the authorisation that followed it is done.
#[test]
fn attack_a_challenge_from_an_index_that_lags_charges_nobody_twice() {
    let of = started();
    let own = Own::new(Psp::new(&of.scene.clock).moody(Mood::Challenges));
    of.pay(&own).unwrap().unwrap();
    own.psp.book().passed = Some(true);
    own.psp.plan(1, Trouble::After);
    *own.finds.lock().unwrap() = Some(|| {
        let flow = countersign::vault::ChallengeFlow::Redirect { url: "https://a.example".into() };
        let challenge = countersign::vault::AuthenticationChallenge::new("3ds-1", flow);
        Found::AnsweredAsOf(AcquirerAnswer::challenge(challenge.unwrap()), START)
    });
    let resume =
        || finish(of.scene.vault.resume(&ALICE, &of.asked.token, &of.sealed, None, &own)).unwrap();
    assert_eq!(*resume().receipt.outcome(), ChargeOutcome::Unresolved);
    of.scene.clock.advance(SURELY);
    resume();
    assert_eq!(own.psp.charges(), 1);
}

/// What a host hands in is an acquirer's own text.
#[test]
fn attack_what_a_host_hands_in_does_not_show_an_acquirer_s_text() {
    let done = Resolution::Done { id: format!("refund of {PAN}") };
    let told = Adjustment::refund(1, request("e-1")).reference(format!("refund of {PAN}"));
    for shown in [format!("{done:?}"), format!("{told:?}")] {
        assert!(!shown.contains(PAN), "{shown}");
    }
}

/// A second attempt was charged after the backup, in which the first is declined softly: whether the enterprise had settled
/// that or not.
#[test]
fn attack_25_after_a_restore_a_later_attempt_is_found_though_the_request_is_over() {
    for settled in [false, true] {
        let of = started();
        let psp = Psp::new(&of.scene.clock).moody(SOFT);
        let soft = of.pay(&psp).unwrap().unwrap().receipt;
        if settled {
            finish(of.scene.vault.acknowledge(&alice(), &soft)).unwrap();
        }
        let (backup, from) = (of.scene.store.records(), of.scene.now());
        of.scene.clock.set(of.asked.payment.until.before(Duration::from_secs(2)));
        psp.book().mood = Mood::Approves;
        let second = sealed_as(&of, 2, "456");
        let pay = |vault: &Vault| finish(vault.pay(&ALICE, &of.asked.token, &second, &psp));
        assert!(is_authorised(pay(&of.scene.vault).unwrap().receipt.outcome()));
        of.scene.clock.advance(Duration::from_secs(1));
        let vault = vault_from(&of.scene, &backup, Window::new(from, of.scene.now()).unwrap());
        // While the device may come back with it, it is left to that.
        let swept = finish(vault.reconcile(2 * HOUR, &psp)).unwrap();
        assert!(swept.receipts.iter().all(|(_, receipt)| !is_authorised(receipt.outcome())));
        of.scene.clock.advance(HOUR);
        let swept = finish(vault.reconcile(2 * HOUR, &psp)).unwrap();
        let receipt = &swept.receipts[0].1;
        assert!(is_authorised(receipt.outcome()), "by a sweep: {swept:?}");
        assert_eq!(psp.charges(), 1);
    }
}

/// The acquirer takes its soft decline back while the second card is authorised: the first to be known stands, and the other
/// is given up once no more can come of it.
#[tokio::test]
async fn attack_both_cards_of_a_request_are_never_charged() {
    for approved in [true, false] {
        let of = started();
        let own = Own::new(Psp::new(&of.scene.clock).moody(Mood::Approves));
        // The first call is authorised, and slow to note it.
        own.hold(1, true);
        let pay = |sealed: &SealedCard| {
            let (vault, token) = (of.scene.vault.clone(), of.asked.token.clone());
            let (sealed, own) = (sealed.clone(), own.clone());
            tokio::spawn(async move { vault.pay(&ALICE, &token, &sealed, &own).await })
        };
        let first = pay(&of.sealed);
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        // The device repeats, and hears of a soft decline; the customer types the code again.
        *own.finds.lock().unwrap() =
            Some(|| Found::Answered(AcquirerAnswer::soft_declined(DeclineReason::WrongDetails)));
        let soft = pay(&of.sealed).await.unwrap().unwrap();
        assert!(matches!(soft.receipt.outcome(), ChargeOutcome::SoftDeclined(_)));
        *own.finds.lock().unwrap() = Some(|| Found::Unknown);
        if !approved {
            own.psp.plan(0, Trouble::Late);
        }
        let vault = of.scene.vault.clone();
        let second = sealed_as(&of, 2, "456");
        let (token, psp) = (of.asked.token.clone(), own.psp.clone());
        let later = vault.pay(&ALICE, &token, &second, &psp).await.unwrap();
        assert_eq!(is_authorised(later.receipt.outcome()), approved);
        own.hold(1, false);
        let known = first.await.unwrap();
        *own.finds.lock().unwrap() = None;
        own.psp.land();
        let held = if approved { 1 } else { 2 };
        assert_eq!(own.psp.charges(), held, "{known:?}");
        let told = vault.details(&token).await.unwrap().unwrap();
        assert!(told.held_beside, "it is told");
        // Settling the receipt does not end it, nor does the end of the request, as long as it is not given up.
        own.psp.book().undoes = Some(AcquirerError::Unsupported);
        for time in [SURELY, 2 * HOUR] {
            let receipt = vault.receipt(&token).await.unwrap().unwrap();
            vault.acknowledge(&alice(), &receipt).await.unwrap();
            of.scene.clock.advance(time);
            assert!(vault.reconcile(3 * HOUR, &own).await.unwrap().receipts.is_empty());
            assert_eq!(own.psp.charges(), held);
            let erased = vault.erase(&alice()).await;
            assert!(matches!(erased, Err(Error::Invalid(Invalid::PaymentOpen))), "{erased:?}");
        }
        own.psp.book().undoes = None;
        let swept = vault.reconcile(3 * HOUR, &own).await.unwrap();
        assert!(is_authorised(swept.receipts[0].1.outcome()), "{swept:?}");
        assert_eq!(own.psp.charges(), 1);
        assert!(!vault.details(&token).await.unwrap().unwrap().held_beside);
        // Acts go to the one that stands.
        vault.void(&alice(), &swept.receipts[0].1, 4_200, &request("v-1"), &own).await.unwrap();
        assert_eq!(own.psp.charges(), 0);
    }
}

/// The acquirer is slow to decide, and wants the customer to authenticate then.
#[test]
fn a_challenge_may_follow_a_decision_that_took_its_time() {
    let of = started();
    let psp = Psp::new(&of.scene.clock).moody(Mood::Thinks);
    of.pay(&psp).unwrap().unwrap();
    psp.forget();
    psp.decides(Mood::Challenges);
    let paid = of.pay(&psp).unwrap().unwrap();
    assert_eq!(*paid.receipt.outcome(), ChargeOutcome::Authenticating);
    psp.book().mood = Mood::Challenges;
    psp.book().passed = Some(true);
    let paid = finish(of.scene.vault.resume(&ALICE, &of.asked.token, &of.sealed, None, &psp));
    assert!(is_authorised(paid.unwrap().receipt.outcome()));
    assert_eq!(psp.charges(), 1);
}

/// No index knows what it is asked later, whatever it says.
#[test]
fn attack_an_index_that_says_to_be_ahead_of_time_is_not_believed() {
    let of = started();
    let own = Own::new(Psp::new(&of.scene.clock));
    own.psp.plan(0, Trouble::Late);
    *own.finds.lock().unwrap() = Some(|| Found::NothingUntil(Timestamp::MAX));
    for _ in 0..3 {
        assert_eq!(*of.pay(&own).unwrap().unwrap().receipt.outcome(), ChargeOutcome::Unresolved);
    }
    assert_eq!(own.psp.called("authorise"), 1);
    let of = started();
    let own = Own::new(Psp::new(&of.scene.clock).moody(Mood::Challenges));
    of.pay(&own).unwrap().unwrap();
    own.psp.book().passed = Some(true);
    own.psp.plan(1, Trouble::After);
    *own.finds.lock().unwrap() = Some(|| {
        let flow = countersign::vault::ChallengeFlow::Redirect { url: "https://a.example".into() };
        let challenge = countersign::vault::AuthenticationChallenge::new("3ds-1", flow);
        Found::AnsweredAsOf(AcquirerAnswer::challenge(challenge.unwrap()), Timestamp::MAX)
    });
    for _ in 0..3 {
        let paid = finish(of.scene.vault.resume(&ALICE, &of.asked.token, &of.sealed, None, &own));
        assert_eq!(*paid.unwrap().receipt.outcome(), ChargeOutcome::Unresolved);
    }
    assert_eq!(own.psp.charges(), 1);
}

/// An acquirer that honours keys gives a repeated call its first answer: the challenge.
#[test]
fn the_call_after_an_authentication_has_a_key_of_its_own() {
    let of = started();
    let psp = Psp::new(&of.scene.clock).moody(Mood::Challenges).honouring(KeysHonoured::Always);
    of.pay(&psp).unwrap().unwrap();
    psp.book().passed = Some(true);
    let paid = finish(of.scene.vault.resume(&ALICE, &of.asked.token, &of.sealed, None, &psp));
    assert!(is_authorised(paid.unwrap().receipt.outcome()));
    assert_eq!(psp.book().used_keys(), 2);
}

/// The same while the second card is being given up: then both are.
#[tokio::test]
async fn attack_a_soft_decline_that_is_taken_back_late_holds_no_money() {
    let of = started();
    let own = Own::new(Psp::new(&of.scene.clock).moody(Mood::Approves));
    own.hold(1, true);
    let (vault, token) = (of.scene.vault.clone(), of.asked.token.clone());
    let first = tokio::spawn({
        let (vault, token, sealed, own) =
            (vault.clone(), token.clone(), of.sealed.clone(), own.clone());
        async move { vault.pay(&ALICE, &token, &sealed, &own).await }
    });
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    *own.finds.lock().unwrap() =
        Some(|| Found::Answered(AcquirerAnswer::soft_declined(DeclineReason::WrongDetails)));
    vault.pay(&ALICE, &token, &of.sealed, &own).await.unwrap();
    *own.finds.lock().unwrap() = Some(|| Found::Unknown);
    own.psp.book().mood = Mood::Mumbles { holds: true };
    own.psp.book().undoes = Some(AcquirerError::InDoubt);
    let second = sealed_as(&of, 2, "456");
    let psp = own.psp.clone().finding(Finds::Never);
    let later = vault.pay(&ALICE, &token, &second, &psp).await.unwrap();
    assert_eq!(*later.receipt.outcome(), ChargeOutcome::Unresolved);
    own.hold(1, false);
    first.await.unwrap().unwrap();
    assert_eq!(own.psp.charges(), 2);
    own.psp.book().undoes = None;
    of.scene.clock.advance(SURELY);
    for _ in 0..2 {
        vault.reconcile(HOUR, &own).await.unwrap();
    }
    assert_eq!(own.psp.charges(), 0);
    let receipt = vault.receipt(&token).await.unwrap().unwrap();
    assert_eq!(*receipt.outcome(), ChargeOutcome::Declined(DeclineReason::Other));
    assert!(!vault.details(&token).await.unwrap().unwrap().held_beside);
}
