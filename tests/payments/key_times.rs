//! An acquirer counts a key's time from the first call that used it, whatever came of that call: so does the vault.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign::time::{Clock, ManualClock};
use countersign::vault::{
    Acquirer, AcquirerAnswer, AcquirerError, ActAnswer, Authorisation, FollowUp, Found, FoundAct,
    KeysHonoured, Sought,
};
use countersign::{Error, IdempotencyKey, Timestamp};

use crate::habits::is_authorised;
use crate::support::crashes::{finish, started};
use crate::support::*;

/// It knows a key again for so long after the first call, even if that call came to nothing. Of a key that it has forgotten, and
/// of a call that came to nothing, it does what it is asked.
#[derive(Clone)]
struct Forgets {
    knows_for: Duration,
    clock: ManualClock,
    book: Arc<Mutex<Forgotten>>,
}

#[derive(Default)]
struct Forgotten {
    keys: BTreeMap<IdempotencyKey, (Timestamp, bool)>,
    done: usize,
    /// The next calls break down before they do anything.
    breaks_down: usize,
    answers: bool,
    /// Until something was done of which nobody heard.
    finds: bool,
}

impl Forgets {
    fn new(knows_for: Duration, clock: &ManualClock) -> Self {
        let book = Forgotten { breaks_down: 1, finds: true, ..Forgotten::default() };
        Self { knows_for, clock: clock.clone(), book: Arc::new(Mutex::new(book)) }
    }

    fn book(&self) -> std::sync::MutexGuard<'_, Forgotten> {
        self.book.lock().unwrap()
    }

    fn does(&self, key: IdempotencyKey) -> Result<(), AcquirerError> {
        let (now, knows_for) = (self.clock.now().unwrap(), self.knows_for);
        let mut book = self.book();
        let known = book.keys.get(&key).copied().filter(|(first, _)| now < first.after(knows_for));
        let (first, is_done) = known.unwrap_or((now, false));
        let breaks_down = book.breaks_down > 0;
        if breaks_down {
            book.breaks_down -= 1;
        } else if !is_done {
            book.done += 1;
            book.finds &= book.answers;
        }
        book.keys.insert(key, (first, is_done || !breaks_down));
        if book.answers && !breaks_down { Ok(()) } else { Err(AcquirerError::InDoubt) }
    }

    fn honours(&self) -> KeysHonoured {
        KeysHonoured::For(self.knows_for)
    }
}

impl Acquirer for Forgets {
    fn honours_keys(&self) -> KeysHonoured {
        self.honours()
    }

    fn honours_act_keys(&self) -> KeysHonoured {
        self.honours()
    }

    async fn authorise(&self, of: &Authorisation<'_>) -> Result<AcquirerAnswer, AcquirerError> {
        self.does(of.key()).map(|()| AcquirerAnswer::approved("A1", "txn-1"))
    }

    async fn find(&self, _: &Sought<'_>) -> Result<Found, AcquirerError> {
        let book = self.book();
        Ok(match (book.finds, book.done) {
            (false, _) => Found::Unknown,
            (true, 0) => Found::Nothing,
            (true, _) => Found::Answered(AcquirerAnswer::approved("A1", "txn-1")),
        })
    }

    async fn refund(&self, of: &FollowUp<'_>) -> Result<ActAnswer, AcquirerError> {
        self.does(of.key()).map(|()| ActAnswer::done("refund"))
    }

    async fn find_act(&self, _: &FollowUp<'_>) -> Result<FoundAct, AcquirerError> {
        let book = self.book();
        Ok(match (book.finds, book.done) {
            (false, _) => FoundAct::Unknown,
            (true, 0) => FoundAct::Nothing,
            (true, _) => FoundAct::Done(ActAnswer::done("refund")),
        })
    }
}

/// The first call breaks down; the second, just before the acquirer forgets the key, charges, and nobody hears of it. After
/// that the acquirer takes the key for a new one, and cannot be asked what it knows.
#[test]
fn a_charge_is_not_asked_for_again_under_a_key_that_is_forgotten_since_its_first_call() {
    let of = started();
    let psp = Forgets::new(10 * MINUTE, &of.scene.clock);
    let pay = || of.pay(&psp).unwrap().unwrap().receipt;
    pay();
    of.scene.clock.advance(Duration::from_secs(510));
    pay();
    assert_eq!(psp.book().done, 1);
    of.scene.clock.advance(Duration::from_secs(200));
    let known = pay();
    assert_eq!(psp.book().done, 1, "{known:?}");
    psp.book().finds = true;
    assert!(is_authorised(pay().outcome()));
}

/// Once the acquirer has surely forgotten it, the key is as good as new.
#[test]
fn a_key_s_time_begins_anew_once_it_is_forgotten() {
    let of = started();
    let psp = Forgets::new(10 * MINUTE, &of.scene.clock);
    let pay = || of.pay(&psp).unwrap().unwrap().receipt;
    pay();
    of.scene.clock.advance(10 * MINUTE + Duration::from_secs(30));
    // It charges, and nobody hears of it; nor can it be found.
    pay();
    psp.book().answers = true;
    of.scene.clock.advance(SURELY);
    assert!(is_authorised(pay().outcome()));
    assert_eq!(psp.book().done, 1);
}

/// The same of a refund, at an acquirer that knows a key for a day, as many do.
#[test]
fn nothing_is_given_back_again_under_a_key_that_is_forgotten_since_its_first_call() {
    let of = started();
    let psp = Forgets::new(24 * HOUR, &of.scene.clock);
    psp.book().breaks_down = 0;
    psp.book().answers = true;
    let receipt = of.pay(&psp).unwrap().unwrap().receipt;
    {
        let mut book = psp.book();
        (book.done, book.breaks_down, book.answers) = (0, 1, false);
    }
    let refund = || {
        let vault = &of.scene.vault;
        finish(vault.refund(&alice(), &receipt, 4_200, &request("r-1"), &psp))
    };
    refund().unwrap_err();
    of.scene.clock.advance(24 * HOUR - 2 * MINUTE);
    refund().unwrap_err();
    assert_eq!(psp.book().done, 1);
    of.scene.clock.advance(10 * MINUTE);
    let known = refund();
    assert_eq!(psp.book().done, 1, "{known:?}");
    assert!(matches!(known, Err(Error::Acquirer(AcquirerError::InDoubt))), "{known:?}");
    psp.book().finds = true;
    assert_eq!(refund().unwrap().receipt.totals().refunded, 4_200);
}
