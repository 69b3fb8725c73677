//! The stories, step by step, with what must be seen at each.

use countersign::device::{ChallengeCheck, WhoRangCheck};
use countersign::step_up::WhoRang;
use countersign::time::{Clock as _, SystemClock};
use countersign::{Timestamp, Window};
use serde_json::{Value, json};
use std::time::Duration;

use crate::Fault;
use crate::script::client::text;
use crate::script::phone::{PIN, Phone};
use crate::script::{Between, asked, calls, coerced, payments, words};
use crate::session::Role::{Behind, Desktop, Impostor, Phone as App};

/// All of them, each with an impostor: the five, and what there is more than one way for.
pub const STORIES: [&str; 22] = [
    "callback",
    "callback, with an impostor",
    "callback, in words",
    "callback, in words, with an impostor",
    "conversation",
    "conversation, with an impostor",
    "conversation, in words",
    "conversation, in words, with an impostor",
    "transfer",
    "transfer, with an impostor",
    "transfer, under duress",
    "transfer, under duress, with an impostor",
    "payment",
    "payment, with an impostor",
    "payment, asked",
    "payment, asked, with an impostor",
    "payment, refused",
    "payment, refused, with an impostor",
    "payment, abandoned",
    "payment, abandoned, with an impostor",
    "calls",
    "calls, with an impostor",
];

pub async fn play(name: &str, phone: &mut Phone, at: &mut impl Between) -> Result<(), Fault> {
    match name {
        "callback" => callback(phone, at).await,
        "callback, with an impostor" => false_callback(phone, at).await,
        "callback, in words" => words::callback(phone, at).await,
        "callback, in words, with an impostor" => words::false_callback(phone, at).await,
        "conversation" => conversation(phone, at).await,
        "conversation, with an impostor" => false_conversation(phone, at).await,
        "conversation, in words" => words::conversation(phone, at).await,
        "conversation, in words, with an impostor" => words::false_conversation(phone, at).await,
        "transfer" => transfer(phone, at).await,
        "transfer, with an impostor" => false_transfer(phone, at).await,
        "transfer, under duress" => coerced::transfer(phone, at).await,
        "transfer, under duress, with an impostor" => coerced::false_transfer(phone, at).await,
        "payment" => payments::payment(phone, at).await,
        "payment, with an impostor" => payments::false_payment(phone, at).await,
        "payment, asked" => asked::answered(phone, at).await,
        "payment, asked, with an impostor" => asked::false_answer(phone, at).await,
        "payment, refused" => asked::refused(phone, at).await,
        "payment, refused, with an impostor" => asked::false_bill(phone, at).await,
        "payment, abandoned" => asked::abandoned(phone, at).await,
        "payment, abandoned, with an impostor" => asked::false_way_back(phone, at).await,
        "calls" => calls::calls(phone, at).await,
        "calls, with an impostor" => calls::false_calls(phone, at).await,
        other => Err(format!("no story: {other}").into()),
    }?;
    history(phone).await
}

pub(super) fn must(holds: bool, what: &str, seen: &Value) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(format!("{what}: {seen}").into()) }
}

pub(super) fn now() -> Result<Timestamp, Fault> {
    Ok(SystemClock.now()?)
}

pub(super) fn window() -> Result<Value, Fault> {
    let from = now()?;
    Ok(json!(Window::new(from, from.after(Duration::from_secs(7200)))?))
}

async fn books(phone: &mut Phone, secret: &str) -> Result<String, Fault> {
    let body = json!({ "request": phone.request(), "window": window()?, "secret": secret });
    text(&phone.client.post(App, "/callbacks", body).await?, "/id")
}

/// The agent takes the callback that is due, and the customer answers the telephone.
pub(super) async fn rung(phone: &Phone, callback: &str) -> Result<String, Fault> {
    let due = |state: &Value| {
        let due = state.get("due")?.as_array()?;
        due.iter().any(|one| one.get("id").is_some_and(|id| id == callback)).then_some(())
    };
    phone.client.until(Desktop, "a toast", due).await?;
    let path = format!("/toasts/{callback}/accept");
    let call = text(&phone.client.post(Desktop, &path, json!({})).await?, "/call")?;
    phone.client.post(App, &format!("/calls/{call}/answer"), json!({})).await?;
    Ok(call)
}

