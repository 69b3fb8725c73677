//! What goes wrong, by the names that clients know.

use serde::{Serialize, Serializer};

/// Why a backchannel authentication request is refused, or has no tokens (yet): the value of `error`. It repeats nothing of
/// the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum CibaError {
    /// A parameter is missing, doubled or malformed (CIBA Core 1.0 §13).
    #[error("a parameter is missing, doubled or malformed")]
    InvalidRequest,
    /// There is no `openid` in the scope (§13).
    #[error("the scope must have openid")]
    InvalidScope,
    /// The hint names nobody (§13).
    #[error("the hint names no customer")]
    UnknownUserId,
    /// The client may not have its answers delivered so: tokens are not pushed (§13).
    #[error("tokens are not pushed: register for poll or ping")]
    UnauthorizedClient,
    /// A code of the user's was given. None is ever typed at a client (§13).
    #[error("no code of the user's is taken here")]
    InvalidUserCode,
    /// The binding message cannot be shown (§13).
    #[error("the binding message has 1 to 64 plain characters and no card number")]
    InvalidBindingMessage,
    /// Not exactly one detail of our type, with exactly its members (RFC 9396 §5).
    #[error(
        "expected one authorisation detail of the type that is known here, with its members alone"
    )]
    InvalidAuthorizationDetails,
    /// The customer has not answered yet (§11).
    #[error("the customer has not answered yet")]
    AuthorizationPending,
    /// The client polls too often: five seconds are added to its interval (§11).
    #[error("polled too soon")]
    SlowDown,
    /// The time ran out (§11).
    #[error("the time ran out")]
    ExpiredToken,
    /// The customer declined, or cannot approve (§11, §13).
    #[error("the customer did not approve")]
    AccessDenied,
}

impl CibaError {
    /// The value of `error`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidScope => "invalid_scope",
            Self::UnknownUserId => "unknown_user_id",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::InvalidUserCode => "invalid_user_code",
            Self::InvalidBindingMessage => "invalid_binding_message",
            Self::InvalidAuthorizationDetails => "invalid_authorization_details",
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::ExpiredToken => "expired_token",
            Self::AccessDenied => "access_denied",
        }
    }
}

impl Serialize for CibaError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}
