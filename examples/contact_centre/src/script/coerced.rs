//! A transfer that somebody forces the customer to approve: with her second PIN it looks the same to whoever looks on, and
//! the money is held.

use countersign::device::WhoRangCheck;
use countersign::step_up::WhoRang;
use serde_json::{Value, json};

use crate::Fault;
use crate::script::Between;
use crate::script::client::text;
use crate::script::phone::{PIN, Phone, SECOND};
use crate::script::stories::{asks_approval, eve_rings, mallory_rings, must};
use crate::session::Role::{Behind, Desktop, Impostor, Phone as App};

/// The same without what is drawn or counted anew for each step-up: ids, times, the digits to say.
#[must_use]
pub fn alike(of: &Value) -> Value {
    match of {
        Value::Object(all) => {
            all.iter().map(|(name, value)| (name.clone(), alike(value))).collect()
        }
        Value::Array(all) => all.iter().map(alike).collect(),
        Value::String(text) => {
            // A grant says as much in either case, to the byte.
            if text.starts_with("v4.public.") {
                return json!(format!("a token of {} bytes", text.len()));
            }
            let drawn = |one: char| one.is_ascii_alphanumeric();
            let id = text.len() == 26 && text.chars().all(drawn);
            let time = text.len() == 20 && text.ends_with('Z');
            let digits =
                text.len() == 7 && text.chars().all(|one| one.is_ascii_digit() || one == ' ');
            if id || time || digits { json!("drawn") } else { of.clone() }
        }
        _ => of.clone(),
    }
}

/// A transfer from asking to booking, approved with `pin`, and what everybody sees then.
async fn transferred(phone: &mut Phone, call: &str, pin: &str) -> Result<Vec<Value>, Fault> {
    let (id, order, digits) = asks_approval(phone, call, 900_000).await?;
    let WhoRangCheck::Show(shown) = phone.step_up().await?.answer(WhoRang::Customer) else {
        return Err("the call came in".into());
    };
    let code = phone.approves(*shown, &digits, pin).await?;
    let answer = json!({ "code": code, "digits": digits, "who_rang": "customer" });
    phone.client.post(App, &format!("/step-ups/{id}/submit"), answer).await?;
    for _ in 0..2 {
        phone.client.post(Desktop, &format!("/transfers/{id}/book"), order.clone()).await?;
    }
    looks(phone).await
}

/// What stands on the phone, on the desktop and before the impostor.
async fn looks(phone: &Phone) -> Result<Vec<Value>, Fault> {
    let mut seen = Vec::new();
    for (role, parts) in [
        (App, ["/calls", "/pending", "/credentials"].as_slice()),
        (Desktop, &["/calls", "/transfers/0"]),
        (Impostor, &[""]),
    ] {
        let state = phone.client.get(role, "/state").await?;
        let told = ["coercion", "duress", "held", "alarm"];
        must(!told.iter().any(|word| state.to_string().contains(word)), "it is told", &state)?;
        for part in parts {
            seen.push(alike(state.pointer(part).ok_or("not in the state")?));
        }
    }
    Ok(seen)
}

/// The alarms behind the scenes.
async fn alarms(phone: &Phone) -> Result<Vec<Value>, Fault> {
    let state = phone.client.get(Behind, "/state").await?;
    Ok(state.get("alarms").and_then(Value::as_array).ok_or("no alarms")?.clone())
}

/// There is one alarm, of this transfer.
async fn one_alarm(phone: &Phone) -> Result<(), Fault> {
    let told = alarms(phone).await?;
    let of = told.first().map_or(Ok(String::new()), |one| text(one, "/text"))?;
    let says = of.contains("GBP 9000.00 to Jones Roofing");
    must(told.len() == 1 && says, "not one alarm", &json!(told))
}

pub(super) async fn transfer(phone: &mut Phone, at: &mut impl Between) -> Result<(), Fault> {
    at.step("the customer rings the bank, and somebody stands beside her").await?;
    let call = text(&phone.client.post(App, "/calls", json!({})).await?, "/id")?;
    at.step("she approves with her second PIN: it is transferred, as anybody can see").await?;
    let seen = transferred(phone, &call, SECOND).await?;
    let booked = seen.iter().any(|one| one.get("booked").is_some_and(Value::is_string));
    must(booked, "not booked", &json!(seen))?;
    at.step("behind the scenes is an alarm").await?;
    one_alarm(phone).await?;
    phone.client.post(App, &format!("/calls/{call}/end"), json!({})).await.map(drop)
}

pub(super) async fn false_transfer(phone: &mut Phone, at: &mut impl Between) -> Result<(), Fault> {
    at.step("Mallory threatens the customer on the telephone; Eve rings the bank as her").await?;
    let mallorys = mallory_rings(phone).await?;
    let eves = eve_rings(phone).await?;
    at.step("he has her approve a transfer of Eve's, and she does so with her PIN").await?;
    let freely = transferred(phone, &eves, PIN).await?;
    must(alarms(phone).await?.is_empty(), "an alarm too many", &json!(freely))?;
    at.step("and another, with her second PIN: neither of them sees a difference").await?;
    let forced = transferred(phone, &eves, SECOND).await?;
    must(freely == forced, "it looks another way", &json!([freely, forced]))?;
    at.step("behind the scenes is an alarm, and the money of that one is held").await?;
    one_alarm(phone).await?;
    phone.client.post(App, &format!("/calls/{mallorys}/end"), json!({})).await?;
    phone.client.post(Impostor, &format!("/calls/{eves}/end"), json!({})).await.map(drop)
}
