//! An acquirer with bad habits, for attacks.

use std::sync::{Arc, Mutex};

use countersign::card::{Attempt, SealedCard};
use countersign::payment::{ChargeOutcome, DeclineReason};
use countersign::random::SeededRandom;
use countersign::store::{FaultStore, Place, Record};
use countersign::vault::{
    Acquirer, AcquirerAnswer, AcquirerError, ActAnswer, Authenticated, Authorisation, FollowUp,
    Found, FoundAct, KeysHonoured, Resumption, Sought,
};
use countersign::{IdempotencyKey, MemoryStore, Vault, Window};

use crate::support::between::put;
use crate::support::crashes::{Started, finish};
use crate::support::psp::{Mood, Psp};
use crate::support::*;

pub(crate) const SOFT: Mood = Mood::SoftlyDeclines(DeclineReason::WrongDetails);

/// What becomes of a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refund {
    /// It never arrives.
    Lost,
    /// Nobody hears of it, and it is done when the test lets it land.
    Late,
}

/// What it says whenever it is asked what it knows.
pub(crate) type Finding = fn() -> Found;

/// What happens meanwhile.
pub(crate) type Meanwhile = Box<dyn FnOnce() + Send>;

/// What it says of one payment in its own way, if it does.
pub(crate) type Telling = fn(&Psp, &Sought<'_>) -> Option<Found>;

/// The usual acquirer, with habits of its own.
#[derive(Clone)]
pub(crate) struct Own {
    pub(crate) psp: Psp,
    /// `find` tells charges and nothing else.
    pub(crate) only_charges: bool,
    /// `find` tells what it did when it was set.
    pub(crate) finds: Arc<Mutex<Option<Finding>>>,
    /// `find` tells this of some, before all else.
    pub(crate) tells: Option<Telling>,
    /// It takes no reversals, and says this; an act that was done it refuses to do again.
    pub(crate) reverses: Option<AcquirerError>,
    /// `find` waits for that before it answers, and `authorise` for this.
    pub(crate) holds: Arc<Mutex<[bool; 2]>>,
    /// What happens between what `reverse` does and its answer, once.
    pub(crate) meanwhile: Arc<Mutex<Option<Meanwhile>>>,
    pub(crate) refunds: Arc<Mutex<Vec<Refund>>>,
    pub(crate) refunded: Arc<Mutex<Vec<(IdempotencyKey, u64)>>>,
    pub(crate) late: Arc<Mutex<Vec<(IdempotencyKey, u64)>>>,
}

impl Own {
    pub(crate) fn new(psp: Psp) -> Self {
        let (finds, holds, meanwhile) = (Arc::default(), Arc::default(), Arc::default());
        let (refunds, refunded, late) = (Arc::default(), Arc::default(), Arc::default());
        let (only_charges, tells, reverses) = (false, None, None);
        Self {
            psp,
            only_charges,
            tells,
            reverses,
            finds,
            holds,
            meanwhile,
            refunds,
            refunded,
            late,
        }
    }

    pub(crate) fn hold(&self, which: usize, held: bool) {
        self.holds.lock().unwrap()[which] = held;
    }

    async fn wait(&self, which: usize) {
        while self.holds.lock().unwrap()[which] {
            tokio::task::yield_now().await;
        }
    }

    pub(crate) fn land(&self) {
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

    pub(crate) fn given_back(&self) -> u64 {
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
        if let Some(told) = self.tells.and_then(|tells| tells(&self.psp, payment)) {
            return Ok(told);
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
        if let Some(error) = self.reverses {
            return Err(error);
        }
        let reversed = self.psp.reverse(payment).await;
        let meanwhile = self.meanwhile.lock().unwrap().take();
        if let Some(meanwhile) = meanwhile {
            meanwhile();
        }
        reversed
    }

    async fn void(&self, of: &FollowUp<'_>) -> Result<ActAnswer, AcquirerError> {
        let is_done = self.psp.book().acts.iter().any(|act| act.1 == of.key());
        if self.reverses.is_some() && is_done {
            return Err(AcquirerError::Refused);
        }
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
        if self.reverses.is_some() {
            return self.psp.find_act(of).await;
        }
        let done = self.refunded.lock().unwrap().iter().any(|one| one.0 == of.key());
        Ok(if done { FoundAct::Done(ActAnswer::done("refund")) } else { FoundAct::Nothing })
    }
}

pub(crate) fn is_authorised(outcome: &ChargeOutcome) -> bool {
    matches!(outcome, ChargeOutcome::Authorised { .. })
}

pub(crate) fn vault_from(scene: &Scene, backup: &[(Place, Record)], lost: Window) -> Vault {
    let store = FaultStore::new(MemoryStore::new());
    for (at, record) in backup {
        finish(put(&store, at, record, scene.now()));
    }
    vault_on(&store, &scene.clock, &scene.seen, 3).restored_from(lost).build().unwrap()
}

pub(crate) fn sealed_as(of: &Started, attempt: u8, code: &str) -> SealedCard {
    let shown = phone().open_payment(&of.asked.token, START).unwrap();
    let random = SeededRandom::new(u64::from(attempt) + 40);
    match Attempt::new(attempt).unwrap() {
        first if first.is_first() => shown.seal(&card_of(PAN, code), &random).unwrap(),
        later => shown.seal_again(&card_of(PAN, code), later, &random).unwrap(),
    }
}
