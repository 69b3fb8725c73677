//! A vault that was restored from a backup: what was charged meanwhile is not charged again.

use std::time::Duration;

use countersign::error::Invalid;
use countersign::payment::{ChargeOutcome, PaymentRequested};
use countersign::store::{FaultStore, Place, Record};
use countersign::vault::Acquirer;
use countersign::{Error, MemoryStore, Vault, Window};

use crate::support::between::put;
use crate::support::crashes::finish;
use crate::support::*;

/// The vault over the rows of its backup; told of the loss, or not.
fn restored(scene: &Scene, backup: &[(Place, Record)], lost: Option<Window>) -> Vault {
    let store = FaultStore::new(MemoryStore::new());
    for (at, record) in backup {
        finish(put(&store, at, record, scene.now()));
    }
    let builder = vault_on(&store, &scene.clock, &scene.seen, 3);
    let builder = match lost {
        Some(lost) => builder.restored_from(lost),
        None => builder,
    };
    builder.build().unwrap()
}

/// A payment that is made after the backup was taken. It is what the restored store does not know.
struct Lost {
    scene: Scene,
    backup: Vec<(Place, Record)>,
    asked: PaymentRequested,
    sealed: countersign::card::SealedCard,
}

impl Lost {
    fn by(acquirer: &impl Acquirer) -> Self {
        let scene = scene();
        let asked = finish(scene.asked("p-1"));
        let sealed = scene.sealed(&asked, &card(), 3);
        let backup = scene.store.records();
        scene.clock.advance(MINUTE);
        let paid = finish(scene.vault.pay(&ALICE, &asked.token, &sealed, acquirer)).unwrap();
        assert!(matches!(paid.receipt.outcome(), ChargeOutcome::Authorised { .. }));
        Self { scene, backup, asked, sealed }
    }

    /// From the backup until just after the payment.
    fn window(&self) -> Window {
        Window::new(START, self.scene.now().after(Duration::from_secs(10))).unwrap()
    }

    fn pay(&self, vault: &Vault, acquirer: &impl Acquirer) -> Result<ChargeOutcome, Error> {
        let paid = finish(vault.pay(&ALICE, &self.asked.token, &self.sealed, acquirer));
        Ok(paid?.receipt.outcome().clone())
    }
}

/// Every acquirer: honours keys or not, finds or not; asked again at once, and when all has surely ended.
fn at_every_acquirer<const KEYS: bool>(finds: bool) {
    for later in [0, SURELY.as_secs()] {
        let acquirer = Recording::<KEYS>::new(finds);
        let lost = Lost::by(&acquirer);
        let window = lost.window();
        lost.scene.clock.advance(Duration::from_secs(20 + later));
        let vault = restored(&lost.scene, &lost.backup, Some(window));
        let outcome = lost.pay(&vault, &acquirer).unwrap();
        assert_eq!(acquirer.charges(), 1, "keys {KEYS}, finds {finds}, later {later}");
        let known = matches!(outcome, ChargeOutcome::Authorised { .. });
        // Where neither helps it is known to nobody, and not charged again.
        assert_eq!(known, KEYS || finds, "keys {KEYS}, finds {finds}, later {later}");
    }
}

#[test]
fn attack_25_after_a_restore_nothing_is_charged_a_second_time() {
    at_every_acquirer::<true>(true);
    at_every_acquirer::<true>(false);
    at_every_acquirer::<false>(true);
    at_every_acquirer::<false>(false);
}

/// What goes unnoticed if nobody tells the vault: the manual lists it.
#[test]
fn without_a_word_a_restored_vault_charges_again_at_an_acquirer_that_only_finds() {
    let acquirer = Recording::<false>::new(true);
    let lost = Lost::by(&acquirer);
    let vault = restored(&lost.scene, &lost.backup, None);
    lost.pay(&vault, &acquirer).unwrap();
    assert_eq!(acquirer.charges(), 2);
}

/// The acquirer had been asked, and had not answered, when the store went: it may still charge.
#[test]
fn after_a_restore_what_may_be_on_its_way_is_waited_for() {
    let acquirer = Recording::<false>::new(true);
    let scene = scene();
    let asked = finish(scene.asked("p-1"));
    let sealed = scene.sealed(&asked, &card(), 3);
    let backup = scene.store.records();
    scene.clock.advance(MINUTE);
    acquirer.plan(0, Trouble::Late);
    let unresolved = finish(scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer)).unwrap();
    assert_eq!(*unresolved.receipt.outcome(), ChargeOutcome::Unresolved);
    let until = scene.now().after(Duration::from_secs(1));
    let window = Window::new(START, until).unwrap();
    let vault = restored(&scene, &backup, Some(window));
    let pay = || finish(vault.pay(&ALICE, &asked.token, &sealed, &acquirer)).unwrap();
    assert_eq!(*pay().receipt.outcome(), ChargeOutcome::Unresolved);
    assert_eq!(acquirer.charges(), 0);
    // It lands now, at the last moment.
    scene.clock.set(until.after(SURELY).before(Duration::from_secs(1)));
    acquirer.land();
    assert!(matches!(pay().receipt.outcome(), ChargeOutcome::Authorised { .. }));
    assert_eq!(acquirer.charges(), 1);
}

