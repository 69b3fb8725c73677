//! What happens between a customer, an enterprise and an acquirer, from the request to the last refund, and how it
//! goes on after something went wrong.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use countersign::card::{BillingAddress, Card, SealedCard};
use countersign::payment::{
    ChargeOutcome, DeclineReason, PaymentRequest, PaymentRequested, Receipt,
};
use countersign::time::Clock;
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::transaction::TransactionKind;
use countersign::{
    Agent, AgentId, Channel, CustomerId, Device, Interaction, InteractionId, Issuer, Keyring,
    MemoryStore, MerchantId, OsRandom, RequestId, Transaction, Verifier,
};
use serde_json::Value;

use crate::Outcome;
use crate::books::{Account, Books};
use crate::processes::{Server, Vault};
use crate::proxy::{Fault, Proxy};
use crate::vault::{BANK, Later, SEED, VAULT, hex};

/// How it goes on after a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recovery {
    /// Whoever called calls again at once.
    Repeat = 0,
    /// Nobody calls for a while; the vault sweeps.
    Sweep = 1,
}

impl Recovery {
    pub(crate) const ALL: [Self; 2] = [Self::Repeat, Self::Sweep];
}

/// A step after the payment: what, and how many hundredths of the amount.
#[derive(Debug, Clone, Copy)]
enum Step {
    Capture(u64),
    Void,
    Refund(u64),
    /// One that the vault has to refuse, whatever the server would do.
    TooMuch(u64),
}

/// What the customer does about a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Customer {
    /// There is none.
    NotAsked,
    Authenticates,
    Fails,
    /// Authenticates, and never comes back to the app.
    Leaves,
    GoesAway,
}

/// How a payment is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// So many hundredths of it are kept.
    Kept(u64),
    /// Authorised; the server took it at once, and nobody has captured it yet.
    Taken,
    Declined,
}

pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    merchant: &'static str,
    pan: &'static str,
    customer: Customer,
    steps: &'static [Step],
    end: End,
}

/// A merchant whose payments are held and captured, and one whose payments are taken at once.
pub(crate) const BY_PHONE: &str = "by-phone";
const IN_APP: &str = "in-app";

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "held, a part captured, given back in parts",
        merchant: BY_PHONE,
        pan: "4242424242424242",
        customer: Customer::NotAsked,
        steps: &[
            Step::TooMuch(101),
            Step::Capture(80),
            Step::Refund(20),
            Step::Refund(10),
            Step::TooMuch(60),
        ],
        end: End::Kept(50),
    },
    Scenario {
        name: "held, and given up",
        merchant: BY_PHONE,
        pan: "4242424242424242",
        customer: Customer::NotAsked,
        steps: &[Step::Void, Step::TooMuch(1)],
        end: End::Kept(0),
    },
    Scenario {
        name: "taken at once without a challenge",
        merchant: IN_APP,
        pan: "4242424242424242",
        customer: Customer::NotAsked,
        steps: &[Step::Capture(70), Step::Refund(30)],
        end: End::Kept(40),
    },
    Scenario {
        name: "3-D Secure",
        merchant: IN_APP,
        pan: "4000002500003155",
        customer: Customer::Authenticates,
        steps: &[Step::Capture(100), Step::Refund(100), Step::TooMuch(1)],
        end: End::Kept(0),
    },
    Scenario {
        name: "3-D Secure, not passed",
        merchant: IN_APP,
        pan: "4000002500003155",
        customer: Customer::Fails,
        steps: &[],
        end: End::Declined,
    },
    Scenario {
        name: "3-D Secure, and the customer goes away",
        merchant: IN_APP,
        pan: "4000002500003155",
        customer: Customer::GoesAway,
        steps: &[],
        end: End::Declined,
    },
    Scenario {
        name: "3-D Secure, passed, and the customer does not come back",
        merchant: IN_APP,
        pan: "4000002500003155",
        customer: Customer::Leaves,
        steps: &[],
        end: End::Taken,
    },
    Scenario {
        name: "3-D Secure, passed and then declined",
        merchant: IN_APP,
        pan: "4000008400001629",
        customer: Customer::Authenticates,
        steps: &[],
        end: End::Declined,
    },
    Scenario {
        name: "declined",
        merchant: BY_PHONE,
        pan: "4000000000000341",
        customer: Customer::NotAsked,
        steps: &[],
        end: End::Declined,
    },
    Scenario {
        name: "declined in the app",
        merchant: IN_APP,
        pan: "4000000000000341",
        customer: Customer::NotAsked,
        steps: &[],
        end: End::Declined,
    },
];

/// The enterprise's signing key: the vault trusts it.
pub(crate) fn bank_key() -> Outcome<SigningKey> {
    Ok(SigningKey::from_seed(b"the bank's signing key, for test")?)
}

