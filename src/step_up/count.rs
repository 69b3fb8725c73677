//! How often customers are asked, and agents ask: counts against push bombing.

use crate::crypto::pae;
use crate::engine::Engine;
use crate::error::Error;
use crate::step_up::limit::{Count, LimitState};
use crate::values::id::CustomerId;

/// One count: whose it is, what is counted, and the most of it.
pub(crate) struct Limit<'a> {
    pub(crate) whose: &'a str,
    pub(crate) label: &'static [u8],
    pub(crate) most: u8,
}

impl Engine {
    /// Counts what is `asked` of `customer` against each of `limits`; the same again is not counted. `asked`
    /// is its id and all that it asks. Returns whether there may be another.
    pub(crate) async fn count<const N: usize>(
        &self,
        customer: &CustomerId,
        asked: &[&[u8]],
        limits: [Limit<'_>; N],
    ) -> Result<bool, Error> {
        let issuer = self.issuer.as_str().as_bytes();
        let asked = pae::first(&pae::sha256(asked));
        for Limit { whose, label, most } in limits {
            let count = self.keyring.locate(&[label, issuer, whose.as_bytes()]);
            let mut of = self.of::<LimitState>(customer, count);
            // An agent's count stands under no customer.
            [of.place.lane, ..] = count;
            of.place.owner = self.keyring.locate(&[b"countersign step-up limits v1", issuer]);
            match self.run(&of, &Count { asked, most }).await {
                Ok(()) => {}
                Err(Error::Refused(_)) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}
