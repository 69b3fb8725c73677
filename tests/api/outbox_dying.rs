//! A worker, or the operator's process, dies at each store call of what follows a failed delivery: while it parks, resumes,
//! drops, and delivers what was taken out of the lane. Whoever comes next loses nothing and overtakes nothing.

use std::cell::RefCell;

use countersign::error::Invalid;
use countersign::history::Subject;
use countersign::outbox::{GivenBack, NoticeId};
use countersign::store::Fault;
use countersign::{CustomerId, Error};

use crate::support::dying::{DIES, until_death};
use crate::support::outbox::*;
use crate::support::outbox_bank::{bank, book_later, in_lane_of, lane_of};
use crate::support::*;

/// What the platform was given, in this order.
type Platform = RefCell<Vec<(NoticeId, Subject)>>;

/// The process dies before the store does it, or after it was done; or the store fails, and the worker gives up.
const ENDS: [Fault; 3] = [DIES, Fault::LoseAnswer, Fault::FailBefore];

fn finish<T>(future: impl Future<Output = T>) -> T {
    until_death(future).expect("it ends")
}

/// One life of the worker.
async fn work(bank: &Bank, platform: &Platform) -> Result<(), Error> {
    let outbox = bank.verifier.outbox();
    while let Some(batch) = outbox.lease(MOST, LEASE).await? {
        for notice in &batch.notices {
            platform.borrow_mut().push((notice.id, notice.subject));
            outbox.acknowledge(&batch, [notice.id]).await?;
        }
        outbox.release(batch).await?;
    }
    Ok(())
}

/// What the platform was given for the first time, by the ids of the notices.
fn once(platform: &Platform) -> Vec<Subject> {
    let mut ids = Vec::new();
    let mut subjects = Vec::new();
    for (id, subject) in &*platform.borrow() {
        if !ids.contains(id) {
            ids.push(*id);
            subjects.push(*subject);
        }
    }
    subjects
}

/// Gives the first one back; `None` if nothing is to be delivered.
async fn give_back(bank: &Bank) -> Result<Option<GivenBack>, Error> {
    let outbox = bank.verifier.outbox();
    let Some(batch) = outbox.lease(MOST, LEASE).await? else { return Ok(None) };
    let first = batch.notices.first().map(|notice| notice.id).ok_or(Invalid::UnknownNotice)?;
    let given = outbox.give_back(&batch, first, "no").await?;
    outbox.release(batch).await?;
    Ok(Some(given))
}

/// Alice's first one was given back so often that it is parked with the next time, and some follow it.
fn about_to_be_parked() -> (Bank, Vec<Subject>) {
    let bank = bank();
    let mut all = vec![finish(book_later(&bank, &alice(), "first"))];
    for _ in 0..2 {
        assert!(matches!(finish(give_back(&bank)), Ok(Some(GivenBack::Until(_)))));
        bank.clock.advance(HOUR);
    }
    for n in 0..3 {
        all.push(finish(book_later(&bank, &alice(), &format!("more-{n}"))));
    }
    (bank, all)
}

/// It is parked, and the others are taken out of the lane.
fn parked() -> (Bank, Vec<Subject>) {
    let (bank, all) = about_to_be_parked();
    assert!(matches!(finish(give_back(&bank)), Ok(Some(GivenBack::Parked))));
    assert_eq!(finish(drained(bank.verifier.outbox())), []);
    (bank, all)
}

/// At which store calls something may go wrong: where the customer's lane is asked about, or after all 256 were.
fn points(asked: bool, total: usize) -> Vec<usize> {
    let lane = usize::from(finish(lane_of(&alice())));
    let of_lane = if asked { lane..lane + 5 } else { 0..0 };
    of_lane.chain(if asked { 256 } else { 0 }..total).collect()
}

/// How many store calls a life takes of which nothing goes wrong.
fn calls<T>(bank: &Bank, life: impl Future<Output = Result<T, Error>>) -> usize {
    let before = bank.store.calls();
    assert!(finish(life).is_ok());
    bank.store.calls() - before
}

