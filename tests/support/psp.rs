//! An acquirer with a book, a clock and a temper: what it honours, what it finds, and what it answers are set by the test.
//! It never charges by itself more than it is asked to, and writes down everything that it did.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use countersign::card::Verification;
use countersign::payment::{ChargeOutcome, DeclineReason};
use countersign::time::{Clock, ManualClock};
use countersign::vault::{
    Acquirer, AcquirerAnswer, AcquirerError, ActAnswer, Authenticated, AuthenticationChallenge,
    AuthenticationProof, Authorisation, ChallengeFlow, FollowUp, Found, FoundAct, KeysHonoured,
    Resolution, Resumption, Sought,
};
use countersign::{IdempotencyKey, Timestamp};

/// How its search works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Finds {
    /// It knows at once.
    #[default]
    AtOnce,
    /// Its index is so far behind, and it says so.
    Behind(Duration),
    Never,
}

/// What it says to an authorisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Mood {
    #[default]
    Approves,
    ApprovesPart(u64),
    Declines(DeclineReason),
    SoftlyDeclines(DeclineReason),
    /// A code that nobody understands; whether it holds the money all the same.
    Mumbles {
        holds: bool,
    },
    /// It wants the customer to authenticate first.
    Challenges,
    /// It decides later.
    Thinks,
}

/// What happens to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It does not come in.
    Before,
    /// It is done, and the answer is lost.
    After,
    /// The caller dies before it, or after it.
    DiesBefore,
    DiesAfter,
    /// There is no answer, and it is done when the test lets it [land](Psp::land).
    Late,
}

/// Money that was taken or is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Charge {
    pub(crate) reference: IdempotencyKey,
    pub(crate) amount: u64,
    pub(crate) pan: String,
    pub(crate) code: String,
    pub(crate) proven: bool,
    pub(crate) at: Timestamp,
    pub(crate) undone: bool,
    pub(crate) id: String,
}

/// What it knows of one reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entry {
    Answered(Mood, Timestamp),
}

#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(crate) charges: Vec<Charge>,
    /// What came of each key, and when it was used first.
    keys: BTreeMap<IdempotencyKey, (Mood, Timestamp)>,
    references: BTreeMap<IdempotencyKey, Entry>,
    pub(crate) acts: Vec<(&'static str, IdempotencyKey, u64, String)>,
    acts_at: BTreeMap<IdempotencyKey, Timestamp>,
    /// Each call by name, in order.
    pub(crate) calls: Vec<&'static str>,
    planned: BTreeMap<usize, Trouble>,
    late: Vec<(IdempotencyKey, IdempotencyKey, Charge, Mood)>,
    forgotten: BTreeMap<IdempotencyKey, Entry>,
    /// The acquirer's own id in each question for a payment.
    pub(crate) sought_ids: Vec<Option<String>>,
    pub(crate) mood: Mood,
    pub(crate) finds: Finds,
    pub(crate) finds_acts: Finds,
    pub(crate) honours: KeysHonoured,
    pub(crate) honours_acts: KeysHonoured,
    /// What it calls the next payment.
    pub(crate) names: Option<String>,
    /// What it calls the next acts.
    pub(crate) names_acts: Option<String>,
    /// The captures that the last act named, and how much each was.
    pub(crate) captured_as: Vec<(Option<String>, u64)>,
    /// What came of the challenge, by its own word.
    pub(crate) passed: Option<bool>,
    pub(crate) flow: Option<ChallengeFlow>,
    /// Each hint that came in.
    pub(crate) hints: Vec<Option<String>>,
    /// It reverses and voids, or says that it cannot, or does not answer.
    pub(crate) undoes: Option<AcquirerError>,
    pub(crate) dress: Option<fn(AcquirerAnswer) -> AcquirerAnswer>,
}

#[derive(Debug, Clone)]
pub(crate) struct Psp {
    book: Arc<Mutex<Book>>,
    clock: ManualClock,
}

impl Psp {
    pub(crate) fn new(clock: &ManualClock) -> Self {
        Self { book: Arc::default(), clock: clock.clone() }
    }

