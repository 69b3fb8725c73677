//! One bank, its vault, an acquirer that remembers everything, and Alice's phone.

pub(crate) mod between;
pub(crate) mod crashes;
pub(crate) mod depth;
pub(crate) mod dying;
pub(crate) mod golden;
pub(crate) mod kms;
pub(crate) mod outbox;
pub(crate) mod psp;
pub(crate) mod rows;
pub(crate) mod vault_keys;
pub(crate) mod wire;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use countersign::card::{BillingAddress, Card, SealedCard, StoredCredential, Verification};
use countersign::error::Reason;
use countersign::history::Outcome;
use countersign::observer::Observed;
use countersign::payment::{DeclineReason, PaymentRequest, PaymentRequested};
use countersign::random::SeededRandom;
use countersign::store::FaultStore;
use countersign::time::{Clock, ManualClock};
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::transaction::TransactionKind;
use countersign::vault::VaultBuilder;
use countersign::vault::{
    Acquirer, AcquirerAnswer, AcquirerError, ActAnswer, Authorisation, Binding, FollowUp, Found,
    KeysHonoured, Sought,
};
use countersign::verifier::VerifierBuilder;
use countersign::{
    Agent, AgentId, Channel, CustomerId, Device, Error, IdempotencyKey, Interaction, InteractionId,
    Issuer, Keyring, MemoryStore, MerchantId, Observer, Policy, RequestId, Timestamp, Transaction,
    Vault, Verifier,
};

/// 2027-01-15T08:00:00Z, the start of most tests.
pub(crate) const START: Timestamp = Timestamp::from_unix(1_800_000_000);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HOUR: Duration = Duration::from_secs(3600);
/// From when on the acquirer has surely done what it was asked, whoever's clock tells the time.
pub(crate) const SURELY: Duration = Duration::from_secs(120 + 30);

pub(crate) const PAN: &str = "4242424242424242";
pub(crate) const OTHER_PAN: &str = "5555555555554444";

thread_local! {
    /// Whether this thread's host logs whatever it can. Nobody else may reach those lines: `tracing`
    /// remembers of each whether anybody listened when it was first reached.
    pub(crate) static LOGGING: Cell<bool> = const { Cell::new(false) };
}

/// Remembers what an observer was told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recorder(pub(crate) Arc<Mutex<Vec<Observed>>>);

impl Recorder {
    pub(crate) fn take(&self) -> Vec<Observed> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl Observer for Recorder {
    fn observe(&self, event: &Observed) {
        if LOGGING.get() {
            tracing::info!(?event, "observed");
        }
        self.0.lock().unwrap().push(event.clone());
    }
}

/// What happens at one call of the acquirer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The call does not reach it.
    Before,
    /// It does what it is asked, and its answer is lost.
    After,
    /// The caller's process dies before the call, or after it: it never returns.
    DiesBefore,
    DiesAfter,
    /// There is no answer, and nothing is charged until it lands.
    Late,
    /// It does what it is asked, and answers, once it is released.
    Slow,
}

/// An acquirer that writes down every charge. `KEYS`: it honours idempotency keys.
#[derive(Debug, Clone)]
pub(crate) struct Recording<const KEYS: bool = true>(pub(crate) Arc<Mutex<Book>>);

#[derive(Debug, Default)]
pub(crate) struct Book {
    /// Each charge: its key, the card number, what was [shown with](shown_with) it, the amount.
    pub(crate) charges: Vec<(IdempotencyKey, String, String, u64)>,
    pub(crate) answers: BTreeMap<IdempotencyKey, Result<String, DeclineReason>>,
    /// Each capture, void and refund that it did.
    pub(crate) follow_ups: Vec<(&'static str, IdempotencyKey, u64)>,
    /// It was asked for this many, done or not.
    pub(crate) asked_to: usize,
    /// It does none of them.
    pub(crate) refuses: bool,
    /// How often it was asked to authorise, and to find.
    pub(crate) authorised: usize,
    pub(crate) sought: usize,
    /// All calls, and what is to go wrong with which.
    calls: usize,
    planned: BTreeMap<usize, Trouble>,
    late: Option<(IdempotencyKey, String, String, u64)>,
    pub(crate) released: bool,
    /// It declines everything for this reason.
    pub(crate) declines: Option<DeclineReason>,
    /// It answers `find`.
    pub(crate) finds: bool,
    /// It answers every authorisation with this in place of its own texts.
    pub(crate) says: Option<String>,
}

impl<const KEYS: bool> Recording<KEYS> {
    pub(crate) fn new(finds: bool) -> Self {
        Self(Arc::new(Mutex::new(Book { finds, ..Book::default() })))
    }

