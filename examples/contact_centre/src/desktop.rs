//! The endpoints of the agent's desktop. Which customer, and which call, the room says: it is the telephony platform's
//! word, never the agent's.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use countersign::agent_safe::ForDesktop;
use countersign::challenge::{ChallengeRequest, Channels, PostsFrom, Slot};
use countersign::payment::PaymentRequest;
use countersign::step_up::{Redeemed, StepUpOutcome, StepUpRequest};
use countersign::transaction::TransactionKind;
use countersign::{
    Assignee, CallbackId, ChallengeId, Channel, CustomerId, Interaction, InteractionId, MerchantId,
    RequestId, StepUpId, TeamId, Transaction, Window,
};
use serde::Deserialize;

use crate::answer::{Body, ForAgent, Path, nothing, to_desktop};
use crate::feed::What;
use crate::guard::Visitor;
use crate::phone::line;
use crate::rooms::{Alarm, Bill, Booked, Message, Room, Transfer, keep_last, now};
use crate::service::{App, Endpoint};
use crate::telephony::{Call, Caller, Line, SHOWN, rings};
use crate::{Fault, desktop_view, live};

type Answered = Result<Response, ForAgent>;

/// What the agent goes by.
pub const NAME: &str = "Bob Miller";

pub fn endpoints() -> Vec<Endpoint> {
    vec![
        ("GET", "/events", get(live::events)),
        ("GET", "/state", get(desktop_view::state)),
        ("POST", "/calls", post(dial)),
        ("POST", "/calls/{id}/say", post(say)),
        ("POST", "/calls/{id}/end", post(end)),
        ("POST", "/calls/{id}/callbacks/{callback}/reveal", post(reveal)),
        ("POST", "/calls/{id}/callbacks/{callback}/abandon", post(abandon)),
        ("POST", "/calls/{id}/challenges/{challenge}/present", post(present)),
        ("POST", "/calls/{id}/transfers", post(ask_approval)),
        ("POST", "/transfers/{id}/book", post(book)),
        ("POST", "/calls/{id}/payments", post(ask_payment)),
        ("POST", "/challenges", post(announce)),
        ("POST", "/challenges/{id}/confirm", post(confirm)),
        ("POST", "/challenges/{id}/revoke", post(revoke)),
        ("POST", "/toasts/{id}/accept", post(accept)),
        ("POST", "/chat", post(chat)),
    ]
}

/// Nothing to show besides that it was done; the state has the rest.
fn done() -> Response {
    to_desktop(&ForDesktop::new())
}

/// A call in which this agent is, as the platform reports it.
pub fn interaction(room: &Room, id: &InteractionId) -> Result<Interaction, ForAgent> {
    let call = room.call(id).filter(|call| call.reaches_bank()).ok_or(nothing())?;
    Ok(call.interaction(room)?)
}

fn live_call(visitor: &Visitor, id: &InteractionId) -> Result<Interaction, ForAgent> {
    visitor.room.read(|room| match room.call(id) {
        Some(call) if call.line != Line::Over => interaction(room, id),
        _ => Err(nothing().into()),
    })
}

/// The same, before something secret is given to the agent to say in it: from here on nothing said is written down.
fn confidential(visitor: &Visitor, id: &InteractionId) -> Result<Interaction, ForAgent> {
    let call = live_call(visitor, id)?;
    visitor.room.change(|room| room.live(id).map(|call| call.confidential = true))?;
    Ok(call)
}

fn customer(visitor: &Visitor) -> CustomerId {
    visitor.room.read(|room| room.customer.clone())
}

/// The agent's dialler rings the customer.
async fn dial(State(app): State<App>, Extension(visitor): Extension<Visitor>) -> Answered {
    let number = SHOWN.parse().map_err(|_| nothing())?;
    let call = rings(&app, &visitor, Caller::Bank, Some(number)).await?;
    Ok(to_desktop(&ForDesktop::new().with("call", &call.id)))
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
        let call = room.live(&id).filter(|call| call.reaches_bank())?;
        let by = if call.caller == Caller::Bank { "caller" } else { "called" };
        room.says(&id, by, text)
    })?;
    said.ok_or(nothing())?;
    Ok(done())
}

async fn end(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<InteractionId>,
) -> Answered {
    let interaction = visitor.room.read(|room| interaction(room, &id))?;
    visitor.room.change(|room| room.to_hang_up(&id).map(Call::ended))?;
    app.feed.report(&app.bank, What::Ended(&interaction)).await?;
    visitor.room.tell();
    Ok(done())
}

