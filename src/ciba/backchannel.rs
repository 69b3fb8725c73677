//! A backchannel authentication request (CIBA Core 1.0 §7.1): its parameters, and the step-up that it asks for.

use core::fmt;
use core::str::FromStr;
use core::time::Duration;

use crate::ciba::{CibaError, StepUpDetails};
use crate::crypto::random::{Random, RandomError};
use crate::engine::free_text::without_cards;
use crate::error::Error;
use crate::step_up::StepUpRequest;
use crate::token::base64url;
use crate::values::id::{CustomerId, RequestId};
use crate::values::interaction::Interaction;
use crate::values::secret::SecretText;
use crate::values::text::ShortText;

/// The longest binding message, in characters. Phones show so much at a glance; CIBA asks for "relatively short".
const MAX_BINDING_MESSAGE: usize = 64;
/// The longest `client_notification_token`, in characters (§7.1).
const MAX_NOTIFICATION_TOKEN: usize = 1024;
/// The shortest that has 128 bits, as §7.1 asks, in base64url.
const MIN_NOTIFICATION_TOKEN: usize = 22;
/// How many bytes are drawn for an id: twice what §7.3 asks for.
const AUTH_REQ_ID_BYTES: usize = 32;

/// How the client learns of the answer (§5). Tokens are never pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeliveryMode {
    /// It asks again and again.
    Poll,
    /// It is told that there is one, and asks then.
    Ping,
}

impl FromStr for DeliveryMode {
    type Err = CibaError;

    /// Of `backchannel_token_delivery_mode` in the client's registration.
    fn from_str(text: &str) -> Result<Self, CibaError> {
        match text {
            "poll" => Ok(Self::Poll),
            "ping" => Ok(Self::Ping),
            _ => Err(CibaError::UnauthorizedClient),
        }
    }
}

/// Names one authentication to its client (§7.3): random, so that nobody guesses another's.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AuthReqId(String);

/// The text is no such id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 22 to 64 characters of base64url")]
#[non_exhaustive]
pub struct InvalidAuthReqId;

impl AuthReqId {
    /// A new one.
    ///
    /// # Errors
    ///
    /// [`Error::Random`].
    pub fn draw(random: &impl Random) -> Result<Self, Error> {
        let mut bytes = [0; AUTH_REQ_ID_BYTES];
        random.fill(&mut bytes).map_err(|error: RandomError| Error::Random(error))?;
        Ok(Self(base64url::encode(&bytes)))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Of a server that draws its own, with 128 bits at least.
impl FromStr for AuthReqId {
    type Err = InvalidAuthReqId;

    fn from_str(text: &str) -> Result<Self, InvalidAuthReqId> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let fits = (22..=64).contains(&text.len()) && text.chars().all(plain);
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidAuthReqId) }
    }
}

/// What a client is told when there is an answer (§10.2), in mode ping.
pub struct Ping {
    token: SecretText,
    auth_req_id: AuthReqId,
}

impl fmt::Debug for Ping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ping").field("auth_req_id", &self.auth_req_id).finish_non_exhaustive()
    }
}

impl Ping {
    /// The value of `Authorization`. It is the client's secret.
    #[must_use]
    pub fn authorization(&self) -> zeroize::Zeroizing<String> {
        zeroize::Zeroizing::new(format!("Bearer {}", self.token.expose()))
    }

    /// The body, JSON: it says that there is an answer, and not which.
    #[must_use]
    pub fn body(&self) -> String {
        format!("{{\"auth_req_id\":\"{}\"}}", self.auth_req_id.as_str())
    }
}

/// A backchannel authentication request that was read, of a client that the server has authenticated.
#[derive(Debug)]
pub struct BackchannelRequest {
    customer: CustomerId,
    details: StepUpDetails,
    binding_message: Option<ShortText>,
    requested_expiry: Option<Duration>,
    notification_token: Option<SecretText>,
}

/// The parameters that are looked at, each of which may stand once.
#[derive(Default)]
struct Parameters<'a> {
    scope: Option<&'a str>,
    login_hint: Option<&'a str>,
    authorization_details: Option<&'a str>,
    binding_message: Option<&'a str>,
    requested_expiry: Option<&'a str>,
    client_notification_token: Option<&'a str>,
}

