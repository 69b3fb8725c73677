//! Payments: the card for the vault alone, a forged request.

use countersign::time::{Clock as _, SystemClock};
use serde_json::{Value, json};

use crate::Fault;
use crate::script::Between;
use crate::script::client::text;
use crate::script::phone::{Phone, sealed};
use crate::script::stories::must;
use crate::session::Role::{Desktop, Impostor, Phone as App};

/// The customer rings, and the agent asks for a payment: the call, and the payment.
pub(super) async fn billed(phone: &mut Phone) -> Result<(String, String), Fault> {
    let call = text(&phone.client.post(App, "/calls", json!({})).await?, "/id")?;
    let id = billed_in(phone, &call).await?;
    Ok((call, id))
}

/// The same in a call that there is.
pub(super) async fn billed_in(phone: &mut Phone, call: &str) -> Result<String, Fault> {
    let order = json!({
        "request": phone.request(), "pence": 4_200, "payee": "Bank Example",
        "reference": "Account fees 2026",
    });
    let asked = phone.client.post(Desktop, &format!("/calls/{call}/payments"), order).await?;
    text(&asked, "/payment/id")
}

pub(super) async fn payment(phone: &mut Phone, at: &mut impl Between) -> Result<(), Fault> {
    at.step("the customer types a card number into the chat; the agent sees a mask").await?;
    let typed = "My card is 4242 4242 4242 4242, code 123";
    phone.client.post(App, "/chat", json!({ "text": typed })).await?;
    let state = phone.client.get(Desktop, "/state").await?;
    let chat = text(&state, "/chat/0/text")?;
    must(!chat.contains("4242"), "the chat is not masked", &state)?;
    // Nor does the bank keep it: the phone is shown what is kept.
    let kept = phone.client.get(App, "/state").await?;
    must(!text(&kept, "/chat/0/text")?.contains("4242"), "the chat is kept unmasked", &kept)?;
    at.step("the agent asks for a payment").await?;
    let (call, id) = billed(phone).await?;
    at.step("the card is sealed for the vault alone").await?;
    let (token, ticket, shown) = phone.payment(&id).await?;
    let card = sealed(&shown, "4242 4242 4242 4242")?;
    at.step("the vault charges it once, though the phone sends it twice").await?;
    for _ in 0..2 {
        let (status, paid) = phone.pays(&ticket, &token, &card).await?;
        must(status == 200, "not paid", &paid)?;
    }
    at.step("the desktop shows authorisation, transaction id, last four").await?;
    let paid = |state: &Value| state.pointer("/payments/0/outcome/authorised").cloned();
    let outcome = phone.client.until(Desktop, "an authorisation", paid).await?;
    must(outcome.to_string().contains("txn-"), "no transaction id", &outcome)?;
    let state = phone.client.get(Desktop, "/state").await?;
    let four = state.pointer("/payments/0/payment/last_four");
    must(four == Some(&json!("4242")), "no last four", &state)?;
    phone.client.post(App, &format!("/calls/{call}/end"), json!({})).await.map(drop)
}

pub(super) async fn false_payment(phone: &mut Phone, at: &mut impl Between) -> Result<(), Fault> {
    at.step("Mallory sends a payment request of his own").await?;
    phone.client.post(Impostor, "/forge", json!({})).await?;
    let state = phone.client.get(App, "/state").await?;
    let forged = text(&state, "/messages/0/token")?;
    must(
        phone.device.open_payment(&forged, SystemClock.now()?).is_err(),
        "a forgery was opened",
        &state,
    )?;
    at.step("the bank asks for a payment; Mallory has the token, and no ticket").await?;
    let (call, id) = billed(phone).await?;
    let (token, ticket, shown) = phone.payment(&id).await?;
    let mallorys = sealed(&shown, "5555 5555 5555 4444")?;
    // The seal of a ticket covers whose it is, and until when.
    let (seal, of) = ticket.split_once('.').ok_or("no ticket")?;
    let (until, whose) = of.split_once('.').ok_or("no ticket")?;
    for forged in [
        format!("{seal}A.{of}"),
        format!("{seal}.{until}0.{whose}"),
        format!("{seal}.{until}.mallory"),
        format!("A{}.{of}", seal.get(1..).unwrap_or_default()),
    ] {
        let (status, answer) = phone.pays(&forged, &token, &mallorys).await?;
        must(status == 403 || forged == ticket, "paid with a forged ticket", &answer)?;
    }
    at.step("the customer pays; another card under the same request is refused").await?;
    let (status, answer) =
        phone.pays(&ticket, &token, &sealed(&shown, "4242424242424242")?).await?;
    must(status == 200, "not paid", &answer)?;
    let (status, answer) = phone.pays(&ticket, &token, &mallorys).await?;
    must(status == 403, "another card was charged", &answer)?;
    phone.client.post(App, &format!("/calls/{call}/end"), json!({})).await.map(drop)
}
