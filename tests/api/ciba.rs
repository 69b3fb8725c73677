//! An authorisation server in front of the bank: what it may ask, that no two requests ask alike, and how it is answered.

use std::collections::HashSet;
use std::time::Duration;

use countersign::ciba::{
    ApprovedAuthentication, AuthReqId, BackchannelRequest, CibaError, DETAILS_TYPE, DeliveryMode,
    DeviceAnswer, PendingAuthentication, Polled, StepUpDetails,
};
use countersign::random::SeededRandom;
use countersign::step_up::{DeclineReason, StepUpOutcome, StepUpRequested};
use countersign::time::Clock as _;
use countersign::{CustomerId, Direction, Interaction, Timestamp};
use serde_json::{Value, json};

use crate::support::credentials::{app, pin, refused};
use crate::support::step_ups::{bank, bank_of, code_of, limits_alone, open};
use crate::support::{Bank, alice, request};

fn details() -> Value {
    json!([{
        "type": DETAILS_TYPE, "interaction": "call-1", "direction": "outbound", "channel": "voice",
        "agent": "bob", "agent_name": "Bob from Example Bank",
        "transaction": {
            "kind": "transfer", "amount": 500_000, "currency": "GBP",
            "payee": "Jones Roofing 20-00-00 55779911", "reference": "Invoice 7",
        },
    }])
}

