//! Actions that are no transactions: registered, covered, shown, and approved by nothing that does not cover them.

use std::time::Duration;

use countersign::action::{
    ActionDetails, ActionField, ActionForm, ActionKind, ActionMismatch, ActionTable, ActionValue,
    FieldName, FieldType, FormField, InvalidAction, InvalidActionName, InvalidForm, RingBack,
};
use countersign::contact::{Forwarding, LineFacts, SimChange};
use countersign::credential::{EnrolmentRequest, ImportRequest, Method};
use countersign::device::{DeviceCredentialError, VerifiedStepUp};
use countersign::error::{ConfigError, Invalid, Reason};
use countersign::history::Outcome;
use countersign::interaction::Leg;
use countersign::otp::ocra::Response;
use countersign::otp::{Algorithm, Digits, OtpSeed, Totp};
use countersign::policy::{ActionPolicy, ActionRule, RingBackRule};
use countersign::step_up::{
    DeclineReason, Grant, SignedAnswer, StepUpData, StepUpOutcome, StepUpRequest, StepUpRequested,
    StepUpStatus, TemplateError,
};
use countersign::token::{Purpose, TrustedKeys};
use countersign::transaction::TransactionKind;
use countersign::{CustomerId, Device, Error, Interaction, Policy, Verifier};

use crate::support::credentials::{app, pin, refused, response};
use crate::support::device_keys::{PrivateKey, bound};
use crate::support::step_ups::{asking, bank_of, said, signing, transfer};
use crate::support::tampering::{Said, signed};
use crate::support::*;

fn field(name: &str, value: ActionValue) -> ActionField {
    ActionField::new(name.parse().unwrap(), value)
}

fn text(text: &str) -> ActionValue {
    ActionValue::text(text.parse().unwrap()).unwrap()
}

fn kind(name: &str) -> ActionKind {
    name.parse().unwrap()
}

/// Alice moves.
pub(crate) fn moves() -> ActionDetails {
    let fields = vec![
        field("street", text("1 Station Road, York")),
        field("visitors", ActionValue::number(3).unwrap()),
        field("lease", ActionValue::digest([7; 32])),
    ];
    ActionDetails::new(kind("address_change"), fields).unwrap()
}

fn form() -> ActionForm {
    let of = |name: &str, label: &str, kind| {
        FormField::new(name.parse().unwrap(), label.parse().unwrap(), kind)
    };
    let fields = vec![
        of("street", "New address", FieldType::Text),
        of("visitors", "Who live there", FieldType::Number),
        of("lease", "Lease", FieldType::Digest),
    ];
    ActionForm::new("Your address changes".parse().unwrap(), fields).unwrap()
}

/// Address changes by these methods; and whether they are weakened by name.
fn policy(methods: &[Method], weakened: bool) -> Policy {
    let mut rule = ActionRule::new(form());
    rule.methods = methods.to_vec();
    rule.weakened_to_bare_codes = weakened;
    let mut policy = Policy::default();
    policy.step_ups.actions = ActionPolicy([(kind("address_change"), rule)].into());
    policy
}

pub(crate) fn registered() -> Policy {
    policy(&[Method::DeviceKey, Method::Passkey, Method::Ocra], false)
}

fn phone_with(table: ActionTable) -> Device {
    let mut keys = TrustedKeys::new(issuer());
    keys.trust(*signing().public_key(), Purpose::StepUp).unwrap();
    Device::new(keys, alice()).with_actions(table)
}

pub(crate) fn phone() -> Device {
    phone_with(ActionTable::new().with(kind("address_change"), form()))
}

/// The app of another customer, with the same table.
pub(crate) fn device_of(customer: &CustomerId) -> Device {
    let table = ActionTable::new().with(kind("address_change"), form());
    crate::joint::device_of(customer).with_actions(table)
}

pub(crate) fn about(action: &ActionDetails) -> StepUpRequest {
    StepUpRequest::new(request("a-1"), action.clone(), "Bob from Example Bank".parse().unwrap())
}

async fn requested(bank: &Bank, asked: &StepUpRequest) -> Result<StepUpRequested, Error> {
    bank.verifier.step_ups().request(&bob_rings("call-1"), asked).await
}

pub(crate) async fn granted(bank: &Bank, asked: &StepUpRequested) -> Grant {
    let outcome =
        bank.verifier.step_ups().outcome(&bob_rings("call-1"), &asked.step_up.id).await.unwrap();
    match outcome {
        StepUpOutcome::Approved(grant) => grant,
        other => panic!("{other:?}"),
    }
}

fn opened(device: &Device, asked: &StepUpRequested) -> VerifiedStepUp {
    said(device.open_step_up(&asked.token, START).unwrap(), asked.digits.as_ref())
}

fn mismatch(result: Result<StepUpRequested, Error>) -> ActionMismatch {
    match result {
        Err(Error::Invalid(Invalid::Action(mismatch))) => mismatch,
        other => panic!("{other:?}"),
    }
}

/// The reason of the last refusal that the observer was told of.
fn reason(bank: &Bank) -> Option<Reason> {
    bank.seen.take().iter().rev().find_map(|event| match event.outcome {
        Outcome::Refused(reason) => Some(reason),
        Outcome::Done => None,
    })
}

