//! What a passkey's answer must say.

use serde::{Deserialize, Serialize};

use crate::error::ConfigError;
use crate::webauthn::Expected;

/// The most origins, and the longest of them and of an RP id, in characters.
const MOST: usize = 32;
const LONGEST: usize = 253;

/// The rules of passkeys (WebAuthn Level 3). Without a relying party none is enrolled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct PasskeyPolicy {
    /// The relying party's id, a domain such as `approve.bank.example`. Use one that is never logged in to: what a
    /// login page has signed is a challenge of its own choice, and would be an approval.
    pub rp_id: String,
    /// Where customers approve: origins such as `https://approve.bank.example`, and those of the enterprise's own
    /// apps (`android:apk-key-hash:…`). Compared to the letter. A page within another one is none of them.
    pub origins: Vec<String>,
    /// When the authenticator must have verified the user, by a PIN or the body (WebAuthn Level 3, section 7.2); by default
    /// always. Without that, whoever finds the phone or the security key approves.
    pub user_verification: UserVerification,
    /// Whether an answer is refused whose counter does not go up, which means that there are two of the authenticator;
    /// by default that is told alone ([`Action::WarnOfClone`](crate::history::Action::WarnOfClone)). A counter that
    /// stays at 0 counts nothing.
    pub refuse_clones: bool,
}

/// When a passkey's authenticator must have verified the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum UserVerification {
    /// Each time.
    #[default]
    Always,
    /// Unless the credential was enrolled
    /// [`with_code`](crate::credential::EnrolmentRequest::with_code): the PIN's code comes with each of its answers, both or
    /// nothing, and is the second factor then. For security keys that are only touched.
    UnlessWithCode,
}

impl Default for PasskeyPolicy {
    fn default() -> Self {
        let (rp_id, origins) = (String::new(), Vec::new());
        let user_verification = UserVerification::default();
        Self { rp_id, origins, user_verification, refuse_clones: false }
    }
}

impl PasskeyPolicy {
    /// Whether passkeys may be enrolled at all.
    pub(crate) const fn has_relying_party(&self) -> bool {
        !self.rp_id.is_empty()
    }

    /// What is expected of an answer to this challenge, by a credential whose answers come with the PIN's code or do not.
    pub(crate) fn expected<'a>(&'a self, challenge: &'a [u8], with_code: bool) -> Expected<'a> {
        let user_verification = match self.user_verification {
            UserVerification::Always => true,
            UserVerification::UnlessWithCode => !with_code,
        };
        Expected { rp_id: &self.rp_id, origins: &self.origins, challenge, user_verification }
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let is_plain = |text: &String| {
            !text.is_empty() && text.len() <= LONGEST && text.chars().all(|c| c.is_ascii_graphic())
        };
        let none = !self.has_relying_party() && self.origins.is_empty();
        let some = is_plain(&self.rp_id)
            && !self.rp_id.contains(['/', ':'])
            && (1..=MOST).contains(&self.origins.len())
            && self.origins.iter().all(is_plain);
        if none || some { Ok(()) } else { Err(ConfigError::Passkeys) }
    }
}
