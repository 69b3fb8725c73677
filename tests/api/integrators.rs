//! What makes linking the crate easy: requests and reports as JSON, answers over HTTP, names, templates, keys.

use countersign::agent_safe::{AgentSafe, Count, ForDesktop};
use countersign::callback::{AmendmentRequest, BookingRequest};
use countersign::challenge::{ChallengeRequest, NeverAsked};
use countersign::credential::{EnrolmentRequest, Method, Provisioning};
use countersign::error::{Invalid, Problem, Reason, RecordError};
use countersign::history::{Action, Actor, Outcome};
use countersign::interaction::InteractionReport;
use countersign::otp::ocra::Response;
use countersign::redact::Masked;
use countersign::step_up::{Grant, Redeemed, StepUpRequest, TemplateError};
use countersign::store::{AnyStore, StoreError, conformance};
use countersign::token::{KeyError, Purpose, SigningKey, TrustedKeys};
use countersign::transaction::TransactionKind;
use countersign::{
    AgentId, Error, Interaction, Issuer, MemoryStore, Policy, Refused, Timestamp, Verifier, Window,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use static_assertions::{assert_impl_all, assert_not_impl_any};

use crate::support::challenges::bank_of;
use crate::support::credentials::{refused, response};
use crate::support::{alice, block_on, bob_rings, booking, issuer, keyring, request, window};

assert_not_impl_any!(Interaction: DeserializeOwned);
assert_not_impl_any!(Redeemed: DeserializeOwned, serde::Serialize);
assert_not_impl_any!(Provisioning: DeserializeOwned);
assert_not_impl_any!(Problem: DeserializeOwned);
assert_not_impl_any!(Masked: DeserializeOwned, From<String>, From<&'static str>);
assert_not_impl_any!(Count: DeserializeOwned);
assert_impl_all!(Timestamp: AgentSafe);
assert_impl_all!(Window: AgentSafe);
assert_impl_all!(Invalid: AgentSafe);
assert_impl_all!(Count: AgentSafe);
assert_impl_all!(Masked: AgentSafe);
assert_impl_all!(Problem: AgentSafe);
assert_not_impl_any!(u8: AgentSafe);
assert_not_impl_any!(u16: AgentSafe);
assert_not_impl_any!(u64: AgentSafe);
assert_not_impl_any!(String: AgentSafe);
assert_not_impl_any!(&'static str: AgentSafe);
assert_not_impl_any!(Error: AgentSafe);
assert_not_impl_any!(Reason: AgentSafe);
// The proof stays what the host was given: a grant may be passed on, and proves nothing by itself.
assert_impl_all!(Grant: DeserializeOwned, AgentSafe);

fn read<T: DeserializeOwned>(json: &Value) -> Result<T, serde_json::Error> {
    serde_json::from_str(&json.to_string())
}

/// Refused, without a word of what was sent.
fn silent<T: DeserializeOwned>(json: &Value) {
    let message = read::<T>(json).map(drop).unwrap_err().to_string();
    assert!(!message.contains("secretly"), "{message}");
}

#[tokio::test]
async fn a_booking_is_read_with_the_checks_of_a_booking() {
    let bank = crate::support::bank();
    let callbacks = bank.verifier.callbacks();
    let body = json!({
        "request": "b-1", "window": window(), "channel": "voice", "secret": "anana",
        "assignee": {"team": "fraud"},
    });
    let read_booking: BookingRequest = read(&body).unwrap();
    let booked = callbacks.book(&alice(), &read_booking).await.unwrap();
    let built = booking("b-1", "anana").assigned_to(crate::support::team("fraud"));
    assert_eq!(callbacks.book(&alice(), &built).await.unwrap(), booked, "the same request");

    let amended = json!({"request": "a-1", "channel": "video", "assignee": null});
    let amendment: AmendmentRequest = read(&amended).unwrap();
    let amended = callbacks.amend(&alice(), &booked.id, &amendment).await.unwrap();
    assert_eq!(
        (amended.channel.name(), amended.assignee, amended.window),
        ("video", None, booked.window)
    );
    let kept: AmendmentRequest = read(&json!({"request": "a-2", "channel": "voice"})).unwrap();
    let back =
        AmendmentRequest::new(request("a-3")).assigned_to(Some(crate::support::team("fraud")));
    callbacks.amend(&alice(), &booked.id, &back).await.unwrap();
    let amended = callbacks.amend(&alice(), &booked.id, &kept).await.unwrap();
    assert_eq!(
        amended.assignee,
        Some(crate::support::team("fraud")),
        "no word of it changes nothing"
    );

    for (member, value) in [
        ("secret", json!("secretly 123456")),
        ("channel", json!("secretly")),
        ("window", json!({"from": "secretly", "until": "secretly"})),
        ("customer", json!("secretly")),
    ] {
        let mut wrong = body.clone();
        wrong[member] = value;
        silent::<BookingRequest>(&wrong);
    }
    silent::<BookingRequest>(&json!(["b-1", window(), "voice", "secretly", null, null]));
    let twice = body.to_string().replacen('{', r#"{"request":"secretly","#, 1);
    assert!(serde_json::from_str::<BookingRequest>(&twice).is_err());
}

#[test]
fn other_requests_are_read_too_and_none_names_a_customer() {
    let transaction = json!({"kind": "transfer", "amount": 500_000, "currency": "GBP",
        "payee": "Jones Roofing", "reference": "Invoice 7"});
    let slot = json!({"window": window(), "channel": "voice", "assignee": {"agent": "bob"},
        "agent_name": "Bob"});
    let step_up = json!({"request": "s-1", "transaction": transaction, "agent_name": "Bob"});
    let challenge = json!({"request": "c-1", "purpose": "About a payment", "channels": ["voice"],
        "valid_for_seconds": 60, "slot": slot});
    let enrolment = json!({"request": "e-1", "method": "totp", "account": "alice@bank"});
    let _: StepUpRequest = read(&step_up).unwrap();
    let _: ChallengeRequest = read(&challenge).unwrap();
    let _: EnrolmentRequest = read(&enrolment).unwrap();
    for member in ["customer", "vouched_for", "approved_in", "word"] {
        let with = |body: &Value| {
            let mut body = body.clone();
            body[member] = json!("secretly");
            body
        };
        silent::<StepUpRequest>(&with(&step_up));
        silent::<ChallengeRequest>(&with(&challenge));
        silent::<EnrolmentRequest>(&with(&enrolment));
    }
}

#[tokio::test]
async fn an_enrolment_that_was_read_is_the_one_that_was_built() {
    let bank = crate::support::bank();
    let credentials = bank.verifier.credentials();
    let was_read: EnrolmentRequest = read(&json!({"request": "e-1", "method": "ocra"})).unwrap();
    let first = credentials.enrol(&alice(), &was_read).await.unwrap();
    let built = EnrolmentRequest::ocra(request("e-1"));
    let again = credentials.enrol(&alice(), &built).await.unwrap();
    assert_eq!(first.credential, again.credential);
    assert_eq!((first.credential.method, built.method()), (Method::Ocra, Method::Ocra));
}

#[test]
fn an_interaction_is_read_as_a_report_alone() {
    let call = bob_rings("call-1");
    let report: InteractionReport = read(&serde_json::to_value(&call).unwrap()).unwrap();
    assert_eq!(report.clone().vouched_by_platform(), call);
    assert_eq!(serde_json::to_value(&report).unwrap()["agent"]["id"], "bob");
    for (member, value) in [
        ("direction", json!("secretly")),
        ("customer", json!(["secretly"])),
        ("agent", json!({"id": "bob", "secretly": 1})),
        ("more", json!("secretly")),
    ] {
        let mut wrong = serde_json::to_value(&report).unwrap();
        wrong[member] = value;
        silent::<InteractionReport>(&wrong);
    }
}

#[test]
fn every_error_has_its_status_code_and_a_problem_for_the_desktop() {
    let lost = || StoreError::unavailable("secretly: password=hunter2");
    for (error, status, code, detail) in [
        (Error::from(Refused::new()), 403, "refused", None),
        (Invalid::WindowOver.into(), 422, "invalid", Some("the window must end in the future")),
        (Error::Busy, 503, "busy", None),
        (lost().into(), 503, "unavailable", None),
        (RecordError::Damaged.into(), 500, "internal", None),
        (Error::Internal, 500, "internal", None),
    ] {
        assert_eq!(error.status_code(), status, "{error:?}");
        let problem = serde_json::to_value(error.problem()).unwrap();
        assert_eq!(problem["type"], "about:blank");
        assert_eq!((&problem["status"], &problem["code"]), (&json!(status), &json!(code)));
        assert_eq!(problem.get("detail").and_then(Value::as_str), detail);
        let members = 4 + usize::from(detail.is_some());
        assert_eq!(problem.as_object().unwrap().len(), members, "nothing else: {problem}");
        assert!(!problem.to_string().contains("secretly"), "{problem}");
    }
    let screen =
        ForDesktop::new().with("problem", Error::Busy.problem()).with("left", Count::of(3));
    let screen = serde_json::to_value(screen).unwrap();
    assert_eq!((&screen["left"], &screen["problem"]["code"]), (&json!(3), &json!("busy")));
}

#[tokio::test]
async fn a_refusal_of_the_host_s_reads_like_every_other() {
    let bank = crate::support::bank();
    let cancelled =
        bank.verifier.callbacks().cancel(&alice(), &crate::support::unknown_callback()).await;
    let ours = cancelled.unwrap_err();
    let theirs = Error::from(Refused::new());
    assert_eq!(ours.to_string(), theirs.to_string());
    assert_eq!(ours.problem(), theirs.problem());
}

#[test]
fn names_are_those_of_the_serde_formats() {
    for action in [Action::Book, Action::WarnOfRelay, Action::IssueChallenge, Action::Import] {
        assert_eq!(serde_json::to_value(action).unwrap(), action.name());
    }
    for reason in [Reason::Unknown, Reason::TooManyRequests, Reason::AmountExceeded] {
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.name());
    }
    let bob = Actor::Agent(AgentId::new("bob").unwrap());
    let actors = [bob, Actor::Customer, Actor::Clock, Actor::BackEnd];
    assert_eq!(actors.map(|actor| actor.name()), ["agent", "customer", "clock", "back_end"]);
    let outcomes = [Outcome::Done, Outcome::Refused(Reason::Locked)];
    assert_eq!(outcomes.map(Outcome::name), ["done", "refused"]);
    assert_eq!(Action::WarnOfRelay.name(), "warn_of_relay");
    assert_eq!(NeverAsked::OneTimeCode.name(), "one_time_code");
}

#[test]
fn a_text_for_the_desktop_has_passed_redaction() {
    let note = Masked::of("card 4242 4242 4242 4242, thanks");
    assert_eq!(serde_json::to_value(&note).unwrap(), "card **** **** **** ****, thanks");
    assert_eq!(Masked::of("no card").to_string(), "no card");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_chosen_at_run_time_is_a_store() {
    conformance::check(async || AnyStore::new(MemoryStore::new())).await.unwrap();
    let store = AnyStore::new(MemoryStore::new());
    let verifier = |store: &AnyStore| {
        let keys = keyring();
        Verifier::builder(issuer(), keys).store(store.clone()).build().unwrap()
    };
    let asked = EnrolmentRequest::ocra(request("e-1"));
    let given = verifier(&store).credentials().enrol(&alice(), &asked).await.unwrap();
    let page = countersign::page::Page::first();
    let listed = verifier(&store).credentials().list(&alice(), page).await.unwrap();
    assert_eq!(listed.items[0].id, given.credential.id, "clones share it");
}

#[test]
fn a_delivered_code_fills_the_host_s_own_template() {
    block_on(async {
        let mut policy = Policy::default();
        policy.step_ups.payment_methods = vec![Method::Delivered];
        let bank = bank_of(policy);
        let credentials = bank.verifier.credentials();
        let sms = EnrolmentRequest::delivered(request("sms"));
        let given = credentials.enrol(&alice(), &sms).await.unwrap();
        let first = response(given.code_to_deliver().unwrap());
        credentials.confirm(&alice(), &given.credential.id, &first).await.unwrap();
        let asked = crate::support::step_ups::asked(&bank, &bob_rings("call-1")).await;
        let step_ups = bank.verifier.step_ups();
        let delivery = step_ups.delivery(&alice(), &asked.step_up.id).await.unwrap();
        let code = delivery.message()[..8].to_owned();

        let german = "{code}: {amount} an {payee} ({reference}).\n\n@bank.example #{code}";
        let filled = delivery.fill(TransactionKind::Transfer, german).unwrap();
        let transaction = crate::support::step_ups::transfer();
        let (payee, reference) = (&transaction.payee, &transaction.reference);
        assert_eq!(
            *filled,
            format!("{code}: GBP 5000.00 an {payee} ({reference}).\n\n@bank.example #{code}")
        );
        for (template, error) in [
            ("{amount} {payee}", TemplateError::NotNamed),
            ("{code} {payee}", TemplateError::NotNamed),
            ("{code} {amount}", TemplateError::NotNamed),
            ("", TemplateError::NotNamed),
            ("{code} {amount} {payee} {pin}", TemplateError::UnknownName),
            ("{code} {amount} {payee} {", TemplateError::UnknownName),
            ("{code} {amount} {{payee}}", TemplateError::UnknownName),
            ("{code}} {amount} {payee}", TemplateError::UnknownName),
            ("{code} {amount} {payee}}", TemplateError::UnknownName),
        ] {
            assert_eq!(
                delivery.fill(TransactionKind::Transfer, template).map(drop).unwrap_err(),
                error,
                "{template}"
            );
        }
        for kind in [TransactionKind::Payment, TransactionKind::NewAuthenticator] {
            let other = delivery.fill(kind, german).map(drop).unwrap_err();
            assert_eq!(other, TemplateError::AnotherKind, "no payee passes it off as another kind");
        }
        assert_eq!(delivery.transaction(), Some(&transaction));
        let answer = filled[..8].parse::<Response>().unwrap();
        step_ups.submit(&alice(), &asked.step_up.id, &answer).await.unwrap();
        refused(step_ups.delivery(&alice(), &asked.step_up.id).await);
    });
}

#[test]
fn trusted_keys_are_published_as_a_jwk_set() {
    let bank = || Issuer::new("bank.example").unwrap();
    let key = |seed: u8| *SigningKey::from_seed(&[seed; 32]).unwrap().public_key();
    let at = Timestamp::from_unix;
    let mut keys = TrustedKeys::new(bank());
    keys.trust(key(1), Purpose::Challenge).unwrap();
    keys.trust(key(1), Purpose::StepUp).unwrap();
    keys.trust_between(key(1), Purpose::Status, None, Some(at(2_000))).unwrap();
    keys.trust_between(key(2), Purpose::Challenge, Some(at(1_000)), Some(at(3_000))).unwrap();
    let text = keys.to_jwk_set();
    let set: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(set["keys"][0]["purposes"], json!(["challenge", "step_up"]));
    assert_eq!(set["keys"][1]["exp"], 2_000);
    assert_eq!((&set["keys"][2]["nbf"], &set["keys"][2]["exp"]), (&json!(1_000), &json!(3_000)));
    assert_eq!(set["keys"].as_array().unwrap().len(), 3);

    let again = TrustedKeys::from_jwk_set(bank(), &text).unwrap();
    assert_eq!(again.to_jwk_set(), text);
    for now in [0, 999, 1_000, 1_999, 2_000, 2_999, 3_000] {
        let at_that_time = |keys: &TrustedKeys| -> Vec<_> {
            keys.trusted_at(at(now)).map(|(key, purpose)| (*key, purpose)).collect()
        };
        assert_eq!(at_that_time(&again), at_that_time(&keys), "{now}");
    }

    let jwk = |more: &str| {
        let mut jwk = key(1).to_jwk();
        jwk.pop();
        format!(r#"{{"keys":[{jwk}{more}}},{{"kty":"RSA","n":"AQAB","e":"AQAB"}}]}}"#)
    };
    let trusts = |more: &str| {
        TrustedKeys::from_jwk_set(bank(), &jwk(more)).map(|keys| keys.trusted_at(at(0)).count())
    };
    assert_eq!(trusts(r#","purposes":["challenge","of_later"]"#).unwrap(), 1);
    assert_eq!(trusts("").unwrap(), 0, "without purposes it is trusted for nothing");
    assert_eq!(trusts(r#","exp":1.5"#).unwrap(), 0, "another protocol's voids no other");
    for (more, error) in [
        (r#","purposes":["challenge","challenge"]"#, KeyError::NotJwkSet),
        (r#","purposes":["challenge"],"exp":1.5"#, KeyError::NotJwkSet),
        (r#","purposes":["challenge"],"nbf":"0""#, KeyError::NotJwkSet),
        (r#","purposes":["challenge"],"nbf":5,"exp":5"#, KeyError::NotJwkSet),
        (r#","purposes":["challenge"],"nbf":5,"nbf":6"#, KeyError::NotJwkSet),
        (r#","d":"AAAA""#, KeyError::SecretGivenAsPublic),
    ] {
        assert_eq!(trusts(more).unwrap_err(), error, "{more}");
    }
    for text in ["", "[]", "{}", r#"{"keys":{}}"#, &format!("{}{}", jwk(""), " ".repeat(70_000))] {
        assert_eq!(
            TrustedKeys::from_jwk_set(bank(), text).map(drop).unwrap_err(),
            KeyError::NotJwkSet
        );
    }
}
