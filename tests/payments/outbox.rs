//! The vault's outbox: every receipt to settle arrives, whenever the worker that brings it dies.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use countersign::history::{Action, Subject};
use countersign::outbox::{GivenBack, Notice, Outbox};
use countersign::payment::{ChargeOutcome, DeclineReason, PaymentOutcome};
use countersign::{Error, PaymentId, Policy, Vault};

use crate::support::outbox::*;
use crate::support::*;

fn with_outbox(policy: Policy) -> Scene {
    let mut scene = scene_with(policy.clone());
    let vault = vault_on(&scene.store, &scene.clock, &scene.seen, 2).policy(policy);
    scene.vault = vault.outbox().build().unwrap();
    scene
}

/// The requests that the enterprise has signed, by payment.
type Signed = BTreeMap<PaymentId, String>;

/// A payment that is authorised, one that is declined, and one in doubt, an hour after each other.
async fn three_payments(scene: &Scene) -> Signed {
    let mut signed = Signed::new();
    let (pays, declines, doubts) = (acquirer(), acquirer(), Recording::<false>::new(false));
    declines.book().declines = Some(DeclineReason::InsufficientFunds);
    doubts.plan(0, Trouble::After);
    for n in 0..3 {
        let asked = scene.asked(&format!("p-{n}")).await;
        let sealed = scene.sealed(&asked, &card(), n);
        match n {
            0 => drop(scene.vault.pay(&ALICE, &asked.token, &sealed, &pays).await.unwrap()),
            1 => drop(scene.vault.pay(&ALICE, &asked.token, &sealed, &declines).await.unwrap()),
            _ => drop(scene.vault.pay(&ALICE, &asked.token, &sealed, &doubts).await.unwrap()),
        }
        signed.insert(asked.payment.id, asked.token);
        scene.clock.advance(HOUR);
    }
    signed
}

/// Lets so many steps pass, and then no more.
struct Power(usize);

impl Power {
    fn step(&mut self) -> Result<(), Dead> {
        self.0 = self.0.checked_sub(1).ok_or(Dead)?;
        Ok(())
    }
}

#[derive(Debug)]
struct Dead;

/// Brings what a notice tells of to the enterprise, and says so to the vault.
async fn brought(
    scene: &Scene,
    signed: &Signed,
    notice: &Notice,
    power: &mut Power,
) -> Result<(), Dead> {
    let settles = [Action::Authorise, Action::DeclinePayment, Action::LeaveUnresolved];
    let Subject::Charge(id) = notice.subject else { return Ok(()) };
    if !settles.contains(&notice.action) {
        return Ok(());
    }
    let receipt = scene.vault.receipt(&signed[&id]).await.unwrap().expect("it was written");
    power.step()?;
    scene.verifier.payments().apply_receipt(&notice.customer, &receipt).await.unwrap();
    power.step()?;
    scene.vault.acknowledge(&notice.customer, &receipt).await.unwrap();
    power.step()
}

/// One life of a worker.
async fn lives(scene: &Scene, signed: &Signed, power: &mut Power) -> Result<(), Dead> {
    let outbox = scene.vault.outbox();
    while let Some(batch) = outbox.lease(MOST, LEASE).await.unwrap() {
        power.step()?;
        for notice in &batch.notices {
            brought(scene, signed, notice, power).await?;
            assert!(outbox.acknowledge(&batch, [notice.id]).await.unwrap());
            power.step()?;
        }
        outbox.release(batch).await.unwrap();
        power.step()?;
    }
    Ok(())
}

#[tokio::test]
async fn a_worker_that_dies_anywhere_brings_every_receipt() {
    for cut in 0.. {
        let scene = with_outbox(Policy::default());
        let signed = three_payments(&scene).await;
        let mut steps = cut;
        while lives(&scene, &signed, &mut Power(steps)).await.is_err() {
            steps += 3;
            scene.clock.advance(LEASE);
        }
        let payments = scene.verifier.payments();
        let mut outcomes = Vec::new();
        for id in signed.keys() {
            outcomes.push(match payments.outcome(&bob_rings(), id).await.unwrap() {
                PaymentOutcome::Authorised { .. } => "authorised",
                PaymentOutcome::Declined(_) => "declined",
                PaymentOutcome::Unresolved => "unresolved",
                other => panic!("{other:?}"),
            });
        }
        outcomes.sort_unstable();
        assert_eq!(outcomes, ["authorised", "declined", "unresolved"], "killed after {cut} steps");
        assert_eq!(scene.vault.outbox().backlog().await.unwrap().entries, 0);
        // The enterprise knows of the first two: a sweep of everything gives none but the one in doubt.
        let swept = scene.vault.reconcile(4 * HOUR, &Recording::<false>::new(false)).await.unwrap();
        let mut outcomes = swept.receipts.iter().map(|(_, receipt)| receipt.outcome());
        assert!(outcomes.all(|one| *one == ChargeOutcome::Unresolved), "{cut}: {swept:?}");
        assert!(swept.failed.is_none(), "{cut}: {swept:?}");
        if steps == cut {
            assert!(cut > 15, "the worker was killed at every step");
            return;
        }
    }
}