/// What was never charged is, once that is sure.
#[test]
fn after_a_restore_what_was_not_charged_can_be_paid() {
    for (later, authorised) in [(0, false), (SURELY.as_secs(), true)] {
        let acquirer = Recording::<false>::new(true);
        let scene = scene();
        let asked = finish(scene.asked("p-1"));
        let sealed = scene.sealed(&asked, &card(), 3);
        let until = START.after(Duration::from_secs(1));
        let vault =
            restored(&scene, &scene.store.records(), Some(Window::new(START, until).unwrap()));
        scene.clock.advance(Duration::from_secs(1 + later));
        let paid = finish(vault.pay(&ALICE, &asked.token, &sealed, &acquirer)).unwrap();
        let known = matches!(paid.receipt.outcome(), ChargeOutcome::Authorised { .. });
        assert_eq!((known, acquirer.charges()), (authorised, usize::from(authorised)), "{later}");
    }
}

/// A request that was made after the restored store was opened is as any other.
#[test]
fn what_is_asked_for_after_a_restore_is_not_sought_first() {
    let acquirer = Recording::<false>::new(false);
    let scene = scene();
    let until = START.after(MINUTE);
    let vault = restored(&scene, &scene.store.records(), Some(Window::new(START, until).unwrap()));
    scene.clock.advance(MINUTE + 2 * MINUTE);
    let key = finish(vault.public_key()).unwrap();
    let asking = countersign::payment::PaymentRequest::new(
        request("p-2"),
        merchant(),
        purchase(),
        "Bob".parse().unwrap(),
        key,
    );
    let asked = finish(scene.verifier.payments().request(&bob_rings(), &asking)).unwrap();
    let sealed = scene.sealed(&asked, &card(), 4);
    let paid = finish(vault.pay(&ALICE, &asked.token, &sealed, &acquirer)).unwrap();
    assert!(matches!(paid.receipt.outcome(), ChargeOutcome::Authorised { .. }));
    assert_eq!((acquirer.charges(), acquirer.book().sought), (1, 0));
}

/// A refund that was made after the backup, asked for again under its key or another: no acquirer is asked.
#[test]
fn attack_25_after_a_restore_nothing_is_given_back_a_second_time() {
    fn at<const KEYS: bool>() -> (Result<(), Error>, usize) {
        let acquirer = Recording::<KEYS>::new(true);
        let lost = Lost::by(&acquirer);
        let receipt = finish(lost.scene.vault.receipt(&lost.asked.token)).unwrap().unwrap();
        let backup = lost.scene.store.records();
        let refund = |vault: &Vault, key: &str, acquirer: &Recording<KEYS>| {
            finish(vault.refund(&alice(), &receipt, 4_200, &request(key), acquirer)).map(drop)
        };
        refund(&lost.scene.vault, "r-1", &acquirer).unwrap();
        lost.scene.clock.advance(MINUTE);
        let vault = restored(&lost.scene, &backup, Some(lost.window()));
        let again = refund(&vault, "r-1", &acquirer);
        let another = refund(&vault, "r-2", &acquirer);
        assert!(matches!(another, Err(Error::Invalid(Invalid::NotReconciled))), "{another:?}");
        let given_back = acquirer.book().follow_ups.len();
        // One that is on record is told as ever.
        let vault = restored(&lost.scene, &lost.scene.store.records(), Some(lost.window()));
        assert!(refund(&vault, "r-1", &acquirer).is_ok());
        (again, given_back)
    }
    for (again, given_back) in [at::<true>(), at::<false>()] {
        assert!(matches!(again, Err(Error::Invalid(Invalid::NotReconciled))), "{again:?}");
        assert_eq!(given_back, 1);
    }
}

/// The payment stands in the backup, in doubt. Its second attempt was begun in the gap, and is on its way.
#[test]
fn attack_25_after_a_restore_a_second_attempt_of_which_nothing_is_noted_is_waited_for() {
    let acquirer = Recording::<false>::new(true);
    let scene = scene();
    let asked = finish(scene.asked("p-1"));
    let sealed = scene.sealed(&asked, &card(), 3);
    acquirer.plan(0, Trouble::Before);
    finish(scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer)).unwrap();
    let (backup, from) = (scene.store.records(), scene.now());
    scene.clock.advance(SURELY + Duration::from_secs(10));
    acquirer.plan(1, Trouble::Late);
    finish(scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer)).unwrap();
    let until = scene.now().after(Duration::from_secs(1));
    let window = Window::new(from, until).unwrap();
    scene.clock.set(until);
    let vault = restored(&scene, &backup, Some(window));
    let pay = || finish(vault.pay(&ALICE, &asked.token, &sealed, &acquirer)).unwrap();
    assert_eq!(*pay().receipt.outcome(), ChargeOutcome::Unresolved);
    // Nor does a sweep say that nothing was charged.
    let swept = finish(vault.reconcile(HOUR, &acquirer)).unwrap();
    let said: Vec<_> =
        swept.receipts.iter().map(|(_, receipt)| receipt.outcome().clone()).collect();
    assert_eq!(said, [ChargeOutcome::Unresolved]);
    scene.clock.set(until.after(SURELY).before(Duration::from_secs(1)));
    acquirer.land();
    assert!(matches!(pay().receipt.outcome(), ChargeOutcome::Authorised { .. }));
    assert_eq!(acquirer.charges(), 1);
}

/// "No card was taken" is what nobody knows then.
#[test]
fn after_a_restore_the_vault_does_not_say_that_it_took_no_card() {
    let acquirer = Recording::<true>::new(true);
    let lost = Lost::by(&acquirer);
    let vault = restored(&lost.scene, &lost.backup, Some(lost.window()));
    let receipt = finish(vault.receipt(&lost.asked.token));
    assert!(matches!(receipt, Err(Error::Invalid(Invalid::NotReconciled))), "{receipt:?}");
    let unaware = restored(&lost.scene, &lost.backup, None);
    assert!(finish(unaware.receipt(&lost.asked.token)).unwrap().is_none());
}
