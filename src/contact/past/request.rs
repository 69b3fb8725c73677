//! What the customer's key is asked before past contacts are told, and its answer.

use core::fmt;

use serde::Serialize;

use crate::contact::token::status::StatusNonce;
use crate::credential::method::Method;
use crate::otp::ocra::Response;
use crate::signature::key::KeyFingerprint;
use crate::step_up::answer::SignedAnswer;
use crate::step_up::request::Duress;
use crate::values::id::CredentialId;
use crate::values::secret::reads_request;

/// What the enterprise drew for the customer's key to answer: send it to the app, which makes a
/// [`LastContactQuestion`](crate::device::LastContactQuestion) of it. It is no secret.
///
/// ```json
/// {"credential":"…","method":"device_key","key":"…","challenge":"…"}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use]
pub struct LastContactChallenge {
    pub(crate) credential: CredentialId,
    pub(crate) method: Method,
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub(crate) with_code: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<KeyFingerprint>,
    pub(crate) challenge: StatusNonce,
}

reads_request! {
    LastContactChallenge: "a challenge for the customer's key", {
        credential: CredentialId,
        method: Method,
        #[serde(default)] with_code: bool,
        #[serde(default)] key: Option<KeyFingerprint>,
        challenge: StatusNonce,
    } => |of| LastContactChallenge {
        credential: of.credential,
        method: of.method,
        with_code: of.with_code,
        key: of.key,
        challenge: of.challenge,
    }
}

impl LastContactChallenge {
    /// Which of the customer's credentials is to answer.
    #[must_use]
    pub const fn credential(&self) -> CredentialId {
        self.credential
    }
}

/// What the customer's key says to a [`LastContactChallenge`]: a signature, the PIN's code, or both. The app's
/// [`LastContactQuestion`](crate::device::LastContactQuestion) makes it; a back end puts it together from what an app in
/// another language sent.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct LastContactProof {
    pub(crate) credential: CredentialId,
    pub(crate) query: StatusNonce,
    pub(crate) code: Option<Response>,
    pub(crate) signed: Option<SignedAnswer>,
}

impl LastContactProof {
    /// Nothing yet. `query` is what the app drew for its question.
    pub const fn new(credential: CredentialId, query: StatusNonce) -> Self {
        Self { credential, query, code: None, signed: None }
    }

    /// With this code of the PIN's.
    pub fn with_code(self, code: Response) -> Self {
        Self { code: Some(code), ..self }
    }

    /// With this signature.
    pub fn signed(self, signed: SignedAnswer) -> Self {
        Self { signed: Some(signed), ..self }
    }

    /// Which credential answers.
    #[must_use]
    pub const fn credential(&self) -> CredentialId {
        self.credential
    }

    /// What the app drew: it is sent beside the answer.
    #[must_use]
    pub const fn query(&self) -> StatusNonce {
        self.query
    }

    /// The PIN's code, if there is one, for the app to send.
    #[must_use]
    pub const fn code(&self) -> Option<&Response> {
        self.code.as_ref()
    }
}

/// The answer to a customer's key. It tells a stranger whom the enterprise called, and has no `Debug` of its content.
pub struct LastContactAnswer {
    pub(crate) token: String,
    pub(crate) duress: Duress,
}

impl LastContactAnswer {
    /// The token, for [`Device::open_last_contact`](crate::Device::open_last_contact).
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The customer answered under coercion: with the PIN for that, or a credential that was bound so. The token is the
    /// same; tell nobody but those who help.
    #[must_use]
    pub const fn duress(&self) -> bool {
        self.duress.0
    }
}

impl fmt::Debug for LastContactAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LastContactAnswer").finish_non_exhaustive()
    }
}
