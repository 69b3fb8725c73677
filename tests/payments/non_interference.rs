//! Non-interference: nothing but the sealed card, its digest and the acquirer's call depends on the
//! verification code or cryptogram, nothing but those and the kept card on the billing address, and nothing but these
//! and the card's fingerprint on the middle digits.
//!
//! The same payment is played twice from the same seeds, with two cards that differ in one thing, and
//! everything that either store holds, anybody is told and a log gets is compared, on every path.

use std::fmt::Debug;
use std::io::Write;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};

use countersign::card::{BillingAddress, Card, Cryptogram, Wallet};
use countersign::page::Page;
use countersign::payment::DeclineReason;
use countersign::store::{Fault, FaultStore, Place, Record};
use countersign::vault::{Binding, Paid};
use countersign::{Error, MemoryStore};
use serde::Serialize;
use tracing_subscriber::fmt::MakeWriter;

use crate::support::crashes::until_death;
use crate::support::depth::strided;
use crate::support::*;

/// `PAN` with other digits in the middle: the same eight at the start and four at the end.
const SAME_ENDS: &str = "4242424226424242";

/// Which of a card's secrets the two cards differ in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Differ {
    Code,
    Cryptogram,
    Address,
    Pan,
}

#[derive(Debug, Clone, Copy)]
enum Wrong {
    Nothing,
    Declined,
    Store(usize, Fault),
    Acquirer(usize, Trouble),
    /// The acquirer's answer is lost, and it charges only a while later.
    Late,
    /// The acquirer takes longer than it may, while the device and a sweep ask.
    Slow,
    /// The store fails while a kept card is lent, or revoked.
    Lend(usize, Fault),
    Revoke(usize, Fault),
}

/// All of them; in a quick run every fifth of the store's, in which each fault and each call comes up.
fn all() -> Vec<Wrong> {
    let mut all = vec![Wrong::Nothing, Wrong::Declined];
    // The last one: a process that never comes back from a call of its store.
    let faults = || Fault::ALL.into_iter().chain([Fault::Delay(u32::MAX)]);
    let paying = faults().flat_map(|fault| (0..9).map(move |at| Wrong::Store(at, fault)));
    all.extend(strided(paying, 5));
    for trouble in [Trouble::Before, Trouble::After, Trouble::DiesBefore, Trouble::DiesAfter] {
        all.extend((0..3).map(|at| Wrong::Acquirer(at, trouble)));
    }
    all.extend([Wrong::Late, Wrong::Slow]);
    let keeping = faults().flat_map(|fault| {
        let lend = (0..3).map(move |at| Wrong::Lend(at, fault));
        lend.chain((0..3).map(move |at| Wrong::Revoke(at, fault)))
    });
    all.extend(strided(keeping, 5));
    all
}

/// What a host's log gets: everything, at every level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Everything there is to see of a payment.
#[derive(Default)]
struct Trace {
    /// What was returned, printed and serialised, in order.
    told: Vec<String>,
    /// Both stores after each step: the enterprise's, and the vault's.
    bank: Vec<Vec<(Place, Record)>>,
    vault: Vec<Vec<(Place, Record)>>,
    fingerprint: Option<String>,
    /// What the acquirer was given.
    given: Vec<(String, String)>,
    /// What was logged.
    log: String,
}

impl Trace {
    fn tell(&mut self, of: &str, what: &impl Debug) {
        self.told.push(format!("{of}: {what:?} {what:#?}"));
    }

    fn serialised(&mut self, of: &str, what: &impl Serialize) {
        self.told.push(format!("{of}: {}", serde_json::to_string(what).unwrap()));
    }

    fn paid(&mut self, of: &str, paid: Option<&Result<Paid, Error>>) {
        self.tell(of, &paid);
        match paid {
            Some(Ok(paid)) => {
                self.serialised(of, &paid.receipt);
                self.tell(of, &paid.card_token.as_ref().map(|token| token.expose().to_owned()));
            }
            Some(Err(error)) => {
                tracing::warn!(%error, ?error, "{of}");
                self.told.push(format!("{of}: {error}"));
            }
            None => {}
        }
    }

    fn lent<T: Debug>(&mut self, of: &str, lent: Option<Result<T, Error>>) {
        self.tell(of, &lent);
        if let Some(Err(error)) = &lent {
            tracing::warn!(%error, ?error, "{of}");
        }
    }

