//! A player that does anything in any order: devices, two processes of the vault, sweeps, acts, calls that are dropped or wait
//! for hours at any of their steps, stores that fail or are put back, an acquirer in any mood. The acquirer is honest: it keeps
//! its time, and what it says is so. In the end the enterprise knows what the acquirer's book says.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use countersign::card::SealedCard;
use countersign::payment::{DeclineReason, PaymentOutcome, Receipt};
use countersign::store::{Fault, Place, Record};
use countersign::time::{Clock, ManualClock};
use countersign::vault::{
    Acquirer, AcquirerAnswer, AcquirerError, ActAnswer, Authenticated, Authorisation, FollowUp,
    Found, FoundAct, KeysHonoured, Resumption, Sought,
};
use countersign::{Timestamp, Vault, Window};

use crate::habits::sealed_as;
use crate::support::between::put;
use crate::support::crashes::{Started, finish, started, until_death};
use crate::support::depth::either;
use crate::support::dying::DIES;
use crate::support::psp::{Finds, Mood, Psp, Trouble};
use crate::support::*;

/// How long a call of the acquirer takes at most: eleven twelfths of what the vault allows.
const WITHIN: Duration = Duration::from_secs(110);

/// The usual acquirer, which keeps its time: what has not come in by then never does.
#[derive(Clone)]
struct Honest {
    psp: Psp,
    clock: ManualClock,
    reverses: bool,
}

impl Honest {
    async fn in_time<T>(
        &self,
        call: impl Future<Output = Result<T, AcquirerError>> + Send,
    ) -> Result<T, AcquirerError> {
        let mut call = Box::pin(call);
        let until = self.clock.now().unwrap().after(WITHIN);
        std::future::poll_fn(move |cx| {
            if until <= self.clock.now().unwrap() {
                return Poll::Ready(Err(AcquirerError::InDoubt));
            }
            call.as_mut().poll(cx)
        })
        .await
    }
}

impl Acquirer for Honest {
    fn honours_keys(&self) -> KeysHonoured {
        self.psp.honours_keys()
    }

    fn honours_act_keys(&self) -> KeysHonoured {
        self.psp.honours_act_keys()
    }

    async fn authorise(&self, of: &Authorisation<'_>) -> Result<AcquirerAnswer, AcquirerError> {
        self.in_time(self.psp.authorise(of)).await
    }

    async fn find(&self, payment: &Sought<'_>) -> Result<Found, AcquirerError> {
        self.in_time(self.psp.find(payment)).await
    }

    async fn authenticated(&self, of: &Resumption<'_>) -> Result<Authenticated, AcquirerError> {
        self.in_time(self.psp.authenticated(of)).await
    }

    async fn reverse(&self, payment: &Sought<'_>) -> Result<(), AcquirerError> {
        if !self.reverses {
            return Err(AcquirerError::Unsupported);
        }
        self.in_time(self.psp.reverse(payment)).await
    }

    async fn capture(&self, of: &FollowUp<'_>) -> Result<ActAnswer, AcquirerError> {
        self.in_time(self.psp.capture(of)).await
    }

    async fn void(&self, of: &FollowUp<'_>) -> Result<ActAnswer, AcquirerError> {
        self.in_time(self.psp.void(of)).await
    }

    async fn refund(&self, of: &FollowUp<'_>) -> Result<ActAnswer, AcquirerError> {
        self.in_time(self.psp.refund(of)).await
    }

    async fn increment(&self, of: &FollowUp<'_>) -> Result<ActAnswer, AcquirerError> {
        self.in_time(self.psp.increment(of)).await
    }

    async fn find_act(&self, of: &FollowUp<'_>) -> Result<FoundAct, AcquirerError> {
        self.in_time(self.psp.find_act(of)).await
    }
}

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.roll(all.len() as u64)).unwrap()]
    }
}

type Call = Pin<Box<dyn Future<Output = ()>>>;
type Given = Rc<RefCell<Vec<Receipt>>>;

struct Player {
    of: Started,
    acquirer: Honest,
    /// The vault's processes.
    vaults: Vec<Vault>,
    cards: Vec<SealedCard>,
    calls: Vec<Call>,
    /// Receipts that came back, and that the enterprise has not seen.
    given: Given,
    backup: Option<(Vec<(Place, Record)>, Timestamp)>,
    is_restored: bool,
    dice: Dice,
    log: Vec<String>,
}

