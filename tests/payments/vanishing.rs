//! Rows of the bank and of the vault that vanish, one at a time and in pairs, at every point of a payment: nobody is
//! charged, and no card lent, without what was given for that, except where a guarantee rests on a row.

use std::collections::{BTreeMap, BTreeSet};

use countersign::card::{CardToken, SealedCard};
use countersign::payment::{PaymentRequest, PaymentRequested, PaymentStatus};
use countersign::random::SeededRandom;
use countersign::store::Place;
use countersign::time::ManualClock;
use countersign::vault::Paid;
use countersign::{Vault, Verifier};

use crate::support::depth::{either, strided};
use crate::support::rows::Rows;
use crate::support::*;

/// What rests on a row, and is lost with it: whether the acquirer honours keys, the row, and what comes of that.
/// Whatever closes one of these takes it off the list.
const RESTS_ON_A_ROW: [(bool, &str, &str); 6] = [
    // A restored vault charges the same sealed card again at an acquirer that honours no keys.
    (false, "charge", "a card is charged more often than it was given"),
    // What was captured, and which token was given, is forgotten with the charge.
    (true, "charge", "more is captured than was authorised"),
    (true, "charge", "a card is lent more often than its token says"),
    (false, "charge", "a card is lent more often than its token says"),
    // The token of a single use that was used up, if its payment is repeated.
    (true, "stored card", "a card is lent more often than its token says"),
    (false, "stored card", "a card is lent more often than its token says"),
];

const AMOUNT: u64 = 4_200;
const STEPS: usize = 6;

/// A bank and its vault whose rows can be taken out, an acquirer, and what the customer gave.
struct World<const KEYS: bool> {
    bank: Verifier,
    vault: Vault,
    clock: ManualClock,
    rows: [Rows; 2],
    roles: Vec<(Place, &'static str)>,
    acquirer: Recording<KEYS>,
    asked: Vec<PaymentRequested>,
    /// What the customer sealed a card for: how much was shown.
    sealed: Vec<(SealedCard, u64)>,
    paid: Vec<Paid>,
    tokens: Vec<CardToken>,
    lent: usize,
    captures: usize,
    got: BTreeSet<&'static str>,
}

impl<const KEYS: bool> World<KEYS> {
    fn new() -> Self {
        let (clock, rows) = (ManualClock::new(START), [Rows::default(), Rows::default()]);
        let [bank_rows, vault_rows] = rows.clone();
        let bank = Verifier::builder(issuer(), bank_keyring())
            .store(bank_rows)
            .clock(clock.clone())
            .random(SeededRandom::new(1))
            .signing_key(signing())
            .vault_keys(vault_keys());
        let vault =
            Vault::builder(vault_issuer(), vault_keyring(), receipt_signing(), enterprise())
                .store(vault_rows)
                .clock(clock.clone())
                .random(SeededRandom::new(2));
        Self {
            bank: bank.build().unwrap(),
            vault: vault.build().unwrap(),
            clock,
            rows,
            roles: Vec::new(),
            acquirer: Recording::new(true),
            asked: Vec::new(),
            sealed: Vec::new(),
            paid: Vec::new(),
            tokens: Vec::new(),
            lent: 0,
            captures: 0,
            got: BTreeSet::new(),
        }
    }

    fn places(&self) -> Vec<(usize, Place)> {
        let places = |of: usize| self.rows[of].places().into_iter().map(move |at| (of, at));
        places(0).chain(places(1)).collect()
    }

    /// Calls every row that nobody has named yet by `roles`, the bank's and the vault's.
    fn name(&mut self, roles: [&'static str; 2]) {
        for (of, at) in self.places() {
            if !self.roles.iter().any(|(known, _)| *known == at) {
                self.roles.push((at, roles[of]));
            }
        }
    }

    fn role(&self, at: &Place) -> &'static str {
        self.roles.iter().find(|(known, _)| known == at).map_or("unnamed", |(_, role)| role)
    }

    fn must(&mut self, holds: bool, otherwise: &'static str) {
        if !holds {
            self.got.insert(otherwise);
        }
    }

    async fn request(&mut self, amount: u64) {
        let Ok(key) = self.vault.public_key().await else { return };
        self.name(["", "opening keys"]);
        let mut what = purchase();
        what.amount = amount;
        let name = "Bob".parse().unwrap();
        let asking = PaymentRequest::new(request("p-1"), merchant(), what, name, key);
        if let Ok(asked) = self.bank.payments().request(&bob_rings(), &asking).await {
            self.asked.push(asked);
        }
        self.name(["payment or count", ""]);
    }

    /// Gives every sealed card under every request that there ever was.
    async fn pay(&mut self) {
        for (sealed, _) in &self.sealed {
            for asked in &self.asked {
                if let Ok(paid) = self.vault.pay(&ALICE, &asked.token, sealed, &self.acquirer).await
                {
                    self.paid.push(paid);
                }
            }
        }
        // A card is kept after its charge was noted.
        let mut names = ["charge", "stored card"].into_iter().cycle();
        for at in self.rows[1].written() {
            if self.roles.iter().any(|(known, role)| *known == at && *role == "opening keys") {
                continue;
            }
            let name = names.next().unwrap();
            if !self.roles.iter().any(|(known, _)| *known == at) {
                self.roles.push((at, name));
            }
        }
        let mut tokens = Vec::new();
        for asked in &self.asked {
            tokens.extend(self.vault.card_token(&asked.token).await.ok().flatten());
        }
        for token in tokens {
            if !self.tokens.iter().any(|known| known == &token) {
                self.tokens.push(token);
            }
        }
    }

    async fn apply_receipt(&mut self) {
        for paid in &self.paid {
            let _ = self.bank.payments().apply_receipt(&alice(), &paid.receipt).await;
        }
    }