#[tokio::test]
async fn an_action_is_asked_shown_answered_and_redeemed() {
    let bank = bank_of(registered());
    let (_, held) = app(&bank).await;
    let asked = requested(&bank, &about(&moves())).await.unwrap();
    assert_eq!(asked.step_up.what.action(), Some(&moves()));
    assert_eq!(requested(&bank, &about(&moves())).await.unwrap(), asked, "repeated");
    let shown = opened(&phone(), &asked);
    assert_eq!((shown.transaction(), shown.is_known()), (None, true));
    let action = shown.action().unwrap();
    assert_eq!(action.headline().as_str(), "Your address changes");
    let digest = "07".repeat(32);
    let lines =
        [("New address", "1 Station Road, York"), ("Who live there", "3"), ("Lease", &digest)];
    assert_eq!(action.lines().collect::<Vec<_>>(), lines);

    let code = shown.approve(&held, &pin("2468")).unwrap();
    let step_ups = bank.verifier.step_ups();
    let step_up = step_ups.submit(&alice(), &shown.id(), &code).await.unwrap();
    assert_eq!(step_up.status, StepUpStatus::Approved);
    let json = serde_json::to_value(granted(&bank, &asked).await).unwrap();
    let grant: Grant = serde_json::from_value(json).unwrap();
    let call = bob_rings("call-1");
    let proof = step_ups.redeem_action(&call, &grant, &moves(), &request("k")).await.unwrap();
    assert_eq!((proof.action(), proof.method()), (&moves(), Method::Ocra));
    assert_eq!((proof.customer(), proof.duress()), (&alice(), false));
    let again = step_ups.redeem_action(&call, &grant, &moves(), &request("k")).await.unwrap();
    assert_eq!(again, proof);
    refused(step_ups.redeem_action(&call, &grant, &moves(), &request("other")).await);
}

#[tokio::test]
async fn a_grant_is_for_that_action_and_for_no_transaction() {
    let bank = bank_of(registered());
    let (_, held) = app(&bank).await;
    let asked = requested(&bank, &about(&moves())).await.unwrap();
    let code = opened(&phone(), &asked).approve(&held, &pin("2468")).unwrap();
    let (step_ups, call) = (bank.verifier.step_ups(), bob_rings("call-1"));
    step_ups.submit(&alice(), &asked.step_up.id, &code).await.unwrap();
    let grant = granted(&bank, &asked).await;
    for other in others() {
        refused(step_ups.redeem_action(&call, &grant, &other, &request("k")).await);
    }
    refused(step_ups.redeem(&call, &grant, &transfer(), &request("k")).await);
    let mut app = transfer();
    app.kind = TransactionKind::NewAuthenticator;
    refused(step_ups.redeem(&call, &grant, &app, &request("k")).await);
    step_ups.redeem_action(&call, &grant, &moves(), &request("k")).await.unwrap();
}

/// Every way in which another action of the kind differs.
fn others() -> Vec<ActionDetails> {
    let with = |at: usize, value: ActionValue| {
        let mut fields = moves().fields().to_vec();
        fields[at].value = value;
        ActionDetails::new(kind("address_change"), fields).unwrap()
    };
    vec![
        with(0, text("2 Station Road, York")),
        with(1, ActionValue::number(4).unwrap()),
        with(2, ActionValue::digest([8; 32])),
    ]
}

#[tokio::test]
async fn an_answer_covers_kind_names_types_and_values() {
    let renamed = |name: &str| {
        let mut fields = moves().fields().to_vec();
        fields[0].name = name.parse().unwrap();
        ActionDetails::new(kind("address_change"), fields).unwrap()
    };
    let of_kind = |name: &str| ActionDetails::new(kind(name), moves().fields().to_vec()).unwrap();
    let mut typed = moves().fields().to_vec();
    typed[1].value = text("3");
    let typed = ActionDetails::new(kind("address_change"), typed).unwrap();
    let shorter =
        ActionDetails::new(kind("address_change"), moves().fields()[..2].to_vec()).unwrap();
    for other in
        [others(), vec![renamed("road"), of_kind("address_changes"), typed, shorter]].concat()
    {
        assert_ne!(other.canonical(), moves().canonical());
        let bank = bank_of(registered());
        let key = PrivateKey::ed25519(4);
        bound(&bank, &EnrolmentRequest::device_key(request("key")).vouched_for(), &key).await;
        let asked = requested(&bank, &about(&moves())).await.unwrap();
        // Under the same id and nonce, by whoever has the enterprise's key; the app knows that kind, too.
        let token = signed(&asked.token, &signing(), |said: &mut Said<StepUpData>| {
            said.data.what = other.clone().into();
        });
        let fields = other.fields().iter().enumerate().map(|(index, field)| {
            let kind = match serde_json::to_value(&field.value).unwrap() {
                value if value.get("text").is_some() => FieldType::Text,
                value if value.get("number").is_some() => FieldType::Number,
                _ => FieldType::Digest,
            };
            FormField::new(field.name.clone(), format!("Field {index}").parse().unwrap(), kind)
        });
        let other_form = ActionForm::new("Something".parse().unwrap(), fields.collect()).unwrap();
        let device = phone_with(ActionTable::new().with(other.kind().clone(), other_form));
        let shown = said(device.open_step_up(&token, START).unwrap(), asked.digits.as_ref());
        let message = shown.message_to_sign(&key.public()).unwrap();
        let answer = shown.answer_signed(SignedAnswer::by_device_key(key.sign(&message)));
        let step_ups = bank.verifier.step_ups();
        bank.seen.take();
        refused(step_ups.submit(&alice(), &asked.step_up.id, &answer).await);
        assert_eq!(reason(&bank), Some(Reason::NotSigned), "{other}");
        let shown = opened(&phone(), &asked);
        let right = shown.message_to_sign(&key.public()).unwrap();
        let answer = shown.answer_signed(SignedAnswer::by_device_key(key.sign(&right)));
        step_ups.submit(&alice(), &asked.step_up.id, &answer).await.unwrap();
    }
}

