//! Which credentials a customer has, and what the enterprise says with them.

use crate::credential::method::Method;
use crate::credential::state::CredentialState;
use crate::credential::view::{Credential, CredentialStatus};
use crate::engine::Engine;
use crate::engine::page::Live;
use crate::error::Error;
use crate::otp::subkeys::{Subkeys, Use};
use crate::values::id::{CredentialId, CustomerId};
use crate::values::secret::{SecretBytes, leaving_no_trace};

/// The credentials of `customer` that have not ended, and imported ones that have, as they stand.
pub(crate) async fn credentials_of(
    engine: &Engine,
    customer: &CustomerId,
) -> Result<Live<Credential>, Error> {
    engine.live(customer, |state: CredentialState, cx| state.credential(cx)).await
}

/// A credential as it stands now.
pub(crate) struct Held {
    pub(crate) state: CredentialState,
    pub(crate) shown: Credential,
}

/// The credential `id` of `customer`, looked at for another ceremony.
pub(crate) async fn held(
    engine: &Engine,
    customer: &CustomerId,
    id: CredentialId,
) -> Result<Option<Held>, Error> {
    let found = engine.read_for::<CredentialState>(customer, id.0).await?;
    Ok(found.map(|(found, clock)| {
        let shown = found.body.state.credential(&engine.context(&found, id.0, clock));
        Held { state: found.body.state, shown }
    }))
}

impl Credential {
    /// Whether the enterprise proves itself with it: the customer's app holds the other half. Failures in a
    /// row lock what the customer types, not what the enterprise says.
    pub(crate) const fn proves_enterprise(&self) -> bool {
        let usable = matches!(self.status, CredentialStatus::Active | CredentialStatus::Locked);
        matches!(self.method, Method::Ocra | Method::DeviceKey) && !self.imported && usable
    }
}

impl Held {
    /// The key for what the enterprise says, if it has one.
    pub(crate) fn key(&self, of: Use) -> Option<SecretBytes> {
        let seed = self.state.seed.as_ref().filter(|_| self.shown.proves_enterprise())?;
        // The next future is made where it was computed.
        leaving_no_trace(|| Subkeys::of(seed).get(of))
    }
}
