//! A processor that speaks ISO 8583:1987, as many banks' do: the vault asks, and each call becomes a message.
//!
//! ```sh
//! cargo run --example iso8583                          # shows the messages; a host of its own approves all of them
//! cargo run --example iso8583 -- --host 127.0.0.1:8583 # pays at a host: two bytes of length, then the message
//! cargo run --example iso8583 -- --check               # reads messages, one a line, and writes them again
//! ```
//!
//! `.ci/interop-iso8583.py` is such a host, and knows the messages through PyPI's pyiso8583 alone.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::string_slice,
    reason = "an example shows something"
)]

#[path = "iso8583/line.rs"]
mod line;
#[path = "iso8583/mapping.rs"]
mod mapping;
#[path = "iso8583/message.rs"]
mod message;

use std::io::BufRead;
use std::time::Duration;

use countersign::card::{BillingAddress, Card};
use countersign::payment::{ChargeOutcome, PaymentRequest, Receipt};
use countersign::time::{Clock, ManualClock, SystemClock};
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::transaction::TransactionKind;
use countersign::vault::{
    Acquirer, AcquirerAnswer, AcquirerError, ActAnswer, Authorisation, FollowUp, Found,
    KeysHonoured, Sought,
};
use countersign::{
    Agent, AgentId, Channel, CustomerId, Device, Interaction, InteractionId, Issuer, Keyring,
    MerchantId, OsRandom, RequestId, Transaction, Vault, Verifier,
};

use line::Line;
use mapping::Terminal;
use message::Message;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// The connection to the processor.
struct Processor {
    line: Line,
    terminal: Terminal,
    /// What the issuer says on the telephone, when it wants to be called (codes 01 and 02).
    voice: &'static str,
}

/// This host knows a message again for a day.
const KNOWN_FOR: KeysHonoured = KeysHonoured::For(Duration::from_secs(24 * 3600));

impl Processor {
    /// Sends a message, and once more as a repeat if there is no answer.
    async fn ask(&self, message: Option<Message>) -> Result<Message, AcquirerError> {
        let message = message.ok_or(AcquirerError::Unsupported)?;
        for message in [message.clone(), message.repeated()] {
            if let Some(answer) = self.line.exchange(&message).await
                && mapping::answers(&message, &answer)
            {
                return Ok(answer);
            }
        }
        Err(AcquirerError::InDoubt)
    }

    /// Has something done about a payment.
    async fn done(&self, message: Option<Message>) -> Result<ActAnswer, AcquirerError> {
        let answer = self.ask(message).await?;
        mapping::done(&answer)?;
        Ok(ActAnswer::done(answer.get(37).unwrap_or_default()))
    }
}

impl Acquirer for Processor {
    fn honours_keys(&self) -> KeysHonoured {
        KNOWN_FOR
    }

    fn honours_act_keys(&self) -> KeysHonoured {
        KNOWN_FOR
    }

    async fn authorise(&self, of: &Authorisation<'_>) -> Result<AcquirerAnswer, AcquirerError> {
        let answer = self.ask(self.terminal.authorisation(of)).await?;
        if matches!(answer.get(39), Some("01" | "02")) {
            let told = self.ask(self.terminal.advice(of, self.voice)).await?;
            mapping::done(&told)?;
            return Ok(AcquirerAnswer::approved(self.voice, mapping::transaction_id(&told)));
        }
        let asked = of.payment().transaction().amount;
        mapping::authorised(asked, &answer, of.card().brand())
    }

    /// There is no such message: a repeat is how one finds out.
    async fn find(&self, _: &Sought<'_>) -> Result<Found, AcquirerError> {
        Ok(Found::Unknown)
    }

    async fn reverse(&self, payment: &Sought<'_>) -> Result<(), AcquirerError> {
        self.done(self.terminal.reversal(payment)).await.map(|_| ())
    }

    async fn capture(&self, of: &FollowUp<'_>) -> Result<ActAnswer, AcquirerError> {
        self.done(self.terminal.capture(of)).await
    }

    async fn void(&self, of: &FollowUp<'_>) -> Result<ActAnswer, AcquirerError> {
        self.done(self.terminal.void(of)).await
    }

    async fn refund(&self, of: &FollowUp<'_>) -> Result<ActAnswer, AcquirerError> {
        self.done(self.terminal.refund(of)).await
    }

    async fn increment(&self, of: &FollowUp<'_>) -> Result<ActAnswer, AcquirerError> {
        self.done(self.terminal.increment(of)).await
    }
}

const VISA: &str = "4242424242424242";
const MASTERCARD: &str = "5555555555554444";

/// An amount, the card it is paid with, how it ends, and what is done with it then. The last two digits of amounts of
/// 100.00 and more are what the host answers.
const PAYMENTS: [(u64, &str, &str, &str); 12] = [
    (4_200, VISA, "authorised 4200", "captured and refunded"),
    (4_300, VISA, "authorised 4300", "voided"),
    (4_400, VISA, "authorised 4400", "raised and captured"),
    (10_001, VISA, "authorised 10001", "captured"),
    (10_010, VISA, "PartlyApproved", ""),
    (10_043, VISA, "Other", ""),
    (10_051, VISA, "soft: InsufficientFunds", ""),
    (10_077, VISA, "authorised 10077", ""),
    (10_078, VISA, "authorised 10078", ""),
    (10_079, MASTERCARD, "Other", ""),
    (10_094, VISA, "unresolved", ""),
    (10_098, VISA, "Other", ""),
];