#[tokio::test]
async fn totp_approves_no_action() {
    let bank = bank_of(registered());
    let seed = OtpSeed::from_bytes(&[9; 20]).unwrap();
    bank.verifier.credentials().import(&alice(), &ImportRequest::totp(seed)).await.unwrap();
    refused(requested(&bank, &about(&moves())).await);
    assert_eq!(reason(&bank), Some(Reason::NoCredential));
    refused(requested(&bank, &about(&moves()).by(Method::Totp)).await);
}

#[tokio::test]
async fn hotp_approves_no_action() {
    let bank = bank_of(registered());
    let seed = OtpSeed::from_bytes(&[9; 20]).unwrap();
    bank.verifier.credentials().import(&alice(), &ImportRequest::hotp(seed, 0)).await.unwrap();
    refused(requested(&bank, &about(&moves())).await);
    assert_eq!(reason(&bank), Some(Reason::NoCredential));
    refused(requested(&bank, &about(&moves()).by(Method::Hotp)).await);
}

#[test]
fn a_policy_that_lets_bare_codes_approve_names_the_weakening() {
    for method in [Method::Totp, Method::Hotp] {
        let built = |policy| Verifier::builder(issuer(), keyring()).policy(policy).build();
        let plain = policy(&[Method::Ocra, method], false);
        assert_eq!(built(plain.clone()).map(drop), Err(ConfigError::ActionMethod));
        assert!(!plain.step_ups.actions.allows(method, &moves()), "nor before it is checked");
        let weakened = policy(&[Method::Ocra, method], true);
        assert!(weakened.step_ups.actions.allows(method, &moves()));
        assert!(built(weakened).is_ok());
        // Weakened, and not named: nothing is gained.
        assert!(!policy(&[Method::Ocra], true).step_ups.actions.allows(method, &moves()));
    }
}

#[tokio::test]
async fn a_kind_that_is_weakened_by_name_takes_bare_codes() {
    let bank = bank_of(policy(&[Method::Totp, Method::Hotp], true));
    let seed = || OtpSeed::from_bytes(&[9; 20]).unwrap();
    let credentials = bank.verifier.credentials();
    credentials.import(&alice(), &ImportRequest::totp(seed())).await.unwrap();
    let asked = requested(&bank, &about(&moves())).await.unwrap();
    let totp = Totp::new(&seed(), Algorithm::Sha1, Digits::SIX, Totp::THIRTY_SECONDS);
    let code = response(&totp.generate(START.unix()));
    let step_ups = bank.verifier.step_ups();
    step_ups.submit(&alice(), &asked.step_up.id, &code).await.unwrap();
    let grant = granted(&bank, &asked).await;
    let call = bob_rings("call-1");
    let proof = step_ups.redeem_action(&call, &grant, &moves(), &request("k")).await.unwrap();
    assert_eq!(proof.method(), Method::Totp, "which the host sees");
}

#[tokio::test]
async fn an_unknown_kind_is_asked_of_nobody() {
    let bank = bank_of(registered());
    app(&bank).await;
    let other = ActionDetails::new(kind("newsletter"), moves().fields().to_vec()).unwrap();
    let calls = bank.store.calls();
    assert_eq!(mismatch(requested(&bank, &about(&other)).await), ActionMismatch::UnknownKind);
    assert_eq!(bank.store.calls() - calls, 2, "looked for, and nothing written or counted");
    let none = bank_of(Policy::default());
    app(&none).await;
    assert_eq!(mismatch(requested(&none, &about(&moves())).await), ActionMismatch::UnknownKind);
}

/// Alice moves, with other fields.
fn with_fields(change: impl FnOnce(&mut Vec<ActionField>)) -> ActionDetails {
    let mut fields = moves().fields().to_vec();
    change(&mut fields);
    ActionDetails::new(kind("address_change"), fields).unwrap()
}

async fn refused_fields(change: impl FnOnce(&mut Vec<ActionField>)) -> ActionMismatch {
    let bank = bank_of(registered());
    app(&bank).await;
    mismatch(requested(&bank, &about(&with_fields(change))).await)
}