async fn callback(phone: &mut Phone, at: &mut impl Between) -> Result<(), Fault> {
    at.step("the customer books two callbacks, and cancels one").await?;
    let other = books(phone, "blue kettle").await?;
    phone.client.post(App, &format!("/callbacks/{other}/cancel"), json!({})).await?;
    let id = books(phone, "grey kettle").await?;
    at.step("and sets another secret").await?;
    let body = json!({ "request": phone.request(), "window": window()?, "secret": "green kettle" });
    phone.client.post(App, &format!("/callbacks/{id}/amend"), body).await?;
    at.step("it falls due, the agent accepts, the phone rings").await?;
    let call = rung(phone, &id).await?;
    at.step("the secret is in the case information; the agent says it").await?;
    let path = format!("/calls/{call}/callbacks/{id}/reveal");
    let said = phone.client.post(Desktop, &path, json!({})).await?;
    must(said.get("say") == Some(&json!("green kettle")), "another secret", &said)?;
    at.step("the customer recognises it").await?;
    let path = format!("/callbacks/{id}/conclude");
    let ended = phone.client.post(App, &path, json!({ "recognised": true })).await?;
    must(ended.get("status") == Some(&json!("recognised")), "not recognised", &ended)?;
    at.step("the call ends").await?;
    phone.client.post(Desktop, &format!("/calls/{call}/end"), json!({})).await.map(drop)
}

pub(super) async fn mallory_rings(phone: &Phone) -> Result<String, Fault> {
    let rung = phone.client.post(Impostor, "/calls", json!({ "who": "mallory" })).await?;
    let call = text(&rung, "/id")?;
    phone.client.post(App, &format!("/calls/{call}/answer"), json!({})).await?;
    let words = json!({ "text": "Bank Example, fraud team. Your account ends in 4411." });
    phone.client.post(Impostor, &format!("/calls/{call}/say"), words).await?;
    Ok(call)
}

pub(super) async fn eve_rings(phone: &Phone) -> Result<String, Fault> {
    let rung = phone.client.post(Impostor, "/calls", json!({ "who": "eve" })).await?;
    text(&rung, "/id")
}

async fn false_callback(phone: &mut Phone, at: &mut impl Between) -> Result<(), Fault> {
    at.step("the customer books a callback").await?;
    let id = books(phone, "green kettle").await?;
    at.step("Mallory rings first, with the bank's number on the display").await?;
    let call = mallory_rings(phone).await?;
    at.step("Eve rings the bank as the customer, and asks for the word").await?;
    let eves = eve_rings(phone).await?;
    let path = format!("/calls/{eves}/callbacks/{id}/reveal");
    phone.client.refused(Desktop, &path, json!({})).await?;
    at.step("the customer asks: is it you?").await?;
    let answer = phone.asks().await?;
    must(answer == "someone_is_talking_as_you", "another answer", &json!(answer))?;
    at.step("the customer says: not them. The callback stays").await?;
    let path = format!("/callbacks/{id}/conclude");
    let kept = phone.client.post(App, &path, json!({ "recognised": false })).await?;
    must(kept.get("status") == Some(&json!("booked")), "it does not stay", &kept)?;
    for (role, call) in [(App, &call), (Impostor, &eves)] {
        phone.client.post(role, &format!("/calls/{call}/end"), json!({})).await?;
    }
    at.step("then the bank rings").await?;
    let call = rung(phone, &id).await?;
    let path = format!("/calls/{call}/callbacks/{id}/reveal");
    let said = phone.client.post(Desktop, &path, json!({})).await?;
    must(said.get("say") == Some(&json!("green kettle")), "another secret", &said)
}

/// The token of the newest message.
pub(super) async fn newest_message(phone: &Phone) -> Result<String, Fault> {
    let state = phone.client.get(App, "/state").await?;
    let last = state.pointer("/messages").and_then(Value::as_array).and_then(|all| all.last());
    text(last.ok_or("no message")?, "/token")
}

/// The bank posts a challenge, the phone opens it where it was found.
pub(super) async fn announced(phone: &mut Phone) -> Result<(String, String), Fault> {
    let about = "About a payment of 14 January";
    let body = json!({ "request": phone.request(), "about": about });
    let issued = phone.client.post(Desktop, "/challenges", body).await?;
    let token = newest_message(phone).await?;
    let found = phone.device.open_challenge(&token, &"sms:BANK".parse()?, now()?)?;
    let ChallengeCheck::ForYou(open) = found else { return Err("not for the customer".into()) };
    must(open.data().purpose().as_str() == about, "another purpose", &issued)?;
    Ok((text(&issued, "/challenge/id")?, token))
}

