//! Video identification: the TAN that ends it is the approval of an action, bound to this very video call and to the
//! document that was shown.
//!
//! The model is BaFin's circular 3/2017 (GW) of 10 April 2017: during the video transmission the person to be
//! identified gets a sequence of digits made for this purpose alone, enters it online herself, and the identification is
//! complete once it was compared by machine. Each step is asserted.
//!
//! `cargo run --example video_ident`

#![allow(
    clippy::panic_in_result_fn,
    clippy::print_stdout,
    reason = "an example shows something, and asserts its steps"
)]

use core::time::Duration;
use std::collections::BTreeMap;

use countersign::action::{
    ActionDetails, ActionField, ActionForm, ActionKind, ActionTable, ActionValue, FieldType,
    FormField,
};
use countersign::credential::{EnrolmentRequest, Method};
use countersign::otp::ocra::Response;
use countersign::policy::{ActionPolicy, ActionRule};
use countersign::step_up::{Redeemed, StepUpOutcome, StepUpRequest};
use countersign::time::{Clock, SystemClock};
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::{
    Agent, AgentId, Channel, CustomerId, Device, Error, Interaction, InteractionId, Issuer,
    Keyring, OsRandom, Policy, RequestId, Verifier,
};
use sha2::{Digest, Sha256};

type Done<T = ()> = Result<T, Box<dyn std::error::Error>>;

fn kind() -> Done<ActionKind> {
    Ok("video_identification".parse()?)
}

/// How it is shown. The page where the customer types the TAN has the same.
fn form() -> Done<ActionForm> {
    let field = |name: &str, label: &str, kind: FieldType| -> Done<FormField> {
        Ok(FormField::new(name.parse()?, label.parse()?, kind))
    };
    let fields = vec![
        field("person", "You are", FieldType::Text)?,
        field("document", "You showed", FieldType::Text)?,
        field("video_call", "In the video call", FieldType::Text)?,
        field("recording", "Recording of the document", FieldType::Digest)?,
    ];
    Ok(ActionForm::new("You are identified by video".parse()?, fields)?)
}

/// The one method is a code that goes to the number from the application (circular 3/2017, on the TAN).
fn policy() -> Done<Policy> {
    let mut rule = ActionRule::new(form()?);
    rule.methods = vec![Method::Delivered];
    let mut policy = Policy::default();
    policy.step_ups.actions = ActionPolicy(BTreeMap::from([(kind()?, rule)]));
    Ok(policy)
}

/// What the identifier saw: the person, her document, and the pictures of it, by digest.
fn seen(call: &InteractionId, pictures: &[u8]) -> Done<ActionDetails> {
    let text = |text: &str| -> Done<ActionValue> { Ok(ActionValue::text(text.parse()?)?) };
    let field = |name: &str, value: ActionValue| -> Done<ActionField> {
        Ok(ActionField::new(name.parse()?, value))
    };
    let fields = vec![
        field("person", text("Erika Mustermann, 12 August 1964")?)?,
        field("document", text("identity card, Germany, valid until 2031")?)?,
        field("video_call", text(call.as_str())?)?,
        field("recording", ActionValue::digest(Sha256::digest(pictures).into()))?,
    ];
    Ok(ActionDetails::new(kind()?, fields)?)
}

/// Opens the account. It takes the proof of this action, and no other proof.
fn open_account(identified: &Redeemed<countersign::action::ActionDetails>) {
    println!("Account opened for: {}", identified.action());
}

fn assert_refused<T>(result: Result<T, Error>, what: &str) -> Done {
    match result {
        Err(Error::Refused(_)) => {
            println!("Refused: {what}");
            Ok(())
        }
        _ => Err(what.into()),
    }
}

