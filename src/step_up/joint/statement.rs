//! What each of several approvers approves besides the matter itself: in whose name, how many are needed, who else
//! is asked, and in which role they answer.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::codec::table::{kept_as_bytes, record};
use crate::crypto::pae;
use crate::token::base64url;
use crate::values::agent_safe::agent_safe;
use crate::values::id::{CustomerId, JointStepUpId};
use crate::values::secret::{deserialize_text, silent_serde};
use crate::values::text::ShortText;

/// Stands for all who are asked, with their roles, and for this one request. In text 43 characters of base64url.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ApproversDigest(pub(crate) [u8; 32]);

kept_as_bytes!(ApproversDigest);

/// A text is no digest of approvers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a digest of approvers has 43 characters of base64url")]
#[non_exhaustive]
pub struct InvalidApproversDigest;

impl fmt::Display for ApproversDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64url::encode(&self.0))
    }
}

impl fmt::Debug for ApproversDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApproversDigest({self})")
    }
}

impl FromStr for ApproversDigest {
    type Err = InvalidApproversDigest;

    fn from_str(text: &str) -> Result<Self, InvalidApproversDigest> {
        base64url::decode_array(text).map(Self).ok_or(InvalidApproversDigest)
    }
}

impl Serialize for ApproversDigest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ApproversDigest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "a digest of approvers", Self::from_str)
    }
}

/// What the token of one of several approvers says of the whole. The answer covers all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct JointData {
    /// Which joint step-up.
    pub joint: JointStepUpId,
    /// In whose name it is asked.
    pub principal: CustomerId,
    /// By which name the approver knows them.
    pub principal_name: ShortText,
    /// How many must approve.
    pub needed: u8,
    /// Of how many who are asked.
    pub of: u8,
    /// Who they are, with their roles.
    pub approvers: ApproversDigest,
    /// In which role this approver answers.
    pub role: ShortText,
}

silent_serde!(JointData: "what is asked of several approvers");

impl JointData {
    /// `statement`, approved as one of several. The form is fixed.
    pub(crate) fn over(&self, statement: [u8; 32]) -> [u8; 32] {
        pae::sha256(&[
            b"countersign joint statement v1",
            &statement,
            &self.joint.0,
            self.principal.as_str().as_bytes(),
            self.principal_name.as_str().as_bytes(),
            &[self.needed],
            &[self.of],
            &self.approvers.0,
            self.role.as_str().as_bytes(),
        ])
    }
}

record! {
    JointData {
        0 => joint,
        1 => principal,
        2 => principal_name,
        3 => needed,
        4 => of,
        5 => approvers,
        6 => role,
    }
}

agent_safe!(JointData, ApproversDigest, JointStepUpId);
