//! Which credentials a customer has.

use crate::credential::state::CredentialState;
use crate::credential::view::Credential;
use crate::engine::Engine;
use crate::error::Error;
use crate::values::id::CustomerId;

/// All credentials of `customer`, ended ones included, as they stand.
pub(crate) async fn credentials_of(
    engine: &Engine,
    customer: &CustomerId,
) -> Result<Vec<Credential>, Error> {
    engine.all_of(customer, |state: CredentialState, cx| state.credential(cx)).await
}