    fn step(&mut self, scene: &Scene) {
        let rows = |store: &FaultStore<MemoryStore>| store.records();
        self.bank.push(rows(&scene.bank_store));
        self.vault.push(rows(&scene.store));
        self.tell("the bank's observer", &scene.bank_seen.take());
        self.tell("the vault's observer", &scene.seen.take());
        self.tell("calls of the stores", &(scene.bank_store.calls(), scene.store.calls()));
    }
}

fn done<T>(future: impl Future<Output = T>) -> T {
    until_death(future).expect("it ends")
}

/// A payment with `card`, in which `wrong` happens once, and all that may be asked about it; and what a
/// host that logs whatever it can has logged.
fn played<const KEYS: bool>(card: &Card, finds: bool, wrong: Wrong) -> Trace {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .without_time()
        .with_writer(log.clone())
        .finish();
    let mut trace = tracing::subscriber::with_default(subscriber, || {
        LOGGING.set(true);
        let trace = acted::<KEYS>(card, finds, wrong);
        LOGGING.set(false);
        trace
    });
    trace.log = timeless(&String::from_utf8(log.0.lock().unwrap().clone()).unwrap());
    trace
}

/// The log but for how long each call took, which is never the same twice.
fn timeless(log: &str) -> String {
    let mut parts = log.split("latency_us=");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |log, part| log + part.trim_start_matches(|c: char| c.is_ascii_digit()))
}