pub(super) async fn agreed(phone: &mut Phone, id: &str) -> Result<(), Fault> {
    let body = json!({
        "answer": "accept", "request": phone.request(), "slot": window()?,
        "credential": phone.held.id(),
    });
    phone.client.post(App, &format!("/challenges/{id}/answer"), body).await?;
    let body = json!({ "request": phone.request(), "window": window()? });
    phone.client.post(Desktop, &format!("/challenges/{id}/confirm"), body).await.map(drop)
}

/// What the phone makes of a code that was heard.
pub(super) async fn heard(phone: &mut Phone, code: &str) -> Result<(bool, String), Fault> {
    let state = phone.client.get(App, "/state").await?;
    let token = text(&state, "/pending/challenges/0/appointment")?;
    let shown = phone.device.open_appointment(&token, now()?)?;
    let appointment = shown.id().to_string();
    let checked = shown.check_spoken_code(&phone.held, code, &mut phone.attempts, now()?)?;
    Ok((checked.is_genuine(), appointment))
}

async fn conversation(phone: &mut Phone, at: &mut impl Between) -> Result<(), Fault> {
    at.step("the bank asks for a conversation, and the phone says why").await?;
    let (id, _) = announced(phone).await?;
    at.step("the customer proposes another slot, the bank confirms it").await?;
    agreed(phone, &id).await?;
    at.step("the bank rings").await?;
    let call = text(&phone.client.post(Desktop, "/calls", json!({})).await?, "/call")?;
    phone.client.post(App, &format!("/calls/{call}/answer"), json!({})).await?;
    let answer = phone.asks().await?;
    must(answer == "calling", "another answer", &json!(answer))?;
    at.step("the code is on the desktop; the agent says it").await?;
    let path = format!("/calls/{call}/challenges/{id}/present");
    let shown = phone.client.post(Desktop, &path, json!({})).await?;
    let code = text(&shown, "/say/code/digits")?;
    at.step("the customer enters what they hear").await?;
    let (genuine, appointment) = heard(phone, &code).await?;
    must(genuine, "the genuine code must be genuine", &json!(code))?;
    let body = json!({ "recognised": true, "appointment": appointment });
    phone.client.post(App, &format!("/challenges/{id}/conclude"), body).await?;
    at.step("the customer asks: is it you?").await?;
    let answer = phone.asks().await?;
    must(answer == "talking_to_you", "another answer", &json!(answer))?;
    phone.client.post(App, &format!("/calls/{call}/end"), json!({})).await.map(drop)
}

async fn false_conversation(phone: &mut Phone, at: &mut impl Between) -> Result<(), Fault> {
    at.step("the bank asks for a conversation").await?;
    let (id, token) = announced(phone).await?;
    at.step("an account that looks like the bank's posts the same").await?;
    phone.client.post(Impostor, "/copy", json!({})).await?;
    let copied = phone.device.open_challenge(&token, &"sms:BANK-HELP".parse()?, now()?);
    must(copied.is_err(), "a copy was shown as genuine", &json!(token))?;
    agreed(phone, &id).await?;
    at.step("Mallory rings, and says some code").await?;
    let call = mallory_rings(phone).await?;
    let (genuine, appointment) = heard(phone, "1234 5678").await?;
    must(!genuine, "a guess was genuine", &json!(token))?;
    at.step("the customer asks: is it you?").await?;
    let answer = phone.asks().await?;
    must(answer == "scheduled", "another answer", &json!(answer))?;
    at.step("the customer says: not them").await?;
    let body = json!({ "recognised": false, "appointment": appointment });
    phone.client.post(App, &format!("/challenges/{id}/conclude"), body).await?;
    phone.client.post(App, &format!("/calls/{call}/end"), json!({})).await.map(drop)
}

/// A transfer that the agent asks for: its id, its form, and the digits on the desktop.
pub(super) async fn asks_approval(
    phone: &mut Phone,
    call: &str,
    pence: u64,
) -> Result<(String, Value, String), Fault> {
    let order = json!({
        "request": phone.request(), "pence": pence,
        "payee": "Jones Roofing 20-00-00 55779911", "reference": "Invoice 7",
    });
    let asked =
        phone.client.post(Desktop, &format!("/calls/{call}/transfers"), order.clone()).await?;
    Ok((text(&asked, "/step_up/id")?, order, text(&asked, "/digits")?))
}

