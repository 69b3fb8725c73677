//! What a history receipt says: how far a ceremony's history had come when it was given.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::credential::bound::{AttestationVerdict, BoundBy};
use crate::credential::view::Credential;
use crate::history::ceremony::CeremonyHistory;
use crate::history::event::{ChainHead, Subject};
use crate::signature::key::KeyFingerprint;
use crate::token::{Purpose, TokenData};
use crate::values::secret::silent_serde;

/// The longest validity of a history receipt: 20 years, more than any policy keeps a record.
pub const MAX_HISTORY_HEAD_LIFETIME: Duration = Duration::from_secs(20 * 366 * 24 * 3600);

/// The head of one ceremony's history: what stands in the claim `data` of a receipt.
///
/// ```json
/// {"subject":{"callback":"…"},"events":3,"refusals":0,"head":"…"}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct HistoryHeadData {
    /// Which ceremony.
    pub subject: Subject,
    /// How many events its history had.
    pub events: u32,
    /// How many attempts had been refused.
    pub refusals: u32,
    /// The head of its hash chain.
    pub head: ChainHead,
    /// How often what there must be of the customer had changed: credentials bound and revoked, an erasure. It never
    /// goes down, unless somebody put the customer's anchor back. Receipts of before do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<u32>,
    /// Of a credential that signs, and of a step-up that it is to sign: what names its public key. The customer's app
    /// compares it with its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyFingerprint>,
    /// On whose word that credential was bound. By a shared secret or the session alone, the enterprise could have bound
    /// it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound_by: Option<BoundBy>,
    /// What the host found the platform's attestation of the key to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attested: Option<AttestationVerdict>,
}

silent_serde!(HistoryHeadData: "the head of a history");

impl HistoryHeadData {
    /// The head of `history` as it stands.
    #[must_use]
    pub fn of(history: &CeremonyHistory) -> Self {
        Self {
            subject: history.subject,
            events: history.len(),
            refusals: history.refusals,
            head: history.head,
            standing: None,
            key: None,
            bound_by: None,
            attested: None,
        }
    }

    /// Whether `history` leads to this head, and no further.
    pub(crate) fn is_of(&self, history: &CeremonyHistory) -> bool {
        let of = Self::of(history);
        (self.subject, self.events, self.refusals, self.head)
            == (of.subject, of.events, of.refusals, of.head)
    }

    /// The same, with how the credential stands that it is about.
    #[must_use]
    pub(crate) const fn with_credential(mut self, of: &Credential) -> Self {
        (self.key, self.attested) = (of.key_fingerprint, of.attested);
        // Of the others anybody may be the maker, however they were bound.
        self.bound_by = if of.key_fingerprint.is_some() { of.bound_by } else { None };
        self
    }

    /// The same, with how often what there must be of the customer had changed.
    #[must_use]
    pub(crate) const fn with_standing(mut self, changes: u32) -> Self {
        self.standing = Some(changes);
        self
    }
}

impl TokenData for HistoryHeadData {
    const PURPOSE: Purpose = Purpose::HistoryHead;
    const MAX_LIFETIME: Duration = MAX_HISTORY_HEAD_LIFETIME;
}
