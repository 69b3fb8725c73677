//! Callbacks and conversations in words: words that the phone makes of a secret, and a code that is said as words. The
//! impostor overheard those of the call before.

use countersign::callback::CallbackSecret;
use countersign::device::CodeCheckError;
use countersign::spoken::SpokenError;
use countersign::{CallbackId, Channel, Device};
use serde_json::{Value, json};

use crate::Fault;
use crate::script::Between;
use crate::script::client::text;
use crate::script::phone::Phone;
use crate::script::stories::{
    agreed, announced, eve_rings, heard, mallory_rings, must, rung, window,
};
use crate::session::Role::{Desktop, Impostor, Phone as App};

const SECRET: &str = "green kettle";

/// Books a callback: its id, and the words that the phone shows.
async fn books(phone: &mut Phone) -> Result<(String, String), Fault> {
    let body = json!({
        "request": phone.request(), "window": window()?, "secret": SECRET,
        "words_of": phone.held.id(),
    });
    let id = text(&phone.client.post(App, "/callbacks", body).await?, "/id")?;
    let (callback, secret): (CallbackId, CallbackSecret) = (id.parse()?, SECRET.parse()?);
    let words = Device::readback_words(&phone.held, &callback, Channel::Voice, &secret)?;
    Ok((id, words.words().to_string()))
}

/// The bank rings, and the agent says the words.
async fn says_words(phone: &Phone, id: &str, words: &str) -> Result<String, Fault> {
    let call = rung(phone, id).await?;
    let path = format!("/calls/{call}/callbacks/{id}/reveal");
    let said = phone.client.post(Desktop, &path, json!({})).await?;
    must(said.get("say") == Some(&json!(words)), "other words", &said)?;
    let state = phone.client.get(Desktop, "/state").await?;
    let learnt = [&said, &state].into_iter().any(|of| of.to_string().contains("kettle"));
    must(!learnt, "the desktop learnt the secret", &state)?;
    Ok(call)
}

async fn concludes(phone: &Phone, id: &str, recognised: bool) -> Result<Value, Fault> {
    let path = format!("/callbacks/{id}/conclude");
    phone.client.post(App, &path, json!({ "recognised": recognised })).await
}

pub(super) async fn callback(phone: &mut Phone, at: &mut impl Between) -> Result<(), Fault> {
    at.step("the customer books a callback, and her phone makes words of the secret").await?;
    let (id, words) = books(phone).await?;
    at.step("it falls due; the agent says the words, and never learns the secret").await?;
    let call = says_words(phone, &id, &words).await?;
    at.step("the customer recognises them").await?;
    let ended = concludes(phone, &id, true).await?;
    must(ended.get("status") == Some(&json!("recognised")), "not recognised", &ended)?;
    at.step("the call ends").await?;
    phone.client.post(Desktop, &format!("/calls/{call}/end"), json!({})).await.map(drop)
}

pub(super) async fn false_callback(phone: &mut Phone, at: &mut impl Between) -> Result<(), Fault> {
    at.step("the bank rings and says the customer's words; Mallory overhears them").await?;
    let (id, overheard) = books(phone).await?;
    let call = says_words(phone, &id, &overheard).await?;
    concludes(phone, &id, true).await?;
    phone.client.post(App, &format!("/calls/{call}/end"), json!({})).await?;
    at.step("she books another with the same secret: it has other words").await?;
    let (id, words) = books(phone).await?;
    must(words != overheard, "the same words again", &json!(words))?;
    at.step("Mallory rings first, and says those that he overheard").await?;
    let mallorys = mallory_rings(phone).await?;
    let said = json!({ "text": format!("Your words are: {overheard}.") });
    phone.client.post(Impostor, &format!("/calls/{mallorys}/say"), said).await?;
    at.step("Eve rings the bank as the customer, and asks for the words").await?;
    let eves = eve_rings(phone).await?;
    let path = format!("/calls/{eves}/callbacks/{id}/reveal");
    phone.client.refused(Desktop, &path, json!({})).await?;
    let state = phone.client.get(Desktop, "/state").await?.to_string();
    must(!state.contains(&words) && !state.contains("kettle"), "Eve's agent has them", &json!(id))?;
    at.step("whoever believes him is told that the bank has shown the words to nobody").await?;
    let path = format!("/callbacks/{id}/conclude");
    phone.client.refused(App, &path, json!({ "recognised": true })).await?;
    at.step("the customer says: not them. The callback stays").await?;
    let kept = concludes(phone, &id, false).await?;
    must(kept.get("status") == Some(&json!("booked")), "it does not stay", &kept)?;
    for (role, call) in [(App, &mallorys), (Impostor, &eves)] {
        phone.client.post(role, &format!("/calls/{call}/end"), json!({})).await?;
    }
    at.step("then the bank rings").await?;
    says_words(phone, &id, &words).await.map(drop)
}

