//! The endpoints of the customer's phone. `visitor.room` is whose session this is: no path and no body names a customer.

use axum::Extension;
use axum::Json;
use axum::extract::State;
use axum::routing::{get, post};
use countersign::callback::{AmendmentRequest, BookingRequest, Callback, CallbackSecret, Verdict};
use countersign::challenge::{Acceptance, Answer, Challenge};
use countersign::contact::StatusNonce;
use countersign::credential::{Credential, EnrolmentRequest};
use countersign::error::Error;
use countersign::otp::ocra::Response;
use countersign::step_up::{DeclineReason, MatchDigits, Prompts, StepUp, StepUpAnswer, WhoRang};
use countersign::token::TokenId;
use countersign::{
    CallbackId, ChallengeId, Channel, CredentialId, InteractionId, PaymentId, RequestId, StepUpId,
    Timestamp, Window,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::{Body, ForCustomer, Path, nothing};
use crate::feed::What;
use crate::guard::{Phone, Visitor};
use crate::rooms::now;
use crate::service::{App, Endpoint};
use crate::telephony::{Caller, answered, rings};
use crate::{histories, live, notices, phone_view, reachable, ringing};

type Answered<T> = Result<Json<T>, ForCustomer>;

pub fn endpoints() -> Vec<Endpoint> {
    let mut all = vec![
        ("GET", "/events", get(live::events)),
        ("GET", "/state", get(phone_view::state)),
        ("POST", "/enrol", post(enrol)),
        ("POST", "/credentials/{id}/confirm", post(confirm)),
        ("POST", "/callbacks", post(book)),
        ("POST", "/callbacks/{id}/amend", post(amend)),
        ("POST", "/callbacks/{id}/cancel", post(cancel)),
        ("POST", "/callbacks/{id}/conclude", post(conclude_callback)),
        ("POST", "/challenges/{id}/answer", post(answer)),
        ("POST", "/challenges/{id}/conclude", post(conclude_challenge)),
        ("POST", "/status", post(status)),
        ("POST", "/step-ups/{id}/submit", post(submit)),
        ("POST", "/step-ups/{id}/decline", post(decline)),
        ("GET", "/prompts", get(prompts)),
        ("POST", "/prompts/resume", post(resume)),
        ("POST", "/payments/{id}/ticket", post(ticket)),
        ("POST", "/chat", post(chat)),
        ("POST", "/calls", post(ring)),
        ("POST", "/calls/{id}/answer", post(pick_up)),
        ("POST", "/calls/{id}/say", post(say)),
        ("POST", "/calls/{id}/end", post(hang_up)),
    ];
    all.extend(histories::endpoints());
    all.extend(reachable::endpoints());
    all.extend(ringing::endpoints());
    all.extend(notices::of_phone());
    all
}

/// What an app asks for when it is set up. The seed is in the answer once, and in none after the first code.
#[derive(Deserialize)]
struct Enrol {
    request: RequestId,
}

async fn enrol(Phone { app, customer, .. }: Phone, Body(enrol): Body<Enrol>) -> Answered<Value> {
    let request = EnrolmentRequest::ocra(enrol.request);
    let given = app.bank.credentials().enrol(&customer, &request).await?;
    Ok(Json(json!({
        "credential": given.credential, "seed": given.base32(),
        "pseudonym": app.bank.challenges().pseudonym(&customer).expose().as_str(),
    })))
}

#[derive(Deserialize)]
struct Code {
    code: Response,
}

async fn confirm(
    Phone { app, visitor, customer }: Phone,
    Path(id): Path<CredentialId>,
    Body(code): Body<Code>,
) -> Answered<Credential> {
    let confirmed = app.bank.credentials().confirm(&customer, &id, &code.code).await?;
    visitor.room.tell();
    Ok(Json(confirmed))
}

#[derive(Deserialize)]
struct Book {
    request: RequestId,
    window: Window,
    secret: CallbackSecret,
    /// The credential that makes words of the secret, so that the agent never reads the secret itself.
    words_of: Option<CredentialId>,
}

/// YOURS: what an impostor may know of a customer, so that it is no secret.
pub const KNOWN: [&str; 4] = ["Alice", "Jones", "Liddell", "OX1 1DP"];

async fn book(Phone { app, customer, .. }: Phone, Body(book): Body<Book>) -> Answered<Callback> {
    let mut booking = BookingRequest::new(book.request, book.window, Channel::Voice, book.secret)
        .forbidding(KNOWN);
    if let Some(credential) = book.words_of {
        booking = booking.derived_with(credential);
    }
    // The agent hears of it from the outbox when it falls due: see `worker`.
    Ok(Json(app.bank.callbacks().book(&customer, &booking).await?))
}

#[derive(Deserialize)]
struct Amend {
    request: RequestId,
    window: Option<Window>,
    secret: Option<CallbackSecret>,
}

async fn amend(
    Phone { app, customer, .. }: Phone,
    Path(id): Path<CallbackId>,
    Body(amend): Body<Amend>,
) -> Answered<Callback> {
    let mut amendment = AmendmentRequest::new(amend.request).forbidding(KNOWN);
    if let Some(window) = amend.window {
        amendment = amendment.window(window);
    }
    if let Some(secret) = amend.secret {
        amendment = amendment.secret(secret);
    }
    Ok(Json(app.bank.callbacks().amend(&customer, &id, &amendment).await?))
}

async fn cancel(
    Phone { app, visitor, customer }: Phone,
    Path(id): Path<CallbackId>,
) -> Answered<Callback> {
    let ended = app.bank.callbacks().cancel(&customer, &id).await?;
    visitor.room.tell();
    Ok(Json(ended))
}

#[derive(Deserialize)]
struct Conclude {
    recognised: bool,
    /// Which appointment, of a challenge.
    appointment: Option<TokenId>,
}

const fn verdict(recognised: bool) -> Verdict {
    if recognised { Verdict::Recognised } else { Verdict::NotRecognised }
}

async fn conclude_callback(
    Phone { app, visitor, customer }: Phone,
    Path(id): Path<CallbackId>,
    Body(said): Body<Conclude>,
) -> Answered<Callback> {
    let ended = app.bank.callbacks().conclude(&customer, &id, verdict(said.recognised)).await?;
    visitor.room.tell();
    Ok(Json(ended))
}

#[derive(Deserialize)]
struct Answers {
    /// `accept`, `decline` or `report`.
    answer: String,
    request: Option<RequestId>,
    slot: Option<Window>,
    credential: Option<CredentialId>,
}

async fn answer(
    Phone { app, visitor, customer }: Phone,
    Path(id): Path<ChallengeId>,
    Body(given): Body<Answers>,
) -> Answered<Challenge> {
    let answer = match (given.answer.as_str(), given.request) {
        ("accept", Some(request)) => {
            let mut acceptance = Acceptance::new(request).proposing_channel(Channel::Voice);
            if let Some(slot) = given.slot {
                acceptance = acceptance.proposing_slot(slot);
            }
            if let Some(credential) = given.credential {
                acceptance = acceptance.with_credential(credential);
            }
            Answer::Accept(acceptance)
        }
        ("decline", _) => Answer::Decline,
        ("report", _) => Answer::Report,
        _ => return Err(nothing().into()),
    };
    let answered = app.bank.challenges().answer(&customer, &id, &answer).await?;
    visitor.room.tell();
    Ok(Json(answered))
}

async fn conclude_challenge(
    Phone { app, visitor, customer }: Phone,
    Path(id): Path<ChallengeId>,
    Body(said): Body<Conclude>,
) -> Answered<Challenge> {
    let appointment = said.appointment.ok_or(nothing())?;
    let verdict = verdict(said.recognised);
    let ended = app.bank.challenges().conclude(&customer, &id, appointment, verdict).await?;
    visitor.room.tell();
    Ok(Json(ended))
}

#[derive(Deserialize)]
struct Question {
    nonce: StatusNonce,
}

/// "Is that really you?"
async fn status(
    Phone { app, visitor, customer }: Phone,
    Body(question): Body<Question>,
) -> Answered<Value> {
    app.feed.report(&app.bank, What::Heartbeat).await?;
    let token = app.bank.contact().status(&customer, question.nonce).await?;
    visitor.room.tell();
    Ok(Json(json!({ "token": token })))
}

/// What the customer answered, typed, and approved with.
#[derive(Deserialize)]
struct Approval {
    code: Response,
    digits: Option<MatchDigits>,
    who_rang: Option<WhoRang>,
}

async fn submit(
    Phone { app, visitor, customer }: Phone,
    Path(id): Path<StepUpId>,
    Body(approval): Body<Approval>,
) -> Answered<StepUp> {
    let answer = StepUpAnswer::by_code(approval.code);
    let answer = completed(answer, approval.digits, approval.who_rang);
    let approved = app.bank.step_ups().submit(&customer, &id, &answer).await?;
    visitor.room.tell();
    Ok(Json(approved))
}

/// With what the customer typed, and said of who rang.
pub fn completed(
    mut answer: StepUpAnswer,
    digits: Option<MatchDigits>,
    who_rang: Option<WhoRang>,
) -> StepUpAnswer {
    if let Some(digits) = digits {
        answer = answer.with_digits(digits);
    }
    if let Some(who) = who_rang {
        answer = answer.who_rang(who);
    }
    answer
}

#[derive(Deserialize)]
struct Why {
    reason: DeclineReason,
}

async fn decline(
    Phone { app, visitor, customer }: Phone,
    Path(id): Path<StepUpId>,
    Body(why): Body<Why>,
) -> Answered<StepUp> {
    let declined = app.bank.step_ups().decline(&customer, &id, why.reason).await?;
    visitor.room.tell();
    Ok(Json(declined))
}

/// Whether the customer can be asked.
async fn prompts(Phone { app, customer, .. }: Phone) -> Answered<Prompts> {
    Ok(Json(app.bank.step_ups().prompts(&customer).await?))
}

/// What the app showed, by its number.
#[derive(Deserialize)]
struct Resume {
    number: u32,
}

/// The customer allows prompts again.
async fn resume(
    Phone { app, visitor, customer }: Phone,
    Body(resume): Body<Resume>,
) -> Answered<Prompts> {
    let prompts = app.bank.step_ups().resume_prompts(&customer, resume.number).await?;
    visitor.room.tell();
    Ok(Json(prompts))
}

/// What the card's frame shows the vault, so that the vault knows whose phone it is.
async fn ticket(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<PaymentId>,
) -> Answered<Value> {
    let bill = visitor.room.read(|room| {
        let bill = room.payments.iter().find(|bill| bill.id == id)?;
        Some((room.customer.clone(), bill.token.clone()))
    });
    let (customer, token) = bill.ok_or(nothing())?;
    let ticket = app.vault.ticket(&customer, now());
    Ok(Json(json!({ "ticket": ticket, "token": token })))
}

#[derive(Deserialize)]
struct Words {
    text: String,
}

/// The longest line of a chat or a call, in characters.
pub const LINE: usize = 500;

pub fn line(text: &str) -> Result<&str, Error> {
    let long = text.chars().count() > LINE;
    if long || text.trim().is_empty() { Err(nothing().into()) } else { Ok(text) }
}

async fn chat(Extension(visitor): Extension<Visitor>, Body(words): Body<Words>) -> Answered<Value> {
    let text = line(&words.text)?;
    visitor.room.change(|room| room.chats("customer", text, now()))?;
    Ok(Json(json!({})))
}

/// The customer rings the bank.
async fn ring(State(app): State<App>, Extension(visitor): Extension<Visitor>) -> Answered<Value> {
    let call = rings(&app, &visitor, Caller::Customer, None).await?;
    Ok(Json(json!({ "id": call.id })))
}

async fn pick_up(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<InteractionId>,
) -> Answered<Value> {
    answered(&app, &visitor, &id).await?;
    Ok(Json(json!({})))
}

async fn say(
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<InteractionId>,
    Body(words): Body<Words>,
) -> Answered<Value> {
    let text = line(&words.text)?;
    let said = visitor.room.change(|room| {
        let call = room.live(&id).filter(|call| call.reaches_phone())?;
        let by = if call.caller == Caller::Customer { "caller" } else { "called" };
        room.says(&id, by, text)
    })?;
    said.ok_or(nothing())?;
    Ok(Json(json!({})))
}

async fn hang_up(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<InteractionId>,
) -> Answered<Value> {
    let ended = visitor.room.change(|room| {
        let call = room.to_hang_up(&id).filter(|call| call.reaches_phone())?;
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

/// When an instant is, for messages.
#[must_use]
pub fn clock(at: Timestamp) -> String {
    at.to_string().chars().skip(11).take(5).collect()
}