/// Everybody.
pub(crate) struct World {
    server: Server,
    vault: Vault,
    proxy: Proxy,
    bank: Verifier,
    of_bank: TrustedKeys,
    of_vault: TrustedKeys,
    later: Later,
    ahead: u64,
    number: u64,
    happened: BTreeMap<String, usize>,
}

/// One payment.
struct Payment {
    customer: CustomerId,
    call: Interaction,
    amount: u64,
    asked: PaymentRequested,
    sealed: SealedCard,
    recovery: Recovery,
}

/// Twice what a payment may take in a vault, the leeway, and more: after this nothing is under way.
const A_WHILE: u64 = 400;
/// After so many payments the server forgets all of them.
const FORGOTTEN_AFTER: u64 = 8;

impl World {
    pub(crate) fn new(server: Server, vault: Vault, proxy: Proxy) -> Outcome<Self> {
        let later = Later::default();
        let mut of_vault = TrustedKeys::new(Issuer::new(VAULT)?);
        for purpose in [Purpose::Receipt, Purpose::OpeningKey] {
            of_vault.trust(*SigningKey::from_seed(&SEED)?.public_key(), purpose)?;
        }
        let mut of_bank = TrustedKeys::new(Issuer::new(BANK)?);
        of_bank.trust(*bank_key()?.public_key(), Purpose::PaymentRequest)?;
        let bank = Verifier::builder(Issuer::new(BANK)?, Keyring::generate(&OsRandom::new())?)
            .signing_key(bank_key()?)
            .vault_keys(of_vault.clone())
            .store(MemoryStore::new())
            .clock(later.clone())
            .build()?;
        let (ahead, number, happened) = (0, 0, BTreeMap::new());
        Ok(Self { server, vault, proxy, bank, of_bank, of_vault, later, ahead, number, happened })
    }

    pub(crate) const fn books(&self) -> Books {
        Books::new(self.server.port())
    }

    /// How often what happened.
    pub(crate) fn summary(&self) -> String {
        let mut text = String::new();
        for (what, count) in &self.happened {
            let _ = write!(text, "{count} × {what}; ");
        }
        text.trim_end_matches("; ").to_owned()
    }

    fn note(&mut self, what: impl Into<String>) {
        *self.happened.entry(what.into()).or_default() += 1;
    }

    fn wait(&mut self, seconds: u64) {
        self.proxy.settle();
        self.ahead += seconds;
        self.later.by(self.ahead);
    }

    /// Starts what is dead; says whether something was.
    fn revive(&mut self) -> Outcome<bool> {
        let server = self.server.revive()?;
        if server {
            self.note("server killed");
        }
        let vault = self.vault.revive()?;
        if vault && self.number > 0 {
            self.note("vault killed");
        }
        Ok(server || vault)
    }

    /// What the vault says to a line; `None` if it, or the server behind it, died over it, or did not know.
    fn vault(&mut self, line: &str) -> Outcome<Result<Value, String>> {
        self.revive()?;
        let said = self.vault.ask(&format!("{} {line}", self.ahead));
        let Some(said) = said else { return Ok(Err("died".to_owned())) };
        let said: Value = serde_json::from_str(&said)?;
        match said["error"].as_str() {
            Some(error) => Ok(Err(error.to_owned())),
            None => Ok(Ok(said["ok"].clone())),
        }
    }

    /// The same, until it says something. How it goes on after a fault is the payment's matter.
    async fn asked(&mut self, payment: &Payment, line: &str) -> Outcome<Value> {
        let mut last = String::new();
        for _ in 0..12 {
            match self.vault(line)? {
                Ok(said) => return Ok(said),
                Err(error) => last = error,
            }
            // A dead vault takes a moment to let go of its file.
            if payment.recovery == Recovery::Sweep || last != "died" {
                self.wait(A_WHILE / 2);
                self.sweep().await?;
            }
        }
        Err(format!("{line:.40}: {last}").into())
    }

    /// The vault sweeps, and the enterprise applies what comes of it.
    async fn sweep(&mut self) -> Outcome<()> {
        let Ok(receipts) = self.vault("sweep")? else { return Ok(()) };
        for entry in receipts.as_array().ok_or("no receipts")? {
            let (customer, receipt): (String, Receipt) = serde_json::from_value(entry.clone())?;
            self.apply(&CustomerId::new(customer)?, &receipt).await?;
        }
        Ok(())
    }

    async fn apply(&mut self, customer: &CustomerId, receipt: &Receipt) -> Outcome<()> {
        self.bank.payments().apply_receipt(customer, receipt).await?;
        let text = hex(&serde_json::to_vec(receipt)?);
        // One that cannot be acknowledged now comes again.
        let _ = self.vault(&format!("acknowledge {customer} {text}"))?;
        Ok(())
    }

