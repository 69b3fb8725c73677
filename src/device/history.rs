//! Whether the history that the enterprise shows is the one that a receipt speaks of, grown.

use crate::device::Device;
use crate::history::ceremony::CeremonyHistory;
use crate::history::token::HistoryHeadData;
use crate::token::{Audience, Rejection, UntrustedToken};
use crate::values::time::Timestamp;

/// Why a history is not the one that the receipt speaks of, grown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryProblem {
    /// The receipt is not a token that the enterprise gave this customer.
    #[error("this receipt was not given to this customer by the enterprise")]
    NotGenuine,
    /// The receipt is signed with a key that the app does not trust (yet).
    #[error("this receipt is signed with a key that is not trusted; fetch the public keys again")]
    UnknownKey,
    /// The receipt is genuine, but from the future: one of the two clocks is wrong.
    #[error("this receipt is from the future; set this device's clock")]
    NotYetValid,
    /// The receipt has expired: the enterprise no longer has to keep that history.
    #[error("this receipt has expired; the enterprise need not keep that history any longer")]
    Expired,
    /// The history of the receipt's ceremony is not among those shown.
    #[error("the history that this receipt speaks of is missing")]
    Missing,
    /// The events shown do not lead to the head shown.
    #[error("the history shown is not whole")]
    Broken,
    /// The history shown does not contain the one of the receipt: events were taken back or changed.
    #[error("the history was shortened or changed since this receipt was given")]
    Rewritten,
    /// What the enterprise knows of the customer's credentials was put back to an older state since.
    #[error(
        "what the enterprise knows of this customer's credentials was put back to an older state"
    )]
    PutBack,
    /// The receipt is from before the events that are still listed, so it cannot be compared with them.
    /// A receipt that is renewed whenever a history is shown does not get so old.
    #[error("this receipt is older than the events that the history still lists")]
    TooOld,
}

impl Device {
    /// Checks that since `receipt` was given, the history it speaks of only grew.
    ///
    /// `histories` are what the enterprise shows now ([`Verifier::history`](crate::Verifier::history),
    /// all its pages). An app that keeps a receipt of each ceremony
    /// ([`Verifier::history_receipt`](crate::Verifier::history_receipt)) so notices when a record was
    /// put back to an older state or deleted, which the enterprise cannot see by itself.
    ///
    /// A newer receipt must not simply take the older one's place: after a rollback it would vouch for
    /// what came then. [`renew_receipt`](Self::renew_receipt) says when it may.
    ///
    /// Returns how many events there are more.
    ///
    /// # Errors
    ///
    /// [`HistoryProblem`] says what is wrong.
    pub fn check_history(
        &self,
        receipt: &str,
        histories: &[CeremonyHistory],
        now: Timestamp,
    ) -> Result<u32, HistoryProblem> {
        self.grown_since(&self.head_of(receipt, now)?, histories)
    }

    /// Checks that the app may keep the receipt `new` in place of `old`: both are genuine, speak of
    /// the same ceremony, and the history shown contains both.
    ///
    /// Returns how many events there are since `old`.
    ///
    /// # Errors
    ///
    /// [`HistoryProblem`] says what is wrong; keep `old` then, it is the evidence.
    pub fn renew_receipt(
        &self,
        old: &str,
        new: &str,
        histories: &[CeremonyHistory],
        now: Timestamp,
    ) -> Result<u32, HistoryProblem> {
        let (old, new) = (self.head_of(old, now)?, self.head_of(new, now)?);
        if new.subject != old.subject {
            return Err(HistoryProblem::Missing);
        }
        if new.events < old.events {
            return Err(HistoryProblem::Rewritten);
        }
        // One that was given by an older release does not say.
        if let (Some(new), Some(old)) = (new.standing, old.standing)
            && new < old
        {
            return Err(HistoryProblem::PutBack);
        }
        let grown = self.grown_since(&old, histories)?;
        self.grown_since(&new, histories)?;
        Ok(grown)
    }

    /// How often what there must be of this customer had changed when `receipt` was given: credentials bound and
    /// revoked, an erasure. An app that keeps the highest number it has seen notices, by a newer receipt with a lower
    /// one, that the enterprise's store was put back. `None` if the receipt does not say.
    ///
    /// # Errors
    ///
    /// [`HistoryProblem`] if the receipt is not genuine, or not valid now.
    pub fn standing_of(
        &self,
        receipt: &str,
        now: Timestamp,
    ) -> Result<Option<u32>, HistoryProblem> {
        Ok(self.head_of(receipt, now)?.standing)
    }

    fn head_of(&self, receipt: &str, now: Timestamp) -> Result<HistoryHeadData, HistoryProblem> {
        let audience = Audience::from(&self.customer);
        UntrustedToken::parse(receipt)
            .and_then(|token| token.verify(&self.trusted, &audience, now, self.leeway))
            .map(|verified| verified.into_claims().into_data())
            .map_err(|error| match error.reason() {
                Rejection::Expired => HistoryProblem::Expired,
                Rejection::NotYetValid => HistoryProblem::NotYetValid,
                Rejection::UnknownKey => HistoryProblem::UnknownKey,
                _ => HistoryProblem::NotGenuine,
            })
    }

    fn grown_since(
        &self,
        then: &HistoryHeadData,
        histories: &[CeremonyHistory],
    ) -> Result<u32, HistoryProblem> {
        let now = histories
            .iter()
            .find(|history| history.subject == then.subject)
            .ok_or(HistoryProblem::Missing)?;
        let heads = now.heads().map_err(|_| HistoryProblem::Broken)?;
        let listed = then.events.checked_sub(now.unlisted()).ok_or(HistoryProblem::TooOld)?;
        let kept = usize::try_from(listed).ok().and_then(|events| heads.get(events));
        if kept != Some(&then.head) || now.refusals < then.refusals {
            return Err(HistoryProblem::Rewritten);
        }
        Ok(now.len().saturating_sub(then.events))
    }
}