    /// Captures all, by every receipt, under `name`.
    async fn capture(&mut self, name: &str) {
        for paid in &self.paid {
            let (receipt, name) = (&paid.receipt, request(name));
            let done = self.vault.capture(&alice(), receipt, AMOUNT, &name, &self.acquirer).await;
            self.captures += usize::from(done.is_ok());
        }
    }

    async fn lend(&mut self) {
        for token in &self.tokens {
            let lent = self.vault.with_card(token, &binding(), |_| ()).await;
            self.lent += usize::from(lent.is_ok());
        }
    }

    async fn step(&mut self, number: usize) {
        match number {
            0 => self.request(AMOUNT).await,
            1 => {
                let Some(asked) = self.asked.last() else { return };
                let now = countersign::time::Clock::now(&self.clock).unwrap();
                let shown = phone().open_payment(&asked.token, now).unwrap();
                let sealed = shown.seal(&card(), &SeededRandom::new(3)).unwrap();
                self.sealed.push((sealed, shown.transaction().amount));
                self.pay().await;
            }
            2 => self.apply_receipt().await,
            3 => self.capture("capture").await,
            4 => self.lend().await,
            // The answer was lost, and the phone repeats it.
            _ => self.pay().await,
        }
    }

    async fn attack(&mut self) {
        self.request(999_900).await;
        self.pay().await;
        self.apply_receipt().await;
        self.capture("thief").await;
        self.lend().await;
    }

    async fn check(&mut self) {
        let (charges, captured) = {
            let book = self.acquirer.book();
            let captured: u64 = book.follow_ups.iter().map(|done| done.2).sum();
            (book.charges.clone(), captured)
        };
        let given = self.sealed.len();
        self.must(charges.len() <= given, "a card is charged more often than it was given");
        let shown: Vec<u64> = self.sealed.iter().map(|(_, shown)| *shown).collect();
        let other = charges.iter().any(|charge| !shown.contains(&charge.3));
        self.must(!other, "a card is charged with what nobody was shown");
        let authorised: u64 = charges.iter().map(|charge| charge.3).sum();
        self.must(captured <= authorised, "more is captured than was authorised");
        let lent_at_most = self.sealed.len();
        self.must(self.lent <= lent_at_most, "a card is lent more often than its token says");
        let listed = self.bank.payments().list(&alice(), countersign::page::Page::first()).await;
        for one in listed.unwrap().items {
            let amount = one.transaction.amount;
            let charged = charges.iter().any(|charge| charge.3 == amount);
            self.must(
                one.status != PaymentStatus::Authorised || charged,
                "what nobody paid counts as paid",
            );
        }
    }
}

/// When rows vanish, and which of those that there are then.
type Losses = Vec<(usize, usize)>;

async fn play<const KEYS: bool>(
    losses: &Losses,
    early: bool,
) -> (Vec<usize>, Vec<(String, &'static str)>) {
    let mut world = World::<KEYS>::new();
    let (mut there, mut lost) = (Vec::new(), Vec::new());
    for step in 0..=STEPS {
        let places = world.places();
        there.push(places.len());
        for (_, which) in losses.iter().filter(|(at, _)| *at == step) {
            if let Some((of, at)) = places.get(*which) {
                lost.push(world.role(at));
                world.rows[*of].vanish(at);
            }
        }
        if early && losses.iter().any(|(at, _)| *at == step) {
            world.attack().await;
        }
        if step < STEPS {
            world.step(step).await;
        }
    }
    world.attack().await;
    world.check().await;
    lost.sort_unstable();
    (there, world.got.iter().map(|got| (lost.join(" and "), *got)).collect())
}

/// Every single row and every pair, at every point; of the pairs every 7th in a quick run.
fn search<const KEYS: bool>(found: &mut BTreeMap<(bool, String, String), Losses>) -> usize {
    let (there, got) = crate::support::crashes::finish(play::<KEYS>(&Vec::new(), false));
    assert_eq!(got, [], "nothing is lost");
    let mut single = Vec::new();
    for (step, rows) in there.iter().enumerate() {
        single.extend((0..*rows).map(|which| (step, which)));
    }
    let mut all: Vec<Losses> = single.iter().map(|one| vec![*one]).collect();
    let pairs = single
        .iter()
        .enumerate()
        .flat_map(|(at, one)| single[at + 1..].iter().map(move |other| vec![*one, *other]));
    all.extend(strided(pairs, 7));
    let mut plays = 0;
    for losses in &all {
        for early in if losses.len() == 1 { &[false, true][..] } else { &[false] } {
            let (_, got) = crate::support::crashes::finish(play::<KEYS>(losses, *early));
            plays += 1;
            for (lost, what) in got {
                found.entry((KEYS, lost, what.to_owned())).or_insert_with(|| losses.clone());
            }
        }
    }
    plays
}

#[test]
fn whatever_rows_vanish_nothing_is_charged_that_was_not_given() {
    let mut found = BTreeMap::new();
    let plays = search::<true>(&mut found) + search::<false>(&mut found);
    assert!(plays > either(100, 500), "{plays}");
    let listed = |(keys, lost, got): &(bool, String, String)| {
        RESTS_ON_A_ROW.iter().any(|(of, row, what)| {
            keys == of && got == what && lost.split(" and ").any(|one| one == *row)
        })
    };
    let unexpected: Vec<_> = found.iter().filter(|(key, _)| !listed(key)).collect();
    assert!(unexpected.is_empty(), "{unexpected:#?}");
    for (of, row, what) in RESTS_ON_A_ROW {
        let key = (of, row.to_owned(), what.to_owned());
        assert!(found.contains_key(&key), "no longer so, take it off the list: {key:?}");
    }
}
