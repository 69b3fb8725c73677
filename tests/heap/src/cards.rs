//! What is done with a card: sealed, opened, paid with, refused, talked about. Each act gives back what a
//! host would keep of it.

use std::hint::black_box;

use countersign::card::{
    Attempt, BillingAddress, Card, CardToken, Cardholder, Cryptogram, Expiry, OpeningKey, Pan,
    SealedCard, StoredCredential, Verification, Wallet,
};
use countersign::payment::{DeclineReason, PaymentRequest};
use countersign::random::SeededRandom;
use countersign::redact::Options;
use countersign::time::ManualClock;
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::transaction::TransactionKind;
use countersign::vault::{
    Acquirer, AcquirerAnswer, AcquirerError, ActAnswer, Authenticated, AuthenticationChallenge,
    AuthenticationProof, Authorisation, Binding, ChallengeFlow, FollowUp, Found, Resumption,
    Sought,
};
use countersign::{
    Agent, AgentId, Channel, CustomerId, Device, Interaction, InteractionId, Issuer, Keyring,
    MerchantId, RequestId, Timestamp, Transaction, Vault, Verifier,
};
use serde::Deserialize;
use serde::de::value::StrDeserializer;
use zeroize::{Zeroize, Zeroizing};

use crate::canary::{
    CRYPTOGRAM, NAME, SPOKEN, STREET, TYPED, write_code, write_cryptogram, write_name,
    write_spoken, write_street, write_typed,
};
use crate::now_or_never as now;

const REQUEST: &str = "v4.public.a-signed-request";

/// The card of `seed`, from what was typed; the typed text is wiped, as an app must.
fn card(seed: u64) -> Card {
    let mut code = Zeroizing::new([0; 3]);
    write_code(seed, &mut code);
    let (pan, expiry, name) = typed(seed);
    with_address(seed, Card::new(pan, expiry, text(&code).parse().unwrap(), name).unwrap())
}

/// The same number as a token's, with a cryptogram in place of the code.
fn token(seed: u64) -> Card {
    let mut value = Zeroizing::new([0; CRYPTOGRAM]);
    write_cryptogram(seed, &mut value);
    let eci = "07".parse().unwrap();
    let cryptogram = Cryptogram::new(text(&value), Some(eci), Wallet::ApplePay).unwrap();
    let (pan, expiry, name) = typed(seed);
    with_address(seed, Card::with_cryptogram(pan, expiry, cryptogram, name))
}

fn one_of_both(seed: u64, n: u64) -> Card {
    if n.is_multiple_of(2) { card(seed) } else { token(seed) }
}

fn typed(seed: u64) -> (Pan, Expiry, Cardholder) {
    let mut typed = Zeroizing::new([0; TYPED]);
    write_typed(seed, true, &mut typed);
    let mut name = Zeroizing::new([0; NAME]);
    write_name(seed, &mut name);
    let expiry = "12/34".parse().unwrap();
    (text(&typed).parse().unwrap(), expiry, text(&name).parse().unwrap())
}

fn with_address(seed: u64, card: Card) -> Card {
    let mut street = Zeroizing::new([0; STREET]);
    write_street(seed, &mut street);
    let address = BillingAddress::new("GB".parse().unwrap()).with_line(text(&street)).unwrap();
    card.with_billing_address(address.with_city(text(&street)).unwrap())
        .with_stored_credential(StoredCredential::Recurring)
}

fn text<const N: usize>(bytes: &Zeroizing<[u8; N]>) -> &str {
    std::str::from_utf8(bytes.as_slice()).unwrap()
}

fn code(card: &Card) -> &str {
    match card.verification() {
        Verification::Code(code) => code.expose(),
        Verification::Cryptogram(cryptogram) => cryptogram.expose(),
        Verification::Nothing => "",
    }
}

