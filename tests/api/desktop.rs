//! What an agent's side calls and gets: no code, PIN or seed goes in or comes out.

use countersign::callback::{Callback, Callbacks, Readback};
use countersign::credential::{
    Credential, Credentials, EnrolmentRequest, ImportRequest, Provisioning,
};
use countersign::device::{DeviceCredential, SmartPin, VerifiedStepUp};
use countersign::otp::ocra::{PinHash, Response};
use countersign::otp::{Code, OtpSeed};
use countersign::page::Paged;
use countersign::step_up::{
    Delivery, Grant, Redeemed, StepUp, StepUpAnswer, StepUpOutcome, StepUpRequest, StepUpRequested,
    StepUps,
};
use countersign::token::SigningKey;
use countersign::{AgentSafe, CallbackId, CustomerId, Error, Interaction, StepUpId};
use static_assertions::{assert_impl_all, assert_not_impl_any};

// Every type with a code, a PIN, a key or a seed inside: not for agents, neither alone nor put
// together, and never printed, copied or serialised.
macro_rules! secret {
    ($($name:ty),* $(,)?) => {$(
        assert_not_impl_any!(
            $name: AgentSafe, serde::Serialize, std::fmt::Display, Clone, Copy, Default
        );
        assert_not_impl_any!(Option<$name>: AgentSafe);
        assert_not_impl_any!(Vec<$name>: AgentSafe);
        assert_not_impl_any!(&$name: AgentSafe);
        assert_not_impl_any!(Paged<$name>: AgentSafe);
    )*};
}
secret!(
    Code,
    Delivery,
    DeviceCredential,
    ImportRequest,
    OtpSeed,
    PinHash,
    Provisioning,
    Response,
    SigningKey,
    SmartPin,
);

// What the customer's app alone is sent, or the back end alone holds.
assert_not_impl_any!(StepUpRequested: AgentSafe, serde::Serialize);
assert_not_impl_any!(VerifiedStepUp: AgentSafe, serde::Serialize);
assert_not_impl_any!(EnrolmentRequest: AgentSafe, serde::Serialize);
assert_not_impl_any!(Credential: AgentSafe);
assert_not_impl_any!(
    Redeemed: AgentSafe, serde::Serialize, serde::de::DeserializeOwned, Clone, Copy, Default,
    From<Grant>, From<StepUp>
);

// What agents get of step-ups.
assert_impl_all!(StepUp: AgentSafe, serde::Serialize);
assert_impl_all!(StepUpOutcome: AgentSafe, serde::Serialize);
assert_impl_all!(Grant: AgentSafe, serde::Serialize);

type Called<'a, T> = std::pin::Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// Every call of a desktop with all that it takes and returns spelled out. Compiling is the test: with
/// a parameter more or another result it would not.
struct Desktop<'a> {
    reveal: fn(Callbacks<'a>, &'a Interaction, &'a CallbackId) -> Called<'a, Readback>,
    abandon: fn(Callbacks<'a>, &'a Interaction, &'a CallbackId) -> Called<'a, Callback>,
    request: fn(StepUps<'a>, &'a Interaction, &'a StepUpRequest) -> Called<'a, StepUpRequested>,
    outcome: fn(StepUps<'a>, &'a Interaction, &'a StepUpId) -> Called<'a, StepUpOutcome>,
}

impl Desktop<'_> {
    const ALL: Self = Self {
        reveal: |of, call, id| Box::pin(of.reveal(call, id)),
        abandon: |of, call, id| Box::pin(of.abandon(call, id)),
        request: |of, call, asked| Box::pin(of.request(call, asked)),
        outcome: |of, call, id| Box::pin(of.outcome(call, id)),
    };
}

/// The calls that a code, a seed or a PIN goes into or comes out of: the customer's, who is named, so
/// none takes an interaction, which is all that a desktop has.
struct NotForDesktops<'a> {
    enrol: fn(Credentials<'a>, &'a CustomerId, &'a EnrolmentRequest) -> Called<'a, Provisioning>,
    submit: fn(StepUps<'a>, &'a CustomerId, &'a StepUpId, &'a StepUpAnswer) -> Called<'a, StepUp>,
    delivery: fn(StepUps<'a>, &'a CustomerId, &'a StepUpId) -> Called<'a, Delivery>,
}

impl NotForDesktops<'_> {
    const ALL: Self = Self {
        enrol: |of, customer, enrolment| Box::pin(of.enrol(customer, enrolment)),
        submit: |of, customer, id, code| Box::pin(of.submit(customer, id, code)),
        delivery: |of, customer, id| Box::pin(of.delivery(customer, id)),
    };
}

/// What the one sending function of a host takes: it runs each desktop call and sends its result.
#[tokio::test]
async fn a_desktop_s_whole_conversation_holds_no_code() {
    use crate::support::credentials::{app, pin};
    use crate::support::step_ups;
    use crate::support::*;

    fn sent<T: AgentSafe + serde::Serialize>(value: T) -> String {
        serde_json::to_string(&value).unwrap()
    }

    let bank = step_ups::bank();
    let (_, device) = app(&bank).await;
    let given = EnrolmentRequest::totp(request("totp")).vouched_for();
    let given = (NotForDesktops::ALL.enrol)(bank.verifier.credentials(), &alice(), &given).await;
    let seed = given.unwrap().base32().unwrap().to_owned();
    let (call, asked) = (bob_rings("call-1"), step_ups::asking("s-1", step_ups::transfer()));
    let of = bank.verifier.step_ups();
    let requested = (Desktop::ALL.request)(of, &call, &asked).await.unwrap();
    let id = requested.step_up.id;
    let mut desktop = sent(&requested.step_up);
    desktop += &sent((Desktop::ALL.outcome)(of, &call, &id).await.unwrap());
    let code = step_ups::open(&bank, &requested).approve(&device, &pin("2468")).unwrap();
    (NotForDesktops::ALL.submit)(of, &alice(), &id, &code).await.unwrap();
    desktop += &sent((Desktop::ALL.outcome)(of, &call, &id).await.unwrap());
    assert!((NotForDesktops::ALL.delivery)(of, &alice(), &id).await.is_err());
    let booked = bank.booked().await.id;
    let callbacks = bank.verifier.callbacks();
    desktop += &sent((Desktop::ALL.reveal)(callbacks, &call, &booked).await.unwrap());
    desktop += &sent((Desktop::ALL.abandon)(callbacks, &call, &booked).await.unwrap());
    assert!(desktop.contains("anana"), "the read-back alone is for the agent's eyes");
    for secret in [&*step_ups::code_of(&code), seed.as_str(), "2468"] {
        assert!(!desktop.contains(secret), "{secret} in {desktop}");
    }
}
