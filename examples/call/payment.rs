//! The act in which Alice pays on her own phone, and Bob never sees a card.

use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};

use countersign::agent_safe::ForDesktop;
use countersign::card::{Card, SealedCard};
use countersign::device::VerifiedPayment;
use countersign::payment::{PaymentRequest, PaymentRequested};
use countersign::time::{Clock, ManualClock};
use countersign::token::{PublicKey, Purpose, SigningKey, TrustedKeys};
use countersign::transaction::TransactionKind;
use countersign::vault::{
    Acquirer, AcquirerAnswer, AcquirerError, Authorisation, Found, KeysHonoured, Sought,
};
use countersign::{
    Agent, AgentId, Channel, Device, Interaction, InteractionId, Issuer, Keyring, MerchantId,
    OsRandom, RequestId, Transaction, Vault,
};

use super::Play;

/// The acquirer: it says yes, and counts.
#[derive(Default)]
struct Psp(AtomicUsize);

impl Acquirer for Psp {
    fn honours_keys(&self) -> KeysHonoured {
        KeysHonoured::Always
    }

    async fn authorise(&self, _: &Authorisation<'_>) -> Result<AcquirerAnswer, AcquirerError> {
        let charges = self.0.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        Ok(AcquirerAnswer::approved("A1B2C3", format!("txn-{charges}")))
    }

    async fn find(&self, _: &Sought<'_>) -> Result<Found, AcquirerError> {
        Ok(Found::Unknown)
    }
}

/// The vault, in a process of its own, which trusts the bank's requests alone.
pub(crate) fn vault(
    bank: &SigningKey,
    own: SigningKey,
    clock: &ManualClock,
) -> Result<Vault, Box<dyn Error>> {
    let mut of_bank = TrustedKeys::new(Issuer::new("bank.example")?);
    of_bank.trust(*bank.public_key(), Purpose::PaymentRequest)?;
    let (issuer, keyring) =
        (Issuer::new("vault.bank.example")?, Keyring::generate(&OsRandom::new())?);
    Ok(Vault::builder(issuer, keyring, own, of_bank).clock(clock.clone()).build()?)
}

/// What the bank and the phones trust the vault for.
pub(crate) fn vault_keys(own: &PublicKey) -> Result<TrustedKeys, Box<dyn Error>> {
    let mut of_vault = TrustedKeys::new(Issuer::new("vault.bank.example")?);
    for purpose in [Purpose::Receipt, Purpose::OpeningKey] {
        of_vault.trust(*own, purpose)?;
    }
    Ok(of_vault)
}

impl Play {
    pub(super) async fn payment(&mut self) -> Result<(), Box<dyn Error>> {
        self.stage.act("ACT FIVE   Alice pays, and Bob sees no card")?;
        let psp = Psp::default();
        let call = InteractionId::new("call-9")?;
        let bob = Agent::new(AgentId::new("bob")?);
        let call = Interaction::inbound(call, self.alice.clone(), bob, Channel::Voice);

        self.stage.step("Alice owes a fee")?;
        self.say("Bob", "\"You can pay that now, in the app.\"")?;
        let asked = self.fee(&call).await?;
        let shown = self.payment_shown(&asked)?;
        self.app(&format!(
            "{}\n{} asks you to pay:\n  {}\n[ Card number ]  [ Pay ]",
            shown.headline(),
            shown.agent_name(),
            shown.transaction()
        ))?;
        let sealed = self.sealed(&shown, "4242 4242 4242 4242")?;
        self.why("The number is sealed on the phone, for the vault and this request alone.")?;

        self.stage.step("The vault opens it, and asks the acquirer")?;
        let paid = self.vault.pay(&self.alice, &asked.token, &sealed, &psp).await?;
        self.bank.payments().apply_receipt(&self.alice, &paid.receipt).await?;
        let outcome = self.bank.payments().outcome(&call, &asked.payment.id).await?;
        let screen = ForDesktop::new().with("payment", &outcome);
        self.desktop("Bob's desktop", &serde_json::to_string_pretty(&screen)?)?;
        self.observed()?;

        self.stage.step("The phone loses the answer and pays again")?;
        let again = self.vault.pay(&self.alice, &asked.token, &sealed, &psp).await?;
        if again != paid || psp.0.load(Ordering::Relaxed) != 1 {
            return Err("the card was charged twice".into());
        }
        self.app("Paid.")?;
        self.why("The same sealed card is the same payment: charged once.")?;

        self.stage.step("Mallory pushes another card under the same request")?;
        let other = self.sealed(&shown, "5555 5555 5555 4444")?;
        match self.vault.pay(&self.alice, &asked.token, &other, &psp).await {
            Err(countersign::Error::Refused(refused)) => {
                self.desktop("the vault", &refused.to_string())?;
            }
            Err(other) => return Err(other.into()),
            Ok(_) => return Err("another card was taken under the same request".into()),
        }

        self.stage.step("Mallory asks for the number by voice")?;
        self.say("Mallory", "\"It did not go through. Just read me the number.\"")?;
        let rule = countersign::challenge::NeverAsked::CardNumber;
        self.app(&format!("{rule}\nHang up."))?;
        self.why("Bob's desktop has no place for a number. Whoever asks for one is not Bob.")
    }

    async fn fee(&self, call: &Interaction) -> Result<PaymentRequested, Box<dyn Error>> {
        let (payee, reference) = ("Bank Example".parse()?, "Account fees 2026".parse()?);
        let pounds = "GBP".parse()?;
        let fee = Transaction::new(TransactionKind::Payment, 4_200, pounds, payee, reference);
        let request = PaymentRequest::new(
            RequestId::new("fee-1")?,
            MerchantId::new("bank-fees")?,
            fee,
            "Bob".parse()?,
            self.vault.public_key().await?,
        );
        Ok(self.bank.payments().request(call, &request).await?)
    }

    fn payment_shown(&self, asked: &PaymentRequested) -> Result<VerifiedPayment, Box<dyn Error>> {
        let mut trusted = TrustedKeys::new(Issuer::new("bank.example")?);
        for key in self.bank.public_keys() {
            trusted.trust(*key, Purpose::PaymentRequest)?;
        }
        // It is built into the app.
        let of_vault = vault_keys(self.vault.receipt_key())?;
        let device = Device::new(trusted, self.alice.clone()).with_vault_keys(of_vault);
        Ok(device.open_payment(&asked.token, self.clock.now()?)?)
    }

    fn sealed(&self, shown: &VerifiedPayment, number: &str) -> Result<SealedCard, Box<dyn Error>> {
        let (expiry, name) = ("12/34".parse()?, "Alice Liddell".parse()?);
        let card = Card::new(number.parse()?, expiry, "123".parse()?, name)?;
        Ok(shown.seal(&card, &OsRandom::new())?)
    }
}
