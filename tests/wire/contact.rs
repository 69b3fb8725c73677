//! The operations of contact: the ringing call, reachable agents, notices, the last contact.

use core::time::Duration;

use countersign::contact::{CallVerdict, PastContact, PhoneNumber, RingingCall, StatusNonce};
use countersign::credential::CredentialPublicKey;
use countersign::device::{
    Called, DeviceCredentialError, KnownNotices, LastContactQuestion, NotVerified, NoticeCheck,
    NoticeError, NoticeListError, NoticeStanding, NumberLookup, StatusQuestion, VerdictQuestion,
};
use countersign::otp::ocra::Response;
use countersign::{CredentialId, Device, Timestamp};
use serde_json::{Value, json};

use crate::run::{Drawn, Outcome, credential, name};

pub(crate) fn run(op: &str, device: &Device, input: &Value, now: Timestamp) -> Outcome {
    match op {
        "look_up_number" => look_up_number(device, input, now),
        "ringing_call" => ringing_call(input, now),
        "open_verdict" => open_verdict(device, input, now),
        "open_reachable" => open_reachable(device, input, now),
        "learn_notices" => learn_notices(device, input, now),
        "ask_last_contact" => ask_last_contact(device, input),
        "open_last_contact" => open_last_contact(device, input, now),
        _ => open_notice(device, input, now),
    }
}

fn text<'v>(of: &'v Value, name: &str) -> &'v str {
    of[name].as_str().unwrap_or_else(|| panic!("{name} is a text: {of}"))
}

fn time(of: &Value, name: &str) -> Timestamp {
    Timestamp::from_unix(of[name].as_u64().unwrap())
}

fn number(input: &Value) -> Result<PhoneNumber, String> {
    text(input, "number").parse().map_err(|_| "number".to_owned())
}

fn drawn(input: &Value) -> Drawn {
    Drawn(hex::decode(text(input, "nonce")).unwrap())
}

fn not_verified(error: NotVerified) -> String {
    name(error)
}

/// The list is opened at `opened_at` if that is given: an app keeps it, and looks numbers up later.
fn look_up_number(device: &Device, input: &Value, now: Timestamp) -> Outcome {
    let opened_at = input["opened_at"].as_u64().map_or(now, Timestamp::from_unix);
    let opened = device.open_numbers(text(input, "token"), opened_at);
    let numbers = opened.map_err(|error| name(error.reason()))?;
    let found = match numbers.look_up(&number(input)?, now) {
        NumberLookup::Verdict(verdict) => verdict.name(),
        _ => "ask",
    };
    Ok(json!({ "until": numbers.until().unix(), "look_up": found }))
}

/// What the app sends is what the enterprise reads.
fn ringing_call(input: &Value, now: Timestamp) -> Outcome {
    let question = VerdictQuestion::new(number(input)?, &drawn(input), now).unwrap();
    let device: CredentialId = text(input, "credential").parse().unwrap();
    let seconds = input["seconds"].as_u64().unwrap();
    let others = input["beside_another"].as_bool().unwrap();
    let asked = question.ringing(device, Duration::from_secs(seconds));
    let asked = if others { asked.beside_another() } else { asked };
    let sent = serde_json::to_value(&asked).unwrap();
    assert_eq!(serde_json::from_value::<RingingCall>(sent.clone()).unwrap(), asked);
    Ok(sent)
}

fn open_verdict(device: &Device, input: &Value, now: Timestamp) -> Outcome {
    let asked = time(input, "asked");
    let question = VerdictQuestion::new(number(input)?, &drawn(input), asked).unwrap();
    let verdict = device.open_verdict(text(input, "token"), &question, now);
    Ok(json!(verdict.map(CallVerdict::name).map_err(not_verified)?))
}

/// It is shown at `shown_at` if that is given: what is told ends with its seconds.
fn open_reachable(device: &Device, input: &Value, now: Timestamp) -> Outcome {
    let question = StatusQuestion::new(&drawn(input), time(input, "asked")).unwrap();
    let opened = device.open_reachable(text(input, "token"), &question, now);
    let shown = opened.map_err(not_verified)?;
    let at = input["shown_at"].as_u64().map_or(now, Timestamp::from_unix);
    let reach = |one: &Value| {
        let (skill, channel) =
            (text(one, "skill").parse().unwrap(), text(one, "channel").parse().unwrap());
        shown.reach(&skill, channel, at)
    };
    let looked_for: Vec<_> = input["look_for"].as_array().unwrap().iter().map(reach).collect();
    Ok(json!({
        "until": shown.until().unix(),
        "digest": shown.digest(),
        "skills": shown.skills(),
        "reach": looked_for,
    }))
}

