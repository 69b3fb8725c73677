//! One operation of the customer's half, from JSON to JSON: what every client does alike.

use countersign::callback::CallbackSecret;
use countersign::card::SealingKey;
use countersign::challenge::Pseudonym;
use countersign::credential::{CredentialKeyError, CredentialPublicKey};
use countersign::device::{
    ChallengeCheck, ChallengeError, CodeAttempts, CodeCheck, CodeCheckError, DeviceCredential,
    DeviceCredentialError, HistoryProblem, NotVerified, PaymentError, StatusQuestion, WhoRangCheck,
};
use countersign::history::CeremonyHistory;
use countersign::otp::ocra::Response;
use countersign::payment::{OpeningKeyProblem, ReceiptData};
use countersign::policy::Act;
use countersign::random::{Random, RandomError};
use countersign::spoken::{SpokenCode, SpokenError};
use countersign::token::{
    Audience, KeyError, Leeway, PublicKey, TokenData, TrustedKeys, UntrustedToken,
};
use countersign::{Channel, CustomerId, Device, Issuer, Timestamp, Transaction};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::card::card;

/// What an operation gives, or the name of what it refuses.
pub(crate) type Outcome = Result<Value, String>;

/// Runs `op` and says what it gave: its values, or `{"error": name}`.
pub(crate) fn run(op: &str, device: &Value, input: &Value, now: u64) -> Value {
    let now = Timestamp::from_unix(now);
    let device = || self::device(device);
    let outcome = match op {
        "public_key" => public_key(input),
        "key_set" => key_set(input, now),
        "open_challenge" => open_challenge(&device(), input, now),
        "open_appointment" => open_appointment(&device(), input, now),
        "check_code" => check_code(&device(), input, now),
        "read_attempts" => read_attempts(input),
        "sign_step_up" => sign_step_up(&device(), input, now),
        "open_step_up" | "answer_step_up" => open_step_up(&device(), input, now),
        "open_status" => open_status(&device(), input, now),
        "open_ground_rules" => open_ground_rules(&device(), input, now),
        "open_payment" => open_payment(&device(), input, now),
        "open_receipt" => open_receipt(input, now),
        "open_erasure" => open_erasure(&device(), input, now),
        "check_history" => check_history(&device(), input, now),
        "renew_receipt" => renew_receipt(&device(), input, now),
        "confirm" => confirm(input),
        "read_spoken_code" => read_spoken_code(input),
        "readback_words" => readback_words(input),
        "amount_text" => amount_text(input),
        "short_text" => {
            Ok(json!(text(input, "text").parse::<countersign::text::ShortText>().is_ok()))
        }
        "host_id" => Ok(json!(CustomerId::new(text(input, "text")).is_ok())),
        "seal_card" => seal_card(input),
        "look_up_number" | "ringing_call" | "open_verdict" | "open_reachable" | "learn_notices"
        | "open_notice" | "ask_last_contact" | "open_last_contact" => {
            crate::contact::run(op, &device(), input, now)
        }
        "approve_action" | "approve_jointly" => crate::approvals::run(&device(), input, now),
        _ => panic!("no such operation: {op}"),
    };
    outcome.unwrap_or_else(|error| json!({ "error": error }))
}

fn text<'v>(of: &'v Value, name: &str) -> &'v str {
    of[name].as_str().unwrap_or_else(|| panic!("{name} is a text: {of}"))
}

fn bytes(of: &Value, name: &str) -> Vec<u8> {
    hex::decode(text(of, name)).unwrap()
}