/// The device's half, again and again, with blocks of all sizes taken and given back in between.
#[must_use]
pub fn seal(seed: u64) -> Vec<u8> {
    let key = OpeningKey::generate(&SeededRandom::new(1)).unwrap();
    let mut kept = Vec::new();
    for n in 0..40 {
        let card = one_of_both(seed, n);
        let sealed = card
            .seal_unverified(key.public(), REQUEST, Attempt::FIRST, &SeededRandom::new(n))
            .unwrap();
        let shown = format!("{card:?} {:?} {sealed:?} {}", card.pan(), card.pan().last_four());
        kept.extend(sealed.to_text().into_bytes());
        kept.extend(shown.into_bytes());
    }
    kept
}

/// The vault's half: what was sealed is opened, for the right request and for another, and a token is
/// drawn for it.
#[must_use]
pub fn open(seed: u64) -> Vec<u8> {
    let key = OpeningKey::generate(&SeededRandom::new(1)).unwrap();
    let mut kept = Vec::new();
    for n in 0..40 {
        let sealed = one_of_both(seed, n)
            .seal_unverified(key.public(), REQUEST, Attempt::FIRST, &SeededRandom::new(n))
            .unwrap();
        let sent = SealedCard::from_bytes(&sealed.to_bytes()).unwrap();
        let opened = key.open(&sent, REQUEST).unwrap();
        assert!(opened == one_of_both(seed, n));
        assert!(key.open(&sent, "another request").is_err());
        let token = CardToken::generate(&SeededRandom::new(n)).unwrap();
        kept.extend(format!("{opened:?} {} {}", token.expose(), opened.pan().brand()).into_bytes());
    }
    kept
}

/// An acquirer that looks at the card, answers, and keeps nothing.
struct Psp(Mood);

#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Approves,
    /// And repeats the number in its answer.
    Repeats,
    Declines,
    Silent,
    /// And wants the customer to authenticate before.
    Challenges,
}

impl Acquirer for Psp {
    async fn authorise(&self, of: &Authorisation<'_>) -> Result<AcquirerAnswer, AcquirerError> {
        black_box((of.card().pan().expose().len(), code(of.card()).len()));
        match self.0 {
            Mood::Approves => Ok(AcquirerAnswer::approved("A1B2C3", "txn-1")),
            Mood::Repeats => Ok(AcquirerAnswer::approved("A1B2C3", of.card().pan().expose())),
            Mood::Declines => Ok(AcquirerAnswer::declined(DeclineReason::InsufficientFunds)),
            Mood::Silent => Err(AcquirerError::InDoubt),
            Mood::Challenges if of.authentication().is_some() => {
                Ok(AcquirerAnswer::approved("A1B2C3", "txn-2"))
            }
            Mood::Challenges => {
                let flow = ChallengeFlow::Redirect { url: "https://psp.example/3ds".to_owned() };
                let challenge = AuthenticationChallenge::new("3ds-1", flow).unwrap();
                Ok(AcquirerAnswer::challenge(challenge))
            }
        }
    }

    async fn authenticated(&self, _: &Resumption<'_>) -> Result<Authenticated, AcquirerError> {
        Ok(Authenticated::Passed(AuthenticationProof::new("05", "AAABBEg0VhI=", "ds-1")))
    }

    async fn capture(&self, of: &FollowUp<'_>) -> Result<ActAnswer, AcquirerError> {
        Ok(ActAnswer::done(format!("capture of {}", of.reference())))
    }

    async fn find(&self, _: &Sought<'_>) -> Result<Found, AcquirerError> {
        Ok(Found::Unknown)
    }
}

