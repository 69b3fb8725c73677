//! Whatever the enterprise's key signs as the claims of a payment request, or the vault's as those of a
//! receipt or an opening key: no panic, no card is sealed for a key that the vault did not sign, what is accepted is one reading of an object that says so, and no receipt settles
//! a payment that it does not name.
#![no_main]

use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};

use countersign::card::{Card, OpeningKey};
use countersign::device::PaymentError;
use countersign::payment::{
    OpeningKeyData, PaymentRequest, PaymentRequestData, PaymentRequested, PaymentStatus, Receipt,
    ReceiptData, SignedSealingKey,
};
use countersign::random::SeededRandom;
use countersign::time::ManualClock;
use countersign::token::{
    Audience, Leeway, Purpose, SigningKey, TokenData, TrustedKeys, UntrustedToken, v4_public,
};
use countersign::transaction::TransactionKind;
use countersign::{
    Agent, AgentId, Channel, CustomerId, Device, Interaction, InteractionId, Issuer, Keyring,
    MerchantId, RequestId, Timestamp, Transaction, Verifier,
};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// Signs requests as the enterprise, and receipts as the vault: a key for one purpose each.
static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_seed(&[1; 32]).unwrap());
static VAULT_KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_seed(&[2; 32]).unwrap());
static REQUEST: LazyLock<String> =
    LazyLock::new(|| REQUEST_OF_KEY.replace("KEY", SIGNED_KEY.as_str()));
/// What the vault says of its opening key.
static KEY_CLAIMS: LazyLock<String> = LazyLock::new(|| {
    let key = OpeningKey::from_bytes(&[7; 32]).unwrap();
    CLAIMS_OF_KEY.replace("KEY", &key.public().to_string())
});
static SIGNED_KEY: LazyLock<SignedSealingKey> =
    LazyLock::new(|| signed::<OpeningKeyData>(KEY_CLAIMS.as_bytes()).unwrap().parse().unwrap());

const CLAIMS_OF_KEY: &str = r#"{"iss":"vault.example","aud":"bank.example","jti":"AwMDAwMDAwMDAwMDAwMDAw","iat":"2026-01-31T14:00:00Z","nbf":"2026-01-31T14:00:00Z","exp":"2026-01-31T14:30:30Z","purpose":"opening_key","data":{"sealing_key":"KEY"}}"#;

const REQUEST_OF_KEY: &str = r#"{"iss":"bank.example","aud":"customer-1","jti":"AwMDAwMDAwMDAwMDAwMDAw","iat":"2026-01-31T14:00:00Z","nbf":"2026-01-31T14:00:00Z","exp":"2026-01-31T14:10:00Z","purpose":"payment_request","data":{"payment":"00000000000000000000000000","interaction":"call-1","direction":"outbound","agent_name":"Bob","merchant":"bank-fees","transaction":{"kind":"payment","amount":4200,"currency":"GBP","payee":"Example Bank","reference":"Fees"},"opening_key":"KEY","authenticate_until":"2026-01-31T14:15:00Z","keep_card_until":"2027-01-31T14:00:00Z"}}"#;
const NOW: Timestamp = Timestamp::from_unix(1_769_868_000);

/// A bank that has asked for a payment.
struct Asked {
    verifier: Verifier,
    customer: CustomerId,
    asked: PaymentRequested,
    /// What the vault would say of it.
    receipt: String,
}

static ASKED: LazyLock<Asked> = LazyLock::new(|| {
    let verifier = Verifier::builder(
        Issuer::new("bank.example").unwrap(),
        Keyring::generate(&SeededRandom::new(3)).unwrap(),
    )
    .clock(ManualClock::new(NOW))
    .random(SeededRandom::new(4))
    .signing_key(SigningKey::from_seed(&[1; 32]).unwrap())
    .vault_keys(of_vault())
    .build()
    .unwrap();
    let customer = CustomerId::new("customer-1").unwrap();
    let (id, agent) = (InteractionId::new("call-1").unwrap(), AgentId::new("bob").unwrap());
    let call = Interaction::outbound(id, customer.clone(), Agent::new(agent), Channel::Voice);
    let fees = Transaction::new(
        TransactionKind::Payment,
        4_200,
        "GBP".parse().unwrap(),
        "Example Bank".parse().unwrap(),
        "Fees".parse().unwrap(),
    );
    let asking = PaymentRequest::new(
        RequestId::new("p-1").unwrap(),
        MerchantId::new("bank-fees").unwrap(),
        fees,
        "Bob".parse().unwrap(),
        SIGNED_KEY.clone(),
    );
    let asked = now_or_never(verifier.payments().request(&call, &asking)).unwrap();
    let request = UntrustedToken::parse(&asked.token).unwrap();
    let audience = Audience::from(&customer);
    let request = request
        .verify::<PaymentRequestData>(&keys(Purpose::PaymentRequest), &audience, NOW, Leeway::NONE)
        .unwrap();
    let id = serde_json::to_string(&request.claims().id()).unwrap();
    let receipt = format!(
        r#"{{"iss":"vault.example","aud":"customer-1","jti":"AwMDAwMDAwMDAwMDAwMDAw","iat":"2026-01-31T14:00:00Z","nbf":"2026-01-31T14:00:00Z","exp":"2027-01-31T14:00:00Z","purpose":"receipt","data":{{"payment":"{}","request":{id},"requested_at":"{NOW}","merchant":"bank-fees","transaction":{{"kind":"payment","amount":4200,"currency":"GBP","payee":"Example Bank","reference":"Fees"}},"brand":"visa","last_four":"4242","outcome":{{"authorised":{{"authorisation_code":"A1B2C3","transaction_id":"txn-1"}}}}}}}}"#,
        asked.payment.id
    );
    Asked { verifier, customer, asked, receipt }
});

