//! Client data (§5.8.1): what the browser or platform says it was asked for, and by whom.

use serde::Deserialize;
use std::borrow::Cow;

use crate::token::{base64url, strict_json};
use crate::webauthn::MAX_CLIENT_DATA;

/// What the authenticator was asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ceremony {
    Create,
    Get,
}

impl Ceremony {
    const fn name(self) -> &'static str {
        match self {
            Self::Create => "webauthn.create",
            Self::Get => "webauthn.get",
        }
    }
}

/// What stands in the client data, read as JSON with one reading: platforms' own apps leave out what browsers write,
/// and browsers may add more.
#[derive(Debug, Deserialize)]
pub(crate) struct ClientData<'a> {
    #[serde(borrow, rename = "type")]
    ceremony: Cow<'a, str>,
    #[serde(borrow)]
    challenge: Cow<'a, str>,
    #[serde(borrow)]
    origin: Cow<'a, str>,
    #[serde(default, rename = "crossOrigin")]
    cross_origin: bool,
    #[serde(borrow, default, rename = "topOrigin")]
    top_origin: Option<Cow<'a, str>>,
}

impl<'a> ClientData<'a> {
    pub(crate) fn read(json: &'a [u8]) -> Option<Self> {
        if json.len() > MAX_CLIENT_DATA {
            return None;
        }
        strict_json::from_slice(json)
    }

    /// Whether this is `ceremony` for this challenge at one of these origins, and not within a page of another one:
    /// the customer would not see where they approve.
    pub(crate) fn is_of(&self, ceremony: Ceremony, challenge: &[u8], origins: &[String]) -> bool {
        self.ceremony == ceremony.name()
            && self.challenge == base64url::encode(challenge)
            && origins.iter().any(|origin| *origin == self.origin)
            && !self.cross_origin
            && self.top_origin.is_none()
    }
}
