//! How often customers are asked, and agents ask: counts against push bombing.

use super::Verifier;
use crate::ceremony::step_up::{Count, LimitState};
use crate::error::Error;
use crate::id::CustomerId;
use crate::pae;

/// One count: whose it is, what is counted, and the most of it.
pub(super) struct Limit<'a> {
    pub(super) whose: &'a str,
    pub(super) label: &'static [u8],
    pub(super) most: u8,
}

impl Verifier {
    /// Counts what is `asked` of `customer` against each of `limits`; the same again is not counted. `asked`
    /// is its id and all that it asks. Returns whether there may be another.
    pub(super) async fn count<const N: usize>(
        &self,
        customer: &CustomerId,
        asked: &[&[u8]],
        limits: [Limit<'_>; N],
    ) -> Result<bool, Error> {
        let inner = &*self.0;
        let issuer = inner.issuer.as_str().as_bytes();
        let asked = pae::first(&pae::sha256(asked));
        for Limit { whose, label, most } in limits {
            let count = inner.keyring.locate(&[label, issuer, whose.as_bytes()]);
            let mut of = self.of::<LimitState>(customer, count);
            // An agent's count stands under no customer.
            of.place.owner = inner.keyring.locate(&[b"countersign step-up limits v1", issuer]);
            match self.drive(&of, &Count { asked, most }).await {
                Ok(()) => {}
                Err(Error::Refused(_)) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}
