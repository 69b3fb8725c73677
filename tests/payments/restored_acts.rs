//! An act that was in doubt when the backup was made, and was asked for once more in the time that is lost.

use countersign::store::FaultStore;
use countersign::vault::{AcquirerError, Act, Resolution};
use countersign::{Error, MemoryStore, Vault, Window};

use crate::support::between::put;
use crate::support::crashes::{finish, started};
use crate::support::psp::{Psp, Trouble};
use crate::support::*;

/// Finding 8: it may be on its way. Neither a sweep, nor a repeated call, nor a person's word takes it for not done before
/// that has surely ended.
#[test]
fn attack_25_after_a_restore_an_act_that_was_asked_for_again_is_waited_for() {
    #[derive(Debug, Clone, Copy, PartialEq)]
    enum By {
        Sweep,
        Repeat,
        Word,
    }

    for by in [By::Sweep, By::Repeat, By::Word] {
        for lands in [true, false] {
            let of = started();
            let psp = Psp::new(&of.scene.clock);
            let receipt = of.pay(&psp).unwrap().unwrap().receipt;
            let refund = |vault: &Vault| {
                finish(vault.refund(&alice(), &receipt, 4_200, &request("r-1"), &psp))
            };
            let doubtful = |result| {
                let doubt = matches!(result, Err(Error::Acquirer(AcquirerError::InDoubt)));
                assert!(doubt, "{by:?}: {result:?}");
            };
            psp.plan(0, Trouble::Before);
            doubtful(refund(&of.scene.vault));
            let backup = of.scene.store.records();
            let from = of.scene.now();
            // That one is surely over: the vault asks for it anew, and that call is slow.
            of.scene.clock.advance(SURELY + MINUTE);
            psp.plan(1, Trouble::Before);
            doubtful(refund(&of.scene.vault));
            assert_eq!(psp.called("refund"), 2);
            let until = of.scene.now().after(std::time::Duration::from_secs(1));
            of.scene.clock.set(until);
            let store = FaultStore::new(MemoryStore::new());
            for (at, record) in &backup {
                finish(put(&store, at, record, of.scene.now()));
            }
            let builder = vault_on(&store, &of.scene.clock, &of.scene.seen, 7);
            let lost = Window::new(from, until).unwrap();
            let vault = builder.restored_from(lost).build().unwrap();
            let look = || match by {
                By::Sweep => drop(finish(vault.reconcile(HOUR, &psp)).unwrap()),
                By::Repeat => doubtful(refund(&vault)),
                By::Word => {
                    let (id, not) = (request("r-1"), Resolution::NotDone);
                    let said = vault.resolve(&ALICE, &receipt, Act::Refund, &id, &not);
                    assert!(matches!(finish(said), Err(Error::Busy)));
                }
            };
            look();
            of.scene.clock.advance(MINUTE);
            look();
            assert_eq!(psp.called("refund"), 2, "{by:?}");
            let receipt_now = || finish(vault.receipt(&of.asked.token)).unwrap().unwrap();
            assert_eq!(receipt_now().totals().in_doubt, 4_200, "{by:?}");
            if lands {
                // The process of before is slow, and alive.
                psp.plan(1, Trouble::After);
                of.scene.clock.set(until.after(SURELY).before(std::time::Duration::from_secs(1)));
                doubtful(refund(&of.scene.vault));
                assert_eq!(psp.book().acts.len(), 1);
            }
            of.scene.clock.set(until.after(SURELY));
            drop(finish(vault.reconcile(HOUR, &psp)).unwrap());
            let totals = receipt_now().totals();
            let back = if lands { 4_200 } else { 0 };
            assert_eq!((totals.in_doubt, totals.refunded), (0, back), "{by:?} {lands}");
            assert_eq!(psp.book().acts.len(), usize::from(lands));
        }
    }
}