impl Player {
    fn new(seed: u64) -> Self {
        let of = started();
        let mut dice = Dice(seed);
        let keys = [KeysHonoured::Always, KeysHonoured::For(10 * MINUTE), KeysHonoured::Never];
        let psp = Psp::new(&of.scene.clock).honouring(dice.one_of(&keys));
        let acquirer = Honest { psp, clock: of.scene.clock.clone(), reverses: dice.roll(3) > 0 };
        let second = vault_on(&of.scene.store, &of.scene.clock, &of.scene.seen, seed + 1_000);
        let vaults = vec![of.scene.vault.clone(), second.build().unwrap()];
        let mut cards = vec![of.sealed.clone()];
        cards.extend([2, 3].map(|attempt| sealed_as(&of, attempt, "456")));
        let (given, calls) = (Given::default(), Vec::new());
        let (backup, is_restored, log) = (None, false, Vec::new());
        Self { of, acquirer, vaults, cards, calls, given, backup, is_restored, dice, log }
    }

    fn vault(&mut self) -> Vault {
        let at = usize::try_from(self.dice.roll(self.vaults.len() as u64)).unwrap();
        self.vaults[at].clone()
    }

    /// Begins a call, which goes on when it is polled.
    fn begin(&mut self) {
        let (vault, acquirer, given) = (self.vault(), self.acquirer.clone(), self.given.clone());
        let token = self.of.asked.token.clone();
        let kind = self.dice.roll(14);
        let which = [0, 0, 1, 1, 2][usize::try_from(self.dice.roll(5)).unwrap()];
        let (card, amount) = (self.cards[which].clone(), 1 + self.dice.roll(1_500));
        let name = request(&format!("a-{}", self.dice.roll(3)));
        let act = self.dice.roll(3);
        self.log.push(format!("begin {kind} card {which} act {act} {amount} {name:?}"));
        self.calls.push(match kind {
            0..=4 => Box::pin(async move {
                let paid = vault.pay(&ALICE, &token, &card, &acquirer).await;
                given.borrow_mut().extend(paid.ok().map(|paid| paid.receipt));
            }),
            5..=6 => Box::pin(async move {
                let paid = vault.resume(&ALICE, &token, &card, Some("y"), &acquirer).await;
                given.borrow_mut().extend(paid.ok().map(|paid| paid.receipt));
            }),
            7..=8 => Box::pin(async move {
                let Ok(Some(of)) = vault.receipt(&token).await else { return };
                let done = match act {
                    0 => vault.capture(&ALICE, &of, amount, &name, &acquirer).await,
                    1 => vault.refund(&ALICE, &of, amount, &name, &acquirer).await,
                    _ => vault.increment(&ALICE, &of, amount % 300 + 1, &name, &acquirer).await,
                };
                given.borrow_mut().extend(done.ok().map(|done| done.receipt));
            }),
            12..=13 => Box::pin(async move {
                let Ok(Some(of)) = vault.receipt(&token).await else { return };
                // Then somebody looks into the acquirer's book.
                let asks = acquirer.clock.now().unwrap().after(SURELY);
                while acquirer.clock.now().unwrap() < asks {
                    tokio::task::yield_now().await;
                }
                let Some(said) = acquirer.psp.stands(of.outcome()) else { return };
                let settled = vault.resolve_payment(&ALICE, &of, &said).await;
                given.borrow_mut().extend(settled.ok());
            }),
            _ => Box::pin(async move {
                if let Ok(swept) = vault.reconcile(3 * HOUR, &acquirer).await {
                    given.borrow_mut().extend(swept.receipts.into_iter().map(|one| one.1));
                }
            }),
        });
    }

    fn goes_on(&mut self, at: usize, polls: u64) {
        let mut cx = Context::from_waker(Waker::noop());
        for _ in 0..polls {
            if self.calls[at].as_mut().poll(&mut cx).is_ready() {
                drop(self.calls.remove(at));
                return;
            }
        }
    }

    fn some_call(&mut self) -> Option<usize> {
        let calls = self.calls.len() as u64;
        (calls > 0).then(|| usize::try_from(self.dice.roll(calls)).unwrap())
    }

