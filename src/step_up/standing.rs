//! What has become of the credential that approved a step-up, and of the customer's floor.

use crate::credential::held::held;
use crate::credential::view::CredentialStatus;
use crate::customer::anchor::has_had_key;
use crate::engine::Engine;
use crate::error::Error;
use crate::step_up::rules::Standing;
use crate::step_up::state::Terms;
use crate::values::id::CustomerId;

/// Whether the credential that was asked has been revoked, because a phone was stolen, say, or is not
/// there any more, though another has its id. A lock is no revocation. Or whether what was approved is reserved for
/// those who have a key, and the customer has one by now.
pub(crate) async fn standing(
    engine: &Engine,
    customer: &CustomerId,
    terms: &Terms,
) -> Result<Standing, Error> {
    let revoked = held(engine, customer, terms.credential).await?.is_none_or(|held| {
        // A disabled one has no key any more.
        let another = held.shown.key.is_some() && held.shown.key != terms.key;
        let signer = held.state.public_key;
        held.shown.status == CredentialStatus::Revoked || another || signer != terms.signer
    });
    if revoked {
        return Ok(Standing::Revoked);
    }
    // Whoever was asked before they had a key may have one by now, and the policy may have been another.
    let reserved = &engine.policy.step_ups.reserved;
    let depends = !terms.method.signs() && reserved.depends_on_floor(&terms.what);
    Ok(match depends && has_had_key(engine, customer).await? {
        true => Standing::BelowFloor,
        false => Standing::Stands,
    })
}
