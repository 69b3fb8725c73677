//! The statement of the ground rules.

use super::Verifier;
use crate::error::Error;
use crate::token::{Audience, GroundRulesData, TokenId};

impl Verifier {
    /// The ground rules as a signed statement for the apps of all customers
    /// ([`Device::open_ground_rules`](crate::Device::open_ground_rules)): what is
    /// [never asked for](Self::ground_rules), and on which channels the policy allows which act. It is
    /// valid from now for [`Policy::ground_rules_valid_for`](crate::Policy::ground_rules_valid_for); sign
    /// one from time to time and publish it.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoSigningKey`](crate::ConfigError::NoSigningKey); [`Error::Clock`], [`Error::Random`],
    /// [`Error::Internal`].
    pub fn ground_rules_token(&self) -> Result<String, Error> {
        let inner = &*self.0;
        let signing = self.signing_key()?;
        let mut id = [0; 16];
        let now = inner.clock.now()?;
        inner.random.fill(&mut id)?;
        let valid_for = inner.policy.ground_rules_valid_for;
        let data = GroundRulesData::of(&inner.policy.channels);
        inner.sign(signing, Audience::everyone(), TokenId::from_bytes(id), now, valid_for, data)
    }
}
