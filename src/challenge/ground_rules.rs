//! The statement of the ground rules.

use crate::challenge::ground_rules_token::GroundRulesData;
use crate::engine::enterprise::Enterprise;
use crate::error::Error;
use crate::token::{Audience, TokenId};

/// The statement, signed now.
pub(crate) async fn ground_rules_token(enterprise: &Enterprise) -> Result<String, Error> {
    let signing = enterprise.signing()?;
    let mut id = [0; 16];
    let now = enterprise.clock.now()?;
    enterprise.random.fill(&mut id)?;
    let valid_for = enterprise.policy.ground_rules_valid_for;
    let data = GroundRulesData::of(&enterprise.policy.channels);
    let (audience, id) = (Audience::everyone(), TokenId::from_bytes(id));
    enterprise.sign(signing, audience, id, now, valid_for, data).await
}