fn acted<const KEYS: bool>(card: &Card, finds: bool, wrong: Wrong) -> Trace {
    let mut trace = Trace::default();
    let scene = scene();
    let acquirer = Recording::<KEYS>::new(finds);
    let (asked, other) = (done(scene.asked("p-1")), done(scene.asked("p-2")));
    let sealed = scene.sealed(&asked, card, 3);
    trace.tell("the card", card);
    trace.tell("the sealed card", &sealed);
    trace.tell("the sealed card's length", &sealed.to_bytes().len());
    trace.tell("asked", &asked);
    trace.step(&scene);

    let pay = |token: &str| until_death(scene.vault.pay(&ALICE, token, &sealed, &acquirer));
    match wrong {
        Wrong::Nothing => {}
        Wrong::Declined => acquirer.book().declines = Some(DeclineReason::WrongDetails),
        Wrong::Store(at, fault) => scene.store.plan(at, fault),
        Wrong::Acquirer(at, trouble) => acquirer.plan(at, trouble),
        Wrong::Late => acquirer.plan(0, Trouble::Late),
        Wrong::Slow => acquirer.plan(0, Trouble::Slow),
        Wrong::Lend(..) | Wrong::Revoke(..) => {}
    }
    if matches!(wrong, Wrong::Slow) {
        let mut paying = pin!(scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer));
        for _ in 0..50 {
            assert!(paying.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        trace.paid("while another call asks", pay(&asked.token).as_ref());
        trace.step(&scene);
        scene.clock.advance(SURELY);
        trace.tell("swept meanwhile", &done(scene.vault.reconcile(HOUR, &acquirer)));
        trace.step(&scene);
        acquirer.book().released = true;
        trace.paid("first", Some(&done(paying)));
    } else {
        trace.paid("first", pay(&asked.token).as_ref());
    }
    trace.step(&scene);
    scene.store.heal();
    trace.paid("at once again", pay(&asked.token).as_ref());
    trace.step(&scene);
    if matches!(wrong, Wrong::Late) {
        trace.tell("swept too early", &done(scene.vault.reconcile(HOUR, &acquirer)));
        acquirer.land();
        trace.step(&scene);
    }
    scene.clock.advance(SURELY);
    let paid = pay(&asked.token);
    trace.paid("later again", paid.as_ref());
    acquirer.heal();
    trace.step(&scene);

    // Under another request, with a token that is none, and another card under the same request.
    trace.paid("another request", pay(&other.token).as_ref());
    trace.paid("no token", pay("v4.public.none").as_ref());
    let second = scene.sealed(&asked, &card_of(OTHER_PAN, "321"), 9);
    let second = until_death(scene.vault.pay(&ALICE, &asked.token, &second, &acquirer));
    trace.paid("a second card", second.as_ref());
    trace.step(&scene);

    if let Some(token) = paid.and_then(Result::ok).and_then(|paid| paid.card_token) {
        let stranger = Binding::new(mallory(), merchant());
        trace.tell("a stranger", &done(scene.vault.with_card(&token, &stranger, |_| ())));
        let fingerprint = done(scene.vault.fingerprint(&token, &binding()));
        trace.tell("a fingerprint", &fingerprint.is_ok());
        trace.fingerprint = fingerprint.ok().map(|found| found.to_string());
        trace.step(&scene);
        let own = binding();
        if let Wrong::Revoke(at, fault) = wrong {
            scene.store.plan(at, fault);
            trace.lent("revoked", until_death(scene.vault.revoke(&token, &own)));
            scene.store.heal();
            trace.step(&scene);
        }
        if let Wrong::Lend(at, fault) = wrong {
            scene.store.plan(at, fault);
        }
        for of in ["used", "used again"] {
            let shown = scene.vault.with_card(&token, &own, |card| format!("{card:?}"));
            trace.lent(of, until_death(shown));
            trace.step(&scene);
        }
        scene.store.heal();
        let shown = scene.vault.with_card(&token, &own, |card| format!("{card:?}"));
        trace.lent("used once more", until_death(shown));
        trace.step(&scene);
        trace.tell("the card's history", &done(scene.vault.card_history(&token, &binding())));
    }
    let swept = done(scene.vault.reconcile(HOUR, &acquirer)).unwrap();
    trace.tell("swept", &swept);
    let receipt = done(scene.vault.receipt(&asked.token)).unwrap();
    trace.tell("the receipt", &receipt);
    trace.serialised("the receipt", &receipt);
    let payments = scene.verifier.payments();
    let swept = swept.receipts.iter().map(|(_, receipt)| receipt);
    for receipt in swept.chain(&receipt) {
        let settled = done(payments.apply_receipt(&alice(), receipt)).unwrap();
        trace.tell("settled", &settled);
        trace.serialised("settled", &settled);
    }
    let outcome = done(payments.outcome(&bob_rings(), &asked.payment.id)).unwrap();
    trace.tell("the outcome", &outcome);
    trace.serialised("the outcome", &outcome);
    trace.tell("the history", &done(scene.vault.payment_history(&asked.token)));
    let histories = done(scene.verifier.history(&alice(), Page::first())).unwrap();
    trace.serialised("the bank's histories", &histories.items);
    trace.step(&scene);
    trace.given = acquirer.book().charges.iter().map(|of| (of.1.clone(), of.2.clone())).collect();
    trace
}

/// Where two sealed records differ, the GCM tag at their end left out: the same key and nonce were
/// drawn, so that their ciphertexts differ exactly where what they hold does.
fn differing(one: &Record, two: &Record) -> Vec<usize> {
    assert_eq!(one.sealed.len(), two.sealed.len(), "a length tells");
    assert_eq!(one.head, two.head);
    let body = one.sealed.len() - 16;
    (0..body).filter(|at| one.sealed[*at] != two.sealed[*at]).collect()
}

/// Compares what was seen of `one` and `two`; returns how many rows of the vault's differ.
fn compare(differ: Differ, case: &str, one: &Trace, two: &Trace) -> usize {
    assert_eq!(one.told, two.told, "{case}");
    assert_eq!(one.log, two.log, "{case}");
    // The log is none that nothing reaches.
    assert!(one.log.contains("INFO") && one.log.contains("observed"), "{case}");
    assert!(one.given.is_empty() || one.log.contains("the acquirer is asked of="), "{case}");
    assert!(one.bank == two.bank, "{case}: the bank's store");
    assert_eq!(one.vault.len(), two.vault.len(), "{case}");
    let mut rows = 0;
    for (one, two) in one.vault.iter().zip(&two.vault) {
        assert_eq!(one.len(), two.len(), "{case}");
        let (mut digests, mut other) = (0, 0);
        for ((at, one), (place, two)) in one.iter().zip(two) {
            assert!(at == place, "{case}: the places");
            let differing = differing(one, two);
            let (Some(first), Some(last)) = (differing.first(), differing.last()) else {
                assert!(one == two, "{case}: a tag alone");
                continue;
            };
            rows += 1;
            // A charge's row holds the sealed card's digest: 32 bytes, of which hardly any are the same by
            // chance. A code, or digits, would be a few bytes that differ alone, or make the run longer.
            if last - first < 32 && differing.len() >= 26 {
                digests += 1;
            } else {
                other += 1;
            }
        }
        // One charge, which holds a keyed hash of the number too; and a kept card's row, which holds the number and that
        // hash, and no code.
        assert!(digests <= 1, "{case}: {digests} rows with a digest");
        let most = match differ {
            Differ::Pan => 2,
            Differ::Address => 1,
            Differ::Code | Differ::Cryptogram => 0,
        };
        assert!(other <= most, "{case}: {other} other rows");
    }
    match differ {
        Differ::Code | Differ::Cryptogram | Differ::Address => {
            assert_eq!(one.fingerprint, two.fingerprint, "{case}");
        }
        Differ::Pan => assert!(
            one.fingerprint.is_none() || one.fingerprint != two.fingerprint,
            "{case}: two cards are told apart"
        ),
    }
    // The control: the acquirer alone was given what differs.
    assert_eq!(one.given.len(), two.given.len(), "{case}");
    for (one, two) in one.given.iter().zip(&two.given) {
        match differ {
            Differ::Code | Differ::Cryptogram | Differ::Address => {
                assert!(one.0 == two.0 && one.1 != two.1, "{case}");
            }
            Differ::Pan => assert!(one.0 != two.0 && one.1 == two.1, "{case}"),
        }
    }
    rows
}

fn every_path(differ: Differ, one: &Card, two: &Card) {
    let (mut rows, mut given) = (0, 0);
    for wrong in all() {
        // The acquirer that tells most, and the one that tells least.
        let case = format!("{wrong:?}, keys and find");
        let seen = [played::<true>(one, true, wrong), played::<true>(two, true, wrong)];
        rows += compare(differ, &case, &seen[0], &seen[1]);
        given += seen[0].given.len();
        let case = format!("{wrong:?}, neither");
        let seen = [played::<false>(one, false, wrong), played::<false>(two, false, wrong)];
        rows += compare(differ, &case, &seen[0], &seen[1]);
        given += seen[0].given.len();
    }
    assert!(rows > 0 && given > 0, "{rows} rows, {given} charges");
}

#[test]
fn nothing_depends_on_the_verification_code() {
    every_path(Differ::Code, &card_of(PAN, "123"), &card_of(PAN, "987"));
}

#[test]
fn nothing_depends_on_the_middle_digits() {
    every_path(Differ::Pan, &card_of(PAN, "123"), &card_of(SAME_ENDS, "123"));
}

#[test]
fn nothing_depends_on_the_cryptogram() {
    let of = |value: &str| {
        let eci = Some("05".parse().unwrap());
        let cryptogram = Cryptogram::new(value, eci, Wallet::ApplePay).unwrap();
        let (expiry, name) = ("12/34".parse().unwrap(), "Alice Jones".parse().unwrap());
        Card::with_cryptogram(PAN.parse().unwrap(), expiry, cryptogram, name)
    };
    let (one, two) = ("AgAAAAAAAIR8CQrXcIhbQAAAAAA=", "AAAAAAAAAAAAAAAA");
    every_path(Differ::Cryptogram, &of(one), &of(two));
}

/// Nor on whether there is one.
#[test]
fn nothing_depends_on_the_billing_address() {
    let of = |line: &str| {
        let address = BillingAddress::new("GB".parse().unwrap()).with_line(line).unwrap();
        card().with_billing_address(address)
    };
    every_path(Differ::Address, &of("1 High Street"), &of("Upper Mill, Low Lane"));
    every_path(Differ::Address, &of("1 High Street"), &card());
}

/// The control: what may be seen of a card, its last four digits, is seen.
#[test]
fn the_last_four_digits_are_seen() {
    let one = played::<true>(&card(), true, Wrong::Nothing);
    let two = played::<true>(&card_of("4242424226424259", "123"), true, Wrong::Nothing);
    assert_ne!(one.told, two.told);
    assert_ne!(one.log, two.log);
    assert!(one.bank != two.bank);
    let again = played::<true>(&card(), true, Wrong::Nothing);
    assert!(one.told == again.told && one.log == again.log);
    assert!(one.bank == again.bank && one.vault == again.vault);
}