#[tokio::main]
async fn main() -> Done {
    let random = OsRandom::new();
    let issuer = Issuer::new("bank.example")?;
    let bank = Verifier::builder(issuer.clone(), Keyring::generate(&random)?)
        .signing_key(SigningKey::generate(&random)?)
        .policy(policy()?)
        .build()?;

    // The application was filled in online. Her number is hers once a first code came back.
    let erika = CustomerId::new("applicant-77")?;
    let number = EnrolmentRequest::delivered(RequestId::new("number")?);
    let given = bank.credentials().enrol(&erika, &number).await?;
    let first: Response = given.code_to_deliver().ok_or("no code")?.expose().parse()?;
    bank.credentials().confirm(&erika, &given.credential.id, &first).await?;

    // The video call. The identifier checks her and the document, and the pictures are kept.
    let identifier = Agent::new(AgentId::new("identifier-4")?);
    let call = InteractionId::new("video-9001")?;
    let video =
        Interaction::inbound(call.clone(), erika.clone(), identifier.clone(), Channel::Video);
    let pictures = b"front and back of the identity card, as recorded";
    let what = seen(&call, pictures)?;
    let asked = StepUpRequest::new(RequestId::new("tan")?, what.clone(), "Ms Schmidt".parse()?);
    let asked = bank.step_ups().request(&video, &asked).await?;

    // The host sends the message. The identifier's desktop gets no code: `Delivery` is not `AgentSafe`.
    let delivery = bank.step_ups().delivery(&erika, &asked.step_up.id).await?;
    let message = delivery.fill_action(
        &kind()?,
        "{code} ist Ihre TAN für die Identifizierung von {person} mit {document} in {video_call}. Nur selbst eingeben.",
    )?;
    assert!(message.contains("Erika Mustermann") && message.contains("video-9001"));
    let tan: Response = message.get(..8).ok_or("no TAN")?.parse()?;

    // Her page shows what the TAN is for, from its own table, before it takes the TAN.
    let mut trusted = TrustedKeys::new(issuer);
    for key in bank.public_keys() {
        trusted.trust(*key, Purpose::StepUp)?;
    }
    let page =
        Device::new(trusted, erika.clone()).with_actions(ActionTable::new().with(kind()?, form()?));
    let opened = page.open_step_up(&asked.token, SystemClock.now()?)?;
    let shown = opened.without_answer().map_err(|_| "a TAN covers no answer")?;
    let action = shown.action().ok_or("an unknown action")?;
    println!("{}", action.headline());
    for (label, value) in action.lines() {
        println!("  {label}: {value}");
    }

    // Another call, or other pictures: another action, with another TAN.
    let elsewhere = InteractionId::new("video-9002")?;
    let other_call =
        Interaction::inbound(elsewhere.clone(), erika.clone(), identifier, Channel::Video);
    for (id, on, pictures) in [
        ("other-call", &other_call, pictures.as_slice()),
        ("other-document", &video, b"the pictures of another card".as_slice()),
    ] {
        let other = seen(&on.id, pictures)?;
        let request = StepUpRequest::new(RequestId::new(id)?, other, "Ms Schmidt".parse()?);
        let other = bank.step_ups().request(on, &request).await?;
        let result = bank.step_ups().submit(&erika, &other.step_up.id, &tan).await;
        assert_refused(result, &format!("the TAN for {id}"))?;
    }

    // She types it herself, in her session.
    bank.step_ups().submit(&erika, &shown.id(), &tan).await?;
    let outcome = bank.step_ups().outcome(&video, &shown.id()).await?;
    let StepUpOutcome::Approved(grant) = outcome else { return Err("not approved".into()) };

    // The back end compares with what it is about to do: the recording as it lies in the archive.
    let key = RequestId::new("account-1")?;
    let exchanged = seen(&call, b"pictures that were exchanged afterwards")?;
    let result = bank.step_ups().redeem_action(&video, &grant, &exchanged, &key).await;
    assert_refused(result, "another recording than the one of this call")?;
    let result = bank.step_ups().redeem_action(&other_call, &grant, &what, &key).await;
    assert_refused(result, "another video call")?;
    let identified = bank.step_ups().redeem_action(&video, &grant, &what, &key).await?;
    assert_eq!(identified.method(), Method::Delivered);
    open_account(&identified);
    assert!(
        Duration::from_secs(600) >= bank.policy().step_ups.valid_for,
        "a TAN lives ten minutes at most"
    );
    Ok(())
}