#[tokio::test]
async fn an_unknown_field_is_asked_of_nobody() {
    let added = refused_fields(|fields| fields.push(field("note", text("and a note")))).await;
    assert_eq!(added, ActionMismatch::UnknownField);
    let renamed = refused_fields(|fields| fields[0].name = "road".parse().unwrap()).await;
    assert_eq!(renamed, ActionMismatch::UnknownField);
}

#[tokio::test]
async fn a_missing_field_is_asked_of_nobody() {
    for at in 0..3 {
        let missing = refused_fields(|fields| drop(fields.remove(at))).await;
        assert_eq!(missing, ActionMismatch::MissingField);
    }
}

#[tokio::test]
async fn a_field_of_another_type_is_asked_of_nobody() {
    let number = ActionValue::number(1).unwrap();
    assert_eq!(refused_fields(|fields| fields[0].value = number).await, ActionMismatch::WrongType);
    let digest = ActionValue::digest([1; 32]);
    assert_eq!(refused_fields(|fields| fields[1].value = digest).await, ActionMismatch::WrongType);
    assert_eq!(
        refused_fields(|fields| fields[2].value = text("x")).await,
        ActionMismatch::WrongType
    );
    assert_eq!(refused_fields(|fields| fields.swap(0, 1)).await, ActionMismatch::Order);
}

/// What the app offers for `asked` with this table: nothing that approves.
fn offers_nothing(table: ActionTable, asked: &StepUpRequested, key: &PrivateKey) {
    let shown = opened(&phone_with(table), asked);
    assert_eq!((shown.action(), shown.transaction(), shown.is_known()), (None, None, false));
    assert_eq!(shown.message_to_sign(&key.public()), None);
    assert_eq!((shown.passkey_challenge(), shown.question()), (None, None));
}

#[tokio::test]
async fn an_app_that_does_not_know_the_kind_or_a_field_gives_no_approval() {
    let bank = bank_of(registered());
    let key = PrivateKey::ed25519(4);
    bound(&bank, &EnrolmentRequest::device_key(request("key")).vouched_for(), &key).await;
    let asked = requested(&bank, &about(&moves())).await.unwrap();
    assert!(opened(&phone(), &asked).message_to_sign(&key.public()).is_some());
    let table = |form| ActionTable::new().with(kind("address_change"), form);
    let without = |at: usize| {
        let mut fields = form().fields().to_vec();
        fields.remove(at);
        ActionForm::new(form().headline().clone(), fields).unwrap()
    };
    let mut renamed = form().fields().to_vec();
    renamed[0].name = "road".parse().unwrap();
    let mut typed = form().fields().to_vec();
    typed[1].field_type = FieldType::Text;
    let mut more = form().fields().to_vec();
    more.push(FormField::new("note".parse().unwrap(), "Note".parse().unwrap(), FieldType::Text));
    let of = |fields| ActionForm::new(form().headline().clone(), fields).unwrap();
    offers_nothing(ActionTable::new(), &asked, &key);
    offers_nothing(ActionTable::new().with(kind("newsletter"), form()), &asked, &key);
    for form in [without(0), without(2), of(renamed), of(typed), of(more)] {
        offers_nothing(table(form), &asked, &key);
    }

    // Nor does a PIN.
    let bank = bank_of(registered());
    let (_, held) = app(&bank).await;
    let asked = requested(&bank, &about(&moves())).await.unwrap();
    let shown = opened(&phone_with(ActionTable::new()), &asked);
    let answer = shown.approve(&held, &pin("2468"));
    assert_eq!(answer.map(drop), Err(DeviceCredentialError::UnknownAction));
    // It can be declined.
    let declined = bank
        .verifier
        .step_ups()
        .decline(&alice(), &shown.id(), DeclineReason::ChangedMind)
        .await
        .unwrap();
    assert_eq!(declined.status, StepUpStatus::Declined);
}

/// Wherever the name could come in: as a kind, in a request, in the operator's policy, on a token that is genuine.
async fn spelt(name: &str) {
    assert_eq!(name.parse::<ActionKind>(), Err(InvalidActionName::Reserved));
    assert_eq!(name.parse::<FieldName>(), Err(InvalidActionName::Reserved));
    let json = serde_json::to_string(&moves()).unwrap().replace("address_change", name);
    assert!(serde_json::from_str::<ActionDetails>(&json).is_err());
    let asked = format!(r#"{{"request":"a-1","action":{json},"agent_name":"Bob"}}"#);
    assert!(serde_json::from_str::<StepUpRequest>(&asked).is_err());
    assert!(serde_json::from_str::<StepUpRequest>(&asked.replace(name, "address_change")).is_ok());
    let written = serde_json::to_string(&registered()).unwrap();
    assert!(serde_json::from_str::<Policy>(&written).is_ok());
    assert!(serde_json::from_str::<Policy>(&written.replace("address_change", name)).is_err());

    let bank = bank_of(registered());
    app(&bank).await;
    let asked = requested(&bank, &about(&moves())).await.unwrap();
    let said = payload(&asked.token);
    assert!(phone().open_step_up(&resigned(&said), START).is_ok());
    assert!(phone().open_step_up(&resigned(&said.replace("address_change", name)), START).is_err());
}

/// The claims of a token.
fn payload(token: &str) -> String {
    let body = token.split('.').nth(2).unwrap();
    let bytes = from_base64(body);
    String::from_utf8(bytes[..bytes.len() - 64].to_vec()).unwrap()
}

/// Base64url without padding.
fn from_base64(text: &str) -> Vec<u8> {
    let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut held, mut bits, mut read) = (0_u32, 0, Vec::new());
    for c in text.chars() {
        held = (held << 6 | u32::try_from(digits.find(c).unwrap()).unwrap()) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            read.push((held >> bits) as u8);
        }
    }
    read
}

