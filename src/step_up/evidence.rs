//! What is known of one approval, for a dispute: asked, shown, answered, typed, signed, and how the key was bound. Its
//! form in text has one spelling, so that whatever is changed of it is another text.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::credential::bound::{AttestationVerdict, BoundBy};
use crate::credential::method::Method;
use crate::crypto::digest::sha256;
use crate::history::ceremony::CeremonyHistory;
use crate::signature::key::CredentialPublicKey;
use crate::signature::signed::Signature;
use crate::step_up::answer::{SignedAnswer, SignedBy};
use crate::token::{Purpose, TokenData, base64url, strict_json};
use crate::values::action::ring_back::RingBack;
use crate::values::id::{AgentId, CredentialId};
use crate::values::secret::silent_serde;
use crate::values::text::ShortText;
use crate::values::time::Timestamp;
use crate::webauthn::assertion::PasskeyAssertion;

/// The longest evidence that is read, in bytes: two histories of 256 events are less.
const MAX_EVIDENCE: usize = 1024 * 1024;

/// The form of evidence that is written and read here.
const VERSION: u8 = 1;

/// What is known of one approval, to be kept and shown in a dispute:
/// [`StepUps::evidence`](crate::step_up::StepUps::evidence) exports it, [`EvidenceCheck`](crate::step_up::EvidenceCheck)
/// verifies it with public keys alone. Until then nothing in it is proven.
///
/// It holds no seed, code or PIN, and not whether the customer was under coercion. The customer's data are in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The enterprise's token over the digest of the rest.
    pub(crate) seal: String,
    pub(crate) body: Body,
}

/// The longest validity of a seal on evidence: 20 years.
pub const MAX_EVIDENCE_LIFETIME: Duration = Duration::from_secs(20 * 366 * 24 * 3600);

/// The enterprise's seal on evidence: what stands in the claim `data` of its token. It is the enterprise's word for all
/// that no key of the customer's has signed.
///
/// ```json
/// {"digest":"…"}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct EvidenceData {
    /// SHA-256 of the evidence's `body` as it is spelt, in base64url.
    pub digest: String,
}

silent_serde!(EvidenceData: "the digest of evidence");

impl EvidenceData {
    pub(crate) fn of(body: &Body) -> Option<Self> {
        let digest = sha256(serde_json::to_vec(body).ok()?);
        Some(Self { digest: base64url::encode(&digest) })
    }
}

impl TokenData for EvidenceData {
    const PURPOSE: Purpose = Purpose::Evidence;
    const MAX_LIFETIME: Duration = MAX_EVIDENCE_LIFETIME;
}

/// The text is no evidence of a form that is known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected evidence of version 1, as it was exported, to the letter")]
#[non_exhaustive]
pub struct InvalidEvidence;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Body {
    /// The token of what was asked, which the app showed.
    pub(crate) asked: String,
    /// The members of the statement in their places, what was answered and typed among them.
    pub(crate) statement: Vec<Bytes>,
    pub(crate) agent: AgentId,
    /// To whom the conversation went over since, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) handed_over_to: Option<AgentId>,
    /// What was known of the number that the enterprise rang back, if somebody looked it up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ring_back: Option<RungBack>,
    pub(crate) method: Method,
    /// When the approval came, and when it was redeemed.
    pub(crate) approved: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) redeemed: Option<Timestamp>,
    /// What a key signed, and the key; neither if the method shares a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) signed: Option<Signed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<Bytes>,
    /// How the credential was bound, if its record is still there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bound: Option<BoundEvent>,
    /// The step-up's history and the credential's, each with a receipt.
    pub(crate) histories: Vec<Receipted>,
}

/// The signature, in the form in which it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Signed {
    DeviceKey { signature: Bytes },
    Passkey { id: Bytes, client_data: Bytes, authenticator_data: Bytes, signature: Bytes },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BoundEvent {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<BoundBy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) approved_by: Option<CredentialId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<Timestamp>,
    /// What the key was asked to sign, and signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) nonce: Option<Bytes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) signature: Option<Bytes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) attested: Option<AttestationVerdict>,
}

