//! An acquirer that says what the test has it say, call by call, and writes down how much each call was for.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use countersign::vault::{
    Acquirer, AcquirerAnswer, AcquirerError, ActAnswer, Authorisation, FollowUp, Found, FoundAct,
    Sought,
};

type Says<T> = fn() -> Result<T, AcquirerError>;

/// What it says next; the last of its words it repeats.
#[derive(Debug)]
pub(crate) struct Words<T>(VecDeque<Says<T>>);

impl<T> Words<T> {
    fn of(word: Says<T>) -> Self {
        Self(VecDeque::from([word]))
    }

    /// From now on it says these, in turn.
    pub(crate) fn are<const N: usize>(&mut self, words: [Says<T>; N]) {
        self.0 = VecDeque::from(words);
    }

    fn next(&mut self) -> Result<T, AcquirerError> {
        let word = if self.0.len() > 1 { self.0.pop_front() } else { self.0.front().copied() };
        word.unwrap()()
    }
}

#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) authorises: Words<AcquirerAnswer>,
    pub(crate) finds: Words<Found>,
    pub(crate) reverses: Words<()>,
    pub(crate) voids: Words<ActAnswer>,
    pub(crate) finds_act: Words<FoundAct>,
    /// Whether what it says to an authorisation is on its way for as long.
    pub(crate) is_slow: bool,
    /// Each void: of how much.
    pub(crate) voided: Vec<u64>,
    pub(crate) reversed: usize,
}

#[derive(Debug, Clone)]
pub(crate) struct Scripted(Arc<Mutex<Script>>);

pub(crate) const NOT_SO: Result<(), AcquirerError> = Err(AcquirerError::Unsupported);

impl Scripted {
    /// One that answers nothing, takes no reversals, and voids.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Script {
            authorises: Words::of(|| Err(AcquirerError::InDoubt)),
            finds: Words::of(|| Ok(Found::Unknown)),
            reverses: Words::of(|| NOT_SO),
            voids: Words::of(|| Ok(ActAnswer::done("void"))),
            finds_act: Words::of(|| Ok(FoundAct::Unknown)),
            is_slow: false,
            voided: Vec::new(),
            reversed: 0,
        })))
    }

    pub(crate) fn says(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap()
    }
}

impl Acquirer for Scripted {
    async fn authorise(&self, _: &Authorisation<'_>) -> Result<AcquirerAnswer, AcquirerError> {
        let answer = self.says().authorises.next();
        while self.says().is_slow {
            tokio::task::yield_now().await;
        }
        answer
    }

    async fn find(&self, _: &Sought<'_>) -> Result<Found, AcquirerError> {
        self.says().finds.next()
    }

    async fn reverse(&self, _: &Sought<'_>) -> Result<(), AcquirerError> {
        let mut says = self.says();
        says.reversed += 1;
        says.reverses.next()
    }

    async fn void(&self, of: &FollowUp<'_>) -> Result<ActAnswer, AcquirerError> {
        let mut says = self.says();
        says.voided.push(of.amount());
        says.voids.next()
    }

    async fn find_act(&self, _: &FollowUp<'_>) -> Result<FoundAct, AcquirerError> {
        self.says().finds_act.next()
    }
}

/// It approved so much.
pub(crate) fn approved(amount: u64) -> AcquirerAnswer {
    AcquirerAnswer::approved("A1", "txn-1").for_amount(amount)
}