fn ended(receipt: &Receipt) -> String {
    match receipt.outcome() {
        ChargeOutcome::Authorised { amount, .. } => format!("authorised {amount}"),
        ChargeOutcome::Declined(reason) => format!("{reason:?}"),
        ChargeOutcome::SoftDeclined(reason) => format!("soft: {reason:?}"),
        ChargeOutcome::Unresolved => "unresolved".to_owned(),
        other => format!("{other:?}"),
    }
}

/// A bank, its vault, and their clock.
struct Parties {
    bank: Verifier,
    of_bank: TrustedKeys,
    of_vault: TrustedKeys,
    vault: Vault,
    clock: ManualClock,
}

impl Parties {
    fn new() -> Outcome<Self> {
        let random = OsRandom::new();
        let (bank, own) = (Issuer::new("bank.example")?, Issuer::new("vault.bank.example")?);
        let (bank_key, own_key) = (SigningKey::generate(&random)?, SigningKey::generate(&random)?);
        let mut of_bank = TrustedKeys::new(bank.clone());
        of_bank.trust(*bank_key.public_key(), Purpose::PaymentRequest)?;
        let mut of_vault = TrustedKeys::new(own.clone());
        for purpose in [Purpose::Receipt, Purpose::OpeningKey] {
            of_vault.trust(*own_key.public_key(), purpose)?;
        }
        let clock = ManualClock::new(SystemClock.now()?);
        let vault = Vault::builder(own, Keyring::generate(&random)?, own_key, of_bank.clone())
            .clock(clock.clone())
            .build()?;
        let bank = Verifier::builder(bank, Keyring::generate(&random)?)
            .signing_key(bank_key)
            .vault_keys(of_vault.clone())
            .clock(clock.clone())
            .build()?;
        Ok(Self { bank, of_bank, of_vault, vault, clock })
    }

    /// A payment from its request to its end, and what is done with it then.
    async fn pay(&self, at: &Processor, amount: u64, pan: &str, then: &str) -> Outcome<String> {
        let (name, random) = (format!("fees-{amount}"), OsRandom::new());
        let customer = CustomerId::new(format!("customer-{amount}"))?;
        let agent = Agent::new(AgentId::new("bob")?);
        let call = InteractionId::new(&name)?;
        let call = Interaction::inbound(call, customer.clone(), agent, Channel::Voice);
        let (payee, reference) = ("Example Bank".parse()?, "Account fees".parse()?);
        let kind = TransactionKind::Payment;
        let transaction = Transaction::new(kind, amount, "GBP".parse()?, payee, reference);
        let request = PaymentRequest::new(
            RequestId::new(&name)?,
            MerchantId::new("bank-fees")?,
            transaction,
            "Bob".parse()?,
            self.vault.public_key().await?,
        );
        let asked = self.bank.payments().request(&call, &request).await?;
        let device = Device::new(self.of_bank.clone(), customer.clone());
        let device = device.with_vault_keys(self.of_vault.clone());
        let shown = device.open_payment(&asked.token, self.clock.now()?)?;
        let code = "123".parse()?;
        let address = BillingAddress::new("GB".parse()?).with_postcode("SW1A 1AA")?;
        let address = address.with_line("10 Downing Street")?;
        let card = Card::new(pan.parse()?, "12/34".parse()?, code, "Maria Jones".parse()?)?
            .with_billing_address(address);
        let sealed = shown.seal(&card, &random)?;
        let paid = self.vault.pay(&customer, &asked.token, &sealed, at).await?;
        let mut receipt = paid.receipt;
        if *receipt.outcome() == ChargeOutcome::Unresolved {
            // The device calls again when the first call is surely over: the host knows the message again.
            self.clock.advance(Duration::from_secs(200));
            receipt = self.vault.pay(&customer, &asked.token, &sealed, at).await?.receipt;
        }
        self.bank.payments().apply_receipt(&customer, &receipt).await?;
        let id = |of: &str| RequestId::new(format!("{of}-{amount}"));
        let mut held = amount;
        if then.starts_with("raised") {
            held += self.vault.increment(&customer, &receipt, 300, &id("raise")?, at).await?.amount;
        }
        if then.contains("captured") {
            let part = held - 200;
            self.vault.capture(&customer, &receipt, part, &id("capture")?, at).await?;
        }
        if then.ends_with("refunded") {
            self.vault.refund(&customer, &receipt, 1_000, &id("refund")?, at).await?;
        }
        if then == "voided" {
            self.vault.void(&customer, &receipt, amount, &id("void")?, at).await?;
        }
        // Limits per agent.
        self.clock.advance(Duration::from_secs(60));
        Ok(ended(&receipt))
    }
}

/// Reads messages and writes them again.
fn check() -> Outcome<()> {
    for line in std::io::stdin().lock().lines() {
        match Message::decode(line?.as_bytes()).and_then(|message| message.encode()) {
            Ok(again) => println!("{}", str::from_utf8(&again)?),
            Err(_) => println!("malformed"),
        }
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let line = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--check"] => return check(),
        ["--host", address] => Line::Host(address.to_owned()),
        [] => Line::Shown,
        _ => return Err("expected nothing, --check, or --host ADDRESS".into()),
    };
    let payments = match line {
        // It approves everything.
        Line::Shown => &PAYMENTS[..3],
        Line::Host(_) => &PAYMENTS[..],
    };
    let terminal =
        Terminal { acquirer: "400123", id: "COUNTER1", category: "6012", name: "Example Bank" };
    let (parties, processor) = (Parties::new()?, Processor { line, terminal, voice: "VOICE1" });
    for (amount, pan, expected, then) in payments {
        let outcome = parties.pay(&processor, *amount, pan, then).await?;
        if outcome != *expected {
            return Err(format!("{amount} ended as {outcome}, not as {expected}").into());
        }
        println!("{amount}: {outcome}{}{then}", if then.is_empty() { "" } else { ", " });
    }
    Ok(())
}