fn now_or_never<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here waits"),
    }
}

fn keys(purpose: Purpose) -> TrustedKeys {
    let (issuer, key) = match purpose {
        Purpose::Receipt | Purpose::OpeningKey => ("vault.example", &VAULT_KEY),
        _ => ("bank.example", &KEY),
    };
    let mut keys = TrustedKeys::new(Issuer::new(issuer).unwrap());
    keys.trust(*key.public_key(), purpose).unwrap();
    keys
}

/// As bank and app trust the vault.
fn of_vault() -> TrustedKeys {
    let mut keys = keys(Purpose::Receipt);
    keys.trust(*VAULT_KEY.public_key(), Purpose::OpeningKey).unwrap();
    keys
}

fn signed<D: TokenData>(json: &[u8]) -> Option<String> {
    let key = match D::PURPOSE {
        Purpose::Receipt | Purpose::OpeningKey => &VAULT_KEY,
        _ => &KEY,
    };
    let footer = format!(r#"{{"kid":"{}"}}"#, key.public_key().kid());
    let implicit = D::PURPOSE.implicit_assertion().as_bytes();
    v4_public::sign(key, json, footer.as_bytes(), implicit).ok()
}

/// The claims' object, if the token is accepted.
fn check<D: TokenData>(json: &[u8], token: &str) -> Option<Value> {
    let customer = Audience::new("customer-1").unwrap();
    let parsed = UntrustedToken::parse(token).unwrap();
    let read = parsed.verify::<D>(&keys(D::PURPOSE), &customer, NOW, Leeway::MAX);
    // A token for one purpose is none for another, whatever it says.
    let parsed = UntrustedToken::parse(token).unwrap();
    let other = keys(Purpose::Challenge);
    assert!(parsed.verify::<D>(&other, &customer, NOW, Leeway::MAX).is_err());
    if D::PURPOSE == Purpose::PaymentRequest {
        let device = Device::new(keys(D::PURPOSE), CustomerId::new("customer-1").unwrap());
        let device = device.with_leeway(Leeway::MAX).with_vault_keys(of_vault());
        match device.open_payment(token, NOW) {
            Ok(shown) => {
                assert!(read.is_ok());
                // The one key that the vault has signed, and in time.
                let key = UntrustedToken::parse(SIGNED_KEY.as_str()).unwrap();
                let bank = Audience::new("bank.example").unwrap();
                let key = key.verify::<OpeningKeyData>(&of_vault(), &bank, NOW, Leeway::MAX);
                let ends = key.unwrap().claims().expires_at();
                assert!(shown.until() <= ends && shown.authenticate_until() <= Some(ends));
                let sealed = shown.seal(&card(), &SeededRandom::new(1)).unwrap();
                assert_eq!(sealed.key(), SIGNED_KEY.key().id());
            }
            Err(PaymentError::Token(_)) => assert!(read.is_err()),
            Err(PaymentError::OpeningKey(_)) => assert!(read.is_ok()),
            Err(error) => panic!("{error:?}"),
        }
    }
    let read = read.ok()?;
    let object: Value = serde_json::from_slice(json).unwrap();
    let members = object.as_object().unwrap();
    assert_eq!(members.len(), 8);
    assert_eq!(members["aud"], "customer-1");
    assert_eq!(members["purpose"], D::PURPOSE.name());
    // Nothing shown but what was said. An instant may be written in more ways than one.
    let shown = serde_json::to_value(read.claims().data()).unwrap();
    for (name, shown) in shown.as_object().unwrap() {
        let said = &members["data"][name];
        let instants = [said, shown].map(|text| text.as_str()?.parse::<Timestamp>().ok());
        match instants {
            [Some(said), Some(shown)] => assert_eq!(said, shown, "{name}"),
            _ => assert_eq!(said, shown, "{name}"),
        }
    }
    assert!(read.claims().expires_at().since(read.claims().not_before()) <= D::MAX_LIFETIME);
    Some(object)
}

/// Whether a token is a receipt at the moment from which it says that it is one: receipts settle a payment
/// whatever the clock of the vault said.
fn valid_then(claims: &Value, token: &str) -> bool {
    let at = |name: &str| claims[name].as_str()?.parse::<Timestamp>().ok();
    let Some(from) = at("nbf").max(at("iat")) else { return false };
    let customer = Audience::new("customer-1").unwrap();
    let parsed = UntrustedToken::parse(token).unwrap();
    parsed.verify::<ReceiptData>(&keys(Purpose::Receipt), &customer, from, Leeway::NONE).is_ok()
}

/// A receipt that the vault's key signed, handed in.
fn settle(json: &[u8]) {
    let Some(token) = signed::<ReceiptData>(json) else { return };
    let accepted = check::<ReceiptData>(json, &token);
    // The receipt as the host gets it: what the claims say, and the token. Whatever it says, it is read or
    // refused.
    let claims: Option<Value> = serde_json::from_slice(json).ok();
    let valid =
        accepted.is_some() || claims.as_ref().is_some_and(|claims| valid_then(claims, &token));
    let Some(mut data) = claims.and_then(|claims| claims.get("data").cloned()) else { return };
    let Some(members) = data.as_object_mut() else { return };
    members.insert("token".to_owned(), token.into());
    let Ok(receipt) = serde_json::from_value::<Receipt>(data) else {
        assert!(accepted.is_none(), "what the token says is a receipt");
        return;
    };
    let Asked { verifier, customer, asked, .. } = &*ASKED;
    let settled = now_or_never(verifier.payments().apply_receipt(customer, &receipt));
    let Ok(settled) = settled else { return };
    assert!(valid, "settled by what is no receipt");
    assert_eq!((settled.id, receipt.payment()), (asked.payment.id, asked.payment.id));
    assert_eq!(receipt.transaction(), &asked.payment.transaction);
    assert_eq!(receipt.merchant(), &asked.payment.merchant);
    assert_ne!(settled.status, PaymentStatus::Requested);
    assert_ne!(settled.status, PaymentStatus::Expired);
}

fn card() -> Card {
    let (number, expiry) = ("4242424242424242".parse().unwrap(), "12/34".parse().unwrap());
    let (code, name) = ("123".parse().unwrap(), "Alice Jones".parse().unwrap());
    Card::new(number, expiry, code, name).unwrap()
}

/// An opening key that the vault's key signed, in a request that is as it should be.
fn opening_key(json: &[u8]) {
    let Some(token) = signed::<OpeningKeyData>(json) else { return };
    let read = token.parse::<SignedSealingKey>();
    let parsed = UntrustedToken::parse(&token).unwrap();
    let bank = Audience::new("bank.example").unwrap();
    let proven = parsed.verify::<OpeningKeyData>(&of_vault(), &bank, NOW, Leeway::MAX);
    let request = REQUEST_OF_KEY.replace("KEY", &token);
    // A token in a token may be too long for one.
    let Some(request) = signed::<PaymentRequestData>(request.as_bytes()) else { return };
    let device = Device::new(keys(Purpose::PaymentRequest), ASKED.customer.clone());
    let device = device.with_leeway(Leeway::MAX).with_vault_keys(of_vault());
    let opened = device.open_payment(&request, NOW);
    let Ok(proven) = proven else {
        assert!(opened.is_err());
        return;
    };
    // What is proven was read, and says the same.
    let (read, claims) = (read.unwrap(), proven.into_claims());
    assert_eq!((read.key(), read.expires_at()), (&claims.data().sealing_key, claims.expires_at()));
    let lasts = "2026-01-31T14:15:00Z".parse::<Timestamp>().unwrap() <= claims.expires_at();
    assert_eq!(opened.is_ok(), lasts);
    if let Ok(shown) = opened {
        let sealed = shown.seal(&card(), &SeededRandom::new(1)).unwrap();
        assert_eq!(sealed.key(), read.key().id());
    }
}

fn request(json: &[u8]) {
    if let Some(token) = signed::<PaymentRequestData>(json) {
        check::<PaymentRequestData>(json, &token);
    }
}

fuzz_target!(|data: &[u8]| {
    request(data);
    settle(data);
    opening_key(data);
    // The good claims with a stretch replaced: two bytes for where, one for how much.
    if let [low, high, much, rest @ ..] = data {
        let spliced = |good: &str| {
            let from = usize::from(u16::from_le_bytes([*low, *high])) % good.len();
            let to = (from + usize::from(*much)).min(good.len());
            [&good.as_bytes()[..from], rest, &good.as_bytes()[to..]].concat()
        };
        request(&spliced(&REQUEST));
        opening_key(&spliced(&KEY_CLAIMS));
        settle(&spliced(&ASKED.receipt));
    }
});