    pub(crate) fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        self.0.lock().unwrap()
    }

    /// Makes the call after `calls` further ones go wrong.
    pub(crate) fn plan(&self, calls: usize, trouble: Trouble) {
        let mut book = self.book();
        let at = book.calls + calls;
        book.planned.insert(at, trouble);
    }

    /// What was late is done now.
    pub(crate) fn land(&self) {
        let mut book = self.book();
        let charge = book.late.take().unwrap();
        book.answers.insert(charge.0, Ok("txn-late".to_owned()));
        book.charges.push(charge);
    }

    /// Nothing is to go wrong any more.
    pub(crate) fn heal(&self) {
        self.book().planned.clear();
    }

    pub(crate) fn charges(&self) -> usize {
        self.book().charges.len()
    }

    /// Whether a charge can be told from none after its answer was lost.
    pub(crate) fn is_sure(&self) -> bool {
        KEYS || self.book().finds
    }

    async fn follow_up(
        &self,
        act: &'static str,
        of: &FollowUp<'_>,
    ) -> Result<ActAnswer, AcquirerError> {
        self.call(|book| {
            book.asked_to += 1;
            let known = KEYS && book.follow_ups.iter().any(|done| done.1 == of.key());
            if book.refuses && !known {
                return Err(AcquirerError::Refused);
            }
            if !known {
                book.follow_ups.push((act, of.key(), of.amount()));
            }
            Ok(ActAnswer::done(format!("{act} of {}", of.payment().transaction_id().unwrap())))
        })
        .await
    }

    async fn call<T>(
        &self,
        done: impl FnOnce(&mut Book) -> Result<T, AcquirerError>,
    ) -> Result<T, AcquirerError> {
        let trouble = {
            let mut book = self.book();
            let call = book.calls;
            book.calls += 1;
            book.planned.remove(&call)
        };
        // It is far away: others get to call before this one reaches it.
        for _ in 0..5 {
            tokio::task::yield_now().await;
        }
        while trouble == Some(Trouble::Slow) && !self.book().released {
            tokio::task::yield_now().await;
        }
        let answer = match trouble {
            Some(Trouble::Before | Trouble::DiesBefore | Trouble::Late) => None,
            _ => Some(done(&mut self.book())),
        };
        // Others may call meanwhile.
        tokio::task::yield_now().await;
        match (trouble, answer) {
            (Some(Trouble::DiesBefore | Trouble::DiesAfter), _) => std::future::pending().await,
            (None | Some(Trouble::Slow), Some(answer)) => answer,
            _ => Err(AcquirerError::InDoubt),
        }
    }
}

fn answer(known: &Result<String, DeclineReason>, says: Option<&String>) -> AcquirerAnswer {
    match known {
        Ok(id) => AcquirerAnswer::approved("A1B2C3", says.unwrap_or(id)),
        Err(reason) => AcquirerAnswer::declined(*reason),
    }
}

impl<const KEYS: bool> Acquirer for Recording<KEYS> {
    fn honours_keys(&self) -> KeysHonoured {
        if KEYS { KeysHonoured::Always } else { KeysHonoured::Never }
    }

    fn honours_act_keys(&self) -> KeysHonoured {
        if KEYS { KeysHonoured::Always } else { KeysHonoured::Never }
    }

    async fn authorise(&self, of: &Authorisation<'_>) -> Result<AcquirerAnswer, AcquirerError> {
        if LOGGING.get() {
            tracing::debug!(?of, "the acquirer is asked");
        }
        let (payment, card) = (of.payment(), of.card());
        let (pan, code) = (card.pan().expose(), shown_with(card));
        let charge = (payment.key(), pan.to_owned(), code, payment.transaction().amount);
        {
            let mut book = self.book();
            if book.planned.get(&book.calls) == Some(&Trouble::Late) {
                book.authorised += 1;
                book.late = Some(charge.clone());
            }
        }
        self.call(|book| {
            book.authorised += 1;
            let key = payment.key();
            let known = book.answers.get(&key).filter(|_| KEYS).cloned();
            let known = known.unwrap_or_else(|| {
                let new = match book.declines {
                    Some(reason) => Err(reason),
                    None => {
                        book.charges.push(charge);
                        Ok(format!("txn-{}", book.charges.len()))
                    }
                };
                book.answers.insert(key, new.clone());
                new
            });
            Ok(answer(&known, book.says.as_ref()))
        })
        .await
    }