/// The same claims, signed by whoever holds the enterprise's key.
fn resigned(claims: &str) -> String {
    let key = signing();
    let footer = format!(r#"{{"kid":"{}"}}"#, key.public_key().kid());
    let implicit = Purpose::StepUp.implicit_assertion().as_bytes();
    countersign::token::v4_public::sign(&key, claims.as_bytes(), footer.as_bytes(), implicit)
        .unwrap()
}

#[tokio::test]
async fn a_kind_spelt_as_money_is_no_kind() {
    for name in ["transfer", "payment", "new_payee", "money_order", "pay", "cash_out", "wire"] {
        spelt(name).await;
    }
}

#[tokio::test]
async fn a_kind_spelt_as_enrolment_is_no_kind() {
    for name in ["new_authenticator", "enrolment", "new_passkey", "fob"] {
        spelt(name).await;
    }
}

/// In parts, and with digits for letters, of which a 1 looks like two.
#[test]
fn a_reserved_word_in_parts_or_digits_is_no_kind() {
    for name in [
        "pay_ment", "p4yment", "t7ansfer", "transf3r", "rem1t", "p4y", "pa1d", "p_a_y", "p1n",
        "new_p1n", "c0de", "f08", "d3b1t_me", "pay7", "p4y7", "cr3d17", "w1re", "ca5h",
    ] {
        let reserved = Err(InvalidActionName::Reserved);
        let known = !matches!(name, "t7ansfer" | "f08");
        assert_eq!(name.parse::<ActionKind>().map(drop) == reserved, known, "{name}");
    }
    for name in ["payload", "spin", "encode", "chargeable", "address_change", "wireless"] {
        assert!(name.parse::<ActionKind>().is_ok(), "{name}");
    }
}

#[tokio::test]
async fn a_token_that_says_both_or_neither_is_none() {
    let bank = bank_of(registered());
    app(&bank).await;
    let action = payload(&requested(&bank, &about(&moves())).await.unwrap().token);
    let money = requested(&bank, &asking("s-1", transfer())).await.unwrap();
    let money = payload(&money.token);
    assert!(phone().open_step_up(&resigned(&money), START).is_ok());
    let of = serde_json::to_string(&transfer()).unwrap();
    let both = action.replace(r#""action":"#, &format!(r#""transaction":{of},"action":"#));
    assert_ne!(both, action);
    assert!(phone().open_step_up(&resigned(&both), START).is_err());
    let neither = money.replace(r#""transaction":"#, r#""other":"#);
    assert_ne!(neither, money);
    assert!(phone().open_step_up(&resigned(&neither), START).is_err());
}

#[tokio::test]
async fn card_numbers_in_fields_are_refused() {
    let bank = bank_of(registered());
    app(&bank).await;
    let in_text = with_fields(|fields| fields[0].value = text("4242 4242 4242 4242"));
    let in_words = with_fields(|fields| {
        fields[0].value =
            text("four two four two four two four two four two four two four two four two");
    });
    let number = ActionValue::number(4_242_424_242_424_242).unwrap();
    let as_number = with_fields(|fields| fields[1].value = number);
    let over_two = with_fields(|fields| {
        fields[0].value = text("card 4242 4242 4242");
        fields[1].value = ActionValue::number(4242).unwrap();
    });
    for action in [in_text, in_words, as_number, over_two] {
        let error = requested(&bank, &about(&action)).await.unwrap_err();
        assert!(matches!(error, Error::Invalid(Invalid::CardInText)), "{action}: {error:?}");
    }
    let name = "4242 4242 4242 4242".parse().unwrap();
    let named = StepUpRequest::new(request("a-1"), moves(), name);
    let error = requested(&bank, &named).await.unwrap_err();
    assert!(matches!(error, Error::Invalid(Invalid::CardInText)), "{error:?}");
}

#[test]
fn a_request_is_read_in_one_form() {
    let action = serde_json::to_string(&moves()).unwrap();
    let money = serde_json::to_string(&transfer()).unwrap();
    let read = |members: &str| {
        let json = format!(r#"{{"request":"a-1","agent_name":"Bob"{members}}}"#);
        serde_json::from_str::<StepUpRequest>(&json).map(drop).map_err(|error| error.to_string())
    };
    assert_eq!(read(&format!(r#","action":{action}"#)), Ok(()));
    assert_eq!(read(&format!(r#","transaction":{money}"#)), Ok(()));
    for members in [
        String::new(),
        format!(r#","action":{action},"transaction":{money}"#),
        format!(r#","action":{action},"action":{action}"#),
        format!(r#","action":{action},"note":1"#),
        format!(r#","action":{}"#, action.replace(r#""kind""#, r#""Kind""#)),
        format!(r#","action":{}"#, action.replace(r#"{"number":3}"#, "3")),
        format!(r#","action":{}"#, action.replace(r#"{"number":3}"#, r#"{"number":3,"text":"3"}"#)),
        format!(
            r#","action":{}"#,
            action.replace(r#"{"number":3}"#, r#"{"number":9007199254740992}"#)
        ),
        format!(r#","action":{}"#, action.replace("0707", "07zz")),
        format!(r#","action":{}"#, action.replace("visitors", "street")),
    ] {
        let error = read(&members).unwrap_err();
        assert!(error.starts_with("expected a request for a step-up"), "{error}");
        assert!(!error.contains("York"), "{error}");
    }
}

#[test]
fn an_action_and_its_form_have_limits() {
    let fields = |count: usize| -> Vec<_> {
        (0..count).map(|at| field(&format!("f{at}"), text("x"))).collect()
    };
    assert!(ActionDetails::new(kind("a"), fields(20)).is_ok());
    let made = ActionDetails::new(kind("a"), fields(21));
    assert_eq!(made, Err(InvalidAction::TooManyFields));
    let twice = [fields(1), fields(1)].concat();
    assert_eq!(ActionDetails::new(kind("a"), twice), Err(InvalidAction::FieldTwice));
    assert!(ActionValue::text("x".repeat(128).parse().unwrap()).is_ok());
    let long = ActionValue::text("x".repeat(129).parse().unwrap());
    assert_eq!(long, Err(InvalidAction::TextTooLong));
    assert!(ActionValue::number(9_007_199_254_740_991).is_ok());
    assert_eq!(ActionValue::number(1 << 53), Err(InvalidAction::NumberTooLarge));

    let of = |name: &str, label: &str| {
        FormField::new(name.parse().unwrap(), label.parse().unwrap(), FieldType::Text)
    };
    let form = |fields| ActionForm::new("Headline".parse().unwrap(), fields);
    assert_eq!(form(Vec::new()), Err(InvalidForm::Fields));
    assert_eq!(form(vec![of("a", "A"), of("a", "B")]), Err(InvalidForm::FieldTwice));
    assert_eq!(form(vec![of("a", "A"), of("b", "A")]), Err(InvalidForm::FieldTwice));
    assert!(form(vec![of("a", &"L".repeat(36))]).is_ok());
    assert_eq!(form(vec![of("a", &"L".repeat(37))]), Err(InvalidForm::LabelTooLong));
}

#[test]
fn no_two_actions_and_no_transaction_are_encoded_alike() {
    // Where one piece ends and the next begins is covered.
    let of = |fields: Vec<ActionField>| ActionDetails::new(kind("a"), fields).unwrap().canonical();
    let one = of(vec![field("ab", text("c"))]);
    assert_ne!(one, of(vec![field("a", text("bc"))]));
    assert_ne!(
        of(vec![field("a", text("1"))]),
        of(vec![field("a", ActionValue::number(49).unwrap())])
    );
    let two = of(vec![field("a", text("x")), field("b", text("y"))]);
    assert_ne!(two, of(vec![field("b", text("y")), field("a", text("x"))]));
    assert_eq!(&one[16..37], b"countersign action v1");
    assert_ne!(one[16..37], transfer().canonical()[16..37]);
}

#[tokio::test]
async fn a_delivered_code_s_message_names_every_field() {
    let bank = bank_of(policy(&[Method::Delivered], false));
    let credentials = bank.verifier.credentials();
    let sms = EnrolmentRequest::delivered(request("sms"));
    let given = credentials.enrol(&alice(), &sms).await.unwrap();
    let first = response(given.code_to_deliver().unwrap());
    credentials.confirm(&alice(), &given.credential.id, &first).await.unwrap();
    let asked = requested(&bank, &about(&moves())).await.unwrap();
    let step_ups = bank.verifier.step_ups();
    let delivery = step_ups.delivery(&alice(), &asked.step_up.id).await.unwrap();
    let (code, digest) = (delivery.message()[..8].to_owned(), "07".repeat(32));
    assert_eq!(
        *delivery.message(),
        format!(
            "{code} approves: Your address changes (New address: 1 Station Road, York, Who live there: 3, \
             Lease: {digest}). Enter it in the app only. We never ask you to tell us a code."
        )
    );
    assert_eq!((delivery.transaction(), delivery.action()), (None, Some(&moves())));
    let change = kind("address_change");
    let filled = delivery.fill_action(&change, "{street}, {visitors}: {code}").unwrap();
    assert_eq!(*filled, format!("1 Station Road, York, 3: {code}"));
    for (template, error) in [
        ("{street} {code}", TemplateError::NotNamed),
        ("{visitors} {code}", TemplateError::NotNamed),
        ("{street} {visitors}", TemplateError::NotNamed),
        ("{street} {visitors} {code} {payee}", TemplateError::UnknownName),
    ] {
        let refused = delivery.fill_action(&change, template).map(drop).unwrap_err();
        assert_eq!(refused, error, "{template}");
    }
    let other = delivery.fill_action(&kind("newsletter"), "{code} {street} {visitors}");
    assert_eq!(other.map(drop), Err(TemplateError::AnotherKind));
    let money = delivery.fill(TransactionKind::Change, "{code} {amount} {payee}");
    assert_eq!(money.map(drop), Err(TemplateError::AnotherKind));
    step_ups.submit(&alice(), &asked.step_up.id, &code.parse::<Response>().unwrap()).await.unwrap();
}

/// What has nothing to read says by its digests what the code is for.
#[tokio::test]
async fn a_template_for_digests_alone_names_them() {
    let contract = kind("contract");
    let field = FormField::new("text".parse().unwrap(), "Text".parse().unwrap(), FieldType::Digest);
    let form = ActionForm::new("You sign a contract".parse().unwrap(), vec![field]).unwrap();
    let mut rule = ActionRule::new(form);
    rule.methods = vec![Method::Delivered];
    let mut policy = Policy::default();
    policy.step_ups.actions = ActionPolicy([(contract.clone(), rule)].into());
    let bank = bank_of(policy);
    let credentials = bank.verifier.credentials();
    let sms = EnrolmentRequest::delivered(request("sms"));
    let given = credentials.enrol(&alice(), &sms).await.unwrap();
    let first = response(given.code_to_deliver().unwrap());
    credentials.confirm(&alice(), &given.credential.id, &first).await.unwrap();
    let fields = vec![self::field("text", ActionValue::digest([7; 32]))];
    let signed = ActionDetails::new(contract.clone(), fields).unwrap();
    let asked = requested(&bank, &about(&signed)).await.unwrap();
    let delivery = bank.verifier.step_ups().delivery(&alice(), &asked.step_up.id).await.unwrap();
    let named_not = delivery.fill_action(&contract, "Your code is {code}").map(drop);
    assert_eq!(named_not, Err(TemplateError::NotNamed));
    assert!(delivery.fill_action(&contract, "{code} signs {text}").unwrap().contains("0707"));
}

/// A code that is read to somebody else is worth nothing elsewhere: it is of this action.
#[tokio::test]
async fn a_delivered_code_is_of_one_action() {
    let bank = bank_of(policy(&[Method::Delivered], false));
    let credentials = bank.verifier.credentials();
    let sms = EnrolmentRequest::delivered(request("sms"));
    let given = credentials.enrol(&alice(), &sms).await.unwrap();
    let first = response(given.code_to_deliver().unwrap());
    credentials.confirm(&alice(), &given.credential.id, &first).await.unwrap();
    let one = requested(&bank, &about(&moves())).await.unwrap();
    let asked = StepUpRequest::new(request("a-2"), others().remove(2), "Bob".parse().unwrap());
    let other = requested(&bank, &asked).await.unwrap();
    let step_ups = bank.verifier.step_ups();
    let code =
        step_ups.delivery(&alice(), &one.step_up.id).await.unwrap().message()[..8].to_owned();
    refused(step_ups.submit(&alice(), &other.step_up.id, &code.parse::<Response>().unwrap()).await);
    assert_eq!(reason(&bank), Some(Reason::WrongCode));
    step_ups.submit(&alice(), &one.step_up.id, &code.parse::<Response>().unwrap()).await.unwrap();
}

/// A kind that is asked for only after the enterprise rang back.
fn rung_back_only() -> Policy {
    let mut policy = registered();
    let rule = policy.step_ups.actions.0.get_mut(&kind("address_change")).unwrap();
    let mut ring_back = RingBackRule::default();
    ring_back.sources = vec!["HR directory".parse().unwrap()];
    rule.ring_back = Some(ring_back);
    policy
}

async fn asked_after(ring_back: Option<RingBack>, inbound: bool) -> Option<Reason> {
    let mut call = bob_rings("call-1");
    if inbound {
        call = Interaction::inbound(call.id, call.customer, call.agent, call.channel);
    }
    if let Some(number) = ring_back {
        call = call.rung_back(number);
    }
    asked_in(&call).await
}

async fn asked_in(call: &Interaction) -> Option<Reason> {
    let bank = bank_of(rung_back_only());
    app(&bank).await;
    bank.seen.take();
    match bank.verifier.step_ups().request(call, &about(&moves())).await {
        Ok(_) => None,
        Err(Error::Refused(_)) => reason(&bank),
        Err(other) => panic!("{other:?}"),
    }
}

fn on_file(unchanged: Duration, checked: Duration, source: &str) -> RingBack {
    RingBack::on_file(START.before(unchanged), START.before(checked), source.parse().unwrap())
}

#[tokio::test]
async fn in_a_call_that_the_customer_began_it_is_not_asked() {
    let week = on_file(DAY * 7, Duration::ZERO, "HR directory");
    assert_eq!(asked_after(Some(week.clone()), true).await, Some(Reason::Inbound));
    assert_eq!(asked_after(Some(week), false).await, None);
}

#[tokio::test]
async fn without_ringing_back_it_is_not_asked() {
    assert_eq!(asked_after(None, false).await, Some(Reason::NumberNotTrusted));
}

/// Not forwarded, and the same SIM for long.
fn checked_number() -> LineFacts {
    let facts = LineFacts::new("carrier".parse().unwrap(), START);
    facts.forwarding(Forwarding::None).sim_change(SimChange::NotWithin(DAY * 30))
}

/// By the media server's word, read just now; a call to a number is none, however well that was checked.
#[tokio::test]
async fn only_an_in_app_leg_is_a_call_within_the_app() {
    let (call, source) = (bob_rings("call-1"), || "media server".parse().unwrap());
    assert_eq!(asked_in(&call.clone().on_leg(Leg::in_app(source(), START))).await, None);
    let (number, facts) = (Leg::number(source(), START), checked_number());
    for leg in [number, Policy::default().legs.leg_of(&facts)] {
        assert_eq!(asked_in(&call.clone().on_leg(leg)).await, Some(Reason::NumberNotTrusted));
    }
    let inbound = Interaction::inbound(call.id, call.customer, call.agent, call.channel);
    let inbound = inbound.on_leg(Leg::in_app(source(), START));
    assert_eq!(asked_in(&inbound).await, Some(Reason::Inbound));
}

/// A bribed agent writes what they like into what the desktop sends: how the customer was reached is not read from there.
#[test]
fn attack_a_desktop_says_nothing_of_how_the_customer_was_reached() {
    let plain = serde_json::json!({
        "request": "s-1", "action": moves(), "agent_name": "Dan",
    });
    assert!(serde_json::from_value::<StepUpRequest>(plain.clone()).is_ok());
    let on_file = serde_json::json!({"on_file": {
        "unchanged_since": START.before(DAY * 30), "checked_at": START, "source": "HR directory",
    }});
    for how in [serde_json::json!("in_app"), on_file] {
        let mut said = plain.clone();
        said["ring_back"] = how;
        assert!(serde_json::from_value::<StepUpRequest>(said).is_err(), "an unknown member");
    }
}

/// It stays with the approval, for whoever looks at it later.
#[tokio::test]
async fn what_was_known_of_the_number_is_kept_and_told() {
    let bank = bank_of(rung_back_only());
    let (_, device) = app(&bank).await;
    let number = on_file(DAY * 30, Duration::ZERO, "HR directory");
    let call = bob_rings("call-1").rung_back(number.clone());
    let step_ups = bank.verifier.step_ups();
    let asked = step_ups.request(&call, &about(&moves())).await.unwrap();
    let opened = phone().open_step_up(&asked.token, START).unwrap();
    let answer = said(opened, asked.digits.as_ref()).approve(&device, &pin("2468")).unwrap();
    step_ups.submit(&alice(), &asked.step_up.id, &answer).await.unwrap();
    let grant = granted(&bank, &asked).await;
    let call = bob_rings("call-1");
    let proof = step_ups.redeem_action(&call, &grant, &moves(), &request("k")).await.unwrap();
    assert_eq!(proof.ring_back(), Some(&number));
}

#[tokio::test]
async fn on_a_number_that_changed_lately_it_is_not_asked() {
    let week = DAY * 7;
    let second = Duration::from_secs(1);
    assert_eq!(asked_after(Some(on_file(week, second, "HR directory")), false).await, None);
    let lately = asked_after(Some(on_file(week - second, second, "HR directory")), false).await;
    assert_eq!(lately, Some(Reason::NumberNotTrusted));
}

#[tokio::test]
async fn on_an_old_word_about_the_number_it_is_not_asked() {
    let old = MINUTE * 2;
    assert_eq!(asked_after(Some(on_file(DAY * 30, old, "HR directory")), false).await, None);
    let older = old + Duration::from_secs(1);
    let older = asked_after(Some(on_file(DAY * 30, older, "HR directory")), false).await;
    assert_eq!(older, Some(Reason::NumberNotTrusted));
    // Nor on one of tomorrow.
    let ahead = RingBack::on_file(
        START.before(DAY * 30),
        START.after(MINUTE),
        "HR directory".parse().unwrap(),
    );
    assert_eq!(asked_after(Some(ahead), false).await, Some(Reason::NumberNotTrusted));
}

#[tokio::test]
async fn on_a_number_that_the_caller_names_it_is_not_asked() {
    let named = on_file(DAY * 30, Duration::ZERO, "the caller");
    assert_eq!(asked_after(Some(named), false).await, Some(Reason::NumberNotTrusted));
}

#[test]
fn a_rule_on_ringing_back_stays_within_limits() {
    let built = |change: fn(&mut RingBackRule)| {
        let mut policy = rung_back_only();
        let rule = policy.step_ups.actions.0.get_mut(&kind("address_change")).unwrap();
        change(rule.ring_back.as_mut().unwrap());
        Verifier::builder(issuer(), keyring()).policy(policy).build().map(drop)
    };
    let out_of_range = |result: Result<(), ConfigError>| {
        assert!(matches!(result, Err(ConfigError::OutOfRange { .. })), "{result:?}");
    };
    assert_eq!(built(|_| {}), Ok(()));
    out_of_range(built(|rule| rule.unchanged_for = MINUTE));
    out_of_range(built(|rule| rule.checked_within = DAY));
    out_of_range(built(|rule| rule.checked_within = Duration::ZERO));
}