/// The name of a variant, as JSON has names.
pub(crate) fn name(of: impl core::fmt::Debug) -> String {
    let mut out = String::new();
    for c in format!("{of:?}").chars().take_while(|c| c.is_alphanumeric()) {
        if c.is_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

pub(crate) fn trusted(given: &Value) -> TrustedKeys {
    let mut keys = TrustedKeys::new(Issuer::new(text(given, "issuer")).unwrap());
    for one in given["keys"].as_array().unwrap() {
        let time = |name: &str| one[name].as_u64().map(Timestamp::from_unix);
        let key: PublicKey = text(one, "key").parse().unwrap();
        let purpose = text(one, "purpose").parse().unwrap();
        keys.trust_between(key, purpose, time("from"), time("until")).unwrap();
    }
    keys
}

pub(crate) fn device(given: &Value) -> Device {
    let customer = CustomerId::new(text(given, "customer")).unwrap();
    let mut device = Device::new(trusted(given), customer);
    if let Some(vault) = given.get("vault") {
        device = device.with_vault_keys(trusted(vault));
    }
    if let Some(pseudonym) = given["pseudonym"].as_str() {
        device = device.with_pseudonym(pseudonym.parse::<Pseudonym>().unwrap());
    }
    if let Some(leeway) = given["leeway"].as_u64() {
        device = device.with_leeway(Leeway::new(core::time::Duration::from_secs(leeway)).unwrap());
    }
    if let Some(actions) = given.get("actions") {
        device = device.with_actions(serde_json::from_value(actions.clone()).unwrap());
    }
    device
}

fn public_key(input: &Value) -> Outcome {
    let read = match input["jwk"].as_str() {
        Some(jwk) => PublicKey::from_jwk(jwk),
        None => text(input, "paserk").parse(),
    };
    let key = read.map_err(key_error)?;
    Ok(json!({ "kid": key.kid().as_str(), "paserk": key.to_string() }))
}

fn key_set(input: &Value, now: Timestamp) -> Outcome {
    let issuer = Issuer::new(text(input, "issuer")).unwrap();
    let keys = TrustedKeys::from_jwk_set(issuer, text(input, "set")).map_err(key_error)?;
    let mut held: Vec<_> = keys
        .trusted_at(now)
        .map(|(key, purpose)| [key.kid().to_string(), purpose.to_string()])
        .collect();
    held.sort_unstable();
    Ok(json!(held))
}

fn key_error(error: KeyError) -> String {
    match error {
        KeyError::SecretGivenAsPublic => "secret",
        KeyError::SmallOrder | KeyError::NotCanonical => "weak",
        KeyError::NotJwkSet => "not_a_set",
        _ => "not_a_key",
    }
    .to_owned()
}

fn open_challenge(device: &Device, input: &Value, now: Timestamp) -> Outcome {
    let token = text(input, "token");
    let opened = match input["found_on"].as_str() {
        Some(found_on) => {
            // What the sender of a message calls itself is no account of anybody's if it is no name.
            let found_on = found_on.parse().map_err(|_| "found_elsewhere".to_owned())?;
            device.open_challenge(token, &found_on, now).map_err(|error| match error {
                ChallengeError::Token(error) => name(error.reason()),
                _ => "found_elsewhere".to_owned(),
            })?
        }
        None => device.open_pending_challenge(token, now).map_err(|error| name(error.reason()))?,
    };
    let (result, data, id, until) = match &opened {
        ChallengeCheck::ForYou(one) => {
            ("for_you", one.data(), Some(one.id().to_string()), Some(one.until().unix()))
        }
        ChallengeCheck::ForSomeone(one) => ("for_someone", one.claims().data(), None, None),
    };
    Ok(json!({
        "result": result,
        "id": id,
        "until": until,
        "purpose": data.purpose(),
        "channels": data.channels(),
        "handles": data.handles(),
        "details": data.details(),
        "never_asked": data.never_asked(),
        "pseudonymous": data.is_pseudonymous(),
    }))
}

fn open_appointment(device: &Device, input: &Value, now: Timestamp) -> Outcome {
    let opened = device.open_appointment(text(input, "token"), now);
    let one = opened.map_err(|error| name(error.reason()))?;
    let data = one.data();
    Ok(json!({
        "id": one.id(),
        "challenge": one.challenge(),
        "headline": [one.headline_id(), one.headline()],
        "slot": [one.slot().from().unix(), one.slot().until().unix()],
        "channel": data.channel,
        "direction": data.direction,
        "assignee": data.assignee,
        "agent_name": data.agent_name,
        "purpose": data.purpose,
        "proof": data.proof,
    }))
}

/// The appointment is opened at `opened_at` if that is given: an app opens it once and hears the code later.
fn check_code(device: &Device, input: &Value, now: Timestamp) -> Outcome {
    let opened_at = input["opened_at"].as_u64().map_or(now, Timestamp::from_unix);
    let opened = device.open_appointment(text(input, "token"), opened_at);
    let one = opened.map_err(|error| name(error.reason()))?;
    let credential = credential(input)?;
    let mut attempts = attempts(input)?;
    let check = one.check_spoken_code(&credential, text(input, "heard"), &mut attempts, now);
    let check = check.map_err(|error| match error {
        CodeCheckError::NotACode(error) => spoken_error(error),
        error => name(error),
    })?;
    let (result, left) = match check {
        CodeCheck::Genuine => ("genuine", None),
        CodeCheck::NotGenuine { attempts_left } => ("not_genuine", Some(attempts_left)),
        CodeCheck::HangUpAndReport => ("hang_up_and_report", None),
        _ => ("outside_slot", None),
    };
    let kept = hex::encode(attempts.to_bytes());
    Ok(json!({ "result": result, "attempts_left": left, "attempts": kept }))
}

fn attempts(input: &Value) -> Result<CodeAttempts, String> {
    CodeAttempts::from_bytes(&bytes(input, "attempts")).map_err(|_| "attempts".to_owned())
}

fn read_attempts(input: &Value) -> Outcome {
    let id = serde_json::from_value(input["appointment"].clone()).unwrap();
    let attempts = attempts(input)?;
    Ok(json!({ "left": attempts.attempts_left(id), "was_genuine": attempts.was_genuine(id) }))
}

pub(crate) fn credential(input: &Value) -> Result<DeviceCredential, String> {
    DeviceCredential::from_bytes(&bytes(input, "credential")).map_err(|_| "malformed".to_owned())
}

pub(crate) fn shown(one: &Transaction) -> Value {
    json!({
        "kind": one.kind,
        "amount": one.amount.to_string(),
        "currency": one.currency,
        "payee": one.payee,
        "reference": one.reference,
        "text": one.to_string(),
    })
}

fn open_step_up(device: &Device, input: &Value, now: Timestamp) -> Outcome {
    let opened = device.open_step_up(text(input, "token"), now);
    let opened = opened.map_err(|error| name(error.reason()))?;
    let mut asked = opened;
    let mut said = input["who_rang"].as_array().into_iter().flatten();
    let one = loop {
        let Some(who) = said.next() else {
            break asked.without_answer().map_err(|_| "unanswered".to_owned())?;
        };
        let who = serde_json::from_value(who.clone()).map_err(|_| "who_rang".to_owned())?;
        match asked.answer(who) {
            WhoRangCheck::Show(shown) => break *shown,
            WhoRangCheck::AskAgain(again) => asked = *again,
            WhoRangCheck::Decline(id, reason) => {
                return Ok(json!({ "id": id, "decline": reason }));
            }
        }
    };
    let one = match input["digits"].as_str() {
        Some(digits) => one.with_digits(digits.parse().map_err(|_| "digits".to_owned())?),
        None => one,
    };
    let mut out = json!({
        "id": one.id(),
        "credential": one.credential(),
        "headline": [one.headline_id(), one.headline()],
        "direction": one.direction(),
        "agent_name": one.agent_name(),
        "transaction": one.transaction().map(shown),
        "until": one.until().unix(),
        "question": one.question(),
    });
    if let Some(pin) = input["pin"].as_str() {
        let pin = pin.parse().map_err(|_| "pin".to_owned())?;
        let code = one.approve(&credential(input)?, &pin).map_err(|error| match error {
            DeviceCredentialError::Malformed => "other_credential".to_owned(),
            error => name(error),
        })?;
        out["code"] = json!(code.code().map(Response::expose));
    }
    Ok(out)
}

fn sign_step_up(device: &Device, input: &Value, now: Timestamp) -> Outcome {
    let opened = device.open_step_up(text(input, "token"), now);
    let opened = opened.map_err(|error| name(error.reason()))?;
    let one = opened.without_answer().map_err(|_| "unanswered".to_owned())?;
    let one = match input["digits"].as_str() {
        Some(digits) => one.with_digits(digits.parse().map_err(|_| "digits".to_owned())?),
        None => one,
    };
    let signed = match input.get("key") {
        None => None,
        Some(jwk) => {
            let key =
                CredentialPublicKey::from_jwk(&jwk.to_string()).map_err(|error| match error {
                    CredentialKeyError::SecretGivenAsPublic => "secret".to_owned(),
                    _ => "not_a_key".to_owned(),
                })?;
            one.message_to_sign(&key).map(hex::encode)
        }
    };
    let code = match input["pin"].as_str() {
        None => None,
        Some(pin) => {
            let pin = pin.parse().map_err(|_| "pin".to_owned())?;
            let answer = one.approve(&credential(input)?, &pin).map_err(|error| match error {
                DeviceCredentialError::Malformed => "other_credential".to_owned(),
                error => name(error),
            })?;
            Some(json!(answer.code().map(Response::expose)))
        }
    };
    Ok(json!({
        "asks_code": one.asks_code(),
        "message_to_sign": signed,
        "passkey_challenge": one.passkey_challenge().map(hex::encode),
        "code": code,
    }))
}

/// Bytes that were drawn before.
pub(crate) struct Drawn(pub(crate) Vec<u8>);

impl Random for Drawn {
    fn fill(&self, to: &mut [u8]) -> Result<(), RandomError> {
        to.copy_from_slice(&self.0);
        Ok(())
    }
}

fn open_status(device: &Device, input: &Value, now: Timestamp) -> Outcome {
    let asked = Timestamp::from_unix(input["asked"].as_u64().unwrap());
    let question = StatusQuestion::new(&Drawn(bytes(input, "nonce")), asked).unwrap();
    let shown = device.open_status(text(input, "token"), &question, now);
    let shown = shown.map_err(|error: NotVerified| name(error))?;
    Ok(json!({ "headline": [shown.headline_id(), shown.headline()], "status": shown.status() }))
}

fn open_ground_rules(device: &Device, input: &Value, now: Timestamp) -> Outcome {
    let opened = device.open_ground_rules(text(input, "token"), now);
    let rules = opened.map_err(|error| name(error.reason()))?;
    let allowed = |act| -> Vec<Channel> {
        Channel::ALL.into_iter().filter(|channel| rules.allows(act, *channel)).collect()
    };
    let sentences: Vec<_> = rules.never_asked().iter().map(ToString::to_string).collect();
    Ok(json!({
        "never_asked": rules.never_asked(),
        "sentences": sentences,
        "reveal": allowed(Act::Reveal),
        "challenge": allowed(Act::Challenge),
        "step_up": allowed(Act::StepUp),
        "payment": allowed(Act::Payment),
        "until": rules.until().unix(),
    }))
}

fn open_payment(device: &Device, input: &Value, now: Timestamp) -> Outcome {
    let opened = device.open_payment(text(input, "token"), now);
    let one = opened.map_err(|error| match error {
        PaymentError::Token(error) => name(error.reason()),
        PaymentError::OpeningKey(problem) => match problem {
            OpeningKeyProblem::AnotherEnterprise => "opening_key_for_another_enterprise".to_owned(),
            problem => format!("opening_key_{}", name(problem)),
        },
        error => name(error),
    })?;
    Ok(json!({
        "id": one.id(),
        "headline": [one.headline_id(), one.headline()],
        "agent_name": one.agent_name(),
        "merchant": one.merchant(),
        "transaction": shown(one.transaction()),
        "until": one.until().unix(),
        "keeps_card_until": one.keeps_card_until().map(Timestamp::unix),
        "authenticate_until": one.authenticate_until().map(Timestamp::unix),
    }))
}

/// The vault's receipt: `vault` are its keys, as a device's are given.
fn open_receipt(input: &Value, now: Timestamp) -> Outcome {
    let customer = CustomerId::new(text(input, "customer")).unwrap();
    let data: ReceiptData =
        verified(&trusted(&input["vault"]), &customer, text(input, "token"), now)?;
    Ok(json!({
        "payment": data.payment,
        "request": data.request,
        "requested_at": data.requested_at.unix(),
        "merchant": data.merchant,
        "transaction": shown(&data.transaction),
        "brand": data.brand,
        "last_four": data.last_four,
        "outcome": exact(&data.outcome),
        "totals": exact(&data.totals),
        "count": data.count.to_string(),
    }))
}

fn verified<D: TokenData>(
    keys: &TrustedKeys,
    customer: &CustomerId,
    token: &str,
    now: Timestamp,
) -> Result<D, String> {
    let opened = UntrustedToken::parse(token)
        .and_then(|token| token.verify(keys, &Audience::from(customer), now, Leeway::DEFAULT));
    Ok(opened.map_err(|error| name(error.reason()))?.into_claims().into_data())
}

/// The same with amounts as texts, which JavaScript reads without losing a digit.
fn exact(of: &impl serde::Serialize) -> Value {
    fn spelled(value: Value) -> Value {
        match value {
            Value::Number(number) => json!(number.to_string()),
            Value::Object(members) => {
                members.into_iter().map(|(name, value)| (name, spelled(value))).collect()
            }
            value => value,
        }
    }
    spelled(serde_json::to_value(of).unwrap())
}

fn open_erasure(device: &Device, input: &Value, now: Timestamp) -> Outcome {
    let opened = device.open_erasure(text(input, "token"), now);
    let erased = opened.map_err(|error| name(error.reason()))?;
    Ok(json!({ "since": erased.since.unix(), "records": erased.records }))
}

/// Histories are JSON in a text, so that nothing is lost before they are read.
fn histories(input: &Value) -> Result<Vec<CeremonyHistory>, String> {
    read(text(input, "histories")).ok_or_else(|| "broken".to_owned())
}

fn read<T: DeserializeOwned>(json: &str) -> Option<T> {
    serde_json::from_str(json).ok()
}

fn check_history(device: &Device, input: &Value, now: Timestamp) -> Outcome {
    let grown = device.check_history(text(input, "receipt"), &histories(input)?, now);
    let grown = grown.map_err(|problem: HistoryProblem| name(problem))?;
    let standing = device.standing_of(text(input, "receipt"), now).map_err(name)?;
    Ok(json!({ "grown": grown, "standing": standing }))
}

fn renew_receipt(device: &Device, input: &Value, now: Timestamp) -> Outcome {
    let (old, new) = (text(input, "old"), text(input, "new"));
    let grown = device.renew_receipt(old, new, &histories(input)?, now).map_err(name)?;
    Ok(json!({ "grown": grown }))
}

fn confirm(input: &Value) -> Outcome {
    let pin = text(input, "pin").parse().map_err(|_| "pin".to_owned())?;
    let credential = credential(input)?;
    let code = credential.confirm(&pin).map_err(name)?;
    Ok(json!({ "credential": credential.id(), "code": code.expose() }))
}

fn read_spoken_code(input: &Value) -> Outcome {
    let code: SpokenCode = text(input, "heard").parse().map_err(spoken_error)?;
    Ok(json!({ "digits": *code.digits(), "words": *code.words() }))
}

fn spoken_error(error: SpokenError) -> String {
    match error {
        SpokenError::Unknown => "unknown_word".to_owned(),
        error => name(error),
    }
}

fn readback_words(input: &Value) -> Outcome {
    let credential = credential(input)?;
    let callback = text(input, "callback").parse().map_err(|_| "secret".to_owned())?;
    let channel = text(input, "channel").parse().unwrap();
    let secret: CallbackSecret = text(input, "secret").parse().map_err(|_| "secret".to_owned())?;
    let words = Device::readback_words(&credential, &callback, channel, &secret).map_err(name)?;
    Ok(json!(*words.words()))
}

fn amount_text(input: &Value) -> Outcome {
    let currency = text(input, "currency").parse().map_err(|_| "currency".to_owned())?;
    let amount = text(input, "amount").parse().unwrap();
    let (payee, reference) = ("P".parse().unwrap(), "R".parse().unwrap());
    let kind = countersign::transaction::TransactionKind::Transfer;
    let said = Transaction::new(kind, amount, currency, payee, reference).to_string();
    let said = said.strip_prefix("Transfer of ").and_then(|said| said.strip_suffix(" to P (R)"));
    Ok(json!({ "text": said, "exponent": currency.exponent() }))
}

/// What the ephemeral key is made of is given, so that sealing gives the same bytes. Never do this.
fn seal_card(input: &Value) -> Outcome {
    let card = card(&input["card"])?;
    let key: SealingKey = text(input, "key").parse().map_err(|_| "key".to_owned())?;
    let attempt = u8::try_from(input["attempt"].as_u64().unwrap()).unwrap();
    let attempt = countersign::card::Attempt::new(attempt).unwrap();
    let drawn = Drawn(bytes(input, "drawn"));
    let sealed =
        card.seal_unverified(&key, text(input, "request"), attempt, &drawn).map_err(name)?;
    let brands: Vec<_> = card.pan().brands().to_vec();
    Ok(json!({ "brands": brands, "last_four": card.pan().last_four(), "sealed": sealed }))
}