    async fn find(&self, payment: &Sought<'_>) -> Result<Found, AcquirerError> {
        if LOGGING.get() {
            tracing::debug!(?payment, "the acquirer is asked what it knows");
        }
        self.call(|book| {
            book.sought += 1;
            Ok(match book.answers.get(&payment.key()) {
                _ if !book.finds => Found::Unknown,
                Some(known) => Found::Answered(answer(known, book.says.as_ref())),
                None => Found::Nothing,
            })
        })
        .await
    }

    async fn capture(&self, of: &FollowUp<'_>) -> Result<ActAnswer, AcquirerError> {
        self.follow_up("capture", of).await
    }

    async fn void(&self, of: &FollowUp<'_>) -> Result<ActAnswer, AcquirerError> {
        self.follow_up("void", of).await
    }

    async fn refund(&self, of: &FollowUp<'_>) -> Result<ActAnswer, AcquirerError> {
        self.follow_up("refund", of).await
    }
}

/// The bank, its vault, and everything steerable.
pub(crate) struct Scene {
    pub(crate) verifier: Verifier,
    pub(crate) vault: Vault,
    pub(crate) clock: ManualClock,
    /// The bank's store, and the vault's.
    pub(crate) bank_store: FaultStore<MemoryStore>,
    pub(crate) store: FaultStore<MemoryStore>,
    /// What the bank's observer was told, and the vault's.
    pub(crate) bank_seen: Recorder,
    pub(crate) seen: Recorder,
}

pub(crate) fn issuer() -> Issuer {
    Issuer::new("bank.example").unwrap()
}

pub(crate) fn vault_issuer() -> Issuer {
    Issuer::new("vault.bank.example").unwrap()
}

/// The bank's signing key.
pub(crate) fn signing() -> SigningKey {
    SigningKey::from_seed(&[5; 32]).unwrap()
}

/// The vault's signing key.
pub(crate) fn receipt_signing() -> SigningKey {
    SigningKey::from_seed(&[6; 32]).unwrap()
}

pub(crate) fn bank_keyring() -> Keyring {
    Keyring::generate(&SeededRandom::new(7)).unwrap()
}

pub(crate) fn vault_keyring() -> Keyring {
    Keyring::generate(&SeededRandom::new(8)).unwrap()
}

/// The bank's keys, as the vault trusts them.
pub(crate) fn enterprise() -> TrustedKeys {
    let mut keys = TrustedKeys::new(issuer());
    keys.trust(*signing().public_key(), Purpose::PaymentRequest).unwrap();
    keys
}

/// The vault's keys, as the bank and the phones trust them.
pub(crate) fn vault_keys() -> TrustedKeys {
    vault_keys::trusting(&receipt_signing(), vault_issuer())
}

pub(crate) fn bank_on(
    store: &FaultStore<MemoryStore>,
    clock: &ManualClock,
    seen: &Recorder,
) -> VerifierBuilder {
    Verifier::builder(issuer(), bank_keyring())
        .store(store.clone())
        .clock(clock.clone())
        .observer(seen.clone())
        .random(SeededRandom::new(1))
        .signing_key(signing())
        .vault_keys(vault_keys())
        .telephony(telephony())
}

/// The system that reports the bank's calls, and the number that they show.
fn telephony() -> countersign::contact::Telephony {
    let (pbx, number) = ("pbx".parse().unwrap(), "+442071234567".parse().unwrap());
    countersign::contact::Telephony::new().shows(number, [pbx])
}

/// A vault over parts that are kept, so that a restart or a second process can be played.
pub(crate) fn vault_on(
    store: &FaultStore<MemoryStore>,
    clock: &ManualClock,
    seen: &Recorder,
    seed: u64,
) -> VaultBuilder {
    Vault::builder(vault_issuer(), vault_keyring(), receipt_signing(), enterprise())
        .store(store.clone())
        .clock(clock.clone())
        .observer(seen.clone())
        .random(SeededRandom::new(seed))
}

pub(crate) fn scene() -> Scene {
    scene_with(Policy::default())
}

/// From the first call on, somebody listens to whatever is traced. Otherwise a line that another thread reaches just when a
/// test begins to log would count as one that nobody listens to.
fn somebody_listens() {
    static LISTENS: std::sync::Once = std::sync::Once::new();
    LISTENS.call_once(|| {
        let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry());
    });
}

pub(crate) fn scene_with(policy: Policy) -> Scene {
    somebody_listens();
    let clock = ManualClock::new(START);
    let (bank_store, store) =
        (FaultStore::new(MemoryStore::new()), FaultStore::new(MemoryStore::new()));
    let (bank_seen, seen) = (Recorder::default(), Recorder::default());
    let bank = bank_on(&bank_store, &clock, &bank_seen).policy(policy.clone());
    let vault = vault_on(&store, &clock, &seen, 2).policy(policy);
    Scene {
        verifier: bank.build().unwrap(),
        vault: vault.build().unwrap(),
        clock,
        bank_store,
        store,
        bank_seen,
        seen,
    }
}

