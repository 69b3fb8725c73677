//! Sessions: one for each role, each with a cookie of its own that reaches its own endpoints alone.
//!
//! YOURS: who a person is, your sign-in says. Here a visit stands for it: whoever opens the page is Alice on one pane and
//! her bank's agent on another.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// Who may call an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The stand-in for a sign-in: it opens the sessions of the other roles, and nothing else.
    Visit,
    /// The customer's phone.
    Phone,
    /// The agent's desktop.
    Desktop,
    /// The operator who looks at records, histories and the outbox.
    Behind,
    /// Mallory and Eve, who have telephones and no access to the bank.
    Impostor,
}

impl Role {
    pub const ALL: [Self; 5] =
        [Self::Visit, Self::Phone, Self::Desktop, Self::Behind, Self::Impostor];

    /// The first part of the paths of this role's endpoints.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Visit => "/visit",
            Self::Phone => "/phone",
            Self::Desktop => "/desktop",
            Self::Behind => "/behind",
            Self::Impostor => "/impostor",
        }
    }

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Visit => "visit",
            Self::Phone => "phone",
            Self::Desktop => "desktop",
            Self::Behind => "behind",
            Self::Impostor => "impostor",
        }
    }

    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// What a cookie says: which room, and the secret that opens one role's door of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    pub room: String,
    pub secret: String,
}

impl Ticket {
    /// The value of the cookie.
    #[must_use]
    pub fn cookie(&self) -> String {
        format!("{}.{}", self.room, self.secret)
    }

    /// What is kept of the secret: whoever reads the database cannot sign in with that.
    #[must_use]
    pub fn door(&self, role: Role) -> String {
        Base64UrlUnpadded::encode_string(&mac(self.secret.as_bytes(), "door", role.name()))
    }

    /// What a page of this session sends with each change. Another site cannot read it, so it cannot send it.
    #[must_use]
    pub fn csrf(&self, role: Role) -> String {
        Base64UrlUnpadded::encode_string(&mac(self.secret.as_bytes(), "csrf", role.name()))
    }

    /// The ticket in the cookies of a request.
    #[must_use]
    pub fn of(headers: &HeaderMap, role: Role) -> Option<Self> {
        let all = headers.get_all(COOKIE).into_iter().filter_map(|line| line.to_str().ok());
        let mut pairs =
            all.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.find(|(name, _)| name.trim() == role.name())?;
        let (room, secret) = value.trim().split_once('.')?;
        Some(Self { room: room.to_owned(), secret: secret.to_owned() })
    }

    /// The header that sets the cookie: not for scripts, not for other sites, and for this role's paths alone. Over HTTPS
    /// it is `Secure` too; this service speaks to its own machine, without TLS.
    #[must_use]
    pub fn set_cookie(&self, role: Role) -> String {
        let (name, value, path) = (role.name(), self.cookie(), role.path());
        format!("{name}={value}; Path={path}; HttpOnly; SameSite=Strict; Max-Age=86400")
    }
}

/// HMAC-SHA256 over parts that hold no zero byte.
#[must_use]
pub fn mac(key: &[u8], what: &str, of: &str) -> Vec<u8> {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(what.as_bytes());
    mac.update(&[0]);
    mac.update(of.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Whether two texts are the same, in a time that does not depend on where they differ.
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
    let differ = one.bytes().zip(other.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b));
    one.len() == other.len() && differ == 0
}
