//! Answers: what a customer's phone may hear, what an agent's desktop may hear, and bodies of requests.

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Path as InPath, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use countersign::AgentSafe;
use countersign::error::{Error, Refused};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::Fault;

/// The body of a request. What is wrong with one is never repeated to its sender: it may hold a secret.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => {
                let problem = json!({
                    "status": rejection.status().as_u16(), "code": "invalid",
                    "title": "The request cannot be read: look at what you typed.",
                });
                Err((rejection.status(), Json(problem)).into_response())
            }
        }
    }
}

/// The ids in a path. One that is none names nothing, and is not repeated to its sender either.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ForAgent;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ForAgent> {
        let read = InPath::<T>::from_request_parts(parts, state).await;
        read.map(|InPath(ids)| Self(ids)).map_err(|_| nothing().into())
    }
}

/// Why a request was not done.
pub enum Trouble {
    /// countersign said so.
    Said(Error),
    /// The service's own fault. Nobody hears of it but its log.
    Own(Fault),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Said(error)
    }
}

impl From<Refused> for Trouble {
    fn from(refused: Refused) -> Self {
        Self::Said(refused.into())
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Own(fault)
    }
}

impl Trouble {
    /// As countersign would say it; what is the service's own fault goes to its log.
    fn said(self) -> Error {
        match self {
            Self::Said(error) => {
                // Busy is no fault: it is asked again.
                if error.status_code() >= 500 && !matches!(error, Error::Busy) {
                    log(&error);
                }
                error
            }
            Self::Own(fault) => {
                log(&fault);
                Error::Internal
            }
        }
    }
}

fn log(what: &dyn std::fmt::Display) {
    eprintln!("contact-centre: {what}");
}

/// Why, as the customer's own session may hear it.
pub struct ForCustomer(Trouble);

/// Why, as an agent's desktop may hear it.
pub struct ForAgent(Trouble);

impl<T: Into<Trouble>> From<T> for ForCustomer {
    fn from(trouble: T) -> Self {
        Self(trouble.into())
    }
}

impl<T: Into<Trouble>> From<T> for ForAgent {
    fn from(trouble: T) -> Self {
        Self(trouble.into())
    }
}

fn with_status(status: u16, body: impl IntoResponse) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, body).into_response()
}

impl IntoResponse for ForCustomer {
    fn into_response(self) -> Response {
        let error = self.0.said();
        let problem = error.problem_for_customer();
        let mut body = serde_json::to_value(&problem).unwrap_or_default();
        if let (Error::Invalid(invalid), Some(body)) = (&error, body.as_object_mut()) {
            // It says what to change, and repeats nothing of what was typed.
            body.insert("says".to_owned(), json!(invalid.to_string()));
        }
        with_status(problem.status, Json(body))
    }
}

impl IntoResponse for ForAgent {
    fn into_response(self) -> Response {
        let problem = self.0.said().problem();
        with_status(problem.status, to_desktop(&problem))
    }
}

/// The only function that sends to a desktop. What an agent must not see does not compile here.
pub fn to_desktop<T: AgentSafe + Serialize>(value: &T) -> Response {
    Json(value).into_response()
}

/// The wrong kind of answer for a path that names nothing of this room: as any other refusal.
#[must_use]
pub fn nothing() -> Refused {
    Refused::new()
}