impl Scene {
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now().unwrap()
    }

    /// The usual request under `id`: Bob, on the phone with Alice, asks for £42.
    pub(crate) async fn asked(&self, id: &str) -> PaymentRequested {
        let asking = self.asking(id).await;
        self.verifier.payments().request(&bob_rings(), &asking).await.unwrap()
    }

    pub(crate) async fn asking(&self, id: &str) -> PaymentRequest {
        let key = self.vault.public_key().await.unwrap();
        PaymentRequest::new(request(id), merchant(), purchase(), "Bob".parse().unwrap(), key)
    }

    /// Alice seals `card` for what was asked of her.
    pub(crate) fn sealed(&self, asked: &PaymentRequested, card: &Card, seed: u64) -> SealedCard {
        let shown = phone().open_payment(&asked.token, self.now()).unwrap();
        shown.seal(card, &SeededRandom::new(seed)).unwrap()
    }
}

pub(crate) fn alice() -> CustomerId {
    CustomerId::new("alice").unwrap()
}

/// The same, for what borrows her for longer.
pub(crate) static ALICE: LazyLock<CustomerId> = LazyLock::new(alice);

pub(crate) fn mallory() -> CustomerId {
    CustomerId::new("mallory").unwrap()
}

pub(crate) fn merchant() -> MerchantId {
    MerchantId::new("bank-fees").unwrap()
}

pub(crate) fn binding() -> Binding {
    Binding::new(alice(), merchant())
}

pub(crate) fn request(text: &str) -> RequestId {
    RequestId::new(text).unwrap()
}

pub(crate) fn call(customer: &CustomerId, agent: &str) -> Interaction {
    let (id, agent) = (InteractionId::new("call-1").unwrap(), AgentId::new(agent).unwrap());
    Interaction::outbound(id, customer.clone(), Agent::new(agent), Channel::Voice)
}

pub(crate) fn bob_rings() -> Interaction {
    call(&alice(), "bob")
}

pub(crate) fn purchase() -> Transaction {
    Transaction::new(
        TransactionKind::Payment,
        4_200,
        "GBP".parse().unwrap(),
        "Example Bank".parse().unwrap(),
        "Account fees 2026".parse().unwrap(),
    )
}

pub(crate) fn phone() -> Device {
    phone_of(alice())
}

pub(crate) fn phone_of(customer: CustomerId) -> Device {
    let mut keys = TrustedKeys::new(issuer());
    keys.trust(*signing().public_key(), Purpose::PaymentRequest).unwrap();
    Device::new(keys, customer).with_vault_keys(vault_keys())
}

pub(crate) fn card() -> Card {
    card_of(PAN, "123")
}

pub(crate) fn card_of(pan: &str, code: &str) -> Card {
    let (expiry, name) = ("12/34".parse().unwrap(), "Alice Jones".parse().unwrap());
    let card = Card::new(pan.parse().unwrap(), expiry, code.parse().unwrap(), name).unwrap();
    // Kept only where the request asks for that, too.
    card.with_stored_credential(StoredCredential::CustomerInitiated)
}

/// The verification code or the cryptogram, and the billing address if there is one.
pub(crate) fn shown_with(card: &Card) -> String {
    let shown = match card.verification() {
        Verification::Code(code) => code.expose().to_owned(),
        Verification::Cryptogram(cryptogram) => cryptogram.expose().to_owned(),
        Verification::Nothing => String::new(),
    };
    let lines = card.billing_address().into_iter().flat_map(BillingAddress::lines);
    lines.fold(shown, |shown, line| format!("{shown} {line}"))
}

pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, Error>) {
    assert!(matches!(result, Err(Error::Refused(_))), "{result:?}");
}

pub(crate) fn acquirer() -> Recording {
    Recording::new(true)
}

/// A scene with a payment that was made, its receipt, and the card token.
pub(crate) async fn paid(scene: &Scene, id: &str, seed: u64) -> countersign::vault::Paid {
    let asked = scene.asked(id).await;
    let sealed = scene.sealed(&asked, &card(), seed);
    scene.vault.pay(&alice(), &asked.token, &sealed, &acquirer()).await.unwrap()
}

pub(crate) fn reasons(seen: &Recorder) -> Vec<Reason> {
    let told = seen.take().into_iter().filter_map(|event| match event.outcome {
        Outcome::Refused(reason) => Some(reason),
        Outcome::Done => None,
    });
    told.collect()
}
