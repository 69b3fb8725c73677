//! What goes wrong once while a payment is made, and what is left of it: shared by the tests of crashes.

use countersign::Error;
use countersign::card::SealedCard;
use countersign::payment::{ChargeOutcome, PaymentOutcome, PaymentRequested, Receipt};
use countersign::store::Fault;
use countersign::vault::{Acquirer, Paid};

use super::depth::strided;
pub(crate) use super::dying::{DIES, until_death};
use super::*;

/// How many store calls, and calls of the acquirer, a payment takes at most, repeated or not.
const STORE_CALLS: usize = 9;
const ACQUIRER_CALLS: usize = 3;

pub(crate) fn finish<T>(future: impl Future<Output = T>) -> T {
    until_death(future).expect("it ends")
}

/// A payment that was asked for, and the card for it.
pub(crate) struct Started {
    pub(crate) scene: Scene,
    pub(crate) asked: PaymentRequested,
    pub(crate) sealed: SealedCard,
}

pub(crate) fn started() -> Started {
    let scene = scene();
    let asked = finish(scene.asked("p-1"));
    let sealed = scene.sealed(&asked, &card(), 3);
    Started { scene, asked, sealed }
}

impl Started {
    pub(crate) fn pay(&self, acquirer: &impl Acquirer) -> Option<Result<Paid, Error>> {
        until_death(self.scene.vault.pay(&ALICE, &self.asked.token, &self.sealed, acquirer))
    }

    pub(crate) fn receipt(&self) -> Option<Receipt> {
        finish(self.scene.vault.receipt(&self.asked.token)).unwrap()
    }

    /// What the enterprise knows once the receipts of a sweep have reached it, and no others.
    pub(crate) fn settled(&self, acquirer: &impl Acquirer) -> PaymentOutcome {
        self.settled_since(2 * HOUR, acquirer)
    }

    /// The same of a sweep that looks back so far.
    pub(crate) fn settled_since(&self, back: Duration, acquirer: &impl Acquirer) -> PaymentOutcome {
        let payments = self.scene.verifier.payments();
        let swept = finish(self.scene.vault.reconcile(back, acquirer)).unwrap();
        assert!(swept.failed.is_none(), "{swept:?}");
        for (customer, receipt) in swept.receipts {
            assert_eq!(customer, alice());
            finish(payments.apply_receipt(&customer, &receipt)).unwrap();
        }
        finish(payments.outcome(&bob_rings(), &self.asked.payment.id)).unwrap()
    }
}

/// Whether the enterprise's knowledge is the vault's.
pub(crate) fn agree(known: &PaymentOutcome, receipt: Option<&Receipt>) -> bool {
    match (known, receipt.map(Receipt::outcome)) {
        (PaymentOutcome::Waiting | PaymentOutcome::Expired, None) => true,
        (
            PaymentOutcome::Authorised { transaction_id: known, .. },
            Some(ChargeOutcome::Authorised { transaction_id, .. }),
        ) => known == transaction_id,
        (PaymentOutcome::Declined(known), Some(ChargeOutcome::Declined(reason))) => known == reason,
        (PaymentOutcome::Unresolved, Some(ChargeOutcome::Unresolved)) => true,
        _ => false,
    }
}

/// What goes wrong, once.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wrong {
    Store(usize, Fault),
    Acquirer(usize, Trouble),
}

impl Wrong {
    /// These faults at each store call.
    pub(crate) fn stores(faults: impl IntoIterator<Item = Fault>) -> impl Iterator<Item = Self> {
        let at_each = |fault| (0..STORE_CALLS).map(move |at| Self::Store(at, fault));
        faults.into_iter().flat_map(at_each)
    }

    /// Each trouble at each call of the acquirer.
    pub(crate) fn acquirers() -> Vec<Self> {
        let troubles = [Trouble::Before, Trouble::After, Trouble::DiesBefore, Trouble::DiesAfter];
        let at_each = |trouble| (0..ACQUIRER_CALLS).map(move |at| Self::Acquirer(at, trouble));
        troubles.into_iter().flat_map(at_each).collect()
    }

    /// All of them; in a quick run every seventh of the store's, in which each fault and each call comes up.
    pub(crate) fn all() -> Vec<Self> {
        let stores = Self::stores(Fault::ALL.into_iter().chain([DIES]));
        strided(stores, 7).chain(Self::acquirers()).collect()
    }

    pub(crate) fn plan<const KEYS: bool>(self, started: &Started, acquirer: &Recording<KEYS>) {
        match self {
            Self::Store(at, fault) => started.scene.store.plan(at, fault),
            Self::Acquirer(at, trouble) => acquirer.plan(at, trouble),
        }
    }
}