/// The secret to say, or the words. It is shown in this call alone.
async fn reveal(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Path((id, callback)): Path<(InteractionId, CallbackId)>,
) -> Answered {
    let call = confidential(&visitor, &id)?;
    let revealed = app.bank.callbacks().reveal(&call, &callback).await;
    // A refused attempt is in the history too.
    visitor.room.tell();
    Ok(to_desktop(&ForDesktop::new().with("say", &revealed?)))
}

async fn abandon(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Path((id, callback)): Path<(InteractionId, CallbackId)>,
) -> Answered {
    let call = visitor.room.read(|room| interaction(room, &id))?;
    app.bank.callbacks().abandon(&call, &callback).await?;
    visitor.room.change(|room| room.diary.retain(|due| due.callback != callback))?;
    Ok(done())
}

/// The code to say.
async fn present(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Path((id, challenge)): Path<(InteractionId, ChallengeId)>,
) -> Answered {
    let call = confidential(&visitor, &id)?;
    let presented = app.bank.challenges().present(&call, &challenge).await;
    visitor.room.tell();
    Ok(to_desktop(&ForDesktop::new().with("say", &presented?)))
}

#[derive(Deserialize)]
struct Order {
    request: RequestId,
    pence: u64,
    payee: String,
    reference: String,
}

fn transaction(kind: TransactionKind, order: &Order) -> Result<Transaction, ForAgent> {
    let no = |_| ForAgent::from(nothing());
    let (payee, reference) =
        (order.payee.parse().map_err(no)?, order.reference.parse().map_err(no)?);
    let pounds = "GBP".parse().map_err(|_| nothing())?;
    Ok(Transaction::new(kind, order.pence, pounds, payee, reference))
}

/// "Because it is over £1000, please approve it in the app."
async fn ask_approval(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<InteractionId>,
    Body(order): Body<Order>,
) -> Answered {
    let call = live_call(&visitor, &id)?;
    let transaction = transaction(TransactionKind::Transfer, &order)?;
    let name = NAME.parse().map_err(|_| nothing())?;
    let request = StepUpRequest::new(order.request, transaction.clone(), name);
    // The token goes to the phone with everything else that waits for it, and never to the desktop.
    let asked = app.bank.step_ups().request(&call, &request).await?;
    let id = asked.step_up.id;
    visitor.room.change(|room| {
        if room.transfers.iter().all(|transfer| transfer.id != id) {
            room.transfers.push(Transfer { id, call: call.id.clone(), transaction });
            keep_last(&mut room.transfers);
        }
    })?;
    // The digits are for this agent to say. They stand on this desktop alone, and nowhere in the service.
    let shown = ForDesktop::new().with("step_up", &asked.step_up).with("digits", &asked.digits);
    Ok(to_desktop(&shown))
}

/// Books a transfer, as the form says it now. It goes through if it is to the penny what the customer approved.
async fn book(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<StepUpId>,
    Body(order): Body<Order>,
) -> Answered {
    let (call, asked) = visitor.room.read(|room| {
        let asked = room.transfers.iter().find(|transfer| transfer.id == id).ok_or(nothing())?;
        Ok::<_, ForAgent>((interaction(room, &asked.call)?, asked.transaction.clone()))
    })?;
    let wanted = transaction(TransactionKind::Transfer, &order)?;
    let StepUpOutcome::Approved(grant) = app.bank.step_ups().outcome(&call, &id).await? else {
        // Booked already: the same again is the same answer.
        let booked =
            visitor.room.read(|room| room.ledger.iter().any(|booked| booked.step_up == id));
        return if booked && wanted == asked { Ok(done()) } else { Err(nothing().into()) };
    };
    let key = RequestId::new(format!("booking-{id}")).map_err(|_| nothing())?;
    let redeemed = app.bank.step_ups().redeem(&call, &grant, &wanted, &key).await;
    visitor.room.tell();
    transfer(&visitor, &redeemed?)?;
    Ok(done())
}