/// What was known of the number that the enterprise rang back. Here it is read from text: it is sealed evidence, by which
/// nothing is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RungBack {
    pub(crate) unchanged_since: Timestamp,
    pub(crate) checked_at: Timestamp,
    pub(crate) source: ShortText,
}

impl From<&RingBack> for RungBack {
    fn from(of: &RingBack) -> Self {
        let RingBack { unchanged_since, checked_at, source } = of.clone();
        Self { unchanged_since, checked_at, source }
    }
}

impl From<RungBack> for RingBack {
    fn from(of: RungBack) -> Self {
        let RungBack { unchanged_since, checked_at, source } = of;
        Self::on_file(unchanged_since, checked_at, source)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Receipted {
    pub(crate) history: CeremonyHistory,
    pub(crate) receipt: String,
}

/// Bytes, in base64url.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Bytes(String);

impl Bytes {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(base64url::encode(bytes))
    }

    pub(crate) fn read(&self) -> Option<Vec<u8>> {
        let mut bytes = vec![0; self.0.len()];
        let length = base64url::decode(&self.0, &mut bytes)?.len();
        bytes.truncate(length);
        Some(bytes)
    }

    pub(crate) fn read_array<const N: usize>(&self) -> Option<[u8; N]> {
        base64url::decode_array(&self.0)
    }
}

impl Signed {
    pub(crate) fn of(answer: &SignedAnswer) -> Self {
        match &answer.0 {
            SignedBy::DeviceKey(signature) => {
                Self::DeviceKey { signature: Bytes::of(signature.as_bytes()) }
            }
            SignedBy::Passkey(assertion) => {
                let [id, client_data, authenticator_data, signature] =
                    assertion.parts().map(Bytes::of);
                Self::Passkey { id, client_data, authenticator_data, signature }
            }
        }
    }

    pub(crate) fn read(&self) -> Option<SignedAnswer> {
        Some(match self {
            Self::DeviceKey { signature } => {
                SignedAnswer::by_device_key(Signature(signature.read_array()?))
            }
            Self::Passkey { id, client_data, authenticator_data, signature } => {
                let [id, client_data, data, signature] =
                    [id, client_data, authenticator_data, signature].map(Bytes::read);
                let assertion =
                    PasskeyAssertion::new(&id?, &client_data?, &data?, &signature?).ok()?;
                SignedAnswer::by_passkey(assertion)
            }
        })
    }
}

impl Body {
    pub(crate) fn key(&self) -> Option<CredentialPublicKey> {
        CredentialPublicKey::from_cose(&self.key.as_ref()?.read()?).ok()
    }
}

#[derive(Serialize)]
struct Written<'a> {
    evidence: u8,
    seal: &'a str,
    body: &'a Body,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    evidence: u8,
    seal: String,
    body: Body,
}

impl Evidence {
    /// As JSON, in its one spelling: to be kept as it is.
    ///
    /// # Errors
    ///
    /// [`InvalidEvidence`] never, of what was exported or read.
    pub fn to_json(&self) -> Result<String, InvalidEvidence> {
        let written = Written { evidence: VERSION, seal: &self.seal, body: &self.body };
        serde_json::to_string(&written).map_err(|_| InvalidEvidence)
    }

    /// Reads what [`to_json`](Self::to_json) wrote. Nothing is proven of it yet.
    ///
    /// # Errors
    ///
    /// [`InvalidEvidence`] of any other text, one with another space or order among them.
    pub fn from_json(json: &str) -> Result<Self, InvalidEvidence> {
        let read = || {
            let json = Some(json).filter(|json| json.len() <= MAX_EVIDENCE)?;
            let Read { evidence, seal, body } = strict_json::from_slice(json.as_bytes())?;
            (evidence == VERSION).then_some(Self { seal, body })
        };
        let evidence = read().ok_or(InvalidEvidence)?;
        if evidence.to_json()? == json { Ok(evidence) } else { Err(InvalidEvidence) }
    }
}
