//! Payments with a card whose bank asks its customer first (3-D Secure): she answers, she refuses, she leaves. Each with an
//! impostor, too, who has her browser say that she answered.

use std::time::{Duration, Instant};

use axum::http::Method;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde_json::{Value, json};

use crate::Fault;
use crate::http::ask;
use crate::script::Between;
use crate::script::client::text;
use crate::script::payments::{billed, billed_in};
use crate::script::phone::{Phone, sealed};
use crate::script::stories::{eve_rings, mallory_rings, must, newest_message, now};
use crate::service::PATIENCE;
use crate::session::Role::{Desktop, Impostor, Phone as App};
use crate::vault::issuer::{CODE, transaction};

/// A card whose bank asks before it says yes.
pub const ASKS: &str = "4000 0000 0000 3220";
/// One whose bank knows enough.
const KNOWN: &str = "4242 4242 4242 4242";

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

/// A card given for a payment, and what the vault answered.
struct Given {
    token: String,
    ticket: String,
    card: String,
    paid: Value,
}

impl Given {
    /// The customer gives a card whose bank asks.
    async fn of(phone: &Phone, payment: &str) -> Result<Self, Fault> {
        let (token, ticket, shown) = phone.payment(payment).await?;
        let card = sealed(&shown, ASKS)?;
        let (status, paid) = phone.pays(&ticket, &token, &card).await?;
        let asks = paid.get("outcome") == Some(&json!("authenticating"));
        must(status == 200 && asks, "the card's bank does not ask", &paid)?;
        desktop_says(phone, "authenticating").await?;
        Ok(Self { token, ticket, card, paid })
    }

    /// The vault is told that she was at her card's bank, with what a browser brings from there.
    async fn resumed(&self, phone: &Phone, hint: &str) -> Result<Value, Fault> {
        let (ticket, token) = (&self.ticket, &self.token);
        let (status, answer) = phone.resumes(ticket, token, &self.card, Some(hint)).await?;
        must(status == 200, "it does not go on", &answer)?;
        Ok(answer)
    }

    /// A browser says yes by itself. It still waits for her.
    async fn believes_no_browser(&self, phone: &Phone) -> Result<(), Fault> {
        let again = self.resumed(phone, &says_yes()).await?;
        must(again.get("next") == self.paid.get("next"), "a hint was believed", &again)?;
        desktop_says(phone, "authenticating").await
    }
}