    pub(crate) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap()
    }

    pub(crate) fn moody(self, mood: Mood) -> Self {
        self.book().mood = mood;
        self
    }

    pub(crate) fn finding(self, finds: Finds) -> Self {
        {
            let mut book = self.book();
            (book.finds, book.finds_acts) = (finds, finds);
        }
        self
    }

    pub(crate) fn honouring(self, honours: KeysHonoured) -> Self {
        {
            let mut book = self.book();
            (book.honours, book.honours_acts) = (honours, honours);
        }
        self
    }

    /// Makes the call after `calls` further ones go wrong.
    pub(crate) fn plan(&self, calls: usize, trouble: Trouble) {
        let mut book = self.book();
        let at = book.calls.len() + calls;
        book.planned.insert(at, trouble);
    }

    pub(crate) fn heal(&self) {
        self.book().planned.clear();
    }

    /// What was late is done now.
    pub(crate) fn land(&self) {
        let now = self.now();
        let mut book = self.book();
        let late = std::mem::take(&mut book.late);
        for (key, reference, charge, mood) in late {
            book.settle(key, reference, Charge { at: now, ..charge }, mood, now);
        }
    }

    /// It has taken this money, and nobody asked it to now.
    pub(crate) fn charged(&self, charge: Charge) {
        let mut book = self.book();
        book.references.insert(charge.reference, Entry::Answered(Mood::Approves, charge.at));
        book.charges.push(charge);
    }

    /// It knows of nothing that it was asked any more.
    pub(crate) fn forget(&self) {
        let mut book = self.book();
        book.forgotten = std::mem::take(&mut book.references);
    }

    /// It has decided what it was thinking about.
    pub(crate) fn decides(&self, mood: Mood) {
        let now = self.now();
        let mut book = self.book();
        let forgotten = std::mem::take(&mut book.forgotten);
        for reference in forgotten.into_keys() {
            book.references.insert(reference, Entry::Answered(mood, now));
        }
    }

    /// What was late never comes.
    pub(crate) fn loses_what_is_late(&self) {
        self.book().late.clear();
    }

    /// Whether something is late.
    pub(crate) fn is_late(&self) -> bool {
        !self.book().late.is_empty()
    }

    /// It declines whatever it is still thinking about.
    pub(crate) fn ends_thinking(&self) {
        for entry in self.book().references.values_mut() {
            let Entry::Answered(mood, _) = entry;
            if *mood == Mood::Thinks {
                *mood = Mood::Declines(DeclineReason::Other);
            }
        }
    }

    /// What stands in the book, for a person who looks. `None`: it has not decided yet, or holds what is to be given up.
    pub(crate) fn stands(&self, known: &ChargeOutcome) -> Option<Resolution> {
        let book = self.book();
        let thinks = |entry: &Entry| matches!(entry, Entry::Answered(Mood::Thinks, _));
        if !book.late.is_empty() || book.references.values().any(thinks) {
            return None;
        }
        let held = book.charges.iter().find(|charge| !charge.undone);
        match (held, known) {
            (None, _) | (Some(_), ChargeOutcome::Authorised { .. }) => Some(Resolution::NotDone),
            (Some(held), ChargeOutcome::Unresolved) => {
                Some(Resolution::Done { id: held.id.clone(), amount: Some(held.amount) })
            }
            (Some(_), _) => None,
        }
    }

    /// How often money was taken and not given up.
    pub(crate) fn charges(&self) -> usize {
        self.book().charges.iter().filter(|charge| !charge.undone).count()
    }

    pub(crate) fn called(&self, name: &str) -> usize {
        self.book().calls.iter().filter(|call| **call == name).count()
    }

    fn now(&self) -> Timestamp {
        self.clock.now().unwrap()
    }

    /// What the index shows of something that happened then: nothing, if it is behind.
    fn shows(&self, finds: Finds, at: Timestamp) -> bool {
        match finds {
            Finds::AtOnce => true,
            Finds::Behind(by) => at.after(by) <= self.now(),
            Finds::Never => false,
        }
    }

    async fn call<T>(
        &self,
        name: &'static str,
        late: impl FnOnce(&mut Book),
        done: impl FnOnce(&mut Book) -> Result<T, AcquirerError>,
    ) -> Result<T, AcquirerError> {
        let trouble = {
            let mut book = self.book();
            let call = book.calls.len();
            book.calls.push(name);
            book.planned.remove(&call)
        };
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
        let answer = match trouble {
            Some(Trouble::Before | Trouble::DiesBefore) => None,
            Some(Trouble::Late) => {
                late(&mut self.book());
                None
            }
            _ => Some(done(&mut self.book())),
        };
        tokio::task::yield_now().await;
        match (trouble, answer) {
            (Some(Trouble::DiesBefore | Trouble::DiesAfter), _) => std::future::pending().await,
            (None, Some(answer)) => answer,
            _ => Err(AcquirerError::InDoubt),
        }
    }

    fn answer(&self, book: &Book, reference: IdempotencyKey, mood: Mood) -> AcquirerAnswer {
        let held = book.charges.iter().rev().find(|charge| charge.reference == reference);
        let id = held.map_or("none", |charge| charge.id.as_str());
        let answer = match mood {
            Mood::Approves => AcquirerAnswer::approved("A1B2C3", id),
            Mood::ApprovesPart(amount) => AcquirerAnswer::approved("A1B2C3", id).for_amount(amount),
            Mood::Declines(reason) => AcquirerAnswer::declined(reason),
            Mood::SoftlyDeclines(reason) => AcquirerAnswer::soft_declined(reason),
            Mood::Mumbles { .. } => AcquirerAnswer::not_approved(),
            Mood::Challenges => {
                let flow = book.flow.clone().unwrap_or(ChallengeFlow::Browser {
                    acs_url: "https://acs.example/challenge".to_owned(),
                    creq: "eyJtZXNzYWdlVHlwZSI6IkNSZXEifQ".to_owned(),
                });
                let challenge = AuthenticationChallenge::new("3ds-1", flow).unwrap();
                AcquirerAnswer::challenge(challenge).transaction_id("pi-1")
            }
            Mood::Thinks => AcquirerAnswer::pending().transaction_id("pi-2"),
        };
        match book.dress {
            Some(dress) => dress(answer),
            None => answer,
        }
    }

    async fn act(&self, name: &'static str, of: &FollowUp<'_>) -> Result<ActAnswer, AcquirerError> {
        let now = self.now();
        let (key, amount) = (of.key(), of.amount());
        let id = of.payment().transaction_id().unwrap_or("by key").to_owned();
        let reference = of.payment().key();
        let named = of.captures().into_iter().map(|(id, amount)| (id.map(Into::into), amount));
        let named: Vec<(Option<String>, u64)> = named.collect();
        self.call(
            name,
            |_| (),
            |book| {
                book.captured_as = named;
                if let Some(error) = book.undoes.filter(|_| name == "void") {
                    return Err(error);
                }
                let known = book.acts.iter().any(|act| act.1 == key)
                    && covers(book.honours_acts, book.acts_at.get(&key).copied(), now);
                if !known {
                    book.acts.push((name, key, amount, id.clone()));
                    book.acts_at.entry(key).or_insert(now);
                    if name == "void" {
                        book.undo(reference, amount);
                    }
                }
                let own = format!("{name}-{}", book.acts.len());
                Ok(ActAnswer::done(book.names_acts.clone().unwrap_or(own)))
            },
        )
        .await
    }
}

