//! What comes of an act is told in one shape: how much was done, what the acquirer calls it, the receipt since. And a desk
//! that has a payment's name alone finds what the vault has noted of it.

use std::time::Duration;

use countersign::error::Invalid;
use countersign::page::Page;
use countersign::payment::Reference;
use countersign::vault::{
    Acquirer, AcquirerAnswer, AcquirerError, ActAnswer, Acted, Adjustment, Authorisation, FollowUp,
    Found, FoundAct, Sought,
};
use countersign::{CustomerId, Error, PaymentId, Timestamp, Window};

use crate::habits::vault_from;
use crate::support::crashes::{Started, finish, started};
use crate::support::psp::Psp;
use crate::support::*;

/// An acquirer that does three quarters of what it is asked for; of a refund it says so only when it is asked again.
struct Sparing(Psp);

fn part(of: &FollowUp<'_>, name: &str) -> ActAnswer {
    ActAnswer::done(name).for_amount(of.amount() / 4 * 3)
}

impl Acquirer for Sparing {
    async fn authorise(&self, of: &Authorisation<'_>) -> Result<AcquirerAnswer, AcquirerError> {
        self.0.authorise(of).await
    }

    async fn find(&self, payment: &Sought<'_>) -> Result<Found, AcquirerError> {
        self.0.find(payment).await
    }

    async fn capture(&self, of: &FollowUp<'_>) -> Result<ActAnswer, AcquirerError> {
        Ok(part(of, "cap"))
    }

    async fn refund(&self, _: &FollowUp<'_>) -> Result<ActAnswer, AcquirerError> {
        Err(AcquirerError::InDoubt)
    }

    async fn find_act(&self, of: &FollowUp<'_>) -> Result<FoundAct, AcquirerError> {
        Ok(FoundAct::Done(part(of, "ref")))
    }
}

fn said(done: &Acted) -> (u64, Option<&str>) {
    (done.amount, done.reference.as_ref().map(Reference::as_str))
}

#[test]
fn how_much_was_done_is_told_however_it_came_to_be_known() {
    let of = started();
    let psp = Sparing(Psp::new(&of.scene.clock));
    let receipt = of.pay(&psp).unwrap().unwrap().receipt;
    let vault = &of.scene.vault;
    let capture =
        |id: &str| finish(vault.capture(&alice(), &receipt, 4_000, &request(id), &psp)).unwrap();
    let first = capture("c-1");
    assert_eq!(said(&first), (3_000, Some("cap")));
    assert_eq!(first.receipt.totals().captured, 3_000);
    // Again, from what is noted.
    assert_eq!(capture("c-1"), first);
    // The answer was lost: found out by repeating it.
    let refund = || finish(vault.refund(&alice(), &receipt, 400, &request("r-1"), &psp));
    assert!(matches!(refund(), Err(Error::Acquirer(AcquirerError::InDoubt))));
    let found = refund().unwrap();
    assert_eq!(said(&found), (300, Some("ref")));
    assert_eq!((found.receipt.totals().refunded, found.receipt.totals().in_doubt), (300, 0));
    // What was told is in the same shape.
    let back = Adjustment::chargeback(700, request("evt-1")).reference("dispute-1");
    let told = finish(vault.adjust(&alice(), &receipt, &back)).unwrap();
    assert_eq!(said(&told), (700, Some("dispute-1")));
    assert_eq!(told.receipt, of.receipt().unwrap());
    assert_eq!(finish(vault.adjust(&alice(), &receipt, &back)).unwrap(), told);
    let unnamed = Adjustment::refund(1, request("evt-2"));
    let told = finish(vault.adjust(&alice(), &receipt, &unnamed)).unwrap();
    assert_eq!((told.amount, told.receipt.totals().refunded), (1, 301));
}

/// What the enterprise's list says of the payment.
fn listed(of: &Started) -> (PaymentId, Timestamp) {
    let page = finish(of.scene.verifier.payments().list(&alice(), Page::first())).unwrap();
    let [payment] = page.items.as_slice() else { panic!("{page:?}") };
    (payment.id, payment.requested_at)
}

#[test]
fn a_payment_is_looked_up_by_customer_id_and_time() {
    let of = started();
    let psp = Psp::new(&of.scene.clock);
    let (id, at) = listed(&of);
    let vault = &of.scene.vault;
    assert_eq!(finish(vault.look_up(&alice(), id, at)).unwrap(), None);
    let paid = of.pay(&psp).unwrap().unwrap().receipt;
    finish(vault.capture(&alice(), &paid, 4_000, &request("c-1"), &psp)).unwrap();
    // Days later the desk has nothing but what its list says.
    of.scene.clock.advance(Duration::from_secs(5 * 24 * 3600));
    let found = finish(vault.look_up(&alice(), id, at)).unwrap().unwrap();
    assert_eq!(found.receipt, of.receipt().unwrap());
    assert_eq!(Some(&found.details), finish(vault.details(&of.asked.token)).unwrap().as_ref());
    assert_eq!(found.details.acts.len(), 1);
    let refund = finish(vault.refund(&alice(), &found.receipt, 4_000, &request("r-1"), &psp));
    assert_eq!(refund.unwrap().receipt.totals().refunded, 4_000);
}

/// Nobody finds another customer's payment, or one that was asked for at another time.
#[test]
fn a_payment_is_not_looked_up_under_another_name() {
    let of = started();
    let psp = Psp::new(&of.scene.clock);
    of.pay(&psp).unwrap().unwrap();
    let (id, at) = listed(&of);
    let vault = &of.scene.vault;
    refused(finish(vault.look_up(&alice(), id, at.after(Duration::from_secs(1)))));
    let later = at.after(Duration::from_secs(3_600));
    assert_eq!(finish(vault.look_up(&alice(), id, later)).unwrap(), None);
    let other = finish(of.scene.asked("p-2")).payment.id;
    assert_eq!(finish(vault.look_up(&alice(), other, at)).unwrap(), None);
    // The records of all stand together: the place is the same for whoever asks.
    for customer in (0..64).map(|n| CustomerId::new(format!("mallory-{n}")).unwrap()) {
        match finish(vault.look_up(&customer, id, at)) {
            Ok(None) | Err(Error::Refused(_)) => {}
            other => panic!("{customer:?}: {other:?}"),
        }
    }
}

/// After a restore "no card was taken" would be a guess.
#[test]
fn what_may_be_lost_is_not_said_to_be_nothing() {
    let of = started();
    let (backup, from) = (of.scene.store.records(), of.scene.now());
    let (id, at) = listed(&of);
    of.scene.clock.advance(MINUTE);
    of.pay(&Psp::new(&of.scene.clock)).unwrap().unwrap();
    of.scene.clock.advance(MINUTE);
    let vault = vault_from(&of.scene, &backup, Window::new(from, of.scene.now()).unwrap());
    let lost = finish(vault.look_up(&alice(), id, at));
    assert!(matches!(lost, Err(Error::Invalid(Invalid::NotReconciled))), "{lost:?}");
    // Of what was asked for since, it is none.
    let since = of.scene.now().after(Duration::from_secs(600));
    assert_eq!(finish(vault.look_up(&alice(), id, since)).unwrap(), None);
}
