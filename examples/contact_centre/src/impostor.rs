//! Mallory and Eve. They have telephones, a spoofed number, an account that looks like the bank's, and nothing of the
//! bank's: none of these endpoints calls countersign with anything but what the telephone network reports.

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Extension, Json};
use countersign::token::SigningKey;
use countersign::{InteractionId, OsRandom};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::{Body, ForCustomer, Path, nothing};
use crate::feed::What;
use crate::guard::Visitor;
use crate::live;
use crate::phone::line;
use crate::rooms::{Message, keep_last, now};
use crate::service::{App, Endpoint};
use crate::telephony::{Caller, ON_THE_CARD, SHOWN, rings};

type Answered = Result<Json<Value>, ForCustomer>;

pub fn endpoints() -> Vec<Endpoint> {
    vec![
        ("GET", "/events", get(live::events)),
        ("GET", "/state", get(state)),
        ("POST", "/calls", post(ring)),
        ("POST", "/calls/{id}/say", post(say)),
        ("POST", "/calls/{id}/end", post(end)),
        ("POST", "/copy", post(copy)),
        ("POST", "/forge", post(forge)),
    ]
}

async fn state(Extension(visitor): Extension<Visitor>) -> Json<Value> {
    Json(visitor.room.read(|room| {
        let own = room.calls.iter().filter(|call| matches!(call.caller, Caller::Mallory | Caller::Eve));
        let own: Vec<Value> = own
            .map(|call| {
                json!({ "id": call.id, "caller": call.caller, "line": call.line, "said": call.said })
            })
            .collect();
        json!({ "calls": own, "can_copy": !room.messages.is_empty() })
    }))
}

#[derive(Deserialize)]
struct Ring {
    /// `mallory` rings the customer, `eve` rings the bank as the customer.
    who: Caller,
    /// Whether the display shows the number on the bank's cards, rather than the one that the bank's calls show.
    #[serde(default)]
    card: bool,
}

async fn ring(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Body(ring): Body<Ring>,
) -> Answered {
    if !matches!(ring.who, Caller::Mallory | Caller::Eve) {
        return Err(nothing().into());
    }
    let number = if ring.card { ON_THE_CARD } else { SHOWN };
    // Anyone can send any number. At the bank nobody looks at one.
    let shows = (ring.who == Caller::Mallory).then(|| number.parse()).transpose();
    let call = rings(&app, &visitor, ring.who, shows.map_err(|_| nothing())?).await?;
    Ok(Json(json!({ "id": call.id })))
}

#[derive(Deserialize)]
struct Words {
    text: String,
}

async fn say(
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<InteractionId>,
    Body(words): Body<Words>,
) -> Answered {
    let text = line(&words.text)?;
    let said = visitor.room.change(|room| {
        room.live(&id).filter(|call| matches!(call.caller, Caller::Mallory | Caller::Eve))?;
        room.says(&id, "caller", text)
    })?;
    said.ok_or(nothing())?;
    Ok(Json(json!({})))
}

async fn end(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<InteractionId>,
) -> Answered {
    let ended = visitor.room.change(|room| {
        let own = |caller| matches!(caller, Caller::Mallory | Caller::Eve);
        let call = room.to_hang_up(&id).filter(|call| own(call.caller))?;
        let call = call.ended();
        Some((call.reaches_bank(), call.interaction(room).ok()?))
    })?;
    let (at_bank, interaction) = ended.ok_or(nothing())?;
    if at_bank {
        app.feed.report(&app.bank, What::Ended(&interaction)).await?;
        visitor.room.tell();
    }
    Ok(Json(json!({})))
}

/// Posts what the bank posted once more, from an account that looks like the bank's.
async fn copy(Extension(visitor): Extension<Visitor>) -> Answered {
    let copied = visitor.room.change(|room| {
        let genuine = room.messages.iter().rev().find(|message| message.handle == "BANK")?;
        let message = Message { handle: "BANK-HELP".to_owned(), ..genuine.clone() };
        let number = room.number();
        room.messages.push(Message { number, at: now(), ..message });
        keep_last(&mut room.messages);
        Some(())
    })?;
    copied.ok_or(nothing())?;
    Ok(Json(json!({})))
}

/// Sends a payment request of their own, signed with a key of their own: a token, as far as anyone can see.
async fn forge(Extension(visitor): Extension<Visitor>) -> Answered {
    let key = SigningKey::generate(&OsRandom::new()).map_err(|_| nothing())?;
    let token = forged(&key);
    visitor.room.change(|room| {
        let message = Message {
            number: room.number(),
            channel: "sms".to_owned(),
            handle: "BANK".to_owned(),
            text: "Your payment did not go through. Pay here.".to_owned(),
            token,
            at: now(),
            notice: false,
        };
        room.messages.push(message);
        keep_last(&mut room.messages);
    })?;
    Ok(Json(json!({})))
}

/// Something with the form of a token, under a key that no app trusts.
fn forged(key: &SigningKey) -> String {
    use base64ct::{Base64UrlUnpadded, Encoding as _};
    let claims = Base64UrlUnpadded::encode_string(
        br#"{"iss":"bank.example","aud":"alice","purpose":"payment_request","data":{}}"#,
    );
    let footer = format!(r#"{{"kid":"{}"}}"#, key.public_key().kid().as_str());
    format!("v4.public.{claims}.{}", Base64UrlUnpadded::encode_string(footer.as_bytes()))
}