/// Whether a key that was used at `first` is known again.
fn covers(honours: KeysHonoured, first: Option<Timestamp>, now: Timestamp) -> bool {
    match (honours, first) {
        (KeysHonoured::Always, Some(_)) => true,
        (KeysHonoured::For(time), Some(first)) => now < first.after(time),
        _ => false,
    }
}

impl Book {
    fn settle(
        &mut self,
        key: IdempotencyKey,
        reference: IdempotencyKey,
        charge: Charge,
        mood: Mood,
        now: Timestamp,
    ) -> Mood {
        if let Some((known, first)) = self.keys.get(&key).copied()
            && covers(self.honours, Some(first), now)
        {
            return known;
        }
        let mood = match mood {
            Mood::Challenges if charge.proven => Mood::Approves,
            other => other,
        };
        let taken = match mood {
            Mood::Approves => Some(charge.amount),
            Mood::ApprovesPart(amount) => Some(amount),
            Mood::Mumbles { holds: true } => Some(charge.amount),
            _ => None,
        };
        if let Some(amount) = taken {
            let id = self.names.clone().unwrap_or(format!("txn-{}", self.charges.len() + 1));
            self.charges.push(Charge { amount, id, ..charge });
        }
        self.keys.insert(key, (mood, now));
        self.references.insert(reference, Entry::Answered(mood, now));
        mood
    }

    /// Under how many keys it was asked to authorise.
    pub(crate) fn used_keys(&self) -> usize {
        self.keys.len()
    }

    fn undo(&mut self, reference: IdempotencyKey, amount: u64) {
        for charge in self.charges.iter_mut().filter(|charge| charge.reference == reference) {
            charge.undone |= charge.amount <= amount;
        }
    }
}

impl Acquirer for Psp {
    fn honours_keys(&self) -> KeysHonoured {
        self.book().honours
    }

    fn honours_act_keys(&self) -> KeysHonoured {
        self.book().honours_acts
    }

