//! The vault's process: reads a line, does it, writes a line. It may be killed over any of them.

use std::io::{BufRead, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use countersign::card::SealedCard;
use countersign::payment::Receipt;
use countersign::store::redb::RedbStore;
use countersign::time::{Clock, ClockError, SystemClock, Timestamp};
use countersign::token::{PublicKey, Purpose, SigningKey, TrustedKeys};
use countersign::{CustomerId, Issuer, Keyring, MerchantId, RequestId, Vault};
use serde_json::{Value, json};
use stripe_like::{Options, Psp};

use crate::Outcome;
use crate::scenario::BY_PHONE;

/// The time of this machine, and as much later as it is told.
#[derive(Clone, Default)]
pub(crate) struct Later(Arc<AtomicU64>);

impl Later {
    pub(crate) fn by(&self, seconds: u64) {
        self.0.store(seconds, Ordering::SeqCst);
    }
}

impl Clock for Later {
    fn now(&self) -> Result<Timestamp, ClockError> {
        Ok(SystemClock.now()?.after(Duration::from_secs(self.0.load(Ordering::SeqCst))))
    }
}

/// What the vault and the enterprise know of each other, and what the vault keeps: the same whenever it is started.
pub(crate) const BANK: &str = "bank.example";
pub(crate) const VAULT: &str = "vault.bank.example";
pub(crate) const SEED: [u8; 32] = *b"the vault's signing key: a test!";
const LOCATOR: [u8; 32] = *b"the vault's locator key: a test!";
/// How far a sweep looks back: further than a payment here takes.
const BACK: Duration = Duration::from_secs(2 * 3600);
const ROOT: [u8; 32] = *b"the vault's root key, for tests!";

fn vault(store: &str, bank: &str, clock: Later) -> Outcome<Vault> {
    let mut of_bank = TrustedKeys::new(Issuer::new(BANK)?);
    let bank: PublicKey = bank.parse()?;
    of_bank.trust(bank, Purpose::PaymentRequest)?;
    let own = Issuer::new(VAULT)?;
    let keyring = Keyring::import(&LOCATOR, &ROOT)?;
    Ok(Vault::builder(own, keyring, SigningKey::from_seed(&SEED)?, of_bank)
        .store(RedbStore::open(format!("{store}.records"))?)
        .opening_keys_store(RedbStore::open(format!("{store}.keys"))?)
        .clock(clock)
        .build()?)
}

/// `drive --vault STORE ADDRESS ROOTS BANK_KEY`, until its input ends. ROOTS is `-` without TLS.
pub(crate) async fn run(arguments: &[String]) -> Outcome<()> {
    let [store, address, roots, bank] = arguments else { return Err("four arguments".into()) };
    let later = Later::default();
    let vault = vault(store, bank, later.clone())?;
    let roots = (roots != "-").then_some(roots.as_str());
    let options = Options {
        within: Duration::from_secs(5),
        settled_after: Duration::from_secs(10),
        // So few that every list has several pages.
        page: 3,
        holds: vec![MerchantId::new(BY_PHONE)?],
    };
    let psp = Psp::new(address, roots, "sk_test_12345", Arc::new(later.clone()), options)?;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<_> = line.split(' ').collect();
        let (Some(ahead), asked) = (words.first(), words.get(1..).unwrap_or_default()) else {
            continue;
        };
        later.by(ahead.parse()?);
        let said = match asked_for(&vault, &psp, asked).await {
            Ok(said) => json!({ "ok": said }),
            Err(error) => json!({ "error": error.to_string() }),
        };
        let mut out = std::io::stdout().lock();
        writeln!(out, "{said}")?;
        out.flush()?;
    }
    Ok(())
}

async fn asked_for(vault: &Vault, psp: &Psp, asked: &[&str]) -> Outcome<Value> {
    Ok(match asked {
        ["key"] => json!(vault.public_key().await?),
        ["pay", customer, request, sealed] => {
            let sealed: SealedCard = sealed.parse()?;
            paid(vault.pay(&CustomerId::new(customer)?, request, &sealed, psp).await?)?
        }
        ["resume", customer, request, sealed] => {
            let (customer, sealed) = (CustomerId::new(customer)?, sealed.parse()?);
            // What a browser says that was never authenticated.
            let hint = Some("forged");
            paid(vault.resume(&customer, request, &sealed, hint, psp).await?)?
        }
        ["receipt", request] => json!(vault.receipt(request).await?),
        [act @ ("capture" | "void" | "refund"), customer, request, amount, name] => {
            let receipt = vault.receipt(request).await?.ok_or("no receipt")?;
            let (customer, amount) = (CustomerId::new(customer)?, amount.parse()?);
            let name = RequestId::new(name)?;
            let done = match *act {
                "capture" => vault.capture(&customer, &receipt, amount, &name, psp).await,
                "void" => vault.void(&customer, &receipt, amount, &name, psp).await,
                _ => vault.refund(&customer, &receipt, amount, &name, psp).await,
            };
            json!(done?.reference)
        }
        ["sweep"] => {
            let swept = vault.reconcile(BACK, psp).await?;
            if let Some(missed) = swept.failed {
                return Err(missed.error.into());
            }
            json!(swept.receipts)
        }
        ["acknowledge", customer, receipt] => {
            let receipt: Receipt = serde_json::from_slice(&unhex(receipt)?)?;
            vault.acknowledge(&CustomerId::new(customer)?, &receipt).await?;
            Value::Null
        }
        _ => return Err("unknown".into()),
    })
}

fn paid(paid: countersign::vault::Paid) -> Outcome<Value> {
    Ok(json!({ "receipt": paid.receipt, "next": paid.next }))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Outcome<Vec<u8>> {
    let digits = |at: usize| text.get(at..at + 2).ok_or("half a byte");
    (0..text.len()).step_by(2).map(|at| Ok(u8::from_str_radix(digits(at)?, 16)?)).collect()
}