fn parameters(details: &Value) -> Vec<(String, String)> {
    [
        ("scope", "openid payments"),
        ("login_hint", "alice"),
        ("binding_message", "Call 1"),
        ("requested_expiry", "90"),
        ("client_notification_token", "8d67dc78-7faa-4d41-aabd-67707b374255"),
        ("acr_values", "urn:any"),
        ("authorization_details", &details.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

fn read_in(
    parameters: &[(String, String)],
    mode: DeliveryMode,
) -> Result<BackchannelRequest, CibaError> {
    BackchannelRequest::read(parameters.iter().map(|(name, value)| (&**name, &**value)), mode)
}

fn read(parameters: &[(String, String)]) -> Result<BackchannelRequest, CibaError> {
    read_in(parameters, DeliveryMode::Poll)
}

fn good() -> BackchannelRequest {
    read(&parameters(&details())).unwrap()
}

/// The good request with one parameter replaced, or left out.
fn with(name: &str, value: Option<&str>) -> Result<BackchannelRequest, CibaError> {
    let mut parameters = parameters(&details());
    parameters.retain(|(one, _)| one != name);
    parameters.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    read(&parameters)
}

fn id() -> AuthReqId {
    AuthReqId::draw(&SeededRandom::new(1)).unwrap()
}

#[test]
fn a_request_names_a_step_up() {
    let asked = good();
    assert_eq!(asked.customer(), &alice());
    assert_eq!(asked.binding_message().unwrap().as_str(), "Call 1");
    assert_eq!(asked.requested_expiry(), Some(Duration::from_secs(90)));
    let (interaction, _) = asked.step_up(&id()).unwrap();
    assert_eq!((interaction.id.as_str(), interaction.agent.id.as_str()), ("call-1", "bob"));
    assert_eq!((interaction.customer, interaction.direction), (alice(), Direction::Outbound));
    assert_eq!(serde_json::from_str::<Value>(&asked.details().to_json()).unwrap(), details());
    assert!(asked.ping(&id()).is_none(), "a client that polls is not told");
}

/// By the names of OpenID Connect CIBA Core 1.0 §13.
#[test]
fn a_request_that_is_not_right_has_the_error_of_the_standard() {
    use CibaError::*;
    for (name, value, error) in [
        ("scope", None, InvalidRequest),
        ("scope", Some("payments"), InvalidScope),
        ("scope", Some("openid2 payments"), InvalidScope),
        ("login_hint", None, InvalidRequest),
        ("login_hint", Some(""), UnknownUserId),
        ("login_hint_token", Some("x"), InvalidRequest),
        ("id_token_hint", Some("x"), InvalidRequest),
        ("request", Some("x"), InvalidRequest),
        ("user_code", Some("1234"), InvalidUserCode),
        ("binding_message", Some(""), InvalidBindingMessage),
        ("binding_message", Some("Call\n1"), InvalidBindingMessage),
        ("binding_message", Some("4242 4242 4242 4242"), InvalidBindingMessage),
        ("binding_message", Some(&"a".repeat(65)), InvalidBindingMessage),
        ("requested_expiry", Some("0"), InvalidRequest),
        ("requested_expiry", Some("-1"), InvalidRequest),
        ("requested_expiry", Some("+90"), InvalidRequest),
        ("requested_expiry", Some("090"), InvalidRequest),
        ("requested_expiry", Some("90.0"), InvalidRequest),
        ("requested_expiry", Some("99999999999"), InvalidRequest),
        ("authorization_details", None, InvalidAuthorizationDetails),
    ] {
        assert_eq!(with(name, value).unwrap_err(), error, "{name} {value:?}");
    }
    for name in ["scope", "login_hint", "binding_message", "authorization_details"] {
        let mut twice = parameters(&details());
        let again = twice.iter().find(|(one, _)| one == name).unwrap().clone();
        twice.push(again);
        assert_eq!(read(&twice).unwrap_err(), InvalidRequest, "{name} twice");
    }
    assert!(with("binding_message", None).unwrap().binding_message().is_none());
    assert_eq!(with("requested_expiry", None).unwrap().requested_expiry(), None);
}

#[test]
fn errors_have_the_names_of_the_standards() {
    use CibaError::*;
    let named = [
        (InvalidRequest, "invalid_request"),
        (InvalidScope, "invalid_scope"),
        (UnknownUserId, "unknown_user_id"),
        (UnauthorizedClient, "unauthorized_client"),
        (InvalidUserCode, "invalid_user_code"),
        (InvalidBindingMessage, "invalid_binding_message"),
        (InvalidAuthorizationDetails, "invalid_authorization_details"),
        (AuthorizationPending, "authorization_pending"),
        (SlowDown, "slow_down"),
        (ExpiredToken, "expired_token"),
        (AccessDenied, "access_denied"),
    ];
    for (error, name) in named {
        assert_eq!((error.code(), serde_json::to_value(error).unwrap()), (name, json!(name)));
    }
}

/// Poll and ping, and nothing that carries tokens to a client that did not ask.
#[test]
fn tokens_are_not_pushed() {
    assert_eq!("push".parse::<DeliveryMode>(), Err(CibaError::UnauthorizedClient));
    assert_eq!("poll".parse(), Ok(DeliveryMode::Poll));
    assert_eq!("ping".parse(), Ok(DeliveryMode::Ping));
    let asked = read_in(&parameters(&details()), DeliveryMode::Ping).unwrap();
    let ping = asked.ping(&id()).unwrap();
    assert_eq!(&*ping.authorization(), "Bearer 8d67dc78-7faa-4d41-aabd-67707b374255");
    assert_eq!(ping.body(), json!({ "auth_req_id": id().as_str() }).to_string());
    assert!(!format!("{ping:?} {asked:?}").contains("8d67"), "it is the client's secret");
    let long = "a".repeat(1025);
    // Signs of equality are no secret.
    let padded = format!("a{}", "=".repeat(30));
    let spaced = "8d67dc78 7faa 4d41 aabd 67707b374255";
    for token in [None, Some("short"), Some(spaced), Some(&long), Some(&padded)] {
        let mut of = parameters(&details());
        of.retain(|(name, _)| name != "client_notification_token");
        of.extend(token.map(|token| ("client_notification_token".to_owned(), token.to_owned())));
        let refused = read_in(&of, DeliveryMode::Ping).unwrap_err();
        assert_eq!(refused, CibaError::InvalidRequest, "{token:?}");
    }
}

/// RFC 9396 §5: an unknown type, an unknown member, a missing one, one of another form.
#[test]
fn details_are_of_our_type_with_its_members_alone() {
    let refused = |details: &str, what: &str| {
        let error = CibaError::InvalidAuthorizationDetails;
        assert_eq!(StepUpDetails::from_json(details), Err(error), "{what}");
    };
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut details = details();
        change(&mut details[0]);
        details.to_string()
    };
    for name in
        ["type", "interaction", "direction", "channel", "agent", "agent_name", "transaction"]
    {
        let without = changed(&|one| drop(one.as_object_mut().unwrap().remove(name)));
        refused(&without, &format!("without {name}"));
        refused(&changed(&|one| one[name] = Value::Null), &format!("{name} is null"));
        refused(&changed(&|one| one[name] = json!([])), &format!("{name} is a list"));
    }
    for name in ["kind", "amount", "currency", "payee", "reference"] {
        let without = changed(&|one| {
            drop(one["transaction"].as_object_mut().unwrap().remove(name));
        });
        refused(&without, &format!("without {name}"));
        refused(&changed(&|one| one["transaction"][name] = Value::Null), &format!("{name} null"));
    }
    for (what, details) in [
        ("another type", changed(&|one| one["type"] = json!("payment_initiation"))),
        ("an unknown member", changed(&|one| one["locations"] = json!(["https://bank.example"]))),
        ("within", changed(&|one| one["transaction"]["currencyCode"] = json!("GBP"))),
        (
            "a new authenticator",
            changed(&|one| one["transaction"]["kind"] = json!("new_authenticator")),
        ),
        ("an unknown kind", changed(&|one| one["transaction"]["kind"] = json!("gift"))),
        ("an amount as text", changed(&|one| one["transaction"]["amount"] = json!("500000"))),
        ("an amount with a part", changed(&|one| one["transaction"]["amount"] = json!(1.5))),
        ("an amount below none", changed(&|one| one["transaction"]["amount"] = json!(-1))),
        ("an empty text", changed(&|one| one["agent_name"] = json!(""))),
        ("a text of two lines", changed(&|one| one["agent_name"] = json!("Bob\nPaid"))),
        ("a card number", changed(&|one| one["transaction"]["payee"] = json!("4242424242424242"))),
        ("an unknown direction", changed(&|one| one["direction"] = json!("both"))),
        ("none", "[]".to_owned()),
        ("two", json!([details()[0], details()[0]]).to_string()),
        ("an object", details()[0].to_string()),
        ("nothing", String::new()),
        ("more after it", format!("{}]", details())),
        ("a member twice", details().to_string().replacen("{", r#"{"agent":"bob","#, 1)),
        ("too long", format!("{}{}", details(), " ".repeat(5000))),
        ("out of the wrapping", format!(r#"{},"details":{}"#, details(), details())),
    ] {
        refused(&details, what);
    }
}

/// What is asked of the bank for each request: no two requests ask alike, in whatever they differ.
#[tokio::test]
async fn no_two_requests_ask_for_the_same() {
    let mut all = vec![details()];
    for (name, other) in [
        ("interaction", "call-2"),
        ("direction", "inbound"),
        ("channel", "video"),
        ("agent", "eve"),
        ("agent_name", "Bob from Example Bank."),
    ] {
        let mut details = details();
        details[0][name] = json!(other);
        all.push(details);
    }
    for (name, other) in [
        ("kind", json!("payment")),
        ("amount", json!(500_001)),
        ("currency", json!("EUR")),
        ("payee", json!("Jones Roofing 20-00-00 5577991")),
        ("reference", json!("1Invoice 7")),
    ] {
        let mut details = details();
        details[0]["transaction"][name] = other;
        all.push(details);
    }
    let mut asked = HashSet::new();
    for details in &all {
        for hint in ["alice", "carol"] {
            for id in [1, 2] {
                let mut of = parameters(details);
                of.retain(|(name, _)| name != "login_hint");
                of.push(("login_hint".to_owned(), hint.to_owned()));
                let of = read(&of).unwrap();
                let id = AuthReqId::draw(&SeededRandom::new(id)).unwrap();
                let (interaction, request) = of.step_up(&id).unwrap();
                asked.insert(format!("{interaction:?} {request:?}"));
                let back: Value = serde_json::from_str(&of.details().to_json()).unwrap();
                assert_eq!(back, *details);
            }
        }
    }
    assert_eq!(asked.len(), all.len() * 4);
}

#[test]
fn ids_are_random_and_long() {
    let random = countersign::OsRandom::new();
    let ids: HashSet<_> = (0..100).map(|_| AuthReqId::draw(&random).unwrap()).collect();
    assert_eq!(ids.len(), 100);
    assert!(ids.iter().all(|id| id.as_str().len() == 43));
    let drawn = ids.iter().next().unwrap();
    assert_eq!(drawn.as_str().parse(), Ok(drawn.clone()));
    for short in
        ["", "abc", &"a".repeat(21), &"a".repeat(65), "1c266114 a1be 4252 8ad1 04986c5b9ac1"]
    {
        assert!(short.parse::<AuthReqId>().is_err(), "{short}");
    }
}

fn now(bank: &Bank) -> Timestamp {
    bank.clock.now().unwrap()
}

/// The server has asked the bank, which asks Alice.
async fn begun(
    bank: &Bank,
) -> (BackchannelRequest, Interaction, StepUpRequested, PendingAuthentication) {
    let asked = good();
    let (interaction, step_up) = asked.step_up(&id()).unwrap();
    let requested = bank.verifier.step_ups().request(&interaction, &step_up).await.unwrap();
    let pending = PendingAuthentication::begun(id(), &asked, &requested.step_up, now(bank));
    assert_eq!(pending.step_up(), requested.step_up.id);
    (asked, interaction, requested, pending)
}

async fn polled(bank: &Bank, call: &Interaction, pending: &mut PendingAuthentication) -> Polled {
    let outcome = bank.verifier.step_ups().outcome(call, &pending.step_up()).await.unwrap();
    pending.poll(outcome, now(bank))
}

#[tokio::test]
async fn a_client_polls_until_the_customer_has_approved() {
    for (typed, coerced) in [("2468", false), ("1357", true)] {
        let bank = bank();
        let (_, phone) = app(&bank).await;
        let (asked, call, requested, mut pending) = begun(&bank).await;
        let told = serde_json::to_value(pending.acknowledgement(now(&bank))).unwrap();
        let wanted = json!({ "auth_req_id": id().as_str(), "expires_in": 90, "interval": 5 });
        assert_eq!(told, wanted);
        let waiting = Polled::NoTokens(CibaError::AuthorizationPending);
        assert_eq!(polled(&bank, &call, &mut pending).await, waiting);
        let code = open(&bank, &requested).approve(&phone, &pin(typed)).unwrap();
        let step_ups = bank.verifier.step_ups();
        step_ups.submit(&alice(), &requested.step_up.id, &code).await.unwrap();
        bank.clock.advance(Duration::from_secs(5));
        let Polled::Approved(grant) = polled(&bank, &call, &mut pending).await else { panic!() };
        let transaction = &asked.details().transaction;
        let proof = step_ups.redeem(&call, &grant, transaction, &request("k")).await.unwrap();
        let approved = ApprovedAuthentication::of(&pending, &proof).unwrap();
        // Duress stands beside the answer, which is the same.
        assert_eq!(approved.duress, coerced);
        let answer: Value = serde_json::from_str(&approved.authorization_details).unwrap();
        assert_eq!(answer, details());
    }
}

/// What the phone sent reaches the bank whole: who rang whom and the digits are compared there.
#[tokio::test]
async fn what_the_customer_answered_and_typed_is_handed_on() {
    let bank = bank();
    let (_, phone) = app(&bank).await;
    let (_, call, requested, _) = begun(&bank).await;
    let code = code_of(&open(&bank, &requested).approve(&phone, &pin("2468")).unwrap());
    let digits = requested.digits.as_ref().unwrap().digits();
    let good = json!({ "who_rang": "enterprise", "digits": *digits, "code": code });
    let other = if digits.starts_with('1') { "234567" } else { "123456" };
    let changed = |name: &str, value: Option<&str>| {
        let mut sent = good.clone();
        match value {
            Some(value) => sent[name] = json!(value),
            None => drop(sent.as_object_mut().unwrap().remove(name)),
        }
        sent
    };
    let (id, step_ups) = (requested.step_up.id, bank.verifier.step_ups());
    for sent in [
        changed("who_rang", Some("customer")),
        changed("who_rang", None),
        changed("digits", Some(other)),
        changed("digits", None),
    ] {
        let DeviceAnswer::Approve(answer) = DeviceAnswer::from_json(&sent.to_string()).unwrap()
        else {
            panic!("{sent}")
        };
        refused(step_ups.submit(&alice(), &id, &answer).await);
    }
    let DeviceAnswer::Approve(answer) = DeviceAnswer::from_json(&good.to_string()).unwrap() else {
        panic!()
    };
    assert!(!format!("{answer:?}").contains(&code));
    step_ups.submit(&alice(), &id, &answer).await.unwrap();
    let outcome = step_ups.outcome(&call, &id).await.unwrap();
    assert!(matches!(outcome, StepUpOutcome::Approved(_)), "{outcome:?}");
}

#[test]
fn an_answer_approves_or_declines() {
    let declined = DeviceAnswer::from_json(r#"{"decline":"told_to"}"#);
    assert_eq!(declined, Ok(DeviceAnswer::Decline(DeclineReason::ToldTo)));
    let key = "A".repeat(86);
    let by_key = format!(r#"{{"who_rang":"unknown","device_key":"{key}"}}"#);
    assert!(matches!(DeviceAnswer::from_json(&by_key), Ok(DeviceAnswer::Approve(_))));
    let both = format!(r#"{{"code":"12345678","device_key":"{key}"}}"#);
    assert!(matches!(DeviceAnswer::from_json(&both), Ok(DeviceAnswer::Approve(_))));
    for sent in [
        "{}",
        "[]",
        "",
        r#"{"who_rang":"enterprise","digits":"123456"}"#,
        r#"{"code":"12345678","decline":"not_me"}"#,
        r#"{"digits":"123456","decline":"not_me"}"#,
        r#"{"who_rang":"customer","decline":"not_me"}"#,
        r#"{"decline":"bored"}"#,
        r#"{"code":"12345678","digits":"12345"}"#,
        r#"{"code":"12345678","who_rang":"nobody"}"#,
        r#"{"code":"12345678","code":"12345678"}"#,
        r#"{"code":"12345678","pin":"2468"}"#,
        r#"{"passkey":"{}"}"#,
        r#"{"device_key":"AAAA"}"#,
        &format!(r#"{{"device_key":"{key}","passkey":"{{}}"}}"#),
        &format!(r#"{{"code":"12345678"{}}}"#, " ".repeat(33_000)),
    ] {
        assert_eq!(DeviceAnswer::from_json(sent), Err(CibaError::InvalidRequest), "{sent:.60}");
    }
}

/// §11: five seconds more, each time.
#[tokio::test]
async fn who_polls_too_soon_is_slowed_down() {
    let bank = bank();
    app(&bank).await;
    let (_, call, _, mut pending) = begun(&bank).await;
    let waiting = Polled::NoTokens(CibaError::AuthorizationPending);
    let slow = Polled::NoTokens(CibaError::SlowDown);
    assert_eq!(polled(&bank, &call, &mut pending).await, waiting);
    bank.clock.advance(Duration::from_secs(4));
    assert_eq!(polled(&bank, &call, &mut pending).await, slow);
    assert_eq!(pending.acknowledgement(now(&bank)).interval, 10);
    bank.clock.advance(Duration::from_secs(9));
    assert_eq!(polled(&bank, &call, &mut pending).await, slow);
    bank.clock.advance(Duration::from_secs(15));
    assert_eq!(polled(&bank, &call, &mut pending).await, waiting);
}

#[tokio::test]
async fn an_authentication_ends_when_the_client_meant_or_the_step_up_does() {
    let bank = bank();
    app(&bank).await;
    let (_, call, _, mut pending) = begun(&bank).await;
    bank.clock.advance(Duration::from_secs(89));
    let waiting = Polled::NoTokens(CibaError::AuthorizationPending);
    assert_eq!(polled(&bank, &call, &mut pending).await, waiting);
    bank.clock.advance(Duration::from_secs(1));
    let over = Polled::NoTokens(CibaError::ExpiredToken);
    assert_eq!(polled(&bank, &call, &mut pending).await, over);
    // A client cannot have the customer asked for longer than the bank does.
    let long = with("requested_expiry", Some("86400")).unwrap();
    let (call, step_up) = long.step_up(&AuthReqId::draw(&SeededRandom::new(2)).unwrap()).unwrap();
    let asked = bank.verifier.step_ups().request(&call, &step_up).await.unwrap();
    let pending = PendingAuthentication::begun(id(), &long, &asked.step_up, now(&bank));
    let most = asked.step_up.until.since(now(&bank)).as_secs();
    assert_eq!(pending.acknowledgement(now(&bank)).expires_in, most);
}

/// Approved, and asked for after its time.
#[tokio::test]
async fn an_answer_that_is_fetched_too_late_gives_no_tokens() {
    let bank = bank();
    let (_, phone) = app(&bank).await;
    let (_, call, requested, mut pending) = begun(&bank).await;
    let code = open(&bank, &requested).approve(&phone, &pin("2468")).unwrap();
    let step_ups = bank.verifier.step_ups();
    step_ups.submit(&alice(), &requested.step_up.id, &code).await.unwrap();
    bank.clock.advance(Duration::from_secs(90));
    let over = Polled::NoTokens(CibaError::ExpiredToken);
    assert_eq!(polled(&bank, &call, &mut pending).await, over);
}

#[tokio::test]
async fn who_declines_is_no_authentication() {
    let bank = bank();
    app(&bank).await;
    let (_, call, requested, mut pending) = begun(&bank).await;
    let why = countersign::step_up::DeclineReason::NotMe;
    bank.verifier.step_ups().decline(&alice(), &requested.step_up.id, why).await.unwrap();
    let denied = Polled::NoTokens(CibaError::AccessDenied);
    assert_eq!(polled(&bank, &call, &mut pending).await, denied);
    bank.clock.advance(Duration::from_secs(5));
    // A locked credential can approve nothing, and a step-up whose time is over neither.
    assert_eq!(pending.poll(StepUpOutcome::Refused, now(&bank)), denied);
    bank.clock.advance(Duration::from_secs(5));
    let over = Polled::NoTokens(CibaError::ExpiredToken);
    assert_eq!(pending.poll(StepUpOutcome::Expired, now(&bank)), over);
}

/// What was approved for one request gives no tokens for another: in whatever they differ, and if they differ in nothing.
#[tokio::test]
async fn an_approval_answers_its_own_request_alone() {
    let mut policy = limits_alone(countersign::Policy::default());
    policy.step_ups.per_customer = 20;
    let bank = bank_of(policy);
    let (_, phone) = app(&bank).await;
    let (asked, call, requested, pending) = begun(&bank).await;
    let code = open(&bank, &requested).approve(&phone, &pin("2468")).unwrap();
    let step_ups = bank.verifier.step_ups();
    step_ups.submit(&alice(), &requested.step_up.id, &code).await.unwrap();
    let outcome = step_ups.outcome(&call, &requested.step_up.id).await.unwrap();
    let StepUpOutcome::Approved(grant) = outcome else { panic!("{outcome:?}") };
    let transaction = &asked.details().transaction;
    let proof = step_ups.redeem(&call, &grant, transaction, &request("k")).await.unwrap();
    assert_eq!(*proof.customer(), CustomerId::new("alice").unwrap());
    let approved = ApprovedAuthentication::of(&pending, &proof).unwrap();
    assert_eq!(approved.authorization_details, asked.details().to_json());
    let denied = Err(CibaError::AccessDenied);

    // Others, which the bank asked for as well, each by its own id; the first differs in that alone.
    let mut others = vec![("id", details())];
    for (name, other) in [
        ("interaction", "call-2"),
        ("direction", "inbound"),
        ("channel", "chat"),
        ("agent", "eve"),
        ("agent_name", "Eve from Example Bank"),
    ] {
        let mut details = details();
        details[0][name] = json!(other);
        others.push((name, details));
    }
    for (name, other) in [
        ("kind", json!("payment")),
        ("amount", json!(500_001)),
        ("currency", json!("EUR")),
        ("payee", json!("Eve 20-00-00 55779912")),
        ("reference", json!("Invoice 8")),
    ] {
        let mut details = details();
        details[0]["transaction"][name] = other;
        others.push((name, details));
    }
    for ((name, details), n) in others.iter().zip(2..) {
        let of = read(&parameters(details)).unwrap();
        let id = AuthReqId::draw(&SeededRandom::new(n)).unwrap();
        let (interaction, step_up) = of.step_up(&id).unwrap();
        let requested = step_ups.request(&interaction, &step_up).await.unwrap();
        let other = PendingAuthentication::begun(id, &of, &requested.step_up, now(&bank));
        assert_eq!(ApprovedAuthentication::of(&other, &proof), denied, "{name}");
    }

    // And where a server confounds step-ups: what another request asked for, at the step-up that was approved.
    let at_this = |of: &BackchannelRequest| {
        let other = PendingAuthentication::begun(id(), of, &requested.step_up, now(&bank));
        ApprovedAuthentication::of(&other, &proof)
    };
    assert!(at_this(&asked).is_ok());
    assert_eq!(at_this(&with("login_hint", Some("carol")).unwrap()), denied);
    for (name, details) in &others[1..] {
        let of = read(&parameters(details)).unwrap();
        // The channel is no part of an approval.
        assert_eq!(at_this(&of).is_ok(), *name == "channel", "{name}");
    }
}