/// Plays a life that ends at each of its calls, and what comes after.
fn at_each_call<F: Future<Output = Result<(), Error>>>(
    asked: bool,
    made: impl Fn() -> (Bank, Vec<Subject>),
    life: impl Fn(Bank, &'static Platform) -> (F, Bank),
    after: impl Fn(&Bank, &Platform, Vec<Subject>, &str),
) {
    let leaked = || -> &'static Platform { Box::leak(Box::default()) };
    let total = {
        let (bank, _) = made();
        let (life, bank) = life(bank, leaked());
        calls(&bank, life)
    };
    for end in ENDS {
        for call in points(asked, total) {
            let (bank, all) = made();
            let platform = leaked();
            bank.store.plan(call, end);
            let (life, bank) = life(bank, platform);
            let ended = until_death(life);
            assert!(end != DIES || ended.is_none(), "{call}");
            bank.store.heal();
            bank.clock.advance(2 * LEASE);
            after(&bank, platform, all, &format!("{end:?} at {call}"));
            let outbox = bank.verifier.outbox();
            assert_eq!(finish(outbox.backlog()).unwrap().entries, 0, "{end:?} at {call}");
            assert_eq!(finish(outbox.parked()).unwrap(), [], "{end:?} at {call}");
        }
    }
}

/// Two handles of one bank: the process that dies, and what is left.
fn twice(bank: Bank) -> (Bank, Bank) {
    let Bank { verifier, clock, store, seen } = bank;
    let other = Bank {
        verifier: verifier.clone(),
        clock: clock.clone(),
        store: store.clone(),
        seen: seen.clone(),
    };
    (Bank { verifier, clock, store, seen }, other)
}

fn resume(bank: &Bank, customer: &CustomerId) {
    match finish(bank.verifier.outbox().resume(customer)) {
        // It may have been delivered before the process died.
        Ok(()) | Err(Error::Refused(_)) => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_parked_is_delivered_though_the_process_dies_while_it_resumes_or_delivers() {
    let life = |bank: Bank, platform: &'static Platform| {
        let (dies, left) = twice(bank);
        let life = async move {
            dies.verifier.outbox().resume(&alice()).await?;
            work(&dies, platform).await
        };
        (life, left)
    };
    at_each_call(true, parked, life, |bank, platform, mut all, at| {
        all.push(finish(book_later(bank, &alice(), "last")));
        resume(bank, &alice());
        finish(work(bank, platform)).unwrap();
        assert_eq!(once(platform), all, "{at}");
    });
}

#[test]
fn what_follows_a_parked_one_is_kept_though_the_process_dies_while_it_parks() {
    let life = |bank: Bank, platform: &'static Platform| {
        let (dies, left) = twice(bank);
        let life = async move {
            give_back(&dies).await?;
            // What stands behind it is taken out of the lane.
            work(&dies, platform).await
        };
        (life, left)
    };
    let neighbour = finish(in_lane_of(&alice()));
    at_each_call(false, about_to_be_parked, life, |bank, platform, mut all, at| {
        assert_eq!(*platform.borrow(), [], "{at}: nothing overtakes the first");
        while let Some(given) = finish(give_back(bank)).unwrap() {
            assert_eq!(given, GivenBack::Parked, "{at}");
        }
        let beside = finish(book_later(bank, &neighbour, "beside"));
        finish(work(bank, platform)).unwrap();
        assert_eq!(once(platform), [beside], "{at}: the lane goes on");
        platform.borrow_mut().clear();
        all.push(finish(book_later(bank, &alice(), "last")));
        resume(bank, &alice());
        finish(work(bank, platform)).unwrap();
        assert_eq!(once(platform), all, "{at}");
    });
}

#[test]
fn what_is_dropped_stays_so_though_the_process_dies_while_it_drops() {
    let life = |bank: Bank, platform: &'static Platform| {
        let (dies, left) = twice(bank);
        let life = async move {
            dies.verifier.outbox().discard(&alice()).await?;
            work(&dies, platform).await
        };
        (life, left)
    };
    at_each_call(true, parked, life, |bank, platform, _, at| {
        match finish(bank.verifier.outbox().discard(&alice())) {
            Ok(()) | Err(Error::Refused(_)) => {}
            other => panic!("{at}: {other:?}"),
        }
        bank.clock.advance(HOUR);
        let new = finish(book_later(bank, &alice(), "new"));
        finish(work(bank, platform)).unwrap();
        assert_eq!(once(platform), [new], "{at}");
    });
}