/// What an app has learnt is JSON in a text, as [`KnownNotices`] has it.
fn known(input: &Value) -> Result<KnownNotices, String> {
    serde_json::from_str(text(input, "known")).map_err(|_| "known".to_owned())
}

fn learn_notices(device: &Device, input: &Value, now: Timestamp) -> Outcome {
    let mut known = known(input)?;
    let learnt = device.learn_notices(&mut known, text(input, "list"), now);
    learnt.map_err(|error| match error {
        NoticeListError::Token(error) => name(error.reason()),
        error => name(error),
    })?;
    Ok(json!({ "known": serde_json::to_string(&known).unwrap() }))
}

fn open_notice(device: &Device, input: &Value, now: Timestamp) -> Outcome {
    let (token, known) = (text(input, "token"), known(input)?);
    let opened = match input["found_on"].as_str() {
        Some(found_on) => {
            let found_on = found_on.parse().map_err(|_| "found_elsewhere".to_owned())?;
            device.open_notice(token, &found_on, &known, now)
        }
        None => device.open_board_notice(token, &known, now),
    };
    let opened = opened.map_err(|error| match error {
        NoticeError::Token(error) => name(error.reason()),
        error => name(error),
    })?;
    let (data, one) = match &opened {
        NoticeCheck::ForYou(one) => (one.data(), Some(one)),
        NoticeCheck::ForSomeone(one) => (one.claims().data(), None),
    };
    let standing = one.map(|one| match one.standing() {
        NoticeStanding::InForce => "in_force",
        NoticeStanding::NotConfirmed => "not_confirmed",
    });
    Ok(json!({
        "result": if one.is_some() { "for_you" } else { "for_someone" },
        "id": one.map(|one| one.id()),
        "headline": one.map(|one| [one.headline_id(), one.headline()]),
        "standing": standing,
        "since": one.map(|one| one.since().unix()),
        "until": one.map(|one| one.until().unix()),
        "kind": data.kind().name(),
        "about": data.headline(),
        "text": data.text(),
        "number": data.number().to_string(),
        "for_everyone": data.is_for_everyone(),
        "pseudonymous": data.is_pseudonymous(),
    }))
}

fn last_contact(device: &Device, input: &Value) -> Result<LastContactQuestion, String> {
    let challenge = serde_json::from_str(text(input, "challenge"));
    let challenge = challenge.map_err(|_| "challenge".to_owned())?;
    Ok(device.last_contact_question(challenge, &drawn(input)).unwrap())
}

/// What each key answers; with `pin` the PIN's code.
fn ask_last_contact(device: &Device, input: &Value) -> Outcome {
    let question = last_contact(device, input)?;
    let signed = match input.get("key") {
        None => None,
        Some(jwk) => {
            let key = CredentialPublicKey::from_jwk(&jwk.to_string());
            let key = key.map_err(|_| "not_a_key".to_owned())?;
            question.message_to_sign(&key).map(hex::encode)
        }
    };
    let code = match input["pin"].as_str() {
        None => None,
        Some(pin) => {
            let pin = pin.parse().map_err(|_| "pin".to_owned())?;
            let proof =
                question.by_code(&credential(input)?, &pin).map_err(|error| match error {
                    DeviceCredentialError::Malformed => "other_credential".to_owned(),
                    error => name(error),
                })?;
            Some(json!(proof.code().map(Response::expose)))
        }
    };
    let query = StatusNonce::draw(&drawn(input)).unwrap();
    Ok(json!({
        "query": query,
        "asks_code": question.asks_code(),
        "message_to_sign": signed,
        "passkey_challenge": question.passkey_challenge().map(hex::encode),
        "code": code,
    }))
}

fn open_last_contact(device: &Device, input: &Value, now: Timestamp) -> Outcome {
    let question = last_contact(device, input)?;
    let shown = device.open_last_contact(text(input, "token"), &question, now);
    let shown = shown.map_err(not_verified)?;
    let called = match shown.called() {
        Called::Yes => "yes",
        Called::Never => "never",
        _ => "undetermined",
    };
    let past = |one: &PastContact| {
        json!({
            "agent_name": one.agent_name,
            "purpose": one.purpose,
            "channel": one.channel,
            "direction": one.direction,
            "since": one.since.unix(),
            "ended": one.ended.map(Timestamp::unix),
        })
    };
    Ok(json!({
        "called": called,
        "headline": [shown.headline_id(), shown.headline()],
        "reported": shown.reported().map(|span| [span.from.unix(), span.until.unix()]),
        "last_call": shown.last_call().map(past),
        "last_contact": shown.last_contact().map(past),
    }))
}