    fn waits(&mut self, time: Duration) {
        // What is on its way comes in within the acquirer's time, or never.
        if self.acquirer.psp.is_late() && time > Duration::from_secs(20) {
            if self.dice.roll(2) == 0 {
                self.acquirer.psp.land();
            } else {
                self.acquirer.psp.loses_what_is_late();
            }
        }
        self.of.scene.clock.advance(time);
    }

    /// The enterprise applies what has come back; settling it may be lost.
    fn hands_over(&mut self) {
        let (vault, settles) = (self.vault(), self.dice.roll(3) > 0);
        let payments = self.of.scene.verifier.payments();
        for receipt in self.given.take() {
            finish(payments.apply_receipt(&ALICE, &receipt)).unwrap();
            if settles {
                let _ = until_death(vault.acknowledge(&ALICE, &receipt));
            }
        }
    }

    fn restores(&mut self) {
        let Some((rows, from)) = self.backup.take().filter(|_| !self.is_restored) else { return };
        self.is_restored = true;
        // The old processes are gone, and so is the store.
        self.calls.clear();
        self.of.scene.store.heal();
        self.waits(Duration::from_secs(1));
        let store = countersign::store::FaultStore::new(countersign::MemoryStore::new());
        for (at, record) in &rows {
            finish(put(&store, at, record, self.of.scene.now()));
        }
        let lost = Window::new(from, self.of.scene.now()).unwrap();
        let seeds = [self.dice.roll(1 << 40), self.dice.roll(1 << 40)];
        self.vaults = Vec::new();
        for seed in seeds {
            let vault = vault_on(&store, &self.of.scene.clock, &self.of.scene.seen, seed);
            self.vaults.push(vault.restored_from(lost).build().unwrap());
        }
        self.of.scene.store = store;
    }

    fn step(&mut self) {
        let what = self.dice.roll(32);
        self.log.push(format!("{what}"));
        match what {
            0..=6 => self.begin(),
            7..=13 => {
                if let Some(at) = self.some_call() {
                    let polls = 1 + self.dice.roll(30);
                    self.goes_on(at, polls);
                }
            }
            14..=16 => {
                if let Some(at) = self.some_call() {
                    self.goes_on(at, 1_000);
                }
            }
            17 => {
                if let Some(at) = self.some_call() {
                    drop(self.calls.remove(at));
                }
            }
            18..=19 => {
                let time = Duration::from_secs(self.dice.roll(100));
                self.waits(time);
            }
            20..=21 => {
                let time = Duration::from_secs(self.dice.roll(400));
                self.waits(time);
            }
            22..=24 => {
                let soft = Mood::SoftlyDeclines(DeclineReason::WrongDetails);
                let mood = self.dice.one_of(&[
                    Mood::Approves,
                    Mood::Approves,
                    Mood::ApprovesPart(2_000),
                    soft,
                    soft,
                    Mood::Declines(DeclineReason::InsufficientFunds),
                    Mood::Mumbles { holds: true },
                    Mood::Mumbles { holds: false },
                    Mood::Challenges,
                    Mood::Challenges,
                    Mood::Thinks,
                ]);
                let passed = self.dice.one_of(&[None, Some(true), Some(true), Some(false)]);
                let mut book = self.acquirer.psp.book();
                (book.mood, book.passed) = (mood, passed);
            }
            25 => {
                let behind = Finds::Behind(Duration::from_secs(151));
                let finds = self.dice.one_of(&[Finds::AtOnce, behind, Finds::Never]);
                let mut book = self.acquirer.psp.book();
                (book.finds, book.finds_acts) = (finds, finds);
            }
            26 => {
                let undoes = self.dice.one_of(&[
                    None,
                    None,
                    Some(AcquirerError::InDoubt),
                    Some(AcquirerError::Refused),
                    Some(AcquirerError::Unsupported),
                ]);
                self.acquirer.psp.book().undoes = undoes;
            }
            27 => {
                let (at, fault) = (self.dice.roll(6), self.dice.roll(Fault::ALL.len() as u64 + 1));
                let fault = Fault::ALL.get(usize::try_from(fault).unwrap()).copied();
                self.of.scene.store.plan(usize::try_from(at).unwrap(), fault.unwrap_or(DIES));
            }
            28 => {
                let trouble = self.dice.one_of(&[
                    Trouble::Before,
                    Trouble::After,
                    Trouble::After,
                    Trouble::Late,
                    Trouble::DiesBefore,
                    Trouble::DiesAfter,
                ]);
                let at = usize::try_from(self.dice.roll(3)).unwrap();
                self.acquirer.psp.plan(at, trouble);
            }
            29 => self.hands_over(),
            30 if self.dice.roll(2) == 0 => {
                self.backup = Some((self.of.scene.store.records(), self.of.scene.now()));
            }
            31 if self.dice.roll(3) == 0 => self.restores(),
            _ => {}
        }
    }

