//! Who calls: a ringing call and its verdict, a ticket, notices, the wall board.

use core::time::Duration;

use countersign::OsRandom;
use countersign::contact::CallVerdict;
use countersign::device::{
    KnownNotices, NoticeCheck, NoticeError, NumberLookup, StatusQuestion, VerdictQuestion,
};
use serde_json::{Value, json};

use crate::Fault;
use crate::script::Between;
use crate::script::client::text;
use crate::script::phone::Phone;
use crate::script::stories::{must, newest_message, now};
use crate::session::Role::{Behind, Desktop, Impostor, Phone as App};
use crate::telephony::{ON_THE_CARD, SHOWN};

/// What the app answers the phone's system about a call that has rung for so many seconds.
async fn verdict(phone: &Phone, number: &str, seconds: u64) -> Result<CallVerdict, Fault> {
    let list = text(&phone.client.get(App, "/numbers").await?, "/token")?;
    let numbers = phone.device.open_numbers(&list, now()?)?;
    let number = number.parse()?;
    if let NumberLookup::Verdict(verdict) = numbers.look_up(&number, now()?) {
        return Ok(verdict);
    }
    let question = VerdictQuestion::new(number.clone(), &OsRandom::new(), now()?)?;
    let ringing = question.ringing(phone.held.id(), Duration::from_secs(seconds));
    let body = serde_json::to_value(&ringing)?;
    let answer = phone.client.post(App, "/verdict", body).await?;
    Ok(phone.device.open_verdict(&text(&answer, "/token")?, &question, now()?)?)
}