/// The bank rings, and shows its agent the code: the call, and the code in digits and in words.
async fn presented(phone: &Phone, id: &str) -> Result<(String, String, String), Fault> {
    let call = text(&phone.client.post(Desktop, "/calls", json!({})).await?, "/call")?;
    phone.client.post(App, &format!("/calls/{call}/answer"), json!({})).await?;
    let path = format!("/calls/{call}/challenges/{id}/present");
    let shown = phone.client.post(Desktop, &path, json!({})).await?;
    Ok((call, text(&shown, "/say/code/digits")?, text(&shown, "/say/code/words")?))
}

/// The first two words swapped, or the first one left out.
fn slips(words: &str) -> [String; 2] {
    let all: Vec<&str> = words.split(' ').collect();
    let mut swapped = all.clone();
    if swapped.len() > 1 {
        swapped.swap(0, 1);
    }
    [swapped.join(" "), all.get(1..).unwrap_or_default().join(" ")]
}

/// Words out of order are noticed as such, and cost no attempt.
async fn slips_cost_nothing(phone: &mut Phone, words: &str) -> Result<(), Fault> {
    let before = phone.attempts.to_bytes();
    for slip in slips(words) {
        let noticed = match heard(phone, &slip).await {
            Err(fault) => matches!(
                fault.downcast_ref::<CodeCheckError>(),
                Some(CodeCheckError::NotACode(SpokenError::Order))
            ),
            Ok(_) => false,
        };
        must(noticed, "a slip of the tongue was not noticed", &json!(slip))?;
    }
    must(phone.attempts.to_bytes() == before, "a slip of the tongue was counted", &json!(words))
}

pub(super) async fn conversation(phone: &mut Phone, at: &mut impl Between) -> Result<(), Fault> {
    at.step("the bank asks for a conversation, and the customer says when").await?;
    let (id, _) = announced(phone).await?;
    agreed(phone, &id).await?;
    at.step("the bank rings, and the agent says the code in words").await?;
    let (call, _, words) = presented(phone, &id).await?;
    at.step("a slip of the tongue is noticed, and costs no attempt").await?;
    slips_cost_nothing(phone, &words).await?;
    at.step("the customer enters the words as they were said").await?;
    recognises(phone, &id, &words.to_uppercase()).await?;
    at.step("the call ends").await?;
    phone.client.post(App, &format!("/calls/{call}/end"), json!({})).await.map(drop)
}

async fn recognises(phone: &mut Phone, id: &str, words: &str) -> Result<(), Fault> {
    let (genuine, appointment) = heard(phone, words).await?;
    must(genuine, "the genuine words must be genuine", &json!(words))?;
    let body = json!({ "recognised": true, "appointment": appointment });
    phone.client.post(App, &format!("/challenges/{id}/conclude"), body).await.map(drop)
}

pub(super) async fn false_conversation(
    phone: &mut Phone,
    at: &mut impl Between,
) -> Result<(), Fault> {
    at.step("the bank rings and says its code in words; Mallory overhears them").await?;
    let (id, _) = announced(phone).await?;
    agreed(phone, &id).await?;
    let (call, digits, overheard) = presented(phone, &id).await?;
    recognises(phone, &id, &overheard).await?;
    phone.client.post(App, &format!("/calls/{call}/end"), json!({})).await?;
    at.step("the bank asks for another conversation").await?;
    let (id, _) = announced(phone).await?;
    agreed(phone, &id).await?;
    at.step("Mallory rings first, and says the words that he overheard").await?;
    let mallorys = mallory_rings(phone).await?;
    let said = json!({ "text": format!("The code is: {overheard}.") });
    phone.client.post(Impostor, &format!("/calls/{mallorys}/say"), said).await?;
    slips_cost_nothing(phone, &overheard).await?;
    for old in [overheard, digits] {
        let (genuine, _) = heard(phone, &old).await?;
        must(!genuine, "the code of another call was genuine", &json!(old))?;
    }
    let (genuine, appointment) = heard(phone, "aardvark adroitness absurd adviser").await?;
    must(!genuine, "a guess was genuine", &json!(appointment))?;
    at.step("the customer says: not them").await?;
    let body = json!({ "recognised": false, "appointment": appointment });
    phone.client.post(App, &format!("/challenges/{id}/conclude"), body).await?;
    phone.client.post(App, &format!("/calls/{mallorys}/end"), json!({})).await.map(drop)
}