    /// Everything works again, time passes, and sweeps go by.
    fn ends(&mut self) {
        let psp = self.acquirer.psp.clone();
        self.of.scene.store.heal();
        psp.heal();
        self.waits(MINUTE);
        // Some never come back.
        for call in std::mem::take(&mut self.calls) {
            let _ = until_death(call);
        }
        {
            let mut book = psp.book();
            (book.finds, book.finds_acts) = (Finds::AtOnce, Finds::AtOnce);
            book.undoes = None;
        }
        psp.ends_thinking();
        for _ in 0..5 {
            self.waits(HOUR);
            let vault = self.vaults[0].clone();
            let swept = finish(vault.reconcile(24 * HOUR, &self.acquirer)).unwrap();
            assert!(swept.failed.is_none(), "{swept:?}");
            for (customer, receipt) in swept.receipts {
                let payments = self.of.scene.verifier.payments();
                finish(payments.apply_receipt(&customer, &receipt)).unwrap();
                finish(vault.acknowledge(&customer, &receipt)).unwrap();
            }
        }
        self.hands_over();
    }

    /// What the enterprise knows is what the acquirer's book says.
    fn agrees(&self) {
        let payments = self.of.scene.verifier.payments();
        let known = finish(payments.outcome(&bob_rings(), &self.of.asked.payment.id)).unwrap();
        let (charges, vault) = (self.acquirer.psp.charges(), &self.vaults[0]);
        let is_lost = finish(vault.receipt(&self.of.asked.token)).is_err();
        if is_lost {
            // The row was lost, and no device came back: the manual has the enterprise ask the acquirer.
            assert!(self.is_restored);
            return;
        }
        let details = finish(vault.details(&self.of.asked.token)).unwrap();
        assert!(!details.as_ref().is_some_and(|seen| seen.held_beside), "{known:?}");
        let book = self.acquirer.psp.book();
        let done =
            |name: &str| book.acts.iter().filter(|act| act.0 == name).map(|act| act.2).sum::<u64>();
        match &known {
            PaymentOutcome::Authorised { amount, totals, .. }
            | PaymentOutcome::Returned { amount, totals, .. } => {
                assert_eq!(charges, 1, "{known:?}");
                assert!(done("capture") + totals.voided <= *amount, "{known:?}");
                let refunds = if done("capture") > 0 { done("capture") } else { *amount };
                assert!(done("refund") <= refunds, "{known:?}");
                if !self.is_restored {
                    assert_eq!(totals.captured, done("capture"), "{known:?}");
                    assert_eq!(totals.refunded, done("refund"), "{known:?}");
                    assert_eq!(
                        (*amount, totals.in_doubt),
                        (4_200 + done("increment"), 0),
                        "{known:?}"
                    );
                }
            }
            PaymentOutcome::Unresolved | PaymentOutcome::Authenticating => panic!("{known:?}"),
            _ => assert_eq!(charges, 0, "{known:?}"),
        }
    }
}

/// `COUNTERSIGN_SEEDS=from..to` plays those instead.
fn seeds() -> std::ops::Range<u64> {
    let asked = std::env::var("COUNTERSIGN_SEEDS").ok();
    let asked = asked.map(|text| {
        let (from, to) = text.split_once("..").unwrap();
        from.parse().unwrap()..to.parse().unwrap()
    });
    asked.unwrap_or(0..either(150, 5_000))
}

#[test]
fn whatever_is_played_the_enterprise_knows_in_the_end_what_the_acquirer_s_book_says() {
    for seed in seeds() {
        let mut player = Player::new(seed);
        let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for _ in 0..10 + player.dice.roll(70) {
                player.step();
                // Two cards never hold money at once: the acquirer is honest.
                assert!(player.acquirer.psp.charges() <= 1);
            }
            player.ends();
            player.agrees();
        }));
        assert!(played.is_ok(), "with seed {seed}: {:?}", player.log);
    }
}
