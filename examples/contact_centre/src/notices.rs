//! What customers are to know: an operator posts a notice and takes it back; the phone gets its boards.

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Extension, Json};
use countersign::challenge::{Channels, PostsFrom};
use countersign::id::NoticeId;
use countersign::notice::{Addressee, NoticeKind, NoticeRequest};
use countersign::text::ShortText;
use countersign::{Channel, RequestId, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::{Body, ForCustomer, Path, nothing};
use crate::guard::Visitor;
use crate::rooms::{Message, keep_last, now};
use crate::service::{App, Endpoint};

type Answered = Result<Json<Value>, ForCustomer>;

/// Those of whoever looks after notices.
pub fn endpoints() -> Vec<Endpoint> {
    vec![("POST", "/notices", post(issue)), ("POST", "/notices/{id}/withdraw", post(withdraw))]
}

/// Those of the phone.
pub fn of_phone() -> Vec<Endpoint> {
    vec![("GET", "/notices", get(boards))]
}

/// Each visit has its own board, so that one visitor's notices are not another's.
///
/// YOURS: most notices are for [`Addressee::Everyone`].
fn addressee(visitor: &Visitor) -> Addressee {
    Addressee::Customer(visitor.room.read(|room| room.customer.clone()))
}

#[derive(Deserialize)]
struct Issue {
    request: RequestId,
    headline: ShortText,
    text: ShortText,
    until: Timestamp,
}

async fn issue(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Body(issue): Body<Issue>,
) -> Answered {
    let channels = Channels::new(&[Channel::Sms]).map_err(|_| nothing())?;
    let from = PostsFrom::new(Channel::Sms, "BANK".parse().map_err(|_| nothing())?);
    let Issue { request, headline, text, until } = issue;
    let notice = NoticeRequest::new(request, NoticeKind::Scam, headline, text, until)
        .posted_on(channels)
        .posting_from([from]);
    let issued = app.bank.notices().issue(&addressee(&visitor), &notice).await?;
    visitor.room.change(|room| {
        if room.messages.iter().all(|known| known.token != issued.token) {
            // YOURS: your SMS gateway.
            let message = Message {
                number: room.number(),
                channel: Channel::Sms.name().to_owned(),
                handle: "BANK".to_owned(),
                text: "There is something that you should know. Open it in your app.".to_owned(),
                token: issued.token,
                at: now(),
                notice: true,
            };
            room.messages.push(message);
            keep_last(&mut room.messages);
            room.board = room.board.saturating_add(1);
        }
    })?;
    Ok(Json(json!({ "notice": issued.notice })))
}

async fn withdraw(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<NoticeId>,
) -> Answered {
    let withdrawn = app.bank.notices().withdraw(&addressee(&visitor), &id).await?;
    visitor.room.change(|room| room.board = room.board.saturating_add(1))?;
    Ok(Json(json!({ "notice": withdrawn })))
}

/// Everyone's board and the customer's own, signed.
async fn boards(State(app): State<App>, Extension(visitor): Extension<Visitor>) -> Answered {
    let everyone = app.bank.notices().board(&Addressee::Everyone).await?;
    let own = app.bank.notices().board(&addressee(&visitor)).await?;
    Ok(Json(json!({ "everyone": everyone, "own": own })))
}