impl<'a> Parameters<'a> {
    fn read(given: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, CibaError> {
        let mut of = Self::default();
        for (name, value) in given {
            let place = match name {
                "scope" => &mut of.scope,
                "login_hint" => &mut of.login_hint,
                "authorization_details" => &mut of.authorization_details,
                "binding_message" => &mut of.binding_message,
                "requested_expiry" => &mut of.requested_expiry,
                "client_notification_token" => &mut of.client_notification_token,
                "user_code" => return Err(CibaError::InvalidUserCode),
                // The server resolves them, and hands on what stands in them.
                "login_hint_token" | "id_token_hint" | "request" => {
                    return Err(CibaError::InvalidRequest);
                }
                // What is not understood is left alone (RFC 6749 §3.1).
                _ => continue,
            };
            if place.replace(value).is_some() {
                return Err(CibaError::InvalidRequest);
            }
        }
        Ok(of)
    }
}

impl BackchannelRequest {
    /// Reads the parameters, decoded from the form or from a signed request that the server has verified.
    ///
    /// `login_hint` is the customer's id: a server that knows customers otherwise hands on the id that it has found.
    ///
    /// # Errors
    ///
    /// [`CibaError`].
    pub fn read<'a>(
        parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
        mode: DeliveryMode,
    ) -> Result<Self, CibaError> {
        let of = Parameters::read(parameters)?;
        let scope = of.scope.ok_or(CibaError::InvalidRequest)?;
        if !scope.split(' ').any(|one| one == "openid") {
            return Err(CibaError::InvalidScope);
        }
        let hint = of.login_hint.ok_or(CibaError::InvalidRequest)?;
        let customer = CustomerId::new(hint).map_err(|_| CibaError::UnknownUserId)?;
        let notification_token = match (mode, of.client_notification_token) {
            (DeliveryMode::Ping, Some(token)) if is_notification_token(token) => {
                Some(SecretText::copy_of(token))
            }
            (DeliveryMode::Ping, _) => return Err(CibaError::InvalidRequest),
            // It is for nothing (§7.1).
            (DeliveryMode::Poll, _) => None,
        };
        let requested_expiry = of.requested_expiry.map(expiry).transpose()?;
        let binding_message = of.binding_message.map(shown).transpose()?;
        let details = of.authorization_details.ok_or(CibaError::InvalidAuthorizationDetails)?;
        let details = StepUpDetails::from_json(details)?;
        Ok(Self { customer, details, binding_message, requested_expiry, notification_token })
    }

    /// Who is to approve.
    #[must_use]
    pub const fn customer(&self) -> &CustomerId {
        &self.customer
    }

    /// What is to be approved.
    #[must_use]
    pub const fn details(&self) -> &StepUpDetails {
        &self.details
    }

    /// A text to show on the phone beside what is approved, if the client gave one. It is in no statement and proves
    /// nothing: it is never what is compared, and no number match.
    #[must_use]
    pub const fn binding_message(&self) -> Option<&ShortText> {
        self.binding_message.as_ref()
    }

    /// How long the client means to wait, if it says so.
    #[must_use]
    pub const fn requested_expiry(&self) -> Option<Duration> {
        self.requested_expiry
    }

    /// The step-up to ask for with [`StepUps::request`](crate::step_up::StepUps::request): one for each id, so that a
    /// request that is repeated with its id asks once.
    ///
    /// # Errors
    ///
    /// [`CibaError::InvalidRequest`] never, of an id that was drawn or read.
    pub fn step_up(&self, id: &AuthReqId) -> Result<(Interaction, StepUpRequest), CibaError> {
        let request = RequestId::new(format!("ciba.{}", id.as_str()))
            .map_err(|_| CibaError::InvalidRequest)?;
        let StepUpDetails { transaction, agent_name, .. } = self.details.clone();
        let interaction = self.details.interaction_with(self.customer.clone());
        Ok((interaction, StepUpRequest::new(request, transaction, agent_name)))
    }

    /// What to tell the client once there is an answer; `None` in mode poll.
    #[must_use]
    pub fn ping(&self, id: &AuthReqId) -> Option<Ping> {
        let token = SecretText::copy_of(self.notification_token.as_ref()?.expose());
        Some(Ping { token, auth_req_id: id.clone() })
    }
}

/// RFC 6750 §2.1, long enough not to be guessed.
fn is_notification_token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~' | '+' | '/');
    // Signs of equality at the end are no secret.
    body.len() >= MIN_NOTIFICATION_TOKEN
        && text.len() <= MAX_NOTIFICATION_TOKEN
        && body.chars().all(plain)
}

/// A positive number of seconds, in one spelling.
fn expiry(text: &str) -> Result<Duration, CibaError> {
    let seconds: u32 = text.parse().map_err(|_| CibaError::InvalidRequest)?;
    if seconds == 0 || seconds.to_string() != text {
        return Err(CibaError::InvalidRequest);
    }
    Ok(Duration::from_secs(seconds.into()))
}

/// A text that is shown as it is given.
fn shown(text: &str) -> Result<ShortText, CibaError> {
    let read = || {
        let message: ShortText = text.parse().ok()?;
        let fits = message.as_str() == text && text.chars().count() <= MAX_BINDING_MESSAGE;
        without_cards([&message]).ok()?;
        fits.then_some(message)
    };
    read().ok_or(CibaError::InvalidBindingMessage)
}
