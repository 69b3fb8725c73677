//! A payment: the agent asks, the customer seals the card on their own device, the vault charges it, and
//! the agent learns that it is paid. The card number is in the vault and nowhere else.
//!
//! `cargo run --example payment`

#![allow(clippy::print_stdout, reason = "an example shows something")]

use std::time::Duration;

use countersign::card::Card;
use countersign::payment::PaymentRequest;
use countersign::time::{Clock, SystemClock};
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::transaction::TransactionKind;
use countersign::vault::{
    Acquirer, AcquirerAnswer, AcquirerError, Authorisation, Binding, Found, KeysHonoured, Sought,
};
use countersign::{
    Agent, AgentId, AgentSafe, Channel, CustomerId, Device, Interaction, InteractionId, Issuer,
    Keyring, MerchantId, OsRandom, RequestId, Transaction, Vault, Verifier,
};
use serde::Serialize;

/// Your connection to the acquirer. This one says yes to everything.
struct Psp;

impl Acquirer for Psp {
    // A repeated authorisation with the same key charges once: ask your acquirer.
    fn honours_keys(&self) -> KeysHonoured {
        KeysHonoured::Always
    }

    async fn authorise(&self, of: &Authorisation<'_>) -> Result<AcquirerAnswer, AcquirerError> {
        let (payment, card) = (of.payment(), of.card());
        // … send key, amount and card, and wait for the answer, but not for long.
        println!(
            "The acquirer: {} with {}",
            payment.transaction(),
            card.pan().last_four().as_str()
        );
        Ok(AcquirerAnswer::approved("A1B2C3", "txn-20451"))
    }

    async fn find(&self, _: &Sought<'_>) -> Result<Found, AcquirerError> {
        Ok(Found::Unknown)
    }
}

/// The one function that sends to desktops.
fn desktop<T: AgentSafe + Serialize>(value: &T) -> serde_json::Result<()> {
    println!("The agent's desktop: {}", serde_json::to_string(value)?);
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Once: two parties with keys and stores of their own, which trust each other for named purposes.
    let random = OsRandom::new();
    let (bank, own) = (Issuer::new("bank.example")?, Issuer::new("vault.bank.example")?);
    let (bank_key, vault_key) = (SigningKey::generate(&random)?, SigningKey::generate(&random)?);
    let mut of_bank = TrustedKeys::new(bank.clone());
    of_bank.trust(*bank_key.public_key(), Purpose::PaymentRequest)?;
    let mut of_vault = TrustedKeys::new(own.clone());
    for purpose in [Purpose::Receipt, Purpose::OpeningKey] {
        of_vault.trust(*vault_key.public_key(), purpose)?;
    }
    let vault =
        Vault::builder(own, Keyring::generate(&random)?, vault_key, of_bank.clone()).build()?;
    let verifier = Verifier::builder(bank, Keyring::generate(&random)?)
        .signing_key(bank_key)
        .vault_keys(of_vault.clone())
        .build()?;

    // The desktop's endpoint: Bob is on the phone with the customer.
    let customer = CustomerId::new("customer-1847")?;
    let bob = Agent::new(AgentId::new("bob")?);
    let id = InteractionId::new("call-55031")?;
    let call = Interaction::inbound(id, customer.clone(), bob, Channel::Voice);
    let pounds = "GBP".parse()?;
    let (payee, reference) = ("Example Bank".parse()?, "Account fees 2026".parse()?);
    let fees = Transaction::new(TransactionKind::Payment, 4_200, pounds, payee, reference);
    let merchant = MerchantId::new("bank-fees")?;
    let request = PaymentRequest::new(
        RequestId::new("fees-1")?,
        merchant.clone(),
        fees,
        "Bob".parse()?,
        vault.public_key().await?,
    );
    let asked = verifier.payments().request(&call, &request).await?;
    desktop(&asked.payment)?;

    // The customer's app: it verifies the request, shows it, and seals what is typed, for keys of the vault that is built
    // into it and no others.
    let device = Device::new(of_bank, customer.clone()).with_vault_keys(of_vault);
    let shown = device.open_payment(&asked.token, SystemClock.now()?)?;
    println!("The app: {} {} asks: {}", shown.headline(), shown.agent_name(), shown.transaction());
    let card = Card::new(
        "4242 4242 4242 4242".parse()?,
        "12/34".parse()?,
        "123".parse()?,
        "Maria Jones".parse()?,
    )?;
    let sealed = shown.seal(&card, &random)?;
    drop(card);

    // The vault's endpoint. Repeating the call with the same sealed card charges nothing twice.
    let paid = vault.pay(&customer, &asked.token, &sealed, &Psp).await?;
    let again = vault.pay(&customer, &asked.token, &sealed, &Psp).await?;
    println!("The vault, asked again: {}", if again == paid { "the same" } else { "another" });

    // The back end settles the receipt, and says so; the agent sees what came of it. A receipt that got lost
    // comes again with the vault's sweeps, until it was acknowledged.
    let day = Duration::from_secs(24 * 3600);
    let lost = vault.reconcile(day, &Psp).await?.receipts;
    println!("The vault's sweep: {} receipt that nobody acknowledged", lost.len());
    for (customer, receipt) in &lost {
        verifier.payments().apply_receipt(customer, receipt).await?;
        vault.acknowledge(customer, receipt).await?;
    }
    println!("The vault's next sweep: {}", vault.reconcile(day, &Psp).await?.receipts.len());
    desktop(&verifier.payments().outcome(&call, &asked.payment.id).await?)?;

    // Later, in the vault again: the token stands for the card, once, for this customer and merchant.
    let token = paid.card_token.ok_or("there is a token for what was authorised")?;
    let binding = Binding::new(customer, merchant);
    let last = vault.with_card(&token, &binding, |card| card.pan().last_four()).await?;
    println!("The vault: the token stands for the card that ends in {}", last.as_str());
    match vault.with_card(&token, &binding, |_| ()).await {
        Err(error) => println!("The vault, of the same token again: {error}"),
        Ok(()) => return Err("the token must serve once".into()),
    }
    Ok(())
}