/// Moves the money. It asks for the proof, so nobody can call it without one, and the amount comes from nowhere else.
///
/// Under duress it does all the same for whoever looks on, and holds the money: the answer, the desktop and the customer's
/// phone say what they always say. Whoever can help is told.
///
/// YOURS: your ledger, and the team that is called then. A redemption that was repeated gives the same proof: book each
/// step-up once.
fn transfer(visitor: &Visitor, proof: &Redeemed) -> Result<(), Fault> {
    let (step_up, transaction) = (proof.step_up(), proof.transaction().clone());
    let (at, held) = (now(), proof.duress());
    visitor.room.change(|room| {
        if room.ledger.iter().any(|booked| booked.step_up == step_up) {
            return;
        }
        if held {
            let text = format!("{transaction}: approved with the PIN for coercion.");
            room.alarms.push(Alarm { at, text });
            keep_last(&mut room.alarms);
        }
        room.ledger.push(Booked { step_up, transaction, at, held });
        keep_last(&mut room.ledger);
    })
}

/// Asks for a payment by card. The desktop gets an id, and later what came of it.
async fn ask_payment(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<InteractionId>,
    Body(order): Body<Order>,
) -> Answered {
    let call = live_call(&visitor, &id)?;
    let transaction = transaction(TransactionKind::Payment, &order)?;
    let (name, merchant) = (
        NAME.parse().map_err(|_| nothing())?,
        MerchantId::new("bank-bills").map_err(|_| nothing())?,
    );
    let key = app.vault.key().await?;
    let request = PaymentRequest::new(order.request, merchant, transaction, name, key);
    let asked = app.bank.payments().request(&call, &request).await?;
    let bill = Bill { id: asked.payment.id, call: call.id.clone(), token: asked.token };
    visitor.room.change(|room| {
        if room.payments.iter().all(|known| known.id != bill.id) {
            room.payments.push(bill);
            keep_last(&mut room.payments);
        }
    })?;
    Ok(to_desktop(&ForDesktop::new().with("payment", &asked.payment)))
}

#[derive(Deserialize)]
struct Announce {
    request: RequestId,
    about: String,
}

/// The enterprise wants to talk to its customer, and says so on a channel that others can read.
async fn announce(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Body(announce): Body<Announce>,
) -> Answered {
    let about = announce.about.parse().map_err(|_| nothing())?;
    let channels = Channels::new(&[Channel::Sms]).map_err(|_| nothing())?;
    let handle = PostsFrom::new(Channel::Sms, "BANK".parse().map_err(|_| nothing())?);
    let request = ChallengeRequest::new(announce.request, about, channels).posting_from([handle]);
    let issued = app.bank.challenges().issue(&customer(&visitor), &request).await?;
    let id = issued.challenge.id;
    visitor.room.change(|room| {
        if !room.challenges.contains(&id) {
            room.challenges.push(id);
            keep_last(&mut room.challenges);
            // YOURS: your SMS gateway.
            let message = Message {
                number: room.number(),
                channel: Channel::Sms.name().to_owned(),
                handle: "BANK".to_owned(),
                text: "We would like to talk to you. Open your app to see why.".to_owned(),
                token: issued.token,
                at: now(),
                notice: false,
            };
            room.messages.push(message);
            keep_last(&mut room.messages);
        }
    })?;
    Ok(to_desktop(&ForDesktop::new().with("challenge", &issued.challenge)))
}

#[derive(Deserialize)]
struct Confirm {
    request: RequestId,
    window: Window,
}

async fn confirm(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<ChallengeId>,
    Body(confirm): Body<Confirm>,
) -> Answered {
    let no = |_| ForAgent::from(nothing());
    let team = Assignee::Team(TeamId::new("service").map_err(|_| nothing())?);
    let slot = Slot::new(confirm.window, Channel::Voice, team, NAME.parse().map_err(no)?);
    let customer = customer(&visitor);
    let agreed = app.bank.challenges().confirm(&customer, &id, &confirm.request, &slot).await?;
    visitor.room.tell();
    Ok(to_desktop(&ForDesktop::new().with("challenge", &agreed.challenge)))
}

async fn revoke(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<ChallengeId>,
) -> Answered {
    let revoked = app.bank.challenges().revoke(&customer(&visitor), &id).await?;
    visitor.room.tell();
    Ok(to_desktop(&ForDesktop::new().with("challenge", &revoked)))
}

/// The agent takes a callback that is due: the dialler rings.
async fn accept(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<CallbackId>,
) -> Answered {
    let known = visitor.room.read(|room| room.is_due(id));
    if !known {
        return Err(nothing().into());
    }
    dial(State(app), Extension(visitor)).await
}

async fn chat(Extension(visitor): Extension<Visitor>, Body(words): Body<Words>) -> Answered {
    let text = line(&words.text)?;
    visitor.room.change(|room| room.chats("agent", text, now()))?;
    Ok(done())
}
