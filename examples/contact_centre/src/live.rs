//! Live updates: a pane is told that something changed, and asks for its state. It is told no more, so nothing that one
//! role may see can reach another this way.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_core::Stream;
use futures_util::stream::unfold;

use crate::guard::Visitor;

/// `GET /…/events`, the same for every role.
///
/// It ends with the session that opened it: whoever has an old cookie hears nothing of what comes after.
pub async fn events(
    Extension(visitor): Extension<Visitor>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, StatusCode> {
    let listening = visitor.room.listen(visitor.role, &visitor.door);
    let listening = listening.ok_or(StatusCode::TOO_MANY_REQUESTS)?;
    let stream = unfold((listening, true), |(mut listening, first)| async move {
        if !first {
            listening.changes.changed().await.ok()?;
        }
        if !listening.is_of_the_session() {
            return None;
        }
        let count = *listening.changes.borrow_and_update();
        let event = Event::default().event("changed").data(count.to_string());
        Some((Ok(event), (listening, false)))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(20))))
}