/// Whole payments: sealed on the device, charged by the vault or not, kept, lent once, settled, captured.
#[must_use]
pub fn pay(seed: u64) -> Vec<u8> {
    let random = SeededRandom::new(1);
    let clock = ManualClock::new(Timestamp::from_unix(1_800_000_000));
    let issuers = ["bank.example", "vault.bank.example"].map(|name| Issuer::new(name).unwrap());
    let keys = [5, 6].map(|byte| SigningKey::from_seed(&[byte; 32]).unwrap());
    let mut of_bank = TrustedKeys::new(issuers[0].clone());
    of_bank.trust(*keys[0].public_key(), Purpose::PaymentRequest).unwrap();
    let mut of_vault = TrustedKeys::new(issuers[1].clone());
    for purpose in [Purpose::Receipt, Purpose::OpeningKey] {
        of_vault.trust(*keys[1].public_key(), purpose).unwrap();
    }
    let ([bank, own], [bank_key, vault_key]) = (issuers, keys);
    let keyring = Keyring::generate(&random).unwrap();
    let vault = Vault::builder(own, keyring, vault_key, of_bank.clone()).clock(clock.clone());
    let vault = vault.build().unwrap();
    let verifier = Verifier::builder(bank, Keyring::generate(&random).unwrap())
        .clock(clock)
        .signing_key(bank_key)
        .vault_keys(of_vault.clone())
        .build()
        .unwrap();
    let mut kept = Vec::new();
    for n in 0..20 {
        let customer = CustomerId::new(format!("customer-{n}")).unwrap();
        let agent = Agent::new(AgentId::new("bob").unwrap());
        let id = InteractionId::new(format!("call-{n}")).unwrap();
        let call = Interaction::inbound(id, customer.clone(), agent, Channel::Voice);
        let (payee, reference) = ("Example Bank".parse().unwrap(), "Fees".parse().unwrap());
        let pounds = "GBP".parse().unwrap();
        let fees = Transaction::new(TransactionKind::Payment, 4_200, pounds, payee, reference);
        let merchant = MerchantId::new("bank-fees").unwrap();
        let (request, name) = (RequestId::new("r").unwrap(), "Bob".parse().unwrap());
        let key = now(vault.public_key()).unwrap();
        let asking = PaymentRequest::new(request, merchant.clone(), fees, name, key);
        let asked = now(verifier.payments().request(&call, &asking)).unwrap();
        let device =
            Device::new(of_bank.clone(), customer.clone()).with_vault_keys(of_vault.clone());
        let shown = device.open_payment(&asked.token, Timestamp::from_unix(1_800_000_000)).unwrap();
        let sealed = shown.seal(&one_of_both(seed, n / 5), &SeededRandom::new(n)).unwrap();
        let moods = [Mood::Approves, Mood::Repeats, Mood::Declines, Mood::Silent, Mood::Challenges];
        let mood = moods[usize::try_from(n).unwrap() % moods.len()];
        let psp = Psp(mood);
        let paid = now(vault.pay(&customer, &asked.token, &sealed, &psp)).unwrap();
        // The customer authenticates, every other time.
        let resumes = mood == Mood::Challenges && n % 2 == 0;
        let paid = if resumes {
            now(vault.resume(&customer, &asked.token, &sealed, Some("cres"), &psp)).unwrap()
        } else {
            paid
        };
        // Again, and with another: the same result, and a refusal.
        let again = now(vault.pay(&customer, &asked.token, &sealed, &psp));
        assert!(again.unwrap() == paid);
        let other = shown.seal(&card(seed), &SeededRandom::new(n + 100)).unwrap();
        let refused = now(vault.pay(&customer, &asked.token, &other, &psp)).unwrap_err();
        let payment = now(verifier.payments().apply_receipt(&customer, &paid.receipt)).unwrap();
        let binding = Binding::new(customer.clone(), merchant);
        let lent = match &paid.card_token {
            Some(token) if mood == Mood::Repeats => {
                now(vault.with_card_async(token, &binding, |card| {
                    Box::pin(async move { format!("{card:?}") })
                }))
            }
            Some(token) => now(vault.with_card(token, &binding, |card| format!("{card:?}"))),
            None => Ok(String::new()),
        };
        let lent = lent.unwrap();
        let id = RequestId::new("c-1").unwrap();
        let captured = now(vault.capture(&customer, &paid.receipt, 4_200, &id, &psp));
        assert_eq!(captured.is_ok(), resumes || matches!(mood, Mood::Approves | Mood::Repeats));
        kept.extend(format!("{captured:?}").into_bytes());
        kept.extend(format!("{paid:?} {payment:?} {refused:?} {lent} {sealed:?}").into_bytes());
    }
    kept.extend(format!("{vault:?} {verifier:?}").into_bytes());
    kept
}