    /// Runs a scenario with a fault, if any; says how many HTTP calls it took.
    pub(crate) async fn run(
        &mut self,
        scenario: &Scenario,
        fault: Option<(usize, Fault)>,
        recovery: Recovery,
    ) -> Outcome<usize> {
        let what = || format!("{}, {fault:?}, {recovery:?}", scenario.name);
        self.proxy.plan(None);
        let payment = self.ask_for(scenario, recovery).await?;
        self.proxy.plan(fault);
        self.played(scenario, &payment)
            .await
            .map_err(|error| format!("{}: {error}\n{:#?}", what(), &self.proxy.asked()[..]).into())
    }

    async fn ask_for(&mut self, scenario: &Scenario, recovery: Recovery) -> Outcome<Payment> {
        self.number += 1;
        let number = self.number;
        self.revive()?;
        if number.is_multiple_of(FORGOTTEN_AFTER) {
            // Its lists would grow long; it takes a time for each that grows with its square.
            self.books().all()?;
            self.books().ask("DELETE", "/_config/data", "")?;
        }
        // Each payment has an amount of its own, of which every hundredth is a whole number.
        let amount = 100 * (1_000 + number);
        let customer = CustomerId::new(format!("customer-{number}"))?;
        let agent = Agent::new(AgentId::new(format!("agent-{number}"))?);
        let id = InteractionId::new(format!("call-{number}"))?;
        let call = Interaction::inbound(id, customer.clone(), agent, Channel::Voice);
        let key = self.vault("key")??;
        let transaction = Transaction::new(
            TransactionKind::Payment,
            amount,
            "GBP".parse()?,
            "Example Bank".parse()?,
            "Account fees".parse()?,
        );
        let request = PaymentRequest::new(
            RequestId::new(format!("fees-{number}"))?,
            MerchantId::new(scenario.merchant)?,
            transaction,
            "Bob".parse()?,
            serde_json::from_value(key)?,
        );
        let takes_challenge = scenario.merchant != BY_PHONE;
        let request = if takes_challenge { request } else { request.without_authentication() };
        let asked = self.bank.payments().request(&call, &request).await?;
        let device = Device::new(self.of_bank.clone(), customer.clone());
        let device = device.with_vault_keys(self.of_vault.clone());
        let shown = device.open_payment(&asked.token, self.later.now()?)?;
        let card = Card::new(
            scenario.pan.parse()?,
            "12/34".parse()?,
            "123".parse()?,
            "Maria Jones".parse()?,
        )?;
        let address = BillingAddress::new("GB".parse()?).with_postcode("SW1A 1AA")?;
        let card = card.with_billing_address(address.with_line("10 Downing Street")?);
        let sealed = shown.seal(&card, &OsRandom::new())?;
        Ok(Payment { customer, call, amount, asked, sealed, recovery })
    }

    async fn played(&mut self, scenario: &Scenario, payment: &Payment) -> Outcome<usize> {
        let (customer, token) = (&payment.customer, &payment.asked.token);
        let sealed = payment.sealed.to_text();
        let mut paid = self.asked(payment, &format!("pay {customer} {token} {sealed}")).await?;
        let mut last: Option<String> = None;
        // Until nothing is open: the device does what it is told, and the vault sweeps.
        for round in 0.. {
            if round == 12 {
                return Err(format!("it stays open: {paid}").into());
            }
            let receipt: Receipt = serde_json::from_value(paid["receipt"].clone())?;
            self.apply(customer, &receipt).await?;
            let url = paid["next"]["authenticate"]["flow"]["redirect"]["url"].as_str();
            match (receipt.outcome(), url) {
                (ChargeOutcome::Authorised { .. } | ChargeOutcome::Declined(_), _) => break,
                (ChargeOutcome::Authenticating, Some(url)) if last.as_deref() != Some(url) => {
                    last = Some(url.to_owned());
                    let resume = format!("resume {customer} {token} {sealed}");
                    // The browser says that it is done, and nobody has authenticated.
                    let forged = self.asked(payment, &resume).await?;
                    let forged: Receipt = serde_json::from_value(forged["receipt"].clone())?;
                    if *forged.outcome() != ChargeOutcome::Authenticating
                        && !self.proxy.has_happened()
                    {
                        return Err(format!("forged, and {:?}", forged.outcome()).into());
                    }
                    self.revive()?;
                    self.challenged(scenario.customer, url)?;
                    if matches!(scenario.customer, Customer::Authenticates | Customer::Fails) {
                        paid = self.asked(payment, &resume).await?;
                    }
                    continue;
                }
                _ => {}
            }
            self.wait(A_WHILE);
            self.sweep().await?;
            let said = self.asked(payment, &format!("receipt {token}")).await?;
            paid = serde_json::json!({ "receipt": said });
        }
        let is_authorised = scenario.end != End::Declined;
        let receipt = self.receipt(payment).await?;
        match (receipt.outcome(), is_authorised) {
            (ChargeOutcome::Authorised { amount, .. }, true) if *amount == payment.amount => {}
            (ChargeOutcome::Declined(_), false) => {}
            // Something went wrong before anything was charged, or the challenge never came to the device: the agent
            // asks anew.
            (
                ChargeOutcome::Declined(
                    reason @ (DeclineReason::NotCharged | DeclineReason::NotAuthenticated),
                ),
                true,
            ) if self.proxy.has_happened() => {
                self.note(format!("declined as {reason:?}, with nothing charged"));
                return self.closed(payment, End::Declined).await;
            }
            (outcome, _) => return Err(format!("it ended as {outcome:?}").into()),
        }
        for (number, step) in scenario.steps.iter().enumerate() {
            let hundredths = |of: u64| payment.amount / 100 * of;
            let (act, amount) = match *step {
                Step::Capture(of) => ("capture", hundredths(of)),
                Step::Void => ("void", payment.amount),
                Step::Refund(of) => ("refund", hundredths(of)),
                Step::TooMuch(of) => {
                    for act in ["capture", "void", "refund"] {
                        let line = format!("{act} {customer} {token} {} too-much", hundredths(of));
                        match self.vault(&line)? {
                            Err(error) if error != "died" => {}
                            said => return Err(format!("{act} of {of} %: {said:?}").into()),
                        }
                    }
                    continue;
                }
            };
            let line = format!("{act} {customer} {token} {amount} {act}-{number}");
            let first = self.asked(payment, &line).await?;
            // Asked once more, it says the same, and does nothing.
            let again = self.asked(payment, &line).await?;
            if first != again {
                return Err(format!("{act}: {first} and then {again}").into());
            }
        }
        self.closed(payment, scenario.end).await
    }