/// The same of the call that rings on the phone; asked again for as long as it cannot be told.
async fn verdict_on(phone: &Phone, call: &str) -> Result<CallVerdict, Fault> {
    let state = phone.client.get(App, "/state").await?;
    let calls = state.get("calls").and_then(Value::as_array).ok_or("no calls")?;
    let found = calls.iter().find(|one| one.get("id").is_some_and(|id| id == call));
    let number = text(found.ok_or("no such call")?, "/number")?;
    for seconds in 0..10 {
        let said = verdict(phone, &number, seconds).await?;
        if said != CallVerdict::Undetermined {
            return Ok(said);
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Ok(CallVerdict::Undetermined)
}

fn is(said: CallVerdict, wanted: CallVerdict) -> Result<(), Fault> {
    must(said == wanted, "another verdict", &json!(said.name()))
}

/// What the desktop shows of the call that came in.
async fn ticket_of(phone: &Phone, call: &str) -> Result<String, Fault> {
    let state = phone.client.get(Desktop, "/state").await?;
    let calls = state.get("calls").and_then(Value::as_array).ok_or("no calls")?;
    let found =
        calls.iter().find(|one| one.pointer("/interaction/id").is_some_and(|id| id == call));
    text(found.ok_or("no such call")?, "/ticket")
}

async fn ends(phone: &Phone, call: &str) -> Result<(), Fault> {
    phone.client.post(App, &format!("/calls/{call}/end"), json!({})).await.map(drop)
}

async fn posted(phone: &mut Phone) -> Result<String, Fault> {
    let until = now()?.after(Duration::from_secs(7 * 24 * 3600));
    let body = json!({
        "request": phone.request(), "until": until, "headline": "False text messages about parcels",
        "text": "We never ask you to move money because of a parcel. Hang up.",
    });
    text(&phone.client.post(Behind, "/notices", body).await?, "/notice/id")
}

async fn learn(phone: &Phone, known: &mut KnownNotices) -> Result<usize, Fault> {
    let boards = phone.client.get(App, "/notices").await?;
    phone.device.learn_notices(known, &text(&boards, "/own/list")?, now()?)?;
    Ok(boards.pointer("/own/notices").and_then(Value::as_array).map_or(0, Vec::len))
}

pub(super) async fn calls(phone: &mut Phone, at: &mut impl Between) -> Result<(), Fault> {
    at.step("the bank rings, and the phone is told so before it is answered").await?;
    let call = text(&phone.client.post(Desktop, "/calls", json!({})).await?, "/call")?;
    is(verdict_on(phone, &call).await?, CallVerdict::Legitimate)?;
    // To one question for each call.
    is(verdict(phone, SHOWN, 1).await?, CallVerdict::Undetermined)?;
    at.step("she answers").await?;
    phone.client.post(App, &format!("/calls/{call}/answer"), json!({})).await?;
    ends(phone, &call).await?;
    at.step("she calls from the app, which dials a ticket").await?;
    let given = phone.client.post(App, "/tickets", json!({})).await?;
    let dialled = json!({ "dial": text(&given, "/dial")? });
    let call = text(&phone.client.post(App, "/dial", dialled.clone()).await?, "/id")?;
    let ticket = ticket_of(phone, &call).await?;
    must(ticket == "asked", "the ticket did not count", &json!(ticket))?;
    at.step("the same ticket counts once").await?;
    let again = text(&phone.client.post(App, "/dial", dialled).await?, "/id")?;
    let ticket = ticket_of(phone, &again).await?;
    must(ticket == "none", "it counted twice", &json!(ticket))?;
    ends(phone, &again).await?;
    at.step("a notice is posted, and is genuine where the bank posts it").await?;
    let id = posted(phone).await?;
    let (token, mut known) = (newest_message(phone).await?, KnownNotices::new());
    must(learn(phone, &mut known).await? == 1, "not on the board", &json!(id))?;
    let here = "sms:BANK".parse()?;
    let NoticeCheck::ForYou(_) = phone.device.open_notice(&token, &here, &known, now()?)? else {
        return Err("not for the customer".into());
    };
    at.step("it is taken back").await?;
    phone.client.post(Behind, &format!("/notices/{id}/withdraw"), json!({})).await?;
    must(learn(phone, &mut known).await? == 0, "still on the board", &json!(id))?;
    let opened = phone.device.open_notice(&token, &here, &known, now()?);
    must(opened == Err(NoticeError::Withdrawn), "it is still shown", &json!(id))?;
    at.step("the wall board says how long it takes; she books a callback from it").await?;
    let question = StatusQuestion::new(&OsRandom::new(), now()?)?;
    let body = json!({ "nonce": question.nonce() });
    let answer = text(&phone.client.post(App, "/reachable", body).await?, "/token")?;
    let shown = phone.device.open_reachable(&answer, &question, now()?)?;
    let from = now()?;
    let window = countersign::Window::new(from, from.after(Duration::from_secs(7200)))?;
    let body = json!({
        "request": phone.request(), "answer": answer, "skill": "cards", "window": window,
        "secret": "yellow kettle",
    });
    let booked = phone.client.post(App, "/reachable/callbacks", body).await?;
    let from = booked.pointer("/from_answer/digest");
    must(from == Some(&json!(shown.digest())), "from another answer", &booked)
}

pub(super) async fn false_calls(phone: &mut Phone, at: &mut impl Between) -> Result<(), Fault> {
    at.step("Mallory rings with the bank's number").await?;
    let mallory = json!({ "who": "mallory" });
    let call = text(&phone.client.post(Impostor, "/calls", mallory).await?, "/id")?;
    is(verdict(phone, SHOWN, 0).await?, CallVerdict::Undetermined)?;
    is(verdict_on(phone, &call).await?, CallVerdict::NotLegitimate)?;
    ends(phone, &call).await?;
    at.step("and with the number on the card, of which nobody is asked").await?;
    let mallory = json!({ "who": "mallory", "card": true });
    let call = text(&phone.client.post(Impostor, "/calls", mallory).await?, "/id")?;
    is(verdict(phone, ON_THE_CARD, 0).await?, CallVerdict::NotLegitimate)?;
    ends(phone, &call).await?;
    at.step("an account that looks like the bank's posts a copy of its notice").await?;
    posted(phone).await?;
    let mut known = KnownNotices::new();
    learn(phone, &mut known).await?;
    phone.client.post(Impostor, "/copy", json!({})).await?;
    let token = newest_message(phone).await?;
    let copied = phone.device.open_notice(&token, &"sms:BANK-HELP".parse()?, &known, now()?);
    let told_apart = matches!(copied, Err(NoticeError::FoundElsewhere(_)));
    must(told_apart, "a copy was shown as genuine", &json!(token))?;
    at.step("Eve rings the bank as the customer, without a ticket, and dials some digits").await?;
    let eve = phone.client.post(Impostor, "/calls", json!({ "who": "eve" })).await?;
    let eves = text(&eve, "/id")?;
    let ticket = ticket_of(phone, &eves).await?;
    must(ticket == "none", "a ticket came from nowhere", &json!(ticket))?;
    phone.client.post(Impostor, &format!("/calls/{eves}/end"), json!({})).await?;
    let guessed = json!({ "dial": format!("{SHOWN},,1234567812345678#") });
    let call = text(&phone.client.post(App, "/dial", guessed).await?, "/id")?;
    let ticket = ticket_of(phone, &call).await?;
    must(ticket == "none", "a guess counted", &json!(ticket))?;
    ends(phone, &call).await
}