/// What was mistyped, typed into the wrong field, or came in a message.
#[must_use]
pub fn refuse(seed: u64) -> Vec<u8> {
    let mut kept = Vec::new();
    for _ in 0..40 {
        let mut typed = Zeroizing::new([0; TYPED]);
        write_typed(seed, false, &mut typed);
        let text = std::str::from_utf8(typed.as_slice()).unwrap();
        kept.extend(format!("{:?}", text.parse::<Pan>().unwrap_err()).into_bytes());
        kept.extend(format!("{:?}", text.parse::<Cardholder>().unwrap_err()).into_bytes());
        // Not through serde_json, which looks for line ends in what it refuses, and in a debug build
        // leaves on the stack what it looked at.
        let sent = StrDeserializer::<serde::de::value::Error>::new(text);
        kept.extend(Pan::deserialize(sent).unwrap_err().to_string().into_bytes());
    }
    kept
}

/// A chat with a card number in it. The redactors live on, as long as the chat may.
#[must_use]
pub fn redact(seed: u64) -> Vec<u8> {
    let mut typed = Zeroizing::new([0; TYPED]);
    write_typed(seed, true, &mut typed);
    let number = std::str::from_utf8(typed.as_slice()).unwrap();
    let mut line = Zeroizing::new(String::with_capacity(1000));
    let mut kept = String::new();
    // The second is so long that text is moved with the number in it.
    for before in [0, 16 * 1024] {
        for finishes in [true, false] {
            let mut redactor = Options::new().redactor();
            redactor.push(&"x".repeat(before), &mut kept);
            line.push_str(&"card ".repeat(40));
            line.push_str(number);
            redactor.push(&line, &mut kept);
            line.zeroize();
            redactor.push(&", thanks".repeat(30), &mut kept);
            if finishes {
                redactor.finish(&mut kept);
            }
            std::mem::forget(redactor);
        }
    }
    // After what may be the beginning of an IBAN, which the digits are tried for; and read aloud.
    let mut spoken = Zeroizing::new(String::with_capacity(SPOKEN));
    write_spoken(&typed, &mut spoken);
    for (before, said) in [("to LC32HEMMHEMM ", number), ("it is ", &spoken), ("GB29 ", &spoken)] {
        let mut redactor = Options::new().redactor();
        line.push_str(before);
        line.push_str(said);
        redactor.push(&line, &mut kept);
        line.zeroize();
        redactor.push(&", thanks".repeat(30), &mut kept);
        std::mem::forget(redactor);
    }
    // Finished while the number stood at the end.
    let mut redactor = Options::new().redactor();
    redactor.push(number, &mut kept);
    redactor.finish(&mut kept);
    std::mem::forget(redactor);
    assert_eq!(kept.matches("**** **** **** ****").count(), 6);
    assert_eq!(kept.matches("* * * * * * * * * * * * * * * *,").count(), 2);
    kept.into_bytes()
}

/// A host's mistakes: the card stays in memory, in each form that is looked for.
#[must_use]
pub fn keep(seed: u64) -> Vec<u8> {
    let card = card(seed);
    let digits = card.pan().expose();
    let number: u64 = digits.parse().unwrap();
    let mut typed = [0; TYPED];
    write_typed(seed, true, &mut typed);
    let mut spoken = String::new();
    write_spoken(&typed, &mut spoken);
    [
        digits.as_bytes(),
        spoken.as_bytes(),
        &digits.bytes().map(|digit| digit - b'0').collect::<Vec<_>>(),
        &typed,
        &number.to_le_bytes(),
        &[&[12, 0x07, 0xf2, 1, 3], code(&card).as_bytes()].concat(),
        card.cardholder().expose().as_bytes(),
        card.billing_address().unwrap().city().unwrap().as_bytes(),
        code(&token(seed)).as_bytes(),
    ]
    .concat()
}

/// Another: it was in a buffer that grew and was given back.
#[must_use]
pub fn drop_unwiped(seed: u64) -> Vec<u8> {
    let mut buffer = Vec::new();
    for _ in 0..200 {
        buffer.extend_from_slice(card(seed).pan().expose().as_bytes());
    }
    drop(black_box(buffer));
    Vec::new()
}