    /// What the customer does at their bank. Their device talks to the server itself.
    fn challenged(&self, customer: Customer, url: &str) -> Outcome<()> {
        let (_, path) = url.split_once("/v1/").ok_or("no address")?;
        let (path, secret) = path.split_once('?').ok_or("no secret")?;
        let success = match customer {
            Customer::Authenticates | Customer::Leaves => "true",
            Customer::Fails => "false",
            Customer::GoesAway => return Ok(()),
            Customer::NotAsked => return Err("nobody was to be asked".into()),
        };
        let form = format!("{secret}&success={success}");
        self.books().ask("POST", &format!("/v1/{path}"), &form).map(|_| ())
    }

    async fn receipt(&mut self, payment: &Payment) -> Outcome<Receipt> {
        let said = self.asked(payment, &format!("receipt {}", payment.asked.token)).await?;
        Ok(serde_json::from_value(said)?)
    }

    /// After a while, and two sweeps: everybody knows the same.
    async fn closed(&mut self, payment: &Payment, end: End) -> Outcome<usize> {
        let calls = self.proxy.asked().len();
        for _ in 0..2 {
            self.wait(A_WHILE);
            self.sweep().await?;
        }
        let receipt = self.receipt(payment).await?;
        self.apply(&payment.customer, &receipt).await?;
        let totals = receipt.totals();
        if totals.in_doubt != 0 {
            return Err(format!("acts stay in doubt: {totals:?}").into());
        }
        let status = self.bank.payments().outcome(&payment.call, &payment.asked.payment.id).await?;
        let account = self.books().of(payment.amount)?;
        // Whatever is still on its way somewhere, and comes now, does nothing.
        self.proxy.replay(self.server.port());
        if self.books().of(payment.amount)? != account {
            return Err("a request that came very late was done".into());
        }
        if account.undone > 0 {
            self.note("charged, undone, and told as declined");
        }
        let agreed = match end {
            End::Declined => {
                let Account { undone, declined, .. } = account;
                account == Account { undone, declined, ..Account::default() }
            }
            End::Taken => (account.kept, account.charges) == (payment.amount, 1),
            End::Kept(hundredths) => {
                let kept = payment.amount / 100 * hundredths;
                let is_void = totals.voided == payment.amount;
                (account.kept, account.held) == (kept, 0)
                    && account.charges == usize::from(!is_void)
                    && (is_void || kept == totals.captured - totals.refunded)
            }
        };
        // What the server declined is told as that, and not as something that went wrong on the way.
        let told = match receipt.outcome() {
            ChargeOutcome::Declined(reason) => {
                account.declined == 0 || *reason == DeclineReason::Other
            }
            _ => account.declined == 0,
        };
        if !agreed || !told || account.declined > 1 {
            return Err(format!("{account:?} beside {totals:?}, {status:?}").into());
        }
        Ok(calls)
    }
}