/// A challenge response as a page makes it that is not the card's bank's.
fn says_yes() -> String {
    Base64UrlUnpadded::encode_string(br#"{"messageType":"CRes","transStatus":"Y"}"#)
}

/// The desktop's word on its newest payment.
async fn desktop_says(phone: &Phone, word: &str) -> Result<(), Fault> {
    desktop_says_of(phone, 0, word).await
}

/// The same of another one, the newest first.
async fn desktop_says_of(phone: &Phone, bill: usize, word: &str) -> Result<(), Fault> {
    let said = |state: &Value| {
        let outcome = state.pointer(&format!("/payments/{bill}/outcome"))?;
        let named = outcome.as_str() == Some(word) || outcome.get(word).is_some();
        named.then_some(())
    };
    phone.client.until(Desktop, word, said).await
}

async fn ends(phone: &Phone, call: &str) -> Result<(), Fault> {
    phone.client.post(App, &format!("/calls/{call}/end"), json!({})).await.map(drop)
}

pub(super) async fn answered(phone: &mut Phone, at: &mut impl Between) -> Result<(), Fault> {
    at.step("the agent asks for a payment; the card's bank wants to ask its customer").await?;
    let (call, id) = billed(phone).await?;
    let given = Given::of(phone, &id).await?;
    at.step("she mistypes the code, and types it").await?;
    let left = answers(&given.paid, Some("111111")).await?;
    // One that was sent again after a lost answer counts twice.
    must(left.get("left").is_some_and(Value::is_u64), "no try is left", &left)?;
    let passed = answers(&given.paid, Some(CODE)).await?;
    must(passed.get("status") == Some(&json!("Y")), "it was her", &passed)?;
    at.step("the vault asks the card's bank, and charges it once").await?;
    let cres = text(&passed, "/cres")?;
    for _ in 0..2 {
        let paid = given.resumed(phone, &cres).await?;
        must(paid.pointer("/outcome/authorised").is_some(), "not paid", &paid)?;
    }
    desktop_says(phone, "authorised").await?;
    ends(phone, &call).await
}

pub(super) async fn refused(phone: &mut Phone, at: &mut impl Between) -> Result<(), Fault> {
    at.step("the agent asks for a payment; the card's bank wants to ask its customer").await?;
    let (call, id) = billed(phone).await?;
    let given = Given::of(phone, &id).await?;
    at.step("she tells her card's bank that she does not pay that").await?;
    refuses(phone, &given).await?;
    at.step("the agent asks anew, and she takes another card").await?;
    pays_with_another(phone, &call).await?;
    desktop_says_of(phone, 1, "declined").await?;
    ends(phone, &call).await
}

async fn refuses(phone: &Phone, given: &Given) -> Result<(), Fault> {
    let refused = answers(&given.paid, None).await?;
    must(refused.get("status") == Some(&json!("N")), "she refused", &refused)?;
    // What she says first, stands.
    let late = answers(&given.paid, Some(CODE)).await?;
    must(late.get("status") == Some(&json!("N")), "it was refused before", &late)?;
    let paid = given.resumed(phone, &text(&refused, "/cres")?).await?;
    must(paid.pointer("/outcome/declined").is_some(), "it was charged", &paid)?;
    desktop_says(phone, "declined").await
}

async fn pays_with_another(phone: &mut Phone, call: &str) -> Result<(), Fault> {
    let id = billed_in(phone, call).await?;
    let (token, ticket, shown) = phone.payment(&id).await?;
    let card = sealed(&shown, KNOWN)?;
    let (status, paid) = phone.pays(&ticket, &token, &card).await?;
    must(status == 200 && paid.pointer("/outcome/authorised").is_some(), "not paid", &paid)?;
    desktop_says(phone, "authorised").await
}

pub(super) async fn abandoned(phone: &mut Phone, at: &mut impl Between) -> Result<(), Fault> {
    at.step("the agent asks for a payment; the card's bank asks, and she is gone").await?;
    let (call, id) = billed(phone).await?;
    let given = Given::of(phone, &id).await?;
    at.step("she comes back with nothing: a card sealed anew is another one").await?;
    only_the_first_card_counts(phone, &id, &given, ASKS).await?;
    at.step("the agent asks anew, and she takes another card").await?;
    pays_with_another(phone, &call).await?;
    desktop_says_of(phone, 1, "authenticating").await?;
    ends(phone, &call).await
}

/// Whatever is sealed later for the same request is charged nothing.
async fn only_the_first_card_counts(
    phone: &Phone,
    payment: &str,
    given: &Given,
    number: &str,
) -> Result<(), Fault> {
    let (token, ticket, shown) = phone.payment(payment).await?;
    let other = sealed(&shown, number)?;
    let (status, answer) = phone.pays(&ticket, &token, &other).await?;
    must(status == 403, "another card was taken", &answer)?;
    let (status, answer) = phone.resumes(&ticket, &token, &other, Some(&says_yes())).await?;
    must(status == 403, "another card was taken", &answer)?;
    given.believes_no_browser(phone).await
}

/// Mallory has Alice on the line, and Eve the bank: a bill of Eve's is on Alice's phone.
async fn relayed(phone: &mut Phone) -> Result<(String, String, String), Fault> {
    let mallorys = mallory_rings(phone).await?;
    let eves = eve_rings(phone).await?;
    let id = billed_in(phone, &eves).await?;
    Ok((mallorys, eves, id))
}

async fn both_hang_up(phone: &Phone, mallorys: &str, eves: &str) -> Result<(), Fault> {
    ends(phone, mallorys).await?;
    phone.client.post(Impostor, &format!("/calls/{eves}/end"), json!({})).await.map(drop)
}

pub(super) async fn false_answer(phone: &mut Phone, at: &mut impl Between) -> Result<(), Fault> {
    at.step("Mallory has Alice give a card for a bill that Eve is asked to pay").await?;
    let (mallorys, eves, id) = relayed(phone).await?;
    let given = Given::of(phone, &id).await?;
    at.step("her browser says by itself that she answered: the vault asks her card's bank").await?;
    given.believes_no_browser(phone).await?;
    at.step("a ticket that Mallory makes opens nothing").await?;
    let (ticket, hint) = (format!("A{}", given.ticket), says_yes());
    let (status, answer) = phone.resumes(&ticket, &given.token, &given.card, Some(&hint)).await?;
    must(status == 403, "a forged ticket counted", &answer)?;
    at.step("she asks: is it you?").await?;
    let answer = phone.asks().await?;
    must(answer == "someone_is_talking_as_you", "another answer", &json!(answer))?;
    at.step("Mallory guesses the code three times, and it is over").await?;
    // Those that were sent again after a lost answer count twice.
    let mut said = json!({ "left": 3 });
    while said.get("left").is_some() {
        said = answers(&given.paid, Some("000000")).await?;
    }
    must(said.get("status") == Some(&json!("N")), "a guess passed", &said)?;
    let late = answers(&given.paid, Some(CODE)).await?;
    must(late.get("status") == Some(&json!("N")), "it was over before", &late)?;
    let ended = given.resumed(phone, &says_yes()).await?;
    must(ended.pointer("/outcome/declined").is_some(), "it was charged", &ended)?;
    desktop_says(phone, "declined").await?;
    both_hang_up(phone, &mallorys, &eves).await
}

pub(super) async fn false_bill(phone: &mut Phone, at: &mut impl Between) -> Result<(), Fault> {
    at.step("Mallory has Alice give a card for a bill that Eve is asked to pay").await?;
    let (mallorys, eves, id) = relayed(phone).await?;
    let given = Given::of(phone, &id).await?;
    at.step("she tells her card's bank that she does not pay that").await?;
    refuses(phone, &given).await?;
    at.step("her browser says the opposite, too late; another card changes nothing either").await?;
    let late = given.resumed(phone, &says_yes()).await?;
    must(late.pointer("/outcome/declined").is_some(), "it was charged", &late)?;
    let (token, ticket, shown) = phone.payment(&id).await?;
    let (status, answer) = phone.pays(&ticket, &token, &sealed(&shown, KNOWN)?).await?;
    must(status == 403, "another card was charged", &answer)?;
    at.step("Eve has the agent ask once more; Alice gives no card").await?;
    billed_in(phone, &eves).await?;
    desktop_says(phone, "waiting").await?;
    desktop_says_of(phone, 1, "declined").await?;
    both_hang_up(phone, &mallorys, &eves).await
}

pub(super) async fn false_way_back(phone: &mut Phone, at: &mut impl Between) -> Result<(), Fault> {
    at.step("the agent asks for a payment; the card's bank asks, and she is gone").await?;
    let (call, id) = billed(phone).await?;
    let given = Given::of(phone, &id).await?;
    at.step("Mallory writes that it did not go through, with a request of his own").await?;
    phone.client.post(Impostor, "/forge", json!({})).await?;
    let forged = newest_message(phone).await?;
    let opened = phone.device.open_payment(&forged, now()?);
    must(opened.is_err(), "a forgery was opened", &json!(forged))?;
    at.step("he goes on where she stopped: with a card of his own, and with a yes of his own")
        .await?;
    only_the_first_card_counts(phone, &id, &given, "5555 5555 5555 4444").await?;
    at.step("the agent asks anew, and she takes another card").await?;
    pays_with_another(phone, &call).await?;
    desktop_says_of(phone, 1, "authenticating").await?;
    ends(phone, &call).await
}
