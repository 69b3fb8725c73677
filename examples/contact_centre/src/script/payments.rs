//! Payments: the card for the vault alone, the card's bank that asks its customer, a forged request.

use std::time::{Duration, Instant};

use axum::http::Method;
use base64ct::Encoding as _;
use countersign::time::{Clock as _, SystemClock};
use serde_json::{Value, json};

use crate::Fault;
use crate::http::ask;
use crate::script::Between;
use crate::script::client::text;
use crate::script::phone::{Phone, sealed};
use crate::script::stories::must;
use crate::service::PATIENCE;
use crate::session::Role::{Desktop, Impostor, Phone as App};
use crate::vault::issuer::{CODE, transaction};

/// A card whose bank asks before it says yes.
pub const ASKS: &str = "4000 0000 0000 3220";

async fn billed(phone: &mut Phone) -> Result<(String, String), Fault> {
    let call = text(&phone.client.post(App, "/calls", json!({})).await?, "/id")?;
    let order = json!({
        "request": phone.request(), "pence": 4_200, "payee": "Bank Example",
        "reference": "Account fees 2026",
    });
    let asked = phone.client.post(Desktop, &format!("/calls/{call}/payments"), order).await?;
    Ok((call, text(&asked, "/payment/id")?))
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

/// What the customer does on the page of the card's bank, to which the vault's answer leads. `None`: she does not pay that.
pub async fn answers(paid: &Value, code: Option<&str>) -> Result<Value, Fault> {
    let flow = "/next/authenticate/flow/browser";
    let address = text(paid, &format!("{flow}/acs_url"))?;
    let creq = text(paid, &format!("{flow}/creq"))?;
    let host = address.strip_prefix("http://").and_then(|it| it.strip_suffix("/challenge"));
    let host = host.ok_or("no address of the card's bank")?;
    let body = json!({ "transaction": transaction(&creq).ok_or("no creq")?, "code": code });
    let origin = format!("http://{host}");
    let headers = [("origin", origin.as_str())];
    let begun = Instant::now();
    loop {
        match ask(host, Method::POST, "/answer", &headers, Some(&body)).await {
            Ok(answer) if answer.status == 200 => return Ok(answer.body),
            Ok(answer) => return Err(format!("the card's bank says {}", answer.status).into()),
            // It is started again.
            Err(fault) if begun.elapsed() > PATIENCE => return Err(fault),
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

/// The desktop's word on its newest payment.
async fn desktop_says(phone: &Phone, word: &str) -> Result<(), Fault> {
    let said = |state: &Value| {
        let outcome = state.pointer("/payments/0/outcome")?;
        let named = outcome.as_str() == Some(word) || outcome.get(word).is_some();
        named.then_some(())
    };
    phone.client.until(Desktop, word, said).await
}

pub(super) async fn challenged(phone: &mut Phone, at: &mut impl Between) -> Result<(), Fault> {
    at.step("the agent asks for a payment; the card's bank wants to ask its customer").await?;
    let (_, id) = billed(phone).await?;
    let (token, ticket, shown) = phone.payment(&id).await?;
    let card = sealed(&shown, ASKS)?;
    let (status, paid) = phone.pays(&ticket, &token, &card).await?;
    must(status == 200 && paid.get("outcome") == Some(&json!("authenticating")), "paid", &paid)?;
    desktop_says(phone, "authenticating").await?;
    at.step("a browser that says yes by itself changes nothing").await?;
    let forged = base64ct::Base64UrlUnpadded::encode_string(br#"{"transStatus":"Y"}"#);
    let (status, again) = phone.resumes(&ticket, &token, &card, Some(&forged)).await?;
    must(status == 200 && again.get("next") == paid.get("next"), "a hint was believed", &again)?;
    at.step("she mistypes the code, and types it").await?;
    let left = answers(&paid, Some("111111")).await?;
    // One that was sent again after a lost answer counts twice.
    must(left.get("left").is_some_and(Value::is_u64), "no try is left", &left)?;
    let passed = answers(&paid, Some(CODE)).await?;
    must(passed.get("status") == Some(&json!("Y")), "it was her", &passed)?;
    at.step("the vault asks the card's bank, and charges it once").await?;
    let cres = text(&passed, "/cres")?;
    for _ in 0..2 {
        let (status, paid) = phone.resumes(&ticket, &token, &card, Some(&cres)).await?;
        let done = paid.pointer("/outcome/authorised").is_some();
        must(status == 200 && done, "not paid", &paid)?;
    }
    desktop_says(phone, "authorised").await?;
    at.step("another payment, which she tells her card's bank not to pay").await?;
    let (call, id) = billed(phone).await?;
    let (token, ticket, shown) = phone.payment(&id).await?;
    let card = sealed(&shown, ASKS)?;
    let (_, paid) = phone.pays(&ticket, &token, &card).await?;
    let refused = answers(&paid, None).await?;
    must(refused.get("status") == Some(&json!("N")), "she refused", &refused)?;
    // What she says first, stands.
    let late = answers(&paid, Some(CODE)).await?;
    must(late.get("status") == Some(&json!("N")), "it was refused before", &late)?;
    let (_, paid) = phone.resumes(&ticket, &token, &card, Some(&cres)).await?;
    must(paid.pointer("/outcome/declined").is_some(), "it was charged", &paid)?;
    desktop_says(phone, "declined").await?;
    phone.client.post(App, &format!("/calls/{call}/end"), json!({})).await.map(drop)
}
