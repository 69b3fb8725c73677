//! The statement of the ground rules.

use super::Verifier;
use crate::error::{ConfigError, Error};
use crate::time::ClockError;
use crate::token::{Audience, Claims, GroundRulesData, TokenId};

impl Verifier {
    /// The ground rules as a signed statement for the apps of all customers
    /// ([`Device::open_ground_rules`](crate::Device::open_ground_rules)): what is
    /// [never asked for](Self::ground_rules), and on which channels the policy allows which act. It is
    /// valid from now for [`Policy::ground_rules_valid_for`](crate::Policy::ground_rules_valid_for); sign
    /// one from time to time and publish it.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoSigningKey`]; [`Error::Clock`], [`Error::Random`].
    pub fn ground_rules_token(&self) -> Result<String, Error> {
        let inner = &*self.0;
        let signing = inner.signing_key.as_ref().ok_or(ConfigError::NoSigningKey)?;
        let mut id = [0; 16];
        let now = inner.clock.now()?;
        inner.random.fill(&mut id)?;
        let claims = Claims::new(
            inner.issuer.clone(),
            Audience::everyone(),
            TokenId::from_bytes(id),
            now,
            inner.policy.ground_rules_valid_for,
            GroundRulesData::of(&inner.policy.channels),
        );
        let token = claims.and_then(|claims| signing.issue(&claims));
        // Its texts are bounded and the policy's time fits, but for a clock at the end of time.
        token.map_err(|_| ClockError::new().into())
    }
}