    async fn authorise(&self, of: &Authorisation<'_>) -> Result<AcquirerAnswer, AcquirerError> {
        let (key, reference, now) = (of.key(), of.payment().key(), self.now());
        let charge = Charge {
            reference,
            amount: of.payment().transaction().amount,
            pan: of.card().pan().expose().to_owned(),
            code: match of.card().verification() {
                Verification::Code(code) => code.expose().to_owned(),
                other => panic!("{other:?}"),
            },
            proven: of.authentication().is_some(),
            at: now,
            undone: false,
            id: String::new(),
        };
        let late = charge.clone();
        self.call(
            "authorise",
            |book| book.late.push((key, reference, late, book.mood)),
            |book| {
                let mood = book.settle(key, reference, charge, book.mood, now);
                Ok(self.answer(book, reference, mood))
            },
        )
        .await
    }

    async fn find(&self, payment: &Sought<'_>) -> Result<Found, AcquirerError> {
        let reference = payment.key();
        let id = payment.transaction_id().map(ToOwned::to_owned);
        self.call(
            "find",
            |_| (),
            |book| {
                let finds = book.finds;
                book.sought_ids.push(id);
                if finds == Finds::Never {
                    return Ok(Found::Unknown);
                }
                let undone = |charge: &&Charge| charge.reference == reference && charge.undone;
                Ok(match book.references.get(&reference) {
                    // What was undone is charged no more.
                    Some(Entry::Answered(_, at))
                        if self.shows(finds, *at)
                            && book.charges.iter().any(|one| undone(&one)) =>
                    {
                        Found::Nothing
                    }
                    Some(Entry::Answered(mood, at)) if self.shows(finds, *at) => {
                        let mood = match mood {
                            Mood::Mumbles { holds: true } => Mood::Approves,
                            Mood::Mumbles { holds: false } => Mood::Declines(DeclineReason::Other),
                            other => *other,
                        };
                        let answer = self.answer(book, reference, mood);
                        match finds {
                            Finds::Behind(by) => Found::AnsweredAsOf(answer, self.now().before(by)),
                            _ => Found::Answered(answer),
                        }
                    }
                    _ => match finds {
                        Finds::Behind(by) => Found::NothingUntil(self.now().before(by)),
                        _ => Found::Nothing,
                    },
                })
            },
        )
        .await
    }

    async fn authenticated(&self, of: &Resumption<'_>) -> Result<Authenticated, AcquirerError> {
        let hint = of.hint().map(ToOwned::to_owned);
        assert_eq!(of.reference(), "3ds-1");
        self.call(
            "authenticated",
            |_| (),
            |book| {
                book.hints.push(hint);
                Ok(match book.passed {
                    None => Authenticated::Waiting,
                    Some(false) => Authenticated::Failed,
                    Some(true) => Authenticated::Passed(AuthenticationProof::new(
                        "05",
                        "AAABBEg0VhI0VniQEjRWAAAAAAA=",
                        "ds-1",
                    )),
                })
            },
        )
        .await
    }

    async fn reverse(&self, payment: &Sought<'_>) -> Result<(), AcquirerError> {
        let reference = payment.key();
        self.call(
            "reverse",
            |_| (),
            |book| {
                if let Some(error) = book.undoes {
                    return Err(error);
                }
                book.undo(reference, u64::MAX);
                Ok(())
            },
        )
        .await
    }

    async fn capture(&self, of: &FollowUp<'_>) -> Result<ActAnswer, AcquirerError> {
        self.act("capture", of).await
    }

    async fn void(&self, of: &FollowUp<'_>) -> Result<ActAnswer, AcquirerError> {
        self.act("void", of).await
    }

    async fn refund(&self, of: &FollowUp<'_>) -> Result<ActAnswer, AcquirerError> {
        self.act("refund", of).await
    }

    async fn increment(&self, of: &FollowUp<'_>) -> Result<ActAnswer, AcquirerError> {
        self.act("increment", of).await
    }

    async fn find_act(&self, of: &FollowUp<'_>) -> Result<FoundAct, AcquirerError> {
        let key = of.key();
        self.call(
            "find_act",
            |_| (),
            |book| {
                let finds = book.finds_acts;
                let done = book.acts.iter().position(|act| act.1 == key);
                let at = book.acts_at.get(&key).copied();
                Ok(match (finds, done, at) {
                    (Finds::Never, ..) => FoundAct::Unknown,
                    (_, Some(n), Some(at)) if self.shows(finds, at) => {
                        let name = format!("{}-{}", book.acts[n].0, n + 1);
                        FoundAct::Done(ActAnswer::done(name))
                    }
                    (Finds::Behind(by), ..) => FoundAct::NothingUntil(self.now().before(by)),
                    (Finds::AtOnce, ..) => FoundAct::Nothing,
                })
            },
        )
        .await
    }
}