async fn transfer(phone: &mut Phone, at: &mut impl Between) -> Result<(), Fault> {
    at.step("the customer rings the bank, and the agent asks for an approval").await?;
    let call = text(&phone.client.post(App, "/calls", json!({})).await?, "/id")?;
    let (id, order, digits) = asks_approval(phone, &call, 500_000).await?;
    let early = format!("/transfers/{id}/book");
    phone.client.refused(Desktop, &early, order.clone()).await?;
    at.step("the phone asks who rang whom, and shows nothing before").await?;
    let WhoRangCheck::Show(shown) = phone.step_up().await?.answer(WhoRang::Customer) else {
        return Err("the customer did ring".into());
    };
    at.step("it shows amount and payee; the customer types what the agent says, and the PIN")
        .await?;
    must(shown.headline() == "You called us.", "another headline", &order)?;
    must(shown.transaction().is_some_and(|of| of.amount == 500_000), "another amount", &order)?;
    let code = phone.approves(*shown, &digits, PIN).await?;
    let submit = format!("/step-ups/{id}/submit");
    let other = if digits.starts_with('1') { "234 567" } else { "123 456" };
    let wrong = json!({ "code": code, "digits": other, "who_rang": "customer" });
    phone.client.refused(App, &submit, wrong).await?;
    let answer = json!({ "code": code, "digits": digits, "who_rang": "customer" });
    phone.client.post(App, &submit, answer).await?;
    at.step("a changed amount is refused").await?;
    let mut more = order.clone();
    more["pence"] = json!(500_001);
    phone.client.refused(Desktop, &early, more).await?;
    at.step("the transfer is booked, once").await?;
    for _ in 0..2 {
        phone.client.post(Desktop, &early, order.clone()).await?;
    }
    let state = phone.client.get(Desktop, "/state").await?;
    must(state.pointer("/transfers/0/booked").is_some_and(Value::is_string), "not booked", &state)?;
    phone.client.post(App, &format!("/calls/{call}/end"), json!({})).await.map(drop)
}

async fn false_transfer(phone: &mut Phone, at: &mut impl Between) -> Result<(), Fault> {
    at.step("Mallory rings the customer, Eve rings the bank as the customer").await?;
    let call = mallory_rings(phone).await?;
    let eves = eve_rings(phone).await?;
    at.step("the agent asks for the approval of Eve's transfer").await?;
    let (id, order, _) = asks_approval(phone, &eves, 900_000).await?;
    at.step("the phone asks who rang whom: the customer called nobody, and the app declines")
        .await?;
    let WhoRangCheck::AskAgain(again) = phone.step_up().await?.answer(WhoRang::Enterprise) else {
        return Err("Eve rang the bank".into());
    };
    let WhoRangCheck::Decline(_, reason) = again.answer(WhoRang::Enterprise) else {
        return Err("it is asked twice".into());
    };
    let why = json!({ "reason": reason });
    phone.client.post(App, &format!("/step-ups/{id}/decline"), why).await?;
    let state = phone.client.get(Desktop, "/state").await?;
    must(
        state.pointer("/transfers/0/outcome") == Some(&json!("declined")),
        "not declined",
        &state,
    )?;
    phone.client.refused(Desktop, &format!("/transfers/{id}/book"), order).await?;
    phone.client.post(App, &format!("/calls/{call}/end"), json!({})).await?;
    phone.client.post(Impostor, &format!("/calls/{eves}/end"), json!({})).await.map(drop)
}

/// All that happened is on record, newest first, and verifies.
async fn history(phone: &Phone) -> Result<(), Fault> {
    let news = |state: &Value| {
        let delivered = state.pointer("/outbox/delivered")?.as_array()?.len();
        (delivered > 0).then(|| state.clone())
    };
    let state = phone.client.until(Behind, "the outbox", news).await?;
    let histories = state.get("histories").and_then(Value::as_array).ok_or("no histories")?;
    let intact = histories.iter().all(|one| one.get("intact") == Some(&json!(true)));
    must(intact && !histories.is_empty(), "a history is not intact", &state)?;
    let rows = state.get("records").and_then(Value::as_array).map_or(0, Vec::len);
    must(rows > 0, "no records at rest", &state)
}