#[tokio::test]
async fn a_payment_s_news_come_in_order_and_are_numbered() {
    let scene = with_outbox(Policy::default());
    three_payments(&scene).await;
    let mut found: BTreeMap<String, Vec<(Option<u64>, u64, Action)>> = BTreeMap::new();
    for one in drained(scene.vault.outbox()).await {
        assert_eq!(one.customer, alice());
        // A card that was authorised is kept too.
        let charge = matches!(one.subject, Subject::Charge(_));
        assert!(charge || matches!(one.subject, Subject::StoredCard(_)), "{one:?}");
        assert_eq!(one.action == Action::KeepCard, !charge, "{one:?}");
        let of = serde_json::to_string(&one.subject).unwrap();
        found.entry(of).or_default().push((one.number, one.missing_before, one.action));
    }
    assert_eq!(found.len(), 4);
    for news in found.values() {
        let numbers: Vec<_> =
            news.iter().map(|(number, missing, _)| (number.unwrap(), *missing)).collect();
        let wanted: Vec<_> = (1..).zip(std::iter::repeat_n(0, numbers.len())).collect();
        assert_eq!(numbers, wanted, "{news:?}");
    }
    assert_eq!(
        scene.verifier.outbox().backlog().await.unwrap().entries,
        0,
        "the bank's is its own"
    );
}

/// In how many lanes the first one could not be delivered.
async fn all_given_back(outbox: Outbox<'_>) -> u16 {
    let mut lanes = 0;
    while let Some(batch) = outbox.lease(NonZeroU16::MIN, LEASE).await.unwrap() {
        let back = outbox.give_back(&batch, batch.notices[0].id, "no").await.unwrap();
        assert_eq!(back, GivenBack::Parked);
        lanes += 1;
        outbox.release(batch).await.unwrap();
    }
    lanes
}

/// The charges of one customer stand in several lanes, by the hour: what is parked is parked in each.
#[tokio::test]
async fn what_is_parked_in_several_lanes_is_resumed_and_dropped_in_all() {
    for drop in [false, true] {
        let mut policy = Policy::default();
        policy.outbox.attempts = 1;
        let scene = with_outbox(policy);
        let vault: &Vault = &scene.vault;
        three_payments(&scene).await;
        let waiting = vault.outbox().backlog().await.unwrap();
        assert!(waiting.lanes > 1, "{waiting:?}");
        let lanes = all_given_back(vault.outbox()).await;
        assert_eq!(lanes, waiting.lanes);
        let parked = vault.outbox().parked().await.unwrap();
        assert_eq!(parked.len(), usize::from(lanes));
        assert!(parked.iter().all(|one| one.customer == alice()), "{parked:?}");
        assert!(matches!(vault.outbox().resume(&mallory()).await, Err(Error::Refused(_))));
        if drop {
            // What happened in the same second is not taken for what came before.
            scene.clock.advance(MINUTE);
            vault.outbox().discard(&alice()).await.unwrap();
            assert_eq!(drained(vault.outbox()).await, []);
        } else {
            vault.outbox().resume(&alice()).await.unwrap();
            let news = drained(vault.outbox()).await;
            assert_eq!(news.len() as u64, waiting.entries);
            let settled = [Action::Authorise, Action::DeclinePayment, Action::LeaveUnresolved];
            for action in settled {
                assert_eq!(news.iter().filter(|one| one.action == action).count(), 1, "{action:?}");
            }
        }
        assert_eq!(vault.outbox().parked().await.unwrap(), []);
        assert_eq!(vault.outbox().backlog().await.unwrap().entries, 0);
    }
}
